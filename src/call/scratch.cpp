// A free list of blocks in slots that are exchanged atomically. The smallest block that is large
// enough is lent; if there is none, a new one is made in the place of the largest, so that a
// context keeps no more blocks than calls overlapped.
#include "call/scratch.h"

#include <cstdlib>
#include <new>

namespace glimpse {

template<typename Visit>
void ScratchPool::for_each_slot(const Visit &visit) noexcept {
    for (Slots *s = &first_; s != nullptr; s = s->next.load(std::memory_order_acquire)) {
        for (Slot &slot : s->slots) {
            visit(slot);
        }
    }
}

// A free block of the size or more; null if there is none.
ScratchPool::Block *ScratchPool::take(int size_log2) noexcept {
    for (;;) {
        Slot *best = nullptr;
        char *found = nullptr;
        for_each_slot([&](Slot &slot) {
            char *const here = slot.load(std::memory_order_relaxed);
            if (size_of(here) >= size_log2 && (best == nullptr || size_of(here) < size_of(found))) {
                best = &slot;
                found = here;
            }
        });
        if (best == nullptr) {
            return nullptr;
        }
        if (best->compare_exchange_strong(found, nullptr, std::memory_order_acquire)) {
            return reinterpret_cast<Block *>(found - size_of(found));
        }
    }
}

// A new block, for which there will be a slot; null if there is no memory.
ScratchPool::Block *ScratchPool::make(int size_log2) noexcept {
    void *memory = nullptr;
    if (posix_memalign(&memory, alignof(Block), sizeof(Block) + (size_t(1) << size_log2)) != 0) {
        return nullptr;
    }
    auto *const block = new (memory) Block{size_log2};
    if (blocks_.fetch_add(1) >= slots_.load()) {
        auto *const more = new (std::nothrow) Slots;
        if (more == nullptr) {
            destroy(block);
            return nullptr;
        }
        std::atomic<Slots *> *end = &first_.next;
        for (Slots *last = nullptr;
             !end->compare_exchange_strong(last, more, std::memory_order_acq_rel); last = nullptr) {
            end = &last->next;
        }
        slots_.fetch_add(slots_at_once);
    }
    return block;
}

void ScratchPool::give(Block *block) noexcept {
    char *const kept = reinterpret_cast<char *>(block) + block->size_log2;
    for (bool given = false; !given;) {
        for_each_slot([&](Slot &slot) {
            char *none = nullptr;
            given = given || (slot.load(std::memory_order_relaxed) == nullptr &&
                              slot.compare_exchange_strong(none, kept, std::memory_order_release));
        });
    }
}

void ScratchPool::destroy(Block *block) noexcept {
    blocks_.fetch_sub(1);
    free(block);
}

void ScratchPool::free_all() noexcept {
    while (Block *const block = take(smallest)) {
        destroy(block);
    }
    for (Slots *s = first_.next.load(); s != nullptr;) {
        Slots *const next = s->next.load();
        delete s;
        s = next;
    }
    first_.next.store(nullptr);
    slots_.store(slots_at_once);
}

Status ScratchPool::reserve(int64_t calls) noexcept {
    bool were_calls = false;
    for (const Count &count : counts_) {
        were_calls = were_calls || count.most.load() > 0;
    }
    for (Count &count : counts_) {
        const int most = count.most.exchange(0);
        if (were_calls) {
            count.needed.store(most);
        }
    }
    for (int size = smallest; size <= largest; size++) {
        Count &count = counts_[size - smallest];
        int64_t missing = calls * count.needed.load() - count.lent.load();
        for_each_slot([&](Slot &slot) { missing -= size_of(slot.load()) == size ? 1 : 0; });
        for (; missing > 0; missing--) {
            Block *const block = make(size);
            if (block == nullptr) {
                return {StatusCode::out_of_memory, "a block of 2^%d bytes could not be allocated",
                        size};
            }
            give(block);
        }
    }
    return {};
}

void Scratch::borrow() noexcept {
    int size_log2 = ScratchPool::smallest;
    while (size_log2 <= ScratchPool::largest && size_ > size_t(1) << size_log2) {
        size_log2++;
    }
    if (size_log2 > ScratchPool::largest) {
        return;
    }
    for (int s = size_log2; s >= ScratchPool::smallest && block_ == nullptr; s--) {
        block_ = pool_.take(s);
    }
    if (block_ != nullptr && block_->size_log2 < size_log2) {
        pool_.destroy(block_);
        block_ = nullptr;
    }
    block_ = block_ == nullptr ? pool_.make(size_log2) : block_;
    if (block_ != nullptr) {
        count_ = &pool_.counts_[size_log2 - ScratchPool::smallest];
        const int lent = count_->lent.fetch_add(1) + 1;
        int most = count_->most.load();
        while (lent > most && !count_->most.compare_exchange_weak(most, lent)) {
        }
    }
}

void Scratch::give_back() noexcept {
    count_->lent.fetch_sub(1);
    pool_.give(block_);
}

}  // namespace glimpse
