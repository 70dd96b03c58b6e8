// Statistics of images on a device: two launches, of which the second finishes what the first made
// of strips of rows.
#include "device/device.h"

#include <algorithm>

#include "call/check.h"
#include "device/buffer.h"
#include "kernel_abi.h"
#include "variants.h"

namespace glimpse {

// Partial statistics of `count` images from `first` on, and what becomes of them.
Status queue_statistics(const ConstView &images, int64_t first, int64_t count,
                        CUdeviceptr statistics, CudaCall &cuda) noexcept {
    const DeviceKernels &kernels = *device_kernels();
    const int64_t channels = images.shape.channels;
    const int64_t pixels = images.shape.height * images.shape.width;
    // Sums of squares have 64 bits.
    constexpr int64_t most_pixels = (int64_t(1) << 33) - 1;
    if (is_integer(images.type) && size_in_bytes(images.type) == 2 && pixels > most_pixels) {
        return Status(
            StatusCode::too_large,
            "images have %lld pixels; expected at most %lld for statistics of %s on a device",
            (long long)pixels, (long long)most_pixels, name(images.type));
    }
    const bool interleaved =
        is_interleaved(images) && (channels == 1 || channels == 3 || channels == 4);
    const int kernel = samples_index(interleaved ? channels : 1);
    const auto type = int(images.type);
    const Rows rows = rows_of(images, interleaved);
    const int64_t strips = (rows.rows + statistics_strip_rows - 1) / statistics_strip_rows;
    // As many images and planes as a grid has; few, so that partial ones take little memory.
    const int64_t images_at_once =
        is_int32(rows.image_stride)
            ? std::clamp<int64_t>((int64_t(1) << 20) / std::max<int64_t>(strips * channels, 1), 1,
                                  most_blocks)
            : 1;
    const int64_t planes_at_once = interleaved ? 1 : std::min(channels, most_blocks);
    const int64_t channels_at_once = interleaved ? channels : planes_at_once;
    const CUdeviceptr partial = cuda.memory(
        size_t(std::min(count, images_at_once) * strips * channels_at_once * statistics_fields) *
        sizeof(double));
    for (int64_t n = 0; n < count && cuda.status().ok(); n += images_at_once) {
        const int64_t many = std::min(images_at_once, count - n);
        for (int64_t p = 0; p < rows.planes && cuda.status().ok(); p += planes_at_once) {
            Rows part = rows;
            part.data += p * rows.plane_stride * rows.element_size;
            part.planes = std::min(planes_at_once, rows.planes - p);
            const int64_t made = part.planes * rows.samples;
            const Buffer<4> in = buffer_of(part, first + n, many);
            const DeviceBuffer<4> between(partial, f64, {statistics_fields, made, strips, many},
                                          {1, statistics_fields, statistics_fields * made,
                                           statistics_fields * made * strips});
            const DeviceBuffer<3> out(
                statistics + size_t((n * channels + p) * int64_t(sizeof(ChannelStatistics))), u64,
                {3, made, many}, {1, 3, 3 * channels});
            cuda.check(kernels.statistics[type][kernel](cuda.user_context(), in, between));
            const bool integers = is_integer(images.type);
            const int32_t bias = images.type == ElementType::uint16 ? statistics_uint16_bias : 0;
            cuda.check((integers ? kernels.finish_integer : kernels.finish_float)(
                cuda.user_context(), between, pixels, bias, 0, out));
        }
    }
    return cuda.status();
}

Status compute_on_device(const ConstView &images, const Span<ChannelStatistics> &statistics,
                         Context::Impl &context) noexcept {
    CudaCall cuda(context.cuda);
    GLIMPSE_TRY(cuda.status());
    if (statistics.size == 0) {
        return {};
    }
    const bool on_host = statistics.memory == Memory::host;
    const size_t bytes = statistics.size * sizeof(ChannelStatistics);
    if (images.shape.height * images.shape.width == 0) {
        const Scratch scratch(context.scratch, on_host ? 0 : bytes);
        auto *const none =
            static_cast<ChannelStatistics *>(on_host ? statistics.data : scratch.data());
        GLIMPSE_TRY(scratch.check("statistics"));
        std::fill_n(none, statistics.size, ChannelStatistics());
        if (!on_host) {
            cuda.upload(device_pointer(statistics.data), none, bytes);
        }
        return cuda.status();
    }
    const CUdeviceptr result = on_host ? cuda.memory(bytes) : device_pointer(statistics.data);
    GLIMPSE_TRY(cuda.status());
    GLIMPSE_TRY(queue_statistics(images, 0, images.shape.count, result, cuda));
    if (on_host) {
        cuda.download(statistics.data, result, bytes);
        cuda.synchronize();
    }
    return cuda.status();
}

}  // namespace glimpse
