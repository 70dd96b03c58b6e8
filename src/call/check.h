// Checks of views and arrays that calls make before they touch a pixel.
#ifndef GLIMPSE_SRC_CALL_CHECK_H_
#define GLIMPSE_SRC_CALL_CHECK_H_

#include <cstdint>
#include <type_traits>

#include "call/sanitizer.h"
#include "definition/parameters.h"
#include "glimpse/options.h"
#include "glimpse/status.h"
#include "glimpse/view.h"
#include "kernels.h"
#include "texts.h"
#include "try.h"

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
    return limits_of(type).is_integer;
}

// Fails if the view, called `name` in messages, cannot be read; else sets `range`.
Status check_input(const ConstView &view, const char *name, ByteRange *range) noexcept;

// The same for a view that is written, whose elements must not coincide.
Status check_output(const ConstView &view, const char *name, ByteRange *range) noexcept;

// Fails if the shape of what is called `name` is not that.
Status check_shape(const Shape &shape, const char *name, const Shape &expected) noexcept;

// Fails if the kernels of `type` were not built.
Status check_built(const TypeKernels &kernels, ElementType type) noexcept;

// Fails if `span` has elements but no memory for them, or memory not aligned to them; else sets
// `range`.
template<typename T>
Status check_span(const Span<T> &span, const char *name, ByteRange *range) noexcept {
    const auto address = reinterpret_cast<uintptr_t>(span.data);
    if (span.size > 0 && span.data == nullptr) {
        return {StatusCode::null_pointer, "%s is null, with %s", name,
                Counted(span.size, "element").text};
    }
    if (span.size > 0 && address % alignof(T) != 0) {
        return {StatusCode::misaligned, "%s is at %p; expected a multiple of %zu", name,
                static_cast<const void *>(span.data), alignof(T)};
    }
    if (span.size > (UINTPTR_MAX - address) / sizeof(T)) {
        return {StatusCode::too_large, "%s has %s; they leave the address space", name,
                Counted(span.size, "element").text};
    }
    *range = {address, address + span.size * sizeof(T)};
    if (span.memory == Memory::host) {
        touch(span.data, span.size * sizeof(T), !std::is_const<T>::value);
    }
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

// Fails if `values` were too many for braces, or lie elsewhere than on the host; else sets `range`.
Status check_values(const PerChannel &values, const char *name, ByteRange *range) noexcept;

// Fails if the border is none of the enumerators, or takes no `value` and was given one.
Status check_border(const Options &options) noexcept;

// What the memory of glimpses overlaps.
Status overlap(const char *name, const char *glimpses = "glimpses") noexcept;

// Returns the number of elements of the shape, whose extents have been checked.
inline int64_t element_count(const Shape &shape) {
    return shape.width * shape.channels * shape.height *
           shape.count;  // no partial product overflows
}

}  // namespace glimpse

#endif  // GLIMPSE_SRC_CALL_CHECK_H_
