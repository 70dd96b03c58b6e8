// The kernels that change elements while they copy: their type, with a number subtracted from each
// and a factor applied, or their order in memory, between interleaved and planar.
//
// They read windows that lie wholly inside the image; others are extracted first, in tiles that
// stay in the cache.
#include "Halide.h"
#include "buffers.h"
#include "channels.h"
#include "definition/element.h"
#include "kernel_abi.h"
#include "prefetch.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace {

using namespace Halide;
using namespace glimpse;

class Convert : public Generator<Convert> {
public:
    GeneratorParam<Type> type{"type", UInt(8)};
    GeneratorParam<Type> output{"output", UInt(8)};
    // Whether elements stay as they are, bit for bit: only their order changes.
    GeneratorParam<bool> only_order{"only_order", false};

    // Indexed by element, row, plane, image. Rows are dense on both sides.
    Input<Buffer<void, 4>> image{"image"};
    // Indexed by PositionField, glimpse.
    Input<Buffer<int32_t, 2>> position{"position"};
    // Indexed by element (periodic), ConversionField, plane.
    Input<Buffer<float, 3>> conversion{"conversion"};
    // A ConvertOrder.
    Input<int32_t> order{"order"};
    // Channels of pixels, where they are interleaved; else 1.
    Input<int32_t> samples{"samples"};
    // Channels that change places: see channels_in_order. For picks, planes, joins and single
    // elements the channels of the image that those of the glimpse are; for vectors that split, of
    // which each channel goes somewhere, the reverse. Pixels that stay pixels keep their order.
    Input<int32_t> channels{"channels"};
    // Indexed by element, row, plane, glimpse.
    Output<Buffer<void, 4>> glimpse{"glimpse"};

    void configure() {
        image.set_type(stored(type));
        glimpse.set_type(stored(output));
    }

    void generate() {
        const int n = natural_vector_size<float>(), narrow = std::min(n, 8);
        const Expr elements = glimpse.dim(0).extent();
        glimpse(i, y, p, g) = undef(glimpse.type());
        // Elements per vector: of rows in one order, of pixels of 3 channels, and of what is taken
        // apart or put together.
        int wide = 2 * n, wide_3 = 3 * n;
        int wide_split = !only_order ? n : stored(type).bits() == 8 ? 16 : wide;
        if (loads_take_apart()) {
            wide = wide_split = std::max(wide, natural_vector_size(stored(type)));
            wide_3 = 6 * n;
        }
        // AVX2 shuffles 16 bits only within halves of a register.
        const int wide_join = stored(type).bits() == 16 && n == 8 ? n : wide;
        if (wide_3 > pattern_padding) {
            throw std::logic_error("vectors of parameters are longer than their rows");
        }

        split(order_split_2, 2, wide_split);
        split(order_split_3, 3, wide_split);
        split(order_split_4, 4, wide_split);
        split(order_split, samples, 1);
        split(order_pick_2, 2, wide_split);
        split(order_pick_3, 3, wide_split);
        split(order_pick_4, 4, wide_split);
        if (only_order) {
            copy_planes(64 / stored(type).bytes());
            join(order_join_2, 2, wide_join);
            join(order_join_3, 3, wide_join);
            join(order_join_4, 4, wide_join);
            join(order_join, samples, 1);
        } else {
            convert(order_planes, wide, elements >= wide, 1);
            convert(order_planes, narrow, elements >= narrow && elements < wide, 1);
            convert(order_planes, 1, elements < narrow, 1);
            // Vectors of whole pixels, where 3 channels or a power of two of them make some.
            const Expr three = samples == 3, even = wide % samples == 0;
            const Expr widest = select(three, wide_3, wide);
            convert(order_pixels, wide_3, three && elements >= wide_3, 0);
            convert(order_pixels, wide, even && elements >= wide, 0);
            convert(order_pixels, wide, !three && !even && elements >= wide, samples);
            convert(order_pixels, narrow, elements >= narrow && elements < widest, samples);
            convert(order_pixels, 1, elements < narrow, samples);
        }
    }

