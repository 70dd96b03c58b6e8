// Divides glimpses that are sampled into what is filled, what looks at the image alone, and what
// looks at a border; and makes the tables that kernels find their pixels by.
#include "host/sample.h"

#include <algorithm>

#include "host/parameters.h"
#include "host/sample_tables.h"
#include "try.h"

namespace glimpse {
namespace {

// Pixels of more channels are sampled plane by plane.
constexpr int64_t most_samples = 256;
// The most elements of a support, so that what is read behind it is there, too.
int64_t widest_support(int64_t samples) {
    return largest_support - 3 * std::max<int64_t>(samples, 32);
}

// Of a tile of what outputs look at; more where there are many planes.
constexpr int64_t tile_elements = 32 << 10;
constexpr int64_t lanes_of_conversion = 4;

SampleOrder order_of_pixels(int64_t samples) {
    return samples == 1   ? sample_planes
           : samples == 2 ? sample_pixels_2
           : samples == 3 ? sample_pixels_3
                          : sample_pixels;
}

// Groups of lanes of a pixel; of planes, these.
int64_t groups_of(const Plan &plan) {
    return plan.images.samples == 1 ? plan.images.planes : (plan.images.samples + 3) / 4;
}

bool is_sampled_by_integers(const Call &call) {
    return call.images.type == ElementType::uint8 && call.glimpses.type == ElementType::uint8 &&
           !call.converts;
}

ElementType sampled_type(const Call &call) {
    return call.sampling.is_nearest()     ? call.images.type
           : is_sampled_by_integers(call) ? ElementType::uint8
                                          : ElementType::float32;
}

// The most pixels of rows of a tile of what outputs look at.
int64_t gathered_pixels(const Plan &plan) {
    const Rows &images = plan.images;
    return std::min(
        widest_support(images.samples) / images.samples,
        std::max(tile_elements / (2 * images.planes * images.samples), int64_t(narrowest_support)));
}
// Between its rows: these are as wide as kernels want, and a pixel wider.
int64_t gathered_pitch(const Plan &plan, int64_t pixels) {
    return std::max(pixels, (narrowest_support + plan.images.samples - 1) / plan.images.samples) +
           1;
}
int64_t gathered_elements(const Plan &plan) {
    const int64_t pitch = gathered_pitch(plan, gathered_pixels(plan));
    return std::max(tile_elements, 2 * pitch * plan.images.samples * plan.images.planes);
}

constexpr halide_type_t i32(halide_type_int, 32), f32(halide_type_float, 32);

// What kernels convert with that only sample.
constexpr float unchanged[2][lanes_of_conversion] = {{}, {1, 1, 1, 1}};

// Rows of a tile, `pitch` pixels apart.
Rows tile_rows(void *memory, ElementType type, int64_t rows, int64_t columns, int64_t pitch,
               int64_t samples, int64_t planes) {
    Rows r;
    r.data = static_cast<char *>(memory);
    r.element_size = size_in_bytes(type);
    r.samples = samples;
    r.elements = columns * samples;
    r.rows = rows;
    r.planes = planes;
    r.count = 1;
    r.element_stride = 1;
    r.row_stride = pitch * samples;
    r.plane_stride = rows * pitch * samples;
    r.image_stride = 0;
    return r;
}

constexpr Position at_origin = {};

SampleTables::Kind kind_of(const SamplePlan &plan) {
    return plan.is_nearest()                      ? SampleTables::Kind::nearest
           : plan.read_type == ElementType::uint8 ? SampleTables::Kind::integers
                                                  : SampleTables::Kind::floats;
}

// Makes the glimpses of one part.
class Sampler {
public:
    Sampler(const SamplePlan &plan, const Plan &windows, const Part &part,
            const SampleMemory &memory, const TaskMemory &plain) noexcept
        : plan_(plan), change_(plan.change), call_(change_.call), rule_(call_.sampling),
          windows_(windows), part_(part), memory_(memory), plain_(plain),
          samples_(change_.images.samples), planes_(change_.images.planes),
          tables_(kind_of(plan), samples_, memory.work),
          gathered_(static_cast<char *>(memory.work) + SampleTables::bytes),
          decoded_(gathered_ + gathered_elements(change_) * change_.images.element_size) {
    }

