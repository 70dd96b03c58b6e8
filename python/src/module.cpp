// The module glimpse._glimpse: what the functions of the package (glimpse/__init__.py) call. Their
// documentation is there.
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "arguments.h"
#include "array.h"
#include "frame.h"
#include "glimpse/glimpse.h"
#include "glimpse/thread_pool.h"

namespace glimpse_python {
namespace {

using nb::handle;
using nb::object;

// As long as it lives, other threads may have the interpreter's lock. When the interpreter ends,
// Python before 3.14 ends a thread that asks for the lock again by unwinding it, which frames above
// do not bear: such a thread waits here for the end of the process.
class LockReleased {
public:
    LockReleased() noexcept : state_(PyEval_SaveThread()) {
    }
    ~LockReleased() {
        try {
            PyEval_RestoreThread(state_);
        } catch (...) {
            while (true) {
                pause();
            }
        }
    }
    LockReleased(const LockReleased &) = delete;
    LockReleased &operator=(const LockReleased &) = delete;

private:
    PyThreadState *state_;
};

// ---- contexts ----

// The CUstream that a number or a stream of PyTorch or CuPy is.
void *stream_of(handle stream) {
    if (stream.is_none()) {
        return nullptr;
    }
    object number = nb::borrow(stream);
    for (const char *const attribute : {"cuda_stream", "ptr", "handle"}) {
        if (nb::hasattr(stream, attribute)) {
            number = stream.attr(attribute);
            break;
        }
    }
    return reinterpret_cast<void *>(
        integer_of(number, "stream", 0, std::numeric_limits<int64_t>::max()));
}

class Context {
public:
    Context(const std::optional<std::string> &variant, int threads, void *stream)
        : pool_(threads), stream_(stream), context_(options(variant, stream)) {
        check(context_.status());
    }

    glimpse::Context &get() noexcept {
        return context_;
    }
    void *stream() const noexcept {
        return stream_;
    }
    int threads() const noexcept {
        return pool_.width();
    }

private:
    glimpse::ContextOptions options(const std::optional<std::string> &variant, void *stream) {
        glimpse::ContextOptions made;
        made.variant = variant ? variant->c_str() : nullptr;
        made.executor = pool_.executor();
        made.cuda_stream = stream;
        return made;
    }

    glimpse::ThreadPool pool_;
    void *stream_;
    glimpse::Context context_;
};

// The context of calls that name none: on a device one for each device and stream.
glimpse::Context &shared_context(int device, void *stream) {
    if (device < 0) {
        return glimpse::default_context();
    }
    static std::mutex mutex;
    static auto *const contexts =
        new std::map<std::pair<int, void *>, std::unique_ptr<glimpse::Context>>;
    const std::lock_guard<std::mutex> lock(mutex);
    std::unique_ptr<glimpse::Context> &context = (*contexts)[{device, stream}];
    if (context == nullptr) {
        glimpse::ContextOptions options;
        options.cuda_stream = stream;
        context = std::make_unique<glimpse::Context>(options);
    }
    return *context;
}

// Where a call is made: the context, the device (-1: the host) and its stream.
struct Place {
    Place(handle given, Kind kind, handle images) {
        if (!given.is_none()) {
            if (!nb::isinstance<Context>(given)) {
                throw nb::type_error("context is no glimpse.Context");
            }
            named = nb::cast<Context *>(given);
        }
        if (kind == Kind::numpy) {
            return;
        }
        device = device_of(images, "images");
        if (device >= 0) {
            current = std::make_unique<CurrentDevice>(kind, device);
            const bool has_current = kind == Kind::torch || kind == Kind::cupy;
            if (named != nullptr && has_current && named->stream() != current->stream()) {
                throw nb::value_error(
                    "context has another stream than the current one; make it with that, or make "
                    "its stream the current one");
            }
        }
    }

    void *stream() const noexcept {
        return named != nullptr     ? named->stream()
               : current != nullptr ? current->stream()
                                    : nullptr;
    }
    glimpse::Context &context() const {
        return named != nullptr ? named->get() : shared_context(device, stream());
    }

    Context *named = nullptr;
    int device = -1;
    std::unique_ptr<CurrentDevice> current;
};

// ---- statistics ----

class Statistics {
public:
    Statistics(size_t count, size_t channels)
        : count_(count), channels_(channels), all_(count * channels) {
    }

    size_t count() const noexcept {
        return count_;
    }
    size_t channels() const noexcept {
        return channels_;
    }
    glimpse::Span<glimpse::ChannelStatistics> span() noexcept {
        return {all_.data(), all_.size()};
    }
    glimpse::Span<const glimpse::ChannelStatistics> span() const noexcept {
        return {all_.data(), all_.size()};
    }

