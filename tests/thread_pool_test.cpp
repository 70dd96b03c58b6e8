// ThreadPool: every index runs once, whoever calls and however often, and the library computes the
// same with it.
#include "glimpse/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <set>
#include <thread>
#include <vector>

#include "buffers.h"
#include "glimpse/glimpse.h"
#include "variants.h"

namespace {

using glimpse::Executor;
using glimpse::ThreadPool;

// Runs a loop over `count` and expects that every index ran once.
void expect_every_index_once(const Executor &executor, int64_t count) {
    std::vector<std::atomic<int>> runs(static_cast<size_t>(count));
    executor.parallel_for(
        executor.state, count,
        [](void *state, int64_t i) {
            (*static_cast<std::vector<std::atomic<int>> *>(state))[static_cast<size_t>(i)]++;
        },
        &runs);
    for (const std::atomic<int> &run : runs) {
        ASSERT_EQ(run.load(), 1);
    }
}

TEST(ThreadPoolTest, EveryIndexRunsOnce) {
    for (const int width : {2, 3, 8}) {
        ThreadPool pool(width);
        EXPECT_EQ(pool.width(), width);
        EXPECT_EQ(pool.executor().width, width);
        for (const int64_t count : {0, 1, 2, 7, 1000}) {
            for (int repeat = 0; repeat < 50; repeat++) {
                expect_every_index_once(pool.executor(), count);
            }
        }
    }
}

TEST(ThreadPoolTest, AfterSleep) {
    ThreadPool pool(3);
    for (int repeat = 0; repeat < 5; repeat++) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        expect_every_index_once(pool.executor(), 20);
    }
}

// Tasks that wait for each other end only if they run on different threads.
TEST(ThreadPoolTest, ThreadsWorkAtTheSameTime) {
    ThreadPool pool(3);
    const Executor executor = pool.executor();
    std::atomic<int> arrived{0};
    executor.parallel_for(
        executor.state, 3,
        [](void *state, int64_t) {
            auto &all = *static_cast<std::atomic<int> *>(state);
            all++;
            while (all.load() < 3) {
                std::this_thread::yield();
            }
        },
        &arrived);
    EXPECT_EQ(arrived.load(), 3);
}

TEST(ThreadPoolTest, ManyCallersShareIt) {
    ThreadPool pool(3);
    std::vector<std::thread> callers;
    for (int i = 0; i < 4; i++) {
        callers.emplace_back([&pool] {
            for (int repeat = 0; repeat < 300; repeat++) {
                expect_every_index_once(pool.executor(), 1 + repeat % 17);
            }
        });
    }
    for (std::thread &caller : callers) {
        caller.join();
    }
}

TEST(ThreadPoolTest, LoopsWithinLoops) {
    ThreadPool pool(2);
    const Executor executor = pool.executor();
    executor.parallel_for(
        executor.state, 5,
        [](void *state, int64_t) {
            expect_every_index_once(*static_cast<const Executor *>(state), 9);
        },
        const_cast<Executor *>(&executor));
}

TEST(ThreadPoolTest, OneThreadIsNoExecutor) {
    ThreadPool pool(1);
    EXPECT_EQ(pool.width(), 1);
    EXPECT_EQ(pool.executor().parallel_for, nullptr);
}

TEST(ThreadPoolTest, AsManyAsProcessors) {
    ThreadPool pool;
    EXPECT_GE(pool.width(), 1);
    EXPECT_LE(pool.width(), static_cast<int>(std::thread::hardware_concurrency()));
}

TEST(ThreadPoolTest, PoolsThatAreNotUsed) {
    for (int repeat = 0; repeat < 50; repeat++) {
        ThreadPool pool(4);
    }
}

TEST(ThreadPoolTest, TheSamePixels) {
    ThreadPool pool(3);
    expect_same_pixels(pool.executor());
}

// Fewer glimpses than threads are shared out by rows, converted ones too, inside and outside.
TEST(ThreadPoolTest, RowsOfOneGlimpse) {
    const Images<uint8_t> images({1, 500, 600, 3}, interleaved, Fence::after,
                                 random_elements<uint8_t>(1));
    const std::vector<float> subtract = {100}, multiply = {0.5f, 1, 2};
    glimpse::Options options;
    options.border = glimpse::Border::reflect101;
    options.subtract = subtract;
    options.multiply = multiply;
    ThreadPool pool(3);
    CountedLoops counted(pool.executor());
    glimpse::ContextOptions context_options;
    context_options.executor = counted.executor();
    glimpse::Context context(context_options);
    for (const Layout &to : {interleaved, planar}) {
        for (const glimpse::Origin &origin : {glimpse::Origin{20, 30}, glimpse::Origin{-77, 200}}) {
            Output<float> alone({1, 401, 499, 3}, to, 1), pooled({1, 401, 499, 3}, to, 2);
            ASSERT_TRUE(succeeded(extract(images.view(), {&origin, 1}, alone.view(), options)));
            ASSERT_TRUE(
                succeeded(extract(images.view(), {&origin, 1}, pooled.view(), options, context)));
            ASSERT_TRUE(same_pixels<float>(pooled.result(), alone.result()));
        }
    }
    EXPECT_EQ(counted.loops(), 4);
}

}  // namespace
