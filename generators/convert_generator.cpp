// The kernels that change elements while they copy: their type, with a number subtracted from each
// and a factor applied, or their order in memory, between interleaved and planar.
//
// They read windows that lie wholly inside the image; others are extracted first, in tiles that
// stay in the cache.
#include "Halide.h"
#include "element.h"
#include "kernel_abi.h"

#include <algorithm>
#include <vector>

namespace {

using namespace Halide;
using namespace glimpse;

class Convert : public Generator<Convert> {
public:
    GeneratorParam<Type> type{"type", UInt(8)};
    GeneratorParam<Type> output{"output", UInt(8)};
    // Whether elements stay as they are, bit for bit: only their order changes.
    GeneratorParam<bool> only_order{"only_order", false};

    // Indexed by element, row, plane, image. Rows of one sample per pixel have any strides; rows of
    // several are dense, as are those of their glimpses.
    Input<Buffer<void, 4>> image{"image"};
    // Indexed by PositionField, glimpse.
    Input<Buffer<int32_t, 2>> position{"position"};
    // Indexed by element (periodic), ConversionField, plane.
    Input<Buffer<float, 3>> conversion{"conversion"};
    Input<int32_t> samples{"samples"};
    // Indexed by element, row, plane, glimpse.
    Output<Buffer<void, 4>> glimpse{"glimpse"};

    void configure() {
        image.set_type(stored(type));
        glimpse.set_type(stored(output));
    }

    void generate() {
        const Expr elements = glimpse.dim(0).extent();
        row(g) = position(position_y, g);
        // Promises are made of scalars: loads with a stride are shuffles of dense ones only where
        // Halide sees how their places are related.
        first(g) = unsafe_promise_clamped(position(position_x, g) * samples, 0,
                                          image.dim(0).extent() - elements);
        number(g) = position(position_image, g);
        glimpse(i, y, p, g) = undef(glimpse.type());

        const int n = natural_vector_size<float>(), narrow = std::min(n, 8);
        const Expr single = samples == 1;
        const Order dense = {1, image.dim(0).stride() == 1 && glimpse.dim(0).stride() == 1};
        std::vector<Order> orders = {dense};
        for (int channels : {3, 4}) {
            const Expr is_all = glimpse.dim(2).extent() == channels;
            const auto is_interleaved = [&](const auto &buffer) {
                return buffer.dim(0).stride() == channels && buffer.dim(2).stride() == 1;
            };
            orders.push_back(
                {channels, is_all && is_interleaved(image) && glimpse.dim(0).stride() == 1});
            if (only_order) {
                orders.push_back(
                    {channels, is_all && image.dim(0).stride() == 1 && is_interleaved(glimpse)});
            }
        }
        add_rows(2 * n, single && elements >= 2 * n, 1, orders);
        add_rows(narrow, single && elements >= narrow && elements < 2 * n, 1, orders);
        add_rows(1, single && elements < narrow, 1, {});
        if (!only_order) {
            // Vectors of whole pixels where these have 3 channels, or a power of two of them.
            const Expr three = samples == 3;
            const Expr widest = select(three, 3 * n, 2 * n);
            add_rows(3 * n, three && elements >= 3 * n, 0, {dense});
            add_rows(2 * n, !single && !three && elements >= 2 * n, samples, {dense});
            add_rows(narrow, !single && elements >= narrow && elements < widest, samples, {dense});
            add_rows(1, !single && elements < narrow, samples, {});
        }
    }

    void schedule() {
        for (int d = 0; d < 4; d++) {
            image.dim(d).set_min(0);
            glimpse.dim(d).set_min(0);
        }
        for (int d = 0; d < 3; d++) {
            conversion.dim(d).set_min(0);
        }
        position.dim(0).set_min(0);
        position.dim(1).set_min(0);
        image.dim(0).set_stride(Expr());
        glimpse.dim(0).set_stride(Expr());
        for (Func f : {row, first, number}) {
            f.compute_at(glimpse, g);
        }
        for (size_t s = 0; s < updates.size(); s++) {
            const Update &u = updates[s];
            Stage stage = glimpse.update(int(s)).allow_race_conditions();
            stage.reorder(u.lane, u.block, y, p, g);
            for (const Order &order : u.orders) {
                Stage special = stage.specialize(order.condition);
                if (order.channels > 1) {
                    Var outer("outer"), plane("plane");
                    special.split(p, outer, plane, order.channels, TailStrategy::GuardWithIf)
                        .reorder(u.lane, plane, u.block, y, outer, g)
                        .unroll(plane);
                }
                special.vectorize(u.lane);
            }
        }
    }

private:
    Var i{"i"}, y{"y"}, p{"p"}, g{"g"};
    Func row{"row"}, first{"first"}, number{"number"};

    // An order of elements on both sides that vectors know, of this many channels.
    struct Order {
        int channels;
        Expr condition;
    };
    struct Update {
        RVar lane, block;
        std::vector<Order> orders;
    };
    std::vector<Update> updates;

    // All rows, in vectors of `v`, the last of which overlaps, if `served`. `period` is the number
    // of elements after which channels repeat; 0: every vector begins with channel 0.
    void add_rows(int v, const Expr &served, const Expr &period, const std::vector<Order> &orders) {
        const Expr elements = glimpse.dim(0).extent();
        const RDom d({{0, v}, {0, elements}}, "d");
        RDom r = d;
        r.where(d.y * v < select(served, elements, 0));
        const Expr to = unsafe_promise_clamped(min(d.y * v, elements - v), 0, elements - v);
        const Expr element = image(
            first(g) + to + d.x, unsafe_promise_clamped(row(g) + y, 0, image.dim(1).extent() - 1),
            p, unsafe_promise_clamped(number(g), 0, image.dim(3).extent() - 1));
        const Expr channel = is_const_one(period)    ? Expr(0)
                             : is_const_zero(period) ? Expr(d.x)
                                                     : to % period + d.x;
        glimpse(to + d.x, y, p, g) = only_order ? element : converted(element, channel);
        updates.push_back({d.x, d.y, orders});
    }

    Expr converted(const Expr &element, const Expr &channel) {
        const auto parameter = [&](ConversionField field) {
            return conversion(unsafe_promise_clamped(channel, 0, conversion.dim(0).extent() - 1),
                              field, p);
        };
        const Type from = type;
        const Expr difference =
            strict_float(decoded(from, element) - parameter(conversion_subtract));
        return encoded(output, strict_float(difference * parameter(conversion_multiply)),
                       from.is_float());
    }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Convert, glimpse_convert)
