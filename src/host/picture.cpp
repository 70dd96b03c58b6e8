// Makes pixels of pictures: straight from frames where their rows are dense, by way of rows of
// components elsewhere, and of packed RGB element by element.
#include "host/picture.h"

#include <algorithm>
#include <cstring>

#include "definition/border.h"
#include "halide_hooks.h"
#include "host/extract.h"
#include "host/halide_buffer.h"
#include "try.h"

namespace glimpse {
namespace {

constexpr halide_type_t i16(halide_type_int, 16), i32(halide_type_int, 32),
    f32(halide_type_float, 32);

// Pixels of components at once.
constexpr int64_t tile_pixels = 8 << 10;
// Rows that a kernel makes at once, and indices within these.
constexpr int64_t most_rows = 64, farthest = int64_t(1) << 30;

// Where the arrays of a PictureMaker lie in its memory: pixels that go elsewhere, components,
// neutral chroma, and what columns look at.
constexpr int64_t pixel_bytes = 3 * tile_pixels * int64_t(sizeof(float));
constexpr int64_t component_bytes = 3 * tile_pixels * int64_t(sizeof(float));
constexpr int64_t neutral_bytes = widest_color * int64_t(sizeof(float));
constexpr int64_t column_bytes = 4 * widest_color * int64_t(sizeof(int32_t));
static_assert(pixel_bytes + component_bytes + neutral_bytes + column_bytes <= PictureMaker::bytes);

// The pixel of an axis that a border shows.
int64_t mapped(Border border, int64_t pixel, int64_t extent) {
    if (pixel >= 0 && pixel < extent) {
        return pixel;
    }
    const auto modulo = [](int64_t a, int64_t b) { return HostNumbers::modulo(a, b); };
    return map_coordinate<HostNumbers>(int32_t(border), pixel, extent, modulo);
}

const char *address(const ConstView &view, int64_t n, int64_t y) {
    return static_cast<const char *>(view.data) +
           (n * view.strides.image + y * view.strides.row) * size_in_bytes(view.type);
}

int64_t magnitude(int64_t v) {
    return v < 0 ? -v : v;
}

// A part of rows of pixels or planes.
Rows part_of(Rows rows, int64_t row, int64_t count, int64_t column, int64_t columns) {
    rows.data +=
        (row * rows.row_stride + column * rows.samples * rows.element_stride) * rows.element_size;
    rows.rows = count;
    rows.elements = columns * rows.samples;
    return rows;
}

// Copies rows of `columns` pixels that a kernel wrote, from column `first` on.
void copy_pixels(const Rows &from, int64_t first, int64_t columns, const Rows &to) {
    const Rows part = part_of(from, 0, from.rows, first, columns);
    const auto size = size_t(to.element_size);
    for (int64_t p = 0; p < to.planes; p++) {
        for (int64_t y = 0; y < to.rows; y++) {
            const char *in =
                part.data + (p * part.plane_stride + y * part.row_stride) * int64_t(size);
            char *out = to.data + (p * to.plane_stride + y * to.row_stride) * int64_t(size);
            if (to.element_stride == 1) {
                memcpy(out, in, size_t(to.elements) * size);
                continue;
            }
            for (int64_t e = 0; e < to.elements; e++, in += size) {
                memcpy(out + e * to.element_stride * int64_t(size), in, size);
            }
        }
    }
}

}  // namespace

// What a kernel reads.
struct ColorCall {
    const void *luma;
    int64_t luma_stride;
    const void *chroma[2];
    int64_t chroma_count, chroma_rows, chroma_strides[2];
    halide_type_t type;
    int64_t columns, rows;
    const int32_t *row = nullptr;  // where chroma is mixed
    bool paired = false;
    int32_t first_component = 0, first_sample = 0, phase = 0;
};

// Pixels from (y, x) of the plane on, no more columns than a kernel makes.
struct PictureMaker::Piece {
    int64_t n, y, x, rows, columns;
    Border border;
    Size size;  // of the image

