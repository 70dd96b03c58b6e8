// What kernels for devices share: elements whose types are known when a kernel runs, what borders
// of values and of noise show, of statistics that lie on the device, how numbers become elements of
// glimpses, and how glimpses are shared out over threads.
#ifndef GLIMPSE_GENERATORS_DEVICE_BORDER_H_
#define GLIMPSE_GENERATORS_DEVICE_BORDER_H_

#include "Halide.h"
#include "definition/element.h"
#include "definition/noise.h"
#include "definition/parameters.h"
#include "definition/plane.h"
#include "glimpse/view.h"
#include "kernel_abi.h"

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

// `e`, which is known to lie within the dimension.
template<typename D>
Expr promised(const Expr &e, const D &dimension) {
    return Halide::unsafe_promise_clamped(e, 0, dimension.extent() - 1);
}

// What an image of a kernel shows outside.
struct DeviceBorder {
    DeviceTypes types;
    Expr type, rule, seed, first_image, zero, channels;
    // Elements that Border::constant fills with; and fields of ChannelStatistics, 64-bit words.
    std::function<Expr(const Expr &channel)> constant;
    std::function<Expr(int index, const Expr &channel, const Expr &n)> word;
    std::vector<Halide::Func> ranges;  // that have to be scheduled

    // Takes both from buffers of the kernel: `fill` is indexed by channel, `statistics` by word,
    // channel and image.
    template<typename Fill, typename Statistics>
    void read(const Fill &fill, const Statistics &statistics) {
        constant = [&fill](const Expr &channel) { return fill(promised(channel, fill.dim(0))); };
        word = [&statistics](int index, const Expr &channel, const Expr &n) {
            return statistics(index, promised(channel, statistics.dim(1)),
                              promised(n, statistics.dim(2)));
        };
    }

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

// Defines `pixel` as the element that the plane shows at a row and a column of image `n`, as it is
// stored: of the image, which is the same memory as elements of 8, 16 and 32 bits, or of its
// border. `g` is what `n` depends on. If it `is_byte`, elements of images have 8 bits.
template<typename Image8, typename Image16, typename Image32>
void define_plane_pixel(Halide::FuncRef pixel, const Image8 &image8, const Image16 &image16,
                        const Image32 &image32, bool is_byte, bool is_noise, const Expr &n,
                        const Expr &row, const Expr &column, const Expr &channel,
                        const Halide::Var &g, DeviceBorder *border) {
    using namespace Halide;
    const Expr shows_image =
        is_inside(row, image8.dim(1).extent()) && is_inside(column, image8.dim(0).extent());
    pixel = cast<uint32_t>(0);
    const auto read = [&](const auto &image, const Expr &is_type) {
        RDom r(0, 1, "inside");
        r.where(shows_image && is_type);
        pixel =
            cast<uint32_t>(image(promised(column, image.dim(0)) + r, promised(row, image.dim(1)),
                                 promised(channel, image.dim(2)), promised(n, image.dim(3))));
    };
    const Expr is_8 = border->type == int32_t(ElementType::uint8);
    const Expr is_32 = border->type == int32_t(ElementType::float32);
    read(image8, is_8);
    if (!is_byte) {
        read(image16, !is_8 && !is_32);
        read(image32, is_32);
    }
    RDom outside(0, 1, "outside");
    outside.where(!shows_image);
    pixel = (is_noise ? border->noise_value(n, channel, row, column, g)
                      : border->fill_value(n, channel)) +
            cast<uint32_t>(outside);
}

// How numbers become elements of glimpses. `Fields` is a buffer, indexed by ConversionField and
// channel of the glimpse.
template<typename Fields>
struct DeviceConversion {
    const Fields &fields;
    DeviceTypes types;  // of glimpses, of which `output` chooses one
    Expr output;

    Expr converted(const Expr &number, const Expr &channel) const {
        using namespace Halide;
        const Expr difference = strict_float(number - field(conversion_subtract, channel));
        return types.encoded_as(output,
                                strict_float(difference * field(conversion_multiply, channel)));
    }
    // Defines `number` once more, where `is_filled` is true of it and the rule fills with a number
    // that an element of the image may not hold: with that number. An image without pixels has no
    // mean, and the rule is then another.
    void fill_exactly(Halide::FuncRef number, const Expr &rule, const Expr &is_filled,
                      const Expr &mean, const Expr &channel) const {
        using namespace Halide;
        const Expr is_mean = rule == int32_t(Border::mean);
        RDom exact(0, 1, "exact");
        exact.where(is_filled && (is_mean || rule == int32_t(Border::constant)));
        const Expr filled = select(is_mean, cast<float>(mean), field(conversion_fill, channel));
        number = reinterpret<float>(reinterpret<uint32_t>(filled) + cast<uint32_t>(exact));
    }

private:
    Expr field(ConversionField index, const Expr &channel) const {
        return fields(index, promised(channel, fields.dim(1)));
    }
};

// Loops of a kernel over elements (or vectors) of rows, rows, planes and glimpses.
struct DeviceLoops {
    Halide::Var i, y, p, g;
    Halide::Var io;                        // along a row, in a thread
    Expr threads_x, threads_y, threads_z;  // of a block, along rows, along columns, over glimpses
};

// A block has threads in three dimensions: elements of a row, rows, and glimpses; a thread goes
// along its row.
inline void schedule_blocks(Halide::Stage stage, const DeviceLoops &l) {
    using namespace Halide;
    Var ix("ix"), yo("yo"), yi("yi"), go("go"), gi("gi");
    stage.split(l.i, l.io, ix, l.threads_x, TailStrategy::GuardWithIf)
        .split(l.y, yo, yi, l.threads_y, TailStrategy::GuardWithIf)
        .split(l.g, go, gi, l.threads_z, TailStrategy::GuardWithIf)
        .reorder(l.io, ix, yi, gi, go, yo, l.p)
        .gpu_blocks(go, yo, l.p)
        .gpu_threads(ix, yi, gi)
        .never_partition_all();
}

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_DEVICE_BORDER_H_
