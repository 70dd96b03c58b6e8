// The C interface: all that the C++ API does, as plain C11, for C and for the languages that call
// C. Link libglimpse.so (CMake: Glimpse::glimpse_shared, pkg-config: glimpse-shared), or
// libglimpse.a.
//
//     static uint8_t frame[1080 * 1920 * 3], pixels[2 * 64 * 64 * 3];
//     const glimpse_view image = glimpse_interleaved(frame, GLIMPSE_UINT8, 1, 1080, 1920, 3);
//     const glimpse_view out = glimpse_interleaved(pixels, GLIMPSE_UINT8, 2, 64, 64, 3);
//     const glimpse_origin origins[] = {{500, 900}, {-32, 1888}};
//     glimpse_images images = GLIMPSE_IMAGES_INIT;
//     glimpse_places places = GLIMPSE_PLACES_INIT;
//     glimpse_glimpses glimpses = GLIMPSE_GLIMPSES_INIT;
//     glimpse_options options = GLIMPSE_OPTIONS_INIT;
//     char message[GLIMPSE_MESSAGE_BYTES];
//     images.view = &image;
//     places.origins = origins;
//     places.count = 2;
//     glimpses.view = &out;
//     options.border = GLIMPSE_BORDER_REFLECT101;
//     if (glimpse_extract(&images, &places, &glimpses, &options, NULL, message, sizeof(message))) {
//         fprintf(stderr, "%s\n", message);
//     }
//
// The headers of C++ say what each function does: what stands here is how C says it.
//
// Results. A function that can fail returns a code, 0 for success, and writes a text to `message`,
// which has `message_bytes` bytes: one line that names what was wrong, cut to fit and ended by a
// zero; empty on success. `message` may be null. Whatever else a call writes is as it was when the
// call fails.
//
// Contexts. Null is the context that all calls share which name none. A context is all that the
// library allocates for the caller to free.
//
// Structs that begin with their size are made by the initialiser of their name, which sets the
// defaults: not all of them are zero. They may grow: a library takes those of older headers, and
// those of newer ones as long as all that it does not know is zero. Structs that lie in arrays do
// not grow; the reserved words of some are zero. Enumerators are passed as int32_t.
//
// Threads, aliasing and lifetimes are those of the C++ functions: what an argument points to is
// read until the call returns, and in device memory until the stream has passed.
#ifndef GLIMPSE_C_H_
#define GLIMPSE_C_H_

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define GLIMPSE_API __attribute__((visibility("default")))
#else
#define GLIMPSE_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

// ---- results (glimpse/status.h) ----

// What a call returns: one of the codes.
typedef int32_t glimpse_code;

enum glimpse_status_code {
    GLIMPSE_OK = 0,
    GLIMPSE_NULL_POINTER = 1,
    GLIMPSE_NEGATIVE_SHAPE = 2,
    GLIMPSE_TOO_LARGE = 3,
    GLIMPSE_INVALID_STRIDES = 4,
    GLIMPSE_MISALIGNED = 5,
    GLIMPSE_UNSUPPORTED_TYPE = 6,
    GLIMPSE_TYPE_MISMATCH = 7,
    GLIMPSE_CHANNEL_MISMATCH = 8,
    GLIMPSE_SIZE_MISMATCH = 9,
    GLIMPSE_COUNT_MISMATCH = 10,
    GLIMPSE_INVALID_IMAGE_INDEX = 11,
    GLIMPSE_OFFSET_NOT_FINITE = 12,
    GLIMPSE_ORIGIN_OUT_OF_RANGE = 13,
    GLIMPSE_UNKNOWN_ENUMERATOR = 14,
    GLIMPSE_INVALID_VALUE = 15,
    GLIMPSE_STATISTICS_MISMATCH = 16,
    GLIMPSE_OVERLAP = 17,
    GLIMPSE_EMPTY_IMAGE = 18,
    GLIMPSE_RANK_MISMATCH = 19,
    GLIMPSE_CONFLICTING_ARGUMENTS = 20,
    GLIMPSE_UNKNOWN_VARIANT = 21,
    GLIMPSE_UNUSABLE_VARIANT = 22,
    GLIMPSE_OUT_OF_MEMORY = 23,
    GLIMPSE_MEMORY_MISMATCH = 24,
    GLIMPSE_OUT_OF_BOUNDS = 25,
    GLIMPSE_DEVICE_ERROR = 26,
    GLIMPSE_INTERNAL = 27
};

