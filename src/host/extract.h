// Extraction by a processor: parts of glimpses go to kernels in runs.
#ifndef GLIMPSE_SRC_HOST_EXTRACT_H_
#define GLIMPSE_SRC_HOST_EXTRACT_H_

#include <cstddef>
#include <cstdint>

#include "halide_hooks.h"
#include "host/halide_buffer.h"
#include "host/plan.h"
#include "kernel_abi.h"

namespace glimpse {

// The part of some glimpses that is made at once.
struct Part {
    size_t begin, end;                   // glimpses
    int64_t row, rows, column, columns;  // pixels of each
};

// Notes for whom a call is traced that glimpse `i`, or its part, is made by `form`.
inline void note_form(const Call &call, size_t i, const Part &part, const char *form) noexcept {
    Trace *const t = call.trace;
    if (t != nullptr && t->glimpse == i && t->y >= part.row && t->y < part.row + part.rows &&
        t->x >= part.column && t->x < part.column + part.columns) {
        t->form = form;
    }
}

// Where some glimpses are taken from.
struct Run {
    const Position *positions;
    int64_t first, count;  // of the output's glimpses
};

// Rows of elements from a part on, that are `columns` pixels wide.
Rows rows_of(const Rows &all, const Part &part) noexcept;

// Describes images, or `count` glimpses, to a kernel. A stride that nothing is told by may have any
// size.
inline Buffer<4> buffer_of(const Rows &r, int64_t first, int64_t count) noexcept {
    return {r.data + first * r.image_stride * r.element_size,
            halide_type_t(halide_type_uint, uint8_t(8 * r.element_size)),
            {r.elements, r.rows, r.planes, count},
            {r.element_stride, r.rows > 1 ? r.row_stride : 0, r.planes > 1 ? r.plane_stride : 0,
             count > 1 ? r.image_stride : 0}};
}

inline Buffer<2> buffer_of(const Position *positions, int64_t count) noexcept {
    return {positions,
            halide_type_t(halide_type_int, 32),
            {position_fields, count},
            {1, position_fields}};
}

// What a kernel's code means.
inline Status status_of(int code, const CallError &error) noexcept {
    return code == 0 ? Status()
                     : Status(StatusCode::internal,
                              "a kernel of extraction failed with code %d: %s", code, error.text);
}

// Extracts a part of glimpses to `out`. `memory` holds `sets` sets of parameters.
Status extract_part(const Plan &plan, const Part &part, const Rows &out, void *memory,
                    int64_t sets) noexcept;

// Extracts windows of `from` to `out`, plane by plane and element by element, in any layout.
Status copy_windows(ExtractKernel *pure, const Rows &from, const Run &run,
                    const Rows &out) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_HOST_EXTRACT_H_
