// The table of raw formats.
#include "raw_format.h"

namespace glimpse {
namespace command {

const std::vector<RawFormat> &raw_formats() {
    static const std::vector<RawFormat> formats = {
        {"gray", Kind::pixels, ElementType::uint8, 1, {}},
        {"gray16le", Kind::pixels, ElementType::uint16, 1, {}},
        {"rgb24", Kind::pixels, ElementType::uint8, 3, {}},
        {"rgb48le", Kind::pixels, ElementType::uint16, 3, {}},
        {"rgba", Kind::pixels, ElementType::uint8, 4, {}},
        {"rgba64le", Kind::pixels, ElementType::uint16, 4, {}},
        {"bayer8", Kind::mosaic, ElementType::uint8, 1, {}},
        {"bayer16le", Kind::mosaic, ElementType::uint16, 1, {}},
        {"nv12", Kind::frame, ElementType::uint8, 1, PixelFormat::nv12},
        {"nv21", Kind::frame, ElementType::uint8, 1, PixelFormat::nv21},
        {"i420", Kind::frame, ElementType::uint8, 1, PixelFormat::i420},
        {"yuv420p", Kind::frame, ElementType::uint8, 1, PixelFormat::i420},
        {"p010", Kind::frame, ElementType::uint16, 1, PixelFormat::p010},
        {"p010le", Kind::frame, ElementType::uint16, 1, PixelFormat::p010},
    };
    return formats;
}

std::vector<std::string> raw_format_names() {
    std::vector<std::string> names;
    for (const RawFormat &format : raw_formats()) {
        names.emplace_back(format.name);
    }
    return names;
}

}  // namespace command
}  // namespace glimpse
