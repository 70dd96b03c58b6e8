// Per-channel values as the kernels read them. This file must be compiled without contraction of
// floating-point expressions.
#include "parameters.h"

#include <cfloat>
#include <cmath>
#include <limits>

#include "half.h"

namespace glimpse {
namespace {

struct Range {
    double low, high;
};

// What a value of the type lies in. No NaN and, for the sake of sums, no infinity.
Range range_of(ElementType type) {
    switch (type) {
    case ElementType::uint8:
        return {0, 255};
    case ElementType::uint16:
        return {0, 65535};
    case ElementType::int16:
        return {-32768, 32767};
    case ElementType::float16:
    case ElementType::bfloat16:
    case ElementType::float32:
        break;
    }
    return {-double(FLT_MAX), double(FLT_MAX)};
}

// NaN becomes 0.
double clamped(double v, const Range &range) {
    return v >= range.low ? v <= range.high ? v : range.high : v < range.low ? range.low : 0.0;
}

// Converts to an integer type: to nearest even, saturated, NaN becomes 0.
template<typename T>
T saturated(double v, ElementType type) {
    return T(int32_t(std::nearbyint(clamped(v, range_of(type)))));
}

// Returns the largest step with which center + step * k stays within [low, high] in float32 for all
// integers k in [-2^23, 2^23).
float uniform_scale(float low, float high, float center) {
    const double above = double(high) - double(center), below = double(center) - double(low);
    float scale = float((above < below ? above : below) / 8388608.0);
    // The rounding may have gone up, by one step at most; NaN ends the loop.
    while (scale > 0 &&
           (center + -8388608.0f * scale < low || center + 8388607.0f * scale > high)) {
        scale = std::nextafter(scale, 0.0f);
    }
    return scale;
}

// Fills `row` with `count` elements in which the values of `channels` repeat.
template<typename T, typename Value>
void fill_periodic(T *row, int64_t count, int64_t channels, const Value &value) {
    for (int64_t i = 0; i < count; i++) {
        row[i] = i < channels ? value(i) : row[i - channels];
    }
}

// Calls `use` with what turns numbers into elements of the type, stored.
template<typename Use>
void with_converter(ElementType type, const Use &use) {
    switch (type) {
    case ElementType::uint8:
        return use([](auto v) { return saturated<uint8_t>(double(v), ElementType::uint8); });
    case ElementType::uint16:
        return use([](auto v) { return saturated<uint16_t>(double(v), ElementType::uint16); });
    case ElementType::int16:
        return use([](auto v) { return saturated<int16_t>(double(v), ElementType::int16); });
    case ElementType::float16:
        return use([](auto v) { return to_float16(float(v)); });
    case ElementType::bfloat16:
        return use([](auto v) { return to_bfloat16(float(v)); });
    case ElementType::float32:
        return use([](auto v) { return float(v); });
    }
}

}  // namespace

int64_t Parameters::size(const Call &call) noexcept {
    switch (call.rule.family) {
    case Family::value:
        return row_elements(call) * call.images.planes * size_in_bytes(call.type);
    case Family::noise:
        return row_elements(call) * noise_fields * call.images.planes * int64_t(sizeof(float));
    case Family::map:
        break;
    }
    return 0;
}

void Parameters::write(int64_t index, int32_t n) noexcept {
    char *const set = memory_ + index * size(call_);
    if (call_.border == Border::uniform) {
        return write_uniform(reinterpret_cast<float *>(set), n);
    }
    if (call_.border == Border::gaussian) {
        for (int64_t p = 0; p < call_.images.planes; p++) {
            write_gaussian(reinterpret_cast<float *>(set) + p * row_elements(call_) * noise_fields,
                           p, n);
        }
        return;
    }
    with_converter(call_.type, [&](const auto &convert) {
        using T = decltype(convert(0.0f));
        write_values<T>(set, n, convert);
    });
}

void write_elements(Span<const float> value, ElementType type, int64_t channels,
                    void *elements) noexcept {
    with_converter(type, [&](const auto &convert) {
        using T = decltype(convert(0.0f));
        for (int64_t c = 0; c < channels; c++) {
            static_cast<T *>(elements)[c] = convert(value.data[value.size == 1 ? 0 : c]);
        }
    });
}

float Parameters::constant(int64_t c) const noexcept {
    return call_.value.data[call_.value.size == 1 ? 0 : c];
}

// What channel `c` of image `n` is filled with.
double Parameters::value(int64_t c, int32_t n) const noexcept {
    // An image without pixels has no mean; it is filled with zeros.
    const double mean = call_.border == Border::mean && call_.statistics != nullptr
                            ? call_.statistics[n * call_.channels + c].mean
                            : 0.0;
    // A caller's NaN: devices keep neither its sign nor its payload.
    return std::isnan(mean) ? std::numeric_limits<double>::quiet_NaN() : mean;
}

template<typename T, typename Convert>
void Parameters::write_values(char *set, int32_t n, const Convert &convert) const noexcept {
    const int64_t row = row_elements(call_);
    for (int64_t p = 0; p < call_.images.planes; p++) {
        fill_periodic(reinterpret_cast<T *>(set) + p * row, row, call_.images.samples,
                      [&](int64_t s) {
                          return call_.border == Border::constant ? convert(constant(p + s))
                                                                  : convert(value(p + s, n));
                      });
    }
}

// One range serves the whole image, so that only the first element of each row is read.
void Parameters::write_uniform(float *set, int32_t n) noexcept {
    const ChannelStatistics *const channels = call_.statistics + n * call_.channels;
    const Range range = range_of(call_.type);
    float low = float(clamped(double(channels[0].min), range));
    float high = float(clamped(double(channels[0].max), range));
    for (int64_t c = 1; c < call_.channels; c++) {
        const float channel_low = float(clamped(double(channels[c].min), range));
        const float channel_high = float(clamped(double(channels[c].max), range));
        low = channel_low < low ? channel_low : low;
        high = channel_high > high ? channel_high : high;
    }
    const float center = float((double(low) + double(high)) / 2) + 0.0f;
    float scale = 0;
    if (is_integer(call_.type)) {
        low = float(std::nearbyint(low));
        high = float(std::nearbyint(high));
        scale = high >= low ? high - low + 1 : 1;
        all_values_ = all_values_ && scale == 256;
    } else {
        scale = uniform_scale(low, high, center);
    }
    const int64_t row = row_elements(call_);
    for (int64_t p = 0; p < call_.images.planes; p++) {
        float *const rows = set + p * row * noise_fields;
        rows[noise_center * row] = center;
        rows[noise_scale * row] = scale;
        rows[noise_low * row] = low;
    }
}

void Parameters::write_gaussian(float *rows, int64_t plane, int32_t n) const noexcept {
    const int64_t row = row_elements(call_);
    const ChannelStatistics *const channels = call_.statistics + n * call_.channels;
    // A caller's statistics may be anything; the sum and what is rounded to integers must be
    // finite.
    const Range range = range_of(call_.type);
    const Range moments = is_integer(call_.type) ? Range{-1e9, 1e9} : range;
    const auto field = [&](NoiseField which, const Range &limits, auto get) {
        fill_periodic(rows + which * row, row, call_.images.samples, [&](int64_t s) {
            return float(clamped(get(channels[plane + s]), limits)) + 0.0f;
        });
    };
    field(noise_center, moments, [](const ChannelStatistics &c) { return c.mean; });
    field(noise_scale, moments, [](const ChannelStatistics &c) { return c.stddev; });
    field(noise_low, range, [](const ChannelStatistics &c) { return double(c.min); });
    field(noise_high, range, [](const ChannelStatistics &c) { return double(c.max); });
}

void Conversion::write(const Call &call, float *memory) noexcept {
    const int64_t row = row_elements(call);
    const auto field = [&](int64_t p, ConversionField which, Span<const float> values,
                           float otherwise) {
        fill_periodic(memory + (p * conversion_fields + which) * row, row, call.changed_samples,
                      [&](int64_t s) {
                          return values.size == 0 ? otherwise
                                                  : values.data[values.size == 1 ? 0 : p + s];
                      });
    };
    for (int64_t p = 0; p < planes(call); p++) {
        field(p, conversion_subtract, call.subtract, 0);
        field(p, conversion_multiply, call.multiply, 1);
    }
}

}  // namespace glimpse
