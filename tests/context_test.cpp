// Variants and contexts: what is listed, chosen, forced and refused.

#include <cstdlib>
#include <cstring>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "buffers.h"
#include "glimpse/glimpse.h"
#include "variants.h"

namespace {

using glimpse::ChannelStatistics;
using glimpse::ConstView;
using glimpse::Context;
using glimpse::ContextOptions;
using glimpse::Offset;
using glimpse::Origin;
using glimpse::Status;
using glimpse::StatusCode;
using glimpse::Variant;
using glimpse::View;

// Sets GLIMPSE_VARIANT for a test; restores what was there.
class ContextTest : public ::testing::Test {
protected:
    void SetUp() override {
        const char *const value = std::getenv("GLIMPSE_VARIANT");
        if (value != nullptr) {
            before_ = value;
        }
        set_environment(nullptr);
    }
    void TearDown() override {
        set_environment(before_ ? before_->c_str() : nullptr);
    }
    static void set_environment(const char *value) {
        if (value != nullptr) {
            setenv("GLIMPSE_VARIANT", value, 1);
        } else {
            unsetenv("GLIMPSE_VARIANT");
        }
    }

    std::optional<std::string> before_;
};

ContextOptions named(const char *variant) {
    ContextOptions options;
    options.variant = variant;
    return options;
}

std::vector<Variant> list() {
    const auto span = glimpse::variants();
    return {span.data, span.data + span.size};
}

TEST_F(ContextTest, ListOfVariants) {
    const std::vector<Variant> variants = list();
    ASSERT_FALSE(variants.empty());
    std::set<std::string> names;
    for (const Variant &variant : variants) {
        ASSERT_NE(variant.name, nullptr);
        ASSERT_NE(variant.target, nullptr);
        ASSERT_NE(variant.reason, nullptr);
        EXPECT_NE(std::strlen(variant.target), 0u) << variant.name;
        EXPECT_NE(std::strlen(variant.reason), 0u) << variant.name;
        EXPECT_TRUE(names.insert(variant.name).second) << variant.name << " twice";
    }
    EXPECT_NE(best_variant(), nullptr) << "no variant for this machine";
    const auto again = glimpse::variants();
    EXPECT_EQ(again.data, glimpse::variants().data) << "the list lives for ever";
    EXPECT_EQ(again.size, variants.size());
}

TEST_F(ContextTest, Version) {
    const std::string version = glimpse::version();
    EXPECT_EQ(std::count(version.begin(), version.end(), '.'), 2) << version;
    EXPECT_EQ(version.find_first_not_of("0123456789."), std::string::npos) << version;
}

TEST_F(ContextTest, ChoosesTheBest) {
    for (const char *const environment : {static_cast<const char *>(nullptr), ""}) {
        set_environment(environment);
        Context context;
        ASSERT_TRUE(succeeded(context.status()));
        ASSERT_NE(context.variant(), nullptr);
        EXPECT_STREQ(context.variant()->name, best_variant()->name);
    }
}

TEST_F(ContextTest, ForcedByName) {
    for (const Variant &variant : list()) {
        const Context context(named(variant.name));
        if (variant.usable) {
            ASSERT_TRUE(succeeded(context.status()));
            EXPECT_STREQ(context.variant()->name, variant.name);
            EXPECT_STREQ(context.variant()->target, variant.target);
        } else {
            EXPECT_EQ(context.status().code(), StatusCode::unusable_variant);
            EXPECT_EQ(context.variant(), nullptr);
            const std::string message = context.status().message();
            EXPECT_NE(message.find(variant.name), std::string::npos) << message;
            EXPECT_NE(message.find(variant.reason), std::string::npos) << message;
        }
    }
}

TEST_F(ContextTest, ForcedByTheEnvironment) {
    for (const Variant &variant : list()) {
        set_environment(variant.name);
        const Context context;
        EXPECT_EQ(context.status().code(),
                  variant.usable ? StatusCode::ok : StatusCode::unusable_variant);
        if (variant.usable) {
            EXPECT_STREQ(context.variant()->name, variant.name);
        }
    }
}

TEST_F(ContextTest, TheArgumentWins) {
    set_environment("no_such_variant");
    const Context context(named(best_variant()->name));
    ASSERT_TRUE(succeeded(context.status()));
    EXPECT_STREQ(context.variant()->name, best_variant()->name);
    set_environment(best_variant()->name);
    EXPECT_EQ(Context(named("no_such_variant")).status().code(), StatusCode::unknown_variant);
}

TEST_F(ContextTest, UnusableVariant) {
    const std::vector<Variant> variants = list();
    for (const Variant &variant : variants) {
        if (!variant.usable) {
            EXPECT_EQ(Context(named(variant.name)).status().code(), StatusCode::unusable_variant);
            return;
        }
    }
    GTEST_SKIP() << "this machine can run every variant that was built";
}

// A name that was not built is an error that names it, never another variant.
TEST_F(ContextTest, UnknownNames) {
    const std::string long_name(10000, 'y');
    for (const std::string &name : {std::string("no_such_variant"), std::string("AVX2"),
                                    std::string("avx2 "), std::string("avx"), long_name}) {
        const Context by_argument(named(name.c_str()));
        EXPECT_EQ(by_argument.status().code(), StatusCode::unknown_variant);
        EXPECT_EQ(by_argument.variant(), nullptr);
        const std::string message = by_argument.status().message();
        EXPECT_NE(message.find(name.substr(0, 30)), std::string::npos) << message;
        set_environment(name.c_str());
        EXPECT_EQ(Context().status().code(), StatusCode::unknown_variant);
    }
    EXPECT_EQ(Context(named("")).status().code(), StatusCode::unknown_variant);
}

// Every call with a context that cannot be used returns the context's own status.
TEST_F(ContextTest, CallsReturnTheStatusOfTheContext) {
    Context context(named("no_such_variant"));
    const std::string message = context.status().message();
    const std::vector<float> image(12, 1.0f);
    const auto images = ConstView::interleaved(image.data(), {1, 3, 4, 1});
    Output<float> glimpses({1, 2, 2, 1}, interleaved, 1);
    const Origin origins[] = {{0, 0}};
    const Offset offsets[] = {{1, 1}};
    std::vector<ChannelStatistics> statistics(1, ChannelStatistics{9, 9, 9, 9});
    const int64_t input_shape[] = {1, 3, 4, 1}, size_shape[] = {2}, offsets_shape[] = {1, 2};
    const int64_t output_shape[] = {1, 2, 2, 1};
    const int32_t size[] = {2, 2};
    const float pairs[] = {0, 0};

    const Status results[] = {
        extract(images, origins, glimpses.view(), {}, context),
        extract(images, offsets, glimpses.view(), {}, context),
        compute_statistics(images, statistics, context),
        glimpse::tensorflow::extract_glimpse(
            {image.data(), input_shape}, {size, size_shape}, {pairs, offsets_shape},
            {static_cast<float *>(glimpses.view().data), output_shape}, {}, context)};
    for (const Status &status : results) {
        EXPECT_EQ(status.code(), StatusCode::unknown_variant);
        EXPECT_EQ(status.message(), message);
    }
    EXPECT_TRUE(glimpses.untouched());
    EXPECT_EQ(statistics[0].mean, 9);
}

TEST_F(ContextTest, DefaultContext) {
    set_environment(before_ ? before_->c_str() : nullptr);
    Context &context = glimpse::default_context();
    EXPECT_EQ(&context, &glimpse::default_context());
    ASSERT_TRUE(succeeded(context.status()));
    if (!before_ || before_->empty()) {
        EXPECT_STREQ(context.variant()->name, best_variant()->name);
    } else {
        EXPECT_EQ(*before_, context.variant()->name);
    }
    // Made once: the environment is not looked at again.
    set_environment("no_such_variant");
    EXPECT_TRUE(succeeded(glimpse::default_context().status()));
}

// An executor without a function, or of no width, leaves the work to the calling thread.
TEST_F(ContextTest, ExecutorsThatAreNone) {
    glimpse::Executor without_function;
    without_function.width = 5;
    const auto never = [](void *, int64_t, void (*)(void *, int64_t), void *) {
        ADD_FAILURE() << "an executor of this width is not to be used";
    };
    std::vector<glimpse::Executor> executors = {without_function};
    for (const int width : {1, 0, -4}) {
        executors.push_back({never, nullptr, width});
    }
    for (const glimpse::Executor &executor : executors) {
        ContextOptions options;
        options.executor = executor;
        Context context(options);
        const std::vector<uint8_t> image(300 * 400 * 3, 5);
        Output<uint8_t> glimpses({1, 400, 300, 3}, interleaved, 1);
        const Origin origins[] = {{-10, -20}};
        glimpse::Options how;
        how.border = glimpse::Border::uniform;
        ASSERT_TRUE(succeeded(extract(ConstView::interleaved(image.data(), {1, 300, 400, 3}),
                                      origins, glimpses.view(), how, context)));
        EXPECT_TRUE(same_pixels<uint8_t>(
            glimpses.result(), [](int64_t, int64_t, int64_t, int64_t) { return uint8_t{5}; }));
    }
}

// An executor gets its state, every index once, and no more than it says when there is much to do.
TEST_F(ContextTest, ExecutorIsUsed) {
    struct Record {
        int calls = 0;
        int64_t most = 0;
    } record;
    glimpse::Executor executor;
    executor.width = 4;
    executor.state = &record;
    executor.parallel_for = [](void *state, int64_t count, void (*task)(void *, int64_t),
                               void *task_state) {
        auto *const seen = static_cast<Record *>(state);
        seen->calls++;
        seen->most = std::max(seen->most, count);
        for (int64_t i = 0; i < count; i++) {
            task(task_state, i);
        }
    };
    ContextOptions options;
    options.executor = executor;
    Context context(options);
    const std::vector<float> image(600 * 800 * 3, 5);
    const auto images = ConstView::interleaved(image.data(), {1, 600, 800, 3});
    std::vector<float> glimpses(64 * 128 * 128 * 3);
    const std::vector<Origin> origins(64, Origin{100, 100});
    ASSERT_TRUE(succeeded(extract(
        images, origins, View::interleaved(glimpses.data(), {64, 128, 128, 3}), {}, context)));
    EXPECT_GT(record.calls, 0);
    EXPECT_GT(record.most, 1);
    record = {};
    std::vector<ChannelStatistics> statistics(3);
    ASSERT_TRUE(succeeded(compute_statistics(images, statistics, context)));
    EXPECT_GT(record.most, 1);
}

}  // namespace
