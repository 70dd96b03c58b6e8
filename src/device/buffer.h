// Buffers in device memory, as kernels see them.
#ifndef GLIMPSE_SRC_DEVICE_BUFFER_H_
#define GLIMPSE_SRC_DEVICE_BUFFER_H_

#include <cstdint>

#include "call/rows.h"
#include "cuda.h"
#include "host/halide_buffer.h"

namespace glimpse {

// Extents of grids of blocks beyond the first, of every device.
constexpr int64_t most_blocks = 65535;

template<int dimensions>
struct DeviceBuffer : Buffer<dimensions> {
    DeviceBuffer(CUdeviceptr data, halide_type_t type, const int64_t (&extents)[dimensions],
                 const int64_t (&strides)[dimensions]) noexcept
        : Buffer<dimensions>(pointer_of(data), type, extents, strides) {
        this->buffer.device = data;
    }
};

constexpr halide_type_t u32(halide_type_uint, 32), i32(halide_type_int, 32),
    u64(halide_type_uint, 64), f32(halide_type_float, 32), f64(halide_type_float, 64);

inline halide_type_t element_type(const Rows &rows) {
    return {halide_type_uint, uint8_t(8 * rows.element_size)};
}

inline CUdeviceptr device_pointer(const void *data) {
    return reinterpret_cast<CUdeviceptr>(data);
}

inline DeviceBuffer<4> device_buffer_of(const Rows &r, int64_t first, int64_t count) {
    return {device_pointer(r.data + first * r.image_stride * r.element_size),
            element_type(r),
            {r.elements, r.rows, r.planes, count},
            {r.element_stride, r.rows > 1 ? r.row_stride : 0, r.planes > 1 ? r.plane_stride : 0,
             count > 1 ? r.image_stride : 0}};
}

inline bool is_int32(int64_t v) {
    return v >= -INT32_MAX && v <= INT32_MAX;
}

}  // namespace glimpse

#endif  // GLIMPSE_SRC_DEVICE_BUFFER_H_
