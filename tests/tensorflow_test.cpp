// glimpse::tensorflow against what TensorFlow 2.21 was recorded to do (tests/golden/README.md):
// pixels, origins, noise, wrong and degenerate arguments.

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "buffers.h"
#include "cuda/device_memory.h"
#include "glimpse/glimpse.h"
#include "reference.h"
#include "variants.h"

namespace {

using glimpse::Border;
using glimpse::ChannelStatistics;
using glimpse::ConstView;
using glimpse::Context;
using glimpse::Offset;
using glimpse::Origin;
using glimpse::Size;
using glimpse::Span;
using glimpse::Status;
using glimpse::StatusCode;
using glimpse::tensorflow::Attributes;
using glimpse::tensorflow::Version;
using glimpse::tensorflow::WideOrigin;

std::string golden(const std::string &name) {
    return std::string(GLIMPSE_TEST_GOLDEN_DIR) + "/" + name;
}

// The floats of one of the flat arrays.
std::vector<float> read_floats(const std::string &name) {
    std::ifstream file(golden(name), std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(file)), {});
    if (content.size() < 128) {
        ADD_FAILURE() << golden(name) << " cannot be read";
        return {};
    }
    std::vector<float> floats((content.size() - 128) / sizeof(float));
    std::memcpy(floats.data(), content.data() + 128, floats.size() * sizeof(float));
    return floats;
}

std::vector<std::istringstream> read_lines(const std::string &name) {
    std::ifstream file(golden(name));
    std::vector<std::istringstream> lines;
    for (std::string line; std::getline(file, line);) {
        lines.emplace_back(line);
    }
    EXPECT_FALSE(lines.empty()) << golden(name) << " cannot be read";
    return lines;
}

float read_bits(std::istringstream &line) {
    std::string text;
    line >> text;
    return float_of_bits(static_cast<uint32_t>(std::stoul(text, nullptr, 16)));
}

struct Image {
    glimpse::Shape shape;
    size_t position = 0;
    std::string kind;
};

// The copy of a rectangle of the image that a glimpse shows.
struct Visible {
    int64_t glimpse = 0, image = 0, extent = 0;
};

struct Glimpse {
    Offset offset;
    WideOrigin origin;
    Visible y, x;
};

struct Case {
    int number = 0, version = 0, centered = 0, normalized = 0;
    std::string noise;
    size_t image = 0;
    int32_t height = 0, width = 0;
    size_t position = 0;
    std::vector<Glimpse> glimpses;
};

struct Golden {
    std::vector<float> pixels = read_floats("images.npy");
    std::vector<float> outputs = read_floats("outputs.npy");
    std::vector<Image> images;
    std::vector<Case> cases;
    // By image: [batch, channels].
    std::map<size_t, std::vector<ChannelStatistics>> statistics;

    Golden() {
        for (std::istringstream &line : read_lines("images.txt")) {
            Image image;
            size_t number;
            line >> number >> image.shape.count >> image.shape.height >> image.shape.width >>
                image.shape.channels >> image.position >> image.kind;
            images.push_back(image);
        }
        for (std::istringstream &line : read_lines("stats.txt")) {
            size_t number, index;
            float low, high;
            line >> number >> index >> low >> high;
            for (int64_t c = 0; c < images[number].shape.channels; c++) {
                ChannelStatistics channel;
                line >> channel.mean >> channel.stddev >> channel.min >> channel.max;
                statistics[number].push_back(channel);
            }
        }
        for (std::istringstream &line : read_lines("cases.txt")) {
            Case test;
            size_t batch;
            std::string seed;
            line >> test.number >> test.version >> test.centered >> test.normalized >> test.noise >>
                test.image >> test.height >> test.width >> test.position >> batch >> seed >> seed;
            for (size_t b = 0; b < batch; b++) {
                Glimpse glimpse;
                int partial;
                glimpse.offset.y = read_bits(line);
                glimpse.offset.x = read_bits(line);
                line >> glimpse.origin.y >> glimpse.origin.x;
                for (Visible *axis : {&glimpse.y, &glimpse.x}) {
                    line >> axis->glimpse >> axis->image >> axis->extent;
                }
                line >> partial;
                test.glimpses.push_back(glimpse);
            }
            EXPECT_TRUE(line) << "case " << test.number;
            cases.push_back(test);
        }
    }
};

const Golden &recorded() {
    static const Golden golden_data;
    return golden_data;
}

