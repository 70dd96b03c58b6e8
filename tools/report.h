// What the command prints: `glimpse stats`, `glimpse info`, and single lines.
#ifndef GLIMPSE_TOOLS_REPORT_H_
#define GLIMPSE_TOOLS_REPORT_H_

#include <cstdio>
#include <string>

#include "image_file.h"

namespace glimpse {
namespace command {

enum class ReportFormat { table, json };

// Prints a text as one line, whatever a file name in it holds.
void print_line(std::FILE *to, const std::string &text);
// Says what is odd, where the command goes on.
void warn(const std::string &text);

// Prints a text on standard output, or throws.
void print(const std::string &text);

// Prints the statistics of all images of a file.
void run_stats(const std::string &input, const InputFormat &input_format, ReportFormat format);

// Prints the version, the variants and which one is used. Succeeds where none can be.
void run_info(ReportFormat format);

}  // namespace command
}  // namespace glimpse

#endif  // GLIMPSE_TOOLS_REPORT_H_
