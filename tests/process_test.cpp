// What happens to a process that uses the library: children that it forks, signals, and a library
// that is unloaded.
#include <dirent.h>
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "glimpse/glimpse.h"

// Locks of sanitizers do not survive a fork() beside other threads, and AddressSanitizer keeps
// memory that was freed.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif

namespace {

using glimpse::Border;
using glimpse::ConstView;
using glimpse::Context;
using glimpse::ContextOptions;
using glimpse::ThreadPool;
using glimpse::View;

// Runs `work` in a child; returns its exit status, or none if it did not end within ten seconds or
// was killed by a signal.
std::optional<int> in_child(const std::function<int()> &work) {
    const pid_t child = fork();
    if (child == 0) {
        _exit(work());
    }
    int status = 0;
    for (int i = 0; i < 1000; i++) {
        if (waitpid(child, &status, WNOHANG) == child) {
            return WIFEXITED(status) ? std::optional<int>(WEXITSTATUS(status)) : std::nullopt;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return std::nullopt;
}

// Calls that take scratch memory: a conversion beside an image, and statistics. Returns whether
// their results are right.
bool make_calls(Context &context) {
    constexpr int64_t extent = 40;
    const std::vector<uint8_t> image(extent * extent, 7);
    std::vector<float> glimpse(extent * extent);
    glimpse::Options options;
    options.border = Border::mean;
    options.multiply = 2;
    const glimpse::Origin origin = {-10, 5};
    const auto view = ConstView::interleaved(image.data(), {1, extent, extent, 1});
    const bool ok =
        extract(view, glimpse::Places(&origin, 1),
                View::interleaved(glimpse.data(), {1, extent, extent, 1}), options, context)
            .ok();
    glimpse::ChannelStatistics statistics;
    return ok && glimpse.front() == 14 && glimpse.back() == 14 &&
           compute_statistics(view, {&statistics, 1}, context).ok() && statistics.mean == 7;
}

// A call large enough for several threads.
bool make_large_call(Context &context) {
    constexpr int64_t extent = 1100;
    const std::vector<uint8_t> image(extent * extent, 9);
    std::vector<uint8_t> glimpse(extent * extent);
    const glimpse::Origin origin = {1, 1};
    return extract(ConstView::interleaved(image.data(), {1, extent, extent, 1}),
                   glimpse::Places(&origin, 1),
                   View::interleaved(glimpse.data(), {1, extent, extent, 1}), {}, context)
               .ok() &&
           glimpse.front() == 9 && glimpse[extent * extent - 1] == 0;
}

ContextOptions with_threads(ThreadPool &pool) {
    ContextOptions options;
    options.executor = pool.executor();
    return options;
}

class ProcessTest : public ::testing::Test {
protected:
    void SetUp() override {
        if (is_sanitized) {
            GTEST_SKIP() << "a sanitizer's locks do not survive a fork";
        }
    }
};

TEST_F(ProcessTest, ChildOfAPool) {
    std::optional<ThreadPool> pool(std::in_place, 4);
    Context context(with_threads(*pool));
    ASSERT_TRUE(make_large_call(context));
    EXPECT_EQ(in_child([&] {
                  pool.reset();
                  return 0;
              }),
              0)
        << "a child that ends";
    EXPECT_EQ(in_child([&] {
                  const bool ok = make_large_call(context) && make_large_call(context);
                  pool.reset();
                  return ok ? 0 : 1;
              }),
              0)
        << "a child that uses the pool";
    EXPECT_EQ(in_child([&] {
                  ThreadPool own(3);
                  Context of_child(with_threads(own));
                  return make_large_call(of_child) && own.width() == 3 ? 0 : 1;
              }),
              0)
        << "a child with a pool of its own";
    EXPECT_TRUE(make_large_call(context)) << "the parent goes on";
}

TEST_F(ProcessTest, ForkDuringCalls) {
    Context context;
    std::atomic<bool> stop{false}, wrong{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; i++) {
        threads.emplace_back([&] {
            while (!stop) {
                wrong = wrong || !make_calls(context);
            }
        });
    }
    int failed = 0;
    for (int i = 0; i < 150; i++) {
        failed += in_child([&] { return make_calls(context) ? 0 : 1; }) == 0 ? 0 : 1;
    }
    stop = true;
    for (std::thread &thread : threads) {
        thread.join();
    }
    EXPECT_EQ(failed, 0);
    EXPECT_FALSE(wrong);
}

// In a process that has not used the default context: while one thread makes it, another forks.
TEST_F(ProcessTest, ForkDuringTheFirstCall) {
    int failed = 0;
    for (int i = 0; i < 60; i++) {
        failed += in_child([&] {
                      std::thread first([] { (void)make_calls(glimpse::default_context()); });
                      const auto child =
                          in_child([] { return make_calls(glimpse::default_context()) ? 0 : 1; });
                      first.join();
                      return child == 0 && make_calls(glimpse::default_context()) ? 0 : 1;
                  }) == 0
                      ? 0
                      : 1;
    }
    EXPECT_EQ(failed, 0);
}

// The signals that a thread of this process blocks, as Linux says.
std::vector<uint64_t> blocked_signals() {
    std::vector<uint64_t> masks;
    DIR *const tasks = opendir("/proc/self/task");
    while (const dirent *const task = tasks == nullptr ? nullptr : readdir(tasks)) {
        std::ifstream status("/proc/self/task/" + std::string(task->d_name) + "/status");
        for (std::string line; std::getline(status, line);) {
            if (line.rfind("SigBlk:", 0) == 0) {
                masks.push_back(std::strtoull(line.c_str() + 7, nullptr, 16));
            }
        }
    }
    if (tasks != nullptr) {
        closedir(tasks);
    }
    return masks;
}

// How many threads block every signal that a process may be sent.
int blocking_threads() {
    int blocking = 0;
    for (const uint64_t mask : blocked_signals()) {
        bool all = true;
        for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM,
                                 SIGCHLD, SIGPIPE, SIGRTMIN, SIGRTMAX}) {
            all = all && (mask >> (number - 1) & 1) != 0;
        }
        blocking += all ? 1 : 0;
    }
    return blocking;
}

TEST(SignalTest, ThreadsOfAPoolTakeNone) {
    std::thread([] {}).join();  // with the first thread a sanitizer makes one of its own
    const int before_pool = blocking_threads();
    sigset_t mask, before;
    pthread_sigmask(SIG_BLOCK, nullptr, &before);
    const ThreadPool pool(4);
    pthread_sigmask(SIG_BLOCK, nullptr, &mask);
    for (int number = 1; number < 32; number++) {
        EXPECT_EQ(sigismember(&mask, number), sigismember(&before, number)) << number;
    }
    EXPECT_EQ(blocking_threads() - before_pool, 3);
}

// A signal that is blocked after the pool was made waits, and kills nobody.
TEST(SignalTest, BlockedLater) {
    ThreadPool pool(4);
    Context context(with_threads(pool));
    sigset_t set, before;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &set, &before), 0);
    ASSERT_EQ(kill(getpid(), SIGUSR1), 0);
    EXPECT_TRUE(make_large_call(context));
    const timespec soon = {5, 0};
    EXPECT_EQ(sigtimedwait(&set, nullptr, &soon), SIGUSR1);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

