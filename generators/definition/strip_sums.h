// Sums over strips of rows, of which statistics are made: minimum, maximum, sum, sum of squares and
// number of elements, as a Tuple in this order.
//
// Sums of floats are made in an order that depends on the width and the number of channels alone,
// so that every target and any number of threads gives the same bits: an element belongs to lane
// `element mod lanes`; a lane adds up to 64 elements of a row to a chain; chains are added lane by
// lane in order; then, at the end of a strip, the lanes of a channel. Integers have no order to
// keep.
#ifndef GLIMPSE_GENERATORS_DEFINITION_STRIP_SUMS_H_
#define GLIMPSE_GENERATORS_DEFINITION_STRIP_SUMS_H_

#include "Halide.h"
#include "element.h"
#include "kernel_abi.h"

#include <functional>
#include <vector>

namespace glimpse {

// What elements of a type are counted as: halves as float32, and uint16 32768 lower, so that
// squares have 30 bits.
inline Halide::Type counted(const Halide::Type &type) {
    return type.is_float() ? Halide::Float(32) : type == Halide::UInt(16) ? Halide::Int(16) : type;
}

// Types of sums of elements, or of sums of such.
struct SumTypes {
    Halide::Type sum, square;
};

// Of nothing.
inline Halide::Tuple no_statistics(const Halide::Type &type, const SumTypes &t) {
    return {counted(type).max(), counted(type).min(), Halide::cast(t.sum, 0),
            Halide::cast(t.square, 0), Halide::cast(t.sum, 0)};
}

// Of a stored element, which counts only if `keep`; nothing defined: always. If `finite_only`,
// others do not count.
inline Halide::Tuple statistics_of(const Halide::Type &type, const Expr &element, const Expr &keep,
                                   bool finite_only, const SumTypes &t) {
    using namespace Halide;
    const bool is_float = type.is_float(), is_uint8 = type == UInt(8);
    const Expr v = is_float           ? decoded(type, element)
                   : type == UInt(16) ? reinterpret<int16_t>(element ^ Expr(uint16_t(0x8000)))
                                      : reinterpret(type, element);
    Expr counts = keep;
    if (finite_only) {
        const Expr is_finite = is_finite_bits(type, element);
        counts = counts.defined() ? counts && is_finite : is_finite;
    }
    const auto kept = [&](const Expr &otherwise) {
        return counts.defined() ? select(counts, v, otherwise) : v;
    };
    // A square is exact: 48 bits of a double, 16 or 30 of an integer.
    const Expr wide = cast(is_float   ? Float(64)
                           : is_uint8 ? UInt(16)
                                      : Int(32),
                           kept(cast(counted(type), 0)));
    return {kept(counted(type).max()), kept(counted(type).min()), cast(t.sum, wide),
            cast(t.square, wide * wide), finite_only ? cast(t.sum, counts) : cast(t.sum, 0)};
}

// Of both: what is in `a`, then what is in `b`.
inline Halide::Tuple merged(const Halide::Type &type, bool finite_only, const Halide::Tuple &a,
                            const Halide::Tuple &b) {
    using namespace Halide;
    const auto add = [&](const Expr &x, const Expr &y) {
        return type.is_float() ? strict_float(x + y) : x + y;
    };
    return {select(strict_float(b[0] < a[0]), b[0], a[0]),
            select(strict_float(b[1] > a[1]), b[1], a[1]), add(a[2], b[2]), add(a[3], b[3]),
            finite_only ? add(a[4], b[4]) : a[4]};
}

// The stages of a strip's sums. Rows of elements hold `samples` channels per pixel, one plane or
// one per channel.
struct StripSums {
    using RVar = Halide::RVar;
    using Var = Halide::Var;

    // What a generator chooses. The order of floats is fixed: 64 steps; 8 lanes of a channel of
    // pixels, 16 of a plane.
    Halide::Type type;
    int samples = 1, lane_count = 0, chain_steps = 64;
    bool finite_only = false;
    SumTypes of_chain, of_strip;

