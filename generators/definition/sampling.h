// How a box is sampled, along one axis: where the outputs of an axis look, what of the image they
// see there, and how two pixels are mixed. The host and kernels compute them to the same bit: see
// numbers.h.
//
// Coordinates are fixed: multiples of 2^-32 of a pixel, as int64. Pixel j covers [j, j + 1), and
// its centre is j + 1/2.
#ifndef GLIMPSE_GENERATORS_DEFINITION_SAMPLING_H_
#define GLIMPSE_GENERATORS_DEFINITION_SAMPLING_H_

#include <cstdint>

#include "border.h"
#include "numbers.h"

namespace glimpse {

constexpr int64_t fixed_one = int64_t(1) << 32, fixed_half = fixed_one / 2;

// What the side of a box means: the numbers of an Offset's axis (places.h).
template<typename N>
struct SideUnit {
    typename N::Double extent;  // of the image
    typename N::Flag normalized, centered;
    typename N::Zero zero;
};

// A side of a box in pixels, as a double: exact but for what the unit rounds.
template<typename N, typename Double = typename N::Double>
Double side_in_pixels(const typename N::Float &side, const SideUnit<N> &u) {
    const Double v = N::template as<double>(side);
    const Double scaled = N::rounded(v * u.extent, u.zero);
    const Double unit =
        N::select(u.normalized, N::select(u.centered, N::strict(scaled * Double(0.5)), scaled), v);
    return N::select(u.centered, N::strict(unit + u.extent * Double(0.5)), unit);
}

// Whether a side lies where all pixels beside it have int32 coordinates. False for NaN.
template<typename N, typename Double = typename N::Double>
typename N::Flag is_fixed(const Double &pixels) {
    return pixels >= Double(-2147483647.0) && pixels <= Double(2147483646.0);
}

// The nearest fixed number, ties to even, to such a side.
template<typename N, typename Double = typename N::Double>
typename N::Int64 fixed(const Double &pixels) {
    // In 1.5 * 2^52 + v the low bits are those of the integer nearest to v, below 2^51.
    const Double magic(6755399441055744.0);
    const Double toward_zero = N::template as<double>(N::template as<int64_t>(pixels));
    const Double rest = N::strict(pixels - toward_zero) * Double(4294967296.0);
    const Double nearest = N::strict(N::strict(rest + magic) - magic);
    return N::template as<int64_t>(toward_zero) * typename N::Int64(fixed_one) +
           N::template as<int64_t>(nearest);
}

// An axis of a box with `count` outputs, from its lower side on; a box that is flipped has them in
// reverse order.
template<typename N>
struct SampledAxis {
    typename N::Int64 low;
    // The distance of the sides is step * 2 count + rest; part is rest * 2^32 / (2 count), rounded
    // down.
    typename N::UInt64 step;
    typename N::UInt32 rest, part, twice_count;
};

template<typename N>
SampledAxis<N> sampled_axis(const typename N::Int64 &low, const typename N::Int64 &high,
                            const typename N::UInt32 &count) {
    using UInt64 = typename N::UInt64;
    const typename N::UInt32 twice = count + count;
    const UInt64 divisor = N::template as<uint64_t>(twice);
    const UInt64 distance = N::template as<uint64_t>(high) - N::template as<uint64_t>(low);
    const UInt64 step = distance / divisor, rest = distance - step * divisor;
    const UInt64 part = (rest << UInt64(uint64_t(32))) / divisor;
    return {low, step, N::template as<uint32_t>(rest), N::template as<uint32_t>(part), twice};
}

// The centre of output `i`: low + (2i + 1) (high - low) / (2 count), rounded down.
template<typename N>
typename N::Int64 sampled_center(const SampledAxis<N> &a, const typename N::UInt32 &i) {
    using UInt32 = typename N::UInt32;
    using UInt64 = typename N::UInt64;
    const UInt32 odd = i + i + UInt32(1u);
    const UInt64 wide_odd = N::template as<uint64_t>(odd);
    // odd * rest / twice_count, rounded down, or one less.
    const UInt32 quotient = N::template as<uint32_t>(
        (wide_odd * N::template as<uint64_t>(a.part)) >> UInt64(uint64_t(32)));
    const UInt32 left = odd * a.rest - quotient * a.twice_count;
    const UInt32 carry = N::select(left >= a.twice_count, UInt32(1u), UInt32(0u));
    return N::template as<int64_t>(N::template as<uint64_t>(a.low) + wide_odd * a.step +
                                   N::template as<uint64_t>(quotient + carry));
}

// Centres from `low` to `high`.
template<typename N>
struct Centers {
    typename N::Int64 low, high;
};

// How far an output looks: at the pixel that holds its centre, or at those whose own centres are
// nearer than the reach.
template<typename N>
struct Reach {
    typename N::Flag is_point;
    typename N::Int64 distance;
};

// Those of outputs that look at pixels of an axis of `extent` pixels alone.
template<typename N, typename Int64 = typename N::Int64>
Centers<N> inner_centers(const Reach<N> &reach, const Int64 &extent) {
    const Int64 end = extent << Int64(int64_t(32)), none(int64_t(0)), one(int64_t(1));
    const Int64 beyond = reach.distance - Int64(fixed_half);
    return {N::select(reach.is_point, none, beyond),
            N::select(reach.is_point, end - one, end - beyond)};
}

// Those of outputs that borders of values do not fill: in the image, less the margin, where its
// edge `is_hard`; else those that look at a pixel of the image.
template<typename N, typename Int64 = typename N::Int64>
Centers<N> seen_centers(const typename N::Flag &is_hard, const Reach<N> &reach, const Int64 &margin,
                        const Int64 &extent) {
    const Int64 end = extent << Int64(int64_t(32)), none(int64_t(0)), one(int64_t(1));
    const Int64 beyond = reach.distance - Int64(fixed_half) - one;
    return {N::select(is_hard, margin, N::select(reach.is_point, none, none - beyond)),
            N::select(is_hard, end - margin, N::select(reach.is_point, end - one, end + beyond))};
}

// The pixel that holds a coordinate; on an edge between two, the right or lower one.
template<typename N, typename Int64 = typename N::Int64>
Int64 nearest_pixel(const Int64 &center) {
    return center >> Int64(int64_t(32));
}

// A place between the centres of pixels `first` and `first` + 1: 2^-32 * `fraction` of the way to
// the second.
template<typename N>
struct Between {
    typename N::Int64 first;
    typename N::UInt32 fraction;
};

template<typename N, typename Int64 = typename N::Int64>
Between<N> place_between(const Int64 &center) {
    const Int64 place = center - Int64(fixed_half);
    return {place >> Int64(int64_t(32)), N::template as<uint32_t>(place)};
}

// Where the image shows what a rule of maps, or replicate for others, has at a place. Mirrors are
// those of the place: a pair of pixels and its mirror image are mixed alike. Under Border::wrap the
// second pixel may be that behind the last, which is the first.
template<typename N, typename Rule, typename Modulo, typename Int64 = typename N::Int64>
Between<N> mapped_between(const Rule &rule, const Between<N> &place, const Int64 &extent,
                          const Modulo &modulo) {
    using UInt32 = typename N::UInt32;
    using Flag = typename N::Flag;
    const Int64 one(int64_t(1)), none(int64_t(0)), last = extent - one;
    const UInt32 whole(0u);
    const auto c = continuation<N>(rule, extent, one);
    const Flag repeats = is_periodic<Flag>(rule), wraps = rule == int32_t(Border::wrap);
    const Flag is_between = place.fraction != whole;
    const Int64 m = N::select(repeats, modulo(place.first, c.period), place.first);
    const Flag is_mirrored = repeats && !wraps && m + N::select(is_between, one, none) > last;
    const Int64 first = N::select(is_mirrored, c.mirror - m - N::select(is_between, one, none), m);
    const UInt32 fraction = N::select(is_mirrored, whole - place.fraction, place.fraction);
    const Flag is_before = !wraps && first < none, is_behind = !wraps && first >= last;
    return {N::select(is_before, none, N::select(is_behind, last, first)),
            N::select(is_before || is_behind, whole, fraction)};
}

// The weight of the second pixel: for pixels of uint8 in units of 2^-15, of others as float32.
template<typename N, typename UInt32 = typename N::UInt32>
UInt32 integer_weight(const UInt32 &fraction) {
    const UInt32 nearest = ((fraction >> UInt32(16u)) + UInt32(1u)) >> UInt32(1u);
    return N::min(nearest, UInt32(32767u));
}
template<typename N, typename UInt32 = typename N::UInt32>
typename N::Float float_weight(const UInt32 &fraction) {
    using Float = typename N::Float;
    return N::template as<float>(N::template as<int32_t>(fraction >> UInt32(8u))) *
           Float(1.0f / 16777216.0f);
}

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_DEFINITION_SAMPLING_H_