// One call with dense tensors of the right ranks.
Status call(const ConstView &images, int32_t height, int32_t width,
            const std::vector<Offset> &offsets, float *output, const Attributes &attributes,
            Context &context) {
    const glimpse::Shape &shape = images.shape;
    const int64_t input_shape[] = {shape.count, shape.height, shape.width, shape.channels};
    const int64_t size_shape[] = {2};
    const int32_t size[] = {height, width};
    const int64_t offsets_shape[] = {static_cast<int64_t>(offsets.size()), 2};
    std::vector<float> pairs;
    for (const Offset &offset : offsets) {
        pairs.push_back(offset.y);
        pairs.push_back(offset.x);
    }
    const int64_t output_shape[] = {shape.count, height, width, shape.channels};
    return glimpse::tensorflow::extract_glimpse(
        {static_cast<const float *>(images.data), input_shape}, {size, size_shape},
        {pairs.data(), offsets_shape}, {output, output_shape}, attributes, context);
}

bool one_of(StatusCode code, const std::vector<StatusCode> &codes) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

bool fits(const WideOrigin &origin, int64_t height, int64_t width) {
    return origin.y >= INT32_MIN && origin.x >= INT32_MIN && origin.y + height - 1 <= INT32_MAX &&
           origin.x + width - 1 <= INT32_MAX;
}

// Pooled fill of all cases, mapped to uniform variates, and how often it was clamped.
struct Pool {
    std::vector<double> uniform;
    double below = 0, above = 0;  // at the minimum and the maximum
    double expected_below = 0, expected_above = 0, variance_below = 0, variance_above = 0;

    static double normal_cdf(double z) {
        return 0.5 * std::erfc(-z / std::sqrt(2.0));
    }
    void add_uniform(float value, float low, float high) {
        uniform.push_back((static_cast<double>(value) - static_cast<double>(low)) /
                          (static_cast<double>(high) - static_cast<double>(low)));
    }
    void add_gaussian(float value, const ChannelStatistics &channel) {
        const auto cdf = [&channel](float v) {
            return normal_cdf((static_cast<double>(v) - channel.mean) / channel.stddev);
        };
        const double p = cdf(channel.min), q = cdf(channel.max);
        expected_below += p;
        variance_below += p * (1 - p);
        expected_above += 1 - q;
        variance_above += q * (1 - q);
        if (value == channel.min) {
            below++;
        } else if (value == channel.max) {
            above++;
        } else {
            uniform.push_back((cdf(value) - p) / (q - p));
        }
    }
    // The z-score of chi-square over 32 equal bins.
    double chi_square() const {
        std::vector<double> bins(32);
        for (const double u : uniform) {
            bins[std::min<size_t>(31, static_cast<size_t>(u * 32))]++;
        }
        const double expected = static_cast<double>(uniform.size()) / 32;
        double sum = 0;
        for (const double count : bins) {
            sum += (count - expected) * (count - expected) / expected;
        }
        return (sum - 31) / std::sqrt(62.0);
    }
};

class TensorFlowTest : public VariantTest {};

