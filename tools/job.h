// What `glimpse extract` and `glimpse explain` have in common: the glimpses that are asked for.
#ifndef GLIMPSE_TOOLS_JOB_H_
#define GLIMPSE_TOOLS_JOB_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "extract_command.h"
#include "glimpse/glimpse.h"
#include "image_file.h"

namespace glimpse {
namespace command {

// How offsets become origins.
enum class Convention { nearest, tensorflow_v1, tensorflow_v2 };

// What was asked for, checked as far as it can be without the files.
struct Request {
    bool has_origins = false;
    const char *boxes_option = nullptr;  // the option that asks for boxes; null: none does
    int levels = 0;                      // of a retina about each offset; 0: there is none
    Convention convention = Convention::nearest;
    bool centered = false;
    bool normalized = false;
    Sampling sampling;
    Size size;
    Border border = Border::zero;
    std::vector<float> value;
    uint64_t seed = 0;
    int threads = 1;
    InputFormat input_format;
    bool to_rgb = false;
    std::optional<ElementType> type;  // absent: that of the images, of RGB uint8
    Layout layout = Layout::interleaved;
    ChannelOrder channel_order;
    std::vector<float> subtract, multiply;
};

struct Positions {
    std::vector<Offset> offsets;
    std::vector<Origin> origins;  // known from the start, or by resolve_origins()
    std::vector<Box> boxes;       // known from the start, or by make_retinas()
};

Request parse_request(const ExtractArguments &arguments);

// Glimpses that are asked for, and what it takes to make them.
class Job {
public:
    const ExtractArguments &arguments;
    Request request;
    ThreadPool threads;
    Context context;
    Positions positions;
    std::vector<int32_t> image_index;
    Images images;
    Options options;

    Job(const ExtractArguments &arguments, const Request &request);

    int64_t count() const {
        return static_cast<int64_t>(request.boxes_option != nullptr ? positions.boxes.size()
                                                                    : positions.origins.size());
    }
    // What the library is asked for.
    Places places() const {
        return request.boxes_option != nullptr ? Places(positions.boxes)
                                               : Places(positions.origins);
    }
    Size image_size() const {
        return {images.shape.height, images.shape.width};
    }
    int64_t glimpse_channels() const {
        const int64_t of_images = request.to_rgb ? 3 : images.shape.channels;
        return request.channel_order.count == 0 ? of_images : request.channel_order.count;
    }
    // The boxes as if they had been asked for in pixels, rounded.
    std::vector<Box> boxes_in_pixels() const;
    // Room for the glimpses; `what` they are in messages.
    Images make_glimpses(int64_t glimpse_count, Size size, const std::string &what) const;

    // Reads all files, and finds origins or boxes.
    void read();

private:
    ContextOptions context_options();
    void resolve_origins();
    void make_retinas();
    std::vector<Origin> tensorflow_origins() const;
};

}  // namespace command
}  // namespace glimpse

#endif  // GLIMPSE_TOOLS_JOB_H_
