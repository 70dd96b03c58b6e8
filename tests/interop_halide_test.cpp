// Buffers of Halide and views of the same memory: what each says of it, extraction from and into
// Buffers, and what cannot be described.
#include "glimpse/interop_halide.h"

#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "interop.h"

namespace {

using glimpse::ConstView;
using glimpse::ElementType;
using glimpse::StatusCode;
using glimpse::View;
using Halide::Runtime::Buffer;

// What is const is only read.
static_assert(can_view<View, Buffer<float> &>);
static_assert(can_view<View, Buffer<void, 3> &>);
static_assert(can_view<ConstView, Buffer<float> &>);
static_assert(can_view<ConstView, const Buffer<const void> &>);
static_assert(!can_view<View, const Buffer<float> &>);
static_assert(!can_view<View, Buffer<const float> &>);
static_assert(can_describe<View, Buffer<float> *>);
static_assert(can_describe<ConstView, Buffer<const float> *>);
static_assert(!can_describe<ConstView, Buffer<float> *>);

halide_type_t type_in_halide(ElementType type) {
    switch (type) {
    case ElementType::uint8:
        return {halide_type_uint, 8};
    case ElementType::uint16:
        return {halide_type_uint, 16};
    case ElementType::int16:
        return {halide_type_int, 16};
    case ElementType::float16:
        return {halide_type_float, 16};
    case ElementType::bfloat16:
        return {halide_type_bfloat, 16};
    case ElementType::float32:
        break;
    }
    return {halide_type_float, 32};
}

// A Buffer of 2 images of 5x7x3, interleaved in rows of 25, with mins that are not 0.
template<typename T>
Buffer<void> pitched(std::vector<T> &memory) {
    const halide_dimension_t shape[] = {{-4, 7, 3}, {10, 5, 25}, {1, 3, 1}, {0, 2, 130}};
    return Buffer<void>(type_in_halide(glimpse::element_type_of<T>::value), memory.data(), 4,
                        shape);
}

TEST(InteropHalideTest, EveryType) {
    for_each_type([](auto element) {
        using T = decltype(element);
        const ElementType type = glimpse::element_type_of<T>::value;
        SCOPED_TRACE(name(type));
        std::vector<T> memory = random_memory<T>(260, 1), out = random_memory<T>(4 * 48, 2);
        const Buffer<void> images = pitched(memory);
        ConstView view;
        ASSERT_TRUE(succeeded(to_view(images, &view)));
        EXPECT_TRUE(same_view(view, {memory.data(), type, {2, 5, 7, 3}, {130, 25, 3, 1}}));

        Buffer<void> glimpses(type_in_halide(type), out.data(), 4, 4, 3, 4);  // planar
        View written;
        ASSERT_TRUE(succeeded(to_view(glimpses, &written)));
        EXPECT_TRUE(same_view(written, {out.data(), type, {4, 4, 4, 3}, {48, 4, 1, 16}}));
        EXPECT_TRUE(extracts_the_same<T>(view, written));

        Buffer<void> described;
        ASSERT_TRUE(succeeded(from_view(written, &described)));
        EXPECT_EQ(described.type(), type_in_halide(type));
        EXPECT_EQ(described.data(), out.data());
        ASSERT_EQ(described.dimensions(), 4);
        View again;
        ASSERT_TRUE(succeeded(to_view(described, &again)));
        EXPECT_TRUE(same_view(again, written));
    });
}

// What Halide calls (x, y, c, n) is what a view calls (n, y, x, c), of any Buffer.
template<typename T>
void expect_pixels(const Buffer<T> &buffer) {
    ConstView view;
    ASSERT_TRUE(succeeded(to_view(buffer, &view)));
    ASSERT_EQ(view.data, buffer.data());
    EXPECT_TRUE(
        same_pixels<std::remove_const_t<T>>(view, [&](int64_t n, int64_t y, int64_t x, int64_t c) {
            const int at[] = {static_cast<int>(x), static_cast<int>(y), static_cast<int>(c),
                              static_cast<int>(n)};
            int position[4];
            for (int d = 0; d < buffer.dimensions(); d++) {
                position[d] = buffer.dim(d).min() + at[d];
            }
            return buffer(position);
        }));
}

TEST(InteropHalideTest, AnyShape) {
    GLIMPSE_NEEDS_TYPES(uint16_t);
    Random random(1);
    const auto fill = [&](Buffer<uint16_t> &buffer) {
        buffer.for_each_value(
            [&](uint16_t &value) { value = static_cast<uint16_t>(random.bits()); });
    };
    Buffer<uint16_t> batch(9, 8, 3, 2), grey(9, 8);
    auto interleaved = Buffer<uint16_t>::make_interleaved(9, 8, 3);
    for (Buffer<uint16_t> *buffer : {&batch, &grey, &interleaved}) {
        fill(*buffer);
        expect_pixels(*buffer);
    }
    expect_pixels(batch.cropped(0, 2, 5).cropped(1, 3, 4));
    expect_pixels(interleaved.cropped(1, 3, 4));
    expect_pixels(batch.sliced(2, 1));
    expect_pixels(batch.transposed(0, 1));
    expect_pixels(grey.translated({100, -100}));
    expect_pixels(grey.embedded(2));
    expect_pixels<const uint16_t>(interleaved);
    const halide_dimension_t upwards[] = {{0, 9, 1}, {0, 8, -9}};
    expect_pixels(Buffer<uint16_t>(grey.data() + 7 * 9, 2, upwards));

    Buffer<uint16_t> part = batch.cropped(0, 2, 5).cropped(1, 3, 4);
    ConstView images;
    View glimpses;
    ASSERT_TRUE(succeeded(to_view(interleaved, &images)));
    ASSERT_TRUE(succeeded(to_view(part, &glimpses)));
    EXPECT_TRUE(extracts_the_same<uint16_t>(images, glimpses));
}

TEST(InteropHalideTest, BuffersOfViews) {
    std::vector<float> memory = random_memory<float>(2 * 5 * 7 * 3, 1);
    const View view = View::interleaved(memory.data(), {2, 5, 7, 3});
    Buffer<float> batch(3, 3);  // what it was is released
    ASSERT_TRUE(succeeded(from_view(view, &batch)));
    EXPECT_EQ(batch.data(), memory.data());
    EXPECT_FALSE(batch.owns_host_memory());
    EXPECT_EQ(&batch(6, 4, 2, 1), &memory.back());
    expect_pixels(batch);

    Buffer<float, 3> image;
    ASSERT_TRUE(succeeded(from_view(view.image(1).region(1, 2, 3, 4).flipped(), &image)));
    EXPECT_EQ(image.dim(0).extent(), 4);
    EXPECT_EQ(image.dim(1).extent(), 3);
    EXPECT_EQ(&image(0, 0, 2), &memory[105 + 3 * 21 + 2 * 3 + 2]);
    EXPECT_EQ(&image(3, 2, 0), &memory[105 + 1 * 21 + 5 * 3]);
    View plane = view.image(0);
    plane.shape.channels = 1;
    Buffer<void, 2> grey;
    ASSERT_TRUE(succeeded(from_view(plane, &grey)));
    EXPECT_EQ(grey.dim(0).stride(), 3);
    Buffer<const float> read;
    ASSERT_TRUE(succeeded(from_view(ConstView(view), &read)));
    EXPECT_EQ(read.data(), memory.data());
    Buffer<const void> unknown;
    ASSERT_TRUE(succeeded(from_view(view, &unknown)));
    EXPECT_EQ(unknown.data(), memory.data());
}

TEST(InteropHalideTest, RefusedBuffers) {
    float element = 0;
    const View before = View::interleaved(&element, {1, 1, 1, 1});
    View view = before;
    const auto check = [&](Buffer<void> buffer, StatusCode code) {
        EXPECT_TRUE(refused(to_view(buffer, &view), code));
        EXPECT_TRUE(same_view(view, before));
    };
    std::vector<double> memory(5 * 7);
    for (const halide_type_t type :
         {halide_type_t(halide_type_int, 8), halide_type_t(halide_type_uint, 1),
          halide_type_t(halide_type_uint, 32), halide_type_t(halide_type_float, 64),
          halide_type_t(halide_type_handle, 64), halide_type_t(halide_type_uint, 8, 4)}) {
        check(Buffer<void>(type, memory.data(), 7, 5), StatusCode::unsupported_type);
    }
    const halide_type_t type(halide_type_float, 32);
    check(Buffer<void>(type, memory.data(), 7), StatusCode::rank_mismatch);
    check(Buffer<void>(type, memory.data(), 1, 1, 1, 1, 1), StatusCode::rank_mismatch);
    check(Buffer<void>(type, nullptr, 7, 5), StatusCode::null_pointer);
    check(Buffer<void>(type, memory.data(), 7, -5), StatusCode::negative_shape);
    Buffer<void> dirty(type, memory.data(), 7, 5);
    dirty.set_device_dirty();
    check(dirty, StatusCode::invalid_value);
    Buffer<void> empty(type, nullptr, 7, 0);
    EXPECT_TRUE(succeeded(to_view(empty, &view)));
}

TEST(InteropHalideTest, RefusedViews) {
    std::vector<float> memory(2 * 5 * 7 * 3);
    const View view = View::interleaved(memory.data(), {2, 5, 7, 3});
    float element = 0;
    const auto check = [&](auto buffer, const View &wrong, StatusCode code) {
        EXPECT_TRUE(refused(from_view(wrong, &buffer), code));
        EXPECT_EQ(buffer.data(), &element) << "it has changed";
    };
    check(Buffer<float, 3>(&element, 1, 1, 1), view, StatusCode::count_mismatch);
    check(Buffer<float, 2>(&element, 1, 1), view.image(0), StatusCode::channel_mismatch);
    check(Buffer<float>(&element, 1, 1, 1, 1), view.on(glimpse::Memory::cuda),
          StatusCode::memory_mismatch);
    View wrong = view;
    wrong.type = ElementType::int16;
    check(Buffer<float>(&element, 1, 1), wrong, StatusCode::type_mismatch);
    wrong.type = static_cast<ElementType>(6);
    check(Buffer<float>(&element, 1, 1), wrong, StatusCode::unsupported_type);
    check(Buffer<float>(&element, 1, 1), view.region(0, 0, 6, 1), StatusCode::negative_shape);
    check(Buffer<float>(&element, 1, 1), view.pitch_bytes(86), StatusCode::invalid_strides);
    wrong = view;
    wrong.data = nullptr;
    check(Buffer<float>(&element, 1, 1), wrong, StatusCode::null_pointer);
    const int64_t large = int64_t{1} << 31;
    for (int64_t glimpse::Shape::*extent : {&glimpse::Shape::count, &glimpse::Shape::height,
                                            &glimpse::Shape::width, &glimpse::Shape::channels}) {
        wrong = view;
        wrong.shape.*extent = large;
        check(Buffer<float>(&element, 1, 1), wrong, StatusCode::too_large);
    }
    for (int64_t glimpse::Strides::*stride :
         {&glimpse::Strides::image, &glimpse::Strides::row, &glimpse::Strides::column,
          &glimpse::Strides::channel}) {
        wrong = view;
        wrong.shape = {2, 2, 2, 2};
        for (const int64_t value : {large, -large - 1}) {
            wrong.strides.*stride = value;
            check(Buffer<float>(&element, 1, 1), wrong, StatusCode::too_large);
        }
    }
}

}  // namespace
