// Arguments of Python's functions.
#include "arguments.h"

#include <cmath>
#include <cstring>
#include <limits>

namespace glimpse_python {

void check(const glimpse::Status &status) {
    using glimpse::StatusCode;
    switch (status.code()) {
    case StatusCode::ok:
        return;
    case StatusCode::unsupported_type:
    case StatusCode::type_mismatch:
        throw nb::type_error(status.message());
    case StatusCode::out_of_memory:
        throw std::bad_alloc();
    case StatusCode::unusable_variant:
    case StatusCode::device_error:
    case StatusCode::internal:
        throw std::runtime_error(status.message());
    default:
        throw nb::value_error(status.message());
    }
}

namespace {

[[noreturn]] void fail_type(const char *name, nb::handle object, const char *expected) {
    // Errors that mean anything else, such as KeyboardInterrupt, go on.
    if (PyErr_Occurred() != nullptr && PyErr_ExceptionMatches(PyExc_TypeError) == 0 &&
        PyErr_ExceptionMatches(PyExc_ValueError) == 0 &&
        PyErr_ExceptionMatches(PyExc_OverflowError) == 0) {
        throw nb::python_error();
    }
    PyErr_Clear();
    throw nb::type_error((std::string(name) + " is " + nb::cast<std::string>(nb::repr(object)) +
                          "; expected " + expected)
                             .c_str());
}

}  // namespace

const char *text_of(nb::handle object, const char *name) {
    if (PyUnicode_Check(object.ptr())) {
        Py_ssize_t length = 0;
        const char *const text = PyUnicode_AsUTF8AndSize(object.ptr(), &length);
        if (text != nullptr && strlen(text) == size_t(length)) {
            return text;
        }
    }
    fail_type(name, object, "a str");
}

bool bool_of(nb::handle object, const char *name) {
    const int truth = object.ptr() == Py_True    ? 1
                      : object.ptr() == Py_False ? 0
                                                 : PyObject_IsTrue(object.ptr());
    if (truth < 0) {
        fail_type(name, object, "True or False");
    }
    return truth != 0;
}

int64_t integer_of(nb::handle object, const char *name, int64_t least, int64_t most) {
    const nb::object index = nb::steal(PyNumber_Index(object.ptr()));
    if (!index.is_valid()) {
        fail_type(name, object, "an integer");
    }
    int overflow = 0;
    const long long number = PyLong_AsLongLongAndOverflow(index.ptr(), &overflow);
    if (overflow != 0 || number < least || number > most) {
        throw nb::value_error(
            (std::string(name) + " is " + nb::cast<std::string>(nb::str(index)) + "; expected " +
             std::to_string(least) +
             (most == std::numeric_limits<int64_t>::max() ? " or more"
                                                          : " to " + std::to_string(most)))
                .c_str());
    }
    return number;
}

double number_of(nb::handle object, const char *name) {
    const double number = PyFloat_AsDouble(object.ptr());
    if (number == -1 && PyErr_Occurred() != nullptr) {
        fail_type(name, object, "a number");
    }
    return number;
}

bool is_list(nb::handle object) noexcept {
    return PyList_Check(object.ptr()) || PyTuple_Check(object.ptr());
}

namespace {

// The items of a list or a tuple, which may change while numbers are taken from them.
nb::object items_of(nb::handle list) {
    nb::object items = nb::steal(PySequence_Tuple(list.ptr()));
    if (!items.is_valid()) {
        throw nb::python_error();
    }
    return items;
}
Py_ssize_t length_of(const nb::object &items) noexcept {
    return PyTuple_Size(items.ptr());
}
nb::handle item_of(const nb::object &items, Py_ssize_t i) noexcept {
    return PyTuple_GetItem(items.ptr(), i);
}

// Whether it is a number and has no length: arrays of no dimension are numbers.
bool is_number(nb::handle object) noexcept {
    if (PyFloat_Check(object.ptr()) || PyLong_Check(object.ptr())) {
        return true;
    }
    if (PyNumber_Check(object.ptr()) == 0) {
        return false;
    }
    const bool has_no_length = PyObject_Size(object.ptr()) < 0;
    PyErr_Clear();
    return has_no_length;
}

float half_to_float(uint16_t bits) {
    const int exponent = bits >> 10 & 31;
    const int mantissa = bits & 1023;
    const float magnitude = exponent == 31  ? (mantissa == 0 ? HUGE_VALF : NAN)
                            : exponent == 0 ? std::ldexp(float(mantissa), -24)
                                            : std::ldexp(float(mantissa + 1024), exponent - 25);
    return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

template<typename T>
T load(const char *at) noexcept {
    T value;
    memcpy(&value, at, sizeof(value));
    return value;
}

double element_as_double(const Array &array, const char *at) {
    const int bits = array.dtype.bits;
    switch (nb::dlpack::dtype_code(array.dtype.code)) {
    case nb::dlpack::dtype_code::Float:
        return bits == 64   ? load<double>(at)
               : bits == 32 ? double(load<float>(at))
                            : double(half_to_float(load<uint16_t>(at)));
    case nb::dlpack::dtype_code::Bfloat: {
        const uint32_t word = uint32_t(load<uint16_t>(at)) << 16;
        return double(load<float>(reinterpret_cast<const char *>(&word)));
    }
    case nb::dlpack::dtype_code::UInt:
        return bits == 64   ? double(load<uint64_t>(at))
               : bits == 32 ? double(load<uint32_t>(at))
               : bits == 16 ? double(load<uint16_t>(at))
                            : double(load<uint8_t>(at));
    case nb::dlpack::dtype_code::Int:
        return bits == 64   ? double(load<int64_t>(at))
               : bits == 32 ? double(load<int32_t>(at))
               : bits == 16 ? double(load<int16_t>(at))
                            : double(load<int8_t>(at));
    default:
        throw nb::type_error(
            (std::string(array.name) + " has elements that are no numbers").c_str());
    }
}

// An int32 is exact in a double, and a larger integer is out of range in both.
void convert(const Array &array, const char *at, int32_t *number) {
    const auto code = nb::dlpack::dtype_code(array.dtype.code);
    if (code != nb::dlpack::dtype_code::Int && code != nb::dlpack::dtype_code::UInt) {
        throw nb::type_error((std::string(array.name) + " has elements of type " +
                              (name_of(array.dtype) == nullptr ? "?" : name_of(array.dtype)) +
                              "; expected integers")
                                 .c_str());
    }
    const double value = element_as_double(array, at);
    if (value < std::numeric_limits<int32_t>::min() ||
        value > std::numeric_limits<int32_t>::max()) {
        throw nb::value_error(
            (std::string(array.name) + " has a number that is not in the range of int32").c_str());
    }
    *number = int32_t(value);
}
void convert(const Array &array, const char *at, float *number) {
    *number = float(element_as_double(array, at));
}

std::string shape_text(const Array &array) {
    std::string text = "(";
    for (int i = 0; i < array.dimensions; i++) {
        text += (i == 0 ? "" : ", ") + std::to_string(array.shape[i]);
    }
    return text + ")";
}

}  // namespace

template<>
void Rows<float>::append(nb::handle number, const char *name) {
    kept_.push_back(float(number_of(number, name)));
}
template<>
void Rows<int32_t>::append(nb::handle number, const char *name) {
    kept_.push_back(int32_t(integer_of(number, name, std::numeric_limits<int32_t>::min(),
                                       std::numeric_limits<int32_t>::max())));
}

template<typename T>
Rows<T>::Rows(nb::handle object, const char *name, int columns, void *stream) {
    if (is_list(object)) {
        take_list(object, name, columns);
        return;
    }
    array_ = std::make_unique<Array>(object, name, false, stream);
    take_array(*array_, columns);
}

template<typename T>
void Rows<T>::take_list(nb::handle object, const char *name, int columns) {
    const nb::object items = items_of(object);
    const Py_ssize_t length = length_of(items);
    kept_.reserve(size_t(length) * size_t(columns));
    // One row alone, of numbers, or rows.
    const bool is_one = columns > 1 && length > 0 && is_number(item_of(items, 0));
    if (columns == 1 || is_one) {
        for (Py_ssize_t i = 0; i < length; i++) {
            append(item_of(items, i), name);
        }
    }
    for (Py_ssize_t i = 0; columns > 1 && !is_one && i < length; i++) {
        const nb::handle given = item_of(items, i);
        if (is_list(given)) {
            const nb::object row = items_of(given);
            if (length_of(row) != columns) {
                throw nb::value_error((std::string(name) + "[" + std::to_string(i) + "] has " +
                                       std::to_string(length_of(row)) + " numbers; expected " +
                                       std::to_string(columns))
                                          .c_str());
            }
            for (int c = 0; c < columns; c++) {
                append(item_of(row, c), name);
            }
            continue;
        }
        const Rows<T> inner(given, name, columns);  // a row that is an array
        if (inner.count() != 1) {
            throw nb::value_error((std::string(name) + "[" + std::to_string(i) + "] is no row of " +
                                   std::to_string(columns) + " numbers")
                                      .c_str());
        }
        kept_.insert(kept_.end(), inner.data_, inner.data_ + columns);
    }
    if (is_one && length != columns) {
        throw nb::value_error((std::string(name) + " has " + std::to_string(length) +
                               " numbers; expected rows of " + std::to_string(columns))
                                  .c_str());
    }
    data_ = kept_.data();
    count_ = kept_.size() / size_t(columns);
}

template<typename T>
void Rows<T>::take_array(const Array &array, int columns) {
    const int last = array.dimensions - 1;
    const bool is_one = columns > 1 && array.dimensions == 1;
    const bool fits = columns == 1 ? array.dimensions == 1
                                   : (array.dimensions == 1 || array.dimensions == 2) &&
                                         array.shape[last] == columns;
    if (!fits) {
        throw nb::value_error(
            (std::string(array.name) + " has shape " + shape_text(array) + "; expected " +
             (columns == 1 ? "one dimension" : "rows of " + std::to_string(columns) + " numbers"))
                .c_str());
    }
    const int64_t rows = is_one ? 1 : array.shape[0];
    const auto size = int64_t(sizeof(T));
    const bool is_same =
        array.dtype == nb::dtype<T>() &&
        (columns == 1 ? array.strides[0] == size || rows <= 1
                      : array.strides[last] == size &&
                            (is_one || rows <= 1 || array.strides[0] == size * columns)) &&
        reinterpret_cast<uintptr_t>(array.data) % sizeof(T) == 0;
    count_ = size_t(rows);
    if (array.is_on_device()) {
        if (!is_same) {
            throw nb::value_error((std::string(array.name) + " lies on a device; expected dense " +
                                   name_of(nb::dtype<T>()) + " there")
                                      .c_str());
        }
        memory_ = glimpse::Memory::cuda;
    }
    if (is_same) {
        data_ = reinterpret_cast<const T *>(array.data);
        return;
    }
    kept_.resize(size_t(rows) * size_t(columns));
    for (int64_t row = 0; row < rows; row++) {
        for (int64_t c = 0; c < columns; c++) {
            const char *const at = array.data + (is_one ? 0 : row * array.strides[0]) +
                                   (columns == 1 ? 0 : c * array.strides[last]);
            convert(array, at, &kept_[size_t(row * columns + c)]);
        }
    }
    data_ = kept_.data();
}

template class Rows<float>;
template class Rows<int32_t>;

std::vector<float> numbers_of(nb::handle object, const char *name) {
    if (object.is_none()) {
        return {};
    }
    if (!is_list(object) && is_number(object)) {
        return {float(number_of(object, name))};
    }
    const Rows<float> numbers(object, name, 1);
    const glimpse::Span<const float> span = numbers.span<float>();
    if (span.memory != glimpse::Memory::host) {
        throw nb::value_error((std::string(name) + " lies on a device; expected the host").c_str());
    }
    if (span.size == 0) {
        throw nb::value_error(
            (std::string(name) + " has no numbers; expected one or more").c_str());
    }
    return {span.data, span.data + span.size};
}

glimpse::Size size_of(nb::handle object, const char *name) {
    const int64_t most = std::numeric_limits<int64_t>::max();
    if (!is_list(object) && is_number(object)) {
        const int64_t side = integer_of(object, name, 0, most);
        return {side, side};
    }
    if (is_list(object)) {
        const nb::object items = items_of(object);
        if (length_of(items) == 2) {
            const int64_t height = integer_of(item_of(items, 0), name, 0, most);
            return {height, integer_of(item_of(items, 1), name, 0, most)};
        }
    }
    if (!is_list(object)) {
        const Rows<int32_t> numbers(object, name, 1);
        const glimpse::Span<const int32_t> span = numbers.span<int32_t>();
        if (span.size == 2 && span.memory == glimpse::Memory::host && span.data[0] >= 0 &&
            span.data[1] >= 0) {
            return {span.data[0], span.data[1]};
        }
    }
    throw nb::value_error((std::string(name) + " is " + nb::cast<std::string>(nb::repr(object)) +
                           "; expected (height, width), or one number for both")
                              .c_str());
}

std::string dtype_name(nb::handle object, const char *name) {
    std::string text;
    if (PyUnicode_Check(object.ptr())) {
        text = text_of(object, name);
    } else if (nb::hasattr(object, "name") && nb::isinstance<nb::str>(object.attr("name"))) {
        text = nb::cast<std::string>(object.attr("name"));  // a dtype of NumPy or TensorFlow
    } else if (nb::hasattr(object, "__name__")) {
        text = nb::cast<std::string>(object.attr("__name__"));  // a type, such as numpy.float32
    } else {
        text = nb::cast<std::string>(nb::str(object));
        text = text.substr(text.rfind('.') + 1);  // torch.float32
    }
    glimpse::ElementType type;
    if (type_named(text.c_str(), &type)) {
        return text;
    }
    throw nb::type_error((std::string(name) + " is '" + text +
                          "'; expected uint8, uint16, int16, float16, bfloat16 or float32")
                             .c_str());
}

Layout::Layout(nb::handle object, const char *name, int dimensions) {
    constexpr const char *usual[] = {"", "", "HW", "HWC", "NHWC"};
    if (object.is_none() && (dimensions < 2 || dimensions > 4)) {
        throw nb::value_error((std::string(name) + " has " + std::to_string(dimensions) +
                               (dimensions == 1 ? " dimension" : " dimensions") +
                               "; expected 2 (HW), 3 (HWC) or 4 (NHWC)")
                                  .c_str());
    }
    const char *const letters = object.is_none() ? usual[dimensions] : text_of(object, name);
    const auto fail = [&] {
        throw nb::value_error((std::string(name) + " is '" + letters +
                               "'; expected the letters of the dimensions, of N, H, W and C each "
                               "at most once, H and W among them")
                                  .c_str());
    };
    for (const char *letter = letters; *letter != '\0'; letter++) {
        int *const dimension = *letter == 'N'   ? &images
                               : *letter == 'H' ? &rows
                               : *letter == 'W' ? &columns
                               : *letter == 'C' ? &channels
                                                : nullptr;
        if (dimension == nullptr || *dimension >= 0) {
            fail();
        }
        *dimension = dimensions_++;
    }
    if (rows < 0 || columns < 0) {
        fail();
    }
}

glimpse::ConstView Layout::view(const Array &array) const {
    if (array.dimensions != dimensions_) {
        throw nb::value_error((std::string(array.name) + " has shape " + shape_text(array) +
                               "; expected " + std::to_string(dimensions_) + " dimensions")
                                  .c_str());
    }
    glimpse::ConstView view;
    if (!type_of(array.dtype, &view.type)) {
        const char *const type = name_of(array.dtype);
        throw nb::type_error((std::string(array.name) + " has elements of type " +
                              (type == nullptr ? "?" : type) +
                              "; expected uint8, uint16, int16, float16, bfloat16 or float32")
                                 .c_str());
    }
    view.data = array.data;
    view.bounds = array.bounds;
    view.memory = array.is_on_device() ? glimpse::Memory::cuda : glimpse::Memory::host;
    const int64_t size = array.item_size();
    const auto stride = [&](int dimension) -> int64_t {
        if (dimension < 0 || array.shape[dimension] <= 1) {
            return 0;
        }
        if (array.strides[dimension] % size != 0) {
            throw nb::value_error((std::string(array.name) + " has a stride of " +
                                   std::to_string(array.strides[dimension]) +
                                   " bytes; expected whole elements")
                                      .c_str());
        }
        return array.strides[dimension] / size;
    };
    const auto extent = [&](int dimension) { return dimension < 0 ? 1 : array.shape[dimension]; };
    view.shape = {extent(images), extent(rows), extent(columns), extent(channels)};
    view.strides = {stride(images), stride(rows), stride(columns), stride(channels)};
    // Strides of dimensions of one element mean nothing; what is fast is dense.
    if (view.shape.channels == 1) {
        view.strides.channel = 1;
    }
    if (view.shape.width == 1 && view.strides.column == 0) {
        view.strides.column = is_planar() ? 1 : view.shape.channels;
    }
    return view;
}

std::vector<int64_t> Layout::shape(const glimpse::Shape &shape) const {
    std::vector<int64_t> extents(size_t(dimensions_), 1);
    const auto set = [&](int dimension, int64_t extent) {
        if (dimension >= 0) {
            extents[size_t(dimension)] = extent;
        }
    };
    set(images, shape.count);
    set(rows, shape.height);
    set(columns, shape.width);
    set(channels, shape.channels);
    return extents;
}

Kind result_kind(nb::handle object) {
    const Kind kind = is_list(object) ? Kind::other : kind_of(object);
    if (kind != Kind::other || PyObject_CheckBuffer(object.ptr()) != 0) {
        return kind;
    }
    try {
        (void)module_of(Kind::numpy);
        return Kind::numpy;
    } catch (nb::python_error &) {
        return Kind::other;
    }
}

}  // namespace glimpse_python
