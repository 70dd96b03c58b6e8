// The kernels that sample boxes on a processor by filters of many taps: SampleRows makes of rows of
// an image one sum for each row of a glimpse, over all that the row looks at, and SampleColumns
// makes of each of these sums a row of the glimpse. Where pixels lie, and with which weights,
// stands in tables that the library makes (src/host/sample_taps.cpp): no kernel knows of boxes or
// borders.
#include "Halide.h"
#include "buffers.h"
#include "definition/element.h"
#include "definition/filter.h"
#include "definition/sums.h"
#include "dense_runs.h"
#include "kernel_abi.h"
#include "pair_products.h"
#include "pixel_orders.h"

#include <algorithm>
#include <vector>

namespace {

using namespace Halide;
using namespace glimpse;

// Bits of integer weights, which are known to be a few.
Expr promised_bits(const Expr &bits) {
    return unsafe_promise_clamped(bits, least_weight_bits, most_weight_bits);
}

class SampleRows : public Generator<SampleRows> {
public:
    GeneratorParam<Type> type{"type", UInt(8)};  // of images, uint8 or float32
    GeneratorParam<bool> by_integers{"by_integers", true};

    // Indexed by element, row, plane.
    Input<Buffer<void, 3>> image{"image"};
    // The row of the image that is a tap, and its weight. Indexed by tap, row of the glimpse.
    Input<Buffer<int32_t, 2>> row{"row"};
    Input<Buffer<void, 2>> weight{"weight"};
    Input<int32_t> taps{"taps"};  // of integers even
    Input<int32_t> bits{"bits"};  // of integer weights
    // Indexed by element, row of the glimpse, plane.
    Output<Buffer<void, 3>> sum{"sum"};

    void configure() {
        image.set_type(stored(type));
        weight.set_type(sum_type(by_integers));
        sum.set_type(sum_type(by_integers));
    }

    void generate() {
        const int v = narrowest_summed;
        const Expr count = sum.dim(0).extent(), last_block = count - v;
        block = RDom({{0, v}, {0, (count + v - 1) / v}}, "block");
        tap = RDom(0, by_integers ? taps / 2 : taps, "tap");
        const auto value = [&](const Expr &t) {
            const Expr from = within(min(b * v, last_block), image.dim(0).extent() - v);
            return image(from + l, within(row(of(t), y), image.dim(1).extent() - 1), p);
        };
        const Expr weight_bits = promised_bits(bits);
        column(l, b, y, p) = by_integers ? integer_start(column_shift(weight_bits)) : Expr(0.0f);
        if (by_integers) {
            const auto term = [&](const Expr &t) {
                return integer_tap(value(t), weight(of(t), y));
            };
            column(l, b, y, p) += term(2 * tap) + term(2 * tap + 1);
        } else {
            column(l, b, y, p) = with_tap(column(l, b, y, p), decoded(type, value(tap)),
                                          weight(of(tap), y), type.value() == UInt(8));
        }
        sum(e, y, p) = undef(sum_type(by_integers));
        sum(within(min(block.y * v, last_block), last_block) + block.x, y, p) =
            by_integers ? column_sum(column(block.x, block.y, y, p), weight_bits)
                        : Expr(column(block.x, block.y, y, p));
    }

    void schedule() {
        start_at_zero(image, row, weight, sum);
        Stage stage = sum.update();
        stage.allow_race_conditions().reorder({block.x, block.y, y, p}).vectorize(block.x);
        Var i("i");
        const int lanes =
            std::min(narrowest_summed, natural_vector_size<float>() * (by_integers ? 4 : 1));
        column.compute_at(sum, block.y).store_in(MemoryType::Register);
        column.split(l, l, i, lanes).vectorize(i).unroll(l);
        column.update().split(l, l, i, lanes).reorder(i, l, tap).vectorize(i).unroll(l);
        get_pipeline().add_custom_lowering_pass(new PairProducts);
    }

private:
    Var e{"e"}, y{"y"}, p{"p"}, l{"l"}, b{"b"};  // l: of an element in its block
    Func column{"column"};
    RDom block, tap;

