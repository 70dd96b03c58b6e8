// A free list of blocks. The smallest one that is large enough is lent; if there is none, a new one
// is allocated in the place of the largest, so that a context keeps no more blocks than calls
// overlapped.
#include "call/scratch.h"

#include <cstdlib>

namespace glimpse {
namespace {

// Rounded up to a power of two, so that calls that grow a little do not allocate each time.
size_t rounded_up(size_t size) {
    size_t rounded = 4096;
    while (rounded < size && rounded <= SIZE_MAX / 4) {
        rounded *= 2;
    }
    return rounded < size ? size : rounded;
}

}  // namespace

ScratchPool::~ScratchPool() {
    while (free_ != nullptr) {
        Block *const block = free_;
        free_ = block->next;
        free(block);
    }
}

void Scratch::borrow(size_t size) noexcept {
    using Block = ScratchPool::Block;
    Block *too_small = nullptr;
    {
        const std::lock_guard<std::mutex> lock(pool_.mutex_);
        Block **best = nullptr, **largest = nullptr;
        for (Block **link = &pool_.free_; *link != nullptr; link = &(*link)->next) {
            if ((*link)->size >= size && (best == nullptr || (*link)->size < (*best)->size)) {
                best = link;
            }
            if (largest == nullptr || (*link)->size > (*largest)->size) {
                largest = link;
            }
        }
        Block **const taken = best != nullptr ? best : largest;
        if (taken != nullptr) {
            (best != nullptr ? block_ : too_small) = *taken;
            *taken = (*taken)->next;
        }
    }
    if (block_ != nullptr) {
        return;
    }
    free(too_small);
    const size_t payload = rounded_up(size);
    void *memory = nullptr;
    if (payload <= SIZE_MAX - 2 * sizeof(Block) &&
        posix_memalign(&memory, alignof(Block), sizeof(Block) + payload) == 0) {
        block_ = static_cast<Block *>(memory);
        block_->size = payload;
    }
}

void Scratch::give_back() noexcept {
    const std::lock_guard<std::mutex> lock(pool_.mutex_);
    block_->next = pool_.free_;
    pool_.free_ = block_;
}

}  // namespace glimpse
