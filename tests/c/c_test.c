// The C interface, used from C. Prints what is wrong, and returns 1 if anything is.
#include "glimpse/c.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "glimpse/c.h"  // twice

static int failures = 0;

#define CHECK(condition) check((condition) != 0, #condition, __LINE__)

static void check(int is_true, const char *condition, int line) {
    if (!is_true) {
        fprintf(stderr, "c_test.c:%d: %s\n", line, condition);
        failures++;
    }
}

// One image of 4 x 6 pixels, 10 * y + x, and room for two glimpses.
enum { height = 4, width = 6 };
static uint8_t pixels[height * width];
static uint8_t room[2 * 4 * 4];
static char message[GLIMPSE_MESSAGE_BYTES];

struct call {
    glimpse_view image, out;
    glimpse_origin origins[2];
    glimpse_images images;
    glimpse_places places;
    glimpse_glimpses glimpses;
    glimpse_options options;
};

// Two windows of 2 x 3: inside, and over the top left corner. It is not copied: it points to
// itself.
static void make_call(struct call *c) {
    const struct call empty = {0};
    const glimpse_images images = GLIMPSE_IMAGES_INIT;
    const glimpse_places places = GLIMPSE_PLACES_INIT;
    const glimpse_glimpses glimpses = GLIMPSE_GLIMPSES_INIT;
    const glimpse_options options = GLIMPSE_OPTIONS_INIT;
    *c = empty;
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            pixels[y * width + x] = (uint8_t)(10 * y + x);
        }
    }
    memset(room, 99, sizeof(room));
    c->image = glimpse_interleaved(pixels, GLIMPSE_UINT8, 1, height, width, 1);
    c->out = glimpse_interleaved(room, GLIMPSE_UINT8, 2, 2, 3, 1);
    c->origins[0].y = 1;
    c->origins[0].x = 2;
    c->origins[1].y = -1;
    c->origins[1].x = -1;
    c->images = images;
    c->images.view = &c->image;
    c->places = places;
    c->places.origins = c->origins;
    c->places.count = 2;
    c->glimpses = glimpses;
    c->glimpses.view = &c->out;
    c->options = options;
}

static glimpse_code extract(struct call *c, glimpse_context *context) {
    return glimpse_extract(&c->images, &c->places, &c->glimpses, &c->options, context, message,
                           sizeof(message));
}

static int room_is(const uint8_t *expected, size_t bytes) {
    return memcmp(room, expected, bytes) == 0;
}

static const uint8_t with_zero[] = {12, 13, 14, 22, 23, 24, 0, 0, 0, 0, 0, 1};

static void test_extract(void) {
    static const uint8_t with_reflect101[] = {12, 13, 14, 22, 23, 24, 11, 10, 11, 1, 0, 1};
    static const uint8_t with_value[] = {12, 13, 14, 22, 23, 24, 7, 7, 7, 7, 0, 1};
    static const float seven = 7;
    struct call c;
    make_call(&c);
    CHECK(extract(&c, NULL) == GLIMPSE_OK);
    CHECK(message[0] == '\0');
    CHECK(room_is(with_zero, sizeof(with_zero)));
    CHECK(room[sizeof(with_zero)] == 99);
    CHECK(glimpse_extract(&c.images, &c.places, &c.glimpses, NULL, NULL, NULL, 0) == GLIMPSE_OK);
    c.options.border = GLIMPSE_BORDER_REFLECT101;
    CHECK(extract(&c, NULL) == GLIMPSE_OK);
    CHECK(room_is(with_reflect101, sizeof(with_reflect101)));
    c.options.border = GLIMPSE_BORDER_CONSTANT;
    c.options.value = &seven;
    c.options.value_count = 1;
    CHECK(extract(&c, NULL) == GLIMPSE_OK);
    CHECK(room_is(with_value, sizeof(with_value)));
}

