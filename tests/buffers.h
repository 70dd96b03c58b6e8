// Memory for tests: layouts of every legal kind, images between pages that cannot be touched,
// outputs between guard bytes, random contents that are the same on every machine, and a comparison
// that says which pixel differs.
#ifndef GLIMPSE_TESTS_BUFFERS_H_
#define GLIMPSE_TESTS_BUFFERS_H_

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iomanip>
#include <ostream>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

#include "glimpse/glimpse.h"

// Random numbers that a seed determines on every machine (splitmix64).
class Random {
public:
    explicit Random(uint64_t seed) : state_(seed * 0xd1342543de82ef95u + 1) {
    }
    uint64_t bits() {
        uint64_t z = state_ += 0x9e3779b97f4a7c15u;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
    // A number from low to high, both included.
    int64_t between(int64_t low, int64_t high) {
        const uint64_t range = static_cast<uint64_t>(high) - static_cast<uint64_t>(low) + 1;
        const uint64_t offset = range == 0 ? bits() : bits() % range;
        return static_cast<int64_t>(static_cast<uint64_t>(low) + offset);
    }
    // In [0, 1), a multiple of 2^-24.
    double unit() {
        return static_cast<double>(bits() >> 40) / 16777216.0;
    }
    bool chance(int percent) {
        return between(0, 99) < percent;
    }
    template<typename Container>
    const auto &one_of(const Container &container) {
        return container[static_cast<size_t>(
            between(0, static_cast<int64_t>(std::size(container)) - 1))];
    }

private:
    uint64_t state_;
};

// Zeros, of which only pages that are touched exist. Null if there are not so many addresses.
class FarMemory {
public:
    explicit FarMemory(int64_t size)
        : size_(static_cast<size_t>(size)),
          pages_(mmap(nullptr, size_, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {
    }
    ~FarMemory() {
        if (pages_ != MAP_FAILED) {
            munmap(pages_, size_);
        }
    }
    FarMemory(const FarMemory &) = delete;
    FarMemory &operator=(const FarMemory &) = delete;

    uint8_t *data() const {
        return pages_ == MAP_FAILED ? nullptr : static_cast<uint8_t *>(pages_);
    }

private:
    size_t size_;
    void *pages_;
};

inline float float_of_bits(uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
}

inline uint32_t bits_of(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof(bits));
    return bits;
}

// Whether the kernels of a type were built (GLIMPSE_TYPES): tests/CMakeLists.txt says which.
template<typename T>
constexpr bool is_built() {
    return (GLIMPSE_TEST_TYPES >> static_cast<int>(glimpse::element_type_of<T>::value) & 1) != 0;
}

// Whether boxes can be sampled (GLIMPSE_SAMPLING).
constexpr bool has_sampling = GLIMPSE_TEST_SAMPLING;

// Skips a test that needs types of which one or more were not built.
#define GLIMPSE_NEEDS_TYPES(...)                                            \
    if (!are_built<__VA_ARGS__>()) {                                        \
        GTEST_SKIP() << "not all of these types were built: " #__VA_ARGS__; \
    }                                                                       \
    static_assert(true, "for the semicolon")

template<typename... Types>
constexpr bool are_built() {
    return (is_built<Types>() && ...);
}

// Calls check(T{}) for every element type T that was built.
template<typename Check>
void for_each_type(Check check) {
    const auto check_if_built = [&check](auto zero) {
        if constexpr (is_built<decltype(zero)>()) {
            check(zero);
        }
    };
    check_if_built(uint8_t{});
    check_if_built(uint16_t{});
    check_if_built(int16_t{});
    check_if_built(glimpse::Float16{});
    check_if_built(glimpse::BFloat16{});
    check_if_built(float{});
}

// How elements lie in memory. Dimensions are numbered 0 image, 1 row, 2 column, 3 channel.
struct Layout {
    const char *name;
    std::array<int, 4> order;    // dimensions from the innermost to the outermost
    std::array<int64_t, 4> gap;  // elements between neighbours along a dimension
    std::array<int, 4> sign;     // of the stride; 0 repeats the same elements (only to be read)
};

inline const Layout interleaved = {"interleaved", {3, 2, 1, 0}, {0, 0, 0, 0}, {1, 1, 1, 1}};

inline const Layout planar = {"planar", {2, 1, 3, 0}, {0, 0, 0, 0}, {1, 1, 1, 1}};
inline const Layout planar_pitched = {"planar, pitched", {2, 1, 3, 0}, {0, 5, 0, 2}, {-1, 1, 1, 1}};

// Layouts in which no two elements coincide, so that they may be written.
inline const Layout layouts[] = {
    interleaved,
    {"rows pitched", {3, 2, 1, 0}, {0, 5, 0, 0}, {1, 1, 1, 1}},
    {"images apart", {3, 2, 1, 0}, {7, 0, 0, 0}, {1, 1, 1, 1}},
    {"bottom up", {3, 2, 1, 0}, {0, 0, 0, 0}, {1, -1, 1, 1}},
    {"bottom up, pitched, last image first", {3, 2, 1, 0}, {3, 1, 0, 0}, {-1, -1, 1, 1}},
    {"columns apart", {3, 2, 1, 0}, {0, 0, 1, 0}, {1, 1, 1, 1}},
    {"channels apart", {3, 2, 1, 0}, {0, 0, 0, 1}, {1, 1, 1, 1}},
    {"last column first", {3, 2, 1, 0}, {0, 0, 0, 0}, {1, 1, -1, 1}},
    {"last channel first", {3, 2, 1, 0}, {0, 0, 0, 0}, {1, 1, 1, -1}},
    {"planar", {2, 1, 3, 0}, {0, 0, 0, 0}, {1, 1, 1, 1}},
    {"planar, pitched, bottom up", {2, 1, 3, 0}, {0, 3, 0, 2}, {1, -1, 1, 1}},
    {"row by row planar", {2, 3, 1, 0}, {0, 0, 0, 0}, {1, 1, 1, 1}},
    {"planes outermost", {2, 1, 0, 3}, {0, 0, 0, 0}, {1, 1, 1, 1}},
    {"columns outermost", {3, 1, 0, 2}, {0, 0, 0, 0}, {1, 1, 1, 1}},
    {"images innermost", {0, 3, 2, 1}, {0, 0, 0, 0}, {1, 1, 1, 1}},
    {"all reversed and apart", {1, 2, 0, 3}, {2, 1, 3, 1}, {-1, -1, -1, -1}},
};

// Layouts that repeat elements, so that they may only be read.
inline const Layout repeating_layouts[] = {
    {"one image for all", {3, 2, 1, 0}, {0, 0, 0, 0}, {0, 1, 1, 1}},
    {"one row for all", {3, 2, 1, 0}, {0, 0, 0, 0}, {1, 0, 1, 1}},
    {"one column for all", {3, 2, 1, 0}, {0, 0, 0, 0}, {1, 1, 0, 1}},
    {"one channel for all", {3, 2, 1, 0}, {0, 0, 0, 0}, {1, 1, 1, 0}},
    {"one pixel for all, last channel first", {3, 2, 1, 0}, {0, 0, 0, 0}, {0, 0, 0, -1}},
};

inline std::array<int64_t, 4> extents(const glimpse::Shape &shape) {
    return {shape.count, shape.height, shape.width, shape.channels};
}

// Where the elements of a shape in a layout lie, in elements: from `first` to `last` around the
// element (0, 0, 0, 0), both included.
struct Placement {
    glimpse::Strides strides;
    int64_t first = 0, last = -1;

