// Times calls of the variant `cuda` beside plain copies of as many bytes on the device, as
// `cuda/TYPE/HxWxC/N/CASE/IMPLEMENTATION`. TYPE is that of images and glimpses, or both. HxWxC is
// the size of a glimpse and N how many one call extracts out of a frame of 1080 x 1920 pixels.
// CASE:
//
//     inside          at random positions inside the frame
//     inside-planar   the same, to planes, with subtract and multiply
//     inside-there    inside, with origins in device memory
//     left-BORDER     half outside on the left, at random heights; statistics are given
//     statistics      of a frame of 2160 x 3840 pixels; HxWxC is its size, N is 1
//     launch          inside, so small that it is the time of a launch
//
// IMPLEMENTATION: `glimpse`; `copy`, from device to device, of half the bytes that are read and
// written; `kernel`, written by hand; `memcpy2d`, one cudaMemcpy2DAsync per window; `npp`, one
// nppiCopyReplicateBorder per window, where the build has NPP; `read`, the sum of all 64-bit words;
// `nothing`, a kernel that does nothing. Times are those of a clock, of many calls queued one after
// another. Every result is compared with that of the processor before it is timed.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "cuda_peers.h"
#include "runner.h"
#include "runtime/cuda_driver.h"

namespace {

using glimpse::Border;
using glimpse::ChannelStatistics;
using glimpse::ConstView;
using glimpse::ElementType;
using glimpse::Options;
using glimpse::Origin;
using glimpse::Shape;
using glimpse::Span;
using glimpse::Status;
using glimpse::View;

const int64_t frame_height = 1080, frame_width = 1920;
const float subtract[] = {128, 128, 128}, multiply[] = {0.5f, 0.5f, 0.5f};

// Sets of positions that calls use in rotation, and calls between two waits for the device.
const size_t sets = 8;
const int64_t batch = 32;

const glimpse::CudaDriver &driver() {
    return *glimpse::cuda_probe().driver;
}

// Ends the program: nothing can be measured then.
void must(glimpse::CUresult error) {
    if (error != glimpse::cuda_success) {
        std::fprintf(stderr, "cuda_bench: %s\n",
                     glimpse::cuda_status(driver(), "the driver", error).message());
        std::exit(1);
    }
}

// Memory of the device.
class DeviceMemory {
public:
    explicit DeviceMemory(int64_t bytes) {
        must(driver().allocate(&memory_, static_cast<size_t>(bytes)));
    }
    DeviceMemory(const void *data, int64_t bytes) : DeviceMemory(bytes) {
        must(driver().upload(memory_, data, static_cast<size_t>(bytes), nullptr));
        must(driver().synchronize(nullptr));
    }
    DeviceMemory(const DeviceMemory &) = delete;
    DeviceMemory &operator=(const DeviceMemory &) = delete;
    ~DeviceMemory() {
        driver().free(memory_);
    }
    void *data() const {
        return glimpse::pointer_of(memory_);
    }
    std::vector<char> fetch(int64_t bytes) const {
        std::vector<char> result(static_cast<size_t>(bytes));
        must(driver().download(result.data(), memory_, result.size(), nullptr));
        must(driver().synchronize(nullptr));
        return result;
    }

private:
    glimpse::CUdeviceptr memory_ = 0;
};

// What one call does.
struct Task {
    const char *place;  // of the name of the case
    Border border;
    ElementType type, glimpse_type;
    Shape images, glimpses;
    bool to_planar = false;
    bool places_on_device = false;
};

int64_t elements(const Shape &shape) {
    return shape.count * shape.height * shape.width * shape.channels;
}

int64_t size_of(ElementType type) {
    return type == ElementType::uint8 ? 1 : 4;
}

const void *host_pixels(ElementType type) {
    static const bench::Memory<uint8_t> bytes = bench::random_elements<uint8_t>(2160 * 3840 * 3);
    static const bench::Memory<float> floats = bench::random_elements<float>(2160 * 3840 * 3);
    return type == ElementType::uint8 ? static_cast<const void *>(bytes.data()) : floats.data();
}

// Times `queue(set)`, which queues a call and returns the text of an error or nothing; `check()`
// returns what is wrong with the result of queue(0).
template<typename Queue, typename Check>
void time(benchmark::State &state, int64_t bytes, const Queue &queue, const Check &check) {
    std::string error = queue(0);
    must(driver().synchronize(nullptr));
    if (error.empty()) {
        error = check();
    }
    if (!error.empty()) {
        state.SkipWithError(error.c_str());
        return;
    }
    size_t set = 0;
    while (state.KeepRunningBatch(batch)) {
        for (int64_t i = 0; i < batch; i++) {
            set = (set + 1) % sets;
            error = queue(set);
        }
        must(driver().synchronize(nullptr));
        if (!error.empty()) {
            state.SkipWithError(error.c_str());
            break;
        }
    }
    state.SetBytesProcessed(state.iterations() * bytes);
}

std::string text_of(const char *error) {
    return error == nullptr ? "" : error;
}

std::string text_of(const Status &status) {
    return status.ok() ? "" : status.message();
}

const auto unchecked = [] { return std::string(); };

// Everything that the rows of one group work on.
class ExtractBench {
public:
    explicit ExtractBench(const Task &task)
        : task_(task), in_bytes_(elements(task.glimpses) * size_of(task.type)),
          out_bytes_(elements(task.glimpses) * size_of(task.glimpse_type)),
          images_(host_pixels(task.type), elements(task.images) * size_of(task.type)),
          glimpses_(out_bytes_) {
        bench::Random random;
        for (std::vector<Origin> &set : origins_) {
            for (int64_t i = 0; i < task.glimpses.count; i++) {
                Origin origin = {random.up_to(task.images.height - task.glimpses.height),
                                 random.up_to(task.images.width - task.glimpses.width)};
                if (std::strcmp(task.place, "left") == 0) {
                    origin.x = static_cast<int32_t>(-task.glimpses.width / 2);
                }
                set.push_back(origin);
            }
            there_.push_back(std::make_unique<DeviceMemory>(
                set.data(), static_cast<int64_t>(set.size() * sizeof(Origin))));
        }
        options_.border = task.border;
        if (task.to_planar) {
            options_.subtract = subtract;
            options_.multiply = multiply;
        }
        const ConstView host =
            ConstView::interleaved(host_pixels(task.type), task.type, task.images);
        if (task.border == Border::mean || task.border == Border::uniform ||
            task.border == Border::gaussian) {
            statistics_.resize(static_cast<size_t>(task.images.channels));
            check(glimpse::compute_statistics(host, statistics_));
            options_.statistics = statistics_;
        }
        expected_.resize(static_cast<size_t>(out_bytes_));
        check(glimpse::extract(host, origins_[0], view(expected_.data()), options_));
    }

