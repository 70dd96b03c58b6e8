// What a file without a header can hold: the table behind --raw.
#ifndef GLIMPSE_TOOLS_RAW_FORMAT_H_
#define GLIMPSE_TOOLS_RAW_FORMAT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "glimpse/frame.h"
#include "glimpse/view.h"

namespace glimpse {
namespace command {

// What the elements of an image are.
enum class Kind {
    pixels,
    mosaic,  // Bayer: one channel, four colours in cells of 2 x 2
    frame,   // planes of luma and of chroma
};

struct RawFormat {
    const char *name;  // FFmpeg's, where it has one
    Kind kind;
    ElementType type;   // little-endian
    int64_t channels;   // of pixels; 1 for the others
    PixelFormat frame;  // of a frame
};

const std::vector<RawFormat> &raw_formats();
std::vector<std::string> raw_format_names();

}  // namespace command
}  // namespace glimpse

#endif  // GLIMPSE_TOOLS_RAW_FORMAT_H_
