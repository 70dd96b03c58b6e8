// The filters of many taps: which pixels an output of an axis looks at, and their weights. The host
// and kernels compute them to the same bit: see numbers.h.
//
// A pixel whose centre is at a distance d of the point has the weight f(d / reach), which is not 0
// nearer than the reach; the weights of a point are divided by their sum. Coordinates are those of
// sampling.h. d / reach and weights are multiples of 2^-30, in int64; the weights of Filter::area
// are those of 2^-32 of a pixel.
#ifndef GLIMPSE_GENERATORS_DEFINITION_FILTER_H_
#define GLIMPSE_GENERATORS_DEFINITION_FILTER_H_

#include <cstdint>

#include "glimpse/options.h"
#include "sampling.h"

namespace glimpse {

// The most pixels that a point may look at, along an axis.
constexpr int64_t most_taps = 32768;
// Of glimpses of uint8 that are sums of integers. Others are sums of float32.
constexpr int64_t most_integer_taps = 64;

// Integer weights are multiples of 2^-14; along axes that are reduced, where none is large, of as
// many bits more as an axis has (see weight_bits()).
constexpr int least_weight_bits = 14, most_weight_bits = 16;

// Whether outputs of a box may look at more pixels than two along each axis; if it `reduces`, it is
// larger than its glimpse along one.
template<typename N>
typename N::Flag has_taps(const typename N::Int32 &filter, const typename N::Flag &antialias,
                          const typename N::Flag &reduces) {
    const auto is = [&](Filter f) { return filter == typename N::Int32(int32_t(f)); };
    const typename N::Flag grows = antialias && reduces;
    return !is(Filter::nearest) && (!is(Filter::linear) || grows) &&
           (!is(Filter::area) || !antialias || reduces);
}

// A filter along an axis of a box.
template<typename N>
struct AxisFilter {
    typename N::Flag is_point;      // it looks at the pixel that holds the point, and no other
    typename N::Int64 reach;        // between the point and centres of pixels, which is less
    typename N::Int64 half;         // of what Filter::area covers; else 0
    typename N::UInt64 reciprocal;  // of the reach, times 2^62
    typename N::UInt64 width;       // of what an output covers; at least one pixel, but of area
};

// The filter of an axis. With antialiasing it grows with the distance of outputs.
template<typename N>
AxisFilter<N> axis_filter(const typename N::Int32 &filter, const typename N::Flag &antialias,
                          const SampledAxis<N> &axis) {
    using UInt64 = typename N::UInt64;
    using Flag = typename N::Flag;
    const auto is = [&](Filter f) { return filter == typename N::Int32(int32_t(f)); };
    const auto number = [](int64_t v) { return UInt64(uint64_t(v)); };
    // Of outputs, in pixels rounded down. There is no filter that is longer than most_taps.
    const UInt64 carry = N::select(axis.rest >= axis.twice_count - axis.rest, number(1), number(0));
    const UInt64 distance = N::min(axis.step, number(most_taps * fixed_one)) * number(2) + carry;
    const UInt64 width =
        N::select(antialias, N::max(distance, number(fixed_one)), number(fixed_one));
    const Flag is_area = is(Filter::area), is_cubic = is(Filter::catmull_rom) || is(Filter::cubic);
    const UInt64 radius =
        N::select(is(Filter::lanczos3), number(3), N::select(is_cubic, number(2), number(1)));
    const UInt64 half = N::select(antialias, width, distance) >> number(1);
    const UInt64 reach = N::select(is_area, half + number(fixed_half), width * radius);
    return {is(Filter::nearest) || (is_area && half == number(0)), N::template as<int64_t>(reach),
            N::template as<int64_t>(N::select(is_area, half, number(0))),
            number(int64_t(1) << 62) / reach, N::select(is_area, half << number(1), width)};
}

// Bits of integer weights along an axis of an image: as many as fit 16 bits. Where an output covers
// k pixels, the largest weight is about 1 / k. It is less than 2 / k where edges leave out others,
// as half of the filter is in the image; or more, if that is narrower than the filter. Products
// have to fit 32 bits, of columns those of sums that can be beyond what pixels are, by filters that
// have negative weights.
template<typename N>
typename N::Int32 weight_bits(const typename N::Int32 &filter, const AxisFilter<N> &f,
                              const typename N::Flag &drops, const typename N::Int64 &extent,
                              const typename N::Flag &is_row) {
    using Int32 = typename N::Int32;
    using Int64 = typename N::Int64;
    const auto is = [&](Filter other) { return filter == Int32(int32_t(other)); };
    const auto covers = [&](int64_t k) {
        using UInt64 = typename N::UInt64;
        const UInt64 least(uint64_t(k * fixed_one)), more(uint64_t(k * fixed_one / 8));
        return f.width >= N::select(drops, least + more, least);
    };
    const auto when = [](const typename N::Flag &flag) {
        return N::select(flag, Int32(1), Int32(0));
    };
    const Int32 more = when(covers(2)) + when(covers(4));
    const typename N::Flag is_narrow = drops && (extent << Int64(int64_t(31))) < f.reach;
    const Int32 most =
        when(!is_narrow) + when(!is_narrow && (is_row || is(Filter::linear) || is(Filter::area)));
    return Int32(least_weight_bits) + N::min(more, most);
}

// A point of an axis: the pixel that holds it, and where in it.
template<typename N>
struct FilteredPoint {
    typename N::Int64 pixel, fraction;

