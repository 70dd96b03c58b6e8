// explain(): what it says of a pixel is what is there.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "buffers.h"
#include "extract_case.h"
#include "glimpse/glimpse.h"
#include "variants.h"

namespace {

using glimpse::ConstView;
using glimpse::Explanation;
using glimpse::Options;
using glimpse::Pixel;
using glimpse::StatusCode;
using glimpse::View;

class ExplainTest : public VariantTest {
protected:
    static constexpr int64_t height = 20, width = 30, channels = 3, size = 24;

    void SetUp() override {
        VariantTest::SetUp();
        auto next = random_elements<uint8_t>(7, false);
        for (uint8_t &element : image_) {
            element = next();
        }
        options_.border = Border::zero;
    }

    ConstView image() const {
        return ConstView::interleaved(image_.data(), {1, height, width, channels});
    }
    glimpse::Status explain(const Origin &origin, const Pixel &pixel, Explanation *why,
                            glimpse::Context &context) {
        const Origin origins[] = {{0, 0}, origin};
        return glimpse::explain(image(), origins,
                                View::interleaved(glimpses_.data(), {2, size, size, channels}), 1,
                                pixel, why, options_, context);
    }
    uint8_t element(int64_t y, int64_t x, int64_t c) const {
        return image_[static_cast<size_t>((y * width + x) * channels + c)];
    }
    uint8_t made(const Pixel &p) const {
        return glimpses_[static_cast<size_t>(((size + p.y) * size + p.x) * channels + p.channel)];
    }

