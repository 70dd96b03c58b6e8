// Memory for pixels: bytes without initial values, whose number is checked before they are asked
// for, so that a lying file or a mistyped size ends in a message.
#ifndef GLIMPSE_TOOLS_BUFFER_H_
#define GLIMPSE_TOOLS_BUFFER_H_

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>

namespace glimpse {
namespace command {

// The product of numbers that are 0 or more; 0 if one of them is 0. Rejects one beyond int64,
// saying that `what` is too large.
int64_t product_of(std::initializer_list<int64_t> factors, const std::string &what);

// Rejects `bytes` that this machine cannot hold, saying that `what` needs them.
void require_memory(int64_t bytes, const std::string &what);

class Buffer {
public:
    Buffer() = default;
    // Rejects what cannot be allocated, saying that `what` needs so many bytes.
    Buffer(int64_t bytes, const std::string &what);

    int64_t size() const noexcept {
        return size_;
    }
    template<typename T>
    T *as() noexcept {
        return reinterpret_cast<T *>(bytes_.get());
    }
    template<typename T>
    const T *as() const noexcept {
        return reinterpret_cast<const T *>(bytes_.get());
    }

private:
    std::unique_ptr<uint8_t[]> bytes_;
    int64_t size_ = 0;
};

}  // namespace command
}  // namespace glimpse

#endif  // GLIMPSE_TOOLS_BUFFER_H_
