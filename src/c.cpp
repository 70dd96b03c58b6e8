// The C interface: arguments of C become those of C++, and statuses become codes and texts.
#include "glimpse/c.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <new>

#include "glimpse/bayer.h"
#include "glimpse/boxes.h"
#include "glimpse/copy.h"
#include "glimpse/explain.h"
#include "glimpse/extract.h"
#include "glimpse/frame.h"
#include "glimpse/statistics.h"
#include "glimpse/tensorflow.h"
#include "glimpse/thread_pool.h"
#include "try.h"

// What the caller of C gets for a context: threads of its own, and the context that uses them.
struct glimpse_context {
    glimpse_context(int threads, const glimpse::ContextOptions &options) noexcept
        : pool(threads),
          executor(options.executor.parallel_for != nullptr ? options.executor : pool.executor()),
          context(with_executor(options)) {
    }

    glimpse::ThreadPool pool;
    const glimpse::Executor executor;
    glimpse::Context context;

private:
    glimpse::ContextOptions with_executor(glimpse::ContextOptions options) const noexcept {
        options.executor = executor;
        return options;
    }
};

namespace glimpse {
namespace {

// The layout of public structs: numbers, so that none changes unseen.
static_assert(sizeof(void *) == 8 && sizeof(size_t) == 8, "these are of 64-bit machines");
static_assert(sizeof(glimpse_view) == 128 && offsetof(glimpse_view, count) == 16 &&
              offsetof(glimpse_view, image_stride) == 48 &&
              offsetof(glimpse_view, bounds_begin) == 80 && offsetof(glimpse_view, reserved) == 96);
static_assert(sizeof(glimpse_frame) == 456 && offsetof(glimpse_frame, planes) == 8 &&
              offsetof(glimpse_frame, height) == 392 && offsetof(glimpse_frame, matrix) == 408 &&
              offsetof(glimpse_frame, reserved) == 424);
static_assert(sizeof(glimpse_variant) == 32 && offsetof(glimpse_variant, usable) == 24);
static_assert(sizeof(glimpse_context_options) == 56 &&
              offsetof(glimpse_context_options, threads) == 16 &&
              offsetof(glimpse_context_options, parallel_for) == 24 &&
              offsetof(glimpse_context_options, cuda_stream) == 48);
static_assert(sizeof(glimpse_images) == 24 && offsetof(glimpse_images, frame) == 16);
static_assert(sizeof(glimpse_glimpses) == 24 && offsetof(glimpse_glimpses, frame) == 16);
static_assert(sizeof(glimpse_places) == 48 && offsetof(glimpse_places, count) == 32 &&
              offsetof(glimpse_places, memory) == 40);
static_assert(sizeof(glimpse_options) == 144 && offsetof(glimpse_options, value) == 16 &&
              offsetof(glimpse_options, image_index) == 32 &&
              offsetof(glimpse_options, statistics) == 48 &&
              offsetof(glimpse_options, seed) == 64 && offsetof(glimpse_options, filter) == 88 &&
              offsetof(glimpse_options, channel_count) == 104 &&
              offsetof(glimpse_options, subtract) == 112);
static_assert(sizeof(glimpse_explanation) == 136);
static_assert(sizeof(glimpse_tensor) == 32 && offsetof(glimpse_tensor, memory) == 24);
static_assert(sizeof(glimpse_tensorflow_attributes) == 40 &&
              offsetof(glimpse_tensorflow_attributes, version) == 24);
// Arrays of these are passed on as they are.
static_assert(sizeof(glimpse_origin) == sizeof(Origin) &&
              sizeof(glimpse_offset) == sizeof(Offset) && sizeof(glimpse_box) == sizeof(Box) &&
              offsetof(glimpse_box, y1) == offsetof(Box, y1));
static_assert(sizeof(glimpse_channel_statistics) == sizeof(ChannelStatistics) &&
              offsetof(glimpse_channel_statistics, mean) == offsetof(ChannelStatistics, mean) &&
              offsetof(glimpse_channel_statistics, stddev) == offsetof(ChannelStatistics, stddev));
static_assert(sizeof(glimpse_wide_origin) == sizeof(tensorflow::WideOrigin));
static_assert(GLIMPSE_INTERNAL == int(StatusCode::internal) &&
              GLIMPSE_FLOAT32 == int(ElementType::float32) &&
              GLIMPSE_BORDER_GAUSSIAN == int(Border::gaussian) &&
              GLIMPSE_CENTERED_NORMALIZED == int(Coordinates::centered_normalized) &&
              GLIMPSE_FILTER_AREA == int(Filter::area) &&
              GLIMPSE_EDGE_RENORMALIZE == int(Edge::renormalize) &&
              GLIMPSE_FIT_ULTRALYTICS == int(Fit::ultralytics) &&
              GLIMPSE_P010 == int(PixelFormat::p010) && GLIMPSE_RGB565 == pixel_format_count - 1 &&
              GLIMPSE_MATRIX_BT2020 == matrix_count - 1 && GLIMPSE_RANGE_FULL == range_count - 1 &&
              GLIMPSE_SITING_TOP_LEFT == siting_count - 1 &&
              GLIMPSE_MEMORY_CUDA == int(Memory::cuda));

glimpse_code report(const Status &status, char *message, size_t message_bytes) noexcept {
    if (message != nullptr && message_bytes > 0) {
        const size_t length = std::min(strlen(status.message()), message_bytes - 1);
        memcpy(message, status.message(), length);
        message[length] = '\0';
    }
    return glimpse_code(status.code());
}

Context &context_of(glimpse_context *context) noexcept {
    return context == nullptr ? default_context() : context->context;
}

// ---- structs that may grow ----

// Larger ones than this are taken for memory that nobody has initialised.
constexpr size_t largest_struct = 4096;

Status check_size(size_t size, const char *name, const char *initialiser) noexcept {
    // Fields are cut nowhere: pointers and pairs of the rest are of 8 bytes.
    if (size < sizeof(size_t) || size > largest_struct || size % 8 != 0) {
        return Status(StatusCode::invalid_value,
                      "%s has size %zu; expected a struct that was made by %s", name, size,
                      initialiser);
    }
    return {};
}

// Copies what a caller's struct has, which may be of an older or a newer header, to `*taken`, which
// has the defaults.
template<typename Struct>
Status take(const Struct *given, const char *name, const char *initialiser,
            Struct *taken) noexcept {
    if (given == nullptr) {
        return {StatusCode::null_pointer, "%s is null", name};
    }
    const size_t size = given->size;
    GLIMPSE_TRY(check_size(size, name, initialiser));
    const auto *const bytes = reinterpret_cast<const unsigned char *>(given);
    for (size_t i = sizeof(Struct); i < size; i++) {
        if (bytes[i] != 0) {
            return Status(StatusCode::invalid_value,
                          "%s has %zu bytes, and byte %zu is not 0; this library knows the first "
                          "%zu",
                          name, size, i, sizeof(Struct));
        }
    }
    memcpy(taken, given, std::min(size, sizeof(Struct)));
    return {};
}

Status check_reserved(bool is_zero, const char *name) noexcept {
    return is_zero ? Status()
                   : Status(StatusCode::invalid_value, "a reserved word of %s is not 0", name);
}

// ---- from C to C++ ----

// An enumerator of one byte: a number that has no room is one that is none.
template<typename Enum>
Enum narrow(int32_t number) noexcept {
    return Enum(number < 0 || number > UINT8_MAX ? UINT8_MAX : number);
}

bool is_reserved_zero(const uint64_t (&words)[4]) noexcept {
    return (words[0] | words[1] | words[2] | words[3]) == 0;
}

View view_of(const glimpse_view &v) noexcept {
    View view(v.data, narrow<ElementType>(v.type), {v.count, v.height, v.width, v.channels},
              {v.image_stride, v.row_stride, v.column_stride, v.channel_stride});
    view.memory = narrow<Memory>(v.memory);
    view.bounds = {v.bounds_begin, size_t(v.bounds_bytes)};
    return view;
}

glimpse_view to_c(const ConstView &v) noexcept {
    glimpse_view view = {};
    view.data = const_cast<void *>(v.data);
    view.type = int32_t(v.type);
    view.memory = int32_t(v.memory);
    view.count = v.shape.count;
    view.height = v.shape.height;
    view.width = v.shape.width;
    view.channels = v.shape.channels;
    view.image_stride = v.strides.image;
    view.row_stride = v.strides.row;
    view.column_stride = v.strides.column;
    view.channel_stride = v.strides.channel;
    view.bounds_begin = v.bounds.begin;
    view.bounds_bytes = v.bounds.bytes;
    return view;
}

// Images or glimpses: a view or a frame.
struct Pixels {
    bool is_frame = false;
    View view;
    Frame frame;
};

Status take_view(const glimpse_view *view, const char *name, View *taken) noexcept {
    if (view == nullptr) {
        return {StatusCode::null_pointer, "%s is null", name};
    }
    GLIMPSE_TRY(check_reserved(is_reserved_zero(view->reserved), name));
    *taken = view_of(*view);
    return {};
}

Status take_frame(const glimpse_frame &frame, const char *name, Frame *taken) noexcept {
    GLIMPSE_TRY(check_reserved(frame.reserved_0 == 0 && is_reserved_zero(frame.reserved), name));
    taken->format = PixelFormat(frame.format);
    taken->height = frame.height;
    taken->width = frame.width;
    taken->color = {Matrix(frame.matrix), Range(frame.range), Siting(frame.siting),
                    frame.nearest_chroma != 0};
    for (int p = 0; p < 3; p++) {
        GLIMPSE_TRY(take_view(&frame.planes[p], name, &taken->planes[p]));
    }
    taken->count = taken->planes[0].shape.count;
    return {};
}

template<typename Struct>
Status take_pixels(const Struct *given, const char *name, const char *initialiser,
                   Pixels *pixels) noexcept {
    Struct taken = {sizeof(Struct), nullptr, nullptr};
    GLIMPSE_TRY(take(given, name, initialiser, &taken));
    if (taken.view != nullptr && taken.frame != nullptr) {
        return {StatusCode::conflicting_arguments,
                "%s have a view and a frame; expected one of the two", name};
    }
    if (taken.view == nullptr && taken.frame == nullptr) {
        return {StatusCode::null_pointer, "%s have neither a view nor a frame (null)", name};
    }
    pixels->is_frame = taken.frame != nullptr;
    return pixels->is_frame ? take_frame(*taken.frame, name, &pixels->frame)
                            : take_view(taken.view, name, &pixels->view);
}

Status take_images(const glimpse_images *given, Pixels *pixels) noexcept {
    return take_pixels(given, "images", "GLIMPSE_IMAGES_INIT", pixels);
}

Status take_glimpses(const glimpse_glimpses *given, Pixels *pixels) noexcept {
    return take_pixels(given, "glimpses", "GLIMPSE_GLIMPSES_INIT", pixels);
}

template<typename To, typename From>
Span<const To> span_of(const From *data, size_t count, int32_t memory = GLIMPSE_MEMORY_HOST) {
    return Span<const To>(reinterpret_cast<const To *>(data), count).on(narrow<Memory>(memory));
}

template<typename To, typename From>
Span<To> written_span(From *data, size_t count) noexcept {
    return {reinterpret_cast<To *>(data), count};
}

Status take_places(const glimpse_places *given, Places *places) noexcept {
    glimpse_places p = GLIMPSE_PLACES_INIT;
    GLIMPSE_TRY(take(given, "places", "GLIMPSE_PLACES_INIT", &p));
    GLIMPSE_TRY(check_reserved(p.reserved_0 == 0, "places"));
    const int kinds = (p.origins != nullptr) + (p.offsets != nullptr) + (p.boxes != nullptr);
    if (kinds > 1) {
        return {StatusCode::conflicting_arguments,
                "places have %d of origins, offsets and boxes; expected one of the three", kinds};
    }
    if (p.offsets != nullptr) {
        *places = span_of<Offset>(p.offsets, p.count, p.memory);
    } else if (p.boxes != nullptr) {
        *places = span_of<Box>(p.boxes, p.count, p.memory);
    } else {
        *places = span_of<Origin>(p.origins, p.count, p.memory);
    }
    return {};
}

// The origins of what takes nothing else.
Status only_origins(const Places &places, Span<const Origin> *origins) noexcept {
    if (places.is_offsets() || places.is_boxes()) {
        return {StatusCode::conflicting_arguments,
                "places have offsets or boxes; expected origins with mosaics"};
    }
    *origins = places.origins();
    return {};
}

Status take_options(const glimpse_options *given, Options *options) noexcept {
    glimpse_options o = GLIMPSE_OPTIONS_INIT;
    if (given != nullptr) {
        GLIMPSE_TRY(take(given, "options", "GLIMPSE_OPTIONS_INIT", &o));
    }
    GLIMPSE_TRY(
        check_reserved((o.reserved_0[0] | o.reserved_0[1] | o.reserved_0[2]) == 0, "options"));
    options->border = Border(o.border);
    options->value = PerChannel(o.value, o.value_count);
    options->exact_fill = o.exact_fill != 0;
    options->coordinates = Coordinates(o.coordinates);
    options->image_index =
        span_of<int32_t>(o.image_index, o.image_index_count, o.image_index_memory);
    options->statistics =
        span_of<ChannelStatistics>(o.statistics, o.statistics_count, o.statistics_memory);
    options->seed = o.seed;
    options->first_image = o.first_image;
    options->sampling = {Filter(o.filter), o.antialias != 0, Edge(o.edge), o.edge_margin};
    options->channel_order.count = o.channel_count;
    std::copy(std::begin(o.channel_from), std::end(o.channel_from), options->channel_order.from);
    options->subtract = PerChannel(o.subtract, o.subtract_count);
    options->multiply = PerChannel(o.multiply, o.multiply_count);
    return {};
}

// The arguments of glimpse_extract() and of what is like it.
struct Arguments {
    Pixels images, glimpses;
    Places places = Span<const Origin>();
    Options options;

