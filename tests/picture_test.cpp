// RGB of frames against the plain definition of their pictures: every format, siting, border and
// filter, and that pixels do not depend on what else is asked for.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "buffers.h"
#include "glimpse/glimpse.h"
#include "reference_picture.h"
#include "variants.h"

namespace {

using glimpse::Border;
using glimpse::Box;
using glimpse::ChannelStatistics;
using glimpse::Color;
using glimpse::ConstFrame;
using glimpse::Edge;
using glimpse::Filter;
using glimpse::Matrix;
using glimpse::Options;
using glimpse::Origin;
using glimpse::PixelFormat;
using glimpse::Range;
using glimpse::Shape;
using glimpse::Siting;
using glimpse::StatusCode;
using glimpse::View;

std::vector<PixelFormat> all_formats() {
    std::vector<PixelFormat> formats;
    for (int i = 0; i < glimpse::pixel_format_count; i++) {
        formats.push_back(static_cast<PixelFormat>(i));
    }
    return formats;
}

// Frames of random numbers, planes with pitches that are wider than their rows.
struct Frames {
    Frames(PixelFormat format, int64_t count, int64_t height, int64_t width, uint64_t seed = 1) {
        Random random(seed);
        const int64_t size = glimpse::size_in_bytes(glimpse::element_type(format));
        int64_t pitches[3] = {}, offsets[3] = {}, bytes = 64;
        for (int p = 0; p < glimpse::plane_count(format); p++) {
            const Shape shape = glimpse::plane_shape(format, p, 1, height, width);
            pitches[p] = (shape.width * shape.channels + 5) * size;
            offsets[p] = bytes;
            bytes += pitches[p] * shape.height + 34;
        }
        memory.resize(static_cast<size_t>(count * bytes));
        for (uint8_t &byte : memory) {
            byte = static_cast<uint8_t>(random.bits() >> 56);
        }
        const int bits = reference::FormatFacts(format).bits;
        if (size == 2 && bits < 16 && format != PixelFormat::p010 &&
            format != PixelFormat::rgb565) {
            auto *const words = reinterpret_cast<uint16_t *>(memory.data());
            for (size_t i = 0; i < memory.size() / 2; i++) {
                words[i] = static_cast<uint16_t>(words[i] & ((1 << bits) - 1));
            }
        }
        const auto at = [&](int p) {
            return static_cast<const void *>(memory.data() + offsets[p]);
        };
        frame = ConstFrame::of(format, height, width, at(0), pitches[0], at(1), pitches[1], at(2),
                               pitches[2])
                    .batch(count, bytes);
    }
    std::vector<uint8_t> memory;
    ConstFrame frame;
};

template<typename T>
double white_of() {
    return std::is_same_v<T, uint16_t> ? 65535 : 255;
}
// Of a sample of so many taps an axis.
template<typename T>
double bound_of(double taps = 1) {
    const double rounding = std::is_same_v<T, float> ? 0 : 0.5;
    const double white = white_of<T>();
    return std::is_same_v<T, uint8_t> ? 1.0 : rounding + white / 65536 + white * taps * 4e-7;
}

class PictureTest : public VariantTest {
protected:
    void SetUp() override {
        VariantTest::SetUp();
        if (!GLIMPSE_TEST_FRAMES || !has_type<uint8_t>() || !has_type<float>()) {
            GTEST_SKIP() << "this build makes no RGB of frames";
        }
        if (GetParam().name == std::string("cuda")) {
            GTEST_SKIP() << "frames go to RGB on processors alone";
        }
    }
    template<typename T>
    static bool has_type() {
        return (GLIMPSE_TEST_TYPES >> int(glimpse::element_type_of<T>::value) & 1) != 0;
    }