TEST_P(TensorFlowTest, Cases) {
    const Golden &data = recorded();
    ASSERT_EQ(data.cases.size(), 720u);
    Pool uniform, gaussian;
    for (const Case &test : data.cases) {
        const Image &image = data.images[test.image];
        const int64_t channels = image.shape.channels;
        const auto view = ConstView::interleaved(data.pixels.data() + image.position, image.shape);
        Output<float> output({image.shape.count, test.height, test.width, channels}, interleaved,
                             static_cast<uint64_t>(test.number));
        std::vector<Offset> offsets;
        for (const Glimpse &glimpse : test.glimpses) {
            offsets.push_back(glimpse.offset);
        }
        Attributes attributes;
        attributes.version = test.version == 1 ? Version::v1 : Version::v2;
        attributes.centered = test.centered != 0;
        attributes.normalized = test.normalized != 0;
        attributes.uniform_noise = false;
        attributes.noise = test.noise.c_str();
        attributes.seed = static_cast<uint64_t>(test.number) + 1;
        ASSERT_TRUE(
            succeeded(call(view, test.height, test.width, offsets,
                           static_cast<float *>(output.view().data), attributes, context())))
            << "case " << test.number;

        // The noise, also, is the plane's: the same as extract() shows there.
        reference::Plane<float> plane;
        plane.images = view;
        plane.border = test.noise == "uniform"    ? Border::uniform
                       : test.noise == "gaussian" ? Border::gaussian
                                                  : Border::zero;
        plane.seed = attributes.seed;
        if (reference::is_noise(plane.border)) {
            plane.statistics.resize(static_cast<size_t>(image.shape.count * channels));
            ASSERT_TRUE(succeeded(compute_statistics(view, plane.statistics, context())));
        }
        const ConstView got = output.result();
        const auto same = same_pixels<float>(got, [&](int64_t n, int64_t y, int64_t x, int64_t c) {
            const Glimpse &glimpse = test.glimpses[static_cast<size_t>(n)];
            const int64_t row = y - glimpse.y.glimpse, column = x - glimpse.x.glimpse;
            if (row >= 0 && row < glimpse.y.extent && column >= 0 && column < glimpse.x.extent) {
                const auto at =
                    static_cast<size_t>(((n * test.height + y) * test.width + x) * channels + c);
                return data.outputs[test.position + at];
            }
            if (plane.border == Border::zero) {
                return 0.0f;
            }
            const float value = reference::element<float>(got, n, y, x, c);
            const auto *const channel =
                &data.statistics.at(test.image)[static_cast<size_t>(n * channels)];
            float low = channel[c].min, high = channel[c].max;
            if (plane.border == Border::uniform) {
                for (int64_t other = 0; other < channels; other++) {
                    low = std::min(low, channel[other].min);
                    high = std::max(high, channel[other].max);
                }
            }
            EXPECT_TRUE(value >= low && value <= high)
                << "case " << test.number << ", glimpse " << n << ", y " << y << ", x " << x
                << ", channel " << c << ": " << show(value) << " is not in [" << low << ", " << high
                << "]";
            if (plane.border == Border::uniform && low < high) {
                uniform.add_uniform(value, low, high);
            } else if (plane.border == Border::gaussian && low < high) {
                gaussian.add_gaussian(value, channel[c]);
            }
            return fits(glimpse.origin, test.height, test.width)
                       ? plane(n, glimpse.origin.y + y, glimpse.origin.x + x, c)
                       : value;
        });
        ASSERT_TRUE(same) << "case " << test.number;
        ASSERT_TRUE(output.guards_intact()) << "case " << test.number;
    }
    // Bounds of 5 deviations: seven such figures in a billion go wrong by chance.
    ASSERT_GT(uniform.uniform.size(), 15000u);
    ASSERT_GT(gaussian.uniform.size(), 15000u);
    EXPECT_LT(std::fabs(uniform.chi_square()), 5);
    EXPECT_LT(std::fabs(gaussian.chi_square()), 5);
    EXPECT_LT(std::fabs(gaussian.below - gaussian.expected_below),
              5 * std::sqrt(gaussian.variance_below));
    EXPECT_LT(std::fabs(gaussian.above - gaussian.expected_above),
              5 * std::sqrt(gaussian.variance_above));
}

// A line of origins.txt.
struct Coordinate {
    int version = 0, centered = 0, normalized = 0;
    float offset = 0;
    int64_t size = 0, window = 0, origin = 0;

    Attributes attributes() const {
        Attributes result;
        result.version = version == 1 ? Version::v1 : Version::v2;
        result.centered = centered != 0;
        result.normalized = normalized != 0;
        result.uniform_noise = false;
        result.noise = "zero";
        return result;
    }
};

std::vector<Coordinate> recorded_coordinates() {
    std::vector<Coordinate> result;
    for (std::istringstream &line : read_lines("origins.txt")) {
        Coordinate coordinate;
        line >> coordinate.version >> coordinate.centered >> coordinate.normalized;
        coordinate.offset = read_bits(line);
        line >> coordinate.size >> coordinate.window >> coordinate.origin;
        EXPECT_TRUE(line);
        result.push_back(coordinate);
    }
    EXPECT_EQ(result.size(), 2400u);
    return result;
}

// Every recorded coordinate, seen on a ramp of one row as it was in TensorFlow.
TEST_P(TensorFlowTest, RecordedOriginsOnARamp) {
    std::vector<float> ramp(100003);
    for (size_t i = 0; i < ramp.size(); i++) {
        ramp[i] = static_cast<float>(i + 1);
    }
    for (const Coordinate &test : recorded_coordinates()) {
        const float row = test.version == 1 && !test.centered ? 0.5f : 0.0f;
        const auto image =
            ConstView::interleaved(static_cast<const float *>(ramp.data()), {1, 1, test.size, 1});
        Output<float> output({1, 1, test.window, 1}, interleaved, 1);
        ASSERT_TRUE(succeeded(call(image, 1, static_cast<int32_t>(test.window),
                                   {{row, test.offset}}, static_cast<float *>(output.view().data),
                                   test.attributes(), context())));
        ASSERT_TRUE(same_pixels<float>(
            output.result(),
            [&](int64_t, int64_t, int64_t x, int64_t) {
                const bool far = test.origin < -1000 || test.origin > 1000000;
                const int64_t i = far ? -1 : test.origin + x;
                return i >= 0 && i < test.size ? static_cast<float>(i + 1) : 0.0f;
            }))
            << "version " << test.version << ", centered " << test.centered << ", normalized "
            << test.normalized << ", size " << test.size << ", window " << test.window
            << ", offset " << show(test.offset);
    }
}