static void test_places(void) {
    static const glimpse_offset centers[] = {{2, 3.5f}, {0, 0.5f}};
    static const glimpse_box boxes[] = {{1, 2, 3, 5}, {-1, -1, 1, 2}};
    struct call c;
    make_call(&c);
    c.places.origins = NULL;
    c.places.offsets = centers;
    CHECK(extract(&c, NULL) == GLIMPSE_OK);
    CHECK(room_is(with_zero, sizeof(with_zero)));
    memset(room, 0, sizeof(room));
    c.places.offsets = NULL;
    c.places.boxes = boxes;
    CHECK(extract(&c, NULL) == GLIMPSE_OK);
    CHECK(room_is(with_zero, sizeof(with_zero)));
    c.places.origins = c.origins;
    CHECK(extract(&c, NULL) == GLIMPSE_CONFLICTING_ARGUMENTS);
    CHECK(strstr(message, "origins, offsets and boxes") != NULL);
    c.places.origins = NULL;
    c.places.boxes = NULL;
    CHECK(extract(&c, NULL) == GLIMPSE_NULL_POINTER);
}

static void test_errors(void) {
    struct call c;
    char small[8];
    make_call(&c);
    c.options.border = 9;
    CHECK(extract(&c, NULL) == GLIMPSE_UNKNOWN_ENUMERATOR);
    CHECK(strstr(message, "border") != NULL);
    CHECK(room[0] == 99);
    memset(small, 'x', sizeof(small));
    CHECK(glimpse_extract(&c.images, &c.places, &c.glimpses, &c.options, NULL, small, 4) ==
          GLIMPSE_UNKNOWN_ENUMERATOR);
    CHECK(strlen(small) == 3 && small[4] == 'x');
    CHECK(strncmp(small, message, 3) == 0);
    CHECK(glimpse_extract(&c.images, &c.places, &c.glimpses, &c.options, NULL, NULL, 100) ==
          GLIMPSE_UNKNOWN_ENUMERATOR);
    make_call(&c);
    CHECK(glimpse_extract(NULL, &c.places, &c.glimpses, NULL, NULL, message, sizeof(message)) ==
          GLIMPSE_NULL_POINTER);
    CHECK(strcmp(message, "images is null") == 0);
    c.image.reserved[3] = 1;
    CHECK(extract(&c, NULL) == GLIMPSE_INVALID_VALUE);
    make_call(&c);
    c.image.type = 256;  // and not what is left in a byte of it
    CHECK(extract(&c, NULL) == GLIMPSE_UNSUPPORTED_TYPE);
    make_call(&c);
    c.images.view = NULL;
    CHECK(extract(&c, NULL) == GLIMPSE_NULL_POINTER);
    make_call(&c);
    c.image.bounds_begin = pixels;
    c.image.bounds_bytes = sizeof(pixels) - 1;
    CHECK(extract(&c, NULL) == GLIMPSE_OUT_OF_BOUNDS);
    CHECK(strcmp(glimpse_code_name(GLIMPSE_OUT_OF_BOUNDS), "out_of_bounds") == 0);
}

// Structs of older headers, which are shorter, and of newer ones, which are longer.
static void test_other_versions(void) {
    struct {
        glimpse_options options;
        uint64_t newer;
    } longer;
    struct call c;
    make_call(&c);
    // Without antialiasing and more behind it; all of them have today's defaults.
    c.options.border = GLIMPSE_BORDER_REPLICATE;
    c.options.channel_count = 4;  // would be an error
    c.options.size = offsetof(glimpse_options, channel_count);
    CHECK(extract(&c, NULL) == GLIMPSE_OK);
    CHECK(room[6] == 0 && room[11] == 1);
    make_call(&c);
    longer.options = c.options;
    longer.options.size = sizeof(longer);
    longer.newer = 0;
    CHECK(glimpse_extract(&c.images, &c.places, &c.glimpses, &longer.options, NULL, message,
                          sizeof(message)) == GLIMPSE_OK);
    longer.newer = 1;
    CHECK(glimpse_extract(&c.images, &c.places, &c.glimpses, &longer.options, NULL, message,
                          sizeof(message)) == GLIMPSE_INVALID_VALUE);
    CHECK(strstr(message, "options") != NULL);
    c.images.size = 12;  // in the middle of a pointer
    CHECK(extract(&c, NULL) == GLIMPSE_INVALID_VALUE);
    c.images.size = sizeof(c.images);
    c.options.size = 0;  // not made by the initialiser
    CHECK(extract(&c, NULL) == GLIMPSE_INVALID_VALUE);
    CHECK(strstr(message, "GLIMPSE_OPTIONS_INIT") != NULL);
}