    // One number of every channel, [image][channel].
    template<typename Number>
    nb::list lists(Number number) const {
        nb::list rows;
        for (size_t n = 0; n < count_; n++) {
            nb::list row;
            for (size_t c = 0; c < channels_; c++) {
                row.append(number(all_[n * channels_ + c]));
            }
            rows.append(row);
        }
        return rows;
    }

    // [image][channel] of (min, max, mean, stddev).
    nb::list values() const {
        return lists([](const glimpse::ChannelStatistics &s) {
            return nb::make_tuple(s.min, s.max, s.mean, s.stddev);
        });
    }

    static Statistics of_values(handle values) {
        std::vector<glimpse::ChannelStatistics> all;
        size_t count = 0, channels = 0;
        for (const handle row : values) {
            size_t in_row = 0;
            for (const handle channel : row) {
                const nb::object numbers = nb::steal(PySequence_Tuple(channel.ptr()));
                std::tuple<double, double, double, double> v;
                if (!numbers.is_valid() || !nb::try_cast(numbers, v)) {
                    PyErr_Clear();
                    throw nb::type_error(
                        "values is not [image][channel] of (min, max, mean, stddev)");
                }
                all.push_back(
                    {float(std::get<0>(v)), float(std::get<1>(v)), std::get<2>(v), std::get<3>(v)});
                in_row++;
            }
            if (count++ > 0 && in_row != channels) {
                throw nb::value_error("values has rows of different lengths");
            }
            channels = in_row;
        }
        Statistics made(count, channels);
        made.all_ = std::move(all);
        return made;
    }

    // Those of some images.
    Statistics item(handle key) const {
        if (PySlice_Check(key.ptr())) {
            Py_ssize_t start = 0, stop = 0, step = 0;
            if (PySlice_Unpack(key.ptr(), &start, &stop, &step) != 0) {
                throw nb::python_error();
            }
            const Py_ssize_t length =
                PySlice_AdjustIndices(Py_ssize_t(count_), &start, &stop, step);
            Statistics made(size_t(length), channels_);
            for (Py_ssize_t i = 0; i < length; i++) {
                copy_image(size_t(start + i * step), size_t(i), &made);
            }
            return made;
        }
        const auto size = int64_t(count_);
        const int64_t index = integer_of(key, "the index", std::numeric_limits<int64_t>::min(),
                                         std::numeric_limits<int64_t>::max());
        if (index < -size || index >= size) {
            throw nb::index_error("there are no statistics of such an image");
        }
        Statistics made(1, channels_);
        copy_image(size_t(index < 0 ? index + size : index), 0, &made);
        return made;
    }

    bool operator==(const Statistics &other) const {
        return count_ == other.count_ && channels_ == other.channels_ &&
               (all_.empty() || memcmp(all_.data(), other.all_.data(),
                                       all_.size() * sizeof(glimpse::ChannelStatistics)) == 0);
    }

private:
    void copy_image(size_t from, size_t to, Statistics *target) const {
        for (size_t c = 0; c < channels_; c++) {
            target->all_[to * channels_ + c] = all_[from * channels_ + c];
        }
    }

    size_t count_, channels_;
    std::vector<glimpse::ChannelStatistics> all_;
};

// ---- extraction ----

// Origins, offsets or boxes; the two others are None.
class Places {
public:
    Places(handle origins, handle offsets, handle boxes, void *stream) {
        const int given =
            (origins.is_none() ? 0 : 1) + (offsets.is_none() ? 0 : 1) + (boxes.is_none() ? 0 : 1);
        if (given != 1) {
            throw nb::type_error(
                given == 0 ? "origins, offsets and boxes are missing; expected one of them"
                           : "more than one of origins, offsets and boxes is given");
        }
        if (!origins.is_none()) {
            integers_.emplace(origins, "origins", 2, stream);
        } else if (!offsets.is_none()) {
            numbers_.emplace(offsets, "offsets", 2, stream);
        } else {
            numbers_.emplace(boxes, "boxes", 4, stream);
            are_boxes_ = true;
        }
    }

