// Boxes that are made for what others cut out, against what those did
// (tests/golden/boxes/README.md), and against the definition of places in a box; and the way back,
// from a glimpse to the image.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "buffers.h"
#include "glimpse/glimpse.h"
#include "reference.h"
#include "variants.h"

namespace glimpse {
inline bool operator==(const Box &a, const Box &b) {
    return a.y0 == b.y0 && a.x0 == b.x0 && a.y1 == b.y1 && a.x1 == b.x1;
}
inline void PrintTo(const Box &b, std::ostream *stream) {
    *stream << std::setprecision(9) << "{" << b.y0 << ", " << b.x0 << ", " << b.y1 << ", " << b.x1
            << "}";
}
inline bool operator==(const Rect &a, const Rect &b) {
    return a.y == b.y && a.x == b.x && a.height == b.height && a.width == b.width;
}
inline void PrintTo(const Rect &r, std::ostream *stream) {
    *stream << "{" << r.y << ", " << r.x << ", " << r.height << ", " << r.width << "}";
}
}  // namespace glimpse

namespace {

using glimpse::Border;
using glimpse::Box;
using glimpse::ConstView;
using glimpse::Context;
using glimpse::Coordinates;
using glimpse::Edge;
using glimpse::Filter;
using glimpse::Fit;
using glimpse::Offset;
using glimpse::Options;
using glimpse::Origin;
using glimpse::Rect;
using glimpse::Size;
using glimpse::Span;
using glimpse::Status;
using glimpse::StatusCode;
using nlohmann::json;
using ::testing::AssertionFailure;
using ::testing::AssertionResult;
using ::testing::AssertionSuccess;

const float nan = std::numeric_limits<float>::quiet_NaN();
const float infinity = std::numeric_limits<float>::infinity();

std::string golden(const std::string &name) {
    return std::string(GLIMPSE_TEST_GOLDEN_DIR) + "/boxes/" + name;
}

// The records of a file, or those that are of one peer.
std::vector<json> read_records(const std::string &name, const std::string &peer = "") {
    std::ifstream file(golden(name));
    std::vector<json> records;
    bool is_empty = true;
    for (std::string line; std::getline(file, line);) {
        const json record = json::parse(line);
        is_empty = false;
        if (peer.empty() || record["peer"] == peer) {
            records.push_back(record);
        }
    }
    EXPECT_FALSE(is_empty) << golden(name) << " cannot be read";
    return records;
}

template<typename T>
std::string type_name() {
    return name(glimpse::element_type_of<T>::value);
}

// The numbers of a flat array, from a position on.
template<typename T>
std::vector<T> read_numbers(size_t position, size_t count) {
    const std::string path = golden("outputs_" + type_name<T>() + ".npy");
    std::ifstream file(path, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(128 + position * sizeof(T)));
    std::vector<T> numbers(count);
    file.read(reinterpret_cast<char *>(numbers.data()),
              static_cast<std::streamsize>(count * sizeof(T)));
    EXPECT_TRUE(file.good()) << path << " has no " << count << " numbers at " << position;
    return numbers;
}

double sum_of(const ConstView &image) {
    double sum = 0;
    for_each_element(image.shape, [&](int64_t n, int64_t y, int64_t x, int64_t c) {
        sum += image.type == glimpse::ElementType::uint8
                   ? reference::element<uint8_t>(image, n, y, x, c)
                   : static_cast<double>(reference::element<float>(image, n, y, x, c));
    });
    return sum;
}

Size size_of(const json &pair) {
    return {pair[0].get<int64_t>(), pair[1].get<int64_t>()};
}

// What a peer cut out, and the image that it was given.
template<typename T, typename To>
struct Recorded {
    explicit Recorded(const json &record_)
        : record(record_), size(size_of(record["size"])), step(record["step"].get<int64_t>()),
          image({1, record["image"][0].get<int64_t>(), record["image"][1].get<int64_t>(),
                 record["image"][2].get<int64_t>()},
                interleaved, record["seed"].get<int>() % 2 == 0 ? Fence::before : Fence::after,
                random_elements<T>(record["seed"].get<uint64_t>())) {
        // That the image is made as it was then.
        EXPECT_EQ(sum_of(image.view()), record["image_sum"].get<double>());
    }
    Size image_size() const {
        return {image.view().shape.height, image.view().shape.width};
    }

    // Holds what the boxes show to what the peer cut out, `rim` rows and columns left out.
    AssertionResult is_near(const std::vector<Box> &boxes, const Options &options, double bound,
                            Context &context, Size rim = {}) const {
        Output<To> glimpses({static_cast<int64_t>(boxes.size()), size.height, size.width,
                             image.view().shape.channels},
                            interleaved, record["seed"].get<uint64_t>());
        const Status status = extract(image.view(), boxes, glimpses.view(), options, context);
        if (!status.ok()) {
            return AssertionFailure() << record << ": " << status.message();
        }
        const ConstView result = glimpses.result();
        glimpse::Shape kept = result.shape;
        kept.height = (kept.height + step - 1) / step;
        const std::vector<To> wanted = read_numbers<To>(
            record["position"].get<size_t>(),
            static_cast<size_t>(kept.count * kept.height * kept.width * kept.channels));
        AssertionResult good = AssertionSuccess();
        double worst = -1;
        size_t i = 0;
        for_each_element(kept, [&](int64_t n, int64_t row, int64_t x, int64_t c) {
            const double expected = static_cast<double>(wanted.at(i++));
            const int64_t y = row * step;
            if (y < rim.height || y >= size.height - rim.height || x < rim.width ||
                x >= size.width - rim.width) {
                return;
            }
            const double got = reference::value_of(reference::element<To>(result, n, y, x, c));
            const double difference = std::fabs(got - expected);
            if (!(difference <= worst)) {
                worst = difference;
                if (!(difference <= bound)) {
                    good = AssertionFailure()
                           << record << ": glimpse " << n << ", row " << y << ", column " << x
                           << ", channel " << c << " is " << got << "; expected " << expected
                           << " within " << bound;
                }
            }
        });
        return good ? glimpses.guards_intact() : good;
    }

