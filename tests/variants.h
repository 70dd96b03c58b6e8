// Runs a test once for every variant that was built, under the variant's name, so that
// `ctest -R avx2` finds its tests; and executors, the ways a caller may lend the library threads.
#ifndef GLIMPSE_TESTS_VARIANTS_H_
#define GLIMPSE_TESTS_VARIANTS_H_

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "buffers.h"
#include "glimpse/glimpse.h"

// Use: `using NameTest = VariantTest; INSTANTIATE_TEST_SUITE_P(, NameTest, all_variants(),
// variant_name);` after which TEST_P bodies find context() forced to the variant. A variant that
// this machine cannot run is skipped, with its reason.
class VariantTest : public ::testing::TestWithParam<glimpse::Variant> {
protected:
    void SetUp() override {
        if (!GetParam().usable) {
            GTEST_SKIP() << GetParam().name << ": " << GetParam().reason;
        }
        context_ = make_context();
        ASSERT_TRUE(context_->status().ok()) << context_->status().message();
    }

    // Another context of the same variant, with the caller's threads.
    std::unique_ptr<glimpse::Context> make_context(const glimpse::Executor &executor = {}) const {
        glimpse::ContextOptions options;
        options.variant = GetParam().name;
        options.executor = executor;
        return std::make_unique<glimpse::Context>(options);
    }

    glimpse::Context &context() {
        return *context_;
    }

private:
    std::unique_ptr<glimpse::Context> context_;
};

// All variants for processors, and that for devices where there is one.
inline std::vector<glimpse::Variant> tested_variants() {
    const glimpse::Span<const glimpse::Variant> list = glimpse::variants();
    std::vector<glimpse::Variant> result(list.data, list.data + list.size);
    if (!result.empty() && !result.back().usable && result.back().name == std::string("cuda")) {
        result.pop_back();
    }
    return result;
}

inline auto all_variants() {
    return ::testing::ValuesIn(tested_variants());
}

inline std::string variant_name(const ::testing::TestParamInfo<glimpse::Variant> &info) {
    return info.param.name;
}

namespace glimpse {
// How GoogleTest prints a parameter.
inline void PrintTo(const Variant &variant, std::ostream *stream) {
    *stream << variant.name;
}
}  // namespace glimpse

// The best variant that this machine can run; null if there is none.
inline const glimpse::Variant *best_variant() {
    for (const glimpse::Variant *variant = glimpse::variants().data,
                                *end = variant + glimpse::variants().size;
         variant != end; variant++) {
        if (variant->usable) {
            return variant;
        }
    }
    return nullptr;
}

// Runs tasks on the calling thread, the last one first.
inline glimpse::Executor backwards(int width) {
    glimpse::Executor executor;
    executor.width = width;
    executor.parallel_for = [](void *, int64_t count, void (*task)(void *, int64_t),
                               void *task_state) {
        for (int64_t i = count - 1; i >= 0; i--) {
            task(task_state, i);
        }
    };
    return executor;
}

// Runs every task on a thread of its own, all at once.
inline glimpse::Executor threads(int width) {
    glimpse::Executor executor;
    executor.width = width;
    executor.parallel_for = [](void *, int64_t count, void (*task)(void *, int64_t),
                               void *task_state) {
        std::vector<std::thread> running;
        for (int64_t i = 0; i < count; i++) {
            running.emplace_back(task, task_state, i);
        }
        for (std::thread &thread : running) {
            thread.join();
        }
    };
    return executor;
}

// Counts the loops that another executor runs. It must outlive its executor().
class CountedLoops {
public:
    explicit CountedLoops(const glimpse::Executor &counted) : counted_(counted) {
    }
    glimpse::Executor executor() {
        glimpse::Executor executor;
        executor.width = counted_.width;
        executor.state = this;
        executor.parallel_for = [](void *state, int64_t count, void (*task)(void *, int64_t),
                                   void *task_state) {
            auto &self = *static_cast<CountedLoops *>(state);
            self.loops_++;
            self.counted_.parallel_for(self.counted_.state, count, task, task_state);
        };
        return executor;
    }
    int loops() const {
        return loops_;
    }

private:
    glimpse::Executor counted_;
    std::atomic<int> loops_{0};
};

// Expects that the library uses an executor, and computes with it what it does alone.
inline void expect_same_pixels(const glimpse::Executor &executor) {
    const Images<uint8_t> images({1, 300, 400, 3}, interleaved, Fence::after,
                                 random_elements<uint8_t>(1));
    std::vector<glimpse::Origin> origins;
    for (int32_t i = 0; i < 40; i++) {
        origins.push_back({i * 7 - 60, i * 9 - 60});
    }
    glimpse::Options options;
    options.border = glimpse::Border::gaussian;
    // 7.5 MiB: from 1 MiB on an executor is used.
    Output<float> alone({40, 128, 128, 3}, interleaved, 1),
        shared({40, 128, 128, 3}, interleaved, 2);
    ASSERT_TRUE(succeeded(extract(images.view(), origins, alone.view(), options)));
    CountedLoops counted(executor);
    glimpse::ContextOptions context_options;
    context_options.executor = counted.executor();
    glimpse::Context context(context_options);
    for (int repeat = 0; repeat < 10; repeat++) {
        ASSERT_TRUE(succeeded(extract(images.view(), origins, shared.view(), options, context)));
        ASSERT_TRUE(same_pixels<float>(shared.result(), alone.result()));
    }
    EXPECT_GE(counted.loops(), 10) << "the library does not use the executor";
}

#endif  // GLIMPSE_TESTS_VARIANTS_H_
