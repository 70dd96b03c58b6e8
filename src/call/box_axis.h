// An axis of a glimpse that is sampled from a box: which of its outputs see what.
#ifndef GLIMPSE_SRC_CALL_BOX_AXIS_H_
#define GLIMPSE_SRC_CALL_BOX_AXIS_H_

#include <algorithm>
#include <cstdint>

#include "call/placement.h"
#include "definition/border.h"
#include "definition/filter.h"
#include "definition/sampling.h"
#include "glimpse/options.h"

namespace glimpse {

// Outputs from `begin` up to `end`.
struct Outputs {
    int64_t begin, end;

    int64_t size() const noexcept {
        return end - begin;
    }
};

inline Outputs intersection(const Outputs &a, const Outputs &b) noexcept {
    const int64_t begin = std::max(a.begin, b.begin);
    return {begin, std::max(begin, std::min(a.end, b.end))};
}

// Coordinates are those of definition/sampling.h.
class BoxAxis {
public:
    // `count` is 1 or more.
    BoxAxis(const Sides &sides, int64_t count) noexcept
        : axis_(sampled_axis<HostNumbers>(std::min(sides.from, sides.to),
                                          std::max(sides.from, sides.to), uint32_t(count))),
          count_(count), is_flipped_(sides.to < sides.from) {
    }

    int64_t count() const noexcept {
        return count_;
    }
    bool is_flipped() const noexcept {
        return is_flipped_;
    }
    const Reach<HostNumbers> &reach() const noexcept {
        return reach_;
    }
    void set_reach(const Reach<HostNumbers> &reach) noexcept {
        reach_ = reach;
    }
    const SampledAxis<HostNumbers> &axis() const noexcept {
        return axis_;
    }
    int64_t center(int64_t output) const noexcept {
        const int64_t i = is_flipped_ ? count_ - 1 - output : output;
        return sampled_center<HostNumbers>(axis_, uint32_t(i));
    }
    // Outputs whose centres lie in [low, high].
    Outputs within(int64_t low, int64_t high) const noexcept {
        if (are_within(low, high)) {
            return {0, count_};
        }
        const int64_t begin = first_from(low), end = std::max(begin, first_above(high));
        return is_flipped_ ? Outputs{count_ - end, count_ - begin} : Outputs{begin, end};
    }

