// Strict reading of numbers and names.
#include "arguments.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "failure.h"

namespace glimpse {
namespace command {
namespace {

[[noreturn]] void reject_argument(const std::string &option, const std::string &text,
                                  const std::string &expected) {
    reject(option, " is '", text, "'; expected ", expected);
}

std::vector<std::string> split(const std::string &text, char separator = ',') {
    std::vector<std::string> parts(1);
    for (const char character : text) {
        if (character == separator) {
            parts.emplace_back();
        } else {
            parts.back() += character;
        }
    }
    return parts;
}

template<typename Integer>
bool parse_integer(const std::string &text, Integer &value) {
    const char *const end = text.data() + text.size();
    const std::from_chars_result result = std::from_chars(text.data(), end, value);
    return result.ec == std::errc() && result.ptr == end;
}

// strtof, since the standard library of GCC 10 has no from_chars for it; rounds once, to float32.
bool parse_float(const std::string &text, float &value) {
    if (text.empty() || std::isspace(static_cast<unsigned char>(text[0])) != 0) {
        return false;
    }
    char *end = nullptr;
    errno = 0;
    value = std::strtof(text.c_str(), &end);
    const bool overflows = errno == ERANGE && std::isinf(value);
    return end == text.c_str() + text.size() && !overflows;
}

void parse_raw(const std::string &text, InputFormat *format) {
    const std::vector<std::string> parts = split(text, ':');
    const std::vector<std::string> extents = split(parts[0], 'x');
    Size &size = format->raw_size;
    if (parts.size() != 2 || extents.size() != 2 || !parse_integer(extents[0], size.width) ||
        !parse_integer(extents[1], size.height) || size.width < 1 || size.height < 1) {
        reject_argument("--raw", text,
                        "WxH:FORMAT: width and height, 1 or more, and the name of a format");
    }
    format->raw = &raw_formats()[parse_name("the format of --raw", parts[1], raw_format_names())];
}

}  // namespace

Size parse_size(const std::string &option, const std::string &text) {
    const std::vector<std::string> parts = split(text);
    Size size;
    if (parts.size() != 2 || !parse_integer(parts[0], size.height) ||
        !parse_integer(parts[1], size.width) || size.height < 0 || size.width < 0) {
        reject_argument(option, text, "H,W: two integers, 0 or more");
    }
    return size;
}

Offset parse_offset(const std::string &option, const std::string &text) {
    const std::vector<std::string> parts = split(text);
    Offset offset = {};
    if (parts.size() != 2 || !parse_float(parts[0], offset.y) || !parse_float(parts[1], offset.x)) {
        reject_argument(option, text, "Y,X: two numbers");
    }
    return offset;
}

Origin parse_origin(const std::string &option, const std::string &text) {
    const std::vector<std::string> parts = split(text);
    Origin origin = {};
    if (parts.size() != 2 || !parse_integer(parts[0], origin.y) ||
        !parse_integer(parts[1], origin.x)) {
        reject_argument(option, text, "Y,X: two integers from -2147483648 to 2147483647");
    }
    return origin;
}

Box parse_box(const std::string &option, const std::string &text) {
    const std::vector<std::string> parts = split(text);
    Box box = {};
    if (parts.size() != 4 || !parse_float(parts[0], box.y0) || !parse_float(parts[1], box.x0) ||
        !parse_float(parts[2], box.y1) || !parse_float(parts[3], box.x1)) {
        reject_argument(option, text, "Y0,X0,Y1,X1: four numbers");
    }
    return box;
}

ChannelOrder parse_channel_order(const std::string &option, const std::string &text) {
    const std::vector<std::string> parts = split(text);
    ChannelOrder order;
    bool ok = parts.size() <= 4;
    for (size_t i = 0; ok && i < parts.size(); i++) {
        ok = parse_integer(parts[i], order.from[i]);
    }
    if (!ok) {
        reject_argument(option, text, "C or C,C,...: one to four channels, 0 to 254");
    }
    order.count = static_cast<uint8_t>(parts.size());
    return order;
}

Pixel parse_pixel(const std::string &option, const std::string &text) {
    const std::vector<std::string> parts = split(text);
    int64_t numbers[3] = {};
    bool ok = parts.size() == 2 || parts.size() == 3;
    for (size_t i = 0; ok && i < parts.size(); i++) {
        ok = parse_integer(parts[i], numbers[i]) && numbers[i] >= 0;
    }
    if (!ok) {
        reject_argument(option, text, "Y,X or Y,X,C: integers, 0 or more");
    }
    return {numbers[0], numbers[1], numbers[2]};
}

float parse_number(const std::string &option, const std::string &text) {
    float value = 0;
    if (!parse_float(text, value)) {
        reject_argument(option, text, "a number");
    }
    return value;
}

std::vector<float> parse_floats(const std::string &option, const std::string &text) {
    std::vector<float> values;
    for (const std::string &part : split(text)) {
        values.push_back(0);
        if (!parse_float(part, values.back())) {
            reject_argument(option, text, "one number, or one per channel: V or V,V,...");
        }
    }
    return values;
}

uint64_t parse_uint64(const std::string &option, const std::string &text) {
    uint64_t value = 0;
    if (!parse_integer(text, value)) {
        reject_argument(option, text, "an integer from 0 to 18446744073709551615");
    }
    return value;
}

int parse_int(const std::string &option, const std::string &text, int smallest, int largest) {
    int value = 0;
    if (!parse_integer(text, value) || value < smallest || value > largest) {
        reject_argument(option, text,
                        "an integer from " + std::to_string(smallest) + " to " +
                            std::to_string(largest));
    }
    return value;
}

size_t parse_name(const std::string &option, const std::string &text,
                  const std::vector<std::string> &names) {
    const auto found = std::find(names.begin(), names.end(), text);
    if (found == names.end()) {
        reject_argument(option, text, one_of(names));
    }
    return static_cast<size_t>(found - names.begin());
}

ElementType parse_type(const std::string &option, const std::string &text) {
    std::vector<std::string> names(element_type_count);
    for (size_t i = 0; i < names.size(); i++) {
        names[i] = name(static_cast<ElementType>(i));
    }
    return static_cast<ElementType>(parse_name(option, text, names));
}

namespace {

template<typename Enumerator>
void parse_color(const std::string &option, const std::optional<std::string> &text, int count,
                 Enumerator *enumerator) {
    if (!text) {
        return;
    }
    std::vector<std::string> names;
    for (int i = 1; i < count; i++) {  // 0 is what is usual
        names.emplace_back(name(static_cast<Enumerator>(i)));
    }
    *enumerator = static_cast<Enumerator>(1 + parse_name(option, *text, names));
}

void parse_frames(const std::string &text, InputFormat *format) {
    const std::vector<std::string> parts = split(text, ':');
    if (parts.size() != 2 || !parse_integer(parts[0], format->first_frame) ||
        !parse_integer(parts[1], format->end_frame) || format->first_frame < 0 ||
        format->end_frame <= format->first_frame) {
        reject_argument("--frames", text,
                        "A:B: the first frame and that after the last, 0 is the first of all");
    }
}

}  // namespace

InputFormat parse_input_format(const InputOptions &options) {
    const std::optional<std::string> &input_layout = options.layout, &raw = options.raw;
    InputFormat format;
    if (options.frames) {
        parse_frames(*options.frames, &format);
    }
    parse_color("--matrix", options.matrix, matrix_count, &format.color.matrix);
    parse_color("--range", options.range, range_count, &format.color.range);
    parse_color("--siting", options.siting, siting_count, &format.color.siting);
    if (input_layout && raw) {
        reject("--input-layout and --raw given; expected at most one of them");
    }
    if (input_layout) {
        parse_name("--input-layout", *input_layout, {"hwc", "chw", "bhwc", "bchw"});
        format.layout = *input_layout;
    }
    if (raw) {
        parse_raw(*raw, &format);
    }
    return format;
}

}  // namespace command
}  // namespace glimpse
