// Recorded checksums: every variant, now and later, on every machine, produces these bytes.
//
// With GLIMPSE_RECORD_CHECKSUMS=FILE in the environment the test writes FILE, in the form of
// golden/checksums.txt, instead of comparing with that. Images are made with integer arithmetic
// only, so that they are the same everywhere.

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "buffers.h"
#include "glimpse/glimpse.h"
#include "variants.h"

namespace {

using glimpse::Border;
using glimpse::ChannelStatistics;
using glimpse::ConstView;
using glimpse::Context;
using glimpse::Offset;
using glimpse::Options;
using glimpse::Origin;
using glimpse::Shape;
using glimpse::View;

using Checksums = std::map<std::string, std::string>;

// FNV-1a.
template<typename Element>
std::string checksum(const std::vector<Element> &elements) {
    uint64_t hash = 0xcbf29ce484222325u;
    const auto *const bytes = reinterpret_cast<const unsigned char *>(elements.data());
    for (size_t i = 0; i < elements.size() * sizeof(Element); i++) {
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
    }
    std::ostringstream text;
    text << std::hex << std::setw(16) << std::setfill('0') << hash;
    return text.str();
}

// Bytes of the whole range; floats that are multiples of 2^-16 up to 128 in size, and with
// `specials` NaN, infinities, denormals and the like among them.
template<typename T>
std::vector<T> pixels(const Shape &shape, uint64_t seed, bool specials = false) {
    std::vector<T> result(
        static_cast<size_t>(shape.count * shape.height * shape.width * shape.channels));
    auto next = random_elements<T>(seed, specials);
    for (T &pixel : result) {
        pixel = next();
    }
    return result;
}

class Operations {
public:
    explicit Operations(Context &context) : context_(context) {
    }

    Checksums run() {
        for (const Border border :
             {Border::zero, Border::constant, Border::mean, Border::replicate, Border::reflect,
              Border::reflect101, Border::wrap, Border::uniform, Border::gaussian}) {
            for (const int64_t channels : {1, 2, 3, 4, 5}) {
                for (const int64_t size : {1, 8, 33, 70}) {
                    extraction<uint8_t>(border, channels, size, false);
                    extraction<float>(border, channels, size, false);
                }
                extraction<float>(border, channels, 33, true);
            }
            for (const int64_t size : {8, 33}) {
                extraction<uint16_t>(border, 3, size, false);
                extraction<int16_t>(border, 3, size, false);
                extraction<glimpse::Float16>(border, 3, size, true);
                extraction<glimpse::BFloat16>(border, 3, size, true);
            }
        }
        for_each_type([&](auto from) {
            using T = decltype(from);
            conversion<T, uint8_t>();
            conversion<T, glimpse::Float16>();
            conversion<T, glimpse::BFloat16>();
            conversion<T, float>();
        });
        conversion<uint16_t, uint16_t>();
        conversion<int16_t, int16_t>();
        for (const Border border : {Border::uniform, Border::gaussian}) {
            for (const uint64_t seed :
                 {uint64_t{0}, uint64_t{1}, uint64_t{1} << 32, uint64_t{0xfedcba9876543210u}}) {
                for_each_type([&](auto type) { noise<decltype(type)>(border, seed); });
            }
        }
        for (const Shape &shape :
             {Shape{1, 1, 1, 1}, Shape{2, 9, 25, 3}, Shape{1, 64, 65, 1}, Shape{1, 101, 257, 2},
              Shape{2, 77, 333, 3}, Shape{1, 530, 301, 4}, Shape{1, 17, 99, 9}}) {
            for_each_type([&](auto type) { statistics<decltype(type)>(shape, false); });
            statistics<glimpse::Float16>(shape, true);
            statistics<glimpse::BFloat16>(shape, true);
            statistics<float>(shape, true);
        }
        offsets();
        for (const Border border :
             {Border::zero, Border::constant, Border::mean, Border::replicate, Border::reflect,
              Border::reflect101, Border::wrap, Border::uniform, Border::gaussian}) {
            const glimpse::Sampling plain = {glimpse::Filter::linear, false};
            for (const int64_t channels : {1, 2, 3, 4, 5}) {
                samples<uint8_t, uint8_t>(border, channels, plain);
                samples<float, float>(border, channels, plain);
                samples<uint8_t, float>(border, channels, plain);
            }
            for (const glimpse::Edge edge : {glimpse::Edge::blend, glimpse::Edge::renormalize}) {
                samples<uint8_t, uint8_t>(border, 3, {glimpse::Filter::linear, false, edge, 0});
                samples<float, float>(border, 3, {glimpse::Filter::linear, false, edge, 0});
            }
            for_each_type([&](auto type) {
                using T = decltype(type);
                samples<T, T>(border, 3,
                              {glimpse::Filter::nearest, false, glimpse::Edge::hard, 0.5f});
                samples<T, uint8_t>(border, 7, plain);
                samples<T, glimpse::Float16>(border, 3, plain);
                samples<T, glimpse::BFloat16>(border, 3, plain);
            });
            samples<uint16_t, uint16_t>(border, 3, plain);
            samples<int16_t, int16_t>(border, 3, plain);
            many_taps(border);
        }
        return result_;
    }

private:
    template<typename... Parts>
    static std::string title(const Parts &...parts) {
        std::ostringstream text;
        (text << ... << parts);
        return text.str();
    }