// As many bytes as the longest message needs.
#define GLIMPSE_MESSAGE_BYTES 256

// The name of a code, such as "null_pointer"; "unknown" for any other number.
GLIMPSE_API const char *glimpse_code_name(glimpse_code code);

// The version of the library, such as "0.1.0".
GLIMPSE_API const char *glimpse_version(void);

// ---- views (glimpse/view.h) ----

enum glimpse_type {
    GLIMPSE_UINT8 = 0,
    GLIMPSE_UINT16 = 1,
    GLIMPSE_INT16 = 2,
    GLIMPSE_FLOAT16 = 3,
    GLIMPSE_BFLOAT16 = 4,
    GLIMPSE_FLOAT32 = 5
};

enum glimpse_memory { GLIMPSE_MEMORY_HOST = 0, GLIMPSE_MEMORY_CUDA = 1 };

// Memory of a batch of images or glimpses; it owns nothing. Element (n, y, x, c) lies at
//
//     data + n*image_stride + y*row_stride + x*column_stride + c*channel_stride    (in elements)
typedef struct glimpse_view {
    void *data;      // that of images is only read
    int32_t type;    // enum glimpse_type
    int32_t memory;  // enum glimpse_memory
    int64_t count, height, width, channels;
    // Distances in elements, of either sign; 0 repeats what is read.
    int64_t image_stride, row_stride, column_stride, channel_stride;
    // Memory that the view must not leave: a call with one that does fails. Null: nobody knows.
    const void *bounds_begin;
    uint64_t bounds_bytes;
    uint64_t reserved[4];  // 0
} glimpse_view;

// Dense memory in the order image, row, column, channel (HWC), on the host.
GLIMPSE_API glimpse_view glimpse_interleaved(const void *data, int32_t type, int64_t count,
                                             int64_t height, int64_t width, int64_t channels);
// Dense memory in the order image, channel, row, column (CHW), on the host.
GLIMPSE_API glimpse_view glimpse_planar(const void *data, int32_t type, int64_t count,
                                        int64_t height, int64_t width, int64_t channels);
// The same view with `bytes` from one row to the next; see BasicView::pitch_bytes().
GLIMPSE_API glimpse_view glimpse_pitch_bytes(glimpse_view view, int64_t bytes);
// A rectangle of every image. One that leaves the images is a view that every call refuses.
GLIMPSE_API glimpse_view glimpse_region(glimpse_view view, int64_t y, int64_t x, int64_t height,
                                        int64_t width);
// `count` images from image `first` on.
GLIMPSE_API glimpse_view glimpse_image(glimpse_view view, int64_t first, int64_t count);
// The same images upside down.
GLIMPSE_API glimpse_view glimpse_flipped(glimpse_view view);

// See PixelFormat in glimpse/frame.h, and docs/frames.md for the names that others give them.
enum glimpse_pixel_format {
    GLIMPSE_NV12 = 0,
    GLIMPSE_NV21 = 1,
    GLIMPSE_I420 = 2,
    GLIMPSE_P010 = 3,
    GLIMPSE_YV12 = 4,
    GLIMPSE_NV16 = 5,
    GLIMPSE_NV61 = 6,
    GLIMPSE_I422 = 7,
    GLIMPSE_NV24 = 8,
    GLIMPSE_NV42 = 9,
    GLIMPSE_I444 = 10,
    GLIMPSE_YUYV = 11,
    GLIMPSE_UYVY = 12,
    GLIMPSE_I010 = 13,
    GLIMPSE_GRAY = 14,
    GLIMPSE_GRAY10LE = 15,
    GLIMPSE_GRAY12LE = 16,
    GLIMPSE_GRAY16LE = 17,
    GLIMPSE_RGB24 = 18,
    GLIMPSE_BGR24 = 19,
    GLIMPSE_RGBX = 20,
    GLIMPSE_BGRX = 21,
    GLIMPSE_XRGB = 22,
    GLIMPSE_XBGR = 23,
    GLIMPSE_RGBA = 24,
    GLIMPSE_BGRA = 25,
    GLIMPSE_ARGB = 26,
    GLIMPSE_ABGR = 27,
    GLIMPSE_RGB565 = 28
};

