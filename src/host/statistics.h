// Statistics computed by a processor.
#ifndef GLIMPSE_SRC_HOST_STATISTICS_H_
#define GLIMPSE_SRC_HOST_STATISTICS_H_

#include <cstdint>

#include "call/context_impl.h"
#include "glimpse/statistics.h"

namespace glimpse {

// Computes [count, channels] statistics of the images n for which `wanted[n]` is not 0, or of all
// if `wanted` is null. The view has been checked.
Status compute_on_host(const ConstView &images, const uint8_t *wanted,
                       ChannelStatistics *statistics, Context::Impl &context) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_HOST_STATISTICS_H_
