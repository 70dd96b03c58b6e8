// The kernels as the library calls them: function types and the table of one variant.
#ifndef GLIMPSE_RUNTIME_KERNELS_H_
#define GLIMPSE_RUNTIME_KERNELS_H_

#include <cstdint>

#include "glimpse/view.h"

struct halide_buffer_t;

namespace glimpse {

// Arguments as generators/extract_generator.cpp describes them. Returns 0 or a Halide error code;
// then the text is in the CallError that `user_context` points to. Elements are unsigned integers
// of their width in all buffers.
using ExtractKernel = int(const void *user_context, halide_buffer_t *image,
                          halide_buffer_t *position, halide_buffer_t *fill, halide_buffer_t *noise,
                          int32_t samples, int32_t rule, uint64_t seed, uint32_t first_image,
                          uint32_t zero, halide_buffer_t *glimpse);

// Arguments as generators/convert_generator.cpp describes them.
using ConvertKernel = int(const void *user_context, halide_buffer_t *image,
                          halide_buffer_t *position, halide_buffer_t *conversion, int32_t order,
                          int32_t samples, int32_t channels, halide_buffer_t *glimpse);

// Arguments as generators/sample_generator.cpp describes them.
using SampleLinearKernel = int(const void *user_context, halide_buffer_t *image,
                               halide_buffer_t *support, halide_buffer_t *row,
                               halide_buffer_t *column, halide_buffer_t *column_weight,
                               halide_buffer_t *conversion, int32_t order, int32_t samples,
                               halide_buffer_t *glimpse);
using SampleNearestKernel = int(const void *user_context, halide_buffer_t *image,
                                halide_buffer_t *picked, halide_buffer_t *row,
                                halide_buffer_t *column, int32_t order, int32_t samples,
                                halide_buffer_t *glimpse);

// Arguments as generators/sample_taps_generator.cpp describes them.
using SampleRowsKernel = int(const void *user_context, halide_buffer_t *image, halide_buffer_t *row,
                             halide_buffer_t *weight, int32_t taps, int32_t bits,
                             halide_buffer_t *sum);
using SampleColumnsKernel = int(const void *user_context, halide_buffer_t *sum,
                                halide_buffer_t *column, halide_buffer_t *weight, int32_t taps,
                                int32_t bits, halide_buffer_t *conversion, int32_t order,
                                int32_t samples, halide_buffer_t *glimpse);

// Arguments as generators/color_generator.cpp describes them.
using ColorKernel = int(const void *user_context, halide_buffer_t *luma, halide_buffer_t *chroma_0,
                        halide_buffer_t *chroma_1, halide_buffer_t *row, halide_buffer_t *weights,
                        halide_buffer_t *integers, halide_buffer_t *floats,
                        halide_buffer_t *conversion, float low, float high, int32_t order,
                        bool is_upper, bool paired, bool nearest, int32_t first_component,
                        int32_t first_sample, int32_t phase, halide_buffer_t *glimpse);

// Arguments as generators/sample_color_generator.cpp describes them.
using SampleColorKernel = int(const void *user_context, halide_buffer_t *luma,
                              halide_buffer_t *chroma_0, halide_buffer_t *chroma_1,
                              halide_buffer_t *row, halide_buffer_t *column,
                              halide_buffer_t *column_weight, halide_buffer_t *weights,
                              halide_buffer_t *floats, halide_buffer_t *conversion, float high,
                              int32_t order, bool is_upper, bool paired, bool is_full, bool nearest,
                              int32_t first_component, int32_t first_sample, int32_t phase,
                              halide_buffer_t *glimpse);

// Arguments as generators/statistics_generator.cpp describes them.
using StatisticsKernel = int(const void *user_context, halide_buffer_t *image, int32_t first_strip,
                             halide_buffer_t *partial);

// The kernels for one element type; null for a type that was not built. Copying ones are shared by
// all types of the same width.
struct TypeKernels {
    ExtractKernel *inside, *value, *map, *noise, *pure;
    ConvertKernel *reorder;
    ConvertKernel *convert[element_type_count];  // by the type converted to; null: not offered
    StatisticsKernel *statistics_1, *statistics_3, *statistics_4;
    // Of one channel; in the order of planes, and of pixels of 3 or 4 channels. Null for integers.
    StatisticsKernel *statistics_finite, *statistics_finite_pixels;
    // Of boxes. Null in a build without sampling; linear ones also where elements become float32
    // first, by `to_float`, and are made of such, by `from_float`.
    SampleNearestKernel *nearest;
    SampleLinearKernel *linear, *linear_float;  // to the same type, and to float32
    ConvertKernel *to_float, *from_float;
    // By filters of many taps: sums of integers, of uint8 alone, and of float32; columns of float32
    // to float32, and to uint8.
    SampleRowsKernel *rows, *rows_float;
    SampleColumnsKernel *columns, *columns_float, *columns_to_uint8;
    // Of frames, by the type of components: uint8, uint16, and int16 and float32 of those at each
    // pixel. To uint8, and to float32.
    ColorKernel *color, *color_float;
    SampleColorKernel *sample_color;  // of frames to float32
};

// The kernels of one variant, indexed by ElementType.
struct Kernels {
    TypeKernels of_type[element_type_count];
};

// Arguments as generators/extract_device_generator.cpp describes them. `user_context` of kernels
// for devices is that of a CudaCall; buffers have device memory.
using ExtractDeviceKernel = int(const void *user_context, halide_buffer_t *image,
                                halide_buffer_t *position, halide_buffer_t *fill,
                                halide_buffer_t *statistics, halide_buffer_t *conversion,
                                int32_t type, int32_t output, int32_t samples, int32_t rows,
                                int32_t rule, uint64_t seed, uint32_t first_image, uint32_t zero,
                                int32_t channel_from, bool exact_fill, int32_t threads_x,
                                int32_t threads_y, int32_t threads_z, halide_buffer_t *glimpse);

// Arguments as generators/origins_generator.cpp describes them.
using OriginsKernel = int(const void *user_context, halide_buffer_t *places,
                          halide_buffer_t *image_index, bool has_index, int32_t image_count,
                          int32_t image_height, int32_t image_width, int32_t glimpse_height,
                          int32_t glimpse_width, int32_t place_rule, bool normalized, bool centered,
                          bool halves_y, bool halves_x, int32_t rule, uint32_t zero,
                          halide_buffer_t *position);

using BoxesKernel = int(const void *user_context, halide_buffer_t *sides,
                        halide_buffer_t *image_index, bool has_index, int32_t image_count,
                        int32_t image_height, int32_t image_width, int32_t glimpse_height,
                        int32_t glimpse_width, bool normalized, bool centered, bool has_windows,
                        int32_t filter, bool antialias, int32_t most_y_taps, int32_t most_x_taps,
                        bool by_integers, int32_t rule, uint32_t zero, halide_buffer_t *box);

// Arguments as generators/sample_device_generator.cpp describes them.
using SampleDeviceKernel = int(const void *user_context, halide_buffer_t *image8,
                               halide_buffer_t *image16, halide_buffer_t *image32,
                               halide_buffer_t *box, halide_buffer_t *fill,
                               halide_buffer_t *statistics, halide_buffer_t *conversion,
                               int32_t type, int32_t output, int32_t samples, bool is_nearest,
                               bool is_hard, int64_t margin, int32_t rule, uint64_t seed,
                               uint32_t first_image, uint32_t zero, int32_t channel_from,
                               bool converts, bool exact_fill, int32_t threads_x, int32_t threads_y,
                               int32_t threads_z, halide_buffer_t *glimpse);

// Arguments as generators/sample_taps_device_generator.cpp describes them.
using TapTableKernel = int(const void *user_context, halide_buffer_t *box, int32_t image_height,
                           int32_t image_width, int32_t glimpse_height, int32_t glimpse_width,
                           int32_t filter, bool antialias, bool is_hard, bool drops, int64_t margin,
                           int32_t rule, halide_buffer_t *table);
using SampleTapsDeviceKernel = int(const void *user_context, halide_buffer_t *image8,
                                   halide_buffer_t *image16, halide_buffer_t *image32,
                                   halide_buffer_t *box, halide_buffer_t *table,
                                   halide_buffer_t *fill, halide_buffer_t *statistics,
                                   halide_buffer_t *conversion, int32_t type, int32_t output,
                                   int32_t samples, int32_t rule, uint64_t seed,
                                   uint32_t first_image, uint32_t zero, int32_t channel_from,
                                   bool converts, bool exact_fill, int32_t threads_x,
                                   int32_t threads_y, int32_t threads_z, halide_buffer_t *glimpse);

// Arguments as generators/statistics_device_generator.cpp describes them.
using StatisticsDeviceKernel = int(const void *user_context, halide_buffer_t *image,
                                   halide_buffer_t *partial);
using StatisticsFinishKernel = int(const void *user_context, halide_buffer_t *partial,
                                   int64_t pixels, int32_t bias, uint32_t zero,
                                   halide_buffer_t *statistics);

// Indices into tables by bytes of an element and by samples per pixel.
constexpr int width_index(int64_t element_size) {
    return element_size == 1 ? 0 : element_size == 2 ? 1 : 2;
}
constexpr int samples_index(int64_t samples) {
    return samples == 1 ? 0 : samples == 3 ? 1 : 2;
}

// The type of the kernels of each generator, under its name.
struct KernelTypes {
    using extract = ExtractKernel;
    using convert = ConvertKernel;
    using sample_linear = SampleLinearKernel;
    using sample_nearest = SampleNearestKernel;
    using sample_rows = SampleRowsKernel;
    using sample_columns = SampleColumnsKernel;
    using color = ColorKernel;
    using sample_color = SampleColorKernel;
    using statistics = StatisticsKernel;
    using extract_device = ExtractDeviceKernel;
    using origins = OriginsKernel;
    using boxes = BoxesKernel;
    using sample_device = SampleDeviceKernel;
    using tap_table = TapTableKernel;
    using sample_taps_device = SampleTapsDeviceKernel;
    using statistics_device = StatisticsDeviceKernel;
    using statistics_finish = StatisticsFinishKernel;
};

// The kernels for devices. Null where a type was not built.
struct DeviceKernels {
    // By whether borders are noise, the width of elements of images (1, 2, 4 bytes), and what
    // becomes of them: 0: they are copied; else they get a width.
    ExtractDeviceKernel *extract[2][3][4];
    OriginsKernel *origins;
    // By whether borders are noise, and the width of elements of glimpses. Null without sampling.
    SampleDeviceKernel *sample[2][3];
    SampleTapsDeviceKernel *sample_taps[2][3];
    TapTableKernel *tap_table;
    BoxesKernel *boxes;
    // By ElementType and samples per pixel (1, 3, 4).
    StatisticsDeviceKernel *statistics[element_type_count][3];
    StatisticsFinishKernel *finish_integer, *finish_float;
};

}  // namespace glimpse

#endif  // GLIMPSE_RUNTIME_KERNELS_H_
