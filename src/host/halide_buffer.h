// Halide's buffer descriptor with room for its dimensions, made by hand: HalideBuffer.h would put
// template code into the library that an application's own copy could clash with.
#ifndef GLIMPSE_SRC_HOST_HALIDE_BUFFER_H_
#define GLIMPSE_SRC_HOST_HALIDE_BUFFER_H_

#include <HalideRuntime.h>

#include <cstddef>
#include <cstdint>
#include <utility>

#include "call/rows.h"

namespace glimpse {

template<int dimensions>
struct Buffer {
    halide_dimension_t dimension[dimensions];
    halide_buffer_t buffer;

    Buffer(const void *data, halide_type_t type, const int64_t (&extents)[dimensions],
           const int64_t (&strides)[dimensions]) noexcept
        : Buffer(data, type, extents, strides, std::make_index_sequence<dimensions>()) {
    }
    Buffer(const Buffer &) = delete;
    Buffer &operator=(const Buffer &) = delete;

    // Kernels take inputs as pointers to what they could change, and do not.
    operator halide_buffer_t *() const noexcept {
        return const_cast<halide_buffer_t *>(&buffer);
    }

private:
    // In one pass: compilers write zeros first where dimensions are assigned.
    template<size_t... i>
    Buffer(const void *data, halide_type_t type, const int64_t (&extents)[dimensions],
           const int64_t (&strides)[dimensions], std::index_sequence<i...>) noexcept
        : dimension{{0, int32_t(extents[i]), int32_t(strides[i]), 0}...} {
        buffer.device = reinterpret_cast<uint64_t>(data);  // kernels look at one of the two
        buffer.device_interface = nullptr;
        buffer.host = static_cast<uint8_t *>(const_cast<void *>(data));
        buffer.flags = 0;
        buffer.type = type;
        buffer.dimensions = dimensions;
        buffer.dim = dimension;
        buffer.padding = nullptr;
    }
};

inline halide_type_t element_type(const Rows &rows) noexcept {
    return {halide_type_uint, uint8_t(8 * rows.element_size)};
}

// Describes images, or `count` glimpses, to a kernel. A stride that nothing is told by may have any
// size.
inline Buffer<4> buffer_of(const Rows &r, int64_t first, int64_t count) noexcept {
    return {r.data + first * r.image_stride * r.element_size,
            element_type(r),
            {r.elements, r.rows, r.planes, count},
            {r.element_stride, r.rows > 1 ? r.row_stride : 0, r.planes > 1 ? r.plane_stride : 0,
             count > 1 ? r.image_stride : 0}};
}

}  // namespace glimpse

#endif  // GLIMPSE_SRC_HOST_HALIDE_BUFFER_H_
