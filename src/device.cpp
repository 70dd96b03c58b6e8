// Calls whose pixels lie on a device: what kernels need is gathered and queued, and nothing waits.
#include "device.h"

#include <algorithm>
#include <cstring>

#include "halide_buffer.h"
#include "parameters.h"

namespace glimpse {
namespace {

// Extents of grids of blocks beyond the first, and threads of a block: of every device.
constexpr int64_t most_blocks = 65535;
constexpr int64_t most_threads = 256, most_threads_z = 64;

template<int dimensions>
struct DeviceBuffer : Buffer<dimensions> {
    DeviceBuffer(CUdeviceptr data, halide_type_t type, const int64_t (&extents)[dimensions],
                 const int64_t (&strides)[dimensions]) noexcept
        : Buffer<dimensions>(pointer_of(data), type, extents, strides) {
        this->buffer.device = data;
    }
    // Kernels look at the elements of `data` by way of their buffers.
    operator halide_buffer_t *() const noexcept {
        return const_cast<halide_buffer_t *>(&this->buffer);
    }
};

constexpr halide_type_t u32(halide_type_uint, 32), i32(halide_type_int, 32),
    u64(halide_type_uint, 64), f32(halide_type_float, 32), f64(halide_type_float, 64);

halide_type_t element_type(const Rows &rows) {
    return {halide_type_uint, uint8_t(8 * rows.element_size)};
}

CUdeviceptr device_pointer(const void *data) {
    return reinterpret_cast<CUdeviceptr>(data);
}

DeviceBuffer<4> buffer_of(const Rows &r, int64_t first, int64_t count) {
    return {device_pointer(r.data + first * r.image_stride * r.element_size),
            element_type(r),
            {r.elements, r.rows, r.planes, count},
            {r.element_stride, r.rows > 1 ? r.row_stride : 0, r.planes > 1 ? r.plane_stride : 0,
             count > 1 ? r.image_stride : 0}};
}

bool fits_int32(int64_t v) {
    return v >= -INT32_MAX && v <= INT32_MAX;
}

// Offsets of what a call uploads, in one piece, and its size.
struct Layout {
    size_t positions = 0, fill = 0, statistics = 0, conversion = 0, size = 0;

