// extract() against the plain definition, pixel by pixel: borders, types, channels, sizes,
// positions, layouts, batches, executors and offsets.

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "buffers.h"
#include "extract_case.h"
#include "glimpse/glimpse.h"
#include "reference.h"
#include "variants.h"

namespace {

using glimpse::Border;
using glimpse::ChannelStatistics;
using glimpse::ConstView;
using glimpse::Context;
using glimpse::Coordinates;
using glimpse::Offset;
using glimpse::Options;
using glimpse::Origin;
using glimpse::Shape;
using glimpse::Size;
using glimpse::Status;
using glimpse::View;
using ::testing::AssertionFailure;
using ::testing::AssertionResult;
using ::testing::AssertionSuccess;

// What a case without options of its own shows, in dense memory.
template<typename T>
std::vector<T> pixels(const Case &test, Context &context) {
    const Images<T> images(test.images, interleaved, Fence::after, random_elements<T>(test.seed));
    const Shape shape = {static_cast<int64_t>(test.origins.size()), test.glimpse.height,
                         test.glimpse.width, test.images.channels};
    std::vector<T> result(
        static_cast<size_t>(shape.count * shape.height * shape.width * shape.channels));
    const std::vector<float> value = {3.5f};
    Options options;
    options.border = test.border;
    options.image_index = test.image_index;
    if (test.border == Border::constant) {
        options.value = value;
    }
    EXPECT_TRUE(succeeded(extract(images.view(), test.origins,
                                  View::interleaved(result.data(), shape), options, context)));
    return result;
}

template<typename T>
bool same_bytes(const std::vector<T> &a, const std::vector<T> &b) {
    return a.size() == b.size() &&
           (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

// Every type; but borders that make no element of their own move the bits of an element, whatever
// these mean, and then one of the 16-bit types, chosen by the seed, stands for them all.
AssertionResult agrees_for_every_width(const Case &test, Context &context) {
    const bool makes_elements = test.border == Border::constant || test.border == Border::mean ||
                                test.border == Border::uniform || test.border == Border::gaussian;
    AssertionResult result = AssertionSuccess();
    uint64_t count = 0, number = 0;
    for_each_type([&count](auto zero) { count += sizeof(zero) == 2 ? 1 : 0; });
    const uint64_t chosen = count == 0 ? 0 : Random(test.seed).bits() % count;
    for_each_type([&](auto zero) {
        const bool stands_for_others = sizeof(zero) == 2 && !makes_elements;
        if (result && (!stands_for_others || number++ == chosen)) {
            result = agrees<decltype(zero)>(test, context);
        }
    });
    return result;
}

// Origins of one axis where something begins or ends, for an image of extent S and a glimpse of
// extent W: wholly outside, touching, partly outside, inside, flush, and some reflections away.
std::vector<int32_t> edges(int64_t S, int64_t W) {
    std::vector<int32_t> result;
    for (const int64_t origin :
         {-W - 1, -W, 1 - W, int64_t{-1}, int64_t{0}, int64_t{1}, S - W - 1, S - W, S - W + 1,
          S - 1, S, S + 1, (S - W) / 2, -3 * S - 1, 4 * S + 2, -W / 2, -S, -7 * S - 5}) {
        result.push_back(static_cast<int32_t>(origin));
    }
    return result;
}

// Edges along both axes, in two pairings.
std::vector<Origin> edge_origins(const Shape &images, const Size &glimpse) {
    const std::vector<int32_t> ys = edges(images.height, glimpse.height);
    const std::vector<int32_t> xs = edges(images.width, glimpse.width);
    std::vector<Origin> result;
    for (size_t i = 0; i < ys.size(); i++) {
        for (const size_t shift : {0u, 5u}) {
            result.push_back({ys[i], xs[(i + shift) % xs.size()]});
        }
    }
    return result;
}

// Origins at which the whole glimpse lies in the image; none where it does not fit.
std::vector<Origin> inside_origins(const Shape &images, const Size &glimpse) {
    const auto bottom = static_cast<int32_t>(images.height - glimpse.height);
    const auto right = static_cast<int32_t>(images.width - glimpse.width);
    if (bottom < 0 || right < 0) {
        return {};
    }
    return {{0, 0}, {bottom, right}, {0, right}, {bottom, 0}, {bottom / 2, right / 2}};
}

// Origins at which the glimpse leaves the image along one axis only, by one side.
std::vector<Origin> side_origins(const Shape &images, const Size &glimpse, bool vertical) {
    std::vector<Origin> result;
    const int64_t extent = vertical ? images.height : images.width;
    const int64_t size = vertical ? glimpse.height : glimpse.width;
    for (const int64_t origin : {int64_t{-1}, -size / 2, extent - size + 1, extent - size / 2}) {
        const auto at = static_cast<int32_t>(origin);
        result.push_back(vertical ? Origin{at, 0} : Origin{0, at});
    }
    return result;
}

class ExtractTest : public VariantTest {
protected:
    // Runs calls that differ in how much of the glimpses lies inside, as kernels may.
    AssertionResult agrees_everywhere(Case test) {
        for (const std::vector<Origin> &origins :
             {edge_origins(test.images, test.glimpse), inside_origins(test.images, test.glimpse),
              side_origins(test.images, test.glimpse, false),
              side_origins(test.images, test.glimpse, true)}) {
            test.origins = origins;
            test.seed++;
            test.fence = test.seed % 2 == 0 ? Fence::before : Fence::after;
            test.give_statistics = test.seed % 3 == 0;
            const AssertionResult result = agrees_for_every_width(test, context());
            if (!result) {
                return result;
            }
        }
        return AssertionSuccess();
    }
};

// The borders as people know them, with no reference between: along rows and along columns.
TEST_P(ExtractTest, Diagrams) {
    const struct {
        Border border;
        const char *shown;
    } diagrams[] = {
        {Border::zero, "000000|abcd|000000"},    {Border::constant, "kkkkkk|abcd|kkkkkk"},
        {Border::mean, "mmmmmm|abcd|mmmmmm"},    {Border::replicate, "aaaaaa|abcd|dddddd"},
        {Border::reflect, "cddcba|abcd|dcbaab"}, {Border::reflect101, "abcdcb|abcd|cbabcd"},
        {Border::wrap, "cdabcd|abcd|abcdab"}};
    for (const auto &diagram : diagrams) {
        std::string shown = diagram.shown;
        shown.erase(std::remove(shown.begin(), shown.end(), '|'), shown.end());
        std::replace(shown.begin(), shown.end(), '0', '\0');
        const std::vector<uint8_t> image = {'a', 'b', 'c', 'd'};
        const ChannelStatistics statistics[] = {{'a', 'd', 'm', 1}};
        const float value[] = {'k'};
        Options options;
        options.border = diagram.border;
        if (diagram.border == Border::constant) {
            options.value = value;
        } else if (diagram.border == Border::mean) {
            options.statistics = statistics;
        }
        for (const bool vertical : {false, true}) {
            const Origin origins[] = {vertical ? Origin{-6, 0} : Origin{0, -6}};
            std::string got(16, '?');
            auto *const data = reinterpret_cast<uint8_t *>(&got[0]);
            ASSERT_TRUE(succeeded(
                extract(ConstView::interleaved(image.data(),
                                               vertical ? Shape{1, 4, 1, 1} : Shape{1, 1, 4, 1}),
                        origins,
                        View::interleaved(data, vertical ? Shape{1, 16, 1, 1} : Shape{1, 1, 16, 1}),
                        options, context())));
            EXPECT_EQ(got, shown) << name(diagram.border) << (vertical ? ", a column" : ", a row");
        }
    }
}

TEST_P(ExtractTest, EveryBorderAndChannelCount) {
    for (const Border border : borders) {
        for (const int64_t channels : {1, 2, 3, 4, 5, 6, 7, 8, 9, 17, 70}) {
            Case test;
            test.border = border;
            test.images = {1, 5, channels > 9 ? 4 : 23, channels};
            for (const Size glimpse :
                 {Size{4, 7}, Size{1, 1}, Size{3, channels > 9 ? 9 : 40}, Size{7, 3}}) {
                test.glimpse = glimpse;
                ASSERT_TRUE(agrees_everywhere(test));
            }
        }
    }
}

TEST_P(ExtractTest, EveryWidth) {
    for (const Border border : borders) {
        for (const int64_t channels : {1, 2, 3, 4}) {
            for (const int64_t image_width : {1, 2, 5, 16, 33, 64, 130}) {
                for (const int64_t width :
                     {0, 1, 2, 3, 5, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 129}) {
                    Case test;
                    test.border = border;
                    test.images = {1, 4, image_width, channels};
                    test.glimpse = {3, width};
                    test.seed = static_cast<uint64_t>(1000 * image_width + width);
                    ASSERT_TRUE(agrees_everywhere(test));
                }
            }
        }
    }
}

TEST_P(ExtractTest, EveryHeight) {
    for (const Border border : borders) {
        for (const int64_t image_height : {1, 2, 5, 16, 33}) {
            for (const int64_t height : {0, 1, 2, 3, 5, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65}) {
                Case test;
                test.border = border;
                test.images = {1, image_height, 6, 3};
                test.glimpse = {height, 5};
                test.seed = static_cast<uint64_t>(1000 * image_height + height);
                ASSERT_TRUE(agrees_everywhere(test));
            }
        }
    }
}

TEST_P(ExtractTest, SmallImages) {
    for (const Border border : borders) {
        for (const Shape &images : {Shape{1, 1, 1, 1}, Shape{1, 1, 1, 3}, Shape{1, 1, 9, 1},
                                    Shape{1, 1, 9, 4}, Shape{1, 9, 1, 1}, Shape{1, 9, 1, 4},
                                    Shape{1, 2, 2, 3}, Shape{1, 2, 1, 5}, Shape{1, 3, 2, 2}}) {
            for (const Size glimpse : {Size{1, 1}, Size{1, 9}, Size{9, 1}, Size{20, 25}}) {
                Case test;
                test.border = border;
                test.images = images;
                test.glimpse = glimpse;
                ASSERT_TRUE(agrees_everywhere(test));
            }
        }
    }
}

// An image without pixels is filled by the borders that show a value.
TEST_P(ExtractTest, ImagesWithoutPixels) {
    for (const Border border : {Border::zero, Border::constant, Border::mean}) {
        for (const Shape &images : {Shape{1, 0, 5, 3}, Shape{1, 5, 0, 3}, Shape{1, 0, 0, 1}}) {
            Case test;
            test.border = border;
            test.images = images;
            ASSERT_TRUE(agrees_everywhere(test));
        }
    }
}

TEST_P(ExtractTest, FarAway) {
    const int32_t low = INT32_MIN, high = INT32_MAX;
    for (const Border border : borders) {
        for (const Shape &images : {Shape{1, 1, 1, 3}, Shape{1, 2, 3, 1}, Shape{1, 5, 7, 3},
                                    Shape{1, 40, 1000, 1}, Shape{1, 3, 1000, 4}}) {
            for (const Size glimpse : {Size{3, 5}, Size{1, 70}, Size{70, 1}, Size{0, 0}}) {
                const auto bottom = static_cast<int32_t>(high - glimpse.height + 1);
                const auto right = static_cast<int32_t>(high - glimpse.width + 1);
                Case test;
                test.border = border;
                test.images = images;
                test.glimpse = glimpse;
                test.origins = {{low, low},
                                {low, 0},
                                {0, low},
                                {low, right},
                                {bottom, low},
                                {low + 1, low + 2},
                                {-1, -(1 << 30)},
                                {(1 << 30) + 7, 1},
                                {-1000003, 2000029},
                                {715827882, -715827883}};
                if (glimpse.height > 0) {
                    test.origins.insert(
                        test.origins.end(),
                        {{bottom, right}, {bottom, 0}, {0, right}, {bottom - 1, right - 1}});
                }
                ASSERT_TRUE(agrees_for_every_width(test, context()));
                test.seed = 0xfedcba9876543210u;
                test.first_image = 0xffffffffu;
                ASSERT_TRUE(agrees_for_every_width(test, context()));
            }
        }
    }
}

// More glimpses than any part that a call may be cut into, in three mixtures.
TEST_P(ExtractTest, ManyGlimpses) {
    Random random(11);
    for (const Border border : borders) {
        for (const int64_t channels : {1, 3}) {
            for (const int inside_percent : {0, 50, 100}) {
                Case test;
                test.border = border;
                test.images = {7, 20, 30, channels};
                test.glimpse = {random.between(1, 5), random.between(1, 9)};
                test.first_image = 3;
                test.seed = random.bits();
                for (int i = 0; i < 1003; i++) {
                    const bool inside = random.chance(inside_percent);
                    const int64_t bottom = 20 - test.glimpse.height,
                                  right = 30 - test.glimpse.width;
                    const int64_t margin = inside ? 0 : 30;
                    test.origins.push_back(
                        {static_cast<int32_t>(random.between(-margin, bottom + margin)),
                         static_cast<int32_t>(random.between(-margin, right + margin))});
                    test.image_index.push_back(static_cast<int32_t>(random.between(0, 6)));
                }
                ASSERT_TRUE(agrees_for_every_width(test, context()));
            }
        }
    }
}

TEST_P(ExtractTest, WhichImage) {
    for (const Border border : borders) {
        for (const int64_t count : {1, 6}) {  // one image for all, and image i for glimpse i
            Case test;
            test.border = border;
            test.images = {count, 5, 8, 3};
            test.glimpse = {4, 7};
            test.origins = {{0, 0}, {-2, 3}, {3, -6}, {9, 9}, {1, 1}, {-1, -1}};
            ASSERT_TRUE(agrees_for_every_width(test, context()));
            test.image_index.assign(6, static_cast<int32_t>(count - 1));
            ASSERT_TRUE(agrees_for_every_width(test, context()));
        }
    }
}

TEST_P(ExtractTest, Layouts) {
    std::vector<Layout> readable(std::begin(layouts), std::end(layouts));
    readable.insert(readable.end(), std::begin(repeating_layouts), std::end(repeating_layouts));
    uint64_t seed = 0;
    for (const Border border : borders) {
        for (const int64_t channels : {1, 2, 3, 4}) {
            for (const Layout &from : readable) {
                for (const Layout &to : layouts) {
                    Case test;
                    test.border = border;
                    test.images = {2, 5, 9, channels};
                    test.glimpse = {4, 7};
                    test.origins = {{-1, -2}, {0, 1}, {3, 5}, {-8, 20}};
                    test.image_index = {1, 0, 1, 0};
                    test.image_layout = from;
                    test.glimpse_layout = to;
                    test.fence = channels % 2 == 0 ? Fence::before : Fence::after;
                    test.seed = ++seed;
                    ASSERT_TRUE(agrees_for_every_width(test, context()));
                    test.origins = {{0, 0}, {1, 2}, {0, 1}, {1, 0}};  // all inside
                    ASSERT_TRUE(agrees_for_every_width(test, context()));
                }
            }
        }
    }
}

// The same with rows long enough for vectors, in the layouts that are likely to have special code.
TEST_P(ExtractTest, LayoutsOfLongRows) {
    uint64_t seed = 0;
    for (const Border border : borders) {
        for (const int64_t channels : {1, 3, 4}) {
            for (const Layout &from : layouts) {
                Case test;
                test.border = border;
                test.images = {2, 3, 150, channels};
                test.glimpse = {2, 97};
                test.origins = {{-1, -80}, {2, 100}};
                test.image_layout = from;
                test.seed = ++seed;
                test.glimpse_layout = layouts[1];
                ASSERT_TRUE(agrees_for_every_width(test, context()));
                test.glimpse_layout = from;
                ASSERT_TRUE(agrees_for_every_width(test, context()));
                test.origins = {{0, 7}, {1, 53}};
                ASSERT_TRUE(agrees_for_every_width(test, context()));
            }
        }
    }
}

// Rows a gigabyte apart: products of strides and coordinates beyond 2^31.
TEST_P(ExtractTest, FarApartRows) {
    const FarMemory memory(int64_t{3} << 30);
    uint8_t *const bytes = memory.data();
    if (bytes == nullptr) {
        GTEST_SKIP() << "no 3 GiB of addresses";
    }
    for (size_t i = 0; i < 3 * 20; i++) {
        bytes[(i / 20 << 30) + i % 20] = static_cast<uint8_t>(i + 1);
    }
    const ConstView image(bytes, glimpse::ElementType::uint8, {1, 3, 20, 1},
                          {0, int64_t{1} << 30, 1, 1});
    const std::vector<Origin> origins = {{1, 3}, {-1, -2}, {2, 15}};
    for (const Border border : borders) {
        reference::Plane<uint8_t> plane{image, border, {7}, {}, 0, 0};
        plane.statistics.push_back(reference::statistics<uint8_t>(image, 0, 0));
        Options options;
        options.border = border;
        if (border == Border::constant) {
            options.value = plane.value;
        }
        options.statistics = plane.statistics;
        Output<uint8_t> glimpses({3, 2, 10, 1}, interleaved, 1);
        ASSERT_TRUE(succeeded(extract(image, origins, glimpses.view(), options, context())));
        ASSERT_TRUE(same_pixels<uint8_t>(glimpses.result(), [&](int64_t n, int64_t y, int64_t x,
                                                                int64_t c) {
            const Origin &origin = origins[static_cast<size_t>(n)];
            return plane(0, origin.y + y, origin.x + x, c);
        })) << name(border);
    }
}

// A region is an image of its own: what lies around it in the frame is not looked at.
TEST_P(ExtractTest, Regions) {
    for (const Border border : borders) {
        for (const int64_t channels : {1, 3}) {
            const Images<float> frames({3, 40, 90, channels}, layouts[1], Fence::after,
                                       random_elements<float>(5));
            const ConstView region =
                frames.view().image(1, 2).region(3, 8, 30, 70).region(2, 3, 21, 60);
            ASSERT_EQ(region.shape.count, 2);
            ASSERT_EQ(region.shape.height, 21);
            ASSERT_EQ(region.shape.width, 60);

            reference::Plane<float> plane;
            plane.images = region;
            plane.border = border;
            plane.value = {2.5f};
            plane.statistics.resize(static_cast<size_t>(2 * channels));
            ASSERT_TRUE(succeeded(compute_statistics(region, plane.statistics, context())));
            for (int64_t n = 0; n < 2; n++) {
                for (int64_t c = 0; c < channels; c++) {
                    const ChannelStatistics expected = reference::statistics<float>(
                        frames.view().image(n + 1).region(5, 11, 21, 60), 0, c);
                    const auto &got = plane.statistics[static_cast<size_t>(n * channels + c)];
                    ASSERT_EQ(got.min, expected.min);
                    ASSERT_EQ(got.max, expected.max);
                }
            }
            Options options;
            options.border = border;
            if (border == Border::constant) {
                options.value = plane.value;
            }
            const std::vector<Origin> origins = {{-4, -9}, {15, 41}};
            Output<float> glimpses({2, 11, 33, channels}, interleaved, 3);
            ASSERT_TRUE(succeeded(extract(region, origins, glimpses.view(), options, context())));
            ASSERT_TRUE(same_pixels<float>(glimpses.result(), [&](int64_t n, int64_t y, int64_t x,
                                                                  int64_t c) {
                // Independent of BasicView::region(): counted in the frame.
                const Origin &origin = origins[static_cast<size_t>(n)];
                const int64_t py = origin.y + y, px = origin.x + x;
                const bool in_region = py >= 0 && py < 21 && px >= 0 && px < 60;
                return in_region
                           ? reference::element<float>(frames.view(), n + 1, py + 5, px + 11, c)
                           : plane(n, py, px, c);
            })) << name(border);
        }
    }
}

// Every copied bit stays as it is: payloads of NaN, also signalling, the sign of zero, denormals.
TEST_P(ExtractTest, BitPatterns) {
    for (const Border border : borders) {
        for (const int64_t channels : {1, 3, 4, 5}) {
            for (const Layout &layout : layouts) {
                Case test;
                test.border = border;
                test.images = {1, 12, 41, channels};
                test.glimpse = {9, 37};
                test.origins = {{-3, -11}, {1, 2}, {6, 20}, {40, -90}};
                test.specials = true;
                test.image_layout = layout;
                ASSERT_TRUE(agrees<float>(test, context()));
                test.origins = {{0, 0}, {3, 4}};
                ASSERT_TRUE(agrees<float>(test, context()));
            }
        }
    }
}

// Without a finite element the statistics are 0, and so is what is made of them.
TEST_P(ExtractTest, ImagesWithoutFiniteElements) {
    const Images<float> image({1, 6, 7, 3}, interleaved, Fence::after,
                              [] { return std::numeric_limits<float>::quiet_NaN(); });
    for (const Border border : {Border::mean, Border::uniform, Border::gaussian}) {
        Options options;
        options.border = border;
        const Origin origins[] = {{-20, 3}};
        Output<float> glimpses({1, 9, 41, 3}, interleaved, 1);
        ASSERT_TRUE(succeeded(extract(image.view(), origins, glimpses.view(), options, context())));
        EXPECT_TRUE(same_pixels<float>(glimpses.result(), [](int64_t, int64_t, int64_t, int64_t) {
            return 0.0f;
        })) << name(border);
    }
}

TEST_P(ExtractTest, ConstantValues) {
    const float infinity = std::numeric_limits<float>::infinity();
    const std::vector<float> values = {0.0f,
                                       -0.0f,
                                       0.5f,
                                       1.5f,
                                       2.5f,
                                       254.5f,
                                       255.5f,
                                       256.0f,
                                       -0.5f,
                                       -0.51f,
                                       -1.0f,
                                       1e30f,
                                       -1e30f,
                                       infinity,
                                       -infinity,
                                       1e-40f,
                                       127.49999f,
                                       float_of_bits(0x7FC12345u),
                                       float_of_bits(0xFFC00001u)};
    for (size_t i = 0; i < values.size(); i++) {
        Case test;
        test.border = Border::constant;
        test.glimpse = {3, 40};
        test.origins = {{-1, -20}, {3, 5}, {100, 100}};
        test.images.channels = 3;
        test.value = {values[i]};  // one number for all channels
        ASSERT_TRUE(agrees_for_every_width(test, context())) << values[i];
        test.value = {values[i], 9.0f, values[(i + 1) % values.size()]};
        ASSERT_TRUE(agrees_for_every_width(test, context())) << values[i];
    }
}

// Statistics that the caller gives are used as they are, whatever the image holds.
TEST_P(ExtractTest, GivenStatistics) {
    const std::vector<ChannelStatistics> statistics = {
        {10, 200, 100.5, 30}, {0, 255, 101.5, 250}, {77, 77, 77, 0}};
    for (const Border border : {Border::mean, Border::uniform, Border::gaussian}) {
        Options options;
        options.border = border;
        options.statistics = statistics;
        options.seed = 5;
        const auto check = [&](auto zero) {
            using T = decltype(zero);
            const Images<T> image({1, 3, 4, 3}, interleaved, Fence::after, random_elements<T>(1));
            Output<T> glimpses({1, 20, 30, 3}, interleaved, 2);
            const Origin origins[] = {{-9, -11}};
            const reference::Plane<T> plane{image.view(), border, {}, statistics, 5, 0};
            ASSERT_TRUE(
                succeeded(extract(image.view(), origins, glimpses.view(), options, context())));
            ASSERT_TRUE(same_pixels<T>(glimpses.result(), [&](int64_t, int64_t y, int64_t x,
                                                              int64_t c) {
                return plane(0, y - 9, x - 11, c);
            })) << name(border);
        };
        for_each_type(check);
    }
}

// Uniform noise of uint8 images whose ranges differ within a call: all 256 values in none, some or
// all of them, and in one image for all glimpses.
TEST_P(ExtractTest, UniformRanges) {
    const ChannelStatistics all = {0, 255, 100, 50}, narrow = {3, 202, 100, 50},
                            half = {0, 254, 100, 50};
    for (const std::vector<ChannelStatistics> &ranges : std::vector<std::vector<ChannelStatistics>>{
             {all}, {narrow}, {all, all, all}, {all, narrow, all}, {half, all, narrow}}) {
        const auto count = static_cast<int64_t>(ranges.size());
        for (const int64_t channels : {1, 3}) {
            std::vector<ChannelStatistics> statistics;
            for (const ChannelStatistics &range : ranges) {
                statistics.insert(statistics.end(), static_cast<size_t>(channels), range);
            }
            for (const Layout &layout : layouts) {
                const Images<uint8_t> images({count, 9, 11, channels}, layout, Fence::after,
                                             random_elements<uint8_t>(1));
                const std::vector<Origin> origins = {
                    {-3, -40}, {2, 5}, {-90, 90}, {0, 0}, {-1, -9}};
                const std::vector<int32_t> index = {0, static_cast<int32_t>(count - 1),
                                                    static_cast<int32_t>(count / 2), 0, 0};
                Output<uint8_t> glimpses({5, 7, 70, channels}, layout, 2);
                Options options;
                options.border = Border::uniform;
                options.statistics = statistics;
                options.image_index = index;
                const reference::Plane<uint8_t> plane{
                    images.view(), Border::uniform, {}, statistics, 0, 0};
                ASSERT_TRUE(succeeded(
                    extract(images.view(), origins, glimpses.view(), options, context())));
                ASSERT_TRUE(same_pixels<uint8_t>(
                    glimpses.result(), [&](int64_t n, int64_t y, int64_t x, int64_t c) {
                        const auto i = static_cast<size_t>(n);
                        return plane(index[i], origins[i].y + y, origins[i].x + x, c);
                    }));
                ASSERT_TRUE(glimpses.guards_intact());
            }
        }
    }
}

// Statistics that make no sense give pixels that make no sense, and nothing worse.
TEST_P(ExtractTest, SenselessStatisticsAreHarmless) {
    const float infinity = std::numeric_limits<float>::infinity();
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const double wide = 1e300;
    for (const ChannelStatistics &statistics :
         {ChannelStatistics{nan, nan, nan, nan},
          ChannelStatistics{-infinity, infinity, infinity, infinity},
          ChannelStatistics{300, -300, wide, -wide},
          ChannelStatistics{-1e30f, 1e30f, -wide, wide}}) {
        for (const Border border : {Border::mean, Border::uniform, Border::gaussian}) {
            Options options;
            options.border = border;
            options.statistics = {&statistics, 1};
            const auto check = [&](auto zero) {
                using T = decltype(zero);
                const Images<T> image({1, 3, 4, 1}, interleaved, Fence::after,
                                      random_elements<T>(1));
                Output<T> glimpses({1, 9, 30, 1}, layouts[1], 2);
                const Origin origins[] = {{-2, -11}};
                ASSERT_TRUE(
                    succeeded(extract(image.view(), origins, glimpses.view(), options, context())));
                EXPECT_TRUE(glimpses.guards_intact()) << name(border);
                EXPECT_TRUE(
                    same_pixels<T>(ConstView(glimpses.view().region(2, 11, 3, 4)), image.view()))
                    << name(border);
            };
            for_each_type(check);
        }
    }
}

// 0 in integers, and in floats the quiet NaN without sign and payload.
TEST_P(ExtractTest, MeanThatIsNoNumber) {
    ChannelStatistics statistics;
    const uint64_t bits = 0xfff4567812345678u;
    std::memcpy(&statistics.mean, &bits, sizeof(bits));
    Options options;
    options.border = Border::mean;
    options.statistics = {&statistics, 1};
    for_each_type([&](auto zero) {
        using T = decltype(zero);
        const Images<T> image({1, 3, 4, 1}, interleaved, Fence::after, random_elements<T>(1));
        Output<T> glimpses({1, 2, 5, 1}, interleaved, 2);
        const Origin origins[] = {{-5, -11}};
        ASSERT_TRUE(succeeded(extract(image.view(), origins, glimpses.view(), options, context())));
        const auto expected = reference::from_value<T>(std::numeric_limits<float>::quiet_NaN());
        EXPECT_TRUE(same_pixels<T>(glimpses.result(),
                                   [&](int64_t, int64_t, int64_t, int64_t) { return expected; }));
    });
}

// Everything at random. A failure names the seed, which alone makes the case again.
TEST_P(ExtractTest, Fuzz) {
    std::vector<Layout> readable(std::begin(layouts), std::end(layouts));
    readable.insert(readable.end(), std::begin(repeating_layouts), std::end(repeating_layouts));
    for (uint64_t seed = 1; seed <= 8000; seed++) {
        Random random(seed);
        const auto extent = [&random](int64_t most) {
            return random.chance(5) ? random.between(1, 2) : random.between(1, most);
        };
        Case test;
        test.seed = seed;
        test.border = random.one_of(borders);
        test.first_image = static_cast<uint32_t>(random.bits());
        test.images = {extent(4), extent(30), extent(random.chance(20) ? 200 : 40),
                       random.chance(50) ? random.between(1, 4) : random.between(1, 9)};
        test.glimpse = {extent(20), extent(random.chance(20) ? 150 : 40)};
        test.image_layout = random.chance(50) ? interleaved : random.one_of(readable);
        test.glimpse_layout = random.chance(50) ? interleaved : random.one_of(layouts);
        test.fence = random.chance(50) ? Fence::before : Fence::after;
        test.specials = random.chance(30);
        test.give_statistics = random.chance(50);
        if (random.chance(50)) {
            test.value = {static_cast<float>(random.between(-100, 1000)) / 2};
        }
        const bool indexed = random.chance(50);
        const int64_t count = indexed                  ? random.between(1, 9)
                              : test.images.count == 1 ? random.between(0, 9)
                                                       : test.images.count;
        const int64_t reach = random.chance(20) ? 1000000 : random.chance(50) ? 0 : 40;
        const auto place = [&](int64_t S, int64_t W) {
            const int64_t low = std::min<int64_t>(0, S - W), high = std::max<int64_t>(0, S - W);
            return static_cast<int32_t>(random.between(low - reach, high + reach));
        };
        for (int64_t i = 0; i < count; i++) {
            test.origins.push_back({place(test.images.height, test.glimpse.height),
                                    place(test.images.width, test.glimpse.width)});
            if (indexed) {
                test.image_index.push_back(
                    static_cast<int32_t>(random.between(0, test.images.count - 1)));
            }
        }
        const int64_t chosen = random.between(0, glimpse::element_type_count - 1);
        for_each_type([&](auto zero) {
            using T = decltype(zero);
            if (static_cast<int64_t>(glimpse::element_type_of<T>::value) == chosen) {
                ASSERT_TRUE(agrees<T>(test, context()));
            }
        });
    }
}

// The order and number of threads change nothing, for batches and for one large glimpse.
TEST_P(ExtractTest, Executors) {
    std::vector<std::unique_ptr<Context>> others;
    for (const int width : {1, 2, 5}) {
        others.push_back(make_context(backwards(width)));
        others.push_back(make_context(threads(width)));
    }
    for (const Border border : borders) {
        Case batch;
        batch.border = border;
        batch.images = {3, 40, 60, 3};
        batch.glimpse = {31, 45};
        for (int32_t i = 0; i < 67; i++) {
            batch.origins.push_back({7 * i % 101 - 50, 11 * i % 151 - 75});
            batch.image_index.push_back(i % 3);
        }
        Case large;
        large.border = border;
        large.images = {1, 300, 350, 3};
        large.glimpse = {400, 411};
        large.origins = {{-50, -20}};
        Case inside;
        inside.border = border;
        inside.images = {2, 600, 350, 3};
        inside.glimpse = {517, 311};
        inside.origins = {{50, 20}, {1, 0}};
        for (const Case &test : {batch, large, inside}) {
            const auto check = [&](auto zero) {
                using T = decltype(zero);
                ASSERT_TRUE(agrees<T>(test, context()));
                const std::vector<T> alone = pixels<T>(test, context());
                for (size_t i = 0; i < others.size(); i++) {
                    ASSERT_TRUE(same_bytes(pixels<T>(test, *others[i]), alone))
                        << describe<T>(test) << ": executor " << i << " gives other pixels";
                }
            };
            check(uint8_t{});
            check(0.0f);
        }
    }
}

// With offsets, a call shows what it shows with the origins that the rule computes.
TEST_P(ExtractTest, Offsets) {
    Random random(3);
    for (const Coordinates coordinates :
         {Coordinates::pixels, Coordinates::normalized, Coordinates::centered_pixels,
          Coordinates::centered_normalized}) {
        const bool normalized = coordinates == Coordinates::normalized ||
                                coordinates == Coordinates::centered_normalized;
        const Images<uint8_t> image({1, 37, 53, 3}, interleaved, Fence::after,
                                    random_elements<uint8_t>(2));
        std::vector<Offset> offsets;
        std::vector<Origin> origins;
        for (int i = 0; i < 1500; i++) {
            const double scale = normalized ? 1.5 : 70;
            const Offset offset = {static_cast<float>((2 * random.unit() - 1) * scale),
                                   static_cast<float>((2 * random.unit() - 1) * scale)};
            offsets.push_back(offset);
            origins.push_back(
                {static_cast<int32_t>(reference::nearest(offset.y, 37, 6, coordinates)),
                 static_cast<int32_t>(reference::nearest(offset.x, 53, 9, coordinates))});
        }
        Options options;
        options.border = Border::reflect;
        options.coordinates = coordinates;
        const int64_t count = static_cast<int64_t>(offsets.size());
        Output<uint8_t> by_offset({count, 6, 9, 3}, layouts[1], 1);
        Output<uint8_t> by_origin({count, 6, 9, 3}, layouts[1], 2);
        ASSERT_TRUE(
            succeeded(extract(image.view(), offsets, by_offset.view(), options, context())));
        ASSERT_TRUE(
            succeeded(extract(image.view(), origins, by_origin.view(), options, context())));
        EXPECT_TRUE(same_pixels<uint8_t>(by_offset.result(), by_origin.result()))
            << name(coordinates);
        EXPECT_TRUE(by_offset.guards_intact());
    }
}

INSTANTIATE_TEST_SUITE_P(, ExtractTest, all_variants(), variant_name);

// origins() needs no kernel.

AssertionResult origins_agree(const std::vector<Offset> &offsets, Size image, Size glimpse,
                              Coordinates coordinates) {
    std::vector<Origin> got(offsets.size());
    const Status status = glimpse::origins(offsets, image, glimpse, coordinates, got);
    if (!status.ok()) {
        return AssertionFailure() << status.message();
    }
    for (size_t i = 0; i < offsets.size(); i++) {
        const double y =
            reference::nearest(offsets[i].y, image.height, glimpse.height, coordinates);
        const double x = reference::nearest(offsets[i].x, image.width, glimpse.width, coordinates);
        if (got[i].y != y || got[i].x != x) {
            return AssertionFailure()
                   << name(coordinates) << ", image " << image.height << "x" << image.width
                   << ", glimpse " << glimpse.height << "x" << glimpse.width << ", offset ("
                   << show(offsets[i].y) << ", " << show(offsets[i].x) << "): got (" << got[i].y
                   << ", " << got[i].x << "), expected (" << y << ", " << x << ")";
        }
    }
    return AssertionSuccess();
}

const Coordinates all_coordinates[] = {Coordinates::pixels, Coordinates::normalized,
                                       Coordinates::centered_pixels,
                                       Coordinates::centered_normalized};

// So many planes that their values would not fit one buffer; and uniform noise finds the range of
// all channels once, not once per plane.
TEST(ManyChannelsTest, PlanarIsInterleaved) {
    const int64_t channels = 172000;
    std::vector<float> pixels(static_cast<size_t>(channels));
    std::vector<ChannelStatistics> statistics(pixels.size());
    for (size_t c = 0; c < pixels.size(); c++) {
        pixels[c] = static_cast<float>(c);
        statistics[c] = {static_cast<float>(c), static_cast<float>(c + 9), double(c + 1), 1};
    }
    const std::vector<Origin> origins(64, Origin{0, 1});
    const Shape shape = {64, 1, 1, channels};
    std::vector<float> expected(static_cast<size_t>(64 * channels)), got(expected.size());
    for (const Border border : {Border::zero, Border::mean, Border::uniform, Border::gaussian}) {
        Options options;
        options.border = border;
        options.statistics = statistics;
        const Shape image = {1, 1, 1, channels};
        ASSERT_TRUE(succeeded(extract(ConstView::interleaved(pixels.data(), image), origins,
                                      View::interleaved(expected.data(), shape), options)));
        got.assign(got.size(), -1);
        ASSERT_TRUE(succeeded(extract(ConstView::planar(pixels.data(), image), origins,
                                      View::planar(got.data(), shape), options)));
        ASSERT_EQ(got, expected) << name(border);
    }
}

TEST(OriginsTest, FollowTheRule) {
    Random random(17);
    for (const Coordinates coordinates : all_coordinates) {
        const bool normalized = coordinates == Coordinates::normalized ||
                                coordinates == Coordinates::centered_normalized;
        for (int round = 0; round < 300; round++) {
            const Size image = {random.between(1, 4000), random.between(0, 100003)};
            const Size glimpse = {random.between(0, 70), random.between(1, 300)};
            std::vector<Offset> offsets = {{0.0f, -0.0f},
                                           {0.5f, 1.0f},
                                           {-0.5f, -1.0f},
                                           {1e-40f, 1e-8f},
                                           {0.49999997f, 0.50000006f},
                                           {-0.49999997f, -1e-40f}};
            for (int i = 0; i < 200; i++) {
                // What users write: positions of whole and half pixels, and neighbours of such.
                const double y = static_cast<double>(random.between(-20, 8000)) / 2;
                const double x = static_cast<double>(random.between(-20, 200000)) / 2;
                Offset offset = {static_cast<float>(normalized ? y / 2000 : y),
                                 static_cast<float>(normalized ? x / 50000 : x)};
                if (random.chance(30)) {
                    offset.y = std::nextafter(offset.y, random.chance(50) ? -1e9f : 1e9f);
                    offset.x = std::nextafter(offset.x, random.chance(50) ? -1e9f : 1e9f);
                }
                offsets.push_back(offset);
            }
            ASSERT_TRUE(origins_agree(offsets, image, glimpse, coordinates));
        }
    }
}

TEST(OriginsTest, Halves) {
    // A glimpse of extent 0 makes x the offset itself.
    const struct {
        float x;
        int32_t origin;
    } cases[] = {{8388609.0f, 8388609},
                 {8388607.5f, 8388608},
                 {-8388609.0f, -8388609},
                 {0.49999997f, 0},
                 {0.5f, 1},
                 {-0.5f, 0},
                 {-0.50000006f, -1},
                 {-0.49999997f, 0},
                 {-1.5f, -1},
                 {1.5f, 2},
                 {2.5f, 3},
                 {-2.5f, -2},
                 {16777216.0f, 16777216},
                 {-2147483648.0f, INT32_MIN},
                 {2147483520.0f, 2147483520}};
    for (const auto &test : cases) {
        const Offset offsets[] = {{test.x, 0}};
        Origin origins[1];
        ASSERT_TRUE(
            succeeded(glimpse::origins(offsets, {5, 5}, {0, 0}, Coordinates::pixels, origins)));
        EXPECT_EQ(origins[0].y, test.origin) << show(test.x);
        EXPECT_EQ(origins[0].x, 0);
    }
}

// An odd window asked for at p + 0.5 has pixel p in its middle, anywhere; and so for an even one
// asked for at the edge between two pixels.
TEST(OriginsTest, MiddleOfTheWindow) {
    for (int32_t window = 1; window <= 99; window++) {
        for (int32_t p = -3000; p <= 3000; p += 7) {
            const Offset offsets[] = {{static_cast<float>(p) + 0.5f,
                                       static_cast<float>(p) + (window % 2 == 0 ? 0 : 0.5f)}};
            Origin origins[1];
            ASSERT_TRUE(succeeded(glimpse::origins(offsets, {11, 12}, {2 * window - 1, window},
                                                   Coordinates::pixels, origins)));
            ASSERT_EQ(origins[0].y + window - 1, p) << "window of " << 2 * window - 1;
            ASSERT_EQ(origins[0].x + window / 2, p) << "window of " << window;
        }
    }
}

// A wanted pixel, sent through normalized coordinates, comes back.
TEST(OriginsTest, NormalizedCoordinatesReturnTheWantedPixel) {
    for (const int64_t size : {1, 2, 3, 7, 100, 1023, 1080, 1920, 1999}) {
        for (const int64_t window : {1, 3, 8, 9, 64, 65}) {
            std::vector<Offset> offsets, centered;
            for (int64_t p = 0; p < size; p++) {
                const double centre = static_cast<double>(p) + (window % 2 == 0 ? 0.0 : 0.5);
                const double position = centre / static_cast<double>(size);
                const auto offset = static_cast<float>(position);
                const auto from_centre = static_cast<float>(2 * position - 1);
                offsets.push_back({offset, offset});
                centered.push_back({from_centre, from_centre});
            }
            std::vector<Origin> origins(offsets.size());
            for (const bool from_centre : {false, true}) {
                ASSERT_TRUE(succeeded(glimpse::origins(
                    from_centre ? centered : offsets, {size, size}, {window, window},
                    from_centre ? Coordinates::centered_normalized : Coordinates::normalized,
                    origins)));
                for (int64_t p = 0; p < size; p++) {
                    ASSERT_EQ(origins[static_cast<size_t>(p)].x, p - window / 2)
                        << "size " << size << ", window " << window << ", centered " << from_centre;
                }
            }
        }
    }
}

// An odd window asked for at the centre of a pixel has that pixel in its middle, in every
// coordinate system, although the offset was rounded to float32.
TEST(OriginsTest, EveryPixelIsHit) {
    Random random(11);
    int64_t missed = 0;
    for (int i = 0; i < 400000; i++) {
        const int64_t extent = random.between(1, 2000);
        const int64_t glimpse = 2 * random.between(0, 50) + 1;
        const int64_t pixel = random.between(0, extent - 1);
        const double wanted = static_cast<double>(pixel) + 0.5;
        const double half = static_cast<double>(extent) / 2;
        const double offsets[] = {wanted, wanted / static_cast<double>(extent), wanted - half,
                                  (wanted - half) / half};
        for (int c = 0; c < 4; c++) {
            const Offset offset = {static_cast<float>(offsets[c]), static_cast<float>(offsets[c])};
            Origin origin;
            ASSERT_TRUE(origins({&offset, 1}, {extent, extent}, {glimpse, glimpse},
                                static_cast<Coordinates>(c), {&origin, 1})
                            .ok());
            missed += origin.y != pixel - glimpse / 2 || origin.x != pixel - glimpse / 2 ? 1 : 0;
        }
    }
    EXPECT_EQ(missed, 0);
}

}  // namespace
