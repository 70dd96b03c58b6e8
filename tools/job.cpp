// Reads what is asked for, from arguments and files, and says what is wrong with it.
#include "job.h"

#include <cmath>
#include <utility>

#include "arguments.h"
#include "definition/border.h"
#include "failure.h"
#include "positions.h"

namespace glimpse {
namespace command {
namespace {

// The index of a Convention.
const std::vector<std::string> convention_names = {"nearest", "tensorflow_v1", "tensorflow_v2"};

// The index of a Layout.
const std::vector<std::string> layout_names = {"interleaved", "planar"};

constexpr int most_threads = 1024;

std::vector<std::string> border_names() {
    std::vector<std::string> names;
    names.reserve(border_count);
    for (int32_t i = 0; i < border_count; i++) {
        names.emplace_back(name(static_cast<Border>(i)));
    }
    return names;
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
    if (arguments.channel_order) {
        request->channel_order = parse_channel_order("--channel-order", *arguments.channel_order);
    }
    if (arguments.subtract) {
        request->subtract = parse_floats("--subtract", *arguments.subtract);
    }
    if (arguments.multiply) {
        request->multiply = parse_floats("--multiply", *arguments.multiply);
    }
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

}  // namespace

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
    return request;
}

Job::Job(const ExtractArguments &arguments_, const Request &request_)
    : arguments(arguments_), request(request_), threads(request.threads),
      context(context_options()) {
    require(context.status());
}

ContextOptions Job::context_options() {
    ContextOptions result;
    result.variant = arguments.variant ? arguments.variant->c_str() : nullptr;
    result.executor = threads.executor();
    return result;
}

void Job::read() {
    positions = read_positions(arguments);
    if (arguments.image_index) {
        image_index = read_image_index(*arguments.image_index);
    }
    images = read_images(arguments.input, request.input_format);
    options.border = request.border;
    options.value = request.value;
    options.coordinates = static_cast<Coordinates>(2 * request.centered + request.normalized);
    options.image_index = image_index;
    options.seed = request.seed;
    options.exact_fill = arguments.exact_fill;
    options.channel_order = request.channel_order;
    options.subtract = request.subtract;
    options.multiply = request.multiply;
    require_counts(images.shape.count, count(), arguments.image_index ? &image_index : nullptr);
    resolve_origins();
}

// TensorFlow's origins. One that is not an int32, of which those of offsets that are not finite are
// some, is wholly outside; map borders have no such place.
std::vector<Origin> Job::tensorflow_origins() const {
    const std::vector<Offset> &offsets = positions.offsets;
    const Size image = {images.shape.height, images.shape.width};
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
        if (family_of(request.border) == Family::map &&
            (origin.y != wide.y || origin.x != wide.x)) {
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
void Job::resolve_origins() {
    if (request.has_origins) {
        return;
    }
    if (request.convention != Convention::nearest) {
        positions.origins = tensorflow_origins();
        return;
    }
    positions.origins.resize(positions.offsets.size());
    require(origins(positions.offsets, {images.shape.height, images.shape.width}, request.size,
                    options.coordinates, positions.origins));
}

Images Job::make_glimpses(int64_t glimpse_count, Size size, const std::string &what) const {
    Images glimpses;
    glimpses.kind = images.kind;
    glimpses.type = request.type.value_or(images.type);
    glimpses.shape = {glimpse_count, size.height, size.width, glimpse_channels()};
    glimpses.layout = request.layout;
    glimpses.yuv = images.yuv;
    glimpses.elements = Buffer(glimpses.bytes_needed(what), what);
    return glimpses;
}

}  // namespace command
}  // namespace glimpse
