// Times extract() with a conversion, on one thread, one variant beside the other, beside a plain
// write of as many bytes and beside OpenCV, as `convert/FROM-TO/HxWxC/COUNT/CASE/IMPLEMENTATION`.
//
// CASE says where windows lie, as in extract_bench, and the order of the glimpses; images are
// interleaved 1080p frames. IMPLEMENTATION is a variant, `write` (memset of the glimpses' memory)
// or, for windows inside that become planar float32, `opencv`: the three calls that do the same
// there, a crop, convertTo() with one factor and split(). Every result but that of `write` is
// compared with tests/reference.h before it is timed.
#include <opencv2/core.hpp>

#include <cmath>
#include <cstring>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "reference.h"
#include "runner.h"

namespace {

using glimpse::Border;
using glimpse::ConstView;
using glimpse::Options;
using glimpse::Origin;
using glimpse::Shape;
using glimpse::Status;
using glimpse::View;

struct Task {
    bool outside;  // half of the window, on the left
    Border border;
    bool to_planar;
    Shape glimpses;
    // Channels that change places, and of how many; nothing: all in order.
    const char *order_name = "";
    glimpse::ChannelOrder order = {};
    int64_t image_channels = 0;
};

const int64_t frame_height = 1080, frame_width = 1920;
const size_t sets = 8;  // of positions, that calls use in rotation

// One factor and one number for all channels, as OpenCV takes them: alpha and beta / alpha.
// Elements that keep their type keep their values.
template<typename T, typename To>
const float subtract[] = {std::is_same_v<T, To> ? 0 : 127.5f};
template<typename T, typename To>
const float multiply[] = {std::is_same_v<T, To> ? 1 : 1.0f / 64};

template<typename T>
const T *pixels() {
    static const bench::Memory<T> memory =
        bench::random_elements<T>(frame_height * frame_width * 4);
    return memory.data();
}

template<typename T, typename To>
class Bench {
public:
    explicit Bench(const Task &task)
        : task_(task),
          images_(ConstView::interleaved(
              pixels<T>(), {1, frame_height, frame_width,
                            task.order.count == 0 ? task.glimpses.channels : task.image_channels})),
          size_(task.glimpses.count * task.glimpses.height * task.glimpses.width *
                task.glimpses.channels),
          out_(size_) {
        glimpses_ = task.to_planar ? View::planar(out_.data(), task.glimpses)
                                   : View::interleaved(out_.data(), task.glimpses);
        options_.border = task.border;
        options_.channel_order = task.order;
        if (!std::is_same_v<T, To>) {
            options_.subtract = subtract<T, To>;
            options_.multiply = multiply<T, To>;
        }
        bench::Random random;
        for (std::vector<Origin> &origins : origins_) {
            for (int64_t i = 0; i < task.glimpses.count; i++) {
                origins.push_back({random.up_to(frame_height - task.glimpses.height),
                                   task.outside ? static_cast<int32_t>(-task.glimpses.width / 2)
                                                : random.up_to(frame_width - task.glimpses.width)});
            }
        }
    }

    void time_extract(glimpse::Context &context, benchmark::State &state) {
        time(0, state, [&](const std::vector<Origin> &origins) {
            return glimpse::extract(images_, origins, glimpses_, options_, context);
        });
    }

    void time_opencv(benchmark::State &state) {
        cv::setNumThreads(1);
        // Its sum is fused or rounded otherwise.
        time(1e-5, state, [&](const std::vector<Origin> &origins) {
            extract_with_opencv(origins);
            return Status();
        });
    }

