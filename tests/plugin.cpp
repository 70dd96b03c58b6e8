// A shared object with the library in it, which process_test loads and unloads.
#include <vector>

#include "glimpse/glimpse.h"

// Makes a call with the default context that takes scratch memory; returns 0 if it went well.
extern "C" int glimpse_test_call() {
    const std::vector<uint8_t> image(600 * 600 * 3, 5);
    std::vector<float> glimpse(600 * 600 * 3);
    glimpse::Options options;
    options.border = glimpse::Border::gaussian;
    const glimpse::Origin origin = {-10, -10};
    return extract(glimpse::ConstView::interleaved(image.data(), {1, 600, 600, 3}),
                   glimpse::Places(&origin, 1),
                   glimpse::View::interleaved(glimpse.data(), {1, 600, 600, 3}), options)
                   .ok()
               ? 0
               : 1;
}
