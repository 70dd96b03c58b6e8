// Walks the list of variants that the build made, from the top.
#include "variants.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "cpu_features.h"
#ifdef GLIMPSE_CUDA
#include "cuda_driver.h"
#endif
#include "once.h"
#include "texts.h"
#include "variant_list.h"

// Kernels are C++ functions of the global namespace, so that one of another signature does not
// link.
#define GLIMPSE_KERNEL(generator, function, bits, output_bits) \
    glimpse::KernelTypes::generator function;
#include "kernel_list.inc"
#undef GLIMPSE_KERNEL

namespace glimpse {
namespace {

#include "kernel_table.inc"

#define GLIMPSE_TABLE(variant, target) make_##variant(),
constexpr Kernels kernels[] = {GLIMPSE_VARIANTS(GLIMPSE_TABLE)};
#undef GLIMPSE_TABLE

constexpr DeviceKernels device_kernel_table = make_cuda();
constexpr bool has_device = GLIMPSE_CUDA_TARGET[0] != '\0';

#define GLIMPSE_COUNT(variant, target) +1
constexpr int cpu_count = 0 GLIMPSE_VARIANTS(GLIMPSE_COUNT);
#undef GLIMPSE_COUNT
constexpr int variant_count = cpu_count + (has_device ? 1 : 0);

struct Table {
    Status status;  // whether the variable that hides features can be read
    Variant variants[variant_count];
    char reasons[variant_count][252];  // the length of a Status's message
    NameList names;

    Table() noexcept {
        CpuFeatures hidden = 0;
        status = parse_features(getenv(hide_features_variable), &hidden);
        const CpuFeatures found = cpu_features();
        int i = 0;
        const auto add = [&](const char *name, const char *target, CpuFeatures needs) {
            const char *missing = name_of_lowest(needs & ~found);
            const char *concealed = name_of_lowest(needs & hidden);
            if (missing != nullptr) {
                snprintf(reasons[i], sizeof(reasons[i]),
                         "this processor or operating system offers no %s", missing);
            } else if (concealed != nullptr) {
                snprintf(reasons[i], sizeof(reasons[i]), "the environment variable %s hides %s",
                         hide_features_variable, concealed);
            } else {
                snprintf(reasons[i], sizeof(reasons[i]), "this machine has all it needs");
            }
            variants[i] = {name, target, missing == nullptr && concealed == nullptr, reasons[i]};
            names.add(name);
            i++;
        };
#define GLIMPSE_ADD(variant, target) add(#variant, target, needs_##variant);
        GLIMPSE_VARIANTS(GLIMPSE_ADD)
#undef GLIMPSE_ADD
        if (has_device) {
            variants[i] = {cuda_name, GLIMPSE_CUDA_TARGET, false, reasons[i]};
            names.add(cuda_name);
        }
    }

    // Asks the driver, which takes some tenths of a second, and only if somebody wants to know.
    void probe_device() noexcept {
#ifdef GLIMPSE_CUDA
        const CudaProbe &probe = cuda_probe();
        Variant &v = variants[cpu_count];
        if (probe.status.ok()) {
            const CudaDriver &driver = *probe.driver;
            char device[100] = "without a name";
            (void)driver.device_name(device, sizeof(device), driver.first);
            snprintf(
                reasons[cpu_count], sizeof(reasons[cpu_count]),
                "the driver supports CUDA %d.%d; %d device%s, the first: %.90s, capability %d.%d",
                driver.version / 1000, driver.version % 1000 / 10, driver.devices,
                driver.devices == 1 ? "" : "s", device, driver.major, driver.minor);
        } else {
            snprintf(reasons[cpu_count], sizeof(reasons[cpu_count]), "%s", probe.status.message());
        }
        v.usable = probe.status.ok();
#endif
    }
};

// With what the driver says.
struct ProbedTable : Table {
    ProbedTable() noexcept {
        probe_device();
    }
};

Once<Table> table;
Once<ProbedTable> probed_table;

}  // namespace

Span<const Variant> variants() noexcept {
    return probed_table.get().variants;
}

const DeviceKernels *device_kernels() noexcept {
    return has_device ? &device_kernel_table : nullptr;
}

Status choose_variant(const char *name, ChosenVariant *chosen) noexcept {
    const bool is_device = has_device && name != nullptr && strcmp(name, cuda_name) == 0;
    const Table &t = is_device ? probed_table.get() : table.get();
    if (!t.status.ok()) {
        return {t.status.code(), "the environment variable %s: %s", hide_features_variable,
                t.status.message()};
    }
    for (int i = 0; i < (is_device ? variant_count : cpu_count); i++) {
        const Variant &v = t.variants[i];
        if (name == nullptr ? v.usable : strcmp(name, v.name) == 0) {
            if (!v.usable) {
                return {StatusCode::unusable_variant, "variant '%s' cannot run here: %s", name,
                        v.reason};
            }
            *chosen = {&v, i < cpu_count ? &kernels[i] : nullptr};
            return {};
        }
    }
    if (name == nullptr) {
        return {StatusCode::unusable_variant, "none of the variants %s can run here",
                t.names.text()};
    }
    return {StatusCode::unknown_variant, "there is no variant '%.40s'; expected one of %s", name,
            t.names.text()};
}

}  // namespace glimpse
