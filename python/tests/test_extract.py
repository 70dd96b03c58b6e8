"""Pixels, options and layouts, with arrays of NumPy, beside the reference."""

import doctest
import importlib.metadata
import inspect
import pickle

import numpy as np
import pytest
import reference

import glimpse

ORIGINS = [(0, 0), (3, 5), (-2, -3), (8, 17), (-1000, 40), (2**31 - 20, 5)]
MAPS = ["replicate", "reflect", "reflect101", "wrap"]


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float16", "float32"])
@pytest.mark.parametrize("border", ["zero", "constant", *MAPS])
def test_every_border_and_type(random, dtype, border):
    images = random.integers(0, 200, (6, 11, 19, 3)).astype(dtype)
    value = 7 if border == "constant" else None
    found = glimpse.extract(images, (5, 7), origins=ORIGINS, border=border, value=value)
    expected = reference.extract(images, (5, 7), ORIGINS, border, value or 0)
    assert found.dtype == images.dtype
    np.testing.assert_array_equal(found, expected)


def test_bfloat16_of_ml_dtypes(random):
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    images = random.integers(0, 200, (1, 11, 19, 3)).astype(bfloat16)
    found = glimpse.extract(images, (5, 7), origins=ORIGINS[:4], border="wrap")
    assert found.dtype == bfloat16
    np.testing.assert_array_equal(found.astype("f4"), reference.extract(images.astype("f4"), (5, 7), ORIGINS[:4], "wrap"))
    out = np.empty((4, 5, 7, 3), bfloat16)
    assert glimpse.extract(images, (5, 7), origins=ORIGINS[:4], border="wrap", out=out) is out
    np.testing.assert_array_equal(out, found)
    as_bytes = glimpse.extract(images, 4, origins=[(0, 0)], dtype="uint8")
    np.testing.assert_array_equal(as_bytes[0], images[0, :4, :4].astype("u1"))
    assert glimpse.extract(as_bytes, 4, origins=[(0, 0)], dtype=bfloat16).dtype == bfloat16


@pytest.mark.parametrize("layout", ["HW", "HWC", "CHW", "NHW", "NHWC", "NCHW", "WHC", "CHWN"])
def test_input_layouts(random, layout):
    extents = {"N": 2, "H": 9, "W": 13, "C": 3}
    images = random.integers(0, 255, [extents[letter] for letter in layout]).astype(np.uint8)
    order = [layout.index(letter) for letter in "NHWC" if letter in layout]
    standard = images.transpose(order)
    for axis, letter in enumerate("NHWC"):
        if letter not in layout:
            standard = np.expand_dims(standard, axis)
    origins = [(1, 2), (-3, 4)]
    found = glimpse.extract(images, (4, 6), origins=origins, input_layout=layout, layout="NHWC", border="reflect")
    np.testing.assert_array_equal(found, reference.extract(standard, (4, 6), origins, "reflect"))
    planes = glimpse.extract(images, (4, 6), origins=origins, input_layout=layout, layout="NCHW", border="reflect")
    np.testing.assert_array_equal(planes, found.transpose(0, 3, 1, 2))
    assert planes.flags.c_contiguous and found.flags.c_contiguous
    usual = glimpse.extract(images, (4, 6), origins=origins, input_layout=layout, border="reflect")
    is_planar = "C" in layout and layout.index("C") < layout.index("H")
    assert usual.shape == (planes if is_planar else found).shape


@pytest.mark.parametrize("cut", [np.s_[:, ::-1], np.s_[:, :, ::-1], np.s_[..., ::-1], np.s_[:, ::2, ::3],
                                 np.s_[::-1, ::-2, ::-1, ::-1]])
def test_strides_of_either_sign(random, cut):
    images = random.integers(0, 255, (3, 12, 18, 3)).astype(np.uint8)
    view = images[cut]
    assert not view.flags.c_contiguous
    found = glimpse.extract(view, 5, origins=[(1, 1), (-2, 3), (0, -1)], border="wrap")
    np.testing.assert_array_equal(found, reference.extract(view, (5, 5), [(1, 1), (-2, 3), (0, -1)], "wrap"))


