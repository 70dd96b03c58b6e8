// Times extract(), one variant beside the other and beside memcpy, as
// `extract/TYPE/HxWxC/N/CASE/IMPLEMENTATION`. HxWxC is the size of a glimpse and N how many one
// call extracts out of a frame of 1080 x 1920 pixels. CASE:
//
//     inside           at random positions inside the frame
//     left-BORDER      half outside on the left, at random heights
//     right-BORDER     half outside on the right
//     corner-BORDER    half outside on the left and half at the top
//     inside-gaussian  inside, under a border that needs statistics, which are not given
//     inside-to-planar, inside-from-planar  inside, where only the glimpses or images are planar
//     batch-inside, batch-left-BORDER  glimpse i of image i out of N, of 128 x 128 pixels
//
// A border made of statistics is given them, unless the case ends in `-with-statistics`.
// IMPLEMENTATION is a variant, or `memcpy`: a copy row by row of windows of the same size that lie
// inside, as near as can be to where the glimpses are: at the edge for `left` and `right`, and at
// (0, 0) for `corner`. Every result is compared with tests/reference.h before it is timed.
#include <cstring>
#include <iomanip>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "reference.h"
#include "runner.h"

namespace {

using glimpse::Border;
using glimpse::ChannelStatistics;
using glimpse::ConstView;
using glimpse::Options;
using glimpse::Origin;
using glimpse::Shape;
using glimpse::Status;
using glimpse::View;

enum class Place { inside, left, right, corner };

enum class StatisticsFrom { caller, call };

// What one call does.
struct Task {
    const char *prefix;  // of the name of the case
    Place place;
    Border border;
    StatisticsFrom statistics;
    Shape images;
    Shape glimpses;  // count glimpses
    bool from_planar = false, to_planar = false;
};

const Border borders[] = {Border::zero,      Border::constant, Border::mean,
                          Border::replicate, Border::reflect,  Border::reflect101,
                          Border::wrap,      Border::uniform,  Border::gaussian};

const int64_t frame_height = 1080, frame_width = 1920, largest_channels = 4;
const float constant_value[] = {100};

// Sets of positions that calls use in rotation.
const size_t sets = 8;

// Pixels of all images: those of a smaller one are the first of these.
template<typename T>
const T *pixels() {
    static const bench::Memory<T> memory =
        bench::random_elements<T>(bench::shift<T> + frame_height * frame_width * largest_channels);
    return memory.data() + bench::shift<T>;
}

// Everything that the rows of one group work on.
template<typename T>
class Bench {
public:
    explicit Bench(const Task &task)
        : task_(task), images_(task.from_planar ? ConstView::planar(pixels<T>(), task.images)
                                                : ConstView::interleaved(pixels<T>(), task.images)),
          size_(task.glimpses.count * task.glimpses.height * task.glimpses.width *
                task.glimpses.channels),
          memory_(bench::shift<T> + size_), out_(memory_.data() + bench::shift<T>),
          glimpses_(task.to_planar ? View::planar(out_, task.glimpses)
                                   : View::interleaved(out_, task.glimpses)) {
        choose_origins();
        options_.border = task.border;
        if (task.border == Border::constant) {
            options_.value = constant_value;
        }
        if (reference::needs_statistics(task.border) && task.place != Place::inside) {
            statistics_ = reference::statistics<T>(images_);
            if (task.statistics == StatisticsFrom::caller) {
                options_.statistics = statistics_;
            }
        }
    }

    void time_extract(glimpse::Context &context, bool *checked, benchmark::State &state) {
        time(asked_, checked, state, [&](std::vector<Origin> &origins) {
            return glimpse::extract(images_, origins, glimpses_, options_, context);
        });
    }

    void time_memcpy(bool *checked, benchmark::State &state) {
        // As many bytes in rows as long, where it cannot do the same.
        *checked = *checked || task_.from_planar || task_.to_planar;
        time(inside_, checked, state, [&](std::vector<Origin> &origins) {
            copy_rows(origins);
            return Status();
        });
    }

private:
    struct Positions {
        std::vector<Origin> origins[sets];
        std::vector<T> expected;  // the reference's glimpses at origins[0]; empty: not yet made
    };

    void choose_origins() {
        bench::Random random;
        for (size_t set = 0; set < sets; set++) {
            for (int64_t i = 0; i < task_.glimpses.count; i++) {
                Origin inside = {random.up_to(task_.images.height - task_.glimpses.height),
                                 random.up_to(task_.images.width - task_.glimpses.width)};
                Origin asked = inside;
                if (task_.place == Place::left || task_.place == Place::corner) {
                    inside.x = 0;
                    asked.x = static_cast<int32_t>(-task_.glimpses.width / 2);
                }
                if (task_.place == Place::right) {
                    inside.x = static_cast<int32_t>(task_.images.width - task_.glimpses.width);
                    asked.x = static_cast<int32_t>(inside.x + task_.glimpses.width / 2);
                }
                if (task_.place == Place::corner) {
                    inside.y = 0;
                    asked.y = static_cast<int32_t>(-task_.glimpses.height / 2);
                }
                inside_.origins[set].push_back(inside);
                asked_.origins[set].push_back(asked);
            }
        }
    }

