// Extraction of glimpses: rectangles of the plane into which a border rule extends an image.
//
//     std::vector<uint8_t> frame = ...;                       // 1080 x 1920 RGB
//     std::vector<uint8_t> out(2 * 64 * 64 * 3);
//     const glimpse::Origin origins[] = {{100, 200}, {-32, 1900}};
//     glimpse::Options options;
//     options.border = glimpse::Border::reflect101;
//     glimpse::Status status = glimpse::extract(
//         glimpse::ConstView::interleaved(frame.data(), {1, 1080, 1920, 3}), origins,
//         glimpse::View::interleaved(out.data(), {2, 64, 64, 3}), options);
#ifndef GLIMPSE_EXTRACT_H_
#define GLIMPSE_EXTRACT_H_

#include <cstdint>

#include "glimpse/context.h"
#include "glimpse/statistics.h"
#include "glimpse/status.h"
#include "glimpse/view.h"

namespace glimpse {

// The rule that extends an image to the whole plane. For an image row `abcd`:
enum class Border : int32_t {
    zero = 0,        // 00|abcd|00
    constant = 1,    // kk|abcd|kk   Options::value, for all channels or per channel
    mean = 2,        // mm|abcd|mm   the mean of the image, per channel
    replicate = 3,   // aa|abcd|dd   the nearest pixel
    reflect = 4,     // ba|abcd|dc   mirrored, with the edge pixel twice
    reflect101 = 5,  // cb|abcd|cb   mirrored at the edge pixel
    wrap = 6,        // cd|abcd|ab   repeated
    uniform = 7,     // noise, uniform in [min, max] of the image, all channels together
    gaussian = 8,    // noise, normal with mean and deviation of the channel, clamped to its range
};

// Returns the name of a border, such as "reflect101"; "unknown" for any other value.
const char *name(Border border) noexcept;

// What the numbers of an Offset mean. An offset is the centre of a glimpse; pixel i covers
// [i, i + 1).
enum class Coordinates : int32_t {
    pixels = 0,               // pixels, (0, 0) is the top left corner of the image
    normalized = 1,           // 0..1 from edge to edge, (0, 0) is the top left corner
    centered_pixels = 2,      // pixels, (0, 0) is the centre of the image
    centered_normalized = 3,  // -1..1 from edge to edge, (0, 0) is the centre
};

// Returns the name of a coordinate system, such as "centered_pixels"; "unknown" for other values.
const char *name(Coordinates coordinates) noexcept;

// The top left pixel of a glimpse in the plane: (0, 0) is the top left pixel of the image.
struct Origin {
    int32_t y, x;
};

// Where the centre of a glimpse is asked for, in one of the coordinate systems.
struct Offset {
    float y, x;
};

// How to extract. Default-constructed options are valid.
struct Options {
    Border border = Border::zero;

    // What fills with Border::constant: one number, or one per channel. For images of integer
    // types rounded to nearest even and saturated, NaN becomes 0. Must be empty for every other
    // border.
    Span<const float> value;

    // What offsets mean. Not used with origins.
    Coordinates coordinates = Coordinates::pixels;

    // Which image each glimpse is taken from. Empty: image i for glimpse i, or the one image for
    // all.
    Span<const int32_t> image_index;

    // [count, channels] statistics of the images, from compute_statistics(), for the borders mean,
    // uniform and gaussian. Empty: computed inside the call, for those images of which a glimpse
    // shows the outside.
    Span<const ChannelStatistics> statistics;

    // Noise is a function of (seed, first_image + image, y, x, channel) and of nothing else: the
    // same seed gives the same noise, in every call, for every window, on every machine. A frame
    // number makes a good seed.
    uint64_t seed = 0;

    // The glimpse is (pixel - subtract) * multiply in float32, each rounded, of the pixel that the
    // border rule gives; then rounded to the type of the glimpses: to nearest even, integers
    // saturate, NaN becomes 0 in them and the quiet NaN without payload in floats. One finite
    // number, or one per channel; empty: 0 and 1. normalization() makes both from a mean and a
    // deviation. If both are empty and the types are the same, pixels are copied bit for bit.
    Span<const float> subtract, multiply;

