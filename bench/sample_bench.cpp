// Times extract() with boxes from a 1080p frame, on one thread, one variant beside the other and
// beside OpenCV, as `sample/FROM-TO/HxWxC/COUNT/CASE/IMPLEMENTATION`.
//
// CASE is the work: `linear` (boxes of 100 to 600 pixels a side at whole pixels; of 20 to 80 where
// glimpses are smaller than 32), `linear-planar` (to planes, with subtract and multiply),
// `nearest`, `shift` (boxes of the glimpse's size between pixels), `enlarge` (of half its size);
// `cubic` and `catmull_rom`; with antialiasing, `antialias` (linear) and `lanczos3`, also of a
// whole 4K frame (`-4K`), and boxes that are reduced so many times (`antialias-2.03`, `area-4`);
// and, under one heading, boxes half outside under each border beside the same inside.
// IMPLEMENTATION is a variant; `opencv`, which does the same box by box, of a region of the frame:
// resize() or getRectSubPix(), and to planes the fastest chain, which splits first and then
// converts each plane; or `opencv-resize`, a part of that chain. Every result is compared with
// tests/reference.h before it is timed, large glimpses in part: ours to its bounds, OpenCV's
// within 2 of 255 but for the edge of a region, beyond which it does not see.
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "reference.h"
#include "runner.h"

namespace {

using glimpse::Border;
using glimpse::Box;
using glimpse::ConstView;
using glimpse::Edge;
using glimpse::Filter;
using glimpse::Options;
using glimpse::Shape;
using glimpse::Status;
using glimpse::View;

// The largest frame.
const glimpse::Size largest_frame = {2160, 3840};
const size_t sets = 8;  // of boxes, that calls use in rotation

struct Task {
    Shape glimpses;
    Filter filter = Filter::linear;
    bool antialias = false;
    bool to_planar = false;
    glimpse::Size frame = {1080, 1920};
    bool whole = false;                     // the box is the frame
    int64_t smallest = 100, largest = 600;  // sides of boxes
    double fraction = 0;                    // of a pixel, that boxes are moved by
    bool outside = false;                   // half of the box, on the left
    Border border = Border::zero;
    Edge edge = Edge::hard;
};

// One number for all channels, as OpenCV's conversion takes it.
const float subtract[] = {127.5f}, multiply[] = {1.0f / 64};

template<typename T>
const T *pixels() {
    static const bench::Memory<T> memory =
        bench::random_elements<T>(largest_frame.height * largest_frame.width * 3);
    return memory.data();
}

template<typename T, typename To>
class Bench {
public:
    explicit Bench(const Task &task)
        : task_(task),
          images_(ConstView::interleaved(
              pixels<T>(), {1, task.frame.height, task.frame.width, task.glimpses.channels})),
          size_(task.glimpses.count * task.glimpses.height * task.glimpses.width *
                task.glimpses.channels),
          out_(size_) {
        glimpses_ = task.to_planar ? View::planar(out_.data(), task.glimpses)
                                   : View::interleaved(out_.data(), task.glimpses);
        options_.border = task.border;
        options_.sampling = {task.filter, task.antialias, task.edge, 0};
        if (!std::is_same_v<T, To>) {
            options_.subtract = subtract;
            options_.multiply = multiply;
        }
        if (reference::needs_statistics(task.border)) {
            statistics_.resize(static_cast<size_t>(task.glimpses.channels));
            failure_ = compute_statistics(images_, statistics_);
            options_.statistics = statistics_;
        }
        bench::Random random;
        for (std::vector<Box> &boxes : boxes_) {
            for (int64_t i = 0; i < task.glimpses.count; i++) {
                const auto side = [&] {
                    return task.smallest + random.up_to(task.largest - task.smallest);
                };
                const int64_t h = task.whole ? task.frame.height : side();
                const int64_t w = task.whole ? task.frame.width : side();
                const auto up_to = [&](int64_t last) {
                    return static_cast<double>(last == 0 ? 0 : random.up_to(last - 1));
                };
                const double y = up_to(task.frame.height - h);
                const double x =
                    task.outside ? -static_cast<double>(w) / 2 : up_to(task.frame.width - w);
                const double f = task.fraction;
                boxes.push_back({static_cast<float>(y + f), static_cast<float>(x + f),
                                 static_cast<float>(y + f + static_cast<double>(h)),
                                 static_cast<float>(x + f + static_cast<double>(w))});
            }
        }
    }

