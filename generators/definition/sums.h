// Sums of many pixels by their weights, of which samples are made: first of the pixels of a column,
// then of these sums.
//
// Pixels of uint8 that make samples of uint8 are summed as integers, with weights of 14 bits or
// more: columns in units of 1/64, and what these make in units of 2^-6 of their weights'. All
// others are summed as float32: columns tap by tap; and rows in four sums, of every fourth tap,
// which is what vectors of pixels of one channel can do. A pixel of weight 0 may be NaN.
#ifndef GLIMPSE_GENERATORS_DEFINITION_SUMS_H_
#define GLIMPSE_GENERATORS_DEFINITION_SUMS_H_

#include "Halide.h"
#include "expressions.h"

namespace glimpse {

// What the sum of a column is stored as, and weights.
inline Halide::Type sum_type(bool by_integers) {
    return by_integers ? Halide::Int(16) : Halide::Float(32);
}

// How many bits integers have below what their sums make, by the bits of weights.
inline Expr column_shift(const Expr &bits) {
    return Halide::cast<uint32_t>(bits - 6);
}
inline Expr row_shift(const Expr &bits) {
    return Halide::cast<uint32_t>(bits + 6);
}
// What sums begin with: integers with half of what is rounded off.
inline Expr integer_start(const Expr &shift) {
    return Expr(1) << (shift - Expr(1u));
}

// A tap of integers. `value` and `weight` have 16 bits.
inline Expr integer_tap(const Expr &value, const Expr &weight) {
    return Halide::cast<int32_t>(Halide::cast<int16_t>(value)) * Halide::cast<int32_t>(weight);
}
// A sum with another tap, of float32. If `finite`, no value is NaN or infinite.
inline Expr with_tap(const Expr &sum, const Expr &value, const Expr &weight, bool finite,
                     const Expr &zero = Expr(0u)) {
    using namespace Halide;
    const Expr product = rounded(strict_float(value * weight), zero);
    return strict_float(sum + (finite ? product : select(weight == 0.0f, 0.0f, product)));
}

// The sum of a column of integers as it is stored.
inline Expr column_sum(const Expr &sum, const Expr &bits) {
    return Halide::saturating_cast<int16_t>(sum >> column_shift(bits));
}
// Of the four sums of a row.
inline Expr row_sum(const Expr &a, const Expr &b, const Expr &c, const Expr &d) {
    using namespace Halide;
    return strict_float(strict_float(a + c) + strict_float(b + d));
}
// The sample that a sum of integers makes.
inline Expr summed_uint8(const Expr &sum, const Expr &bits) {
    return Halide::saturating_cast<uint8_t>(sum >> row_shift(bits));
}

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_DEFINITION_SUMS_H_
