// Shares a call over the tasks of the context's executor, in parts that fit its kernels' indices
// and, where elements change, the cache.
#include "host/run.h"

#include <algorithm>
#include <cstring>

#include "call/check.h"
#include "host/extract.h"
#include "host/parameters.h"

namespace glimpse {
namespace {

// Memory on the stack for per-channel values.
constexpr int64_t stack_parameters = 16 << 10;

// Memory for windows that are extracted before their elements change: so much stays in the first
// cache together with what it becomes.
constexpr int64_t tile_bytes = 16 << 10;

// How glimpses are shared out: `across` groups of them; where there are fewer glimpses than tasks,
// the rows of each in `down` parts.
struct Tasks {
    int64_t across, down;

    explicit Tasks(const Plan &plan) {
        const Rows &out = plan.glimpses;
        const int64_t glimpses = plan.call.count();
        const int64_t tasks = plan.call.context.tasks_for(glimpses * out.rows * out.elements *
                                                              out.planes * out.element_size,
                                                          glimpses * out.rows);
        across = std::max<int64_t>(1, std::min(tasks, glimpses));
        down = tasks == across ? 1 : std::min((tasks + across - 1) / across, out.rows);
    }
    int64_t count() const {
        return across * down;
    }
    Part part(int64_t index, const Plan &plan) const {
        const int64_t a = index / down, d = index % down;
        const int64_t glimpses = plan.call.count(), height = plan.glimpses.rows;
        const int64_t row = height * d / down;
        return {size_t(glimpses * a / across),
                size_t(glimpses * (a + 1) / across),
                row,
                height * (d + 1) / down - row,
                0,
                plan.call.glimpses.shape.width};
    }
};

// One task of a call: its parameters lie on its stack, or at `far` if they are too many, and its
// tiles in scratch memory.
Status run_task(const Plan &plan, const Part &part, const float *conversion, void *far) {
    TaskMemory memory = {far, 1, conversion, nullptr, nullptr, 0};
    alignas(64) char near[stack_parameters];
    if (far == nullptr) {
        const int64_t set = plan.parameter_bytes;
        memory.parameters = near;
        memory.sets =
            set == 0 ? largest_run : std::min<int64_t>(stack_parameters / set, largest_run);
    }
    if (plan.change == nullptr) {
        return extract_part(plan, part, rows_of(plan.glimpses, part), memory.parameters,
                            memory.sets);
    }
    const bool has_two = plan.finish != Finish::none;
    const int64_t element =
        std::max(plan.images.element_size, has_two ? plan.glimpses.element_size : 0);
    const int64_t channels = std::max(plan.channels(), plan.call.glimpse_channels());
    const int64_t pixel = channels * element, size = std::max(tile_bytes, pixel);
    const Scratch tiles(plan.call.context.scratch, size_t(has_two ? 2 * size : size));
    memory.tile = static_cast<char *>(tiles.data());
    GLIMPSE_TRY(tiles.check("tiles"));
    memory.changed_tile = memory.tile + size;
    memory.tile_pixels = size / pixel;
    return convert_part(plan, part, memory);
}

Status run_plan(const Plan &plan) {
    const Call &call = plan.call;
    const Tasks tasks(plan);
    const int64_t set = plan.parameter_bytes;
    const bool is_far = set > stack_parameters;
    const Scratch parameters(call.context.scratch, is_far ? size_t(tasks.count() * set) : 0);
    GLIMPSE_TRY(parameters.check("values of all channels"));
    const int64_t bytes = plan.change != nullptr ? Conversion::size(plan) : 0;
    float near[512];
    const Scratch far(call.context.scratch, bytes <= int64_t(sizeof(near)) ? 0 : size_t(bytes));
    auto *const conversion =
        bytes <= int64_t(sizeof(near)) ? near : static_cast<float *>(far.data());
    GLIMPSE_TRY(far.check("conversions of all channels"));
    if (plan.change != nullptr) {
        Conversion::write(plan, conversion);
    }
    const auto task = [&](int64_t index) noexcept -> Status {
        char *const sets = static_cast<char *>(parameters.data());
        return run_task(plan, tasks.part(index, plan), conversion,
                        is_far ? sets + index * set : nullptr);
    };
    return call.context.run(tasks.count(), task);
}

// Computes the statistics of images whose outside some glimpse shows, and makes the call with them.
Status run_with_statistics(Plan *plan) {
    const Call &call = plan->call;
    const Shape &shape = call.images.shape;
    const int64_t count = shape.count * shape.channels;
    size_t bytes = 0;
    const bool fits = !__builtin_mul_overflow(size_t(count), sizeof(ChannelStatistics), &bytes) &&
                      !__builtin_add_overflow(bytes, size_t(shape.count), &bytes);
    const Scratch scratch(call.context.scratch, fits ? bytes : SIZE_MAX);
    GLIMPSE_TRY(scratch.check("statistics"));
    auto *const statistics = static_cast<ChannelStatistics *>(scratch.data());
    auto *const wanted = reinterpret_cast<uint8_t *>(statistics + count);
    memset(wanted, 0, size_t(shape.count));
    for (size_t i = 0; i < size_t(call.count()); i++) {
        const Window &w = call.windows[i];
        wanted[w.image] = wanted[w.image] || call.shows_outside(w);
    }
    GLIMPSE_TRY(compute_on_host(call.images, wanted, statistics, call.context));
    plan->statistics = statistics;
    return run_plan(*plan);
}

}  // namespace

Status run_on_host(const Call &call) noexcept {
    Plan plan(call);
    GLIMPSE_TRY(make_plan(&plan));
    if (call.trace != nullptr) {
        call.trace->is_converted = plan.change != nullptr;
    }
    return call.needs_computed ? run_with_statistics(&plan) : run_plan(plan);
}

Status copy_on_host(const ConstView &from, const View &to, Context::Impl &context) noexcept {
    Call call(context, from, {}, to);
    GLIMPSE_TRY(make_copy(&call));
    return call.is_empty ? Status() : run_on_host(call);
}

}  // namespace glimpse