static void in_order(void *state, int64_t count, void (*task)(void *, int64_t), void *task_state) {
    ++*(int *)state;
    for (int64_t i = 0; i < count; i++) {
        task(task_state, i);
    }
}

static void test_contexts(void) {
    static uint8_t image[2048 * 2048], out[2048 * 2048];
    glimpse_context_options options = GLIMPSE_CONTEXT_OPTIONS_INIT;
    glimpse_context *context = NULL;
    glimpse_variant variants[16];
    int loops = 0;
    struct call c;
    const size_t count = glimpse_variants(NULL, 0);
    CHECK(count > 0 && count <= 16 && glimpse_variants(variants, 16) == count);
    make_call(&c);
    CHECK(glimpse_context_create(NULL, &context, message, sizeof(message)) == GLIMPSE_OK);
    CHECK(context != NULL && glimpse_context_threads(context) == 1);
    CHECK(extract(&c, context) == GLIMPSE_OK);
    glimpse_context_destroy(context);
    for (size_t i = 0; i < count; i++) {
        if (variants[i].usable && strcmp(variants[i].name, "cuda") != 0) {
            memset(room, 0, sizeof(room));
            options.variant = variants[i].name;
            options.threads = 2;
            CHECK(glimpse_context_create(&options, &context, message, sizeof(message)) ==
                  GLIMPSE_OK);
            CHECK(strcmp(glimpse_context_variant(context), variants[i].name) == 0);
            CHECK(glimpse_context_threads(context) == 2);
            CHECK(glimpse_context_warm_up(context, NULL, 0) == GLIMPSE_OK);
            CHECK(extract(&c, context) == GLIMPSE_OK);
            CHECK(room_is(with_zero, sizeof(with_zero)));
            CHECK(glimpse_context_reserve(context, 2, NULL, 0) == GLIMPSE_OK);
            CHECK(glimpse_context_reserve(context, -1, NULL, 0) == GLIMPSE_INVALID_VALUE);
            CHECK(glimpse_context_synchronize(context, NULL, 0) == GLIMPSE_OK);
            glimpse_context_destroy(context);
        }
    }
    options.variant = "avx1024";
    CHECK(glimpse_context_create(&options, &context, message, sizeof(message)) ==
          GLIMPSE_UNKNOWN_VARIANT);
    CHECK(context == NULL && strstr(message, "avx1024") != NULL);
    glimpse_context_destroy(NULL);

    options.variant = NULL;
    options.parallel_for = in_order;
    options.executor_state = &loops;
    options.executor_width = 4;
    CHECK(glimpse_context_create(&options, &context, message, sizeof(message)) ==
          GLIMPSE_CONFLICTING_ARGUMENTS);
    options.threads = 1;
    CHECK(glimpse_context_create(&options, &context, message, sizeof(message)) == GLIMPSE_OK);
    CHECK(glimpse_context_threads(context) == 4);
    image[0] = 5;
    c.image = glimpse_interleaved(image, GLIMPSE_UINT8, 1, 2048, 2048, 1);
    c.out = glimpse_interleaved(out, GLIMPSE_UINT8, 1, 2048, 2048, 1);
    c.origins[0].y = c.origins[0].x = 0;
    c.places.count = 1;
    CHECK(extract(&c, context) == GLIMPSE_OK);
    CHECK(loops > 0 && out[0] == 5);
    glimpse_context_destroy(context);
    CHECK(glimpse_context_variant(NULL) != NULL && glimpse_context_threads(NULL) == 1);
}

