// From offsets to origins, on the host. This file must be compiled without contraction of
// floating-point expressions.
#include "call/placement.h"

#include <algorithm>
#include <cmath>

#include "call/check.h"
#include "definition/placement.h"
#include "definition/sampling.h"
#include "glimpse/tensorflow.h"

namespace glimpse {
namespace {

// What the definition knows of an axis.
PlacedAxis<HostNumbers> axis(int64_t image, int64_t glimpse, bool normalized, bool centered) {
    return {float(image), float(glimpse), normalized, centered, {}};
}

Status bad_offset(const Offset &offset, size_t index, float nearest_y, float nearest_x) {
    if (!std::isfinite(offset.y) || !std::isfinite(offset.x)) {
        return Status(StatusCode::offset_not_finite,
                      "offset %zu is (y %g, x %g); expected finite numbers", index,
                      double(offset.y), double(offset.x));
    }
    return Status(
        StatusCode::origin_out_of_range,
        "offset %zu, (y %g, x %g), puts the origin at (y %g, x %g); expected all pixels of the "
        "glimpse to have int32 coordinates",
        index, double(offset.y), double(offset.x), double(nearest_y), double(nearest_x));
}

bool fits_int32(int64_t y, int64_t x, Size glimpse) {
    const tensorflow::WideOrigin highest = highest_origins(glimpse);
    return y >= INT32_MIN && x >= INT32_MIN && y <= highest.y && x <= highest.x;
}

Status find_nearest(const AskedPlaces &places, size_t i, Size image, Size glimpse, Origin *origin) {
    const Offset offset = places.offset(i);
    const bool normalized = places.normalized, centered = places.centered;
    const float y =
        nearest_origin(offset.y, axis(image.height, glimpse.height, normalized, centered));
    const float x =
        nearest_origin(offset.x, axis(image.width, glimpse.width, normalized, centered));
    // False for NaN, and for all that an int64 does not hold.
    const bool is_small = std::fabs(y) < 4294967296.0f && std::fabs(x) < 4294967296.0f;
    if (!is_small || !fits_int32(int64_t(y), int64_t(x), glimpse)) {
        return bad_offset(offset, i, y, x);
    }
    *origin = {int32_t(y), int32_t(x)};
    return {};
}

tensorflow::WideOrigin of_tensorflow(const Offset &offset, Size image, Size glimpse,
                                     bool normalized, bool centered, bool is_v1) {
    return {
        tensorflow_origin(offset.y, axis(image.height, glimpse.height, normalized, centered),
                          is_v1),
        tensorflow_origin(offset.x, axis(image.width, glimpse.width, normalized, centered), is_v1)};
}

template<typename Origins>
Status check_arguments(Size image, Size glimpse, Span<const Offset> offsets,
                       const Origins &origins) {
    if (image.height < 0 || image.width < 0 || glimpse.height < 0 || glimpse.width < 0) {
        return Status(
            StatusCode::negative_shape,
            "the image has %lld x %lld pixels and the glimpse %lld x %lld; expected no extent "
            "below 0",
            (long long)image.height, (long long)image.width, (long long)glimpse.height,
            (long long)glimpse.width);
    }
    if (offsets.size != origins.size) {
        return {StatusCode::count_mismatch,
                "there is room for %s and there %s %s; expected the same number",
                Counted(origins.size, "origin").text, offsets.size == 1 ? "is" : "are",
                Counted(offsets.size, "offset").text};
    }
    ByteRange in, out;
    GLIMPSE_TRY(check_host_span(offsets, "offsets", &in));
    GLIMPSE_TRY(check_host_span(origins, "origins", &out));
    if (intersect(in, out)) {
        return {StatusCode::overlap, "the memory of origins overlaps that of offsets"};
    }
    return {};
}

}  // namespace

AskedPlaces::AskedPlaces(const Places &places, Coordinates coordinates) noexcept {
    const auto set = [this](const auto &span) {
        data = span.data;
        size = span.size;
        memory = span.memory;
    };
    if (places.is_boxes()) {
        set(places.boxes());
        rule = place_box;
    } else if (places.is_offsets()) {
        set(places.offsets());
        rule = place_nearest;
    } else {
        set(places.origins());
        return;
    }
    normalized =
        coordinates == Coordinates::normalized || coordinates == Coordinates::centered_normalized;
    centered = coordinates == Coordinates::centered_pixels ||
               coordinates == Coordinates::centered_normalized;
}

Status find_origin(const AskedPlaces &places, size_t i, Size image, Size glimpse,
                   Origin *origin) noexcept {
    switch (places.rule) {
    case place_nearest:
        return find_nearest(places, i, image, glimpse, origin);
    case place_tensorflow_v1:
    case place_tensorflow_v2:
        *origin =
            tensorflow::clamp(of_tensorflow(places.offset(i), image, glimpse, places.normalized,
                                            places.centered, places.rule == place_tensorflow_v1),
                              glimpse);
        return {};
    case place_origin:
    case place_box:
        break;
    }
    const Origin given = places.origin(i);
    *origin = {places.halves_y ? halved_origin(given.y) : given.y,
               places.halves_x ? halved_origin(given.x) : given.x};
    return check_origin(*origin, i, glimpse);
}

Status find_box(const AskedPlaces &places, size_t i, Size image, FixedBox *box) noexcept {
    const Box b = places.box(i);
    const auto find = [&](float side, int64_t extent, int64_t *fixed_side) {
        const SideUnit<HostNumbers> unit = {double(extent), places.normalized, places.centered, {}};
        const double pixels = side_in_pixels<HostNumbers>(side, unit);
        if (!is_fixed<HostNumbers>(pixels)) {
            return false;
        }
        *fixed_side = fixed<HostNumbers>(pixels);
        return true;
    };
    if (find(b.y0, image.height, &box->y.from) && find(b.x0, image.width, &box->x.from) &&
        find(b.y1, image.height, &box->y.to) && find(b.x1, image.width, &box->x.to)) {
        return {};
    }
    const bool is_finite =
        std::isfinite(b.y0) && std::isfinite(b.x0) && std::isfinite(b.y1) && std::isfinite(b.x1);
    return Status(is_finite ? StatusCode::origin_out_of_range : StatusCode::offset_not_finite,
                  "box %zu is (y0 %g, x0 %g, y1 %g, x1 %g); expected %s", i, double(b.y0),
                  double(b.x0), double(b.y1), double(b.x1),
                  is_finite ? "sides with int32 coordinates" : "finite numbers");
}

bool is_window(const FixedBox &box, Size glimpse) noexcept {
    const auto is_whole = [](const Sides &sides, int64_t size) {
        return sides.from % fixed_one == 0 && sides.to > sides.from &&
               sides.distance() == uint64_t(size) << 32;
    };
    return is_whole(box.y, glimpse.height) && is_whole(box.x, glimpse.width);
}

Status check_coordinates(Coordinates coordinates) noexcept {
    switch (coordinates) {
    case Coordinates::pixels:
    case Coordinates::normalized:
    case Coordinates::centered_pixels:
    case Coordinates::centered_normalized:
        return {};
    }
    return {StatusCode::unknown_enumerator, "coordinates is %d; expected one of %s",
            int(coordinates), names_of<Coordinates>(4).text()};
}

tensorflow::WideOrigin highest_origins(Size glimpse) noexcept {
    return {highest_origin<HostNumbers>(glimpse.height),
            highest_origin<HostNumbers>(glimpse.width)};
}

Status check_origin(const Origin &origin, size_t index, Size glimpse) noexcept {
    if (fits_int32(origin.y, origin.x, glimpse)) {
        return {};
    }
    return Status(StatusCode::origin_out_of_range,
                  "glimpse %zu of %lld x %lld pixels has its origin at (y %d, x %d); expected all "
                  "its pixels to have int32 coordinates",
                  index, (long long)glimpse.height, (long long)glimpse.width, origin.y, origin.x);
}

Status origins(Span<const Offset> offsets, Size image, Size glimpse, Coordinates coordinates,
               Span<Origin> origins) noexcept {
    GLIMPSE_TRY(check_coordinates(coordinates));
    GLIMPSE_TRY(check_arguments(image, glimpse, offsets, origins));
    const AskedPlaces places(offsets, coordinates);
    Origin origin;
    for (size_t i = 0; i < offsets.size; i++) {
        GLIMPSE_TRY(find_origin(places, i, image, glimpse, &origin));
    }
    for (size_t i = 0; i < offsets.size; i++) {
        GLIMPSE_TRY(find_origin(places, i, image, glimpse, &origins.data[i]));
    }
    return {};
}

Rect visible(const Origin &origin, Size image, Size glimpse) noexcept {
    const auto cut = [](int64_t at, int64_t extent, int64_t size, int64_t *begin) {
        *begin = std::clamp<int64_t>(-at, 0, std::max<int64_t>(size, 0));
        return std::clamp<int64_t>(extent - at, *begin, std::max<int64_t>(size, 0)) - *begin;
    };
    constexpr int64_t most = int64_t(1) << 62;  // no sum overflows
    Rect rect;
    rect.height =
        cut(origin.y, std::clamp<int64_t>(image.height, 0, most), glimpse.height, &rect.y);
    rect.width = cut(origin.x, std::clamp<int64_t>(image.width, 0, most), glimpse.width, &rect.x);
    return rect.height == 0 || rect.width == 0 ? Rect() : rect;
}

namespace tensorflow {

Status check_version(const Attributes &attributes) noexcept {
    if (attributes.version != Version::v1 && attributes.version != Version::v2) {
        return {StatusCode::unknown_enumerator, "version is %d; expected 1 or 2",
                int(attributes.version)};
    }
    return {};
}

Status origins(Span<const Offset> offsets, Size image, Size glimpse, const Attributes &attributes,
               Span<WideOrigin> origins) noexcept {
    GLIMPSE_TRY(check_version(attributes));
    GLIMPSE_TRY(check_arguments(image, glimpse, offsets, origins));
    for (size_t i = 0; i < offsets.size; i++) {
        origins.data[i] = of_tensorflow(offsets.data[i], image, glimpse, attributes.normalized,
                                        attributes.centered, attributes.version == Version::v1);
    }
    return {};
}

Origin clamp(WideOrigin origin, Size glimpse) noexcept {
    return {int32_t(clamped_origin<HostNumbers>(origin.y, glimpse.height)),
            int32_t(clamped_origin<HostNumbers>(origin.x, glimpse.width))};
}

}  // namespace tensorflow
}  // namespace glimpse
