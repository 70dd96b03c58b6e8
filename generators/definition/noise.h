// Noise as a function of (seed, image, y, x, channel) and nothing else: integer hashing, then at
// most one product and one sum per value. The same bits on every target.
//
// The construction and the tests it passed are described in HACKING.md.
#ifndef GLIMPSE_GENERATORS_DEFINITION_NOISE_H_
#define GLIMPSE_GENERATORS_DEFINITION_NOISE_H_

#include "Halide.h"
#include "element.h"
#include "expressions.h"

namespace glimpse {

// Returns `e` with what it repeats bound once. Every step of a hash uses the one before twice, so
// that as a tree the whole has a million nodes, and strict_float() walks trees.
inline Expr shared(const Expr &e) {
    return Halide::Internal::common_subexpression_elimination(e);
}

// A bijection on 64 bits in which every input bit changes every output bit with probability 1/2:
// the finaliser of SplitMix64 (Steele, Lea, Flood 2014; constants by Stafford, variant 13).
inline Expr mix(Expr z) {
    z = (z ^ (z >> 30)) * Expr(uint64_t(0xbf58476d1ce4e5b9));
    z = (z ^ (z >> 27)) * Expr(uint64_t(0x94d049bb133111eb));
    return shared(z ^ (z >> 31));
}

// Returns the 64-bit key of one image. `seed` is uint64, `image` is uint32.
inline Expr image_key(const Expr &seed, const Expr &image) {
    const Expr of_seed = mix(seed + Expr(uint64_t(0x9e3779b97f4a7c15)));
    return mix(of_seed + Halide::cast<uint64_t>(image));
}

// Returns the 64-bit key of one row, `y` is uint32.
inline Expr row_key(const Expr &of_image, const Expr &y) {
    return mix(of_image + Halide::cast<uint64_t>(y));
}

// Elements of a row are numbered i = x * channels + channel, modulo 2^32. The hash begins with the
// product of that number and this odd constant (2^32 divided by the golden ratio).
inline Expr element_factor() {
    return Expr(0x9e3779b9u);
}

// Returns 32 bits for the element whose number times element_factor() is `product`, from the row's
// key. Only the high bits are random enough for use as they are.
inline Expr element_bits(const Expr &product, const Expr &of_row) {
    const Expr key_low = Halide::cast<uint32_t>(of_row);
    const Expr key_high = Halide::cast<uint32_t>(of_row >> 32);
    Expr h = product ^ key_low;
    h = (h ^ (h >> 16)) * Expr(0x21f0aaadu);
    return shared((h ^ (h >> 15) ^ key_high) * Expr(0x735a2d97u));
}

// Returns element_bits() with all 32 bits random.
inline Expr element_hash(const Expr &bits) {
    return shared(bits ^ (bits >> 15));
}

// Returns a float32, uniform in the integers of [-2^23, 2^23).
inline Expr uniform_integer(const Expr &h) {
    return Halide::cast<float>(Halide::reinterpret<int32_t>(h) >> 8);
}

// Returns a standard normal variable, |z| <= 6.0: the number of set bits of `h` and three more
// uniform variables make a nearly normal sum, a polynomial straightens the rest.
inline Expr standard_normal(const Expr &h, const Expr &zero) {
    using Halide::cast;
    using Halide::reinterpret;
    using Halide::strict_float;
    Expr g = h * Expr(0x9e3779b1u);
    g = g ^ (g >> 15);
    const Expr sum =
        (Halide::popcount(h) << 11) + (g & 2047u) + ((g >> 11) & 2047u) + ((g >> 22) << 1);
    // 71676 = 32 * 2048 + 2 * 2047 + 2 * 1023 is twice the mean; the product is exact.
    const Expr x = cast<float>(reinterpret<int32_t>(sum << 1) - 71676) * (1.0f / 4096.0f);
    const Expr q = rounded(x * x, zero);
    Expr p = strict_float(rounded(1.7584843e-9f * q, zero) - 2.7938345e-7f);
    p = strict_float(rounded(p * q, zero) + 1.24160831e-4f);
    p = strict_float(rounded(p * q, zero) + 0.34532562f);
    return shared(rounded(x * p, zero));
}

// Returns center + scale * random in float32, with a rounding each.
inline Expr scaled(const Expr &random, const Expr &center, const Expr &scale, const Expr &zero) {
    return Halide::strict_float(center + rounded(random * scale, zero));
}

// Returns a uint8 uniform in the `count` values from `low` on: low + floor(u * count) with
// u = (bits >> 8) / 2^24. `bits` are element_bits(): the high ones decide. `low` is uint8, `count`
// uint32.
inline Expr uniform_uint8(const Expr &bits, const Expr &low, const Expr &count) {
    return low + Halide::cast<uint8_t>(((bits >> 8) * count) >> 24);
}

// The same for uint16 and int16, stored as uint16, from all bits of element_hash(): u = h / 2^32.
// `low` is int32.
inline Expr uniform_uint16(const Expr &h, const Expr &low, const Expr &count) {
    const Expr steps = Halide::mul_shift_right(h, count, Expr(32u));
    return Halide::cast<uint16_t>(low + Halide::cast<int32_t>(steps));
}

// The parameters of noise (parameters.h), in the units of the image: of the pixel's channel, and of
// the whole image. Floats are center + scale * integer, integers are low + [0, count).
struct GaussianNoise {
    Expr center, scale, low, high;
};
struct UniformNoise {
    Expr center, scale, low, count;
};

// Returns Gaussian noise as float32, from element_hash().
inline Expr gaussian_number(const Expr &hash, const GaussianNoise &g, const Expr &zero) {
    const Expr normal = scaled(standard_normal(hash, zero), g.center, g.scale, zero);
    return Halide::max(Halide::min(normal, g.high), g.low);
}

// Returns a stored element of uniform noise, from element_bits() and element_hash().
inline Expr uniform_integer_element(const Halide::Type &type, const Expr &bits, const Expr &hash,
                                    const UniformNoise &u) {
    return type.bits() == 8 ? uniform_uint8(bits, Halide::cast<uint8_t>(u.low), u.count)
                            : uniform_uint16(hash, Halide::cast<int32_t>(u.low), u.count);
}

// Returns a stored element of noise, from its element_bits(), element_hash() and gaussian_number().
inline Expr noise_element(const Halide::Type &type, const Expr &is_uniform, const Expr &bits,
                          const Expr &hash, const UniformNoise &u, const Expr &gaussian,
                          const Expr &zero) {
    using Halide::select;
    if (type.is_float()) {
        const Expr uniform = scaled(uniform_integer(hash), u.center, u.scale, zero);
        return encoded(type, select(is_uniform, uniform, gaussian), false);
    }
    return select(is_uniform, uniform_integer_element(type, bits, hash, u),
                  stored_integer(type, gaussian));
}

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_DEFINITION_NOISE_H_
