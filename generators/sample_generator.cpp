// The kernels that sample boxes on a processor: rows first, then columns.
//
// A row of a glimpse is made of two rows of the image, which are mixed over all that the row looks
// at, and then of two pixels of that mixture for each of its own. Where these lie, and with which
// weights, stands in tables that the library makes (src/host/sample_tables.h): no kernel knows of
// boxes or borders.
#include "Halide.h"
#include "buffers.h"
#include "definition/element.h"
#include "definition/mixture.h"
#include "dense_runs.h"
#include "halves.h"
#include "kernel_abi.h"
#include "pixel_orders.h"

#include <algorithm>
#include <vector>

namespace {

using namespace Halide;
using namespace glimpse;

class SampleLinear : public Generator<SampleLinear> {
public:
    // Of images, uint8 or float32; and of glimpses, the same or float32.
    GeneratorParam<Type> type{"type", UInt(8)};
    GeneratorParam<Type> output{"output", UInt(8)};

    // Indexed by element, row, plane, image.
    Input<Buffer<void, 4>> image{"image"};
    // Indexed by SupportField, glimpse.
    Input<Buffer<int32_t, 2>> support{"support"};
    // Indexed by SampledRowField, row of the glimpse, glimpse.
    Input<Buffer<int32_t, 3>> row{"row"};
    // Where in the support the first pixel of a column lies. Indexed by column, glimpse.
    Input<Buffer<int32_t, 2>> column{"column"};
    // Of the second pixel, for each lane of a pixel in registers. Indexed by lane, glimpse.
    Input<Buffer<void, 2>> column_weight{"column_weight"};
    // Indexed by lane, ConversionField, group of lanes.
    Input<Buffer<float, 3>> conversion{"conversion"};
    Input<int32_t> order{"order"};      // a SampleOrder
    Input<int32_t> samples{"samples"};  // channels per pixel in rows of the image
    // Indexed by element, row, plane, glimpse.
    Output<Buffer<void, 4>> glimpse{"glimpse"};

    void configure() {
        image.set_type(stored(type));
        column_weight.set_type(mixed_type(type));
        glimpse.set_type(stored(output));
    }

    void generate() {
        glimpse(i, y, p, g) = undef(stored(output));
        for (const PixelOrder &o : pixel_orders(samples, output.value().is_float())) {
            add_class(o);
        }
    }

    void schedule() {
        start_at_zero(image, support, row, column, column_weight, conversion, glimpse);
        for (size_t k = 0; k < classes.size(); k++) {
            schedule_class(classes[k], int(k));
        }
        get_pipeline().add_custom_lowering_pass(new DenseRuns);
        get_pipeline().add_custom_lowering_pass(new WholeLoads);
    }

private:
    Var i{"i"}, y{"y"}, p{"p"}, g{"g"}, l{"l"}, x{"x"}, e{"e"};

    // Rows of an order.
    struct Class : PixelOrder {
        Func mixture, near, pixel;
        RDom block, d;
    };
    std::vector<Class> classes;

    int mixed_at_once() const {
        return natural_vector_size(mixed_type(type));
    }

    void add_class(const PixelOrder &o) {
        Class c = {o, Func("mixture"), Func("near"), Func("pixel"), RDom(), RDom()};
        define_mixture(c);
        define_pixel(c);
        const int v = narrowest_sampled;
        const Expr columns = c.columns(glimpse.dim(0).extent());
        c.d = RDom({{0, c.lanes},
                    {0, v},
                    {0, (columns + v - 1) / v},
                    {0, c.groups()},
                    {0, select(order == int(c.order), 1, 0)}},
                   "d");
        const RVar lane = c.d[0], at = c.d[1], turn = c.d[2], group = c.d[3];
        const Expr to = within(min(turn * v, columns - v), columns - v) + at;
        if (c.splits) {
            const Expr m = c.pixel(lane, to, group, y, Expr(0), g);
            glimpse(to, y, lane, g) = converted(m, conversion(lane, conversion_subtract, 0),
                                                conversion(lane, conversion_multiply, 0));
        } else {
            glimpse(to * c.samples_of_pixel() + c.first_lane(group) + lane, y, p, g) =
                c.pixel(lane, to, group, y, p, g);
        }
        classes.push_back(c);
    }

