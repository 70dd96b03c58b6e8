// Windows of pictures: what shows a picture in glimpses, and what samplers of boxes look at.
#ifndef GLIMPSE_SRC_HOST_PICTURE_WINDOWS_H_
#define GLIMPSE_SRC_HOST_PICTURE_WINDOWS_H_

#include "host/sample.h"

namespace glimpse {

// The type of pixels of a picture before they are converted: uint8 where glimpses are just that.
ElementType picture_type(const Call &call) noexcept;

// Decides what kernels of colour convert with; returns whether they can write glimpses.
bool find_picture_output(SamplePlan *plan) noexcept;

// Decides how windows are shown.
Status make_picture_plan(SamplePlan *plan) noexcept;

// Makes those glimpses of a part that are windows, and what fills around the picture: by the plan
// `windows` with the memory `plain`.
Status show_part(const SamplePlan &plan, const Plan &windows, const Part &part,
                 const SampleMemory &memory, const TaskMemory &plain) noexcept;

// Brings windows of the plane, Part::windows, to rows of pixels or planes, of uint8 or float32;
// the latter are not cut off at black and white. `memory` is that of a PictureMaker.
Status gather_picture(const Plan &windows, const Part &part, const Rows &out,
                      const TaskMemory &plain, void *memory) noexcept;

// Cuts rows of float32 off at black and white.
void clamp_numbers(const Rows &rows, float white) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_HOST_PICTURE_WINDOWS_H_
