// Rows of chroma of a frame, taken apart into a row for each component, for kernels that mix them.
#ifndef GLIMPSE_GENERATORS_CHROMA_ROWS_H_
#define GLIMPSE_GENERATORS_CHROMA_ROWS_H_

#include "Halide.h"
#include "definition/color.h"
#include "pixel_orders.h"

#include <vector>

namespace glimpse {

// Two planes by element and row: of both components in pairs, if they are `paired`, or of each.
struct ChromaPlanes {
    Halide::Func planes[2];
    Expr count, rows;  // elements and rows of each
    Expr paired, is_upper;
};

class ChromaRows {
public:
    // Defines mixture(sample + 1, component, y), components in the order of memory, for all samples
    // of a row and one more on both sides, which is as the one beside it. mix(at_row) makes it of
    // at_row(row), an int16. Blocks are of `v` samples; there is room for `room`.
    template<typename Mix>
    ChromaRows(const Halide::Func &mixture, const Halide::Var &y, const ChromaPlanes &in, int v,
               int room, const Mix &mix)
        : mixture_(mixture) {
        using namespace Halide;
        const Expr count = select(in.paired, in.count / 2, in.count);
        const Expr blocks = (count + v - 1) / v;
        const auto begin = [&](const RDom &d) { return within(min(d.z * v, count - v), room); };
        // Pairs are one number each, which is shifted: no shuffles.
        const RDom pairs({{0, v}, {0, 2}, {0, select(in.paired, blocks, 0)}}, "pairs");
        const auto of_pair = [&](const Expr &row) {
            const Expr from = 2 * (begin(pairs) + pairs.x), r = within(row, in.rows - 1);
            const Expr both = concat_bits({in.planes[0](from, r), in.planes[0](from + 1, r)});
            const Type element = in.planes[0].type();
            const Expr shift = cast(both.type(), pairs.y * element.bits());
            return frame_component(cast(element, both >> shift), in.is_upper);
        };
        mixture_(begin(pairs) + pairs.x + 1, pairs.y, y) = mix(of_pair);
        blocks_.push_back(pairs);
        for (int component = 0; component < 2; component++) {
            const RDom plane({{0, v}, {0, 1}, {0, select(in.paired, 0, blocks)}}, "plane");
            const Expr from = begin(plane) + plane.x;
            const auto of_plane = [&](const Expr &row) {
                const Expr element = in.planes[component](from, within(row, in.rows - 1));
                return frame_component(element, in.is_upper);
            };
            mixture_(from + 1, component, y) = mix(of_plane);
            blocks_.push_back(plane);
        }
        const RDom end({{0, 2}, {0, 2}}, "end");
        const Expr to = within(select(end.x == 0, 0, count + 1), room);
        mixture_(to, end.y, y) = mixture_(select(end.x == 0, to + 1, to - 1), end.y, y);
    }

    // Calls also(stage) for the stages of blocks.
    template<typename Also>
    void schedule(const Also &also) {
        for (size_t n = 0; n < blocks_.size(); n++) {
            const Halide::RDom &d = blocks_[n];
            Halide::Stage stage = mixture_.update(int(n));
            stage.allow_race_conditions().vectorize(d.x).unroll(d.y);
            also(stage);
        }
        mixture_.update(int(blocks_.size())).unscheduled();
    }

private:
    Halide::Func mixture_;
    std::vector<Halide::RDom> blocks_;
};

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_CHROMA_ROWS_H_
