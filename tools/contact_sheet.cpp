// The contact sheet, made and written row by row through libpng. libpng reports errors by longjmp,
// so the functions that call setjmp keep no object with a destructor.
#include "contact_sheet.h"

#include <png.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <vector>

#include "failure.h"

namespace glimpse {
namespace command {
namespace {

// Of 255.
constexpr int gap_gray = 128;
constexpr int checker_light = 255, checker_dark = 204;
constexpr int64_t checker_size = 8;
constexpr int64_t largest_png_extent = 0x7fffffff;

using Color = std::array<int, 3>;

struct Grid {
    int64_t columns = 1, rows = 0;
    int64_t width = 0, height = 0;  // in pixels

    // There is at least one glimpse.
    explicit Grid(const Shape &glimpses) {
        while (columns * columns < glimpses.count) {
            columns++;
        }
        rows = (glimpses.count + columns - 1) / columns;
        const bool overflows = __builtin_mul_overflow(columns, glimpses.width + 1, &width) ||
                               __builtin_mul_overflow(rows, glimpses.height + 1, &height);
        width -= 1;
        height -= 1;
        if (overflows || width > largest_png_extent || height > largest_png_extent) {
            reject("a contact sheet of ", columns, " x ", rows, " glimpses of ", glimpses.height,
                   " x ", glimpses.width, " pixels is too large for PNG; expected at most ",
                   largest_png_extent, " pixels in height and width");
        }
    }
};

float float16_value(uint16_t bits) {
    const int exponent = bits >> 10 & 0x1f, fraction = bits & 0x3ff;
    float magnitude = 0;
    if (exponent == 0x1f) {
        magnitude = fraction == 0 ? std::numeric_limits<float>::infinity()
                                  : std::numeric_limits<float>::quiet_NaN();
    } else {
        const int hidden = exponent == 0 ? 0 : 0x400;
        magnitude = std::ldexp(static_cast<float>(hidden + fraction), std::max(exponent, 1) - 25);
    }
    return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

float bfloat16_value(uint16_t bits) {
    const uint32_t wide = uint32_t{bits} << 16;
    float value = 0;
    std::memcpy(&value, &wide, sizeof value);
    return value;
}

int64_t element_count(const Shape &shape) {
    return product_of({shape.count, shape.height, shape.width, shape.channels},
                      "the contact sheet");
}

// Elements as gray levels from 0, black, to white().
class Levels {
public:
    // Of elements of the type `type`, scaled to those of `images` if at all.
    Levels(ElementType type, const Images &images)
        : is_scaled_(is_scaled_in_sheet(type)), white_(type == ElementType::uint16 ? 65535 : 255) {
        const int64_t count = is_scaled_ ? element_count(images.shape) : 0;
        bool is_first = true;
        for (int64_t i = 0; i < count; i++) {
            const double element = double{value_at(images.elements.as<uint8_t>(), images.type, i)};
            if (std::isfinite(element)) {
                smallest_ = is_first ? element : std::min(smallest_, element);
                largest_ = is_first ? element : std::max(largest_, element);
                is_first = false;
            }
        }
    }

    int white() const noexcept {
        return white_;
    }
    // The level of a gray of 0 to 255.
    int of_gray(int gray) const noexcept {
        return gray * (white_ / 255);
    }
    int operator()(float element) const noexcept {
        if (!is_scaled_) {
            return static_cast<int>(element);
        }
        if (double{element} <= smallest_) {
            return 0;
        }
        if (double{element} >= largest_) {
            return white_;
        }
        const double fraction = (double{element} - smallest_) / (largest_ - smallest_);
        return static_cast<int>(std::lrint(fraction * white_));
    }

private:
    bool is_scaled_;
    int white_;
    double smallest_ = 0, largest_ = 0;
};

class Sheet {
public:
    Sheet(const Images &glimpses, const Images &images)
        : glimpses_(glimpses.view()), levels_(glimpses.type, images), grid_(glimpses.shape),
          samples_(samples_needed(glimpses)),
          row_(static_cast<size_t>(grid_.width * samples_ * sample_bytes())) {
    }

    const Grid &grid() const noexcept {
        return grid_;
    }
    bool is_gray() const noexcept {
        return samples_ == 1;
    }
    int sample_bytes() const noexcept {
        return levels_.white() > 255 ? 2 : 1;
    }

    // Returns row y as a PNG holds it, valid until the next call.
    const uint8_t *row(int64_t y) noexcept {
        const Shape &shape = glimpses_.shape;
        const int64_t y_in_cell = y % (shape.height + 1);
        const int64_t first = y / (shape.height + 1) * grid_.columns;
        // Of both bytes of a sample of 16 bits too: 128 * 257.
        std::fill(row_.begin(), row_.end(), static_cast<uint8_t>(gap_gray));
        if (y_in_cell < shape.height) {
            for (int64_t n = first; n < std::min(first + grid_.columns, shape.count); n++) {
                const int64_t x = (n - first) * (shape.width + 1);
                draw(n, y_in_cell, row_.data() + x * samples_ * sample_bytes());
            }
        }
        return row_.data();
    }

private:
    // Gray, unless something has a colour.
    static int64_t samples_needed(const Images &glimpses) {
        if (glimpses.shape.channels > 1) {
            return 3;
        }
        const int64_t count = element_count(glimpses.shape);
        for (int64_t i = 0; i < count; i++) {
            if (std::isnan(value_at(glimpses.elements.as<uint8_t>(), glimpses.type, i))) {
                return 3;
            }
        }
        return 1;
    }

    void draw(int64_t n, int64_t y, uint8_t *to) const noexcept {
        for (int64_t x = 0; x < glimpses_.shape.width; x++) {
            const Color color = color_of(n, y, x);
            for (int64_t sample = 0; sample < samples_; sample++) {
                const int level = color[static_cast<size_t>(sample)];
                if (sample_bytes() == 2) {
                    *to++ = static_cast<uint8_t>(level >> 8);
                }
                *to++ = static_cast<uint8_t>(level & 0xff);
            }
        }
    }

    Color color_of(int64_t n, int64_t y, int64_t x) const noexcept {
        const Strides &strides = glimpses_.strides;
        const int64_t pixel = n * strides.image + y * strides.row + x * strides.column;
        std::array<int, 4> levels = {};
        for (int64_t c = 0; c < glimpses_.shape.channels; c++) {
            const float value =
                value_at(glimpses_.data, glimpses_.type, pixel + c * strides.channel);
            if (std::isnan(value)) {
                return {levels_.white(), 0, levels_.white()};  // magenta
            }
            levels[static_cast<size_t>(c)] = levels_(value);
        }
        if (glimpses_.shape.channels == 1) {
            return {levels[0], levels[0], levels[0]};
        }
        Color color = {levels[0], levels[1], levels[2]};
        if (glimpses_.shape.channels == 4) {
            const bool is_light = (y / checker_size + x / checker_size) % 2 == 0;
            const int under = levels_.of_gray(is_light ? checker_light : checker_dark);
            for (int &level : color) {
                level = blend(level, under, levels[3]);
            }
        }
        return color;
    }

    int blend(int over, int under, int alpha) const noexcept {
        const int64_t white = levels_.white();
        return static_cast<int>((over * int64_t{alpha} + under * (white - alpha) + white / 2) /
                                white);
    }

    ConstView glimpses_;
    Levels levels_;
    Grid grid_;
    int64_t samples_;  // per pixel of the sheet
    std::vector<uint8_t> row_;
};

void write_bytes(png_structp png, png_bytep from, size_t bytes) {
    if (!static_cast<OutputFile *>(png_get_io_ptr(png))->write(from, bytes)) {
        png_error(png, "the file cannot be written");
    }
}

void flush_nothing(png_structp) {
}

[[noreturn]] void keep_message(png_structp png, png_const_charp message) {
    std::snprintf(static_cast<char *>(png_get_error_ptr(png)), 100, "%s", message);
    png_longjmp(png, 1);
}

void ignore_message(png_structp, png_const_charp) {
}

bool write_rows(png_structp png, png_infop info, Sheet *sheet) {
    if (setjmp(png_jmpbuf(png)) != 0) {
        return false;
    }
    const Grid &grid = sheet->grid();
    png_set_user_limits(png, largest_png_extent, largest_png_extent);
    png_set_IHDR(png, info, static_cast<png_uint_32>(grid.width),
                 static_cast<png_uint_32>(grid.height), 8 * sheet->sample_bytes(),
                 sheet->is_gray() ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (int64_t y = 0; y < grid.height; y++) {
        png_write_row(png, sheet->row(y));
    }
    png_write_end(png, info);
    return true;
}

}  // namespace

float value_at(const void *elements, ElementType type, int64_t i) {
    switch (type) {
    case ElementType::uint8:
        return static_cast<const uint8_t *>(elements)[i];
    case ElementType::uint16:
        return static_cast<const uint16_t *>(elements)[i];
    case ElementType::int16:
        return static_cast<const int16_t *>(elements)[i];
    case ElementType::float16:
        return float16_value(static_cast<const uint16_t *>(elements)[i]);
    case ElementType::bfloat16:
        return bfloat16_value(static_cast<const uint16_t *>(elements)[i]);
    case ElementType::float32:
        break;
    }
    return static_cast<const float *>(elements)[i];
}

bool is_scaled_in_sheet(ElementType type) {
    return type != ElementType::uint8 && type != ElementType::uint16;
}

void require_showable(const Shape &glimpses) {
    if (glimpses.channels != 1 && glimpses.channels != 3 && glimpses.channels != 4) {
        reject("a PNG cannot show images of ", glimpses.channels,
               " channels; expected 1 (gray), 3 (RGB) or 4 (RGBA), or an output that ends in .npy");
    }
    if (glimpses.count == 0 || glimpses.height == 0 || glimpses.width == 0) {
        reject("a PNG cannot show ", glimpses.count,
               glimpses.count == 1 ? " glimpse of " : " glimpses of ", glimpses.height, " x ",
               glimpses.width, " pixels; expected at least one pixel, or an output that ends in ",
               ".npy");
    }
    Grid{glimpses};
}

void write_contact_sheet(OutputFile &file, const Images &glimpses, const Images &images) {
    Sheet sheet(glimpses, images);
    char message[100] = "";
    png_structp png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, message, keep_message, ignore_message);
    png_infop info = png != nullptr ? png_create_info_struct(png) : nullptr;
    if (info == nullptr) {
        png_destroy_write_struct(&png, nullptr);
        throw Failure(ExitCode::internal_failure, "libpng could not be set up");
    }
    png_set_write_fn(png, &file, write_bytes, flush_nothing);
    const bool written = write_rows(png, info, &sheet);
    png_destroy_write_struct(&png, &info);
    if (!written && file.write("", 0)) {
        throw Failure(ExitCode::internal_failure,
                      std::string("the contact sheet could not be written: ") + message);
    }
}

}  // namespace command
}  // namespace glimpse
