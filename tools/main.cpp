// The command `glimpse`: its sub-commands, their options and their help.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <optional>
#include <string>

#include "arguments.h"
#include "extract_command.h"
#include "failure.h"
#include "glimpse/context.h"
#include "report.h"

namespace glimpse {
namespace command {
namespace {

constexpr char input_help[] =
    "NPY, PNG, JPEG or Y4M, told by its first bytes, or what --raw says; a\n"
    "file, a pipe, or - for the standard input.\n"
    "NPY: uint8, uint16, int16, float16, bfloat16 or float32, little-\n"
    "endian, C or Fortran order, of shape [H, W], [H, W, C] or\n"
    "[B, H, W, C], or as --input-layout says. NumPy has no bfloat16: it\n"
    "is '<V2', as ml_dtypes writes it, or '|V2'.\n"
    "PNG: uint8; of 16 bits per channel uint16. JPEG: uint8. Gray is one\n"
    "channel, a palette becomes RGB, alpha is kept; CMYK is refused.\n"
    "A rotation in EXIF data is not applied.";

constexpr char input_layout_help[] =
    "The dimensions of an NPY file of rank 3 or 4; planar ones are read\n"
    "where they lie. [H, W] stays one channel. Default: hwc or bhwc, and\n"
    "hwc with more than 16 channels is refused as a likely mistake";

// The names of the formats stand in their table alone.
std::string raw_help() {
    constexpr size_t widest = 66;
    std::string names[3], lines[3];
    for (const RawFormat &format : raw_formats()) {
        const auto kind = static_cast<size_t>(format.kind);
        std::string &line = lines[kind];
        if (line.size() + std::strlen(format.name) > widest - 8) {
            names[kind] += line + "\n        ";
            line.clear();
        }
        line += std::string(" ") + format.name;
    }
    for (size_t kind = 0; kind < 3; kind++) {
        names[kind] += lines[kind];
    }
    return "INPUT has no header: images of W x H pixels, width first (sizes\n"
           "are H,W elsewhere), rows without gaps, little-endian. Formats:\n"
           "pixels  " +
           names[0] + "\nBayer   " + names[1] + ", any order of colours\nframes  " + names[2];
}

struct ReportArguments {
    std::string input;
    bool json = false;
    InputOptions input_options;
};

constexpr char app_footer[] =
    R"(INPUT is an NPY, PNG, JPEG or Y4M file, or with --raw one without a header; a rotation in EXIF data
is not applied. In pairs of numbers y comes before x: sizes are H,W and positions Y,X; --raw alone
has WxH. `glimpse extract --help` says more, and so on.

  glimpse extract photo.jpg --size 64,64 --origin -32,100 --border reflect101 -o out.png
  glimpse stats photo.jpg --json)";

constexpr char extract_footer[] =
    R"(A glimpse is a rectangle of H x W pixels. Where it leaves its image, the border fills it. In
pairs of numbers y comes before x: sizes are H,W and positions Y,X. Exactly one of --offset,
--offsets, --origin, --origins, --box and --boxes is needed.

A box becomes a glimpse of any size: its pixels look at points that are evenly spaced in the box, and
--filter says what they make of the pixels about a point. A box whose second side comes before the
first is mirrored. A box of H x W pixels with whole sides is the window that begins there. Without
--edge, points outside the image are filled, and others see the image alone.

An offset that is not finite is an error; with a tensorflow convention and a border of values or
noise it is wholly outside the image. If all glimpses are wholly outside, a warning says so.

A contact sheet shows the glimpses in their order, in rows of ceil(sqrt(N)), with 1 pixel of
middle gray between them. 1 channel is gray, 3 are RGB, 4 are RGBA and shown over a checkerboard.
uint8 and uint16 are shown as they are, in 8 and 16 bits; other types map the finite range of INPUT,
converted as the glimpses are, to 0..255; NaN is magenta.

Glimpses of Bayer mosaics are mosaics: origins and sizes are even, and borders go by cells of 2 x 2
pixels. Glimpses of frames are frames of the same format, in a .raw or .y4m file, or RGB with --to
rgb, which takes boxes, too. Where they stay frames, chroma begins with the cell of 2 x 2 pixels of
the origin, so at an odd origin it comes from one pixel further up or left than luma; and the border
zero is black: 16 in luma and 128 in chroma (p010: 4096 and 32768).

Exit status: 0 success, 1 an internal failure or a write that broke off, 2 bad input or usage,
an output that cannot be created among it.

