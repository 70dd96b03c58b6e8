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
    // elements the channels of the image that those of the glimpse are, as for pixels that become
    // others; for vectors that split, of which each channel goes somewhere, the reverse.
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
            convert(order_planes, Row::any, wide, elements >= wide, 1);
            convert(order_planes, Row::narrow, narrow, elements >= narrow && elements < wide, 1);
            convert(order_planes, Row::narrow, 1, elements < narrow, 1);
            // Vectors of whole pixels, where 3 channels or a power of two of them make some.
            const Expr three = samples == 3, even = wide % samples == 0;
            const Expr widest = select(three, wide_3, wide);
            convert(order_pixels, Row::any, wide_3, three && elements >= wide_3, 0);
            convert(order_pixels, Row::any, wide, even && elements >= wide, 0);
            convert(order_pixels, Row::any, wide, !three && !even && elements >= wide, samples);
            convert(order_pixels, Row::narrow, narrow, elements >= narrow && elements < widest,
                    samples);
            convert(order_pixels, Row::narrow, 1, elements < narrow, samples);
        }
        swap_channels(order_swap_3, 3);
        swap_channels(order_swap_4, 4);
        if (stored(type).bits() < 32) {
            drop_channel();
        }
        swap_ends();
    }

    void schedule() {
        start_at_zero(image, position, conversion, glimpse);
        get_pipeline().add_custom_lowering_pass(new PrefetchStep);
        for (size_t s = 0; s < updates.size(); s++) {
            const Update &u = updates[s];
            glimpse.update(int(s)).allow_race_conditions();
            if (u.order == order_ends) {
                glimpse.update(int(s)).reorder(u.plane, u.lane, y, u.block);
                continue;
            }
            Stage stage = glimpse.update(int(s)).specialize(order == u.order);
            if (!Internal::is_const_one(u.served)) {
                stage = stage.specialize(u.served);
            }
            if (u.lanes == 1) {
                stage.reorder(u.plane, u.lane, u.block, y);
                continue;
            }
            // Processors do not see ahead where the next row of a window begins.
            if (u.row == Row::any) {
                stage.prefetch(image, y, y, 4, PrefetchBoundStrategy::NonFaulting);
            }
            RVar lane = u.lane;
            if (u.part < u.lanes) {
                RVar part("part");
                stage.split(u.lane, part, lane, u.part).unroll(part);
            }
            if (u.order >= order_pick_2 && u.order <= order_pick_4) {
                stage.reorder(lane, u.block, u.plane, y).vectorize(lane);
            } else {
                stage.reorder(lane, u.plane, u.block, y).unroll(u.plane).vectorize(lane);
            }
            compute_in_block(u);
        }
    }

