// PNG through libpng. libpng reports errors by longjmp, so the functions that call setjmp keep no
// object with a destructor.
#include <png.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "decode.h"
#include "failure.h"

namespace glimpse {
namespace command {
namespace {

struct Source {
    const uint8_t *next;
    size_t bytes_left;
    char message[200];
};

struct Header {
    int64_t height;
    int64_t width;
    int channels;
    int64_t compressed_row_bytes;  // of a row as the file holds it
    int bit_depth;                 // 8 or 16
};

void read_bytes(png_structp png, png_bytep to, size_t bytes) {
    auto *const source = static_cast<Source *>(png_get_io_ptr(png));
    if (bytes > source->bytes_left) {
        png_error(png, "the file is truncated");
    }
    std::memcpy(to, source->next, bytes);
    source->next += bytes;
    source->bytes_left -= bytes;
}

[[noreturn]] void keep_message(png_structp png, png_const_charp message) {
    auto *const source = static_cast<Source *>(png_get_error_ptr(png));
    std::snprintf(source->message, sizeof source->message, "%s", message);
    png_longjmp(png, 1);
}

void ignore_message(png_structp, png_const_charp) {
}

class Decoder {
public:
    explicit Decoder(Source *source)
        : png_(png_create_read_struct(PNG_LIBPNG_VER_STRING, source, keep_message, ignore_message)),
          info_(png_ != nullptr ? png_create_info_struct(png_) : nullptr) {
        if (info_ == nullptr) {
            png_destroy_read_struct(&png_, nullptr, nullptr);
            throw Failure(ExitCode::internal_failure, "libpng could not be set up");
        }
        png_set_read_fn(png_, source, read_bytes);
        png_set_user_limits(png_, PNG_UINT_31_MAX,
                            PNG_UINT_31_MAX);  // the file's size is the limit
    }
    ~Decoder() {
        png_destroy_read_struct(&png_, &info_, nullptr);
    }
    Decoder(const Decoder &) = delete;
    Decoder &operator=(const Decoder &) = delete;

    // Returns false on an error, of which Source has the message.
    bool read_header(Header *header) {
        if (setjmp(png_jmpbuf(png_)) != 0) {
            return false;
        }
        png_read_info(png_, info_);
        header->compressed_row_bytes = static_cast<int64_t>(png_get_rowbytes(png_, info_));
        header->height = png_get_image_height(png_, info_);
        header->width = png_get_image_width(png_, info_);
        return true;
    }

    // Makes 8 or 16 bits of every channel; takes memory for rows.
    bool expand(Header *header) {
        if (setjmp(png_jmpbuf(png_)) != 0) {
            return false;
        }
        png_set_expand(png_);
        png_set_swap(png_);  // 16 bits are big-endian in the file
        passes_ = png_set_interlace_handling(png_);
        png_read_update_info(png_, info_);
        header->channels = png_get_channels(png_, info_);
        header->bit_depth = png_get_bit_depth(png_, info_);
        return true;
    }

    bool read_rows(uint8_t *pixels, int64_t height, int64_t row_bytes) {
        if (setjmp(png_jmpbuf(png_)) != 0) {
            return false;
        }
        for (int pass = 0; pass < passes_; pass++) {
            for (int64_t y = 0; y < height; y++) {
                png_read_row(png_, pixels + y * row_bytes, nullptr);
            }
        }
        png_read_end(png_, nullptr);
        return true;
    }

private:
    png_structp png_;
    png_infop info_;
    int passes_ = 1;
};

}  // namespace

Images decode_png(const std::string &path, const Buffer &file) {
    Source source = {file.as<uint8_t>(), static_cast<size_t>(file.size()), ""};
    Decoder decoder(&source);
    Header header = {};
    if (!decoder.read_header(&header)) {
        reject(path, ": the PNG cannot be read: ", source.message);
    }
    // Deflate makes at most 1032 bytes of one.
    constexpr int64_t most_expansion = 1032;
    const int64_t most_bytes = most_expansion * (file.size() + 1) - 1;
    if (header.height > most_bytes / std::max<int64_t>(header.compressed_row_bytes, 1)) {
        reject(path, ": the PNG cannot be read: ", header.height, " x ", header.width,
               " pixels cannot come out of a file of ", file.size(), " bytes");
    }
    if (!decoder.expand(&header)) {
        reject(path, ": the PNG cannot be read: ", source.message);
    }
    Images images;
    images.type = header.bit_depth == 16 ? ElementType::uint16 : ElementType::uint8;
    images.shape = {1, header.height, header.width, header.channels};
    images.elements = Buffer(images.bytes_needed(path), path);
    const int64_t row_bytes = header.width * header.channels * size_in_bytes(images.type);
    if (!decoder.read_rows(images.elements.as<uint8_t>(), header.height, row_bytes)) {
        reject(path, ": the PNG cannot be read: ", source.message);
    }
    return images;
}

}  // namespace command
}  // namespace glimpse
