// A shared library that contains Glimpse and exports one function of its own.
#include <glimpse/glimpse.h>

#include <cstdint>

// Extracts the rows x columns pixels from (y, x) on of a gray image, whose edge pixels repeat.
// Returns a glimpse::StatusCode.
extern "C" __attribute__((visibility("default"))) int plugin_crop(const uint8_t *image, int height,
                                                                  int width, int y, int x, int rows,
                                                                  int columns, uint8_t *out) {
    const glimpse::Origin origins[] = {{y, x}};
    glimpse::Options options;
    options.border = glimpse::Border::replicate;
    return static_cast<int>(
        glimpse::extract(glimpse::ConstView::interleaved(image, {1, height, width, 1}), origins,
                         glimpse::View::interleaved(out, {1, rows, columns, 1}), options)
            .code());
}