#ifdef GLIMPSE_CUDA
// The same with everything in the memory of a device, where origins are computed then.
TEST(DeviceOriginsTest, Recorded) {
    if (!glimpse::cuda_probe().status.ok()) {
        GTEST_SKIP() << glimpse::cuda_probe().status.message();
    }
    const PrimaryContext current;
    Context context;
    const std::vector<Coordinate> coordinates = recorded_coordinates();
    std::vector<float> ramp(100003);
    for (size_t i = 0; i < ramp.size(); i++) {
        ramp[i] = static_cast<float>(i + 1);
    }
    std::vector<Offset> offsets;
    int64_t widest = 0;
    for (const Coordinate &test : coordinates) {
        offsets.push_back({test.version == 1 && !test.centered ? 0.5f : 0.0f, test.offset});
        widest = std::max(widest, test.window);
    }
    const DeviceCopy device_ramp(ramp), device_offsets(offsets);
    std::vector<float> got(static_cast<size_t>(widest));
    const DeviceCopy device_output(got);
    for (size_t i = 0; i < coordinates.size(); i++) {
        const Coordinate &test = coordinates[i];
        const int64_t input_shape[] = {1, 1, test.size, 1}, offsets_shape[] = {1, 2},
                      size_shape[] = {2}, output_shape[] = {1, 1, test.window, 1};
        const int32_t size[] = {1, static_cast<int32_t>(test.window)};
        const glimpse::Memory there = glimpse::Memory::cuda;
        ASSERT_TRUE(succeeded(glimpse::tensorflow::extract_glimpse(
            {device_ramp.at(static_cast<const float *>(ramp.data())), input_shape, there},
            {size, size_shape},
            {&device_offsets.at(static_cast<const Offset *>(offsets.data()))[i].y, offsets_shape,
             there},
            {device_output.at(got.data()), output_shape, there}, test.attributes(), context)));
        device_output.fetch(got.data());
        for (int64_t x = 0; x < test.window; x++) {
            const bool far = test.origin < -1000 || test.origin > 1000000;
            const int64_t at = far ? -1 : test.origin + x;
            ASSERT_EQ(got[static_cast<size_t>(x)],
                      at >= 0 && at < test.size ? static_cast<float>(at + 1) : 0.0f)
                << "version " << test.version << ", centered " << test.centered << ", normalized "
                << test.normalized << ", size " << test.size << ", window " << test.window
                << ", offset " << show(test.offset);
        }
    }
}
#endif

// Which noise the two arguments stand for; "error" for a pair that contradicts itself.
TEST_P(TensorFlowTest, NoiseTable) {
    const struct {
        bool uniform_noise;
        const char *noise, *meaning;
    } table[] = {{false, "uniform", "uniform"}, {false, "gaussian", "gaussian"},
                 {false, "zero", "zero"},       {false, "", "gaussian"},
                 {false, "poisson", "unknown"}, {true, "uniform", "uniform"},
                 {true, "gaussian", "error"},   {true, "zero", "error"},
                 {true, "", "uniform"}};
    const Images<float> image({2, 5, 6, 3}, interleaved, Fence::after, random_elements<float>(4));
    for (const auto &row : table) {
        Attributes attributes;
        attributes.centered = attributes.normalized = false;
        attributes.uniform_noise = row.uniform_noise;
        attributes.noise = row.noise;
        attributes.seed = 0x123456789abcdef0u;
        Output<float> output({2, 7, 9, 3}, interleaved, 1);
        const Status status = call(image.view(), 7, 9, {{2.5f, 1.0f}, {6.5f, 9.5f}},
                                   static_cast<float *>(output.view().data), attributes, context());
        const std::string meaning = row.meaning;
        if (meaning == "error" || meaning == "unknown") {
            EXPECT_EQ(status.code(), meaning == "error" ? StatusCode::conflicting_arguments
                                                        : StatusCode::unknown_enumerator)
                << row.noise << ", uniform_noise " << row.uniform_noise;
            EXPECT_NE(std::string(status.message()).find(row.noise), std::string::npos)
                << status.message();
            EXPECT_TRUE(output.untouched());
            continue;
        }
        ASSERT_TRUE(succeeded(status)) << row.noise;
        reference::Plane<float> plane;
        plane.images = image.view();
        plane.seed = attributes.seed;
        plane.border = meaning == "uniform"    ? Border::uniform
                       : meaning == "gaussian" ? Border::gaussian
                                               : Border::zero;
        plane.statistics.resize(6);
        ASSERT_TRUE(succeeded(compute_statistics(image.view(), plane.statistics, context())));
        EXPECT_TRUE(same_pixels<float>(output.result(),
                                       [&](int64_t n, int64_t y, int64_t x, int64_t c) {
                                           return n == 0 ? plane(0, y - 1, x - 3, c)
                                                         : plane(1, y + 3, x + 5, c);
                                       }))
            << '"' << row.noise << "\", uniform_noise " << row.uniform_noise;
    }
}

