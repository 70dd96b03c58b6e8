// Describes calls whose pixels lie on a device to kernels, and queues them; nothing waits.
#include "device/device.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "call/check.h"
#include "call/rows.h"
#include "definition/filter.h"
#include "definition/placement.h"
#include "device/buffer.h"
#include "host/parameters.h"

namespace glimpse {
namespace {

// Of the taps of glimpses that are made in one launch.
constexpr int64_t most_table_bytes = 256 << 20;

// Threads of a block: of every device.
constexpr int64_t most_threads = 256, most_threads_z = 64;

// Offsets of what a call uploads, in one piece, and its size.
struct Layout {
    size_t positions = 0, fill = 0, statistics = 0, conversion = 0, size = 0;

    size_t add(size_t bytes) noexcept {
        const size_t at = size;
        size += (bytes + 15) / 16 * 16;
        return at;
    }
};

// Threads of a block along rows (in vectors), along columns, and over glimpses: as few as possible
// have nothing to do.
struct Threads {
    int x, y, z;
};

// The number of threads, a power of two, that goes best into `count`: not below `least` unless that
// is more than there is to do.
int best_threads(int64_t count, int64_t least, int64_t most) {
    int64_t best = 1;
    while (best < least && best < count) {
        best *= 2;
    }
    for (int64_t t = 2 * best; t <= most && t < 2 * count; t *= 2) {
        const auto made = [&](int64_t threads) {
            return (count + threads - 1) / threads * threads;
        };
        // An eighth of the threads may be idle for the sake of more of them side by side.
        if (made(t) * 8 <= made(best) * 9) {
            best = t;
        }
    }
    return int(best);
}

Threads threads_for(int64_t vectors, int64_t vector_bytes, int64_t rows, int64_t glimpses) {
    // Memory is written by 32 bytes.
    Threads t = {best_threads(vectors, 32 / std::max<int64_t>(vector_bytes, 1), 64), 1, 1};
    t.y = best_threads(rows, 1, most_threads / t.x);
    while ((rows + t.y - 1) / t.y > most_blocks && t.y < most_threads) {
        t.y *= 2;
        t.x = std::max<int>(1, std::min<int>(t.x, int(most_threads) / t.y));
    }
    t.z = best_threads(glimpses, 1, std::min(most_threads / (t.x * t.y), most_threads_z));
    return t;
}

// Whether rows begin with whole vectors and hold nothing else.
bool is_aligned(const Rows &out) {
    const auto whole = [](int64_t extent, int64_t stride) {
        return extent <= 1 || stride % device_lanes == 0;
    };
    const auto address = reinterpret_cast<uintptr_t>(out.data);
    return out.element_size > 0 && out.element_stride == 1 && out.elements % device_lanes == 0 &&
           address % uintptr_t(device_lanes * out.element_size) == 0 &&
           whole(out.rows, out.row_stride) && whole(out.planes, out.plane_stride) &&
           whole(out.count, out.image_stride);
}

// A call on its way to a device.
class QueuedCall {
public:
    QueuedCall(const Call &call, const ConstView &images, const ConstView &glimpses,
               CudaCall &cuda) noexcept
        : call_(call), images_(images), cuda_(cuda), channels_(call.channels()),
          // There is no pixel; indices on the device may be asked for images that there are not.
          is_empty_(call.has_no_pixels || images.shape.count == 0),
          needs_statistics_(needs_statistics(call.border)),
          statistics_here_(needs_statistics_ && call.statistics.size != 0 &&
                           call.statistics.memory == Memory::host) {
        // Rows of whole pixels where glimpses are so, of planes otherwise.
        const bool pixels = call.glimpse_channels() > 1 && is_interleaved(glimpses);
        const bool is_ordered = call.channel_order.count != 0;
        const bool alike = !pixels || (is_interleaved(images) && !is_ordered);
        in_ = rows_of(images, pixels && alike && !call.places.is_boxes());
        out_ = rows_of(glimpses, pixels);
        rows_ = !alike                                        ? rows_joined
                : is_aligned(out_) && !call.places.is_boxes() ? rows_aligned
                                                              : rows_alike;
        const int64_t lanes = rows_ == rows_aligned ? device_lanes : 1;
        threads_ =
            threads_for(out_.elements / lanes, lanes * out_.element_size, out_.rows, call.count());
        // Strides of buffers have 32 bits.
        one_by_one_ = !is_int32(in_.image_stride) || !is_int32(out_.image_stride);
    }

