// Statistics: kernels make partial ones of strips of rows, which are combined here in a fixed
// order. This file must be compiled without contraction of floating-point expressions.
#include "host/run.h"

#include <algorithm>
#include <cmath>

#include "call/check.h"
#include "call/rows.h"
#include "definition/statistics.h"
#include "halide_hooks.h"
#include "host/extract.h"
#include "host/halide_buffer.h"
#include "host/picture.h"
#include "kernel_abi.h"

namespace glimpse {
namespace {

// Strips whose partial statistics are made before they are combined. Bounds scratch memory.
constexpr int64_t strips_at_once = 1024;

constexpr int64_t strips_of(int64_t rows) {
    return (rows + statistics_strip_rows - 1) / statistics_strip_rows;
}

// 64 bits hold the sum of squares of less than 2^33 elements.
__extension__ using Wide = __int128;

// Sums over the strips of one channel so far. Those of integers are kept exactly.
struct Sums {
    double min, max, sum, square, count;
    int64_t exact_sum;
    Wide exact_square;
};

using Partial = double[statistics_fields];

constexpr Sums no_sums = {HUGE_VAL, -HUGE_VAL, 0, 0, 0, 0, 0};

void add_strip(const Partial &partial, ElementType type, Sums *sums) {
    if (partial[statistics_min] < sums->min) {
        sums->min = partial[statistics_min];
    }
    if (partial[statistics_max] > sums->max) {
        sums->max = partial[statistics_max];
    }
    if (is_integer(type)) {
        sums->exact_sum += HostNumbers::reinterpreted<int64_t>(partial[statistics_sum]);
        sums->exact_square += HostNumbers::reinterpreted<int64_t>(partial[statistics_square]);
        return;
    }
    sums->sum += partial[statistics_sum];
    sums->square += partial[statistics_square];
    sums->count += partial[statistics_count];
}

// Of `count` elements.
ChannelStatistics finish(const Sums &sums, int64_t count, ElementType type) {
    const int64_t bias = type == ElementType::uint16 ? statistics_uint16_bias : 0;
    const FinishedStatistics<HostNumbers> f =
        is_integer(type) ? finished_integers<HostNumbers>(sums.min, sums.max, sums.exact_sum,
                                                          sums.exact_square, count, bias, {})
                         : finished_floats<HostNumbers>(sums.min, sums.max, sums.sum, sums.square,
                                                        double(count), {});
    return {f.min, f.max, f.mean, f.stddev};
}

StatisticsKernel *kernel_of(const TypeKernels &kernels, int64_t samples) {
    return samples == 4   ? kernels.statistics_4
           : samples == 3 ? kernels.statistics_3
                          : kernels.statistics_1;
}

// Strips of the picture of a frame, in interleaved pixels.
struct PictureStrips {
    const Picture &picture;
    int64_t n;
    Shape shape;
    Context::Impl &context;

    ElementType type() const noexcept {
        return picture.is_wide ? ElementType::uint16 : ElementType::uint8;
    }
    int64_t elements() const noexcept {
        return shape.width * shape.channels;
    }
    // Of float32 first, where that becomes uint16.
    int64_t bytes() const noexcept {
        return PictureMaker::bytes +
               2 * elements() * statistics_strip_rows * int64_t(sizeof(float));
    }
    Status make(int64_t strip, char *memory, Rows *rows) const noexcept {
        const int64_t first = strip * statistics_strip_rows;
        const int64_t count = std::min<int64_t>(statistics_strip_rows, shape.height - first);
        char *const pixels = memory + PictureMaker::bytes;
        const auto tile = [&](char *data, ElementType of) {
            return rows_of(View::interleaved(data, of, {1, count, shape.width, shape.channels}),
                           true);
        };
        const TypeKernels *const kernels = context.host.kernels->of_type;
        const PictureMaker maker(picture, kernels, memory);
        *rows = tile(pixels, type());
        PictureTarget target = {*rows};
        if (picture.is_wide) {
            target.rows =
                tile(pixels + elements() * count * int64_t(sizeof(float)), ElementType::float32);
        }
        GLIMPSE_TRY(maker.make(n, first, 0, Border::replicate, target));
        return picture.is_wide
                   ? decode_rows(kernels[int(ElementType::uint16)].from_float, target.rows, *rows)
                   : Status();
    }
};

// Some channels of one image, or of its like; of a picture, if there is one.
class ImageSums {
public:
    ImageSums(const Rows &rows, ElementType type, double *partial, Sums *sums,
              const Context::Impl &context, const PictureStrips *picture = nullptr) noexcept
        : rows_(rows), type_(type), partial_(partial), sums_(sums), context_(context),
          picture_(picture) {
    }
    int64_t channels() const noexcept {
        return rows_.samples * rows_.planes;
    }

