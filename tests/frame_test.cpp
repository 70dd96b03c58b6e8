// Frames of luma and chroma against a plain definition of their own: each plane is a plane, and
// chroma begins with the cell of the top left pixel.
#include "glimpse/frame.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "buffers.h"
#include "glimpse/glimpse.h"
#include "reference.h"
#include "variants.h"

namespace {

using glimpse::Border;
using glimpse::ConstFrame;
using glimpse::Options;
using glimpse::Origin;
using glimpse::PixelFormat;
using glimpse::StatusCode;

const PixelFormat formats[] = {PixelFormat::nv12, PixelFormat::nv21, PixelFormat::i420,
                               PixelFormat::p010};

// A frame in memory of its own, with pitches that are wider than the rows, and elements before and
// behind each plane.
template<typename T, typename FrameType>
class FrameMemory {
public:
    FrameMemory(PixelFormat format, int64_t height, int64_t width, uint64_t seed) {
        const int64_t rows = (height + 1) / 2, columns = (width + 1) / 2;
        const bool planar = format == PixelFormat::i420;
        const int64_t y_pitch = width + 5, uv_pitch = planar ? columns + 3 : 2 * columns + 4;
        T *const y = fill(0, height * y_pitch, seed);
        T *const u = fill(1, rows * uv_pitch, seed);
        T *const v = fill(2, rows * uv_pitch, seed);
        constexpr int64_t size = sizeof(T);
        if constexpr (size == 2) {
            view_ = FrameType::p010(y, y_pitch * size, u, uv_pitch * size, height, width);
        } else if (planar) {
            view_ = FrameType::i420(y, y_pitch, u, v, uv_pitch, height, width);
        } else {
            view_ = format == PixelFormat::nv12
                        ? FrameType::nv12(y, y_pitch, u, uv_pitch, height, width)
                        : FrameType::nv21(y, y_pitch, u, uv_pitch, height, width);
        }
    }
    const FrameType &view() const {
        return view_;
    }

