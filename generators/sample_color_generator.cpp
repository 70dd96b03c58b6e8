// The kernel that samples boxes of frames, where outputs look at two pixels along each axis, and
// colours the samples.
//
// Two rows of luma are mixed, and those of chroma that belong to these; chroma gets a number for
// each pixel of the row; then pairs of pixels are mixed for each column, and become R, G and B.
// Where they lie, and with which weights, stands in tables (src/host/sample_color.cpp).
#include "Halide.h"
#include "buffers.h"
#include "chroma_rows.h"
#include "definition/color.h"
#include "definition/element.h"
#include "definition/mixture.h"
#include "dense_runs.h"
#include "kernel_abi.h"
#include "pixel_orders.h"

#include <algorithm>
#include <memory>
#include <vector>

namespace {

using namespace Halide;
using namespace glimpse;

class SampleColor : public Generator<SampleColor> {
public:
    GeneratorParam<Type> type{"type", UInt(8)};  // of frames: uint8, or uint16 with 10 bits

    // Indexed by element, row.
    Input<Buffer<void, 2>> luma{"luma"};
    // Indexed by element, row: of both in pairs, if they are `paired`, or of U and of V.
    Input<Buffer<void, 2>> chroma_0{"chroma_0"}, chroma_1{"chroma_1"};
    // Indexed by ColorRowField, row of the glimpse.
    Input<Buffer<int32_t, 2>> row{"row"};
    // Where in rows of luma the first pixel of a column lies, and the weight of the second.
    Input<Buffer<int32_t, 1>> column{"column"};
    Input<Buffer<float, 1>> column_weight{"column_weight"};
    Input<Buffer<float, 1>> weights{"weights"};        // by ChromaWeight
    Input<Buffer<float, 1>> floats{"floats"};          // by ColorFloat
    Input<Buffer<float, 2>> conversion{"conversion"};  // by ConversionField, channel
    Input<float> high{"high"};                         // numbers are clamped to [0, high]
    Input<int32_t> order{"order"};                     // a ColorOrder, but not of gray
    Input<bool> is_upper{"is_upper"}, paired{"paired"};
    // Whether a sample of chroma is of one pixel; if not, whether both of its pixels have it.
    Input<bool> is_full{"is_full"}, nearest{"nearest"};
    Input<int32_t> first_component{"first_component"};  // 0: U is first in tints; 1: V
    // The sample of chroma before that of the first pixel, from the first element on: -1 or more;
    // and whether that pixel is the left of its two, 0, or the right, 1.
    Input<int32_t> first_sample{"first_sample"}, phase{"phase"};
    // Indexed by element, row, plane. Of float32.
    Output<Buffer<uint32_t, 3>> glimpse{"glimpse"};

    void configure() {
        for (Input<Buffer<void, 2>> *input : {&luma, &chroma_0, &chroma_1}) {
            input->set_type(type);
        }
    }

    void generate() {
        mix_luma();
        mix_chroma();
        spread_chroma();
        glimpse(x, y, c) = undef<uint32_t>();
        add_class(color_planes);
        add_class(color_pixels);
    }

    void schedule() {
        start_at_zero(luma, chroma_0, chroma_1, row, column, column_weight, weights, floats,
                      conversion, glimpse);
        for (Func *f : {&luma_row, &mixture, &spread}) {
            f->compute_at(glimpse, y).store_in(MemoryType::Stack);
            f->bound_storage(f == &spread ? x : e, room_of_rows);
        }
        mixture.bound_storage(c, 2);
        luma_row.update().allow_race_conditions().vectorize(luma_block.x);
        rows_of_chroma->schedule([](Stage &) {});
        Var inner("inner");
        spread.bound(c, 0, 2)
            .align_bounds(x, 2)
            .split(x, x, inner, 2 * lanes(), TailStrategy::RoundUp)
            .vectorize(inner)
            .reorder(inner, c, x)
            .unroll(c);
        spread.specialize(is_full);
        spread.specialize(nearest);
        for (size_t n = 0; n < classes.size(); n++) {
            schedule_class(classes[n], int(n));
        }
        get_pipeline().add_custom_lowering_pass(new DenseRuns);
        get_pipeline().add_custom_lowering_pass(new WholeLoads);
    }

private:
    Var x{"x"}, y{"y"}, c{"c"}, e{"e"}, l{"l"}, k{"k"};
    Func luma_row{"luma_row"}, mixture{"mixture"}, pair{"pair"}, spread{"spread"};
    RDom luma_block;
    std::unique_ptr<ChromaRows> rows_of_chroma;

    // Rows of an order.
    struct Class {
        ColorOrder order;
        Func near, rgb;
        RDom d;
    };
    std::vector<Class> classes;

    static constexpr int room_of_rows = widest_color_sample + 4 * narrowest_chroma;
    int lanes() const {
        return natural_vector_size<float>();
    }
    Expr row_of(int field, const Expr &rows) const {
        return within(row(field, y), rows - 1);
    }

