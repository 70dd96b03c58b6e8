// Minimum, maximum, mean and deviation of each channel of an image.
#include "Halide.h"
#include "sized_generator.h"

namespace {

using namespace Halide;

class Statistics : public glimpse::SizedGenerator<Statistics> {
public:
    Input<Buffer<uint8_t, 3>> image{"image"};  // channel, x, y
    Output<Buffer<float, 2>> statistics{
        "statistics"};  // minimum, maximum, mean or deviation; channel

    void generate() {
        const Expr pixels =
            cast<uint64_t>(image.dim(1).extent()) * cast<uint64_t>(image.dim(2).extent());
        moments.define(image);
        const Tuple m = moments.of_image(c);
        // All is exact up to here, for images of up to 2^24 pixels.
        const Expr mean = cast<double>(m[2]) / cast<double>(pixels);
        const Expr deviation =
            sqrt(cast<double>(pixels * m[3] - m[2] * m[2])) / cast<double>(pixels);
        statistics(f, c) = mux(
            f, {cast<float>(m[0]), cast<float>(m[1]), cast<float>(mean), cast<float>(deviation)});

        set_interleaved(image);
        statistics.dim(0).set_bounds(0, 4);
        statistics.dim(1).set_bounds(0, channels);
        statistics.set_estimates({{0, 4}, {0, channels}});
    }

    void schedule_cpu() {
        schedule_moments_cpu(moments);
        statistics.reorder(f, c).unroll(f);
    }

    void schedule_gpu() {
        schedule_moments_gpu(moments);
        Var block("block");
        statistics.reorder(f, c).unroll(f).gpu_tile(c, block, c, 4, TailStrategy::GuardWithIf);
    }

private:
    glimpse::Moments moments;
    Var f{"f"}, c{"c"};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Statistics, glimpse_statistics)
