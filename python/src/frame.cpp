// Takes the planes of a frame from arrays.
#include "frame.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "arguments.h"

namespace glimpse_python {
namespace {

std::string shape_of(const Array &array) {
    std::string text = "(";
    for (int i = 0; i < array.dimensions; i++) {
        text += (i == 0 ? "" : ", ") + std::to_string(array.shape[i]);
    }
    return text + ")";
}

// The enumerator whose name `object` is; None is what is usual.
template<typename Enum>
Enum meaning(nb::handle object, const char *name, int count) {
    if (object.is_none()) {
        return Enum(0);
    }
    return enumerator<Enum>(object, name, count);
}

bool is_dense_along(const Array &array, int from) {
    int64_t dense = array.item_size();
    for (int i = array.dimensions - 1; i >= from; i--) {
        if (array.shape[i] > 1 && array.strides[i] != dense) {
            return false;
        }
        dense *= array.shape[i];
    }
    return true;
}

}  // namespace

Frame::Frame(nb::handle format, nb::handle planes, nb::handle height, nb::handle width,
             nb::handle matrix, nb::handle range, nb::handle siting, nb::handle nearest_chroma)
    : format_(enumerator<glimpse::PixelFormat>(format, "format", glimpse::pixel_format_count)) {
    color_ = {meaning<glimpse::Matrix>(matrix, "matrix", glimpse::matrix_count),
              meaning<glimpse::Range>(range, "range", glimpse::range_count),
              meaning<glimpse::Siting>(siting, "siting", glimpse::siting_count),
              bool_of(nearest_chroma, "nearest_chroma")};
    if (is_list(planes)) {
        const nb::object items = nb::steal(PySequence_Tuple(planes.ptr()));
        for (const nb::handle plane : items) {
            planes_.push_back(nb::borrow(plane));
        }
    } else {
        planes_.push_back(nb::borrow(planes));
    }
    const auto expected = size_t(glimpse::plane_count(format_));
    if (planes_.size() != expected && planes_.size() != 1) {
        throw nb::value_error(("planes has " + std::to_string(planes_.size()) +
                               " arrays; expected " + std::to_string(expected) + " for " +
                               glimpse::name(format_) + ", or one of all of them")
                                  .c_str());
    }
    find_size(height, width);
}

// Of the first plane, or of all in one array as OpenCV has them, if it is not given.
void Frame::find_size(nb::handle height, nb::handle width) {
    const auto given = [](nb::handle number, const char *name) {
        return number.is_none() ? int64_t(-1)
                                : integer_of(number, name, 0, std::numeric_limits<int32_t>::max());
    };
    height_ = given(height, "height");
    width_ = given(width, "width");
    if (height_ >= 0 && width_ >= 0) {
        return;
    }
    const Array array(planes_[0], "planes", false);
    if (array.dimensions < 2 || array.dimensions > 3) {
        throw nb::value_error(("planes has shape " + shape_of(array) +
                               "; expected height and width, or rows and columns")
                                  .c_str());
    }
    // Of how many columns a row of the array is for one pixel, and of how many rows for two.
    const glimpse::Shape two = glimpse::plane_shape(format_, 0, 1, 2, 2);
    const int64_t of_row = array.dimensions == 3 ? two.width : two.width * two.channels;
    int64_t rows = 0;
    for (int p = 0; p < (is_dense() ? glimpse::plane_count(format_) : 1); p++) {
        const glimpse::Shape plane = glimpse::plane_shape(format_, p, 1, 2, 2);
        rows += plane.height * plane.width * plane.channels;
    }
    rows = std::max<int64_t>(is_dense() ? rows : two.width * two.channels * 2, 1);
    height_ = height_ >= 0 ? height_ : array.shape[0] * 2 * two.width * two.channels / rows;
    width_ = width_ >= 0 ? width_ : array.shape[1] * 2 / of_row;
}

glimpse::ConstView Frame::plane_view(int plane, const Array &array) const {
    const glimpse::Shape shape = glimpse::plane_shape(format_, plane, 1, height_, width_);
    const int64_t of_row = shape.width * shape.channels, size = array.item_size();
    const bool has_channels = array.dimensions == 3;
    const bool fits =
        has_channels
            ? array.shape[0] == shape.height && array.shape[1] == shape.width &&
                  array.shape[2] == shape.channels
            : array.dimensions == 2 && array.shape[0] == shape.height && array.shape[1] == of_row;
    const auto stride = [&](int dimension) { return array.strides[dimension] / size; };
    const bool is_whole =
        array.dimensions < 2 || (array.strides[0] % size == 0 && array.strides[1] % size == 0);
    if (!fits || !is_whole || (!has_channels && shape.channels > 1 && !is_dense_along(array, 1))) {
        const std::string rows = std::to_string(shape.height);
        throw nb::value_error(
            ("plane " + std::to_string(plane) + " of planes has shape " + shape_of(array) +
             "; expected (" + rows + ", " + std::to_string(of_row) + ")" +
             (shape.channels > 1 ? " or (" + rows + ", " + std::to_string(shape.width) + ", " +
                                       std::to_string(shape.channels) + ")"
                                 : "") +
             ", for " + std::to_string(height_) + " x " + std::to_string(width_) + " pixels of " +
             glimpse::name(format_))
                .c_str());
    }
    glimpse::ConstView view;
    view.shape = shape;
    view.strides = {0, stride(0), has_channels ? stride(1) : stride(1) * shape.channels,
                    has_channels && shape.channels > 1 ? stride(2) : 1};
    return view;
}

glimpse::ConstFrame Frame::view(void *stream, std::vector<std::unique_ptr<Array>> *arrays) const {
    const glimpse::ElementType type = glimpse::element_type(format_);
    glimpse::ConstFrame frame;
    frame.format = format_;
    frame.height = height_;
    frame.width = width_;
    frame.color = color_;
    for (size_t p = 0; p < planes_.size(); p++) {
        arrays->push_back(std::make_unique<Array>(planes_[p], "planes", false, stream));
        const Array &array = *arrays->back();
        glimpse::ElementType found = glimpse::ElementType::float32;
        if (!type_of(array.dtype, &found) || found != type) {
            throw nb::type_error(("plane " + std::to_string(p) + " of planes has other elements " +
                                  "than " + glimpse::name(type) + ", which " +
                                  glimpse::name(format_) + " has")
                                     .c_str());
        }
        const auto memory = array.is_on_device() ? glimpse::Memory::cuda : glimpse::Memory::host;
        if (is_dense()) {
            frame = glimpse::ConstFrame::dense(format_, array.data, height_, width_)
                        .with(color_)
                        .on(memory);
            int64_t elements = 1, expected = 0;
            for (int i = 0; i < array.dimensions; i++) {
                elements *= array.shape[i];
            }
            for (int k = 0; k < glimpse::plane_count(format_); k++) {
                const glimpse::Shape &s = frame.planes[k].shape;
                expected += s.height * s.width * s.channels;
            }
            if (elements != expected || !is_dense_along(array, 0)) {
                throw nb::value_error(
                    ("planes has " + std::to_string(elements) + " elements" +
                     (is_dense_along(array, 0) ? "" : ", not one after the other") + "; expected " +
                     std::to_string(expected) + " in a row, for " + std::to_string(height_) +
                     " x " + std::to_string(width_) + " pixels of " + glimpse::name(format_))
                        .c_str());
            }
            return frame;
        }
        glimpse::ConstView view = plane_view(int(p), array);
        view.data = array.data;
        view.type = type;
        view.memory = memory;
        view.bounds = array.bounds;
        frame.planes[p] = view;
    }
    return frame;
}

std::string Frame::text() const {
    return std::string("Frame('") + glimpse::name(format_) + "', " + std::to_string(height_) +
           " x " + std::to_string(width_) + ")";
}

void define_frame(nb::module_ *m) {
    nb::class_<Frame>(
        *m, "Frame",
        "A frame of a camera or decoder, for extract() and compute_statistics(): glimpses of it "
        "are\n"
        "RGB. See docs/frames.md.\n"
        "\n"
        ">>> import glimpse, numpy\n"
        ">>> y, uv = numpy.full((4, 6), 81, numpy.uint8), numpy.full((2, 6), 90, numpy.uint8)\n"
        ">>> uv[:, 1::2] = 240\n"
        ">>> frame = glimpse.Frame('nv12', [y, uv])\n"
        ">>> glimpse.extract(frame, 2, origins=[(1, 1)])[0, 0, 0].tolist()\n"
        "[254, 0, 0]\n"
        "\n"
        "format          'nv12', 'i420', 'yuyv', 'p010', ...: docs/frames.md has all\n"
        "planes          an array of uint8 or uint16 for each plane: [rows, columns], [rows, "
        "columns,\n"
        "                channels], or rows in which the channels of a plane take turns; any "
        "strides of\n"
        "                rows. Or one array of all planes, one after the other, as OpenCV has "
        "them\n"
        "height, width   in pixels; None: those of the first plane\n"
        "matrix          'bt601' (None), 'bt709' or 'bt2020'\n"
        "range           'limited' (None for YUV) or 'full' (None for gray)\n"
        "siting          of chroma: 'left' (None), 'center' or 'top-left'\n"
        "nearest_chroma  whether pixels have the chroma of their cell, and not what is in between\n"
        "\n"
        "Keeps the arrays, and copies nothing. Raises ValueError or TypeError.\n")
        .def(
            nb::init<nb::handle, nb::handle, nb::handle, nb::handle, nb::handle, nb::handle,
                     nb::handle, nb::handle>(),
            nb::arg("format"), nb::arg("planes"), nb::kw_only(),
            nb::arg("height").none() = nb::none(), nb::arg("width").none() = nb::none(),
            nb::arg("matrix").none() = nb::none(), nb::arg("range").none() = nb::none(),
            nb::arg("siting").none() = nb::none(), nb::arg("nearest_chroma") = false,
            nb::sig("def __init__(self, format: str, planes: object, *, height: int | None = None, "
                    "width: int | None = None, matrix: str | None = None, range: str | None = "
                    "None, siting: str | None = None, nearest_chroma: bool = False) -> None"))
        .def_prop_ro(
            "format", [](const Frame &f) { return glimpse::name(f.format()); },
            "The name of the format.")
        .def_prop_ro("height", &Frame::height, "In pixels.")
        .def_prop_ro("width", &Frame::width, "In pixels.")
        .def("__repr__", &Frame::text);
}

}  // namespace glimpse_python
