// What a Context holds of CUDA: the stream it works in, device memory that is kept between calls,
// and loaded kernels.
#ifndef GLIMPSE_RUNTIME_CUDA_H_
#define GLIMPSE_RUNTIME_CUDA_H_

#include <cstddef>
#include <cstdint>
#include <mutex>

#include "cuda_driver.h"
#include "halide_hooks.h"

namespace glimpse {

struct CudaMemory;

class CudaState {
public:
    // `context` and `stream` are the caller's; null: see ContextOptions. Nothing is opened before
    // the first call.
    CudaState(void *context, void *stream) noexcept;
    ~CudaState();
    CudaState(const CudaState &) = delete;
    CudaState &operator=(const CudaState &) = delete;

    // Waits until all that was queued is done; calls may be made meanwhile.
    Status synchronize() noexcept;

private:
    friend class CudaCall;
    std::mutex mutex_;
    CUcontext context_;
    CUstream stream_;
    CUcontext primary_ = nullptr;
    CUdevice primary_device_ = 0;
    CudaMemory *memories_ = nullptr;  // one for each CUDA context that calls came with
};

// One call of the library: as long as it lives, the CUDA context is current on this thread and no
// other call uses the state. Everything is queued in the stream, in order.
//
// Kernels get a pointer to its CallError as `user_context`.
class CudaCall : private CallError {
public:
    explicit CudaCall(CudaState &state) noexcept;
    ~CudaCall();
    CudaCall(const CudaCall &) = delete;
    CudaCall &operator=(const CudaCall &) = delete;

    // The first failure of all below.
    const Status &status() const noexcept {
        return status_;
    }

    // `bytes` of device memory, aligned to 256, until the next call with the same state is queued.
    // 0 if there is none.
    CUdeviceptr memory(size_t bytes) noexcept;

    // What a call tells the device: it does not wait for the stream, and pageable memory of the
    // host may be reused on return.
    void upload(CUdeviceptr to, const void *from, size_t bytes) noexcept;
    // The same of any size in one piece. It may wait, and `from` is kept until synchronize().
    void upload_at_once(CUdeviceptr to, const void *from, size_t bytes) noexcept;
    // The host's memory has been written once synchronize() returns.
    void download(void *to, CUdeviceptr from, size_t bytes) noexcept;
    void copy_2d(const CudaCopy2D &copy) noexcept;
    void synchronize() noexcept;

    // What is handed to kernels.
    const void *user_context() noexcept {
        return static_cast<CallError *>(this);
    }
    static CudaCall &of(void *user_context) noexcept {
        return static_cast<CudaCall &>(*static_cast<CallError *>(user_context));
    }
    // Says that a kernel returned `code`.
    void check(int code) noexcept;

    // Makes the kernels called from now on load themselves, and return before they do anything.
    void only_load() noexcept {
        only_loads_ = true;
    }

    // For the kernels: loads the module number `module`, whose text is `source`, if that has not
    // been done. False if that fails, or if nothing more is to be done.
    bool begin_kernel(int module, const char *source) noexcept;
    bool launch(int module, const char *name, const int (&blocks)[3], const int (&threads)[3],
                int shared_bytes, void **arguments) noexcept;

private:
    Status begin() noexcept;
    Status find_context(CUcontext *context) noexcept;
    Status find_memory(CUcontext context) noexcept;
    // Calls `function` of the driver, called `what`, unless something has failed before.
    template<typename Function>
    void call_driver(const char *what, const Function &function) noexcept;

    CudaState &state_;
    const std::lock_guard<std::mutex> lock_;
    const CudaDriver *driver_ = nullptr;
    CudaMemory *memory_ = nullptr;
    bool only_loads_ = false;
    bool pushed_ = false;
    Status status_;
};

}  // namespace glimpse

#endif  // GLIMPSE_RUNTIME_CUDA_H_