  glimpse extract photo.jpg --size 64,64 --origin -32,100 --border reflect101 -o out.png
  glimpse extract images.npy --size 8,8 --offsets offsets.npy \
      --convention tensorflow_v2 --seed 7 -o glimpses.npy
  glimpse extract photo.jpg --size 224,224 --box 20,-30.5,131,80 --filter nearest -o out.png
  glimpse extract photo.jpg --size 64,64 --offset 120,200 --retina 4 --antialias false -o out.png
  glimpse extract photo.jpg --size 224,224 --origin 10,20 --type float32 --layout planar \
      --subtract 123.675,116.28,103.53 --multiply 0.01712475,0.017507,0.01742919 -o batch.npy
  glimpse extract frame.nv12 --raw 1920x1080:nv12 --size 480,640 --origin -20,1500 -o out.raw
  glimpse extract frame.nv12 --raw 1920x1080:nv12 --to rgb --matrix bt709 --size 224,224 \
      --box 100,200,500,600 -o out.png)";

constexpr char explain_footer[] =
    R"(The glimpses are made as `glimpse extract` makes them, and thrown away. `form` is the form of the
kernel that made the pixel: inside, value, map and noise write vectors; pure is the definition, which
writes pixel by pixel; convert changes elements straight from the image; fill is no kernel: it writes
what --exact-fill fills with. The environment variable GLIMPSE_ONLY_PURE=1 sends all windows to the
pure form: a pixel that it changes shows a defect. Of a pixel that is sampled from a box, whose form
is sample, `source` is the pixel in which the point lies that it looks at.

  glimpse explain photo.jpg --size 64,64 --origin -32,100 --border reflect101 --pixel 3,5)";

constexpr char stats_footer[] =
    R"(Of every image and channel, finite elements alone; 0 where there are none. The deviation is
that of the population. min and max of an image are over its channels. A Bayer mosaic is one
channel; frames are RGB, those of gray one channel.)";

constexpr char info_footer[] =
    R"(A variant is a build of the kernels for one kind of hardware; the best comes first. The
environment variable GLIMPSE_VARIANT names the one to use. GLIMPSE_HIDE_FEATURES hides processor
features, such as AVX512F,AVX2, when a variant is chosen; hiding SSE3 leaves x86_64 alone. The exit
status is 0 even if either is invalid: `chosen` says so.)";

void add_input_options(CLI::App *command, InputOptions *options) {
    command->add_option("--input-layout", options->layout, input_layout_help)
        ->type_name("hwc|chw|bhwc|bchw");
    command->add_option("--raw", options->raw, raw_help())->type_name("WxH:FORMAT");
    command
        ->add_option("--frames", options->frames,
                     "Frames A to B - 1 of a raw or Y4M file of many; they are the\n"
                     "images 0 to B - A - 1. Default: the one of a raw file, all of Y4M")
        ->type_name("A:B");
    command
        ->add_option("--matrix", options->matrix,
                     "What makes RGB of the Y, U and V of frames. Default: bt601")
        ->type_name("bt601|bt709|bt2020");
    command
        ->add_option("--range", options->range,
                     "Whether black and white of frames are 16 and 235, or 0 and 255.\n"
                     "Default: what Y4M says; else limited, of gray full")
        ->type_name("limited|full");
    command
        ->add_option("--siting", options->siting,
                     "Where chroma lies. Default: what Y4M says; else left")
        ->type_name("left|center|top-left");
}

