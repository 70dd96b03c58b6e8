// A call allocates nothing once a call like it has run. Every allocation of the program is counted,
// by functions here that stand in for the C library's; operator new ends in them too.

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "buffers.h"
#include "extract_case.h"
#include "glimpse/glimpse.h"
#include "variants.h"

// Sanitizers bring an allocator of their own, which must stay in place.
#if !defined(__GLIBC__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define GLIMPSE_TESTS_CANNOT_COUNT
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define GLIMPSE_TESTS_CANNOT_COUNT
#endif
#endif

namespace {

std::atomic<bool> counting{false};
std::atomic<int64_t> allocations{0};

// How many allocations `work` makes, on all threads.
int64_t allocations_of(const std::function<void()> &work) {
    allocations = 0;
    counting = true;
    work();
    counting = false;
    return allocations;
}

}  // namespace

#if defined(GLIMPSE_TESTS_CANNOT_COUNT)
constexpr bool can_count = false;
#else
constexpr bool can_count = true;

namespace {
void count() {
    if (counting.load(std::memory_order_relaxed)) {
        allocations.fetch_add(1, std::memory_order_relaxed);
    }
}
}  // namespace

// glibc's own functions, by the names under which they can be reached from substitutes.
extern "C" {
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t number, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size) noexcept {
    count();
    return __libc_malloc(size);
}
void *calloc(size_t number, size_t size) noexcept {
    count();
    return __libc_calloc(number, size);
}
void *realloc(void *memory, size_t size) noexcept {
    count();
    return __libc_realloc(memory, size);
}
void *memalign(size_t alignment, size_t size) noexcept {
    count();
    return __libc_memalign(alignment, size);
}
void *aligned_alloc(size_t alignment, size_t size) noexcept {
    count();
    return __libc_memalign(alignment, size);
}
int posix_memalign(void **memory, size_t alignment, size_t size) noexcept {
    count();
    *memory = __libc_memalign(alignment, size);
    return *memory != nullptr ? 0 : ENOMEM;
}
}
#endif
#undef GLIMPSE_TESTS_CANNOT_COUNT

namespace {

using glimpse::Border;
using glimpse::ChannelStatistics;
using glimpse::ConstFrame;
using glimpse::ConstView;
using glimpse::Context;
using glimpse::Frame;
using glimpse::Offset;
using glimpse::Options;
using glimpse::Origin;
using glimpse::Status;
using glimpse::StatusCode;
using glimpse::View;

class AllocationTest : public VariantTest {
protected:
    void SetUp() override {
        if (!can_count) {
            GTEST_SKIP() << "a sanitizer's allocator, or no glibc";
        }
        if (GetParam().name == std::string("cuda") && !is_mock()) {
            GTEST_SKIP() << "a driver allocates memory of its own";
        }
        VariantTest::SetUp();
    }

private:
    static bool is_mock() {
        void *const driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
        return driver != nullptr && dlsym(driver, "mock_cuda") != nullptr;
    }
};

// Calls, ready to be made; all that they need is allocated beforehand.
class Calls {
public:
    explicit Calls(int64_t images, int64_t glimpses = 100) : images_(images), count_(glimpses) {
        for (int32_t i = 0; i < glimpses; i++) {
            origins_.push_back({13 * i % 300 - 100, 17 * i % 400 - 100});
            even_origins_.push_back({26 * i % 300 - 100, 34 * i % 400 - 100});
            offsets_.push_back({static_cast<float>(11 * i - 100), static_cast<float>(7 * i - 100)});
            index_.push_back(i % static_cast<int32_t>(images));
            const auto y = static_cast<float>(13 * i % 200 - 50);
            const auto x = static_cast<float>(17 * i % 300 - 100);
            boxes_.push_back({y, x, y + 37.5f, x + 71.25f});
        }
        statistics_.resize(static_cast<size_t>(3 * images));
    }

    Status extract(Border border, bool by_offset, bool bytes, bool planar, Context &context) {
        Options options;
        options.border = border;
        options.image_index = index_;
        if (border == Border::constant) {
            options.value = value_;
        }
        const glimpse::Shape shape = {images_, 150, 201, 3}, size = {count_, 40, 50, 3};
        const ConstView images = bytes    ? ConstView::interleaved(bytes_in_.data(), shape)
                                 : planar ? ConstView::planar(floats_in_.data(), shape)
                                          : ConstView::interleaved(floats_in_.data(), shape);
        const View glimpses = bytes ? View::interleaved(bytes_out_.data(), size)
                                    : View::interleaved(floats_out_.data(), size);
        return by_offset ? glimpse::extract(images, offsets_, glimpses, options, context)
                         : glimpse::extract(images, origins_, glimpses, options, context);
    }

