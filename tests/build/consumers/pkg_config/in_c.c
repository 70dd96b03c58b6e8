// A program in C: prints the version, and the pixel in the middle of an image.
#include <glimpse/c.h>
#include <stdio.h>

int main(void) {
    static const uint8_t pixels[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    static const glimpse_origin origin = {1, 1};
    uint8_t middle = 0;
    char message[GLIMPSE_MESSAGE_BYTES];
    const glimpse_view image = glimpse_interleaved(pixels, GLIMPSE_UINT8, 1, 3, 3, 1);
    const glimpse_view out = glimpse_interleaved(&middle, GLIMPSE_UINT8, 1, 1, 1, 1);
    glimpse_images images = GLIMPSE_IMAGES_INIT;
    glimpse_places places = GLIMPSE_PLACES_INIT;
    glimpse_glimpses glimpses = GLIMPSE_GLIMPSES_INIT;
    images.view = &image;
    places.origins = &origin;
    places.count = 1;
    glimpses.view = &out;
    if (glimpse_extract(&images, &places, &glimpses, NULL, NULL, message, sizeof(message)) !=
        GLIMPSE_OK) {
        fprintf(stderr, "%s\n", message);
        return 1;
    }
    printf("%s %d\n", glimpse_version(), middle);
    return 0;
}
