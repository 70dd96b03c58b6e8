// The interface of AddressSanitizer (compiler-rt, sanitizer/asan_interface.h), if the program has
// it.
#include "call/sanitizer.h"

#include <utility>

// Names of its own.
// NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming)
extern "C" {
// The first byte of a range that must not be touched; null if there is none.
__attribute__((weak)) void *__asan_region_is_poisoned(void *begin, size_t size);
__attribute__((weak)) void __asan_report_error(void *pc, void *bp, void *sp, void *address,
                                               int is_write, size_t access_size);
}
// NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming)

namespace glimpse {

bool is_sanitized() noexcept {
    return __asan_region_is_poisoned != nullptr && __asan_report_error != nullptr;
}

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
    // Strides of single elements may be anything.
    const int64_t size = size_in_bytes(view.type);
    const auto dimension = [size](int64_t extent, int64_t stride) {
        return extent == 1 || stride == 0 ? Dimension{1, 0} : Dimension{extent, stride * size};
    };
    Dimension d[] = {dimension(shape.channels, strides.channel),
                     dimension(shape.width, strides.column), dimension(shape.height, strides.row),
                     dimension(shape.count, strides.image)};
    const auto *begin = static_cast<const char *>(view.data);
    for (Dimension &each : d) {
        if (each.stride < 0) {
            begin += (each.extent - 1) * each.stride;
            each.stride = -each.stride;
        }
    }
    for (int i = 1; i < 4; i++) {
        for (int k = i; k > 0 && d[k].stride < d[k - 1].stride; k--) {
            std::swap(d[k], d[k - 1]);
        }
    }
    int64_t piece = size;
    for (Dimension &each : d) {
        if (each.extent > 1 && each.stride == piece) {
            piece *= each.extent;
            each.extent = 1;
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
