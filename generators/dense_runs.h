// Loads of vectors that Halide takes apart otherwise: from several places, each of which begins a
// run of dense lanes; and of every few elements of what was just stored.
#ifndef GLIMPSE_GENERATORS_DENSE_RUNS_H_
#define GLIMPSE_GENERATORS_DENSE_RUNS_H_

#include "Halide.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace glimpse {

// Makes one dense load of each run. Halide 21 loads such vectors lane by lane.
class DenseRuns : public Halide::Internal::IRMutator {
    using Expr = Halide::Expr;
    using IRMutator::visit;

    // Values of vectors that have names.
    std::map<std::string, Expr> lets_;

    template<typename Operation>
    Expr both(const Expr &e, int lane, const Operation &operation) const {
        const auto *const op = e.as<typename Operation::Node>();
        if (op == nullptr) {
            return Expr();
        }
        const Expr a = lane_of(op->a, lane), b = lane_of(op->b, lane);
        return a.defined() && b.defined() ? operation(a, b) : Expr();
    }
    struct Sum {
        using Node = Halide::Internal::Add;
        Expr operator()(const Expr &a, const Expr &b) const {
            return a + b;
        }
    };
    struct Difference {
        using Node = Halide::Internal::Sub;
        Expr operator()(const Expr &a, const Expr &b) const {
            return a - b;
        }
    };
    struct Product {
        using Node = Halide::Internal::Mul;
        Expr operator()(const Expr &a, const Expr &b) const {
            return a * b;
        }
    };

    // One lane of a vector; undefined where it is not known how to find it.
    Expr lane_of(const Expr &e, int lane) const {
        using namespace Halide::Internal;
        if (e.type().is_scalar()) {
            return e;
        }
        if (const auto *const op = e.as<Broadcast>()) {
            return lane_of(op->value, lane % op->value.type().lanes());
        }
        if (const auto *const op = e.as<Ramp>()) {
            const int n = op->base.type().lanes();
            const Expr base = lane_of(op->base, lane % n), stride = lane_of(op->stride, lane % n);
            return base.defined() && stride.defined() ? base + stride * (lane / n) : Expr();
        }
        if (const auto *const op = e.as<Variable>()) {
            const auto found = lets_.find(op->name);
            return found == lets_.end() ? Expr() : lane_of(found->second, lane);
        }
        if (const auto *const op = e.as<Shuffle>()) {
            int index = op->indices[size_t(lane)];
            for (const Expr &v : op->vectors) {
                if (index < v.type().lanes()) {
                    return lane_of(v, index);
                }
                index -= v.type().lanes();
            }
            return Expr();
        }
        if (const auto *const op = e.as<Cast>()) {
            const Expr value = lane_of(op->value, lane);
            return value.defined() ? cast(op->type.element_of(), value) : Expr();
        }
        if (const auto *const op = e.as<Load>()) {
            const Expr index = lane_of(op->index, lane);
            return index.defined() && is_const_one(op->predicate)
                       ? Load::make(op->type.element_of(), op->name, index, op->image, op->param,
                                    const_true(), ModulusRemainder())
                       : Expr();
        }
        for (const Expr &result :
             {both(e, lane, Sum()), both(e, lane, Difference()), both(e, lane, Product())}) {
            if (result.defined()) {
                return result;
            }
        }
        return Expr();
    }

    Expr visit(const Halide::Internal::Load *op) override {
        using namespace Halide::Internal;
        const int lanes = op->type.lanes();
        const auto *const ramp = op->index.as<Ramp>();
        const bool is_one_run = ramp != nullptr && ramp->base.type().is_scalar();
        if (lanes == 1 || is_one_run || !is_const_one(op->predicate)) {
            return IRMutator::visit(op);
        }
        std::vector<Expr> at;
        for (int lane = 0; lane < lanes; lane++) {
            at.push_back(lane_of(op->index, lane));
            if (!at.back().defined()) {
                return IRMutator::visit(op);
            }
        }
        const auto is_dense = [&](int first, int count) {
            for (int j = 1; j < count; j++) {
                if (!is_const(simplify(at[size_t(first + j)] - at[size_t(first)]), j)) {
                    return false;
                }
            }
            return true;
        };
        for (const int run : {16, 8, 4, 2}) {
            std::vector<Expr> runs;
            for (int first = 0; run < lanes && lanes % run == 0 && first < lanes; first += run) {
                if (!is_dense(first, run)) {
                    runs.clear();
                    break;
                }
                runs.push_back(Load::make(op->type.with_lanes(run), op->name,
                                          Ramp::make(simplify(at[size_t(first)]), 1, run),
                                          op->image, op->param, const_true(run),
                                          ModulusRemainder()));
            }
            if (!runs.empty()) {
                return Shuffle::make_concat(runs);
            }
        }
        return IRMutator::visit(op);
    }
    template<typename Let>
    auto with_name(const Let *op) {
        if (op->value.type().is_vector()) {
            lets_[op->name] = op->value;
        }
        return IRMutator::visit(op);
    }
    Halide::Internal::Stmt visit(const Halide::Internal::LetStmt *op) override {
        return with_name(op);
    }
    Expr visit(const Halide::Internal::Let *op) override {
        return with_name(op);
    }
};

