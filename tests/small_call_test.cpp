// Small calls: what extract_small() makes, the full path makes too, with the same bytes; what it
// does not make, it leaves untouched; and it makes what is small and plain. explain() takes the
// full path.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "buffers.h"
#include "call/sanitizer.h"
#include "glimpse/glimpse.h"
#include "host/small.h"
#include "variants.h"

namespace {

using glimpse::Border;
using glimpse::ConstView;
using glimpse::Memory;
using glimpse::Offset;
using glimpse::Options;
using glimpse::Origin;
using glimpse::Shape;
using glimpse::Span;
using glimpse::View;

const size_t pool = 96 << 10;  // bytes of images, and of each output

class SmallCallTest : public VariantTest {
protected:
    void SetUp() override {
        VariantTest::SetUp();
        if (GetParam().name == std::string("cuda") || glimpse::is_sanitized()) {
            GTEST_SKIP() << "calls go to a device, or tell AddressSanitizer what they touch";
        }
    }
};
INSTANTIATE_TEST_SUITE_P(, SmallCallTest, all_variants(), variant_name);

// All that a call is made of; pointers lead into it.
struct Arguments {
    ConstView images;
    View glimpses;
    Options options;
    std::vector<Origin> origins;
    std::vector<Offset> offsets;
    std::vector<int32_t> index;
    std::vector<float> value;
    std::vector<glimpse::ChannelStatistics> statistics;
    bool by_offsets = false;

    glimpse::Places places() const {
        return by_offsets ? glimpse::Places(offsets) : glimpse::Places(origins);
    }
};

// Memory of random bytes for images, and twice the same for glimpses.
struct Pools {
    std::vector<uint8_t> images, glimpses, expected;

