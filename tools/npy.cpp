// NPY files, versions 1.0 to 3.0.
#include "npy.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>

#include "failure.h"

namespace glimpse {
namespace command {
namespace {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "elements are read without swapping");

constexpr char magic[] = "\x93NUMPY";
constexpr int64_t magic_size = sizeof magic - 1;
constexpr int64_t longest_header = 1 << 20;

// Parses the Python literal of a header: a dict of three keys in any order.
class HeaderParser {
public:
    HeaderParser(const std::string &path, const std::string &text) : path_(path), text_(text) {
    }

    NpyHeader parse() {
        NpyHeader header;
        bool has_descr = false, has_fortran_order = false, has_shape = false;
        expect('{');
        while (!accept('}')) {
            const std::string key = parse_string("a key in quotes");
            bool *const has = key == "descr"           ? &has_descr
                              : key == "fortran_order" ? &has_fortran_order
                              : key == "shape"         ? &has_shape
                                                       : nullptr;
            if (has == nullptr || *has) {
                fail(has == nullptr ? "the key '" + key + "' is unknown"
                                    : "the key '" + key + "' stands there twice");
            }
            *has = true;
            expect(':');
            if (has == &has_descr) {
                header.descr = parse_descr();
            } else if (has == &has_fortran_order) {
                header.fortran_order = parse_bool();
            } else {
                header.shape = parse_shape();
            }
            if (!accept(',')) {
                expect('}');
                break;
            }
        }
        skip_space();
        if (position_ != text_.size()) {
            fail("text follows the dict");
        }
        if (!has_descr || !has_fortran_order || !has_shape) {
            fail(std::string("the key '") +
                 (!has_descr           ? "descr"
                  : !has_fortran_order ? "fortran_order"
                                       : "shape") +
                 "' is missing");
        }
        return header;
    }

private:
    [[noreturn]] void fail(const std::string &what) const {
        reject(path_, ": the NPY header is not valid: ", what,
               "; expected {'descr': TYPE, 'fortran_order': False or True, 'shape': (INTEGERS)}");
    }

    void skip_space() {
        while (position_ < text_.size() && std::strchr(" \t\r\n", text_[position_]) != nullptr &&
               text_[position_] != '\0') {
            position_++;
        }
    }

    bool accept(char wanted) {
        skip_space();
        if (position_ < text_.size() && text_[position_] == wanted) {
            position_++;
            return true;
        }
        return false;
    }

    void expect(char wanted) {
        if (!accept(wanted)) {
            fail(std::string("'") + wanted + "' is missing at byte " + std::to_string(position_));
        }
    }

    std::string parse_string(const char *what) {
        for (const char quote : {'\'', '"'}) {
            if (accept(quote)) {
                const size_t end = text_.find(quote, position_);
                if (end == std::string::npos) {
                    fail("a string does not end");
                }
                std::string value = text_.substr(position_, end - position_);
                if (value.find('\\') != std::string::npos) {
                    fail("a string holds a backslash");
                }
                position_ = end + 1;
                return value;
            }
        }
        fail(std::string(what) + " is missing at byte " + std::to_string(position_));
    }

    // A type with fields is a list of tuples: kept as text, for the message that refuses it.
    std::string parse_descr() {
        skip_space();
        if (position_ >= text_.size() || text_[position_] != '[') {
            return parse_string("a type in quotes");
        }
        const size_t begin = position_;
        int depth = 0;
        do {
            if (accept('[') || accept('(')) {
                depth++;
            } else if (accept(']') || accept(')')) {
                depth--;
            } else if (position_ >= text_.size()) {
                fail("a list does not end");
            } else if (text_[position_] == '\'' || text_[position_] == '"') {
                parse_string("a string");
            } else {
                position_++;
            }
        } while (depth > 0);
        return text_.substr(begin, position_ - begin);
    }

    bool parse_bool() {
        skip_space();
        for (const bool value : {false, true}) {
            const std::string word = value ? "True" : "False";
            if (text_.compare(position_, word.size(), word) == 0) {
                position_ += word.size();
                return value;
            }
        }
        fail("'fortran_order' is neither False nor True");
    }

