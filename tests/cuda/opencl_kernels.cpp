// Hands kernels that were compiled to OpenCL C to the library as if they were for CUDA: they are
// linked in place of those, and run by the mock of the driver.
#include <cstring>
#include <map>
#include <mutex>
#include <string>

#include "runtime/cuda.h"

#define halide_cuda_initialize_kernels initialize_kernels
#define halide_cuda_finalize_kernels halide_opencl_finalize_kernels
#define halide_cuda_device_interface halide_opencl_device_interface
#define halide_cuda_run halide_opencl_run
#include "runtime/cuda_kernels.cpp"  // NOLINT(bugprone-suspicious-include): under these names

extern "C" int halide_opencl_initialize_kernels(void *user_context, void **state,
                                                const char *source, int size) {
    // The library finds the names of kernels as PTX has them.
    static std::map<const char *, std::string> texts;
    static std::mutex mutex;
    const std::lock_guard<std::mutex> lock(mutex);
    std::string &text = texts[source];
    if (text.empty()) {
        const std::string body(source, strnlen(source, size_t(size)));
        const std::string mark = "__kernel void _kernel_";
        for (size_t at = body.find(mark); at != std::string::npos; at = body.find(mark, at + 1)) {
            const size_t name = at + mark.size() - strlen("_kernel_");
            text += "// .visible .entry " + body.substr(name, body.find('(', name) - name) + "(\n";
        }
        text += body;
    }
    return initialize_kernels(user_context, state, text.c_str(), size);
}
