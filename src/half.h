// Half-precision numbers from float32, rounded to nearest even, in integers alone.
#ifndef GLIMPSE_SRC_HALF_H_
#define GLIMPSE_SRC_HALF_H_

#include <cstdint>
#include <cstring>

namespace glimpse {

inline uint32_t bits_of(float value) noexcept {
    uint32_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

// Any NaN becomes the quiet one without payload.
inline uint16_t to_bfloat16(float value) noexcept {
    const uint32_t bits = bits_of(value);
    if ((bits & 0x7fffffff) > 0x7f800000) {
        return 0x7fc0;
    }
    return uint16_t((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

inline uint16_t to_float16(float value) noexcept {
    const uint32_t bits = bits_of(value);
    const uint32_t magnitude = bits & 0x7fffffff, sign = bits >> 16 & 0x8000;
    if (magnitude > 0x7f800000) {
        return 0x7e00;
    }
    if (magnitude >= 0x477ff000) {  // 65520 and more round to infinity
        return uint16_t(sign | 0x7c00);
    }
    // Below 2^-14 steps are 2^-24 wide. `shift` bits are dropped from a 24-bit significand.
    const uint32_t exponent = magnitude >> 23;
    const bool is_normal = exponent >= 113;
    const uint32_t shift = is_normal ? 13 : 126 - exponent;
    if (shift > 24) {  // less than half a step
        return uint16_t(sign);
    }
    const uint32_t significand = (magnitude & 0x7fffff) | 0x800000;
    const uint32_t kept = significand >> shift, half = uint32_t(1) << (shift - 1);
    const uint32_t dropped = significand & (2 * half - 1);
    const uint32_t up = dropped > half || (dropped == half && (kept & 1) != 0) ? 1 : 0;
    // A carry moves on into the exponent. The significand's leading bit counts as one there.
    const uint32_t base = is_normal ? (exponent - 113) << 10 : 0;
    return uint16_t(sign | (base + kept + up));
}

}  // namespace glimpse

#endif  // GLIMPSE_SRC_HALF_H_
