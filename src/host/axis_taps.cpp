// Walks along the axes of boxes, and weighs what their outputs look at.
#include "host/axis_taps.h"

#include <algorithm>

namespace glimpse {
namespace {

using N = HostNumbers;

// Writes the weights of the pixels from the first tap of a point on, by their distance, and returns
// their sum.
template<typename Weight>
int64_t weigh_each(const FilteredPoint<N> &p, const Taps<N> &taps, int64_t *weights,
                   const Weight &weight) noexcept {
    int64_t distance = p.distance(taps.begin), sum = 0;
    const int64_t count = taps.end - taps.begin;
    for (int64_t t = 0; t < count; t++, distance += fixed_one) {
        weights[t] = weight(distance);
        sum += weights[t];
    }
    return sum;
}

int64_t weigh(Filter filter, const AxisFilter<N> &f, const FilteredPoint<N> &p, const Taps<N> &taps,
              int64_t *weights) noexcept {
    if (f.is_point) {
        return weights[0] = 1;
    }
    const auto by_part_of_reach = [&](const auto &weight) {
        return weigh_each(p, taps, weights, [&](int64_t distance) {
            return weight(part_of_reach<N>(distance, f.reciprocal));
        });
    };
    switch (filter) {
    case Filter::catmull_rom:
        return by_part_of_reach([](int64_t u) { return cubic_weight<N>(u, true); });
    case Filter::cubic:
        return by_part_of_reach([](int64_t u) { return cubic_weight<N>(u, false); });
    case Filter::lanczos3:
        return by_part_of_reach(lanczos3_weight<N, int64_t>);
    case Filter::area:
        return weigh_each(p, taps, weights,
                          [&](int64_t distance) { return area_weight<N>(distance, f.half); });
    case Filter::linear:
    case Filter::nearest:
        break;
    }
    return by_part_of_reach(linear_weight<N, int64_t>);
}

// Leaves out the pixels that an axis of `extent` pixels does not have. Returns the sum of others.
int64_t drop_outside(const Taps<N> &taps, int64_t extent, int64_t *weights) noexcept {
    int64_t sum = 0;
    for (int64_t j = taps.begin; j < taps.end; j++) {
        int64_t &weight = weights[j - taps.begin];
        weight = j >= 0 && j < extent ? weight : 0;
        sum += weight;
    }
    return sum;
}

void write_integers(const int64_t *weights, int64_t count, int64_t sum, int32_t bits,
                    int16_t *to) noexcept {
    const uint64_t reciprocal = weight_reciprocal<N>(sum);
    int64_t rest = int64_t(1) << bits;
    for (int64_t t = 0; t < count; t++) {
        const int64_t w = integer_part<N>(weights[t], reciprocal, bits);
        rest -= w;
        to[t] = int16_t(w);
    }
    to[std::max_element(weights, weights + count) - weights] += int16_t(rest);
}

}  // namespace

void find_taps(const SamplingRule &rule, const BoxAxis &axis, const Outputs &o, int64_t extent,
               bool by_integers, int64_t *memory, AxisTaps *taps) noexcept {
    const AxisFilter<N> filter = rule.axis_filter(axis);
    taps->count = o.size();
    taps->taps = 0;
    taps->least = INT64_MAX;
    taps->most = INT64_MIN;
    for (int64_t i = 0; i < o.size(); i++) {
        const FilteredPoint<N> point(axis.center(o.begin + i));
        const Taps<N> t = taps_of<N>(filter, point);
        const int64_t count = t.end - t.begin, begin = i * taps->stride;
        int64_t sum = weigh(rule.filter, filter, point, t, memory);
        // A point on the lower or right edge of an image has no pixel of it, and shows the last.
        if (rule.is_hard && rule.drops && !filter.is_point) {
            sum = drop_outside(t, extent, memory);
        }
        if (by_integers) {
            int16_t *const to = static_cast<int16_t *>(taps->weights) + begin;
            write_integers(memory, count, sum, taps->bits, to);
            std::fill(to + count, to + taps->stride, int16_t(0));
        } else {
            float *const to = static_cast<float *>(taps->weights) + begin;
            for (int64_t k = 0; k < count; k++) {
                to[k] = float_part<N>(memory[k], sum);
            }
            std::fill(to + count, to + taps->stride, 0.0f);
        }
        taps->first[i] = int32_t(t.begin);
        taps->taps = std::max(taps->taps, count);
        taps->least = std::min(taps->least, t.begin);
        taps->most = std::max(taps->most, t.end - 1);
    }
}

}  // namespace glimpse
