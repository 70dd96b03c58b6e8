// Calls with device memory: the same bytes as on the host, whatever lies where. Run with a GPU, or
// with the mock of its driver.
#include <gtest/gtest.h>

#include "cuda/device_memory.h"
#include "extract_case.h"

namespace {

using namespace glimpse;

class DeviceTest : public ::testing::Test {
protected:
    void SetUp() override {
        if (!cuda_probe().status.ok()) {
            GTEST_SKIP() << cuda_probe().status.message();
        }
        current_ = std::make_unique<PrimaryContext>();
    }

private:
    std::unique_ptr<PrimaryContext> current_;
};

// What of a call lies on the device besides its pixels.
struct OnDevice {
    bool places, index, statistics;
};

// Makes a call on the host and on the device and compares every byte.
template<typename T, typename To>
::testing::AssertionResult same_as_on_the_host(const Case &test, const std::vector<Offset> &offsets,
                                               Coordinates coordinates, const OnDevice &where,
                                               Context &context) {
    const std::string what = describe<T, To>(test) + (where.places ? ", places" : "") +
                             (where.index ? ", index" : "") +
                             (where.statistics ? ", statistics" : "") + " on the device" +
                             (offsets.empty() ? "" : ", offsets");
    const ::Images<T> images(test.images, test.image_layout, test.fence,
                             random_elements<T>(test.seed, test.specials));
    const auto count = static_cast<int64_t>(offsets.empty() ? test.origins.size() : offsets.size());
    const Shape shape = {count, test.glimpse.height, test.glimpse.width, glimpse_channels(test)};
    Output<To> expected(shape, test.glimpse_layout, test.seed);
    Output<To> got(shape, test.glimpse_layout, test.seed);

    Options options;
    options.border = test.border;
    options.coordinates = coordinates;
    options.seed = test.seed;
    options.first_image = test.first_image;
    options.image_index = test.image_index;
    options.value = test.value;
    options.subtract = test.subtract;
    options.multiply = test.multiply;
    options.channel_order = channel_order_of(test);
    options.exact_fill = test.exact_fill;
    std::vector<ChannelStatistics> statistics(
        static_cast<size_t>(test.images.count * test.images.channels));
    if (test.give_statistics) {
        const Status status = compute_statistics(images.view(), statistics);
        if (!status.ok()) {
            return ::testing::AssertionFailure() << what << ": " << status.message();
        }
        options.statistics = statistics;
    }
    Status status = offsets.empty() ? extract(images.view(), test.origins, expected.view(), options)
                                    : extract(images.view(), offsets, expected.view(), options);
    if (!status.ok()) {
        return ::testing::AssertionFailure() << what << ": on the host: " << status.message();
    }

    const DeviceCopy image_copy(images.memory(), images.size_in_bytes());
    const DeviceCopy glimpse_copy(got.bytes());
    const DeviceVector<Origin> device_origins(test.origins);
    const DeviceVector<Offset> device_offsets(offsets);
    const DeviceVector<int32_t> device_index(test.image_index);
    const DeviceVector<ChannelStatistics> device_statistics(statistics);
    if (where.index && !test.image_index.empty()) {
        options.image_index = device_index.span();
    }
    if (where.statistics && test.give_statistics) {
        options.statistics = device_statistics.span();
    }
    const ConstView in = image_copy.view(images.view());
    const View out = glimpse_copy.view(got.view());
    if (offsets.empty()) {
        status = where.places ? extract(in, device_origins.span(), out, options, context)
                              : extract(in, test.origins, out, options, context);
    } else {
        status = where.places ? extract(in, device_offsets.span(), out, options, context)
                              : extract(in, offsets, out, options, context);
    }
    if (!status.ok()) {
        return ::testing::AssertionFailure() << what << ": " << status.message();
    }
    glimpse_copy.fetch(got.bytes().data());
    const ::testing::AssertionResult same =
        same_pixels<To>(got.result(), [&](int64_t n, int64_t y, int64_t x, int64_t c) {
            const Strides &s = expected.result().strides;
            return static_cast<const To *>(
                expected.result().data)[n * s.image + y * s.row + x * s.column + c * s.channel];
        });
    if (!same) {
        return ::testing::AssertionFailure() << what << ": " << same.message();
    }
    return got.bytes() == expected.bytes()
               ? ::testing::AssertionSuccess()
               : ::testing::AssertionFailure() << what << ": a byte outside the elements differs";
}

// A random call.
Case random_case(Random &random) {
    Case test;
    test.border = random.one_of(borders);
    test.images = {random.between(1, 3), random.between(1, 20), random.between(1, 40),
                   random.one_of(std::vector<int64_t>{1, 1, 2, 3, 3, 4, 5, 17})};
    test.glimpse = {random.between(1, 30), random.between(1, 50)};
    const int64_t count = random.between(1, 9);
    const bool is_indexed = test.images.count > 1 || random.chance(30);
    const bool is_far = random.chance(10);
    for (int64_t i = 0; i < count; i++) {
        const auto at = [&](int64_t extent, int64_t size) {
            return static_cast<int32_t>(is_far ? random.between(INT32_MIN, INT32_MAX - size)
                                               : random.between(-size - 2, extent + 2));
        };
        test.origins.push_back({at(test.images.height, test.glimpse.height),
                                at(test.images.width, test.glimpse.width)});
        if (is_indexed) {
            test.image_index.push_back(
                static_cast<int32_t>(random.between(0, test.images.count - 1)));
        }
    }
    for (int64_t c = 0; test.border == Border::constant && c < test.images.channels; c++) {
        test.value.push_back(static_cast<float>(random.between(-300, 300)) / 2);
    }
    if (random.chance(25)) {
        for (int64_t c = random.between(1, 4); c > 0; c--) {
            test.channel_order.push_back(
                static_cast<uint8_t>(random.between(0, test.images.channels - 1)));
        }
    }
    test.exact_fill = random.chance(25);
    if (random.chance(40)) {
        for (int64_t c = 0; c < glimpse_channels(test); c++) {
            test.subtract.push_back(static_cast<float>(random.between(0, 200)));
            test.multiply.push_back(static_cast<float>(random.unit()));
        }
    }
    test.seed = random.bits();
    test.first_image = static_cast<uint32_t>(random.bits());
    test.image_layout = random.chance(50) ? random.one_of(layouts) : interleaved;
    test.glimpse_layout = random.chance(50) ? random.one_of(layouts) : interleaved;
    if (random.chance(25)) {
        test.glimpse_layout = planar;
    }
    test.specials = random.chance(30);
    test.give_statistics = random.chance(50);
    return test;
}

OnDevice random_places(Random &random) {
    return {random.chance(50), random.chance(50), random.chance(50)};
}

TEST_F(DeviceTest, SameAsOnTheHost) {
    Context context;
    Random random(1);
    for (int i = 0; i < 300; i++) {
        const Case test = random_case(random);
        const OnDevice where = random_places(random);
        const auto check = [&](auto from, auto to) {
            ASSERT_TRUE((same_as_on_the_host<decltype(from), decltype(to)>(
                test, {}, Coordinates::pixels, where, context)))
                << "case " << i;
        };
        switch (random.between(0, 11)) {
        case 0:
        case 1:
            check(uint8_t(), uint8_t());
            break;
        case 2:
            check(uint8_t(), float());
            break;
        case 3:
            check(uint8_t(), Float16());
            break;
        case 4:
            check(uint16_t(), uint16_t());
            break;
        case 5:
            check(int16_t(), float());
            break;
        case 6:
            check(Float16(), Float16());
            break;
        case 7:
            check(BFloat16(), uint8_t());
            break;
        case 8:
            check(float(), BFloat16());
            break;
        case 9:
            check(uint16_t(), BFloat16());
            break;
        default:
            check(float(), float());
        }
        if (HasFatalFailure()) {
            return;
        }
    }
}

TEST_F(DeviceTest, Offsets) {
    Context context;
    Random random(2);
    for (const Coordinates coordinates :
         {Coordinates::pixels, Coordinates::normalized, Coordinates::centered_pixels,
          Coordinates::centered_normalized}) {
        for (int i = 0; i < 40; i++) {
            Case test = random_case(random);
            std::vector<Offset> offsets;
            for (size_t k = 0; k < test.origins.size(); k++) {
                const bool normalized = coordinates == Coordinates::normalized ||
                                        coordinates == Coordinates::centered_normalized;
                const auto at = [&](int64_t extent) {
                    const double unit = random.unit() * 3 - 1;
                    return static_cast<float>(normalized ? unit : unit * double(extent));
                };
                offsets.push_back({at(test.images.height), at(test.images.width)});
            }
            test.origins.clear();
            OnDevice where = random_places(random);
            where.places = random.chance(80);
            ASSERT_TRUE(
                (same_as_on_the_host<uint8_t, uint8_t>(test, offsets, coordinates, where, context)))
                << name(coordinates) << ", case " << i;
        }
    }
}

TEST_F(DeviceTest, ManyOffsets) {
    Context context;
    constexpr int64_t width = 5003;
    std::vector<float> ramp(width);
    for (size_t i = 0; i < ramp.size(); i++) {
        ramp[i] = static_cast<float>(i + 1);
    }
    const ConstView image =
        ConstView::interleaved(static_cast<const float *>(ramp.data()), {1, 1, width, 1});
    const DeviceCopy device_ramp(ramp);
    Random random(3);
    for (const Coordinates coordinates :
         {Coordinates::pixels, Coordinates::normalized, Coordinates::centered_pixels,
          Coordinates::centered_normalized}) {
        const bool normalized = coordinates == Coordinates::normalized ||
                                coordinates == Coordinates::centered_normalized;
        std::vector<Offset> offsets;
        for (int i = 0; i < 50000; i++) {
            // Many of them half way between two pixels.
            double x = random.chance(50) ? random.unit() * 2 - 0.5
                                         : double(random.between(-10, 2 * width)) / (2 * width);
            x *= normalized ? 1 : double(width);
            offsets.push_back({0, static_cast<float>(x)});
        }
        for (const int64_t window : {1, 2}) {
            const Shape shape = {int64_t(offsets.size()), 1, window, 1};
            std::vector<float> expected(offsets.size() * size_t(window)), got(expected.size());
            Options options;
            options.coordinates = coordinates;
            ASSERT_TRUE(
                extract(image, offsets, View::interleaved(expected.data(), shape), options).ok());
            const DeviceVector<Offset> places(offsets);
            const DeviceCopy out(got);
            const Status status =
                extract(device_ramp.view(image), places.span(),
                        out.view(View::interleaved(got.data(), shape)), options, context);
            ASSERT_TRUE(status.ok()) << status.message();
            out.fetch(got.data());
            ASSERT_EQ(got, expected) << name(coordinates) << ", window " << window;
        }
    }
}

// What a glimpse at a bad place shows, of images of 3 alone, so that means and noise are 3, too;
// the value is 8.
float of_bad_place(Border border) {
    const bool is_map = border == Border::replicate || border == Border::reflect ||
                        border == Border::reflect101 || border == Border::wrap;
    return border == Border::zero || is_map ? 0 : border == Border::constant ? 8 : 3;
}

// There nobody can be told: the glimpse is wholly outside, or zeros.
TEST_F(DeviceTest, BadPlacesOnTheDevice) {
    Context context;
    std::vector<float> pixels(2 * 5 * 7, 3);
    const DeviceCopy image_copy(pixels);
    const ConstView images = image_copy.view(
        ConstView::interleaved(static_cast<const float *>(pixels.data()), {2, 5, 7, 1}));
    const float nan = std::numeric_limits<float>::quiet_NaN(),
                infinite = std::numeric_limits<float>::infinity();
    const std::vector<Offset> offsets = {{nan, 2},   {2, infinite},      {3e9f, 1},  {2, -3e9f},
                                         {2.5, 3.5}, {2147483648.0f, 1}, {2.5, 3.5}, {2.5, 3.5}};
    const std::vector<int32_t> index = {0, 0, 0, 0, 1, 1, 2, -1};
    const DeviceVector<Offset> places(offsets);
    const DeviceVector<int32_t> indices(index);
    for (const Border border : borders) {
        std::vector<float> glimpses(offsets.size() * 3 * 3, -1);
        const DeviceCopy glimpse_copy(glimpses);
        Options options;
        options.border = border;
        const float value = 8;
        if (border == Border::constant) {
            options.value = {&value, 1};
        }
        options.image_index = indices.span();
        const Status status = extract(
            images, places.span(),
            glimpse_copy.view(View::interleaved(glimpses.data(), {8, 3, 3, 1})), options, context);
        ASSERT_TRUE(status.ok()) << status.message();
        glimpse_copy.fetch(glimpses.data());
        const float outside = of_bad_place(border);
        const float expected[] = {outside, outside, outside, outside, 3, outside, 0, 0};
        for (size_t i = 0; i < glimpses.size(); i++) {
            ASSERT_EQ(glimpses[i], expected[i / 9]) << name(border) << ", element " << i;
        }
    }
}

// Boxes, indices and statistics in the memory of the device or of the host.
TEST_F(DeviceTest, Boxes) {
    using glimpse::Box;
    if (!has_sampling) {
        return;
    }
    Context context;
    Random random(7);
    for (int round = 0; round < 150; round++) {
        const Shape shape = {2, random.between(1, 40), random.between(1, 60), 3};
        std::vector<uint8_t> image(static_cast<size_t>(2 * shape.height * shape.width * 3));
        for (uint8_t &e : image) {
            e = static_cast<uint8_t>(random.between(0, 255));
        }
        Options options;
        options.border = random.one_of(borders);
        options.coordinates = static_cast<Coordinates>(random.between(0, 3));
        options.sampling = {
            static_cast<glimpse::Filter>(random.between(0, glimpse::filter_count - 1)),
            random.chance(50), static_cast<glimpse::Edge>(random.between(0, 2)), 0};
        if (options.border == Border::constant) {
            options.value = {10, 20, 30};
        }
        const bool is_normalized = options.coordinates == Coordinates::normalized ||
                                   options.coordinates == Coordinates::centered_normalized;
        const int count = 9;
        std::vector<Box> boxes;
        std::vector<int32_t> index;
        for (int i = 0; i < count; i++) {
            const auto side = [&](int64_t extent) {
                const double v = random.unit() * 2 - 0.5;
                return static_cast<float>(is_normalized ? v
                                                        : std::floor(v * 8) / 8 * double(extent));
            };
            boxes.push_back(
                {side(shape.height), side(shape.width), side(shape.height), side(shape.width)});
            if (random.chance(20) && !is_normalized) {
                boxes.back().y1 = boxes.back().y0 + 7;
                boxes.back().x1 = boxes.back().x0 + 9;
            }
            index.push_back(static_cast<int32_t>(random.between(0, 1)));
        }
        options.image_index = index;
        const bool to_floats = random.chance(50);
        const Shape size = {count, 7, 9, 3};
        const size_t elements = count * 7 * 9 * 3;
        const auto check = [&](auto zero) {
            using To = decltype(zero);
            std::vector<To> expected(elements), got(elements);
            const ConstView on_host =
                ConstView::interleaved(static_cast<const uint8_t *>(image.data()), shape);
            Status status =
                extract(on_host, boxes, View::interleaved(expected.data(), size), options);
            ASSERT_TRUE(status.ok()) << status.message();
            const DeviceCopy device_image(image), out(got);
            const DeviceVector<Box> device_boxes(boxes);
            const DeviceVector<int32_t> device_index(index);
            Options there = options;
            if (round % 3 != 0) {
                there.image_index = device_index.span();
            }
            const glimpse::Places places =
                round % 2 == 0 ? glimpse::Places(device_boxes.span()) : glimpse::Places(boxes);
            status = extract(device_image.view(on_host), places,
                             out.view(View::interleaved(got.data(), size)), there, context);
            ASSERT_TRUE(status.ok()) << status.message();
            out.fetch(got.data());
            ASSERT_EQ(got, expected) << "round " << round << ", " << name(options.border);
        };
        if (to_floats) {
            check(float{});
        } else {
            check(uint8_t{});
        }
    }
}

// Boxes of the host are looked at, wherever their indices lie: of some that reduce and some that do
// not.
TEST_F(DeviceTest, AntialiasedBoxesOfTheHost) {
    using glimpse::Box;
    if (!has_sampling) {
        return;
    }
    Context context;
    std::vector<float> pixels(2 * 5 * 7, 3);
    const DeviceCopy image_copy(pixels);
    const ConstView images = image_copy.view(
        ConstView::interleaved(static_cast<const float *>(pixels.data()), {2, 5, 7, 1}));
    std::vector<float> glimpses(2 * 3 * 4, -1);
    const DeviceCopy glimpse_copy(glimpses);
    const View out = glimpse_copy.view(View::interleaved(glimpses.data(), {2, 3, 4, 1}));
    const std::vector<int32_t> index = {1, 0};
    const DeviceVector<int32_t> device_index(index);
    Options options;
    options.border = Border::replicate;
    options.image_index = device_index.span();
    std::vector<Box> boxes = {{0, 0, 2.5f, 4}, {3.5f, 1, 1, 2}};
    Status status = extract(images, glimpse::Places(boxes), out, options, context);
    ASSERT_TRUE(status.ok()) << status.message();
    glimpse_copy.fetch(glimpses.data());
    EXPECT_EQ(glimpses, std::vector<float>(2 * 3 * 4, 3));
    boxes[1].y1 = 0;
    glimpses.assign(glimpses.size(), -1);
    status = extract(images, glimpse::Places(boxes), out, options, context);
    ASSERT_TRUE(status.ok()) << status.message();
    glimpse_copy.fetch(glimpses.data());
    for (const float e : glimpses) {
        EXPECT_NEAR(e, 3, 3e-6);
    }
}

// Nobody can be told of boxes there that are not finite, or that reduce more than twice the image
// would be reduced, by a filter that grows.
TEST_F(DeviceTest, BadBoxesOnTheDevice) {
    using glimpse::Box;
    if (!has_sampling) {
        return;
    }
    Context context;
    std::vector<float> pixels(5 * 7, 3);
    const DeviceCopy image_copy(pixels);
    const ConstView image = image_copy.view(
        ConstView::interleaved(static_cast<const float *>(pixels.data()), {1, 5, 7, 1}));
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const std::vector<Box> boxes = {{nan, 0, 1, 1}, {0, 0, 1, 3e9f}, {-20, 0, 4, 4}, {0, 0, 4, 4}};
    const DeviceVector<Box> places(boxes);
    for (const Border border : borders) {
        std::vector<float> glimpses(4 * 3 * 3, -1);
        const DeviceCopy glimpse_copy(glimpses);
        Options options;
        options.border = border;
        if (border == Border::constant) {
            options.value = 8;
        }
        const View out = glimpse_copy.view(View::interleaved(glimpses.data(), {4, 3, 3, 1}));
        const float outside = of_bad_place(border);
        for (const bool antialias : {false, true}) {
            options.sampling.antialias = antialias;
            const Status status = extract(image, places.span(), out, options, context);
            ASSERT_TRUE(status.ok()) << status.message();
            glimpse_copy.fetch(glimpses.data());
            for (size_t i = 0; i < glimpses.size(); i++) {
                if (i / 9 == 2 && !antialias) {
                    continue;  // a box that is bad only for a filter that grows
                }
                const bool is_bad = i / 9 < 3;
                ASSERT_NEAR(glimpses[i], is_bad ? outside : 3, is_bad || !antialias ? 0 : 3e-6)
                    << name(border) << ", element " << i;
            }
        }
    }
}

// Luma and chroma; origins on the host and on the device.
TEST_F(DeviceTest, Frames) {
    Context context;
    const int64_t height = 21, width = 34, chroma_width = 18;
    const int64_t size = height * width + 2 * 11 * chroma_width;
    const int64_t cut_size = 9 * 12 + 2 * 5 * 6;
    std::vector<uint8_t> frames(size_t(2 * size));
    Random random(5);
    for (uint8_t &element : frames) {
        element = uint8_t(random.bits());
    }
    const std::vector<Origin> origins = {{3, 4}, {-3, 29}, {18, -5}};
    const std::vector<int32_t> index = {1, 0, 1};
    const DeviceCopy device_frames(frames);
    const DeviceVector<Origin> device_origins(origins);
    const DeviceVector<int32_t> device_index(index);
    for (const bool semi_planar : {true, false}) {
        const auto view = [&](auto *y, int64_t h, int64_t w, int64_t chroma, auto type) {
            using Type = decltype(type);
            return semi_planar ? Type::nv12(y, w, y + h * w, 2 * chroma, h, w)
                               : Type::i420(y, w, y + h * w, y + h * w + (h + 1) / 2 * chroma,
                                            chroma, h, w);
        };
        for (const Border border : borders) {
            const float value[] = {1, 2, 3};
            Options options;
            options.border = border;
            options.seed = 3;
            options.image_index = index;
            if (border == Border::constant) {
                options.value = value;
            }
            const uint8_t *const pixels = frames.data();
            const auto in =
                view(pixels, height, width, chroma_width, glimpse::ConstFrame()).batch(2, size);
            std::vector<uint8_t> expected(size_t(3 * cut_size), 0x55);
            ASSERT_TRUE(
                extract(in, origins,
                        view(expected.data(), 9, 12, 6, glimpse::Frame()).batch(3, cut_size),
                        options)
                    .ok());
            for (int where = 0; where < 4; where++) {
                const bool there = where % 2 == 1;
                options.image_index = where < 2 ? Span<const int32_t>(index) : device_index.span();
                std::vector<uint8_t> got(expected.size(), 0x55);
                const DeviceCopy device_got(got);
                const Status status =
                    extract(view(device_frames.at(pixels), height, width, chroma_width,
                                 glimpse::ConstFrame())
                                .batch(2, size)
                                .on(Memory::cuda),
                            there ? device_origins.span() : Span<const Origin>(origins),
                            view(device_got.at(got.data()), 9, 12, 6, glimpse::Frame())
                                .batch(3, cut_size)
                                .on(Memory::cuda),
                            options, context);
                ASSERT_TRUE(status.ok()) << status.message();
                device_got.fetch(got.data());
                ASSERT_EQ(got, expected) << name(border) << ", " << where;
            }
        }
    }
}

// Odd origins on the device are rounded down.
TEST_F(DeviceTest, Mosaics) {
    GLIMPSE_NEEDS_TYPES(uint16_t, float);
    Context context;
    const std::vector<Origin> origins = {{4, 6}, {-4, 30}, {16, -6}},
                              odd = {{5, 6}, {-3, 31}, {17, -5}};
    std::vector<uint16_t> mosaic(20 * 34);
    Random random(6);
    for (uint16_t &element : mosaic) {
        element = uint16_t(random.bits());
    }
    const ConstView in =
        ConstView::interleaved(static_cast<const uint16_t *>(mosaic.data()), {1, 20, 34, 1});
    const DeviceCopy device_mosaic(mosaic);
    const DeviceVector<Origin> device_origins(odd);
    const std::vector<int32_t> index(3, 0);
    const DeviceVector<int32_t> device_index(index);
    for (const Border border : borders) {
        const float value[] = {1, 2, 3, 4}, black[] = {64, 65, 66, 67}, gain[] = {2, 1, 1, 3};
        Options options;
        options.border = border;
        options.seed = 3;
        options.subtract = black;
        options.multiply = gain;
        if (border == Border::constant) {
            options.value = value;
        }
        std::vector<float> expected(3 * 10 * 14, -1);
        const Shape shape = {3, 10, 14, 1};
        ASSERT_TRUE(
            extract_bayer(in, origins, View::interleaved(expected.data(), shape), options).ok());
        for (int where = 0; where < 4; where++) {
            const bool there = where % 2 == 1;
            options.image_index = where < 2 ? Span<const int32_t>(index) : device_index.span();
            std::vector<float> got(expected.size(), -1);
            const DeviceCopy device_got(got);
            const Status status = extract_bayer(
                device_mosaic.view(in), there ? device_origins.span() : Span<const Origin>(origins),
                device_got.view(View::interleaved(got.data(), shape)), options, context);
            ASSERT_TRUE(status.ok()) << status.message();
            device_got.fetch(got.data());
            ASSERT_EQ(std::memcmp(got.data(), expected.data(), got.size() * sizeof(float)), 0)
                << name(border) << ", " << where;
        }
    }
}

// Tensors, and those without pixels, which are filled with NaN.
TEST_F(DeviceTest, Tensorflow) {
    Context context;
    for (const int64_t height : {7, 0}) {
        std::vector<float> images(size_t(2 * height * 9 * 3)), offsets = {0.25f, -0.5f, 1.5f, 0};
        Random random(7);
        for (float &element : images) {
            element = static_cast<float>(random.unit());
        }
        const int64_t in_shape[] = {2, height, 9, 3}, out_shape[] = {2, 4, 6, 3},
                      size_shape[] = {2}, offset_shape[] = {2, 2};
        const int32_t size[] = {4, 6};
        std::vector<float> expected(2 * 4 * 6 * 3);
        const DeviceCopy device_images(images), device_offsets(offsets);
        for (const tensorflow::Version version :
             {tensorflow::Version::v1, tensorflow::Version::v2}) {
            for (const char *noise : {"uniform", "gaussian", "zero"}) {
                tensorflow::Attributes attributes;
                attributes.version = version;
                attributes.uniform_noise = false;
                attributes.noise = noise;
                const tensorflow::Tensor<const int32_t> sizes = {size, size_shape};
                ASSERT_TRUE(tensorflow::extract_glimpse({images.data(), in_shape}, sizes,
                                                        {offsets.data(), offset_shape},
                                                        {expected.data(), out_shape}, attributes)
                                .ok());
                for (const bool there : {false, true}) {
                    std::vector<float> got(expected.size(), -1);
                    const DeviceCopy device_got(got);
                    const Status status = tensorflow::extract_glimpse(
                        {device_images.at(images.data()), in_shape, Memory::cuda}, sizes,
                        {there ? device_offsets.at(offsets.data()) : offsets.data(), offset_shape,
                         there ? Memory::cuda : Memory::host},
                        {device_got.at(got.data()), out_shape, Memory::cuda}, attributes, context);
                    ASSERT_TRUE(status.ok()) << status.message();
                    device_got.fetch(got.data());
                    ASSERT_EQ(std::memcmp(got.data(), expected.data(), got.size() * sizeof(float)),
                              0)
                        << noise << ", height " << height;
                }
            }
        }
    }
}

// Indices on the device of images that there are not.
TEST_F(DeviceTest, NoImages) {
    Context context;
    const std::vector<int32_t> index = {0, 1, -1};
    const std::vector<Origin> origins(3);
    const DeviceVector<int32_t> device_index(index);
    for (const Border border : borders) {
        for (const bool converts : {false, true}) {
            const float value = 8, subtract = 3;
            Options options;
            options.border = border;
            options.image_index = device_index.span();
            if (border == Border::constant) {
                options.value = {&value, 1};
            }
            if (converts) {
                options.subtract = {&subtract, 1};
            }
            std::vector<uint8_t> glimpses(3 * 4 * 5 * 3, 7);
            const DeviceCopy copy(glimpses);
            const Status status =
                extract(ConstView::interleaved(static_cast<const uint8_t *>(nullptr), {0, 9, 8, 3})
                            .on(Memory::cuda),
                        origins, copy.view(View::interleaved(glimpses.data(), {3, 4, 5, 3})),
                        options, context);
            ASSERT_TRUE(status.ok()) << status.message();
            copy.fetch(glimpses.data());
            for (const uint8_t element : glimpses) {
                ASSERT_EQ(element, 0) << name(border);
            }
        }
    }
}

TEST_F(DeviceTest, Statistics) {
    Context context;
    for (const Layout &layout : {interleaved, planar, layouts[3], layouts[15]}) {
        for (const Shape &shape : {Shape{3, 17, 29, 3}, Shape{1, 70, 1100, 1}, Shape{2, 9, 8, 5},
                                   Shape{1, 0, 4, 3}, Shape{1, 1, 1, 4}}) {
            const ::Images<float> images(shape, layout, Fence::after,
                                         random_elements<float>(4, true, 10));
            std::vector<ChannelStatistics> expected(
                static_cast<size_t>(shape.count * shape.channels));
            ASSERT_TRUE(compute_statistics(images.view(), expected).ok());
            const DeviceCopy copy(images.memory(), images.size_in_bytes());
            const ConstView view = copy.view(images.view());
            std::vector<ChannelStatistics> got(expected.size());
            Status status = compute_statistics(view, got, context);
            ASSERT_TRUE(status.ok()) << status.message();
            const size_t bytes = got.size() * sizeof(ChannelStatistics);
            EXPECT_EQ(std::memcmp(got.data(), expected.data(), bytes), 0) << shape << layout.name;
            const DeviceVector<ChannelStatistics> there(std::vector<ChannelStatistics>(got.size()));
            status = compute_statistics(view, there.span_to_write(), context);
            ASSERT_TRUE(status.ok()) << status.message();
            got = there.fetch();
            EXPECT_EQ(std::memcmp(got.data(), expected.data(), bytes), 0) << shape << layout.name;
        }
    }
}

}  // namespace
