// The kernels that extract glimpses. One generator, so that all share one signature and a variant
// is a plain table of function pointers; its parameter `form` chooses the border family and how it
// is written.
//
// Buffers are rows of elements: an interleaved row has `width * samples` elements, `samples`
// channels per pixel, and there is one plane; in any other layout a pixel has one sample and every
// channel is a plane.
#include "Halide.h"
#include "border.h"
#include "kernel_abi.h"
#include "noise.h"

#include <utility>
#include <vector>

namespace {

using namespace Halide;
using namespace glimpse;

enum class Form {
    // The definition, for any strides and any distance: what the other forms must equal.
    pure_value,
    pure_map,
    pure_noise,
    // Windows that lie wholly inside the image, whatever the border.
    inside,
    // Windows that may leave the image, in dense rows.
    value,
    map,
    noise,
};

class Extract : public Generator<Extract> {
public:
    GeneratorParam<Form> form{"form",
                              Form::pure_value,
                              {{"pure_value", Form::pure_value},
                               {"pure_map", Form::pure_map},
                               {"pure_noise", Form::pure_noise},
                               {"inside", Form::inside},
                               {"value", Form::value},
                               {"map", Form::map},
                               {"noise", Form::noise}}};
    // Of the elements. Where pixels are only copied uint8 and uint32 stand for any type of that
    // width.
    GeneratorParam<Type> type{"type", UInt(8)};

    // Indexed by element, row, plane, image.
    Input<Buffer<void, 4>> image{"image"};
    // Indexed by PositionField, glimpse.
    Input<Buffer<int32_t, 2>> position{"position"};
    // What value borders fill with. Indexed by element (periodic), plane, glimpse.
    Input<Buffer<void, 3>> fill{"fill"};
    // Indexed by element (periodic), NoiseField, plane, glimpse.
    Input<Buffer<float, 4>> noise{"noise"};
    Input<int32_t> samples{"samples"};
    Input<int32_t> rule{"rule"};
    Input<uint64_t> seed{"seed"};
    Input<uint32_t> first_image{"first_image"};
    Input<uint32_t> zero{"zero"};  // always 0: see rounded()
    // Indexed by element, row, plane, glimpse.
    Output<Buffer<void, 4>> glimpse{"glimpse"};

    void configure() {
        image.set_type(type);
        fill.set_type(type);
        glimpse.set_type(type);
    }

    void generate() {
        elements = glimpse.dim(0).extent();
        rows = glimpse.dim(1).extent();
        image_elements = image.dim(0).extent();
        image_rows = image.dim(1).extent();
        switch (form) {
        case Form::pure_value:
        case Form::pure_map:
        case Form::pure_noise:
            return define_pure();
        case Form::inside:
            return define_inside();
        case Form::value:
        case Form::map:
        case Form::noise:
            return define_spans();
        }
    }

    void schedule() {
        // Views start at 0; saying so removes index arithmetic from every loop.
        for (int d = 0; d < 4; d++) {
            image.dim(d).set_min(0);
            noise.dim(d).set_min(0);
            glimpse.dim(d).set_min(0);
        }
        for (int d = 0; d < 3; d++) {
            fill.dim(d).set_min(0);
        }
        position.dim(0).set_min(0);
        position.dim(1).set_min(0);

        if (is_pure()) {
            image.dim(0).set_stride(Expr());
            glimpse.dim(0).set_stride(Expr());
        } else if (form == Form::inside) {
            for (int v = 32 / bytes(); v > 0; v = v * bytes() > 8 ? v / 2 : 0) {
                glimpse.specialize(elements >= v).vectorize(i, v, TailStrategy::ShiftInwards);
            }
        }
        for (Func &f : per_call_values) {
            f.compute_root();
        }
        for (Func &f : per_glimpse_values) {
            f.compute_at(glimpse, g);
        }
        for (size_t s = 0; s < updates.size(); s++) {
            const Update &u = updates[s];
            Stage stage = glimpse.update(int(s)).allow_race_conditions();
            stage.reorder({u.sample, u.pixel, u.block, u.span, y, p, g});
            stage.unroll(u.span).vectorize(u.sample).vectorize(u.pixel);
            for (const Expr &condition : u.special) {
                stage.specialize(condition);
            }
        }
    }

private:
    Var i{"i"}, y{"y"}, p{"p"}, g{"g"};
    Expr elements, rows, image_elements, image_rows;

