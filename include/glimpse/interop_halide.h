// Lets a Halide::Runtime::Buffer and a view describe the same memory. The only header that needs
// HalideBuffer.h.
//
//     Halide::Runtime::Buffer<float> batch(224, 224, 3, 16);   // x, y, channel, image
//     glimpse::View glimpses;
//     glimpse::Status status = glimpse::to_view(batch, &glimpses);   // no copy
//
// Types are unsigned integers of 8 and 16 bits, integers of 16, floats of 16 and 32, and bfloats of
// 16 (halide_type_t).
#ifndef GLIMPSE_INTEROP_HALIDE_H_
#define GLIMPSE_INTEROP_HALIDE_H_

#include <HalideBuffer.h>

#include <cstdint>
#include <type_traits>

#include "glimpse/interop_check.h"
#include "glimpse/status.h"
#include "glimpse/view.h"

namespace glimpse {
namespace detail {

// 0 bits for an unknown type.
inline halide_type_t halide_type_of(ElementType type) noexcept {
    const halide_type_code_t code = type == ElementType::uint8 || type == ElementType::uint16
                                        ? halide_type_uint
                                    : type == ElementType::int16    ? halide_type_int
                                    : type == ElementType::bfloat16 ? halide_type_bfloat
                                                                    : halide_type_float;
    return {code, static_cast<uint8_t>(8 * size_in_bytes(type))};
}

template<typename Data>
Status view_of(const halide_buffer_t &buffer, BasicView<Data> *view) noexcept {
    if (buffer.device_dirty()) {
        return {StatusCode::invalid_value,
                "the Buffer was changed on a device; expected copy_to_host() before"};
    }
    View made;
    if (!find_type([&](ElementType type) { return halide_type_of(type) == buffer.type; },
                   &made.type)) {
        return {StatusCode::unsupported_type,
                "the Buffer has elements of code %d, %d bits and %d lanes; expected uint8, uint16, "
                "int16, float16, bfloat16 or float32",
                int{buffer.type.code}, buffer.type.bits, buffer.type.lanes};
    }
    if (buffer.dimensions < 2 || buffer.dimensions > 4) {
        return {StatusCode::rank_mismatch, "the Buffer has %d dimensions; expected 2, 3 or 4",
                buffer.dimensions};
    }
    made.data = buffer.host;
    made.shape = {1, buffer.dim[1].extent, buffer.dim[0].extent, 1};
    made.strides = {0, buffer.dim[1].stride, buffer.dim[0].stride, 1};
    if (buffer.dimensions > 2) {
        made.shape.channels = buffer.dim[2].extent;
        made.strides.channel = buffer.dim[2].stride;
    }
    if (buffer.dimensions > 3) {
        made.shape.count = buffer.dim[3].extent;
        made.strides.image = buffer.dim[3].stride;
    }
    const Status status = check_memory(made, "the Buffer");
    if (status.ok()) {
        *view = made;
    }
    return status;
}

}  // namespace detail

// Makes `*view` describe the host memory of a Buffer whose dimensions are (x, y), (x, y, channel)
// or (x, y, channel, image), with any strides. Pixel (0, 0) of the view is the Buffer's min,
// wherever that is: origins count from there. A Buffer that is const, or of const elements, is only
// read.
//
// The view does not count as a reference: a Buffer must keep the memory alive. Where devices are
// used, the caller calls set_host_dirty() after a write.
//
// Fails, with `*view` as it was, for a Buffer that was changed on a device (invalid_value), other
// types (unsupported_type), other numbers of dimensions (rank_mismatch), negative extents
// (negative_shape), and elements without host memory (null_pointer).
template<typename T, int dimensions, int storage>
Status to_view(const Halide::Runtime::Buffer<T, dimensions, storage> &&buffer,
               ConstView *view) = delete;  // it may free its pixels
template<typename T, int dimensions, int storage>
Status to_view(const Halide::Runtime::Buffer<T, dimensions, storage> &buffer,
               ConstView *view) noexcept {
    return detail::view_of(*buffer.raw_buffer(), view);
}
template<typename T, int dimensions, int storage,
         typename = std::enable_if_t<!std::is_const<T>::value>>
Status to_view(Halide::Runtime::Buffer<T, dimensions, storage> &buffer, View *view) noexcept {
    return detail::view_of(*buffer.raw_buffer(), view);
}

// Makes `*buffer` a Buffer over the memory of a view, without owning it; mins are 0. It has as many
// dimensions as its C++ type says, or 4 where that leaves it open. What `*buffer` was before is
// released. A ConstView makes a Buffer of const elements, such as Buffer<const void>.
//
// Fails, with `*buffer` as it was, for a view of another type than the Buffer's C++ type
// (type_mismatch), or of none (unsupported_type), several images for less than 4 dimensions
// (count_mismatch), several channels for 2 (channel_mismatch), and extents or strides beyond int32
// (too_large). Also if the view is none, or of device memory: negative_shape, invalid_strides,
// null_pointer, memory_mismatch.
template<typename T, int dimensions>
Status from_view(const std::conditional_t<std::is_const<T>::value, ConstView, View> &view,
                 Halide::Runtime::Buffer<T, dimensions> *buffer) noexcept {
    using Buffer = Halide::Runtime::Buffer<T, dimensions>;
    constexpr int rank = Buffer::has_static_dimensions ? dimensions : 4;
    static_assert(rank >= 2 && rank <= 4, "a Buffer over a view has 2, 3 or 4 dimensions");
    const Status status = detail::check_host_memory(view, "the view");
    if (!status.ok()) {
        return status;
    }
    const halide_type_t type = detail::halide_type_of(view.type);
    if (type.bits == 0) {
        return {StatusCode::unsupported_type, "the view has element type %d; expected 0 to %d",
                static_cast<int>(view.type), element_type_count - 1};
    }
    if (Buffer::has_static_halide_type && type != Buffer::static_halide_type()) {
        return {StatusCode::type_mismatch, "the view has elements of type %s; the Buffer, others",
                name(view.type)};
    }
    if (rank < 4 && view.shape.count != 1) {
        return {StatusCode::count_mismatch,
                "the view has %lld images; a Buffer of %d dimensions takes 1, see image()",
                static_cast<long long>(view.shape.count), rank};
    }
    if (rank < 3 && view.shape.channels != 1) {
        return {StatusCode::channel_mismatch,
                "the view has %lld channels; a Buffer of 2 dimensions takes 1",
                static_cast<long long>(view.shape.channels)};
    }
    const int64_t extents[] = {view.shape.width, view.shape.height, view.shape.channels,
                               view.shape.count};
    const int64_t strides[] = {view.strides.column, view.strides.row, view.strides.channel,
                               view.strides.image};
    halide_dimension_t shape[rank];
    for (int i = 0; i < rank; i++) {
        const int64_t stride = extents[i] > 1 ? strides[i] : 0;  // else nothing is told by it
        if (extents[i] > INT32_MAX || stride > INT32_MAX || stride < INT32_MIN) {
            return {StatusCode::too_large,
                    "the view has an extent of %lld with a stride of %lld; a Buffer takes %d",
                    static_cast<long long>(extents[i]), static_cast<long long>(strides[i]),
                    INT32_MAX};
        }
        shape[i] = {0, static_cast<int32_t>(extents[i]), static_cast<int32_t>(stride)};
    }
    *buffer = Buffer(type, view.data, rank, shape);
    return {};
}

}  // namespace glimpse

#endif  // GLIMPSE_INTEROP_HALIDE_H_
