// One call of extract(), and how it is held to the reference: pixels, guard bytes and all.
#ifndef GLIMPSE_TESTS_EXTRACT_CASE_H_
#define GLIMPSE_TESTS_EXTRACT_CASE_H_

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

#include "buffers.h"
#include "glimpse/glimpse.h"
#include "reference.h"

using glimpse::Border;
using glimpse::Origin;
using glimpse::Shape;
using glimpse::Size;

inline const Border borders[] = {Border::zero,      Border::constant, Border::mean,
                                 Border::replicate, Border::reflect,  Border::reflect101,
                                 Border::wrap,      Border::uniform,  Border::gaussian};

struct Case {
    Border border = Border::zero;
    Shape images = {1, 7, 11, 1};
    Size glimpse = {5, 6};
    std::vector<Origin> origins;
    std::vector<int32_t> image_index;
    std::vector<float> value;  // with Border::constant; empty: one per channel
    std::vector<float> subtract, multiply;
    std::vector<uint8_t> channel_order;  // empty: all channels in order
    bool exact_fill = false;
    uint64_t seed = 1;
    uint32_t first_image = 0;
    Layout image_layout = interleaved, glimpse_layout = interleaved;
    Fence fence = Fence::after;
    bool specials = false;
    bool give_statistics = false;
};

inline int64_t glimpse_channels(const Case &test) {
    return test.channel_order.empty() ? test.images.channels
                                      : static_cast<int64_t>(test.channel_order.size());
}

inline glimpse::ChannelOrder channel_order_of(const Case &test) {
    glimpse::ChannelOrder order;
    order.count = static_cast<uint8_t>(test.channel_order.size());
    std::copy(test.channel_order.begin(), test.channel_order.end(), order.from);
    return order;
}

template<typename T, typename To = T>
std::string describe(const Case &test) {
    std::ostringstream text;
    text << name(glimpse::element_type_of<T>::value) << " to "
         << name(glimpse::element_type_of<To>::value) << ", " << name(test.border) << ", images "
         << test.images << " (" << test.image_layout.name << "), " << test.origins.size()
         << " glimpses of " << test.glimpse.height << "x" << test.glimpse.width << " ("
         << test.glimpse_layout.name << "), seed " << test.seed << ", first image "
         << test.first_image << (test.image_index.empty() ? "" : ", indexed")
         << (test.specials ? ", special floats" : "")
         << (test.give_statistics ? ", statistics given" : "") << ", " << test.subtract.size()
         << " subtracted, " << test.multiply.size() << " multiplied, " << test.channel_order.size()
         << " channels picked" << (test.exact_fill ? ", exact fill" : "");
    if (!test.origins.empty()) {
        text << ", first origin (" << test.origins[0].y << ", " << test.origins[0].x << ")";
    }
    return text.str();
}

// The image of glimpse `n`, and the channel of it that is channel `c` of the glimpse.
inline int64_t image_of(const Case &test, int64_t n) {
    return !test.image_index.empty() ? test.image_index[static_cast<size_t>(n)]
           : test.images.count == 1  ? 0
                                     : n;
}
inline int64_t channel_from(const Case &test, int64_t c) {
    return test.channel_order.empty() ? c : test.channel_order[static_cast<size_t>(c)];
}

// One of no values, of one for all channels, or of one for each.
inline float of_channel(const std::vector<float> &values, int64_t c, float otherwise) {
    return values.empty() ? otherwise : values[values.size() == 1 ? 0 : static_cast<size_t>(c)];
}

// Whether elements change.
template<typename T, typename To>
bool converts(const Case &test) {
    return !std::is_same_v<T, To> || !test.subtract.empty() || !test.multiply.empty();
}

