// The kernel that finds where glimpses lie whose offsets or origins are in the memory of a device:
// what src/origins.cpp and the library's side of kernels do for those of the host, to the bit.
//
// Nobody can be told there that an offset is bad: its glimpse lies outside the image, and has none
// where the border has no such place.
#include "Halide.h"
#include "fuse.h"
#include "kernel_abi.h"
#include "rounding.h"

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
    // Origins are half the given ones, rounded down: of planes with half the pixels.
    Input<bool> halves{"halves"};
    // The rule of a border that maps coordinates; any other number: others.
    Input<int32_t> rule{"rule"};
    Input<uint32_t> zero{"zero"};  // always 0: see rounded()
    // Indexed by PositionField, glimpse.
    Output<Buffer<int32_t, 2>> position{"position"};

    void generate() {
        const Axis y = axis(0, image_height, glimpse_height);
        const Axis x = axis(1, image_width, glimpse_width);
        const Expr is_good = y.is_good && x.is_good;
        const Expr index =
            select(has_index, image_index(select(has_index, g, 0)), image_count == 1, 0, g);
        const Expr is_map = rule >= rule_replicate && rule <= rule_wrap;
        const Expr has_image = index >= 0 && index < image_count && (is_good || !is_map);
        const std::vector<Expr> fields = {
            select(has_image, index, -1), select(is_good, y.canonical, -glimpse_height),
            select(is_good, x.canonical, -glimpse_width), select(is_good, y.origin, INT32_MIN),
            select(is_good, x.origin, INT32_MIN)};
        position(f, g) = mux(f, fields);
    }

    void schedule() {
        for (int d = 0; d < 2; d++) {
            places.dim(d).set_min(0);
            position.dim(d).set_min(0);
        }
        image_index.dim(0).set_min(0);
        position.bound(f, 0, position_fields).reorder(f, g).unroll(f);
        if (!target.value().has_gpu_feature()) {  // for a test
            get_pipeline().add_custom_lowering_pass(new FuseProducts);
            return;
        }
        Var block("block"), thread("thread");
        position.gpu_tile(g, block, thread, 128, TailStrategy::GuardWithIf);
    }

private:
    Var f{"f"}, g{"g"};

    struct Axis {
        Expr is_good;    // the glimpse has coordinates
        Expr origin;     // int32, if so
        Expr canonical;  // as Position has it
    };

    Axis axis(int which, const Expr &image, const Expr &glimpse) {
        const Expr place = places(which, g);
        const Expr given = reinterpret<int32_t>(place);
        const Expr highest = Expr(int64_t(INT32_MAX)) - max(cast<int64_t>(glimpse) - 1, 0);
        const Expr offset = reinterpret<float>(place);
        const Expr nearest = nearest_place(offset, image, glimpse);
        const Expr is_near = nearest >= -2147483648.0f && nearest < 2147483648.0f;
        const Expr of_nearest = cast<int32_t>(nearest);
        const Expr is_given = place_rule == place_origin, is_nearest = place_rule == place_nearest;
        Axis a;
        a.origin = select(is_given, select(halves, given >> 1, given), is_nearest, of_nearest,
                          tensorflow_origin(offset, image, glimpse, highest));
        a.is_good =
            select(is_given, cast<int64_t>(a.origin) <= highest, is_nearest,
                   is_finite(offset) && is_near && cast<int64_t>(of_nearest) <= highest, true);
        a.canonical = canonical(a.origin, glimpse, image);
        return a;
    }

    static Expr is_finite(const Expr &v) {
        const Expr exponent(0x7f800000u);
        return (reinterpret<uint32_t>(v) & exponent) != exponent;
    }

    // The largest integer not above `v`, if that is one of 31 bits.
    static Expr floor_of(const Expr &v) {
        const Expr toward_zero = cast<float>(cast<int32_t>(v));
        const Expr is_large = abs(v) >= 8388608.0f;  // an integer
        return select(is_large, v, toward_zero > v, strict_float(toward_zero - 1.0f), toward_zero);
    }

    // Each step is one rounding of the rule in extract.h.
    Expr nearest_place(const Expr &offset, const Expr &image, const Expr &glimpse) const {
        const Expr extent = cast<float>(image);
        const Expr scaled = rounded(offset * extent, zero);
        const Expr halved = strict_float(scaled * 0.5f);
        const Expr unit = select(normalized, select(centered, halved, scaled), offset);
        const Expr center = select(centered, strict_float(unit + extent * 0.5f), unit);
        const Expr place = strict_float(center - cast<float>(glimpse) * 0.5f);
        const Expr below = floor_of(place);
        return select(strict_float(place - below) >= 0.5f, strict_float(below + 1.0f), below);
    }

    // The rules of tensorflow.h, and what is outside of int32 at its ends.
    Expr tensorflow_origin(const Expr &offset, const Expr &image, const Expr &glimpse,
                           const Expr &highest) const {
        const Expr extent = cast<float>(image), half_glimpse = cast<float>(glimpse) * 0.5f;
        const Expr scaled = rounded(offset * extent, zero);
        const auto centered_at = [&](const Expr &v) {
            return strict_float(strict_float(v * 0.5f) + extent * 0.5f);
        };
        const Expr unit = select(normalized, scaled, offset);
        const Expr v1 = strict_float(select(centered, centered_at(unit), unit) - half_glimpse);
        const Expr v2 = select(
            normalized, select(centered, strict_float(centered_at(scaled) - half_glimpse), scaled),
            centered, strict_float(offset + extent * 0.5f), offset);
        const Expr v = select(place_rule == place_tensorflow_v1, v1, v2);
        // Beyond int64, and for NaN, a conversion gives the lowest number.
        const Expr is_int64 =
            is_finite(v) && v >= -9223372036854775808.0f && v < 9223372036854775808.0f;
        const Expr last = cast<int32_t>(highest);
        return select(!is_int64 || v < -2147483648.0f, Expr(INT32_MIN), v >= 2147483648.0f, last,
                      min(cast<int32_t>(v), last));
    }

    // Where the axis begins, reduced so that sums with it stay within int32.
    Expr canonical(const Expr &origin, const Expr &size, const Expr &extent) const {
        const Expr wide = cast<int64_t>(origin), period = cast<int64_t>(extent);
        const auto reduced = [&](const Expr &half) {
            const Expr positive = max(half, 1);
            return (wide + positive) % (2 * positive) - positive;
        };
        const Expr is_single = extent == 1;
        const Expr moved =
            select(rule == rule_reflect, reduced(period),                               //
                   rule == rule_reflect101, select(is_single, 0, reduced(period - 1)),  //
                   rule == rule_wrap, wide % max(period, 1),                            //
                   clamp(wide, -cast<int64_t>(size), period));
        const Expr is_inside = wide >= 0 && wide <= period - cast<int64_t>(size);
        return cast<int32_t>(select(extent == 0, -cast<int64_t>(size), is_inside, wide, moved));
    }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Origins, glimpse_origins)
