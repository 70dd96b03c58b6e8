// How kernels that check their arguments report errors: CallError, and the hooks of the Halide
// runtime that these, and only these, need (GLIMPSE_CHECKED_KERNELS).
#ifndef GLIMPSE_RUNTIME_HALIDE_HOOKS_H_
#define GLIMPSE_RUNTIME_HALIDE_HOOKS_H_

namespace glimpse {

// What kernels get as `user_context`: where the text of an error is kept until the call returns.
struct CallError {
    char text[200];

    CallError() noexcept {
        text[0] = '\0';  // the rest is written only if there is an error
    }
};

// Makes kernels report errors through CallError, and never print or abort. Cheap after the first
// call; any thread.
void install_halide_hooks() noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_RUNTIME_HALIDE_HOOKS_H_
