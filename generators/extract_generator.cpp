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
#include "skip_loop.h"

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
            for (int v = 32 / bytes(); v >= 4; v /= 2) {
                glimpse.specialize(elements >= v).vectorize(i, v, TailStrategy::ShiftInwards);
            }
        }
        for (Func &f : per_call_values) {
            f.compute_root();
        }
        for (Computed &value : per_update_values) {
            value.f.compute_at(LoopLevel(Func(glimpse), value.loop));
        }
        for (Func &f : of_all_glimpses) {
            f.compute_root()
                .bound_storage(g, largest_run)
                .store_in(MemoryType::Stack)
                .vectorize(g, numbers_at_once(), TailStrategy::RoundUp);
        }
        for (Computed &value : per_glimpse_values) {
            value.f.compute_at(LoopLevel(Func(glimpse), value.loop));
        }
        for (size_t s = 0; s < updates.size(); s++) {
            const Update &u = updates[s];
            const Loops &l = u.loops;
            Stage stage = glimpse.update(int(s)).allow_race_conditions();
            if (l.by_rows) {
                stage.reorder(
                    {l.sample, l.pixel, l.block, l.span, y, l.strip, l.part, p, l.glimpse, l.call});
            } else {
                stage.reorder(
                    {l.sample, l.pixel, y, l.block, l.span, l.strip, l.part, p, l.glimpse, l.call});
            }
            stage.unroll(l.span).vectorize(l.sample);
            if (u.has_pattern && natural_vector_size<uint8_t>() == 16) {
                // LLVM would keep a vector of 48 bytes as 48 numbers, and put it together for each
                // row.
                const RVar vector("vector"), lane("lane");
                stage.split(l.pixel, vector, lane, 16 / bytes()).vectorize(lane).unroll(vector);
            } else {
                stage.vectorize(l.pixel);
            }
            for (const Expr &condition : u.special) {
                stage.specialize(condition);
            }
        }
        for (size_t t = 0; t < tiles.size(); t++) {
            schedule_tile(tiles[t], int(updates.size() + t));
        }
        if (few.defined()) {
            glimpse.update(int(updates.size() + tiles.size())).reorder({y, few[0], p, g, few[1]});
        }
    }