    // Compares glimpses with the definition. T: of glimpses; S: of the picture as an image, which
    // values and noise are numbers of.
    template<typename T, typename S>
    void compare(const ConstFrame &frames, const std::vector<Box> &boxes, bool are_origins,
                 Shape shape, const Options &options, bool planar,
                 const std::vector<ChannelStatistics> &statistics = {}) {
        std::vector<T> out(
            static_cast<size_t>(shape.count * shape.height * shape.width * shape.channels), T{77});
        const View view = planar ? View::planar(out, shape) : View::interleaved(out, shape);
        std::vector<Origin> origins;
        for (const Box &b : boxes) {
            origins.push_back({static_cast<int32_t>(b.y0), static_cast<int32_t>(b.x0)});
        }
        const glimpse::Places places =
            are_origins ? glimpse::Places(origins) : glimpse::Places(boxes);
        ASSERT_TRUE(succeeded(extract(frames, places, view, options, context())));
        const glimpse::Span<const float> given = options.value.span();
        reference::PicturePlane<S> plane = {
            reference::Picture(frames, white_of<T>(), shape.channels),
            white_of<T>(),
            options.border,
            {given.data, given.data + given.size},
            statistics,
            options.seed,
            options.first_image,
            {}};
        plane.images.shape = {frames.count, frames.height, frames.width, shape.channels};
        for (int64_t i = 0; i < shape.count; i++) {
            const Box &b = boxes[static_cast<size_t>(i)];
            const auto along = [&](float from, float to, int64_t n, int64_t k) {
                return reference::center(reference::side(from, 0, glimpse::Coordinates::pixels),
                                         reference::side(to, 0, glimpse::Coordinates::pixels), n,
                                         k);
            };
            const auto apart = [](float from, float to, int64_t n) {
                return std::fabs(static_cast<double>(to) - static_cast<double>(from)) /
                       static_cast<double>(n);
            };
            for (int64_t y = 0; y < shape.height; y++) {
                for (int64_t x = 0; x < shape.width; x++) {
                    for (int64_t c = 0; c < shape.channels; c++) {
                        double expected = 0, taps = 1;
                        if (are_origins) {
                            expected =
                                plane(frames.count == 1 ? 0 : i, static_cast<int64_t>(b.y0) + y,
                                      static_cast<int64_t>(b.x0) + x, c);
                        } else {
                            const reference::Sample s = reference::sample(
                                plane, frames.count == 1 ? 0 : i,
                                along(b.y0, b.y1, shape.height, y),
                                along(b.x0, b.x1, shape.width, x), apart(b.y0, b.y1, shape.height),
                                apart(b.x0, b.x1, shape.width), c, options.sampling);
                            expected = s.value;
                            taps = static_cast<double>(s.taps);
                        }
                        expected = std::clamp(expected, 0.0, white_of<T>());
                        const double got =
                            reference::value_of(reference::element<T>(view, i, y, x, c));
                        ASSERT_NEAR(got, expected, bound_of<T>(taps))
                            << name(frames.format) << " to " << name(view.type)
                            << (planar ? " planes" : " pixels") << ", " << name(options.border)
                            << ", " << name(options.sampling.filter) << ", "
                            << name(options.sampling.edge) << ", " << name(frames.color.siting)
                            << ", glimpse " << i << " at " << b.y0 << ", " << b.x0 << " to " << b.y1
                            << ", " << b.x1 << ", row " << y << ", column " << x << ", channel "
                            << c;
                    }
                }
            }
        }
    }

    // Both layouts, uint8 and float32.
    void compare_all(const ConstFrame &frames, const std::vector<Box> &boxes, bool are_origins,
                     Shape shape, const Options &options) {
        const bool is_wide = reference::FormatFacts(frames.format).bits > 8;
        for (const bool planar : {false, true}) {
            compare<uint8_t, uint8_t>(frames, boxes, are_origins, shape, options, planar);
            if (HasFatalFailure()) {
                return;
            }
            if (is_wide) {
                compare<float, uint16_t>(frames, boxes, are_origins, shape, options, planar);
            } else {
                compare<float, uint8_t>(frames, boxes, are_origins, shape, options, planar);
            }
            if (HasFatalFailure()) {
                return;
            }
        }
    }

