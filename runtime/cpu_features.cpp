// Reads CPUID and XCR0, or what Linux tells of an ARM processor. Bit numbers: Intel 64 and IA-32
// Architectures Software Developer's Manual, volume 2A, CPUID, and volume 1, section 13.3 (XCR0);
// Linux, arch/arm64/include/uapi/asm/hwcap.h and Documentation/arch/arm64/sve.rst.
#include "cpu_features.h"

#include <cstring>
#include <iterator>
#include <strings.h>

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#include <sys/prctl.h>
#endif

#include "texts.h"

namespace glimpse {
namespace {

constexpr const char *names[] = {
    "SSE3",     "SSSE3",    "SSE4.1",   "SSE4.2",   "POPCNT", "AVX",  "F16C",
    "FMA",      "MOVBE",    "LZCNT",    "BMI1",     "BMI2",   "AVX2", "AVX512F",
    "AVX512CD", "AVX512BW", "AVX512DQ", "AVX512VL", "FP16",   "SVE2", "SVE vectors of 128 bits",
};

// Those that a processor of this family can have.
#if defined(__aarch64__)
constexpr CpuFeatures family_features = feature_fp16 | feature_sve2 | feature_sve_128;
#else
constexpr CpuFeatures family_features = feature_fp16 - 1;
#endif

constexpr uint64_t xcr0_sse_avx = 0x6;  // XMM and the upper halves of YMM
constexpr uint64_t xcr0_avx512 = 0xe6;  // and mask registers, upper halves and upper ZMM

#if defined(__x86_64__)
class MachineCpuid final : public Cpuid {
public:
    Registers leaf(uint32_t leaf, uint32_t subleaf) const override {
        Registers r;
        __get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx);
        return r;
    }
    uint64_t xcr0() const override {
        uint32_t low = 0, high = 0;
        __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
        return uint64_t(high) << 32 | low;
    }
};
#elif defined(__aarch64__)
class MachineHwcap final : public Hwcap {
public:
    uint64_t hwcap() const override {
        return getauxval(AT_HWCAP);
    }
    uint64_t hwcap2() const override {
        return getauxval(AT_HWCAP2);
    }
    int sve_vector_bytes() const override {
        const int answer = prctl(PR_SVE_GET_VL);
        return answer < 0 ? answer : answer & PR_SVE_VL_LEN_MASK;
    }
};
#endif

}  // namespace

const char *name_of_lowest(CpuFeatures features) {
    for (const char *const &name : names) {
        if (features >> (&name - names) & 1) {
            return name;
        }
    }
    return nullptr;
}

Status parse_features(const char *list, CpuFeatures *features) {
    *features = 0;
    for (const char *name = list; name != nullptr && *name != '\0';) {
        const size_t length = strcspn(name, ",");
        if (length == 0) {
            name++;
            continue;
        }
        size_t i = 0;
        while (i < std::size(names) &&
               (strlen(names[i]) != length || strncasecmp(names[i], name, length) != 0)) {
            i++;
        }
        if (i == std::size(names)) {
            NameList known;
            for (CpuFeatures rest = family_features; rest != 0; rest &= rest - 1) {
                known.add(name_of_lowest(rest));
            }
            return Status(StatusCode::unknown_enumerator,
                          "there is no feature '%.*s'; expected a list of %s",
                          static_cast<int>(length < 20 ? length : 20), name, known.text());
        }
        *features |= CpuFeatures(1) << i;
        name += length;
    }
    return {};
}

CpuFeatures x86_features(const Cpuid &cpuid) {
    CpuFeatures found = 0;
    const auto add = [&found](uint32_t source, int bit, CpuFeatures feature) {
        if (source >> bit & 1) {
            found |= feature;
        }
    };

    const uint32_t highest_leaf = cpuid.leaf(0, 0).eax;
    if (highest_leaf < 1) {
        return 0;
    }
    const uint32_t ecx = cpuid.leaf(1, 0).ecx;
    add(ecx, 0, feature_sse3);
    add(ecx, 9, feature_ssse3);
    add(ecx, 19, feature_sse41);
    add(ecx, 20, feature_sse42);
    add(ecx, 22, feature_movbe);
    add(ecx, 23, feature_popcnt);
    if (cpuid.leaf(0x80000000u, 0).eax >= 0x80000001u) {
        add(cpuid.leaf(0x80000001u, 0).ecx, 5, feature_lzcnt);
    }
    const Cpuid::Registers leaf7 = highest_leaf >= 7 ? cpuid.leaf(7, 0) : Cpuid::Registers();
    add(leaf7.ebx, 3, feature_bmi1);
    add(leaf7.ebx, 8, feature_bmi2);

    const bool has_xgetbv = (ecx >> 27 & 1) != 0;
    const uint64_t saved = has_xgetbv ? cpuid.xcr0() : 0;
    if ((saved & xcr0_sse_avx) == xcr0_sse_avx) {
        add(ecx, 12, feature_fma);
        add(ecx, 28, feature_avx);
        add(ecx, 29, feature_f16c);
        add(leaf7.ebx, 5, feature_avx2);
    }
    if ((saved & xcr0_avx512) == xcr0_avx512) {
        add(leaf7.ebx, 16, feature_avx512f);
        add(leaf7.ebx, 17, feature_avx512dq);
        add(leaf7.ebx, 28, feature_avx512cd);
        add(leaf7.ebx, 30, feature_avx512bw);
        add(leaf7.ebx, 31, feature_avx512vl);
    }
    return found;
}

CpuFeatures arm_features(const Hwcap &hwcap) {
    constexpr uint64_t asimdhp = 1u << 10, sve = 1u << 22;  // of AT_HWCAP
    constexpr uint64_t sve2 = 1u << 1;                      // of AT_HWCAP2
    CpuFeatures found = 0;
    const uint64_t word = hwcap.hwcap();
    if ((word & asimdhp) != 0) {
        found |= feature_fp16;
    }
    if ((word & sve) != 0) {
        if ((hwcap.hwcap2() & sve2) != 0) {
            found |= feature_sve2;
        }
        if (hwcap.sve_vector_bytes() == 16) {
            found |= feature_sve_128;
        }
    }
    return found;
}

CpuFeatures cpu_features() {
#if defined(__x86_64__)
    return x86_features(MachineCpuid());
#elif defined(__aarch64__)
    return arm_features(MachineHwcap());
#else
    return 0;
#endif
}

}  // namespace glimpse