TEST_P(TensorFlowTest, Defaults) {
    const Images<float> image({1, 6, 8, 1}, interleaved, Fence::after, random_elements<float>(4));
    Output<float> output({1, 4, 4, 1}, interleaved, 1);
    ASSERT_TRUE(succeeded(call(image.view(), 4, 4, {{-1.0f, 0.25f}},
                               static_cast<float *>(output.view().data), {}, context())));
    reference::Plane<float> plane;  // version 1, centered, normalized, uniform noise, seed 0
    plane.images = image.view();
    plane.border = Border::uniform;
    plane.statistics = reference::statistics<float>(image.view());
    EXPECT_TRUE(same_pixels<float>(output.result(), [&](int64_t, int64_t y, int64_t x, int64_t) {
        return plane(0, y - 2, x + 3, 0);
    }));
}

// What is not finite, and what no int32 can hold, is wholly outside.
TEST_P(TensorFlowTest, FarOffsetsAreWhollyOutside) {
    const float infinity = std::numeric_limits<float>::infinity();
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const Images<float> image({1, 5, 6, 3}, interleaved, Fence::after,
                              random_elements<float>(4, false, 1000));
    const std::vector<ChannelStatistics> statistics = reference::statistics<float>(image.view());
    for (const Version version : {Version::v1, Version::v2}) {
        for (const float far : {nan, infinity, -infinity, 1e30f, -1e30f, 3e9f, -3e9f, 9e18f, -9e18f,
                                2147483648.0f, 2147483520.0f, -2147483648.0f}) {
            for (const Offset &offset : {Offset{far, 0}, Offset{0, far}, Offset{far, -far}}) {
                for (const char *const noise : {"zero", "uniform", "gaussian"}) {
                    Attributes attributes;
                    attributes.version = version;
                    attributes.uniform_noise = false;
                    attributes.noise = noise;
                    attributes.normalized = false;
                    Output<float> output({1, 4, 5, 3}, interleaved, 1);
                    ASSERT_TRUE(succeeded(call(image.view(), 4, 5, {offset},
                                               static_cast<float *>(output.view().data), attributes,
                                               context())));
                    ASSERT_TRUE(output.guards_intact());
                    std::map<float, int> seen;
                    for_each_element(
                        output.result().shape, [&](int64_t n, int64_t y, int64_t x, int64_t c) {
                            const float v = reference::element<float>(output.result(), n, y, x, c);
                            seen[v]++;
                            if (std::string(noise) == "zero") {
                                EXPECT_EQ(bits_of(v), 0u);
                            } else {
                                float low = statistics[static_cast<size_t>(c)].min;
                                float high = statistics[static_cast<size_t>(c)].max;
                                for (const ChannelStatistics &channel : statistics) {
                                    const bool all = std::string(noise) == "uniform";
                                    low = all ? std::min(low, channel.min) : low;
                                    high = all ? std::max(high, channel.max) : high;
                                }
                                EXPECT_TRUE(v >= low && v <= high) << v;
                            }
                        });
                    // No pixel of the image: noise meets one of its values by chance only.
                    for (int64_t i = 0; i < 90; i++) {
                        const float pixel = static_cast<const float *>(image.view().data)[i];
                        const bool extreme = std::any_of(
                            statistics.begin(), statistics.end(), [pixel](const auto &channel) {
                                return pixel == channel.min || pixel == channel.max;
                            });
                        EXPECT_TRUE(extreme || seen.count(pixel) == 0) << noise << " " << far;
                    }
                }
            }
        }
    }
}

