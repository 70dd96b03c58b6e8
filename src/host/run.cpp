// Shares a call over the tasks of the context's executor, in parts that fit its kernels' indices
// and, where elements change, the cache.
#include "host/run.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "call/check.h"
#include "host/extract.h"
#include "host/parameters.h"
#include "host/picture.h"
#include "host/picture_windows.h"
#include "host/sample.h"

namespace glimpse {
namespace {

// Memory on the stack for per-channel values.
constexpr int64_t stack_parameters = 16 << 10;

// Memory for windows that are extracted before their elements change: so much stays in the first
// cache together with what it becomes.
constexpr int64_t tile_bytes = 16 << 10;

// How a call is made: windows, and boxes that are sampled, if it has such. Of pictures windows are
// only what fills, and what shows the picture is another.
struct Plans {
    Plan windows;
    std::optional<SamplePlan> samples, shown;
};

// Bytes that are read and written, or as many as an int64 holds.
int64_t work_of(const Plans &plans) {
    const Rows &out = plans.windows.glimpses;
    const Call &call = plans.windows.call;
    const int64_t glimpse = out.rows * out.elements * out.planes * out.element_size;
    auto work = double(call.count()) * double(glimpse);
    // Of pairs an output looks at four pixels, and of pixels between these only if they are few; of
    // many taps it looks at all pixels of its part of the box, each of which belongs to two or
    // more.
    const auto pixel = double(call.channels() * size_in_bytes(call.images.type));
    const Size size = call.glimpse_size();
    const auto looked_at = [](const Sides &sides, int64_t count) {
        return std::min(int64_t(sides.distance() >> 32) + count, sparse_factor * count);
    };
    for (size_t i = 0; plans.samples && i < size_t(call.count()); i++) {
        if (call.is_sampled(i)) {
            const FixedBox &box = call.boxes[i];
            const bool has_taps = call.method(i) == Method::taps;
            const auto rows =
                has_taps ? 2 * double(size.height + int64_t(box.y.distance() >> 32))
                         : double(std::min(looked_at(box.y, size.height), 2 * size.height));
            const auto columns = has_taps ? double(size.width + int64_t(box.x.distance() >> 32))
                                          : double(looked_at(box.x, size.width));
            work += columns * pixel * rows;
        }
    }
    return int64_t(std::min(work, 9e18));
}

// How glimpses are shared out: `across` groups of them; where there are fewer glimpses than tasks,
// the rows of each in `down` parts.
struct Tasks {
    int64_t across, down;

