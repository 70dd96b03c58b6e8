// The plain definition of everything that the library computes, one scalar at a time. It shares
// nothing with the kernels or the library's sources; the tests hold the library to it.
//
// Decides pixels in float32 with one rounding per statement: compile with -ffp-contract=off.
#ifndef GLIMPSE_TESTS_REFERENCE_H_
#define GLIMPSE_TESTS_REFERENCE_H_

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <vector>

#include "glimpse/glimpse.h"

namespace reference {

static_assert(FLT_EVAL_METHOD == 0, "the definition needs floats that are rounded to float32");

using glimpse::Border;
using glimpse::ChannelStatistics;
using glimpse::ConstView;
using glimpse::Coordinates;

// The remainder of a / period in [0, period).
inline int64_t modulo(int64_t a, int64_t period) {
    const int64_t remainder = a % period;
    return remainder < 0 ? remainder + period : remainder;
}

inline bool is_map(Border border) {
    return border == Border::replicate || border == Border::reflect ||
           border == Border::reflect101 || border == Border::wrap;
}

inline bool is_noise(Border border) {
    return border == Border::uniform || border == Border::gaussian;
}

inline bool needs_statistics(Border border) {
    return border == Border::mean || is_noise(border);
}

// The pixel of an axis of `size` pixels that a map border shows at i.
inline int64_t map(Border border, int64_t i, int64_t size) {
    if (border == Border::wrap) {
        return modulo(i, size);
    }
    if (border == Border::reflect) {
        const int64_t m = modulo(i, 2 * size);
        return m < size ? m : 2 * size - 1 - m;
    }
    if (border == Border::reflect101) {
        if (size == 1) {
            return 0;
        }
        const int64_t m = modulo(i, 2 * size - 2);
        return m < size ? m : 2 * size - 2 - m;
    }
    return i < 0 ? 0 : i >= size ? size - 1 : i;
}

template<typename T>
T element(const ConstView &view, int64_t n, int64_t y, int64_t x, int64_t c) {
    T value;
    std::memcpy(&value,
                static_cast<const T *>(view.data) + n * view.strides.image + y * view.strides.row +
                    x * view.strides.column + c * view.strides.channel,
                sizeof(T));
    return value;
}

// To nearest, ties to even.
inline double rounded(double value) {
    const double down = std::floor(value);
    const double fraction = value - down;
    const bool odd = std::fmod(down, 2.0) != 0;
    return fraction > 0.5 || (fraction == 0.5 && odd) ? down + 1 : down;
}

// To nearest, ties to even, into the range of an integer type; 0 for NaN.
template<typename T>
T saturate(double value) {
    if (std::isnan(value)) {
        return 0;
    }
    const double low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
    return static_cast<T>(value < low ? low : value > high ? high : rounded(value));
}

// Formats of 16 bits: `significand` bits are stored, and the smallest normal number is 2^lowest.
struct HalfFormat {
    int significand, lowest, highest;
    uint16_t infinity, nan;
};
inline constexpr HalfFormat float16_format = {10, -14, 15, 0x7c00, 0x7e00};
inline constexpr HalfFormat bfloat16_format = {7, -126, 127, 0x7f80, 0x7fc0};

inline double half_to_double(uint16_t bits, const HalfFormat &format) {
    const int fraction = bits & ((1 << format.significand) - 1);
    const int exponent = (bits & 0x7fff) >> format.significand;
    const double sign = (bits & 0x8000) != 0 ? -1 : 1;
    if ((bits & 0x7fff) > format.infinity) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    if ((bits & 0x7fff) == format.infinity) {
        return sign * std::numeric_limits<double>::infinity();
    }
    const int hidden = exponent == 0 ? 0 : 1 << format.significand;
    return sign * std::ldexp(hidden + fraction,
                             std::max(exponent, 1) + format.lowest - 1 - format.significand);
}

// To nearest, ties to even; any NaN becomes one.
inline uint16_t double_to_half(double value, const HalfFormat &format) {
    if (std::isnan(value)) {
        return format.nan;
    }
    const uint16_t sign = std::signbit(value) ? 0x8000 : 0;
    const double magnitude = std::fabs(value);
    if (magnitude == 0) {
        return sign;
    }
    int exponent = magnitude > 1e300 ? 1024 : std::ilogb(magnitude);
    exponent = std::max(exponent, format.lowest);
    if (exponent > format.highest) {
        return sign | format.infinity;
    }
    // In steps of the number's binade; 2^(significand + 1) of them are the next one.
    const auto steps =
        static_cast<uint32_t>(rounded(std::ldexp(magnitude, format.significand - exponent)));
    const auto binade = static_cast<uint32_t>(exponent - format.lowest);
    return static_cast<uint16_t>(sign | ((binade << format.significand) + steps));
}

// An element's value; exact.
inline double value_of(double e) {
    return e;
}
inline double value_of(uint8_t e) {
    return e;
}
inline double value_of(uint16_t e) {
    return e;
}
inline double value_of(int16_t e) {
    return e;
}
inline double value_of(float e) {
    return static_cast<double>(e);
}
inline double value_of(glimpse::Float16 e) {
    return half_to_double(e.bits, float16_format);
}
inline double value_of(glimpse::BFloat16 e) {
    return half_to_double(e.bits, bfloat16_format);
}

// A float as an element: to nearest, ties to even; integers saturate.
template<typename T>
T from_value(float value) {
    if constexpr (std::is_same_v<T, float>) {
        return value;  // with the payload of a NaN
    } else if constexpr (std::is_same_v<T, glimpse::Float16>) {
        return {double_to_half(static_cast<double>(value), float16_format)};
    } else if constexpr (std::is_same_v<T, glimpse::BFloat16>) {
        return {double_to_half(static_cast<double>(value), bfloat16_format)};
    } else {
        return saturate<T>(static_cast<double>(value));
    }
}

// A double as an element: floats are rounded to float32 first.
template<typename T>
T to_element(double value) {
    if constexpr (std::is_integral_v<T>) {
        return saturate<T>(value);
    } else {
        return from_value<T>(static_cast<float>(value));
    }
}

// What a conversion makes of an element.
template<typename To, typename From>
To converted(From element, float subtract, float multiply) {
    const auto value = static_cast<float>(value_of(element));
    const float difference = value - subtract;
    const float product = difference * multiply;
    return from_value<To>(std::isnan(product) ? std::numeric_limits<float>::quiet_NaN() : product);
}

// Noise.

inline uint64_t mix(uint64_t z) {
    z ^= z >> 30;
    z *= 0xbf58476d1ce4e5b9u;
    z ^= z >> 27;
    z *= 0x94d049bb133111ebu;
    z ^= z >> 31;
    return z;
}

struct RowKeys {
    uint32_t k0, k1;
};

// `image` is first_image plus the image's index; `y` the plane's coordinate in two's complement.
inline RowKeys row_keys(uint64_t seed, uint32_t image, uint32_t y) {
    const uint64_t s = mix(seed + 0x9e3779b97f4a7c15u);
    const uint64_t t = mix(s + image);
    const uint64_t k = mix(t + y);
    return {static_cast<uint32_t>(k), static_cast<uint32_t>(k >> 32)};
}

// `i` is x * channels + c. Only the high bits of the result are used as they are.
inline uint32_t element_bits(const RowKeys &keys, uint32_t i) {
    uint32_t h = (i * 0x9E3779B9u) ^ keys.k0;
    h ^= h >> 16;
    h *= 0x21f0aaadu;
    h ^= (h >> 15) ^ keys.k1;
    h *= 0x735a2d97u;
    return h;
}

inline uint32_t element_hash(const RowKeys &keys, uint32_t i) {
    const uint32_t bits = element_bits(keys, i);
    return bits ^ (bits >> 15);
}

inline float clamp(float value, float low, float high) {
    const float below = value < high ? value : high;
    return below > low ? below : low;
}

// The largest step with which no integer of 24 bits leaves the range.
inline float uniform_step(float middle, float low, float high) {
    const double above = static_cast<double>(high) - static_cast<double>(middle);
    const double below = static_cast<double>(middle) - static_cast<double>(low);
    float step = static_cast<float>(std::min(above, below) / 8388608);
    while (step > 0 && (middle - 8388608.0f * step < low || middle + 8388607.0f * step > high)) {
        step = std::nextafter(step, 0.0f);
    }
    return step;
}

inline float uniform_float(uint32_t h, float low, float high) {
    const double sum = static_cast<double>(low) + static_cast<double>(high);
    const float middle = static_cast<float>(sum / 2);
    const float step = uniform_step(middle, low, high);
    const int64_t centred = h < 0x80000000u ? int64_t{h} : int64_t{h} - (int64_t{1} << 32);
    const int64_t k = (centred - modulo(centred, 256)) / 256;
    const float product = static_cast<float>(k) * step;
    return middle + product;
}

// Integers take as many high bits as their range needs.
inline uint8_t uniform_byte(uint32_t bits, uint32_t low, uint32_t high) {
    return static_cast<uint8_t>(low + (((bits >> 8) * (high - low + 1)) >> 24));
}

inline int64_t uniform_word(uint32_t h, int64_t low, int64_t high) {
    return low + ((int64_t{h} * (high - low + 1)) >> 32);
}

// A normal variate of mean 0 and deviation 1.
inline float normal(uint32_t h) {
    uint32_t h2 = h * 0x9E3779B1u;
    h2 ^= h2 >> 15;
    uint32_t ones = 0;
    for (uint32_t bits = h; bits != 0; bits &= bits - 1) {
        ones++;
    }
    const uint32_t s = (ones << 11) + (h2 & 2047) + ((h2 >> 11) & 2047) + ((h2 >> 22) << 1);
    const float x = static_cast<float>(static_cast<int32_t>(2 * s) - 71676) / 4096.0f;
    const float q = x * x;
    const float a = 1.7584843e-9f * q;
    const float b = a - 2.7938345e-7f;
    const float d = b * q;
    const float e = d + 1.24160831e-4f;
    const float f = e * q;
    const float g = f + 0.34532562f;
    return x * g;
}

inline float gaussian_float(uint32_t h, const ChannelStatistics &channel) {
    const float product = normal(h) * static_cast<float>(channel.stddev);
    const float value = static_cast<float>(channel.mean) + product;
    return clamp(value, channel.min, channel.max);
}

template<typename T>
T uniform(const RowKeys &keys, uint32_t i, float low, float high) {
    const uint32_t h = element_hash(keys, i);
    if constexpr (std::is_same_v<T, uint8_t>) {
        return uniform_byte(element_bits(keys, i), static_cast<uint32_t>(low),
                            static_cast<uint32_t>(high));
    } else if constexpr (std::is_integral_v<T>) {
        return static_cast<T>(
            uniform_word(h, static_cast<int64_t>(low), static_cast<int64_t>(high)));
    } else {
        return from_value<T>(uniform_float(h, low, high));
    }
}

// The extended plane: E(n, y, x, c) of an image under a border, at any distance.
template<typename T>
struct Plane {
    ConstView images;
    Border border = Border::zero;
    std::vector<float> value;                   // Options::value
    std::vector<ChannelStatistics> statistics;  // [count, channels], where the border needs them
    uint64_t seed = 0;
    uint32_t first_image = 0;

