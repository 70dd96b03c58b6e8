// What is found of real processors, from the registers that they report: which variants they can
// run, and why not the next better one.
//
// Registers are those of published dumps (libcpuid, tests/; google/cpu_features,
// test/cpuinfo_x86_test.cc), XCR0 as Linux sets it: all states that leaf 0xD of the dump offers.
//
// Of ARM, words are made from the line "Features" of published copies of /proc/cpuinfo
// (github.com/hrw/arm-socs-table, cpuinfo-data/; github.com/archspec/archspec-json, tests/targets/)
// by the bits of Linux's hwcap.h. Vector lengths are those that the makers document.

#include "runtime/cpu_features.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <ostream>
#include <string>

#include "glimpse/glimpse.h"

namespace {

using glimpse::CpuFeatures;
using glimpse::Cpuid;

constexpr uint32_t osxsave = 1u << 27;  // leaf 1, ECX
constexpr uint32_t movbe = 1u << 22;
constexpr uint32_t bmi2 = 1u << 8;  // leaf 7, EBX
constexpr uint32_t avx512_bw_dq_vl = 1u << 30 | 1u << 17 | 1u << 31;

struct Processor {
    const char *name;
    uint32_t highest_leaf, leaf1_ecx, leaf7_ebx;  // the highest: leaf 0, EAX
    uint32_t highest_extended, leaf80000001_ecx;  // leaf 0x80000000, EAX
    uint64_t xcr0;
    const char *best;  // the best variant that it can run
    // The lowest feature that each variant misses; null if it can run.
    const char *missing_sse41, *missing_avx2, *missing_avx512;
};

const Processor processors[] = {
    // Opteron 248, the first x86-64.
    {"K8", 0x1, 0x00000000, 0, 0x80000018, 0x00000000, 0,  //
     "x86_64", "SSE3", "SSE3", "SSE3"},
    // Athlon 64 3200+, revision E.
    {"K8WithSse3", 0x1, 0x00000001, 0, 0x80000018, 0x00000001, 0,  //
     "x86_64", "SSSE3", "SSSE3", "SSSE3"},
    // Core 2 6300.
    {"Conroe", 0xA, 0x0000E3BD, 0, 0x80000008, 0x00000001, 0,  //
     "x86_64", "SSE4.1", "SSE4.1", "SSE4.1"},
    // Core 2 Duo P8400.
    {"Penryn", 0xA, 0x0008E3FD, 0, 0x80000008, 0x00000001, 0,  //
     "sse41", nullptr, "SSE4.2", "SSE4.2"},
    // Core i7-920.
    {"Nehalem", 0xB, 0x0098E3BD, 0, 0x80000008, 0x00000001, 0,  //
     "sse41", nullptr, "AVX", "AVX"},
    // Core i5-650.
    {"Westmere", 0xB, 0x0298E3FF, 0, 0x80000008, 0x00000001, 0,  //
     "sse41", nullptr, "AVX", "AVX"},
    // Core i7-2600.
    {"SandyBridge", 0xD, 0x1FBAE3FF, 0, 0x80000008, 0x00000001, 0x7,  //
     "sse41", nullptr, "F16C", "F16C"},
    // FX-8350: FMA, F16C and BMI1, but neither MOVBE nor BMI2 nor AVX2.
    {"Piledriver", 0xD, 0x3E98320B, 0x00000008, 0x8000001E, 0x01EBBFFF, 0x4000000000000007, "sse41",
     nullptr, "MOVBE", "MOVBE"},
    // Core i7-4770.
    {"Haswell", 0xD, 0x7FFAFBFF, 0x000027AB, 0x80000008, 0x00000021, 0x7,  //
     "avx2", nullptr, nullptr, "AVX512F"},
    // Core i7-6700K.
    {"SkylakeClient", 0x16, 0x7FFAFBBF, 0x029C6FBF, 0x80000008, 0x00000121, 0x1F,  //
     "avx2", nullptr, nullptr, "AVX512F"},
    // Core i9-7900X, which is the silicon of the Xeons.
    {"SkylakeServer", 0x16, 0x7FFEFBBF, 0xD39FFFFB, 0x80000008, 0x00000121, 0xFF,  //
     "avx512", nullptr, nullptr, nullptr},
    // Core i9-12900K.
    {"AlderLake", 0x20, 0x7FFAFBFF, 0x239CA7EB, 0x80000008, 0x00000121, 0x207,  //
     "avx2", nullptr, nullptr, "AVX512F"},
    // Ryzen 9 3900X.
    {"Zen2", 0x10, 0x7ED8320B, 0x219C91A9, 0x80000020, 0x75C237FF, 0x207,  //
     "avx2", nullptr, nullptr, "AVX512F"},
    // Ryzen 9 7900X.
    {"Zen4", 0x10, 0x7EF8320B, 0xF1BF97A9, 0x80000028, 0x75C237FF, 0x2E7,  //
     "avx512", nullptr, nullptr, nullptr},

    // What operating systems, firmware and hypervisors take away.
    {"HaswellWithoutXsave", 0xD, 0x7FFAFBFF & ~osxsave, 0x000027AB, 0x80000008, 0x00000021, 0x7,
     "sse41", nullptr, "AVX", "AVX"},
    {"HaswellSavingOnlyXmm", 0xD, 0x7FFAFBFF, 0x000027AB, 0x80000008, 0x00000021, 0x3,  //
     "sse41", nullptr, "AVX", "AVX"},
    {"HaswellSavingOnlyYmm", 0xD, 0x7FFAFBFF, 0x000027AB, 0x80000008, 0x00000021, 0x5,  //
     "sse41", nullptr, "AVX", "AVX"},
    {"HaswellLimitedToLeaf3", 0x3, 0x7FFAFBFF, 0x000027AB, 0x80000008, 0x00000021, 0x7,  //
     "sse41", nullptr, "BMI1", "BMI1"},
    {"HaswellWithoutExtendedLeaves", 0xD, 0x7FFAFBFF, 0x000027AB, 0x80000000, 0x00000021, 0x7,
     "sse41", nullptr, "LZCNT", "LZCNT"},
    {"HypervisorHidingBmi2", 0xD, 0x7FFAFBFF, 0x000027AB & ~bmi2, 0x80000008, 0x00000021, 0x7,
     "sse41", nullptr, "BMI2", "BMI2"},
    {"HypervisorHidingMovbe", 0xD, 0x7FFAFBFF & ~movbe, 0x000027AB, 0x80000008, 0x00000021, 0x7,
     "sse41", nullptr, "MOVBE", "MOVBE"},
    {"HypervisorHidingLzcnt", 0xD, 0x7FFAFBFF, 0x000027AB, 0x80000008, 0x00000001, 0x7,  //
     "sse41", nullptr, "LZCNT", "LZCNT"},
    {"SkylakeServerSavingOnlyYmm", 0x16, 0x7FFEFBBF, 0xD39FFFFB, 0x80000008, 0x00000121, 0x7,
     "avx2", nullptr, nullptr, "AVX512F"},
    {"SkylakeServerSavingNoMasks", 0x16, 0x7FFEFBBF, 0xD39FFFFB, 0x80000008, 0x00000121, 0xC7,
     "avx2", nullptr, nullptr, "AVX512F"},
    // AVX-512F and CD alone, as the first Xeon Phi had.
    {"SkylakeServerWithoutBwDqVl", 0x16, 0x7FFEFBBF, 0xD39FFFFB & ~avx512_bw_dq_vl, 0x80000008,
     0x00000121, 0xFF,  //
     "avx2", nullptr, nullptr, "AVX512BW"},
    // All bits set in leaves that it says it does not have.
    {"Nothing", 0x0, 0xFFFFFFFF, 0xFFFFFFFF, 0x00000000, 0xFFFFFFFF, 0xFF,  //
     "x86_64", "SSE3", "SSE3", "SSE3"},
};

std::ostream &operator<<(std::ostream &stream, const Processor &processor) {
    return stream << processor.name;
}

// Answers as `processor` does. As Intel's do, it returns senseless values for leaves that it does
// not have.
class FakeCpuid final : public Cpuid {
public:
    explicit FakeCpuid(const Processor &processor) : processor_(processor) {
    }
    Registers leaf(uint32_t leaf, uint32_t subleaf) const override {
        const bool extended = leaf >= 0x80000000u;
        const uint32_t highest = extended ? processor_.highest_extended : processor_.highest_leaf;
        Registers r;
        if (leaf == 0) {
            r.eax = processor_.highest_leaf;
        } else if (leaf == 0x80000000u) {
            r.eax = processor_.highest_extended;
        } else if (leaf > highest) {
            r.eax = r.ebx = r.ecx = r.edx = 0xFFFFFFFFu;
        } else if (leaf == 1) {
            r.ecx = processor_.leaf1_ecx;
        } else if (leaf == 7 && subleaf == 0) {
            r.ebx = processor_.leaf7_ebx;
        } else if (leaf == 0x80000001u) {
            r.ecx = processor_.leaf80000001_ecx;
        }
        return r;
    }
    uint64_t xcr0() const override {
        if ((processor_.leaf1_ecx & osxsave) == 0) {
            ADD_FAILURE() << "XGETBV would be an illegal instruction";
        }
        return processor_.xcr0;
    }

private:
    const Processor &processor_;
};

class ProcessorTest : public ::testing::TestWithParam<Processor> {};

std::string processor_name(const ::testing::TestParamInfo<Processor> &info) {
    return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(, ProcessorTest, ::testing::ValuesIn(processors), processor_name);

std::string missing(CpuFeatures needs, CpuFeatures found) {
    const char *name = glimpse::name_of_lowest(needs & ~found);
    return name == nullptr ? "nothing" : name;
}

std::string or_nothing(const char *name) {
    return name == nullptr ? "nothing" : name;
}

TEST_P(ProcessorTest, RunsTheRightVariants) {
    const Processor &processor = GetParam();
    const CpuFeatures found = glimpse::x86_features(FakeCpuid(processor));
    EXPECT_EQ(missing(glimpse::needs_x86_64, found), "nothing");
    EXPECT_EQ(missing(glimpse::needs_sse41, found), or_nothing(processor.missing_sse41));
    EXPECT_EQ(missing(glimpse::needs_avx2, found), or_nothing(processor.missing_avx2));
    EXPECT_EQ(missing(glimpse::needs_avx512, found), or_nothing(processor.missing_avx512));

    const char *best = (glimpse::needs_avx512 & ~found) == 0  ? "avx512"
                       : (glimpse::needs_avx2 & ~found) == 0  ? "avx2"
                       : (glimpse::needs_sse41 & ~found) == 0 ? "sse41"
                                                              : "x86_64";
    EXPECT_STREQ(best, processor.best);
}

struct ArmProcessor {
    const char *name;
    uint64_t hwcap, hwcap2;
    int sve_vector_bytes;  // 0: no SVE; negative: the kernel does not say
    // The lowest feature that each variant misses; null if it can run.
    const char *missing_arm64_fp16, *missing_sve2;
};

constexpr const char *sve_128 = "SVE vectors of 128 bits";

const ArmProcessor arm_processors[] = {
    {"CortexA53", 0x8FF, 0, 0, "FP16", "FP16"},            // Allwinner H5
    {"CortexA53WithoutAes", 0x887, 0, 0, "FP16", "FP16"},  // Raspberry Pi 3
    {"CortexA72", 0x8FF, 0, 0, "FP16", "FP16"},            // AWS Graviton
    {"CortexA72WithoutAes", 0x887, 0, 0, "FP16", "FP16"},  // Raspberry Pi 4
    {"CortexA55", 0x119FFF, 0, 0, nullptr, "SVE2"},        // Rockchip RK3568
    {"CortexA76", 0x119FFF, 0, 0, nullptr, "SVE2"},        // Raspberry Pi 5
    {"NeoverseN1", 0x10119FFF, 0, 0, nullptr, "SVE2"},     // AWS Graviton2, Ampere Altra
    {"AppleM1", 0xFFB3FFFF, 0x181, 0, nullptr, "SVE2"},
    {"AppleM2", 0xFFB3FFFF, 0xA6181, 0, nullptr, "SVE2"},
    {"NeoverseV1", 0xDFFFFFFF, 0x1F201, 32, nullptr, "SVE2"},          // AWS Graviton3
    {"A64fx", 0x415FE7, 0, 64, nullptr, "SVE2"},                       // HPE Apollo 80
    {"CortexX2", 0xFFFFFFFF, 0x273FF, 16, nullptr, nullptr},           // Samsung Exynos 2200
    {"CortexX2HidingSve2", 0xFFFFFFFF, 0x26181, 16, nullptr, "SVE2"},  // Snapdragon 8 Gen 1
    {"CortexX2HidingSve", 0xFFBFFFFF, 0x22181, 0, nullptr, "SVE2"},    // Snapdragon 8+ Gen 1
    {"NeoverseN2", 0x3FFFFFFF, 0x2F3FF, 16, nullptr, nullptr},         // Alibaba Yitian 710
    {"NeoverseV2Graviton4", 0xFFF3FFFF, 0x3F3BF, 16, nullptr, nullptr},
    {"NeoverseV2Grace", 0x3FFFFFFF, 0xF3FF, 16, nullptr, nullptr},

    // Lengths that no processor with SVE2 has yet, or that a program has asked the kernel for.
    {"Sve2Of256Bits", 0x3FFFFFFF, 0xF3FF, 32, nullptr, sve_128},
    {"Sve2Of2048Bits", 0x3FFFFFFF, 0xF3FF, 256, nullptr, sve_128},
    {"Sve2OfUnknownLength", 0x3FFFFFFF, 0xF3FF, -22, nullptr, sve_128},
    // All bits of the second word, none of the first.
    {"Nothing", 0, ~uint64_t{0}, 0, "FP16", "FP16"},
};

std::ostream &operator<<(std::ostream &stream, const ArmProcessor &processor) {
    return stream << processor.name;
}

class FakeHwcap final : public glimpse::Hwcap {
public:
    explicit FakeHwcap(const ArmProcessor &processor) : processor_(processor) {
    }
    uint64_t hwcap() const override {
        return processor_.hwcap;
    }
    uint64_t hwcap2() const override {
        return processor_.hwcap2;
    }
    int sve_vector_bytes() const override {
        if (processor_.sve_vector_bytes == 0) {
            ADD_FAILURE() << "there is no SVE to ask about";
        }
        return processor_.sve_vector_bytes;
    }

private:
    const ArmProcessor &processor_;
};

class ArmProcessorTest : public ::testing::TestWithParam<ArmProcessor> {};

std::string arm_processor_name(const ::testing::TestParamInfo<ArmProcessor> &info) {
    return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(, ArmProcessorTest, ::testing::ValuesIn(arm_processors),
                         arm_processor_name);

TEST_P(ArmProcessorTest, RunsTheRightVariants) {
    const ArmProcessor &processor = GetParam();
    const CpuFeatures found = glimpse::arm_features(FakeHwcap(processor));
    EXPECT_EQ(missing(glimpse::needs_arm64, found), "nothing");
    EXPECT_EQ(missing(glimpse::needs_arm64_fp16, found), or_nothing(processor.missing_arm64_fp16));
    EXPECT_EQ(missing(glimpse::needs_sve2, found), or_nothing(processor.missing_sve2));
}

TEST(CpuFeaturesTest, EveryFeatureIsFoundAndHasAName) {
    const CpuFeatures everything = glimpse::x86_features(FakeCpuid(
        {"all", 7, 0xFFFFFFFF, 0xFFFFFFFF, 0x80000001u, 0xFFFFFFFF, ~uint64_t{0}, "", "", "", ""}));
    EXPECT_EQ(everything, glimpse::needs_avx512) << "needs_avx512 names every feature of x86";
    const CpuFeatures all_of_arm =
        glimpse::arm_features(FakeHwcap({"all", ~uint64_t{0}, ~uint64_t{0}, 16, "", ""}));
    EXPECT_EQ(all_of_arm, glimpse::needs_sve2) << "needs_sve2 names every feature of ARM";
    EXPECT_EQ(everything & all_of_arm, 0u);
    EXPECT_STREQ(glimpse::name_of_lowest(glimpse::feature_sse3), "SSE3");
    EXPECT_STREQ(glimpse::name_of_lowest(glimpse::feature_ssse3), "SSSE3");
    EXPECT_STREQ(glimpse::name_of_lowest(glimpse::feature_sse41), "SSE4.1");
    EXPECT_STREQ(glimpse::name_of_lowest(glimpse::feature_sse42), "SSE4.2");
    EXPECT_STREQ(glimpse::name_of_lowest(glimpse::feature_popcnt), "POPCNT");
    EXPECT_STREQ(glimpse::name_of_lowest(glimpse::feature_avx), "AVX");
    EXPECT_STREQ(glimpse::name_of_lowest(glimpse::feature_f16c), "F16C");
    EXPECT_STREQ(glimpse::name_of_lowest(glimpse::feature_fma), "FMA");
    EXPECT_STREQ(glimpse::name_of_lowest(glimpse::feature_movbe), "MOVBE");
    EXPECT_STREQ(glimpse::name_of_lowest(glimpse::feature_lzcnt), "LZCNT");
    EXPECT_STREQ(glimpse::name_of_lowest(glimpse::feature_bmi1), "BMI1");
    EXPECT_STREQ(glimpse::name_of_lowest(glimpse::feature_bmi2), "BMI2");
    EXPECT_STREQ(glimpse::name_of_lowest(glimpse::feature_avx2), "AVX2");
    EXPECT_STREQ(glimpse::name_of_lowest(glimpse::feature_avx512f), "AVX512F");
    EXPECT_STREQ(glimpse::name_of_lowest(glimpse::feature_avx512cd), "AVX512CD");
    EXPECT_STREQ(glimpse::name_of_lowest(glimpse::feature_avx512bw), "AVX512BW");
    EXPECT_STREQ(glimpse::name_of_lowest(glimpse::feature_avx512dq), "AVX512DQ");
    EXPECT_STREQ(glimpse::name_of_lowest(glimpse::feature_avx512vl), "AVX512VL");
    EXPECT_STREQ(glimpse::name_of_lowest(glimpse::feature_fp16), "FP16");
    EXPECT_STREQ(glimpse::name_of_lowest(glimpse::feature_sve2), "SVE2");
    EXPECT_STREQ(glimpse::name_of_lowest(glimpse::feature_sve_128), sve_128);
}

TEST(CpuFeaturesTest, NameOfTheLowest) {
    EXPECT_EQ(glimpse::name_of_lowest(0), nullptr);
    EXPECT_STREQ(glimpse::name_of_lowest(glimpse::feature_avx2 | glimpse::feature_avx), "AVX");
    EXPECT_STREQ(glimpse::name_of_lowest(glimpse::needs_avx512), "SSE3");
}

// A variant needs all that the next lesser one needs, so that the list is in order.
TEST(CpuFeaturesTest, NeedsGrow) {
    EXPECT_EQ(glimpse::needs_x86_64, 0u);
    EXPECT_EQ(glimpse::needs_x86_64 & ~glimpse::needs_sse41, 0u);
    EXPECT_EQ(glimpse::needs_sse41 & ~glimpse::needs_avx2, 0u);
    EXPECT_EQ(glimpse::needs_avx2 & ~glimpse::needs_avx512, 0u);
    EXPECT_EQ(glimpse::needs_arm64, 0u);
    EXPECT_EQ(glimpse::needs_arm64 & ~glimpse::needs_arm64_fp16, 0u);
    EXPECT_EQ(glimpse::needs_arm64_fp16 & ~glimpse::needs_sve2, 0u);
}

#if defined(__x86_64__)
// The compiler's own detection, of what it has a name for.
TEST(CpuFeaturesTest, ThisMachine) {
    const CpuFeatures found = glimpse::cpu_features();
    __builtin_cpu_init();
    const auto agree = [found](CpuFeatures feature, bool expected) {
        EXPECT_EQ((found & feature) != 0, expected) << glimpse::name_of_lowest(feature);
    };
    agree(glimpse::feature_sse3, __builtin_cpu_supports("sse3") != 0);
    agree(glimpse::feature_ssse3, __builtin_cpu_supports("ssse3") != 0);
    agree(glimpse::feature_sse41, __builtin_cpu_supports("sse4.1") != 0);
    agree(glimpse::feature_sse42, __builtin_cpu_supports("sse4.2") != 0);
    agree(glimpse::feature_popcnt, __builtin_cpu_supports("popcnt") != 0);
    agree(glimpse::feature_avx, __builtin_cpu_supports("avx") != 0);
    agree(glimpse::feature_fma, __builtin_cpu_supports("fma") != 0);
    agree(glimpse::feature_bmi1, __builtin_cpu_supports("bmi") != 0);
    agree(glimpse::feature_bmi2, __builtin_cpu_supports("bmi2") != 0);
    agree(glimpse::feature_avx2, __builtin_cpu_supports("avx2") != 0);
    agree(glimpse::feature_avx512f, __builtin_cpu_supports("avx512f") != 0);
    agree(glimpse::feature_avx512cd, __builtin_cpu_supports("avx512cd") != 0);
    agree(glimpse::feature_avx512bw, __builtin_cpu_supports("avx512bw") != 0);
    agree(glimpse::feature_avx512dq, __builtin_cpu_supports("avx512dq") != 0);
    agree(glimpse::feature_avx512vl, __builtin_cpu_supports("avx512vl") != 0);
}
#elif defined(__aarch64__)
// The processor's own registers, which Linux lets programs read, and an SVE instruction. Fields:
// Arm Architecture Reference Manual, ID_AA64PFR0_EL1 and ID_AA64ZFR0_EL1.
TEST(CpuFeaturesTest, ThisMachine) {
    const CpuFeatures found = glimpse::cpu_features();
    uint64_t processor_features = 0, sve_features = 0, vector_bytes = 0;
    __asm__("mrs %0, S3_0_C0_C4_0" : "=r"(processor_features));  // ID_AA64PFR0_EL1
    const bool has_fp16 = (processor_features >> 20 & 0xF) == 1;
    const bool has_sve = (processor_features >> 32 & 0xF) != 0;
    if (has_sve) {
        __asm__("mrs %0, S3_0_C0_C4_4" : "=r"(sve_features));  // ID_AA64ZFR0_EL1
        __asm__(".inst 0x04bf5020\n"                           // rdvl x0, #1
                "mov %0, x0"
                : "=r"(vector_bytes)
                :
                : "x0");
    }
    EXPECT_EQ((found & glimpse::feature_fp16) != 0, has_fp16);
    EXPECT_EQ((found & glimpse::feature_sve2) != 0, has_sve && (sve_features & 0xF) != 0);
    EXPECT_EQ((found & glimpse::feature_sve_128) != 0, vector_bytes == 16);
    std::printf("FP16: %d, SVE: %d, SVE vectors of %d bytes\n", has_fp16, has_sve,
                static_cast<int>(vector_bytes));
}
#endif

TEST(CpuFeaturesTest, NamesAreRead) {
    CpuFeatures features = ~CpuFeatures(0);
    for (const char *const nothing : {static_cast<const char *>(nullptr), "", ",", ",,"}) {
        EXPECT_TRUE(glimpse::parse_features(nothing, &features).ok());
        EXPECT_EQ(features, 0u);
    }
    EXPECT_TRUE(glimpse::parse_features("AVX512F,avx2,,Sse4.1,", &features).ok());
    EXPECT_EQ(features, glimpse::feature_avx512f | glimpse::feature_avx2 | glimpse::feature_sse41);
    for (CpuFeatures one = 1; glimpse::name_of_lowest(one) != nullptr; one <<= 1) {
        EXPECT_TRUE(glimpse::parse_features(glimpse::name_of_lowest(one), &features).ok());
        EXPECT_EQ(features, one);
    }
    for (const char *const unknown : {"SSE", "AVX5", "AVX2 ", "AVX512", "SSE3;AVX2"}) {
        const glimpse::Status status = glimpse::parse_features(unknown, &features);
        EXPECT_EQ(status.code(), glimpse::StatusCode::unknown_enumerator) << unknown;
        EXPECT_NE(std::string(status.message()).find(unknown), std::string::npos);
    }
}

// All of the names that are expected fit into the status of a context.
TEST(CpuFeaturesTest, TheMessageIsWhole) {
    CpuFeatures features = 0;
    const glimpse::Status status =
        glimpse::parse_features("0123456789012345678901234567890123456789", &features);
    const glimpse::Status of_context(status.code(), "the environment variable %s: %s",
                                     glimpse::hide_features_variable, status.message());
    const std::string text = of_context.message();
#if defined(__x86_64__)
    const std::string last = ", AVX512VL";
#else
    const std::string last = ", SVE vectors of 128 bits";
#endif
    EXPECT_EQ(text.substr(text.size() - last.size()), last);
}

const glimpse::Variant *find_variant(const std::string &name) {
    const glimpse::Span<const glimpse::Variant> list = glimpse::variants();
    for (size_t i = 0; i < list.size; i++) {
        if (list.data[i].name == name) {
            return &list.data[i];
        }
    }
    return nullptr;
}

TEST(CpuFeaturesTest, TheListSaysWhatIsMissing) {
    CpuFeatures hidden = 0;
    ASSERT_TRUE(
        glimpse::parse_features(std::getenv(glimpse::hide_features_variable), &hidden).ok());
    const CpuFeatures found = glimpse::cpu_features();
    const struct {
        const char *name;
        CpuFeatures needs;
    } expected[] = {
#if defined(__x86_64__)
        {"avx512", glimpse::needs_avx512},
        {"avx2", glimpse::needs_avx2},
        {"sse41", glimpse::needs_sse41},
        {"x86_64", glimpse::needs_x86_64}
#else
        {"arm64", glimpse::needs_arm64}
#endif
    };
    size_t found_here = 0;
    // Of that for devices the driver says what is missing.
    const glimpse::Variant *const cuda = find_variant("cuda");
    if (cuda != nullptr) {
        found_here++;
        EXPECT_NE(std::string(cuda->reason).find("driver"), std::string::npos) << cuda->reason;
    }
    for (const auto &[name, needs] : expected) {
        const glimpse::Variant *variant = find_variant(name);
        if (variant == nullptr) {
            continue;  // not built
        }
        found_here++;
        const CpuFeatures absent = needs & ~found, concealed = needs & hidden;
        EXPECT_EQ(variant->usable, absent == 0 && concealed == 0) << name;
        if (!variant->usable) {
            EXPECT_NE(std::string(variant->reason)
                          .find(glimpse::name_of_lowest(absent != 0 ? absent : concealed)),
                      std::string::npos)
                << name << ": " << variant->reason;
            EXPECT_EQ(absent == 0,
                      std::string(variant->reason).find(glimpse::hide_features_variable) !=
                          std::string::npos);
        }
    }
    EXPECT_EQ(glimpse::variants().size, found_here) << "a variant is not among those expected";
}

}  // namespace