    Status take(const glimpse_images *images_, const glimpse_places *places_,
                const glimpse_glimpses *glimpses_, const glimpse_options *options_) noexcept {
        GLIMPSE_TRY(take_images(images_, &images));
        GLIMPSE_TRY(take_places(places_, &places));
        GLIMPSE_TRY(take_glimpses(glimpses_, &glimpses));
        GLIMPSE_TRY(take_options(options_, &options));
        return {};
    }

    // Fails if they are frames.
    Status only_views(const char *function) const noexcept {
        if (!images.is_frame && !glimpses.is_frame) {
            return {};
        }
        return {StatusCode::conflicting_arguments, "%s are a frame; %s takes views",
                images.is_frame ? "images" : "glimpses", function};
    }
};

Status take_attributes(const glimpse_tensorflow_attributes *given,
                       tensorflow::Attributes *attributes) noexcept {
    glimpse_tensorflow_attributes a = GLIMPSE_TENSORFLOW_ATTRIBUTES_INIT;
    if (given != nullptr) {
        GLIMPSE_TRY(take(given, "attributes", "GLIMPSE_TENSORFLOW_ATTRIBUTES_INIT", &a));
    }
    *attributes = {};
    attributes->version = tensorflow::Version(a.version);
    attributes->centered = a.centered != 0;
    attributes->normalized = a.normalized != 0;
    attributes->uniform_noise = a.uniform_noise != 0;
    attributes->noise = a.noise;
    attributes->seed = a.seed;
    return {};
}

template<typename T>
Status take_tensor(const glimpse_tensor *tensor, const char *name,
                   tensorflow::Tensor<T> *taken) noexcept {
    if (tensor == nullptr) {
        return {StatusCode::null_pointer, "%s is null", name};
    }
    GLIMPSE_TRY(check_reserved(tensor->reserved_0 == 0, name));
    taken->data = static_cast<T *>(tensor->data);
    taken->shape = {tensor->shape, tensor->rank};
    taken->memory = narrow<Memory>(tensor->memory);
    return {};
}

Size size_of(const glimpse_size &size) noexcept {
    return {size.height, size.width};
}

Box box_of(const glimpse_box &box) noexcept {
    return {box.y0, box.x0, box.y1, box.x1};
}

glimpse_rect to_c(const Rect &rect) noexcept {
    return {rect.y, rect.x, rect.height, rect.width};
}

// ---- what takes more than a line ----

Status make_frame(int32_t format, int64_t height, int64_t width, const void *const *data,
                  const int64_t *pitches, glimpse_frame *frame) noexcept {
    const int planes = plane_count(PixelFormat(format));
    if (planes == 0) {
        return {StatusCode::unknown_enumerator, "format is %d; expected 0 to %d", format,
                pixel_format_count - 1};
    }
    if (data == nullptr || pitches == nullptr || frame == nullptr) {
        return {StatusCode::null_pointer, "%s is null",
                data == nullptr      ? "data"
                : pitches == nullptr ? "pitches"
                                     : "frame"};
    }
    *frame = {};
    frame->format = format;
    frame->height = height;
    frame->width = width;
    for (int p = 0; p < planes; p++) {
        const auto f = PixelFormat(format);
        const Shape shape = plane_shape(f, p, 1, height, width);
        frame->planes[p] =
            to_c(ConstView::interleaved(data[p], element_type(f), shape).pitch_bytes(pitches[p]));
    }
    return {};
}

Status create(const glimpse_context_options *options, glimpse_context **made) noexcept {
    if (made == nullptr) {
        return {StatusCode::null_pointer, "context is null"};
    }
    *made = nullptr;
    glimpse_context_options o = GLIMPSE_CONTEXT_OPTIONS_INIT;
    if (options != nullptr) {
        GLIMPSE_TRY(take(options, "options", "GLIMPSE_CONTEXT_OPTIONS_INIT", &o));
    }
    if (o.threads < 0) {
        return {StatusCode::invalid_value, "threads is %d; expected 0 or more", o.threads};
    }
    if (o.parallel_for != nullptr && o.threads != 1) {
        return {StatusCode::conflicting_arguments,
                "threads is %d with a parallel_for; expected 1, or no parallel_for", o.threads};
    }
    ContextOptions taken;
    taken.variant = o.variant;
    taken.executor = {o.parallel_for, o.executor_state, o.executor_width};
    taken.cuda_context = o.cuda_context;
    taken.cuda_stream = o.cuda_stream;
    auto *const context = new (std::nothrow) glimpse_context(o.threads, taken);
    if (context == nullptr) {
        return {StatusCode::out_of_memory, "there is no memory for a context"};
    }
    const Status status = context->context.status();
    if (!status.ok()) {
        delete context;
        return status;
    }
    *made = context;
    return {};
}

Status extract_arguments(const Arguments &a, Context &context) noexcept {
    if (!a.images.is_frame && !a.glimpses.is_frame) {
        return extract(a.images.view, a.places, a.glimpses.view, a.options, context);
    }
    const Images images = a.images.is_frame ? Images(a.images.frame) : Images(a.images.view);
    return extract(images, a.places,
                   a.glimpses.is_frame ? Glimpses(a.glimpses.frame) : Glimpses(a.glimpses.view),
                   a.options, context);
}

glimpse_explanation to_c(const Explanation &e) noexcept {
    glimpse_explanation c = GLIMPSE_EXPLANATION_INIT;
    c.image = e.image;
    c.channel = e.channel;
    c.origin = {e.origin.y, e.origin.x};
    c.point_y = e.point_y;
    c.point_x = e.point_x;
    c.plane_y = e.plane_y;
    c.plane_x = e.plane_x;
    c.source_y = e.source_y;
    c.source_x = e.source_x;
    c.statistics = {e.statistics.min, e.statistics.max, e.statistics.mean, e.statistics.stddev};
    c.form = e.form;
    c.variant = e.variant;
    c.is_sampled = e.is_sampled ? 1 : 0;
    c.is_of_image = e.is_of_image ? 1 : 0;
    c.has_statistics = e.has_statistics ? 1 : 0;
    c.is_converted = e.is_converted ? 1 : 0;
    return c;
}

}  // namespace
}  // namespace glimpse

