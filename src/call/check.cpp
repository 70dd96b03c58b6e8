// Checks of views: every one that is made before a pixel is read or written.
#include "call/check.h"

#include <cmath>
#include <cstdlib>
#include <utility>

#include "call/sanitizer.h"

namespace glimpse {
namespace {

struct Dimension {
    const char *name;
    int64_t extent, stride;
};
using Dimensions = Dimension[4];
constexpr int of_images = 3;  // the last of them

// Fails if there are more elements than a call can have; else finds how many there are.
Status check_extents(const Dimensions &dimensions, const Shape &shape, const char *name,
                     int64_t *elements) {
    for (const Dimension &d : dimensions) {
        if (uint64_t(d.extent) <= uint64_t(largest_extent)) {
            continue;
        }
        if (d.extent < 0) {
            return Status(StatusCode::negative_shape, "%lld %s in %s; expected 0 or more%s",
                          (long long)d.extent, d.name, name,
                          d.extent == -1 ? " (a region() or image() beyond its view has -1)" : "");
        }
        return Status(StatusCode::too_large, "%lld %s in %s; expected at most %lld",
                      (long long)d.extent, d.name, name, (long long)largest_extent);
    }
    const int64_t row = shape.width * shape.channels;
    if (row > largest_extent) {
        return Status(
            StatusCode::too_large,
            "rows of %lld columns with %lld channels in %s; expected at most %lld elements",
            (long long)shape.width, (long long)shape.channels, name, (long long)largest_extent);
    }
    // A row has less than 2^30, an image less than 2^60.
    if (__builtin_mul_overflow(shape.height * row, shape.count, elements)) {
        return Status(StatusCode::too_large, "%lld x %lld x %lld x %lld elements in %s; too many",
                      (long long)shape.count, (long long)shape.height, (long long)shape.width,
                      (long long)shape.channels, name);
    }
    return {};
}

// Finds the first and the last element that a view touches. Within an image a stride has 32 bits
// and an extent 30, so only the step between images can overflow.
Status check_strides(const Dimensions &dimensions, const char *name, int64_t *low, int64_t *high) {
    *low = *high = 0;
    for (const Dimension &d : dimensions) {
        if (d.stride == invalid_stride) {
            return Status(StatusCode::invalid_strides,
                          "the stride of %s between %s is invalid: it is no whole number of "
                          "elements, or overflows",
                          name, d.name);
        }
        if (d.extent <= 1) {
            continue;
        }
        if (&d != &dimensions[of_images] && (d.stride > INT32_MAX || d.stride < -INT32_MAX)) {
            return Status(StatusCode::too_large,
                          "the stride of %s between %s is %lld; expected at most %d elements", name,
                          d.name, (long long)d.stride, INT32_MAX);
        }
        int64_t *const end = d.stride < 0 ? low : high;
        int64_t reach = 0;
        if (__builtin_mul_overflow(d.extent - 1, d.stride, &reach) ||
            __builtin_add_overflow(reach, *end, end)) {
            return Status(
                StatusCode::too_large,
                "the stride of %s between %s is %lld, with %lld %s; the product overflows", name,
                d.name, (long long)d.stride, (long long)d.extent, d.name);
        }
    }
    return {};
}

// Fails if pitch_bytes() has made what no rows can have.
Status check_pitch(const ConstView &view, const char *name) {
    if (view.strides.row != invalid_pitch) {
        return {};
    }
    const int64_t size = size_in_bytes(view.type), pitch = view.strides.image;
    const bool is_planar = view.strides.column == 1 && view.shape.channels > 1;
    const int64_t row = view.shape.width * (is_planar ? 1 : view.shape.channels) * size;
    if (pitch % size != 0) {
        return Status(
            StatusCode::invalid_strides,
            "rows of %s are %lld bytes apart; expected a multiple of %lld, the size of %s", name,
            (long long)pitch, (long long)size, glimpse::name(view.type));
    }
    return Status(StatusCode::invalid_strides, "rows of %s are %lld bytes apart; a row has %lld",
                  name, (long long)pitch, (long long)row);
}

// Finds the bytes from element `low` to element `high`.
Status check_memory(const ConstView &view, const char *name, int64_t low, int64_t high,
                    ByteRange *range) {
    const int64_t size = size_in_bytes(view.type);
    const auto address = reinterpret_cast<uintptr_t>(view.data);
    if (view.data == nullptr) {
        return Status(StatusCode::null_pointer, "no memory (null) for %s of %s", name,
                      Counted(element_count(view.shape), "element").text);
    }
    if (address % uintptr_t(size) != 0) {
        return Status(StatusCode::misaligned,
                      "the address of %s is %p; expected a multiple of %lld, the size of %s", name,
                      view.data, (long long)size, glimpse::name(view.type));
    }
    int64_t low_bytes = 0, high_bytes = 0;
    const bool fits = !__builtin_mul_overflow(low, size, &low_bytes) &&
                      !__builtin_mul_overflow(high, size, &high_bytes) &&
                      !__builtin_add_overflow(high_bytes, size, &high_bytes) &&
                      uintptr_t(0) - uintptr_t(low_bytes) <= address &&
                      uintptr_t(high_bytes) <= UINTPTR_MAX - address;
    if (!fits) {
        return Status(StatusCode::too_large,
                      "elements %lld to %lld of %s, at %p, leave the address space", (long long)low,
                      (long long)high, name, view.data);
    }
    *range = {address + uintptr_t(low_bytes), address + uintptr_t(high_bytes)};
    const auto begin = reinterpret_cast<uintptr_t>(view.bounds.begin);
    if (begin != 0 && (range->begin < begin || range->end - begin > view.bounds.bytes)) {
        const Shape &s = view.shape;
        return Status(StatusCode::out_of_bounds,
                      "bytes %lld to %lld are needed for %s of %lld x %lld x %lld x %lld %s; the "
                      "memory has %zu",
                      (long long)(range->begin - begin), (long long)(range->end - begin), name,
                      (long long)s.count, (long long)s.height, (long long)s.width,
                      (long long)s.channels, glimpse::name(view.type), view.bounds.bytes);
    }
    return {};
}

// Finds the bytes of a view, if it can be read.
Status check_view(const ConstView &view, const char *name, ByteRange *range) {
    if (size_in_bytes(view.type) == 0) {
        return Status(StatusCode::unsupported_type,
                      "the element type of %s is %d; expected one of %s", name, int(view.type),
                      names_of<ElementType>(element_type_count).text());
    }
    if (view.memory != Memory::host && view.memory != Memory::cuda) {
        return Status(StatusCode::unknown_enumerator, "the memory of %s is %d; expected one of %s",
                      name, int(view.memory), names_of<Memory>(2).text());
    }
    const Shape &shape = view.shape;
    const Strides &strides = view.strides;
    const Dimensions dimensions = {{"rows", shape.height, strides.row},
                                   {"columns", shape.width, strides.column},
                                   {"channels", shape.channels, strides.channel},
                                   {"images", shape.count, strides.image}};
    int64_t elements = 0, low = 0, high = 0;
    GLIMPSE_TRY(check_extents(dimensions, shape, name, &elements));
    GLIMPSE_TRY(check_pitch(view, name));
    GLIMPSE_TRY(check_strides(dimensions, name, &low, &high));
    *range = {};
    return elements == 0 ? Status() : check_memory(view, name, low, high, range);
}

}  // namespace

Status check_input(const ConstView &view, const char *name, ByteRange *range) noexcept {
    GLIMPSE_TRY(check_view(view, name, range));
    touch(view, false);
    return {};
}

Status check_finite(const Span<const float> &values, const char *name) noexcept {
    for (size_t i = 0; i < values.size; i++) {
        if (!std::isfinite(values.data[i])) {
            return {StatusCode::invalid_value, "element %zu of %s is %g; expected a finite number",
                    i, name, double(values.data[i])};
        }
    }
    return {};
}

Status check_shape(const Shape &shape, const char *name, const Shape &expected) noexcept {
    const Shape &s = shape, &e = expected;
    if (s.count == e.count && s.height == e.height && s.width == e.width &&
        s.channels == e.channels) {
        return {};
    }
    return Status(
        StatusCode::size_mismatch,
        "the shape of %s is %lld x %lld x %lld x %lld; expected %lld x %lld x %lld x %lld", name,
        (long long)s.count, (long long)s.height, (long long)s.width, (long long)s.channels,
        (long long)e.count, (long long)e.height, (long long)e.width, (long long)e.channels);
}

Status check_values(const PerChannel &values, const char *name, ByteRange *range) noexcept {
    const Span<const float> span = values.span();
    if (span.data == nullptr && values.is_in_braces()) {
        return Status(StatusCode::invalid_value,
                      "%s has %s in braces; expected at most 4 there, or an array", name,
                      Counted(values.size(), "number").text);
    }
    return check_host_span(span, name, range);
}

Status check_border(const Options &options) noexcept {
    if (int32_t(options.border) < 0 || int32_t(options.border) >= border_count) {
        return {StatusCode::unknown_enumerator, "border is %d; expected one of %s",
                int(options.border), names_of<Border>(border_count).text()};
    }
    if (options.border != Border::constant && options.value.size() != 0) {
        return Status(StatusCode::invalid_value,
                      "value has %s with border %s; expected none: it belongs to constant",
                      Counted(options.value.size(), "element").text, name(options.border));
    }
    return {};
}

Status overlap(const char *name, const char *glimpses) noexcept {
    return {StatusCode::overlap, "the memory of %s overlaps that of %s", glimpses, name};
}

Status check_built(const TypeKernels &kernels, ElementType type) noexcept {
    if (kernels.inside == nullptr) {
        return Status(StatusCode::unsupported_type,
                      "this build of Glimpse has no %s: it was configured with fewer GLIMPSE_TYPES",
                      name(type));
    }
    return {};
}

Status check_output(const ConstView &view, const char *name, ByteRange *range) noexcept {
    GLIMPSE_TRY(check_view(view, name, range));
    touch(view, true);
    if (range->begin == range->end) {
        return {};
    }
    // Elements are distinct if, in the order of their strides, each dimension steps over all that
    // the smaller ones reach.
    Dimension sorted[] = {{"channels", view.shape.channels, view.strides.channel},
                          {"columns", view.shape.width, view.strides.column},
                          {"rows", view.shape.height, view.strides.row},
                          {"images", view.shape.count, view.strides.image}};
    const auto step = [](const Dimension &d) { return std::llabs(d.stride); };
    for (int i = 1; i < 4; i++) {
        for (int k = i; k > 0 && step(sorted[k]) < step(sorted[k - 1]); k--) {
            std::swap(sorted[k], sorted[k - 1]);
        }
    }
    int64_t reach = 0;
    for (const Dimension &d : sorted) {
        if (d.extent <= 1) {
            continue;
        }
        if (step(d) <= reach) {
            return Status(
                StatusCode::invalid_strides,
                "the stride of %s between %s is %lld; elements may coincide: expected a step "
                "of more than %lld",
                name, d.name, (long long)d.stride, (long long)reach);
        }
        int64_t product = 0;
        if (__builtin_mul_overflow(d.extent - 1, step(d), &product) ||
            __builtin_add_overflow(reach, product, &reach)) {
            return {StatusCode::too_large, "the strides of %s reach over too many elements", name};
        }
    }
    return {};
}

}  // namespace glimpse
