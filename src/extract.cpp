// The main call: checks the arguments, finds out what the call needs, and hands runs of glimpses to
// the kernels.
#include "glimpse/extract.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "check.h"
#include "context_impl.h"
#include "halide_buffer.h"
#include "halide_hooks.h"
#include "kernel_abi.h"
#include "origins.h"
#include "statistics.h"

namespace glimpse {
namespace {

enum class Family { value, map, noise };

// What kernels need to know of a border rule. Switches over Border have no default, so that the
// compiler names those that a new rule must be added to.
struct Rule {
    Family family;
    KernelRule kernel_rule;  // not looked at by value borders
    bool needs_statistics;
};

Rule rule_of(Border border) {
    switch (border) {
    case Border::zero:
    case Border::constant:
        return {Family::value, {}, false};
    case Border::mean:
        return {Family::value, {}, true};
    case Border::replicate:
        return {Family::map, rule_replicate, false};
    case Border::reflect:
        return {Family::map, rule_reflect, false};
    case Border::reflect101:
        return {Family::map, rule_reflect101, false};
    case Border::wrap:
        return {Family::map, rule_wrap, false};
    case Border::uniform:
        return {Family::noise, rule_uniform, true};
    case Border::gaussian:
        return {Family::noise, rule_gaussian, true};
    }
    return {};
}

// Where glimpses were asked for: one of the two arrays is null.
struct Places {
    const Origin *origins;
    const Offset *offsets;
    size_t size;
};

// An axis of a glimpse: where it begins in the plane, as kernels want it.
struct Axis {
    int64_t origin;
    bool inside;       // all of it is in the image
    bool beyond_once;  // it reaches beyond one reflection or repetition
};

// Reduces the origin of an axis so that sums with it stay within int32, at any distance. `extent`
// is the image's; 0 only under value borders.
Axis canonical(int64_t origin, int64_t size, int64_t extent, Border border) {
    if (extent == 0) {
        return {-size, false, false};
    }
    if (origin >= 0 && origin <= extent - size) {
        return {origin, true, false};
    }
    // Divisions are slow and rarely needed.
    const auto modulo = [](int64_t a, int64_t b) {
        return a >= 0 && a < b ? a : a >= -b && a < 0 ? a + b : (a % b + b) % b;
    };
    switch (border) {
    case Border::reflect: {
        const int64_t o = modulo(origin + extent, 2 * extent) - extent;  // [-extent, extent)
        return {o, false, o + size > 2 * extent};
    }
    case Border::reflect101: {
        if (extent == 1) {
            return {0, false, true};
        }
        const int64_t half = extent - 1;
        const int64_t o = modulo(origin + half, 2 * half) - half;  // [-half, half)
        return {o, false, o + size > 2 * half + 1};
    }
    case Border::wrap: {
        const int64_t o = modulo(origin, extent);
        return {o, false, o + size > 2 * extent};
    }
    case Border::zero:
    case Border::constant:
    case Border::mean:
    case Border::replicate:
    case Border::uniform:
    case Border::gaussian:
        break;
    }
    return {origin < -size ? -size : origin > extent ? extent : origin, false, false};
}

// A call whose arguments have been checked.
struct Call {
    Places places;
    const int32_t *image_index;  // null: image i for glimpse i, or the one image
    int64_t image_count;
    Size image_size, glimpse_size;
    Origin highest_origin;  // beyond it a glimpse leaves int32
    Border border;
    Rule rule;
    Coordinates coordinates;
    const ChannelStatistics *statistics;
    Span<const float> value;
    uint64_t seed;
    uint32_t first_image;
    int64_t channels;
    ElementType type;

    Rows images, glimpses;
    int64_t samples;
    bool dense;           // both sides have dense rows, in the same order
    bool one_by_one;      // the batches are too large for the 32-bit strides of a buffer
    bool spans_are_pure;  // an image or a glimpse is too large for the 32-bit indices of spans
    const TypeKernels *kernels;

