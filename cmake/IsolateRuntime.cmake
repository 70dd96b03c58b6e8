# Gives every symbol of a Halide runtime that the library defines a prefix, in the whole archive: the
# library and an application that uses Halide then each keep a runtime of their own. ELF only.
#   NM, OBJCOPY  the tools    ARCHIVE  the library    PREFIX  what to add
#   RUNTIME      the object of Halide's runtime, if there is one; beside it, names with halide_ count
execute_process(COMMAND ${NM} -g --defined-only ${ARCHIVE}
    OUTPUT_VARIABLE symbols
    ERROR_QUIET
    COMMAND_ERROR_IS_FATAL ANY)
set(of_runtime "")
if (RUNTIME)
    execute_process(COMMAND ${NM} -g --defined-only ${RUNTIME}
        OUTPUT_VARIABLE of_runtime
        COMMAND_ERROR_IS_FATAL ANY)
endif ()
string(REGEX MATCHALL " halide_[^\n]+" ours "${symbols}")
string(REGEX MATCHALL " [^ \n]+\n" theirs "${of_runtime}")
set(renamed "")
list(APPEND ours ${theirs})
list(TRANSFORM ours STRIP)
list(REMOVE_DUPLICATES ours)
foreach (symbol IN LISTS ours)
    string(APPEND renamed "${symbol} ${PREFIX}${symbol}\n")
endforeach ()
file(WRITE "${ARCHIVE}.renamed" "${renamed}")
# Kernels begin with a cache line: copies took up to 1.4 times as long (AMD Zen 3) where a linker put a kernel
# elsewhere, which any other function of a program could change.
execute_process(COMMAND ${OBJCOPY} --redefine-syms=${ARCHIVE}.renamed --set-section-alignment .text*=64 ${ARCHIVE}
    COMMAND_ERROR_IS_FATAL ANY)
