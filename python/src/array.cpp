// Arrays of Python: the protocols that tell where memory lies, and the making of new ones.
#include "array.h"

#include <cstdlib>
#include <cstring>
#include <string>
#include <unordered_map>

namespace glimpse_python {
namespace {

using nb::dlpack::dtype;

constexpr auto code_int = uint8_t(nb::dlpack::dtype_code::Int);
constexpr auto code_uint = uint8_t(nb::dlpack::dtype_code::UInt);
constexpr auto code_float = uint8_t(nb::dlpack::dtype_code::Float);
constexpr auto code_bfloat = uint8_t(nb::dlpack::dtype_code::Bfloat);

constexpr int device_cpu = nb::device::cpu::value;
constexpr int device_cuda = nb::device::cuda::value;
constexpr int device_cuda_host = nb::device::cuda_host::value;
constexpr int device_cuda_managed = nb::device::cuda_managed::value;

struct Named {
    const char *name;
    dtype type;
};
constexpr Named named_types[] = {
    {"uint8", {code_uint, 8, 1}},       {"uint16", {code_uint, 16, 1}},
    {"int16", {code_int, 16, 1}},       {"float16", {code_float, 16, 1}},
    {"bfloat16", {code_bfloat, 16, 1}}, {"float32", {code_float, 32, 1}},
    {"int8", {code_int, 8, 1}},         {"int32", {code_int, 32, 1}},
    {"int64", {code_int, 64, 1}},       {"uint32", {code_uint, 32, 1}},
    {"uint64", {code_uint, 64, 1}},     {"float64", {code_float, 64, 1}},
};

const dtype *find_type(const char *name) noexcept {
    for (const Named &named : named_types) {
        if (strcmp(named.name, name) == 0) {
            return &named.type;
        }
    }
    return nullptr;
}

// The type that a format of the struct module means, such as "<f"; false if it is none of ours.
bool parse_format(const char *format, int64_t size, dtype *type) noexcept {
    if (format == nullptr) {
        *type = {code_uint, 8, 1};
        return true;
    }
    if (*format == '@' || *format == '=' || *format == '<') {
        format++;
    }
    if (format[0] == '\0' || format[1] != '\0') {
        return false;
    }
    const auto bits = uint8_t(8 * size);
    if (strchr("bhilqn", *format) != nullptr) {
        *type = {code_int, bits, 1};
    } else if (strchr("BHILQN", *format) != nullptr) {
        *type = {code_uint, bits, 1};
    } else if (strchr("efd", *format) != nullptr) {
        *type = {code_float, bits, 1};
    } else {
        return false;
    }
    return true;
}

// The type that the array interface means, such as "<f4"; "<V2" is bfloat16 if the object's own
// type is called so.
bool parse_typestr(const std::string &typestr, nb::handle object, dtype *type) {
    if (typestr.size() < 3 || (typestr[0] != '<' && typestr[0] != '|')) {
        return false;
    }
    const int bytes = atoi(typestr.c_str() + 2);
    if (typestr[1] == 'V' && bytes == 2 && nb::hasattr(object, "dtype") &&
        nb::cast<std::string>(nb::str(nb::object(object.attr("dtype")))) == "bfloat16") {
        *type = {code_bfloat, 16, 1};
        return true;
    }
    const char *const kinds = "uif";
    const char *const kind = strchr(kinds, typestr[1]);
    if (kind == nullptr || bytes < 1 || bytes > 8) {
        return false;
    }
    const uint8_t codes[] = {code_uint, code_int, code_float};
    *type = {codes[kind - kinds], uint8_t(8 * bytes), 1};
    return true;
}

std::string class_name(nb::handle object) {
    const nb::handle type = object.type();
    const auto module = nb::cast<std::string>(type.attr("__module__"));
    return (module == "builtins" ? "" : module + ".") +
           nb::cast<std::string>(type.attr("__qualname__"));
}

// The kind whose package a class, or one that it is made from, comes from.
Kind find_kind(nb::handle type) {
    for (const nb::handle base : nb::borrow<nb::tuple>(type.attr("__mro__"))) {
        if (!nb::hasattr(base, "__module__")) {
            continue;
        }
        const auto module = nb::cast<std::string>(nb::str(nb::object(base.attr("__module__"))));
        const std::string root = module.substr(0, module.find('.'));
        if (root == "numpy") {
            return Kind::numpy;
        }
        if (root == "torch") {
            return Kind::torch;
        }
        if (root == "cupy") {
            return Kind::cupy;
        }
        if (root == "tensorflow") {
            return Kind::tensorflow;
        }
        if (root == "jax" || root == "jaxlib") {
            return Kind::jax;
        }
    }
    return Kind::other;
}

// Calls what an object does not let us do, and throws its own words, with the argument's name.
template<typename Call>
void refuse_with(const char *name, nb::handle object, const Call &call) {
    try {
        call();
    } catch (const nb::python_error &error) {
        throw nb::value_error((std::string(name) + " (" + class_name(object) +
                               ") cannot be read: " + nb::cast<std::string>(nb::str(error.value())))
                                  .c_str());
    }
}

nb::object imported(const char *module) {
    PyObject *const found = PyImport_ImportModule(module);
    if (found == nullptr) {
        PyErr_Clear();
        return {};
    }
    return nb::steal(found);
}

}  // namespace

Kind kind_of(nb::handle object) {
    // Classes are kept, so that none is freed and another one comes to lie where it was.
    static std::unordered_map<PyObject *, Kind> known;
    PyObject *const type = object.type().ptr();
    const auto found = known.find(type);
    if (found != known.end()) {
        return found->second;
    }
    const Kind kind = find_kind(type);
    Py_INCREF(type);
    known.emplace(type, kind);
    return kind;
}

nb::module_ module_of(Kind kind) {
    constexpr const char *names[] = {"numpy", "torch", "cupy", "tensorflow", "jax"};
    return nb::module_::import_(names[int(kind)]);
}

const char *name_of(const dtype &type) noexcept {
    for (const Named &named : named_types) {
        if (named.type == type) {
            return named.name;
        }
    }
    return nullptr;
}

bool type_named(const char *name, glimpse::ElementType *element) noexcept {
    for (int i = 0; i < glimpse::element_type_count; i++) {
        if (strcmp(glimpse::name(glimpse::ElementType(i)), name) == 0) {
            *element = glimpse::ElementType(i);
            return true;
        }
    }
    return false;
}

bool type_of(const dtype &type, glimpse::ElementType *element) noexcept {
    const char *const name = name_of(type);
    return name != nullptr && type_named(name, element);
}

Array::Array(nb::handle object, const char *name_, bool writable, void *stream) : name(name_) {
    const Kind kind = kind_of(object);
    if (writable && (kind == Kind::jax || kind == Kind::tensorflow)) {
        throw nb::value_error(
            (std::string(name) + " (" + class_name(object) + ") cannot be written").c_str());
    }
    if (kind == Kind::torch && nb::hasattr(object, "requires_grad") &&
        nb::cast<bool>(nb::bool_(nb::object(object.attr("requires_grad"))))) {
        throw std::runtime_error(std::string(name) +
                                 " requires a gradient, which glimpse has none " +
                                 "of: call detach() on it");
    }
    if (take_buffer(object, writable) || take_dlpack(object, writable, stream) ||
        take_interface(object, "__cuda_array_interface__", writable) ||
        take_interface(object, "__array_interface__", writable)) {
        check_memory();
        return;
    }
    const std::string type = class_name(object);
    if (!writable && nb::hasattr(object, "__dlpack__")) {
        refuse_with(name, object, [&] { object.attr("__dlpack__")(); });
    }
    if (writable &&
        (nb::hasattr(object, "__dlpack__") || PyObject_CheckBuffer(object.ptr()) != 0)) {
        throw nb::value_error(
            (std::string(name) + " (" + type + ") cannot be written: it is read-only").c_str());
    }
    throw nb::type_error((std::string(name) + " is a " + type +
                          "; expected an array of numbers that speaks DLPack, or the buffer or "
                          "array interface")
                             .c_str());
}

bool Array::take_buffer(nb::handle object, bool writable) {
    if (PyObject_CheckBuffer(object.ptr()) == 0) {
        return false;
    }
    const int flags = PyBUF_STRIDES | PyBUF_FORMAT | (writable ? PyBUF_WRITABLE : 0);
    if (!buffer_.take(object, flags)) {
        PyErr_Clear();
        return false;
    }
    if (buffer_->ndim > most_dimensions) {
        throw nb::type_error((std::string(name) + " has " + std::to_string(buffer_->ndim) +
                              " dimensions; expected no more than " +
                              std::to_string(most_dimensions))
                                 .c_str());
    }
    if (!parse_format(buffer_->format, buffer_->itemsize, &dtype)) {
        throw nb::type_error((std::string(name) + " has elements of format '" +
                              (buffer_->format == nullptr ? "" : buffer_->format) +
                              "'; expected uint8, uint16, int16, float16, bfloat16 or float32")
                                 .c_str());
    }
    data = static_cast<char *>(buffer_->buf);
    dimensions = buffer_->ndim;
    int64_t dense = item_size();
    for (int i = dimensions - 1; i >= 0; i--) {
        shape[i] = buffer_->shape[i];
        strides[i] = buffer_->strides == nullptr ? dense : buffer_->strides[i];  // ctypes has none
        dense *= shape[i];
    }
    return true;
}

// The array of a DLPack capsule, or of an object that makes one.
bool Array::take_dlpack(nb::handle object, bool writable, void *stream) {
    if (!nb::hasattr(object, "__dlpack__")) {
        return false;
    }
    nb::object source = nb::borrow(object);
    if (device_of(object, name) >= 0) {
        // The producer sees to it that this stream finds the memory ready; 1 is the default stream.
        const auto number = reinterpret_cast<uintptr_t>(stream);
        source = object.attr("__dlpack__")(nb::arg("stream") = number == 0 ? 1 : number);
    }
    if (writable) {
        nb::ndarray<> taken;
        if (!nb::try_cast(source, taken, false)) {
            return false;
        }
        imported_ = nb::ndarray<nb::ro>(taken);
    } else if (!nb::try_cast(source, imported_, false)) {
        return false;
    }
    device_type = imported_.device_type();
    device = imported_.device_id();
    if (device_type == device_cuda_managed) {
        device_type = device_cuda;
    } else if (device_type == device_cuda_host) {
        device_type = device_cpu;
    }
    if (device_type != device_cpu && device_type != device_cuda) {
        throw nb::value_error((std::string(name) + " lies on a device of DLPack's type " +
                               std::to_string(device_type) + "; expected the CPU or CUDA")
                                  .c_str());
    }
    dtype = imported_.dtype();
    dimensions = int(imported_.ndim());
    if (dimensions > most_dimensions || dtype.lanes != 1) {
        throw nb::type_error((std::string(name) + " has vectors, or too many dimensions").c_str());
    }
    data = static_cast<char *>(const_cast<void *>(imported_.data()));
    for (int i = 0; i < dimensions; i++) {
        shape[i] = int64_t(imported_.shape(size_t(i)));
        strides[i] = imported_.stride(size_t(i)) * item_size();
    }
    return true;
}

bool Array::take_interface(nb::handle object, const char *attribute, bool writable) {
    if (!nb::hasattr(object, attribute)) {
        return false;
    }
    try {
        return take_dict(object, nb::cast<nb::dict>(object.attr(attribute)),
                         strcmp(attribute, "__cuda_array_interface__") == 0, writable);
    } catch (const nb::cast_error &) {
        fail_interface();
    }
}

void Array::fail_interface() const {
    throw nb::value_error((std::string(name) + " has no legal array interface").c_str());
}

bool Array::take_dict(nb::handle object, const nb::dict &found, bool is_cuda, bool writable) {
    for (const char *const key : {"data", "shape", "typestr"}) {
        if (!found.contains(key)) {
            fail_interface();
        }
    }
    const nb::object memory = found["data"];
    const auto extents = nb::cast<nb::tuple>(found["shape"]);
    const bool is_address = nb::isinstance<nb::tuple>(memory);
    if (is_address && nb::len(memory) != 2) {
        fail_interface();
    }
    if (writable && (!is_address || nb::cast<bool>(nb::borrow<nb::tuple>(memory)[1]))) {
        return false;
    }
    if (extents.size() > size_t(most_dimensions) ||
        !parse_typestr(nb::cast<std::string>(found["typestr"]), object, &dtype)) {
        throw nb::type_error((std::string(name) + " has elements of type '" +
                              nb::cast<std::string>(found["typestr"]) +
                              "'; expected uint8, uint16, int16, float16, bfloat16 or float32")
                                 .c_str());
    }
    owner_ = found;  // some make the memory for this
    if (is_address) {
        data = reinterpret_cast<char *>(nb::cast<uintptr_t>(nb::borrow<nb::tuple>(memory)[0]));
    } else {  // a buffer
        if (!buffer_.take(memory, PyBUF_SIMPLE)) {
            throw nb::python_error();
        }
        const int64_t offset =
            found.contains("offset") ? nb::cast<int64_t>(nb::object(found["offset"])) : 0;
        data = static_cast<char *>(buffer_->buf) + offset;
        bounds = {buffer_->buf, size_t(buffer_->len)};
    }
    dimensions = int(extents.size());
    if (is_cuda) {
        device_type = device_cuda;
    }
    int64_t dense = item_size();
    for (int i = dimensions - 1; i >= 0; i--) {
        shape[i] = nb::cast<int64_t>(extents[size_t(i)]);
        strides[i] = dense;
        if (shape[i] < 0 || __builtin_mul_overflow(dense, shape[i], &dense)) {
            fail_interface();
        }
    }
    if (found.contains("strides") && !found["strides"].is_none()) {
        const auto steps = nb::cast<nb::tuple>(found["strides"]);
        if (steps.size() != size_t(dimensions)) {
            fail_interface();
        }
        for (int i = 0; i < dimensions; i++) {
            strides[i] = nb::cast<int64_t>(steps[size_t(i)]);
        }
    }
    return true;
}

// Fails if there are elements, but no memory, or memory that they leave.
void Array::check_memory() const {
    int64_t first = 0, last = item_size();
    for (int i = 0; i < dimensions; i++) {
        if (shape[i] == 0) {
            return;
        }
        int64_t reach = 0;
        int64_t *const end = strides[i] < 0 ? &first : &last;
        if (__builtin_mul_overflow(shape[i] - 1, strides[i], &reach) ||
            __builtin_add_overflow(*end, reach, end)) {
            throw nb::value_error((std::string(name) + " leaves the address space").c_str());
        }
    }
    if (data == nullptr) {
        throw nb::value_error((std::string(name) + " has elements, but no memory").c_str());
    }
    if (bounds.begin != nullptr) {
        const int64_t offset = data - static_cast<const char *>(bounds.begin);
        if (first + offset < 0 || last + offset > int64_t(bounds.bytes)) {
            throw nb::value_error(
                (std::string(name) + " has elements outside of its memory").c_str());
        }
    }
}

int device_of(nb::handle object, const char *name) {
    if (nb::hasattr(object, "__dlpack_device__")) {
        nb::tuple device;
        refuse_with(name, object,
                    [&] { device = nb::tuple(nb::object(object.attr("__dlpack_device__")())); });
        if (device.size() != 2) {
            throw nb::value_error((std::string(name) + " has no legal __dlpack_device__").c_str());
        }
        const int type = nb::cast<int>(nb::int_(device[0]));
        return type == device_cuda || type == device_cuda_managed
                   ? nb::cast<int>(nb::int_(device[1]))
                   : -1;
    }
    return nb::hasattr(object, "__cuda_array_interface__") ? 0 : -1;
}

CurrentDevice::CurrentDevice(Kind kind, int device) {
    if (kind != Kind::torch && kind != Kind::cupy) {
        return;
    }
    const nb::object cuda = module_of(kind).attr("cuda");
    guard_ = cuda.attr(kind == Kind::torch ? "device" : "Device")(device);
    guard_.attr("__enter__")();
    try {
        const nb::object stream = kind == Kind::torch
                                      ? cuda.attr("current_stream")(device).attr("cuda_stream")
                                      : cuda.attr("get_current_stream")().attr("ptr");
        stream_ = reinterpret_cast<void *>(nb::cast<uintptr_t>(stream));
    } catch (...) {
        leave();
        throw;
    }
}

CurrentDevice::~CurrentDevice() {
    leave();
}

void CurrentDevice::leave() noexcept {
    if (guard_.is_valid()) {
        PyObject *type = nullptr, *value = nullptr, *trace = nullptr;
        PyErr_Fetch(&type, &value, &trace);
        PyObject *const none =
            PyObject_CallMethod(guard_.ptr(), "__exit__", "OOO", Py_None, Py_None, Py_None);
        Py_XDECREF(none);
        PyErr_Restore(type, value, trace);
    }
}

namespace {

nb::object new_numpy(nb::handle shape, const char *type) {
    static PyObject *const empty = nb::object(module_of(Kind::numpy).attr("empty")).release().ptr();
    if (strcmp(type, "bfloat16") != 0) {
        return nb::handle(empty)(shape, type);
    }
    const nb::object types = imported("ml_dtypes");
    if (!types.is_valid()) {
        throw nb::type_error(
            "NumPy has no bfloat16: install ml_dtypes, or pass out= or another dtype");
    }
    return nb::handle(empty)(shape, types.attr("bfloat16"));
}

// What Python itself has: a view of bytes.
nb::object new_memoryview(const std::vector<int64_t> &shape, const char *type) {
    const dtype &named = *find_type(type);
    const char *format = "B";
    if (strcmp(type, "float16") == 0 || strcmp(type, "bfloat16") == 0) {
        throw nb::type_error(
            "Python has no new memoryviews of 16-bit floats: pass out= or another dtype");
    }
    if (named.code == code_float) {
        format = named.bits == 32 ? "f" : "d";
    } else if (named.bits == 16) {
        format = named.code == code_int ? "h" : "H";
    } else if (named.bits == 32) {
        format = "i";
    }
    int64_t bytes = named.bits / 8;
    nb::list extents;
    for (const int64_t extent : shape) {
        bytes *= extent;
        extents.append(extent);
    }
    if (bytes == 0) {
        throw nb::value_error("Python has no new memoryviews without elements: pass out=");
    }
    const nb::object zeros = nb::steal(PyByteArray_FromStringAndSize(nullptr, bytes));
    if (!zeros.is_valid()) {
        throw nb::python_error();
    }
    const nb::object view = nb::steal(PyMemoryView_FromObject(zeros.ptr()));
    if (!view.is_valid()) {
        throw nb::python_error();
    }
    return view.attr("cast")(format, extents);
}

nb::object tuple_of(const std::vector<int64_t> &shape) {
    nb::object tuple = nb::steal(PyTuple_New(Py_ssize_t(shape.size())));
    for (size_t i = 0; i < shape.size(); i++) {
        PyTuple_SetItem(tuple.ptr(), Py_ssize_t(i), PyLong_FromLongLong(shape[i]));
    }
    return tuple;
}

}  // namespace

Result::Result(Kind kind, nb::handle like, const std::vector<int64_t> &shape, const char *type)
    : kind_(kind), shape_(shape.begin(), shape.end()), dtype_(type) {
    size_t bytes = size_t(find_type(type)->bits) / 8;
    for (const size_t extent : shape_) {
        if (__builtin_mul_overflow(bytes, extent, &bytes) || bytes > SIZE_MAX / 2 - 64) {
            throw nb::value_error("the result is too large for memory");
        }
    }
    switch (kind) {
    case Kind::numpy:
        object_ = new_numpy(tuple_of(shape), type);
        return;
    case Kind::torch: {
        const nb::module_ torch = module_of(kind);
        object_ = torch.attr("empty")(tuple_of(shape), nb::arg("dtype") = torch.attr(type),
                                      nb::arg("device") = like.attr("device"));
        return;
    }
    case Kind::cupy:
        object_ = module_of(kind).attr("empty")(tuple_of(shape), type);
        return;
    case Kind::tensorflow:
    case Kind::jax:
        memory_ = aligned_alloc(64, (bytes + 64) / 64 * 64);
        if (memory_ == nullptr) {
            throw std::bad_alloc();
        }
        return;
    case Kind::other:
        object_ = new_memoryview(shape, type);
        return;
    }
}

Result::~Result() {
    free(memory_);
}

nb::object Result::finish() {
    if (memory_ == nullptr) {
        return std::move(object_);
    }
    void *const memory = memory_;
    memory_ = nullptr;
    const nb::capsule owner(memory, [](void *p) noexcept { free(p); });
    if (kind_ == Kind::jax) {
        return nb::cast(nb::ndarray<nb::jax>(memory, shape_.size(), shape_.data(), owner, nullptr,
                                             *find_type(dtype_)));
    }
    return nb::cast(nb::ndarray<nb::tensorflow>(memory, shape_.size(), shape_.data(), owner,
                                                nullptr, *find_type(dtype_)));
}

}  // namespace glimpse_python