    // Scalars that are computed once per call, and once per glimpse.
    std::vector<Func> per_call_values, per_glimpse_values;
    // How the updates of spans are looped over, innermost first, and what to specialize them for.
    struct Update {
        RVar sample, pixel, block, span;
        std::vector<Expr> special;
    };
    std::vector<Update> updates;

    bool is_pure() const {
        return form == Form::pure_value || form == Form::pure_map || form == Form::pure_noise;
    }

    int bytes() const {
        return type.value().bytes();
    }

    // Vectors of spans, in elements, widest first; of whole pixels of 1, 3 and 4 channels.
    std::vector<int> lane_classes() const {
        if (form == Form::noise) {
            // Powers of two: LLVM fills other vectors with a scalar element by element.
            return bytes() == 1 ? std::vector<int>{32, 8, 1} : std::vector<int>{16, 4, 1};
        }
        return bytes() == 1 ? std::vector<int>{48, 12, 1} : std::vector<int>{24, 12, 1};
    }

    // The number of vectors of `v` elements that cover `count`; 0 if that is the work of the next
    // wider class (0: there is none) or of a narrower one.
    static Expr blocks(const Expr &count, int v, int wider) {
        const Expr served = wider == 0 ? count >= v : count >= v && count < wider;
        return select(served, (count + v - 1) / v, 0);
    }

    Expr per_call(const std::string &name, const Expr &value) {
        Func f(name);
        f() = value;
        per_call_values.push_back(f);
        return f();
    }

    Expr per_glimpse(const std::string &name, const Expr &value) {
        Func f(name);
        f(g) = value;
        per_glimpse_values.push_back(f);
        return f(g);
    }

    // Elements of an input or of the glimpse's row at places that are known to lie within.
    Expr image_at(const Expr &element, const Expr &row, const Expr &plane, const Expr &n) {
        return image(unsafe_promise_clamped(element, 0, image_elements - 1),
                     unsafe_promise_clamped(row, 0, image_rows - 1), plane,
                     unsafe_promise_clamped(n, 0, image.dim(3).extent() - 1));
    }
    Expr fill_at(const Expr &element) {
        return fill(unsafe_promise_clamped(element, 0, fill.dim(0).extent() - 1), p, g);
    }
    Expr noise_at(const Expr &element, NoiseField field) {
        return noise(unsafe_promise_clamped(element, 0, noise.dim(0).extent() - 1), field, p, g);
    }
    Expr in_row(const Expr &element) {
        return unsafe_promise_clamped(element, 0, elements - 1);
    }

    // Noise at element `begin + lane` of a row, which is the channel `sample` of its pixel.
    Expr noise_value(const Expr &begin, const Expr &lane, const Expr &sample) {
        const Expr n = cast<uint32_t>(position(position_image, g));
        const Expr plane_y = cast<uint32_t>(position(position_plane_y, g) + y);
        const Expr of_image = per_glimpse("of_image", image_key(seed, first_image + n));
        const Expr key = row_key(of_image, plane_y);
        // One of samples and planes is 1; their product is the number of channels. What depends on
        // the lane is kept apart, as the same vector serves all rows.
        const Expr planes = cast<uint32_t>(image.dim(2).extent());
        const Expr plane_x = cast<uint32_t>(position(position_plane_x, g));
        const Expr number = (plane_x * cast<uint32_t>(samples) + cast<uint32_t>(begin)) * planes +
                            cast<uint32_t>(p);
        const Expr product =
            number * element_factor() + cast<uint32_t>(lane) * (planes * element_factor());
        const Expr bits = element_bits(product, cast<uint32_t>(key), cast<uint32_t>(key >> 32));
        const Expr h = element_hash(bits);
        // One range serves the whole image, so that the first element of each row is read; the call
        // makes it such that no value leaves it.
        const Expr low = noise_at(0, noise_low), scale = noise_at(0, noise_scale);
        Expr uniform = scaled(uniform_integer(h), noise_at(0, noise_center), scale, zero);
        Expr normal = scaled(standard_normal(h, zero), noise_at(sample, noise_center),
                             noise_at(sample, noise_scale), zero);
        normal = max(min(normal, noise_at(sample, noise_high)), noise_at(sample, noise_low));
        if (type.value() == UInt(8)) {
            uniform = uniform_uint8(bits, cast<uint8_t>(low), cast<uint32_t>(scale));
            normal = round_to_uint8(normal);
        }
        return select(rule == rule_uniform, uniform, normal);
    }