    // Two rows of the image.
    void define_mixture(Class &c) {
        const int v = mixed_at_once();
        const Expr count = support(support_count, g), n = support(support_image, g);
        RDom block({{0, v}, {0, largest_support / v}}, "block");
        block.where(block.y * v < count);
        const Expr begin = min(block.y * v, count - v);
        const auto at_row = [&](int which) {
            const Expr from = within(support(support_first, g) + begin, image.dim(0).extent() - v);
            const Expr of_row = within(row(which, y, g), image.dim(1).extent() - 1);
            return mixable(type,
                           image(from + block.x, of_row, p, within(n, image.dim(3).extent() - 1)));
        };
        Expr weight = row(row_weight, y, g);
        weight = mixes_integers(type) ? cast<int16_t>(weight) : reinterpret<float>(weight);
        c.mixture(e, y, p, g) = undef(mixed_type(type));
        c.mixture(within(begin, largest_support - v) + block.x, y, p, g) =
            mixed(at_row(row_first), at_row(row_second), weight);
        c.block = block;
    }

    // Two pixels of the mixture; and what becomes of them.
    void define_pixel(Class &c) {
        Var q("q");  // group of lanes
        const Expr s = c.samples_of_pixel();
        const Expr first = within(column(x, g) + c.first_lane(q), largest_support - 2 * s - 4);
        const Expr weight = column_weight(c.lanes == 1 ? Expr(x) : x * c.room() + l, g);
        Expr a = c.mixture(first + l, y, p, g), b = c.mixture(first + s + l, y, p, g);
        if (c.lanes == 1) {
            c.near(l, x, y, p, g) = c.mixture(first + l, y, p, g);
            a = c.near(0, x, y, p, g);
            b = c.near(1, x, y, p, g);
        }
        const Expr m = mixed(a, b, weight);
        const auto parameter = [&](ConversionField f) {
            return c.lanes == 1 ? conversion(0, f, p) : conversion(l, f, q);
        };
        c.pixel(l, x, q, y, p, g) =
            c.splits ? m
            : output.value().is_float()
                ? converted(m, parameter(conversion_subtract), parameter(conversion_multiply))
                : mixed_uint8(m);
    }

    // Numbers of conversions are finite: of integers they make no NaN.
    Expr converted(const Expr &mixture, const Expr &subtract, const Expr &multiply) const {
        const Expr difference = strict_float(mixed_number(type, mixture) - subtract);
        return encoded(Float(32), strict_float(difference * multiply), !mixes_integers(type));
    }

    void schedule_class(Class &c, int index) {
        const RVar lane = c.d[0], at = c.d[1], turn = c.d[2], group = c.d[3], once = c.d[4];
        Stage stage = glimpse.update(index);
        stage.allow_race_conditions();
        if (c.splits) {
            stage.reorder({at, lane, turn, group, y, g, once}).vectorize(at).unroll(lane);
        } else {
            stage.reorder({lane, at, turn, group, y, p, g, once}).vectorize(lane).vectorize(at);
            if (c.lanes == 4) {
                stage.specialize(samples == 4);
            }
        }
        c.mixture.compute_at(glimpse, y)
            .store_in(MemoryType::Register)
            .bound_storage(e, largest_support);
        c.mixture.update().allow_race_conditions().vectorize(c.block.x);
        const int v = narrowest_sampled;
        if (c.lanes == 1) {
            c.near.compute_at(glimpse, turn).store_in(MemoryType::Register).bound(l, 0, 2);
            c.near.bound_extent(x, v).vectorize(l).vectorize(x);
            return;
        }
        c.pixel.compute_at(glimpse, turn).store_in(MemoryType::Register).bound(l, 0, c.room());
        c.pixel.bound_extent(x, v).vectorize(l).vectorize(x);
    }
};

// Of each pixel a glimpse shows one of the image's; only the width of elements counts.
class SampleNearest : public Generator<SampleNearest> {
public:
    GeneratorParam<Type> type{"type", UInt(8)};

    // Indexed by element, row, plane, image. Dense rows.
    Input<Buffer<void, 4>> image{"image"};
    // Indexed by PickedField, glimpse.
    Input<Buffer<int32_t, 2>> picked{"picked"};
    // Rows of the image. Indexed by row of the glimpse, glimpse.
    Input<Buffer<int32_t, 2>> row{"row"};
    // Elements of rows of the image, where pixels begin. Indexed by column, glimpse.
    Input<Buffer<int32_t, 2>> column{"column"};
    Input<int32_t> order{"order"};  // a SampleOrder, none that splits
    Input<int32_t> samples{"samples"};
    // Indexed by element, row, plane, glimpse.
    Output<Buffer<void, 4>> glimpse{"glimpse"};

