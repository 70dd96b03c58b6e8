// Statistics: kernels make partial ones of strips of rows, which are combined here in a fixed
// order. This file must be compiled without contraction of floating-point expressions.
#include "statistics.h"

#include <cmath>
#include <cstring>

#include "check.h"
#include "device.h"
#include "halide_buffer.h"
#include "halide_hooks.h"
#include "kernel_abi.h"
#include "stage.h"

namespace glimpse {
namespace {

// Strips whose partial statistics are made before they are combined. Bounds scratch memory.
constexpr int64_t strips_at_once = 1024;

// 64 bits hold the sum of squares of less than 2^33 elements.
__extension__ using Wide = __int128;

// Sums over the strips of one channel so far. Those of integers are kept exactly.
struct Sums {
    double min, max, sum, square, count;
    int64_t exact_sum;
    Wide exact_square;
};

using Partial = double[statistics_fields];

constexpr Sums no_sums = {HUGE_VAL, -HUGE_VAL, 0, 0, 0, 0, 0};

int64_t integer_of(double bits) {
    int64_t result;
    memcpy(&result, &bits, sizeof(result));
    return result;
}

void add_strip(const Partial &partial, ElementType type, Sums *sums) {
    if (partial[statistics_min] < sums->min) {
        sums->min = partial[statistics_min];
    }
    if (partial[statistics_max] > sums->max) {
        sums->max = partial[statistics_max];
    }
    if (is_integer(type)) {
        sums->exact_sum += integer_of(partial[statistics_sum]);
        sums->exact_square += integer_of(partial[statistics_square]);
        return;
    }
    sums->sum += partial[statistics_sum];
    sums->square += partial[statistics_square];
    sums->count += partial[statistics_count];
}

ChannelStatistics finish(const Sums &sums, int64_t count, ElementType type) {
    ChannelStatistics result;
    if (count == 0) {
        return result;
    }
    const int bias = type == ElementType::uint16 ? statistics_uint16_bias : 0;
    result.min = float(sums.min + bias) + 0.0f;  // -0 becomes +0
    result.max = float(sums.max + bias) + 0.0f;
    double variance = 0;
    if (is_integer(type)) {
        // About the integer nearest to the mean all is exact but a correction of at most 1.
        const int64_t shifted = sums.exact_sum + count / 2;
        const int64_t center = shifted / count - (shifted % count < 0 ? 1 : 0);
        const int64_t sum = sums.exact_sum - count * center;
        const Wide square =
            sums.exact_square - Wide(center) * (2 * Wide(sums.exact_sum) - Wide(count) * center);
        const double mean = double(sum) / double(count);
        result.mean = double(sums.exact_sum + bias * count) / double(count);
        variance = double(square) / double(count) - mean * mean;
    } else {
        if (sums.min == sums.max) {
            result.mean = double(result.min);
            return result;
        }
        result.mean = sums.sum / double(count) + 0.0;
        const double product = sums.sum * result.mean;
        variance = (sums.square - product) / double(count);
    }
    result.stddev = variance > 0 ? std::sqrt(variance) : 0.0;
    return result;
}

// One image as the kernels see it.
struct ImagePart {
    Rows rows;
    ElementType type;