    void define_pure() {
        const Expr n = position(position_image, g);
        const Expr row = position(position_y, g) + y;
        const Expr sample = i % samples;
        if (form == Form::pure_map) {
            const Expr column = position(position_x, g) + i / samples;
            glimpse(i, y, p, g) =
                image_at(map_coordinate(rule, column, image_elements / samples) * samples + sample,
                         map_coordinate(rule, row, image_rows), p, n);
            return;
        }
        Expr outside = fill_at(sample);
        if (form == Form::pure_noise) {
            outside = noise_value(0, i, sample);
        }
        const Expr element = position(position_x, g) * samples + i;
        const Expr visible = is_inside(row, image_rows) && is_inside(element, image_elements);
        const Expr shown = image_at(replicate(element, max(image_elements, 1)),
                                    replicate(row, max(image_rows, 1)), p, n);
        glimpse(i, y, p, g) = select(visible, shown, outside);
    }

    void define_inside() {
        glimpse(i, y, p, g) = image_at(position(position_x, g) * samples + i,
                                       position(position_y, g) + y, p, position(position_image, g));
    }

    // Windows that may leave the image. A row is a left span, a right span and, between them, the
    // visible elements; loops run exactly over them. All spans of a row are written before the next
    // row begins, so that memory is written in order.
    void define_spans() {
        glimpse(i, y, p, g) = undef(type);
        if (form == Form::map) {
            define_map();
        } else {
            define_fill();
        }
    }

    // Per glimpse: its image, the row and the element of its origin, and the visible elements of
    // its rows, [left, right).
    struct Columns {
        Expr n, row, element, left, right;
    };
    Columns define_columns() {
        Columns c;
        c.n = per_glimpse("n", position(position_image, g));
        c.row = per_glimpse("row", position(position_y, g));
        c.element = per_glimpse("element", position(position_x, g) * samples);
        c.left = per_glimpse("left", clamp(-c.element, 0, elements));
        c.right = per_glimpse("right", max(clamp(image_elements - c.element, 0, elements), c.left));
        return c;
    }

