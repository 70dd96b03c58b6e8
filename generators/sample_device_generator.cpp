// The kernels that sample boxes on a device: all glimpses of a call in one launch. What they
// compute is the definition; a thread makes an element after the other of a row.
#include "Halide.h"
#include "buffers.h"
#include "channels.h"
#include "definition/mixture.h"
#include "definition/plane.h"
#include "definition/sampling.h"
#include "device_border.h"
#include "halves.h"
#include "kernel_abi.h"

#include <vector>

namespace {

using namespace Halide;
using namespace glimpse;

class SampleDevice : public Generator<SampleDevice> {
public:
    // Bits of the elements of glimpses. Which types they and images have is known when a kernel
    // runs.
    GeneratorParam<int> output_bits{"output_bits", 8};
    // Whether borders are noise.
    GeneratorParam<bool> is_noise{"is_noise", false};

    // The same memory, of which that is read whose elements have the right width. Indexed by
    // column, row, channel, image. Any strides.
    Input<Buffer<uint8_t, 4>> image8{"image8"};
    Input<Buffer<uint16_t, 4>> image16{"image16"};
    Input<Buffer<uint32_t, 4>> image32{"image32"};
    // Indexed by DeviceBoxField, glimpse.
    Input<Buffer<int32_t, 2>> box{"box"};
    // What Border::constant fills with, as elements of the image. Indexed by channel.
    Input<Buffer<uint32_t, 1>> fill{"fill"};
    // Of ChannelStatistics, as 64-bit words. Indexed by word, channel, image.
    Input<Buffer<uint64_t, 3>> statistics{"statistics"};
    // Indexed by ConversionField, channel.
    Input<Buffer<float, 2>> conversion{"conversion"};
    Input<int32_t> type{"type"};      // of the image, an ElementType
    Input<int32_t> output{"output"};  // of the glimpses, an ElementType
    Input<int32_t> samples{"samples"};
    Input<bool> is_nearest{"is_nearest"};
    // Of a SamplingRule, and the number of its border.
    Input<bool> is_hard{"is_hard"};
    Input<int64_t> margin{"margin"};
    Input<int32_t> rule{"rule"};
    Input<uint64_t> seed{"seed"};
    Input<uint32_t> first_image{"first_image"};
    Input<uint32_t> zero{"zero"};  // always 0: see rounded()
    // The channels of the image that those of the glimpse are: see channels_in_order.
    Input<int32_t> channel_from{"channel_from"};
    Input<bool> converts{"converts"};
    // Whether values and means that fill are converted as numbers, not as elements of the image.
    Input<bool> exact_fill{"exact_fill"};
    // Threads of a block along rows, along columns, and over glimpses.
    Input<int32_t> threads_x{"threads_x"}, threads_y{"threads_y"}, threads_z{"threads_z"};
    // Indexed by element, row, plane, glimpse.
    Output<Buffer<void, 4>> glimpse{"glimpse"};

    void configure() {
        glimpse.set_type(UInt(output_bits));
    }