    explicit Tasks(const Plans &plans) {
        const Rows &out = plans.windows.glimpses;
        const Call &call = plans.windows.call;
        const int64_t glimpses = call.count();
        const int64_t tasks = call.context.tasks_for(work_of(plans), glimpses * out.rows);
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

// What elements are converted with, for all glimpses of a call.
struct Conversions {
    float *windows, *change, *samples;  // of Plans::windows, SamplePlan::change, and its kernels
    float *shown;                       // of Plans::shown
};

// Bytes of per-channel values of a border.
int64_t parameter_bytes(const Plans &plans) {
    const int64_t sampled = plans.samples ? plans.samples->change.parameter_bytes : 0;
    return std::max(plans.windows.parameter_bytes, sampled);
}

// Bytes of a tile: of elements of images, of samples, and of glimpses.
int64_t bytes_of_tile(const Plans &plans, int64_t *pixel) {
    const Plan &plan = plans.windows;
    const int64_t channels = std::max(plan.channels(), plan.call.glimpse_channels());
    int64_t element = std::max(plan.images.element_size, plan.glimpses.element_size);
    int64_t columns = 1;
    for (const auto *sampled : {&plans.samples, &plans.shown}) {
        if (*sampled) {
            element = std::max(element, size_in_bytes((*sampled)->change.element));
            columns = narrowest_sampled;
        }
    }
    *pixel = channels * element;
    return std::max(tile_bytes, columns * *pixel);
}

// Makes those glimpses of a part that are windows, and then those that are sampled.
Status make_windows(const Plan &plan, const Part &part, const TaskMemory &memory) {
    return plan.change != nullptr ? convert_part(plan, part, memory)
                                  : extract_part(plan, part, rows_of(plan.glimpses, part),
                                                 memory.parameters, memory.sets);
}
Status make_part(const Plans &plans, const Part &part, const TaskMemory &memory,
                 const SampleMemory &of_samples, const SampleMemory &of_shown) {
    const auto make_copies = [&](const Part &some) {
        return plans.shown ? show_part(*plans.shown, plans.windows, some, of_shown, memory)
                           : make_windows(plans.windows, some, memory);
    };
    if (!plans.samples) {
        return make_copies(part);
    }
    const Call &call = plans.windows.call;
    Part some = part;
    for (; some.begin < part.end; some.begin = some.end) {
        const bool is_sampled = call.is_sampled(some.begin);
        some.end = some.begin;
        while (some.end < part.end && call.is_sampled(some.end) == is_sampled) {
            some.end++;
        }
        GLIMPSE_TRY(is_sampled
                        ? sample_part(*plans.samples, plans.windows, some, of_samples, memory)
                        : make_copies(some));
    }
    return {};
}

// One task of a call: its parameters lie on its stack, or at `far` if they are too many, and its
// tiles in scratch memory.
Status run_task(const Plans &plans, const Part &part, const Conversions &conversions, void *far) {
    const Plan &plan = plans.windows;
    TaskMemory memory = {far, 1, conversions.windows, nullptr, nullptr, 0};
    alignas(64) char near[stack_parameters];
    if (far == nullptr) {
        const int64_t set = parameter_bytes(plans);
        memory.parameters = near;
        memory.sets =
            set == 0 ? largest_run : std::min<int64_t>(stack_parameters / set, largest_run);
    }
    if (plan.change == nullptr && !plans.samples && !plans.shown) {
        return make_windows(plan, part, memory);
    }
    int64_t pixel = 0;
    const int64_t size = bytes_of_tile(plans, &pixel);
    const bool has_two = plan.finish != Finish::none || plans.samples || plans.shown;
    const int64_t work = plans.samples ? (plans.samples->work_bytes + 63) / 64 * 64 : 0;
    const int64_t of_picture = plans.shown ? PictureMaker::bytes : 0;
    const Scratch tiles(plan.call.context.scratch,
                        size_t((has_two ? 2 : 1) * size + work + of_picture));
    memory.tile = static_cast<char *>(tiles.data());
    GLIMPSE_TRY(tiles.check("tiles"));
    memory.changed_tile = memory.tile + size;
    memory.tile_pixels = size / pixel;
    SampleMemory of_samples = {memory, conversions.samples, memory.tile + 2 * size,
                               memory.tile + 2 * size + work};
    SampleMemory of_shown = of_samples;
    of_samples.change.conversion = conversions.change;
    of_shown.change.conversion = conversions.shown;
    return make_part(plans, part, memory, of_samples, of_shown);
}

Status run_plans(const Plans &plans) {
    const Call &call = plans.windows.call;
    const Tasks tasks(plans);
    const int64_t set = parameter_bytes(plans);
    const bool is_far = set > stack_parameters;
    const Scratch parameters(call.context.scratch, is_far ? size_t(tasks.count() * set) : 0);
    GLIMPSE_TRY(parameters.check("values of all channels"));
    const Plan *const change = plans.samples ? &plans.samples->change : nullptr;
    const Plan *const shown = plans.shown ? &plans.shown->change : nullptr;
    const auto size_of = [](const Plan *plan) {
        return plan != nullptr && plan->change != nullptr ? Conversion::size(*plan) : 0;
    };
    const int64_t of_windows = size_of(&plans.windows), of_change = size_of(change);
    const int64_t of_shown = size_of(shown);
    const int64_t of_samples = plans.samples ? plans.samples->conversion_size() : 0;
    const int64_t bytes = of_windows + of_change + of_shown + of_samples * int64_t(sizeof(float));
    float near[512];
    const Scratch far(call.context.scratch, bytes <= int64_t(sizeof(near)) ? 0 : size_t(bytes));
    GLIMPSE_TRY(far.check("conversions of all channels"));
    Conversions conversions;
    conversions.windows = bytes <= int64_t(sizeof(near)) ? near : static_cast<float *>(far.data());
    conversions.change = conversions.windows + of_windows / int64_t(sizeof(float));
    conversions.shown = conversions.change + of_change / int64_t(sizeof(float));
    conversions.samples =
        of_samples == 0 ? nullptr : conversions.shown + of_shown / int64_t(sizeof(float));
    if (of_windows != 0) {
        Conversion::write(plans.windows, conversions.windows);
    }
    if (of_change != 0) {
        Conversion::write(*change, conversions.change);
    }
    if (of_shown != 0) {
        Conversion::write(*shown, conversions.shown);
    }
    if (of_samples != 0) {
        plans.samples->write_conversion(conversions.samples);
    }
    const auto task = [&](int64_t index) noexcept -> Status {
        char *const sets = static_cast<char *>(parameters.data());
        return run_task(plans, tasks.part(index, plans.windows), conversions,
                        is_far ? sets + index * set : nullptr);
    };
    return call.context.run(tasks.count(), task);
}

// Computes the statistics of images whose outside some glimpse shows, and makes the call with them.
Status run_with_statistics(Plans *plans) {
    const Call &call = plans->windows.call;
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
        uint8_t &w = wanted[call.windows[i].image];
        w = w || call.needs_border(i);
    }
    GLIMPSE_TRY(call.picture == nullptr
                    ? compute_on_host(call.images, wanted, statistics, call.context)
                    : compute_of_picture(*call.picture, call.images.shape, wanted, statistics,
                                         call.context));
    plans->windows.statistics = statistics;
    if (plans->samples) {
        plans->samples->change.statistics = statistics;
    }
    return run_plans(*plans);
}

}  // namespace

Status run_on_host(const Call &call) noexcept {
    Plans plans = {Plan(call), {}, {}};
    GLIMPSE_TRY(make_plan(&plans.windows));
    if (call.samples) {
        GLIMPSE_TRY(make_plan(&plans.samples.emplace(call)));
    }
    if (call.picture != nullptr) {
        const ElementType type = picture_type(call);
        GLIMPSE_TRY(make_picture_plan(&plans.shown.emplace(call, type, type)));
    }
    if (call.trace != nullptr) {
        call.trace->is_converted = plans.windows.change != nullptr;
    }
    return call.needs_computed ? run_with_statistics(&plans) : run_plans(plans);
}

Status copy_on_host(const ConstView &from, const View &to, Context::Impl &context) noexcept {
    Call call(context, from, {}, to);
    GLIMPSE_TRY(make_copy(&call));
    return call.is_empty ? Status() : run_on_host(call);
}

}  // namespace glimpse
