// What CUDA's compilers do to sums of products, for a test that needs no GPU.
#ifndef GLIMPSE_GENERATORS_FUSE_H_
#define GLIMPSE_GENERATORS_FUSE_H_

#include "Halide.h"

namespace glimpse {

// A lowering pass that rounds every sum of a product and a number once: as fused multiply-adds do
// that compilers for CUDA make of them, strict_float or not. Kernels must give the same bits with
// it.
class FuseProducts : public Halide::Internal::IRMutator {
    using Expr = Halide::Expr;
    using Call = Halide::Internal::Call;
    using IRMutator::visit;

    struct Product {
        Expr a, b;
    };
    Halide::Internal::Scope<Product> products_;  // lets that are one

    bool is_product(const Expr &e, Product *product) const {
        if (!e.type().is_float()) {
            return false;
        }
        if (const auto *mul = e.as<Halide::Internal::Mul>()) {
            *product = {mul->a, mul->b};
            return true;
        }
        if (const Call *call = Call::as_intrinsic(e, {Call::strict_mul})) {
            *product = {call->args[0], call->args[1]};
            return true;
        }
        const auto *variable = e.as<Halide::Internal::Variable>();
        if (variable != nullptr && products_.contains(variable->name)) {
            *product = products_.get(variable->name);
            return true;
        }
        return false;
    }

    static Expr negated(const Expr &e) {
        const int bits = e.type().bits();
        const Expr sign = Halide::cast(Halide::UInt(bits), 1) << (bits - 1);
        return Halide::reinterpret(e.type(), Halide::reinterpret(Halide::UInt(bits), e) ^ sign);
    }
    static Expr fused(const Expr &a, const Expr &b, const Expr &c) {
        return Call::make(c.type(), c.type().bits() == 64 ? "fma" : "fmaf", {a, b, c},
                          Call::PureExtern);
    }

    Expr sum(const Expr &original, const Expr &x, const Expr &y, bool subtracts) {
        const Expr a = mutate(x), b = mutate(y);
        Product p;
        if (original.type().is_float() && is_product(a, &p)) {
            return fused(p.a, p.b, subtracts ? negated(b) : b);
        }
        if (original.type().is_float() && is_product(b, &p)) {
            return fused(subtracts ? negated(p.a) : p.a, p.b, a);
        }
        if (const auto *call = original.as<Call>()) {
            return Call::make(call->type, call->name, {a, b}, call->call_type);
        }
        return subtracts ? Halide::Internal::Sub::make(a, b) : Halide::Internal::Add::make(a, b);
    }

    Expr visit(const Halide::Internal::Add *op) override {
        return sum(op, op->a, op->b, false);
    }
    Expr visit(const Halide::Internal::Sub *op) override {
        return sum(op, op->a, op->b, true);
    }
    Expr visit(const Call *op) override {
        if (op->is_intrinsic(Call::strict_add) || op->is_intrinsic(Call::strict_sub)) {
            return sum(op, op->args[0], op->args[1], op->is_intrinsic(Call::strict_sub));
        }
        return IRMutator::visit(op);
    }

    template<typename Let>
    auto let(const Let *op) -> decltype(op->body) {
        const Expr value = mutate(op->value);
        Product product;
        const bool found = is_product(value, &product);
        const Halide::Internal::ScopedBinding<Product> bound(found, products_, op->name, product);
        return Let::make(op->name, value, mutate(op->body));
    }
    Expr visit(const Halide::Internal::Let *op) override {
        return let(op);
    }
    Halide::Internal::Stmt visit(const Halide::Internal::LetStmt *op) override {
        return let(op);
    }
};

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_FUSE_H_
