// An application that uses Glimpse and has a Halide function of its own, with its runtime. With the
// argument `abort` it makes an error of its own while it has no error handler.
#include <HalideRuntime.h>
#include <glimpse/glimpse.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "brighten.h"

namespace {

int application_errors = 0;

void count_error(void *, const char *) {
    application_errors++;
}

void check(bool condition, const char *what) {
    if (!condition) {
        std::fprintf(stderr, "wrong: %s\n", what);
        std::exit(1);
    }
}

// The image's two pixels, wrapped to five.
void use_glimpse() {
    const std::vector<float> image = {1.5f, 2.5f};
    std::vector<float> out(5);
    const glimpse::Origin origins[] = {{0, -2}};
    glimpse::Options options;
    options.border = glimpse::Border::wrap;
    const glimpse::Status status =
        glimpse::extract(glimpse::ConstView::interleaved(image.data(), {1, 1, 2, 1}), origins,
                         glimpse::View::interleaved(out.data(), {1, 1, 5, 1}), options);
    check(status.ok(), status.message());
    check(out == std::vector<float>({1.5f, 2.5f, 1.5f, 2.5f, 1.5f}), "pixels of Glimpse");
}

// Runs the application's own function; returns its error code.
int use_brighten(halide_type_t type) {
    std::vector<uint8_t> in(1000, 100), out(1000);
    halide_dimension_t dimension(0, 1000, 1);
    halide_buffer_t input{}, output{};
    input.host = in.data();
    output.host = out.data();
    input.type = type;
    output.type = halide_type_t(halide_type_uint, 8);
    input.dim = output.dim = &dimension;
    input.dimensions = output.dimensions = 1;
    const int code = brighten(&input, 50, &output);
    check(code != 0 || out == std::vector<uint8_t>(1000, 150), "pixels of the application");
    return code;
}

}  // namespace

int main(int argc, char **argv) {
    const halide_type_t right_type(halide_type_uint, 8), wrong_type(halide_type_uint, 16);

    use_glimpse();
    check(use_brighten(right_type) == 0, "result of the application's function");

    if (argc > 1 && std::strcmp(argv[1], "abort") == 0) {
        use_brighten(wrong_type);  // Halide's own handler prints and aborts
        return 0;
    }

    halide_set_error_handler(count_error);
    check(use_brighten(wrong_type) != 0, "result of the application's function after an error");
    check(application_errors == 1, "number of errors after the application's");

    use_glimpse();
    check(use_brighten(right_type) == 0, "result of the application's function");
    check(application_errors == 1, "number of errors in the end");
    std::printf("variant %s\n", glimpse::default_context().variant()->name);
    return 0;
}
