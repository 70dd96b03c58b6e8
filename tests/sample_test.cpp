// Boxes against the plain definition in double: every type, filter, border and edge, in any layout,
// with all that a call can do besides.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
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

const Filter filters[] = {Filter::linear, Filter::nearest,  Filter::catmull_rom,
                          Filter::cubic,  Filter::lanczos3, Filter::area};
const Filter near_filters[] = {Filter::linear, Filter::nearest};
const Edge edges[] = {Edge::hard, Edge::blend, Edge::renormalize};

Sampling sampling(Filter filter, Edge edge = Edge::hard, float margin = 0, bool antialias = false) {
    return {filter, antialias, edge, margin};
}

// What Case has of a call, but for its origins; and boxes.
struct SampleCase : Case {
    std::vector<Box> boxes;
    Sampling sampling = {Filter::linear, false, Edge::hard, 0};
    Coordinates coordinates = Coordinates::pixels;
};

std::string describe_case(const SampleCase &test) {
    std::ostringstream text;
    text << name(test.sampling.filter) << (test.sampling.antialias ? " antialiased, " : ", ")
         << name(test.sampling.edge) << " edge, margin " << test.sampling.edge_margin << ", "
         << name(test.coordinates) << ", " << test.boxes.size() << " boxes";
    if (!test.boxes.empty()) {
        const Box &b = test.boxes[0];
        text << ", the first " << b.y0 << ", " << b.x0 << ", " << b.y1 << ", " << b.x1;
    }
    return text.str();
}

