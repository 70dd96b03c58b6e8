// The kernels that extract glimpses. One generator, so that all share one signature and a variant
// is a plain table of function pointers; its parameter `form` chooses the border family and how it
// is written.
//
// Buffers are rows of elements: an interleaved row has `width * samples` elements, `samples`
// channels per pixel, and there is one plane; in any other layout a pixel has one sample and every
// channel is a plane.
#include "Halide.h"
#include "buffers.h"
#include "definition/element.h"
#include "definition/noise.h"
#include "definition/plane.h"
#include "kernel_abi.h"
#include "prefetch.h"

#include <algorithm>
#include <vector>

namespace {

using namespace Halide;
using namespace glimpse;

enum class Form {
    // The definition, under every rule, for any strides and any distance: what the other forms
    // must equal.
    pure,
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
                              Form::pure,
                              {{"pure", Form::pure},
                               {"inside", Form::inside},
                               {"value", Form::value},
                               {"map", Form::map},
                               {"noise", Form::noise}}};
    // Of the elements. Where pixels are only copied uint8, uint16 and uint32 stand for any
    // type of that width.
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
    Input<int32_t> rule{"rule"};  // the number of a Border; of noise also rule_uniform_all
    Input<uint64_t> seed{"seed"};
    Input<uint32_t> first_image{"first_image"};
    Input<uint32_t> zero{"zero"};  // always 0: see rounded()
    // Indexed by element, row, plane, glimpse.
    Output<Buffer<void, 4>> glimpse{"glimpse"};

    void configure() {
        image.set_type(stored(type));
        fill.set_type(stored(type));
        glimpse.set_type(stored(type));
    }

    void generate() {
        elements = glimpse.dim(0).extent();
        rows = glimpse.dim(1).extent();
        image_elements = image.dim(0).extent();
        image_rows = image.dim(1).extent();
        switch (form) {
        case Form::pure:
            return define_pure();
        case Form::inside:
            return define_inside();
        case Form::map:
            return define_map();
        case Form::value:
        case Form::noise:
            return define_fill();
        }
    }