    T operator()(int64_t n, int64_t y, int64_t x, int64_t c) const {
        const int64_t height = images.shape.height, width = images.shape.width;
        if (y >= 0 && y < height && x >= 0 && x < width) {
            return element<T>(images, n, y, x, c);
        }
        if (is_map(border)) {
            return element<T>(images, n, map(border, y, height), map(border, x, width), c);
        }
        if (border == Border::zero) {
            return T{};
        }
        if (border == Border::constant) {
            return from_value<T>(value.size() == 1 ? value[0] : value[static_cast<size_t>(c)]);
        }
        const int64_t channels = images.shape.channels;
        const ChannelStatistics *const image = statistics.data() + n * channels;
        if (border == Border::mean) {
            return to_element<T>(image[c].mean);
        }
        const uint32_t i =
            static_cast<uint32_t>(x) * static_cast<uint32_t>(channels) + static_cast<uint32_t>(c);
        const uint32_t number = first_image + static_cast<uint32_t>(n);
        const RowKeys keys = row_keys(seed, number, static_cast<uint32_t>(y));
        if (border == Border::gaussian) {
            return from_value<T>(gaussian_float(element_hash(keys, i), image[c]));
        }
        float low = image[0].min, high = image[0].max;
        for (int64_t other = 1; other < channels; other++) {
            low = image[other].min < low ? image[other].min : low;
            high = image[other].max > high ? image[other].max : high;
        }
        return uniform<T>(keys, i, low, high);
    }
};

// Statistics of channel c of image n, in two passes: integers exactly, floats in long double.
template<typename T>
ChannelStatistics statistics(const ConstView &images, int64_t n, int64_t c) {
    uint64_t count = 0, integer_squares = 0;
    int64_t integer_sum = 0;
    long double sum = 0, squares = 0;
    double low = std::numeric_limits<double>::infinity(), high = -low;
    const auto for_each_finite = [&](auto visit) {
        for (int64_t y = 0; y < images.shape.height; y++) {
            for (int64_t x = 0; x < images.shape.width; x++) {
                const double v = value_of(element<T>(images, n, y, x, c));
                if (std::isfinite(v)) {
                    visit(v);
                }
            }
        }
    };
    for_each_finite([&](double v) {
        count++;
        sum += v;
        low = v < low ? v : low;
        high = v > high ? v : high;
        if (std::is_integral_v<T>) {
            const auto i = static_cast<int64_t>(v);
            integer_sum += i;
            integer_squares += static_cast<uint64_t>(i * i);
        }
    });
    ChannelStatistics result;
    if (count == 0) {
        return result;
    }
    const auto n_elements = static_cast<long double>(count);
    result.min = low == 0 ? 0.0f : static_cast<float>(low);
    result.max = high == 0 ? 0.0f : static_cast<float>(high);
    if constexpr (std::is_integral_v<T>) {
        // Exact: 128 bits hold the products.
        __extension__ using Wide = __int128;
        const Wide scaled = Wide(count) * integer_squares - Wide(integer_sum) * integer_sum;
        result.mean = static_cast<double>(static_cast<long double>(integer_sum) / n_elements);
        result.stddev =
            static_cast<double>(std::sqrt(static_cast<long double>(scaled)) / n_elements);
    } else {
        const long double mean = sum / n_elements;
        for_each_finite([&](double v) { squares += (v - mean) * (v - mean); });
        result.mean = static_cast<double>(mean);
        result.stddev = static_cast<double>(std::sqrt(squares / n_elements));
    }
    return result;
}

template<typename T>
std::vector<ChannelStatistics> statistics(const ConstView &images) {
    std::vector<ChannelStatistics> result;
    for (int64_t n = 0; n < images.shape.count; n++) {
        for (int64_t c = 0; c < images.shape.channels; c++) {
            result.push_back(statistics<T>(images, n, c));
        }
    }
    return result;
}

// Boxes: points in units of 2^-32 of a pixel.

constexpr double one_pixel = 4294967296.0;

// A side of a box, in an image of extent S.
inline int64_t side(float side, int64_t S, Coordinates coordinates) {
    const bool centered = coordinates == Coordinates::centered_pixels ||
                          coordinates == Coordinates::centered_normalized;
    const bool normalized =
        coordinates == Coordinates::normalized || coordinates == Coordinates::centered_normalized;
    const auto size = static_cast<double>(S);
    double v = static_cast<double>(side);
    if (normalized) {
        v = v * size;
    }
    if (normalized && centered) {
        v = v / 2;
    }
    if (centered) {
        v = v + size / 2;
    }
    const double whole = std::floor(v);
    return static_cast<int64_t>(whole) * int64_t{4294967296} +
           static_cast<int64_t>(rounded((v - whole) * one_pixel));
}

// What output i of n looks at: from + (2i + 1) (to - from) / 2n, rounded down; of a flipped box the
// outputs are in reverse order.
inline int64_t center(int64_t from, int64_t to, int64_t n, int64_t i) {
    if (to < from) {
        return center(to, from, n, n - 1 - i);
    }
    __extension__ using Wide = __int128;
    return static_cast<int64_t>(Wide(from) + (2 * Wide(i) + 1) * (Wide(to) - Wide(from)) / (2 * n));
}

// How far apart outputs are: of n between two sides.
inline double scale(int64_t from, int64_t to, int64_t n) {
    return std::fabs(static_cast<double>(to) - static_cast<double>(from)) / one_pixel /
           static_cast<double>(n);
}

// A sample: its exact value, and the largest magnitude of what it is made of.
struct Sample {
    double value = 0, magnitude = 0;
    bool is_fill = false;
    int64_t taps = 2;      // the most along an axis
    double reduction = 1;  // the most along an axis
};

// A tap of an axis.
struct Tap {
    int64_t pixel;
    double weight;
};

// The weight of a pixel at the distance t, in pixels of a filter that is not widened.
inline double weight(glimpse::Filter filter, double t) {
    const double pi = 3.14159265358979323846;
    const auto cubic = [t](double a) {
        return t < 1   ? ((a + 2) * t - (a + 3)) * t * t + 1
               : t < 2 ? (((t - 5) * t + 8) * t - 4) * a
                       : 0.0;
    };
    const auto sinc = [pi](double v) { return v == 0 ? 1.0 : std::sin(pi * v) / (pi * v); };
    switch (filter) {
    case glimpse::Filter::catmull_rom:
        return cubic(-0.5);
    case glimpse::Filter::cubic:
        return cubic(-0.75);
    case glimpse::Filter::lanczos3:
        return t < 3 ? sinc(t) * sinc(t / 3) : 0.0;
    default:
        return std::max(0.0, 1 - t);
    }
}

// What a point of an axis looks at, whose outputs are `scale` pixels apart.
inline std::vector<Tap> taps(const glimpse::Sampling &sampling, int64_t at, double scale) {
    using glimpse::Filter;
    const Filter filter = sampling.filter;
    const int64_t pixel = at >> 32;
    const double point = static_cast<double>(at - pixel * int64_t{4294967296}) / one_pixel;
    const double width = sampling.antialias ? std::max(scale, 1.0) : 1.0;
    const double covered = sampling.antialias ? width : scale;
    if (filter == Filter::nearest || (filter == Filter::area && covered < 1e-9)) {
        return {{pixel, 1.0}};
    }
    const double radius = filter == Filter::lanczos3                                 ? 3
                          : filter == Filter::cubic || filter == Filter::catmull_rom ? 2
                                                                                     : 1;
    const double reach = filter == Filter::area ? covered / 2 + 0.5 : radius * width;
    std::vector<Tap> result;
    double sum = 0;
    for (int64_t j = static_cast<int64_t>(std::floor(point - reach)) - 1;
         static_cast<double>(j) < point + reach + 1; j++) {
        const double distance = std::fabs(static_cast<double>(j) + 0.5 - point);
        if (distance >= reach) {
            continue;
        }
        const double half = covered / 2;
        const double w = filter == Filter::area
                             ? std::min(distance + 0.5, half) - std::max(distance - 0.5, -half)
                             : weight(filter, distance / width);
        result.push_back({pixel + j, w});
        sum += w;
    }
    for (Tap &tap : result) {
        tap.weight /= sum;
    }
    return result;
}

// Of channel c of image n at (y, x), where outputs are so far apart.
// `plane` is a Plane, or its like.
template<typename AnyPlane>
Sample sample(const AnyPlane &plane, int64_t n, int64_t y, int64_t x, double scale_y,
              double scale_x, int64_t c, const glimpse::Sampling &sampling) {
    using glimpse::Edge;
    const int64_t height = plane.images.shape.height, width = plane.images.shape.width;
    const bool has_edge = !is_map(plane.border) && !is_noise(plane.border);
    const Edge edge = has_edge ? sampling.edge : Edge::blend;
    const double margin = edge == Edge::hard ? static_cast<double>(sampling.edge_margin) : 0.0;
    const auto is_within = [&](int64_t at, int64_t extent) {
        const double v = static_cast<double>(at) / one_pixel;
        return extent > 0 && v >= margin && v <= static_cast<double>(extent) - margin;
    };
    const auto is_inside = [](int64_t pixel, int64_t extent) {
        return pixel >= 0 && pixel < extent;
    };
    Sample s;
    s.reduction = std::max(scale_y, scale_x);
    if (edge != Edge::blend && (!is_within(y, height) || !is_within(x, width))) {
        s.is_fill = true;
        s.value = value_of(plane(n, -1, -1, c));
        return s;
    }
    double sum = 0;
    s.is_fill = has_edge;
    const std::vector<Tap> of_y = taps(sampling, y, scale_y), of_x = taps(sampling, x, scale_x);
    s.taps = static_cast<int64_t>(std::max(of_y.size(), of_x.size()));
    for (const Tap &ty : of_y) {
        for (const Tap &tx : of_x) {
            const double weight = ty.weight * tx.weight;
            int64_t py = ty.pixel, px = tx.pixel;
            const bool shows_image = is_inside(py, height) && is_inside(px, width);
            s.is_fill = s.is_fill && edge == Edge::blend && !shows_image;
            // A point on the lower or right edge of an image has no pixel of it to pick.
            if (edge == Edge::hard || (edge == Edge::renormalize && of_y.size() == 1)) {
                py = map(Border::replicate, py, height);
            }
            if (edge == Edge::hard || (edge == Edge::renormalize && of_x.size() == 1)) {
                px = map(Border::replicate, px, width);
            }
            const bool is_dropped =
                edge == Edge::renormalize && !(is_inside(py, height) && is_inside(px, width));
            if (weight == 0 || is_dropped) {
                continue;
            }
            const double v = value_of(plane(n, py, px, c));
            s.value += weight * v;
            s.magnitude = std::max(s.magnitude, std::fabs(v));
            sum += weight;
        }
    }
    if (edge == Edge::renormalize) {
        s.value /= sum;
    }
    return s;
}

// Where the nearest rule puts a glimpse of extent W, in an image of extent S. A float may be far
// beyond int32.
inline double nearest(float offset, int64_t S, int64_t W, Coordinates coordinates) {
    const bool centered = coordinates == Coordinates::centered_pixels ||
                          coordinates == Coordinates::centered_normalized;
    const bool normalized =
        coordinates == Coordinates::normalized || coordinates == Coordinates::centered_normalized;
    const float size = static_cast<float>(S), window = static_cast<float>(W);
    float c = offset;
    if (normalized) {
        c = c * size;
    }
    if (normalized && centered) {
        c = c / 2.0f;
    }
    if (centered) {
        const float half = size / 2.0f;
        c = c + half;
    }
    const float half_window = window / 2.0f;
    const float x = c - half_window;
    const double down = std::floor(static_cast<double>(x));
    return static_cast<double>(x) - down >= 0.5 ? down + 1 : down;
}

// Where TensorFlow's operations put it; INT64_MIN for what int64 cannot hold.
inline int64_t tensorflow(float offset, int64_t S, int64_t W, int version, bool centered,
                          bool normalized) {
    const float size = static_cast<float>(S), window = static_cast<float>(W);
    const float half_size = size / 2.0f, half_window = window / 2.0f;
    float x = offset;
    if (normalized) {
        x = x * size;
    }
    if (version == 1 || normalized) {
        if (centered) {
            x = x / 2.0f;
            x = x + half_size;
        }
        if (centered || version == 1) {
            x = x - half_window;
        }
    } else if (centered) {
        x = x + half_size;
    }
    if (!(x >= -9223372036854775808.0f && x < 9223372036854775808.0f)) {
        return INT64_MIN;
    }
    return static_cast<int64_t>(x);
}

}  // namespace reference

#endif  // GLIMPSE_TESTS_REFERENCE_H_
