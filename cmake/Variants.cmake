# The one list of variants for each processor family, best first, and that for devices. It makes the
# kernels, the table that dispatch walks, the tests and the benchmarks.
#
# Each entry is `name|Halide features|owner forms`. What a variant needs of the machine stands under the
# same name in runtime/cpu_features.h. Kernels of the forms are those of the owner, another variant, where
# that is built: they are as fast, and those of 16-bit elements faster.
if (Halide_CMAKE_TARGET STREQUAL "x86-64-linux")
    set(glimpse_variants
        "avx512|sse41-avx-f16c-fma-avx2-avx512-avx512_skylake|avx2 inside value map"
        "avx2|sse41-avx-f16c-fma-avx2|"
        "sse41|sse41|x86_64 inside value"
        "x86_64||"
        "cuda|cuda-cuda_capability_50|")
elseif (Halide_CMAKE_TARGET STREQUAL "arm-64-linux")
    set(glimpse_variants
        "arm64||"
        "cuda|cuda-cuda_capability_50|")
else ()
    message(FATAL_ERROR "Glimpse has no variants for ${Halide_CMAKE_TARGET}; expected x86-64-linux or arm-64-linux.")
endif ()

# The variants that are built: all, or fewer to save space.
set(glimpse_variant_names ${glimpse_variants})
list(TRANSFORM glimpse_variant_names REPLACE "\\|.*" "")
set(GLIMPSE_VARIANTS "" CACHE STRING
    "The variants that are built, all if empty; without the last of all, some machines can run none")
foreach (name IN LISTS GLIMPSE_VARIANTS)
    if (NOT name IN_LIST glimpse_variant_names)
        message(FATAL_ERROR "GLIMPSE_VARIANTS has '${name}'; expected some of ${glimpse_variant_names}")
    endif ()
endforeach ()
if (GLIMPSE_VARIANTS)
    set(glimpse_variant_names ${GLIMPSE_VARIANTS})
endif ()
if (glimpse_variant_names STREQUAL "cuda")
    message(FATAL_ERROR "GLIMPSE_VARIANTS is 'cuda'; expected one for the processor beside it")
endif ()
