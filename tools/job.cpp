// Reads what is asked for, from arguments and files, and says what is wrong with it.
#include "job.h"

#include <cmath>
#include <utility>

#include "arguments.h"
#include "definition/border.h"
#include "definition/sampling.h"
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
constexpr int most_levels = 24;  // those of glimpse::retina_boxes()

// An option, and whether it is given.
using Given = std::pair<const char *, bool>;

template<typename Enumerator>
Enumerator parse_enumerator(const std::string &option, const std::string &text, int count) {
    std::vector<std::string> names;
    names.reserve(static_cast<size_t>(count));
    for (int i = 0; i < count; i++) {
        names.emplace_back(name(static_cast<Enumerator>(i)));
    }
    return static_cast<Enumerator>(parse_name(option, text, names));
}

bool parse_bool(const std::string &option, const std::string &text) {
    return parse_name(option, text, {"false", "true"}) == 1;
}

void parse_positions(const ExtractArguments &arguments, Request *request) {
    const Given ways[] = {
        {"--offset", !arguments.offset.empty()}, {"--offsets", arguments.offsets.has_value()},
        {"--origin", !arguments.origin.empty()}, {"--origins", arguments.origins.has_value()},
        {"--box", !arguments.box.empty()},       {"--boxes", arguments.boxes.has_value()}};
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
               " given; expected exactly one of --offset, --offsets, --origin, --origins, --box ",
               "and --boxes");
    }
    request->has_origins = !arguments.origin.empty() || arguments.origins.has_value();
    if (!arguments.box.empty() || arguments.boxes) {
        request->boxes_option = arguments.boxes ? "--boxes" : "--box";
    }
}

void parse_retina(const ExtractArguments &arguments, Request *request) {
    if (!arguments.retina) {
        return;
    }
    if (request->has_origins || request->boxes_option != nullptr) {
        reject("--retina is given with ", request->has_origins ? "origins" : "boxes",
               "; expected it only with --offset or --offsets");
    }
    request->boxes_option = "--retina";
    request->levels = parse_int("--retina", *arguments.retina, 1, most_levels);
}