    Status queue() noexcept {
        GLIMPSE_TRY(check_limits());
        find_taps();
        GLIMPSE_TRY(upload());
        GLIMPSE_TRY(place());
        GLIMPSE_TRY(find_statistics());
        launch_all();
        return cuda_.status();
    }

private:
    Status check_limits() const noexcept {
        if (out_.planes > most_blocks || (out_.rows + threads_.y - 1) / threads_.y > most_blocks) {
            return Status(
                StatusCode::too_large,
                "glimpses have %lld rows and %lld planes; expected at most %lld and %lld on a "
                "device",
                (long long)out_.rows, (long long)out_.planes,
                (long long)(most_blocks * most_threads), (long long)most_blocks);
        }
        if (one_by_one_ && call_.places_on_device) {
            return Status(
                StatusCode::too_large,
                "images or glimpses are 2^31 elements apart or more; expected less where %s lie in "
                "device memory",
                call_.places.memory != Memory::host ? "places" : "image indices");
        }
        return {};
    }

    // Finds the most taps of boxes; of those in device memory, at which nobody looks, of boxes
    // twice as large as the image.
    void find_taps() noexcept {
        taps_ = {call_.most_y_taps, call_.most_x_taps};
        if (!call_.places.is_boxes() || call_.places.memory == Memory::host || is_empty_) {
            return;
        }
        const SamplingRule &rule = call_.sampling;
        const Size image = call_.image(0).size, glimpse = call_.glimpse_size();
        const auto of_boxes = [&](int64_t extent, int64_t count) {
            const BoxAxis a({0, std::min<int64_t>(2 * extent, INT32_MAX) * fixed_one}, count);
            return std::min(rule.most_taps_of(a), most_taps);
        };
        if (has_taps<HostNumbers>(int32_t(rule.filter), rule.antialias, true)) {
            taps_ = {of_boxes(image.height, glimpse.height), of_boxes(image.width, glimpse.width)};
        }
    }

    size_t statistics_bytes() const noexcept {
        return size_t(images_.shape.count * channels_) * sizeof(ChannelStatistics);
    }

    // Uploads what the host has to tell, in one piece.
    Status upload() noexcept {
        const auto count = size_t(call_.count());
        const bool has_fill = call_.border == Border::constant;
        const bool places_here = call_.places.memory == Memory::host;
        const size_t place_bytes = call_.places.place_bytes();
        const bool index_here =
            call_.image_index.size != 0 && call_.image_index.memory == Memory::host;
        layout_.positions = layout_.add(!call_.places_on_device ? count * position_bytes()
                                        : places_here           ? count * place_bytes
                                        : index_here            ? count * sizeof(int32_t)
                                                                : 0);
        layout_.fill = layout_.add(has_fill ? size_t(channels_) * fill_bytes() : 0);
        layout_.statistics = layout_.add(statistics_here_ ? statistics_bytes() : 0);
        layout_.conversion = layout_.add(
            call_.converts
                ? size_t(call_.glimpse_channels() * device_conversion_fields) * sizeof(float)
                : 0);
        uploaded_ = cuda_.memory(std::max<size_t>(layout_.size, 64));
        const Scratch scratch(call_.context.scratch, layout_.size);
        auto *const memory = static_cast<char *>(scratch.data());
        if (layout_.size == 0) {
            return cuda_.status();
        }
        GLIMPSE_TRY(scratch.check("arguments"));
        if (!call_.places_on_device && call_.places.is_boxes()) {
            write_boxes(reinterpret_cast<int32_t *>(memory + layout_.positions));
        } else if (!call_.places_on_device) {
            write_positions(reinterpret_cast<Position *>(memory + layout_.positions));
        } else if (places_here) {
            memcpy(memory + layout_.positions, call_.places.data, count * place_bytes);
        } else if (index_here) {
            memcpy(memory + layout_.positions, call_.image_index.data, count * sizeof(int32_t));
        }
        if (has_fill) {
            write_constant(memory + layout_.fill);
        }
        if (statistics_here_) {
            memcpy(memory + layout_.statistics, call_.statistics.data, statistics_bytes());
        }
        if (call_.converts) {
            write_conversion(reinterpret_cast<float *>(memory + layout_.conversion));
        }
        cuda_.upload(uploaded_, memory, layout_.size);
        return cuda_.status();
    }

