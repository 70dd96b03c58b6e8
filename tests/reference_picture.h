// The plain definition of the RGB pictures of frames, one number at a time in double: nothing is
// shared with the library's sources or kernels.
#ifndef GLIMPSE_TESTS_REFERENCE_PICTURE_H_
#define GLIMPSE_TESTS_REFERENCE_PICTURE_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "glimpse/glimpse.h"
#include "reference.h"

namespace reference {

using glimpse::ConstFrame;
using glimpse::Matrix;
using glimpse::PixelFormat;
using glimpse::Range;
using glimpse::Siting;

// What a format is, told by its name alone.
struct FormatFacts {
    std::string name;
    int bits = 8;
    bool is_yuv = true, is_rgb = false;
    int x_step = 2, y_step = 2;  // pixels of a sample of chroma

    explicit FormatFacts(PixelFormat format) : name(glimpse::name(format)) {
        const auto is_one_of = [&](std::initializer_list<const char *> names) {
            return std::any_of(names.begin(), names.end(),
                               [&](const char *other) { return name == other; });
        };
        bits = is_one_of({"p010", "i010", "gray10le"}) ? 10
               : name == "gray12le"                    ? 12
               : name == "gray16le"                    ? 16
                                                       : 8;
        is_rgb = is_one_of({"rgb24", "bgr24", "rgbx", "bgrx", "xrgb", "xbgr", "rgba", "bgra",
                            "argb", "abgr", "rgb565"});
        is_yuv = !is_rgb && name.substr(0, 4) != "gray";
        if (is_one_of({"nv16", "nv61", "i422", "yuyv", "uyvy", "nv24", "nv42", "i444"})) {
            y_step = 1;
        }
        if (is_one_of({"nv24", "nv42", "i444"})) {
            x_step = 1;
        }
    }
};

class Picture {
public:
    // White is 255 or 65535. Pictures have three channels or, of luma alone, one.
    Picture(const ConstFrame &frames, double white, int64_t channels)
        : frames_(frames), facts_(frames.format), white_(white), channels_(channels) {
        const Matrix matrix = frames.color.matrix;
        kr_ = matrix == Matrix::bt709 ? 0.2126 : matrix == Matrix::bt2020 ? 0.2627 : 0.299;
        kb_ = matrix == Matrix::bt709 ? 0.0722 : matrix == Matrix::bt2020 ? 0.0593 : 0.114;
        for (int64_t i = 0; i < frames.count * frames.height * frames.width * channels; i++) {
            const int64_t pixel = i / channels, row = pixel / frames.width;
            numbers_.push_back(number(row / frames.height, row % frames.height,
                                      pixel % frames.width, i % channels));
        }
    }
    const FormatFacts &facts() const {
        return facts_;
    }

    // Channel c of the pixel at (y, x) of frame n: neither rounded nor cut off.
    double operator()(int64_t n, int64_t y, int64_t x, int64_t c) const {
        const int64_t pixel = (n * frames_.height + y) * frames_.width + x;
        return numbers_[static_cast<size_t>(pixel * channels_ + c)];
    }

private:
    double number(int64_t n, int64_t y, int64_t x, int64_t c) const {
        if (facts_.is_rgb) {
            return rgb(n, y, x, c) * white_ / 255;
        }
        const double luma = scaled(component(n, y, x, 0), false);
        if (!facts_.is_yuv || channels_ == 1) {
            return luma * white_;
        }
        const double u = scaled(chroma(n, y, x, 1), true), v = scaled(chroma(n, y, x, 2), true);
        const double kg = 1 - kr_ - kb_;
        const double a = 2 * (1 - kr_), e = 2 * (1 - kb_);
        return (c == 0   ? luma + a * v
                : c == 1 ? luma - e * kb_ / kg * u - a * kr_ / kg * v
                         : luma + e * u) *
               white_;
    }

    // Component Y, U or V at a sample of its own plane.
    double component(int64_t n, int64_t y, int64_t x, int which) const {
        const std::string &name = facts_.name;
        const auto at = [&](int plane, int64_t column, int64_t element) {
            const ConstView &view = frames_.planes[plane];
            return view.type == glimpse::ElementType::uint8
                       ? int(reference::element<uint8_t>(view, n, y, column, element))
                       : int(reference::element<uint16_t>(view, n, y, column, element));
        };
        int word = 0;
        if (name == "yuyv" || name == "uyvy") {
            const int64_t luma = name == "yuyv" ? 0 : 1;
            word = which == 0 ? at(0, x / 2, 2 * (x % 2) + luma)
                              : at(0, x, 2 * (which - 1) + 1 - luma);
        } else if (which == 0) {
            word = at(0, x, 0);
        } else if (frames_.planes[2].data != nullptr) {
            word = at(name == "yv12" ? 3 - which : which, x, 0);
        } else {
            const bool is_v_first = name == "nv21" || name == "nv61" || name == "nv42";
            word = at(1, x, is_v_first ? 2 - which : which - 1);
        }
        if (name == "p010") {
            return word >> 6;
        }
        return std::min(word, (1 << facts_.bits) - 1);
    }

