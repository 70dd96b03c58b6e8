// Half-precision numbers from float32, rounded to nearest even, in integers alone; and the NaN of
// each type, as these functions are not for it.
#ifndef GLIMPSE_GENERATORS_DEFINITION_HALF_H_
#define GLIMPSE_GENERATORS_DEFINITION_HALF_H_

#include <cstdint>

#include "numbers.h"

namespace glimpse {

// The quiet NaNs without payload: what conversions write.
constexpr uint32_t float16_nan = 0x7e00, bfloat16_nan = 0x7fc0, float32_nan = 0x7fc00000;

// The bits of the bfloat16 nearest to the float32 with the bits `v`, as uint32.
template<typename N, typename UInt32 = typename N::UInt32>
UInt32 bfloat16_bits(const UInt32 &v) {
    return (v + UInt32(0x7fffu) + ((v >> 16) & UInt32(1u))) >> 16;
}

// The same for IEEE 754's binary16.
template<typename N, typename UInt32 = typename N::UInt32>
UInt32 float16_bits(const UInt32 &v) {
    const UInt32 magnitude = v & UInt32(0x7fffffffu), sign = (v >> 16) & UInt32(0x8000u);
    // Below 2^-14 steps are 2^-24 wide. `shift` bits are dropped from a 24-bit significand.
    const UInt32 exponent = magnitude >> 23;
    const auto is_normal = exponent >= UInt32(113u);
    const UInt32 shift =
        N::min(N::select(is_normal, UInt32(13u), UInt32(126u) - exponent), UInt32(25u));
    const UInt32 significand = (magnitude & UInt32(0x7fffffu)) | UInt32(0x800000u);
    const UInt32 kept = significand >> shift, half = UInt32(1u) << (shift - UInt32(1u));
    const UInt32 dropped = significand & (half + half - UInt32(1u));
    const auto is_up = dropped > half || (dropped == half && (kept & UInt32(1u)) != UInt32(0u));
    // A carry moves on into the exponent. The significand's leading bit counts as one there.
    const UInt32 base = N::select(is_normal, (exponent - UInt32(113u)) << UInt32(10u), UInt32(0u));
    const UInt32 finite =
        N::select(shift > UInt32(24u), UInt32(0u), base + kept + N::template as<uint32_t>(is_up));
    // 65520 and more round to infinity.
    return sign | N::select(magnitude >= UInt32(0x477ff000u), UInt32(0x7c00u), finite);
}

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_DEFINITION_HALF_H_
