// Calls whose pixels lie on a device.
#ifndef GLIMPSE_SRC_DEVICE_H_
#define GLIMPSE_SRC_DEVICE_H_

#include "call.h"
#include "context_impl.h"
#include "glimpse/statistics.h"

namespace glimpse {

// Makes all glimpses of a call whose views lie on a device. `images` is what `call` is about.
Status run_device_call(const Call &call, const ConstView &images, const ConstView &glimpses,
                       Context::Impl &context) noexcept;

// Computes the statistics of images that lie on a device; waits if they are wanted on the host.
Status compute_device_statistics(const ConstView &images, const Span<ChannelStatistics> &statistics,
                                 Context::Impl &context) noexcept;

#ifdef GLIMPSE_CUDA
// Both as parts of a call that does more; statistics of `count` images from `first` on.
Status queue_call(const Call &call, const ConstView &images, const ConstView &glimpses,
                  Context::Impl &context, CudaCall &cuda) noexcept;
Status queue_statistics(const ConstView &images, int64_t first, int64_t count,
                        CUdeviceptr statistics, CudaCall &cuda) noexcept;
#endif

// Copies between views of the same shape and type, one of them at least on a device.
Status copy_device(const ConstView &from, const View &to, Context::Impl &context) noexcept;

// Fails if it is no stream that a context can have.
Status check_stream(const void *stream) noexcept;
Status load_device_kernels(Context::Impl &context) noexcept;
Status synchronize_device(Context::Impl &context) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_DEVICE_H_
