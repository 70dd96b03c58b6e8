// The CUDA driver as this library uses it: found when a program runs, never linked. Types and
// functions are those of the CUDA Driver API (docs.nvidia.com/cuda/cuda-driver-api), declared here
// so that no toolkit is needed.
#ifndef GLIMPSE_RUNTIME_CUDA_DRIVER_H_
#define GLIMPSE_RUNTIME_CUDA_DRIVER_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "glimpse/status.h"

namespace glimpse {

using CUresult = int;
using CUdevice = int;
using CUdeviceptr = uint64_t;
using CUcontext = struct CUctx_st *;
using CUmodule = struct CUmod_st *;
using CUfunction = struct CUfunc_st *;
using CUstream = struct CUstream_st *;

// What buffers and views hold of device memory.
inline void *pointer_of(CUdeviceptr memory) noexcept {
    void *pointer = nullptr;
    static_assert(sizeof(pointer) == sizeof(memory), "addresses have 64 bits");
    memcpy(&pointer, &memory, sizeof(pointer));
    return pointer;
}

constexpr CUresult cuda_success = 0, cuda_out_of_memory = 2;
constexpr uintptr_t cuda_stream_per_thread = 2;  // a handle that is another stream on each thread
constexpr int cuda_least_major = 5;              // the capability that kernels are compiled for
constexpr int cuda_attribute_major = 75, cuda_attribute_minor = 76;  // of CUdevice_attribute

// CUDA_MEMCPY2D of version 2.
struct CudaCopy2D {
    size_t source_x, source_y;
    unsigned source_type;  // CUmemorytype
    const void *source_host;
    CUdeviceptr source_device;
    void *source_array;
    size_t source_pitch;
    size_t target_x, target_y;
    unsigned target_type;
    void *target_host;
    CUdeviceptr target_device;
    void *target_array;
    size_t target_pitch;
    size_t width_bytes, height;
};
constexpr unsigned cuda_memory_host = 1, cuda_memory_device = 2;

// Every function, with the name by which the driver exports it. All are there since CUDA 7.
#define GLIMPSE_CUDA_FUNCTIONS(X)                                                                \
    X(init, "cuInit", (unsigned flags))                                                          \
    X(driver_version, "cuDriverGetVersion", (int *version))                                      \
    X(error_name, "cuGetErrorName", (CUresult error, const char **name))                         \
    X(error_string, "cuGetErrorString", (CUresult error, const char **text))                     \
    X(device_count, "cuDeviceGetCount", (int *count))                                            \
    X(device, "cuDeviceGet", (CUdevice * device, int ordinal))                                   \
    X(device_name, "cuDeviceGetName", (char *name, int length, CUdevice device))                 \
    X(device_attribute, "cuDeviceGetAttribute", (int *value, int attribute, CUdevice device))    \
    X(primary_retain, "cuDevicePrimaryCtxRetain", (CUcontext * context, CUdevice device))        \
    X(primary_release, "cuDevicePrimaryCtxRelease", (CUdevice device))                           \
    X(context_current, "cuCtxGetCurrent", (CUcontext * context))                                 \
    X(context_device, "cuCtxGetDevice", (CUdevice * device))                                     \
    X(context_push, "cuCtxPushCurrent_v2", (CUcontext context))                                  \
    X(context_pop, "cuCtxPopCurrent_v2", (CUcontext * context))                                  \
    X(module_load, "cuModuleLoadData", (CUmodule * module, const void *image))                   \
    X(module_unload, "cuModuleUnload", (CUmodule module))                                        \
    X(module_function, "cuModuleGetFunction",                                                    \
      (CUfunction * function, CUmodule module, const char *name))                                \
    X(launch, "cuLaunchKernel",                                                                  \
      (CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, \
       unsigned block_y, unsigned block_z, unsigned shared_bytes, CUstream stream,               \
       void **parameters, void **extra))                                                         \
    X(allocate, "cuMemAlloc_v2", (CUdeviceptr * memory, size_t bytes))                           \
    X(free, "cuMemFree_v2", (CUdeviceptr memory))                                                \
    X(upload, "cuMemcpyHtoDAsync_v2",                                                            \
      (CUdeviceptr to, const void *from, size_t bytes, CUstream stream))                         \
    X(download, "cuMemcpyDtoHAsync_v2",                                                          \
      (void *to, CUdeviceptr from, size_t bytes, CUstream stream))                               \
    X(copy_2d, "cuMemcpy2DAsync_v2", (const CudaCopy2D *copy, CUstream stream))                  \
    X(synchronize, "cuStreamSynchronize", (CUstream stream))

struct CudaDriver {
#define GLIMPSE_CUDA_MEMBER(member, name, arguments) CUresult(*member) arguments = nullptr;
    GLIMPSE_CUDA_FUNCTIONS(GLIMPSE_CUDA_MEMBER)
#undef GLIMPSE_CUDA_MEMBER
    // Of newer drivers; may be null.
    CUresult (*stream_context)(CUstream stream, CUcontext *context) = nullptr;
    CUresult (*stream_capturing)(CUstream stream, int *is_capturing) = nullptr;
    CUresult (*context_id)(CUcontext context, unsigned long long *id) = nullptr;

    int version = 0;  // 1000 * major + 10 * minor
    int devices = 0;
    CUdevice first = 0;        // of them
    int major = 0, minor = 0;  // its capability
};

// The driver of this machine, opened and initialised at the first call; any thread. Where it cannot
// be used, `driver` is null and `status` says why, in every call the same.
struct CudaProbe {
    const CudaDriver *driver = nullptr;
    Status status;
};
const CudaProbe &cuda_probe() noexcept;

// What the driver's function `what` says.
Status cuda_status(const CudaDriver &driver, const char *what, CUresult result) noexcept;

// Fails if kernels do not run on a device; finds its capability.
Status check_capability(const CudaDriver &driver, CUdevice device, int *major, int *minor) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_RUNTIME_CUDA_DRIVER_H_
