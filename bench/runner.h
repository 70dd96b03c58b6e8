// What the benchmark programs share: memory filled with random elements, contexts of all usable
// variants, and a main function that runs Google Benchmark group by group, so that times that are
// divided by each other were taken in alternation within a second or so.
//
//     int main(int argc, char **argv) {
//         return bench::run(argc, argv, {{"copy/uint8", [] { return rows; }}});
//     }
#ifndef GLIMPSE_BENCH_RUNNER_H_
#define GLIMPSE_BENCH_RUNNER_H_

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <vector>

#include "glimpse/glimpse.h"

namespace bench {

// Elements on a 64-byte boundary, the same for all programs and machines; not initialised.
template<typename T>
class Memory {
public:
    explicit Memory(int64_t size)
        : data_(
              static_cast<T *>(::operator new(static_cast<size_t>(size) * sizeof(T), alignment))) {
    }
    T *data() const {
        return data_.get();
    }

private:
    static constexpr std::align_val_t alignment{64};
    struct Delete {
        void operator()(T *data) const {
            ::operator delete(data, alignment);
        }
    };
    std::unique_ptr<T, Delete> data_;
};

// Elements by which images and glimpses lie behind a boundary of 64 bytes: 16 bytes, as large
// blocks of glibc's malloc do, and with them those of std::vector. On an AMD EPYC (Zen 4) memcpy
// of 64x64x3 bytes at x = 0 takes 0.7 of the time where both lie on the boundary: there, and only
// there, rows begin with a line of the cache.
template<typename T>
constexpr int64_t shift = 16 / static_cast<int64_t>(sizeof(T));

// Random numbers that are the same on every machine (xorshift64).
class Random {
public:
    uint64_t bits() {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return state_;
    }
    // From 0 to `last`, both included.
    int32_t up_to(int64_t last) {
        return static_cast<int32_t>((bits() >> 33) % static_cast<uint64_t>(last + 1));
    }

private:
    uint64_t state_ = 0x9e3779b97f4a7c15u;
};

// Random integers of the whole range, floats from 0 to 256, or halves of the same sign.
template<typename T>
Memory<T> random_elements(int64_t size) {
    Memory<T> memory(size);
    Random random;
    for (int64_t i = 0; i < size; i++) {
        const uint64_t bits = random.bits();
        if constexpr (std::is_integral_v<T>) {
            memory.data()[i] = static_cast<T>(bits >> (64 - 8 * sizeof(T)));
        } else if constexpr (sizeof(T) == 2) {
            memory.data()[i] = T{static_cast<uint16_t>(0x3000 + (bits >> 52))};
        } else {
            memory.data()[i] = static_cast<float>(bits >> 40) / 65536;
        }
    }
    return memory;
}

// A context of one variant, without threads.
struct VariantContext {
    const char *name;
    glimpse::Context *context;
};

// One for each variant that this machine's processor can run, best first. They live for ever.
const std::vector<VariantContext> &usable_variants();

// One implementation of a task; `run` checks its result and times it, as Google Benchmark's
// functions do.
struct Row {
    std::string implementation;
    std::function<void(benchmark::State &)> run;
};

// Rows whose times are to be compared. Their full names are `name`/implementation.
struct Group {
    std::string name;
    std::function<std::vector<Row>()> rows;  // cheap: what it takes to run comes with the first run
};

// Runs the groups one after another; the repetitions of a group's rows are shuffled. Takes Google
// Benchmark's flags, of which `--benchmark_out` writes JSON only. Returns the exit status: 1 if a
// row failed or none was chosen.
int run(int argc, char **argv, const std::vector<Group> &groups);

}  // namespace bench

#endif  // GLIMPSE_BENCH_RUNNER_H_
