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
    }
};

constexpr halide_type_t u32(halide_type_uint, 32), i32(halide_type_int, 32),
    u64(halide_type_uint, 64), f32(halide_type_float, 32), f64(halide_type_float, 64);

inline CUdeviceptr device_pointer(const void *data) {
    return reinterpret_cast<CUdeviceptr>(data);
}

inline bool is_int32(int64_t v) {
    return v >= -INT32_MAX && v <= INT32_MAX;
}

}  // namespace glimpse

#endif  // GLIMPSE_SRC_DEVICE_BUFFER_H_