    void schedule() {
        start_at_zero(image, position, conversion, glimpse);
        get_pipeline().add_custom_lowering_pass(new PrefetchStep);
        const int n = natural_vector_size<float>();
        for (size_t s = 0; s < updates.size(); s++) {
            const Update &u = updates[s];
            glimpse.update(int(s)).allow_race_conditions();
            Stage stage = glimpse.update(int(s)).specialize(order == u.order);
            if (u.lanes == 1) {
                stage.reorder(u.plane, u.lane, u.block, y);
                continue;
            }
            // Processors do not see ahead where the next row of a window begins.
            stage.prefetch(image, y, y, 4, PrefetchBoundStrategy::NonFaulting);
            RVar lane = u.lane;
            if (u.order == order_planes || u.order == order_pixels) {
                const int loaded = loads_take_apart() ? u.lanes : std::min(u.lanes, n);
                RVar part("part");
                stage.split(u.lane, part, lane, loaded).unroll(part);
            }
            if (u.order >= order_pick_2 && u.order <= order_pick_4) {
                stage.reorder(lane, u.block, u.plane, y).vectorize(lane);
            } else {
                stage.reorder(lane, u.plane, u.block, y).unroll(u.plane).vectorize(lane);
            }
            if (u.values.defined()) {
                Var inner("inner");
                Func(u.values)
                    .compute_at(glimpse, u.block)
                    .bound(i, 0, 3 * u.lanes)
                    .split(i, i, inner, std::min(n, u.lanes), TailStrategy::RoundUp)
                    .vectorize(inner)
                    .unroll(i);
            }
        }
    }

private:
    Var i{"i"}, y{"y"}, p{"p"}, g{"g"}, b{"b"};

    struct Update {
        ConvertOrder order;
        int lanes;
        RVar lane, plane, block;
        Func values;  // of the block as floats, if they are computed before they are taken apart
    };
    std::vector<Update> updates;

    // Whether the target has loads and stores that take pixels of 3 and 4 channels apart and put
    // them together (ld3, st4, ...), rather than shuffles. (LLVM takes bytes of 4 channels apart by
    // table, as it widens them.)
    bool loads_take_apart() const {
        return target.value().arch == Target::ARM;
    }

    // Where vector `block` of `v` among `count` begins: the last one overlaps.
    static Expr begin(const Expr &block, int v, const Expr &count) {
        return unsafe_promise_clamped(min(block * v, count - v), 0, count - v);
    }
    RDom vectors(ConvertOrder o, int v, const Expr &planes, const Expr &count, const Expr &served) {
        RDom d({{0, v}, {0, planes}, {0, select(served, (count + v - 1) / v, 0)}}, "d");
        d.where(order == o);
        return d;
    }

    // The element of the image at place `at` of a window's row of `size` elements, of pixels of
    // `channels`.
    //
    // Promises are made of scalars: loads with a stride are shuffles of dense ones only where
    // Halide sees how their places are related.
    Expr source(const Expr &at, const Expr &size, const Expr &channels, const Expr &plane,
                bool promises = true) {
        const auto within = [promises](const Expr &e, const Expr &end) {
            return promises ? unsafe_promise_clamped(e, 0, end) : max(min(e, end), 0);
        };
        return image(within(position(position_x, g) * channels, image.dim(0).extent() - size) + at,
                     within(position(position_y, g) + y, image.dim(1).extent() - 1),
                     within(plane, image.dim(2).extent() - 1),
                     within(position(position_image, g), image.dim(3).extent() - 1));
    }

    Expr converted(const Expr &value, const Expr &channel, const Expr &plane) {
        const auto parameter = [&](ConversionField field) {
            return conversion(unsafe_promise_clamped(channel, 0, conversion.dim(0).extent() - 1),
                              field,
                              unsafe_promise_clamped(plane, 0, conversion.dim(2).extent() - 1));
        };
        const Type from = type;
        const Expr difference = strict_float(value - parameter(conversion_subtract));
        return encoded(output, strict_float(difference * parameter(conversion_multiply)),
                       from.is_float());
    }

    // Rows of the same order. `period` is the number of elements after which channels repeat; 0:
    // every vector begins with channel 0.
    void convert(ConvertOrder o, int v, const Expr &served, const Expr &period) {
        const Expr elements = glimpse.dim(0).extent();
        const RDom d = vectors(o, v, 1, elements, served);
        const Expr from = begin(d.z, v, elements);
        const Expr of_pixel = o == order_planes ? Expr(1) : Expr(samples);
        const Expr plane = o == order_planes ? mapped_channel(channels, p) : Expr(p);
        const Expr channel = is_const_one(period)    ? Expr(0)
                             : is_const_zero(period) ? Expr(d.x)
                                                     : from % period + d.x;
        glimpse(from + d.x, y, p, g) =
            converted(decoded(type, source(from + d.x, elements, of_pixel, plane)), channel, p);
        updates.push_back({o, v, d.x, d.y, d.z, Func()});
    }

    // Rows of planes stay such, in another order.
    void copy_planes(int widest) {
        const Expr elements = glimpse.dim(0).extent();
        const auto add = [&](int v, const Expr &served) {
            const RDom d = vectors(order_planes, v, 1, elements, served);
            const Expr at = begin(d.z, v, elements) + d.x;
            glimpse(at, y, p, g) = source(at, elements, 1, mapped_channel(channels, p));
            updates.push_back({order_planes, v, d.x, d.y, d.z, Func()});
        };
        add(widest, elements >= widest);
        add(narrowest_change, elements >= narrowest_change && elements < widest);
        add(1, elements < narrowest_change);
    }

