// Copies between the host and a device, by the driver.
#include "device/device.h"

#include "call/rows.h"
#include "cuda.h"
#include "device/buffer.h"

namespace glimpse {
namespace {

// Dense rows, `count` of them, `pitch` bytes apart.
struct Pitched {
    int64_t count, pitch;
};

struct Step {
    int64_t extent, stride;  // in elements of `size` bytes
};

// Describes rows along `count` steps, from the innermost on, as one pitched block; false if they
// are none that the driver copies, whose pitches have 31 bits.
bool set_pitched(int64_t row_bytes, const Step *steps, int count, int64_t size, Pitched *result) {
    *result = {1, row_bytes};
    for (int i = 0; i < count; i++) {
        const int64_t extent = steps[i].extent, stride = steps[i].stride * size;
        if (extent <= 1) {
            continue;
        }
        if (result->count == 1) {
            result->pitch = stride;
        } else if (stride != result->pitch * result->count) {
            return false;
        }
        result->count *= extent;
    }
    return result->pitch >= row_bytes && result->pitch <= INT32_MAX;
}

}  // namespace

Status copy_device(const ConstView &from, const View &to, Context::Impl &context) noexcept {
    const Shape &shape = from.shape;
    const ConstView target = to;
    const bool pixels = is_interleaved(from) && is_interleaved(target);
    if (!pixels && (!is_planar(from) || !is_planar(target))) {
        return Status(
            StatusCode::invalid_strides,
            "views that are copied to or from a device have different layouts or rows with gaps; "
            "expected both interleaved or both planar");
    }
    CudaCall cuda(context.cuda);
    const int64_t size = size_in_bytes(from.type);
    const int64_t row = (pixels ? shape.width * shape.channels : shape.width) * size;
    const int64_t planes = pixels ? 1 : shape.channels;
    // What one copy takes: everything, an image, a plane.
    const auto pitched = [&](const ConstView &v, int dimensions, Pitched *result) {
        const Step steps[] = {{shape.height, v.strides.row},
                              {planes, v.strides.channel},
                              {shape.count, v.strides.image}};
        return set_pitched(row, steps, dimensions, size, result);
    };
    Pitched source, destination;
    int dimensions = 3;
    while (dimensions > 0 &&
           !(pitched(from, dimensions, &source) && pitched(target, dimensions, &destination))) {
        dimensions--;
    }
    if (dimensions == 0) {
        return Status(
            StatusCode::invalid_strides,
            "views that are copied to or from a device have rows that overlap, go backwards, or "
            "are 2^31 bytes apart");
    }
    const int64_t images = dimensions < 3 ? shape.count : 1;
    const int64_t parts = dimensions < 2 ? planes : 1;
    for (int64_t n = 0; n < images && cuda.status().ok(); n++) {
        for (int64_t p = 0; p < parts && cuda.status().ok(); p++) {
            const auto address = [&](const ConstView &v) {
                return static_cast<const char *>(v.data) +
                       (n * v.strides.image + p * v.strides.channel) * size;
            };
            CudaCopy2D copy = {};
            copy.width_bytes = size_t(row);
            copy.height = size_t(source.count);
            copy.source_pitch = size_t(source.pitch);
            copy.target_pitch = size_t(destination.pitch);
            copy.source_type = from.memory == Memory::host ? cuda_memory_host : cuda_memory_device;
            copy.source_host = address(from);
            copy.source_device = device_pointer(address(from));
            copy.target_type = to.memory == Memory::host ? cuda_memory_host : cuda_memory_device;
            copy.target_host = const_cast<char *>(address(target));
            copy.target_device = device_pointer(address(target));
            cuda.copy_2d(copy);
        }
    }
    return cuda.status();
}

}  // namespace glimpse
