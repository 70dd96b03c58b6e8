// Kernels written by hand, and calls of the CUDA runtime and of NPP.
#include "cuda_peers.h"

#include <algorithm>

#ifdef GLIMPSE_BENCH_NPP
#include <nppi_data_exchange_and_initialization.h>
#endif

namespace cuda_peers {
namespace {

const char *text_of(cudaError_t error) {
    return error == cudaSuccess ? nullptr : cudaGetErrorString(error);
}

// A block takes 8 rows of one glimpse at a time; its threads go along them, element by element.
constexpr int row_threads = 32, rows_of_block = 8;

template<typename T, bool replicates>
__global__ void extract_kernel(Windows w) {
    const int g = blockIdx.x;
    const int origin_y = w.origins[2 * g], origin_x = w.origins[2 * g + 1];
    const int row_elements = w.width * w.channels;
    const T *const image = static_cast<const T *>(w.image);
    T *const glimpse =
        static_cast<T *>(w.glimpses) + static_cast<int64_t>(g) * w.height * row_elements;
    const int y = blockIdx.y * rows_of_block + threadIdx.y;
    if (y >= w.height) {
        return;
    }
    const int row = origin_y + y;
    const int in_row = min(max(row, 0), w.image_height - 1);
    const int last = (w.image_width - 1) * w.channels;
    for (int i = threadIdx.x; i < row_elements; i += row_threads) {
        const int e = origin_x * w.channels + i;
        T value = 0;
        if (replicates) {
            const int channel = i % w.channels;
            const int at = e < 0 ? channel : e > last + channel ? last + channel : e;
            value = image[static_cast<int64_t>(in_row) * w.image_width * w.channels + at];
        } else if (row == in_row && e >= 0 && e < w.image_width * w.channels) {
            value = image[static_cast<int64_t>(row) * w.image_width * w.channels + e];
        }
        glimpse[static_cast<int64_t>(y) * row_elements + i] = value;
    }
}

__global__ void convert_kernel(Windows w, float subtract, float multiply) {
    const int g = blockIdx.x;
    const int origin_y = w.origins[2 * g], origin_x = w.origins[2 * g + 1];
    const int y = blockIdx.y * rows_of_block + threadIdx.y;
    if (y >= w.height) {
        return;
    }
    const auto *const row =
        static_cast<const uint8_t *>(w.image) +
        (static_cast<int64_t>(origin_y + y) * w.image_width + origin_x) * w.channels;
    float *const glimpse = static_cast<float *>(w.glimpses) +
                           static_cast<int64_t>(g) * w.channels * w.height * w.width;
    for (int x = threadIdx.x; x < w.width; x += row_threads) {
        for (int c = 0; c < w.channels; c++) {
            glimpse[(static_cast<int64_t>(c) * w.height + y) * w.width + x] =
                (row[x * w.channels + c] - subtract) * multiply;
        }
    }
}

dim3 blocks_of(const Windows &w) {
    return {static_cast<unsigned>(w.count),
            static_cast<unsigned>((w.height + rows_of_block - 1) / rows_of_block)};
}

template<typename T>
const char *extract(const Windows &w, bool replicates) {
    const dim3 threads(row_threads, rows_of_block);
    if (replicates) {
        extract_kernel<T, true><<<blocks_of(w), threads>>>(w);
    } else {
        extract_kernel<T, false><<<blocks_of(w), threads>>>(w);
    }
    return text_of(cudaGetLastError());
}

__global__ void read_kernel(const ulonglong2 *data, int64_t pairs, uint64_t *sums) {
    const int64_t step = static_cast<int64_t>(gridDim.x) * blockDim.x;
    uint64_t sum = 0;
#pragma unroll 4
    for (int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < pairs;
         i += step) {
        const ulonglong2 two = data[i];
        sum += two.x + two.y;
    }
    for (int lanes = 16; lanes > 0; lanes /= 2) {
        sum += __shfl_down_sync(0xffffffffu, sum, lanes);
    }
    if (threadIdx.x % 32 == 0) {
        atomicAdd(reinterpret_cast<unsigned long long *>(sums) + blockIdx.x, sum);
    }
}

__global__ void empty_kernel() {
}

#ifdef GLIMPSE_BENCH_NPP

const NppStreamContext &npp_context() {
    static const NppStreamContext context = [] {
        NppStreamContext c = {};
        cudaDeviceProp p = {};
        cudaGetDevice(&c.nCudaDeviceId);
        cudaGetDeviceProperties(&p, c.nCudaDeviceId);
        c.nMultiProcessorCount = p.multiProcessorCount;
        c.nMaxThreadsPerMultiProcessor = p.maxThreadsPerMultiProcessor;
        c.nMaxThreadsPerBlock = p.maxThreadsPerBlock;
        c.nSharedMemPerBlock = p.sharedMemPerBlock;
        c.nCudaDevAttrComputeCapabilityMajor = p.major;
        c.nCudaDevAttrComputeCapabilityMinor = p.minor;
        return c;
    }();
    return context;
}

template<typename T, typename Function>
const char *npp(const Windows &w, const Function &function) {
    const auto pitch = static_cast<int>(w.image_width * w.channels * sizeof(T));
    const auto out_pitch = static_cast<int>(w.width * w.channels * sizeof(T));
    for (int g = 0; g < w.count; g++) {
        const int y = w.host_origins[2 * g], x = w.host_origins[2 * g + 1];
        const int top = std::max(-y, 0), left = std::max(-x, 0);
        const NppiSize shown = {std::min(x + w.width, w.image_width) - std::max(x, 0),
                                std::min(y + w.height, w.image_height) - std::max(y, 0)};
        const NppiSize size = {w.width, w.height};
        const auto *const in =
            static_cast<const T *>(w.image) +
            (static_cast<int64_t>(std::max(y, 0)) * w.image_width + std::max(x, 0)) * w.channels;
        T *const out = static_cast<T *>(w.glimpses) +
                       static_cast<int64_t>(g) * w.height * w.width * w.channels;
        if (function(in, pitch, shown, out, out_pitch, size, top, left, npp_context()) !=
            NPP_SUCCESS) {
            return "NPP failed";
        }
    }
    return nullptr;
}

#endif

}  // namespace

const char *copy(void *to, const void *from, size_t bytes) {
    return text_of(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, nullptr));
}