// ---- the functions ----

using namespace glimpse;  // NOLINT(google-build-using-namespace): all that follows is of C

const char *glimpse_code_name(glimpse_code code) {
    return name(StatusCode(code));
}

const char *glimpse_version(void) {
    return version();
}

const char *glimpse_type_name(int32_t type) {
    return name(narrow<ElementType>(type));
}

const char *glimpse_border_name(int32_t border) {
    return name(Border(border));
}

const char *glimpse_coordinates_name(int32_t coordinates) {
    return name(Coordinates(coordinates));
}

const char *glimpse_filter_name(int32_t filter) {
    return name(Filter(filter));
}

const char *glimpse_edge_name(int32_t edge) {
    return name(Edge(edge));
}

glimpse_view glimpse_interleaved(const void *data, int32_t type, int64_t count, int64_t height,
                                 int64_t width, int64_t channels) {
    return to_c(
        ConstView::interleaved(data, narrow<ElementType>(type), {count, height, width, channels}));
}

glimpse_view glimpse_planar(const void *data, int32_t type, int64_t count, int64_t height,
                            int64_t width, int64_t channels) {
    return to_c(
        ConstView::planar(data, narrow<ElementType>(type), {count, height, width, channels}));
}

glimpse_view glimpse_pitch_bytes(glimpse_view view, int64_t bytes) {
    return to_c(view_of(view).pitch_bytes(bytes));
}