    bool is_inside() const noexcept {
        return y >= 0 && x >= 0 && y + rows <= size.height && x + columns <= size.width;
    }
};

// Chroma of dense rows: the first element of the first sample, and of what.
struct PictureMaker::Dense {
    const ConstView *chroma[2];
    bool paired;
    int32_t first_component;
};

PictureMaker::PictureMaker(const Picture &picture, const TypeKernels *kernels,
                           void *memory) noexcept
    : picture_(picture), kernels_(kernels), memory_(static_cast<char *>(memory)) {
}

Status PictureMaker::make(int64_t n, int64_t y, int64_t x, Border border,
                          const PictureTarget &target) const noexcept {
    const Shape &shape = picture_.components[0].shape;
    const Rows &all = target.rows;
    const int64_t columns = all.elements / all.samples;
    for (int64_t c = 0; c < columns; c += widest_color) {
        const int64_t count = std::min<int64_t>(columns - c, widest_color);
        const Piece piece = {n, y, x + c, all.rows, count, border, {shape.height, shape.width}};
        PictureTarget part = target;
        part.rows = part_of(all, 0, all.rows, c, count);
        GLIMPSE_TRY(make_piece(piece, part));
    }
    return {};
}

Status PictureMaker::make_piece(const Piece &piece, const PictureTarget &target) const noexcept {
    if (picture_.is_rgb()) {
        copy_rgb(piece, target);
        return {};
    }
    Dense dense;
    return find_dense(piece, &dense) ? color_frame(piece, dense, target)
                                     : color_components(piece, target);
}

// Whether a kernel can read the frame itself.
bool PictureMaker::find_dense(const Piece &piece, Dense *dense) const noexcept {
    const ConstView &luma = picture_.components[0];
    if (!picture_.has_colors() || !piece.is_inside() || picture_.row->x_shift != 1 ||
        piece.size.width < narrowest_color || luma.strides.column != 1 ||
        kernels_[int(luma.type)].color == nullptr) {
        return false;
    }
    const ConstView &u = picture_.components[1], &v = picture_.components[2];
    const int64_t size = size_in_bytes(luma.type);
    const auto distance = static_cast<const char *>(v.data) - static_cast<const char *>(u.data);
    const bool is_v_first = distance < 0;
    const bool are_alike = u.strides.column == v.strides.column && u.strides.row == v.strides.row &&
                           u.strides.image == v.strides.image;
    dense->paired = are_alike && u.strides.column == 2 && magnitude(distance) == size;
    const bool are_planes = u.strides.column == 1 && v.strides.column == 1;
    const int64_t elements = u.shape.width * (dense->paired ? 2 : 1);
    const int64_t widest =
        std::max({magnitude(luma.strides.row), magnitude(u.strides.row), magnitude(v.strides.row)});
    const bool swaps = dense->paired && is_v_first;
    dense->chroma[0] = swaps ? &v : &u;
    dense->chroma[1] = swaps ? &u : &v;
    // Of components in memory, the first in tints is V.
    dense->first_component = swaps ? 0 : 1;
    return (dense->paired || are_planes) && elements >= narrowest_chroma &&
           widest <= farthest / most_rows;
}

Status PictureMaker::color_frame(const Piece &piece, const Dense &dense,
                                 const PictureTarget &target) const noexcept {
    const ConstView &luma = picture_.components[0];
    // Narrow pieces are made with what lies beside them.
    const int64_t columns = std::max<int64_t>(piece.columns, narrowest_color);
    const int64_t x = std::min(piece.x, piece.size.width - columns);
    const int64_t samples = picture_.chroma_x.extent, step = dense.paired ? 2 : 1;
    const int64_t first = x >> 1, last = (x + columns - 1) >> 1;
    int64_t begin = std::max<int64_t>(first - 1, 0), end = std::min(last + 2, samples);
    end = std::min(std::max(end, begin + narrowest_chroma / step), samples);
    begin = std::max<int64_t>(std::min(begin, end - narrowest_chroma / step), 0);
    ColorCall call = {};
    call.type = {halide_type_uint, uint8_t(8 * size_in_bytes(luma.type))};
    call.paired = dense.paired;
    call.first_component = target.is_reversed ? 1 - dense.first_component : dense.first_component;
    call.first_sample = int32_t(first - 1 - begin);
    call.phase = int32_t(x & 1);
    call.columns = columns;
    call.luma_stride = luma.strides.row;
    call.chroma_count = (end - begin) * step;
    const int64_t size = size_in_bytes(luma.type);
    int32_t row_of[most_rows * sampled_row_fields];
    for (int64_t r = 0; r < piece.rows; r += most_rows) {
        call.rows = std::min(piece.rows - r, most_rows);
        const int64_t y = piece.y + r;
        const int64_t first_row = picture_.chroma_y.at(y).first;
        for (int64_t i = 0; i < call.rows; i++) {
            const ChromaAxis::Between b = picture_.chroma_y.at(y + i);
            int32_t *const of = row_of + i * sampled_row_fields;
            of[row_first] = int32_t(b.first - first_row);
            of[row_second] = int32_t(b.second - first_row);
            of[row_weight] = b.quarters;
        }
        call.row = row_of;
        call.chroma_rows = picture_.chroma_y.at(y + call.rows - 1).second - first_row + 1;
        call.luma = address(luma, piece.n, y) + x * size;
        for (int c = 0; c < 2; c++) {
            const ConstView &chroma = *dense.chroma[c];
            call.chroma[c] = address(chroma, piece.n, first_row) + begin * step * size;
            call.chroma_strides[c] = chroma.strides.row;
        }
        if (dense.paired) {
            call.chroma[1] = call.chroma[0];
        }
        const TypeKernels &kernels = kernels_[int(luma.type)];
        PictureTarget part = target;
        part.rows = part_of(target.rows, r, call.rows, 0, piece.columns);
        ColorKernel *const kernel = target.is_uint8() ? kernels.color : kernels.color_float;
        const int64_t reach = part.rows.rows * magnitude(part.rows.row_stride) +
                              3 * magnitude(part.rows.plane_stride);
        if (piece.columns == columns && part.rows.element_stride == 1 && reach <= farthest) {
            GLIMPSE_TRY(call_kernel(kernel, call, part));
            continue;
        }
        // By way of a tile, in as many rows as it holds.
        const int64_t at_once = tile_pixels / columns;
        ColorCall some = call;
        for (int64_t i = 0; i < call.rows; i += at_once) {
            some.rows = std::min(at_once, call.rows - i);
            some.row = row_of + i * sampled_row_fields;
            some.luma = static_cast<const char *>(call.luma) + i * call.luma_stride * size;
            const PictureTarget to = [&] {
                PictureTarget tile = target;
                Rows &rows = tile.rows;
                rows.data = memory_;
                rows.elements = columns * rows.samples;
                rows.rows = some.rows;
                rows.element_stride = 1;
                rows.row_stride = rows.elements;
                rows.plane_stride = rows.planes > 1 ? rows.elements * rows.rows : 0;
                return tile;
            }();
            GLIMPSE_TRY(call_kernel(kernel, some, to));
            copy_pixels(to.rows, piece.x - x, piece.columns,
                        part_of(part.rows, i, some.rows, 0, piece.columns));
        }
    }
    return {};
}

// Calls a kernel, which writes dense rows of narrowest_color columns or more.
Status PictureMaker::call_kernel(ColorKernel *kernel, const ColorCall &call,
                                 const PictureTarget &target) const noexcept {
    static constexpr int32_t no_rows[sampled_row_fields] = {};
    static constexpr float unchanged[3][conversion_fields] = {{0, 1}, {0, 1}, {0, 1}};
    static constexpr float farthest_number = 3e38f;
    const Rows &out = target.rows;
    // Numbers of quarters, as kernels want them.
    const bool is_center = picture_.chroma_x.offset != 0;
    const int shift = (call.type.bits == 8 ? 3 : 1) + (target.is_uint8() ? 1 : 0);
    const auto quarters = [&](int center, int left) {
        return int16_t((is_center ? center : left) << shift);
    };
    const int16_t weights[chroma_weights] = {quarters(1, 0), quarters(3, 4), quarters(3, 2),
                                             quarters(1, 2)};
    int16_t integers[color_integers];
    float floats[color_floats];
    std::copy_n(picture_.integers, color_integers, integers);
    std::copy_n(picture_.floats, color_floats, floats);
    if (target.is_reversed) {
        std::swap(integers[color_first], integers[color_last]);
        std::swap(integers[color_first_of_middle], integers[color_second_of_middle]);
        std::swap(floats[color_float_first], floats[color_float_last]);
        std::swap(floats[color_float_first_of_middle], floats[color_float_second_of_middle]);
        std::swap(floats[color_float_black], floats[color_float_black + 2]);
    }
    const float *const conversion =
        target.conversion == nullptr ? &unchanged[0][0] : target.conversion;
    const ColorOrder order = out.samples == 3  ? color_pixels
                             : out.planes == 3 ? color_planes
                                               : color_gray;
    const Buffer<2> luma(call.luma, call.type, {call.columns, call.rows}, {1, call.luma_stride});
    const Buffer<2> chroma_0(call.chroma[0], call.type, {call.chroma_count, call.chroma_rows},
                             {1, call.chroma_strides[0]});
    const Buffer<2> chroma_1(call.chroma[1], call.type, {call.chroma_count, call.chroma_rows},
                             {1, call.chroma_strides[1]});
    const Buffer<2> row(call.row == nullptr ? no_rows : call.row, i32,
                        {sampled_row_fields, call.rows}, {1, sampled_row_fields});
    const Buffer<1> weight(weights, i16, {chroma_weights}, {1});
    const Buffer<1> integer(integers, i16, {color_integers}, {1});
    const Buffer<1> number(floats, f32, {color_floats}, {1});
    const Buffer<2> converted(conversion, f32, {conversion_fields, 3}, {1, conversion_fields});
    const Buffer<3> glimpse(out.data, element_type(out), {out.elements, out.rows, out.planes},
                            {1, out.row_stride, out.planes > 1 ? out.plane_stride : 0});
    CallError error;
    return status_of(kernel(&error, luma, chroma_0, chroma_1, row, weight, integer, number,
                            converted, target.clamps ? 0.0f : -farthest_number,
                            target.clamps ? picture_.white() : farthest_number, order,
                            picture_.row->is_upper, call.paired, picture_.chroma_x.nearest,
                            call.first_component, call.first_sample, call.phase, glimpse),
                     error);
}

namespace {

// An element of a frame as a component.
template<typename T>
struct Reader {
    int shift, up;
    int32_t most;

