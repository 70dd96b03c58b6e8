// The C interface beside the C++ API: the same pixels for every option.
#include "glimpse/c.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "glimpse/glimpse.h"

namespace {

constexpr int64_t images = 3, height = 23, width = 31, channels = 3, count = 4, side = 9;

// The same options twice.
struct Both {
    glimpse::Options cpp;
    glimpse_options c = GLIMPSE_OPTIONS_INIT;
    std::vector<float> value, subtract, multiply;
    std::vector<int32_t> image_index;
    std::vector<glimpse::ChannelStatistics> statistics;
};

// Each option is something else than its default as often as not.
class Options {
public:
    explicit Options(unsigned seed) : random_(seed) {
    }

    Both draw() {
        Both o;
        o.c.border = below(glimpse::border_count);
        o.cpp.border = glimpse::Border(o.c.border);
        if (o.cpp.border == glimpse::Border::constant) {
            o.value = numbers();
        }
        if (below(2) != 0) {
            o.subtract = numbers();
            o.multiply = {0.5f};
        }
        for (int64_t i = 0; i < count; i++) {
            o.image_index.push_back(below(images));
        }
        for (int64_t i = 0; below(2) != 0 && i < images * channels; i++) {
            o.statistics.push_back({float(i), float(i + 100), double(i) + 20.5, 10.0});
        }
        if (o.statistics.size() != size_t(images * channels)) {
            o.statistics.clear();
        }
        o.cpp.exact_fill = below(2) != 0;
        o.cpp.seed = random_();
        o.cpp.first_image = random_();
        o.cpp.coordinates = glimpse::Coordinates(below(4));
        o.cpp.sampling.filter = glimpse::Filter(below(glimpse::filter_count));
        o.cpp.sampling.antialias = below(2) != 0;
        o.cpp.sampling.edge = glimpse::Edge(below(glimpse::edge_count));
        o.cpp.sampling.edge_margin = float(below(3)) / 2;
        if (below(2) != 0) {
            o.cpp.channel_order = {3, {2, 0, 1}};
        }
        return o;
    }

    int32_t below(int64_t limit) {
        return int32_t(random_() % unsigned(limit));
    }
    float number() {
        return float(below(600)) / 8 - 25;
    }

private:
    std::vector<float> numbers() {
        std::vector<float> all(below(2) != 0 ? 1 : channels);
        for (float &drawn : all) {
            drawn = float(below(200));
        }
        return all;
    }

    std::mt19937 random_;
};

// Fills what C has of the options, and points both to the same arrays.
void connect(Both *o) {
    o->cpp.value = o->value;
    o->cpp.subtract = o->subtract;
    o->cpp.multiply = o->multiply;
    o->cpp.image_index = o->image_index;
    o->cpp.statistics = o->statistics;
    glimpse_options &c = o->c;
    c.value = o->value.data();
    c.value_count = o->value.size();
    c.subtract = o->subtract.data();
    c.subtract_count = o->subtract.size();
    c.multiply = o->multiply.data();
    c.multiply_count = o->multiply.size();
    c.image_index = o->image_index.data();
    c.image_index_count = o->image_index.size();
    c.statistics = reinterpret_cast<const glimpse_channel_statistics *>(o->statistics.data());
    c.statistics_count = o->statistics.size();
    c.exact_fill = o->cpp.exact_fill ? 1 : 0;
    c.seed = o->cpp.seed;
    c.first_image = o->cpp.first_image;
    c.coordinates = int32_t(o->cpp.coordinates);
    c.filter = int32_t(o->cpp.sampling.filter);
    c.antialias = o->cpp.sampling.antialias ? 1 : 0;
    c.edge = int32_t(o->cpp.sampling.edge);
    c.edge_margin = o->cpp.sampling.edge_margin;
    c.channel_count = o->cpp.channel_order.count;
    memcpy(c.channel_from, o->cpp.channel_order.from, sizeof(c.channel_from));
}

// Extracts with both, from one image to one type, and expects the same of them.
void compare(const std::vector<uint8_t> &frame, Options *draws, bool is_boxes) {
    Both o = draws->draw();
    connect(&o);
    std::vector<glimpse::Offset> offsets;
    std::vector<glimpse::Box> boxes;
    for (int64_t i = 0; i < count; i++) {
        offsets.push_back({draws->number(), draws->number()});
        boxes.push_back({draws->number(), draws->number(), draws->number(), draws->number()});
    }
    const auto type =
        draws->below(2) != 0 ? glimpse::ElementType::float32 : glimpse::ElementType::uint8;
    std::vector<float> expected(size_t(count * side * side * channels)), found = expected;
    const auto view = glimpse::ConstView::interleaved(frame, {images, height, width, channels});
    const auto out = glimpse::View::planar(expected.data(), type, {count, side, side, channels});
    const glimpse::Status status = is_boxes ? glimpse::extract(view, boxes, out, o.cpp)
                                            : glimpse::extract(view, offsets, out, o.cpp);

    const glimpse_view c_view =
        glimpse_interleaved(frame.data(), GLIMPSE_UINT8, images, height, width, channels);
    const glimpse_view c_out =
        glimpse_planar(found.data(), int32_t(type), count, side, side, channels);
    glimpse_images c_images = GLIMPSE_IMAGES_INIT;
    glimpse_places c_places = GLIMPSE_PLACES_INIT;
    glimpse_glimpses c_glimpses = GLIMPSE_GLIMPSES_INIT;
    c_images.view = &c_view;
    c_glimpses.view = &c_out;
    c_places.count = size_t(count);
    if (is_boxes) {
        c_places.boxes = reinterpret_cast<const glimpse_box *>(boxes.data());
    } else {
        c_places.offsets = reinterpret_cast<const glimpse_offset *>(offsets.data());
    }
    char message[GLIMPSE_MESSAGE_BYTES];
    const glimpse_code code =
        glimpse_extract(&c_images, &c_places, &c_glimpses, &o.c, nullptr, message, sizeof(message));
    ASSERT_EQ(code, 0) << message;
    ASSERT_TRUE(status.ok()) << status.message();
    ASSERT_EQ(memcmp(expected.data(), found.data(), expected.size() * sizeof(float)), 0);
}

TEST(CInterfaceTest, EveryOption) {
    Options draws(1);
    std::vector<uint8_t> frame(size_t(images * height * width * channels));
    for (uint8_t &pixel : frame) {
        pixel = uint8_t(draws.below(256));
    }
    for (int round = 0; round < 400; round++) {
        compare(frame, &draws, GLIMPSE_TEST_SAMPLING != 0 && round % 2 != 0);
        ASSERT_FALSE(HasFatalFailure()) << "round " << round;
    }
}

TEST(CInterfaceTest, EveryCodeAndName) {
    for (int32_t code = -1; code <= GLIMPSE_INTERNAL + 1; code++) {
        EXPECT_STREQ(glimpse_code_name(code), glimpse::name(glimpse::StatusCode(code)));
    }
    for (int32_t border = -1; border <= glimpse::border_count; border++) {
        EXPECT_STREQ(glimpse_border_name(border), glimpse::name(glimpse::Border(border)));
    }
}

}  // namespace
