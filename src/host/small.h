// Calls for which checking and planning would take longer than the pixels.
#ifndef GLIMPSE_SRC_HOST_SMALL_H_
#define GLIMPSE_SRC_HOST_SMALL_H_

#include "glimpse/extract.h"

namespace glimpse {

// Makes a call that is small and plain, at once, and returns true. Returns false for any other, and
// for one that is wrong: the full path makes it, or says why not. A call that this makes is one
// that the full path makes, with the same bytes.
bool extract_small(const ConstView &images, const Places &places, const ConstView &glimpses,
                   const Options &options, const Context::Impl &context) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_HOST_SMALL_H_