    explicit Reader(const FormatRow &row)
        : shift(row.is_upper ? 16 - row.bits : 0), up(15 - row.bits), most((1 << row.bits) - 1) {
    }
    int32_t value(T element) const {
        return std::min(int32_t(element) >> shift, most);
    }
};

}  // namespace

// Writes rows of components, luma first: int16 or, of 16 bits, float32.
template<typename T>
void PictureMaker::gather(const Piece &piece, int64_t row, int64_t rows, void *components,
                          int64_t pitch) const noexcept {
    auto *const columns =
        reinterpret_cast<int32_t *>(memory_ + pixel_bytes + component_bytes + neutral_bytes);
    int32_t *const first = columns + widest_color, *const second = first + widest_color,
                   *const quarters = second + widest_color;
    for (int64_t c = 0; c < piece.columns; c++) {
        const int64_t x = mapped(piece.border, piece.x + c, piece.size.width);
        columns[c] = int32_t(x);
        if (picture_.has_colors()) {
            const ChromaAxis::Between b = picture_.chroma_x.at(x);
            first[c] = int32_t(b.first);
            second[c] = int32_t(b.second);
            quarters[c] = b.quarters;
        }
    }
    const Reader<T> reader(*picture_.row);
    for (int64_t r = 0; r < rows; r++) {
        const int64_t y = mapped(piece.border, piece.y + row + r, piece.size.height);
        const ConstView &luma = picture_.components[0];
        const auto *const from = reinterpret_cast<const T *>(address(luma, piece.n, y));
        const int64_t step = luma.strides.column;
        if (picture_.row->bits == 16) {
            float *const to = static_cast<float *>(components) + r * pitch;
            for (int64_t c = 0; c < piece.columns; c++) {
                to[c] = float(from[columns[c] * step]) * 0.5f;
            }
            continue;
        }
        int16_t *const to = static_cast<int16_t *>(components) + r * pitch;
        for (int64_t c = 0; c < piece.columns; c++) {
            to[c] = int16_t(reader.value(from[columns[c] * step]) << reader.up);
        }
        if (!picture_.has_colors()) {
            continue;
        }
        const ChromaAxis::Between of_y = picture_.chroma_y.at(y);
        for (int k = 1; k < 3; k++) {
            const ConstView &chroma = picture_.components[k];
            const auto *const a = reinterpret_cast<const T *>(address(chroma, piece.n, of_y.first));
            const auto *const b =
                reinterpret_cast<const T *>(address(chroma, piece.n, of_y.second));
            const int64_t apart = chroma.strides.column;
            int16_t *const out = to + k * tile_pixels;
            for (int64_t c = 0; c < piece.columns; c++) {
                const int64_t f = first[c] * apart, s = second[c] * apart;
                const auto between = [](int32_t left, int32_t right, int32_t q) {
                    return left * (chroma_quarters - q) + right * q;
                };
                const int32_t upper = between(reader.value(a[f]), reader.value(a[s]), quarters[c]);
                const int32_t lower = between(reader.value(b[f]), reader.value(b[s]), quarters[c]);
                const int32_t sum = between(upper, lower, of_y.quarters);
                out[c] = int16_t(sum * (1 << reader.up) / (chroma_quarters * chroma_quarters));
            }
        }
    }
}

Status PictureMaker::color_components(const Piece &piece,
                                      const PictureTarget &target) const noexcept {
    const bool are_floats = picture_.row->bits == 16;
    const ElementType type = are_floats ? ElementType::float32 : ElementType::int16;
    const TypeKernels &kernels = kernels_[int(type)];
    const int64_t pitch = std::max<int64_t>(piece.columns, narrowest_color);
    const int64_t at_once = std::min(tile_pixels / pitch, most_rows);
    char *const components = memory_ + pixel_bytes;
    char *const neutral = components + component_bytes;
    const int64_t size = size_in_bytes(type);
    if (!picture_.has_colors()) {
        constexpr int middle = 16384;
        std::fill_n(reinterpret_cast<int16_t *>(neutral), are_floats ? 0 : pitch, int16_t(middle));
        std::fill_n(reinterpret_cast<float *>(neutral), are_floats ? pitch : 0, float(middle));
    }
    for (int64_t r = 0; r < piece.rows; r += at_once) {
        ColorCall call = {};
        call.rows = std::min(at_once, piece.rows - r);
        call.columns = pitch;
        call.type = {halide_type_uint, uint8_t(8 * size)};
        call.chroma_count = pitch;
        call.chroma_rows = call.rows;
        if (picture_.row->type() == ElementType::uint8) {
            gather<uint8_t>(piece, r, call.rows, components, pitch);
        } else {
            gather<uint16_t>(piece, r, call.rows, components, pitch);
        }
        call.luma = components;
        call.luma_stride = pitch;
        for (int k = 0; k < 2; k++) {
            const int component = (k == 0) != target.is_reversed ? 2 : 1;  // V is first
            call.chroma[k] =
                picture_.has_colors() ? components + component * tile_pixels * size : neutral;
            call.chroma_strides[k] = picture_.has_colors() ? pitch : 0;
        }
        ColorKernel *const kernel = target.is_uint8() ? kernels.color : kernels.color_float;
        PictureTarget part = target;
        part.rows = part_of(target.rows, r, call.rows, 0, piece.columns);
        const int64_t reach = part.rows.rows * magnitude(part.rows.row_stride) +
                              3 * magnitude(part.rows.plane_stride);
        if (piece.columns == pitch && part.rows.element_stride == 1 && reach <= farthest) {
            GLIMPSE_TRY(call_kernel(kernel, call, part));
            continue;
        }
        PictureTarget tile = target;
        Rows &rows = tile.rows;
        rows.data = memory_;
        rows.elements = pitch * rows.samples;
        rows.rows = call.rows;
        rows.element_stride = 1;
        rows.row_stride = rows.elements;
        rows.plane_stride = rows.planes > 1 ? rows.elements * rows.rows : 0;
        GLIMPSE_TRY(call_kernel(kernel, call, tile));
        copy_pixels(rows, 0, piece.columns, part.rows);
    }
    return {};
}

// Packed RGB needs no colour.
void PictureMaker::copy_rgb(const Piece &piece, const PictureTarget &target) const noexcept {
    const Rows &out = target.rows;
    const float unit = picture_.is_wide ? 257 : 1;
    const auto rgb565 = [](uint32_t word, int channel) {
        const uint32_t most = channel == 1 ? 63 : 31;
        const uint32_t bits = word >> (channel == 0 ? 11 : channel == 1 ? 5 : 0) & most;
        return (bits * 510 + most) / (2 * most);
    };
    for (int64_t r = 0; r < piece.rows; r++) {
        const int64_t y = mapped(piece.border, piece.y + r, piece.size.height);
        for (int c = 0; c < picture_.channels; c++) {
            const int from_channel = target.is_reversed ? 2 - c : c;
            const bool is_565 = picture_.row->kind == FormatKind::rgb565;
            const ConstView &view = picture_.components[is_565 ? 0 : from_channel];
            const char *const from = address(view, piece.n, y);
            const int64_t channel =
                out.samples == 1 ? c * out.plane_stride : c * out.element_stride;
            char *const to = out.data + (channel + r * out.row_stride) * out.element_size;
            const int64_t step = (out.samples == 1 ? 1 : out.samples) * out.element_stride;
            for (int64_t k = 0; k < piece.columns; k++) {
                const int64_t x = mapped(piece.border, piece.x + k, piece.size.width);
                const int64_t at = x * view.strides.column;
                const uint32_t v =
                    is_565 ? rgb565(reinterpret_cast<const uint16_t *>(from)[at], from_channel)
                           : reinterpret_cast<const uint8_t *>(from)[at];
                if (target.is_uint8()) {
                    reinterpret_cast<uint8_t *>(to)[k * step] = uint8_t(v);
                } else {
                    reinterpret_cast<float *>(to)[k * step] = float(v) * unit;
                }
            }
        }
    }
}

}  // namespace glimpse
