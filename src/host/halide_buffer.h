// Halide's buffer descriptor with room for its dimensions, made by hand: HalideBuffer.h would put
// template code into the library that an application's own copy could clash with.
#ifndef GLIMPSE_SRC_HOST_HALIDE_BUFFER_H_
#define GLIMPSE_SRC_HOST_HALIDE_BUFFER_H_

#include <HalideRuntime.h>

#include <cstdint>

namespace glimpse {

template<int dimensions>
struct Buffer {
    halide_dimension_t dimension[dimensions];
    halide_buffer_t buffer;

    Buffer(const void *data, halide_type_t type, const int64_t (&extents)[dimensions],
           const int64_t (&strides)[dimensions]) noexcept {
        buffer.device = 0;
        buffer.device_interface = nullptr;
        buffer.host = static_cast<uint8_t *>(const_cast<void *>(data));
        buffer.flags = 0;
        buffer.type = type;
        buffer.dimensions = dimensions;
        buffer.dim = dimension;
        buffer.padding = nullptr;
        for (int i = 0; i < dimensions; i++) {
            dimension[i].min = 0;
            dimension[i].extent = int32_t(extents[i]);
            dimension[i].stride = int32_t(strides[i]);
            dimension[i].flags = 0;
        }
    }
    Buffer(const Buffer &) = delete;
    Buffer &operator=(const Buffer &) = delete;

    // Kernels take inputs as pointers to what they could change, and do not.
    operator halide_buffer_t *() const noexcept {
        return const_cast<halide_buffer_t *>(&buffer);
    }
};

}  // namespace glimpse

#endif  // GLIMPSE_SRC_HOST_HALIDE_BUFFER_H_
