# The target OpenCV::core, for tests and benchmarks: Debian's libopencv-core-dev comes without a CMake
# package.
find_path(OPENCV_INCLUDE_DIRECTORY opencv2/core.hpp PATH_SUFFIXES opencv4 REQUIRED)
find_library(OPENCV_CORE opencv_core REQUIRED)
mark_as_advanced(OPENCV_INCLUDE_DIRECTORY OPENCV_CORE)
add_library(OpenCV::core UNKNOWN IMPORTED)
set_target_properties(OpenCV::core
    PROPERTIES
    IMPORTED_LOCATION ${OPENCV_CORE}
    INTERFACE_INCLUDE_DIRECTORIES ${OPENCV_INCLUDE_DIRECTORY})