    void copy_rows(const std::vector<Origin> &origins) {
        const T *const images = pixels<T>();
        const glimpse::Strides strides = ConstView::interleaved(images, task_.images).strides;
        const int64_t row = task_.glimpses.width * task_.glimpses.channels;
        T *out = out_;
        for (size_t i = 0; i < origins.size(); i++) {
            const T *in = images + image_of(static_cast<int64_t>(i)) * strides.image +
                          origins[i].y * strides.row + origins[i].x * strides.column;
            for (int64_t y = 0; y < task_.glimpses.height; y++) {
                std::memcpy(out, in, static_cast<size_t>(row) * sizeof(T));
                out += row;
                in += strides.row;
            }
        }
    }

    int64_t image_of(int64_t glimpse) const {
        return task_.images.count == 1 ? 0 : glimpse;
    }

    // Times call(origins), which returns a Status. Its result is compared with the reference first,
    // unless `*checked` says that it was.
    template<typename Call>
    void time(Positions &positions, bool *checked, benchmark::State &state, const Call &call) {
        if (!*checked) {
            std::memset(out_, 0x55, static_cast<size_t>(size_) * sizeof(T));
        }
        const Status first = call(positions.origins[0]);  // not timed, in no repetition
        if (!first.ok()) {
            state.SkipWithError(first.message());
            return;
        }
        if (!*checked) {
            const std::string difference = compare(&positions);
            if (!difference.empty()) {
                state.SkipWithError(difference.c_str());
                return;
            }
            *checked = true;
        }
        for (auto _ : state) {
            set_ = (set_ + 1) % sets;
            const Status status = call(positions.origins[set_]);
            benchmark::ClobberMemory();
            if (!status.ok()) {
                state.SkipWithError(status.message());
                break;
            }
        }
        state.SetBytesProcessed(state.iterations() * size_ * static_cast<int64_t>(sizeof(T)));
    }

    // Says which element of the glimpses, extracted at the first set of origins, is not the
    // reference's; nothing if all are.
    std::string compare(Positions *positions) const {
        if (positions->expected.empty()) {
            positions->expected = expect(positions->origins[0]);
        }
        const Shape &shape = task_.glimpses;
        for (int64_t i = 0; i < size_; i++) {
            const int64_t c = i % shape.channels, pixel = i / shape.channels;
            const int64_t x = pixel % shape.width, row = pixel / shape.width;
            const int64_t y = row % shape.height, n = row / shape.height;
            const T got = reference::element<T>(glimpses_, n, y, x, c);
            const T expected = positions->expected[static_cast<size_t>(i)];
            if (std::memcmp(&got, &expected, sizeof(T)) != 0) {
                std::ostringstream text;
                text << std::setprecision(9) << "glimpse " << n << ", y " << y << ", x " << x
                     << ", channel " << c << ": got " << reference::value_of(got) << ", expected "
                     << reference::value_of(expected);
                return text.str();
            }
        }
        return "";
    }

    std::vector<T> expect(const std::vector<Origin> &origins) const {
        reference::Plane<T> plane;
        plane.images = images_;
        plane.border = task_.border;
        plane.value.assign(std::begin(constant_value), std::end(constant_value));
        plane.statistics = statistics_;
        std::vector<T> expected;
        expected.reserve(static_cast<size_t>(size_));
        const Shape &shape = task_.glimpses;
        for (int64_t i = 0; i < shape.count; i++) {
            const Origin origin = origins[static_cast<size_t>(i)];
            for (int64_t y = 0; y < shape.height; y++) {
                for (int64_t x = 0; x < shape.width; x++) {
                    for (int64_t c = 0; c < shape.channels; c++) {
                        expected.push_back(plane(image_of(i), origin.y + y, origin.x + x, c));
                    }
                }
            }
        }
        return expected;
    }

