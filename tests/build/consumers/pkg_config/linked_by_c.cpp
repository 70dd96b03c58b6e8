// A program that the driver for C links. Prints the version after a call.
#include <glimpse/glimpse.h>

#include <cstdint>
#include <cstdio>

int main() {
    const uint8_t image[] = {1, 2, 3, 4};
    float out[4] = {};
    const glimpse::Offset offsets[] = {{1.5f, 0.5f}};
    const glimpse::Status status =
        glimpse::extract(glimpse::ConstView::interleaved(image, {1, 2, 2, 1}), offsets,
                         glimpse::View::interleaved(static_cast<float *>(out), {1, 2, 2, 1}));
    if (!status.ok()) {
        return 1;
    }
    std::printf("%s\n", glimpse::version());
}
