// Objects that are made at their first use and never destroyed. Nobody waits for them: a child that
// was forked while another thread made one can make its own.
#ifndef GLIMPSE_RUNTIME_ONCE_H_
#define GLIMPSE_RUNTIME_ONCE_H_

#include <atomic>
#include <cstddef>
#include <new>

namespace glimpse {

// A T in static memory, made by its default constructor, which may run several times at once: one
// of what they make is kept. Any thread.
template<typename T>
class Once {
public:
    constexpr Once() = default;
    Once(const Once &) = delete;
    Once &operator=(const Once &) = delete;

    // The object if it has been made; else null.
    T *made() noexcept {
        return made_.load(std::memory_order_acquire);
    }
    T &get() noexcept {
        T *made = made_.load(std::memory_order_acquire);
        return made != nullptr ? *made : make();
    }

private:
    T &make() noexcept {
        const bool is_first = !is_taken_.exchange(true);
        T *own = nullptr, *made = nullptr;
        while (own == nullptr) {
            own = is_first ? new (memory_) T : new (std::nothrow) T;
            made = made_.load();
            if (own == nullptr && made != nullptr) {
                return *made;
            }
        }
        made = nullptr;
        if (made_.compare_exchange_strong(made, own)) {
            return *own;
        }
        if (is_first) {
            own->~T();
        } else {
            delete own;
        }
        return *made;
    }

    std::atomic<bool> is_taken_{false};
    std::atomic<T *> made_{nullptr};
    alignas(T) unsigned char memory_[sizeof(T)] = {};
};

}  // namespace glimpse

#endif  // GLIMPSE_RUNTIME_ONCE_H_
