// Lets a cv::Mat and a view describe the same memory. The only header that needs opencv2/core.hpp,
// of OpenCV 4.
//
//     glimpse::ConstView image;
//     glimpse::Status status = glimpse::to_view(mat, &image);   // no copy
//
// Depths are CV_8U, CV_16U, CV_16S, CV_16F and CV_32F; OpenCV has no bfloat16.
#ifndef GLIMPSE_INTEROP_OPENCV_H_
#define GLIMPSE_INTEROP_OPENCV_H_

#include <climits>
#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>

#include "glimpse/interop_check.h"
#include "glimpse/status.h"
#include "glimpse/view.h"

namespace glimpse {
namespace detail {

// -1 for a type that OpenCV lacks.
inline int mat_depth_of(ElementType type) noexcept {
    return type == ElementType::uint8     ? CV_8U
           : type == ElementType::uint16  ? CV_16U
           : type == ElementType::int16   ? CV_16S
           : type == ElementType::float16 ? CV_16F
           : type == ElementType::float32 ? CV_32F
                                          : -1;
}

template<typename Data>
Status view_of(const cv::Mat &mat, BasicView<Data> *view) noexcept {
    View made;
    if (!find_type([&](ElementType type) { return mat_depth_of(type) == mat.depth(); },
                   &made.type)) {
        return {StatusCode::unsupported_type,
                "the Mat has depth %d; expected CV_8U, CV_16U, CV_16S, CV_16F or CV_32F",
                mat.depth()};
    }
    if (mat.dims < 2 || mat.dims > 4) {
        return {StatusCode::rank_mismatch, "the Mat has %d dimensions%s; expected 2, 3 or 4",
                mat.dims, mat.dims == 0 ? " (it is empty)" : ""};
    }
    if (mat.dims == 4 && mat.channels() != 1) {
        return {StatusCode::channel_mismatch,
                "the Mat has 4 dimensions and %d channels; expected 1, as blobs have",
                mat.channels()};
    }
    const auto stride = [&](int dimension) {
        const auto bytes = static_cast<int64_t>(mat.step[dimension]);
        const auto size = static_cast<int64_t>(mat.elemSize1());
        return bytes % size == 0 ? bytes / size : invalid_stride;
    };
    const int row = mat.dims - 2;
    made.data = mat.data;
    if (mat.datastart != nullptr) {
        made = made.within(mat.datastart, static_cast<size_t>(mat.dataend - mat.datastart));
    }
    made.shape = {1, mat.size[row], mat.size[row + 1], mat.channels()};
    made.strides = {0, stride(row), stride(row + 1), 1};
    if (mat.dims > 2) {
        made.shape.count = mat.size[0];
        made.strides.image = stride(0);
    }
    if (mat.dims == 4) {
        made.shape.channels = mat.size[1];
        made.strides.channel = stride(1);
    }
    const Status status = check_memory(made, "the Mat");
    if (status.ok()) {
        *view = made;
    }
    return status;
}

}  // namespace detail

// Makes `*view` describe the memory of a Mat, which may be a part of another one. Dimensions of the
// Mat are [row, column], [image, row, column] or, with one channel, [image, channel, row, column],
// as blobs of cv::dnn have them. A Mat that is const is only read.
//
// The view does not count as a reference: a Mat must keep the memory alive. Its bounds are those of
// the Mat's whole memory. A temporary Mat is refused.
//
// Fails, with `*view` as it was, for other depths (unsupported_type), other numbers of dimensions,
// such as none (rank_mismatch), 4 dimensions of several channels (channel_mismatch) and a step that
// is no whole number of elements (invalid_strides).
Status to_view(const cv::Mat &&mat, ConstView *view) = delete;  // it may free its pixels
inline Status to_view(const cv::Mat &mat, ConstView *view) noexcept {
    return detail::view_of(mat, view);
}
inline Status to_view(cv::Mat &mat, View *view) noexcept {
    return detail::view_of(mat, view);
}

// Makes `*mat` a Mat of two dimensions over the memory of a view of one image, without owning it.
// What `*mat` was before is released. A Mat cannot forbid writing: there is none of a ConstView.
//
// Fails, with `*mat` as it was, for bfloat16 (unsupported_type), other than one image
// (count_mismatch; View::image() selects one), other than 1 to CV_CN_MAX channels
// (channel_mismatch), more than INT_MAX rows or columns, or elements between rows (too_large),
// pixels with gaps, and rows that overlap or go upwards (invalid_strides). Also if the view is
// none, or of device memory: negative_shape, invalid_strides, null_pointer, memory_mismatch.
inline Status from_view(const View &view, cv::Mat *mat) noexcept {
    const Status status = detail::check_host_memory(view, "the view");
    if (!status.ok()) {
        return status;
    }
    const int depth = detail::mat_depth_of(view.type);
    if (depth < 0) {
        return {StatusCode::unsupported_type, "OpenCV has no elements of type %s", name(view.type)};
    }
    const long long count = view.shape.count, height = view.shape.height, width = view.shape.width,
                    channels = view.shape.channels;
    const long long row = height > 1 ? view.strides.row : 0, column = view.strides.column;
    if (count != 1) {
        return {StatusCode::count_mismatch, "the view has %lld images; a Mat takes 1, see image()",
                count};
    }
    if (channels < 1 || channels > CV_CN_MAX) {
        return {StatusCode::channel_mismatch, "the view has %lld channels; a Mat takes 1 to %d",
                channels, CV_CN_MAX};
    }
    if (height > INT_MAX || width > INT_MAX || row > INT_MAX) {
        return {StatusCode::too_large,
                "the view has %lld x %lld pixels, and %lld elements from row to row; a Mat takes "
                "at most %d",
                height,
                width,
                row,
                INT_MAX};
    }
    if ((channels > 1 && view.strides.channel != 1) || (width > 1 && column != channels) ||
        (height > 1 && row < width * channels)) {
        return {StatusCode::invalid_strides,
                "the view has strides %lld (row), %lld (column) and %lld (channel); a Mat takes at "
                "least %lld, %lld and 1",
                row,
                column,
                static_cast<long long>(view.strides.channel),
                width * channels,
                channels};
    }
    const long long pitch = (height > 1 ? row : width * channels) * size_in_bytes(view.type);
    *mat = cv::Mat(static_cast<int>(height), static_cast<int>(width),
                   CV_MAKETYPE(depth, static_cast<int>(channels)), view.data,
                   static_cast<size_t>(pitch));
    return {};
}

}  // namespace glimpse

#endif  // GLIMPSE_INTEROP_OPENCV_H_
