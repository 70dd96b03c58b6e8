// What kernels for devices share: elements whose types are known when a kernel runs, and what
// borders of values and of noise show, of statistics that lie on the device.
#ifndef GLIMPSE_GENERATORS_DEVICE_BORDER_H_
#define GLIMPSE_GENERATORS_DEVICE_BORDER_H_

#include "Halide.h"
#include "definition/element.h"
#include "definition/noise.h"
#include "definition/parameters.h"
#include "glimpse/view.h"

#include <functional>
#include <utility>
#include <vector>

namespace glimpse {

// Types of elements, one of which a number, an ElementType, chooses.
class DeviceTypes {
public:
    using OneType = std::pair<Halide::Type, ElementType>;

    // Of `bits`; 0: of any width. They are held as unsigned integers, of their width or the widest.
    explicit DeviceTypes(int bits) : stored_(Halide::UInt(bits == 0 ? 32 : bits)) {
        using namespace Halide;
        for (const OneType &t :
             {OneType(UInt(8), ElementType::uint8), OneType(UInt(16), ElementType::uint16),
              OneType(Int(16), ElementType::int16), OneType(Float(16), ElementType::float16),
              OneType(BFloat(16), ElementType::bfloat16),
              OneType(Float(32), ElementType::float32)}) {
            if (bits == 0 || t.first.bits() == bits) {
                types_.push_back(t);
            }
        }
    }
    Halide::Type held() const {
        return stored_;
    }
    // What `of_type` makes of the type that `t` is.
    template<typename OfType>
    Expr choose(const Expr &t, const OfType &of_type) const {
        Expr result;
        for (const auto &[type, element_type] : types_) {
            const Expr value = of_type(type, element_type);
            result =
                result.defined() ? Halide::select(t == int(element_type), value, result) : value;
        }
        return result;
    }
    // Elements as numbers, and back.
    Expr decoded_as(const Expr &t, const Expr &e) const {
        return choose(t, [&](const Halide::Type &type, ElementType) {
            return decoded(type, Halide::cast(stored(type), e));
        });
    }
    Expr encoded_as(const Expr &t, const Expr &v) const {
        return choose(t, [&](const Halide::Type &type, ElementType) {
            return Halide::cast(stored_, encoded(type, v));
        });
    }
    // What elements may be.
    Limits<Expressions> limits(const Expr &t) const {
        const auto of_type = [&](const auto &field) {
            return choose(t, [&](const Halide::Type &, ElementType type) {
                return Expr(field(limits_of(type)));
            });
        };
        using L = Limits<HostNumbers>;
        return {of_type([](const L &l) { return l.low; }),
                of_type([](const L &l) { return l.high; }),
                of_type([](const L &l) { return Halide::Internal::make_bool(l.is_integer); })};
    }

private:
    Halide::Type stored_;
    std::vector<OneType> types_;
};

// a / b rounded down, for a below 2^31 and b in [1, 2^31). Reciprocals of what all threads share
// are found once, before a launch; devices divide in 20 instructions.
inline Expr device_quotient(const Expr &a, const Expr &b) {
    using namespace Halide;
    const Expr divisor = cast<uint32_t>(b);
    const Expr inverse = Expr(0xffffffffu) / divisor;
    const Expr low = mul_shift_right(a, inverse, Expr(32u));  // or one less than it should be
    return select(a - low * divisor >= divisor, low + 1, low);
}
// The remainder of v, from -period to 2^31 - 1, by a period below 2^31.
inline Expr device_remainder(const Expr &v, const Expr &period) {
    using namespace Halide;
    const Expr positive = cast<uint32_t>(v + select(v < 0, period, 0));
    return cast<int32_t>(positive - device_quotient(positive, period) * cast<uint32_t>(period));
}

// What an image of a kernel shows outside.
struct DeviceBorder {
    DeviceTypes types;
    Expr type, rule, seed, first_image, zero, channels;
    // Elements that Border::constant fills with; and fields of ChannelStatistics, 64-bit words.
    std::function<Expr(const Expr &channel)> constant;
    std::function<Expr(int index, const Expr &channel, const Expr &n)> word;
    std::vector<Halide::Func> ranges;  // that have to be scheduled

