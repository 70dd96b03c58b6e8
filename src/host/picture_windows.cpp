// Divides windows into what shows the picture and what fills around it.
#include "host/picture_windows.h"

#include <algorithm>

#include "host/box_sampler.h"
#include "host/parameters.h"
#include "host/picture.h"

namespace glimpse {
namespace {

// Outputs of an axis of a window that are pixels of its image.
Outputs outputs_inside(int64_t origin, int64_t count, int64_t extent) {
    const int64_t begin = std::clamp<int64_t>(-origin, 0, count);
    return {begin, std::clamp(extent - origin, begin, count)};
}

class PictureWindows : BoxSampler {
public:
    PictureWindows(const SamplePlan &plan, const Plan &windows, const Part &part,
                   const SampleMemory &memory, const TaskMemory &plain) noexcept
        : BoxSampler(plan, windows, part, memory, plain),
          maker_(*call_.picture, call_.context.host.kernels->of_type, memory.picture) {
    }

    Status make(size_t i) noexcept {
        const Window &w = call_.windows[i];
        const Size size = call_.image(w.image).size, glimpse = call_.glimpse_size();
        const Area area = {rows_of_part(), columns_of_part()};
        if (call_.family() == Family::map) {
            return show(i, area);
        }
        const Area inside = part_of(area, outputs_inside(w.origin.y, glimpse.height, size.height),
                                    outputs_inside(w.origin.x, glimpse.width, size.width));
        return visit_areas(area, inside, [&](const Area &a, bool is_inside) {
            return is_inside ? show(i, a) : fill(i, a);
        });
    }

private:
    Status show(size_t i, const Area &area) noexcept {
        const Window &w = call_.windows[i];
        const int64_t most = plan_.writes_glimpses ? INT64_MAX : memory_.change.tile_pixels;
        Outputs columns = {area.columns.begin, area.columns.begin};
        for (; columns.begin < area.columns.end; columns.begin = columns.end) {
            columns.end = columns.begin + std::min(most, area.columns.end - columns.begin);
            const int64_t at_once = rows_of_tile(columns);
            Outputs rows = {area.rows.begin, area.rows.begin};
            for (; rows.begin < area.rows.end; rows.begin = rows.end) {
                rows.end = rows.begin + std::min(at_once, area.rows.end - rows.begin);
                GLIMPSE_TRY(make_piece(i, rows, columns, [&](const Rows &out, bool writes) {
                    PictureTarget target = {out};
                    target.rows.elements = columns.size() * out.samples;
                    target.conversion = writes ? &plan_.picture_conversion[0][0] : nullptr;
                    target.is_reversed = writes && plan_.is_reversed;
                    return maker_.make(w.image, w.origin.y + rows.begin, w.origin.x + columns.begin,
                                       call_.border, target);
                }));
                note_form(call_, i, part_at(i, rows, columns), "color");
            }
        }
        return {};
    }

