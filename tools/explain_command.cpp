// `glimpse explain`: where a pixel of a glimpse comes from.
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "arguments.h"
#include "contact_sheet.h"
#include "definition/border.h"
#include "extract_command.h"
#include "failure.h"
#include "glimpse/glimpse.h"
#include "job.h"
#include "report.h"

namespace glimpse {
namespace command {
namespace {

std::string place(int64_t y, int64_t x) {
    return "(y " + std::to_string(y) + ", x " + std::to_string(x) + ")";
}

std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof(text), "%.9g", value);
    return text;
}

// The element of a view at a pixel.
std::string element(const ConstView &view, int64_t n, int64_t y, int64_t x, int64_t c) {
    const ConstView pixel = view.image(n).region(y, x, 1, 1);
    const int64_t at = c * pixel.strides.channel * size_in_bytes(pixel.type);
    return number(value_at(static_cast<const char *>(pixel.data) + at, pixel.type, 0));
}

// What a border of values fills with: an element of the image's type, and the mean or value that it
// was made of.
std::string describe_fill(Job &job, const Explanation &why) {
    const bool is_mean = job.request.border == Border::mean;
    const int64_t channel = why.channel;
    const std::vector<float> &value = job.request.value;
    const std::string asked =
        number(is_mean         ? why.statistics.mean
               : value.empty() ? 0
                               : double(value[value.size() == 1 ? 0 : size_t(channel)]));
    if (job.options.exact_fill && why.is_converted) {
        return (is_mean ? "filled with the mean " : "filled with the value ") + asked;
    }
    const ConstView images = job.images.view();
    std::vector<char> memory(size_t(images.shape.channels * size_in_bytes(images.type)));
    const View pixel =
        View::interleaved(memory.data(), images.type, {1, 1, 1, images.shape.channels});
    const Origin origin = {int32_t(why.plane_y), int32_t(why.plane_x)};
    const auto image = int32_t(why.image);
    Options options = job.options;
    options.subtract = options.multiply = {};
    options.channel_order = {};
    options.image_index = Span<const int32_t>(&image, 1);
    require(extract(images, Span<const Origin>(&origin, 1), pixel, options, job.context));
    const std::string filled = element(pixel, 0, 0, 0, channel);
    if (is_mean) {
        return "filled with " + filled + ", of the mean " + asked;
    }
    return "filled with " + filled + (filled == asked ? "" : ", of the value " + asked);
}

std::string describe_pixel(Job &job, const Explanation &why) {
    const int64_t channel = why.channel;
    if (why.is_of_image) {
        return "image " + std::to_string(why.image) + ", pixel " +
               place(why.source_y, why.source_x) + ", channel " + std::to_string(channel) + ": " +
               element(job.images.view(), why.image, why.source_y, why.source_x, channel);
    }
    if (family_of(job.request.border) == Family::noise) {
        return "noise of seed " + std::to_string(job.request.seed) + " at " +
               place(why.plane_y, why.plane_x) + ", channel " + std::to_string(channel);
    }
    return describe_fill(job, why);
}

std::string describe_source(Job &job, const Explanation &why) {
    const std::string form = why.form;  // a fill has another one; a device has only one
    const bool is_mixed = why.is_sampled && job.request.sampling.filter != Filter::nearest &&
                          (form == "sample" || (form == "device" && why.is_of_image));
    return (is_mixed ? "mixed with its neighbours: " : "") + describe_pixel(job, why);
}

// Where the pixel lies in the plane, or looks.
std::string describe_place(const Explanation &why) {
    const std::string in_plane = place(why.plane_y, why.plane_x) + " of the plane\n";
    if (why.is_sampled) {
        return "point       (y " + number(why.point_y) + ", x " + number(why.point_x) +
               "): it lies in " + in_plane;
    }
    return "origin      " + place(why.origin.y, why.origin.x) + ": the pixel is " + in_plane;
}

// How a pixel that is sampled is made of others.
std::string describe_sampling(const Job &job, const Explanation &why) {
    if (!why.is_sampled) {
        return "";
    }
    const Sampling &s = job.request.sampling;
    const bool has_edge = family_of(job.request.border) == Family::value;
    return std::string("filter      ") + name(s.filter) +
           (s.antialias && s.filter != Filter::nearest ? ", antialiased where it reduces" : "") +
           (has_edge ? std::string(", edge ") + name(s.edge) : "") +
           (has_edge && s.edge == Edge::hard ? ", margin " + number(double(s.edge_margin)) : "") +
           "\n";
}

}  // namespace

void run_explain(const ExtractArguments &arguments) {
    Job job(arguments, parse_request(arguments));
    const Pixel pixel = parse_pixel("--pixel", arguments.pixel);
    const int glimpse =
        arguments.glimpse ? parse_int("--glimpse", *arguments.glimpse, 0, INT32_MAX) : 0;
    job.read();
    if (job.images.kind != Kind::pixels) {
        reject("INPUT has ", job.images.kind == Kind::mosaic ? "a mosaic" : "frames",
               "; explain does not take mosaics or frames");
    }
    Images glimpses = job.make_glimpses(job.count(), job.request.size, "the glimpses");
    Explanation why;
    require(glimpse::explain(job.images.view(), job.places(), glimpses.view(),
                             static_cast<size_t>(glimpse), pixel, &why, job.options, job.context));

    const std::string border = name(job.request.border), form = why.form;
    const ChannelStatistics &s = why.statistics;
    print("pixel       " + place(pixel.y, pixel.x) + ", channel " + std::to_string(pixel.channel) +
          " of glimpse " + std::to_string(glimpse) + ": " +
          element(glimpses.view(), glimpse, pixel.y, pixel.x, pixel.channel) + "\n" +
          describe_place(why) + describe_sampling(job, why) + "border      " + border + "\n" +
          "source      " + describe_source(job, why) + "\n" + "statistics  " +
          (why.has_statistics ? "min " + number(double(s.min)) + ", max " + number(double(s.max)) +
                                    ", mean " + number(s.mean) + ", stddev " + number(s.stddev)
                              : "not used") +
          "\n" + "form        " + form + ", variant " + why.variant +
          (why.is_converted && form != "convert" && form != "fill" ? ", then converted" : "") +
          "\n");
}

}  // namespace command
}  // namespace glimpse