    void time_write(benchmark::State &state) {
        for (auto _ : state) {
            std::memset(out_.data(), 0x55, static_cast<size_t>(size_) * sizeof(To));
            benchmark::ClobberMemory();
        }
        state.SetBytesProcessed(state.iterations() * size_ * static_cast<int64_t>(sizeof(To)));
    }

private:
    void extract_with_opencv(const std::vector<Origin> &origins) {
        const auto channels = static_cast<int>(task_.glimpses.channels);
        const auto height = static_cast<int>(task_.glimpses.height);
        const auto width = static_cast<int>(task_.glimpses.width);
        const cv::Mat frame(frame_height, frame_width, CV_8UC(channels),
                            const_cast<void *>(images_.data));
        To *out = out_.data();
        for (const Origin &origin : origins) {
            const cv::Mat window(frame, cv::Rect(origin.x, origin.y, width, height));
            window.convertTo(converted_, CV_32F, static_cast<double>(multiply<T, To>[0]),
                             static_cast<double>(-subtract<T, To>[0] * multiply<T, To>[0]));
            planes_.clear();
            for (int c = 0; c < channels; c++) {
                planes_.emplace_back(height, width, CV_32F, out);
                out += height * width;
            }
            cv::split(converted_, planes_.data());
        }
    }

    // Times call(origins), after its result has been compared with the reference.
    template<typename Call>
    void time(double tolerance, benchmark::State &state, const Call &call) {
        std::memset(out_.data(), 0x55, static_cast<size_t>(size_) * sizeof(To));
        const Status first = call(origins_[0]);
        const std::string difference = first.ok() ? compare(tolerance) : first.message();
        if (!difference.empty()) {
            state.SkipWithError(difference.c_str());
            return;
        }
        size_t set = 0;
        for (auto _ : state) {
            set = (set + 1) % sets;
            const Status status = call(origins_[set]);
            benchmark::ClobberMemory();
            if (!status.ok()) {
                state.SkipWithError(status.message());
                break;
            }
        }
        state.SetBytesProcessed(state.iterations() * size_ * static_cast<int64_t>(sizeof(To)));
    }

    // Says which of the first and the last glimpse's elements is not the reference's; nothing if
    // all are.
    std::string compare(double tolerance) const {
        reference::Plane<T> plane;
        plane.images = images_;
        plane.border = task_.border;
        const Shape &shape = task_.glimpses;
        for (const int64_t n : {int64_t{0}, shape.count - 1}) {
            const Origin origin = origins_[0][static_cast<size_t>(n)];
            for (int64_t y = 0; y < shape.height; y++) {
                for (int64_t x = 0; x < shape.width; x++) {
                    for (int64_t c = 0; c < shape.channels; c++) {
                        const To expected = reference::converted<To>(
                            plane(0, origin.y + y, origin.x + x,
                                  task_.order.count == 0 ? c : task_.order.from[c]),
                            subtract<T, To>[0], multiply<T, To>[0]);
                        const To got = reference::element<To>(glimpses_, n, y, x, c);
                        const double difference =
                            reference::value_of(got) - reference::value_of(expected);
                        if (tolerance == 0 ? std::memcmp(&got, &expected, sizeof(got)) != 0
                                           : !(std::fabs(difference) <= tolerance)) {
                            std::ostringstream text;
                            text << "glimpse " << n << ", y " << y << ", x " << x << ", channel "
                                 << c << " is off by " << difference;
                            return text.str();
                        }
                    }
                }
            }
        }
        return "";
    }