const char *extract_uint8(const Windows &windows, bool replicates) {
    return extract<uint8_t>(windows, replicates);
}

const char *extract_float32(const Windows &windows, bool replicates) {
    return extract<float>(windows, replicates);
}

const char *convert(const Windows &windows, float subtract, float multiply) {
    convert_kernel<<<blocks_of(windows), dim3(row_threads, rows_of_block)>>>(windows, subtract,
                                                                             multiply);
    return text_of(cudaGetLastError());
}

const char *copy_2d(const Windows &w, size_t element_size) {
    const size_t pixel = w.channels * element_size;
    const size_t pitch = w.image_width * pixel, row = w.width * pixel;
    for (int g = 0; g < w.count; g++) {
        const char *const in = static_cast<const char *>(w.image) + w.host_origins[2 * g] * pitch +
                               w.host_origins[2 * g + 1] * pixel;
        char *const out = static_cast<char *>(w.glimpses) + g * w.height * row;
        const cudaError_t error = cudaMemcpy2DAsync(out, row, in, pitch, row, w.height,
                                                    cudaMemcpyDeviceToDevice, nullptr);
        if (error != cudaSuccess) {
            return text_of(error);
        }
    }
    return nullptr;
}

bool has_npp() {
#ifdef GLIMPSE_BENCH_NPP
    return true;
#else
    return false;
#endif
}

const char *npp_uint8([[maybe_unused]] const Windows &windows) {
#ifdef GLIMPSE_BENCH_NPP
    return npp<uint8_t>(windows, nppiCopyReplicateBorder_8u_C3R_Ctx);
#else
    return "built without NPP";
#endif
}

const char *npp_float32([[maybe_unused]] const Windows &windows) {
#ifdef GLIMPSE_BENCH_NPP
    return npp<float>(windows, nppiCopyReplicateBorder_32f_C3R_Ctx);
#else
    return "built without NPP";
#endif
}

const char *read(const uint64_t *data, int64_t words, uint64_t *sums) {
    const int threads = 256;
    int device = 0, processors = 0;
    cudaGetDevice(&device);
    cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device);
    const int blocks = std::min(8 * processors, most_sums);
    read_kernel<<<blocks, threads>>>(reinterpret_cast<const ulonglong2 *>(data), words / 2, sums);
    return text_of(cudaGetLastError());
}

const char *nothing() {
    empty_kernel<<<1, 1>>>();
    return text_of(cudaGetLastError());
}

}  // namespace cuda_peers
