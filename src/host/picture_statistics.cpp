// Statistics of the pictures of frames, strip by strip.
#include <algorithm>

#include "host/extract.h"
#include "host/image_sums.h"
#include "host/picture.h"
#include "host/run.h"

namespace glimpse {
namespace {

// Strips of the picture of a frame, in interleaved pixels.
class PictureStrips : public Strips {
public:
    PictureStrips(const Picture &picture, int64_t n, const Shape &shape,
                  const Context::Impl &context) noexcept
        : picture_(picture), n_(n), shape_(shape), context_(context) {
    }

    ElementType type() const noexcept {
        return picture_.is_wide ? ElementType::uint16 : ElementType::uint8;
    }
    int64_t elements() const noexcept {
        return shape_.width * shape_.channels;
    }
    // Of float32 first, where that becomes uint16.
    int64_t bytes() const noexcept override {
        return PictureMaker::bytes +
               2 * elements() * statistics_strip_rows * int64_t(sizeof(float));
    }
    Status make(int64_t strip, char *memory, Rows *rows) const noexcept override {
        const int64_t first = strip * statistics_strip_rows;
        const int64_t count = std::min<int64_t>(statistics_strip_rows, shape_.height - first);
        char *const pixels = memory + PictureMaker::bytes;
        const auto tile = [&](char *data, ElementType of) {
            return rows_of(View::interleaved(data, of, {1, count, shape_.width, shape_.channels}),
                           true);
        };
        const TypeKernels *const kernels = context_.host.kernels->of_type;
        const PictureMaker maker(picture_, kernels, memory);
        *rows = tile(pixels, type());
        PictureTarget target = {*rows};
        if (picture_.is_wide) {
            target.rows =
                tile(pixels + elements() * count * int64_t(sizeof(float)), ElementType::float32);
        }
        GLIMPSE_TRY(maker.make(n_, first, 0, Border::replicate, target));
        return picture_.is_wide
                   ? decode_rows(kernels[int(ElementType::uint16)].from_float, target.rows, *rows)
                   : Status();
    }

private:
    const Picture &picture_;
    const int64_t n_;
    const Shape shape_;
    const Context::Impl &context_;
};

}  // namespace

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
        const PictureStrips strips(counted, n, shape, context);
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
