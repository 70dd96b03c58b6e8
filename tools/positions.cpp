// Positions from NPY files.
#include "positions.h"

#include <type_traits>

#include "contact_sheet.h"
#include "failure.h"
#include "npy.h"

namespace glimpse {
namespace command {
namespace {

template<typename Element, typename Function>
void for_each_as(const Buffer &buffer, const Function &function) {
    const int64_t count = buffer.size() / static_cast<int64_t>(sizeof(Element));
    for (int64_t i = 0; i < count; i++) {
        function(i, buffer.as<Element>()[i]);
    }
}

// Calls function(i, element) for all elements, each in its own type. False if it is no integer
// type.
template<typename Function>
bool for_each_integer(const std::string &type, const Buffer &buffer, const Function &function) {
    if (type == "i1") {
        for_each_as<int8_t>(buffer, function);
    } else if (type == "i2") {
        for_each_as<int16_t>(buffer, function);
    } else if (type == "i4") {
        for_each_as<int32_t>(buffer, function);
    } else if (type == "i8") {
        for_each_as<int64_t>(buffer, function);
    } else if (type == "u1") {
        for_each_as<uint8_t>(buffer, function);
    } else if (type == "u2") {
        for_each_as<uint16_t>(buffer, function);
    } else if (type == "u4") {
        for_each_as<uint32_t>(buffer, function);
    } else if (type == "u8") {
        for_each_as<uint64_t>(buffer, function);
    } else {
        return false;
    }
    return true;
}

template<typename Element>
bool fits_int32(Element element) {
    if constexpr (std::is_signed<Element>::value) {
        return int64_t{element} >= INT32_MIN && int64_t{element} <= INT32_MAX;
    } else {
        return uint64_t{element} <= uint64_t{INT32_MAX};
    }
}

// Rejects an array whose rows do not have `columns` elements.
void require_shape(const InputFile &file, const NpyHeader &header, int64_t columns) {
    const std::vector<int64_t> &shape = header.shape;
    if (columns > 1 ? shape.size() != 2 || shape[1] != columns : shape.size() != 1) {
        reject(file.path(), ": the shape is ", shape_text(shape), "; expected ",
               columns == 4   ? "(N, 4): a row (y0, x0, y1, x1) per glimpse"
               : columns == 2 ? "(N, 2): a row (y, x) per glimpse"
                              : "(N,): the number of an image per glimpse");
    }
}

// The elements of an integer array whose rows have `columns` elements.
std::vector<int32_t> read_int32(const std::string &path, int64_t columns) {
    const InputFile file(path);
    const NpyHeader header = read_npy_header(file);
    require_type(file, header, {"i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"},
                 "an integer type, little-endian");
    require_shape(file, header, columns);
    const Buffer buffer = read_npy_elements(file, header);
    std::vector<int32_t> values;
    for_each_integer(native_type(header), buffer, [&](int64_t i, auto element) {
        if (!fits_int32(element)) {
            reject(path, ": row ", i / columns, " holds ", element,
                   "; expected integers from -2147483648 to 2147483647");
        }
        values.push_back(static_cast<int32_t>(element));
    });
    return values;
}

// The elements of an array of numbers whose rows have `columns` elements.
std::vector<float> read_float32(const std::string &path, int64_t columns) {
    const InputFile file(path);
    const NpyHeader header = read_npy_header(file);
    require_type(file, header, {"f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"},
                 "float16, float32, float64 or an integer type, little-endian");
    require_shape(file, header, columns);
    const Buffer buffer = read_npy_elements(file, header);
    std::vector<float> values;
    const auto store = [&](int64_t, auto element) {
        values.push_back(static_cast<float>(element));
    };
    const std::string type = native_type(header);
    if (type == "f2") {
        for_each_as<uint16_t>(buffer, [&](int64_t i, uint16_t) {
            values.push_back(value_at(buffer.as<uint16_t>(), ElementType::float16, i));
        });
    } else if (type == "f4") {
        for_each_as<float>(buffer, store);
    } else if (type == "f8") {
        for_each_as<double>(buffer, store);
    } else {
        for_each_integer(type, buffer, store);
    }
    return values;
}

}  // namespace

std::vector<Offset> read_offsets(const std::string &path) {
    const std::vector<float> values = read_float32(path, 2);
    std::vector<Offset> offsets;
    for (size_t i = 0; i < values.size(); i += 2) {
        offsets.push_back({values[i], values[i + 1]});
    }
    return offsets;
}

std::vector<Box> read_boxes(const std::string &path) {
    const std::vector<float> values = read_float32(path, 4);
    std::vector<Box> boxes;
    for (size_t i = 0; i < values.size(); i += 4) {
        boxes.push_back({values[i], values[i + 1], values[i + 2], values[i + 3]});
    }
    return boxes;
}

std::vector<Origin> read_origins(const std::string &path) {
    const std::vector<int32_t> values = read_int32(path, 2);
    std::vector<Origin> origins;
    for (size_t i = 0; i < values.size(); i += 2) {
        origins.push_back({values[i], values[i + 1]});
    }
    return origins;
}

std::vector<int32_t> read_image_index(const std::string &path) {
    return read_int32(path, 1);
}

}  // namespace command
}  // namespace glimpse