// Where glimpses lie.
void add_place_options(CLI::App *extract, ExtractArguments *arguments) {
    extract
        ->add_option("--offset", arguments->offset,
                     "Where a glimpse is asked for, as --convention says.\n"
                     "Repeat the option for more glimpses")
        ->type_name("Y,X")
        ->allow_extra_args(false);
    extract
        ->add_option("--offsets", arguments->offsets,
                     "The same from an array [N, 2] of float16, float32, float64 or any\n"
                     "integer type, little-endian; converted to float32")
        ->type_name("FILE.npy");
    extract
        ->add_option("--origin", arguments->origin,
                     "The top left pixel of a glimpse; (0, 0) is that of the image.\n"
                     "Repeat the option for more glimpses")
        ->type_name("Y,X")
        ->allow_extra_args(false);
    extract
        ->add_option("--origins", arguments->origins,
                     "The same from an array [N, 2] of any integer type, little-endian")
        ->type_name("FILE.npy");
    extract
        ->add_option("--box", arguments->box,
                     "The sides of a rectangle that becomes a glimpse, in the coordinates\n"
                     "that --centered and --normalized say: they need not be whole, and\n"
                     "pixel i covers i to i + 1. Repeat the option for more glimpses")
        ->type_name("Y0,X0,Y1,X1")
        ->allow_extra_args(false);
    extract
        ->add_option("--boxes", arguments->boxes,
                     "The same from an array [N, 4], of types as for --offsets")
        ->type_name("FILE.npy");
    extract
        ->add_option("--retina", arguments->retina,
                     "K glimpses of each offset, 1 to 24: of boxes about it that are 1, 2,\n"
                     "4, ... times as large as a glimpse, the smallest first. The offset\n"
                     "is not rounded")
        ->type_name("K");
    extract
        ->add_option("--image-index", arguments->image_index,
                     "The image of each glimpse, 0 is the first: an array [N] of any\n"
                     "integer type, little-endian. Default: the one image of INPUT, or\n"
                     "image i for glimpse i. With --retina that of each offset")
        ->type_name("FILE.npy");
    extract
        ->add_option("--convention", arguments->convention,
                     "What offsets mean, default nearest:\n"
                     "nearest        the centre of the glimpse, rounded to the nearest pixel\n"
                     "tensorflow_v1  as tf.image.extract_glimpse of TensorFlow 1\n"
                     "tensorflow_v2  as tf.image.extract_glimpse of TensorFlow 2")
        ->type_name("NAME");
    extract
        ->add_option("--centered", arguments->centered,
                     "true: offsets and boxes count from the centre of the image, else\n"
                     "from its top left corner. Default false; with a tensorflow\n"
                     "convention true")
        ->type_name("true|false");
    extract
        ->add_option("--normalized", arguments->normalized,
                     "true: 0 to 1 (centered: -1 to 1) is from edge to edge of the image,\n"
                     "else the unit is a pixel. Default as for --centered")
        ->type_name("true|false");
}

// How boxes are sampled.
void add_sampling_options(CLI::App *extract, ExtractArguments *arguments) {
    extract
        ->add_option("--filter", arguments->filter,
                     "What a pixel is made of that looks at a point of a box:\n"
                     "linear       those about it, by their distance; the default\n"
                     "nearest      the pixel that it lies in\n"
                     "catmull_rom  16 about it, by a cubic with a = -1/2, as Pillow's BICUBIC\n"
                     "cubic        the same with a = -3/4, as OpenCV's INTER_CUBIC\n"
                     "lanczos3     36 about it, by a windowed sinc\n"
                     "area         those that a pixel of the glimpse covers, by how much")
        ->type_name("NAME");
    extract
        ->add_option("--antialias", arguments->antialias,
                     "true, the default: filters grow where a box is larger than the glimpse,\n"
                     "so that all of its pixels count; nearest never does")
        ->type_name("true|false");
    extract
        ->add_option("--edge", arguments->edge,
                     "What a box shows at the edge of the image, with --border zero,\n"
                     "constant or mean alone:\n"
                     "hard         points outside are filled, others see the image alone;\n"
                     "             the default\n"
                     "blend        points near the edge mix the image and what fills\n"
                     "renormalize  points outside are filled, others see those pixels\n"
                     "             about them that the image has")
        ->type_name("NAME");
    extract
        ->add_option("--edge-margin", arguments->edge_margin,
                     "With --edge hard alone: how far within the edge of the image, in\n"
                     "pixels, points count as outside; may be negative. Default 0")
        ->type_name("M");
}