    // Bytes to planes of floats, or the reverse, which goes by way of two tiles.
    Status convert(Border border, bool from_bytes, Context &context) {
        Options options;
        options.border = border;
        options.image_index = index_;
        options.multiply = value_;
        if (border == Border::constant) {
            options.value = value_;
        }
        const glimpse::Shape shape = {images_, 150, 201, 3}, size = {100, 40, 50, 3};
        return from_bytes
                   ? glimpse::extract(ConstView::interleaved(bytes_in_.data(), shape), origins_,
                                      View::planar(floats_out_.data(), size), options, context)
                   : glimpse::extract(ConstView::planar(floats_in_.data(), shape), origins_,
                                      View::interleaved(bytes_out_.data(), size), options, context);
    }

    // A conversion whose values of all channels are more than lie on the stack.
    Status many_channels(Border border, Context &context) {
        Options options;
        options.border = border;
        options.subtract = many_values_;
        options.multiply = many_values_;
        if (border == Border::constant) {
            options.value = many_values_;
        }
        return glimpse::extract(
            ConstView::interleaved(bytes_in_.data(), {1, 5, 5, 2000}), {origins_.data(), 1},
            View::planar(floats_out_.data(), {1, 4, 6, 2000}), options, context);
    }

    // Boxes inside and over the edge, to pixels of bytes or planes of floats.
    Status boxes(Border border, bool to_bytes, Context &context) {
        Options options;
        options.border = border;
        options.image_index = index_;
        options.sampling = {glimpse::Filter::linear, false, glimpse::Edge::blend, 0};
        if (border == Border::constant) {
            options.value = value_;
        }
        const glimpse::Shape shape = {images_, 150, 201, 3}, size = {100, 40, 50, 3};
        const ConstView images = ConstView::interleaved(bytes_in_.data(), shape);
        return glimpse::extract(images, boxes_,
                                to_bytes ? View::interleaved(bytes_out_.data(), size)
                                         : View::planar(floats_out_.data(), size),
                                options, context);
    }

    Status frames(Border border, Context &context) {
        Options options;
        options.border = border;
        if (border == Border::constant) {
            options.value = value_;
        }
        const auto frame =
            ConstFrame::nv12(bytes_in_.data(), 200, bytes_in_.data() + 100 * 200, 200, 100, 200);
        const auto glimpses =
            Frame::nv12(bytes_out_.data(), 40, bytes_out_.data() + 30 * 40, 40, 30, 40);
        return glimpse::extract(frame, origins_, glimpses.batch(100, 30 * 40 * 3 / 2), options,
                                context);
    }

    Status mosaics(Border border, Context &context) {
        Options options;
        options.border = border;
        options.multiply = {value_.data(), 1};
        if (border == Border::constant) {
            options.value = {value_.data(), 1};
        }
        return extract_bayer(ConstView::interleaved(bytes_in_.data(), {1, 100, 200, 1}),
                             even_origins_, View::interleaved(floats_out_.data(), {100, 30, 40, 1}),
                             options, context);
    }

    Status statistics(bool bytes, Context &context) {
        const glimpse::Shape shape = {images_, 150, 201, 3};
        return compute_statistics(bytes ? ConstView::interleaved(bytes_in_.data(), shape)
                                        : ConstView::interleaved(floats_in_.data(), shape),
                                  statistics_, context);
    }

