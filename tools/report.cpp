// Tables and JSON.
#include "report.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <vector>

#include "failure.h"
#include "glimpse/glimpse.h"

namespace glimpse {
namespace command {
namespace {

using Json = nlohmann::ordered_json;
using Row = std::vector<std::string>;

enum class Align { left, right };

// Text for a terminal: control characters become blanks.
std::string without_controls(std::string text) {
    for (char &character : text) {
        const auto code = static_cast<unsigned char>(character);
        if (code < 0x20 || code == 0x7f) {
            character = ' ';
        }
    }
    return text;
}

std::string table(const std::vector<Row> &rows, Align align) {
    std::vector<size_t> widths(rows[0].size(), 0);
    for (const Row &row : rows) {
        for (size_t i = 0; i < row.size(); i++) {
            widths[i] = std::max(widths[i], row[i].size());
        }
    }
    std::string text;
    for (const Row &row : rows) {
        std::string line;
        for (size_t i = 0; i < row.size(); i++) {
            const std::string blanks(widths[i] - row[i].size(), ' ');
            line += i > 0 ? "  " : "";
            line += align == Align::right ? blanks + row[i] : row[i] + blanks;
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += without_controls(line) + "\n";
    }
    return text;
}

// Numbers go out with as many digits as bring back the same double, up to 17; NaN and infinity as
// null; bytes that are not UTF-8 replaced.
std::string dump(const Json &json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string number_text(double number) {
    char text[32];
    std::snprintf(text, sizeof text, "%.9g", number);
    return text;
}

struct Range {
    float min = 0, max = 0;
};

Range range_of(const ChannelStatistics *channels, int64_t count) {
    Range range;
    for (int64_t c = 0; c < count; c++) {
        range.min = c == 0 ? channels[c].min : std::min(range.min, channels[c].min);
        range.max = c == 0 ? channels[c].max : std::max(range.max, channels[c].max);
    }
    return range;
}

Json stats_json(const Shape &shape, const std::vector<ChannelStatistics> &statistics) {
    Json images = Json::array();
    for (int64_t n = 0; n < shape.count; n++) {
        const ChannelStatistics *const first = statistics.data() + n * shape.channels;
        const Range range = range_of(first, shape.channels);
        Json channels = Json::array();
        for (int64_t c = 0; c < shape.channels; c++) {
            channels.push_back({{"min", first[c].min},
                                {"max", first[c].max},
                                {"mean", first[c].mean},
                                {"stddev", first[c].stddev}});
        }
        images.push_back({{"min", range.min}, {"max", range.max}, {"channels", channels}});
    }
    return {{"images", images}};
}

std::string stats_table(const Shape &shape, const std::vector<ChannelStatistics> &statistics) {
    std::vector<Row> rows = {{"image", "channel", "min", "max", "mean", "stddev"}};
    for (int64_t n = 0; n < shape.count; n++) {
        const ChannelStatistics *const first = statistics.data() + n * shape.channels;
        const Range range = range_of(first, shape.channels);
        rows.push_back({std::to_string(n), "all", number_text(double{range.min}),
                        number_text(double{range.max}), "", ""});
        for (int64_t c = 0; c < shape.channels; c++) {
            rows.push_back({std::to_string(n), std::to_string(c), number_text(double{first[c].min}),
                            number_text(double{first[c].max}), number_text(first[c].mean),
                            number_text(first[c].stddev)});
        }
    }
    return table(rows, Align::right);
}

const char *text_or_empty(const char *text) {
    return text != nullptr ? text : "";
}

}  // namespace

void warn(const std::string &text) {
    print_line(stderr, "glimpse: warning: " + text);
}

void print_line(std::FILE *to, const std::string &text) {
    const std::string line = without_controls(text) + "\n";
    std::fwrite(line.data(), 1, line.size(), to);
}

void print(const std::string &text) {
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    if (!written || std::fflush(stdout) != 0) {
        throw Failure(ExitCode::internal_failure,
                      std::string("standard output cannot be written: ") + std::strerror(errno));
    }
}

void run_stats(const std::string &input, const InputFormat &input_format, ReportFormat format) {
    InputFormat known = input_format;
    known.has_frames = known.raw != nullptr && known.raw->kind == Kind::frame;
    const Images images = read_images(input, known);
    Shape shape = images.shape;
    const bool are_frames = images.kind == Kind::frame;
    const std::string format_name = name(images.frame_format);
    if (are_frames && format_name.compare(0, 4, "gray") != 0) {
        shape.channels = 3;
    }
    const std::string what = "the list of statistics";
    const int64_t count = product_of({shape.count, shape.channels}, what);
    require_memory(product_of({count, sizeof(ChannelStatistics)}, what), what);
    std::vector<ChannelStatistics> statistics(static_cast<size_t>(count));
    require(are_frames ? compute_statistics(images.frames(), statistics)
                       : compute_statistics(images.view(), statistics));
    print(format == ReportFormat::json ? dump(stats_json(shape, statistics))
                                       : stats_table(shape, statistics));
}

void run_info(ReportFormat format) {
    const Context context;
    const Status status = context.status();
    const Variant *const chosen = status.ok() ? context.variant() : nullptr;
    const Span<const Variant> all = variants();
    const char *const hidden = std::getenv("GLIMPSE_HIDE_FEATURES");
    if (format == ReportFormat::json) {
        Json list = Json::array();
        for (size_t i = 0; i < all.size; i++) {
            list.push_back({{"name", text_or_empty(all.data[i].name)},
                            {"target", text_or_empty(all.data[i].target)},
                            {"usable", all.data[i].usable},
                            {"reason", text_or_empty(all.data[i].reason)}});
        }
        Json json = {{"version", version()},
                     {"variants", list},
                     {"hidden_features", text_or_empty(hidden)},
                     {"chosen", nullptr}};
        if (chosen != nullptr) {
            json["chosen"] = chosen->name;
        } else {
            json["reason"] = status.message();
        }
        print(dump(json));
        return;
    }
    std::vector<Row> rows = {{"variant", "usable", "reason", "target"}};
    for (size_t i = 0; i < all.size; i++) {
        rows.push_back({text_or_empty(all.data[i].name), all.data[i].usable ? "yes" : "no",
                        text_or_empty(all.data[i].reason), text_or_empty(all.data[i].target)});
    }
    print(std::string("glimpse ") + version() + "\n\n" + table(rows, Align::left) + "\n" +
          (hidden == nullptr || *hidden == '\0'
               ? ""
               : without_controls(std::string("hidden: ") + hidden +
                                  " (environment variable GLIMPSE_HIDE_FEATURES)") +
                     "\n") +
          without_controls(chosen != nullptr ? std::string("chosen: ") + chosen->name
                                             : std::string("chosen: none: ") + status.message()) +
          "\n");
}

}  // namespace command
}  // namespace glimpse
