// Holds every kernel of every variant to the one signature that the library calls, at compile time:
// the types of scalars are in the mangled name already, those of buffers only here.
#include <array>
#include <cstdint>

#include "kernel_signatures.h"

namespace glimpse {
namespace {

using HalideFunctionInfo::ArgumentInfo;

constexpr halide_type_t u8(halide_type_uint, 8), u32(halide_type_uint, 32),
    i32(halide_type_int, 32), u64(halide_type_uint, 64), f32(halide_type_float, 32),
    f64(halide_type_float, 64);

constexpr bool is(const ArgumentInfo &argument, int dimensions, halide_type_t type) {
    return argument.dimensions == dimensions && argument.type == type;
}

constexpr bool is_extract(const std::array<ArgumentInfo, 11> &a, halide_type_t element) {
    return is(a[1], 4, element) && is(a[2], 2, i32) && is(a[3], 3, element) && is(a[4], 4, f32) &&
           is(a[5], 0, i32) && is(a[6], 0, i32) && is(a[7], 0, u64) && is(a[8], 0, u32) &&
           is(a[9], 0, u32) && is(a[10], 4, element) &&
           a[10].kind == HalideFunctionInfo::OutputBuffer;
}

constexpr bool is_statistics(const std::array<ArgumentInfo, 4> &a, halide_type_t element) {
    return is(a[1], 3, element) && is(a[2], 0, i32) && is(a[3], 3, f64) &&
           a[3].kind == HalideFunctionInfo::OutputBuffer;
}

#define GLIMPSE_EXTRACT_KERNEL(function, element) \
    static_assert(is_extract(function##_argument_info(), element));
#define GLIMPSE_STATISTICS_KERNEL(function, element) \
    static_assert(is_statistics(function##_argument_info(), element));
#include "kernel_list.inc"
#undef GLIMPSE_STATISTICS_KERNEL
#undef GLIMPSE_EXTRACT_KERNEL

}  // namespace
}  // namespace glimpse
