// Makes calls: checks their arguments, finds where glimpses lie, and decides what both ask for.
#include "call/call.h"

#include <algorithm>
#include <cmath>

#include "call/check.h"

namespace glimpse {
namespace {

Status check_places(const AskedPlaces &places, ByteRange *range) {
    static_assert(sizeof(Offset) == sizeof(Origin) && alignof(Offset) == alignof(Origin), "pairs");
    if (places.is_boxes()) {
        const Span<const Box> span(static_cast<const Box *>(places.data), places.size);
        return check_span(span.on(places.memory), places.name(), range);
    }
    const Span<const Origin> span(static_cast<const Origin *>(places.data), places.size);
    return check_span(span.on(places.memory), places.name(), range);
}

// Fails if the library was built without one of the types, or does not convert one to the other.
Status check_types(const TypeKernels *kernels, ElementType type, ElementType glimpse_type) {
    ConvertKernel *const *const convert = kernels[int(type)].convert;
    if (convert[int(glimpse_type)] != nullptr) {
        return {};
    }
    for (const ElementType t : {type, glimpse_type}) {
        GLIMPSE_TRY(check_built(kernels[int(t)], t));
    }
    NameList offered;
    for (int t = 0; t < element_type_count; t++) {
        if (convert[t] != nullptr) {
            offered.add(name(ElementType(t)));
        }
    }
    return {StatusCode::type_mismatch, "images are %s and glimpses are %s; expected one of %s",
            name(type), name(glimpse_type), offered.text()};
}

// Fails if images and glimpses do not fit together.
Status check_pair(const TypeKernels *kernels, const Call &call, const ChannelOrder &order) {
    const ConstView &images = call.images, &glimpses = call.glimpses;
    if (images.memory != glimpses.memory) {
        return Status(StatusCode::memory_mismatch,
                      "images lie in the memory '%s' and glimpses in '%s'; expected the same",
                      name(images.memory), name(glimpses.memory));
    }
    GLIMPSE_TRY(check_types(kernels, images.type, glimpses.type));
    const int64_t expected = order.count == 0 ? images.shape.channels : order.count;
    if (expected != glimpses.shape.channels) {
        return Status(StatusCode::channel_mismatch,
                      "%s %s and glimpses have %lld; expected as many%s",
                      order.count == 0 ? "images have" : "channel_order has",
                      Counted(expected, "channel").text, (long long)glimpses.shape.channels,
                      order.count == 0 ? "" : " (channel_order is {count, {channels}})");
    }
    return {};
}

Status check_channel_order(const ChannelOrder &order, int64_t channels) {
    if (order.count > 4) {
        return {StatusCode::invalid_value, "channel_order has %d channels; expected 0 to 4",
                int(order.count)};
    }
    for (int c = 0; c < order.count; c++) {
        if (order.from[c] == 255 || order.from[c] >= channels) {
            return Status(
                StatusCode::invalid_value,
                "channel %d of channel_order is %d; expected one of 0 to %lld, those of images", c,
                int(order.from[c]), (long long)std::min<int64_t>(channels, 255) - 1);
        }
    }
    return {};
}

// Whether all channels stay in their order.
bool is_in_order(const ChannelOrder &order, int64_t channels) {
    for (int c = 0; c < order.count; c++) {
        if (order.from[c] != c) {
            return false;
        }
    }
    return order.count == 0 || order.count == channels;
}

Status check_value(const Options &options, int64_t channels) {
    GLIMPSE_TRY(check_border(options));
    const size_t size = options.value.size();
    if (options.border == Border::constant && size == 0) {
        return {StatusCode::invalid_value,
                "border constant has no value; expected 1 number, or one for each of %s",
                Counted(channels, "channel").text};
    }
    if (options.border == Border::constant && size != 1 && size != uint64_t(channels)) {
        return Status(StatusCode::invalid_value,
                      "value has %s and images have %s; expected 1 or as many",
                      Counted(size, "element").text, Counted(channels, "channel").text);
    }
    return {};
}

// Fails if numbers of images, places, indices and statistics do not fit together.
Status check_counts(const Shape &images, const AskedPlaces &places, const Options &options) {
    const size_t indices = options.image_index.size, statistics = options.statistics.size;
    if (indices == 0) {
        if (places.size != 0 && images.count != 1 && uint64_t(images.count) != places.size) {
            return Status(StatusCode::count_mismatch,
                          "%s for %s and no image_index; expected 1 image or as many as glimpses",
                          Counted(images.count, "image").text,
                          Counted(places.size, "glimpse").text);
        }
    } else if (indices != places.size) {
        return {StatusCode::count_mismatch, "image_index has %s for %s",
                Counted(indices, "element").text, Counted(places.size, "glimpse").text};
    }
    const int64_t expected = images.count * images.channels;
    if (statistics != 0 && statistics != uint64_t(expected)) {
        return Status(
            StatusCode::statistics_mismatch, "statistics have %s; expected %lld, for %s with %s",
            Counted(statistics, "element").text, (long long)expected,
            Counted(images.count, "image").text, Counted(images.channels, "channel").text);
    }
    return {};
}

// Fails if an array lies in no memory that there is, or not on the host where `memory`, that of the
// views, is.
Status check_memory(size_t size, Memory of_array, const char *name, Memory memory) {
    if (size == 0 || of_array == Memory::host ||
        (of_array == Memory::cuda && memory == Memory::cuda)) {
        return {};
    }
    return Status(StatusCode::memory_mismatch, "the memory of %s is '%s'; expected '%s'", name,
                  glimpse::name(of_array), memory == Memory::cuda ? "host' or 'cuda" : "host");
}

// Fails if numbers of the options cannot be read, or lie where is written.
Status check_numbers(const Call &call, const PerChannel &values, const char *name) {
    ByteRange range;
    GLIMPSE_TRY(check_values(values, name, &range));
    return intersect(range, call.written) ? overlap(name, call.glimpses_name) : Status();
}

// The same for numbers of a conversion: none, one or one per channel, and finite.
Status check_conversion(const Call &call, const PerChannel &values, const char *name) {
    const int64_t channels = call.glimpse_channels();
    if (values.size() > 1 && values.size() != uint64_t(channels)) {
        return Status(StatusCode::invalid_value,
                      "%s has %s and glimpses have %s; expected none, 1 or as many", name,
                      Counted(values.size(), "element").text, Counted(channels, "channel").text);
    }
    GLIMPSE_TRY(check_numbers(call, values, name));
    return check_finite(values.span(), name);
}

Status check_arrays(const Call &call, const Options &options) {
    const auto check_array = [&](const auto &span, const char *name) {
        ByteRange range;
        if (span.size == 0) {
            return Status();
        }
        GLIMPSE_TRY(check_memory(span.size, span.memory, name, call.images.memory));
        GLIMPSE_TRY(check_span(span, name, &range));
        return intersect(range, call.written) ? overlap(name, call.glimpses_name) : Status();
    };
    GLIMPSE_TRY(check_array(options.image_index, "image_index"));
    GLIMPSE_TRY(check_array(options.statistics, "statistics"));
    if (options.value.size() != 0) {
        GLIMPSE_TRY(check_numbers(call, options.value, "value"));
    }
    if (options.subtract.size() != 0) {
        GLIMPSE_TRY(check_conversion(call, options.subtract, "subtract"));
    }
    return options.multiply.size() == 0 ? Status()
                                        : check_conversion(call, options.multiply, "multiply");
}

Status check_arguments(const Options &options, const Call &call) {
    const ConstView &images = call.images, &glimpses = call.glimpses;
    const AskedPlaces &places = call.places;
    ByteRange of_places;
    GLIMPSE_TRY(check_places(places, &of_places));
    GLIMPSE_TRY(check_channel_order(options.channel_order, images.shape.channels));
    GLIMPSE_TRY(check_pair(call.context.host.kernels->of_type, call, options.channel_order));
    if (places.size != uint64_t(glimpses.shape.count)) {
        return Status(StatusCode::count_mismatch, "%s for %s; expected one each",
                      Counted(places.size, places.kind()).text,
                      Counted(glimpses.shape.count, "glimpse").text);
    }
    GLIMPSE_TRY(check_value(options, images.shape.channels));
    if (places.rule != place_origin) {
        GLIMPSE_TRY(check_coordinates(options.coordinates));
    }
    GLIMPSE_TRY(check_counts(images.shape, places, options));
    GLIMPSE_TRY(check_memory(places.size, places.memory, places.name(), images.memory));
    if (intersect(call.read, call.written)) {
        return overlap(call.images_name, call.glimpses_name);
    }
    if (intersect(of_places, call.written)) {
        return overlap(places.name(), call.glimpses_name);
    }
    return check_arrays(call, options);
}

Status bad_image_index(const Call &call, size_t i, int32_t index) {
    const auto count = (long long)call.images.shape.count;
    return Status(StatusCode::invalid_image_index,
                  "image_index %zu is %d; expected 0 to %lld, for %s", i, index, count - 1,
                  Counted(count, "image").text);
}

double in_pixels(const Sides &sides) {
    return double(sides.distance()) / double(fixed_one);
}

// Counts the taps of a box. Fails if its points look at more pixels than there may be, or at pixels
// that have no int32 coordinates.
Status count_taps(Call *call, size_t i, const FixedBox &box) {
    if (call->sampling.method(box, call->glimpse_size()) != Method::taps) {
        return {};
    }
    const auto count_along = [&](const Sides &sides, int64_t count, int64_t *most_of_call) {
        const AxisFilter<HostNumbers> f = call->sampling.axis_filter(BoxAxis(sides, count));
        const int64_t taps = taps_at_most<HostNumbers>(f);
        if (taps > most_taps) {
            return Status(StatusCode::too_large,
                          "box %zu is %g pixels long and its glimpse %lld; %s would look at %lld "
                          "pixels at once, expected no more than %lld",
                          i, in_pixels(sides), (long long)count, name(call->sampling.filter),
                          (long long)taps, (long long)most_taps);
        }
        *most_of_call = std::max(*most_of_call, taps);
        const int64_t least = INT32_MIN * fixed_one + f.reach;
        const int64_t most = INT32_MAX * fixed_one - f.reach;
        if (!sides.lie_within(least, most)) {
            return Status(StatusCode::origin_out_of_range,
                          "box %zu looks at pixels that are %g from its sides; expected all of "
                          "them to have int32 coordinates",
                          i, double(f.reach) / double(fixed_one));
        }
        return Status();
    };
    GLIMPSE_TRY(count_along(box.y, call->glimpses.shape.height, &call->most_y_taps));
    return count_along(box.x, call->glimpses.shape.width, &call->most_x_taps);
}

// Finds the box of glimpse `i`, and its window.
Status place_box(Call *call, size_t i, Window *window) {
    FixedBox box;
    const Size size = call->glimpse_size();
    GLIMPSE_TRY(find_box(call->places, i, call->image(0).size, &box));
    if (!call->places_on_device) {
        call->boxes[i] = box;
    }
    window->origin = box.origin();
    if (call->is_copied(box)) {
        return check_origin(window->origin, i, size);
    }
    call->samples = true;
    window->origin = {INT32_MIN, INT32_MIN};
    return call->is_empty ? Status() : count_taps(call, i, box);
}

// Finds the window of each glimpse; where places or indices lie on a device, only checks what does
// not. Finds out whether a glimpse may show the outside.
Status place_glimpses(Call *call, bool *any_outside) {
    const AskedPlaces &places = call->places;
    const Span<const int32_t> &index = call->image_index;
    const int64_t count = call->images.shape.count;
    const Size size = call->glimpse_size();
    const tensorflow::WideOrigin highest = highest_origins(size);
    const bool keeps = !call->places_on_device;
    if (keeps) {
        GLIMPSE_TRY(call->windows.allocate(call->context.scratch, places.size, "origins"));
        if (places.is_boxes()) {
            GLIMPSE_TRY(call->boxes.allocate(call->context.scratch, places.size, "boxes"));
        }
    }
    *any_outside = places.memory != Memory::host;
    for (size_t i = 0; places.memory == Memory::host && i < places.size; i++) {
        Window one;
        Window &w = keeps ? call->windows[i] : one;
        w.image = count == 1 || !keeps ? 0 : int32_t(i);
        if (places.is_boxes()) {
            GLIMPSE_TRY(place_box(call, i, &w));
            continue;
        }
        if (places.is_plain()) {
            w.origin = places.origin(i);
        }
        if (!places.is_plain() || w.origin.y > highest.y || w.origin.x > highest.x) {
            GLIMPSE_TRY(find_origin(places, i, call->image(0).size, size, &w.origin));
        }
        *any_outside = *any_outside || call->shows_outside(w);
    }
    for (size_t i = 0; index.memory == Memory::host && i < index.size; i++) {
        const int32_t n = index.data[i];
        if (n < 0 || n >= count) {
            return bad_image_index(*call, i, n);
        }
        if (keeps) {
            call->windows[i].image = n;
        }
    }
    if (places.is_boxes()) {
        *any_outside = call->places_on_device;
        for (size_t i = 0; keeps && !call->is_empty && i < places.size; i++) {
            *any_outside = *any_outside || call->needs_border(i);
        }
    }
    return {};
}

void look_at_views(Call *call) {
    call->is_empty = element_count(call->glimpses.shape) == 0;
    call->has_no_pixels = call->images.shape.height == 0 || call->images.shape.width == 0;
}

}  // namespace

Status check_sampling(const TypeKernels &kernels, const Options &options,
                      SamplingRule *rule) noexcept {
    const Sampling &s = options.sampling;
    if (uint32_t(s.filter) >= uint32_t(filter_count)) {
        return {StatusCode::unknown_enumerator, "sampling.filter is %d; expected one of %s",
                int(s.filter), names_of<Filter>(filter_count).text()};
    }
    if (uint32_t(s.edge) >= uint32_t(edge_count)) {
        return {StatusCode::unknown_enumerator, "sampling.edge is %d; expected one of %s",
                int(s.edge), names_of<Edge>(edge_count).text()};
    }
    if (!std::isfinite(s.edge_margin)) {
        return {StatusCode::invalid_value, "sampling.edge_margin is %g; expected a finite number",
                double(s.edge_margin)};
    }
    if (kernels.nearest == nullptr) {
        return {
            StatusCode::unsupported_type,
            "this build of Glimpse samples no boxes: it was configured with GLIMPSE_SAMPLING=OFF"};
    }
    rule->filter = s.filter;
    rule->antialias = s.antialias;
    rule->border = options.border;
    // Of two pixels, one that is left is what replicas are.
    rule->drops = s.edge == Edge::renormalize;
    rule->is_hard = family_of(options.border) == Family::value && s.edge != Edge::blend;
    constexpr double most = 1 << 30;
    const double margin = s.edge == Edge::hard ? double(s.edge_margin) : 0.0;
    rule->margin = fixed<HostNumbers>(std::clamp(margin, -most, most));
    return {};
}

Status check_views(Call *call) noexcept {
    GLIMPSE_TRY(call->context.status);
    GLIMPSE_TRY(check_input(call->images, call->images_name, &call->read));
    return check_output(call->glimpses, call->glimpses_name, &call->written);
}

Status make_copy(Call *call) noexcept {
    look_at_views(call);
    const int64_t count = call->is_empty ? 0 : call->count();
    GLIMPSE_TRY(call->windows.allocate(call->context.scratch, size_t(count), "origins"));
    for (int64_t i = 0; i < count; i++) {
        call->windows[size_t(i)] = {int32_t(i), {0, 0}};
    }
    return {};
}

Status make_call(const Options &options, Call *call) noexcept {
    const ConstView &images = call->images, &glimpses = call->glimpses;
    GLIMPSE_TRY(check_arguments(options, *call));
    call->extent = uint64_t(element_count(images.shape)) + uint64_t(element_count(glimpses.shape)) +
                   (call->read.end - call->read.begin) + (call->written.end - call->written.begin);
    look_at_views(call);
    call->border = options.border;
    call->value = options.value.span();
    call->subtract = options.subtract.span();
    call->multiply = options.multiply.span();
    call->statistics = options.statistics;
    if (!is_in_order(options.channel_order, call->channels())) {
        call->channel_order = options.channel_order;
    }
    call->seed = options.seed;
    call->first_image = options.first_image;
    call->image_index = options.image_index;
    call->places_on_device =
        call->places.memory != Memory::host ||
        (options.image_index.size != 0 && options.image_index.memory != Memory::host);
    if (call->places.is_boxes()) {
        const TypeKernels &kernels = call->context.host.kernels->of_type[int(images.type)];
        GLIMPSE_TRY(check_sampling(kernels, options, &call->sampling));
    }
    bool any_outside = false;
    GLIMPSE_TRY(place_glimpses(call, &any_outside));
    call->converts =
        images.type != glimpses.type || call->subtract.size != 0 || call->multiply.size != 0;
    if (!call->is_empty && call->has_no_pixels && call->family() != Family::value) {
        return Status(
            StatusCode::empty_image, "images have %lld x %lld pixels; border %s needs at least one",
            (long long)images.shape.height, (long long)images.shape.width, name(call->border));
    }
    if (!any_outside) {
        call->border = Border::zero;
        call->sampling.border = Border::zero;
    }
    call->exact_fill = options.exact_fill && call->converts &&
                       (call->border == Border::constant || call->border == Border::mean);
    call->needs_computed =
        needs_statistics(call->border) && call->statistics.size == 0 && !call->has_no_pixels;
    return {};
}

}  // namespace glimpse
