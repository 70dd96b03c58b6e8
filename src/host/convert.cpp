// Hands windows inside an image, and tiles of others, to the kernels that change elements.
#include "host/extract.h"

#include <algorithm>

#include "call/check.h"
#include "host/parameters.h"

namespace glimpse {
namespace {

// What becomes of rows of pixels or of planes.
ConvertOrder order_of(const Rows &in, const Rows &out, int64_t channels) {
    if (in.samples == out.samples) {
        return in.samples == 1 ? order_planes : order_pixels;
    }
    const bool splits = out.samples == 1;
    const bool is_wide = out.elements / out.samples >= narrowest_change;
    if (is_wide && channels == 3) {
        return splits ? order_split_3 : order_join_3;
    }
    if (is_wide && channels == 4) {
        return splits ? order_split_4 : order_join_4;
    }
    return splits ? order_split : order_join;
}

// Changes the elements of windows that lie inside `in`.
Status convert_run(const Plan &plan, ConvertKernel *kernel, const float *conversion, const Rows &in,
                   const Run &run, const Rows &out) {
    const int64_t length = Conversion::row_elements(plan);
    const Buffer<4> images = buffer_of(in, 0, in.count);
    const Buffer<2> positions = buffer_of(run.positions, run.count);
    const Buffer<3> parameters(conversion, halide_type_t(halide_type_float, 32),
                               {length, conversion_fields, Conversion::planes(plan)},
                               {1, length, length * conversion_fields});
    const Buffer<4> glimpses = buffer_of(out, run.first, run.count);
    CallError error;
    return status_of(kernel(&error, images, positions, parameters,
                            order_of(in, out, plan.channels()),
                            int32_t(std::max(in.samples, out.samples)), glimpses),
                     error);
}

// Rows of a tile that holds pixels or planes, seen as rows of pixels or of planes.
Rows tile_rows(char *memory, ElementType type, const Shape &shape, bool holds_pixels, bool pixels) {
    return rows_of(holds_pixels ? View::interleaved(memory, type, shape)
                                : View::planar(memory, type, shape),
                   pixels);
}

// Extracts the windows of a piece, which fits a tile, and changes their elements from there.
Status convert_tile(const Plan &plan, const Part &piece, const TaskMemory &memory,
                    const Position *positions) {
    const Call &call = plan.call;
    const bool pixels = plan.images.samples == call.channels();
    const bool changed_pixels = plan.changed_samples == call.channels();
    const auto count = int64_t(piece.end - piece.begin);
    const Shape shape = {count, piece.rows, piece.columns, call.channels()};
    const Run run = {positions, 0, count};
    const Rows extracted = tile_rows(memory.tile, call.images.type, shape, pixels, pixels);
    const Rows out = rows_of(plan.glimpses, piece);
    const auto changed = [&](bool as_pixels) {
        return tile_rows(memory.changed_tile, call.glimpses.type, shape, changed_pixels, as_pixels);
    };
    GLIMPSE_TRY(extract_part(plan, piece, extracted, memory.parameters, memory.sets));
    GLIMPSE_TRY(convert_run(plan, plan.change, memory.conversion, extracted, run,
                            plan.finish == Finish::none ? out : changed(changed_pixels)));
    switch (plan.finish) {
    case Finish::none:
        break;
    case Finish::join:
        return convert_run(plan, plan.glimpse_kernels->reorder, memory.conversion, changed(false),
                           run, out);
    case Finish::copy:
        return copy_windows(plan.glimpse_kernels->pure, changed(false), run, out);
    }
    return {};
}

// Makes a part by way of tiles: as many columns, then rows, then glimpses as one holds; row by row
// where images or glimpses are large.
Status convert_tiles(const Plan &plan, const Part &part, const TaskMemory &memory) {
    const bool large = plan.is_large();
    const int64_t columns = std::min(part.columns, memory.tile_pixels);
    const int64_t rows =
        large ? 1 : std::clamp<int64_t>(memory.tile_pixels / columns, 1, part.rows);
    const bool whole = columns == part.columns && rows == part.rows && !large;
    const int64_t glimpses =
        whole ? std::clamp<int64_t>(memory.tile_pixels / (columns * rows), 1, largest_run) : 1;
    Position positions[largest_run];
    for (int64_t i = 0; i < glimpses; i++) {
        positions[i] = {int32_t(i), 0, 0, 0, 0};
    }
    Part piece = part;
    for (piece.begin = part.begin; piece.begin < part.end; piece.begin = piece.end) {
        piece.end = std::min(part.end, piece.begin + size_t(glimpses));
        for (piece.row = part.row; piece.row < part.row + part.rows; piece.row += rows) {
            piece.rows = std::min(rows, part.row + part.rows - piece.row);
            for (piece.column = part.column; piece.column < part.column + part.columns;
                 piece.column += columns) {
                piece.columns = std::min(columns, part.column + part.columns - piece.column);
                GLIMPSE_TRY(convert_tile(plan, piece, memory, positions));
            }
        }
    }
    return {};
}

}  // namespace

Status convert_part(const Plan &plan, Part part, const TaskMemory &memory) noexcept {
    const Call &call = plan.call;
    const bool is_direct = plan.dense && plan.finish == Finish::none && !plan.is_large();
    const size_t end = part.end;
    const auto is_inside = [&](size_t i) {
        return is_direct && !call.shows_outside(call.windows[i]);
    };
    Position positions[largest_run];
    for (; part.begin < end; part.begin = part.end) {
        const bool inside = is_inside(part.begin);
        part.end = part.begin;
        int64_t count = 0;
        for (; part.end < end && is_inside(part.end) == inside && count < largest_run; part.end++) {
            if (inside) {
                const Window &w = call.windows[part.end];
                note_form(call, part.end, part, "convert");
                const auto y = int32_t(w.origin.y + part.row);
                const auto x = int32_t(w.origin.x + part.column);
                positions[count++] = {w.image, y, x, y, x};
            }
        }
        GLIMPSE_TRY(inside ? convert_run(plan, plan.change, memory.conversion, plan.images,
                                         {positions, 0, count}, rows_of(plan.glimpses, part))
                           : convert_tiles(plan, part, memory));
    }
    return {};
}

}  // namespace glimpse
