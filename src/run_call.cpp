// Makes the glimpses of a checked call: hands runs of them to the kernels, in parts that fit the
// executor, the kernels' indices and, where elements change, the cache.
#include <algorithm>

#include "call.h"
#include "halide_buffer.h"
#include "halide_hooks.h"
#include "parameters.h"

namespace glimpse {
namespace {

// Memory on the stack for per-channel values.
constexpr int64_t stack_parameters = 16 << 10;

// Memory for windows that are extracted before their elements change: so much stays in the first
// cache together with what it becomes.
constexpr int64_t tile_bytes = 16 << 10;

// The part of some glimpses that is made at once.
struct Part {
    size_t begin, end;                   // glimpses
    int64_t row, rows, column, columns;  // pixels of each
};

// Rows of elements from a part on, that are `columns` pixels wide.
Rows rows_of(const Rows &all, const Part &part) {
    Rows rows = all;
    rows.data += (int64_t(part.begin) * all.image_stride + part.row * all.row_stride +
                  part.column * all.samples * all.element_stride) *
                 all.element_size;
    rows.elements = part.columns * all.samples;
    rows.rows = part.rows;
    rows.count = int64_t(part.end - part.begin);
    return rows;
}

// Describes images, or `count` glimpses, to a kernel. A stride that nothing is told by may have any
// size.
Buffer<4> buffer_of(const Rows &r, int64_t first, int64_t count) {
    return {r.data + first * r.image_stride * r.element_size,
            halide_type_t(halide_type_uint, uint8_t(8 * r.element_size)),
            {r.elements, r.rows, r.planes, count},
            {r.element_stride, r.rows > 1 ? r.row_stride : 0, r.planes > 1 ? r.plane_stride : 0,
             count > 1 ? r.image_stride : 0}};
}

Buffer<2> buffer_of(const Position *positions, int64_t count) {
    return {positions,
            halide_type_t(halide_type_int, 32),
            {position_fields, count},
            {1, position_fields}};
}

// Where some glimpses are taken from. Where batches are too large for one buffer, each run is of
// one image, which is described as the only one.
struct Run {
    const Position *positions;
    int64_t first, count;  // of the output's glimpses

