// Sums over the strips of an image, of which its statistics are made. What includes this must be
// compiled without contraction of floating-point expressions.
#ifndef GLIMPSE_SRC_HOST_IMAGE_SUMS_H_
#define GLIMPSE_SRC_HOST_IMAGE_SUMS_H_

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "call/check.h"
#include "call/context_impl.h"
#include "call/rows.h"
#include "definition/statistics.h"
#include "glimpse/statistics.h"
#include "halide_hooks.h"
#include "host/halide_buffer.h"
#include "kernel_abi.h"

namespace glimpse {

// Strips whose partial statistics are made before they are combined. Bounds scratch memory.
constexpr int64_t strips_at_once = 1024;

constexpr int64_t strips_of(int64_t rows) {
    return (rows + statistics_strip_rows - 1) / statistics_strip_rows;
}

// 64 bits hold the sum of squares of less than 2^33 elements.
__extension__ using Wide = __int128;

// Sums over the strips of one channel so far. Those of integers are kept exactly.
struct Sums {
    double min, max, sum, square, count;
    int64_t exact_sum;
    Wide exact_square;
};

using Partial = double[statistics_fields];

constexpr Sums no_sums = {HUGE_VAL, -HUGE_VAL, 0, 0, 0, 0, 0};

inline void add_strip(const Partial &partial, ElementType type, Sums *sums) {
    if (partial[statistics_min] < sums->min) {
        sums->min = partial[statistics_min];
    }
    if (partial[statistics_max] > sums->max) {
        sums->max = partial[statistics_max];
    }
    if (is_integer(type)) {
        sums->exact_sum += HostNumbers::reinterpreted<int64_t>(partial[statistics_sum]);
        sums->exact_square += HostNumbers::reinterpreted<int64_t>(partial[statistics_square]);
        return;
    }
    sums->sum += partial[statistics_sum];
    sums->square += partial[statistics_square];
    sums->count += partial[statistics_count];
}

// Of `count` elements.
inline ChannelStatistics finish(const Sums &sums, int64_t count, ElementType type) {
    const int64_t bias = type == ElementType::uint16 ? statistics_uint16_bias : 0;
    const FinishedStatistics<HostNumbers> f =
        is_integer(type) ? finished_integers<HostNumbers>(sums.min, sums.max, sums.exact_sum,
                                                          sums.exact_square, count, bias, {})
                         : finished_floats<HostNumbers>(sums.min, sums.max, sums.sum, sums.square,
                                                        double(count), {});
    return {f.min, f.max, f.mean, f.stddev};
}

inline StatisticsKernel *kernel_of(const TypeKernels &kernels, int64_t samples) {
    return samples == 4   ? kernels.statistics_4
           : samples == 3 ? kernels.statistics_3
                          : kernels.statistics_1;
}

// Strips that are made when they are wanted, in so many bytes of memory.
class Strips {
public:
    virtual int64_t bytes() const noexcept = 0;
    virtual Status make(int64_t strip, char *memory, Rows *rows) const noexcept = 0;

protected:
    ~Strips() = default;
};

// Some channels of one image, or of its like; of strips that are made, if there are such.
class ImageSums {
public:
    ImageSums(const Rows &rows, ElementType type, double *partial, Sums *sums,
              Context::Impl &context, const Strips *strips = nullptr) noexcept
        : rows_(rows), type_(type), partial_(partial), sums_(sums), context_(context),
          strips_(strips) {
    }
    int64_t channels() const noexcept {
        return rows_.samples * rows_.planes;
    }

    // Runs a kernel over all strips and combines them into sums[channels].
    Status sum(StatisticsKernel *kernel) const noexcept {
        const int64_t strips = strips_of(rows_.rows);
        std::fill_n(sums_, channels(), no_sums);
        for (int64_t first = 0; first < strips; first += strips_at_once) {
            const int64_t count = std::min(strips - first, strips_at_once);
            const int64_t bytes =
                rows_.elements * rows_.planes * statistics_strip_rows * count * rows_.element_size;
            const int64_t tasks = context_.tasks_for(bytes, count);
            const auto task = [&](int64_t index) noexcept -> Status {
                return run(kernel, first, count * index / tasks, count * (index + 1) / tasks);
            };
            GLIMPSE_TRY(context_.run(tasks, task));
            for (int64_t i = 0; i < count * channels(); i++) {
                add_strip(*reinterpret_cast<const Partial *>(partial_ + i * statistics_fields),
                          type_, &sums_[i % channels()]);
            }
        }
        return {};
    }

private:
    // Makes partial statistics of strips [begin, end) from `first` on.
    Status run(StatisticsKernel *kernel, int64_t first, int64_t begin, int64_t end) const noexcept {
        if (strips_ == nullptr) {
            return call(kernel, rows_, first + begin, begin, end);
        }
        const Scratch memory(context_.scratch, size_t(strips_->bytes()));
        GLIMPSE_TRY(memory.check("strips of pixels"));
        for (int64_t strip = begin; strip < end; strip++) {
            Rows rows;
            GLIMPSE_TRY(strips_->make(first + strip, static_cast<char *>(memory.data()), &rows));
            GLIMPSE_TRY(call(kernel, rows, 0, strip, strip + 1));
        }
        return {};
    }
    // Of rows whose strip number `first` is the first that is written, at `begin`.
    Status call(StatisticsKernel *kernel, const Rows &rows, int64_t first, int64_t begin,
                int64_t end) const noexcept {
        const Buffer<3> in(rows.data, element_type(rows), {rows.elements, rows.rows, rows.planes},
                           {rows.element_stride, rows.row_stride, rows.plane_stride});
        const Buffer<3> out(partial_ + begin * channels() * statistics_fields,
                            halide_type_t(halide_type_float, 64),
                            {statistics_fields, channels(), end - begin},
                            {1, statistics_fields, statistics_fields * channels()});
        CallError error;
        const int code = kernel(&error, in, int32_t(first), out);
        return code == 0
                   ? Status()
                   : Status(StatusCode::internal, "a kernel of statistics failed with code %d: %s",
                            code, error.text);
    }

    Rows rows_;
    ElementType type_;
    double *partial_;
    Sums *sums_;
    Context::Impl &context_;
    const Strips *strips_;
};

}  // namespace glimpse

#endif  // GLIMPSE_SRC_HOST_IMAGE_SUMS_H_