    void generate() {
        DeviceBorder border = make_border();
        // Of the glimpse, and of the image.
        const Expr column = cast<int32_t>(device_quotient(cast<uint32_t>(i), samples));
        const Expr glimpse_channel = i - column * samples + p;
        const Expr channel = mapped_channel(channel_from, glimpse_channel);
        const Expr n = box(box_image, g), is_image = n >= 0;
        centers(i, y, p, g) =
            Tuple(center(box_y, y, glimpse.dim(1).extent(), box_flips_y),
                  center(box_x, column, glimpse.dim(0).extent() / samples, box_flips_x));
        const Tuple center = centers(i, y, p, g);
        const Looked of_y = look(center[0], height()), of_x = look(center[1], width());
        define_places(of_y, of_x);
        define_taps(max(n, 0), channel, &border);

        const Expr is_integer = type == int32_t(ElementType::uint8);
        const auto of_mixture = [&](const Type &kind) { return mixture(kind, border.types); };
        const Expr integers = of_mixture(UInt(8)), floats = of_mixture(Float(32));
        const Expr is_filled = is_of(Family::value, rule) && !(of_y.is_seen && of_x.is_seen);
        const Expr filled = border.fill_value(max(n, 0), channel);
        numbers(i, y, p, g) = select(is_filled && !is_noise, border.types.decoded_as(type, filled),
                                     select(is_integer, mixed_number(UInt(8), integers), floats));
        const DeviceConversion<decltype(conversion)> to_glimpses = {
            conversion, DeviceTypes(output_bits), output};
        if (!is_noise) {
            to_glimpses.fill_exactly(numbers(i, y, p, g), rule, exact_fill && is_filled,
                                     border.mean_of(max(n, 0), channel), glimpse_channel);
        }
        const Expr keeps = is_nearest || (box(box_flags, g) & int32_t(box_is_copied)) != 0;
        const Expr sampled = select(is_integer, cast<uint32_t>(mixed_uint8(integers)),
                                    border.types.encoded_as(type, floats));
        const Expr unchanged =
            select(is_filled && !is_noise, filled, select(keeps, taps(0, i, y, p, g), sampled));
        elements(i, y, p, g) =
            select(!is_image, cast(UInt(output_bits), 0),
                   select(converts, to_glimpses.converted(numbers(i, y, p, g), glimpse_channel),
                          cast(UInt(output_bits), unchanged)));
        glimpse(i, y, p, g) = elements(i, y, p, g);
        ranges = border.ranges;
    }

    void schedule() {
        start_at_zero(image8, image16, image32, box, fill, statistics, conversion, glimpse);
        allow_strides(image8, image16, image32, fill, glimpse);
        lower_halves(get_pipeline(), target);
        if (!using_autoscheduler()) {
            schedule_gpu();
        }
    }

private:
    Var i{"i"}, y{"y"}, p{"p"}, g{"g"}, t{"t"}, io{"io"};
    Func centers{"centers"}, places{"places"}, taps{"taps"}, numbers{"numbers"},
        elements{"elements"};
    std::vector<Func> ranges;

    Expr width() const {
        return image8.dim(0).extent();
    }
    Expr height() const {
        return image8.dim(1).extent();
    }
    DeviceBorder make_border() {
        DeviceBorder b = {DeviceTypes(0),         type, rule, seed, first_image, zero,
                          image8.dim(2).extent(), {},   {},   {}};
        b.read(fill, statistics);
        return b;
    }

    // What an output of an axis looks at.
    struct Looked {
        Expr is_seen;                          // not filled with a value
        Expr first, fraction;                  // in the plane
        Expr mapped, mapped_fraction, second;  // in the image, where that shows what is outside
        Expr folds;                            // this is so, and needed
    };
    Expr center(int field, const Expr &out, const Expr &count, int flag) {
        const auto word = [&](int which) { return cast<uint32_t>(box(field + which, g)); };
        const auto wide = [&](int which) {
            return (cast<uint64_t>(word(which + 1)) << 32) | cast<uint64_t>(word(which));
        };
        const Expr flips = (box(box_flags, g) & flag) != 0;
        const SampledAxis<Expressions> axis = {cast<int64_t>(wide(axis_low)), wide(axis_step),
                                               word(axis_rest), word(axis_part),
                                               cast<uint32_t>(count) * 2};
        return sampled_center<Expressions>(axis,
                                           cast<uint32_t>(select(flips, count - 1 - out, out)));
    }
    Looked look(const Expr &center, const Expr &extent) {
        using N = Expressions;
        const Centers<N> seen = seen_centers<N>(is_hard, Reach<N>{is_nearest, Expr(fixed_one)},
                                                Expr(margin), cast<int64_t>(extent));
        Looked l;
        l.is_seen = center >= seen.low && center <= seen.high;
        const Between<N> between = place_between<N>(center);
        l.first = cast<int32_t>(select(is_nearest, nearest_pixel<N>(center), between.first));
        l.fraction = select(is_nearest, Expr(0u), between.fraction);
        const Expr map = select(is_hard, int32_t(Border::replicate), rule);
        const Expr last = extent - 1;
        const auto modulo = [](const Expr &a, const Expr &b) { return N::modulo(a, b); };
        const Between<N> mapped = mapped_between<N>(
            map, Between<N>{cast<int64_t>(l.first), l.fraction}, cast<int64_t>(extent), modulo);
        const Expr pixel = map_coordinate<N>(map, l.first, extent, modulo);
        l.mapped = select(is_nearest, pixel, cast<int32_t>(mapped.first));
        l.mapped_fraction = select(is_nearest, Expr(0u), mapped.fraction);
        l.second =
            select(map == int32_t(Border::wrap) && l.mapped == last, 0, min(l.mapped + 1, last));
        const Expr is_inside = l.first >= 0 && l.first < last;
        l.folds = (is_hard || is_of(Family::map, rule)) && !is_inside;
        return l;
    }