    const PictureMaker maker_;
};

// A rectangle of a tile, which has one image.
Rows rectangle(const Rows &all, const Rect &r) {
    Rows part = all;
    part.data += (r.y * all.row_stride + r.x * all.samples) * all.element_size;
    part.rows = r.height;
    part.elements = r.width * all.samples;
    return part;
}

// What fills, as numbers of the picture, to rows of uint8 or float32.
template<typename From, typename To>
void convert_rows(const Rows &from, const Rows &to) {
    for (int64_t p = 0; p < to.planes; p++) {
        for (int64_t y = 0; y < to.rows; y++) {
            const auto *const in = reinterpret_cast<const From *>(from.data) +
                                   p * from.plane_stride + y * from.row_stride;
            auto *const out =
                reinterpret_cast<To *>(to.data) + p * to.plane_stride + y * to.row_stride;
            std::copy_n(in, to.elements, out);
        }
    }
}

// Fills a rectangle of a window.
Status fill_rectangle(const Plan &windows, const Window &w, const Rect &r, const Rows &out,
                      const TaskMemory &plain) {
    const ElementType type = windows.call.images.type;
    const int64_t columns = std::min(r.width, plain.tile_pixels);
    for (int64_t x = r.x; x < r.x + r.width; x += columns) {
        const int64_t width = std::min(columns, r.x + r.width - x);
        const int64_t at_once = plain.tile_pixels / columns;
        for (int64_t y = r.y; y < r.y + r.height; y += at_once) {
            const int64_t height = std::min(at_once, r.y + r.height - y);
            const Rows tile =
                tile_rows(plain.tile, type, height, width, width, out.samples, out.planes);
            const Part part = {0, 1, y, height, x, width, &w};
            GLIMPSE_TRY(extract_part(windows, part, tile, plain.parameters, plain.sets));
            const Rows to = rectangle(out, {y, x, height, width});
            if (out.element_size == 1) {
                convert_rows<uint8_t, uint8_t>(tile, to);
            } else if (type == ElementType::uint8) {
                convert_rows<uint8_t, float>(tile, to);
            } else {
                convert_rows<uint16_t, float>(tile, to);
            }
        }
    }
    return {};
}

}  // namespace

ElementType picture_type(const Call &call) noexcept {
    const bool is_plain = call.glimpses.type == ElementType::uint8 && !call.converts;
    return is_plain ? ElementType::uint8 : ElementType::float32;
}

bool find_picture_output(SamplePlan *plan) noexcept {
    const Plan &change = plan->change;
    const Call &call = change.call;
    const ChannelOrder &order = call.channel_order;
    plan->is_reversed = order.count == 3 && order.from[0] == 2 && order.from[1] == 1 &&
                        order.from[2] == 0 && call.channels() == 3;
    const bool is_uint8 = change.element == ElementType::uint8;
    const bool converts = !is_uint8 && (call.subtract.size != 0 || call.multiply.size != 0);
    const Rows &in = change.images, &out = change.glimpses;
    for (int c = 0; c < 3; c++) {
        const int64_t channel = std::min<int64_t>(c, call.glimpse_channels() - 1);
        plan->picture_conversion[c][conversion_subtract] = value_of(call.subtract, channel, 0);
        plan->picture_conversion[c][conversion_multiply] = value_of(call.multiply, channel, 1);
    }
    return call.glimpses.type == change.element && (order.count == 0 || plan->is_reversed) &&
           in.samples == out.samples && out.element_stride == 1 &&
           !(converts && call.picture->is_rgb());
}

Status make_picture_plan(SamplePlan *plan) noexcept {
    GLIMPSE_TRY(make_plan(&plan->change));
    plan->writes_glimpses = find_picture_output(plan);
    return {};
}

Status show_part(const SamplePlan &plan, const Plan &windows, const Part &part,
                 const SampleMemory &memory, const TaskMemory &plain) noexcept {
    PictureWindows maker(plan, windows, part, memory, plain);
    for (size_t i = part.begin; i < part.end; i++) {
        GLIMPSE_TRY(maker.make(i));
    }
    return {};
}

Status gather_picture(const Plan &windows, const Part &part, const Rows &out,
                      const TaskMemory &plain, void *memory) noexcept {
    const Call &call = windows.call;
    const PictureMaker maker(*call.picture, call.context.host.kernels->of_type, memory);
    for (size_t i = part.begin; i < part.end; i++) {
        const Window &w = part.windows[i];
        const Size size = call.image(w.image).size;
        Rows rows = out;
        rows.data += int64_t(i - part.begin) * out.image_stride * out.element_size;
        rows.count = 1;
        const Outputs y = outputs_inside(w.origin.y, out.rows, size.height);
        const Outputs x = outputs_inside(w.origin.x, out.elements / out.samples, size.width);
        const bool is_inside = y.size() == part.rows && x.size() == part.columns;
        if (is_inside || call.family() == Family::map) {
            PictureTarget target = {rows, false};
            GLIMPSE_TRY(maker.make(w.image, w.origin.y, w.origin.x, call.border, target));
            continue;
        }
        if (y.size() > 0 && x.size() > 0) {
            const Rect shown = {y.begin, x.begin, y.size(), x.size()};
            PictureTarget target = {rectangle(rows, shown), false};
            GLIMPSE_TRY(maker.make(w.image, w.origin.y + y.begin, w.origin.x + x.begin, call.border,
                                   target));
        }
        const bool is_seen = y.size() > 0 && x.size() > 0;
        const Outputs of_y = is_seen ? y : Outputs{part.rows, part.rows};
        const Outputs of_x = is_seen ? x : Outputs{part.columns, part.columns};
        const Rect around[] = {{0, 0, of_y.begin, part.columns},
                               {of_y.end, 0, part.rows - of_y.end, part.columns},
                               {of_y.begin, 0, of_y.size(), of_x.begin},
                               {of_y.begin, of_x.end, of_y.size(), part.columns - of_x.end}};
        for (const Rect &r : around) {
            if (r.height > 0 && r.width > 0) {
                GLIMPSE_TRY(fill_rectangle(windows, w, r, rows, plain));
            }
        }
    }
    return {};
}

void clamp_numbers(const Rows &rows, float white) noexcept {
    for (int64_t p = 0; p < rows.planes; p++) {
        for (int64_t y = 0; y < rows.rows; y++) {
            float *const row =
                reinterpret_cast<float *>(rows.data) + p * rows.plane_stride + y * rows.row_stride;
            for (int64_t e = 0; e < rows.elements; e++) {
                const float below = row[e] < white ? row[e] : white;
                row[e] = below > 0 ? below : 0;
            }
        }
    }
}

}  // namespace glimpse
