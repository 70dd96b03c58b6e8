// The kernels that sample boxes on a device by filters of many taps: one finds the taps of all rows
// and columns of all glimpses, and the other makes glimpses of them, in one launch each. What they
// compute is the definition.
#include "Halide.h"
#include "buffers.h"
#include "channels.h"
#include "definition/filter.h"
#include "definition/plane.h"
#include "definition/sums.h"
#include "device_border.h"
#include "halves.h"
#include "kernel_abi.h"

#include <vector>

namespace {

using namespace Halide;
using namespace glimpse;
using N = Expressions;

// Flags of a box (a DeviceBoxFlag).
Expr has_flag(const Expr &flags, DeviceBoxFlag flag) {
    return (flags & int32_t(flag)) != 0;
}

class TapTable : public Generator<TapTable> {
public:
    // Indexed by DeviceBoxField, glimpse.
    Input<Buffer<int32_t, 2>> box{"box"};
    // Pixels.
    Input<int32_t> image_height{"image_height"}, image_width{"image_width"};
    Input<int32_t> glimpse_height{"glimpse_height"}, glimpse_width{"glimpse_width"};
    // Of a SamplingRule, and the number of its border.
    Input<int32_t> filter{"filter"};
    Input<bool> antialias{"antialias"}, is_hard{"is_hard"}, drops{"drops"};
    Input<int64_t> margin{"margin"};
    Input<int32_t> rule{"rule"};
    // Indexed by DeviceTapField, tap, output, glimpse: outputs are the rows of a glimpse and then
    // its columns, and before the first tap there are the fields of all.
    Output<Buffer<int32_t, 4>> table{"table"};

    void generate() {
        const Expr is_y = o < glimpse_height, flags = box(box_flags, g);
        const Expr extent = select(is_y, image_height, image_width);
        const Expr count = select(is_y, glimpse_height, glimpse_width);
        const Expr out = select(is_y, o, o - glimpse_height);
        const SampledAxis<N> axis = axis_of(is_y, count);
        const Expr flips = select(is_y, has_flag(flags, box_flips_y), has_flag(flags, box_flips_x));
        const Expr center =
            sampled_center<N>(axis, cast<uint32_t>(select(flips, count - 1 - out, out)));
        const AxisFilter<N> f = axis_filter<N>(filter, antialias, axis);
        axes(o, g) =
            Tuple(center, f.reach, f.half, f.reciprocal, f.width, cast<int32_t>(f.is_point));
        const Tuple found = axes(o, g);
        const AxisFilter<N> kept = {found[5] != 0, found[1], found[2], found[3], found[4]};
        const Expr bits =
            weight_bits<N>(filter, kept, is_hard && drops, cast<int64_t>(extent), is_y);
        const FilteredPoint<N> point(found[0]);
        const auto taps = glimpse::taps_of<N>(kept, point);
        const Expr size = cast<int32_t>(taps.end - taps.begin);
        weights(t, o, g) = weight(kept, point, taps.begin + t, extent);
        // The fields of all, or a tap.
        const auto each = [&](const char *name, int first) {
            RDom r(first, table.dim(1).extent() - first, name);
            r.where(has_flag(flags, box_has_taps) && r <= size);
            return r;
        };
        const RDom all = each("all", 1), parts = each("parts", 1), r = each("each", 0);
        r_ = r[0];
        // Their sum, the first of the largest, and what is left when integers are given out.
        const Expr w = weights(all - 1, o, g);
        summary(o, g) = Tuple(cast<int64_t>(0), Expr(INT64_MIN), 0, Expr(1) << bits);
        const Tuple before = summary(o, g);
        summary(o, g) = Tuple(before[0] + w, max(before[1], w),
                              select(w > before[1], all, before[2]), before[3]);
        const auto integer = [&](const Expr &tap) {
            return cast<int32_t>(integer_part<N>(Expr(weights(tap - 1, o, g)),
                                                 weight_reciprocal<N>(before[0]), bits));
        };
        summary(o, g) = Tuple(before[0], before[1], before[2], before[3] - integer(parts));

        const Expr as_integer = integer(r) + select(r == before[2], before[3], 0);
        const Expr as_float =
            reinterpret<int32_t>(float_part<N>(Expr(weights(r - 1, o, g)), before[0]));
        const Expr of_tap = select(has_flag(flags, box_by_integers), as_integer, as_float);
        const Centers<N> seen = seen_centers<N>(is_hard, Reach<N>{kept.is_point, kept.reach},
                                                Expr(margin), cast<int64_t>(extent));
        const Expr is_seen = found[0] >= seen.low && found[0] <= seen.high;
        table(field, t, o, g) = undef<int32_t>();
        table(field, r, o, g) = select(
            field == int(tap_pixel), select(r == 0, size, mapped(taps.begin + r - 1, extent)),
            select(r == 0, bits | select(is_seen, tap_is_seen, 0), of_tap));
    }

