// What statistics count elements as, and how those of elements are merged: minimum, maximum, sum,
// sum of squares and number of elements, as a Tuple in this order.
#ifndef GLIMPSE_GENERATORS_STATISTICS_H_
#define GLIMPSE_GENERATORS_STATISTICS_H_

#include "Halide.h"
#include "element.h"

namespace glimpse {

// What elements of a type are counted as: halves as float32, and uint16 32768 lower, so that
// squares have 30 bits.
inline Halide::Type counted(const Halide::Type &type) {
    return type.is_float() ? Halide::Float(32) : type == Halide::UInt(16) ? Halide::Int(16) : type;
}

// Types of sums of elements, or of sums of such.
struct SumTypes {
    Halide::Type sum, square;
};

// Of nothing.
inline Halide::Tuple no_statistics(const Halide::Type &type, const SumTypes &t) {
    return {counted(type).max(), counted(type).min(), Halide::cast(t.sum, 0),
            Halide::cast(t.square, 0), Halide::cast(t.sum, 0)};
}

// Of a stored element, which counts only if `keep`; nothing defined: always. If `finite_only`,
// others do not count.
inline Halide::Tuple statistics_of(const Halide::Type &type, const Halide::Expr &element,
                                   const Halide::Expr &keep, bool finite_only, const SumTypes &t) {
    using namespace Halide;
    const bool is_float = type.is_float(), is_uint8 = type == UInt(8);
    const Expr v = is_float           ? decoded(type, element)
                   : type == UInt(16) ? reinterpret<int16_t>(element ^ Expr(uint16_t(0x8000)))
                                      : reinterpret(type, element);
    Expr counts = keep;
    if (finite_only) {
        const Expr is_finite = is_finite_bits(type, element);
        counts = counts.defined() ? counts && is_finite : is_finite;
    }
    const auto kept = [&](const Expr &otherwise) {
        return counts.defined() ? select(counts, v, otherwise) : v;
    };
    // A square is exact: 48 bits of a double, 16 or 30 of an integer.
    const Expr wide = cast(is_float   ? Float(64)
                           : is_uint8 ? UInt(16)
                                      : Int(32),
                           kept(cast(counted(type), 0)));
    return {kept(counted(type).max()), kept(counted(type).min()), cast(t.sum, wide),
            cast(t.square, wide * wide), finite_only ? cast(t.sum, counts) : cast(t.sum, 0)};
}

// Of both: what is in `a`, then what is in `b`.
inline Halide::Tuple merged(const Halide::Type &type, bool finite_only, const Halide::Tuple &a,
                            const Halide::Tuple &b) {
    using namespace Halide;
    const auto add = [&](const Expr &x, const Expr &y) {
        return type.is_float() ? strict_float(x + y) : x + y;
    };
    return {select(strict_float(b[0] < a[0]), b[0], a[0]),
            select(strict_float(b[1] > a[1]), b[1], a[1]), add(a[2], b[2]), add(a[3], b[3]),
            finite_only ? add(a[4], b[4]) : a[4]};
}

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_STATISTICS_H_