    std::vector<uint8_t> image_ = std::vector<uint8_t>(height * width * channels);
    std::vector<uint8_t> glimpses_ = std::vector<uint8_t>(2 * size * size * channels);
    Options options_;
};

INSTANTIATE_TEST_SUITE_P(, ExplainTest, all_variants(), variant_name);

TEST_P(ExplainTest, SourcesAreThePixels) {
    Random random(3);
    options_.value = {10, 20, 30};
    for (const Border border : borders) {
        options_.border = border;
        options_.value =
            border == Border::constant ? glimpse::PerChannel({10, 20, 30}) : glimpse::PerChannel();
        int of_image = 0;
        for (int i = 0; i < 60; i++) {
            const Origin origin = {static_cast<int32_t>(random.between(-60, 60)),
                                   static_cast<int32_t>(random.between(-60, 60))};
            const Pixel p = {random.between(0, size - 1), random.between(0, size - 1),
                             random.between(0, channels - 1)};
            Explanation why;
            ASSERT_TRUE(succeeded(explain(origin, p, &why, context())));
            EXPECT_EQ(why.origin.y, origin.y);
            EXPECT_EQ(why.plane_x, origin.x + p.x);
            EXPECT_EQ(why.variant, std::string(GetParam().name));
            if (why.is_of_image) {
                of_image++;
                ASSERT_EQ(made(p), element(why.source_y, why.source_x, p.channel))
                    << name(border) << " " << why.form;
            } else if (border == Border::constant) {
                ASSERT_EQ(made(p), 10 * (p.channel + 1));
            } else if (border == Border::zero) {
                ASSERT_EQ(made(p), 0);
            } else {
                ASSERT_TRUE(why.has_statistics);
                ASSERT_GE(static_cast<float>(made(p)), why.statistics.min);
                ASSERT_LE(static_cast<float>(made(p)), why.statistics.max);
            }
        }
        EXPECT_GT(of_image, 0);
    }
}

// Of a box that is sampled by the nearest filter, the source is the pixel.
TEST_P(ExplainTest, BoxesShowWhereTheyLook) {
    if (!has_sampling) {
        GTEST_SKIP() << "boxes are not built";
    }
    Random random(5);
    const glimpse::Box boxes[] = {{1, 2, 3, 4}, {-7.5f, 40.25f, 27.25f, -11.5f}};
    for (const Border border : borders) {
        for (const float margin : {0.0f, 2.5f, -3.0f}) {
            options_.border = border;
            options_.value = border == Border::constant ? glimpse::PerChannel({10, 20, 30})
                                                        : glimpse::PerChannel();
            options_.sampling = {glimpse::Filter::nearest, true, glimpse::Edge::hard, margin};
            int of_image = 0;
            for (int i = 0; i < 40; i++) {
                const Pixel p = {random.between(0, size - 1), random.between(0, size - 1),
                                 random.between(0, channels - 1)};
                Explanation why;
                ASSERT_TRUE(succeeded(glimpse::explain(
                    image(), boxes, View::interleaved(glimpses_.data(), {2, size, size, channels}),
                    1, p, &why, options_, context())));
                ASSERT_TRUE(why.is_sampled);
                EXPECT_NEAR(why.point_y, -7.5 + (2.0 * static_cast<double>(p.y) + 1) * 34.75 / 48,
                            1e-9);
                EXPECT_NEAR(why.point_x, 40.25 - (2.0 * static_cast<double>(p.x) + 1) * 51.75 / 48,
                            1e-9);
                if (why.is_of_image) {
                    of_image++;
                    ASSERT_EQ(made(p), element(why.source_y, why.source_x, p.channel))
                        << name(border) << ", margin " << margin;
                } else if (border == Border::constant) {
                    ASSERT_EQ(made(p), 10 * (p.channel + 1)) << "margin " << margin;
                }
            }
            EXPECT_GT(of_image, 0);
        }
    }
}

TEST_P(ExplainTest, NamesTheForm) {
    if (std::string(GetParam().name) == "cuda") {
        GTEST_SKIP() << "devices have one form";
    }
    Explanation why;
    options_.border = Border::reflect;
    ASSERT_TRUE(succeeded(explain({height - 1, 0}, {1, 1, 0}, &why, context())));
    EXPECT_EQ(why.form,
              std::string("pure"));  // it shows the image, its mirror image, and that of this
    ASSERT_TRUE(succeeded(explain({0, -5}, {1, 1, 0}, &why, context())));
    EXPECT_EQ(why.form, std::string("map"));
    options_.border = Border::zero;
    ASSERT_TRUE(succeeded(explain({-5, 2}, {1, 1, 0}, &why, context())));
    EXPECT_EQ(why.form, std::string("value"));
    EXPECT_FALSE(why.is_converted);
    options_.border = Border::uniform;
    ASSERT_TRUE(succeeded(explain({-5, -5}, {1, 1, 0}, &why, context())));
    EXPECT_EQ(why.form, std::string("noise"));
    options_.subtract = 1;
    ASSERT_TRUE(succeeded(explain({-5, -5}, {1, 1, 0}, &why, context())));
    EXPECT_EQ(why.form, std::string("noise"));
    EXPECT_TRUE(why.is_converted);
}

TEST_P(ExplainTest, OnlyPure) {
    ASSERT_EQ(setenv("GLIMPSE_ONLY_PURE", "1", 1), 0);
    const auto pure = make_context();
    ASSERT_EQ(unsetenv("GLIMPSE_ONLY_PURE"), 0);
    for (const Border border : borders) {
        options_.border = border;
        options_.value =
            border == Border::constant ? glimpse::PerChannel(9) : glimpse::PerChannel();
        for (const bool converts : {false, true}) {
            options_.multiply = converts ? glimpse::PerChannel(0.5f) : glimpse::PerChannel();
            Explanation why;
            ASSERT_TRUE(succeeded(explain({-3, 20}, {8, 8, 2}, &why, context())));
            const std::vector<uint8_t> expected = glimpses_;
            ASSERT_TRUE(succeeded(explain({-3, 20}, {8, 8, 2}, &why, *pure)));
            EXPECT_EQ(glimpses_, expected) << name(border);
            if (std::string(GetParam().name) != "cuda") {
                EXPECT_EQ(why.form, std::string("pure"));
            }
        }
    }
}

TEST_P(ExplainTest, PixelsThatThereAreNot) {
    for (const Pixel &p : {Pixel{-1, 0, 0}, Pixel{0, size, 0}, Pixel{0, 0, channels}}) {
        Explanation why;
        const glimpse::Status status = explain({0, 0}, p, &why, context());
        EXPECT_EQ(status.code(), StatusCode::invalid_value);
    }
}

}  // namespace
