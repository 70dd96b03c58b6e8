// Walks the list of variants that the build made, from the top.
#include "variants.h"

#include <cstdio>
#include <cstring>

#include "cpu_features.h"
#include "variant_list.h"

// Kernels are C++ functions of the global namespace, so that one of another signature does not
// link.
#define GLIMPSE_EXTRACT_KERNEL(function, bits, output_bits) glimpse::ExtractKernel function;
#define GLIMPSE_CONVERT_KERNEL(function, bits, output_bits) glimpse::ConvertKernel function;
#define GLIMPSE_STATISTICS_KERNEL(function, bits, output_bits) glimpse::StatisticsKernel function;
#include "kernel_list.inc"
#undef GLIMPSE_STATISTICS_KERNEL
#undef GLIMPSE_CONVERT_KERNEL
#undef GLIMPSE_EXTRACT_KERNEL

namespace glimpse {
namespace {

constexpr Kernels kernels[] = {
#include "kernel_table.inc"
};

#define GLIMPSE_COUNT(variant, target) +1
constexpr int variant_count = 0 GLIMPSE_VARIANTS(GLIMPSE_COUNT);
#undef GLIMPSE_COUNT

struct Table {
    Variant variants[variant_count];
    char reasons[variant_count][64];
    char names[128];

    Table() noexcept {
        const CpuFeatures found = cpu_features();
        int i = 0;
        size_t length = 0;
        const auto add = [&](const char *name, const char *target, CpuFeatures needs) {
            const char *missing = name_of_lowest(needs & ~found);
            snprintf(reasons[i], sizeof(reasons[i]),
                     missing == nullptr ? "this machine has all it needs"
                                        : "this processor or operating system offers no %s",
                     missing);
            variants[i] = {name, target, missing == nullptr, reasons[i]};
            snprintf(names + length, sizeof(names) - length, "%s%s", i == 0 ? "" : ", ", name);
            length = strlen(names);
            i++;
        };
#define GLIMPSE_ADD(variant, target) add(#variant, target, needs_##variant);
        GLIMPSE_VARIANTS(GLIMPSE_ADD)
#undef GLIMPSE_ADD
    }
};

const Table &table() noexcept {
    static const Table the_table;
    return the_table;
}

}  // namespace

Span<const Variant> variants() noexcept {
    return table().variants;
}

Status choose_variant(const char *name, ChosenVariant *chosen) noexcept {
    const Table &t = table();
    for (int i = 0; i < variant_count; i++) {
        const Variant &v = t.variants[i];
        if (name == nullptr ? v.usable : strcmp(name, v.name) == 0) {
            if (!v.usable) {
                return {StatusCode::unusable_variant, "variant '%s' cannot run here: %s", name,
                        v.reason};
            }
            *chosen = {&v, &kernels[i]};
            return {};
        }
    }
    if (name == nullptr) {
        return {StatusCode::unusable_variant, "none of the variants %s can run here", t.names};
    }
    return {StatusCode::unknown_variant, "there is no variant '%.40s'; expected one of %s", name,
            t.names};
}

}  // namespace glimpse
