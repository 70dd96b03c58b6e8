// What the processor can do and the operating system lets it do, and what each variant needs of
// that.
#ifndef GLIMPSE_RUNTIME_CPU_FEATURES_H_
#define GLIMPSE_RUNTIME_CPU_FEATURES_H_

#include <cstdint>

#include "glimpse/status.h"

namespace glimpse {

// A set of features, as bits.
using CpuFeatures = uint32_t;

constexpr CpuFeatures feature_sse3 = 1u << 0;
constexpr CpuFeatures feature_ssse3 = 1u << 1;
constexpr CpuFeatures feature_sse41 = 1u << 2;
constexpr CpuFeatures feature_sse42 = 1u << 3;
constexpr CpuFeatures feature_popcnt = 1u << 4;
constexpr CpuFeatures feature_avx = 1u << 5;
constexpr CpuFeatures feature_f16c = 1u << 6;
constexpr CpuFeatures feature_fma = 1u << 7;
constexpr CpuFeatures feature_movbe = 1u << 8;
constexpr CpuFeatures feature_lzcnt = 1u << 9;
constexpr CpuFeatures feature_bmi1 = 1u << 10;
constexpr CpuFeatures feature_bmi2 = 1u << 11;
constexpr CpuFeatures feature_avx2 = 1u << 12;
constexpr CpuFeatures feature_avx512f = 1u << 13;
constexpr CpuFeatures feature_avx512cd = 1u << 14;
constexpr CpuFeatures feature_avx512bw = 1u << 15;
constexpr CpuFeatures feature_avx512dq = 1u << 16;
constexpr CpuFeatures feature_avx512vl = 1u << 17;

// Of 64-bit ARM, whose processors all have NEON.
constexpr CpuFeatures feature_fp16 = 1u << 18;     // arithmetic of halves in vectors
constexpr CpuFeatures feature_sve2 = 1u << 19;     // SVE2, vectors of any length
constexpr CpuFeatures feature_sve_128 = 1u << 20;  // SVE vectors have 128 bits

// What the kernels of a variant may use: the Halide features of its target, and what the processor
// that LLVM takes for it implies (AVX2: haswell; AVX-512: skylake-avx512).
constexpr CpuFeatures needs_x86_64 = 0;
constexpr CpuFeatures needs_sse41 = feature_sse3 | feature_ssse3 | feature_sse41;
constexpr CpuFeatures needs_avx2 = needs_sse41 | feature_sse42 | feature_popcnt | feature_avx |
                                   feature_f16c | feature_fma | feature_movbe | feature_lzcnt |
                                   feature_bmi1 | feature_bmi2 | feature_avx2;
constexpr CpuFeatures needs_avx512 = needs_avx2 | feature_avx512f | feature_avx512cd |
                                     feature_avx512bw | feature_avx512dq | feature_avx512vl;
constexpr CpuFeatures needs_arm64 = 0;
// These two are not built, as neither is faster (HACKING.md has the figures).
constexpr CpuFeatures needs_arm64_fp16 = needs_arm64 | feature_fp16;
constexpr CpuFeatures needs_sve2 = needs_arm64_fp16 | feature_sve2 | feature_sve_128;

// Returns the name of the lowest feature in the set, such as "AVX2"; null for an empty set.
const char *name_of_lowest(CpuFeatures features);

// Reads names separated by commas, such as "AVX512F,avx2", in upper or lower case. Null or an empty
// text is the empty set; a name that no feature has is an error.
Status parse_features(const char *names, CpuFeatures *features);

// Where x86 features are read from. Tests replace the machine by tables.
class Cpuid {
public:
    struct Registers {
        uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
    };
    virtual Registers leaf(uint32_t leaf, uint32_t subleaf) const = 0;
    // The register states that the operating system saves; called only if CPUID says it can be
    // read.
    virtual uint64_t xcr0() const = 0;

protected:
    ~Cpuid() = default;
};

// Features as `cpuid` tells them. Those whose registers the operating system does not save are
// absent.
CpuFeatures x86_features(const Cpuid &cpuid);

// Where ARM features are read from: what the kernel tells every program. Tests replace it by
// tables.
class Hwcap {
public:
    virtual uint64_t hwcap() const = 0;   // AT_HWCAP of the auxiliary vector
    virtual uint64_t hwcap2() const = 0;  // AT_HWCAP2
    // Bytes of an SVE vector of this thread; called only if the kernel says that there is SVE. A
    // negative number: the kernel does not say.
    virtual int sve_vector_bytes() const = 0;

protected:
    ~Hwcap() = default;
};

// Features as the kernel tells them; what it keeps from programs is absent.
CpuFeatures arm_features(const Hwcap &hwcap);

// Features of this machine, hidden ones too.
CpuFeatures cpu_features();

// The environment variable that hides features from dispatch, as on a machine without them; for
// tests, and for comparing variants. It names them as parse_features() reads them.
constexpr const char *hide_features_variable = "GLIMPSE_HIDE_FEATURES";

}  // namespace glimpse

#endif  // GLIMPSE_RUNTIME_CPU_FEATURES_H_