    // Returns the number of the image that is described first.
    int64_t describe_alone(Position *alone) {
        *alone = positions[0];
        alone->image = 0;
        const int64_t image = positions[0].image;
        positions = alone;
        return image;
    }
};

halide_buffer_t *argument(const halide_buffer_t &buffer) {
    return const_cast<halide_buffer_t *>(&buffer);
}

Status failure(int code, const CallError &error) {
    return {StatusCode::internal, "a kernel of extraction failed with code %d: %s", code,
            error.text};
}

// Which kernel a glimpse goes to: a window inside the image or one that leaves it, in dense rows;
// or, in any other layout, beyond one reflection or in a narrow image, the pure form.
enum class Route { inside, border, pure_inside, pure_border };

ExtractKernel *kernel_of(const TypeKernels &k, Family family, Route route) {
    switch (route) {
    case Route::inside:
        return k.inside;
    case Route::border:
        return family == Family::value ? k.value : family == Family::map ? k.map : k.noise;
    case Route::pure_inside:
        return k.pure_value;
    case Route::pure_border:
        return family == Family::value ? k.pure_value
               : family == Family::map ? k.pure_map
                                       : k.pure_noise;
    }
    return nullptr;
}

// Extracts a run of glimpses, all of one route.
Status extract_run(const Call &call, Route route, Run run, const Rows &out,
                   const Parameters &parameters, int64_t parameter_sets) {
    const Family family = call.rule.family;
    const bool is_inside = route == Route::inside || route == Route::pure_inside;
    Position alone;
    const int64_t image = call.one_by_one ? run.describe_alone(&alone) : 0;
    const Buffer<4> image_buffer =
        buffer_of(call.images, image, call.one_by_one ? 1 : call.images.count);
    const Buffer<2> position_buffer = buffer_of(run.positions, run.count);
    const Buffer<4> glimpse_buffer = buffer_of(out, run.first, run.count);

    CallError error;
    const auto call_kernel = [&](const halide_buffer_t &fill, const halide_buffer_t &noise) {
        return kernel_of(*call.kernels, family, route)(
            &error, argument(image_buffer.buffer), argument(position_buffer.buffer), argument(fill),
            argument(noise), int32_t(call.images.samples), parameters.kernel_rule(), call.seed,
            call.first_image + uint32_t(image), 0, argument(glimpse_buffer.buffer));
    };
    // Kernels look at no buffer that their form does not read; any will do for it.
    const halide_buffer_t &unread = position_buffer.buffer;
    const int64_t length = Parameters::row_elements(call);
    const int64_t step = parameter_sets > 1 ? length * out.planes : 0;
    int code = 0;
    if (route == Route::pure_inside) {
        static const float zero = 0;  // computed beside each pixel, and not chosen
        const Buffer<3> fill(&zero, image_buffer.buffer.type, {1, out.planes, run.count},
                             {1, 0, 0});
        code = call_kernel(fill.buffer, unread);
    } else if (is_inside || family == Family::map) {
        code = call_kernel(unread, unread);
    } else if (family == Family::value) {
        const Buffer<3> fill(parameters.memory(), image_buffer.buffer.type,
                             {length, out.planes, run.count}, {1, length, step});
        code = call_kernel(fill.buffer, unread);
    } else {
        const Buffer<4> noise(parameters.memory(), halide_type_t(halide_type_float, 32),
                              {length, noise_fields, out.planes, run.count},
                              {1, length, length * noise_fields, step * noise_fields});
        code = call_kernel(unread, noise.buffer);
    }
    return code == 0 ? Status() : failure(code, error);
}

// Extracts a part of glimpses to `out`. `memory` holds `sets` sets of parameters.
Status extract_part(const Call &call, const Part &part, const Rows &out, void *memory,
                    int64_t sets) {
    const Family family = call.rule.family;
    Parameters parameters(call, memory);
    const bool shared_parameters = call.border == Border::zero || call.border == Border::constant ||
                                   (call.images.count == 1 && family != Family::map);
    bool shared_written = false;

    const Route inside_route = call.dense ? Route::inside : Route::pure_inside;
    // Spans are on one side of the image, and filled in vectors.
    const bool is_narrow =
        family != Family::map &&
        out.elements < narrowest_fill(family == Family::noise, int(out.element_size));
    const bool always_pure =
        !call.dense || call.spans_are_pure || is_narrow || part.columns > call.image_size.width;

    Position positions[largest_run];
    Run run = {positions, 0, 0};
    Route route = Route::inside;
    const auto flush = [&]() -> Status {
        if (run.count == 0) {
            return {};
        }
        const Status status =
            extract_run(call, route, run, out, parameters, shared_parameters ? 1 : sets);
        run.first += run.count;
        run.count = 0;
        if (!shared_parameters) {
            parameters.begin_run();
        }
        return status;
    };
    for (size_t i = part.begin; i < part.end; i++) {
        Origin origin;
        const int32_t n = call.image_of(i);
        // Both have been checked, but the caller's memory may be changed during the call.
        if (!call.origin(i, &origin)) {
            return call.bad_place(i);
        }
        if (!call.has_image(n)) {
            return call.bad_image_index(i);
        }
        const int64_t plane_y = origin.y + part.row, plane_x = origin.x + part.column;
        Axis y = {plane_y, true, false}, x = {plane_x, true, false};
        if (call.shows_outside(origin)) {
            y = canonical(plane_y, part.rows, call.image_size.height, call.border);
            x = canonical(plane_x, part.columns, call.image_size.width, call.border);
        }
        const bool inside = y.inside && x.inside;
        const bool pure = always_pure || y.beyond_once || x.beyond_once;
        const Route wanted = inside ? inside_route : pure ? Route::pure_border : Route::border;
        const bool own_set = !inside && family != Family::map && !shared_parameters;
        const bool full = run.count == largest_run || (own_set && run.count == sets) ||
                          (call.one_by_one && run.count == 1);
        if (wanted != route || full) {
            const Status status = flush();
            if (!status.ok()) {
                return status;
            }
            route = wanted;
        }
        if (!inside && shared_parameters && !shared_written) {
            parameters.write(0, n);
            shared_written = true;
        }
        positions[run.count] = {n, int32_t(y.origin), int32_t(x.origin), int32_t(plane_y),
                                int32_t(plane_x)};
        if (own_set) {
            parameters.write(run.count, n);
        }
        run.count++;
    }
    return flush();
}

// Extracts a part of glimpses to `out`. Windows wider than the image go in pieces that are not, so
// that each leaves it on one side; unless these were so narrow that the pure form is as fast.
Status extract_pieces(const Call &call, Part part, const Rows &out, void *memory, int64_t sets) {
    constexpr int64_t narrow = 16;
    const int64_t width = call.image_size.width;
    if (part.columns <= width || width < narrow || !call.dense) {
        return extract_part(call, part, out, memory, sets);
    }
    const int64_t begin = part.column, end = part.column + part.columns;
    for (; part.column < end; part.column += width) {
        part.columns = std::min(width, end - part.column);
        Rows piece = out;
        piece.data +=
            (part.column - begin) * call.images.samples * out.element_stride * out.element_size;
        piece.elements = part.columns * call.images.samples;
        const Status status = extract_part(call, part, piece, memory, sets);
        if (!status.ok()) {
            return status;
        }
    }
    return {};
}

// What becomes of rows of pixels or of planes.
ConvertOrder order_of(const Rows &in, const Rows &out, int64_t channels) {
    if (in.samples == out.samples) {
        return in.samples == 1 ? order_planes : order_pixels;
    }
    const bool splits = out.samples == 1;
    const bool is_wide = out.elements / out.samples >= narrowest_change;
    if (is_wide && channels == 3) {
        return splits ? order_split_3 : order_join_3;
    }
    if (is_wide && channels == 4) {
        return splits ? order_split_4 : order_join_4;
    }
    return splits ? order_split : order_join;
}

// Changes the elements of windows that lie inside `in`.
Status change_run(const Call &call, ConvertKernel *kernel, const float *conversion, const Rows &in,
                  Run run, const Rows &out) {
    const int64_t length = Conversion::row_elements(call);
    const Buffer<4> image_buffer = buffer_of(in, 0, in.count);
    const Buffer<2> position_buffer = buffer_of(run.positions, run.count);
    const Buffer<3> conversion_buffer(conversion, halide_type_t(halide_type_float, 32),
                                      {length, conversion_fields, Conversion::planes(call)},
                                      {1, length, length * conversion_fields});
    const Buffer<4> glimpse_buffer = buffer_of(out, run.first, run.count);
    CallError error;
    const int code =
        kernel(&error, argument(image_buffer.buffer), argument(position_buffer.buffer),
               argument(conversion_buffer.buffer), order_of(in, out, call.channels),
               int32_t(std::max(in.samples, out.samples)), argument(glimpse_buffer.buffer));
    return code == 0 ? Status() : failure(code, error);
}

// Copies glimpses from a tile, element by element and plane by plane.
Status copy_run(const Call &call, const Rows &tile, Run run, const Rows &out) {
    static const float zero = 0;  // computed beside each pixel, and not chosen
    const Buffer<2> position_buffer = buffer_of(run.positions, run.count);
    for (int64_t p = 0; p < out.planes; p++) {
        Rows from = tile, to = out;
        from.data += p * from.plane_stride * from.element_size;
        to.data += p * to.plane_stride * to.element_size;
        from.planes = to.planes = 1;
        const Buffer<4> image_buffer = buffer_of(from, 0, from.count);
        const Buffer<4> glimpse_buffer = buffer_of(to, run.first, run.count);
        const Buffer<3> fill(&zero, image_buffer.buffer.type, {1, 1, run.count}, {1, 0, 0});
        CallError error;
        const int code = call.glimpse_kernels->pure_value(
            &error, argument(image_buffer.buffer), argument(position_buffer.buffer),
            argument(fill.buffer), argument(position_buffer.buffer), 1, 0, 0, 0, 0,
            argument(glimpse_buffer.buffer));
        if (code != 0) {
            return failure(code, error);
        }
    }
    return {};
}

// The memory that a task needs.
struct TaskMemory {
    void *parameters;  // `sets` sets for borders
    int64_t sets;
    const float *conversion;  // of the whole call
    char *tile, *changed_tile;
    int64_t tile_pixels;  // of each
};

// Rows of a tile that holds pixels or planes, seen as rows of pixels or of planes.
Rows tile_rows(char *memory, ElementType type, const Shape &shape, bool holds_pixels, bool pixels) {
    Rows rows;
    set_rows(holds_pixels ? View::interleaved(memory, type, shape)
                          : View::planar(memory, type, shape),
             pixels, &rows);
    return rows;
}

// Extracts windows to a tile, and changes their elements from there, piece by piece.
Status change_tiles(const Call &call, const Part &part, const TaskMemory &memory) {
    // As many columns, then rows, then glimpses as a tile holds; row by row where images or
    // glimpses are large.
    const bool large = call.is_large();
    const int64_t columns = std::min(part.columns, memory.tile_pixels);
    const int64_t rows =
        large ? 1 : std::clamp<int64_t>(memory.tile_pixels / columns, 1, part.rows);
    const bool whole = columns == part.columns && rows == part.rows && !large;
    const int64_t glimpses =
        whole ? std::clamp<int64_t>(memory.tile_pixels / (columns * rows), 1, largest_run) : 1;
    Position positions[largest_run];
    for (int64_t i = 0; i < glimpses; i++) {
        positions[i] = {int32_t(i), 0, 0, 0, 0};
    }
    const bool pixels = call.images.samples == call.channels;
    const bool changed_pixels = call.changed_samples == call.channels;

    Part piece = part;
    const auto make_piece = [&]() -> Status {
        const auto count = int64_t(piece.end - piece.begin);
        const Shape shape = {count, piece.rows, piece.columns, call.channels};
        const Run run = {positions, 0, count};
        const Rows extracted = tile_rows(memory.tile, call.type, shape, pixels, pixels);
        const Rows out = rows_of(call.glimpses, piece);
        Status status = extract_pieces(call, piece, extracted, memory.parameters, memory.sets);
        if (!status.ok()) {
            return status;
        }
        if (call.finish == Finish::none) {
            return change_run(call, call.change, memory.conversion, extracted, run, out);
        }
        const auto changed = [&](bool as_pixels) {
            return tile_rows(memory.changed_tile, call.glimpse_type, shape, changed_pixels,
                             as_pixels);
        };
        status = change_run(call, call.change, memory.conversion, extracted, run,
                            changed(changed_pixels));
        if (!status.ok()) {
            return status;
        }
        if (call.finish == Finish::copy) {
            return copy_run(call, changed(false), run, out);
        }
        return change_run(call, call.glimpse_kernels->reorder, memory.conversion, changed(false),
                          run, out);
    };
    for (piece.begin = part.begin; piece.begin < part.end; piece.begin = piece.end) {
        piece.end = std::min(part.end, piece.begin + size_t(glimpses));
        for (piece.row = part.row; piece.row < part.row + part.rows; piece.row += rows) {
            piece.rows = std::min(rows, part.row + part.rows - piece.row);
            for (piece.column = part.column; piece.column < part.column + part.columns;
                 piece.column += columns) {
                piece.columns = std::min(columns, part.column + part.columns - piece.column);
                const Status status = make_piece();
                if (!status.ok()) {
                    return status;
                }
            }
        }
    }
    return {};
}

// Makes a part of the glimpses whose elements change: those inside their images straight from
// there.
Status change_part(const Call &call, Part part, const TaskMemory &memory) {
    const bool direct = call.dense && call.finish == Finish::none && !call.is_large();
    const size_t end = part.end;
    // Read once, as the caller's memory may be changed during the call.
    const auto find_inside = [&](size_t i, Position *position) {
        Origin origin;
        const int32_t n = call.image_of(i);
        if (!direct || !call.origin(i, &origin) || !call.has_image(n) ||
            call.shows_outside(origin)) {
            return false;
        }
        const auto y = int32_t(origin.y + part.row), x = int32_t(origin.x + part.column);
        *position = {n, y, x, y, x};
        return true;
    };
    Position positions[largest_run];
    for (; part.begin < end; part.begin = part.end) {
        int64_t count = 0;
        while (count < largest_run && part.begin + size_t(count) < end &&
               find_inside(part.begin + size_t(count), &positions[count])) {
            count++;
        }
        Status status;
        if (count > 0) {
            part.end = part.begin + size_t(count);
            status = change_run(call, call.change, memory.conversion, call.images,
                                {positions, 0, count}, rows_of(call.glimpses, part));
        } else {
            part.end = part.begin + 1;
            while (part.end < end && !find_inside(part.end, &positions[0])) {
                part.end++;
            }
            status = change_tiles(call, part, memory);
        }
        if (!status.ok()) {
            return status;
        }
    }
    return {};
}

// Makes a part of the glimpses.
Status make_part(const Call &call, const Part &part, const TaskMemory &memory) {
    if (call.change != nullptr) {
        return change_part(call, part, memory);
    }
    return extract_pieces(call, part, rows_of(call.glimpses, part), memory.parameters, memory.sets);
}

Status no_memory(int64_t bytes, int64_t channels) {
    return {StatusCode::out_of_memory, "%lld bytes for %lld channels could not be allocated",
            (long long)bytes, (long long)channels};
}

}  // namespace

Axis canonical(int64_t origin, int64_t size, int64_t extent, Border border) noexcept {
    if (extent == 0) {
        return {-size, false, false};
    }
    if (origin >= 0 && origin <= extent - size) {
        return {origin, true, false};
    }
    // Divisions are slow and rarely needed.
    const auto modulo = [](int64_t a, int64_t b) {
        return a >= 0 && a < b ? a : a >= -b && a < 0 ? a + b : (a % b + b) % b;
    };
    switch (border) {
    case Border::reflect: {
        const int64_t o = modulo(origin + extent, 2 * extent) - extent;  // [-extent, extent)
        return {o, false, o + size > 2 * extent};
    }
    case Border::reflect101: {
        if (extent == 1) {
            return {0, false, true};
        }
        const int64_t half = extent - 1;
        const int64_t o = modulo(origin + half, 2 * half) - half;  // [-half, half)
        return {o, false, o + size > 2 * half + 1};
    }
    case Border::wrap: {
        const int64_t o = modulo(origin, extent);
        return {o, false, o + size > 2 * extent};
    }
    case Border::zero:
    case Border::constant:
    case Border::mean:
    case Border::replicate:
    case Border::uniform:
    case Border::gaussian:
        break;
    }
    return {origin < -size ? -size : origin > extent ? extent : origin, false, false};
}

void set_limits(Call *call, uint64_t size) noexcept {
    call->spans_are_pure = false;
    call->one_by_one = false;
    // Of the per-channel values of a glimpse.
    const int64_t set = Parameters::row_elements(*call) * noise_fields * call->images.planes;
    if (size + uint64_t(set * largest_run) < (1u << 28)) {
        return;  // nearly always: no index comes near 2^31
    }
    // Sums of a mirrored place pass twice the row before they come down.
    const int64_t margin = 2 * (call->images.elements + call->glimpses.elements);
    const auto magnitude = [](int64_t v) { return v < 0 ? -v : v; };
    const auto extents = [](const Rows &r) {
        int64_t product = 0;
        return __builtin_mul_overflow(r.elements * r.rows, r.planes, &product) ? INT64_MAX
                                                                               : product;
    };
    const auto reach = [&](const Rows &r) {
        return r.elements * magnitude(r.element_stride) + r.rows * magnitude(r.row_stride) +
               r.planes * magnitude(r.plane_stride) + margin;
    };
    // Whether `described` blocks of `one`, `stride` apart, have int32 indices. Halide looks at the
    // product of the extents, and at each extent times its stride.
    const auto fits = [](int64_t one, int64_t stride, int64_t described) {
        int64_t extent = 0, product = 0;
        return one <= INT32_MAX && stride <= INT32_MAX &&
               !__builtin_mul_overflow(one, described, &extent) && extent <= INT32_MAX &&
               !__builtin_mul_overflow(stride, described, &product) && product <= INT32_MAX - one;
    };
    for (const Rows *r : {&call->images, &call->glimpses}) {
        const int64_t one = std::max(extents(*r), reach(*r));
        const int64_t described =
            r == &call->glimpses ? std::min<int64_t>(r->count, largest_run) : r->count;
        call->spans_are_pure = call->spans_are_pure || one > INT32_MAX;
        call->one_by_one = call->one_by_one || !fits(one, magnitude(r->image_stride), described);
    }
    call->spans_are_pure = call->spans_are_pure || set > INT32_MAX;
    call->one_by_one = call->one_by_one || set > INT32_MAX / largest_run;
    if (call->change != nullptr && call->is_large() && call->finish == Finish::none &&
        call->glimpses.samples == 1) {
        call->finish = Finish::copy;  // plane by plane
    }
}

Status run_call(const Call &call, Context::Impl &context) noexcept {
    const int64_t glimpses = int64_t(call.places.size), height = call.glimpse_size.height;
    const int64_t bytes = glimpses * height * call.glimpses.elements * call.glimpses.planes *
                          call.glimpses.element_size;
    const int64_t tasks = context.tasks_for(bytes, glimpses * height);
    // Glimpses are shared out; their rows only where there are fewer glimpses than tasks.
    const int64_t across = std::max<int64_t>(1, std::min(tasks, glimpses));
    const int64_t down_wanted = tasks == across ? 1 : (tasks + across - 1) / across;
    const int64_t down = down_wanted < height ? down_wanted : height;

    const int64_t set = Parameters::size(call);
    const int64_t fitting = set == 0 ? largest_run : stack_parameters / set;
    const Scratch scratch(context.scratch, fitting >= 1 ? 0 : size_t(across * down * set));
    if (fitting < 1 && scratch.data() == nullptr) {
        return no_memory(across * down * set, call.channels);
    }
    const bool is_changed = call.change != nullptr;
    const int64_t conversion_bytes = is_changed ? Conversion::size(call) : 0;
    const bool has_two_tiles = is_changed && call.finish != Finish::none;
    const int64_t element = has_two_tiles
                                ? std::max(call.images.element_size, call.glimpses.element_size)
                                : call.images.element_size;
    const int64_t pixel = call.channels * element;
    const int64_t tile_size = std::max(tile_bytes, pixel);
    float stack_conversion[512];
    const bool converts_on_stack = conversion_bytes <= int64_t(sizeof(stack_conversion));
    const Scratch scratch_conversion(context.scratch,
                                     converts_on_stack ? 0 : size_t(conversion_bytes));
    auto *const conversion =
        converts_on_stack ? stack_conversion : static_cast<float *>(scratch_conversion.data());
    if (conversion == nullptr) {
        return no_memory(conversion_bytes, call.channels);
    }
    if (is_changed) {
        Conversion::write(call, conversion);
    }

    const auto make = [&](size_t begin, size_t end, int64_t row, int64_t rows, int64_t index) {
        const Part part = {begin, end, row, rows, 0, call.glimpse_size.width};
        TaskMemory memory = {nullptr, 1, conversion, nullptr, nullptr, 0};
        const int64_t tiles = has_two_tiles ? 2 : is_changed ? 1 : 0;
        const Scratch tile(context.scratch, size_t(tiles * tile_size));
        if (is_changed) {
            if (tile.data() == nullptr) {
                return no_memory(tiles * tile_size, call.channels);
            }
            memory.tile = static_cast<char *>(tile.data());
            memory.changed_tile = memory.tile + tile_size;
            memory.tile_pixels = tile_size / pixel;
        }
        if (fitting >= 1) {
            alignas(64) char parameters[stack_parameters];
            memory.parameters = parameters;
            memory.sets = fitting < largest_run ? fitting : largest_run;
            return make_part(call, part, memory);
        }
        memory.parameters = static_cast<char *>(scratch.data()) + index * set;
        return make_part(call, part, memory);
    };
    if (tasks == 1) {
        return make(0, call.places.size, 0, height, 0);
    }
    const auto task = [&](int64_t index) noexcept -> Status {
        const int64_t a = index / down, d = index % down;
        const auto begin = size_t(glimpses * a / across), end = size_t(glimpses * (a + 1) / across);
        const int64_t row = height * d / down, rows = height * (d + 1) / down - row;
        return make(begin, end, row, rows, index);
    };
    return context.run(across * down, task);
}

}  // namespace glimpse
