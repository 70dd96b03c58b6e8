// Checks frames, and takes them apart.
#include "call/components.h"

namespace glimpse {
namespace {

template<typename Enum>
Status check_enumerator(Enum value, int count, const char *what, const char *frames) {
    if (uint32_t(value) < uint32_t(count)) {
        return {};
    }
    return Status(StatusCode::unknown_enumerator, "color.%s of %s is %d; expected one of %s", what,
                  frames, int(value), names_of<Enum>(count).text());
}

// Pixels of packed formats are dense along a row.
Status check_packed(const ConstView &plane, const FormatRow &row, const char *name) {
    if (row.elements == 1 || row.pixels == 1 || plane.shape.width <= 1 ||
        plane.strides.column == row.elements * plane.strides.channel) {
        return {};
    }
    return Status(StatusCode::invalid_strides,
                  "columns of %s are %lld elements apart; expected %lld, as %s is packed", name,
                  (long long)plane.strides.column,
                  (long long)(row.elements * plane.strides.channel), row.name);
}

}  // namespace

Status check_frames(const ConstFrame &frames, const FrameNames &names, bool are_written,
                    ByteRange *ranges) noexcept {
    const FormatRow *const row = find_format(frames.format);
    if (row == nullptr) {
        return Status(StatusCode::unknown_enumerator,
                      "the format of %s is %d; expected 0 to %d, a PixelFormat", names.frames,
                      int(frames.format), pixel_format_count - 1);
    }
    const Color &color = frames.color;
    GLIMPSE_TRY(check_enumerator(color.matrix, matrix_count, "matrix", names.frames));
    GLIMPSE_TRY(check_enumerator(color.range, range_count, "range", names.frames));
    GLIMPSE_TRY(check_enumerator(color.siting, siting_count, "siting", names.frames));
    if (frames.count < 0 || frames.height < 0 || frames.width < 0) {
        return Status(StatusCode::negative_shape, "%s are %lld of %lld x %lld pixels", names.frames,
                      (long long)frames.count, (long long)frames.height, (long long)frames.width);
    }
    for (int p = 0; p < row->planes; p++) {
        const ConstView &plane = frames.planes[p];
        GLIMPSE_TRY((are_written ? check_output : check_input)(plane, names.planes[p], &ranges[p]));
        if (plane.type != row->type()) {
            return Status(StatusCode::type_mismatch, "%s is %s; expected %s for %s",
                          names.planes[p], name(plane.type), name(row->type()), row->name);
        }
        if (plane.memory != frames.planes[0].memory) {
            return Status(StatusCode::memory_mismatch, "%s lies in the memory '%s', and %s in '%s'",
                          names.planes[p], name(plane.memory), names.planes[0],
                          name(frames.planes[0].memory));
        }
        GLIMPSE_TRY(
            check_shape(plane.shape, names.planes[p],
                        plane_shape(frames.format, p, frames.count, frames.height, frames.width)));
        GLIMPSE_TRY(check_packed(plane, *row, names.planes[p]));
    }
    return {};
}

ConstView component_of(const ConstFrame &frames, const FormatRow &row, int c) noexcept {
    const FormatRow::At at = row.at[c];
    ConstView view = frames.planes[at.plane];
    const bool has_pixels = view.shape.height > 0 && view.shape.width > 0 && view.shape.count > 0;
    if (has_pixels) {
        view.data = static_cast<const char *>(view.data) +
                    at.element * view.strides.channel * size_in_bytes(view.type);
    }
    view.shape.channels = 1;
    // Luma of packed formats is at each pixel of what is a column there.
    if (row.pixels == 2 && c == 0) {
        view.strides.column = view.strides.channel * row.elements / row.pixels;
        view.shape.width = frames.width;
    }
    view.strides.channel = 1;
    return view;
}

Color usual_color(const Color &color, const FormatRow &row) noexcept {
    Color usual = color;
    usual.matrix = color.matrix == Matrix::usual ? Matrix::bt601 : color.matrix;
    usual.siting = color.siting == Siting::usual ? Siting::left : color.siting;
    if (color.range == Range::usual) {
        usual.range = row.kind == FormatKind::yuv ? Range::limited : Range::full;
    }
    return usual;
}

}  // namespace glimpse