// errors.jsonl: all of its cases can be expressed by the call, since its tensors carry a rank. What
// it does not hold are the answers of TensorFlow's graph mode, which never reach the operation.
TEST_P(TensorFlowTest, RecordedArguments) {
    const std::map<std::string, std::vector<StatusCode>> codes = {
        {"input must be 4-dimensional", {StatusCode::rank_mismatch}},
        {"input must be a vector of size 2",
         {StatusCode::rank_mismatch, StatusCode::size_mismatch, StatusCode::count_mismatch}},
        {"Expected a non-negative size", {StatusCode::negative_shape}},
        {"results in overflow", {StatusCode::too_large}},
        {"input must be a matrix", {StatusCode::rank_mismatch}},
        {"first dimension should be batch", {StatusCode::count_mismatch}},
        {"second dimension should be of size 2",
         {StatusCode::rank_mismatch, StatusCode::size_mismatch, StatusCode::count_mismatch}},
        {"The noise could only be", {StatusCode::unknown_enumerator}},
        {"could not be specified at the same time", {StatusCode::conflicting_arguments}},
    };
    int tested = 0;
    for (std::istringstream &line : read_lines("errors.jsonl")) {
        const nlohmann::json record = nlohmann::json::parse(line.str());
        const std::string name =
            record["name"].get<std::string>() + ", version " + record["op"].dump();
        SCOPED_TRACE(name);
        const auto input_shape = record["input_shape"].get<std::vector<int64_t>>();
        const auto size_shape = record["size_shape"].get<std::vector<int64_t>>();
        const auto size = record["size"].get<std::vector<int32_t>>();
        const auto offsets_shape = record["offsets_shape"].get<std::vector<int64_t>>();
        const auto offsets = record["offsets"].get<std::vector<float>>();
        const auto noise = record["noise"].get<std::string>();
        const std::vector<float> input(1000, 1.0f);
        Attributes attributes;
        attributes.version = record["op"] == 1 ? Version::v1 : Version::v2;
        attributes.uniform_noise = record["uniform_noise"].get<bool>();
        attributes.noise = noise.c_str();

        const bool ok = record["result"] == "ok";
        std::vector<int64_t> output_shape = {1, 3, 3, 1};
        if (ok) {
            output_shape = record["output_shape"].get<std::vector<int64_t>>();
        } else if (record["message"].get<std::string>().find("overflow") != std::string::npos) {
            output_shape = {1, size[0], size[1], input_shape[3]};
        }
        Output<float> output({1, 3, 3, 1}, interleaved, 1);
        const auto run = [&](const float *pixels, const float *positions, float *result) {
            return glimpse::tensorflow::extract_glimpse(
                {pixels, input_shape}, {size.data(), size_shape}, {positions, offsets_shape},
                {result, output_shape}, attributes, context());
        };
        const Status status =
            run(input.data(), offsets.data(), static_cast<float *>(output.view().data));
        tested++;
        if (!ok) {
            const auto message = record["message"].get<std::string>();
            const auto code =
                std::find_if(codes.begin(), codes.end(), [&message](const auto &entry) {
                    return message.find(entry.first) != std::string::npos;
                });
            ASSERT_NE(code, codes.end()) << message;
            EXPECT_TRUE(one_of(status.code(), code->second))
                << glimpse::name(status.code()) << ": " << status.message()
                << "; TensorFlow: " << message;
            EXPECT_TRUE(output.untouched());
            continue;
        }
        ASSERT_TRUE(succeeded(status));
        const auto content = record["output_content"].get<std::string>();
        if (content == "empty") {
            EXPECT_TRUE(output.untouched());
            const bool no_input = std::count(input_shape.begin(), input_shape.end(), 0) > 0;
            EXPECT_TRUE(succeeded(run(no_input ? nullptr : input.data(),
                                      offsets.empty() ? nullptr : offsets.data(), nullptr)));
            continue;
        }
        for (int64_t i = 0; i < 9; i++) {
            const float value = static_cast<const float *>(output.view().data)[i];
            EXPECT_TRUE(content == "nan"    ? std::isnan(value)
                        : content == "zero" ? bits_of(value) == 0
                                            : value == 1.0f)
                << content << ": " << value;
        }
        EXPECT_TRUE(output.guards_intact());
    }
    EXPECT_EQ(tested, 60);
}

