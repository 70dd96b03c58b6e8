// A drop-in for TensorFlow's extract_glimpse: its argument names, defaults, coordinate rules and
// argument errors. Use it to replace TensorFlow; for new work glimpse::extract() has the plain
// rules.
//
// Differences from TensorFlow r1.15, all on purpose: noise is seeded and differs between images and
// channels, statistics are accurate, `uniform_noise = false` gives the Gaussian noise that the
// documentation promises, and non-finite offsets are wholly outside on every processor.
#ifndef GLIMPSE_TENSORFLOW_H_
#define GLIMPSE_TENSORFLOW_H_

#include <cstdint>

#include "glimpse/context.h"
#include "glimpse/extract.h"
#include "glimpse/status.h"
#include "glimpse/view.h"

namespace glimpse {
namespace tensorflow {

// A dense row-major tensor of the caller: `rank` extents from `shape` on.
template<typename T>
struct Tensor {
    T *data = nullptr;
    Span<const int64_t> shape;
    Memory memory = Memory::host;  // of the data; the shape is on the host
};

enum class Version : int32_t {
    v1 = 1,  // tf.image.extract_glimpse of r1.15 and tf.compat.v1: bit for bit, quirks included
    v2 = 2,  // tf.image.extract_glimpse of TensorFlow 2
};

struct Attributes {
    Version version = Version::v1;
    bool centered = true;
    bool normalized = true;
    bool uniform_noise = true;
    // "uniform", "gaussian", "zero" or "": with "" uniform_noise decides. "gaussian" and "zero"
    // want uniform_noise = false, as the operation does; TensorFlow 2's Python function, which has
    // no uniform_noise, passes that by itself.
    const char *noise = "";
    uint64_t seed = 0;  // TensorFlow has none
};

// Extracts one glimpse per image.
//
// input    [batch, height, width, channels]
// size     [2]: height and width of the glimpses
// offsets  [batch, 2]: (y, x)
// output   [batch, size[0], size[1], channels], written; shares no byte with the others
//
// `input` and `output` lie in the same memory; `offsets` too, or on the host; `size` on the host.
//
// Noise over an image without pixels is NaN, as TensorFlow's.
Status extract_glimpse(const Tensor<const float> &input, const Tensor<const int32_t> &size,
                       const Tensor<const float> &offsets, const Tensor<float> &output,
                       const Attributes &attributes = {},
                       Context &context = default_context()) noexcept;

// An origin as TensorFlow computes it. One beyond int32 is wholly outside any image.
struct WideOrigin {
    int64_t y, x;
};

// Computes the origins that TensorFlow computes. Per axis, in float32, one rounding per statement,
// with S the image's and W the glimpse's extent:
//
//     v1:  if normalized: x *= S
//          if centered:   x /= 2, x += S / 2
//          x -= W / 2
//     v2:  if normalized: x *= S
//          if both:       x /= 2, x += S / 2, x -= W / 2
//          if centered and not normalized: x += S / 2
//     origin = x truncated toward zero; INT64_MIN for NaN, infinities and beyond int64
Status origins(Span<const Offset> offsets, Size image, Size glimpse, const Attributes &attributes,
               Span<WideOrigin> origins) noexcept;

// Returns an int32 origin that shows the same pixels, under value and noise borders, as `origin`
// does to a glimpse of the size `glimpse`: itself where it fits, else one that is wholly outside
// too.
Origin clamp(WideOrigin origin, Size glimpse) noexcept;

// Makes boxes of those of tf.image.crop_and_resize, [y1, x1, y2, x2] of each: their corners are the
// centres of the first and the last sample, in units of the image's extent less a pixel. With
// Sampling{filter, false, Edge::hard, 0.5f}, Border::constant for extrapolation_value and
// Options::exact_fill, extract() to float32 gives what that operation does. `crop` is the size of
// the glimpses; the result is in pixels.
Status boxes(Span<const Box> boxes, Size image, Size crop, Span<Box> result) noexcept;

}  // namespace tensorflow
}  // namespace glimpse

#endif  // GLIMPSE_TENSORFLOW_H_
