// Windows of an image that a border rule extends to the plane.
#include "Halide.h"
#include "sized_generator.h"

namespace {

using namespace Halide;
using glimpse::Border;

class Extract : public glimpse::SizedGenerator<Extract> {
public:
    GeneratorParam<Border> border{"border",
                                  Border::constant,
                                  {{"constant", Border::constant},
                                   {"replicate", Border::replicate},
                                   {"reflect", Border::reflect},
                                   {"reflect101", Border::reflect101},
                                   {"wrap", Border::wrap},
                                   {"uniform", Border::uniform}}};
    // Of image and windows; noise is of uint8.
    GeneratorParam<Type> type{"type", Float(32)};

    // Indexed by x, y, channel.
    Input<Buffer<void, 3>> image{"image"};
    // Centres of windows: see place(). Indexed by axis, window.
    Input<Buffer<uint16_t, 2>> position{"position"};
    // Indexed by x, y, channel, window.
    Output<Buffer<void, 4>> glimpse{"glimpse"};

    void configure() {
        image.set_type(type);
        glimpse.set_type(type);
        if (border == Border::constant) {
            fill = add_input<float>("fill");
        } else if (border == Border::uniform) {
            seed = add_input<uint64_t>("seed");
            low = add_input<uint8_t>("low");
            high = add_input<uint8_t>("high");
        }
    }

    void generate() {
        const Expr width = image.dim(0).extent(), height = image.dim(1).extent();
        Expr low_value, count, of_fill = cast(type, 0);
        if (border == Border::constant) {
            fill->set_estimate(0.5f);
            of_fill = cast(type, *fill);
        } else if (border == Border::uniform) {
            seed->set_estimate(1);
            low->set_estimate(16);
            high->set_estimate(235);
            key(y) = glimpse::first_row_key(*seed, y);
            low_value = *low;
            count = cast<uint32_t>(max(*low, *high) - *low) + 1;
        }
        const auto outside = [&](const Expr &row, const Expr &column, const Expr &channel) {
            const Expr element = column * image.dim(2).extent() + channel;
            return border == Border::uniform ? glimpse::uniform(key(row), element, low_value, count)
                                             : of_fill;
        };
        const auto shown = [&](const Expr &row, const Expr &column, const Expr &channel) {
            return Expr(image(column, row, channel));
        };
        plane(x, y, c) = glimpse::plane_of(border, height, width, shown, outside).at(0, y, x, c);
        const Expr left = glimpse::window_begin(position(0, n), width, glimpse.dim(0).extent());
        const Expr top = glimpse::window_begin(position(1, n), height, glimpse.dim(1).extent());
        glimpse(x, y, c, n) = plane(x + left, y + top, c);

        image.set_estimates({{0, image_width}, {0, image_height}, {0, channels}});
        set_placed(width, height);
        position.set_estimates({{0, 2}, {0, glimpses}});
        glimpse.set_estimates(
            {{0, glimpse_width}, {0, glimpse_height}, {0, channels}, {0, glimpses}});
    }

    void schedule_cpu() {
        glimpse.vectorize(x, row_lanes());
        if (glimpse_elements() > parallel_elements) {
            glimpse.parallel(n, task_glimpses());
        }
        if (glimpse_width < 32 && glimpse_elements() > image_elements()) {
            // Windows show a pixel more than once, and rows are short for loops in parts: border
            // and noise are made once, for the plane around the image; windows are copies.
            plane.compute_root().vectorize(x, natural_vector_size(type)).parallel(y, 8);
        } else if (border != Border::constant && border != Border::uniform &&
                   glimpse_width >= 128) {
            // Rows outside have columns inside: loops over x have a part without border, loops over
            // y have not.
            glimpse.never_partition(y);
        }
    }

    void schedule_gpu() {
        Var xi("xi"), yi("yi"), plane_of_window("plane_of_window");
        glimpse.fuse(c, n, plane_of_window)
            .gpu_tile(x, y, xi, yi, 32, 8, TailStrategy::GuardWithIf)
            .gpu_blocks(plane_of_window);
    }

private:
    Var x{"x"}, y{"y"}, c{"c"}, n{"n"};
    Func key{"key"}, plane{"plane"};
    Input<float> *fill = nullptr;
    Input<uint64_t> *seed = nullptr;
    Input<uint8_t> *low = nullptr, *high = nullptr;
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Extract, glimpse_extract)
