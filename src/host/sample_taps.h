// Sampling of boxes by filters of many taps: for each row of a glimpse, rows of what it looks at
// are summed, and then columns of the sums.
#ifndef GLIMPSE_SRC_HOST_SAMPLE_TAPS_H_
#define GLIMPSE_SRC_HOST_SAMPLE_TAPS_H_

#include "host/axis_taps.h"
#include "host/box_sampler.h"

namespace glimpse {

// The memory that it works in; -1 if there are too many channels or pixels to look at.
int64_t taps_sampler_bytes(const SamplePlan &plan) noexcept;

// Makes the glimpses of one part.
class TapsSampler : BoxSampler {
public:
    TapsSampler(const SamplePlan &plan, const Plan &windows, const Part &part,
                const SampleMemory &memory, const TaskMemory &plain) noexcept;

    Status make(size_t i) noexcept;

    // Arrays in its memory, and how many elements they have.
    struct Arrays {
        int64_t columns, rows;  // of a glimpse, at once
        int64_t sum_count, gathered_count;
        int64_t *weights;  // of an output, not yet divided
        int32_t *first_x, *first_y;
        float *weights_x, *weights_y;  // or int16
        float *group_weights;          // of columns, as kernels of pixels read them; or int16
        int32_t *rows_of_taps;         // where they are taken from
        int32_t *columns_of_sums;
        char *sums, *extended, *gathered, *decoded;
    };

private:
    // Pixels of an axis of an image or, where that does not fold, of the plane.
    struct Source {
        int64_t begin, size;
    };
    // How rows of sums lie.
    struct Sums {
        int64_t first, count;  // elements of a row of the source, which are summed
        int64_t pitch, rows;
        // Columns look beyond the image: at copies of sums, which are those of the pixels up to
        // `before` and from `behind` on of all that are looked at. Sums of the others are where
        // they belong, unless all are copies, and what is summed is elsewhere.
        bool are_extended, are_elsewhere;
        int64_t before, behind;
    };

    Source source_of(const AxisTaps &taps, int64_t extent, bool folds) const noexcept;
    int64_t mapped(int64_t pixel, int64_t extent) const noexcept;
    bool reads_image(bool folds) const noexcept;
    Status sample(const Glimpse &g, const Area &area, bool folds) noexcept;
    Status sample_columns(const Glimpse &g, const Outputs &rows, const Outputs &columns,
                          bool folds) noexcept;
    void touch_rows(const Rows &image, const Sums &sums, Source *touched) const noexcept;
    Status sum_rows_of_image(const Glimpse &g, const Sums &sums, Source *touched) noexcept;
    Status sum_rows_of_plane(const Glimpse &g, const Source &y, const Source &x,
                             const Sums &sums) noexcept;
    Status gather(const Glimpse &g, const Source &y, const Source &x, Rows *tile) noexcept;
    void find_copies(int64_t extent, const Source &x, int64_t begin, Sums *sums) noexcept;
    void write_columns(const Sums &sums, int64_t begin) noexcept;
    void write_group_weights(int64_t columns) noexcept;
    void write_rows(const Source &y, int64_t extent, bool folds) noexcept;
    Status sum_rows(const Rows &from, int64_t first, int64_t count, int64_t at,
                    const Sums &sums) noexcept;
    void clear_behind(const Sums &sums, int64_t sum_count) noexcept;
    void extend_sums(const Sums &sums) noexcept;
    Status call_kernel(const Rows &out, const Sums &sums, bool writes) noexcept;
    halide_type_t sum_type() const noexcept {
        return by_integers_ ? halide_type_t(halide_type_int, 16)
                            : halide_type_t(halide_type_float, 32);
    }
    int64_t sum_bytes() const noexcept {
        return sum_type().bytes();
    }
    // Those of a column, made up to what its kernel takes at once.
    int64_t taps_of_kernel() const noexcept;

    const Arrays arrays_;
    AxisTaps y_taps_, x_taps_;
    bool by_integers_ = false;
};

}  // namespace glimpse

#endif  // GLIMPSE_SRC_HOST_SAMPLE_TAPS_H_
