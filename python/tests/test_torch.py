"""Tensors of PyTorch: exchange, gradients, torch.compile()."""

import subprocess
import sys

import numpy as np
import pytest
import reference

import glimpse

torch = pytest.importorskip("torch")

TYPES = [torch.uint8, torch.uint16, torch.int16, torch.float16, torch.bfloat16, torch.float32]


@pytest.fixture
def images():
    return torch.arange(2 * 3 * 16 * 20).remainder(250).reshape(2, 3, 16, 20)


@pytest.mark.parametrize("dtype", TYPES)
def test_types(images, dtype):
    given = images.to(dtype)
    found = glimpse.extract(given, (4, 5), origins=[(1, 2), (-1, 3)], input_layout="NCHW", border="wrap")
    expected = reference.extract(images.permute(0, 2, 3, 1).numpy(), (4, 5), [(1, 2), (-1, 3)], "wrap")
    assert isinstance(found, torch.Tensor) and found.dtype == dtype and found.is_contiguous()
    np.testing.assert_array_equal(found.to(torch.int64).permute(0, 2, 3, 1), expected)


def test_strides_places_and_outputs(images):
    given = images.to(torch.float32).permute(0, 2, 3, 1)
    origins = torch.tensor([(1, 2), (-1, 3)])
    expected = glimpse.extract(given.contiguous().numpy(), 4, origins=origins.numpy())
    found = glimpse.extract(given, 4, origins=origins)
    np.testing.assert_array_equal(found, expected)
    out = torch.zeros(2, 3, 4, 4)
    assert glimpse.extract(given, 4, origins=origins, out=out.permute(0, 2, 3, 1)) is not None
    np.testing.assert_array_equal(out.permute(0, 2, 3, 1), expected)
    np.testing.assert_array_equal(glimpse.extract(given.numpy(), 4, origins=origins), expected)
    boxes = glimpse.retina_boxes(torch.tensor([(8.0, 8.0)]), (16, 20), 4, levels=2)
    assert isinstance(boxes, torch.Tensor) and boxes.shape == (2, 4)
    assert glimpse.compute_statistics(given).min[0][0] == given[0, :, :, 0].min()
    assert glimpse.extract(given, 4, origins=origins, dtype=torch.bfloat16).dtype == torch.bfloat16
    with pytest.raises(TypeError, match="float64"):
        glimpse.extract(given.double(), 4, origins=origins)
    for other in (torch.zeros(2, 4, 4, 3, device="meta"), torch.zeros(4, 4, 3).to_sparse()):
        with pytest.raises(ValueError, match="^images "):
            glimpse.extract(other, 4, origins=origins)


def test_gradients_are_refused(images):
    wanting = images.float().requires_grad_()
    place = {"origins": [(1, 2), (-1, 3)], "input_layout": "NCHW"}
    with pytest.raises(RuntimeError, match="no gradients.*detach"):
        glimpse.extract(wanting, 4, **place)
    with pytest.raises(RuntimeError, match="no gradients"):
        glimpse.extract(wanting * 2, 4, **place)
    with pytest.raises(RuntimeError, match="no gradients"):
        glimpse.extract(images.float(), 4, input_layout="NCHW", boxes=torch.zeros(2, 4, requires_grad=True))
    with pytest.raises(RuntimeError, match="no gradients"):
        glimpse.extract_glimpse(wanting, 4, [(0, 0)] * 2)
    with pytest.raises(RuntimeError, match="no gradients"):
        torch.ops.glimpse.extract(wanting, [4, 4], torch.tensor([(1, 2), (-1, 3)]), input_layout="NCHW")
    with torch.no_grad():
        found = glimpse.extract(wanting, 4, **place)
    assert not found.requires_grad and torch.equal(found, glimpse.extract(wanting.detach(), 4, **place))
    assert len(glimpse.compute_statistics(wanting, input_layout="NCHW")) == 2


def test_compile_keeps_the_graph_whole(images):
    given = images.float()
    boxes = torch.tensor([(0, 0, 8, 8), (1, 1, 9.5, 9)])

    def network(x, places):
        cut = glimpse.extract(x * 2, (4, 4), boxes=places, input_layout="NCHW", filter="area", border="constant",
                              value=[1, 2, 3], subtract=0.5, dtype=torch.float16)
        return cut.float().sum((2, 3)) + 1

    compiled = torch.compile(network, fullgraph=True, backend="aot_eager")
    assert torch.equal(compiled(given, boxes), network(given, boxes))

    def in_place(x):
        out = torch.zeros(1, 4, 4, 3)
        glimpse.extract(x, 4, origins=[(1, 2)], input_layout="CHW", layout="NHWC", out=out)
        return out + 1

    compiled = torch.compile(in_place, fullgraph=True, backend="aot_eager")
    assert torch.equal(compiled(given[0]), in_place(given[0]))
    with pytest.raises(Exception, match="no gradients"):
        torch.compile(network, fullgraph=True, backend="aot_eager")(given.requires_grad_(), boxes)


def test_the_operator_is_as_pytorch_wants_it(images):
    torch.library.opcheck(torch.ops.glimpse.extract.default, (images.float(), [4, 5]),
                          {"origins": torch.tensor([(1, 2), (3, 4)], dtype=torch.int32), "input_layout": "NCHW"})
    out = torch.zeros(2, 3, 4, 5)
    torch.library.opcheck(torch.ops.glimpse.extract_out.default, (images.float(), [4, 5]),
                          {"origins": torch.tensor([(1, 2), (3, 4)], dtype=torch.int32), "input_layout": "NCHW",
                           "layout": "NCHW", "out": out})


@pytest.mark.parametrize("first, second", [("torch", "glimpse"), ("glimpse", "torch")])
def test_either_may_be_imported_first(first, second):
    program = f"""
import {first}
import {second}
import glimpse, torch
f = torch.compile(lambda x: glimpse.extract(x, 2, origins=[(0, 0)]) + 1, fullgraph=True, backend="eager")
assert f(torch.zeros(4, 4, 3)).shape == (1, 2, 2, 3)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
