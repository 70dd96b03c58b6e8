// Windows within an image of interleaved bytes, normalised, as planes of floats.
#include "Halide.h"
#include "sized_generator.h"

namespace {

using namespace Halide;

class Convert : public glimpse::SizedGenerator<Convert> {
public:
    Input<Buffer<uint8_t, 3>> image{"image"};                            // channel, x, y
    Input<Buffer<uint16_t, 2>> position{"position"};                     // axis, glimpse
    Input<Buffer<float, 1>> subtract{"subtract"}, multiply{"multiply"};  // channel
    Output<Buffer<float, 4>> glimpse{"glimpse"};                         // x, y, channel, glimpse

    void generate() {
        const Expr width = image.dim(1).extent(), height = image.dim(2).extent();
        const Expr left = glimpse::place(position(0, n), width - glimpse.dim(0).extent() + 1);
        const Expr top = glimpse::place(position(1, n), height - glimpse.dim(1).extent() + 1);
        glimpse(x, y, c, n) =
            (cast<float>(image(c, x + left, y + top)) - subtract(c)) * multiply(c);

        set_interleaved(image);
        set_placed(width, height);
        position.set_estimates({{0, 2}, {0, glimpses}});
        subtract.set_estimates({{0, channels}});
        multiply.set_estimates({{0, channels}});
        set_planes(glimpse);
    }

    void schedule_cpu() {
        glimpse.reorder(c, x, y, n).unroll(c).vectorize(x, row_lanes());
        if (glimpse_elements() > parallel_elements) {
            glimpse.parallel(n, task_glimpses());
        }
    }

    void schedule_gpu() {
        Var xi("xi"), yi("yi");
        glimpse.reorder(c, x, y, n)
            .unroll(c)
            .gpu_tile(x, y, xi, yi, 32, 8, TailStrategy::GuardWithIf)
            .gpu_blocks(n);
    }

private:
    Var x{"x"}, y{"y"}, c{"c"}, n{"n"};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Convert, glimpse_convert)