    json record;
    Size size;
    int64_t step;
    Images<T> image;
};

// Calls check(Recorded<T, To>) for a peer's cases, each in the types that it was recorded with.
template<typename Check>
void for_each_case(const std::string &peer, size_t count, Check check) {
    const std::vector<json> records = read_records("cases.jsonl", peer);
    EXPECT_EQ(records.size(), count);
    for (const json &record : records) {
        const auto check_if_both = [&](auto from, auto to) {
            using T = decltype(from);
            using To = decltype(to);
            if (record["image_type"] != type_name<T>() || record["type"] != type_name<To>()) {
                return false;
            }
            if constexpr (are_built<T, To>()) {
                check(Recorded<T, To>(record));
            }
            return true;
        };
        EXPECT_TRUE(check_if_both(uint8_t{}, uint8_t{}) || check_if_both(uint8_t{}, float{}) ||
                    check_if_both(float{}, float{}))
            << record;
    }
}

// How far results may be from those of peers, of images in [0, 256) or [-128, 128): 1 where both
// are rounded to bytes; weights of bytes are kept in 15 bits.
template<typename T, typename To>
double tolerance(const Recorded<T, To> &, double of_floats) {
    return std::is_same_v<To, uint8_t> ? 1 : std::is_same_v<T, uint8_t> ? 0.02 : of_floats;
}

Options filled_with(const std::vector<float> &value, Edge edge, float margin = 0) {
    Options options;
    options.border = Border::constant;
    options.value = value;
    options.sampling = {Filter::linear, false, edge, margin};
    return options;
}

Box whole(Size image) {
    return {0, 0, static_cast<float>(image.height), static_cast<float>(image.width)};
}

using BoxesTest = VariantTest;
INSTANTIATE_TEST_SUITE_P(, BoxesTest, all_variants(), variant_name);

TEST_P(BoxesTest, GetRectSubPix) {
    for_each_case("getRectSubPix", 6, [&](const auto &test) {
        std::vector<Offset> centers;
        for (const json &center : test.record["centers"]) {
            // An index of pixels; OpenCV takes it as float32.
            const auto y = center[0].get<float>(), x = center[1].get<float>();
            centers.push_back({y + 0.5f, x + 0.5f});
        }
        std::vector<Box> boxes(centers.size());
        ASSERT_TRUE(succeeded(
            centered_boxes(centers, test.image_size(), test.size, Coordinates::pixels, boxes)));
        Options options;
        options.border = Border::replicate;
        for (const bool antialias : {true, false}) {  // Nothing is scaled.
            options.sampling.antialias = antialias;
            EXPECT_TRUE(test.is_near(boxes, options, tolerance(test, 5e-4), context()));
        }
    });
}

TEST_P(BoxesTest, LetterBox) {
    const std::vector<float> value = {114};
    for_each_case("LetterBox", 11, [&](const auto &test) {
        const Size image = test.image_size();
        const Box frame[] = {whole(image)};
        std::vector<Box> boxes(1);
        ASSERT_TRUE(succeeded(fit_boxes(frame, test.size, Fit::ultralytics, boxes)));
        const bool is_copied = image.height <= test.size.height && image.width <= test.size.width &&
                               (image.height == test.size.height || image.width == test.size.width);
        EXPECT_TRUE(test.is_near(boxes, filled_with(value, Edge::hard),
                                 is_copied ? 0 : tolerance(test, 0), context()));
    });
}

// What is beside the square is not seen by pysot, so that the outer rows and columns of an enlarged
// square repeat its last pixels.
TEST_P(BoxesTest, GetSubwindow) {
    for_each_case("get_subwindow", 11, [&](const auto &test) {
        const json &t = test.record["target"];
        const auto y = t[0].get<float>(), x = t[1].get<float>();
        const Box target[] = {{y, x, y + t[2].get<float>(), x + t[3].get<float>()}};
        std::vector<Box> boxes(1);
        const bool is_search = test.record["is_search"].template get<bool>();
        ASSERT_TRUE(succeeded(tracker_boxes(target, 0.5f, is_search ? 255.0f / 127 : 1, boxes)));
        const auto side = test.record["side"].template get<int64_t>();
        EXPECT_EQ(boxes[0].y1 - boxes[0].y0, static_cast<float>(side));
        EXPECT_EQ(boxes[0].x1 - boxes[0].x0, static_cast<float>(side));
        // The mean of the frame, cut down to integers.
        const ConstView image = test.image.view();
        std::vector<float> value;
        for (int64_t c = 0; c < image.shape.channels; c++) {
            ConstView channel = image;
            channel.data = static_cast<const uint8_t *>(image.data) + c;
            channel.shape.channels = 1;
            const auto pixels = static_cast<double>(image.shape.height * image.shape.width);
            value.push_back(static_cast<float>(std::floor(sum_of(channel) / pixels)));
            EXPECT_EQ(test.record["fill"][static_cast<size_t>(c)].template get<float>(),
                      value.back());
        }
        const int64_t size = test.size.height;
        const int64_t rim = side < size ? (size + 2 * side - 1) / (2 * side) : 0;
        EXPECT_TRUE(test.is_near(boxes, filled_with(value, Edge::blend),
                                 side == size ? 0 : tolerance(test, 0), context(), {rim, rim}));
    });
}

TEST_P(BoxesTest, CropAndResize) {
    const std::vector<float> value = {-77.5f};
    for_each_case("crop_and_resize", 7, [&](const auto &test) {
        std::vector<Box> boxes;
        for (const json &b : test.record["boxes"]) {
            boxes.push_back(
                {b[0].get<float>(), b[1].get<float>(), b[2].get<float>(), b[3].get<float>()});
        }
        ASSERT_TRUE(
            succeeded(glimpse::tensorflow::boxes(boxes, test.image_size(), test.size, boxes)));
        Options options = filled_with(value, Edge::hard, 0.5f);
        options.exact_fill = true;  // Bytes hold no -77.5.
        const bool is_nearest = test.record["filter"] == "nearest";
        EXPECT_EQ(test.record["filter"], is_nearest ? "nearest" : "linear");
        options.sampling.filter = is_nearest ? Filter::nearest : Filter::linear;
        EXPECT_TRUE(
            test.is_near(boxes, options, is_nearest ? 0 : tolerance(test, 2e-3), context()));
    });
}

// The smallest box of a retina is the window there, to the last bit; of the next one, where whole
// pixels are halved, each pixel is the mean of four, with zeros outside.
TEST_P(BoxesTest, RetinaOfWholePixels) {
    const struct {
        Size glimpse;
        std::vector<Offset> centers;
    } rows[] = {
        {{8, 6}, {{20, 25}, {4, 3}, {1, 52}, {-3, 60}, {36, 0}, {200, -200}}},
        {{9, 13}, {{20.5f, 25.5f}, {4.5f, 6.5f}, {0.5f, 52.5f}, {-3.5f, 60.5f}}},
    };
    for (const auto &row : rows) {
        const size_t count = row.centers.size();
        const auto height = static_cast<float>(row.glimpse.height);
        const auto width = static_cast<float>(row.glimpse.width);
        std::vector<Box> boxes(2 * count);
        ASSERT_TRUE(succeeded(
            retina_boxes(row.centers, {37, 53}, row.glimpse, Coordinates::pixels, 2, boxes)));
        std::vector<Origin> windows, large_windows;
        for (const Offset &center : row.centers) {
            windows.push_back({static_cast<int32_t>(center.y - height / 2),
                               static_cast<int32_t>(center.x - width / 2)});
            large_windows.push_back(
                {static_cast<int32_t>(center.y - height), static_cast<int32_t>(center.x - width)});
        }
        const bool is_whole = std::floor(row.centers[0].y) == row.centers[0].y;
        for_each_type([&](auto zero) {
            using T = decltype(zero);
            const Images<T> image({1, 37, 53, 3}, interleaved, Fence::after,
                                  random_elements<T>(61));
            const glimpse::Shape shape = {static_cast<int64_t>(count), row.glimpse.height,
                                          row.glimpse.width, 3};
            glimpse::Shape both = shape;
            both.count *= 2;
            Output<T> expected(shape, interleaved, 1), retina(both, interleaved, 2);
            Options options;
            ASSERT_TRUE(
                succeeded(extract(image.view(), windows, expected.view(), options, context())));
            options.sampling.antialias = false;
            options.sampling.edge = Edge::blend;
            ASSERT_TRUE(succeeded(extract(image.view(), boxes, retina.view(), options, context())));
            ConstView smallest = retina.result();
            smallest.shape.count = shape.count;
            smallest.strides.image *= 2;
            EXPECT_TRUE(same_pixels<T>(smallest, expected.result()))
                << name(glimpse::element_type_of<T>::value);
            if (!is_whole || !std::is_same_v<T, float>) {
                return;
            }
            Output<T> large({shape.count, 2 * shape.height, 2 * shape.width, 3}, interleaved, 3);
            ASSERT_TRUE(
                succeeded(extract(image.view(), large_windows, large.view(), {}, context())));
            for_each_element(shape, [&](int64_t n, int64_t y, int64_t x, int64_t c) {
                double sum = 0;
                for (const int64_t i : {0, 1}) {
                    for (const int64_t j : {0, 1}) {
                        sum += reference::value_of(
                            reference::element<T>(large.result(), n, 2 * y + i, 2 * x + j, c));
                    }
                }
                ASSERT_NEAR(
                    reference::value_of(reference::element<T>(retina.result(), 2 * n + 1, y, x, c)),
                    sum / 4, 1e-4)
                    << n << ", " << y << ", " << x << ", " << c;
            });
        });
    }
}

// Boxes of all kinds about an image of 37 x 53 pixels.
std::vector<Box> many_boxes() {
    std::vector<Box> boxes = {
        {3.25f, 4.5f, 20.75f, 30.125f},  // inside
        {0, 0, 37, 53},                  // the image
        {-5.5f, -7.25f, 12.5f, 19.75f},  // over a corner
        {30.5f, 40.25f, 50.5f, 70.75f},  // over the other
        {-20, -30, 57, 83},              // around the image
        {57, 83, -20, -30},              // the same, flipped and mirrored
        {45, -3, 5, 20},                 // flipped, over two sides
        {-1.5f, 50, 7.5f, 1},            // mirrored, with centres on the sides of the image
        {10.5f, 20.25f, 10.5f, 40.25f},  // without height
        {37, 53, 37, 53},                // the last corner
        {100, 100, 120, 120},            // beyond the image
        {5, -40, 15, -10},               // beside it
    };
    Random random(71);
    const auto side = [&random](double extent) {
        return static_cast<float>((random.unit() * 2 - 0.5) * extent);
    };
    for (int i = 0; i < 300; i++) {
        boxes.push_back({side(37), side(53), side(37), side(53)});
    }
    return boxes;
}

// visible(), from the places that a glimpse looks at one by one.
Rect visible_by_force(const Box &box, Size image, Size glimpse) {
    const auto along = [](float from, float to, int64_t extent, int64_t count, int64_t *first) {
        int64_t seen = 0;
        for (int64_t i = 0; i < count; i++) {
            const int64_t at =
                reference::center(reference::side(from, extent, Coordinates::pixels),
                                  reference::side(to, extent, Coordinates::pixels), count, i);
            if (at >= 0 && at <= extent * (int64_t{1} << 32)) {
                *first = seen++ == 0 ? i : *first;
            }
        }
        return seen;
    };
    Rect rect;
    rect.height = along(box.y0, box.y1, image.height, glimpse.height, &rect.y);
    rect.width = along(box.x0, box.x1, image.width, glimpse.width, &rect.x);
    return rect.height == 0 || rect.width == 0 ? Rect() : rect;
}

// What is not filled.
TEST_P(BoxesTest, VisibleIsNotFilled) {
    GLIMPSE_NEEDS_TYPES(float);
    const std::vector<Box> boxes = many_boxes();
    const Images<float> image({1, 37, 53, 1}, interleaved, Fence::after, [] { return 1.0f; });
    const std::vector<float> value = {-1};
    for (const Size size : {Size{9, 13}, Size{1, 1}, Size{16, 5}}) {
        Output<float> glimpses({static_cast<int64_t>(boxes.size()), size.height, size.width, 1},
                               interleaved, 4);
        ASSERT_TRUE(succeeded(extract(image.view(), boxes, glimpses.view(),
                                      filled_with(value, Edge::hard), context())));
        int64_t seen = 0;
        EXPECT_TRUE(same_pixels<float>(glimpses.result(), [&](int64_t n, int64_t y, int64_t x,
                                                              int64_t) {
            const Rect r = visible(boxes[static_cast<size_t>(n)], {37, 53}, size);
            const bool is_seen = y >= r.y && y < r.y + r.height && x >= r.x && x < r.x + r.width;
            seen += is_seen ? 1 : 0;
            return is_seen ? 1.0f : -1.0f;
        }));
        EXPECT_GT(seen, 0);
    }
}

// An image of its own coordinates shows where each pixel of a glimpse comes from.
TEST_P(BoxesTest, InImageIsWhatIsShown) {
    GLIMPSE_NEEDS_TYPES(float);
    const Size image_size = {37, 53}, size = {11, 17};
    int64_t next = 0;
    const Images<float> image({1, 37, 53, 2}, interleaved, Fence::after, [&next] {
        const int64_t i = next++;
        return static_cast<float>(i % 2 == 0 ? i / 2 / 53 : i / 2 % 53) + 0.5f;
    });
    std::vector<Box> boxes = many_boxes();
    const Box regions[] = {whole(image_size), {3.5f, 7, 20, 49.25f}};
    const Offset centers[] = {{17.3f, 20.9f}};
    const auto add = [&boxes](size_t count, const auto &make) {
        std::vector<Box> made(count);
        ASSERT_TRUE(succeeded(make(Span<Box>(made))));
        boxes.insert(boxes.end(), made.begin(), made.end());
    };
    for (const Fit fit : {Fit::letterbox, Fit::crop, Fit::ultralytics}) {
        add(2, [&](Span<Box> made) { return fit_boxes(regions, size, fit, made); });
    }
    add(2, [&](Span<Box> made) { return tracker_boxes(regions, 0.5f, 1, made); });
    add(3, [&](Span<Box> made) {
        return retina_boxes(centers, image_size, size, Coordinates::pixels, 3, made);
    });
    Output<float> glimpses({static_cast<int64_t>(boxes.size()), size.height, size.width, 2},
                           interleaved, 5);
    Options options;
    options.border = Border::replicate;
    options.sampling.antialias = false;
    ASSERT_TRUE(succeeded(extract(image.view(), boxes, glimpses.view(), options, context())));
    std::vector<int64_t> compared(boxes.size());
    for_each_element(glimpses.result().shape, [&](int64_t n, int64_t y, int64_t x, int64_t c) {
        const auto i = static_cast<size_t>(n);
        const Offset at =
            in_image({static_cast<float>(y) + 0.5f, static_cast<float>(x) + 0.5f}, boxes[i], size);
        const float place = c == 0 ? at.y : at.x, extent = c == 0 ? 37 : 53;
        if (place >= 0.5f && place <= extent - 0.5f) {
            compared[i]++;
            ASSERT_NEAR(reference::element<float>(glimpses.result(), n, y, x, c), place, 2e-5)
                << "box " << n << ", " << y << ", " << x << ", " << c;
        }
    });
    EXPECT_GT(compared[5], 0);
    for (size_t i = boxes.size() - 11; i < boxes.size(); i++) {
        EXPECT_GT(compared[i], 0) << "box " << i;
    }
}

// All that was recorded is read.
TEST(BoxesGoldenTest, OutputsFollowEachOther) {
    std::map<std::string, size_t> taken;
    for (const json &record : read_records("cases.jsonl")) {
        const size_t boxes = record.contains("centers") ? record["centers"].size()
                             : record.contains("boxes") ? record["boxes"].size()
                                                        : 1;
        const auto step = record["step"].get<size_t>();
        const size_t rows = (record["size"][0].get<size_t>() + step - 1) / step;
        size_t &position = taken[record["type"].get<std::string>()];
        EXPECT_EQ(record["position"].get<size_t>(), position) << record;
        position +=
            boxes * rows * record["size"][1].get<size_t>() * record["image"][2].get<size_t>();
    }
    const auto bytes = [](const std::string &type) {
        std::ifstream file(golden("outputs_" + type + ".npy"), std::ios::binary | std::ios::ate);
        return static_cast<size_t>(file.tellg());
    };
    EXPECT_EQ(bytes("uint8"), 128 + taken["uint8"]);
    EXPECT_EQ(bytes("float32"), 128 + taken["float32"] * sizeof(float));
}

// Places alone: of those that peers computed, many more.

TEST(BoxesPlacesTest, LetterBox) {
    const std::vector<json> records = read_records("places.jsonl", "LetterBox");
    EXPECT_EQ(records.size(), 250u);
    for (const json &record : records) {
        const Size shape = size_of(record["shape"]), size = size_of(record["size"]);
        const Size resized = size_of(record["resized"]), before = size_of(record["before"]);
        const Box frame[] = {whole(shape)};
        Box box[1];
        ASSERT_TRUE(succeeded(fit_boxes(frame, size, Fit::ultralytics, box)));
        const auto along = [](int64_t extent, int64_t count, int64_t pixels, int64_t first) {
            const double step = static_cast<double>(extent) / static_cast<double>(pixels);
            return std::pair(static_cast<float>(static_cast<double>(-first) * step),
                             static_cast<float>(static_cast<double>(count - first) * step));
        };
        const auto [y0, y1] = along(shape.height, size.height, resized.height, before.height);
        const auto [x0, x1] = along(shape.width, size.width, resized.width, before.width);
        EXPECT_EQ(box[0], (Box{y0, x0, y1, x1})) << record;
        EXPECT_EQ(visible(box[0], shape, size),
                  (Rect{before.height, before.width, resized.height, resized.width}))
            << record;
    }
}

TEST(BoxesPlacesTest, GetSubwindow) {
    const std::vector<json> records = read_records("places.jsonl", "get_subwindow");
    EXPECT_EQ(records.size(), 250u);
    std::vector<Box> targets, boxes(records.size());
    for (const json &record : records) {
        const json &t = record["target"];
        const auto y = t[0].get<float>(), x = t[1].get<float>();
        targets.push_back({y, x, y + t[2].get<float>(), x + t[3].get<float>()});
    }
    for (const bool is_search : {false, true}) {
        ASSERT_TRUE(succeeded(tracker_boxes(targets, 0.5f, is_search ? 255.0f / 127 : 1, boxes)));
        for (size_t i = 0; i < records.size(); i++) {
            const json &square = records[i][is_search ? "search" : "template"];
            const auto y = square[0].get<float>(), x = square[1].get<float>();
            const auto side = square[2].get<float>();
            EXPECT_EQ(boxes[i], (Box{y, x, y + side, x + side})) << records[i];
        }
    }
}

TEST(BoxesPlacesTest, TrackerContextAndScale) {
    const Box targets[] = {{10, 20, 40, 100}};  // 30 x 80 about (25, 60)
    Box boxes[1];
    const struct {
        float context, scale;
        Box expected;
    } rows[] = {
        {0, 1, {0, 35, 49, 84}},        // sqrt(30 * 80) = 48.99
        {0, 2, {-25, 10, 73, 108}},     // 97.98: an even side, of which more is up and to the left
        {0.25f, 1, {-15, 20, 64, 99}},  // sqrt(57.5 * 107.5) = 78.62
        {0.5f, 1, {-29, 6, 78, 113}},   // sqrt(85 * 135) = 107.12
    };
    for (const auto &row : rows) {
        ASSERT_TRUE(succeeded(tracker_boxes(targets, row.context, row.scale, boxes)));
        EXPECT_EQ(boxes[0], row.expected);
    }
}

TEST(BoxesPlacesTest, FitsByHand) {
    const Box frame[] = {{0, 0, 1080, 1920}};
    const struct {
        Size glimpse;
        Fit fit;
        Box box;
        Rect seen;
    } rows[] = {
        {{640, 640}, Fit::letterbox, {-420, 0, 1500, 1920}, {140, 0, 360, 640}},
        {{640, 640}, Fit::crop, {0, 420, 1080, 1500}, {0, 0, 640, 640}},
        {{640, 640}, Fit::ultralytics, {-420, 0, 1500, 1920}, {140, 0, 360, 640}},
        // Centres lie on the sides of the image.
        {{540, 240}, Fit::letterbox, {-1620, 0, 2700, 1920}, {202, 0, 136, 240}},
        {{540, 240}, Fit::crop, {0, 720, 1080, 1200}, {0, 0, 540, 240}},
        // 135 rows leave 405: 202 above, and 203 below.
        {{540, 240}, Fit::ultralytics, {-1616, 0, 2704, 1920}, {202, 0, 135, 240}},
        {{2160, 3840}, Fit::letterbox, {0, 0, 1080, 1920}, {0, 0, 2160, 3840}},
        {{2160, 3840}, Fit::crop, {0, 0, 1080, 1920}, {0, 0, 2160, 3840}},
    };
    for (const auto &row : rows) {
        Box box[1];
        ASSERT_TRUE(succeeded(fit_boxes(frame, row.glimpse, row.fit, box)));
        EXPECT_EQ(box[0], row.box) << name(row.fit);
        EXPECT_EQ(visible(box[0], {1080, 1920}, row.glimpse), row.seen) << name(row.fit);
    }
}

// Of any regions: one scale, the middle stays, and all of the region is seen and no more than that
// along one axis, or nothing else is seen and all of the region along one axis.
TEST(BoxesPlacesTest, Fits) {
    Random random(72);
    for (int round = 0; round < 2000; round++) {
        const auto number = [&random](double low, double high) {
            return static_cast<float>(low + random.unit() * (high - low));
        };
        Box region = {number(-500, 2000), number(-500, 2000), 0, 0};
        region.y1 = region.y0 + number(1, random.chance(50) ? 20 : 2000);
        region.x1 = region.x0 + number(1, random.chance(50) ? 20 : 2000);
        const Size glimpse = {random.between(1, 700), random.between(1, 700)};
        Box letterbox[1], crop[1], ultralytics[1] = {region};
        ASSERT_TRUE(succeeded(fit_boxes({&region, 1}, glimpse, Fit::letterbox, letterbox)));
        ASSERT_TRUE(succeeded(fit_boxes({&region, 1}, glimpse, Fit::crop, crop)));
        // In its place.
        ASSERT_TRUE(succeeded(fit_boxes(ultralytics, glimpse, Fit::ultralytics, ultralytics)));
        struct Axis {
            double from, to, region_from, region_to, count, ulp;
            double scale() const {
                return (to - from) / count;
            }
            double larger_by() const {
                return (to - from) - (region_to - region_from);
            }
        };
        const auto axes = [&](const Box &b) {
            const auto axis = [](float from, float to, float region_from, float region_to,
                                 int64_t count) {
                const float largest = std::max(
                    {std::fabs(from), std::fabs(to), std::fabs(region_from), std::fabs(region_to)});
                return Axis{static_cast<double>(from),        static_cast<double>(to),
                            static_cast<double>(region_from), static_cast<double>(region_to),
                            static_cast<double>(count),       std::ldexp(largest, -23)};
            };
            return std::vector<Axis>{axis(b.y0, b.y1, region.y0, region.y1, glimpse.height),
                                     axis(b.x0, b.x1, region.x0, region.x1, glimpse.width)};
        };
        SCOPED_TRACE(::testing::PrintToString(region) + " to " + std::to_string(glimpse.height) +
                     " x " + std::to_string(glimpse.width));
        for (const bool is_crop : {false, true}) {
            const std::vector<Axis> both = axes(is_crop ? crop[0] : letterbox[0]);
            ASSERT_NEAR(both[0].scale(), both[1].scale(),
                        both[0].ulp / both[0].count + both[1].ulp / both[1].count);
            double least = infinity;
            for (const Axis &a : both) {
                ASSERT_NEAR(a.from + a.to, a.region_from + a.region_to, a.ulp);
                ASSERT_GE(a.larger_by() * (is_crop ? -1 : 1), -a.ulp);
                least = std::min(least, std::fabs(a.larger_by()) / a.ulp);
            }
            ASSERT_LE(least, 1);
        }
        // As a letterbox, but for less than a pixel of the glimpse on each side.
        const std::vector<Axis> exact = axes(letterbox[0]);
        const std::vector<Axis> rounded = axes(ultralytics[0]);
        for (size_t i = 0; i < 2; i++) {
            const double step = rounded[i].scale();
            const double pixels =
                (rounded[i].region_to - rounded[i].region_from) / step;  // of the region
            ASSERT_NEAR(pixels, std::round(pixels), 0.01);
            ASSERT_GE(pixels, 0.99);
            const double wanted = (exact[i].region_to - exact[i].region_from) / exact[i].scale();
            ASSERT_LE(std::fabs(pixels - wanted), wanted < 0.5 ? 1 : 0.51);
            const double before = (rounded[i].region_from - rounded[i].from) / step;
            const double behind = (rounded[i].to - rounded[i].region_to) / step;
            ASSERT_NEAR(before, std::round(before), 0.01);
            const double shift = behind - before;  // 0, or 1 where a pixel is left over
            ASSERT_GE(shift, -0.02);
            ASSERT_LE(shift, 1.02);
        }
    }
}

TEST(BoxesPlacesTest, CenteredAndRetinaByHand) {
    const Size image = {40, 60}, glimpse = {4, 7};
    const struct {
        Coordinates coordinates;
        Offset center;
    } rows[] = {
        {Coordinates::pixels, {10, 45}},
        {Coordinates::normalized, {0.25f, 0.75f}},
        {Coordinates::centered_pixels, {-10, 15}},
        {Coordinates::centered_normalized, {-0.5f, 0.5f}},
    };
    for (const auto &row : rows) {
        const Offset centers[] = {row.center};
        Box box[1], boxes[3];
        ASSERT_TRUE(succeeded(centered_boxes(centers, image, glimpse, row.coordinates, box)));
        EXPECT_EQ(box[0], (Box{8, 41.5f, 12, 48.5f})) << name(row.coordinates);
        ASSERT_TRUE(succeeded(retina_boxes(centers, image, glimpse, row.coordinates, 3, boxes)));
        EXPECT_EQ(boxes[0], box[0]) << name(row.coordinates);
        EXPECT_EQ(boxes[1], (Box{6, 38, 14, 52})) << name(row.coordinates);
        EXPECT_EQ(boxes[2], (Box{2, 31, 18, 59})) << name(row.coordinates);
    }
    const Offset centers[] = {{0, 0}, {8, 16}};
    Box boxes[48];
    ASSERT_TRUE(succeeded(retina_boxes(centers, image, {2, 2}, Coordinates::pixels, 24, boxes)));
    for (int i = 0; i < 24; i++) {
        const auto half = static_cast<float>(1 << i);
        EXPECT_EQ(boxes[i], (Box{-half, -half, half, half}));
        // 2^23 + 8 and the like are floats.
        EXPECT_EQ(boxes[24 + i], (Box{8 - half, 16 - half, 8 + half, 16 + half}));
    }
}

// Wherever the centre is, the box has exactly the size of the glimpse, so that nothing is scaled.
TEST(BoxesPlacesTest, CenteredAreNotScaled) {
    Random random(73);
    for (int round = 0; round < 20000; round++) {
        const auto number = [&random] {
            return static_cast<float>((random.unit() - 0.3) * (random.chance(50) ? 3000 : 10));
        };
        const Offset centers[] = {{number(), number()}};
        const Size glimpse = {random.between(1, 300), random.between(1, 9)};
        Box boxes[2];
        ASSERT_TRUE(
            succeeded(retina_boxes(centers, {700, 900}, glimpse, Coordinates::pixels, 2, boxes)));
        for (const int level : {0, 1}) {
            const Box b = boxes[level];
            const auto check = [level](float from, float to, float center, int64_t size) {
                const double y0 = static_cast<double>(from), y1 = static_cast<double>(to);
                ASSERT_EQ(y1 - y0, std::ldexp(static_cast<double>(size), level));
                ASSERT_NEAR((y0 + y1) / 2, static_cast<double>(center),
                            std::ldexp(std::max(std::fabs(y0), std::fabs(y1)), -24));
            };
            check(b.y0, b.y1, centers[0].y, glimpse.height);
            check(b.x0, b.x1, centers[0].x, glimpse.width);
        }
    }
}

// Of TensorFlow's boxes that end at sides of the image the outer samples are at centres of its
// outer pixels, where they are in it: rounding must not make them fill.
TEST(BoxesPlacesTest, TensorFlowSamplesStayInside) {
    Random random(74);
    const auto check = [](float from, float to, int64_t extent, int64_t count) {
        SCOPED_TRACE(std::to_string(from) + " to " + std::to_string(to) + " of " +
                     std::to_string(extent) + ", " + std::to_string(count) + " samples");
        const Box boxes[] = {{from, to, to, from}};
        Box box[1];
        ASSERT_TRUE(
            succeeded(glimpse::tensorflow::boxes(boxes, {extent, extent}, {count, count}, box)));
        const auto check_axis = [&](float side0, float side1, float a, float b) {
            const auto place = [&](int64_t i) {
                return static_cast<double>(reference::center(
                           reference::side(side0, extent, Coordinates::pixels),
                           reference::side(side1, extent, Coordinates::pixels), count, i)) /
                           4294967296.0 -
                       0.5;
            };
            const double first = place(0), last = place(count - 1);
            const auto largest = static_cast<double>(extent - 1);
            ASSERT_GE(std::min(first, last), 0);
            ASSERT_LE(std::max(first, last), largest);
            const double p = static_cast<double>(a) * largest, q = static_cast<double>(b) * largest;
            const double bound = std::ldexp(
                static_cast<double>(std::max(std::fabs(side0), std::fabs(side1))) + 1, -22);
            ASSERT_NEAR(first, count == 1 ? (p + q) / 2 : p, bound);
            ASSERT_NEAR(last, count == 1 ? (p + q) / 2 : q, bound);
        };
        check_axis(box[0].y0, box[0].y1, from, to);
        check_axis(box[0].x0, box[0].x1, to, from);
    };
    for (int64_t extent = 1; extent < 130; extent++) {
        for (int64_t count = 1; count < 70; count++) {
            check(0, 1, extent, count);
            check(0, static_cast<float>(random.unit()), extent, count);
            check(static_cast<float>(random.unit()), 1, extent, count);
        }
    }
    for (const int64_t extent : {1080, 1920, 4096, 7680, 100000}) {
        for (const int64_t count : {2, 7, 14, 224, 299, 640, 3000}) {
            check(0, 1, extent, count);
        }
    }
}

// The formula backwards: corners are indices of the first and the last sample.
TEST(BoxesPlacesTest, TensorFlowBackwards) {
    Random random(75);
    for (int round = 0; round < 5000; round++) {
        const auto number = [&random] { return static_cast<float>(random.unit() * 2 - 0.5); };
        const Box boxes[] = {{number(), number(), number(), number()}};
        const Size image = {random.between(2, 300), random.between(2, 300)};
        const Size crop = {random.between(2, 40), random.between(2, 40)};
        Box box[1];
        ASSERT_TRUE(succeeded(glimpse::tensorflow::boxes(boxes, image, crop, box)));
        const auto check = [](float a, float b, float from, float to, int64_t extent,
                              int64_t count) {
            const double y0 = static_cast<double>(from), y1 = static_cast<double>(to);
            const double step = (y1 - y0) / static_cast<double>(count);
            const double last = static_cast<double>(extent - 1);
            const double bound = std::ldexp(std::max(std::fabs(y0), std::fabs(y1)) + 1, -23);
            ASSERT_NEAR(y0 + step / 2 - 0.5, static_cast<double>(a) * last, bound);
            ASSERT_NEAR(y1 - step / 2 - 0.5, static_cast<double>(b) * last, bound);
        };
        check(boxes[0].y0, boxes[0].y1, box[0].y0, box[0].y1, image.height, crop.height);
        check(boxes[0].x0, boxes[0].x1, box[0].x0, box[0].x1, image.width, crop.width);
        // A glimpse of one pixel looks at the middle.
        ASSERT_TRUE(succeeded(glimpse::tensorflow::boxes(boxes, image, {1, 1}, box)));
        const double middle =
            (static_cast<double>(boxes[0].y0) + static_cast<double>(boxes[0].y1)) / 2 *
                static_cast<double>(image.height - 1) +
            0.5;
        ASSERT_EQ(box[0].y0, static_cast<float>(middle));
        ASSERT_EQ(box[0].y1, box[0].y0);
        ASSERT_EQ(box[0].x1, box[0].x0);
    }
}

TEST(BoxesPlacesTest, VisibleByForce) {
    for (const Box &box : many_boxes()) {
        for (const Size glimpse : {Size{9, 13}, Size{1, 1}, Size{64, 3}, Size{2, 200}}) {
            EXPECT_EQ(visible(box, {37, 53}, glimpse), visible_by_force(box, {37, 53}, glimpse))
                << ::testing::PrintToString(box) << ", " << glimpse.height << " x "
                << glimpse.width;
        }
    }
    // At whole pixels what a window shows.
    for (const Origin origin : {Origin{0, 0}, Origin{-3, 45}, Origin{30, -7}, Origin{100, 0}}) {
        const auto y = static_cast<float>(origin.y), x = static_cast<float>(origin.x);
        EXPECT_EQ(visible(Box{y, x, y + 9, x + 13}, {37, 53}, {9, 13}),
                  visible(origin, {37, 53}, {9, 13}));
    }
}

TEST(BoxesPlacesTest, VisibleOfNothing) {
    const Size image = {37, 53}, glimpse = {9, 13};
    const Box box = {3, 4, 20, 30};
    EXPECT_EQ(visible(box, image, glimpse), (Rect{0, 0, 9, 13}));
    for (const int64_t extent : {int64_t{0}, int64_t{-1}, std::numeric_limits<int64_t>::min()}) {
        EXPECT_EQ(visible(box, {extent, 53}, glimpse), Rect());
        EXPECT_EQ(visible(box, {37, extent}, glimpse), Rect());
        EXPECT_EQ(visible(box, image, {extent, 13}), Rect());
        EXPECT_EQ(visible(box, image, {9, extent}), Rect());
    }
    // Though the middle of the box is in the closed image.
    EXPECT_EQ(visible(Box{-1, 0, 1, 1}, {0, 1}, {3, 1}), Rect());
    EXPECT_EQ(visible(Box{0, -1, 1, 1}, {1, 0}, {1, 3}), Rect());
    const int64_t huge = std::numeric_limits<int64_t>::max();
    EXPECT_EQ(visible(box, image, {huge, 13}), Rect());
    EXPECT_EQ(visible(box, image, {9, int64_t{1} << 30}), Rect());
    EXPECT_EQ(visible(box, {huge, huge}, glimpse), (Rect{0, 0, 9, 13}));
    for (const float side : {nan, infinity, -infinity, 3e9f, -3e9f}) {
        for (int i = 0; i < 4; i++) {
            Box spoilt = box;
            (i == 0 ? spoilt.y0 : i == 1 ? spoilt.x0 : i == 2 ? spoilt.y1 : spoilt.x1) = side;
            EXPECT_EQ(visible(spoilt, image, glimpse), Rect());
        }
    }
}

TEST(BoxesPlacesTest, InImageByHand) {
    const auto check = [](const Offset &point, const Box &box, Size glimpse,
                          const Offset &expected) {
        const Offset at = in_image(point, box, glimpse);
        EXPECT_EQ(at.y, expected.y);
        EXPECT_EQ(at.x, expected.x);
    };
    const Box letterbox = {-420, 0, 1500, 1920};
    check({140, 0}, letterbox, {640, 640}, {0, 0});
    check({500, 640}, letterbox, {640, 640}, {1080, 1920});
    check({320, 320}, letterbox, {640, 640}, {540, 960});
    check({150.5f, 10}, letterbox, {640, 640}, {31.5f, 30});
    check({-1, 641}, letterbox, {640, 640}, {-423, 1923});
    const Box flipped = {20, 30, 4, 6};
    check({0, 0}, flipped, {8, 4}, {20, 30});
    check({8, 4}, flipped, {8, 4}, {4, 6});
    check({1, 1}, flipped, {8, 4}, {18, 24});
    check({3, 2}, {7, 9, 7, 9}, {8, 4}, {7, 9});
}

TEST(BoxesPlacesTest, Names) {
    const char *const names[] = {"letterbox", "crop", "ultralytics"};
    ASSERT_EQ(std::size(names), static_cast<size_t>(glimpse::fit_count));
    for (int i = 0; i < glimpse::fit_count; i++) {
        EXPECT_STREQ(name(static_cast<Fit>(i)), names[i]);
    }
    EXPECT_STREQ(name(static_cast<Fit>(glimpse::fit_count)), "unknown");
    EXPECT_STREQ(name(static_cast<Fit>(-1)), "unknown");
}

// Calls that are right, on two places, for a test to spoil.
struct Call {
    Size image = {40, 60}, glimpse = {9, 13};
    Coordinates coordinates = Coordinates::pixels;
    int32_t levels = 3;
    Fit fit = Fit::letterbox;
    float context = 0.5f, scale = 1;
    // More than are used: misplaced arrays must lie in memory, too.
    std::vector<Offset> center_list = std::vector<Offset>(16, Offset{5, 6});
    std::vector<Box> place_list = {{3, 4, 10, 20}, {20, 30, 21, 34}, {1, 2, 3, 4}};
    std::vector<Box> result = std::vector<Box>(7, Box{-7, -7, -7, -7});
    Span<const Offset> centers = {center_list.data(), 2};
    Span<const Box> places = {place_list.data(), 2};
    Span<Box> boxes = {result.data(), 2};