    Task task_;
    ConstView images_;
    int64_t size_;  // of all glimpses of a call, in elements
    bench::Memory<T> memory_;
    T *out_;
    View glimpses_;
    Positions inside_, asked_;  // for memcpy and for extract()
    Options options_;
    std::vector<ChannelStatistics> statistics_;
    size_t set_ = 0;
};

// Makes the Bench that the rows of a group share when the first of them runs.
template<typename T>
std::vector<bench::Row> rows(const Task &task) {
    const auto shared = std::make_shared<std::optional<Bench<T>>>();
    const auto made = [=]() -> Bench<T> & {
        if (!*shared) {
            shared->emplace(task);
        }
        return **shared;
    };
    std::vector<bench::Row> result;
    for (const bench::VariantContext &variant : bench::usable_variants()) {
        const auto checked = std::make_shared<bool>(false);
        const auto run = [=](benchmark::State &state) {
            made().time_extract(*variant.context, checked.get(), state);
        };
        result.push_back({variant.name, run});
    }
    const auto checked = std::make_shared<bool>(false);
    const auto run = [=](benchmark::State &state) { made().time_memcpy(checked.get(), state); };
    result.push_back({"memcpy", run});
    return result;
}

std::string case_name(const Task &task) {
    std::string name = task.prefix;
    if (task.place != Place::inside || task.border != Border::zero) {
        name += std::string("-") + glimpse::name(task.border);
    }
    if (task.place != Place::inside && task.statistics == StatisticsFrom::call) {
        name += "-with-statistics";
    }
    return name;
}

template<typename T>
void add(const Task &task, std::vector<bench::Group> *groups) {
    const Shape &shape = task.glimpses;
    const std::string size = std::to_string(shape.height) + "x" + std::to_string(shape.width) +
                             "x" + std::to_string(shape.channels);
    groups->push_back({std::string("extract/") + glimpse::name(glimpse::element_type_of<T>::value) +
                           "/" + size + "/" + std::to_string(shape.count) + "/" + case_name(task),
                       [task] { return rows<T>(task); }});
}

// The kernels that copy are shared by all types of a width.
template<typename T>
void add_some(std::vector<bench::Group> *groups) {
    const StatisticsFrom caller = StatisticsFrom::caller;
    const Shape rgb = {1, frame_height, frame_width, 3};
    for (const int64_t side : {32, 224}) {
        const Shape shape = {64, side, side, 3};
        add<T>({"inside", Place::inside, Border::zero, caller, rgb, shape}, groups);
        for (const Border border : {Border::zero, Border::replicate, Border::reflect101,
                                    Border::wrap, Border::uniform, Border::gaussian}) {
            add<T>({"left", Place::left, border, caller, rgb, shape}, groups);
        }
    }
}

template<typename T>
void add_orders(std::vector<bench::Group> *groups) {
    const StatisticsFrom caller = StatisticsFrom::caller;
    for (const int64_t channels : {3, 4}) {
        const Shape images = {1, frame_height, frame_width, channels},
                    glimpses = {64, 64, 64, channels};
        add<T>({"inside-to-planar", Place::inside, Border::zero, caller, images, glimpses, false,
                true},
               groups);
        add<T>({"inside-from-planar", Place::inside, Border::zero, caller, images, glimpses, true,
                false},
               groups);
    }
}

template<typename T>
void add_all(std::vector<bench::Group> *groups) {
    const StatisticsFrom caller = StatisticsFrom::caller, call = StatisticsFrom::call;
    const Shape gray = {1, frame_height, frame_width, 1};
    const Shape rgb = {1, frame_height, frame_width, 3};
    add<T>({"inside", Place::inside, Border::zero, caller, gray, {1, 8, 8, 1}}, groups);
    for (const int64_t side : {8, 32, 64, 224}) {
        const Shape shape = {64, side, side, 3};
        add<T>({"inside", Place::inside, Border::zero, caller, rgb, shape}, groups);
        for (const Border border : borders) {
            add<T>({"left", Place::left, border, caller, rgb, shape}, groups);
        }
        for (const Border border : {Border::zero, Border::reflect101, Border::uniform}) {
            add<T>({"right", Place::right, border, caller, rgb, shape}, groups);
        }
        for (const Border border : borders) {
            add<T>({"corner", Place::corner, border, caller, rgb, shape}, groups);
        }
    }
    const Shape many = {64, 64, 64, 3}, one = {1, 64, 64, 3};
    add<T>({"inside", Place::inside, Border::gaussian, call, rgb, many}, groups);

    // What TensorFlow can do, for peers/tensorflow_compare.py.
    add<T>({"inside", Place::inside, Border::zero, caller, rgb, one}, groups);
    add<T>({"left", Place::left, Border::zero, caller, rgb, one}, groups);
    add<T>({"left", Place::left, Border::uniform, call, rgb, one}, groups);
    add<T>({"left", Place::left, Border::gaussian, call, rgb, one}, groups);
    const Shape batch = {64, 128, 128, 3}, small = {64, 32, 32, 3};
    add<T>({"batch-inside", Place::inside, Border::zero, caller, batch, small}, groups);
    add<T>({"batch-left", Place::left, Border::zero, caller, batch, small}, groups);
    add<T>({"batch-left", Place::left, Border::uniform, call, batch, small}, groups);
}

}  // namespace

int main(int argc, char **argv) {
    std::vector<bench::Group> groups;
    add_all<uint8_t>(&groups);
    add_all<float>(&groups);
    add_some<uint16_t>(&groups);
    add_some<int16_t>(&groups);
    add_some<glimpse::Float16>(&groups);
    add_some<glimpse::BFloat16>(&groups);
    add_orders<uint8_t>(&groups);
    add_orders<uint16_t>(&groups);
    add_orders<float>(&groups);
    return bench::run(argc, argv, groups);
}
