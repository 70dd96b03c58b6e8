// Element types in kernels. Kernels hold every element as an unsigned integer of its width: pixels
// that are only copied keep all bits, and no target needs to know half-precision types. Arithmetic
// is in float32.
#ifndef GLIMPSE_GENERATORS_DEFINITION_ELEMENT_H_
#define GLIMPSE_GENERATORS_DEFINITION_ELEMENT_H_

#include "Halide.h"
#include "expressions.h"
#include "half.h"

namespace glimpse {

// How a kernel holds elements of a type.
inline Halide::Type stored(const Halide::Type &type) {
    return Halide::UInt(type.bits());
}

// Returns true for a stored element of a floating-point type that is neither NaN nor infinite.
// Asked of the stored bits: LLVM makes arithmetic of halves of it otherwise, which not every ARM
// has.
inline Expr is_finite_bits(const Halide::Type &type, const Expr &e) {
    const uint64_t exponent = type.is_bfloat()            ? 0x7f80u
                              : type == Halide::Float(16) ? 0x7c00u
                                                          : 0x7f800000u;
    const Expr mask = Halide::Internal::make_const(stored(type), exponent);
    return (e & mask) != mask;
}

// Returns the value of a stored element as float32; exact.
inline Expr decoded(const Halide::Type &type, const Expr &e) {
    using namespace Halide;
    if (type.is_bfloat()) {
        return reinterpret<float>(cast<uint32_t>(e) << 16);
    }
    if (type == Float(16)) {
        return cast<float>(reinterpret<float16_t>(e));
    }
    return cast<float>(reinterpret(type, e));
}

// Returns `v`, a float32 in the range of the integer type, rounded to nearest even and stored: in
// 1.5 * 2^23 + v the low bits are those of the integer, in two's complement.
inline Expr stored_integer(const Halide::Type &type, const Expr &v) {
    using namespace Halide;
    return cast(stored(type), reinterpret<uint32_t>(strict_float(v + 12582912.0f)));
}

// Returns the stored element nearest to `v`, a float32. Ties go to even; integers saturate, and NaN
// becomes 0; any NaN becomes the quiet one with no payload, as targets make different ones. If
// `may_be_nan` is false, `v` is never NaN.
inline Expr encoded(const Halide::Type &type, const Expr &v, bool may_be_nan = true) {
    using namespace Halide;
    const Expr bits = reinterpret<uint32_t>(v);
    const Expr is_nan = may_be_nan ? is_nan_bits(bits) : Internal::const_false();
    if (!type.is_float()) {
        const Expr number = may_be_nan ? select(is_nan, 0.0f, v) : v;
        const Expr low = cast<float>(type.min()), high = cast<float>(type.max());
        return stored_integer(type, max(min(number, high), low));
    }
    const auto quiet = [&](const Expr &nan, const Expr &other) {
        return may_be_nan ? select(is_nan, nan, other) : other;
    };
    if (type.is_bfloat()) {
        return cast<uint16_t>(quiet(Expr(bfloat16_nan), bfloat16_bits<Expressions>(bits)));
    }
    if (type == Float(16)) {
        return quiet(cast<uint16_t>(Expr(float16_nan)), reinterpret<uint16_t>(cast<float16_t>(v)));
    }
    return quiet(Expr(float32_nan), bits);
}

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_DEFINITION_ELEMENT_H_
