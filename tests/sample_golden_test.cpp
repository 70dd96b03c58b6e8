// Boxes against recorded results (tests/golden/sampling/README.md): of a definition in numpy, which
// shares nothing with reference.h, and of Pillow, OpenCV, PyTorch and TensorFlow.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

#include "buffers.h"
#include "glimpse/glimpse.h"
#include "reference.h"
#include "variants.h"

namespace {

using glimpse::Border;
using glimpse::Box;
using glimpse::ConstView;
using glimpse::Context;
using glimpse::Edge;
using glimpse::Filter;
using glimpse::Options;
using glimpse::Status;
using ::testing::AssertionFailure;
using ::testing::AssertionResult;
using ::testing::AssertionSuccess;

std::string golden(const std::string &name) {
    return std::string(GLIMPSE_TEST_GOLDEN_DIR) + "/sampling/" + name;
}

// The numbers of one of the flat arrays.
template<typename T>
std::vector<float> read_numbers(const std::string &name) {
    std::ifstream file(golden(name), std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(file)), {});
    if (content.size() < 128) {
        ADD_FAILURE() << golden(name) << " cannot be read";
        return {};
    }
    std::vector<T> numbers((content.size() - 128) / sizeof(T));
    std::memcpy(numbers.data(), content.data() + 128, numbers.size() * sizeof(T));
    return {numbers.begin(), numbers.end()};
}

std::vector<std::string> read_lines(const std::string &name) {
    std::ifstream file(golden(name));
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        lines.push_back(line);
    }
    EXPECT_FALSE(lines.empty()) << golden(name) << " cannot be read";
    return lines;
}

struct Image {
    glimpse::Shape shape;
    bool has_bytes = false;     // else floats
    std::vector<float> pixels;  // row, column, channel
};

struct Case {
    int number = 0;
    std::string kind, peer;
    Filter filter = Filter::linear;
    bool antialias = false;
    Border border = Border::zero;
    Edge edge = Edge::blend;
    // What was asked for with Border::constant, and what fills with that or the mean.
    std::vector<float> value, fill;
    Image image;
    int64_t height = 0, width = 0;
    std::vector<Box> boxes;
    std::vector<float> output, peer_output;  // box, row, column, channel; the peer's may be empty

    double largest_pixel() const {
        float largest = 0;
        for (const float pixel : image.pixels) {
            largest = std::max(largest, std::fabs(pixel));
        }
        return static_cast<double>(largest);
    }
    double largest() const {
        double largest = largest_pixel();
        for (const float v : fill) {
            largest = std::max(largest, std::fabs(static_cast<double>(v)));
        }
        return largest;
    }
    // The largest reduction along an axis; of a box, and of all.
    double reduction(const Box &b) const {
        const auto along = [](float from, float to, int64_t count) {
            return std::fabs(static_cast<double>(to) - static_cast<double>(from)) /
                   static_cast<double>(count);
        };
        return std::max({1.0, along(b.y0, b.y1, height), along(b.x0, b.x1, width)});
    }
    double reduction() const {
        double largest = 1;
        for (const Box &b : boxes) {
            largest = std::max(largest, reduction(b));
        }
        return largest;
    }
    // The most pixels that an output of a box may look at along an axis.
    double taps(const Box &b) const {
        const bool is_area = filter == Filter::area;
        const double radius = filter == Filter::lanczos3            ? 3
                              : filter == Filter::linear || is_area ? 1
                                                                    : 2;
        return is_area ? std::ceil(reduction(b)) + 1
                       : std::ceil(2 * radius * (antialias ? reduction(b) : 1.0));
    }
    // Whether outputs are pixels as they are. Of a mean of floats the last bits are not defined.
    bool is_picked() const {
        const bool has_rounded_mean = border == Border::mean && !image.has_bytes;
        return kind == "copy" || (filter == Filter::nearest && !has_rounded_mean);
    }
};

// The enumerator, of the `count` that there are, that the library calls so.
template<typename Enumerator>
Enumerator named(const std::string &wanted, int count) {
    for (int i = 0; i < count; i++) {
        if (name(static_cast<Enumerator>(i)) == wanted) {
            return static_cast<Enumerator>(i);
        }
    }
    ADD_FAILURE() << "unknown: " << wanted;
    return {};
}

// Takes the next `count` numbers of an array. The parts of an array follow each other, so that none
// of it is left out.
std::vector<float> take(const std::vector<float> &numbers, int64_t position, int64_t count,
                        int64_t *taken) {
    EXPECT_EQ(position, *taken);
    EXPECT_LE(position + count, static_cast<int64_t>(numbers.size()));
    *taken += count;
    if (*taken > static_cast<int64_t>(numbers.size())) {
        return std::vector<float>(static_cast<size_t>(count));
    }
    return {numbers.begin() + position, numbers.begin() + *taken};
}