    Call() {
        center_list[0] = {3, 4};
        center_list[1] = {20, 30};
    }
    Call(const Call &) = delete;
    Call &operator=(const Call &) = delete;
};

struct Function {
    const char *name;
    std::function<Status(Call &)> run;
};
const Function by_centers[] = {
    {"centered_boxes",
     [](Call &c) { return centered_boxes(c.centers, c.image, c.glimpse, c.coordinates, c.boxes); }},
    {"retina_boxes",
     [](Call &c) {
         Span<Box> boxes = c.boxes;
         boxes.size *= 3;
         return retina_boxes(c.centers, c.image, c.glimpse, c.coordinates, c.levels, boxes);
     }},
};
const Function fit_function = {
    "fit_boxes", [](Call &c) { return fit_boxes(c.places, c.glimpse, c.fit, c.boxes); }};
const Function tracker_function = {
    "tracker_boxes", [](Call &c) { return tracker_boxes(c.places, c.context, c.scale, c.boxes); }};
const Function tensorflow_function = {
    "tensorflow::boxes",
    [](Call &c) { return glimpse::tensorflow::boxes(c.places, c.image, c.glimpse, c.boxes); }};
const Function by_places[] = {fit_function, tracker_function, tensorflow_function};

// Expects that a call which was spoilt fails, with that code and a text that has `word` in it, and
// writes nothing; and that it succeeds when it is not.
void expect_refused(const Function &function, const std::function<void(Call &)> &spoil,
                    StatusCode code, const std::string &word) {
    SCOPED_TRACE(std::string(function.name) + ", " + word);
    Call good;
    EXPECT_TRUE(succeeded(function.run(good)));
    EXPECT_FALSE(good.result[0] == (Box{-7, -7, -7, -7}));
    EXPECT_FALSE(good.result[1] == (Box{-7, -7, -7, -7}));
    EXPECT_EQ(good.result[6], (Box{-7, -7, -7, -7}));
    Call call;
    spoil(call);
    const std::vector<Box> before = call.result, places_before = call.place_list;
    const std::vector<Offset> centers_before = call.center_list;
    const Status status = function.run(call);
    EXPECT_EQ(status.code(), code) << status.message();
    EXPECT_NE(std::string(status.message()).find(word), std::string::npos) << status.message();
    EXPECT_EQ(std::memcmp(call.result.data(), before.data(), before.size() * sizeof(Box)), 0);
    EXPECT_EQ(std::memcmp(call.place_list.data(), places_before.data(),
                          places_before.size() * sizeof(Box)),
              0);
    EXPECT_EQ(std::memcmp(call.center_list.data(), centers_before.data(),
                          centers_before.size() * sizeof(Offset)),
              0);
}

// What all refuse: arrays that cannot be read or written, or do not fit together.
template<typename In>
void expect_arrays_refused(const Function &function, Span<const In> Call::*in,
                           std::vector<In> Call::*list, const std::string &name) {
    const auto check = [&](const std::function<void(Call &)> &spoil, StatusCode code,
                           const std::string &word) {
        expect_refused(function, spoil, code, word);
    };
    check([&](Call &c) { (c.*in).data = nullptr; }, StatusCode::null_pointer, name + " is null");
    check([](Call &c) { c.boxes.data = nullptr; }, StatusCode::null_pointer, "boxes is null");
    check([&](Call &c) { (c.*in).size = 3; }, StatusCode::count_mismatch, "room for");
    check([&](Call &c) { (c.*in).size = 1; }, StatusCode::count_mismatch, "room for");
    check([&](Call &c) { (c.*in).size = 0; }, StatusCode::count_mismatch, "room for");
    check([](Call &c) { c.boxes.size = 1; }, StatusCode::count_mismatch, "room for");
    check([](Call &c) { c.boxes.size = 0; }, StatusCode::count_mismatch, "room for");
    check([&](Call &c) { (c.*in) = (c.*in).on(glimpse::Memory::cuda); },
          StatusCode::memory_mismatch, name);
    check([](Call &c) { c.boxes = c.boxes.on(glimpse::Memory::cuda); }, StatusCode::memory_mismatch,
          "boxes");
    check(
        [&](Call &c) {
            (c.*in).data =
                reinterpret_cast<const In *>(reinterpret_cast<const char *>((c.*list).data()) + 1);
        },
        StatusCode::misaligned, name);
    check(
        [](Call &c) {
            c.boxes.data = reinterpret_cast<Box *>(reinterpret_cast<char *>(c.result.data()) + 2);
        },
        StatusCode::misaligned, "boxes");
    // The last element of one is the first of the other, or a part of it.
    check([&](Call &c) { (c.*in).data = reinterpret_cast<const In *>(&c.result[1]); },
          StatusCode::overlap, "overlaps");
    check([&](Call &c) { c.boxes.data = reinterpret_cast<Box *>(&(c.*list)[1]); },
          StatusCode::overlap, "overlaps");
}

void expect_sizes_refused(const Function &function, Size Call::*size, const std::string &name) {
    const auto check = [&](const Size &bad, StatusCode code, const std::string &word) {
        expect_refused(
            function, [&](Call &c) { c.*size = bad; }, code, word);
    };
    const int64_t huge = std::numeric_limits<int64_t>::max();
    check({0, 5}, StatusCode::negative_shape, name + " has 0 x 5");
    check({5, 0}, StatusCode::negative_shape, name + " has 5 x 0");
    check({-31, 5}, StatusCode::negative_shape, name + " has -31 x 5");
    check({5, -32}, StatusCode::negative_shape, name + " has 5 x -32");
    check({huge, 5}, StatusCode::too_large, name + " has 9223372036854775807 x 5");
    check({5, int64_t{1} << 30}, StatusCode::too_large, name + " has 5 x 1073741824");
}

void expect_places_refused(const Function &function, bool needs_area) {
    for (int i = 0; i < 4; i++) {
        const auto spoil_with = [i](float value) {
            return [i, value](Call &c) {
                Box &b = c.place_list[1];
                (i == 0 ? b.y0 : i == 1 ? b.x0 : i == 2 ? b.y1 : b.x1) = value;
            };
        };
        for (const float value : {nan, infinity, -infinity}) {
            expect_refused(function, spoil_with(value), StatusCode::offset_not_finite, " 1 ");
        }
        // As large as the side across, and beyond that.
        const float across[] = {21, 34, 20, 30};
        for (const float beyond : {0, 1}) {
            if (needs_area) {
                expect_refused(function, spoil_with(across[i] + (i < 2 ? beyond : -beyond)),
                               StatusCode::invalid_value, " 1 ");
            }
        }
    }
}

TEST(BoxesErrorsTest, ByCenters) {
    for (const Function &function : by_centers) {
        expect_arrays_refused<Offset>(function, &Call::centers, &Call::center_list, "centers");
        expect_sizes_refused(function, &Call::image, "the image");
        expect_sizes_refused(function, &Call::glimpse, "the glimpse");
        // They begin together, but do not end so.
        expect_refused(
            function,
            [](Call &c) { c.centers.data = reinterpret_cast<const Offset *>(c.result.data()); },
            StatusCode::overlap, "overlaps");
        for (const int value : {-1, 4}) {
            expect_refused(
                function, [value](Call &c) { c.coordinates = static_cast<Coordinates>(value); },
                StatusCode::unknown_enumerator, "coordinates is " + std::to_string(value));
        }
        for (const float value : {nan, infinity, -infinity}) {
            expect_refused(
                function, [value](Call &c) { c.center_list[1].y = value; },
                StatusCode::offset_not_finite, "centre 1");
            expect_refused(
                function, [value](Call &c) { c.center_list[1].x = value; },
                StatusCode::offset_not_finite, "centre 1");
        }
    }
    for (const int32_t levels : {0, -1, 25, std::numeric_limits<int32_t>::max()}) {
        expect_refused(
            by_centers[1], [levels](Call &c) { c.levels = levels; }, StatusCode::invalid_value,
            "levels is " + std::to_string(levels));
    }
    for (const int32_t levels : {1, 2, 4, 24}) {  // but not so many boxes
        expect_refused(
            by_centers[1], [levels](Call &c) { c.levels = levels; }, StatusCode::count_mismatch,
            std::to_string(2 * levels));
    }
}

TEST(BoxesErrorsTest, FitBoxes) {
    expect_arrays_refused<Box>(fit_function, &Call::places, &Call::place_list, "regions");
    expect_sizes_refused(fit_function, &Call::glimpse, "the glimpse");
    expect_places_refused(fit_function, true);
    for (const int value : {-1, glimpse::fit_count}) {
        expect_refused(
            fit_function, [value](Call &c) { c.fit = static_cast<Fit>(value); },
            StatusCode::unknown_enumerator, "fit is " + std::to_string(value));
    }
}

TEST(BoxesErrorsTest, TrackerBoxes) {
    expect_arrays_refused<Box>(tracker_function, &Call::places, &Call::place_list, "targets");
    expect_places_refused(tracker_function, true);
    for (const float value : {-0.5f, nan, infinity, -infinity}) {
        expect_refused(
            tracker_function, [value](Call &c) { c.context = value; }, StatusCode::invalid_value,
            "context is");
    }
    for (const float value : {0.0f, -1.0f, nan, infinity, -infinity}) {
        expect_refused(
            tracker_function, [value](Call &c) { c.scale = value; }, StatusCode::invalid_value,
            "scale");
    }
}

TEST(BoxesErrorsTest, TensorFlowBoxes) {
    expect_arrays_refused<Box>(tensorflow_function, &Call::places, &Call::place_list, "boxes");
    expect_sizes_refused(tensorflow_function, &Call::image, "the image");
    expect_sizes_refused(tensorflow_function, &Call::glimpse, "the crop");
    expect_places_refused(tensorflow_function, false);
}

// Nothing to do, and boxes in the place of others.
TEST(BoxesErrorsTest, Legal) {
    for (const Function &function : by_centers) {
        Call call;
        call.centers = {};
        call.boxes = {};
        EXPECT_TRUE(succeeded(function.run(call))) << function.name;
    }
    for (const Function &function : by_places) {
        Call none, apart, in_place;
        none.places = {};
        none.boxes = {};
        EXPECT_TRUE(succeeded(function.run(none))) << function.name;
        in_place.boxes = {in_place.place_list.data(), 2};
        EXPECT_TRUE(succeeded(function.run(apart))) << function.name;
        EXPECT_TRUE(succeeded(function.run(in_place))) << function.name;
        for (const size_t i : {0, 1}) {
            EXPECT_EQ(in_place.place_list[i], apart.result[i]) << function.name;
        }
        EXPECT_EQ(in_place.place_list[2], (Box{1, 2, 3, 4})) << function.name;
    }
    // Regions that become less than a pixel have one all the same.
    const Box thin[] = {{0, 0, 1, 2000}};
    Box box[1];
    ASSERT_TRUE(succeeded(fit_boxes(thin, {32, 32}, Fit::ultralytics, box)));
    EXPECT_EQ(visible(box[0], {1, 2000}, {32, 32}), (Rect{15, 0, 1, 32}));
}

}  // namespace
