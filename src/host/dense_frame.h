// Frames whose rows kernels can read as they are, and what of their chroma belongs to a row of
// pixels.
#ifndef GLIMPSE_SRC_HOST_DENSE_FRAME_H_
#define GLIMPSE_SRC_HOST_DENSE_FRAME_H_

#include <algorithm>
#include <cstdint>
#include <utility>

#include "call/picture.h"
#include "halide_hooks.h"
#include "host/halide_buffer.h"
#include "kernel_abi.h"

namespace glimpse {

inline int64_t magnitude(int64_t v) noexcept {
    return v < 0 ? -v : v;
}

// Where row `y` of view number `n` begins.
inline const char *address(const ConstView &view, int64_t n, int64_t y) noexcept {
    return static_cast<const char *>(view.data) +
           (n * view.strides.image + y * view.strides.row) * size_in_bytes(view.type);
}

struct DenseFrame {
    const ConstView *luma = nullptr;
    // Of which the first elements are U and V or, of `paired` samples, those that come first.
    const ConstView *chroma[2] = {};
    bool paired = false;
    bool is_full = false;         // a sample of chroma for each pixel of a row
    int32_t first_component = 1;  // in memory: 1 if V is the second

    // Returns false if kernels cannot read the frames; those of 2^20 elements and more between rows
    // neither, as their indices have 32 bits.
    bool find(const Picture &picture) noexcept {
        luma = &picture.components[0];
        if (!picture.has_colors() || luma->strides.column != 1 ||
            luma->shape.width < narrowest_color) {
            return false;
        }
        const ConstView &u = picture.components[1], &v = picture.components[2];
        const auto distance = static_cast<const char *>(v.data) - static_cast<const char *>(u.data);
        const bool are_alike = u.strides.column == v.strides.column &&
                               u.strides.row == v.strides.row && u.strides.image == v.strides.image;
        paired = are_alike && u.strides.column == 2 && magnitude(distance) == size();
        is_full = picture.row->x_shift == 0;
        const bool swaps = paired && distance < 0;
        chroma[0] = swaps ? &v : &u;
        chroma[1] = swaps ? &u : &v;
        first_component = swaps ? 0 : 1;
        const bool are_planes = u.strides.column == 1 && v.strides.column == 1;
        const int64_t widest = std::max(
            {magnitude(luma->strides.row), magnitude(u.strides.row), magnitude(v.strides.row)});
        return (paired || are_planes) && u.shape.width * step() >= narrowest_chroma &&
               widest < int64_t(1) << 20;
    }

    int64_t size() const noexcept {  // of an element, in bytes
        return size_in_bytes(luma->type);
    }
    halide_type_t type() const noexcept {
        return {halide_type_uint, uint8_t(8 * size())};
    }
    int64_t step() const noexcept {  // elements of a sample
        return paired ? 2 : 1;
    }

    // What belongs to pixels of a row: elements from `begin` on, and how kernels find samples
    // there.
    struct Samples {
        int64_t begin, count;
        int32_t first_sample, phase;
    };
    Samples samples_of(int64_t x, int64_t columns) const noexcept {
        const int64_t all = chroma[0]->shape.width, least = narrowest_chroma / step();
        const int shift = is_full ? 0 : 1;
        const int64_t first = x >> shift, last = (x + columns - 1) >> shift;
        int64_t begin = std::max<int64_t>(first - 1, 0);
        const int64_t end = std::min(std::max(last + 2, begin + least), all);
        begin = std::max<int64_t>(std::min(begin, end - least), 0);
        return {begin * step(), (end - begin) * step(), int32_t(first - 1 - begin),
                int32_t(is_full ? 0 : x & 1)};
    }
    // Rows of a component's plane, from that of frame `n` on, for a kernel.
    Buffer<2> rows_of_luma(int64_t n, int64_t y, int64_t x, int64_t columns,
                           int64_t rows) const noexcept {
        return {address(*luma, n, y) + x * size(), type(), {columns, rows}, {1, luma->strides.row}};
    }
    Buffer<2> rows_of_chroma(int which, int64_t n, int64_t y, const Samples &s,
                             int64_t rows) const noexcept {
        const ConstView &view = *chroma[paired ? 0 : which];
        return {
            address(view, n, y) + s.begin * size(), type(), {s.count, rows}, {1, view.strides.row}};
    }
};

}  // namespace glimpse

#endif  // GLIMPSE_SRC_HOST_DENSE_FRAME_H_
