// Where glimpses lie, or are asked for.
#ifndef GLIMPSE_PLACES_H_
#define GLIMPSE_PLACES_H_

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "glimpse/options.h"
#include "glimpse/status.h"
#include "glimpse/view.h"

namespace glimpse {

// The top left pixel of a glimpse in the plane: (0, 0) is the top left pixel of the image.
struct Origin {
    int32_t y, x;
};

// Where the centre of a glimpse is asked for, in one of the coordinate systems.
struct Offset {
    float y, x;
};

// A rectangle of an image, or of the plane around it, that becomes a glimpse of any size, in one of
// the coordinate systems: its sides, and not centres of pixels. A box with x1 < x0 is mirrored; of
// one with x1 = x0 every column is the same. The same holds for y.
struct Box {
    float y0, x0, y1, x1;
};

// Origins, offsets or boxes, one per glimpse: an array or a container of them, which must live
// until the call returns, or a Span.
class Places {
public:
    template<typename Element>
    Places(Element *data, size_t size) noexcept : Places(Span<const Element>(data, size)) {
    }
    template<typename Source,
             std::enable_if_t<std::is_constructible<Span<const Origin>, Source &&>::value, int> = 0>
    Places(Source &&source) noexcept : origins_(std::forward<Source>(source)) {
    }
    template<typename Source,
             std::enable_if_t<std::is_constructible<Span<const Offset>, Source &&>::value, int> = 0>
    Places(Source &&source) noexcept
        : offsets_(std::forward<Source>(source)), kind_(Kind::offsets) {
    }
    template<typename Source,
             std::enable_if_t<std::is_constructible<Span<const Box>, Source &&>::value, int> = 0>
    Places(Source &&source) noexcept : boxes_(std::forward<Source>(source)), kind_(Kind::boxes) {
    }

    // Which of the three the places are: origins if none of these. The others are empty.
    bool is_offsets() const noexcept {
        return kind_ == Kind::offsets;
    }
    bool is_boxes() const noexcept {
        return kind_ == Kind::boxes;
    }
    const Span<const Origin> &origins() const noexcept {
        return origins_;
    }
    const Span<const Offset> &offsets() const noexcept {
        return offsets_;
    }
    const Span<const Box> &boxes() const noexcept {
        return boxes_;
    }

private:
    enum class Kind { origins, offsets, boxes };

    Span<const Origin> origins_;
    Span<const Offset> offsets_;
    Span<const Box> boxes_;
    Kind kind_ = Kind::origins;
};

// Height and width in pixels.
struct Size {
    int64_t height = 0;
    int64_t width = 0;
};

// A rectangle of pixels.
struct Rect {
    int64_t y = 0, x = 0, height = 0, width = 0;
};

// The part of a glimpse at `origin` that shows the image, in pixels of the glimpse; what is around
// it is border. Empty (height and width 0) if the glimpse shows border alone: perhaps its
// coordinates are swapped, or in other units. Extents below 0 count as 0.
Rect visible(const Origin &origin, Size image, Size glimpse) noexcept;

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

#endif  // GLIMPSE_PLACES_H_
