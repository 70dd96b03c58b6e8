// Decoding of PNG and JPEG files that lie in memory.
#ifndef GLIMPSE_TOOLS_DECODE_H_
#define GLIMPSE_TOOLS_DECODE_H_

#include <cstdint>
#include <string>

#include "buffer.h"
#include "image_file.h"

namespace glimpse {
namespace command {

// uint8 or, of 16 bits per channel, uint16; 1 to 4 channels: gray, gray and alpha, RGB, RGBA. A
// palette becomes RGB, a transparent colour becomes alpha, fewer than 8 bits of gray are scaled to
// 0..255; no gamma is applied.
// `path` is for messages.
Images decode_png(const std::string &path, const Buffer &file);

// 8 bits, 1 or 3 channels: gray, RGB. Damaged data are rejected.
Images decode_jpeg(const std::string &path, const Buffer &file);

}  // namespace command
}  // namespace glimpse

#endif  // GLIMPSE_TOOLS_DECODE_H_
