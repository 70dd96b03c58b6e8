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
#include "npy.h"
#include "positions.h"
#include "report.h"

namespace glimpse {
namespace command {
namespace {

// How offsets become origins; the index of a name in `convention_names`.
enum class Convention { nearest, tensorflow_v1, tensorflow_v2 };
const std::vector<std::string> convention_names = {"nearest", "tensorflow_v1", "tensorflow_v2"};

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
    InputLayout input_layout = InputLayout::likely_hwc;
    bool is_png = false;
};

struct Positions {
    std::vector<Offset> offsets;
    std::vector<Origin> origins;  // known from the start, or once the size of the images is
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
    request.input_layout = parse_input_layout(arguments.input_layout);
    request.is_png = ends_with(arguments.output, ".png");
    if (!request.is_png && !ends_with(arguments.output, ".npy")) {
        reject("--output is '", arguments.output, "'; expected a name that ends in .npy or .png");
    }
    OutputFile::require_writable(arguments.output);
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

// Makes the glimpses, and the origins where only offsets are known.
void extract_glimpses(const Request &request, const ConstView &images, const Options &options,
                      Context &context, Positions *positions, Images *glimpses) {
    const Size image = {images.shape.height, images.shape.width};
    const bool is_uint8 = glimpses->type == ElementType::uint8;
    const View view = is_uint8 ? View::interleaved(glimpses->pixels.as<uint8_t>(), glimpses->shape)
                               : View::interleaved(glimpses->pixels.as<float>(), glimpses->shape);
    if (!request.has_origins && request.convention == Convention::nearest) {
        require(extract(images, positions->offsets, view, options, context));
        positions->origins.resize(positions->offsets.size());
        require(origins(positions->offsets, image, request.size, options.coordinates,
                        positions->origins));
        return;
    }
    if (!request.has_origins) {
        positions->origins = tensorflow_origins(request, positions->offsets, image);
    }
    require(extract(images, positions->origins, view, options, context));
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
    const Images images = read_images(arguments.input, request.input_layout);

    Options options;
    options.border = request.border;
    options.value = request.value;
    options.coordinates = static_cast<Coordinates>(2 * request.centered + request.normalized);
    options.image_index = image_index;
    options.seed = request.seed;

    Images glimpses;
    glimpses.type = images.type;
    glimpses.shape = {static_cast<int64_t>(positions.offsets.size() + positions.origins.size()),
                      request.size.height, request.size.width, images.shape.channels};
    const Shape &shape = glimpses.shape;
    require_counts(images.shape.count, shape.count, arguments.image_index ? &image_index : nullptr);
    if (request.is_png) {
        require_showable(shape);
    }
    glimpses.pixels = Buffer(product_of({shape.count, shape.height, shape.width, shape.channels,
                                         size_in_bytes(glimpses.type)},
                                        "the output"),
                             "the output");
    // To the library an empty index is none, and no glimpses need no images.
    const bool is_empty_index = arguments.image_index && image_index.empty();
    const ConstView view = is_empty_index ? images.view().image(0, 0) : images.view();
    extract_glimpses(request, view, options, context, &positions, &glimpses);

    OutputFile file(arguments.output);
    if (request.is_png) {
        write_contact_sheet(file, glimpses, images);
    } else {
        write_npy(file, glimpses.type == ElementType::uint8 ? "|u1" : "<f4",
                  {shape.count, shape.height, shape.width, shape.channels}, glimpses.pixels);
    }
    file.commit();
    warn_if_all_outside(positions, request.size, images.shape);
}

}  // namespace command
}  // namespace glimpse
