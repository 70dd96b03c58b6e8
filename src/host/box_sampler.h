// What samplers of boxes have in common: how a glimpse is divided into what is filled, what looks
// at its image alone and what looks at a border, and how that which a kernel makes gets to where it
// is wanted.
#ifndef GLIMPSE_SRC_HOST_BOX_SAMPLER_H_
#define GLIMPSE_SRC_HOST_BOX_SAMPLER_H_

#include <algorithm>
#include <cstdint>

#include "host/picture_windows.h"
#include "host/sample.h"
#include "try.h"

namespace glimpse {

// Lanes of a pixel that kernels convert at once.
constexpr int64_t lanes_of_conversion = 4;

inline SampleOrder order_of_pixels(int64_t samples) noexcept {
    return samples == 1   ? sample_planes
           : samples == 2 ? sample_pixels_2
           : samples == 3 ? sample_pixels_3
                          : sample_pixels;
}

// Groups of lanes of a pixel; of planes, these.
inline int64_t groups_of(const Plan &plan) noexcept {
    return plan.images.samples == 1 ? plan.images.planes : (plan.images.samples + 3) / 4;
}

// Rows of a tile, `pitch` pixels apart.
inline Rows tile_rows(void *memory, ElementType type, int64_t rows, int64_t columns, int64_t pitch,
                      int64_t samples, int64_t planes) noexcept {
    Rows r;
    r.data = static_cast<char *>(memory);
    r.element_size = size_in_bytes(type);
    r.samples = samples;
    r.elements = columns * samples;
    r.rows = rows;
    r.planes = planes;
    r.count = 1;
    r.element_stride = 1;
    r.row_stride = pitch * samples;
    r.plane_stride = rows * pitch * samples;
    r.image_stride = 0;
    return r;
}

class BoxSampler {
protected:
    BoxSampler(const SamplePlan &plan, const Plan &windows, const Part &part,
               const SampleMemory &memory, const TaskMemory &plain) noexcept
        : plan_(plan), change_(plan.change), call_(change_.call), rule_(call_.sampling),
          windows_(windows), part_(part), memory_(memory), plain_(plain),
          samples_(change_.images.samples), planes_(change_.images.planes) {
    }

    struct Glimpse {
        size_t index;
        int32_t image;
        BoxAxis y, x;
        Size size;  // of the image
    };
    Glimpse glimpse(size_t i) const noexcept {
        const int32_t n = call_.windows[i].image;
        return {i, n, call_.box_rows(i), call_.box_columns(i), call_.image(n).size};
    }
    Outputs rows_of_part() const noexcept {
        return {part_.row, part_.row + part_.rows};
    }
    Outputs columns_of_part() const noexcept {
        return {part_.column, part_.column + part_.columns};
    }

    struct Area {
        Outputs rows, columns;
    };
    // Visits what is left of an area around a part of it, and then the part: visit(area, is_part).
    template<typename Visit>
    static Status visit_areas(const Area &area, const Area &part, const Visit &visit) noexcept {
        const Area areas[] = {{{area.rows.begin, part.rows.begin}, area.columns},
                              {{part.rows.end, area.rows.end}, area.columns},
                              {part.rows, {area.columns.begin, part.columns.begin}},
                              {part.rows, {part.columns.end, area.columns.end}},
                              part};
        for (const Area &a : areas) {
            if (a.rows.size() > 0 && a.columns.size() > 0) {
                GLIMPSE_TRY(visit(a, &a == &areas[4]));
            }
        }
        return {};
    }
    // A part of an area; nothing at its end if it is empty along one axis.
    static Area part_of(const Area &area, const Outputs &in_rows,
                        const Outputs &in_columns) noexcept {
        const Area part = {intersection(area.rows, in_rows),
                           intersection(area.columns, in_columns)};
        return part.rows.size() > 0 && part.columns.size() > 0
                   ? part
                   : Area{{area.rows.end, area.rows.end}, {area.columns.end, area.columns.end}};
    }

    static Part part_at(size_t i, const Outputs &rows, const Outputs &columns) noexcept {
        return {i, i + 1, rows.begin, rows.size(), columns.begin, columns.size()};
    }

    // Makes a part of a glimpse: fills what is not seen, and calls sample(area, folds) for what
    // looks at the border and for what does not; that `folds`: it shows pixels of the image alone,
    // wherever its box lies.
    template<typename Sample>
    Status make(const Glimpse &g, const Outputs &rows, const Outputs &columns,
                const Sample &sample) noexcept {
        const Area area = {rows, columns};
        const Area seen =
            part_of(area, rule_.seen(g.y, g.size.height), rule_.seen(g.x, g.size.width));
        const Area direct =
            part_of(seen, rule_.direct(g.y, g.size.height), rule_.direct(g.x, g.size.width));
        return visit_areas(area, seen, [&](const Area &a, bool is_seen) {
            return is_seen ? visit_areas(seen, direct, sample) : fill(g.index, a);
        });
    }