enum glimpse_matrix {
    GLIMPSE_MATRIX_USUAL = 0,
    GLIMPSE_MATRIX_BT601 = 1,
    GLIMPSE_MATRIX_BT709 = 2,
    GLIMPSE_MATRIX_BT2020 = 3
};
enum glimpse_range { GLIMPSE_RANGE_USUAL = 0, GLIMPSE_RANGE_LIMITED = 1, GLIMPSE_RANGE_FULL = 2 };
enum glimpse_siting {
    GLIMPSE_SITING_USUAL = 0,
    GLIMPSE_SITING_LEFT = 1,
    GLIMPSE_SITING_CENTER = 2,
    GLIMPSE_SITING_TOP_LEFT = 3
};

// One frame of a camera or several (glimpse/frame.h), as many as planes[0] has images.
typedef struct glimpse_frame {
    int32_t format;  // enum glimpse_pixel_format
    int32_t reserved_0;
    glimpse_view planes[3];  // in the order of the format; those that it does not have are zero
    int64_t height, width;   // in pixels
    // What makes RGB of the numbers; 0: what the format usually means.
    int32_t matrix, range, siting;  // enums glimpse_matrix, glimpse_range, glimpse_siting
    int32_t nearest_chroma;         // 1: a pixel has the chroma of its cell, and none in between
    uint64_t reserved[4];           // 0
} glimpse_frame;

// Frames of `height` x `width` pixels. `data` and `pitches` (in bytes) are of the planes, as many
// as the format has.
GLIMPSE_API glimpse_code glimpse_make_frame(int32_t format, int64_t height, int64_t width,
                                            const void *const *data, const int64_t *pitches,
                                            glimpse_frame *frame, char *message,
                                            size_t message_bytes);

// ---- contexts (glimpse/context.h) ----

typedef struct glimpse_context glimpse_context;

// One entry of the list of variants, best first. The texts are never freed.
typedef struct glimpse_variant {
    const char *name;    // such as "avx2"
    const char *target;  // what its kernels were compiled for
    const char *reason;  // why this machine can run it, or why not
    int32_t usable;      // 1 or 0
    int32_t reserved_0;
} glimpse_variant;

// Writes up to `capacity` variants, and returns how many there are. `variants` may be null if
// `capacity` is 0.
GLIMPSE_API size_t glimpse_variants(glimpse_variant *variants, size_t capacity);

typedef struct glimpse_context_options {
    size_t size;
    const char *variant;  // null: the best one that can run, or what GLIMPSE_VARIANT names
    // Threads of the context's own that work at the same time, the calling one among them; 0: one
    // for each processor that this process may use.
    int32_t threads;
    // How many tasks of `parallel_for` can run at the same time.
    int32_t executor_width;
    // In place of `threads`, which is then 1: calls task(task_state, i) once for every i in
    // [0, count), in any order and on any threads, and returns when all have returned.
    void (*parallel_for)(void *executor_state, int64_t count,
                         void (*task)(void *task_state, int64_t index), void *task_state);
    void *executor_state;
    void *cuda_context;  // a CUcontext; null: see ContextOptions
    void *cuda_stream;   // a CUstream or cudaStream_t; null: the default stream
} glimpse_context_options;

#define GLIMPSE_CONTEXT_OPTIONS_INIT \
    { sizeof(glimpse_context_options), NULL, 1, 1, NULL, NULL, NULL, NULL }

// Makes a context; `options` may be null. When it fails `*context` is null.
GLIMPSE_API glimpse_code glimpse_context_create(const glimpse_context_options *options,
                                                glimpse_context **context, char *message,
                                                size_t message_bytes);
// Frees a context that no call uses any more; null is nothing.
GLIMPSE_API void glimpse_context_destroy(glimpse_context *context);
// The name of the variant in use for views of host memory; null if the context, which may be null,
// cannot be used.
GLIMPSE_API const char *glimpse_context_variant(glimpse_context *context);
// The number of threads that the context has, the calling one included, or the executor's width.
GLIMPSE_API int32_t glimpse_context_threads(glimpse_context *context);
GLIMPSE_API glimpse_code glimpse_context_warm_up(glimpse_context *context, char *message,
                                                 size_t message_bytes);
GLIMPSE_API glimpse_code glimpse_context_reserve(glimpse_context *context, int32_t calls,
                                                 char *message, size_t message_bytes);
GLIMPSE_API glimpse_code glimpse_context_synchronize(glimpse_context *context, char *message,
                                                     size_t message_bytes);