    Status tensorflow(Context &context) {
        const int64_t input[] = {images_, 150, 201, 3}, size[] = {2}, offsets[] = {images_, 2};
        const int64_t output[] = {images_, 40, 50, 3};
        const int32_t extents[] = {40, 50};
        return glimpse::tensorflow::extract_glimpse({floats_in_.data(), input}, {extents, size},
                                                    {&offsets_[0].y, offsets},
                                                    {floats_out_.data(), output}, {}, context);
    }

private:
    int64_t images_, count_;
    std::vector<uint8_t> bytes_in_ = std::vector<uint8_t>(7 * 150 * 201 * 3, 3);
    std::vector<float> floats_in_ = std::vector<float>(7 * 150 * 201 * 3, 3);
    std::vector<uint8_t> bytes_out_ = std::vector<uint8_t>(100 * 40 * 50 * 3);
    std::vector<float> floats_out_ = std::vector<float>(100 * 40 * 50 * 3);
    std::vector<Origin> origins_, even_origins_;
    std::vector<Offset> offsets_;
    std::vector<glimpse::Box> boxes_;
    std::vector<int32_t> index_;
    std::vector<float> value_ = {1, 2, 3};
    std::vector<float> many_values_ = std::vector<float>(2000, 1.5f);
    std::vector<ChannelStatistics> statistics_;
};

// The counter sees what there is to see, or the tests below would mean nothing.
TEST(AllocationCounterTest, Counts) {
    if (!can_count) {
        GTEST_SKIP() << "a sanitizer's allocator, or no glibc";
    }
    void *volatile memory = nullptr;
    EXPECT_EQ(allocations_of([&] {
                  memory = std::malloc(10);
                  std::free(memory);
              }),
              1);
    EXPECT_EQ(allocations_of([&] {
                  memory = std::calloc(10, 10);
                  memory = std::realloc(memory, 1000);
                  std::free(memory);
              }),
              2);
    EXPECT_EQ(allocations_of([&] {
                  memory = ::operator new(10);
                  ::operator delete(memory);
              }),
              1);
    EXPECT_EQ(allocations_of([&] {
                  memory = ::operator new (256, std::align_val_t{128});
                  ::operator delete (memory, std::align_val_t{128});
              }),
              1);
    EXPECT_EQ(allocations_of([&] {
                  memory = std::aligned_alloc(64, 128);
                  std::free(memory);
              }),
              1);
    EXPECT_EQ(allocations_of([] {}), 0);
}

TEST_P(AllocationTest, NothingAfterWarmUp) {
    for (const int width : {1, 4}) {
        const auto shared = make_context(backwards(width));
        const auto expect_none = [&](const std::string &what, const auto &call) {
            ASSERT_TRUE(succeeded(call(*shared))) << what;
            Status status;
            EXPECT_EQ(allocations_of([&] { status = call(*shared); }), 0)
                << what << ", width " << width;
            EXPECT_TRUE(succeeded(status)) << what;
        };
        for (const int64_t images : {1, 7}) {
            Calls calls(images);
            const std::string of = ", " + std::to_string(images) + " images";
            for (const Border border : borders) {
                const std::string with = of + ", " + name(border);
                for (const bool by_offset : {false, true}) {
                    for (const bool bytes : {false, true}) {
                        for (const bool planar : {false, true}) {
                            expect_none(std::string(by_offset ? "offsets" : "origins") +
                                            (bytes ? ", uint8" : ", float32") +
                                            (planar ? ", planar" : ", interleaved") + with,
                                        [&](Context &context) {
                                            return calls.extract(border, by_offset, bytes, planar,
                                                                 context);
                                        });
                        }
                    }
                }
                for (const bool from_bytes : {false, true}) {
                    expect_none((from_bytes ? "uint8 to float32" : "float32 to uint8") + with,
                                [&](Context &context) {
                                    return calls.convert(border, from_bytes, context);
                                });
                }
                for (const bool to_bytes : {false, true}) {
                    expect_none(
                        (to_bytes ? "boxes to uint8" : "boxes to float32") + with,
                        [&](Context &context) { return calls.boxes(border, to_bytes, context); });
                }
                expect_none("many channels" + with,
                            [&](Context &context) { return calls.many_channels(border, context); });
                expect_none("frames of luma and chroma" + with,
                            [&](Context &context) { return calls.frames(border, context); });
                expect_none("mosaics" + with,
                            [&](Context &context) { return calls.mosaics(border, context); });
            }
            for (const bool bytes : {false, true}) {
                expect_none((bytes ? "statistics of uint8" : "statistics of float32") + of,
                            [&](Context &context) { return calls.statistics(bytes, context); });
            }
            expect_none("TensorFlow" + of,
                        [&](Context &context) { return calls.tensorflow(context); });
        }
    }
}

// What large calls have left behind serves smaller ones, in any order.
TEST_P(AllocationTest, NothingForSmallerCalls) {
    Calls large(7), small(2);
    for (const Border border : borders) {
        ASSERT_TRUE(succeeded(large.extract(border, false, false, false, context())));
    }
    ASSERT_TRUE(succeeded(large.statistics(false, context())));
    bool ok = true;
    EXPECT_EQ(allocations_of([&] {
                  ok = small.statistics(false, context()).ok();
                  for (const Border border : borders) {
                      ok = ok && small.extract(border, true, false, false, context()).ok();
                      ok = ok && small.extract(border, false, false, false, context()).ok();
                  }
              }),
              0);
    EXPECT_TRUE(ok);
}

// A border that needs no statistics allocates nothing at all, on the first call already; nor does a
// call that is refused, or one whose statistics are given.
TEST_P(AllocationTest, NothingWithoutStatistics) {
    if (GetParam().name == std::string("cuda")) {
        GTEST_SKIP() << "its kernels are loaded, and memory is made, at the first call";
    }
    // Where more lie is kept in scratch memory.
    Calls calls(1, 64), more(1, 65);
    for (const Border border : {Border::zero, Border::constant, Border::replicate, Border::reflect,
                                Border::reflect101, Border::wrap}) {
        const auto fresh = make_context();
        Status status;
        EXPECT_EQ(
            allocations_of([&] { status = calls.extract(border, true, false, false, *fresh); }), 0)
            << name(border);
        EXPECT_TRUE(succeeded(status));
        EXPECT_EQ(
            allocations_of([&] { status = more.extract(border, true, false, false, *fresh); }), 1)
            << name(border);
        EXPECT_TRUE(succeeded(status));
    }
    const std::vector<float> pixels(75, 1.0f);
    const std::vector<ChannelStatistics> given = {{0, 1, 0.5, 0.1}, {0, 1, 0.5, 0.1}, {0, 1, 0, 0}};
    std::vector<float> result(48);
    const Origin origins[] = {{-1, -1}};
    for (const Border border : {Border::mean, Border::uniform, Border::gaussian}) {
        const auto fresh = make_context();
        Options options;
        options.border = border;
        options.statistics = given;
        const auto run = [&] {
            return extract(ConstView::interleaved(pixels.data(), {1, 5, 5, 3}), origins,
                           View::interleaved(result.data(), {1, 4, 4, 3}), options, *fresh);
        };
        Status status;
        EXPECT_EQ(allocations_of([&] { status = run(); }), 0) << name(border);
        EXPECT_TRUE(succeeded(status));
        options.statistics.size = 2;
        EXPECT_EQ(allocations_of([&] { status = run(); }), 0) << name(border) << ", refused";
        EXPECT_EQ(status.code(), StatusCode::statistics_mismatch);
    }
}

// After one warm call and reserve(n), n threads' overlapping calls allocate nothing.
TEST_P(AllocationTest, NothingAfterReserve) {
    if (GetParam().name == std::string("cuda")) {
        GTEST_SKIP() << "a driver allocates memory for each thread";
    }
    const auto call = [](Calls &calls, Context &context) {
        return calls.convert(Border::gaussian, true, context).ok() &&
               calls.many_channels(Border::gaussian, context).ok() &&
               (!has_sampling || calls.boxes(Border::gaussian, true, context).ok()) &&
               calls.extract(Border::mean, true, true, false, context).ok() &&
               calls.statistics(false, context).ok();
    };
    for (const int threads : {4, 16}) {
        const auto shared = make_context();
        std::vector<std::unique_ptr<Calls>> calls;
        for (int i = 0; i < threads; i++) {
            calls.push_back(std::make_unique<Calls>(2));
        }
        ASSERT_TRUE(call(*calls[0], *shared));
        ASSERT_TRUE(succeeded(shared->reserve(threads)));
        EXPECT_EQ(allocations_of([&] { EXPECT_TRUE(succeeded(shared->reserve(threads))); }), 0)
            << "there is enough";
        EXPECT_GT(allocations_of([&] { EXPECT_TRUE(succeeded(shared->reserve(2 * threads))); }), 0)
            << "of what the last calls needed";
        std::atomic<int> ready{0}, failed{0};
        std::atomic<bool> go{false};
        std::vector<std::thread> workers;
        for (int i = 0; i < threads; i++) {
            workers.emplace_back([&, i] {
                ready++;
                while (!go) {
                    std::this_thread::yield();
                }
                for (int repeat = 0; repeat < 5; repeat++) {
                    failed += call(*calls[static_cast<size_t>(i)], *shared) ? 0 : 1;
                }
                ready--;
            });
        }
        while (ready < threads) {
            std::this_thread::yield();
        }
        EXPECT_EQ(allocations_of([&] {
                      go = true;
                      while (ready > 0) {
                          std::this_thread::yield();
                      }
                  }),
                  0)
            << threads << " threads";
        for (std::thread &worker : workers) {
            worker.join();
        }
        EXPECT_EQ(failed, 0);
    }
    EXPECT_EQ(context().reserve(-1).code(), StatusCode::invalid_value);
}

INSTANTIATE_TEST_SUITE_P(, AllocationTest, all_variants(), variant_name);

}  // namespace
