// What the apps compute, in plain C++, a pixel at a time: what every schedule is held to.
#ifndef GLIMPSE_AUTOSCHEDULER_REFERENCE_H_
#define GLIMPSE_AUTOSCHEDULER_REFERENCE_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace reference {

// The row or column of an image that a border shows at `v`, which may lie outside; -1 for borders
// that do not repeat the image.
inline int map_coordinate(const std::string &border, int v, int extent) {
    const auto modulo = [](int a, int b) { return (a % b + b) % b; };
    if (v >= 0 && v < extent) {
        return v;
    }
    if (border == "replicate") {
        return v < 0 ? 0 : extent - 1;
    }
    if (border == "reflect") {
        const int m = modulo(v, 2 * extent);
        return m < extent ? m : 2 * extent - 1 - m;
    }
    if (border == "reflect101") {
        const int period = std::max(2 * extent - 2, 1), m = modulo(v, period);
        return m < extent ? m : period - m;
    }
    return border == "wrap" ? modulo(v, extent) : -1;
}

inline uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

// Noise at (x, y, channel) of the plane, uniform in [low, high].
inline uint8_t uniform(uint64_t seed, int y, int x, int channel, int channels, uint8_t low,
                       uint8_t high) {
    const uint64_t image_key = mix(mix(seed + 0x9e3779b97f4a7c15u));
    const uint64_t key = mix(image_key + static_cast<uint32_t>(y));
    const uint32_t element =
        static_cast<uint32_t>(x) * static_cast<uint32_t>(channels) + static_cast<uint32_t>(channel);
    uint32_t h = (element * 0x9e3779b9u) ^ static_cast<uint32_t>(key);
    h = (h ^ (h >> 16)) * 0x21f0aaadu;
    h = (h ^ (h >> 15) ^ static_cast<uint32_t>(key >> 32)) * 0x735a2d97u;
    const uint32_t count = static_cast<uint32_t>(std::max(high, low) - low) + 1;
    return static_cast<uint8_t>(low + (((h >> 8) * count) >> 24));
}

// The pixel that a position in 1/65536 of `range` means.
inline int place(uint16_t position, int range) {
    return static_cast<int>((static_cast<int64_t>(position) * range) >> 16);
}

// The plane's row or column at which a window begins whose centre is placed in the image.
inline int window_begin(uint16_t position, int image_extent, int window_extent) {
    return place(position, image_extent) - window_extent / 2;
}

// Of a channel.
struct Statistics {
    uint8_t low = 255, high = 0;
    uint64_t sum = 0, square = 0;
};

// `image` is Halide's buffer (channel, x, y).
template<typename Image>
std::vector<Statistics> compute_statistics(const Image &image) {
    std::vector<Statistics> statistics(image.dim(0).extent());
    for (int y = 0; y < image.dim(2).extent(); y++) {
        for (int x = 0; x < image.dim(1).extent(); x++) {
            for (int c = 0; c < image.dim(0).extent(); c++) {
                const uint8_t v = image(c, x, y);
                Statistics &s = statistics[c];
                s.low = std::min(s.low, v);
                s.high = std::max(s.high, v);
                s.sum += v;
                s.square += static_cast<uint64_t>(v) * v;
            }
        }
    }
    return statistics;
}

}  // namespace reference

#endif  // GLIMPSE_AUTOSCHEDULER_REFERENCE_H_