// What they are filled with, and what becomes of elements.
void add_element_options(CLI::App *extract, ExtractArguments *arguments) {
    extract
        ->add_option("--border", arguments->border,
                     "What is outside the image, for a row abcd:\n"
                     "zero        00|abcd|00\n"
                     "constant    kk|abcd|kk  --value\n"
                     "mean        mm|abcd|mm  the mean of the image, per channel\n"
                     "replicate   aa|abcd|dd\n"
                     "reflect     ba|abcd|dc\n"
                     "reflect101  cb|abcd|cb\n"
                     "wrap        cd|abcd|ab\n"
                     "uniform     noise from the smallest to the largest value of the image\n"
                     "gaussian    noise with mean and deviation of the channel\n"
                     "Default zero; with a tensorflow convention uniform")
        ->type_name("NAME");
    extract
        ->add_option("--value", arguments->value,
                     "One number, or one per channel; with --border constant alone, and\n"
                     "required there. In the units of INPUT; for integers rounded and\n"
                     "saturated. Bayer: one, or four of a cell of 2 x 2 pixels, row by\n"
                     "row. YUV: three")
        ->type_name("V[,V...]");
    extract
        ->add_option("--type", arguments->type,
                     "Type of the elements of the output: that of INPUT, the default, or\n"
                     "uint8, float16, bfloat16 or float32. Rounded to nearest even;\n"
                     "integers saturate")
        ->type_name("TYPE");
    extract
        ->add_option("--layout", arguments->layout,
                     "interleaved, the default: the channels of a pixel side by side; or\n"
                     "planar: each in a plane of its own. A contact sheet looks the same")
        ->type_name("interleaved|planar");
    extract
        ->add_option("--channel-order", arguments->channel_order,
                     "One to four channels of INPUT, counted from 0, that glimpses have:\n"
                     "2,1,0 turns BGR into RGB. Default: all in order. --value is in\n"
                     "channels of INPUT, --subtract and --multiply of the output")
        ->type_name("C[,C...]");
    extract->add_flag("--exact-fill", arguments->exact_fill,
                      "--value and the mean fill with all their digits where the output\n"
                      "is converted: a mean that is subtracted becomes 0");
    extract
        ->add_option("--subtract", arguments->subtract,
                     "One number, or one per channel (Bayer: four), default 0:\n"
                     "the output is (pixel - subtract) * multiply, in float32")
        ->type_name("V[,V...]");
    extract->add_option("--multiply", arguments->multiply, "Likewise, default 1")
        ->type_name("V[,V...]");
    extract
        ->add_option("--seed", arguments->seed,
                     "0 to 2^64-1, default 0: the same seed gives the same noise")
        ->type_name("N");
}

// What glimpses are asked for: what extract and explain have in common.
void add_glimpse_options(CLI::App *extract, ExtractArguments *arguments) {
    extract->add_option("INPUT", arguments->input, input_help)->required()->type_name("");
    extract->add_option("--size", arguments->size, "Height and width of a glimpse in pixels")
        ->required()
        ->type_name("H,W");
    add_place_options(extract, arguments);
    add_sampling_options(extract, arguments);
    add_element_options(extract, arguments);
    extract
        ->add_option("--variant", arguments->variant,
                     "The build of the kernels to use, see `glimpse info`; all give the\n"
                     "same bytes. Default: what the environment variable GLIMPSE_VARIANT\n"
                     "names, else the best for this machine")
        ->type_name("NAME");
    extract
        ->add_option("--threads", arguments->threads,
                     "0 to 1024, default 1; 0 means one per processor")
        ->type_name("N");
    add_input_options(extract, &arguments->input_options);
}

void add_extract(CLI::App &app, ExtractArguments *arguments) {
    CLI::App *const extract = app.add_subcommand("extract", "Cut glimpses out of images");
    add_glimpse_options(extract, arguments);
    extract
        ->add_option("--to", arguments->to,
                     "What becomes of frames: RGB, with all that other images have. Else\n"
                     "glimpses of frames are frames of the same format")
        ->type_name("rgb");
    extract
        ->add_option("-o,--output", arguments->output,
                     "Where to write, a name that ends in\n"
                     ".npy  an array [N, H, W, C], with --layout planar [N, C, H, W];\n"
                     "      bfloat16 is '<V2'\n"
                     ".png  a contact sheet of N glimpses, see below;\n"
                     ".raw  elements alone, little-endian, glimpse after glimpse;\n"
                     ".y4m  frames of i420, i422, i444, i010, gray, gray10le, gray12le.\n"
                     "Written beside and renamed: a failed call leaves what is there.")
        ->required()
        ->type_name("FILE");
    extract->footer(extract_footer);
}

void add_explain(CLI::App &app, ExtractArguments *arguments) {
    CLI::App *const explain =
        app.add_subcommand("explain", "Print where a pixel of a glimpse comes from");
    add_glimpse_options(explain, arguments);
    explain
        ->add_option("--pixel", arguments->pixel,
                     "The pixel of the glimpse, (0, 0) is its top left one, and a channel.\n"
                     "Default: channel 0")
        ->required()
        ->type_name("Y,X[,C]");
    explain
        ->add_option("--glimpse", arguments->glimpse,
                     "The number of the glimpse, 0 is the first and the default")
        ->type_name("N");
    explain->footer(explain_footer);
}