    Placement(const glimpse::Shape &shape, const Layout &layout) {
        const std::array<int64_t, 4> extent = extents(shape);
        std::array<int64_t, 4> stride{};
        int64_t span = 1, low = 0, high = 0;
        bool empty = false;
        for (const int dimension : layout.order) {
            const auto d = static_cast<size_t>(dimension);
            stride[d] = layout.sign[d] * (span + layout.gap[d]);
            if (layout.sign[d] != 0) {
                span = (span + layout.gap[d]) * std::max<int64_t>(extent[d], 1);
            }
            empty = empty || extent[d] == 0;
            const int64_t reach = (extent[d] - 1) * stride[d];
            (reach < 0 ? low : high) += extent[d] == 0 ? 0 : reach;
        }
        strides = {stride[0], stride[1], stride[2], stride[3]};
        if (!empty) {
            first = low;
            last = high;
        }
    }
};

// Calls visit(n, y, x, c) for every element.
template<typename Visit>
void for_each_element(const glimpse::Shape &shape, Visit visit) {
    for (int64_t n = 0; n < shape.count; n++) {
        for (int64_t y = 0; y < shape.height; y++) {
            for (int64_t x = 0; x < shape.width; x++) {
                for (int64_t c = 0; c < shape.channels; c++) {
                    visit(n, y, x, c);
                }
            }
        }
    }
}

// Which end of an image's memory lies against memory that must not be touched.
enum class Fence { before, after };

// Images to read: pages of their own, with pages that cannot be touched on both sides, the elements
// flush with one of them, and read-only once written. Reading outside or writing anywhere crashes.
template<typename T>
class Images {
public:
    // `element()` is called for every element in memory order, gaps included.
    template<typename Element>
    Images(const glimpse::Shape &shape, const Layout &layout, Fence fence, Element element)
        : placement_(shape, layout), shape_(shape) {
        const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
        const auto count = static_cast<size_t>(placement_.last - placement_.first + 1);
        const size_t inner = (count * sizeof(T) + page - 1) / page * page;
        size_ = inner + 2 * page;
        pages_ = mmap(nullptr, size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (pages_ == MAP_FAILED) {
            std::abort();
        }
        char *const start = static_cast<char *>(pages_) + page;
        T *const elements = reinterpret_cast<T *>(
            fence == Fence::before ? start : start + inner - count * sizeof(T));
        if (inner > 0 && mprotect(start, inner, PROT_READ | PROT_WRITE) != 0) {
            std::abort();
        }
        for (size_t i = 0; i < count; i++) {
            const T value = element();
            std::memcpy(elements + i, &value, sizeof(T));
        }
        if (inner > 0 && mprotect(start, inner, PROT_READ) != 0) {
            std::abort();
        }
        data_ = elements - placement_.first;
    }
    ~Images() {
        munmap(pages_, size_);
    }
    Images(const Images &) = delete;
    Images &operator=(const Images &) = delete;

    glimpse::ConstView view() const {
        return {data_, glimpse::element_type_of<T>::value, shape_, placement_.strides};
    }
    // All memory between the first and the last element.
    const void *memory() const {
        return data_ + placement_.first;
    }
    size_t size_in_bytes() const {
        return static_cast<size_t>(placement_.last - placement_.first + 1) * sizeof(T);
    }

private:
    Placement placement_;
    glimpse::Shape shape_;
    void *pages_;
    size_t size_;
    const T *data_;
};

// Memory to write: guard bytes before, after and in the gaps. All of it, elements included, is
// filled with a pattern that no two seeds share, so that an element left unwritten shows.
template<typename T>
class Output {
public:
    Output(const glimpse::Shape &shape, const Layout &layout, uint64_t seed)
        : placement_(shape, layout), shape_(shape) {
        const int64_t count = placement_.last - placement_.first + 1;
        const int64_t guard = 64 + static_cast<int64_t>(seed % 16);  // any alignment of an element
        bytes_.resize(static_cast<size_t>(count + guard + 64) * sizeof(T));
        Random random(seed);
        for (unsigned char &byte : bytes_) {
            byte = static_cast<unsigned char>(random.bits() >> 56);
        }
        before_ = bytes_;
        data_ = reinterpret_cast<T *>(bytes_.data()) + guard - placement_.first;
    }

