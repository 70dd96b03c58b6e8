// What is asked of the CUDA driver, and what becomes of its failures: with the mock of it only.
#include <gtest/gtest.h>

#include <thread>

#include "buffers.h"
#include "cuda/device_memory.h"
#include "glimpse/copy.h"

namespace {

using namespace glimpse;

class DeviceDriverTest : public ::testing::Test {
protected:
    void SetUp() override {
        if (!cuda_probe().status.ok() || mock() == nullptr) {
            GTEST_SKIP() << "the driver is not the mock";
        }
        mock()->failing = nullptr;
        mock()->fail_after = 0;
        mock()->runs = false;
        current_ = std::make_unique<PrimaryContext>();
        before_ = *mock();
    }
    void TearDown() override {
        if (mock() == nullptr || current_ == nullptr) {
            return;
        }
        mock()->failing = nullptr;
        // Nothing is left behind.
        EXPECT_EQ(mock()->allocated_blocks, before_.allocated_blocks);
        EXPECT_EQ(mock()->modules, before_.modules);
        EXPECT_EQ(mock()->pushed, before_.pushed);
        EXPECT_EQ(mock()->retained, before_.retained);
    }

private:
    std::unique_ptr<PrimaryContext> current_;
    MockCuda before_ = {};
};

// A function of the mock, by its name.
#define FUNCTION_OF_MOCK(name)           \
    reinterpret_cast<decltype(&(name))>( \
        dlsym(dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD), #name))

// Counts of the mock since a point in time.
class Counts {
public:
    int64_t launches() const {
        return mock()->launches - before_.launches;
    }
    int64_t uploads() const {
        return mock()->uploads - before_.uploads;
    }
    int64_t downloads() const {
        return mock()->downloads - before_.downloads;
    }
    int64_t copies_2d() const {
        return mock()->copies_2d - before_.copies_2d;
    }
    int64_t allocations() const {
        return mock()->allocations - before_.allocations;
    }
    int64_t loads() const {
        return mock()->loads - before_.loads;
    }
    int64_t synchronizations() const {
        return mock()->synchronizations - before_.synchronizations;
    }
    int64_t other_streams() const {
        return mock()->other_streams - before_.other_streams;
    }

private:
    MockCuda before_ = *mock();
};

// Images, places and glimpses of some call, in device memory.
struct Frame {
    std::vector<uint8_t> pixels = std::vector<uint8_t>(2 * 20 * 30 * 3, 7);
    std::vector<Origin> origins;
    std::vector<Offset> offsets;
    std::vector<int32_t> index;
    std::vector<float> glimpses;
    DeviceCopy device_pixels, device_origins, device_offsets, device_index, device_glimpses;
    Shape shape;

    explicit Frame(int64_t count = 5)
        : origins(size_t(count), Origin{-3, -4}), offsets(size_t(count), Offset{1, 2}),
          index(size_t(count), 1), glimpses(size_t(count) * 8 * 8 * 3), device_pixels(pixels),
          device_origins(origins), device_offsets(offsets), device_index(index),
          device_glimpses(glimpses), shape{count, 8, 8, 3} {
    }
    ConstView in() const {
        return device_pixels.view(ConstView::interleaved(pixels.data(), {2, 20, 30, 3}));
    }
    View out() {
        return device_glimpses.view(
            View::planar(static_cast<void *>(glimpses.data()), ElementType::uint8, shape));
    }
    Span<const Origin> there(const std::vector<Origin> &v) const {
        return Span<const Origin>(device_origins.at(v.data()), v.size()).on(Memory::cuda);
    }
    Options indexed() const {
        Options options;
        options.image_index = index;
        return options;
    }
};

TEST_F(DeviceDriverTest, OneLaunchAndNothingElse) {
    for (const int64_t count : {1, 5, 70000, 300000}) {
        Frame frame(count);
        Context context;
        for (const Border border :
             {Border::zero, Border::constant, Border::replicate, Border::reflect, Border::wrap}) {
            Options options = frame.indexed();
            options.border = border;
            const float value[] = {1, 2, 3};
            if (border == Border::constant) {
                options.value = value;
            }
            const auto call = [&] {
                ASSERT_TRUE(extract(frame.in(), frame.origins, frame.out(), options, context).ok());
            };
            call();
            const Counts warm;
            mock()->largest_upload = 0;
            call();
            EXPECT_EQ(warm.launches(), 1) << name(border);
            // A driver waits for the stream before it copies more than that.
            EXPECT_LE(mock()->largest_upload, 65536);
            EXPECT_EQ(warm.uploads(), (count * 20 + 65535) / 65536);  // of 20 bytes for each
            EXPECT_EQ(warm.allocations() + warm.loads() + warm.synchronizations() +
                          warm.downloads() + warm.copies_2d(),
                      0);
            // With places on the device there is nothing to tell it.
            options.image_index =
                Span<const int32_t>(frame.device_index.at(frame.index.data()), frame.index.size())
                    .on(Memory::cuda);
            const auto call_there = [&] {
                ASSERT_TRUE(
                    extract(frame.in(), frame.there(frame.origins), frame.out(), options, context)
                        .ok());
            };
            call_there();
            const Counts there;
            call_there();
            EXPECT_EQ(there.launches(), 2) << name(border);
            EXPECT_EQ(there.uploads(), border == Border::constant ? 1 : 0);
            EXPECT_EQ(there.allocations() + there.loads() + there.synchronizations(), 0);
        }
    }
}

TEST_F(DeviceDriverTest, TwoLaunchesForStatistics) {
    Frame frame;
    Context context;
    for (const Border border : {Border::mean, Border::uniform, Border::gaussian}) {
        Options options = frame.indexed();
        options.border = border;
        const auto call = [&](bool there) {
            const Status status =
                there
                    ? extract(frame.in(), frame.there(frame.origins), frame.out(), options, context)
                    : extract(frame.in(), frame.origins, frame.out(), options, context);
            ASSERT_TRUE(status.ok()) << status.message();
        };
        for (const bool there : {false, true}) {
            call(there);
            const Counts warm;
            call(there);
            EXPECT_EQ(warm.launches(), there ? 4 : 3) << name(border);
            EXPECT_EQ(warm.allocations() + warm.loads() + warm.synchronizations(), 0);
        }
        // None of the glimpses shows the outside.
        std::fill(frame.origins.begin(), frame.origins.end(), Origin{1, 1});
        const Counts inside;
        call(false);
        EXPECT_EQ(inside.launches(), 1);
        std::fill(frame.origins.begin(), frame.origins.end(), Origin{-3, -4});
        // Given, here or there.
        std::vector<ChannelStatistics> statistics(6);
        const DeviceVector<ChannelStatistics> there(statistics);
        options.statistics = statistics;
        const Counts given;
        call(false);
        options.statistics = there.span();
        call(false);
        EXPECT_EQ(given.launches(), 2);
        const Counts computed;
        ASSERT_TRUE(compute_statistics(frame.in(), there.span_to_write(), context).ok());
        EXPECT_EQ(computed.launches(), 2);
        EXPECT_EQ(computed.synchronizations() + computed.downloads(), 0);
    }
}

TEST_F(DeviceDriverTest, EverythingGoesToTheStream) {
    const auto new_context = FUNCTION_OF_MOCK(mock_cuda_context);
    const auto new_stream = FUNCTION_OF_MOCK(mock_cuda_stream);
    mock()->devices = 2;
    void *const contexts[] = {new_context(0), new_context(1)};
    Frame frame;
    const Counts all;
    {
        std::vector<std::unique_ptr<Context>> users;
        for (void *const cuda_context : contexts) {
            for (int i = 0; i < 3; i++) {
                ContextOptions options;
                // The stream knows its context.
                options.cuda_context = i == 0 ? cuda_context : nullptr;
                options.cuda_stream = new_stream(cuda_context);
                users.push_back(std::make_unique<Context>(options));
                Options call = frame.indexed();
                call.border = Border::uniform;
                ASSERT_TRUE(
                    extract(frame.in(), frame.origins, frame.out(), call, *users.back()).ok());
                EXPECT_EQ(mock()->stream, options.cuda_stream);
                EXPECT_EQ(mock()->context, cuda_context);
                const Counts again;
                ASSERT_TRUE(
                    extract(frame.in(), frame.origins, frame.out(), call, *users.back()).ok());
                EXPECT_EQ(again.other_streams(), 0);
                ASSERT_TRUE(users.back()->synchronize().ok());
                EXPECT_EQ(mock()->stream, options.cuda_stream);
            }
        }
        // Kernels were loaded once for each CUDA context.
        EXPECT_EQ(all.loads(), 2 * 3);
    }
    mock()->devices = 1;
}

TEST_F(DeviceDriverTest, CurrentContextOfEachThread) {
    const auto new_context = FUNCTION_OF_MOCK(mock_cuda_context);
    Context context;
    Frame frame;
    for (int i = 0; i < 2; i++) {
        void *const cuda_context = new_context(0);
        std::thread([&] {
            must(driver().context_push(static_cast<CUcontext>(cuda_context)));
            ASSERT_TRUE(
                extract(frame.in(), frame.origins, frame.out(), frame.indexed(), context).ok());
            EXPECT_EQ(mock()->context, cuda_context);
            CUcontext popped = nullptr;
            must(driver().context_pop(&popped));
        }).join();
        // From elsewhere, too, it is waited for.
        std::thread([&] {
            const Counts counts;
            ASSERT_TRUE(context.synchronize().ok());
            EXPECT_EQ(counts.synchronizations(), i + 1);
            EXPECT_EQ(mock()->retained, 1) << "none but the test's";
        }).join();
    }
    // A thread without one uses the primary context, which is given back with ours.
    std::thread([&] {
        ASSERT_TRUE(extract(frame.in(), frame.origins, frame.out(), frame.indexed(), context).ok());
    }).join();
}

// Nothing of what a context lost is given back to the one that follows it.
TEST_F(DeviceDriverTest, ContextThatWasReset) {
    const auto new_context = FUNCTION_OF_MOCK(mock_cuda_context);
    const auto reset = FUNCTION_OF_MOCK(mock_cuda_reset);
    const auto calls = FUNCTION_OF_MOCK(mock_cuda_calls);
    ContextOptions options;
    options.cuda_context = new_context(0);
    Frame frame;
    const auto call = [&](Context &context) {
        return extract(frame.in(), frame.origins, frame.out(), frame.indexed(), context);
    };
    {
        Context context(options);
        ASSERT_TRUE(call(context).ok());
        reset(options.cuda_context);
        ASSERT_TRUE(context.synchronize().ok());
        // It works on with the new one, and gives that its memory back.
        const Counts again;
        ASSERT_TRUE(call(context).ok());
        EXPECT_EQ(again.loads(), 1);
        EXPECT_EQ(again.allocations(), 1);
    }
    const int frees = calls("cuMemFree_v2"), unloads = calls("cuModuleUnload");
    {
        Context context(options);
        ASSERT_TRUE(call(context).ok());
        reset(options.cuda_context);
    }
    EXPECT_EQ(calls("cuMemFree_v2"), frees);
    EXPECT_EQ(calls("cuModuleUnload"), unloads);
}

// Streams in which memory that is kept, and arguments that are copied, would not be good.
TEST_F(DeviceDriverTest, StreamsThatAreRefused) {
    Frame frame;
    const auto call = [&](Context &context) {
        return extract(frame.in(), frame.origins, frame.out(), frame.indexed(), context);
    };
    ContextOptions options;
    options.cuda_stream = pointer_of(cuda_stream_per_thread);
    Context per_thread(options);
    EXPECT_EQ(per_thread.status().code(), StatusCode::invalid_value);
    EXPECT_EQ(call(per_thread).code(), StatusCode::invalid_value);
    Context context;
    const Counts nothing;
    mock()->captures = true;
    const Status status = call(context);
    mock()->captures = false;
    EXPECT_EQ(status.code(), StatusCode::invalid_value) << status.message();
    EXPECT_EQ(nothing.launches() + nothing.uploads() + nothing.allocations(), 0);
    EXPECT_TRUE(call(context).ok());
}

TEST_F(DeviceDriverTest, ManyThreads) {
    Context context;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; t++) {
        threads.emplace_back([&, t] {
            const PrimaryContext current;
            Frame frame(t + 1);
            for (int i = 0; i < 20; i++) {
                Options options = frame.indexed();
                options.border = i % 2 == 0 ? Border::gaussian : Border::reflect;
                ASSERT_TRUE(extract(frame.in(), frame.origins, frame.out(), options, context).ok());
            }
        });
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
}

TEST_F(DeviceDriverTest, WarmUp) {
    GLIMPSE_NEEDS_TYPES(uint8_t, uint16_t, glimpse::Float16, float);
    Frame frame;
    Context context;
    const Counts cold;
    ASSERT_TRUE(context.warm_up().ok());
    EXPECT_GT(cold.loads(), 40);
    EXPECT_EQ(cold.launches(), 0);
    const Counts warm;
    for (const Border border : {Border::wrap, Border::mean, Border::uniform}) {
        Options options = frame.indexed();
        options.border = border;
        ASSERT_TRUE(extract(frame.in(), frame.origins, frame.out(), options, context).ok());
    }
    EXPECT_EQ(warm.loads(), 0);
}

// Every function of the driver fails, at any of its calls: the call says so, the processor goes on,
// and so does the device once the driver works again.
TEST_F(DeviceDriverTest, EveryFailureIsAStatus) {
    Frame frame;
    std::vector<uint8_t> host_glimpses(frame.glimpses.size());
    std::vector<ChannelStatistics> statistics(6);
    const View staged = View::interleaved(host_glimpses.data(), frame.shape);
    const ConstView host_pixels =
        ConstView::interleaved(static_cast<const uint8_t *>(frame.pixels.data()), {2, 20, 30, 3});
    const auto run = [&](Context &context) -> Status {
        Options options = frame.indexed();
        options.border = Border::gaussian;
        Status status = context.warm_up();
        if (status.ok()) {
            status = extract(frame.in(), frame.there(frame.origins), frame.out(), options, context);
        }
        if (status.ok()) {
            status = compute_statistics(frame.in(), statistics, context);
        }
        if (status.ok()) {
            View target = frame.out();
            target =
                View::interleaved(target.data, ElementType::uint8, {2, 20, 30, 3}).on(Memory::cuda);
            target.shape.count = 1;
            ConstView source = host_pixels;
            source.shape.count = 1;
            target.shape.height = source.shape.height = 4;
            status = copy(source, target, context);
        }
        return status.ok() ? context.synchronize() : status;
    };
    const char *const functions[] = {
        "cuCtxGetCurrent",      "cuCtxGetDevice",     "cuDeviceGetAttribute",
        "cuCtxPushCurrent_v2",  "cuModuleLoadData",   "cuModuleGetFunction",
        "cuLaunchKernel",       "cuMemAlloc_v2",      "cuMemcpyHtoDAsync_v2",
        "cuMemcpyDtoHAsync_v2", "cuMemcpy2DAsync_v2", "cuStreamSynchronize",
    };
    for (const char *const function : functions) {
        for (int after = 0; after < 200; after++) {
            // Each time in a context of its own, so that nothing is warm.
            void *const library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
            const auto new_context =
                reinterpret_cast<decltype(&mock_cuda_context)>(dlsym(library, "mock_cuda_context"));
            CUcontext popped = nullptr;
            must(driver().context_push(static_cast<CUcontext>(new_context(0))));
            bool failed = false;
            {
                Context context;
                const auto calls = reinterpret_cast<int (*)(const char *)>(
                    dlsym(library, "mock_cuda_calls"))(function);
                mock()->fail_after = calls + after;
                mock()->error = after % 2 == 0 ? 2 : 700;
                mock()->failing = function;
                const Status status = run(context);
                failed = !status.ok();
                if (failed) {
                    EXPECT_EQ(status.code(),
                              after % 2 == 0 ? StatusCode::out_of_memory : StatusCode::device_error)
                        << function << ", call " << after;
                    EXPECT_NE(std::string(status.message()).find("failed with CUDA error"),
                              std::string::npos)
                        << status.message();
                }
                // Also while the driver fails.
                const Status on_host = extract(host_pixels, frame.origins, staged, frame.indexed());
                EXPECT_TRUE(on_host.ok()) << on_host.message();
                mock()->failing = nullptr;
                const Status again = run(context);
                EXPECT_TRUE(again.ok())
                    << function << ", call " << after << ": " << again.message();
            }
            must(driver().context_pop(&popped));
            if (!failed) {
                EXPECT_GT(after, 0) << function << " is never called";
                break;
            }
        }
    }
}

TEST_F(DeviceDriverTest, WhatIsRefused) {
    GLIMPSE_NEEDS_TYPES(uint16_t);
    Frame frame;
    Context context;
    std::vector<uint8_t> host(frame.glimpses.size());
    const View on_host = View::interleaved(host.data(), frame.shape);
    const Counts nothing;
    const auto expect = [](const Status &status, StatusCode code, const char *text) {
        EXPECT_EQ(status.code(), code) << status.message();
        EXPECT_NE(std::string(status.message()).find(text), std::string::npos) << status.message();
    };
    Options options = frame.indexed();
    expect(extract(frame.in(), frame.origins, on_host, options, context),
           StatusCode::memory_mismatch, "images lie in the memory 'cuda' and glimpses in 'host'");
    const ConstView pixels =
        ConstView::interleaved(static_cast<const uint8_t *>(frame.pixels.data()), {2, 20, 30, 3});
    expect(extract(pixels, frame.there(frame.origins), on_host, options, context),
           StatusCode::memory_mismatch, "origins");
    const float value[] = {1, 2, 3};
    options.border = Border::constant;
    options.value = Span<const float>(value).on(Memory::cuda);
    expect(extract(frame.in(), frame.origins, frame.out(), options, context),
           StatusCode::memory_mismatch, "value");
    options = frame.indexed();
    options.image_index = options.image_index.on(Memory(7));
    expect(extract(frame.in(), frame.origins, frame.out(), options, context),
           StatusCode::memory_mismatch, "image_index");
    std::vector<ChannelStatistics> statistics(6);
    expect(
        compute_statistics(pixels, Span<ChannelStatistics>(statistics).on(Memory::cuda), context),
        StatusCode::memory_mismatch, "statistics");
    EXPECT_EQ(nothing.launches() + nothing.uploads() + nothing.allocations(), 0);
    // One row, and again and again the same.
    const int64_t huge = int64_t(1) << 17;
    const std::vector<uint16_t> row(size_t(huge), 1);
    const DeviceCopy device_row(row);
    const ConstView repeated = device_row.view(
        ConstView(row.data(), ElementType::uint16, {1, huge, huge, 1}, {0, 0, 1, 1}));
    expect(compute_statistics(repeated, {statistics.data(), 1}, context), StatusCode::too_large,
           "17179869184 pixels");
    EXPECT_EQ(nothing.launches(), 0);
}

// A name is for views of the host.
TEST_F(DeviceDriverTest, WhicheverVariantIsNamed) {
    Frame frame;
    for (size_t i = 0; i < variants().size; i++) {
        const Variant &variant = variants().data[i];
        ContextOptions options;
        options.variant = variant.name;
        Context context(options);
        const Counts counts;
        const Status status =
            extract(frame.in(), frame.origins, frame.out(), frame.indexed(), context);
        EXPECT_EQ(status.code(), variant.usable ? StatusCode::ok : StatusCode::unusable_variant)
            << variant.name << ": " << status.message();
        EXPECT_EQ(counts.launches(), variant.usable ? 1 : 0) << variant.name;
    }
}

TEST_F(DeviceDriverTest, Copies) {
    Context context;
    std::vector<uint8_t> frame(5000);
    for (size_t i = 0; i < frame.size(); i++) {
        frame[i] = static_cast<uint8_t>(i * 7);
    }
    std::vector<uint8_t> back(frame.size()), there(frame.size());
    const DeviceCopy device(there);
    const auto at = [&](const std::vector<uint8_t> &v) { return v.data(); };
    const struct {
        ConstView host;
        View device;
        int64_t copies;
    } cases[] = {
        // A frame; a batch with a pitch on either side; planes; a region; a batch that is not
        // evenly
        // spaced.
        {ConstView::interleaved(at(frame), {1, 10, 20, 3}),
         View::interleaved(there.data(), {1, 10, 20, 3}), 1},
        {ConstView::interleaved(at(frame), {3, 10, 20, 3}).pitch_bytes(64),
         View::interleaved(there.data(), {3, 10, 20, 3}).pitch_bytes(128), 1},
        {ConstView::planar(at(frame), {2, 10, 20, 3}),
         View::planar(there.data(), {2, 10, 20, 3}).pitch_bytes(32), 1},
        {ConstView::interleaved(at(frame), {1, 30, 20, 3}).region(3, 4, 9, 11),
         View::interleaved(there.data(), {1, 9, 11, 3}), 1},
        {ConstView::interleaved(at(frame), {2, 30, 20, 1}).region(3, 4, 9, 11),
         View::interleaved(there.data(), {2, 9, 11, 1}), 2},
    };
    for (const auto &c : cases) {
        const View target = device.view(c.device);
        const Counts counts;
        Status status = copy(c.host, target, context);
        ASSERT_TRUE(status.ok()) << status.message();
        EXPECT_EQ(counts.copies_2d(), c.copies);
        EXPECT_EQ(counts.synchronizations() + counts.launches(), 0);
        const Shape &s = c.host.shape;
        const View result = s.channels > 1 && c.device.strides.column == 1
                                ? View::planar(back.data(), s)
                                : View::interleaved(back.data(), s);
        status = copy(target, result, context);
        ASSERT_TRUE(status.ok()) << status.message();
        ASSERT_TRUE(context.synchronize().ok());
        EXPECT_TRUE(same_pixels<uint8_t>(result, [&](int64_t n, int64_t y, int64_t x, int64_t k) {
            const Strides &t = c.host.strides;
            return static_cast<const uint8_t *>(
                c.host.data)[n * t.image + y * t.row + x * t.column + k * t.channel];
        }));
    }
    const View flipped = View::interleaved(there.data(), {1, 10, 20, 3}).flipped();
    EXPECT_EQ(copy(cases[0].host, device.view(flipped), context).code(),
              StatusCode::invalid_strides);
}

// Where CUDA cannot be used at all: each way in a run of its own, as a process asks once.
TEST(DeviceUnusableTest, SaysWhy) {
    const char *const text = std::getenv("GLIMPSE_EXPECTED_REASON");
    if (text == nullptr) {
        GTEST_SKIP() << "no reason is expected";
    }
    std::vector<uint8_t> pixels(12, 5), glimpses(12);
    const Origin origins[] = {{0, 0}};
    const ConstView in =
        ConstView::interleaved(static_cast<const uint8_t *>(pixels.data()), {1, 2, 2, 3});
    const View out = View::interleaved(glimpses.data(), {1, 2, 2, 3});
    const auto expect = [&](const Status &status) {
        EXPECT_EQ(status.code(), StatusCode::unusable_variant);
        EXPECT_NE(std::string(status.message()).find(text), std::string::npos) << status.message();
    };
    Context context;
    EXPECT_TRUE(context.status().ok());
    expect(extract(in.on(Memory::cuda), origins, out.on(Memory::cuda), {}, context));
    EXPECT_TRUE(context.warm_up().ok()) << "the processor is warm";
    expect(copy(in, out.on(Memory::cuda), context));
    std::vector<ChannelStatistics> statistics(3);
    expect(compute_statistics(in.on(Memory::cuda), statistics, context));
    EXPECT_TRUE(context.synchronize().ok()) << "nothing was queued";
    ContextOptions forced;
    forced.variant = "cuda";
    Context cuda(forced);
    expect(cuda.status());
    expect(extract(in, origins, out, {}, cuda));
    const Variant &listed = variants().data[variants().size - 1];
    EXPECT_STREQ(listed.name, "cuda");
    EXPECT_FALSE(listed.usable);
    EXPECT_NE(std::string(listed.reason).find(text), std::string::npos) << listed.reason;
    // The processor goes on.
    const Status on_host = extract(in, origins, out, {}, context);
    EXPECT_TRUE(on_host.ok()) << on_host.message();
    EXPECT_EQ(glimpses, pixels);
}

}  // namespace
