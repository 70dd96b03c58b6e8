// Extracts two glimpses from a small image, checks every pixel and prints the variant that ran.
#include <glimpse/glimpse.h>

#include <cstdint>
#include <cstdio>
#include <vector>

int main() {
    // Pixel (y, x) is 10 * y + x.
    std::vector<uint8_t> image;
    for (int y = 0; y < 4; y++) {
        for (int x = 0; x < 6; x++) {
            image.push_back(static_cast<uint8_t>(10 * y + x));
        }
    }
    const glimpse::Origin origins[] = {{1, 2}, {-1, 4}};
    std::vector<uint8_t> glimpses(2 * 2 * 3);
    glimpse::Options options;
    options.border = glimpse::Border::reflect101;
    const glimpse::Status status =
        glimpse::extract(glimpse::ConstView::interleaved(image.data(), {1, 4, 6, 1}), origins,
                         glimpse::View::interleaved(glimpses.data(), {2, 2, 3, 1}), options);
    if (!status.ok()) {
        std::fprintf(stderr, "%s\n", status.message());
        return 1;
    }
    const std::vector<uint8_t> expected = {12, 13, 14, 22, 23, 24, 14, 15, 14, 4, 5, 4};
    if (glimpses != expected) {
        std::fprintf(stderr, "wrong pixels\n");
        return 1;
    }
    std::printf("version %s\n", glimpse::version());
    std::printf("variant %s\n", glimpse::default_context().variant()->name);
    return 0;
}