    explicit Pools(Random &random) : images(pool), glimpses(pool) {
        for (uint8_t &byte : images) {
            byte = static_cast<uint8_t>(random.bits());
        }
        for (uint8_t &byte : glimpses) {
            byte = static_cast<uint8_t>(random.bits());
        }
        expected = glimpses;
    }
};

Shape random_shape(Random &random, int64_t channels, int64_t least, int64_t most) {
    return {random.between(1, 4), random.between(least, most), random.between(least, most),
            channels};
}

// Strides of pixels or planes that follow one another, with gaps or without.
template<typename AnyView>
void set_strides(AnyView *view, Random &random) {
    const Shape &s = view->shape;
    const int64_t gap = random.chance(30) ? random.between(0, 5) : 0;
    view->strides = {0, s.width * s.channels + gap, s.channels, 1};
    view->strides.image = s.height * view->strides.row + (random.chance(20) ? gap : 0);
    if (random.chance(8)) {  // planes
        view->strides = {s.channels * s.height * s.width, s.width, 1, s.height * s.width};
    }
}

// The bytes from the first to the last that a view of not too odd strides has.
int64_t bytes_of(const ConstView &view) {
    const Shape &s = view.shape;
    const glimpse::Strides &t = view.strides;
    return ((s.count - 1) * t.image + (s.height - 1) * t.row + (s.width - 1) * t.column +
            (s.channels - 1) * t.channel + 1) *
           glimpse::size_in_bytes(view.type);
}

void choose_places(Arguments *a, Random &random) {
    const auto count = static_cast<size_t>(a->glimpses.shape.count);
    const int64_t height = a->images.shape.height, width = a->images.shape.width;
    for (size_t i = 0; i < count; i++) {
        const bool far = random.chance(2);
        const int64_t reach = far ? 1 << 30 : random.chance(50) ? 0 : 12;
        a->origins.push_back({static_cast<int32_t>(random.between(-reach, height + reach)),
                              static_cast<int32_t>(random.between(-reach, width + reach))});
        a->offsets.push_back({static_cast<float>(random.between(-20, 300)) / 8,
                              static_cast<float>(random.between(-20, 300)) / 8});
        a->index.push_back(static_cast<int32_t>(random.between(0, a->images.shape.count - 1)));
    }
    a->by_offsets = random.chance(20);
    a->options.coordinates = static_cast<glimpse::Coordinates>(random.between(0, 3));
    if (a->images.shape.count != 1 || random.chance(30)) {
        a->options.image_index = a->index;
    }
}

void choose_options(Arguments *a, Random &random) {
    a->options.border = static_cast<Border>(random.between(0, glimpse::border_count - 1));
    for (int64_t c = 0; c < a->images.shape.channels; c++) {
        a->value.push_back(static_cast<float>(random.between(-100, 70000)) / 4);
    }
    if (a->options.border == Border::constant) {
        if (random.chance(50)) {
            a->options.value = a->value;
        } else {
            a->options.value = 17.5f;
        }
    }
    const int64_t statistics = a->images.shape.count * a->images.shape.channels;
    for (int64_t i = 0; i < statistics; i++) {
        const double mean = static_cast<double>(random.between(0, 70000)) / 256;
        a->statistics.push_back({0, 255, random.chance(5) ? std::nan("7") : mean, 1});
    }
    if (random.chance(a->options.border == Border::mean ? 70 : 5)) {
        a->options.statistics = a->statistics;
    }
    a->options.seed = random.bits();
    a->options.exact_fill = random.chance(10);
}

Arguments plain_arguments(Pools *pools, Random &random) {
    Arguments a;
    int64_t number = 0;
    do {
        number = random.between(0, glimpse::element_type_count - 1);
    } while ((GLIMPSE_TEST_TYPES >> number & 1) == 0);
    const auto type = static_cast<glimpse::ElementType>(number);
    const int64_t channels = random.between(1, random.chance(10) ? 6 : 4);
    do {
        a.images = ConstView(pools->images.data(), type,
                             random_shape(random, channels, random.chance(20) ? 1 : 20, 50), {});
        set_strides(&a.images, random);
    } while (bytes_of(a.images) > int64_t(pool) / 2);
    do {
        Shape shape = random_shape(random, channels, 1, 20);
        shape.count = random.chance(5) ? random.between(60, 70) : shape.count;
        a.glimpses = View(pools->glimpses.data(), type, shape, {});
        set_strides(&a.glimpses, random);
    } while (bytes_of(a.glimpses) > int64_t(pool) / 2);
    choose_places(&a, random);
    choose_options(&a, random);
    return a;
}

// Makes one thing of a call unusual or wrong.
void break_view(ConstView *view, Random &random) {
    Shape *const shape = &view->shape;
    int64_t *const extents[] = {&shape->count, &shape->height, &shape->width, &shape->channels};
    glimpse::Strides *const strides = &view->strides;
    int64_t *const steps[] = {&strides->image, &strides->row, &strides->column, &strides->channel};
    const int64_t odd[] = {0,       -1,        1,         int64_t(1) << 20,
                           1 << 28, INT32_MAX, INT64_MAX, INT64_MIN,
                           -5,      2,         3,         glimpse::invalid_pitch};
    switch (random.between(0, 6)) {
    case 0:
        *random.one_of(extents) = random.one_of(odd);
        break;
    case 1:
        *random.one_of(steps) = random.one_of(odd);
        break;
    case 2:
        view->data = nullptr;
        break;
    case 3:
        if (view->data != nullptr) {
            view->data = static_cast<const char *>(view->data) + random.between(1, 5);
        }
        break;
    case 4:
        *view = view->within(view->data, static_cast<size_t>(random.between(0, 4000)));
        break;
    case 5:
        view->memory = random.chance(50) ? Memory::cuda : static_cast<Memory>(9);
        break;
    default:
        view->type = static_cast<glimpse::ElementType>(random.between(0, 9));
        break;
    }
}

void break_options(Arguments *a, Pools *pools, Random &random) {
    Options &o = a->options;
    auto *const in_glimpses = reinterpret_cast<float *>(pools->glimpses.data());
    switch (random.between(0, 9)) {
    case 0:
        o.border = static_cast<Border>(random.between(-2, 12));
        break;
    case 1:
        o.coordinates = static_cast<glimpse::Coordinates>(random.between(-1, 5));
        break;
    case 2:
        if (random.chance(50)) {
            o.statistics = Span<const glimpse::ChannelStatistics>(
                reinterpret_cast<glimpse::ChannelStatistics *>(in_glimpses),
                static_cast<size_t>(a->images.shape.channels));
            break;
        }
        o.subtract = random.chance(50) ? 0.0f : 1.0f;
        break;
    case 3:
        o.channel_order = {1, {static_cast<uint8_t>(random.between(0, 4))}};
        break;
    case 4:
        o.value = {1.0f, 2.0f};
        break;
    case 5:
        o.value = Span<const float>(in_glimpses, 1);
        break;
    case 6:
        a->index[0] = random.chance(50) ? -1 : static_cast<int32_t>(a->images.shape.count);
        o.image_index = a->index;
        break;
    case 7:
        o.image_index = Span<const int32_t>(reinterpret_cast<int32_t *>(in_glimpses), 1);
        break;
    case 8:
        a->origins[0] = {random.chance(50) ? INT32_MAX : INT32_MIN, INT32_MAX};
        a->offsets[0] = {std::numeric_limits<float>::quiet_NaN(), 1e30f};
        break;
    default:
        a->origins.pop_back();
        a->offsets.pop_back();
        break;
    }
}

// Odd views may be legal, and reach far.
template<typename AnyView>
void bound(AnyView *view, const std::vector<uint8_t> &memory) {
    if (view->bounds.begin == nullptr) {
        *view = view->within(memory);
    }
}

void break_something(Arguments *a, Pools *pools, Random &random) {
    if (random.chance(35)) {
        break_view(&a->images, random);
    } else if (random.chance(50)) {
        ConstView view = a->glimpses;
        break_view(&view, random);
        a->glimpses.type = view.type;
        a->glimpses.memory = view.memory;
        a->glimpses.shape = view.shape;
        a->glimpses.strides = view.strides;
        a->glimpses.bounds = view.bounds;
        a->glimpses.data = const_cast<void *>(view.data);
    } else if (random.chance(10)) {
        a->images.data = pools->glimpses.data();  // overlaps
        bound(&a->images, pools->glimpses);
    } else {
        break_options(a, pools, random);
    }
    bound(&a->images, pools->images);
    bound(&a->glimpses, pools->glimpses);
}

// Whether the call was small; it must then be right.
bool is_small(Arguments &a, Pools *pools, glimpse::Context &context) {
    if (!glimpse::extract_small(a.images, a.places(), a.glimpses, a.options, context.impl())) {
        EXPECT_EQ(pools->glimpses, pools->expected) << "something was written";
        return false;
    }
    const std::vector<uint8_t> got = pools->glimpses;
    pools->glimpses = pools->expected;  // in place: views lead here
    glimpse::Explanation explanation;
    const glimpse::Status status = glimpse::explain(a.images, a.places(), a.glimpses, 0, {0, 0, 0},
                                                    &explanation, a.options, context);
    EXPECT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(pools->glimpses, got) << "border " << name(a.options.border);
    return true;
}

TEST_P(SmallCallTest, ImpliesTheFullPath) {
    int small = 0, outside = 0;
    const int cases = 60000;
    Random of_memory(0);
    Pools pools(of_memory);
    for (int i = 0; i < cases && !HasFailure(); i++) {
        Random random(static_cast<uint64_t>(i));
        pools.glimpses = pools.expected;
        Arguments a = plain_arguments(&pools, random);
        const bool breaks = random.chance(50);
        for (int64_t k = breaks ? random.between(1, 2) : 0; k > 0; k--) {
            break_something(&a, &pools, random);
        }
        const bool is = is_small(a, &pools, context());
        small += is ? 1 : 0;
        outside += is && a.origins[0].x < 0 ? 1 : 0;
        ASSERT_FALSE(HasFailure()) << "case " << i;
    }
    // Otherwise the test would see nothing.
    EXPECT_GT(small, cases / 5);
    EXPECT_GT(outside, cases / 50);
}

// What is small and plain is made at once: by every border of values that are given and of maps,
// for every type that is built, with origins or offsets.
TEST_P(SmallCallTest, IsTakenByPlainCalls) {
    Random random(1);
    Pools pools(random);
    for (const Border border : {Border::zero, Border::constant, Border::mean, Border::replicate,
                                Border::reflect, Border::reflect101, Border::wrap}) {
        for (int64_t channels = 1; channels <= 4; channels++) {
            Arguments a;
            a.images = ConstView::interleaved(pools.images.data(), {1, 40, 60, channels});
            a.glimpses = View::interleaved(pools.glimpses.data(), {2, 8, 8, channels});
            a.origins = {{3, 5}, {-4, -3}};
            a.offsets = {{8, 8}, {0, 0}};
            a.value.assign(static_cast<size_t>(channels), 7);
            a.options.border = border;
            if (border == Border::constant) {
                a.options.value = a.value;
            }
            if (border == Border::mean) {
                a.statistics.assign(static_cast<size_t>(channels), {0, 255, 7.5, 1});
                a.options.statistics = a.statistics;
            }
            for (const bool by_offsets : {false, true}) {
                a.by_offsets = by_offsets;
                pools.expected = pools.glimpses;
                EXPECT_TRUE(is_small(a, &pools, context()))
                    << name(border) << ", " << channels << " channels";
            }
        }
    }
}

// What the full path must do is left to it.
TEST_P(SmallCallTest, LeavesTheRest) {
    Random random(2);
    Pools pools(random);
    Arguments a;
    a.images = ConstView::interleaved(pools.images.data(), {1, 40, 60, 3});
    a.glimpses = View::interleaved(pools.glimpses.data(), {1, 8, 8, 3});
    a.origins = {{3, 5}};
    ASSERT_TRUE(is_small(a, &pools, context()));
    pools.expected = pools.glimpses;
    const auto is_left = [&](const Arguments &other) {
        Arguments copy = other;
        return !is_small(copy, &pools, context());
    };
    Arguments other = a;
    other.options.border = Border::gaussian;
    EXPECT_TRUE(is_left(other));
    other = a;
    other.options.multiply = 2.0f;
    EXPECT_TRUE(is_left(other));
    other = a;
    other.options.channel_order = {3, {2, 1, 0}};
    EXPECT_TRUE(is_left(other));
    other = a;
    other.images = other.images.flipped();
    EXPECT_TRUE(is_left(other));
    other = a;
    other.images = other.images.within(pools.images.data(), 100);
    EXPECT_TRUE(is_left(other));
    other = a;
    other.origins = {{INT32_MAX, 0}};
    EXPECT_TRUE(is_left(other));
    setenv("GLIMPSE_ONLY_PURE", "1", 1);
    const auto pure = make_context();
    unsetenv("GLIMPSE_ONLY_PURE");
    EXPECT_FALSE(glimpse::extract_small(a.images, a.places(), a.glimpses, a.options, pure->impl()));
    glimpse::ContextOptions options;
    options.variant = "none";
    glimpse::Context broken(options);
    EXPECT_FALSE(
        glimpse::extract_small(a.images, a.places(), a.glimpses, a.options, broken.impl()));
}

}  // namespace
