// What borders are filled with, from statistics of images. The host and kernels compute it to the
// same bit: see numbers.h. Statistics that a caller gives may be anything.
#ifndef GLIMPSE_GENERATORS_DEFINITION_PARAMETERS_H_
#define GLIMPSE_GENERATORS_DEFINITION_PARAMETERS_H_

#include <cfloat>

#include "glimpse/view.h"
#include "numbers.h"

namespace glimpse {

// The numbers that the elements of an image may have: of floats the finite ones.
template<typename N>
struct Limits {
    typename N::Float low, high;
    typename N::Flag is_integer;
};

constexpr Limits<HostNumbers> limits_of(ElementType type) {
    switch (type) {
    case ElementType::uint8:
        return {0, 255, true};
    case ElementType::uint16:
        return {0, 65535, true};
    case ElementType::int16:
        return {-32768, 32767, true};
    case ElementType::float16:
    case ElementType::bfloat16:
    case ElementType::float32:
        break;
    }
    return {-FLT_MAX, FLT_MAX, false};
}

// Within [low, high]; NaN becomes 0.
template<typename N, typename T>
T clamped(const T &v, const T &low, const T &high) {
    return N::select(N::is_nan(v), T(0), N::select(v < low, low, N::select(v > high, high, v)));
}

// -0 becomes +0.
template<typename N, typename Float = typename N::Float>
Float without_sign_of_zero(const Float &v) {
    return N::select(v == 0.0f, Float(0.0f), v);
}

// The integer nearest to `v`, ties to even, below 2^22: in 1.5 * 2^23 + v the low bits are those of
// the integer.
template<typename N, typename Float = typename N::Float>
typename N::Int32 nearest_integer(const Float &v) {
    return N::template as<int32_t>(N::bits(N::strict(v + 12582912.0f)) -
                                   typename N::UInt32(0x4b400000u));
}

// The integer nearest to `v` that elements may have; NaN becomes 0.
template<typename N, typename Double = typename N::Double>
typename N::Int32 nearest_element(const Double &v, const Limits<N> &limits) {
    const Double number = clamped<N, Double>(v, N::template as<double>(limits.low),
                                             N::template as<double>(limits.high));
    return N::low_bits(N::strict(number + Double(6755399441055744.0)));
}

// Mean or deviation of Gaussian noise.
template<typename N, typename Double = typename N::Double>
typename N::Float gaussian_moment(const Double &v, const Limits<N> &limits) {
    // Sums and what is rounded to integers must be finite.
    const auto bound = [&](float of_integers, const typename N::Float &of_floats) {
        return N::template as<double>(
            N::select(limits.is_integer, typename N::Float(of_integers), of_floats));
    };
    return without_sign_of_zero<N>(N::template as<float>(
        clamped<N, Double>(v, bound(-1e9f, limits.low), bound(1e9f, limits.high))));
}

// What bounds noise: a minimum or maximum of statistics.
template<typename N, typename Float = typename N::Float>
Float noise_bound(const Float &v, const Limits<N> &limits) {
    return without_sign_of_zero<N>(clamped<N, Float>(v, limits.low, limits.high));
}

// What bounds the noise of a channel, or of channels together.
template<typename N>
struct NoiseBounds {
    typename N::Float low, high;
};

template<typename N, typename Float = typename N::Float>
NoiseBounds<N> noise_bounds(const Float &min, const Float &max, const Limits<N> &limits) {
    return {noise_bound<N>(min, limits), noise_bound<N>(max, limits)};
}

template<typename N>
NoiseBounds<N> united(const NoiseBounds<N> &a, const NoiseBounds<N> &b) {
    return {N::select(b.low < a.low, b.low, a.low), N::select(b.high > a.high, b.high, a.high)};
}

// Uniform noise in [low, high], both within the limits. Floats are center + scale * integer, with
// integers of [-2^23, 2^23); integers are `count` numbers from `first` on.
template<typename N>
struct UniformRange {
    typename N::Float center, scale;
    typename N::Int32 first;
    typename N::UInt32 count;
};

template<typename N, typename Float = typename N::Float>
UniformRange<N> uniform_range(const Float &low, const Float &high, const typename N::Zero &zero) {
    using Double = typename N::Double;
    using UInt32 = typename N::UInt32;
    const auto wide = [](const Float &v) { return N::template as<double>(v); };
    const Double sum = N::strict(wide(low) + wide(high));
    const Float center = without_sign_of_zero<N>(N::template as<float>(sum * Double(0.5)));
    // The largest step with which no value leaves the range.
    const Double above = N::strict(wide(high) - wide(center));
    const Double below = N::strict(wide(center) - wide(low));
    const Double side = N::select(above < below, above, below);
    const Float scale = N::template as<float>(side * Double(1.0 / 8388608.0));
    const auto end = [&](float steps) {
        return N::strict(center + N::rounded(scale * steps, zero));
    };
    // The rounding may have gone up, by one step at most.
    const auto leaves = scale > 0.0f && (end(-8388608.0f) < low || end(8388607.0f) > high);
    const Float next_below = N::from_bits(N::bits(scale) - UInt32(1u));
    const typename N::Int32 first = nearest_integer<N>(low);
    const typename N::Int32 last = nearest_integer<N>(high);
    const auto steps = N::template as<uint32_t>(last) - N::template as<uint32_t>(first);
    return {center, N::select(leaves, next_below, scale), first,
            N::select(last > first, steps, UInt32(0u)) + UInt32(1u)};
}

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_DEFINITION_PARAMETERS_H_
