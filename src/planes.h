// Images that are made of planes of different sizes: several calls of extract(), of which none is
// made unless all can be.
#ifndef GLIMPSE_SRC_PLANES_H_
#define GLIMPSE_SRC_PLANES_H_

#include "call.h"
#include "glimpse/extract.h"

namespace glimpse {

// One call of extract(). Where `halves`, its origins are half the others, rounded down.
struct Plane {
    ConstView images;
    View glimpses;
    Options options;
    bool halves;
};

// Makes the calls for `count` planes, in this order. That memory of one plane overlaps that of
// another, or what is read for one, is not looked at.
Status extract_planes(const Plane *planes, int count, Span<const Origin> origins,
                      Context &context) noexcept;

// Says what extract() with these arguments would; writes nothing.
Status check_extract(const ConstView &images, const Places &places, const View &glimpses,
                     const Options &options, Context &context) noexcept;

// extract() for places of any kind.
Status extract(const ConstView &images, const Places &places, const View &glimpses,
               const Options &options, Context &context) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_PLANES_H_