    void schedule() {
        start_at_zero(image, position, fill, noise, glimpse);
        if (form == Form::pure) {
            allow_strides(image, fill, noise, glimpse);
            glimpse.specialize(is_of(Family::noise, rule));
            glimpse.specialize(is_of(Family::map, rule));
        } else if (form == Form::inside) {
            // Loops of few instructions let processors look far ahead, but of long rows only: the
            // last vector of a row overlaps. They do not see where the next row of a window begins,
            // which matters less the longer a row is.
            glimpse.specialize(elements >= 1024 / bytes())
                .vectorize(i, 64 / bytes(), TailStrategy::ShiftInwards);
            get_pipeline().add_custom_lowering_pass(new PrefetchStep);
            glimpse.specialize(elements >= 256 / bytes())
                .vectorize(i, 64 / bytes(), TailStrategy::ShiftInwards)
                .prefetch(image, y, y, 4, PrefetchBoundStrategy::NonFaulting);
            // Vectors of two make Halide check bounds at four times the length.
            for (int v = 32 / bytes(); v >= std::max(8 / bytes(), 4); v /= 2) {
                glimpse.specialize(elements >= v).vectorize(i, v, TailStrategy::ShiftInwards);
            }
        }
        for (Func &f : per_call_values) {
            f.compute_root();
        }
        if (all_glimpses.defined()) {
            all_glimpses.compute_root().bound_storage(g, largest_run).store_in(MemoryType::Stack);
        }
        for (Func &f : per_glimpse_values) {
            f.compute_at(glimpse, g);
        }
        for (size_t s = 0; s < updates.size(); s++) {
            const Update &u = updates[s];
            const Loops &l = u.loops;
            Stage stage = glimpse.update(int(s)).allow_race_conditions();
            stage.reorder({l.sample, l.pixel, l.block, l.span, y, l.part, p, g});
            stage.unroll(l.span).vectorize(l.sample).vectorize(l.pixel);
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
    Func all_glimpses;
    // A row has a span outside the image, on one side of it, and a visible one, which is written
    // before it or behind it.
    enum Span { visible_before, outside_image, visible_behind };
    // The loops over spans of all rows, innermost first; y comes after `span`.
    struct Loops {
        RDom d;
        RVar sample, pixel, block, span, part;

        Expr is_visible() const {
            return span != outside_image;
        }
    };
    struct Update {
        Loops loops;
        std::vector<Expr> special;  // what to specialize for
    };
    std::vector<Update> updates;

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

    // Makes of each expression a value that is computed once per glimpse and update; where there
    // are many updates, from what is computed for all glimpses before the first pixel.
    void compute_per_glimpse(const std::vector<Expr *> &values) {
        const bool many_updates = form == Form::map;
        if (many_updates) {
            std::vector<Expr> definitions;
            definitions.reserve(values.size());
            for (const Expr *value : values) {
                definitions.push_back(*value);
            }
            all_glimpses = Func("all_glimpses");
            all_glimpses(g) = Tuple(definitions);
        }
        for (size_t k = 0; k < values.size(); k++) {
            Func f("value");
            f(g) = many_updates ? Expr(all_glimpses(g)[int(k)]) : *values[k];
            per_glimpse_values.push_back(f);
            *values[k] = f(g);
        }
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
        Func of_image("of_image");
        of_image(g) = image_key(seed, first_image + n);
        per_glimpse_values.push_back(of_image);
        const Expr key = row_key(of_image(g), plane_y);
        // One of samples and planes is 1; their product is the number of channels. What depends on
        // the lane is kept apart, as the same vector serves all rows.
        const Expr planes = cast<uint32_t>(image.dim(2).extent());
        const Expr plane_x = cast<uint32_t>(position(position_plane_x, g));
        const Expr number = (plane_x * cast<uint32_t>(samples) + cast<uint32_t>(begin)) * planes +
                            cast<uint32_t>(p);
        const Expr product =
            number * element_factor() + cast<uint32_t>(lane) * (planes * element_factor());
        const Expr bits = element_bits(product, key), hash = element_hash(bits);
        const GaussianNoise of_channel = {
            noise_at(sample, noise_center), noise_at(sample, noise_scale),
            noise_at(sample, noise_low), noise_at(sample, noise_high)};
        // One range serves the whole image, so that the first element of each row is read.
        const Expr scale = noise_at(0, noise_scale);
        const UniformNoise of_image_range = {noise_at(0, noise_center), scale,
                                             noise_at(0, noise_low), cast<uint32_t>(scale)};
        Expr element = noise_element(type, is(Border::uniform), bits, hash, of_image_range,
                                     gaussian_number(hash, of_channel, zero), zero);
        if (bytes() > 1 || form == Form::pure) {
            return element;
        }
        // The product of uniform_uint8() is a shift.
        return select(rule == rule_uniform_all, cast<uint8_t>(bits >> 24), element);
    }

    Expr is(Border border) const {
        return rule == int32_t(border);
    }

    void define_pure() {
        Plane plane;
        plane.rule = rule;
        plane.height = image_rows;
        plane.width = image_elements / samples;
        plane.image = [&](const Expr &n, const Expr &row, const Expr &column, const Expr &sample) {
            return image_at(column * samples + sample, row, p, n);
        };
        plane.outside = [&](const Expr &, const Expr &, const Expr &, const Expr &sample) {
            return select(is_of(Family::noise, rule), noise_value(0, i, sample), fill_at(sample));
        };
        glimpse(i, y, p, g) = plane.at(position(position_image, g), position(position_y, g) + y,
                                       position(position_x, g) + i / samples, i % samples);
    }

    void define_inside() {
        glimpse(i, y, p, g) = image_at(position(position_x, g) * samples + i,
                                       position(position_y, g) + y, p, position(position_image, g));
    }

    // Windows no wider than the image that may leave it. Their rows are above, beside or below the
    // image; a row is a span outside, on the left or on the right, and the visible elements; loops
    // run exactly over them. Both spans are written before the next row begins, as outputs beyond
    // the cache take twice as long where the same line is written in two passes. Two passes remain
    // where the spans differ in vector width.
    //
    // Per glimpse: its image, the row and the element of its origin, its visible elements [left,
    // right) and rows [top, bottom), and its elements outside beside these.
    struct Window {
        Expr n, row, element, left, right, top, bottom, outside_begin, outside_end;
    };
    // Per glimpse and class of vectors: how many of these a row has in each span.
    struct Blocks {
        Expr visible, outside;

        Expr in(const RVar &span, const Expr &visible_is_before) const {
            const Expr is_before = span == Span::visible_before;
            const Expr is_here = select(is_before, visible_is_before, !visible_is_before);
            return select(span == Span::outside_image, outside, select(is_here, visible, 0));
        }
    };
    Window define_window() {
        Window w;
        w.n = position(position_image, g);
        w.row = position(position_y, g);
        w.element = position(position_x, g) * samples;
        w.left = clamp(-w.element, 0, elements);
        w.right = max(clamp(image_elements - w.element, 0, elements), w.left);
        w.top = clamp(-w.row, 0, rows);
        w.bottom = max(clamp(image_rows - w.row, 0, rows), w.top);
        w.outside_begin = select(w.left > 0, 0, w.right);
        w.outside_end = select(w.left > 0, w.left, elements);
        return w;
    }
    static std::vector<Expr *> expressions_of(Window &w, std::vector<Blocks> &blocks) {
        std::vector<Expr *> result = {&w.n,   &w.row,    &w.element,       &w.left,       &w.right,
                                      &w.top, &w.bottom, &w.outside_begin, &w.outside_end};
        for (Blocks &b : blocks) {
            result.push_back(&b.visible);
            result.push_back(&b.outside);
        }
        return result;
    }

    enum Part { above, beside, below, part_count };

    // The loops over rows, spans from `first` to `last`, and vectors of `pixels` with `channels`
    // samples, of windows for which `any` is true. The caller restricts `block`, by span and part.
    Loops define_loops(int channels, int pixels, Span first, Span last, const Window &w,
                       const Expr &any) {
        const RDom d({{0, channels},
                      {0, pixels},
                      {0, elements},
                      {int(first), last - first + 1},
                      {0, part_count}},
                     "d");
        Loops l{d, d[0], d[1], d[2], d[3], d[4]};
        l.d.where(l.part < select(any, part_count, 0));
        l.d.where(y >= select(l.part == above, 0, l.part == beside, w.top, w.bottom));
        l.d.where(y < select(l.part == above, w.top, l.part == beside, w.bottom, rows));
        return l;
    }

    // Memory is written in its order, where that matters: rows of bytes are taken to be short. (A
    // third span costs a sixth at 32 pixels; without it rows of 2 KiB on the right, of outputs
    // beyond the cache, take twice as long as on the left.)
    Span first_span() const {
        return bytes() == 1 ? outside_image : visible_before;
    }
    Expr visible_comes_first(const Window &w) const {
        return bytes() == 1 ? Internal::const_false() : w.left == 0;
    }

    // How vectors that fill, of one class, go along a row: per call.
    struct Steps {
        Expr fits;         // the class serves rows of this length
        Expr whole, step;  // whether steps are of whole pixels, and how many elements they have
        Expr last_phase;   // the channel with which the last vector of a row begins
        Expr inverse;      // ceil(2^32 / step)
        Expr full;         // steps for a whole row

        // ceil(count / step), or one more for counts of millions, which does no harm.
        Expr blocks(const Expr &count) const {
            const Expr quotient = (cast<uint64_t>(count + step - 1) * inverse) >> 32;
            return select(fits, cast<int32_t>(quotient), 0);
        }
    };
    Steps define_steps(int v, int wider) {
        // Steps of whole pixels, so that all vectors but the last begin with the same channel.
        Steps s;
        s.whole = samples <= v;
        const Expr any_step = form == Form::noise && !is(Border::gaussian);
        s.step = per_call("step", select(!any_step && s.whole, v - v % samples, v));
        s.last_phase = per_call("last_phase", (elements - v) % samples);
        s.fits = elements >= v && (wider == 0 ? Internal::const_true() : elements < wider);
        s.inverse = per_call("inverse", (Expr(uint64_t(1) << 32) + cast<uint64_t>(s.step - 1)) /
                                            cast<uint64_t>(s.step));
        s.full = per_call("full_blocks", s.blocks(elements));
        return s;
    }

    // Rows above and below the image are filled from end to end, others left or right of the
    // visible elements; vectors that fill may spill into these, which are then written after them.
    // Rows that are narrower than the last vector are left to the pure form.
    void define_fill() {
        glimpse(i, y, p, g) = undef(glimpse.type());
        const std::vector<int> classes = lane_classes();
        Window w = define_window();
        std::vector<Steps> steps;
        std::vector<Blocks> block_counts;
        int wider = 0;
        for (int v : classes) {
            const Expr visible = blocks(w.right - w.left, v, wider);
            if (v == 1) {
                block_counts.push_back({visible, 0});
                break;
            }
            steps.push_back(define_steps(v, wider));
            block_counts.push_back({visible, steps.back().blocks(w.outside_end - w.outside_begin)});
            wider = v;
        }
        compute_per_glimpse(expressions_of(w, block_counts));
        for (size_t k = 0; k < steps.size(); k++) {
            fill_spans(classes[k], block_counts[k], steps[k], w);
        }
        show_elements(block_counts.back().visible, w);
    }

    // An element of the visible span.
    Expr visible_at(const Expr &to, const Expr &lane, const Window &w) {
        return image_at(to + lane + w.element, y + w.row, p, w.n);
    }

    // Both spans, by vectors of `v` elements.
    void fill_spans(int v, const Blocks &count, const Steps &s, const Window &w) {
        Loops l = define_loops(1, v, first_span(), visible_behind, w, s.fits || count.visible > 0);
        const Expr is_visible = l.is_visible(), shown = l.part == beside;
        const RVar lane = l.pixel;
        const Expr visible_to = min(w.left + l.block * v, w.right - v);
        // What spills is written over.
        const Expr spills = w.outside_end - w.outside_begin < v;
        l.d.where(l.block < select(shown, count.in(l.span, visible_comes_first(w) && !spills),
                                   select(is_visible, 0, s.full)));
        const Expr last = elements - v;
        const Expr filled = select(shown, w.outside_begin, 0) + l.block * s.step;
        const Expr to = select(is_visible, visible_to, min(filled, last));
        // The channel that the vector begins with.
        const Expr phase = select(!s.whole, to % samples, filled <= last, 0, s.last_phase);
        const Expr outside =
            form == Form::value ? fill_at(phase + lane) : noise_value(to, lane, phase + lane);
        glimpse(in_row(to + lane), y, p, g) = select(is_visible, visible_at(to, lane, w), outside);
        if (form == Form::value) {
            updates.push_back({l, {s.whole}});
        } else if (bytes() == 1) {
            updates.push_back({l, {rule == rule_uniform_all, is(Border::uniform)}});
        } else {
            updates.push_back({l, {is(Border::uniform)}});
        }
    }

    // The visible span alone, element by element.
    void show_elements(const Expr &count, const Window &w) {
        Loops l = define_loops(1, 1, visible_behind, visible_behind, w, count > 0);
        const Expr to = min(w.left + l.block, w.right - 1);
        l.d.where(l.block < select(l.part == beside, count, 0));
        glimpse(in_row(to + l.pixel), y, p, g) = visible_at(to, l.pixel, w);
        updates.push_back({l, {}});
    }

    // Vectors of mirrored and replicated pixels are for the numbers of channels that are frequent.
    Expr channels_are_frequent() const {
        return samples == 1 || samples == 3 || samples == 4;
    }

    // Mirrored or repeated pixels left or right of the visible ones. No window reaches beyond one
    // reflection: mirroring maps pixel x to `mirror - x`, or to as much less by a period.
    void define_map() {
        glimpse(i, y, p, g) = undef(glimpse.type());
        const Expr is_wrap = is(Border::wrap);
        const auto of_elements = continuation<Expressions>(rule, image_elements, Expr(samples));
        const std::vector<int> classes = lane_classes();
        Window w = define_window();
        // In elements, for the first of a pixel.
        Expr mirror = select(w.left > 0, of_elements.mirror_before, of_elements.mirror) - w.element;
        std::vector<Blocks> block_counts;
        int wider = 0;
        for (int v : classes) {
            const Expr count = w.outside_end - w.outside_begin;
            const Expr single =
                select(count < wider || !(channels_are_frequent() || is_wrap), count, 0);
            block_counts.push_back(
                {blocks(w.right - w.left, v, wider), v > 1 ? blocks(count, v, wider) : single});
            wider = v;
        }
        std::vector<Expr *> values = expressions_of(w, block_counts);
        values.push_back(&mirror);
        compute_per_glimpse(values);

        for (size_t k = 0; k < classes.size(); k++) {
            const int v = classes[k];
            if (v == 1) {
                map_spans(0, v, block_counts[k], mirror, w);
                continue;
            }
            repeat_spans(v, block_counts[k], w);
            for (int channels : {1, 3, 4}) {
                map_spans(channels, v, block_counts[k], mirror, w);
            }
        }
    }

    // A vector or element of a span: where it is written and read, unless what it shows is
    // mirrored or replicated.
    struct Mapped {
        Expr lane, to, row, from;
    };
    Mapped define_mapped(const Loops &l, int channels, int v, const Window &w) {
        const Expr is_wrap = is(Border::wrap), is_replicate = is(Border::replicate);
        const auto of_rows = continuation<Expressions>(rule, image_rows);
        const Expr is_visible = l.is_visible();
        const Expr begin = select(is_visible, w.left, w.outside_begin);
        const Expr end = select(is_visible, w.right, w.outside_end);
        // Row y of a part is found in row `row_begin + row_step * y` of the image.
        const Expr row_above = select(is_replicate, 0, of_rows.mirror_before - w.row);
        const Expr row_below = select(is_replicate, image_rows - 1,  //
                                      is_wrap, w.row - image_rows,   //
                                      of_rows.mirror - w.row);
        const Expr row_begin = select(l.part == beside, w.row,  //
                                      l.part == above, row_above, row_below);
        const Expr row_step = select(l.part == beside || (is_wrap && l.part == below), 1,
                                     select(is_replicate, 0, -1));
        Mapped m;
        m.lane = l.pixel * channels + l.sample;
        m.to = min(begin + l.block * v, end - v);
        m.row = row_begin + row_step * y;
        m.from = m.to + m.lane + w.element;
        return m;
    }

    // Both spans under wrap, and the visible one of any number of channels that is not frequent, by
    // vectors of `v` elements. Windows that repeat begin in the image.
    void repeat_spans(int v, const Blocks &count, const Window &w) {
        const Expr is_wrap = is(Border::wrap);
        Loops l = define_loops(1, v, visible_before, outside_image, w,
                               count.outside > 0 || count.visible > 0);
        const Expr is_visible = l.is_visible();
        l.d.where(is_wrap || !channels_are_frequent());
        l.d.where(l.block < select(is_visible, count.visible,  //
                                   is_wrap, count.outside, 0));
        const Mapped m = define_mapped(l, 1, v, w);
        glimpse(in_row(m.to + m.lane), y, p, g) =
            select(is_visible, image_at(m.from, m.row, p, w.n),
                   image_at(m.from - image_elements, m.row, p, w.n));
        updates.push_back({l, {}});
    }

    // Both spans of pixels of `channels`, by vectors of `v` elements; or, for 0 channels and 1
    // element, of any pixels under any rule.
    void map_spans(int channels, int v, const Blocks &count, const Expr &mirror, const Window &w) {
        const Expr is_wrap = is(Border::wrap), is_replicate = is(Border::replicate);
        const int samples_in = std::max(channels, 1);
        Loops l = define_loops(samples_in, v / samples_in, first_span(), visible_behind, w,
                               count.outside > 0 || count.visible > 0);
        if (v > 1) {
            l.d.where(samples == channels && !is_wrap);
        }
        l.d.where(l.block < count.in(l.span, visible_comes_first(w)));
        const Mapped m = define_mapped(l, samples_in, v, w);
        const Expr c = channels > 0 ? Expr(channels) : Expr(samples);
        const Expr edge = select(w.left > 0, 0, image_elements - c);
        Expr border =
            select(is_replicate, replicated(edge, channels, v, m.to, m.lane, m.row, w.n),
                   reflected(mirror - m.to, channels, m.to, l.sample, l.pixel, m.row, w.n));
        if (v == 1) {
            border = select(is_wrap, image_at(m.from - image_elements, m.row, p, w.n), border);
        }
        glimpse(in_row(m.to + m.lane), y, p, g) =
            select(l.is_visible(), image_at(m.from, m.row, p, w.n), border);
        updates.push_back({l, {is_replicate}});
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
        if (target.value().arch == Target::ARM) {
            // LLVM would do that, too, to what conditions choose.
            Expr value;
            for (int k = 0; k < channels; k++) {
                Buffer<int8_t> mask(v);
                for (int j = 0; j < v; j++) {
                    mask(j) = j % channels == k ? -1 : 0;
                }
                const Expr part = image_at(edge + k, row, p, n) & cast(stored(type), mask(lane));
                value = k == 0 ? part : value | part;
            }
            return value;
        }
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
