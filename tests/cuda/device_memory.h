// Device memory for tests, of a real device or of the mock, by way of the driver.
#ifndef GLIMPSE_TESTS_CUDA_DEVICE_MEMORY_H_
#define GLIMPSE_TESTS_CUDA_DEVICE_MEMORY_H_

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "cuda/mock_driver.h"
#include "glimpse/glimpse.h"
#include "runtime/cuda_driver.h"

// The mock, where it is the driver; null where a real one is.
inline MockCuda *mock() {
    static MockCuda *const found = [] {
        void *const library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
        void *const function = library == nullptr ? nullptr : dlsym(library, "mock_cuda");
        return function == nullptr ? nullptr : reinterpret_cast<MockCuda *(*)()>(function)();
    }();
    return found;
}

inline const glimpse::CudaDriver &driver() {
    return *glimpse::cuda_probe().driver;
}

// Fails a test's set-up, not its subject.
inline void must(glimpse::CUresult error) {
    if (error != glimpse::cuda_success) {
        ADD_FAILURE() << "the driver failed with error " << error;
        std::abort();
    }
}

// The primary context of device 0 is current as long as this lives.
class PrimaryContext {
public:
    PrimaryContext() {
        must(driver().device(&device_, 0));
        must(driver().primary_retain(&context_, device_));
        must(driver().context_push(context_));
    }
    ~PrimaryContext() {
        glimpse::CUcontext popped = nullptr;
        must(driver().context_pop(&popped));
        must(driver().primary_release(device_));
    }
    PrimaryContext(const PrimaryContext &) = delete;
    PrimaryContext &operator=(const PrimaryContext &) = delete;

private:
    glimpse::CUdevice device_ = 0;
    glimpse::CUcontext context_ = nullptr;
};

// A copy of some memory of the host, with the same alignment.
class DeviceCopy {
public:
    DeviceCopy(const void *memory, size_t size)
        : host_(reinterpret_cast<uintptr_t>(memory)), size_(size) {
        const size_t shift = host_ % 256;
        must(driver().allocate(&allocated_, size + shift + 1));
        device_ = allocated_ + shift;
        if (size > 0) {
            must(driver().upload(device_, memory, size, nullptr));
        }
    }
    template<typename T>
    explicit DeviceCopy(const std::vector<T> &elements)
        : DeviceCopy(elements.data(), elements.size() * sizeof(T)) {
    }
    ~DeviceCopy() {
        must(driver().free(allocated_));
    }
    DeviceCopy(const DeviceCopy &) = delete;
    DeviceCopy &operator=(const DeviceCopy &) = delete;

    // Where the copy of what lies at `host` lies.
    template<typename T>
    T *at(T *host) const {
        return reinterpret_cast<T *>(device_ + (reinterpret_cast<uintptr_t>(host) - host_));
    }
    template<typename View>
    View view(const View &host) const {
        View view = host.on(glimpse::Memory::cuda);
        view.data = at(view.data);
        return view;
    }
    // Brings it all back, when the stream is done with it.
    void fetch(void *memory) const {
        if (size_ > 0) {
            must(driver().download(memory, device_, size_, nullptr));
        }
        must(driver().synchronize(nullptr));
    }

private:
    uintptr_t host_;
    size_t size_;
    glimpse::CUdeviceptr allocated_ = 0, device_ = 0;
};

// A vector whose elements are on the device.
template<typename T>
class DeviceVector {
public:
    explicit DeviceVector(const std::vector<T> &elements)
        : copy_(elements), data_(copy_.at(elements.data())), size_(elements.size()) {
    }
    glimpse::Span<const T> span() const {
        return glimpse::Span<const T>(data_, size_).on(glimpse::Memory::cuda);
    }
    glimpse::Span<T> span_to_write() const {
        return glimpse::Span<T>(const_cast<T *>(data_), size_).on(glimpse::Memory::cuda);
    }
    std::vector<T> fetch() const {
        std::vector<T> result(size_);
        copy_.fetch(result.data());
        return result;
    }

private:
    DeviceCopy copy_;
    const T *data_;
    size_t size_;
};

#endif  // GLIMPSE_TESTS_CUDA_DEVICE_MEMORY_H_
