// Statistics of images: what the borders mean, uniform and gaussian are made of, as a value that
// the caller may compute once and pass to many calls.
#ifndef GLIMPSE_STATISTICS_H_
#define GLIMPSE_STATISTICS_H_

#include "glimpse/context.h"
#include "glimpse/frame.h"
#include "glimpse/status.h"
#include "glimpse/view.h"

namespace glimpse {

// Of one channel of one image. Only finite elements count; all four are 0 where there is none.
struct ChannelStatistics {
    float min = 0, max = 0;  // in the units of the image; never -0
    double mean = 0;
    double stddev = 0;  // of the population: divided by the number of elements
};

// Computes the statistics of every image and channel: in one pass over interleaved memory of 1, 3
// or 4 channels, else channel by channel.
//
// images      any shape and strides. A view of every 8th row is a legal image, so sampling needs no
//             option.
// statistics  [count, channels], written.
//
// Integer types: sums are exact, mean and stddev are rounded once or twice. Floating-point types:
// sums are kept in double, in a fixed order: the same bits on every variant and for any number of
// threads (an interleaved and a planar copy of one image may differ in the last bit). As there is
// one pass, the variance has a relative error of about 1e-15 (mean / stddev)^2: stddev is good to 6
// digits up to a mean of 30,000 times itself. Memory for partial sums is kept by the context.
//
// Of images in device memory the same bytes are computed there, in two launches that are queued in
// the context's stream; the call waits for them only if `statistics` is memory of the host. Images
// of 16-bit integers have less than 2^33 pixels there.
Status compute_statistics(const ConstView &images, Span<ChannelStatistics> statistics,
                          Context &context = default_context()) noexcept;

// The same of the RGB pictures of frames, as uint8 or, where a component has more than 8 bits, as
// uint16: those that extract() uses. [count, 3]; [count, 1] are of luma alone, for glimpses of one
// channel; [count, 4] of formats with alpha.
Status compute_statistics(const ConstFrame &frames, Span<ChannelStatistics> statistics,
                          Context &context = default_context()) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_STATISTICS_H_
