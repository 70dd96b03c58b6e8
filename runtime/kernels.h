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
                          int32_t samples, halide_buffer_t *glimpse);

// Arguments as generators/statistics_generator.cpp describes them.
using StatisticsKernel = int(const void *user_context, halide_buffer_t *image, int32_t first_strip,
                             halide_buffer_t *partial);

// The kernels for one element type; null for a type that was not built. Copying ones are shared by
// all types of the same width.
struct TypeKernels {
    ExtractKernel *inside, *value, *map, *noise;
    ConvertKernel *reorder;
    ExtractKernel *pure_value, *pure_map, *pure_noise;
    ConvertKernel *convert[element_type_count];  // by the type converted to; null: not offered
    StatisticsKernel *statistics_1, *statistics_3, *statistics_4;
    StatisticsKernel *statistics_finite;  // null for integers
};

// The kernels of one variant, indexed by ElementType.
struct Kernels {
    TypeKernels of_type[element_type_count];
};

}  // namespace glimpse

#endif  // GLIMPSE_RUNTIME_KERNELS_H_