    void set_border(Border new_border) {
        border = new_border;
        rule = rule_of(new_border);
    }
    int32_t image_of(size_t i) const {
        return image_index != nullptr ? image_index[i] : image_count == 1 ? 0 : int32_t(i);
    }
    // False if glimpse `i` has no origin in int32; why, says bad_place().
    bool origin(size_t i, Origin *origin) const {
        if (places.origins == nullptr) {
            return origin_of(places.offsets[i], image_size, glimpse_size, coordinates, origin);
        }
        *origin = places.origins[i];
        return origin->y <= highest_origin.y && origin->x <= highest_origin.x;
    }
    Status bad_place(size_t i) const {
        return places.origins == nullptr
                   ? bad_offset(places.offsets[i], i, image_size, glimpse_size, coordinates)
                   : bad_origin(places.origins[i].y, places.origins[i].x, i, glimpse_size);
    }
    bool has_image(int32_t n) const {
        return n >= 0 && n < image_count;
    }
    Status bad_image_index(size_t i) const {
        return {StatusCode::invalid_image_index,
                "image_index %zu is %d; expected 0 to %lld, for %lld images",
                i,
                image_index[i],
                (long long)(image_count - 1),
                (long long)image_count};
    }
    // Whether a glimpse at `origin` shows anything but the image.
    bool shows_outside(const Origin &origin) const {
        return origin.y < 0 || origin.x < 0 || origin.y > image_size.height - glimpse_size.height ||
               origin.x > image_size.width - glimpse_size.width;
    }
};

// Which kernel a glimpse goes to: a window inside the image or one that leaves it, in dense rows;
// or, in any other layout or beyond one reflection, the pure form.
enum class Route { inside, border, pure_inside, pure_border };

// Converts to uint8: to nearest even, saturated, NaN becomes 0.
uint8_t saturated_uint8(double v) {
    return v >= 0 ? v <= 255 ? uint8_t(std::nearbyint(v)) : uint8_t(255) : uint8_t(0);
}

// Returns the largest step with which center + step * k stays within [low, high] in float32 for all
// integers k in [-2^23, 2^23).
float uniform_scale(float low, float high, float center) {
    const double above = double(high) - double(center), below = double(center) - double(low);
    float scale = float((above < below ? above : below) / 8388608.0);
    // The rounding may have gone up, by one step at most; NaN ends the loop.
    while (scale > 0 &&
           (center + -8388608.0f * scale < low || center + 8388607.0f * scale > high)) {
        scale = std::nextafter(scale, 0.0f);
    }
    return scale;
}

// Fills `row` with `count` elements in which the values of `channels` repeat.
template<typename T, typename Value>
void fill_periodic(T *row, int64_t count, int64_t channels, const Value &value) {
    for (int64_t i = 0; i < count; i++) {
        row[i] = i < channels ? value(i) : row[i - channels];
    }
}

// Per-channel values of a run of glimpses, as the kernels read them. One set for all glimpses, or
// one each.
class Parameters {
public:
    Parameters(const Call &call, void *memory) : call_(call), memory_(static_cast<char *>(memory)) {
        begin_run();
    }

    static int64_t row_elements(const Call &call) {
        return call.samples + pattern_padding;
    }
    // Bytes of one set.
    static int64_t size(const Call &call) {
        switch (call.rule.family) {
        case Family::value:
            return row_elements(call) * call.glimpses.planes * size_in_bytes(call.type);
        case Family::noise:
            return row_elements(call) * noise_fields * call.glimpses.planes *
                   int64_t(sizeof(float));
        case Family::map:
            break;
        }
        return 0;
    }

    const void *memory() const {
        return memory_;
    }
    // What kernels are to do with the sets written since the last begin_run().
    KernelRule kernel_rule() const {
        return call_.border == Border::uniform && all_values_ ? rule_uniform_all
                                                              : call_.rule.kernel_rule;
    }
    void begin_run() {
        all_values_ = call_.type == ElementType::uint8;
    }