// Makes the plane that the reference takes pixels of, and the options of the call, which refer to
// the plane. Fails if there are no statistics.
template<typename T>
::testing::AssertionResult prepare(const Case &test, const glimpse::ConstView &images,
                                   glimpse::Context &context, reference::Plane<T> *plane,
                                   glimpse::Options *options) {
    plane->images = images;
    plane->border = test.border;
    plane->seed = test.seed;
    plane->first_image = test.first_image;
    options->border = test.border;
    options->seed = test.seed;
    options->first_image = test.first_image;
    options->image_index = test.image_index;
    options->subtract = test.subtract;
    options->multiply = test.multiply;
    options->exact_fill = test.exact_fill;
    options->channel_order = channel_order_of(test);
    if (test.border == Border::constant) {
        plane->value = test.value;
        for (int64_t c = 0; test.value.empty() && c < test.images.channels; c++) {
            plane->value.push_back(static_cast<float>(17 * c + 3) + 0.4f);
        }
        options->value = plane->value;
    }
    if (reference::needs_statistics(test.border)) {
        plane->statistics.resize(static_cast<size_t>(test.images.count * test.images.channels));
        const glimpse::Status status = compute_statistics(images, plane->statistics, context);
        if (!status.ok()) {
            return ::testing::AssertionFailure() << "statistics: " << status.message();
        }
        if (test.give_statistics) {
            options->statistics = plane->statistics;
        }
    }
    return ::testing::AssertionSuccess();
}

// Runs one call and holds every element, and every byte around them, to the reference; if the types
// were built.
template<typename T, typename To = T>
::testing::AssertionResult agrees(const Case &test, glimpse::Context &context) {
    if (!are_built<T, To>()) {
        return ::testing::AssertionSuccess();
    }
    const int64_t channels = glimpse_channels(test);
    const Images<T> images(test.images, test.image_layout, test.fence,
                           random_elements<T>(test.seed, test.specials));
    Output<To> glimpses({static_cast<int64_t>(test.origins.size()), test.glimpse.height,
                         test.glimpse.width, channels},
                        test.glimpse_layout, test.seed);

    reference::Plane<T> plane;
    glimpse::Options options;
    const ::testing::AssertionResult prepared =
        prepare(test, images.view(), context, &plane, &options);
    if (!prepared) {
        return ::testing::AssertionFailure()
               << (describe<T, To>(test)) << ": " << prepared.message();
    }
    const glimpse::Status status =
        extract(images.view(), test.origins, glimpses.view(), options, context);
    if (!status.ok()) {
        return ::testing::AssertionFailure() << (describe<T, To>(test)) << ": " << status.message();
    }
    const ::testing::AssertionResult same =
        same_pixels<To>(glimpses.result(), [&](int64_t n, int64_t y, int64_t x, int64_t c) {
            const auto i = static_cast<size_t>(n);
            const int64_t image = image_of(test, n);
            const int64_t plane_y = int64_t{test.origins[i].y} + y;
            const int64_t plane_x = int64_t{test.origins[i].x} + x;
            const int64_t from = channel_from(test, c);
            const T pixel = plane(image, plane_y, plane_x, from);
            const bool is_outside = plane_y < 0 || plane_x < 0 || plane_y >= test.images.height ||
                                    plane_x >= test.images.width;
            if (test.exact_fill && converts<T, To>(test) && is_outside &&
                (test.border == Border::constant || test.border == Border::mean)) {
                const auto at = static_cast<size_t>(image * test.images.channels + from);
                const float number = test.border == Border::mean
                                         ? static_cast<float>(plane.statistics[at].mean)
                                         : of_channel(plane.value, from, 0);
                return reference::converted<To>(number, of_channel(test.subtract, c, 0),
                                                of_channel(test.multiply, c, 1));
            }
            if constexpr (std::is_same_v<T, To>) {
                if (!converts<T, To>(test)) {
                    return pixel;
                }
            }
            return reference::converted<To>(pixel, of_channel(test.subtract, c, 0),
                                            of_channel(test.multiply, c, 1));
        });
    if (!same) {
        return ::testing::AssertionFailure() << (describe<T, To>(test)) << ": " << same.message();
    }
    const ::testing::AssertionResult intact = glimpses.guards_intact();
    if (!intact) {
        return ::testing::AssertionFailure() << (describe<T, To>(test)) << ": " << intact.message();
    }
    return ::testing::AssertionSuccess();
}

#endif  // GLIMPSE_TESTS_EXTRACT_CASE_H_
