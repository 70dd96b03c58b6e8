// Conversions against the plain definition: every pair of types under every border, in every pair
// of layouts, and the values that targets round in different ways.

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "buffers.h"
#include "extract_case.h"
#include "glimpse/glimpse.h"
#include "reference.h"
#include "variants.h"

namespace {

using glimpse::ConstView;
using glimpse::normalization;
using glimpse::Options;
using glimpse::Status;
using glimpse::StatusCode;
using glimpse::View;
using ::testing::AssertionResult;
using ::testing::AssertionSuccess;

// The table of docs/types_and_layouts.md: a type becomes itself, uint8 or a float.
template<typename T, typename To>
constexpr bool is_offered() {
    return std::is_same_v<T, To> || std::is_same_v<To, uint8_t> || !std::is_integral_v<To>;
}

// Calls check(T{}, To{}) for every pair that is offered.
template<typename Check>
void for_each_pair(Check check) {
    for_each_type([&](auto from) {
        using T = decltype(from);
        for_each_type([&](auto to) {
            if constexpr (is_offered<T, decltype(to)>()) {
                check(T{}, to);
            }
        });
    });
}

class ConvertTest : public VariantTest {
protected:
    // A case for every pair of types.
    AssertionResult agrees_for_all(const Case &test) {
        AssertionResult result = AssertionSuccess();
        for_each_pair([&](auto from, auto to) {
            if (result) {
                result = agrees<decltype(from), decltype(to)>(test, context());
            }
        });
        return result;
    }
};

INSTANTIATE_TEST_SUITE_P(, ConvertTest, all_variants(), variant_name);

// Values per channel that bring pixels of any type into the range of any other, and halves between
// two integers.
void set_conversion(Case *test, Random &random) {
    for (int64_t c = 0; c < test->images.channels; c++) {
        test->subtract.push_back(static_cast<float>(random.between(-200, 200)) / 2);
        test->multiply.push_back(static_cast<float>(random.between(-64, 64)) / 64);
    }
}

// Every border, for the layouts that vectors know, in all four pairs.
TEST_P(ConvertTest, EveryBorderAndOrder) {
    Random random(1);
    for (const Border border : borders) {
        for (const int64_t channels : {1, 2, 3, 4, 5}) {
            for (const Layout &from : {interleaved, planar_pitched}) {
                for (const Layout &to : {interleaved, planar}) {
                    Case test;
                    test.border = border;
                    test.images = {1, 12, 37, channels};
                    test.glimpse = {5, random.between(1, 70)};
                    test.image_layout = from;
                    test.glimpse_layout = to;
                    test.origins = {{-2, -3}, {3, 1}, {9, 20}, {-1, -60}};
                    test.specials = random.chance(50);
                    test.seed = random.bits();
                    if (random.chance(80)) {
                        set_conversion(&test, random);
                    }
                    ASSERT_TRUE(agrees_for_all(test));
                }
            }
        }
    }
}

// Windows of two images, without their size and origins.
Case two_images(Border border, int64_t channels, const Layout &from, const Layout &to) {
    Case test;
    test.border = border;
    test.images = {2, 9, 37, channels};
    test.image_index = {0, 1, 1, 0, 1};
    test.image_layout = from;
    test.glimpse_layout = to;
    return test;
}

// Channels that change places, are dropped or repeated, with every border and layout.
TEST_P(ConvertTest, ChannelOrder) {
    Random random(5);
    const std::vector<std::pair<int64_t, std::vector<std::vector<uint8_t>>>> orders = {
        {1, {{0, 0, 0}, {0, 0}}},
        {2, {{1, 0}, {1}, {0, 1, 1, 0}}},
        {3, {{2, 1, 0}, {1, 2, 0}, {1}, {2, 0}, {0, 1}, {0, 0, 2}, {2, 1, 0, 0}}},
        {4, {{2, 1, 0}, {1, 2, 3}, {0, 1, 2}, {3, 2, 1, 0}, {2, 1, 0, 3}, {3}, {0, 2}}},
        {7, {{6, 0, 3}, {5}, {1, 2, 3, 4}}}};
    for (const auto &[channels, of_channels] : orders) {
        for (const std::vector<uint8_t> &order : of_channels) {
            for (const Border border : borders) {
                for (const Layout &from : {interleaved, planar_pitched, layouts[5]}) {
                    for (const Layout &to : {interleaved, planar, layouts[5]}) {
                        Case test = two_images(border, channels, from, to);
                        test.channel_order = order;
                        test.glimpse = {3, random.between(1, 60)};
                        test.origins = {{-2, -3}, {3, 1}, {4, 2}, {7, 20}, {-1, -60}};
                        test.seed = random.bits();
                        test.exact_fill = random.chance(30);
                        for (size_t c = 0; c < order.size() && random.chance(70); c++) {
                            test.subtract.push_back(static_cast<float>(c) + 0.5f);
                        }
                        if (test.subtract.size() != order.size()) {
                            test.subtract.clear();
                        }
                        ASSERT_TRUE((agrees<uint8_t, uint8_t>(test, context())));
                        ASSERT_TRUE((agrees<uint8_t, float>(test, context())));
                        ASSERT_TRUE((agrees<uint16_t, uint16_t>(test, context())));
                        ASSERT_TRUE((agrees<float, glimpse::Float16>(test, context())));
                    }
                }
            }
        }
    }
}

// Pixels of which others become, in rows of every width, where the image has no neighbours and
// where it has: its memory ends with it.
TEST_P(ConvertTest, ChannelOrderOfEveryWidth) {
    Random random(8);
    const std::vector<std::pair<int64_t, std::vector<uint8_t>>> orders = {
        {2, {1, 0}},       {3, {2, 1, 0}}, {3, {1, 1, 2}},
        {4, {3, 2, 1, 0}}, {4, {1, 2, 3}}, {4, {2, 0, 0}}};
    for (int64_t width = 1; width <= 140; width++) {
        for (const auto &[channels, order] : orders) {
            Case test;
            test.border = random.one_of(borders);
            test.images = {1, 2, width + random.between(0, 2), channels};
            const auto last = static_cast<int32_t>(test.images.width - width);
            test.glimpse = {2, width};
            test.origins = {{0, 0}, {0, last / 2}, {0, last}, {0, -1}};
            test.channel_order = order;
            test.fence = random.chance(50) ? Fence::before : Fence::after;
            test.image_layout = interleaved;
            test.glimpse_layout = interleaved;
            test.seed = random.bits();
            ASSERT_TRUE((agrees<uint8_t, uint8_t>(test, context())));
            ASSERT_TRUE((agrees<uint16_t, uint16_t>(test, context())));
            ASSERT_TRUE((agrees<float, float>(test, context())));
            for (size_t c = 0; c < order.size(); c++) {
                test.subtract.push_back(static_cast<float>(c) + 0.5f);
            }
            ASSERT_TRUE((agrees<uint8_t, float>(test, context())));
            ASSERT_TRUE((agrees<int16_t, uint8_t>(test, context())));
            ASSERT_TRUE((agrees<float, glimpse::Float16>(test, context())));
        }
    }
}

// What fills keeps its fraction.
TEST_P(ConvertTest, ExactFill) {
    Random random(6);
    for (const Border border : borders) {
        for (const int64_t channels : {1, 3, 4, 9}) {
            for (const Layout &from : {interleaved, planar_pitched, layouts[5]}) {
                for (const Layout &to : {interleaved, planar, layouts[5]}) {
                    Case test = two_images(border, channels, from, to);
                    test.exact_fill = true;
                    test.glimpse = {random.between(1, 20), random.between(1, 60)};
                    test.origins = {{-2, -3}, {3, 1}, {4, 20}, {8, 36}, {-100, -60}};
                    test.seed = random.bits();
                    test.give_statistics = random.chance(50);
                    if (random.chance(80)) {
                        set_conversion(&test, random);
                    }
                    ASSERT_TRUE(agrees_for_all(test));
                }
            }
        }
    }
}

// A mean that is subtracted fills with 0, exactly.
TEST_P(ConvertTest, MeanBecomesZero) {
    GLIMPSE_NEEDS_TYPES(uint8_t, float);
    const std::vector<uint8_t> image(5 * 7 * 3, 200);
    std::vector<float> glimpses(4 * 40 * 3, 9.0f);
    const Origin origin = {-2, -20};
    Options options;
    options.border = Border::constant;
    options.value = {123.675f, 116.28f, 103.53f};
    options.subtract = options.value;
    options.multiply = {0.01712475f, 0.017507f, 0.01742919f};
    for (const bool exact : {false, true}) {
        options.exact_fill = exact;
        ASSERT_TRUE(succeeded(
            extract(ConstView::interleaved(image, {1, 5, 7, 3}), glimpse::Places(&origin, 1),
                    View::interleaved(glimpses, {1, 4, 40, 3}), options, context())));
        EXPECT_EQ(glimpses[0] == 0, exact);
        EXPECT_EQ(std::count(glimpses.begin(), glimpses.end(), 0.0f), exact ? 438 : 0);
    }
}

TEST_P(ConvertTest, WhatChannelOrdersAreRefused) {
    GLIMPSE_NEEDS_TYPES(uint8_t);
    const std::vector<uint8_t> image(5 * 7 * 3);
    std::vector<uint8_t> glimpses(2 * 2 * 4);
    const Origin origin = {0, 0};
    const auto code = [&](const glimpse::ChannelOrder &order, int64_t channels) {
        Options options;
        options.channel_order = order;
        return extract(ConstView::interleaved(image, {1, 5, 7, 3}), glimpse::Places(&origin, 1),
                       View::interleaved(glimpses, {1, 2, 2, channels}), options, context())
            .code();
    };
    EXPECT_EQ(code({3, {2, 1, 0}}, 3), StatusCode::ok);
    EXPECT_EQ(code({3, {2, 1, 0}}, 4), StatusCode::channel_mismatch);
    EXPECT_EQ(code({2, {2, 1}}, 3), StatusCode::channel_mismatch);
    EXPECT_EQ(code({3, {3, 1, 0}}, 3), StatusCode::invalid_value);
    EXPECT_EQ(code({5, {2, 1, 0}}, 3), StatusCode::invalid_value);
}

// Every pair of layouts, of all types.
TEST_P(ConvertTest, EveryLayout) {
    Random random(2);
    for (const Layout &from : layouts) {
        for (const Layout &to : layouts) {
            Case test;
            test.border = random.one_of(borders);
            test.images = {2, 9, random.between(1, 40),
                           random.one_of(std::vector<int>{1, 3, 4, 6})};
            test.glimpse = {3, random.between(1, 40)};
            test.image_layout = from;
            test.glimpse_layout = to;
            test.image_index = {0, 1, 1};
            test.origins = {{-1, -5}, {2, 0}, {5, 11}};
            test.seed = random.bits();
            set_conversion(&test, random);
            ASSERT_TRUE(agrees_for_all(test));
        }
    }
}

// Interleaved to planar and back without a conversion.
TEST_P(ConvertTest, OnlyTheOrderChanges) {
    Random random(3);
    for (const int64_t channels : {1, 2, 3, 4, 5, 17}) {
        for (int64_t width = 1; width <= 70; width++) {
            for (const bool to_planar : {false, true}) {
                Case test;
                test.border = random.one_of(borders);
                test.images = {1, 6, width + random.between(-3, 9), channels};
                test.images.width = std::max<int64_t>(test.images.width, 1);
                test.glimpse = {3, width};
                test.image_layout = to_planar ? interleaved : planar;
                test.glimpse_layout = to_planar ? planar_pitched : layouts[1];
                test.origins = {{1, 0}, {-1, -7}, {4, 2}};
                test.specials = true;
                test.seed = random.bits();
                for_each_type(
                    [&](auto zero) { ASSERT_TRUE(agrees<decltype(zero)>(test, context())); });
            }
        }
    }
}

// Every width of rows, around those of vectors, inside and beyond the image.
TEST_P(ConvertTest, EveryWidth) {
    Random random(7);
    for (int64_t width = 0; width <= 70; width++) {
        for (const int64_t channels : {1, 3, 4}) {
            for (const Layout &from : {interleaved, planar}) {
                for (const Layout &to : {interleaved, planar}) {
                    Case test;
                    test.border = random.one_of(borders);
                    test.images = {1, 3, width + 2, channels};
                    test.glimpse = {2, width};
                    test.origins = {{0, 1}, {-1, -1}};
                    test.image_layout = from;
                    test.glimpse_layout = to;
                    set_conversion(&test, random);
                    ASSERT_TRUE((agrees<uint8_t, float>(test, context())));
                    ASSERT_TRUE((agrees<float, uint8_t>(test, context())));
                    ASSERT_TRUE((agrees<int16_t, glimpse::Float16>(test, context())));
                }
            }
        }
    }
}

// Rows and planes that are so far apart that 32 bits do not count all elements, on both sides.
TEST_P(ConvertTest, FarApart) {
    const int64_t far = int64_t{1} << 30;
    const FarMemory in_memory(2 * far + 4096), out_memory(2 * far + 4096);
    uint8_t *const in = in_memory.data(), *const out = out_memory.data();
    if (in == nullptr || out == nullptr) {
        GTEST_SKIP() << "no 4 GiB of addresses";
    }
    for (int i = 0; i < 3 * 100; i++) {
        in[far * (i / 100) + i % 100] = static_cast<uint8_t>(37 * i);
    }
    // Three rows of 20 pixels or, of planes, of 20 elements each.
    const Shape shape = {1, 3, 20, 3}, size_of_glimpses = {3, 2, 10, 3};
    const auto view = [](void *memory, const Shape &of, bool planes, bool far_planes) {
        const glimpse::Strides strides = !planes ? glimpse::Strides{1024, int64_t{1} << 30, 3, 1}
                                         : far_planes
                                             ? glimpse::Strides{1024, 64, 1, int64_t{1} << 30}
                                             : glimpse::Strides{1024, int64_t{1} << 30, 1, 32};
        return View(memory, glimpse::ElementType::uint8, of, strides);
    };
    const std::vector<float> subtract = {3}, multiply = {0.75f, 1, 2};
    const std::vector<Origin> origins = {{1, 3}, {-1, -2}, {2, 15}};
    for (const bool from_planes : {false, true}) {
        const ConstView images = view(in, shape, from_planes, false);
        for (const bool to_planes : {false, true}) {
            for (const bool far_planes : {false, true}) {
                const View glimpses = view(out, size_of_glimpses, to_planes, far_planes);
                for (const bool converts : {false, true}) {
                    Options options;
                    options.border = Border::wrap;
                    if (converts) {
                        options.subtract = subtract;
                        options.multiply = multiply;
                    }
                    ASSERT_TRUE(succeeded(extract(images, origins, glimpses, options, context())));
                    const reference::Plane<uint8_t> plane{images, Border::wrap, {}, {}, 0, 0};
                    const auto expected = [&](int64_t n, int64_t y, int64_t x, int64_t c) {
                        const auto i = static_cast<size_t>(n);
                        const uint8_t pixel = plane(0, origins[i].y + y, origins[i].x + x, c);
                        return converts ? reference::converted<uint8_t>(
                                              pixel, 3, multiply[static_cast<size_t>(c)])
                                        : pixel;
                    };
                    ASSERT_TRUE(same_pixels<uint8_t>(ConstView(glimpses), expected))
                        << from_planes << to_planes << far_planes << converts;
                }
            }
        }
    }
}

// One value for all channels, only one of the two, or neither.
TEST_P(ConvertTest, ValuesForSomeOrNone) {
    const std::vector<std::vector<float>> lists = {{}, {0.5f}, {1.5f, -2, 0.25f}};
    for (const std::vector<float> &subtract : lists) {
        for (const std::vector<float> &multiply : lists) {
            for (const Layout &to : {interleaved, planar}) {
                Case test;
                test.images = {1, 8, 50, 3};
                test.glimpse = {4, 40};
                test.origins = {{-1, -1}, {2, 3}};
                test.glimpse_layout = to;
                test.subtract = subtract;
                test.multiply = multiply;
                ASSERT_TRUE(agrees_for_all(test));
            }
        }
    }
}

// Windows of more than a tile, in both directions, and more channels than a tile holds.
TEST_P(ConvertTest, MoreThanATile) {
    Random random(4);
    for (const Shape &shape : {Shape{1, 3, 9000, 3}, Shape{1, 70, 300, 4}, Shape{1, 2, 2, 20000},
                               Shape{1, 2, 3, 5000}, Shape{2, 300, 3, 1}}) {
        for (const Layout &from : {interleaved, planar}) {
            for (const Layout &to : {interleaved, planar}) {
                Case test;
                test.border = random.one_of(borders);
                test.images = shape;
                test.image_index = {0, static_cast<int32_t>(shape.count - 1)};
                test.glimpse = {shape.height + 1, shape.width + 1};
                test.origins = {{-1, -1}, {0, 0}};
                test.image_layout = from;
                test.glimpse_layout = to;
                set_conversion(&test, random);
                ASSERT_TRUE((agrees<uint8_t, float>(test, context())));
                ASSERT_TRUE((agrees<float, uint8_t>(test, context())));
                ASSERT_TRUE((agrees<glimpse::Float16, glimpse::BFloat16>(test, context())));
            }
        }
    }
}

// Every element of 16 bits and fewer, converted to every type, without and with values.
TEST_P(ConvertTest, EveryElement) {
    for_each_pair([&](auto from, auto to) {
        using T = decltype(from);
        using To = decltype(to);
        if constexpr (sizeof(T) <= 2) {
            const int64_t count = int64_t{1} << (8 * sizeof(T));
            std::vector<T> image(static_cast<size_t>(count));
            for (int64_t i = 0; i < count; i++) {
                const auto bits = static_cast<uint16_t>(i);
                std::memcpy(&image[static_cast<size_t>(i)], &bits, sizeof(T));
            }
            const Shape shape = {1, 256, count / 256, 1};
            for (const std::vector<float> &values :
                 std::vector<std::vector<float>>{{0, 1},
                                                 {0.5f, 1},
                                                 {-3, 0.0078125f},
                                                 {7, -1e-7f},
                                                 {1e30f, 1e30f},
                                                 {0, 3e-8f}}) {
                const float subtract = values[0], multiply = values[1];
                Options options;
                options.subtract = {&subtract, 1};
                options.multiply = {&multiply, 1};
                Output<To> glimpses(shape, interleaved, 1);
                const Origin origins[] = {{0, 0}};
                ASSERT_TRUE(succeeded(extract(ConstView::interleaved(image.data(), shape), origins,
                                              glimpses.view(), options, context())));
                ASSERT_TRUE(same_pixels<To>(glimpses.result(),
                                            [&](int64_t, int64_t y, int64_t x, int64_t) {
                                                return reference::converted<To>(
                                                    image[static_cast<size_t>(y * shape.width + x)],
                                                    subtract, multiply);
                                            }))
                    << name(glimpse::element_type_of<T>::value) << " - " << subtract << ", times "
                    << multiply;
            }
        }
    });
}

// Floats at, beside and between what smaller types hold, and what is no number.
TEST_P(ConvertTest, FloatsThatRound) {
    std::vector<float> image;
    const auto add = [&](float value) {
        for (const float v : {value, std::nextafter(value, -1e38f), std::nextafter(value, 1e38f)}) {
            image.push_back(v);
            image.push_back(-v);
        }
    };
    for (int i = -3; i < 260; i++) {
        add(static_cast<float>(i));
        add(static_cast<float>(i) + 0.5f);
    }
    for (uint32_t bits = 0; bits < 0x10000; bits += 7) {
        add(float_of_bits((bits << 16) | 0x8000));  // between two bfloat16
        add(static_cast<float>(
            reference::half_to_double(static_cast<uint16_t>(bits), reference::float16_format)));
    }
    // Between two float16: normal ones, denormals, and the first that is infinite.
    for (uint32_t i = 0; i < 4096; i++) {
        add(std::ldexp(1 + static_cast<float>(i) / 2048, -14 + static_cast<int>(i % 30)));
        add(std::ldexp(static_cast<float>(i) + 0.5f, -24));
    }
    for (const float v : {65503.0f, 65504.0f, 65519.99f, 65520.0f, 1e-8f, 3.3895314e38f}) {
        add(v);
    }
    for (const uint32_t bits : special_floats) {
        image.push_back(float_of_bits(bits));
    }
    Random random(5);
    for (int i = 0; i < 100000; i++) {
        image.push_back(float_of_bits(static_cast<uint32_t>(random.bits())));
    }
    const Shape shape = {1, 1, static_cast<int64_t>(image.size()), 1};
    const float multiply = 1;
    for_each_type([&](auto to) {
        using To = decltype(to);
        if constexpr (is_offered<float, To>()) {
            Options options;
            options.multiply = {&multiply, 1};
            Output<To> glimpses(shape, interleaved, 1);
            const Origin origins[] = {{0, 0}};
            ASSERT_TRUE(succeeded(extract(ConstView::interleaved(image.data(), shape), origins,
                                          glimpses.view(), options, context())));
            ASSERT_TRUE(
                same_pixels<To>(glimpses.result(), [&](int64_t, int64_t, int64_t x, int64_t) {
                    return reference::converted<To>(image[static_cast<size_t>(x)], 0, 1);
                }));
        }
    });
}

// Everything at random. A failure names the seed, which alone makes the case again.
TEST_P(ConvertTest, Fuzz) {
    std::vector<Layout> readable(std::begin(layouts), std::end(layouts));
    readable.insert(readable.end(), std::begin(repeating_layouts), std::end(repeating_layouts));
    int64_t pairs = 0;
    for_each_pair([&](auto, auto) { pairs++; });
    ASSERT_EQ(pairs == 26, GLIMPSE_TEST_TYPES == 63) << "26 are offered";
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        Random random(seed);
        Case test;
        test.seed = seed;
        test.border = random.one_of(borders);
        test.images = {random.between(1, 3), random.between(1, 20), random.between(1, 60),
                       random.between(1, 6)};
        test.glimpse = {random.between(1, 20), random.between(1, 80)};
        test.image_layout = random.chance(40)   ? interleaved
                            : random.chance(40) ? planar
                                                : random.one_of(readable);
        test.glimpse_layout = random.chance(40)   ? interleaved
                              : random.chance(40) ? planar_pitched
                                                  : random.one_of(layouts);
        test.fence = random.chance(50) ? Fence::before : Fence::after;
        test.specials = random.chance(50);
        const int64_t count = random.between(1, 9);
        for (int64_t i = 0; i < count; i++) {
            test.origins.push_back({static_cast<int32_t>(random.between(-30, 40)),
                                    static_cast<int32_t>(random.between(-90, 90))});
            test.image_index.push_back(
                static_cast<int32_t>(random.between(0, test.images.count - 1)));
        }
        if (random.chance(80)) {
            set_conversion(&test, random);
        }
        const int64_t chosen = random.between(0, pairs - 1);
        int64_t pair = 0;
        for_each_pair([&](auto from, auto to) {
            if (pair++ == chosen) {
                ASSERT_TRUE((agrees<decltype(from), decltype(to)>(test, context())));
            }
        });
        if (HasFailure()) {
            break;
        }
    }
}

