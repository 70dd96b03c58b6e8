// Extraction and conversion by a processor: parts of glimpses go to kernels in runs.
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
    // Where they lie; null: where the call has them. Others are on the way to a tile.
    const Window *windows = nullptr;
};

// Notes for whom a call is traced that glimpse `i`, or its part, is made by `form`.
inline void note_form(const Call &call, size_t i, const Part &part, const char *form) noexcept {
    Trace *const t = call.trace;
    if (t != nullptr && part.windows == nullptr && t->glimpse == i && t->y >= part.row &&
        t->y < part.row + part.rows && t->x >= part.column && t->x < part.column + part.columns) {
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

// The memory that a task needs.
struct TaskMemory {
    void *parameters;  // `sets` sets for borders
    int64_t sets;
    const float *conversion;  // of the whole call
    char *tile, *changed_tile;
    int64_t tile_pixels;  // of each
};

// Makes of what `run` has of `in`, in the order of the plan's images, the elements of a piece of
// glimpses: small enough for a tile.
Status change_piece(const Plan &plan, const Part &piece, const Rows &in, const Run &run,
                    const TaskMemory &memory) noexcept;

// Converts rows of elements, as they are ordered, to float32.
Status decode_rows(ConvertKernel *to_float, const Rows &in, const Rows &out) noexcept;

// Makes a part of glimpses whose elements change: those inside their images straight from there,
// others by way of tiles that stay in the cache.
Status convert_part(const Plan &plan, Part part, const TaskMemory &memory) noexcept;

// Extracts windows of `from` to `out`, plane by plane and element by element, in any layout.
Status copy_windows(ExtractKernel *pure, const Rows &from, const Run &run,
                    const Rows &out) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_HOST_EXTRACT_H_