    glimpse::Places get() const {
        return integers_     ? glimpse::Places(integers_->span<glimpse::Origin>())
               : !are_boxes_ ? glimpse::Places(numbers_->span<glimpse::Offset>())
                             : glimpse::Places(numbers_->span<glimpse::Box>());
    }
    size_t count() const noexcept {
        return integers_ ? integers_->count() : numbers_->count();
    }

private:
    std::optional<Rows<int32_t>> integers_;
    std::optional<Rows<float>> numbers_;
    bool are_boxes_ = false;
};

// What the library's options point to.
struct OptionArrays {
    std::vector<float> value, subtract, multiply;
    std::optional<Rows<int32_t>> image_index;
};

glimpse::ChannelOrder channel_order_of(handle given) {
    glimpse::ChannelOrder order;
    if (given.is_none()) {
        return order;
    }
    const Rows<int32_t> from(given, "channel_order", 1);
    const glimpse::Span<const int32_t> span = from.span<int32_t>();
    if (span.size < 1 || span.size > 4 || span.memory != glimpse::Memory::host) {
        throw nb::value_error("channel_order has not 1 to 4 numbers");
    }
    for (size_t i = 0; i < span.size; i++) {
        if (span.data[i] < 0 || span.data[i] > UINT8_MAX) {
            throw nb::value_error(
                ("channel_order names channel " + std::to_string(span.data[i])).c_str());
        }
        order.from[i] = uint8_t(span.data[i]);
    }
    order.count = uint8_t(span.size);
    return order;
}

uint64_t seed_of(handle given) {
    if (given.ptr() == Py_None) {
        return 0;
    }
    const object index = nb::steal(PyNumber_Index(given.ptr()));
    const uint64_t seed = index.is_valid() ? PyLong_AsUnsignedLongLong(index.ptr()) : 0;
    if (PyErr_Occurred() != nullptr) {
        PyErr_Clear();
        throw nb::value_error("seed is no integer in [0, 2**64)");
    }
    return seed;
}

// The shape of glimpses: as many as there are places.
glimpse::Shape glimpse_shape(const glimpse::Shape &images, const Places &places, handle size,
                             const glimpse::ChannelOrder &order) {
    const glimpse::Size extent = size_of(size, "size");
    return {int64_t(places.count()), extent.height, extent.width,
            order.count != 0 ? int64_t(order.count) : images.channels};
}

// A message about the memory of `glimpses` is one about `out`, if that was given.
void check_call(const glimpse::Status &status, bool has_out) {
    std::string text = status.message();
    constexpr char word[] = "glimpses";
    for (const char *const before : {"", "of ", "and "}) {
        const size_t found = text.find(std::string(before) + word + " ");
        if (has_out && found != std::string::npos && (found == 0 || before[0] != '\0')) {
            text.replace(found + strlen(before), strlen(word), "out");
            check(glimpse::Status(status.code(), "%s", text.c_str()));
        }
    }
    check(status);
}

// Where a call writes: the caller's array, or a new one.
class Output {
public:
    Output(handle given, Kind kind, handle like, handle layout, bool is_planar,
           const glimpse::Shape &shape, const char *dtype, void *stream)
        : has_out_(!given.is_none()),
          layout_(nb::borrow(layout.is_none() && is_planar ? handle(nb::str("NCHW")) : layout),
                  "layout", 4) {
        if (layout_.dimensions() != 4) {
            throw nb::value_error("layout has other than four letters; expected such as 'NHWC' or "
                                  "'NCHW'");
        }
        if (!has_out_) {
            result_.emplace(kind, like, layout_.shape(shape), dtype);
            if (result_->memory() != nullptr) {
                take_memory(shape, dtype);
                return;
            }
        }
        given_ = nb::borrow(has_out_ ? given : result_->object());
        array_.emplace(given_, has_out_ ? "out" : "the result", true, stream);
        view_ = writable(layout_.view(*array_));
        if (has_out_ &&
            (view_.shape.height != shape.height || view_.shape.width != shape.width ||
             view_.shape.count != shape.count || view_.shape.channels != shape.channels)) {
            throw nb::value_error(
                ("out has " + std::to_string(view_.shape.count) + " images of " +
                 std::to_string(view_.shape.height) + " x " + std::to_string(view_.shape.width) +
                 " x " + std::to_string(view_.shape.channels) + "; expected " +
                 std::to_string(shape.count) + " of " + std::to_string(shape.height) + " x " +
                 std::to_string(shape.width) + " x " + std::to_string(shape.channels))
                    .c_str());
        }
    }

    const glimpse::View &view() const noexcept {
        return view_;
    }
    bool has_out() const noexcept {
        return has_out_;
    }
    object finish() {
        return has_out_ ? given_ : result_->finish();
    }

private:
    static glimpse::View writable(const glimpse::ConstView &v) {
        glimpse::View view(const_cast<void *>(v.data), v.type, v.shape, v.strides);
        view.memory = v.memory;
        return view;
    }
    // That of a result which is an array when it is finished.
    void take_memory(const glimpse::Shape &shape, const char *dtype) {
        glimpse::ElementType type = glimpse::ElementType::uint8;
        (void)type_named(dtype, &type);
        const std::vector<int64_t> extents = layout_.shape(shape);
        int64_t strides[4], dense = 1;
        for (int i = 3; i >= 0; i--) {
            strides[i] = dense;
            dense *= extents[size_t(i)];
        }
        view_ = glimpse::View(result_->memory(), type, shape,
                              {strides[layout_.images], strides[layout_.rows],
                               strides[layout_.columns], strides[layout_.channels]});
    }

