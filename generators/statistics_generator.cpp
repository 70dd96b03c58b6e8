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
        lane_count = is_float   ? (samples == 1 ? 16 : 8 * samples)
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

        // Minimum, maximum, sum, sum of squares and count of nothing.
        const auto none = [&](Type sum, Type square) {
            return Tuple(counted().max(), counted().min(), cast(sum, 0), cast(square, 0),
                         cast(sum, 0));
        };
        const auto add = [&](const Expr &a, const Expr &b) {
            return is_float ? strict_float(a + b) : a + b;
        };
        const auto merged = [&](const FuncRef &a, const Tuple &b) {
            return Tuple(select(strict_float(b[0] < a[0]), b[0], a[0]),
                         select(strict_float(b[1] > a[1]), b[1], a[1]), add(a[2], b[2]),
                         add(a[3], b[3]), finite_only ? add(a[4], b[4]) : Expr(a[4]));
        };
        // What a stored element is counted as.
        const auto value_of = [&](const Expr &e) {
            return is_float                   ? decoded(type, e)
                   : type.value() == UInt(16) ? reinterpret<int16_t>(e ^ Expr(uint16_t(0x8000)))
                                              : reinterpret(type, e);
        };
        // The statistics of one stored element, which counts only if `keep`; nothing defined:
        // always.
        const auto of_element = [&](const Expr &e, const Expr &keep, Type sum, Type square) {
            const Expr v = value_of(e);
            Expr counts = keep;
            if (finite_only) {
                const Expr is_finite = is_finite_bits(type, e);
                counts = counts.defined() ? counts && is_finite : is_finite;
            }
            const auto kept = [&](const Expr &otherwise) {
                return counts.defined() ? select(counts, v, otherwise) : v;
            };
            // A square is exact: 48 bits of a double, 16 or 30 of an integer.
            const Expr wide = cast(is_float   ? Float(64)
                                   : is_uint8 ? UInt(16)
                                              : Int(32),
                                   kept(cast(counted(), 0)));
            return Tuple(kept(counted().max()), kept(counted().min()), cast(sum, wide),
                         cast(square, wide * wide), finite_only ? cast(sum, counts) : cast(sum, 0));
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
        chain(l, b, y, p) = none(chain_type, square_type);
        chain(l, b, y, p) =
            merged(chain(l, b, y, p), of_element(chained, Expr(), chain_type, square_type));

        RDom r(0, (steps + chain_steps - 1) / chain_steps, 0, statistics_strip_rows, "r");
        r.where(r.y < strip_rows);
        const FuncRef ended = chain(l, r.x, first_row + r.y, p);
        lanes(l, p, s) = none(sum_type, sum_type);
        lanes(l, p, s) =
            merged(lanes(l, p, s), {ended[0], ended[1], cast(sum_type, ended[2]),
                                    cast(sum_type, ended[3]), cast(sum_type, ended[4])});

        RDom t(0, statistics_strip_rows, "t");
        t.where(t < strip_rows && steps * lane_count < elements);
        const Expr last = steps * lane_count + l;
        lanes(l, p, s) =
            merged(lanes(l, p, s), of_element(image_at(min(last, elements - 1), first_row + t),
                                              last < elements, sum_type, sum_type));

        RDom q(0, lane_count / samples, "q");
        channel(c, p, s) = none(sum_type, sum_type);
        channel(c, p, s) =
            merged(channel(c, p, s), Tuple(lanes(clamp(c, 0, samples - 1) + q * samples, p, s)));

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
        const int v = std::min(natural_vector_size(counted()), type.value() == UInt(8) ? 32 : 8);
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

    // What elements are counted as: halves as float32, and uint16 32768 lower, so that squares have
    // 30 bits.
    Type counted() const {
        const Type t = type;
        return t.is_float() ? Float(32) : t == UInt(16) ? Int(16) : t;
    }

    Var l{"l"}, b{"b"}, y{"y"}, p{"p"}, s{"s"}, c{"c"}, f{"f"};
    Func chain{"chain"}, lanes{"lanes"}, channel{"channel"};
    std::vector<RVar> stages;
    int lane_count = 0;
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Statistics, glimpse_statistics)