    Status add(size_t i) noexcept {
        const Size size = call_.image(call_.windows[i].image).size;
        const Glimpse g = {i, call_.windows[i].image, call_.box_rows(i), call_.box_columns(i),
                           size};
        const Outputs rows = {part_.row, part_.row + part_.rows};
        const Outputs columns = {part_.column, part_.column + part_.columns};
        const Outputs direct_y = intersection(rows, rule_.direct(g.y, size.height));
        const Outputs direct_x = intersection(columns, rule_.direct(g.x, size.width));
        if (direct_y.size() == rows.size() && direct_x.size() == columns.size() &&
            part_.columns >= narrowest_sampled && part_.columns <= SampleTables::most_columns &&
            part_.rows <= SampleTables::most_rows && plan_.reads_images && plan_.writes_glimpses) {
            find_looks(rule_, g.x, columns, size.width, true, &tables_.x_looks);
            if (fits_support()) {
                find_looks(rule_, g.y, rows, size.height, true, &tables_.y_looks);
                return add_to_run(g);
            }
        }
        GLIMPSE_TRY(flush());
        return make(g, rows, columns);
    }

    // Calls the kernel for the glimpses that were added.
    Status flush() noexcept {
        const int64_t count = run_count_;
        run_count_ = 0;
        if (count == 0) {
            return {};
        }
        const Part run = {run_begin_,   run_begin_ + size_t(count),
                          part_.row,    part_.rows,
                          part_.column, part_.columns};
        return call_kernel(change_.images, rows_of(change_.glimpses, run), count, true);
    }

private:
    struct Glimpse {
        size_t index;
        int32_t image;
        BoxAxis y, x;
        Size size;  // of the image
    };

    // Whether columns look at no more than a kernel takes at once.
    bool fits_support() const noexcept {
        return rule_.is_nearest() ||
               (tables_.x_looks.most - tables_.x_looks.least + 1) * samples_ <=
                   widest_support(samples_);
    }

    struct Area {
        Outputs rows, columns;
    };
    // Visits what is left of `rows` and `columns` around a part of them.
    template<typename Visit>
    static Status visit_around(const Outputs &rows, const Outputs &columns, const Area &part,
                               const Visit &visit) noexcept {
        const Area areas[] = {{{rows.begin, part.rows.begin}, columns},
                              {{part.rows.end, rows.end}, columns},
                              {part.rows, {columns.begin, part.columns.begin}},
                              {part.rows, {part.columns.end, columns.end}}};
        for (const Area &a : areas) {
            if (a.rows.size() > 0 && a.columns.size() > 0) {
                GLIMPSE_TRY(visit(a));
            }
        }
        return {};
    }
    // A part of an area; nothing at its end if it is empty along one axis.
    static Area part_of(const Outputs &rows, const Outputs &columns, const Outputs &in_rows,
                        const Outputs &in_columns) noexcept {
        const Area part = {intersection(rows, in_rows), intersection(columns, in_columns)};
        return part.rows.size() > 0 && part.columns.size() > 0
                   ? part
                   : Area{{rows.end, rows.end}, {columns.end, columns.end}};
    }

    // Fills what is not seen, and samples what is: what looks at pixels of the image alone, and
    // what looks at its border.
    Status make(const Glimpse &g, const Outputs &rows, const Outputs &columns) noexcept {
        const Area seen =
            part_of(rows, columns, rule_.seen(g.y, g.size.height), rule_.seen(g.x, g.size.width));
        GLIMPSE_TRY(
            visit_around(rows, columns, seen, [&](const Area &a) { return fill(g.index, a); }));
        const Area direct = part_of(seen.rows, seen.columns, rule_.direct(g.y, g.size.height),
                                    rule_.direct(g.x, g.size.width));
        GLIMPSE_TRY(visit_around(seen.rows, seen.columns, direct,
                                 [&](const Area &a) { return sample(g, a, false); }));
        return direct.rows.size() > 0 ? sample(g, direct, true) : Status();
    }

    // Fills an area with what is outside of the image.
    Status fill(size_t i, const Area &a) noexcept {
        const Part part = part_at(i, a.rows, a.columns);
        return windows_.change != nullptr
                   ? convert_part(windows_, part, plain_)
                   : extract_part(windows_, part, rows_of(windows_.glimpses, part),
                                  plain_.parameters, plain_.sets);
    }

    static Part part_at(size_t i, const Outputs &rows, const Outputs &columns) noexcept {
        return {i, i + 1, rows.begin, rows.size(), columns.begin, columns.size()};
    }

