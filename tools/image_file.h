// Images as they come out of files: NPY, PNG and JPEG, told apart by their first bytes.
#ifndef GLIMPSE_TOOLS_IMAGE_FILE_H_
#define GLIMPSE_TOOLS_IMAGE_FILE_H_

#include <string>

#include "buffer.h"
#include "glimpse/view.h"

namespace glimpse {
namespace command {

// Dense pixels in the order image, row, column, channel.
struct Images {
    ElementType type = ElementType::uint8;
    Shape shape;
    Buffer pixels;

    ConstView view() const noexcept;
};

// What an array of three dimensions is.
enum class InputLayout {
    likely_hwc,  // [H, W, C] with up to 16 channels; more are rejected as a likely mistake
    hwc,         // [H, W, C]
};

Images read_images(const std::string &path, InputLayout layout);

}  // namespace command
}  // namespace glimpse

#endif  // GLIMPSE_TOOLS_IMAGE_FILE_H_
