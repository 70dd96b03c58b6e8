// Conversions of half-precision numbers for targets that know no such type.
#ifndef GLIMPSE_GENERATORS_HALVES_H_
#define GLIMPSE_GENERATORS_HALVES_H_

#include "Halide.h"
#include "definition/expressions.h"
#include "definition/half.h"

namespace glimpse {

// A lowering pass that makes integer arithmetic of the conversions in element.h.
class HalvesAsIntegers : public Halide::Internal::IRMutator {
    using IRMutator::visit;

    // float32 of the bits of a half: exact.
    static Expr widened(const Expr &half) {
        using namespace Halide;
        const Expr bits = cast<uint32_t>(half);
        const Expr magnitude = (bits & 0x7fff) << 13, sign = (bits & 0x8000) << 16;
        const Expr finite = reinterpret<uint32_t>(reinterpret<float>(magnitude) * Expr(0x1p112f));
        const Expr is_finite = (bits & 0x7c00) != 0x7c00;
        return reinterpret<float>(select(is_finite, finite, magnitude | 0x7f800000) | sign);
    }

    Expr visit(const Halide::Internal::Cast *op) override {
        const auto *bits = op->value.as<Halide::Internal::Reinterpret>();
        if (op->type == Halide::Float(32) && bits != nullptr && bits->type == Halide::Float(16)) {
            return widened(mutate(bits->value));
        }
        return IRMutator::visit(op);
    }
    Expr visit(const Halide::Internal::Reinterpret *op) override {
        const auto *half = op->value.as<Halide::Internal::Cast>();
        if (op->type == Halide::UInt(16) && half != nullptr && half->type == Halide::Float(16)) {
            return Halide::cast<uint16_t>(
                float16_bits<Expressions>(Expressions::bits(mutate(half->value))));
        }
        return IRMutator::visit(op);
    }
};

// Adds the pass where the target needs it.
inline void lower_halves(Halide::Pipeline pipeline, const Halide::Target &target) {
    if (target.has_feature(Halide::Target::OpenCL) && !target.has_feature(Halide::Target::CLHalf)) {
        pipeline.add_custom_lowering_pass(new HalvesAsIntegers);
    }
}

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_HALVES_H_
