// Calls that leave the memory of their arguments, in a program built with AddressSanitizer.
//
// usage: sanitized CASE; prints "ok" if the call was not stopped
#include <cstdio>
#include <cstring>
#include <vector>

#include <sanitizer/asan_interface.h>

#include "glimpse/glimpse.h"

namespace {

using glimpse::ConstFrame;
using glimpse::ConstView;
using glimpse::Frame;
using glimpse::Origin;
using glimpse::Status;
using glimpse::View;

// What is legal: memory as large as it must be, and gaps that are never touched.
Status legal_call() {
    std::vector<uint8_t> image(100 * 128), glimpse(40 * 64);
    for (size_t row = 0; row < 100; row++) {
        ASAN_POISON_MEMORY_REGION(image.data() + row * 128 + 104, 24);
    }
    for (size_t row = 0; row < 40; row++) {
        ASAN_POISON_MEMORY_REGION(glimpse.data() + row * 64 + 40, 24);
    }
    const Origin origin = {-5, 80};
    const Status status =
        extract(ConstView::interleaved(image.data(), {1, 100, 104, 1}).pitch_bytes(128).flipped(),
                glimpse::Places(&origin, 1),
                View::interleaved(glimpse.data(), {1, 40, 40, 1}).pitch_bytes(64));
    ASAN_UNPOISON_MEMORY_REGION(image.data(), image.size());
    ASAN_UNPOISON_MEMORY_REGION(glimpse.data(), glimpse.size());
    return status;
}

// The arguments of a call, each as large as it must be, or less.
struct Arguments {
    std::vector<uint8_t> image, glimpse;
    std::vector<Origin> origins;
    std::vector<float> numbers;
    std::vector<int32_t> index;

    explicit Arguments(const char *shortened)
        : image(is(shortened, "images") ? 100 * 100 * 3 : 120 * 120 * 3),
          glimpse(is(shortened, "glimpses") || is(shortened, "planes") ? 4000 : 2 * 40 * 40 * 3),
          origins(is(shortened, "origins") ? 1 : 2), numbers(is(shortened, "numbers") ? 2 : 3),
          index(is(shortened, "image_index") ? 1 : 2) {
    }

    static bool is(const char *shortened, const char *argument) {
        return strcmp(shortened, argument) == 0;
    }

    Status call(bool is_planar) const {
        glimpse::Options options;
        options.border = glimpse::Border::constant;
        options.value = {numbers.data(), 3};
        options.image_index = {index.data(), 2};
        auto *const made = const_cast<uint8_t *>(glimpse.data());
        return extract(ConstView::interleaved(image.data(), {1, 120, 120, 3}),
                       glimpse::Places(origins.data(), 2),
                       is_planar ? View::planar(made, {2, 40, 40, 3})
                                 : View::interleaved(made, {2, 40, 40, 3}),
                       options);
    }
};

Status statistics_call() {
    const std::vector<float> image(10 * 10 * 3);
    std::vector<glimpse::ChannelStatistics> statistics(2);
    return compute_statistics(ConstView::interleaved(image.data(), {1, 10, 10, 3}),
                              {statistics.data(), 3});
}

// Every second column, of which the last ones are not there.
Status columns_call() {
    const std::vector<uint8_t> image(10 * 20 - 2);
    std::vector<uint8_t> glimpse(16);
    const Origin origin = {0, 0};
    return extract(
        ConstView(image.data() + 1, glimpse::ElementType::uint8, {1, 10, 10, 1}, {0, 20, 2, 1}),
        glimpse::Places(&origin, 1), View::interleaved(glimpse.data(), {1, 4, 4, 1}));
}

Status frame_call() {
    const std::vector<uint8_t> luma(20 * 20), chroma(10 * 20 - 1);
    std::vector<uint8_t> glimpse_luma(16), glimpse_chroma(8);
    const Origin origin = {0, 0};
    return extract(ConstFrame::nv12(luma.data(), 20, chroma.data(), 20, 20, 20), {&origin, 1},
                   Frame::nv12(glimpse_luma.data(), 4, glimpse_chroma.data(), 4, 4, 4));
}

}  // namespace

int main(int count, char **words) {
    const char *const name = count > 1 ? words[1] : "legal";
    const Status status = Arguments::is(name, "legal")        ? legal_call()
                          : Arguments::is(name, "statistics") ? statistics_call()
                          : Arguments::is(name, "columns")    ? columns_call()
                          : Arguments::is(name, "frame")
                              ? frame_call()
                              : Arguments(name).call(Arguments::is(name, "planes"));
    printf("%s\n", status.ok() ? "ok" : status.message());
    return status.ok() ? 0 : 1;
}
