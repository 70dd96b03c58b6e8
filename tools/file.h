// Files: one that is read at known places, and one that is written beside its final name and
// renamed when it is complete.
#ifndef GLIMPSE_TOOLS_FILE_H_
#define GLIMPSE_TOOLS_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace glimpse {
namespace command {

// A file whose size is known before anything is believed that stands in it: a regular one, or a
// pipe or socket, which is read to its end.
class InputFile {
public:
    // `-` is the standard input.
    explicit InputFile(const std::string &path);
    ~InputFile();
    InputFile(const InputFile &) = delete;
    InputFile &operator=(const InputFile &) = delete;

    const std::string &path() const noexcept {
        return path_;
    }
    int64_t size() const noexcept {
        return size_;
    }
    // Reads exactly `bytes` from `offset` on.
    void read(int64_t offset, void *to, int64_t bytes) const;

private:
    std::string path_;
    int descriptor_ = -1;
    int64_t size_ = 0;
    bool is_in_memory_ = false;
    std::vector<char> content_;  // of what is no regular file
};

// Until commit(), what is written stands in a temporary file in the same directory; it is removed
// by the destructor, and by the signals that ask a process to end.
class OutputFile {
public:
    // Rejects a path at which commit() could not put a file. A link is written through.
    explicit OutputFile(const std::string &path);
    ~OutputFile();
    OutputFile(const OutputFile &) = delete;
    OutputFile &operator=(const OutputFile &) = delete;

    // Does not throw, so that C libraries can call it. After a failure all writes fail, and
    // commit() says why.
    bool write(const void *from, size_t bytes) noexcept;
    // Gives the file its name, or throws.
    void commit();

private:
    std::string path_;
    std::string temporary_path_;
    int descriptor_ = -1;
    int error_ = 0;
};

}  // namespace command
}  // namespace glimpse

#endif  // GLIMPSE_TOOLS_FILE_H_
