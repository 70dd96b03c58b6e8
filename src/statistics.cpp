// compute_statistics(): checks the arguments and goes where the images lie.
#include "glimpse/statistics.h"

#include "call/check.h"
#include "call/context_impl.h"
#include "calls.h"
#include "device/device.h"
#include "host/run.h"

namespace glimpse {

Status compute_statistics(const ConstView &images, Span<ChannelStatistics> statistics,
                          Context &context) noexcept {
    Context::Impl &impl = context.impl();
    GLIMPSE_TRY(impl.status);
    ByteRange in, out;
    GLIMPSE_TRY(check_input(images, "images", &in));
    GLIMPSE_TRY(check_built(impl.host.kernels->of_type[int(images.type)], images.type));
    const int64_t expected = images.shape.count * images.shape.channels;
    if (statistics.size != uint64_t(expected)) {
        return Status(StatusCode::statistics_mismatch,
                      "statistics has %s; expected %lld, for %s with %s",
                      Counted(statistics.size, "element").text, (long long)expected,
                      Counted(images.shape.count, "image").text,
                      Counted(images.shape.channels, "channel").text);
    }
    GLIMPSE_TRY(check_span(statistics, "statistics", &out));
    if (intersect(in, out)) {
        return {StatusCode::overlap, "the memory of statistics overlaps that of images"};
    }
    const bool on_device = images.memory == Memory::cuda;
    if (!on_device && statistics.memory != Memory::host) {
        return Status(
            StatusCode::memory_mismatch,
            "images lie in the memory '%s' and statistics in '%s'; expected both in 'host', or "
            "images in 'cuda'",
            name(images.memory), name(statistics.memory));
    }
    if (on_device) {
        return compute_on_device(images, statistics, impl);
    }
    const bool has_pixels = images.shape.height * images.shape.width > 0 && statistics.size > 0;
    return impl.stages() && has_pixels ? stage_statistics(images, statistics, impl)
                                       : compute_on_host(images, nullptr, statistics.data, impl);
}

Status compute_statistics(const ConstFrame &frames, Span<ChannelStatistics> statistics,
                          Context &context) noexcept {
    return compute_picture_statistics(frames, statistics, context);
}

}  // namespace glimpse
