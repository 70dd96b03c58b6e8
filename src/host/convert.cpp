// Hands windows inside an image, and tiles of others, to the kernels that change elements.
#include "host/extract.h"

#include <algorithm>
#include <cstring>

#include "call/check.h"
#include "host/parameters.h"

namespace glimpse {
namespace {

// Whether each channel of the image is one of the glimpse.
bool is_permutation(const ChannelOrder &order, int64_t channels) {
    uint32_t found = 0;
    for (int c = 0; c < order.count; c++) {
        found |= order.from[c] < 4 ? 1u << order.from[c] : 0;
    }
    return order.count == channels && found == (1u << order.count) - 1;
}

// Where channels of the image go.
ChannelOrder inverse(const ChannelOrder &order) {
    ChannelOrder result = order;
    for (uint8_t c = 0; c < order.count; c++) {
        result.from[order.from[c]] = c;
    }
    return result;
}

// Two pixels of 2 channels as one of 4.
ChannelOrder repeated(ChannelOrder order) {
    order.from[2] = uint8_t(2 + order.from[0]);
    order.from[3] = uint8_t(2 + order.from[1]);
    order.count = 4;
    return order;
}

// What becomes of rows of pixels or of planes whose channels are to be `channels` of them.
ConvertOrder order_of(const Rows &in, const Rows &out, const ChannelOrder &channels) {
    if (in.samples == 1 && out.samples == 1) {
        return order_planes;
    }
    if (in.samples > 1 && out.samples > 1) {
        return channels.count == 0        ? order_pixels
               : in.samples > out.samples ? order_drop_4
               : in.samples == 3          ? order_swap_3
                                          : order_swap_4;
    }
    const bool picks = channels.count != 0 && !is_permutation(channels, in.samples);
    const bool splits = out.samples == 1;
    const auto one_of = [&](ConvertOrder split, ConvertOrder pick, ConvertOrder join) {
        return !splits ? join : picks ? pick : split;
    };
    const int64_t samples = std::max(in.samples, out.samples);
    const bool is_wide = out.elements / out.samples >= narrowest_change;
    return !is_wide       ? (splits ? order_split : order_join)
           : samples == 2 ? one_of(order_split_2, order_pick_2, order_join_2)
           : samples == 3 ? one_of(order_split_3, order_pick_3, order_join_3)
           : samples == 4 ? one_of(order_split_4, order_pick_4, order_join_4)
                          : (splits ? order_split : order_join);
}

// Changes the elements of windows that lie inside `in`.
Status convert_run(const Plan &plan, ConvertKernel *kernel, const float *conversion, const Rows &in,
                   const Run &run, const Rows &out, const ChannelOrder &channels) {
    const int64_t length = Conversion::row_elements(plan);
    const Buffer<4> images = buffer_of(in, 0, in.count);
    const Buffer<2> positions = buffer_of(run.positions, run.count);
    const Buffer<3> parameters(conversion, halide_type_t(halide_type_float, 32),
                               {length, conversion_fields, Conversion::planes(plan)},
                               {1, length, length * conversion_fields});
    const Buffer<4> glimpses = buffer_of(out, run.first, run.count);
    const ConvertOrder order = order_of(in, out, channels);
    const bool splits = order >= order_split_2 && order <= order_split_4;
    const ChannelOrder kernel_order = splits ? inverse(channels)
                                      : order == order_swap_4 && in.samples == 2
                                          ? repeated(channels)
                                          : channels;
    CallError error;
    return status_of(kernel(&error, images, positions, parameters, order,
                            int32_t(std::max(in.samples, out.samples)), packed(kernel_order),
                            glimpses),
                     error);
}

// The same, where channels change places as the call wants it.
Status change_run(const Plan &plan, const float *conversion, const Rows &in, const Run &run,
                  const Rows &out) {
    return convert_run(plan, plan.change, conversion, in, run, out, plan.call.channel_order);
}

// Rows of a tile that holds pixels or planes, seen as rows of pixels or of planes.
Rows tile_rows(char *memory, ElementType type, const Shape &shape, bool holds_pixels, bool pixels) {
    return rows_of(holds_pixels ? View::interleaved(memory, type, shape)
                                : View::planar(memory, type, shape),
                   pixels);
}

// Where windows that lie inside their images are, for a piece of them.
void set_positions(const Call &call, const Part &piece, Position *positions) {
    for (size_t i = piece.begin; i < piece.end; i++) {
        const Window &w = call.windows[i];
        const auto y = int32_t(w.origin.y + piece.row), x = int32_t(w.origin.x + piece.column);
        positions[i - piece.begin] = {w.image, y, x, y, x};
        note_form(call, i, piece, "convert");
    }
}

// Makes a piece, which fits a tile: of windows inside their images from there, of others once they
// are extracted. `in_tile` are the positions of the latter.
Status convert_tile(const Plan &plan, const Part &piece, bool inside, const TaskMemory &memory,
                    const Position *in_tile) {
    const Call &call = plan.call;
    const bool pixels = plan.images.samples == call.channels();
    const auto count = int64_t(piece.end - piece.begin);
    if (inside) {
        Position in_image[largest_run];
        set_positions(call, piece, in_image);
        return change_piece(plan, piece, plan.images, {in_image, 0, count}, memory);
    }
    const Shape shape = {count, piece.rows, piece.columns, call.channels()};
    const Rows extracted = tile_rows(memory.tile, call.images.type, shape, pixels, pixels);
    GLIMPSE_TRY(extract_part(plan, piece, extracted, memory.parameters, memory.sets));
    return change_piece(plan, piece, extracted, {in_tile, 0, count}, memory);
}

// Makes a part by way of tiles: as many columns, then rows, then glimpses as one holds; row by row
// where images or glimpses are large.
Status convert_tiles(const Plan &plan, const Part &part, bool inside, const TaskMemory &memory) {
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
                GLIMPSE_TRY(convert_tile(plan, piece, inside, memory, positions));
            }
        }
    }
    return {};
}

