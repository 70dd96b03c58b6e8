// What a device makes. In builds without the variant for devices all but has_device(),
// check_stream() and synchronize_device() fail (none.cpp).
#ifndef GLIMPSE_SRC_DEVICE_DEVICE_H_
#define GLIMPSE_SRC_DEVICE_DEVICE_H_

#include "call/call.h"
#include "glimpse/statistics.h"

namespace glimpse {

// Queues a call whose views lie on a device.
Status run_on_device(const Call &call) noexcept;
// Computes the statistics of images that lie on a device; waits if they are wanted on the host.
Status compute_on_device(const ConstView &images, const Span<ChannelStatistics> &statistics,
                         Context::Impl &context) noexcept;

// The same with views of host memory: copies what is read to the device, and the result back.
Status stage_call(const Call &call) noexcept;
Status stage_statistics(const ConstView &images, const Span<ChannelStatistics> &statistics,
                        Context::Impl &context) noexcept;

// Copies between views of the same shape and type, one of them at least on a device.
Status copy_device(const ConstView &from, const View &to, Context::Impl &context) noexcept;

// Whether there is a device that can be used.
bool has_device() noexcept;
// Fails if it is no stream that a context can have.
Status check_stream(const void *stream) noexcept;
Status load_device_kernels(Context::Impl &context) noexcept;
Status synchronize_device(Context::Impl &context) noexcept;

#ifdef GLIMPSE_CUDA
// Parts of what does more: a call for copies of its views that lie on the device; and statistics of
// `count` images from `first` on.
Status queue_call(const Call &call, const ConstView &images, const ConstView &glimpses,
                  CudaCall &cuda) noexcept;
Status queue_statistics(const ConstView &images, int64_t first, int64_t count,
                        CUdeviceptr statistics, CudaCall &cuda) noexcept;
#endif

}  // namespace glimpse

#endif  // GLIMPSE_SRC_DEVICE_DEVICE_H_