    void configure() {
        image.set_type(type);
        glimpse.set_type(type);
    }

    void generate() {
        glimpse(i, y, p, g) = undef(type);
        add_class(sample_planes, 1);
        add_class(sample_pixels_2, 2);
        add_class(sample_pixels_3, 3);
        add_class(sample_pixels, 4);
        add_last();
    }

    void schedule() {
        start_at_zero(image, picked, row, column, glimpse);
        for (size_t k = 0; k < classes.size(); k++) {
            schedule_class(classes[k], int(k));
        }
        const RDom &d = last;
        glimpse.update(int(classes.size())).reorder({d[0], d[1], y, p, g});
        get_pipeline().add_custom_lowering_pass(new DenseRuns);
    }

private:
    Var i{"i"}, y{"y"}, p{"p"}, g{"g"}, l{"l"}, x{"x"}, q{"q"};

    struct Class {
        int lanes;
        Func pixel;
        RDom d;
    };
    std::vector<Class> classes;
    RDom last;

    // Of an image, `element` of the row that row y of a glimpse shows.
    Expr image_at(const Expr &element) {
        return image(element, within(row(y, g), image.dim(1).extent() - 1), p,
                     within(picked(picked_image, g), image.dim(3).extent() - 1));
    }

    // Pixels of 3 channels are loaded as 4 elements: where the last pixel of a row is asked for,
    // the library lets these begin an element early, and the columns are made again by add_last().
    void add_class(SampleOrder o, int lanes) {
        Class c = {lanes, Func("pixel"), RDom()};
        const int v = narrowest_sampled, room = lanes == 3 ? 4 : lanes;
        const Expr of_pixel = lanes == 4 ? Expr(samples) : Expr(lanes);
        const Expr columns = glimpse.dim(0).extent() / of_pixel;
        const Expr groups = lanes == 4 ? (samples + 3) / 4 : Expr(1);
        const auto first_lane = [&](const Expr &group) {
            return lanes == 4 ? min(group * 4, samples - 4) : Expr(0);
        };
        c.d = RDom({{0, lanes},
                    {0, v},
                    {0, (columns + v - 1) / v},
                    {0, groups},
                    {0, select(order == int(o), 1, 0)}},
                   "d");
        const Expr from = column(x, g) + first_lane(q);
        c.pixel(l, x, q, y, p, g) = image_at(within(from, image.dim(0).extent() - room) + l);
        const Expr to = within(min(c.d[2] * v, columns - v), columns - v) + c.d[1];
        glimpse(to * of_pixel + first_lane(c.d[3]) + c.d[0], y, p, g) =
            c.pixel(c.d[0], to, c.d[3], y, p, g);
        classes.push_back(c);
    }

    void add_last() {
        last = RDom({{0, 3}, {0, glimpse.dim(0).extent() / 3}}, "last");
        last.where(order == int(sample_pixels_3));
        last.where(last[1] >= picked(picked_last_begin, g));
        last.where(last[1] < picked(picked_last_end, g));
        last.where(column(last[1], g) == image.dim(0).extent() - 4);
        glimpse(last[1] * 3 + last[0], y, p, g) = image_at(image.dim(0).extent() - 3 + last[0]);
    }

    void schedule_class(Class &c, int index) {
        const RDom &d = c.d;
        Stage stage = glimpse.update(index);
        stage.allow_race_conditions();
        stage.reorder({d[0], d[1], d[2], d[3], y, p, g, d[4]}).vectorize(d[0]).vectorize(d[1]);
        if (c.lanes == 4) {
            stage.specialize(samples == 4);
        }
        c.pixel.compute_at(glimpse, d[2])
            .store_in(MemoryType::Register)
            .bound(l, 0, c.lanes == 3 ? 4 : c.lanes)
            .bound_extent(x, narrowest_sampled)
            .vectorize(l)
            .vectorize(x);
    }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(SampleLinear, glimpse_sample_linear)
HALIDE_REGISTER_GENERATOR(SampleNearest, glimpse_sample_nearest)