    void time_glimpse(benchmark::State &state) {
        const ConstView images = ConstView::interleaved(images_.data(), task_.type, task_.images)
                                     .on(glimpse::Memory::cuda);
        const View glimpses = view(glimpses_.data()).on(glimpse::Memory::cuda);
        time_windows(state, [&](size_t set) {
            Span<const Origin> origins = origins_[set];
            if (task_.places_on_device) {
                origins = Span<const Origin>(static_cast<const Origin *>(there_[set]->data()),
                                             origins.size)
                              .on(glimpse::Memory::cuda);
            }
            return text_of(glimpse::extract(images, origins, glimpses, options_));
        });
    }

    void time_copy(benchmark::State &state) {
        const int64_t bytes = (in_bytes_ + out_bytes_) / 2;
        const DeviceMemory from(bytes), to(bytes);
        time(
            state, in_bytes_ + out_bytes_,
            [&](size_t) {
                return text_of(
                    cuda_peers::copy(to.data(), from.data(), static_cast<size_t>(bytes)));
            },
            unchecked);
    }

    void time_kernel(benchmark::State &state) {
        const bool replicates = task_.border == Border::replicate;
        time_windows(state, [&](size_t set) {
            const cuda_peers::Windows w = windows(set);
            return text_of(task_.to_planar ? cuda_peers::convert(w, subtract[0], multiply[0])
                           : task_.type == ElementType::uint8
                               ? cuda_peers::extract_uint8(w, replicates)
                               : cuda_peers::extract_float32(w, replicates));
        });
    }

    void time_memcpy2d(benchmark::State &state) {
        time_windows(state, [&](size_t set) {
            return text_of(
                cuda_peers::copy_2d(windows(set), static_cast<size_t>(size_of(task_.type))));
        });
    }

    void time_npp(benchmark::State &state) {
        time_windows(state, [&](size_t set) {
            return text_of(task_.type == ElementType::uint8
                               ? cuda_peers::npp_uint8(windows(set))
                               : cuda_peers::npp_float32(windows(set)));
        });
    }

private:
    View view(void *data) const {
        return task_.to_planar ? View::planar(data, task_.glimpse_type, task_.glimpses)
                               : View::interleaved(data, task_.glimpse_type, task_.glimpses);
    }

