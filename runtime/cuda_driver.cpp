// Opens the driver's library and asks what it can do.
#include "cuda_driver.h"

#include <dlfcn.h>

#include <cstring>

#include "once.h"
#include "try.h"

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
        Status usable = look_at_devices();
        return usable.ok() ? usable : Status(StatusCode::unusable_variant, "%s", usable.message());
    }

    // Fails if no device is one that kernels run on, with what is said of the first.
    Status look_at_devices() noexcept {
        GLIMPSE_TRY(cuda_status(found, "cuInit", found.init(0)));
        GLIMPSE_TRY(cuda_status(found, "cuDriverGetVersion", found.driver_version(&found.version)));
        GLIMPSE_TRY(cuda_status(found, "cuDeviceGetCount", found.device_count(&found.devices)));
        if (found.devices == 0) {
            return {StatusCode::unusable_variant, "the NVIDIA driver knows no device"};
        }
        GLIMPSE_TRY(cuda_status(found, "cuDeviceGet", found.device(&found.first, 0)));
        const Status of_first = check_capability(found, found.first, &found.major, &found.minor);
        Status last = of_first;
        for (int i = 1; i < found.devices && last.code() == StatusCode::unusable_variant; i++) {
            CUdevice device = 0;
            int major = 0, minor = 0;
            GLIMPSE_TRY(cuda_status(found, "cuDeviceGet", found.device(&device, i)));
            last = check_capability(found, device, &major, &minor);
        }
        return last.code() == StatusCode::unusable_variant ? of_first : last;
    }
};

Once<Probe> the_probe;

}  // namespace

const CudaProbe &cuda_probe() noexcept {
    return the_probe.get();
}

Status cuda_status(const CudaDriver &driver, const char *what, CUresult result) noexcept {
    if (result == cuda_success) {
        return {};
    }
    const char *name = nullptr, *text = nullptr;
    const bool named = driver.error_name(result, &name) == cuda_success && name != nullptr;
    const bool told = driver.error_string(result, &text) == cuda_success && text != nullptr;
    return {result == cuda_out_of_memory ? StatusCode::out_of_memory : StatusCode::device_error,
            "%s failed with CUDA error %d (%s): %s",
            what,
            result,
            named ? name : "unknown",
            told ? text : "the driver has no text for it"};
}

Status check_capability(const CudaDriver &driver, CUdevice device, int *major,
                        int *minor) noexcept {
    const auto find = [&](int *value, int attribute) {
        return cuda_status(driver, "cuDeviceGetAttribute",
                           driver.device_attribute(value, attribute, device));
    };
    GLIMPSE_TRY(find(major, cuda_attribute_major));
    GLIMPSE_TRY(find(minor, cuda_attribute_minor));
    if (*major < cuda_least_major) {
        return Status(StatusCode::unusable_variant,
                      "the device has CUDA capability %d.%d; expected %d.0 or more", *major, *minor,
                      cuda_least_major);
    }
    return {};
}

}  // namespace glimpse
