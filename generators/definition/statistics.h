// What statistics are made of sums over the pixels of a channel. The host and kernels compute them
// to the same bit: see numbers.h.
#ifndef GLIMPSE_GENERATORS_DEFINITION_STATISTICS_H_
#define GLIMPSE_GENERATORS_DEFINITION_STATISTICS_H_

#include "numbers.h"
#include "parameters.h"

namespace glimpse {

template<typename N>
struct FinishedStatistics {
    typename N::Float min, max;
    typename N::Double mean, stddev;
};

template<typename N, typename Double = typename N::Double>
Double deviation(const Double &variance) {
    const Double none(0.0);
    return N::select(variance > none, N::sqrt(N::max(variance, none)), none);
}

// Of `pixels` integers, 1 or more, that were counted `bias` lower than they are. `square` is the
// sum of their squares, in a type that holds it or in one in which sums wrap around.
template<typename N, typename Wide, typename Double = typename N::Double,
         typename Int64 = typename N::Int64>
FinishedStatistics<N> finished_integers(const Double &min, const Double &max, const Int64 &sum,
                                        const Wide &square, const Int64 &pixels, const Int64 &bias,
                                        const typename N::Zero &zero) {
    const auto wide = [](const Int64 &v) { return N::template wide<Wide>(v); };
    // About the integer nearest to the mean all is exact but a correction of at most 1.
    const Int64 above = sum + pixels / 2;
    const Int64 center = (above - N::modulo(above, pixels)) / pixels;
    const Int64 moved = sum - pixels * center;
    const Wide moved_square =
        square - wide(center) * (wide(sum) + wide(sum) - wide(pixels) * wide(center));
    const Double divisor = N::template as<double>(pixels);
    const Double mean = N::template as<double>(moved) / divisor;
    const Double variance =
        N::strict(N::template as<double>(moved_square) / divisor - N::rounded(mean * mean, zero));
    const Double shift = N::template as<double>(bias);
    const auto extreme = [&](const Double &v) {
        return without_sign_of_zero<N>(N::template as<float>(v + shift));
    };
    return {extreme(min), extreme(max), N::template as<double>(sum + bias * pixels) / divisor,
            deviation<N>(variance)};
}

// Of `count` floats; of none, zeros.
template<typename N, typename Double = typename N::Double>
FinishedStatistics<N> finished_floats(const Double &min, const Double &max, const Double &sum,
                                      const Double &square, const Double &count,
                                      const typename N::Zero &zero) {
    using Float = typename N::Float;
    const Double none(0.0);
    const auto has_any = count > none;
    const Double divisor = N::select(has_any, count, Double(1.0));
    const Double mean = sum / divisor;
    const Double variance = N::strict(square - N::rounded(sum * mean, zero)) / divisor;
    const auto is_flat = min == max;
    const Double center = N::select(is_flat, min, mean);
    const auto extreme = [&](const Double &v) {
        return N::select(has_any, without_sign_of_zero<N>(N::template as<float>(v)), Float(0.0f));
    };
    return {extreme(min), extreme(max), N::select(has_any && center != none, center, none),
            N::select(has_any && !is_flat, deviation<N>(variance), none)};
}

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_DEFINITION_STATISTICS_H_
