// Makes calls whose instructions bench/cycles.py counts under an emulator.
//
//     count_calls CASE CALLS
//
// A call of `copy` is a memcpy of every row, of the others a glimpse::extract(), of 16 windows of
// 64 x 64 RGB from an image of uint8; or, of a case that begins with "one-", of a single window of
// 8 x 8 x 1. Windows of `inside` lie inside, those of others leave the image by half on the left.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "glimpse/glimpse.h"

namespace {

using glimpse::Border;
using glimpse::ConstView;
using glimpse::View;

struct Case {
    const char *name;
    bool copy, inside, planar;
    Border border;
};

const Case cases[] = {
    {"copy", true, true, false, Border::zero},
    {"inside", false, true, false, Border::zero},
    {"zero", false, false, false, Border::zero},
    {"replicate", false, false, false, Border::replicate},
    {"reflect101", false, false, false, Border::reflect101},
    {"uniform", false, false, false, Border::uniform},
    {"planar", false, true, true, Border::zero},  // to float32
};

int run(const Case &c, int calls, int size, int channels, int windows) {
    const int extent = 256;
    const std::vector<uint8_t> image(extent * extent * channels, 7);
    std::vector<float> out(windows * size * size * channels);
    const ConstView from = ConstView::interleaved(image.data(), {1, extent, extent, channels});
    const glimpse::Shape shape = {windows, size, size, channels};
    auto *bytes = reinterpret_cast<uint8_t *>(out.data());
    const View to = c.planar ? View::planar(out.data(), shape) : View::interleaved(bytes, shape);
    std::vector<glimpse::Origin> origins(windows);
    for (int i = 0; i < windows; i++) {
        origins[i] = {10 + i, c.inside ? 10 + i : -size / 2};
    }
    const std::vector<glimpse::ChannelStatistics> statistics(channels, {0, 200, 100, 10});
    glimpse::Options options;
    options.border = c.border;
    options.statistics = statistics;
    glimpse::Context context;
    const size_t row = size_t(size) * channels, pitch = size_t(extent) * channels;
    for (int call = 0; call < calls; call++) {
        if (!c.copy) {
            const glimpse::Status status = extract(from, origins, to, options, context);
            if (!status.ok()) {
                std::fprintf(stderr, "%s\n", status.message());
                return 1;
            }
            continue;
        }
        for (int i = 0; i < windows * size; i++) {
            const glimpse::Origin &origin = origins[i / size];
            std::memcpy(bytes + i * row,
                        image.data() + (origin.y + i % size) * pitch + origin.x * size_t(channels),
                        row);
        }
        __asm__ volatile("" : : "r"(bytes) : "memory");
    }
    return 0;
}

}  // namespace

int main(int argc, char **argv) {
    const std::string one = "one-";
    for (const Case &c : cases) {
        if (argc == 3 && argv[1] == std::string(c.name)) {
            return run(c, std::atoi(argv[2]), 64, 3, 16);
        }
        if (argc == 3 && argv[1] == one + c.name) {
            return run(c, std::atoi(argv[2]), 8, 1, 1);
        }
    }
    std::fprintf(stderr, "usage: count_calls CASE CALLS\n");
    return 2;
}
