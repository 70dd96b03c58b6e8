// The three rules that turn an offset into an origin. All are float32, one rounding per statement:
// this file must be compiled without contraction of floating-point expressions.
#include "origins.h"

#include <algorithm>
#include <cmath>

#include "check.h"
#include "glimpse/tensorflow.h"

namespace glimpse {
namespace {

// The nearest pixel, as extract.h has it; NaN or infinite if the offset is.
float nearest(float offset, int64_t image, int64_t glimpse, bool normalized, bool centered) {
    const float extent = float(image), half_glimpse = float(glimpse) / 2.0f;
    float c = offset;
    if (normalized) {
        c = c * extent;
        if (centered) {
            c = c / 2.0f;
        }
    }
    if (centered) {
        const float half_image = extent / 2.0f;
        c = c + half_image;
    }
    const float x = c - half_glimpse;
    const float below = std::floor(x);
    return x - below >= 0.5f ? below + 1.0f : below;
}

// An origin before it is known to be one: rounded, but perhaps NaN or infinite.
struct Place {
    float y, x;
};

Place place_of(const Offset &offset, Size image, Size glimpse, Coordinates coordinates) {
    const bool normalized =
        coordinates == Coordinates::normalized || coordinates == Coordinates::centered_normalized;
    const bool centered = coordinates == Coordinates::centered_pixels ||
                          coordinates == Coordinates::centered_normalized;
    return {nearest(offset.y, image.height, glimpse.height, normalized, centered),
            nearest(offset.x, image.width, glimpse.width, normalized, centered)};
}

int64_t tensorflow_origin(float offset, int64_t image, int64_t glimpse,
                          const tensorflow::Attributes &attributes) {
    const float extent = float(image), half_glimpse = float(glimpse) / 2.0f;
    float x = offset;
    if (attributes.version == tensorflow::Version::v1) {
        if (attributes.normalized) {
            x *= extent;
        }
        if (attributes.centered) {
            x /= 2.0f;
            x += extent / 2.0f;
        }
        x -= half_glimpse;
    } else if (attributes.normalized) {
        x *= extent;
        if (attributes.centered) {
            x /= 2.0f;
            x += extent / 2.0f;
            x -= half_glimpse;
        }
    } else if (attributes.centered) {
        x += extent / 2.0f;
    }
    // What a conversion gives on x86 for all that int64 does not hold; false for NaN.
    const bool fits = x >= -9223372036854775808.0f && x < 9223372036854775808.0f;
    return fits ? int64_t(x) : INT64_MIN;
}

template<typename Origins>
Status check_arguments(Size image, Size glimpse, Span<const Offset> offsets,
                       const Origins &origins) {
    if (image.height < 0 || image.width < 0 || glimpse.height < 0 || glimpse.width < 0) {
        return {StatusCode::negative_shape,
                "the image has %lld x %lld pixels and the glimpse %lld x %lld; expected no extent "
                "below 0",
                (long long)image.height,
                (long long)image.width,
                (long long)glimpse.height,
                (long long)glimpse.width};
    }
    if (offsets.size != origins.size) {
        return {StatusCode::count_mismatch, "there are %zu offsets and room for %zu origins",
                offsets.size, origins.size};
    }
    ByteRange in, out;
    Status status = check_host_span(offsets, "offsets", &in);
    if (status.ok()) {
        status = check_host_span(origins, "origins", &out);
    }
    if (status.ok() && intersect(in, out)) {
        return {StatusCode::overlap, "the memory of origins overlaps that of offsets"};
    }
    return status;
}

}  // namespace

Status check_coordinates(Coordinates coordinates) noexcept {
    switch (coordinates) {
    case Coordinates::pixels:
    case Coordinates::normalized:
    case Coordinates::centered_pixels:
    case Coordinates::centered_normalized:
        return {};
    }
    return {StatusCode::unknown_enumerator, "coordinates is %d; expected 0 to 3", int(coordinates)};
}

bool fits_int32(int64_t y, int64_t x, Size glimpse) noexcept {
    const auto fits = [](int64_t origin, int64_t extent) {
        return origin >= INT32_MIN && origin <= highest_origin(extent);
    };
    return fits(y, glimpse.height) && fits(x, glimpse.width);
}

Status bad_origin(int64_t y, int64_t x, size_t index, Size glimpse) noexcept {
    return {StatusCode::origin_out_of_range,
            "glimpse %zu of %lld x %lld pixels has its origin at (y %lld, x %lld); expected all "
            "its pixels to have int32 coordinates",
            index,
            (long long)glimpse.height,
            (long long)glimpse.width,
            (long long)y,
            (long long)x};
}

bool origin_of(const Offset &offset, Size image, Size glimpse, Coordinates coordinates,
               Origin *origin) noexcept {
    const Place place = place_of(offset, image, glimpse, coordinates);
    // False for NaN, and for all that an int64 does not hold.
    const bool is_small = std::fabs(place.y) < 4294967296.0f && std::fabs(place.x) < 4294967296.0f;
    if (!is_small || !fits_int32(int64_t(place.y), int64_t(place.x), glimpse)) {
        return false;
    }
    *origin = {int32_t(place.y), int32_t(place.x)};
    return true;
}

Status bad_offset(const Offset &offset, size_t index, Size image, Size glimpse,
                  Coordinates coordinates) noexcept {
    if (!std::isfinite(offset.y) || !std::isfinite(offset.x)) {
        return {StatusCode::offset_not_finite,
                "offset %zu is (y %g, x %g); expected finite numbers", index, double(offset.y),
                double(offset.x)};
    }
    const Place place = place_of(offset, image, glimpse, coordinates);
    return {StatusCode::origin_out_of_range,
            "offset %zu, (y %g, x %g), puts the origin at (y %g, x %g); expected all pixels of the "
            "glimpse to have int32 coordinates",
            index,
            double(offset.y),
            double(offset.x),
            double(place.y),
            double(place.x)};
}

Status origins(Span<const Offset> offsets, Size image, Size glimpse, Coordinates coordinates,
               Span<Origin> origins) noexcept {
    Status status = check_coordinates(coordinates);
    if (status.ok()) {
        status = check_arguments(image, glimpse, offsets, origins);
    }
    if (!status.ok()) {
        return status;
    }
    Origin origin;
    for (size_t i = 0; i < offsets.size; i++) {
        if (!origin_of(offsets.data[i], image, glimpse, coordinates, &origin)) {
            return bad_offset(offsets.data[i], i, image, glimpse, coordinates);
        }
    }
    for (size_t i = 0; i < offsets.size; i++) {
        (void)origin_of(offsets.data[i], image, glimpse, coordinates, &origins.data[i]);
    }
    return {};
}

namespace tensorflow {

Status origins(Span<const Offset> offsets, Size image, Size glimpse, const Attributes &attributes,
               Span<WideOrigin> origins) noexcept {
    if (attributes.version != Version::v1 && attributes.version != Version::v2) {
        return {StatusCode::unknown_enumerator, "version is %d; expected 1 or 2",
                int(attributes.version)};
    }
    const Status status = check_arguments(image, glimpse, offsets, origins);
    if (!status.ok()) {
        return status;
    }
    for (size_t i = 0; i < offsets.size; i++) {
        const Offset &offset = offsets.data[i];
        origins.data[i] = {tensorflow_origin(offset.y, image.height, glimpse.height, attributes),
                           tensorflow_origin(offset.x, image.width, glimpse.width, attributes)};
    }
    return {};
}

Origin clamp(WideOrigin origin, Size glimpse) noexcept {
    const auto clamped = [](int64_t o, int64_t extent) {
        const int64_t highest = std::max<int64_t>(highest_origin(extent), 0);
        return int32_t(o < INT32_MIN ? INT32_MIN : o > highest ? highest : o);
    };
    return {clamped(origin.y, glimpse.height), clamped(origin.x, glimpse.width)};
}

}  // namespace tensorflow
}  // namespace glimpse
