// The kernels that colour frames on a processor: rows of luma and chroma become R, G and B.
//
// Of frames themselves, chroma of 2 x 1 or 2 x 2 pixels is mixed first by rows, then by columns,
// for windows that lie inside the image; where what looks at a border or is no such format, the
// library makes rows of components first, one for each pixel (src/host/picture.cpp).
#include "Halide.h"
#include "buffers.h"
#include "chroma_rows.h"
#include "definition/color.h"
#include "definition/element.h"
#include "kernel_abi.h"
#include "pixel_orders.h"

#include <algorithm>
#include <memory>
#include <vector>

namespace {

using namespace Halide;
using namespace glimpse;

class Color : public Generator<Color> {
public:
    // Of components: uint8 and uint16 are those of frames, the latter of 10 bits; int16 and float32
    // are as definition/color.h has them, at each pixel.
    GeneratorParam<Type> type{"type", UInt(8)};
    GeneratorParam<Type> output{"output", UInt(8)};  // uint8 or float32

    // Rows of the glimpse that have the same chroma are a group. Indexed by column, row of a group,
    // group.
    Input<Buffer<void, 3>> luma{"luma"};
    // Indexed by element, row: of both in pairs, if they are `paired`, or of U and of V; of
    // components at each pixel, of those of the first and of the last channel's tint.
    Input<Buffer<void, 2>> chroma_0{"chroma_0"}, chroma_1{"chroma_1"};
    // Which rows of chroma a group mixes. Indexed by SampledRowField (the weight is one of the
    // second, of chroma_quarters), group.
    Input<Buffer<int32_t, 2>> row{"row"};
    Input<Buffer<int16_t, 1>> weights{"weights"};      // by ChromaWeight
    Input<Buffer<int16_t, 1>> integers{"integers"};    // by ColorInteger
    Input<Buffer<float, 1>> floats{"floats"};          // by ColorFloat
    Input<Buffer<float, 2>> conversion{"conversion"};  // by ConversionField, channel
    Input<float> low{"low"}, high{"high"};             // numbers are clamped to these
    Input<int32_t> order{"order"};                     // a ColorOrder
    Input<bool> is_upper{"is_upper"};                  // the 10 bits of words
    Input<bool> paired{"paired"}, nearest{"nearest"};
    Input<int32_t> first_component{"first_component"};  // 0: U is first in tints; 1: V
    // The sample of chroma before that of the first column, from the first element on: -1 or more;
    // and whether that column is the left of its two pixels, 0, or the right, 1.
    Input<int32_t> first_sample{"first_sample"}, phase{"phase"};
    // Indexed by element, row of a group, group, plane.
    Output<Buffer<void, 4>> glimpse{"glimpse"};

    void configure() {
        luma.set_type(stored(type));
        chroma_0.set_type(stored(type));
        chroma_1.set_type(stored(type));
        glimpse.set_type(stored(output));
    }

    void generate() {
        if (is_of_frames()) {
            mix_rows();
            mix_columns();
        }
        glimpse(x, r, y, c) = undef(stored(output));
        add_order(color_planes, 3);
        add_order(color_pixels, 3);
        if (!is_of_frames()) {
            add_order(color_gray, 1);
        }
    }

    void schedule() {
        start_at_zero(luma, chroma_0, chroma_1, row, weights, integers, floats, conversion,
                      glimpse);
        if (is_of_frames()) {
            schedule_chroma();
        }
        for (size_t n = 0; n < orders.size(); n++) {
            const RDom &d = orders[n];
            glimpse.update(int(n))
                .allow_race_conditions()
                .reorder({d[0], d[1], d[2], r, y, d[3]})
                .vectorize(d[0])
                .unroll(d[1]);
        }
    }

private:
    Var x{"x"}, r{"r"}, y{"y"}, c{"c"}, e{"e"}, i{"i"}, k{"k"};
    Func mixture{"mixture"}, pair{"pair"}, tint{"tint"};
    std::unique_ptr<ChromaRows> rows_of_chroma;
    std::vector<RDom> orders;
    static constexpr int room_of_rows = widest_color + 4 * narrowest_chroma;

    bool is_of_frames() const {
        return type.value().is_uint();
    }
    bool writes_floats() const {
        return output.value().is_float();
    }
    int lanes() const {
        return natural_vector_size<int16_t>();
    }
    // Of what is kept of chroma for each pixel: tints, or components of which floats are made.
    int tints() const {
        return writes_floats() ? 2 : 3;
    }
    // An element of components at each pixel.
    Expr decoded_element(const Expr &stored) const {
        return reinterpret(type, stored);
    }
    // Components are so many times those of `type`, as a power of two.
    int component_shift() const {
        return type.value().bits() == 8 ? 7 : 5;
    }

    Expr component(const Expr &stored) const {
        return frame_component(stored, is_upper);
    }

    // Two rows of chroma, in quarters; less the middle for integer tints.
    void mix_rows() {
        const int middle = type.value().bits() == 8 ? 512 : 2048;
        const Expr base = cast<int16_t>(writes_floats() ? 0 : middle);
        const Expr weight = cast<int16_t>(row(row_weight, y));
        const ChromaPlanes planes = {{chroma_0, chroma_1},
                                     chroma_0.dim(0).extent(),
                                     chroma_0.dim(1).extent(),
                                     paired,
                                     is_upper};
        mixture(e, c, y) = undef<int16_t>();
        rows_of_chroma = std::make_unique<ChromaRows>(
            mixture, y, planes, lanes(), widest_color, [&](const auto &at_row) {
                const Expr first = at_row(row(row_first, y));
                const Expr linear = first * (cast<int16_t>(chroma_quarters) - weight) +
                                    at_row(row(row_second, y)) * weight;
                return select(nearest, first << 2, linear) - base;
            });
    }