    template<typename T>
    static const char *type() {
        return name(glimpse::element_type_of<T>::value);
    }

    // Windows that show every side, corner and reflection of two images.
    template<typename T>
    void extraction(Border border, int64_t channels, int64_t size, bool specials) {
        if (!is_built<T>()) {
            return;
        }
        const Shape shape = {2, 37, 51, channels};
        const std::vector<T> images = pixels<T>(shape, 1, specials);
        std::vector<Origin> origins;
        std::vector<int32_t> index;
        const auto last = static_cast<int32_t>(size);
        for (const int32_t y : {-last - 100, -last / 2, 0, 36 - last, 37 - last / 2, 5000}) {
            for (const int32_t x : {-last - 30, -last / 2, 1, 51 - last, 51 - last / 2, 70000}) {
                origins.push_back({y, x});
                index.push_back(static_cast<int32_t>(origins.size() % 2));
            }
        }
        const std::vector<float> value = {17.5f};
        Options options;
        options.border = border;
        options.image_index = index;
        options.seed = 42;
        options.first_image = 7;
        if (border == Border::constant) {
            options.value = value;
        }
        const auto count = static_cast<int64_t>(origins.size());
        std::vector<T> glimpses(static_cast<size_t>(count * size * size * channels));
        ASSERT_TRUE(succeeded(extract(
            ConstView::interleaved(images.data(), shape), origins,
            View::interleaved(glimpses.data(), {count, size, size, channels}), options, context_)));
        add(title("extract/", type<T>(), "/", name(border), "/c", channels, "/", size, "x", size,
                  specials ? "/specials" : ""),
            checksum(glimpses));
    }

    // Windows inside, at the border and beyond it, of pixels and of planes, with one number for all
    // channels and with one for each.
    template<typename T, typename To>
    void conversion() {
        if (!are_built<T, To>()) {
            return;
        }
        const Shape shape = {1, 37, 51, 3};
        const std::vector<T> image = pixels<T>(shape, 5, true);
        const std::vector<Origin> origins = {{2, 3}, {-4, 30}, {20, -9}, {-100, 7}};
        const std::vector<float> subtract = {100.5f}, multiply = {0.75f, 1.5f, -3};
        for (const bool from_planes : {false, true}) {
            for (const bool to_planes : {false, true}) {
                Options options;
                options.border = Border::reflect101;
                options.subtract = subtract;
                options.multiply = multiply;
                const Shape size = {4, 17, 35, 3};
                std::vector<To> glimpses(4 * 17 * 35 * 3);
                ASSERT_TRUE(
                    succeeded(extract(from_planes ? ConstView::planar(image.data(), shape)
                                                  : ConstView::interleaved(image.data(), shape),
                                      origins,
                                      to_planes ? View::planar(glimpses.data(), size)
                                                : View::interleaved(glimpses.data(), size),
                                      options, context_)));
                add(title("conversion/", type<T>(), "-", type<To>(), "/",
                          from_planes ? "planar" : "interleaved", "-",
                          to_planes ? "planar" : "interleaved"),
                    checksum(glimpses));
            }
        }
    }