    // Rows outside the image are filled from end to end, others left and right of the visible
    // elements. Vectors that fill may spill into the visible elements, which are written last.
    void define_fill() {
        const auto [n, row, element, left, right] = define_columns();
        const Expr top = per_glimpse("top", clamp(-row, 0, rows));
        const Expr bottom = per_glimpse("bottom", max(clamp(image_rows - row, 0, rows), top));
        const Expr shown = y >= top && y < bottom;
        int wider = 0;
        for (int v : lane_classes()) {
            // Steps of whole pixels, so that all vectors but the last begin with the same channel.
            const Expr whole = samples <= v;
            const Expr any_step = form == Form::noise && rule == rule_uniform;
            const Expr step = per_call("step", select(!any_step && whole, v - v % samples, v));
            const Expr last = elements - v;
            const Expr last_phase = per_call("last_phase", last % samples);
            // ceil(count / step), or one more for counts of millions, which does no harm.
            const Expr inverse =
                per_call("inverse", (Expr(uint64_t(1) << 32) + cast<uint64_t>(step - 1)) /
                                        cast<uint64_t>(step));
            const auto steps = [&](const Expr &count) {
                const Expr fits = wider == 0 ? elements >= v : elements >= v && elements < wider;
                const Expr quotient = (cast<uint64_t>(count + step - 1) * inverse) >> 32;
                return select(fits, v == 1 ? count : cast<int32_t>(quotient), 0);
            };
            const Expr right_count = elements - right;
            const Expr left_blocks = per_glimpse("left_blocks", steps(left));
            const Expr narrow_blocks =
                per_glimpse("narrow_blocks", select(right_count < v, steps(right_count), 0));
            const Expr right_blocks =
                per_glimpse("right_blocks", select(right_count < v, 0, steps(right_count)));
            const Expr full_blocks = per_call("full_blocks", steps(elements));
            const Expr visible_blocks =
                per_glimpse("visible_blocks", blocks(right - left, v, wider));

            // From left to right, but for a right span narrower than a vector.
            RDom d(0, 1, 0, v, 0, elements, 0, 4, "d");
            const RVar lane = d.y, block = d.z, span = d.w;
            d.where(block < select(span == 0, select(shown, left_blocks, full_blocks),  //
                                   span == 1, select(shown, narrow_blocks, 0),          //
                                   span == 2, select(shown, visible_blocks, 0),         //
                                   select(shown, right_blocks, 0)));
            if (wider > 0) {
                d.where(y < select(elements < wider || visible_blocks > 0, rows, 0));
            }
            const Expr steps_in = block * step;
            Expr to = select(span == 0, min(steps_in, last),               //
                             span == 1, last,                              //
                             span == 2, min(left + block * v, right - v),  //
                             min(right + steps_in, last));
            if (v == 1) {  // nothing spills
                to = block + select(span == 0, 0, span == 1, last, span == 2, left, right);
            }
            // The channel that the vector begins with.
            const Expr phase = select(!whole || v == 1, to % samples,                      //
                                      span == 0, select(steps_in <= last, 0, last_phase),  //
                                      span == 1, last_phase,                               //
                                      select(right + steps_in <= last, 0, last_phase));
            const Expr outside =
                form == Form::value ? fill_at(phase + lane) : noise_value(to, lane, phase + lane);
            glimpse(in_row(to + lane), y, p, g) =
                select(span == 2, image_at(to + lane + element, y + row, p, n), outside);
            updates.push_back({d.x, lane, block, span, {}});
            if (form == Form::noise) {
                updates.back().special.push_back(rule == rule_uniform);
            }
            if (v > 1) {
                updates.back().special.push_back(whole);
            }
            wider = v;
        }
    }

