// Loops that some iterations of an outer loop do not need, with all that is computed in them.
#ifndef GLIMPSE_GENERATORS_SKIP_LOOP_H_
#define GLIMPSE_GENERATORS_SKIP_LOOP_H_

#include "Halide.h"

#include <stdexcept>
#include <string>
#include <utility>

namespace glimpse {

// Skips a loop where a number that it reads of a Func is 0. The predicate of an RDom, which says
// that nothing is to be stored then, does not keep Halide 21 from computing what would be stored.
class SkipLoop : public Halide::Internal::IRMutator {
public:
    // `number` is a call of a Func that does not depend on the loop.
    SkipLoop(std::string loop, const Halide::Expr &number) : loop_(std::move(loop)) {
        const auto *const call = number.as<Halide::Internal::Call>();
        if (call == nullptr) {
            throw std::logic_error("what a loop is skipped for is no call of a Func");
        }
        const bool is_tuple = Halide::Internal::Function(call->func).outputs() > 1;
        buffer_ = is_tuple ? call->name + "." + std::to_string(call->value_index) : call->name;
    }

private:
    using IRMutator::visit;
    const std::string loop_;
    std::string buffer_;
    Halide::Expr number_;
    bool is_inside_ = false;

    Halide::Internal::Stmt visit(const Halide::Internal::For *op) override {
        if (op->name != loop_) {
            return IRMutator::visit(op);
        }
        is_inside_ = true;
        number_ = Halide::Expr();
        const Halide::Internal::Stmt loop = IRMutator::visit(op);
        is_inside_ = false;
        if (!number_.defined()) {
            throw std::logic_error(loop_ + " does not read " + buffer_);
        }
        return Halide::Internal::IfThenElse::make(number_ != 0, loop);
    }
    Halide::Expr visit(const Halide::Internal::Load *op) override {
        if (is_inside_ && op->name == buffer_) {
            number_ = op;
        }
        return IRMutator::visit(op);
    }
};

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_SKIP_LOOP_H_
