// Makes what colours pictures of the standards' numbers, in double.
#include "call/picture.h"

#include <cmath>

#include "call/components.h"

namespace glimpse {
namespace {

// Kr and Kb of ITU-R BT.601, BT.709 and BT.2020 (non-constant luminance).
struct Weights {
    double red, blue;
};
Weights weights_of(Matrix matrix) {
    switch (matrix) {
    case Matrix::bt709:
        return {0.2126, 0.0722};
    case Matrix::bt2020:
        return {0.2627, 0.0593};
    case Matrix::bt601:
    case Matrix::usual:
        break;
    }
    return {0.299, 0.114};
}

// R = y + red v, G = y + green_u u + green_v v, B = y + blue u; y is luma in [0, 1], u and v are
// chroma in [-1/2, 1/2].
struct Factors {
    double red, green_u, green_v, blue;

    explicit Factors(const Weights &w)
        : red(2 * (1 - w.red)), green_u(-2 * (1 - w.blue) * w.blue / (1 - w.red - w.blue)),
          green_v(-2 * (1 - w.red) * w.red / (1 - w.red - w.blue)), blue(2 * (1 - w.blue)) {
    }
};

// Of components of definition/color.h: which is black, and distances from it to white and from the
// least to the largest chroma.
struct Levels {
    double black, luma, chroma;

    Levels(Range range, int bits) {
        const double unit = 128, full = 32768 - std::ldexp(1.0, 15 - bits);
        const bool is_full = range == Range::full;
        black = is_full ? 0 : 16 * unit;
        luma = is_full ? full : 219 * unit;
        chroma = is_full ? full : 224 * unit;
    }
};

void write_integers(const Factors &f, const Levels &levels, int16_t *integers) {
    // Luma and tints are in units of 1/64; chroma is taken twice.
    constexpr double one = 32768, unit = 64.0 * 255;
    const auto rounded = [](double v) { return int16_t(std::lrint(v)); };
    const auto of_chroma = [&](double factor) {
        return rounded(factor * unit / levels.chroma / 2 * one);
    };
    integers[color_black] = rounded(levels.black);
    integers[color_luma] = rounded(unit / levels.luma * one);
    integers[color_first] = of_chroma(f.red);
    integers[color_first_of_middle] = of_chroma(-f.green_v);
    integers[color_second_of_middle] = of_chroma(-f.green_u);
    integers[color_last] = of_chroma(f.blue);
}

void write_floats(const Factors &f, const Levels &levels, double white, float *floats) {
    constexpr double middle = 16384;
    const double luma = white / levels.luma, chroma = white / levels.chroma;
    const auto black = [&](double factors) {
        const double number = levels.black * luma + middle * chroma * factors;
        return number == 0 ? 0.0f : float(-number);
    };
    floats[color_float_luma] = float(luma);
    floats[color_float_first] = float(chroma * f.red);
    floats[color_float_first_of_middle] = float(chroma * f.green_v);
    floats[color_float_second_of_middle] = float(chroma * f.green_u);
    floats[color_float_last] = float(chroma * f.blue);
    floats[color_float_black] = black(f.red);
    floats[color_float_black + 1] = black(f.green_u + f.green_v);
    floats[color_float_black + 2] = black(f.blue);
}

}  // namespace

Picture picture_of(const ConstFrame &frames, int channels, bool is_wide) noexcept {
    const FormatRow &row = *find_format(frames.format);
    const Color color = usual_color(frames.color, row);
    Picture p;
    p.frames = &frames;
    p.row = &row;
    p.channels = channels;
    p.is_wide = is_wide;
    for (int c = 0; c < row.components(); c++) {
        p.components[c] = component_of(frames, row, c);
    }
    if (row.kind == FormatKind::rgb565) {
        p.components[0] = frames.planes[0];
    }
    Factors factors(weights_of(color.matrix));
    if (!p.has_colors()) {
        factors.red = factors.green_u = factors.green_v = factors.blue = 0;
    }
    const Levels levels(color.range, row.bits);
    write_integers(factors, levels, p.rgb.integers);
    write_floats(factors, levels, double(p.white()), p.rgb.floats);
    if (p.has_colors()) {
        const Shape &chroma = p.components[1].shape;
        const bool is_left = color.siting == Siting::left;
        const bool is_corner = color.siting == Siting::top_left;
        p.chroma_y = {row.y_shift, is_corner ? 0 : 1, color.nearest_chroma, chroma.height};
        p.chroma_x = {row.x_shift, is_left || is_corner ? 0 : 1, color.nearest_chroma,
                      chroma.width};
    }
    return p;
}

}  // namespace glimpse