    // Samples an area. If it `folds`, it shows pixels of the image alone, wherever its box lies.
    Status sample(const Glimpse &g, const Area &area, bool folds) noexcept {
        const int64_t of_tile = plan_.writes_glimpses ? INT64_MAX : memory_.change.tile_pixels;
        const int64_t most =
            std::min({SampleTables::most_columns, gathered_pixels(change_) / 2, of_tile});
        Outputs piece = {area.columns.begin, area.columns.begin};
        for (int64_t size = most; piece.begin < area.columns.end; piece.begin = piece.end) {
            piece.end = std::min(piece.begin + size, area.columns.end);
            find_looks(rule_, g.x, piece, g.size.width, folds, &tables_.x_looks);
            const bool reads_image = folds && plan_.reads_images &&
                                     (rule_.is_nearest() || !call_.boxes[g.index].x.are_beyond(
                                                                sparse_factor * g.x.count()));
            if (reads_image && !fits_support() && piece.size() > 1) {
                size = (piece.size() + 1) / 2;
                piece.end = piece.begin;
                continue;
            }
            GLIMPSE_TRY(sample_columns(g, area.rows, piece, folds, reads_image));
        }
        return {};
    }

    // The same for columns whose looks have been found.
    Status sample_columns(const Glimpse &g, const Outputs &rows, const Outputs &columns, bool folds,
                          bool reads_image) noexcept {
        const Gathered x(tables_.x_looks, taps(), gathered_pixels(change_), folds, g.size.width);
        // A tile of samples, and one of what they look at.
        const int64_t pitch = std::max(columns.size(), int64_t(narrowest_sampled));
        const bool has_tile = !plan_.writes_glimpses || columns.size() < narrowest_sampled;
        const int64_t sampled =
            has_tile ? std::max<int64_t>(memory_.change.tile_pixels / pitch, 1) : INT64_MAX;
        const int64_t gathered =
            std::max<int64_t>(gathered_elements(change_) /
                                  (gathered_pitch(change_, x.extent) * samples_ * planes_ * taps()),
                              1);
        const bool is_large = change_.is_large();
        Outputs piece = {rows.begin, rows.begin};
        for (; piece.begin < rows.end; piece.begin = piece.end) {
            const int64_t most = is_large ? 1
                                 : reads_image
                                     ? std::min(sampled, SampleTables::most_rows)
                                     : std::min({sampled, gathered, SampleTables::most_rows});
            piece.end = std::min(piece.begin + most, rows.end);
            find_looks(rule_, g.y, piece, g.size.height, folds, &tables_.y_looks);
            Rows from = change_.images;
            if (!reads_image) {
                GLIMPSE_TRY(gather(g, x, folds, &from));
            } else {
                tables_.write(0, tables_.y_looks, tables_.x_looks, g.image, from.elements, true);
            }
            GLIMPSE_TRY(make_piece(g.index, piece, columns, from));
        }
        return {};
    }

    // Calls the kernel for an area for which the tables are written, and brings what it makes to
    // where it is wanted.
    Status make_piece(size_t i, const Outputs &rows, const Outputs &columns,
                      const Rows &from) noexcept {
        const Part piece = part_at(i, rows, columns);
        const bool is_narrow = columns.size() < narrowest_sampled;
        const Rows out = rows_of(change_.glimpses, piece);
        note_form(call_, i, piece, "sample");
        if (plan_.writes_glimpses && !is_narrow) {
            return call_kernel(from, out, 1, true);
        }
        const int64_t pitch = std::max(columns.size(), int64_t(narrowest_sampled));
        const bool writes = plan_.writes_glimpses;
        const ElementType type = writes ? call_.glimpses.type : change_.element;
        const Rows &like = writes ? change_.glimpses : change_.images;
        Rows tile = tile_rows(memory_.change.tile, type, rows.size(), pitch, pitch, like.samples,
                              like.planes);
        GLIMPSE_TRY(call_kernel(from, tile, 1, writes));
        tile.elements = columns.size() * like.samples;
        const Run run = {&at_origin, 0, 1};
        return writes || change_.change == nullptr
                   ? copy_windows(change_.glimpse_kernels->pure, tile, run, out)
                   : change_piece(change_, piece, tile, run, memory_.change);
    }

    // Pixels that an output looks at, along an axis.
    int64_t taps() const noexcept {
        return rule_.is_nearest() ? 1 : 2;
    }

