// Where glimpses are asked for, and of which images, as NPY files say it.
#ifndef GLIMPSE_TOOLS_POSITIONS_H_
#define GLIMPSE_TOOLS_POSITIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "glimpse/extract.h"

namespace glimpse {
namespace command {

// [N, 2] of float16, float32, float64 or any integer type; converted to float32.
std::vector<Offset> read_offsets(const std::string &path);
// [N, 4] likewise.
std::vector<Box> read_boxes(const std::string &path);
// [N, 2] of any integer type; values that do not fit int32 are rejected.
std::vector<Origin> read_origins(const std::string &path);
// [N] of any integer type, likewise.
std::vector<int32_t> read_image_index(const std::string &path);

}  // namespace command
}  // namespace glimpse

#endif  // GLIMPSE_TOOLS_POSITIONS_H_
