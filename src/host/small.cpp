// One test in front of the full path, without messages, and one call of one kernel.
#include "host/small.h"

#include "call/call.h"
#include "call/check.h"
#include "call/context_impl.h"
#include "call/placement.h"
#include "call/sanitizer.h"
#include "halide_hooks.h"
#include "host/extract.h"
#include "host/halide_buffer.h"
#include "host/parameters.h"
#include "host/route.h"

namespace glimpse {
namespace {

// Extents and strides below these have products and sums that no check is needed for.
constexpr uint64_t largest_small_extent = 1 << 20, largest_small_stride = 1 << 28;
constexpr int64_t largest_small_glimpses = 64 << 10;  // bytes: one task, and no tiles of memory
constexpr int64_t most_channels = 4;

// Whether a view is a batch of pixels, or planes, whose rows, planes and images follow one another
// upwards in less than 2^28 elements, in host memory that it does not leave; if so, its bytes.
bool is_plain(const ConstView &view, int64_t element_size, ByteRange *range) {
    const Shape &shape = view.shape;
    const Strides &strides = view.strides;
    // None is negative, none is large; none is 0 (which wraps around).
    const uint64_t extents = (uint64_t(shape.count) - 1) | (uint64_t(shape.height) - 1) |
                             (uint64_t(shape.width) - 1) | (uint64_t(shape.channels) - 1);
    if (extents >= largest_small_extent || shape.channels > most_channels ||
        view.memory != Memory::host) {
        return false;
    }
    // Invalid strides are negative.
    if ((strides.image | strides.row | strides.column | strides.channel) < 0) {
        return false;
    }
    const int64_t row = shape.width * shape.channels;
    const bool has_rows = shape.height > 1, has_images = shape.count > 1;
    if (!is_interleaved(view) || (has_rows && uint64_t(strides.row) >= largest_small_stride) ||
        (has_images && uint64_t(strides.image) >= largest_small_stride)) {
        return false;
    }
    const int64_t image = (has_rows ? (shape.height - 1) * strides.row : 0) + row;
    const int64_t all = (has_images ? (shape.count - 1) * strides.image : 0) + image;
    if ((has_rows && strides.row < row) || (has_images && strides.image < image) ||
        uint64_t(all) >= largest_small_stride) {
        return false;
    }
    const auto begin = reinterpret_cast<uintptr_t>(view.data);
    const auto bounds = reinterpret_cast<uintptr_t>(view.bounds.begin);
    const auto bytes = uintptr_t(all * element_size);
    *range = {begin, begin + bytes};
    return begin != 0 && begin % uintptr_t(element_size) == 0 && begin + bytes > begin &&
           (bounds == 0 || (begin >= bounds && bytes <= view.bounds.bytes &&
                            begin - bounds <= view.bounds.bytes - bytes));
}

// The same for an array on the host.
template<typename T>
bool is_plain(const Span<T> &span, ByteRange *range) {
    const auto begin = reinterpret_cast<uintptr_t>(span.data);
    const uintptr_t end = begin + span.size * sizeof(T);
    *range = {begin, end};
    return span.memory == Memory::host && begin != 0 && begin % alignof(T) == 0 && end > begin;
}

// Whether nothing is asked for but a border of values that are given, or of maps.
bool is_plain(const Options &options) {
    const auto border = uint32_t(options.border);
    const bool is_constant = options.border == Border::constant;
    const bool is_mean = options.border == Border::mean;
    return border < uint32_t(border_count) && family_of(options.border) != Family::noise &&
           is_constant == (options.value.size() != 0) &&
           is_mean == (options.statistics.size != 0) && options.subtract.size() == 0 &&
           options.multiply.size() == 0 && options.channel_order.count == 0;
}

// Whether boxes of their glimpses' size at whole pixels are windows.
bool copies_windows(const TypeKernels &kernels, const Options &options) {
    SamplingRule rule;
    return check_sampling(kernels, options, &rule).ok() && rule.copies_windows();
}

// Finds the origin of box `i`; false if it is no window.
bool find_window(const AskedPlaces &places, size_t i, Size image, Size glimpse, Origin *origin) {
    FixedBox box;
    if (!find_box(places, i, image, &box).ok() || !is_window(box, glimpse)) {
        return false;
    }
    *origin = box.origin();
    return check_origin(*origin, i, glimpse).ok();
}

struct SmallCall {
    SmallCall(const ConstView &images_, const ConstView &glimpses_,
              const Options &options_) noexcept
        : images(images_), glimpses(glimpses_), options(options_) {
    }

    const ConstView &images, &glimpses;
    const Options &options;
    bool any_outside = false, any_far = false;
    Position positions[largest_run];

