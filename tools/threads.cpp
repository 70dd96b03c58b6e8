// A parallel loop of std::thread.
#include "threads.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

namespace glimpse {
namespace command {
namespace {

void parallel_for(void *state, int64_t count, void (*task)(void *task_state, int64_t index),
                  void *task_state) {
    std::atomic<int64_t> next{0};
    const auto work = [&] {
        for (int64_t i = next++; i < count; i = next++) {
            task(task_state, i);
        }
    };
    const int64_t helper_count = std::min(int64_t{*static_cast<const int *>(state)}, count) - 1;
    std::vector<std::thread> helpers;
    try {
        for (int64_t i = 0; i < helper_count; i++) {
            helpers.emplace_back(work);
        }
    } catch (const std::exception &) {
        // No more threads are to be had: those that run do all of the work.
    }
    work();
    for (std::thread &helper : helpers) {
        helper.join();
    }
}

}  // namespace

Threads::Threads(int width)
    : width_(width > 0 ? width
                       : std::max(1, static_cast<int>(std::thread::hardware_concurrency()))) {
}

Executor Threads::executor() noexcept {
    Executor executor;
    if (width_ > 1) {
        executor.parallel_for = parallel_for;
        executor.state = &width_;
        executor.width = width_;
    }
    return executor;
}

}  // namespace command
}  // namespace glimpse
