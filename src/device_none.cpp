// Calls whose pixels lie on a device, in builds without the variant for devices.
#include "device.h"
#include "stage.h"

namespace glimpse {
namespace {

Status no_device() {
    return {StatusCode::unusable_variant,
            "this build of Glimpse cannot use device memory: it was configured without the variant "
            "'cuda' in GLIMPSE_VARIANTS"};
}

}  // namespace

Status check_stream(const void *) noexcept {
    return {};
}

Status run_device_call(const Call &, const ConstView &, const ConstView &,
                       Context::Impl &) noexcept {
    return no_device();
}

Status compute_device_statistics(const ConstView &, const Span<ChannelStatistics> &,
                                 Context::Impl &) noexcept {
    return no_device();
}

Status copy_device(const ConstView &, const View &, Context::Impl &) noexcept {
    return no_device();
}

Status stage_call(const Call &, const ConstView &, const ConstView &, Context::Impl &) noexcept {
    return no_device();
}

Status stage_statistics(const ConstView &, const Span<ChannelStatistics> &,
                        Context::Impl &) noexcept {
    return no_device();
}

Status load_device_kernels(Context::Impl &) noexcept {
    return no_device();
}

Status synchronize_device(Context::Impl &) noexcept {
    return {};
}

}  // namespace glimpse
