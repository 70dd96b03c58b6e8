// Time over the width of a window has no cliffs, and stays near a copy. Limits are wide, and times
// the least of many: this guards shapes. bench/sweep.py measures.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "buffers.h"
#include "glimpse/glimpse.h"

namespace {

using glimpse::Border;
using glimpse::ConstView;
using glimpse::Origin;
using glimpse::View;

const int frame_height = 270, frame_width = 480, windows = 64, widest = 72, next_widths = 8;
const int attempts = 8;
// A width's time as a ratio to the least of the next eight widths, and to a copy of as many rows,
// from 8 pixels on.
const double steepest = 2.5, slowest = 8.0;

struct Row {
    int64_t channels;
    Border border;
};

template<typename T>
class Windows {
public:
    explicit Windows(const Row &row)
        : row_(row), frame_(static_cast<size_t>(frame_height * frame_width * row.channels)),
          out_(static_cast<size_t>(windows * widest * widest * row.channels)),
          ours_(widest + 1, 1e9), copies_(ours_) {
        options_.border = row.border;
    }

    // Times all widths once more; keeps the least.
    void measure() {
        for (int width = 1; width <= widest; width++) {
            const auto at = static_cast<size_t>(width);
            ours_[at] = std::min(ours_[at], least([&] { extract(width); }));
            copies_[at] = std::min(copies_[at], least([&] { copy(width); }));
        }
    }
    // What is too slow, if anything.
    std::string problem() const {
        for (size_t width = 1; width <= widest; width++) {
            const size_t end = std::min<size_t>(width + next_widths, widest);
            const double after = *std::min_element(ours_.begin() + static_cast<ptrdiff_t>(width),
                                                   ours_.begin() + static_cast<ptrdiff_t>(end) + 1);
            const std::string text = std::to_string(width) + " pixels, " +
                                     std::to_string(row_.channels) + " channels, " +
                                     glimpse::name(row_.border) + ": ";
            if (ours_[width] > steepest * after) {
                return text + std::to_string(ours_[width] / after) + " times a wider window";
            }
            if (width >= 8 && ours_[width] > slowest * copies_[width]) {
                return text + std::to_string(ours_[width] / copies_[width]) + " times a copy";
            }
        }
        return "";
    }

private:
    template<typename Call>
    static double least(const Call &call) {
        double result = 1e9;
        for (int i = 0; i < 5; i++) {
            const auto begin = std::chrono::steady_clock::now();
            call();
            const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
            result = std::min(result, taken.count());
        }
        return result;
    }
    void extract(int width) {
        Origin origins[windows];
        for (int i = 0; i < windows; i++) {
            origins[i] = {i * 3, -width / 2};
        }
        const glimpse::Status status = glimpse::extract(
            ConstView::interleaved(frame_, {1, frame_height, frame_width, row_.channels}), origins,
            View::interleaved(out_, {windows, width, width, row_.channels}), options_);
        ASSERT_TRUE(status.ok()) << status.message();
    }
    void copy(int width) {
        const size_t row = static_cast<size_t>(width * row_.channels);
        T *out = out_.data();
        for (int i = 0; i < windows; i++) {
            const T *in = frame_.data() + i * 3 * frame_width * row_.channels;
            for (int y = 0; y < width; y++) {
                std::memcpy(out, in, row * sizeof(T));
                in += frame_width * row_.channels;
                out += row;
            }
        }
        asm volatile("" : : "r"(out_.data()) : "memory");
    }

    const Row row_;
    std::vector<T> frame_, out_;
    glimpse::Options options_;
    std::vector<double> ours_, copies_;  // in seconds, by width
};

template<typename T>
void check() {
    if (!is_built<T>()) {
        GTEST_SKIP() << "the type is not built";
    }
    for (const int64_t channels : {1, 2, 3, 4}) {
        for (const Border border :
             {Border::zero, Border::replicate, Border::reflect101, Border::wrap}) {
            Windows<T> timed({channels, border});
            for (int i = 0; i < attempts && (i == 0 || !timed.problem().empty()); i++) {
                timed.measure();
            }
            EXPECT_EQ(timed.problem(), "");
        }
    }
}

TEST(WidthsTest, BytesHaveNoCliffs) {
    check<uint8_t>();
}

TEST(WidthsTest, FloatsHaveNoCliffs) {
    check<float>();
}

}  // namespace
