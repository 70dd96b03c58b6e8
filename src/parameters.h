// Per-channel values as the kernels read them: what borders are filled with, and conversions.
#ifndef GLIMPSE_SRC_PARAMETERS_H_
#define GLIMPSE_SRC_PARAMETERS_H_

#include <cstdint>

#include "call.h"

namespace glimpse {

// The values of a run of glimpses under a value or noise border. One set for all glimpses, or one
// each.
class Parameters {
public:
    Parameters(const Call &call, void *memory) noexcept
        : call_(call), memory_(static_cast<char *>(memory)) {
        begin_run();
    }

    static int64_t row_elements(const Call &call) noexcept {
        return call.images.samples + pattern_padding;
    }
    // Bytes of one set.
    static int64_t size(const Call &call) noexcept;

    const void *memory() const noexcept {
        return memory_;
    }
    // What kernels are to do with the sets written since the last begin_run().
    KernelRule kernel_rule() const noexcept {
        return call_.border == Border::uniform && all_values_ ? rule_uniform_all
                                                              : call_.rule.kernel_rule;
    }
    void begin_run() noexcept {
        all_values_ = call_.type == ElementType::uint8;
    }

    // Writes set number `index`, of image `n`.
    void write(int64_t index, int32_t n) noexcept;

private:
    float constant(int64_t c) const noexcept;
    double value(int64_t c, int32_t n) const noexcept;
    template<typename T, typename Convert>
    void write_values(char *set, int32_t n, const Convert &convert) const noexcept;
    void write_uniform(float *set, int32_t n) noexcept;
    void write_gaussian(float *rows, int64_t plane, int32_t n) const noexcept;

    const Call &call_;
    char *memory_;
    bool all_values_ = false;
};

// Writes `value`, one number for all channels or one each, as elements of `type`.
void write_elements(Span<const float> value, ElementType type, int64_t channels,
                    void *elements) noexcept;

// What elements are converted with: (value - subtract) * multiply, for all glimpses of a call.
struct Conversion {
    static int64_t row_elements(const Call &call) noexcept {
        return call.changed_samples == 1 ? 1 : call.changed_samples + pattern_padding;
    }
    static int64_t planes(const Call &call) noexcept {
        return call.changed_samples == 1 ? call.channels : 1;
    }
    // Bytes of the values of all channels.
    static int64_t size(const Call &call) noexcept {
        return row_elements(call) * conversion_fields * planes(call) * int64_t(sizeof(float));
    }
    static void write(const Call &call, float *memory) noexcept;
};

}  // namespace glimpse

#endif  // GLIMPSE_SRC_PARAMETERS_H_
