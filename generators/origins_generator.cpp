// The kernels that find where glimpses lie whose offsets, origins or boxes are in the memory of a
// device.
//
// Nobody can be told there that an offset or a box is bad: its glimpse lies outside the image, and
// has none where the border has no such place.
#include "Halide.h"
#include "buffers.h"
#include "definition/expressions.h"
#include "definition/filter.h"
#include "definition/placement.h"
#include "definition/plane.h"
#include "definition/sampling.h"
#include "kernel_abi.h"

#include <vector>

namespace {

using namespace Halide;
using namespace glimpse;

// Which image a glimpse is taken from: what an index says, image g, or the one.
Expr image_of(const Expr &index, const Expr &has_index, const Expr &image_count, const Var &g) {
    return select(has_index, index, image_count == 1, 0, g);
}

class Origins : public Generator<Origins> {
public:
    // y and x of origins (int32) or offsets (float32), as bits. Indexed by axis, glimpse.
    Input<Buffer<uint32_t, 2>> places{"places"};
    // The image of each glimpse, where `has_index`; else image i for glimpse i, or the one.
    Input<Buffer<int32_t, 1>> image_index{"image_index"};
    Input<bool> has_index{"has_index"};
    Input<int32_t> image_count{"image_count"};
    // Pixels.
    Input<int32_t> image_height{"image_height"}, image_width{"image_width"};
    Input<int32_t> glimpse_height{"glimpse_height"}, glimpse_width{"glimpse_width"};
    // A PlaceRule, and what the offsets are.
    Input<int32_t> place_rule{"place_rule"};
    Input<bool> normalized{"normalized"}, centered{"centered"};
    // Origins are half the given ones, rounded down: of planes of half the rows or columns.
    Input<bool> halves_y{"halves_y"}, halves_x{"halves_x"};
    Input<int32_t> rule{"rule"};   // the number of a Border
    Input<uint32_t> zero{"zero"};  // always 0: see rounded()
    // Indexed by PositionField, glimpse.
    Output<Buffer<int32_t, 2>> position{"position"};

    void generate() {
        const Axis y = axis(0, image_height, glimpse_height);
        const Axis x = axis(1, image_width, glimpse_width);
        const Expr is_good = y.is_good && x.is_good;
        const Expr index =
            image_of(image_index(select(has_index, g, 0)), has_index, image_count, g);
        const Expr is_map = is_of(Family::map, rule);
        const Expr has_image = index >= 0 && index < image_count && (is_good || !is_map);
        const std::vector<Expr> fields = {
            select(has_image, index, -1), select(is_good, y.reduced, -glimpse_height),
            select(is_good, x.reduced, -glimpse_width), select(is_good, y.origin, INT32_MIN),
            select(is_good, x.origin, INT32_MIN)};
        position(f, g) = mux(f, fields);
    }

    void schedule() {
        start_at_zero(places, image_index, position);
        position.bound(f, 0, position_fields).reorder(f, g).unroll(f);
        if (!using_autoscheduler()) {
            Var block("block"), thread("thread");
            position.gpu_tile(g, block, thread, 128, TailStrategy::GuardWithIf);
        }
    }

private:
    Var f{"f"}, g{"g"};

    struct Axis {
        Expr is_good;  // the glimpse has coordinates
        Expr origin;   // int32, if so
        Expr reduced;  // as Position has it
    };

    Axis axis(int which, const Expr &image, const Expr &glimpse) {
        const Expr place = places(which, g), offset = reinterpret<float>(place);
        const Expr given = cast<int64_t>(reinterpret<int32_t>(place));
        const Expr size = cast<int64_t>(glimpse), highest = highest_origin<Expressions>(size);
        const PlacedAxis<Expressions> axis = {cast<float>(image), cast<float>(glimpse), normalized,
                                              centered, zero};
        const Expr nearest = nearest_origin<Expressions>(offset, axis);
        const Expr is_near =
            Expressions::is_finite(offset) && nearest >= -2147483648.0f && nearest < 2147483648.0f;
        const Expr of_tensorflow =
            tensorflow_origin<Expressions>(offset, axis, place_rule == place_tensorflow_v1);
        const Expr is_given = place_rule == place_origin, is_nearest = place_rule == place_nearest;
        const Expr halves = which == 0 ? Expr(halves_y) : Expr(halves_x);
        const Expr origin = select(is_given, select(halves, halved_origin(given), given),  //
                                   is_nearest, cast<int64_t>(cast<int32_t>(nearest)),
                                   clamped_origin<Expressions>(of_tensorflow, size));
        Axis a;
        a.origin = cast<int32_t>(origin);
        a.is_good = origin <= highest && (!is_nearest || is_near);
        a.reduced =
            cast<int32_t>(reduced_origin<Expressions>(rule, origin, size, cast<int64_t>(image)));
        return a;
    }
};

class Boxes : public Generator<Boxes> {
public:
    // y0, x0, y1 and x1 of boxes. Indexed by side, glimpse.
    Input<Buffer<float, 2>> sides{"sides"};
    // The image of each glimpse, where `has_index`; else image i for glimpse i, or the one.
    Input<Buffer<int32_t, 1>> image_index{"image_index"};
    Input<bool> has_index{"has_index"};
    Input<int32_t> image_count{"image_count"};
    // Pixels.
    Input<int32_t> image_height{"image_height"}, image_width{"image_width"};
    Input<int32_t> glimpse_height{"glimpse_height"}, glimpse_width{"glimpse_width"};
    Input<bool> normalized{"normalized"}, centered{"centered"};  // what the sides are
    // Whether boxes of the glimpse's size at whole pixels are windows, which are copied.
    Input<bool> has_windows{"has_windows"};
    // Of a SamplingRule; the most taps that outputs may have; and whether few are summed as
    // integers.
    Input<int32_t> filter{"filter"};
    Input<bool> antialias{"antialias"};
    Input<int32_t> most_y_taps{"most_y_taps"}, most_x_taps{"most_x_taps"};
    Input<bool> by_integers{"by_integers"};
    Input<int32_t> rule{"rule"};   // the number of a Border
    Input<uint32_t> zero{"zero"};  // always 0: see rounded()
    // Indexed by DeviceBoxField, glimpse.
    Output<Buffer<int32_t, 2>> box{"box"};

