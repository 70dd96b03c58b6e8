// The kernels of statistics: minimum, maximum, sum and sum of squares per channel of strips of
// rows, in one pass over the image.
#include "Halide.h"
#include "buffers.h"
#include "definition/strip_sums.h"

#include <algorithm>
#include <vector>

namespace {

using namespace Halide;
using namespace glimpse;

class Statistics : public Generator<Statistics> {
public:
    GeneratorParam<Type> type{"type", UInt(8)};
    // Channels per pixel. 1 also serves any other layout, channel by channel, with a stride.
    GeneratorParam<int> samples{"samples", 1};
    // Whether elements that are not finite are left out, and the others counted.
    GeneratorParam<bool> finite_only{"finite_only", false};
    // Lanes of a channel of floats. 8 with one sample: the order of sums of pixels of 3 or 4.
    GeneratorParam<int> channel_lanes{"channel_lanes", 16};

    // Indexed by element, row, plane.
    Input<Buffer<void, 3>> image{"image"};
    Input<int32_t> first_strip{"first_strip"};
    // Indexed by StatisticsField, channel, strip.
    Output<Buffer<double, 3>> partial{"partial"};

    void configure() {
        image.set_type(stored(type));
    }

    void generate() {
        const bool is_float = type.value().is_float(), is_uint8 = type.value() == UInt(8);
        sums.type = type;
        sums.samples = samples;
        sums.finite_only = finite_only;
        // Integers may be added in any order; on ARM registers hold what 48 or 24 lanes need.
        sums.lane_count = is_float   ? (samples == 1 ? int(channel_lanes) : 8 * samples)
                          : is_uint8 ? (is_arm()       ? 48
                                        : samples == 3 ? 96
                                                       : 64)
                                     : (is_arm() || samples == 3 ? 24 : 32);
        // Chains of uint8 are as long as 16 bits hold sums.
        sums.chain_steps = is_float ? 64 : 256;
        sums.of_chain = is_float   ? SumTypes{Float(64), Float(64)}
                        : is_uint8 ? SumTypes{UInt(16), UInt(32)}
                                   : SumTypes{Int(32), UInt(64)};
        sums.of_strip = is_float ? SumTypes{Float(64), Float(64)} : SumTypes{Int(64), Int(64)};

        const Expr elements = image.dim(0).extent(), rows = image.dim(1).extent();
        const Expr first_row = (sums.s + first_strip) * statistics_strip_rows;
        const Expr strip_rows = min(rows - first_row, statistics_strip_rows);
        const auto image_at = [&](const Expr &element, const Expr &row) {
            return image(unsafe_promise_clamped(element, 0, elements - 1),
                         unsafe_promise_clamped(first_row + row, 0, rows - 1), sums.p);
        };
        RDom r(0, sums.chains_of_row(elements), 0, statistics_strip_rows, "r");
        r.where(r.y < strip_rows);
        sums.define(image_at, elements, strip_rows, {{b, y}, b, y, {r.x, r.y}});
        partial(f, c, s) = sums.field(f, c, s, 0);
        chains = {r.x, r.y};
    }

    void schedule() {
        const int v =
            std::min(natural_vector_size(counted(type)), type.value() == UInt(8) ? 32 : 8);
        start_at_zero(image, partial);
        partial.dim(0).set_extent(statistics_fields);
        partial.bound(f, 0, statistics_fields).reorder(f, c, s).unroll(f);
        if (samples == 1) {
            allow_strides(image);
            partial.specialize(image.dim(0).stride() == 1);
        }
        Func chain = sums.chain, lanes = sums.lanes, channel = sums.channel;
        const Var l = sums.l;
        const int lane_count = sums.lane_count;
        channel.compute_at(partial, c).store_in(MemoryType::Stack);
        lanes.compute_at(partial, samples == 1 ? c : s)
            .store_in(MemoryType::Stack)
            .bound(l, 0, lane_count);
        lanes.vectorize(l, v);
        lanes.update(0).reorder(l, chains[0], chains[1]).vectorize(l, v);
        lanes.update(1).reorder(l, sums.row_of_tail).vectorize(l, v);
        chain.compute_at(lanes, chains[0]).store_in(MemoryType::Stack).bound(l, 0, lane_count);
        chain.vectorize(l, v).unroll(l);
        // All lanes of a step at once; but sums of floats, in vectors of 4, take more registers
        // than SSE and ARM have, so that these take passes.
        const bool in_passes = type.value().is_float() && natural_vector_size<float>() == 4;
        Var pass("pass");
        chain.update()
            .split(l, pass, l, in_passes ? 8 : lane_count)
            .reorder(l, sums.step, pass)
            .unroll(pass)
            .vectorize(l, v)
            .unroll(l);
    }

private:
    bool is_arm() const {
        return target.value().arch == Target::ARM;
    }

    Var b{"b"}, y{"y"}, s{"s"}, c{"c"}, f{"f"};
    StripSums sums;
    std::vector<RVar> chains;
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Statistics, glimpse_statistics)
