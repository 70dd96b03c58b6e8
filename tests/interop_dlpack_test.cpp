// Tensors of DLPack and views of the same memory: what each says of it, extraction from and into
// tensors, and what cannot be described.
#include "glimpse/interop_dlpack.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "interop.h"

namespace {

using glimpse::ConstView;
using glimpse::DimensionOrder;
using glimpse::DlpackTensor;
using glimpse::ElementType;
using glimpse::StatusCode;
using glimpse::View;

// What is const is only read.
static_assert(can_view<View, DLTensor &, DimensionOrder>);
static_assert(can_view<ConstView, const DLTensor &, DimensionOrder>);
static_assert(!can_view<View, const DLTensor &, DimensionOrder>);
static_assert(can_describe<View, DimensionOrder, DlpackTensor *>);
static_assert(!can_describe<ConstView, DimensionOrder, DlpackTensor *>);

const DimensionOrder first = DimensionOrder::channels_first, last = DimensionOrder::channels_last;

DLDataType type_in_dlpack(ElementType type) {
    switch (type) {
    case ElementType::uint8:
        return {kDLUInt, 8, 1};
    case ElementType::uint16:
        return {kDLUInt, 16, 1};
    case ElementType::int16:
        return {kDLInt, 16, 1};
    case ElementType::float16:
        return {kDLFloat, 16, 1};
    case ElementType::bfloat16:
        return {kDLBfloat, 16, 1};
    case ElementType::float32:
        break;
    }
    return {kDLFloat, 32, 1};
}

// A tensor as another framework would make it; without `strides` it is dense.
struct Foreign {
    std::vector<int64_t> shape, strides;
    DLTensor tensor;