static void test_frames(void) {
    static const uint8_t luma[] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, chroma[] = {1, 2, 3, 4, 5, 6, 7, 8};
    static uint8_t out_luma[4], out_chroma[2];
    const void *const planes[] = {luma, chroma};
    const void *const out_planes[] = {out_luma, out_chroma};
    const int64_t pitches[] = {3, 4}, out_pitches[] = {2, 2};
    glimpse_frame frame, out;
    struct call c;
    make_call(&c);
    CHECK(glimpse_make_frame(GLIMPSE_NV12, 3, 3, planes, pitches, &frame, message,
                             sizeof(message)) == GLIMPSE_OK);
    CHECK(frame.planes[1].height == 2 && frame.planes[1].channels == 2);
    CHECK(glimpse_make_frame(GLIMPSE_NV12, 2, 2, out_planes, out_pitches, &out, NULL, 0) ==
          GLIMPSE_OK);
    c.images.view = NULL;
    c.images.frame = &frame;
    c.places.count = 1;
    c.origins[0].y = c.origins[0].x = 2;
    c.out = glimpse_interleaved(room, GLIMPSE_UINT8, 1, 2, 2, 3);
    CHECK(extract(&c, NULL) == GLIMPSE_OK);
    CHECK(((uint8_t *)room)[3] == 0 && ((uint8_t *)room)[4] == 0); /* black outside */
    frame.range = GLIMPSE_RANGE_FULL;
    frame.matrix = GLIMPSE_MATRIX_BT2020 + 1;
    CHECK(extract(&c, NULL) == GLIMPSE_UNKNOWN_ENUMERATOR);
    frame.matrix = GLIMPSE_MATRIX_BT709;
    CHECK(extract(&c, NULL) == GLIMPSE_OK);
    frame.range = GLIMPSE_RANGE_USUAL;
    c.glimpses.view = NULL;
    c.glimpses.frame = &out;
    CHECK(extract(&c, NULL) == GLIMPSE_OK);
    CHECK(out_luma[0] == 9 && out_luma[1] == 16 && out_luma[2] == 16 && out_luma[3] == 16);
    CHECK(out_chroma[0] == 7 && out_chroma[1] == 8);
    c.images.view = &c.image;
    CHECK(extract(&c, NULL) == GLIMPSE_CONFLICTING_ARGUMENTS);
    CHECK(glimpse_make_frame(29, 2, 2, planes, pitches, &out, message, sizeof(message)) ==
          GLIMPSE_UNKNOWN_ENUMERATOR);
}

static void test_bayer_and_copy(void) {
    struct call c;
    make_call(&c);
    c.out = glimpse_interleaved(room, GLIMPSE_UINT8, 1, 2, 2, 1);
    c.places.count = 1;
    c.origins[0].y = c.origins[0].x = -2;
    c.options.border = GLIMPSE_BORDER_REPLICATE;
    CHECK(glimpse_extract_bayer(&c.images, &c.places, &c.glimpses, &c.options, NULL, message,
                                sizeof(message)) == GLIMPSE_OK);
    CHECK(room[0] == 0 && room[1] == 1 && room[2] == 10 && room[3] == 11);
    c.image = glimpse_region(glimpse_flipped(c.image), 0, 4, 2, 2);
    CHECK(glimpse_copy(&c.image, &c.out, NULL, message, sizeof(message)) == GLIMPSE_OK);
    CHECK(room[0] == 34 && room[1] == 35 && room[2] == 24 && room[3] == 25);
    CHECK(glimpse_copy(&c.image, NULL, NULL, message, sizeof(message)) == GLIMPSE_NULL_POINTER);
    c.image = glimpse_pitch_bytes(glimpse_planar(pixels, GLIMPSE_UINT8, 1, 2, 3, 2), 6);
    CHECK(c.image.row_stride == 6 && c.image.channel_stride == 12);
    c.image = glimpse_image(glimpse_interleaved(pixels, GLIMPSE_UINT8, 2, 2, 6, 1), 1, 1);
    CHECK(c.image.data == (void *)(pixels + 12) && c.image.count == 1);
}