def test_broadcast_and_read_only(random):
    image = random.integers(0, 255, (1, 8, 8, 3)).astype(np.uint8)
    batch = np.broadcast_to(image, (4, 8, 8, 3))
    assert not batch.flags.writeable
    found = glimpse.extract(batch, 8, origins=[(0, 0)] * 4)
    np.testing.assert_array_equal(found, batch)


@pytest.mark.parametrize("make", [
    lambda out: out[:, ::-1], lambda out: out[:, :, ::-1], lambda out: out[..., ::-1],
    lambda out: np.asfortranarray(out), lambda out: np.zeros((2, 10, 12, 3), np.uint8)[:, ::2, ::2]])
def test_out_of_any_strides(random, make):
    images = random.integers(0, 255, (2, 12, 18, 3)).astype(np.uint8)
    expected = reference.extract(images, (5, 6), [(1, 1), (-2, 3)])
    out = make(np.zeros((2, 5, 6, 3), np.uint8))
    assert glimpse.extract(images, (5, 6), origins=[(1, 1), (-2, 3)], out=out) is out
    np.testing.assert_array_equal(out, expected)


def test_places_of_every_kind(random):
    image = random.integers(0, 255, (20, 30, 3)).astype(np.uint8)
    expected = reference.extract(image[None], (4, 6), [(3, 5), (-2, 7)])
    for origins in ([(3, 5), (-2, 7)], [[3, 5], [-2, 7]], ((3, 5), (-2, 7)), np.array([(3, 5), (-2, 7)]),
                    np.array([(3, 5), (-2, 7)], np.int8), np.array([(3, 5), (-2, 7)], np.int32)[::-1][::-1],
                    np.array([(5, 3), (7, -2)], np.int32)[:, ::-1], [np.array([3, 5]), (-2, np.int64(7))],
                    memoryview(np.array([(3, 5), (-2, 7)], np.int32))):
        np.testing.assert_array_equal(glimpse.extract(image, (4, 6), origins=origins), expected)
    centers = np.array([(5, 8), (0, 10)])
    for offsets in (centers, centers.astype("f4"), centers.astype("f2"), [(5, 8.0), (0, 10)]):
        np.testing.assert_array_equal(glimpse.extract(image, (4, 6), offsets=offsets), expected)
    boxes = np.array([(3, 5, 7, 11), (-2, 7, 2, 13)])
    for box in (boxes, boxes.astype("f4"), boxes.tolist()):
        np.testing.assert_array_equal(glimpse.extract(image, (4, 6), boxes=box), expected)
    for one in ({"origins": (3, 5)}, {"offsets": np.array([5, 8])}, {"boxes": [3, 5, 7, 11]}):
        np.testing.assert_array_equal(glimpse.extract(image, (4, 6), **one), expected[:1])
    for size in ((4, 6), [4, 6], np.array([4, 6])):
        np.testing.assert_array_equal(glimpse.extract(image, size, origins=[(3, 5), (-2, 7)]), expected)
    assert glimpse.extract(image, 4, origins=np.empty((0, 2), np.int32)).shape == (0, 4, 4, 3)
    assert glimpse.extract(image, (0, 4), origins=[(1, 1)]).shape == (1, 0, 4, 3)
    assert glimpse.extract(image, 4, origins=[]).shape == (0, 4, 4, 3)


