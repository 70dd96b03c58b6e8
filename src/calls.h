// What the functions of the API do with calls.
#ifndef GLIMPSE_SRC_CALLS_H_
#define GLIMPSE_SRC_CALLS_H_

#include "call/call.h"
#include "glimpse/extract.h"

namespace glimpse {

// Makes all glimpses of a call, on the processor or on a device.
Status run(const Call &call) noexcept;

// One call of extract(). Where `halves`, its origins are half the others, rounded down.
struct PlaneCall {
    ConstView images;
    View glimpses;
    Options options;
    bool halves;
};

// Makes the calls for `count` planes, at most 3, and then runs them in this order. That memory of
// one plane overlaps that of another, or what is read for one, is not looked at.
Status extract_planes(const PlaneCall *planes, int count, const Span<const Origin> &origins,
                      Context &context) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_CALLS_H_
