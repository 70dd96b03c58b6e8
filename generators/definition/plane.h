// The definition of a pixel: the plane E(n, y, x, c) into which a border rule extends image n.
#ifndef GLIMPSE_GENERATORS_DEFINITION_PLANE_H_
#define GLIMPSE_GENERATORS_DEFINITION_PLANE_H_

#include "Halide.h"
#include "border.h"
#include "expressions.h"

#include <functional>

namespace glimpse {

// Returns true where `v` is a coordinate of the image.
inline Expr is_inside(const Expr &v, const Expr &extent) {
    return v >= 0 && v < extent;
}

// Returns true where `rule`, the number of a Border, is of a family.
inline Expr is_of(Family family, const Expr &rule) {
    Expr result = Halide::Internal::const_false();
    for (int border = 0; border < border_count; border++) {
        if (family_of(Border(border)) == family) {
            result = result || rule == border;
        }
    }
    return result;
}

// What a generator binds to the plane of its images. Elements are as kernels store them.
struct Plane {
    using Element = std::function<Expr(const Expr &n, const Expr &y, const Expr &x, const Expr &c)>;

    Expr rule;           // the number of a Border
    Expr height, width;  // of the images, in pixels
    Element image;       // an element of an image
    Element outside;     // what rules of values and noise show where the image is not
    // Remainders of numbers that are at least -period.
    std::function<Expr(const Expr &, const Expr &)> modulo = Expressions::modulo;
    // Says that most coordinates lie in the image, to loops that are split there. Bounds inference
    // sees then that all that is asked for does.
    bool is_mostly_inside = false;

    Expr at(const Expr &n, const Expr &y, const Expr &x, const Expr &c) const {
        return Halide::select(is_of(Family::map, rule), mapped(n, y, x, c), filled(n, y, x, c));
    }
    // Under rules that repeat or stretch the image.
    Expr mapped(const Expr &n, const Expr &y, const Expr &x, const Expr &c) const {
        return image(n, coordinate(y, height), coordinate(x, width), c);
    }
    // Under rules of values and noise.
    Expr filled(const Expr &n, const Expr &y, const Expr &x, const Expr &c) const {
        const Expr nearest =
            image(n, replicate<Expressions>(y, height), replicate<Expressions>(x, width), c);
        return Halide::select(is_inside(y, height) && is_inside(x, width),
                              is_mostly_inside ? Halide::likely(nearest) : nearest,
                              outside(n, y, x, c));
    }

private:
    Expr coordinate(const Expr &v, const Expr &extent) const {
        const Expr mapped = map_coordinate<Expressions>(rule, v, extent, modulo);
        if (!is_mostly_inside) {
            return mapped;
        }
        return Halide::select(is_inside(v, extent), Halide::clamp(Halide::likely(v), 0, extent - 1),
                              Halide::clamp(mapped, 0, extent - 1));
    }
};

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_DEFINITION_PLANE_H_