def test_options(random):
    images = random.integers(0, 255, (3, 20, 30, 3)).astype(np.uint8)
    origins = [(3, 5), (-2, 7), (1, 28)]
    cut = reference.extract(images, (4, 6), origins, image_index=[2, 0, 2])
    found = glimpse.extract(images, (4, 6), origins=origins, image_index=[2, 0, 2])
    np.testing.assert_array_equal(found, cut)
    found = glimpse.extract(images, (4, 6), origins=origins, image_index=np.array([2, 0, 2]), channel_order=(2, 0))
    np.testing.assert_array_equal(found, cut[..., [2, 0]])
    subtract, multiply = glimpse.normalization([0.5, 0.25, 0.125], [0.25] * 3)
    found = glimpse.extract(images, (4, 6), origins=origins, image_index=[2, 0, 2], subtract=subtract,
                            multiply=multiply, dtype=np.float32, layout="NCHW")
    expected = (cut.astype("f4") - np.float32(subtract)) * np.float32(multiply)
    np.testing.assert_array_equal(found, expected.transpose(0, 3, 1, 2))
    found = glimpse.extract(images, (4, 6), origins=origins, border="constant", value=[1, 2, 3])
    np.testing.assert_array_equal(found[1, 0, 0], [1, 2, 3])
    halves = glimpse.extract(images[:1], (10, 15), boxes=[(0, 0, 20, 30)], filter="area", dtype="float32")
    means = images[0].reshape(10, 2, 15, 2, 3).astype("f8").mean((1, 3))
    np.testing.assert_allclose(halves[0], means, rtol=0, atol=1e-4)
    nearest = glimpse.extract(images[:1], (20, 30), boxes=[(0, 30, 20, 0)], filter="nearest")
    np.testing.assert_array_equal(nearest[0], images[0, :, ::-1])
    sampling = {"filter": "linear", "antialias": True, "edge": "hard", "edge_margin": 0}
    usual = glimpse.extract(images, 8, boxes=[(-3, -3, 9.5, 9)] * 3)
    np.testing.assert_array_equal(usual, glimpse.extract(images, 8, boxes=[(-3, -3, 9.5, 9)] * 3, **sampling))
    for other in ({"filter": "cubic"}, {"antialias": False}, {"edge": "blend"}, {"edge_margin": 2}):
        changed = glimpse.extract(images, 8, boxes=[(-3, -3, 9.5, 9)] * 3, **{**sampling, **other})
        assert (changed != usual).any(), other
    noise = glimpse.extract(images, 16, origins=[(-20, 0)] * 3, border="uniform", seed=2**64 - 1)
    again = glimpse.extract(images[1:], 16, origins=[(-20, 0)] * 2, border="uniform", seed=2**64 - 1, first_image=1)
    np.testing.assert_array_equal(noise[1:], again)
    assert (noise != glimpse.extract(images, 16, origins=[(-20, 0)] * 3, border="uniform")).any()


def test_statistics(random):
    images = random.normal(5, 2, (4, 30, 40, 3)).astype("f4")
    s = glimpse.compute_statistics(images)
    assert len(s) == 4
    np.testing.assert_array_equal(s.min, images.min((1, 2)))
    np.testing.assert_array_equal(s.max, images.max((1, 2)))
    np.testing.assert_allclose(s.mean, images.astype("f8").mean((1, 2)), rtol=1e-12)
    np.testing.assert_allclose(s.stddev, images.astype("f8").std((1, 2)), rtol=1e-10)
    assert pickle.loads(pickle.dumps(s)) == s and s != s[1:] and s[1:3][0] == s[1] and s[-1].mean[0] == s.mean[3]
    assert eval(repr(s), {"Statistics": glimpse.Statistics}) == s
    with pytest.raises(IndexError):
        s[4]
    given = glimpse.extract(images, 4, origins=[(-9, -9)] * 4, border="gaussian", statistics=s, seed=1)
    np.testing.assert_array_equal(given, glimpse.extract(images, 4, origins=[(-9, -9)] * 4, border="gaussian", seed=1))
    planes = glimpse.compute_statistics(np.ascontiguousarray(images.transpose(0, 3, 1, 2)), input_layout="NCHW")
    np.testing.assert_allclose(planes.mean, s.mean, rtol=1e-12)
    made = glimpse.Statistics([[(0, 10, 5, 1)] * 3] * 4)
    filled = glimpse.extract(images, 4, origins=[(-9, -9)] * 4, border="mean", statistics=made)
    np.testing.assert_array_equal(filled, np.full((4, 4, 4, 3), 5, "f4"))


