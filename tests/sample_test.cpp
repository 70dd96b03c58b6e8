// Boxes against the plain definition in double: every type, filter, border and edge, in any layout,
// with all that a call can do besides.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "buffers.h"
#include "extract_case.h"
#include "glimpse/glimpse.h"
#include "reference.h"
#include "variants.h"

namespace {

using glimpse::Box;
using glimpse::ConstView;
using glimpse::Context;
using glimpse::Coordinates;
using glimpse::Edge;
using glimpse::Filter;
using glimpse::Options;
using glimpse::Sampling;
using glimpse::Status;
using glimpse::StatusCode;
using glimpse::View;
using ::testing::AssertionFailure;
using ::testing::AssertionResult;
using ::testing::AssertionSuccess;

const Filter filters[] = {Filter::linear, Filter::nearest};
const Edge edges[] = {Edge::hard, Edge::blend, Edge::renormalize};

// Sampling without antialiasing.
Sampling sampling(Filter filter, Edge edge = Edge::hard, float margin = 0) {
    return {filter, false, edge, margin};
}

// What Case has of a call, but for its origins; and boxes.
struct SampleCase : Case {
    std::vector<Box> boxes;
    Sampling sampling = {Filter::linear, false, Edge::hard, 0};
    Coordinates coordinates = Coordinates::pixels;
};

std::string describe_case(const SampleCase &test) {
    std::ostringstream text;
    text << name(test.sampling.filter) << ", " << name(test.sampling.edge) << " edge, margin "
         << test.sampling.edge_margin << ", " << name(test.coordinates) << ", " << test.boxes.size()
         << " boxes";
    if (!test.boxes.empty()) {
        const Box &b = test.boxes[0];
        text << ", the first " << b.y0 << ", " << b.x0 << ", " << b.y1 << ", " << b.x1;
    }
    return text.str();
}

// How far an element may be from the number that it should be, before both are changed by
// subtraction and multiplication; and after that.
template<typename T>
double sampling_error(const reference::Sample &s) {
    return std::is_same_v<T, uint8_t> ? 1.0 / 64 : std::ldexp(s.magnitude, -20);
}
template<typename To>
double rounding_error(double value) {
    if (std::is_integral_v<To>) {
        return 0.5;
    }
    const int bits = std::is_same_v<To, float> ? 23 : std::is_same_v<To, glimpse::Float16> ? 10 : 7;
    const double least = std::is_same_v<To, glimpse::Float16> ? 6e-8 : 1e-40;
    return std::ldexp(std::fabs(value), -bits - 1) * 1.01 + least;
}

// Holds an element to a sample that is not copied.
template<typename T, typename To>
bool is_near(To element, const reference::Sample &s, float subtract, float multiply) {
    const double scale = std::fabs(static_cast<double>(multiply));
    double expected = (s.value - static_cast<double>(subtract)) * static_cast<double>(multiply);
    if constexpr (std::is_integral_v<To>) {
        expected = std::clamp(expected, static_cast<double>(std::numeric_limits<To>::lowest()),
                              static_cast<double>(std::numeric_limits<To>::max()));
    }
    const double arithmetic =
        std::ldexp(std::fabs(s.value) + std::fabs(static_cast<double>(subtract)), -22) * scale;
    const double allowed =
        sampling_error<T>(s) * scale + arithmetic + rounding_error<To>(expected) + 1e-30;
    return std::fabs(reference::value_of(element) - expected) <= allowed;
}

// Runs a call and holds every element to the reference.
template<typename T, typename To = T>
AssertionResult samples_agree(const SampleCase &test, Context &context) {
    if (!are_built<T, To>()) {
        return AssertionSuccess();
    }
    const Images<T> images(test.images, test.image_layout, test.fence,
                           random_elements<T>(test.seed, test.specials));
    Output<To> glimpses({static_cast<int64_t>(test.boxes.size()), test.glimpse.height,
                         test.glimpse.width, glimpse_channels(test)},
                        test.glimpse_layout, test.seed);
    reference::Plane<T> plane;
    plane.images = images.view();
    plane.border = test.border;
    plane.seed = test.seed;
    plane.first_image = test.first_image;

    Options options;
    options.border = test.border;
    options.seed = test.seed;
    options.first_image = test.first_image;
    options.image_index = test.image_index;
    options.subtract = test.subtract;
    options.multiply = test.multiply;
    options.exact_fill = test.exact_fill;
    options.channel_order = channel_order_of(test);
    options.sampling = test.sampling;
    options.coordinates = test.coordinates;
    if (test.border == Border::constant) {
        plane.value = test.value;
        for (int64_t c = 0; test.value.empty() && c < test.images.channels; c++) {
            plane.value.push_back(static_cast<float>(17 * c + 3) + 0.4f);
        }
        options.value = plane.value;
    }
    if (reference::needs_statistics(test.border)) {
        plane.statistics.resize(static_cast<size_t>(test.images.count * test.images.channels));
        const Status status = compute_statistics(images.view(), plane.statistics, context);
        if (!status.ok()) {
            return AssertionFailure() << "statistics: " << status.message();
        }
        if (test.give_statistics) {
            options.statistics = plane.statistics;
        }
    }
    const auto about = [&] { return describe<T, To>(test) + ", " + describe_case(test) + ": "; };
    const Status status = extract(images.view(), test.boxes, glimpses.view(), options, context);
    if (!status.ok()) {
        return AssertionFailure() << about() << status.message();
    }
    const bool converts =
        !std::is_same_v<T, To> || !test.subtract.empty() || !test.multiply.empty();
    const auto of_channel = [](const std::vector<float> &values, int64_t c, float otherwise) {
        return values.empty() ? otherwise : values[values.size() == 1 ? 0 : static_cast<size_t>(c)];
    };
    const ConstView result = glimpses.result();
    for (int64_t n = 0; n < result.shape.count; n++) {
        const auto i = static_cast<size_t>(n);
        const int64_t image = !test.image_index.empty() ? test.image_index[i]
                              : test.images.count == 1  ? 0
                                                        : n;
        const auto side = [&](float v, int64_t extent) {
            return reference::side(v, extent, test.coordinates);
        };
        const Box &b = test.boxes[i];
        const int64_t y0 = side(b.y0, test.images.height), y1 = side(b.y1, test.images.height);
        const int64_t x0 = side(b.x0, test.images.width), x1 = side(b.x1, test.images.width);
        for (int64_t y = 0; y < result.shape.height; y++) {
            for (int64_t x = 0; x < result.shape.width; x++) {
                for (int64_t c = 0; c < result.shape.channels; c++) {
                    const int64_t from =
                        test.channel_order.empty() ? c : test.channel_order[static_cast<size_t>(c)];
                    const reference::Sample s = reference::sample(
                        plane, image, reference::center(y0, y1, result.shape.height, y),
                        reference::center(x0, x1, result.shape.width, x), from, test.sampling);
                    const To element = reference::element<To>(result, n, y, x, c);
                    const float subtract = of_channel(test.subtract, c, 0);
                    const float multiply = of_channel(test.multiply, c, 1);
                    bool is_good = false;
                    double wanted = s.value;
                    if (s.is_fill) {
                        wanted = reference::value_of(plane(image, -1, -1, from));
                        const bool is_exact = test.exact_fill && converts;
                        if (is_exact && test.border == Border::mean) {
                            wanted = plane
                                         .statistics[static_cast<size_t>(
                                             image * test.images.channels + from)]
                                         .mean;
                        } else if (is_exact && test.border == Border::constant) {
                            wanted = static_cast<double>(of_channel(plane.value, from, 0));
                        }
                        const To filled = reference::converted<To>(static_cast<float>(wanted),
                                                                   subtract, multiply);
                        is_good = reference::value_of(filled) == reference::value_of(element);
                    } else if (test.sampling.filter == Filter::nearest) {
                        const To picked = reference::converted<To>(static_cast<float>(s.value),
                                                                   subtract, multiply);
                        is_good = reference::value_of(picked) == reference::value_of(element);
                    } else {
                        is_good = is_near<T, To>(element, s, subtract, multiply);
                    }
                    if (!is_good) {
                        return AssertionFailure()
                               << about() << "glimpse " << n << ", row " << y << ", column " << x
                               << ", channel " << c << " is " << reference::value_of(element)
                               << "; expected " << wanted << " before conversion"
                               << (s.is_fill ? " (filled)" : "");
                    }
                }
            }
        }
    }
    const AssertionResult intact = glimpses.guards_intact();
    return intact ? AssertionSuccess() : AssertionFailure() << about() << intact.message();
}

class SampleTest : public VariantTest {
protected:
    AssertionResult agree_for_all_types(const SampleCase &test) {
        AssertionResult result = AssertionSuccess();
        for_each_type([&](auto zero) {
            if (result) {
                result = samples_agree<decltype(zero)>(test, context());
            }
        });
        return result;
    }
};

INSTANTIATE_TEST_SUITE_P(, SampleTest, all_variants(), variant_name);

// Boxes of all kinds in an image of 37 x 53 pixels.
std::vector<Box> many_boxes() {
    return {
        {3.25f, 4.5f, 20.75f, 30.125f},  // inside
        {0, 0, 37, 53},                  // the image
        {-5.5f, -7.25f, 12.5f, 19.75f},  // over a corner
        {30.5f, 40.25f, 50.5f, 70.75f},  // over the other
        {-20, -30, 57, 83},              // around the image
        {20.75f, 30.125f, 3.25f, 4.5f},  // flipped
        {10, 50, 30, 10},                // mirrored
        {10.5f, 20.25f, 10.5f, 40.25f},  // without height
        {18.25f, 25.5f, 18.25f, 25.5f},  // a point
        {18.2f, 25.3f, 18.3f, 25.4f},    // a part of a pixel
        {36.9f, 52.9f, 37.1f, 53.1f},    // a part of the corner
        {100, 100, 120, 120},            // beyond the image
        {-3000, -4000, 5000, 6000},      // huge
        {4, 7, 4 + 9, 7 + 13},           // a window, if the glimpse has 9 x 13 pixels
        {-4, -7, -4 + 9, -7 + 13},       // another, over the corner
    };
}

TEST_P(SampleTest, EveryTypeBorderAndEdge) {
    SampleCase test;
    test.images = {1, 37, 53, 3};
    test.boxes = many_boxes();
    test.glimpse = {9, 13};
    for (const Filter filter : filters) {
        for (const Border border : borders) {
            for (const Edge edge : edges) {
                for (const float margin : {0.0f, 0.5f, -0.5f, 3.25f}) {
                    if (margin != 0 && edge != Edge::hard) {
                        continue;
                    }
                    test.border = border;
                    test.sampling = sampling(filter, edge, margin);
                    ASSERT_TRUE(agree_for_all_types(test));
                }
            }
        }
    }
}

// Random calls: sizes, layouts, conversions, coordinates.
TEST_P(SampleTest, RandomCalls) {
    Random random(20);
    const Layout quick[] = {interleaved, planar, planar_pitched};
    for (int round = 0; round < 400; round++) {
        SampleCase test;
        test.seed = random.bits();
        test.border = random.one_of(borders);
        test.sampling = sampling(random.one_of(filters), random.one_of(edges));
        test.sampling.edge_margin =
            random.chance(30) ? static_cast<float>(random.unit() * 4 - 2) : 0;
        const int64_t channels = random.chance(20) ? random.between(5, 40) : random.between(1, 4);
        test.images = {random.between(1, 3), random.between(1, 40),
                       random.chance(10) ? random.between(1, 3000) : random.between(1, 70),
                       channels};
        test.glimpse = {random.between(1, 20),
                        random.chance(10) ? random.between(1, 1100) : random.between(1, 30)};
        test.image_layout = random.chance(60) ? random.one_of(quick) : random.one_of(layouts);
        test.glimpse_layout = random.chance(60) ? random.one_of(quick) : random.one_of(layouts);
        test.coordinates = static_cast<Coordinates>(random.between(0, 3));
        test.exact_fill = random.chance(30);
        test.give_statistics = random.chance(50);
        if (random.chance(30) && channels <= 4) {
            for (int64_t c = 0; c < random.between(1, 4); c++) {
                test.channel_order.push_back(static_cast<uint8_t>(random.between(0, channels - 1)));
            }
        }
        if (random.chance(40)) {
            test.subtract = {static_cast<float>(random.unit() * 100)};
            test.multiply = std::vector<float>(static_cast<size_t>(glimpse_channels(test)), 0.0f);
            for (float &m : test.multiply) {
                m = static_cast<float>(random.unit() * 2 - 1);
            }
        }
        const int64_t count = random.between(1, 5);
        const bool is_normalized = test.coordinates == Coordinates::normalized ||
                                   test.coordinates == Coordinates::centered_normalized;
        for (int64_t i = 0; i < count; i++) {
            const double scale = random.chance(70) ? 1 : random.chance(50) ? 0.02 : 40;
            const auto side = [&](int64_t extent, int64_t size) {
                const double v = (random.unit() * 1.6 - 0.3) * static_cast<double>(extent) * scale;
                const double in_pixels = random.chance(20) ? std::floor(v) : v;
                const double from =
                    is_normalized ? in_pixels / static_cast<double>(extent) : in_pixels;
                const double to = random.chance(15) ? from
                                  : random.chance(20)
                                      ? from + static_cast<double>(size)
                                      : (random.unit() * 1.6 - 0.3) * scale *
                                            (is_normalized ? 1 : static_cast<double>(extent));
                return std::pair(static_cast<float>(from), static_cast<float>(to));
            };
            const auto [y0, y1] = side(test.images.height, test.glimpse.height);
            const auto [x0, x1] = side(test.images.width, test.glimpse.width);
            test.boxes.push_back({y0, x0, y1, x1});
            test.image_index.push_back(
                static_cast<int32_t>(random.between(0, test.images.count - 1)));
        }
        switch (random.between(0, 9)) {
        case 0:
            ASSERT_TRUE((samples_agree<uint8_t, float>(test, context()))) << round;
            break;
        case 1:
            ASSERT_TRUE((samples_agree<float>(test, context()))) << round;
            break;
        case 2:
            ASSERT_TRUE((samples_agree<uint16_t>(test, context()))) << round;
            break;
        case 3:
            ASSERT_TRUE((samples_agree<int16_t, float>(test, context()))) << round;
            break;
        case 4:
            ASSERT_TRUE((samples_agree<glimpse::Float16>(test, context()))) << round;
            break;
        case 5:
            ASSERT_TRUE((samples_agree<glimpse::BFloat16, uint8_t>(test, context()))) << round;
            break;
        case 6:
            ASSERT_TRUE((samples_agree<uint8_t, glimpse::Float16>(test, context()))) << round;
            break;
        case 7:
            ASSERT_TRUE((samples_agree<float, uint8_t>(test, context()))) << round;
            break;
        default:
            ASSERT_TRUE((samples_agree<uint8_t>(test, context()))) << round;
            break;
        }
    }
}

}  // namespace
