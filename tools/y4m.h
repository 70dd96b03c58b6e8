// Y4M: planar frames, one after the other, behind a line of text that says what they are.
#ifndef GLIMPSE_TOOLS_Y4M_H_
#define GLIMPSE_TOOLS_Y4M_H_

#include <string>

#include "file.h"
#include "image_file.h"

namespace glimpse {
namespace command {

bool is_y4m(const InputFile &file);
// Those frames that the format asks for.
Images read_y4m(const InputFile &file, const InputFormat &format);

// Rejects what is no frame that Y4M has.
void require_y4m(const std::string &path, const Images &frames);
void write_y4m(OutputFile &file, const Images &frames);

}  // namespace command
}  // namespace glimpse

#endif  // GLIMPSE_TOOLS_Y4M_H_
