// The fast forms of the kernels equal the pure form, their definition. Both are called directly, in
// the same variant, with the same arguments; positions are random ones of those that
// src/extract.cpp hands to the form.

#include <HalideRuntime.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

#include "buffers.h"
#include "generators/kernel_abi.h"
#include "glimpse/glimpse.h"
#include "runtime/halide_hooks.h"
#include "runtime/variants.h"
#include "src/host/halide_buffer.h"
#include "variants.h"

namespace {

using glimpse::Border;
using glimpse::ExtractKernel;
using glimpse::Position;
using glimpse::Shape;
using glimpse::TypeKernels;
using ::testing::AssertionFailure;
using ::testing::AssertionResult;

enum class Form { inside, value, map, noise };

const char *const form_names[] = {"inside", "value", "map", "noise"};

// How elements are arranged: `samples` channels per pixel in one plane, or planes of one channel.
struct Arrangement {
    int64_t samples, planes;
    const Layout *image_layout, *glimpse_layout;
};

const Layout pitched = {"rows pitched", {3, 2, 1, 0}, {3, 7, 0, 0}, {1, 1, 1, 1}};
const Layout bottom_up = {"bottom up", {3, 2, 1, 0}, {0, 1, 0, 0}, {1, -1, 1, 1}};

// More samples than a vector of any form has lanes, too.
const Arrangement arrangements[] = {
    {1, 1, &interleaved, &pitched},     {2, 1, &pitched, &interleaved},
    {3, 1, &interleaved, &interleaved}, {4, 1, &bottom_up, &pitched},
    {5, 1, &pitched, &bottom_up},       {7, 1, &interleaved, &interleaved},
    {50, 1, &interleaved, &pitched},    {1, 3, &planar, &planar_pitched},
    {1, 2, &planar_pitched, &planar},
};

// One call of a form, all of it.
struct Call {
    Form form = Form::inside;
    int32_t rule = 0;
    Arrangement arrangement = arrangements[0];
    Shape images, glimpses;
    std::vector<Position> positions;
    int32_t rest = 0;                // what stands behind them
    bool shared_parameters = false;  // one set for all glimpses
    uint64_t seed = 0;
    uint32_t first_image = 0;
    Fence fence = Fence::after;
};

template<typename T>
std::string describe(const Call &call) {
    std::ostringstream text;
    text << form_names[static_cast<int>(call.form)] << ", rule " << call.rule << ", "
         << glimpse::name(glimpse::element_type_of<T>::value) << ", images " << call.images << " ("
         << call.arrangement.image_layout->name << "), glimpses " << call.glimpses << " ("
         << call.arrangement.glimpse_layout->name << "), samples " << call.arrangement.samples;
    for (size_t i = 0; i < call.positions.size(); i++) {
        const Position &p = call.positions[i];
        text << "\n  glimpse " << i << ": image " << p.image << ", y " << p.y << ", x " << p.x
             << ", plane y " << p.plane_y << ", plane x " << p.plane_x;
    }
    return text.str();
}

// The rows of elements that a kernel takes a view for.
template<typename View>
glimpse::Buffer<4> rows_of(const View &view, const Arrangement &arrangement, halide_type_t type) {
    const Shape &s = view.shape;
    return {view.data,
            type,
            {s.width * arrangement.samples, s.height, arrangement.planes, s.count},
            {1, view.strides.row, arrangement.planes > 1 ? view.strides.channel : 0,
             view.strides.image}};
}

class KernelFormsTest : public VariantTest {
protected:
    void SetUp() override {
        VariantTest::SetUp();
        if (!IsSkipped()) {
            ASSERT_TRUE(succeeded(glimpse::choose_variant(GetParam().name, &chosen_)));
            glimpse::default_context();  // installs the hooks of kernels that check
        }
    }

    // Compares the forms in many random calls of all arrangements and widths.
    void compare(Form form, int32_t rule) const;
    void compare(Form form, Border border) const {
        compare(form, static_cast<int32_t>(border));
    }

private:
    static ExtractKernel *fast(const TypeKernels &k, Form form) {
        ExtractKernel *const table[] = {k.inside, k.value, k.map, k.noise};
        return table[static_cast<int>(form)];
    }

