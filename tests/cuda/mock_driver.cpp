// A libcuda.so.1 for machines without a GPU: it keeps account of what is asked of it, fails where a
// test wants it to, and runs kernels that are written in OpenCL C.
//
// Device memory is memory that programs cannot touch: its address is mapped without any permission,
// and a second mapping of the same pages is for the kernels.
#include "mock_driver.h"

#ifdef GLIMPSE_MOCK_OPENCL
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#endif
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace {

using CUresult = int;
using CUdeviceptr = uint64_t;

constexpr CUresult success = 0, invalid_value = 1, out_of_memory = 2, not_initialized = 3,
                   invalid_device = 101, invalid_image = 200, invalid_context = 201,
                   not_found = 500;

struct Context {
    int device = 0;
    unsigned long long id = 0;
};
struct Stream {
    Context *context = nullptr;
};
struct Argument {
    bool is_pointer;
    size_t size;
};
#ifndef GLIMPSE_MOCK_OPENCL
using cl_kernel = void *;
using cl_program = void *;
#endif
struct Function {
    std::string name;
    cl_kernel kernel = nullptr;
    std::vector<Argument> arguments;
    bool has_local = false;        // the last argument is local memory
    bool chooses_threads = false;  // groups are made of work items by the kernel itself
};
struct Module {
    Context *context = nullptr;
    cl_program program = nullptr;
    std::vector<std::unique_ptr<Function>> functions;
};
struct Block {
    Context *context;
    size_t size;
    size_t first;   // bytes of its pages before it
    void *address;  // of its pages
    char *alias;    // where the host sees it
};

struct State {
    std::mutex mutex;
    MockCuda cuda = {};
    bool initialized = false;
    std::map<std::string, int, std::less<>> calls;  // by function
    std::map<CUdeviceptr, Block> blocks;
    std::vector<std::unique_ptr<Context>> contexts;
    std::vector<std::unique_ptr<Stream>> streams;
    std::set<Module *> modules;
    std::map<int, Context *> primaries;
    unsigned long long resets = 0;
    bool has_stream = false;
#ifdef GLIMPSE_MOCK_OPENCL
    cl_context cl = nullptr;
    cl_device_id cl_device = nullptr;
    cl_command_queue queue = nullptr;
#endif

    State() {
        cuda.devices = 1;
        cuda.major = 8;
        cuda.driver_version = 12040;
        cuda.runs = true;
        const char *failing = getenv("MOCK_CUDA_FAILING");
        cuda.failing = failing;
        cuda.error = 999;
        if (const char *devices = getenv("MOCK_CUDA_DEVICES")) {
            cuda.devices = atoi(devices);
        }
        if (const char *major = getenv("MOCK_CUDA_MAJOR")) {
            cuda.major = atoi(major);
        }
    }
};

State &state() {
    static State *const the_state = new State;  // outlives whatever runs at exit
    return *the_state;
}

thread_local std::vector<Context *> current;

// Counts a call of `name`; what it is to fail with, if it is.
CUresult enter(const char *name) {
    State &s = state();
    auto calls = s.calls.find(name);  // allocates nothing, for tests that count
    if (calls == s.calls.end()) {
        calls = s.calls.emplace(name, 0).first;
    }
    const int call = calls->second++;
    if (s.cuda.failing != nullptr && strcmp(s.cuda.failing, name) == 0 &&
        call >= s.cuda.fail_after) {
        return s.cuda.error;
    }
    return strcmp(name, "cuInit") == 0 || s.initialized ? success : not_initialized;
}

#define ENTER(name)                                        \
    const std::lock_guard<std::mutex> lock(state().mutex); \
    State &s = state();                                    \
    if (const CUresult entered = enter(name)) {            \
        return entered;                                    \
    }                                                      \
    (void)s

CUresult use_stream(State &s, void *stream) {
    if (current.empty()) {
        return invalid_context;
    }
    const auto *const known = static_cast<Stream *>(stream);
    if (known != nullptr && known->context != current.back()) {
        return invalid_value;
    }
    s.cuda.other_streams += s.has_stream && s.cuda.stream != stream ? 1 : 0;
    s.has_stream = true;
    s.cuda.stream = stream;
    s.cuda.context = current.back();
    return success;
}

// The host's view of `bytes` of device memory; null if they are not allocated.
char *alias_of(State &s, CUdeviceptr address, size_t bytes, size_t *left = nullptr) {
    auto block = s.blocks.upper_bound(address);
    if (block == s.blocks.begin()) {
        return nullptr;
    }
    --block;
    const size_t offset = address - block->first;
    if (offset > block->second.size || bytes > block->second.size - offset) {
        return nullptr;
    }
    if (left != nullptr) {
        *left = block->second.size - offset;
    }
    return block->second.alias + offset;
}

size_t pages(size_t bytes) {
    const auto page = size_t(sysconf(_SC_PAGESIZE));
    return (std::max<size_t>(bytes, 1) + page - 1) / page * page;
}

// Where there is no OpenCL kernels are not run.
#ifdef GLIMPSE_MOCK_OPENCL
void check_cl(cl_int error, const char *what) {
    if (error != CL_SUCCESS) {
        fprintf(stderr, "mock of CUDA: %s failed with OpenCL error %d\n", what, int(error));
        abort();
    }
}

void open_cl(State &s) {
    if (s.cl != nullptr) {
        return;
    }
    cl_platform_id platforms[8];
    cl_uint count = 0;
    check_cl(clGetPlatformIDs(8, platforms, &count), "clGetPlatformIDs");
    for (cl_uint i = 0; i < std::min<cl_uint>(count, 8) && s.cl_device == nullptr; i++) {
        (void)clGetDeviceIDs(platforms[i], CL_DEVICE_TYPE_CPU, 1, &s.cl_device, nullptr);
    }
    cl_int error = s.cl_device == nullptr ? CL_DEVICE_NOT_FOUND : CL_SUCCESS;
    check_cl(error, "looking for a processor");
    s.cl = clCreateContext(nullptr, 1, &s.cl_device, nullptr, nullptr, &error);
    check_cl(error, "clCreateContext");
    s.queue = clCreateCommandQueue(s.cl, s.cl_device, 0, &error);
    check_cl(error, "clCreateCommandQueue");
}

// What kernels with threads_x, threads_y and threads_z are compiled with: PoCL compiles a kernel
// for each size of work groups, so that these always have the same, and count their threads
// themselves.
const char thread_macros[] =
    "#define glimpse_threads(d) ((d) == 0 ? _threads_x : (d) == 1 ? _threads_y : _threads_z)\n"
    "#define get_local_id(d) ((int)(get_global_id(d) % glimpse_threads(d)))\n"
    "#define get_group_id(d) ((int)(get_global_id(d) / glimpse_threads(d)))\n";
constexpr size_t work_items = 64;

cl_program build(State &s, const char *text) {
    open_cl(s);
    // Halide 21 calls this by a name that OpenCL does not have.
    std::string source = "#define halide_popcount popcount\n";
    source += text;
    if (source.find("const int _threads_x") != std::string::npos) {
        source.insert(0, thread_macros);
    }
    const char *strings[] = {source.c_str()};
    cl_int error = CL_SUCCESS;
    cl_program program = clCreateProgramWithSource(s.cl, 1, strings, nullptr, &error);
    check_cl(error, "clCreateProgramWithSource");
    error = clBuildProgram(program, 1, &s.cl_device, "", nullptr, nullptr);
    if (error != CL_SUCCESS) {
        std::vector<char> log(1 << 16);
        (void)clGetProgramBuildInfo(program, s.cl_device, CL_PROGRAM_BUILD_LOG, log.size() - 1,
                                    log.data(), nullptr);
        fprintf(stderr, "%s\n", log.data());
    }
    check_cl(error, "clBuildProgram");
    return program;
}

cl_kernel kernel_of(cl_program program, const char *name) {
    cl_int error = CL_SUCCESS;
    cl_kernel kernel = clCreateKernel(program, name, &error);
    check_cl(error, "clCreateKernel");
    return kernel;
}

void release(cl_program program) {
    (void)clReleaseProgram(program);
}
void release_kernel(cl_kernel kernel) {
    (void)clReleaseKernel(kernel);
}

CUresult run(State &s, const Function &f, const unsigned (&grid)[3], const unsigned (&block)[3],
             unsigned shared, void **parameters) {
    std::vector<cl_mem> memories;
    for (size_t i = 0; i < f.arguments.size(); i++) {
        const Argument &argument = f.arguments[i];
        if (!argument.is_pointer) {
            check_cl(clSetKernelArg(f.kernel, cl_uint(i), argument.size, parameters[i]),
                     "clSetKernelArg");
            continue;
        }
        CUdeviceptr address = 0;
        memcpy(&address, parameters[i], sizeof(address));
        size_t left = 0;
        char *const memory = alias_of(s, address, 1, &left);
        if (memory == nullptr) {
            fprintf(stderr, "mock of CUDA: argument %zu of %s is %#llx, no device memory\n", i,
                    f.name.c_str(), (unsigned long long)address);
            return invalid_value;
        }
        cl_int error = CL_SUCCESS;
        memories.push_back(
            clCreateBuffer(s.cl, CL_MEM_READ_WRITE | CL_MEM_USE_HOST_PTR, left, memory, &error));
        check_cl(error, "clCreateBuffer");
        check_cl(clSetKernelArg(f.kernel, cl_uint(i), sizeof(cl_mem), &memories.back()),
                 "clSetKernelArg");
    }
    if (f.has_local) {
        check_cl(clSetKernelArg(f.kernel, cl_uint(f.arguments.size()), std::max<size_t>(shared, 16),
                                nullptr),
                 "clSetKernelArg");
    }
    size_t global[3], local[3];
    for (int d = 0; d < 3; d++) {
        global[d] = size_t(grid[d]) * block[d];
        local[d] = block[d];
    }
    if (f.chooses_threads) {
        // Work items beyond the grid find that they have nothing to do.
        global[0] = (global[0] + work_items - 1) / work_items * work_items;
        local[0] = work_items;
        local[1] = local[2] = 1;
    }
    check_cl(
        clEnqueueNDRangeKernel(s.queue, f.kernel, 3, nullptr, global, local, 0, nullptr, nullptr),
        "clEnqueueNDRangeKernel");
    check_cl(clFinish(s.queue), "clFinish");
    for (cl_mem memory : memories) {
        check_cl(clReleaseMemObject(memory), "clReleaseMemObject");
    }
    return success;
}
#else
cl_program build(State &, const char *) {
    return nullptr;
}
cl_kernel kernel_of(cl_program, const char *) {
    return nullptr;
}
void release(cl_program) {
}
void release_kernel(cl_kernel) {
}
CUresult run(State &, const Function &, const unsigned (&)[3], const unsigned (&)[3], unsigned,
             void **) {
    return success;
}
#endif

// The arguments of a kernel, from its text.
bool parse(const std::string &source, Function *function) {
    const size_t at = source.find("__kernel void " + function->name + "(");
    if (at == std::string::npos) {
        return false;
    }
    const size_t begin = source.find('(', at) + 1, end = source.find(')', begin);
    std::string text = source.substr(begin, end - begin);
    size_t from = 0;
    while (from < text.size()) {
        size_t comma = text.find(',', from);
        comma = comma == std::string::npos ? text.size() : comma;
        const std::string one = text.substr(from, comma - from);
        from = comma + 1;
        const auto has = [&](const char *word) { return one.find(word) != std::string::npos; };
        if (has("__local")) {
            function->has_local = true;
        } else if (has("*")) {
            function->arguments.push_back({true, sizeof(void *)});
        } else {
            const size_t size = has("long") || has("double")  ? 8
                                : has("char") || has("bool")  ? 1
                                : has("short") || has("half") ? 2
                                                              : 4;
            function->arguments.push_back({false, size});
        }
        function->chooses_threads = function->chooses_threads || has("_threads_x");
    }
    return true;
}

void destroy(State &s, Module *module) {
    for (const auto &function : module->functions) {
        if (function->kernel != nullptr) {
            release_kernel(function->kernel);
        }
    }
    if (module->program != nullptr) {
        release(module->program);
    }
    s.modules.erase(module);
    delete module;
    s.cuda.modules--;
}

void destroy(State &s, std::map<CUdeviceptr, Block>::iterator block) {
    const Block &b = block->second;
    s.cuda.allocated_blocks--;
    s.cuda.allocated_bytes -= int64_t(b.size);
    const size_t guarded = pages(b.size) + pages(1);
    munmap(b.address, guarded);
    munmap(b.alias - b.first, guarded);
    s.blocks.erase(block);
}

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): the names are the driver's
extern "C" {

MockCuda *mock_cuda() {
    return &state().cuda;
}

void *mock_cuda_context(int device) {
    const std::lock_guard<std::mutex> lock(state().mutex);
    State &s = state();
    s.contexts.push_back(std::make_unique<Context>());
    s.contexts.back()->device = device;
    s.contexts.back()->id = s.contexts.size();
    return s.contexts.back().get();
}

void mock_cuda_reset(void *context) {
    const std::lock_guard<std::mutex> lock(state().mutex);
    State &s = state();
    auto *const c = static_cast<Context *>(context);
    c->id = ++s.resets << 32;
    for (auto m = s.modules.begin(); m != s.modules.end();) {
        Module *const module = *m++;
        if (module->context == c) {
            destroy(s, module);
        }
    }
    for (auto b = s.blocks.begin(); b != s.blocks.end();) {
        const auto block = b++;
        if (block->second.context == c) {
            destroy(s, block);
        }
    }
}

void *mock_cuda_stream(void *context) {
    const std::lock_guard<std::mutex> lock(state().mutex);
    State &s = state();
    s.streams.push_back(std::make_unique<Stream>());
    s.streams.back()->context = static_cast<Context *>(context);
    return s.streams.back().get();
}

int mock_cuda_calls(const char *function) {
    const std::lock_guard<std::mutex> lock(state().mutex);
    return state().calls[function];
}

void *mock_cuda_memory(const void *address) {
    const std::lock_guard<std::mutex> lock(state().mutex);
    return alias_of(state(), reinterpret_cast<CUdeviceptr>(address), 0);
}

CUresult cuInit(unsigned) {
    ENTER("cuInit");
    s.initialized = true;
    return success;
}

CUresult cuDriverGetVersion(int *version) {
    ENTER("cuDriverGetVersion");
    *version = s.cuda.driver_version;
    return success;
}

CUresult cuGetErrorName(CUresult error, const char **name) {
    static const char *const names[] = {"CUDA_SUCCESS", "CUDA_ERROR_INVALID_VALUE",
                                        "CUDA_ERROR_OUT_OF_MEMORY", "CUDA_ERROR_NOT_INITIALIZED"};
    *name = error >= 0 && error < 4 ? names[error] : "CUDA_ERROR_MOCK";
    return success;
}

CUresult cuGetErrorString(CUresult error, const char **text) {
    *text = error == out_of_memory ? "out of memory" : "the mock was told to fail";
    return success;
}

CUresult cuDeviceGetCount(int *count) {
    ENTER("cuDeviceGetCount");
    *count = s.cuda.devices;
    return success;
}

CUresult cuDeviceGet(int *device, int ordinal) {
    ENTER("cuDeviceGet");
    *device = ordinal;
    return ordinal >= 0 && ordinal < s.cuda.devices ? success : invalid_device;
}

CUresult cuDeviceGetName(char *name, int length, int device) {
    ENTER("cuDeviceGetName");
    snprintf(name, size_t(length), "mock device %d", device);
    return success;
}

CUresult cuDeviceGetAttribute(int *value, int attribute, int) {
    ENTER("cuDeviceGetAttribute");
    *value = attribute == 75 ? s.cuda.major : attribute == 76 ? s.cuda.minor : 0;
    return success;
}

CUresult cuDevicePrimaryCtxRetain(void **context, int device) {
    ENTER("cuDevicePrimaryCtxRetain");
    Context *&primary = s.primaries[device];
    if (primary == nullptr) {
        s.contexts.push_back(std::make_unique<Context>());
        primary = s.contexts.back().get();
        primary->device = device;
        primary->id = s.contexts.size();
    }
    s.cuda.retained++;
    *context = primary;
    return success;
}

CUresult cuDevicePrimaryCtxRelease(int) {
    ENTER("cuDevicePrimaryCtxRelease");
    s.cuda.retained--;
    return success;
}

CUresult cuCtxGetCurrent(void **context) {
    ENTER("cuCtxGetCurrent");
    *context = current.empty() ? nullptr : current.back();
    return success;
}

CUresult cuCtxGetDevice(int *device) {
    ENTER("cuCtxGetDevice");
    if (current.empty()) {
        return invalid_context;
    }
    *device = current.back()->device;
    return success;
}

CUresult cuCtxGetId(void *context, unsigned long long *id) {
    ENTER("cuCtxGetId");
    *id = static_cast<Context *>(context)->id;
    return success;
}

CUresult cuStreamIsCapturing(void *, int *is_capturing) {
    ENTER("cuStreamIsCapturing");
    *is_capturing = s.cuda.captures ? 1 : 0;
    return success;
}

CUresult cuStreamGetCtx(void *stream, void **context) {
    ENTER("cuStreamGetCtx");
    *context = static_cast<Stream *>(stream)->context;
    return success;
}

CUresult cuCtxPushCurrent_v2(void *context) {
    ENTER("cuCtxPushCurrent_v2");
    current.push_back(static_cast<Context *>(context));
    s.cuda.pushed++;
    return success;
}

CUresult cuCtxPopCurrent_v2(void **context) {
    ENTER("cuCtxPopCurrent_v2");
    if (current.empty()) {
        return invalid_context;
    }
    *context = current.back();
    current.pop_back();
    s.cuda.pushed--;
    return success;
}

CUresult cuModuleLoadData(void **module, const void *image) {
    ENTER("cuModuleLoadData");
    if (current.empty()) {
        return invalid_context;
    }
    const char *text = static_cast<const char *>(image);
    auto loaded = std::make_unique<Module>();
    if (s.cuda.runs && strstr(text, "__kernel ") != nullptr) {
        loaded->program = build(s, text);
    } else if (strstr(text, ".version") == nullptr && strstr(text, "__kernel ") == nullptr) {
        return invalid_image;
    }
    // Kept for cuModuleGetFunction.
    s.cuda.loads++;
    s.cuda.modules++;
    loaded->functions.push_back(std::make_unique<Function>());
    loaded->functions.back()->name = text;
    loaded->context = current.back();
    s.modules.insert(loaded.get());
    *module = loaded.release();
    return success;
}

CUresult cuModuleUnload(void *module) {
    ENTER("cuModuleUnload");
    auto *const m = static_cast<Module *>(module);
    if (s.modules.count(m) == 0) {
        return invalid_value;
    }
    destroy(s, m);
    return success;
}

CUresult cuModuleGetFunction(void **function, void *module, const char *name) {
    ENTER("cuModuleGetFunction");
    auto *const m = static_cast<Module *>(module);
    const std::string &source = m->functions.front()->name;
    auto found = std::make_unique<Function>();
    found->name = name;
    if (m->program != nullptr) {
        if (!parse(source, found.get())) {
            return not_found;
        }
        found->kernel = kernel_of(m->program, name);
    } else if (source.find(name) == std::string::npos) {
        return not_found;
    }
    *function = found.get();
    m->functions.push_back(std::move(found));
    return success;
}

CUresult cuLaunchKernel(void *function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                        unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared,
                        void *stream, void **parameters, void **) {
    ENTER("cuLaunchKernel");
    if (const CUresult error = use_stream(s, stream)) {
        return error;
    }
    const uint64_t threads = uint64_t(block_x) * block_y * block_z;
    if (grid_x == 0 || grid_y == 0 || grid_z == 0 || threads == 0 || grid_x > 2147483647u ||
        grid_y > 65535 || grid_z > 65535 || threads > 1024 || block_z > 64 || shared > 48 << 10) {
        return invalid_value;
    }
    s.cuda.launches++;
    const unsigned grid[] = {grid_x, grid_y, grid_z}, block[] = {block_x, block_y, block_z};
    std::copy(grid, grid + 3, s.cuda.grid);
    std::copy(block, block + 3, s.cuda.block);
    auto *const f = static_cast<Function *>(function);
    if (f->kernel == nullptr) {
        return success;
    }
    return run(s, *f, grid, block, shared, parameters);
}

CUresult cuMemAlloc_v2(CUdeviceptr *memory, size_t bytes) {
    ENTER("cuMemAlloc_v2");
    if (current.empty() || bytes == 0) {
        return current.empty() ? invalid_context : invalid_value;
    }
    // It ends, but for its alignment, where nothing may be touched.
    const size_t size = pages(bytes), guarded = size + pages(1);
    const size_t first = size - (bytes + 255) / 256 * 256;
    const int file = memfd_create("mock_cuda", 0);
    if (file < 0 || ftruncate(file, off_t(size)) != 0) {
        return out_of_memory;
    }
    const char *const wanted = getenv("MOCK_CUDA_OPEN");
    const bool open = wanted != nullptr && strcmp(wanted, "1") == 0;
    const auto map = [&](int access) -> char * {
        void *const all = mmap(nullptr, guarded, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return all == MAP_FAILED ||
                       mmap(all, size, access, MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED
                   ? nullptr
                   : static_cast<char *>(all);
    };
    char *const address = map(open ? PROT_READ | PROT_WRITE : PROT_NONE);
    char *const alias = map(PROT_READ | PROT_WRITE);
    close(file);
    if (address == nullptr || alias == nullptr) {
        return out_of_memory;
    }
    // New memory holds anything.
    memset(alias, 0xa5, size);
    *memory = reinterpret_cast<CUdeviceptr>(address + first);
    s.blocks[*memory] = {current.back(), bytes, first, address, alias + first};
    s.cuda.allocations++;
    s.cuda.allocated_blocks++;
    s.cuda.allocated_bytes += int64_t(bytes);
    return success;
}

CUresult cuMemFree_v2(CUdeviceptr memory) {
    ENTER("cuMemFree_v2");
    const auto block = s.blocks.find(memory);
    if (block == s.blocks.end()) {
        return invalid_value;
    }
    s.cuda.frees++;
    destroy(s, block);
    return success;
}

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t bytes, void *stream) {
    ENTER("cuMemcpyHtoDAsync_v2");
    if (const CUresult error = use_stream(s, stream)) {
        return error;
    }
    char *const memory = alias_of(s, to, bytes);
    if (memory == nullptr) {
        return invalid_value;
    }
    memcpy(memory, from, bytes);
    s.cuda.uploads++;
    s.cuda.largest_upload = std::max(s.cuda.largest_upload, int64_t(bytes));
    return success;
}

CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t bytes, void *stream) {
    ENTER("cuMemcpyDtoHAsync_v2");
    if (const CUresult error = use_stream(s, stream)) {
        return error;
    }
    const char *const memory = alias_of(s, from, bytes);
    if (memory == nullptr) {
        return invalid_value;
    }
    memcpy(to, memory, bytes);
    s.cuda.downloads++;
    return success;
}

// CUDA_MEMCPY2D of version 2.
struct Copy2D {
    struct Side {
        size_t x, y;
        unsigned type;
        void *host;
        CUdeviceptr device;
        void *array;
        size_t pitch;
    } source, target;
    size_t width, height;
};

CUresult cuMemcpy2DAsync_v2(const Copy2D *copy, void *stream) {
    ENTER("cuMemcpy2DAsync_v2");
    if (const CUresult error = use_stream(s, stream)) {
        return error;
    }
    const auto memory_of = [&](const Copy2D::Side &side) -> char * {
        const size_t first = side.y * side.pitch + side.x;
        if (copy->height > 1 && side.pitch < copy->width) {
            return nullptr;
        }
        return side.type == 1 ? static_cast<char *>(side.host) + first
                              : alias_of(s, side.device + first,
                                         (copy->height - 1) * side.pitch + copy->width);
    };
    char *const from = memory_of(copy->source), *const to = memory_of(copy->target);
    if (from == nullptr || to == nullptr) {
        return invalid_value;
    }
    for (size_t row = 0; row < copy->height; row++) {
        memcpy(to + row * copy->target.pitch, from + row * copy->source.pitch, copy->width);
    }
    s.cuda.copies_2d++;
    return success;
}

CUresult cuStreamSynchronize(void *stream) {
    ENTER("cuStreamSynchronize");
    if (const CUresult error = use_stream(s, stream)) {
        return error;
    }
    s.cuda.synchronizations++;
    return success;
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
