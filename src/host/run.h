// Calls made by a processor.
#ifndef GLIMPSE_SRC_HOST_RUN_H_
#define GLIMPSE_SRC_HOST_RUN_H_

#include "call/call.h"

namespace glimpse {

// Makes all glimpses of a call, on the context's executor.
Status run_on_host(const Call &call) noexcept;

// Copies between views of host memory, of the same shape and type, that have been checked.
Status copy_on_host(const ConstView &from, const View &to, Context::Impl &context) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_HOST_RUN_H_
