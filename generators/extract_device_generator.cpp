// The kernels that extract glimpses on a device: all glimpses of a call in one launch, wherever
// they lie, with elements changed on the way.
//
// What they compute is the definition, as in the pure forms of extract_generator.cpp; vectors that
// lie wholly in the image are loaded without asking further.
//
// Buffers are rows of elements, as there. Where glimpses have rows of whole pixels and images have
// not, images have one sample per pixel, and rows are joined.
#include "Halide.h"
#include "buffers.h"
#include "channels.h"
#include "definition/plane.h"
#include "device_border.h"
#include "halves.h"
#include "kernel_abi.h"

#include <string>
#include <utility>
#include <vector>

namespace {

using namespace Halide;
using namespace glimpse;

// Tells code generation that vectors of glimpses are aligned: the library calls for them only
// where rows are.
class AlignVectors : public Internal::IRMutator {
public:
    explicit AlignVectors(std::string buffer) : buffer_(std::move(buffer)) {
    }

private:
    using IRMutator::visit;
    Internal::Stmt visit(const Internal::Store *op) override {
        const auto *ramp = op->index.as<Internal::Ramp>();
        if (op->name != buffer_ || ramp == nullptr || !Internal::is_const_one(ramp->stride)) {
            return IRMutator::visit(op);
        }
        return Internal::Store::make(op->name, mutate(op->value), mutate(op->index), op->param,
                                     mutate(op->predicate),
                                     Internal::ModulusRemainder(ramp->lanes, 0));
    }

    std::string buffer_;
};

class ExtractDevice : public Generator<ExtractDevice> {
public:
    // Bits of the elements of images and of glimpses. Which of the types of that width they are is
    // known when a kernel runs.
    GeneratorParam<int> bits{"bits", 8};
    GeneratorParam<int> output_bits{"output_bits", 8};
    // Whether elements change: (element - subtract) * multiply, in the type of the glimpses.
    GeneratorParam<bool> converts{"converts", false};
    // Whether borders are noise; else values or what maps coordinates to others.
    GeneratorParam<bool> is_noise{"is_noise", false};

    // Indexed by element, row, plane, image. Any strides.
    Input<Buffer<void, 4>> image{"image"};
    // Indexed by PositionField, glimpse. No image: the glimpse is filled with zeros.
    Input<Buffer<int32_t, 2>> position{"position"};
    // What Border::constant fills with, as elements of the image. Indexed by channel.
    Input<Buffer<void, 1>> fill{"fill"};
    // Of ChannelStatistics, as 64-bit words. Indexed by word, channel, image.
    Input<Buffer<uint64_t, 3>> statistics{"statistics"};
    // Indexed by ConversionField, channel.
    Input<Buffer<float, 2>> conversion{"conversion"};
    Input<int32_t> type{"type"};      // of the image, an ElementType
    Input<int32_t> output{"output"};  // of the glimpses, an ElementType
    Input<int32_t> samples{"samples"};
    // A DeviceRows.
    Input<int32_t> rows{"rows"};
    Input<int32_t> rule{"rule"};  // the number of a Border
    Input<uint64_t> seed{"seed"};
    Input<uint32_t> first_image{"first_image"};
    Input<uint32_t> zero{"zero"};  // always 0: see rounded()
    // The channels of the image that those of the glimpse are: see channels_in_order. If some
    // change places, images have one sample per pixel.
    Input<int32_t> channel_from{"channel_from"};
    // Whether values and means that fill are converted as numbers, not as elements of the image.
    Input<bool> exact_fill{"exact_fill"};
    // Threads of a block along rows (in vectors), along columns, and over glimpses.
    Input<int32_t> threads_x{"threads_x"}, threads_y{"threads_y"}, threads_z{"threads_z"};
    // Indexed by element, row, plane, glimpse.
    Output<Buffer<void, 4>> glimpse{"glimpse"};

    void configure() {
        image.set_type(UInt(bits));
        fill.set_type(UInt(bits));
        glimpse.set_type(UInt(output_bits));
    }

