// The taps of the outputs of an axis: which pixels of the plane they look at, and with which
// weights.
#ifndef GLIMPSE_SRC_HOST_AXIS_TAPS_H_
#define GLIMPSE_SRC_HOST_AXIS_TAPS_H_

#include <cstdint>

#include "call/box_axis.h"
#include "kernel_abi.h"

namespace glimpse {

// Weights are int16 or float32; those of an output are `stride` apart from those of the next, and 0
// behind its last tap.
struct AxisTaps {
    int32_t *first;  // tap of each output
    void *weights;
    int64_t stride;  // taps_at_once or a multiple; no fewer than the taps of an output
    int32_t bits;    // of integer weights

    int64_t count;        // of outputs
    int64_t taps;         // the most of an output
    int64_t least, most;  // of all taps

    int64_t size() const noexcept {
        return most - least + 1;
    }
};

// Finds them for the outputs `o`, one or more, in an image of `extent` pixels. `memory` has room
// for the taps of an output.
void find_taps(const SamplingRule &rule, const BoxAxis &axis, const Outputs &o, int64_t extent,
               bool by_integers, int64_t *memory, AxisTaps *taps) noexcept;

// `count` made up to a multiple of what is taken at once; taps to what all kernels take.
inline int64_t made_up(int64_t count, int64_t at_once) noexcept {
    return (count + at_once - 1) / at_once * at_once;
}
inline int64_t taps_made_up(int64_t taps) noexcept {
    return made_up(taps, taps_at_once);
}

}  // namespace glimpse

#endif  // GLIMPSE_SRC_HOST_AXIS_TAPS_H_