// How far an element may be from the number that it should be, before both are changed by
// subtraction and multiplication; and after that.
template<typename T>
double sampling_error(const reference::Sample &s, bool by_integers) {
    const auto taps = static_cast<double>(s.taps);
    if (taps <= 2) {
        return std::is_same_v<T, uint8_t> ? 1.0 / 64 : std::ldexp(s.magnitude, -20);
    }
    const double of_floats = std::ldexp(s.magnitude, -20) * (1 + taps / 8);
    return by_integers ? s.reduction <= 8 ? 0.15 : 0.3 : of_floats;
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
    const bool by_integers = std::is_same_v<T, uint8_t> && std::is_same_v<To, uint8_t> &&
                             subtract == 0.0f && multiply == 1.0f;
    const double arithmetic =
        std::ldexp(std::fabs(s.value) + std::fabs(static_cast<double>(subtract)), -22) * scale;
    const double allowed = sampling_error<T>(s, by_integers) * scale + arithmetic +
                           rounding_error<To>(expected) + 1e-30;
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
    const auto about = [&] { return describe<T, To>(test) + ", " + describe_case(test) + ": "; };
    reference::Plane<T> plane;
    Options options;
    const AssertionResult prepared = prepare(test, images.view(), context, &plane, &options);
    if (!prepared) {
        return AssertionFailure() << about() << prepared.message();
    }
    options.sampling = test.sampling;
    options.coordinates = test.coordinates;
    const Status status = extract(images.view(), test.boxes, glimpses.view(), options, context);
    if (!status.ok()) {
        return AssertionFailure() << about() << status.message();
    }
    const ConstView result = glimpses.result();
    for (int64_t n = 0; n < result.shape.count; n++) {
        const auto i = static_cast<size_t>(n);
        const int64_t image = image_of(test, n);
        const auto side = [&](float v, int64_t extent) {
            return reference::side(v, extent, test.coordinates);
        };
        const Box &b = test.boxes[i];
        const int64_t y0 = side(b.y0, test.images.height), y1 = side(b.y1, test.images.height);
        const int64_t x0 = side(b.x0, test.images.width), x1 = side(b.x1, test.images.width);
        for (int64_t y = 0; y < result.shape.height; y++) {
            for (int64_t x = 0; x < result.shape.width; x++) {
                for (int64_t c = 0; c < result.shape.channels; c++) {
                    const int64_t from = channel_from(test, c);
                    const reference::Sample s = reference::sample(
                        plane, image, reference::center(y0, y1, result.shape.height, y),
                        reference::center(x0, x1, result.shape.width, x),
                        reference::scale(y0, y1, result.shape.height),
                        reference::scale(x0, x1, result.shape.width), from, test.sampling);
                    const To element = reference::element<To>(result, n, y, x, c);
                    const float subtract = of_channel(test.subtract, c, 0);
                    const float multiply = of_channel(test.multiply, c, 1);
                    bool is_good = false;
                    double wanted = s.value;
                    if (s.is_fill) {
                        wanted = reference::value_of(plane(image, -1, -1, from));
                        const bool is_exact = test.exact_fill && converts<T, To>(test);
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
    for (const Filter filter : near_filters) {
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

// Filters of many taps, in every direction: reduced, enlarged, and both.
TEST_P(SampleTest, ManyTaps) {
    SampleCase test;
    test.images = {1, 37, 53, 3};
    test.glimpse = {5, 9};
    test.boxes = {
        {3.25f, 4.5f, 20.75f, 30.125f},  // inside
        {0, 0, 37, 53},                  // the image
        {-5.5f, -7.25f, 12.5f, 19.75f},  // over a corner
        {-20, -30, 57, 83},              // around the image
        {20.75f, 30.125f, 3.25f, 4.5f},  // flipped
        {30.5f, 45.25f, 33.5f, 60.75f},  // flat
        {10.5f, 20.25f, 10.5f, 40.25f},  // without height
        {18.2f, 25.3f, 18.3f, 25.4f},    // a part of a pixel
        {37, 20.25f, 37, 40.25f},        // on an edge
        {30, 53, 50, 53},                // and on another
        {100, 100, 120, 120},            // beyond the image
    };
    for (const Filter filter : filters) {
        for (const bool antialias : {true, false}) {
            for (const Border border : borders) {
                for (const Edge edge : edges) {
                    test.border = border;
                    test.sampling =
                        sampling(filter, edge, edge == Edge::hard ? 0.25f : 0, antialias);
                    ASSERT_TRUE((samples_agree<uint8_t>(test, context())));
                    ASSERT_TRUE((samples_agree<float>(test, context())));
                }
            }
            test.border = Border::reflect;
            ASSERT_TRUE(agree_for_all_types(test));
            ASSERT_TRUE((samples_agree<uint8_t, float>(test, context())));
        }
    }
}

// One box or two, of which some lie in the image and still have points beyond its edge, because the
// margin moves it.
TEST_P(SampleTest, MarginsInside) {
    SampleCase test;
    test.images = {2, 4, 5, 1};
    test.glimpse = {16, 16};
    test.value = {7};
    for (const std::vector<Box> &boxes : {std::vector<Box>{{0, 0, 4, 4}},
                                          {{1, 1, 3, 5}},
                                          {{2, 0.25f, 1, 4.5f}},
                                          {{1, 2, 3, 3}, {0, 0, 4, 5}},
                                          {{-0.25f, 1, 4.25f, 3}}}) {
        test.boxes = boxes;
        test.image_index = {1};
        test.image_index.resize(boxes.size(), 0);
        for (const Filter filter : filters) {
            for (const Border border : {Border::constant, Border::mean, Border::replicate}) {
                for (const float margin : {0.0f, 0.25f, 0.5f, 1.5f, -0.5f, 100.0f}) {
                    test.border = border;
                    test.sampling = sampling(filter, Edge::hard, margin);
                    ASSERT_TRUE((samples_agree<uint8_t>(test, context())));
                    ASSERT_TRUE((samples_agree<float>(test, context())));
                }
            }
        }
    }
}

// Sides as far away as they may be.
TEST_P(SampleTest, FarSides) {
    const float far = 2147483520;
    SampleCase test;
    test.images = {1, 9, 11, 3};
    test.glimpse = {3, 5};
    test.boxes = {{-far, -far, far, far}, {far, far, -far, -far}, {far, 2, far, 7},
                  {1, -far, 8, -far},     {-far, 0, 9, 11},       {0, far, 9, 0}};
    for (const Filter filter : {Filter::linear, Filter::nearest, Filter::cubic, Filter::lanczos3}) {
        for (const Border border : borders) {
            for (const float margin : {0.0f, far}) {
                test.border = border;
                test.sampling = sampling(filter, Edge::hard, margin);
                ASSERT_TRUE((samples_agree<uint8_t>(test, context())));
                ASSERT_TRUE((samples_agree<float>(test, context())));
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
        test.sampling.antialias = random.chance(50);
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
        // Where outputs look at all of a box, the reference takes its time.
        const bool has_taps = test.sampling.filter == Filter::area || test.sampling.antialias;
        const double far = has_taps ? 1.5 : 40;
        if (has_taps && test.images.width > 70) {
            test.images = {1, random.between(1, 3), random.between(70, 700), channels};
            test.glimpse = {random.between(1, 4), random.between(8, 40)};
        } else if (has_taps && channels > 4) {
            test.images = {1, random.between(1, 20), random.between(1, 30), channels};
            test.glimpse = {random.between(1, 8), random.between(1, 12)};
        } else if (has_taps && test.glimpse.width > 30) {
            test.images = {2, random.between(1, 8), random.between(1, 30), channels};
            test.glimpse.height = random.between(1, 3);
        }
        const int64_t count = random.between(1, 5);
        const bool is_normalized = test.coordinates == Coordinates::normalized ||
                                   test.coordinates == Coordinates::centered_normalized;
        for (int64_t i = 0; i < count; i++) {
            const double scale = random.chance(70) ? 1 : random.chance(50) ? 0.02 : far;
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
                return std::array<float, 2>{static_cast<float>(from), static_cast<float>(to)};
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

// A call for one test: images of one type, boxes to one shape.
template<typename T, typename To = T>
std::vector<To> sampled(const std::vector<T> &image, const glimpse::Shape &shape,
                        const std::vector<Box> &boxes, const glimpse::Size &size,
                        const Options &options, Context &context) {
    std::vector<To> out(boxes.size() *
                        static_cast<size_t>(size.height * size.width * shape.channels));
    const Status status = extract(ConstView::interleaved(image, shape), boxes,
                                  View::interleaved(out, {static_cast<int64_t>(boxes.size()),
                                                          size.height, size.width, shape.channels}),
                                  options, context);
    EXPECT_TRUE(status.ok()) << status.message();
    return out;
}

Options with(const Sampling &sampling, Border border = Border::zero) {
    Options options;
    options.sampling = sampling;
    options.border = border;
    return options;
}

template<typename T>
std::vector<T> random_image(const glimpse::Shape &shape, uint64_t seed) {
    std::vector<T> image(
        static_cast<size_t>(shape.count * shape.height * shape.width * shape.channels));
    Random random(seed);
    for (T &e : image) {
        e = static_cast<T>(random.between(0, 255));
    }
    return image;
}

bool same_bits(const std::vector<float> &a, const std::vector<float> &b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// NaNs with payloads, infinities, zeros with a sign.
std::vector<float> odd_floats(size_t size) {
    std::vector<float> result(size);
    const uint32_t odd[] = {0x7fc00001u, 0xffc12345u, 0x7f800001u, 0x7f800000u, 0xff800000u,
                            0x80000000u, 0x00000001u, 0x3f800000u, 0x7f7fffffu, 0xff7fffffu};
    for (size_t i = 0; i < size; i++) {
        result[i] = float_of_bits(odd[i % std::size(odd)] + (i % 7 == 0 ? 2 : 0));
    }
    return result;
}

// A box of the glimpse's size at whole pixels is a window, bit for bit.
TEST_P(SampleTest, WindowsAreCopied) {
    GLIMPSE_NEEDS_TYPES(float);
    const glimpse::Shape shape = {1, 30, 40, 3};
    const std::vector<float> image = odd_floats(30 * 40 * 3);
    const std::vector<glimpse::Origin> origins = {{3, 5}, {-4, 30}, {25, -9}, {-100, 7}};
    std::vector<Box> boxes;
    for (const glimpse::Origin &o : origins) {
        boxes.push_back({static_cast<float>(o.y), static_cast<float>(o.x),
                         static_cast<float>(o.y + 11), static_cast<float>(o.x + 17)});
    }
    for (const Filter filter : filters) {
        for (const Edge edge : edges) {
            for (const Border border : borders) {
                for (const float margin : {0.0f, 0.25f, 0.5f}) {
                    Options options = with(sampling(filter, edge, margin), border);
                    options.sampling.antialias = true;  // it reduces nothing
                    if (border == Border::constant) {
                        options.value = 17.5f;
                    }
                    std::vector<float> windows(4 * 11 * 17 * 3);
                    ASSERT_TRUE(extract(ConstView::interleaved(image, shape), origins,
                                        View::interleaved(windows, {4, 11, 17, 3}), options,
                                        context())
                                    .ok());
                    ASSERT_TRUE(same_bits(
                        sampled(image, shape, boxes, {11, 17}, options, context()), windows))
                        << name(filter) << ", " << name(edge) << ", " << name(border);
                }
            }
        }
    }
}

// What has no weight is not looked at.
TEST_P(SampleTest, PixelsWithoutWeight) {
    GLIMPSE_NEEDS_TYPES(float);
    const float nan = std::numeric_limits<float>::quiet_NaN();
    for (const float odd : {nan, std::numeric_limits<float>::infinity()}) {
        std::vector<float> image(9 * 40, odd);
        for (size_t y = 0; y < 9; y += 2) {
            for (size_t x = 0; x < 40; x += 2) {
                image[y * 40 + x] = static_cast<float>(100 * y + x);
            }
        }
        // Centres of every other pixel.
        const std::vector<float> out = sampled(image, {1, 9, 40, 1}, {{-0.5f, -0.5f, 9.5f, 39.5f}},
                                               {5, 20}, with(sampling(Filter::linear)), context());
        for (size_t y = 0; y < 5; y++) {
            for (size_t x = 0; x < 20; x++) {
                ASSERT_EQ(out[y * 20 + x], static_cast<float>(200 * y + 2 * x));
            }
        }
    }
}

// Nor is what lies beyond the reach of a filter: here two pixels of three.
TEST_P(SampleTest, PixelsOutOfReach) {
    GLIMPSE_NEEDS_TYPES(float);
    const float nan = std::numeric_limits<float>::quiet_NaN();
    std::vector<float> image(40 * 50 * 3, nan);
    for (size_t y = 6; y < 22; y++) {
        for (size_t x = 16; x < 42; x++) {
            for (size_t c = 0; c < 3; c++) {
                image[(y * 50 + x) * 3 + c] = 5;
            }
        }
    }
    // Twelve rows and 21 columns, of which three become one.
    const std::vector<float> out =
        sampled(image, {1, 40, 50, 3}, {{8, 18.5f, 20, 39.5f}}, {4, 7},
                with(sampling(Filter::linear, Edge::hard, 0, true)), context());
    for (const float e : out) {
        ASSERT_NEAR(e, 5, 1e-5);
    }
}

// An image of one number stays so, under borders that show the image and the edges that see it
// alone: exactly, but for sums of many floats.
TEST_P(SampleTest, ConstantsStay) {
    const std::vector<Box> boxes = {
        {1.1f, 2.3f, 20.7f, 40.9f}, {-7.7f, -3.3f, 90.1f, 60.9f}, {8.123f, 9.987f, 8.5f, 10.5f}};
    const auto check = [&](auto number, Filter filter, bool antialias) {
        using T = decltype(number);
        if (!is_built<T>()) {
            return;
        }
        const bool is_exact = std::is_integral_v<T> || (filter == Filter::linear && !antialias);
        const std::vector<T> image(33 * 47 * 3, number);
        for (const Border border :
             {Border::replicate, Border::reflect, Border::reflect101, Border::wrap}) {
            const std::vector<T> out =
                sampled(image, {1, 33, 47, 3}, boxes, {19, 23},
                        with(sampling(filter, Edge::hard, 0, antialias), border), context());
            for (const T &e : out) {
                const double error = is_exact ? 0 : std::ldexp(std::fabs(double(number)), -19);
                ASSERT_LE(std::fabs(double(e) - double(number)), error)
                    << name(filter) << ", " << name(border);
            }
        }
    };
    for (const Filter filter : filters) {
        for (const bool antialias : {false, true}) {
            for (const int number : {0, 1, 77, 254, 255}) {
                check(static_cast<uint8_t>(number), filter, antialias);
            }
            check(uint16_t{65535}, filter, antialias);
            check(int16_t{-32768}, filter, antialias);
            for (const float number : {0.1f, -3.3e7f, 1e-30f}) {
                check(number, filter, antialias);
            }
        }
    }
    check(3e38f, Filter::linear, false);
}

// Reduced and enlarged 64 times, and past the taps that are summed as integers.
TEST_P(SampleTest, FarScales) {
    SampleCase test;
    test.images = {1, 140, 200, 3};
    test.glimpse = {2, 3};
    test.boxes = {{3, 4.25f, 131, 196.25f},     // 64 times
                  {60, 70, 60.03125f, 70.05f},  // enlarged as much
                  {0, 99, 140, 99.046875f},     // one axis each
                  {5, 10, 26, 42},              // 63 taps of lanczos3
                  {5, 10, 27.5f, 43.5f},        // and 68
                  {5, 10, 69, 106},             // 64 and 96 of linear
                  {5, 10, 69.5f, 106}};         // more
    for (const Filter filter : filters) {
        for (const bool antialias : {true, false}) {
            for (const Border border : {Border::replicate, Border::zero}) {
                test.border = border;
                test.sampling = sampling(filter, Edge::hard, 0, antialias);
                for (const int64_t channels : {1, 3}) {
                    test.images.channels = channels;
                    ASSERT_TRUE((samples_agree<uint8_t>(test, context())));
                    ASSERT_TRUE((samples_agree<uint8_t, float>(test, context())));
                    ASSERT_TRUE((samples_agree<float>(test, context())));
                }
            }
        }
    }
}

// How much larger weights are than they should be, if they are rounded to so many bits, and the
// largest makes their sum right.
std::vector<double> rounding_errors(const std::vector<reference::Tap> &taps, int bits) {
    std::vector<double> errors;
    double sum = 0;
    size_t largest = 0;
    for (const reference::Tap &tap : taps) {
        largest = tap.weight > taps[largest].weight ? errors.size() : largest;
        errors.push_back(std::ldexp(std::round(std::ldexp(tap.weight, bits)), -bits) - tap.weight);
        sum += errors.back();
    }
    errors[largest] -= sum;
    return errors;
}

// An image of one channel, of which one output sees a part, and the sample that this makes.
struct WorstImage {
    static constexpr int64_t side = 160;
    std::vector<uint8_t> pixels = std::vector<uint8_t>(side * side);
    double sample = 0;

    uint8_t &pixel(const reference::Tap &y, const reference::Tap &x) {
        return pixels[static_cast<size_t>(y.pixel * side + x.pixel)];
    }
};

// White where errors of integer weights, of so many bits, make the sample larger or, if `sign` is
// -1, smaller: as wrong as it can be.
WorstImage worst_image(const std::vector<reference::Tap> &taps, int row_bits, int column_bits,
                       double sign) {
    const std::vector<double> of_rows = rounding_errors(taps, row_bits);
    const std::vector<double> of_columns = rounding_errors(taps, column_bits);
    WorstImage image;
    for (size_t y = 0; y < taps.size(); y++) {
        for (size_t x = 0; x < taps.size(); x++) {
            const double error = of_rows[y] * taps[x].weight + taps[y].weight * of_columns[x];
            const uint8_t pixel = error * sign > 0 ? 255 : 0;
            image.pixel(taps[y], taps[x]) = pixel;
            image.sample += pixel * taps[y].weight * taps[x].weight;
        }
    }
    return image;
}

// What the one output of a box in such an image looks at, under Edge::renormalize.
std::vector<reference::Tap> taps_in_image(const Sampling &sampling, float begin, float end) {
    const auto fixed = [](float v) {
        return reference::side(v, WorstImage::side, Coordinates::pixels);
    };
    std::vector<reference::Tap> taps;
    double sum = 0;
    for (const reference::Tap &tap :
         reference::taps(sampling, reference::center(fixed(begin), fixed(end), 1, 0),
                         reference::scale(fixed(begin), fixed(end), 1))) {
        if (tap.pixel >= 0) {
            taps.push_back(tap);
            sum += tap.weight;
        }
    }
    for (reference::Tap &tap : taps) {
        tap.weight /= sum;
    }
    return taps;
}

// Inside the image, and by half beside its corner, where edges leave out the rest.
TEST_P(SampleTest, WorstImages) {
    GLIMPSE_NEEDS_TYPES(uint8_t);
    const glimpse::Shape shape = {1, WorstImage::side, WorstImage::side, 1};
    const auto agree = [&](double side, double first, Filter filter, int row_bits,
                           int column_bits) {
        const auto begin = static_cast<float>(first), end = static_cast<float>(first + side);
        const Sampling rule = sampling(filter, Edge::renormalize, 0, true);
        const std::vector<reference::Tap> taps = taps_in_image(rule, begin, end);
        if (taps.size() > 64) {
            return;
        }
        for (const double sign : {1.0, -1.0}) {
            WorstImage image = worst_image(taps, row_bits, column_bits, sign);
            // And one of its pixels has every shade: some samples lie between two bytes.
            const reference::Tap &tap = taps[first > 0 ? taps.size() / 2 : 0];
            uint8_t &shade = image.pixel(tap, tap);
            for (int change = 0; change < 256; change += 4) {
                const double before = shade;
                shade = static_cast<uint8_t>(shade + 4);
                image.sample += (shade - before) * tap.weight * tap.weight;
                const std::vector<uint8_t> out = sampled(
                    image.pixels, shape, {{begin, begin, end, end}}, {1, 1}, with(rule), context());
                EXPECT_NEAR(out[0], std::clamp(image.sample, 0.0, 255.0),
                            0.5 + (side <= 8 ? 0.1 : 0.15))
                    << name(filter) << ", " << first << ", " << side << ", " << row_bits << ", "
                    << column_bits;
            }
        }
    };
    for (const double side :
         {1.97, 2.01, 2.26, 3.91, 4.02, 4.51, 5.06, 7.57, 7.8771458, 12.4, 30.1706, 31.3}) {
        for (const Filter filter :
             {Filter::linear, Filter::catmull_rom, Filter::cubic, Filter::lanczos3, Filter::area}) {
            for (const double first : {70.5648727, 0.0012 - side / 2}) {
                for (const auto &[row_bits, column_bits] :
                     {std::pair<int, int>{14, 14}, {15, 15}, {16, 15}, {16, 16}}) {
                    agree(side, first, filter, row_bits, column_bits);
                }
            }
        }
    }
}

// Outputs that look at more pixels of the plane than are brought into a tile at once.
TEST_P(SampleTest, TilesInStrips) {
    SampleCase test;
    test.images = {1, 1200, 600, 3};
    test.glimpse = {1, 2};
    test.boxes = {{0, 0, 1200, 600}, {0, -150, 1, 600}, {-300, 0, 1200, 2}};
    test.sampling = sampling(Filter::linear, Edge::hard, 0, true);
    test.border = Border::replicate;
    ASSERT_TRUE((samples_agree<int16_t>(test, context())));
    test.border = Border::wrap;
    ASSERT_TRUE((samples_agree<uint8_t>(test, context())));
    ASSERT_TRUE((samples_agree<float>(test, context())));
    test.image_layout = planar;
    ASSERT_TRUE((samples_agree<glimpse::Float16>(test, context())));
    test.border = Border::mean;
    test.sampling.edge = Edge::blend;
    ASSERT_TRUE((samples_agree<uint8_t>(test, context())));
}

// Rows or planes that are too far apart for the indices of kernels: the same as if they were not.
TEST_P(SampleTest, FarApart) {
    GLIMPSE_NEEDS_TYPES(uint8_t);
    const int64_t far = int64_t{1} << 30;
    const FarMemory in_memory(2 * far + 4096), out_memory(2 * far + 4096);
    uint8_t *const in = in_memory.data(), *const out = out_memory.data();
    if (in == nullptr || out == nullptr) {
        GTEST_SKIP() << "no 4 GiB of addresses";
    }
    const glimpse::Shape images = {1, 3, 50, 3}, glimpses = {2, 2, 12, 3};
    const std::vector<Box> boxes = {{0.25f, 3.25f, 3, 47}, {-1, -6, 2.5f, 30}};
    const std::vector<uint8_t> pixels = random_image<uint8_t>(images, 3);
    for (const bool far_planes : {false, true}) {
        const glimpse::Strides strides =
            far_planes ? glimpse::Strides{1024, 64, 1, far} : glimpse::Strides{1024, far, 3, 1};
        const View from(in, glimpse::ElementType::uint8, images, strides);
        const View to(out, glimpse::ElementType::uint8, glimpses, strides);
        for (int64_t i = 0; i < 3 * 50 * 3; i++) {
            const int64_t y = i / 150, x = i / 3 % 50, c = i % 3;
            in[y * strides.row + x * strides.column + c * strides.channel] =
                pixels[static_cast<size_t>(i)];
        }
        for (const Filter filter : filters) {
            for (const Border border : {Border::zero, Border::reflect, Border::wrap}) {
                const Options options = with(sampling(filter, Edge::hard, 0, true), border);
                const Status status = extract(ConstView(from), boxes, to, options, context());
                ASSERT_TRUE(status.ok()) << status.message();
                const std::vector<uint8_t> expected = sampled(
                    pixels, images, boxes, {glimpses.height, glimpses.width}, options, context());
                const auto pixel = [&](int64_t n, int64_t y, int64_t x, int64_t c) {
                    return expected[static_cast<size_t>(((n * 2 + y) * 12 + x) * 3 + c)];
                };
                ASSERT_TRUE(same_pixels<uint8_t>(ConstView(to), pixel))
                    << name(filter) << ", " << name(border) << ", " << far_planes;
            }
        }
    }
}

// A box in two halves, and its flipped self, are the same pixels.
TEST_P(SampleTest, HalvesAndFlips) {
    GLIMPSE_NEEDS_TYPES(uint8_t);
    const glimpse::Shape shape = {1, 60, 90, 3};
    const std::vector<uint8_t> image = random_image<uint8_t>(shape, 5);
    for (const Filter filter : filters) {
        for (const Border border : borders) {
            Options options = with(sampling(filter), border);
            if (border == Border::constant) {
                options.value = 40;
            }
            for (const Box &box : {Box{-8, -4, 40, 92}, Box{3.5f, 7.25f, 51.5f, 67.25f}}) {
                const float middle = (box.x0 + box.x1) / 2;
                const auto whole = sampled(image, shape, {box}, {32, 48}, options, context());
                const auto halves =
                    sampled(image, shape,
                            {{box.y0, box.x0, box.y1, middle}, {box.y0, middle, box.y1, box.x1}},
                            {32, 24}, options, context());
                const auto flipped = sampled(image, shape, {{box.y1, box.x1, box.y0, box.x0}},
                                             {32, 48}, options, context());
                for (size_t y = 0; y < 32; y++) {
                    for (size_t x = 0; x < 48; x++) {
                        for (size_t c = 0; c < 3; c++) {
                            const uint8_t e = whole[(y * 48 + x) * 3 + c];
                            ASSERT_EQ(halves[((x / 24 * 32 + y) * 24 + x % 24) * 3 + c], e);
                            ASSERT_EQ(flipped[((31 - y) * 48 + 47 - x) * 3 + c], e);
                        }
                    }
                }
            }
        }
    }
}

// Ties of the nearest filter go right and down: 640 pixels to 480 have one at every third.
TEST_P(SampleTest, Ties) {
    GLIMPSE_NEEDS_TYPES(uint16_t);
    std::vector<uint16_t> image(640);
    for (size_t x = 0; x < 640; x++) {
        image[x] = static_cast<uint16_t>(x);
    }
    const auto out = sampled(image, {1, 1, 640, 1}, {{0, 0, 1, 640}}, {1, 480},
                             with(sampling(Filter::nearest)), context());
    for (size_t x = 0; x < 480; x++) {
        ASSERT_EQ(out[x], (2 * x + 1) * 640 / 960) << x;
    }
}

// Boxes a little less than half a step up and left look at pixels floor(i * extent / size), as
// OpenCV's INTER_NEAREST does, which is in the documentation.
TEST_P(SampleTest, FloorsOfResize) {
    GLIMPSE_NEEDS_TYPES(uint16_t);
    Random random(12);
    for (int round = 0; round < 200; round++) {
        const int64_t extent = random.between(1, 4000), size = random.between(1, 1000);
        std::vector<uint16_t> image(static_cast<size_t>(extent));
        for (size_t x = 0; x < image.size(); x++) {
            image[x] = static_cast<uint16_t>(x);
        }
        const auto moved =
            static_cast<float>(static_cast<double>(extent - 1) / static_cast<double>(2 * size));
        const auto to = static_cast<float>(extent) - moved;
        const auto out = sampled(image, {1, 1, extent, 1}, {{0, -moved, 1, to}}, {1, size},
                                 with(sampling(Filter::nearest), Border::replicate), context());
        for (int64_t x = 0; x < size; x++) {
            ASSERT_EQ(out[static_cast<size_t>(x)], x * extent / size) << extent << " to " << size;
        }
    }
}

// Parts of a batch, threads, and the order of channels in memory change no byte.
TEST_P(SampleTest, PartsAndLayouts) {
    GLIMPSE_NEEDS_TYPES(float);
    const glimpse::Shape shape = {1, 80, 120, 3};
    const std::vector<float> image = random_image<float>(shape, 9);
    std::vector<float> planes(image.size());
    for (size_t i = 0; i < image.size(); i++) {
        planes[i % 3 * (80 * 120) + i / 3] = image[i];
    }
    Random random(4);
    std::vector<Box> boxes;
    for (int i = 0; i < 70; i++) {
        const auto side = [&](int64_t extent) {
            return static_cast<float>((random.unit() * 1.5 - 0.25) * static_cast<double>(extent));
        };
        boxes.push_back({side(80), side(120), side(80), side(120)});
    }
    for (const Border border : borders) {
        Options options = with(sampling(Filter::linear, Edge::blend), border);
        if (border == Border::constant) {
            options.value = {1, 2, 3};
        }
        const auto all = sampled(image, shape, boxes, {24, 40}, options, context());
        std::vector<float> got(all.size());
        const View out = View::planar(got, {70, 24, 40, 3});
        const auto threaded = make_context(backwards(3));
        ASSERT_TRUE(extract(ConstView::planar(planes, shape), boxes, out, options, *threaded).ok());
        for (size_t i = 0; i < all.size(); i++) {
            const size_t pixel = i / 3 % (24 * 40), n = i / (3 * 24 * 40);
            ASSERT_EQ(bits_of(got[(n * 3 + i % 3) * (24 * 40) + pixel]), bits_of(all[i]))
                << name(border) << ", element " << i;
        }
        for (size_t n = 0; n < boxes.size(); n += 13) {
            const auto one = sampled(image, shape, {boxes[n]}, {24, 40}, options, context());
            ASSERT_TRUE(std::equal(one.begin(), one.end(),
                                   all.begin() + static_cast<ptrdiff_t>(n * one.size())))
                << name(border) << ", glimpse " << n;
        }
    }
}

// Pixels far apart, more channels than kernels take at once, and columns that look at more of a row
// than they do.
TEST_P(SampleTest, WideThings) {
    SampleCase test;
    test.images = {1, 5, 9000, 3};
    test.glimpse = {3, 1500};
    test.boxes = {{0, 0, 5, 9000}, {0.5f, -2000, 4, 12000}, {1, 100, 4, 2000}, {1, 8900, 4, 100}};
    for (const Filter filter : filters) {
        for (const Border border : {Border::zero, Border::reflect, Border::wrap}) {
            test.border = border;
            test.sampling = sampling(filter);
            ASSERT_TRUE((samples_agree<uint8_t>(test, context())));
            ASSERT_TRUE((samples_agree<float>(test, context())));
        }
    }
    test.glimpse = {5, 9};
    test.boxes = {{0.3f, 0.7f, 4.9f, 6.1f}, {-3, -3, 9, 9}};
    for (const int64_t channels : {33, 75, 300}) {
        test.images = {1, 6, 7, channels};
        for (const Border border : borders) {
            test.border = border;
            for (const Layout &layout : {interleaved, planar}) {
                test.image_layout = layout;
                ASSERT_TRUE((samples_agree<uint8_t>(test, context())));
                ASSERT_TRUE((samples_agree<uint8_t, float>(test, context())));
                ASSERT_TRUE((samples_agree<float>(test, context())));
            }
        }
    }
}

TEST_P(SampleTest, EveryLayout) {
    SampleCase test;
    test.images = {2, 23, 31, 3};
    test.glimpse = {7, 12};
    test.boxes = {{1.5f, 2.5f, 13.25f, 27.75f}, {-4.5f, -6.5f, 30, 40}};
    test.image_index = {1, 0};
    for (const Layout &from : layouts) {
        test.image_layout = from;
        for (const Layout &to : layouts) {
            test.glimpse_layout = to;
            ASSERT_TRUE((samples_agree<uint8_t>(test, context())));
            ASSERT_TRUE((samples_agree<uint8_t, float>(test, context())));
        }
    }
    for (const Layout &from : repeating_layouts) {
        test.image_layout = from;
        test.glimpse_layout = interleaved;
        ASSERT_TRUE((samples_agree<float>(test, context())));
    }
}

// Calls that fail, and leave their output as it was.
class SampleErrorsTest : public SampleTest {
protected:
    void expect(StatusCode code, const char *text, const std::vector<Box> &boxes,
                const Options &options, int64_t count = -1) {
        const std::vector<uint8_t> image(20 * 30);
        std::vector<uint8_t> out(4 * 5 * 6, 0x5a);
        const auto room = count < 0 ? static_cast<int64_t>(boxes.size()) : count;
        const Status status =
            extract(ConstView::interleaved(image, {1, 20, 30, 1}), boxes,
                    View::interleaved(out.data(), {room, 5, 6, 1}), options, context());
        EXPECT_EQ(status.code(), code) << status.message();
        EXPECT_NE(std::string(status.message()).find(text), std::string::npos) << status.message();
        EXPECT_EQ(out, std::vector<uint8_t>(4 * 5 * 6, 0x5a));
    }
};

INSTANTIATE_TEST_SUITE_P(, SampleErrorsTest, all_variants(), variant_name);

TEST_P(SampleErrorsTest, Refused) {
    GLIMPSE_NEEDS_TYPES(uint8_t);
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const float infinity = std::numeric_limits<float>::infinity();
    const Options plain = with(sampling(Filter::linear));
    const Box good = {1, 2, 3, 4};
    for (const Box &bad :
         {Box{nan, 0, 1, 1}, Box{0, nan, 1, 1}, Box{0, 0, infinity, 1}, Box{0, 0, 1, -infinity}}) {
        expect(StatusCode::offset_not_finite, "box 1 is", {good, bad}, plain);
    }
    for (const Box &bad :
         {Box{-2147483648.0f, 0, 1, 1}, Box{0, 0, 1, 2147483648.0f}, Box{0, 3e38f, 1, 1}}) {
        expect(StatusCode::origin_out_of_range, "box 0 is", {bad, good}, plain);
    }
    expect(StatusCode::count_mismatch, "2 boxes for 3 glimpses", {good, good}, plain, 3);
    expect(StatusCode::count_mismatch, "1 box for 2 glimpses", {good}, plain, 2);
    Options options = plain;
    options.sampling.filter = static_cast<Filter>(77);
    expect(StatusCode::unknown_enumerator, "filter is 77", {good}, options);
    options = plain;
    options.sampling.edge = static_cast<Edge>(-1);
    expect(StatusCode::unknown_enumerator, "edge is -1", {good}, options);
    options = plain;
    options.sampling.edge_margin = nan;
    expect(StatusCode::invalid_value, "edge_margin is nan", {good}, options);
    // An output may look at 32768 pixels, here along 5 rows or 6 columns.
    for (const auto &[filter, times] : {std::pair<Filter, int>{Filter::linear, 16384},
                                        {Filter::cubic, 8192},
                                        {Filter::lanczos3, 5461},
                                        {Filter::area, 32767}}) {
        options = with(sampling(filter, Edge::hard, 0, true));
        const auto most = static_cast<float>(times);
        expect(StatusCode::too_large, "box 1 is", {good, {0, 0, 5 * most + 8, 4}}, options);
        expect(StatusCode::too_large, "box 0 is", {{0, 6 * most + 8, 4, 0}, good}, options);
    }
    const float end = 2147483520;
    expect(StatusCode::origin_out_of_range, "box 0 looks at", {{end - 1024, 0, end, 4}},
           with(sampling(Filter::linear, Edge::hard, 0, true)));
    options = plain;
    options.coordinates = static_cast<Coordinates>(9);
    expect(StatusCode::unknown_enumerator, "coordinates is 9", {good}, options);
}

// Devices have no tiles, and take them.
TEST_P(SampleErrorsTest, TooManyChannels) {
    GLIMPSE_NEEDS_TYPES(uint8_t);
    if (GetParam().name == std::string("cuda")) {
        return;
    }
    const int64_t channels = 200000;
    const std::vector<uint8_t> image(2 * 2 * channels);
    std::vector<uint8_t> glimpse(channels);
    const auto status_for = [&](float width) {
        const std::vector<Box> boxes = {{0, 0, 2, width}};
        return extract(ConstView::planar(image, {1, 2, 2, channels}), boxes,
                       View::planar(glimpse, {1, 1, 1, channels}), Options(), context());
    };
    EXPECT_TRUE(status_for(2).ok());
    const Status status = status_for(8000);
    EXPECT_EQ(status.code(), StatusCode::too_large);
    EXPECT_STREQ(status.message(),
                 "200000 channels cannot be sampled where outputs look at up to 4 x 16000 pixels");
}

TEST_P(SampleErrorsTest, Overlap) {
    GLIMPSE_NEEDS_TYPES(float);
    std::vector<float> memory(64, 1.0f);
    const std::vector<float> image(20 * 30);
    const glimpse::Span<const Box> boxes(reinterpret_cast<const Box *>(memory.data()), 1);
    const Status status = extract(ConstView::interleaved(image, {1, 20, 30, 1}), boxes,
                                  View::interleaved(memory.data() + 2, {1, 5, 6, 1}),
                                  with(sampling(Filter::linear)), context());
    EXPECT_EQ(status.code(), StatusCode::overlap) << status.message();
}

// Nothing to make, no pixels to look at, and what is reduced by nearest or not at all.
TEST_P(SampleTest, LegalOddities) {
    GLIMPSE_NEEDS_TYPES(uint8_t);
    const std::vector<uint8_t> image(20 * 30, 9);
    std::vector<uint8_t> out(64 * 64, 1);
    const std::vector<Box> one = {{1, 2, 3, 4}};
    Options options;  // antialiased, as it is by default
    const auto call = [&](const ConstView &images, const std::vector<Box> &boxes,
                          const glimpse::Shape &shape) {
        return extract(images, boxes, View::interleaved(out.data(), shape), options, context());
    };
    const ConstView images = ConstView::interleaved(image, {1, 20, 30, 1});
    EXPECT_TRUE(call(images, {}, {0, 5, 6, 1}).ok());
    EXPECT_TRUE(call(images, one, {1, 0, 6, 1}).ok());
    EXPECT_TRUE(call(images, one, {1, 5, 0, 1}).ok());
    EXPECT_TRUE(call(images, {{0, 0, 5, 6}}, {1, 5, 6, 1}).ok());
    EXPECT_TRUE(call(images, one, {1, 64, 64, 1}).ok());
    options.sampling.filter = Filter::nearest;
    EXPECT_TRUE(call(images, {{0, 0, 20, 30}}, {1, 5, 6, 1}).ok());
    const ConstView empty = ConstView::interleaved(image.data(), {1, 0, 30, 1});
    options.border = Border::constant;
    options.value = 7;
    EXPECT_TRUE(call(empty, one, {1, 5, 6, 1}).ok());
    EXPECT_EQ(out[29], 7);
    options.border = Border::replicate;
    options.value = {};
    EXPECT_EQ(call(empty, one, {1, 5, 6, 1}).code(), StatusCode::empty_image);
}

}  // namespace
