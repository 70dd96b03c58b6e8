// Checks of views that every call makes before it touches a pixel, and the ways kernels see a view.
#ifndef GLIMPSE_SRC_CHECK_H_
#define GLIMPSE_SRC_CHECK_H_

#include <cstdint>

#include "glimpse/status.h"
#include "glimpse/view.h"
#include "kernels.h"

namespace glimpse {

// A row holds at most this many elements, and an image this many rows: sums of two such numbers,
// and a little more, fit int32.
constexpr int64_t largest_extent = (int64_t(1) << 30) - 1;

// The bytes that a view touches, from `begin` up to `end`; equal if it has no elements.
struct ByteRange {
    uintptr_t begin = 0, end = 0;
};

inline bool intersect(const ByteRange &a, const ByteRange &b) {
    return a.begin < a.end && b.begin < b.end && a.begin < b.end && b.begin < a.end;
}

inline bool is_integer(ElementType type) noexcept {
    return type == ElementType::uint8 || type == ElementType::uint16 || type == ElementType::int16;
}

// Fails if the view, called `name` in messages, cannot be read; else sets `range`.
Status check_input(const ConstView &view, const char *name, ByteRange *range) noexcept;

// The same for a view that is written, whose elements must not coincide.
Status check_output(const ConstView &view, const char *name, ByteRange *range) noexcept;

// Fails if the kernels of `type` were not built.
Status check_built(const TypeKernels &kernels, ElementType type) noexcept;

// Fails if `span` has elements but no memory for them, or memory not aligned to them; else sets
// `range`.
template<typename T>
Status check_span(const Span<T> &span, const char *name, ByteRange *range) noexcept {
    const auto address = reinterpret_cast<uintptr_t>(span.data);
    if (span.size > 0 && span.data == nullptr) {
        return {StatusCode::null_pointer, "%s is null, with %zu elements", name, span.size};
    }
    if (span.size > 0 && address % alignof(T) != 0) {
        return {StatusCode::misaligned, "%s is at %p; expected a multiple of %zu", name,
                static_cast<const void *>(span.data), alignof(T)};
    }
    if (span.size > (UINTPTR_MAX - address) / sizeof(T)) {
        return {StatusCode::too_large, "%s has %zu elements; they leave the address space", name,
                span.size};
    }
    *range = {address, address + span.size * sizeof(T)};
    return {};
}

// The same for what only the host looks at.
template<typename T>
Status check_host_span(const Span<T> &span, const char *name, ByteRange *range) noexcept {
    if (span.size > 0 && span.memory != Memory::host) {
        return {StatusCode::memory_mismatch, "the memory of %s is '%s'; expected 'host'", name,
                glimpse::name(span.memory)};
    }
    return check_span(span, name, range);
}

// Fails if one of the values is not finite.
Status check_finite(const Span<const float> &values, const char *name) noexcept;

// Returns the number of elements of the shape, whose extents have been checked.
inline int64_t element_count(const Shape &shape) {
    return shape.count * shape.height * shape.width * shape.channels;
}

// How kernels see a view: rows of elements, `samples` channels per pixel, one plane or one per
// channel. Strides are in elements.
struct Rows {
    char *data;
    int64_t element_size;  // in bytes
    int64_t samples;       // channels per pixel in a row
    int64_t elements, rows, planes, count;
    int64_t element_stride, row_stride, plane_stride, image_stride;
};

// Whether the channels of a pixel, and pixels, follow one another without a gap.
inline bool is_interleaved(const ConstView &view) noexcept {
    const int64_t channels = view.shape.channels;
    return (channels <= 1 || view.strides.channel == 1) &&
           (view.shape.width <= 1 || view.strides.column == channels);
}

// Whether neighbours in a row of one channel follow one another without a gap.
inline bool is_planar(const ConstView &view) noexcept {
    return view.shape.width <= 1 || view.strides.column == 1;
}

// Describes a view as rows with all channels if `interleaved`, else with one channel.
inline void set_rows(const ConstView &view, bool interleaved, Rows *result) noexcept {
    const Shape &shape = view.shape;
    const Strides &strides = view.strides;
    Rows &rows = *result;
    rows.data = static_cast<char *>(const_cast<void *>(view.data));
    rows.element_size = size_in_bytes(view.type);
    rows.samples = interleaved ? shape.channels : 1;
    rows.elements = interleaved ? shape.width * shape.channels : shape.width;
    rows.rows = shape.height;
    rows.planes = interleaved ? 1 : shape.channels;
    rows.count = shape.count;
    // Strides of single elements are never used, and may be anything: 1 keeps a row dense.
    rows.element_stride = interleaved || shape.width <= 1 ? 1 : strides.column;
    rows.row_stride = shape.height <= 1 ? 0 : strides.row;
    rows.plane_stride = interleaved || shape.channels <= 1 ? 0 : strides.channel;
    rows.image_stride = shape.count <= 1 ? 0 : strides.image;
}

}  // namespace glimpse

#endif  // GLIMPSE_SRC_CHECK_H_
