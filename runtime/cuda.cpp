// Contexts, memory, copies and kernels of CUDA, for one call at a time.
#include "cuda.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "try.h"

namespace glimpse {
namespace {

constexpr size_t alignment = 256;
constexpr int most_modules = 128;
constexpr int most_kernels = 4;  // of a module

// Text of a module before the name of each kernel.
constexpr char entry[] = ".visible .entry ";

struct Kernel {
    const char *name;  // in the text of the module, up to the parenthesis
    size_t length;
    const char *known_as;  // the last pointer that it was asked for by
    CUfunction function;
};

struct Module {
    CUmodule module = nullptr;
    int kernel_count = 0;
    Kernel kernels[most_kernels] = {};
};

}  // namespace

// The kernels that were loaded in one CUDA context; shared by all states that use it.
struct CudaModules {
    CUcontext context;
    unsigned long long id;  // contexts may be destroyed, and others made at the same address
    int references;
    CudaModules *next;
    std::mutex mutex;
    Module *by_number[most_modules] = {};

    ~CudaModules() {
        for (Module *&module : by_number) {
            delete module;
        }
    }
};

// A piece of device memory that is kept.
struct DeviceBlock {
    CUdeviceptr memory;
    size_t size;
    DeviceBlock *next;
};

// What a state keeps in one CUDA context.
struct CudaMemory {
    CUcontext context;
    unsigned long long id;
    CudaModules *modules;
    DeviceBlock *blocks = nullptr;  // in the order in which a call uses them
    DeviceBlock *block = nullptr;   // the one in use, null: none yet
    size_t used = 0;                // of it
    CudaMemory *next = nullptr;
};

namespace {

// Finds the kernels of a module, whose text is `source`.
Status find_kernels(const CudaDriver &driver, const char *source, Module *module) noexcept {
    for (const char *at = source; (at = strstr(at, entry)) != nullptr;) {
        at += sizeof(entry) - 1;
        const size_t length = strcspn(at, "(");
        char name[256];
        if (module->kernel_count == most_kernels || length >= sizeof(name)) {
            return {StatusCode::internal, "a module has too many kernels, or too long a name"};
        }
        memcpy(name, at, length);
        name[length] = '\0';
        Kernel &kernel = module->kernels[module->kernel_count++];
        kernel = {at, length, nullptr, nullptr};
        GLIMPSE_TRY(cuda_status(driver, "cuModuleGetFunction",
                                driver.module_function(&kernel.function, module->module, name)));
    }
    return {};
}

// All CudaModules of the process.
std::mutex modules_mutex;
CudaModules *all_modules = nullptr;

CudaModules *retain_modules(CUcontext context, unsigned long long id) noexcept {
    const std::lock_guard<std::mutex> lock(modules_mutex);
    for (CudaModules *m = all_modules; m != nullptr; m = m->next) {
        if (m->context == context && m->id == id) {
            m->references++;
            return m;
        }
    }
    auto *const m = new (std::nothrow) CudaModules{context, id, 1, all_modules, {}, {}};
    if (m != nullptr) {
        all_modules = m;
    }
    return m;
}

// `is_there`: their context is current; else it is no more, and they with it.
void release_modules(const CudaDriver &driver, CudaModules *modules, bool is_there) noexcept {
    const std::lock_guard<std::mutex> lock(modules_mutex);
    if (--modules->references > 0) {
        return;
    }
    CudaModules **link = &all_modules;
    while (*link != modules) {
        link = &(*link)->next;
    }
    *link = modules->next;
    for (Module *module : modules->by_number) {
        if (module != nullptr && is_there) {
            (void)driver.module_unload(module->module);
        }
    }
    delete modules;
}

unsigned long long id_of(const CudaDriver &driver, CUcontext context) noexcept {
    unsigned long long id = 0;
    if (driver.context_id == nullptr || driver.context_id(context, &id) != cuda_success) {
        id = 0;
    }
    return id;
}

// The context of some memory is current as long as this lives, if there still is one.
class Pushed {
public:
    Pushed(const CudaDriver &driver, const CudaMemory &memory) noexcept
        : driver_(driver), pushed_(driver.context_push(memory.context) == cuda_success),
          ok_(pushed_ && id_of(driver, memory.context) == memory.id) {
    }
    ~Pushed() {
        CUcontext popped = nullptr;
        if (pushed_) {
            (void)driver_.context_pop(&popped);
        }
    }
    Pushed(const Pushed &) = delete;
    Pushed &operator=(const Pushed &) = delete;
    bool ok() const noexcept {
        return ok_;
    }

private:
    const CudaDriver &driver_;
    bool pushed_, ok_;
};

}  // namespace

CudaState::CudaState(void *context, void *stream) noexcept
    : context_(static_cast<CUcontext>(context)), stream_(static_cast<CUstream>(stream)) {
}

CudaState::~CudaState() {
    if (memories_ == nullptr && primary_ == nullptr) {
        return;
    }
    const CudaDriver &driver = *cuda_probe().driver;
    while (memories_ != nullptr) {
        CudaMemory *const m = memories_;
        memories_ = m->next;
        // Nothing is left of a context that was destroyed or reset.
        const Pushed pushed(driver, *m);
        if (pushed.ok() && m->blocks != nullptr) {
            (void)driver.synchronize(stream_);
        }
        while (m->blocks != nullptr) {
            DeviceBlock *const block = m->blocks;
            m->blocks = block->next;
            if (pushed.ok()) {
                (void)driver.free(block->memory);
            }
            delete block;
        }
        release_modules(driver, m->modules, pushed.ok());
        delete m;
    }
    if (primary_ != nullptr) {
        (void)driver.primary_release(primary_device_);
    }
}

Status CudaState::synchronize() noexcept {
    CudaMemory *first = nullptr;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        first = memories_;  // others are put in front of it
    }
    Status status;
    for (const CudaMemory *m = first; m != nullptr; m = m->next) {
        const CudaDriver &driver = *cuda_probe().driver;
        const Pushed pushed(driver, *m);
        if (pushed.ok()) {
            const CUresult result = driver.synchronize(stream_);  // of every context, come what may
            status = status.ok() ? cuda_status(driver, "cuStreamSynchronize", result) : status;
        }
    }
    return status;
}

