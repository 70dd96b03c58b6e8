// What tests ask of the mock of the CUDA driver (mock_driver.cpp), and what it has counted.
#ifndef GLIMPSE_TESTS_CUDA_MOCK_DRIVER_H_
#define GLIMPSE_TESTS_CUDA_MOCK_DRIVER_H_

#include <cstddef>
#include <cstdint>

// Answers of the mock to the functions of the driver, by name, such as "cuMemAlloc_v2".
struct MockCuda {
    // The function fails with `error` from its call number `fail_after` on, 0 the first; "" or
    // null: none does.
    const char *failing;
    int fail_after;
    int error;

    int devices;         // as cuDeviceGetCount says
    int major, minor;    // the capability of each
    int driver_version;  // as cuDriverGetVersion says
    bool runs;           // whether kernels are run, or only counted
    bool captures;       // whether all streams are being captured

    // Since the mock was loaded.
    int64_t launches, uploads, downloads, copies_2d, allocations, frees, synchronizations, loads;
    int64_t largest_upload;   // in bytes, until a test sets it back
    int64_t allocated_bytes;  // now
    int64_t allocated_blocks;
    int64_t modules;        // now
    int64_t retained;       // primary contexts, now
    int64_t pushed;         // contexts, now, of all threads
    const void *stream;     // of the last launch or copy
    const void *context;    // that was current then
    int64_t other_streams;  // launches and copies in a stream that is not that of the one before
    unsigned grid[3], block[3];  // of the last launch
};

extern "C" {
// The state of the mock, to be read and set.
MockCuda *mock_cuda();
// Makes a context or a stream of the given device; both are only told apart.
void *mock_cuda_context(int device);
void *mock_cuda_stream(void *context);
// Takes all memory and modules away from a context, which goes on as another one at the same
// address.
void mock_cuda_reset(void *context);
// How often a function has been called.
int mock_cuda_calls(const char *function);
// The host's view of device memory at `address`; null if there is none.
void *mock_cuda_memory(const void *address);
}

#endif  // GLIMPSE_TESTS_CUDA_MOCK_DRIVER_H_
