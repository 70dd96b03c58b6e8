"""Arguments that lie, change, or are what nobody expects: each once crashed, or gave something else than was asked for."""

import ctypes
import subprocess
import sys

import numpy as np
import pytest

import glimpse

IMAGE = np.arange(8 * 9 * 3, dtype=np.uint8).reshape(8, 9, 3)


def interface(**entries):
    class Interface:
        __array_interface__ = {"version": 3, **entries}

    return Interface()


BYTES = {"shape": (3, 4), "typestr": "|u1", "data": bytes(12)}


@pytest.mark.parametrize("entries", [
    {**BYTES, "strides": ()}, {**BYTES, "strides": (4,)}, {**BYTES, "data": ()}, {**BYTES, "data": (1,)},
    {**BYTES, "shape": [3, 4]}, {**BYTES, "shape": (3, -4)}, {**BYTES, "shape": (2**62, 2**62)},
    {**BYTES, "shape": (4, 4)}, {**BYTES, "strides": (4, -1)}, {**BYTES, "data": (0, True)}, {"shape": (3, 4)},
    {**BYTES, "shape": (3, "4")}, {**BYTES, "typestr": 5}])
def test_interfaces_that_lie(entries):
    with pytest.raises(ValueError, match="^images "):
        glimpse.extract(interface(**entries), 2, origins=[(0, 0)])


def test_memory_is_not_left_by_places_and_tensors():
    with pytest.raises(ValueError, match="origins has elements outside"):
        glimpse.extract(IMAGE, 2, origins=interface(shape=(2, 2), typestr="<i4", data=bytes(4)))
    with pytest.raises(ValueError, match="input has elements outside"):
        glimpse.extract_glimpse(interface(shape=(1, 1000, 1000, 1), typestr="<f4", data=bytes(4)), 4, [(0, 0)])
    null = interface(shape=(2, 4), typestr="<f8", data=(0, False))
    with pytest.raises(ValueError, match="boxes has elements, but no memory"):
        glimpse.extract(IMAGE, 2, boxes=null)


def test_devices_that_lie():
    class Device:
        def __dlpack_device__(self):
            return ()

    with pytest.raises(ValueError, match="__dlpack_device__"):
        glimpse.extract(Device(), 2, origins=[(0, 0)])


def test_results_too_large_for_memory():
    with pytest.raises((MemoryError, ValueError, SystemError)):
        glimpse.extract(memoryview(bytes(12)).cast("B", (3, 4)), 2**30, origins=[(0, 0)] * 2**10)


def test_lists_that_change():
    rows = []

    class Number:
        def __index__(self):
            rows.clear()
            return 1

    rows[:] = [(Number(), 1)] + [(1, 1)] * 5
    assert glimpse.extract(IMAGE, 2, origins=rows).shape == (6, 2, 2, 3)
    size = []

    class Side:
        def __index__(self):
            size.clear()
            return 2

    size[:] = [Side(), 3]
    assert glimpse.extract(IMAGE, size, origins=[(0, 0)]).shape == (1, 2, 3, 3)


