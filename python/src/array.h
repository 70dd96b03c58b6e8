// Arrays of Python: what an object's memory is like, whichever protocol tells it, without a copy.
#ifndef GLIMPSE_PYTHON_SRC_ARRAY_H_
#define GLIMPSE_PYTHON_SRC_ARRAY_H_

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>

#include <cstdint>
#include <vector>

#include "glimpse/glimpse.h"

namespace glimpse_python {

namespace nb = nanobind;

// Who made an array, and so what makes the result of a call with it.
enum class Kind { numpy, torch, cupy, tensorflow, jax, other };

Kind kind_of(nb::handle object);

// The module of a kind, such as `torch`; it is there, for an array of it is.
nb::module_ module_of(Kind kind);

// What the buffer protocol gives, given back at the end.
class Buffer {
public:
    Buffer() = default;
    ~Buffer() {
        PyBuffer_Release(&buffer_);  // of none is nothing
    }
    Buffer(const Buffer &) = delete;
    Buffer &operator=(const Buffer &) = delete;

    // Returns false, with Python's error set, if the object gives none.
    bool take(nb::handle object, int flags) noexcept {
        return PyObject_GetBuffer(object.ptr(), &buffer_, flags) == 0;
    }
    const Py_buffer *operator->() const noexcept {
        return &buffer_;
    }

private:
    Py_buffer buffer_ = {};
};

// The memory of an array, which is kept as long as this lives.
class Array {
public:
    static constexpr int most_dimensions = 8;

    // Looks at an object, called `name` in messages: by the buffer protocol, DLPack, the array
    // interface of CUDA or that of NumPy. `stream` is what work on memory of a device will be
    // queued in. Throws TypeError or ValueError if it is no array, or may not be written as
    // `writable` wants.
    Array(nb::handle object, const char *name, bool writable, void *stream = nullptr);
    Array(const Array &) = delete;
    Array &operator=(const Array &) = delete;

    int64_t item_size() const noexcept {
        return dtype.bits / 8;
    }
    bool is_on_device() const noexcept {
        return device_type != nb::device::cpu::value;
    }

    char *data = nullptr;
    nb::dlpack::dtype dtype = {};
    int dimensions = 0;
    int64_t shape[most_dimensions] = {}, strides[most_dimensions] = {};  // strides in bytes
    int device_type = nb::device::cpu::value;                            // cpu or cuda
    int device = 0;
    glimpse::Bounds bounds;  // where they are known
    const char *name;

private:
    bool take_buffer(nb::handle object, bool writable);
    bool take_dlpack(nb::handle object, bool writable, void *stream);
    bool take_interface(nb::handle object, const char *attribute, bool writable);
    bool take_dict(nb::handle object, const nb::dict &found, bool is_cuda, bool writable);
    [[noreturn]] void fail_interface() const;
    void check_memory() const;

    Buffer buffer_;
    nb::ndarray<nb::ro> imported_;
    nb::object owner_;
};

// The device that an object's memory, called `name` in messages, lies on: -1 is the host.
int device_of(nb::handle object, const char *name);

// The current stream of a device, of PyTorch or CuPy; as long as this lives the device is current.
class CurrentDevice {
public:
    CurrentDevice(Kind kind, int device);
    ~CurrentDevice();
    CurrentDevice(const CurrentDevice &) = delete;
    CurrentDevice &operator=(const CurrentDevice &) = delete;

    void *stream() const noexcept {
        return stream_;
    }

private:
    void leave() noexcept;

    nb::object guard_;
    void *stream_ = nullptr;
};

// Element types, by the names that NumPy has for them.
const char *name_of(const nb::dlpack::dtype &dtype) noexcept;  // null: it has none here
bool type_of(const nb::dlpack::dtype &dtype, glimpse::ElementType *type) noexcept;
bool type_named(const char *name, glimpse::ElementType *type) noexcept;

// A new dense array of a kind, on the device of `like`, to be written to and then handed over.
class Result {
public:
    Result(Kind kind, nb::handle like, const std::vector<int64_t> &shape, const char *dtype);
    ~Result();
    Result(const Result &) = delete;
    Result &operator=(const Result &) = delete;

    // Its memory; null for JAX and TensorFlow, whose arrays cannot be written: then `memory` is.
    nb::handle object() const noexcept {
        return object_;
    }
    void *memory() const noexcept {
        return memory_;
    }
    // The array; once, and last.
    nb::object finish();

private:
    Kind kind_;
    std::vector<size_t> shape_;
    const char *dtype_;
    nb::object object_;
    void *memory_ = nullptr;
};

}  // namespace glimpse_python

#endif  // GLIMPSE_PYTHON_SRC_ARRAY_H_
