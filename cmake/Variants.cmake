# The one list of variants, best first. It makes the kernels, the table that dispatch walks, the tests
# and the benchmarks.
#
# Each entry is `name|Halide features`. What a variant needs of the machine stands under the same name
# in runtime/cpu_features.h.
set(glimpse_x86_variants
    "avx512|sse41-avx-f16c-fma-avx2-avx512-avx512_skylake"
    "avx2|sse41-avx-f16c-fma-avx2"
    "sse41|sse41"
    "x86_64|")
