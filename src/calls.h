// What the functions of the API do with calls.
#ifndef GLIMPSE_SRC_CALLS_H_
#define GLIMPSE_SRC_CALLS_H_

#include "call/call.h"
#include "glimpse/extract.h"

namespace glimpse {

// Makes all glimpses of a call, on the processor or on a device.
Status run(const Call &call) noexcept;

// One call of extract(), of checked views or parts of such: with the bytes and the names of these.
// Where it halves, its origins are half the others, rounded down.
struct PlaneCall {
    ConstView images;
    View glimpses;
    ByteRange read, written;
    const char *images_name, *glimpses_name;
    bool halves_y, halves_x;
    Options options;
};

// Makes the calls for `count` planes, at most 3, and then runs them in this order. That one plane's
// memory overlaps another's is not looked at.
Status extract_planes(const PlaneCall *planes, int count, const Span<const Origin> &origins,
                      Context &context) noexcept;

// Extracts from frames to frames of their format, at origins; or from their picture.
Status copy_frames(const ConstFrame &frames, const Places &places, const Frame &glimpses,
                   const Options &options, Context &context) noexcept;
Status extract_picture(const ConstFrame &frames, const Places &places, const View &glimpses,
                       const Options &options, Context &context) noexcept;
Status compute_picture_statistics(const ConstFrame &frames,
                                  const Span<ChannelStatistics> &statistics,
                                  Context &context) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_CALLS_H_
