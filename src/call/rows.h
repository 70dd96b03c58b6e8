// How kernels see a view: rows of elements, `samples` channels per pixel, one plane or one per
// channel.
#ifndef GLIMPSE_SRC_CALL_ROWS_H_
#define GLIMPSE_SRC_CALL_ROWS_H_

#include <cstdint>

#include "glimpse/options.h"
#include "kernel_abi.h"

namespace glimpse {

// Strides are in elements.
struct Rows {
    char *data;
    int64_t element_size;  // in bytes
    int64_t samples;       // channels per pixel in a row
    int64_t elements, rows, planes, count;
    int64_t element_stride, row_stride, plane_stride, image_stride;
};

// Whether the channels of a pixel, and pixels, follow one another without a gap.
inline bool is_interleaved(const ConstView &view) noexcept {
    const int64_t channels = view.shape.channels;
    return (channels <= 1 || view.strides.channel == 1) &&
           (view.shape.width <= 1 || view.strides.column == channels);
}

// Whether neighbours in a row of one channel follow one another without a gap.
inline bool is_planar(const ConstView &view) noexcept {
    return view.shape.width <= 1 || view.strides.column == 1;
}

// Describes a view as rows with all channels if `interleaved`, else with one channel.
inline Rows rows_of(const ConstView &view, bool interleaved) noexcept {
    const Shape &shape = view.shape;
    const Strides &strides = view.strides;
    Rows rows;
    rows.data = static_cast<char *>(const_cast<void *>(view.data));
    rows.element_size = size_in_bytes(view.type);
    rows.samples = interleaved ? shape.channels : 1;
    rows.elements = interleaved ? shape.width * shape.channels : shape.width;
    rows.rows = shape.height;
    rows.planes = interleaved ? 1 : shape.channels;
    rows.count = shape.count;
    // Strides of single elements are never used, and may be anything: 1 keeps a row dense.
    rows.element_stride = interleaved || shape.width <= 1 ? 1 : strides.column;
    rows.row_stride = shape.height <= 1 ? 0 : strides.row;
    rows.plane_stride = interleaved || shape.channels <= 1 ? 0 : strides.channel;
    rows.image_stride = shape.count <= 1 ? 0 : strides.image;
    return rows;
}

// An order of channels as kernels want it.
inline int32_t packed(const ChannelOrder &order) noexcept {
    uint32_t word = 0;
    for (int c = 0; c < order.count; c++) {
        word |= uint32_t(order.from[c]) << 8 * c;
    }
    return order.count == 0 ? channels_in_order : int32_t(word);
}

// Describes images without pixels: kernels want one to look at, `pixel`, and no glimpse shows it.
inline Rows without_pixels(Rows rows, const void *pixel, int64_t count) noexcept {
    rows.data = static_cast<char *>(const_cast<void *>(pixel));
    rows.elements = rows.samples;
    rows.rows = 1;
    rows.count = count;
    rows.element_stride = rows.row_stride = rows.plane_stride = rows.image_stride = 0;
    return rows;
}

}  // namespace glimpse

#endif  // GLIMPSE_SRC_CALL_ROWS_H_