    void schedule() {
        start_at_zero(box, table);
        table.bound(field, 0, device_tap_fields);
        if (using_autoscheduler()) {
            return;
        }
        Var oo("oo"), oi("oi");
        Stage stage = Func(table).update();
        stage.split(o, oo, oi, 64, TailStrategy::GuardWithIf).reorder(field, r_, oi, oo, g);
        stage.unroll(field).gpu_blocks(oo, g).gpu_threads(oi).never_partition_all();
        axes.compute_at(table, oi).never_partition_all();
        summary.compute_at(table, oi).never_partition_all();
        summary.update(0).never_partition_all();
        summary.update(1).never_partition_all();
    }

private:
    Var field{"field"}, t{"t"}, o{"o"}, g{"g"};
    Func axes{"axes"}, weights{"weights"}, summary{"summary"};
    RVar r_;

    SampledAxis<N> axis_of(const Expr &is_y, const Expr &count) {
        const auto word = [&](int field_of_axis) {
            return cast<uint32_t>(
                select(is_y, box(box_y + field_of_axis, g), box(box_x + field_of_axis, g)));
        };
        const auto wide = [&](int field_of_axis) {
            return (cast<uint64_t>(word(field_of_axis + 1)) << 32) |
                   cast<uint64_t>(word(field_of_axis));
        };
        return {cast<int64_t>(wide(axis_low)), wide(axis_step), word(axis_rest), word(axis_part),
                cast<uint32_t>(count) * 2};
    }

    // Of a pixel of the plane, not yet divided; 0 where edges leave it out.
    Expr weight(const AxisFilter<N> &f, const FilteredPoint<N> &point, const Expr &pixel,
                const Expr &extent) const {
        const Expr distance = point.distance(pixel);
        const Expr u = part_of_reach<N>(distance, f.reciprocal);
        const auto is = [&](Filter other) { return filter == int32_t(other); };
        const Expr of_pixel =
            select(f.is_point, cast<int64_t>(1), is(Filter::area), area_weight<N>(distance, f.half),
                   is(Filter::lanczos3), lanczos3_weight<N>(u), is(Filter::linear),
                   linear_weight<N>(u), cubic_weight<N>(u, is(Filter::catmull_rom)));
        return select(is_hard && drops && !f.is_point && (pixel < 0 || pixel >= extent),
                      cast<int64_t>(0), of_pixel);
    }

    // The pixel that is shown there; of the plane, where that is not one of the image's.
    Expr mapped(const Expr &pixel, const Expr &extent) const {
        const Expr map = select(is_hard, int32_t(Border::replicate), rule);
        const auto modulo = [](const Expr &a, const Expr &b) { return N::modulo(a, b); };
        const Expr of_image = map_coordinate<N>(map, cast<int32_t>(pixel), extent, modulo);
        return select(is_hard || is_of(Family::map, rule), of_image, cast<int32_t>(pixel));
    }
};

class SampleTapsDevice : public Generator<SampleTapsDevice> {
public:
    // Bits of the elements of glimpses. Which types they and images have is known when a kernel
    // runs.
    GeneratorParam<int> output_bits{"output_bits", 8};
    // Whether borders are noise.
    GeneratorParam<bool> is_noise{"is_noise", false};

