// Makes calls whose instructions bench/cycles.py counts under an emulator.
//
//     count_calls CASE CALLS WINDOWS SIZE CHANNELS
//
// A call of `copy` is a memcpy of every row, of the others a glimpse::extract(), of so many windows
// of SIZE x SIZE pixels from an image of uint8. Windows of `inside` lie inside, those of others
// leave the image by half on the left.
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
    bool boxes = false, antialias = false;
};

const Case cases[] = {
    {"copy", true, true, false, Border::zero},
    {"inside", false, true, false, Border::zero},
    {"zero", false, false, false, Border::zero},
    {"replicate", false, false, false, Border::replicate},
    {"reflect101", false, false, false, Border::reflect101},
    {"uniform", false, false, false, Border::uniform},
    {"planar", false, true, true, Border::zero},  // to float32
    {"linear", false, true, false, Border::zero, true},
    {"antialias", false, true, false, Border::zero, true, true},
};

int run(const Case &c, int calls, int windows, int size, int channels) {
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
    std::vector<glimpse::Box> boxes;
    for (int i = 0; i < windows; i++) {
        const auto low = static_cast<float>(10 + i), high = static_cast<float>(10 + i + 2 * size);
        boxes.push_back({low, low, high, high});
    }
    const std::vector<glimpse::ChannelStatistics> statistics(channels, {0, 200, 100, 10});
    glimpse::Options options;
    options.border = c.border;
    options.sampling.antialias = c.antialias;
    if (c.border == Border::uniform) {
        options.statistics = statistics;
    }
    glimpse::Context context;
    const size_t row = size_t(size) * channels, pitch = size_t(extent) * channels;
    for (int call = 0; call < calls; call++) {
        if (!c.copy) {
            const glimpse::Status status = c.boxes ? extract(from, boxes, to, options, context)
                                                   : extract(from, origins, to, options, context);
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
    for (const Case &c : cases) {
        if (argc == 6 && argv[1] == std::string(c.name)) {
            return run(c, std::atoi(argv[2]), std::atoi(argv[3]), std::atoi(argv[4]),
                       std::atoi(argv[5]));
        }
    }
    std::fprintf(stderr, "usage: count_calls CASE CALLS WINDOWS SIZE CHANNELS\n");
    return 2;
}
