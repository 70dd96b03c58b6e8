// Times windows of every width: extract() beside a memcpy of every row and beside OpenCV, taken in
// turns. Prints a line of CSV for each width:
//
//     type,channels,place,border,count,width,copy,glimpse,opencv,glimpse/copy,glimpse/opencv
//
// Windows are square. A call takes `count` of them out of a frame of 1080 x 1920 pixels: inside it,
// or half outside on the left, on the right, or on the left and at the top (`corner`). Times are
// medians, in nanoseconds per window; ratios are medians of the ratios of the repetitions. The copy
// takes windows of the same size that lie inside, as near as can be. OpenCV takes one window after
// another, with copyTo() or copyMakeBorder() of the visible part; it has no border `mean`, and gets
// the numbers. Where both must give the same pixels, they are compared.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <opencv2/core.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "runner.h"

namespace {

using glimpse::Border;
using glimpse::ConstView;
using glimpse::Origin;
using glimpse::View;

const int frame_height = 1080, frame_width = 1920;
const size_t sets = 16;  // of positions, in rotation
const float constant_value[] = {9, 77, 200, 5};

struct Sweep {
    std::string place, border;
    int channels, count;
};

struct Effort {
    int repetitions;
    double seconds;  // of a repetition, at least
};

Border border_of(const std::string &name) {
    for (int border = 0; border < glimpse::border_count; border++) {
        if (name == glimpse::name(Border(border))) {
            return Border(border);
        }
    }
    throw std::runtime_error("there is no border " + name);
}

int cv_border(Border border) {
    switch (border) {
    case Border::replicate:
        return cv::BORDER_REPLICATE;
    case Border::reflect:
        return cv::BORDER_REFLECT;
    case Border::reflect101:
        return cv::BORDER_REFLECT_101;
    case Border::wrap:
        return cv::BORDER_WRAP;
    default:
        return cv::BORDER_CONSTANT;
    }
}

// All that is timed at one width.
template<typename T>
class Windows {
public:
    Windows(const T *frame, const Sweep &sweep, int width)
        : sweep_(sweep), width_(width), border_(border_of(sweep.border)),
          row_(size_t(width) * size_t(sweep.channels)), window_(row_ * size_t(width)),
          size_(window_ * size_t(sweep.count)), frame_(frame),
          memory_(bench::shift<T> + int64_t(size_)), out_(memory_.data() + bench::shift<T>),
          image_(frame_height, frame_width, CV_MAKETYPE(cv::DataType<T>::depth, sweep.channels),
                 const_cast<T *>(frame)) {
        options_.border = border_;
        if (border_ == Border::constant) {
            options_.value = numbers();
        }
        if (border_ == Border::mean) {
            statistics_.resize(size_t(sweep.channels));
            for (size_t c = 0; c < statistics_.size(); c++) {
                statistics_[c] = {0, 255, constant_value[c], 1};
            }
            options_.statistics = statistics_;
        }
        if (border_ == Border::constant || border_ == Border::mean) {
            value_ = cv::Scalar(constant_value[0], constant_value[1], constant_value[2],
                                constant_value[3]);
        }
        bench::Random random;
        for (size_t i = 0; i < sets * size_t(sweep.count); i++) {
            choose(random);
        }
    }

    void copy(size_t set) {
        T *out = out_;
        for (size_t i = 0; i < size_t(sweep_.count); i++) {
            const Origin at = inside_[set * size_t(sweep_.count) + i];
            const T *in =
                frame_ + (size_t(at.y) * frame_width + size_t(at.x)) * size_t(sweep_.channels);
            for (int y = 0; y < width_; y++) {
                std::memcpy(out, in, row_ * sizeof(T));
                out += row_;
                in += frame_width * sweep_.channels;
            }
        }
        benchmark::ClobberMemory();
    }