    // Calls add(v, served) for rows in vectors of `widest` pixels, and for others in narrower ones.
    template<typename Add>
    static void add_widths(int widest, const Expr &pixels, const Add &add) {
        if (widest == 1) {
            add(1, Internal::const_true());
            return;
        }
        widest = std::max(widest, narrowest_change);
        add(widest, pixels >= widest);
        if (widest > narrowest_change) {
            add(narrowest_change, pixels < widest);
        }
    }

    // Rows of pixels become rows of planes.
    void split(ConvertOrder o, const Expr &of_pixel, int widest) {
        add_widths(widest, glimpse.dim(0).extent(),
                   [&](int v, const Expr &served) { add_split(o, of_pixel, v, served); });
    }
    void add_split(ConvertOrder o, const Expr &of_pixel, int v, const Expr &served) {
        const Expr pixels = glimpse.dim(0).extent(), size = pixels * of_pixel;
        const bool is_shuffled =
            o == order_split_3 || (o == order_pick_3 && stored(type).bits() == 16);
        const bool picks = o >= order_pick_2 && o <= order_pick_4;
        const bool shares = v > 1 && !picks;  // vectors of all channels share loads
        const RDom d = vectors(o, v, shares ? of_pixel : glimpse.dim(2).extent(), pixels, served);
        const auto from = [&](const Expr &block) { return begin(block, v, pixels); };
        const Expr plane = shares ? unsafe_promise_clamped(mapped_channel(channels, d.y), 0,
                                                           glimpse.dim(2).extent() - 1)
                                  : Expr(d.y);
        const Expr channel =
            shares ? Expr(d.y)
                   : unsafe_promise_clamped(mapped_channel(channels, d.y), 0, of_pixel - 1);
        const Expr at = (from(d.z) + d.x) * of_pixel + channel;
        Func values;
        Expr result;
        if (only_order) {
            result = source(at, size, of_pixel, 0);
        } else if (loads_take_apart()) {
            Expr element = source(at, size, of_pixel, 0);
            if (type.value().is_float() && !type.value().is_bfloat()) {
                // LLVM would see floats before it takes them apart, and then not that a load can.
                // This expression is 0, and LLVM does not know it.
                element = element ^ cast(stored(type), samples >> 30);
            }
            result = converted(decoded(type, element), 0, plane);
        } else if (is_shuffled && (picks || v >= natural_vector_size<float>())) {
            // LLVM takes 3 channels apart in the fewest instructions as floats. Halide makes one
            // dense load of strided ones at `expression + number`, but not at bare numbers. This
            // expression is 0, as LLVM knows and Halide does not.
            const Expr zero = unsafe_promise_clamped(reinterpret<int32_t>(Expr(0.0f)), 0, 0);
            values = Func("values");
            values(i, b, y, g) = decoded(type, source(from(b) * of_pixel + i, size, of_pixel, 0));
            result = converted(values(zero + d.x * of_pixel + channel, d.z, y, g), 0, plane);
        } else if ((o == order_split_4 || o == order_pick_4) && stored(type).bits() <= 16) {
            // One dense load of whole pixels, and a shift for each channel instead of shuffles.
            const auto element = [&](int c) {
                return source((from(d.z) + d.x) * of_pixel + c, size, of_pixel, 0);
            };
            const Expr pixel = concat_bits({element(0), element(1), element(2), element(3)});
            const Expr shift = cast(pixel.type(), channel * stored(type).bits());
            result = converted(decoded(type, cast(stored(type), pixel >> shift)), 0, plane);
        } else {
            result = converted(decoded(type, source(at, size, of_pixel, 0)), 0, plane);
        }
        glimpse(from(d.z) + d.x, y, plane, g) = result;
        updates.push_back({o, v, d.x, d.y, d.z, values});
    }

    // Rows of planes become rows of pixels.
    void join(ConvertOrder o, const Expr &of_pixel, int widest) {
        add_widths(widest, glimpse.dim(0).extent() / of_pixel,
                   [&](int v, const Expr &served) { add_join(o, of_pixel, v, served); });
    }
    void add_join(ConvertOrder o, const Expr &of_pixel, int v, const Expr &served) {
        const Expr size = glimpse.dim(0).extent(), pixels = size / of_pixel;
        const RDom d = vectors(o, v, of_pixel, pixels, served);
        // Halide makes one dense store of strided ones only if no promise stands between them.
        // Kernels that check bounds need promises: they would also check vectors of rows that have
        // none.
        const bool promises = v == 1 || !target.value().has_feature(Target::NoAsserts);
        const Expr first = promises ? begin(d.z, v, pixels) : max(min(d.z * v, pixels - v), 0);
        const Expr at = first + d.x;
        glimpse(at * of_pixel + d.y, y, 0, g) =
            source(at, pixels, 1, mapped_channel(channels, d.y), promises);
        updates.push_back({o, v, d.x, d.y, d.z, Func()});
    }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Convert, glimpse_convert)