void parse_convention(const ExtractArguments &arguments, Request *request) {
    if (arguments.convention && (request->has_origins || request->boxes_option != nullptr)) {
        reject("--convention given with ",
               request->has_origins ? "origins, which are pixels already"
                                    : "boxes, which are not rounded to pixels",
               "; expected it only with --offset or --offsets, without --retina");
    }
    if (request->has_origins) {
        const Given options[] = {{"--centered", arguments.centered.has_value()},
                                 {"--normalized", arguments.normalized.has_value()}};
        for (const auto &[option, is_given] : options) {
            if (is_given) {
                reject(option, " given with origins, which are pixels already; expected it only ",
                       "with offsets or boxes");
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

void require_no_sampling(const ExtractArguments &arguments) {
    const Given options[] = {{"--filter", arguments.filter.has_value()},
                             {"--antialias", arguments.antialias.has_value()},
                             {"--edge", arguments.edge.has_value()},
                             {"--edge-margin", arguments.edge_margin.has_value()}};
    for (const auto &[option, is_given] : options) {
        if (is_given) {
            reject(option, " given without boxes; expected it only with --box, --boxes or ",
                   "--retina");
        }
    }
}

// What boxes show at the edge of the image.
void parse_edge(const ExtractArguments &arguments, Request *request) {
    Sampling &sampling = request->sampling;
    if ((arguments.edge || arguments.edge_margin) && family_of(request->border) != Family::value) {
        reject(arguments.edge ? "--edge" : "--edge-margin", " is given with --border ",
               name(request->border), "; expected it with --border zero, constant or mean alone");
    }
    if (arguments.edge) {
        sampling.edge = parse_enumerator<Edge>("--edge", *arguments.edge, edge_count);
    }
    if (arguments.edge_margin && sampling.edge != Edge::hard) {
        reject("--edge-margin is given with --edge ", name(sampling.edge),
               "; expected it with --edge hard alone");
    }
    if (arguments.edge_margin) {
        sampling.edge_margin = parse_number("--edge-margin", *arguments.edge_margin);
    }
}

// How boxes are sampled. The border is known.
void parse_sampling(const ExtractArguments &arguments, Request *request) {
    if (request->boxes_option == nullptr) {
        require_no_sampling(arguments);
        return;
    }
    Sampling &sampling = request->sampling;
    if (arguments.filter) {
        sampling.filter = parse_enumerator<Filter>("--filter", *arguments.filter, filter_count);
    }
    if (arguments.antialias) {
        sampling.antialias = parse_bool("--antialias", *arguments.antialias);
    }
    if (arguments.antialias && sampling.antialias && sampling.filter == Filter::nearest) {
        reject("--antialias true is given with --filter nearest, which is never antialiased; "
               "expected --antialias false or another filter");
    }
    parse_edge(arguments, request);
}

// Frames alone become RGB; and there are only windows of mosaics, and of frames that stay such.
void require_fitting(const ExtractArguments &arguments, const Request &request, Kind kind,
                     const char *format) {
    const InputOptions &input = arguments.input_options;
    if (kind != Kind::frame && (request.to_rgb || input.has_color())) {
        reject(request.to_rgb ? "--to"
               : input.matrix ? "--matrix"
               : input.range  ? "--range"
                              : "--siting",
               " is given with INPUT that has no frames; expected it with frames of --raw or Y4M");
    }
    if (request.boxes_option != nullptr && kind != Kind::pixels && !request.to_rgb) {
        reject(request.boxes_option, " given with ", format,
               ", of which no boxes are sampled; expected it only with pixels",
               kind == Kind::frame ? " or --to rgb" : "");
    }
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
    for (const std::string &text : arguments.box) {
        positions.boxes.push_back(parse_box("--box", text));
    }
    if (arguments.origins) {
        positions.origins = read_origins(*arguments.origins);
    }
    if (arguments.boxes) {
        positions.boxes = read_boxes(*arguments.boxes);
    }
    return positions;
}

// `position` is what has an image, in messages.
void require_counts(int64_t image_count, size_t position_count, const std::string &position,
                    const std::vector<int32_t> *image_index) {
    if (image_index != nullptr) {
        if (image_index->size() != position_count) {
            reject("--image-index has ", image_index->size(), " numbers for ", position_count, " ",
                   position, "s; expected one per ", position);
        }
    } else if (image_count != 1 && static_cast<size_t>(image_count) != position_count) {
        reject("the input has ", image_count, " images for ", position_count, " ", position,
               "s; expected 1 image, one per ", position, ", or --image-index");
    }
}

}  // namespace

Request parse_request(const ExtractArguments &arguments) {
    Request request;
    parse_positions(arguments, &request);
    parse_retina(arguments, &request);
    parse_convention(arguments, &request);
    request.size = parse_size("--size", arguments.size);
    if (arguments.border) {
        request.border = parse_enumerator<Border>("--border", *arguments.border, border_count);
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
    parse_sampling(arguments, &request);
    request.input_format = parse_input_format(arguments.input_options);
    request.to_rgb = arguments.to.has_value();
    if (arguments.to) {
        parse_name("--to", *arguments.to, {"rgb"});
    }
    InputFormat &input = request.input_format;
    if (input.raw != nullptr) {
        input.has_frames = input.raw->kind == Kind::frame || (request.to_rgb && input.raw->frame);
        require_fitting(arguments, request, input.has_frames ? Kind::frame : input.raw->kind,
                        input.raw->name);
    }
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
    require_fitting(arguments, request, images.kind, name(images.frame_format));
    options.border = request.border;
    options.value = request.value;
    options.coordinates = static_cast<Coordinates>(2 * request.centered + request.normalized);
    options.sampling = request.sampling;
    options.seed = request.seed;
    options.exact_fill = arguments.exact_fill;
    options.channel_order = request.channel_order;
    options.subtract = request.subtract;
    options.multiply = request.multiply;
    const size_t asked =  // two of them are none
        positions.offsets.size() + positions.origins.size() + positions.boxes.size();
    require_counts(images.shape.count, asked, request.levels == 0 ? "glimpse" : "offset",
                   arguments.image_index ? &image_index : nullptr);
    make_retinas();
    resolve_origins();
    options.image_index = image_index;
}

// TensorFlow's origins. One that is not an int32, of which those of offsets that are not finite are
// some, is wholly outside; map borders have no such place.
std::vector<Origin> Job::tensorflow_origins() const {
    const std::vector<Offset> &offsets = positions.offsets;
    tensorflow::Attributes attributes;
    attributes.version = request.convention == Convention::tensorflow_v1 ? tensorflow::Version::v1
                                                                         : tensorflow::Version::v2;
    attributes.centered = request.centered;
    attributes.normalized = request.normalized;
    std::vector<tensorflow::WideOrigin> wide_origins(offsets.size());
    require(tensorflow::origins(offsets, image_size(), request.size, attributes, wide_origins));
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
    if (request.has_origins || request.boxes_option != nullptr) {
        return;
    }
    if (request.convention != Convention::nearest) {
        positions.origins = tensorflow_origins();
        return;
    }
    positions.origins.resize(positions.offsets.size());
    require(origins(positions.offsets, image_size(), request.size, options.coordinates,
                    positions.origins));
}

// Makes the boxes of retinas, which are in pixels. All of one have the image of its offset.
void Job::make_retinas() {
    if (request.levels == 0) {
        return;
    }
    const auto levels = static_cast<size_t>(request.levels);
    positions.boxes.resize(positions.offsets.size() * levels);
    require(retina_boxes(positions.offsets, image_size(), request.size, options.coordinates,
                         request.levels, positions.boxes));
    options.coordinates = Coordinates::pixels;
    if (images.shape.count == 1 && !arguments.image_index) {
        return;
    }
    std::vector<int32_t> repeated;
    for (size_t i = 0; i < positions.offsets.size(); i++) {
        repeated.insert(repeated.end(), levels,
                        arguments.image_index ? image_index[i] : static_cast<int32_t>(i));
    }
    image_index = std::move(repeated);
}

std::vector<Box> Job::boxes_in_pixels() const {
    const auto coordinates = static_cast<int>(options.coordinates);  // as read() makes them
    const bool normalized = coordinates % 2 != 0, centered = coordinates / 2 != 0;
    const auto unit = [&](int64_t extent) {
        return SideUnit<HostNumbers>{static_cast<double>(extent), normalized, centered, {}};
    };
    const auto in_pixels = [](float side, const SideUnit<HostNumbers> &u) {
        return static_cast<float>(side_in_pixels<HostNumbers>(side, u));
    };
    const SideUnit<HostNumbers> y = unit(images.shape.height), x = unit(images.shape.width);
    std::vector<Box> boxes;
    for (const Box &box : positions.boxes) {
        boxes.push_back({in_pixels(box.y0, y), in_pixels(box.x0, x), in_pixels(box.y1, y),
                         in_pixels(box.x1, x)});
    }
    return boxes;
}

Images Job::make_glimpses(int64_t glimpse_count, Size size, const std::string &what) const {
    Images glimpses;
    glimpses.kind = request.to_rgb ? Kind::pixels : images.kind;
    glimpses.type = request.type.value_or(request.to_rgb ? ElementType::uint8 : images.type);
    glimpses.shape = {glimpse_count, size.height, size.width, glimpse_channels()};
    glimpses.layout = request.layout;
    glimpses.frame_format = images.frame_format;
    glimpses.color = images.color;
    glimpses.rate = images.rate;
    glimpses.elements = Buffer(glimpses.bytes_needed(what), what);
    return glimpses;
}

}  // namespace command
}  // namespace glimpse
