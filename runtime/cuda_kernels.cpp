// What kernels for CUDA call of a Halide runtime, answered by this library: every buffer lies on
// the device already, a launch goes to the stream of the call, and nothing prints, aborts or waits.
//
// The signatures are those of HalideRuntimeCuda.h and of runtime_internal.h in Halide 21. The
// symbols are renamed when the library is made, so an application's own Halide keeps its own.
#include <HalideRuntime.h>

#include <atomic>
#include <mutex>

#include "cuda.h"

namespace {

using glimpse::CudaCall;

// Gives each module a number, from 1 on, at its first use.
std::mutex numbers_mutex;
uintptr_t last_number = 0;

// The most arguments of a kernel.
constexpr int most_arguments = 96;

}  // namespace

extern "C" {

int halide_cuda_initialize_kernels(void *user_context, void **state, const char *source, int) {
    auto *const number = reinterpret_cast<std::atomic<uintptr_t> *>(state);
    if (number->load() == 0) {
        const std::lock_guard<std::mutex> lock(numbers_mutex);
        if (number->load() == 0) {
            number->store(++last_number);
        }
    }
    return CudaCall::of(user_context).begin_kernel(int(number->load()), source)
               ? 0
               : halide_error_code_generic_error;
}

void halide_cuda_finalize_kernels(void *, void *) {
}

const halide_device_interface_t *halide_cuda_device_interface() {
    return nullptr;
}

int halide_copy_to_device(void *, halide_buffer_t *, const halide_device_interface_t *) {
    return 0;
}

int halide_device_malloc(void *, halide_buffer_t *, const halide_device_interface_t *) {
    return 0;
}

int halide_cuda_run(void *user_context, void *state, const char *name, int blocks_x, int blocks_y,
                    int blocks_z, int threads_x, int threads_y, int threads_z, int shared_bytes,
                    size_t *argument_sizes, void **arguments, int8_t *argument_is_buffer) {
    void *pointers[most_arguments];
    uint64_t memory[most_arguments];
    for (int i = 0; argument_sizes[i] != 0; i++) {
        if (i == most_arguments) {
            return halide_error_code_generic_error;
        }
        pointers[i] = arguments[i];
        if (argument_is_buffer[i] != 0) {
            memory[i] = static_cast<const halide_buffer_t *>(arguments[i])->device;
            pointers[i] = &memory[i];
        }
    }
    const bool launched =
        CudaCall::of(user_context)
            .launch(int(reinterpret_cast<uintptr_t>(state)), name, {blocks_x, blocks_y, blocks_z},
                    {threads_x, threads_y, threads_z}, shared_bytes, pointers);
    return launched ? 0 : halide_error_code_device_run_failed;
}

}  // extern "C"