    // Of value borders, as elements.
    Expr fill_value(const Expr &n, const Expr &channel) const {
        return Halide::select(rule == int32_t(Border::mean), mean_value(n, channel),
                              rule == int32_t(Border::constant), constant(channel),
                              Halide::cast(types.held(), 0));
    }
    Expr mean_of(const Expr &n, const Expr &channel) const {
        return Halide::reinterpret<double>(word(1, channel, n));
    }
    // Noise at a place of the plane, as an element; `g` is what `n` depends on.
    Expr noise_value(const Expr &n, const Expr &channel, const Expr &plane_y, const Expr &plane_x,
                     const Halide::Var &g) {
        using namespace Halide;
        const Expr key =
            row_key(image_key(seed, first_image + cast<uint32_t>(n)), cast<uint32_t>(plane_y));
        const Expr number =
            cast<uint32_t>(plane_x) * cast<uint32_t>(channels) + cast<uint32_t>(channel);
        const Expr random = element_bits(number * element_factor(), key);
        const Expr hash = element_hash(random);

        const Limits<Expressions> numbers = types.limits(type);
        const auto moment = [&](int index) {
            return gaussian_moment<Expressions>(reinterpret<double>(word(index, channel, n)),
                                                numbers);
        };
        const GaussianNoise of_channel = {moment(1), moment(2),
                                          noise_bound<Expressions>(min_of(channel, n), numbers),
                                          noise_bound<Expressions>(max_of(channel, n), numbers)};
        const Expr gaussian = gaussian_number(hash, of_channel, zero);
        const Func range = range_of(n, numbers, g);
        const auto u = uniform_range<Expressions>(Expr(range(g)[0]), Expr(range(g)[1]), zero);
        const UniformNoise of_image = {u.center, u.scale, u.first, u.count};
        return types.choose(type, [&](const Type &t, ElementType) {
            return cast(types.held(), noise_element(t, rule != int32_t(Border::gaussian), random,
                                                    hash, of_image, gaussian, zero));
        });
    }

private:
    Expr min_of(const Expr &channel, const Expr &n) const {
        return Halide::reinterpret<float>(Halide::cast<uint32_t>(word(0, channel, n)));
    }
    Expr max_of(const Expr &channel, const Expr &n) const {
        return Halide::reinterpret<float>(Halide::cast<uint32_t>(word(0, channel, n) >> 32));
    }
    // The mean of a channel as an element.
    Expr mean_value(const Expr &n, const Expr &channel) const {
        using namespace Halide;
        const Expr mean = mean_of(n, channel);
        const Expr integer = nearest_element<Expressions>(mean, types.limits(type));
        return types.choose(type, [&](const Type &t, ElementType) {
            return cast(types.held(),
                        t.is_float() ? encoded(t, cast<float>(mean)) : cast(stored(t), integer));
        });
    }
    // The lowest and the highest number of all channels of the image.
    Halide::Func range_of(const Expr &n, const Limits<Expressions> &numbers, const Halide::Var &g) {
        using namespace Halide;
        RDom c(1, max(channels - 1, 0), "c");
        Func range("range");
        using NumberBounds = NoiseBounds<Expressions>;
        const auto of_channel = [&](const Expr &channel) {
            return noise_bounds(min_of(channel, n), max_of(channel, n), numbers);
        };
        const auto tuple = [](const NumberBounds &b) { return Tuple(b.low, b.high); };
        range(g) = tuple(of_channel(0));
        const NumberBounds before = {Expr(range(g)[0]), Expr(range(g)[1])};
        range(g) = tuple(united(before, of_channel(c)));
        ranges.push_back(range);
        return range;
    }
};

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_DEVICE_BORDER_H_