// Fills a rectangle of glimpse `i` with what Options::exact_fill is.
void fill_exactly(const Plan &plan, size_t i, const Rect &rect) {
    if (rect.height <= 0 || rect.width <= 0) {
        return;
    }
    const Part part = {i, i + 1, rect.y, rect.height, rect.x, rect.width};
    const Rows r = rows_of(plan.glimpses, part);
    note_form(plan.call, i, part, "fill");
    const auto size = size_t(r.element_size);
    for (int64_t p = 0; p < r.planes; p++) {
        char *const first = r.data + p * r.plane_stride * r.element_size;
        const auto at = [&](int64_t y, int64_t e) {
            return first + (y * r.row_stride + e * r.element_stride) * r.element_size;
        };
        for (int64_t e = 0; e < r.elements; e++) {
            const uint32_t fill =
                e < r.samples ? exact_fill(plan, plan.call.windows[i].image, p + e) : 0;
            memcpy(at(0, e),
                   e < r.samples ? static_cast<const void *>(&fill) : at(0, e - r.samples), size);
        }
        for (int64_t y = 1; y < r.rows; y++) {
            for (int64_t e = 0; e < (r.element_stride == 1 ? 1 : r.elements); e++) {
                memcpy(at(y, e), at(0, e),
                       r.element_stride == 1 ? size_t(r.elements) * size : size);
            }
        }
    }
}

// Makes the part of a glimpse whose window leaves its image: what is visible, straight from there
// if it can be, and what is around it.
Status convert_exactly(const Plan &plan, const Part &part, const TaskMemory &memory,
                       bool reads_images) {
    const Call &call = plan.call;
    const Window &w = call.windows[part.begin];
    const Rect all = visible(w.origin, call.image(w.image).size, call.glimpse_size());
    const int64_t end_row = part.row + part.rows, end_column = part.column + part.columns;
    const int64_t top = std::clamp(all.y, part.row, end_row);
    const int64_t bottom = std::clamp(all.y + all.height, top, end_row);
    const int64_t left = std::clamp(all.x, part.column, end_column);
    const int64_t right = std::clamp(all.x + all.width, left, end_column);
    const Part shown = {part.begin, part.end, top, bottom - top, left, right - left};
    if (!reads_images) {
        GLIMPSE_TRY(convert_tiles(plan, part, false, memory));
    } else if (shown.rows > 0 && shown.columns > 0) {
        GLIMPSE_TRY(convert_tiles(plan, shown, true, memory));
    }
    fill_exactly(plan, part.begin, {part.row, part.column, top - part.row, part.columns});
    fill_exactly(plan, part.begin, {bottom, part.column, end_row - bottom, part.columns});
    fill_exactly(plan, part.begin, {top, part.column, bottom - top, left - part.column});
    fill_exactly(plan, part.begin, {top, right, bottom - top, end_column - right});
    return {};
}

}  // namespace

