// Makes the tables by which kernels find the pixels that outputs are made of, and calls the
// kernels: for images or, where these have no rows that kernels read or a border goes on, for tiles
// of what is looked at.
#include "host/sample_near.h"

#include <algorithm>

#include "host/parameters.h"

namespace glimpse {
namespace {

// The most elements of a support, so that what is read behind it is there, too.
int64_t widest_support(int64_t samples) {
    return largest_support - 3 * std::max<int64_t>(samples, 32);
}

// Of a tile of what outputs look at; more where there are many planes.
constexpr int64_t tile_elements = 32 << 10;
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

SampleTables::Kind kind_of(const SamplePlan &plan) {
    return plan.is_nearest()                      ? SampleTables::Kind::nearest
           : plan.read_type == ElementType::uint8 ? SampleTables::Kind::integers
                                                  : SampleTables::Kind::floats;
}

}  // namespace

int64_t near_sampler_bytes(const SamplePlan &plan) noexcept {
    const int64_t gathered = gathered_elements(plan.change);
    const int64_t decoded = plan.read_type == plan.gathered_type() ? 0 : int64_t(sizeof(float));
    return gathered > INT32_MAX
               ? -1
               : SampleTables::bytes + gathered * (size_in_bytes(plan.gathered_type()) + decoded);
}

NearSampler::NearSampler(const SamplePlan &plan, const Plan &windows, const Part &part,
                         const SampleMemory &memory, const TaskMemory &plain) noexcept
    : BoxSampler(plan, windows, part, memory, plain), tables_(kind_of(plan), samples_, memory.work),
      gathered_(static_cast<char *>(memory.work) + SampleTables::bytes),
      decoded_(gathered_ + gathered_elements(change_) * size_in_bytes(plan.gathered_type())) {
}

Status NearSampler::add(size_t i) noexcept {
    const Glimpse g = glimpse(i);
    const Outputs rows = rows_of_part(), columns = columns_of_part();
    const Outputs direct_y = intersection(rows, rule_.direct(g.y, g.size.height));
    const Outputs direct_x = intersection(columns, rule_.direct(g.x, g.size.width));
    if (direct_y.size() == rows.size() && direct_x.size() == columns.size() &&
        part_.columns >= narrowest_sampled && part_.columns <= SampleTables::most_columns &&
        part_.rows <= SampleTables::most_rows && plan_.reads_images && plan_.writes_glimpses) {
        find_looks(rule_, g.x, columns, g.size.width, true, &tables_.x_looks);
        if (fits_support()) {
            find_looks(rule_, g.y, rows, g.size.height, true, &tables_.y_looks);
            return add_to_run(g);
        }
    }
    GLIMPSE_TRY(flush());
    return make(g, rows, columns, [&](const Area &area, bool folds) {
        return folds && colors_ != nullptr ? colors_->sample(g, area) : sample(g, area, folds);
    });
}

// Calls the kernel for the glimpses that were added.
Status NearSampler::flush() noexcept {
    const int64_t count = run_count_;
    run_count_ = 0;
    if (count == 0) {
        return {};
    }
    const Part run = {run_begin_,   run_begin_ + size_t(count), part_.row, part_.rows, part_.column,
                      part_.columns};
    return call_kernel(change_.images, rows_of(change_.glimpses, run), count, true);
}

// Whether columns look at no more than a kernel takes at once.
bool NearSampler::fits_support() const noexcept {
    return rule_.is_nearest() || (tables_.x_looks.most - tables_.x_looks.least + 1) * samples_ <=
                                     widest_support(samples_);
}

// Samples an area. If it `folds`, it shows pixels of the image alone, wherever its box lies.
Status NearSampler::sample(const Glimpse &g, const Area &area, bool folds) noexcept {
    const int64_t of_tile = plan_.writes_glimpses ? INT64_MAX : memory_.change.tile_pixels;
    const int64_t most =
        std::min({SampleTables::most_columns, gathered_pixels(change_) / 2, of_tile});
    Outputs piece = {area.columns.begin, area.columns.begin};
    for (int64_t size = most; piece.begin < area.columns.end; piece.begin = piece.end) {
        piece.end = std::min(piece.begin + size, area.columns.end);
        find_looks(rule_, g.x, piece, g.size.width, folds, &tables_.x_looks);
        const bool reads_image =
            folds && plan_.reads_images &&
            (rule_.is_nearest() || !call_.boxes[g.index].x.are_beyond(sparse_factor * g.x.count()));
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
Status NearSampler::sample_columns(const Glimpse &g, const Outputs &rows, const Outputs &columns,
                                   bool folds, bool reads_image) noexcept {
    const Gathered x(tables_.x_looks, taps(), gathered_pixels(change_), folds, g.size.width);
    const int64_t sampled = rows_of_tile(columns);
    const int64_t gathered =
        std::max<int64_t>(gathered_elements(change_) /
                              (gathered_pitch(change_, x.extent) * samples_ * planes_ * taps()),
                          1);
    const bool is_large = change_.is_large();
    Outputs piece = {rows.begin, rows.begin};
    for (; piece.begin < rows.end; piece.begin = piece.end) {
        const int64_t most = is_large      ? 1
                             : reads_image ? std::min(sampled, SampleTables::most_rows)
                                           : std::min({sampled, gathered, SampleTables::most_rows});
        piece.end = std::min(piece.begin + most, rows.end);
        find_looks(rule_, g.y, piece, g.size.height, folds, &tables_.y_looks);
        Rows from = change_.images;
        if (!reads_image) {
            GLIMPSE_TRY(gather(g, x, folds, &from));
        } else {
            tables_.write(0, tables_.y_looks, tables_.x_looks, g.image, from.elements, true);
        }
        GLIMPSE_TRY(make_piece(g.index, piece, columns, [&](const Rows &out, bool writes) {
            return call_kernel(from, out, 1, writes);
        }));
    }
    return {};
}

// Pixels that an output looks at, along an axis.
int64_t NearSampler::taps() const noexcept {
    return rule_.is_nearest() ? 1 : 2;
}

// Brings what an area looks at into a tile, and writes the tables for it.
Status NearSampler::gather(const Glimpse &g, const Gathered &x, bool folds, Rows *from) noexcept {
    const Looks &of_x = tables_.x_looks, &of_y = tables_.y_looks;
    const Gathered y(of_y, taps(), taps() * of_y.count, folds, g.size.height);
    const int64_t pitch = gathered_pitch(change_, x.extent);
    Rows tile =
        tile_rows(gathered_, plan_.gathered_type(), y.extent, pitch, pitch, samples_, planes_);
    for (int64_t by = 0; by < y.blocks(of_y); by++) {
        for (int64_t bx = 0; bx < x.blocks(of_x); bx += largest_run) {
            Window windows[largest_run];
            const int64_t count = std::min<int64_t>(x.blocks(of_x) - bx, largest_run);
            for (int64_t k = 0; k < count; k++) {
                windows[k] = {g.image,
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
            GLIMPSE_TRY(gather_part(part, out));
        }
    }
    GLIMPSE_TRY(decode(decoded_, &tile));
    *from = tile;
    tables_.write(0, y.in_tile(of_y, tables_.y_places), x.in_tile(of_x, tables_.x_places), 0,
                  tile.elements, false);
    return {};
}

Status NearSampler::add_to_run(const Glimpse &g) noexcept {
    const int64_t most = std::min<int64_t>({largest_run, SampleTables::most_rows / part_.rows,
                                            SampleTables::most_columns / part_.columns});
    if (run_count_ == most || run_begin_ + size_t(run_count_) != g.index) {
        GLIMPSE_TRY(flush());
        run_begin_ = g.index;
    }
    note_form(call_, g.index, part_, "sample");
    tables_.write(run_count_, tables_.y_looks, tables_.x_looks, g.image, change_.images.elements,
                  true);
    run_count_++;
    return {};
}

// Makes `count` glimpses that the tables are written for. A kernel that writes glimpses
// converts.
Status NearSampler::call_kernel(const Rows &from, const Rows &out, int64_t count,
                                bool writes) noexcept {
    return for_planes([&](int64_t first, int64_t planes, const float *numbers) {
        const auto plane = [=](Rows rows) {
            rows.data += first * rows.plane_stride * rows.element_size;
            rows.planes = planes == planes_ ? rows.planes : 1;
            return rows;
        };
        return call_kernel(plane(from), plane(out), count, writes, planes, numbers);
    });
}

Status NearSampler::call_kernel(const Rows &from, const Rows &out, int64_t count, bool writes,
                                int64_t planes, const float *numbers) noexcept {
    const SampleOrder order = BoxSampler::order(writes);
    const int64_t columns = out.elements / out.samples;
    const Buffer<4> images = buffer_of(from, 0, from.count);
    const Buffer<2> support(tables_.supports(), i32, {support_fields, count}, {1, support_fields});
    const Buffer<2> column(tables_.columns(), i32, {columns, count}, {1, columns});
    const Buffer<4> glimpses = buffer_of(out, 0, count);
    const TypeKernels &kernels = call_.context.host.kernels->of_type[int(plan_.read_type)];
    CallError error;
    if (rule_.is_nearest()) {
        const Buffer<2> row(tables_.rows(), i32, {out.rows, count}, {1, out.rows});
        return status_of(kernels.nearest(&error, images, support, row, column, order,
                                         int32_t(samples_), glimpses),
                         error);
    }
    const Buffer<3> row(tables_.rows(), i32, {sampled_row_fields, out.rows, count},
                        {1, sampled_row_fields, out.rows * sampled_row_fields});
    const halide_type_t weight =
        tables_.kind() == SampleTables::Kind::integers ? halide_type_t(halide_type_int, 16) : f32;
    const Buffer<2> weights(tables_.weights(), weight, {columns * tables_.room(), count},
                            {1, columns * tables_.room()});
    return status_of(kernel_for(writes)(&error, images, support, row, column, weights,
                                        conversion(writes, numbers, planes), order,
                                        int32_t(samples_), glimpses),
                     error);
}
SampleLinearKernel *NearSampler::kernel_for(bool writes) const noexcept {
    const TypeKernels &kernels = call_.context.host.kernels->of_type[int(plan_.read_type)];
    const ElementType type = writes ? call_.glimpses.type : change_.element;
    return type == ElementType::float32 ? kernels.linear_float : kernels.linear;
}

}  // namespace glimpse