    void extract(size_t set) {
        const glimpse::Status status = glimpse::extract(
            ConstView::interleaved(frame_, {1, frame_height, frame_width, sweep_.channels}),
            glimpse::Span<const Origin>(&asked_[set * size_t(sweep_.count)], size_t(sweep_.count)),
            View::interleaved(out_, {sweep_.count, width_, width_, sweep_.channels}), options_);
        if (!status.ok()) {
            throw std::runtime_error(status.message());
        }
    }

    void extract_with_opencv(size_t set) {
        for (size_t i = 0; i < size_t(sweep_.count); i++) {
            const Origin at = asked_[set * size_t(sweep_.count) + i];
            cv::Mat out(width_, width_, image_.type(), out_ + i * window_);
            const cv::Rect asked(at.x, at.y, width_, width_);
            const cv::Rect visible = asked & cv::Rect(0, 0, frame_width, frame_height);
            if (visible == asked) {
                image_(visible).copyTo(out);
                continue;
            }
            cv::copyMakeBorder(image_(visible), out, visible.y - asked.y,
                               asked.br().y - visible.br().y, visible.x - asked.x,
                               asked.br().x - visible.br().x,
                               cv_border(border_) | cv::BORDER_ISOLATED, value_);
        }
    }

    // What OpenCV mirrors or repeats is the visible part alone.
    bool is_same_as_opencv() {
        extract(0);
        const std::vector<T> extracted(out_, out_ + size_);
        extract_with_opencv(0);
        const bool differs =
            border_ == Border::wrap || (border_ == Border::reflect101 && width_ % 2 == 0);
        return (differs && sweep_.place != "inside") ||
               std::memcmp(out_, extracted.data(), size_ * sizeof(T)) == 0;
    }

private:
    glimpse::Span<const float> numbers() const {
        return {constant_value, size_t(sweep_.channels)};
    }

    void choose(bench::Random &random) {
        Origin inside = {random.up_to(frame_height - width_), random.up_to(frame_width - width_)};
        Origin asked = inside;
        const int outside = width_ / 2;
        if (sweep_.place == "left" || sweep_.place == "corner") {
            inside.x = 0;
            asked.x = -outside;
        }
        if (sweep_.place == "right") {
            inside.x = frame_width - width_;
            asked.x = inside.x + outside;
        }
        if (sweep_.place == "corner") {
            inside.y = 0;
            asked.y = -outside;
        }
        inside_.push_back(inside);
        asked_.push_back(asked);
    }

    const Sweep sweep_;
    const int width_;
    const Border border_;
    const size_t row_, window_, size_;  // in elements
    const T *const frame_;
    bench::Memory<T> memory_;
    T *const out_;  // of all three: they find the same of it in the cache
    const cv::Mat image_;
    cv::Scalar value_;
    glimpse::Options options_;
    std::vector<glimpse::ChannelStatistics> statistics_;
    std::vector<Origin> inside_, asked_;
};

template<typename Call>
double seconds_of(const Call &call, int calls) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < calls; i++) {
        call(size_t(i) % sets);
    }
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    return taken.count() / calls;
}

