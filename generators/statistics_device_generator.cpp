// The two kernels of statistics on a device: partial ones of strips of rows, of all images in one
// launch, and what becomes of these.
#include "Halide.h"
#include "buffers.h"
#include "definition/expressions.h"
#include "definition/statistics.h"
#include "definition/strip_sums.h"
#include "halves.h"
#include "kernel_abi.h"

#include <vector>

namespace {

using namespace Halide;
using namespace glimpse;

// A block makes a strip: each thread a chain of one lane, as many chains at once as fit.
class StatisticsDevice : public Generator<StatisticsDevice> {
public:
    GeneratorParam<Type> type{"type", UInt(8)};
    // Channels per pixel. 1 also serves any other layout, channel by channel, with a stride.
    GeneratorParam<int> samples{"samples", 1};

    // Indexed by element, row, plane, image.
    Input<Buffer<void, 4>> image{"image"};
    // Indexed by StatisticsField, channel, strip, image.
    Output<Buffer<double, 4>> partial{"partial"};

    void configure() {
        image.set_type(stored(type));
    }

    void generate() {
        const bool is_float = type.value().is_float();
        sums.type = type;
        sums.samples = samples;
        // Nobody can look whether a second pass is needed, which leaves out what is not finite.
        sums.finite_only = is_float;
        sums.lane_count = samples == 1 ? 16 : 8 * samples;
        sums.of_chain = is_float ? SumTypes{Float(64), Float(64)} : SumTypes{Int(32), UInt(64)};
        sums.of_strip = is_float ? SumTypes{Float(64), Float(64)} : SumTypes{Int(64), UInt(64)};

        const Expr elements = image.dim(0).extent(), rows = image.dim(1).extent();
        const Expr first_row = sums.s * statistics_strip_rows;
        const Expr strip_rows = min(rows - first_row, statistics_strip_rows);
        const auto image_at = [&](const Expr &element, const Expr &row) {
            return image(unsafe_promise_clamped(element, 0, elements - 1),
                         unsafe_promise_clamped(first_row + row, 0, rows - 1), sums.p, sums.n);
        };
        // Chain j of a strip: rows follow one another.
        const Expr chains_of_row = sums.chains_of_row(elements);
        const Expr row = j / max(chains_of_row, 1);
        RDom r(0, chains_of_row * statistics_strip_rows, "r");
        r.where(r < chains_of_row * strip_rows);
        sums.define(image_at, elements, strip_rows, {{j}, j - row * chains_of_row, row, {r}});
        partial(f, c, s, n) = sums.field(f, c, s, n);
        chains = r;
    }

    void schedule() {
        start_at_zero(image, partial);
        allow_strides(image);
        lower_halves(get_pipeline(), target);
        partial.bound(f, 0, statistics_fields).unroll(f);
        if (using_autoscheduler()) {
            return;
        }
        Func chain = sums.chain, lanes = sums.lanes;
        const Var l = sums.l;
        const int lane_count = sums.lane_count;
        // Threads of a block: the lanes of `group` chains.
        const int group = 256 / lane_count / 2 * 2;
        RVar groups("groups"), of_group("of_group");
        Var block("block");
        if (samples == 1) {
            partial.split(c, block, c, 1);
        } else {
            partial.bound(c, 0, samples).split(c, block, c, samples);
        }
        partial.reorder(f, c, s, block, n).gpu_blocks(s, block, n).gpu_threads(c);
        partial.never_partition_all();
        if (samples == 1) {
            partial.specialize(image.dim(0).stride() == 1);
        }
        lanes.compute_at(partial, s).store_in(MemoryType::GPUShared).bound(l, 0, lane_count);
        lanes.gpu_threads(l);
        lanes.update(0)
            .split(chains, groups, of_group, group, TailStrategy::GuardWithIf)
            .reorder(of_group, l, groups)
            .gpu_threads(l);
        lanes.update(1).reorder(sums.row_of_tail, l).gpu_threads(l);
        chain.compute_at(lanes, groups)
            .store_in(MemoryType::GPUShared)
            .bound(l, 0, lane_count)
            .bound_extent(j, group);
        chain.gpu_threads(l, j);
        chain.update().reorder(sums.step, l, j).gpu_threads(l, j).unroll(sums.step, 8);
    }

private:
    Var j{"j"}, s{"s"}, c{"c"}, f{"f"}, n{"n"};
    StripSums sums;
    RVar chains;
};

// Adds up partial statistics and finishes them: a block for each channel of an image.
class StatisticsFinish : public Generator<StatisticsFinish> {
public:
    // Of images of floats; else of integers.
    GeneratorParam<bool> is_float{"is_float", false};