    Expr of(const Expr &t) const {
        return within(t, weight.dim(0).extent() - 1);
    }
};

class SampleColumns : public Generator<SampleColumns> {
public:
    GeneratorParam<bool> by_integers{"by_integers", true};
    GeneratorParam<Type> output{"output", UInt(8)};  // of integers uint8, else also float32
    // Whether no sum is NaN or infinite.
    GeneratorParam<bool> finite{"finite", true};

    // Indexed by element, row, plane; with room to read behind the last of a row.
    Input<Buffer<void, 3>> sum{"sum"};
    // The element where the first tap of a column lies. Columns here are those of turns of
    // narrowest_sampled; the last turn makes some of the one before once more.
    Input<Buffer<int32_t, 1>> column{"column"};
    // Indexed by tap, column. Of more channels than one: by tap of a pair of integers or, of
    // float32, by lane; column of a group; and pair or tap, all in one; and group of weight_columns
    // columns.
    Input<Buffer<void, 2>> weight{"weight"};
    // Of integers a multiple of 2, of one channel of 8; of float32 of 4.
    Input<int32_t> taps{"taps"};
    Input<int32_t> bits{"bits"};  // of integer weights
    // Indexed by lane, ConversionField, group of lanes.
    Input<Buffer<float, 3>> conversion{"conversion"};
    Input<int32_t> order{"order"};      // a SampleOrder
    Input<int32_t> samples{"samples"};  // channels per pixel in rows of sums
    // Indexed by element, row, plane.
    Output<Buffer<void, 3>> glimpse{"glimpse"};

    void configure() {
        sum.set_type(sum_type(by_integers));
        weight.set_type(sum_type(by_integers));
        glimpse.set_type(stored(output));
    }

    void generate() {
        glimpse(i, y, p) = undef(stored(output));
        for (const PixelOrder &o : pixel_orders(samples, output.value().is_float())) {
            add_class(o);
        }
    }

    void schedule() {
        start_at_zero(sum, column, weight, conversion, glimpse);
        for (size_t n = 0; n < classes.size(); n++) {
            schedule_class(classes[n], int(n));
        }
        get_pipeline().add_custom_lowering_pass(new DenseRuns);
        get_pipeline().add_custom_lowering_pass(new RoundLoads("sum"));
        get_pipeline().add_custom_lowering_pass(new LoadsOfFour(by_integers ? "total" : "pixel"));
        get_pipeline().add_custom_lowering_pass(new PairProducts);
    }

private:
    Var i{"i"}, y{"y"}, p{"p"}, l{"l"}, u{"u"}, x{"x"}, q{"q"}, part{"part"};

    // Rows of an order.
    struct Class : PixelOrder {
        Func total, pixel;
        RDom tap, d;
    };
    std::vector<Class> classes;

    bool writes_floats() const {
        return output.value().is_float();
    }
    // Of uint8 where outputs look at more pixels than sums of integers are for.
    bool is_rare() const {
        return !by_integers && !writes_floats();
    }

    void add_class(const PixelOrder &o) {
        Class c = {o, Func("total"), Func("pixel"), RDom(), RDom()};
        const Expr total = by_integers ? define_integers(c) : define_floats(c);
        c.pixel(l, u, x, q, y, p) = by_integers        ? summed_uint8(total, promised_bits(bits))
                                    : !writes_floats() ? encoded(UInt(8), total, false)
                                    : c.splits         ? total
                                    : c.lanes == 1     ? converted(total, Expr(0), p)
                                                       : converted(total, l, q);
        const int v = narrowest_sampled;
        const Expr s = c.samples_of_pixel();
        const Expr columns = c.columns(glimpse.dim(0).extent());
        const int w = weight_columns;
        c.d = RDom({{0, c.lanes},
                    {0, w},
                    {0, v / w},
                    {0, (columns + v - 1) / v},
                    {0, c.groups()},
                    {0, select(order == int(c.order), 1, 0)}},
                   "d");
        const RVar lane = c.d[0], at = c.d[1], block = c.d[2], turn = c.d[3], group = c.d[4];
        const Expr to = within(min(turn * v, columns - v), columns - v) + block * w + at;
        const Expr block_of_row = turn * (v / w) + block;
        if (c.splits) {
            glimpse(to, y, lane) =
                converted(c.pixel(lane, at, block_of_row, group, y, Expr(0)), lane, Expr(0));
        } else {
            glimpse(to * s + c.first_lane(group) + lane, y, p) =
                c.pixel(lane, at, block_of_row, group, y, p);
        }
        classes.push_back(c);
    }

