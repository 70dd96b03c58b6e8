// Scratch memory that a context keeps between calls, so that warm calls allocate nothing.
#ifndef GLIMPSE_SRC_CALL_SCRATCH_H_
#define GLIMPSE_SRC_CALL_SCRATCH_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "glimpse/status.h"

namespace glimpse {

// Blocks of memory, each lent to one call at a time. Any thread, without locks: a child that was
// forked while other threads were in calls can go on.
class ScratchPool {
public:
    ScratchPool() = default;
    ~ScratchPool() {
        free_all();
    }
    ScratchPool(const ScratchPool &) = delete;
    ScratchPool &operator=(const ScratchPool &) = delete;

    // Frees all memory; no block may be lent.
    void free_all() noexcept;
    // Makes as many blocks as `calls` calls need at once, if each needs those that were lent at
    // once since the last time; before it, if none was since. Fails if there is no memory.
    Status reserve(int64_t calls) noexcept;

private:
    friend class Scratch;
    // Sizes are powers of two, from a page to what 48 bits can address.
    static constexpr int smallest = 12, largest = 47;
    // The header of a block; its memory follows.
    struct alignas(64) Block {
        int size_log2;
    };
    // A free block, plus the logarithm of its size in bytes, as blocks begin at multiples of 64; or
    // null.
    using Slot = std::atomic<char *>;
    static int size_of(const char *slot) noexcept {
        return int(reinterpret_cast<uintptr_t>(slot) % alignof(Block));
    }
    static constexpr int slots_at_once = 16;
    struct Slots {
        Slot slots[slots_at_once] = {};
        std::atomic<Slots *> next{nullptr};
    };
    struct Count {
        std::atomic<int> lent{0}, most{0};
        std::atomic<int> needed{0};  // what `most` was at the last reserve()
    };

    template<typename Visit>
    void for_each_slot(const Visit &visit) noexcept;
    Block *take(int size_log2) noexcept;
    Block *make(int size_log2) noexcept;
    void give(Block *block) noexcept;
    void destroy(Block *block) noexcept;

    Slots first_;
    std::atomic<int64_t> blocks_{0}, slots_{slots_at_once};
    Count counts_[largest - smallest + 1];
};

// `size` bytes, aligned to 64, for as long as this object lives. data() is null if there is no
// memory, or if nothing was asked for.
class Scratch {
public:
    Scratch(ScratchPool &pool, size_t size) noexcept : pool_(pool), size_(size) {
        if (size != 0) {
            borrow();
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
    void borrow() noexcept;
    void give_back() noexcept;

    ScratchPool &pool_;
    const size_t size_;
    ScratchPool::Count *count_ = nullptr;
    ScratchPool::Block *block_ = nullptr;
};

}  // namespace glimpse

#endif  // GLIMPSE_SRC_CALL_SCRATCH_H_
