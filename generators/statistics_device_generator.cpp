// The two kernels of statistics on a device: partial ones of strips of rows, of all images in one
// launch, and what becomes of these. Sums of floats are made in the order of
// statistics_generator.cpp.
#include "Halide.h"
#include "element.h"
#include "fuse.h"
#include "halves.h"
#include "kernel_abi.h"
#include "rounding.h"
#include "statistics.h"

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
        // Nobody can look whether a second pass is needed, which leaves out what is not finite.
        const bool is_float = type.value().is_float();
        const SumTypes of_chain = {is_float ? Float(64) : Int(32), is_float ? Float(64) : UInt(64)};
        const SumTypes of_strip = {is_float ? Float(64) : Int(64), is_float ? Float(64) : UInt(64)};
        lane_count = samples == 1 ? 16 : 8 * samples;
        const Expr elements = image.dim(0).extent(), rows = image.dim(1).extent();
        const auto image_at = [&](const Expr &element, const Expr &row) {
            return image(unsafe_promise_clamped(element, 0, elements - 1),
                         unsafe_promise_clamped(row, 0, rows - 1), p, n);
        };
        const auto merge = [&](const FuncRef &a, const Tuple &b) {
            return merged(type, is_float, Tuple(a), b);
        };
        const auto of_element = [&](const Expr &e, const Expr &keep, const SumTypes &t) {
            return statistics_of(type, e, keep, is_float, t);
        };

        // Steps of whole lanes, the last of which may be cut short by the end of the row.
        const Expr steps = elements / lane_count;
        const Expr chains_of_row = (steps + chain_steps - 1) / chain_steps;
        const Expr first_row = s * statistics_strip_rows;
        const Expr strip_rows = min(rows - first_row, statistics_strip_rows);

        // Chain j of a strip: rows follow one another.
        const Expr row_of_chain = j / max(chains_of_row, 1);
        const Expr chain_of_row = j - row_of_chain * chains_of_row;
        RDom k(0, chain_steps, "k");
        k.where(chain_of_row * chain_steps + k < steps && row_of_chain < strip_rows);
        const Expr chained =
            image_at((chain_of_row * chain_steps + k) * lane_count + l, first_row + row_of_chain);
        chain(l, j, p, s, n) = no_statistics(type, of_chain);
        chain(l, j, p, s, n) = merge(chain(l, j, p, s, n), of_element(chained, Expr(), of_chain));

        RDom r(0, chains_of_row * statistics_strip_rows, "r");
        r.where(r < chains_of_row * strip_rows);
        const FuncRef ended = chain(l, r, p, s, n);
        lanes(l, p, s, n) = no_statistics(type, of_strip);
        lanes(l, p, s, n) = merge(lanes(l, p, s, n),
                                  {ended[0], ended[1], cast(of_strip.sum, ended[2]),
                                   cast(of_strip.square, ended[3]), cast(of_strip.sum, ended[4])});

        RDom t(0, statistics_strip_rows, "t");
        t.where(t < strip_rows && steps * lane_count < elements);
        const Expr last = steps * lane_count + l;
        lanes(l, p, s, n) =
            merge(lanes(l, p, s, n), of_element(image_at(min(last, elements - 1), first_row + t),
                                                last < elements, of_strip));

        RDom q(0, lane_count / samples, "q");
        channel(c, p, s, n) = no_statistics(type, of_strip);
        channel(c, p, s, n) = merge(channel(c, p, s, n),
                                    Tuple(lanes(clamp(c, 0, samples - 1) + q * samples, p, s, n)));

        // One of samples and planes is 1.
        const Expr sample = samples == 1 ? Expr(0) : c, plane = samples == 1 ? c : Expr(0);
        std::vector<Expr> fields(statistics_fields);
        for (int i = 0; i < statistics_fields; i++) {
            const Expr value = channel(sample, plane, s, n)[i];
            const bool is_sum = i == statistics_sum || i == statistics_square;
            fields[i] = is_sum ? reinterpret<double>(value) : cast<double>(value);
        }
        partial(f, c, s, n) = mux(f, fields);

        chains = r;
        step = k;
        row_of_strip = t;
    }

    void schedule() {
        for (int d = 0; d < 4; d++) {
            image.dim(d).set_min(0);
            partial.dim(d).set_min(0);
        }
        image.dim(0).set_stride(Expr());
        lower_halves(get_pipeline(), target);
        partial.bound(f, 0, statistics_fields).unroll(f);
        if (!target.value().has_gpu_feature()) {  // for a test
            get_pipeline().add_custom_lowering_pass(new FuseProducts);
            channel.compute_at(partial, c).store_in(MemoryType::Stack);
            lanes.compute_at(partial, c).store_in(MemoryType::Stack).bound(l, 0, lane_count);
            chain.compute_at(lanes, chains).store_in(MemoryType::Stack).bound(l, 0, lane_count);
            lanes.update(0).reorder(l, chains);
            lanes.update(1).unscheduled();
            return;
        }
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
        lanes.update(1).reorder(row_of_strip, l).gpu_threads(l);
        chain.compute_at(lanes, groups)
            .store_in(MemoryType::GPUShared)
            .bound(l, 0, lane_count)
            .bound_extent(j, group);
        chain.gpu_threads(l, j);
        chain.update().reorder(step, l, j).gpu_threads(l, j).unroll(step, 8);
    }