    // Brings what an area looks at into a tile, and writes the tables for it.
    Status gather(const Glimpse &g, const Gathered &x, bool folds, Rows *from) noexcept {
        const Looks &of_x = tables_.x_looks, &of_y = tables_.y_looks;
        const Gathered y(of_y, taps(), taps() * of_y.count, folds, g.size.height);
        const int64_t pitch = gathered_pitch(change_, x.extent);
        Rows tile =
            tile_rows(gathered_, call_.images.type, y.extent, pitch, pitch, samples_, planes_);
        for (int64_t by = 0; by < y.blocks(of_y); by++) {
            for (int64_t bx = 0; bx < x.blocks(of_x); bx += largest_run) {
                Window windows[largest_run];
                const int64_t count = std::min<int64_t>(x.blocks(of_x) - bx, largest_run);
                for (int64_t k = 0; k < count; k++) {
                    windows[k] = {
                        g.image,
                        {int32_t(y.begin_of(of_y, by)), int32_t(x.begin_of(of_x, bx + k))}};
                }
                const Part part = {0, size_t(count), 0, y.size, 0, x.size, windows};
                Rows out = tile;
                out.data +=
                    (by * y.size * tile.row_stride + bx * x.size * samples_) * tile.element_size;
                out.rows = y.size;
                out.elements = x.size * samples_;
                out.count = count;
                out.image_stride = x.size * samples_;
                GLIMPSE_TRY(extract_part(change_, part, out, memory_.change.parameters,
                                         memory_.change.sets));
            }
        }
        if (plan_.read_type != call_.images.type) {
            Rows decoded = tile;
            decoded.data = decoded_;
            decoded.element_size = size_in_bytes(plan_.read_type);
            GLIMPSE_TRY(decode_rows(change_.kernels->to_float, tile, decoded));
            tile = decoded;
        }
        *from = tile;
        tables_.write(0, y.in_tile(of_y, tables_.y_places), x.in_tile(of_x, tables_.x_places), 0,
                      tile.elements, false);
        return {};
    }

    Status add_to_run(const Glimpse &g) noexcept {
        const int64_t most = std::min<int64_t>({largest_run, SampleTables::most_rows / part_.rows,
                                                SampleTables::most_columns / part_.columns});
        if (run_count_ == most || run_begin_ + size_t(run_count_) != g.index) {
            GLIMPSE_TRY(flush());
            run_begin_ = g.index;
        }
        note_form(call_, g.index, part_, "sample");
        tables_.write(run_count_, tables_.y_looks, tables_.x_looks, g.image,
                      change_.images.elements, true);
        run_count_++;
        return {};
    }

    // Makes `count` glimpses that the tables are written for. A kernel that writes glimpses
    // converts.
    Status call_kernel(const Rows &from, const Rows &out, int64_t count, bool writes) noexcept {
        if (!change_.is_large() || planes_ == 1) {
            return call_kernel(from, out, count, writes, planes_, memory_.conversion);
        }
        // Planes may be too far apart for the kernel's indices.
        for (int64_t p = 0; p < planes_; p++) {
            const auto plane = [p](Rows rows) {
                rows.data += p * rows.plane_stride * rows.element_size;
                rows.planes = 1;
                return rows;
            };
            const float *const numbers = memory_.conversion == nullptr
                                             ? nullptr
                                             : memory_.conversion + p * conversion_fields;
            GLIMPSE_TRY(call_kernel(plane(from), plane(out), count, writes, 1, numbers));
        }
        return {};
    }
    Status call_kernel(const Rows &from, const Rows &out, int64_t count, bool writes,
                       int64_t planes, const float *numbers) noexcept {
        const SampleOrder order = writes ? plan_.order : order_of_pixels(samples_);
        const int64_t columns = out.elements / out.samples;
        const Buffer<4> images = buffer_of(from, 0, from.count);
        const Buffer<2> support(tables_.supports(), i32, {support_fields, count},
                                {1, support_fields});
        const Buffer<2> column(tables_.columns(), i32, {columns, count}, {1, columns});
        const Buffer<4> glimpses = buffer_of(out, 0, count);
        CallError error;
        if (rule_.is_nearest()) {
            const Buffer<2> row(tables_.rows(), i32, {out.rows, count}, {1, out.rows});
            return status_of(change_.kernels->nearest(&error, images, support, row, column, order,
                                                      int32_t(samples_), glimpses),
                             error);
        }
        const Buffer<3> row(tables_.rows(), i32, {sampled_row_fields, out.rows, count},
                            {1, sampled_row_fields, out.rows * sampled_row_fields});
        const halide_type_t weight = tables_.kind() == SampleTables::Kind::integers
                                         ? halide_type_t(halide_type_int, 16)
                                         : f32;
        const Buffer<2> weights(tables_.weights(), weight, {columns * tables_.room(), count},
                                {1, columns * tables_.room()});
        const bool converts = writes && numbers != nullptr;
        const int64_t lanes = samples_ == 1 && converts ? 1 : lanes_of_conversion;
        const Buffer<3> conversion(
            converts ? numbers : &unchanged[0][0], f32,
            {lanes, conversion_fields, samples_ == 1 ? planes : groups_of(change_)},
            {1, lanes, converts ? lanes * conversion_fields : 0});
        return status_of(kernel_for(writes)(&error, images, support, row, column, weights,
                                            conversion, order, int32_t(samples_), glimpses),
                         error);
    }
    SampleLinearKernel *kernel_for(bool writes) const noexcept {
        const TypeKernels &kernels = call_.context.host.kernels->of_type[int(plan_.read_type)];
        const ElementType type = writes ? call_.glimpses.type : change_.element;
        return type == ElementType::float32 ? kernels.linear_float : kernels.linear;
    }

