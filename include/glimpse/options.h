// How to extract glimpses: border rules, coordinates, and what becomes of pixels.
#ifndef GLIMPSE_OPTIONS_H_
#define GLIMPSE_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <type_traits>
#include <utility>

#include "glimpse/view.h"

namespace glimpse {

struct ChannelStatistics;

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

constexpr int border_count = 9;

// Returns the name of a border, such as "reflect101"; "unknown" for any other value.
const char *name(Border border) noexcept;

// What the numbers of an Offset or of a Box mean. An offset is the centre of a glimpse; pixel i
// covers [i, i + 1). Origins are always pixels.
enum class Coordinates : int32_t {
    pixels = 0,               // pixels, (0, 0) is the top left corner of the image
    normalized = 1,           // 0..1 from edge to edge, (0, 0) is the top left corner
    centered_pixels = 2,      // pixels, (0, 0) is the centre of the image
    centered_normalized = 3,  // -1..1 from edge to edge, (0, 0) is the centre
};

constexpr int coordinates_count = 4;

// Returns the name of a coordinate system, such as "centered_pixels"; "unknown" for other values.
const char *name(Coordinates coordinates) noexcept;

// How a box is sampled: what weight a pixel of the image has in a pixel of the glimpse, by the
// distance t of their centres along an axis, in pixels. The weights of a pixel are divided by their
// sum. See docs/sampling.md.
enum class Filter : int32_t {
    linear = 0,       // 1 - t, up to 1
    nearest = 1,      // the pixel that the point lies in; on an edge between two, the right one
    catmull_rom = 2,  // cubic up to 2 with a = -1/2: Pillow's BICUBIC
    cubic = 3,        // cubic up to 2 with a = -3/4: OpenCV's INTER_CUBIC
    lanczos3 = 4,     // sinc(t) sinc(t / 3), up to 3
    area = 5,         // how much of the pixel is covered by one of the glimpse
};

constexpr int filter_count = 6;

// Returns the name of a filter, such as "nearest"; "unknown" for any other value.
const char *name(Filter filter) noexcept;

// What a box shows at the edge of an image, under the borders zero, constant and mean. Noise always
// blends; other borders show the image everywhere, and have no edge.
enum class Edge : int32_t {
    hard = 0,         // points in the image see the image alone, others are filled
    blend = 1,        // the plane is sampled: points near the edge are mixtures of image and border
    renormalize = 2,  // points in the image are made of those pixels that it has, others are filled
};

constexpr int edge_count = 3;

// Returns the name of an edge, such as "blend"; "unknown" for any other value.
const char *name(Edge edge) noexcept;

// How boxes are sampled. Pixel j of a row covers [j, j + 1), and its centre is j + 1/2. Column i of
// a glimpse that is n pixels wide looks at the point x0 + (2 i + 1) (x1 - x0) / (2 n) of the box;
// rows alike. See docs/sampling.md. Origins and offsets do not read it.
struct Sampling {
    Filter filter = Filter::linear;

    // Whether a filter grows with the box where this is larger than the glimpse along an axis, so
    // that all of its pixels count. Filter::nearest never grows. Filter::area covers what the box
    // has; with antialiasing no less than a pixel, which where nothing is reduced is linear. A
    // point looks at no more than 32768 pixels along an axis: boxes that are more than 16384 times
    // as large as their glimpse (cubics 8192, lanczos3 5461, area 32767) fail with too_large.
    bool antialias = true;

    Edge edge = Edge::hard;  // not read under borders that have no edge

