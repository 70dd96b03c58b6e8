// Conversions of half-precision numbers for targets that know no such type.
#ifndef GLIMPSE_GENERATORS_HALVES_H_
#define GLIMPSE_GENERATORS_HALVES_H_

#include "Halide.h"

namespace glimpse {

// A lowering pass that makes integer arithmetic of the conversions in element.h.
class HalvesAsIntegers : public Halide::Internal::IRMutator {
    using Expr = Halide::Expr;
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

    // Bits of the half nearest to a float32: as to_float16() in src/half.h. Not of NaN.
    static Expr narrowed(const Expr &v) {
        using namespace Halide;
        const Expr bits = reinterpret<uint32_t>(v);
        const Expr magnitude = bits & 0x7fffffff, sign = (bits >> 16) & 0x8000;
        const Expr exponent = magnitude >> 23, is_normal = exponent >= 113;
        // Below 2^-14 steps are 2^-24 wide. `shift` bits are dropped from a 24-bit significand.
        const Expr shift = min(select(is_normal, cast<uint32_t>(13), 126 - exponent), 25);
        const Expr significand = (magnitude & 0x7fffff) | 0x800000;
        const Expr kept = significand >> shift, half = Expr(uint32_t(1)) << (shift - 1);
        const Expr dropped = significand & (2 * half - 1);
        const Expr up = cast<uint32_t>(dropped > half || (dropped == half && (kept & 1) != 0));
        const Expr base = select(is_normal, (exponent - 113) << 10, cast<uint32_t>(0));
        const Expr finite = select(shift > 24, cast<uint32_t>(0), base + kept + up);
        return cast<uint16_t>(sign |
                              select(magnitude >= 0x477ff000, cast<uint32_t>(0x7c00), finite));
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
            return narrowed(mutate(half->value));
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
