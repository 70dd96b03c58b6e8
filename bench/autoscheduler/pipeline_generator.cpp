// Statistics of a frame of interleaved bytes, windows of it whose outside is noise in the range of
// the frame, or a constant; normalised, as planes of floats.
#include "Halide.h"
#include "sized_generator.h"

namespace {

using namespace Halide;
using glimpse::Border;

class CameraPipeline : public glimpse::SizedGenerator<CameraPipeline> {
public:
    Input<Buffer<uint8_t, 3>> image{"image"};                            // channel, x, y
    Input<Buffer<uint16_t, 2>> position{"position"};                     // axis, glimpse
    Input<Buffer<float, 1>> subtract{"subtract"}, multiply{"multiply"};  // channel
    Input<bool> has_noise{"has_noise"};
    Input<uint8_t> fill{"fill"};
    Input<uint64_t> seed{"seed"};
    Output<Buffer<float, 4>> glimpse{"glimpse"};  // x, y, channel, glimpse

    void generate() {
        const Expr width = image.dim(1).extent(), height = image.dim(2).extent();
        moments.define(image);
        // Of all channels: 255 - minimum, and maximum. One Func for both, because Anderson2021
        // takes none of one element (Halide's issue 8246).
        RDom all(0, channels, "all");
        const Tuple of_channel = moments.of_image(all);
        extreme(i) = cast<uint8_t>(0);
        extreme(i) =
            max(extreme(i), cast<uint8_t>(select(i == 0, 255 - of_channel[0], of_channel[1])));
        const Expr low = 255 - extreme(0), count = cast<uint32_t>(extreme(1) - low) + 1;
        key(y) = glimpse::first_row_key(seed, y);
        noise(x, y, c) = glimpse::uniform(key(y), x * channels + c, low, count);

        const auto shown = [&](const Expr &row, const Expr &column, const Expr &channel) {
            return Expr(image(channel, column, row));
        };
        const auto outside = [&](const Expr &row, const Expr &column, const Expr &channel) {
            return select(has_noise, noise(column, row, channel), fill);
        };
        plane(x, y, c) =
            glimpse::plane_of(Border::constant, height, width, shown, outside).at(0, y, x, c);
        const Expr left = glimpse::window_begin(position(0, n), width, glimpse.dim(0).extent());
        const Expr top = glimpse::window_begin(position(1, n), height, glimpse.dim(1).extent());
        const Expr pixel = cast<float>(plane(x + left, y + top, c));
        glimpse(x, y, c, n) = (pixel - subtract(c)) * multiply(c);

        set_interleaved(image);
        set_planes(glimpse);
        set_placed(width, height);
        position.set_estimates({{0, 2}, {0, glimpses}});
        subtract.set_estimates({{0, channels}});
        multiply.set_estimates({{0, channels}});
        has_noise.set_estimate(true);
        fill.set_estimate(128);
        seed.set_estimate(1);
    }

    void schedule_cpu() {
        schedule_moments_cpu(moments);
        extreme.compute_root();
        glimpse.reorder(c, x, y, n).unroll(c).vectorize(x, row_lanes());
        if (glimpse_elements() > parallel_elements) {
            glimpse.parallel(n, task_glimpses());
        }
    }

    void schedule_gpu() {
        schedule_moments_gpu(moments);
        Var xi("xi"), yi("yi");
        extreme.compute_root().gpu_tile(i, xi, 2);
        extreme.update().gpu_tile(i, xi, 2);
        glimpse.reorder(c, x, y, n)
            .unroll(c)
            .gpu_tile(x, y, xi, yi, 32, 8, TailStrategy::GuardWithIf)
            .gpu_blocks(n);
    }

private:
    Var i{"i"}, x{"x"}, y{"y"}, c{"c"}, n{"n"};
    glimpse::Moments moments;
    Func extreme{"extreme"}, key{"key"}, noise{"noise"}, plane{"plane"};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(CameraPipeline, glimpse_pipeline)