    // Y, U or V at a pixel of its plane.
    T at(int component, int64_t y, int64_t x) const {
        const glimpse::ConstView view = component == 0 ? glimpse::ConstView(view_.planes[0])
                                        : view_.format == PixelFormat::i420 && component == 2
                                            ? glimpse::ConstView(view_.planes[2])
                                            : glimpse::ConstView(view_.planes[1]);
        return reference::element<T>(view, 0, y, x, channel(view_.format, component));
    }
    // Sets all pixels to 0, and returns all memory: what is left is beside the pixels.
    const std::vector<T> *cleared() {
        for (const glimpse::View &plane : {view_.planes[0], view_.planes[1], view_.planes[2]}) {
            auto *const data = static_cast<T *>(plane.data);
            for (int64_t y = 0; y < plane.shape.height; y++) {
                std::fill_n(data + y * plane.strides.row, plane.shape.width * plane.shape.channels,
                            T{0});
            }
        }
        return memory_;
    }
    static int64_t channel(PixelFormat format, int component) {
        return component == 0 || format == PixelFormat::i420       ? 0
               : (component == 2) == (format != PixelFormat::nv21) ? 1
                                                                   : 0;
    }

private:
    static constexpr int64_t beside = 64;
    T *fill(int plane, int64_t size, uint64_t seed) {
        Random random(seed + static_cast<uint64_t>(plane));
        memory_[plane].resize(static_cast<size_t>(size + 2 * beside));
        for (T &element : memory_[plane]) {
            element = static_cast<T>(random.bits() >> (64 - 8 * sizeof(T)));
        }
        return memory_[plane].data() + beside;
    }
    std::vector<T> memory_[3];
    FrameType view_;
};

class FrameTest : public VariantTest {
protected:
    // Every origin of a few, odd and even, within and outside, under a border that needs no
    // statistics.
    template<typename T>
    void compare(PixelFormat format, Border border) {
        const int64_t height = 21, width = 34, rows = 9, columns = 15;
        const FrameMemory<T, ConstFrame> frame(format, height, width, 1);
        const float unit = sizeof(T) == 2 ? 256 : 1;
        const std::vector<float> value = {7 * unit, 99 * unit, 200 * unit};
        const std::vector<float> black = {16 * unit, 128 * unit, 128 * unit};
        Options options;
        options.border = border;
        if (border == Border::constant) {
            options.value = value;
        }
        for (int32_t y = -12; y <= 24; y += 3) {
            for (int32_t x = -17; x <= 36; x += 4) {
                FrameMemory<T, glimpse::Frame> glimpse(format, rows, columns, 9);
                FrameMemory<T, glimpse::Frame> untouched(format, rows, columns, 9);
                const Origin origins[] = {{y, x}};
                ASSERT_TRUE(
                    succeeded(extract(frame.view(), origins, glimpse.view(), options, context())));
                for (int component = 0; component < 3; component++) {
                    const int64_t step = component == 0 ? 1 : 2;
                    const auto begin_y = static_cast<int64_t>(std::floor(double(y) / step));
                    const auto begin_x = static_cast<int64_t>(std::floor(double(x) / step));
                    const int64_t plane_height = (height + step - 1) / step;
                    const int64_t plane_width = (width + step - 1) / step;
                    for (int64_t r = 0; r < (rows + step - 1) / step; r++) {
                        for (int64_t c = 0; c < (columns + step - 1) / step; c++) {
                            int64_t py = begin_y + r, px = begin_x + c;
                            const bool inside =
                                py >= 0 && py < plane_height && px >= 0 && px < plane_width;
                            const auto i = static_cast<size_t>(component);
                            T expected =
                                static_cast<T>(border == Border::zero ? black[i] : value[i]);
                            if (reference::is_map(border) || inside) {
                                py = reference::map(border, py, plane_height);
                                px = reference::map(border, px, plane_width);
                                expected = frame.at(component, py, px);
                            }
                            ASSERT_EQ(glimpse.at(component, r, c), expected)
                                << name(format) << ", " << name(border) << ", origin " << y << ", "
                                << x << ", component " << component << ", row " << r << ", column "
                                << c;
                        }
                    }
                }
                for (int plane = 0; plane < 3; plane++) {
                    ASSERT_EQ(glimpse.cleared()[plane], untouched.cleared()[plane])
                        << name(format) << ", something is written beside plane " << plane;
                }
            }
        }
    }
};

INSTANTIATE_TEST_SUITE_P(, FrameTest, all_variants(), variant_name);

TEST_P(FrameTest, EveryFormatAndOrigin) {
    GLIMPSE_NEEDS_TYPES(uint16_t);
    for (const Border border : {Border::zero, Border::constant, Border::replicate, Border::reflect,
                                Border::reflect101, Border::wrap}) {
        for (const PixelFormat format : formats) {
            if (format == PixelFormat::p010) {
                compare<uint16_t>(format, border);
            } else {
                compare<uint8_t>(format, border);
            }
        }
    }
}

// Statistics are those of each plane, and noise differs between planes.
TEST_P(FrameTest, MeanAndNoise) {
    for (const PixelFormat format : {PixelFormat::nv12, PixelFormat::nv21, PixelFormat::i420}) {
        const FrameMemory<uint8_t, ConstFrame> frame(format, 40, 60, 3);
        const FrameMemory<uint8_t, glimpse::Frame> glimpse(format, 32, 32, 9);
        const Origin origins[] = {{1000, 1000}};
        Options options;
        options.border = Border::mean;
        ASSERT_TRUE(succeeded(extract(frame.view(), origins, glimpse.view(), options, context())));
        for (int component = 0; component < 3; component++) {
            double sum = 0;
            const int64_t height = component == 0 ? 40 : 20, width = component == 0 ? 60 : 30;
            for (int64_t y = 0; y < height; y++) {
                for (int64_t x = 0; x < width; x++) {
                    sum += frame.at(component, y, x);
                }
            }
            const double mean = sum / static_cast<double>(height * width);
            EXPECT_EQ(glimpse.at(component, 3, 5), static_cast<uint8_t>(std::nearbyint(mean)));
        }
        options.border = Border::uniform;
        ASSERT_TRUE(succeeded(extract(frame.view(), origins, glimpse.view(), options, context())));
        int same[3] = {};
        for (int64_t y = 0; y < 16; y++) {
            for (int64_t x = 0; x < 16; x++) {
                same[0] += glimpse.at(0, y, x) == glimpse.at(1, y, x);
                same[1] += glimpse.at(1, y, x) == glimpse.at(2, y, x);
                same[2] += glimpse.at(0, y, x) == glimpse.at(2, y, x);
            }
        }
        for (const int count : same) {
            EXPECT_LT(count, 12) << name(format);  // one of 256 is expected
        }
    }
}

// Several frames, any of them: luma is as extract() of one view makes it, noise too; chroma lies in
// the range of the frame it is of.
TEST_P(FrameTest, NoiseOfAnyFrame) {
    GLIMPSE_NEEDS_TYPES(uint16_t);
    const int64_t height = 22, width = 38, pixels = height * width, count = 4;
    std::vector<uint16_t> memory(3 * pixels * 3 / 2);
    Random random(5);
    for (size_t i = 0; i < memory.size(); i++) {
        const size_t frame = i / (pixels * 3 / 2);
        const bool is_chroma = i % (pixels * 3 / 2) >= pixels;
        memory[i] =
            static_cast<uint16_t>((is_chroma ? 20000 : 1000) * (frame + 1) + (random.bits() >> 52));
    }
    const auto frames =
        ConstFrame::p010(memory.data(), 2 * width, memory.data() + pixels, 2 * width, height, width)
            .batch(3, 2 * pixels * 3 / 2);
    const std::vector<int32_t> index = {2, 0, 2, 1};
    const Origin origins[count] = {{-7, -9}, {-400, 3}, {0, 31}, {20, 20}};
    const int64_t side = 16, bytes = 2 * side * side * 3 / 2;
    std::vector<uint16_t> written(count * side * side * 3 / 2), again(written.size());
    const auto view = [&](std::vector<uint16_t> &to) {
        return glimpse::Frame::p010(to.data(), 2 * side, to.data() + side * side, 2 * side, side,
                                    side)
            .batch(count, bytes);
    };
    for (const Border border : {Border::mean, Border::uniform, Border::gaussian}) {
        Options options;
        options.border = border;
        options.image_index = index;
        options.seed = 77;
        ASSERT_TRUE(succeeded(extract(frames, origins, view(written), options, context())));
        ASSERT_TRUE(succeeded(extract(frames, origins, view(again), options, context())));
        EXPECT_EQ(written, again);
        std::vector<uint16_t> luma(count * side * side);
        const auto plane = glimpse::View::interleaved(luma.data(), {count, side, side, 1});
        ASSERT_TRUE(succeeded(extract(frames.planes[0], origins, plane, options, context())));
        const glimpse::Frame result = view(written);
        for (int64_t n = 0; n < count; n++) {
            const int64_t low = 20000 * (index[static_cast<size_t>(n)] + 1);
            for (int64_t y = 0; y < side; y++) {
                for (int64_t x = 0; x < side; x++) {
                    ASSERT_EQ(reference::element<uint16_t>(result.planes[0], n, y, x, 0),
                              reference::element<uint16_t>(plane, n, y, x, 0))
                        << name(border) << ", glimpse " << n;
                    const int64_t chroma =
                        reference::element<uint16_t>(result.planes[1], n, y / 2, x / 2, x % 2);
                    ASSERT_TRUE(chroma >= low && chroma < low + 4096)
                        << name(border) << ", glimpse " << n << ": " << chroma;
                }
            }
        }
    }
}

// Frames that follow one another, each with all its planes, and planes that lie side by side.
TEST_P(FrameTest, PlanesInTurns) {
    const FrameMemory<uint8_t, ConstFrame> frame(PixelFormat::nv12, 40, 60, 3);
    const Origin origins[] = {{-3, 5}, {10, 41}, {7, -20}};
    const int64_t bytes = 16 * 16 * 3 / 2;
    std::vector<uint8_t> memory(3 * 16 * 16 * 3 / 2, 1);
    const auto frames = glimpse::Frame::nv12(memory.data(), 16, memory.data() + 256, 16, 16, 16);
    ASSERT_TRUE(succeeded(extract(frame.view(), origins, frames.batch(3, bytes), {}, context())));
    for (size_t i = 0; i < 3; i++) {
        std::vector<uint8_t> alone(bytes);
        const auto one = glimpse::Frame::nv12(alone.data(), 16, alone.data() + 256, 16, 16, 16);
        ASSERT_TRUE(succeeded(extract(frame.view(), {&origins[i], 1}, one, {}, context())));
        EXPECT_TRUE(std::equal(alone.begin(), alone.end(),
                               memory.begin() + static_cast<int64_t>(i) * bytes))
            << i;
    }
    const auto code = [&](const glimpse::Frame &to) {
        return extract(frame.view(), {origins, static_cast<size_t>(to.count)}, to, {}, context())
            .code();
    };
    EXPECT_EQ(code(frames.batch(3, bytes - 16)), StatusCode::overlap);
    EXPECT_EQ(code(glimpse::Frame::nv12(memory.data(), 16, memory.data() + 255, 16, 16, 16)),
              StatusCode::overlap);

    const FrameMemory<uint8_t, ConstFrame> planar(PixelFormat::i420, 40, 60, 3);
    const auto beside = [&](int64_t v) {
        return glimpse::Frame::i420(memory.data(), 16, memory.data() + 256, memory.data() + v, 16,
                                    16, 16);
    };
    ASSERT_EQ(extract(planar.view(), {origins, 1}, beside(256 + 8), {}, context()).code(),
              StatusCode::ok);
    const FrameMemory<uint8_t, glimpse::Frame> apart(PixelFormat::i420, 16, 16, 9);
    ASSERT_TRUE(succeeded(extract(planar.view(), {origins, 1}, apart.view(), {}, context())));
    for (int64_t y = 0; y < 8; y++) {
        for (int64_t x = 0; x < 8; x++) {
            const auto at = static_cast<size_t>(256 + y * 16 + x);
            ASSERT_EQ(memory[at], apart.at(1, y, x));
            ASSERT_EQ(memory[at + 8], apart.at(2, y, x));
        }
    }
    for (const int64_t v : {256, 256 + 7, 256 + 9, 256 - 7}) {
        EXPECT_EQ(extract(planar.view(), {origins, 1}, beside(v), {}, context()).code(),
                  StatusCode::overlap)
            << v;
    }
    // Both at once: frames follow one another, each with U and V side by side.
    const std::vector<uint8_t> one(memory.begin(), memory.begin() + 384);
    const auto batch = [&](int64_t step) {
        return extract(planar.view(), origins, beside(256 + 8).batch(3, step), {}, context());
    };
    ASSERT_TRUE(succeeded(batch(384)));
    EXPECT_TRUE(std::equal(one.begin(), one.end(), memory.begin()));
    const FrameMemory<uint8_t, glimpse::Frame> third(PixelFormat::i420, 16, 16, 9);
    ASSERT_TRUE(succeeded(extract(planar.view(), {&origins[2], 1}, third.view(), {}, context())));
    for (int64_t y = 0; y < 8; y++) {
        for (int64_t x = 0; x < 8; x++) {
            const auto at = static_cast<size_t>(2 * 384 + 256 + y * 16 + x);
            ASSERT_EQ(memory[at], third.at(1, y, x));
            ASSERT_EQ(memory[at + 8], third.at(2, y, x));
        }
    }
    EXPECT_EQ(batch(384 - 16).code(), StatusCode::overlap);
}

// What is read beside the frames may lie in no plane that is written.
TEST_P(FrameTest, ArgumentsInChroma) {
    const FrameMemory<uint8_t, ConstFrame> frame(PixelFormat::nv12, 40, 60, 3);
    std::vector<uint8_t> memory(16 * 16 * 3 / 2, 0);
    const auto to = glimpse::Frame::nv12(memory.data(), 16, memory.data() + 256, 16, 16, 16);
    const Origin elsewhere = {3, 3};
    const auto *const origins = reinterpret_cast<const Origin *>(memory.data() + 264);
    EXPECT_EQ(extract(frame.view(), {origins, 1}, to, {}, context()).code(), StatusCode::overlap);
    Options options;
    options.image_index = {reinterpret_cast<const int32_t *>(memory.data() + 260), 1};
    EXPECT_EQ(extract(frame.view(), {&elsewhere, 1}, to, options, context()).code(),
              StatusCode::overlap);
    options = {};
    options.border = Border::constant;
    options.value = {reinterpret_cast<const float *>(memory.data() + 260), 3};
    EXPECT_EQ(extract(frame.view(), {&elsewhere, 1}, to, options, context()).code(),
              StatusCode::overlap);
    EXPECT_EQ(memory, std::vector<uint8_t>(memory.size(), 0)) << "something is written";
    const std::vector<Origin> many(7);
    EXPECT_EQ(extract(frame.view(), many, to, {}, context()).code(), StatusCode::count_mismatch);
}

TEST_P(FrameTest, WhatIsRefused) {
    const FrameMemory<uint8_t, ConstFrame> frame(PixelFormat::nv12, 20, 30, 1);
    const FrameMemory<uint8_t, glimpse::Frame> glimpse(PixelFormat::nv12, 8, 8, 2);
    const FrameMemory<uint8_t, glimpse::Frame> planar(PixelFormat::i420, 8, 8, 2);
    const FrameMemory<uint16_t, glimpse::Frame> deep(PixelFormat::p010, 8, 8, 2);
    const Origin origins[] = {{0, 0}, {1, 1}};
    const glimpse::Span<const Origin> one(origins, 1);
    const auto code = [&](const ConstFrame &from, glimpse::Span<const Origin> places,
                          const glimpse::Frame &to, const Options &options) {
        return extract(from, places, to, options, context()).code();
    };
    Options options;
    EXPECT_EQ(code(frame.view(), one, glimpse.view(), options), StatusCode::ok);
    // An array of no elements is no value, wherever it points.
    const float spare[] = {99};
    options.value = {spare, 0};
    const Origin away[] = {{-100, -100}};
    EXPECT_EQ(code(frame.view(), away, glimpse.view(), options), StatusCode::ok);
    EXPECT_EQ(*static_cast<const uint8_t *>(glimpse.view().planes[0].data), 16);
    options.value = {};
    EXPECT_EQ(code(frame.view(), origins, glimpse.view(), options), StatusCode::count_mismatch);
    EXPECT_EQ(code(frame.view(), one, planar.view(), options), StatusCode::type_mismatch);
    EXPECT_EQ(code(frame.view(), one, deep.view(), options), StatusCode::type_mismatch);
    ConstFrame spoiled = frame.view();
    spoiled.planes[1].shape.width++;
    EXPECT_EQ(code(spoiled, one, glimpse.view(), options), StatusCode::size_mismatch);
    spoiled = frame.view();
    spoiled.format = static_cast<PixelFormat>(99);
    EXPECT_EQ(code(spoiled, one, glimpse.view(), options), StatusCode::unknown_enumerator);
    spoiled = frame.view();
    spoiled.planes[1].data = nullptr;
    EXPECT_EQ(code(spoiled, one, glimpse.view(), options), StatusCode::null_pointer);
    const FrameMemory<uint8_t, ConstFrame> small(PixelFormat::nv12, 8, 8, 1);
    spoiled = small.view();
    spoiled.planes[1].data = glimpse.view().planes[0].data;
    EXPECT_EQ(code(spoiled, one, glimpse.view(), options), StatusCode::overlap);
    spoiled = frame.view();
    spoiled.planes[0] = spoiled.planes[0].region(10, 0, 20, 30);
    EXPECT_EQ(code(spoiled, one, glimpse.view(), options), StatusCode::negative_shape);
    const float value[] = {1, 2, 3};
    options.value = value;
    EXPECT_EQ(code(frame.view(), one, glimpse.view(), options), StatusCode::invalid_value);
    options.border = Border::constant;
    EXPECT_EQ(code(frame.view(), one, glimpse.view(), options), StatusCode::ok);
    options.value = {value, 1};
    EXPECT_EQ(code(frame.view(), one, glimpse.view(), options), StatusCode::invalid_value);
    options = {};
    options.multiply = value;
    EXPECT_EQ(code(frame.view(), one, glimpse.view(), options), StatusCode::conflicting_arguments);
}

TEST(PixelFormatTest, SomeNames) {
    EXPECT_STREQ(name(PixelFormat::nv12), "nv12");
    EXPECT_STREQ(name(PixelFormat::nv21), "nv21");
    EXPECT_STREQ(name(PixelFormat::i420), "i420");
    EXPECT_STREQ(name(PixelFormat::p010), "p010");
    EXPECT_STREQ(name(static_cast<PixelFormat>(77)), "unknown");
}

}  // namespace