private:
    Var c{"c"}, i{"i"}, y{"y"}, p{"p"}, g{"g"}, b{"b"};

    // What rows an update is for: those shorter than the vectors of another are not prefetched.
    enum class Row { any, narrow };
    struct Update {
        ConvertOrder order;
        Row row;
        int lanes, part;  // elements of a block, and of a vector of it
        Expr served;      // whether rows are of such a number of elements
        RVar lane, plane, block;
        // What a block is made of, if that is computed first: `size` elements in vectors.
        Func values = Func();
        int size = 0, vector = 0;
        Func joined = Func();  // the same by channel and pixel
    };
    std::vector<Update> updates;
    static constexpr auto order_ends = ConvertOrder(-1);  // not one: see swap_ends()

    void compute_in_block(const Update &u) {
        Var inner("inner");
        if (u.values.defined()) {
            Func(u.values)
                .compute_at(glimpse, u.block)
                .bound(i, 0, u.size)
                .split(i, i, inner, u.vector, TailStrategy::RoundUp)
                .vectorize(inner)
                .unroll(i);
        }
        if (u.joined.defined()) {
            Func(u.joined)
                .compute_at(glimpse, u.block)
                .bound(c, 0, 3)
                .bound(i, 0, u.lanes / 3)
                .split(i, i, inner, narrowest_change)
                .reorder(inner, c, i)
                .vectorize(inner)
                .unroll(c)
                .unroll(i);
        }
    }

    // Whether the target has loads and stores that take pixels of 3 and 4 channels apart and put
    // them together (ld3, st4, ...), rather than shuffles. (LLVM takes bytes of 4 channels apart by
    // table, as it widens them.)
    bool loads_take_apart() const {
        return target.value().arch == Target::ARM;
    }

    // What keeps one of the two from seeing through an expression.
    Expr zero_unknown_to_llvm() const {
        return samples >> 30;
    }
    static Expr zero_unknown_to_halide() {
        return reinterpret<int32_t>(Expr(0.0f));
    }

    int loaded(int lanes) const {
        return loads_take_apart() ? lanes : std::min(lanes, natural_vector_size<float>());
    }

    // Where vector `block` of `v` among `count` begins: the last one overlaps.
    static Expr begin(const Expr &block, int v, const Expr &count) {
        return unsafe_promise_clamped(min(block * v, count - v), 0, count - v);
    }
    RDom vectors(ConvertOrder o, int v, const Expr &planes, const Expr &count, const Expr &served) {
        RDom d({{0, v}, {0, planes}, {0, (count + v - 1) / v}}, "d");
        d.where(order == o && served);
        return d;
    }

    // The element of the image at place `at` of a window's row of `size` elements, of pixels of
    // `channels`.
    //
    // Promises are made of scalars: loads with a stride are shuffles of dense ones only where
    // Halide sees how their places are related.
    Expr source(const Expr &at, const Expr &size, const Expr &channels, const Expr &plane,
                bool promises = true) {
        const Expr x =
            within(position(position_x, g) * channels, image.dim(0).extent() - size, promises);
        return in_row(x + at, plane, promises);
    }
    static Expr within(const Expr &e, const Expr &end, bool promises = true) {
        return promises ? unsafe_promise_clamped(e, 0, end) : max(min(e, end), 0);
    }
    // The element of the image at place `at` of the row that the window's is in.
    Expr in_row(const Expr &at, const Expr &plane, bool promises = true) {
        return image(at, within(position(position_y, g) + y, image.dim(1).extent() - 1, promises),
                     within(plane, image.dim(2).extent() - 1, promises),
                     within(position(position_image, g), image.dim(3).extent() - 1, promises));
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
    void convert(ConvertOrder o, Row row, int v, const Expr &served, const Expr &period) {
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
        updates.push_back({o, row, v, loaded(v), served, d.x, d.y, d.z});
    }

    // Rows of planes stay such, in another order.
    void copy_planes(int widest) {
        const Expr elements = glimpse.dim(0).extent();
        const auto add = [&](Row row, int v, const Expr &served) {
            const RDom d = vectors(order_planes, v, 1, elements, served);
            const Expr at = begin(d.z, v, elements) + d.x;
            glimpse(at, y, p, g) = source(at, elements, 1, mapped_channel(channels, p));
            updates.push_back({order_planes, row, v, loaded(v), served, d.x, d.y, d.z});
        };
        add(Row::any, widest, elements >= widest);
        add(Row::narrow, narrowest_change, elements >= narrowest_change && elements < widest);
        add(Row::narrow, 1, elements < narrowest_change);
    }

    // Calls add(row, v, served) for rows in vectors of `widest` pixels, and for others in narrower
    // ones.
    template<typename Add>
    static void add_widths(int widest, const Expr &pixels, const Add &add) {
        if (widest == 1) {
            add(Row::narrow, 1, Internal::const_true());
            return;
        }
        widest = std::max(widest, narrowest_change);
        add(Row::any, widest, pixels >= widest);
        if (widest > narrowest_change) {
            add(Row::narrow, narrowest_change, pixels < widest);
        }
    }

    // Rows of pixels become rows of planes.
    void split(ConvertOrder o, const Expr &of_pixel, int widest) {
        add_widths(widest, glimpse.dim(0).extent(), [&](Row row, int v, const Expr &served) {
            add_split(o, row, of_pixel, v, served);
        });
    }
    void add_split(ConvertOrder o, Row row, const Expr &of_pixel, int v, const Expr &served) {
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
                element = element ^ cast(stored(type), zero_unknown_to_llvm());
            }
            result = converted(decoded(type, element), 0, plane);
        } else if (is_shuffled && (picks || v >= natural_vector_size<float>())) {
            // LLVM takes 3 channels apart in the fewest instructions as floats. Halide makes one
            // dense load of strided ones at `expression + number`, but not at bare numbers.
            const Expr zero = unsafe_promise_clamped(zero_unknown_to_halide(), 0, 0);
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
        updates.push_back({o, row, v, v, served, d.x, d.y, d.z, values, 3 * v,
                           std::min(natural_vector_size<float>(), v)});
    }

    // Rows of planes become rows of pixels.
    void join(ConvertOrder o, const Expr &of_pixel, int widest) {
        add_widths(
            widest, glimpse.dim(0).extent() / of_pixel,
            [&](Row row, int v, const Expr &served) { add_join(o, row, of_pixel, v, served); });
    }
    void add_join(ConvertOrder o, Row row, const Expr &of_pixel, int v, const Expr &served) {
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
        updates.push_back({o, row, v, v, served, d.x, d.y, d.z});
    }

    // Pixels whose channels are some of the image's. A vector of them is blended of one for each
    // channel, which begins elsewhere in the row: up to a pixel before its first element, or after
    // its last, where a neighbour is read that no lane of the result has. Pixels at an end of a row
    // of the image have no such neighbour: they, and rows of fewer pixels, are made one by one.
    static constexpr int fewest_blended = narrowest_change + 2;

    struct Ends {
        Expr left, right;  // pixels that are made one by one: 0 or 1
    };
    Ends ends(const Expr &pixels) {
        const Expr x = position(position_x, g);
        return {select(x > 0, 0, 1), select((x + pixels) * samples < image.dim(0).extent(), 0, 1)};
    }

    // A number of which Halide does not know the bounds: what it prefetches then follows, in a few
    // instructions, from what it is promised.
    static Expr unbounded(const Expr &e) {
        return reinterpret<int32_t>(concat_bits({cast<uint16_t>(e), cast<uint16_t>(e >> 16)}));
    }

    // Element `lane` of a vector of `v` that begins with a pixel, `at` elements from where the
    // window's row of `size` does.
    Expr blended(const Expr &at, const Expr &lane, int v, int of_pixel, const Expr &size) {
        const Expr end = image.dim(0).extent();
        const Expr row = within(position(position_x, g) * samples, end - size);
        const Expr first = max(row - samples, 0), last = min(row + size + samples, end) - v;
        const auto of_channel = [&](int channel) {
            const Expr distance = unbounded(given_channel(channels, channel) - channel);
            return in_row(unsafe_promise_clamped(row + at + distance, first, last) + lane, 0);
        };
        // Modulo 256, as Halide would make shuffles of a remainder of 2 or 4: 171 is the inverse of
        // 3, so that multiples of it, and they alone, become at most 255 / 3. Of less than 254
        // lanes.
        const auto is_channel = [&](int channel) {
            const Expr after = cast<uint8_t>(lane) + cast<uint8_t>(of_pixel - channel);
            return of_pixel == 3 ? after * cast<uint8_t>(171) <= cast<uint8_t>(85)
                                 : after * cast<uint8_t>(256 / of_pixel) == cast<uint8_t>(0);
        };
        // LLVM for ARM would put what conditions choose together lane by lane: masks that it cannot
        // see.
        const auto masked = [&](int channel) {
            const Expr mask = cast(stored(type), select(is_channel(channel), -1, 0));
            return of_channel(channel) & (mask ^ cast(stored(type), zero_unknown_to_llvm()));
        };
        const bool has_masks = target.value().arch == Target::ARM;
        Expr result = has_masks ? masked(0) : of_channel(0);
        for (int channel = 1; channel < of_pixel; channel++) {
            result = has_masks ? result | masked(channel)
                               : select(is_channel(channel), of_channel(channel), result);
        }
        return result;
    }

    Expr changed(const Expr &element, const Expr &channel) {
        return only_order ? element : converted(decoded(type, element), channel, 0);
    }

    // Pixels become such of as many channels: 3; or 4, or twice 2. Blocks are of whole pixels; rows
    // that are not few hold the narrowest.
    void swap_channels(ConvertOrder o, int of_pixel) {
        const int whole = natural_vector_size(stored(type));
        const int part = only_order || loads_take_apart()
                             ? whole
                             : std::min(whole, natural_vector_size<float>());
        const bool three = of_pixel == 3;
        const int narrow = (three ? 3 : 2) * narrowest_change;
        const int wide = three ? 3 * whole : only_order ? whole : narrow;
        const Expr size = glimpse.dim(0).extent();
        const Expr are_many = size / samples >= fewest_blended;
        const bool has_wide = wide > narrow;
        const Expr is_wide = has_wide ? size >= wide + 2 * samples : Internal::const_false();
        if (has_wide) {
            add_swap(o, Row::any, of_pixel, wide, part, are_many && is_wide);
        }
        add_swap(o, has_wide ? Row::narrow : Row::any, of_pixel, narrow,
                 std::min(part, three ? narrow / 3 : narrow), are_many && !is_wide);
    }
    void add_swap(ConvertOrder o, Row row, int of_pixel, int v, int part, const Expr &served) {
        const Expr size = glimpse.dim(0).extent();
        const Ends end = ends(size / samples);
        const RDom d = vectors(o, v, 1, size, served);
        const auto from = [&](const Expr &block) {
            return unsafe_promise_clamped(
                end.left * samples + begin(block, v, size - (end.left + end.right) * samples), 0,
                size - v);
        };
        // Elements are blended in whole vectors, and then converted in parts of them.
        const int vector = std::min(natural_vector_size(stored(type)), of_pixel == 3 ? v / 3 : v);
        Func values("values");
        values(i, b, y, g) = blended(from(b), i, v, of_pixel, size);
        const int period = of_pixel == 3 ? 3 * part : std::max(part, 4);
        if (!only_order && period > pattern_padding) {
            throw std::logic_error("vectors of parameters are longer than their rows");
        }
        glimpse(from(d.z) + d.x, y, p, g) = changed(values(d.x, d.z, y, g), d.x % period);
        updates.push_back({o, row, v, part, served, d.x, d.y, d.z, values, v, vector});
    }

    // Pixels of 4 channels become such of 3.
    void drop_channel() {
        const int v = narrowest_change;
        const Expr pixels = glimpse.dim(0).extent() / 3, are_many = pixels >= fewest_blended;
        const Ends end = ends(pixels);
        const RDom d = vectors(order_drop_4, 3 * v, 1, pixels * 3, are_many);
        const auto from = [&](const Expr &block) {
            return unsafe_promise_clamped(end.left + begin(block, v, pixels - end.left - end.right),
                                          0, pixels - v);
        };
        // LLVM shuffles each vector once if it does not see how that was blended.
        Func values("values"), joined("joined");
        values(i, b, y, g) = blended(from(b) * 4, i, 4 * v, 4, pixels * 4) ^
                             cast(stored(type), zero_unknown_to_llvm());
        // Halide takes vectors apart by shuffles if all of their elements are used: the fourth
        // channel, too.
        const Expr nothing = zero_unknown_to_halide();
        const Expr first = i * 4 + unsafe_promise_clamped(nothing, 0, 0);
        joined(c, i, b, y, g) =
            values(first + c, b, y, g) | (values(first + 3, b, y, g) & cast(stored(type), nothing));
        glimpse(from(d.z) * 3 + d.x, y, p, g) =
            changed(joined(d.x % 3, d.x / 3, d.z, y, g), Expr(d.x));
        updates.push_back({order_drop_4, Row::any, 3 * v, v, are_many, d.x, d.y, d.z, values, 4 * v,
                           std::min(natural_vector_size(stored(type)), 4 * v), joined});
    }

    // What swap_channels() and drop_channel() leave.
    void swap_ends() {
        const Expr of_pixel = select(order == order_drop_4, 3, samples);
        const Expr pixels = glimpse.dim(0).extent() / of_pixel;
        const Expr are_few = pixels < fewest_blended;
        const Ends end = ends(pixels);
        const Expr count = select(order < order_swap_3, 0, are_few, pixels, 2);
        RDom d({{0, 1}, {0, of_pixel}, {0, count}}, "d");
        // Bit z says whether pixel z is made: of conditions LLVM would make copies of the loops.
        d.where(((select(are_few, -1, end.left + 2 * end.right) >> d.z) & 1) == 1);
        const Expr pixel = select(are_few || d.z == 0, d.z, pixels - 1);
        const Expr channel = within(mapped_channel(channels, d.y), samples - 1);
        glimpse(pixel * of_pixel + d.y, y, p, g) =
            changed(source(pixel * samples + channel, pixels * samples, samples, 0), d.y);
        updates.push_back({order_ends, Row::narrow, 1, 1, Expr(), d.x, d.y, d.z});
    }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Convert, glimpse_convert)
