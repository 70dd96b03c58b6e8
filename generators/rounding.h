// Products of which no compiler makes a part of a sum.
#ifndef GLIMPSE_GENERATORS_ROUNDING_H_
#define GLIMPSE_GENERATORS_ROUNDING_H_

#include "Halide.h"

namespace glimpse {

// Returns `e`, a product in float32 or double, rounded in a way that no compiler undoes by fusing
// it into a sum: CUDA code of Halide 21 ignores strict_float. `zero` is a kernel argument that is
// always 0. Products that are exact need none of this.
inline Halide::Expr rounded(const Halide::Expr &e, const Halide::Expr &zero) {
    const Halide::Type bits = Halide::UInt(e.type().bits());
    const Halide::Expr kept =
        Halide::reinterpret(bits, Halide::strict_float(e)) ^ Halide::cast(bits, zero);
    return Halide::reinterpret(e.type(), kept);
}

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_ROUNDING_H_
