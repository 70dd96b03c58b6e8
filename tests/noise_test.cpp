// Noise: that it is a function of (seed, image, y, x, channel) and of nothing else, on every
// variant; and that it is good noise, on the best one.
//
// Quality is judged by z-scores: how many standard deviations a figure lies from what true
// randomness gives on average. The bounds are 5 for single figures (true randomness exceeds it once
// in 1.7 million) and 6.5 for the largest of the 576 entries of a matrix (once in 20 million
// matrices). Seeds are fixed, so a test that passes goes on passing. Weak hashes, of the kind that
// look right and are fast, must fail the same tests by a wide margin: that is what says that the
// tests see anything.

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "buffers.h"
#include "glimpse/glimpse.h"
#include "reference.h"
#include "variants.h"

namespace {

using glimpse::Border;
using glimpse::ChannelStatistics;
using glimpse::ConstView;
using glimpse::Context;
using glimpse::Options;
using glimpse::Origin;
using glimpse::Shape;
using glimpse::View;

// Noise in a rectangle of the plane, wholly outside an image of one pixel.
template<typename T>
std::vector<T> noise(Context &context, Border border, const ChannelStatistics &statistics,
                     uint64_t seed, uint32_t image_number, Origin origin, int64_t height,
                     int64_t width, int64_t channels = 1) {
    const std::vector<T> pixel(static_cast<size_t>(channels));
    const std::vector<ChannelStatistics> all(static_cast<size_t>(channels), statistics);
    std::vector<T> result(static_cast<size_t>(height * width * channels));
    const Origin origins[] = {origin};
    Options options;
    options.border = border;
    options.statistics = all;
    options.seed = seed;
    options.first_image = image_number;
    EXPECT_TRUE(succeeded(
        extract(ConstView::interleaved(pixel.data(), {1, 1, 1, channels}), origins,
                View::interleaved(result.data(), {1, height, width, channels}), options, context)));
    return result;
}

// Statistics with which uniform noise in float32 is an integer, the top 24 bits of the hash.
const ChannelStatistics integers = {-8388608, 8388608, 0, 0};

// Statistics with which Gaussian noise in float32 is a normal variate.
const ChannelStatistics standard = {-100, 100, 0, 1};

// 24 bits each.
struct Field {
    int64_t height = 0, width = 0;
    std::vector<uint32_t> words;
};

// A source of noise: one channel of a rectangle of the plane, from row 1 on.
using Source = std::function<Field(uint64_t seed, uint32_t image, int64_t height, int64_t width)>;

Source library_source(Context &context) {
    return [&context](uint64_t seed, uint32_t image, int64_t height, int64_t width) {
        Field field = {height, width, {}};
        for (const float value :
             noise<float>(context, Border::uniform, integers, seed, image, {1, 0}, height, width)) {
            field.words.push_back(static_cast<uint32_t>(static_cast<int32_t>(value) + 8388608));
        }
        return field;
    };
}

// A source that computes 32 bits from (seed, image, y, x) and shows the top 24.
template<typename Hash>
Source hash_source(Hash hash) {
    return [hash](uint64_t seed, uint32_t image, int64_t height, int64_t width) {
        Field field = {height, width, {}};
        for (uint32_t y = 1; y <= static_cast<uint32_t>(height); y++) {
            for (uint32_t x = 0; x < static_cast<uint32_t>(width); x++) {
                field.words.push_back(hash(seed, image, y, x) >> 8);
            }
        }
        return field;
    };
}

// One multiply per element less than ours, behind the same row keys.
uint32_t one_multiply(uint64_t seed, uint32_t image, uint32_t y, uint32_t x) {
    const reference::RowKeys keys = reference::row_keys(seed, image, y);
    uint32_t h = (x * 0x9E3779B9u) ^ keys.k0;
    h ^= h >> 16;
    h *= 0x21f0aaadu;
    return h ^ (h >> 15) ^ keys.k1;
}

// A good 32-bit mixer over coordinates that were merely added: no hash of each row.
uint32_t added_coordinates(uint64_t seed, uint32_t image, uint32_t y, uint32_t x) {
    uint32_t h = x + y * 0x9E3779B9u;
    h += static_cast<uint32_t>(reference::mix(seed)) ^ (image * 0x85EBCA6Bu);
    h ^= h >> 16;
    h *= 0x21f0aaadu;
    h ^= h >> 15;
    h *= 0x735a2d97u;
    return h ^ (h >> 15);
}

// PCG4D with the low half of the seed as its fourth word.
uint32_t pcg4d(uint64_t seed, uint32_t image, uint32_t y, uint32_t x) {
    uint32_t v[4] = {x, y, image, static_cast<uint32_t>(seed)};
    for (uint32_t &word : v) {
        word = word * 1664525u + 1013904223u;
    }
    for (const bool last : {false, true}) {
        v[0] += v[1] * v[3];
        v[1] += v[2] * v[0];
        v[2] += v[0] * v[1];
        v[3] += v[1] * v[2];
        for (uint32_t &word : v) {
            word ^= last ? 0 : word >> 16;
        }
    }
    return v[0];
}

// Figures found by a battery of tests, as shares of their bounds.
class Figures {
public:
    void add(const std::string &name, double z, double bound = 5) {
        count_++;
        const double share = std::isnan(z) ? INFINITY : std::fabs(z) / bound;
        if (share > worst_) {
            worst_ = share;
            text_ = name + ": z " + std::to_string(z) + ", bound " + std::to_string(bound);
        }
    }
    int count() const {
        return count_;
    }
    double worst() const {
        return worst_;
    }
    const std::string &text() const {
        return text_;
    }

private:
    int count_ = 0;
    double worst_ = 0;
    std::string text_;
};

// Of the numbers of hits of equally likely bins.
template<typename Count>
double chi_square(const std::vector<Count> &bins) {
    const double total =
        static_cast<double>(std::accumulate(bins.begin(), bins.end(), uint64_t{0}));
    const double expected = total / static_cast<double>(bins.size());
    double sum = 0;
    for (const Count count : bins) {
        const double difference = static_cast<double>(count) - expected;
        sum += difference * difference / expected;
    }
    const double freedom = static_cast<double>(bins.size() - 1);
    return (sum - freedom) / std::sqrt(2 * freedom);
}

void test_bytes(const Field &field, Figures &figures) {
    for (const uint32_t shift : {0u, 8u, 16u}) {
        std::vector<uint32_t> bins(256);
        for (const uint32_t word : field.words) {
            bins[(word >> shift) & 255]++;
        }
        figures.add("byte at bit " + std::to_string(shift), chi_square(bins));
    }
}

// Pairs of equal words. A hash that is a permutation of the coordinates has too few.
void test_collisions(const Field &field, Figures &figures) {
    std::vector<uint16_t> hits(1 << 24);
    for (const uint32_t word : field.words) {
        hits[word]++;
    }
    double pairs = 0;
    for (const uint16_t count : hits) {
        pairs += 0.5 * count * (count - 1);
    }
    const double n = static_cast<double>(field.words.size());
    const double expected = n * (n - 1) / 2 / 16777216;
    figures.add("collisions", (pairs - expected) / std::sqrt(expected));
}

// Transposes 64 words into a mask for each of their 24 bits.
void bit_masks(const uint32_t *words, uint64_t *masks) {
    std::fill(masks, masks + 24, 0);
    for (uint32_t j = 0; j < 64; j++) {
        for (uint32_t k = 0; k < 24; k++) {
            masks[k] |= uint64_t{(words[j] >> k) & 1} << j;
        }
    }
}

// Every word of `a` beside the word of `b` that lies (dy, dx) further: correlation, pairs of six
// bits, and of every bit with every bit.
void test_pairs(const std::string &name, const Field &a, const Field &b, int64_t dy, int64_t dx,
                Figures &figures) {
    const int64_t height = a.height - dy, width = a.width - dx;
    const uint32_t shifts[] = {18, 9, 0};
    std::vector<uint32_t> bins[3];
    for (auto &each : bins) {
        each.resize(64 * 64);
    }
    std::vector<int64_t> differing(24 * 24);
    int64_t bit_pairs = 0;
    double products = 0;
    for (int64_t y = 0; y < height; y++) {
        const uint32_t *const p = a.words.data() + y * a.width;
        const uint32_t *const q = b.words.data() + (y + dy) * b.width + dx;
        double row = 0;
        for (int64_t x = 0; x < width; x++) {
            row += (p[x] - 8388607.5) * (q[x] - 8388607.5);
        }
        products += row;
        for (size_t i = 0; i < 3; i++) {
            for (int64_t x = 0; x < width; x++) {
                const uint32_t first = (p[x] >> shifts[i]) & 63, second = (q[x] >> shifts[i]) & 63;
                bins[i][first << 6 | second]++;
            }
        }
        for (int64_t x = 0; x + 64 <= width; x += 64) {
            uint64_t left[24], right[24];
            bit_masks(p + x, left);
            bit_masks(q + x, right);
            for (size_t i = 0; i < 24; i++) {
                for (size_t j = 0; j < 24; j++) {
                    differing[24 * i + j] += __builtin_popcountll(left[i] ^ right[j]);
                }
            }
            bit_pairs += 64;
        }
    }
    const double n = static_cast<double>(height * width);
    figures.add(name + ", correlation", products / std::sqrt(n) / (16777216.0 * 16777216.0 / 12));
    for (size_t i = 0; i < 3; i++) {
        figures.add(name + ", pairs at bit " + std::to_string(shifts[i]), chi_square(bins[i]));
    }
    const double half = static_cast<double>(bit_pairs) / 2;
    double worst = 0;
    for (const int64_t count : differing) {
        const double z = (static_cast<double>(count) - half) / std::sqrt(half / 2);
        worst = std::fabs(z) > std::fabs(worst) ? z : worst;
    }
    figures.add(name + ", bits", worst, 6.5);
}

void test_within(const Field &field, Figures &figures) {
    test_bytes(field, figures);
    test_collisions(field, figures);
    for (const int64_t dx : {1, 2, 3, 4, 16, 64}) {
        test_pairs("x + " + std::to_string(dx), field, field, 0, dx, figures);
    }
    for (const int64_t dy : {1, 2, 3}) {
        test_pairs("y + " + std::to_string(dy), field, field, dy, 0, figures);
    }
}

void test_between(const Source &source, int64_t height, int64_t width, Figures &figures) {
    const uint64_t seed = 7;
    const Field field = source(seed, 0, height, width);
    test_pairs("image + 1", field, source(seed, 1, height, width), 0, 0, figures);
    test_pairs("seed + 1", field, source(seed + 1, 0, height, width), 0, 0, figures);
    test_pairs("seed ^ 2^31", field, source(seed ^ (1u << 31), 0, height, width), 0, 0, figures);
    test_pairs("seed ^ 2^63", field, source(seed ^ (uint64_t{1} << 63), 0, height, width), 0, 0,
               figures);
}

// The tests reject what they must reject, each on its own merits.
TEST(WeakHashTest, OneMultiplyIsRejected) {
    Figures figures;
    test_within(hash_source(one_multiply)(7, 0, 2048, 2048), figures);
    EXPECT_GT(figures.worst(), 10) << figures.text();
}

TEST(WeakHashTest, AddedCoordinatesAreRejected) {
    const Source source = hash_source(added_coordinates);
    const Field field = source(7, 0, 2048, 2048);
    Figures pairs;
    test_pairs("x + 64", field, field, 0, 64, pairs);
    test_pairs("x + 16", field, field, 0, 16, pairs);
    EXPECT_GT(pairs.worst(), 1.5) << pairs.text();
    Figures collisions;
    test_collisions(source(7, 0, 8192, 4096), collisions);
    EXPECT_GT(collisions.worst(), 1.5) << collisions.text();
}

TEST(WeakHashTest, UnmixedSeedsAreRejected) {
    Figures figures;
    test_between(hash_source(pcg4d), 512, 512, figures);
    EXPECT_GT(figures.worst(), 10) << figures.text();
}

// The same definition without the library passes, so that a failure below is the library's.
TEST(WeakHashTest, OursIsNotRejected) {
    Figures figures;
    const Source source = hash_source([](uint64_t seed, uint32_t image, uint32_t y, uint32_t x) {
        return reference::element_hash(reference::row_keys(seed, image, y), x);
    });
    test_within(source(7, 0, 2048, 2048), figures);
    EXPECT_LT(figures.worst(), 1) << figures.text();
}

class NoiseQualityTest : public ::testing::Test {
protected:
    void SetUp() override {
        ASSERT_NE(best_variant(), nullptr);
        glimpse::ContextOptions options;
        options.variant = best_variant()->name;
        context_ = std::make_unique<Context>(options);
        ASSERT_TRUE(succeeded(context_->status()));
    }
    Context &context() {
        return *context_;
    }

private:
    std::unique_ptr<Context> context_;
};

TEST_F(NoiseQualityTest, Uniform) {
    Figures figures;
    const Source source = library_source(context());
    test_within(source(7, 0, 4096, 4096), figures);
    test_between(source, 2048, 2048, figures);
    EXPECT_EQ(figures.count(), 3 + 1 + 9 * 5 + 4 * 5);
    EXPECT_LT(figures.worst(), 1) << figures.text();
}

// Windows of 8 x 8 with numbers that follow one another, as batches of small images have.
TEST_F(NoiseQualityTest, ManySmallWindows) {
    Field field = {20000, 64, {}};
    for (uint32_t image = 0; image < 20000; image++) {
        const Field window = library_source(context())(1, image, 8, 8);
        field.words.insert(field.words.end(), window.words.begin(), window.words.end());
    }
    Figures figures;
    test_bytes(field, figures);
    test_pairs("next image", field, field, 1, 0, figures);
    std::vector<uint32_t> corner(256);
    for (size_t i = 0; i < field.words.size(); i += 64) {
        corner[field.words[i] >> 16]++;
    }
    figures.add("first pixels", chi_square(corner));
    EXPECT_LT(figures.worst(), 1) << figures.text();
}

TEST_F(NoiseQualityTest, Channels) {
    for (const int64_t channels : {2, 3, 4}) {
        const std::vector<float> pixels =
            noise<float>(context(), Border::uniform, integers, 3, 0, {1, 0}, 1024, 1024, channels);
        std::vector<Field> fields(static_cast<size_t>(channels), {1024, 1024, {}});
        for (size_t i = 0; i < pixels.size(); i++) {
            fields[i % fields.size()].words.push_back(
                static_cast<uint32_t>(static_cast<int32_t>(pixels[i]) + 8388608));
        }
        Figures figures;
        for (size_t i = 0; i < fields.size(); i++) {
            test_bytes(fields[i], figures);
            for (size_t j = i + 1; j < fields.size(); j++) {
                const std::string name =
                    "channels " + std::to_string(i) + " and " + std::to_string(j);
                test_pairs(name, fields[i], fields[j], 0, 0, figures);
                test_pairs(name + ", x + 1", fields[i], fields[j], 0, 1, figures);
            }
        }
        EXPECT_LT(figures.worst(), 1) << channels << " channels: " << figures.text();
    }
}

// Every value of a range of bytes is as likely as any other, powers of two or not.
TEST_F(NoiseQualityTest, UniformBytes) {
    for (const auto &range : {std::pair{0, 255}, {10, 212}, {7, 9}, {100, 101}, {0, 127}, {3, 3}}) {
        const auto bytes = noise<uint8_t>(
            context(), Border::uniform,
            {static_cast<float>(range.first), static_cast<float>(range.second), 0, 0}, 5, 0, {1, 0},
            4096, 4096);
        std::vector<uint32_t> bins(256);
        for (const uint8_t byte : bytes) {
            bins[byte]++;
        }
        uint64_t outside = 0;
        for (int value = 0; value < 256; value++) {
            const bool inside = value >= range.first && value <= range.second;
            outside += inside ? 0 : bins[static_cast<size_t>(value)];
        }
        EXPECT_EQ(outside, 0u) << range.first << " to " << range.second;
        const std::vector<uint32_t> used(bins.begin() + range.first,
                                         bins.begin() + range.second + 1);
        if (used.size() > 1) {
            EXPECT_LT(std::fabs(chi_square(used)), 5) << range.first << " to " << range.second;
        }
    }
}

// In a range that has nothing to do with powers of two: uniform, within it, and up to its ends.
TEST_F(NoiseQualityTest, UniformFloats) {
    const float low = -1.7f, high = 1000.3f;
    const auto values =
        noise<float>(context(), Border::uniform, {low, high, 0, 0}, 5, 0, {1, 0}, 4096, 4096);
    std::vector<uint32_t> bins(1000);
    for (const float value : values) {
        ASSERT_TRUE(value >= low && value <= high) << show(value);
        const double u = (double{value} - double{low}) / (double{high} - double{low});
        bins[std::min<size_t>(999, static_cast<size_t>(u * 1000))]++;
    }
    EXPECT_LT(std::fabs(chi_square(bins)), 5);
    const auto ends = std::minmax_element(values.begin(), values.end());
    // Of 16 million variates none lies in the outer millionth with a chance of one in 10 million.
    EXPECT_LT(*ends.first, low + 1e-6f * (high - low));
    EXPECT_GT(*ends.second, high - 1e-6f * (high - low));
}

double normal_cdf(double z) {
    return 0.5 * std::erfc(-z / std::sqrt(2.0));
}

// The largest distance between a distribution and its model, times the root of the number of
// values: above 2.7 once in a million by chance.
double kolmogorov_smirnov(std::vector<float> values, const std::function<double(double)> &cdf) {
    std::sort(values.begin(), values.end());
    const double n = static_cast<double>(values.size());
    double distance = 0;
    for (size_t i = 0; i < values.size();) {
        size_t end = i;
        while (end < values.size() && values[end] == values[i]) {
            end++;
        }
        const double p = cdf(values[i]);
        distance =
            std::max({distance, p - static_cast<double>(i) / n, static_cast<double>(end) / n - p});
        i = end;
    }
    return distance * std::sqrt(n);
}

TEST_F(NoiseQualityTest, Gaussian) {
    const std::vector<float> values =
        noise<float>(context(), Border::gaussian, standard, 2, 0, {1, 0}, 4096, 4096);
    const double n = static_cast<double>(values.size());
    double moments[4] = {};
    double tails[3] = {};
    for (const float value : values) {
        const double z = value;
        double power = 1;
        for (double &moment : moments) {
            power *= z;
            moment += power;
        }
        for (const int k : {0, 1, 2}) {
            tails[k] += std::fabs(z) > k + 3;
        }
    }
    Figures figures;
    figures.add("mean", moments[0] / std::sqrt(n));
    figures.add("variance", (moments[1] - n) / std::sqrt(2 * n));
    figures.add("skewness", moments[2] / std::sqrt(15 * n));
    figures.add("kurtosis", (moments[3] - 3 * n) / std::sqrt(96 * n));
    for (const int k : {0, 1, 2}) {
        const double expected = n * 2 * normal_cdf(-k - 3);
        figures.add("beyond " + std::to_string(k + 3), (tails[k] - expected) / std::sqrt(expected));
    }
    EXPECT_LT(figures.worst(), 1) << figures.text();
    EXPECT_LT(kolmogorov_smirnov(values, normal_cdf), 2.7);
}

TEST_F(NoiseQualityTest, GaussianIsClampedToTheRangeOfTheChannel) {
    const ChannelStatistics channel = {-20, 150, 40, 60};
    const std::vector<float> values =
        noise<float>(context(), Border::gaussian, channel, 3, 0, {1, 0}, 2048, 2048);
    const auto cdf = [&channel](double v) {
        return normal_cdf((v - channel.mean) / channel.stddev);
    };
    const double p = cdf(channel.min), q = cdf(channel.max);
    const double n = static_cast<double>(values.size());
    double below = 0, above = 0;
    std::vector<float> middle;
    for (const float value : values) {
        ASSERT_TRUE(value >= channel.min && value <= channel.max) << show(value);
        below += value == channel.min;
        above += value == channel.max;
        if (value > channel.min && value < channel.max) {
            middle.push_back(value);
        }
    }
    EXPECT_LT(std::fabs(below - n * p) / std::sqrt(n * p * (1 - p)), 5);
    EXPECT_LT(std::fabs(above - n * (1 - q)) / std::sqrt(n * q * (1 - q)), 5);
    EXPECT_LT(kolmogorov_smirnov(middle, [&](double v) { return (cdf(v) - p) / (q - p); }), 2.7);

    // Bytes: the same, rounded.
    const auto bytes =
        noise<uint8_t>(context(), Border::gaussian, {10, 150, 40, 60}, 3, 0, {1, 0}, 2048, 2048);
    std::vector<double> counts(256);
    for (const uint8_t byte : bytes) {
        counts[byte]++;
    }
    double sum = 0;
    for (int value = 0; value < 256; value++) {
        const double low = value <= 10 ? 0 : cdf(value - 0.5),
                     high = value >= 150 ? 1 : cdf(value + 0.5);
        const double expected = value < 10 || value > 150 ? 0 : n * (high - low);
        const double difference = counts[static_cast<size_t>(value)] - expected;
        ASSERT_TRUE(expected > 0 || difference == 0) << value;
        sum += expected > 0 ? difference * difference / expected : 0;
    }
    EXPECT_LT(std::fabs(sum - 140) / std::sqrt(280.0), 5);
}

TEST_F(NoiseQualityTest, GaussianNeighboursAreUncorrelated) {
    const int64_t side = 2048;
    const auto field = [&](uint64_t seed, uint32_t image) {
        return noise<float>(context(), Border::gaussian, standard, seed, image, {1, 0}, side, side);
    };
    const std::vector<float> values = field(2, 0);
    Figures figures;
    const auto add = [&](const std::string &name, const std::vector<float> &other, size_t shift) {
        double products = 0;
        const size_t n = values.size() - shift;
        for (size_t i = 0; i < n; i++) {
            products += double{values[i]} * double{other[i + shift]};
        }
        figures.add(name, products / std::sqrt(static_cast<double>(n)));
    };
    for (const size_t dx : {1u, 2u, 3u, 4u, 16u, 64u}) {
        add("x + " + std::to_string(dx), values, dx);
    }
    for (const size_t dy : {1u, 2u, 3u}) {
        add("y + " + std::to_string(dy), values, dy * static_cast<size_t>(side));
    }
    add("image + 1", field(2, 1), 0);
    add("seed + 1", field(3, 0), 0);
    add("seed ^ 2^31", field(2 ^ (1u << 31), 0), 0);
    add("seed ^ 2^63", field(2 ^ (uint64_t{1} << 63), 0), 0);
    EXPECT_EQ(figures.count(), 13);
    EXPECT_LT(figures.worst(), 1) << figures.text();
}

class NoiseTest : public VariantTest {};

// Values computed once by another program, in another language, from the definition.
TEST_P(NoiseTest, KnownAnswers) {
    const struct {
        uint64_t seed;
        uint32_t first_image;
        int32_t image;
        Origin origin;
        int64_t channels, channel;
        uint32_t uniform_float;   // bits, for the range -1.5 to 1000.25
        uint8_t uniform_byte;     // for 10 to 212
        uint32_t gaussian_float;  // bits, for -20 to 150, mean 40.3, deviation 60.7
        uint8_t gaussian_byte;    // for 10 to 150, the same mean and deviation
    } answers[] = {
        {0u, 0u, 0, {-1, 0}, 1, 0, 0x440836bd, 19, 0x414cd582, 13},
        {1u, 0u, 0, {5, 7}, 3, 2, 0x44743e3d, 106, 0x41aff567, 22},
        {18364758544493064720u, 7u, 1, {-3, -4}, 3, 1, 0x437949a6, 162, 0xc193a85e, 10},
        {9223372036854775808u,
         4294967295u,
         2,
         {INT32_MIN, INT32_MAX},
         2,
         1,
         0x41a8f030,
         116,
         0xc166a128,
         10},
        {42u, 0u, 0, {INT32_MAX, INT32_MIN}, 4, 3, 0x43406ac8, 150, 0x4204e8c9, 33},
    };
    for (const auto &answer : answers) {
        const auto value = [&](auto zero, Border border, const ChannelStatistics &statistics) {
            using T = decltype(zero);
            const Shape shape = {3, 1, 1, answer.channels};
            const std::vector<T> images(static_cast<size_t>(3 * answer.channels));
            const std::vector<ChannelStatistics> all(images.size(), statistics);
            std::vector<T> pixel(static_cast<size_t>(answer.channels));
            Options options;
            options.border = border;
            options.statistics = all;
            options.seed = answer.seed;
            options.first_image = answer.first_image;
            options.image_index = {&answer.image, 1};
            EXPECT_TRUE(succeeded(extract(
                ConstView::interleaved(images.data(), shape), {&answer.origin, 1},
                View::interleaved(pixel.data(), {1, 1, 1, answer.channels}), options, context())));
            return pixel[static_cast<size_t>(answer.channel)];
        };
        EXPECT_EQ(bits_of(value(0.0f, Border::uniform, {-1.5f, 1000.25f, 0, 0})),
                  answer.uniform_float)
            << "seed " << answer.seed;
        EXPECT_EQ(value(uint8_t{0}, Border::uniform, {10, 212, 0, 0}), answer.uniform_byte)
            << "seed " << answer.seed;
        EXPECT_EQ(bits_of(value(0.0f, Border::gaussian, {-20, 150, 40.3, 60.7})),
                  answer.gaussian_float)
            << "seed " << answer.seed;
        EXPECT_EQ(value(uint8_t{0}, Border::gaussian, {10, 150, 40.3, 60.7}), answer.gaussian_byte)
            << "seed " << answer.seed;
    }
}

// Each of the 64 bits of a seed, and of the 32 of an image's number, makes other noise.
TEST_P(NoiseTest, AllBitsCount) {
    for (const Border border : {Border::uniform, Border::gaussian}) {
        const uint64_t seed = 0x0123456789abcdefu;
        const uint32_t image = 5;
        const auto at = [&](uint64_t s, uint32_t i) {
            return noise<float>(context(), border, border == Border::uniform ? integers : standard,
                                s, i, {1, 0}, 32, 32);
        };
        const std::vector<float> values = at(seed, image);
        const auto equal = [&values](const std::vector<float> &other) {
            int count = 0;
            for (size_t i = 0; i < values.size(); i++) {
                count += values[i] == other[i];
            }
            return count;
        };
        EXPECT_EQ(equal(at(seed, image)), 1024);
        for (uint32_t bit = 0; bit < 64; bit++) {
            EXPECT_LT(equal(at(seed ^ (uint64_t{1} << bit), image)), 10)
                << name(border) << ", bit " << bit << " of the seed";
        }
        for (uint32_t bit = 0; bit < 32; bit++) {
            EXPECT_LT(equal(at(seed, image ^ (1u << bit))), 10)
                << name(border) << ", bit " << bit << " of the image's number";
        }
    }
}

// Two windows show the same noise where they overlap, wherever they begin, for both types.
TEST_P(NoiseTest, WindowsAgree) {
    for (const Border border : {Border::uniform, Border::gaussian}) {
        for (const int64_t channels : {1, 3, 4}) {
            const Images<uint8_t> image({1, 6, 7, channels}, interleaved, Fence::after,
                                        random_elements<uint8_t>(3));
            Options options;
            options.border = border;
            options.seed = 77;
            const Origin all[] = {{-40, -50}};
            Output<uint8_t> plane({1, 90, 120, channels}, interleaved, 1);
            ASSERT_TRUE(succeeded(extract(image.view(), all, plane.view(), options, context())));
            Random random(5);
            for (int round = 0; round < 200; round++) {
                const int64_t height = random.between(1, 30), width = random.between(1, 100);
                const int64_t y = random.between(0, 90 - height),
                              x = random.between(0, 120 - width);
                const Origin origins[] = {
                    {static_cast<int32_t>(y - 40), static_cast<int32_t>(x - 50)}};
                Output<uint8_t> window({1, height, width, channels}, interleaved, 2);
                ASSERT_TRUE(
                    succeeded(extract(image.view(), origins, window.view(), options, context())));
                ASSERT_TRUE(same_pixels<uint8_t>(
                    window.result(), ConstView(plane.view().region(y, x, height, width))))
                    << name(border) << ", window " << y << ", " << x;
            }
        }
    }
}

// A batch cut into parts that are numbered as the whole shows the whole's noise.
TEST_P(NoiseTest, PartsOfABatchAgree) {
    for (const Border border : {Border::uniform, Border::gaussian}) {
        const Shape shape = {9, 4, 5, 3};
        const Images<float> images(shape, interleaved, Fence::after, random_elements<float>(3));
        Options options;
        options.border = border;
        options.seed = 5;
        options.first_image = 0xfffffffcu;  // the numbers wrap around
        const std::vector<Origin> origins(9, Origin{-3, -7});
        Output<float> whole({9, 8, 21, 3}, interleaved, 1);
        ASSERT_TRUE(succeeded(extract(images.view(), origins, whole.view(), options, context())));
        for (int64_t first = 0, count = 1; first < 9; first += count, count++) {
            count = std::min<int64_t>(count, 9 - first);
            Options part = options;
            part.first_image += static_cast<uint32_t>(first);
            Output<float> glimpses({count, 8, 21, 3}, interleaved, 2);
            const std::vector<Origin> some(static_cast<size_t>(count), Origin{-3, -7});
            ASSERT_TRUE(succeeded(extract(images.view().image(first, count), some, glimpses.view(),
                                          part, context())));
            EXPECT_TRUE(
                same_pixels<float>(glimpses.result(), ConstView(whole.view().image(first, count))))
                << name(border) << ", images " << first << " to " << first + count - 1;
        }
    }
}

// Noise belongs to the image, not to the glimpse.
TEST_P(NoiseTest, FollowsTheImageIndex) {
    for (const Border border : {Border::uniform, Border::gaussian}) {
        const Images<float> images({3, 4, 5, 1}, interleaved, Fence::after,
                                   random_elements<float>(3));
        const std::vector<Origin> origins(3, Origin{-3, 6});
        const std::vector<int32_t> index = {2, 0, 2};
        Options options;
        options.border = border;
        Output<float> straight({3, 8, 21, 1}, interleaved, 1),
            indexed({3, 8, 21, 1}, interleaved, 2);
        ASSERT_TRUE(
            succeeded(extract(images.view(), origins, straight.view(), options, context())));
        options.image_index = index;
        ASSERT_TRUE(succeeded(extract(images.view(), origins, indexed.view(), options, context())));
        for (int64_t i = 0; i < 3; i++) {
            EXPECT_TRUE(same_pixels<float>(
                ConstView(indexed.view().image(i)),
                ConstView(straight.view().image(index[static_cast<size_t>(i)]))));
        }
        EXPECT_FALSE(same_pixels<float>(ConstView(indexed.view().image(0)),
                                        ConstView(indexed.view().image(1))));
    }
}

INSTANTIATE_TEST_SUITE_P(, NoiseTest, all_variants(), variant_name);

}  // namespace
