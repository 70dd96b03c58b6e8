"""What is refused: an error that names the argument, and nothing is written."""

import numpy as np
import pytest

import glimpse

IMAGE = np.zeros((8, 9, 3), np.uint8)


@pytest.mark.parametrize("arguments, error, text", [
    ({"images": 5}, TypeError, "images is a int"),
    ({"images": [[1, 2], [3, 4]]}, TypeError, "images is a list"),
    ({"images": np.uint8(3)}, ValueError, "images has 0 dimensions"),
    ({"images": np.zeros(3, np.uint8)}, ValueError, "images has 1 dimension;"),
    ({"images": np.zeros((1,) * 5, np.uint8)}, ValueError, "images has 5 dimensions"),
    ({"images": IMAGE.astype("f8")}, TypeError, "images has elements of type float64"),
    ({"images": IMAGE.astype("c8")}, TypeError, "images has elements of format"),
    ({"images": IMAGE.astype(bool)}, TypeError, "images has elements of format"),
    ({"images": IMAGE.astype(">u2")}, TypeError, "images has elements of format"),
    ({"images": np.zeros((3, 20, 30), np.uint8)}, ValueError, "expected input_layout='CHW', or 'HWC'"),
    ({"images": np.zeros((2, 3, 20, 30), np.uint8)}, ValueError, "expected input_layout='NCHW', or 'NHWC'"),
    ({"coordinates": "normalized"}, ValueError, "coordinates is 'normalized' with origins"),
    ({"border": "constant"}, ValueError, "border constant has no value"),
    ({"images": IMAGE, "input_layout": "NHWC"}, ValueError, "images has shape"),
    ({"input_layout": "HWX"}, ValueError, "input_layout is 'HWX'"),
    ({"input_layout": "HHW"}, ValueError, "input_layout is 'HHW'"),
    ({"input_layout": 3}, TypeError, "input_layout is 3"),
    ({"layout": "HWC"}, ValueError, "layout"),
    ({"size": (4, -1)}, ValueError, "size"),
    ({"size": (4, 4, 4)}, ValueError, "size"),
    ({"size": "4x4"}, (TypeError, ValueError), "size"),
    ({"size": 4.5}, (TypeError, ValueError), "size"),
    ({"size": (10**9, 10**9)}, (ValueError, MemoryError), None),
    ({"origins": None}, TypeError, "origins, offsets and boxes are missing"),
    ({"boxes": [(0, 0, 4, 4)]}, TypeError, "more than one of origins, offsets and boxes"),
    ({"origins": [(1.5, 2)]}, TypeError, "origins is 1.5"),
    ({"origins": [(1, 2, 3)]}, ValueError, r"origins\[0\] has 3 numbers"),
    ({"origins": [(1, 2), (1,)]}, ValueError, r"origins\[1\] has 1 numbers"),
    ({"origins": [(2**31, 0)]}, ValueError, "origins is 2147483648"),
    ({"origins": np.array([(2**40, 0)])}, ValueError, "origins has a number that is not in the range"),
    ({"origins": np.array([(0.0, 0.0)])}, TypeError, "origins has elements of type float64"),
    ({"origins": np.zeros((3, 4), np.int32)}, ValueError, r"origins has shape \(3, 4\)"),
    ({"origins": "here"}, TypeError, "origins"),
    ({"origins": [(2**31 - 2, 0)]}, ValueError, "origin"),
    ({"origins": None, "offsets": [(float("nan"), 0)]}, ValueError, "offset"),
    ({"origins": None, "boxes": [(0, 0, float("inf"), 0)]}, ValueError, "box"),
    ({"origins": [(0, 0)] * 2, "images": np.zeros((3, 4, 4, 1), np.uint8)}, ValueError, "3 images"),
    ({"image_index": [1]}, ValueError, "image_index"),
    ({"image_index": [0, 0]}, ValueError, "image_index"),
    ({"image_index": "0"}, TypeError, "image_index"),
    ({"border": "mirror"}, ValueError, "border is 'mirror'; expected one of 'zero', 'constant'"),
    ({"border": 3}, TypeError, "border is 3"),
    ({"value": 3}, ValueError, "value"),
    ({"border": "constant", "value": [1, 2]}, ValueError, "value"),
    ({"border": "constant", "value": "white"}, TypeError, "value"),
    ({"filter": "bicubic"}, ValueError, "filter is 'bicubic'"),
    ({"edge": "soft"}, ValueError, "edge is 'soft'"),
    ({"edge_margin": "1"}, TypeError, "edge_margin is '1'"),
    ({"coordinates": "percent"}, ValueError, "coordinates is 'percent'"),
    ({"channel_order": (0, 3)}, ValueError, "channel_order"),
    ({"channel_order": (0,) * 5}, ValueError, "channel_order"),
    ({"channel_order": (-1,)}, ValueError, "channel_order"),
    ({"statistics": [[1, 2]]}, TypeError, "statistics"),
    ({"border": "mean", "statistics": glimpse.compute_statistics(np.zeros((4, 4), np.uint8))}, ValueError,
     "statistics"),
    ({"seed": -1}, ValueError, "seed"),
    ({"seed": 2**64}, ValueError, "seed"),
    ({"seed": 1.5}, (TypeError, ValueError), "seed"),
    ({"first_image": 2**32}, ValueError, "first_image"),
    ({"subtract": [1, 2]}, ValueError, "subtract"),
    ({"multiply": float("nan")}, ValueError, "multiply"),
    ({"dtype": "float64"}, TypeError, "dtype is 'float64'"),
    ({"dtype": np.dtype("int32")}, TypeError, "dtype is 'int32'"),
    ({"dtype": "uint16"}, TypeError, "uint16"),
    ({"context": 3}, TypeError, "context"),
    ({"out": np.zeros((1, 4, 5, 3), np.uint8)}, ValueError, "out has 1 images of 4 x 5 x 3"),
    ({"out": np.zeros((4, 4, 3), np.uint8)}, ValueError, "out has shape"),
    ({"out": np.zeros((1, 4, 4, 3), np.int16)}, TypeError, "int16"),
    ({"out": np.zeros((1, 4, 4, 3), np.float32), "dtype": "uint8"}, TypeError, "out has elements of type float32"),
    ({"out": bytes(48)}, ValueError, "out"),
    ({"out": np.broadcast_to(np.uint8(0), (1, 4, 4, 3))}, ValueError, "out"),
    ({"out": [1]}, TypeError, "out is a list"),
])
def test_refused(arguments, error, text):
    call = {"images": IMAGE, "size": 4, "origins": [(0, 0)], **arguments}
    with pytest.raises(error, match=text):
        glimpse.extract(call.pop("images"), call.pop("size"), **call)


