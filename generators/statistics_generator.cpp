// The kernels of statistics: minimum, maximum, sum and sum of squares per channel of strips of
// rows, in one pass over the image.
//
// Sums of floats are made in an order that depends on the width and the number of channels alone,
// so that every target and any number of threads gives the same bits: an element belongs to lane
// `element mod lanes`; a lane adds up to 64 elements of a row to a chain; chains are added lane by
// lane in order; then, at the end of a strip, the lanes of a channel.
#include "Halide.h"
#include "element.h"
#include "kernel_abi.h"
#include "statistics.h"

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
        // Integers may be added in any order; on ARM registers hold what 48 or 24 lanes need.
        lane_count = is_float   ? (samples == 1 ? int(channel_lanes) : 8 * samples)
                     : is_uint8 ? (is_arm()       ? 48
                                   : samples == 3 ? 96
                                                  : 64)
                                : (is_arm() || samples == 3 ? 24 : 32);
        // Integers have no order to keep; chains of uint8 are as long as 16 bits hold sums.
        const int chain_steps = is_float ? 64 : 256;
        const Type chain_type = is_float ? Float(64) : is_uint8 ? UInt(16) : Int(32);
        const Type square_type = is_float ? Float(64) : is_uint8 ? UInt(32) : UInt(64);
        const Type sum_type = is_float ? Float(64) : Int(64);
        const Expr elements = image.dim(0).extent(), rows = image.dim(1).extent();

        const SumTypes of_chain = {chain_type, square_type}, of_strip = {sum_type, sum_type};
        const auto none = [&](const SumTypes &t) { return no_statistics(type, t); };
        const auto merge = [&](const FuncRef &a, const Tuple &b) {
            return merged(type, finite_only, Tuple(a), b);
        };
        const auto of_element = [&](const Expr &e, const Expr &keep, const SumTypes &t) {
            return statistics_of(type, e, keep, finite_only, t);
        };
        const auto image_at = [&](const Expr &element, const Expr &row) {
            return image(unsafe_promise_clamped(element, 0, elements - 1),
                         unsafe_promise_clamped(row, 0, rows - 1), p);
        };

        // Steps of whole lanes, the last of which may be cut short by the end of the row.
        const Expr steps = elements / lane_count;
        const Expr first_row = (s + first_strip) * statistics_strip_rows;
        const Expr strip_rows = min(rows - first_row, statistics_strip_rows);

        RDom k(0, chain_steps, "k");
        k.where(b * chain_steps + k < steps);
        const Expr chained = image_at((b * chain_steps + k) * lane_count + l, y);
        chain(l, b, y, p) = none(of_chain);
        chain(l, b, y, p) = merge(chain(l, b, y, p), of_element(chained, Expr(), of_chain));

        RDom r(0, (steps + chain_steps - 1) / chain_steps, 0, statistics_strip_rows, "r");
        r.where(r.y < strip_rows);
        const FuncRef ended = chain(l, r.x, first_row + r.y, p);
        lanes(l, p, s) = none(of_strip);
        lanes(l, p, s) =
            merge(lanes(l, p, s), {ended[0], ended[1], cast(sum_type, ended[2]),
                                   cast(sum_type, ended[3]), cast(sum_type, ended[4])});

        RDom t(0, statistics_strip_rows, "t");
        t.where(t < strip_rows && steps * lane_count < elements);
        const Expr last = steps * lane_count + l;
        lanes(l, p, s) =
            merge(lanes(l, p, s), of_element(image_at(min(last, elements - 1), first_row + t),
                                             last < elements, of_strip));

        RDom q(0, lane_count / samples, "q");
        channel(c, p, s) = none(of_strip);
        channel(c, p, s) =
            merge(channel(c, p, s), Tuple(lanes(clamp(c, 0, samples - 1) + q * samples, p, s)));

        // One of samples and planes is 1.
        const Expr sample = samples == 1 ? Expr(0) : c, plane = samples == 1 ? c : Expr(0);
        std::vector<Expr> fields(statistics_fields);
        for (int i = 0; i < statistics_fields; i++) {
            const Expr value = channel(sample, plane, s)[i];
            const bool is_sum = i == statistics_sum || i == statistics_square;
            fields[i] = is_sum ? reinterpret<double>(value) : cast<double>(value);
        }
        partial(f, c, s) = mux(f, fields);

        stages = {k.x, r.x, r.y, t.x};
    }

    void schedule() {
        const int v =
            std::min(natural_vector_size(counted(type)), type.value() == UInt(8) ? 32 : 8);
        for (int d = 0; d < 3; d++) {
            image.dim(d).set_min(0);
            partial.dim(d).set_min(0);
        }
        partial.dim(0).set_extent(statistics_fields);
        partial.bound(f, 0, statistics_fields).reorder(f, c, s).unroll(f);
        if (samples == 1) {
            image.dim(0).set_stride(Expr());
            partial.specialize(image.dim(0).stride() == 1);
        }
        channel.compute_at(partial, c).store_in(MemoryType::Stack);
        lanes.compute_at(partial, samples == 1 ? c : s)
            .store_in(MemoryType::Stack)
            .bound(l, 0, lane_count);
        lanes.vectorize(l, v);
        lanes.update(0).reorder(l, stages[1], stages[2]).vectorize(l, v);
        lanes.update(1).reorder(l, stages[3]).vectorize(l, v);
        chain.compute_at(lanes, stages[1]).store_in(MemoryType::Stack).bound(l, 0, lane_count);
        chain.vectorize(l, v).unroll(l);
        // All lanes of a step at once; but sums of floats, in vectors of 4, take more registers
        // than SSE and ARM have, so that these take passes.
        const bool in_passes = type.value().is_float() && natural_vector_size<float>() == 4;
        Var pass("pass");
        chain.update()
            .split(l, pass, l, in_passes ? 8 : lane_count)
            .reorder(l, stages[0], pass)
            .unroll(pass)
            .vectorize(l, v)
            .unroll(l);
    }

private:
    bool is_arm() const {
        return target.value().arch == Target::ARM;
    }

    Var l{"l"}, b{"b"}, y{"y"}, p{"p"}, s{"s"}, c{"c"}, f{"f"};
    Func chain{"chain"}, lanes{"lanes"}, channel{"channel"};
    std::vector<RVar> stages;
    int lane_count = 0;
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Statistics, glimpse_statistics)