void add_stats(CLI::App &app, ReportArguments *arguments) {
    CLI::App *const stats =
        app.add_subcommand("stats", "Print minimum, maximum, mean and deviation of images");
    stats->add_option("INPUT", arguments->input, input_help)->required()->type_name("");
    stats->add_flag("--json", arguments->json,
                    "One JSON object:\n"
                    "{\"images\": [{\"min\", \"max\", \"channels\":\n"
                    "    [{\"min\", \"max\", \"mean\", \"stddev\"}]}]}");
    add_input_options(stats, &arguments->input_options);
    stats->footer(stats_footer);
}

void add_info(CLI::App &app, ReportArguments *arguments) {
    CLI::App *const info =
        app.add_subcommand("info", "Print the version, the variants, and which one is used");
    info->add_flag("--json", arguments->json,
                   "One JSON object:\n"
                   "{\"version\", \"variants\": [{\"name\", \"target\", \"usable\", \"reason\"}],\n"
                   " \"hidden_features\", \"chosen\"}\n"
                   "Where none can be used chosen is null and \"reason\" says why");
    info->footer(info_footer);
}

// CLI11 turns an empty text into an absent option.
void reject_empty_texts(const CLI::App &app) {
    for (const CLI::App *const subcommand : app.get_subcommands()) {
        for (const CLI::Option *const option : subcommand->get_options()) {
            for (const std::string &text : option->results()) {
                if (text.empty()) {
                    reject(option->get_name(), " is empty; expected a text");
                }
            }
        }
    }
}

// What CLI11 says in its own words, in those of this command where they are clearer.
[[noreturn]] void reject_usage(const CLI::App &app, const CLI::ParseError &error, int count,
                               const char *const *words) {
    std::string help = "glimpse";
    for (const CLI::App *const subcommand : app.get_subcommands()) {
        help += " " + subcommand->get_name();
    }
    if (help == "glimpse") {
        reject(count > 1 ? "the sub-command is '" + std::string(words[1]) + "'"
                         : "there is no sub-command",
               "; expected extract, explain, stats or info; see ", help, " --help");
    }
    reject(error.what(), "; see ", help, " --help");
}

void run(int count, const char *const *words) {
    CLI::App app("Cuts windows (\"glimpses\") out of images, and resizes boxes of them.",
                 "glimpse");
    ExtractArguments extract_arguments, explain_arguments;
    ReportArguments stats_arguments, info_arguments;
    app.set_version_flag("--version", std::string("glimpse ") + version(),
                         "Print the version and exit");
    app.set_help_flag("-h,--help", "Print this help and exit");
    app.require_subcommand(1);
    add_extract(app, &extract_arguments);
    add_explain(app, &explain_arguments);
    add_stats(app, &stats_arguments);
    add_info(app, &info_arguments);
    app.footer(app_footer);
    try {
        app.parse(count, words);
    } catch (const CLI::CallForHelp &) {
        print(app.help());
        return;
    } catch (const CLI::CallForVersion &) {
        print(app.version() + "\n");
        return;
    } catch (const CLI::ParseError &error) {
        reject_usage(app, error, count, words);
    }
    reject_empty_texts(app);
    if (app.got_subcommand("extract")) {
        run_extract(extract_arguments);
    } else if (app.got_subcommand("explain")) {
        run_explain(explain_arguments);
    } else if (app.got_subcommand("stats")) {
        run_stats(stats_arguments.input, parse_input_format(stats_arguments.input_options),
                  stats_arguments.json ? ReportFormat::json : ReportFormat::table);
    } else {
        run_info(info_arguments.json ? ReportFormat::json : ReportFormat::table);
    }
}

int fail(ExitCode exit_code, const std::string &message) {
    print_line(stderr, "glimpse: " + message);
    return static_cast<int>(exit_code);
}

}  // namespace
}  // namespace command
}  // namespace glimpse

int main(int argc, char **argv) {
    using glimpse::command::ExitCode;
    try {
        glimpse::command::run(argc, argv);
        return static_cast<int>(ExitCode::success);
    } catch (const glimpse::command::Failure &failure) {
        return glimpse::command::fail(failure.exit_code(), failure.what());
    } catch (const std::bad_alloc &) {
        return glimpse::command::fail(ExitCode::internal_failure, "there is not enough memory");
    } catch (const std::exception &exception) {
        return glimpse::command::fail(ExitCode::internal_failure, exception.what());
    } catch (...) {
        return glimpse::command::fail(ExitCode::internal_failure, "an unknown failure");
    }
}