    // The name of the variant, usable wherever this one is, whose kernel of a form this one has
    // too; null if the kernel is its own.
    const char *owner_of(Form form) const {
        const glimpse::Span<const glimpse::Variant> list = glimpse::variants();
        for (size_t i = list.size; i-- > 0 && list.data[i].name != chosen_.variant->name;) {
            glimpse::ChosenVariant other;
            if (!glimpse::choose_variant(list.data[i].name, &other).ok() ||
                other.kernels == nullptr) {
                continue;
            }
            for (int type = 0; type < glimpse::element_type_count; type++) {
                ExtractKernel *const own = fast(chosen_.kernels->of_type[type], form);
                if (own != nullptr && own == fast(other.kernels->of_type[type], form)) {
                    return other.variant->name;
                }
            }
        }
        return nullptr;
    }

    // Runs both kernels and compares all elements and all bytes around them.
    template<typename T>
    AssertionResult forms_agree(const Call &call, Random &random) const {
        if (!is_built<T>()) {
            return ::testing::AssertionSuccess();
        }
        const int64_t samples = call.arrangement.samples, elements = call.glimpses.width * samples;
        const bool is_served =
            call.form == Form::inside ||
            (call.form == Form::noise ? elements >= glimpse::narrowest_noise(sizeof(T))
                                      : glimpse::has_spans(call.form == Form::map, elements,
                                                           call.images.width * samples, samples));
        if (!is_served) {
            return ::testing::AssertionSuccess();  // always made by the pure form
        }
        const Images<T> images(call.images, *call.arrangement.image_layout, call.fence,
                               random_elements<T>(random.bits(), true));
        const std::vector<T> fill = fill_rows<T>(call, random);
        const std::vector<float> noise = noise_rows<T>(call, random);
        Output<T> got(call.glimpses, *call.arrangement.glimpse_layout, random.bits());
        Output<T> expected(call.glimpses, *call.arrangement.glimpse_layout, random.bits());
        AssertionResult result =
            run<T>(fast(kernels<T>(), call.form), call.rule, call, images, fill, noise, got);
        if (result) {
            const int32_t rule = call.rule == glimpse::rule_uniform_all
                                     ? static_cast<int32_t>(Border::uniform)
                                     : call.rule;
            result = run<T>(kernels<T>().pure, rule, call, images, fill, noise, expected);
        }
        if (result) {
            result = same_pixels<T>(got.result(), expected.result());
        }
        if (result) {
            result = got.guards_intact();
        }
        if (result) {
            result = expected.guards_intact();
        }
        return result ? result : result << "\n" << describe<T>(call);
    }

    template<typename T>
    const TypeKernels &kernels() const {
        return chosen_.kernels->of_type[static_cast<int>(glimpse::element_type_of<T>::value)];
    }

    static int64_t row_elements(const Call &call) {
        return call.arrangement.samples + glimpse::pattern_padding;
    }
    static int64_t parameter_sets(const Call &call) {
        return call.shared_parameters ? 1 : call.glimpses.count;
    }

    // Values per set and plane, periodic in the samples.
    template<typename T>
    static std::vector<T> fill_rows(const Call &call, Random &random) {
        const int64_t rows = parameter_sets(call) * call.arrangement.planes;
        std::vector<T> result;
        auto next = random_elements<T>(random.bits(), true);
        for (int64_t r = 0; r < rows; r++) {
            const size_t begin = result.size();
            for (int64_t i = 0; i < row_elements(call); i++) {
                result.push_back(
                    i < call.arrangement.samples
                        ? next()
                        : result[begin + static_cast<size_t>(i % call.arrangement.samples)]);
            }
        }
        return result;
    }

    // Noise parameters per set and plane. Uniform ones are read from the first element of a row
    // alone; the rest is as senseless as it may be.
    template<typename T>
    static std::vector<float> noise_rows(const Call &call, Random &random) {
        const int64_t rows = parameter_sets(call) * call.arrangement.planes;
        const int64_t samples = call.arrangement.samples;
        const int64_t length = row_elements(call);
        std::vector<float> result(static_cast<size_t>(rows * glimpse::noise_fields * length));
        const auto at = [&](int64_t row, glimpse::NoiseField field, int64_t i) -> float & {
            return result[static_cast<size_t>((row * glimpse::noise_fields + field) * length + i)];
        };
        for (int64_t r = 0; r < rows; r++) {
            for (int64_t i = 0; i < length; i++) {
                const int64_t s = i % samples;
                if (i >= samples) {
                    for (const auto field : {glimpse::noise_center, glimpse::noise_scale,
                                             glimpse::noise_low, glimpse::noise_high}) {
                        at(r, field, i) = at(r, field, s);
                    }
                    continue;
                }
                const bool is_integer = std::is_integral_v<T>;
                float low = static_cast<float>(random.between(0, 255));
                float high = static_cast<float>(random.between(0, 255));
                if (low > high) {
                    std::swap(low, high);
                }
                if (call.rule == glimpse::rule_uniform_all) {
                    low = 0;
                    high = 255;
                }
                if (!is_integer) {
                    low -= static_cast<float>(random.between(0, 1 << 20)) / 1024;
                }
                const bool is_uniform = call.rule != static_cast<int32_t>(Border::gaussian);
                at(r, glimpse::noise_low, i) = low;
                at(r, glimpse::noise_high, i) = high;
                at(r, glimpse::noise_center, i) = (low + high) / 2;
                at(r, glimpse::noise_scale, i) = is_uniform && is_integer ? high - low + 1
                                                 : is_uniform
                                                     ? (high - low) / 16777216
                                                     : static_cast<float>(random.between(0, 100));
            }
        }
        return result;
    }

