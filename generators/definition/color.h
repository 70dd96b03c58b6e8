// How pixels of a frame get their colour: of luma and chroma at a pixel to R, G and B.
//
// Components are numbers in [0, 2^15): those of b bits times 2^(15 - b). So what is between samples
// of chroma at a pixel of the image, 16ths of them, is a whole number of 8 or 10 bits, too.
#ifndef GLIMPSE_GENERATORS_DEFINITION_COLOR_H_
#define GLIMPSE_GENERATORS_DEFINITION_COLOR_H_

#include "Halide.h"
#include "element.h"
#include "expressions.h"
#include "kernel_abi.h"

namespace glimpse {

// An element of a frame of 8 or, in the upper or lower part of words, of 10 bits as a number.
inline Expr frame_component(const Expr &element, const Expr &is_upper) {
    using namespace Halide;
    const bool has_words = element.type().bits() == 16;
    const Expr ten = select(is_upper, element >> 6, min(element, cast(element.type(), 1023)));
    return cast<int16_t>(has_words ? ten : element);
}

// What chroma adds to luma for R, G and B; or for B, G and R, if U is first.
struct Tint {
    Expr first, middle, last;
};

// Of integers: `first` and `second` are twice as far from the middle as components are, in
// [-2^15, 2^15); tints are in units of 1/64.
template<typename Coefficient>
Tint integer_tint(const Expr &first, const Expr &second, const Coefficient &coefficient) {
    using namespace Halide;
    const auto product = [&](const Expr &v, ColorInteger which) {
        // Halide knows of such a factor that the product does not overflow.
        const Expr known = coefficient(which) & cast<int16_t>(0x7fff);
        return rounding_mul_shift_right(v, known, 15);
    };
    return {
        product(first, color_first),
        -(product(first, color_first_of_middle) + product(second, color_second_of_middle)),
        product(second, color_last),
    };
}
// The middle of components, twice.
constexpr int color_middle = 1 << 15;

// Luma of integers, in units of 1/64, from the component less color_black.
template<typename Coefficient>
Expr integer_luma(const Expr &luma, const Coefficient &coefficient) {
    const Expr known = coefficient(color_luma) & Halide::cast<int16_t>(0x7fff);
    return Halide::rounding_mul_shift_right(luma - coefficient(color_black), known, 15);
}
// The nearest integer to the sum, in [0, 255].
inline Expr colored_uint8(const Expr &luma, const Expr &tint) {
    using namespace Halide;
    const Expr sum = saturating_add(luma, tint);
    return saturating_cast<uint8_t>(rounding_mul_shift_right(sum, cast<int16_t>(512), 15));
}

// Of float32: a channel of luma, and tints.
template<typename Coefficient>
Tint float_tint(const Expr &first, const Expr &second, const Coefficient &coefficient,
                const Expr &zero = Expr(0u)) {
    const auto product = [&](const Expr &v, ColorFloat which) {
        return rounded(Halide::strict_float(v * coefficient(which)), zero);
    };
    return {product(first, color_float_first),
            Halide::strict_float(product(first, color_float_first_of_middle) +
                                 product(second, color_float_second_of_middle)),
            product(second, color_float_last)};
}
// Of the product of luma and its coefficient.
inline Expr colored_float(const Expr &luma, const Expr &tint, const Expr &black) {
    return Halide::strict_float(Halide::strict_float(luma + tint) + black);
}

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_DEFINITION_COLOR_H_
