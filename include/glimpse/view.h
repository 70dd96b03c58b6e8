// Views: how the caller's memory is described to the library. A view owns nothing and is plain
// data; copying one copies no pixel.
//
//     std::vector<uint8_t> frame(1080 * 1920 * 3);
//     auto image = glimpse::ConstView::interleaved(frame, {1, 1080, 1920, 3});
//     auto part = image.region(100, 200, 480, 640);   // the same memory, no copy
#ifndef GLIMPSE_VIEW_H_
#define GLIMPSE_VIEW_H_

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace glimpse {

// The type of one element of a view, held at run time. float16 is IEEE 754's binary16; bfloat16 is
// the upper half of a float32.
enum class ElementType : uint8_t {
    uint8 = 0,
    uint16 = 1,
    int16 = 2,
    float16 = 3,
    bfloat16 = 4,
    float32 = 5
};

constexpr int element_type_count = 6;

// Returns the name of a type, such as "uint8"; "unknown" for any other value.
const char *name(ElementType type) noexcept;

// Returns the size of one element in bytes; 0 for a value that is none of the enumerators.
constexpr int64_t size_in_bytes(ElementType type) noexcept {
    return type == ElementType::uint8      ? 1
           : type <= ElementType::bfloat16 ? 2
           : type == ElementType::float32  ? 4
                                           : 0;
}

// Half-precision numbers as the bits that memory holds, for compilers without such types.
struct Float16 {
    uint16_t bits;
};
struct BFloat16 {
    uint16_t bits;
};

// Gives the ElementType of a C++ type as `element_type_of<T>::value`. Specialise it for other types
// of the same layout, such as Eigen::half.
template<typename T>
struct element_type_of {
    static_assert(
        sizeof(T) == 0,
        "Glimpse takes elements of type uint8_t, uint16_t, int16_t, Float16, BFloat16 and "
        "float, and those that element_type_of is specialised for");
};
template<>
struct element_type_of<uint8_t> {
    static constexpr ElementType value = ElementType::uint8;
};
template<>
struct element_type_of<uint16_t> {
    static constexpr ElementType value = ElementType::uint16;
};
template<>
struct element_type_of<int16_t> {
    static constexpr ElementType value = ElementType::int16;
};
template<>
struct element_type_of<Float16> {
    static constexpr ElementType value = ElementType::float16;
};
template<>
struct element_type_of<BFloat16> {
    static constexpr ElementType value = ElementType::bfloat16;
};
template<>
struct element_type_of<float> {
    static constexpr ElementType value = ElementType::float32;
};

// Extents of a batch of images. Height and width are in pixels.
struct Shape {
    int64_t count = 1;
    int64_t height = 0;
    int64_t width = 0;
    int64_t channels = 1;
};

// Distances between neighbours along each dimension, in elements, of either sign. An input stride
// of 0 repeats the same elements.
struct Strides {
    int64_t image = 0;
    int64_t row = 0;
    int64_t column = 0;
    int64_t channel = 0;
};

// Where memory lies: that of the host, or of a CUDA device (also managed memory that kernels may
// use).
enum class Memory : uint8_t { host = 0, cuda = 1 };

// Returns the name of a memory, such as "cuda"; "unknown" for any other value.
const char *name(Memory memory) noexcept;

// Memory that a view must not leave; `begin` null: nobody knows.
struct Bounds {
    const void *begin = nullptr;
    size_t bytes = 0;
};

// Marks a stride that cannot be expressed in whole elements; a call with it is an error.
constexpr int64_t invalid_stride = INT64_MIN;
// Marks a stride of rows that no pitch can have; the stride of images is then the pitch in bytes.
constexpr int64_t invalid_pitch = INT64_MIN + 271828;

namespace detail {

// Of something with a name, `Container` being a reference to it, that has data() and size().
template<typename Container>
using IfContainer = std::enable_if_t<std::is_lvalue_reference<Container>::value,
                                     std::void_t<decltype(*std::declval<Container>().data()),
                                                 decltype(std::declval<Container>().size())>>;

}  // namespace detail

// Memory of a batch of images or glimpses. Element (n, y, x, c) lies at
//
//     data + n*strides.image + y*strides.row + x*strides.column + c*strides.channel   (in elements)
//
// `Data` is `void` for a view that is written and `const void` for one that is only read.
template<typename Data>
struct BasicView {
    Data *data = nullptr;
    ElementType type = ElementType::uint8;
    Memory memory = Memory::host;
    Shape shape;
    Strides strides;
    // A call with a view that leaves them fails. Views that are cut out of this one have the same.
    Bounds bounds;

    BasicView() = default;
    BasicView(Data *data_, ElementType type_, const Shape &shape_, const Strides &strides_) noexcept
        : data(data_), type(type_), shape(shape_), strides(strides_) {
    }

    // A view that is written may be passed where one is read.
    template<typename Other, typename = std::enable_if_t<std::is_same<Data, const Other>::value>>
    BasicView(const BasicView<Other> &other) noexcept
        : data(other.data), type(other.type), memory(other.memory), shape(other.shape),
          strides(other.strides), bounds(other.bounds) {
    }

    // Dense memory in the order image, row, column, channel (HWC). Of a container, such as a
    // std::vector, whose memory then bounds the view.
    template<typename T>
    static BasicView interleaved(T *pixels, const Shape &shape) noexcept {
        return {pixels, type_of<T>(), shape, interleaved_strides(shape)};
    }
    static BasicView interleaved(Data *pixels, ElementType type, const Shape &shape) noexcept {
        return {pixels, type, shape, interleaved_strides(shape)};
    }
    template<typename Container, typename = detail::IfContainer<Container>>
    static BasicView interleaved(Container &&pixels, const Shape &shape) noexcept {
        return interleaved(pixels.data(), shape).within(pixels);
    }
    // Arrays that are gone when the call is made.
    template<typename T, size_t N>
    static BasicView interleaved(T (&&pixels)[N], const Shape &shape) = delete;
    template<typename T, size_t N>
    static BasicView interleaved(T (&&pixels)[N], ElementType type, const Shape &shape) = delete;

    // Dense memory in the order image, channel, row, column (CHW).
    template<typename T>
    static BasicView planar(T *pixels, const Shape &shape) noexcept {
        return {pixels, type_of<T>(), shape, planar_strides(shape)};
    }
    static BasicView planar(Data *pixels, ElementType type, const Shape &shape) noexcept {
        return {pixels, type, shape, planar_strides(shape)};
    }
    template<typename Container, typename = detail::IfContainer<Container>>
    static BasicView planar(Container &&pixels, const Shape &shape) noexcept {
        return planar(pixels.data(), shape).within(pixels);
    }
    template<typename T, size_t N>
    static BasicView planar(T (&&pixels)[N], const Shape &shape) = delete;
    template<typename T, size_t N>
    static BasicView planar(T (&&pixels)[N], ElementType type, const Shape &shape) = delete;

    // The same view of memory that lies elsewhere: `data` is an address there.
    BasicView on(Memory where) const noexcept {
        BasicView view = *this;
        view.memory = where;
        return view;
    }

    // The same view, which must not leave `bytes` from `begin` on: the memory that was allocated.
    BasicView within(const void *begin, size_t bytes) const noexcept {
        BasicView view = *this;
        view.bounds = {begin, bytes};
        return view;
    }
    // The same with the memory of a container.
    template<typename Container, typename = detail::IfContainer<Container>>
    BasicView within(Container &&container) const noexcept {
        return within(container.data(), size_t(container.size()) * sizeof(*container.data()));
    }

    // The same images upside down: row 0 is the last one. For images that are stored bottom-up.
    BasicView flipped() const noexcept {
        BasicView view = shape.height > 0 ? advance(shape.height - 1, strides.row) : *this;
        if (view.strides.row != invalid_stride && view.strides.row != invalid_pitch) {
            view.strides.row = -view.strides.row;
        }
        return view;
    }

    // The same view with `bytes` from one row to the next. Images are taken to follow one another
    // without a gap; for planar memory so are the planes of an image. 0 repeats one row. Any other
    // number whose magnitude is less than the bytes of a row, or that is no multiple of the element
    // size, makes every call with the view fail with `invalid_strides`. With a negative number
    // `data` is still the top left pixel, which lies in the last row of the memory: flipped() makes
    // such a view from the first row of the memory.
    BasicView pitch_bytes(int64_t bytes) const noexcept {
        BasicView view = *this;
        const int64_t size = size_in_bytes(type);
        const bool whole = size > 0 && bytes % size == 0;
        const bool is_planar = strides.column == 1 && shape.channels > 1;
        const int64_t row = multiply(shape.width, is_planar ? 1 : shape.channels);
        view.strides.row = whole ? bytes / size : 0;
        if (!whole || (bytes != 0 && view.strides.row < row && view.strides.row > -row)) {
            view.strides.row = invalid_pitch;
            view.strides.image = bytes;
            return view;
        }
        const int64_t plane = multiply(view.strides.row, shape.height);
        if (is_planar) {
            view.strides.channel = plane;
        }
        view.strides.image = is_planar ? multiply(plane, shape.channels) : plane;
        return view;
    }

    // The rectangle of `height` x `width` pixels whose top left pixel is (y, x), of every image.
    // It must lie within the view, or the result is a view whose shape every call refuses. Borders
    // of a region extend the region: pixels around it are not looked at.
    BasicView region(int64_t y, int64_t x, int64_t height, int64_t width) const noexcept {
        BasicView view = *this;
        if (strides.row == invalid_pitch) {
            return view;
        }
        view.shape.height = height;
        view.shape.width = width;
        if (y < 0 || x < 0 || height < 0 || width < 0 || y > shape.height || x > shape.width ||
            height > shape.height - y || width > shape.width - x) {
            view.shape.height = -1;
            return view;
        }
        return view.advance(y, strides.row).advance(x, strides.column);
    }

    // `count` images from image `first` on; must lie within the view, as with region().
    BasicView image(int64_t first, int64_t count = 1) const noexcept {
        BasicView view = *this;
        view.shape.count = count;
        if (first < 0 || count < 0 || first > shape.count || count > shape.count - first) {
            view.shape.count = -1;
            return view;
        }
        return view.advance(first, strides.image);
    }

private:
    template<typename T>
    static constexpr ElementType type_of() noexcept {
        return element_type_of<std::remove_const_t<T>>::value;
    }

    static Strides interleaved_strides(const Shape &shape) noexcept {
        const int64_t row = multiply(shape.width, shape.channels);
        return {multiply(row, shape.height), row, shape.channels, 1};
    }

    static Strides planar_strides(const Shape &shape) noexcept {
        const int64_t plane = multiply(shape.height, shape.width);
        return {multiply(plane, shape.channels), shape.width, 1, plane};
    }

    // A product that overflows, or that has an invalid factor, is an invalid stride.
    static int64_t multiply(int64_t a, int64_t b) noexcept {
        if (a == invalid_stride || b == invalid_stride) {
            return invalid_stride;
        }
        const bool fits = a == 0 || b == 0 ||
                          (a > 0 ? (b > 0 ? a <= INT64_MAX / b : b >= -INT64_MAX / a)
                                 : (b > 0 ? a >= -INT64_MAX / b : -a <= INT64_MAX / -b));
        return fits ? a * b : invalid_stride;
    }

    BasicView advance(int64_t steps, int64_t stride) const noexcept {
        BasicView view = *this;
        if (strides.row == invalid_pitch) {
            return view;
        }
        const int64_t elements = multiply(steps, stride);
        const int64_t bytes = multiply(elements, size_in_bytes(type));
        if (bytes == invalid_stride) {
            view.strides.row = invalid_stride;
        } else if (data != nullptr) {
            using Byte = std::conditional_t<std::is_const<Data>::value, const char, char>;
            view.data = static_cast<Byte *>(data) + bytes;
        }
        return view;
    }
};

using View = BasicView<void>;
using ConstView = BasicView<const void>;

template<typename T>
struct Span;

namespace detail {

// Whether elements of type From may be looked at as elements of type To, by an array of them.
template<typename From, typename To, typename = void>
struct Shows : std::false_type {};
template<typename From, typename To>
struct Shows<From, To, std::enable_if_t<std::is_object<From>::value>>
    : std::is_convertible<From (*)[], To (*)[]> {};

// Whether `Source &&` is an object with a name that holds elements which a Span<T> may show: an
// array, or a container with data() and size(), such as std::vector and std::array.
template<typename Source, typename T, typename = void>
struct IsShown : std::false_type {};
template<typename Element, size_t N, typename T>
struct IsShown<Element (&)[N], T> : Shows<Element, T> {};
template<typename Container, typename T>
struct IsShown<Container &, T,
               std::void_t<decltype(std::declval<Container &>().data()),
                           decltype(std::declval<Container &>().size())>>
    : Shows<std::remove_pointer_t<std::decay_t<decltype(std::declval<Container &>().data())>>, T> {
};

template<typename Element, size_t N>
Element *data_of(Element (&array)[N]) noexcept {
    return array;
}
template<typename Container>
auto data_of(Container &container) noexcept -> decltype(container.data()) {
    return container.data();
}
template<typename Element, size_t N>
constexpr size_t size_of(Element (&)[N]) noexcept {
    return N;
}
template<typename Container>
auto size_of(Container &container) noexcept -> decltype(size_t(container.size())) {
    return size_t(container.size());
}

}  // namespace detail

// `size` elements from `data` on, owned by the caller: what is shown must live until the call
// returns. A temporary array or container, braces, and a null pointer with a size do not compile.
template<typename T>
struct Span {
    T *data = nullptr;
    size_t size = 0;
    Memory memory = Memory::host;

    Span() = default;
    template<typename Element, typename = std::enable_if_t<detail::Shows<Element, T>::value>>
    Span(Element *data_, size_t size_) noexcept : data(data_), size(size_) {
    }
    // An array or a container with a name.
    template<typename Source, typename = std::enable_if_t<detail::IsShown<Source &&, T>::value>>
    Span(Source &&source) noexcept : data(detail::data_of(source)), size(detail::size_of(source)) {
    }
    // A span that is written may be passed where one is read.
    template<typename Other, typename = std::enable_if_t<std::is_same<T, const Other>::value>>
    Span(const Span<Other> &other) noexcept
        : data(other.data), size(other.size), memory(other.memory) {
    }

    // The same elements in memory that lies elsewhere: `data` is an address there.
    Span on(Memory where) const noexcept {
        Span span = *this;
        span.memory = where;
        return span;
    }
};

}  // namespace glimpse

#endif  // GLIMPSE_VIEW_H_