    Expr value(const Class &c, const Expr &tap, const Expr &offset) {
        const Expr from =
            column(x * weight_columns + u) + c.first_lane(q) + tap * c.samples_of_pixel();
        // Four pixels are read at once, with a lane more than they have.
        const Expr room = 4 * c.samples_of_pixel() + room_behind_sums;
        return sum(within(from, sum.dim(0).extent() - room) + offset, y, p);
    }
    // Of one of so many taps of one channel that are read at once.
    Expr weight_of(const Expr &tap, const Expr &offset, int at_once) {
        return weight(within(tap, weight.dim(0).extent() - at_once) + offset,
                      x * weight_columns + u);
    }
    // Of column `u` of a group. A column has a run of weights for each pair of taps, or for each
    // tap; `at_once` such runs are read from `first` on, of which this is element `offset` of
    // run `at`.
    Expr weight_in_group(const Expr &first, int at_once, int run, const Expr &at,
                         const Expr &offset) {
        const int of_columns = weight_columns * run;
        const Expr last = weight.dim(0).extent() - at_once * of_columns;
        return weight(within(first * of_columns, last) + at * of_columns + u * run + offset, x);
    }

    // Sums of two products: of neighbours of one channel, in four parts; or of a channel of two
    // pixels.
    Expr define_integers(Class &c) {
        const Expr start = integer_start(row_shift(promised_bits(bits)));
        if (c.lanes == 1) {
            c.tap = RDom({{0, 2}, {0, taps / 8}}, "tap");
            const Expr first = 8 * c.tap.y, offset = 2 * l + c.tap.x;
            c.total(l, u, x, q, y, p, part) = 0;
            c.total(l, u, x, q, y, p, part) +=
                integer_tap(value(c, first, offset), weight_of(first, offset, 8));
            const auto sum_of = [&](int k) { return c.total(k, u, x, q, y, p, 0); };
            return (sum_of(0) + sum_of(2)) + (sum_of(1) + sum_of(3)) + start;
        }
        c.total(l, u, x, q, y, p, part) = start;
        if (c.has_groups()) {
            c.tap = RDom({{0, 1}, {0, taps / 2}}, "tap");
            const auto term = [&](int k) {
                return integer_tap(value(c, 2 * c.tap.y + k, l),
                                   weight_in_group(c.tap.y, 1, 2, 0, k));
            };
            c.total(l, u, x, q, y, p, part) += term(0) + term(1);
        } else {
            c.tap = RDom({{0, 2}, {0, taps / 2}}, "tap");
            c.total(l, u, x, q, y, p, part) +=
                integer_tap(value(c, 2 * c.tap.y, c.samples_of_pixel() * c.tap.x + l),
                            weight_in_group(c.tap.y, 1, 2, 0, c.tap.x));
        }
        return c.total(l, u, x, q, y, p, 0);
    }

