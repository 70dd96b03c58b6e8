// Copies by a device.
#ifndef GLIMPSE_SRC_DEVICE_COPY_H_
#define GLIMPSE_SRC_DEVICE_COPY_H_

#include "call/context_impl.h"

namespace glimpse {

// Copies between views of the same shape and type, one of them at least on a device.
Status copy_device(const ConstView &from, const View &to, Context::Impl &context) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_DEVICE_COPY_H_