    // Indexed by StatisticsField, channel, strip, image.
    Input<Buffer<double, 4>> partial{"partial"};
    Input<int64_t> pixels{"pixels"};  // of an image; those of 16 bits have less than 2^33
    Input<int32_t> bias{"bias"};      // of the elements of integer types
    Input<uint32_t> zero{"zero"};     // always 0: see rounded()
    // ChannelStatistics, as 64-bit words. Indexed by word, channel, image.
    Output<Buffer<uint64_t, 3>> statistics{"statistics"};

    void generate() {
        const Type sum_type = is_float ? Float(64) : UInt(64);
        const Type count_type = Float(64);
        staged(f, s, c, n) = partial(f, c, clamp(s, 0, partial.dim(2).extent() - 1), n);
        RDom r(0, partial.dim(2).extent(), "r");
        const auto at = [&](StatisticsField field) { return staged(int(field), r, c, n); };
        total(c, n) = Tuple(Float(64).max(), Float(64).min(), cast(sum_type, 0), cast(sum_type, 0),
                            cast(count_type, 0));
        const FuncRef so_far = total(c, n);
        const auto add = [&](int i, const Expr &v) {
            const Expr value = reinterpret(sum_type, v);
            return is_float ? strict_float(so_far[i] + value) : so_far[i] + value;
        };
        total(c, n) = Tuple(min(so_far[0], at(statistics_min)), max(so_far[1], at(statistics_max)),
                            add(2, at(statistics_sum)), add(3, at(statistics_square)),
                            so_far[4] + at(statistics_count));
        strips = r;

        const Tuple t(total(c, n));
        const auto of =
            is_float ? finished_floats<Expressions>(t[0], t[1], t[2], t[3], t[4], zero)
                     : finished_integers<Expressions>(t[0], t[1], reinterpret<int64_t>(t[2]), t[3],
                                                      Expr(pixels), cast<int64_t>(bias), zero);
        const auto bits = [](const Expr &v) { return cast<uint64_t>(reinterpret<uint32_t>(v)); };
        const std::vector<Expr> words = {bits(of.min) | bits(of.max) << 32,
                                         reinterpret<uint64_t>(of.mean),
                                         reinterpret<uint64_t>(of.stddev)};
        statistics(w, c, n) = mux(w, words);
    }

    void schedule() {
        start_at_zero(partial, statistics);
        statistics.bound(w, 0, 3).unroll(w);
        if (using_autoscheduler()) {
            return;
        }
        const int tile = 128;
        RVar tiles("tiles"), of_tile("of_tile");
        Var thread("thread");
        statistics.split(n, n, thread, 1).reorder(w, thread, c, n);
        statistics.gpu_blocks(c, n).gpu_threads(thread).never_partition_all();
        total.compute_at(statistics, c).store_in(MemoryType::GPUShared);
        total.gpu_threads(n);
        total.update()
            .split(strips, tiles, of_tile, tile, TailStrategy::GuardWithIf)
            .reorder(of_tile, n, tiles)
            .gpu_threads(n);
        staged.compute_at(total, tiles).store_in(MemoryType::GPUShared);
        staged.bound(f, 0, statistics_fields)
            .bound_extent(s, tile)
            .reorder(f, s)
            .unroll(f)
            .gpu_threads(s);
    }

private:
    Var f{"f"}, w{"w"}, c{"c"}, s{"s"}, n{"n"};
    Func staged{"staged"}, total{"total"};
    RVar strips;
};

}  // namespace

HALIDE_REGISTER_GENERATOR(StatisticsDevice, glimpse_statistics_device)
HALIDE_REGISTER_GENERATOR(StatisticsFinish, glimpse_statistics_finish)