    void generate() {
        const Expr join = rows == rows_joined, aligned = rows == rows_aligned;
        const Expr n = position(position_image, g), is_image = n >= 0;
        const Expr row = position(position_y, g) + y, first = position(position_x, g);
        const Expr image_elements = image.dim(0).extent(), image_rows = image.dim(1).extent();
        // The channel of a pixel in its row; 0 in rows of planes.
        const Expr pixel_of_row = cast<int32_t>(device_quotient(cast<uint32_t>(i), samples));
        const Expr sample = i - pixel_of_row * samples;
        const Expr pixel = first + pixel_of_row;
        // Of the glimpse, and of the image.
        const Expr glimpse_channel = sample + p;
        const Expr channel = mapped_channel(channel_from, glimpse_channel);
        const Expr element = select(join, pixel, first * samples + i);
        const Expr plane = select(join || channel_from != channels_in_order, channel, p);
        // The first and the last element of a vector. The elements between are never asked for.
        const Expr lane_count = select(aligned, device_lanes, 1);
        const Expr vector =
            select(aligned, first * samples + i / device_lanes * device_lanes, element);
        const Expr all_visible = is_image && is_inside(row, image_rows) && vector >= 0 &&
                                 vector + lane_count <= image_elements;

        const auto image_at = [&](const Expr &e, const Expr &at_row, const Expr &of_image) {
            return image(promised(e, image.dim(0)), promised(at_row, image.dim(1)),
                         promised(plane, image.dim(2)), promised(of_image, image.dim(3)));
        };
        DeviceBorder border = make_border();
        Plane extended;
        extended.rule = rule;
        extended.height = image_rows;
        extended.width = select(join, image_elements, image_elements / samples);
        extended.modulo = device_remainder;
        extended.image = [&](const Expr &of_image, const Expr &at_row, const Expr &column,
                             const Expr &) {
            return image_at(select(join, column, column * samples + sample), at_row, of_image);
        };
        extended.outside = [&](const Expr &of_image, const Expr &, const Expr &,
                               const Expr &of_channel) {
            return is_noise
                       ? border.noise_value(of_image, of_channel, position(position_plane_y, g) + y,
                                            position(position_plane_x, g) + pixel_of_row, g)
                       : border.fill_value(of_image, of_channel);
        };
        pixels(i, y, p, g) = undef(UInt(bits));
        RDom inside(0, 1, "inside");
        inside.where(all_visible);
        pixels(i, y, p, g) = image_at(element + inside, row, max(n, 0));
        const auto show = [&](const Expr &condition, const Expr &shown) {
            RDom outside(0, 1, "outside");
            outside.where(!all_visible && condition);
            pixels(i, y, p, g) =
                select(is_image, shown, cast(UInt(bits), 0)) + cast(UInt(bits), outside);
            outside_loop = outside;
        };
        const Expr is_map = !is_noise && is_of(Family::map, rule);
        show(!is_map, extended.filled(max(n, 0), row, pixel, channel));
        if (!is_noise) {
            show(is_map, extended.mapped(max(n, 0), row, pixel, channel));
        }

        Expr result = pixels(i, y, p, g);
        if (converts) {
            numbers(i, y, p, g) = border.types.decoded_as(type, result);
            const DeviceConversion<decltype(conversion)> to_glimpses = {
                conversion, DeviceTypes(output_bits), output};
            if (!is_noise) {
                const Expr is_outside =
                    !(is_inside(row, image_rows) && is_inside(pixel, extended.width));
                to_glimpses.fill_exactly(numbers(i, y, p, g), rule,
                                         exact_fill && (!all_visible && is_outside),
                                         border.mean_of(max(n, 0), channel), glimpse_channel);
            }
            result = select(is_image, to_glimpses.converted(numbers(i, y, p, g), glimpse_channel),
                            cast(UInt(output_bits), 0));
        }
        elements(i, y, p, g) = result;
        glimpse(i, y, p, g) = elements(i, y, p, g);
        ranges = border.ranges;
    }

    void schedule() {
        start_at_zero(image, position, fill, statistics, conversion, glimpse);
        allow_strides(image, fill, glimpse);
        // Of vectors alone.
        glimpse.set_host_alignment(device_lanes * output_bits / 8);
        get_pipeline().add_custom_lowering_pass(new AlignVectors("glimpse"));
        lower_halves(get_pipeline(), target);

        if (!using_autoscheduler()) {
            schedule_gpu();
        }
    }

private:
    Var i{"i"}, y{"y"}, p{"p"}, g{"g"};
    Var io{"io"};
    Func pixels{"pixels"}, numbers{"numbers"}, elements{"elements"};

    void schedule_gpu() {
        const Expr aligned = rows == rows_aligned && glimpse.dim(0).stride() == 1;
        if (!is_noise) {  // whose time is that of the noise
            schedule_lanes(glimpse.specialize(aligned && image.dim(0).stride() == 1), device_lanes);
        }
        schedule_lanes(glimpse.specialize(aligned), device_lanes);
        schedule_lanes(Stage(Func(glimpse)), 1);
        Func(pixels).compute_at(glimpse, io);
        for (Func &range : ranges) {
            range.compute_at(pixels, outside_loop).never_partition_all();
            range.update().never_partition_all();
        }
        Func(elements).compute_at(glimpse, io);
        // Lane by lane: only what is stored is a vector.
        std::vector<Stage> stages = {Stage(pixels), Stage(elements)};
        if (converts) {
            Func(numbers).compute_at(glimpse, io);
            stages.push_back(Stage(numbers));
        }
        for (Func *f : {&pixels, &numbers}) {
            for (int u = 0; f->defined() && u < f->num_update_definitions(); u++) {
                stages.push_back(f->update(u));
            }
        }
        for (Stage stage : stages) {
            stage.specialize(aligned).unroll(i, device_lanes, TailStrategy::RoundUp);
            stage.never_partition_all();
        }
    }

    void schedule_lanes(Stage stage, int lanes) {
        Var lane("lane");
        if (lanes > 1) {
            stage.split(i, i, lane, lanes, TailStrategy::RoundUp).vectorize(lane);
        }
        schedule_blocks(stage, {i, y, p, g, io, threads_x, threads_y, threads_z});
    }

    DeviceBorder make_border() {
        DeviceBorder b = {DeviceTypes(bits),          type, rule, seed, first_image, zero,
                          statistics.dim(1).extent(), {},   {},   {}};
        b.read(fill, statistics);
        return b;
    }

    std::vector<Func> ranges;
    RVar outside_loop;
};

}  // namespace

HALIDE_REGISTER_GENERATOR(ExtractDevice, glimpse_extract_device)
