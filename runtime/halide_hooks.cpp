// The hooks are those of the runtime in this archive: its symbols are renamed when the library is
// made, so an application's own Halide keeps its own.
#include "halide_hooks.h"

#include <HalideRuntime.h>

#include <cstdio>

namespace glimpse {
namespace {

void keep_error(void *user_context, const char *text) {
    auto *error = static_cast<CallError *>(user_context);
    if (error != nullptr) {
        snprintf(error->text, sizeof(error->text), "%s", text);
    }
}

void print_nothing(void *, const char *) {
}

}  // namespace

void install_halide_hooks() noexcept {
    static const bool installed = [] {
        halide_set_error_handler(keep_error);
        halide_set_custom_print(print_nothing);
        return true;
    }();
    (void)installed;
}

}  // namespace glimpse