CudaCall::CudaCall(CudaState &state) noexcept : state_(state), lock_(state.mutex_) {
    status_ = begin();
}

CudaCall::~CudaCall() {
    CUcontext popped = nullptr;
    if (pushed_) {
        (void)driver_->context_pop(&popped);
    }
}

template<typename Function>
void CudaCall::call_driver(const char *what, const Function &function) noexcept {
    if (status_.ok()) {
        status_ = cuda_status(*driver_, what, function());
    }
}

// The caller's context, the stream's, the thread's, or the primary one of the first device.
Status CudaCall::find_context(CUcontext *context) noexcept {
    const CudaDriver &driver = *driver_;
    *context = state_.context_;
    if (*context == nullptr && state_.stream_ != nullptr && driver.stream_context != nullptr) {
        GLIMPSE_TRY(
            cuda_status(driver, "cuStreamGetCtx", driver.stream_context(state_.stream_, context)));
    }
    if (*context == nullptr) {
        GLIMPSE_TRY(cuda_status(driver, "cuCtxGetCurrent", driver.context_current(context)));
    }
    if (*context == nullptr && state_.primary_ == nullptr) {
        GLIMPSE_TRY(cuda_status(driver, "cuDeviceGet", driver.device(&state_.primary_device_, 0)));
        CUcontext primary = nullptr;
        GLIMPSE_TRY(cuda_status(driver, "cuDevicePrimaryCtxRetain",
                                driver.primary_retain(&primary, state_.primary_device_)));
        state_.primary_ = primary;
    }
    *context = *context == nullptr ? state_.primary_ : *context;
    return {};
}

// What the state keeps in the context, which is current.
Status CudaCall::find_memory(CUcontext context) noexcept {
    const CudaDriver &driver = *driver_;
    const unsigned long long id = id_of(driver, context);
    for (memory_ = state_.memories_; memory_ != nullptr; memory_ = memory_->next) {
        if (memory_->context == context && memory_->id == id) {
            memory_->block = nullptr;
            return {};
        }
    }
    CUdevice device = 0;
    int major = 0, minor = 0;
    GLIMPSE_TRY(cuda_status(driver, "cuCtxGetDevice", driver.context_device(&device)));
    GLIMPSE_TRY(check_capability(driver, device, &major, &minor));
    CudaModules *const modules = retain_modules(context, id);
    memory_ = modules == nullptr ? nullptr : new (std::nothrow) CudaMemory{context, id, modules};
    if (memory_ == nullptr) {
        if (modules != nullptr) {
            release_modules(driver, modules, true);
        }
        return {StatusCode::out_of_memory, "memory for a CUDA context could not be allocated"};
    }
    memory_->next = state_.memories_;
    state_.memories_ = memory_;
    return {};
}

Status CudaCall::begin() noexcept {
    const CudaProbe &probe = cuda_probe();
    GLIMPSE_TRY(probe.status);
    driver_ = probe.driver;
    CUcontext context = nullptr;
    GLIMPSE_TRY(find_context(&context));
    GLIMPSE_TRY(cuda_status(*driver_, "cuCtxPushCurrent", driver_->context_push(context)));
    pushed_ = true;
    // What a call uploads would be read when a graph is launched, long after the call.
    int is_capturing = 0;
    if (driver_->stream_capturing != nullptr) {
        GLIMPSE_TRY(cuda_status(*driver_, "cuStreamIsCapturing",
                                driver_->stream_capturing(state_.stream_, &is_capturing)));
    }
    if (is_capturing != 0) {
        return {StatusCode::invalid_value,
                "the stream is being captured to a graph; calls cannot be part of one"};
    }
    return find_memory(context);
}

