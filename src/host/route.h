// Which form of the kernel a window goes to.
#ifndef GLIMPSE_SRC_HOST_ROUTE_H_
#define GLIMPSE_SRC_HOST_ROUTE_H_

#include <cstdint>

#include "call/rows.h"
#include "definition/border.h"
#include "definition/placement.h"
#include "kernel_abi.h"

namespace glimpse {

// An axis of a window: where it begins, near the image, and what it shows.
struct Axis {
    int64_t origin;
    bool is_inside;
    bool is_far;  // it reaches beyond one reflection or repetition
};

inline Axis axis_of(Border border, int64_t origin, int64_t size, int64_t extent) noexcept {
    if (origin >= 0 && origin <= extent - size) {
        return {origin, true, false};
    }
    const auto rule = int32_t(border);
    if (!is_periodic<bool>(rule)) {
        return {origin_beside<HostNumbers>(origin, size, extent), false, false};
    }
    const Continuation<int64_t> c = continuation<HostNumbers>(rule, extent);
    const int64_t reduced = origin_in_period<HostNumbers>(c, origin);
    return {reduced, false, reduced + size > c.mirror + 1};
}

// Whether the forms with spans serve rows of so many elements of glimpses, no wider than images.
inline bool has_vectors(Family family, const Rows &images, int64_t elements) noexcept {
    return family == Family::noise
               ? elements >= narrowest_noise(int(images.element_size))
               : has_spans(family == Family::map, elements, images.elements, images.samples);
}

}  // namespace glimpse

#endif  // GLIMPSE_SRC_HOST_ROUTE_H_