    void write_positions(Position *positions) const noexcept {
        const auto rule = int32_t(call_.border);
        for (size_t i = 0; i < size_t(call_.count()); i++) {
            const Window &w = call_.windows[i];
            const Size image = call_.image(w.image).size, glimpse = call_.glimpse_size();
            const auto reduced = [rule](int32_t origin, int64_t size, int64_t extent) {
                return int32_t(reduced_origin<HostNumbers>(rule, int64_t(origin), size, extent));
            };
            positions[i] = {
                one_by_one_ ? 0 : w.image, reduced(w.origin.y, glimpse.height, image.height),
                reduced(w.origin.x, glimpse.width, image.width), w.origin.y, w.origin.x};
        }
    }

    // Of where a glimpse lies, and of an element that fills.
    size_t position_bytes() const noexcept {
        return call_.places.is_boxes() ? device_box_fields * sizeof(int32_t) : sizeof(Position);
    }
    size_t fill_bytes() const noexcept {
        return call_.places.is_boxes() ? sizeof(uint32_t) : size_t(size_in_bytes(images_.type));
    }

    void write_boxes(int32_t *box) const noexcept {
        for (size_t i = 0; i < size_t(call_.count()); i++, box += device_box_fields) {
            const BoxAxis y = call_.box_rows(i), x = call_.box_columns(i);
            box[box_image] = one_by_one_ ? 0 : call_.windows[i].image;
            box[box_flags] = (y.is_flipped() ? box_flips_y : 0) |
                             (x.is_flipped() ? box_flips_x : 0) |
                             (call_.is_sampled(i) ? tap_flags(i, y, x) : box_is_copied);
            write_axis(y, box + box_y);
            write_axis(x, box + box_x);
        }
    }
    int32_t tap_flags(size_t i, const BoxAxis &y, const BoxAxis &x) const noexcept {
        if (call_.method(i) != Method::taps) {
            return 0;
        }
        return box_has_taps | (call_.sums_integers(y, x) ? box_by_integers : 0);
    }
    static void write_axis(const BoxAxis &a, int32_t *fields) noexcept {
        const auto wide = [fields](int field, uint64_t v) {
            fields[field] = int32_t(uint32_t(v));
            fields[field + 1] = int32_t(uint32_t(v >> 32));
        };
        wide(axis_low, uint64_t(a.axis().low));
        wide(axis_step, a.axis().step);
        fields[axis_rest] = int32_t(a.axis().rest);
        fields[axis_part] = int32_t(a.axis().part);
    }

    void write_constant(char *elements) const noexcept {
        for (int64_t c = 0; c < channels_; c++, elements += fill_bytes()) {
            const float v = value_of(call_.value, c, 0);
            memset(elements, 0, fill_bytes());
            write_elements(Span<const float>(&v, 1), images_.type, 1, elements);
        }
    }

    void write_conversion(float *values) const noexcept {
        for (int64_t c = 0; c < call_.glimpse_channels(); c++) {
            float *const of_channel = values + c * device_conversion_fields;
            of_channel[conversion_subtract] = value_of(call_.subtract, c, 0);
            of_channel[conversion_multiply] = value_of(call_.multiply, c, 1);
            of_channel[conversion_fill] = value_of(call_.value, call_.channel_from(c), 0);
        }
    }

