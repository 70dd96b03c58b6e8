// Glimpses in their pure form, as functions over Func and Expr: what the generators of this folder
// compute. Nothing here knows of schedules or targets.
//
// Borders and noise are those of Glimpse's library, bit for bit.
#ifndef GLIMPSE_AUTOSCHEDULER_PURE_FORM_H_
#define GLIMPSE_AUTOSCHEDULER_PURE_FORM_H_

#include "Halide.h"

namespace glimpse {

// The pixel of [0, range) that `position`, uint16 in 1/65536 of `range`, means. `range` is at most
// max_extent. Whatever the 16 bits are, the result is in the range, and bounds inference can see
// it. (In 64 bits, with a clamp for bounds inference, Adams2019 makes a far worse choice: see
// README.md.)
constexpr int max_extent = 32768;
inline Halide::Expr place(const Halide::Expr &position, const Halide::Expr &range) {
    return (Halide::cast<int32_t>(position) * range) >> 16;
}

// The plane's row or column at which a window begins whose centre is placed in the image.
inline Halide::Expr window_begin(const Halide::Expr &position, const Halide::Expr &image_extent,
                                 const Halide::Expr &window_extent) {
    return place(position, image_extent) - window_extent / 2;
}

// Whether the plane shows the image at (x, y).
inline Halide::Expr is_inside(const Halide::Expr &x, const Halide::Expr &y,
                              const Halide::Expr &width, const Halide::Expr &height) {
    return x >= 0 && x < width && y >= 0 && y < height;
}

enum class Border { constant, replicate, reflect, reflect101, wrap, uniform };

// The row or column of an image that a border which repeats the image shows at `v`; in
// [0, extent).
inline Halide::Expr map_coordinate(Border border, const Halide::Expr &v,
                                   const Halide::Expr &extent) {
    using namespace Halide;
    Expr inside = clamp(likely(v), 0, extent - 1), outside;
    if (border == Border::reflect) {  // ba|abcd|dc
        const Expr m = v % (2 * extent);
        outside = min(m, 2 * extent - 1 - m);
    } else if (border == Border::reflect101) {  // cb|abcd|cb
        const Expr period = max(2 * extent - 2, 1);
        const Expr m = v % period;
        outside = min(m, period - m);
    } else if (border == Border::wrap) {  // cd|abcd|ab
        outside = v % extent;
    } else {  // aa|abcd|dd
        return inside;
    }
    return select(v < 0 || v >= extent, clamp(outside, 0, extent - 1), inside);
}

// Noise is a function of seed, coordinates of the plane and channel. It is integer hashing, so that
// every schedule gives the same bits on every target.

// A bijection on 64 bits: the finaliser of SplitMix64 (Steele, Lea, Flood 2014; constants by
// Stafford, variant 13).
inline Halide::Expr mix(Halide::Expr z) {
    using Halide::Expr;
    z = (z ^ (z >> 30)) * Expr(uint64_t(0xbf58476d1ce4e5b9));
    z = (z ^ (z >> 27)) * Expr(uint64_t(0x94d049bb133111eb));
    return z ^ (z >> 31);
}

// The 64-bit key of the plane's row `y`, of the first image of a batch.
inline Halide::Expr row_key(const Halide::Expr &seed, const Halide::Expr &y) {
    using namespace Halide;
    const Expr image_key = mix(mix(seed + Expr(uint64_t(0x9e3779b97f4a7c15))));
    return mix(image_key + cast<uint64_t>(cast<uint32_t>(y)));
}

// A uint8, uniform in the `count` values from `low` on. `element` is x * channels + channel,
// `count` is uint32.
inline Halide::Expr uniform(const Halide::Expr &key, const Halide::Expr &element,
                            const Halide::Expr &low, const Halide::Expr &count) {
    using namespace Halide;
    Expr h = (cast<uint32_t>(element) * Expr(0x9e3779b9u)) ^ cast<uint32_t>(key);
    h = (h ^ (h >> 16)) * Expr(0x21f0aaadu);
    h = (h ^ (h >> 15) ^ cast<uint32_t>(key >> 32)) * Expr(0x735a2d97u);
    return low + cast<uint8_t>(((h >> 8) * count) >> 24);
}

// Minimum, maximum, sum and sum of squares of each channel of a uint8 image (channel, x, y), as
// Tuples in this order: uint32 of each row (exact for up to 66,051 pixels), then uint64 of the
// image. Minimum and maximum are as wide as sums because Anderson2021 gives up on Tuples whose size
// is no divisor of a memory transaction's.
struct Moments {
    Halide::Var c{"c"}, y{"y"};
    Halide::Func of_row{"of_row"}, of_image{"of_image"};
    Halide::RDom columns, rows;

    template<typename Image>
    void define(const Image &image) {
        using namespace Halide;
        columns = RDom(0, image.dim(1).extent(), "columns");
        rows = RDom(0, image.dim(2).extent(), "rows");
        const Expr v = cast<uint32_t>(image(c, columns, y));
        of_row(c, y) = Tuple(Expr(255u), Expr(0u), Expr(0u), Expr(0u));
        of_row(c, y) = merged(of_row(c, y), {v, v, v, v * v});

        const Tuple row = of_row(c, rows);
        const Expr zero = cast<uint64_t>(0);
        of_image(c) = Tuple(cast<uint64_t>(255), zero, zero, zero);
        of_image(c) = merged(of_image(c), {cast<uint64_t>(row[0]), cast<uint64_t>(row[1]),
                                           cast<uint64_t>(row[2]), cast<uint64_t>(row[3])});
    }

private:
    static Halide::Tuple merged(const Halide::FuncRef &a, const Halide::Tuple &b) {
        return {Halide::min(a[0], b[0]), Halide::max(a[1], b[1]), a[2] + b[2], a[3] + b[3]};
    }
};

}  // namespace glimpse

#endif  // GLIMPSE_AUTOSCHEDULER_PURE_FORM_H_
