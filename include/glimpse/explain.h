// Why a pixel of a glimpse is what it is: for debugging.
//
//     glimpse::Explanation why;
//     glimpse::Status status =
//         glimpse::explain(image, origins, glimpses, 0, {10, 20, 0}, &why, options);
//     printf("%s: row %d, column %d", why.form, int(why.source_y), int(why.source_x));
#ifndef GLIMPSE_EXPLAIN_H_
#define GLIMPSE_EXPLAIN_H_

#include <cstddef>
#include <cstdint>

#include "glimpse/extract.h"

namespace glimpse {

// An element of a glimpse.
struct Pixel {
    int64_t y = 0, x = 0, channel = 0;
};

struct Explanation {
    int64_t image = 0;       // the number of the image
    int64_t channel = 0;     // of it: see Options::channel_order
    Origin origin = {0, 0};  // of the glimpse, unless it is sampled
    // Whether it is sampled from a box, and the point of the image that the pixel looks at.
    bool is_sampled = false;
    double point_y = 0, point_x = 0;
    int64_t plane_y = 0, plane_x = 0;  // where the pixel, or that point, lies in the plane
    // Whether it is a pixel of the image, and of which row and column; else it is filled. Of
    // samples: whether that is so of the pixel in which the point lies.
    bool is_of_image = false;
    int64_t source_y = 0, source_x = 0;
    // Of its channel, if it is filled with what is made of them; under Border::uniform min and max
    // are of all channels.
    bool has_statistics = false;
    ChannelStatistics statistics;
    // The form of the kernel that made it: "inside", "value", "map", "noise" and "pure"; "convert"
    // if its element was converted straight from the image; "fill" under Options::exact_fill;
    // "sample"; "device". Kernels are those of the variant `variant`. `is_converted`: its element
    // was changed in type or order on the way.
    const char *form = "";
    const char *variant = "";
    bool is_converted = false;
};

// Extracts glimpses as extract() does, from images to glimpses on the host, and explains the pixel
// of glimpse number `glimpse`. Arguments and errors are those of extract(); a pixel that does not
// exist is an error too.
Status explain(const Images &images, const Places &places, const Glimpses &glimpses, size_t glimpse,
               const Pixel &pixel, Explanation *explanation, const Options &options = {},
               Context &context = default_context()) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_EXPLAIN_H_