static void test_statistics(void) {
    static const float mean[] = {0.5f}, deviation[] = {0.25f};
    glimpse_channel_statistics statistics[1];
    float subtract[1], multiply[1];
    struct call c;
    make_call(&c);
    CHECK(glimpse_compute_statistics(&c.images, statistics, 1, GLIMPSE_MEMORY_HOST, NULL, message,
                                     sizeof(message)) == GLIMPSE_OK);
    CHECK(statistics[0].min == 0 && statistics[0].max == 35 && statistics[0].mean == 17.5);
    CHECK(fabs(statistics[0].stddev - sqrt(1535.0 / 12)) < 1e-9);
    CHECK(glimpse_compute_statistics(&c.images, statistics, 2, GLIMPSE_MEMORY_HOST, NULL, message,
                                     sizeof(message)) != GLIMPSE_OK);
    c.options.border = GLIMPSE_BORDER_MEAN;
    statistics[0].mean = 40;
    c.options.statistics = statistics;
    c.options.statistics_count = 1;
    CHECK(extract(&c, NULL) == GLIMPSE_OK);
    CHECK(room[6] == 40 && room[11] == 1);
    CHECK(glimpse_normalization(mean, deviation, 1, 255, subtract, multiply, NULL, 0) ==
          GLIMPSE_OK);
    CHECK(subtract[0] == 127.5f && multiply[0] == (float)(1 / 63.75));
}

static void test_boxes(void) {
    static const glimpse_offset centers[] = {{2, 3}, {0.25f, 0.5f}};
    static const glimpse_box regions[] = {{0, 0, 4, 6}};
    const glimpse_size image = {height, width}, glimpse = {2, 2};
    const glimpse_origin corner = {-1, -1};
    const glimpse_offset middle = {1, 1};
    glimpse_origin origins[2];
    glimpse_box boxes[4];
    glimpse_rect rect = glimpse_visible_at_origin(corner, image, glimpse);
    glimpse_offset point;
    CHECK(rect.y == 1 && rect.x == 1 && rect.height == 1 && rect.width == 1);
    CHECK(glimpse_origins(centers, 2, image, glimpse, GLIMPSE_PIXELS, origins, NULL, 0) ==
          GLIMPSE_OK);
    CHECK(origins[0].y == 1 && origins[0].x == 2 && origins[1].y == -1 && origins[1].x == 0);
    CHECK(glimpse_centered_boxes(centers, 2, image, glimpse, GLIMPSE_NORMALIZED, boxes, NULL, 0) ==
          GLIMPSE_OK);
    CHECK(boxes[1].y0 == 0 && boxes[1].x0 == 2 && boxes[1].y1 == 2 && boxes[1].x1 == 4);
    CHECK(glimpse_retina_boxes(centers, 2, image, glimpse, GLIMPSE_PIXELS, 2, boxes, NULL, 0) ==
          GLIMPSE_OK);
    CHECK(boxes[1].y0 == 0 && boxes[1].x1 == 5 && boxes[3].y0 == -1.75f);
    CHECK(glimpse_retina_boxes(centers, SIZE_MAX, image, glimpse, GLIMPSE_PIXELS, 2, boxes, NULL,
                               0) == GLIMPSE_TOO_LARGE);
    CHECK(glimpse_fit_boxes(regions, 1, glimpse, GLIMPSE_FIT_LETTERBOX, boxes, NULL, 0) ==
          GLIMPSE_OK);
    CHECK(boxes[0].y0 == -1 && boxes[0].x0 == 0 && boxes[0].y1 == 5 && boxes[0].x1 == 6);
    rect = glimpse_visible_of_box(boxes[0], image, glimpse);
    CHECK(rect.height == 2 && rect.width == 2);
    point = glimpse_in_image(middle, boxes[0], glimpse);
    CHECK(point.y == 2 && point.x == 3);
    CHECK(glimpse_tracker_boxes(regions, 1, 0.5f, 1, boxes, NULL, 0) == GLIMPSE_OK);
    CHECK(boxes[0].y1 - boxes[0].y0 == 10);  // sqrt(9 * 11)
    CHECK(glimpse_tensorflow_boxes(regions, 1, image, glimpse, boxes, NULL, 0) == GLIMPSE_OK);
}