    size_t add(size_t bytes) noexcept {
        const size_t at = size;
        size += (bytes + 15) / 16 * 16;
        return at;
    }
};

// Threads of a block along rows (in vectors), along columns, and over glimpses: as few as possible
// have nothing to do.
struct Threads {
    int x, y, z;
};

// The number of threads, a power of two, that goes best into `count`: not below `least` unless that
// is more than there is to do.
int best_threads(int64_t count, int64_t least, int64_t most) {
    int64_t best = 1;
    while (best < least && best < count) {
        best *= 2;
    }
    for (int64_t t = 2 * best; t <= most && t < 2 * count; t *= 2) {
        const auto made = [&](int64_t threads) {
            return (count + threads - 1) / threads * threads;
        };
        // An eighth of the threads may be idle for the sake of more of them side by side.
        if (made(t) * 8 <= made(best) * 9) {
            best = t;
        }
    }
    return int(best);
}

Threads threads_for(int64_t vectors, int64_t vector_bytes, int64_t rows, int64_t glimpses) {
    // Memory is written by 32 bytes.
    Threads t = {best_threads(vectors, 32 / vector_bytes, 64), 1, 1};
    t.y = best_threads(rows, 1, most_threads / t.x);
    while ((rows + t.y - 1) / t.y > most_blocks && t.y < most_threads) {
        t.y *= 2;
        t.x = std::max<int>(1, std::min<int>(t.x, int(most_threads) / t.y));
    }
    t.z = best_threads(glimpses, 1, std::min(most_threads / (t.x * t.y), most_threads_z));
    return t;
}

int width_index(int64_t element_size) {
    return element_size == 1 ? 0 : element_size == 2 ? 1 : 2;
}

int32_t rule_on_device(Border border) {
    switch (border) {
    case Border::zero:
        return rule_zero;
    case Border::constant:
        return rule_value;
    case Border::mean:
        return rule_mean;
    case Border::replicate:
    case Border::reflect:
    case Border::reflect101:
    case Border::wrap:
    case Border::uniform:
    case Border::gaussian:
        break;
    }
    return rule_of(border).kernel_rule;
}

Position position_of(const Call &call, size_t i) {
    Origin origin;
    const int32_t n = call.image_of(i);
    // Both have been checked, but the caller's memory may be changed during the call.
    if (!call.origin(i, &origin) || !call.has_image(n)) {
        return {-1, 0, 0, 0, 0};
    }
    Position p = {n, origin.y, origin.x, origin.y, origin.x};
    if (call.shows_outside(origin)) {
        p.y = int32_t(
            canonical(origin.y, call.glimpse_size.height, call.image_size.height, call.border)
                .origin);
        p.x =
            int32_t(canonical(origin.x, call.glimpse_size.width, call.image_size.width, call.border)
                        .origin);
    }
    return p;
}

}  // namespace

// Partial statistics of `count` images from `first` on, and what becomes of them.
Status queue_statistics(const ConstView &images, int64_t first, int64_t count,
                        CUdeviceptr statistics, CudaCall &cuda) noexcept {
    const DeviceKernels &kernels = *device_kernels();
    const int64_t channels = images.shape.channels;
    const int64_t pixels = images.shape.height * images.shape.width;
    // Sums of squares have 64 bits.
    constexpr int64_t most_pixels = (int64_t(1) << 33) - 1;
    if (is_integer(images.type) && size_in_bytes(images.type) == 2 && pixels > most_pixels) {
        return {StatusCode::too_large,
                "images have %lld pixels; expected at most %lld for statistics of %s on a device",
                (long long)pixels, (long long)most_pixels, name(images.type)};
    }
    const bool interleaved =
        is_interleaved(images) && (channels == 1 || channels == 3 || channels == 4);
    const int kernel = !interleaved || channels == 1 ? 0 : channels == 3 ? 1 : 2;
    const auto type = int(images.type);
    Rows rows;
    set_rows(images, interleaved, &rows);
    const int64_t strips = (rows.rows + statistics_strip_rows - 1) / statistics_strip_rows;
    // As many images and planes as a grid has; few, so that partial ones take little memory.
    const int64_t images_at_once =
        fits_int32(rows.image_stride)
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
            const DeviceBuffer<4> in = buffer_of(part, first + n, many);
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

Status run_device_call(const Call &call, const ConstView &images, const ConstView &glimpses,
                       Context::Impl &context) noexcept {
    CudaCall cuda(context.cuda);
    return cuda.status().ok() ? queue_call(call, images, glimpses, context, cuda) : cuda.status();
}

Status queue_call(const Call &call, const ConstView &images, const ConstView &glimpses,
                  Context::Impl &context, CudaCall &cuda) noexcept {
    const int64_t channels = call.channels;
    const auto count = int64_t(call.places.size);
    // Rows of whole pixels where glimpses are so, of planes otherwise.
    const bool pixels = channels > 1 && is_interleaved(glimpses);
    const bool alike = !pixels || is_interleaved(images);
    Rows in, out;
    set_rows(images, pixels && alike, &in);
    set_rows(glimpses, pixels, &out);
    // There is no pixel; indices on the device may be asked for images that there are not.
    const bool empty =
        call.image_size.height == 0 || call.image_size.width == 0 || call.image_count == 0;
    const bool converts =
        call.type != call.glimpse_type || call.subtract.size != 0 || call.multiply.size != 0;
    const bool is_noise = call.rule.family == Family::noise;
    const bool on_device = call.places.memory != Memory::host ||
                           (call.image_index != nullptr && call.image_index_memory != Memory::host);
    const bool statistics_given = call.rule.needs_statistics && call.statistics != nullptr;
    const bool statistics_here = statistics_given && call.statistics_memory == Memory::host;

    const int64_t bytes = out.element_size;
    const auto whole = [&](int64_t extent, int64_t stride) {
        return extent <= 1 || stride % device_lanes == 0;
    };
    const bool aligned =
        alike && out.element_stride == 1 && out.elements % device_lanes == 0 &&
        reinterpret_cast<uintptr_t>(out.data) % uintptr_t(device_lanes * bytes) == 0 &&
        whole(out.rows, out.row_stride) && whole(out.planes, out.plane_stride) &&
        whole(out.count, out.image_stride);
    const int64_t lanes = aligned ? device_lanes : 1;
    const Threads threads = threads_for(out.elements / lanes, lanes * bytes, out.rows, count);
    if (out.planes > most_blocks || (out.rows + threads.y - 1) / threads.y > most_blocks) {
        return {
            StatusCode::too_large,
            "glimpses have %lld rows and %lld planes; expected at most %lld and %lld on a device",
            (long long)out.rows,
            (long long)out.planes,
            (long long)(most_blocks * most_threads),
            (long long)most_blocks};
    }
    // Strides of buffers have 32 bits.
    const bool one_by_one = !fits_int32(in.image_stride) || !fits_int32(out.image_stride);
    if (one_by_one && on_device) {
        return {StatusCode::too_large,
                "images or glimpses are 2^31 elements apart or more; expected less where %s lie in "
                "device memory",
                call.places.memory != Memory::host ? "places" : "image indices"};
    }

    const DeviceKernels &kernels = *device_kernels();

    // What the host has to tell, in one piece.
    const auto statistics_bytes = size_t(call.image_count * channels) * sizeof(ChannelStatistics);
    Layout layout;
    if (!on_device) {
        layout.positions = layout.add(size_t(count) * sizeof(Position));
    } else if (call.places.memory == Memory::host) {
        layout.positions = layout.add(size_t(count) * sizeof(Origin));
    } else if (call.image_index != nullptr && call.image_index_memory == Memory::host) {
        layout.positions = layout.add(size_t(count) * sizeof(int32_t));
    }
    if (call.border == Border::constant) {
        layout.fill = layout.add(size_t(channels * size_in_bytes(call.type)));
    }
    if (statistics_here) {
        layout.statistics = layout.add(statistics_bytes);
    }
    if (converts) {
        layout.conversion = layout.add(size_t(channels * conversion_fields) * sizeof(float));
    }
    const CUdeviceptr uploaded = cuda.memory(std::max<size_t>(layout.size, 64));
    const Scratch scratch(context.scratch, layout.size);
    if (layout.size != 0) {
        auto *const memory = static_cast<char *>(scratch.data());
        if (memory == nullptr) {
            return {StatusCode::out_of_memory, "%zu bytes for arguments could not be allocated",
                    layout.size};
        }
        if (!on_device) {
            auto *const positions = reinterpret_cast<Position *>(memory + layout.positions);
            for (size_t i = 0; i < call.places.size; i++) {
                positions[i] = position_of(call, i);
                if (one_by_one) {
                    positions[i].image = std::min(positions[i].image, 0);
                }
            }
        } else if (call.places.memory == Memory::host) {
            memcpy(memory + layout.positions, call.places.data(), size_t(count) * sizeof(Origin));
        } else if (call.image_index != nullptr && call.image_index_memory == Memory::host) {
            memcpy(memory + layout.positions, call.image_index, size_t(count) * sizeof(int32_t));
        }
        if (call.border == Border::constant) {
            write_elements(call.value, call.type, channels, memory + layout.fill);
        }
        if (statistics_here) {
            memcpy(memory + layout.statistics, call.statistics, statistics_bytes);
        }
        if (converts) {
            auto *const values = reinterpret_cast<float *>(memory + layout.conversion);
            for (int64_t c = 0; c < channels; c++) {
                const auto value = [&](const Span<const float> &v, float otherwise) {
                    return v.size == 0 ? otherwise : v.data[v.size == 1 ? 0 : c];
                };
                values[c * conversion_fields + conversion_subtract] = value(call.subtract, 0);
                values[c * conversion_fields + conversion_multiply] = value(call.multiply, 1);
            }
        }
        cuda.upload(uploaded, memory, layout.size);
    }

    // Where glimpses lie.
    CUdeviceptr positions = uploaded + layout.positions;
    if (on_device) {
        const CUdeviceptr places = call.places.memory == Memory::host
                                       ? uploaded + layout.positions
                                       : device_pointer(call.places.data());
        const bool has_index = call.image_index != nullptr;
        const CUdeviceptr index = !has_index ? uploaded
                                  : call.image_index_memory == Memory::host
                                      ? uploaded + layout.positions
                                      : device_pointer(call.image_index);
        positions = cuda.memory(size_t(count) * sizeof(Position));
        if (!cuda.status().ok()) {
            return cuda.status();
        }
        const DeviceBuffer<2> places_buffer(places, u32, {2, count}, {1, 2});
        const DeviceBuffer<1> index_buffer(index, i32, {has_index ? count : 1}, {1});
        const DeviceBuffer<2> position_buffer(positions, i32, {position_fields, count},
                                              {1, position_fields});
        cuda.check(kernels.origins(
            cuda.user_context(), places_buffer, index_buffer, has_index, int32_t(call.image_count),
            int32_t(call.image_size.height), int32_t(call.image_size.width),
            int32_t(call.glimpse_size.height), int32_t(call.glimpse_size.width), call.places.rule,
            call.places.normalized, call.places.centered, call.places.halves,
            call.rule.family == Family::map ? call.rule.kernel_rule : rule_zero, 0,
            position_buffer));
    }

    // The statistics of images.
    CUdeviceptr statistics = uploaded;
    if (statistics_given) {
        statistics =
            statistics_here ? uploaded + layout.statistics : device_pointer(call.statistics);
    } else if (call.rule.needs_statistics && !empty) {
        int64_t first = 0, end = call.image_count;
        if (!on_device) {
            first = call.image_count;
            end = 0;
            for (size_t i = 0; i < call.places.size; i++) {
                Origin origin;
                const int32_t n = call.image_of(i);
                if (call.origin(i, &origin) && call.has_image(n) && call.shows_outside(origin)) {
                    first = std::min<int64_t>(first, n);
                    end = std::max<int64_t>(end, n + 1);
                }
            }
        }
        statistics = cuda.memory(statistics_bytes);
        if (first < end && cuda.status().ok()) {
            const Status status = queue_statistics(
                images, first, end - first,
                statistics + size_t(first * channels) * sizeof(ChannelStatistics), cuda);
            if (!status.ok()) {
                return status;
            }
        }
    }
    if (!cuda.status().ok()) {
        return cuda.status();
    }

    // An image without pixels has no mean; it is filled with zeros.
    const bool reads_statistics = call.rule.needs_statistics && (statistics_given || !empty);
    const int32_t rule = call.rule.needs_statistics && !reads_statistics
                             ? int32_t(rule_zero)
                             : rule_on_device(call.border);
    const int output = converts ? 1 + width_index(out.element_size) : 0;
    ExtractDeviceKernel *const kernel =
        kernels.extract[is_noise ? 1 : 0][width_index(in.element_size)][output];
    if (empty) {
        // Kernels want a pixel to look at; all glimpses are beside it.
        in = {static_cast<char *>(pointer_of(uploaded)),
              in.element_size,
              in.samples,
              in.samples,
              1,
              in.planes,
              std::max<int64_t>(in.count, 1),
              0,
              0,
              0,
              0};
    }
    const DeviceBuffer<1> fill(uploaded + layout.fill, element_type(in), {channels},
                               {call.border == Border::constant ? 1 : 0});
    const DeviceBuffer<2> conversion(uploaded + layout.conversion, f32,
                                     {conversion_fields, channels},
                                     {1, converts ? conversion_fields : 0});
    const auto queue = [&](int64_t first, int64_t many, int64_t image) {
        const DeviceBuffer<4> image_buffer = buffer_of(in, image, one_by_one ? 1 : in.count);
        const DeviceBuffer<2> position_buffer(positions + size_t(first) * sizeof(Position), i32,
                                              {position_fields, many}, {1, position_fields});
        const DeviceBuffer<3> statistics_buffer(
            statistics +
                (reads_statistics ? size_t(image * channels) * sizeof(ChannelStatistics) : 0),
            u64, {3, channels, one_by_one ? 1 : call.image_count},
            {1, reads_statistics ? 3 : 0, reads_statistics ? 3 * channels : 0});
        const DeviceBuffer<4> glimpse_buffer = buffer_of(out, first, many);
        cuda.check(kernel(cuda.user_context(), image_buffer, position_buffer, fill,
                          statistics_buffer, conversion, int32_t(call.type),
                          int32_t(call.glimpse_type), int32_t(out.samples),
                          aligned ? rows_aligned
                          : alike ? rows_alike
                                  : rows_joined,
                          rule, call.seed, call.first_image + uint32_t(image), 0, threads.x,
                          threads.y, threads.z, glimpse_buffer));
    };
    if (!one_by_one) {
        queue(0, count, 0);
        return cuda.status();
    }
    for (int64_t i = 0; i < count && cuda.status().ok(); i++) {
        queue(i, 1, std::clamp<int64_t>(call.image_of(size_t(i)), 0, call.image_count - 1));
    }
    return cuda.status();
}

Status compute_device_statistics(const ConstView &images, const Span<ChannelStatistics> &statistics,
                                 Context::Impl &context) noexcept {
    CudaCall cuda(context.cuda);
    if (!cuda.status().ok() || statistics.size == 0) {
        return cuda.status();
    }
    const bool on_host = statistics.memory == Memory::host;
    const size_t bytes = statistics.size * sizeof(ChannelStatistics);
    if (images.shape.height * images.shape.width == 0) {
        const Scratch scratch(context.scratch, bytes);
        auto *const none =
            static_cast<ChannelStatistics *>(on_host ? statistics.data : scratch.data());
        if (none == nullptr) {
            return {StatusCode::out_of_memory, "%zu bytes for statistics could not be allocated",
                    bytes};
        }
        std::fill_n(none, statistics.size, ChannelStatistics());
        if (!on_host) {
            cuda.upload(device_pointer(statistics.data), none, bytes);
        }
        return cuda.status();
    }
    const CUdeviceptr result = on_host ? cuda.memory(bytes) : device_pointer(statistics.data);
    if (!cuda.status().ok()) {
        return cuda.status();
    }
    const Status status = queue_statistics(images, 0, images.shape.count, result, cuda);
    if (status.ok() && on_host) {
        cuda.download(statistics.data, result, bytes);
        cuda.synchronize();
        return cuda.status();
    }
    return status;
}

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
        return {
            StatusCode::invalid_strides,
            "views that are copied to or from a device have different layouts or rows with gaps; "
            "expected both interleaved or both planar"};
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
        return {
            StatusCode::invalid_strides,
            "views that are copied to or from a device have rows that overlap, go backwards, or "
            "are 2^31 bytes apart"};
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

Status check_stream(const void *stream) noexcept {
    // Memory that is kept between calls is good for one stream.
    if (reinterpret_cast<uintptr_t>(stream) == cuda_stream_per_thread) {
        return {StatusCode::invalid_value,
                "cuda_stream is CU_STREAM_PER_THREAD; expected a stream that is the same on all "
                "threads"};
    }
    return {};
}

Status load_device_kernels(Context::Impl &context) noexcept {
    const DeviceKernels *const kernels = device_kernels();
    CudaCall cuda(context.cuda);
    cuda.only_load();
    const DeviceBuffer<1> one(0, u32, {1}, {0});
    const DeviceBuffer<2> two(0, u32, {1, 1}, {0, 0});
    const DeviceBuffer<3> three(0, u32, {1, 1, 1}, {0, 0, 0});
    const DeviceBuffer<4> four(0, u32, {1, 1, 1, 1}, {0, 0, 0, 0});
    const void *const user = cuda.user_context();
    for (const auto &family : kernels->extract) {
        for (const auto &width : family) {
            for (ExtractDeviceKernel *const kernel : width) {
                if (kernel != nullptr) {
                    (void)kernel(user, four, two, one, three, two, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 1,
                                 four);
                }
            }
        }
    }
    (void)kernels->origins(user, two, one, false, 1, 1, 1, 1, 1, 0, false, false, false, 0, 0, two);
    for (const auto &type : kernels->statistics) {
        for (StatisticsDeviceKernel *const kernel : type) {
            if (kernel != nullptr) {
                (void)kernel(user, four, four);
            }
        }
    }
    (void)kernels->finish_integer(user, four, 1, 0, 0, three);
    (void)kernels->finish_float(user, four, 1, 0, 0, three);
    return cuda.status();
}

Status synchronize_device(Context::Impl &context) noexcept {
    return context.cuda.synchronize();
}

}  // namespace glimpse
