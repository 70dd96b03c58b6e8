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

// Prefetches, for each vector of the image that is written to glimpses, that of some rows further
// down.
class PrefetchRows : public Halide::Internal::IRMutator {
    using IRMutator::visit;

    class Loads : public Halide::Internal::IRVisitor {
        using IRVisitor::visit;

        void visit(const Halide::Internal::Load *op) override {
            const auto *const ramp = op->index.as<Halide::Internal::Ramp>();
            if (op->name == "image" && ramp != nullptr) {
                vectors.push_back(op);
            }
            IRVisitor::visit(op);
        }

    public:
        std::vector<const Halide::Internal::Load *> vectors;
    };

    Halide::Internal::Stmt visit(const Halide::Internal::Store *op) override {
        using namespace Halide::Internal;
        Loads loads;
        op->value.accept(&loads);
        Stmt result = op;
        if (op->name != "glimpse") {
            return result;
        }
        const Halide::Expr ahead = 4 * Variable::make(Halide::Int(32), "image.stride.1");
        for (const Load *load : loads.vectors) {
            const Halide::Expr place = load->index.as<Ramp>()->base + ahead;
            const Halide::Expr call =
                Call::make(load->type.element_of(), Call::prefetch,
                           {Variable::make(Halide::Handle(), load->name, load->param), place, 1, 1},
                           Call::Intrinsic);
            result = Block::make(Evaluate::make(call), result);
        }
        return result;
    }
};

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_PREFETCH_H_