    // Finds where glimpses lie.
    Status place() noexcept {
        positions_ = uploaded_ + layout_.positions;
        if (!call_.places_on_device) {
            return {};
        }
        const int64_t count = call_.count();
        const AskedPlaces &asked = call_.places;
        const Span<const int32_t> &index = call_.image_index;
        const bool has_index = index.size != 0;
        const CUdeviceptr places =
            asked.memory == Memory::host ? positions_ : device_pointer(asked.data);
        const CUdeviceptr indices = !has_index                     ? uploaded_
                                    : index.memory == Memory::host ? positions_
                                                                   : device_pointer(index.data);
        positions_ = cuda_.memory(size_t(count) * position_bytes());
        GLIMPSE_TRY(cuda_.status());
        if (asked.is_boxes()) {
            return place_boxes(places, indices);
        }
        const DeviceBuffer<2> places_buffer(places, u32, {2, count}, {1, 2});
        const DeviceBuffer<1> index_buffer(indices, i32, {has_index ? count : 1}, {1});
        const DeviceBuffer<2> positions(positions_, i32, {position_fields, count},
                                        {1, position_fields});
        const Size image = call_.image(0).size, glimpse = call_.glimpse_size();
        cuda_.check(device_kernels()->origins(
            cuda_.user_context(), places_buffer, index_buffer, has_index,
            int32_t(images_.shape.count), int32_t(image.height), int32_t(image.width),
            int32_t(glimpse.height), int32_t(glimpse.width), asked.rule, asked.normalized,
            asked.centered, asked.halves_y, asked.halves_x, int32_t(call_.border), 0, positions));
        return cuda_.status();
    }

    Status place_boxes(CUdeviceptr places, CUdeviceptr indices) noexcept {
        const int64_t count = call_.count();
        const AskedPlaces &asked = call_.places;
        const bool has_index = call_.image_index.size != 0;
        const DeviceBuffer<2> sides(places, f32, {4, count}, {1, 4});
        const DeviceBuffer<1> index_buffer(indices, i32, {has_index ? count : 1}, {1});
        const DeviceBuffer<2> boxes(positions_, i32, {device_box_fields, count},
                                    {1, device_box_fields});
        const Size image = call_.image(0).size, glimpse = call_.glimpse_size();
        cuda_.check(device_kernels()->boxes(
            cuda_.user_context(), sides, index_buffer, has_index, int32_t(images_.shape.count),
            int32_t(image.height), int32_t(image.width), int32_t(glimpse.height),
            int32_t(glimpse.width), asked.normalized, asked.centered,
            call_.sampling.copies_windows(), int32_t(call_.sampling.filter),
            call_.sampling.antialias, int32_t(taps_.y), int32_t(taps_.x), call_.sums_integers(),
            int32_t(call_.border), 0, boxes));
        return cuda_.status();
    }

    // Finds the statistics of images: given, or of those whose outside some glimpse may show.
    Status find_statistics() noexcept {
        statistics_ = uploaded_;
        reads_statistics_ = needs_statistics_ && (call_.statistics.size != 0 || !is_empty_);
        if (!reads_statistics_) {
            return {};
        }
        if (call_.statistics.size != 0) {
            statistics_ = statistics_here_ ? uploaded_ + layout_.statistics
                                           : device_pointer(call_.statistics.data);
            return {};
        }
        int64_t first = 0, end = images_.shape.count;
        if (!call_.places_on_device) {
            std::swap(first, end);
            for (size_t i = 0; i < size_t(call_.count()); i++) {
                const Window &w = call_.windows[i];
                if (call_.needs_border(i)) {
                    first = std::min<int64_t>(first, w.image);
                    end = std::max<int64_t>(end, w.image + 1);
                }
            }
        }
        statistics_ = cuda_.memory(statistics_bytes());
        GLIMPSE_TRY(cuda_.status());
        return queue_statistics(images_, first, end - first,
                                statistics_ + size_t(first * channels_) * sizeof(ChannelStatistics),
                                cuda_);
    }