Status change_piece(const Plan &plan, const Part &piece, const Rows &in, const Run &run,
                    const TaskMemory &memory) noexcept {
    const Call &call = plan.call;
    const bool changed_pixels = plan.changed_samples == call.glimpse_channels();
    const Shape shape = {run.count, piece.rows, piece.columns, call.glimpse_channels()};
    const Rows out = rows_of(plan.glimpses, piece);
    const auto changed = [&](bool as_pixels) {
        return tile_rows(memory.changed_tile, call.glimpses.type, shape, changed_pixels, as_pixels);
    };
    const Rows target = plan.finish == Finish::none ? out : changed(changed_pixels);
    GLIMPSE_TRY(change_run(plan, memory.conversion, in, run, target));
    if (plan.finish == Finish::none) {
        return {};
    }
    Position in_tile[largest_run];
    for (int64_t i = 0; i < run.count; i++) {
        in_tile[i] = {int32_t(i), 0, 0, 0, 0};
    }
    const Run of_tile = {in_tile, 0, run.count};
    return plan.finish == Finish::join
               ? convert_run(plan, plan.glimpse_kernels->reorder, memory.conversion, changed(false),
                             of_tile, out, {})
               : copy_windows(plan.glimpse_kernels->pure, changed(false), of_tile, out);
}

Status decode_rows(ConvertKernel *to_float, const Rows &in, const Rows &out) noexcept {
    static constexpr Position here = {};
    static constexpr float unchanged[conversion_fields] = {0, 1};
    const Buffer<4> images = buffer_of(in, 0, 1), glimpses = buffer_of(out, 0, 1);
    const Buffer<2> positions = buffer_of(&here, 1);
    const Buffer<3> parameters(unchanged, halide_type_t(halide_type_float, 32),
                               {1, conversion_fields, in.planes}, {1, 1, 0});
    CallError error;
    return status_of(to_float(&error, images, positions, parameters, order_planes, 1,
                              channels_in_order, glimpses),
                     error);
}

Status convert_part(const Plan &plan, Part part, const TaskMemory &memory) noexcept {
    const Call &call = plan.call;
    const bool reads_images = plan.dense && !plan.is_large();
    const size_t end = part.end;
    enum class Way { direct, tiles, exact };
    const auto way_of = [&](size_t i) {
        const bool leaves = call.shows_outside(call.windows[i]);
        return leaves && call.exact_fill ? Way::exact
               : leaves || !reads_images ? Way::tiles
                                         : Way::direct;
    };
    for (; part.begin < end; part.begin = part.end) {
        const Way way = way_of(part.begin);
        const size_t most = way == Way::exact ? 1 : size_t(largest_run);
        const size_t last = std::min(end, part.begin + most);
        part.end = part.begin;
        while (part.end < last && way_of(part.end) == way) {
            part.end++;
        }
        if (way == Way::exact) {
            GLIMPSE_TRY(convert_exactly(plan, part, memory, reads_images));
            continue;
        }
        if (way == Way::tiles || plan.finish != Finish::none) {
            GLIMPSE_TRY(convert_tiles(plan, part, way == Way::direct, memory));
            continue;
        }
        Position positions[largest_run];
        set_positions(call, part, positions);
        GLIMPSE_TRY(change_run(plan, memory.conversion, plan.images,
                               {positions, 0, int64_t(part.end - part.begin)},
                               rows_of(plan.glimpses, part)));
    }
    return {};
}

}  // namespace glimpse
