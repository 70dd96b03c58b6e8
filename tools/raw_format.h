// What a file without a header can hold: the table behind --raw.
#ifndef GLIMPSE_TOOLS_RAW_FORMAT_H_
#define GLIMPSE_TOOLS_RAW_FORMAT_H_

#include <cstdint>
#include <optional>
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
    frame,   // of a camera: of several planes, packed or subsampled
};

struct RawFormat {
    const char *name;  // FFmpeg's, where it has one
    Kind kind;
    ElementType type;                  // little-endian
    int64_t channels;                  // of pixels; 1 for the others
    std::optional<PixelFormat> frame;  // of a frame; of pixels what they are as such
};

const std::vector<RawFormat> &raw_formats();
std::vector<std::string> raw_format_names();

}  // namespace command
}  // namespace glimpse

#endif  // GLIMPSE_TOOLS_RAW_FORMAT_H_
