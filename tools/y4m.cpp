// Reads and writes Y4M files. Words of more than 8 bits are little-endian.
#include "y4m.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "arguments.h"
#include "failure.h"

namespace glimpse {
namespace command {
namespace {

constexpr char signature[] = "YUV4MPEG2 ";
constexpr int64_t longest_line = 256;

// What the parameter C of a header says; the first of a format is what is written. 4:2:0 with a
// name of its own lies elsewhere.
struct Chroma {
    const char *name;
    PixelFormat format;
    Siting siting;
};
constexpr Chroma chromas[] = {
    {"420jpeg", PixelFormat::i420, Siting::center},
    {"420mpeg2", PixelFormat::i420, Siting::left},
    {"420paldv", PixelFormat::i420, Siting::top_left},
    {"420", PixelFormat::i420, Siting::center},
    {"422", PixelFormat::i422, Siting::left},
    {"444", PixelFormat::i444, Siting::left},
    {"420p10", PixelFormat::i010, Siting::left},
    {"mono", PixelFormat::gray, Siting::left},
    {"mono10", PixelFormat::gray10le, Siting::left},
    {"mono12", PixelFormat::gray12le, Siting::left},
};

// The line at an offset, without its end, and where the next begins.
std::string read_line(const InputFile &file, int64_t *offset) {
    const int64_t size = std::min(longest_line, file.size() - *offset);
    std::string text(static_cast<size_t>(std::max<int64_t>(size, 0)), ' ');
    file.read(*offset, text.data(), size);
    const size_t end = text.find('\n');
    if (end == std::string::npos) {
        reject(file.path(), ": the line at byte ", *offset,
               " does not end; expected that of a Y4M ", "file, of less than ", longest_line,
               " bytes");
    }
    *offset += static_cast<int64_t>(end) + 1;
    return text.substr(0, end);
}

std::vector<std::string> words_of(const std::string &line) {
    std::vector<std::string> words;
    size_t begin = 0;
    while (begin < line.size()) {
        const size_t end = std::min(line.find(' ', begin), line.size());
        if (end > begin) {
            words.push_back(line.substr(begin, end - begin));
        }
        begin = end + 1;
    }
    return words;
}

const Chroma &find_chroma(const InputFile &file, const std::string &text) {
    std::vector<std::string> names;
    for (const Chroma &chroma : chromas) {
        if (text == chroma.name) {
            return chroma;
        }
        names.emplace_back(chroma.name);
    }
    reject(file.path(), ": the header has C", text, "; expected one of C", one_of(names));
}

void read_header(const InputFile &file, const std::string &line, Images *images) {
    std::string chroma = "420";
    images->color.range = Range::limited;
    for (const std::string &word : words_of(line)) {
        const std::string text = word.substr(1);
        switch (word[0]) {
        case 'W':
            images->shape.width = parse_int("the width", text, 1, INT32_MAX / 2);
            break;
        case 'H':
            images->shape.height = parse_int("the height", text, 1, INT32_MAX / 2);
            break;
        case 'F':
            images->rate = text;
            break;
        case 'C':
            chroma = text;
            break;
        case 'X':
            if (text.compare(0, 11, "COLORRANGE=") == 0) {
                images->color.range = text.substr(11) == "FULL" ? Range::full : Range::limited;
            }
            break;
        default:
            break;
        }
    }
    if (images->shape.width < 1 || images->shape.height < 1) {
        reject(file.path(), ": the header has no size; expected W and H");
    }
    const Chroma &found = find_chroma(file, chroma);
    images->frame_format = found.format;
    images->color.siting = found.siting;
    images->type = element_type(found.format);
}

}  // namespace

bool is_y4m(const InputFile &file) {
    char begin[sizeof(signature) - 1] = {};
    if (file.size() < static_cast<int64_t>(sizeof(begin))) {
        return false;
    }
    file.read(0, begin, sizeof(begin));
    return std::memcmp(begin, signature, sizeof(begin)) == 0;
}

Images read_y4m(const InputFile &file, const InputFormat &format) {
    Images images;
    images.kind = Kind::frame;
    images.shape = {1, 0, 0, 1};
    int64_t offset = 0;
    read_header(file, read_line(file, &offset).substr(sizeof(signature) - 1), &images);
    const int64_t bytes = images.bytes_needed(file.path());
    std::vector<int64_t> frames;
    while (offset < file.size()) {
        const std::string line = read_line(file, &offset);
        if (line.compare(0, 5, "FRAME") != 0) {
            reject(file.path(), ": frame ", frames.size(), " begins with other than FRAME");
        }
        if (file.size() - offset < bytes) {
            reject(file.path(), ": frame ", frames.size(), " has ", file.size() - offset,
                   " bytes; expected ", bytes);
        }
        frames.push_back(offset);
        offset += bytes;
    }
    const auto count = static_cast<int64_t>(frames.size());
    const bool has_range = format.end_frame != 0;
    require_frames(file.path(), format, count);
    const int64_t first = has_range ? format.first_frame : 0;
    images.shape.count = has_range ? format.end_frame - first : count;
    images.elements = Buffer(images.bytes_needed(file.path()), file.path());
    for (int64_t n = 0; n < images.shape.count; n++) {
        file.read(frames[static_cast<size_t>(first + n)], images.elements.as<uint8_t>() + n * bytes,
                  bytes);
    }
    return images;
}

void require_y4m(const std::string &path, const Images &frames) {
    const bool is_offered =
        frames.kind == Kind::frame &&
        std::any_of(std::begin(chromas), std::end(chromas),
                    [&](const Chroma &c) { return c.format == frames.frame_format; });
    if (!is_offered) {
        reject("--output is '", path, "', and glimpses are ",
               frames.kind == Kind::frame ? name(frames.frame_format) : "no frames",
               "; expected frames of i420, i422, i444, i010, gray, gray10le or gray12le");
    }
}

void write_y4m(OutputFile &file, const Images &frames) {
    const Chroma *chosen = nullptr;
    for (const Chroma &chroma : chromas) {
        const bool is_other = chroma.format != frames.frame_format;
        const bool is_better = chosen == nullptr || (chroma.siting == frames.color.siting &&
                                                     chosen->siting != frames.color.siting);
        chosen = !is_other && is_better ? &chroma : chosen;
    }
    const std::string header =
        signature + ("W" + std::to_string(frames.shape.width)) + " H" +
        std::to_string(frames.shape.height) + " F" + frames.rate + " Ip A1:1 C" + chosen->name +
        " XCOLORRANGE=" + (frames.color.range == Range::full ? "FULL" : "LIMITED") + "\n";
    file.write(header.data(), header.size());
    const size_t bytes = frames.shape.count == 0
                             ? 0
                             : static_cast<size_t>(frames.elements.size() / frames.shape.count);
    for (int64_t n = 0; n < frames.shape.count; n++) {
        file.write("FRAME\n", 6);
        file.write(frames.elements.as<char>() + static_cast<size_t>(n) * bytes, bytes);
    }
}

}  // namespace command
}  // namespace glimpse
