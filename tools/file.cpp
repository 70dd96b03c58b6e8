// Files on POSIX.
#include "file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "failure.h"

namespace glimpse {
namespace command {
namespace {

// Linux moves at most this many bytes in one call; macOS refuses more.
constexpr size_t largest_transfer = size_t{1} << 30;

// What a signal removes. A plain array, since a handler may touch little else.
char path_to_remove[4096];

extern "C" void remove_and_end(int signal_number) {
    unlink(path_to_remove);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

void remove_on_signals(const std::string &path) {
    if (path.size() >= sizeof path_to_remove) {
        return;
    }
    std::memcpy(path_to_remove, path.c_str(), path.size() + 1);
    for (const int signal_number : {SIGHUP, SIGINT, SIGTERM}) {
        if (signal(signal_number, remove_and_end) == SIG_IGN) {
            signal(signal_number, SIG_IGN);
        }
    }
    // A limit on the size of files is then an error of write() and not the end of the process.
    signal(SIGXFSZ, SIG_IGN);
}

std::string directory_of(const std::string &path) {
    const size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

// The file that a path means when it is a symbolic link to one.
std::string resolve_link(const std::string &path) {
    struct stat status;
    if (lstat(path.c_str(), &status) != 0 || !S_ISLNK(status.st_mode)) {
        return path;
    }
    const std::unique_ptr<char, decltype(&std::free)> target(realpath(path.c_str(), nullptr),
                                                             &std::free);
    return target != nullptr ? target.get() : path;
}

}  // namespace

InputFile::InputFile(const std::string &path) : path_(path) {
    struct stat status;
    if (stat(path.c_str(), &status) != 0) {
        reject(path, ": cannot be read: ", std::strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        reject(path, ": is ", S_ISDIR(status.st_mode) ? "a directory" : "no regular file",
               "; expected a file");
    }
    descriptor_ = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor_ < 0) {
        reject(path, ": cannot be read: ", std::strerror(errno));
    }
    size_ = static_cast<int64_t>(status.st_size);
}

InputFile::~InputFile() {
    close(descriptor_);
}

void InputFile::read(int64_t offset, void *to, int64_t bytes) const {
    char *next = static_cast<char *>(to);
    while (bytes > 0) {
        const size_t wanted = std::min(static_cast<size_t>(bytes), largest_transfer);
        const ssize_t got = pread(descriptor_, next, wanted, static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            reject(path_, ": cannot be read: ",
                   got < 0 ? std::strerror(errno) : "the file ends too early");
        }
        next += got;
        offset += got;
        bytes -= got;
    }
}

void OutputFile::require_writable(const std::string &path) {
    struct stat status;
    if (stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
        reject(path, ": cannot be written: is ",
               S_ISDIR(status.st_mode) ? "a directory" : "no regular file",
               "; expected the name of a file");
    }
    const std::string directory = directory_of(path);
    if (stat(directory.c_str(), &status) != 0) {
        reject(path, ": cannot be written: ", directory, ": ", std::strerror(errno));
    }
    if (!S_ISDIR(status.st_mode)) {
        reject(path, ": cannot be written: ", directory, ": is no directory");
    }
}

OutputFile::OutputFile(const std::string &path) : path_(resolve_link(path)) {
    struct stat status;
    const bool exists = stat(path_.c_str(), &status) == 0;
    for (int attempt = 0; descriptor_ < 0; attempt++) {
        temporary_path_ = directory_of(path_) + "/.glimpse-" + std::to_string(getpid()) + "-" +
                          std::to_string(attempt) + ".tmp";
        descriptor_ = open(temporary_path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor_ < 0 && errno != EEXIST) {
            reject(path, ": cannot be written: ", std::strerror(errno));
        }
    }
    remove_on_signals(temporary_path_);
    if (exists) {
        // The permissions of the file that is replaced; where that is refused, the usual ones.
        static_cast<void>(fchmod(descriptor_, status.st_mode & 0777));
    }
}

OutputFile::~OutputFile() {
    if (descriptor_ >= 0) {
        close(descriptor_);
    }
    if (!temporary_path_.empty()) {
        unlink(temporary_path_.c_str());
    }
}

bool OutputFile::write(const void *from, size_t bytes) noexcept {
    const char *next = static_cast<const char *>(from);
    while (error_ == 0 && bytes > 0) {
        const ssize_t written = ::write(descriptor_, next, std::min(bytes, largest_transfer));
        if (written >= 0) {
            next += written;
            bytes -= static_cast<size_t>(written);
        } else if (errno != EINTR) {
            error_ = errno;
        }
    }
    return error_ == 0;
}

void OutputFile::commit() {
    if (close(descriptor_) != 0 && error_ == 0) {
        error_ = errno;
    }
    descriptor_ = -1;
    if (error_ == 0 && std::rename(temporary_path_.c_str(), path_.c_str()) != 0) {
        error_ = errno;
    }
    if (error_ != 0) {
        throw Failure(ExitCode::internal_failure,
                      path_ + ": cannot be written: " + std::strerror(error_));
    }
    temporary_path_.clear();
}

}  // namespace command
}  // namespace glimpse
