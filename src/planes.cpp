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
    const Scratch scratch(context.impl().scratch, origins.size * sizeof(Origin));
    auto *const halves = static_cast<Origin *>(scratch.data());
    if (origins.size > 0 && halves == nullptr) {
        return {StatusCode::out_of_memory, "%zu bytes for origins could not be allocated",
                origins.size * sizeof(Origin)};
    }
    for (size_t i = 0; i < origins.size; i++) {
        halves[i] = {half_down(origins.data[i].y), half_down(origins.data[i].x)};
    }
    Status status;
    for (const bool only_check : {true, false}) {
        for (int p = 0; status.ok() && p < count; p++) {
            const Plane &plane = planes[p];
            const Span<const Origin> places =
                plane.halves ? Span<const Origin>(halves, origins.size) : origins;
            status =
                only_check
                    ? check_extract(plane.images, places, plane.glimpses, plane.options, context)
                    : extract(plane.images, places, plane.glimpses, plane.options, context);
        }
    }
    return status;
}

}  // namespace glimpse