glimpse_view glimpse_region(glimpse_view view, int64_t y, int64_t x, int64_t height,
                            int64_t width) {
    return to_c(view_of(view).region(y, x, height, width));
}

glimpse_view glimpse_image(glimpse_view view, int64_t first, int64_t count) {
    return to_c(view_of(view).image(first, count));
}

glimpse_view glimpse_flipped(glimpse_view view) {
    return to_c(view_of(view).flipped());
}

glimpse_code glimpse_make_frame(int32_t format, int64_t height, int64_t width,
                                const void *const *data, const int64_t *pitches,
                                glimpse_frame *frame, char *message, size_t message_bytes) {
    return report(make_frame(format, height, width, data, pitches, frame), message, message_bytes);
}

size_t glimpse_variants(glimpse_variant *written, size_t capacity) {
    const Span<const Variant> all = variants();
    for (size_t i = 0; i < std::min(all.size, capacity); i++) {
        const Variant &v = all.data[i];
        written[i] = {v.name, v.target, v.reason, v.usable ? 1 : 0, 0};
    }
    return all.size;
}

glimpse_code glimpse_context_create(const glimpse_context_options *options,
                                    glimpse_context **context, char *message,
                                    size_t message_bytes) {
    return report(create(options, context), message, message_bytes);
}

