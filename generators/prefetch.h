// Prefetching of images, which processors do not do themselves where each row of a window begins.
#ifndef GLIMPSE_GENERATORS_PREFETCH_H_
#define GLIMPSE_GENERATORS_PREFETCH_H_

#include "Halide.h"

#include <stdexcept>

namespace glimpse {

// Halide 21 prefetches every 64 elements of a row where it means every 64 bytes: half of the lines
// of uint16, and beyond the end of the row. The step that it means is the last argument.
class PrefetchStep : public Halide::Internal::IRMutator {
    using IRMutator::visit;
    Halide::Expr step_;
    bool is_found_ = false;

    Halide::Expr visit(const Halide::Internal::Call *op) override {
        if (!op->is_intrinsic(Halide::Internal::Call::prefetch)) {
            return IRMutator::visit(op);
        }
        step_ = op->args.back();
        is_found_ = false;
        const Halide::Expr mutated = IRMutator::visit(op);
        step_ = Halide::Expr();
        if (!is_found_) {
            throw std::logic_error("a prefetch has no step from line to line");
        }
        return mutated;
    }
    Halide::Expr visit(const Halide::Internal::Mul *op) override {
        const auto *const line = op->a.as<Halide::Internal::Variable>();
        if (step_.defined() && line != nullptr &&
            Halide::Internal::starts_with(line->name, "prefetch_split_")) {
            is_found_ = true;
            return line * step_;
        }
        return IRMutator::visit(op);
    }
};

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_PREFETCH_H_