    explicit FilteredPoint(const typename N::Int64 &center)
        : pixel(nearest_pixel<N>(center)),
          fraction(N::template as<int64_t>(N::template as<uint32_t>(center))) {
    }
    // Between the point and the centre of a pixel.
    typename N::Int64 distance(const typename N::Int64 &to) const {
        using Int64 = typename N::Int64;
        return (to - pixel) * Int64(fixed_one) + Int64(fixed_half) - fraction;
    }
};

// The pixels that a point looks at, up to `end`.
template<typename N>
struct Taps {
    typename N::Int64 begin, end;
};

template<typename N, typename Int64 = typename N::Int64>
Taps<N> taps_of(const AxisFilter<N> &f, const FilteredPoint<N> &p) {
    const Int64 shift(int64_t(32)), half(fixed_half), one(int64_t(1)), none(int64_t(0));
    const Int64 first = ((p.fraction - f.reach - half) >> shift) + one;
    const Int64 last = (p.fraction + f.reach - half - one) >> shift;
    return {p.pixel + N::select(f.is_point, none, first),
            p.pixel + N::select(f.is_point, none, last) + one};
}

// The most pixels that a point looks at.
template<typename N, typename Int64 = typename N::Int64>
Int64 taps_at_most(const AxisFilter<N> &f) {
    const Int64 all = (f.reach + f.reach + Int64(fixed_one - 1)) >> Int64(int64_t(32));
    return N::select(f.is_point, Int64(int64_t(1)), all);
}

// a * b, of multiples of 2^-30.
template<typename N, typename Int64 = typename N::Int64>
Int64 product30(const Int64 &a, const Int64 &b) {
    return (a * b) >> Int64(int64_t(30));
}

// Of Filter::linear, at the fraction `u` of the reach.
template<typename N, typename Int64 = typename N::Int64>
Int64 linear_weight(const Int64 &u) {
    return Int64(int64_t(1) << 30) - u;
}

// Of Filter::catmull_rom and Filter::cubic, a = -1/2 and -3/4: with t = 2 u it is (a + 2) t^3 -
// (a + 3) t^2 + 1 up to t = 1, and a (t - 1) (2 - t)^2 up to 2. R. G. Keys, Cubic convolution
// interpolation for digital image processing, 1981.
template<typename N, typename Int64 = typename N::Int64>
Int64 cubic_weight(const Int64 &u, const typename N::Flag &is_catmull_rom) {
    const Int64 one(int64_t(1) << 30), two(int64_t(2)), t = u + u, left = one + one - t;
    const Int64 quarters = N::select(is_catmull_rom, two, Int64(int64_t(3)));  // -4 a
    const Int64 slope =
        ((Int64(int64_t(8)) - quarters) * t - (Int64(int64_t(12)) - quarters) * one) >> two;
    const Int64 inner = product30<N>(slope, product30<N>(t, t)) + one;
    const Int64 outer = (quarters * product30<N>(one - t, product30<N>(left, left))) >> two;
    return N::select(t < one, inner, outer);
}

// Of Filter::lanczos3: with s = u^2 it is (1 - 9 s) (1 - 9/4 s) (1 - s)^2 P(s), which is within
// 6e-8 of sinc(3 u) sinc(u); P is found by fit_lanczos.py.
template<typename N, typename Int64 = typename N::Int64>
Int64 lanczos3_weight(const Int64 &u) {
    constexpr int64_t coefficients[] = {1073741824,  -3435259954, 5125763737,
                                        -4773610738, 3126771657,  -1526684433,
                                        559302613,   -141755464,  18574369};
    const Int64 one(int64_t(1) << 30), s = product30<N>(u, u);
    Int64 p(coefficients[8]);
    for (int k = 7; k >= 0; k--) {
        p = product30<N>(p, s) + Int64(coefficients[k]);
    }
    const Int64 inner = product30<N>(one - Int64(int64_t(9)) * s, p);
    const Int64 middle = one - s - s - (s >> Int64(int64_t(2)));
    return product30<N>(product30<N>(inner, middle), product30<N>(one - s, one - s));
}

// Of Filter::area: how much of the pixel at a distance is covered.
template<typename N, typename Int64 = typename N::Int64>
Int64 area_weight(const Int64 &distance, const Int64 &half) {
    return N::min(distance + Int64(fixed_half), half) -
           N::max(distance - Int64(fixed_half), Int64(int64_t(0)) - half);
}

// How much of the reach a distance is.
template<typename N, typename Int64 = typename N::Int64>
Int64 part_of_reach(const Int64 &distance, const typename N::UInt64 &reciprocal) {
    using UInt64 = typename N::UInt64;
    const Int64 none(int64_t(0));
    const Int64 magnitude = N::select(distance < none, none - distance, distance);
    return N::template as<int64_t>((N::template as<uint64_t>(magnitude) * reciprocal) >>
                                   UInt64(uint64_t(32)));
}

// Weights of a point are divided by their sum, which is 1 or more: by products with this.
template<typename N, typename Int64 = typename N::Int64>
typename N::UInt64 weight_reciprocal(const Int64 &sum) {
    const Int64 divisor = N::max(sum, Int64(int64_t(1)));
    return typename N::UInt64(uint64_t(1) << 60) / N::template as<uint64_t>(divisor);
}
// As an integer of so many bits; what their sum is short of 2^bits goes to the first of the
// largest.
template<typename N, typename Int64 = typename N::Int64>
Int64 integer_part(const Int64 &weight, const typename N::UInt64 &reciprocal,
                   const typename N::Int32 &bits) {
    const Int64 shift = Int64(int64_t(60)) - N::template as<int64_t>(bits);
    const Int64 half = Int64(int64_t(1)) << (shift - Int64(int64_t(1)));
    return (weight * N::template as<int64_t>(reciprocal) + half) >> shift;
}
template<typename N, typename Int64 = typename N::Int64>
typename N::Float float_part(const Int64 &weight, const Int64 &sum) {
    return N::strict(N::template as<float>(weight) / N::template as<float>(sum));
}

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_DEFINITION_FILTER_H_
