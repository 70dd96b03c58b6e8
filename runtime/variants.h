// The table of variants: which were built, which this machine can run, and their kernels.
#ifndef GLIMPSE_RUNTIME_VARIANTS_H_
#define GLIMPSE_RUNTIME_VARIANTS_H_

#include "glimpse/context.h"
#include "kernels.h"

namespace glimpse {

// A variant that has been chosen; both null if none.
struct ChosenVariant {
    const Variant *variant = nullptr;
    const Kernels *kernels = nullptr;
};

// Chooses the variant called `name`; null: the best usable one. One that is not there or that
// cannot run is an error.
Status choose_variant(const char *name, ChosenVariant *chosen) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_RUNTIME_VARIANTS_H_