static void test_explain(void) {
    glimpse_explanation why = GLIMPSE_EXPLANATION_INIT;
    struct call c;
    make_call(&c);
    c.options.border = GLIMPSE_BORDER_REFLECT101;
    CHECK(glimpse_explain(&c.images, &c.places, &c.glimpses, 1, 0, 0, 0, &why, &c.options, NULL,
                          message, sizeof(message)) == GLIMPSE_OK);
    CHECK(why.size == sizeof(why) && why.plane_y == -1 && why.source_y == 1 && why.source_x == 1);
    CHECK(why.is_of_image == 1 && why.form != NULL && why.variant != NULL);
    CHECK(glimpse_explain(&c.images, &c.places, &c.glimpses, 2, 0, 0, 0, &why, &c.options, NULL,
                          message, sizeof(message)) != GLIMPSE_OK);
    why.size = 1;
    CHECK(glimpse_explain(&c.images, &c.places, &c.glimpses, 1, 0, 0, 0, &why, &c.options, NULL,
                          message, sizeof(message)) == GLIMPSE_INVALID_VALUE);
}

// The example of TensorFlow's page: the middle of an image of 1 to 9.
static void test_tensorflow(void) {
    static float image[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, places[2] = {0, 0}, result[1];
    static const int64_t image_shape[] = {1, 3, 3, 1}, two[] = {2}, places_shape[] = {1, 2},
                         result_shape[] = {1, 1, 1, 1};
    static int32_t extents[] = {1, 1};
    const glimpse_size whole = {3, 3}, one = {1, 1};
    const glimpse_offset offset = {0, 0};
    glimpse_tensor input = {0}, size = {0}, offsets = {0}, output = {0};
    glimpse_tensorflow_attributes attributes = GLIMPSE_TENSORFLOW_ATTRIBUTES_INIT;
    glimpse_wide_origin origin = {0, 0};
    glimpse_origin clamped;
    input.data = image;
    input.shape = image_shape;
    input.rank = 4;
    size.data = extents;
    size.shape = two;
    size.rank = 1;
    offsets.data = places;
    offsets.shape = places_shape;
    offsets.rank = 2;
    output.data = result;
    output.shape = result_shape;
    output.rank = 4;
    CHECK(glimpse_tensorflow_extract_glimpse(&input, &size, &offsets, &output, NULL, NULL, message,
                                             sizeof(message)) == GLIMPSE_OK);
    CHECK(result[0] == 5);
    attributes.noise = "gaussian";
    CHECK(glimpse_tensorflow_extract_glimpse(&input, &size, &offsets, &output, &attributes, NULL,
                                             message,
                                             sizeof(message)) == GLIMPSE_CONFLICTING_ARGUMENTS);
    CHECK(glimpse_tensorflow_origins(&offset, 1, whole, one, NULL, &origin, NULL, 0) == GLIMPSE_OK);
    CHECK(origin.y == 1 && origin.x == 1);
    clamped = glimpse_tensorflow_clamp(origin, one);
    CHECK(clamped.y == 1 && clamped.x == 1);
}

int main(void) {
    CHECK(strlen(glimpse_version()) >= 5);
    CHECK(strcmp(glimpse_type_name(GLIMPSE_BFLOAT16), "bfloat16") == 0);
    CHECK(strcmp(glimpse_type_name(256), "unknown") == 0);
    CHECK(strcmp(glimpse_border_name(GLIMPSE_BORDER_REFLECT101), "reflect101") == 0);
    CHECK(strcmp(glimpse_coordinates_name(GLIMPSE_NORMALIZED), "normalized") == 0);
    CHECK(strcmp(glimpse_filter_name(GLIMPSE_FILTER_LANCZOS3), "lanczos3") == 0);
    CHECK(strcmp(glimpse_edge_name(GLIMPSE_EDGE_BLEND), "blend") == 0);
    test_extract();
    test_places();
    test_errors();
    test_other_versions();
    test_contexts();
    test_frames();
    test_bayer_and_copy();
    test_statistics();
    test_boxes();
    test_explain();
    test_tensorflow();
    printf("%s\n", failures == 0 ? "passed" : "failed");
    return failures != 0;
}
