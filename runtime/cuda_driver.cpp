// Opens the driver's library and asks what it can do.
#include "cuda_driver.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstring>

namespace glimpse {
namespace {

struct Probe : CudaProbe {
    CudaDriver found;

    Probe() noexcept {
        status = open();
        driver = status.ok() ? &found : nullptr;
    }

    Status open() noexcept {
        // Never closed: drivers do not support that.
        void *const library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr) {
            const char *const error = dlerror();
            return {StatusCode::unusable_variant, "there is no NVIDIA driver: %.150s",
                    error == nullptr ? "libcuda.so.1 could not be opened" : error};
        }
        const char *missing = nullptr;
        const auto find = [&](auto *function, const char *name, bool optional) {
            void *const address = dlsym(library, name);
            memcpy(function, &address, sizeof(address));
            if (*function == nullptr && !optional && missing == nullptr) {
                missing = name;
            }
        };
#define GLIMPSE_CUDA_FIND(member, name, arguments) find(&found.member, name, false);
        GLIMPSE_CUDA_FUNCTIONS(GLIMPSE_CUDA_FIND)
#undef GLIMPSE_CUDA_FIND
        find(&found.stream_context, "cuStreamGetCtx", true);
        find(&found.stream_capturing, "cuStreamIsCapturing", true);
        find(&found.context_id, "cuCtxGetId", true);
        if (missing != nullptr) {
            return {StatusCode::unusable_variant,
                    "the NVIDIA driver is too old, or is none: it has no %s", missing};
        }
        CUresult error = found.init(0);
        if (error != cuda_success) {
            return unusable("cuInit", error);
        }
        error = found.driver_version(&found.version);
        if (error != cuda_success) {
            return unusable("cuDriverGetVersion", error);
        }
        error = found.device_count(&found.devices);
        if (error != cuda_success) {
            return unusable("cuDeviceGetCount", error);
        }
        if (found.devices == 0) {
            return {StatusCode::unusable_variant, "the NVIDIA driver knows no device"};
        }
        int best = 0;
        for (int i = 0; i < found.devices; i++) {
            CUdevice device = 0;
            int major = 0, minor = 0;
            error = found.device(&device, i);
            if (error != cuda_success) {
                return unusable("cuDeviceGet", error);
            }
            error = found.device_attribute(&major, cuda_attribute_major, device);
            if (error == cuda_success) {
                error = found.device_attribute(&minor, cuda_attribute_minor, device);
            }
            if (error != cuda_success) {
                return unusable("cuDeviceGetAttribute", error);
            }
            if (i == 0) {
                found.first = device;
                found.major = major;
                found.minor = minor;
            }
            best = std::max(best, major);
        }
        if (best < cuda_least_major) {
            return Status(StatusCode::unusable_variant,
                          "the device has CUDA capability %d.%d; expected %d.0 or more",
                          found.major, found.minor, cuda_least_major);
        }
        return {};
    }

    Status unusable(const char *what, CUresult error) const noexcept {
        return {StatusCode::unusable_variant, "%s", cuda_failure(found, what, error).message()};
    }
};

}  // namespace

const CudaProbe &cuda_probe() noexcept {
    static const Probe probe;
    return probe;
}

Status cuda_failure(const CudaDriver &driver, const char *what, CUresult error) noexcept {
    const char *name = nullptr, *text = nullptr;
    const bool named = driver.error_name(error, &name) == cuda_success && name != nullptr;
    const bool told = driver.error_string(error, &text) == cuda_success && text != nullptr;
    return {error == cuda_out_of_memory ? StatusCode::out_of_memory : StatusCode::device_error,
            "%s failed with CUDA error %d (%s): %s",
            what,
            error,
            named ? name : "unknown",
            told ? text : "the driver has no text for it"};
}

}  // namespace glimpse
