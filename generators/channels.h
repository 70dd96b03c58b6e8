// Channels that change places: see channels_in_order in kernel_abi.h.
#ifndef GLIMPSE_GENERATORS_CHANNELS_H_
#define GLIMPSE_GENERATORS_CHANNELS_H_

#include "Halide.h"
#include "kernel_abi.h"

namespace glimpse {

// The number that `packed`, which has some, has for a channel of 0 to 3.
inline Halide::Expr given_channel(const Halide::Expr &packed, const Halide::Expr &channel) {
    return (packed >> channel * 8) & 255;
}

// The number that `packed` has for a channel; the channel itself if all stay in order.
inline Halide::Expr mapped_channel(const Halide::Expr &packed, const Halide::Expr &channel) {
    return Halide::select(packed == channels_in_order, channel,
                          given_channel(packed, Halide::clamp(channel, 0, 3)));
}

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_CHANNELS_H_
