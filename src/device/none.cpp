// Calls whose pixels lie on a device, in builds without the variant for devices.
#include "device/device.h"

namespace glimpse {
namespace {

Status no_device() {
    return Status(
        StatusCode::unusable_variant,
        "this build of Glimpse cannot use device memory: it was configured without the variant "
        "'cuda' in GLIMPSE_VARIANTS");
}

}  // namespace

bool has_device() noexcept {
    return false;
}
Status check_stream(const void *) noexcept {
    return {};
}
Status synchronize_device(Context::Impl &) noexcept {
    return {};
}
Status run_on_device(const Call &) noexcept {
    return no_device();
}
Status stage_call(const Call &) noexcept {
    return no_device();
}
Status load_device_kernels(Context::Impl &) noexcept {
    return no_device();
}
Status copy_device(const ConstView &, const View &, Context::Impl &) noexcept {
    return no_device();
}
using Statistics = Span<ChannelStatistics>;
Status compute_on_device(const ConstView &, const Statistics &, Context::Impl &) noexcept {
    return no_device();
}
Status stage_statistics(const ConstView &, const Statistics &, Context::Impl &) noexcept {
    return no_device();
}

}  // namespace glimpse
