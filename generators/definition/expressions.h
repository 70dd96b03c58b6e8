// The operations of numbers.h in kernels, and products that no compiler makes part of a sum.
#ifndef GLIMPSE_GENERATORS_DEFINITION_EXPRESSIONS_H_
#define GLIMPSE_GENERATORS_DEFINITION_EXPRESSIONS_H_

#include "Halide.h"

namespace glimpse {

using Halide::Expr;

// Returns true for the bits of a NaN in float32. A comparison of floats may be folded as if there
// were none.
inline Expr is_nan_bits(const Expr &bits) {
    return (bits & Expr(0x7fffffffu)) > Expr(0x7f800000u);
}

// Returns `e`, a product in float32 or double, rounded in a way that no compiler undoes by fusing
// it into a sum: CUDA code of Halide 21 ignores strict_float. `zero` is a kernel argument that is
// always 0. Products that are exact need none of this.
inline Expr rounded(const Expr &e, const Expr &zero) {
    const Halide::Type bits = Halide::UInt(e.type().bits());
    const Expr kept = Halide::reinterpret(bits, Halide::strict_float(e)) ^ Halide::cast(bits, zero);
    return Halide::reinterpret(e.type(), kept);
}

struct Expressions {
    using Flag = Expr;
    using Int32 = Expr;
    using Int64 = Expr;
    using UInt32 = Expr;
    using UInt64 = Expr;
    using Float = Expr;
    using Double = Expr;
    using Zero = Expr;

    static Expr select(const Expr &condition, const Expr &a, const Expr &b) {
        return Halide::select(condition, a, b);
    }
    static Expr strict(const Expr &v) {
        return Halide::strict_float(v);
    }
    static Expr rounded(const Expr &v, const Expr &zero) {
        return glimpse::rounded(v, zero);
    }
    template<typename To>
    static Expr as(const Expr &v) {
        return Halide::cast<To>(v);
    }
    static Expr bits(const Expr &v) {
        return Halide::reinterpret<uint32_t>(v);
    }
    static Expr from_bits(const Expr &v) {
        return Halide::reinterpret<float>(v);
    }
    static Expr low_bits(const Expr &v) {
        return Halide::cast<int32_t>(Halide::reinterpret<uint64_t>(v));
    }
    static Expr is_nan(const Expr &v) {
        return v.type().bits() == 32 ? is_nan_bits(bits(v))
                                     : (Halide::reinterpret<uint64_t>(v) << 1) >
                                           Expr(uint64_t(0x7ff0000000000000) << 1);
    }
    static Expr is_finite(const Expr &v) {
        const Expr exponent(0x7f800000u);
        return (bits(v) & exponent) != exponent;
    }
    // Calls nothing: beyond 2^23 every float32 is an integer.
    static Expr floor(const Expr &v) {
        const Expr toward_zero = as<float>(as<int32_t>(v));
        return Halide::select(Halide::abs(v) >= 8388608.0f, v, toward_zero > v,
                              strict(toward_zero - 1.0f), toward_zero);
    }
    static Expr min(const Expr &a, const Expr &b) {
        return Halide::min(a, b);
    }
    static Expr max(const Expr &a, const Expr &b) {
        return Halide::max(a, b);
    }
    static Expr sqrt(const Expr &v) {
        return Halide::sqrt(v);
    }
    template<typename Wide>
    static Expr wide(const Expr &v) {  // modulo 2^64
        return Halide::cast<uint64_t>(v);
    }
    // Halide's % is never negative for a positive divisor.
    static Expr modulo(const Expr &a, const Expr &b) {
        return a % b;
    }
};

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_DEFINITION_EXPRESSIONS_H_