    // Noise of given statistics, so that it is recorded apart from how they are computed.
    template<typename T>
    void noise(Border border, uint64_t seed) {
        const std::vector<T> image(3);
        const std::vector<ChannelStatistics> given = {
            {3, 201, 97.25, 40.125}, {0, 255, 127.5, 73.9}, {50, 51, 50.5, 0.5}};
        const std::vector<Origin> origins = {{-40, -50}, {1, 1}, {2000000000, -2000000000}};
        const std::vector<int32_t> index = {0, 0, 0};
        Options options;
        options.border = border;
        options.statistics = given;
        options.seed = seed;
        options.image_index = index;
        std::vector<T> glimpses(3 * 39 * 150 * 3);
        ASSERT_TRUE(succeeded(extract(ConstView::interleaved(image.data(), {1, 1, 1, 3}), origins,
                                      View::interleaved(glimpses.data(), {3, 39, 150, 3}), options,
                                      context_)));
        add(title("noise/", type<T>(), "/", name(border), "/seed-", seed), checksum(glimpses));
    }

    template<typename T>
    void statistics(const Shape &shape, bool specials) {
        if (!is_built<T>()) {
            return;
        }
        const std::vector<T> images = pixels<T>(shape, 3, specials);
        std::vector<ChannelStatistics> got(static_cast<size_t>(shape.count * shape.channels));
        ASSERT_TRUE(succeeded(
            compute_statistics(ConstView::interleaved(images.data(), shape), got, context_)));
        add(title("statistics/", type<T>(), "/", shape, specials ? "/specials" : ""),
            checksum(got));
    }

    void offsets() {
        std::vector<Offset> offsets;
        for (int i = -50; i < 150; i++) {
            offsets.push_back({static_cast<float>(i) / 64, static_cast<float>(3 * i) / 128});
        }
        const Shape shape = {1, 37, 51, 3};
        const std::vector<uint8_t> image = pixels<uint8_t>(shape, 1);
        for (const glimpse::Coordinates coordinates :
             {glimpse::Coordinates::pixels, glimpse::Coordinates::normalized,
              glimpse::Coordinates::centered_pixels, glimpse::Coordinates::centered_normalized}) {
            Options options;
            options.coordinates = coordinates;
            options.border = Border::reflect101;
            std::vector<uint8_t> glimpses(200 * 7 * 8 * 3);
            ASSERT_TRUE(succeeded(extract(ConstView::interleaved(image.data(), shape), offsets,
                                          View::interleaved(glimpses.data(), {200, 7, 8, 3}),
                                          options, context_)));
            add(title("offsets/", name(coordinates)), checksum(glimpses));
        }
    }

    // Filters of many taps: every order of rows, every type by one of them, every edge.
    void many_taps(Border border) {
        using glimpse::Edge;
        using glimpse::Filter;
        for (const Filter filter :
             {Filter::linear, Filter::catmull_rom, Filter::cubic, Filter::lanczos3, Filter::area}) {
            for (const bool antialias : {true, false}) {
                if (antialias || filter != Filter::linear) {
                    samples<uint8_t, uint8_t>(border, 3, {filter, antialias, Edge::renormalize});
                    samples<float, float>(border, 1, {filter, antialias, Edge::renormalize});
                }
            }
            samples<uint8_t, float>(border, 4, {filter, true, Edge::blend});
        }
        for (const int64_t channels : {1, 2, 3, 4, 5}) {
            samples<uint8_t, uint8_t>(border, channels, {Filter::linear, true});
            samples<float, float>(border, channels, {Filter::lanczos3, true});
            samples<uint8_t, float>(border, channels, {Filter::linear, true});
        }
        for_each_type([&](auto type) {
            using T = decltype(type);
            samples<T, T>(border, 3, {Filter::cubic, true, Edge::blend});
        });
    }

