// Plans: how kernels see both views, which of them run, and which limits they come near to.
#include "host/plan.h"

#include <algorithm>

#include "host/parameters.h"

namespace glimpse {
namespace {

// Whether kernels make pixels whose channels are others of the image's from its pixels at once:
// order_of() in convert.cpp says by which order.
bool has_swap(int64_t channels, int64_t glimpse_channels, int64_t element_size) {
    return channels == glimpse_channels
               ? channels >= 2 && channels <= 4
               : channels == 4 && glimpse_channels == 3 && element_size < 4;
}

void set_layout(Plan *plan, int64_t most_samples) {
    const Call &call = plan->call;
    const ConstView &images = call.images, &glimpses = call.glimpses;
    // Pixels of one channel are planes too.
    const bool both_planes = is_planar(images) && is_planar(glimpses);
    const bool fits = call.channels() <= most_samples;
    const bool both_pixels = fits && is_interleaved(images) && is_interleaved(glimpses);
    const bool is_ordered = call.channel_order.count != 0;
    const bool from_pixels = fits && call.channels() > 1 && !both_planes && is_interleaved(images);
    const bool to_pixels =
        fits && call.glimpse_channels() > 1 && !both_planes && is_interleaved(glimpses);
    const bool from_dense = from_pixels || is_planar(images);
    const bool to_dense = to_pixels || is_planar(glimpses);
    if (!plan->converts() && !is_ordered &&
        (both_planes || both_pixels || !from_dense || !to_dense)) {
        plan->dense = both_planes || both_pixels;
        plan->images = rows_of(images, both_pixels);
        plan->glimpses = rows_of(glimpses, both_pixels);
        return;
    }
    plan->dense = from_dense;
    plan->images = rows_of(images, from_pixels);
    plan->glimpses = rows_of(glimpses, to_pixels);
    plan->change = !plan->converts()              ? plan->glimpse_kernels->reorder
                   : plan->element == images.type ? plan->kernels->convert[int(glimpses.type)]
                                                  : plan->glimpse_kernels->from_float;
    const bool swaps =
        is_ordered && from_pixels && to_pixels &&
        has_swap(call.channels(), call.glimpse_channels(), size_in_bytes(plan->element));
    // Other channels change places on the way to planes, or when these become pixels of the same
    // type.
    const bool is_by_planes =
        is_ordered ? !swaps && (from_pixels || plan->converts()) : !from_pixels && plan->converts();
    plan->finish = !to_dense                   ? Finish::copy
                   : to_pixels && is_by_planes ? Finish::join
                                               : Finish::none;
    const bool changed_to_pixels =
        plan->finish == Finish::none ? to_pixels : from_pixels && !is_ordered;
    plan->changed_samples = changed_to_pixels ? call.glimpse_channels() : 1;
}

int64_t magnitude(int64_t v) {
    return v < 0 ? -v : v;
}

// The elements that a kernel computes with to reach into one image or glimpse.
int64_t extent_of(const Rows &r, int64_t margin) {
    int64_t product = 0;
    if (__builtin_mul_overflow(r.elements * r.rows, r.planes, &product)) {
        return INT64_MAX;
    }
    return std::max(product, r.elements * magnitude(r.element_stride) +
                                 r.rows * magnitude(r.row_stride) +
                                 r.planes * magnitude(r.plane_stride) + margin);
}

// Whether `described` blocks of `one`, `stride` apart, have int32 indices. Halide looks at the
// product of the extents, and at each extent times its stride.
bool fits(int64_t one, int64_t stride, int64_t described) {
    int64_t extent = 0, product = 0;
    return one <= INT32_MAX && stride <= INT32_MAX &&
           !__builtin_mul_overflow(one, described, &extent) && extent <= INT32_MAX &&
           !__builtin_mul_overflow(stride, described, &product) && product <= INT32_MAX - one;
}

// Finds out whether buffers must be described glimpse by glimpse, as strides of a buffer have 32
// bits, and whether the forms with 32-bit indices can be used.
void set_limits(Plan *plan) {
    // Of the per-channel values of a glimpse.
    const int64_t set = Parameters::row_elements(*plan) * noise_fields * plan->images.planes;
    if (plan->call.extent + uint64_t(set * largest_run) < (1u << 28)) {
        return;  // nearly always: no index comes near 2^31
    }
    // Sums of a mirrored place pass twice the row before they come down.
    const int64_t margin = 2 * (plan->images.elements + plan->glimpses.elements);
    for (const Rows *r : {&plan->images, &plan->glimpses}) {
        const int64_t one = extent_of(*r, margin);
        const int64_t described =
            r == &plan->glimpses ? std::min<int64_t>(r->count, largest_run) : r->count;
        plan->spans_are_pure = plan->spans_are_pure || one > INT32_MAX;
        plan->one_by_one = plan->one_by_one || !fits(one, magnitude(r->image_stride), described);
    }
    plan->spans_are_pure = plan->spans_are_pure || set > INT32_MAX;
    plan->one_by_one = plan->one_by_one || set > INT32_MAX / largest_run;
    if (plan->change != nullptr && plan->is_large() && plan->finish == Finish::none &&
        plan->glimpses.samples == 1) {
        plan->finish = Finish::copy;  // plane by plane
    }
}

}  // namespace

Status make_plan(Plan *plan, int64_t most_samples) noexcept {
    const Call &call = plan->call;
    const TypeKernels *const kernels = call.context.host.kernels->of_type;
    plan->kernels = &kernels[int(call.images.type)];
    plan->glimpse_kernels = &kernels[int(call.glimpses.type)];
    set_layout(plan, most_samples);
    if (plan->change != nullptr &&
        Conversion::row_elements(*plan) > INT32_MAX / conversion_fields) {
        return {StatusCode::too_large, "%lld channels cannot be converted",
                (long long)call.glimpse_channels()};
    }
    if (call.has_no_pixels || call.picture != nullptr) {
        static const float no_pixel = 0;
        plan->images = without_pixels(plan->images, &no_pixel, call.images.shape.count);
        plan->dense = false;
    }
    plan->dense = plan->dense && !call.context.only_pure;
    plan->parameter_bytes = Parameters::size(*plan);
    set_limits(plan);
    return {};
}

}  // namespace glimpse
