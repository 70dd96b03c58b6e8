// What a context holds, and how a call spreads its work over the context's executor.
#ifndef GLIMPSE_SRC_CALL_CONTEXT_IMPL_H_
#define GLIMPSE_SRC_CALL_CONTEXT_IMPL_H_

#include <cstdint>
#include <mutex>

#include "call/scratch.h"
#ifdef GLIMPSE_CUDA
#include "cuda.h"
#endif
#include "glimpse/context.h"
#include "variants.h"

namespace glimpse {

struct Context::Impl {
    Status status;
    // The variant that was asked for, and the best one for this processor where that is `cuda`.
    ChosenVariant chosen, host;
    Executor executor;
    bool only_pure = false;  // for debugging: all windows go to the pure form of the kernels
    ScratchPool scratch;
#ifdef GLIMPSE_CUDA
    CudaState cuda;

    Impl(void *cuda_context, void *cuda_stream) noexcept : cuda(cuda_context, cuda_stream) {
    }
#else
    Impl(void *, void *) noexcept {
    }
#endif

    // Whether views of host memory go to a device.
    bool stages() const noexcept {
        return chosen.variant != nullptr && chosen.kernels == nullptr;
    }

    // The number of tasks that work on `bytes` of memory is best split into, at most `most`. Waking
    // threads costs 20 to 45 us, so that below 1 MiB they only lose.
    int64_t tasks_for(int64_t bytes, int64_t most) const noexcept {
        constexpr int64_t serial_below = 1 << 20, smallest_task = 64 << 10;
        if (executor.parallel_for == nullptr || executor.width <= 1 || bytes < serial_below) {
            return 1;
        }
        const int64_t wanted = int64_t(executor.width) * 4;
        const int64_t useful = bytes / smallest_task;
        const int64_t tasks = wanted < useful ? wanted : useful;
        return tasks < most ? tasks : most;
    }

    // Runs `task(i)` for i in [0, count), on the executor if there is more than one, and returns
    // one of the failures, if any. `task` returns a Status and may run on several threads at once.
    template<typename Task>
    Status run(int64_t count, const Task &task) const noexcept {
        if (count == 1) {
            return task(int64_t(0));
        }
        struct Shared {
            const Task &task;
            std::mutex mutex;
            Status failure;
        } shared{task, {}, {}};
        const auto one = [](void *state, int64_t index) {
            auto &s = *static_cast<Shared *>(state);
            const Status result = s.task(index);
            if (!result.ok()) {
                const std::lock_guard<std::mutex> lock(s.mutex);
                s.failure = result;
            }
        };
        executor.parallel_for(executor.state, count, one, &shared);
        return shared.failure;
    }
};

}  // namespace glimpse

#endif  // GLIMPSE_SRC_CALL_CONTEXT_IMPL_H_