    void launch_all() noexcept {
        if (is_empty_) {
            in_ = without_pixels(in_, pointer_of(uploaded_), std::max<int64_t>(in_.count, 1));
        }
        make_table();
        if (!cuda_.status().ok()) {
            return;
        }
        if (!one_by_one_) {
            return launch({0, call_.count(), 0});
        }
        for (int64_t i = 0; i < call_.count() && cuda_.status().ok(); i++) {
            launch({i, 1, call_.windows[size_t(i)].image});
        }
    }

    // Some glimpses of one launch: `many` from `first` on; `image` is the number of the first image
    // described.
    struct Launch {
        int64_t first, many, image;
    };
    // What all kernels are told of them.
    struct Arguments {
        DeviceBuffer<2> positions;
        DeviceBuffer<1> fill;
        DeviceBuffer<3> statistics;
        DeviceBuffer<2> conversion;
        Buffer<4> glimpses;
        uint32_t first_image;
        Rows in;
        int64_t images;
    };
    Arguments arguments(const Launch &l) const noexcept {
        const int64_t step = reads_statistics_ ? 3 : 0;
        const bool samples = call_.places.is_boxes();
        const int64_t fields = samples ? device_box_fields : position_fields;
        Rows in = in_;
        in.data += l.image * in.image_stride * in.element_size;
        return {
            {positions_ + size_t(l.first) * position_bytes(), i32, {fields, l.many}, {1, fields}},
            {uploaded_ + layout_.fill,
             samples ? u32 : element_type(in_),
             {channels_},
             {call_.border == Border::constant ? 1 : 0}},
            {statistics_ + size_t(l.image * channels_ * step) * sizeof(uint64_t),
             u64,
             {3, channels_, one_by_one_ ? 1 : images_.shape.count},
             {1, step, step * channels_}},
            {uploaded_ + layout_.conversion,
             f32,
             {device_conversion_fields, call_.glimpse_channels()},
             {1, call_.converts ? device_conversion_fields : 0}},
            buffer_of(out_, l.first, l.many),
            call_.first_image + uint32_t(l.image),
            in,
            one_by_one_ ? 1 : in.count};
    }
    // An image without pixels has no mean; it is filled with zeros.
    int32_t border() const noexcept {
        return int32_t(needs_statistics_ && !reads_statistics_ ? Border::zero : call_.border);
    }
    int family_index() const noexcept {
        return call_.family() == Family::noise ? 1 : 0;
    }

    void launch(const Launch &l) noexcept {
        if (!call_.places.is_boxes()) {
            return extract(l);
        }
        if (has_near(l)) {
            sample(l);
        }
        for (int64_t i = 0; has_taps_ && i < l.many; i += taps_at_once_) {
            sample_taps({l.first + i, std::min(l.many - i, taps_at_once_), l.image});
        }
    }

    void extract(const Launch &l) noexcept {
        const Arguments a = arguments(l);
        ExtractDeviceKernel *const kernel =
            device_kernels()->extract[family_index()][width_index(a.in.element_size)]
                                     [call_.converts ? 1 + width_index(out_.element_size) : 0];
        cuda_.check(kernel(cuda_.user_context(), buffer_of(a.in, 0, a.images), a.positions, a.fill,
                           a.statistics, a.conversion, int32_t(images_.type),
                           int32_t(call_.glimpses.type), int32_t(out_.samples), rows_, border(),
                           call_.seed, a.first_image, 0, packed(call_.channel_order),
                           call_.exact_fill, threads_.x, threads_.y, threads_.z, a.glimpses));
    }