    // Makes a piece of a glimpse by call_kernel(rows, writes): of the glimpse, if it `writes` such,
    // or of a tile, from which they are brought to where they are wanted.
    template<typename CallKernel>
    Status make_piece(size_t i, const Outputs &rows, const Outputs &columns,
                      const CallKernel &call_kernel) noexcept {
        return make_piece(i, rows, columns, plan_.writes_glimpses, call_kernel);
    }
    template<typename CallKernel>
    Status make_piece(size_t i, const Outputs &rows, const Outputs &columns, bool writes,
                      const CallKernel &call_kernel) noexcept {
        const Part piece = part_at(i, rows, columns);
        const bool is_direct = writes && columns.size() >= narrowest_sampled;
        const Rows out = rows_of(change_.glimpses, piece);
        note_form(call_, i, piece, "sample");
        const int64_t pitch = tile_columns(columns);
        const ElementType type = writes ? call_.glimpses.type : change_.element;
        const Rows &like = writes ? change_.glimpses : change_.images;
        Rows tile = is_direct ? out
                              : tile_rows(memory_.change.tile, type, rows.size(), pitch, pitch,
                                          like.samples, like.planes);
        GLIMPSE_TRY(call_kernel(tile, writes));
        if (is_direct) {
            return {};
        }
        if (call_.picture != nullptr && type == ElementType::float32) {
            clamp_numbers(tile, call_.picture->white());
        }
        tile.elements = columns.size() * like.samples;
        static constexpr Position at_origin = {};
        const Run run = {&at_origin, 0, 1};
        return writes || change_.change == nullptr
                   ? copy_windows(change_.glimpse_kernels->pure, tile, run, out)
                   : change_piece(change_, piece, tile, run, memory_.change);
    }
    static int64_t tile_columns(const Outputs &columns) noexcept {
        return std::max(columns.size(), int64_t(narrowest_sampled));
    }
    // The most rows of such a piece.
    int64_t rows_of_tile(const Outputs &columns) const noexcept {
        return rows_of_tile(columns, plan_.writes_glimpses);
    }
    int64_t rows_of_tile(const Outputs &columns, bool writes) const noexcept {
        const bool has_tile = !writes || columns.size() < narrowest_sampled;
        return has_tile ? std::max<int64_t>(memory_.change.tile_pixels / tile_columns(columns), 1)
                        : INT64_MAX;
    }

    // Brings windows of the plane to rows of a tile.
    Status gather_part(const Part &part, const Rows &out) const noexcept {
        return call_.picture == nullptr
                   ? extract_part(change_, part, out, memory_.change.parameters,
                                  memory_.change.sets)
                   : gather_picture(windows_, part, out, plain_, memory_.picture);
    }

    // Makes of a tile of pixels as the image has them one of the type that kernels read, with
    // memory for it at `memory` if that is another.
    Status decode(void *memory, Rows *tile) const noexcept {
        if (plan_.read_type == plan_.gathered_type()) {
            return {};
        }
        Rows decoded = *tile;
        decoded.data = static_cast<char *>(memory);
        decoded.element_size = size_in_bytes(plan_.read_type);
        GLIMPSE_TRY(decode_rows(change_.kernels->to_float, *tile, decoded));
        *tile = decoded;
        return {};
    }

    // Calls call_planes(first, count, numbers) for all planes, and what they are converted with;
    // for one after the other where planes may be too far apart for a kernel's indices.
    template<typename CallPlanes>
    Status for_planes(const CallPlanes &call_planes) const noexcept {
        const int64_t at_once = change_.is_large() ? 1 : planes_;
        for (int64_t p = 0; p < planes_; p += at_once) {
            const float *const numbers = memory_.conversion == nullptr
                                             ? nullptr
                                             : memory_.conversion + p * conversion_fields;
            GLIMPSE_TRY(call_planes(p, at_once, numbers));
        }
        return {};
    }

    // What a kernel converts with, which writes glimpses or only sums; of planes from `numbers` on.
    Buffer<3> conversion(bool writes, const float *numbers, int64_t planes) const noexcept {
        static constexpr float unchanged[conversion_fields][lanes_of_conversion] = {{},
                                                                                    {1, 1, 1, 1}};
        const bool converts = writes && numbers != nullptr;
        const int64_t lanes = samples_ == 1 && converts ? 1 : lanes_of_conversion;
        return {converts ? numbers : &unchanged[0][0],
                halide_type_t(halide_type_float, 32),
                {lanes, conversion_fields, samples_ == 1 ? planes : groups_of(change_)},
                {1, lanes, converts ? lanes * conversion_fields : 0}};
    }
    SampleOrder order(bool writes) const noexcept {
        return writes ? plan_.order : order_of_pixels(samples_);
    }

    const SamplePlan &plan_;
    const Plan &change_;
    const Call &call_;
    const SamplingRule &rule_;
    const Plan &windows_;
    const Part &part_;
    const SampleMemory &memory_;
    const TaskMemory &plain_;
    const int64_t samples_, planes_;

    // Fills an area with what is outside of the image.
    Status fill(size_t i, const Area &a) noexcept {
        const Part part = part_at(i, a.rows, a.columns);
        return windows_.change != nullptr
                   ? convert_part(windows_, part, plain_)
                   : extract_part(windows_, part, rows_of(windows_.glimpses, part),
                                  plain_.parameters, plain_.sets);
    }
};

}  // namespace glimpse

#endif  // GLIMPSE_SRC_HOST_BOX_SAMPLER_H_