void glimpse_context_destroy(glimpse_context *context) {
    delete context;
}

const char *glimpse_context_variant(glimpse_context *context) {
    const Variant *const variant = context_of(context).variant();
    return variant == nullptr ? nullptr : variant->name;
}

int32_t glimpse_context_threads(glimpse_context *context) {
    return context == nullptr ? 1 : std::max(context->executor.width, 1);
}

glimpse_code glimpse_context_warm_up(glimpse_context *context, char *message,
                                     size_t message_bytes) {
    return report(context_of(context).warm_up(), message, message_bytes);
}

glimpse_code glimpse_context_reserve(glimpse_context *context, int32_t calls, char *message,
                                     size_t message_bytes) {
    return report(context_of(context).reserve(calls), message, message_bytes);
}

glimpse_code glimpse_context_synchronize(glimpse_context *context, char *message,
                                         size_t message_bytes) {
    return report(context_of(context).synchronize(), message, message_bytes);
}

glimpse_code glimpse_extract(const glimpse_images *images, const glimpse_places *places,
                             const glimpse_glimpses *glimpses, const glimpse_options *options,
                             glimpse_context *context, char *message, size_t message_bytes) {
    Arguments arguments;
    Status status = arguments.take(images, places, glimpses, options);
    if (status.ok()) {
        status = extract_arguments(arguments, context_of(context));
    }
    return report(status, message, message_bytes);
}

