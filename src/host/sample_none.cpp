// What stands for the sampling of boxes in builds without it
// (GLIMPSE_SAMPLING=OFF), in which no call with boxes comes so far.
#include "host/sample.h"

namespace glimpse {

SamplePlan::SamplePlan(const Call &call) noexcept : change(call), read_type(call.images.type) {
}
int64_t SamplePlan::conversion_size() const noexcept {
    return 0;
}
void SamplePlan::write_conversion(float *) const noexcept {
}
Status make_plan(SamplePlan *) noexcept {
    return {StatusCode::internal, "boxes are sampled in a build without sampling"};
}
Status sample_part(const SamplePlan &, const Plan &, const Part &, const SampleMemory &,
                   const TaskMemory &) noexcept {
    return {};
}

}  // namespace glimpse
