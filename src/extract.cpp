// The main call: checks the arguments and finds out what the call needs.
#include "glimpse/extract.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "call.h"
#include "check.h"
#include "context_impl.h"
#include "device.h"
#include "parameters.h"
#include "planes.h"
#include "stage.h"
#include "statistics.h"

namespace glimpse {
namespace {

// Checks the places and image indices of all glimpses. Sets `any_outside` if one of them shows
// anything but its image.
Status check_glimpses(const Call &call, bool *any_outside) {
    const size_t size = call.places.size;
    *any_outside = false;
    // What lies on a device is looked at there.
    const bool checks_places = call.places.memory == Memory::host;
    const bool checks_index =
        call.image_index != nullptr && call.image_index_memory == Memory::host;
    if (!checks_places) {
        *any_outside = true;
    }
    bool one_by_one = call.places.origins == nullptr && checks_places;
    if (!one_by_one && checks_places && size > 0) {
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
    for (size_t i = 0; checks_index && i < size; i++) {
        if (!call.has_image(call.image_index[i])) {
            return call.bad_image_index(i);
        }
    }
    return {};
}

// Fails if the library was built without one of the types, or does not convert one to the other.
Status check_types(const TypeKernels *kernels, ElementType type, ElementType glimpse_type) {
    ConvertKernel *const *const convert = kernels[int(type)].convert;
    if (convert[int(glimpse_type)] != nullptr) {
        return {};
    }
    for (const ElementType t : {type, glimpse_type}) {
        const Status status = check_built(kernels[int(t)], t);
        if (!status.ok()) {
            return status;
        }
    }
    char offered[96] = "";
    size_t length = 0;
    for (int t = 0; t < element_type_count; t++) {
        if (convert[t] != nullptr) {
            snprintf(offered + length, sizeof(offered) - length, "%s%s", length == 0 ? "" : ", ",
                     name(ElementType(t)));
            length = strlen(offered);
        }
    }
    return {StatusCode::type_mismatch, "images are %s and glimpses are %s; expected one of %s",
            name(type), name(glimpse_type), offered};
}

// Fails if `values`, of a conversion, are not none, one or one per channel, or not finite.
Status check_conversion(const Span<const float> &values, const char *name, int64_t channels) {
    if (values.size > 1 && values.size != uint64_t(channels)) {
        return {StatusCode::invalid_value,
                "%s has %zu elements; expected none, 1 or one for each of the %lld channels", name,
                values.size, (long long)channels};
    }
    return check_finite(values, name);
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

// Fails if an array lies in no memory that there is, or not on the host where `memory`, that of the
// views, is.
template<typename T>
Status check_memory(const Span<T> &span, const char *name, Memory memory) {
    if (span.size == 0 || span.memory == Memory::host ||
        (span.memory == Memory::cuda && memory == Memory::cuda)) {
        return {};
    }
    return {StatusCode::memory_mismatch, "the memory of %s is '%s'; expected '%s'", name,
            glimpse::name(span.memory), memory == Memory::cuda ? "host' or 'cuda" : "host"};
}

Status overlap(const char *name) {
    return {StatusCode::overlap, "the memory of glimpses overlaps that of %s", name};
}

// Fails if an array of the options is no legal span, or lies where is written.
Status check_arrays(const Options &options, int64_t channels, Memory memory,
                    const ByteRange &written) {
    Status status = check_memory(options.image_index, "image_index", memory);
    if (status.ok()) {
        status = check_memory(options.statistics, "statistics", memory);
    }
    const auto check = [&](const auto &span, const char *name, bool of_host) -> Status {
        ByteRange range;
        const Status of_span =
            of_host ? check_host_span(span, name, &range) : check_span(span, name, &range);
        return of_span.ok() && intersect(range, written) ? overlap(name) : of_span;
    };
    if (status.ok() && options.value.size != 0) {
        status = check(options.value, "value", true);
    }
    if (status.ok() && options.subtract.size != 0) {
        status = check(options.subtract, "subtract", true);
        if (status.ok()) {
            status = check_conversion(options.subtract, "subtract", channels);
        }
    }
    if (status.ok() && options.multiply.size != 0) {
        status = check(options.multiply, "multiply", true);
        if (status.ok()) {
            status = check_conversion(options.multiply, "multiply", channels);
        }
    }
    if (status.ok() && options.image_index.size != 0) {
        status = check(options.image_index, "image_index", false);
    }
    if (status.ok() && options.statistics.size != 0) {
        status = check(options.statistics, "statistics", false);
    }
    return status;
}

// Decides how the kernels see both views, and whether elements change.
void set_layout(const ConstView &images, const ConstView &glimpses, Call *call) {
    // Pixels of one channel are planes too.
    const bool both_planes = is_planar(images) && is_planar(glimpses);
    const bool both_pixels = is_interleaved(images) && is_interleaved(glimpses);
    const bool has_pixels = call->channels > 1 && !both_planes;
    const bool from_pixels = has_pixels && is_interleaved(images);
    const bool to_pixels = has_pixels && is_interleaved(glimpses);
    const bool from_dense = from_pixels || is_planar(images);
    const bool to_dense = to_pixels || is_planar(glimpses);
    const bool converts =
        call->type != call->glimpse_type || call->subtract.size != 0 || call->multiply.size != 0;
    const int64_t channels = call->channels;
    if (!converts && (both_planes || both_pixels || !from_dense || !to_dense)) {
        call->change = nullptr;
        call->dense = both_planes || both_pixels;
        set_rows(images, both_pixels, &call->images);
        set_rows(glimpses, both_pixels, &call->glimpses);
        return;
    }
    call->dense = from_dense;
    set_rows(images, from_pixels, &call->images);
    set_rows(glimpses, to_pixels, &call->glimpses);

    call->change =
        converts ? call->kernels->convert[int(call->glimpse_type)] : call->kernels->reorder;
    call->finish = !to_dense                               ? Finish::copy
                   : converts && !from_pixels && to_pixels ? Finish::join
                                                           : Finish::none;
    const bool changed_to_pixels = call->finish == Finish::none ? to_pixels : from_pixels;
    call->changed_samples = changed_to_pixels ? channels : 1;
}

Status extract_places(const ConstView &images, const Places &places, const ConstView &glimpses,
                      const Options &options, Context &context, bool only_check) {
    Context::Impl &impl = context.impl();
    if (!impl.status.ok()) {
        return impl.status;
    }
    ByteRange in, out, places_range;
    Status status =
        places.is_offsets()
            ? check_span(Span<const Offset>(places.offsets, places.size), "offsets", &places_range)
            : check_span(Span<const Origin>(places.origins, places.size), "origins", &places_range);
    if (!status.ok()) {
        return status;
    }
    status = check_input(images, "images", &in);
    if (!status.ok()) {
        return status;
    }
    status = check_output(glimpses, "glimpses", &out);
    if (!status.ok()) {
        return status;
    }
    if (images.memory != glimpses.memory) {
        return {StatusCode::memory_mismatch,
                "images lie in the memory '%s' and glimpses in '%s'; expected the same",
                name(images.memory), name(glimpses.memory)};
    }
    const bool on_device = images.memory == Memory::cuda;
    const TypeKernels *const kernels = impl.host.kernels->of_type;
    status = check_types(kernels, images.type, glimpses.type);
    if (!status.ok()) {
        return status;
    }
    if (images.shape.channels != glimpses.shape.channels) {
        return {StatusCode::channel_mismatch,
                "images have %lld channels and glimpses have %lld; expected the same number",
                (long long)images.shape.channels, (long long)glimpses.shape.channels};
    }
    if (places.size != uint64_t(glimpses.shape.count)) {
        return {StatusCode::count_mismatch, "there are %zu %s for %lld glimpses; expected one each",
                places.size, places.is_offsets() ? "offsets" : "origins",
                (long long)glimpses.shape.count};
    }
    status = check_options(options, images.shape.channels);
    if (!status.ok()) {
        return status;
    }
    if (places.is_offsets()) {
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
    status = check_memory(Span<const char>(nullptr, places.size).on(places.memory),
                          places.is_offsets() ? "offsets" : "origins", images.memory);
    if (!status.ok()) {
        return status;
    }
    if (intersect(in, out) || intersect(places_range, out)) {
        return overlap(intersect(in, out) ? "images" : places.is_offsets() ? "offsets" : "origins");
    }
    status = check_arrays(options, images.shape.channels, images.memory, out);
    if (!status.ok()) {
        return status;
    }

    Call call;
    call.places = places;
    call.image_index = options.image_index.size == 0 ? nullptr : options.image_index.data;
    call.image_index_memory = options.image_index.memory;
    call.statistics_memory = options.statistics.memory;
    call.image_count = count;
    call.image_size = {images.shape.height, images.shape.width};
    call.glimpse_size = {glimpses.shape.height, glimpses.shape.width};
    call.highest_origin = {int32_t(highest_origin(call.glimpse_size.height)),
                           int32_t(highest_origin(call.glimpse_size.width))};
    call.set_border(options.border);
    call.coordinates = options.coordinates;
    call.statistics = options.statistics.size == 0 ? nullptr : options.statistics.data;
    call.value = options.value;
    call.subtract = options.subtract;
    call.multiply = options.multiply;
    call.seed = options.seed;
    call.first_image = options.first_image;
    call.channels = images.shape.channels;
    call.type = images.type;
    call.glimpse_type = glimpses.type;
    call.kernels = &kernels[int(images.type)];
    call.glimpse_kernels = &kernels[int(glimpses.type)];

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

    if (empty_image && call.rule.family != Family::value) {
        return {
            StatusCode::empty_image, "images have %lld x %lld pixels; border %s needs at least one",
            (long long)call.image_size.height, (long long)call.image_size.width, name(call.border)};
    }
    if (only_check) {
        return {};
    }
    if (!any_outside) {
        call.set_border(Border::zero);  // none is seen
    }
    if (on_device) {
        return run_device_call(call, images, glimpses, impl);
    }
    if (impl.stages()) {
        return stage_call(call, images, glimpses, impl);
    }

    status = prepare(images, glimpses, (in.end - in.begin) + (out.end - out.begin), &call);
    if (!status.ok()) {
        return status;
    }
    if (!call.rule.needs_statistics || call.statistics != nullptr || empty_image) {
        return run_call(call, impl);
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
    return status.ok() ? run_call(call, impl) : status;
}

}  // namespace

Status prepare(const ConstView &images, const ConstView &glimpses, uint64_t bytes,
               Call *call) noexcept {
    const bool empty_image = call->image_size.height == 0 || call->image_size.width == 0;
    set_layout(images, glimpses, call);
    if (call->change != nullptr &&
        Conversion::row_elements(*call) > INT32_MAX / conversion_fields) {
        return {StatusCode::too_large, "%lld channels cannot be converted",
                (long long)call->channels};
    }
    if (empty_image) {
        // Kernels want a pixel to look at; all glimpses are beside it.
        static const float no_pixel = 0;
        call->images = {reinterpret_cast<char *>(const_cast<float *>(&no_pixel)),
                        call->images.element_size,
                        call->images.samples,
                        call->images.samples,
                        1,
                        call->images.planes,
                        call->image_count,
                        call->dense ? 1 : 0,
                        0,
                        0,
                        0};
    }
    set_limits(call, uint64_t(element_count(images.shape)) +
                         uint64_t(element_count(glimpses.shape)) + bytes);
    return {};
}

Status check_extract(const ConstView &images, const Places &places, const View &glimpses,
                     const Options &options, Context &context) noexcept {
    return extract_places(images, places, glimpses, options, context, true);
}

Status extract(const ConstView &images, const Places &places, const View &glimpses,
               const Options &options, Context &context) noexcept {
    return extract_places(images, places, glimpses, options, context, false);
}

Status extract(const ConstView &images, Span<const Origin> origins, const View &glimpses,
               const Options &options, Context &context) noexcept {
    return extract_places(images, {origins.data, nullptr, origins.size, origins.memory}, glimpses,
                          options, context, false);
}

Status extract(const ConstView &images, Span<const Offset> offsets, const View &glimpses,
               const Options &options, Context &context) noexcept {
    Places places = {nullptr, offsets.data, offsets.size, offsets.memory};
    places.rule = place_nearest;
    places.normalized = options.coordinates == Coordinates::normalized ||
                        options.coordinates == Coordinates::centered_normalized;
    places.centered = options.coordinates == Coordinates::centered_pixels ||
                      options.coordinates == Coordinates::centered_normalized;
    return extract_places(images, places, glimpses, options, context, false);
}

Status normalization(Span<const float> mean, Span<const float> stddev, double scale,
                     Span<float> subtract, Span<float> multiply) noexcept {
    const size_t size = mean.size;
    if (stddev.size != size || subtract.size != size || multiply.size != size) {
        return {StatusCode::count_mismatch,
                "mean, stddev, subtract and multiply have %zu, %zu, %zu and %zu elements; expected "
                "the same number",
                size,
                stddev.size,
                subtract.size,
                multiply.size};
    }
    ByteRange ranges[4];
    Status status = check_host_span(mean, "mean", &ranges[0]);
    if (status.ok()) {
        status = check_host_span(stddev, "stddev", &ranges[1]);
    }
    if (status.ok()) {
        status = check_host_span(subtract, "subtract", &ranges[2]);
    }
    if (status.ok()) {
        status = check_host_span(multiply, "multiply", &ranges[3]);
    }
    const auto subtracted = [&](size_t i) { return float(scale * double(mean.data[i])); };
    const auto factor = [&](size_t i) { return float(1.0 / (scale * double(stddev.data[i]))); };
    for (size_t i = 0; status.ok() && i < size; i++) {
        if (!std::isfinite(subtracted(i)) || !std::isfinite(factor(i))) {
            status = {StatusCode::invalid_value,
                      "mean %g and stddev %g of channel %zu with scale %g give no finite numbers",
                      double(mean.data[i]),
                      double(stddev.data[i]),
                      i,
                      scale};
        }
    }
    for (size_t i = 0; status.ok() && i < size; i++) {
        const float s = subtracted(i), m = factor(i);
        subtract.data[i] = s;
        multiply.data[i] = m;
    }
    return status;
}

}  // namespace glimpse
