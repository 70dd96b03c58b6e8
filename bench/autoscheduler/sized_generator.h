// What the generators have in common besides the algorithm.
#ifndef GLIMPSE_AUTOSCHEDULER_SIZED_GENERATOR_H_
#define GLIMPSE_AUTOSCHEDULER_SIZED_GENERATOR_H_

#include "Halide.h"
#include "pure_form.h"

#include <algorithm>

namespace glimpse {

// Parameters for the sizes that schedules are made for, and the choice of who schedules. What is
// compiled works for other sizes, but not for other numbers of channels in interleaved images, nor
// for windows narrower or fewer than a schedule takes at once. `T` has schedule_cpu() and
// schedule_gpu().
template<typename T>
class SizedGenerator : public Halide::Generator<T> {
public:
    Halide::GeneratorParam<int> image_width{"image_width", 1920};
    Halide::GeneratorParam<int> image_height{"image_height", 1080};
    Halide::GeneratorParam<int> channels{"channels", 3};
    Halide::GeneratorParam<int> glimpse_width{"glimpse_width", 224};
    Halide::GeneratorParam<int> glimpse_height{"glimpse_height", 224};
    Halide::GeneratorParam<int> glimpses{"glimpses", 64};

    void schedule() {
        if (placed_.defined()) {
            this->get_pipeline().add_requirement(placed_ <= max_extent,
                                                 "images have at most 32,768 columns and rows");
        }
        if (this->using_autoscheduler()) {
            return;
        }
        if (this->get_target().has_gpu_feature()) {
            static_cast<T *>(this)->schedule_gpu();
        } else {
            static_cast<T *>(this)->schedule_cpu();
        }
    }

protected:
    // Says that windows are placed in images of this size.
    void set_placed(const Halide::Expr &width, const Halide::Expr &height) {
        placed_ = Halide::max(width, height);
    }
    // Says that `image` (channel, x, y) is dense, and how large it is.
    template<typename Image>
    void set_interleaved(Image &image) {
        image.dim(0).set_bounds(0, channels);
        image.dim(1).set_stride(channels);
        image.set_estimates({{0, channels}, {0, image_width}, {0, image_height}});
    }
    // Says how large windows (x, y, channel, window) are.
    template<typename Glimpse>
    void set_planes(Glimpse &glimpse) {
        glimpse.dim(2).set_bounds(0, channels);
        glimpse.set_estimates(
            {{0, glimpse_width}, {0, glimpse_height}, {0, channels}, {0, glimpses}});
    }

    // From which number of elements on threads are worth their start.
    static constexpr int64_t parallel_elements = 65536;

    int64_t image_elements() const {
        return int64_t(image_width) * image_height * channels;
    }
    int64_t glimpse_elements() const {
        return int64_t(glimpse_width) * glimpse_height * channels * glimpses;
    }
    // How rows of windows are vectorised: narrow ones whole, so that nothing is left over.
    int row_lanes() const {
        return std::min<int>(glimpse_width, 32);
    }
    // How many windows a thread takes at a time.
    int task_glimpses() const {
        return std::max<int>(1, glimpses / 16);
    }

    // Rows in parallel, each in lanes that are joined at its end.
    void schedule_moments_cpu(Moments &moments) {
        using namespace Halide;
        Var lane("lane"), task("task");
        RVar vectors("vectors"), of_vector("of_vector");
        const int lanes = this->template natural_vector_size<uint32_t>();
        Func in_lanes = moments.of_row.update()
                            .split(moments.columns, vectors, of_vector, lanes)
                            .rfactor(of_vector, lane);
        in_lanes.compute_at(moments.of_row, moments.y)
            .reorder_storage(lane, moments.c, moments.y)
            .reorder(lane, moments.c)
            .vectorize(lane)
            .unroll(moments.c);
        in_lanes.update().reorder(lane, moments.c, vectors).vectorize(lane).unroll(moments.c);
        moments.of_row.compute_root().unroll(moments.c);
        moments.of_row.update().reorder(of_vector, moments.c, moments.y).unroll(moments.c);
        moments.of_image.compute_root().unroll(moments.c);
        moments.of_image.update().reorder(moments.c, moments.rows).unroll(moments.c);
        if (image_elements() > parallel_elements) {
            moments.of_row.update()
                .split(moments.y, task, moments.y, 16, TailStrategy::GuardWithIf)
                .parallel(task);
        }
    }

    // A block for some rows: threads take columns, then each row's lanes are joined. The rows are
    // few, so that one thread per channel adds them up.
    void schedule_moments_gpu(Moments &moments) {
        using namespace Halide;
        Var lane("lane"), block("block");
        RVar vectors("vectors"), of_vector("of_vector");
        Func in_lanes = moments.of_row.update()
                            .split(moments.columns, vectors, of_vector, 128)
                            .rfactor(of_vector, lane);
        in_lanes.compute_at(moments.of_row, block).store_in(MemoryType::GPUShared);
        in_lanes.gpu_threads(lane);
        in_lanes.update().reorder(vectors, moments.c, lane).gpu_threads(lane);
        moments.of_row.compute_root().gpu_tile(moments.y, block, moments.y, 64,
                                               TailStrategy::GuardWithIf);
        moments.of_row.update()
            .reorder(of_vector, moments.c, moments.y)
            .split(moments.y, block, moments.y, 1)
            .gpu_blocks(block)
            .gpu_threads(moments.c);
        Var first("first");
        moments.of_image.compute_root().gpu_tile(moments.c, first, moments.c, 4,
                                                 TailStrategy::GuardWithIf);
        moments.of_image.update().gpu_tile(moments.c, first, moments.c, 4,
                                           TailStrategy::GuardWithIf);
    }

private:
    Halide::Expr placed_;
};

}  // namespace glimpse

#endif  // GLIMPSE_AUTOSCHEDULER_SIZED_GENERATOR_H_
