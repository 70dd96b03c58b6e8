// Glimpses whose elements change in type or order, by a processor.
#ifndef GLIMPSE_SRC_HOST_CONVERT_H_
#define GLIMPSE_SRC_HOST_CONVERT_H_

#include <cstdint>

#include "host/extract.h"
#include "host/plan.h"

namespace glimpse {

// The memory that a task needs.
struct TaskMemory {
    void *parameters;  // `sets` sets for borders
    int64_t sets;
    const float *conversion;  // of the whole call
    char *tile, *changed_tile;
    int64_t tile_pixels;  // of each
};

// Makes a part of the glimpses: those inside their images straight from there, others by way of
// tiles that stay in the cache.
Status convert_part(const Plan &plan, Part part, const TaskMemory &memory) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_HOST_CONVERT_H_