    bool has_out_;
    Layout layout_;
    object given_;
    std::optional<Result> result_;
    std::optional<Array> array_;
    glimpse::View view_;
};

// The images' view. Refuses what nobody said is HWC, and looks like CHW.
glimpse::ConstView view_of(const Array &array, const Layout &input, handle input_layout) {
    const glimpse::ConstView view = input.view(array);
    const glimpse::Shape &s = view.shape;
    const bool is_likely = (s.height == 3 || s.height == 4) && s.width > 16 && s.channels > 16;
    if (input_layout.is_none() && is_likely) {
        const std::string letters = array.dimensions == 4 ? "N" : "";
        throw nb::value_error((std::string(array.name) + " has " + std::to_string(s.height) +
                               " rows of " + std::to_string(s.width) + " pixels with " +
                               std::to_string(s.channels) + " channels; expected input_layout='" +
                               letters + "CHW', or '" + letters + "HWC' if that is meant")
                                  .c_str());
    }
    return view;
}

// What glimpses are taken from: an array, or a Frame.
class Input {
public:
    Input(handle images, handle input_layout, void *stream) {
        if (nb::isinstance<Frame>(images)) {
            if (!input_layout.is_none()) {
                throw nb::value_error("input_layout is given with a Frame, which has its own");
            }
            images_ = nb::cast<Frame *>(images)->view(stream, &planes_);
            const glimpse::ConstFrame &frame = images_->frames();
            shape_ = {frame.count, frame.height, frame.width, 3};
            return;
        }
        array_.emplace(images, "images", false, stream);
        const Layout layout(input_layout, input_layout.is_none() ? "images" : "input_layout",
                            array_->dimensions);
        images_ = view_of(*array_, layout, input_layout);
        shape_ = images_->view().shape;
        is_planar_ = layout.is_planar();
    }