    std::vector<int64_t> parse_shape() {
        std::vector<int64_t> shape;
        bool ends_with_comma = true;
        expect('(');
        while (!accept(')')) {
            if (!ends_with_comma) {
                fail("'shape' is not a tuple of integers");
            }
            skip_space();
            int64_t extent = 0;
            const char *const begin = text_.data() + position_;
            const std::from_chars_result result =
                std::from_chars(begin, text_.data() + text_.size(), extent);
            if (result.ec == std::errc::result_out_of_range) {
                fail("an extent of 'shape' leaves 64 bits");
            }
            if (result.ec != std::errc()) {
                fail("'shape' is not a tuple of integers");
            }
            if (extent < 0) {
                fail("'shape' holds the negative extent " + std::to_string(extent));
            }
            position_ += static_cast<size_t>(result.ptr - begin);
            if (position_ < text_.size() && text_[position_] == 'L') {
                position_++;  // NumPy under Python 2 wrote (3L, 4L)
            }
            shape.push_back(extent);
            ends_with_comma = accept(',');
        }
        if (shape.size() == 1 && !ends_with_comma) {
            fail("'shape' is not a tuple of integers");
        }
        return shape;
    }

    const std::string &path_;
    const std::string &text_;
    size_t position_ = 0;
};

int64_t element_size(const NpyHeader &header) {
    int64_t size = 0;
    for (const char digit : native_type(header).substr(1)) {
        size = size * 10 + (digit - '0');
    }
    return size;
}

// Copies elements from Fortran order, where the first index runs fastest, to C order.
template<typename Element>
void transpose(const std::vector<int64_t> &shape, const Element *from, int64_t count, Element *to) {
    const size_t rank = shape.size();
    std::vector<int64_t> index(rank, 0), stride(rank, 1);
    for (size_t axis = 1; axis < rank; axis++) {
        stride[axis] = stride[axis - 1] * shape[axis - 1];
    }
    int64_t offset = 0;
    for (int64_t i = 0; i < count; i++) {
        to[i] = from[offset];
        for (size_t axis = rank; axis-- > 0;) {
            offset += stride[axis];
            if (++index[axis] < shape[axis]) {
                break;
            }
            offset -= stride[axis] * shape[axis];
            index[axis] = 0;
        }
    }
}

Buffer to_c_order(const NpyHeader &header, const Buffer &from, int64_t count,
                  const std::string &what) {
    Buffer to(from.size(), what);
    switch (element_size(header)) {
    case 1:
        transpose(header.shape, from.as<uint8_t>(), count, to.as<uint8_t>());
        break;
    case 2:
        transpose(header.shape, from.as<uint16_t>(), count, to.as<uint16_t>());
        break;
    case 4:
        transpose(header.shape, from.as<uint32_t>(), count, to.as<uint32_t>());
        break;
    case 8:
        transpose(header.shape, from.as<uint64_t>(), count, to.as<uint64_t>());
        break;
    default:
        throw Failure(ExitCode::internal_failure, "an NPY element of an unknown size");
    }
    return to;
}

}  // namespace

bool is_npy(const InputFile &file) {
    char begin[magic_size];
    if (file.size() < magic_size) {
        return false;
    }
    file.read(0, begin, magic_size);
    return std::memcmp(begin, magic, magic_size) == 0;
}

NpyHeader read_npy_header(const InputFile &file) {
    if (!is_npy(file)) {
        reject(file.path(), ": is no NPY file");
    }
    constexpr int64_t version_size = 2;
    uint8_t version[version_size] = {};
    if (file.size() < magic_size + version_size) {
        reject(file.path(), ": the NPY header is cut off: the file has ", file.size(), " bytes");
    }
    file.read(magic_size, version, version_size);
    if (version[0] < 1 || version[0] > 3 || version[1] != 0) {
        reject(file.path(), ": the NPY version is ", int{version[0]}, ".", int{version[1]},
               "; expected 1.0, 2.0 or 3.0");
    }
    const int64_t length_offset = magic_size + version_size;
    const int64_t length_size = version[0] == 1 ? 2 : 4;
    const int64_t text_offset = length_offset + length_size;
    if (file.size() < text_offset) {
        reject(file.path(), ": the NPY header is cut off: the file has ", file.size(), " bytes");
    }
    uint32_t length = 0;
    file.read(length_offset, &length, length_size);
    if (length > file.size() - text_offset) {
        reject(file.path(), ": the NPY header is cut off: it has ", length, " bytes, and the file ",
               file.size() - text_offset);
    }
    if (length > longest_header) {
        reject(file.path(), ": the NPY header has ", length, " bytes; expected at most ",
               longest_header);
    }
    std::string text(length, '\0');
    file.read(text_offset, &text[0], length);
    NpyHeader header = HeaderParser(file.path(), text).parse();
    header.elements_offset = text_offset + length;
    return header;
}

std::string native_type(const NpyHeader &header) {
    const std::string &descr = header.descr;
    if (descr.size() < 3 || !std::all_of(descr.begin() + 2, descr.end(), [](unsigned char digit) {
            return std::isdigit(digit) != 0;
        })) {
        return "";
    }
    const std::string type = descr.substr(1);
    const bool is_byte = type == "u1" || type == "i1";
    const bool has_no_order = is_byte || type[0] == 'V';
    const bool is_native =
        descr[0] == '<' || (has_no_order && descr[0] == '|') || (is_byte && descr[0] == '>');
    return is_native ? type : "";
}

std::string npy_descr(const std::string &type) {
    return (type.back() == '1' ? "|" : "<") + type;
}

void require_type(const InputFile &file, const NpyHeader &header,
                  const std::vector<std::string> &types, const std::string &expected) {
    const std::string type = native_type(header);
    if (std::find(types.begin(), types.end(), type) == types.end()) {
        reject(file.path(), ": the type is '", header.descr, "'",
               header.descr.substr(0, 1) == ">" ? " (big-endian)" : "", "; expected ", expected);
    }
}

Buffer read_npy_elements(const InputFile &file, const NpyHeader &header) {
    const int64_t size = element_size(header);
    int64_t count = 1;
    bool fits = true;
    if (std::find(header.shape.begin(), header.shape.end(), 0) != header.shape.end()) {
        count = 0;
    } else {
        for (const int64_t extent : header.shape) {
            fits = fits && !__builtin_mul_overflow(count, extent, &count);
        }
    }
    int64_t expected = 0;
    fits = fits && !__builtin_mul_overflow(count, size, &expected);
    const int64_t found = file.size() - header.elements_offset;
    if (!fits || expected != found) {
        const bool is_short = !fits || found < expected;
        reject(file.path(),
               is_short ? ": the data are truncated: " : ": bytes follow the data: ", "the shape ",
               shape_text(header.shape), " of '", header.descr, "' takes ",
               fits ? std::to_string(expected) : "more than 2^63", " bytes; the file holds ",
               found);
    }
    Buffer elements(expected, file.path());
    file.read(header.elements_offset, elements.as<uint8_t>(), expected);
    if (header.fortran_order && header.shape.size() > 1 && count > 0) {
        elements = to_c_order(header, elements, count, file.path());
    }
    return elements;
}

std::string shape_text(const std::vector<int64_t> &shape) {
    std::string text = "(";
    for (size_t i = 0; i < shape.size(); i++) {
        text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
    }
    return text + (shape.size() == 1 ? ",)" : ")");
}

void write_npy(OutputFile &file, const std::string &descr, const std::vector<int64_t> &shape,
               const Buffer &elements) {
    std::string text =
        "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape_text(shape) + ", }";
    // NumPy aligns the elements to 64 bytes and ends the header with a line feed.
    constexpr size_t alignment = 64;
    const size_t prefix_size = magic_size + 4;
    const size_t unpadded = prefix_size + text.size() + 1;
    text.append((alignment - unpadded % alignment) % alignment, ' ');
    text += '\n';
    std::string prefix(magic, magic_size);
    prefix += '\x01';
    prefix += '\x00';
    prefix += static_cast<char>(text.size() & 0xff);
    prefix += static_cast<char>(text.size() >> 8);
    file.write(prefix.data(), prefix.size());
    file.write(text.data(), text.size());
    file.write(elements.as<char>(), static_cast<size_t>(elements.size()));
}

}  // namespace command
}  // namespace glimpse