// ---- extraction (glimpse/extract.h, options.h, places.h) ----

enum glimpse_border {
    GLIMPSE_BORDER_ZERO = 0,
    GLIMPSE_BORDER_CONSTANT = 1,
    GLIMPSE_BORDER_MEAN = 2,
    GLIMPSE_BORDER_REPLICATE = 3,
    GLIMPSE_BORDER_REFLECT = 4,
    GLIMPSE_BORDER_REFLECT101 = 5,
    GLIMPSE_BORDER_WRAP = 6,
    GLIMPSE_BORDER_UNIFORM = 7,
    GLIMPSE_BORDER_GAUSSIAN = 8
};

enum glimpse_coordinates {
    GLIMPSE_PIXELS = 0,
    GLIMPSE_NORMALIZED = 1,
    GLIMPSE_CENTERED_PIXELS = 2,
    GLIMPSE_CENTERED_NORMALIZED = 3
};

enum glimpse_filter {
    GLIMPSE_FILTER_LINEAR = 0,
    GLIMPSE_FILTER_NEAREST = 1,
    GLIMPSE_FILTER_CATMULL_ROM = 2,
    GLIMPSE_FILTER_CUBIC = 3,
    GLIMPSE_FILTER_LANCZOS3 = 4,
    GLIMPSE_FILTER_AREA = 5
};

enum glimpse_edge { GLIMPSE_EDGE_HARD = 0, GLIMPSE_EDGE_BLEND = 1, GLIMPSE_EDGE_RENORMALIZE = 2 };

// The names of enumerators, such as "reflect101"; "unknown" for any other number.
GLIMPSE_API const char *glimpse_type_name(int32_t type);
GLIMPSE_API const char *glimpse_border_name(int32_t border);
GLIMPSE_API const char *glimpse_coordinates_name(int32_t coordinates);
GLIMPSE_API const char *glimpse_filter_name(int32_t filter);
GLIMPSE_API const char *glimpse_edge_name(int32_t edge);

typedef struct glimpse_origin {
    int32_t y, x;
} glimpse_origin;

typedef struct glimpse_offset {
    float y, x;
} glimpse_offset;

typedef struct glimpse_box {
    float y0, x0, y1, x1;
} glimpse_box;

typedef struct glimpse_size {
    int64_t height, width;
} glimpse_size;

typedef struct glimpse_rect {
    int64_t y, x, height, width;
} glimpse_rect;

// Of one channel of one image (glimpse/statistics.h).
typedef struct glimpse_channel_statistics {
    float min, max;
    double mean, stddev;
} glimpse_channel_statistics;

// What glimpses are taken from: one of the two is not null.
typedef struct glimpse_images {
    size_t size;
    const glimpse_view *view;
    const glimpse_frame *frame;
} glimpse_images;

#define GLIMPSE_IMAGES_INIT \
    { sizeof(glimpse_images), NULL, NULL }

// What is written: a view, also of RGB that is made of frames; or frames of the format of those
// that are read.
typedef struct glimpse_glimpses {
    size_t size;
    const glimpse_view *view;
    const glimpse_frame *frame;
} glimpse_glimpses;

#define GLIMPSE_GLIMPSES_INIT \
    { sizeof(glimpse_glimpses), NULL, NULL }

// `count` origins, offsets or boxes: the two others are null.
typedef struct glimpse_places {
    size_t size;
    const glimpse_origin *origins;
    const glimpse_offset *offsets;
    const glimpse_box *boxes;
    size_t count;
    int32_t memory;  // enum glimpse_memory: where they lie
    int32_t reserved_0;
} glimpse_places;

#define GLIMPSE_PLACES_INIT \
    { sizeof(glimpse_places), NULL, NULL, NULL, 0, GLIMPSE_MEMORY_HOST, 0 }

// Arrays are null with a count of 0, or on the host but where a memory is named.
typedef struct glimpse_options {
    size_t size;
    int32_t border;       // enum glimpse_border
    int32_t coordinates;  // enum glimpse_coordinates
    const float *value;   // one number, or one per channel of the image
    size_t value_count;
    const int32_t *image_index;  // one per glimpse
    size_t image_index_count;
    const glimpse_channel_statistics *statistics;  // [image][channel]
    size_t statistics_count;
    uint64_t seed;
    uint32_t first_image;
    int32_t exact_fill;          // 0 or 1
    int32_t image_index_memory;  // enum glimpse_memory
    int32_t statistics_memory;   // enum glimpse_memory
    int32_t filter;              // enum glimpse_filter
    int32_t antialias;           // 0 or 1
    int32_t edge;                // enum glimpse_edge
    float edge_margin;
    // Channel c of a glimpse is channel channel_from[c] of the image; a count of 0: all, in order.
    uint8_t channel_count, channel_from[4];
    uint8_t reserved_0[3];
    const float *subtract, *multiply;  // one number each, or one per channel of the glimpse
    size_t subtract_count, multiply_count;
} glimpse_options;

