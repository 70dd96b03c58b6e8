// Pixels of the pictures of frames: made of components wherever calls show or sample them.
#ifndef GLIMPSE_SRC_HOST_PICTURE_H_
#define GLIMPSE_SRC_HOST_PICTURE_H_

#include <cstdint>

#include "call/picture.h"
#include "call/rows.h"
#include "glimpse/options.h"
#include "glimpse/status.h"
#include "host/dense_frame.h"
#include "kernels.h"

namespace glimpse {

// What pixels become: in rows of pixels or of planes, of uint8, which are rounded, or of float32.
struct PictureTarget {
    Rows rows;
    // Of float32: whether numbers are cut off at black and white, as those that are shown are, and
    // not those that are sampled; and what they are converted with, by channel and ConversionField,
    // or null.
    bool clamps = true;
    const float *conversion = nullptr;
    bool is_reversed = false;  // B, G, R

    bool is_uint8() const noexcept {
        return rows.element_size == 1;
    }
};

class PictureMaker {
public:
    // Works in so many bytes of memory, aligned to 64.
    static constexpr int64_t bytes = 512 << 10;
    PictureMaker(const Picture &picture, const TypeKernels *kernels, void *memory) noexcept;

    // Whether kernels write what pixels are converted to: of colours, and of luma.
    bool converts() const noexcept {
        return !picture_.is_rgb();
    }

    // Makes the pixels from (y, x) of the plane on, into which a border extends image `n`: one that
    // shows the image, where they are not all inside it.
    Status make(int64_t n, int64_t y, int64_t x, Border border,
                const PictureTarget &target) const noexcept;

private:
    struct Piece;

    Status make_piece(const Piece &piece, const PictureTarget &target) const noexcept;
    template<typename Make>
    Status in_parts(const Piece &piece, const PictureTarget &target, int64_t columns, int64_t first,
                    const Make &make) const noexcept;
    Status color_frame(const Piece &piece, const PictureTarget &target) const noexcept;
    Status color_components(const Piece &piece, const PictureTarget &target) const noexcept;
    void copy_rgb(const Piece &piece, const PictureTarget &target) const noexcept;
    template<typename T>
    void gather(const Piece &piece, int64_t row, int64_t rows, void *components,
                int64_t pitch) const noexcept;
    Status call_kernel(ColorKernel *kernel, const struct ColorCall &call,
                       const PictureTarget &target) const noexcept;

    const Picture &picture_;
    const TypeKernels *const kernels_;
    char *const memory_;
    DenseFrame frame_;
    const bool is_dense_;
};

}  // namespace glimpse

#endif  // GLIMPSE_SRC_HOST_PICTURE_H_