// Takes the lanes of a vector of scratch memory from a load of all of it: Halide 21 loads every
// fourth element from the first of them on, which is across what was stored together, and waits for
// it.
class WholeLoads : public Halide::Internal::IRMutator {
    using IRMutator::visit;

    Halide::Expr visit(const Halide::Internal::Shuffle *op) override {
        using namespace Halide::Internal;
        const auto *const load = op->vectors.size() == 1 ? op->vectors[0].as<Load>() : nullptr;
        const auto *const ramp = load == nullptr ? nullptr : load->index.as<Ramp>();
        const bool is_scratch = ramp != nullptr && !load->param.defined() && !load->image.defined();
        const auto first = is_scratch ? as_const_int(ramp->base) : std::nullopt;
        const int lanes = op->vectors[0].type().lanes();
        if (!first || *first == 0 || !is_const_one(ramp->stride)) {
            return IRMutator::visit(op);
        }
        std::vector<int> indices = op->indices;
        for (int &index : indices) {
            index += int(*first);
            if (index >= lanes) {
                return IRMutator::visit(op);
            }
        }
        const Expr whole = Load::make(load->type, load->name, Ramp::make(0, 1, lanes), load->image,
                                      load->param, load->predicate, ModulusRemainder());
        return Shuffle::make({whole}, indices);
    }
};

// Takes the lanes of a vector of a buffer, which has room for it, from a load of one lane more
// where that is a power of two: LLVM takes others apart.
class RoundLoads : public Halide::Internal::IRMutator {
    using IRMutator::visit;

    const std::string buffer_;

    Halide::Expr visit(const Halide::Internal::Shuffle *op) override {
        using namespace Halide::Internal;
        const auto *const load = op->vectors.size() == 1 ? op->vectors[0].as<Load>() : nullptr;
        const auto *const ramp = load == nullptr ? nullptr : load->index.as<Ramp>();
        const int lanes = op->vectors[0].type().lanes() + 1;
        if (ramp == nullptr || load->name != buffer_ || !is_const_one(ramp->stride) ||
            (lanes & (lanes - 1)) != 0) {
            return IRMutator::visit(op);
        }
        const Expr round =
            Load::make(load->type.with_lanes(lanes), load->name, Ramp::make(ramp->base, 1, lanes),
                       load->image, load->param, const_true(lanes), ModulusRemainder());
        return Shuffle::make({round}, op->indices);
    }

public:
    explicit RoundLoads(std::string buffer) : buffer_(std::move(buffer)) {
    }
};

// Loads scratch memory of 32-bit elements in vectors of four, as it was stored. Of larger ones LLVM
// makes loads from memory, across several that were just stored, which wait for these; or keeps
// them in registers together, and takes them apart wherever one of four is used.
class LoadsOfFour : public Halide::Internal::IRMutator {
    using IRMutator::visit;

    const std::string scratch_;  // what its name begins with

    Halide::Expr visit(const Halide::Internal::Load *op) override {
        using namespace Halide::Internal;
        constexpr int n = 4;
        const auto *const ramp = op->index.as<Ramp>();
        const bool is_dense = ramp != nullptr && is_const_one(ramp->stride);
        const auto base = is_dense ? as_const_int(ramp->base) : std::nullopt;
        const int lanes = op->type.lanes();
        if (!starts_with(op->name, scratch_) || op->type.bits() != 32 || !base || lanes <= n) {
            return IRMutator::visit(op);
        }
        const int first = int(*base) / n * n;
        std::vector<Halide::Expr> loads;
        std::vector<int> indices;
        for (int at = first; at < int(*base) + lanes; at += n) {
            loads.push_back(Load::make(op->type.with_lanes(n), op->name, Ramp::make(at, 1, n),
                                       op->image, op->param, const_true(n), ModulusRemainder()));
        }
        for (int lane = 0; lane < lanes; lane++) {
            indices.push_back(int(*base) - first + lane);
        }
        return Shuffle::make(loads, indices);
    }

public:
    explicit LoadsOfFour(std::string scratch) : scratch_(std::move(scratch)) {
    }
};

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_DENSE_RUNS_H_
