// What the tests of interop_*.h share: random memory for another library to describe, comparisons
// of views, and an extraction from and into such memory.
#ifndef GLIMPSE_TESTS_INTEROP_H_
#define GLIMPSE_TESTS_INTEROP_H_

#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "buffers.h"
#include "glimpse/glimpse.h"

template<typename T>
std::vector<T> random_memory(int64_t count, uint64_t seed) {
    auto next = random_elements<T>(seed);
    std::vector<T> memory;
    for (int64_t i = 0; i < count; i++) {
        memory.push_back(next());
    }
    return memory;
}

// Success if two views describe the same elements: strides that are never used may differ.
inline ::testing::AssertionResult same_view(const glimpse::ConstView &got,
                                            const glimpse::ConstView &expected) {
    const auto numbers = [](const glimpse::ConstView &view) {
        const glimpse::Shape &shape = view.shape;
        const glimpse::Strides &strides = view.strides;
        return std::vector<int64_t>{shape.count,
                                    shape.height,
                                    shape.width,
                                    shape.channels,
                                    shape.count > 1 ? strides.image : 0,
                                    shape.height > 1 ? strides.row : 0,
                                    shape.width > 1 ? strides.column : 0,
                                    shape.channels > 1 ? strides.channel : 0};
    };
    if (got.data == expected.data && got.type == expected.type && got.memory == expected.memory &&
        numbers(got) == numbers(expected)) {
        return ::testing::AssertionSuccess();
    }
    return ::testing::AssertionFailure()
           << "got " << name(got.type) << " at " << got.data << ", shape and strides "
           << ::testing::PrintToString(numbers(got)) << "; expected " << name(expected.type)
           << " at " << expected.data << ", " << ::testing::PrintToString(numbers(expected));
}

// Success if an extraction gives what it gives from and into dense memory. `images` and `glimpses`
// are views of the memory of other libraries.
template<typename T>
::testing::AssertionResult extracts_the_same(const glimpse::ConstView &images,
                                             const glimpse::View &glimpses) {
    std::vector<T> dense_images, dense_glimpses;
    for_each_element(images.shape, [&](int64_t n, int64_t y, int64_t x, int64_t c) {
        const glimpse::Strides &strides = images.strides;
        T value;
        std::memcpy(&value,
                    static_cast<const T *>(images.data) + n * strides.image + y * strides.row +
                        x * strides.column + c * strides.channel,
                    sizeof(T));
        dense_images.push_back(value);
    });
    const glimpse::Shape &shape = glimpses.shape;
    dense_glimpses.resize(
        static_cast<size_t>(shape.count * shape.height * shape.width * shape.channels));
    const auto dense = glimpse::View::interleaved(dense_glimpses.data(), shape);

    std::vector<glimpse::Origin> origins;
    std::vector<int32_t> index;
    for (int32_t i = 0; i < static_cast<int32_t>(shape.count); i++) {
        origins.push_back({5 * i - 2, 3 * i - 1});
        index.push_back(i % static_cast<int32_t>(images.shape.count));
    }
    glimpse::Options options;
    options.border = glimpse::Border::reflect101;
    options.image_index = index;
    const glimpse::Status expected =
        extract(glimpse::ConstView::interleaved(dense_images.data(), images.shape), origins, dense,
                options);
    if (!expected.ok()) {
        return succeeded(expected);
    }
    const glimpse::Status status = extract(images, origins, glimpses, options);
    return status.ok() ? same_pixels<T>(glimpses, glimpse::ConstView(dense)) : succeeded(status);
}

// Success if a status has the code, and a text.
inline ::testing::AssertionResult refused(const glimpse::Status &status, glimpse::StatusCode code) {
    if (status.code() == code && status.message()[0] != '\0') {
        return ::testing::AssertionSuccess();
    }
    return ::testing::AssertionFailure() << "got " << name(status.code()) << ", \""
                                         << status.message() << "\"; expected " << name(code);
}

// Whether to_view(object, [order,] &view) compiles.
template<typename Void, typename View, typename... Arguments>
struct CanView : std::false_type {};
template<typename View, typename... Arguments>
struct CanView<
    std::void_t<decltype(to_view(std::declval<Arguments>()..., static_cast<View *>(nullptr)))>,
    View, Arguments...> : std::true_type {};
template<typename View, typename... Arguments>
constexpr bool can_view = CanView<void, View, Arguments...>::value;

// Whether from_view(view, [order,] &object) compiles.
template<typename Void, typename... Arguments>
struct CanDescribe : std::false_type {};
template<typename... Arguments>
struct CanDescribe<std::void_t<decltype(from_view(std::declval<Arguments>()...))>, Arguments...>
    : std::true_type {};
template<typename... Arguments>
constexpr bool can_describe = CanDescribe<void, Arguments...>::value;

#endif  // GLIMPSE_TESTS_INTEROP_H_
