// The drop-in for TensorFlow: its checks, in its order, in front of the main call.
#include "glimpse/tensorflow.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "check.h"
#include "context_impl.h"
#include "planes.h"

namespace glimpse {
namespace tensorflow {
namespace {

// TensorFlow's table of uniform_noise and noise.
Status border_of(const Attributes &attributes, Border *border) {
    const char *const noise = attributes.noise == nullptr ? "" : attributes.noise;
    if (strcmp(noise, "uniform") == 0) {
        *border = Border::uniform;
    } else if (noise[0] == '\0') {
        *border = attributes.uniform_noise ? Border::uniform : Border::gaussian;
    } else if (strcmp(noise, "gaussian") == 0 || strcmp(noise, "zero") == 0) {
        if (attributes.uniform_noise) {
            return {StatusCode::conflicting_arguments,
                    "uniform_noise is true and noise is '%s'; expected only one of the two", noise};
        }
        *border = noise[0] == 'g' ? Border::gaussian : Border::zero;
    } else if (attributes.uniform_noise) {
        return {StatusCode::conflicting_arguments,
                "uniform_noise is true and noise is '%.40s'; expected only one of the two", noise};
    } else {
        return {StatusCode::unknown_enumerator,
                "noise is '%.40s'; expected 'uniform', 'gaussian', 'zero' or ''", noise};
    }
    return {};
}

Status check_rank(const Span<const int64_t> &shape, size_t rank, const char *name) {
    if (shape.size != rank || shape.data == nullptr) {
        return {StatusCode::rank_mismatch, "%s has %zu dimensions; expected %zu", name,
                shape.data == nullptr ? size_t(0) : shape.size, rank};
    }
    for (size_t i = 0; i < rank; i++) {
        if (shape.data[i] < 0) {
            return {StatusCode::negative_shape, "dimension %zu of %s is %lld; expected 0 or more",
                    i, name, (long long)shape.data[i]};
        }
    }
    return {};
}

Shape shape_of(const int64_t *d) {
    return {d[0], d[1], d[2], d[3]};
}

}  // namespace

Status extract_glimpse(const Tensor<const float> &input, const Tensor<const int32_t> &size,
                       const Tensor<const float> &offsets, const Tensor<float> &output,
                       const Attributes &attributes, Context &context) noexcept {
    Context::Impl &impl = context.impl();
    if (!impl.status.ok()) {
        return impl.status;
    }
    Options options;
    Status status = border_of(attributes, &options.border);
    if (!status.ok()) {
        return status;
    }
    options.seed = attributes.seed;

    status = check_rank(input.shape, 4, "input");
    if (!status.ok()) {
        return status;
    }
    status = check_rank(size.shape, 1, "size");
    if (!status.ok()) {
        return status;
    }
    if (size.shape.data[0] != 2) {
        return {StatusCode::rank_mismatch, "size has %lld elements; expected 2, height and width",
                (long long)size.shape.data[0]};
    }
    if (size.data == nullptr) {
        return {StatusCode::null_pointer, "size is null, with 2 elements"};
    }
    if (size.memory != Memory::host) {
        return {StatusCode::memory_mismatch, "the memory of size is '%s'; expected 'host'",
                glimpse::name(size.memory)};
    }
    const Size window = {size.data[0], size.data[1]};
    if (window.height < 0 || window.width < 0) {
        return {StatusCode::negative_shape, "size is (%lld, %lld); expected 0 or more",
                (long long)window.height, (long long)window.width};
    }
    const int64_t batch = input.shape.data[0], channels = input.shape.data[3];
    int64_t elements = 0;
    if (__builtin_mul_overflow(batch, window.height, &elements) ||
        __builtin_mul_overflow(elements, window.width, &elements) ||
        __builtin_mul_overflow(elements, channels, &elements)) {
        return {StatusCode::too_large,   "the output would have %lld x %lld x %lld x %lld elements",
                (long long)batch,        (long long)window.height,
                (long long)window.width, (long long)channels};
    }
    status = check_rank(offsets.shape, 2, "offsets");
    if (!status.ok()) {
        return status;
    }
    if (offsets.shape.data[0] != batch) {
        return {StatusCode::count_mismatch,
                "offsets has %lld rows; expected one for each of %lld images",
                (long long)offsets.shape.data[0], (long long)batch};
    }
    if (offsets.shape.data[1] != 2) {
        return {StatusCode::count_mismatch, "offsets has %lld columns; expected 2, y and x",
                (long long)offsets.shape.data[1]};
    }
    status = check_rank(output.shape, 4, "output");
    if (!status.ok()) {
        return status;
    }
    const struct {
        int64_t extent;
        StatusCode code;
    } expected[] = {{batch, StatusCode::count_mismatch},
                    {window.height, StatusCode::size_mismatch},
                    {window.width, StatusCode::size_mismatch},
                    {channels, StatusCode::channel_mismatch}};
    for (int i = 0; i < 4; i++) {
        if (output.shape.data[i] != expected[i].extent) {
            return {expected[i].code, "dimension %d of output is %lld; expected %lld", i,
                    (long long)output.shape.data[i], (long long)expected[i].extent};
        }
    }
    if (attributes.version != Version::v1 && attributes.version != Version::v2) {
        return {StatusCode::unknown_enumerator, "version is %d; expected 1 or 2",
                int(attributes.version)};
    }

    const ConstView images =
        ConstView::interleaved(input.data, shape_of(input.shape.data)).on(input.memory);
    const View glimpses =
        View::interleaved(output.data, shape_of(output.shape.data)).on(output.memory);
    static_assert(sizeof(Offset) == 2 * sizeof(float), "rows of offsets are pairs");
    const Span<const Offset> places(reinterpret_cast<const Offset *>(offsets.data), size_t(batch));
    ByteRange in, places_range, size_range, out;
    status = check_input(images, "input", &in);
    if (status.ok()) {
        status = check_span(places, "offsets", &places_range);
    }
    if (status.ok()) {
        status = check_span(Span<const int32_t>(size.data, 2), "size", &size_range);
    }
    if (status.ok()) {
        status = check_output(glimpses, "output", &out);
    }
    if (!status.ok()) {
        return status;
    }
    if (intersect(in, out) || intersect(places_range, out) || intersect(size_range, out)) {
        return {StatusCode::overlap, "the memory of output overlaps that of %s",
                intersect(in, out)             ? "input"
                : intersect(places_range, out) ? "offsets"
                                               : "size"};
    }
    if (elements == 0) {
        return {};
    }

    const Size image_size = {input.shape.data[1], input.shape.data[2]};
    if ((image_size.height == 0 || image_size.width == 0) && options.border != Border::zero) {
        static const float nan = std::numeric_limits<float>::quiet_NaN();
        if (output.memory != Memory::host) {
            options.border = Border::constant;
            options.value = {&nan, 1};
        } else {
            std::fill_n(output.data, elements, nan);
            return {};
        }
    }
    if (offsets.memory != Memory::host) {
        Places on_device = {nullptr, places.data, places.size, offsets.memory};
        on_device.rule =
            attributes.version == Version::v1 ? place_tensorflow_v1 : place_tensorflow_v2;
        on_device.normalized = attributes.normalized;
        on_device.centered = attributes.centered;
        return extract(images, on_device, glimpses, options, context);
    }

    const Scratch scratch(impl.scratch, size_t(batch) * sizeof(Origin));
    if (scratch.data() == nullptr) {
        return {StatusCode::out_of_memory, "memory for %lld origins could not be allocated",
                (long long)batch};
    }
    auto *const resolved = static_cast<Origin *>(scratch.data());
    for (int64_t i = 0; i < batch; i++) {
        WideOrigin origin;
        status = origins({&places.data[i], 1}, image_size, window, attributes, {&origin, 1});
        if (!status.ok()) {
            return status;
        }
        resolved[i] = clamp(origin, window);
    }
    return extract(images, Span<const Origin>(resolved, size_t(batch)), glimpses, options, context);
}

}  // namespace tensorflow
}  // namespace glimpse
