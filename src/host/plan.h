// How a processor makes a call: what is decided once, before the first pixel.
#ifndef GLIMPSE_SRC_HOST_PLAN_H_
#define GLIMPSE_SRC_HOST_PLAN_H_

#include <cstdint>

#include "call/call.h"
#include "call/rows.h"
#include "kernels.h"

namespace glimpse {

// How elements get into glimpses after they have changed: at once; or by way of a second tile, from
// which planes are put together to pixels, or elements are copied one by one.
enum class Finish { none, join, copy };

struct Plan {
    explicit Plan(const Call &call_) noexcept : Plan(call_, call_.images.type) {
    }
    // Of what becomes of samples of a type, as if they were an image's elements.
    Plan(const Call &call_, ElementType element_) noexcept
        : call(call_), element(element_),
          statistics(call_.statistics.size == 0 ? nullptr : call_.statistics.data) {
    }

    const Call &call;
    const ElementType element;            // the type of what is extracted, or sampled, into a tile
    const ChannelStatistics *statistics;  // null: no glimpse needs them, or they are yet to come
    const TypeKernels *kernels = nullptr, *glimpse_kernels = nullptr;

    // How pixels are extracted, into glimpses or, in the order of the images, into a tile.
    Rows images = {}, glimpses = {};
    bool dense = false;       // both sides have dense rows, in the same order
    bool one_by_one = false;  // the batches are too large for the 32-bit strides of a buffer
    bool spans_are_pure =
        false;  // an image or a glimpse is too large for the 32-bit indices of spans

    int64_t parameter_bytes = 0;  // of the values of all channels that a border needs for an image

    // How elements are changed in type or order; null: they are not, and pixels are extracted to
    // `glimpses`. Else a kernel reads images, if they are dense, or tiles.
    ConvertKernel *change = nullptr;
    int64_t changed_samples = 0;  // channels per pixel in rows of what it writes
    Finish finish = Finish::none;

    int64_t channels() const noexcept {
        return call.channels();
    }
    bool converts() const noexcept {
        return call.converts || element != call.glimpses.type;
    }
    // Whether batches, images or glimpses are beyond the 32-bit indices of kernels that change
    // elements.
    bool is_large() const noexcept {
        return one_by_one || spans_are_pure;
    }
};

// Fails if there are too many channels to convert. Rows hold pixels of at most so many channels,
// and are those of planes else.
Status make_plan(Plan *plan, int64_t most_samples = INT64_MAX) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_HOST_PLAN_H_
