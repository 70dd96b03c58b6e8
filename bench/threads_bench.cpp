// Times calls on a warm thread pool beside the same calls on one thread, as
// `threads/CALL/KILOBYTES/IMPLEMENTATION`: `serial`, or `pool-2` and `pool-N` for the processors
// that there are. KILOBYTES are those of the output. CALL:
//
//     copy      uint8 windows of 64x64x3 inside a frame of 1080 x 1920 pixels
//     planar    the same as planes of float32, with a factor
//     gaussian  uint8 windows of 64x64x3 beside the frame
//
// Times are those of a clock, not of a processor.
#include <memory>
#include <string>
#include <vector>

#include "runner.h"

namespace {

using glimpse::Border;
using glimpse::ConstView;
using glimpse::Context;
using glimpse::ContextOptions;
using glimpse::Options;
using glimpse::Origin;
using glimpse::Shape;
using glimpse::Status;
using glimpse::ThreadPool;
using glimpse::View;

const int64_t frame_height = 1080, frame_width = 1920, side = 64, channels = 3;

const float multiply[] = {1.0f / 64};
const glimpse::ChannelStatistics statistics[] = {
    {0, 255, 128, 40}, {0, 255, 128, 40}, {0, 255, 128, 40}};

enum class Call { copy, planar, gaussian };

const char *name_of(Call call) {
    return call == Call::copy ? "copy" : call == Call::planar ? "planar" : "gaussian";
}

// A context with a pool of so many threads; 1: without one.
struct Threads {
    explicit Threads(int width) : pool(width) {
        ContextOptions options;
        if (width > 1) {
            options.executor = pool.executor();
        }
        context = std::make_unique<Context>(options);
    }
    ThreadPool pool;
    std::unique_ptr<Context> context;
};

// Everything that the rows of one group work on.
class Bench {
public:
    Bench(Call call, int64_t bytes)
        : call_(call), count_(bytes / (side * side * channels * element_size())),
          frame_(bench::random_elements<uint8_t>(frame_height * frame_width * channels)),
          out_(count_ * side * side * channels * element_size()) {
        bench::Random random;
        for (int64_t i = 0; i < count_; i++) {
            origins_.push_back({random.up_to(frame_height - side),
                                call == Call::gaussian ? static_cast<int32_t>(-side)
                                                       : random.up_to(frame_width - side)});
        }
        options_.border = call == Call::gaussian ? Border::gaussian : Border::zero;
        options_.statistics = statistics;
        if (call == Call::planar) {
            options_.multiply = multiply;
        }
    }

    void time(Context &context, benchmark::State &state) {
        const ConstView frame =
            ConstView::interleaved(frame_.data(), {1, frame_height, frame_width, channels});
        const Shape shape = {count_, side, side, channels};
        const View glimpses = call_ == Call::planar
                                  ? View::planar(reinterpret_cast<float *>(out_.data()), shape)
                                  : View::interleaved(out_.data(), shape);
        while (state.KeepRunning()) {
            const Status status = extract(frame, origins_, glimpses, options_, context);
            benchmark::ClobberMemory();
            if (!status.ok()) {
                state.SkipWithError(status.message());
                break;
            }
        }
        state.SetBytesProcessed(state.iterations() * count_ * side * side * channels *
                                element_size());
    }

private:
    int64_t element_size() const {
        return call_ == Call::planar ? 4 : 1;
    }

    Call call_;
    int64_t count_;
    bench::Memory<uint8_t> frame_, out_;
    std::vector<Origin> origins_;
    Options options_;
};

}  // namespace

int main(int argc, char **argv) {
    const int processors = ThreadPool().width();
    std::vector<int> widths = {1, 2};
    if (processors > 2) {
        widths.push_back(processors);
    }
    std::vector<bench::Group> groups;
    for (const Call call : {Call::copy, Call::planar, Call::gaussian}) {
        for (const int64_t kilobytes : {1100, 3100, 12000, 48000}) {
            groups.push_back(
                {std::string("threads/") + name_of(call) + "/" + std::to_string(kilobytes), [=] {
                     const auto made = std::make_shared<std::unique_ptr<Bench>>();
                     std::vector<bench::Row> rows;
                     for (const int width : widths) {
                         const auto threads = std::make_shared<Threads>(width);
                         rows.push_back({width == 1 ? "serial" : "pool-" + std::to_string(width),
                                         [=](benchmark::State &state) {
                                             if (!*made) {
                                                 *made = std::make_unique<Bench>(call,
                                                                                 kilobytes * 1000);
                                             }
                                             (*made)->time(*threads->context, state);
                                         }});
                     }
                     return rows;
                 }});
        }
    }
    return bench::run(argc, argv, groups);
}