    void time_extract(glimpse::Context &context, benchmark::State &state) {
        time(&context, state, [&](const std::vector<Box> &boxes) {
            return glimpse::extract(images_, boxes, glimpses_, options_, context);
        });
    }

    // What the box looks at is extracted first, window by window, and then sampled.
    void time_in_two_steps(glimpse::Context &context, benchmark::State &state) {
        time(&context, state,
             [&](const std::vector<Box> &boxes) { return sample_in_two_steps(boxes, context); });
    }

    void time_opencv(bool resize_alone, benchmark::State &state) {
        cv::setNumThreads(1);
        time(nullptr, state, [&](const std::vector<Box> &boxes) {
            sample_with_opencv(boxes, resize_alone && is_compared(nullptr));
            return Status();
        });
    }

private:
    static constexpr int depth = std::is_same_v<T, uint8_t> ? CV_8U : CV_32F;

    Status sample_in_two_steps(const std::vector<Box> &boxes, glimpse::Context &context) {
        Options of_windows = options_, of_samples;
        of_windows.sampling = {};
        of_samples.sampling = options_.sampling;
        Shape size = task_.glimpses;
        size.count = 1;
        To *out = out_.data();
        for (const Box &box : boxes) {
            const auto y = static_cast<int32_t>(std::floor(box.y0)) - 1;
            const auto x = static_cast<int32_t>(std::floor(box.x0)) - 1;
            const glimpse::Origin origins[] = {{y, x}};
            const View window = View::interleaved(
                resized_.data(), {1, static_cast<int64_t>(std::ceil(box.y1)) + 1 - y,
                                  static_cast<int64_t>(std::ceil(box.x1)) + 1 - x, size.channels});
            const Status status = extract(images_, origins, window, of_windows, context);
            const Box in_window[] = {
                {box.y0 - static_cast<float>(y), box.x0 - static_cast<float>(x),
                 box.y1 - static_cast<float>(y), box.x1 - static_cast<float>(x)}};
            const Status sampled = status.ok()
                                       ? extract(ConstView(window), in_window,
                                                 View::interleaved(out, size), of_samples, context)
                                       : status;
            if (!sampled.ok()) {
                return sampled;
            }
            out += size.height * size.width * size.channels;
        }
        return {};
    }

    void sample_with_opencv(const std::vector<Box> &boxes, bool resize_alone) {
        const auto channels = static_cast<int>(task_.glimpses.channels);
        const auto height = static_cast<int>(task_.glimpses.height);
        const auto width = static_cast<int>(task_.glimpses.width);
        const cv::Mat frame(static_cast<int>(task_.frame.height),
                            static_cast<int>(task_.frame.width), CV_MAKETYPE(depth, channels),
                            const_cast<void *>(images_.data));
        To *out = out_.data();
        for (const Box &box : boxes) {
            const bool makes_glimpse = std::is_same_v<T, To>;
            cv::Mat target(height, width, CV_MAKETYPE(depth, channels),
                           makes_glimpse ? static_cast<void *>(out) : resized_.data());
            if (task_.fraction != 0) {
                const cv::Point2f center((box.x0 + box.x1) / 2 - 0.5f,
                                         (box.y0 + box.y1) / 2 - 0.5f);
                cv::getRectSubPix(frame, cv::Size(width, height), center, target);
            } else {
                const cv::Mat window(frame,
                                     cv::Rect(static_cast<int>(box.x0), static_cast<int>(box.y0),
                                              static_cast<int>(box.x1 - box.x0),
                                              static_cast<int>(box.y1 - box.y0)));
                cv::resize(window, target, target.size(), 0, 0, interpolation());
            }
            if (!makes_glimpse && !resize_alone) {
                cv::split(target, planes_);
                for (int c = 0; c < channels; c++) {
                    cv::Mat plane(height, width, CV_32F, out + c * height * width);
                    planes_[static_cast<size_t>(c)].convertTo(
                        plane, CV_32F, static_cast<double>(multiply[0]),
                        static_cast<double>(-subtract[0] * multiply[0]));
                }
            }
            out += height * width * channels;
        }
    }

