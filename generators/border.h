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

// The rule chosen at run time.
inline Halide::Expr map_coordinate(const Halide::Expr &rule, const Halide::Expr &v,
                                   const Halide::Expr &extent) {
    return Halide::select(rule == rule_replicate, replicate(v, extent),    //
                          rule == rule_reflect, reflect(v, extent),        //
                          rule == rule_reflect101, reflect101(v, extent),  //
                          wrap(v, extent));
}

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_BORDER_H_