    // Runs a kernel over all strips and combines them into sums[channels].
    Status sum(StatisticsKernel *kernel) const noexcept {
        const int64_t strips = strips_of(rows_.rows);
        std::fill_n(sums_, channels(), no_sums);
        for (int64_t first = 0; first < strips; first += strips_at_once) {
            const int64_t count = std::min(strips - first, strips_at_once);
            const int64_t bytes =
                rows_.elements * rows_.planes * statistics_strip_rows * count * rows_.element_size;
            const int64_t tasks = context_.tasks_for(bytes, count);
            const auto task = [&](int64_t index) noexcept -> Status {
                return run(kernel, first, count * index / tasks, count * (index + 1) / tasks);
            };
            GLIMPSE_TRY(context_.run(tasks, task));
            for (int64_t i = 0; i < count * channels(); i++) {
                add_strip(*reinterpret_cast<const Partial *>(partial_ + i * statistics_fields),
                          type_, &sums_[i % channels()]);
            }
        }
        return {};
    }

private:
    // Makes partial statistics of strips [begin, end) from `first` on.
    Status run(StatisticsKernel *kernel, int64_t first, int64_t begin, int64_t end) const noexcept {
        if (picture_ == nullptr) {
            return call(kernel, rows_, first + begin, begin, end);
        }
        const Scratch memory(picture_->context.scratch, size_t(picture_->bytes()));
        GLIMPSE_TRY(memory.check("strips of a picture"));
        for (int64_t strip = begin; strip < end; strip++) {
            Rows rows;
            GLIMPSE_TRY(picture_->make(first + strip, static_cast<char *>(memory.data()), &rows));
            GLIMPSE_TRY(call(kernel, rows, 0, strip, strip + 1));
        }
        return {};
    }
    // Of rows whose strip number `first` is the first that is written, at `begin`.
    Status call(StatisticsKernel *kernel, const Rows &rows, int64_t first, int64_t begin,
                int64_t end) const noexcept {
        const Buffer<3> in(rows.data, element_type(rows), {rows.elements, rows.rows, rows.planes},
                           {rows.element_stride, rows.row_stride, rows.plane_stride});
        const Buffer<3> out(partial_ + begin * channels() * statistics_fields,
                            halide_type_t(halide_type_float, 64),
                            {statistics_fields, channels(), end - begin},
                            {1, statistics_fields, statistics_fields * channels()});
        CallError error;
        const int code = kernel(&error, in, int32_t(first), out);
        return code == 0
                   ? Status()
                   : Status(StatusCode::internal, "a kernel of statistics failed with code %d: %s",
                            code, error.text);
    }

    Rows rows_;
    ElementType type_;
    double *partial_;
    Sums *sums_;
    const Context::Impl &context_;
    const PictureStrips *picture_;
};

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

Status compute_of_picture(const Picture &picture, const Shape &shape, const uint8_t *wanted,
                          ChannelStatistics *statistics, Context::Impl &context) noexcept {
    const int64_t channels = shape.channels;
    std::fill_n(statistics, shape.count * channels, ChannelStatistics());
    if (shape.height * shape.width == 0) {
        return {};
    }
    const Picture counted =
        picture_of(*picture.frames, picture.channels, picture.has_wide_statistics());
    const int64_t partials =
        std::min(strips_of(shape.height), strips_at_once) * channels * statistics_fields;
    const Scratch scratch(context.scratch,
                          size_t(partials) * sizeof(double) + size_t(channels) * sizeof(Sums));
    GLIMPSE_TRY(scratch.check("partial statistics"));
    auto *const sums = static_cast<Sums *>(scratch.data());
    for (int64_t n = 0; n < shape.count; n++) {
        if (wanted != nullptr && wanted[n] == 0) {
            continue;
        }
        const PictureStrips strips = {counted, n, shape, context};
        const ElementType type = strips.type();
        Rows rows = rows_of(View::interleaved(nullptr, type, shape), true);
        const ImageSums image(rows, type, reinterpret_cast<double *>(sums + channels), sums,
                              context, &strips);
        GLIMPSE_TRY(image.sum(kernel_of(context.host.kernels->of_type[int(type)], channels)));
        for (int64_t c = 0; c < channels; c++) {
            statistics[n * channels + c] =
                scaled(finish(sums[c], shape.height * shape.width, type), picture.of_statistics());
        }
    }
    return {};
}

}  // namespace glimpse