def test_the_examples_of_tensorflow():
    # Of the pages of tf.compat.v1.image.extract_glimpse and tf.image.extract_glimpse, with what they print.
    x = [[[[0.0], [1.0], [2.0]], [[3.0], [4.0], [5.0]], [[6.0], [7.0], [8.0]]]]
    found = glimpse.extract_glimpse(x, size=(2, 2), offsets=[[1, 1]], centered=False, normalized=False)
    np.testing.assert_array_equal(found, [[[[0.0], [1.0]], [[3.0], [4.0]]]])
    found = glimpse.extract_glimpse(x, size=(2, 2), offsets=[[1, 1]], centered=False, normalized=False, version=2)
    np.testing.assert_array_equal(found, [[[[4.0], [5.0]], [[7.0], [8.0]]]])
    x = np.arange(1, 10, dtype="f4").reshape(1, 3, 3, 1)
    found = glimpse.extract_glimpse(x, (3, 3), np.zeros((1, 2)), version=2)
    assert found.shape == (1, 3, 3, 1)
    zero = glimpse.extract_glimpse(x, (4, 4), [[-1, -1]], uniform_noise=False, noise="zero")
    assert zero.min() == 0
    with pytest.raises(ValueError, match="noise"):
        glimpse.extract_glimpse(x, (4, 4), [[0, 0]], noise="zero")
    np.testing.assert_array_equal(glimpse.extract_glimpse(x, (4, 4), [[-1, -1]], noise="zero", version=2).min(), 0)


def test_box_functions():
    boxes = glimpse.fit_boxes([(0, 0, 480, 640)], 64)
    assert glimpse.visible(boxes[0], (480, 640), 64) == (8, 0, 48, 64)
    assert glimpse.visible((-1, -1), (4, 6), (2, 2)) == glimpse.Rect(1, 1, 1, 1)
    assert glimpse.in_image((32, 32), boxes[0], 64) == (240, 320)
    np.testing.assert_array_equal(glimpse.fit_boxes(np.array([(0, 0, 480, 640)]), 64, "crop"), [[0, 80, 480, 560]])
    np.testing.assert_array_equal(glimpse.origins([(240, 320)], (480, 640), 64), [[208, 288]])
    with pytest.raises(ValueError, match="fit is 'middle'"):
        glimpse.fit_boxes([(0, 0, 480, 640)], 64, "middle")
    with pytest.raises(ValueError):
        glimpse.retina_boxes([(1, 1)], 28, 8, levels=0)


def test_variants_and_contexts(random):
    image = random.integers(0, 255, (300, 400, 3)).astype(np.uint8)
    expected = glimpse.extract(image, 224, boxes=[(-10, -10, 300, 300)])
    names = [variant.name for variant in glimpse.variants() if variant.usable and variant.name != "cuda"]
    assert names
    for name in names:
        context = glimpse.Context(name, threads=2)
        assert (context.variant, context.threads) == (name, 2)
        context.warm_up()
        found = glimpse.extract(image, 224, boxes=[(-10, -10, 300, 300)], context=context)
        np.testing.assert_array_equal(found, expected)
        context.reserve(2)
        context.synchronize()
    with pytest.raises(ValueError, match="avx1024"):
        glimpse.Context("avx1024")
    with pytest.raises(ValueError, match="threads"):
        glimpse.Context(threads=-1)
    assert glimpse.Context(threads=0).threads >= 1


def test_documentation():
    assert doctest.testmod(glimpse).failed == 0
    for name in glimpse.__all__:
        assert inspect.getdoc(getattr(glimpse, name)), name
    for name in inspect.signature(glimpse.extract).parameters:
        assert f"\n{name} " in inspect.getdoc(glimpse.extract), name
    assert glimpse.__version__ == importlib.metadata.version("glimpse")