    int64_t channels() const {
        return rows.samples * rows.planes;
    }
};

StatisticsKernel *kernel_of(const TypeKernels &kernels, int64_t samples) {
    return samples == 4   ? kernels.statistics_4
           : samples == 3 ? kernels.statistics_3
                          : kernels.statistics_1;
}

// Runs a kernel over all strips of one image and combines them into sums[channels].
Status sum_strips(StatisticsKernel *kernel, const ImagePart &image, double *partial, Sums *sums,
                  const Context::Impl &context) noexcept {
    const Rows &rows = image.rows;
    const int64_t channels = image.channels();
    const int64_t size = rows.element_size;
    const halide_type_t type(halide_type_uint, uint8_t(8 * size));
    const int64_t strips = (rows.rows + statistics_strip_rows - 1) / statistics_strip_rows;
    for (int64_t c = 0; c < channels; c++) {
        sums[c] = no_sums;
    }
    for (int64_t first = 0; first < strips; first += strips_at_once) {
        const int64_t count = strips - first < strips_at_once ? strips - first : strips_at_once;
        const int64_t bytes = rows.elements * rows.planes * statistics_strip_rows * count * size;
        const int64_t tasks = context.tasks_for(bytes, count);
        const auto task = [&](int64_t index) noexcept -> Status {
            const int64_t begin = first + count * index / tasks;
            const int64_t end = first + count * (index + 1) / tasks;
            const Buffer<3> in(rows.data, type, {rows.elements, rows.rows, rows.planes},
                               {rows.element_stride, rows.row_stride, rows.plane_stride});
            const Buffer<3> out(partial + (begin - first) * channels * statistics_fields,
                                halide_type_t(halide_type_float, 64),
                                {statistics_fields, channels, end - begin},
                                {1, statistics_fields, statistics_fields * channels});
            CallError error;
            const int code = kernel(&error, const_cast<halide_buffer_t *>(&in.buffer),
                                    int32_t(begin), const_cast<halide_buffer_t *>(&out.buffer));
            if (code != 0) {
                return {StatusCode::internal, "a kernel of statistics failed with code %d: %s",
                        code, error.text};
            }
            return {};
        };
        const Status status = context.run(tasks, task);
        if (!status.ok()) {
            return status;
        }
        for (int64_t s = 0; s < count; s++) {
            for (int64_t c = 0; c < channels; c++) {
                add_strip(*reinterpret_cast<const Partial *>(partial + (s * channels + c) *
                                                                           statistics_fields),
                          image.type, &sums[c]);
            }
        }
    }
    return {};
}

}  // namespace

Status compute_checked_statistics(const ConstView &images, const uint8_t *wanted,
                                  ChannelStatistics *statistics, Context::Impl &context) noexcept {
    const Shape &shape = images.shape;
    const int64_t channels = shape.channels;
    const int64_t pixels = shape.height * shape.width;
    if (shape.count == 0 || channels == 0) {
        return {};
    }
    if (pixels == 0) {
        for (int64_t i = 0; i < shape.count * channels; i++) {
            statistics[i] = {};
        }
        return {};
    }

    // Rows of 3 or 4 channels are read once; all else channel by channel.
    const bool interleaved =
        is_interleaved(images) && (channels == 1 || channels == 3 || channels == 4);
    const TypeKernels &kernels = context.host.kernels->of_type[int(images.type)];
    const int64_t strips = (shape.height + statistics_strip_rows - 1) / statistics_strip_rows;
    const int64_t at_once = strips < strips_at_once ? strips : strips_at_once;
    // Channels beyond this many are done in groups, so that scratch memory stays small.
    const int64_t group = interleaved || channels < 64 ? channels : 64;
    const size_t partial_size = size_t(at_once * group * statistics_fields) * sizeof(double);
    const Scratch scratch(context.scratch, partial_size + size_t(group) * sizeof(Sums));
    if (scratch.data() == nullptr) {
        return {StatusCode::out_of_memory,
                "%zu bytes for partial statistics could not be allocated", partial_size};
    }
    Sums *const sums = static_cast<Sums *>(scratch.data());
    double *const partial = reinterpret_cast<double *>(sums + group);

    const int64_t size = size_in_bytes(images.type);
    for (int64_t n = 0; n < shape.count; n++) {
        if (wanted != nullptr && wanted[n] == 0) {
            continue;
        }
        for (int64_t c0 = 0; c0 < channels; c0 += group) {
            ImagePart part = {{}, images.type};
            set_rows(images, interleaved, &part.rows);
            part.rows.data += n * images.strides.image * size;
            if (!interleaved) {
                part.rows.data += c0 * images.strides.channel * size;
                part.rows.planes = channels - c0 < group ? channels - c0 : group;
            }
            Status status =
                sum_strips(kernel_of(kernels, part.rows.samples), part, partial, sums, context);
            if (!status.ok()) {
                return status;
            }
            for (int64_t c = 0; c < part.channels(); c++) {
                statistics[n * channels + c0 + c] = finish(sums[c], pixels, images.type);
            }
            // Channels with something that is not finite are done once more, leaving that out.
            for (int64_t c = c0; c < c0 + part.channels(); c++) {
                if (std::isfinite(statistics[n * channels + c].mean)) {
                    continue;
                }
                ImagePart plane = {{}, images.type};
                set_rows(images, false, &plane.rows);
                plane.rows.planes = 1;
                plane.rows.data += (n * images.strides.image + c * images.strides.channel) * size;
                // In the order of the first pass.
                StatisticsKernel *const finite = part.rows.samples > 1
                                                     ? kernels.statistics_finite_pixels
                                                     : kernels.statistics_finite;
                status = sum_strips(finite, plane, partial, sums, context);
                if (!status.ok()) {
                    return status;
                }
                statistics[n * channels + c] = finish(sums[0], int64_t(sums[0].count), images.type);
            }
        }
    }
    return {};
}

Status compute_statistics(const ConstView &images, Span<ChannelStatistics> statistics,
                          Context &context) noexcept {
    Context::Impl &impl = context.impl();
    if (!impl.status.ok()) {
        return impl.status;
    }
    ByteRange in, out;
    Status status = check_input(images, "images", &in);
    if (!status.ok()) {
        return status;
    }
    status = check_built(impl.host.kernels->of_type[int(images.type)], images.type);
    if (!status.ok()) {
        return status;
    }
    const int64_t expected = images.shape.count * images.shape.channels;
    if (statistics.size != uint64_t(expected)) {
        return {StatusCode::statistics_mismatch,
                "statistics has %zu elements; expected %lld, for %lld images with %lld channels",
                statistics.size,
                (long long)expected,
                (long long)images.shape.count,
                (long long)images.shape.channels};
    }
    status = check_span(statistics, "statistics", &out);
    if (!status.ok()) {
        return status;
    }
    if (intersect(in, out)) {
        return {StatusCode::overlap, "the memory of statistics overlaps that of images"};
    }
    const bool on_device = images.memory == Memory::cuda;
    if (!on_device && (images.memory != Memory::host || statistics.memory != Memory::host)) {
        return {StatusCode::memory_mismatch,
                "images lie in the memory '%s' and statistics in '%s'; expected both in 'host', or "
                "images in 'cuda'",
                name(images.memory), name(statistics.memory)};
    }
    if (on_device) {
        return compute_device_statistics(images, statistics, impl);
    }
    const bool has_pixels = images.shape.height * images.shape.width > 0 && statistics.size > 0;
    if (impl.stages() && has_pixels) {
        return stage_statistics(images, statistics, impl);
    }
    return compute_checked_statistics(images, nullptr, statistics.data, impl);
}

}  // namespace glimpse
