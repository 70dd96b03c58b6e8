// Copies of frames between the host and a device.
//
//     std::vector<uint8_t> frame(1080 * 1920 * 3);
//     auto host = glimpse::ConstView::interleaved(frame.data(), {1, 1080, 1920, 3});
//     auto device = glimpse::View::interleaved(pointer, glimpse::ElementType::uint8, host.shape)
//                       .pitch_bytes(pitch)
//                       .on(glimpse::Memory::cuda);
//     glimpse::Status status = glimpse::copy(host, device, context);
#ifndef GLIMPSE_COPY_H_
#define GLIMPSE_COPY_H_

#include "glimpse/context.h"
#include "glimpse/status.h"
#include "glimpse/view.h"

namespace glimpse {

// Copies all elements of `from` to `to`: views of the same shape and type that share no byte.
//
// Between views of host memory, of any strides, the copy is done when the call returns. Where one
// lies on a device, the copy is queued in the context's stream, and memory must be kept, and is
// written, until synchronize(); both views then have dense rows, with any pitch, and are both
// interleaved or both planar. Images whose rows, and planes, lie evenly apart are one copy of the
// driver, however many they are; others are one copy each.
Status copy(const ConstView &from, const View &to, Context &context = default_context()) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_COPY_H_
