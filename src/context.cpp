// Contexts: the choice of a variant, and the default context.
#include "glimpse/context.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "call/context_impl.h"
#include "device/device.h"
#include "halide_hooks.h"
#include "once.h"
#include "try.h"
#include "version.h"

namespace glimpse {
namespace {

// Looks at the first byte of each kernel: what lies on the same pages, or is read ahead, is in
// memory then.
void read_code(const Kernels &kernels) noexcept {
    const volatile unsigned char *code[sizeof(Kernels) / sizeof(void *)];
    static_assert(sizeof(code) == sizeof(kernels), "a table of pointers");
    memcpy(&code, &kernels, sizeof(code));
    for (const volatile unsigned char *const kernel : code) {
        if (kernel != nullptr) {
            (void)*kernel;
        }
    }
}

}  // namespace

const char *version() noexcept {
    return GLIMPSE_VERSION;
}

Context::Context(const ContextOptions &options) noexcept {
    static_assert(sizeof(Impl) <= sizeof(storage_), "Context::storage_ is too small");
    static_assert(alignof(Impl) <= 16, "Context::storage_ is not aligned enough");
#ifdef GLIMPSE_CHECKED_KERNELS
    install_halide_hooks();
#endif
    impl_ = new (storage_) Impl(options.cuda_context, options.cuda_stream);
    impl_->executor = options.executor;
    const char *const only_pure = getenv("GLIMPSE_ONLY_PURE");
    impl_->only_pure = only_pure != nullptr && strcmp(only_pure, "1") == 0;
    const char *environment = options.variant == nullptr ? getenv("GLIMPSE_VARIANT") : nullptr;
    if (environment != nullptr && environment[0] == '\0') {
        environment = nullptr;
    }
    const char *const wanted = environment != nullptr ? environment : options.variant;
    impl_->status = choose_variant(wanted, &impl_->chosen);
    if (environment != nullptr && !impl_->status.ok()) {
        impl_->status = {impl_->status.code(), "the environment variable GLIMPSE_VARIANT: %s",
                         impl_->status.message()};
    }
    if (impl_->status.ok()) {
        impl_->status = check_stream(options.cuda_stream);
    }
    impl_->host = impl_->chosen;
    if (impl_->status.ok() && impl_->stages()) {
        impl_->status = choose_variant(nullptr, &impl_->host);
    }
}

Context::~Context() {
    impl_->~Impl();
}

Status Context::status() const noexcept {
    return impl_->status;
}

const Variant *Context::variant() const noexcept {
    return impl_->chosen.variant;
}

Status Context::warm_up() noexcept {
    GLIMPSE_TRY(impl_->status);
    read_code(*impl_->host.kernels);
    const Executor &executor = impl_->executor;
    if (executor.parallel_for != nullptr) {
        executor.parallel_for(
            executor.state, executor.width, [](void *, int64_t) {}, nullptr);
    }
    return has_device() ? load_device_kernels(*impl_) : Status();
}

Status Context::synchronize() noexcept {
    return impl_->status.ok() ? synchronize_device(*impl_) : impl_->status;
}

Status Context::reserve(int calls) noexcept {
    if (calls < 0) {
        return {StatusCode::invalid_value, "reserve() of %d calls; expected 0 or more", calls};
    }
    // Tasks of one call may have overlapped less than they will.
    const int64_t tasks = std::max(impl_->executor.width, 1);
    return impl_->status.ok() ? impl_->scratch.reserve(calls * tasks) : impl_->status;
}

// It is never destroyed, so that whatever runs at exit can use it; but a library that is unloaded
// leaves no memory behind.
namespace {

Once<Context> the_default_context;

__attribute__((destructor)) void free_scratch() {
    if (Context *const context = the_default_context.made(); context != nullptr) {
        context->impl().scratch.free_all();
    }
}

}  // namespace

Context &default_context() noexcept {
    return the_default_context.get();
}

}  // namespace glimpse