    // How chains of a strip are numbered: the one at `index` is number `block` of row `row` of the
    // strip; `all` are the indices of all, as a reduction domain has them.
    struct Chains {
        std::vector<Var> index;
        Expr block, row;
        std::vector<Expr> all;
    };
    // Indexed by lane, index of chain, plane, strip, image; without the index; and by channel of a
    // row, plane, strip, image.
    Halide::Func chain{"chain"}, lanes{"lanes"}, channel{"channel"};
    Var l{"l"}, p{"p"}, s{"s"}, n{"n"}, c{"c"};
    RVar step, row_of_tail;

    // Steps of whole lanes in a row, the last of which may be cut short by its end.
    Expr steps(const Expr &elements) const {
        return elements / lane_count;
    }
    Expr chains_of_row(const Expr &elements) const {
        return (steps(elements) + chain_steps - 1) / chain_steps;
    }

    // `image_at(element, row of the strip)` is a stored element of plane p of image n.
    void define(const std::function<Expr(const Expr &, const Expr &)> &image_at,
                const Expr &elements, const Expr &strip_rows, const Chains &chains) {
        using namespace Halide;
        const auto merge = [&](const FuncRef &a, const Tuple &b) {
            return merged(type, finite_only, Tuple(a), b);
        };
        const auto at = [&](auto index) {
            index.insert(index.begin(), l);
            index.insert(index.end(), {p, s, n});
            return index;
        };
        const std::vector<Var> here = at(chains.index);
        const Expr whole = steps(elements);
        RDom k(0, chain_steps, "k");
        k.where(chains.block * chain_steps + k < whole && chains.row < strip_rows);
        const Expr element = (chains.block * chain_steps + k) * lane_count + l;
        chain(here) = no_statistics(type, of_chain);
        chain(here) = merge(chain(here), statistics_of(type, image_at(element, chains.row), Expr(),
                                                       finite_only, of_chain));

        const FuncRef ended = chain(at(chains.all));
        lanes(l, p, s, n) = no_statistics(type, of_strip);
        lanes(l, p, s, n) = merge(lanes(l, p, s, n),
                                  {ended[0], ended[1], cast(of_strip.sum, ended[2]),
                                   cast(of_strip.square, ended[3]), cast(of_strip.sum, ended[4])});
        RDom t(0, statistics_strip_rows, "t");
        t.where(t < strip_rows && whole * lane_count < elements);
        const Expr last = whole * lane_count + l;
        lanes(l, p, s, n) =
            merge(lanes(l, p, s, n), statistics_of(type, image_at(min(last, elements - 1), t),
                                                   last < elements, finite_only, of_strip));

        RDom q(0, lane_count / samples, "q");
        channel(c, p, s, n) = no_statistics(type, of_strip);
        channel(c, p, s, n) = merge(channel(c, p, s, n),
                                    Tuple(lanes(clamp(c, 0, samples - 1) + q * samples, p, s, n)));
        step = k.x;
        row_of_tail = t.x;
    }

    // Field `f`, a StatisticsField, of channel `of` of strip s of image `of_image`: sums as bits.
    Expr field(const Expr &f, const Expr &of, const Expr &strip, const Expr &of_image) const {
        using namespace Halide;
        // One of samples and planes is 1.
        const Expr sample = samples == 1 ? Expr(0) : of, plane = samples == 1 ? of : Expr(0);
        std::vector<Expr> fields(statistics_fields);
        for (int i = 0; i < statistics_fields; i++) {
            const Expr value = channel(sample, plane, strip, of_image)[i];
            const bool is_sum = i == statistics_sum || i == statistics_square;
            fields[i] = is_sum ? reinterpret<double>(value) : cast<double>(value);
        }
        return mux(f, fields);
    }
};

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_DEFINITION_STRIP_SUMS_H_