    // Of the sample `which` after that before a pair of pixels; component `q` of tints.
    Expr sample(int q, int which) {
        const Expr at = k + first_sample + 1 + which;
        return mixture(at, q == 0 ? Expr(first_component) : 1 - first_component, y);
    }

    // Samples of a row, and tints of these.
    void mix_columns() {
        const auto tint_of = [&](const auto &mixed) {
            const Expr a = mixed(0), b = mixed(1);
            if (writes_floats()) {
                return Expr(mux(c, {a, b}));
            }
            const Tint t = integer_tint(a, b, integers);
            return Expr(mux(c, {t.first, t.middle, t.last}));
        };
        const auto between = [&](int left, ChromaWeight a, ChromaWeight b) {
            return tint_of([&](int q) {
                return sample(q, left) * weights(a) + sample(q, left + 1) * weights(b);
            });
        };
        // Quarters become components, or twice as much for tints.
        const int whole = component_shift() - 2 + (writes_floats() ? 0 : 1);
        const Expr plain = tint_of([&](int q) { return sample(q, 1) << whole; });
        pair(i, k, c, y) = select(nearest, plain,  //
                                  i == 0, between(0, chroma_left_before, chroma_left),
                                  between(1, chroma_right, chroma_right_behind));
        tint(x, c, y) = pair(x % 2, x / 2, c, y);
    }

    // The channels of the pixel in a column, as they are written.
    std::vector<Expr> channels(const Expr &at) {
        const bool is_float = type.value().is_float();
        Expr l = is_of_frames() ? component(luma(at, r, y)) << component_shift()
                                : decoded_element(luma(at, r, y));
        const Expr plain[] = {decoded_element(chroma_0(at, y)), decoded_element(chroma_1(at, y))};
        if (!is_float && !writes_floats()) {
            const auto centered = [&](const Expr &v) {
                return (v - cast<int16_t>(color_middle / 2)) * cast<int16_t>(2);
            };
            Tint t;
            if (is_of_frames()) {
                t = {tint(at + phase, 0, y), tint(at + phase, 1, y), tint(at + phase, 2, y)};
            } else {
                t = integer_tint(centered(plain[0]), centered(plain[1]), integers);
            }
            l = integer_luma(l, integers);
            return {colored_uint8(l, t.first), colored_uint8(l, t.middle),
                    colored_uint8(l, t.last)};
        }
        const auto number = [&](const Expr &v) { return cast<float>(v); };
        const Expr first = number(is_of_frames() ? tint(at + phase, 0, y) : plain[0]);
        const Expr second = number(is_of_frames() ? tint(at + phase, 1, y) : plain[1]);
        const Tint t = float_tint(first, second, floats);
        const Expr of_luma = strict_float(number(l) * floats(color_float_luma));
        std::vector<Expr> result;
        for (const Expr &of_channel : {t.first, t.middle, t.last}) {
            const int n = int(result.size());
            const Expr v = max(
                min(colored_float(of_luma, of_channel, floats(color_float_black + n)), high), low);
            const Expr difference = strict_float(v - conversion(conversion_subtract, n));
            const Expr converted = strict_float(difference * conversion(conversion_multiply, n));
            result.push_back(writes_floats() ? reinterpret<uint32_t>(converted)
                                             : encoded(UInt(8), v, false));
        }
        return result;
    }

    // Elements that are written at once: of uint8 as many as two vectors of components have.
    int columns_at_once() const {
        return writes_floats() ? natural_vector_size<float>()
                               : std::min(2 * lanes(), narrowest_color);
    }
    void add_order(ColorOrder o, int count) {
        const int v = columns_at_once();
        const bool has_pixels = o == color_pixels;
        const Expr elements = glimpse.dim(0).extent(),
                   columns = has_pixels ? elements / 3 : elements;
        const RDom d(
            {{0, v}, {0, count}, {0, (columns + v - 1) / v}, {0, select(order == int(o), 1, 0)}},
            "d");
        // Halide makes one dense store of strided ones only if no promise stands between them.
        const Expr begin = min(d[2] * v, columns - v);
        const Expr at = (has_pixels ? max(begin, 0) : within(begin, columns - v)) + d[0];
        const std::vector<Expr> all = channels(at);
        const Expr value = count == 1 ? all[1] : Expr(mux(d[1], all));
        if (has_pixels) {
            glimpse(at * 3 + d[1], r, y, 0) = value;
        } else {
            glimpse(at, r, y, d[1]) = value;
        }
        orders.push_back(d);
    }

    void schedule_chroma() {
        const int v = lanes();
        Var inner("inner");
        mixture.compute_at(glimpse, y)
            .store_in(MemoryType::Stack)
            .bound_storage(e, room_of_rows)
            .bound_storage(c, 2);
        rows_of_chroma->schedule([&](Stage &stage) { stage.specialize(nearest); });
        tint.compute_at(glimpse, y)
            .store_in(MemoryType::Stack)
            .bound_storage(x, room_of_rows)
            .bound(c, 0, tints())
            .align_bounds(x, 2)
            .split(x, x, inner, 2 * v, TailStrategy::RoundUp)
            .vectorize(inner)
            .reorder(inner, c, x)
            .unroll(c);
        tint.specialize(nearest);
        pair.compute_at(tint, x)
            .store_in(MemoryType::Register)
            .bound(i, 0, 2)
            .bound_extent(k, v)
            .vectorize(k)
            .unroll(i)
            .reorder(i, c, k)
            .unroll(c);
    }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Color, glimpse_color)
