// Walks along the axes of boxes, and writes what kernels read of them.
#include "host/sample_tables.h"

namespace glimpse {
namespace {

Between<HostNumbers> look(const SamplingRule &rule, int64_t center, int64_t extent,
                          bool folds) noexcept {
    const int32_t border = rule.fold();
    const auto modulo = [](int64_t a, int64_t b) { return HostNumbers::modulo(a, b); };
    if (rule.is_nearest()) {
        const int64_t pixel = nearest_pixel<HostNumbers>(center);
        return {folds ? map_coordinate<HostNumbers>(border, pixel, extent, modulo) : pixel, 0};
    }
    const Between<HostNumbers> place = place_between<HostNumbers>(center);
    return folds ? mapped_between<HostNumbers>(border, place, extent, modulo) : place;
}

template<typename Find>
void walk_along(const BoxAxis &axis, const Outputs &o, const Find &find, Looks *looks) noexcept {
    const bool flips = axis.is_flipped();
    CenterWalk walk(axis, flips ? axis.count() - o.end : o.begin);
    const int64_t step = flips ? -1 : 1;
    int32_t *first = looks->first + (flips ? o.size() - 1 : 0);
    uint32_t *fraction = looks->fraction + (flips ? o.size() - 1 : 0);
    for (int64_t i = 0; i < o.size(); i++, first += step, fraction += step, walk.advance()) {
        const Between<HostNumbers> b = find(walk.center());
        *first = int32_t(b.first);
        *fraction = b.fraction;
    }
}

// The same between pixels where centres are a fixed number apart, in a loop without branches: a
// tenth of the time of a call for small glimpses.
void walk_evenly(const BoxAxis &axis, const Outputs &o, Looks *looks) noexcept {
    const int64_t count = o.size();
    const auto begin = uint64_t(axis.center(o.begin) - fixed_half);
    const uint64_t step = 2 * axis.axis().step, each = axis.is_flipped() ? 0 - step : step;
    int32_t *const first = looks->first;
    uint32_t *const fraction = looks->fraction;
    for (int64_t i = 0; i < count; i++) {
        const uint64_t place = begin + uint64_t(i) * each;
        first[i] = int32_t(uint32_t(place >> 32));
        fraction[i] = uint32_t(place);
    }
}

}  // namespace

void find_looks(const SamplingRule &rule, const BoxAxis &axis, const Outputs &o, int64_t extent,
                bool folds, Looks *looks) noexcept {
    const bool is_inner = rule.inner(axis, extent).size() == axis.count();
    looks->count = o.size();
    if (is_inner && !rule.is_nearest() && axis.axis().rest == 0) {
        walk_evenly(axis, o, looks);
    } else if (is_inner && !rule.is_nearest()) {
        walk_along(axis, o, place_between<HostNumbers>, looks);
    } else {
        walk_along(
            axis, o, [&](int64_t center) { return look(rule, center, extent, folds); }, looks);
    }
    looks->least = INT64_MAX;
    looks->most = INT64_MIN;
    const auto include = [looks](int64_t i) {
        const int64_t first = looks->first[i], last = first + (looks->fraction[i] != 0 ? 1 : 0);
        looks->least = std::min(looks->least, first);
        looks->most = std::max(looks->most, last);
    };
    include(0);
    include(o.size() - 1);
    for (int64_t i = 0; !is_inner && i < o.size(); i++) {
        include(i);
    }
}

Looks Gathered::in_tile(const Looks &looks, int32_t *places) const noexcept {
    for (int64_t i = 0; i < looks.count; i++) {
        const int64_t block = is_sparse ? i : 0;
        places[i] = int32_t(looks.first[i] - begin_of(looks, block) + block * size);
    }
    return {places, looks.fraction, looks.count, 0, extent - 1};
}

SampleTables::SampleTables(Kind kind, int64_t samples, void *memory) noexcept
    : kind_(kind), samples_(samples), room_(samples <= 2 ? samples : 4) {
    auto *at = static_cast<int32_t *>(memory);
    const auto take = [&at](int64_t count) {
        int32_t *const taken = at;
        at += count;
        return taken;
    };
    y_looks.first = take(most_rows);
    y_looks.fraction = reinterpret_cast<uint32_t *>(take(most_rows));
    y_places = take(most_rows);
    x_looks.first = take(most_columns);
    x_looks.fraction = reinterpret_cast<uint32_t *>(take(most_columns));
    x_places = take(most_columns);
    rows_ = take(sampled_row_fields * most_rows);
    columns_ = take(most_columns);
    weights_ = take(4 * most_columns);
}

void SampleTables::write(int64_t slot, const Looks &y, const Looks &x, int32_t image,
                         int64_t elements, bool cuts) noexcept {
    supports_[slot * support_fields] = image;
    if (kind_ == Kind::nearest) {
        write_picked(slot, x, elements);
        std::copy(y.first, y.first + y.count, rows_ + slot * y.count);
        return;
    }
    write_support(slot, x, elements, cuts);
    write_weights(slot, x);
    write_rows(slot, y);
}

// Pixels of three channels are read as four elements, as far as there are so many in a row: columns
// that show the last pixel begin earlier.
void SampleTables::write_picked(int64_t slot, const Looks &x, int64_t elements) noexcept {
    const int64_t count = columns_of_run(x);
    int32_t *const columns = columns_ + slot * count;
    int32_t *const picked = supports_ + slot * picked_fields;
    picked[picked_last_begin] = picked[picked_last_end] = 0;
    for (int64_t i = 0; i < count; i++) {
        columns[i] = int32_t(x.first[std::min(i, x.count - 1)] * samples_);
        if (samples_ == 3 && columns[i] == elements - samples_) {
            columns[i] = int32_t(elements - 4);
            picked[picked_last_begin] =
                picked[picked_last_end] == 0 ? int32_t(i) : picked[picked_last_begin];
            picked[picked_last_end] = int32_t(i + 1);
        }
    }
}

void SampleTables::write_support(int64_t slot, const Looks &x, int64_t elements,
                                 bool cuts) noexcept {
    const int64_t needed = std::max((x.most - x.least + 1) * samples_, int64_t(narrowest_support));
    const int64_t size = cuts ? std::min(needed, elements) : needed;
    const auto first = int32_t(cuts ? std::min(x.least * samples_, elements - size) : 0);
    int32_t *const support = supports_ + slot * support_fields;
    support[support_first] = first;
    support[support_count] = int32_t(size);
    const int64_t all = columns_of_run(x), count = x.count;
    const auto samples = int32_t(samples_);
    const int32_t *const from = x.first;
    int32_t *const columns = columns_ + slot * all;
    for (int64_t i = 0; i < count; i++) {
        columns[i] = from[i] * samples - first;
    }
    std::fill(columns + count, columns + all, columns[count - 1]);
}

// Once for each lane of a pixel.
void SampleTables::write_weights(int64_t slot, const Looks &x) noexcept {
    const int64_t all = columns_of_run(x), count = x.count, room = room_;
    const uint32_t *const fraction = x.fraction;
    const auto write = [=](auto *weights, const auto &weight) {
        auto *const begin = weights + slot * all * room;
        auto *at = begin;
        if (room == 1) {
            for (int64_t i = 0; i < count; i++) {
                at[i] = weight(fraction[i]);
            }
            at += count;
        } else {
            for (int64_t i = 0; i < count; i++) {
                for (int64_t lane = 0; lane < room; lane++) {
                    *at++ = weight(fraction[i]);
                }
            }
        }
        std::fill(at, begin + all * room, at[-1]);
    };
    if (kind_ == Kind::integers) {
        write(static_cast<int16_t *>(weights_),
              [](uint32_t f) { return int16_t(integer_weight<HostNumbers>(f)); });
    } else {
        write(static_cast<float *>(weights_), float_weight<HostNumbers, uint32_t>);
    }
}

void SampleTables::write_rows(int64_t slot, const Looks &y) noexcept {
    const int64_t count = y.count;
    const int32_t *const first = y.first;
    const uint32_t *const fraction = y.fraction;
    int32_t *row = rows_ + slot * count * sampled_row_fields;
    const bool is_integer = kind_ == Kind::integers;
    for (int64_t i = 0; i < count; i++, row += sampled_row_fields) {
        const uint32_t f = fraction[i];
        row[row_first] = first[i];
        row[row_second] = first[i] + (f != 0 ? 1 : 0);
        row[row_weight] = int32_t(is_integer ? integer_weight<HostNumbers>(f)
                                             : HostNumbers::bits(float_weight<HostNumbers>(f)));
    }
}

}  // namespace glimpse
