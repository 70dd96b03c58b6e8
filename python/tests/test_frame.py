"""Frames of cameras: planes of arrays to RGB, beside the standards' formulas in NumPy."""

import numpy as np
import pytest

import glimpse

WEIGHTS = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}


def rgb(y, u, v, matrix="bt601", limited=True, bits=8):
    """Of components at each pixel, in [0, 255]."""
    kr, kb = WEIGHTS[matrix]
    unit = 2.0 ** (bits - 8)
    most = 2.0 ** bits - 1
    black, luma, chroma = (16 * unit, 219 * unit, 224 * unit) if limited else (0, most, most)
    y, u, v = ((np.asarray(c, np.float64) - o) / s for c, o, s in
               ((y, black, luma), (u, 128 * unit, chroma), (v, 128 * unit, chroma)))
    a, e = 2 * (1 - kr), 2 * (1 - kb)
    green = y - e * kb / (1 - kr - kb) * u - a * kr / (1 - kr - kb) * v
    return np.clip(255 * np.stack([y + a * v, green, y + e * u], -1), 0, 255)


def planes_of(height, width, seed=1, dtype=np.uint8, most=255):
    """Y, and U and V of 2 x 2 pixels, which are the same everywhere: so it does not matter what lies between."""
    random = np.random.default_rng(seed)
    y = random.integers(0, most, (height, width), dtype, endpoint=True)
    u, v = (np.full(((height + 1) // 2, (width + 1) // 2), random.integers(0, most), dtype) for _ in range(2))
    return y, u, v


def full(chroma, height, width):
    return chroma.repeat(2, 0).repeat(2, 1)[:height, :width]


def whole(frame, **keywords):
    return glimpse.extract(frame, (frame.height, frame.width), origins=[(0, 0)], **keywords)[0]


@pytest.mark.parametrize("height, width", [(40, 70), (21, 35), (1, 1)])
def test_planes(height, width):
    y, u, v = planes_of(height, width)
    expected = rgb(y, full(u, height, width), full(v, height, width))
    pairs = np.stack([u, v], -1)
    frames = [
        glimpse.Frame("nv12", [y, pairs]),
        glimpse.Frame("nv12", [y, pairs.reshape(len(u), -1)], width=width),
        glimpse.Frame("nv21", (y, np.stack([v, u], -1))),
        glimpse.Frame("i420", [y, u, v]),
        glimpse.Frame("yv12", [y, v, u]),
        glimpse.Frame("i420", [y[::-1].copy()[::-1], u[::-1].copy()[::-1], v]),
        glimpse.Frame("nv12", np.concatenate([y.ravel(), pairs.ravel()]), height=height, width=width),
    ]
    for frame in frames:
        assert (frame.height, frame.width) == (height, width)
        found = whole(frame)
        assert found.dtype == np.uint8 and found.shape == (height, width, 3)
        assert np.abs(found - expected).max() <= 1
        assert np.abs(whole(frame, dtype="float32") - expected).max() <= 0.004


def test_as_opencv_has_them():
    y, u, v = planes_of(40, 70)
    one = np.concatenate([y.ravel(), u.ravel(), v.ravel()]).reshape(60, 70)
    frame = glimpse.Frame("i420", one)
    assert (frame.format, frame.height, frame.width) == ("i420", 40, 70)
    assert np.abs(whole(frame) - rgb(y, full(u, 40, 70), full(v, 40, 70))).max() <= 1


def test_packed_and_deep():
    y, u, v = planes_of(20, 70)
    packed = np.stack([y[:, ::2], full(u, 20, 70)[:, ::2], y[:, 1::2], full(v, 20, 70)[:, ::2]], -1)
    expected = rgb(y, full(u, 20, 70), full(v, 20, 70))
    for planes in (packed, packed.reshape(20, 140), [packed]):
        frame = glimpse.Frame("yuyv", planes)
        assert (frame.height, frame.width) == (20, 70)
        assert np.abs(whole(frame) - expected).max() <= 1
    y, u, v = planes_of(20, 70, 2, np.uint16, 1023)
    expected = rgb(y, full(u, 20, 70), full(v, 20, 70), "bt2020", bits=10)
    frame = glimpse.Frame("p010", [y << 6, np.stack([u << 6, v << 6], -1)], matrix="bt2020")
    assert np.abs(whole(frame, dtype="float32") - expected).max() <= 0.004
    assert np.abs(whole(frame, dtype="uint16") / 257 - expected).max() <= 0.01
    assert np.abs(whole(glimpse.Frame("i010", [y, u, v], matrix="bt2020")) - expected).max() <= 1


@pytest.mark.parametrize("matrix", [None, "bt601", "bt709", "bt2020"])
@pytest.mark.parametrize("limits", [None, "limited", "full"])
def test_colors(matrix, limits):
    y, u, v = (np.random.default_rng(3).integers(0, 256, (3, 20, 70))).astype(np.uint8)
    frame = glimpse.Frame("i444", [y, u, v], matrix=matrix, range=limits)
    expected = rgb(y, u, v, matrix or "bt601", limits != "full")
    assert np.abs(whole(frame, dtype="float32") - expected).max() <= 0.004
    bgr = whole(frame, channel_order=(2, 1, 0))
    assert (bgr[..., ::-1] == whole(frame)).all()


def test_boxes_borders_and_statistics():
    y, u, v = (np.random.default_rng(3).integers(0, 256, (3, 40, 70))).astype(np.uint8)
    frame = glimpse.Frame("i444", [y, u, v])
    picture = whole(frame, dtype="float32")
    boxes = [(3.5, 2, 30, 44.25), (-9, 50, 20, 90)]
    for border in ("zero", "replicate"):
        found = glimpse.extract(frame, (16, 20), boxes=boxes, border=border, dtype="float32", layout="NCHW",
                                subtract=100, multiply=0.5, filter="lanczos3")
        # Numbers are cut off after sampling, and not before.
        assert found.shape == (2, 3, 16, 20) and found.min() >= -50 and found.max() <= 77.5
    found = glimpse.extract(frame, (4, 7), boxes=[(0, 0, 40, 70)], filter="area", dtype="float32")
    kr = 255 * np.stack([(y - 16.0) / 219 + 1.402 * (v - 128.0) / 224] * 1, -1)
    assert np.abs(found[0, ..., 0] - np.clip(kr[..., 0].reshape(4, 10, 7, 10).mean((1, 3)), 0, 255)).max() <= 0.004
    statistics = glimpse.compute_statistics(frame)
    assert np.allclose(statistics.mean[0], whole(frame).reshape(-1, 3).mean(0))
    outside = glimpse.extract(frame, 2, origins=[(-9, -9)], border="mean", statistics=statistics)
    assert (outside[0, 0, 0] == np.rint(statistics.mean[0])).all()
    assert picture.dtype == np.float32


def test_torch():
    torch = pytest.importorskip("torch")
    y, u, v = planes_of(40, 70)
    frame = glimpse.Frame("i420", [torch.from_numpy(c) for c in (y, u, v)])
    found = glimpse.extract(frame, (32, 32), boxes=[(1, 2, 30, 40)], dtype=torch.float32, layout="NCHW")
    assert isinstance(found, torch.Tensor) and found.shape == (1, 3, 32, 32)
    same = glimpse.extract(glimpse.Frame("i420", [y, u, v]), (32, 32), boxes=[(1, 2, 30, 40)], dtype="float32",
                           layout="NCHW")
    assert (found.numpy() == same).all()


def test_out_and_memory():
    y, u, v = planes_of(40, 70)
    frame = glimpse.Frame("i420", [y, u, v])
    out = np.zeros((1, 40, 70, 3), np.float32)
    assert glimpse.extract(frame, (40, 70), origins=[(0, 0)], out=out, dtype="float32") is out
    y[:] = 235  # the frame looks at its arrays in each call
    u[:] = v[:] = 128
    assert (whole(frame) == 255).all()
    gray = np.zeros((1, 40, 70, 3), np.uint8)
    glimpse.extract(glimpse.Frame("gray", y), (40, 70), origins=[(0, 0)], out=gray)
    assert (gray == 235).all()


@pytest.mark.parametrize("arguments, keywords, error, words", [
    (("nv13", []), {}, ValueError, "format is 'nv13'; expected one of 'nv12'"),
    ((5, []), {}, TypeError, "format is 5"),
    (("nv12", []), {}, ValueError, "planes has 0 arrays; expected 2 for nv12"),
    (("nv12", [np.zeros((4, 4), np.uint8)] * 3), {}, ValueError, "3 arrays"),
    (("nv12", [np.zeros(4, np.uint8)] * 2), {}, ValueError, "expected height and width"),
    (("nv12", [np.zeros((4, 4), np.uint8)] * 2), {"matrix": "bt2100"}, ValueError, "matrix is 'bt2100'"),
    (("nv12", [np.zeros((4, 4), np.uint8)] * 2), {"siting": 3}, TypeError, "siting is 3"),
    (("nv12", [np.zeros((4, 4), np.uint8)] * 2), {"height": -1}, ValueError, "height is -1"),
    (("nv12", [5, 6]), {}, TypeError, "planes is a int"),
])
def test_what_is_refused(arguments, keywords, error, words):
    with pytest.raises(error, match=words.replace("(", r"\(")):
        glimpse.Frame(*arguments, **keywords)


@pytest.mark.parametrize("planes, error, words", [
    ([np.zeros((4, 4), np.uint8), np.zeros((3, 4), np.uint8)], ValueError, "plane 1 of planes has shape (3, 4)"),
    ([np.zeros((4, 4), np.uint16), np.zeros((2, 4), np.uint16)], TypeError, "plane 0 of planes has other elements"),
    ([np.zeros((4, 4), np.uint8), np.zeros((2, 8), np.uint8)[:, ::2]], ValueError, "plane 1"),
    (np.zeros((5, 5), np.uint8), ValueError, "planes has 25 elements"),
])
def test_planes_that_are_refused(planes, error, words):
    frame = glimpse.Frame("nv12", planes)
    with pytest.raises(error) as caught:
        whole(frame)
    assert words in str(caught.value)


def test_arguments_that_frames_do_not_have():
    frame = glimpse.Frame("i420", planes_of(8, 8))
    with pytest.raises(ValueError, match="input_layout"):
        whole(frame, input_layout="HWC")
    with pytest.raises((TypeError, ValueError), match="int16"):
        whole(frame, dtype="int16")
    assert repr(frame) == "Frame('i420', 8 x 8)"