    static void check(const Status &status) {
        if (!status.ok()) {
            std::fprintf(stderr, "cuda_bench: %s\n", status.message());
            std::exit(1);
        }
    }

    template<typename Queue>
    void time_windows(benchmark::State &state, const Queue &queue) {
        const std::vector<char> nothing(static_cast<size_t>(out_bytes_), 0x55);
        const glimpse::CUdeviceptr out = reinterpret_cast<uintptr_t>(glimpses_.data());
        must(driver().upload(out, nothing.data(), nothing.size(), nullptr));
        time(state, in_bytes_ + out_bytes_, queue, [&] {
            return glimpses_.fetch(out_bytes_) == expected_
                       ? std::string()
                       : "the result is not that of the processor";
        });
    }

    cuda_peers::Windows windows(size_t set) const {
        cuda_peers::Windows w = {};
        w.image = images_.data();
        w.image_height = static_cast<int>(task_.images.height);
        w.image_width = static_cast<int>(task_.images.width);
        w.channels = static_cast<int>(task_.images.channels);
        w.origins = static_cast<const int32_t *>(there_[set]->data());
        w.host_origins = &origins_[set].data()->y;
        w.glimpses = glimpses_.data();
        w.count = static_cast<int>(task_.glimpses.count);
        w.height = static_cast<int>(task_.glimpses.height);
        w.width = static_cast<int>(task_.glimpses.width);
        return w;
    }

    Task task_;
    int64_t in_bytes_, out_bytes_;  // that a call reads, with those of pixels that a border repeats
    DeviceMemory images_, glimpses_;
    std::vector<Origin> origins_[sets];
    std::vector<std::unique_ptr<DeviceMemory>> there_;  // the origins
    Options options_;
    std::vector<ChannelStatistics> statistics_;
    std::vector<char> expected_;
};

// A group whose rows share what is made when the first of them runs.
template<typename Bench, typename Make>
std::vector<bench::Row>
rows_of(const std::vector<std::pair<const char *, void (Bench::*)(benchmark::State &)>> &methods,
        const Make &make) {
    const auto shared = std::make_shared<std::unique_ptr<Bench>>();
    std::vector<bench::Row> rows;
    for (const auto &[name, method] : methods) {
        const auto run = method;
        rows.push_back({name, [=](benchmark::State &state) {
                            if (*shared == nullptr) {
                                *shared = make();
                            }
                            ((**shared).*run)(state);
                        }});
    }
    return rows;
}

std::vector<bench::Row> extract_rows(const Task &task) {
    using Bench = ExtractBench;
    std::vector<std::pair<const char *, void (Bench::*)(benchmark::State &)>> methods = {
        {"glimpse", &Bench::time_glimpse}, {"copy", &Bench::time_copy}};
    if (task.border == Border::zero || task.border == Border::replicate) {
        methods.emplace_back("kernel", &Bench::time_kernel);
    }
    const bool is_inside = std::strcmp(task.place, "left") != 0;
    if (is_inside && !task.to_planar) {
        methods.emplace_back("memcpy2d", &Bench::time_memcpy2d);
    }
    if (cuda_peers::has_npp() && task.images.channels == 3 && !task.to_planar &&
        (is_inside || task.border == Border::replicate)) {
        methods.emplace_back("npp", &Bench::time_npp);
    }
    return rows_of<Bench>(methods, [task] { return std::make_unique<Bench>(task); });
}

class StatisticsBench {
public:
    explicit StatisticsBench(ElementType type)
        : view_(ConstView::interleaved(host_pixels(type), type, {1, 2160, 3840, 3})),
          bytes_(elements(view_.shape) * size_of(type)), images_(host_pixels(type), bytes_),
          result_(result_bytes), sums_(cuda_peers::most_sums * sizeof(uint64_t)) {
    }

    void time_glimpse(benchmark::State &state) {
        const ConstView images = ConstView::interleaved(images_.data(), view_.type, view_.shape)
                                     .on(glimpse::Memory::cuda);
        const auto result =
            Span<ChannelStatistics>(static_cast<ChannelStatistics *>(result_.data()), channels)
                .on(glimpse::Memory::cuda);
        time(
            state, bytes_,
            [&](size_t) { return text_of(glimpse::compute_statistics(images, result)); },
            [&] {
                ChannelStatistics expected[channels];
                const std::string error = text_of(glimpse::compute_statistics(view_, expected));
                return !error.empty() ? error
                       : std::memcmp(expected, result_.fetch(result_bytes).data(),
                                     sizeof(expected)) == 0
                           ? std::string()
                           : "the result is not that of the processor";
            });
    }

