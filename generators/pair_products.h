// Sums of products of two pairs of 16-bit numbers, for which processors have one instruction.
#ifndef GLIMPSE_GENERATORS_PAIR_PRODUCTS_H_
#define GLIMPSE_GENERATORS_PAIR_PRODUCTS_H_

#include "Halide.h"

namespace glimpse {

// Makes of (sum + product) + product a sum of two terms again, sum + (product + product): Halide 21
// sorts them otherwise, and finds the instruction no more. Sums of integers are what they were.
class PairProducts : public Halide::Internal::IRMutator {
    using Expr = Halide::Expr;
    using IRMutator::visit;

    static bool is_product(const Expr &e) {
        using Halide::Internal::Call;
        return Call::as_intrinsic(e, {Call::widening_mul}) != nullptr;
    }
    Expr visit(const Halide::Internal::Add *op) override {
        using Halide::Internal::Add;
        const auto find = [&](const Expr &last, const Expr &others) -> Expr {
            const Add *const sum = others.as<Add>();
            if (!op->type.is_vector() || !is_product(last) || sum == nullptr) {
                return Expr();
            }
            const bool is_second = is_product(sum->b) && !is_product(sum->a);
            const Expr &product = is_second ? sum->b : sum->a;
            const Expr &rest = is_second ? sum->a : sum->b;
            return is_product(product) && !is_product(rest)
                       ? mutate(rest) + Add::make(mutate(product), mutate(last))
                       : Expr();
        };
        for (const Expr &paired : {find(op->a, op->b), find(op->b, op->a)}) {
            if (paired.defined()) {
                return paired;
            }
        }
        return IRMutator::visit(op);
    }
};

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_PAIR_PRODUCTS_H_