    // Boxes inside, over every side, flipped, without extent, tiny and huge, of two images, to
    // pixels and to planes.
    template<typename T, typename To>
    void samples(Border border, int64_t channels, glimpse::Sampling sampling) {
        if (!has_sampling || !are_built<T, To>()) {
            return;
        }
        const bool grows = sampling.antialias || sampling.filter == glimpse::Filter::area;
        const bool is_float = !std::is_integral_v<T>;
        const Shape shape = {2, 37, 51, channels};
        const std::vector<T> images = pixels<T>(shape, 11, is_float);
        std::vector<glimpse::Box> boxes = {{3.25f, 4.5f, 20.75f, 30.125f},
                                           {0, 0, 37, 51},
                                           {-5.5f, -7.25f, 12.5f, 19.75f},
                                           {30.5f, 40.25f, 50.5f, 70.75f},
                                           {-20, -30, 57, 83},
                                           {20.75f, 30.125f, 3.25f, 4.5f},
                                           {10.5f, 20.25f, 10.5f, 40.25f},
                                           {18.2f, 25.3f, 18.3f, 25.4f},
                                           {-3000, -4000, 5000.5f, 6000},
                                           {4, 7, 4 + 13, 7 + 19},
                                           {1e9f, -2e9f, 1.5e9f, -1.25e9f},
                                           {0.3f, 0.7f, 13.3f, 19.7f}};
        if (grows) {  // The huge ones are beyond it, or would take long.
            boxes[8] = {-60, -50, 90.5f, 100};
            boxes[10] = {36.25f, 50.5f, 37.25f, 90};
        }
        std::vector<int32_t> index;
        for (size_t i = 0; i < boxes.size(); i++) {
            index.push_back(static_cast<int32_t>(i % 2));
        }
        const std::vector<float> value = {17.5f};
        Options options;
        options.border = border;
        options.image_index = index;
        options.seed = 42;
        options.first_image = 7;
        options.sampling = sampling;
        if (border == Border::constant) {
            options.value = value;
        }
        if (!std::is_same_v<T, To>) {
            options.subtract = 100.5f;
            options.multiply = 0.75f;
        }
        for (const bool to_planes : {false, true}) {
            const Shape size = {static_cast<int64_t>(boxes.size()), 13, 19, channels};
            std::vector<To> glimpses(boxes.size() * 13 * 19 * static_cast<size_t>(channels));
            ASSERT_TRUE(succeeded(extract(ConstView::interleaved(images.data(), shape), boxes,
                                          to_planes ? View::planar(glimpses.data(), size)
                                                    : View::interleaved(glimpses.data(), size),
                                          options, context_)));
            add(title("samples/", type<T>(), "-", type<To>(), "/", name(border), "/",
                      name(sampling.filter), sampling.antialias ? "-antialiased" : "", "-",
                      name(sampling.edge), "/c", channels, "/",
                      to_planes ? "planar" : "interleaved"),
                checksum(glimpses));
        }
    }

    void add(const std::string &title, const std::string &hash) {
        EXPECT_TRUE(result_.emplace(title, hash).second) << title << " twice";
    }

    Context &context_;
    Checksums result_;
};

Checksums read_checksums(const std::string &path) {
    std::ifstream file(path);
    Checksums result;
    for (std::string name, hash; file >> name >> hash;) {
        result[name] = hash;
    }
    return result;
}

class ChecksumsTest : public VariantTest {};

TEST_P(ChecksumsTest, AsRecorded) {
    const Checksums got = Operations(context()).run();
    ASSERT_FALSE(HasFailure());
    const bool is_whole = GLIMPSE_TEST_TYPES == 63 && has_sampling;  // all was built
    ASSERT_GT(got.size(), is_whole ? 1300u : 100u);
    const char *const record = std::getenv("GLIMPSE_RECORD_CHECKSUMS");
    if (record != nullptr) {
        ASSERT_TRUE(is_whole) << "not all types were built";
        // The first variant to run writes; the others must agree with it.
        static const Checksums first = got;
        std::ofstream file(record);
        for (const auto &[name, hash] : first) {
            file << name << ' ' << hash << '\n';
        }
        ASSERT_TRUE(file.flush()) << record;
        EXPECT_EQ(got, first);
        return;
    }
    const std::string path = std::string(GLIMPSE_TEST_GOLDEN_DIR) + "/checksums.txt";
    const Checksums expected = read_checksums(path);
    ASSERT_FALSE(expected.empty()) << path << " cannot be read";
    for (const auto &[name, hash] : got) {
        const auto found = expected.find(name);
        EXPECT_TRUE(found != expected.end() && found->second == hash)
            << name << ": got " << hash << ", recorded "
            << (found == expected.end() ? "nothing" : found->second);
    }
    if (is_whole) {
        EXPECT_EQ(got.size(), expected.size()) << "record the checksums again";
    } else {
        std::cout << got.size() << " of " << expected.size()
                  << " checksums; the others are of types that were not built\n";
    }
}

INSTANTIATE_TEST_SUITE_P(, ChecksumsTest, all_variants(), variant_name);

}  // namespace
