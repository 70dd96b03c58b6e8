// Sampling of boxes by the nearest pixel, or by pairs of pixels along each axis.
#ifndef GLIMPSE_SRC_HOST_SAMPLE_NEAR_H_
#define GLIMPSE_SRC_HOST_SAMPLE_NEAR_H_

#include "host/box_sampler.h"
#include "host/sample_color.h"
#include "host/sample_tables.h"

namespace glimpse {

// The memory that it works in; -1 if there are too many channels.
int64_t near_sampler_bytes(const SamplePlan &plan) noexcept;

// Makes the glimpses of one part.
class NearSampler : BoxSampler {
public:
    NearSampler(const SamplePlan &plan, const Plan &windows, const Part &part,
                const SampleMemory &memory, const TaskMemory &plain) noexcept;

    // Of frames, what looks at no border goes to this sampler, if it can.
    void set_colors(ColorSampler *colors) noexcept {
        colors_ = !rule_.is_nearest() && colors->can_sample() ? colors : nullptr;
    }
    // Makes a glimpse, now or with the next ones.
    Status add(size_t i) noexcept;
    // Calls the kernel for the glimpses that were added.
    Status flush() noexcept;

private:
    bool fits_support() const noexcept;
    int64_t taps() const noexcept;
    Status sample(const Glimpse &g, const Area &area, bool folds) noexcept;
    Status sample_columns(const Glimpse &g, const Outputs &rows, const Outputs &columns, bool folds,
                          bool reads_image) noexcept;
    Status gather(const Glimpse &g, const Gathered &x, bool folds, Rows *from) noexcept;
    Status add_to_run(const Glimpse &g) noexcept;
    Status call_kernel(const Rows &from, const Rows &out, int64_t count, bool writes) noexcept;
    Status call_kernel(const Rows &from, const Rows &out, int64_t count, bool writes,
                       int64_t planes, const float *numbers) noexcept;
    SampleLinearKernel *kernel_for(bool writes) const noexcept;

    ColorSampler *colors_ = nullptr;
    SampleTables tables_;
    char *const gathered_, *const decoded_;
    size_t run_begin_ = 0;
    int64_t run_count_ = 0;
};

}  // namespace glimpse

#endif  // GLIMPSE_SRC_HOST_SAMPLE_NEAR_H_
