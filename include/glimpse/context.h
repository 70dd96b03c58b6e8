// A context: what calls share. It holds the variant of the kernels that fits the machine (or the
// one that was asked for), the caller's threads, and scratch memory that is kept between calls.
//
// A variant is one build of all kernels for one kind of hardware. Every variant computes the same
// bytes. The best usable one is chosen; the environment variable GLIMPSE_VARIANT or
// ContextOptions::variant forces another one by name.
#ifndef GLIMPSE_CONTEXT_H_
#define GLIMPSE_CONTEXT_H_

#include <cstdint>

#include "glimpse/status.h"
#include "glimpse/view.h"

namespace glimpse {

// One entry of the list of variants, best first.
struct Variant {
    const char *name;    // such as "avx2"
    const char *target;  // what the kernels were compiled for, as Halide writes it
    bool usable;         // whether this machine can run it
    const char *reason;  // why, or why not, in a few words
};

// Returns all variants that were built, best first. Thread-safe; the list lives for ever.
Span<const Variant> variants() noexcept;

// The version of the library, such as "0.1.0".
const char *version() noexcept;

// How a call may use the caller's threads: a parallel loop of the caller.
struct Executor {
    // Calls `task(task_state, i)` once for every i in [0, count), in any order and on any threads,
    // and returns when all have returned. Must not throw. Null: everything runs on the calling
    // thread.
    void (*parallel_for)(void *state, int64_t count, void (*task)(void *task_state, int64_t index),
                         void *task_state) = nullptr;
    void *state = nullptr;  // handed to parallel_for
    int width = 1;  // how many tasks can run at the same time; 1 or less: no use is made of it
};

struct ContextOptions {
    // The variant to use. Null: the one that the environment variable GLIMPSE_VARIANT names, or,
    // where that is unset or empty, the best usable one. One that is not there or cannot run is an
    // error, never silently another one.
    const char *variant = nullptr;
    Executor executor;
};

// Construction never fails: status() says what is wrong, and so does every call with the context.
// Any number of threads may share one context, and none needs more than one.
class Context {
public:
    explicit Context(const ContextOptions &options = {}) noexcept;
    ~Context();
    Context(const Context &) = delete;
    Context &operator=(const Context &) = delete;

    // Success, or why the context cannot be used.
    Status status() const noexcept;
    // The variant in use; null if status() is not ok.
    const Variant *variant() const noexcept;

    struct Impl;
    Impl &impl() noexcept {
        return *impl_;
    }

private:
    Impl *impl_;
    alignas(16) unsigned char storage_[512];
};

// The context of calls that name none: no threads, and the variant as ContextOptions says. Made at
// the first use.
Context &default_context() noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_CONTEXT_H_