    // All rows are alike: mirrored or repeated pixels left and right of the visible ones, which a
    // wrapped row has twice. No window reaches beyond one reflection.
    void define_map() {
        const Expr inner = select(rule == rule_reflect101, 1, 0);  // the edge pixel is the mirror
        const auto [n, row, element, left, right] = define_columns();
        const Expr right_count = elements - right;
        const Expr wrapped_count = select(rule == rule_wrap, right_count, 0);
        const Expr mirrored_count = select(rule == rule_wrap, 0, right_count);

        const Expr v_row = row + y;
        const Expr above = select(rule == rule_replicate, 0, inner - 1 - v_row);
        const Expr below = select(rule == rule_replicate, image_rows - 1,  //
                                  rule == rule_wrap, v_row - image_rows,   //
                                  2 * image_rows - 1 - inner - v_row);
        const Expr source_row = select(v_row < 0, above, v_row >= image_rows, below, v_row);

        // Mirroring maps pixel x to `mirror - x`: what that is in elements for the first of a
        // pixel.
        const Expr mirror_left = per_glimpse("mirror_left", (inner - 1) * samples - element);
        const Expr mirror_right =
            per_glimpse("mirror_right", 2 * image_elements - (inner + 1) * samples - element);

        // Borders have vectors for the channels that are frequent; 0 stands for all numbers of
        // channels.
        const Expr frequent = samples == 1 || samples == 3 || samples == 4;
        int wider = 0;
        for (int v : lane_classes()) {
            for (int channels : v == 1 ? std::vector<int>{0} : std::vector<int>{1, 3, 4, 0}) {
                const bool has_borders = v == 1 || channels > 0;
                const auto border_blocks = [&](const Expr &count) {
                    return v > 1 ? blocks(count, v, wider)
                                 : select(count < wider || !frequent, count, 0);
                };
                const Expr wrapped_blocks =
                    per_glimpse("wrapped_blocks", blocks(wrapped_count, v, wider));
                const Expr visible_blocks =
                    per_glimpse("visible_blocks", blocks(right - left, v, wider));
                Expr left_blocks = 0, right_blocks = 0;
                if (has_borders) {
                    left_blocks = per_glimpse("left_blocks", border_blocks(left));
                    right_blocks = per_glimpse("right_blocks", border_blocks(mirrored_count));
                }
                const Expr any = per_glimpse("any", left_blocks + right_blocks + wrapped_blocks +
                                                        visible_blocks);

                const int samples_in = std::max(channels, 1);
                RDom d(0, samples_in, 0, v / samples_in, 0, elements, 0, has_borders ? 4 : 2, "d");
                const RVar sample = d.x, pixel = d.y, block = d.z, span = d.w;
                const Expr lane = pixel * samples_in + sample;
                // From left to right; the two kinds of right span exclude one another.
                const int of_left = has_borders ? 0 : -1, of_visible = of_left + 1,
                          of_wrapped = of_left + 2;
                d.where((v == 1         ? samples > 0
                         : channels > 0 ? samples == channels
                                        : !frequent) &&
                        y < select(any > 0, rows, 0));
                d.where(block < select(span == of_left, left_blocks,        //
                                       span == of_visible, visible_blocks,  //
                                       span == of_wrapped, wrapped_blocks, right_blocks));
                const Expr begin = select(span == of_left, 0, span == of_visible, left, right);
                const Expr end = select(span == of_left, left, span == of_visible, right, elements);
                const Expr to = min(begin + block * v, end - v);
                Expr value =
                    image_at(to + lane + element - select(span == of_wrapped, image_elements, 0),
                             source_row, p, n);
                if (has_borders) {
                    const Expr c = channels > 0 ? Expr(channels) : Expr(samples);
                    const Expr edge = select(span == of_left, 0, image_elements - c);
                    const Expr mirror = select(span == of_left, mirror_left, mirror_right) - to;
                    const Expr border =
                        select(rule == rule_replicate,
                               replicated(edge, channels, v, to, lane, source_row, n),
                               reflected(mirror, channels, to, sample, pixel, source_row, n));
                    value = select(span == of_visible || span == of_wrapped, value, border);
                }
                glimpse(in_row(to + lane), y, p, g) = value;
                updates.push_back({sample, pixel, block, span, {}});
                if (has_borders) {
                    updates.back().special = {rule == rule_replicate};
                }
            }
            wider = v;
        }
    }

    // A vector of `v` lanes in which the pixel at element `edge` repeats; or, for 0 channels, that
    // pixel's element for the place `to`.
    Expr replicated(const Expr &edge, int channels, int v, const Expr &to, const Expr &lane,
                    const Expr &row, const Expr &n) {
        if (channels == 0) {
            return image_at(edge + to % samples, row, p, n);
        }
        // Scalars chosen by a constant table: a vector load of one pixel would be put together
        // element by element.
        Buffer<uint8_t> sample_of_lane(v);
        for (int j = 0; j < v; j++) {
            sample_of_lane(j) = uint8_t(j % channels);
        }
        Expr value = image_at(edge + channels - 1, row, p, n);
        for (int k = channels - 2; k >= 0; k--) {
            value = select(sample_of_lane(lane) == cast<uint8_t>(k), image_at(edge + k, row, p, n),
                           value);
        }
        return value;
    }

    // Pixels in reverse order, from the one that begins at element `mirror` on: one dense vector
    // and a constant shuffle; or, for 0 channels, the element for the place `to`.
    Expr reflected(const Expr &mirror, int channels, const Expr &to, const Expr &sample,
                   const Expr &pixel, const Expr &row, const Expr &n) {
        if (channels == 0) {
            return image_at(mirror + 2 * (to % samples), row, p, n);
        }
        return image_at(mirror + (sample - pixel * channels), row, p, n);
    }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Extract, glimpse_extract)
