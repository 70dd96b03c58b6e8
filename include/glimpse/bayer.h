// Bayer mosaics: raw images of one channel in which every cell of 2 x 2 pixels holds four colours.
#ifndef GLIMPSE_BAYER_H_
#define GLIMPSE_BAYER_H_

#include "glimpse/context.h"
#include "glimpse/extract.h"
#include "glimpse/status.h"
#include "glimpse/view.h"

namespace glimpse {

// Extracts glimpse i of a mosaic at origins[i], as extract() does, but in cells of 2 x 2 pixels:
// every border rule repeats, mirrors or fills whole cells, so that the pattern of colours goes on.
// The library need not know which colours these are.
//
// mosaics   [count, height, width, 1], height and width even; rows and columns less than 2^30
//           elements apart.
// origins   of pixels; y and x even. Those in device memory are not looked at: odd ones are rounded
//           down.
// glimpses  [number of glimpses, height, width, 1], height and width even.
// options   value, subtract and multiply have one number for all pixels or four, for the pixels of
//           a cell from left to right, the upper row first; so black levels and gains go per
//           colour.
//           Statistics must be empty: they are computed per pixel of a cell; uniform noise lies in
//           the range of the two pixels of its row.
//
// Errors, threads and aliasing are those of extract().
Status extract_bayer(const ConstView &mosaics, Span<const Origin> origins, const View &glimpses,
                     const Options &options = {}, Context &context = default_context()) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_BAYER_H_