    void generate() {
        const Axis y = axis(0, image_height, glimpse_height, most_y_taps);
        const Axis x = axis(1, image_width, glimpse_width, most_x_taps);
        const Expr is_copied = has_windows && y.is_whole && x.is_whole;
        const Expr is_filtered =
            !is_copied && has_taps<Expressions>(filter, antialias, y.reduces || x.reduces);
        const Expr is_good = y.is_good && x.is_good && (!is_filtered || (y.has_room && x.has_room));
        const Expr index =
            image_of(image_index(select(has_index, g, 0)), has_index, image_count, g);
        const Expr has_image =
            index >= 0 && index < image_count && (is_good || !is_of(Family::map, rule));
        const Expr taps = max(y.taps, x.taps);
        const auto flag = [](const Expr &condition, DeviceBoxFlag value) {
            return select(condition, int32_t(value), 0);
        };
        const Expr flags = flag(y.flips, box_flips_y) | flag(x.flips, box_flips_x) |
                           flag(is_copied, box_is_copied) |
                           flag(is_filtered && is_good && has_image, box_has_taps) |
                           flag(by_integers && taps <= int32_t(most_integer_taps), box_by_integers);
        std::vector<Expr> fields = {select(has_image, index, -1), flags};
        for (const Axis *a : {&y, &x}) {
            // A box that is bad is a point far from any image.
            const SampledAxis<Expressions> all = sampled_axis<Expressions>(
                select(is_good, a->low, Expr(far)), select(is_good, a->high, Expr(far)),
                cast<uint32_t>(a->count));
            for (const Expr &wide : {cast<uint64_t>(all.low), all.step}) {
                fields.push_back(cast<int32_t>(cast<uint32_t>(wide)));
                fields.push_back(cast<int32_t>(cast<uint32_t>(wide >> 32)));
            }
            fields.push_back(cast<int32_t>(all.rest));
            fields.push_back(cast<int32_t>(all.part));
        }
        box(f, g) = mux(f, fields);
    }

    void schedule() {
        start_at_zero(sides, image_index, box);
        box.bound(f, 0, device_box_fields).reorder(f, g).unroll(f);
        if (!using_autoscheduler()) {
            Var block("block"), thread("thread");
            box.gpu_tile(g, block, thread, 128, TailStrategy::GuardWithIf);
        }
    }

private:
    Var f{"f"}, g{"g"};
    static constexpr int64_t far = int64_t(INT32_MAX - 1) * fixed_one;

    struct Axis {
        Expr is_good;    // both sides are numbers that boxes can have
        Expr low, high;  // if so
        Expr flips, is_whole, reduces;
        Expr taps, has_room;  // by a filter of many taps
        Expr count;
    };

    Axis axis(int which, const Expr &extent, const Expr &count, const Expr &most) {
        using N = Expressions;
        const SideUnit<N> unit = {cast<double>(extent), normalized, centered, zero};
        const auto side_of = [&](int side, Expr *is_good) {
            const Expr pixels = side_in_pixels<N>(sides(side, g), unit);
            *is_good = N::is_finite(sides(side, g)) && is_fixed<N>(pixels);
            return fixed<N>(select(*is_good, pixels, Expr(0.0)));
        };
        Expr from_is_good, to_is_good;
        const Expr from = side_of(which, &from_is_good), to = side_of(which + 2, &to_is_good);
        Axis a;
        a.is_good = from_is_good && to_is_good;
        a.flips = to < from;
        a.low = min(from, to);
        a.high = max(from, to);
        a.is_whole = !a.flips && cast<uint32_t>(from) == Expr(0u) &&
                     cast<uint64_t>(to) - cast<uint64_t>(from) == cast<uint64_t>(count) << 32;
        a.count = count;
        const Expr distance = cast<uint64_t>(a.high) - cast<uint64_t>(a.low);
        a.reduces = distance > cast<uint64_t>(count) << 32;
        const auto f = axis_filter<N>(Expr(filter), Expr(antialias),
                                      sampled_axis<N>(a.low, a.high, cast<uint32_t>(count)));
        const Expr taps = taps_at_most<N>(f);
        a.taps = cast<int32_t>(min(taps, cast<int64_t>(INT32_MAX)));
        // All of them have int32 coordinates.
        const Expr reach = min(f.reach, Expr(most_taps * fixed_one));
        a.has_room = taps <= cast<int64_t>(most) && a.low >= Expr(INT32_MIN * fixed_one) + reach &&
                     a.high <= Expr(INT32_MAX * fixed_one) - reach;
        return a;
    }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Origins, glimpse_origins)
HALIDE_REGISTER_GENERATOR(Boxes, glimpse_boxes)
