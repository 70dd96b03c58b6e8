// Where a glimpse lies: the rules that make an origin of an offset, and origins near the image that
// show the same. The host and kernels compute them to the same bit: see numbers.h.
#ifndef GLIMPSE_GENERATORS_DEFINITION_PLACEMENT_H_
#define GLIMPSE_GENERATORS_DEFINITION_PLACEMENT_H_

#include <cstdint>

#include "border.h"
#include "numbers.h"

namespace glimpse {

// An axis of a glimpse that is to be placed: extents in pixels, and what its offset means.
template<typename N>
struct PlacedAxis {
    typename N::Float image, glimpse;
    typename N::Flag normalized, centered;
    typename N::Zero zero;
};

// The pixel nearest to where a glimpse at `offset` begins: the rule of options.h, an integer unless
// the offset is not finite.
template<typename N, typename Float = typename N::Float>
Float nearest_origin(const Float &offset, const PlacedAxis<N> &a) {
    const Float scaled = N::rounded(offset * a.image, a.zero);
    const Float unit =
        N::select(a.normalized, N::select(a.centered, N::strict(scaled * 0.5f), scaled), offset);
    const Float center = N::select(a.centered, N::strict(unit + a.image * 0.5f), unit);
    const Float begin = N::strict(center - a.glimpse * 0.5f);
    const Float below = N::floor(begin);
    return N::select(N::strict(begin - below) >= 0.5f, N::strict(below + 1.0f), below);
}

// The rule of TensorFlow r1.15 (`is_v1`) or of TensorFlow 2: see tensorflow.h. What an int64 does
// not hold becomes INT64_MIN, as conversions of x86 make it.
template<typename N, typename Float = typename N::Float>
typename N::Int64 tensorflow_origin(const Float &offset, const PlacedAxis<N> &a,
                                    const typename N::Flag &is_v1) {
    const auto at_center = [&](const Float &v) {
        return N::strict(N::strict(v * 0.5f) + a.image * 0.5f);
    };
    const auto of_center = [&](const Float &v) { return N::strict(v - a.glimpse * 0.5f); };
    const Float scaled = N::rounded(offset * a.image, a.zero);
    const Float unit = N::select(a.normalized, scaled, offset);
    const Float v1 = of_center(N::select(a.centered, at_center(unit), unit));
    const Float v2 =
        N::select(a.normalized, N::select(a.centered, of_center(at_center(scaled)), scaled),
                  N::select(a.centered, N::strict(offset + a.image * 0.5f), offset));
    const Float v = N::select(is_v1, v1, v2);
    const typename N::Flag fits =
        N::is_finite(v) && v >= -9223372036854775808.0f && v < 9223372036854775808.0f;
    return N::select(fits, N::template as<int64_t>(N::select(fits, v, Float(0.0f))),
                     typename N::Int64(INT64_MIN));
}

// The largest coordinate from which `extent` pixels, 0 or more, have int32 coordinates.
template<typename N, typename Int64 = typename N::Int64>
Int64 highest_origin(const Int64 &extent) {
    return Int64(int64_t(INT32_MAX)) - (N::max(extent, Int64(int64_t(1))) - 1);
}

// An origin by the rule of TensorFlow, made int32: all pixels of a glimpse that int32 can hold have
// coordinates there.
template<typename N, typename Int64 = typename N::Int64>
Int64 clamped_origin(const Int64 &origin, const Int64 &extent) {
    const Int64 highest = N::max(highest_origin<N>(extent), Int64(int64_t(0)));
    return N::max(N::min(origin, highest), Int64(int64_t(INT32_MIN)));
}

// The origin in a plane of half the rows and columns: rounded down.
template<typename Integer>
Integer halved_origin(const Integer &origin) {
    return origin >> 1;
}

// Origins that show what `origin` does, and with which sums stay within int32. Under a rule that
// repeats the image: in the period that holds it.
template<typename N, typename Int64 = typename N::Int64>
Int64 origin_in_period(const Continuation<Int64> &c, const Int64 &origin) {
    return N::modulo(origin - c.first, c.period) + c.first;
}

// Under other rules, for a window of `size` pixels: in the image, or beside it; before it if it has
// no pixels.
template<typename N, typename Int64 = typename N::Int64>
Int64 origin_beside(const Int64 &origin, const Int64 &size, const Int64 &extent) {
    const Int64 last = N::select(extent > 0, extent, -size);
    return N::max(N::min(origin, last), -size);
}

// Under any rule. That of a window inside the image is itself.
template<typename N, typename Rule, typename Int64 = typename N::Int64>
Int64 reduced_origin(const Rule &rule, const Int64 &origin, const Int64 &size,
                     const Int64 &extent) {
    const Int64 one(int64_t(1));
    const auto c = continuation<N>(rule, N::max(extent, one), one);
    const auto repeats = is_periodic<typename N::Flag>(rule) && extent > 0;
    return N::select(
        origin >= 0 && origin <= extent - size, origin,
        N::select(repeats, origin_in_period<N>(c, origin), origin_beside<N>(origin, size, extent)));
}

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_DEFINITION_PLACEMENT_H_
