// The main call, and what its options are made with.
#include "glimpse/extract.h"

#include <cmath>

#include "call/check.h"
#include "calls.h"
#include "host/small.h"

namespace glimpse {
namespace {

Status extract_of_frames(const Images &images, const Places &places, const Glimpses &glimpses,
                         const Options &options, Context &context) noexcept {
    if (!images.are_frames()) {
        return {StatusCode::type_mismatch,
                "glimpses are frames and images are none; expected frames of the same format"};
    }
    return glimpses.are_frames()
               ? copy_frames(images.frames(), places, glimpses.frames(), options, context)
               : extract_picture(images.frames(), places, glimpses.view(), options, context);
}

}  // namespace

Status extract(const Images &images, const Places &places, const Glimpses &glimpses,
               const Options &options, Context &context) noexcept {
    if (images.are_frames() || glimpses.are_frames()) {
        return extract_of_frames(images, places, glimpses, options, context);
    }
    if (extract_small(images.view(), places, glimpses.view(), options, context.impl())) {
        return {};
    }
    Call call(context.impl(), images.view(), {places, options.coordinates}, glimpses.view());
    GLIMPSE_TRY(check_views(&call));
    GLIMPSE_TRY(make_call(options, &call));
    return run(call);
}

Status normalization(Span<const float> mean, Span<const float> stddev, double scale,
                     Span<float> subtract, Span<float> multiply) noexcept {
    const size_t size = mean.size;
    if (stddev.size != size || subtract.size != size || multiply.size != size) {
        return Status(
            StatusCode::count_mismatch,
            "mean, stddev, subtract and multiply have %zu, %zu, %zu and %zu elements; expected "
            "the same number",
            size, stddev.size, subtract.size, multiply.size);
    }
    ByteRange ranges[4];
    GLIMPSE_TRY(check_host_span(mean, "mean", &ranges[0]));
    GLIMPSE_TRY(check_host_span(stddev, "stddev", &ranges[1]));
    GLIMPSE_TRY(check_host_span(subtract, "subtract", &ranges[2]));
    GLIMPSE_TRY(check_host_span(multiply, "multiply", &ranges[3]));
    if (!(scale > 0)) {
        return Status(StatusCode::invalid_value, "scale is %g; expected a number above 0", scale);
    }
    // Pixels divided by the scale are in [-1, 1], and so are their means and deviations. 257 times
    // 255 is 65535.
    const auto is_suspicious = [scale](float v) {
        return scale > 1 && scale != 257 && std::fabs(v) > 1;
    };
    for (size_t i = 0; i < size; i++) {
        if (!(stddev.data[i] > 0)) {
            return Status(StatusCode::invalid_value,
                          "stddev of channel %zu is %g; expected a number above 0", i,
                          double(stddev.data[i]));
        }
        if (is_suspicious(mean.data[i]) || is_suspicious(stddev.data[i])) {
            return Status(
                StatusCode::invalid_value,
                "mean %g and stddev %g of channel %zu are not those of pixels divided by scale %g; "
                "pass scale 1 if they are those of pixels",
                double(mean.data[i]), double(stddev.data[i]), i, scale);
        }
    }
    const auto subtracted = [&](size_t i) { return float(scale * double(mean.data[i])); };
    const auto factor = [&](size_t i) { return float(1.0 / (scale * double(stddev.data[i]))); };
    for (size_t i = 0; i < size; i++) {
        if (!std::isfinite(subtracted(i)) || !std::isfinite(factor(i))) {
            return Status(
                StatusCode::invalid_value,
                "mean %g and stddev %g of channel %zu with scale %g give no finite numbers",
                double(mean.data[i]), double(stddev.data[i]), i, scale);
        }
    }
    for (size_t i = 0; i < size; i++) {
        const float s = subtracted(i), m = factor(i);
        subtract.data[i] = s;
        multiply.data[i] = m;
    }
    return {};
}

}  // namespace glimpse