    glimpse::View view() {
        return {data_, glimpse::element_type_of<T>::value, shape_, placement_.strides};
    }
    glimpse::ConstView result() const {
        return {data_, glimpse::element_type_of<T>::value, shape_, placement_.strides};
    }

    // All memory, guard bytes and elements.
    std::vector<unsigned char> &bytes() {
        return bytes_;
    }

    // Success if no byte outside the elements changed.
    ::testing::AssertionResult guards_intact() const {
        std::vector<unsigned char> expected = before_;
        const int64_t base = reinterpret_cast<const unsigned char *>(data_) - bytes_.data();
        for_each_element(shape_, [&](int64_t n, int64_t y, int64_t x, int64_t c) {
            const int64_t offset = n * placement_.strides.image + y * placement_.strides.row +
                                   x * placement_.strides.column + c * placement_.strides.channel;
            const auto at = static_cast<size_t>(base + offset * static_cast<int64_t>(sizeof(T)));
            std::memcpy(&expected[at], &bytes_[at], sizeof(T));
        });
        return same_bytes(expected, "outside the elements", base);
    }

    // Success if no byte at all changed.
    ::testing::AssertionResult untouched() const {
        return same_bytes(before_, "of an output that must stay as it was",
                          reinterpret_cast<const unsigned char *>(data_) - bytes_.data());
    }

private:
    ::testing::AssertionResult same_bytes(const std::vector<unsigned char> &expected,
                                          const char *what, int64_t base) const {
        const auto where = std::mismatch(expected.begin(), expected.end(), bytes_.begin()).first;
        if (where == expected.end()) {
            return ::testing::AssertionSuccess();
        }
        return ::testing::AssertionFailure()
               << "a byte " << what << " was written, " << where - expected.begin() - base
               << " bytes from element (0, 0, 0, 0)";
    }

