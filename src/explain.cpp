// explain(): makes a call, watches which form makes a pixel, and asks the definition about it.
#include "glimpse/explain.h"

#include "call/check.h"
#include "calls.h"
#include "definition/border.h"
#include "definition/parameters.h"

namespace glimpse {
namespace {

Status check_pixel(const ConstView &glimpses, size_t glimpse, const Pixel &p) {
    const Shape &s = glimpses.shape;
    if (glimpse >= uint64_t(s.count) || p.y < 0 || p.x < 0 || p.channel < 0 || p.y >= s.height ||
        p.x >= s.width || p.channel >= s.channels) {
        return Status(
            StatusCode::invalid_value,
            "pixel (y %lld, x %lld, channel %lld) of glimpse %zu is asked for; there %s %s "
            "of %lld x %lld pixels with %s",
            (long long)p.y, (long long)p.x, (long long)p.channel, glimpse,
            s.count == 1 ? "is" : "are", Counted(s.count, "glimpse").text, (long long)s.height,
            (long long)s.width, Counted(s.channels, "channel").text);
    }
    if (glimpses.memory != Memory::host) {
        return {StatusCode::memory_mismatch, "glimpses lie in the memory '%s'; expected 'host'",
                name(glimpses.memory)};
    }
    return {};
}

// What the definition says of the pixel at `at` of the plane of an image of the size `image`.
void find_source(Border border, Size image, Explanation *e) {
    const auto rule = int32_t(border);
    const auto modulo = [](int64_t a, int64_t b) { return HostNumbers::modulo(a, b); };
    const auto is_inside = [](int64_t v, int64_t extent) { return v >= 0 && v < extent; };
    e->is_of_image = is_inside(e->plane_y, image.height) && is_inside(e->plane_x, image.width);
    if (e->is_of_image || family_of(border) == Family::map) {
        e->is_of_image = true;
        e->source_y = map_coordinate<HostNumbers>(rule, e->plane_y, image.height, modulo);
        e->source_x = map_coordinate<HostNumbers>(rule, e->plane_x, image.width, modulo);
    }
}

// Whether a pixel is not filled because of where it looks at the edge.
bool is_seen(const Call &call, size_t i, const Pixel &pixel) {
    const SamplingRule &rule = call.sampling;
    if (!call.is_sampled(i) || !rule.is_hard) {
        return true;
    }
    const Size size = call.image(call.windows[i].image).size;
    const auto contains = [](const Outputs &o, int64_t at) { return at >= o.begin && at < o.end; };
    return contains(rule.seen(call.box_rows(i), size.height), pixel.y) &&
           contains(rule.seen(call.box_columns(i), size.width), pixel.x);
}

// Where a pixel of glimpse `i` lies in the plane, or looks.
void find_place(const Call &call, size_t i, const Pixel &pixel, Explanation *e) {
    const Window &w = call.windows[i];
    e->is_sampled = call.is_sampled(i);
    if (!e->is_sampled) {
        e->origin = w.origin;
        e->plane_y = w.origin.y + pixel.y;
        e->plane_x = w.origin.x + pixel.x;
        return;
    }
    const int64_t y = call.box_rows(i).center(pixel.y), x = call.box_columns(i).center(pixel.x);
    e->point_y = double(y) / double(fixed_one);
    e->point_x = double(x) / double(fixed_one);
    // Where an edge is hard, points that are seen outside of the image show its nearest pixel.
    const Size size = call.image(w.image).size;
    const bool is_nearest = call.sampling.is_hard && is_seen(call, i, pixel);
    const auto pixel_at = [&](int64_t at, int64_t extent) {
        const int64_t pixel_of_plane = nearest_pixel<HostNumbers>(at);
        return is_nearest ? replicate<HostNumbers>(pixel_of_plane, extent) : pixel_of_plane;
    };
    e->plane_y = pixel_at(y, size.height);
    e->plane_x = pixel_at(x, size.width);
}

// The statistics that fill channel `channel` of image `n`: given, or computed as the call has done.
Status find_statistics(const Call &call, int32_t n, int64_t channel, Context &context,
                       ChannelStatistics *result) {
    const auto size = size_t(call.channels());
    const Scratch scratch(call.context.scratch, size * sizeof(ChannelStatistics));
    GLIMPSE_TRY(scratch.check("statistics"));
    const auto *all = call.statistics.data + n * call.channels();
    if (call.statistics.size == 0) {
        auto *const computed = static_cast<ChannelStatistics *>(scratch.data());
        GLIMPSE_TRY(compute_statistics(call.images.image(n), {computed, size}, context));
        all = computed;
    }
    *result = all[channel];
    NoiseBounds<HostNumbers> bounds = {result->min, result->max};
    for (size_t c = 0; call.border == Border::uniform && c < size; c++) {  // of all together
        bounds = united(bounds, NoiseBounds<HostNumbers>{all[c].min, all[c].max});
    }
    result->min = bounds.low;
    result->max = bounds.high;
    return {};
}

}  // namespace

Status explain(const Images &images, const Places &places, const Glimpses &glimpses, size_t glimpse,
               const Pixel &pixel, Explanation *explanation, const Options &options,
               Context &context) noexcept {
    Context::Impl &impl = context.impl();
    Trace trace = {glimpse, pixel.y, pixel.x, "device", false};
    if (explanation == nullptr) {
        return {StatusCode::null_pointer, "explanation is null"};
    }
    if (images.are_frames() || glimpses.are_frames()) {
        return {StatusCode::conflicting_arguments, "%s are frames; explain() takes views",
                images.are_frames() ? "images" : "glimpses"};
    }
    Call call(impl, images.view(), {places, options.coordinates}, glimpses.view());
    GLIMPSE_TRY(check_views(&call));
    GLIMPSE_TRY(make_call(options, &call));
    GLIMPSE_TRY(check_pixel(call.glimpses, glimpse, pixel));
    trace.is_converted = call.converts;
    call.trace = &trace;
    GLIMPSE_TRY(run(call));

    const Window &w = call.windows[glimpse];
    Explanation e;
    e.image = w.image;
    e.channel = call.channel_from(pixel.channel);
    find_place(call, glimpse, pixel, &e);
    if (is_seen(call, glimpse, pixel)) {
        find_source(options.border, call.image(w.image).size, &e);
    }
    e.form = trace.form;
    e.variant = impl.chosen.variant->name;
    e.is_converted = trace.is_converted;
    e.has_statistics = !e.is_of_image && needs_statistics(options.border) &&
                       (call.statistics.size != 0 || !call.has_no_pixels);
    if (e.has_statistics) {
        GLIMPSE_TRY(find_statistics(call, w.image, e.channel, context, &e.statistics));
    }
    *explanation = e;
    return {};
}

}  // namespace glimpse
