// NumPy's NPY files, read strictly: nothing in a header is believed before the size of the file
// agrees with it.
//
//     const InputFile file("offsets.npy");
//     const NpyHeader header = read_npy_header(file);
//     require_type(file, header, {"f4", "f8"}, "float32 or float64");
//     const Buffer elements = read_npy_elements(file, header);
#ifndef GLIMPSE_TOOLS_NPY_H_
#define GLIMPSE_TOOLS_NPY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "buffer.h"
#include "file.h"

namespace glimpse {
namespace command {

struct NpyHeader {
    std::string
        descr;  // as it stands in the file, such as "<f4"; a type with fields as Python text
    bool fortran_order = false;
    std::vector<int64_t> shape;   // each 0 or more
    int64_t elements_offset = 0;  // where the elements begin in the file
};

// Whether the file begins as NPY files do.
bool is_npy(const InputFile &file);

NpyHeader read_npy_header(const InputFile &file);

// The type without its byte order, such as "f4"; empty where the byte order is not the one of this
// machine or the text is no simple type. What has none, such as "|V2", counts as native.
std::string native_type(const NpyHeader &header);

// The inverse: "<f4" for "f4".
std::string npy_descr(const std::string &type);

// Rejects a type that is not one of `types`, saying what was found and what was `expected`.
void require_type(const InputFile &file, const NpyHeader &header,
                  const std::vector<std::string> &types, const std::string &expected);

// Returns the elements in C order. The file must end with the last of them.
Buffer read_npy_elements(const InputFile &file, const NpyHeader &header);

// Shapes as NumPy writes them: "(2, 3)", "(2,)".
std::string shape_text(const std::vector<int64_t> &shape);

// Writes an array in C order; `descr` as in NpyHeader. Whether it was written shows in
// OutputFile::commit().
void write_npy(OutputFile &file, const std::string &descr, const std::vector<int64_t> &shape,
               const Buffer &elements);

}  // namespace command
}  // namespace glimpse

#endif  // GLIMPSE_TOOLS_NPY_H_