private:
    static constexpr int chain_steps = 64;

    Var l{"l"}, j{"j"}, p{"p"}, s{"s"}, c{"c"}, f{"f"}, n{"n"};
    Func chain{"chain"}, lanes{"lanes"}, channel{"channel"};
    RVar chains, step, row_of_strip;
    int lane_count = 0;
};

// What src/statistics.cpp does with partial statistics: a block for each channel of an image.
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

        const Tuple words =
            is_float ? finished_float(Tuple(total(c, n))) : finished_integer(Tuple(total(c, n)));
        statistics(w, c, n) = mux(w, {words[0], words[1], words[2]});
    }

    void schedule() {
        for (int d = 0; d < 4; d++) {
            partial.dim(d).set_min(0);
        }
        for (int d = 0; d < 3; d++) {
            statistics.dim(d).set_min(0);
        }
        if (!target.value().has_gpu_feature()) {  // for a test
            get_pipeline().add_custom_lowering_pass(new FuseProducts);
            statistics.bound(w, 0, 3).unroll(w);
            total.compute_at(statistics, c).store_in(MemoryType::Stack);
            return;
        }
        const int tile = 128;
        RVar tiles("tiles"), of_tile("of_tile");
        Var thread("thread");
        statistics.bound(w, 0, 3).unroll(w).split(n, n, thread, 1).reorder(w, thread, c, n);
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

    // ChannelStatistics as words; -0 of the extremes becomes +0.
    static Tuple words_of(const Expr &low, const Expr &high, const Expr &mean, const Expr &stddev) {
        const auto bits = [](const Expr &v) {
            return cast<uint64_t>(reinterpret<uint32_t>(select(v == 0.0f, 0.0f, v)));
        };
        return {bits(low) | bits(high) << 32, reinterpret<uint64_t>(mean),
                reinterpret<uint64_t>(stddev)};
    }
    static Expr deviation(const Expr &variance) {
        const Expr none = cast<double>(0);
        return select(variance > none, sqrt(max(variance, none)), none);
    }

    Tuple finished_integer(const Tuple &t) {
        const Expr count = cast<uint64_t>(pixels), sum = reinterpret<int64_t>(t[2]);
        // About the integer nearest to the mean all is exact but a correction of at most 1. Numbers
        // are modulo 2^64, of which the square is left.
        const Expr center = (sum + pixels / 2) / max(pixels, 1);
        const Expr moved = sum - pixels * center;
        const Expr square =
            t[3] - cast<uint64_t>(center) * (2 * t[2] - count * cast<uint64_t>(center));
        const Expr divisor = cast<double>(pixels);
        const Expr mean = cast<double>(moved) / divisor;
        const Expr variance =
            strict_float(cast<double>(square) / divisor - rounded(mean * mean, zero));
        const Expr shift = cast<double>(bias);
        return words_of(cast<float>(t[0] + shift), cast<float>(t[1] + shift),
                        cast<double>(sum + cast<int64_t>(bias) * pixels) / divisor,
                        deviation(variance));
    }

    Tuple finished_float(const Tuple &t) {
        const Expr none = cast<double>(0);
        const Expr has_any = t[4] > none, count = select(has_any, t[4], cast<double>(1));
        const Expr low = cast<float>(t[0]), high = cast<float>(t[1]);
        const Expr mean = t[2] / count;
        const Expr variance = strict_float(t[3] - rounded(t[2] * mean, zero)) / count;
        const Expr is_flat = t[0] == t[1];
        const Expr flat = select(is_flat, t[0], mean);
        return words_of(select(has_any, low, 0.0f), select(has_any, high, 0.0f),
                        select(has_any && flat != none, flat, none),
                        select(has_any && !is_flat, deviation(variance), none));
    }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(StatisticsDevice, glimpse_statistics_device)
HALIDE_REGISTER_GENERATOR(StatisticsFinish, glimpse_statistics_finish)
