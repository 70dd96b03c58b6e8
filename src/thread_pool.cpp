// A pool of POSIX threads, which are made without exceptions.
#include "glimpse/thread_pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>

namespace glimpse {
namespace {

int processors() {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) == 0) {
        return CPU_COUNT(&set);
    }
    const long all = sysconf(_SC_NPROCESSORS_ONLN);  // there are more than fit the set
    return all < 1 ? 1 : int(all);
}

// Blocks the signals that a process gets, while this lives: threads that are made meanwhile inherit
// it, so that no handler of the program runs on them. Those that a thread's own faults raise stay
// as they are.
class SignalsBlocked {
public:
    SignalsBlocked() noexcept {
        sigset_t all;
        sigfillset(&all);
        for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT}) {
            sigdelset(&all, fault);
        }
        is_set_ = pthread_sigmask(SIG_BLOCK, &all, &before_) == 0;
    }
    ~SignalsBlocked() {
        if (is_set_) {
            pthread_sigmask(SIG_SETMASK, &before_, nullptr);
        }
    }
    SignalsBlocked(const SignalsBlocked &) = delete;
    SignalsBlocked &operator=(const SignalsBlocked &) = delete;

private:
    sigset_t before_;
    bool is_set_;
};

// How long a thread looks out for work before it sleeps.
constexpr std::chrono::microseconds patience(50);

void pause() {
#if defined(__aarch64__)
    __asm__ volatile("isb");  // `yield` does nothing on most cores
#else
    __builtin_ia32_pause();
#endif
}

// Waits for a short while; returns whether `condition` has come true.
template<typename Condition>
bool comes_true(const Condition &condition) {
    const auto end = std::chrono::steady_clock::now() + patience;
    do {
        for (int i = 0; i < 64; i++) {
            if (condition()) {
                return true;
            }
            pause();
        }
    } while (std::chrono::steady_clock::now() < end);
    return condition();
}

// The part of a loop that a thread begins with. From call to call a thread then writes to memory
// that its own cache holds.
struct alignas(64) Share {
    std::atomic<int64_t> next;
    int64_t end;
};

struct Loop {
    void (*task)(void *, int64_t);
    void *task_state;
    Share *shares;
    int64_t share_count;

    // Does the share of thread `self`, and then what is left of the others'.
    void work(int64_t self) const {
        for (int64_t k = 0; k < share_count; k++) {
            Share &share = shares[(self + k) % share_count];
            for (int64_t i = share.next.fetch_add(1); i < share.end; i = share.next.fetch_add(1)) {
                task(task_state, i);
            }
        }
    }
};

}  // namespace

struct ThreadPool::Impl {
    std::atomic<bool> busy{false};  // a call uses the threads
    std::mutex mutex;               // of what follows
    std::condition_variable wake, done;
    const Loop *loop = nullptr;      // what there is to join
    std::atomic<uint64_t> loops{0};  // the number of loops so far
    std::atomic<int> joined{0};      // threads in the loop, besides the calling one
    bool stop = false;
    const pid_t process = getpid();  // a child that it forks has no thread of these
    int threads = 0;
    pthread_t *handles = nullptr;
    Share *shares = nullptr;           // of the loop, for each thread and the calling one
    std::atomic<int64_t> numbered{0};  // threads that have taken a number

    ~Impl() {
        delete[] handles;
        delete[] shares;
    }

    static void *run(void *self) {
        static_cast<Impl *>(self)->serve();
        return nullptr;
    }

    void serve() {
        const int64_t self = numbered.fetch_add(1) + 1;
        uint64_t seen = 0;
        for (;;) {
            comes_true([&] { return loops.load() != seen; });
            const Loop *joining = nullptr;
            {
                std::unique_lock<std::mutex> lock(mutex);
                wake.wait(lock, [&] { return stop || loops.load() != seen; });
                if (stop) {
                    return;
                }
                seen = loops.load();
                joining = loop;
                if (joining == nullptr) {  // it is over already
                    continue;
                }
                joined.fetch_add(1);
            }
            joining->work(self);
            const std::lock_guard<std::mutex> lock(mutex);
            if (joined.fetch_sub(1) == 1) {
                done.notify_one();
            }
        }
    }

    void parallel_for(int64_t count, void (*task)(void *, int64_t), void *task_state) {
        if (process != getpid() || busy.exchange(true)) {
            for (int64_t i = 0; i < count; i++) {
                task(task_state, i);
            }
            return;
        }
        const int64_t width = threads + 1;
        for (int64_t t = 0; t < width; t++) {
            shares[t].next.store(count * t / width, std::memory_order_relaxed);
            shares[t].end = count * (t + 1) / width;
        }
        const Loop own = {task, task_state, shares, width};
        {
            const std::lock_guard<std::mutex> lock(mutex);
            loop = &own;
            loops.fetch_add(1);
        }
        wake.notify_all();
        own.work(0);
        {
            const std::lock_guard<std::mutex> lock(mutex);
            loop = nullptr;
        }
        comes_true([&] { return joined.load() == 0; });
        std::unique_lock<std::mutex> lock(mutex);
        done.wait(lock, [&] { return joined.load() == 0; });
        busy.store(false);
    }
};

ThreadPool::ThreadPool(int width) noexcept : impl_(nullptr) {
    const int wanted = (width > 0 ? width : processors()) - 1;
    Impl *const impl = wanted > 0 ? new (std::nothrow) Impl : nullptr;
    if (impl == nullptr) {
        return;
    }
    impl->handles = new (std::nothrow) pthread_t[size_t(wanted)];
    impl->shares = new (std::nothrow) Share[size_t(wanted) + 1];
    if (impl->handles == nullptr || impl->shares == nullptr) {
        delete impl;
        return;
    }
    impl_ = impl;
    const SignalsBlocked blocked;
    while (impl->threads < wanted &&
           pthread_create(&impl->handles[impl->threads], nullptr, Impl::run, impl) == 0) {
        impl->threads++;
    }
}

ThreadPool::~ThreadPool() {
    // In a child that was forked the threads, and what they may have locked, are left alone.
    if (impl_ == nullptr || impl_->process != getpid()) {
        return;
    }
    {
        const std::lock_guard<std::mutex> lock(impl_->mutex);
        impl_->stop = true;
    }
    impl_->wake.notify_all();
    for (int i = 0; i < impl_->threads; i++) {
        pthread_join(impl_->handles[i], nullptr);
    }
    delete impl_;
}

int ThreadPool::width() const noexcept {
    return impl_ == nullptr ? 1 : impl_->threads + 1;
}

Executor ThreadPool::executor() &noexcept {
    Executor executor;
    if (width() > 1) {
        executor.parallel_for = [](void *state, int64_t count, void (*task)(void *, int64_t),
                                   void *task_state) {
            static_cast<Impl *>(state)->parallel_for(count, task, task_state);
        };
        executor.state = impl_;
        executor.width = width();
    }
    return executor;
}

}  // namespace glimpse
