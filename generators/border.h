// The border rules as index arithmetic: where in the image the plane's row or column `v` is found.
#ifndef GLIMPSE_GENERATORS_BORDER_H_
#define GLIMPSE_GENERATORS_BORDER_H_

#include "Halide.h"
#include "kernel_abi.h"

namespace glimpse {

// Returns true where `v` is a coordinate of the image.
inline Halide::Expr is_inside(const Halide::Expr &v, const Halide::Expr &extent) {
    return v >= 0 && v < extent;
}

// The four rules that map every coordinate to one of the image, in [0, extent). `extent` is in
// [1, 2^30). Halide's % is never negative for a positive divisor.
inline Halide::Expr replicate(const Halide::Expr &v, const Halide::Expr &extent) {
    return Halide::clamp(v, 0, extent - 1);
}

inline Halide::Expr reflect(const Halide::Expr &v, const Halide::Expr &extent) {
    const Halide::Expr m = v % (2 * extent);
    return Halide::min(m, 2 * extent - 1 - m);
}

inline Halide::Expr reflect101(const Halide::Expr &v, const Halide::Expr &extent) {
    const Halide::Expr period = Halide::max(2 * extent - 2, 1);  // one pixel: always that pixel
    const Halide::Expr m = v % period;
    return Halide::min(m, period - m);
}

inline Halide::Expr wrap(const Halide::Expr &v, const Halide::Expr &extent) {
    return v % extent;
}

// The rule chosen at run time; others are as replicate. `remainder` is how one is found: of a
// number that is at least -period by a period.
template<typename Remainder>
Halide::Expr map_coordinate(const Halide::Expr &rule, const Halide::Expr &v,
                            const Halide::Expr &extent, const Remainder &remainder) {
    using Halide::Expr;
    using Halide::select;
    const Expr is_wrap = rule == rule_wrap, is_reflect = rule == rule_reflect;
    const Expr period =
        select(is_wrap, extent, is_reflect, 2 * extent, Halide::max(2 * extent - 2, 1));
    const Expr m = remainder(v, period);
    const Expr mirrored = Halide::min(m, select(is_reflect, period - 1, period) - m);
    const Expr is_periodic = is_wrap || is_reflect || rule == rule_reflect101;
    return select(is_periodic, select(is_wrap, m, mirrored), replicate(v, extent));
}

inline Halide::Expr map_coordinate(const Halide::Expr &rule, const Halide::Expr &v,
                                   const Halide::Expr &extent) {
    return map_coordinate(rule, v, extent,
                          [](const Halide::Expr &a, const Halide::Expr &b) { return a % b; });
}

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_BORDER_H_