std::vector<Image> read_images() {
    const std::vector<float> bytes = read_numbers<uint8_t>("images_uint8.npy");
    const std::vector<float> floats = read_numbers<float>("images_float32.npy");
    int64_t bytes_taken = 0, floats_taken = 0;
    std::vector<Image> images;
    for (const std::string &text : read_lines("images.txt")) {
        Image image;
        image.shape.count = 1;
        std::istringstream line(text);
        size_t number;
        std::string type, kind;
        int64_t position;
        line >> number >> image.shape.height >> image.shape.width >> image.shape.channels >> type >>
            position >> kind;
        EXPECT_TRUE(line && number == images.size() && (type == "uint8" || type == "float32"))
            << text;
        image.has_bytes = type == "uint8";
        image.pixels = take(image.has_bytes ? bytes : floats, position,
                            image.shape.height * image.shape.width * image.shape.channels,
                            image.has_bytes ? &bytes_taken : &floats_taken);
        images.push_back(image);
    }
    EXPECT_EQ(bytes_taken, static_cast<int64_t>(bytes.size()));
    EXPECT_EQ(floats_taken, static_cast<int64_t>(floats.size()));
    return images;
}

std::vector<Case> read_cases() {
    const std::vector<Image> images = read_images();
    const std::vector<float> outputs = read_numbers<float>("outputs.npy");
    const std::vector<float> peer_outputs = read_numbers<float>("peers.npy");
    int64_t taken = 0, peer_taken = 0;
    std::vector<Case> cases;
    for (const std::string &text : read_lines("cases.jsonl")) {
        const nlohmann::json record = nlohmann::json::parse(text);
        Case test;
        test.number = record["number"].get<int>();
        SCOPED_TRACE("case " + std::to_string(test.number));
        test.kind = record["kind"].get<std::string>();
        test.filter = named<Filter>(record["filter"].get<std::string>(), glimpse::filter_count);
        test.antialias = record["antialias"].get<bool>();
        test.border = named<Border>(record["border"].get<std::string>(), glimpse::border_count);
        test.edge = named<Edge>(record.value("edge", std::string("blend")), glimpse::edge_count);
        test.value = record.value("value", std::vector<float>());
        test.fill = record.value("fill", std::vector<float>());
        test.image = images.at(record["image"].get<size_t>());
        test.height = record["size"][0].get<int64_t>();
        test.width = record["size"][1].get<int64_t>();
        for (const nlohmann::json &box : record["boxes"]) {
            test.boxes.push_back({box[0].get<float>(), box[1].get<float>(), box[2].get<float>(),
                                  box[3].get<float>()});
        }
        const int64_t elements = static_cast<int64_t>(test.boxes.size()) * test.height *
                                 test.width * test.image.shape.channels;
        test.output = take(outputs, record["position"].get<int64_t>(), elements, &taken);
        test.peer = record.value("peer", std::string());
        if (!test.peer.empty()) {
            test.peer_output =
                take(peer_outputs, record["peer_position"].get<int64_t>(), elements, &peer_taken);
        }
        cases.push_back(test);
    }
    EXPECT_EQ(taken, static_cast<int64_t>(outputs.size()));
    EXPECT_EQ(peer_taken, static_cast<int64_t>(peer_outputs.size()));
    return cases;
}

const std::vector<Case> &recorded() {
    static const std::vector<Case> cases = read_cases();
    return cases;
}

// What lies outside, and how it is sampled.
struct Rule {
    Border border = Border::zero;
    std::vector<float> value;
    Edge edge = Edge::blend;
    float edge_margin = 0;
};

// As the case was recorded. An image that is given in another type than its own has its own fill.
Rule recorded_rule(const Case &test, bool has_own_type) {
    const bool is_filled = test.border == Border::constant || test.border == Border::mean;
    return has_own_type || !is_filled ? Rule{test.border, test.value, test.edge, 0}
                                      : Rule{Border::constant, test.fill, test.edge, 0};
}

// How far an element may be from the exact value.
template<typename T, typename To>
double bound_of(const Case &test, const Box &box, double largest) {
    if (test.is_picked()) {
        return 0;
    }
    const double taps = test.taps(box);
    if (std::is_same_v<To, uint8_t>) {
        return taps <= 2 ? 0.52 : test.reduction(box) <= 8 ? 0.65 : 1;
    }
    if (std::is_integral_v<To>) {
        return 0.57;
    }
    const double of_floats = std::ldexp(largest, -20) * (taps <= 2 ? 1 : 1 + taps / 8);
    // Pairs of bytes have the bound of bytes, but for their rounding.
    return std::is_same_v<T, uint8_t> && taps <= 2 ? 0.02 : of_floats;
}

