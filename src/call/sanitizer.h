// AddressSanitizer does not see what kernels read and write. In programs that are built with it,
// calls tell it what they are about to touch.
#ifndef GLIMPSE_SRC_CALL_SANITIZER_H_
#define GLIMPSE_SRC_CALL_SANITIZER_H_

#include <cstddef>

#include "glimpse/view.h"

namespace glimpse {

// Whether the program is built with AddressSanitizer.
bool is_sanitized() noexcept;

// Reports an error, as any other overflow is reported, if some of these bytes of the host must not
// be touched. In other programs it does nothing.
void touch(const void *begin, size_t bytes, bool is_written) noexcept;

// The same for all elements of a view, which has been checked.
void touch(const ConstView &view, bool is_written) noexcept;

}  // namespace glimpse

#endif  // GLIMPSE_SRC_CALL_SANITIZER_H_
