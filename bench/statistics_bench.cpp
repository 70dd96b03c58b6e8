// Times compute_statistics() of one image, one variant beside the other and beside a plain read of
// the same memory, as `statistics/TYPE/HxWxC/IMPLEMENTATION`. HxWxC is the size of the image;
// IMPLEMENTATION is a variant, or `read`: the sum of all 64-bit words, in eight accumulators, with
// AVX-512, AVX2 or neither, whichever is the best that the machine has. Every result is compared
// with tests/reference.h before it is timed. That a call to extract() which needs no statistics
// computes none is timed by extract_bench, in the case `inside-gaussian`.
#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "reference.h"
#include "runner.h"

namespace {

using glimpse::ChannelStatistics;
using glimpse::ConstView;
using glimpse::Shape;
using glimpse::Status;

// The sum of `words` words of 8 bytes, a multiple of 64.
using SumWords = uint64_t(const unsigned char *data, int64_t words);

const int64_t words_at_once = 64;

uint64_t sum_words(const unsigned char *data, int64_t words) {
    uint64_t sums[8] = {};
    for (int64_t i = 0; i < words; i += 8) {
        uint64_t some[8];
        std::memcpy(some, data + i * 8, sizeof(some));
        for (int lane = 0; lane < 8; lane++) {
            sums[lane] += some[lane];
        }
    }
    uint64_t sum = 0;
    for (const uint64_t part : sums) {
        sum += part;
    }
    return sum;
}

#if defined(__x86_64__)

__attribute__((target("avx512f"))) uint64_t sum_words_avx512(const unsigned char *data,
                                                             int64_t words) {
    __m512i sums[8] = {};
    for (int64_t i = 0; i < words; i += words_at_once) {
#pragma GCC unroll 8
        for (int j = 0; j < 8; j++) {
            sums[j] = _mm512_add_epi64(sums[j], _mm512_loadu_si512(data + (i + j * 8) * 8));
        }
    }
    uint64_t sum = 0;
    for (const __m512i &part : sums) {
        uint64_t lanes[8];
        std::memcpy(lanes, &part, sizeof(lanes));
        for (const uint64_t lane : lanes) {
            sum += lane;
        }
    }
    return sum;
}

__attribute__((target("avx2"))) uint64_t sum_words_avx2(const unsigned char *data, int64_t words) {
    __m256i sums[8] = {};
    for (int64_t i = 0; i < words; i += words_at_once / 2) {
#pragma GCC unroll 8
        for (int j = 0; j < 8; j++) {
            const void *const at = data + (i + j * 4) * 8;
            sums[j] =
                _mm256_add_epi64(sums[j], _mm256_loadu_si256(static_cast<const __m256i *>(at)));
        }
    }
    uint64_t sum = 0;
    for (const __m256i &part : sums) {
        uint64_t lanes[4];
        std::memcpy(lanes, &part, sizeof(lanes));
        for (const uint64_t lane : lanes) {
            sum += lane;
        }
    }
    return sum;
}

SumWords *best_sum_words() {
    return __builtin_cpu_supports("avx512f") ? sum_words_avx512
           : __builtin_cpu_supports("avx2")  ? sum_words_avx2
                                             : sum_words;
}

#else

SumWords *best_sum_words() {
    return sum_words;
}

#endif

// Two numbers that differ by no more than sums of doubles in two orders may.
bool close(double a, double b) {
    return std::fabs(a - b) <= 1e-10 * std::fabs(b);
}

bool close(const ChannelStatistics &a, const ChannelStatistics &b) {
    return a.min == b.min && a.max == b.max && close(a.mean, b.mean) && close(a.stddev, b.stddev);
}

const int64_t largest_size = 2160 * 3840 * 3;

// Elements of all images: those of a smaller one are the first of these.
template<typename T>
const T *pixels() {
    static const bench::Memory<T> memory = bench::random_elements<T>(largest_size);
    return memory.data();
}

template<typename T>
int64_t size_in_bytes(const Shape &shape) {
    return shape.height * shape.width * shape.channels * static_cast<int64_t>(sizeof(T));
}

using Statistics = std::vector<ChannelStatistics>;

// `expected` is made if it is empty, and shared by the variants.
template<typename T>
void time_variant(const Shape &shape, glimpse::Context &context, Statistics *expected,
                  benchmark::State &state) {
    const ConstView image = ConstView::interleaved(pixels<T>(), shape);
    if (expected->empty()) {
        *expected = reference::statistics<T>(image);
    }
    Statistics got(expected->size());
    const Status first = compute_statistics(image, got, context);
    if (!first.ok()) {
        state.SkipWithError(first.message());
        return;
    }
    for (size_t c = 0; c < got.size(); c++) {
        if (!close(got[c], (*expected)[c])) {
            const std::string text = "channel " + std::to_string(c) + " differs from the reference";
            state.SkipWithError(text.c_str());
            return;
        }
    }
    for (auto _ : state) {
        const Status status = compute_statistics(image, got, context);
        benchmark::ClobberMemory();
        if (!status.ok()) {
            state.SkipWithError(status.message());
            break;
        }
    }
    state.SetBytesProcessed(state.iterations() * size_in_bytes<T>(shape));
}

template<typename T>
void time_read(const Shape &shape, bool *checked, benchmark::State &state) {
    static SumWords *const best = best_sum_words();
    const auto *const data = reinterpret_cast<const unsigned char *>(pixels<T>());
    const int64_t words = size_in_bytes<T>(shape) / 8;
    if (words % words_at_once != 0) {
        state.SkipWithError("an image that is no multiple of 512 bytes");
        return;
    }
    const uint64_t sum = best(data, words);
    if (!*checked && sum != sum_words(data, words)) {
        state.SkipWithError("the sum differs from the plain one");
        return;
    }
    *checked = true;
    for (auto _ : state) {
        benchmark::DoNotOptimize(best(data, words));
    }
    state.SetBytesProcessed(state.iterations() * size_in_bytes<T>(shape));
}

template<typename T>
std::vector<bench::Row> rows(const Shape &shape) {
    const auto expected = std::make_shared<Statistics>();
    const auto checked = std::make_shared<bool>(false);
    std::vector<bench::Row> result;
    for (const bench::VariantContext &variant : bench::usable_variants()) {
        const auto run = [=](benchmark::State &state) {
            time_variant<T>(shape, *variant.context, expected.get(), state);
        };
        result.push_back({variant.name, run});
    }
    const auto run = [=](benchmark::State &state) { time_read<T>(shape, checked.get(), state); };
    result.push_back({"read", run});
    return result;
}

template<typename T>
void add(const Shape &shape, std::vector<bench::Group> *groups) {
    groups->push_back({std::string("statistics/") +
                           glimpse::name(glimpse::element_type_of<T>::value) + "/" +
                           std::to_string(shape.height) + "x" + std::to_string(shape.width) + "x" +
                           std::to_string(shape.channels),
                       [shape] { return rows<T>(shape); }});
}

template<typename T>
void add_all(std::vector<bench::Group> *groups) {
    for (const int64_t channels : {1, 3, 4}) {
        add<T>({1, 1080, 1920, channels}, groups);
    }
    add<T>({1, 2160, 3840, 3}, groups);
}

}  // namespace

int main(int argc, char **argv) {
    std::vector<bench::Group> groups;
    add_all<uint8_t>(&groups);
    add_all<uint16_t>(&groups);
    add_all<int16_t>(&groups);
    add_all<glimpse::Float16>(&groups);
    add_all<glimpse::BFloat16>(&groups);
    add_all<float>(&groups);
    return bench::run(argc, argv, groups);
}