// What is not offered says so, and what is.
TEST_P(ConvertTest, PairsThatAreNotOffered) {
    for_each_type([&](auto from) {
        using T = decltype(from);
        for_each_type([&](auto to) {
            using To = decltype(to);
            if constexpr (!is_offered<T, To>()) {
                const Images<T> images({1, 4, 4, 1}, interleaved, Fence::after,
                                       random_elements<T>(1));
                Output<To> glimpses({1, 2, 2, 1}, interleaved, 1);
                const Origin origins[] = {{0, 0}};
                const Status status =
                    extract(images.view(), origins, glimpses.view(), {}, context());
                EXPECT_EQ(status.code(), StatusCode::type_mismatch);
                const std::string text = status.message();
                for (const ConstView &view : {images.view(), glimpses.result()}) {
                    EXPECT_NE(text.find(name(view.type)), std::string::npos) << text;
                }
                EXPECT_NE(text.find("uint8, "), std::string::npos) << text;
                EXPECT_TRUE(glimpses.untouched());
            }
        });
    });
}

TEST(NormalizationTest, FromMeanAndDeviation) {
    const std::vector<float> mean = {0.485f, 0.456f, 0.406f}, stddev = {0.229f, 0.224f, 0.225f};
    std::vector<float> subtract(3), multiply(3);
    ASSERT_TRUE(succeeded(normalization(mean, stddev, 255, subtract, multiply)));
    for (size_t c = 0; c < 3; c++) {
        EXPECT_EQ(subtract[c], static_cast<float>(255 * static_cast<double>(mean[c])));
        EXPECT_EQ(multiply[c], static_cast<float>(1 / (255 * static_cast<double>(stddev[c]))));
    }
    // In place.
    std::vector<float> a = mean, b = stddev;
    ASSERT_TRUE(succeeded(normalization(a, b, 255, a, b)));
    EXPECT_EQ(a, subtract);
    EXPECT_EQ(b, multiply);
}

