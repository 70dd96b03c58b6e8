// A PNG that shows many glimpses side by side.
#ifndef GLIMPSE_TOOLS_CONTACT_SHEET_H_
#define GLIMPSE_TOOLS_CONTACT_SHEET_H_

#include "file.h"
#include "image_file.h"

namespace glimpse {
namespace command {

// Rejects glimpses that no sheet can show: channels other than 1, 3 and 4, none, empty ones, or
// so many that a PNG cannot be that large.
void require_showable(const Shape &glimpses);

// Writes glimpses in rows of ceil(sqrt(N)), in their order, with 1 pixel of middle gray between
// them and in the places that are left over.
//
//     1 channel   gray
//     3 channels  RGB
//     4 channels  RGBA, over a checkerboard
//
// float32 maps the finite range of all `images` to 0..255 and saturates; where that range is one
// number, it and what is below become 0, what is above 255. A pixel with a NaN becomes magenta.
void write_contact_sheet(OutputFile &file, const Images &glimpses, const Images &images);

}  // namespace command
}  // namespace glimpse

#endif  // GLIMPSE_TOOLS_CONTACT_SHEET_H_