    // Images as elements of so many bytes.
    static Buffer<4> as_elements(const Arguments &a, int64_t size) noexcept {
        Rows in = a.in;
        in.element_size = size;
        return buffer_of(in, 0, a.images);
    }
    // Of an image without pixels nothing is seen.
    int64_t margin() const noexcept {
        return is_empty_ ? INT64_MAX / 2 : call_.sampling.margin;
    }
    bool is_hard() const noexcept {
        return call_.sampling.is_hard || is_empty_;
    }

    // Whether some boxes have few taps, or may have.
    bool has_near(const Launch &l) const noexcept {
        bool found = call_.places_on_device || !has_taps_;
        for (int64_t i = l.first; !found && i < l.first + l.many; i++) {
            found = !call_.is_sampled(size_t(i)) || call_.method(size_t(i)) != Method::taps;
        }
        return found;
    }

    void sample(const Launch &l) noexcept {
        const Arguments a = arguments(l);
        cuda_.check(device_kernels()->sample[family_index()][width_index(out_.element_size)](
            cuda_.user_context(), as_elements(a, 1), as_elements(a, 2), as_elements(a, 4),
            a.positions, a.fill, a.statistics, a.conversion, int32_t(images_.type),
            int32_t(call_.glimpses.type), int32_t(out_.samples), call_.sampling.is_nearest(),
            is_hard(), margin(), border(), call_.seed, a.first_image, 0,
            packed(call_.channel_order), call_.converts, call_.exact_fill, threads_.x, threads_.y,
            threads_.z, a.glimpses));
    }

    void sample_taps(const Launch &l) noexcept {
        const Arguments a = arguments(l);
        const SamplingRule &rule = call_.sampling;
        const Size image = images_size(), glimpse = call_.glimpse_size();
        const int64_t taps = 1 + std::max(taps_.y, taps_.x);
        const int64_t outputs = glimpse.height + glimpse.width, of_glimpse = taps * outputs;
        const DeviceBuffer<4> table(
            table_, i32, {device_tap_fields, taps, outputs, l.many},
            {1, device_tap_fields, device_tap_fields * taps, device_tap_fields * of_glimpse});
        cuda_.check(device_kernels()->tap_table(
            cuda_.user_context(), a.positions, int32_t(image.height), int32_t(image.width),
            int32_t(glimpse.height), int32_t(glimpse.width), int32_t(rule.filter), rule.antialias,
            is_hard(), rule.drops, margin(), border(), table));
        cuda_.check(device_kernels()->sample_taps[family_index()][width_index(out_.element_size)](
            cuda_.user_context(), as_elements(a, 1), as_elements(a, 2), as_elements(a, 4),
            a.positions, table, a.fill, a.statistics, a.conversion, int32_t(images_.type),
            int32_t(call_.glimpses.type), int32_t(out_.samples), border(), call_.seed,
            a.first_image, 0, packed(call_.channel_order), call_.converts, call_.exact_fill,
            threads_.x, threads_.y, threads_.z, a.glimpses));
    }
    Size images_size() const noexcept {
        return {images_.shape.height, images_.shape.width};
    }

    // Makes room for the taps of as many glimpses at once as it has.
    void make_table() noexcept {
        has_taps_ = std::max(taps_.y, taps_.x) > 0;
        if (!has_taps_) {
            return;
        }
        const Size glimpse = call_.glimpse_size();
        const int64_t of_glimpse = device_tap_fields * int64_t(sizeof(int32_t)) *
                                   (1 + std::max(taps_.y, taps_.x)) *
                                   (glimpse.height + glimpse.width);
        const int64_t most = one_by_one_ ? 1 : std::min<int64_t>(call_.count(), most_blocks);
        taps_at_once_ = std::clamp<int64_t>(most_table_bytes / of_glimpse, 1, most);
        table_ = cuda_.memory(size_t(taps_at_once_ * of_glimpse));
    }

