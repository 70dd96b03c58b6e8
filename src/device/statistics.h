// Statistics computed by a device.
#ifndef GLIMPSE_SRC_DEVICE_STATISTICS_H_
#define GLIMPSE_SRC_DEVICE_STATISTICS_H_

#include "call/context_impl.h"
#include "glimpse/statistics.h"

namespace glimpse {

// Computes the statistics of images that lie on a device; waits if they are wanted on the host.
Status compute_on_device(const ConstView &images, const Span<ChannelStatistics> &statistics,
                         Context::Impl &context) noexcept;

#ifdef GLIMPSE_CUDA
// The same of `count` images from `first` on, as part of what does more.
Status queue_statistics(const ConstView &images, int64_t first, int64_t count,
                        CUdeviceptr statistics, CudaCall &cuda) noexcept;
#endif

}  // namespace glimpse

#endif  // GLIMPSE_SRC_DEVICE_STATISTICS_H_
