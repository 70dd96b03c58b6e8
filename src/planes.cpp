// Several calls of extract() that are checked before the first of them is made.
#include "planes.h"

#include "context_impl.h"
#include "scratch.h"

namespace glimpse {
namespace {

int32_t half_down(int32_t v) {
    return v / 2 - (v % 2 < 0 ? 1 : 0);
}

}  // namespace

Status extract_planes(const Plane *planes, int count, Span<const Origin> origins,
                      Context &context) noexcept {
    const int64_t glimpses = planes[0].glimpses.shape.count;
    if (origins.size != uint64_t(glimpses)) {
        return {StatusCode::count_mismatch,
                "there are %zu origins for %lld glimpses; expected one each", origins.size,
                (long long)glimpses};
    }
    // Those on a device are halved there.
    const bool on_host = origins.memory == Memory::host;
    const Scratch scratch(context.impl().scratch, on_host ? origins.size * sizeof(Origin) : 0);
    auto *const halves = static_cast<Origin *>(scratch.data());
    if (on_host && origins.size > 0 && halves == nullptr) {
        return {StatusCode::out_of_memory, "%zu bytes for origins could not be allocated",
                origins.size * sizeof(Origin)};
    }
    for (size_t i = 0; on_host && i < origins.size; i++) {
        halves[i] = {half_down(origins.data[i].y), half_down(origins.data[i].x)};
    }
    Status status;
    for (const bool only_check : {true, false}) {
        for (int p = 0; status.ok() && p < count; p++) {
            const Plane &plane = planes[p];
            Places places = {origins.data, nullptr, origins.size, origins.memory};
            if (plane.halves && on_host) {
                places.origins = halves;
            }
            places.halves = plane.halves && !on_host;
            status =
                only_check
                    ? check_extract(plane.images, places, plane.glimpses, plane.options, context)
                    : extract(plane.images, places, plane.glimpses, plane.options, context);
        }
    }
    return status;
}

}  // namespace glimpse