    const glimpse::Images &images() const noexcept {
        return *images_;
    }
    bool is_frame() const noexcept {
        return images_->are_frames();
    }
    const glimpse::Shape &shape() const noexcept {  // of a frame that of its RGB picture
        return shape_;
    }
    // Of glimpses, if nothing else is asked for.
    glimpse::ElementType type() const noexcept {
        return is_frame() ? glimpse::ElementType::uint8 : images_->view().type;
    }
    bool is_planar() const noexcept {
        return is_planar_;
    }

private:
    std::optional<Array> array_;
    std::vector<std::unique_ptr<Array>> planes_;
    std::optional<glimpse::Images> images_;
    glimpse::Shape shape_;
    bool is_planar_ = false;
};

// Whose kind a result has.
handle like_of(handle images) {
    return nb::isinstance<Frame>(images) ? nb::cast<Frame *>(images)->like() : images;
}

object extract(handle images, handle size, handle origins, handle offsets, handle boxes,
               handle coordinates, handle image_index, handle border, handle value,
               handle exact_fill, handle filter, handle antialias, handle edge, handle edge_margin,
               handle channel_order, handle statistics, handle seed, handle first_image,
               handle subtract, handle multiply, handle dtype, handle input_layout, handle layout,
               handle out, handle context) {
    const handle like = like_of(images);
    const Kind kind = kind_of(like);
    const Place place(context, kind, like);
    void *const stream = place.stream();
    const Input input(images, input_layout, stream);
    const glimpse::Shape &shape = input.shape();
    const Places places(origins, offsets, boxes, stream);

    OptionArrays arrays;
    glimpse::Options options;
    options.border = enumerator<glimpse::Border>(border, "border", glimpse::border_count);
    options.value = arrays.value = numbers_of(value, "value");
    options.exact_fill = bool_of(exact_fill, "exact_fill");
    options.coordinates =
        enumerator<glimpse::Coordinates>(coordinates, "coordinates", glimpse::coordinates_count);
    if (!origins.is_none() && options.coordinates != glimpse::Coordinates::pixels) {
        throw nb::value_error((std::string("coordinates is '") +
                               glimpse::name(options.coordinates) +
                               "' with origins, which are pixels; expected offsets or boxes")
                                  .c_str());
    }
    if (!image_index.is_none()) {
        arrays.image_index.emplace(image_index, "image_index", 1, stream);
        options.image_index = arrays.image_index->span<int32_t>();
        if (options.image_index.size == 0 && places.count() > 0) {
            throw nb::value_error("image_index has no numbers; expected one for each glimpse");
        }
    }
    if (!statistics.is_none()) {
        if (!nb::isinstance<Statistics>(statistics)) {
            throw nb::type_error("statistics is no glimpse.Statistics (see compute_statistics)");
        }
        const Statistics &given = *nb::cast<Statistics *>(statistics);
        if (int64_t(given.count()) != shape.count || int64_t(given.channels()) != shape.channels) {
            throw nb::value_error(("statistics is of " + std::to_string(given.count()) +
                                   " images of " + std::to_string(given.channels()) +
                                   " channels; expected " + std::to_string(shape.count) + " of " +
                                   std::to_string(shape.channels))
                                      .c_str());
        }
        options.statistics = given.span();
    }
    options.seed = seed_of(seed);
    options.first_image =
        uint32_t(integer_of(first_image, "first_image", 0, std::numeric_limits<uint32_t>::max()));
    options.sampling.filter = enumerator<glimpse::Filter>(filter, "filter", glimpse::filter_count);
    options.sampling.antialias = bool_of(antialias, "antialias");
    options.sampling.edge = enumerator<glimpse::Edge>(edge, "edge", glimpse::edge_count);
    options.sampling.edge_margin = float(number_of(edge_margin, "edge_margin"));
    options.channel_order = channel_order_of(channel_order);
    options.subtract = arrays.subtract = numbers_of(subtract, "subtract");
    options.multiply = arrays.multiply = numbers_of(multiply, "multiply");

    const std::string type =
        dtype.is_none() ? std::string(glimpse::name(input.type())) : dtype_name(dtype, "dtype");
    Output output(out, result_kind(like), like, layout, input.is_planar(),
                  glimpse_shape(shape, places, size, options.channel_order), type.c_str(), stream);
    if (output.has_out() && !dtype.is_none() && glimpse::name(output.view().type) != type) {
        throw nb::type_error((std::string("out has elements of type ") +
                              glimpse::name(output.view().type) + "; dtype is " + type)
                                 .c_str());
    }
    glimpse::Context &used = place.context();
    glimpse::Status status;
    {
        const LockReleased released;
        status = glimpse::extract(input.images(), places.get(), output.view(), options, used);
    }
    check_call(status, output.has_out());
    return output.finish();
}

// A tensor of float32, as TensorFlow takes it: dense.
template<typename T>
glimpse::tensorflow::Tensor<T> tensor_of(const Array &array) {
    const char *const type = name_of(array.dtype);
    if (type == nullptr || strcmp(type, "float32") != 0) {
        throw nb::type_error((std::string(array.name) + " has elements of type " +
                              (type == nullptr ? "?" : type) + "; expected float32")
                                 .c_str());
    }
    int64_t dense = array.item_size();
    for (int i = array.dimensions - 1; i >= 0; i--) {
        if (array.shape[i] > 1 && array.strides[i] != dense) {
            throw nb::value_error(
                (std::string(array.name) + " is not contiguous; extract() takes any strides")
                    .c_str());
        }
        dense *= array.shape[i];
    }
    glimpse::tensorflow::Tensor<T> tensor;
    tensor.data = reinterpret_cast<T *>(array.data);
    tensor.shape = {array.shape, size_t(array.dimensions)};
    tensor.memory = array.is_on_device() ? glimpse::Memory::cuda : glimpse::Memory::host;
    return tensor;
}

object extract_glimpse(handle input, handle size, handle offsets, handle centered,
                       handle normalized, handle uniform_noise, handle noise, handle seed,
                       int version, handle context) {
    const Kind kind = kind_of(input);
    const Place place(context, kind, input);
    const Array array(input, "input", false, place.stream());
    const glimpse::Size extent = size_of(size, "size");
    const int64_t most = std::numeric_limits<int32_t>::max();
    if (extent.height > most || extent.width > most) {
        throw nb::value_error("size is not in the range of int32");
    }
    const Rows<float> rows(offsets, "offsets", 2, place.stream());
    glimpse::tensorflow::Attributes attributes;
    attributes.version = glimpse::tensorflow::Version(version);
    attributes.centered = bool_of(centered, "centered");
    attributes.normalized = bool_of(normalized, "normalized");
    attributes.noise = text_of(noise, "noise");
    // TensorFlow 2's function has no uniform_noise, and passes false.
    attributes.uniform_noise =
        bool_of(uniform_noise, "uniform_noise") && (version != 2 || attributes.noise[0] == '\0');
    attributes.seed = seed_of(seed);

    const auto in = tensor_of<const float>(array);
    const int64_t batch = array.dimensions == 4 ? array.shape[0] : 0;
    const int64_t channels = array.dimensions == 4 ? array.shape[3] : 0;
    const int32_t extents[] = {int32_t(extent.height), int32_t(extent.width)};
    const int64_t two[] = {2}, places_shape[] = {int64_t(rows.count()), 2},
                  shape[] = {batch, extent.height, extent.width, channels};
    Output output(nb::none(), result_kind(input), input, nb::none(), false,
                  {shape[0], shape[1], shape[2], shape[3]}, "float32", place.stream());
    const glimpse::Span<const glimpse::Offset> span = rows.span<glimpse::Offset>();
    glimpse::tensorflow::Tensor<const float> places;
    places.data = reinterpret_cast<const float *>(span.data);
    places.shape = {places_shape, 2};
    places.memory = span.memory;
    glimpse::tensorflow::Tensor<const int32_t> wanted;
    wanted.data = extents;
    wanted.shape = {two, 1};
    glimpse::tensorflow::Tensor<float> out;
    out.data = static_cast<float *>(output.view().data);
    out.shape = {shape, 4};
    out.memory = output.view().memory;
    glimpse::Context &used = place.context();
    glimpse::Status status;
    {
        const LockReleased released;
        status = glimpse::tensorflow::extract_glimpse(in, wanted, places, out, attributes, used);
    }
    check(status);
    return output.finish();
}

Statistics compute_statistics(handle images, handle input_layout, handle context) {
    const handle like = like_of(images);
    const Place place(context, kind_of(like), like);
    const Input input(images, input_layout, place.stream());
    Statistics made(size_t(input.shape().count), size_t(input.shape().channels));
    glimpse::Context &used = place.context();
    glimpse::Status status;
    {
        const LockReleased released;
        status = input.is_frame()
                     ? glimpse::compute_statistics(input.images().frames(), made.span(), used)
                     : glimpse::compute_statistics(input.images().view(), made.span(), used);
    }
    check(status);
    return made;
}

std::tuple<std::vector<float>, std::vector<float>> normalization(handle mean, handle stddev,
                                                                 double scale) {
    const std::vector<float> means = numbers_of(mean, "mean"),
                             deviations = numbers_of(stddev, "stddev");
    std::vector<float> subtract(means.size()), multiply(means.size());
    check(glimpse::normalization(means, deviations, scale, subtract, multiply));
    return {subtract, multiply};
}

// ---- places ----

// Rows on the host of an argument; others make no sense here.
template<typename T>
Rows<T> host_rows(handle object, const char *name, int columns) {
    Rows<T> rows(object, name, columns);
    if (rows.template span<T>().memory != glimpse::Memory::host) {
        throw nb::value_error((std::string(name) + " lies on a device; expected the host").c_str());
    }
    return rows;
}

// An array of `rows` x `columns` numbers, of the kind of `like`.
template<typename T>
object array_of(const T *numbers, size_t rows, size_t columns, const char *dtype, handle like) {
    Result result(result_kind(like), like, {int64_t(rows), int64_t(columns)}, dtype);
    void *to = result.memory();
    std::optional<Array> array;
    if (to == nullptr) {
        array.emplace(result.object(), "the result", true);
        to = array->data;
    }
    if (rows > 0) {
        memcpy(to, numbers, rows * columns * sizeof(T));
    }
    array.reset();
    return result.finish();
}

object array_of(const std::vector<glimpse::Box> &boxes, handle like) {
    return array_of(reinterpret_cast<const float *>(boxes.data()), boxes.size(), 4, "float32",
                    like);
}

object origins_of(handle offsets, handle image, handle glimpse, handle coordinates) {
    const auto rows = host_rows<float>(offsets, "offsets", 2);
    std::vector<glimpse::Origin> made(rows.count());
    check(glimpse::origins(
        rows.span<glimpse::Offset>(), size_of(image, "image"), size_of(glimpse, "glimpse"),
        enumerator<glimpse::Coordinates>(coordinates, "coordinates", glimpse::coordinates_count),
        made));
    return array_of(reinterpret_cast<const int32_t *>(made.data()), made.size(), 2, "int32",
                    offsets);
}

object centered_boxes(handle centers, handle image, handle glimpse, handle coordinates) {
    const auto rows = host_rows<float>(centers, "centers", 2);
    std::vector<glimpse::Box> boxes(rows.count());
    check(glimpse::centered_boxes(
        rows.span<glimpse::Offset>(), size_of(image, "image"), size_of(glimpse, "glimpse"),
        enumerator<glimpse::Coordinates>(coordinates, "coordinates", glimpse::coordinates_count),
        boxes));
    return array_of(boxes, centers);
}

object retina_boxes(handle centers, handle image, handle glimpse, int32_t levels,
                    handle coordinates) {
    const auto rows = host_rows<float>(centers, "centers", 2);
    std::vector<glimpse::Box> boxes(rows.count() * size_t(std::max(0, std::min(levels, 64))));
    check(glimpse::retina_boxes(
        rows.span<glimpse::Offset>(), size_of(image, "image"), size_of(glimpse, "glimpse"),
        enumerator<glimpse::Coordinates>(coordinates, "coordinates", glimpse::coordinates_count),
        levels, boxes));
    return array_of(boxes, centers);
}

object fit_boxes(handle regions, handle glimpse, handle fit) {
    const auto rows = host_rows<float>(regions, "regions", 4);
    std::vector<glimpse::Box> boxes(rows.count());
    check(glimpse::fit_boxes(rows.span<glimpse::Box>(), size_of(glimpse, "glimpse"),
                             enumerator<glimpse::Fit>(fit, "fit", glimpse::fit_count), boxes));
    return array_of(boxes, regions);
}

object tracker_boxes(handle targets, float context, float scale) {
    const auto rows = host_rows<float>(targets, "targets", 4);
    std::vector<glimpse::Box> boxes(rows.count());
    check(glimpse::tracker_boxes(rows.span<glimpse::Box>(), context, scale, boxes));
    return array_of(boxes, targets);
}

object crop_and_resize_boxes(handle normalized, handle image, handle glimpse) {
    const auto rows = host_rows<float>(normalized, "boxes", 4);
    std::vector<glimpse::Box> boxes(rows.count());
    check(glimpse::tensorflow::boxes(rows.span<glimpse::Box>(), size_of(image, "image"),
                                     size_of(glimpse, "glimpse"), boxes));
    return array_of(boxes, normalized);
}

// (y, x, height, width) of what an origin, two integers, or a box, four numbers, shows of the
// image.
std::tuple<int64_t, int64_t, int64_t, int64_t> visible(handle place, handle image, handle glimpse) {
    const glimpse::Size of_image = size_of(image, "image"),
                        of_glimpse = size_of(glimpse, "glimpse");
    glimpse::Rect rect;
    if (nb::len(place) == 2) {
        const auto rows = host_rows<int32_t>(place, "place", 2);
        if (rows.count() != 1) {
            throw nb::value_error("place has more than one row; expected an origin or a box");
        }
        rect = glimpse::visible(rows.span<glimpse::Origin>().data[0], of_image, of_glimpse);
    } else {
        const auto rows = host_rows<float>(place, "place", 4);
        if (rows.count() != 1) {
            throw nb::value_error("place has more than one row; expected an origin or a box");
        }
        rect = glimpse::visible(rows.span<glimpse::Box>().data[0], of_image, of_glimpse);
    }
    return {rect.y, rect.x, rect.height, rect.width};
}

std::tuple<float, float> in_image(handle point, handle box, handle glimpse) {
    const auto points = host_rows<float>(point, "point", 2);
    const auto boxes = host_rows<float>(box, "box", 4);
    if (points.count() != 1 || boxes.count() != 1) {
        throw nb::value_error("point and box have not one row each");
    }
    const glimpse::Offset found =
        glimpse::in_image(points.span<glimpse::Offset>().data[0],
                          boxes.span<glimpse::Box>().data[0], size_of(glimpse, "glimpse"));
    return {found.y, found.x};
}

std::vector<std::tuple<const char *, const char *, bool, const char *>> variants() {
    std::vector<std::tuple<const char *, const char *, bool, const char *>> all;
    const glimpse::Span<const glimpse::Variant> found = glimpse::variants();
    for (size_t i = 0; i < found.size; i++) {
        const glimpse::Variant &v = found.data[i];
        all.emplace_back(v.name, v.target, v.usable, v.reason);
    }
    return all;
}

void define_context(nb::module_ *m) {
    nb::class_<Context>(
        *m, "Context",
        "What calls share: the variant of the kernels, threads, and a CUDA stream.\n"
        "\n"
        "variant  the name of one of variants(); None: the best that this machine "
        "can run\n"
        "threads  that work at the same time, the calling one among them; 0: one for "
        "each processor\n"
        "stream   of CUDA: a number, or a stream of PyTorch or CuPy; None: the "
        "default stream\n"
        "\n"
        "Any number of threads may call with one context. Raises ValueError or "
        "RuntimeError if the\n"
        "variant is unknown or cannot run.\n")
        .def(
            "__init__",
            [](Context *self, const std::optional<std::string> &variant, int threads,
               handle stream) {
                if (threads < 0) {
                    throw nb::value_error("threads is below 0");
                }
                new (self) Context(variant, threads, stream_of(stream));
            },
            nb::arg("variant") = nb::none(), nb::arg("threads") = 1, nb::arg("stream") = nb::none(),
            nb::sig("def __init__(self, variant: str | None = None, threads: int = 1, stream: "
                    "object | None = None) -> None"))
        .def_prop_ro(
            "variant", [](Context &self) { return self.get().variant()->name; },
            "The name of the variant in use for arrays on the host.")
        .def_prop_ro("threads", &Context::threads, "The number of threads that work at a time.")
        .def(
            "warm_up", [](Context &self) { check(self.get().warm_up()); },
            nb::call_guard<LockReleased>(), "Does what first calls would.")
        .def(
            "reserve", [](Context &self, int calls) { check(self.get().reserve(calls)); },
            nb::arg("calls"), "Takes memory for so many calls at the same time.")
        .def(
            "synchronize", [](Context &self) { check(self.get().synchronize()); },
            nb::call_guard<LockReleased>(),
            "Waits until all that was queued in the stream is done.");
}

void define_statistics(nb::module_ *m) {
    using glimpse::ChannelStatistics;
    nb::class_<Statistics> type(
        *m, "Statistics",
        "Minimum, maximum, mean and deviation of each image and channel.\n"
        "\n"
        "compute_statistics() makes them; Statistics(values) makes them of "
        "values[image][channel],\n"
        "each (min, max, mean, stddev). statistics[i] and statistics[i:j] are "
        "those of some images.\n");
    type.def(
            "__init__",
            [](Statistics *self, handle values) {
                new (self) Statistics(Statistics::of_values(values));
            },
            nb::arg("values"))
        .def_prop_ro(
            "min",
            [](const Statistics &s) {
                return s.lists([](const ChannelStatistics &c) { return c.min; });
            },
            nb::sig("def min(self) -> list[list[float]]"))
        .def_prop_ro(
            "max",
            [](const Statistics &s) {
                return s.lists([](const ChannelStatistics &c) { return c.max; });
            },
            nb::sig("def max(self) -> list[list[float]]"))
        .def_prop_ro(
            "mean",
            [](const Statistics &s) {
                return s.lists([](const ChannelStatistics &c) { return c.mean; });
            },
            nb::sig("def mean(self) -> list[list[float]]"))
        .def_prop_ro(
            "stddev",
            [](const Statistics &s) {
                return s.lists([](const ChannelStatistics &c) { return c.stddev; });
            },
            nb::sig("def stddev(self) -> list[list[float]]"))
        .def("__len__", &Statistics::count)
        .def("__getitem__", &Statistics::item, nb::arg("key"))
        .def("__eq__", &Statistics::operator==, nb::arg("other"), nb::is_operator())
        .def("__getstate__", &Statistics::values)
        .def("__setstate__",
             [](Statistics &self, const nb::list &values) {
                 new (&self) Statistics(Statistics::of_values(values));
             })
        .def("__repr__", [](const Statistics &s) {
            return "Statistics(" + nb::cast<std::string>(nb::repr(s.values())) + ")";
        });
    type.attr("__hash__") = nb::none();  // equal ones have no equal numbers to go by
}

}  // namespace
}  // namespace glimpse_python

