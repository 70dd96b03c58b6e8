// Status, and the names of all enumerators.
#include "glimpse/status.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <iterator>

#include "glimpse/boxes.h"
#include "glimpse/frame.h"
#include "glimpse/options.h"
#include "glimpse/view.h"

namespace glimpse {
namespace {

// The name with the number of an enumerator, of which there are `count` from 0 on.
template<int count, typename Enum>
const char *find(const char *const (&names)[count], Enum enumerator) {
    const auto i = uint64_t(enumerator);
    return i < uint64_t(count) ? names[i] : "unknown";
}

constexpr const char *code_names[] = {
    "ok",
    "null_pointer",
    "negative_shape",
    "too_large",
    "invalid_strides",
    "misaligned",
    "unsupported_type",
    "type_mismatch",
    "channel_mismatch",
    "size_mismatch",
    "count_mismatch",
    "invalid_image_index",
    "offset_not_finite",
    "origin_out_of_range",
    "unknown_enumerator",
    "invalid_value",
    "statistics_mismatch",
    "overlap",
    "empty_image",
    "rank_mismatch",
    "conflicting_arguments",
    "unknown_variant",
    "unusable_variant",
    "out_of_memory",
    "memory_mismatch",
    "out_of_bounds",
    "device_error",
    "internal",
};
constexpr const char *type_names[element_type_count] = {"uint8",   "uint16",   "int16",
                                                        "float16", "bfloat16", "float32"};
constexpr const char *border_names[border_count] = {"zero",      "constant", "mean",
                                                    "replicate", "reflect",  "reflect101",
                                                    "wrap",      "uniform",  "gaussian"};
constexpr const char *coordinates_names[] = {"pixels", "normalized", "centered_pixels",
                                             "centered_normalized"};
constexpr const char *filter_names[] = {"linear", "nearest",  "catmull_rom",
                                        "cubic",  "lanczos3", "area"};
constexpr const char *edge_names[] = {"hard", "blend", "renormalize"};
constexpr const char *fit_names[] = {"letterbox", "crop", "ultralytics"};
constexpr const char *memory_names[] = {"host", "cuda"};
constexpr const char *matrix_names[matrix_count] = {"usual", "bt601", "bt709", "bt2020"};
constexpr const char *range_names[range_count] = {"usual", "limited", "full"};
constexpr const char *siting_names[siting_count] = {"usual", "left", "center", "top-left"};

static_assert(std::size(code_names) == int(StatusCode::internal) + 1, "every code has a name");
static_assert(border_names[border_count - 1] != nullptr, "every border has a name");
static_assert(std::size(coordinates_names) == coordinates_count, "every system has a name");
static_assert(std::size(filter_names) == filter_count, "every filter has a name");
static_assert(std::size(fit_names) == fit_count, "every fit has a name");
static_assert(std::size(edge_names) == edge_count, "every edge has a name");
static_assert(type_names[element_type_count - 1] != nullptr, "every type has a name");

}  // namespace

Status::Status(StatusCode code, const char *format, ...) noexcept : code_(code) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text_, sizeof(text_), format, arguments);
    va_end(arguments);
}

void Status::copy_long_text(const Status &other) noexcept {
    memcpy(text_, other.text_, strlen(other.text_) + 1);
}

const char *name(StatusCode code) noexcept {
    return find(code_names, code);
}

const char *name(ElementType type) noexcept {
    return find(type_names, type);
}

const char *name(Border border) noexcept {
    return find(border_names, border);
}

const char *name(Coordinates coordinates) noexcept {
    return find(coordinates_names, coordinates);
}

const char *name(Filter filter) noexcept {
    return find(filter_names, filter);
}

const char *name(Edge edge) noexcept {
    return find(edge_names, edge);
}

const char *name(Fit fit) noexcept {
    return find(fit_names, fit);
}

const char *name(Memory memory) noexcept {
    return find(memory_names, memory);
}

const char *name(Matrix matrix) noexcept {
    return find(matrix_names, matrix);
}

const char *name(Range range) noexcept {
    return find(range_names, range);
}

const char *name(Siting siting) noexcept {
    return find(siting_names, siting);
}

}  // namespace glimpse
