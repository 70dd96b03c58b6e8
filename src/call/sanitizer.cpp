// The interface of AddressSanitizer (compiler-rt, sanitizer/asan_interface.h), if the program has
// it.
#include "call/sanitizer.h"

#include <cstdint>
#include <cstdlib>
#include <utility>

extern "C" {
// The first byte of a range that must not be touched; null if there is none.
__attribute__((weak)) void *__asan_region_is_poisoned(void *begin, size_t size);
__attribute__((weak)) void __asan_report_error(void *pc, void *bp, void *sp, void *address,
                                               int is_write, size_t access_size);
}

namespace glimpse {
namespace {

bool is_sanitized() {
    return __asan_region_is_poisoned != nullptr && __asan_report_error != nullptr;
}

}  // namespace

void touch(const void *begin, size_t bytes, bool is_written) noexcept {
    if (!is_sanitized() || bytes == 0) {
        return;
    }
    void *const bad = __asan_region_is_poisoned(const_cast<void *>(begin), bytes);
    if (bad != nullptr) {
        void *const frame = __builtin_frame_address(0);
        __asan_report_error(__builtin_return_address(0), frame, frame, bad, is_written ? 1 : 0, 1);
    }
}

// Dimensions that follow one another without a gap are one piece.
void touch(const ConstView &view, bool is_written) noexcept {
    const Shape &shape = view.shape;
    const Strides &strides = view.strides;
    if (!is_sanitized() || view.memory != Memory::host || shape.count == 0 || shape.height == 0 ||
        shape.width == 0 || shape.channels == 0) {
        return;
    }
    struct Dimension {
        int64_t extent, stride;  // in bytes
    };
    const int64_t size = size_in_bytes(view.type);
    Dimension d[] = {{shape.channels, strides.channel * size},
                     {shape.width, strides.column * size},
                     {shape.height, strides.row * size},
                     {shape.count, strides.image * size}};
    const auto *begin = static_cast<const char *>(view.data);
    for (Dimension &dimension : d) {
        if (dimension.extent == 1 || dimension.stride == 0) {
            dimension = {1, 0};
        } else if (dimension.stride < 0) {
            begin += (dimension.extent - 1) * dimension.stride;
            dimension.stride = -dimension.stride;
        }
    }
    for (int i = 1; i < 4; i++) {
        for (int k = i; k > 0 && d[k].stride < d[k - 1].stride; k--) {
            std::swap(d[k], d[k - 1]);
        }
    }
    int64_t piece = size;
    for (Dimension &dimension : d) {
        if (dimension.extent > 1 && dimension.stride == piece) {
            piece *= dimension.extent;
            dimension.extent = 1;
        }
    }
    for (int64_t i = 0; i < d[3].extent; i++) {
        for (int64_t j = 0; j < d[2].extent; j++) {
            for (int64_t k = 0; k < d[1].extent; k++) {
                for (int64_t l = 0; l < d[0].extent; l++) {
                    touch(begin + i * d[3].stride + j * d[2].stride + k * d[1].stride +
                              l * d[0].stride,
                          size_t(piece), is_written);
                }
            }
        }
    }
}

}  // namespace glimpse
