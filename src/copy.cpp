// Copies of frames between memories.
#include "glimpse/copy.h"

#include "call/check.h"
#include "call/context_impl.h"
#include "device/copy.h"
#include "host/run.h"

namespace glimpse {

Status copy(const ConstView &from, const View &to, Context &context) noexcept {
    Context::Impl &impl = context.impl();
    GLIMPSE_TRY(impl.status);
    ByteRange in, out;
    GLIMPSE_TRY(check_input(from, "from", &in));
    GLIMPSE_TRY(check_output(to, "to", &out));
    GLIMPSE_TRY(check_built(impl.host.kernels->of_type[int(from.type)], from.type));
    const Shape &a = from.shape, &b = to.shape;
    if (a.count != b.count || a.height != b.height || a.width != b.width ||
        a.channels != b.channels) {
        return Status(
            StatusCode::size_mismatch,
            "from has %lld x %lld x %lld x %lld elements and to has %lld x %lld x %lld x %lld; "
            "expected the same",
            (long long)a.count, (long long)a.height, (long long)a.width, (long long)a.channels,
            (long long)b.count, (long long)b.height, (long long)b.width, (long long)b.channels);
    }
    if (from.type != to.type) {
        return {StatusCode::type_mismatch, "from is %s and to is %s; expected the same type",
                name(from.type), name(to.type)};
    }
    if (intersect(in, out)) {
        return {StatusCode::overlap, "the memory of to overlaps that of from"};
    }
    if (element_count(a) == 0) {
        return {};
    }
    if (from.memory == Memory::host && to.memory == Memory::host) {
        return copy_on_host(from, to, impl);
    }
    return copy_device(from, to, impl);
}

}  // namespace glimpse
