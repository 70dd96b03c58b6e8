// Reading and writing of images.
#include "image_file.h"

#include <algorithm>
#include <cctype>
#include <cstring>

#include "decode.h"
#include "failure.h"
#include "npy.h"
#include "y4m.h"

namespace glimpse {
namespace command {
namespace {

constexpr int64_t most_likely_channels = 16;

// NumPy's names of the element types, in the order of ElementType and without a byte order. There
// is none for bfloat16: this is what ml_dtypes writes, two bytes of no meaning.
const std::vector<std::string> npy_types = {"u1", "u2", "i2", "f2", "V2", "f4"};

// "uint8 '|u1'", and so on.
std::string npy_type_text() {
    std::vector<std::string> texts(npy_types.size());
    for (size_t i = 0; i < texts.size(); i++) {
        texts[i] = name(static_cast<ElementType>(i)) + (" '" + npy_descr(npy_types[i]) + "'");
    }
    return one_of(texts);
}

// "[H, W, C]" for "hwc".
std::string layout_text(const std::string &layout) {
    std::string text;
    for (const char letter : layout) {
        text += text.empty() ? "[" : ", ";
        text += static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    }
    return text + "]";
}

// A letter for each dimension of the array.
std::string npy_layout(const InputFile &file, const std::vector<int64_t> &shape,
                       const std::string &asked_for) {
    const size_t rank = shape.size();
    if (rank == 2) {
        return "hw";
    }
    if (!asked_for.empty()) {
        if (rank != asked_for.size()) {
            reject(file.path(), ": the shape is ", shape_text(shape), " of rank ", rank, "; with ",
                   "--input-layout ", asked_for, " expected rank ", asked_for.size(), ", ",
                   layout_text(asked_for), ", or 2, [H, W]");
        }
        return asked_for;
    }
    if (rank != 3 && rank != 4) {
        reject(file.path(), ": the shape ", shape_text(shape), " has rank ", rank,
               "; expected 2, [H, W], 3, [H, W, C], or 4, [B, H, W, C]");
    }
    if (rank == 3 && shape[2] > most_likely_channels) {
        reject(file.path(), ": the shape ", shape_text(shape), " as [H, W, C] has ", shape[2],
               " channels; expected at most ", most_likely_channels,
               ", or --input-layout hwc if they are meant, or chw");
    }
    return rank == 3 ? "hwc" : "bhwc";
}

Images read_npy_images(const InputFile &file, const std::string &asked_for) {
    const NpyHeader header = read_npy_header(file);
    require_type(file, header, npy_types, npy_type_text());
    const std::string layout = npy_layout(file, header.shape, asked_for);
    Images images;
    images.type = static_cast<ElementType>(
        std::find(npy_types.begin(), npy_types.end(), native_type(header)) - npy_types.begin());
    images.shape = {1, 0, 0, 1};
    for (size_t i = 0; i < layout.size(); i++) {
        int64_t &extent = layout[i] == 'b'   ? images.shape.count
                          : layout[i] == 'h' ? images.shape.height
                          : layout[i] == 'w' ? images.shape.width
                                             : images.shape.channels;
        extent = header.shape[i];
    }
    images.layout = layout.find('c') < layout.find('h') ? Layout::planar : Layout::interleaved;
    images.elements = read_npy_elements(file, header);
    return images;
}

Images read_raw_images(const InputFile &file, const InputFormat &format) {
    const RawFormat &raw = *format.raw;
    Images images;
    images.kind = format.has_frames ? Kind::frame : raw.kind;
    images.type = raw.type;
    images.shape = {1, format.raw_size.height, format.raw_size.width,
                    format.has_frames ? 1 : raw.channels};
    images.frame_format = raw.frame.value_or(PixelFormat::gray);
    const int64_t expected = images.bytes_needed(file.path());
    const bool has_range = format.end_frame != 0;
    if (has_range ? file.size() % expected != 0 : file.size() != expected) {
        reject(file.path(), ": the file holds ", file.size(), " bytes; expected ", expected, ", ",
               format.raw_size.width, "x", format.raw_size.height, " of ", raw.name,
               has_range ? ", or a multiple of it"
               : file.size() % expected == 0 && file.size() > 0
                   ? ", or --frames to choose some of many"
                   : "");
    }
    require_frames(file.path(), format, file.size() / expected);
    images.shape.count = has_range ? format.end_frame - format.first_frame : 1;
    const int64_t bytes = images.bytes_needed(file.path());
    images.elements = Buffer(bytes, file.path());
    file.read(format.first_frame * expected, images.elements.as<uint8_t>(), bytes);
    return images;
}

template<typename Data>
BasicView<Data> pixels_view(Data *elements, const Images &images) noexcept {
    return images.layout == Layout::planar
               ? BasicView<Data>::planar(elements, images.type, images.shape)
               : BasicView<Data>::interleaved(elements, images.type, images.shape);
}

}  // namespace

int64_t Images::bytes_needed(const std::string &what) const {
    const int64_t size = size_in_bytes(type);
    if (kind != Kind::frame) {
        return product_of({shape.count, shape.height, shape.width, shape.channels, size}, what);
    }
    int64_t elements_of_frame = 0;
    for (int p = 0; p < plane_count(frame_format); p++) {
        const Shape plane = plane_shape(frame_format, p, 1, shape.height, shape.width);
        // Three planes have no more than 4 elements for each pixel.
        product_of({plane.height, plane.width, plane.channels, 4}, what);
        elements_of_frame += plane.height * plane.width * plane.channels;
    }
    return product_of({shape.count, elements_of_frame, size}, what);
}

ConstView Images::view() const noexcept {
    return pixels_view<const void>(elements.as<uint8_t>(), *this);
}

View Images::view() noexcept {
    return pixels_view<void>(elements.as<uint8_t>(), *this);
}

ConstFrame Images::frames() const noexcept {
    return ConstFrame::dense(frame_format, elements.as<uint8_t>(), shape.height, shape.width,
                             shape.count)
        .with(color);
}

Frame Images::frames() noexcept {
    return Frame::dense(frame_format, elements.as<uint8_t>(), shape.height, shape.width,
                        shape.count)
        .with(color);
}

void require_frames(const std::string &path, const InputFormat &format, int64_t count) {
    if (format.end_frame > count) {
        reject(path, ": --frames is ", format.first_frame, ":", format.end_frame, "; expected no ",
               "more than ", count, ", of which the file has frames");
    }
}

namespace {

// What is given goes before what is known.
Color color_of(const Color &given, const Color &known) {
    Color color = known;
    color.matrix = given.matrix != Matrix::usual ? given.matrix : known.matrix;
    color.range = given.range != Range::usual ? given.range : known.range;
    color.siting = given.siting != Siting::usual ? given.siting : known.siting;
    return color;
}

// Of files that say themselves what they are.
Images read_coded_images(const InputFile &file, const InputFormat &format) {
    if (is_npy(file)) {
        return read_npy_images(file, format.layout);
    }
    if (file.size() == 0) {
        reject(file.path(), ": is empty; expected NPY, PNG, JPEG or Y4M, or --raw");
    }
    uint8_t begin[8] = {};
    file.read(0, begin, std::min<int64_t>(file.size(), sizeof begin));
    const bool is_png = std::memcmp(begin, "\x89PNG\r\n\x1a\n", 8) == 0;
    const bool is_jpeg = std::memcmp(begin, "\xff\xd8\xff", 3) == 0;
    if (!is_png && !is_jpeg) {
        reject(file.path(),
               ": its first bytes are those of no known kind of file; expected NPY, PNG, ",
               "JPEG or Y4M, or --raw");
    }
    if (!format.layout.empty()) {
        reject(file.path(), ": --input-layout is given with a ", is_png ? "PNG" : "JPEG",
               "; expected it only with NPY");
    }
    Buffer bytes(file.size(), file.path());
    file.read(0, bytes.as<uint8_t>(), bytes.size());
    return is_png ? decode_png(file.path(), bytes) : decode_jpeg(file.path(), bytes);
}

}  // namespace

Images read_images(const std::string &path, const InputFormat &format) {
    const InputFile file(path);
    const bool has_frames = format.raw != nullptr || is_y4m(file);
    if (format.end_frame != 0 && !has_frames) {
        reject(file.path(), ": --frames is given; expected it with --raw or Y4M alone");
    }
    if (!has_frames) {
        return read_coded_images(file, format);
    }
    Images images = format.raw != nullptr ? read_raw_images(file, format) : read_y4m(file, format);
    images.color = color_of(format.color, images.color);
    return images;
}

void write_npy_images(OutputFile &file, const Images &images) {
    const Shape &s = images.shape;
    const std::vector<int64_t> shape =
        images.layout == Layout::planar
            ? std::vector<int64_t>{s.count, s.channels, s.height, s.width}
            : std::vector<int64_t>{s.count, s.height, s.width, s.channels};
    write_npy(file, npy_descr(npy_types[static_cast<size_t>(images.type)]), shape, images.elements);
}

void write_raw_images(OutputFile &file, const Images &images) {
    file.write(images.elements.as<char>(), static_cast<size_t>(images.elements.size()));
}

}  // namespace command
}  // namespace glimpse
