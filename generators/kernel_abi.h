// What the kernels and the C++ that calls them agree on: the meaning of every field and number that
// crosses the boundary. Included by the generators and by the library; plain C++.
#ifndef GLIMPSE_GENERATORS_KERNEL_ABI_H_
#define GLIMPSE_GENERATORS_KERNEL_ABI_H_

#include <cstdint>

namespace glimpse {

// A rule of noise kernels beside those of Border: uniform over all 256 values of uint8, which gives
// the bytes of Border::uniform in less time.
constexpr int32_t rule_uniform_all = -1;

// What places are: origins, or offsets by one of the rules, or boxes.
enum PlaceRule : int32_t {
    place_origin,
    place_nearest,
    place_tensorflow_v1,
    place_tensorflow_v2,
    place_box
};

// How the rows of images and glimpses on a device are related: both have rows of one plane or of
// whole pixels, or glimpses have pixels and images have planes. Aligned: the first, and rows,
// planes and glimpses are dense, begin at multiples of device_lanes elements and hold a multiple of
// them.
enum DeviceRows : int32_t { rows_alike, rows_joined, rows_aligned };

// Elements of a vector, which a thread of a device makes at once.
constexpr int device_lanes = 4;

// The most glimpses of one call of a kernel.
constexpr int largest_run = 64;

// Whether kernels of values or maps serve rows of so many elements, no wider than the image: rows
// leave tiles in vectors, and what comes into them must find room in the image. Maps of more than
// four channels go without tiles.
constexpr bool has_spans(bool is_map, int64_t elements, int64_t image_elements, int64_t samples) {
    return (is_map && samples > 4) || (elements >= (is_map ? 1 : 2) && image_elements >= 16);
}

// Kernels of noise leave rows of fewer elements to the pure forms.
constexpr int narrowest_noise(int bytes) {
    return bytes == 1 ? 8 : 4;
}

// Where a glimpse is taken from: one row of the buffer `position[5, glimpses]`.
//
// y and x are reduced: for value, replicate and noise clamped to [-size of the glimpse, size of
// the image], for wrap in [0, period), for reflect and reflect101 in [-period/2, period/2); so sums
// with any coordinate of a glimpse stay within int32. plane_y and plane_x are the true origin,
// two's complement: only noise looks at them.
struct Position {
    int32_t image;
    int32_t y, x;
    int32_t plane_y, plane_x;
};

enum PositionField { position_image, position_y, position_x, position_plane_y, position_plane_x };
constexpr int position_fields = 5;

// Kernels read that many rows of positions at once: there is room for a multiple of them, whose
// values beyond the last glimpse do not matter.
constexpr int position_rows = 8;
static_assert(largest_run % position_rows == 0, "arrays of a whole run have room");

// Fields of the noise parameters `noise[samples + pattern_padding, 4, planes, glimpses]`, in the
// units of the image. Gaussian: clamp(center + scale * normal, low, high) of each channel. Uniform:
// center + scale * integer, with integers of 24 bits, the same for all channels; for integer types
// `low` and, in `scale`, the number of values, high - low + 1. Of uniform noise the first element
// of each field is read alone.
enum NoiseField { noise_center, noise_scale, noise_low, noise_high };
constexpr int noise_fields = 4;

// Fields of the parameters of a conversion, `parameters[samples + pattern_padding, 2, planes]`, the
// same for all glimpses: (value - subtract) * multiply.
enum ConversionField { conversion_subtract, conversion_multiply, conversion_fill };
constexpr int conversion_fields = 2;
// On devices also what Border::constant fills with, as a number: for Options::exact_fill.
constexpr int device_conversion_fields = 3;

// Where the elements of a row of convert kernels lie on both sides: both have rows of one plane, or
// of whole pixels; or pixels of 2, 3, 4 or any number of channels become planes, all in order or
// those that are picked; or planes become pixels; or pixels become pixels of other channels of
// theirs: swap_3 of 3 channels, swap_4 of 4 or (two at a time) of 2, drop_4 of 3 channels out of 4
// (not of 32 bits, for which ARM has no such shuffle).
enum ConvertOrder : int32_t {
    order_planes,
    order_pixels,
    order_split_2,
    order_split_3,
    order_split_4,
    order_split,
    order_pick_2,
    order_pick_3,
    order_pick_4,
    order_join_2,
    order_join_3,
    order_join_4,
    order_join,
    order_swap_3,
    order_swap_4,
    order_drop_4
};
constexpr int narrowest_change = 8;

// Channels that change places: for each of the first four, 8 bits that say which other it is, 0
// where there is none; or that all are in order, which is four times 255.
constexpr int32_t channels_in_order = -1;

// Per-channel values reach the kernels as rows in which the channels repeat, this many elements
// longer than one pixel, so that a vector may start at any channel.
constexpr int pattern_padding = 64;

// How kernels of samples read rows and write them: planes; pixels of 2, 3, or 4 and more channels;
// or pixels of 3 or 4 channels that become planes.
enum SampleOrder : int32_t {
    sample_planes,
    sample_pixels_2,
    sample_pixels_3,
    sample_pixels,
    sample_split_3,
    sample_split_4
};

// What the row of a glimpse looks at: `support[3, glimpses]`. The image, the first element of its
// rows, and how many of them.
enum SupportField { support_image, support_first, support_count };
constexpr int support_fields = 3;
// The most elements of a support, with some more for what is read behind them.
constexpr int largest_support = 4096;
// Which rows of the image a row of a glimpse mixes, and the weight of the second, in 2^-15 or as
// the bits of a float32: `row[3, rows, glimpses]`.
enum SampledRowField { row_first, row_second, row_weight };
constexpr int sampled_row_fields = 3;
// Glimpses have that many columns or more, and supports, or the rows of images under nearest, that
// many elements.
constexpr int narrowest_sampled = 8, narrowest_support = 32;
// Where kernels of Filter::nearest find pixels: `picked[3, glimpses]`. The image; and, of three
// channels, the columns among which some show the last pixel of a row: they begin 4 elements before
// its end.
enum PickedField { picked_image, picked_last_begin, picked_last_end };
constexpr int picked_fields = 3;

// Sums of rows for filters of many taps have so many elements or more. The taps of a column are
// made up to a multiple of taps_at_once, with weights of 0; and behind the last tap of a row of
// sums, so made up, there is room for four pixels and room_behind_sums elements more.
constexpr int narrowest_summed = 64, taps_at_once = 8, room_behind_sums = 16;
// Columns of a group, whose weights kernels read together.
constexpr int weight_columns = 4, weight_lanes = 4;

// How a device samples a glimpse: `box[14, glimpses]`. Its image, or -1: the glimpse is filled with
// zeros; flags; and of each axis what SampledAxis has, 64-bit numbers as two, the low one first.
enum DeviceBoxFlag : int32_t {
    box_flips_y = 1,
    box_flips_x = 2,
    box_is_copied = 4,
    box_has_taps = 8,     // many of them
    box_by_integers = 16  // and they are summed as such
};
enum DeviceAxisField { axis_low, axis_step = axis_low + 2, axis_rest = axis_step + 2, axis_part };
constexpr int device_axis_fields = axis_part + 1;
enum DeviceBoxField { box_image, box_flags, box_y, box_x = box_y + device_axis_fields };
constexpr int device_box_fields = box_x + device_axis_fields;

// What the outputs of a glimpse that has many taps look at: `table[2, 1 + taps, rows + columns,
// glimpses]`. Of each tap the pixel, of the image or the plane, and the weight, an integer or the
// bits of a float32. Before the first tap their number, and the bits of integer weights, with
// tap_is_seen where the output is not filled.
enum DeviceTapField : int32_t { tap_pixel, tap_weight };
constexpr int32_t tap_is_seen = 32;
constexpr int device_tap_fields = 2;

// What colour is made with: integers[6] and floats[8], as definition/color.h has them. Integers are
// 2^15 times factors; of the middle channel they are subtracted.
enum ColorInteger : int32_t {
    color_black,
    color_luma,
    color_first,
    color_first_of_middle,
    color_second_of_middle,
    color_last
};
constexpr int color_integers = color_last + 1;
enum ColorFloat : int32_t {
    color_float_luma,
    color_float_first,
    color_float_first_of_middle,
    color_float_second_of_middle,
    color_float_last,
    color_float_black,  // of three channels
};
constexpr int color_floats = color_float_black + 3;
// What kernels of colour write: planes of three channels, or their pixels, or the middle one alone.
enum ColorOrder : int32_t { color_planes, color_pixels, color_gray };
// Which of pairs of samples of chroma a kernel mixes for the left and the right pixel of each:
// weights[4], in 16ths of components; weights of rows are quarters.
enum ChromaWeight { chroma_left_before, chroma_left, chroma_right, chroma_right_behind };
constexpr int chroma_weights = chroma_right_behind + 1, chroma_quarters = 4;
// Which rows of a frame a row of a sampled glimpse mixes, and the weight of the second as the bits
// of a float32; and which rows of chroma are mixed for each of the two, with the second's quarters:
// `row[9, rows]`.
enum ColorRowField {
    color_row_first,
    color_row_second,
    color_row_weight,
    color_row_chroma,  // three fields for each row of luma
    color_row_chroma_second = color_row_chroma + 3
};
constexpr int color_row_fields = color_row_chroma_second + 3;
// Kernels of colour make rows of so many columns, and read as many elements of chroma or more.
constexpr int narrowest_color = 64, widest_color = 2048, narrowest_chroma = 32;
// And samples look at rows of so many pixels: what is kept of these fits the stack.
constexpr int widest_color_sample = 1792;

// Fields of the partial statistics `partial[5, channels, strips]` of strips of
// statistics_strip_rows rows, in double. The sums of integers are the bits of an int64, and
// elements of uint16 are counted statistics_uint16_bias lower. The count is that of the finite
// elements; only kernels that skip others write it.
enum StatisticsField {
    statistics_min,
    statistics_max,
    statistics_sum,
    statistics_square,
    statistics_count
};
constexpr int statistics_fields = 5;
constexpr int statistics_uint16_bias = 32768;
constexpr int statistics_strip_rows = 8;

}  // namespace glimpse

#endif  // GLIMPSE_GENERATORS_KERNEL_ABI_H_
