// Finds the form of the kernel that a window goes to, and hands runs of windows to it.
#include "host/extract.h"

#include <algorithm>

#include "call/check.h"
#include "host/parameters.h"
#include "host/route.h"

namespace glimpse {
namespace {

// Which kernel a glimpse goes to: a window inside the image or one that leaves it, in dense rows;
// or, in any other layout, beyond one reflection or in a narrow image, the pure form.
enum class Route { inside, border, pure_inside, pure_border };

struct Form {
    ExtractKernel *TypeKernels::*kernel;
    const char *name;
};

Form form_of(Family family, Route route) {
    using K = TypeKernels;
    return route == Route::inside    ? Form{&K::inside, "inside"}
           : route != Route::border  ? Form{&K::pure, "pure"}
           : family == Family::value ? Form{&K::value, "value"}
           : family == Family::map   ? Form{&K::map, "map"}
                                     : Form{&K::noise, "noise"};
}

// What stands for values that a kernel computes at each pixel and does not choose.
constexpr float unread = 0;
constexpr halide_type_t f32(halide_type_float, 32);

// Glimpses of one part on their way to kernels: a run has one route.
class Runs {
public:
    Runs(const Plan &plan, const Part &part, const Rows &out, void *memory, int64_t sets) noexcept
        : plan_(plan), call_(plan.call), part_(part), out_(out), family_(call_.family()),
          parameters_(plan, memory), sets_(sets),
          is_shared_(call_.border == Border::zero || call_.border == Border::constant ||
                     (plan.images.count == 1 && family_ != Family::map)) {
        // Spans are on one side of the image, and written in vectors.
        always_pure_ = !plan.dense || plan.spans_are_pure ||
                       part.columns > call_.image(0).size.width ||
                       !has_vectors(family_, plan.images, out.elements);
    }

    Status add(size_t i) noexcept {
        const bool is_own = part_.windows == nullptr;  // else of another size
        const Window &w = is_own ? call_.windows[i] : part_.windows[i];
        const Size image = call_.image(w.image).size;
        const int64_t plane_y = w.origin.y + part_.row, plane_x = w.origin.x + part_.column;
        Axis y = {plane_y, true, false}, x = {plane_x, true, false};
        if (!is_own || call_.shows_outside(w)) {
            y = axis_of(call_.border, plane_y, part_.rows, image.height);
            x = axis_of(call_.border, plane_x, part_.columns, image.width);
        }
        const bool is_inside = y.is_inside && x.is_inside;
        const bool is_pure = always_pure_ || y.is_far || x.is_far;
        const bool has_set = !is_inside && family_ != Family::map;
        const Route route = is_inside ? (plan_.dense ? Route::inside : Route::pure_inside)
                            : is_pure ? Route::pure_border
                                      : Route::border;
        const int64_t most = plan_.one_by_one         ? 1
                             : has_set && !is_shared_ ? std::min<int64_t>(sets_, largest_run)
                                                      : largest_run;
        if (route != route_ || count_ >= most) {
            GLIMPSE_TRY(flush());
            route_ = route;
        }
        note_form(call_, i, part_, form_of(family_, route).name);
        positions_[count_] = {w.image, int32_t(y.origin), int32_t(x.origin), int32_t(plane_y),
                              int32_t(plane_x)};
        if (has_set && !(is_shared_ && is_written_)) {
            parameters_.write(is_shared_ ? 0 : count_, w.image);
            is_written_ = true;
        }
        count_++;
        return {};
    }

