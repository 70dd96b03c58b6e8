// Bayer mosaics against a plain definition: a pixel of the plane is that of its place in the cell
// that the border rule maps to.
#include "glimpse/bayer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "buffers.h"
#include "glimpse/glimpse.h"
#include "reference.h"
#include "variants.h"

namespace {

using glimpse::Border;
using glimpse::Options;
using glimpse::Origin;
using glimpse::Shape;
using glimpse::StatusCode;

int64_t half(int64_t v) {
    return (v - reference::modulo(v, 2)) / 2;
}

class BayerTest : public VariantTest {};

INSTANTIATE_TEST_SUITE_P(, BayerTest, all_variants(), variant_name);

TEST_P(BayerTest, ThePatternGoesOn) {
    GLIMPSE_NEEDS_TYPES(uint16_t);
    const std::vector<float> value = {10, 20, 30, 40}, subtract = {1, 2, 3, 4},
                             multiply = {0.5f, 1, 2, 0.25f};
    const Shape shape = {2, 14, 22, 1}, window = {3, 12, 26, 1};
    for (const Layout &layout : layouts) {
        const Images<uint16_t> images(shape, layout, Fence::after, random_elements<uint16_t>(1));
        for (const Border border : {Border::zero, Border::constant, Border::replicate,
                                    Border::reflect, Border::reflect101, Border::wrap}) {
            for (const bool converts : {false, true}) {
                Options options;
                options.border = border;
                const std::vector<int32_t> index = {0, 1, 1};
                options.image_index = index;
                if (border == Border::constant) {
                    options.value = value;
                }
                if (converts) {
                    options.subtract = subtract;
                    options.multiply = multiply;
                }
                const Origin origins[] = {{-8, -10}, {2, 4}, {6, -30}};
                Output<uint16_t> raw(window, layout, 3);
                Output<float> floats(window, layout, 4);
                const glimpse::View out = converts ? floats.view() : raw.view();
                ASSERT_TRUE(
                    succeeded(extract_bayer(images.view(), origins, out, options, context())));
                const auto pixel = [&](int64_t n, int64_t py, int64_t px) -> uint16_t {
                    int64_t cy = half(py), cx = half(px);
                    const int64_t dy = reference::modulo(py, 2), dx = reference::modulo(px, 2);
                    if (reference::is_map(border)) {
                        cy = reference::map(border, cy, shape.height / 2);
                        cx = reference::map(border, cx, shape.width / 2);
                    } else if (cy < 0 || cx < 0 || cy >= shape.height / 2 ||
                               cx >= shape.width / 2) {
                        return border == Border::zero
                                   ? uint16_t{0}
                                   : static_cast<uint16_t>(value[static_cast<size_t>(2 * dy + dx)]);
                    }
                    return reference::element<uint16_t>(
                        images.view(), index[static_cast<size_t>(n)], 2 * cy + dy, 2 * cx + dx, 0);
                };
                if (!converts) {
                    ASSERT_TRUE(
                        same_pixels<uint16_t>(raw.result(),
                                              [&](int64_t n, int64_t y, int64_t x, int64_t) {
                                                  const Origin o = origins[n];
                                                  return pixel(n, o.y + y, o.x + x);
                                              }))
                        << name(border) << ", " << layout.name;
                    ASSERT_TRUE(raw.guards_intact());
                    continue;
                }
                ASSERT_TRUE(same_pixels<float>(
                    floats.result(),
                    [&](int64_t n, int64_t y, int64_t x, int64_t) {
                        const Origin o = origins[n];
                        const auto place = static_cast<size_t>(2 * reference::modulo(o.y + y, 2) +
                                                               reference::modulo(o.x + x, 2));
                        return reference::converted<float>(pixel(n, o.y + y, o.x + x),
                                                           subtract[place], multiply[place]);
                    }))
                    << name(border) << ", " << layout.name;
                ASSERT_TRUE(floats.guards_intact());
            }
        }
    }
}

// Each pixel of a cell has a mean of its own, and noise differs from row to row.
TEST_P(BayerTest, MeanAndNoise) {
    GLIMPSE_NEEDS_TYPES(uint16_t);
    const Shape shape = {1, 64, 64, 1};
    std::vector<uint16_t> mosaic(64 * 64);
    for (int64_t y = 0; y < 64; y++) {
        for (int64_t x = 0; x < 64; x++) {
            mosaic[static_cast<size_t>(64 * y + x)] =
                static_cast<uint16_t>(1000 * (1 + y % 2) + 100 * (x % 2) + (x / 2 + y / 2) % 2);
        }
    }
    const auto images = glimpse::ConstView::interleaved(mosaic.data(), shape);
    Output<uint16_t> glimpses({1, 32, 32, 1}, interleaved, 1);
    const Origin origins[] = {{2000, -2000}};
    Options options;
    options.border = Border::mean;
    ASSERT_TRUE(succeeded(extract_bayer(images, origins, glimpses.view(), options, context())));
    ASSERT_TRUE(
        same_pixels<uint16_t>(glimpses.result(), [](int64_t, int64_t y, int64_t x, int64_t) {
            return static_cast<uint16_t>(1000 * (1 + y % 2) + 100 * (x % 2));  // .5 goes to even
        }));
    for (const bool gaussian : {false, true}) {
        options.border = gaussian ? Border::gaussian : Border::uniform;
        ASSERT_TRUE(succeeded(extract_bayer(images, origins, glimpses.view(), options, context())));
        int same = 0;
        for (int64_t y = 0; y < 32; y += 2) {
            for (int64_t x = 0; x < 32; x++) {
                const auto upper = reference::element<uint16_t>(glimpses.result(), 0, y, x, 0);
                const auto lower = reference::element<uint16_t>(glimpses.result(), 0, y + 1, x, 0);
                const int64_t low = gaussian ? 100 * (x % 2) : 0;
                const int64_t high = gaussian ? low + 1 : 101;
                ASSERT_TRUE(upper >= 1000 + low && upper <= 1000 + high) << upper;
                ASSERT_TRUE(lower >= 2000 + low && lower <= 2000 + high) << lower;
                same += lower - upper == 1000;
            }
        }
        EXPECT_LT(same, gaussian ? 350 : 30) << "of 512";
    }
}

// What is refused for the lower rows of cells alone is refused before the upper ones are written.
TEST_P(BayerTest, NothingIsWrittenThen) {
    GLIMPSE_NEEDS_TYPES(uint16_t);
    const std::vector<uint16_t> mosaic(20 * 30, 7);
    const auto images = glimpse::ConstView::interleaved(mosaic.data(), {1, 20, 30, 1});
    std::vector<uint16_t> memory(8 * 8 + 8, 1234);
    const std::vector<uint16_t> before = memory;
    const auto glimpses = glimpse::View::interleaved(memory.data(), {1, 8, 8, 1});
    const auto code = [&](Origin origin, const Options &options) {
        return extract_bayer(images, {&origin, 1}, glimpses, options, context()).code();
    };
    const float values[] = {1, 1, NAN, 1};
    Options options;
    options.multiply = values;
    EXPECT_EQ(code({0, 0}, options), StatusCode::invalid_value);
    EXPECT_EQ(memory, before);
    // The first two of four lie in the last row of the glimpses, the others behind it.
    options = {};
    options.border = Border::constant;
    options.value = {reinterpret_cast<const float *>(memory.data() + 60), 4};
    std::fill(memory.begin() + 58, memory.begin() + 68, uint16_t{0});
    const std::vector<uint16_t> with_values = memory;
    EXPECT_EQ(code({0, 0}, options), StatusCode::overlap);
    EXPECT_EQ(memory, with_values);
    options = {};
    const auto *const index = reinterpret_cast<const int32_t *>(memory.data() + 58);
    options.image_index = {index, 1};
    EXPECT_EQ(code({0, 0}, options), StatusCode::overlap);
    EXPECT_EQ(memory, with_values);
    EXPECT_EQ(code({2147483646, 0}, {}), StatusCode::origin_out_of_range);
    const std::vector<Origin> many(5);
    EXPECT_EQ(extract_bayer(images, many, glimpses, {}, context()).code(),
              StatusCode::count_mismatch);
    EXPECT_EQ(memory, with_values);
}

TEST_P(BayerTest, WhatIsRefused) {
    GLIMPSE_NEEDS_TYPES(uint16_t);
    const std::vector<uint16_t> mosaic(20 * 30);
    const auto images = glimpse::ConstView::interleaved(mosaic.data(), {1, 20, 30, 1});
    std::vector<uint16_t> memory(8 * 8);
    const auto glimpses = glimpse::View::interleaved(memory.data(), {1, 8, 8, 1});
    const auto code = [&](const glimpse::ConstView &from, Origin origin, const glimpse::View &to,
                          const Options &options) {
        return extract_bayer(from, {&origin, 1}, to, options, context()).code();
    };
    Options options;
    EXPECT_EQ(code(images, {2, -4}, glimpses, options), StatusCode::ok);
    EXPECT_EQ(code(images, {1, 0}, glimpses, options), StatusCode::invalid_value);
    EXPECT_EQ(code(images, {0, -3}, glimpses, options), StatusCode::invalid_value);
    EXPECT_EQ(code(images.region(0, 0, 19, 30), {0, 0}, glimpses, options),
              StatusCode::size_mismatch);
    EXPECT_EQ(code(images, {0, 0}, glimpses.region(0, 0, 8, 7), options),
              StatusCode::size_mismatch);
    EXPECT_EQ(code(glimpse::ConstView::interleaved(mosaic.data(), {1, 10, 20, 3}), {0, 0}, glimpses,
                   options),
              StatusCode::channel_mismatch);
    EXPECT_EQ(code(glimpses, {0, 0}, glimpses, options), StatusCode::overlap);
    const float values[] = {1, 2, 3, 4};
    options.multiply = {values, 3};
    EXPECT_EQ(code(images, {0, 0}, glimpses, options), StatusCode::invalid_value);
    options.multiply = {values, 4};
    EXPECT_EQ(code(images, {0, 0}, glimpses, options), StatusCode::ok);
    options = {};
    options.border = Border::constant;
    EXPECT_EQ(code(images, {0, 0}, glimpses, options), StatusCode::invalid_value);
    options.value = {values, 2};
    EXPECT_EQ(code(images, {0, 0}, glimpses, options), StatusCode::invalid_value);
    options.value = {values, 1};
    EXPECT_EQ(code(images, {0, 0}, glimpses, options), StatusCode::ok);
    const float nan[] = {NAN, INFINITY, -INFINITY, 3};  // saturate in integers
    options.value = nan;
    std::fill(memory.begin(), memory.end(), uint16_t{7});
    EXPECT_EQ(code(images, {-8, -8}, glimpses, options), StatusCode::ok);
    EXPECT_EQ(memory[0], 0);
    EXPECT_EQ(memory[1], 65535);
    EXPECT_EQ(memory[8], 0);
    EXPECT_EQ(memory[9], 3);

    const Origin origin = {0, 0};
    const auto far = [&](int64_t row) {
        const glimpse::ConstView view(mosaic.data(), glimpse::ElementType::uint16, {1, 4, 2, 1},
                                      {0, row, 1, 1});
        const glimpse::Status status = extract_bayer(view, {&origin, 1}, glimpses, {}, context());
        EXPECT_EQ(status.code(), StatusCode::too_large);
        EXPECT_NE(std::string(status.message()).find(std::to_string(row)), std::string::npos)
            << status.message();
    };
    far(int64_t{1} << 30);
    far(-(int64_t{1} << 30));
}

// The memory of the glimpses is all between their first and their last byte.
TEST_P(BayerTest, IndexBetweenRows) {
    GLIMPSE_NEEDS_TYPES(uint16_t);
    const std::vector<uint16_t> mosaic(20 * 30);
    std::vector<uint16_t> memory(2 * 32);
    const auto glimpses = glimpse::View::interleaved(memory.data(), {1, 2, 4, 1}).pitch_bytes(64);
    const Origin origin = {0, 0};
    Options options;
    options.image_index = {reinterpret_cast<const int32_t *>(memory.data() + 8), 1};
    EXPECT_EQ(extract_bayer(glimpse::ConstView::interleaved(mosaic.data(), {1, 20, 30, 1}),
                            {&origin, 1}, glimpses, options, context())
                  .code(),
              StatusCode::overlap);
}

}  // namespace
