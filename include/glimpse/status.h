// What every call of the library returns: a code per cause and a text that names the value that
// was wrong and what was expected. The text lives inside the object, so no memory is allocated.
#ifndef GLIMPSE_STATUS_H_
#define GLIMPSE_STATUS_H_

#include <cstdint>

namespace glimpse {

// One code per cause.
enum class StatusCode : int32_t {
    ok = 0,
    null_pointer,           // a pointer is null where there are elements to read or write
    negative_shape,         // an extent, a count or a size is below zero
    too_large,              // an extent, a stride or a product of them is beyond what is supported
    invalid_strides,        // strides that no pitch can have, or that make output elements coincide
    misaligned,             // a pointer is not aligned to its element type
    unsupported_type,       // an element type is unknown or not offered for this operation
    type_mismatch,          // input is not converted to the type of the output
    channel_mismatch,       // channels of input and output differ, or are not those wanted
    size_mismatch,          // input and output differ in height or width where they must agree
    count_mismatch,         // numbers of images, positions, glimpses or indices do not fit together
    invalid_image_index,    // an image index is negative or not below the number of images
    offset_not_finite,      // an offset or the side of a box is NaN or infinite
    origin_out_of_range,    // a glimpse's origin or far corner, or the side of a box, leaves int32
    unknown_enumerator,     // an enum or a name has a value that is none of its enumerators
    invalid_value,          // a value, factor or origin is not of the number or kind that is wanted
    statistics_mismatch,    // Options::statistics has not one element per image and channel
    overlap,                // the byte ranges of input and output intersect
    empty_image,            // a border that needs a pixel, and an image that has none
    rank_mismatch,          // a tensor has another number of dimensions than is wanted
    conflicting_arguments,  // two arguments contradict each other
    unknown_variant,        // no variant of that name was built
    unusable_variant,       // this machine cannot run that variant
    out_of_memory,          // scratch memory could not be allocated
    memory_mismatch,        // views or arrays lie in memories that a call cannot use together
    out_of_bounds,          // a view leaves the memory that it says it lies in (View::within)
    device_error,           // a device could not do what it was asked for; the text has its error
    internal,               // a kernel failed after all checks had passed: a defect of the library
};

// Returns the name of a code, such as "null_pointer"; "unknown" for any other value.
const char *name(StatusCode code) noexcept;

// The result of a call: code() says which cause, message() says it in one line of English.
//
//     glimpse::Status status = glimpse::extract(image, origins, glimpses);
//     if (!status.ok()) { fprintf(stderr, "%s\n", status.message()); }
class [[nodiscard]] Status {
public:
    // Success, with an empty message.
    Status() noexcept : code_(StatusCode::ok) {
        text_[0] = '\0';
    }

    // A failure; `format` and what follows are as for printf. A longer text is cut.
#if defined(__GNUC__)
    __attribute__((format(printf, 3, 4)))
#endif
    Status(StatusCode code, const char *format, ...) noexcept;

    Status(const Status &other) noexcept : code_(other.code_) {
        copy_text(other);
    }
    Status &operator=(const Status &other) noexcept {
        if (this != &other) {
            code_ = other.code_;
            copy_text(other);
        }
        return *this;
    }

    bool ok() const noexcept {
        return code_ == StatusCode::ok;
    }
    StatusCode code() const noexcept {
        return code_;
    }
    // Valid as long as this object; empty on success.
    const char *message() const noexcept {
        return text_;
    }

private:
    // Success, which is what nearly every call returns, copies one byte.
    void copy_text(const Status &other) noexcept {
        text_[0] = other.text_[0];
        if (text_[0] != '\0') {
            copy_long_text(other);
        }
    }
    void copy_long_text(const Status &other) noexcept;

    StatusCode code_;
    char text_[252];
};

}  // namespace glimpse

#endif  // GLIMPSE_STATUS_H_
