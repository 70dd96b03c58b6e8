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

    Halide::Expr visit(const Halide::Internal::Call *op) override {
        if (!op->is_intrinsic(Halide::Internal::Call::prefetch)) {
            return IRMutator::visit(op);
        }
        step_ = op->args.back();
        const Halide::Expr mutated = IRMutator::visit(op);
        step_ = Halide::Expr();
        return mutated;
    }
    Halide::Expr visit(const Halide::Internal::Mul *op) override {
        const auto *const line = op->a.as<Halide::Internal::Variable>();
        return is_line(line) ? line * step_ : IRMutator::visit(op);
    }
    Halide::Expr visit(const Halide::Internal::Variable *op) override {
        if (is_line(op)) {
            throw std::logic_error("a prefetch has another step from line to line");
        }
        return op;
    }
    // Rows of one line have no such variable.
    bool is_line(const Halide::Internal::Variable *variable) const {
        return step_.defined() && variable != nullptr &&
               Halide::Internal::starts_with(variable->name, "prefetch_split_");
    }
};

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_PREFETCH_H_