    template<typename T>
    static AssertionResult run(ExtractKernel *kernel, int32_t rule, const Call &call,
                               const Images<T> &images, const std::vector<T> &fill,
                               const std::vector<float> &noise, Output<T> &glimpses) {
        const halide_type_t copied(halide_type_uint, 8 * sizeof(T));
        const halide_type_t f32(halide_type_float, 32);
        const Arrangement &a = call.arrangement;
        const int64_t count = call.glimpses.count, length = row_elements(call);
        const int64_t step = call.shared_parameters ? 0 : 1;
        const auto image_buffer = rows_of(images.view(), a, copied);
        const auto glimpse_buffer = rows_of(glimpses.view(), a, copied);
        // With the room that kernels ask for, which holds anything.
        std::vector<Position> positions = call.positions;
        for (int32_t v = call.rest; positions.size() % glimpse::position_rows != 0; v = ~v) {
            positions.push_back({v, v, v, v, v});
        }
        const glimpse::Buffer<2> position_buffer(
            positions.data(), halide_type_t(halide_type_int, 32), {glimpse::position_fields, count},
            {1, glimpse::position_fields});
        const glimpse::Buffer<3> fill_buffer(fill.data(), copied, {length, a.planes, count},
                                             {1, length, step * length * a.planes});
        const glimpse::Buffer<4> noise_buffer(noise.data(), f32,
                                              {length, glimpse::noise_fields, a.planes, count},
                                              {1, length, length * glimpse::noise_fields,
                                               step * length * glimpse::noise_fields * a.planes});

        glimpse::CallError error;
        const int code = kernel(&error, image_buffer, position_buffer, fill_buffer, noise_buffer,
                                static_cast<int32_t>(a.samples), rule, call.seed, call.first_image,
                                0, glimpse_buffer);
        return code == 0 ? ::testing::AssertionSuccess()
                         : AssertionFailure() << "code " << code << ": " << error.text;
    }

