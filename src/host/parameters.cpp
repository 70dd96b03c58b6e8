// Per-channel values as the kernels read them. This file must be compiled without contraction of
// floating-point expressions.
#include "host/parameters.h"

#include <cfloat>
#include <cmath>
#include <limits>

#include "call/check.h"
#include "definition/half.h"
#include "definition/parameters.h"

namespace glimpse {
namespace {

// The numbers that elements of the type may have; of floats the finite ones.
Limits<HostNumbers> limits_of(ElementType type) {
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

// An element of 16 bits of a float, any NaN as the quiet one without payload.
uint16_t half_of(float v, uint32_t (*bits_of)(const uint32_t &), uint16_t nan) {
    return std::isnan(v) ? nan : uint16_t(bits_of(HostNumbers::bits(v)));
}

// Fills `row` with `count` elements in which the values of `channels` repeat.
template<typename T, typename Value>
void fill_periodic(T *row, int64_t count, int64_t channels, const Value &value) {
    for (int64_t i = 0; i < count; i++) {
        row[i] = i < channels ? value(i) : row[i - channels];
    }
}

// Calls `use` with what turns numbers, float or double, into elements of the type, stored.
template<typename Use>
void with_converter(ElementType type, const Use &use) {
    const auto integer = [type](auto v) { return nearest_element(double(v), limits_of(type)); };
    switch (type) {
    case ElementType::uint8:
        return use([&](auto v) { return uint8_t(integer(v)); });
    case ElementType::uint16:
    case ElementType::int16:
        return use([&](auto v) { return uint16_t(integer(v)); });
    case ElementType::float16:
        return use([](auto v) { return half_of(float(v), float16_bits<HostNumbers>, 0x7e00); });
    case ElementType::bfloat16:
        return use([](auto v) { return half_of(float(v), bfloat16_bits<HostNumbers>, 0x7fc0); });
    case ElementType::float32:
        return use([](auto v) { return float(v); });
    }
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

void write_elements(Span<const float> value, ElementType type, int64_t channels,
                    void *elements) noexcept {
    with_converter(type, [&](const auto &convert) {
        using T = decltype(convert(0.0f));
        for (int64_t c = 0; c < channels; c++) {
            static_cast<T *>(elements)[c] = convert(value_of(value, c, 0));
        }
    });
}

// The mean of channel `c` of image `n`.
double Parameters::mean(int64_t c, int32_t n) const noexcept {
    // An image without pixels has none; it is filled with zeros.
    const double mean = call_.border == Border::mean && plan_.statistics != nullptr
                            ? plan_.statistics[n * plan_.channels() + c].mean
                            : 0.0;
    // A caller's NaN: devices keep neither its sign nor its payload.
    return std::isnan(mean) ? std::numeric_limits<double>::quiet_NaN() : mean;
}

void Parameters::write_values(char *set, int32_t n) const noexcept {
    const int64_t row = row_elements(plan_);
    with_converter(call_.images.type, [&](const auto &convert) {
        using T = decltype(convert(0.0f));
        for (int64_t p = 0; p < plan_.images.planes; p++) {
            fill_periodic(reinterpret_cast<T *>(set) + p * row, row, plan_.images.samples,
                          [&](int64_t s) {
                              return call_.border == Border::constant
                                         ? convert(value_of(call_.value, p + s, 0))
                                         : convert(mean(p + s, n));
                          });
        }
    });
}

// One range serves the whole image, so that only the first element of each row is read.
void Parameters::write_uniform(float *set, int32_t n) noexcept {
    const ChannelStatistics *const channels = plan_.statistics + n * plan_.channels();
    const Limits<HostNumbers> limits = limits_of(call_.images.type);
    float low = noise_bound(channels[0].min, limits), high = noise_bound(channels[0].max, limits);
    for (int64_t c = 1; c < plan_.channels(); c++) {
        low = std::fmin(low, noise_bound(channels[c].min, limits));
        high = std::fmax(high, noise_bound(channels[c].max, limits));
    }
    const UniformRange<HostNumbers> range = uniform_range<HostNumbers>(low, high, {});
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
