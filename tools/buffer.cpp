// Checked allocation.
#include "buffer.h"

#include <unistd.h>

#include <new>

#include "failure.h"

namespace glimpse {
namespace command {

int64_t product_of(std::initializer_list<int64_t> factors, const std::string &what) {
    for (const int64_t factor : factors) {
        if (factor == 0) {
            return 0;
        }
    }
    int64_t product = 1;
    for (const int64_t factor : factors) {
        if (__builtin_mul_overflow(product, factor, &product)) {
            reject(what, " is too large: its number of bytes leaves 64 bits");
        }
    }
    return product;
}

void require_memory(int64_t bytes, const std::string &what) {
    // Linux may promise more memory than there is and end the process that uses it.
    const int64_t memory =
        static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<int64_t>(sysconf(_SC_PAGESIZE));
    if (memory > 0 && bytes > memory) {
        reject(what, " needs ", bytes, " bytes; this machine has ", memory, " bytes of memory");
    }
}

Buffer::Buffer(int64_t bytes, const std::string &what) : size_(bytes) {
    require_memory(bytes, what);
    bytes_.reset(new (std::nothrow) uint8_t[static_cast<size_t>(bytes)]);
    if (bytes_ == nullptr) {
        reject(what, " needs ", bytes, " bytes, which could not be allocated");
    }
}

}  // namespace command
}  // namespace glimpse
