// Strict reading of the texts that options take: the whole text or nothing.
#ifndef GLIMPSE_TOOLS_ARGUMENTS_H_
#define GLIMPSE_TOOLS_ARGUMENTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "glimpse/explain.h"
#include "image_file.h"

namespace glimpse {
namespace command {

// Each rejects a text that is not what it returns, naming the option, the text and what was
// expected.
Size parse_size(const std::string &option, const std::string &text);
Offset parse_offset(const std::string &option, const std::string &text);
Origin parse_origin(const std::string &option, const std::string &text);
Box parse_box(const std::string &option, const std::string &text);
ChannelOrder parse_channel_order(const std::string &option, const std::string &text);
Pixel parse_pixel(const std::string &option, const std::string &text);
float parse_number(const std::string &option, const std::string &text);
std::vector<float> parse_floats(const std::string &option, const std::string &text);
uint64_t parse_uint64(const std::string &option, const std::string &text);
int parse_int(const std::string &option, const std::string &text, int smallest, int largest);

// Returns the index in `names` of `text`.
size_t parse_name(const std::string &option, const std::string &text,
                  const std::vector<std::string> &names);

ElementType parse_type(const std::string &option, const std::string &text);

// What options say of INPUT; --input-layout and --raw are not given both.
struct InputOptions {
    std::optional<std::string> layout, raw, frames, matrix, range, siting;

    bool has_color() const {
        return matrix || range || siting;
    }
};
InputFormat parse_input_format(const InputOptions &options);

}  // namespace command
}  // namespace glimpse

#endif  // GLIMPSE_TOOLS_ARGUMENTS_H_
