// Bayer mosaics: the upper and the lower rows of the cells are images of two channels.
#include "glimpse/bayer.h"

#include "check.h"
#include "context_impl.h"
#include "scratch.h"

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
    view.strides = {strides.image, 2 * strides.row, 2 * strides.column, strides.column};
    return view;
}

Status check_mosaics(const ConstView &view, const char *name) {
    const Shape &shape = view.shape;
    if (shape.channels != 1) {
        return {StatusCode::channel_mismatch, "%s has %lld channels; expected 1", name,
                (long long)shape.channels};
    }
    if (shape.height % 2 != 0 || shape.width % 2 != 0) {
        return {StatusCode::size_mismatch,
                "%s has %lld x %lld pixels; expected an even number of rows and columns", name,
                (long long)shape.height, (long long)shape.width};
    }
    return {};
}

// Fails if there are not none (unless `needed`), one or four values.
Status check_values(const Span<const float> &values, const char *name, bool needed) {
    ByteRange range;
    const Status status = check_span(values, name, &range);
    if (status.ok() && values.size != 1 && values.size != 4 && (values.size != 0 || needed)) {
        return {StatusCode::invalid_value,
                "%s has %zu elements; expected 1, or 4 for the pixels of a cell", name,
                values.size};
    }
    return status;
}

Span<const float> of_row(const Span<const float> &values, int row) {
    return values.size == 4 ? Span<const float>(values.data + size_t(2 * row), 2) : values;
}

// Noise of both rows must not be the same: their seeds differ by these.
constexpr uint64_t row_seeds[] = {0, 0x3c6ef372fe94f82b};

}  // namespace

Status extract_bayer(const ConstView &mosaics, Span<const Origin> origins, const View &glimpses,
                     const Options &options, Context &context) noexcept {
    Context::Impl &impl = context.impl();
    if (!impl.status.ok()) {
        return impl.status;
    }
    // Both views as they are, so that messages speak of what the caller knows.
    const ConstView written = glimpses;
    ByteRange in, out, origins_range;
    Status status = check_input(mosaics, "mosaics", &in);
    if (status.ok()) {
        status = check_output(written, "glimpses", &out);
    }
    if (status.ok()) {
        status = check_mosaics(mosaics, "mosaics");
    }
    if (status.ok()) {
        status = check_mosaics(written, "glimpses");
    }
    if (status.ok()) {
        status = check_span(origins, "origins", &origins_range);
    }
    if (status.ok()) {
        status = check_values(options.value, "value", options.border == Border::constant);
    }
    if (status.ok()) {
        status = check_values(options.subtract, "subtract", false);
    }
    if (status.ok()) {
        status = check_values(options.multiply, "multiply", false);
    }
    if (!status.ok()) {
        return status;
    }
    if (options.statistics.size != 0) {
        return {StatusCode::conflicting_arguments,
                "statistics has %zu elements; expected none with mosaics", options.statistics.size};
    }
    if (intersect(in, out) || intersect(origins_range, out)) {
        return {StatusCode::overlap, "the memory of glimpses overlaps that of %s",
                intersect(in, out) ? "mosaics" : "origins"};
    }
    for (size_t i = 0; i < origins.size; i++) {
        const Origin &o = origins.data[i];
        if (o.y % 2 != 0 || o.x % 2 != 0) {
            return {StatusCode::invalid_value,
                    "origin %zu is (%d, %d); expected even numbers, as mosaics go by cells", i, o.y,
                    o.x};
        }
    }

    const Scratch scratch(impl.scratch, origins.size * sizeof(Origin));
    auto *const cells = static_cast<Origin *>(scratch.data());
    if (origins.size > 0 && cells == nullptr) {
        return {StatusCode::out_of_memory, "%zu bytes for origins could not be allocated",
                origins.size * sizeof(Origin)};
    }
    for (size_t i = 0; i < origins.size; i++) {
        cells[i] = {origins.data[i].y / 2, origins.data[i].x / 2};
    }
    for (int row = 0; status.ok() && row < 2; row++) {
        Options of_cells = options;
        of_cells.value = of_row(options.value, row);
        of_cells.subtract = of_row(options.subtract, row);
        of_cells.multiply = of_row(options.multiply, row);
        of_cells.seed = options.seed ^ row_seeds[row];
        status = extract(cell_rows(mosaics, row), Span<const Origin>(cells, origins.size),
                         cell_rows(glimpses, row), of_cells, context);
    }
    return status;
}

}  // namespace glimpse
