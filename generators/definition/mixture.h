// Mixtures of two pixels, of which samples are made: first of two in a column, then of two of
// these.
//
// Pixels of uint8 are mixed as integers, in units of 1/128, with weights in units of 2^-15: a
// sample is within 1/64 of the exact one. Others are mixed as float32. A pixel of weight 0 may be
// NaN.
#ifndef GLIMPSE_GENERATORS_DEFINITION_MIXTURE_H_
#define GLIMPSE_GENERATORS_DEFINITION_MIXTURE_H_

#include "Halide.h"
#include "element.h"
#include "expressions.h"

namespace glimpse {

inline bool mixes_integers(const Halide::Type &type) {
    return type == Halide::UInt(8);
}
// Of mixtures, and of weights.
inline Halide::Type mixed_type(const Halide::Type &type) {
    return mixes_integers(type) ? Halide::Int(16) : Halide::Float(32);
}

// A stored element as a mixture of itself alone.
inline Expr mixable(const Halide::Type &type, const Expr &element) {
    return mixes_integers(type) ? Halide::cast<int16_t>(element) << 7 : decoded(type, element);
}

// a + (b - a) * weight; `weight`, of the mixtures' type, is in [0, 1).
inline Expr mixed(const Expr &a, const Expr &b, const Expr &weight, const Expr &zero = Expr(0u)) {
    using namespace Halide;
    if (a.type().is_int()) {
        // Halide knows of such a weight that the product does not overflow.
        const Expr known = weight & cast<int16_t>(0x7fff);
        return a + rounding_mul_shift_right(b - a, known, 15);
    }
    const Expr product = rounded(strict_float(b - a) * weight, zero);
    return select(weight == 0.0f, a, strict_float(a + product));
}

// The number that a mixture of pixels of `type` is, as float32.
inline Expr mixed_number(const Halide::Type &type, const Expr &mixture) {
    return mixes_integers(type) ? Halide::cast<float>(mixture) * (1.0f / 128.0f) : mixture;
}

// The integer nearest to a mixture of uint8, of two the higher: (mixture + 64) / 128, in one
// product.
inline Expr mixed_uint8(const Expr &mixture) {
    return Halide::saturating_cast<uint8_t>(
        Halide::rounding_mul_shift_right(mixture, Halide::cast<int16_t>(256), 15));
}

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_DEFINITION_MIXTURE_H_
