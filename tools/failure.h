// How the command fails: one exception that carries the exit code and one line of text.
#ifndef GLIMPSE_TOOLS_FAILURE_H_
#define GLIMPSE_TOOLS_FAILURE_H_

#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "glimpse/status.h"

namespace glimpse {
namespace command {

enum class ExitCode : int { success = 0, internal_failure = 1, bad_input = 2 };

class Failure : public std::runtime_error {
public:
    Failure(ExitCode exit_code, const std::string &message)
        : std::runtime_error(message), exit_code_(exit_code) {
    }
    ExitCode exit_code() const noexcept {
        return exit_code_;
    }

private:
    ExitCode exit_code_;
};

// "a, b or c": what was expected.
inline std::string one_of(const std::vector<std::string> &names) {
    std::string text;
    for (size_t i = 0; i < names.size(); i++) {
        text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
    }
    return text;
}

// Ends the command because of what the user gave it. The parts are written one after the other.
template<typename... Parts>
[[noreturn]] void reject(const Parts &...parts) {
    std::ostringstream text;
    (text << ... << parts);
    throw Failure(ExitCode::bad_input, text.str());
}

// Ends the command if a call of the library failed.
inline void require(const Status &status) {
    if (status.ok()) {
        return;
    }
    const bool internal =
        status.code() == StatusCode::internal || status.code() == StatusCode::out_of_memory;
    throw Failure(internal ? ExitCode::internal_failure : ExitCode::bad_input, status.message());
}

}  // namespace command
}  // namespace glimpse

#endif  // GLIMPSE_TOOLS_FAILURE_H_