    // Chroma at a pixel: linear between samples, whose centres are where the siting says.
    double chroma(int64_t n, int64_t y, int64_t x, int which) const {
        const int64_t rows = (frames_.height + facts_.y_step - 1) / facts_.y_step;
        const int64_t columns = (frames_.width + facts_.x_step - 1) / facts_.x_step;
        if (frames_.color.nearest_chroma) {
            return component(n, y / facts_.y_step, x / facts_.x_step, which);
        }
        const Siting siting = frames_.color.siting;
        const bool is_left = siting != Siting::center, is_top = siting == Siting::top_left;
        // In samples, from the centre of the first.
        const auto place = [](int64_t pixel, int step, bool is_first) {
            const double centre = static_cast<double>(pixel) + 0.5;
            return step == 1 ? centre - 0.5 : (centre - (is_first ? 0.5 : 1.0)) / 2;
        };
        const double py = place(y, facts_.y_step, is_top), px = place(x, facts_.x_step, is_left);
        const auto low_y = static_cast<int64_t>(std::floor(py));
        const auto low_x = static_cast<int64_t>(std::floor(px));
        const double fy = py - static_cast<double>(low_y), fx = px - static_cast<double>(low_x);
        double sum = 0;
        for (int dy = 0; dy < 2; dy++) {
            for (int dx = 0; dx < 2; dx++) {
                const int64_t r = std::clamp<int64_t>(low_y + dy, 0, rows - 1);
                const int64_t k = std::clamp<int64_t>(low_x + dx, 0, columns - 1);
                sum +=
                    (dy == 1 ? fy : 1 - fy) * (dx == 1 ? fx : 1 - fx) * component(n, r, k, which);
            }
        }
        return sum;
    }

    // To [0, 1], or [-1/2, 1/2] of chroma.
    double scaled(double component, bool is_chroma) const {
        const double unit = std::ldexp(1.0, facts_.bits - 8);
        const bool is_usual = frames_.color.range == Range::usual;
        const bool is_full = frames_.color.range == Range::full || (is_usual && !facts_.is_yuv);
        const double most = std::ldexp(1.0, facts_.bits) - 1;
        if (is_chroma) {
            return (component - 128 * unit) / (is_full ? most : 224 * unit);
        }
        return is_full ? component / most : (component - 16 * unit) / (219 * unit);
    }

    double rgb(int64_t n, int64_t y, int64_t x, int64_t c) const {
        const ConstView &view = frames_.planes[0];
        if (facts_.name == "rgb565") {
            const int word = reference::element<uint16_t>(view, n, y, x, 0);
            const int bits = c == 0 ? word >> 11 : c == 1 ? (word >> 5) & 63 : word & 31;
            return std::floor(bits * 255.0 / (c == 1 ? 63 : 31) + 0.5);
        }
        std::string letters = facts_.name == "rgb24"   ? "rgb"
                              : facts_.name == "bgr24" ? "bgr"
                                                       : facts_.name;
        const auto at = static_cast<int64_t>(letters.find("rgba"[c]));
        return reference::element<uint8_t>(view, n, y, x, at);
    }

    const ConstFrame frames_;
    const FormatFacts facts_;
    const double white_;
    const int64_t channels_;
    double kr_, kb_;
    std::vector<double> numbers_;
};

// The plane into which a border extends the picture: numbers of `white`. Values, statistics and
// noise are those of an image of `T`, uint8_t or uint16_t, with its own white.
template<typename T>
struct PicturePlane {
    Picture picture;
    double white = 255;
    Border border = Border::zero;
    std::vector<float> value;                   // in numbers of `white`
    std::vector<ChannelStatistics> statistics;  // of T
    uint64_t seed = 0;
    uint32_t first_image = 0;
    ConstView images;  // the shape alone

    double operator()(int64_t n, int64_t y, int64_t x, int64_t c) const {
        const int64_t height = images.shape.height, width = images.shape.width;
        const bool is_inside = y >= 0 && y < height && x >= 0 && x < width;
        if (is_inside || is_map(border)) {
            return picture(n, map(border, y, height), map(border, x, width), c);
        }
        const double unit = white / std::numeric_limits<T>::max();
        if (border == Border::constant) {
            const double v = static_cast<double>(value.size() == 1 ? value[0] : value[size_t(c)]);
            return value_of(to_element<T>(v / unit)) * unit;
        }
        const Plane<T> noise = {images, border, {}, statistics, seed, first_image};
        return value_of(noise(n, y, x, c)) * unit;
    }
};

}  // namespace reference

#endif  // GLIMPSE_TESTS_REFERENCE_PICTURE_H_
