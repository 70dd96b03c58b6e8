// Frames: images in a camera's format, of several planes, packed or subsampled. They go to RGB
// glimpses, or are copied to frames of their own format.
//
//     const auto frame = glimpse::ConstFrame::nv12(y, 1920, uv, 1920, 1080, 1920);
//     const glimpse::Box boxes[] = {{100, 200, 400, 600}};
//     glimpse::Status status = glimpse::extract(
//         frame, boxes, glimpse::View::planar(rgb, {1, 224, 224, 3}));   // float RGB, 0..255
#ifndef GLIMPSE_FRAME_H_
#define GLIMPSE_FRAME_H_

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "glimpse/view.h"

namespace glimpse {

// By the order of bytes in memory, as GStreamer and FFmpeg name formats; words of 16 bits are
// little-endian. Chroma has ceil(width / 2) columns and, where it is subsampled along both axes,
// ceil(height / 2) rows: odd frames are legal. See docs/frames.md for other names.
enum class PixelFormat : int32_t {
    nv12 = 0,  // Y; pairs of U and V, of 2 x 2 pixels
    nv21 = 1,  // Y; pairs of V and U
    i420 = 2,  // Y; U; V, of 2 x 2 pixels
    p010 = 3,  // as nv12 in words, 10 bits in the upper part of each
    yv12 = 4,  // Y; V; U
    nv16 = 5,  // Y; pairs of U and V, of 2 x 1 pixels
    nv61 = 6,
    i422 = 7,
    nv24 = 8,  // Y; pairs of U and V, for each pixel
    nv42 = 9,
    i444 = 10,
    yuyv = 11,  // Y0 U Y1 V
    uyvy = 12,  // U Y0 V Y1
    i010 = 13,  // as i420 in words, 10 bits in the lower part of each
    gray = 14,
    gray10le = 15,  // words, white is 1023
    gray12le = 16,
    gray16le = 17,
    rgb24 = 18,  // R G B
    bgr24 = 19,
    rgbx = 20,  // R G B and a byte without meaning
    bgrx = 21,
    xrgb = 22,
    xbgr = 23,
    rgba = 24,
    bgra = 25,
    argb = 26,
    abgr = 27,
    rgb565 = 28,  // words: R in bits 15 to 11, G in 10 to 5, B in 4 to 0
};

constexpr int pixel_format_count = 29;

// Returns the name of a format, such as "nv12"; "unknown" for any other value.
const char *name(PixelFormat format) noexcept;

// How RGB is made of Y, U and V. Only the encoding changes: primaries and transfer stay.
enum class Matrix : int32_t { usual = 0, bt601 = 1, bt709 = 2, bt2020 = 3 };
// What numbers black and white are: of 8 bits 16 and 235, or 0 and 255.
enum class Range : int32_t { usual = 0, limited = 1, full = 2 };
// Where samples of chroma lie: between the pixels that they are of, or across on the left one, or
// on the upper left one.
enum class Siting : int32_t { usual = 0, left = 1, center = 2, top_left = 3 };

constexpr int matrix_count = 4, range_count = 3, siting_count = 4;

// Return the name of an enumerator, such as "bt709" or "top-left"; "unknown" for any other value.
const char *name(Matrix matrix) noexcept;
const char *name(Range range) noexcept;
const char *name(Siting siting) noexcept;

// How many planes a format has, the type of their elements, and the shape of one of them in frames
// of `height` x `width` pixels. 0 planes: it is none of the enumerators.
int plane_count(PixelFormat format) noexcept;
ElementType element_type(PixelFormat format) noexcept;
Shape plane_shape(PixelFormat format, int plane, int64_t count, int64_t height,
                  int64_t width) noexcept;

// What turns components into RGB. `usual` is bt601, limited and left for YUV, full for gray,
// whatever the size; what a source says of itself should go before it.
struct Color {
    Matrix matrix = Matrix::usual;
    Range range = Range::usual;
    Siting siting = Siting::usual;
    // Whether a pixel has the chroma of its cell, and not what lies between samples at its place.
    bool nearest_chroma = false;
};

// One frame or several, of `height` x `width` pixels. Element (n, y, x, c) of a plane is element c
// of its column x: a plane of pairs has 2 channels, packed RGB 3 or 4, and yuyv and uyvy have 4 for
// each two pixels of a row. Planes are in the order of PixelFormat's comments.
template<typename Data>
struct BasicFrame {
    PixelFormat format = PixelFormat::nv12;
    int64_t count = 1, height = 0, width = 0;
    BasicView<Data> planes[3];
    Color color;

    BasicFrame() = default;
    // A frame that is written may be passed where one is read.
    template<typename Other, typename = std::enable_if_t<std::is_same<Data, const Other>::value>>
    BasicFrame(const BasicFrame<Other> &other) noexcept
        : format(other.format), count(other.count), height(other.height),
          width(other.width), planes{other.planes[0], other.planes[1], other.planes[2]},
          color(other.color) {
    }

    // Of a format with one, two or three planes. Pitches are bytes from one row to the next; those
    // of planes that a format does not have are not read.
    static BasicFrame of(PixelFormat format, int64_t height, int64_t width, Data *plane_0,
                         int64_t pitch_0, Data *plane_1 = nullptr, int64_t pitch_1 = 0,
                         Data *plane_2 = nullptr, int64_t pitch_2 = 0) noexcept {
        BasicFrame frame;
        frame.format = format;
        frame.height = height;
        frame.width = width;
        Data *const data[] = {plane_0, plane_1, plane_2};
        const int64_t pitches[] = {pitch_0, pitch_1, pitch_2};
        for (int p = 0; p < 3 && p < plane_count(format); p++) {
            frame.planes[p] = BasicView<Data>::interleaved(data[p], element_type(format),
                                                           plane_shape(format, p, 1, height, width))
                                  .pitch_bytes(pitches[p]);
        }
        return frame;
    }

