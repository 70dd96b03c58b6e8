// What the variant `cuda` is measured beside, on the device: plain copies, kernels as they are
// written by hand, and NVIDIA's own functions, one call per window.
//
// All memory is the device's, in its primary context; all is queued in the default stream.
// Functions return null, or the text of an error.
#ifndef GLIMPSE_BENCH_CUDA_PEERS_H_
#define GLIMPSE_BENCH_CUDA_PEERS_H_

#include <cstddef>
#include <cstdint>

namespace cuda_peers {

// `count` windows of a dense interleaved image.
struct Windows {
    const void *image;
    int image_height, image_width, channels;
    const int32_t *origins;       // y and x of each
    const int32_t *host_origins;  // the same in memory of the host
    void *glimpses;               // dense
    int count, height, width;
};

// A copy from device to device, of cudaMemcpyAsync.
const char *copy(void *to, const void *from, size_t bytes);

// Windows with zeros or the nearest pixel outside the image; one thread for each element.
const char *extract_uint8(const Windows &windows, bool replicates);
const char *extract_float32(const Windows &windows, bool replicates);

// (pixel - subtract) * multiply of windows inside, uint8 to planes of float32.
const char *convert(const Windows &windows, float subtract, float multiply);

// A copy of each window inside, of cudaMemcpy2DAsync.
const char *copy_2d(const Windows &windows, size_t element_size);

// NPP's nppiCopyReplicateBorder of each window that shows some of an image with three channels.
bool has_npp();
const char *npp_uint8(const Windows &windows);
const char *npp_float32(const Windows &windows);

// Adds up `words` words of 8 bytes, to `sums` of all blocks; there are at most `most_sums`.
constexpr int most_sums = 4096;
const char *read(const uint64_t *data, int64_t words, uint64_t *sums);

// A kernel that does nothing.
const char *nothing();

}  // namespace cuda_peers

#endif  // GLIMPSE_BENCH_CUDA_PEERS_H_