    // Where OpenCV has no such filter, the one that is used for the same.
    int interpolation() const {
        if (task_.filter == Filter::nearest) {
            return cv::INTER_NEAREST;
        }
        if (task_.antialias || task_.filter == Filter::area) {
            return cv::INTER_AREA;
        }
        return task_.filter == Filter::linear ? cv::INTER_LINEAR : cv::INTER_CUBIC;
    }

    // Times call(boxes), after its result has been compared with the reference, once. `context` is
    // null if another library makes it.
    template<typename Call>
    void time(const glimpse::Context *context, benchmark::State &state, const Call &call) {
        if (!is_compared(context)) {
            std::memset(out_.data(), 0x55, static_cast<size_t>(size_) * sizeof(To));
            const Status first = failure_.ok() ? call(boxes_[0]) : failure_;
            const std::string difference =
                first.ok() ? compare(context != nullptr) : first.message();
            if (!difference.empty()) {
                state.SkipWithError(difference.c_str());
                return;
            }
            compared_.insert(context);
        }
        size_t set = 0;
        for (auto _ : state) {
            set = (set + 1) % sets;
            const Status status = call(boxes_[set]);
            benchmark::ClobberMemory();
            if (!status.ok()) {
                state.SkipWithError(status.message());
                break;
            }
        }
        state.SetItemsProcessed(state.iterations() * size_ / task_.glimpses.channels);
    }

    // Whether a result has been compared; a part of the work can be left out then.
    bool is_compared(const glimpse::Context *context) const {
        return compared_.count(context) != 0;
    }
    // Not another's that is of another filter, or may be of a pixel that lies elsewhere.
    bool is_comparable(bool is_exact) const {
        return is_exact || task_.filter == Filter::area || task_.filter == Filter::cubic ||
               (task_.filter == Filter::linear && !task_.antialias);
    }
    // How far a byte may be from the exact value.
    double rounding_error(const reference::Sample &s) const {
        return s.taps <= 2 ? 0.52 : s.reduction <= 8 ? 0.65 : 1;
    }

