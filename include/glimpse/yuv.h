// Frames of cameras and video decoders: a plane of luma, and chroma at half the resolution. One
// call extracts both.
//
//     const auto frame = glimpse::ConstYuvView::nv12(y, 1920, uv, 1920, 1080, 1920);
//     const auto glimpse = glimpse::YuvView::nv12(out_y, 640, out_uv, 640, 480, 640);
//     const glimpse::Origin origins[] = {{-20, 1500}};
//     glimpse::Status status = glimpse::extract(frame, origins, glimpse);   // black outside
//
// There is no conversion to RGB, and no change of format.
#ifndef GLIMPSE_YUV_H_
#define GLIMPSE_YUV_H_

#include <cstdint>

#include "glimpse/context.h"
#include "glimpse/extract.h"
#include "glimpse/status.h"
#include "glimpse/view.h"

namespace glimpse {

enum class YuvFormat : int32_t {
    nv12 = 0,  // uint8: a plane of Y, and one of U and V in turns
    nv21 = 1,  // uint8: the same with V and U in turns
    i420 = 2,  // uint8: planes of Y, U and V
    p010 = 3,  // as nv12 in uint16, with 10 bits in the upper part of each
};

// Returns the name of a format, such as "nv12"; "unknown" for any other value.
const char *name(YuvFormat format) noexcept;

// One frame or several. `luma` has one channel; `chroma` has half its height and width, rounded up,
// and the same number of images. It is of two channels in the order of memory; those of i420 have
// one, and V is in `chroma_v`.
template<typename Data>
struct BasicYuvView {
    YuvFormat format = YuvFormat::nv12;
    BasicView<Data> luma, chroma, chroma_v;

    BasicYuvView() = default;
    // A frame that is written may be passed where one is read.
    template<typename Other, typename = std::enable_if_t<std::is_same<Data, const Other>::value>>
    BasicYuvView(const BasicYuvView<Other> &other) noexcept
        : format(other.format), luma(other.luma), chroma(other.chroma), chroma_v(other.chroma_v) {
    }

    // A frame of `height` x `width` pixels of luma. Pitches are bytes from one row to the next.
    template<typename T>
    static BasicYuvView nv12(T *y, int64_t y_pitch, T *uv, int64_t uv_pitch, int64_t height,
                             int64_t width) noexcept {
        static_assert(sizeof(T) == 1, "NV12 has elements of type uint8_t");
        return semi_planar(YuvFormat::nv12, y, y_pitch, uv, uv_pitch, height, width);
    }
    template<typename T>
    static BasicYuvView nv21(T *y, int64_t y_pitch, T *vu, int64_t vu_pitch, int64_t height,
                             int64_t width) noexcept {
        static_assert(sizeof(T) == 1, "NV21 has elements of type uint8_t");
        return semi_planar(YuvFormat::nv21, y, y_pitch, vu, vu_pitch, height, width);
    }
    template<typename T>
    static BasicYuvView p010(T *y, int64_t y_pitch, T *uv, int64_t uv_pitch, int64_t height,
                             int64_t width) noexcept {
        static_assert(sizeof(T) == 2, "P010 has elements of type uint16_t");
        return semi_planar(YuvFormat::p010, y, y_pitch, uv, uv_pitch, height, width);
    }
    // `uv_pitch` is that of both planes.
    template<typename T>
    static BasicYuvView i420(T *y, int64_t y_pitch, T *u, T *v, int64_t uv_pitch, int64_t height,
                             int64_t width) noexcept {
        static_assert(sizeof(T) == 1, "I420 has elements of type uint8_t");
        BasicYuvView view;
        view.format = YuvFormat::i420;
        view.luma = plane(y, y_pitch, height, width, 1);
        view.chroma = plane(u, uv_pitch, half(height), half(width), 1);
        view.chroma_v = plane(v, uv_pitch, half(height), half(width), 1);
        return view;
    }

    // `count` frames like this one, `bytes` apart from each other, luma and chroma alike: frames
    // that follow one another in memory, each with all its planes. A number that is no multiple of
    // the element size makes every call with the view fail with `invalid_strides`.
    BasicYuvView batch(int64_t count, int64_t bytes) const noexcept {
        BasicYuvView view = *this;
        const int64_t size = size_in_bytes(luma.type);
        for (BasicView<Data> *plane : {&view.luma, &view.chroma, &view.chroma_v}) {
            plane->shape.count = count;
            if (plane->strides.row != invalid_pitch) {
                plane->strides.image =
                    size > 0 && bytes % size == 0 ? bytes / size : invalid_stride;
            }
        }
        return view;
    }

    // The same frames, all of whose planes lie in `bytes` bytes from `begin` on, or in the elements
    // of a container: see BasicView::within(). Of planes that are apart each has a within().
    BasicYuvView within(const void *begin, size_t bytes) const noexcept {
        BasicYuvView view = *this;
        for (BasicView<Data> *plane : {&view.luma, &view.chroma, &view.chroma_v}) {
            *plane = plane->within(begin, bytes);
        }
        return view;
    }
    template<typename Container, typename = detail::IfContainer<Container>>
    BasicYuvView within(Container &&container) const noexcept {
        return within(container.data(), size_t(container.size()) * sizeof(*container.data()));
    }

    // The same frames in memory that lies elsewhere: addresses are of there.
    BasicYuvView on(Memory where) const noexcept {
        BasicYuvView view = *this;
        for (BasicView<Data> *plane : {&view.luma, &view.chroma, &view.chroma_v}) {
            plane->memory = where;
        }
        return view;
    }

private:
    static int64_t half(int64_t extent) noexcept {
        return extent < 0 ? extent : extent / 2 + extent % 2;
    }
    template<typename T>
    static BasicView<Data> plane(T *data, int64_t pitch, int64_t height, int64_t width,
                                 int64_t channels) noexcept {
        return BasicView<Data>::interleaved(data, {1, height, width, channels}).pitch_bytes(pitch);
    }
    template<typename T>
    static BasicYuvView semi_planar(YuvFormat format, T *y, int64_t y_pitch, T *chroma,
                                    int64_t chroma_pitch, int64_t height, int64_t width) noexcept {
        BasicYuvView view;
        view.format = format;
        view.luma = plane(y, y_pitch, height, width, 1);
        view.chroma = plane(chroma, chroma_pitch, half(height), half(width), 2);
        return view;
    }
};

using YuvView = BasicYuvView<void>;
using ConstYuvView = BasicYuvView<const void>;

// Extracts glimpse i, of luma and chroma, at origins[i]. Origins are in pixels of luma.
//
// A sample of chroma belongs to a cell of 2 x 2 pixels. The chroma of a glimpse begins with the
// cell of its top left pixel: at floor(y / 2), floor(x / 2). So luma is exact at any origin, and at
// an odd one chroma lies one pixel up or left of it. Where that matters, ask for even origins.
//
// Both are of the same format. Borders extend each plane by itself. Border::zero is black: 16 in
// luma and 128 in chroma, 4096 and 32768 in P010. Border::constant takes
// three values, for Y, U and V, in the units of the elements. Noise is that of the statistics of
// each plane (uniform: of U and V together where they share one); Options::statistics, subtract and
// multiply must be empty. Planes of the glimpses may lie in turns, as those of frames that follow
// one another (batch()), or row by row side by side. All else is as with extract() of one view.
Status extract(const ConstYuvView &frames, Span<const Origin> origins, const YuvView &glimpses,
               const Options &options = {}, Context &context = default_context()) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_YUV_H_
