// The drop-in for TensorFlow: its checks, in its order, in front of the main call.
#include "glimpse/tensorflow.h"

#include <cstring>
#include <limits>

#include "call/check.h"
#include "calls.h"

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
        return {StatusCode::rank_mismatch, "%s has %s; expected %zu", name,
                Counted(shape.data == nullptr ? size_t(0) : shape.size, "dimension").text, rank};
    }
    ByteRange range;
    GLIMPSE_TRY(check_host_span(shape, name, &range));
    for (size_t i = 0; i < rank; i++) {
        if (shape.data[i] < 0) {
            return {StatusCode::negative_shape, "dimension %zu of %s is %lld; expected 0 or more",
                    i, name, (long long)shape.data[i]};
        }
    }
    return {};
}

// Checks shapes and attributes, in TensorFlow's order.
Status check_size(const Tensor<const int32_t> &size) {
    GLIMPSE_TRY(check_rank(size.shape, 1, "size"));
    if (size.shape.data[0] != 2) {
        return {StatusCode::rank_mismatch, "size has %s; expected 2, height and width",
                Counted(size.shape.data[0], "element").text};
    }
    if (size.data == nullptr) {
        return {StatusCode::null_pointer, "size is null, with 2 elements"};
    }
    if (size.memory != Memory::host) {
        return {StatusCode::memory_mismatch, "the memory of size is '%s'; expected 'host'",
                glimpse::name(size.memory)};
    }
    if (size.data[0] < 0 || size.data[1] < 0) {
        return {StatusCode::negative_shape, "size is (%d, %d); expected 0 or more", size.data[0],
                size.data[1]};
    }
    return {};
}

Status check_offsets(const Span<const int64_t> &shape, int64_t batch) {
    GLIMPSE_TRY(check_rank(shape, 2, "offsets"));
    if (shape.data[0] != batch) {
        return Status(StatusCode::count_mismatch, "offsets has %s; expected one for each of %s",
                      Counted(shape.data[0], "row").text, Counted(batch, "image").text);
    }
    if (shape.data[1] != 2) {
        return {StatusCode::count_mismatch, "offsets has %s; expected 2, y and x",
                Counted(shape.data[1], "column").text};
    }
    return {};
}

Status check_output_shape(const Span<const int64_t> &shape, const Shape &wanted) {
    GLIMPSE_TRY(check_rank(shape, 4, "output"));
    const struct {
        int64_t extent;
        StatusCode code;
    } expected[] = {{wanted.count, StatusCode::count_mismatch},
                    {wanted.height, StatusCode::size_mismatch},
                    {wanted.width, StatusCode::size_mismatch},
                    {wanted.channels, StatusCode::channel_mismatch}};
    for (int i = 0; i < 4; i++) {
        if (shape.data[i] != expected[i].extent) {
            return {expected[i].code, "dimension %d of output is %lld; expected %lld", i,
                    (long long)shape.data[i], (long long)expected[i].extent};
        }
    }
    return {};
}

Status check_elements(const Shape &output) {
    int64_t elements = 0;
    if (__builtin_mul_overflow(output.count, output.height, &elements) ||
        __builtin_mul_overflow(elements, output.width, &elements) ||
        __builtin_mul_overflow(elements, output.channels, &elements)) {
        return Status(StatusCode::too_large,
                      "the output would have %lld x %lld x %lld x %lld elements",
                      (long long)output.count, (long long)output.height, (long long)output.width,
                      (long long)output.channels);
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
    GLIMPSE_TRY(context.impl().status);
    Options options;
    GLIMPSE_TRY(border_of(attributes, &options.border));
    options.seed = attributes.seed;
    GLIMPSE_TRY(check_rank(input.shape, 4, "input"));
    GLIMPSE_TRY(check_size(size));
    const Shape in = shape_of(input.shape.data);
    const Shape out = {in.count, size.data[0], size.data[1], in.channels};
    GLIMPSE_TRY(check_elements(out));
    GLIMPSE_TRY(check_offsets(offsets.shape, in.count));
    GLIMPSE_TRY(check_output_shape(output.shape, out));
    GLIMPSE_TRY(check_version(attributes));

    const ConstView images = ConstView::interleaved(input.data, in).on(input.memory);
    const View glimpses = View::interleaved(output.data, out).on(output.memory);
    static_assert(sizeof(Offset) == 2 * sizeof(float), "rows of offsets are pairs");
    const Span<const Offset> pairs(reinterpret_cast<const Offset *>(offsets.data),
                                   size_t(in.count));
    if ((in.height == 0 || in.width == 0) && options.border != Border::zero) {
        options.border = Border::constant;
        options.value = std::numeric_limits<float>::quiet_NaN();
    }
    AskedPlaces places(pairs.on(offsets.memory), Coordinates::pixels);
    places.rule = attributes.version == Version::v1 ? place_tensorflow_v1 : place_tensorflow_v2;
    places.normalized = attributes.normalized;
    places.centered = attributes.centered;
    ByteRange of_size;
    GLIMPSE_TRY(check_span(Span<const int32_t>(size.data, 2), "size", &of_size));
    Call call(context.impl(), images, places, glimpses);
    call.images_name = "input";
    call.glimpses_name = "output";
    GLIMPSE_TRY(check_views(&call));
    GLIMPSE_TRY(make_call(options, &call));
    if (intersect(of_size, call.written)) {
        return overlap("size", "output");
    }
    return run(call);
}

}  // namespace tensorflow
}  // namespace glimpse
