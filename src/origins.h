// From offsets to origins: the rule of the main API, one offset at a time.
#ifndef GLIMPSE_SRC_ORIGINS_H_
#define GLIMPSE_SRC_ORIGINS_H_

#include "glimpse/extract.h"

namespace glimpse {

// Computes the origin of glimpse number `index`. Fails if the offset is not finite or if the
// glimpse leaves int32.
Status origin_of(const Offset &offset, size_t index, Size image, Size glimpse,
                 Coordinates coordinates, Origin *origin) noexcept;

// Fails if the origin or the last pixel of glimpse number `index` is not in int32.
Status check_origin(int64_t y, int64_t x, size_t index, Size glimpse) noexcept;

// Fails if `coordinates` is none of the enumerators.
Status check_coordinates(Coordinates coordinates) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_ORIGINS_H_