    // As SampleDevice has them.
    Input<Buffer<uint8_t, 4>> image8{"image8"};
    Input<Buffer<uint16_t, 4>> image16{"image16"};
    Input<Buffer<uint32_t, 4>> image32{"image32"};
    Input<Buffer<int32_t, 2>> box{"box"};
    // What TapTable writes.
    Input<Buffer<int32_t, 4>> table{"table"};
    Input<Buffer<uint32_t, 1>> fill{"fill"};
    Input<Buffer<uint64_t, 3>> statistics{"statistics"};
    Input<Buffer<float, 2>> conversion{"conversion"};
    Input<int32_t> type{"type"}, output{"output"}, samples{"samples"};
    Input<int32_t> rule{"rule"};
    Input<uint64_t> seed{"seed"};
    Input<uint32_t> first_image{"first_image"};
    Input<uint32_t> zero{"zero"};  // always 0: see rounded()
    Input<int32_t> channel_from{"channel_from"};
    Input<bool> converts{"converts"}, exact_fill{"exact_fill"};
    Input<int32_t> threads_x{"threads_x"}, threads_y{"threads_y"}, threads_z{"threads_z"};
    // Indexed by element, row, plane, glimpse.
    Output<Buffer<void, 4>> glimpse{"glimpse"};

    void configure() {
        glimpse.set_type(UInt(output_bits));
    }

    void generate() {
        DeviceBorder border = {DeviceTypes(0),         type, rule, seed, first_image, zero,
                               image8.dim(2).extent(), {},   {},   {}};
        border.read(fill, statistics);
        const Expr column = cast<int32_t>(device_quotient(cast<uint32_t>(i), samples));
        const Expr glimpse_channel = i - column * samples + p;
        const Expr channel = mapped_channel(channel_from, glimpse_channel);
        const Expr n = max(box(box_image, g), 0);
        of_x = glimpse.dim(1).extent() + column;
        const Expr tap_row = field_of(tap_pixel, ty, y), tap_column = field_of(tap_pixel, tx, of_x);
        for (const bool is_byte : {true, false}) {
            Func of_plane = is_byte ? byte : pixel;
            define_plane_pixel(of_plane(tx, ty, i, y, p, g), image8, image16, image32, is_byte,
                               is_noise, n, tap_row, tap_column, channel, g, &border);
        }
        define_integers();
        define_floats(border.types);

        const Expr by_integers = has_flag(box(box_flags, g), box_by_integers);
        const auto seen = [&](const Expr &out) {
            return (field_of(tap_weight, -1, out) & tap_is_seen) != 0;
        };
        const Expr is_filled = is_of(Family::value, rule) && !(seen(y) && seen(of_x));
        const Expr filled = border.fill_value(n, channel);
        const auto part = [&](int k) { return floats(k, i, y, p, g); };
        const Expr sum = row_sum(part(0), part(1), part(2), part(3));
        numbers(i, y, p, g) =
            select(is_filled && !is_noise, border.types.decoded_as(type, filled), sum);
        const DeviceConversion<decltype(conversion)> to_glimpses = {
            conversion, DeviceTypes(output_bits), output};
        if (!is_noise) {
            to_glimpses.fill_exactly(numbers(i, y, p, g), rule, exact_fill && is_filled,
                                     border.mean_of(n, channel), glimpse_channel);
        }
        const Expr sampled =
            select(by_integers, cast<uint32_t>(summed_uint8(integers(i, y, p, g), bits_of(of_x))),
                   border.types.encoded_as(type, sum));
        const Expr unchanged = select(is_filled && !is_noise, filled, sampled);
        elements(i, y, p, g) =
            select(converts, to_glimpses.converted(numbers(i, y, p, g), glimpse_channel),
                   cast(UInt(output_bits), unchanged));
        once = RDom(0, 1, "once");
        once.where(has_flag(box(box_flags, g), box_has_taps));
        glimpse(i, y, p, g) = undef(UInt(output_bits));
        glimpse(i, y, p, g) = elements(i, y, p, g) + cast(UInt(output_bits), once);
        ranges = border.ranges;
    }

    void schedule() {
        start_at_zero(image8, image16, image32, box, table, fill, statistics, conversion, glimpse);
        allow_strides(image8, image16, image32, fill, glimpse);
        lower_halves(get_pipeline(), target);
        if (!using_autoscheduler()) {
            schedule_gpu();
        }
    }

private:
    Var i{"i"}, y{"y"}, p{"p"}, g{"g"}, io{"io"};
    Var tx{"tx"}, ty{"ty"}, k{"k"};  // taps, and which of four sums
    Func byte{"byte"}, pixel{"pixel"}, integer_column{"integer_column"}, integers{"integers"},
        float_column{"float_column"}, floats{"floats"}, numbers{"numbers"}, elements{"elements"};
    RDom once, integer_x, integer_y, float_x, float_y;
    Expr of_x;  // the output of the table that a column is
    std::vector<Func> ranges;

