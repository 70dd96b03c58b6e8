// Lets a DLPack tensor and a view describe the same memory. The only header that needs
// dlpack/dlpack.h.
//
//     DLManagedTensor *managed = ...;   // from another framework
//     glimpse::View batch;
//     glimpse::Status status = glimpse::to_view(
//         managed->dl_tensor, glimpse::DimensionOrder::channels_first, &batch);   // no copy
//
// Types are kDLUInt of 8 and 16 bits, kDLInt of 16, kDLFloat of 16 and 32, and kDLBfloat of 16.
#ifndef GLIMPSE_INTEROP_DLPACK_H_
#define GLIMPSE_INTEROP_DLPACK_H_

#include <dlpack/dlpack.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "glimpse/interop_check.h"
#include "glimpse/status.h"
#include "glimpse/view.h"

namespace glimpse {

// What the dimensions of a tensor mean, whatever their strides. Three dimensions are those of one
// image, two are [row, column].
enum class DimensionOrder : int32_t {
    channels_last = 0,   // [image, row, column, channel], NHWC
    channels_first = 1,  // [image, channel, row, column], NCHW
};

// A tensor, and the arrays that it points to: it is valid as long as this object. Copies point to
// arrays of their own. The memory of elements is not owned. As made it has no elements.
struct DlpackTensor {
    std::array<int64_t, 4> shape = {}, strides = {};
    DLTensor tensor = {nullptr, {kDLCPU, 0}, 4, {kDLUInt, 8, 1}, shape.data(), strides.data(), 0};

