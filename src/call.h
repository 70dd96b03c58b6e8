// A call of extract() whose arguments have been checked, as the kernels' side of the library sees
// it.
#ifndef GLIMPSE_SRC_CALL_H_
#define GLIMPSE_SRC_CALL_H_

#include <cstdint>

#include "check.h"
#include "context_impl.h"
#include "glimpse/extract.h"
#include "kernel_abi.h"
#include "origins.h"

namespace glimpse {

enum class Family { value, map, noise };

// What kernels need to know of a border rule. Switches over Border have no default, so that the
// compiler names those that a new rule must be added to.
struct Rule {
    Family family;
    KernelRule kernel_rule;  // not looked at by value borders
    bool needs_statistics;
};

inline Rule rule_of(Border border) noexcept {
    switch (border) {
    case Border::zero:
    case Border::constant:
        return {Family::value, {}, false};
    case Border::mean:
        return {Family::value, {}, true};
    case Border::replicate:
        return {Family::map, rule_replicate, false};
    case Border::reflect:
        return {Family::map, rule_reflect, false};
    case Border::reflect101:
        return {Family::map, rule_reflect101, false};
    case Border::wrap:
        return {Family::map, rule_wrap, false};
    case Border::uniform:
        return {Family::noise, rule_uniform, true};
    case Border::gaussian:
        return {Family::noise, rule_gaussian, true};
    }
    return {};
}

// How elements get into glimpses after they have changed: at once; or by way of a second tile, from
// which planes are put together to pixels, or elements are copied one by one.
enum class Finish { none, join, copy };

// Where glimpses were asked for: one of the two arrays is null.
struct Places {
    const Origin *origins;
    const Offset *offsets;
    size_t size;
    Memory memory = Memory::host;
    // Of places in device memory: what offsets are, and whether origins are to be halved.
    PlaceRule rule = place_origin;
    bool normalized = false, centered = false, halves = false;

    // Also where there are none.
    bool is_offsets() const noexcept {
        return rule != place_origin;
    }
    const void *data() const noexcept {
        return origins != nullptr ? static_cast<const void *>(origins) : offsets;
    }
};

// An axis of a glimpse: where it begins in the plane, as kernels want it.
struct Axis {
    int64_t origin;
    bool inside;       // all of it is in the image
    bool beyond_once;  // it reaches beyond one reflection or repetition
};

// Reduces the origin of an axis so that sums with it stay within int32, at any distance. `extent`
// is the image's; 0 only under value borders.
Axis canonical(int64_t origin, int64_t size, int64_t extent, Border border) noexcept;

struct Call {
    Places places;
    const int32_t *image_index;  // null: image i for glimpse i, or the one image
    Memory image_index_memory, statistics_memory;
    int64_t image_count;
    Size image_size, glimpse_size;
    Origin highest_origin;  // beyond it a glimpse leaves int32
    Border border;
    Rule rule;
    Coordinates coordinates;
    const ChannelStatistics *statistics;
    Span<const float> value, subtract, multiply;
    uint64_t seed;
    uint32_t first_image;
    int64_t channels;
    ElementType type, glimpse_type;

    // How pixels are extracted, into glimpses or, in the order of the images, into a tile.
    Rows images;
    bool dense;           // both sides have dense rows, in the same order
    bool one_by_one;      // the batches are too large for the 32-bit strides of a buffer
    bool spans_are_pure;  // an image or a glimpse is too large for the 32-bit indices of spans
    const TypeKernels *kernels;

    // How elements are changed in type or order; null: they are not, and pixels are extracted to
    // `glimpses`. Else a kernel reads images, if they are dense, or tiles.
    ConvertKernel *change;
    int64_t changed_samples;  // channels per pixel in rows of what it writes
    Finish finish;
    const TypeKernels *glimpse_kernels;

    Rows glimpses;

    // Whether batches, images or glimpses are beyond the 32-bit indices of kernels that change
    // elements.
    bool is_large() const noexcept {
        return one_by_one || spans_are_pure;
    }
    void set_border(Border new_border) noexcept {
        border = new_border;
        rule = rule_of(new_border);
    }
    int32_t image_of(size_t i) const noexcept {
        return image_index != nullptr ? image_index[i] : image_count == 1 ? 0 : int32_t(i);
    }
    // False if glimpse `i` has no origin in int32; why, says bad_place().
    bool origin(size_t i, Origin *origin) const noexcept {
        if (places.origins == nullptr) {
            return origin_of(places.offsets[i], image_size, glimpse_size, coordinates, origin);
        }
        *origin = places.origins[i];
        return origin->y <= highest_origin.y && origin->x <= highest_origin.x;
    }
    Status bad_place(size_t i) const noexcept {
        return places.origins == nullptr
                   ? bad_offset(places.offsets[i], i, image_size, glimpse_size, coordinates)
                   : bad_origin(places.origins[i].y, places.origins[i].x, i, glimpse_size);
    }
    bool has_image(int32_t n) const noexcept {
        return n >= 0 && n < image_count;
    }
    Status bad_image_index(size_t i) const noexcept {
        return {StatusCode::invalid_image_index,
                "image_index %zu is %d; expected 0 to %lld, for %lld images",
                i,
                image_index[i],
                (long long)(image_count - 1),
                (long long)image_count};
    }
    // Whether a glimpse at `origin` shows anything but the image.
    bool shows_outside(const Origin &origin) const noexcept {
        return origin.y < 0 || origin.x < 0 || origin.y > image_size.height - glimpse_size.height ||
               origin.x > image_size.width - glimpse_size.width;
    }
};

// Decides how kernels for this processor make a call. `bytes` lie between the first and the last of
// both views.
Status prepare(const ConstView &images, const ConstView &glimpses, uint64_t bytes,
               Call *call) noexcept;

// Finds out whether buffers must be described glimpse by glimpse, as strides of a buffer have 32
// bits, and whether the forms with 32-bit indices can be used. `size` is the number of elements in
// both views, and of the bytes between the first and the last of each.
void set_limits(Call *call, uint64_t size) noexcept;

// Makes all glimpses of the call, on the context's executor.
Status run_call(const Call &call, Context::Impl &context) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_CALL_H_
