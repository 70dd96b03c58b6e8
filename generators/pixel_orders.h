// How kernels of samples go through the channels of a pixel, in each SampleOrder that interpolates.
#ifndef GLIMPSE_GENERATORS_PIXEL_ORDERS_H_
#define GLIMPSE_GENERATORS_PIXEL_ORDERS_H_

#include "Halide.h"
#include "kernel_abi.h"

#include <vector>

namespace glimpse {

using Halide::Expr;

// `e`, which is known to lie in [0, last].
inline Expr within(const Expr &e, const Expr &last) {
    return Halide::unsafe_promise_clamped(e, 0, last);
}

struct PixelOrder {
    SampleOrder order;
    int lanes;  // of a pixel that are computed together
    bool splits;
    Expr samples;  // channels per pixel in rows of what is read

    // Whether a pixel has groups of lanes, of which the last overlaps the one before.
    bool has_groups() const {
        return lanes == 4 && !splits;
    }
    // Lanes of a pixel in registers.
    int room() const {
        return lanes == 3 ? 4 : lanes;
    }
    Expr samples_of_pixel() const {
        return has_groups() ? samples : Expr(lanes);
    }
    Expr groups() const {
        return has_groups() ? (samples + 3) / 4 : Expr(1);
    }
    Expr first_lane(const Expr &group) const {
        return has_groups() ? Halide::min(group * 4, samples - 4) : Expr(0);
    }
    // Of a row of so many elements that is written.
    Expr columns(const Expr &elements) const {
        return splits || lanes == 1 ? elements : elements / samples_of_pixel();
    }
};

// All that kernels have, which split pixels only if they write float32.
inline std::vector<PixelOrder> pixel_orders(const Expr &samples, bool writes_floats) {
    std::vector<PixelOrder> orders = {{sample_planes, 1, false, samples},
                                      {sample_pixels_2, 2, false, samples},
                                      {sample_pixels_3, 3, false, samples},
                                      {sample_pixels, 4, false, samples}};
    if (writes_floats) {
        orders.push_back({sample_split_3, 3, true, samples});
        orders.push_back({sample_split_4, 4, true, samples});
    }
    return orders;
}

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_PIXEL_ORDERS_H_