    // Writes set number `index`, of image `n`.
    void write(int64_t index, int32_t n) {
        char *const set = memory_ + index * size(call_);
        const int64_t row = row_elements(call_);
        if (call_.border == Border::uniform) {
            return write_uniform(reinterpret_cast<float *>(set), n);
        }
        for (int64_t p = 0; p < call_.glimpses.planes; p++) {
            if (call_.border == Border::gaussian) {
                write_gaussian(reinterpret_cast<float *>(set) + p * row * noise_fields, p, n);
            } else if (call_.type == ElementType::uint8) {
                fill_periodic(reinterpret_cast<uint8_t *>(set) + p * row, row, call_.samples,
                              [&](int64_t s) { return saturated_uint8(value(p + s, n)); });
            } else {
                fill_periodic(reinterpret_cast<float *>(set) + p * row, row, call_.samples,
                              [&](int64_t s) {
                                  return call_.border == Border::constant ? constant(p + s)
                                                                          : float(value(p + s, n));
                              });
            }
        }
    }

private:
    float constant(int64_t c) const {
        return call_.value.data[call_.value.size == 1 ? 0 : c];
    }

    // What channel `c` of image `n` is filled with.
    double value(int64_t c, int32_t n) const {
        if (call_.border == Border::constant) {
            return double(constant(c));
        }
        // An image without pixels has no mean; it is filled with zeros.
        return call_.border == Border::mean && call_.statistics != nullptr
                   ? call_.statistics[n * call_.channels + c].mean
                   : 0.0;
    }

    // One range serves the whole image, so that only the first element of each row is read.
    void write_uniform(float *set, int32_t n) {
        const ChannelStatistics *const channels = call_.statistics + n * call_.channels;
        float low = channels[0].min, high = channels[0].max;
        for (int64_t c = 1; c < call_.channels; c++) {
            low = channels[c].min < low ? channels[c].min : low;
            high = channels[c].max > high ? channels[c].max : high;
        }
        const float center = float((double(low) + double(high)) / 2) + 0.0f;
        float scale = uniform_scale(low, high, center);
        if (call_.type == ElementType::uint8) {
            low = float(saturated_uint8(low));
            high = float(saturated_uint8(high));
            scale = high >= low ? high - low + 1 : 1;
            all_values_ = all_values_ && scale == 256;
        }
        const int64_t row = row_elements(call_);
        for (int64_t p = 0; p < call_.glimpses.planes; p++) {
            float *const rows = set + p * row * noise_fields;
            rows[noise_center * row] = center;
            rows[noise_scale * row] = scale;
            rows[noise_low * row] = low;
        }
    }

    void write_gaussian(float *rows, int64_t plane, int32_t n) {
        const int64_t row = row_elements(call_);
        const ChannelStatistics *const channels = call_.statistics + n * call_.channels;
        // A caller's statistics may be anything; what is converted to integers must be finite.
        const bool is_integer = call_.type == ElementType::uint8;
        const double limit = is_integer ? 255 : HUGE_VAL;
        const auto field = [&](NoiseField which, double low, double high, auto get) {
            fill_periodic(rows + which * row, row, call_.samples, [&](int64_t s) {
                const double v = get(channels[plane + s]);
                return float(!is_integer ? v
                             : v >= low  ? v <= high ? v : high
                             : v < low   ? low
                                         : 0.0) +
                       0.0f;
            });
        };
        field(noise_center, -1e9, 1e9, [](const ChannelStatistics &c) { return c.mean; });
        field(noise_scale, -1e9, 1e9, [](const ChannelStatistics &c) { return c.stddev; });
        field(noise_low, 0, limit, [](const ChannelStatistics &c) { return double(c.min); });
        field(noise_high, 0, limit, [](const ChannelStatistics &c) { return double(c.max); });
    }