CUdeviceptr CudaCall::memory(size_t bytes) noexcept {
    if (!status_.ok()) {
        return 0;
    }
    CudaMemory &m = *memory_;
    const size_t wanted = (bytes + alignment - 1) / alignment * alignment;
    if (wanted < bytes) {
        status_ = {StatusCode::out_of_memory, "%zu bytes of device memory are too many", bytes};
        return 0;
    }
    for (;;) {
        if (m.block != nullptr && wanted <= m.block->size - m.used) {
            const CUdeviceptr memory = m.block->memory + m.used;
            m.used += wanted;
            return memory;
        }
        DeviceBlock **const next = m.block == nullptr ? &m.blocks : &m.block->next;
        if (*next == nullptr) {
            // Twice as large as the one before, but for the largest.
            constexpr size_t least = 64 << 10, most = 16 << 20;
            const size_t twice = m.block == nullptr ? least : std::min(2 * m.block->size, most);
            auto *const added = new (std::nothrow) DeviceBlock{0, std::max(wanted, twice), nullptr};
            if (added == nullptr) {
                status_ = {StatusCode::out_of_memory,
                           "memory for a block of device memory could not be allocated"};
                return 0;
            }
            call_driver("cuMemAlloc",
                        [&] { return driver_->allocate(&added->memory, added->size); });
            if (!status_.ok()) {
                delete added;
                return 0;
            }
            *next = added;
        }
        m.block = *next;
        m.used = 0;
    }
}

void CudaCall::upload(CUdeviceptr to, const void *from, size_t bytes) noexcept {
    // The driver stages what is pageable. Of more than 64 KiB it may wait for the stream before it
    // does (CUDA C++ Programming Guide, asynchronous concurrent execution).
    constexpr size_t piece = 64 << 10;
    for (size_t done = 0; status_.ok() && done < bytes; done += piece) {
        upload_at_once(to + done, static_cast<const char *>(from) + done,
                       std::min(piece, bytes - done));
    }
}

void CudaCall::upload_at_once(CUdeviceptr to, const void *from, size_t bytes) noexcept {
    call_driver("cuMemcpyHtoDAsync", [&] {
        return bytes == 0 ? cuda_success : driver_->upload(to, from, bytes, state_.stream_);
    });
}

void CudaCall::download(void *to, CUdeviceptr from, size_t bytes) noexcept {
    call_driver("cuMemcpyDtoHAsync", [&] {
        return bytes == 0 ? cuda_success : driver_->download(to, from, bytes, state_.stream_);
    });
}

void CudaCall::copy_2d(const CudaCopy2D &copy) noexcept {
    call_driver("cuMemcpy2DAsync", [&] { return driver_->copy_2d(&copy, state_.stream_); });
}

void CudaCall::synchronize() noexcept {
    call_driver("cuStreamSynchronize", [&] { return driver_->synchronize(state_.stream_); });
}

void CudaCall::check(int code) noexcept {
    if (code != 0 && !only_loads_ && status_.ok()) {
        status_ = {StatusCode::internal, "a kernel failed with code %d: %s", code, text};
    }
}

bool CudaCall::begin_kernel(int number, const char *source) noexcept {
    if (!status_.ok()) {
        return false;
    }
    CudaModules &modules = *memory_->modules;
    const std::lock_guard<std::mutex> lock(modules.mutex);
    if (number >= most_modules) {
        status_ = {StatusCode::internal, "there are more than %d modules", most_modules};
        return false;
    }
    if (modules.by_number[number] == nullptr) {
        auto *const loaded = new (std::nothrow) Module;
        if (loaded == nullptr) {
            status_ = {StatusCode::out_of_memory, "memory for a module could not be allocated"};
            return false;
        }
        call_driver("cuModuleLoadData",
                    [&] { return driver_->module_load(&loaded->module, source); });
        if (status_.ok()) {
            status_ = find_kernels(*driver_, source, loaded);
            if (!status_.ok()) {
                (void)driver_->module_unload(loaded->module);
            }
        }
        if (!status_.ok()) {
            delete loaded;
            return false;
        }
        modules.by_number[number] = loaded;
    }
    return !only_loads_;
}

bool CudaCall::launch(int number, const char *name, const int (&blocks)[3], const int (&threads)[3],
                      int shared_bytes, void **arguments) noexcept {
    // Kernels without checks go on if they could not begin.
    if (!status_.ok() || only_loads_) {
        return false;
    }
    CUfunction function = nullptr;
    {
        CudaModules &modules = *memory_->modules;
        const std::lock_guard<std::mutex> lock(modules.mutex);
        Module &module = *modules.by_number[number];
        for (int i = 0; i < module.kernel_count; i++) {
            Kernel &kernel = module.kernels[i];
            if (kernel.known_as == name ||
                (strlen(name) == kernel.length && memcmp(name, kernel.name, kernel.length) == 0)) {
                kernel.known_as = name;
                function = kernel.function;
                break;
            }
        }
    }
    if (function == nullptr) {
        status_ = {StatusCode::internal, "there is no kernel %.80s", name};
        return false;
    }
    call_driver("cuLaunchKernel", [&] {
        return driver_->launch(function, unsigned(blocks[0]), unsigned(blocks[1]),
                               unsigned(blocks[2]), unsigned(threads[0]), unsigned(threads[1]),
                               unsigned(threads[2]), unsigned(shared_bytes), state_.stream_,
                               arguments, nullptr);
    });
    return status_.ok();
}

}  // namespace glimpse