#define GLIMPSE_OPTIONS_INIT                                                                     \
    {                                                                                            \
        sizeof(glimpse_options), GLIMPSE_BORDER_ZERO, GLIMPSE_PIXELS, NULL, 0, NULL, 0, NULL, 0, \
            0, 0, 0, GLIMPSE_MEMORY_HOST, GLIMPSE_MEMORY_HOST, GLIMPSE_FILTER_LINEAR, 1,         \
            GLIMPSE_EDGE_HARD, 0, 0, {0, 0, 0, 0}, {0, 0, 0}, NULL, NULL, 0, 0                   \
    }

// Extracts glimpse i at place i, for all i. `options` may be null. Frames take origins.
GLIMPSE_API glimpse_code glimpse_extract(const glimpse_images *images, const glimpse_places *places,
                                         const glimpse_glimpses *glimpses,
                                         const glimpse_options *options, glimpse_context *context,
                                         char *message, size_t message_bytes);

// The same of Bayer mosaics (glimpse/bayer.h), which are views, at origins.
GLIMPSE_API glimpse_code glimpse_extract_bayer(
    const glimpse_images *mosaics, const glimpse_places *places, const glimpse_glimpses *glimpses,
    const glimpse_options *options, glimpse_context *context, char *message, size_t message_bytes);

// `statistics` has `count` elements, in the memory that `memory` names: one for each image and
// channel.
GLIMPSE_API glimpse_code glimpse_compute_statistics(const glimpse_images *images,
                                                    glimpse_channel_statistics *statistics,
                                                    size_t count, int32_t memory,
                                                    glimpse_context *context, char *message,
                                                    size_t message_bytes);

// Copies all elements of one view to another of the same shape and type (glimpse/copy.h).
GLIMPSE_API glimpse_code glimpse_copy(const glimpse_view *from, const glimpse_view *to,
                                      glimpse_context *context, char *message,
                                      size_t message_bytes);

// Makes glimpse_options.subtract and multiply; all four arrays have `count` elements.
GLIMPSE_API glimpse_code glimpse_normalization(const float *mean, const float *stddev, size_t count,
                                               double scale, float *subtract, float *multiply,
                                               char *message, size_t message_bytes);

// ---- places ----

// Where glimpses lie that are asked for at `count` offsets.
GLIMPSE_API glimpse_code glimpse_origins(const glimpse_offset *offsets, size_t count,
                                         glimpse_size image, glimpse_size glimpse,
                                         int32_t coordinates, glimpse_origin *origins,
                                         char *message, size_t message_bytes);

// The part of a glimpse, in its pixels, that shows the image; empty if there is none.
GLIMPSE_API glimpse_rect glimpse_visible_at_origin(glimpse_origin origin, glimpse_size image,
                                                   glimpse_size glimpse);
GLIMPSE_API glimpse_rect glimpse_visible_of_box(glimpse_box box, glimpse_size image,
                                                glimpse_size glimpse);

// Boxes in pixels (glimpse/boxes.h), one for each of `count` inputs, and of retinas `levels`.
GLIMPSE_API glimpse_code glimpse_centered_boxes(const glimpse_offset *centers, size_t count,
                                                glimpse_size image, glimpse_size glimpse,
                                                int32_t coordinates, glimpse_box *boxes,
                                                char *message, size_t message_bytes);
GLIMPSE_API glimpse_code glimpse_retina_boxes(const glimpse_offset *centers, size_t count,
                                              glimpse_size image, glimpse_size glimpse,
                                              int32_t coordinates, int32_t levels,
                                              glimpse_box *boxes, char *message,
                                              size_t message_bytes);

enum glimpse_fit { GLIMPSE_FIT_LETTERBOX = 0, GLIMPSE_FIT_CROP = 1, GLIMPSE_FIT_ULTRALYTICS = 2 };