    const Call &call_;
    char *memory_;
    bool all_values_ = false;
};

// Hands `count` glimpses from `first` on, all of one route, to a kernel. Rows [row, row + rows) of
// each.
Status run_kernel(const Call &call, Route route, const Position *positions, int64_t first,
                  int64_t count, int64_t row, int64_t rows, const Parameters &parameters,
                  int64_t parameter_sets) {
    const Family family = call.rule.family;
    const TypeKernels &k = *call.kernels;
    ExtractKernel *kernel = k.inside;
    if (route == Route::border) {
        kernel = family == Family::value ? k.value : family == Family::map ? k.map : k.noise;
    } else if (route == Route::pure_inside) {
        kernel = k.pure_value;
    } else if (route == Route::pure_border) {
        kernel = family == Family::value ? k.pure_value
                 : family == Family::map ? k.pure_map
                                         : k.pure_noise;
    }

    const int64_t size = size_in_bytes(call.type);
    const halide_type_t copied(halide_type_uint, uint8_t(8 * size));
    const bool is_inside = route == Route::inside || route == Route::pure_inside;
    const bool is_float_noise =
        family == Family::noise && !is_inside && call.type == ElementType::float32;
    const halide_type_t type = is_float_noise ? halide_type_t(halide_type_float, 32) : copied;

    const Rows &in = call.images, &out = call.glimpses;
    const int32_t image = call.one_by_one ? positions[0].image : 0;
    Position moved;
    if (call.one_by_one) {
        moved = positions[0];
        moved.image = 0;
        positions = &moved;
    }
    const Buffer<4> image_buffer(
        in.data + image * in.image_stride * size, type,
        {in.elements, in.rows, in.planes, call.one_by_one ? 1 : in.count},
        {in.element_stride, in.row_stride, in.plane_stride, call.one_by_one ? 0 : in.image_stride});
    const Buffer<2> position_buffer(positions, halide_type_t(halide_type_int, 32),
                                    {position_fields, count}, {1, position_fields});
    const Buffer<4> glimpse_buffer(
        out.data + (first * out.image_stride + row * out.row_stride) * size, type,
        {out.elements, rows, out.planes, count},
        {out.element_stride, out.row_stride, out.plane_stride, count > 1 ? out.image_stride : 0});

    CallError error;
    const auto argument = [](const auto &b) { return const_cast<halide_buffer_t *>(&b.buffer); };
    const auto run = [&](halide_buffer_t *fill, halide_buffer_t *noise) {
        return kernel(&error, argument(image_buffer), argument(position_buffer), fill, noise,
                      int32_t(call.samples), parameters.kernel_rule(), call.seed,
                      call.first_image + uint32_t(image), 0, argument(glimpse_buffer));
    };
    // Kernels look at no buffer that their form does not read; any will do for it.
    halide_buffer_t *const unread = argument(position_buffer);
    const int64_t length = Parameters::row_elements(call);
    const int64_t step = parameter_sets > 1 ? length * out.planes : 0;
    int code = 0;
    if (route == Route::pure_inside) {
        static const float zero = 0;  // computed beside each pixel, and not chosen
        const Buffer<3> fill(&zero, type, {1, out.planes, count}, {1, 0, 0});
        code = run(argument(fill), unread);
    } else if (is_inside || family == Family::map) {
        code = run(unread, unread);
    } else if (family == Family::value) {
        const Buffer<3> fill(parameters.memory(), type, {length, out.planes, count},
                             {1, length, step});
        code = run(argument(fill), unread);
    } else {
        const Buffer<4> noise(parameters.memory(), halide_type_t(halide_type_float, 32),
                              {length, noise_fields, out.planes, count},
                              {1, length, length * noise_fields, step * noise_fields});
        code = run(unread, argument(noise));
    }
    if (code != 0) {
        return {StatusCode::internal, "a kernel of extraction failed with code %d: %s", code,
                error.text};
    }
    return {};
}

// Glimpses per kernel call, and memory on the stack for per-channel values.
constexpr int64_t largest_run = 64;
constexpr int64_t stack_parameters = 16 << 10;

// Extracts rows [row, row + rows) of glimpses [begin, end). `memory` holds `sets` sets of
// parameters.
Status extract_part(const Call &call, size_t begin, size_t end, int64_t row, int64_t rows,
                    void *memory, int64_t sets) {
    const Family family = call.rule.family;
    Parameters parameters(call, memory);
    const bool shared_parameters = call.border == Border::zero || call.border == Border::constant ||
                                   (call.images.count == 1 && family != Family::map);
    bool shared_written = false;

    const Route inside_route = call.dense ? Route::inside : Route::pure_inside;
    const bool always_pure = !call.dense || call.spans_are_pure;

    Position positions[largest_run];
    size_t first = begin;
    int64_t count = 0;
    Route route = Route::inside;
    const auto flush = [&]() -> Status {
        if (count == 0) {
            return {};
        }
        const Status status = run_kernel(call, route, positions, int64_t(first), count, row, rows,
                                         parameters, shared_parameters ? 1 : sets);
        first += size_t(count);
        count = 0;
        if (!shared_parameters) {
            parameters.begin_run();
        }
        return status;
    };
    for (size_t i = begin; i < end; i++) {
        Origin origin;
        const int32_t n = call.image_of(i);
        // Both have been checked, but the caller's memory may be changed during the call.
        if (!call.origin(i, &origin)) {
            return call.bad_place(i);
        }
        if (!call.has_image(n)) {
            return call.bad_image_index(i);
        }
        const int64_t plane_y = int64_t(origin.y) + row;
        Axis y = {plane_y, true, false}, x = {origin.x, true, false};
        if (call.shows_outside(origin)) {
            y = canonical(plane_y, rows, call.image_size.height, call.border);
            x = canonical(origin.x, call.glimpse_size.width, call.image_size.width, call.border);
        }
        const bool inside = y.inside && x.inside;
        const bool pure = always_pure || y.beyond_once || x.beyond_once;
        const Route wanted = inside ? inside_route : pure ? Route::pure_border : Route::border;
        const bool own_set = !inside && family != Family::map && !shared_parameters;
        const bool full =
            count == largest_run || (own_set && count == sets) || (call.one_by_one && count == 1);
        if (wanted != route || full) {
            const Status status = flush();
            if (!status.ok()) {
                return status;
            }
            route = wanted;
        }
        if (!inside && shared_parameters && !shared_written) {
            parameters.write(0, n);
            shared_written = true;
        }
        positions[count] = {n, int32_t(y.origin), int32_t(x.origin), int32_t(plane_y), origin.x};
        if (own_set) {
            parameters.write(count, n);
        }
        count++;
    }
    return flush();
}

// Spreads the checked call over the executor.
Status extract_checked(const Call &call, Context::Impl &context) {
    const int64_t glimpses = int64_t(call.places.size), height = call.glimpse_size.height;
    const int64_t bytes = glimpses * height * call.glimpses.elements * call.glimpses.planes *
                          size_in_bytes(call.type);
    const int64_t tasks = context.tasks_for(bytes, glimpses * height);
    // Glimpses are shared out; their rows only where there are fewer glimpses than tasks.
    const int64_t across = tasks < glimpses ? tasks : glimpses;
    const int64_t down_wanted = tasks == across ? 1 : (tasks + across - 1) / across;
    const int64_t down = down_wanted < height ? down_wanted : height;

    const int64_t set = Parameters::size(call);
    const int64_t fitting = set == 0 ? largest_run : stack_parameters / set;
    const Scratch scratch(context.scratch, fitting >= 1 ? 0 : size_t(across * down * set));
    if (fitting < 1 && scratch.data() == nullptr) {
        return {StatusCode::out_of_memory,
                "%lld bytes for the values of %lld channels could not be allocated",
                (long long)(across * down * set), (long long)call.channels};
    }
    const auto part = [&](size_t begin, size_t end, int64_t row, int64_t rows, int64_t index) {
        if (fitting >= 1) {
            alignas(64) char memory[stack_parameters];
            return extract_part(call, begin, end, row, rows, memory,
                                fitting < largest_run ? fitting : largest_run);
        }
        return extract_part(call, begin, end, row, rows,
                            static_cast<char *>(scratch.data()) + index * set, 1);
    };
    if (tasks == 1) {
        return part(0, call.places.size, 0, height, 0);
    }
    const auto task = [&](int64_t index) noexcept -> Status {
        const int64_t a = index / down, d = index % down;
        const auto begin = size_t(glimpses * a / across), end = size_t(glimpses * (a + 1) / across);
        const int64_t row = height * d / down, rows = height * (d + 1) / down - row;
        return part(begin, end, row, rows, index);
    };
    return context.run(across * down, task);
}

// Finds out whether buffers must be described glimpse by glimpse, as strides of a buffer have 32
// bits, and whether the forms with 32-bit indices can be used. `size` is the number of elements in
// both views, and of the bytes between the first and the last of each.
void set_limits(Call *call, uint64_t size) {
    call->spans_are_pure = false;
    call->one_by_one = false;
    // Of the per-channel values of a glimpse.
    const int64_t set = Parameters::row_elements(*call) * noise_fields * call->glimpses.planes;
    if (size + uint64_t(set * largest_run) < (1u << 28)) {
        return;  // nearly always: no index comes near 2^31
    }
    // Sums of a mirrored place pass twice the row before they come down.
    const int64_t margin = 2 * (call->images.elements + call->glimpses.elements);
    const auto magnitude = [](int64_t v) { return v < 0 ? -v : v; };
    const auto extents = [](const Rows &r) {
        int64_t product = 0;
        return __builtin_mul_overflow(r.elements * r.rows, r.planes, &product) ? INT64_MAX
                                                                               : product;
    };
    const auto reach = [&](const Rows &r) {
        return r.elements * magnitude(r.element_stride) + r.rows * magnitude(r.row_stride) +
               r.planes * magnitude(r.plane_stride) + margin;
    };
    // Whether `described` blocks of `one`, `stride` apart, have int32 indices. Halide looks at the
    // product of the extents, and at each extent times its stride.
    const auto fits = [](int64_t one, int64_t stride, int64_t described) {
        int64_t extent = 0, product = 0;
        return one <= INT32_MAX && stride <= INT32_MAX &&
               !__builtin_mul_overflow(one, described, &extent) && extent <= INT32_MAX &&
               !__builtin_mul_overflow(stride, described, &product) && product <= INT32_MAX - one;
    };
    for (const Rows *r : {&call->images, &call->glimpses}) {
        const int64_t one = std::max(extents(*r), reach(*r));
        const int64_t described = r == &call->glimpses ? std::min(r->count, largest_run) : r->count;
        call->spans_are_pure = call->spans_are_pure || one > INT32_MAX;
        call->one_by_one = call->one_by_one || !fits(one, magnitude(r->image_stride), described);
    }
    call->spans_are_pure = call->spans_are_pure || set > INT32_MAX;
    call->one_by_one = call->one_by_one || set > INT32_MAX / largest_run;
}

// Checks the places and image indices of all glimpses. Sets `any_outside` if one of them shows
// anything but its image.
Status check_glimpses(const Call &call, bool *any_outside) {
    const size_t size = call.places.size;
    *any_outside = false;
    bool one_by_one = call.places.origins == nullptr;
    if (!one_by_one && size > 0) {
        Origin lowest = call.places.origins[0], highest = lowest;
        for (size_t i = 1; i < size; i++) {
            const Origin &o = call.places.origins[i];
            lowest = {std::min(lowest.y, o.y), std::min(lowest.x, o.x)};
            highest = {std::max(highest.y, o.y), std::max(highest.x, o.x)};
        }
        *any_outside = call.shows_outside(lowest) || call.shows_outside(highest);
        one_by_one = highest.y > call.highest_origin.y || highest.x > call.highest_origin.x;
    }
    for (size_t i = 0; one_by_one && i < size; i++) {
        Origin origin;
        if (!call.origin(i, &origin)) {
            return call.bad_place(i);
        }
        *any_outside = *any_outside || call.shows_outside(origin);
    }
    for (size_t i = 0; call.image_index != nullptr && i < size; i++) {
        if (!call.has_image(call.image_index[i])) {
            return call.bad_image_index(i);
        }
    }
    return {};
}

Status check_options(const Options &options, int64_t channels) {
    bool known = false;
    switch (options.border) {
    case Border::zero:
    case Border::constant:
    case Border::mean:
    case Border::replicate:
    case Border::reflect:
    case Border::reflect101:
    case Border::wrap:
    case Border::uniform:
    case Border::gaussian:
        known = true;
    }
    if (!known) {
        return {StatusCode::unknown_enumerator, "border is %d; expected 0 to 8",
                int(options.border)};
    }
    if (options.border != Border::constant) {
        if (options.value.size != 0) {
            return {StatusCode::invalid_value,
                    "value has %zu elements with border %s; expected none: it belongs to constant",
                    options.value.size, name(options.border)};
        }
    } else if (options.value.size != 1 && options.value.size != uint64_t(channels)) {
        return {StatusCode::invalid_value,
                "value has %zu elements; expected 1 or one for each of the %lld channels",
                options.value.size, (long long)channels};
    }
    return {};
}

Status extract_places(const ConstView &images, const Places &places, ByteRange places_range,
                      const ConstView &glimpses, const Options &options, Context &context) {
    Context::Impl &impl = context.impl();
    if (!impl.status.ok()) {
        return impl.status;
    }
    ByteRange in, out;
    Status status = check_input(images, "images", &in);
    if (!status.ok()) {
        return status;
    }
    status = check_output(glimpses, "glimpses", &out);
    if (!status.ok()) {
        return status;
    }
    if (images.type != glimpses.type) {
        return {StatusCode::type_mismatch,
                "images are %s and glimpses are %s; expected the same type", name(images.type),
                name(glimpses.type)};
    }
    if (images.shape.channels != glimpses.shape.channels) {
        return {StatusCode::channel_mismatch,
                "images have %lld channels and glimpses have %lld; expected the same number",
                (long long)images.shape.channels, (long long)glimpses.shape.channels};
    }
    if (places.size != uint64_t(glimpses.shape.count)) {
        return {StatusCode::count_mismatch, "there are %zu %s for %lld glimpses; expected one each",
                places.size, places.offsets != nullptr ? "offsets" : "origins",
                (long long)glimpses.shape.count};
    }
    status = check_options(options, images.shape.channels);
    if (!status.ok()) {
        return status;
    }
    if (places.offsets != nullptr) {
        status = check_coordinates(options.coordinates);
        if (!status.ok()) {
            return status;
        }
    }

    const int64_t count = images.shape.count;
    if (options.image_index.size == 0) {
        if (places.size != 0 && count != 1 && uint64_t(count) != places.size) {
            return {
                StatusCode::count_mismatch,
                "there are %lld images for %zu glimpses and no image_index; expected 1 or as many "
                "images as glimpses",
                (long long)count, places.size};
        }
    } else if (options.image_index.size != places.size) {
        return {StatusCode::count_mismatch, "image_index has %zu elements for %zu glimpses",
                options.image_index.size, places.size};
    }
    const int64_t statistics_count = count * images.shape.channels;
    if (options.statistics.size != 0 && options.statistics.size != uint64_t(statistics_count)) {
        return {StatusCode::statistics_mismatch,
                "statistics has %zu elements; expected %lld, for %lld images with %lld channels",
                options.statistics.size,
                (long long)statistics_count,
                (long long)count,
                (long long)images.shape.channels};
    }
    ByteRange value_range, index_range, statistics_range;
    status = check_span(options.value, "value", &value_range);
    if (status.ok()) {
        status = check_span(options.image_index, "image_index", &index_range);
    }
    if (status.ok()) {
        status = check_span(options.statistics, "statistics", &statistics_range);
    }
    if (!status.ok()) {
        return status;
    }
    const char *const overlapping = intersect(in, out) ? "images"
                                    : intersect(places_range, out)
                                        ? places.offsets != nullptr ? "offsets" : "origins"
                                    : intersect(value_range, out)      ? "value"
                                    : intersect(index_range, out)      ? "image_index"
                                    : intersect(statistics_range, out) ? "statistics"
                                                                       : nullptr;
    if (overlapping != nullptr) {
        return {StatusCode::overlap, "the memory of glimpses overlaps that of %s", overlapping};
    }

    Call call;
    call.places = places;
    call.image_index = options.image_index.size == 0 ? nullptr : options.image_index.data;
    call.image_count = count;
    call.image_size = {images.shape.height, images.shape.width};
    call.glimpse_size = {glimpses.shape.height, glimpses.shape.width};
    call.highest_origin = {int32_t(highest_origin(call.glimpse_size.height)),
                           int32_t(highest_origin(call.glimpse_size.width))};
    call.set_border(options.border);
    call.coordinates = options.coordinates;
    call.statistics = options.statistics.size == 0 ? nullptr : options.statistics.data;
    call.value = options.value;
    call.seed = options.seed;
    call.first_image = options.first_image;
    call.channels = images.shape.channels;
    call.type = images.type;
    call.kernels = &impl.chosen.kernels->of_type[int(images.type)];

    const int64_t glimpse_elements = element_count(glimpses.shape);
    const bool empty_image = call.image_size.height == 0 || call.image_size.width == 0;

    bool any_outside = false;
    status = check_glimpses(call, &any_outside);
    if (!status.ok()) {
        return status;
    }
    if (glimpse_elements == 0) {
        return {};
    }

    const bool interleaved = is_interleaved(images) && is_interleaved(glimpses);
    call.samples = interleaved ? call.channels : 1;
    call.dense = interleaved || (is_planar(images) && is_planar(glimpses));
    set_rows(images, interleaved, &call.images);
    set_rows(glimpses, interleaved, &call.glimpses);
    if (empty_image) {
        if (call.rule.family != Family::value) {
            return {StatusCode::empty_image,
                    "images have %lld x %lld pixels; border %s needs at least one",
                    (long long)call.image_size.height, (long long)call.image_size.width,
                    name(call.border)};
        }
        // Kernels want a pixel to look at; all glimpses are beside it.
        static const float no_pixel = 0;
        call.images = {reinterpret_cast<char *>(const_cast<float *>(&no_pixel)),
                       call.samples,
                       1,
                       call.images.planes,
                       count,
                       call.dense ? 1 : 0,
                       0,
                       0,
                       0};
    }
    set_limits(&call, uint64_t(element_count(images.shape)) + uint64_t(glimpse_elements) +
                          (in.end - in.begin) + (out.end - out.begin));

    if (!any_outside) {
        call.set_border(Border::zero);  // none is seen
    }
    if (!call.rule.needs_statistics || call.statistics != nullptr || empty_image) {
        return extract_checked(call, impl);
    }
    size_t bytes = 0;
    const bool fits =
        !__builtin_mul_overflow(size_t(statistics_count), sizeof(ChannelStatistics), &bytes) &&
        !__builtin_add_overflow(bytes, size_t(count), &bytes);
    const Scratch scratch(impl.scratch, fits ? bytes : SIZE_MAX);
    if (scratch.data() == nullptr) {
        return {
            StatusCode::out_of_memory,
            "memory for the statistics of %lld images with %lld channels could not be allocated",
            (long long)count, (long long)call.channels};
    }
    auto *const statistics = static_cast<ChannelStatistics *>(scratch.data());
    auto *const wanted = reinterpret_cast<uint8_t *>(statistics + statistics_count);
    memset(wanted, 0, size_t(count));
    for (size_t i = 0; i < places.size; i++) {
        Origin origin;
        const int32_t n = call.image_of(i);
        if (call.origin(i, &origin) && call.has_image(n) && call.shows_outside(origin)) {
            wanted[n] = 1;
        }
    }
    status = compute_checked_statistics(images, wanted, statistics, impl);
    call.statistics = statistics;
    return status.ok() ? extract_checked(call, impl) : status;
}

}  // namespace

Status extract(const ConstView &images, Span<const Origin> origins, const View &glimpses,
               const Options &options, Context &context) noexcept {
    ByteRange range;
    const Status status = check_span(origins, "origins", &range);
    return status.ok() ? extract_places(images, {origins.data, nullptr, origins.size}, range,
                                        glimpses, options, context)
                       : status;
}

Status extract(const ConstView &images, Span<const Offset> offsets, const View &glimpses,
               const Options &options, Context &context) noexcept {
    ByteRange range;
    const Status status = check_span(offsets, "offsets", &range);
    return status.ok() ? extract_places(images, {nullptr, offsets.data, offsets.size}, range,
                                        glimpses, options, context)
                       : status;
}

}  // namespace glimpse
