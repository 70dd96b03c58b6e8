// Arguments of Python's functions: names, numbers, places and layouts, as the library takes them.
#ifndef GLIMPSE_PYTHON_SRC_ARGUMENTS_H_
#define GLIMPSE_PYTHON_SRC_ARGUMENTS_H_

#include <nanobind/nanobind.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "array.h"
#include "glimpse/glimpse.h"

namespace glimpse_python {

// Throws what Python raises for a status that is not success.
void check(const glimpse::Status &status);

// The text of an str; throws TypeError, naming the argument, if it is none.
const char *text_of(nb::handle object, const char *name);

// The enumerator of `count` whose name `object` is.
template<typename Enum>
Enum enumerator(nb::handle object, const char *name, int count) {
    const char *const text = text_of(object, name);
    std::string expected;
    for (int i = 0; i < count; i++) {
        const char *const known = glimpse::name(Enum(i));
        if (strcmp(known, text) == 0) {
            return Enum(i);
        }
        expected += (i == 0 ? "'" : ", '") + std::string(known) + "'";
    }
    throw nb::value_error(
        (std::string(name) + " is '" + text + "'; expected one of " + expected).c_str());
}

bool bool_of(nb::handle object, const char *name);
int64_t integer_of(nb::handle object, const char *name, int64_t least, int64_t most);
double number_of(nb::handle object, const char *name);

// A number or a sequence or array of numbers; none: nothing.
std::vector<float> numbers_of(nb::handle object, const char *name);

// Height and width: one number for both, or two.
glimpse::Size size_of(nb::handle object, const char *name);

// The name of an element type: of a str, or of a type of NumPy, PyTorch, JAX or TensorFlow.
std::string dtype_name(nb::handle object, const char *name);

// What the dimensions of an array are, by letters: N images, H rows, W columns, C channels.
class Layout {
public:
    // A str of letters, such as "NHWC"; none: that of so many dimensions.
    Layout(nb::handle object, const char *name, int dimensions);

    int dimensions() const noexcept {
        return dimensions_;
    }
    // The dimension of N, H, W and C; -1 if there is none.
    int images = -1, rows = -1, columns = -1, channels = -1;

    glimpse::ConstView view(const Array &array) const;
    // The shape of a dense array.
    std::vector<int64_t> shape(const glimpse::Shape &shape) const;
    bool is_planar() const noexcept {
        return channels >= 0 && channels < rows;
    }

private:
    int dimensions_ = 0;
};

// Rows of two or four numbers of type T, or single ones: of lists, of arrays on the host, which are
// converted if they are of another type, or of arrays on a device.
template<typename T>
class Rows {
public:
    Rows(nb::handle object, const char *name, int columns, void *stream = nullptr);

    size_t count() const noexcept {
        return count_;
    }
    template<typename Row>
    glimpse::Span<const Row> span() const noexcept {
        static_assert(alignof(Row) == alignof(T), "rows of numbers");
        return glimpse::Span<const Row>(reinterpret_cast<const Row *>(data_), count_).on(memory_);
    }

private:
    void take_list(nb::handle object, const char *name, int columns);
    void take_array(const Array &array, int columns);
    void append(nb::handle number, const char *name);

    std::vector<T> kept_;
    std::unique_ptr<Array> array_;
    const T *data_ = nullptr;
    size_t count_ = 0;
    glimpse::Memory memory_ = glimpse::Memory::host;
};

// Whether an object is a list or a tuple, and so no array.
bool is_list(nb::handle object) noexcept;

// The kind of results: of the argument's; of lists NumPy's, if it is installed.
Kind result_kind(nb::handle object);

}  // namespace glimpse_python

#endif  // GLIMPSE_PYTHON_SRC_ARGUMENTS_H_