// A plugin with the library in it leaves nothing when it is unloaded.
TEST(UnloadTest, LeavesNothing) {
    if (is_sanitized) {
        GTEST_SKIP() << "a sanitizer keeps memory that was freed";
    }
    const auto load_and_unload = [] {
        void *const plugin = dlopen(GLIMPSE_TEST_PLUGIN, RTLD_NOW | RTLD_LOCAL);
        ASSERT_NE(plugin, nullptr) << dlerror();
        const auto call = reinterpret_cast<int (*)()>(dlsym(plugin, "glimpse_test_call"));
        ASSERT_NE(call, nullptr);
        ASSERT_EQ(call(), 0);
        ASSERT_EQ(dlclose(plugin), 0);
        ASSERT_EQ(dlopen(GLIMPSE_TEST_PLUGIN, RTLD_NOW | RTLD_NOLOAD), nullptr)
            << "it is still loaded";
    };
    const auto used = [] {
        const struct mallinfo2 info = mallinfo2();
        return static_cast<int64_t>(info.uordblks + info.hblkhd);
    };
    load_and_unload();
    const int64_t before = used();
    for (int i = 0; i < 20; i++) {
        load_and_unload();
    }
    // The C library keeps some 200 bytes each time; a block of scratch memory has 4 KiB and more.
    EXPECT_LT(used() - before, 20 * 1024);
}

}  // namespace