// Extracts glimpses of type To from the case's image in type T, and holds every element to what is
// expected.
template<typename T, typename To>
AssertionResult is_near(const Case &test, const Rule &rule, const std::vector<float> &expected,
                        double largest, double tolerance, Context &context) {
    size_t next = 0;
    const Images<T> images(test.image.shape, interleaved,
                           test.number % 2 == 0 ? Fence::before : Fence::after,
                           [&] { return static_cast<T>(test.image.pixels[next++]); });
    Options options;
    options.border = rule.border;
    options.value = rule.value;
    // Where nothing is reduced, antialiasing changes nothing; but that area is no less than a
    // pixel.
    for (const bool antialias : {false, true}) {
        if (antialias != test.antialias && (test.reduction() > 1 || test.filter == Filter::area)) {
            continue;
        }
        options.sampling = {test.filter, antialias, rule.edge, rule.edge_margin};
        Output<To> glimpses({static_cast<int64_t>(test.boxes.size()), test.height, test.width,
                             test.image.shape.channels},
                            interleaved, static_cast<uint64_t>(test.number));
        const auto about = [&] {
            std::ostringstream text;
            text << "case " << test.number << " (" << test.kind << " " << test.peer << "), "
                 << name(glimpse::element_type_of<T>::value) << " to "
                 << name(glimpse::element_type_of<To>::value) << ", " << name(test.filter) << ", "
                 << name(rule.border) << ", " << name(rule.edge) << " edge, margin "
                 << rule.edge_margin << (antialias ? ", antialias" : "") << ": ";
            return text.str();
        };
        const Status status = extract(images.view(), test.boxes, glimpses.view(), options, context);
        if (!status.ok()) {
            return AssertionFailure() << about() << status.message();
        }
        AssertionResult result = AssertionSuccess();
        double worst = -1;
        size_t i = 0;
        for_each_element(glimpses.result().shape, [&](int64_t n, int64_t y, int64_t x, int64_t c) {
            double wanted = static_cast<double>(expected.at(i++));
            if constexpr (std::is_integral_v<To>) {
                wanted = std::clamp(wanted, static_cast<double>(std::numeric_limits<To>::lowest()),
                                    static_cast<double>(std::numeric_limits<To>::max()));
            }
            const double bound =
                bound_of<T, To>(test, test.boxes[static_cast<size_t>(n)], largest) + tolerance;
            const double got =
                reference::value_of(reference::element<To>(glimpses.result(), n, y, x, c));
            const double difference = std::fabs(got - wanted);
            // Of NaN also.
            if (!(difference <= bound) && !(difference <= worst)) {
                worst = difference;
                result = AssertionFailure()
                         << about() << "glimpse " << n << ", row " << y << ", column " << x
                         << ", channel " << c << " is " << got << "; expected " << wanted
                         << " within " << bound;
            }
        });
        if (i != expected.size()) {
            return AssertionFailure() << about() << expected.size() << " elements were recorded";
        }
        if (!result) {
            return result;
        }
        const AssertionResult intact = glimpses.guards_intact();
        if (!intact) {
            return AssertionFailure() << about() << intact.message();
        }
    }
    return AssertionSuccess();
}

// Calls check(T{}, To{}, own) for the types of an image and its glimpses that were built: the
// recorded type, which is the image's own, and for bytes other types that hold the same numbers.
template<typename Check>
void for_each_type_of(const Image &image, Check check) {
    const auto check_if_built = [&check](auto from, auto to, bool own) {
        if constexpr (are_built<decltype(from), decltype(to)>()) {
            check(from, to, own);
        }
    };
    check_if_built(float{}, float{}, !image.has_bytes);
    if (image.has_bytes) {
        check_if_built(uint8_t{}, uint8_t{}, true);
        check_if_built(uint8_t{}, float{}, true);
        check_if_built(uint16_t{}, uint16_t{}, false);
        check_if_built(int16_t{}, int16_t{}, false);
    }
}

// How many elements for_each_type_of() comes to, for so many of images of bytes and of floats.
int64_t elements_of_types(int64_t bytes, int64_t floats) {
    int64_t elements = 0;
    for (const bool has_bytes : {false, true}) {
        Image image;
        image.has_bytes = has_bytes;
        for_each_type_of(image, [&](auto, auto, bool) { elements += has_bytes ? bytes : floats; });
    }
    return elements;
}