double median(std::vector<double> values) {
    const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

template<typename T>
void time_width(const T *frame, const Sweep &sweep, int width, const Effort &effort) {
    Windows<T> windows(frame, sweep, width);
    if (!windows.is_same_as_opencv()) {
        throw std::runtime_error("OpenCV gives other pixels");
    }
    const auto copy = [&](size_t set) { windows.copy(set); };
    const auto extract = [&](size_t set) { windows.extract(set); };
    const auto opencv = [&](size_t set) { windows.extract_with_opencv(set); };
    const auto calls_for = [&](const auto &call) {
        int calls = 1;
        while (seconds_of(call, calls) * calls < effort.seconds) {
            calls *= 2;
        }
        return calls;
    };
    const int copies = calls_for(copy), ours = calls_for(extract), theirs = calls_for(opencv);
    std::vector<double> times[3], ratios[2];
    for (int i = 0; i < effort.repetitions; i++) {
        const double a = seconds_of(copy, copies), b = seconds_of(extract, ours),
                     c = seconds_of(opencv, theirs);
        times[0].push_back(a);
        times[1].push_back(b);
        times[2].push_back(c);
        ratios[0].push_back(b / a);
        ratios[1].push_back(b / c);
    }
    const double window = 1e9 / sweep.count;
    std::printf("%s,%d,%s,%s,%d,%d,%.1f,%.1f,%.1f,%.3f,%.3f\n",
                glimpse::name(glimpse::element_type_of<T>::value), sweep.channels,
                sweep.place.c_str(), sweep.border.c_str(), sweep.count, width,
                median(times[0]) * window, median(times[1]) * window, median(times[2]) * window,
                median(ratios[0]), median(ratios[1]));
    std::fflush(stdout);
}

struct Arguments {
    std::vector<std::string> types = {"uint8", "uint16", "float32"};
    std::vector<std::string> places = {"inside", "left", "right", "corner"};
    std::vector<std::string> borders = {"zero",    "constant",   "mean", "replicate",
                                        "reflect", "reflect101", "wrap"};
    std::vector<int> channels = {1, 2, 3, 4}, counts = {1, 64}, widths;
    Effort effort = {9, 50e-6};
};

template<typename T>
void time_all(const Arguments &a) {
    const bench::Memory<T> frame =
        bench::random_elements<T>(bench::shift<T> + int64_t(frame_height) * frame_width * 4);
    for (const int channels : a.channels) {
        for (const std::string &place : a.places) {
            for (const std::string &border : a.borders) {
                if (place == "inside" && &border != a.borders.data()) {
                    continue;  // it shows no border
                }
                for (const int count : a.counts) {
                    for (const int width : a.widths) {
                        time_width<T>(frame.data() + bench::shift<T>,
                                      {place, border, channels, count}, width, a.effort);
                    }
                }
            }
        }
    }
}

void run(const Arguments &arguments) {
    std::puts("type,channels,place,border,count,width,copy,glimpse,opencv,glimpse/copy,"
              "glimpse/opencv");
    for (const std::string &type : arguments.types) {
        if (type == "uint8") {
            time_all<uint8_t>(arguments);
        } else if (type == "uint16") {
            time_all<uint16_t>(arguments);
        } else {
            time_all<float>(arguments);
        }
    }
}

int sweep(int argc, char **argv) {
    cv::setNumThreads(1);
    Arguments a;
    for (int width = 1; width <= 512; width += width < 128 ? 1 : width / 8) {
        a.widths.push_back(width);
    }
    CLI::App app("Times windows of every width beside copies and OpenCV, and prints CSV.");
    const auto list = [&](const char *name, auto &values, const char *what) {
        return app.add_option(name, values, what)->delimiter(',')->capture_default_str();
    };
    list("--types", a.types, "uint8, uint16, float32")
        ->check(CLI::IsMember({"uint8", "uint16", "float32"}));
    list("--places", a.places, "inside, left, right, corner")
        ->check(CLI::IsMember({"inside", "left", "right", "corner"}));
    list("--borders", a.borders, "borders of values and of maps");
    list("--channels", a.channels, "per pixel")->check(CLI::Range(1, 4));
    list("--counts", a.counts, "windows of a call")->check(CLI::Range(1, 1024));
    list("--widths", a.widths, "in pixels; default: 1 to 128, then in eighths up to 512")
        ->check(CLI::Range(1, frame_height))
        ->capture_default_str();
    app.add_option("--repetitions", a.effort.repetitions)->capture_default_str();
    app.add_option("--seconds", a.effort.seconds, "of a repetition, at least")
        ->capture_default_str();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return app.exit(error);
    }
    run(a);
    return 0;
}

}  // namespace

int main(int argc, char **argv) {
    try {
        return sweep(argc, argv);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "width_sweep: %s\n", error.what());
        return 1;
    }
}
