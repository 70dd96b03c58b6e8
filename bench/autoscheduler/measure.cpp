// Checks and times what autoschedule.py and search.py have compiled: shared libraries, each with
// one schedule of the same app.
//
//     measure APP check LIBRARY
//
// compares calls with reference.h, and prints "scratch BYTES", their peak memory on the heap;
//
//     measure APP time SECONDS LIBRARY...
//
// times each for at least SECONDS, and prints "time INDEX SECONDS".
#include "HalideBuffer.h"
#include "HalideRuntime.h"
#include "halide_benchmark.h"
#include "reference.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

using Halide::Runtime::Buffer;
using Image = Buffer<void>;

[[noreturn]] void fail(const std::string &text) {
    std::fprintf(stderr, "%s\n", text.c_str());
    std::fflush(stdout);
    std::_Exit(1);  // threads of a pipeline may be running
}

// Heap memory that a pipeline holds.
struct {
    std::mutex mutex;
    std::unordered_map<void *, size_t> sizes;
    size_t now = 0, peak = 0;
} scratch;

void *counted_malloc(void *, size_t size) {
    const size_t alignment = 128;
    void *p = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    if (p == nullptr) {
        return nullptr;
    }
    const std::lock_guard<std::mutex> lock(scratch.mutex);
    scratch.sizes[p] = size;
    scratch.now += size;
    scratch.peak = std::max(scratch.peak, scratch.now);
    return p;
}

void counted_free(void *, void *p) {
    const std::lock_guard<std::mutex> lock(scratch.mutex);
    const auto found = scratch.sizes.find(p);
    scratch.now -= found == scratch.sizes.end() ? 0 : found->second;
    scratch.sizes.erase(p);
    std::free(p);
}

// One schedule of an app.
class Library {
public:
    Library(const std::string &app, const std::string &path)
        : handle_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
        if (handle_ == nullptr) {
            fail(dlerror());
        }
        call_ = symbol<int (*)(void **)>(app + "_argv");
        metadata_ = symbol<const halide_filter_metadata_t *(*)()>(app + "_metadata")();
        symbol<halide_error_handler_t (*)(halide_error_handler_t)>("halide_set_error_handler")(
            [](void *, const char *message) { fail(message); });
    }

    const halide_filter_metadata_t &metadata() const {
        return *metadata_;
    }

    void call(void **arguments) const {
        if (call_(arguments) != 0) {
            fail("the pipeline returned an error");
        }
    }

    // From now on scratch memory is counted.
    void count_scratch() const {
        symbol<halide_malloc_t (*)(halide_malloc_t)>("halide_set_custom_malloc")(counted_malloc);
        symbol<halide_free_t (*)(halide_free_t)>("halide_set_custom_free")(counted_free);
    }

private:
    template<typename T>
    T symbol(const std::string &name) const {
        void *found = dlsym(handle_, name.c_str());
        if (found == nullptr) {
            fail(dlerror());
        }
        return reinterpret_cast<T>(found);
    }

    void *handle_;
    int (*call_)(void **);
    const halide_filter_metadata_t *metadata_;
};

// The memory of the arguments, which all libraries share: buffers of the estimated sizes, inputs
// filled with random numbers, floats of [0, 1) and positions of the whole range. Of bytes only the
// first is as low and only the last as high as it is: statistics have to see both.
class Memory {
public:
    // The buffer of an argument; a new one for each library, as the device's part is its own.
    Image buffer(const halide_filter_argument_t &a) {
        std::vector<halide_dimension_t> shape;
        size_t elements = 1;
        for (int d = 0; d < a.dimensions; d++) {
            const auto extent = static_cast<int32_t>(*a.buffer_estimates[2 * d + 1]);
            shape.emplace_back(0, extent, static_cast<int32_t>(elements));
            elements *= static_cast<size_t>(extent);
        }
        const halide_type_t type = a.type;
        std::unique_ptr<void, decltype(&std::free)> &bytes =
            bytes_.try_emplace(a.name, nullptr, std::free).first->second;
        if (bytes == nullptr) {
            const size_t page = 4096, size = elements * type.bytes();
            bytes.reset(std::aligned_alloc(page, (size + page - 1) / page * page));
            if (a.kind == halide_argument_kind_input_buffer) {
                fill(type, elements, bytes.get());
            } else {
                std::memset(bytes.get(), 0xcd, size);  // pages are there before time is taken
            }
        }
        Image image(type, bytes.get(), a.dimensions, shape.data());
        image.set_host_dirty(a.kind == halide_argument_kind_input_buffer);
        return image;
    }

private:
    void fill(halide_type_t type, size_t elements, void *bytes) {
        for (size_t i = 0; i < elements; i++) {
            const uint64_t r = reference::mix(++count_ * 0x9e3779b97f4a7c15u);
            if (type == halide_type_of<float>()) {
                static_cast<float *>(bytes)[i] = static_cast<float>(r >> 40) * 0x1p-24F;
            } else if (type == halide_type_of<uint8_t>()) {
                const uint64_t middle = 20 + r % 200;
                static_cast<uint8_t *>(bytes)[i] =
                    static_cast<uint8_t>(i == 0              ? 3
                                         : i == elements - 1 ? 241
                                                             : middle);
            } else {
                std::memcpy(static_cast<char *>(bytes) + i * type.bytes(), &r, type.bytes());
            }
        }
    }

