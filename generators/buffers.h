// What generators say of the buffers that the library describes to them.
#ifndef GLIMPSE_GENERATORS_BUFFERS_H_
#define GLIMPSE_GENERATORS_BUFFERS_H_

#include "Halide.h"

namespace glimpse {

// They start at 0; saying so removes index arithmetic from every loop.
template<typename... Buffers>
void start_at_zero(Buffers &...buffers) {
    const auto start = [](auto &buffer) {
        for (int d = 0; d < buffer.dimensions(); d++) {
            buffer.dim(d).set_min(0);
        }
    };
    (start(buffers), ...);
}

// Their innermost stride may be any.
template<typename... Buffers>
void allow_strides(Buffers &...buffers) {
    (buffers.dim(0).set_stride(Halide::Expr()), ...);
}

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_BUFFERS_H_
