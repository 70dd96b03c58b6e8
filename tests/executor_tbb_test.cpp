// The executor of oneTBB: every index runs once, in the caller's arena, and the library computes
// the same with it. ThreadSanitizer does not know oneTBB's library, which is not instrumented:
// names here are none that `./dev check` selects for it.
#include "glimpse/executor_tbb.h"

#include <tbb/task_arena.h>

#include <atomic>
#include <cstdint>
#include <vector>

#include "glimpse/glimpse.h"
#include "variants.h"

namespace {

using glimpse::Executor;

TEST(TbbTest, EveryIndexRunsOnceInTheArena) {
    struct Loop {
        std::vector<std::atomic<int>> runs;
        int width;
        std::atomic<int> elsewhere{0};

        static void run(void *state, int64_t i) {
            Loop &loop = *static_cast<Loop *>(state);
            loop.runs[static_cast<size_t>(i)]++;
            loop.elsewhere += tbb::this_task_arena::max_concurrency() != loop.width;
        }
    };
    for (const int width : {1, 2}) {
        tbb::task_arena(width).execute([&] {
            const Executor executor = glimpse::tbb_executor();
            EXPECT_EQ(executor.width, width);
            for (const int64_t count : {0, 1, 2, 1000}) {
                Loop loop{std::vector<std::atomic<int>>(static_cast<size_t>(count)), width};
                executor.parallel_for(executor.state, count, Loop::run, &loop);
                for (const std::atomic<int> &run : loop.runs) {
                    ASSERT_EQ(run.load(), 1);
                }
                EXPECT_EQ(loop.elsewhere, 0);
            }
        });
    }
}

TEST(TbbTest, TheSamePixels) {
    tbb::task_arena(2).execute([] { expect_same_pixels(glimpse::tbb_executor()); });
}

}  // namespace