// Wrong arguments that TensorFlow cannot be given: the caller's own memory.
TEST_P(TensorFlowTest, ArgumentsOfOurOwn) {
    const int64_t input_shape[] = {2, 5, 6, 3}, size_shape[] = {2}, offsets_shape[] = {2, 2};
    const int32_t size[] = {4, 3};
    const float offsets[] = {0, 0, 0, 0};
    std::vector<float> memory(2 * 5 * 6 * 3 + 2 * 4 * 3 * 3 + 100);
    float *const input = memory.data();
    float *const output = memory.data() + 2 * 5 * 6 * 3;
    const int64_t right[] = {2, 4, 3, 3};

    struct Call {
        const float *input;
        const int32_t *size;
        const float *offsets;
        float *output;
        std::vector<int64_t> output_shape;
        Attributes attributes;
    };
    const Call good = {input, size, offsets, output, {right, right + 4}, {}};
    const auto run = [&](const Call &call) {
        return glimpse::tensorflow::extract_glimpse(
            {call.input, input_shape}, {call.size, size_shape}, {call.offsets, offsets_shape},
            {call.output, call.output_shape}, call.attributes, context());
    };
    ASSERT_TRUE(succeeded(run(good)));
    const std::vector<float> before = memory;

    const struct {
        const char *name;
        std::function<void(Call &)> spoil;
        std::vector<StatusCode> codes;
    } table[] = {
        {"null input", [](Call &c) { c.input = nullptr; }, {StatusCode::null_pointer}},
        {"null size", [](Call &c) { c.size = nullptr; }, {StatusCode::null_pointer}},
        {"null offsets", [](Call &c) { c.offsets = nullptr; }, {StatusCode::null_pointer}},
        {"null output", [](Call &c) { c.output = nullptr; }, {StatusCode::null_pointer}},
        {"rank of output", [](Call &c) { c.output_shape.pop_back(); }, {StatusCode::rank_mismatch}},
        {"batch of output", [](Call &c) { c.output_shape[0] = 1; }, {StatusCode::count_mismatch}},
        {"height of output", [](Call &c) { c.output_shape[1] = 5; }, {StatusCode::size_mismatch}},
        {"width of output", [](Call &c) { c.output_shape[2] = 2; }, {StatusCode::size_mismatch}},
        {"channels of output",
         [](Call &c) { c.output_shape[3] = 2; },
         {StatusCode::channel_mismatch}},
        {"negative output",
         [](Call &c) { c.output_shape[1] = -4; },
         {StatusCode::negative_shape, StatusCode::size_mismatch}},
        {"misaligned output",
         [](Call &c) {
             c.output = reinterpret_cast<float *>(reinterpret_cast<char *>(c.output) + 2);
         },
         {StatusCode::misaligned}},
        {"output in the input",
         [input](Call &c) { c.output = input + 100; },
         {StatusCode::overlap}},
        {"output over the offsets",
         [output](Call &c) { c.offsets = output + 5; },
         {StatusCode::overlap}},
        {"output over the size",
         [output](Call &c) { c.size = reinterpret_cast<const int32_t *>(output); },
         {StatusCode::overlap, StatusCode::size_mismatch}},
        {"unknown version",
         [](Call &c) { c.attributes.version = static_cast<Version>(3); },
         {StatusCode::unknown_enumerator}},
    };
    for (const auto &row : table) {
        Call call = good;
        row.spoil(call);
        const Status status = run(call);
        EXPECT_TRUE(one_of(status.code(), row.codes))
            << row.name << ": " << glimpse::name(status.code()) << ", " << status.message();
        EXPECT_EQ(std::memcmp(memory.data(), before.data(), 4 * memory.size()), 0) << row.name;
    }
}

INSTANTIATE_TEST_SUITE_P(, TensorFlowTest, all_variants(), variant_name);

TEST(TensorFlowOriginsTest, Recorded) {
    for (const Coordinate &test : recorded_coordinates()) {
        const Offset offsets[] = {{test.offset, test.offset}};
        WideOrigin origins[1];
        ASSERT_TRUE(succeeded(glimpse::tensorflow::origins(offsets, {test.size, test.size},
                                                           {test.window, test.window},
                                                           test.attributes(), origins)));
        const std::string text = "version " + std::to_string(test.version) + ", centered " +
                                 std::to_string(test.centered) + ", normalized " +
                                 std::to_string(test.normalized) + ", size " +
                                 std::to_string(test.size) + ", window " +
                                 std::to_string(test.window) + ", offset " + show(test.offset);
        EXPECT_EQ(origins[0].y, test.origin) << text;
        EXPECT_EQ(origins[0].x, test.origin) << text;
        EXPECT_EQ(reference::tensorflow(test.offset, test.size, test.window, test.version,
                                        test.centered != 0, test.normalized != 0),
                  test.origin)
            << "the reference is wrong: " << text;
    }
}

