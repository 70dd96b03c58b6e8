// `glimpse extract` and `glimpse explain`: glimpses of one file, into another; or of one of their
// pixels where it comes from.
#ifndef GLIMPSE_TOOLS_EXTRACT_COMMAND_H_
#define GLIMPSE_TOOLS_EXTRACT_COMMAND_H_

#include <optional>
#include <string>
#include <vector>

#include "arguments.h"

namespace glimpse {
namespace command {

// The arguments as they were typed; absent ones have no value.
struct ExtractArguments {
    std::string input;
    std::string output;
    std::string size;
    std::vector<std::string> offset;
    std::vector<std::string> origin;
    std::optional<std::string> offsets;
    std::optional<std::string> origins;
    std::vector<std::string> box;
    std::optional<std::string> boxes;
    std::optional<std::string> retina;
    std::optional<std::string> image_index;
    std::optional<std::string> convention;
    std::optional<std::string> centered;
    std::optional<std::string> normalized;
    std::optional<std::string> filter;
    std::optional<std::string> antialias;
    std::optional<std::string> edge;
    std::optional<std::string> edge_margin;
    std::optional<std::string> border;
    std::optional<std::string> value;
    std::optional<std::string> seed;
    std::optional<std::string> variant;
    std::optional<std::string> threads;
    InputOptions input_options;
    std::optional<std::string> to;
    std::optional<std::string> type;
    std::optional<std::string> layout;
    std::optional<std::string> channel_order;
    bool exact_fill = false;
    std::optional<std::string> subtract;
    std::optional<std::string> multiply;
    // Of `explain` alone, which has no output.
    std::string pixel;
    std::optional<std::string> glimpse;
};

void run_extract(const ExtractArguments &arguments);
void run_explain(const ExtractArguments &arguments);

}  // namespace command
}  // namespace glimpse

#endif  // GLIMPSE_TOOLS_EXTRACT_COMMAND_H_
