// Images as they come out of files and go into them: NPY, PNG and JPEG, told apart by their first
// bytes, and files without a header.
#ifndef GLIMPSE_TOOLS_IMAGE_FILE_H_
#define GLIMPSE_TOOLS_IMAGE_FILE_H_

#include <cstdint>
#include <string>

#include "buffer.h"
#include "file.h"
#include "glimpse/extract.h"
#include "glimpse/frame.h"
#include "glimpse/view.h"
#include "raw_format.h"

namespace glimpse {
namespace command {

enum class Layout {
    interleaved,  // image, row, column, channel
    planar,       // image, channel, row, column
};

// Dense elements.
struct Images {
    Kind kind = Kind::pixels;
    ElementType type = ElementType::uint8;
    Shape shape;  // of frames that of luma
    Layout layout = Layout::interleaved;
    PixelFormat frame_format = PixelFormat::nv12;  // of frames, one after the other
    Color color;                                   // of frames
    std::string rate = "25:1";                     // of frames, as Y4M has it: per second
    Buffer elements;

    // What the elements that the rest describes take. `what` is for messages.
    int64_t bytes_needed(const std::string &what) const;

    // Of pixels and mosaics.
    ConstView view() const noexcept;
    View view() noexcept;
    // Of frames.
    ConstFrame frames() const noexcept;
    Frame frames() noexcept;
};

// What a file does not say of itself.
struct InputFormat {
    // Of an NPY file of rank 3 or 4, a letter for each dimension: "hwc", "chw", "bhwc" or "bchw".
    // Empty: "hwc" or "bhwc", and more than 16 channels at rank 3 are rejected as a likely mistake.
    std::string layout;
    // Of a file without a header: what it holds, and the size of the one image; else null.
    const RawFormat *raw = nullptr;
    Size raw_size;
    bool has_frames = false;  // it is read as RawFormat::frame
    // Which frames of a file of many are read, up to the second number; all, if both are 0.
    int64_t first_frame = 0, end_frame = 0;
    Color color;  // what goes before that of the file
};

Images read_images(const std::string &path, const InputFormat &format);

// Writes an array of the dimensions that Images::layout names. Pixels and mosaics only.
void write_npy_images(OutputFile &file, const Images &images);

// Writes the elements alone, one image after another.
void write_raw_images(OutputFile &file, const Images &images);

// Rejects a range of frames that is not among `count`.
void require_frames(const std::string &path, const InputFormat &format, int64_t count);

}  // namespace command
}  // namespace glimpse

#endif  // GLIMPSE_TOOLS_IMAGE_FILE_H_
