// Threads that wait for the library's calls, for those who have none of their own.
//
//     glimpse::ThreadPool pool(4);
//     glimpse::ContextOptions options;
//     options.executor = pool.executor();
//     glimpse::Context context(options);
#ifndef GLIMPSE_THREAD_POOL_H_
#define GLIMPSE_THREAD_POOL_H_

#include "glimpse/context.h"

namespace glimpse {

// A parallel loop over a fixed number of threads. Calls of several threads may share a pool: one at
// a time uses its threads, the others run on their own thread meanwhile. After a loop the threads
// look out for the next one for about 50 us and then sleep; waking them takes 20 to 45 us. They
// block all signals but those of their own faults.
//
// A child that was forked has none of these threads: calls with the pool then run on the thread
// that calls, and the destructor leaves the pool's memory to the end of the process. A pool that is
// made in the child has threads of its own.
class ThreadPool {
public:
    // `width` is the number of threads that work at the same time, the calling one among them; 0
    // means as many as there are processors that this process may use. Where the system gives fewer
    // threads, the pool has fewer.
    explicit ThreadPool(int width = 0) noexcept;
    // No call may use the pool any more.
    ~ThreadPool();
    ThreadPool(const ThreadPool &) = delete;
    ThreadPool &operator=(const ThreadPool &) = delete;

    // The number of threads there are, the calling one included.
    int width() const noexcept;

    // For ContextOptions; valid as long as the pool.
    Executor executor() &noexcept;
    Executor executor() && = delete;

private:
    struct Impl;
    Impl *impl_;  // null: there are no threads but the calling one
};

}  // namespace glimpse

#endif  // GLIMPSE_THREAD_POOL_H_