    Placement placement_;
    glimpse::Shape shape_;
    std::vector<unsigned char> bytes_, before_;
    T *data_;
};

// Bit patterns that arithmetic does not keep.
inline constexpr uint32_t special_floats[] = {
    0x7FC12345u, 0xFFC00001u,  // quiet NaN with a payload
    0x7F812345u, 0xFF800001u,  // signalling NaN
    0x7F800000u, 0xFF800000u,  // infinities
    0x80000000u, 0x00000000u,  // zeros
    0x00000001u, 0x800116C2u,  // denormals
    0x7F7FFFFFu, 0xFF7FFFFFu,  // the largest
};

// Random elements: whole ranges of integers; floats around `offset`, and with `specials` one
// element in eight is a special one; halves of moderate size, with `specials` of any bits.
template<typename T>
auto random_elements(uint64_t seed, [[maybe_unused]] bool specials = false,
                     [[maybe_unused]] float offset = 0) {
    if constexpr (std::is_integral_v<T>) {
        return [random = Random(seed)]() mutable {
            return static_cast<T>(random.bits() >> (64 - 8 * sizeof(T)));
        };
    } else if constexpr (std::is_same_v<T, float>) {
        return [random = Random(seed), specials, offset]() mutable {
            if (specials && random.chance(12)) {
                return float_of_bits(random.one_of(special_floats));
            }
            return offset + static_cast<float>(random.between(-8388608, 8388607)) / 65536;
        };
    } else {
        // Signs, and exponents from 2^-3 to 2^4, of float16; other values of bfloat16, as good.
        return [random = Random(seed), specials]() mutable {
            const auto bits = static_cast<uint16_t>(random.bits() >> 48);
            return T{specials ? bits : static_cast<uint16_t>(0x3000 + (bits & 0x9fff))};
        };
    }
}

template<typename T>
std::string show(T value) {
    if constexpr (std::is_integral_v<T>) {
        return std::to_string(value);
    } else {
        std::ostringstream stream;
        stream << "0x" << std::hex << value.bits;
        return stream.str();
    }
}

template<>
inline std::string show(float value) {
    std::ostringstream stream;
    stream << std::setprecision(9) << value << " (0x" << std::hex << std::setw(8)
           << std::setfill('0') << bits_of(value) << ")";
    return stream.str();
}

// Success if every element of `got` has the bits of expected(n, y, x, c).
template<typename T, typename Expected>
::testing::AssertionResult same_pixels(const glimpse::ConstView &got, Expected expected) {
    ::testing::AssertionResult result = ::testing::AssertionSuccess();
    int64_t wrong = 0;
    for_each_element(got.shape, [&](int64_t n, int64_t y, int64_t x, int64_t c) {
        T value;
        std::memcpy(&value,
                    static_cast<const T *>(got.data) + n * got.strides.image + y * got.strides.row +
                        x * got.strides.column + c * got.strides.channel,
                    sizeof(T));
        const T wanted = expected(n, y, x, c);
        if (std::memcmp(&value, &wanted, sizeof(T)) != 0 && wrong++ == 0) {
            result = ::testing::AssertionFailure()
                     << "glimpse " << n << ", y " << y << ", x " << x << ", channel " << c
                     << ": got " << show(value) << ", expected " << show(wanted);
        }
    });
    if (wrong > 1) {
        result << "; " << wrong << " elements differ";
    }
    return result;
}

// Success if two views of one shape hold the same bits.
template<typename T>
::testing::AssertionResult same_pixels(const glimpse::ConstView &got,
                                       const glimpse::ConstView &expected) {
    return same_pixels<T>(got, [&](int64_t n, int64_t y, int64_t x, int64_t c) {
        T value;
        std::memcpy(&value,
                    static_cast<const T *>(expected.data) + n * expected.strides.image +
                        y * expected.strides.row + x * expected.strides.column +
                        c * expected.strides.channel,
                    sizeof(T));
        return value;
    });
}

namespace glimpse {
inline std::ostream &operator<<(std::ostream &stream, const Shape &shape) {
    return stream << shape.count << "x" << shape.height << "x" << shape.width << "x"
                  << shape.channels;
}
inline void PrintTo(StatusCode code, std::ostream *stream) {
    *stream << name(code);
}
}  // namespace glimpse

// Success if a call succeeded; else its code and message.
inline ::testing::AssertionResult succeeded(const glimpse::Status &status) {
    if (status.ok()) {
        return ::testing::AssertionSuccess();
    }
    return ::testing::AssertionFailure()
           << glimpse::name(status.code()) << ": " << status.message();
}

#endif  // GLIMPSE_TESTS_BUFFERS_H_