    const Call &call_;
    const ConstView &images_;
    CudaCall &cuda_;
    const int64_t channels_;
    const bool is_empty_, needs_statistics_, statistics_here_;
    bool reads_statistics_ = false, one_by_one_ = false;
    Rows in_, out_;
    DeviceRows rows_ = rows_alike;
    Threads threads_;
    Layout layout_;
    CUdeviceptr uploaded_ = 0, positions_ = 0, statistics_ = 0;
    struct {
        int64_t y, x;
    } taps_ = {};  // the most of an output; 0 where none has many
    bool has_taps_ = false;
    int64_t taps_at_once_ = 1;  // glimpses whose taps find room
    CUdeviceptr table_ = 0;
};

}  // namespace

Status run_on_device(const Call &call) noexcept {
    CudaCall cuda(call.context.cuda);
    GLIMPSE_TRY(cuda.status());
    return queue_call(call, call.images, call.glimpses, cuda);
}

Status queue_call(const Call &call, const ConstView &images, const ConstView &glimpses,
                  CudaCall &cuda) noexcept {
    return QueuedCall(call, images, glimpses, cuda).queue();
}

bool has_device() noexcept {
    return cuda_probe().status.ok();
}

Status check_stream(const void *stream) noexcept {
    // Memory that is kept between calls is good for one stream.
    if (reinterpret_cast<uintptr_t>(stream) == cuda_stream_per_thread) {
        return Status(
            StatusCode::invalid_value,
            "cuda_stream is CU_STREAM_PER_THREAD; expected a stream that is the same on all "
            "threads");
    }
    return {};
}

Status load_device_kernels(Context::Impl &context) noexcept {
    const DeviceKernels *const kernels = device_kernels();
    CudaCall cuda(context.cuda);
    cuda.only_load();
    const DeviceBuffer<1> one(0, u32, {1}, {0});
    const DeviceBuffer<2> two(0, u32, {1, 1}, {0, 0});
    const DeviceBuffer<3> three(0, u32, {1, 1, 1}, {0, 0, 0});
    const DeviceBuffer<4> four(0, u32, {1, 1, 1, 1}, {0, 0, 0, 0});
    const void *const user = cuda.user_context();
    for (const auto &family : kernels->extract) {
        for (const auto &width : family) {
            for (ExtractDeviceKernel *const kernel : width) {
                if (kernel != nullptr) {
                    (void)kernel(user, four, two, one, three, two, 0, 0, 1, 0, 0, 0, 0, 0, 0, false,
                                 1, 1, 1, four);
                }
            }
        }
    }
    (void)kernels->origins(user, two, one, false, 1, 1, 1, 1, 1, 0, false, false, false, false, 0,
                           0, two);
    for (const auto &family : kernels->sample) {
        for (SampleDeviceKernel *const kernel : family) {
            if (kernel != nullptr) {
                (void)kernel(user, four, four, four, two, one, three, two, 0, 0, 1, false, false, 0,
                             0, 0, 0, 0, 0, false, false, 1, 1, 1, four);
            }
        }
    }
    for (const auto &family : kernels->sample_taps) {
        for (SampleTapsDeviceKernel *const kernel : family) {
            if (kernel != nullptr) {
                (void)kernel(user, four, four, four, two, four, one, three, two, 0, 0, 1, 0, 0, 0,
                             0, 0, false, false, 1, 1, 1, four);
            }
        }
    }
    if (kernels->boxes != nullptr) {
        (void)kernels->boxes(user, two, one, false, 1, 1, 1, 1, 1, false, false, false, 0, false, 1,
                             1, false, 0, 0, two);
        (void)kernels->tap_table(user, two, 1, 1, 1, 1, 0, false, false, false, 0, 0, four);
    }
    for (const auto &type : kernels->statistics) {
        for (StatisticsDeviceKernel *const kernel : type) {
            if (kernel != nullptr) {
                (void)kernel(user, four, four);
            }
        }
    }
    (void)kernels->finish_integer(user, four, 1, 0, 0, three);
    (void)kernels->finish_float(user, four, 1, 0, 0, three);
    return cuda.status();
}

Status synchronize_device(Context::Impl &context) noexcept {
    return context.cuda.synchronize();
}

}  // namespace glimpse
