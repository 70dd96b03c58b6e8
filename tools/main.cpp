// The command `glimpse`: its sub-commands, their options and their help.
#include <CLI/CLI.hpp>
#include <cstdio>
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

constexpr char input_help[] = "NPY, PNG or JPEG, told by its first bytes.\n"
                              "NPY: uint8 or little-endian float32, C or Fortran order, of shape\n"
                              "[H, W], [H, W, C] or [B, H, W, C].\n"
                              "PNG, JPEG: 8 bits per channel. Gray is one channel, a palette\n"
                              "becomes RGB, alpha is kept. 16-bit PNG and CMYK are refused.\n"
                              "A rotation in EXIF data is not applied.";

constexpr char input_layout_help[] =
    "HWC is the only layout: says that an NPY file of shape [H, W, C]\n"
    "with more than 16 channels is no mistake.";

struct ReportArguments {
    std::string input;
    bool json = false;
    std::optional<std::string> input_layout;
};

constexpr char app_footer[] =
    R"(INPUT is an NPY, PNG or JPEG file; a rotation in EXIF data is not applied. In pairs of numbers y
comes before x: sizes are H,W and positions Y,X. `glimpse extract --help` says more, and so on.

  glimpse extract photo.jpg --size 64,64 --origin -32,100 --border reflect101 -o out.png
  glimpse stats photo.jpg --json)";

constexpr char extract_footer[] =
    R"(A glimpse is a rectangle of H x W pixels. Where it leaves its image, the border fills it. In
pairs of numbers y comes before x: sizes are H,W and positions Y,X. Exactly one of --offset,
--offsets, --origin and --origins is needed.

An offset that is not finite is an error; with a tensorflow convention and a border of values or
noise it is wholly outside the image. If all glimpses are wholly outside, a warning says so.

A contact sheet shows the glimpses in their order, in rows of ceil(sqrt(N)), with 1 pixel of
middle gray (128) between them. 1 channel is gray, 3 are RGB, 4 are RGBA and shown over a
checkerboard. float32 maps the finite range of INPUT to 0..255; NaN is magenta.

Exit status: 0 success, 1 an internal failure or a write that broke off, 2 bad input or usage,
an output that cannot be created among it.

  glimpse extract photo.jpg --size 64,64 --origin -32,100 --border reflect101 -o out.png
  glimpse extract images.npy --size 8,8 --offsets offsets.npy \
      --convention tensorflow_v2 --seed 7 -o glimpses.npy)";

constexpr char stats_footer[] =
    R"(Of every image and channel, finite elements alone; 0 where there are none. The deviation is
that of the population. min and max of an image are over its channels.)";

constexpr char info_footer[] =
    R"(A variant is a build of the kernels for one kind of hardware; the best comes first. The
environment variable GLIMPSE_VARIANT names the one to use. The exit status is 0 also if that
name is wrong: `chosen` says so.)";

void add_extract(CLI::App &app, ExtractArguments *arguments) {
    CLI::App *const extract = app.add_subcommand("extract", "Cut glimpses out of images");
    extract->add_option("INPUT", arguments->input, input_help)->required()->type_name("");
    extract
        ->add_option("-o,--output", arguments->output,
                     "Where to write, a name that ends in\n"
                     ".npy  an array [N, H, W, C] of the type of INPUT;\n"
                     ".png  a contact sheet of N glimpses, see below.\n"
                     "Written beside and renamed: a failed call leaves what is there.")
        ->required()
        ->type_name("FILE");
    extract->add_option("--size", arguments->size, "Height and width of a glimpse in pixels")
        ->required()
        ->type_name("H,W");
    extract
        ->add_option("--offset", arguments->offset,
                     "Where a glimpse is asked for, as --convention says.\n"
                     "Repeat the option for more glimpses")
        ->type_name("Y,X")
        ->allow_extra_args(false);
    extract
        ->add_option("--offsets", arguments->offsets,
                     "The same from an array [N, 2] of float32, float64 or any integer\n"
                     "type, little-endian; converted to float32")
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
        ->add_option("--image-index", arguments->image_index,
                     "The image of each glimpse, 0 is the first: an array [N] of any\n"
                     "integer type, little-endian. Default: the one image of INPUT, or\n"
                     "image i for glimpse i")
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
                     "true: offsets count from the centre of the image, else from its top\n"
                     "left corner. Default false; with a tensorflow convention true")
        ->type_name("true|false");
    extract
        ->add_option("--normalized", arguments->normalized,
                     "true: 0 to 1 (centered: -1 to 1) is from edge to edge of the image,\n"
                     "else the unit is a pixel. Default as for --centered")
        ->type_name("true|false");
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
                     "required there. For uint8 rounded to 0..255")
        ->type_name("V[,V...]");
    extract
        ->add_option("--seed", arguments->seed,
                     "0 to 2^64-1, default 0: the same seed gives the same noise")
        ->type_name("N");
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
    extract->add_option("--input-layout", arguments->input_layout, input_layout_help)
        ->type_name("hwc");
    extract->footer(extract_footer);
}

void add_stats(CLI::App &app, ReportArguments *arguments) {
    CLI::App *const stats =
        app.add_subcommand("stats", "Print minimum, maximum, mean and deviation of images");
    stats->add_option("INPUT", arguments->input, input_help)->required()->type_name("");
    stats->add_flag("--json", arguments->json,
                    "One JSON object:\n"
                    "{\"images\": [{\"min\", \"max\", \"channels\":\n"
                    "    [{\"min\", \"max\", \"mean\", \"stddev\"}]}]}");
    stats->add_option("--input-layout", arguments->input_layout, input_layout_help)
        ->type_name("hwc");
    stats->footer(stats_footer);
}

void add_info(CLI::App &app, ReportArguments *arguments) {
    CLI::App *const info =
        app.add_subcommand("info", "Print the version, the variants, and which one is used");
    info->add_flag("--json", arguments->json,
                   "One JSON object:\n"
                   "{\"version\", \"variants\": [{\"name\", \"target\", \"usable\", \"reason\"}],\n"
                   " \"chosen\"}\n"
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
               "; expected extract, stats or info; see ", help, " --help");
    }
    reject(error.what(), "; see ", help, " --help");
}

void run(int count, const char *const *words) {
    CLI::App app("Cuts windows (\"glimpses\") out of images.", "glimpse");
    ExtractArguments extract_arguments;
    ReportArguments stats_arguments, info_arguments;
    app.set_version_flag("--version", std::string("glimpse ") + version(),
                         "Print the version and exit");
    app.set_help_flag("-h,--help", "Print this help and exit");
    app.require_subcommand(1);
    add_extract(app, &extract_arguments);
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
    } else if (app.got_subcommand("stats")) {
        run_stats(stats_arguments.input, parse_input_layout(stats_arguments.input_layout),
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
