// Sampling of boxes of frames by pairs of pixels along each axis, straight from their planes.
#ifndef GLIMPSE_SRC_HOST_SAMPLE_COLOR_H_
#define GLIMPSE_SRC_HOST_SAMPLE_COLOR_H_

#include "host/box_sampler.h"
#include "host/dense_frame.h"
#include "host/sample_tables.h"

namespace glimpse {

class ColorSampler : BoxSampler {
public:
    // The memory that it works in.
    static constexpr int64_t bytes = 64 << 10;
    ColorSampler(const SamplePlan &plan, const Plan &windows, const Part &part,
                 const SampleMemory &memory, const TaskMemory &plain) noexcept;

    // Whether it can sample frames of the call.
    bool can_sample() const noexcept {
        return kernel_ != nullptr;
    }
    // Samples an area that shows pixels of the image alone.
    Status sample(const Glimpse &g, const Area &area) noexcept;

private:
    Status sample_columns(const Glimpse &g, const Outputs &rows, const Outputs &columns) noexcept;
    void write_rows(int64_t first_luma, int64_t first_chroma) noexcept;
    void write_columns(int64_t first, int64_t columns) noexcept;
    Status call_kernel(const Glimpse &g, const Rows &out, bool writes) noexcept;

    DenseFrame frame_;
    SampleColorKernel *kernel_ = nullptr;
    Looks x_looks_, y_looks_;
    int32_t *columns_, *rows_;
    float *weights_;
};

}  // namespace glimpse

#endif  // GLIMPSE_SRC_HOST_SAMPLE_COLOR_H_