    Task task_;
    ConstView images_;
    int64_t size_;  // of all glimpses of a call, in elements
    bench::Memory<To> out_;
    View glimpses_;
    std::vector<Origin> origins_[sets];
    Options options_;
    cv::Mat converted_;
    std::vector<cv::Mat> planes_;
};

// Makes the Bench that the rows of a group share when the first of them runs.
template<typename T, typename To>
std::vector<bench::Row> rows(const Task &task) {
    const auto shared = std::make_shared<std::optional<Bench<T, To>>>();
    const auto made = [=]() -> Bench<T, To> & {
        if (!*shared) {
            shared->emplace(task);
        }
        return **shared;
    };
    std::vector<bench::Row> result;
    for (const bench::VariantContext &variant : bench::usable_variants()) {
        result.push_back({variant.name, [=](benchmark::State &state) {
                              made().time_extract(*variant.context, state);
                          }});
    }
    result.push_back({"write", [=](benchmark::State &state) { made().time_write(state); }});
    if constexpr (std::is_same_v<T, uint8_t> && std::is_same_v<To, float>) {
        if (task.to_planar && !task.outside && task.order.count == 0) {
            result.push_back(
                {"opencv", [=](benchmark::State &state) { made().time_opencv(state); }});
        }
    }
    return result;
}

// FROM-TO/HxWxC/COUNT/CASE.
template<typename T, typename To>
std::string name_of(const Task &task) {
    const Shape &shape = task.glimpses;
    std::ostringstream name;
    name << glimpse::name(glimpse::element_type_of<T>::value) << "-"
         << glimpse::name(glimpse::element_type_of<To>::value) << "/" << shape.height << "x"
         << shape.width << "x" << shape.channels << "/" << shape.count << "/"
         << (task.outside ? "left-" : "inside-");
    if (task.outside) {
        name << glimpse::name(task.border) << "-";
    }
    name << (task.to_planar ? "planar" : "interleaved") << task.order_name;
    return name.str();
}

template<typename T, typename To>
void add(const Task &task, std::vector<bench::Group> *groups) {
    groups->push_back({"convert/" + name_of<T, To>(task), [task] { return rows<T, To>(task); }});
}

// The same pixels in the order of their channels, and in others: one group, as their times are
// divided by each other.
template<typename T, typename To>
void add_orders(std::vector<bench::Group> *groups) {
    for (const bool to_planar : {true, false}) {
        const auto task = [to_planar](int64_t channels, const char *name,
                                      const glimpse::ChannelOrder &order, int64_t image_channels) {
            const Shape shape = {8, 224, 224, channels};
            return Task{false, Border::zero, to_planar, shape, name, order, image_channels};
        };
        const std::vector<Task> tasks = {task(2, "-of-uv", {}, 2),
                                         task(2, "-of-vu", {2, {1, 0}}, 2),
                                         task(3, "-of-rgb", {}, 3),
                                         task(3, "-of-bgr", {3, {2, 1, 0}}, 3),
                                         task(3, "-of-xrgb", {3, {1, 2, 3}}, 4),
                                         task(3, "-of-rgba", {3, {0, 1, 2}}, 4),
                                         task(4, "-of-rgba", {}, 4),
                                         task(4, "-of-bgra", {4, {2, 1, 0, 3}}, 4)};
        groups->push_back(
            {"convert", [tasks] {
                 std::vector<bench::Row> all;
                 for (const Task &one : tasks) {
                     for (const bench::Row &row : rows<T, To>(one)) {
                         all.push_back({name_of<T, To>(one) + "/" + row.implementation, row.run});
                     }
                 }
                 return all;
             }});
    }
}

template<typename T, typename To>
void add_all(std::vector<bench::Group> *groups) {
    const auto add_shapes = [&](int64_t count, int64_t side) {
        for (const int64_t channels : {1, 3, 4}) {
            const Shape shape = {count, side, side, channels};
            add<T, To>({false, Border::zero, true, shape}, groups);
            if (channels == 3) {
                add<T, To>({false, Border::zero, false, shape}, groups);
                add<T, To>({true, Border::zero, true, shape}, groups);
                add<T, To>({true, Border::replicate, true, shape}, groups);
            }
        }
    };
    add_shapes(64, 64);
    add_shapes(8, 224);
    add_orders<T, To>(groups);
    if (std::is_same_v<T, uint8_t> && std::is_same_v<To, float>) {
        add_shapes(64, 224);  // 39 MB of RGB: beyond the caches
    }
}

}  // namespace

int main(int argc, char **argv) {
    std::vector<bench::Group> groups;
    add_all<uint8_t, float>(&groups);
    add_all<uint8_t, glimpse::Float16>(&groups);
    add_all<uint16_t, float>(&groups);
    add_orders<uint8_t, uint8_t>(&groups);
    return bench::run(argc, argv, groups);
}
