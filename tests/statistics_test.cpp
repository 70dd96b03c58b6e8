// compute_statistics() against the plain definition, and the same bits from every variant and for
// any number of threads.

#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "buffers.h"
#include "glimpse/glimpse.h"
#include "reference.h"
#include "variants.h"

namespace {

using glimpse::ChannelStatistics;
using glimpse::ConstView;
using glimpse::Context;
using glimpse::Shape;
using ::testing::AssertionFailure;
using ::testing::AssertionResult;
using ::testing::AssertionSuccess;

std::string show(const ChannelStatistics &channel) {
    std::ostringstream text;
    text << std::setprecision(17) << "min " << channel.min << ", max " << channel.max << ", mean "
         << channel.mean << ", stddev " << channel.stddev;
    return text.str();
}

bool same_bits(const ChannelStatistics &a, const ChannelStatistics &b) {
    return std::memcmp(&a, &b, sizeof(a)) == 0;
}

// Integers: the nearest doubles to the exact values, but for the last step or two of rounding.
// Floats: sums in double, so errors in proportion to the size of the values, not of the deviation.
template<typename T>
bool close(const ChannelStatistics &got, const ChannelStatistics &expected) {
    const auto bits_of_range = [](const ChannelStatistics &s) {
        return std::pair{bits_of(s.min), bits_of(s.max)};
    };
    if (bits_of_range(got) != bits_of_range(expected) || !(got.stddev >= 0)) {
        return false;
    }
    const double epsilon = std::numeric_limits<double>::epsilon();
    if (std::is_integral_v<T>) {
        return std::fabs(got.mean - expected.mean) <= 2 * epsilon * std::fabs(expected.mean) &&
               std::fabs(got.stddev - expected.stddev) <= 4 * epsilon * expected.stddev;
    }
    const double largest = std::max(std::fabs(double{got.min}), std::fabs(double{got.max}));
    const double square = expected.mean * expected.mean + expected.stddev * expected.stddev;
    const double variance = got.stddev * got.stddev, wanted = expected.stddev * expected.stddev;
    return std::fabs(got.mean - expected.mean) <= 1e-13 * largest &&
           std::fabs(variance - wanted) <= 1e-13 * square;
}

template<typename T>
AssertionResult agrees(const ConstView &images, Context &context) {
    std::vector<ChannelStatistics> got(
        static_cast<size_t>(images.shape.count * images.shape.channels),
        ChannelStatistics{-1, -2, -3, -4});
    const glimpse::Status status = compute_statistics(images, got, context);
    if (!status.ok()) {
        return AssertionFailure() << images.shape << ": " << status.message();
    }
    const std::vector<ChannelStatistics> expected = reference::statistics<T>(images);
    for (size_t i = 0; i < got.size(); i++) {
        if (!close<T>(got[i], expected[i])) {
            return AssertionFailure()
                   << name(images.type) << " " << images.shape << ", image "
                   << i / static_cast<size_t>(images.shape.channels) << ", channel "
                   << i % static_cast<size_t>(images.shape.channels) << ": got " << show(got[i])
                   << ", expected " << show(expected[i]);
        }
    }
    return AssertionSuccess();
}

class StatisticsTest : public VariantTest {
protected:
    AssertionResult agrees_for(const Shape &shape, const Layout &layout, bool specials = false) {
        const Fence fence = shape.width % 2 == 0 ? Fence::before : Fence::after;
        const auto seed = static_cast<uint64_t>(shape.width + 1000 * shape.height);
        AssertionResult result = AssertionSuccess();
        for_each_type([&](auto zero) {
            using T = decltype(zero);
            const Images<T> images(shape, layout, fence, random_elements<T>(seed, specials));
            if (result) {
                result = agrees<T>(images.view(), context());
            }
        });
        return result ? result : AssertionFailure() << layout.name << ": " << result.message();
    }
};

TEST_P(StatisticsTest, EverySizeAndChannelCount) {
    for (int64_t channels = 1; channels <= 9; channels++) {
        for (const int64_t width :
             {1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 63, 64, 65, 129, 1025}) {
            for (const int64_t height : {1, 2, 7, 8, 9, 17}) {
                ASSERT_TRUE(agrees_for({1, height, width, channels}, interleaved));
                ASSERT_TRUE(agrees_for({2, height, width, channels}, layouts[1], true));
            }
        }
    }
    for (const int64_t height : {63, 64, 65, 511, 512, 513}) {
        ASSERT_TRUE(agrees_for({1, height, 5, 3}, interleaved));
        ASSERT_TRUE(agrees_for({1, height, 1, 1}, interleaved, true));
    }
    ASSERT_TRUE(agrees_for({1, 9, 31, 70}, interleaved));
}

TEST_P(StatisticsTest, Layouts) {
    for (const auto &table :
         {std::vector<Layout>(std::begin(layouts), std::end(layouts)),
          std::vector<Layout>(std::begin(repeating_layouts), std::end(repeating_layouts))}) {
        for (const Layout &layout : table) {
            for (int64_t channels = 1; channels <= 4; channels++) {
                ASSERT_TRUE(agrees_for({3, 19, 45, channels}, layout));
                ASSERT_TRUE(agrees_for({3, 19, 45, channels}, layout, true));
            }
        }
    }
}

TEST_P(StatisticsTest, RegionsAndSamples) {
    const Images<float> frame({2, 200, 300, 3}, layouts[1], Fence::after,
                              random_elements<float>(8));
    const ConstView view = frame.view();
    ASSERT_TRUE(agrees<float>(view.region(7, 9, 150, 211), context()));
    // Every 8th row, and every 5th column of those.
    ConstView sampled(view.data, view.type, {2, 25, 300, 3}, view.strides);
    sampled.strides.row *= 8;
    ASSERT_TRUE(agrees<float>(sampled, context()));
    sampled.shape.width = 60;
    sampled.strides.column *= 5;
    ASSERT_TRUE(agrees<float>(sampled, context()));
}

TEST_P(StatisticsTest, NothingToCount) {
    for (const Shape &shape : {Shape{2, 0, 5, 3}, Shape{2, 5, 0, 3}, Shape{1, 0, 0, 1},
                               Shape{0, 5, 5, 3}, Shape{2, 5, 5, 0}}) {
        ASSERT_TRUE(agrees_for(shape, interleaved));
    }
    std::vector<ChannelStatistics> statistics(3, ChannelStatistics{1, 2, 3, 4});
    ASSERT_TRUE(succeeded(compute_statistics(
        ConstView::interleaved(static_cast<const float *>(nullptr), {1, 0, 7, 3}), statistics,
        context())));
    for (const ChannelStatistics &channel : statistics) {
        EXPECT_TRUE(same_bits(channel, {})) << show(channel);
    }
    ASSERT_TRUE(succeeded(compute_statistics(
        ConstView::interleaved(static_cast<const uint8_t *>(nullptr), {0, 5, 7, 3}), {},
        context())));
}

TEST_P(StatisticsTest, OnlyFiniteElementsCount) {
    const float infinity = std::numeric_limits<float>::infinity();
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const float signalling = float_of_bits(0x7F812345u);
    const struct {
        std::vector<float> pattern;  // repeated over the image
        ChannelStatistics expected;
    } cases[] = {
        {{nan}, {0, 0, 0, 0}},
        {{infinity}, {0, 0, 0, 0}},
        {{-infinity, nan, infinity, signalling}, {0, 0, 0, 0}},
        {{-infinity, 3, infinity, 3, nan, 3, signalling, 3}, {3, 3, 3, 0}},
        {{2, nan, 4, infinity}, {2, 4, 3, 1}},
        {{-0.0f}, {0, 0, 0, 0}},
        {{-0.0f, 0.0f}, {0, 0, 0, 0}},
        {{-0.0f, -2, -0.0f, -2}, {-2, 0, -1, 1}},
        {{nan, -0.0f, 2}, {0, 2, 1, 1}},
        {{1e-45f, -1e-45f}, {-1e-45f, 1e-45f, 0, double{1e-45f}}},
    };
    for (const auto &test : cases) {
        for (const int64_t channels : {1, 3}) {
            for (const int64_t width : {24, 240, 24 * 129}) {  // whole periods in every row
                size_t i = 0;
                const auto next = [&] {
                    const size_t pixel = i++ / static_cast<size_t>(channels);
                    return test.pattern[pixel % test.pattern.size()];
                };
                const Images<float> image({1, 9, width, channels}, interleaved, Fence::after, next);
                std::vector<ChannelStatistics> got(static_cast<size_t>(channels));
                ASSERT_TRUE(succeeded(compute_statistics(image.view(), got, context())));
                for (const ChannelStatistics &channel : got) {
                    EXPECT_TRUE(close<float>(channel, test.expected))
                        << "got " << show(channel) << ", expected " << show(test.expected)
                        << ", width " << width << ", channels " << channels;
                }
            }
        }
    }
}

// One element that is not finite, wherever it is, is the only one left out.
TEST_P(StatisticsTest, OneElementNotFinite) {
    std::vector<float> pixels(3 * 11 * 37);
    Random random(6);
    for (float &pixel : pixels) {
        pixel = static_cast<float>(random.unit());
    }
    for (size_t at = 0; at < pixels.size(); at += 7) {
        for (const uint32_t bits : {0x7F800000u, 0xFF800000u, 0x7FC00000u, 0xFF812345u}) {
            const float before = pixels[at];
            pixels[at] = float_of_bits(bits);
            ASSERT_TRUE(agrees<float>(
                ConstView::interleaved(static_cast<const float *>(pixels.data()), {1, 11, 37, 3}),
                context()))
                << "element " << at;
            pixels[at] = before;
        }
    }
}

TEST_P(StatisticsTest, LargeMagnitudes) {
    for (const int64_t channels : {1, 2, 3, 4}) {
        Random random(4);
        const Images<float> mixed({1, 50, 333, channels}, interleaved, Fence::after,
                                  [&] { return random.chance(50) ? 3e38f : -3e38f; });
        ASSERT_TRUE(agrees<float>(mixed.view(), context()));
        const Images<float> largest({1, 50, 333, channels}, interleaved, Fence::after,
                                    [] { return std::numeric_limits<float>::max(); });
        ASSERT_TRUE(agrees<float>(largest.view(), context()));
    }
}

// Bytes are exact at a size at which 32 bits do not hold the sums.
TEST_P(StatisticsTest, LargeImagesOfBytes) {
    for (const int64_t channels : {1, 3}) {
        const Shape shape = {1, 2161, 3841, channels};
        std::vector<uint8_t> pixels(static_cast<size_t>(2161 * 3841 * channels), 255);
        const auto view =
            ConstView::interleaved(static_cast<const uint8_t *>(pixels.data()), shape);
        ASSERT_TRUE(agrees<uint8_t>(view, context()));
        // A deviation of 1e-4 beside a mean of 255: only exact integers give its digits.
        pixels[pixels.size() / 2] = 254;
        ASSERT_TRUE(agrees<uint8_t>(view, context()));
        Random random(2);
        for (uint8_t &pixel : pixels) {
            pixel = static_cast<uint8_t>(random.bits() >> 56);
        }
        ASSERT_TRUE(agrees<uint8_t>(view, context()));
    }
}

// 1080p of 1000 + U(0, 1): a sum of squares in float32 has no digit of the deviation.
// One element of ten million is another: nothing is lost, whatever the sign of the sums.
template<typename T>
void expect_exact(T most, T other, glimpse::Context &context) {
    const int64_t count = 4000 * 2500;
    std::vector<T> pixels(static_cast<size_t>(count), most);
    pixels[12345] = other;
    ChannelStatistics got;
    ASSERT_TRUE(succeeded(compute_statistics(
        ConstView::interleaved(pixels.data(), {1, 2500, 4000, 1}), {&got, 1}, context)));
    const auto n = static_cast<double>(count);
    const double difference = std::abs(static_cast<double>(other) - static_cast<double>(most));
    EXPECT_NEAR(got.stddev / (difference * std::sqrt(n - 1) / n), 1, 1e-15)
        << name(glimpse::element_type_of<T>::value) << " of " << most;
}

TEST_P(StatisticsTest, DeviationOfIntegersIsExact) {
    GLIMPSE_NEEDS_TYPES(uint16_t);
    expect_exact<uint8_t>(7, 8, context());
    expect_exact<uint16_t>(1000, 1001, context());
    expect_exact<uint16_t>(40000, 40001, context());
    expect_exact<int16_t>(-1, -2, context());
    expect_exact<int16_t>(1, 2, context());
}

TEST_P(StatisticsTest, SmallDeviationBesideALargeMean) {
    for (const int64_t channels : {1, 3}) {
        const Shape shape = {1, 1080, 1920, channels};
        std::vector<float> pixels(static_cast<size_t>(1080 * 1920 * channels));
        Random random(9);
        for (float &pixel : pixels) {
            pixel = 1000.0f + static_cast<float>(random.unit());
        }
        const auto view = ConstView::interleaved(static_cast<const float *>(pixels.data()), shape);
        std::vector<ChannelStatistics> got(static_cast<size_t>(channels));
        ASSERT_TRUE(succeeded(compute_statistics(view, got, context())));
        for (int64_t c = 0; c < channels; c++) {
            const ChannelStatistics expected = reference::statistics<float>(view, 0, c);
            const ChannelStatistics &channel = got[static_cast<size_t>(c)];
            EXPECT_NEAR(channel.stddev / expected.stddev, 1, 1e-6) << show(channel);
            EXPECT_NEAR(channel.mean, expected.mean, 1e-10) << show(channel);
            EXPECT_NEAR(channel.stddev, 0.288675, 4e-4) << show(channel);  // 4 deviations of it
        }
        ASSERT_TRUE(agrees<float>(view, context()));
    }
}

// What the caller's threads, and the context's history, must not change.
TEST_P(StatisticsTest, SameBitsFromEveryVariantAndExecutor) {
    const auto best = best_variant();
    ASSERT_NE(best, nullptr);
    glimpse::ContextOptions options;
    options.variant = best->name;
    Context first(options);
    for (const Shape &shape : {Shape{1, 1, 1, 1}, Shape{3, 37, 91, 3}, Shape{2, 200, 333, 1},
                               Shape{1, 700, 511, 4}, Shape{1, 530, 1000, 3}, Shape{5, 9, 17, 9}}) {
        for (const bool specials : {false, true}) {
            for (const Layout &layout : {layouts[0], layouts[1], layouts[3], layouts[9]}) {
                const Images<float> images(shape, layout, Fence::after,
                                           random_elements<float>(12, specials, 100));
                const auto size = static_cast<size_t>(shape.count * shape.channels);
                std::vector<ChannelStatistics> expected(size);
                ASSERT_TRUE(succeeded(compute_statistics(images.view(), expected, first)));
                const auto check = [&](Context &other, const std::string &what) {
                    std::vector<ChannelStatistics> got(size);
                    ASSERT_TRUE(succeeded(compute_statistics(images.view(), got, other)));
                    for (size_t i = 0; i < size; i++) {
                        ASSERT_TRUE(same_bits(got[i], expected[i]))
                            << what << ", " << shape << ", " << layout.name << ", element " << i
                            << ": got " << show(got[i]) << ", expected " << show(expected[i]);
                    }
                };
                check(context(), "one thread");
                for (const int width : {1, 2, 5}) {
                    check(*make_context(backwards(width)), "width " + std::to_string(width));
                    check(*make_context(threads(width)),
                          "width " + std::to_string(width) + " on threads");
                }
            }
        }
    }
}

// The layout of an image is no part of its statistics.
TEST_P(StatisticsTest, SameBitsForEveryLayoutOfRows) {
    for (const int64_t channels : {1, 3}) {
        const Shape shape = {1, 67, 131, channels};
        const Images<float> dense(shape, interleaved, Fence::after, random_elements<float>(3));
        std::vector<float> apart(static_cast<size_t>(67 * (131 * channels + 9)));
        for_each_element(shape, [&](int64_t, int64_t y, int64_t x, int64_t c) {
            apart[static_cast<size_t>(y * (131 * channels + 9) + x * channels + c)] =
                reference::element<float>(dense.view(), 0, y, x, c);
        });
        std::vector<ChannelStatistics> a(static_cast<size_t>(channels)), b = a;
        ASSERT_TRUE(succeeded(compute_statistics(dense.view(), a, context())));
        ASSERT_TRUE(succeeded(compute_statistics(
            ConstView::interleaved(static_cast<const float *>(apart.data()), shape)
                .pitch_bytes(4 * (131 * channels + 9)),
            b, context())));
        for (size_t c = 0; c < a.size(); c++) {
            EXPECT_TRUE(same_bits(a[c], b[c])) << show(a[c]) << " and " << show(b[c]);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(, StatisticsTest, all_variants(), variant_name);

}  // namespace