    // Whether those of all outputs do.
    bool are_within(int64_t low, int64_t high) const noexcept {
        return sampled_center<HostNumbers>(axis_, 0) >= low &&
               sampled_center<HostNumbers>(axis_, uint32_t(count_ - 1)) <= high;
    }

private:
    // Of the outputs in the order of their centres, the first that `is_behind` is true of.
    template<typename IsBehind>
    int64_t first(const IsBehind &is_behind) const noexcept {
        int64_t low = 0, high = count_;
        while (low < high) {
            const int64_t middle = (low + high) / 2;
            if (is_behind(sampled_center<HostNumbers>(axis_, uint32_t(middle)))) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
    int64_t first_from(int64_t c) const noexcept {
        return first([c](int64_t center) { return center >= c; });
    }
    int64_t first_above(int64_t c) const noexcept {
        return first([c](int64_t center) { return center > c; });
    }

    SampledAxis<HostNumbers> axis_;
    int64_t count_;
    bool is_flipped_;
    Reach<HostNumbers> reach_ = {false, fixed_one};
};

// The centres of outputs one after the other, in their order: what sampled_center() gives, in sums.
class CenterWalk {
public:
    CenterWalk(const BoxAxis &a, int64_t first) noexcept
        : twice_(a.axis().twice_count), step_(2 * a.axis().step),
          rest_(2 * uint64_t(a.axis().rest)),
          center_(sampled_center<HostNumbers>(a.axis(), uint32_t(first))),
          left_((2 * uint64_t(first) + 1) * a.axis().rest % twice_) {
        if (rest_ >= twice_) {
            rest_ -= twice_;
            step_++;
        }
    }
    int64_t center() const noexcept {
        return center_;
    }
    void advance() noexcept {
        left_ += rest_;
        const bool carries = left_ >= twice_;
        left_ -= carries ? twice_ : 0;
        center_ = int64_t(uint64_t(center_) + step_ + (carries ? 1 : 0));
    }

private:
    uint64_t twice_, step_, rest_;
    int64_t center_;
    uint64_t left_;
};

// By which kernels a box is sampled: of one pixel, of two along each axis, or of many.
enum class Method { nearest, pairs, taps };

// How boxes of a call are sampled: its Sampling, where that matters.
struct SamplingRule {
    Filter filter = Filter::linear;
    bool antialias = true;
    Border border = Border::zero;
    bool is_hard = true;  // points outside are filled, others see the image alone; else: the plane
    bool drops = false;   // where it is: pixels outside are left out, and not replicas
    int64_t margin = 0;

    bool is_nearest() const noexcept {
        return filter == Filter::nearest;
    }
    Method method(const FixedBox &box, Size glimpse) const noexcept {
        const bool reduces = box.y.are_beyond(glimpse.height) || box.x.are_beyond(glimpse.width);
        return is_nearest()                                                 ? Method::nearest
               : has_taps<HostNumbers>(int32_t(filter), antialias, reduces) ? Method::taps
                                                                            : Method::pairs;
    }
    AxisFilter<HostNumbers> axis_filter(const BoxAxis &a) const noexcept;
    // Of an output by Method::taps.
    int64_t most_taps_of(const BoxAxis &a) const noexcept {
        return taps_at_most<HostNumbers>(axis_filter(a));
    }
    // Of integer weights, in an image of `extent` pixels.
    int32_t weight_bits_of(const BoxAxis &a, int64_t extent, bool is_row) const noexcept {
        return weight_bits<HostNumbers>(int32_t(filter), axis_filter(a), is_hard && drops, extent,
                                        is_row);
    }
    BoxAxis axis(const Sides &sides, int64_t count, Method method) const noexcept;
    // Whether a box of a glimpse's size at whole pixels shows what a window does.
    bool copies_windows() const noexcept {
        return !is_hard || (margin >= 0 && margin <= fixed_half);
    }
    // Whether what is outside of an image is another of its pixels, which an output can look at.
    bool is_folded() const noexcept {
        return is_hard ||
               (family_of(border) == Family::map && (is_nearest() || border != Border::wrap));
    }
    // The border by which outputs find that pixel.
    int32_t fold() const noexcept {
        return int32_t(is_hard ? Border::replicate : border);
    }
    // Outputs that look at pixels of an axis of `extent` pixels alone.
    static Outputs inner(const BoxAxis &a, int64_t extent) noexcept {
        const Centers<HostNumbers> c = inner_centers<HostNumbers>(a.reach(), extent);
        return extent == 0 ? Outputs{0, 0} : a.within(c.low, c.high);
    }
    // Outputs that are not filled with a value.
    Outputs seen(const BoxAxis &a, int64_t extent) const noexcept {
        if (family_of(border) != Family::value) {
            return {0, a.count()};
        }
        const Centers<HostNumbers> c =
            seen_centers<HostNumbers>(is_hard, a.reach(), margin, extent);
        return extent == 0 ? Outputs{0, 0} : a.within(c.low, c.high);
    }
    // Outputs that are made of pixels of the image, wherever they look.
    Outputs direct(const BoxAxis &a, int64_t extent) const noexcept {
        return is_folded() ? seen(a, extent) : inner(a, extent);
    }
    // Whether some of `count` outputs between two sides need a border: what fills, or what goes on
    // beyond the image.
    bool needs_border(const Sides &sides, int64_t count, int64_t extent,
                      Method method) const noexcept;

private:
    // Of pixels, or of pairs of them.
    Reach<HostNumbers> near_reach() const noexcept {
        return {is_nearest(), fixed_one};
    }
};

}  // namespace glimpse

#endif  // GLIMPSE_SRC_CALL_BOX_AXIS_H_
