// Calls made by a device.
#ifndef GLIMPSE_SRC_DEVICE_RUN_H_
#define GLIMPSE_SRC_DEVICE_RUN_H_

#include "call/call.h"

namespace glimpse {

// Queues a call whose views lie on a device.
Status run_on_device(const Call &call) noexcept;

#ifdef GLIMPSE_CUDA
// The same for copies of its views that lie there, as part of what does more.
Status queue_call(const Call &call, const ConstView &images, const ConstView &glimpses,
                  CudaCall &cuda) noexcept;
#endif

// Fails if it is no stream that a context can have.
Status check_stream(const void *stream) noexcept;
Status load_device_kernels(Context::Impl &context) noexcept;
Status synchronize_device(Context::Impl &context) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_DEVICE_RUN_H_
