// Files on POSIX.
#include "file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

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
    for (const int signal_number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGALRM, SIGXCPU}) {
        if (signal(signal_number, remove_and_end) == SIG_IGN) {
            signal(signal_number, SIG_IGN);
        }
    }
    // A limit on the size of files is then an error of write() and not the end of the process.
    signal(SIGXFSZ, SIG_IGN);
}

// Holds signals back for as long as it lives.
class SignalsWait {
public:
    SignalsWait() {
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_BLOCK, &all, &before_);
    }
    ~SignalsWait() {
        sigprocmask(SIG_SETMASK, &before_, nullptr);
    }
    SignalsWait(const SignalsWait &) = delete;
    SignalsWait &operator=(const SignalsWait &) = delete;

private:
    sigset_t before_;
};

std::string directory_of(const std::string &path) {
    const size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

// The file that a path means when it is a symbolic link, also to one that does not exist yet.
std::string resolve_links(const std::string &path) {
    constexpr int most_links = 40;  // as Linux has it
    std::string resolved = path;
    char target[PATH_MAX];
    for (int i = 0; i <= most_links; i++) {
        const ssize_t length = readlink(resolved.c_str(), target, sizeof target);
        if (length < 0) {
            return resolved;  // no link
        }
        const std::string next(target, static_cast<size_t>(length));
        resolved = next[0] == '/' ? next : directory_of(resolved).append("/").append(next);
    }
    reject(path, ": cannot be written: ", std::strerror(ELOOP));
}

// What replacing a file would do and writing to it would not: a file that may not be written, or
// that is somebody else's in a folder where each may remove only his own.
void require_replaceable(const std::string &path, const std::string &resolved) {
    struct stat file, directory;
    if (stat(resolved.c_str(), &file) != 0) {
        if (errno != ENOENT) {
            reject(path, ": cannot be written: ", std::strerror(errno));
        }
        return;
    }
    if (!S_ISREG(file.st_mode)) {
        reject(path, ": cannot be written: is ",
               S_ISDIR(file.st_mode) ? "a directory" : "not a regular file",
               "; expected the name of a file");
    }
    if ((file.st_mode & 0222) == 0 || access(resolved.c_str(), W_OK) != 0) {
        reject(path, ": cannot be written: it is read-only");
    }
    const uid_t user = geteuid();
    if (user != 0 && stat(directory_of(resolved).c_str(), &directory) == 0 &&
        (directory.st_mode & S_ISVTX) != 0 && file.st_uid != user && directory.st_uid != user) {
        reject(path, ": cannot be replaced: it is another user's, in a folder with the sticky bit");
    }
}

// All bytes of a stream, whose size nobody knows before.
std::vector<char> read_stream(const std::string &path, int descriptor) {
    constexpr size_t piece = 1 << 20, most = size_t{8} << 30;
    std::vector<char> content;
    for (size_t size = 0;;) {
        content.resize(size + piece);
        const ssize_t got = ::read(descriptor, content.data() + size, piece);
        if (got < 0 && errno != EINTR) {
            reject(path, ": cannot be read: ", std::strerror(errno));
        }
        size += got > 0 ? static_cast<size_t>(got) : 0;
        if (got == 0) {
            content.resize(size);
            return content;
        }
        if (size > most) {
            reject(path, ": the stream holds more than ", most, " bytes; expected a file");
        }
    }
}

}  // namespace

InputFile::InputFile(const std::string &path) : path_(path == "-" ? "standard input" : path) {
    const bool is_standard = path == "-";
    struct stat status;
    if ((is_standard ? fstat(STDIN_FILENO, &status) : stat(path.c_str(), &status)) != 0) {
        reject(path_, ": cannot be read: ", std::strerror(errno));
    }
    static bool standard_input_is_taken = false;
    if (is_standard && standard_input_is_taken) {
        reject(path_, ": is asked for twice; expected - for one file alone");
    }
    standard_input_is_taken = standard_input_is_taken || is_standard;
    // A file that somebody has read a part of goes on from there, as a stream does.
    const bool is_stream = S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) ||
                           (is_standard && lseek(STDIN_FILENO, 0, SEEK_CUR) > 0);
    if (!S_ISREG(status.st_mode) && !is_stream) {
        reject(path_, ": is ", S_ISDIR(status.st_mode) ? "a directory" : "not a file",
               "; expected a file or a pipe");
    }
    descriptor_ = is_standard ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor_ < 0) {
        reject(path_, ": cannot be read: ", std::strerror(errno));
    }
    size_ = static_cast<int64_t>(status.st_size);
    if (is_stream) {
        content_ = read_stream(path_, descriptor_);
        is_in_memory_ = true;
        size_ = static_cast<int64_t>(content_.size());
    }
}

InputFile::~InputFile() {
    close(descriptor_);
}

void InputFile::read(int64_t offset, void *to, int64_t bytes) const {
    char *next = static_cast<char *>(to);
    if (is_in_memory_ && bytes <= size_ - offset) {
        std::memcpy(next, content_.data() + offset, static_cast<size_t>(bytes));
        return;
    }
    while (bytes > 0) {
        const size_t wanted = std::min(static_cast<size_t>(bytes), largest_transfer);
        const ssize_t got =
            is_in_memory_ ? 0 : pread(descriptor_, next, wanted, static_cast<off_t>(offset));
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

OutputFile::OutputFile(const std::string &path) : path_(resolve_links(path)) {
    struct stat status;
    require_replaceable(path, path_);
    const bool exists = stat(path_.c_str(), &status) == 0;
    const SignalsWait until_removable;
    for (int attempt = 0; descriptor_ < 0; attempt++) {
        temporary_path_ = directory_of(path_) + "/.glimpse-" + std::to_string(getpid()) + "-" +
                          std::to_string(attempt) + ".tmp";
        descriptor_ = open(temporary_path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor_ < 0 && errno != EEXIST) {
            reject(path, ": cannot be written: ", directory_of(path_), ": ", std::strerror(errno));
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