glimpse_code glimpse_extract_bayer(const glimpse_images *mosaics, const glimpse_places *places,
                                   const glimpse_glimpses *glimpses, const glimpse_options *options,
                                   glimpse_context *context, char *message, size_t message_bytes) {
    const auto run = [&]() -> Status {
        Arguments a;
        Span<const Origin> origins;
        GLIMPSE_TRY(a.take(mosaics, places, glimpses, options));
        GLIMPSE_TRY(a.only_views("glimpse_extract_bayer()"));
        GLIMPSE_TRY(only_origins(a.places, &origins));
        return extract_bayer(a.images.view, origins, a.glimpses.view, a.options,
                             context_of(context));
    };
    return report(run(), message, message_bytes);
}

glimpse_code glimpse_compute_statistics(const glimpse_images *images,
                                        glimpse_channel_statistics *statistics, size_t count,
                                        int32_t memory, glimpse_context *context, char *message,
                                        size_t message_bytes) {
    const auto run = [&]() -> Status {
        Pixels pixels;
        GLIMPSE_TRY(take_images(images, &pixels));
        const Span<ChannelStatistics> written =
            written_span<ChannelStatistics>(statistics, count).on(narrow<Memory>(memory));
        return pixels.is_frame ? compute_statistics(pixels.frame, written, context_of(context))
                               : compute_statistics(pixels.view, written, context_of(context));
    };
    return report(run(), message, message_bytes);
}

