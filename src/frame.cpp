// Frames that are copied to frames: one call of extract() for each plane, or for what of a packed
// one is luma and chroma.
#include "glimpse/frame.h"

#include <algorithm>
#include <cmath>

#include "call/components.h"
#include "calls.h"

namespace glimpse {
namespace {

// Noise of different planes must not be the same: their seeds differ by these.
constexpr uint64_t plane_seeds[] = {0, 0x6a09e667f3bcc908, 0xbb67ae8584caa73b};

uint64_t magnitude(int64_t v) {
    return v < 0 ? 0 - uint64_t(v) : uint64_t(v);
}

// Whether blocks of bytes, `stride` apart, lie between those of another kind: no byte is of both.
// Either may begin first.
bool lie_between(const ByteRange &a, const ByteRange &b, int64_t stride) {
    const uint64_t size_a = a.end - a.begin, size_b = b.end - b.begin;
    const uint64_t step = magnitude(stride);
    if (step == 0 || size_a > step || size_b > step) {
        return false;
    }
    // How far b begins after one of the blocks of a.
    const uint64_t after = b.begin >= a.begin ? (b.begin - a.begin) % step
                                              : (step - (a.begin - b.begin) % step) % step;
    return after >= size_a && after + size_b <= step;
}

// Whether two views share no byte though their ranges intersect: their images lie in turns, or the
// rows of each image do, beside each other.
bool lie_in_turns(const ConstView &a, const ConstView &b) {
    const int64_t size = size_in_bytes(a.type);
    const ConstView image_a = a.image(0), image_b = b.image(0);
    ByteRange range_a, range_b;
    if (a.shape.count > 1) {
        const int64_t step = a.strides.image * size;
        if (a.strides.image != b.strides.image || !check_input(image_a, "", &range_a).ok() ||
            !check_input(image_b, "", &range_b).ok()) {
            return false;
        }
        if (lie_between(range_a, range_b, step)) {
            return true;
        }
        const uintptr_t both =
            std::max(range_a.end, range_b.end) - std::min(range_a.begin, range_b.begin);
        if (both > magnitude(step)) {
            return false;
        }
    }
    return a.strides.row == b.strides.row &&
           check_input(image_a.region(0, 0, 1, a.shape.width), "", &range_a).ok() &&
           check_input(image_b.region(0, 0, 1, b.shape.width), "", &range_b).ok() &&
           lie_between(range_a, range_b, a.strides.row * size);
}

// Fails if a plane that is written shares memory with another plane of the frames or the glimpses,
// or with the value; make_call() looks at the rest.
Status check_overlap(const ConstFrame &out, int count, const ByteRange *read,
                     const ByteRange *written, const ByteRange &value) {
    for (int p = 0; p < count; p++) {
        const char *const name = glimpse_frame_names.planes[p];
        if (intersect(value, written[p])) {
            return overlap("value", name);
        }
        for (int other = 0; other < count; other++) {
            if (other == p) {
                continue;
            }
            if (intersect(read[other], written[p])) {
                return overlap(frame_names.planes[other], name);
            }
            if (intersect(written[other], written[p]) &&
                !lie_in_turns(out.planes[other], out.planes[p])) {
                return overlap(glimpse_frame_names.planes[other], name);
            }
        }
    }
    return {};
}

// How many numbers Options::value has.
size_t values_of(const FormatRow &row) {
    return row.kind == FormatKind::gray     ? 1
           : row.kind == FormatKind::rgb565 ? 3
                                            : size_t(row.components());
}

Status check_options(const Options &options, const FormatRow &row) {
    const struct {
        const char *name;
        size_t size;
    } unwanted[] = {{"statistics", options.statistics.size},
                    {"channel_order", options.channel_order.count},
                    {"subtract", options.subtract.size()},
                    {"multiply", options.multiply.size()}};
    for (const auto &u : unwanted) {
        if (u.size != 0) {
            return Status(StatusCode::conflicting_arguments,
                          "%s has %s; expected none where glimpses are frames", u.name,
                          Counted(u.size, "element").text);
        }
    }
    GLIMPSE_TRY(check_border(options));
    if (options.border == Border::constant && options.value.size() != values_of(row)) {
        return Status(StatusCode::invalid_value, "value has %s; expected %zu, for %s",
                      Counted(options.value.size(), "element").text, values_of(row),
                      row.kind == FormatKind::yuv    ? "Y, U and V"
                      : row.kind == FormatKind::gray ? "Y"
                      : row.components() == 4        ? "R, G, B and A"
                                                     : "R, G and B");
    }
    return {};
}

// What is copied by one call: a component, or those of a plane.
struct Part {
    int first, count;  // components
};

// Channels are what the plane has for a pixel, or for a sample of chroma.
template<typename Data>
BasicView<Data> view_of(const BasicFrame<Data> &frames, const FormatRow &row, const Part &part) {
    if (row.kind != FormatKind::yuv) {
        return frames.planes[0];
    }
    int first = part.first;
    for (int c = part.first; c < part.first + part.count; c++) {
        first = row.at[c].element < row.at[first].element ? c : first;
    }
    const int plane = row.at[first].plane;
    const ConstView component = component_of(frames, row, first);
    BasicView<Data> view = frames.planes[plane];
    view.data = const_cast<decltype(view.data)>(component.data);
    view.shape = component.shape;
    view.strides.column = component.strides.column;
    view.strides.channel = 1;
    if (part.count == 2) {
        const int distance = row.at[1].element + row.at[2].element - 2 * row.at[first].element;
        view.shape.channels = 2;
        view.strides.channel = distance * frames.planes[plane].strides.channel;
    }
    return view;
}

// The parts of a format; returns how many.
int find_parts(const FormatRow &row, Part *parts) {
    parts[0] = {0, 1};
    if (row.kind != FormatKind::yuv) {
        return 1;
    }
    if (row.at[1].plane == row.at[2].plane) {
        parts[1] = {1, 2};
        return 2;
    }
    parts[1] = {1, 1};
    parts[2] = {2, 1};
    return 3;
}

// What fills, for each component: the value or, of YUV, black.
void find_fills(const ConstFrame &frames, const FormatRow &row, const Options &options,
                float *fills) {
    const Span<const float> value = options.value.span();
    if (options.border == Border::constant && value.data != nullptr) {
        std::copy_n(value.data, value.size, fills);
        return;
    }
    const bool is_full = usual_color(frames.color, row).range == Range::full;
    const int shift = row.bits - 8 + (row.is_upper ? 16 - row.bits : 0);
    const auto unit = float(1 << shift);
    fills[0] = row.kind == FormatKind::yuv && !is_full ? 16 * unit : 0;
    fills[1] = fills[2] = row.kind == FormatKind::yuv ? 128 * unit : 0;
    fills[3] = 0;
}

// The same, for each channel of what is copied by one call.
void order_fills(const FormatRow &row, const Part &part, const float *fills, float *ordered) {
    if (row.kind == FormatKind::rgb565) {
        const auto bits = [&](int c, float most) {
            return std::nearbyint(std::min(std::max(fills[c], 0.0f), 255.0f) * most / 255);
        };
        ordered[0] = bits(0, 31) * 2048 + bits(1, 63) * 32 + bits(2, 31);
        return;
    }
    if (row.kind == FormatKind::rgb) {
        for (int c = 0; c < row.components(); c++) {
            ordered[row.at[c].element] = fills[c];
        }
        return;
    }
    const bool is_reversed =
        part.count == 2 && row.at[part.first + 1].element < row.at[part.first].element;
    for (int c = 0; c < part.count; c++) {
        ordered[is_reversed ? part.count - 1 - c : c] = fills[part.first + c];
    }
}

}  // namespace

Status copy_frames(const ConstFrame &frames, const Places &places, const Frame &glimpses,
                   const Options &options, Context &context) noexcept {
    GLIMPSE_TRY(context.impl().status);
    const ConstFrame written = glimpses;
    ByteRange read[3], touched[3], value_range;
    GLIMPSE_TRY(check_frames(frames, frame_names, false, read));
    GLIMPSE_TRY(check_frames(written, glimpse_frame_names, true, touched));
    if (frames.format != written.format) {
        return Status(StatusCode::type_mismatch,
                      "frames are %s and glimpses are %s; expected the same format, or a view for "
                      "RGB",
                      name(frames.format), name(written.format));
    }
    const FormatRow &row = *find_format(frames.format);
    const AskedPlaces asked(places, options.coordinates);
    if (asked.rule != place_origin) {
        return {StatusCode::conflicting_arguments,
                "places are %s; expected origins where glimpses are frames", asked.name()};
    }
    const Span<const Origin> origins =
        Span<const Origin>(static_cast<const Origin *>(asked.data), asked.size).on(asked.memory);
    GLIMPSE_TRY(check_options(options, row));
    GLIMPSE_TRY(check_values(options.value, "value", &value_range));
    GLIMPSE_TRY(check_overlap(written, row.planes, read, touched, value_range));

    float fills[4] = {}, values[3][4] = {};
    find_fills(frames, row, options, fills);
    const bool has_value = options.border == Border::zero || options.border == Border::constant;
    Part parts[3];
    PlaneCall calls[3];
    const int count = find_parts(row, parts);
    for (int i = 0; i < count; i++) {
        const int plane = row.at[parts[i].first].plane;
        calls[i] = {view_of(frames, row, parts[i]),
                    view_of(glimpses, row, parts[i]),
                    read[plane],
                    touched[plane],
                    frame_names.planes[plane],
                    glimpse_frame_names.planes[plane],
                    i > 0 && row.y_shift != 0,
                    i > 0 && row.x_shift != 0,
                    options};
        Options &of_part = calls[i].options;
        of_part.seed = options.seed ^ plane_seeds[i];
        if (has_value) {
            order_fills(row, parts[i], fills, values[i]);
            of_part.border = Border::constant;
            of_part.value = {values[i], size_t(calls[i].images.shape.channels)};
        }
    }
    return extract_planes(calls, count, origins, context);
}

}  // namespace glimpse
