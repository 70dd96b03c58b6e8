// What extract() and compute_statistics() do with frames whose pictures are wanted: calls with
// images that have the pictures' shape and numbers.
#include <algorithm>

#include "call/components.h"
#include "call/rows.h"
#include "calls.h"
#include "device/device.h"
#include "host/run.h"

namespace glimpse {
namespace {

// How the numbers of a picture and of the caller are related.
struct Numbers {
    bool is_wide;     // those of the picture are those of uint16
    float of_caller;  // of the picture for one of the caller: of values and subtract
};

Numbers numbers_of(const FormatRow &row, const View &glimpses, const Options &options) {
    const bool is_plain = glimpses.type == ElementType::uint8 && options.subtract.size() == 0 &&
                          options.multiply.size() == 0;
    const bool is_uint16 = glimpses.type == ElementType::uint16;
    const bool is_wide = is_uint16 || (row.bits > 8 && !is_plain);
    constexpr float wide = 257;  // white of uint16 is so many times that of uint8
    return {is_wide, is_wide && !is_uint16 ? wide : 1.0f};
}

// Numbers of a channel each, times a factor. More than four are told by make_call().
class Scaled {
public:
    Scaled(const PerChannel &given, float factor, float otherwise) noexcept {
        const Span<const float> span = given.span();
        size_ = span.size;
        is_given_ = size_ > 4 || span.data == nullptr || factor == 1 || span.memory != Memory::host;
        for (size_t i = 0; !is_given_ && i < size_; i++) {
            numbers_[i] = span.data[i] * factor;
        }
        if (size_ == 0 && otherwise != 1) {
            numbers_[0] = otherwise;
            size_ = 1;
            is_given_ = false;
        }
    }
    PerChannel numbers(const PerChannel &given) const noexcept {
        return is_given_ ? given : PerChannel(numbers_, size_);
    }

private:
    float numbers_[4] = {};
    size_t size_ = 0;
    bool is_given_ = false;
};

// The channels of a picture for glimpses of so many: of luma alone, or of RGB, with alpha where
// that is wanted.
int channels_of(const FormatRow &row, int64_t glimpse_channels, const ChannelOrder &order) {
    const bool is_rgb = row.kind == FormatKind::rgb || row.kind == FormatKind::rgb565;
    if (order.count == 0 && glimpse_channels == 1 && !is_rgb) {
        return 1;
    }
    const auto *const end = order.from + std::min<int>(order.count, 4);
    const bool wants_alpha = order.count == 0
                                 ? glimpse_channels == 4
                                 : std::any_of(order.from, end, [](uint8_t c) { return c > 2; });
    return row.kind == FormatKind::rgb && wants_alpha ? row.components() : 3;
}

// A view with the shape and the layout that a picture would have beside its glimpses.
ConstView picture_view(const ConstFrame &frames, int channels, bool is_wide, const View &glimpses) {
    const Shape shape = {frames.count, frames.height, frames.width, channels};
    const ElementType type = is_wide ? ElementType::uint16 : ElementType::uint8;
    ConstView view = is_interleaved(glimpses) && glimpses.shape.channels > 1
                         ? ConstView::interleaved(nullptr, type, shape)
                         : ConstView::planar(nullptr, type, shape);
    view.memory = frames.planes[0].memory;
    return view;
}

Status check_glimpse_type(ElementType type) {
    const bool is_offered = type != ElementType::int16;
    return is_offered ? Status()
                      : Status(StatusCode::type_mismatch,
                               "frames go to RGB and glimpses are %s; expected one of uint8, "
                               "uint16, float16, bfloat16, float32",
                               name(type));
}

Status check_kernels(const Context::Impl &context, const FormatRow &row) {
    const TypeKernels *const kernels = context.host.kernels->of_type;
    return check_built(kernels[int(row.type())], row.type());
}

// Frames in device memory and contexts that stage are for a later release.
Status check_place(const Context::Impl &context, const ConstView &plane) {
    if (plane.memory == Memory::host && !context.stages()) {
        return {};
    }
    return {StatusCode::memory_mismatch,
            "frames go to RGB on processors alone; expected frames in the memory 'host' and a "
            "variant for processors"};
}

}  // namespace

Status extract_picture(const ConstFrame &frames, const Places &places, const View &glimpses,
                       const Options &options, Context &context) noexcept {
    Context::Impl &impl = context.impl();
    GLIMPSE_TRY(impl.status);
    ByteRange read[3];
    GLIMPSE_TRY(check_frames(frames, frame_names, false, read));
    const FormatRow &row = *find_format(frames.format);
    GLIMPSE_TRY(check_kernels(impl, row));
    GLIMPSE_TRY(check_place(impl, frames.planes[0]));
    GLIMPSE_TRY(check_glimpse_type(glimpses.type));

    Options of_picture = options;
    const int channels = channels_of(row, glimpses.shape.channels, options.channel_order);
    const Numbers numbers = numbers_of(row, glimpses, options);
    const Picture picture = picture_of(frames, channels, numbers.is_wide);
    const float factor = 1 / numbers.of_caller;
    const Scaled value(options.value, numbers.of_caller, 1);
    const Scaled subtract(options.subtract, numbers.of_caller, 1);
    const Scaled multiply(options.multiply, factor, factor);
    of_picture.value = value.numbers(options.value);
    of_picture.subtract = subtract.numbers(options.subtract);
    of_picture.multiply = multiply.numbers(options.multiply);
    const bool scales = picture.of_statistics() != 1 && options.statistics.size != 0;
    const size_t count = scales ? options.statistics.size : 0;
    ByteRange of_statistics;
    GLIMPSE_TRY(check_host_span(options.statistics, "statistics", &of_statistics));
    const Scratch copy(impl.scratch, count * sizeof(ChannelStatistics));
    GLIMPSE_TRY(copy.check("statistics"));
    auto *const statistics = static_cast<ChannelStatistics *>(copy.data());
    for (size_t i = 0; i < count; i++) {
        statistics[i] = scaled(options.statistics.data[i], picture.of_statistics());
    }
    if (scales) {
        of_picture.statistics = {statistics, count};
    }

    Call call(impl, picture_view(frames, channels, numbers.is_wide, glimpses),
              {places, options.coordinates}, glimpses);
    call.picture = &picture;
    call.images_name = "frames";
    call.read = read[0];
    GLIMPSE_TRY(check_output(call.glimpses, call.glimpses_name, &call.written));
    for (int p = 1; p < row.planes; p++) {
        if (intersect(read[p], call.written)) {
            return overlap(frame_names.planes[p], call.glimpses_name);
        }
    }
    if (intersect(of_statistics, call.written)) {
        return overlap("statistics", call.glimpses_name);
    }
    GLIMPSE_TRY(make_call(of_picture, &call));
    return run(call);
}

Status compute_picture_statistics(const ConstFrame &frames,
                                  const Span<ChannelStatistics> &statistics,
                                  Context &context) noexcept {
    Context::Impl &impl = context.impl();
    GLIMPSE_TRY(impl.status);
    ByteRange read[3], written;
    GLIMPSE_TRY(check_frames(frames, frame_names, false, read));
    const FormatRow &row = *find_format(frames.format);
    GLIMPSE_TRY(check_kernels(impl, row));
    GLIMPSE_TRY(check_place(impl, frames.planes[0]));
    const auto size = int64_t(statistics.size);
    const bool has_luma = row.kind == FormatKind::yuv || row.kind == FormatKind::gray;
    const int channels = size == frames.count && has_luma ? 1 : size == 4 * frames.count ? 4 : 3;
    if (size != frames.count * channels || (channels == 4 && row.components() != 4)) {
        return Status(StatusCode::statistics_mismatch,
                      "statistics has %s; expected %lld, for the RGB of %s%s",
                      Counted(statistics.size, "element").text, (long long)(3 * frames.count),
                      Counted(frames.count, "frame").text,
                      has_luma                ? ", or one each, for luma"
                      : row.components() == 4 ? ", or four each, with alpha"
                                              : "");
    }
    GLIMPSE_TRY(check_host_span(statistics, "statistics", &written));
    for (int p = 0; p < row.planes; p++) {
        if (intersect(read[p], written)) {
            return {StatusCode::overlap, "the memory of statistics overlaps that of frames"};
        }
    }
    const Picture picture = picture_of(frames, channels, row.bits > 8);
    const Shape shape = {frames.count, frames.height, frames.width, channels};
    return compute_of_picture(picture, shape, nullptr, statistics.data, impl);
}

}  // namespace glimpse
