// What the headers interop_*.h share. It names no other library, and is of no use alone.
#ifndef GLIMPSE_INTEROP_CHECK_H_
#define GLIMPSE_INTEROP_CHECK_H_

#include <cstdint>

#include "glimpse/status.h"
#include "glimpse/view.h"

namespace glimpse {
namespace detail {

// Sets `*type` to the one for which is_type(*type) is true. Returns false if there is none.
template<typename IsType>
bool find_type(IsType is_type, ElementType *type) noexcept {
    for (int i = 0; i < element_type_count; i++) {
        *type = static_cast<ElementType>(i);
        if (is_type(*type)) {
            return true;
        }
    }
    return false;
}

// Fails if what `name` describes cannot be memory. Limits of extents and strides, and alignment,
// are left to the calls that use a view.
inline Status check_memory(const ConstView &view, const char *name) noexcept {
    const Shape &shape = view.shape;
    const Strides &strides = view.strides;
    for (const int64_t extent : {shape.count, shape.height, shape.width, shape.channels}) {
        if (extent < 0) {
            return {StatusCode::negative_shape, "%s has an extent of %lld; expected 0 or more",
                    name, static_cast<long long>(extent)};
        }
    }
    for (const int64_t stride : {strides.image, strides.row, strides.column, strides.channel}) {
        if (stride == invalid_stride || strides.row == invalid_pitch) {
            return {StatusCode::invalid_strides,
                    "%s has an invalid stride: a pitch that is no whole number of elements, or a "
                    "product that overflows",
                    name};
        }
    }
    const bool empty =
        shape.count == 0 || shape.height == 0 || shape.width == 0 || shape.channels == 0;
    if (view.data == nullptr && !empty) {
        return {StatusCode::null_pointer, "%s has elements, but no memory (null)", name};
    }
    return {};
}

// The same for what only the host can look at.
inline Status check_host_memory(const ConstView &view, const char *name) noexcept {
    if (view.memory != Memory::host) {
        return {StatusCode::memory_mismatch, "%s lies in device memory; expected that of the host",
                name};
    }
    return check_memory(view, name);
}

}  // namespace detail
}  // namespace glimpse

#endif  // GLIMPSE_INTEROP_CHECK_H_
