// A context: what calls share. It holds the variant of the kernels that fits the machine (or the
// one that was asked for), the caller's threads, and scratch memory that is kept between calls.
//
// A variant is one build of all kernels for one kind of hardware. Every variant computes the same
// bytes. The best usable one is chosen; the environment variable GLIMPSE_VARIANT or
// ContextOptions::variant forces another one by name.
//
// The environment variable GLIMPSE_HIDE_FEATURES hides processor features from that choice, as if
// this machine had none of them: names separated by commas, in upper or lower case, such as
// "AVX512F", which rules out `avx512`, or "SSE3", which leaves `x86_64` alone. A variant that needs
// a hidden feature is not usable. A name that is unknown is the status of every context. The
// variable is read once, when the library is first asked for a variant.
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

// Returns all variants that were built, best first. Thread-safe; the list lives for ever. It asks
// the CUDA driver, if there is one, which cannot be used in a process that forks after that.
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
    int width = 1;          // how many tasks can run at the same time; 1 or less: it is not called
};

struct ContextOptions {
    // The variant to use. Null: the one that the environment variable GLIMPSE_VARIANT names, or,
    // where that is unset or empty, the best usable one. One that is not there or cannot run is an
    // error, never silently another one.
    //
    // Views of device memory go to the variant `cuda`, whichever is named. Where `cuda` is named,
    // views of host memory are copied to the device and back, and calls wait for that.
    const char *variant = nullptr;
    Executor executor;

    // The CUcontext and the CUstream (or what the CUDA runtime calls cudaStream_t) of calls with
    // device memory; they must outlive the context. No context: that of the stream, or else the one
    // that is current on the thread that calls, or else the primary one of device 0; so memory of
    // the CUDA runtime, PyTorch or CV-CUDA can be used as it is. No stream: the default stream.
    // CU_STREAM_PER_THREAD is refused, and so is a stream that is being captured to a graph: what a
    // call tells the device is copied while it is made.
    void *cuda_context = nullptr;
    void *cuda_stream = nullptr;
};

// The environment variable GLIMPSE_ONLY_PURE=1 is for debugging: processors then make all glimpses
// by the form of the kernels that is their definition, which is slow and gives the same bytes.
//
// Construction never fails: status() says what is wrong, and so does every call with the context.
// Any number of threads may share one context, and none needs more than one. Calls with device
// memory are queued in the context's stream and do not wait: use a context for each stream. Those
// that wait, for statistics on the host or because `cuda` is named, keep others of the same context
// waiting.
//
// A child that was forked, even while other threads were in calls, may use its copy of a context on
// processors; what those calls had borrowed is not freed there. CUDA cannot be used after fork(): a
// child that wants it begins anew with exec().
class Context {
public:
    explicit Context(const ContextOptions &options = {}) noexcept;
    ~Context();
    Context(const Context &) = delete;
    Context &operator=(const Context &) = delete;

    // Success, or why the context cannot be used.
    Status status() const noexcept;
    // The variant in use for views of host memory; null if status() is not ok.
    const Variant *variant() const noexcept;

    // Does what first calls would: reads the code of the kernels, wakes the executor's threads,
    // and, where CUDA can be used, loads all kernels for devices, which the driver compiles if it
    // has not done so before on this machine. Takes no scratch memory: see reserve(). Succeeds
    // without a GPU. It asks the driver of CUDA, as variants() does: not before a fork() whose
    // child wants it.
    Status warm_up() noexcept;
    // Takes memory for `calls` calls at the same time, each of which needs as much as those since
    // the last reserve() needed at once, or before it if there was none since: after one call like
    // those to come, which ran alone, `calls` threads can make such calls and nothing is allocated.
    // Before the first call it takes nothing. Fails if `calls` is negative or there is no memory.
    // Any thread, but no call should run meanwhile.
    Status reserve(int calls) noexcept;
    // Waits until all that was queued in the stream is done, and returns an error that it met with;
    // other threads may go on making calls. Success, without a wait, if there was no call with
    // device memory.
    Status synchronize() noexcept;

    struct Impl;
    Impl &impl() noexcept {
        return *impl_;
    }

private:
    Impl *impl_;
    alignas(16) unsigned char storage_[1280];
};

// The context of calls that name none: no threads, and the variant as ContextOptions says. Made at
// the first use.
Context &default_context() noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_CONTEXT_H_
