// A Halide function that has nothing to do with Glimpse: an outside program has one of its own.
#include "Halide.h"

namespace {

class Brighten : public Halide::Generator<Brighten> {
public:
    Input<Buffer<uint8_t, 1>> input{"input"};
    Input<uint8_t> amount{"amount"};
    Output<Buffer<uint8_t, 1>> output{"output"};

    void generate() {
        output(x) = Halide::saturating_add(input(x), amount);
    }

    // Makes use of the runtime: its thread pool.
    void schedule() {
        output.split(x, block, x, 64, Halide::TailStrategy::GuardWithIf).parallel(block);
    }

private:
    Halide::Var x{"x"}, block{"block"};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Brighten, brighten)