GLIMPSE_API glimpse_code glimpse_fit_boxes(const glimpse_box *regions, size_t count,
                                           glimpse_size glimpse, int32_t fit, glimpse_box *boxes,
                                           char *message, size_t message_bytes);
GLIMPSE_API glimpse_code glimpse_tracker_boxes(const glimpse_box *targets, size_t count,
                                               float context_amount, float scale,
                                               glimpse_box *boxes, char *message,
                                               size_t message_bytes);
// The point of the image that lies at a point of a glimpse.
GLIMPSE_API glimpse_offset glimpse_in_image(glimpse_offset point, glimpse_box box,
                                            glimpse_size glimpse);

// ---- why a pixel is what it is (glimpse/explain.h) ----

// Filled by glimpse_explain(); the texts are never freed.
typedef struct glimpse_explanation {
    size_t size;
    int64_t image, channel;
    glimpse_origin origin;
    double point_y, point_x;
    int64_t plane_y, plane_x, source_y, source_x;
    glimpse_channel_statistics statistics;
    const char *form, *variant;
    int32_t is_sampled, is_of_image, has_statistics, is_converted;  // 1 or 0
} glimpse_explanation;

#define GLIMPSE_EXPLANATION_INIT                                                                  \
    {                                                                                             \
        sizeof(glimpse_explanation), 0, 0, {0, 0}, 0, 0, 0, 0, 0, 0, {0, 0, 0, 0}, NULL, NULL, 0, \
            0, 0, 0                                                                               \
    }

// Extracts as glimpse_extract() does, from a view, and explains one element of glimpse number
// `glimpse`.
GLIMPSE_API glimpse_code glimpse_explain(const glimpse_images *images, const glimpse_places *places,
                                         const glimpse_glimpses *glimpses, size_t glimpse,
                                         int64_t y, int64_t x, int64_t channel,
                                         glimpse_explanation *explanation,
                                         const glimpse_options *options, glimpse_context *context,
                                         char *message, size_t message_bytes);

// ---- TensorFlow's extract_glimpse (glimpse/tensorflow.h) ----

// A dense row-major tensor of `rank` extents, which lie on the host.
typedef struct glimpse_tensor {
    void *data;  // of float, but `size` is of int32_t; that of inputs is only read
    const int64_t *shape;
    size_t rank;
    int32_t memory;  // enum glimpse_memory: where the data lies
    int32_t reserved_0;
} glimpse_tensor;

typedef struct glimpse_tensorflow_attributes {
    size_t size;
    const char *noise;  // "uniform", "gaussian", "zero", or "": then uniform_noise decides
    uint64_t seed;
    int32_t version;                              // 1 or 2
    int32_t centered, normalized, uniform_noise;  // 0 or 1
} glimpse_tensorflow_attributes;

#define GLIMPSE_TENSORFLOW_ATTRIBUTES_INIT \
    { sizeof(glimpse_tensorflow_attributes), "", 0, 1, 1, 1, 1 }

// `attributes` may be null.
GLIMPSE_API glimpse_code glimpse_tensorflow_extract_glimpse(
    const glimpse_tensor *input, const glimpse_tensor *size, const glimpse_tensor *offsets,
    const glimpse_tensor *output, const glimpse_tensorflow_attributes *attributes,
    glimpse_context *context, char *message, size_t message_bytes);

// An origin as TensorFlow computes it.
typedef struct glimpse_wide_origin {
    int64_t y, x;
} glimpse_wide_origin;

GLIMPSE_API glimpse_code glimpse_tensorflow_origins(const glimpse_offset *offsets, size_t count,
                                                    glimpse_size image, glimpse_size glimpse,
                                                    const glimpse_tensorflow_attributes *attributes,
                                                    glimpse_wide_origin *origins, char *message,
                                                    size_t message_bytes);
GLIMPSE_API glimpse_origin glimpse_tensorflow_clamp(glimpse_wide_origin origin,
                                                    glimpse_size glimpse);
// Makes boxes in pixels of those of tf.image.crop_and_resize, [y1, x1, y2, x2] of each.
GLIMPSE_API glimpse_code glimpse_tensorflow_boxes(const glimpse_box *boxes, size_t count,
                                                  glimpse_size image, glimpse_size crop,
                                                  glimpse_box *result, char *message,
                                                  size_t message_bytes);

#ifdef __cplusplus
}
#endif

#endif  // GLIMPSE_C_H_
