// The formats of frames: which planes they have, and where in them components lie.
#ifndef GLIMPSE_SRC_CALL_PIXEL_FORMAT_H_
#define GLIMPSE_SRC_CALL_PIXEL_FORMAT_H_

#include <cstdint>

#include "glimpse/frame.h"

namespace glimpse {

enum class FormatKind : uint8_t { yuv, gray, rgb, rgb565 };

struct FormatRow {
    PixelFormat format;
    const char *name;
    FormatKind kind;
    int8_t bits;  // of a component, in the lower bits of an element unless `is_upper`
    bool is_upper;
    int8_t planes;
    // Elements of a column of the first plane, and how many pixels it is of; and of other planes.
    int8_t elements, pixels, chroma_elements;
    int8_t y_shift, x_shift;  // pixels of a sample of chroma, as powers of two
    // Where Y, U and V lie, or R, G, B and A.
    struct At {
        int plane, element;
    } at[4];

    ElementType type() const noexcept {
        return bits > 8 || kind == FormatKind::rgb565 ? ElementType::uint16 : ElementType::uint8;
    }
    bool has_chroma() const noexcept {
        return kind == FormatKind::yuv;
    }
    // Y, U and V, or R, G and B; with alpha 4.
    int components() const noexcept {
        return kind == FormatKind::yuv                         ? 3
               : kind == FormatKind::rgb && at[3].element >= 0 ? 4
               : kind == FormatKind::rgb                       ? 3
                                                               : 1;
    }
};

// The row of a format; null if it is none of the enumerators.
const FormatRow *find_format(PixelFormat format) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_CALL_PIXEL_FORMAT_H_
