// Boxes for what others cut out. This file must be compiled without contraction of floating-point
// expressions.
#include "glimpse/boxes.h"

#include <algorithm>
#include <cmath>

#include "call/box_axis.h"
#include "call/check.h"
#include "call/placement.h"
#include "definition/sampling.h"
#include "glimpse/tensorflow.h"

namespace glimpse {
namespace {

Status check_size(Size size, const char *name) {
    if (size.height < 1 || size.width < 1) {
        return {StatusCode::negative_shape, "%s has %lld x %lld pixels; expected at least 1 x 1",
                name, (long long)size.height, (long long)size.width};
    }
    if (size.height > largest_extent || size.width > largest_extent) {
        return Status(StatusCode::too_large, "%s has %lld x %lld pixels; expected at most %lld",
                      name, (long long)size.height, (long long)size.width,
                      (long long)largest_extent);
    }
    return {};
}

// Fails if the arrays cannot be read and written, or have other numbers of elements.
template<typename In>
Status check_arrays(const Span<const In> &in, const char *name, size_t times,
                    const Span<Box> &boxes) {
    ByteRange read, written;
    GLIMPSE_TRY(check_host_span(in, name, &read));
    GLIMPSE_TRY(check_host_span(boxes, "boxes", &written));
    if (in.size * times != boxes.size) {
        return {StatusCode::count_mismatch,
                "there is room for %s, and %zu %s make %zu",
                Counted(boxes.size, "box").text,
                in.size,
                name,
                in.size * times};
    }
    const bool is_same = read.begin == written.begin && read.end == written.end;
    if (intersect(read, written) && !is_same) {
        return {StatusCode::overlap, "the memory of boxes overlaps that of %s", name};
    }
    return {};
}

Status not_finite(const char *name, size_t i) {
    return {StatusCode::offset_not_finite, "%s %zu has numbers that are not finite", name, i};
}

// The centre of an axis in pixels.
double center_of(float offset, int64_t extent, Coordinates coordinates) {
    const AskedPlaces places(Span<const Offset>(), coordinates);
    return side_in_pixels<HostNumbers>(offset,
                                       {double(extent), places.normalized, places.centered, {}});
}

struct Interval {
    double from, to;
};
Box box_of(const Interval &y, const Interval &x) {
    return {float(y.from), float(x.from), float(y.to), float(x.to)};
}
Interval about(double center, double size) {
    return {center - size / 2, center + size / 2};
}

// Sides as they are stored. Where a number was rounded to float, what goes on from there is
// computed in floats: of pairs of doubles, GCC 12 forgets that they were rounded.
struct FloatInterval {
    float from, to;
};
Box box_of(const FloatInterval &y, const FloatInterval &x) {
    return {y.from, x.from, y.to, x.to};
}
// Exactly `size` pixels, so that nothing is scaled: the side that is further from 0 is rounded, and
// the other one follows.
FloatInterval exactly_about(double center, double size) {
    const Interval sides = about(center, size);
    const auto extent = float(size), from = float(sides.from), to = float(sides.to);
    return std::fabs(from) > std::fabs(to) ? FloatInterval{from, from + extent}
                                           : FloatInterval{to - extent, to};
}

Status check_centers(const Span<const Offset> &centers) {
    for (size_t i = 0; i < centers.size; i++) {
        if (!std::isfinite(centers.data[i].y) || !std::isfinite(centers.data[i].x)) {
            return not_finite("centre", i);
        }
    }
    return {};
}

// Fails if one of the boxes is not finite or has no area.
Status check_regions(const Span<const Box> &regions, const char *name) {
    for (size_t i = 0; i < regions.size; i++) {
        const Box &b = regions.data[i];
        if (!std::isfinite(b.y0) || !std::isfinite(b.x0) || !std::isfinite(b.y1) ||
            !std::isfinite(b.x1)) {
            return not_finite(name, i);
        }
        if (b.y1 <= b.y0 || b.x1 <= b.x0) {
            return Status(StatusCode::invalid_value,
                          "%s %zu is (y0 %g, x0 %g, y1 %g, x1 %g); expected y0 < y1 and x0 < x1",
                          name, i, double(b.y0), double(b.x0), double(b.y1), double(b.x1));
        }
    }
    return {};
}

// An axis of a region that becomes `size` pixels of a glimpse by a letterbox of whole pixels, at
// `scale` pixels of the glimpse to one of the region.
Interval fit_whole_pixels(double from, double extent, double size, double scale) {
    const double pixels = std::max(std::nearbyint(extent * scale), 1.0);
    const double before = std::nearbyint((size - pixels) / 2 - 0.1);
    const double step = extent / pixels;
    return {from - before * step, from + (size - before) * step};
}

// Sides of an axis whose first and last of `count` samples are to be at the places `p` and `q`
// among centres of pixels, numbered from 0. A sample on the outermost of these, such as those of
// the whole image, must not get outside, and be filled, because sides are rounded to float32: they
// are moved by an ulp or a few until it is in the image.
FloatInterval sides_of_samples(double p, double q, int64_t extent, int64_t count) {
    if (count == 1) {
        const auto middle = float((p + q) / 2 + 0.5);
        return {middle, middle};
    }
    const double half = (q - p) / double(count - 1) / 2;
    FloatInterval sides = {float(p + 0.5 - half), float(q + 0.5 + half)};
    // How far a sample has to move that is outside and should not be.
    const auto missing = [extent](double place, int64_t center) {
        const int64_t low = fixed_half, high = extent * fixed_one - fixed_half;
        const bool is_inside = place >= 0 && place <= double(extent - 1);
        return is_inside ? double(std::clamp(center, low, high) - center) / double(fixed_one) : 0.0;
    };
    const auto moved = [](float side, double by) {
        const float beyond = by < 0 ? -INFINITY : INFINITY;
        return by == 0 ? side : std::nextafter(float(double(side) + by), beyond);
    };
    for (int i = 0; i < 8; i++) {
        const double from = double(sides.from), to = double(sides.to);
        if (!is_fixed<HostNumbers>(from) || !is_fixed<HostNumbers>(to)) {
            break;
        }
        const BoxAxis axis({fixed<HostNumbers>(from), fixed<HostNumbers>(to)}, count);
        sides = {moved(sides.from, missing(p, axis.center(0))),
                 moved(sides.to, missing(q, axis.center(count - 1)))};
    }
    return sides;
}

}  // namespace

Status retina_boxes(Span<const Offset> centers, Size image, Size glimpse, Coordinates coordinates,
                    int32_t levels, Span<Box> boxes) noexcept {
    GLIMPSE_TRY(check_coordinates(coordinates));
    GLIMPSE_TRY(check_size(image, "the image"));
    GLIMPSE_TRY(check_size(glimpse, "the glimpse"));
    if (levels < 1 || levels > 24) {
        return {StatusCode::invalid_value, "levels is %d; expected 1 to 24", levels};
    }
    GLIMPSE_TRY(check_arrays(centers, "centers", size_t(levels), boxes));
    GLIMPSE_TRY(check_centers(centers));
    for (size_t i = 0; i < centers.size; i++) {
        const double y = center_of(centers.data[i].y, image.height, coordinates);
        const double x = center_of(centers.data[i].x, image.width, coordinates);
        for (int32_t level = 0; level < levels; level++) {
            boxes.data[i * size_t(levels) + size_t(level)] =
                box_of(exactly_about(y, std::ldexp(double(glimpse.height), level)),
                       exactly_about(x, std::ldexp(double(glimpse.width), level)));
        }
    }
    return {};
}

Status centered_boxes(Span<const Offset> centers, Size image, Size glimpse, Coordinates coordinates,
                      Span<Box> boxes) noexcept {
    return retina_boxes(centers, image, glimpse, coordinates, 1, boxes);
}

Status fit_boxes(Span<const Box> regions, Size glimpse, Fit fit, Span<Box> boxes) noexcept {
    if (uint32_t(fit) >= uint32_t(fit_count)) {
        return {StatusCode::unknown_enumerator, "fit is %d; expected one of %s", int(fit),
                names_of<Fit>(fit_count).text()};
    }
    GLIMPSE_TRY(check_size(glimpse, "the glimpse"));
    GLIMPSE_TRY(check_arrays(regions, "regions", 1, boxes));
    GLIMPSE_TRY(check_regions(regions, "region"));
    const auto height = double(glimpse.height), width = double(glimpse.width);
    for (size_t i = 0; i < regions.size; i++) {
        const Box r = regions.data[i];
        const double y = double(r.y0), x = double(r.x0);
        const double h = double(r.y1) - y, w = double(r.x1) - x;
        if (fit == Fit::ultralytics) {
            const double scale = std::min(height / h, width / w);
            boxes.data[i] =
                box_of(fit_whole_pixels(y, h, height, scale), fit_whole_pixels(x, w, width, scale));
            continue;
        }
        const double step = fit == Fit::letterbox ? std::max(h / height, w / width)
                                                  : std::min(h / height, w / width);
        boxes.data[i] = box_of(about(y + h / 2, height * step), about(x + w / 2, width * step));
    }
    return {};
}

Status tracker_boxes(Span<const Box> targets, float context, float scale,
                     Span<Box> boxes) noexcept {
    if (!(context >= 0) || !(scale > 0) || !std::isfinite(context) || !std::isfinite(scale)) {
        return {StatusCode::invalid_value,
                "context is %g and scale %g; expected a context of at least 0 and a scale above 0",
                double(context), double(scale)};
    }
    GLIMPSE_TRY(check_arrays(targets, "targets", 1, boxes));
    GLIMPSE_TRY(check_regions(targets, "target"));
    for (size_t i = 0; i < targets.size; i++) {
        const Box t = targets.data[i];
        const double h = double(t.y1) - double(t.y0), w = double(t.x1) - double(t.x0);
        const double around = double(context) * (w + h);
        const double side = std::nearbyint(double(scale) * std::sqrt((w + around) * (h + around)));
        // The centre as an index of pixels is half a pixel less.
        const auto place = [&](double from, double extent) {
            const double begin = std::floor(from + (extent - 1) / 2 - (side + 1) / 2 + 0.5);
            return Interval{begin, begin + side};
        };
        boxes.data[i] = box_of(place(double(t.y0), h), place(double(t.x0), w));
    }
    return {};
}

Rect detail::visible_of_box(const Box &box, Size image, Size glimpse) noexcept {
    const int64_t most = largest_extent;
    const AskedPlaces places(Span<const Box>(&box, 1), Coordinates::pixels);
    FixedBox sides;
    if (glimpse.height < 1 || glimpse.width < 1 || glimpse.height > most || glimpse.width > most ||
        image.height < 1 || image.width < 1 || !find_box(places, 0, image, &sides).ok()) {
        return {};
    }
    const auto part = [most](const Sides &s, int64_t count, int64_t extent) {
        return BoxAxis(s, count).within(0, std::min(extent, most) * fixed_one);
    };
    const Outputs y = part(sides.y, glimpse.height, image.height);
    const Outputs x = part(sides.x, glimpse.width, image.width);
    return y.size() == 0 || x.size() == 0 ? Rect() : Rect{y.begin, x.begin, y.size(), x.size()};
}

Offset in_image(const Offset &point, const Box &box, Size glimpse) noexcept {
    const auto along = [](float at, float from, float to, int64_t size) {
        const double step = (double(to) - double(from)) / double(size);
        return float(double(from) + double(at) * step);
    };
    return {along(point.y, box.y0, box.y1, glimpse.height),
            along(point.x, box.x0, box.x1, glimpse.width)};
}

namespace tensorflow {

Status boxes(Span<const Box> boxes_, Size image, Size crop, Span<Box> result) noexcept {
    GLIMPSE_TRY(check_size(image, "the image"));
    GLIMPSE_TRY(check_size(crop, "the crop"));
    GLIMPSE_TRY(check_arrays(boxes_, "boxes", 1, result));
    for (size_t i = 0; i < boxes_.size; i++) {
        const Box &b = boxes_.data[i];
        if (!std::isfinite(b.y0) || !std::isfinite(b.x0) || !std::isfinite(b.y1) ||
            !std::isfinite(b.x1)) {
            return not_finite("box", i);
        }
    }
    // Corners are centres of the first and the last sample.
    const auto axis = [](float from, float to, int64_t extent, int64_t count) {
        const auto places = double(extent - 1);
        return sides_of_samples(double(from) * places, double(to) * places, extent, count);
    };
    for (size_t i = 0; i < boxes_.size; i++) {
        const Box b = boxes_.data[i];
        result.data[i] = box_of(axis(b.y0, b.y1, image.height, crop.height),
                                axis(b.x0, b.x1, image.width, crop.width));
    }
    return {};
}

}  // namespace tensorflow
}  // namespace glimpse