    Expr count(const Expr &out) {
        return field_of(tap_pixel, -1, out);
    }
    // Of integer weights.
    Expr bits_of(const Expr &out) {
        return field_of(tap_weight, -1, out) & (tap_is_seen - 1);
    }
    // Before the first tap those of all.
    Expr field_of(DeviceTapField field, const Expr &tap, const Expr &out) {
        return table(int(field), promised(tap + 1, table.dim(1)), promised(out, table.dim(2)), g);
    }

    // Taps of an axis, if sums are of integers or if they are not. Of floats four at once.
    RDom taps(const char *name, const Expr &out, bool by_integers) {
        RDom r(0, table.dim(1).extent() - 1, name);
        r.where(has_flag(box(box_flags, g), box_by_integers) == Internal::make_bool(by_integers) &&
                r < count(out));
        return r;
    }

    void define_integers() {
        integer_x = taps("integer_x", of_x, true);
        integer_y = taps("integer_y", y, true);
        integer_column(tx, i, y, p, g) = integer_start(column_shift(bits_of(y)));
        integer_column(tx, i, y, p, g) +=
            cast<int32_t>(byte(tx, integer_y, i, y, p, g)) * field_of(tap_weight, integer_y, y);
        integers(i, y, p, g) = integer_start(row_shift(bits_of(of_x)));
        integers(i, y, p, g) +=
            cast<int32_t>(column_sum(integer_column(integer_x, i, y, p, g), bits_of(y))) *
            field_of(tap_weight, integer_x, of_x);
    }

    void define_floats(const DeviceTypes &types) {
        const auto weight = [&](const Expr &tap, const Expr &out) {
            return reinterpret<float>(field_of(tap_weight, tap, out));
        };
        float_y = taps("float_y", y, false);
        float_column(tx, i, y, p, g) = 0.0f;
        float_column(tx, i, y, p, g) = with_tap(
            float_column(tx, i, y, p, g), types.decoded_as(type, pixel(tx, float_y, i, y, p, g)),
            weight(float_y, y), false, zero);
        const Expr capacity = table.dim(1).extent() - 1;
        float_x = RDom({{0, 4}, {0, (capacity + 3) / 4}}, "float_x");
        const Expr x = 4 * float_x[1] + float_x[0];
        float_x.where(!has_flag(box(box_flags, g), box_by_integers) && x < count(of_x));
        floats(k, i, y, p, g) = 0.0f;
        floats(float_x[0], i, y, p, g) =
            with_tap(floats(float_x[0], i, y, p, g), float_column(x, i, y, p, g), weight(x, of_x),
                     false, zero);
    }

    void schedule_gpu() {
        Stage stage = Func(glimpse).update();
        schedule_blocks(stage, {i, y, p, g, io, threads_x, threads_y, threads_z});
        for (Func *f : {&integers, &floats, &numbers, &elements}) {
            f->compute_at(glimpse, io);
        }
        floats.bound(k, 0, 4).unroll(k);
        floats.update().unroll(float_x[0]);
        integer_column.compute_at(integers, integer_x[0]);
        float_column.compute_at(floats, float_x[0]);
        byte.compute_at(integer_column, integer_y[0]);
        pixel.compute_at(float_column, float_y[0]);
        for (Func *f : {&byte, &pixel, &integer_column, &integers, &float_column, &floats, &numbers,
                        &elements}) {
            f->never_partition_all();
            for (int u = 0; u < f->num_update_definitions(); u++) {
                f->update(u).never_partition_all();
            }
        }
        for (Func &range : ranges) {
            range.compute_at(glimpse, io).never_partition_all();
            range.update().never_partition_all();
        }
    }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(TapTable, glimpse_tap_table)
HALIDE_REGISTER_GENERATOR(SampleTapsDevice, glimpse_sample_taps_device)
