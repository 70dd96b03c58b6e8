// The apps of bench/autoscheduler stand alone; these tests hold their reference to the library.

#include "bench/autoscheduler/reference.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "glimpse/glimpse.h"

namespace {

constexpr int height = 6, width = 7, channels = 3;

std::vector<uint8_t> make_image() {
    std::vector<uint8_t> image(height * width * channels);
    for (size_t i = 0; i < image.size(); i++) {
        image[i] = static_cast<uint8_t>(20 + reference::mix(i) % 200);
    }
    return image;
}

glimpse::ConstView view_of(const std::vector<uint8_t> &image) {
    return glimpse::ConstView::interleaved(image.data(), {1, height, width, channels});
}

// A window that leaves the image on all sides, by more than its size.
constexpr int left = -19, top = -23, side = 48;

std::vector<uint8_t> extracted(const std::vector<uint8_t> &image, const glimpse::Options &options) {
    std::vector<uint8_t> window(side * side * channels);
    const glimpse::Origin origins[] = {{top, left}};
    const glimpse::Status status = glimpse::extract(
        view_of(image), origins,
        glimpse::View::interleaved(window.data(), {1, side, side, channels}), options);
    EXPECT_TRUE(status.ok()) << status.message();
    return window;
}

size_t index_of(int y, int x, int c, int row_width) {
    return (static_cast<size_t>(y) * static_cast<size_t>(row_width) + static_cast<size_t>(x)) *
               channels +
           static_cast<size_t>(c);
}

TEST(AutoschedulerReferenceTest, BordersAreThoseOfTheLibrary) {
    const std::vector<uint8_t> image = make_image();
    for (const glimpse::Border border : {glimpse::Border::replicate, glimpse::Border::reflect,
                                         glimpse::Border::reflect101, glimpse::Border::wrap}) {
        glimpse::Options options;
        options.border = border;
        const std::string name = glimpse::name(border);
        SCOPED_TRACE(name);
        const std::vector<uint8_t> window = extracted(image, options);
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                const int iy = reference::map_coordinate(name, top + y, height);
                const int ix = reference::map_coordinate(name, left + x, width);
                for (int c = 0; c < channels; c++) {
                    ASSERT_EQ(window[index_of(y, x, c, side)], image[index_of(iy, ix, c, width)])
                        << y << ", " << x << ", " << c;
                }
            }
        }
    }
}

TEST(AutoschedulerReferenceTest, NoiseIsThatOfTheLibrary) {
    const std::vector<uint8_t> image = make_image();
    glimpse::Options options;
    options.border = glimpse::Border::uniform;
    options.seed = 0x123456789abcdef0;
    const std::vector<uint8_t> window = extracted(image, options);
    const uint8_t low = *std::min_element(image.begin(), image.end());
    const uint8_t high = *std::max_element(image.begin(), image.end());
    int outside = 0;
    for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
            const int py = top + y, px = left + x;
            if (py >= 0 && py < height && px >= 0 && px < width) {
                continue;
            }
            outside++;
            for (int c = 0; c < channels; c++) {
                ASSERT_EQ(window[index_of(y, x, c, side)],
                          reference::uniform(options.seed, py, px, c, channels, low, high))
                    << y << ", " << x << ", " << c;
            }
        }
    }
    EXPECT_EQ(outside, side * side - height * width);
}

// What compute_statistics() of the reference asks of Halide's buffers.
struct Image {
    struct Dimension {
        int size;
        int extent() const {
            return size;
        }
    };
    const std::vector<uint8_t> &pixels;
    Dimension dim(int d) const {
        return {d == 0 ? channels : d == 1 ? width : height};
    }
    uint8_t operator()(int c, int x, int y) const {
        return pixels[index_of(y, x, c, width)];
    }
};

TEST(AutoschedulerReferenceTest, StatisticsAreThoseOfTheLibrary) {
    const std::vector<uint8_t> image = make_image();
    glimpse::ChannelStatistics expected[channels];
    const glimpse::Status status = glimpse::compute_statistics(view_of(image), expected);
    ASSERT_TRUE(status.ok()) << status.message();
    const auto actual = reference::compute_statistics(Image{image});
    ASSERT_EQ(actual.size(), static_cast<size_t>(channels));
    const double count = height * width;
    for (size_t c = 0; c < channels; c++) {
        const double mean = static_cast<double>(actual[c].sum) / count;
        const double square = static_cast<double>(actual[c].square) / count;
        EXPECT_EQ(static_cast<float>(actual[c].low), expected[c].min);
        EXPECT_EQ(static_cast<float>(actual[c].high), expected[c].max);
        EXPECT_DOUBLE_EQ(mean, expected[c].mean);
        EXPECT_NEAR(std::sqrt(square - mean * mean), expected[c].stddev, 1e-9);
    }
}

}  // namespace