    DlpackTensor() = default;
    DlpackTensor(const DlpackTensor &other) noexcept {
        *this = other;
    }
    DlpackTensor &operator=(const DlpackTensor &other) noexcept {
        shape = other.shape;
        strides = other.strides;
        tensor = other.tensor;
        tensor.shape = shape.data();
        tensor.strides = strides.data();
        return *this;
    }
};

namespace detail {

// 0 bits for an unknown type.
inline DLDataType dlpack_type_of(ElementType type) noexcept {
    const DLDataTypeCode code = type == ElementType::uint8 || type == ElementType::uint16 ? kDLUInt
                                : type == ElementType::int16                              ? kDLInt
                                : type == ElementType::bfloat16 ? kDLBfloat
                                                                : kDLFloat;
    return {static_cast<uint8_t>(code), static_cast<uint8_t>(8 * size_in_bytes(type)), 1};
}

inline Status check_order(DimensionOrder order) noexcept {
    if (order != DimensionOrder::channels_last && order != DimensionOrder::channels_first) {
        return {StatusCode::unknown_enumerator, "the order of dimensions is %d; expected 0 or 1",
                static_cast<int>(order)};
    }
    return {};
}

template<typename Data>
Status view_of(const DLTensor &tensor, DimensionOrder order, BasicView<Data> *view) noexcept {
    Status status = check_order(order);
    if (!status.ok()) {
        return status;
    }
    View made;
    const DLDeviceType device = tensor.device.device_type;
    if (device == kDLCUDA || device == kDLCUDAManaged) {
        made.memory = Memory::cuda;
    } else if (device != kDLCPU && device != kDLCUDAHost && device != kDLROCMHost) {
        return {StatusCode::invalid_value,
                "the tensor lies on a device of type %d; expected %d (CPU), pinned memory or %d "
                "(CUDA)",
                static_cast<int>(device), static_cast<int>(kDLCPU), static_cast<int>(kDLCUDA)};
    }
    const auto is_type = [&](ElementType type) {
        const DLDataType expected = dlpack_type_of(type);
        return tensor.dtype.code == expected.code && tensor.dtype.bits == expected.bits &&
               tensor.dtype.lanes == 1;
    };
    if (!find_type(is_type, &made.type)) {
        return {StatusCode::unsupported_type,
                "the tensor has elements of code %d, %d bits and %d lanes; expected uint8, uint16, "
                "int16, float16, bfloat16 or float32",
                tensor.dtype.code, tensor.dtype.bits, tensor.dtype.lanes};
    }
    const int rank = tensor.ndim;
    if (rank < 2 || rank > 4) {
        return {StatusCode::rank_mismatch, "the tensor has %d dimensions; expected 2, 3 or 4",
                rank};
    }
    if (tensor.shape == nullptr) {
        return {StatusCode::null_pointer, "the tensor has no shape (null)"};
    }
    if (tensor.data != nullptr) {
        made.data = static_cast<char *>(tensor.data) + tensor.byte_offset;
    }
    const bool first = order == DimensionOrder::channels_first;
    const int row = first || rank == 2 ? rank - 2 : rank - 3;
    const int channel = first ? row - 1 : row + 2;
    made.shape = {rank == 4 ? tensor.shape[0] : 1, tensor.shape[row], tensor.shape[row + 1],
                  rank > 2 ? tensor.shape[channel] : 1};
    if (tensor.strides != nullptr) {
        made.strides = {rank == 4 ? tensor.strides[0] : 0, tensor.strides[row],
                        tensor.strides[row + 1], rank > 2 ? tensor.strides[channel] : 1};
    } else {
        made.strides = first ? View::planar(made.data, made.type, made.shape).strides
                             : View::interleaved(made.data, made.type, made.shape).strides;
    }
    status = check_memory(made, "the tensor");
    if (status.ok()) {
        *view = made;
    }
    return status;
}

}  // namespace detail

// Makes `*view` describe the memory of a tensor of 2, 3 or 4 dimensions. Any strides; without
// them, elements are dense. A tensor that is const is only read.
//
// Memory is that of the CPU, or pinned: the caller sees to it that no device is at work on it; or
// that of CUDA, also managed, which makes a view of Memory::cuda, of the device that calls are made
// with. The view owns nothing: the caller keeps the tensor's memory alive, and calls its deleter.
//
// Fails, with `*view` as it was, for memory of other devices (invalid_value), other types, and
// vectors (unsupported_type), other numbers of dimensions (rank_mismatch), no shape, or elements
// without memory (null_pointer), negative extents (negative_shape), dense extents whose product
// overflows (invalid_strides), and an order that is none (unknown_enumerator).
inline Status to_view(const DLTensor &tensor, DimensionOrder order, ConstView *view) noexcept {
    return detail::view_of(tensor, order, view);
}
inline Status to_view(DLTensor &tensor, DimensionOrder order, View *view) noexcept {
    return detail::view_of(tensor, order, view);
}

// Makes `*tensor` describe the memory of a view, with four dimensions and all strides. Its data is
// aligned as the view is, and byte_offset is 0, as most frameworks have it. A tensor cannot forbid
// writing: there is none of a ConstView. Some consumers refuse negative strides. A view does not
// know on which of many devices it lies: the tensor says 0.
//
// Fails, with `*tensor` as it was, for a type or an order that is none (unsupported_type,
// unknown_enumerator), and if the view is none: negative_shape, invalid_strides, null_pointer.
inline Status from_view(const View &view, DimensionOrder order, DlpackTensor *tensor) noexcept {
    Status status = detail::check_order(order);
    if (status.ok()) {
        status = detail::check_memory(view, "the view");
    }
    if (!status.ok()) {
        return status;
    }
    const DLDataType type = detail::dlpack_type_of(view.type);
    if (type.bits == 0) {
        return {StatusCode::unsupported_type, "the view has element type %d; expected 0 to %d",
                static_cast<int>(view.type), element_type_count - 1};
    }
    *tensor = DlpackTensor();
    tensor->tensor.data = view.data;
    tensor->tensor.device.device_type = view.memory == Memory::cuda ? kDLCUDA : kDLCPU;
    tensor->tensor.dtype = type;
    const auto set = [&](size_t dimension, int64_t extent, int64_t stride) {
        tensor->shape[dimension] = extent;
        tensor->strides[dimension] = stride;
    };
    const bool first = order == DimensionOrder::channels_first;
    set(0, view.shape.count, view.strides.image);
    set(first ? 2 : 1, view.shape.height, view.strides.row);
    set(first ? 3 : 2, view.shape.width, view.strides.column);
    set(first ? 1 : 3, view.shape.channels, view.strides.channel);
    return {};
}

}  // namespace glimpse

#endif  // GLIMPSE_INTEROP_DLPACK_H_
