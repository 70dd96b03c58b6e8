// A call of extract(): what is asked, checked, and all that follows from it alone. How it is made
// is the matter of host/ and device/.
#ifndef GLIMPSE_SRC_CALL_CALL_H_
#define GLIMPSE_SRC_CALL_CALL_H_

#include <cstdint>

#include "call/box_axis.h"
#include "call/check.h"
#include "call/context_impl.h"
#include "call/picture.h"
#include "call/placement.h"
#include "definition/border.h"
#include "glimpse/extract.h"

namespace glimpse {

// Watches a pixel: which form of a kernel made it, and whether its element changed after that.
struct Trace {
    size_t glimpse;
    int64_t y, x;
    const char *form;
    bool is_converted;
};

struct Call {
    Call(Context::Impl &context_, const ConstView &images_, const AskedPlaces &places_,
         const View &glimpses_) noexcept
        : context(context_), images(images_), glimpses(glimpses_), places(places_) {
    }

    Context::Impl &context;
    const ConstView images, glimpses;  // the latter are written
    // Of frames: images have its shape and the type of its numbers, and lie nowhere.
    const Picture *picture = nullptr;
    // Elements of both and bytes between their first and last ones; large if nobody has counted.
    uint64_t extent = uint64_t(1) << 62;
    ByteRange read, written;  // the bytes of both, or of more that they are parts of
    const char *images_name = "images", *glimpses_name = "glimpses";  // in messages

    Border border = Border::zero;  // also if no glimpse shows the outside
    Span<const float> value, subtract, multiply;
    ChannelOrder channel_order;                // count 0: all channels in order
    bool exact_fill = false;                   // and there is a number that could lose a fraction
    Span<const ChannelStatistics> statistics;  // empty: none were given
    uint64_t seed = 0;
    uint32_t first_image = 0;

    // Where glimpses lie, if places and indices are on the host. Of boxes that are sampled, windows
    // lie outside of their images: what fills can be extracted there.
    Windows windows;
    SamplingRule sampling;
    FixedBoxes boxes;
    bool samples = false;  // some boxes, and not all are windows
    // The most taps of an output of those that are sampled by Method::taps; 0: none are.
    int64_t most_y_taps = 0, most_x_taps = 0;
    // If not, what was asked for. No index: image i for glimpse i, or the one image.
    const AskedPlaces places;
    Span<const int32_t> image_index;
    bool places_on_device = false;

    bool is_empty = false;        // there is nothing to make
    bool has_no_pixels = false;   // in images
    bool converts = false;        // elements change, in type or by subtract and multiply
    bool needs_computed = false;  // statistics, which were not given

    Trace *trace = nullptr;

    struct Image {
        const char *data;
        Size size;
    };
    Image image(int64_t n) const noexcept {
        return {static_cast<const char *>(images.data) +
                    n * images.strides.image * size_in_bytes(images.type),
                {images.shape.height, images.shape.width}};
    }
    int64_t count() const noexcept {
        return glimpses.shape.count;
    }
    // Whether glimpse `i` is sampled, and not copied.
    bool is_sampled(size_t i) const noexcept {
        return places.is_boxes() && !is_copied(boxes[i]);
    }
    bool is_copied(const FixedBox &box) const noexcept {
        return is_window(box, glimpse_size()) && sampling.copies_windows();
    }
    // By which kernels, if it is.
    Method method(size_t i) const noexcept {
        return sampling.method(boxes[i], glimpse_size());
    }
    BoxAxis box_rows(size_t i) const noexcept {
        return sampling.axis(boxes[i].y, glimpses.shape.height, method(i));
    }
    BoxAxis box_columns(size_t i) const noexcept {
        return sampling.axis(boxes[i].x, glimpses.shape.width, method(i));
    }
    // Whether samples are made of integers: of bytes that stay bytes; and for outputs of two axes
    // by Method::taps.
    bool sums_integers() const noexcept {
        return picture == nullptr && images.type == ElementType::uint8 && !converts;
    }
    bool sums_integers(const BoxAxis &y, const BoxAxis &x) const noexcept {
        return sums_integers() && sampling.most_taps_of(y) <= most_integer_taps &&
               sampling.most_taps_of(x) <= most_integer_taps;
    }
    int64_t channels() const noexcept {  // of the images
        return images.shape.channels;
    }
    int64_t glimpse_channels() const noexcept {
        return glimpses.shape.channels;
    }
    // The channel of the image that is channel `c` of the glimpse.
    int64_t channel_from(int64_t c) const noexcept {
        return channel_order.count == 0 ? c : channel_order.from[c];
    }
    Size glimpse_size() const noexcept {
        return {glimpses.shape.height, glimpses.shape.width};
    }
    Family family() const noexcept {
        return family_of(border);
    }
    // Whether glimpse `i` shows anything but its image.
    bool needs_border(size_t i) const noexcept {
        if (!is_sampled(i)) {
            return shows_outside(windows[i]);
        }
        const Size size = image(windows[i].image).size;
        const Method by = method(i);
        return sampling.needs_border(boxes[i].y, glimpses.shape.height, size.height, by) ||
               sampling.needs_border(boxes[i].x, glimpses.shape.width, size.width, by);
    }
    // Whether a window shows anything but its image.
    bool shows_outside(const Window &w) const noexcept {
        const Size size = image(w.image).size;
        return w.origin.y < 0 || w.origin.x < 0 ||
               w.origin.y > size.height - glimpses.shape.height ||
               w.origin.x > size.width - glimpses.shape.width;
    }
};

// Fails if boxes cannot be sampled so, by kernels of the images' type; else finds the rule.
Status check_sampling(const TypeKernels &kernels, const Options &options,
                      SamplingRule *rule) noexcept;

// Fails if the context is no good, the images cannot be read or the glimpses not written; else sets
// `read` and `written`.
Status check_views(Call *call) noexcept;

// Makes a call, whose context and views have been checked, of its arguments if these are legal;
// says what is not. Reads what lies on the host, except for pixels, `value`, `subtract`, `multiply`
// and statistics, and writes nothing.
Status make_call(const Options &options, Call *call) noexcept;

// Makes a call that copies views of the same shape and type, which have been checked.
Status make_copy(Call *call) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_CALL_CALL_H_