    Foreign(void *data, DLDataType type, std::vector<int64_t> shape_,
            std::vector<int64_t> strides_ = {})
        : shape(std::move(shape_)), strides(std::move(strides_)) {
        tensor.data = data;
        tensor.device.device_type = kDLCPU;
        tensor.device.device_id = 0;
        tensor.ndim = static_cast<int>(shape.size());
        tensor.dtype = type;
        tensor.shape = shape.data();
        tensor.strides = strides.empty() ? nullptr : strides.data();
        tensor.byte_offset = 0;
    }
    Foreign(const Foreign &) = delete;
    Foreign &operator=(const Foreign &) = delete;
};

TEST(InteropDlpackTest, EveryType) {
    for_each_type([](auto element) {
        using T = decltype(element);
        const ElementType type = glimpse::element_type_of<T>::value;
        SCOPED_TRACE(name(type));
        std::vector<T> memory = random_memory<T>(260, 1), out = random_memory<T>(4 * 36 + 8, 2);
        const Foreign images(memory.data(), type_in_dlpack(type), {2, 5, 7, 3}, {130, 25, 3, 1});
        ConstView view;
        ASSERT_TRUE(succeeded(to_view(images.tensor, last, &view)));
        EXPECT_TRUE(same_view(view, {memory.data(), type, {2, 5, 7, 3}, {130, 25, 3, 1}}));

        Foreign glimpses(out.data(), type_in_dlpack(type), {4, 3, 3, 4});
        glimpses.tensor.byte_offset = 8 * sizeof(T);
        View written;
        ASSERT_TRUE(succeeded(to_view(glimpses.tensor, first, &written)));
        EXPECT_TRUE(same_view(written, {out.data() + 8, type, {4, 3, 4, 3}, {36, 4, 1, 12}}));
        EXPECT_TRUE(extracts_the_same<T>(view, written));

        DlpackTensor described;
        ASSERT_TRUE(succeeded(from_view(written, first, &described)));
        const DLTensor &tensor = described.tensor;
        EXPECT_EQ(tensor.data, out.data() + 8);
        EXPECT_EQ(tensor.byte_offset, 0u);
        EXPECT_EQ(tensor.device.device_type, kDLCPU);
        EXPECT_EQ(tensor.dtype.code, type_in_dlpack(type).code);
        EXPECT_EQ(tensor.dtype.bits, type_in_dlpack(type).bits);
        EXPECT_EQ(tensor.dtype.lanes, 1);
        EXPECT_EQ(std::vector<int64_t>(tensor.shape, tensor.shape + tensor.ndim), glimpses.shape);
        EXPECT_EQ(std::vector<int64_t>(tensor.strides, tensor.strides + tensor.ndim),
                  (std::vector<int64_t>{36, 12, 4, 1}));
    });
}

// Dense memory and the same with strides, of 2, 3 and 4 dimensions; the order is one of meaning.
TEST(InteropDlpackTest, AnyShape) {
    std::vector<float> memory(2 * 3 * 5 * 7);
    const DLDataType type = type_in_dlpack(ElementType::float32);
    struct Case {
        std::vector<int64_t> shape, dense;
        DimensionOrder order;
        ConstView expected;
    };
    float *const data = memory.data();
    const Case cases[] = {
        {{2, 5, 7, 3}, {105, 21, 3, 1}, last, View::interleaved(data, {2, 5, 7, 3})},
        {{2, 3, 5, 7}, {105, 35, 7, 1}, first, View::planar(data, {2, 5, 7, 3})},
        {{5, 7, 3}, {21, 3, 1}, last, View::interleaved(data, {1, 5, 7, 3})},
        {{3, 5, 7}, {35, 7, 1}, first, View::planar(data, {1, 5, 7, 3})},
        {{5, 7}, {7, 1}, last, View::interleaved(data, {1, 5, 7, 1})},
        {{5, 7}, {7, 1}, first, View::planar(data, {1, 5, 7, 1})},
    };
    for (const Case &c : cases) {
        SCOPED_TRACE(::testing::PrintToString(c.shape));
        ConstView dense, strided;
        ASSERT_TRUE(succeeded(to_view(Foreign(data, type, c.shape).tensor, c.order, &dense)));
        EXPECT_TRUE(same_view(dense, c.expected));
        ASSERT_TRUE(
            succeeded(to_view(Foreign(data, type, c.shape, c.dense).tensor, c.order, &strided)));
        EXPECT_TRUE(same_view(strided, c.expected));
    }
    // PyTorch's memory_format=torch.channels_last: NCHW in name, NHWC in memory; upside down.
    ConstView view;
    ASSERT_TRUE(succeeded(
        to_view(Foreign(data + 84, type, {2, 3, 5, 7}, {105, 1, -21, 3}).tensor, first, &view)));
    EXPECT_TRUE(same_view(view, View::interleaved(data, {2, 5, 7, 3}).flipped()));
}

TEST(InteropDlpackTest, PinnedMemory) {
    float element = 0;
    for (const DLDeviceType device : {kDLCPU, kDLCUDAHost, kDLROCMHost}) {
        Foreign foreign(&element, type_in_dlpack(ElementType::float32), {1, 1});
        foreign.tensor.device.device_type = device;
        View view;
        EXPECT_TRUE(succeeded(to_view(foreign.tensor, last, &view)));
    }
}

TEST(InteropDlpackTest, DeviceMemory) {
    float element = 0;  // which nobody looks at
    for (const DLDeviceType device : {kDLCUDA, kDLCUDAManaged}) {
        for (const DimensionOrder order : {first, last}) {
            Foreign foreign(&element, type_in_dlpack(ElementType::float32), {2, 3, 5, 7});
            foreign.tensor.device.device_type = device;
            View view;
            ASSERT_TRUE(succeeded(to_view(foreign.tensor, order, &view)));
            const View expected = order == first ? View::planar(&element, {2, 5, 7, 3})
                                                 : View::interleaved(&element, {2, 3, 5, 7});
            EXPECT_TRUE(same_view(view, expected.on(glimpse::Memory::cuda)));
            DlpackTensor tensor;
            ASSERT_TRUE(succeeded(from_view(view, order, &tensor)));
            EXPECT_EQ(tensor.tensor.device.device_type, kDLCUDA);
        }
    }
}

// Both orders, of a part of a batch.
TEST(InteropDlpackTest, TensorsOfViews) {
    std::vector<uint16_t> memory = random_memory<uint16_t>(2 * 9 * 8 * 3, 1);
    const View view = View::interleaved(memory.data(), {2, 9, 8, 3}).region(2, 1, 5, 7).flipped();
    for (const DimensionOrder order : {first, last}) {
        DlpackTensor tensor;
        ASSERT_TRUE(succeeded(from_view(view, order, &tensor)));
        EXPECT_EQ(tensor.shape, order == first ? (std::array<int64_t, 4>{2, 3, 5, 7})
                                               : (std::array<int64_t, 4>{2, 5, 7, 3}));
        EXPECT_EQ(tensor.strides, order == first ? (std::array<int64_t, 4>{216, 1, -24, 3})
                                                 : (std::array<int64_t, 4>{216, -24, 3, 1}));
        View again;
        ASSERT_TRUE(succeeded(to_view(tensor.tensor, order, &again)));
        EXPECT_TRUE(same_view(again, view));
    }
}

TEST(InteropDlpackTest, CopiesPointToTheirOwnArrays) {
    std::vector<float> memory(105);
    const View view = View::interleaved(memory.data(), {1, 5, 7, 3});
    const auto expect_own = [&](DlpackTensor &tensor) {
        EXPECT_EQ(tensor.tensor.shape, tensor.shape.data());
        EXPECT_EQ(tensor.tensor.strides, tensor.strides.data());
        View again;
        ASSERT_TRUE(succeeded(to_view(tensor.tensor, last, &again)));
        EXPECT_TRUE(same_view(again, view));
    };
    std::vector<DlpackTensor> tensors(1);
    ASSERT_TRUE(succeeded(from_view(view, last, &tensors[0])));
    DlpackTensor copied(tensors[0]), assigned;
    assigned = copied;
    expect_own(assigned);
    assigned = *&assigned;
    expect_own(assigned);
    tensors.resize(100);  // moves the first
    expect_own(tensors[0]);
    tensors[0] = DlpackTensor();
    expect_own(copied);

    View empty;
    ASSERT_TRUE(succeeded(to_view(tensors[0].tensor, last, &empty)));
    EXPECT_EQ(empty.shape.count * empty.shape.height * empty.shape.width, 0);
}

TEST(InteropDlpackTest, RefusedTensors) {
    std::vector<float> memory(105);
    const View before = View::interleaved(memory.data(), {1, 1, 1, 1});
    View view = before;
    const auto check = [&](auto spoil, StatusCode code, DimensionOrder order = last) {
        Foreign foreign(memory.data(), type_in_dlpack(ElementType::float32), {1, 5, 7, 3});
        spoil(foreign);
        EXPECT_TRUE(refused(to_view(foreign.tensor, order, &view), code));
        EXPECT_TRUE(same_view(view, before));
    };
    for (const DLDeviceType device : {kDLOpenCL, kDLVulkan, kDLMetal, kDLROCM, kDLExtDev}) {
        check([&](Foreign &f) { f.tensor.device.device_type = device; }, StatusCode::invalid_value);
    }
    for (const DLDataType type :
         {DLDataType{kDLInt, 8, 1}, DLDataType{kDLUInt, 1, 1}, DLDataType{kDLInt, 32, 1},
          DLDataType{kDLFloat, 64, 1}, DLDataType{kDLBfloat, 32, 1},
          DLDataType{kDLOpaqueHandle, 16, 1}, DLDataType{kDLComplex, 32, 1},
          DLDataType{kDLUInt, 8, 4}, DLDataType{kDLUInt, 8, 0}, DLDataType{kDLFloat, 0, 1}}) {
        check([&](Foreign &f) { f.tensor.dtype = type; }, StatusCode::unsupported_type);
    }
    for (const int rank : {-1, 0, 1, 5}) {
        check([&](Foreign &f) { f.tensor.ndim = rank; }, StatusCode::rank_mismatch);
    }
    check([](Foreign &f) { f.tensor.shape = nullptr; }, StatusCode::null_pointer);
    check([](Foreign &f) { f.tensor.data = nullptr; }, StatusCode::null_pointer);
    check(
        [](Foreign &f) {
            f.tensor.data = nullptr;
            f.tensor.byte_offset = 64;
        },
        StatusCode::null_pointer);
    for (size_t dimension = 0; dimension < 4; dimension++) {
        check([&](Foreign &f) { f.shape[dimension] = -1; }, StatusCode::negative_shape);
    }
    for (const DimensionOrder order : {first, last}) {
        check([](Foreign &f) { f.shape[2] = f.shape[3] = INT64_MAX / 2; },
              StatusCode::invalid_strides, order);
    }
    check([](Foreign &) {}, StatusCode::unknown_enumerator, static_cast<DimensionOrder>(2));

    Foreign empty(nullptr, type_in_dlpack(ElementType::float32), {1, 0, 7, 3});
    EXPECT_TRUE(succeeded(to_view(empty.tensor, last, &view)));
}

TEST(InteropDlpackTest, RefusedViews) {
    std::vector<float> memory(105);
    const View view = View::interleaved(memory.data(), {1, 5, 7, 3});
    const auto check = [&](const View &wrong, StatusCode code, DimensionOrder order = last) {
        DlpackTensor tensor;
        ASSERT_TRUE(succeeded(from_view(view, last, &tensor)));
        EXPECT_TRUE(refused(from_view(wrong, order, &tensor), code));
        EXPECT_EQ(tensor.tensor.data, memory.data());
        EXPECT_EQ(tensor.shape, (std::array<int64_t, 4>{1, 5, 7, 3}));
    };
    View wrong = view;
    wrong.type = static_cast<ElementType>(6);
    check(wrong, StatusCode::unsupported_type);
    check(view.image(1, 1), StatusCode::negative_shape);
    check(view.pitch_bytes(86), StatusCode::invalid_strides);
    wrong = view;
    wrong.data = nullptr;
    check(wrong, StatusCode::null_pointer);
    check(view, StatusCode::unknown_enumerator, static_cast<DimensionOrder>(2));
}

}  // namespace