    // Finds where glimpse `i` lies in image `n`.
    void place(size_t i, int32_t n, const Origin &origin) {
        const int64_t height = glimpses.shape.height, width = glimpses.shape.width;
        const int64_t last_y = images.shape.height - height, last_x = images.shape.width - width;
        Position &p = positions[i];
        p = {n, origin.y, origin.x, origin.y, origin.x};
        if (origin.y >= 0 && origin.x >= 0 && origin.y <= last_y && origin.x <= last_x) {
            return;
        }
        const Axis y = axis_of(options.border, origin.y, height, images.shape.height);
        const Axis x = axis_of(options.border, origin.x, width, images.shape.width);
        p.y = int32_t(y.origin);
        p.x = int32_t(x.origin);
        any_outside = true;
        any_far = any_far || last_x < 0 || y.is_far || x.is_far;
    }
    bool place_all(const AskedPlaces &places) {
        const Size image = {images.shape.height, images.shape.width};
        const Size glimpse = {glimpses.shape.height, glimpses.shape.width};
        const tensorflow::WideOrigin highest = highest_origins(glimpse);
        const int32_t *const index = options.image_index.data;
        const bool is_indexed = options.image_index.size != 0;
        const auto count = uint32_t(images.shape.count);
        const bool has_own = count > 1;
        for (size_t i = 0; i < places.size; i++) {
            Origin origin = {0, 0};
            if (places.is_plain()) {
                origin = places.origin(i);
                if (origin.y > highest.y || origin.x > highest.x) {
                    return false;
                }
            } else if (places.is_boxes() ? !find_window(places, i, image, glimpse, &origin)
                                         : !find_origin(places, i, image, glimpse, &origin).ok()) {
                return false;
            }
            const int32_t n = is_indexed ? index[i] : has_own ? int32_t(i) : 0;
            if (uint32_t(n) >= count) {
                return false;
            }
            place(i, n, origin);
        }
        return true;
    }
    // Which form of the kernel makes all glimpses; null if it takes longer than the full path.
    ExtractKernel *form(const TypeKernels &kernels, const Rows &from, const Rows &to) const {
        constexpr int64_t widest_pure = 16;  // elements of a row
        if (!any_outside) {
            return kernels.inside;
        }
        const Family family = family_of(options.border);
        if (any_far || !has_vectors(family, from, to.elements)) {
            return to.elements <= widest_pure ? kernels.pure : nullptr;
        }
        return family == Family::value ? kernels.value : kernels.map;
    }
    // Calls the kernel; false if there is none, or if it failed.
    bool make(const TypeKernels &kernels) {
        const Rows from = rows_of(images, true), to = rows_of(glimpses, true);
        ExtractKernel *const kernel = form(kernels, from, to);
        if (kernel == nullptr) {
            return false;
        }
        const Buffer<4> image_buffer = buffer_of(from, 0, from.count);
        const Buffer<4> glimpse_buffer = buffer_of(to, 0, to.count);
        const Buffer<2> position_buffer = buffer_of(positions, to.count);
        const auto call_kernel = [&](halide_buffer_t *fill, halide_buffer_t *noise) {
            CallError error;
            return kernel(&error, image_buffer, position_buffer, fill, noise, int32_t(from.samples),
                          int32_t(options.border), 0, 0, 0, glimpse_buffer) == 0;
        };
        if (kernel == kernels.inside || kernel == kernels.map) {
            return call_kernel(position_buffer, position_buffer);  // the form reads none
        }
        static constexpr uint32_t zeros[most_channels + pattern_padding] = {};
        uint32_t values[most_channels + pattern_padding];
        const int64_t length = from.samples + pattern_padding;
        const void *filled = zeros;
        if (options.border == Border::constant) {
            write_fill(options.value.span(), images.type, from.samples, length, values);
            filled = values;
        } else if (options.border == Border::mean) {
            write_mean_fill(options.statistics.data, images.type, from.samples, length, values);
            filled = values;
        }
        const Buffer<3> fill(filled, element_type(from), {length, 1, to.count}, {1, 0, 0});
        const Buffer<4> noise(zeros, halide_type_t(halide_type_float, 32),
                              {length, noise_fields, 1, to.count}, {0, 0, 0, 0});
        return call_kernel(fill, noise);
    }
};

}  // namespace

bool extract_small(const ConstView &images, const Places &places, const ConstView &glimpses,
                   const Options &options, const Context::Impl &context) noexcept {
    const int64_t size = size_in_bytes(images.type);
    ByteRange read, written, of_places, of_index = {}, of_value = {}, of_statistics = {};
    if (!context.status.ok() || context.stages() || context.only_pure || is_sanitized() ||
        images.type != glimpses.type || size == 0 || !is_plain(options) ||
        !is_plain(images, size, &read) || !is_plain(glimpses, size, &written) ||
        images.shape.channels != glimpses.shape.channels) {
        return false;
    }
    const AskedPlaces asked(places, options.coordinates);
    const auto is_array = [](const auto &span, ByteRange *range) { return is_plain(span, range); };
    const size_t indices = options.image_index.size, values = options.value.size();
    const auto count = size_t(glimpses.shape.count), image_count = size_t(images.shape.count);
    if (element_count(glimpses.shape) * size > largest_small_glimpses ||
        count > size_t(largest_run) || asked.size != count ||
        !(places.is_boxes()     ? is_array(places.boxes(), &of_places)
          : places.is_offsets() ? is_array(places.offsets(), &of_places)
                                : is_array(places.origins(), &of_places)) ||
        ((asked.is_offsets() || asked.is_boxes()) &&
         !check_coordinates(options.coordinates).ok()) ||
        (indices == 0 ? image_count != 1 && image_count != count
                      : indices != count || !is_array(options.image_index, &of_index)) ||
        (values > 1 && values != size_t(images.shape.channels)) ||
        (values > 0 && !is_array(options.value.span(), &of_value)) ||
        (options.border == Border::mean &&
         (image_count != 1 || options.statistics.size != size_t(images.shape.channels) ||
          !is_array(options.statistics, &of_statistics) || intersect(of_statistics, written))) ||
        intersect(read, written) || intersect(of_places, written) || intersect(of_index, written) ||
        intersect(of_value, written)) {
        return false;
    }
    const TypeKernels &kernels = context.host.kernels->of_type[int(images.type)];
    SmallCall call(images, glimpses, options);
    return kernels.inside != nullptr && (!asked.is_boxes() || copies_windows(kernels, options)) &&
           call.place_all(asked) && call.make(kernels);
}

}  // namespace glimpse
