// Decides how boxes of a call are sampled.
#include "host/sample.h"

#include <algorithm>

#include "host/box_sampler.h"
#include "host/parameters.h"
#include "host/picture_windows.h"
#include "host/sample_color.h"
#include "host/sample_near.h"
#include "host/sample_taps.h"
#include "try.h"

namespace glimpse {
namespace {

// Pixels of more channels are sampled plane by plane.
constexpr int64_t most_samples = 256;

ElementType sampled_type(const Call &call) {
    if (call.picture != nullptr) {
        return call.sampling.is_nearest() ? picture_type(call) : ElementType::float32;
    }
    return call.sampling.is_nearest() ? call.images.type
           : call.sums_integers()     ? ElementType::uint8
                                      : ElementType::float32;
}

// Whether rows of glimpses are what kernels write of those of images, and how.
bool find_order(const Plan &plan, SampleOrder *order) {
    const Rows &in = plan.images, &out = plan.glimpses;
    const Call &call = plan.call;
    const bool splits = in.samples != out.samples;
    const bool is_float = !call.sampling.is_nearest() && call.glimpses.type == ElementType::float32;
    *order = !splits           ? order_of_pixels(in.samples)
             : in.samples == 3 ? sample_split_3
                               : sample_split_4;
    return call.channel_order.count == 0 && out.element_stride == 1 &&
           plan.finish == Finish::none && !(splits && plan.is_large()) &&
           (!splits || (is_float && out.samples == 1 && (in.samples == 3 || in.samples == 4)));
}

// Whether rows or planes of glimpses are too far apart for the indices of kernels of colour.
bool is_large(const Rows &r) {
    constexpr int64_t limit = int64_t(1) << 30;
    return r.rows * magnitude(r.row_stride) + 3 * magnitude(r.plane_stride) >= limit;
}

}  // namespace

SamplePlan::SamplePlan(const Call &call) noexcept
    : change(call, sampled_type(call)),
      read_type(call.picture != nullptr ? sampled_type(call)
                : call.sampling.is_nearest() || call.images.type == ElementType::uint8
                    ? call.images.type
                    : ElementType::float32) {
}

int64_t SamplePlan::conversion_size() const noexcept {
    const bool converts =
        writes_glimpses && !is_nearest() && change.call.glimpses.type == ElementType::float32;
    const int64_t lanes = change.images.samples == 1 ? 1 : lanes_of_conversion;
    return converts ? groups_of(change) * conversion_fields * lanes : 0;
}

void SamplePlan::write_conversion(float *conversion) const noexcept {
    const Call &call = change.call;
    const int64_t samples = change.images.samples, groups = groups_of(change);
    const int64_t lanes = samples == 1 ? 1 : lanes_of_conversion;
    for (int64_t group = 0; group < groups; group++) {
        const int64_t first =
            samples == 1 ? group : std::min(group * 4, std::max<int64_t>(samples - 4, 0));
        float *const subtract = conversion + group * conversion_fields * lanes;
        for (int64_t lane = 0; lane < lanes; lane++) {
            const int64_t c = std::min(first + lane, call.glimpse_channels() - 1);
            subtract[lane] = value_of(call.subtract, c, 0);
            subtract[lanes + lane] = value_of(call.multiply, c, 1);
        }
    }
}

Status make_plan(SamplePlan *plan) noexcept {
    Plan &change = plan->change;
    GLIMPSE_TRY(make_plan(&change, most_samples));
    const Call &call = change.call;
    const bool makes_type =
        plan->is_nearest() ? !change.converts() : call.glimpses.type == change.element;
    // Numbers of pictures are cut off first.
    const bool is_whole = call.picture == nullptr || change.element == ElementType::uint8;
    plan->writes_glimpses = is_whole && makes_type && find_order(change, &plan->order);
    plan->reads_images = call.picture == nullptr && change.dense && !change.is_large() &&
                         plan->read_type == call.images.type &&
                         change.images.elements >= narrowest_support;
    const int64_t near = near_sampler_bytes(*plan), taps = taps_sampler_bytes(*plan);
    plan->work_bytes = std::max(near, taps);
    if (call.picture != nullptr) {
        plan->writes_colors = find_picture_output(plan) && !is_large(change.glimpses);
        plan->work_bytes = std::max(plan->work_bytes, ColorSampler::bytes);
    }
    if (near < 0) {
        return {StatusCode::too_large, "%lld channels cannot be sampled",
                (long long)call.channels()};
    }
    return taps >= 0 ? Status()
                     : Status(StatusCode::too_large,
                              "%lld channels cannot be sampled where outputs look at up to %lld x "
                              "%lld pixels",
                              (long long)call.channels(), (long long)call.most_y_taps,
                              (long long)call.most_x_taps);
}

Status sample_part(const SamplePlan &plan, const Plan &windows, const Part &part,
                   const SampleMemory &memory, const TaskMemory &plain) noexcept {
    const Call &call = plan.change.call;
    NearSampler near(plan, windows, part, memory, plain);
    TapsSampler taps(plan, windows, part, memory, plain);
    ColorSampler colors(plan, windows, part, memory, plain);
    near.set_colors(&colors);
    for (size_t i = part.begin; i < part.end; i++) {
        if (call.method(i) == Method::taps) {
            GLIMPSE_TRY(near.flush());
            GLIMPSE_TRY(taps.make(i));
        } else {
            GLIMPSE_TRY(near.add(i));
        }
    }
    return near.flush();
}

}  // namespace glimpse
