// cv::Mat and views of the same memory: what each says of it, extraction from and into Mats, and
// what cannot be described.
#include "glimpse/interop_opencv.h"

#include <cstdint>
#include <vector>

#include "interop.h"

namespace {

using glimpse::ConstView;
using glimpse::ElementType;
using glimpse::StatusCode;
using glimpse::View;

// What is const is only read.
static_assert(can_view<View, cv::Mat &>);
static_assert(can_view<ConstView, cv::Mat &>);
static_assert(can_view<ConstView, const cv::Mat &>);
static_assert(!can_view<View, const cv::Mat &>);
static_assert(!can_view<ConstView, cv::Mat>);  // a temporary frees its pixels
static_assert(!can_view<ConstView, const cv::Mat>);
static_assert(can_describe<View, cv::Mat *>);
static_assert(!can_describe<ConstView, cv::Mat *>);

int depth_in_opencv(ElementType type) {
    switch (type) {
    case ElementType::uint8:
        return CV_8U;
    case ElementType::uint16:
        return CV_16U;
    case ElementType::int16:
        return CV_16S;
    case ElementType::float16:
        return CV_16F;
    case ElementType::float32:
        return CV_32F;
    case ElementType::bfloat16:
        break;
    }
    return -1;
}

TEST(InteropOpencvTest, EveryType) {
    for_each_type([](auto element) {
        using T = decltype(element);
        const ElementType type = glimpse::element_type_of<T>::value;
        if (type == ElementType::bfloat16) {
            return;
        }
        SCOPED_TRACE(name(type));
        for (const int channels : {1, 2, 3, 4, CV_CN_MAX}) {
            const int mat_type = CV_MAKETYPE(depth_in_opencv(type), channels);
            std::vector<T> memory = random_memory<T>(9 * 8 * channels, 1);
            const cv::Mat whole(9, 8, mat_type, memory.data());
            const cv::Mat part = whole(cv::Rect(1, 2, 7, 5));
            ConstView view;
            ASSERT_TRUE(succeeded(to_view(part, &view)));
            EXPECT_TRUE(same_view(
                view,
                ConstView::interleaved(memory.data(), {1, 9, 8, channels}).region(2, 1, 5, 7)));
            EXPECT_TRUE(same_pixels<T>(view, [&](int64_t, int64_t y, int64_t x, int64_t c) {
                return part.ptr<T>(static_cast<int>(y))[x * channels + c];
            }));

            cv::Mat glimpse(6, 5, mat_type);  // memory of OpenCV
            View written;
            ASSERT_TRUE(succeeded(to_view(glimpse, &written)));
            EXPECT_EQ(written.data, glimpse.data);
            EXPECT_TRUE(extracts_the_same<T>(view, written));

            cv::Mat described;
            ASSERT_TRUE(succeeded(from_view(written, &described)));
            EXPECT_EQ(described.data, glimpse.data);
            EXPECT_EQ(described.type(), mat_type);
            EXPECT_EQ(described.rows, 6);
            EXPECT_EQ(described.cols, 5);
            EXPECT_EQ(described.step[0], glimpse.step[0]);
            EXPECT_EQ(described.u, nullptr) << "it owns the memory";
        }
    });
}

TEST(InteropOpencvTest, AnyShape) {
    std::vector<float> memory = random_memory<float>(3 * 4 * 9 * 8, 1);
    const int batch_size[] = {3, 9, 8}, blob_size[] = {3, 4, 9, 8};
    const cv::Mat batch(3, batch_size, CV_32FC4, memory.data());
    ConstView view;
    ASSERT_TRUE(succeeded(to_view(batch, &view)));
    EXPECT_TRUE(same_view(view, ConstView::interleaved(memory.data(), {3, 9, 8, 4})));

    cv::Mat blob(4, blob_size, CV_32F);
    View written;
    ASSERT_TRUE(succeeded(to_view(blob, &written)));
    EXPECT_EQ(written.data, blob.data);
    EXPECT_TRUE(extracts_the_same<float>(view, written));
    EXPECT_TRUE(same_pixels<float>(written, [&](int64_t n, int64_t y, int64_t x, int64_t c) {
        const int at[] = {static_cast<int>(n), static_cast<int>(c), static_cast<int>(y),
                          static_cast<int>(x)};
        return blob.at<float>(at);
    }));

    // Parts of them.
    const cv::Range all = cv::Range::all(), ranges[] = {{1, 3}, {1, 4}, {2, 6}, {3, 8}};
    const cv::Mat part = blob(ranges);
    ASSERT_TRUE(succeeded(to_view(part, &view)));
    EXPECT_TRUE(same_view(view, {&blob.ptr<float>(1, 1)[2 * 8 + 3],
                                 ElementType::float32,
                                 {2, 4, 5, 3},
                                 {4 * 72, 8, 1, 72}}));
    const cv::Range images[] = {{1, 3}, all, {3, 8}};
    const cv::Mat columns = batch(images);
    ASSERT_TRUE(succeeded(to_view(columns, &view)));
    EXPECT_TRUE(same_view(
        view, ConstView::interleaved(memory.data(), {3, 9, 8, 4}).image(1, 2).region(0, 3, 9, 5)));
    EXPECT_EQ(view.bounds.begin, memory.data());  // of the whole, not of the part
    EXPECT_EQ(view.bounds.bytes, memory.size() * sizeof(memory[0]));
}

TEST(InteropOpencvTest, MatsOfViews) {
    std::vector<uint16_t> memory = random_memory<uint16_t>(2 * 9 * 8 * 3, 1);
    const View batch = View::interleaved(memory.data(), {2, 9, 8, 3});
    cv::Mat mat(4, 4, CV_8U);  // what it was is released
    ASSERT_TRUE(succeeded(from_view(batch.image(1).region(2, 1, 5, 7), &mat)));
    EXPECT_EQ(mat.rows, 5);
    EXPECT_EQ(mat.cols, 7);
    EXPECT_EQ(mat.step[0], 48u);
    EXPECT_EQ(mat.ptr<uint16_t>(4) + 3 * 6 + 2, &memory[216 + 6 * 24 + 7 * 3 + 2]);

    // One plane of several; strides that are never used.
    View plane = View::planar(memory.data(), {2, 9, 8, 3}).image(1);
    plane.shape.channels = 1;
    ASSERT_TRUE(succeeded(from_view(plane, &mat)));
    EXPECT_EQ(mat.type(), CV_16UC1);
    EXPECT_EQ(mat.data, reinterpret_cast<uchar *>(&memory[216]));
    const View row(memory.data(), ElementType::uint16, {1, 1, 8, 3}, {7, 1, 3, 1});
    ASSERT_TRUE(succeeded(from_view(row, &mat)));
    EXPECT_EQ(mat.cols, 8);
    const View column(memory.data(), ElementType::uint16, {1, 9, 1, 3}, {7, 24, -7, 1});
    ASSERT_TRUE(succeeded(from_view(column, &mat)));
    EXPECT_EQ(mat.step[0], 48u);
    ASSERT_TRUE(succeeded(from_view(batch.image(0).region(0, 0, 9, 0), &mat)));
    EXPECT_TRUE(mat.empty());
}

TEST(InteropOpencvTest, RefusedMats) {
    float element = 0;
    const View before = View::interleaved(&element, {1, 1, 1, 1});
    View view = before;
    const auto check = [&](cv::Mat mat, StatusCode code) {
        EXPECT_TRUE(refused(to_view(mat, &view), code));
        EXPECT_TRUE(same_view(view, before));
    };
    for (const int type : {CV_8S, CV_32S, CV_64F, CV_8SC3}) {
        check(cv::Mat(5, 7, type), StatusCode::unsupported_type);
    }
    check(cv::Mat(), StatusCode::rank_mismatch);
    const int size[] = {1, 2, 3, 4, 5};
    check(cv::Mat(5, size, CV_8U), StatusCode::rank_mismatch);
    check(cv::Mat(4, size, CV_8UC3), StatusCode::channel_mismatch);
    cv::Mat odd(5, 7, CV_32FC3);
    odd.step[0] += 2;  // OpenCV makes no such Mat itself
    check(odd, StatusCode::invalid_strides);
    cv::Mat null(5, 7, CV_8U);
    null.data = nullptr;
    check(null, StatusCode::null_pointer);
    cv::Mat empty(0, 7, CV_8U);
    EXPECT_TRUE(succeeded(to_view(empty, &view)));
}

TEST(InteropOpencvTest, RefusedViews) {
    std::vector<float> memory(2 * 5 * 7 * 3);
    const View view = View::interleaved(memory.data(), {1, 5, 7, 3});
    const auto check = [&](const View &wrong, StatusCode code) {
        cv::Mat mat(4, 6, CV_8U);
        const uchar *const data = mat.data;
        EXPECT_TRUE(refused(from_view(wrong, &mat), code));
        EXPECT_EQ(mat.data, data);
        EXPECT_EQ(mat.cols, 6);
    };
    check(view.on(glimpse::Memory::cuda), StatusCode::memory_mismatch);
    View wrong = view;
    for (const ElementType type : {ElementType::bfloat16, static_cast<ElementType>(6)}) {
        wrong.type = type;
        check(wrong, StatusCode::unsupported_type);
    }
    check(View::interleaved(memory.data(), {2, 5, 7, 3}), StatusCode::count_mismatch);
    check(view.image(0, 0), StatusCode::count_mismatch);
    check(View::interleaved(memory.data(), {1, 1, 1, CV_CN_MAX + 1}), StatusCode::channel_mismatch);
    check(View::interleaved(memory.data(), {1, 5, 7, 0}), StatusCode::channel_mismatch);
    const int64_t large = int64_t{1} << 31;
    check(View::interleaved(memory.data(), {1, large, 7, 3}), StatusCode::too_large);
    check({memory.data(), ElementType::float32, {1, 1, large, 1}, {0, 0, 1, 1}},
          StatusCode::too_large);
    check(view.pitch_bytes(4 * large), StatusCode::too_large);
    check(View::planar(memory.data(), {1, 5, 7, 3}), StatusCode::invalid_strides);
    check(view.flipped(), StatusCode::invalid_strides);
    check(view.pitch_bytes(80), StatusCode::invalid_strides);
    check(view.pitch_bytes(86), StatusCode::invalid_strides);
    wrong = view;
    wrong.strides.channel = -1;
    check(wrong, StatusCode::invalid_strides);
    wrong = view;
    wrong.strides.column = 4;
    check(wrong, StatusCode::invalid_strides);
    check(view.region(0, 0, 6, 1), StatusCode::negative_shape);
    wrong = view;
    wrong.data = nullptr;
    check(wrong, StatusCode::null_pointer);
}

}  // namespace
