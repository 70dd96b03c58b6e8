// Frames as their components: Y, U and V, or R, G and B, each a view of one channel.
#ifndef GLIMPSE_SRC_CALL_COMPONENTS_H_
#define GLIMPSE_SRC_CALL_COMPONENTS_H_

#include "call/check.h"
#include "call/pixel_format.h"
#include "glimpse/frame.h"

namespace glimpse {

// What messages call frames and their planes.
struct FrameNames {
    const char *frames;
    const char *planes[3];
};
constexpr FrameNames frame_names = {
    "frames", {"plane 0 of frames", "plane 1 of frames", "plane 2 of frames"}};
constexpr FrameNames glimpse_frame_names = {
    "glimpses", {"plane 0 of glimpses", "plane 1 of glimpses", "plane 2 of glimpses"}};

// Fails if a plane of the frames is none, or if they do not belong together. Sets `ranges`, one for
// each plane.
Status check_frames(const ConstFrame &frames, const FrameNames &names, bool are_written,
                    ByteRange *ranges) noexcept;

// Component `c` of frames that have been checked, of one channel.
ConstView component_of(const ConstFrame &frames, const FormatRow &row, int c) noexcept;

// What the colour of frames is, where they do not say.
Color usual_color(const Color &color, const FormatRow &row) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_CALL_COMPONENTS_H_
