// Lends the library the threads of oneTBB. The only header that needs it: tbb/parallel_for.h.
//
//     glimpse::ContextOptions options;
//     options.executor = glimpse::tbb_executor();
#ifndef GLIMPSE_EXECUTOR_TBB_H_
#define GLIMPSE_EXECUTOR_TBB_H_

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <cstdint>

#include "glimpse/context.h"

namespace glimpse {

// A parallel loop in the arena of the calling thread. Arenas and limits of the caller apply.
inline Executor tbb_executor() {
    Executor executor;
    executor.parallel_for = [](void *, int64_t count, void (*task)(void *, int64_t),
                               void *task_state) {
        tbb::parallel_for(
            int64_t{0}, count, [=](int64_t i) { task(task_state, i); }, tbb::simple_partitioner());
    };
    executor.width = tbb::this_task_arena::max_concurrency();
    return executor;
}

}  // namespace glimpse

#endif  // GLIMPSE_EXECUTOR_TBB_H_