    glimpse::ChosenVariant chosen_;
};

INSTANTIATE_TEST_SUITE_P(, KernelFormsTest, all_variants(), variant_name);

// Where an axis of a glimpse of `size` may begin, for a form, in an image of `extent`; both
// included. What generators/kernel_abi.h calls canonical, and for maps no more than one reflection
// or repetition. Images are no narrower than their glimpses.
struct Range {
    int64_t first, last;
};

Range canonical_range(Form form, int32_t rule, int64_t size, int64_t extent) {
    if (form == Form::inside) {
        return {0, extent - size};
    }
    if (form == Form::map && rule == static_cast<int32_t>(Border::reflect)) {
        return {-extent, std::min(extent, 2 * extent - size)};
    }
    if (form == Form::map && rule == static_cast<int32_t>(Border::reflect101)) {
        const int64_t half = extent - 1;
        return {-half, std::min(half, 2 * half + 1 - size)};
    }
    if (form == Form::map && rule == static_cast<int32_t>(Border::wrap)) {
        return {0, std::min(extent - 1, 2 * extent - size)};
    }
    return {-size, extent};
}

// The smallest image in which that range is not empty.
int64_t smallest_extent(Form form, int32_t rule, int64_t size) {
    int64_t extent = 1;
    for (Range r = canonical_range(form, rule, size, extent); r.first > r.last;
         r = canonical_range(form, rule, size, extent)) {
        extent++;
    }
    return extent;
}

// An image that is a little or, sometimes, much larger than it must be.
int64_t random_extent(Form form, int32_t rule, int64_t size, Random &random) {
    return smallest_extent(form, rule, size) + random.between(0, random.chance(30) ? size + 60 : 6);
}

// At the ends of a range, where spans are empty or narrow, more often than elsewhere.
int64_t random_place(const Range &range, Random &random) {
    const int64_t reach = std::min<int64_t>(range.last - range.first, 3);
    return random.chance(20)   ? range.first + random.between(0, reach)
           : random.chance(20) ? range.last - random.between(0, reach)
                               : random.between(range.first, range.last);
}

Call random_call(Form form, int32_t rule, const Arrangement &arrangement, int64_t width,
                 Random &random) {
    Call call;
    call.form = form;
    call.rule = rule;
    call.arrangement = arrangement;
    const int64_t channels = arrangement.samples * arrangement.planes;
    // At times more than kernels take at once: of glimpses, and of rows of a tile.
    call.glimpses = {random.between(1, random.chance(5) ? 20 : 4),
                     random.between(1, random.chance(5) ? 40 : 5), width, channels};
    call.images = {random.between(1, 3), random_extent(form, rule, call.glimpses.height, random),
                   std::max(width, random_extent(form, rule, width, random)), channels};
    const Range ys = canonical_range(form, rule, call.glimpses.height, call.images.height);
    const Range xs = canonical_range(form, rule, width, call.images.width);
    constexpr int64_t lowest = std::numeric_limits<int32_t>::min();
    constexpr int64_t highest = std::numeric_limits<int32_t>::max();
    for (int64_t i = 0; i < call.glimpses.count; i++) {
        call.positions.push_back(
            {static_cast<int32_t>(random.between(0, call.images.count - 1)),
             static_cast<int32_t>(random_place(ys, random)),
             static_cast<int32_t>(random_place(xs, random)),
             static_cast<int32_t>(random.between(lowest, highest - call.glimpses.height)),
             static_cast<int32_t>(random.between(lowest, highest - width))});
    }
    call.shared_parameters = random.chance(50);
    call.rest = static_cast<int32_t>(random.bits());
    call.seed = random.bits();
    call.first_image = static_cast<uint32_t>(random.bits());
    call.fence = random.chance(50) ? Fence::before : Fence::after;
    return call;
}

// Every width up to two of the widest vectors and one element more, and some beyond.
std::vector<int64_t> widths() {
    std::vector<int64_t> result;
    for (int64_t width = 1; width <= 2 * 48 + 1; width++) {
        result.push_back(width);
    }
    result.insert(result.end(), {127, 144, 200, 257});
    return result;
}

void KernelFormsTest::compare(Form form, int32_t rule) const {
    if (const char *owner = owner_of(form)) {
        GTEST_SKIP() << GetParam().name << " takes this form from " << owner;
    }
    for (const Arrangement &arrangement : arrangements) {
        Random random(static_cast<uint64_t>(rule + 16 * arrangement.samples));
        for (const int64_t width : widths()) {
            for (int repeat = 0; repeat < 3; repeat++) {
                const Call call = random_call(form, rule, arrangement, width, random);
                ASSERT_TRUE(forms_agree<uint8_t>(call, random));
                if (form == Form::noise && rule == glimpse::rule_uniform_all) {
                    continue;
                }
                ASSERT_TRUE(forms_agree<uint16_t>(call, random));
                ASSERT_TRUE(forms_agree<float>(call, random));
                if (form == Form::noise) {  // other types are copied as those of their width
                    ASSERT_TRUE(forms_agree<int16_t>(call, random));
                    ASSERT_TRUE(forms_agree<glimpse::Float16>(call, random));
                    ASSERT_TRUE(forms_agree<glimpse::BFloat16>(call, random));
                }
            }
        }
    }
}

TEST_P(KernelFormsTest, Inside) {
    compare(Form::inside, Border::zero);
}

TEST_P(KernelFormsTest, Value) {
    compare(Form::value, Border::zero);
}

TEST_P(KernelFormsTest, Replicate) {
    compare(Form::map, Border::replicate);
}

TEST_P(KernelFormsTest, Reflect) {
    compare(Form::map, Border::reflect);
}

TEST_P(KernelFormsTest, Reflect101) {
    compare(Form::map, Border::reflect101);
}

TEST_P(KernelFormsTest, Wrap) {
    compare(Form::map, Border::wrap);
}

TEST_P(KernelFormsTest, Uniform) {
    compare(Form::noise, Border::uniform);
}

// The pure form makes the product that the other one leaves out.
TEST_P(KernelFormsTest, UniformAll) {
    compare(Form::noise, glimpse::rule_uniform_all);
}

TEST_P(KernelFormsTest, Gaussian) {
    compare(Form::noise, Border::gaussian);
}

}  // namespace
