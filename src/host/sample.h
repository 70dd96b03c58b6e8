// Sampling of boxes by a processor: parts of glimpses go to the kernels of a filter, which read
// images or, where these have no such rows or a border goes on, tiles of what is looked at.
#ifndef GLIMPSE_SRC_HOST_SAMPLE_H_
#define GLIMPSE_SRC_HOST_SAMPLE_H_

#include <cstddef>
#include <cstdint>

#include "host/extract.h"
#include "host/plan.h"
#include "kernels.h"

namespace glimpse {

// Where a box is so many times as wide as its glimpse, only pixels that are looked at are read.
constexpr int64_t sparse_factor = 8;

// How boxes are sampled, or windows of pictures are made: what is decided once.
struct SamplePlan {
    explicit SamplePlan(const Call &call) noexcept;
    SamplePlan(const Call &call, ElementType element, ElementType read_type_) noexcept
        : change(call, element), read_type(read_type_) {
    }

    // What becomes of samples; its images are those that are sampled.
    Plan change;
    // Of what kernels read: elements of 16 bits are float32 by then, under Filter::linear.
    ElementType read_type;
    // Whether kernels read images, and write glimpses: `order` is how.
    bool reads_images = false, writes_glimpses = false;
    SampleOrder order = sample_planes;
    int64_t work_bytes = 0;  // of SampleMemory::work
    // What windows of a picture are converted with, where they are written at once; and whether B
    // comes first then.
    float picture_conversion[3][conversion_fields] = {};
    bool is_reversed = false;
    bool writes_colors = false;  // whether samples of a picture are written at once

    // Of what is brought into tiles.
    ElementType gathered_type() const noexcept {
        return change.call.picture == nullptr ? change.call.images.type : read_type;
    }

    bool is_nearest() const noexcept {
        return change.call.sampling.is_nearest();
    }
    // In float32 numbers: what kernels that write glimpses convert with.
    int64_t conversion_size() const noexcept;
    void write_conversion(float *conversion) const noexcept;
};

// Fails if there are more channels than kernels can sample.
Status make_plan(SamplePlan *plan) noexcept;

// The memory that a task needs to sample.
struct SampleMemory {
    TaskMemory change;
    const float *conversion;  // of kernels that write glimpses
    void *work;               // SamplePlan::work_bytes
    void *picture;            // of a PictureMaker, if the call has a picture
};

// Makes those glimpses of a part that are sampled, and what fills around them: by the plan
// `windows` with the memory `plain`.
Status sample_part(const SamplePlan &plan, const Plan &windows, const Part &part,
                   const SampleMemory &memory, const TaskMemory &plain) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_HOST_SAMPLE_H_