    void time_read(benchmark::State &state) {
        time(
            state, bytes_,
            [&](size_t) {
                return text_of(cuda_peers::read(static_cast<const uint64_t *>(images_.data()),
                                                bytes_ / 8, static_cast<uint64_t *>(sums_.data())));
            },
            unchecked);
    }

private:
    static constexpr size_t channels = 3;
    static constexpr int64_t result_bytes = channels * sizeof(ChannelStatistics);
    ConstView view_;
    int64_t bytes_;
    DeviceMemory images_, result_, sums_;
};

void time_nothing(benchmark::State &state) {
    time(
        state, 0, [](size_t) { return text_of(cuda_peers::nothing()); }, unchecked);
}

void add(const Task &task, const char *name, std::vector<bench::Group> *groups) {
    const Shape &shape = task.glimpses;
    std::string group = std::string("cuda/") + glimpse::name(task.type);
    if (task.glimpse_type != task.type) {
        group += std::string("-") + glimpse::name(task.glimpse_type);
    }
    group += "/" + std::to_string(shape.height) + "x" + std::to_string(shape.width) + "x" +
             std::to_string(shape.channels) + "/" + std::to_string(shape.count) + "/" + name;
    groups->push_back({group, [task] { return extract_rows(task); }});
}

std::vector<bench::Group> all_groups() {
    std::vector<bench::Group> groups;
    const Shape rgb = {1, frame_height, frame_width, 3}, gray = {1, frame_height, frame_width, 1};
    const Shape large = {64, 224, 224, 3}, small = {4096, 32, 32, 3}, tiny = {4096, 12, 12, 1};
    const ElementType u8 = ElementType::uint8, f32 = ElementType::float32;
    for (const ElementType type : {u8, f32}) {
        add({"inside", Border::zero, type, type, rgb, large}, "inside", &groups);
        add({"inside", Border::zero, type, type, rgb, small}, "inside", &groups);
        add({"inside", Border::zero, type, type, rgb, small, false, true}, "inside-there", &groups);
        add({"inside", Border::zero, type, type, gray, tiny}, "inside", &groups);
        for (const Border border :
             {Border::zero, Border::mean, Border::replicate, Border::reflect, Border::reflect101,
              Border::wrap, Border::uniform, Border::gaussian}) {
            const std::string name = std::string("left-") + glimpse::name(border);
            add({"left", border, type, type, rgb, large}, name.c_str(), &groups);
        }
        groups.push_back(
            {std::string("cuda/") + glimpse::name(type) + "/2160x3840x3/1/statistics", [type] {
                 return rows_of<StatisticsBench>(
                     {{"glimpse", &StatisticsBench::time_glimpse},
                      {"read", &StatisticsBench::time_read}},
                     [type] { return std::make_unique<StatisticsBench>(type); });
             }});
    }
    add({"inside", Border::zero, u8, f32, rgb, large, true}, "inside-planar", &groups);
    add({"inside", Border::zero, u8, f32, rgb, small, true}, "inside-planar", &groups);
    const Task one = {"inside", Border::zero, u8, u8, gray, {1, 8, 8, 1}};
    groups.push_back({"cuda/uint8/8x8x1/1/launch", [one] {
                          std::vector<bench::Row> rows = extract_rows(one);
                          rows.push_back({"nothing", time_nothing});
                          return rows;
                      }});
    return groups;
}

}  // namespace

int main(int argc, char **argv) {
    const glimpse::CudaProbe &probe = glimpse::cuda_probe();
    if (!probe.status.ok()) {
        std::fprintf(stderr, "cuda_bench: %s\n", probe.status.message());
        return 1;
    }
    // The primary context of device 0 is current from here on.
    glimpse::CUdevice device = 0;
    glimpse::CUcontext context = nullptr;
    must(driver().device(&device, 0));
    must(driver().primary_retain(&context, device));
    must(driver().context_push(context));
    char name[256] = "";
    must(driver().device_name(name, sizeof(name), device));
    benchmark::AddCustomContext("device", name);
    return bench::run(argc, argv, all_groups());
}