def test_other_errors_go_on():
    class Number:
        def __index__(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        glimpse.extract(IMAGE, 2, origins=[(Number(), 1)])


def test_statistics_of_other_images():
    two = glimpse.compute_statistics(np.zeros((2, 4, 4), np.uint8), input_layout="NHW")
    with pytest.raises(ValueError, match="statistics is of 2 images of 1 channels"):
        glimpse.extract(np.zeros((4, 4, 2), np.uint8), 2, origins=[(-9, 0)], border="mean", statistics=two)
    for values in ([[None]], [[(1, 2, 3)]], [["abc"]]):
        with pytest.raises(TypeError, match="values"):
            glimpse.Statistics(values)
    assert two != 5 and (two == None) is False and two in [two]  # noqa: E711
    with pytest.raises(TypeError):
        hash(two)


def test_empty_is_not_none():
    for option in ("image_index", "subtract", "multiply"):
        with pytest.raises(ValueError, match=option):
            glimpse.extract(IMAGE, 2, origins=[(0, 0)], **{option: []})


def test_numbers_of_every_kind():
    for three in (3, 3.0, np.array(3.0), np.float32(3), np.array([3.0]), [np.int64(3)]):
        found = glimpse.extract(IMAGE, 1, origins=[(-1, 0)], border="constant", value=three)
        assert (found == 3).all()
    assert glimpse.extract(IMAGE, np.int64(4), origins=[(0, 0)]).shape == (1, 4, 4, 3)
    assert glimpse.extract(IMAGE, (np.int8(4), np.array(5)), origins=[(0, 0)]).shape == (1, 4, 5, 3)


def test_texts_with_a_zero():
    with pytest.raises(TypeError, match="border"):
        glimpse.extract(IMAGE, 2, origins=[(0, 0)], border="zero\0x")


def test_one_place_alone_is_visible():
    with pytest.raises(ValueError, match="more than one row"):
        glimpse.visible([(1, 2), (3, 4)], 9, 2)


def test_arrays_of_ctypes_and_masks():
    memory = (ctypes.c_uint8 * 4 * 3)(*[(ctypes.c_uint8 * 4)(*range(4 * row, 4 * row + 4)) for row in range(3)])
    assert glimpse.extract(memory, 2, origins=[(1, 1)]).tolist() == [[[[5], [6]], [[9], [10]]]]
    with pytest.raises(TypeError, match="masked"):
        glimpse.extract(np.ma.masked_array(IMAGE, IMAGE > 3), 2, origins=[(0, 0)])


def test_threads_that_outlive_the_interpreter():
    program = """
import threading, time
import numpy as np
import glimpse
image = np.zeros((1000, 1000, 3), np.uint8)
def work():
    while True:
        glimpse.extract(image, 256, boxes=[(0, 0, 1000, 1000)])
for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
time.sleep(0.2)
"""
    for _ in range(5):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr


def test_tensors():
    torch = pytest.importorskip("torch")
    negative = torch.complex(torch.zeros(4, 4), torch.full((4, 4), 5.0)).conj().imag
    assert negative.is_neg() and (glimpse.extract(negative, 2, origins=[(0, 0)]) == -5).all()
    assert glimpse.compute_statistics(negative).mean == [[-5]]
    with pytest.raises(ValueError, match="out"):
        glimpse.extract(torch.zeros(4, 4), 2, origins=[(0, 0)], out=negative[None, :2, :2, None])

    weight, out = torch.ones(1, 2, 2, 1, requires_grad=True), torch.ones(1, 2, 2, 1)
    product = (out * weight).sum()
    glimpse.extract(torch.full((4, 4), 7.0), 2, origins=[(0, 0)], out=out)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        product.backward()

    wanting = torch.ones(1, requires_grad=True)
    for option in ("value", "subtract", "multiply"):
        with pytest.raises(RuntimeError, match="gradient"):
            glimpse.extract(torch.ones(4, 4), 2, origins=[(0, 0)], border="constant", **{option: wanting})
    with pytest.raises(RuntimeError, match="boxes requires a gradient"):
        glimpse.extract(IMAGE, 2, boxes=torch.zeros(1, 4, requires_grad=True))

    ones = torch.ones(3)
    found = glimpse.extract(IMAGE, 1, origins=[torch.tensor([-1, 0])], border="constant", value=ones)
    assert (found == 1).all()
    assert len(glimpse.normalization(ones / 2, ones / 2)[0]) == 3


@pytest.mark.parametrize("option", [{"origins": [(1.7, 1.2)]}, {"origins": [(1, 1)], "image_index": [0.9]},
                                    {"origins": [(1, 1)], "channel_order": [0.9]}])
def test_what_is_no_integer_is_refused_by_compiled_calls_too(option):
    torch = pytest.importorskip("torch")
    call = torch.compile(lambda x: glimpse.extract(x, 2, **option), backend="eager")
    with pytest.raises(Exception, match="integer|float32|float"):
        call(torch.zeros(4, 4, 3))
    seeded = torch.compile(lambda x: glimpse.extract(x, 2, origins=[(-9, 0)], border="uniform", seed=2**64 - 1),
                           backend="eager", fullgraph=True)
    image = torch.rand(4, 4, 3)
    assert torch.equal(seeded(image), glimpse.extract(image, 2, origins=[(-9, 0)], border="uniform", seed=2**64 - 1))
