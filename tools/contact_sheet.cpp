// The contact sheet, made and written row by row through libpng. libpng reports errors by longjmp,
// so the functions that call setjmp keep no object with a destructor.
#include "contact_sheet.h"

#include <png.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <vector>

#include "failure.h"

namespace glimpse {
namespace command {
namespace {

constexpr uint8_t gap_gray = 128;
constexpr int64_t checker_size = 8;
constexpr uint8_t checker_light = 255, checker_dark = 204;
constexpr int64_t largest_png_extent = 0x7fffffff;

using Color = std::array<uint8_t, 3>;
constexpr Color magenta = {255, 0, 255};

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

// Elements as gray levels.
class Levels {
public:
    explicit Levels(const Images &images) {
        if (images.type != ElementType::float32) {
            return;
        }
        const float *const elements = images.pixels.as<float>();
        const int64_t count = images.pixels.size() / static_cast<int64_t>(sizeof(float));
        bool is_first = true;
        for (int64_t i = 0; i < count; i++) {
            const double element = double{elements[i]};
            if (std::isfinite(element)) {
                smallest_ = is_first ? element : std::min(smallest_, element);
                largest_ = is_first ? element : std::max(largest_, element);
                is_first = false;
            }
        }
    }

    uint8_t operator()(uint8_t element) const noexcept {
        return element;
    }
    uint8_t operator()(float element) const noexcept {
        if (double{element} <= smallest_) {
            return 0;
        }
        if (double{element} >= largest_) {
            return 255;
        }
        const double fraction = (double{element} - smallest_) / (largest_ - smallest_);
        return static_cast<uint8_t>(std::lrint(fraction * 255));
    }

private:
    double smallest_ = 0, largest_ = 0;
};

bool is_nan(uint8_t) {
    return false;
}
bool is_nan(float element) {
    return std::isnan(element);
}

uint8_t blend(uint8_t over, uint8_t under, uint8_t alpha) {
    return static_cast<uint8_t>((over * alpha + under * (255 - alpha) + 127) / 255);
}

template<typename Element>
Color color_of(const Element *pixel, int64_t channels, const Levels &levels, int64_t y, int64_t x) {
    for (int64_t c = 0; c < channels; c++) {
        if (is_nan(pixel[c])) {
            return magenta;
        }
    }
    if (channels == 1) {
        const uint8_t gray = levels(pixel[0]);
        return {gray, gray, gray};
    }
    Color color = {levels(pixel[0]), levels(pixel[1]), levels(pixel[2])};
    if (channels == 4) {
        const uint8_t alpha = levels(pixel[3]);
        const uint8_t under =
            (y / checker_size + x / checker_size) % 2 == 0 ? checker_light : checker_dark;
        for (uint8_t &sample : color) {
            sample = blend(sample, under, alpha);
        }
    }
    return color;
}

class Sheet {
public:
    Sheet(const Images &glimpses, const Images &images)
        : glimpses_(glimpses), levels_(images), grid_(glimpses.shape), samples_(samples_needed()),
          row_(static_cast<size_t>(grid_.width * samples_)) {
    }

    const Grid &grid() const noexcept {
        return grid_;
    }
    bool is_gray() const noexcept {
        return samples_ == 1;
    }

    // Returns row y, valid until the next call.
    const uint8_t *row(int64_t y) noexcept {
        const Shape &shape = glimpses_.shape;
        const int64_t y_in_cell = y % (shape.height + 1);
        const int64_t first = y / (shape.height + 1) * grid_.columns;
        std::fill(row_.begin(), row_.end(), gap_gray);
        if (y_in_cell < shape.height) {
            for (int64_t n = first; n < std::min(first + grid_.columns, shape.count); n++) {
                uint8_t *const to = row_.data() + (n - first) * (shape.width + 1) * samples_;
                if (glimpses_.type == ElementType::uint8) {
                    draw<uint8_t>(n, y_in_cell, to);
                } else {
                    draw<float>(n, y_in_cell, to);
                }
            }
        }
        return row_.data();
    }

private:
    // Gray, unless something has a colour.
    int64_t samples_needed() const {
        if (glimpses_.shape.channels > 1) {
            return 3;
        }
        if (glimpses_.type != ElementType::float32) {
            return 1;
        }
        const float *const elements = glimpses_.pixels.as<float>();
        const int64_t count = glimpses_.pixels.size() / static_cast<int64_t>(sizeof(float));
        return std::any_of(elements, elements + count, [](float e) { return std::isnan(e); }) ? 3
                                                                                              : 1;
    }

    template<typename Element>
    void draw(int64_t n, int64_t y, uint8_t *to) noexcept {
        const Shape &shape = glimpses_.shape;
        const Element *pixel =
            glimpses_.pixels.as<Element>() + (n * shape.height + y) * shape.width * shape.channels;
        for (int64_t x = 0; x < shape.width; x++) {
            const Color color = color_of(pixel, shape.channels, levels_, y, x);
            to = std::copy(color.begin(), color.begin() + samples_, to);
            pixel += shape.channels;
        }
    }

    const Images &glimpses_;
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
                 static_cast<png_uint_32>(grid.height), 8,
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

void require_showable(const Shape &glimpses) {
    if (glimpses.channels != 1 && glimpses.channels != 3 && glimpses.channels != 4) {
        reject("a PNG cannot show images of ", glimpses.channels,
               " channels; expected 1 (gray), 3 (RGB) or 4 (RGBA), or an output that ends in .npy");
    }
    if (glimpses.count == 0 || glimpses.height == 0 || glimpses.width == 0) {
        reject("a PNG cannot show ", glimpses.count, " glimpses of ", glimpses.height, " x ",
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