glimpse_code glimpse_copy(const glimpse_view *from, const glimpse_view *to,
                          glimpse_context *context, char *message, size_t message_bytes) {
    View source, target;
    Status status = take_view(from, "from", &source);
    if (status.ok()) {
        status = take_view(to, "to", &target);
    }
    if (status.ok()) {
        status = copy(source, target, context_of(context));
    }
    return report(status, message, message_bytes);
}

glimpse_code glimpse_normalization(const float *mean, const float *stddev, size_t count,
                                   double scale, float *subtract, float *multiply, char *message,
                                   size_t message_bytes) {
    return report(
        normalization({mean, count}, {stddev, count}, scale, {subtract, count}, {multiply, count}),
        message, message_bytes);
}

glimpse_code glimpse_origins(const glimpse_offset *offsets, size_t count, glimpse_size image,
                             glimpse_size glimpse, int32_t coordinates, glimpse_origin *written,
                             char *message, size_t message_bytes) {
    return report(origins(span_of<Offset>(offsets, count), size_of(image), size_of(glimpse),
                          Coordinates(coordinates), written_span<Origin>(written, count)),
                  message, message_bytes);
}

glimpse_rect glimpse_visible_at_origin(glimpse_origin origin, glimpse_size image,
                                       glimpse_size glimpse) {
    return to_c(visible(Origin{origin.y, origin.x}, size_of(image), size_of(glimpse)));
}

glimpse_rect glimpse_visible_of_box(glimpse_box box, glimpse_size image, glimpse_size glimpse) {
    return to_c(visible(box_of(box), size_of(image), size_of(glimpse)));
}

glimpse_code glimpse_centered_boxes(const glimpse_offset *centers, size_t count, glimpse_size image,
                                    glimpse_size glimpse, int32_t coordinates, glimpse_box *boxes,
                                    char *message, size_t message_bytes) {
    return report(centered_boxes(span_of<Offset>(centers, count), size_of(image), size_of(glimpse),
                                 Coordinates(coordinates), written_span<Box>(boxes, count)),
                  message, message_bytes);
}

glimpse_code glimpse_retina_boxes(const glimpse_offset *centers, size_t count, glimpse_size image,
                                  glimpse_size glimpse, int32_t coordinates, int32_t levels,
                                  glimpse_box *boxes, char *message, size_t message_bytes) {
    size_t written = 0;
    if (levels > 0 && __builtin_mul_overflow(count, size_t(levels), &written)) {
        return report({StatusCode::too_large, "there would be %zu x %d boxes", count, levels},
                      message, message_bytes);
    }
    return report(retina_boxes(span_of<Offset>(centers, count), size_of(image), size_of(glimpse),
                               Coordinates(coordinates), levels, written_span<Box>(boxes, written)),
                  message, message_bytes);
}

glimpse_code glimpse_fit_boxes(const glimpse_box *regions, size_t count, glimpse_size glimpse,
                               int32_t fit, glimpse_box *boxes, char *message,
                               size_t message_bytes) {
    return report(fit_boxes(span_of<Box>(regions, count), size_of(glimpse), Fit(fit),
                            written_span<Box>(boxes, count)),
                  message, message_bytes);
}

