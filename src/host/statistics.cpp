// Statistics: kernels make partial ones of strips of rows, which are combined here in a fixed
// order. This file must be compiled without contraction of floating-point expressions.
#include "host/run.h"

#include <algorithm>
#include <cmath>

#include "host/image_sums.h"

namespace glimpse {
namespace {

// Statistics of a view, image by image and, if there are many channels, group by group.
class ViewStatistics {
public:
    ViewStatistics(const ConstView &images, ChannelStatistics *statistics,
                   Context::Impl &context) noexcept
        : images_(images), statistics_(statistics), context_(context),
          kernels_(context.host.kernels->of_type[int(images.type)]),
          channels_(images.shape.channels),
          // Rows of 3 or 4 channels are read once; all else channel by channel.
          interleaved_(is_interleaved(images) &&
                       (channels_ == 1 || channels_ == 3 || channels_ == 4)),
          group_(interleaved_ ? channels_ : std::min<int64_t>(channels_, 64)),
          partials_(std::min(strips_of(images.shape.height), strips_at_once) * group_ *
                    statistics_fields),
          scratch_(context.scratch,
                   size_t(partials_) * sizeof(double) + size_t(group_) * sizeof(Sums)) {
    }

    Status compute(const uint8_t *wanted) noexcept {
        GLIMPSE_TRY(scratch_.check("partial statistics"));
        for (int64_t n = 0; n < images_.shape.count; n++) {
            for (int64_t c = 0; c < channels_ && (wanted == nullptr || wanted[n] != 0);
                 c += group_) {
                GLIMPSE_TRY(compute_group(n, c));
            }
        }
        return {};
    }

private:
    Status compute_group(int64_t n, int64_t first) noexcept {
        const int64_t pixels = images_.shape.height * images_.shape.width;
        const int64_t count = std::min(group_, channels_ - first);
        const ImageSums group = sums_of(n, first, count, interleaved_);
        GLIMPSE_TRY(group.sum(kernel_of(kernels_, interleaved_ ? channels_ : 1)));
        ChannelStatistics *const results = statistics_ + n * channels_ + first;
        for (int64_t c = 0; c < count; c++) {
            results[c] = finish(sums()[c], pixels, images_.type);
        }
        // Channels with something that is not finite are done once more, in the order of the first
        // pass, leaving that out.
        StatisticsKernel *const finite = interleaved_ && channels_ > 1
                                             ? kernels_.statistics_finite_pixels
                                             : kernels_.statistics_finite;
        for (int64_t c = 0; c < count; c++) {
            if (!std::isfinite(results[c].mean)) {
                GLIMPSE_TRY(sums_of(n, first + c, 1, false).sum(finite));
                results[c] = finish(*sums(), int64_t(sums()->count), images_.type);
            }
        }
        return {};
    }

    Sums *sums() const noexcept {
        return static_cast<Sums *>(scratch_.data());
    }
    ImageSums sums_of(int64_t n, int64_t first, int64_t count, bool interleaved) const noexcept {
        Rows rows = rows_of(images_, interleaved);
        rows.data += n * images_.strides.image * rows.element_size;
        if (!interleaved) {
            rows.data += first * images_.strides.channel * rows.element_size;
            rows.planes = count;
        }
        return {rows, images_.type, reinterpret_cast<double *>(sums() + group_), sums(), context_};
    }

    const ConstView &images_;
    ChannelStatistics *statistics_;
    Context::Impl &context_;
    const TypeKernels &kernels_;
    const int64_t channels_;
    const bool interleaved_;
    const int64_t group_, partials_;  // channels at once, and doubles for their strips
    const Scratch scratch_;
};

}  // namespace

Status compute_on_host(const ConstView &images, const uint8_t *wanted,
                       ChannelStatistics *statistics, Context::Impl &context) noexcept {
    const Shape &shape = images.shape;
    const int64_t count = shape.count * shape.channels;
    if (shape.height * shape.width == 0 || count == 0) {
        std::fill_n(statistics, count, ChannelStatistics());
        return {};
    }
    return ViewStatistics(images, statistics, context).compute(wanted);
}

}  // namespace glimpse
