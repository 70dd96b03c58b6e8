# Gives every symbol that the Halide runtime defines a prefix, in the whole archive: the library and an
# application that uses Halide then each keep a runtime of their own. ELF only.
#   NM, OBJCOPY  the tools    RUNTIME  the runtime's object    ARCHIVE  the library    PREFIX  what to add
execute_process(COMMAND ${NM} -g --defined-only ${RUNTIME}
    OUTPUT_VARIABLE symbols
    COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" symbols "${symbols}")
set(renamed "")
foreach (symbol IN LISTS symbols)
    if (symbol MATCHES " ([^ ]+)$")
        string(APPEND renamed "${CMAKE_MATCH_1} ${PREFIX}${CMAKE_MATCH_1}\n")
    endif ()
endforeach ()
if (NOT renamed)
    message(FATAL_ERROR "${NM} finds no symbol in ${RUNTIME}")
endif ()
file(WRITE "${ARCHIVE}.renamed" "${renamed}")
execute_process(COMMAND ${OBJCOPY} --redefine-syms=${ARCHIVE}.renamed ${ARCHIVE}
    COMMAND_ERROR_IS_FATAL ANY)
