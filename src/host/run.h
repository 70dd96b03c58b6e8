// What a processor makes, on the context's executor.
#ifndef GLIMPSE_SRC_HOST_RUN_H_
#define GLIMPSE_SRC_HOST_RUN_H_

#include <cstdint>

#include "call/call.h"
#include "glimpse/statistics.h"

namespace glimpse {

// Makes all glimpses of a call.
Status run_on_host(const Call &call) noexcept;

// Copies between views of host memory, of the same shape and type, that have been checked.
Status copy_on_host(const ConstView &from, const View &to, Context::Impl &context) noexcept;

// Computes [count, channels] statistics of the images n for which `wanted[n]` is not 0, or of all
// if `wanted` is null. The view has been checked.
Status compute_on_host(const ConstView &images, const uint8_t *wanted,
                       ChannelStatistics *statistics, Context::Impl &context) noexcept;

// The same of pictures of frames, in images of that shape: as uint8 or, of more than 8 bits, as
// uint16, whatever numbers the picture has; scaled to these.
Status compute_of_picture(const Picture &picture, const Shape &shape, const uint8_t *wanted,
                          ChannelStatistics *statistics, Context::Impl &context) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_HOST_RUN_H_
