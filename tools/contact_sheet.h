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

// Whether a sheet shows elements of the type scaled to what the images hold.
bool is_scaled_in_sheet(ElementType type);

// Writes glimpses in rows of ceil(sqrt(N)), in their order, with 1 pixel of middle gray between
// them and in the places that are left over.
//
//     1 channel   gray
//     3 channels  RGB
//     4 channels  RGBA, over a checkerboard
//
// uint8 and uint16 are shown as they are, in 8 and 16 bits. Of other types the finite range of all
// `images`, which then are of the type of the glimpses, becomes 0..255, saturating; where that
// range is one number, it and what is below become 0, what is above 255. A pixel with a NaN becomes
// magenta.
void write_contact_sheet(OutputFile &file, const Images &glimpses, const Images &images);

// Element `i` of `elements`; exact.
float value_at(const void *elements, ElementType type, int64_t i);

}  // namespace command
}  // namespace glimpse

#endif  // GLIMPSE_TOOLS_CONTACT_SHEET_H_
