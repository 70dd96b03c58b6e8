// Scratch memory that a context keeps between calls, so that warm calls allocate nothing.
#ifndef GLIMPSE_SRC_CALL_SCRATCH_H_
#define GLIMPSE_SRC_CALL_SCRATCH_H_

#include <cstddef>
#include <mutex>

#include "glimpse/status.h"

namespace glimpse {

// Blocks of memory, each lent to one call at a time. Any thread.
class ScratchPool {
public:
    ScratchPool() = default;
    ~ScratchPool();
    ScratchPool(const ScratchPool &) = delete;
    ScratchPool &operator=(const ScratchPool &) = delete;

private:
    friend class Scratch;
    // The header of a block; its memory follows.
    struct alignas(64) Block {
        Block *next;
        size_t size;
    };

    std::mutex mutex_;
    Block *free_ = nullptr;
};

// `size` bytes, aligned to 64, for as long as this object lives. data() is null if there is no
// memory, or if nothing was asked for.
class Scratch {
public:
    Scratch(ScratchPool &pool, size_t size) noexcept : pool_(pool), size_(size) {
        if (size != 0) {
            borrow(size);
        }
    }
    ~Scratch() {
        if (block_ != nullptr) {
            give_back();
        }
    }
    Scratch(const Scratch &) = delete;
    Scratch &operator=(const Scratch &) = delete;

    // Fails if there was no memory for `what`.
    Status check(const char *what) const noexcept {
        return size_ == 0 || block_ != nullptr
                   ? Status()
                   : Status(StatusCode::out_of_memory, "%zu bytes for %s could not be allocated",
                            size_, what);
    }
    void *data() const noexcept {
        return block_ == nullptr ? nullptr : block_ + 1;
    }

private:
    void borrow(size_t size) noexcept;
    void give_back() noexcept;

    ScratchPool &pool_;
    const size_t size_;
    ScratchPool::Block *block_ = nullptr;
};

}  // namespace glimpse

#endif  // GLIMPSE_SRC_CALL_SCRATCH_H_
