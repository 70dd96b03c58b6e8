// Reading of images.
#include "image_file.h"

#include <algorithm>
#include <cstring>

#include "decode.h"
#include "failure.h"
#include "file.h"
#include "npy.h"

namespace glimpse {
namespace command {
namespace {

constexpr int64_t most_likely_channels = 16;

Shape image_shape(const InputFile &file, const NpyHeader &header, InputLayout layout) {
    const std::vector<int64_t> &shape = header.shape;
    switch (shape.size()) {
    case 2:
        return {1, shape[0], shape[1], 1};
    case 3:
        if (layout == InputLayout::likely_hwc && shape[2] > most_likely_channels) {
            reject(file.path(), ": the shape ", shape_text(shape), " as [H, W, C] has ", shape[2],
                   " channels; expected at most ", most_likely_channels,
                   ", or --input-layout hwc if they are meant");
        }
        return {1, shape[0], shape[1], shape[2]};
    case 4:
        if (layout == InputLayout::hwc) {
            reject(file.path(), ": the shape is ", shape_text(shape), " of rank 4; with ",
                   "--input-layout hwc expected rank 3, [H, W, C], or 2, [H, W]");
        }
        return {shape[0], shape[1], shape[2], shape[3]};
    default:
        reject(file.path(), ": the shape ", shape_text(shape), " has rank ", shape.size(),
               "; expected 2, [H, W], 3, [H, W, C], or 4, [B, H, W, C]");
    }
}

Images read_npy_images(const InputFile &file, InputLayout layout) {
    const NpyHeader header = read_npy_header(file);
    require_type(file, header, {"u1", "f4"}, "uint8 ('|u1') or little-endian float32 ('<f4')");
    Images images;
    images.type = native_type(header) == "u1" ? ElementType::uint8 : ElementType::float32;
    images.shape = image_shape(file, header, layout);
    images.pixels = read_npy_elements(file, header);
    return images;
}

}  // namespace

ConstView Images::view() const noexcept {
    return type == ElementType::uint8 ? ConstView::interleaved(pixels.as<uint8_t>(), shape)
                                      : ConstView::interleaved(pixels.as<float>(), shape);
}

Images read_images(const std::string &path, InputLayout layout) {
    const InputFile file(path);
    if (is_npy(file)) {
        return read_npy_images(file, layout);
    }
    uint8_t begin[8] = {};
    file.read(0, begin, std::min<int64_t>(file.size(), sizeof begin));
    const bool is_png = std::memcmp(begin, "\x89PNG\r\n\x1a\n", 8) == 0;
    const bool is_jpeg = std::memcmp(begin, "\xff\xd8\xff", 3) == 0;
    if (!is_png && !is_jpeg) {
        reject(path, ": its first bytes are those of no known kind of file; expected NPY, PNG or ",
               "JPEG");
    }
    Buffer bytes(file.size(), path);
    file.read(0, bytes.as<uint8_t>(), bytes.size());
    return is_png ? decode_png(path, bytes) : decode_jpeg(path, bytes);
}

}  // namespace command
}  // namespace glimpse
