// Loads the shared library at run time and extracts a glimpse, then unloads it: usage: dlopen_test
// LIBRARY.
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "glimpse/c.h"

// A function of the library; POSIX lets a pointer to data be read as one to a function.
static void find(void *library, const char *name, void *function) {
    void *const symbol = dlsym(library, name);
    memcpy(function, &symbol, sizeof(symbol));
}

// Extracts the middle pixel of an image of 3 x 3. Returns it, or -1.
static int extract_middle(void *library) {
    glimpse_code (*extract)(const glimpse_images *, const glimpse_places *,
                            const glimpse_glimpses *, const glimpse_options *, glimpse_context *,
                            char *, size_t) = NULL;
    glimpse_view (*interleaved)(const void *, int32_t, int64_t, int64_t, int64_t, int64_t) = NULL;
    static const uint8_t pixels[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    static const glimpse_origin origin = {1, 1};
    uint8_t found = 0;
    char message[GLIMPSE_MESSAGE_BYTES];
    glimpse_images images = GLIMPSE_IMAGES_INIT;
    glimpse_places places = GLIMPSE_PLACES_INIT;
    glimpse_glimpses glimpses = GLIMPSE_GLIMPSES_INIT;
    glimpse_view image, out;
    find(library, "glimpse_extract", &extract);
    find(library, "glimpse_interleaved", &interleaved);
    if (extract == NULL || interleaved == NULL) {
        fprintf(stderr, "a function is missing\n");
        return -1;
    }
    image = interleaved(pixels, GLIMPSE_UINT8, 1, 3, 3, 1);
    out = interleaved(&found, GLIMPSE_UINT8, 1, 1, 1, 1);
    images.view = &image;
    places.origins = &origin;
    places.count = 1;
    glimpses.view = &out;
    if (extract(&images, &places, &glimpses, NULL, NULL, message, sizeof(message)) != GLIMPSE_OK) {
        fprintf(stderr, "%s\n", message);
        return -1;
    }
    return found;
}

int main(int argc, char **argv) {
    for (int i = 0; i < 2; i++) {  // again after it was unloaded
        void *const library = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
        if (library == NULL) {
            fprintf(stderr, "%s\n", argc == 2 ? dlerror() : "expected the path of the library");
            return 1;
        }
        if (extract_middle(library) != 5 || dlclose(library) != 0) {
            fprintf(stderr, "not the pixel in the middle\n");
            return 1;
        }
    }
    printf("passed\n");
    return 0;
}
