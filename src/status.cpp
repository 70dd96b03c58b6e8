// Status, and the names of all enumerators.
#include "glimpse/status.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "glimpse/extract.h"
#include "glimpse/view.h"

namespace glimpse {

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
    switch (code) {
    case StatusCode::ok:
        return "ok";
    case StatusCode::null_pointer:
        return "null_pointer";
    case StatusCode::negative_shape:
        return "negative_shape";
    case StatusCode::too_large:
        return "too_large";
    case StatusCode::invalid_strides:
        return "invalid_strides";
    case StatusCode::misaligned:
        return "misaligned";
    case StatusCode::unsupported_type:
        return "unsupported_type";
    case StatusCode::type_mismatch:
        return "type_mismatch";
    case StatusCode::channel_mismatch:
        return "channel_mismatch";
    case StatusCode::size_mismatch:
        return "size_mismatch";
    case StatusCode::count_mismatch:
        return "count_mismatch";
    case StatusCode::invalid_image_index:
        return "invalid_image_index";
    case StatusCode::offset_not_finite:
        return "offset_not_finite";
    case StatusCode::origin_out_of_range:
        return "origin_out_of_range";
    case StatusCode::unknown_enumerator:
        return "unknown_enumerator";
    case StatusCode::invalid_value:
        return "invalid_value";
    case StatusCode::statistics_mismatch:
        return "statistics_mismatch";
    case StatusCode::overlap:
        return "overlap";
    case StatusCode::empty_image:
        return "empty_image";
    case StatusCode::rank_mismatch:
        return "rank_mismatch";
    case StatusCode::conflicting_arguments:
        return "conflicting_arguments";
    case StatusCode::unknown_variant:
        return "unknown_variant";
    case StatusCode::unusable_variant:
        return "unusable_variant";
    case StatusCode::out_of_memory:
        return "out_of_memory";
    case StatusCode::memory_mismatch:
        return "memory_mismatch";
    case StatusCode::device_error:
        return "device_error";
    case StatusCode::internal:
        return "internal";
    }
    return "unknown";
}

const char *name(ElementType type) noexcept {
    switch (type) {
    case ElementType::uint8:
        return "uint8";
    case ElementType::uint16:
        return "uint16";
    case ElementType::int16:
        return "int16";
    case ElementType::float16:
        return "float16";
    case ElementType::bfloat16:
        return "bfloat16";
    case ElementType::float32:
        return "float32";
    }
    return "unknown";
}

const char *name(Border border) noexcept {
    switch (border) {
    case Border::zero:
        return "zero";
    case Border::constant:
        return "constant";
    case Border::mean:
        return "mean";
    case Border::replicate:
        return "replicate";
    case Border::reflect:
        return "reflect";
    case Border::reflect101:
        return "reflect101";
    case Border::wrap:
        return "wrap";
    case Border::uniform:
        return "uniform";
    case Border::gaussian:
        return "gaussian";
    }
    return "unknown";
}

const char *name(Coordinates coordinates) noexcept {
    switch (coordinates) {
    case Coordinates::pixels:
        return "pixels";
    case Coordinates::normalized:
        return "normalized";
    case Coordinates::centered_pixels:
        return "centered_pixels";
    case Coordinates::centered_normalized:
        return "centered_normalized";
    }
    return "unknown";
}

const char *name(Memory memory) noexcept {
    switch (memory) {
    case Memory::host:
        return "host";
    case Memory::cuda:
        return "cuda";
    }
    return "unknown";
}

}  // namespace glimpse
