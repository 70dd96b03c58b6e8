// The table of raw formats.
#include "raw_format.h"

namespace glimpse {
namespace command {

const std::vector<RawFormat> &raw_formats() {
    static const std::vector<RawFormat> formats = {
        {"gray", Kind::pixels, ElementType::uint8, 1, PixelFormat::gray},
        {"gray16le", Kind::pixels, ElementType::uint16, 1, PixelFormat::gray16le},
        {"rgb24", Kind::pixels, ElementType::uint8, 3, PixelFormat::rgb24},
        {"rgb48le", Kind::pixels, ElementType::uint16, 3, {}},
        {"rgba", Kind::pixels, ElementType::uint8, 4, PixelFormat::rgba},
        {"rgba64le", Kind::pixels, ElementType::uint16, 4, {}},
        {"bayer8", Kind::mosaic, ElementType::uint8, 1, {}},
        {"bayer16le", Kind::mosaic, ElementType::uint16, 1, {}},
        {"nv12", Kind::frame, ElementType::uint8, 1, PixelFormat::nv12},
        {"nv21", Kind::frame, ElementType::uint8, 1, PixelFormat::nv21},
        {"i420", Kind::frame, ElementType::uint8, 1, PixelFormat::i420},
        {"yuv420p", Kind::frame, ElementType::uint8, 1, PixelFormat::i420},
        {"yv12", Kind::frame, ElementType::uint8, 1, PixelFormat::yv12},
        {"nv16", Kind::frame, ElementType::uint8, 1, PixelFormat::nv16},
        {"nv61", Kind::frame, ElementType::uint8, 1, PixelFormat::nv61},
        {"i422", Kind::frame, ElementType::uint8, 1, PixelFormat::i422},
        {"yuv422p", Kind::frame, ElementType::uint8, 1, PixelFormat::i422},
        {"nv24", Kind::frame, ElementType::uint8, 1, PixelFormat::nv24},
        {"nv42", Kind::frame, ElementType::uint8, 1, PixelFormat::nv42},
        {"i444", Kind::frame, ElementType::uint8, 1, PixelFormat::i444},
        {"yuv444p", Kind::frame, ElementType::uint8, 1, PixelFormat::i444},
        {"yuyv", Kind::frame, ElementType::uint8, 1, PixelFormat::yuyv},
        {"yuyv422", Kind::frame, ElementType::uint8, 1, PixelFormat::yuyv},
        {"uyvy", Kind::frame, ElementType::uint8, 1, PixelFormat::uyvy},
        {"uyvy422", Kind::frame, ElementType::uint8, 1, PixelFormat::uyvy},
        {"p010", Kind::frame, ElementType::uint16, 1, PixelFormat::p010},
        {"p010le", Kind::frame, ElementType::uint16, 1, PixelFormat::p010},
        {"i010", Kind::frame, ElementType::uint16, 1, PixelFormat::i010},
        {"yuv420p10le", Kind::frame, ElementType::uint16, 1, PixelFormat::i010},
        {"gray10le", Kind::frame, ElementType::uint16, 1, PixelFormat::gray10le},
        {"gray12le", Kind::frame, ElementType::uint16, 1, PixelFormat::gray12le},
        {"bgr24", Kind::frame, ElementType::uint8, 1, PixelFormat::bgr24},
        {"rgbx", Kind::frame, ElementType::uint8, 1, PixelFormat::rgbx},
        {"rgb0", Kind::frame, ElementType::uint8, 1, PixelFormat::rgbx},
        {"bgrx", Kind::frame, ElementType::uint8, 1, PixelFormat::bgrx},
        {"bgr0", Kind::frame, ElementType::uint8, 1, PixelFormat::bgrx},
        {"xrgb", Kind::frame, ElementType::uint8, 1, PixelFormat::xrgb},
        {"0rgb", Kind::frame, ElementType::uint8, 1, PixelFormat::xrgb},
        {"xbgr", Kind::frame, ElementType::uint8, 1, PixelFormat::xbgr},
        {"0bgr", Kind::frame, ElementType::uint8, 1, PixelFormat::xbgr},
        {"bgra", Kind::frame, ElementType::uint8, 1, PixelFormat::bgra},
        {"argb", Kind::frame, ElementType::uint8, 1, PixelFormat::argb},
        {"abgr", Kind::frame, ElementType::uint8, 1, PixelFormat::abgr},
        {"rgb565", Kind::frame, ElementType::uint16, 1, PixelFormat::rgb565},
        {"rgb565le", Kind::frame, ElementType::uint16, 1, PixelFormat::rgb565},
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
