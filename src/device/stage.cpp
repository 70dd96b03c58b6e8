// Copies to the device and back, for views of any strides: elements are put side by side by kernels
// for this processor.
#include "device/device.h"

#include "call/check.h"
#include "call/rows.h"
#include "host/run.h"

namespace glimpse {
namespace {

// All different elements of a view, side by side: dimensions with a stride of 0 are stored once.
class Packed {
public:
    Packed(const ConstView &view, Context::Impl &context) noexcept
        : view_(view), stored_(stored(view)),
          bytes_(element_count(stored_.shape) * size_in_bytes(view.type)),
          scratch_(context.scratch, size_t(bytes_)),
          // In the same order of elements: that of sums depends on it.
          packed_(is_interleaved(view)
                      ? View::interleaved(scratch_.data(), view.type, stored_.shape)
                      : View::planar(scratch_.data(), view.type, stored_.shape)) {
    }

    // Uses the caller's threads.
    Status pack(Context::Impl &context) noexcept {
        GLIMPSE_TRY(scratch_.check("pixels"));
        return copy_on_host(stored_, packed_, context);
    }

    // Queues a copy to the device; returns a view of what is there. This object is kept until the
    // call has waited for it.
    ConstView upload(CudaCall &cuda) const noexcept {
        const CUdeviceptr memory = cuda.memory(size_t(bytes_));
        cuda.upload_at_once(memory, scratch_.data(), size_t(bytes_));
        ConstView copied = packed_.on(Memory::cuda);
        copied.data = pointer_of(memory);
        copied.shape = view_.shape;
        const auto repeat = [](int64_t extent, int64_t stored_extent, int64_t *stride) {
            *stride = extent == stored_extent ? *stride : 0;
        };
        repeat(view_.shape.count, stored_.shape.count, &copied.strides.image);
        repeat(view_.shape.height, stored_.shape.height, &copied.strides.row);
        repeat(view_.shape.width, stored_.shape.width, &copied.strides.column);
        repeat(view_.shape.channels, stored_.shape.channels, &copied.strides.channel);
        return copied;
    }

private:
    static ConstView stored(ConstView view) noexcept {
        const auto once = [](int64_t *extent, int64_t stride) {
            *extent = stride == 0 && *extent > 1 ? 1 : *extent;
        };
        once(&view.shape.count, view.strides.image);
        once(&view.shape.height, view.strides.row);
        once(&view.shape.width, view.strides.column);
        once(&view.shape.channels, view.strides.channel);
        return view;
    }

    ConstView view_, stored_;
    int64_t bytes_;
    Scratch scratch_;
    View packed_;
};

}  // namespace

Status stage_call(const Call &call) noexcept {
    const ConstView &glimpses = call.glimpses;
    Context::Impl &context = call.context;
    Packed packed(call.images, context);
    GLIMPSE_TRY(packed.pack(context));
    const int64_t bytes = element_count(glimpses.shape) * size_in_bytes(glimpses.type);
    const Scratch scratch(context.scratch, size_t(bytes));
    GLIMPSE_TRY(scratch.check("pixels"));
    // It ends before the caller's threads are used again: they may make calls of their own.
    {
        CudaCall cuda(context.cuda);
        const ConstView device_images = packed.upload(cuda);
        const CUdeviceptr memory = cuda.memory(size_t(bytes));
        GLIMPSE_TRY(cuda.status());
        const View made = View::interleaved(pointer_of(memory), glimpses.type, glimpses.shape);
        GLIMPSE_TRY(queue_call(call, device_images, made.on(Memory::cuda), cuda));
        cuda.download(scratch.data(), memory, size_t(bytes));
        cuda.synchronize();
        GLIMPSE_TRY(cuda.status());
    }
    const View target = {const_cast<void *>(glimpses.data), glimpses.type, glimpses.shape,
                         glimpses.strides};
    return copy_on_host(ConstView::interleaved(static_cast<const void *>(scratch.data()),
                                               glimpses.type, glimpses.shape),
                        target, context);
}

Status stage_statistics(const ConstView &images, const Span<ChannelStatistics> &statistics,
                        Context::Impl &context) noexcept {
    Packed packed(images, context);
    GLIMPSE_TRY(packed.pack(context));
    CudaCall cuda(context.cuda);
    const ConstView device_images = packed.upload(cuda);
    const size_t bytes = statistics.size * sizeof(ChannelStatistics);
    const CUdeviceptr memory = cuda.memory(bytes);
    GLIMPSE_TRY(cuda.status());
    GLIMPSE_TRY(queue_statistics(device_images, 0, images.shape.count, memory, cuda));
    cuda.download(statistics.data, memory, bytes);
    cuda.synchronize();
    return cuda.status();
}

}  // namespace glimpse
