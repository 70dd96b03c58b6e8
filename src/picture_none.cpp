// What stands for the pictures of frames in builds without them (GLIMPSE_FRAMES=OFF or
// GLIMPSE_SAMPLING=OFF), in which no call with a picture comes so far.
#include "calls.h"
#include "host/picture_windows.h"
#include "host/run.h"
#include "host/sample_color.h"

namespace glimpse {
namespace {

Status no_frames() {
    return {StatusCode::unsupported_type,
            "this build of Glimpse makes no RGB of frames: it was configured with "
            "GLIMPSE_FRAMES=OFF or GLIMPSE_SAMPLING=OFF"};
}

}  // namespace

Status extract_picture(const ConstFrame &, const Places &, const View &, const Options &,
                       Context &) noexcept {
    return no_frames();
}
Status compute_picture_statistics(const ConstFrame &, const Span<ChannelStatistics> &,
                                  Context &) noexcept {
    return no_frames();
}
Status compute_of_picture(const Picture &, const Shape &, const uint8_t *, ChannelStatistics *,
                          Context::Impl &) noexcept {
    return no_frames();
}

ElementType picture_type(const Call &call) noexcept {
    return call.images.type;
}
bool find_picture_output(SamplePlan *) noexcept {
    return false;
}
Status make_picture_plan(SamplePlan *) noexcept {
    return no_frames();
}
Status show_part(const SamplePlan &, const Plan &, const Part &, const SampleMemory &,
                 const TaskMemory &) noexcept {
    return no_frames();
}
Status gather_picture(const Plan &, const Part &, const Rows &, const TaskMemory &,
                      void *) noexcept {
    return no_frames();
}
void clamp_numbers(const Rows &, float) noexcept {
}

ColorSampler::ColorSampler(const SamplePlan &plan, const Plan &windows, const Part &part,
                           const SampleMemory &memory, const TaskMemory &plain) noexcept
    : BoxSampler(plan, windows, part, memory, plain), columns_(), rows_(), weights_() {
}
Status ColorSampler::sample(const Glimpse &, const Area &) noexcept {
    return no_frames();
}

}  // namespace glimpse