    Expr define_floats(Class &c) {
        c.tap = RDom({{0, 1}, {0, taps / 4}}, "tap");
        const Expr first = 4 * c.tap.y;
        const Expr weight_of_lane = weight_in_group(first, 4, weight_lanes, part, l);
        c.total(l, u, x, q, y, p, part) = 0.0f;
        c.total(l, u, x, q, y, p, part) = with_tap(
            c.total(l, u, x, q, y, p, part), value(c, first, c.samples_of_pixel() * part + l),
            c.lanes == 1 ? weight_of(first, part, 4) : weight_of_lane, finite);
        const auto sum_of = [&](int k) { return c.total(l, u, x, q, y, p, k); };
        return row_sum(sum_of(0), sum_of(1), sum_of(2), sum_of(3));
    }

    // Numbers of conversions are finite: of finite sums they make no NaN.
    Expr converted(const Expr &total, const Expr &lane, const Expr &group) {
        const Expr difference = strict_float(total - conversion(lane, conversion_subtract, group));
        return encoded(Float(32),
                       strict_float(difference * conversion(lane, conversion_multiply, group)),
                       !finite);
    }

    void schedule_class(Class &c, int index) {
        const RVar lane = c.d[0], at = c.d[1], block = c.d[2], turn = c.d[3], group = c.d[4],
                   once = c.d[5];
        Stage stage = glimpse.update(index);
        stage.allow_race_conditions();
        if (c.splits) {
            stage.reorder({at, block, lane, turn, group, y, once});
            stage.vectorize(at).vectorize(block).unroll(lane);
        } else {
            stage.reorder({lane, at, block, turn, group, y, p, once});
            stage.vectorize(lane).vectorize(at).vectorize(block);
            if (c.lanes == 4 && !is_rare()) {
                stage.specialize(samples == 4);
            }
        }
        c.pixel.compute_at(glimpse, turn).store_in(MemoryType::Register);
        c.pixel.bound(l, 0, c.room()).bound(u, 0, weight_columns);
        c.pixel.bound_extent(x, narrowest_sampled / weight_columns).vectorize(l);
        // In registers, where that is worth the size: stores are not waited for.
        if (by_integers || (!is_rare() && (c.splits || c.lanes == 3))) {
            c.pixel.unroll(x);
        }
        if (c.lanes == 1 || by_integers) {
            c.pixel.vectorize(u);
        } else {
            c.pixel.unroll(u);
        }
        c.total.compute_at(c.pixel, x).store_in(MemoryType::Register);
        c.total.bound(u, 0, weight_columns);
        if (by_integers) {
            schedule_integers(c);
        } else {
            schedule_floats(c);
        }
    }

    void schedule_integers(Class &c) {
        c.total.bound(l, 0, c.lanes == 1 ? 4 : c.room()).bound(part, 0, 1);
        c.total.vectorize(l).unroll(u);
        Stage stage = c.total.update();
        stage.reorder(c.tap.x, l, u, c.tap.y);
        if (c.has_groups()) {
            stage.unroll(c.tap.x).vectorize(l).unroll(u);
        } else {
            stage.atomic().vectorize(c.tap.x).vectorize(l).unroll(u);
        }
    }

    // Vectors of the four parts of one channel, or of the channels of a pixel; and of more pixels
    // where there is room.
    void schedule_floats(Class &c) {
        const bool is_plane = c.lanes == 1;
        const Var within_vector = is_plane ? part : l, beside = is_plane ? l : part;
        Var inner("inner");
        const int pixels =
            std::clamp(natural_vector_size<float>() / (is_plane ? 4 : c.room()), 1, weight_columns);
        c.total.bound(l, 0, c.room()).bound(part, 0, 4);
        c.total.reorder_storage(within_vector, u, beside, x, q, y, p);
        c.total.reorder(within_vector, u, beside).vectorize(within_vector).unroll(u).unroll(beside);
        c.total.update()
            .split(u, u, inner, pixels)
            .reorder({within_vector, inner, u, beside, c.tap.x, c.tap.y})
            .vectorize(within_vector)
            .vectorize(inner)
            .unroll(u)
            .unroll(beside)
            .unroll(c.tap.x);
    }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(SampleRows, glimpse_sample_rows)
HALIDE_REGISTER_GENERATOR(SampleColumns, glimpse_sample_columns)