TEST(TensorFlowOriginsTest, AtRandom) {
    Random random(23);
    for (int round = 0; round < 100000; round++) {
        const Size image = {random.between(1, 5000), random.between(1, 100003)};
        const Size window = {random.between(0, 80), random.between(0, 300)};
        const int version = random.chance(50) ? 1 : 2;
        Attributes attributes;
        attributes.version = version == 1 ? Version::v1 : Version::v2;
        attributes.centered = random.chance(50);
        attributes.normalized = random.chance(50);
        const double scale = attributes.normalized ? 1.3 : 5000;
        const Offset offsets[] = {{static_cast<float>((2 * random.unit() - 1) * scale),
                                   random.chance(5)
                                       ? float_of_bits(static_cast<uint32_t>(random.bits()))
                                       : static_cast<float>(random.unit() * scale)}};
        WideOrigin origins[1];
        ASSERT_TRUE(
            succeeded(glimpse::tensorflow::origins(offsets, image, window, attributes, origins)));
        const auto expected = [&](float offset, int64_t S, int64_t W) {
            return reference::tensorflow(offset, S, W, version, attributes.centered,
                                         attributes.normalized);
        };
        ASSERT_EQ(origins[0].y, expected(offsets[0].y, image.height, window.height));
        ASSERT_EQ(origins[0].x, expected(offsets[0].x, image.width, window.width));
    }
}

TEST(TensorFlowOriginsTest, Refused) {
    const Offset offsets[] = {{0, 0}, {1, 1}};
    WideOrigin origins[2] = {{7, 7}, {7, 7}};
    const auto code = [&](Span<const Offset> from, Size image, Size window, Version version,
                          Span<WideOrigin> to) {
        Attributes attributes;
        attributes.version = version;
        return glimpse::tensorflow::origins(from, image, window, attributes, to).code();
    };
    EXPECT_EQ(code(offsets, {5, 5}, {3, 3}, Version::v1, {origins, 1}), StatusCode::count_mismatch);
    EXPECT_EQ(code({static_cast<const Offset *>(nullptr), 2}, {5, 5}, {3, 3}, Version::v1, origins),
              StatusCode::null_pointer);
    EXPECT_EQ(code(offsets, {5, 5}, {3, 3}, Version::v1, {static_cast<WideOrigin *>(nullptr), 2}),
              StatusCode::null_pointer);
    EXPECT_EQ(code(offsets, {-5, 5}, {3, 3}, Version::v1, origins), StatusCode::negative_shape);
    EXPECT_EQ(code(offsets, {5, 5}, {3, -3}, Version::v1, origins), StatusCode::negative_shape);
    EXPECT_EQ(code(offsets, {5, 5}, {3, 3}, static_cast<Version>(9), origins),
              StatusCode::unknown_enumerator);
    for (const WideOrigin &origin : origins) {
        EXPECT_EQ(origin.y, 7);
        EXPECT_EQ(origin.x, 7);
    }
    EXPECT_EQ(code({}, {5, 5}, {3, 3}, Version::v1, {}), StatusCode::ok);
}

TEST(TensorFlowOriginsTest, Clamp) {
    const int64_t low = INT32_MIN, high = INT32_MAX;
    for (const int64_t extent : {0, 1, 2, 3, 64, 65, 100000}) {
        for (const int64_t origin : {INT64_MIN,
                                     INT64_MIN + 1,
                                     -(int64_t{1} << 40),
                                     low - extent - 1,
                                     low - extent,
                                     low - 1,
                                     low,
                                     low + 1,
                                     -extent - 1,
                                     -extent,
                                     int64_t{-1},
                                     int64_t{0},
                                     int64_t{5},
                                     high - extent - 1,
                                     high - extent,
                                     high - extent + 1,
                                     high - extent + 2,
                                     high,
                                     high + 1,
                                     int64_t{1} << 40,
                                     INT64_MAX - 1,
                                     INT64_MAX}) {
            for (const bool vertical : {true, false}) {
                const WideOrigin wide = vertical ? WideOrigin{origin, 3} : WideOrigin{3, origin};
                const Size size = vertical ? Size{extent, 2} : Size{2, extent};
                const Origin got = glimpse::tensorflow::clamp(wide, size);
                const int64_t at = vertical ? got.y : got.x;
                const std::string text = "origin " + std::to_string(origin) + ", extent " +
                                         std::to_string(extent) + ": " + std::to_string(at);
                EXPECT_LE(at + extent - 1, high) << text;
                // Extent 0 shows no pixel, wherever it is.
                if (origin >= low && origin <= high - std::max<int64_t>(extent, 1) + 1) {
                    EXPECT_EQ(at, origin) << text;
                    EXPECT_EQ(vertical ? got.x : got.y, 3) << text;
                } else if (extent > 0) {
                    // Images have at most 2^30 - 1 elements in a row, so this is beyond all.
                    EXPECT_TRUE(at + extent <= 0 || at >= (int64_t{1} << 30)) << text;
                }
            }
        }
    }
}

}  // namespace
