// Sends calls to where their pixels lie or are wanted.
#include "calls.h"

#include <optional>

#include "call/check.h"
#include "device/device.h"
#include "host/run.h"

namespace glimpse {

Status run(const Call &call) noexcept {
    if (call.is_empty) {
        return {};
    }
    if (call.images.memory == Memory::cuda) {
        return run_on_device(call);
    }
    return call.context.stages() ? stage_call(call) : run_on_host(call);
}

Status extract_planes(const PlaneCall *planes, int count, const Span<const Origin> &origins,
                      Context &context) noexcept {
    std::optional<Call> calls[3];
    for (int p = 0; p < count; p++) {
        AskedPlaces places(origins, Coordinates::pixels);
        places.halves_y = planes[p].halves_y;
        places.halves_x = planes[p].halves_x;
        Call &call = calls[p].emplace(context.impl(), planes[p].images, places, planes[p].glimpses);
        call.read = planes[p].read;
        call.written = planes[p].written;
        call.images_name = planes[p].images_name;
        call.glimpses_name = planes[p].glimpses_name;
        GLIMPSE_TRY(make_call(planes[p].options, &call));
    }
    for (int p = 0; p < count; p++) {
        GLIMPSE_TRY(run(*calls[p]));
    }
    return {};
}

}  // namespace glimpse
