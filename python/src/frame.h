// glimpse.Frame: arrays of Python that are the planes of a frame.
#ifndef GLIMPSE_PYTHON_SRC_FRAME_H_
#define GLIMPSE_PYTHON_SRC_FRAME_H_

#include <nanobind/nanobind.h>

#include <memory>
#include <string>
#include <vector>

#include "array.h"
#include "glimpse/glimpse.h"

namespace glimpse_python {

// Keeps the objects; their memory is looked at in each call.
class Frame {
public:
    Frame(nb::handle format, nb::handle planes, nb::handle height, nb::handle width,
          nb::handle matrix, nb::handle range, nb::handle siting, nb::handle nearest_chroma);

    // What results are like.
    nb::handle like() const noexcept {
        return planes_[0];
    }
    // The frame, whose memory `arrays` then holds.
    glimpse::ConstFrame view(void *stream, std::vector<std::unique_ptr<Array>> *arrays) const;

    glimpse::PixelFormat format() const noexcept {
        return format_;
    }
    int64_t height() const noexcept {
        return height_;
    }
    int64_t width() const noexcept {
        return width_;
    }
    std::string text() const;

private:
    void find_size(nb::handle height, nb::handle width);
    glimpse::ConstView plane_view(int plane, const Array &array) const;
    bool is_dense() const noexcept {
        return planes_.size() == 1 && glimpse::plane_count(format_) > 1;
    }

    glimpse::PixelFormat format_;
    glimpse::Color color_;
    int64_t height_ = 0, width_ = 0;
    std::vector<nb::object> planes_;
};

void define_frame(nb::module_ *m);

}  // namespace glimpse_python

#endif  // GLIMPSE_PYTHON_SRC_FRAME_H_
