// Many threads on one context: different calls at once give what they give one after another. Run
// it under ThreadSanitizer too.

#include <atomic>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
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

// A call whose whole result is bytes.
using Work = std::function<std::vector<unsigned char>(Context &)>;

template<typename Element>
std::vector<unsigned char> bytes_of(const std::vector<Element> &elements) {
    std::vector<unsigned char> bytes(elements.size() * sizeof(Element));
    std::memcpy(bytes.data(), elements.data(), bytes.size());
    return bytes;
}

template<typename T>
Work extraction(const std::vector<T> &pixels, const Shape &shape, Border border, bool by_offset,
                int64_t size) {
    return [&pixels, shape, border, by_offset, size](Context &context) {
        std::vector<Origin> origins;
        std::vector<Offset> offsets;
        std::vector<int32_t> index;
        for (int32_t i = 0; i < 13; i++) {
            const int32_t y = 17 * i - 100, x = 29 * i - 150;
            origins.push_back({y, x});
            offsets.push_back({static_cast<float>(y), static_cast<float>(x)});
            index.push_back(i % static_cast<int32_t>(shape.count));
        }
        std::vector<T> result(static_cast<size_t>(13 * size * size * shape.channels));
        const View glimpses = View::interleaved(result.data(), {13, size, size, shape.channels});
        const std::vector<float> value = {3.5f};
        Options options;
        options.border = border;
        options.image_index = index;
        if (border == Border::constant) {
            options.value = value;
        }
        const auto images = ConstView::interleaved(pixels.data(), shape);
        EXPECT_TRUE(succeeded(by_offset ? extract(images, offsets, glimpses, options, context)
                                        : extract(images, origins, glimpses, options, context)));
        return bytes_of(result);
    };
}

template<typename T>
Work statistics(const std::vector<T> &pixels, const Shape &shape) {
    return [&pixels, shape](Context &context) {
        std::vector<ChannelStatistics> result(static_cast<size_t>(shape.count * shape.channels));
        EXPECT_TRUE(succeeded(
            compute_statistics(ConstView::interleaved(pixels.data(), shape), result, context)));
        return bytes_of(result);
    };
}

class ThreadsTest : public VariantTest {
protected:
    void SetUp() override {
        VariantTest::SetUp();
        auto next_byte = random_elements<uint8_t>(1);
        auto next_float = random_elements<float>(2);
        bytes_.resize(3 * 200 * 301 * 3);
        floats_.resize(3 * 200 * 301 * 3);
        std::generate(bytes_.begin(), bytes_.end(), [&] { return next_byte(); });
        std::generate(floats_.begin(), floats_.end(), [&] { return next_float(); });
        for (const Border border :
             {Border::zero, Border::constant, Border::mean, Border::replicate, Border::reflect,
              Border::reflect101, Border::wrap, Border::uniform, Border::gaussian}) {
            work_.push_back(extraction(bytes_, {3, 200, 301, 3}, border, false, 33));
            work_.push_back(extraction(floats_, {3, 200, 301, 3}, border, true, 20));
            work_.push_back(extraction(floats_, {9, 200, 301, 1}, border, false, 7));
        }
        for (const Shape &shape : {Shape{3, 200, 301, 3}, Shape{9, 200, 301, 1},
                                   Shape{1, 600, 301, 3}, Shape{5, 7, 8, 2}}) {
            work_.push_back(statistics(bytes_, shape));
            work_.push_back(statistics(floats_, shape));
        }
    }

    // Every thread does all the work, each in another order, on the one context.
    void run(Context &shared) {
        Context alone(options());
        ASSERT_TRUE(succeeded(alone.status()));
        std::vector<std::vector<unsigned char>> expected;
        for (const Work &work : work_) {
            expected.push_back(work(alone));
        }
        std::atomic<int> wrong{0}, done{0};
        std::vector<std::thread> running;
        for (size_t t = 0; t < 8; t++) {
            running.emplace_back([&, t] {
                for (size_t i = 0; i < 2 * work_.size(); i++) {
                    const size_t which = (i * (2 * t + 1) + 5 * t) % work_.size();
                    wrong += work_[which](shared) != expected[which];
                    done++;
                }
            });
        }
        for (std::thread &thread : running) {
            thread.join();
        }
        EXPECT_EQ(wrong, 0) << "of " << done << " calls gave other bytes than alone";
        EXPECT_EQ(done, static_cast<int>(16 * work_.size()));
    }

    glimpse::ContextOptions options() const {
        glimpse::ContextOptions result;
        result.variant = GetParam().name;
        return result;
    }

    std::vector<uint8_t> bytes_;
    std::vector<float> floats_;
    std::vector<Work> work_;
};

TEST_P(ThreadsTest, OneContext) {
    run(context());
}

TEST_P(ThreadsTest, OneContextWithThreadsOfItsOwn) {
    run(*make_context(threads(3)));
}

INSTANTIATE_TEST_SUITE_P(, ThreadsTest, all_variants(), variant_name);

// The default context is made at its first use, by whichever thread is first.
TEST(DefaultContextTest, ManyThreadsAtFirstUse) {
    std::vector<uint8_t> pixels(100 * 90 * 3);
    auto next = random_elements<uint8_t>(1);
    std::generate(pixels.begin(), pixels.end(), [&] { return next(); });
    const Work work = extraction(pixels, {1, 100, 90, 3}, Border::gaussian, false, 21);
    std::vector<std::vector<unsigned char>> results(8);
    std::vector<std::thread> running;
    for (auto &result : results) {
        running.emplace_back([&result, &work] { result = work(glimpse::default_context()); });
    }
    for (std::thread &thread : running) {
        thread.join();
    }
    Context alone;
    ASSERT_TRUE(succeeded(alone.status()));
    const std::vector<unsigned char> expected = work(alone);
    for (const auto &result : results) {
        EXPECT_EQ(result, expected);
    }
}

}  // namespace
