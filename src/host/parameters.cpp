// Per-channel values as the kernels read them. This file must be compiled without contraction of
// floating-point expressions.
#include "host/parameters.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "call/check.h"
#include "definition/half.h"
#include "definition/parameters.h"

namespace glimpse {
namespace {

// The stored element of a number: `v` is `exact`, rounded. Halves have one NaN.
uint32_t encoded(ElementType type, float v, double exact) {
    if (is_integer(type)) {
        return uint32_t(nearest_element(exact, limits_of(type)));
    }
    const uint32_t bits = HostNumbers::bits(v);
    if (type == ElementType::float16) {
        return std::isnan(v) ? float16_nan : float16_bits<HostNumbers>(bits);
    }
    if (type == ElementType::bfloat16) {
        return std::isnan(v) ? bfloat16_nan : bfloat16_bits<HostNumbers>(bits);
    }
    return bits;
}

// A caller's mean may be NaN: devices keep neither its sign nor its payload.
double known_mean(double mean) {
    return std::isnan(mean) ? std::numeric_limits<double>::quiet_NaN() : mean;
}

// The mean of channel `c` of image `n`.
double mean_of(const Plan &plan, int64_t c, int32_t n) {
    // An image without pixels has none; it is filled with zeros.
    const double mean = plan.call.border == Border::mean && plan.statistics != nullptr
                            ? plan.statistics[n * plan.channels() + c].mean
                            : 0.0;
    return known_mean(mean);
}

// Calls `use` with a number of the type that holds elements of `size` bytes.
template<typename Use>
void with_stored(int64_t size, const Use &use) {
    if (size == 1) {
        return use(uint8_t());
    }
    if (size == 2) {
        return use(uint16_t());
    }
    use(uint32_t());
}

// Fills `row` with `count` elements in which the values of `channels` repeat.
template<typename T, typename Value>
void fill_periodic(T *row, int64_t count, int64_t channels, const Value &value) {
    int64_t filled = 0;
    for (; filled < std::min(channels, count); filled++) {
        row[filled] = value(filled);
    }
    if (channels == 1) {
        std::fill(row + filled, row + count, row[0]);
        return;
    }
    while (filled < count) {  // twice as many each time
        const int64_t more = std::min(filled, count - filled);
        memcpy(row + filled, row, size_t(more) * sizeof(T));
        filled += more;
    }
}

// The same with `element(channel)`, the bits of an element of `type`.
template<typename Element>
void write_row(ElementType type, int64_t channels, int64_t count, void *row,
               const Element &element) {
    with_stored(size_in_bytes(type), [&](auto zero) {
        using T = decltype(zero);
        fill_periodic(static_cast<T *>(row), count, channels,
                      [&](int64_t c) { return T(element(c)); });
    });
}

}  // namespace

int64_t Parameters::size(const Plan &plan) noexcept {
    const int64_t elements = row_elements(plan) * plan.images.planes;
    switch (plan.call.family()) {
    case Family::value:
        return elements * plan.images.element_size;
    case Family::noise:
        return elements * noise_fields * int64_t(sizeof(float));
    case Family::map:
        break;
    }
    return 0;
}

void Parameters::write(int64_t index, int32_t n) noexcept {
    char *const set = memory_ + index * plan_.parameter_bytes;
    if (call_.family() == Family::value) {
        return write_values(set, n);
    }
    auto *const rows = reinterpret_cast<float *>(set);
    if (call_.border == Border::uniform) {
        return write_uniform(rows, n);
    }
    for (int64_t p = 0; p < plan_.images.planes; p++) {
        write_gaussian(rows + p * row_elements(plan_) * noise_fields, p, n);
    }
}

void write_fill(const Span<const float> &value, ElementType type, int64_t channels, int64_t count,
                void *row) noexcept {
    write_row(type, channels, count, row, [&](int64_t c) {
        const float v = value_of(value, c, 0);
        return encoded(type, v, double(v));
    });
}

void write_mean_fill(const ChannelStatistics *statistics, ElementType type, int64_t channels,
                     int64_t count, void *row) noexcept {
    write_row(type, channels, count, row, [&](int64_t c) {
        const double v = known_mean(statistics[c].mean);
        return encoded(type, float(v), v);
    });
}

void write_elements(Span<const float> value, ElementType type, int64_t channels,
                    void *elements) noexcept {
    with_stored(size_in_bytes(type), [&](auto zero) {
        for (int64_t c = 0; c < channels; c++) {
            const float v = value_of(value, c, 0);
            static_cast<decltype(zero) *>(elements)[c] =
                decltype(zero)(encoded(type, v, double(v)));
        }
    });
}

uint32_t exact_fill(const Plan &plan, int32_t n, int64_t c) noexcept {
    const Call &call = plan.call;
    const int64_t from = call.channel_from(c);
    const float number = call.border == Border::constant ? value_of(call.value, from, 0)
                                                         : float(mean_of(plan, from, n));
    const float difference = number - value_of(call.subtract, c, 0);
    const float v = difference * value_of(call.multiply, c, 1);
    const bool is_nan = std::isnan(v) && call.glimpses.type == ElementType::float32;
    return is_nan ? float32_nan : encoded(call.glimpses.type, v, double(v));
}

void Parameters::write_values(char *set, int32_t n) const noexcept {
    const int64_t row = row_elements(plan_);
    const auto value = [&](int64_t c) {
        const float constant = value_of(call_.value, c, 0);
        const double v = call_.border == Border::constant ? double(constant) : mean_of(plan_, c, n);
        return encoded(call_.images.type, call_.border == Border::constant ? constant : float(v),
                       v);
    };
    for (int64_t p = 0; p < plan_.images.planes; p++) {
        write_row(call_.images.type, plan_.images.samples, row,
                  set + p * row * plan_.images.element_size,
                  [&](int64_t s) { return value(p + s); });
    }
}

// One range serves the whole image, so that only the first element of each row is read.
void Parameters::write_uniform(float *set, int32_t n) noexcept {
    const ChannelStatistics *const channels = plan_.statistics + n * plan_.channels();
    const Limits<HostNumbers> limits = limits_of(call_.images.type);
    const auto of_channel = [&](int64_t c) {
        return noise_bounds<HostNumbers>(channels[c].min, channels[c].max, limits);
    };
    NoiseBounds<HostNumbers> bounds = of_channel(0);
    for (int64_t c = 1; c < plan_.channels(); c++) {
        bounds = united(bounds, of_channel(c));
    }
    const UniformRange<HostNumbers> range = uniform_range<HostNumbers>(bounds.low, bounds.high, {});
    all_values_ = all_values_ && range.count == 256;
    const int64_t row = row_elements(plan_);
    for (int64_t p = 0; p < plan_.images.planes; p++) {
        float *const rows = set + p * row * noise_fields;
        rows[noise_center * row] = range.center;
        rows[noise_scale * row] = limits.is_integer ? float(range.count) : range.scale;
        rows[noise_low * row] = float(range.first);
    }
}

void Parameters::write_gaussian(float *rows, int64_t plane, int32_t n) const noexcept {
    const int64_t row = row_elements(plan_);
    const ChannelStatistics *const channels = plan_.statistics + n * plan_.channels() + plane;
    const Limits<HostNumbers> limits = limits_of(call_.images.type);
    const auto field = [&](NoiseField which, const auto &get) {
        fill_periodic(rows + which * row, row, plan_.images.samples,
                      [&](int64_t s) { return get(channels[s]); });
    };
    using Of = const ChannelStatistics &;
    field(noise_center, [&](Of c) { return gaussian_moment(c.mean, limits); });
    field(noise_scale, [&](Of c) { return gaussian_moment(c.stddev, limits); });
    field(noise_low, [&](Of c) { return noise_bound(c.min, limits); });
    field(noise_high, [&](Of c) { return noise_bound(c.max, limits); });
}

void Conversion::write(const Plan &plan, float *memory) noexcept {
    const int64_t row = row_elements(plan);
    const auto field = [&](int64_t p, ConversionField which, const Span<const float> &values,
                           float otherwise) {
        fill_periodic(memory + (p * conversion_fields + which) * row, row, plan.changed_samples,
                      [&](int64_t s) { return value_of(values, p + s, otherwise); });
    };
    for (int64_t p = 0; p < planes(plan); p++) {
        field(p, conversion_subtract, plan.call.subtract, 0);
        field(p, conversion_multiply, plan.call.multiply, 1);
    }
}

}  // namespace glimpse
