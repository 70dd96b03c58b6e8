// Calls with views of host memory that are wanted on a device.
#ifndef GLIMPSE_SRC_STAGE_H_
#define GLIMPSE_SRC_STAGE_H_

#include "call.h"
#include "context_impl.h"
#include "glimpse/statistics.h"

namespace glimpse {

// Copies what `call` reads to the device, makes its glimpses there and copies these back.
Status stage_call(const Call &call, const ConstView &images, const ConstView &glimpses,
                  Context::Impl &context) noexcept;

Status stage_statistics(const ConstView &images, const Span<ChannelStatistics> &statistics,
                        Context::Impl &context) noexcept;

// Copies between views of host memory, of the same shape and type.
Status copy_on_host(const ConstView &from, const View &to, Context::Impl &context) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_STAGE_H_