    std::map<std::string, std::unique_ptr<void, decltype(&std::free)>> bytes_;
    uint64_t count_ = 0;
};

// The arguments of a call.
class Arguments {
public:
    Arguments(const halide_filter_metadata_t &metadata, Memory &memory) {
        for (int i = 0; i < metadata.num_arguments; i++) {
            const halide_filter_argument_t &a = metadata.arguments[i];
            if (a.kind == halide_argument_kind_input_scalar) {
                pointers_.push_back(&(scalars_[a.name] = *a.scalar_estimate));
                if (a.type == halide_type_of<bool>()) {
                    switches_.push_back(a.name);
                }
            } else {
                Image &image = images_.try_emplace(a.name, memory.buffer(a)).first->second;
                pointers_.push_back(image.raw_buffer());
                if (a.kind == halide_argument_kind_output_buffer) {
                    output_ = a.name;
                }
            }
        }
    }

    // For calls.
    void **pointers() {
        return pointers_.data();
    }
    Image &output() {
        return images_.at(output_);
    }
    template<typename T>
    const Buffer<T> &buffer(const std::string &name) const {
        return images_.at(name).as<T>();
    }
    const halide_scalar_value_t &scalar(const std::string &name) const {
        return scalars_.at(name);
    }
    // Names of scalars that are true or false.
    const std::vector<std::string> &switches() const {
        return switches_;
    }
    void flip(const std::string &name) {
        scalars_[name].u.b = !scalars_[name].u.b;
    }

private:
    std::map<std::string, Image> images_;
    std::map<std::string, halide_scalar_value_t> scalars_;
    std::vector<std::string> switches_;
    std::vector<void *> pointers_;
    std::string output_;
};

template<typename T>
void expect(const Buffer<T> &output, std::initializer_list<int> at, T expected) {
    const T actual = output(at.begin());
    if (std::memcmp(&actual, &expected, sizeof(T)) != 0) {
        std::string place;
        for (const int i : at) {
            place += (place.empty() ? "" : ", ") + std::to_string(i);
        }
        fail("wrong result at (" + place + "): " + std::to_string(actual) + " instead of " +
             std::to_string(expected));
    }
}

// Calls `check(x, y, c, n)` for all of a window.
template<typename T, typename Check>
void for_each_pixel(const Buffer<T> &glimpse, const Check &check) {
    for (int n = 0; n < glimpse.dim(3).extent(); n++) {
        for (int c = 0; c < glimpse.dim(2).extent(); c++) {
            for (int y = 0; y < glimpse.dim(1).extent(); y++) {
                for (int x = 0; x < glimpse.dim(0).extent(); x++) {
                    check(x, y, c, n);
                }
            }
        }
    }
}

template<typename T>
void check_extract(const std::string &border, const Arguments &arguments,
                   const Buffer<T> &glimpse) {
    const Buffer<T> &image = arguments.buffer<T>("image");
    const Buffer<uint16_t> &position = arguments.buffer<uint16_t>("position");
    const int width = image.dim(0).extent(), height = image.dim(1).extent();
    for_each_pixel(glimpse, [&](int x, int y, int c, int n) {
        const int px = reference::window_begin(position(0, n), width, glimpse.dim(0).extent()) + x;
        const int py = reference::window_begin(position(1, n), height, glimpse.dim(1).extent()) + y;
        const int ix = reference::map_coordinate(border, px, width);
        const int iy = reference::map_coordinate(border, py, height);
        T expected;
        if (ix >= 0 && iy >= 0) {
            expected = image(ix, iy, c);
        } else if (border == "uniform") {
            expected = static_cast<T>(
                reference::uniform(arguments.scalar("seed").u.u64, py, px, c, image.dim(2).extent(),
                                   arguments.scalar("low").u.u8, arguments.scalar("high").u.u8));
        } else {
            expected = static_cast<T>(arguments.scalar("fill").u.f32);
        }
        expect(glimpse, {x, y, c, n}, expected);
    });
}

void check_statistics(const Arguments &arguments, const Buffer<float> &statistics) {
    const Buffer<uint8_t> &image = arguments.buffer<uint8_t>("image");
    const auto pixels =
        static_cast<uint64_t>(image.dim(1).extent()) * static_cast<uint64_t>(image.dim(2).extent());
    const auto expected = reference::compute_statistics(image);
    for (int c = 0; c < image.dim(0).extent(); c++) {
        const reference::Statistics &s = expected[static_cast<size_t>(c)];
        const auto count = static_cast<double>(pixels);
        const auto variance = static_cast<double>(pixels * s.square - s.sum * s.sum);
        expect(statistics, {0, c}, static_cast<float>(s.low));
        expect(statistics, {1, c}, static_cast<float>(s.high));
        expect(statistics, {2, c}, static_cast<float>(static_cast<double>(s.sum) / count));
        expect(statistics, {3, c}, static_cast<float>(std::sqrt(variance) / count));
    }
}

