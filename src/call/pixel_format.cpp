// The table of formats.
#include "call/pixel_format.h"

#include <iterator>

namespace glimpse {
namespace {

using F = PixelFormat;
using K = FormatKind;

constexpr FormatRow::At none = {0, -1};

constexpr FormatRow subsampled(F format, const char *name, int8_t chroma_elements, int8_t y_shift,
                               int8_t x_shift, FormatRow::At u, FormatRow::At v, int8_t bits = 8,
                               bool is_upper = false) {
    return {format, name, K::yuv,          bits,    is_upper, int8_t(chroma_elements == 2 ? 2 : 3),
            1,      1,    chroma_elements, y_shift, x_shift,  {{0, 0}, u, v, none}};
}
constexpr FormatRow packed_yuv(F format, const char *name, int y, int u, int v) {
    return {format, name, K::yuv, 8, false, 1, 4, 2, 0, 0, 1, {{0, y}, {0, u}, {0, v}, none}};
}
constexpr FormatRow gray(F format, const char *name, int8_t bits) {
    return {format, name, K::gray, bits, false, 1, 1, 1, 0, 0, 0, {{0, 0}, none, none, none}};
}
constexpr FormatRow rgb(F format, const char *name, int8_t elements, int r, int g, int b,
                        int a = -1) {
    return {format,   name, K::rgb, 8, false, 1,
            elements, 1,    0,      0, 0,     {{0, r}, {0, g}, {0, b}, {0, a}}};
}

constexpr FormatRow rows[] = {
    subsampled(F::nv12, "nv12", 2, 1, 1, {1, 0}, {1, 1}),
    subsampled(F::nv21, "nv21", 2, 1, 1, {1, 1}, {1, 0}),
    subsampled(F::i420, "i420", 1, 1, 1, {1, 0}, {2, 0}),
    subsampled(F::p010, "p010", 2, 1, 1, {1, 0}, {1, 1}, 10, true),
    subsampled(F::yv12, "yv12", 1, 1, 1, {2, 0}, {1, 0}),
    subsampled(F::nv16, "nv16", 2, 0, 1, {1, 0}, {1, 1}),
    subsampled(F::nv61, "nv61", 2, 0, 1, {1, 1}, {1, 0}),
    subsampled(F::i422, "i422", 1, 0, 1, {1, 0}, {2, 0}),
    subsampled(F::nv24, "nv24", 2, 0, 0, {1, 0}, {1, 1}),
    subsampled(F::nv42, "nv42", 2, 0, 0, {1, 1}, {1, 0}),
    subsampled(F::i444, "i444", 1, 0, 0, {1, 0}, {2, 0}),
    packed_yuv(F::yuyv, "yuyv", 0, 1, 3),
    packed_yuv(F::uyvy, "uyvy", 1, 0, 2),
    subsampled(F::i010, "i010", 1, 1, 1, {1, 0}, {2, 0}, 10),
    gray(F::gray, "gray", 8),
    gray(F::gray10le, "gray10le", 10),
    gray(F::gray12le, "gray12le", 12),
    gray(F::gray16le, "gray16le", 16),
    rgb(F::rgb24, "rgb24", 3, 0, 1, 2),
    rgb(F::bgr24, "bgr24", 3, 2, 1, 0),
    rgb(F::rgbx, "rgbx", 4, 0, 1, 2),
    rgb(F::bgrx, "bgrx", 4, 2, 1, 0),
    rgb(F::xrgb, "xrgb", 4, 1, 2, 3),
    rgb(F::xbgr, "xbgr", 4, 3, 2, 1),
    rgb(F::rgba, "rgba", 4, 0, 1, 2, 3),
    rgb(F::bgra, "bgra", 4, 2, 1, 0, 3),
    rgb(F::argb, "argb", 4, 1, 2, 3, 0),
    rgb(F::abgr, "abgr", 4, 3, 2, 1, 0),
    {F::rgb565, "rgb565", K::rgb565, 8, false, 1, 1, 1, 0, 0, 0, {none, none, none, none}},
};

constexpr bool are_in_order() {
    for (int i = 0; i < pixel_format_count; i++) {
        if (int(rows[i].format) != i) {
            return false;
        }
    }
    return std::size(rows) == pixel_format_count;
}
static_assert(are_in_order(), "a row for each format, in the order of the enumerators");

}  // namespace

const FormatRow *find_format(PixelFormat format) noexcept {
    return uint32_t(format) < uint32_t(pixel_format_count) ? &rows[int(format)] : nullptr;
}

const char *name(PixelFormat format) noexcept {
    const FormatRow *const row = find_format(format);
    return row == nullptr ? "unknown" : row->name;
}

int plane_count(PixelFormat format) noexcept {
    const FormatRow *const row = find_format(format);
    return row == nullptr ? 0 : row->planes;
}

ElementType element_type(PixelFormat format) noexcept {
    const FormatRow *const row = find_format(format);
    return row == nullptr ? ElementType::uint8 : row->type();
}

Shape plane_shape(PixelFormat format, int plane, int64_t count, int64_t height,
                  int64_t width) noexcept {
    const FormatRow *const row = find_format(format);
    if (row == nullptr || plane < 0 || plane >= row->planes) {
        return {count, 0, 0, 1};
    }
    // Negative extents are told by the checks of frames.
    const auto halved = [](int64_t extent, bool halves) {
        return halves && extent > 0 ? extent / 2 + extent % 2 : extent;
    };
    if (plane == 0) {
        return {count, height, halved(width, row->pixels == 2), row->elements};
    }
    return {count, halved(height, row->y_shift != 0), halved(width, row->x_shift != 0),
            row->chroma_elements};
}

}  // namespace glimpse