    bool is_built(PixelFormat format) {
        return glimpse::element_type(format) == glimpse::ElementType::uint8 || has_type<uint16_t>();
    }
};

INSTANTIATE_TEST_SUITE_P(, PictureTest, all_variants(), variant_name);

// Every format, with odd and even sizes, at odd and even origins, narrow and wide, inside and over
// every side.
TEST_P(PictureTest, EveryFormat) {
    for (const PixelFormat format : all_formats()) {
        if (!is_built(format)) {
            continue;
        }
        for (const Siting siting : {Siting::left, Siting::center, Siting::top_left}) {
            Frames frames(format, 1, 37, 151);
            frames.frame.color.siting = siting;
            const std::vector<Box> origins = {{0, 0, 0, 0},   {3, 9, 0, 0},   {4, 22, 0, 0},
                                              {18, 80, 0, 0}, {-5, -7, 0, 0}, {25, 100, 0, 0},
                                              {50, 9, 0, 0},  {-9, 200, 0, 0}};
            const auto count = static_cast<int64_t>(origins.size());
            for (const int64_t width : {71, 5, 64}) {
                compare_all(frames.frame, origins, true, {count, 11, width, 3}, {});
                if (HasFatalFailure()) {
                    return;
                }
            }
        }
    }
}

TEST_P(PictureTest, OddSizes) {
    for (const PixelFormat format : {PixelFormat::nv12, PixelFormat::i420, PixelFormat::yuyv,
                                     PixelFormat::i422, PixelFormat::nv24}) {
        for (const int64_t height : {1, 2, 3, 18}) {
            for (const int64_t width : {1, 2, 3, 31, 64, 65, 66, 67, 129}) {
                for (const bool nearest : {false, true}) {
                    Frames frames(format, 1, height, width);
                    frames.frame.color.nearest_chroma = nearest;
                    Options options;
                    options.border = Border::reflect101;
                    compare_all(frames.frame, {{0, 0, 0, 0}, {-3, -4, 0, 0}}, true,
                                {2, height + 3, width + 5, 3}, options);
                    if (HasFatalFailure()) {
                        return;
                    }
                }
            }
        }
    }
}

// Numbers of formats.md: Y, U and V, and what the standards make of them.
TEST_P(PictureTest, CheckValues) {
    struct {
        Color color;
        bool is_wide;
        int y, u, v;
        double rgb[3];
    } const cases[] = {
        {{Matrix::bt601, Range::limited}, false, 180, 100, 150, {226.0715, 184.0430, 134.4764}},
        {{Matrix::bt601, Range::full}, false, 180, 100, 150, {210.8440, 173.9248, 130.3840}},
        {{Matrix::bt709, Range::limited}, false, 180, 100, 150, {230.3992, 185.2059, 131.8117}},
        {{Matrix::bt2020, Range::limited}, true, 721, 403, 598, {227.3415, 182.3705, 132.8867}},
        {{}, false, 180, 100, 150, {226.0715, 184.0430, 134.4764}},
    };
    for (const auto &c : cases) {
        if (c.is_wide && !has_type<uint16_t>()) {
            continue;
        }
        std::vector<uint8_t> bytes(80 * 80 * 3);
        std::vector<uint16_t> words(80 * 80 * 3);
        for (size_t i = 0; i < bytes.size(); i++) {
            const int v = i < 6400 ? c.y : i < 12800 ? c.u : c.v;
            bytes[i] = static_cast<uint8_t>(v);
            const int word = i < 6400 ? c.y : i % 2 == 0 ? c.u : c.v;
            words[i] = static_cast<uint16_t>(word * 64 + 5);
        }
        const ConstFrame frame = c.is_wide ? ConstFrame::dense(PixelFormat::p010, words, 80, 80)
                                           : ConstFrame::dense(PixelFormat::i444, bytes, 80, 80);
        std::vector<float> out(80 * 80 * 3);
        const Origin origins[] = {{0, 0}};
        ASSERT_TRUE(succeeded(extract(frame.with(c.color), origins,
                                      View::interleaved(out, {1, 80, 80, 3}), {}, context())));
        for (size_t i = 0; i < 3; i++) {
            EXPECT_NEAR(static_cast<double>(out[3 * 1234 + i]), c.rgb[i], 0.004);
        }
    }
}

TEST_P(PictureTest, EveryColor) {
    for (const PixelFormat format : {PixelFormat::nv12, PixelFormat::p010, PixelFormat::gray,
                                     PixelFormat::gray16le, PixelFormat::gray10le}) {
        if (!is_built(format)) {
            continue;
        }
        for (int matrix = 0; matrix < glimpse::matrix_count; matrix++) {
            for (int range = 0; range < glimpse::range_count; range++) {
                Frames frames(format, 1, 20, 90);
                frames.frame.color.matrix = static_cast<Matrix>(matrix);
                frames.frame.color.range = static_cast<Range>(range);
                for (const int64_t channels : {3, 1}) {
                    compare_all(frames.frame, {{1, 3, 0, 0}, {-4, 60, 0, 0}}, true,
                                {2, 17, 66, channels}, {});
                    if (HasFatalFailure()) {
                        return;
                    }
                }
            }
        }
    }
}

TEST_P(PictureTest, Borders) {
    for (const PixelFormat format : {PixelFormat::nv12, PixelFormat::i010, PixelFormat::bgrx,
                                     PixelFormat::rgb565, PixelFormat::gray}) {
        if (!is_built(format)) {
            continue;
        }
        Frames frames(format, 2, 23, 83);
        const float value[] = {30, 200.25f, 7};
        for (int border = 0; border < glimpse::border_count; border++) {
            Options options;
            options.border = static_cast<Border>(border);
            options.seed = 9;
            options.first_image = 3;
            if (options.border == Border::constant) {
                options.value = value;
            }
            if (reference::needs_statistics(options.border)) {
                continue;  // see Statistics
            }
            compare_all(frames.frame, {{-100, -30, 0, 0}, {-3, 60, 0, 0}}, true, {2, 40, 70, 3},
                        options);
            if (HasFatalFailure()) {
                return;
            }
        }
    }
}

// Statistics are those of the picture as uint8, or uint16; noise has its numbers.
TEST_P(PictureTest, Statistics) {
    for (const PixelFormat format : {PixelFormat::nv12, PixelFormat::p010, PixelFormat::xbgr}) {
        if (!is_built(format)) {
            continue;
        }
        const bool is_wide = format == PixelFormat::p010;
        Frames frames(format, 2, 39, 90);
        const Shape shape = {2, 39, 90, 3};
        const std::vector<Origin> whole(2, Origin{0, 0});
        std::vector<ChannelStatistics> expected, got(6);
        std::vector<uint8_t> bytes(2 * 39 * 90 * 3);
        std::vector<uint16_t> words(bytes.size());
        if (is_wide) {
            ASSERT_TRUE(succeeded(
                extract(frames.frame, whole, View::interleaved(words, shape), {}, context())));
            expected =
                reference::statistics<uint16_t>(glimpse::ConstView::interleaved(words, shape));
        } else {
            ASSERT_TRUE(succeeded(
                extract(frames.frame, whole, View::interleaved(bytes, shape), {}, context())));
            expected =
                reference::statistics<uint8_t>(glimpse::ConstView::interleaved(bytes, shape));
        }
        ASSERT_TRUE(succeeded(compute_statistics(frames.frame, got, context())));
        for (size_t i = 0; i < got.size(); i++) {
            EXPECT_EQ(got[i].min, expected[i].min);
            EXPECT_EQ(got[i].max, expected[i].max);
            EXPECT_EQ(got[i].mean, expected[i].mean);
            EXPECT_NEAR(got[i].stddev, expected[i].stddev, 1e-9 * expected[i].stddev);
        }
        for (const Border border : {Border::mean, Border::uniform, Border::gaussian}) {
            for (const bool are_given : {false, true}) {
                Options options;
                options.border = border;
                options.seed = 99;
                if (are_given) {
                    options.statistics = got;
                }
                const std::vector<Box> origins = {{-30, -30, 0, 0}, {20, 60, 0, 0}};
                if (is_wide) {
                    compare<float, uint16_t>(frames.frame, origins, true, {2, 40, 70, 3}, options,
                                             true, got);
                    std::vector<ChannelStatistics> narrow = got;
                    for (ChannelStatistics &s : narrow) {
                        s = {s.min / 257, s.max / 257, s.mean / 257, s.stddev / 257};
                    }
                    compare<uint8_t, uint8_t>(frames.frame, origins, true, {2, 40, 70, 3}, options,
                                              false, narrow);
                } else {
                    compare<float, uint8_t>(frames.frame, origins, true, {2, 40, 70, 3}, options,
                                            true, got);
                    compare<uint8_t, uint8_t>(frames.frame, origins, true, {2, 40, 70, 3}, options,
                                              false, got);
                }
                const std::vector<Box> boxes = {{-30.5f, -30, 20, 40}, {20, 60, 47, 101}};
                if (!is_wide) {
                    compare<float, uint8_t>(frames.frame, boxes, false, {2, 20, 31, 3}, options,
                                            true, got);
                }
                if (HasFatalFailure()) {
                    return;
                }
            }
        }
    }
}

TEST_P(PictureTest, Boxes) {
    const std::pair<Border, Edge> edges[] = {
        {Border::zero, Edge::hard},        {Border::replicate, Edge::hard},
        {Border::constant, Edge::blend},   {Border::reflect101, Edge::hard},
        {Border::zero, Edge::renormalize}, {Border::wrap, Edge::hard},
        {Border::constant, Edge::hard},    {Border::reflect, Edge::hard},
        {Border::zero, Edge::blend}};
    size_t turn = 0;
    for (const PixelFormat format :
         {PixelFormat::nv12, PixelFormat::i420, PixelFormat::p010, PixelFormat::yuyv,
          PixelFormat::nv42, PixelFormat::rgb565, PixelFormat::gray12le}) {
        if (!is_built(format)) {
            continue;
        }
        for (int filter = 0; filter < glimpse::filter_count; filter++) {
            for (const bool antialias : {false, true}) {
                // Three of the nine, others each time.
                for (int n = 0; n < 3; n++, turn++) {
                    const auto &[border, edge] = edges[turn % std::size(edges)];
                    Frames frames(format, 1, 47, 101);
                    frames.frame.color.siting = filter % 2 == 0 ? Siting::center : Siting::left;
                    frames.frame.color.nearest_chroma = turn % 5 == 0;
                    Options options;
                    options.border = border;
                    options.sampling = {static_cast<Filter>(filter), antialias, edge, 0};
                    if (border == Border::constant) {
                        options.value = {200, 100, 50};
                    }
                    compare_all(frames.frame,
                                {{3.25f, 7, 30.5f, 80},
                                 {-9, -20, 60, 43},
                                 {44, 100, 20, 30},
                                 {5, 9, 9, 20}},
                                false, {4, 9, 21, 3}, options);
                    if (HasFatalFailure()) {
                        return;
                    }
                }
            }
        }
    }
}

// Windows, boxes of their size and parts of them have the same bytes, whatever kernels make them.
TEST_P(PictureTest, SamePixels) {
    Frames frames(PixelFormat::nv12, 1, 60, 300);
    const auto bytes_of = [&](const ConstFrame &frame, int32_t y, int32_t x, int64_t h, int64_t w,
                              const Options &options, bool as_box) {
        std::vector<uint8_t> out(static_cast<size_t>(h * w * 3));
        const Origin origins[] = {{y, x}};
        const Box boxes[] = {{float(y), float(x), float(y + h), float(x + w)}};
        const View view = View::interleaved(out, {1, h, w, 3});
        const glimpse::Places places = as_box ? glimpse::Places(boxes) : glimpse::Places(origins);
        EXPECT_TRUE(succeeded(extract(frame, places, view, options, context())));
        return out;
    };
    Options options;
    options.border = Border::reflect;
    const auto whole = bytes_of(frames.frame, 0, 0, 60, 300, options, false);
    for (const auto &[y, x, h, w] : {std::tuple<int32_t, int32_t, int64_t, int64_t>{3, 5, 9, 7},
                                     {0, 0, 60, 300},
                                     {7, 33, 20, 64},
                                     {8, 32, 20, 129},
                                     {-4, -9, 12, 80}}) {
        const auto part = bytes_of(frames.frame, y, x, h, w, options, false);
        EXPECT_EQ(part, bytes_of(frames.frame, y, x, h, w, options, true));
        for (int64_t r = 0; r < h; r++) {
            for (int64_t k = 0; k < w * 3; k++) {
                const int64_t py = reference::map(options.border, y + r, 60);
                const int64_t px = reference::map(options.border, x + k / 3, 300);
                ASSERT_EQ(part[size_t(r * w * 3 + k)], whole[size_t((py * 300 + px) * 3 + k % 3)])
                    << y << ", " << x << ": " << r << ", " << k;
            }
        }
    }
    // Chroma elsewhere in memory: Android's strides, and planes.
    const glimpse::ConstView &luma = frames.frame.planes[0], &chroma = frames.frame.planes[1];
    const auto *const uv = static_cast<const uint8_t *>(chroma.data);
    const ConstFrame strided =
        ConstFrame::android(static_cast<const uint8_t *>(luma.data), luma.strides.row, uv, uv + 1,
                            chroma.strides.row, 2, 60, 300)
            .with(frames.frame.color);
    EXPECT_EQ(bytes_of(strided, 0, 0, 60, 300, options, false), whole);
    const ConstFrame flipped = ConstFrame::nv21(static_cast<const uint8_t *>(luma.data),
                                                luma.strides.row, uv, chroma.strides.row, 60, 300);
    EXPECT_NE(bytes_of(flipped, 0, 0, 60, 300, options, false), whole);
    // B, G, R; and other orders.
    options.channel_order = {3, {2, 1, 0}};
    const auto bgr = bytes_of(frames.frame, 0, 0, 60, 300, options, false);
    options.channel_order = {3, {1, 1, 0}};
    const auto ggr = bytes_of(frames.frame, 0, 0, 60, 300, options, false);
    for (size_t i = 0; i < whole.size(); i += 3) {
        ASSERT_EQ(bgr[i], whole[i + 2]);
        ASSERT_EQ(bgr[i + 1], whole[i + 1]);
        ASSERT_EQ(bgr[i + 2], whole[i]);
        ASSERT_EQ(ggr[i], whole[i + 1]);
        ASSERT_EQ(ggr[i + 1], whole[i + 1]);
        ASSERT_EQ(ggr[i + 2], whole[i]);
    }
}

// Types of glimpses, subtract and multiply, and layouts that are not dense.
TEST_P(PictureTest, Conversions) {
    for (const PixelFormat format :
         {PixelFormat::nv12, PixelFormat::p010, PixelFormat::rgb24, PixelFormat::gray}) {
        if (!is_built(format)) {
            continue;
        }
        Frames frames(format, 1, 40, 120);
        const Origin origins[] = {{-3, 17}};
        const Shape shape = {1, 20, 80, 3};
        std::vector<float> plain(20 * 80 * 3), normalized(plain.size());
        const auto run = [&](const View &view, const Options &options) {
            return succeeded(extract(frames.frame, origins, view, options, context()));
        };
        Options options;
        options.border = Border::constant;
        options.value = {10, 20, 250};
        ASSERT_TRUE(run(View::interleaved(plain, shape), options));
        options.subtract = {123.675f, 116.28f, 103.53f};
        options.multiply = {0.017f, 0.0175f, 0.5f};
        const float *const subtract = options.subtract.span().data;
        const float *const multiply = options.multiply.span().data;
        for (const bool planar : {false, true}) {
            const View view =
                planar ? View::planar(normalized, shape) : View::interleaved(normalized, shape);
            ASSERT_TRUE(run(view, options));
            for (int64_t i = 0; i < 20 * 80 * 3; i++) {
                const auto c = static_cast<size_t>(i % 3);
                const float expected = (plain[size_t(i)] - subtract[c]) * multiply[c];
                ASSERT_NEAR(reference::element<float>(view, 0, i / 240, i / 3 % 80, i % 3),
                            expected, 2e-5 * std::max(1.0f, multiply[c] * 60));
            }
        }
        // Every second column, rows from below, a channel apart.
        std::vector<float> sparse(20 * 80 * 8, 7.0f);
        View view(sparse.data() + 19 * 80 * 8, glimpse::ElementType::float32, shape,
                  {0, -80 * 8, 8, 2});
        ASSERT_TRUE(run(view, options));
        for (int64_t i = 0; i < 20 * 80 * 3; i++) {
            ASSERT_EQ(reference::element<float>(view, 0, i / 240, i / 3 % 80, i % 3),
                      reference::element<float>(View::planar(normalized, shape), 0, i / 240,
                                                i / 3 % 80, i % 3));
        }
        options.subtract = {};
        options.multiply = {};
        if (has_type<uint16_t>()) {
            std::vector<uint16_t> words(plain.size());
            ASSERT_TRUE(run(View::interleaved(words, shape), {}));
            options = {};
            ASSERT_TRUE(run(View::interleaved(plain, shape), {}));
            for (size_t i = 0; i < words.size(); i++) {
                ASSERT_NEAR(words[i], plain[i] * 257, 0.53) << name(format);
            }
        }
        if (has_type<glimpse::Float16>()) {
            std::vector<glimpse::Float16> halves(plain.size());
            ASSERT_TRUE(run(View::planar(halves, shape), {}));
            for (int64_t i = 0; i < 20 * 80 * 3; i++) {
                const double half = reference::value_of(reference::element<glimpse::Float16>(
                    View::planar(halves, shape), 0, i / 240, i / 3 % 80, i % 3));
                ASSERT_NEAR(half, static_cast<double>(plain[size_t(i)]), 0.13);
            }
        }
        std::vector<uint8_t> bytes(plain.size());
        options.multiply = 0.5f;
        ASSERT_TRUE(run(View::interleaved(bytes, shape), options));
        for (size_t i = 0; i < bytes.size(); i++) {
            ASSERT_NEAR(bytes[i], plain[i] / 2, 0.51) << name(format);
        }
    }
}

// Threads, tiles and batches do not change a byte.
TEST_P(PictureTest, Threads) {
    Frames frames(PixelFormat::i420, 3, 400, 700);
    const std::vector<Origin> origins = {{3, 5}, {-20, 100}, {200, 640}};
    std::vector<float> alone(3 * 300 * 500 * 3), together(alone.size());
    Options options;
    options.border = Border::wrap;
    ASSERT_TRUE(succeeded(
        extract(frames.frame, origins, View::planar(alone, {3, 300, 500, 3}), options, context())));
    glimpse::ThreadPool pool(3);
    const auto other = make_context(pool.executor());
    ASSERT_TRUE(succeeded(
        extract(frames.frame, origins, View::planar(together, {3, 300, 500, 3}), options, *other)));
    EXPECT_EQ(alone, together);
}

// Against a picture whose chroma was averaged at the same places, colour is as good at odd origins
// as at even ones.
TEST_P(PictureTest, OddOrigins) {
    const int64_t height = 240, width = 320;
    const auto original = [](int64_t y, int64_t x, int64_t c) {
        const double t = 0.05 * double(x) + 0.03 * double(y) + 2.0 * double(c);
        return 128 + 100 * std::sin(t) * std::cos(0.04 * double(y) + double(c));
    };
    for (const Siting siting : {Siting::left, Siting::center}) {
        std::vector<uint8_t> memory(size_t(height * width * 3 / 2));
        for (int64_t y = 0; y < height; y++) {
            for (int64_t x = 0; x < width; x++) {
                const double r = original(y, x, 0), g = original(y, x, 1), b = original(y, x, 2);
                memory[size_t(y * width + x)] =
                    uint8_t(16.5 + 219 / 255.0 * (0.299 * r + 0.587 * g + 0.114 * b));
            }
        }
        for (int64_t y = 0; y < height / 2; y++) {
            for (int64_t x = 0; x < width / 2; x++) {
                double u = 0, v = 0, weights = 0;
                for (int64_t dy = 0; dy < 2; dy++) {
                    for (int64_t dx = -1; dx < 2; dx++) {
                        const double w =
                            siting == Siting::left ? (dx == 0 ? 2 : 1) : (dx >= 0 ? 1 : 0);
                        const int64_t py = 2 * y + dy, px = std::max<int64_t>(2 * x + dx, 0);
                        const double r = original(py, px, 0), g = original(py, px, 1),
                                     b = original(py, px, 2);
                        const double luma = 0.299 * r + 0.587 * g + 0.114 * b;
                        u += w * (b - luma) / 1.772;
                        v += w * (r - luma) / 1.402;
                        weights += w;
                    }
                }
                const auto at = size_t(height * width + y * width + 2 * x);
                memory[at] = uint8_t(128.5 + 224 / 255.0 * u / weights);
                memory[at + 1] = uint8_t(128.5 + 224 / 255.0 * v / weights);
            }
        }
        ConstFrame frame = ConstFrame::dense(PixelFormat::nv12, memory, height, width);
        frame.color.siting = siting;
        const auto psnr = [&](int32_t y, int32_t x) {
            std::vector<uint8_t> out(200 * 200 * 3);
            const Origin origins[] = {{y, x}};
            EXPECT_TRUE(succeeded(
                extract(frame, origins, View::interleaved(out, {1, 200, 200, 3}), {}, context())));
            double sum = 0;
            for (int64_t i = 0; i < 200 * 200 * 3; i++) {
                const double d = out[size_t(i)] - original(y + i / 600, x + i / 3 % 200, i % 3);
                sum += d * d;
            }
            return 10 * std::log10(255.0 * 255 * 200 * 200 * 3 / sum);
        };
        const double even = psnr(10, 40);
        for (const auto &[y, x] : {std::pair<int32_t, int32_t>{10, 41}, {11, 40}, {11, 41}}) {
            EXPECT_NEAR(psnr(y, x), even, 0.5) << name(siting) << ", " << y << ", " << x;
        }
        RecordProperty(std::string("psnr_") + name(siting), std::to_string(even));
    }
}

TEST_P(PictureTest, WhatIsRefused) {
    Frames frames(PixelFormat::nv12, 1, 20, 80);
    std::vector<float> out(16 * 16 * 4);
    const Origin origins[] = {{0, 0}};
    const auto code = [&](const ConstFrame &frame, int64_t channels, const Options &options = {}) {
        return extract(frame, origins, View::interleaved(out, {1, 16, 16, channels}), options,
                       context())
            .code();
    };
    EXPECT_EQ(code(frames.frame, 3), StatusCode::ok);
    EXPECT_EQ(code(frames.frame, 4), StatusCode::channel_mismatch);
    EXPECT_EQ(code(frames.frame, 2), StatusCode::channel_mismatch);
    ConstFrame spoiled = frames.frame;
    spoiled.width--;
    EXPECT_EQ(code(spoiled, 3), StatusCode::size_mismatch);
    spoiled = frames.frame;
    spoiled.color.matrix = static_cast<Matrix>(4);
    EXPECT_EQ(code(spoiled, 3), StatusCode::unknown_enumerator);
    spoiled = frames.frame;
    spoiled.planes[1].data = nullptr;
    EXPECT_EQ(code(spoiled, 3), StatusCode::null_pointer);
    Options options;
    options.border = Border::constant;
    options.value = {1, 2};
    EXPECT_EQ(code(frames.frame, 3, options), StatusCode::invalid_value);
    options = {};
    options.channel_order = {1, {3}};
    EXPECT_EQ(code(frames.frame, 1, options), StatusCode::invalid_value);
    // Glimpses in a plane that is read.
    auto *const in_chroma = const_cast<void *>(frames.frame.planes[1].data);
    EXPECT_EQ(extract(frames.frame, origins,
                      View::interleaved(static_cast<uint8_t *>(in_chroma), {1, 4, 4, 3}), {},
                      context())
                  .code(),
              StatusCode::overlap);
    if (has_type<int16_t>()) {
        std::vector<int16_t> words(16 * 16 * 3);
        EXPECT_EQ(
            extract(frames.frame, origins, View::interleaved(words, {1, 16, 16, 3}), {}, context())
                .code(),
            StatusCode::type_mismatch);
    }
    // Frames are not made of views.
    std::vector<uint8_t> image(20 * 80 * 3), memory(16 * 16 * 2);
    EXPECT_EQ(extract(glimpse::ConstView::interleaved(image, {1, 20, 80, 3}), origins,
                      glimpse::Frame::dense(PixelFormat::nv12, memory, 16, 16), {}, context())
                  .code(),
              StatusCode::type_mismatch);
    std::vector<ChannelStatistics> statistics(2);
    EXPECT_EQ(compute_statistics(frames.frame, statistics, context()).code(),
              StatusCode::statistics_mismatch);
}

TEST(PixelFormatTest, Names) {
    EXPECT_STREQ(name(PixelFormat::nv12), "nv12");
    EXPECT_STREQ(name(PixelFormat::rgb565), "rgb565");
    EXPECT_STREQ(name(static_cast<PixelFormat>(29)), "unknown");
    EXPECT_STREQ(name(Siting::top_left), "top-left");
    EXPECT_EQ(glimpse::plane_count(static_cast<PixelFormat>(-1)), 0);
}

}  // namespace
