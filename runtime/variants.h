// The table of variants: which were built, which this machine can run, and their kernels.
#ifndef GLIMPSE_RUNTIME_VARIANTS_H_
#define GLIMPSE_RUNTIME_VARIANTS_H_

#include "glimpse/context.h"
#include "kernels.h"

namespace glimpse {

// The variant for devices.
constexpr const char *cuda_name = "cuda";

// A variant that has been chosen; both null if none.
struct ChosenVariant {
    const Variant *variant = nullptr;
    const Kernels *kernels = nullptr;  // null for that for devices
};

// Null if the variant for devices was not built.
const DeviceKernels *device_kernels() noexcept;

// Chooses the variant called `name`; null: the best usable one for this processor. One that is not
// there or that cannot run is an error.
Status choose_variant(const char *name, ChosenVariant *chosen) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_RUNTIME_VARIANTS_H_
