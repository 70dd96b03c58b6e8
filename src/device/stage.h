// Calls with views of host memory that are wanted on a device.
#ifndef GLIMPSE_SRC_DEVICE_STAGE_H_
#define GLIMPSE_SRC_DEVICE_STAGE_H_

#include "call/call.h"

namespace glimpse {

// Copies what a call reads to the device, makes its glimpses there and copies these back.
Status stage_call(const Call &call) noexcept;

Status stage_statistics(const ConstView &images, const Span<ChannelStatistics> &statistics,
                        Context::Impl &context) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_DEVICE_STAGE_H_
