// Writes which rows and columns of luma and chroma a kernel mixes for a box of a frame.
#include "host/sample_color.h"

#include <algorithm>

#include "host/sample_tables.h"

namespace glimpse {
namespace {

constexpr halide_type_t i32(halide_type_int, 32), f32(halide_type_float, 32);

constexpr int64_t most_rows = 512, most_columns = 1024;
static_assert((3 + color_row_fields) * most_rows + 4 * most_columns <=
              ColorSampler::bytes / int64_t(sizeof(int32_t)));
// Pixels of a row that columns may look at, as kernels read some more; and rows, as their indices
// have 32 bits.
constexpr int64_t widest_look = widest_color_sample - narrowest_color, farthest_rows = 1024;

}  // namespace

ColorSampler::ColorSampler(const SamplePlan &plan, const Plan &windows, const Part &part,
                           const SampleMemory &memory, const TaskMemory &plain) noexcept
    : BoxSampler(plan, windows, part, memory, plain) {
    auto *at = static_cast<int32_t *>(memory.work);
    const auto take = [&at](int64_t count) {
        int32_t *const taken = at;
        at += count;
        return taken;
    };
    x_looks_.first = take(most_columns);
    x_looks_.fraction = reinterpret_cast<uint32_t *>(take(most_columns));
    columns_ = take(most_columns);
    weights_ = reinterpret_cast<float *>(take(most_columns));
    y_looks_.first = take(most_rows);
    y_looks_.fraction = reinterpret_cast<uint32_t *>(take(most_rows));
    rows_ = take(color_row_fields * most_rows);
    if (call_.picture != nullptr && frame_.find(*call_.picture)) {
        kernel_ = call_.context.host.kernels->of_type[int(frame_.luma->type)].sample_color;
    }
}

Status ColorSampler::sample(const Glimpse &g, const Area &area) noexcept {
    const int64_t of_tile = plan_.writes_colors ? most_columns : memory_.change.tile_pixels;
    Outputs piece = {area.columns.begin, area.columns.begin};
    for (int64_t size = std::min(most_columns, of_tile); piece.begin < area.columns.end;
         piece.begin = piece.end) {
        piece.end = std::min(piece.begin + size, area.columns.end);
        find_looks(rule_, g.x, piece, g.size.width, true, &x_looks_);
        if (x_looks_.most - x_looks_.least + 1 > widest_look && piece.size() > 1) {
            size = (piece.size() + 1) / 2;
            piece.end = piece.begin;
            continue;
        }
        GLIMPSE_TRY(sample_columns(g, area.rows, piece));
    }
    return {};
}

// The same for columns whose looks have been found.
Status ColorSampler::sample_columns(const Glimpse &g, const Outputs &rows,
                                    const Outputs &columns) noexcept {
    const int64_t most = std::min(most_rows, rows_of_tile(columns, plan_.writes_colors));
    Outputs piece = {rows.begin, rows.begin};
    for (int64_t size = most; piece.begin < rows.end; piece.begin = piece.end) {
        piece.end = std::min(piece.begin + size, rows.end);
        find_looks(rule_, g.y, piece, g.size.height, true, &y_looks_);
        if (y_looks_.most - y_looks_.least >= farthest_rows && piece.size() > 1) {
            size = (piece.size() + 1) / 2;
            piece.end = piece.begin;
            continue;
        }
        GLIMPSE_TRY(
            make_piece(g.index, piece, columns, plan_.writes_colors,
                       [&](const Rows &out, bool writes) { return call_kernel(g, out, writes); }));
        note_form(call_, g.index, part_at(g.index, piece, columns), "color");
    }
    return {};
}

// Rows of a box: those of luma that are mixed, and those of chroma for each of the two.
void ColorSampler::write_rows(int64_t first_luma, int64_t first_chroma) noexcept {
    const ChromaAxis &chroma = call_.picture->chroma_y;
    for (int64_t i = 0; i < y_looks_.count; i++) {
        int32_t *const row = rows_ + i * color_row_fields;
        const uint32_t fraction = y_looks_.fraction[i];
        const int64_t first = y_looks_.first[i], second = first + (fraction != 0 ? 1 : 0);
        row[color_row_first] = int32_t(first - first_luma);
        row[color_row_second] = int32_t(second - first_luma);
        row[color_row_weight] = int32_t(HostNumbers::bits(float_weight<HostNumbers>(fraction)));
        int32_t *of_luma = row + color_row_chroma;
        for (const int64_t y : {first, second}) {
            const ChromaAxis::Between b = chroma.at(y);
            *of_luma++ = int32_t(b.first - first_chroma);
            *of_luma++ = int32_t(b.second - first_chroma);
            *of_luma++ = b.quarters;
        }
    }
}

// Columns, as many as a kernel makes.
void ColorSampler::write_columns(int64_t first, int64_t columns) noexcept {
    for (int64_t i = 0; i < columns; i++) {
        const int64_t from = std::min(i, x_looks_.count - 1);
        columns_[i] = int32_t(x_looks_.first[from] - first);
        weights_[i] = float_weight<HostNumbers>(x_looks_.fraction[from]);
    }
}

Status ColorSampler::call_kernel(const Glimpse &g, const Rows &out, bool writes) noexcept {
    static constexpr float unchanged[3][conversion_fields] = {{0, 1}, {0, 1}, {0, 1}};
    const Picture &picture = *call_.picture;
    const int64_t columns = out.elements / out.samples;
    const int64_t count = std::max(x_looks_.most - x_looks_.least + 1, int64_t(narrowest_support));
    const int64_t x = std::min(x_looks_.least, g.size.width - count);
    write_columns(x, columns);
    const int64_t y = y_looks_.least, y_end = y_looks_.most + 1;
    const int64_t chroma_y = picture.chroma_y.at(y).first;
    const int64_t chroma_rows = picture.chroma_y.at(y_end - 1).second + 1 - chroma_y;
    write_rows(y, chroma_y);

    const bool reverses = writes && plan_.is_reversed;
    ColorNumbers numbers = picture.numbers(reverses);
    for (int k = color_float_luma; k <= color_float_last; k++) {
        numbers.floats[k] *= float(1 << (15 - picture.row->bits));  // exact
    }
    const bool is_center = picture.chroma_x.offset != 0;
    const auto sixteenths = [&](int center, int left) {
        return float(is_center ? center : left) / 16;
    };
    const float weights[chroma_weights] = {sixteenths(1, 0), sixteenths(3, 4), sixteenths(3, 2),
                                           sixteenths(1, 2)};
    const float *const conversion = writes ? &plan_.picture_conversion[0][0] : &unchanged[0][0];
    const DenseFrame::Samples samples = frame_.samples_of(x, count);
    const Buffer<2> luma = frame_.rows_of_luma(g.image, y, x, count, y_end - y);
    const Buffer<2> chroma_0 = frame_.rows_of_chroma(0, g.image, chroma_y, samples, chroma_rows);
    const Buffer<2> chroma_1 = frame_.rows_of_chroma(1, g.image, chroma_y, samples, chroma_rows);
    const Buffer<2> row(rows_, i32, {color_row_fields, out.rows}, {1, color_row_fields});
    const Buffer<1> column(columns_, i32, {columns}, {1}), weight(weights_, f32, {columns}, {1});
    const Buffer<1> chroma_weight(weights, f32, {chroma_weights}, {1});
    const Buffer<1> number(numbers.floats, f32, {color_floats}, {1});
    const Buffer<2> converted(conversion, f32, {conversion_fields, 3}, {1, conversion_fields});
    const Buffer<3> glimpse(out.data, element_type(out), {out.elements, out.rows, out.planes},
                            {1, out.row_stride, out.planes > 1 ? out.plane_stride : 0});
    CallError error;
    return status_of(kernel_(&error, luma, chroma_0, chroma_1, row, column, weight, chroma_weight,
                             number, converted, picture.white(),
                             out.samples == 3 ? color_pixels : color_planes, picture.row->is_upper,
                             frame_.paired, frame_.is_full, picture.chroma_x.nearest,
                             reverses ? 1 - frame_.first_component : frame_.first_component,
                             samples.first_sample, samples.phase, glimpse),
                     error);
}

}  // namespace glimpse
