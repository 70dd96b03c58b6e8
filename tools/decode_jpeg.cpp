// JPEG through libjpeg. libjpeg reports errors through a function that may not return, which here
// is a longjmp, so the functions that call setjmp keep no object with a destructor. It only warns
// of damaged data and goes on with gray; here that is an error too, unless only the end marker is
// missing.
#include <csetjmp>
#include <cstdio>

#include <jpeglib.h>

#include <jerror.h>

#include "decode.h"
#include "failure.h"
#include "report.h"

namespace glimpse {
namespace command {
namespace {

struct ErrorManager {
    jpeg_error_mgr base;  // first, so that libjpeg's pointer to it is a pointer to this
    std::jmp_buf jump;
    char message[JMSG_LENGTH_MAX];
    bool lacks_end = false;  // the file ends where more was expected
};

// Each scan of a progressive file goes over the whole image; encoders write about ten.
constexpr int most_scans = 64;

[[noreturn]] void keep_message(j_common_ptr codec) {
    auto *const errors = reinterpret_cast<ErrorManager *>(codec->err);
    codec->err->format_message(codec, errors->message);
    std::longjmp(errors->jump, 1);
}

void refuse_damage(j_common_ptr codec, int level) {
    if (level >= 0) {
        return;
    }
    switch (codec->err->msg_code) {
    case JWRN_JPEG_EOF:
        reinterpret_cast<ErrorManager *>(codec->err)->lacks_end = true;
        break;
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
        keep_message(codec);
    default:
        break;  // such as bytes between markers, which cameras write
    }
}

void refuse_many_scans(j_common_ptr codec) {
    auto *const errors = reinterpret_cast<ErrorManager *>(codec->err);
    if (reinterpret_cast<j_decompress_ptr>(codec)->input_scan_number > most_scans) {
        std::snprintf(errors->message, sizeof errors->message, "it has more than %d scans",
                      most_scans);
        std::longjmp(errors->jump, 1);
    }
}

class Decoder {
public:
    Decoder() {
        codec_.err = jpeg_std_error(&errors_.base);
        errors_.base.error_exit = keep_message;
        errors_.base.emit_message = refuse_damage;
    }
    ~Decoder() {
        jpeg_destroy_decompress(&codec_);
    }
    Decoder(const Decoder &) = delete;
    Decoder &operator=(const Decoder &) = delete;

    // Returns false on an error, of which message() has the text.
    bool read_header(const Buffer &file) {
        if (setjmp(errors_.jump) != 0) {
            return false;
        }
        jpeg_create_decompress(&codec_);
        progress_.progress_monitor = refuse_many_scans;
        codec_.progress = &progress_;
        jpeg_mem_src(&codec_, file.as<uint8_t>(), static_cast<unsigned long>(file.size()));
        jpeg_read_header(&codec_, TRUE);
        return true;
    }

    bool read_rows(uint8_t *pixels, int64_t row_bytes) {
        if (setjmp(errors_.jump) != 0) {
            return false;
        }
        codec_.out_color_space = channels() == 1 ? JCS_GRAYSCALE : JCS_RGB;
        jpeg_start_decompress(&codec_);
        while (codec_.output_scanline < codec_.output_height) {
            JSAMPROW row = pixels + codec_.output_scanline * row_bytes;
            jpeg_read_scanlines(&codec_, &row, 1);
        }
        const bool complete = is_complete();
        jpeg_finish_decompress(&codec_);
        if (errors_.lacks_end && !complete) {
            std::snprintf(errors_.message, sizeof errors_.message, "the file ends too early");
            return false;
        }
        return true;
    }

    // Whether nothing but the end marker is missing.
    bool lacks_end() const noexcept {
        return errors_.lacks_end;
    }

    // 0 for a colour space that is not offered.
    int channels() const noexcept {
        switch (codec_.jpeg_color_space) {
        case JCS_GRAYSCALE:
            return 1;
        case JCS_RGB:
        case JCS_YCbCr:
            return 3;
        default:
            return 0;
        }
    }
    int components() const noexcept {
        return codec_.num_components;
    }
    int64_t height() const noexcept {
        return codec_.image_height;
    }
    int64_t width() const noexcept {
        return codec_.image_width;
    }
    const char *message() const noexcept {
        return errors_.message;
    }

private:
    // Whether all data of a file that lacks its end were there, as far as that can be known.
    // Huffman codes that break off are damage. A progressive file has sent each coefficient to its
    // last bit; of others only files of one scan are sure.
    bool is_complete() noexcept {
        if (codec_.arith_code != FALSE ||
            (codec_.progressive_mode == FALSE && jpeg_has_multiple_scans(&codec_) != FALSE)) {
            return false;
        }
        for (int c = 0; codec_.coef_bits != nullptr && c < codec_.num_components; c++) {
            for (const int bits : codec_.coef_bits[c]) {
                if (bits != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    jpeg_decompress_struct codec_ = {};
    ErrorManager errors_ = {};
    jpeg_progress_mgr progress_ = {};
};

}  // namespace

Images decode_jpeg(const std::string &path, const Buffer &file) {
    Decoder decoder;
    if (!decoder.read_header(file)) {
        reject(path, ": the JPEG cannot be read: ", decoder.message());
    }
    if (decoder.channels() == 0) {
        reject(path, ": the JPEG has ", decoder.components(), " components",
               decoder.components() == 4 ? " (CMYK or YCCK)" : " of an unknown meaning",
               "; expected gray, YCbCr or RGB");
    }
    Images images;
    images.shape = {1, decoder.height(), decoder.width(), decoder.channels()};
    const int64_t row_bytes = images.shape.width * images.shape.channels;
    images.elements = Buffer(images.bytes_needed(path), path);
    if (!decoder.read_rows(images.elements.as<uint8_t>(), row_bytes)) {
        reject(path, ": the JPEG cannot be read: ", decoder.message());
    }
    if (decoder.lacks_end()) {
        warn(path + ": the JPEG has no end marker; its pixels are complete");
    }
    return images;
}

}  // namespace command
}  // namespace glimpse
