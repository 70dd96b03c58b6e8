// Extraction of glimpses: rectangles of the plane into which a border rule extends an image.
//
//     std::vector<uint8_t> frame = ...;                       // 1080 x 1920 RGB
//     std::vector<uint8_t> out(2 * 64 * 64 * 3);
//     const glimpse::Origin origins[] = {{100, 200}, {-32, 1900}};
//     glimpse::Options options;
//     options.border = glimpse::Border::reflect101;
//     glimpse::Status status = glimpse::extract(
//         glimpse::ConstView::interleaved(frame, {1, 1080, 1920, 3}), origins,
//         glimpse::View::interleaved(out, {2, 64, 64, 3}), options);
#ifndef GLIMPSE_EXTRACT_H_
#define GLIMPSE_EXTRACT_H_

#include <cstdint>

#include "glimpse/context.h"
#include "glimpse/frame.h"
#include "glimpse/options.h"
#include "glimpse/places.h"
#include "glimpse/statistics.h"
#include "glimpse/status.h"
#include "glimpse/view.h"

namespace glimpse {

// What glimpses are taken from: a view of one image or several, or frames.
class Images {
public:
    Images(const ConstView &view) noexcept : are_frames_(false), view_(view) {
    }
    Images(const View &view) noexcept : Images(ConstView(view)) {
    }
    Images(const ConstFrame &frames) noexcept : are_frames_(true), frames_(frames) {
    }
    Images(const Frame &frames) noexcept : Images(ConstFrame(frames)) {
    }
    bool are_frames() const noexcept {
        return are_frames_;
    }
    // One of the two.
    const ConstView &view() const noexcept {
        return view_;
    }
    const ConstFrame &frames() const noexcept {
        return frames_;
    }

private:
    bool are_frames_;
    union {
        ConstView view_;
        ConstFrame frames_;
    };
};

// What is written: a view of all glimpses, or frames.
class Glimpses {
public:
    Glimpses(const View &view) noexcept : are_frames_(false), view_(view) {
    }
    Glimpses(const Frame &frames) noexcept : are_frames_(true), frames_(frames) {
    }
    bool are_frames() const noexcept {
        return are_frames_;
    }
    // One of the two.
    const View &view() const noexcept {
        return view_;
    }
    const Frame &frames() const noexcept {
        return frames_;
    }

private:
    bool are_frames_;
    union {
        View view_;
        Frame frames_;
    };
};

// Extracts glimpse i, of the size of `glimpses`, at place i, for all i; boxes are sampled to that
// size as Options::sampling says.
//
// images    [count, height, width, channels], any strides. An image without pixels is legal for the
//           borders zero, constant and mean. Or frames, whose images are their RGB pictures: white
//           is 255, for glimpses of uint16 65535 (docs/frames.md).
// places    one per glimpse. Origins are exact at any distance from the image; the glimpse's last
//           pixel must still have int32 coordinates. Offsets become origins as by origins(); one
//           that is not finite is an error. So is a box that is not finite or leaves int32; any
//           other is legal, flipped and empty ones too, unless a filter would look at too many
//           pixels at once (Sampling::antialias): too_large.
// glimpses  [number of glimpses, height, width, channels]: as many channels as `images`, or as
//           Options::channel_order names; of frames 3, 1 of luma alone, or 4 with alpha. Its type
//           is that of the images, or uint8, float16, bfloat16 or float32; of frames also uint16.
//           Its bytes, from the first to the last, must not overlap those of any other argument,
//           and no two of its elements may coincide.
//           Or frames of the format of `images`, which are copied, at origins. Borders extend each
//           plane by itself, and zero is black; chroma begins with the cell of the top left pixel;
//           Border::constant takes a number for each component, in the units of elements; noise is
//           that of each plane; statistics, channel_order, subtract and multiply must be empty.
//
// A row of an image or of a glimpse holds at most 2^30 - 1 elements. Rows whose elements are dense
// (interleaved or planar, any pitch) are fast; other strides work, element by element, and so does
// the change between interleaved and planar for more than 4 channels. Strides of rows,
// columns and channels are at most 2^31 - 1 elements. Those of an output must nest: each steps over
// all that the smaller ones reach. Every argument is checked before the first pixel is written; but
// the library cannot know how much memory a view's pointer has. Places and indices on the host are
// read once. Statistics that are computed inside the call, elements that change in type or order,
// more than 64 glimpses, and the values of very many channels take scratch memory, which the
// context keeps for each call that runs at once; otherwise nothing is allocated. May be called from
// any number of threads, with the same context too.
//
// Device memory: `images` and `glimpses` that both lie on a device (View::on) are a call that is
// queued in the context's stream, and does not wait: one launch, however many glimpses there are.
// Places, image_index and statistics may then lie on the device, too, each by itself
// (Span::on); places or indices there cost one launch more, statistics that are computed two (more
// from 65,536 images or planes on, or if images are very large). What
// lies on the host has been read when the call returns; what lies on the device must stay as it is
// until the stream has come so far. Bad places there are not reported: a glimpse at an offset or a
// box that is not finite, or that leaves int32, lies outside of its image, and is zeros under
// borders that repeat the image; so is one of an image that does not exist. With places on the
// device the statistics of all images are computed. Glimpses have at most 65,535 planes and
// 16,776,960 rows there; images or glimpses that are 2^31 elements apart go one by one, a launch
// each.
Status extract(const Images &images, const Places &places, const Glimpses &glimpses,
               const Options &options = {}, Context &context = default_context()) noexcept;

// Makes Options::subtract and multiply from the mean and the deviation of each channel: a glimpse
// is then (pixel / scale - mean) / stddev, computed as (pixel - scale * mean) * (1 / (scale *
// stddev)). `scale` is 255 for uint8 images and means of pixels in [0, 1]. All spans have the same
// size; both outputs may be the inputs' memory. Fails if a deviation or the scale is not above 0,
// if a result is not finite, or if a mean or a deviation exceeds 1 where `scale` does: those of
// pixels that were not divided go with a scale of 1. (The exception is a scale of 257, with which
// statistics of 8 bits serve images of 16.)
Status normalization(Span<const float> mean, Span<const float> stddev, double scale,
                     Span<float> subtract, Span<float> multiply) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_EXTRACT_H_
