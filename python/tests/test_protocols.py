"""How memory is exchanged: buffers, array interfaces, DLPack; and that it is never copied on the way in."""

import array
import gc
import resource
import subprocess
import sys
import weakref

import numpy as np
import pytest

import glimpse


class Interface:
    """An object that speaks the array interface alone, and counts how often it was asked."""

    def __init__(self, pixels):
        self.pixels, self.asked = pixels, 0

    @property
    def __array_interface__(self):
        self.asked += 1
        return self.pixels.__array_interface__


class Dlpack:
    """An object that speaks DLPack alone."""

    def __init__(self, pixels):
        self.pixels = pixels

    def __dlpack__(self, **options):
        return self.pixels.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.pixels.__dlpack_device__()


@pytest.mark.parametrize("wrap", [memoryview, Interface, Dlpack])
def test_protocols(random, wrap):
    pixels = random.integers(0, 255, (10, 12, 3)).astype(np.uint8)
    for cut in (np.s_[:], np.s_[::-1, ::-1], np.s_[1:9:2]):
        found = glimpse.extract(wrap(pixels[cut]), 4, origins=[(0, 2)])
        np.testing.assert_array_equal(np.asarray(found), pixels[cut][None, 0:4, 2:6])
        out = np.zeros((1, 4, 4, 3), np.uint8)
        given = wrap(out)
        assert glimpse.extract(pixels[cut], 4, origins=[(0, 2)], out=given) is given
        np.testing.assert_array_equal(out, found)
    for dtype in ("uint16", "int16", "float16", "float32"):
        found = glimpse.extract(wrap(pixels.astype(dtype)), 4, origins=[(1, 2)], dtype="uint8")
        np.testing.assert_array_equal(np.asarray(found), pixels[None, 1:5, 2:6])


def test_an_interface_whose_memory_is_a_buffer():
    class Bytes:  # as Pillow's images
        __array_interface__ = {"shape": (3, 4), "typestr": "|u1", "data": bytes(range(12)), "version": 3}

    found = glimpse.extract(Bytes(), 2, origins=[(1, 1)])
    np.testing.assert_array_equal(found[0, :, :, 0], [[5, 6], [9, 10]])
    Bytes.__array_interface__ = {**Bytes.__array_interface__, "shape": (4, 4)}
    with pytest.raises(ValueError, match="images"):
        glimpse.extract(Bytes(), 2, origins=[(1, 1)])


def test_buffers_of_python():
    pixels = bytes(range(12))
    image = memoryview(pixels).cast("B", (3, 4))
    found = glimpse.extract(image, 2, origins=[(1, 1)])
    assert isinstance(found, memoryview) and found.shape == (1, 2, 2, 1)
    assert found.tolist() == [[[[5], [6]], [[9], [10]]]]
    out = bytearray(4)
    glimpse.extract(image, 2, origins=[(0, 0)], out=memoryview(out).cast("B", (1, 2, 2, 1)))
    assert list(out) == [0, 1, 4, 5]
    numbers = memoryview(array.array("f", range(6))).cast("B").cast("f", (2, 3))
    assert glimpse.extract(numbers, 1, origins=[(1, 2)]).tolist() == [[[[5.0]]]]
    assert glimpse.extract(numbers, 1, origins=[(1, 2)], dtype="uint8").tolist() == [[[[5]]]]
    with pytest.raises(TypeError, match="16-bit floats"):
        glimpse.extract(numbers, 1, origins=[(1, 2)], dtype="float16")


def test_nothing_is_copied_on_the_way_in():
    # 1 GiB of zeros that nobody has touched: pages that are not read take no memory.
    image = np.zeros((1 << 15, 1 << 15), np.uint8)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for wrap in (lambda a: a, memoryview, Interface, Dlpack, lambda a: a[::-1, ::-1]):
        glimpse.extract(wrap(image), 64, origins=[(30000, 100)])
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


def test_arrays_are_let_go():
    class Pixels(np.ndarray):
        pass

    for _ in range(3):
        image = np.zeros((16, 16, 3), np.uint8).view(Pixels)
        gone = weakref.ref(image)
        glimpse.extract(image, 4, origins=[(0, 0)])
        with pytest.raises(ValueError):
            glimpse.extract(image, 4, origins=[(0, 0)], border="constant", value=[1, 2])
        with pytest.raises(TypeError):
            glimpse.extract(image, 4, origins=[(0, 0)], out=image.astype("c8"))
        with pytest.raises(TypeError):
            glimpse.extract(image.astype("c8"), 4, origins=[(0, 0)], out=image)
        wrong = np.zeros((4, 4, 3), np.complex64).view(Pixels)
        wrong_gone = weakref.ref(wrong)
        with pytest.raises(TypeError):
            glimpse.extract(wrong, 4, origins=[(0, 0)])
        del wrong
        view = Dlpack(image)
        glimpse.extract(view, 4, origins=[(0, 0)])
        del image, view
        gc.collect()
        assert gone() is None and wrong_gone() is None


def test_without_numpy():
    program = """
import sys
sys.modules["numpy"] = None
import glimpse
image = memoryview(bytes(range(12))).cast("B", (3, 4))
assert glimpse.extract(image, 2, origins=[(1, 1)]).tolist() == [[[[5], [6]], [[9], [10]]]]
boxes = glimpse.retina_boxes([(1, 1)], (3, 4), 2, levels=2)
assert isinstance(boxes, memoryview) and boxes.tolist() == [[0, 0, 2, 2], [-1, -1, 3, 3]]
assert glimpse.extract(image, 2, boxes=boxes).shape == (2, 2, 2, 1)
assert glimpse.compute_statistics(image).mean == [[5.5]]
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_importing_takes_nothing_along():
    program = "import sys, glimpse; assert not {'numpy', 'torch', 'jax', 'tensorflow'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
