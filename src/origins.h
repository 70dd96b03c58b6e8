// From offsets to origins: the rule of the main API, one offset at a time.
#ifndef GLIMPSE_SRC_ORIGINS_H_
#define GLIMPSE_SRC_ORIGINS_H_

#include "glimpse/extract.h"

namespace glimpse {

// Computes the origin of a glimpse. False if the offset is not finite or if the glimpse leaves
// int32.
bool origin_of(const Offset &offset, Size image, Size glimpse, Coordinates coordinates,
               Origin *origin) noexcept;

// Says why origin_of() is false for offset number `index`.
Status bad_offset(const Offset &offset, size_t index, Size image, Size glimpse,
                  Coordinates coordinates) noexcept;

// The largest coordinate from which `extent` pixels, 0 or more, have int32 coordinates.
inline int64_t highest_origin(int64_t extent) noexcept {
    return INT32_MAX - (extent > 1 ? extent - 1 : 0);
}

// Whether the origin and the last pixel of a glimpse are in int32, and what to say if they are not.
bool fits_int32(int64_t y, int64_t x, Size glimpse) noexcept;
Status bad_origin(int64_t y, int64_t x, size_t index, Size glimpse) noexcept;

// Fails if `coordinates` is none of the enumerators.
Status check_coordinates(Coordinates coordinates) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_ORIGINS_H_