TEST(NormalizationTest, WhatIsRefused) {
    std::vector<float> mean = {0.5f, 0.5f}, stddev = {0.5f, 0.5f}, subtract = {7, 7},
                       multiply = {7, 7};
    std::vector<float> one = {1};
    EXPECT_EQ(normalization(mean, one, 255, subtract, multiply).code(), StatusCode::count_mismatch);
    // Of pixels that were not divided, with the scale of those that were.
    const std::vector<float> of_pixels(mean.size(), 123.675f), small(mean.size(), 0.25f);
    EXPECT_EQ(normalization(of_pixels, small, 255, subtract, multiply).code(),
              StatusCode::invalid_value);
    EXPECT_EQ(normalization(small, of_pixels, 255, subtract, multiply).code(),
              StatusCode::invalid_value);
    EXPECT_EQ(normalization(mean, stddev, 255, one, multiply).code(), StatusCode::count_mismatch);
    for (const float no_deviation : {0.0f, -0.5f}) {
        stddev[1] = no_deviation;
        EXPECT_EQ(normalization(mean, stddev, 255, subtract, multiply).code(),
                  StatusCode::invalid_value);
    }
    stddev[1] = 1;
    for (const double no_scale : {0.0, -255.0, std::nan("")}) {
        EXPECT_EQ(normalization(mean, stddev, no_scale, subtract, multiply).code(),
                  StatusCode::invalid_value);
    }
    mean[0] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_EQ(normalization(mean, stddev, 255, subtract, multiply).code(),
              StatusCode::invalid_value);
    EXPECT_EQ(subtract, (std::vector<float>{7, 7}));
    EXPECT_EQ(multiply, (std::vector<float>{7, 7}));
    EXPECT_TRUE(succeeded(normalization(of_pixels, of_pixels, 1, subtract, multiply)));
    EXPECT_EQ(subtract, of_pixels);
    // Statistics of 8 bits for 16.
    EXPECT_TRUE(succeeded(normalization(of_pixels, of_pixels, 257, subtract, multiply)));
}

}  // namespace