def test_coinciding_and_overlapping_outputs():
    memory = np.zeros((8, 9, 3), np.uint8)
    coinciding = np.lib.stride_tricks.as_strided(memory, (1, 4, 4, 3), (0, 0, 3, 1))
    with pytest.raises(ValueError, match="of out between rows"):
        glimpse.extract(IMAGE, 4, origins=[(0, 0)], out=coinciding)
    with pytest.raises(ValueError, match="the memory of out overlaps that of images"):
        glimpse.extract(memory, 4, origins=[(0, 0)], out=memory[None, :4, :4])


def test_images_without_pixels():
    empty = np.zeros((0, 9, 3), np.uint8)
    np.testing.assert_array_equal(glimpse.extract(empty, 2, origins=[(0, 0)]), np.zeros((1, 2, 2, 3)))
    with pytest.raises(ValueError, match="image"):
        glimpse.extract(empty, 2, origins=[(0, 0)], border="replicate")


def test_nothing_is_written_before_an_error():
    out = np.full((1, 4, 4, 3), 7, np.uint8)
    with pytest.raises(ValueError):
        glimpse.extract(IMAGE, 4, origins=[(0, 0)], border="constant", value=[1, 2], out=out)
    assert (out == 7).all()


def test_a_stranger_of_arguments():
    with pytest.raises(TypeError, match="bordr"):
        glimpse.extract(IMAGE, 4, origins=[(0, 0)], bordr="zero")
    with pytest.raises(TypeError):
        glimpse.extract(IMAGE, 4, [(0, 0)])
