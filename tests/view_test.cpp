// Views: how the makers of a view, and what cuts views out of views, fill in shapes and strides.

#include <array>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "buffers.h"
#include "glimpse/glimpse.h"

namespace {

using glimpse::ConstView;
using glimpse::ElementType;
using glimpse::Span;
using glimpse::Strides;
using glimpse::View;

void expect_strides(const Strides &got, const Strides &expected) {
    EXPECT_EQ(got.image, expected.image);
    EXPECT_EQ(got.row, expected.row);
    EXPECT_EQ(got.column, expected.column);
    EXPECT_EQ(got.channel, expected.channel);
}

int64_t elements_from(const ConstView &view, const std::vector<float> &memory) {
    return static_cast<const float *>(view.data) - memory.data();
}

TEST(ViewTest, Dense) {
    std::vector<float> memory(210);
    const View interleaved = View::interleaved(memory.data(), {2, 5, 7, 3});
    EXPECT_EQ(interleaved.data, memory.data());
    EXPECT_EQ(interleaved.type, ElementType::float32);
    expect_strides(interleaved.strides, {105, 21, 3, 1});
    expect_strides(View::planar(memory.data(), {2, 5, 7, 3}).strides, {105, 7, 1, 35});

    const uint8_t byte = 0;
    EXPECT_EQ(ConstView::interleaved(&byte, {1, 1, 1, 1}).type, ElementType::uint8);
    const ConstView read = interleaved;
    EXPECT_EQ(read.data, memory.data());
    EXPECT_EQ(read.shape.width, 7);
    expect_strides(read.strides, {105, 21, 3, 1});
}

TEST(ViewTest, Pitch) {
    std::vector<float> memory(1);
    const View interleaved = View::interleaved(memory.data(), {2, 5, 7, 3});
    expect_strides(interleaved.pitch_bytes(100).strides, {125, 25, 3, 1});
    expect_strides(interleaved.pitch_bytes(-100).strides, {-125, -25, 3, 1});
    expect_strides(View::planar(memory.data(), {2, 5, 7, 3}).pitch_bytes(40).strides,
                   {150, 10, 1, 50});
    // One channel is the same either way.
    expect_strides(View::planar(memory.data(), {2, 5, 7, 1}).pitch_bytes(40).strides,
                   {50, 10, 1, 35});
    // Less than a row of 84 bytes; 0 repeats one.
    EXPECT_EQ(interleaved.pitch_bytes(80).strides.row, glimpse::invalid_pitch);
    EXPECT_EQ(interleaved.pitch_bytes(-80).strides.row, glimpse::invalid_pitch);
    EXPECT_EQ(interleaved.pitch_bytes(84).strides.row, 21);
    EXPECT_EQ(interleaved.pitch_bytes(0).strides.row, 0);
    for (const int64_t bytes : {101, 102, 103, -1}) {
        EXPECT_EQ(interleaved.pitch_bytes(bytes).strides.row, glimpse::invalid_pitch) << bytes;
    }
    View unknown = interleaved;
    unknown.type = static_cast<ElementType>(9);
    EXPECT_EQ(unknown.pitch_bytes(100).strides.row, glimpse::invalid_pitch);
}

TEST(ViewTest, Flipped) {
    std::vector<float> memory(2 * 5 * 7 * 3);
    const View view = View::interleaved(memory.data(), {2, 5, 7, 3});
    const View flipped = view.flipped();
    EXPECT_EQ(elements_from(flipped, memory), 4 * 21);
    expect_strides(flipped.strides, {105, -21, 3, 1});
    const View again = flipped.flipped();
    EXPECT_EQ(again.data, view.data);
    expect_strides(again.strides, view.strides);
    EXPECT_EQ(elements_from(view.region(1, 2, 3, 4).flipped(), memory), 21 + 6 + 2 * 21);
    EXPECT_EQ(view.region(1, 2, 0, 4).flipped().shape.height, 0);
    EXPECT_EQ(View(view).pitch_bytes(-1).flipped().strides.row, glimpse::invalid_pitch);
}

TEST(ViewTest, Regions) {
    std::vector<float> memory(2 * 5 * 7 * 3);
    const View view = View::interleaved(memory.data(), {2, 5, 7, 3});
    const View region = view.region(1, 2, 3, 4);
    EXPECT_EQ(elements_from(region, memory), 21 + 6);
    EXPECT_EQ(region.shape.count, 2);
    EXPECT_EQ(region.shape.height, 3);
    EXPECT_EQ(region.shape.width, 4);
    EXPECT_EQ(region.shape.channels, 3);
    expect_strides(region.strides, view.strides);

    for (const auto &legal : {view.region(0, 0, 5, 7), view.region(5, 7, 0, 0),
                              view.region(5, 0, 0, 7), view.region(2, 3, 3, 4)}) {
        EXPECT_GE(legal.shape.height, 0);
    }
    for (const auto &outside :
         {view.region(-1, 0, 1, 1), view.region(0, -1, 1, 1), view.region(0, 0, 6, 1),
          view.region(0, 0, 1, 8), view.region(3, 0, 3, 1), view.region(0, 4, 1, 4),
          view.region(6, 0, 0, 0), view.region(0, 0, -1, 1), view.region(0, 0, 1, -1),
          view.region(INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX),
          view.region(INT64_MIN, 0, INT64_MAX, 1), view.region(1, 1, INT64_MAX, INT64_MAX)}) {
        EXPECT_EQ(outside.shape.height, -1);
        EXPECT_EQ(outside.data, memory.data());
    }
}

TEST(ViewTest, ImagesOfABatch) {
    std::vector<float> memory(4 * 5 * 7 * 3);
    const View view = View::interleaved(memory.data(), {4, 5, 7, 3});
    EXPECT_EQ(elements_from(view.image(2), memory), 210);
    EXPECT_EQ(view.image(2).shape.count, 1);
    EXPECT_EQ(view.image(1, 3).shape.count, 3);
    EXPECT_EQ(view.image(4, 0).shape.count, 0);
    for (const auto &outside : {view.image(4), view.image(-1), view.image(2, 3), view.image(0, -1),
                                view.image(1, INT64_MAX), view.image(INT64_MIN, 1)}) {
        EXPECT_EQ(outside.shape.count, -1);
    }
}

TEST(ViewTest, Bounds) {
    std::vector<float> memory(4 * 5 * 7 * 3);
    const auto bounded = [&](const auto &view) {
        return view.bounds.begin == memory.data() && view.bounds.bytes == memory.size() * 4;
    };
    const View view = View::interleaved(memory, {4, 5, 7, 3});
    EXPECT_EQ(view.data, memory.data());
    EXPECT_EQ(view.type, ElementType::float32);
    EXPECT_EQ(view.strides.row, 21);
    EXPECT_TRUE(bounded(view));
    EXPECT_TRUE(bounded(View::planar(memory, {4, 5, 7, 3})));
    EXPECT_TRUE(bounded(view.region(1, 1, 2, 2).image(2).flipped().pitch_bytes(200)));
    EXPECT_TRUE(bounded(ConstView(view)));
    const std::vector<float> &constant = memory;
    EXPECT_TRUE(bounded(ConstView::interleaved(constant, {4, 5, 7, 3})));
    EXPECT_TRUE(bounded(View::interleaved(memory.data(), {1, 1, 1, 1}).within(memory)));
    EXPECT_EQ(View::interleaved(memory.data(), {4, 5, 7, 3}).bounds.begin, nullptr);

    // A view of more than there is.
    std::vector<float> glimpse(9);
    const glimpse::Origin origin = {0, 0};
    const auto code = [&](const ConstView &images) {
        return extract(images, glimpse::Places(&origin, 1),
                       View::interleaved(glimpse, {1, 3, 3, 1}))
            .code();
    };
    EXPECT_EQ(code(ConstView::interleaved(memory, {1, 20, 21, 1})), glimpse::StatusCode::ok);
    EXPECT_EQ(code(ConstView::interleaved(memory, {1, 21, 21, 1})),
              glimpse::StatusCode::out_of_bounds);
    EXPECT_EQ(code(ConstView::interleaved(memory, {1, 20, 20, 1}).pitch_bytes(4 * 22)),
              glimpse::StatusCode::out_of_bounds);
    EXPECT_EQ(code(ConstView::interleaved(memory, {1, 20, 21, 1}).flipped()),
              glimpse::StatusCode::ok);
    EXPECT_EQ(code(ConstView::interleaved(memory, {1, 20, 21, 1}).pitch_bytes(-4 * 21)),
              glimpse::StatusCode::out_of_bounds)
        << "the pointer is that of the last row in memory";
}

// What overflows is marked, so that a call refuses it.
TEST(ViewTest, Overflow) {
    const int64_t large = int64_t{1} << 40;
    const auto invalid = glimpse::invalid_stride;
    const auto dense = View::interleaved(static_cast<float *>(nullptr), {1, large, large, 3});
    EXPECT_EQ(dense.strides.row, 3 * large);
    EXPECT_EQ(dense.strides.image, invalid);
    EXPECT_EQ(View::planar(static_cast<float *>(nullptr), {1, large, large, 3}).strides.channel,
              invalid);
    EXPECT_EQ(View::interleaved(static_cast<float *>(nullptr), {1, 1, INT64_MAX, 2}).strides.row,
              invalid);
    EXPECT_EQ(View::interleaved(static_cast<float *>(nullptr), {1, 2, INT64_MIN, 2}).strides.image,
              invalid);
    EXPECT_EQ(View::interleaved(static_cast<float *>(nullptr), {1, 3, -5, 2}).strides.image, -30);
    const Strides strides = {large, large, large, 1};
    float element = 0;
    const View far(&element, ElementType::float32, {large, large, large, 1}, strides);
    EXPECT_EQ(far.region(large / 2, 0, 1, 1).strides.row, invalid);
    EXPECT_EQ(far.image(large / 2, 1).strides.row, invalid);
}

TEST(SpanTest, OfContainers) {
    std::vector<int32_t> numbers = {1, 2, 3};
    const int32_t array[] = {4, 5};
    const Span<int32_t> written = numbers;
    const Span<const int32_t> read = written;
    EXPECT_EQ(read.data, numbers.data());
    EXPECT_EQ(read.size, 3u);
    EXPECT_EQ(Span<const int32_t>(array).size, 2u);
    EXPECT_EQ(Span<const int32_t>(array + 1, 1).data, array + 1);
    const std::array<int32_t, 3> constant = {1, 2, 3};
    EXPECT_EQ(Span<const int32_t>(constant).data, constant.data());
    const std::vector<int32_t> &lvalue = numbers;
    EXPECT_EQ(Span<const int32_t>(lvalue).size, 3u);
    EXPECT_EQ(Span<const int32_t>().size, 0u);
    static_assert(!std::is_constructible<Span<const int32_t>, std::vector<int32_t>>::value,
                  "a temporary would be gone");
    static_assert(!std::is_constructible<Span<const int32_t>, const std::vector<int32_t>>::value,
                  "a constant one too");
    static_assert(!std::is_constructible<Span<const int32_t>, int32_t[2]>::value, "an array too");
    static_assert(!std::is_constructible<Span<const int32_t>, const int32_t[2]>::value,
                  "a constant array too");
    static_assert(!std::is_constructible<Span<const int32_t>, std::nullptr_t, size_t>::value,
                  "there are no elements at null");
    static_assert(!std::is_constructible<Span<const int32_t>, int, int>::value,
                  "0 is no pointer here");
    static_assert(!std::is_constructible<Span<const int32_t>, const float *, size_t>::value,
                  "other elements");
    static_assert(!std::is_convertible<Span<const int32_t>, Span<int32_t>>::value,
                  "what is read cannot be written");
}

std::vector<float> numbers_of(const glimpse::PerChannel &values) {
    const Span<const float> span = values.span();
    return {span.data, span.data + span.size};
}

TEST(PerChannelTest, HoldsFewNumbers) {
    using Numbers = std::vector<float>;
    glimpse::Options options;
    EXPECT_EQ(options.value.size(), 0u);
    options.value = {16.0f, 128.0f, 200.0f};
    EXPECT_EQ(numbers_of(options.value), (Numbers{16, 128, 200}));
    options.value = {{1.0f, 2.0f}};
    EXPECT_EQ(numbers_of(options.value), (Numbers{1, 2}));
    options.value = {0, 0};
    EXPECT_EQ(numbers_of(options.value), (Numbers{0, 0}));
    options.value = 127.5f;
    EXPECT_EQ(numbers_of(options.value), (Numbers{127.5f}));
    const glimpse::Options copy = options;  // holds its own
    options.value = {};
    EXPECT_EQ(options.value.size(), 0u);
    EXPECT_EQ(numbers_of(copy.value), (Numbers{127.5f}));
}

TEST(PerChannelTest, ShowsArrays) {
    const float array[] = {1, 2, 3};
    std::vector<float> many = {1, 2, 3, 4, 5, 6};
    glimpse::PerChannel values = array;
    EXPECT_EQ(values.span().data, array);
    values = many;
    EXPECT_EQ(values.span().data, many.data());
    EXPECT_EQ(values.size(), 6u);
    values = {array, 2};
    EXPECT_EQ(values.span().data, array);
    EXPECT_EQ(values.size(), 2u);
    static_assert(!std::is_constructible<glimpse::PerChannel, std::vector<float>>::value,
                  "a temporary would be gone");
}

TEST(PlacesTest, WhatIsVisible) {
    using glimpse::Rect;
    const auto is = [](const Rect &r, int64_t y, int64_t x, int64_t height, int64_t width) {
        return r.y == y && r.x == x && r.height == height && r.width == width;
    };
    const glimpse::Size image = {30, 50}, size = {10, 20};
    EXPECT_TRUE(is(visible({0, 0}, image, size), 0, 0, 10, 20));
    EXPECT_TRUE(is(visible({-4, 40}, image, size), 4, 0, 6, 10));
    EXPECT_TRUE(is(visible({25, -7}, image, size), 0, 7, 5, 13));
    EXPECT_TRUE(is(visible({-10, 10}, image, {100, 100}), 10, 0, 30, 40));
    for (const glimpse::Origin away : {glimpse::Origin{30, 0}, {-10, 0}, {0, 50}, {0, -20}}) {
        EXPECT_TRUE(is(visible(away, image, size), 0, 0, 0, 0));
    }
    EXPECT_TRUE(is(visible({INT32_MIN, INT32_MAX}, image, size), 0, 0, 0, 0));
    EXPECT_TRUE(is(visible({0, 0}, {0, 50}, size), 0, 0, 0, 0));
    EXPECT_TRUE(is(visible({0, 0}, image, {-5, 5}), 0, 0, 0, 0));
    EXPECT_TRUE(is(visible({INT32_MAX, 0}, {INT64_MAX, 50}, size), 0, 0, 10, 20));
    EXPECT_TRUE(is(visible({-1, 0}, {INT64_MAX, 50}, size), 1, 0, 9, 20));
}

TEST(PlacesTest, AreOriginsOrOffsets) {
    const glimpse::Origin origins[] = {{1, 2}, {3, 4}};
    std::vector<glimpse::Offset> offsets(3);
    EXPECT_EQ(glimpse::Places(origins).origins().data, origins);
    EXPECT_FALSE(glimpse::Places(origins, 1).is_offsets());
    const glimpse::Places places = offsets;
    EXPECT_TRUE(places.is_offsets());
    EXPECT_EQ(places.offsets().size, 3u);
    EXPECT_EQ(places.origins().size, 0u);
    static_assert(!std::is_constructible<glimpse::Places, std::vector<glimpse::Offset>>::value,
                  "a temporary would be gone");
}

}  // namespace