glimpse_code glimpse_tracker_boxes(const glimpse_box *targets, size_t count, float context_amount,
                                   float scale, glimpse_box *boxes, char *message,
                                   size_t message_bytes) {
    return report(tracker_boxes(span_of<Box>(targets, count), context_amount, scale,
                                written_span<Box>(boxes, count)),
                  message, message_bytes);
}

glimpse_offset glimpse_in_image(glimpse_offset point, glimpse_box box, glimpse_size glimpse) {
    const Offset found = in_image({point.y, point.x}, box_of(box), size_of(glimpse));
    return {found.y, found.x};
}

glimpse_code glimpse_explain(const glimpse_images *images, const glimpse_places *places,
                             const glimpse_glimpses *glimpses, size_t glimpse, int64_t y, int64_t x,
                             int64_t channel, glimpse_explanation *explanation,
                             const glimpse_options *options, glimpse_context *context,
                             char *message, size_t message_bytes) {
    const auto run = [&]() -> Status {
        if (explanation == nullptr) {
            return {StatusCode::null_pointer, "explanation is null"};
        }
        const size_t size = explanation->size;
        GLIMPSE_TRY(check_size(size, "explanation", "GLIMPSE_EXPLANATION_INIT"));
        Arguments a;
        GLIMPSE_TRY(a.take(images, places, glimpses, options));
        GLIMPSE_TRY(a.only_views("glimpse_explain()"));
        Explanation found;
        GLIMPSE_TRY(explain(a.images.view, a.places, a.glimpses.view, glimpse, {y, x, channel},
                            &found, a.options, context_of(context)));
        glimpse_explanation c = to_c(found);
        c.size = size;
        memset(explanation, 0, size);
        memcpy(explanation, &c, std::min(size, sizeof(c)));
        return {};
    };
    return report(run(), message, message_bytes);
}

glimpse_code
glimpse_tensorflow_extract_glimpse(const glimpse_tensor *input, const glimpse_tensor *size,
                                   const glimpse_tensor *offsets, const glimpse_tensor *output,
                                   const glimpse_tensorflow_attributes *attributes,
                                   glimpse_context *context, char *message, size_t message_bytes) {
    const auto run = [&]() -> Status {
        tensorflow::Tensor<const float> in, places;
        tensorflow::Tensor<const int32_t> extents;
        tensorflow::Tensor<float> out;
        tensorflow::Attributes taken;
        GLIMPSE_TRY(take_tensor(input, "input", &in));
        GLIMPSE_TRY(take_tensor(size, "size", &extents));
        GLIMPSE_TRY(take_tensor(offsets, "offsets", &places));
        GLIMPSE_TRY(take_tensor(output, "output", &out));
        GLIMPSE_TRY(take_attributes(attributes, &taken));
        return tensorflow::extract_glimpse(in, extents, places, out, taken, context_of(context));
    };
    return report(run(), message, message_bytes);
}

glimpse_code glimpse_tensorflow_origins(const glimpse_offset *offsets, size_t count,
                                        glimpse_size image, glimpse_size glimpse,
                                        const glimpse_tensorflow_attributes *attributes,
                                        glimpse_wide_origin *written, char *message,
                                        size_t message_bytes) {
    tensorflow::Attributes taken;
    Status status = take_attributes(attributes, &taken);
    if (status.ok()) {
        status =
            tensorflow::origins(span_of<Offset>(offsets, count), size_of(image), size_of(glimpse),
                                taken, written_span<tensorflow::WideOrigin>(written, count));
    }
    return report(status, message, message_bytes);
}

glimpse_origin glimpse_tensorflow_clamp(glimpse_wide_origin origin, glimpse_size glimpse) {
    const Origin clamped = tensorflow::clamp({origin.y, origin.x}, size_of(glimpse));
    return {clamped.y, clamped.x};
}

glimpse_code glimpse_tensorflow_boxes(const glimpse_box *boxes, size_t count, glimpse_size image,
                                      glimpse_size crop, glimpse_box *result, char *message,
                                      size_t message_bytes) {
    return report(tensorflow::boxes(span_of<Box>(boxes, count), size_of(image), size_of(crop),
                                    written_span<Box>(result, count)),
                  message, message_bytes);
}
