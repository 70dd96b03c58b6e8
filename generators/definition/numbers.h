// The operations that the host and kernels need for the same formula. A formula that both compute
// is a template over `N`: HostNumbers here, or Expressions (expressions.h) in a kernel. Each
// operation on floats rounds once.
#ifndef GLIMPSE_GENERATORS_DEFINITION_NUMBERS_H_
#define GLIMPSE_GENERATORS_DEFINITION_NUMBERS_H_

#include <cmath>
#include <cstdint>
#include <cstring>

namespace glimpse {

struct HostNumbers {
    using Flag = bool;
    using Int32 = int32_t;
    using Int64 = int64_t;
    using UInt32 = uint32_t;
    using UInt64 = uint64_t;
    using Float = float;
    using Double = double;
    // What is always 0, and known to be so to the caller alone.
    struct Zero {};

    template<typename T>
    static T select(bool condition, T a, T b) {
        return condition ? a : b;
    }
    // Returns `v` after one rounding: no compiler merges it with what follows. Files that use this
    // are compiled without contraction.
    template<typename T>
    static T strict(T v) {
        return v;
    }
    // The same for an inexact product that a sum could swallow.
    template<typename T>
    static T rounded(T v, Zero) {
        return v;
    }
    template<typename To, typename T>
    static To as(T v) {
        return static_cast<To>(v);
    }
    template<typename To, typename T>
    static To reinterpreted(T v) {
        static_assert(sizeof(To) == sizeof(T), "the same bits");
        To result;
        memcpy(&result, &v, sizeof(result));
        return result;
    }
    static uint32_t bits(float v) {
        return reinterpreted<uint32_t>(v);
    }
    static float from_bits(uint32_t v) {
        return reinterpreted<float>(v);
    }
    // Of a double.
    static int32_t low_bits(double v) {
        return int32_t(uint32_t(reinterpreted<uint64_t>(v)));
    }
    template<typename T>
    static bool is_nan(T v) {
        return std::isnan(v);
    }
    static bool is_finite(float v) {
        return std::isfinite(v);
    }
    static float floor(float v) {
        return std::floor(v);
    }
    template<typename T>
    static T min(T a, T b) {
        return b < a ? b : a;
    }
    template<typename T>
    static T max(T a, T b) {
        return a < b ? b : a;
    }
    template<typename T>
    static T sqrt(T v) {
        return std::sqrt(v);
    }
    template<typename Wide, typename T>
    static Wide wide(T v) {
        return Wide(v);
    }
    // The remainder of `a` by `b`, in [0, b). Divisions are slow and rarely needed.
    template<typename T>
    static T modulo(T a, T b) {
        return a >= 0 && a < b ? a : a >= -b && a < 0 ? a + b : (a % b + b) % b;
    }
};

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_DEFINITION_NUMBERS_H_
