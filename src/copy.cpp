// Copies of frames between memories.
#include "glimpse/copy.h"

#include "call/check.h"
#include "call/context_impl.h"
#include "device/device.h"
#include "host/run.h"

namespace glimpse {

Status copy(const ConstView &from, const View &to, Context &context) noexcept {
    Context::Impl &impl = context.impl();
    GLIMPSE_TRY(impl.status);
    ByteRange in, out;
    GLIMPSE_TRY(check_input(from, "view 'from'", &in));
    GLIMPSE_TRY(check_output(to, "view 'to'", &out));
    GLIMPSE_TRY(check_built(impl.host.kernels->of_type[int(from.type)], from.type));
    GLIMPSE_TRY(check_shape(to.shape, "view 'to'", from.shape));
    if (from.type != to.type) {
        return {StatusCode::type_mismatch,
                "view 'from' is %s and view 'to' is %s; expected the same type", name(from.type),
                name(to.type)};
    }
    if (intersect(in, out)) {
        return {StatusCode::overlap, "the memory of view 'to' overlaps that of view 'from'"};
    }
    if (element_count(from.shape) == 0) {
        return {};
    }
    if (from.memory == Memory::host && to.memory == Memory::host) {
        return copy_on_host(from, to, impl);
    }
    return copy_device(from, to, impl);
}

}  // namespace glimpse
