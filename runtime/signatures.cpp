// Holds every kernel of every variant to the one signature that the library calls, at compile time:
// the types of scalars are in the mangled name already, those of buffers only here.
#include <array>
#include <cstdint>

#include "kernel_signatures.h"

namespace glimpse {
namespace {

using HalideFunctionInfo::ArgumentInfo;

constexpr halide_type_t u32(halide_type_uint, 32), i32(halide_type_int, 32),
    u64(halide_type_uint, 64), f32(halide_type_float, 32), f64(halide_type_float, 64);

constexpr halide_type_t element(int bits) {
    return {halide_type_uint, uint8_t(bits)};
}

constexpr bool is(const ArgumentInfo &argument, int dimensions, halide_type_t type) {
    return argument.dimensions == dimensions && argument.type == type;
}

constexpr bool is_output(const ArgumentInfo &argument) {
    return argument.kind == HalideFunctionInfo::OutputBuffer;
}

constexpr bool is_extract(const std::array<ArgumentInfo, 11> &a, int bits, int) {
    return is(a[1], 4, element(bits)) && is(a[2], 2, i32) && is(a[3], 3, element(bits)) &&
           is(a[4], 4, f32) && is(a[5], 0, i32) && is(a[6], 0, i32) && is(a[7], 0, u64) &&
           is(a[8], 0, u32) && is(a[9], 0, u32) && is(a[10], 4, element(bits)) && is_output(a[10]);
}

constexpr bool is_convert(const std::array<ArgumentInfo, 8> &a, int bits, int output_bits) {
    return is(a[1], 4, element(bits)) && is(a[2], 2, i32) && is(a[3], 3, f32) && is(a[4], 0, i32) &&
           is(a[5], 0, i32) && is(a[6], 0, i32) && is(a[7], 4, element(output_bits)) &&
           is_output(a[7]);
}

constexpr bool is_sample_linear(const std::array<ArgumentInfo, 10> &a, int bits, int output_bits) {
    const halide_type_t weight = bits == 8 ? halide_type_t(halide_type_int, 16) : f32;
    return is(a[1], 4, element(bits)) && is(a[2], 2, i32) && is(a[3], 3, i32) && is(a[4], 2, i32) &&
           is(a[5], 2, weight) && is(a[6], 3, f32) && is(a[7], 0, i32) && is(a[8], 0, i32) &&
           is(a[9], 4, element(output_bits)) && is_output(a[9]);
}

constexpr bool is_sample_nearest(const std::array<ArgumentInfo, 8> &a, int bits, int) {
    return is(a[1], 4, element(bits)) && is(a[2], 2, i32) && is(a[3], 2, i32) && is(a[4], 2, i32) &&
           is(a[5], 0, i32) && is(a[6], 0, i32) && is(a[7], 4, element(bits)) && is_output(a[7]);
}

// Of sums with `bits`: of integers, or of float32.
constexpr halide_type_t sum_of(int bits) {
    return bits == 16 ? halide_type_t(halide_type_int, 16) : f32;
}

constexpr bool is_sample_rows(const std::array<ArgumentInfo, 7> &a, int bits, int output_bits) {
    return is(a[1], 3, element(bits)) && is(a[2], 2, i32) && is(a[3], 2, sum_of(output_bits)) &&
           is(a[4], 0, i32) && is(a[5], 0, i32) && is(a[6], 3, sum_of(output_bits)) &&
           is_output(a[6]);
}

constexpr bool is_sample_columns(const std::array<ArgumentInfo, 10> &a, int bits, int output_bits) {
    return is(a[1], 3, sum_of(bits)) && is(a[2], 1, i32) && is(a[3], 2, sum_of(bits)) &&
           is(a[4], 0, i32) && is(a[5], 0, i32) && is(a[6], 3, f32) && is(a[7], 0, i32) &&
           is(a[8], 0, i32) && is(a[9], 3, element(output_bits)) && is_output(a[9]);
}

constexpr bool is_color(const std::array<ArgumentInfo, 19> &a, int bits, int output_bits) {
    constexpr halide_type_t i16(halide_type_int, 16);
    return is(a[1], 3, element(bits)) && is(a[2], 2, element(bits)) && is(a[3], 2, element(bits)) &&
           is(a[4], 2, i32) && is(a[5], 1, i16) && is(a[6], 1, i16) && is(a[7], 1, f32) &&
           is(a[8], 2, f32) && is(a[9], 0, f32) && is(a[10], 0, f32) && is(a[11], 0, i32) &&
           is(a[15], 0, i32) && is(a[17], 0, i32) && is(a[18], 4, element(output_bits)) &&
           is_output(a[18]);
}

constexpr bool is_sample_color(const std::array<ArgumentInfo, 20> &a, int bits, int) {
    return is(a[1], 2, element(bits)) && is(a[2], 2, element(bits)) && is(a[3], 2, element(bits)) &&
           is(a[4], 2, i32) && is(a[5], 1, i32) && is(a[6], 1, f32) && is(a[7], 1, f32) &&
           is(a[8], 1, f32) && is(a[9], 2, f32) && is(a[10], 0, f32) && is(a[11], 0, i32) &&
           is(a[16], 0, i32) && is(a[18], 0, i32) && is(a[19], 3, u32) && is_output(a[19]);
}

constexpr bool is_statistics(const std::array<ArgumentInfo, 4> &a, int bits, int) {
    return is(a[1], 3, element(bits)) && is(a[2], 0, i32) && is(a[3], 3, f64) && is_output(a[3]);
}

constexpr bool is_extract_device(const std::array<ArgumentInfo, 20> &a, int bits, int output_bits) {
    return is(a[1], 4, element(bits)) && is(a[2], 2, i32) && is(a[3], 1, element(bits)) &&
           is(a[4], 3, u64) && is(a[5], 2, f32) && is(a[6], 0, i32) && is(a[10], 0, i32) &&
           is(a[11], 0, u64) && is(a[12], 0, u32) && is(a[13], 0, u32) && is(a[14], 0, i32) &&
           is(a[18], 0, i32) && is(a[19], 4, element(output_bits)) && is_output(a[19]);
}

constexpr bool is_origins(const std::array<ArgumentInfo, 17> &a, int, int) {
    return is(a[1], 2, u32) && is(a[2], 1, i32) && is(a[16], 2, i32) && is_output(a[16]);
}

constexpr bool is_boxes(const std::array<ArgumentInfo, 20> &a, int, int) {
    return is(a[1], 2, f32) && is(a[2], 1, i32) && is(a[12], 0, i32) && is(a[19], 2, i32) &&
           is_output(a[19]);
}

constexpr bool is_tap_table(const std::array<ArgumentInfo, 13> &a, int, int) {
    return is(a[1], 2, i32) && is(a[6], 0, i32) && is(a[11], 0, i32) && is(a[12], 4, i32) &&
           is_output(a[12]);
}

constexpr bool is_sample_taps_device(const std::array<ArgumentInfo, 23> &a, int, int output_bits) {
    return is(a[1], 4, element(8)) && is(a[2], 4, element(16)) && is(a[3], 4, element(32)) &&
           is(a[4], 2, i32) && is(a[5], 4, i32) && is(a[6], 1, u32) && is(a[7], 3, u64) &&
           is(a[8], 2, f32) && is(a[9], 0, i32) && is(a[22], 4, element(output_bits)) &&
           is_output(a[22]);
}

constexpr bool is_sample_device(const std::array<ArgumentInfo, 25> &a, int, int output_bits) {
    return is(a[1], 4, element(8)) && is(a[2], 4, element(16)) && is(a[3], 4, element(32)) &&
           is(a[4], 2, i32) && is(a[5], 1, u32) && is(a[6], 3, u64) && is(a[7], 2, f32) &&
           is(a[8], 0, i32) && is(a[24], 4, element(output_bits)) && is_output(a[24]);
}

constexpr bool is_statistics_device(const std::array<ArgumentInfo, 3> &a, int bits, int) {
    return is(a[1], 4, element(bits)) && is(a[2], 4, f64) && is_output(a[2]);
}

constexpr bool is_statistics_finish(const std::array<ArgumentInfo, 6> &a, int, int) {
    return is(a[1], 4, f64) && is(a[5], 3, u64) && is_output(a[5]);
}

#define GLIMPSE_KERNEL(generator, function, bits, output_bits) \
    static_assert(is_##generator(function##_argument_info(), bits, output_bits));
#include "kernel_list.inc"
#undef GLIMPSE_KERNEL

}  // namespace
}  // namespace glimpse
