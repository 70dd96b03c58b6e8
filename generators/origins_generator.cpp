// The kernel that finds where glimpses lie whose offsets or origins are in the memory of a device.
//
// Nobody can be told there that an offset is bad: its glimpse lies outside the image, and has none
// where the border has no such place.
#include "Halide.h"
#include "buffers.h"
#include "definition/expressions.h"
#include "definition/placement.h"
#include "definition/plane.h"
#include "kernel_abi.h"

#include <vector>

namespace {

using namespace Halide;
using namespace glimpse;

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
    // Origins are half the given ones, rounded down: of planes of half the rows and columns.
    Input<bool> halves{"halves"};
    Input<int32_t> rule{"rule"};   // the number of a Border
    Input<uint32_t> zero{"zero"};  // always 0: see rounded()
    // Indexed by PositionField, glimpse.
    Output<Buffer<int32_t, 2>> position{"position"};

    void generate() {
        const Axis y = axis(0, image_height, glimpse_height);
        const Axis x = axis(1, image_width, glimpse_width);
        const Expr is_good = y.is_good && x.is_good;
        const Expr index =
            select(has_index, image_index(select(has_index, g, 0)), image_count == 1, 0, g);
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

}  // namespace

HALIDE_REGISTER_GENERATOR(Origins, glimpse_origins)
