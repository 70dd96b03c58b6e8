// Contexts: the choice of a variant, and the default context.
#include "glimpse/context.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "call/context_impl.h"
#include "device/device.h"
#include "halide_hooks.h"
#include "version.h"

namespace glimpse {

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
    return impl_->status.ok() ? load_device_kernels(*impl_) : impl_->status;
}

Status Context::synchronize() noexcept {
    return impl_->status.ok() ? synchronize_device(*impl_) : impl_->status;
}

Context &default_context() noexcept {
    // Never destroyed, so that it can be used by whatever runs at exit.
    alignas(Context) static unsigned char memory[sizeof(Context)];
    static Context *const context = new (memory) Context;
    return *context;
}

}  // namespace glimpse
