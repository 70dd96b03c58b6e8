// Takes what rows of a glimpse look at from an image or from a tile of the plane, sums it by rows,
// goes on with the sums where columns look beyond the image, and makes columns of them.
#include "host/sample_taps.h"

#include <algorithm>
#include <cstring>

#include "host/parameters.h"

namespace glimpse {
namespace {

constexpr halide_type_t i32(halide_type_int, 32);

// The most columns and rows of a glimpse at once; fewer if each of them has many taps.
constexpr int64_t most_columns = 1024, most_rows = 16, most_column_weights = 32 << 10,
                  most_row_weights = 16 << 10;
// Elements of sums, and of a tile of the plane, that are made at once; more if a column or a row
// needs more.
constexpr int64_t sum_elements = 32 << 10, tile_elements = 64 << 10;
// Rows of fewer bytes are too short for what touching them is good for.
constexpr int64_t shortest_touched = 2048;

// Sums that kernels may read behind the last tap of a row: those by which the taps of a column that
// has fewer than others are made up, and some more.
int64_t behind_sums(int64_t samples) {
    return 2 * taps_at_once * samples + room_behind_sums;
}
// Of rows of a tile, whose elements are summed.
int64_t pitch_of(int64_t elements) {
    return std::max(elements, int64_t(narrowest_summed));
}

// Pixels of the narrowest strip of a tile whose rows are summed.
int64_t narrowest_strip(int64_t samples) {
    return (narrowest_summed + samples - 1) / samples;
}

bool sums_images(const SamplePlan &plan) {
    return plan.reads_images && plan.change.images.elements >= narrowest_summed;
}

// Columns that a kernel makes of so many.
int64_t columns_of_turns(int64_t columns) {
    return made_up(columns, narrowest_sampled);
}

// Lays the arrays of a plan out in a block of memory; returns its size.
int64_t lay_out(const SamplePlan &plan, void *memory, TapsSampler::Arrays *a) {
    const Call &call = plan.change.call;
    const Rows &images = plan.change.images;
    const int64_t y_taps = taps_made_up(call.most_y_taps), x_taps = taps_made_up(call.most_x_taps);
    if (y_taps == 0) {
        return 0;
    }
    a->columns = std::clamp(most_column_weights / x_taps, int64_t(narrowest_sampled), most_columns);
    a->rows = std::clamp(most_row_weights / y_taps, int64_t(1), most_rows);
    const int64_t pitch = pitch_of(x_taps * images.samples);
    const bool gathers = !sums_images(plan) || !call.sampling.is_folded();
    const bool decodes = plan.read_type != plan.gathered_type();
    a->sum_count = std::max(sum_elements, images.planes * (pitch + behind_sums(images.samples)));
    const int64_t strip = narrowest_strip(images.samples) * images.samples;
    a->gathered_count = gathers ? std::max(tile_elements, y_taps * strip * images.planes) : 0;
    int64_t taken = 0;
    const auto take = [&](auto *&array, int64_t bytes) {
        using Array = std::remove_reference_t<decltype(array)>;
        array = reinterpret_cast<Array>(static_cast<char *>(memory) + taken);
        taken += (bytes + 63) / 64 * 64;
    };
    take(a->weights, std::max(y_taps, x_taps) * int64_t(sizeof(int64_t)));
    // With the columns that a last turn makes once more.
    const int64_t columns = a->columns + narrowest_sampled;
    const bool has_groups = images.samples > 1;
    take(a->first_x, columns * int64_t(sizeof(int32_t)));
    take(a->first_y, a->rows * int64_t(sizeof(int32_t)));
    take(a->weights_x, columns * x_taps * int64_t(sizeof(float)));
    take(a->group_weights,
         has_groups ? columns * x_taps * int64_t(weight_lanes * sizeof(float)) : 0);
    take(a->weights_y, a->rows * y_taps * int64_t(sizeof(float)));
    take(a->rows_of_taps, a->rows * y_taps * int64_t(sizeof(int32_t)));
    take(a->columns_of_sums, a->sum_count / images.samples * int64_t(sizeof(int32_t)));
    take(a->sums, a->sum_count * int64_t(sizeof(float)));
    take(a->extended, a->sum_count * int64_t(sizeof(float)));
    take(a->gathered, a->gathered_count * size_in_bytes(plan.gathered_type()));
    take(a->decoded, decodes ? a->gathered_count * int64_t(sizeof(float)) : 0);
    return taken;
}
TapsSampler::Arrays arrays_of(const SamplePlan &plan, void *memory) {
    TapsSampler::Arrays a = {};
    lay_out(plan, memory, &a);
    return a;
}

// Reads a byte of each cache line of a row. A kernel that goes along many rows at once waits for
// memory, as prefetchers of processors follow only some. Measured on Zen 5 with AVX2, frames
// reduced to 360 x 640: 4K frames take 0.57 of the time, frames of 1080p that come from memory
// 0.74, and those that are in the cache 1.07.
void touch(const char *row, int64_t bytes) {
    constexpr int64_t line = 64;
    for (int64_t at = 0; at < bytes; at += line) {
        static_cast<void>(*static_cast<const volatile char *>(row + at));
    }
}

// Copies pixels of `samples` elements, of each the first n.
template<int n, typename T>
void copy_elements(const T *from, const int32_t *columns, int64_t count, int64_t samples, T *to) {
    for (int64_t i = 0; i < count; i++) {
        T pixel[n];
        memcpy(pixel, from + columns[i], sizeof(pixel));
        memcpy(to + i * samples, pixel, sizeof(pixel));
    }
}
// Copies pixels: four elements of each at once, of which those of the next pixel are overwritten
// by it.
template<typename T>
void copy_pixels(const T *from, const int32_t *columns, int64_t count, int64_t samples, T *to) {
    const int64_t fours = samples == 3 ? std::max<int64_t>(count - 1, 0) : samples == 4 ? count : 0;
    copy_elements<4>(from, columns, fours, samples, to);
    for (int64_t c = 0; c < samples && fours < count; c++) {
        copy_elements<1>(from + c, columns + fours, count - fours, samples,
                         to + fours * samples + c);
    }
}

}  // namespace

int64_t taps_sampler_bytes(const SamplePlan &plan) noexcept {
    TapsSampler::Arrays a = {};
    const int64_t bytes = lay_out(plan, nullptr, &a);
    // Kernels have 32-bit indices.
    return std::max(a.sum_count, a.gathered_count) > INT32_MAX / 2 ? -1 : bytes;
}

TapsSampler::TapsSampler(const SamplePlan &plan, const Plan &windows, const Part &part,
                         const SampleMemory &memory, const TaskMemory &plain) noexcept
    : BoxSampler(plan, windows, part, memory, plain), arrays_(arrays_of(plan, memory.work)),
      y_taps_(), x_taps_() {
    x_taps_.first = arrays_.first_x;
    x_taps_.weights = arrays_.weights_x;
    y_taps_.first = arrays_.first_y;
    y_taps_.weights = arrays_.weights_y;
}

Status TapsSampler::make(size_t i) noexcept {
    const Glimpse g = glimpse(i);
    y_taps_.stride = taps_made_up(rule_.most_taps_of(g.y));
    x_taps_.stride = taps_made_up(rule_.most_taps_of(g.x));
    y_taps_.bits = rule_.weight_bits_of(g.y, g.size.height, true);
    x_taps_.bits = rule_.weight_bits_of(g.x, g.size.width, false);
    by_integers_ = call_.sums_integers(g.y, g.x);
    return BoxSampler::make(g, rows_of_part(), columns_of_part(),
                            [&](const Area &area, bool folds) { return sample(g, area, folds); });
}

// The pixel of an axis that is shown where a point of the plane is looked at.
int64_t TapsSampler::mapped(int64_t pixel, int64_t extent) const noexcept {
    const auto modulo = [](int64_t a, int64_t b) { return HostNumbers::modulo(a, b); };
    return map_coordinate<HostNumbers>(rule_.fold(), pixel, extent, modulo);
}

TapsSampler::Source TapsSampler::source_of(const AxisTaps &taps, int64_t extent,
                                           bool folds) const noexcept {
    if (!folds || (taps.least >= 0 && taps.most < extent)) {
        return {taps.least, taps.size()};
    }
    // Of ends of a run, and of those of what repeats.
    int64_t least = std::min(mapped(taps.least, extent), mapped(taps.most, extent));
    int64_t most = std::max(mapped(taps.least, extent), mapped(taps.most, extent));
    const bool mirrors = rule_.fold() != int32_t(Border::replicate);
    for (int64_t j = taps.least; mirrors && j <= taps.most && most - least + 1 < extent; j++) {
        const int64_t pixel = mapped(j, extent);
        least = std::min(least, pixel);
        most = std::max(most, pixel);
    }
    return {least, most - least + 1};
}

// Whether rows of the image itself are summed.
bool TapsSampler::reads_image(bool folds) const noexcept {
    return folds && sums_images(plan_);
}

Status TapsSampler::sample(const Glimpse &g, const Area &area, bool folds) noexcept {
    const bool is_tile = !plan_.writes_glimpses, gathers = !reads_image(folds);
    const int64_t most = std::min({arrays_.columns, most_column_weights / x_taps_.stride,
                                   is_tile ? memory_.change.tile_pixels : INT64_MAX});
    Outputs piece = {area.columns.begin, area.columns.begin};
    for (int64_t size = std::max<int64_t>(most, 1); piece.begin < area.columns.end;
         piece.begin = piece.end) {
        piece.end = std::min(piece.begin + size, area.columns.end);
        find_taps(rule_, g.x, piece, g.size.width, by_integers_, arrays_.weights, &x_taps_);
        const int64_t pitch = pitch_of(x_taps_.size() * samples_);
        const bool is_wide = (pitch + behind_sums(samples_)) * planes_ > arrays_.sum_count ||
                             (gathers && y_taps_.stride * pitch * planes_ > arrays_.gathered_count);
        if (is_wide && piece.size() > 1) {
            size = (piece.size() + 1) / 2;
            piece.end = piece.begin;
            continue;
        }
        GLIMPSE_TRY(sample_columns(g, area.rows, piece, folds));
    }
    return {};
}

// The same for columns whose taps have been found.
Status TapsSampler::sample_columns(const Glimpse &g, const Outputs &rows, const Outputs &columns,
                                   bool folds) noexcept {
    const bool is_of_image = reads_image(folds);
    const Source x = source_of(x_taps_, g.size.width, folds);
    Sums sums = {};
    sums.count = pitch_of(x.size * samples_);
    sums.first =
        is_of_image ? std::min(x.begin * samples_, change_.images.elements - sums.count) : 0;
    sums.are_extended = folds && (x_taps_.least < 0 || x_taps_.most >= g.size.width);
    const int64_t looked_at = sums.are_extended ? x_taps_.size() * samples_ : 0;
    sums.pitch = std::max(sums.count, looked_at) + behind_sums(samples_);
    const int64_t begin = is_of_image ? 0 : x.begin;  // of rows of the source
    if (sums.are_extended) {
        find_copies(g.size.width, x, begin, &sums);
    }
    write_columns(sums, begin);
    const int64_t most =
        change_.is_large()
            ? 1
            : std::min({arrays_.rows, rows_of_tile(columns),
                        std::max<int64_t>(arrays_.sum_count / (sums.pitch * planes_), 1)});
    Outputs piece = {rows.begin, rows.begin};
    Source touched = {};
    for (int64_t size = most; piece.begin < rows.end; piece.begin = piece.end) {
        piece.end = std::min(piece.begin + size, rows.end);
        find_taps(rule_, g.y, piece, g.size.height, by_integers_, arrays_.weights, &y_taps_);
        const Source y =
            is_of_image ? Source{0, g.size.height} : source_of(y_taps_, g.size.height, folds);
        if (!is_of_image && piece.size() > 1 &&
            y.size * sums.count * planes_ > arrays_.gathered_count) {
            size = (piece.size() + 1) / 2;
            piece.end = piece.begin;
            continue;
        }
        sums.rows = piece.size();
        write_rows(y, g.size.height, folds);
        GLIMPSE_TRY(is_of_image ? sum_rows_of_image(g, sums, &touched)
                                : sum_rows_of_plane(g, y, x, sums));
        if (sums.are_extended) {
            extend_sums(sums);
        }
        GLIMPSE_TRY(make_piece(g.index, piece, columns, [&](const Rows &out, bool writes) {
            return call_kernel(out, sums, writes);
        }));
    }
    return {};
}

// Finds out which sums that columns look at are copies, and of which.
void TapsSampler::find_copies(int64_t extent, const Source &x, int64_t begin, Sums *sums) noexcept {
    const int64_t least = x_taps_.least, size = x_taps_.size();
    // Those of the source are where they belong, if there are enough of them for the kernel.
    const int64_t before = std::max<int64_t>(-least, 0);
    const int64_t behind = std::min(extent - least, size);
    sums->are_elsewhere = behind - before != x.size || x.size * samples_ != sums->count;
    sums->before = sums->are_elsewhere ? size : before;
    sums->behind = sums->are_elsewhere ? size : behind;
    const int64_t first = sums->are_elsewhere ? begin * samples_ + sums->first : least * samples_;
    const auto find = [&](int64_t from, int64_t to) {
        for (int64_t j = from; j < to; j++) {
            arrays_.columns_of_sums[j] = int32_t(mapped(least + j, extent) * samples_ - first);
        }
    };
    find(0, sums->before);
    find(sums->behind, size);
}

// Where the first taps of columns lie in rows of sums; of as many columns as kernels make.
void TapsSampler::write_columns(const Sums &sums, int64_t begin) noexcept {
    const int64_t least = sums.are_extended ? x_taps_.least : begin;
    const int64_t first = sums.are_extended ? 0 : sums.first;
    int32_t *const columns = x_taps_.first;
    for (int64_t i = 0; i < x_taps_.count; i++) {
        columns[i] = int32_t((columns[i] - least) * samples_ - first);
    }
    // The last turn of a kernel makes columns again that were made, or some that there are not.
    const int64_t count = x_taps_.count, turns = columns_of_turns(count);
    const int64_t last = turns - narrowest_sampled;
    const int64_t again = std::max<int64_t>(count - narrowest_sampled, 0);
    const int64_t bytes = x_taps_.stride * sum_bytes();
    char *const weights = static_cast<char *>(x_taps_.weights);
    for (int64_t to = turns - 1; to >= last; to--) {
        const int64_t from = std::min(again + to - last, count - 1);
        if (from != to) {
            columns[to] = columns[from];
            memcpy(weights + to * bytes, weights + from * bytes, size_t(bytes));
        }
    }
    if (samples_ > 1) {
        write_group_weights(turns);
    }
}

// Of pixels: of groups of columns, pair by pair of integers; or tap by tap, once for each lane.
void TapsSampler::write_group_weights(int64_t columns) noexcept {
    const auto write = [&](const auto *weights, auto *to, int64_t taps, int64_t lanes) {
        const int64_t stride = x_taps_.stride, run = taps * lanes, group = weight_columns * run;
        for (int64_t i = 0; i < columns; i += weight_columns, to += stride / taps * group) {
            for (int64_t t = 0; t < taps_of_kernel(); t += taps) {
                for (int64_t k = 0; k < group; k++) {
                    to[t / taps * group + k] =
                        weights[(i + k / run) * stride + t + k % run / lanes];
                }
            }
        }
    };
    if (by_integers_) {
        write(static_cast<const int16_t *>(x_taps_.weights),
              reinterpret_cast<int16_t *>(arrays_.group_weights), 2, 1);
    } else {
        write(static_cast<const float *>(x_taps_.weights), arrays_.group_weights, 1, weight_lanes);
    }
}

// From which rows of the source taps are taken; those of weight 0, by which taps are made up, from
// any.
void TapsSampler::write_rows(const Source &y, int64_t extent, bool folds) noexcept {
    const bool maps = folds && (y_taps_.least < 0 || y_taps_.most >= extent);
    for (int64_t i = 0; i < y_taps_.count; i++) {
        int32_t *const rows = arrays_.rows_of_taps + i * y_taps_.stride;
        for (int64_t t = 0; t < y_taps_.stride; t++) {
            const int64_t pixel = y_taps_.first[i] + t;
            const int64_t row = (maps ? mapped(pixel, extent) : pixel) - y.begin;
            rows[t] = int32_t(std::clamp<int64_t>(row, 0, y.size - 1));
        }
    }
}

// Brings rows of an image that are summed into the cache, if they are long, but for those that
// were: of these `touched` is what they span.
void TapsSampler::touch_rows(const Rows &image, const Sums &sums, Source *touched) const noexcept {
    if (sums.count * image.element_size < shortest_touched) {
        return;
    }
    for (int64_t i = 0; i < y_taps_.count; i++) {
        const int32_t *const rows = arrays_.rows_of_taps + i * y_taps_.stride;
        const auto [least, most] = std::minmax_element(rows, rows + y_taps_.taps);
        const int64_t begin = touched->begin, end = begin + touched->size;
        for (int64_t row = *least; row <= *most; row++) {
            for (int64_t p = 0; p < planes_ && (row < begin || row >= end); p++) {
                const int64_t first = sums.first + row * image.row_stride + p * image.plane_stride;
                touch(image.data + first * image.element_size, sums.count * image.element_size);
            }
        }
        const bool is_near = *least <= end && *most + 1 >= begin && begin != end;
        touched->begin = is_near ? std::min<int64_t>(begin, *least) : *least;
        touched->size = (is_near ? std::max<int64_t>(end, *most + 1) : *most + 1) - touched->begin;
    }
}

Status TapsSampler::sum_rows_of_image(const Glimpse &g, const Sums &sums,
                                      Source *touched) noexcept {
    Rows image = change_.images;
    image.data += g.image * image.image_stride * image.element_size;
    touch_rows(image, sums, touched);
    GLIMPSE_TRY(sum_rows(image, sums.first, sums.count, 0, sums));
    clear_behind(sums, sums.count);
    return {};
}

// Brings rows of the plane into a tile, in strips of columns if there is no room for all.
Status TapsSampler::sum_rows_of_plane(const Glimpse &g, const Source &y, const Source &x,
                                      const Sums &sums) noexcept {
    const int64_t room = arrays_.gathered_count / (y.size * planes_ * samples_);
    Source strip = {x.begin, std::min(std::max(room, narrowest_strip(samples_)), x.size)};
    for (const int64_t end = x.begin + x.size; strip.begin < end; strip.begin += strip.size) {
        // The last one has pixels of the one before.
        strip.begin = std::min(strip.begin, end - strip.size);
        Rows tile;
        GLIMPSE_TRY(gather(g, y, strip, &tile));
        GLIMPSE_TRY(sum_rows(tile, 0, tile.row_stride, (strip.begin - x.begin) * samples_, sums));
    }
    clear_behind(sums, x.size * samples_);
    return {};
}

// Brings a part of the plane into a tile.
Status TapsSampler::gather(const Glimpse &g, const Source &y, const Source &x,
                           Rows *tile) noexcept {
    const int64_t elements = x.size * samples_, pitch = pitch_of(elements);
    *tile = change_.images;
    tile->data = arrays_.gathered;
    tile->element_size = size_in_bytes(plan_.gathered_type());
    tile->elements = elements;
    tile->rows = y.size;
    tile->count = 1;
    tile->element_stride = 1;
    tile->row_stride = pitch;
    tile->plane_stride = y.size * pitch;
    tile->image_stride = 0;
    const Window window = {g.image, {int32_t(y.begin), int32_t(x.begin)}};
    const Part part = {0, 1, 0, y.size, 0, x.size, &window};
    GLIMPSE_TRY(gather_part(part, *tile));
    return decode(arrays_.decoded, tile);
}

// Sums `count` elements of rows from `first` on; `at` is where they lie in rows of sums.
Status TapsSampler::sum_rows(const Rows &from, int64_t first, int64_t count, int64_t at,
                             const Sums &sums) noexcept {
    char *const to = (sums.are_elsewhere ? arrays_.extended
                                         : arrays_.sums + sums.before * samples_ * sum_bytes()) +
                     at * sum_bytes();
    const halide_type_t type = sum_type();
    const int64_t plane = sums.pitch * sums.rows, stride = y_taps_.stride;
    const Buffer<3> image(from.data + first * from.element_size, element_type(from),
                          {count, from.rows, planes_}, {1, from.row_stride, from.plane_stride});
    const Buffer<2> row(arrays_.rows_of_taps, i32, {stride, sums.rows}, {1, stride});
    const Buffer<2> weight(y_taps_.weights, type, {stride, sums.rows}, {1, stride});
    const Buffer<3> sum(to, type, {count, sums.rows, planes_}, {1, sums.pitch, plane});
    const TypeKernels &kernels = call_.context.host.kernels->of_type[int(plan_.read_type)];
    CallError error;
    return by_integers_
               ? status_of(kernels.rows(&error, image, row, weight,
                                        int32_t(made_up(y_taps_.taps, 2)), y_taps_.bits, sum),
                           error)
               : status_of(kernels.rows_float(&error, image, row, weight, int32_t(y_taps_.taps),
                                              y_taps_.bits, sum),
                           error);
}

// What is read behind so many sums, or copies of them, counts for nothing, if it is a number.
void TapsSampler::clear_behind(const Sums &sums, int64_t sum_count) noexcept {
    const int64_t count = sums.are_extended ? x_taps_.size() * samples_ : sum_count;
    for (int64_t r = 0; r < sums.rows * planes_; r++) {
        memset(arrays_.sums + (r * sums.pitch + count) * sum_bytes(), 0,
               size_t((sums.pitch - count) * sum_bytes()));
    }
}

void TapsSampler::extend_sums(const Sums &sums) noexcept {
    const int64_t size = x_taps_.size();
    const auto copy = [&](auto *elsewhere, auto *row) {
        for (int64_t r = 0; r < sums.rows * planes_; r++, row += sums.pitch) {
            const auto *const from = sums.are_elsewhere ? elsewhere + r * sums.pitch : row;
            const int32_t *const columns = arrays_.columns_of_sums;
            copy_pixels(from, columns, sums.before, samples_, row);
            copy_pixels(from, columns + sums.behind, size - sums.behind, samples_,
                        row + sums.behind * samples_);
        }
    };
    if (by_integers_) {
        copy(reinterpret_cast<const int16_t *>(arrays_.extended),
             reinterpret_cast<int16_t *>(arrays_.sums));
    } else {
        copy(reinterpret_cast<const float *>(arrays_.extended),
             reinterpret_cast<float *>(arrays_.sums));
    }
}

int64_t TapsSampler::taps_of_kernel() const noexcept {
    const int64_t at_once = !by_integers_ ? 4 : samples_ == 1 ? 8 : 2;
    return made_up(x_taps_.taps, at_once);
}

Status TapsSampler::call_kernel(const Rows &out, const Sums &sums, bool writes) noexcept {
    const halide_type_t type = sum_type();
    const int64_t turns = columns_of_turns(out.elements / out.samples);
    const int64_t columns = samples_ == 1 ? 1 : weight_columns;  // of a group
    const int64_t weights =
        x_taps_.stride * columns * (samples_ == 1 || by_integers_ ? 1 : weight_lanes);
    const Buffer<1> column(x_taps_.first, i32, {turns}, {1});
    const Buffer<2> weight(samples_ == 1 ? x_taps_.weights : arrays_.group_weights, type,
                           {weights, turns / columns}, {1, weights});
    const TypeKernels &kernels = call_.context.host.kernels->of_type[int(plan_.read_type)];
    SampleColumnsKernel *const kernel = by_integers_            ? kernels.columns
                                        : call_.sums_integers() ? kernels.columns_to_uint8
                                                                : kernels.columns_float;
    return for_planes([&](int64_t first, int64_t planes, const float *numbers) {
        const int64_t plane = sums.pitch * sums.rows;
        const Buffer<3> sum(arrays_.sums + first * plane * sum_bytes(), type,
                            {sums.pitch, sums.rows, planes}, {1, sums.pitch, plane});
        const Buffer<3> glimpse(out.data + first * out.plane_stride * out.element_size,
                                element_type(out),
                                {out.elements, out.rows, planes == planes_ ? out.planes : 1},
                                {1, out.row_stride, out.plane_stride});
        CallError error;
        return status_of(kernel(&error, sum, column, weight, int32_t(taps_of_kernel()),
                                x_taps_.bits, conversion(writes, numbers, planes), order(writes),
                                int32_t(samples_), glimpse),
                         error);
    });
}

}  // namespace glimpse