    template<typename T>
    static BasicFrame nv12(T *y, int64_t y_pitch, T *uv, int64_t uv_pitch, int64_t height,
                           int64_t width) noexcept {
        static_assert(sizeof(T) == 1, "NV12 has elements of type uint8_t");
        return of(PixelFormat::nv12, height, width, y, y_pitch, uv, uv_pitch);
    }
    template<typename T>
    static BasicFrame nv21(T *y, int64_t y_pitch, T *vu, int64_t vu_pitch, int64_t height,
                           int64_t width) noexcept {
        static_assert(sizeof(T) == 1, "NV21 has elements of type uint8_t");
        return of(PixelFormat::nv21, height, width, y, y_pitch, vu, vu_pitch);
    }
    template<typename T>
    static BasicFrame p010(T *y, int64_t y_pitch, T *uv, int64_t uv_pitch, int64_t height,
                           int64_t width) noexcept {
        static_assert(sizeof(T) == 2, "P010 has elements of type uint16_t");
        return of(PixelFormat::p010, height, width, y, y_pitch, uv, uv_pitch);
    }
    // `uv_pitch` is that of both planes.
    template<typename T>
    static BasicFrame i420(T *y, int64_t y_pitch, T *u, T *v, int64_t uv_pitch, int64_t height,
                           int64_t width) noexcept {
        static_assert(sizeof(T) == 1, "I420 has elements of type uint8_t");
        return of(PixelFormat::i420, height, width, y, y_pitch, u, uv_pitch, v, uv_pitch);
    }
    // Android's YUV_420_888: `uv_step` is the pixel stride of U and V, 1 or 2 bytes.
    template<typename T>
    static BasicFrame android(T *y, int64_t y_pitch, T *u, T *v, int64_t uv_pitch, int64_t uv_step,
                              int64_t height, int64_t width) noexcept {
        static_assert(sizeof(T) == 1, "YUV_420_888 has elements of type uint8_t");
        BasicFrame frame = i420(y, y_pitch, u, v, uv_pitch, height, width);
        for (int p = 1; p < 3; p++) {
            BasicView<Data> &plane = frame.planes[p];
            plane.strides = {0, uv_pitch, uv_step, 1};
        }
        frame.color = {Matrix::bt601, Range::full, Siting::center, false};
        return frame;
    }
    // Dense memory: rows without padding, planes one after the other, and so all frames, as in
    // files. Of a container, whose memory then bounds the frame.
    static BasicFrame dense(PixelFormat format, Data *data, int64_t height, int64_t width,
                            int64_t count = 1) noexcept {
        using Byte = std::conditional_t<std::is_const<Data>::value, const char, char>;
        BasicFrame frame = of(format, height, width, nullptr, 0);
        int64_t bytes = 0;
        for (int p = 0; p < 3 && p < plane_count(format); p++) {
            frame.planes[p] = BasicView<Data>::interleaved(
                data == nullptr ? data : static_cast<Byte *>(data) + bytes, element_type(format),
                plane_shape(format, p, 1, height, width));
            bytes += frame.planes[p].strides.image * size_in_bytes(element_type(format));
        }
        return frame.batch(count, bytes);
    }
    template<typename Container, typename = detail::IfContainer<Container>>
    static BasicFrame dense(PixelFormat format, Container &&elements, int64_t height, int64_t width,
                            int64_t count = 1) noexcept {
        return dense(format, elements.data(), height, width, count).within(elements);
    }

    // The same frames, with another meaning of their numbers.
    BasicFrame with(const Color &meaning) const noexcept {
        BasicFrame frame = *this;
        frame.color = meaning;
        return frame;
    }

    // `number` frames like this one, `bytes` apart from each other, all planes alike: frames that
    // follow one another in memory, each with all its planes. A number that is no multiple of the
    // element size makes every call with the frames fail with `invalid_strides`.
    BasicFrame batch(int64_t number, int64_t bytes) const noexcept {
        BasicFrame frame = *this;
        frame.count = number;
        for (BasicView<Data> &plane : frame.planes) {
            const int64_t size = size_in_bytes(plane.type);
            plane.shape.count = number;
            if (plane.strides.row != invalid_pitch) {
                plane.strides.image = size > 0 && bytes % size == 0 ? bytes / size : invalid_stride;
            }
        }
        return frame;
    }

    // The same frames, all of whose planes lie in `bytes` bytes from `begin` on, or in the elements
    // of a container: see BasicView::within(). Of planes that are apart each has a within().
    BasicFrame within(const void *begin, size_t bytes) const noexcept {
        BasicFrame frame = *this;
        for (BasicView<Data> &plane : frame.planes) {
            plane = plane.within(begin, bytes);
        }
        return frame;
    }
    template<typename Container, typename = detail::IfContainer<Container>>
    BasicFrame within(Container &&container) const noexcept {
        return within(container.data(), size_t(container.size()) * sizeof(*container.data()));
    }

    // The same frames in memory that lies elsewhere: addresses are of there.
    BasicFrame on(Memory where) const noexcept {
        BasicFrame frame = *this;
        for (BasicView<Data> &plane : frame.planes) {
            plane.memory = where;
        }
        return frame;
    }
};

using Frame = BasicFrame<void>;
using ConstFrame = BasicFrame<const void>;

}  // namespace glimpse

#endif  // GLIMPSE_FRAME_H_