    const SamplePlan &plan_;
    const Plan &change_;
    const Call &call_;
    const SamplingRule &rule_;
    const Plan &windows_;
    const Part &part_;
    const SampleMemory &memory_;
    const TaskMemory &plain_;
    const int64_t samples_, planes_;
    SampleTables tables_;
    char *const gathered_, *const decoded_;
    size_t run_begin_ = 0;
    int64_t run_count_ = 0;
};

// Whether rows of glimpses are what kernels write of those of images, and how.
bool find_order(const Plan &plan, SampleOrder *order) {
    const Rows &in = plan.images, &out = plan.glimpses;
    const Call &call = plan.call;
    const bool splits = in.samples != out.samples;
    const bool is_float = !call.sampling.is_nearest() && call.glimpses.type == ElementType::float32;
    *order = !splits           ? order_of_pixels(in.samples)
             : in.samples == 3 ? sample_split_3
                               : sample_split_4;
    return call.channel_order.count == 0 && out.element_stride == 1 &&
           plan.finish == Finish::none && !(splits && plan.is_large()) &&
           (!splits || (is_float && out.samples == 1 && (in.samples == 3 || in.samples == 4)));
}

}  // namespace

SamplePlan::SamplePlan(const Call &call) noexcept
    : change(call, sampled_type(call)),
      read_type(call.sampling.is_nearest() || call.images.type == ElementType::uint8
                    ? call.images.type
                    : ElementType::float32) {
}

int64_t SamplePlan::conversion_size() const noexcept {
    const bool converts =
        writes_glimpses && !is_nearest() && change.call.glimpses.type == ElementType::float32;
    const int64_t lanes = change.images.samples == 1 ? 1 : lanes_of_conversion;
    return converts ? groups_of(change) * conversion_fields * lanes : 0;
}

void SamplePlan::write_conversion(float *conversion) const noexcept {
    const Call &call = change.call;
    const int64_t samples = change.images.samples, groups = groups_of(change);
    const int64_t lanes = samples == 1 ? 1 : lanes_of_conversion;
    for (int64_t group = 0; group < groups; group++) {
        const int64_t first =
            samples == 1 ? group : std::min(group * 4, std::max<int64_t>(samples - 4, 0));
        float *const subtract = conversion + group * conversion_fields * lanes;
        for (int64_t lane = 0; lane < lanes; lane++) {
            const int64_t c = std::min(first + lane, call.glimpse_channels() - 1);
            subtract[lane] = value_of(call.subtract, c, 0);
            subtract[lanes + lane] = value_of(call.multiply, c, 1);
        }
    }
}

Status make_plan(SamplePlan *plan) noexcept {
    Plan &change = plan->change;
    GLIMPSE_TRY(make_plan(&change, most_samples));
    const Call &call = change.call;
    const bool makes_type =
        plan->is_nearest() ? !change.converts() : call.glimpses.type == change.element;
    plan->writes_glimpses = makes_type && find_order(change, &plan->order);
    if (gathered_elements(change) > INT32_MAX) {
        return {StatusCode::too_large, "%lld channels cannot be sampled",
                (long long)call.channels()};
    }
    plan->reads_images = change.dense && !change.is_large() &&
                         plan->read_type == call.images.type &&
                         change.images.elements >= narrowest_support;
    return {};
}

int64_t sample_work_bytes(const SamplePlan &plan) noexcept {
    const int64_t gathered = gathered_elements(plan.change);
    const int64_t decoded =
        plan.read_type == plan.change.call.images.type ? 0 : int64_t(sizeof(float));
    return SampleTables::bytes + gathered * (plan.change.images.element_size + decoded);
}

Status sample_part(const SamplePlan &plan, const Plan &windows, const Part &part,
                   const SampleMemory &memory, const TaskMemory &plain) noexcept {
    Sampler sampler(plan, windows, part, memory, plain);
    for (size_t i = part.begin; i < part.end; i++) {
        GLIMPSE_TRY(sampler.add(i));
    }
    return sampler.flush();
}

}  // namespace glimpse