private:
    Var i{"i"}, y{"y"}, p{"p"}, g{"g"};
    Expr elements, rows, image_elements, image_rows;

    // Scalars that are computed once per call, and in each turn of a loop over glimpses.
    struct Computed {
        Func f;
        VarOrRVar loop;
    };
    std::vector<Func> per_call_values, of_all_glimpses;
    std::vector<Computed> per_update_values, per_glimpse_values;
    // A row has a span outside the image, on one side of it, of vectors of which the last may be
    // another one, and a visible span, which is written before it or behind it.
    enum Span { visible_before, outside_image, outside_last, visible_behind };
    // The loops over spans of all rows, innermost first: y comes after `span`, or, where not by
    // rows, before `block`, in strips of some rows.
    struct Loops {
        RDom d;
        RVar sample, pixel, block, span, strip, part, glimpse, call;
        bool by_rows;

        Expr is_visible() const {
            return span != outside_image && span != outside_last;
        }
    };
    struct Update {
        Loops loops;
        std::vector<Expr> special;  // what to specialize for
        bool has_pattern = false;   // of lanes: what LLVM keeps over a loop
    };
    std::vector<Update> updates;
    RDom few;  // elements of rows that are shorter than any vector

    int bytes() const {
        return type.value().bytes();
    }
    int numbers_at_once() const {
        return std::min(natural_vector_size<int32_t>(), position_rows);
    }

    // Vectors of spans of noise, in elements, widest first. Powers of two: LLVM fills other vectors
    // with a scalar element by element.
    std::vector<int> lane_classes() const {
        return bytes() == 1 ? std::vector<int>{32, 8, 1} : std::vector<int>{16, 4, 1};
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
    // The same for an update, whose outermost loop is `call`: not computed where it has no turn.
    Expr per_call(const RVar &call, const Expr &value) {
        Func f("of_call");
        f() = value;
        per_update_values.push_back({f, call});
        return f();
    }

    // Halide would clamp a number that it knows the bounds of where it is an index.
    static Expr unbounded(const Expr &number) {
        return reinterpret<int32_t>(reinterpret<uint32_t>(number));
    }
    // Makes of each expression, of glimpse g, a value that each turn of a loop over glimpses
    // computes once: that of glimpse `at`.
    void compute_in(const RVar &loop, const Expr &at, const std::vector<Expr *> &values) {
        for (Expr *value : values) {
            Func f("value");
            f(g) = unbounded(*value);
            per_glimpse_values.push_back({f, loop});
            *value = f(at);
        }
    }
    // Makes of each a value of glimpse g that is computed for all glimpses before the first pixel,
    // for some at once.
    void compute_for_all(const std::vector<Expr *> &values) {
        std::vector<Expr> definitions;
        definitions.reserve(values.size());
        for (const Expr *value : values) {
            definitions.push_back(unbounded(*value));
        }
        Func f("of_all_glimpses");
        f(g) = Tuple(definitions);
        for (size_t k = 0; k < values.size(); k++) {
            *values[k] = f(g)[int(k)];
        }
        of_all_glimpses.push_back(f);
    }

    // Elements of an input or of the glimpse's row at places that are known to lie within.
    Expr image_at(const Expr &element, const Expr &row, const Expr &plane, const Expr &n) {
        return image(unsafe_promise_clamped(element, 0, image_elements - 1),
                     unsafe_promise_clamped(row, 0, image_rows - 1), plane,
                     unsafe_promise_clamped(n, 0, image.dim(3).extent() - 1));
    }
    Expr fill_at(const Expr &element, const Expr &at) {
        return fill(unsafe_promise_clamped(element, 0, fill.dim(0).extent() - 1), p, at);
    }
    Expr noise_at(const Expr &element, NoiseField field, const Expr &at) {
        return noise(unsafe_promise_clamped(element, 0, noise.dim(0).extent() - 1), field, p, at);
    }
    Expr in_row(const Expr &element) {
        return unsafe_promise_clamped(element, 0, elements - 1);
    }

    // Noise at element `begin + lane` of a row of the glimpse of a loop, which is the channel
    // `sample` of its pixel.
    Expr noise_value(const Expr &begin, const Expr &lane, const Expr &sample,
                     const VarOrRVar &loop) {
        const Expr at = loop.is_rvar ? Expr(loop.rvar) : Expr(loop.var);
        const Expr plane_y = cast<uint32_t>(position(position_plane_y, at) + y);
        Func of_image("of_image");
        of_image(g) = image_key(seed, first_image + cast<uint32_t>(position(position_image, g)));
        per_glimpse_values.push_back({of_image, loop});
        const Expr key = row_key(of_image(at), plane_y);
        // One of samples and planes is 1; their product is the number of channels. What depends on
        // the lane is kept apart, as the same vector serves all rows.
        const Expr planes = cast<uint32_t>(image.dim(2).extent());
        const Expr plane_x = cast<uint32_t>(position(position_plane_x, at));
        const Expr number = (plane_x * cast<uint32_t>(samples) + cast<uint32_t>(begin)) * planes +
                            cast<uint32_t>(p);
        const Expr product =
            number * element_factor() + cast<uint32_t>(lane) * (planes * element_factor());
        const Expr bits = element_bits(product, key), hash = element_hash(bits);
        const GaussianNoise of_channel = {
            noise_at(sample, noise_center, at), noise_at(sample, noise_scale, at),
            noise_at(sample, noise_low, at), noise_at(sample, noise_high, at)};
        // One range serves the whole image, so that the first element of each row is read.
        const Expr scale = noise_at(0, noise_scale, at);
        const UniformNoise of_image_range = {noise_at(0, noise_center, at), scale,
                                             noise_at(0, noise_low, at), cast<uint32_t>(scale)};
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
            return select(is_of(Family::noise, rule), noise_value(0, i, sample, g),
                          fill_at(sample, g));
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
    // run exactly over them. Long rows are written whole before the next one begins, as outputs
    // beyond the cache take twice as long where the same line is written in two passes.
    //
    // Per glimpse: its image, the row and the element of its origin, its visible elements [left,
    // right) and rows [top, bottom), and its elements outside beside these.
    struct Window {
        Expr n, row, element, left, right, top, bottom, outside_begin, outside_end;
    };
    // Per glimpse and class of vectors: how many of these a row has in each span. `last`: one at
    // the end of the row, behind those of the span outside.
    struct Blocks {
        Expr visible, outside, last = 0;

        Expr in(const RVar &span, const Expr &visible_is_before) const {
            const Expr is_before = span == Span::visible_before;
            const Expr is_here = select(is_before, visible_is_before, !visible_is_before);
            return select(span == Span::outside_image, outside,  //
                          span == Span::outside_last, last, select(is_here, visible, 0));
        }
    };
    Window define_window() {
        const auto position_of = [&](PositionField field) {
            return position(field, unsafe_promise_clamped(g, 0, position.dim(1).extent() - 1));
        };
        Window w;
        w.n = position_of(position_image);
        w.row = position_of(position_y);
        w.element = position_of(position_x) * samples;
        w.left = clamp(-w.element, 0, elements);
        w.right = max(clamp(image_elements - w.element, 0, elements), w.left);
        w.top = clamp(-w.row, 0, rows);
        w.bottom = max(clamp(image_rows - w.row, 0, rows), w.top);
        w.outside_begin = select(w.left > 0, 0, w.right);
        w.outside_end = select(w.left > 0, w.left, elements);
        return w;
    }
    // What spans are made by, per glimpse.
    struct Spans {
        Window window;
        std::vector<Blocks> blocks;  // of each class
        Expr mirror = 0;             // of maps, in elements, for the first of a pixel

        std::vector<Expr *> expressions() {
            Window &w = window;
            std::vector<Expr *> result = {
                &w.n,   &w.row,    &w.element, &w.left,          &w.right,
                &w.top, &w.bottom, &mirror,    &w.outside_begin, &w.outside_end};
            for (Blocks &b : blocks) {
                result.push_back(&b.visible);
                result.push_back(&b.outside);
                if (!Internal::is_const_zero(b.last)) {
                    result.push_back(&b.last);
                }
            }
            return result;
        }
    };
    Spans computed_in(const Loops &l, Spans spans) {
        compute_in(l.glimpse, l.glimpse, spans.expressions());
        return spans;
    }

    enum Part { above, beside, below, part_count };

    // Rows of a part of a window: from and up to.
    static Expr first_row(const RVar &part, const Window &w) {
        return select(part == above, 0, part == beside, w.top, w.bottom);
    }
    Expr end_row(const RVar &part, const Window &w) const {
        return select(part == above, w.top, part == beside, w.bottom, rows);
    }

    // The loops over glimpses, if this call needs them, parts, rows, spans from `first` to `last`,
    // and vectors of `pixels` with `channels` samples. Strips of short rows stay in the cache:
    // their loops go down the rows, a few instructions each, and let processors look far ahead.
    Loops define_loops(int channels, int pixels, Span first, Span last, const Expr &needed,
                       bool by_rows = true) {
        const RDom d({{0, channels},
                      {0, pixels},
                      {0, elements},
                      {int(first), last - first + 1},
                      {0, by_rows ? 1 : (rows + rows_at_once - 1) / rows_at_once},
                      {0, part_count},
                      {0, select(needed, glimpse.dim(3).extent(), 0)},
                      {0, select(needed, 1, 0)}},
                     "d");
        return {d, d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7], by_rows};
    }
    // Restricts them to the windows for which `any` is true. The caller restricts `block`, by span
    // and part.
    void restrict(Loops &l, const Window &w, const Expr &any) {
        l.d.where(l.part < select(any, part_count, 0));
        l.d.where(y >= first_row(l.part, w));
        l.d.where(y < end_row(l.part, w));
        if (!l.by_rows) {
            l.d.where(y >= l.strip * rows_at_once);
            l.d.where(y < l.strip * rows_at_once + rows_at_once);
        }
    }

    // Memory is written in its order: rows of 2 KiB on the right, of outputs beyond the cache, take
    // twice as long otherwise. But rows of bytes of maps and noise are taken to be short, and write
    // what is outside first.
    Span first_span() const {
        return bytes() == 1 ? outside_image : visible_before;
    }
    Expr visible_comes_first(const Window &w) const {
        return bytes() == 1 ? Internal::const_false() : w.left == 0;
    }

    // Tiles. Narrow rows go by way of a strip of rows with room on both sides. Vectors are written
    // at their true place there; those that would leave the image are moved into it, and what they
    // spill is what the plane shows there. Rows leave the tile in vectors of which the last
    // overlaps. Of wide rows, a tile makes the end with a span that is narrower than their vectors.
    struct TileStage {
        RVar sample, pixel, block, once;
        std::vector<Expr> special = {};
    };
    struct Tile {
        int lanes, out;  // elements of the longest row, and of the vectors in which rows leave
        Func rows;       // (i, y, p, g)
        Func image_row;  // of maps: the row of the image that row y of glimpse g shows
        RVar lane, vector, side, strip, glimpse, call;
        std::vector<TileStage> stages;
        Expr rows_needed;  // where not all windows need it
    };
    std::vector<Tile> tiles;
    static constexpr int strip_rows = 32, rows_at_once = 16;
    static constexpr int longest_in_strips = 240;  // bytes of wide rows that are written in strips

    // What a tile shows of its window: `elements` from element `begin` of the row on, and where
    // that lies in the image.
    struct Zone {
        Window window;
        Expr begin, elements, element;
        Expr left, right;  // its visible elements
        Expr end = {};     // its rows, where not all windows need it
        // Of maps: its elements before or behind the image. They show those of the image whose
        // places and theirs have the sum `mirror`, or the pixel at element `edge`.
        Expr outside_begin = 0, outside_end = 0, mirror = 0, edge = 0;

        std::vector<Expr *> expressions() {
            Window &w = window;
            std::vector<Expr *> result;
            for (Expr *value : {&w.n, &w.row, &w.top, &w.bottom, &element, &left, &right, &begin,
                                &end, &outside_begin, &outside_end, &mirror, &edge}) {
                if (value->defined() && !Internal::is_const(*value)) {
                    result.push_back(value);
                }
            }
            return result;
        }
    };

    // Longest rows of tiles, in elements: of maps so many that one span of a wide row, at least,
    // has a vector.
    int longest_in_tiles() const {
        return form == Form::map ? 2 * wide_lanes() - 1 : bytes() == 1 ? 64 : 32;
    }
    Expr is_narrow() const {
        return elements <= longest_in_tiles() && has_tiles();
    }
    Expr is_mirrored() const {
        return !is(Border::wrap) && !is(Border::replicate);
    }
    Expr is_wide() const {
        return !is_narrow();
    }
    // Whether tiles are for this number of channels.
    Expr has_tiles() const {
        return form == Form::map ? samples <= 4 : Internal::const_true();
    }

    // Of wide rows: no fewer than any vector.
    int zone_elements() const {
        return form == Form::map ? wide_lanes() : 64 / bytes();
    }
    // The whole of a narrow row.
    Zone define_zone(const Window &w) const {
        return with_map({w, 0, elements, w.element, w.left, w.right});
    }
    // The same, or the end of a wide one with a span that is too narrow for its vectors.
    Zone define_end_zone(const Window &w) const {
        const Expr visible = w.right - w.left, outside = elements - visible;
        const Expr short_visible = visible > 0 && visible < span_lanes();
        const Expr short_outside = outside > 0 && outside < span_lanes();
        const Expr needed = is_narrow() || short_visible || (form == Form::map && short_outside);
        const Expr at_end = is_wide() && (w.left > 0) == short_visible;
        const Expr length = select(is_narrow(), elements, zone_elements());
        const Expr begin = select(at_end, elements - length, 0), element = w.element + begin;
        const Expr left = clamp(-element, 0, length);
        const Expr right = max(clamp(image_elements - element, 0, length), left);
        return with_map({w, begin, length, element, left, right, select(needed, rows, 0)});
    }
    Zone with_map(Zone zone) const {
        if (form != Form::map) {
            return zone;
        }
        const auto c = continuation<Expressions>(rule, image_elements, Expr(samples));
        const Expr is_left = zone.element < 0;
        zone.window.top = zone.window.bottom = 0;  // rows know themselves where they are
        zone.outside_begin = select(is_left, 0, zone.right);
        zone.outside_end = select(is_left, zone.left, zone.elements);
        zone.mirror = select(is_left, c.mirror_before, c.mirror) + samples - zone.element;
        zone.edge = select(is_left, 0, image_elements - samples);
        return zone;
    }

    void define_tiles() {
        const int out = bytes() == 1 ? 32 : 16;
        const Zone zone = define_zone(define_window());
        define_tile(longest_in_tiles(), out, 1, define_end_zone(define_window()));
        if (form == Form::map) {
            return define_tile(out, 4, 2, zone);
        }
        define_tile(out, out / 2, 1, zone);
        define_tile(out / 2, out / 4, 1, zone);
        define_tile(out / 4, out / 16, 2, zone);
    }
    // The tile for rows of up to `lanes` elements, which leave it in vectors of `out`, `at_once` of
    // them at a time; the first is also for wide ones.
    void define_tile(int lanes, int out, int at_once, Zone zone) {
        const int step = out * at_once, sides = (lanes + step - 1) / step;
        Expr fits = is_narrow() && elements <= lanes && elements >= out;
        for (const Tile &t : tiles) {
            fits = fits && elements < t.out;
        }
        if (tiles.empty()) {
            fits = fits || (is_wide() && has_tiles());
        }
        RDom d({{0, out},
                {0, at_once},
                {0, sides},
                {0, (rows + strip_rows - 1) / strip_rows},
                {0, select(fits, glimpse.dim(3).extent(), 0)},
                {0, select(fits, 1, 0)}},
               "tile");
        Tile t = {lanes, out, Func("tile"), Func("image_row"), d[0], d[1], d[2], d[3], d[4], d[5],
                  {},    {}};
        if (form == Form::map) {
            compute_for_all(zone.expressions());
        } else {
            compute_in(t.glimpse, g, zone.expressions());
        }
        t.rows_needed = zone.end;
        t.rows(i, y, p, g) = undef(glimpse.type());
        if (form == Form::value) {
            fill_tile(t, zone);
        } else {
            t.image_row(y, g) =
                near_coordinate<Expressions>(Expr(rule), zone.window.row + y, image_rows);
            map_tile(t, zone);
        }
        show_in_tile(t, zone);
        const auto of_turn = [&](const Expr &e) {
            return Internal::substitute(g.name(), Expr(t.glimpse), e);
        };
        if (zone.end.defined()) {
            d.where(y < of_turn(zone.end));
        }
        d.where(t.side < (of_turn(zone.elements) + step - 1) / step);
        d.where(y >= t.strip * strip_rows);
        d.where(y < t.strip * strip_rows + strip_rows);
        const Expr last = of_turn(zone.elements) - out;
        const Expr at =
            min(t.side * step, max(last - (step - out), 0)) + min(t.vector * out, last) + t.lane;
        glimpse(in_row(of_turn(zone.begin) + at), y, p, t.glimpse) =
            t.rows(in_tile(at, t), y, p, t.glimpse);
        tiles.push_back(t);
    }
    // Room before the rows of a tile, for a vector; twice as much is behind them.
    int tile_margin(const Tile &t) const {
        return std::max(shown_at_once(t), form == Form::map ? mirrored_at_once(t, 1) : 0);
    }
    int tile_width(const Tile &t) const {
        constexpr int aligned = 8;
        return (3 * tile_margin(t) + t.lanes + aligned - 1) / aligned * aligned;
    }
    // Elements of the image, and of what is before or behind it, that come into a tile at once. The
    // latter are whole pixels of up to four channels.
    int shown_at_once(const Tile &t) const {
        return std::max(form == Form::value ? t.lanes / 2 : t.out,
                        bytes() == 1 && form == Form::map ? 16 : 8);
    }
    static int mapped_at_once(const Tile &t) {
        return t.out >= 32 ? 24 : 12;
    }
    // Of those that are mirrored, powers of two where pixels allow it.
    static int mirrored_at_once(const Tile &t, int channels) {
        return channels == 3 ? mapped_at_once(t) : mapped_at_once(t) / 3 * 4;
    }
    Expr in_tile(const Expr &to, const Tile &t) const {
        return unsafe_promise_clamped(tile_margin(t) + to, 0, tile_width(t) - 1);
    }

    // Values, over the whole of the rows: what is visible comes into the tile after them.
    void fill_tile(Tile &t, const Zone &zone) {
        const int v = std::max(t.lanes / 2, 16 / bytes());
        RDom d({{0, 1}, {0, v}, {0, std::max(t.lanes / v, 1)}, {0, 1}}, "f");
        d.where(d[2] < (zone.elements + v - 1) / v);
        // Zones begin where rows do, or end where these do.
        const auto phase = [&](int block) {
            const Expr of_begin = per_call(t.call, (block * v) % samples);
            return Internal::is_const_zero(zone.begin)
                       ? of_begin
                       : select(
                             zone.begin == 0, of_begin,
                             per_call(t.call, (elements - zone_elements() + block * v) % samples));
        };
        t.rows(in_tile(d[2] * v + d[1], t), y, p, g) =
            fill_at(select(d[2] == 0, phase(0), phase(1)) + d[1], g);
        t.stages.push_back({d[0], d[1], d[2], d[3]});
    }

    // Adds a stage that writes vectors of `pixels` to blocks of a tile's rows, those from `begin`
    // to `end`; `write` is told where a block begins.
    template<typename Write>
    void add_stage(Tile &t, int channels, int pixels, const Expr &begin, const Expr &end,
                   const Expr &needed, const Write &write) {
        const int v = channels * pixels;
        RDom d({{0, channels}, {0, pixels}, {0, t.lanes}, {0, select(needed, 1, 0)}}, "s");
        d.where(d[2] < (end - begin + v - 1) / v);
        write(begin + d[2] * v, d);
        t.stages.push_back({d[0], d[1], d[2], d[3]});
    }
    // The elements of the image in a row.
    void show_in_tile(Tile &t, const Zone &zone) {
        const int v = shown_at_once(t);
        const Window &w = zone.window;
        add_stage(t, 1, v, zone.left, zone.right, Internal::const_true(),
                  [&](const Expr &block, RDom &d) {
                      if (form == Form::value) {
                          d.where(y >= w.top && y < w.bottom);
                      }
                      const Expr row = form == Form::value ? y + w.row : Expr(t.image_row(y, g));
                      const Expr from = clamp(zone.element + block, 0, image_elements - v);
                      t.rows(in_tile(from - zone.element + d[1], t), y, p, g) =
                          image_at(from + d[1], row, p, w.n);
                  });
    }

    // What rows of a tile show before or behind the image.
    void map_tile(Tile &t, const Zone &zone) {
        const int v = mapped_at_once(t);
        const Expr row = t.image_row(y, g), n = zone.window.n;
        const auto add = [&](int channels, int pixels, const Expr &needed, const auto &write) {
            add_stage(t, channels, pixels, zone.outside_begin, zone.outside_end, needed, write);
        };
        add(1, v, is(Border::wrap), [&](const Expr &block, RDom &d) {
            const Expr repeated = zone.element - image_elements;
            const Expr from = clamp(repeated + block, 0, image_elements - v);
            t.rows(in_tile(from - repeated + d[1], t), y, p, g) = image_at(from + d[1], row, p, n);
        });
        add(1, v, is(Border::replicate), [&](const Expr &block, RDom &d) {
            t.rows(in_tile(block + d[1], t), y, p, g) = replicated(zone.edge, d[1], row, n);
        });
        t.stages.back().special = {samples == 1};
        for (int channels : {1, 2, 3, 4}) {
            const int lanes = mirrored_at_once(t, channels);
            add(channels, lanes / channels, samples == channels && is_mirrored(),
                [&](const Expr &block, RDom &d) {
                    const Expr sum = zone.mirror - lanes, pixel = d[1] * channels;
                    const Expr from = clamp(sum - block, 0, image_elements - lanes);
                    t.rows(in_tile(sum - from + d[0] + pixel, t), y, p, g) =
                        image_at(from + (lanes - channels) + (d[0] - pixel), row, p, n);
                });
        }
    }

    void schedule_tile(Tile &t, int index) {
        if (t.rows_needed.defined()) {
            const std::string stage = Func(glimpse).name() + ".s" + std::to_string(index + 1);
            get_pipeline().add_custom_lowering_pass(
                new SkipLoop(stage + "." + t.strip.name(), t.rows_needed));
        }
        glimpse.update(index)
            .allow_race_conditions()
            .reorder({t.lane, t.vector, y, t.side, t.strip, t.glimpse, p, t.call})
            .vectorize(t.lane)
            .unroll(t.vector);
        t.rows.compute_at(glimpse, t.strip)
            .store_in(MemoryType::Stack)
            .bound(i, 0, tile_width(t))
            .bound_storage(y, strip_rows);
        for (size_t k = 0; k < t.stages.size(); k++) {
            const TileStage &s = t.stages[k];
            Stage stage = t.rows.update(int(k)).allow_race_conditions();
            stage.reorder({s.sample, s.pixel, y, s.block, s.once});
            stage.vectorize(s.sample).vectorize(s.pixel);
            for (const Expr &condition : s.special) {
                stage.specialize(condition);
            }
        }
        if (form == Form::map) {
            t.image_row.compute_at(glimpse, t.strip)
                .store_in(MemoryType::Stack)
                .vectorize(y, numbers_at_once())
                .bound_storage(y, strip_rows);
        }
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
    template<typename PerCall>
    Steps define_steps(int v, int wider, const PerCall &per_call_value) {
        // Steps of whole pixels, so that all vectors but the last begin with the same channel.
        Steps s;
        s.whole = samples <= v;
        const Expr any_step = form == Form::noise && !is(Border::gaussian);
        s.step = per_call_value(select(!any_step && s.whole, v - v % samples, v));
        s.last_phase = per_call_value((elements - v) % samples);
        s.fits = elements >= v && (wider == 0 ? Internal::const_true() : elements < wider);
        s.inverse = per_call_value((Expr(uint64_t(1) << 32) + cast<uint64_t>(s.step - 1)) /
                                   cast<uint64_t>(s.step));
        s.full = per_call_value(s.blocks(elements));
        return s;
    }

    // Rows above and below the image are filled from end to end, others left or right of the
    // visible elements; vectors that fill may spill into these, which are then written after them.
    // Rows of noise that are narrower than the last vector are left to the pure form.
    void define_fill() {
        glimpse(i, y, p, g) = undef(glimpse.type());
        Spans spans = {define_window(), {}};
        if (form == Form::value) {
            const Expr is_long = elements > longest_in_strips / bytes();
            fill_wide(64 / bytes(), spans, is_long, true);
            fill_wide(32 / bytes(), spans, is_wide() && !is_long, false);
            return define_tiles();
        }
        const std::vector<int> classes = lane_classes();
        const Window &w = spans.window;
        std::vector<Steps> steps;
        int wider = 0;
        for (int v : classes) {
            const Expr visible = blocks(w.right - w.left, v, wider);
            if (v > 1) {
                steps.push_back(define_steps(
                    v, wider, [&](const Expr &value) { return per_call("step", value); }));
            }
            spans.blocks.push_back(
                {visible, v > 1 ? steps.back().blocks(w.outside_end - w.outside_begin) : 0});
            wider = v;
        }
        for (size_t k = 0; k < classes.size(); k++) {
            if (classes[k] > 1) {
                fill_spans(classes[k], k, steps[k], spans);
            } else {
                show_spans(classes[k], k, spans);
            }
        }
    }

    // Wide rows of values, for which `fits`, by vectors of `v` elements.
    void fill_wide(int v, Spans spans, const Expr &fits, bool by_rows) {
        Loops l = define_loops(1, v, visible_before, visible_behind, fits, by_rows);
        const auto of_call = [&](const Expr &value) { return per_call(l.call, value); };
        const Steps s = define_steps(v, 0, of_call);
        const Expr all = of_call(s.blocks(max(elements - v, 0)));
        Window &w = spans.window;
        const Expr visible = w.right - w.left, outside = elements - visible;
        const Expr is_short = visible<v, is_left = w.left> 0;
        spans.blocks.push_back(
            {select(is_short, 0, (visible + v - 1) / v),
             select(is_short, all, s.blocks(select(is_left, outside, max(outside - v, 0)))),
             select(is_short || (!is_left && outside > 0), 1, 0)});
        w.outside_begin = select(is_short || is_left, 0, w.right);
        w.top = select(visible > 0, w.top, rows);
        w.bottom = select(visible > 0, w.bottom, rows);
        // What spills is written over.
        w.outside_end = select(!is_left && outside >= v, 1, 0);  // visible first
        spans = computed_in(l, spans);
        restrict(l, w, Internal::const_true());
        const Blocks &count = spans.blocks[0];
        const Expr shown = l.part == beside;
        const RVar lane = l.pixel;
        const Expr of_filled = select(l.span == outside_image, all, l.span == outside_last, 1, 0);
        l.d.where(l.block < select(shown, count.in(l.span, w.outside_end == 1), of_filled));
        const Expr visible_to = min(w.left + l.block * v, w.right - v);
        const Expr filled = select(shown, w.outside_begin, 0) + l.block * s.step;
        const Expr is_last = l.span == outside_last;
        const Expr to = select(l.is_visible(), visible_to, is_last, elements - v, filled);
        const Expr phase = select(is_last, s.last_phase, s.whole, 0, filled % samples);
        glimpse(in_row(to + lane), y, p, l.glimpse) =
            select(l.is_visible(), visible_at(to, lane, w), fill_at(phase + lane, l.glimpse));
        updates.push_back({l, {s.whole}});
    }

    // An element of the visible span.
    Expr visible_at(const Expr &to, const Expr &lane, const Window &w) {
        return image_at(to + lane + w.element, y + w.row, p, w.n);
    }

    // Both spans, by vectors of `v` elements.
    void fill_spans(int v, size_t k, const Steps &s, const Spans &of_glimpse) {
        Loops l = define_loops(1, v, first_span(), visible_behind, Internal::const_true());
        const Spans spans = computed_in(l, of_glimpse);
        const Window &w = spans.window;
        const Blocks &count = spans.blocks[k];
        restrict(l, w, s.fits || count.visible > 0);
        const Expr is_visible = l.is_visible(), shown = l.part == beside;
        const RVar lane = l.pixel;
        const Expr visible_to = min(w.left + l.block * v, w.right - v);
        // What spills is written over.
        const Expr spills = w.outside_end - w.outside_begin < v;
        l.d.where(l.block < select(shown, count.in(l.span, visible_comes_first(w) && !spills),
                                   select(l.span == outside_image, s.full, 0)));
        const Expr last = elements - v;
        const Expr filled = select(shown, w.outside_begin, 0) + l.block * s.step;
        const Expr to = select(is_visible, visible_to, min(filled, last));
        // The channel that the vector begins with.
        const Expr phase = select(!s.whole, to % samples, filled <= last, 0, s.last_phase);
        glimpse(in_row(to + lane), y, p, l.glimpse) = select(
            is_visible, visible_at(to, lane, w), noise_value(to, lane, phase + lane, l.glimpse));
        if (bytes() == 1) {
            updates.push_back({l, {rule == rule_uniform_all, is(Border::uniform)}});
        } else {
            updates.push_back({l, {is(Border::uniform)}});
        }
    }

    // The visible span alone, by vectors of `v` elements.
    void show_spans(int v, size_t k, const Spans &of_glimpse) {
        Loops l = define_loops(1, v, visible_behind, visible_behind, Internal::const_true());
        const Spans spans = computed_in(l, of_glimpse);
        const Window &w = spans.window;
        const Expr &count = spans.blocks[k].visible;
        restrict(l, w, count > 0);
        const Expr to = min(w.left + l.block * v, w.right - v);
        l.d.where(l.block < select(l.part == beside, count, 0));
        glimpse(in_row(to + l.pixel), y, p, l.glimpse) = visible_at(to, l.pixel, w);
        updates.push_back({l, {}});
    }

    // Mirrored or repeated pixels left or right of the visible ones. No window reaches beyond one
    // reflection: mirroring maps pixel x to `mirror - x`, or to as much less by a period.
    void define_map() {
        glimpse(i, y, p, g) = undef(glimpse.type());
        const Expr is_wrap = is(Border::wrap);
        Spans spans = {define_window(), {}};
        const Window &w = spans.window;
        spans.mirror = mirror_of(w);
        const Expr visible = w.right - w.left, outside = elements - visible;
        const int v = wide_lanes();
        spans.blocks.push_back({blocks(visible, v, 0), blocks(outside, v, 0)});
        spans.blocks.push_back(
            {select(visible < v, visible, 0), select(is_wrap && outside >= v, 0, outside)});
        compute_for_all(spans.expressions());
        repeat_spans(v, 0, spans);
        replicate_spans(v, 0, spans);
        for (int channels : {1, 2, 3, 4}) {
            mirror_spans(channels, v, 0, spans);
        }
        map_elements(1, spans);
        define_tiles();
        map_few();
    }
    // Elements of vectors of maps, of whole pixels of up to four channels.
    int wide_lanes() const {
        return bytes() == 1 ? 48 : 24;
    }
    // Those of spans, in the rows of this call.
    Expr span_lanes() const {
        return form == Form::map
                   ? Expr(wide_lanes())
                   : select(elements > longest_in_strips / bytes(), 64 / bytes(), 32 / bytes());
    }

    // The sum of the places in the row of two pixels that mirror each other, in elements.
    Expr mirror_of(const Window &w) {
        const auto of_elements = continuation<Expressions>(rule, image_elements, Expr(samples));
        return select(w.element < 0, of_elements.mirror_before, of_elements.mirror) - w.element;
    }
    // The row of the image that row y of a part shows is row `begin + step * y`.
    struct MappedRow {
        Expr begin, step;
    };
    MappedRow mapped_row(const RVar &part, const Expr &row) {
        const Expr is_wrap = is(Border::wrap), is_replicate = is(Border::replicate);
        const auto of_rows = continuation<Expressions>(rule, image_rows);
        const Expr row_above = select(is_replicate, 0, of_rows.mirror_before - row);
        const Expr row_below = select(is_replicate, image_rows - 1,  //
                                      is_wrap, row - image_rows,     //
                                      of_rows.mirror - row);
        return {
            select(part == beside, row,  //
                   part == above, row_above, row_below),
            select(part == beside || (is_wrap && part == below), 1, select(is_replicate, 0, -1))};
    }

    // A vector or element of a span: where it is written and read, unless what it shows is
    // mirrored or replicated.
    struct Mapped {
        Expr lane, to, row, from;
    };
    Mapped define_mapped(const Loops &l, int channels, int v, const Window &w) {
        const Expr is_visible = l.is_visible();
        const Expr begin = select(is_visible, w.left, w.outside_begin);
        const Expr end = select(is_visible, w.right, w.outside_end);
        const MappedRow row = mapped_row(l.part, w.row);
        Mapped m;
        m.lane = l.pixel * channels + l.sample;
        m.to = min(begin + l.block * v, end - v);
        m.row = row.begin + row.step * y;
        m.from = m.to + m.lane + w.element;
        return m;
    }

    // Both spans under wrap, and the visible one of any number of channels that is not frequent, by
    // vectors of `v` elements. Windows that repeat begin in the image.
    void repeat_spans(int v, size_t k, const Spans &of_glimpse) {
        const Expr is_wrap = is(Border::wrap);
        Loops l = define_loops(1, v, visible_before, outside_image,
                               is_wide() && (is_wrap || !has_tiles()));
        const Spans spans = computed_in(l, of_glimpse);
        const Window &w = spans.window;
        const Blocks &count = spans.blocks[k];
        restrict(l, w, count.outside > 0 || count.visible > 0);
        const Expr is_visible = l.is_visible();
        l.d.where(l.block < select(is_visible, count.visible,  //
                                   is_wrap, count.outside, 0));
        const Mapped m = define_mapped(l, 1, v, w);
        glimpse(in_row(m.to + m.lane), y, p, l.glimpse) =
            select(is_visible, image_at(m.from, m.row, p, w.n),
                   image_at(m.from - image_elements, m.row, p, w.n));
        updates.push_back({l, {}});
    }

    // Both spans by vectors of `v` elements, whose border is what `outside` makes of where they
    // are.
    template<typename Outside>
    void map_spans(int channels, int v, size_t k, const Spans &of_glimpse, const Expr &needed,
                   const Outside &outside, const std::vector<Expr> &special = {}) {
        Loops l =
            define_loops(channels, v / channels, first_span(), visible_behind, is_wide() && needed);
        const Spans spans = computed_in(l, of_glimpse);
        const Window &w = spans.window;
        const Blocks &count = spans.blocks[k];
        restrict(l, w, count.outside > 0 || count.visible > 0);
        l.d.where(l.block < count.in(l.span, visible_comes_first(w)));
        const Mapped m = define_mapped(l, channels, v, w);
        glimpse(in_row(m.to + m.lane), y, p, l.glimpse) =
            select(l.is_visible(), image_at(m.from, m.row, p, w.n), outside(l, spans, m));
        updates.push_back({l, special});
    }
    void replicate_spans(int v, size_t k, const Spans &of_glimpse) {
        map_spans(1, v, k, of_glimpse, has_tiles() && is(Border::replicate),
                  [&](const Loops &, const Spans &spans, const Mapped &m) {
                      const Window &w = spans.window;
                      const Expr edge = select(w.left > 0, 0, image_elements - samples);
                      return replicated(edge, m.lane, m.row, w.n);
                  },
                  {samples == 1});
        updates.back().has_pattern = true;
    }
    // Pixels in reverse order: one dense vector and a constant shuffle.
    void mirror_spans(int channels, int v, size_t k, const Spans &of_glimpse) {
        map_spans(channels, v, k, of_glimpse, samples == channels && is_mirrored(),
                  [&](const Loops &l, const Spans &spans, const Mapped &m) {
                      return image_at(spans.mirror - m.to + (l.sample - l.pixel * channels), m.row,
                                      p, spans.window.n);
                  });
    }
    // Rows of fewer elements than any vector: of one pixel, or of up to three of one channel.
    void map_few() {
        few = RDom({{0, 3}, {0, select(elements < 4 && has_tiles(), 1, 0)}}, "few");
        few.where(few[0] < elements);
        const Expr pixel = select(samples == 1, few[0], 0), sample = few[0] - pixel;
        const Expr column = near_coordinate<Expressions>(
            Expr(rule), position(position_x, g) + pixel, image_elements / samples);
        const Expr row =
            near_coordinate<Expressions>(Expr(rule), position(position_y, g) + y, image_rows);
        glimpse(in_row(few[0]), y, p, g) =
            image_at(column * samples + sample, row, p, position(position_image, g));
    }
    // Element by element, for any number of channels.
    void map_elements(size_t k, const Spans &of_glimpse) {
        map_spans(1, 1, k, of_glimpse, !has_tiles(),
                  [&](const Loops &, const Spans &spans, const Mapped &m) {
                      const Window &w = spans.window;
                      const Expr sample = m.to % samples;
                      const Expr edge = select(w.left > 0, 0, image_elements - samples);
                      const Expr from =
                          select(is(Border::replicate), edge + sample, is(Border::wrap),
                                 m.from - image_elements, spans.mirror - m.to + 2 * sample);
                      return image_at(from, m.row, p, w.n);
                  });
    }

    // A vector in which the pixel at element `edge` of the image repeats, of up to four channels,
    // from channel `phase` on. Scalars are chosen by a table: a vector load of one pixel would be
    // put together element by element.
    Expr replicated(const Expr &edge, const Expr &lane, const Expr &row, const Expr &n) {
        constexpr int length = 48, most = 4;
        Buffer<uint8_t> table(length, most);
        for (int c = 0; c < most; c++) {
            for (int k = 0; k < length; k++) {
                table(k, c) = uint8_t(k % (c + 1));
            }
        }
        const Expr sample = table(lane, unsafe_promise_clamped(samples - 1, 0, most - 1));
        const auto element = [&](int c) { return image_at(edge + min(c, samples - 1), row, p, n); };
        Expr value = element(most - 1);
        for (int c = most - 2; c >= 0; c--) {
            value = select(sample == cast<uint8_t>(c), element(c), value);
        }
        return value;
    }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Extract, glimpse_extract)
