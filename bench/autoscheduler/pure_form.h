// Glimpses in their pure form: what the generators of this folder compute. Borders and noise are
// Glimpse's definition. Nothing here knows of schedules or targets.
#ifndef GLIMPSE_AUTOSCHEDULER_PURE_FORM_H_
#define GLIMPSE_AUTOSCHEDULER_PURE_FORM_H_

#include "Halide.h"
#include "definition/noise.h"
#include "definition/plane.h"

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

// The plane into which `border` extends an image of `height` rows and `width` columns;
// `image(y, x, c)` is one of its pixels and `outside(y, x, c)` what fills.
template<typename Image, typename Outside>
Plane plane_of(Border border, const Halide::Expr &height, const Halide::Expr &width,
               const Image &image, const Outside &outside) {
    using Halide::Expr;
    Plane plane;
    plane.rule = int32_t(border);
    plane.height = height;
    plane.width = width;
    plane.image = [=](const Expr &, const Expr &y, const Expr &x, const Expr &c) {
        return image(y, x, c);
    };
    plane.outside = [=](const Expr &, const Expr &y, const Expr &x, const Expr &c) {
        return outside(y, x, c);
    };
    plane.is_mostly_inside = true;
    return plane;
}

// The 64-bit key of the plane's row `y`, of the first image of a batch.
inline Halide::Expr first_row_key(const Halide::Expr &seed, const Halide::Expr &y) {
    return row_key(image_key(seed, Halide::Expr(0u)), Halide::cast<uint32_t>(y));
}

// A uint8, uniform in the `count` values from `low` on. `element` is x * channels + channel,
// `count` is uint32.
inline Halide::Expr uniform(const Halide::Expr &key, const Halide::Expr &element,
                            const Halide::Expr &low, const Halide::Expr &count) {
    const Halide::Expr product = Halide::cast<uint32_t>(element) * element_factor();
    return uniform_uint8(element_bits(product, key), low, count);
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
