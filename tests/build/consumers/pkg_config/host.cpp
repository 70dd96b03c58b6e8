// A program that loads libplugin.so at run time: host PATH. Prints a glimpse that the plugin made.
#include <dlfcn.h>

#include <cstdint>
#include <cstdio>

int main(int argc, char **argv) {
    void *plugin = argc == 2 ? dlopen(argv[1], RTLD_NOW) : nullptr;
    void *symbol = plugin != nullptr ? dlsym(plugin, "plugin_crop") : nullptr;
    if (symbol == nullptr) {
        std::fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    const auto crop =
        reinterpret_cast<int (*)(const uint8_t *, int, int, int, int, int, int, uint8_t *)>(symbol);
    const uint8_t image[] = {1, 2, 3, 4, 5, 6};
    uint8_t out[6] = {};
    if (crop(image, 2, 3, 1, -1, 2, 3, out) != 0) {
        return 1;
    }
    std::printf("%d %d %d %d %d %d\n", out[0], out[1], out[2], out[3], out[4], out[5]);
}