    // The number that noise knows the first image of the view by, so that a batch that was split
    // can be numbered as the whole.
    uint32_t first_image = 0;
};

// Extracts glimpse i, of the size of `glimpses`, at origins[i], for all i.
//
// images    [count, height, width, channels], any strides. An image without pixels is legal for the
//           borders zero, constant and mean.
// origins   one per glimpse. Exact at any distance from the image; the glimpse's last pixel must
//           still have int32 coordinates.
// glimpses  [number of glimpses, height, width, channels]: as many channels as `images`, in memory
//           whose range of bytes, from the first to the last, intersects that of neither `images`
//           nor any other argument. No two elements may coincide. Its type is that of the
//           images, or uint8, float16, bfloat16 or float32.
//
// A row of an image or of a glimpse holds at most 2^30 - 1 elements. Rows whose elements are dense
// (interleaved or planar, any pitch) are fast; other strides work, element by element, and so does
// the change between interleaved and planar for other than 1, 3 and 4 channels. Strides of rows,
// columns and channels are at most 2^31 - 1 elements. Those of an output must nest: each steps over
// all that the smaller ones reach. Everything is checked before the first pixel is written.
// Statistics that are computed inside the call, elements that change in type or order, and the
// values of very many channels take scratch memory that the context keeps; otherwise nothing is
// allocated. May be called from any number of
// threads, with the same context too.
//
// Device memory: `images` and `glimpses` that both lie on a device (View::on) are a call that is
// queued in the context's stream, and does not wait: one launch, however many glimpses there are.
// Origins or offsets, image_index and statistics may then lie on the device, too, each by itself
// (Span::on); places or indices there cost one launch more, statistics that are computed two (more
// from 65,536 images or planes on, or if images are very large). What
// lies on the host has been read when the call returns; what lies on the device must stay as it is
// until the stream has come so far. Nobody can be told of a bad place there: a glimpse at an offset
// that is not finite, or that leaves int32, lies outside of its image, and is zeros under borders
// that repeat the image; so is one of an image that there is not. With places on the device the
// statistics of all images are computed. Glimpses have at most 65,535 planes and 16,776,960 rows
// there; images or glimpses that are 2^31 elements apart go one by one, a launch each.
Status extract(const ConstView &images, Span<const Origin> origins, const View &glimpses,
               const Options &options = {}, Context &context = default_context()) noexcept;

// The same with offsets, which origins() turns into origins. An offset that is not finite is an
// error.
Status extract(const ConstView &images, Span<const Offset> offsets, const View &glimpses,
               const Options &options = {}, Context &context = default_context()) noexcept;

// Makes Options::subtract and multiply from the mean and the deviation of each channel: a glimpse
// is then (pixel / scale - mean) / stddev, computed as (pixel - scale * mean) * (1 / (scale *
// stddev)). `scale` is 255 for uint8 images and means of pixels in [0, 1]. All spans have the same
// size; both outputs may be the inputs' memory. Fails if a result is not finite.
Status normalization(Span<const float> mean, Span<const float> stddev, double scale,
                     Span<float> subtract, Span<float> multiply) noexcept;

// Height and width in pixels.
struct Size {
    int64_t height = 0;
    int64_t width = 0;
};

// Computes where glimpses of the size `glimpse` lie that are asked for at `offsets` in an image of
// the size `image`. Per axis, in float32, one rounding per statement, with S the image's and W the
// glimpse's extent:
//
//     c = offset
//     if normalized:               c = c * S
//     if normalized and centered:  c = c / 2
//     if centered:                 c = c + S / 2
//     x = c - W / 2
//     origin = floor(x), plus 1 if x - floor(x) >= 0.5
//
// An odd window asked for at p + 0.5 in pixels has pixel p in its middle.
Status origins(Span<const Offset> offsets, Size image, Size glimpse, Coordinates coordinates,
               Span<Origin> origins) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_EXTRACT_H_