    // Says which element of the first and the last glimpse is too far from the reference; nothing
    // if all are near.
    std::string compare(bool is_exact) const {
        const Shape &shape = task_.glimpses;
        reference::Plane<T> plane;
        plane.images = images_;
        plane.border = task_.border;
        plane.statistics = statistics_;
        const double scale = std::is_same_v<T, To> ? 1 : static_cast<double>(multiply[0]);
        const double shift = std::is_same_v<T, To> ? 0 : static_cast<double>(subtract[0]);
        if (!is_comparable(is_exact)) {
            return "";
        }
        for (const int64_t n : {int64_t{0}, shape.count - 1}) {
            const Box &b = boxes_[0][static_cast<size_t>(n)];
            const auto side = [](float v, int64_t extent) {
                return reference::side(v, extent, glimpse::Coordinates::pixels);
            };
            const int64_t y0 = side(b.y0, task_.frame.height), y1 = side(b.y1, task_.frame.height);
            const int64_t x0 = side(b.x0, task_.frame.width), x1 = side(b.x1, task_.frame.width);
            // Cubic filters look at what lies beside a crop.
            const int64_t margin = is_exact ? 0 : task_.filter == Filter::cubic ? 6 : 2;
            // Of large glimpses only some.
            const int64_t step = 1 + shape.height * shape.width / (1 << 16);
            for (int64_t y = margin; y < shape.height - margin; y += step) {
                for (int64_t x = margin; x < shape.width - margin; x += step) {
                    for (int64_t c = 0; c < shape.channels; c++) {
                        const reference::Sample s = reference::sample(
                            plane, 0, reference::center(y0, y1, shape.height, y),
                            reference::center(x0, x1, shape.width, x),
                            reference::scale(y0, y1, shape.height),
                            reference::scale(x0, x1, shape.width), c, options_.sampling);
                        const double value =
                            std::is_same_v<To, uint8_t> ? std::clamp(s.value, 0.0, 255.0) : s.value;
                        const double rounding =
                            std::is_same_v<To, uint8_t> ? rounding_error(s) : 1.0 / 64;
                        const double allowed = (is_exact ? rounding : 2.0) * scale;
                        const double expected = (value - shift) * scale;
                        const double got =
                            reference::value_of(reference::element<To>(glimpses_, n, y, x, c));
                        if (!(std::fabs(got - expected) <= allowed)) {
                            std::ostringstream text;
                            text << "glimpse " << n << ", y " << y << ", x " << x << ", channel "
                                 << c << " is " << got << "; expected " << expected;
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
    std::vector<Box> boxes_[sets];
    Options options_;
    std::vector<glimpse::ChannelStatistics> statistics_;
    Status failure_;
    std::set<const glimpse::Context *> compared_;
    std::vector<cv::Mat> planes_;
    bench::Memory<T> resized_{1024 * 1024 * 3};
};

// Makes the Bench that rows share when the first of them runs.
template<typename T, typename To>
std::function<Bench<T, To> &()> shared_bench(const Task &task) {
    const auto shared = std::make_shared<std::optional<Bench<T, To>>>();
    return [=]() -> Bench<T, To> & {
        if (!*shared) {
            shared->emplace(task);
        }
        return **shared;
    };
}

template<typename T, typename To>
std::string name_of(const Task &task, const std::string &work) {
    const Shape &shape = task.glimpses;
    std::ostringstream name;
    name << "sample/" << glimpse::name(glimpse::element_type_of<T>::value) << "-"
         << glimpse::name(glimpse::element_type_of<To>::value) << "/" << shape.height << "x"
         << shape.width << "x" << shape.channels << "/" << shape.count << "/" << work;
    return name.str();
}

template<typename T, typename To>
void add(const Task &task, const std::string &work, std::vector<bench::Group> *groups) {
    groups->push_back({name_of<T, To>(task, work), [task] {
                           const auto made = shared_bench<T, To>(task);
                           std::vector<bench::Row> rows;
                           for (const bench::VariantContext &v : bench::usable_variants()) {
                               rows.push_back({v.name, [=](benchmark::State &state) {
                                                   made().time_extract(*v.context, state);
                                               }});
                           }
                           rows.push_back({"opencv", [=](benchmark::State &state) {
                                               made().time_opencv(false, state);
                                           }});
                           if (!std::is_same_v<T, To>) {
                               rows.push_back({"opencv-resize", [=](benchmark::State &state) {
                                                   made().time_opencv(true, state);
                                               }});
                           }
                           return rows;
                       }});
}

// Boxes over the edge, by the best variant.
void add_edges(Task task, const char *work, std::vector<bench::Group> *groups) {
    const auto name = name_of<uint8_t, uint8_t>(task, work);
    groups->push_back(
        {name, [task] {
             std::vector<bench::Row> rows;
             const auto add_row = [&](const std::string &row, const Task &t) {
                 const auto made = shared_bench<uint8_t, uint8_t>(t);
                 rows.push_back({row, [=](benchmark::State &state) {
                                     made().time_extract(*bench::usable_variants()[0].context,
                                                         state);
                                 }});
             };
             const auto add_two_steps = [&](const std::string &row, const Task &t) {
                 const auto made = shared_bench<uint8_t, uint8_t>(t);
                 rows.push_back({row + "-in-two-steps", [=](benchmark::State &state) {
                                     made().time_in_two_steps(*bench::usable_variants()[0].context,
                                                              state);
                                 }});
             };
             add_row("inside", task);
             Task outside = task;
             outside.outside = true;
             for (int border = 0; border < glimpse::border_count; border++) {
                 outside.border = static_cast<Border>(border);
                 if (outside.border == Border::constant) {
                     continue;
                 }
                 add_row(glimpse::name(outside.border), outside);
                 if (outside.border == Border::wrap || reference::is_noise(outside.border)) {
                     add_two_steps(glimpse::name(outside.border), outside);
                 }
             }
             outside.border = Border::zero;
             outside.edge = Edge::blend;
             add_row("zero-blend", outside);
             return rows;
         }});
}

// Filters of many taps: boxes of one size, reduced by whole factors and others, and boxes of all.
void add_reductions(std::vector<bench::Group> *groups) {
    struct Reduction {
        const char *by;
        int64_t side;
    };
    Task task;
    task.glimpses = {16, 128, 128, 3};
    task.antialias = true;
    for (const auto &[by, side] : {Reduction{"2.03", 260}, {"4.07", 521}, {"8.1", 1037}}) {
        task.smallest = task.largest = side;
        task.to_planar = false;
        add<uint8_t, uint8_t>(task, std::string("antialias-") + by, groups);
        task.to_planar = true;
        add<uint8_t, float>(task, std::string("antialias-planar-") + by, groups);
    }
    task.to_planar = false;
    task.filter = Filter::area;
    for (const auto &[by, side] : {Reduction{"2", 256}, {"4", 512}, {"8", 1024}}) {
        task.smallest = task.largest = side;
        add<uint8_t, uint8_t>(task, std::string("area-") + by, groups);
    }
    Task any;
    for (const int64_t side : {224, 32}) {
        any.glimpses = {64, side, side, 3};
        any.filter = Filter::linear;
        any.antialias = true;
        add<uint8_t, uint8_t>(any, "antialias", groups);
        any.filter = Filter::lanczos3;
        add<uint8_t, uint8_t>(any, "lanczos3", groups);
    }
    Task whole;
    whole.glimpses = {1, 360, 640, 3};
    whole.frame = largest_frame;
    whole.whole = true;
    whole.antialias = true;
    add<uint8_t, uint8_t>(whole, "antialias-4K", groups);
    whole.filter = Filter::lanczos3;
    add<uint8_t, uint8_t>(whole, "lanczos3-4K", groups);
    any.glimpses = {64, 224, 224, 3};
    any.filter = Filter::cubic;
    any.antialias = false;
    add<uint8_t, uint8_t>(any, "cubic", groups);
    any.filter = Filter::catmull_rom;
    add<uint8_t, uint8_t>(any, "catmull_rom", groups);
}

}  // namespace

int main(int argc, char **argv) {
    std::vector<bench::Group> groups;
    const Shape many = {64, 224, 224, 3};
    Task task;
    task.glimpses = many;
    add<uint8_t, uint8_t>(task, "linear", &groups);
    add<float, float>(task, "linear", &groups);
    task.to_planar = true;
    add<uint8_t, float>(task, "linear-planar", &groups);
    task.to_planar = false;
    task.filter = Filter::nearest;
    add<uint8_t, uint8_t>(task, "nearest", &groups);

    Task small;
    small.glimpses = {1000, 16, 16, 1};
    small.smallest = 20;
    small.largest = 80;
    add<uint8_t, uint8_t>(small, "linear", &groups);

    Task shift;
    shift.glimpses = many;
    shift.smallest = shift.largest = 224;
    shift.fraction = 0.3;
    add<uint8_t, uint8_t>(shift, "shift", &groups);

    Task enlarge;
    enlarge.glimpses = many;
    enlarge.smallest = enlarge.largest = 112;
    add<uint8_t, uint8_t>(enlarge, "enlarge", &groups);

    add_reductions(&groups);
    Task edges;
    edges.glimpses = many;
    add_edges(edges, "edges", &groups);
    edges.antialias = true;
    add_edges(edges, "edges-antialias", &groups);
    return bench::run(argc, argv, groups);
}