    // Pixels of both axes, and the fractions between them.
    void define_places(const Looked &of_y, const Looked &of_x) {
        places(i, y, p, g) = Tuple(of_y.first, of_y.first + 1, of_y.fraction, of_x.first,
                                   of_x.first + 1, of_x.fraction);
        const auto map = [&](const Looked &l, bool is_y) {
            RDom r(0, 1, "folded");
            r.where(l.folds);
            std::vector<Expr> values = Tuple(places(i, y, p, g)).as_vector();
            const size_t at = is_y ? 0 : 3;
            values[at] = l.mapped + r;
            values[at + 1] = l.second;
            values[at + 2] = l.mapped_fraction;
            places(i, y, p, g) = Tuple(values);
        };
        map(of_y, true);
        map(of_x, false);
    }

    // The four pixels, as they are stored: the two of the upper row first.
    void define_taps(const Expr &n, const Expr &channel, DeviceBorder *border) {
        const Tuple place = places(i, y, p, g);
        const Expr row = select(t < 2, place[0], place[1]);
        const Expr column = select(t % 2 == 0, place[3], place[4]);
        define_plane_pixel(taps(t, i, y, p, g), image8, image16, image32, false, is_noise, n, row,
                           column, channel, g, border);
    }

    // What they make, where pixels are of uint8, or of others.
    Expr mixture(const Type &kind, const DeviceTypes &types) {
        const Tuple place = places(i, y, p, g);
        const auto tap = [&](int which) {
            const Expr bits = taps(which, i, y, p, g);
            return mixes_integers(kind) ? mixable(kind, cast<uint8_t>(bits))
                                        : types.decoded_as(type, bits);
        };
        const auto weight = [&](const Expr &fraction) {
            return mixes_integers(kind) ? cast<int16_t>(integer_weight<Expressions>(fraction))
                                        : float_weight<Expressions>(fraction);
        };
        const Expr of_rows = weight(place[2]), of_columns = weight(place[5]);
        return mixed(mixed(tap(0), tap(2), of_rows, zero), mixed(tap(1), tap(3), of_rows, zero),
                     of_columns, zero);
    }

    void schedule_gpu() {
        schedule_blocks(Stage(Func(glimpse)), {i, y, p, g, io, threads_x, threads_y, threads_z});
        for (Func *f : {&centers, &places, &taps, &numbers, &elements}) {
            f->compute_at(glimpse, io).never_partition_all();
            for (int u = 0; u < f->num_update_definitions(); u++) {
                f->update(u).never_partition_all();
            }
        }
        taps.bound(t, 0, 4).unroll(t);
        for (int u = 0; u < taps.num_update_definitions(); u++) {
            taps.update(u).unroll(t);
        }
        for (Func &range : ranges) {
            range.compute_at(glimpse, io).never_partition_all();
            range.update().never_partition_all();
        }
    }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(SampleDevice, glimpse_sample_device)
