// The RGB picture of a frame, as calls see it: where its components lie, and what makes colour of
// them. There is no such picture in memory.
#ifndef GLIMPSE_SRC_CALL_PICTURE_H_
#define GLIMPSE_SRC_CALL_PICTURE_H_

#include <algorithm>
#include <cstdint>
#include <utility>

#include "call/pixel_format.h"
#include "glimpse/frame.h"
#include "glimpse/statistics.h"
#include "kernel_abi.h"

namespace glimpse {

// Which samples of chroma make that of a pixel, along an axis.
struct ChromaAxis {
    int shift = 0;   // pixels of a sample, as a power of two
    int offset = 0;  // of the first sample's centre from that of pixel 0, in half pixels
    bool nearest = false;
    int64_t extent = 0;  // samples

    struct Between {
        int64_t first, second;
        int32_t quarters;  // of the way to the second
    };
    // Samples beyond the first and the last are these.
    Between at(int64_t pixel) const noexcept {
        if (shift == 0 || nearest) {
            const int64_t sample = std::min(pixel >> shift, extent - 1);
            return {sample, sample, 0};
        }
        const int64_t place = 2 * pixel - offset, sample = place >> 2;
        const auto within = [this](int64_t s) {
            return std::min(std::max<int64_t>(s, 0), extent - 1);
        };
        const auto quarters = int32_t(place & 3);
        return {within(sample), within(sample + (quarters != 0 ? 1 : 0)), quarters};
    }
};

// What kernels colour with.
struct ColorNumbers {
    int16_t integers[color_integers];
    float floats[color_floats];
};

// Numbers of pictures are those of uint8, in [0, 255], or of uint16.
struct Picture {
    const ConstFrame *frames = nullptr;
    const FormatRow *row = nullptr;
    // Y, U and V, R, G, B and A, or the words of rgb565.
    ConstView components[4];
    int channels = 3;      // 1: luma alone; 4: RGB and alpha
    bool is_wide = false;  // numbers are those of uint16
    ChromaAxis chroma_y, chroma_x;
    ColorNumbers rgb;

    // For R, G, B or, reversed, for B, G, R.
    ColorNumbers numbers(bool reverses) const noexcept {
        ColorNumbers n = rgb;
        if (reverses) {
            std::swap(n.integers[color_first], n.integers[color_last]);
            std::swap(n.integers[color_first_of_middle], n.integers[color_second_of_middle]);
            std::swap(n.floats[color_float_first], n.floats[color_float_last]);
            std::swap(n.floats[color_float_first_of_middle],
                      n.floats[color_float_second_of_middle]);
            std::swap(n.floats[color_float_black], n.floats[color_float_black + 2]);
        }
        return n;
    }
    bool has_colors() const noexcept {
        return row->kind == FormatKind::yuv && channels == 3;
    }
    bool is_rgb() const noexcept {
        return row->kind == FormatKind::rgb || row->kind == FormatKind::rgb565;
    }
    float white() const noexcept {
        return is_wide ? 65535.0f : 255.0f;
    }
    // Statistics are those of pictures as uint8 or, of frames of more bits, as uint16; numbers of
    // the picture for one of them.
    bool has_wide_statistics() const noexcept {
        return row->bits > 8;
    }
    double of_statistics() const noexcept {
        return (is_wide ? 257.0 : 1.0) / (has_wide_statistics() ? 257.0 : 1.0);
    }
};

inline ChannelStatistics scaled(const ChannelStatistics &s, double factor) noexcept {
    return {float(s.min * factor), float(s.max * factor), s.mean * factor, s.stddev * factor};
}

// That of frames which have been checked, and which it refers to.
Picture picture_of(const ConstFrame &frames, int channels, bool is_wide) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_CALL_PICTURE_H_
