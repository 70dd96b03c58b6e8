// `glimpse extract`: glimpses of one file, into another.
#include "extract_command.h"

#include <algorithm>
#include <cctype>

#include "contact_sheet.h"
#include "failure.h"
#include "file.h"
#include "glimpse/glimpse.h"
#include "image_file.h"
#include "job.h"
#include "report.h"
#include "y4m.h"

namespace glimpse {
namespace command {
namespace {

// What is written; the index of an ending in `output_endings`.
enum class OutputFormat { npy, png, raw, y4m };
const std::vector<std::string> output_endings = {".npy", ".png", ".raw", ".y4m"};

bool ends_with(const std::string &text, const std::string &ending) {
    return text.size() >= ending.size() &&
           std::equal(ending.begin(), ending.end(),
                      text.end() - static_cast<int64_t>(ending.size()),
                      [](unsigned char a, unsigned char b) { return a == std::tolower(b); });
}

OutputFormat parse_output(const ExtractArguments &arguments) {
    const auto ending =
        std::find_if(output_endings.begin(), output_endings.end(),
                     [&](const std::string &e) { return ends_with(arguments.output, e); });
    if (ending == output_endings.end()) {
        reject("--output is '", arguments.output,
               "'; expected a name that ends in .npy, .png, .raw or .y4m");
    }
    return static_cast<OutputFormat>(ending - output_endings.begin());
}

// Glimpses of frames stay what they are, unless they become RGB.
void require_unchanged_frames(const ExtractArguments &arguments, const Images &images,
                              OutputFormat format) {
    if (images.kind != Kind::frame || arguments.to) {
        return;
    }
    const char *const format_name = name(images.frame_format);
    const std::pair<const char *, bool> options[] = {
        {"--type", arguments.type.has_value()},
        {"--layout", arguments.layout.has_value()},
        {"--channel-order", arguments.channel_order.has_value()},
        {"--exact-fill", arguments.exact_fill},
        {"--subtract", arguments.subtract.has_value()},
        {"--multiply", arguments.multiply.has_value()}};
    for (const auto &[option, is_given] : options) {
        if (is_given) {
            reject(option, " given with ", format_name, ", of which glimpses are ", format_name,
                   " too; expected it only with pixels, mosaics or --to rgb");
        }
    }
    if (format != OutputFormat::raw && format != OutputFormat::y4m) {
        reject("--output is '", arguments.output, "' with ", format_name,
               "; expected a name that ends in .raw or .y4m, for frames, or --to rgb");
    }
}

void extract_glimpses(const Images &images, const Places &places, const Options &options,
                      Context &context, Images *glimpses) {
    const Span<const Origin> origins = places.origins();  // those of mosaics, and of frames
    switch (images.kind) {
    case Kind::pixels:
        require(extract(images.view(), places, glimpses->view(), options, context));
        break;
    case Kind::mosaic:
        require(extract_bayer(images.view(), origins, glimpses->view(), options, context));
        break;
    case Kind::frame:
        if (glimpses->kind == Kind::frame) {
            require(extract(images.frames(), origins, glimpses->frames(), options, context));
        } else {
            require(extract(images.frames(), places, glimpses->view(), options, context));
        }
        break;
    }
}

// The images as glimpses of themselves: what a sheet takes its range from.
Images convert(Job &job) {
    const Shape &shape = job.images.shape;
    Options inside;
    inside.channel_order = job.options.channel_order;
    inside.subtract = job.options.subtract;
    inside.multiply = job.options.multiply;
    Images converted = job.make_glimpses(shape.count, {shape.height, shape.width},
                                         "the range of the contact sheet");
    const std::vector<Origin> origins(static_cast<size_t>(shape.count), Origin{0, 0});
    extract_glimpses(job.images, origins, inside, job.context, &converted);
    return converted;
}

void write_glimpses(Job &job, const Images &glimpses, OutputFormat format, OutputFile &file) {
    switch (format) {
    case OutputFormat::npy:
        write_npy_images(file, glimpses);
        break;
    case OutputFormat::raw:
        write_raw_images(file, glimpses);
        break;
    case OutputFormat::y4m:
        write_y4m(file, glimpses);
        break;
    case OutputFormat::png: {
        const bool changes = job.request.to_rgb || glimpses.type != job.images.type ||
                             !job.request.subtract.empty() ||
                             job.request.channel_order.count != 0 || !job.request.multiply.empty();
        if (changes && is_scaled_in_sheet(glimpses.type)) {
            write_contact_sheet(file, glimpses, convert(job));
        } else {
            write_contact_sheet(file, glimpses, job.images);
        }
        break;
    }
    }
}

template<typename Place>
bool are_outside(const std::vector<Place> &places, Size image, Size glimpse) {
    return std::all_of(places.begin(), places.end(), [&](const Place &place) {
        return visible(place, image, glimpse).height == 0;
    });
}

void warn_if_all_outside(const Job &job) {
    const Size image = job.image_size(), glimpse = job.request.size;
    const bool is_empty = job.count() == 0 || glimpse.height == 0 || glimpse.width == 0;
    const bool are_boxes = job.request.boxes_option != nullptr;
    // A filter may reach the image from outside.
    const bool reaches = are_boxes && job.request.sampling.edge == Edge::blend;
    if (!is_empty && !reaches &&
        (are_boxes ? are_outside(job.boxes_in_pixels(), image, glimpse)
                   : are_outside(job.positions.origins, image, glimpse))) {
        warn((are_boxes ? "every point that is looked at lies outside its image of "
                        : "every glimpse lies wholly outside its image of ") +
             std::to_string(image.height) + " x " + std::to_string(image.width) + " pixels");
    }
}

}  // namespace

void run_extract(const ExtractArguments &arguments) {
    const Request request = parse_request(arguments);
    const OutputFormat format = parse_output(arguments);
    Job job(arguments, request);
    OutputFile file(arguments.output);
    job.read();
    require_unchanged_frames(arguments, job.images, format);
    const Size size = job.request.size;
    if (format == OutputFormat::png) {
        require_showable({job.count(), size.height, size.width, job.glimpse_channels()});
    }
    Images glimpses = job.make_glimpses(job.count(), size, "the output");
    if (format == OutputFormat::y4m) {
        require_y4m(arguments.output, glimpses);
    }
    extract_glimpses(job.images, job.places(), job.options, job.context, &glimpses);

    write_glimpses(job, glimpses, format, file);
    file.commit();
    warn_if_all_outside(job);
}

}  // namespace command
}  // namespace glimpse
