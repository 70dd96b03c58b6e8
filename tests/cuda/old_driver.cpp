// A libcuda.so.1 that is too old: it has not all that the library asks for.
extern "C" int cuInit(unsigned) {  // NOLINT(readability-identifier-naming): its name there
    return 0;
}
