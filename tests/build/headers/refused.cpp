// Uses of the API that must not compile, numbered by GLIMPSE_REFUSED; 0 is the same code without
// one. CMakeLists.txt says what compilers complain about.
#include <cstdint>
#include <vector>

#include "glimpse/glimpse.h"

std::vector<glimpse::Origin> make_origins();
glimpse::Span<const glimpse::Origin> make_span();
struct Arrays {
    float numbers[3];
};
Arrays make_arrays();
const Arrays make_constant_arrays();
const std::vector<float> make_constant_numbers();

glimpse::Status use(const glimpse::ConstView &images, const glimpse::View &glimpses,
                    const std::vector<glimpse::Origin> &origins, std::vector<float> &values) {
    glimpse::Options options;
    options.value = values;
#if GLIMPSE_REFUSED == 1
    // A span of a temporary, named.
    const glimpse::Span<const glimpse::Origin> span(make_origins());
    (void)span;
#elif GLIMPSE_REFUSED == 2
    // A span of a temporary, as an argument.
    if (!glimpse::extract(images, make_origins(), glimpses, options).ok()) {
        return {};
    }
#elif GLIMPSE_REFUSED == 3
    // A span of a temporary, assigned.
    options.value = std::vector<float>{1, 2, 3};
#elif GLIMPSE_REFUSED == 4
    // A span that is written, of what may only be read.
    const glimpse::Span<glimpse::Origin> written(origins);
    (void)written;
#elif GLIMPSE_REFUSED == 5
    // A view that is written, of what may only be read.
    const glimpse::View written = images;
    (void)written;
#elif GLIMPSE_REFUSED == 6
    // A view that is written, of constant pixels.
    const uint8_t pixels[3] = {1, 2, 3};
    const auto written = glimpse::View::interleaved(pixels, {1, 1, 1, 3});
    (void)written;
#elif GLIMPSE_REFUSED == 7
    // Elements of a type that there is not.
    const int64_t pixels[3] = {1, 2, 3};
    const auto view = glimpse::ConstView::interleaved(pixels, {1, 1, 1, 3});
    (void)view;
#elif GLIMPSE_REFUSED == 8
    // A status that is not looked at.
    glimpse::extract(images, origins, glimpses, options);
#elif GLIMPSE_REFUSED == 9
    // A copy of a context.
    glimpse::Context copy = glimpse::default_context();
    (void)copy;
#elif GLIMPSE_REFUSED == 10
    // A span of numbers in braces, which end with the statement.
    const glimpse::Span<const float> span{{1.0f, 2.0f}};
    (void)span;
#elif GLIMPSE_REFUSED == 11
    // An array that is a member of a temporary.
    options.value = make_arrays().numbers;
#elif GLIMPSE_REFUSED == 12
    // The same of a constant one.
    options.value = make_constant_arrays().numbers;
#elif GLIMPSE_REFUSED == 13
    // A container that is a constant temporary.
    options.value = make_constant_numbers();
#elif GLIMPSE_REFUSED == 14
    // Two numbers that would be a null pointer and a size.
    options.image_index = {0, 0};
#elif GLIMPSE_REFUSED == 15
    // A null pointer with a size.
    options.multiply = {nullptr, 3};
#elif GLIMPSE_REFUSED == 16
    // Indices in braces.
    options.image_index = {{1, 2}};
#elif GLIMPSE_REFUSED == 17
    // Places in braces.
    return glimpse::extract(images, {{0, 0}}, glimpses, options);
#elif GLIMPSE_REFUSED == 18
    // The shape of a tensor in braces.
    const glimpse::tensorflow::Tensor<const float> tensor{values.data(), {{1, 2, 3, 4}}};
    (void)tensor;
#elif GLIMPSE_REFUSED == 19
    // A view of an array that is a member of a temporary.
    const auto view = glimpse::ConstView::interleaved(make_arrays().numbers, {1, 1, 1, 3});
    (void)view;
#elif GLIMPSE_REFUSED == 20
    // The same of a constant one, with its type.
    const auto view = glimpse::ConstView::planar(make_constant_arrays().numbers,
                                                 glimpse::ElementType::float32, {1, 1, 1, 3});
    (void)view;
#elif GLIMPSE_REFUSED == 21
    // The executor of a pool that is gone.
    const glimpse::Executor executor = glimpse::ThreadPool(2).executor();
    (void)executor;
#endif
    // What is allowed: spans that live elsewhere, and temporary spans of them.
    if (!glimpse::extract(images, make_span(), glimpses, options).ok()) {
        return {};
    }
    return glimpse::extract(images, origins, glimpses, options);
}
