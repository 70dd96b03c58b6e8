// Makes pixels of pictures: straight from frames where their rows are dense, by way of rows of
// components elsewhere, and of packed RGB element by element.
#include "host/picture.h"

#include <algorithm>
#include <cstring>

#include "definition/border.h"
#include "halide_hooks.h"
#include "host/dense_frame.h"
#include "host/extract.h"
#include "host/halide_buffer.h"
#include "try.h"

namespace glimpse {
namespace {

constexpr halide_type_t i16(halide_type_int, 16), i32(halide_type_int, 32),
    f32(halide_type_float, 32);

// Pixels of components at once.
constexpr int64_t tile_pixels = 8 << 10;
// Rows that a kernel makes at once.
constexpr int64_t most_rows = 64;

// Where the arrays of a PictureMaker lie in its memory: pixels that go elsewhere, components,
// neutral chroma, and what columns look at.
constexpr int64_t pixel_bytes = 3 * tile_pixels * int64_t(sizeof(float));
constexpr int64_t component_bytes = 3 * tile_pixels * int64_t(sizeof(float));
constexpr int64_t neutral_bytes = widest_color * int64_t(sizeof(float));
constexpr int64_t column_bytes = 4 * widest_color * int64_t(sizeof(int32_t));
static_assert(pixel_bytes + component_bytes + neutral_bytes + column_bytes <= PictureMaker::bytes);

halide_type_t unsigned_type(int bits) {
    return {halide_type_uint, uint8_t(bits)};
}

// The pixel of an axis that a border shows.
int64_t mapped(Border border, int64_t pixel, int64_t extent) {
    if (pixel >= 0 && pixel < extent) {
        return pixel;
    }
    const auto modulo = [](int64_t a, int64_t b) { return HostNumbers::modulo(a, b); };
    return map_coordinate<HostNumbers>(int32_t(border), pixel, extent, modulo);
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
    int64_t luma_stride, columns;
    Buffer<2> chroma_0, chroma_1;
    int64_t group = 1;              // rows that have the same chroma
    int bits = 0;                   // of an element
    const int32_t *rows = nullptr;  // where chroma is mixed
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

PictureMaker::PictureMaker(const Picture &picture, const TypeKernels *kernels,
                           void *memory) noexcept
    : picture_(picture), kernels_(kernels), memory_(static_cast<char *>(memory)),
      is_dense_(frame_.find(picture) && !frame_.is_full &&
                kernels[int(frame_.luma->type)].color != nullptr) {
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
    return is_dense_ && piece.is_inside() ? color_frame(piece, target)
                                          : color_components(piece, target);
}

Status PictureMaker::color_frame(const Piece &piece, const PictureTarget &target) const noexcept {
    // Narrow pieces are made with what lies beside them.
    const int64_t columns = std::max<int64_t>(piece.columns, narrowest_color);
    const int64_t x = std::min(piece.x, piece.size.width - columns);
    const DenseFrame::Samples samples = frame_.samples_of(x, columns);
    const TypeKernels &kernels = kernels_[int(frame_.luma->type)];
    const bool shares = picture_.chroma_y.nearest && picture_.chroma_y.shift == 1;
    const auto make = [&](int64_t y, int64_t group, const PictureTarget &part) {
        int32_t rows[most_rows * sampled_row_fields];
        const int64_t count = part.rows.rows, chroma_y = picture_.chroma_y.at(y).first;
        for (int64_t i = 0; i < count / group; i++) {
            const ChromaAxis::Between b = picture_.chroma_y.at(y + i * group);
            int32_t *const row = rows + i * sampled_row_fields;
            row[row_first] = int32_t(b.first - chroma_y);
            row[row_second] = int32_t(b.second - chroma_y);
            row[row_weight] = b.quarters;
        }
        const int64_t chroma_rows = picture_.chroma_y.at(y + count - 1).second - chroma_y + 1;
        ColorCall call = {address(*frame_.luma, piece.n, y) + x * frame_.size(),
                          frame_.luma->strides.row, columns,
                          frame_.rows_of_chroma(0, piece.n, chroma_y, samples, chroma_rows),
                          frame_.rows_of_chroma(1, piece.n, chroma_y, samples, chroma_rows)};
        call.group = group;
        call.bits = frame_.type().bits;
        call.rows = rows;
        call.paired = frame_.paired;
        call.first_component =
            part.is_reversed ? 1 - frame_.first_component : frame_.first_component;
        call.first_sample = samples.first_sample;
        call.phase = samples.phase;
        return call_kernel(part.is_uint8() ? kernels.color : kernels.color_float, call, part);
    };
    return in_parts(piece, target, columns, piece.x - x,
                    [&](int64_t r, int64_t count, const PictureTarget &part) -> Status {
                        for (int64_t i = 0, rows = 0; i < count; i += rows) {
                            const int64_t y = piece.y + r + i;
                            const bool has_pair = shares && y % 2 == 0 && count - i > 1;
                            rows = has_pair ? (count - i) / 2 * 2 : shares ? 1 : count - i;
                            PictureTarget some = part;
                            some.rows.data += i * part.rows.row_stride * part.rows.element_size;
                            some.rows.rows = rows;
                            GLIMPSE_TRY(make(y, has_pair ? 2 : 1, some));
                        }
                        return {};
                    });
}

// Makes pieces in rows that a kernel makes at once, `columns` wide, of which those that are wanted
// begin at `first`: of the target, or of a tile. make(row, count, target)
template<typename Make>
Status PictureMaker::in_parts(const Piece &piece, const PictureTarget &target, int64_t columns,
                              int64_t first, const Make &make) const noexcept {
    const Rows &all = target.rows;
    const int64_t reach = most_rows * magnitude(all.row_stride) + 3 * magnitude(all.plane_stride);
    const bool is_direct =
        piece.columns == columns && all.element_stride == 1 && reach < int64_t(1) << 30;
    const int64_t at_once = std::min(tile_pixels / columns, most_rows);
    for (int64_t r = 0; r < piece.rows; r += at_once) {
        const int64_t count = std::min(at_once, piece.rows - r);
        PictureTarget part = target;
        part.rows = part_of(all, r, count, 0, piece.columns);
        if (is_direct) {
            GLIMPSE_TRY(make(r, count, part));
            continue;
        }
        PictureTarget tile = target;
        Rows &rows = tile.rows;
        rows.data = memory_;
        rows.elements = columns * rows.samples;
        rows.rows = count;
        rows.element_stride = 1;
        rows.row_stride = rows.elements;
        rows.plane_stride = rows.planes > 1 ? rows.elements * rows.rows : 0;
        GLIMPSE_TRY(make(r, count, tile));
        copy_pixels(rows, first, piece.columns, part.rows);
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
    const int shift = (call.bits == 8 ? 3 : 1) + (target.is_uint8() ? 1 : 0);
    const auto quarters = [&](int center, int left) {
        return int16_t((is_center ? center : left) << shift);
    };
    const int16_t weights[chroma_weights] = {quarters(1, 0), quarters(3, 4), quarters(3, 2),
                                             quarters(1, 2)};
    const ColorNumbers numbers = picture_.numbers(target.is_reversed);
    const float *const conversion =
        target.conversion == nullptr ? &unchanged[0][0] : target.conversion;
    const ColorOrder order = out.samples == 3  ? color_pixels
                             : out.planes == 3 ? color_planes
                                               : color_gray;
    const Buffer<2> row(call.rows == nullptr ? no_rows : call.rows, i32,
                        {sampled_row_fields, out.rows / call.group}, {1, sampled_row_fields});
    const Buffer<3> luma(call.luma, unsigned_type(call.bits),
                         {call.columns, call.group, out.rows / call.group},
                         {1, call.luma_stride, call.group * call.luma_stride});
    const Buffer<1> weight(weights, i16, {chroma_weights}, {1});
    const Buffer<1> integer(numbers.integers, i16, {color_integers}, {1});
    const Buffer<1> number(numbers.floats, f32, {color_floats}, {1});
    const Buffer<2> converted(conversion, f32, {conversion_fields, 3}, {1, conversion_fields});
    const Buffer<4> glimpse(
        out.data, element_type(out), {out.elements, call.group, out.rows / call.group, out.planes},
        {1, out.row_stride, call.group * out.row_stride, out.planes > 1 ? out.plane_stride : 0});
    CallError error;
    return status_of(kernel(&error, luma, call.chroma_0, call.chroma_1, row, weight, integer,
                            number, converted, target.clamps ? 0.0f : -farthest_number,
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
    char *const components = memory_ + pixel_bytes;
    char *const neutral = components + component_bytes;
    const int64_t size = size_in_bytes(type);
    if (!picture_.has_colors()) {
        constexpr int middle = 16384;
        std::fill_n(reinterpret_cast<int16_t *>(neutral), are_floats ? 0 : pitch, int16_t(middle));
        std::fill_n(reinterpret_cast<float *>(neutral), are_floats ? pitch : 0, float(middle));
    }
    const bool has_colors = picture_.has_colors();
    return in_parts(
        piece, target, pitch, 0, [&](int64_t r, int64_t count, const PictureTarget &part) {
            if (picture_.row->type() == ElementType::uint8) {
                gather<uint8_t>(piece, r, count, components, pitch);
            } else {
                gather<uint16_t>(piece, r, count, components, pitch);
            }
            const auto rows_of = [&](int component) {
                const char *const from =
                    has_colors ? components + component * tile_pixels * size : neutral;
                return Buffer<2>(from, unsigned_type(int(8 * size)), {pitch, count},
                                 {1, has_colors ? pitch : 0});
            };
            // V is first in tints, unless B is the first channel.
            const int first = part.is_reversed ? 1 : 2;
            ColorCall call = {components, pitch, pitch, rows_of(first), rows_of(3 - first)};
            call.bits = int(8 * size);
            return call_kernel(part.is_uint8() ? kernels.color : kernels.color_float, call, part);
        });
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