    Status flush() noexcept {
        if (count_ == 0) {
            return {};
        }
        GLIMPSE_TRY(extract());
        first_ += count_;
        count_ = 0;
        if (!is_shared_) {
            parameters_.begin_run();
        }
        return {};
    }

private:
    // Where batches are too large for one buffer, the one image is described as the only one.
    Status extract() noexcept {
        Rows images = plan_.images;
        int32_t image = 0;
        if (plan_.one_by_one) {
            image = positions_[0].image;
            positions_[0].image = 0;
            images.data += image * images.image_stride * images.element_size;
            images.count = 1;
        }
        const Buffer<4> image_buffer = buffer_of(images, 0, images.count);
        const Buffer<2> positions = buffer_of(positions_, count_);
        const Buffer<4> glimpses = buffer_of(out_, first_, count_);
        const bool is_pure = route_ == Route::pure_inside || route_ == Route::pure_border;
        const bool is_inside = route_ == Route::inside || route_ == Route::pure_inside;
        const int32_t rule = is_inside ? int32_t(Border::zero) : parameters_.rule(is_pure);
        const auto call_kernel = [&](halide_buffer_t *fill, halide_buffer_t *noise) {
            CallError error;
            ExtractKernel *const kernel = plan_.kernels->*form_of(family_, route_).kernel;
            return status_of(kernel(&error, image_buffer, positions, fill, noise,
                                    int32_t(images.samples), rule, call_.seed,
                                    call_.first_image + uint32_t(image), 0, glimpses),
                             error);
        };
        const bool has_fill = !is_inside && family_ == Family::value;
        const bool has_noise = !is_inside && family_ == Family::noise;
        if (!is_pure && !has_fill && !has_noise) {
            return call_kernel(positions, positions);  // the form reads none
        }
        const int64_t length = Parameters::row_elements(plan_), planes = out_.planes;
        const int64_t step = is_shared_ ? 0 : length * planes;
        const int64_t f = has_fill ? 1 : 0, n = has_noise ? 1 : 0;  // no stride where none is read
        const void *const values = parameters_.memory();
        const Buffer<3> fill(has_fill ? values : &unread, image_buffer.buffer.type,
                             {length, planes, count_}, {f, f * length, f * step});
        const Buffer<4> noise(has_noise ? values : &unread, f32,
                              {length, noise_fields, planes, count_},
                              {n, n * length, n * length * noise_fields, n * step * noise_fields});
        return call_kernel(fill, noise);
    }

    const Plan &plan_;
    const Call &call_;
    const Part &part_;
    const Rows &out_;
    const Family family_;
    Parameters parameters_;
    const int64_t sets_;
    const bool is_shared_;  // one set of parameters serves all glimpses
    bool is_written_ = false, always_pure_ = false;
    Route route_ = Route::inside;
    int64_t first_ = 0, count_ = 0;  // of the glimpses of `out_`
    Position positions_[largest_run];
};

Status extract_piece(const Plan &plan, const Part &part, const Rows &out, void *memory,
                     int64_t sets) {
    Runs runs(plan, part, out, memory, sets);
    for (size_t i = part.begin; i < part.end; i++) {
        GLIMPSE_TRY(runs.add(i));
    }
    return runs.flush();
}

}  // namespace

Rows rows_of(const Rows &all, const Part &part) noexcept {
    Rows rows = all;
    rows.data += (int64_t(part.begin) * all.image_stride + part.row * all.row_stride +
                  part.column * all.samples * all.element_stride) *
                 all.element_size;
    rows.elements = part.columns * all.samples;
    rows.rows = part.rows;
    rows.count = int64_t(part.end - part.begin);
    return rows;
}

// Windows wider than the image go in pieces that are not, so that each leaves it on one side;
// unless these were so narrow that the pure form is as fast.
Status extract_part(const Plan &plan, const Part &part, const Rows &out, void *memory,
                    int64_t sets) noexcept {
    constexpr int64_t narrow = 16;
    const int64_t width = plan.call.image(0).size.width;
    if (part.columns <= width || width < narrow || !plan.dense) {
        return extract_piece(plan, part, out, memory, sets);
    }
    Part piece = part;
    const int64_t end = part.column + part.columns;
    for (; piece.column < end; piece.column += width) {
        piece.columns = std::min(width, end - piece.column);
        Rows of_piece = out;
        of_piece.data += (piece.column - part.column) * plan.images.samples * out.element_stride *
                         out.element_size;
        of_piece.elements = piece.columns * plan.images.samples;
        GLIMPSE_TRY(extract_piece(plan, piece, of_piece, memory, sets));
    }
    return {};
}

Status copy_windows(ExtractKernel *pure, const Rows &from, const Run &run,
                    const Rows &out) noexcept {
    const Buffer<2> positions = buffer_of(run.positions, run.count);
    for (int64_t p = 0; p < out.planes; p++) {
        Rows plane = from, to = out;
        plane.data += p * from.plane_stride * from.element_size;
        to.data += p * to.plane_stride * to.element_size;
        plane.planes = to.planes = 1;
        const Buffer<4> images = buffer_of(plane, 0, plane.count);
        const Buffer<4> glimpses = buffer_of(to, run.first, run.count);
        const Buffer<3> fill(&unread, images.buffer.type, {1, 1, run.count}, {0, 0, 0});
        const Buffer<4> noise(&unread, f32, {1, noise_fields, 1, run.count}, {0, 0, 0, 0});
        CallError error;
        GLIMPSE_TRY(status_of(pure(&error, images, positions, fill, noise, 1, int32_t(Border::zero),
                                   0, 0, 0, glimpses),
                              error));
    }
    return {};
}

}  // namespace glimpse
