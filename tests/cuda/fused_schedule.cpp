// A schedule for processors of the kernels for devices, as an autoscheduler that generators load:
// pixel by pixel, with products fused as compilers for CUDA do. Kernels must give the same bits
// with it.
#include "Halide.h"

#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace Halide;

// A lowering pass that rounds every sum of a product and a number once: as fused multiply-adds do
// that compilers for CUDA make of them, strict_float or not. Kernels must give the same bits with
// it.
class FuseProducts : public Internal::IRMutator {
    using Call = Internal::Call;
    using IRMutator::visit;

    struct Product {
        Expr a, b;
    };
    Internal::Scope<Product> products_;  // lets that are one

    bool is_product(const Expr &e, Product *product) const {
        if (!e.type().is_float()) {
            return false;
        }
        if (const auto *mul = e.as<Internal::Mul>()) {
            *product = {mul->a, mul->b};
            return true;
        }
        if (const Call *call = Call::as_intrinsic(e, {Call::strict_mul})) {
            *product = {call->args[0], call->args[1]};
            return true;
        }
        const auto *variable = e.as<Internal::Variable>();
        if (variable != nullptr && products_.contains(variable->name)) {
            *product = products_.get(variable->name);
            return true;
        }
        return false;
    }

    static Expr negated(const Expr &e) {
        const int bits = e.type().bits();
        const Expr sign = cast(UInt(bits), 1) << (bits - 1);
        return reinterpret(e.type(), reinterpret(UInt(bits), e) ^ sign);
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
        return subtracts ? Internal::Sub::make(a, b) : Internal::Add::make(a, b);
    }

    Expr visit(const Internal::Add *op) override {
        return sum(op, op->a, op->b, false);
    }
    Expr visit(const Internal::Sub *op) override {
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
        const Internal::ScopedBinding<Product> bound(found, products_, op->name, product);
        return Let::make(op->name, value, mutate(op->body));
    }
    Expr visit(const Internal::Let *op) override {
        return let(op);
    }
    Internal::Stmt visit(const Internal::LetStmt *op) override {
        return let(op);
    }
};

using Functions = std::map<std::string, Internal::Function>;

// Where a Func is called: a stage of another, 0 for its pure definition.
using Caller = std::pair<std::string, int>;

bool is_inlined(const Internal::Function &f) {
    return f.is_pure();
}

// The stages that call `name`, straight or by way of what is inlined.
std::vector<Caller> callers_of(const std::string &name, const Functions &all,
                               const std::string &output) {
    class Calls : public Internal::IRVisitor {
        using IRVisitor::visit;
        void visit(const Internal::Call *op) override {
            found = found || (op->call_type == Internal::Call::Halide && op->name == name);
            IRVisitor::visit(op);
        }

    public:
        std::string name;
        bool found = false;
    };
    std::vector<Caller> result;
    for (const auto &[caller, function] : all) {
        for (int stage = 0; caller != name && stage <= int(function.updates().size()); stage++) {
            Calls calls;
            calls.name = name;
            (stage == 0 ? function.definition() : function.update(stage - 1)).accept(&calls);
            if (!calls.found) {
                continue;
            }
            if (is_inlined(function) && caller != output) {
                const std::vector<Caller> further = callers_of(caller, all, output);
                result.insert(result.end(), further.begin(), further.end());
            } else {
                result.emplace_back(caller, stage);
            }
        }
    }
    return result;
}

// The innermost loop of a stage; if it `is_made`, of those over what is made.
LoopLevel innermost(const Internal::Function &function, int stage, bool is_made) {
    const Internal::Definition &definition =
        stage == 0 ? function.definition() : function.update(stage - 1);
    for (const Internal::Dim &dim : definition.schedule().dims()) {
        if (dim.for_type == Internal::ForType::Serial && !(is_made && dim.is_rvar())) {
            return {function, VarOrRVar(dim.var, dim.is_rvar())};
        }
    }
    throw std::logic_error(function.name() + " has no loop");
}

// Computes what is not inlined where it is used.
void schedule_fused(const Pipeline &pipeline, const Target &target,
                    const AutoschedulerParams &parameters, AutoSchedulerResults *results) {
    const Internal::Function output = pipeline.outputs().front().function();
    const Functions all = Internal::find_transitive_calls(output);
    for (const auto &[name, function] : all) {
        if (is_inlined(function) || name == output.name()) {
            continue;
        }
        const std::vector<Caller> callers = callers_of(name, all, output.name());
        // An output that has an update is made by it alone.
        const auto updates = int(output.updates().size());
        if (callers.empty() || (callers.size() > 1 && updates > 1)) {
            throw std::logic_error(name + " is called by no stage, or there is no loop for all");
        }
        // What several stages use is computed once for all of them.
        const Caller &caller = callers[0];
        const bool is_made = callers.size() > 1 || caller.first == output.name();
        Func(function).compute_at(callers.size() > 1
                                      ? innermost(output, updates, is_made)
                                      : innermost(all.at(caller.first), caller.second, is_made));
    }
    Pipeline(pipeline).add_custom_lowering_pass(new FuseProducts);
    results->target = target;
    results->autoscheduler_params = parameters;
}

[[maybe_unused]] const bool is_added = [] {
    Pipeline::add_autoscheduler("fused", schedule_fused);
    return true;
}();

}  // namespace
