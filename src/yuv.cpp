// Frames of luma and chroma: one call of extract() for each plane.
#include "glimpse/yuv.h"

#include <algorithm>

#include "call/check.h"
#include "calls.h"

namespace glimpse {
namespace {

// The extent of chroma. Negative ones are told by the checks of views.
int64_t half(int64_t extent) {
    return extent < 0 ? extent : extent / 2 + extent % 2;
}

// The planes of a view, luma first.
struct Planes {
    const ConstView *views[3];
    int count;

    explicit Planes(const ConstYuvView &view)
        : views{&view.luma, &view.chroma, &view.chroma_v},
          count(view.format == YuvFormat::i420 ? 3 : 2) {
    }
};

// What messages call a view and its planes.
using Names = const char *const[4];
constexpr Names frame_names = {"frames", "luma of frames", "chroma of frames",
                               "chroma_v of frames"};
constexpr Names glimpse_names = {"glimpses", "luma of glimpses", "chroma of glimpses",
                                 "chroma_v of glimpses"};

// Fails if a plane of `view` is none, or if they do not belong together. Sets `ranges`, one for
// each plane.
Status check_planes(const ConstYuvView &view, const Names &names, bool is_written,
                    ByteRange *ranges) {
    if (view.format < YuvFormat::nv12 || view.format > YuvFormat::p010) {
        return Status(StatusCode::unknown_enumerator, "the format of %s is %d; expected one of %s",
                      names[0], int(view.format), names_of<YuvFormat>(4).text());
    }
    const bool is_wide = view.format == YuvFormat::p010;
    const ElementType type = is_wide ? ElementType::uint16 : ElementType::uint8;
    const Planes planes(view);
    const Shape &luma = view.luma.shape;
    const Shape of_chroma = {luma.count, half(luma.height), half(luma.width),
                             planes.count == 3 ? 1 : 2};
    for (int p = 0; p < planes.count; p++) {
        const ConstView &plane = *planes.views[p];
        const Shape expected = p > 0 ? of_chroma : Shape{luma.count, luma.height, luma.width, 1};
        GLIMPSE_TRY((is_written ? check_output : check_input)(plane, names[1 + p], &ranges[p]));
        if (plane.type != type) {
            return Status(StatusCode::type_mismatch, "%s is %s; expected %s for %s", names[1 + p],
                          name(plane.type), name(type), name(view.format));
        }
        GLIMPSE_TRY(check_shape(plane.shape, names[1 + p], expected));
    }
    return {};
}

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
Status check_overlap(const Planes &out, const ByteRange *read, const ByteRange *written,
                     const ByteRange &value) {
    for (int p = 0; p < out.count; p++) {
        if (intersect(value, written[p])) {
            return overlap("value", glimpse_names[1 + p]);
        }
        for (int other = 0; other < out.count; other++) {
            if (other == p) {
                continue;
            }
            if (intersect(read[other], written[p])) {
                return overlap(frame_names[1 + other], glimpse_names[1 + p]);
            }
            if (intersect(written[other], written[p]) &&
                !lie_in_turns(*out.views[other], *out.views[p])) {
                return overlap(glimpse_names[1 + other], glimpse_names[1 + p]);
            }
        }
    }
    return {};
}

Status check_options(const Options &options) {
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
                          "%s has %s; expected none with frames of luma and chroma", u.name,
                          Counted(u.size, "element").text);
        }
    }
    GLIMPSE_TRY(check_border(options));
    if (options.border == Border::constant && options.value.size() != 3) {
        return {StatusCode::invalid_value, "value has %s; expected 3, for Y, U and V",
                Counted(options.value.size(), "element").text};
    }
    return {};
}

}  // namespace

Status extract(const ConstYuvView &frames, Span<const Origin> origins, const YuvView &glimpses,
               const Options &options, Context &context) noexcept {
    GLIMPSE_TRY(context.impl().status);
    const ConstYuvView written = glimpses;
    ByteRange read[3], touched[3], value_range;
    GLIMPSE_TRY(check_planes(frames, frame_names, false, read));
    GLIMPSE_TRY(check_planes(written, glimpse_names, true, touched));
    if (frames.format != written.format) {
        return Status(StatusCode::type_mismatch,
                      "frames are %s and glimpses are %s; expected the same format",
                      name(frames.format), name(written.format));
    }
    GLIMPSE_TRY(check_options(options));
    GLIMPSE_TRY(check_values(options.value, "value", &value_range));
    const Planes in(frames), out(written);
    GLIMPSE_TRY(check_overlap(out, read, touched, value_range));

    // Black is 16 in luma and 128 in chroma; P010 has two bits more, and six below them.
    const float unit = frames.format == YuvFormat::p010 ? 256 : 1;
    const float black[] = {16 * unit, 128 * unit, 128 * unit};
    const float *const given = options.value.span().data;
    const float *const yuv = given != nullptr && options.value.size() != 0 ? given : black;
    const bool has_value = options.border == Border::zero || options.border == Border::constant;
    const bool v_first = frames.format == YuvFormat::nv21;
    const float values[3][2] = {
        {yuv[0], 0}, {v_first ? yuv[2] : yuv[1], v_first ? yuv[1] : yuv[2]}, {yuv[2], 0}};

    const View views[] = {glimpses.luma, glimpses.chroma, glimpses.chroma_v};
    PlaneCall planes[3];
    for (int p = 0; p < in.count; p++) {
        planes[p] = {*in.views[p],         views[p], read[p], touched[p], frame_names[1 + p],
                     glimpse_names[1 + p], p > 0,    options};
        Options &of_plane = planes[p].options;
        of_plane.seed = options.seed ^ plane_seeds[p];
        if (has_value) {
            of_plane.border = Border::constant;
            of_plane.value = {values[p], size_t(in.views[p]->shape.channels)};
        }
    }
    return extract_planes(planes, in.count, origins, context);
}

}  // namespace glimpse