void check_convert(const Arguments &arguments, const Buffer<float> &glimpse) {
    const Buffer<uint8_t> &image = arguments.buffer<uint8_t>("image");
    const Buffer<uint16_t> &position = arguments.buffer<uint16_t>("position");
    const Buffer<float> &subtract = arguments.buffer<float>("subtract");
    const Buffer<float> &multiply = arguments.buffer<float>("multiply");
    const int range_x = image.dim(1).extent() - glimpse.dim(0).extent() + 1;
    const int range_y = image.dim(2).extent() - glimpse.dim(1).extent() + 1;
    for_each_pixel(glimpse, [&](int x, int y, int c, int n) {
        const int ix = reference::place(position(0, n), range_x) + x;
        const int iy = reference::place(position(1, n), range_y) + y;
        const float difference = static_cast<float>(image(c, ix, iy)) - subtract(c);
        expect(glimpse, {x, y, c, n}, difference * multiply(c));
    });
}

void check_pipeline(const Arguments &arguments, const Buffer<float> &glimpse) {
    const Buffer<uint8_t> &image = arguments.buffer<uint8_t>("image");
    const Buffer<uint16_t> &position = arguments.buffer<uint16_t>("position");
    const Buffer<float> &subtract = arguments.buffer<float>("subtract");
    const Buffer<float> &multiply = arguments.buffer<float>("multiply");
    const int channels = image.dim(0).extent();
    const int width = image.dim(1).extent(), height = image.dim(2).extent();
    reference::Statistics all;
    for (const reference::Statistics &s : reference::compute_statistics(image)) {
        all.low = std::min(all.low, s.low);
        all.high = std::max(all.high, s.high);
    }
    for_each_pixel(glimpse, [&](int x, int y, int c, int n) {
        const int px = reference::window_begin(position(0, n), width, glimpse.dim(0).extent()) + x;
        const int py = reference::window_begin(position(1, n), height, glimpse.dim(1).extent()) + y;
        uint8_t shown;
        if (px >= 0 && px < width && py >= 0 && py < height) {
            shown = image(c, px, py);
        } else if (arguments.scalar("has_noise").u.b) {
            shown = reference::uniform(arguments.scalar("seed").u.u64, py, px, c, channels, all.low,
                                       all.high);
        } else {
            shown = arguments.scalar("fill").u.u8;
        }
        const float difference = static_cast<float>(shown) - subtract(c);
        expect(glimpse, {x, y, c, n}, difference * multiply(c));
    });
}

void check(const std::string &app, const Arguments &arguments, const Image &output) {
    const std::string extract = "extract_";
    if (app.compare(0, extract.size(), extract) == 0) {
        const std::string border = app.substr(extract.size());
        if (output.type() == halide_type_of<float>()) {
            check_extract(border, arguments, output.as<float>());
        } else {
            check_extract(border, arguments, output.as<uint8_t>());
        }
    } else if (app == "statistics") {
        check_statistics(arguments, output.as<float>());
    } else if (app == "convert") {
        check_convert(arguments, output.as<float>());
    } else if (app == "pipeline") {
        check_pipeline(arguments, output.as<float>());
    } else {
        fail("there is no reference for " + app);
    }
}

void check_library(const std::string &app, const std::string &path) {
    const Library library(app, path);
    Memory memory;
    Arguments arguments(library.metadata(), memory);
    library.count_scratch();
    const auto call_and_check = [&] {
        library.call(arguments.pointers());
        arguments.output().copy_to_host();
        check(app, arguments, arguments.output());
    };
    call_and_check();
    std::printf("scratch %zu\n", scratch.peak);
    for (const std::string &name : arguments.switches()) {
        arguments.flip(name);
        call_and_check();
        arguments.flip(name);
    }
}

void time_libraries(const std::string &app, double seconds, const std::vector<std::string> &paths) {
    Memory memory;
    Halide::Tools::BenchmarkConfig config;
    config.min_time = seconds;
    config.max_time = 4 * seconds;
    for (size_t i = 0; i < paths.size(); i++) {
        const Library library(app, paths[i]);
        Arguments arguments(library.metadata(), memory);
        const double time = Halide::Tools::benchmark(
            [&] {
                library.call(arguments.pointers());
                arguments.output().device_sync();
            },
            config);
        std::printf("time %zu %.9g\n", i, time);
        std::fflush(stdout);
    }
}

}  // namespace

int main(int argc, char **argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() == 3 && words[1] == "check") {
        check_library(words[0], words[2]);
    } else if (words.size() > 3 && words[1] == "time") {
        time_libraries(words[0], std::atof(words[2].c_str()), {words.begin() + 3, words.end()});
    } else {
        fail("usage: measure APP check LIBRARY | measure APP time SECONDS LIBRARY...");
    }
    return 0;
}
