// The tables by which kernels of samples find their pixels: made of a box once for each of its rows
// and columns, with the border in them.
#ifndef GLIMPSE_SRC_HOST_SAMPLE_TABLES_H_
#define GLIMPSE_SRC_HOST_SAMPLE_TABLES_H_

#include <algorithm>
#include <cstdint>

#include "call/box_axis.h"
#include "call/rows.h"
#include "kernel_abi.h"

namespace glimpse {

// What the outputs of an axis look at: a pixel, or a place between two.
struct Looks {
    int32_t *first;
    uint32_t *fraction;  // 2^-32 of the way to the second
    int64_t count;
    int64_t least, most;  // pixels, of the image or, if it is not folded, of the plane
};

// Finds it for the outputs `o`, one or more, in an image of `extent` pixels. If it `folds`, what
// lies outside is found in the image.
void find_looks(const SamplingRule &rule, const BoxAxis &axis, const Outputs &o, int64_t extent,
                bool folds, Looks *looks) noexcept;

// Where a tile has what the outputs of an axis look at: all pixels from `begin` on, or `size` of
// them for each output, one after the other.
struct Gathered {
    bool is_sparse;
    int64_t begin, size, extent;
    int64_t last_begin;  // of pixels of an output: those of the image end with its last

    // `size` pixels for an output, all of them if these are no more than `most`.
    Gathered(const Looks &looks, int64_t size_, int64_t most, bool folds,
             int64_t extent_of_image) noexcept
        : begin(looks.least) {
        const int64_t all = looks.most - looks.least + 1;
        const int64_t each = folds ? std::min(size_, extent_of_image) : size_;
        is_sparse = all > most;
        size = is_sparse ? each : all;
        extent = is_sparse ? each * looks.count : all;
        last_begin = folds ? extent_of_image - each : INT64_MAX;
    }
    int64_t blocks(const Looks &looks) const noexcept {
        return is_sparse ? looks.count : 1;
    }
    // The first pixel of a block.
    int64_t begin_of(const Looks &looks, int64_t block) const noexcept {
        return is_sparse ? std::min<int64_t>(looks.first[block], last_begin) : begin;
    }
    // What the outputs look at, with places in the tile; in an array of `places`.
    Looks in_tile(const Looks &looks, int32_t *places) const noexcept;
};

// The tables of a run of glimpses that have the same number of rows and of columns.
class SampleTables {
public:
    // Outputs of kernels at once, along each axis, of all glimpses of a run.
    static constexpr int64_t most_columns = 1024, most_rows = 1024;

    // What kernels read: pixels of `samples` channels, or `planes`; with weights, which are
    // integers or floats, or the nearest ones.
    enum class Kind { nearest, integers, floats };
    SampleTables(Kind kind, int64_t samples, void *memory) noexcept;
    // Of the memory.
    static constexpr int64_t bytes =
        4 * ((3 + sampled_row_fields) * most_rows + (3 + 1 + 4) * most_columns);

    // Where looks along both axes are found, before tables are written; and room for their places
    // in a tile.
    Looks y_looks, x_looks;
    int32_t *y_places, *x_places;

    // Writes the tables of glimpse number `slot` of a run. Rows of image number `image` have
    // `elements`; if it `cuts`, only as many are read as the columns look at.
    void write(int64_t slot, const Looks &y, const Looks &x, int32_t image, int64_t elements,
               bool cuts) noexcept;

    // What was written, for a kernel.
    const int32_t *supports() const noexcept {
        return supports_;
    }
    const int32_t *rows() const noexcept {
        return rows_;
    }
    const int32_t *columns() const noexcept {
        return columns_;
    }
    const void *weights() const noexcept {
        return weights_;
    }
    Kind kind() const noexcept {
        return kind_;
    }
    // Lanes of a pixel in registers.
    int64_t room() const noexcept {
        return room_;
    }

private:
    static int64_t columns_of_run(const Looks &x) noexcept {
        return std::max<int64_t>(x.count, narrowest_sampled);
    }
    void write_picked(int64_t slot, const Looks &x, int64_t elements) noexcept;
    void write_support(int64_t slot, const Looks &x, int64_t elements, bool cuts) noexcept;
    void write_weights(int64_t slot, const Looks &x) noexcept;
    void write_rows(int64_t slot, const Looks &y) noexcept;

    const Kind kind_;
    const int64_t samples_, room_;
    int32_t *rows_, *columns_;
    void *weights_;
    int32_t supports_[largest_run * support_fields];
};

}  // namespace glimpse

#endif  // GLIMPSE_SRC_HOST_SAMPLE_TABLES_H_
