// `glimpse extract`: everything that can be refused is refused before the first file is read.
#include "extract_command.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>

#include "arguments.h"
#include "contact_sheet.h"
#include "failure.h"
#include "glimpse/glimpse.h"
#include "image_file.h"
#include "positions.h"
#include "report.h"

namespace glimpse {
namespace command {
namespace {

// How offsets become origins; the index of a name in `convention_names`.
enum class Convention { nearest, tensorflow_v1, tensorflow_v2 };
const std::vector<std::string> convention_names = {"nearest", "tensorflow_v1", "tensorflow_v2"};

// The index of a Layout.
const std::vector<std::string> layout_names = {"interleaved", "planar"};

// What is written; the index of an ending in `output_endings`.
enum class OutputFormat { npy, png, raw };
const std::vector<std::string> output_endings = {".npy", ".png", ".raw"};

constexpr int most_threads = 1024;

// What was asked for, checked as far as it can be without the files.
struct Request {
    bool has_origins = false;
    Convention convention = Convention::nearest;
    bool centered = false;
    bool normalized = false;
    Size size;
    Border border = Border::zero;
    std::vector<float> value;
    uint64_t seed = 0;
    int threads = 1;
    InputFormat input_format;
    std::optional<ElementType> type;  // absent: that of the images
    Layout layout = Layout::interleaved;
    std::vector<float> subtract, multiply;
    OutputFormat output_format = OutputFormat::npy;
};

struct Positions {
    std::vector<Offset> offsets;
    std::vector<Origin> origins;  // known from the start, or by resolve_origins()
};

bool ends_with(const std::string &text, const std::string &ending) {
    return text.size() >= ending.size() &&
           std::equal(ending.begin(), ending.end(),
                      text.end() - static_cast<int64_t>(ending.size()),
                      [](unsigned char a, unsigned char b) { return a == std::tolower(b); });
}

std::vector<std::string> border_names() {
    std::vector<std::string> names;
    for (int32_t i = 0; i <= static_cast<int32_t>(Border::gaussian); i++) {
        names.emplace_back(name(static_cast<Border>(i)));
    }
    return names;
}

// Replicate, reflect, reflect101 and wrap: each pixel of a glimpse is a pixel of the image.
bool is_map(Border border) {
    return border == Border::replicate || border == Border::reflect ||
           border == Border::reflect101 || border == Border::wrap;
}

bool parse_bool(const std::string &option, const std::string &text) {
    return parse_name(option, text, {"false", "true"}) == 1;
}

void parse_positions(const ExtractArguments &arguments, Request *request) {
    const std::pair<const char *, bool> ways[] = {{"--offset", !arguments.offset.empty()},
                                                  {"--offsets", arguments.offsets.has_value()},
                                                  {"--origin", !arguments.origin.empty()},
                                                  {"--origins", arguments.origins.has_value()}};
    std::string given;
    int count = 0;
    for (const auto &[option, is_given] : ways) {
        if (is_given) {
            given += (count > 0 ? " and " : "") + std::string(option);
            count++;
        }
    }
    if (count != 1) {
        reject(count == 0 ? "no positions" : given,
               " given; expected exactly one of --offset, --offsets, --origin and --origins");
    }
    request->has_origins = !arguments.origin.empty() || arguments.origins.has_value();
}

void parse_convention(const ExtractArguments &arguments, Request *request) {
    if (request->has_origins) {
        const std::pair<const char *, bool> options[] = {
            {"--convention", arguments.convention.has_value()},
            {"--centered", arguments.centered.has_value()},
            {"--normalized", arguments.normalized.has_value()}};
        for (const auto &[option, is_given] : options) {
            if (is_given) {
                reject(option, " given with origins, which are pixels already; expected it only ",
                       "with --offset or --offsets");
            }
        }
        return;
    }
    if (arguments.convention) {
        request->convention = static_cast<Convention>(
            parse_name("--convention", *arguments.convention, convention_names));
    }
    const bool is_tensorflow = request->convention != Convention::nearest;
    request->centered =
        arguments.centered ? parse_bool("--centered", *arguments.centered) : is_tensorflow;
    request->normalized =
        arguments.normalized ? parse_bool("--normalized", *arguments.normalized) : is_tensorflow;
    request->border = is_tensorflow ? Border::uniform : Border::zero;
}

// What becomes of the elements on their way from images to glimpses.
void parse_conversion(const ExtractArguments &arguments, Request *request) {
    if (arguments.type) {
        request->type = parse_type("--type", *arguments.type);
    }
    if (arguments.layout) {
        request->layout =
            static_cast<Layout>(parse_name("--layout", *arguments.layout, layout_names));
    }
    if (arguments.subtract) {
        request->subtract = parse_floats("--subtract", *arguments.subtract);
    }
    if (arguments.multiply) {
        request->multiply = parse_floats("--multiply", *arguments.multiply);
    }
}

void parse_output(const ExtractArguments &arguments, Request *request) {
    const auto ending =
        std::find_if(output_endings.begin(), output_endings.end(),
                     [&](const std::string &e) { return ends_with(arguments.output, e); });
    if (ending == output_endings.end()) {
        reject("--output is '", arguments.output,
               "'; expected a name that ends in .npy, .png or .raw");
    }
    request->output_format = static_cast<OutputFormat>(ending - output_endings.begin());
    OutputFile::require_writable(arguments.output);
}

// Glimpses of frames of luma and chroma stay what they are.
void require_unchanged_frames(const ExtractArguments &arguments, const Request &request) {
    const RawFormat *const raw = request.input_format.raw;
    if (raw == nullptr || raw->kind != Kind::frame) {
        return;
    }
    const std::pair<const char *, bool> options[] = {
        {"--type", arguments.type.has_value()},
        {"--layout", arguments.layout.has_value()},
        {"--subtract", arguments.subtract.has_value()},
        {"--multiply", arguments.multiply.has_value()}};
    for (const auto &[option, is_given] : options) {
        if (is_given) {
            reject(option, " given with --raw ", raw->name, ", of which glimpses are ", raw->name,
                   " too; expected it only with pixels or mosaics");
        }
    }
    if (request.output_format != OutputFormat::raw) {
        reject("--output is '", arguments.output, "' with --raw ", raw->name,
               "; expected a name that ends in .raw, for luma and chroma");
    }
}

Request parse_request(const ExtractArguments &arguments) {
    Request request;
    parse_positions(arguments, &request);
    parse_convention(arguments, &request);
    request.size = parse_size("--size", arguments.size);
    if (arguments.border) {
        request.border =
            static_cast<Border>(parse_name("--border", *arguments.border, border_names()));
    }
    if (arguments.value && request.border != Border::constant) {
        reject("--value is given with --border ", name(request.border),
               "; expected it with --border constant alone");
    }
    if (!arguments.value && request.border == Border::constant) {
        reject("--border constant has no --value; expected V, or V,V,... for every channel");
    }
    if (arguments.value) {
        request.value = parse_floats("--value", *arguments.value);
    }
    if (arguments.seed) {
        request.seed = parse_uint64("--seed", *arguments.seed);
    }
    if (arguments.threads) {
        request.threads = parse_int("--threads", *arguments.threads, 0, most_threads);
    }
    request.input_format = parse_input_format(arguments.input_layout, arguments.raw);
    parse_conversion(arguments, &request);
    parse_output(arguments, &request);
    require_unchanged_frames(arguments, request);
    return request;
}

Positions read_positions(const ExtractArguments &arguments) {
    Positions positions;
    for (const std::string &text : arguments.offset) {
        positions.offsets.push_back(parse_offset("--offset", text));
    }
    for (const std::string &text : arguments.origin) {
        positions.origins.push_back(parse_origin("--origin", text));
    }
    if (arguments.offsets) {
        positions.offsets = read_offsets(*arguments.offsets);
    }
    if (arguments.origins) {
        positions.origins = read_origins(*arguments.origins);
    }
    return positions;
}

void require_counts(int64_t image_count, int64_t position_count,
                    const std::vector<int32_t> *image_index) {
    if (image_index != nullptr) {
        if (static_cast<int64_t>(image_index->size()) != position_count) {
            reject("--image-index has ", image_index->size(), " numbers for ", position_count,
                   " glimpses; expected one per glimpse");
        }
    } else if (image_count != 1 && image_count != position_count) {
        reject("the input has ", image_count, " images for ", position_count,
               " glimpses; expected 1 image, one per glimpse, or --image-index");
    }
}

// TensorFlow's origins. One that is not an int32, of which those of offsets that are not finite are
// some, is wholly outside; map borders have no such place.
std::vector<Origin> tensorflow_origins(const Request &request, const std::vector<Offset> &offsets,
                                       Size image) {
    tensorflow::Attributes attributes;
    attributes.version = request.convention == Convention::tensorflow_v1 ? tensorflow::Version::v1
                                                                         : tensorflow::Version::v2;
    attributes.centered = request.centered;
    attributes.normalized = request.normalized;
    std::vector<tensorflow::WideOrigin> wide_origins(offsets.size());
    require(tensorflow::origins(offsets, image, request.size, attributes, wide_origins));
    std::vector<Origin> origins;
    for (size_t i = 0; i < offsets.size(); i++) {
        const tensorflow::WideOrigin wide = wide_origins[i];
        const Origin origin = tensorflow::clamp(wide, request.size);
        if (is_map(request.border) && (origin.y != wide.y || origin.x != wide.x)) {
            const bool is_finite = std::isfinite(offsets[i].y) && std::isfinite(offsets[i].x);
            reject("row ", i, " of the offsets is (", offsets[i].y, ", ", offsets[i].x, "), ",
                   is_finite ? "whose glimpse leaves int32" : "which is not finite",
                   "; expected a place, since --border ", name(request.border), " is given");
        }
        origins.push_back(origin);
    }
    return origins;
}

// Makes the origins where only offsets are known.
void resolve_origins(const Request &request, const Options &options, Size image,
                     Positions *positions) {
    if (request.has_origins) {
        return;
    }
    if (request.convention != Convention::nearest) {
        positions->origins = tensorflow_origins(request, positions->offsets, image);
        return;
    }
    positions->origins.resize(positions->offsets.size());
    require(
        origins(positions->offsets, image, request.size, options.coordinates, positions->origins));
}

// Of what kind, type and layout the output is, with room for `count` glimpses of the size `size`.
Images make_glimpses(const Request &request, const Images &images, int64_t count, Size size,
                     const std::string &what) {
    Images glimpses;
    glimpses.kind = images.kind;
    glimpses.type = request.type.value_or(images.type);
    glimpses.shape = {count, size.height, size.width, images.shape.channels};
    glimpses.layout = request.layout;
    glimpses.yuv = images.yuv;
    glimpses.elements = Buffer(glimpses.bytes_needed(what), what);
    return glimpses;
}

void extract_glimpses(const Images &images, const std::vector<Origin> &origins,
                      const Options &options, Context &context, Images *glimpses) {
    switch (images.kind) {
    case Kind::pixels:
        require(extract(images.view(), origins, glimpses->view(), options, context));
        break;
    case Kind::mosaic:
        require(extract_bayer(images.view(), origins, glimpses->view(), options, context));
        break;
    case Kind::frame:
        require(extract(images.frames(), origins, glimpses->frames(), options, context));
        break;
    }
}

// The images as glimpses of themselves: what a sheet takes its range from.
Images convert(const Request &request, const Images &images, const Options &options,
               Context &context) {
    const Shape &shape = images.shape;
    Options inside;
    inside.subtract = options.subtract;
    inside.multiply = options.multiply;
    Images converted = make_glimpses(request, images, shape.count, {shape.height, shape.width},
                                     "the range of the contact sheet");
    const std::vector<Origin> origins(static_cast<size_t>(shape.count), Origin{0, 0});
    extract_glimpses(images, origins, inside, context, &converted);
    return converted;
}

void write_glimpses(const Request &request, const Images &images, const Images &glimpses,
                    const Options &options, Context &context, OutputFile &file) {
    switch (request.output_format) {
    case OutputFormat::npy:
        write_npy_images(file, glimpses);
        break;
    case OutputFormat::raw:
        write_raw_images(file, glimpses);
        break;
    case OutputFormat::png: {
        const bool changes =
            glimpses.type != images.type || !request.subtract.empty() || !request.multiply.empty();
        if (changes && is_scaled_in_sheet(glimpses.type)) {
            write_contact_sheet(file, glimpses, convert(request, images, options, context));
        } else {
            write_contact_sheet(file, glimpses, images);
        }
        break;
    }
    }
}

bool is_outside(Origin origin, Size glimpse, const Shape &image) {
    return origin.y >= image.height || origin.y + glimpse.height <= 0 || origin.x >= image.width ||
           origin.x + glimpse.width <= 0;
}

void warn_if_all_outside(const Positions &positions, Size glimpse, const Shape &image) {
    const bool is_empty = positions.origins.empty() || glimpse.height == 0 || glimpse.width == 0;
    if (!is_empty &&
        std::all_of(positions.origins.begin(), positions.origins.end(),
                    [&](Origin origin) { return is_outside(origin, glimpse, image); })) {
        print_line(stderr, "glimpse: warning: every glimpse lies wholly outside its image of " +
                               std::to_string(image.height) + " x " + std::to_string(image.width) +
                               " pixels");
    }
}

}  // namespace

void run_extract(const ExtractArguments &arguments) {
    const Request request = parse_request(arguments);
    ThreadPool threads(request.threads);
    ContextOptions context_options;
    context_options.variant = arguments.variant ? arguments.variant->c_str() : nullptr;
    context_options.executor = threads.executor();
    Context context(context_options);
    require(context.status());

    Positions positions = read_positions(arguments);
    std::vector<int32_t> image_index;
    if (arguments.image_index) {
        image_index = read_image_index(*arguments.image_index);
    }
    const Images images = read_images(arguments.input, request.input_format);

    Options options;
    options.border = request.border;
    options.value = request.value;
    options.coordinates = static_cast<Coordinates>(2 * request.centered + request.normalized);
    options.image_index = image_index;
    options.seed = request.seed;
    options.subtract = request.subtract;
    options.multiply = request.multiply;

    const int64_t count = static_cast<int64_t>(positions.offsets.size() + positions.origins.size());
    require_counts(images.shape.count, count, arguments.image_index ? &image_index : nullptr);
    if (request.output_format == OutputFormat::png) {
        require_showable({count, request.size.height, request.size.width, images.shape.channels});
    }
    resolve_origins(request, options, {images.shape.height, images.shape.width}, &positions);
    Images glimpses = make_glimpses(request, images, count, request.size, "the output");
    extract_glimpses(images, positions.origins, options, context, &glimpses);

    OutputFile file(arguments.output);
    write_glimpses(request, images, glimpses, options, context, file);
    file.commit();
    warn_if_all_outside(positions, request.size, images.shape);
}

}  // namespace command
}  // namespace glimpse
