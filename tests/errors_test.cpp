// Calls that must fail: each with the code of its cause, a text that names what was wrong, and an
// output that stays as it was. And calls that look odd but must succeed.

#include <algorithm>
#include <cctype>
#include <functional>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "buffers.h"
#include "glimpse/glimpse.h"
#include "reference.h"
#include "variants.h"

namespace {

using glimpse::Border;
using glimpse::ChannelStatistics;
using glimpse::ConstView;
using glimpse::Context;
using glimpse::Coordinates;
using glimpse::ElementType;
using glimpse::Offset;
using glimpse::Options;
using glimpse::Origin;
using glimpse::Shape;
using glimpse::Size;
using glimpse::Span;
using glimpse::Status;
using glimpse::StatusCode;
using glimpse::View;
using ::testing::AssertionFailure;
using ::testing::AssertionResult;
using ::testing::AssertionSuccess;

const float nan = std::numeric_limits<float>::quiet_NaN();
const float infinity = std::numeric_limits<float>::infinity();

using Codes = std::vector<StatusCode>;

// Success if a status has one of the codes and its text contains all of `words`, in any case.
AssertionResult refused(const Status &status, const Codes &codes,
                        const std::vector<std::string> &words = {}) {
    const auto lower = [](std::string text) {
        std::transform(text.begin(), text.end(), text.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        return text;
    };
    AssertionResult failure = AssertionFailure();
    failure << "got " << name(status.code()) << ", \"" << status.message() << "\"; expected "
            << name(codes[0]);
    if (std::find(codes.begin(), codes.end(), status.code()) == codes.end()) {
        return failure;
    }
    const std::string message = lower(status.message());
    if (message.empty() || message.find('\n') != std::string::npos) {
        return failure << " and a text of one line";
    }
    for (const std::string &word : words) {
        if (message.find(lower(word)) == std::string::npos) {
            return failure << " and a text with \"" << word << "\"";
        }
    }
    return AssertionSuccess();
}

// A call that is right, on 2 images of 5x6x3 and 4 glimpses of 3x4, for a test to spoil. The memory
// of images and glimpses is one block: 180 elements of images, 20 apart from 144 of glimpses, and
// 100 more.
template<typename T>
struct Call {
    static constexpr int64_t glimpse_elements = 4 * 3 * 4 * 3;

    std::vector<T> memory = std::vector<T>(180 + 20 + glimpse_elements + 100, T{7});
    std::vector<Origin> origin_list = {{0, 0}, {-1, -2}, {3, 4}, {1, 1}};
    std::vector<Offset> offset_list = {{0, 0}, {-1, -2}, {3, 4}, {1, 1}};
    std::vector<int32_t> index_list = {0, 1, 1, 0};
    std::vector<float> value_list = {1, 2, 3};
    std::vector<ChannelStatistics> statistics_list = std::vector<ChannelStatistics>(6);

    ConstView images = ConstView::interleaved(static_cast<const T *>(memory.data()), {2, 5, 6, 3});
    View glimpses = View::interleaved(memory.data() + 200, {4, 3, 4, 3});
    Span<const Origin> origins = origin_list;
    Span<const Offset> offsets = offset_list;
    Options options;

    Call() {
        options.image_index = index_list;
    }
    Call(const Call &) = delete;
    Call &operator=(const Call &) = delete;

    Status by_origins(Context &context) {
        return extract(images, origins, glimpses, options, context);
    }
    Status by_offsets(Context &context) {
        return extract(images, offsets, glimpses, options, context);
    }
};

struct Row {
    const char *name;
    std::function<void(Call<float> &)> spoil;
    Codes codes;
    std::vector<std::string> words;
};

const int64_t huge = std::numeric_limits<int64_t>::max();

// What both overloads refuse.
const Row both_overloads[] = {
    {"null images", [](auto &c) { c.images.data = nullptr; }, {StatusCode::null_pointer}, {"null"}},
    {"null glimpses",
     [](auto &c) { c.glimpses.data = nullptr; },
     {StatusCode::null_pointer},
     {"null"}},
    {"null positions",
     [](auto &c) {
         c.origins.data = nullptr;
         c.offsets.data = nullptr;
     },
     {StatusCode::null_pointer},
     {"null"}},
    {"null image index",
     [](auto &c) { c.options.image_index.data = nullptr; },
     {StatusCode::null_pointer},
     {"null"}},
    {"null value",
     [](auto &c) {
         c.options.border = Border::constant;
         c.options.value = {static_cast<const float *>(nullptr), c.value_list.size()};
     },
     {StatusCode::null_pointer},
     {"null"}},
    {"null statistics",
     [](auto &c) {
         c.options.border = Border::uniform;
         c.options.statistics = c.statistics_list;
         c.options.statistics.data = nullptr;
     },
     {StatusCode::null_pointer},
     {"null"}},

    {"negative image count",
     [](auto &c) { c.images.shape.count = -37; },
     {StatusCode::negative_shape},
     {"-37"}},
    {"negative image height",
     [](auto &c) { c.images.shape.height = -38; },
     {StatusCode::negative_shape},
     {"-38"}},
    {"negative image width",
     [](auto &c) { c.images.shape.width = -39; },
     {StatusCode::negative_shape},
     {"-39"}},
    {"negative image channels",
     [](auto &c) { c.images.shape.channels = -40; },
     {StatusCode::negative_shape},
     {"-40"}},
    {"negative glimpse count",
     [](auto &c) { c.glimpses.shape.count = -41; },
     {StatusCode::negative_shape},
     {"-41"}},
    {"negative glimpse height",
     [](auto &c) { c.glimpses.shape.height = -42; },
     {StatusCode::negative_shape},
     {"-42"}},
    {"negative glimpse width",
     [](auto &c) { c.glimpses.shape.width = -43; },
     {StatusCode::negative_shape},
     {"-43"}},
    {"negative glimpse channels",
     [](auto &c) { c.glimpses.shape.channels = -44; },
     {StatusCode::negative_shape},
     {"-44"}},
    {"region beyond the image",
     [](auto &c) { c.images = c.images.region(3, 0, 3, 3); },
     {StatusCode::negative_shape},
     {"-1"}},
    {"image beyond the batch",
     [](auto &c) { c.images = c.images.image(1, 2); },
     {StatusCode::negative_shape},
     {"-1"}},
    {"the least extent",
     [](auto &c) { c.images.shape.height = INT64_MIN; },
     {StatusCode::negative_shape},
     {"-9223372036854775808"}},

    {"row of images of 2^30 elements",
     [](auto &c) {
         c.images.shape.width = 1 << 30;
         c.images.shape.channels = c.glimpses.shape.channels = 1;
         c.images.strides = {0, 0, 0, 1};
     },
     {StatusCode::too_large},
     {"1073741824"}},
    {"row of images of 2^30 elements in channels",
     [](auto &c) {
         c.images.shape.width = 1 << 28;
         c.images.shape.channels = c.glimpses.shape.channels = 4;
         c.images.strides = {0, 0, 0, 1};
     },
     {StatusCode::too_large},
     {"10737418"}},
    {"row of glimpses of 2^30 elements",
     [](auto &c) {
         c.glimpses.shape.width = 1 << 30;
         c.glimpses.strides = {int64_t{1} << 50, int64_t{1} << 40, 3, 1};
     },
     {StatusCode::too_large},
     {"1073741824"}},
    {"largest image count",
     [](auto &c) { c.images.shape.count = huge; },
     {StatusCode::too_large, StatusCode::count_mismatch},
     {"9223372036854775807"}},
    {"largest image height",
     [](auto &c) { c.images.shape.height = huge; },
     {StatusCode::too_large},
     {"9223372036854775807"}},
    {"largest image width",
     [](auto &c) { c.images.shape.width = huge; },
     {StatusCode::too_large},
     {"9223372036854775807"}},
    {"largest channels",
     [](auto &c) { c.images.shape.channels = c.glimpses.shape.channels = huge; },
     {StatusCode::too_large},
     {"9223372036854775807"}},
    {"largest glimpse count",
     [](auto &c) { c.glimpses.shape.count = huge; },
     {StatusCode::too_large, StatusCode::count_mismatch},
     {"9223372036854775807"}},
    {"largest glimpse height",
     [](auto &c) { c.glimpses.shape.height = huge; },
     {StatusCode::too_large},
     {"9223372036854775807"}},
    {"largest glimpse width",
     [](auto &c) { c.glimpses.shape.width = huge; },
     {StatusCode::too_large},
     {"9223372036854775807"}},
    {"largest row stride of images",
     [](auto &c) { c.images.strides.row = huge; },
     {StatusCode::too_large, StatusCode::invalid_strides},
     {"9223372036854775807"}},
    {"largest row stride of images, downwards",
     [](auto &c) { c.images.strides.row = -huge; },
     {StatusCode::too_large, StatusCode::invalid_strides},
     {"-9223372036854775807"}},
    {"largest image stride of glimpses",
     [](auto &c) { c.glimpses.strides.image = huge; },
     {StatusCode::too_large, StatusCode::invalid_strides},
     {"9223372036854775807"}},
    {"strides of images whose sum overflows",
     [](auto &c) {
         c.images.strides = {huge / 2, huge / 10, huge / 11, huge / 12};
     },
     {StatusCode::too_large, StatusCode::invalid_strides},
     {}},
    {"product that overflows in interleaved()",
     [](auto &c) {
         c.images = ConstView::interleaved(static_cast<const float *>(c.images.data),
                                           {1, 2, int64_t{1} << 62, 3});
     },
     {StatusCode::too_large, StatusCode::invalid_strides},
     {}},

    {"pitch of images that is no whole element",
     [](auto &c) { c.images = c.images.pitch_bytes(74); },
     {StatusCode::invalid_strides},
     {}},
    {"pitch of glimpses that is no whole element",
     [](auto &c) { c.glimpses = c.glimpses.pitch_bytes(49); },
     {StatusCode::invalid_strides},
     {}},
    {"invalid image stride",
     [](auto &c) { c.images.strides.image = glimpse::invalid_stride; },
     {StatusCode::invalid_strides},
     {}},
    {"invalid channel stride",
     [](auto &c) { c.glimpses.strides.channel = glimpse::invalid_stride; },
     {StatusCode::invalid_strides},
     {}},

    {"glimpses on top of each other",
     [](auto &c) { c.glimpses.strides.image = 0; },
     {StatusCode::invalid_strides},
     {"0"}},
    {"glimpses that overlap by one element",
     [](auto &c) { c.glimpses.strides.image = 35; },
     {StatusCode::invalid_strides},
     {"35"}},
    {"rows on top of each other",
     [](auto &c) { c.glimpses.strides.row = 0; },
     {StatusCode::invalid_strides},
     {"0"}},
    {"rows that overlap by one element",
     [](auto &c) { c.glimpses.strides.row = 11; },
     {StatusCode::invalid_strides},
     {"11"}},
    {"rows that overlap, bottom up",
     [](auto &c) {
         c.glimpses.data = c.memory.data() + 240;
         c.glimpses.strides.row = -11;
     },
     {StatusCode::invalid_strides},
     {"-11"}},
    {"columns that overlap",
     [](auto &c) { c.glimpses.strides.column = 2; },
     {StatusCode::invalid_strides},
     {"2"}},
    {"channels on top of each other",
     [](auto &c) { c.glimpses.strides.channel = 0; },
     {StatusCode::invalid_strides},
     {"0"}},
    {"planes that overlap",
     [](auto &c) {
         c.glimpses.strides = {36, 4, 1, 11};
     },
     {StatusCode::invalid_strides},
     {"11"}},

    {"misaligned images",
     [](auto &c) { c.images.data = static_cast<const char *>(c.images.data) + 1; },
     {StatusCode::misaligned},
     {}},
    {"misaligned glimpses",
     [](auto &c) { c.glimpses.data = static_cast<char *>(c.glimpses.data) + 2; },
     {StatusCode::misaligned},
     {}},

    {"unknown type of both",
     [](auto &c) { c.images.type = c.glimpses.type = static_cast<ElementType>(77); },
     {StatusCode::unsupported_type},
     {"77"}},
    {"unknown type of images",
     [](auto &c) { c.images.type = static_cast<ElementType>(78); },
     {StatusCode::unsupported_type},
     {"78"}},
    {"unknown type of glimpses",
     [](auto &c) { c.glimpses.type = static_cast<ElementType>(79); },
     {StatusCode::unsupported_type},
     {"79"}},
    {"types that are not converted",
     [](auto &c) { c.glimpses.type = ElementType::uint16; },
     {StatusCode::type_mismatch},
     {"uint16", "float32", "expected one of uint8, float16, bfloat16, float32"}},
    {"channels that differ",
     [](auto &c) { c.glimpses.shape.channels = 2; },
     {StatusCode::channel_mismatch},
     {"2", "3"}},

    {"images that leave their memory",
     [](auto &c) { c.images = c.images.within(c.images.data, 20); },
     {StatusCode::out_of_bounds},
     {"bytes 0 to", "for images of", "the memory has 20"}},
    {"images before their memory",
     [](auto &c) {
         c.images = c.images.within(static_cast<const char *>(c.images.data) + 4, 1 << 20);
     },
     {StatusCode::out_of_bounds},
     {"bytes -4 to", "for images of"}},
    {"glimpses that leave their memory",
     [](auto &c) { c.glimpses = c.glimpses.within(c.glimpses.data, 20); },
     {StatusCode::out_of_bounds},
     {"for glimpses of", "the memory has 20"}},
    {"a pitch less than a row",
     [](auto &c) { c.images = c.images.pitch_bytes(8); },
     {StatusCode::invalid_strides},
     {"rows of images are 8 bytes apart; a row has"}},
    {"a negative pitch less than a row",
     [](auto &c) { c.glimpses = c.glimpses.pitch_bytes(-8).image(0); },
     {StatusCode::invalid_strides},
     {"rows of glimpses are -8 bytes apart; a row has"}},
    {"a pitch that is no whole number of elements",
     [](auto &c) { c.images = c.images.pitch_bytes(4002).region(0, 0, 1, 1); },
     {StatusCode::invalid_strides},
     {"rows of images are 4002 bytes apart; expected a multiple of 4, the size of float32"}},
    {"one position",
     [](auto &c) { c.origins.size = c.offsets.size = 1; },
     {StatusCode::count_mismatch},
     {"1 o", " for 4 glimpses; expected one each"}},
    {"fewer positions than glimpses",
     [](auto &c) { c.origins.size = c.offsets.size = 3; },
     {StatusCode::count_mismatch},
     {"3", "4"}},
    {"more positions than glimpses",
     [](auto &c) {
         c.glimpses.shape.count = 2;
         c.options.image_index.size = 2;
     },
     {StatusCode::count_mismatch},
     {"2", "4"}},
    {"no position",
     [](auto &c) {
         c.origins = {};
         c.offsets = {};
     },
     {StatusCode::count_mismatch},
     {"0", "4"}},
    {"2 images for 4 glimpses without an index",
     [](auto &c) { c.options.image_index = {}; },
     {StatusCode::count_mismatch},
     {"2", "4"}},
    {"no image for 4 glimpses without an index",
     [](auto &c) {
         c.options.image_index = {};
         c.images.shape.count = 0;
     },
     {StatusCode::count_mismatch},
     {"0", "4"}},
    {"an index too short",
     [](auto &c) { c.options.image_index.size = 3; },
     {StatusCode::count_mismatch},
     {"3", "4"}},

    {"a negative index",
     [](auto &c) { c.index_list[2] = -55; },
     {StatusCode::invalid_image_index},
     {"-55", "2"}},
    {"an index beyond the images",
     [](auto &c) { c.index_list[3] = 2; },
     {StatusCode::invalid_image_index},
     {"2", "3"}},
    {"an index into no image",
     [](auto &c) { c.images.shape.count = 0; },
     {StatusCode::invalid_image_index},
     {"0"}},

    {"unknown border",
     [](auto &c) { c.options.border = static_cast<Border>(99); },
     {StatusCode::unknown_enumerator},
     {"99"}},
    {"negative border",
     [](auto &c) { c.options.border = static_cast<Border>(-3); },
     {StatusCode::unknown_enumerator},
     {"-3", "expected one of zero, constant, mean, replicate"}},

    {"constant without a value",
     [](auto &c) { c.options.border = Border::constant; },
     {StatusCode::invalid_value},
     {"border constant has no value"}},
    {"2 values for 3 channels",
     [](auto &c) {
         c.options.border = Border::constant;
         c.options.value = {c.value_list.data(), 2};
     },
     {StatusCode::invalid_value},
     {"2", "3"}},
    {"two numbers to subtract from three channels",
     [](auto &c) {
         c.options.subtract = {c.value_list.data(), 2};
     },
     {StatusCode::invalid_value},
     {"subtract", "2", "3"}},
    {"five numbers for three channels",
     [](auto &c) {
         c.options.subtract = {1, 2, 3, 4, 5};
     },
     {StatusCode::invalid_value},
     {"subtract has 5", "3 channels"}},
    {"four factors for three channels",
     [](auto &c) {
         c.value_list.push_back(4);
         c.options.multiply = c.value_list;
     },
     {StatusCode::invalid_value},
     {"multiply", "4", "3"}},
    {"NaN to subtract",
     [](auto &c) {
         c.value_list[1] = nan;
         c.options.subtract = c.value_list;
     },
     {StatusCode::invalid_value},
     {"element 1 of subtract", "nan"}},
    {"an infinite factor",
     [](auto &c) {
         c.value_list[2] = infinity;
         c.options.multiply = c.value_list;
     },
     {StatusCode::invalid_value},
     {"element 2 of multiply", "inf"}},
    {"null to subtract",
     [](auto &c) {
         c.options.subtract = {static_cast<const float *>(nullptr), c.value_list.size()};
     },
     {StatusCode::null_pointer},
     {"subtract", "3"}},
    {"null factors",
     [](auto &c) {
         c.options.multiply = {static_cast<const float *>(nullptr), c.value_list.size()};
     },
     {StatusCode::null_pointer},
     {"multiply", "3"}},
    {"a value for zero",
     [](auto &c) { c.options.value = c.value_list; },
     {StatusCode::invalid_value},
     {"zero"}},
    {"a value for replicate",
     [](auto &c) {
         c.options.border = Border::replicate;
         c.options.value = c.value_list;
     },
     {StatusCode::invalid_value},
     {"replicate"}},
    {"statistics of one image for two",
     [](auto &c) {
         c.options.border = Border::gaussian;
         c.options.statistics = c.statistics_list;
         c.options.statistics.size = 3;
     },
     {StatusCode::statistics_mismatch},
     {"3", "6"}},

    {"glimpses over the images",
     [](auto &c) { c.glimpses.data = c.memory.data(); },
     {StatusCode::overlap},
     {}},
    {"glimpses over the last byte of the images",
     [](auto &c) { c.glimpses.data = c.memory.data() + 179; },
     {StatusCode::overlap},
     {}},
    {"images over the last byte of the glimpses",
     [](auto &c) {
         c.glimpses.data = c.memory.data();
         c.images.data = c.memory.data() + 143;
     },
     {StatusCode::overlap},
     {}},
    {"glimpses between the rows of the images",
     [](auto &c) {
         c.images.shape = {1, 2, 6, 3};
         c.images.strides = {0, 300, 3, 1};
         c.index_list = {0, 0, 0, 0};
     },
     {StatusCode::overlap},
     {}},
    {"images between the rows of the glimpses",
     [](auto &c) {
         c.glimpses.shape = {1, 2, 4, 3};
         c.glimpses.strides = {0, 400, 3, 1};
         c.glimpses.data = c.memory.data();
         c.images =
             ConstView::interleaved(static_cast<const float *>(c.memory.data() + 50), {1, 5, 6, 3});
         c.options.image_index = {};
         c.origins.size = c.offsets.size = 1;
     },
     {StatusCode::overlap},
     {}},
    {"glimpses upwards into the images",
     [](auto &c) {
         c.glimpses.data = c.memory.data() + 200;
         c.glimpses.strides.row = -12;
     },
     {StatusCode::overlap},
     {}},
};

// What only a call with origins, or only one with offsets, can be refused for.
const Row origins_only[] = {
    {"a bottom row beyond int32",
     [](auto &c) { c.origin_list[2].y = INT32_MAX - 1; },
     {StatusCode::origin_out_of_range},
     {"2147483646", "2"}},
    {"a right column beyond int32",
     [](auto &c) { c.origin_list[3].x = INT32_MAX - 2; },
     {StatusCode::origin_out_of_range},
     {"2147483645", "3"}},
    {"the largest origin",
     [](auto &c) {
         c.origin_list[0] = {INT32_MAX, INT32_MAX};
     },
     {StatusCode::origin_out_of_range},
     {"2147483647"}},
};

const Row offsets_only[] = {
    {"a NaN",
     [](auto &c) { c.offset_list[1].y = nan; },
     {StatusCode::offset_not_finite},
     {"nan", "1"}},
    {"an infinity",
     [](auto &c) { c.offset_list[2].x = infinity; },
     {StatusCode::offset_not_finite},
     {"inf", "2"}},
    {"a negative infinity",
     [](auto &c) { c.offset_list[3].x = -infinity; },
     {StatusCode::offset_not_finite},
     {"-inf", "3"}},
    {"a NaN in the last of many",
     [](auto &c) {
         c.offset_list.assign(1001, {0, 0});
         c.offset_list[1000].x = nan;
         c.index_list.assign(1001, 0);
         c.memory.resize(200 + 1001 * 36);
         c.images.data = c.memory.data();
         c.glimpses = View::interleaved(c.memory.data() + 200, {1001, 3, 4, 3});
         c.offsets = c.offset_list;
         c.options.image_index = c.index_list;
     },
     {StatusCode::offset_not_finite},
     {"nan", "1000"}},
    {"an offset of 3e9",
     [](auto &c) { c.offset_list[1].y = 3e9f; },
     {StatusCode::origin_out_of_range},
     {"1"}},
    {"an offset of -3e9",
     [](auto &c) { c.offset_list[1].x = -3e9f; },
     {StatusCode::origin_out_of_range},
     {"1"}},
    {"an offset of 2^31",
     [](auto &c) { c.offset_list[1].x = 2147483648.0f; },
     {StatusCode::origin_out_of_range},
     {"1"}},
    {"an offset of 1e30",
     [](auto &c) { c.offset_list[0].y = 1e30f; },
     {StatusCode::origin_out_of_range},
     {}},
    {"a product that overflows to infinity",
     [](auto &c) {
         c.options.coordinates = Coordinates::normalized;
         c.offset_list[0].y = 3e38f;
     },
     {StatusCode::origin_out_of_range},
     {}},
    {"unknown coordinates",
     [](auto &c) { c.options.coordinates = static_cast<Coordinates>(66); },
     {StatusCode::unknown_enumerator},
     {"66"}},
    {"negative coordinates",
     [](auto &c) { c.options.coordinates = static_cast<Coordinates>(-1); },
     {StatusCode::unknown_enumerator},
     {"-1"}},
};

class ErrorsTest : public VariantTest {
protected:
    // Refused as the row says, and no byte of the caller's memory changed.
    void expect_refused(const Row &row, Status (Call<float>::*run)(Context &), const char *how) {
        Call<float> call;
        ASSERT_TRUE(succeeded((call.*run)(context())));
        row.spoil(call);
        const std::vector<float> before = call.memory;
        const Status status = (call.*run)(context());
        EXPECT_TRUE(refused(status, row.codes, row.words)) << row.name << how;
        EXPECT_EQ(std::memcmp(before.data(), call.memory.data(), 4 * before.size()), 0)
            << row.name << how << ": memory was written";
    }
    void expect_accepted(Call<float> &call, const char *name) {
        EXPECT_TRUE(succeeded(call.by_origins(context()))) << name;
        EXPECT_TRUE(succeeded(call.by_offsets(context()))) << name;
    }
};

TEST_P(ErrorsTest, Extract) {
    GLIMPSE_NEEDS_TYPES(uint16_t, int16_t);
    for (const Row &row : both_overloads) {
        expect_refused(row, &Call<float>::by_origins, " (by origins)");
        expect_refused(row, &Call<float>::by_offsets, " (by offsets)");
    }
    for (const Row &row : origins_only) {
        expect_refused(row, &Call<float>::by_origins, "");
    }
    for (const Row &row : offsets_only) {
        expect_refused(row, &Call<float>::by_offsets, "");
    }
}

TEST_P(ErrorsTest, ValuesForBordersWithoutOne) {
    for (const Border border :
         {Border::zero, Border::mean, Border::replicate, Border::reflect, Border::reflect101,
          Border::wrap, Border::uniform, Border::gaussian}) {
        Call<float> call;
        call.options.border = border;
        call.options.value = call.value_list;
        EXPECT_TRUE(
            refused(call.by_origins(context()), {StatusCode::invalid_value}, {name(border)}));
    }
}

TEST_P(ErrorsTest, BordersThatNeedAPixel) {
    for (const Border border : {Border::replicate, Border::reflect, Border::reflect101,
                                Border::wrap, Border::uniform, Border::gaussian}) {
        for (const bool vertical : {true, false}) {
            Call<float> call;
            call.options.border = border;
            (vertical ? call.images.shape.height : call.images.shape.width) = 0;
            const std::vector<float> before = call.memory;
            EXPECT_TRUE(
                refused(call.by_origins(context()), {StatusCode::empty_image}, {name(border)}));
            EXPECT_TRUE(
                refused(call.by_offsets(context()), {StatusCode::empty_image}, {name(border)}));
            EXPECT_EQ(before, call.memory);
        }
    }
}

TEST_P(ErrorsTest, FarOriginsThatFit) {
    Call<float> call;
    call.origin_list = {{INT32_MAX - 2, INT32_MAX - 3}, {INT32_MIN, INT32_MIN}, {0, 0}, {0, 0}};
    call.offset_list = {{2147483520.0f, -2147483648.0f + 128}, {0, 0}, {0, 0}, {0, 0}};
    expect_accepted(call, "far origins");
}

// Byte ranges that touch share no byte.
TEST_P(ErrorsTest, NeighboursInMemoryAreFine) {
    Call<float> call;
    call.glimpses.data = call.memory.data() + 180;
    expect_accepted(call, "glimpses after the images");
    call.glimpses.data = call.memory.data();
    call.images.data = call.memory.data() + 144;
    expect_accepted(call, "images after the glimpses");
    call.glimpses = {
        call.memory.data() + 143, ElementType::float32, {4, 3, 4, 3}, {-36, -12, -3, -1}};
    expect_accepted(call, "images after the glimpses, backwards");
}

// Strides of an output are legal if they nest, in any order and of either sign; those along which
// there is only one element may be anything.
TEST_P(ErrorsTest, StridesThatNest) {
    const struct {
        const char *name;
        Shape shape;
        glimpse::Strides strides;
        int64_t first;  // of the element (0, 0, 0, 0)
    } cases[] = {
        {"planar", {4, 3, 4, 3}, {36, 4, 1, 12}, 0},
        {"channels outermost", {4, 3, 4, 3}, {12, 4, 1, 48}, 0},
        {"transposed", {4, 3, 4, 3}, {36, 3, 9, 1}, 0},
        {"images innermost", {4, 3, 4, 3}, {1, 48, 12, 4}, 0},
        {"backwards", {4, 3, 4, 3}, {-36, -12, -3, -1}, 143},
        {"with gaps", {4, 3, 4, 3}, {61, 20, 4, 1}, 0},
        {"one row of stride 0", {4, 1, 4, 3}, {36, 0, 3, 1}, 0},
        {"one row of stride 1", {4, 1, 4, 3}, {36, 1, 3, 1}, 0},
        {"one image of stride 5", {1, 3, 4, 3}, {5, 12, 3, 1}, 0},
        {"one channel of stride 0", {4, 3, 4, 1}, {12, 4, 1, 0}, 0},
        {"one column of stride -7", {4, 3, 1, 3}, {9, 3, -7, 1}, 0},
        {"one pixel of strides 0", {1, 1, 1, 1}, {0, 0, 0, 0}, 0},
    };
    for (const auto &test : cases) {
        Call<float> call;
        call.images.shape.channels = test.shape.channels;
        std::vector<float> memory(300, 9.0f);
        call.glimpses = {memory.data() + test.first, ElementType::float32, test.shape,
                         test.strides};
        const auto count = static_cast<size_t>(test.shape.count);
        call.origins.size = call.offsets.size = call.options.image_index.size = count;
        expect_accepted(call, test.name);
        const auto written =
            std::count_if(memory.begin(), memory.end(), [](float value) { return value != 9.0f; });
        EXPECT_EQ(written,
                  test.shape.count * test.shape.height * test.shape.width * test.shape.channels)
            << test.name;
    }
}

// Where there is nothing to do, a call succeeds, with null pointers too.
TEST_P(ErrorsTest, EmptyCallsSucceed) {
    const struct {
        const char *name;
        Shape images, glimpses;
    } cases[] = {
        {"no glimpse of no image", {0, 5, 6, 3}, {0, 3, 4, 3}},
        {"no glimpse of one image", {1, 5, 6, 3}, {0, 3, 4, 3}},
        {"glimpses without rows", {2, 5, 6, 3}, {2, 0, 4, 3}},
        {"glimpses without columns", {2, 5, 6, 3}, {2, 3, 0, 3}},
        {"no channels", {2, 5, 6, 0}, {2, 3, 4, 0}},
    };
    const Border borders[] = {Border::zero,      Border::constant, Border::mean,
                              Border::replicate, Border::reflect,  Border::reflect101,
                              Border::wrap,      Border::uniform,  Border::gaussian};
    for (const auto &test : cases) {
        for (const Border border : borders) {
            const std::vector<float> pixels(180, 1.0f);
            const std::vector<float> value = {1};
            const std::vector<Origin> origins(static_cast<size_t>(test.glimpses.count),
                                              Origin{-1, 2});
            const std::vector<Offset> offsets(origins.size(), Offset{-1, 2});
            Options options;
            options.border = border;
            if (border == Border::constant) {
                options.value = value;
            }
            const bool no_image = test.images.count == 0 || test.images.channels == 0;
            const auto images =
                ConstView::interleaved(no_image ? nullptr : pixels.data(), test.images);
            const auto glimpses = View::interleaved(static_cast<float *>(nullptr), test.glimpses);
            const std::string text = std::string(test.name) + ", " + name(border);
            EXPECT_TRUE(succeeded(extract(images, origins, glimpses, options, context()))) << text;
            EXPECT_TRUE(succeeded(extract(images, offsets, glimpses, options, context()))) << text;
        }
    }
}

// Value borders need no pixel, so an image without any may be null.
TEST_P(ErrorsTest, ImageWithoutPixelsMayBeNull) {
    const auto images = ConstView::interleaved(static_cast<const uint8_t *>(nullptr), {1, 0, 6, 3});
    const std::vector<float> value = {4};
    for (const Border border : {Border::zero, Border::constant, Border::mean}) {
        Options options;
        options.border = border;
        if (border == Border::constant) {
            options.value = value;
        }
        Output<uint8_t> glimpses({1, 4, 5, 3}, interleaved, 1);
        const Origin origins[] = {{-1, -1}};
        EXPECT_TRUE(succeeded(extract(images, origins, glimpses.view(), options, context())));
        EXPECT_TRUE(
            same_pixels<uint8_t>(glimpses.result(), [&](int64_t, int64_t, int64_t, int64_t) {
                return border == Border::constant ? uint8_t{4} : uint8_t{0};
            }));
    }
}

TEST_P(ErrorsTest, Statistics) {
    const std::vector<float> pixels(180, 1.0f);
    const auto good = ConstView::interleaved(pixels.data(), {2, 5, 6, 3});
    std::vector<ChannelStatistics> statistics(7, ChannelStatistics{-1, -2, -3, -4});
    const std::vector<ChannelStatistics> before = statistics;
    const Span<ChannelStatistics> six = {statistics.data(), 6};

    const struct {
        const char *name;
        std::function<void(ConstView &, Span<ChannelStatistics> &)> spoil;
        Codes codes;
        std::vector<std::string> words;
    } rows[] = {
        {"null images",
         [](auto &view, auto &) { view.data = nullptr; },
         {StatusCode::null_pointer},
         {"null"}},
        {"null statistics",
         [](auto &, auto &span) { span.data = nullptr; },
         {StatusCode::null_pointer},
         {"null"}},
        {"too few statistics",
         [](auto &, auto &span) { span.size = 5; },
         {StatusCode::statistics_mismatch, StatusCode::count_mismatch},
         {"5", "6"}},
        {"too many statistics",
         [](auto &, auto &span) { span.size = 7; },
         {StatusCode::statistics_mismatch, StatusCode::count_mismatch},
         {"7", "6"}},
        {"negative height",
         [](auto &view, auto &) { view.shape.height = -31; },
         {StatusCode::negative_shape},
         {"-31"}},
        {"negative count",
         [](auto &view, auto &) { view.shape.count = -32; },
         {StatusCode::negative_shape},
         {"-32"}},
        {"largest width",
         [](auto &view, auto &) { view.shape.width = huge; },
         {StatusCode::too_large},
         {"9223372036854775807"}},
        {"largest row stride",
         [](auto &view, auto &) { view.strides.row = huge; },
         {StatusCode::too_large, StatusCode::invalid_strides},
         {"9223372036854775807"}},
        {"broken pitch",
         [](auto &view, auto &) { view = view.pitch_bytes(73); },
         {StatusCode::invalid_strides},
         {}},
        {"unknown type",
         [](auto &view, auto &) { view.type = static_cast<ElementType>(44); },
         {StatusCode::unsupported_type},
         {"44"}},
        {"misaligned",
         [](auto &view, auto &) { view.data = static_cast<const char *>(view.data) + 3; },
         {StatusCode::misaligned},
         {}},
    };
    for (const auto &row : rows) {
        ConstView view = good;
        Span<ChannelStatistics> span = six;
        row.spoil(view, span);
        EXPECT_TRUE(refused(compute_statistics(view, span, context()), row.codes, row.words))
            << row.name;
        EXPECT_EQ(std::memcmp(statistics.data(), before.data(), 7 * sizeof(before[0])), 0)
            << row.name;
    }
    EXPECT_TRUE(succeeded(compute_statistics(good, six, context())));
    EXPECT_EQ(std::memcmp(&statistics[6], &before[6], sizeof(before[6])), 0);
    EXPECT_EQ(statistics[5].mean, 1);
}

INSTANTIATE_TEST_SUITE_P(, ErrorsTest, all_variants(), variant_name);

TEST(OriginsErrorsTest, Refused) {
    std::vector<Offset> offsets(3, Offset{1, 1});
    std::vector<Origin> origins(3, Origin{7, 7});
    const auto run = [&](Size image, Size glimpse, Coordinates coordinates, Span<const Offset> from,
                         Span<Origin> to) {
        return glimpse::origins(from, image, glimpse, coordinates, to);
    };
    const Coordinates pixels = Coordinates::pixels;
    EXPECT_TRUE(refused(run({-5, 5}, {3, 3}, pixels, offsets, origins),
                        {StatusCode::negative_shape}, {"-5"}));
    EXPECT_TRUE(refused(run({5, 5}, {3, -33}, pixels, offsets, origins),
                        {StatusCode::negative_shape}, {"-33"}));
    EXPECT_TRUE(refused(run({5, 5}, {3, 3}, static_cast<Coordinates>(44), offsets, origins),
                        {StatusCode::unknown_enumerator}, {"44"}));
    EXPECT_TRUE(refused(run({5, 5}, {3, 3}, pixels, offsets, {origins.data(), 2}),
                        {StatusCode::count_mismatch}, {"2", "3"}));
    EXPECT_TRUE(
        refused(run({5, 5}, {3, 3}, pixels, {static_cast<const Offset *>(nullptr), 3}, origins),
                {StatusCode::null_pointer}, {"null"}));
    EXPECT_TRUE(refused(run({5, 5}, {3, 3}, pixels, offsets, {static_cast<Origin *>(nullptr), 3}),
                        {StatusCode::null_pointer}, {"null"}));
    for (const float value : {nan, infinity, -infinity}) {
        offsets[2].x = value;
        EXPECT_TRUE(refused(run({5, 5}, {3, 3}, pixels, offsets, origins),
                            {StatusCode::offset_not_finite}, {"2"}));
    }
    for (const float value : {3e9f, -3e9f, 1e38f, -1e38f, 2147483648.0f}) {
        offsets[2].x = value;
        EXPECT_TRUE(refused(run({5, 5}, {3, 3}, pixels, offsets, origins),
                            {StatusCode::origin_out_of_range}, {"2"}));
    }
    for (const Origin &origin : origins) {
        EXPECT_EQ(origin.y, 7);
        EXPECT_EQ(origin.x, 7);
    }
    EXPECT_TRUE(succeeded(run({5, 5}, {3, 3}, pixels, {}, {})));
    EXPECT_TRUE(succeeded(run({0, 0}, {0, 0}, pixels, {offsets.data(), 2}, {origins.data(), 2})));
}

// What the host works with is not looked at where it says that it lies elsewhere.
TEST(MemoryErrorsTest, Refused) {
    const glimpse::Memory cuda = glimpse::Memory::cuda;
    const auto check = [](const Status &status, const char *what) {
        EXPECT_TRUE(refused(status, {StatusCode::memory_mismatch}, {what}));
    };
    const std::vector<Offset> offsets(3, Offset{1, 1});
    std::vector<Origin> origins(3);
    std::vector<glimpse::tensorflow::WideOrigin> wide(3);
    const Span<const Offset> from = offsets;
    const Span<Origin> to = origins;
    const Coordinates pixels = Coordinates::pixels;
    check(glimpse::origins(from.on(cuda), {5, 5}, {3, 3}, pixels, to), "offsets");
    check(glimpse::origins(from, {5, 5}, {3, 3}, pixels, to.on(cuda)), "origins");
    check(glimpse::tensorflow::origins(from.on(cuda), {5, 5}, {3, 3}, {}, wide), "offsets");

    std::vector<float> numbers(3, 1.0f), results(6);
    const Span<const float> in = numbers;
    const Span<float> subtract(results.data(), 3), multiply(results.data() + 3, 3);
    check(glimpse::normalization(in.on(cuda), in, 1, subtract, multiply), "mean");
    check(glimpse::normalization(in, in.on(cuda), 1, subtract, multiply), "stddev");
    check(glimpse::normalization(in, in, 1, subtract.on(cuda), multiply), "subtract");
    check(glimpse::normalization(in, in, 1, subtract, multiply.on(cuda)), "multiply");

    std::vector<uint8_t> frame(4 * 6 * 3 / 2), cut(4 * 6 * 3 / 2);
    const auto frames =
        glimpse::ConstFrame::i420(frame.data(), 6, frame.data() + 24, frame.data() + 30, 3, 4, 6);
    const auto cuts =
        glimpse::Frame::i420(cut.data(), 6, cut.data() + 24, cut.data() + 30, 3, 4, 6);
    const std::vector<Origin> one = {{0, 0}};
    Options options;
    options.border = Border::constant;
    options.value = in.on(cuda);
    check(glimpse::extract(frames, one, cuts, options), "value");
    options.value = Span<const float>(in.data, 1).on(cuda);
    const View mosaic = View::interleaved(cut.data(), {1, 4, 6, 1});
    const ConstView mosaics =
        ConstView::interleaved(static_cast<const uint8_t *>(frame.data()), {1, 4, 6, 1});
    check(glimpse::extract_bayer(mosaics, one, mosaic, options), "value");
    check(glimpse::extract_bayer(mosaics.on(cuda), one, mosaic), "memory");
    check(glimpse::extract(mosaics, one, mosaic.on(cuda)), "glimpses");
    const auto unknown = static_cast<glimpse::Memory>(7);
    EXPECT_TRUE(refused(glimpse::extract(mosaics.on(unknown), one, mosaic.on(unknown)),
                        {StatusCode::unknown_enumerator}, {"memory", "7"}));
}

TEST(StatusTest, CodesHaveNames) {
    std::set<std::string> names;
    const auto last = static_cast<int32_t>(StatusCode::internal);
    for (int32_t code = 0; code <= last; code++) {
        const std::string text = name(static_cast<StatusCode>(code));
        EXPECT_NE(text, "unknown") << code;
        EXPECT_TRUE(names.insert(text).second) << text << " names two codes";
    }
    EXPECT_STREQ(name(StatusCode::null_pointer), "null_pointer");
    EXPECT_STREQ(name(StatusCode::internal), "internal");
    EXPECT_STREQ(name(static_cast<StatusCode>(last + 1)), "unknown");
    EXPECT_STREQ(name(static_cast<StatusCode>(-1)), "unknown");
}

TEST(StatusTest, HoldsItsText) {
    const Status success;
    EXPECT_TRUE(success.ok());
    EXPECT_EQ(success.code(), StatusCode::ok);
    EXPECT_STREQ(success.message(), "");

    const Status failure(StatusCode::overlap, "%d bytes of %s", 17, "output");
    EXPECT_FALSE(failure.ok());
    EXPECT_EQ(failure.code(), StatusCode::overlap);
    EXPECT_STREQ(failure.message(), "17 bytes of output");

    Status copy = failure;
    EXPECT_STREQ(copy.message(), "17 bytes of output");
    EXPECT_NE(copy.message(), failure.message()) << "the text lives in each object";
    copy = success;
    EXPECT_TRUE(copy.ok());
    EXPECT_STREQ(copy.message(), "");
    copy = failure;
    const Status &same = copy;
    copy = same;
    EXPECT_STREQ(copy.message(), "17 bytes of output");

    const std::string text(1000, 'x');
    const Status cut(StatusCode::internal, "%s", text.c_str());
    const std::string message = cut.message();
    EXPECT_GT(message.size(), 200u);
    EXPECT_LT(message.size(), 256u);
    EXPECT_EQ(message.substr(0, 200), text.substr(0, 200));
}

TEST(NamesTest, OfEnumerators) {
    const char *const borders[] = {"zero",       "constant", "mean",    "replicate", "reflect",
                                   "reflect101", "wrap",     "uniform", "gaussian",  "unknown"};
    for (int32_t i = 0; i < 10; i++) {
        EXPECT_STREQ(name(static_cast<Border>(i)), borders[i]);
    }
    EXPECT_STREQ(name(static_cast<Border>(-1)), "unknown");
    const char *const coordinates[] = {"pixels", "normalized", "centered_pixels",
                                       "centered_normalized", "unknown"};
    for (int32_t i = 0; i < 5; i++) {
        EXPECT_STREQ(name(static_cast<Coordinates>(i)), coordinates[i]);
    }
    EXPECT_STREQ(name(ElementType::uint8), "uint8");
    EXPECT_STREQ(name(ElementType::float32), "float32");
    EXPECT_STREQ(name(static_cast<ElementType>(200)), "unknown");
    EXPECT_EQ(size_in_bytes(ElementType::uint8), 1);
    EXPECT_EQ(size_in_bytes(ElementType::float32), 4);
    EXPECT_EQ(size_in_bytes(static_cast<ElementType>(200)), 0);
}

// Broadcast views whose sizes are legal but whose products leave 64 or 32 bits.
TEST_P(ErrorsTest, HugeBroadcastImages) {
    const uint8_t pixel = 7;
    uint8_t out[3 * 2 * 2 * 3] = {};
    const Origin origins[] = {{-1, -1}, {0, 0}, {99, 99}};
    const int32_t index[] = {0, 1, 79999};
    Options options;
    options.border = Border::reflect;
    options.image_index = index;
    const ConstView many = {&pixel, ElementType::uint8, {80000, 100, 100, 3}, {0, 0, 0, 0}};
    const View glimpses = View::interleaved(out, {3, 2, 2, 3});
    const Status status = extract(many, origins, glimpses, options, context());
    EXPECT_TRUE(status.ok()) << status.message();
    for (const uint8_t element : out) {
        EXPECT_EQ(element, 7);
    }
    options.border = Border::mean;
    options.image_index = {index, 1};
    const ConstView endless = {
        &pixel, ElementType::uint8, {1057862906, 1, 1, 726572727}, {0, 0, 0, 0}};
    EXPECT_EQ(extract(endless, {origins, 1},
                      View{nullptr, ElementType::uint8, {1, 0, 1, 726572727}, {0, 0, 0, 1}},
                      options, context())
                  .code(),
              StatusCode::ok);
}

// A frame in which nothing was found.
TEST_P(ErrorsTest, NoGlimpsesOfManyImages) {
    const std::vector<uint8_t> images(5 * 4 * 4);
    const Status status =
        extract(ConstView::interleaved(images.data(), {5, 4, 4, 1}), Span<const Origin>(),
                View::interleaved<uint8_t>(nullptr, {0, 2, 2, 1}), {}, context());
    EXPECT_TRUE(status.ok()) << status.message();
}

// Braces hold four numbers: as many as the channels are not enough.
TEST(BracesTest, FiveNumbers) {
    GLIMPSE_NEEDS_TYPES(uint8_t);
    const std::vector<uint8_t> image(2 * 2 * 5);
    std::vector<uint8_t> glimpse(5);
    const glimpse::Origin origins[] = {{0, 0}};
    Options options;
    options.subtract = {1, 2, 3, 4, 5};
    const Status status = extract(glimpse::ConstView::interleaved(image, {1, 2, 2, 5}), origins,
                                  glimpse::View::interleaved(glimpse, {1, 1, 1, 5}), options);
    EXPECT_EQ(status.code(), StatusCode::invalid_value);
    EXPECT_NE(std::string(status.message()).find("5 numbers in braces; expected at most 4"),
              std::string::npos)
        << status.message();
}

}  // namespace
