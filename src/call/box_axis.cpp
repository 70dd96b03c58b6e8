// Finds how far the outputs of an axis look.
#include "call/box_axis.h"

namespace glimpse {

AxisFilter<HostNumbers> SamplingRule::axis_filter(const BoxAxis &a) const noexcept {
    return glimpse::axis_filter<HostNumbers>(int32_t(filter), antialias, a.axis());
}

BoxAxis SamplingRule::axis(const Sides &sides, int64_t count, Method method) const noexcept {
    BoxAxis a(sides, count);
    if (method == Method::taps) {
        const AxisFilter<HostNumbers> f = axis_filter(a);
        a.set_reach({f.is_point, f.reach});
    } else {
        a.set_reach(near_reach());
    }
    return a;
}

bool SamplingRule::needs_border(const Sides &sides, int64_t count, int64_t extent,
                                Method method) const noexcept {
    if (method != Method::taps && extent > 0) {
        const Centers<HostNumbers> c = inner_centers<HostNumbers>(near_reach(), extent);
        if (sides.lie_within(c.low, c.high) && (!is_hard || margin <= c.low)) {
            return false;
        }
    }
    const BoxAxis a = axis(sides, count, method);
    return (is_hard ? seen(a, extent) : inner(a, extent)).size() < count;
}

}  // namespace glimpse
