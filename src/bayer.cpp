// Bayer mosaics: the upper and the lower rows of the cells are images of two channels.
#include "glimpse/bayer.h"

#include "call/check.h"
#include "calls.h"

namespace glimpse {
namespace {

// The upper (0) or lower (1) rows of all cells, as images of two channels.
template<typename Data>
BasicView<Data> cell_rows(const BasicView<Data> &mosaics, int64_t row) {
    BasicView<Data> view = mosaics;
    if (row == 1 && view.shape.height > 0 && view.shape.width > 0) {
        view = mosaics.region(1, 0, mosaics.shape.height - 1, mosaics.shape.width);
    }
    const Shape &shape = mosaics.shape;
    const Strides &strides = mosaics.strides;
    view.shape = {shape.count, shape.height / 2, shape.width / 2, 2};
    // Strides of single elements may be anything.
    view.strides = {strides.image, shape.height > 1 ? 2 * strides.row : 0,
                    shape.width > 1 ? 2 * strides.column : 0, strides.column};
    return view;
}

Status check_mosaics(const ConstView &view, const char *name) {
    const Shape &shape = view.shape;
    if (shape.channels != 1) {
        return {StatusCode::channel_mismatch, "%s in %s; expected 1",
                Counted(shape.channels, "channel").text, name};
    }
    if (shape.height % 2 != 0 || shape.width % 2 != 0) {
        return Status(StatusCode::size_mismatch,
                      "%lld x %lld pixels in %s; expected an even number of rows and columns",
                      (long long)shape.height, (long long)shape.width, name);
    }
    // Cells are twice as far apart.
    constexpr int64_t stride_limit = int64_t(1) << 30;
    const struct {
        const char *name;
        int64_t extent, stride;
    } axes[] = {{"rows", shape.height, view.strides.row},
                {"columns", shape.width, view.strides.column}};
    for (const auto &a : axes) {
        if (a.extent > 2 && (a.stride >= stride_limit || a.stride <= -stride_limit)) {
            return Status(StatusCode::too_large,
                          "the stride of %s between %s is %lld; expected less than 2^30 elements",
                          name, a.name, (long long)a.stride);
        }
    }
    return {};
}

// Fails if there are not none (unless `needed`), one or four values, or if they lie where is
// written.
Status check_per_cell(const PerChannel &values, const char *name, bool needed,
                      const ByteRange &written) {
    ByteRange range;
    GLIMPSE_TRY(check_values(values, name, &range));
    const size_t size = values.size();
    if (size != 1 && size != 4 && (size != 0 || needed)) {
        return {StatusCode::invalid_value, "%s has %s; expected 1, or 4 for the pixels of a cell",
                name, Counted(size, "element").text};
    }
    return intersect(range, written) ? overlap(name) : Status();
}

// Fails if an origin is odd, or if a mosaic has no coordinates there. Nobody looks at origins on a
// device: they are halved, rounded down.
Status check_origins(const Span<const Origin> &origins, Size glimpse) {
    ByteRange range;
    GLIMPSE_TRY(check_span(origins, "origins", &range));
    const bool on_host = origins.memory == Memory::host;
    for (size_t i = 0; on_host && i < origins.size; i++) {
        const Origin &o = origins.data[i];
        if (o.y % 2 != 0 || o.x % 2 != 0) {
            return Status(StatusCode::invalid_value,
                          "origin %zu is (%d, %d); expected even numbers, as mosaics go by cells",
                          i, o.y, o.x);
        }
        GLIMPSE_TRY(check_origin(o, i, glimpse));
    }
    return {};
}

PerChannel of_row(const PerChannel &values, int row) {
    const float *const v = values.span().data;
    return values.size() == 4 && v != nullptr ? PerChannel({v[2 * row], v[2 * row + 1]}) : values;
}

// Noise of both rows must not be the same: their seeds differ by these.
constexpr uint64_t row_seeds[] = {0, 0x3c6ef372fe94f82b};

}  // namespace

Status extract_bayer(const ConstView &mosaics, Span<const Origin> origins, const View &glimpses,
                     const Options &options, Context &context) noexcept {
    GLIMPSE_TRY(context.impl().status);
    // Both views as they are, so that messages speak of what the caller knows.
    const ConstView written = glimpses;
    ByteRange in, out;
    GLIMPSE_TRY(check_input(mosaics, "mosaics", &in));
    GLIMPSE_TRY(check_output(written, "glimpses", &out));
    if (options.statistics.size != 0 || options.channel_order.count != 0) {
        return {StatusCode::conflicting_arguments, "%s is given; expected none with mosaics",
                options.statistics.size != 0 ? "statistics" : "channel_order"};
    }
    GLIMPSE_TRY(check_mosaics(mosaics, "mosaics"));
    GLIMPSE_TRY(check_mosaics(written, "glimpses"));
    GLIMPSE_TRY(check_border(options));
    GLIMPSE_TRY(check_per_cell(options.value, "value", options.border == Border::constant, out));
    GLIMPSE_TRY(check_per_cell(options.subtract, "subtract", false, out));
    GLIMPSE_TRY(check_per_cell(options.multiply, "multiply", false, out));
    GLIMPSE_TRY(check_finite(options.subtract.span(), "subtract"));
    GLIMPSE_TRY(check_finite(options.multiply.span(), "multiply"));
    GLIMPSE_TRY(check_origins(origins, {written.shape.height, written.shape.width}));

    PlaneCall rows[2];
    for (int row = 0; row < 2; row++) {
        rows[row] = {cell_rows(mosaics, row),
                     cell_rows(glimpses, row),
                     in,
                     out,
                     "mosaics",
                     "glimpses",
                     true,
                     true,
                     options};
        Options &of_cells = rows[row].options;
        of_cells.value = of_row(options.value, row);
        of_cells.subtract = of_row(options.subtract, row);
        of_cells.multiply = of_row(options.multiply, row);
        of_cells.seed = options.seed ^ row_seeds[row];
    }
    return extract_planes(rows, 2, origins, context);
}

}  // namespace glimpse