class SampleGoldenTest : public VariantTest {};

INSTANTIATE_TEST_SUITE_P(, SampleGoldenTest, all_variants(), variant_name);

TEST_P(SampleGoldenTest, Cases) {
    ASSERT_EQ(recorded().size(), 291u);
    int64_t elements = 0;
    for (const Case &test : recorded()) {
        for_each_type_of(test.image, [&](auto from, auto to, bool own) {
            using T = decltype(from);
            using To = decltype(to);
            EXPECT_TRUE((is_near<T, To>(test, recorded_rule(test, own), test.output, test.largest(),
                                        0, context())));
            elements += static_cast<int64_t>(test.output.size());
        });
    }
    EXPECT_EQ(elements, elements_of_types(20882, 32037));
}

// Another library, and how near it was measured to be to the definition, in levels of images in
// [0, 255]: what we differ by from the definition is added. All of them computed with float32
// images. Pixels that are picked are equal.
struct Peer {
    const char *name;
    double tolerance;
    // Rules for the image's edge that are the peer's own, beside the recorded border.
    std::vector<Rule> rules;
};

std::vector<Peer> all_peers() {
    // No point that was recorded lies outside, so that what fills must not show.
    const std::vector<float> fill = {-1000};
    const Rule hard = {Border::constant, fill, Edge::hard, 0};
    const Rule hard_at_centers = {Border::constant, fill, Edge::hard, 0.5f};
    const Rule renormalize = {Border::constant, fill, Edge::renormalize, 0};
    return {
        {"Pillow 13.0.0 resize, mode F", 3e-5, {renormalize}},
        {"OpenCV 5.0.0 resize CUBIC", 1e-4, {hard}},
        {"OpenCV 5.0.0 resize AREA", 5e-5, {hard, renormalize}},
        {"OpenCV 5.0.0 resize", 3e-5, {hard, renormalize}},
        {"torch 2.15.0+cu132 interpolate bicubic", 1.4e-3, {hard}},
        {"torch 2.15.0+cu132 interpolate bilinear antialias", 7e-4, {renormalize}},
        {"torch 2.15.0+cu132 interpolate bilinear", 1.3e-3, {hard, renormalize}},
        {"torch 2.15.0+cu132 grid_sample", 5e-12, {}},
        {"TensorFlow 2.21.0 crop_and_resize", 1.8e-3, {hard_at_centers}},
    };
}

TEST_P(SampleGoldenTest, Peers) {
    const std::vector<Peer> peers = all_peers();
    std::map<std::string, int> cases;
    int64_t elements = 0;
    for (const Case &test : recorded()) {
        if (test.peer.empty()) {
            continue;
        }
        const auto peer = std::find_if(peers.begin(), peers.end(), [&test](const Peer &candidate) {
            return test.peer.rfind(candidate.name, 0) == 0;
        });
        ASSERT_NE(peer, peers.end()) << test.peer;
        cases[peer->name]++;
        for_each_type_of(test.image, [&](auto from, auto to, bool own) {
            using T = decltype(from);
            using To = decltype(to);
            const double tolerance = test.filter == Filter::nearest ? 0 : peer->tolerance;
            const double largest = test.largest_pixel();
            EXPECT_TRUE((is_near<T, To>(test, recorded_rule(test, own), test.peer_output, largest,
                                        tolerance, context())));
            for (const Rule &rule : peer->rules) {
                EXPECT_TRUE(
                    (is_near<T, To>(test, rule, test.peer_output, largest, tolerance, context())));
                EXPECT_TRUE((is_near<T, To>(test, rule, test.output, largest, 0, context())));
            }
            elements += static_cast<int64_t>(test.peer_output.size());
        });
    }
    EXPECT_EQ(cases,
              (std::map<std::string, int>{{"Pillow 13.0.0 resize, mode F", 31},
                                          {"OpenCV 5.0.0 resize", 8},
                                          {"OpenCV 5.0.0 resize AREA", 4},
                                          {"OpenCV 5.0.0 resize CUBIC", 4},
                                          {"torch 2.15.0+cu132 interpolate bicubic", 4},
                                          {"torch 2.15.0+cu132 interpolate bilinear", 4},
                                          {"torch 2.15.0+cu132 interpolate bilinear antialias", 2},
                                          {"torch 2.15.0+cu132 grid_sample", 24},
                                          {"TensorFlow 2.21.0 crop_and_resize", 18}}));
    EXPECT_EQ(elements, elements_of_types(3717, 8029));
}

}  // namespace