NB_MODULE(_glimpse, m) {
    using namespace glimpse_python;  // NOLINT(google-build-using-namespace)
    nb::set_leak_warnings(false);    // objects that live until the interpreter ends are no mistake
    m.attr("__version__") = glimpse::version();
    define_context(&m);
    define_statistics(&m);
    define_frame(&m);
    m.def("extract", &extract, nb::arg("images").none(), nb::arg("size").none(),
          nb::arg("origins").none(), nb::arg("offsets").none(), nb::arg("boxes").none(),
          nb::arg("coordinates").none(), nb::arg("image_index").none(), nb::arg("border").none(),
          nb::arg("value").none(), nb::arg("exact_fill").none(), nb::arg("filter").none(),
          nb::arg("antialias").none(), nb::arg("edge").none(), nb::arg("edge_margin").none(),
          nb::arg("channel_order").none(), nb::arg("statistics").none(), nb::arg("seed").none(),
          nb::arg("first_image").none(), nb::arg("subtract").none(), nb::arg("multiply").none(),
          nb::arg("dtype").none(), nb::arg("input_layout").none(), nb::arg("layout").none(),
          nb::arg("out").none(), nb::arg("context").none());
    m.def("extract_glimpse", &extract_glimpse, nb::arg("input"), nb::arg("size"),
          nb::arg("offsets"), nb::arg("centered"), nb::arg("normalized"), nb::arg("uniform_noise"),
          nb::arg("noise"), nb::arg("seed").none(), nb::arg("version"), nb::arg("context").none());
    m.def("compute_statistics", &compute_statistics, nb::arg("images"),
          nb::arg("input_layout").none(), nb::arg("context").none());
    m.def("normalization", &normalization, nb::arg("mean"), nb::arg("stddev"), nb::arg("scale"));
    m.def("origins", &origins_of, nb::arg("offsets"), nb::arg("image"), nb::arg("glimpse"),
          nb::arg("coordinates"));
    m.def("centered_boxes", &centered_boxes, nb::arg("centers"), nb::arg("image"),
          nb::arg("glimpse"), nb::arg("coordinates"));
    m.def("retina_boxes", &retina_boxes, nb::arg("centers"), nb::arg("image"), nb::arg("glimpse"),
          nb::arg("levels"), nb::arg("coordinates"));
    m.def("fit_boxes", &fit_boxes, nb::arg("regions"), nb::arg("glimpse"), nb::arg("fit"));
    m.def("tracker_boxes", &tracker_boxes, nb::arg("targets"), nb::arg("context"),
          nb::arg("scale"));
    m.def("crop_and_resize_boxes", &crop_and_resize_boxes, nb::arg("boxes"), nb::arg("image"),
          nb::arg("glimpse"));
    m.def("visible", &visible, nb::arg("place"), nb::arg("image"), nb::arg("glimpse"));
    m.def("in_image", &in_image, nb::arg("point"), nb::arg("box"), nb::arg("glimpse"));
    m.def("variants", &variants);
}
