// Functions that make boxes, each for what a well-known program cuts out; and the way back, from
// points of a glimpse to the image. All boxes here are in pixels, also those that are made of
// centres in other coordinates: they go with Options::coordinates = Coordinates::pixels.
//
//     glimpse::Box box[1];
//     const glimpse::Box frame[] = {{0, 0, 1080, 1920}};
//     glimpse::Status status = glimpse::fit_boxes(frame, {640, 640}, glimpse::Fit::letterbox, box);
//     glimpse::Options options;
//     options.border = glimpse::Border::constant;
//     options.value = 114.0f;
//     if (status.ok()) { status = glimpse::extract(images, box, glimpses, options); }
//
// Numbers are computed in double and rounded to float32 at the end. Inputs and outputs lie on the
// host and share no byte, but for boxes that are made in the place of others of the same number.
// Every function fails, and writes nothing, if numbers of elements do not fit together, if an input
// is not finite, or if an extent is below 1.
#ifndef GLIMPSE_BOXES_H_
#define GLIMPSE_BOXES_H_

#include <cstdint>
#include <type_traits>

#include "glimpse/places.h"
#include "glimpse/status.h"
#include "glimpse/view.h"

namespace glimpse {

// Boxes of the size of their glimpses, in pixels, about centres that need not be those of pixels:
// offsets of which nothing is rounded. With Filter::linear and Border::replicate what OpenCV's
// getRectSubPix() cuts out about a point that is half a pixel less in both coordinates.
Status centered_boxes(Span<const Offset> centers, Size image, Size glimpse, Coordinates coordinates,
                      Span<Box> boxes) noexcept;

// `levels` boxes about each centre, 1, 2, 4, ... times as large as a glimpse: the retina of Mnih et
// al., "Recurrent Models of Visual Attention" (2014), which is black outside of the image
// (Border::zero). Centres are in `coordinates`, boxes in pixels. The boxes of a centre follow one
// another, the smallest first: there are levels * centers.size of them. `levels` is 1 to 24; more
// than 13 are too large for some filters (docs/sampling.md).
Status retina_boxes(Span<const Offset> centers, Size image, Size glimpse, Coordinates coordinates,
                    int32_t levels, Span<Box> boxes) noexcept;

// How a region becomes a glimpse of another aspect, with one scale for both axes.
enum class Fit : int32_t {
    letterbox = 0,  // all of the region, in the middle of a box that is larger along one axis
    crop = 1,       // the largest box of the glimpse's aspect in the middle of the region
    // As letterbox, but the region becomes whole pixels, and is as near to the middle as these can
    // be, rather up and to the left: LetterBox() of Ultralytics, which fills with 114 outside.
    ultralytics = 2,
};

constexpr int fit_count = 3;

// Returns the name of a fit, such as "letterbox"; "unknown" for any other value.
const char *name(Fit fit) noexcept;

// The boxes that make glimpses of regions of the image, such as all of it. Regions have sides in
// order and an area.
Status fit_boxes(Span<const Box> regions, Size glimpse, Fit fit, Span<Box> boxes) noexcept;

// Squares about targets with some of what surrounds them, as trackers of the Siamese family cut
// them out: with w and h the target's sides, c = context * (w + h),
//
//     side = round(scale * sqrt((w + c) * (h + c)))      ties to even
//     x0 = floor(center - (side + 1) / 2), with the centre of the target; y0 alike
//     x1 = x0 + side, y1 = y0 + side
//
// Context 0.5 and scale 1 are the template of pysot (127 pixels), and scale 255 / 127 its search
// region (255 pixels); it fills with the mean of the frame, cut down to integers. A target of a
// part of a pixel may have side 0.
Status tracker_boxes(Span<const Box> targets, float context, float scale, Span<Box> boxes) noexcept;

namespace detail {
Rect visible_of_box(const Box &box, Size image, Size glimpse) noexcept;
}  // namespace detail

// The part of a glimpse whose points lie in the image, in pixels of the glimpse; what is around it
// is border. Empty (height and width 0) if there is none, or if the box has sides that no call
// takes. The box is in pixels; Sampling::edge_margin does not count. (A template, so that
// visible({0, 0}, ...) means an origin.)
template<typename Place, std::enable_if_t<std::is_same<Place, Box>::value, int> = 0>
Rect visible(const Place &box, Size image, Size glimpse) noexcept {
    return detail::visible_of_box(box, image, glimpse);
}

// The point of the image that lies at a point of a glimpse, all in pixels from top left corners,
// whichever function made the box. A rectangle that was found in a glimpse is mapped corner by
// corner; in a flipped box its corners change sides. A glimpse without pixels has no such point:
// the result is then not finite.
Offset in_image(const Offset &point, const Box &box, Size glimpse) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_BOXES_H_