    void mix_luma() {
        const int v = 2 * lanes();
        const Expr count = luma.dim(0).extent();
        luma_block = RDom({{0, v}, {0, (count + v - 1) / v}}, "luma_block");
        const Expr from = within(min(luma_block.y * v, count - v), count - v) + luma_block.x;
        const auto at_row = [&](int field) {
            return cast<float>(
                frame_component(luma(from, row_of(field, luma.dim(1).extent())), is_upper));
        };
        luma_row(e, y) = undef<float>();
        luma_row(within(min(luma_block.y * v, count - v), widest_color_sample) + luma_block.x, y) =
            mixed(at_row(color_row_first), at_row(color_row_second),
                  reinterpret<float>(row(color_row_weight, y)));
    }

    void mix_chroma() {
        const ChromaPlanes planes = {{chroma_0, chroma_1},
                                     chroma_0.dim(0).extent(),
                                     chroma_0.dim(1).extent(),
                                     paired,
                                     is_upper};
        mixture(e, c, y) = undef<float>();
        rows_of_chroma = std::make_unique<ChromaRows>(
            mixture, y, planes, lanes(), widest_color_sample, [&](const auto &at_row) {
                const auto of_luma_row = [&](int field) {
                    const Expr quarters = cast<int16_t>(row(field + 2, y));
                    const Expr rest = cast<int16_t>(chroma_quarters) - quarters;
                    return cast<float>(at_row(row(field, y)) * rest +
                                       at_row(row(field + 1, y)) * quarters);
                };
                return mixed(of_luma_row(color_row_chroma), of_luma_row(color_row_chroma_second),
                             reinterpret<float>(row(color_row_weight, y)));
            });
    }

    // To pixels, the component that is first in tints first.
    void spread_chroma() {
        const Expr q = select(c == 0, first_component, 1 - first_component);
        const auto sample = [&](const Expr &at) { return mixture(at + first_sample + 1, q, y); };
        const auto between = [&](const Expr &at, ChromaWeight a, ChromaWeight b) {
            return strict_float(strict_float(sample(at) * weights(a)) +
                                strict_float(sample(at + 1) * weights(b)));
        };
        const Expr whole = weights(chroma_left_before) + weights(chroma_left);
        const Expr of_two = x / 2;
        const Expr linear = select(x % 2 == 0, between(of_two, chroma_left_before, chroma_left),
                                   between(of_two + 1, chroma_right, chroma_right_behind));
        spread(x, c, y) = select(is_full, sample(x + 1) * whole,  //
                                 nearest, sample(of_two + 1) * whole, linear);
    }

    void add_class(ColorOrder o) {
        Class s = {o, Func("near"), Func("rgb"), RDom()};
        const int v = narrowest_sampled;
        const Expr first = within(column(x), widest_color_sample - 2);
        s.near(l, c, x, y) =
            select(c == 0, luma_row(first + l, y), spread(first + l + phase, max(c - 1, 0), y));
        const auto sampled = [&](int n) {
            return mixed(s.near(0, n, x, y), s.near(1, n, x, y), column_weight(x));
        };
        const Tint t = float_tint(sampled(1), sampled(2), floats);
        const Expr of_luma = strict_float(sampled(0) * floats(color_float_luma));
        std::vector<Expr> channels;
        for (const Expr &of_channel : {t.first, t.middle, t.last}) {
            const int n = int(channels.size());
            const Expr sum = colored_float(of_luma, of_channel, floats(color_float_black + n));
            const Expr difference =
                strict_float(max(min(sum, high), 0.0f) - conversion(conversion_subtract, n));
            channels.push_back(reinterpret<uint32_t>(
                strict_float(difference * conversion(conversion_multiply, n))));
        }
        s.rgb(c, x, y) = mux(c, channels);
        const bool has_pixels = o == color_pixels;
        const Expr elements = glimpse.dim(0).extent();
        const Expr columns = has_pixels ? elements / 3 : elements;
        s.d = RDom({{0, v}, {0, 3}, {0, (columns + v - 1) / v}, {0, select(order == int(o), 1, 0)}},
                   "d");
        const Expr begin = min(s.d[2] * v, columns - v);
        const Expr at = (has_pixels ? max(begin, 0) : within(begin, columns - v)) + s.d[0];
        if (has_pixels) {
            glimpse(at * 3 + s.d[1], y, 0) = s.rgb(s.d[1], at, y);
        } else {
            glimpse(at, y, s.d[1]) = s.rgb(s.d[1], at, y);
        }
        classes.push_back(s);
    }

    void schedule_class(Class &s, int index) {
        const RDom &d = s.d;
        glimpse.update(index)
            .allow_race_conditions()
            .reorder({d[0], d[1], d[2], y, d[3]})
            .vectorize(d[0])
            .unroll(d[1]);
        const int v = narrowest_sampled;
        s.near.compute_at(glimpse, d[2])
            .store_in(MemoryType::Register)
            .bound(l, 0, 2)
            .bound(c, 0, 3)
            .bound_extent(x, v)
            .reorder_storage(l, x, c, y)
            .reorder(l, x, c)
            .vectorize(l)
            .vectorize(x)
            .unroll(c);
    }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(SampleColor, glimpse_sample_color)
