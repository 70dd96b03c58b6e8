// Per-channel values as the kernels read them: what borders are filled with, and conversions.
#ifndef GLIMPSE_SRC_HOST_PARAMETERS_H_
#define GLIMPSE_SRC_HOST_PARAMETERS_H_

#include <cstdint>

#include "host/plan.h"

namespace glimpse {

// The values of a run of glimpses under a value or noise border. One set for all glimpses, or one
// each.
class Parameters {
public:
    Parameters(const Plan &plan, void *memory) noexcept
        : plan_(plan), call_(plan.call), memory_(static_cast<char *>(memory)) {
        begin_run();
    }

    static int64_t row_elements(const Plan &plan) noexcept {
        return plan.images.samples + pattern_padding;
    }
    // Bytes of one set.
    static int64_t size(const Plan &plan) noexcept;

    const void *memory() const noexcept {
        return memory_;
    }
    // The rule for kernels that use the sets written since the last begin_run().
    int32_t rule(bool is_pure) const noexcept {
        return call_.border == Border::uniform && all_values_ && !is_pure ? rule_uniform_all
                                                                          : int32_t(call_.border);
    }
    void begin_run() noexcept {
        all_values_ = call_.images.type == ElementType::uint8;
    }

    // Writes set number `index`, of image `n`.
    void write(int64_t index, int32_t n) noexcept;

private:
    void write_values(char *set, int32_t n) const noexcept;
    void write_uniform(float *set, int32_t n) noexcept;
    void write_gaussian(float *rows, int64_t plane, int32_t n) const noexcept;

    const Plan &plan_;
    const Call &call_;
    char *memory_;
    bool all_values_ = false;
};

// The number of channel `c`; of none, `otherwise`.
inline float value_of(const Span<const float> &values, int64_t c, float otherwise) noexcept {
    return values.size == 0 ? otherwise : values.data[values.size == 1 ? 0 : c];
}

// Writes a row of `count` elements in which the values of `channels` repeat, for kernels.
void write_fill(const Span<const float> &value, ElementType type, int64_t channels, int64_t count,
                void *row) noexcept;

// The same of the means of channels.
void write_mean_fill(const ChannelStatistics *statistics, ElementType type, int64_t channels,
                     int64_t count, void *row) noexcept;

// Writes `value`, one number for all channels or one each, as elements of `type`.
void write_elements(Span<const float> value, ElementType type, int64_t channels,
                    void *elements) noexcept;

// What fills channel `c` of glimpses of image `n` under Options::exact_fill: an element of their
// type.
uint32_t exact_fill(const Plan &plan, int32_t n, int64_t c) noexcept;

// What elements are converted with: (value - subtract) * multiply, for all glimpses of a call.
struct Conversion {
    static int64_t row_elements(const Plan &plan) noexcept {
        return plan.changed_samples == 1 ? 1 : plan.changed_samples + pattern_padding;
    }
    static int64_t planes(const Plan &plan) noexcept {
        return plan.changed_samples == 1 ? plan.call.glimpse_channels() : 1;
    }
    // Bytes of the values of all channels.
    static int64_t size(const Plan &plan) noexcept {
        return row_elements(plan) * conversion_fields * planes(plan) * int64_t(sizeof(float));
    }
    static void write(const Plan &plan, float *memory) noexcept;
};

}  // namespace glimpse

#endif  // GLIMPSE_SRC_HOST_PARAMETERS_H_