    // With Edge::hard, and not read otherwise: points in [margin, extent - margin] are in the
    // image. Any finite number; 1/2 is the rule of TensorFlow's crop_and_resize, -1/2 that of
    // roi_align.
    float edge_margin = 0;
};

// None, one number for all channels, or one per channel. One to four in braces are kept here; an
// array or container is read where it is when a call is made. Temporaries of these are refused.
//
//     options.value = 127.5f;
//     options.subtract = {123.675f, 116.28f, 103.53f};
//     options.multiply = factors;                       // a std::vector<float>, one per channel
class PerChannel {
public:
    PerChannel() = default;
    PerChannel(float value) noexcept : PerChannel({value}) {
    }
    // A call with more than four in braces is an error.
    PerChannel(std::initializer_list<float> values) noexcept : size_(values.size()) {
        for (const float value : values) {
            if (kept_ < most_kept) {
                values_[kept_++] = value;
            }
        }
    }
    template<typename Element,
             typename = std::enable_if_t<detail::Shows<Element, const float>::value>>
    PerChannel(Element *data, size_t size) noexcept : data_(data), size_(size) {
    }
    // What a Span is made of: C arrays, std::array, std::vector, Span.
    template<typename Source, typename = std::enable_if_t<
                                  !std::is_same<std::decay_t<Source>, PerChannel>::value &&
                                  std::is_constructible<Span<const float>, Source &&>::value>>
    PerChannel(Source &&source) noexcept {
        const Span<const float> span(std::forward<Source>(source));
        data_ = span.data;
        size_ = span.size;
        memory_ = span.memory;
    }

    // The numbers, for as long as this object lives; null if there were too many for braces.
    Span<const float> span() const &noexcept {
        return Span<const float>(kept_ == 0       ? data_
                                 : kept_ == size_ ? values_
                                                  : nullptr,
                                 size_)
            .on(memory_);
    }
    Span<const float> span() const && = delete;
    size_t size() const noexcept {
        return size_;
    }
    bool is_in_braces() const noexcept {
        return kept_ > 0;
    }

private:
    static constexpr size_t most_kept = 4;

    const float *data_ = nullptr;
    size_t size_ = 0, kept_ = 0;
    Memory memory_ = Memory::host;
    float values_[most_kept] = {};
};

// Which channels of the image a glimpse has, and in which order: channel c of the glimpse is
// channel from[c] of the image. A count of 0: all of them, in their order.
//
//     options.channel_order = {3, {2, 1, 0}};  // BGR to RGB, or back; of BGRA without the alpha
//     options.channel_order = {3, {1, 2, 3}};  // XRGB to RGB
struct ChannelOrder {
    uint8_t count = 0;  // 0 to 4
    uint8_t from[4] = {};
};

// Default-constructed options are valid. Elements go through them in this order: the border rule,
// sampling, the order of channels, then subtract and multiply, then the type of the glimpses.
struct Options {
    Border border = Border::zero;

    // What fills with Border::constant: one number, or one per channel. For images of integer
    // types rounded to nearest even and saturated, NaN becomes 0. Must be empty for every other
    // border.
    PerChannel value;

    // Whether `value` and the mean keep their fraction where elements change: what fills is then
    // (value - subtract) * multiply of the number itself, not of the nearest element of the image.
    // So a mean that is subtracted fills with exactly 0. Has no effect with other borders, or where
    // glimpses have the type of the images and nothing is subtracted or multiplied.
    bool exact_fill = false;

    // What offsets and sides of boxes mean. Not used with origins.
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
    // number makes a good seed. `first_image` numbers the first image of the view, so that a batch
    // that was split can be numbered as the whole.
    uint64_t seed = 0;
    uint32_t first_image = 0;

    // How boxes are sampled. Not used with origins and offsets.
    Sampling sampling;

    // Value and statistics are in channels of the image, subtract and multiply in channels of the
    // glimpse.
    ChannelOrder channel_order;

    // The glimpse is (pixel - subtract) * multiply in float32, each rounded, of the pixel that the
    // border rule gives; then rounded to the type of the glimpses: to nearest even, integers
    // saturate, NaN becomes 0 in them and the quiet NaN without payload in floats. One finite
    // number, or one per channel; empty: 0 and 1. normalization() makes both from a mean and a
    // deviation. If both are empty and the types are the same, pixels are copied bit for bit.
    PerChannel subtract, multiply;
};

}  // namespace glimpse

#endif  // GLIMPSE_OPTIONS_H_
