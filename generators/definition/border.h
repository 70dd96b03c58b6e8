// The border rules: how each extends an image to the plane, along one axis. Whatever depends on a
// rule asks here; a new rule is an enumerator of Border, its case in family_of() and, if it needs
// them, in needs_statistics(), continuation() and map_coordinate().
#ifndef GLIMPSE_GENERATORS_DEFINITION_BORDER_H_
#define GLIMPSE_GENERATORS_DEFINITION_BORDER_H_

#include "glimpse/options.h"

namespace glimpse {

// What the plane shows outside of the image: one value per channel, pixels of the image, or noise.
enum class Family { value, map, noise };

constexpr Family family_of(Border border) {
    switch (border) {
    case Border::zero:
    case Border::constant:
    case Border::mean:
        break;
    case Border::replicate:
    case Border::reflect:
    case Border::reflect101:
    case Border::wrap:
        return Family::map;
    case Border::uniform:
    case Border::gaussian:
        return Family::noise;
    }
    return Family::value;
}

constexpr bool needs_statistics(Border border) {
    return border == Border::mean || family_of(border) == Family::noise;
}

// How a rule repeats an image for ever: coordinate v of the plane shows coordinate min(m, mirror -
// m) of the image, where m = v mod period; just before the image that is `mirror_before` - v. A
// period that holds the image begins at `first`. Rows of elements have `unit` of them per pixel;
// coordinates are then those of a pixel's first.
template<typename Integer>
struct Continuation {
    Integer period, mirror, mirror_before, first;
};

// ba|abcd|dc: mirrored, with the edge pixel twice.
template<typename N, typename Integer>
Continuation<Integer> reflect(const Integer &extent, const Integer &unit) {
    return {2 * extent, 2 * extent - unit, -unit, -extent};
}

// cb|abcd|cb: mirrored at the edge pixel. Of one pixel, that pixel.
template<typename N, typename Integer>
Continuation<Integer> reflect101(const Integer &extent, const Integer &unit) {
    const Integer mirror = 2 * extent - 2 * unit;
    return {N::max(mirror, unit), mirror, unit - unit, unit - extent};
}

// cd|abcd|ab: repeated.
template<typename N, typename Integer>
Continuation<Integer> wrap(const Integer &extent, const Integer &unit) {
    return {extent, 2 * extent - unit, extent - unit, unit - unit};
}

// aa|abcd|dd: the nearest pixel.
template<typename N, typename Integer>
Integer replicate(const Integer &v, const Integer &extent) {
    return N::max(N::min(v, extent - 1), Integer(0));
}

// The continuation of a rule, an integer with the value of a Border; of any that repeats nothing,
// one of them. Extents are 1 to 2^30 - 1.
template<typename N, typename Rule, typename Integer>
Continuation<Integer> continuation(const Rule &rule, const Integer &extent,
                                   const Integer &unit = Integer(1)) {
    using C = Continuation<Integer>;
    const C of_reflect = reflect<N>(extent, unit), of_reflect101 = reflect101<N>(extent, unit),
            of_wrap = wrap<N>(extent, unit);
    const auto chosen = [&](Integer C::*field) {
        return N::select(
            rule == int32_t(Border::reflect101), of_reflect101.*field,
            N::select(rule == int32_t(Border::wrap), of_wrap.*field, of_reflect.*field));
    };
    return {chosen(&C::period), chosen(&C::mirror), chosen(&C::mirror_before), chosen(&C::first)};
}

// Whether a rule repeats the image.
template<typename Flag, typename Rule>
Flag is_periodic(const Rule &rule) {
    return rule == int32_t(Border::reflect) || rule == int32_t(Border::reflect101) ||
           rule == int32_t(Border::wrap);
}

// The coordinate of the image that the plane shows at `v` under a rule of maps. `modulo` finds
// remainders, of numbers that are at least -period.
template<typename N, typename Rule, typename Integer, typename Modulo>
Integer map_coordinate(const Rule &rule, const Integer &v, const Integer &extent,
                       const Modulo &modulo) {
    const Continuation<Integer> c = continuation<N>(rule, extent);
    const Integer m = modulo(v, c.period);
    return N::select(is_periodic<typename N::Flag>(rule), N::min(m, c.mirror - m),
                     replicate<N>(v, extent));
}

// The same at places no farther than one reflection from the image, or, where it is repeated, in
// it or behind it.
template<typename N, typename Rule, typename Integer>
Integer near_coordinate(const Rule &rule, const Integer &v, const Integer &extent) {
    const Continuation<Integer> c = continuation<N>(rule, extent);
    const typename N::Flag is_replicate = rule == int32_t(Border::replicate);
    const Integer before = N::select(is_replicate, Integer(0), c.mirror_before - v);
    const Integer behind = N::select(is_replicate, extent - 1, c.mirror - v);
    return N::select(rule == int32_t(Border::wrap), N::select(v < extent, v, v - extent),
                     N::min(N::max(v, before), behind));
}

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_DEFINITION_BORDER_H_
