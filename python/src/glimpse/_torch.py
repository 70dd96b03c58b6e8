"""Calls with tensors of PyTorch: without gradients, and as operators, so that torch.compile() keeps its graph whole.

The operators are torch.ops.glimpse.extract and extract_out; glimpse.extract() calls them where PyTorch compiles.
"""

from __future__ import annotations

import operator
from typing import Any

import torch

from . import _glimpse

_ARGUMENTS = """(Tensor images, SymInt[] size, Tensor? origins=None, Tensor? offsets=None, Tensor? boxes=None,
    str coordinates="pixels", Tensor? image_index=None, str border="zero", float[]? value=None, bool exact_fill=False,
    str filter="linear", bool antialias=True, str edge="hard", float edge_margin=0.0, int[]? channel_order=None,
    int seed=0, int first_image=0, float[]? subtract=None, float[]? multiply=None, str? dtype=None,
    str? input_layout=None, str? layout=None"""

_library = torch.library.Library("glimpse", "DEF")
_library.define(f"extract{_ARGUMENTS}) -> Tensor")
_library.define(f"extract_out{_ARGUMENTS}, *, Tensor(a!) out) -> ()")


def _wants_gradient(*tensors: Any) -> bool:
    return torch.is_grad_enabled() and any(isinstance(t, torch.Tensor) and t.requires_grad for t in tensors)


def _refuse_gradient(*tensors: Any) -> None:
    if _wants_gradient(*tensors):
        raise RuntimeError("glimpse has no gradients: a tensor that requires one was passed; call detach() on it, or "
                           "call within torch.no_grad()")


def detached(tensor: Any) -> Any:
    """The tensor, without what the exchange of memory refuses or forgets: a gradient, a sign that is yet to change."""
    if not isinstance(tensor, torch.Tensor):
        return tensor
    return (tensor.detach() if tensor.requires_grad else tensor).resolve_neg()


def _check_out(out: Any) -> None:
    if isinstance(out, torch.Tensor) and out.is_neg():
        raise ValueError("out is a view with its sign changed, which cannot be written")


def _written(out: Any) -> None:
    """Tells autograd that a tensor has changed."""
    if isinstance(out, torch.Tensor) and not out.is_inference():
        torch.autograd.graph.increment_version(out)


def extract(images, size, origins, offsets, boxes, coordinates, image_index, border, value, exact_fill, filter,
            antialias, edge, edge_margin, channel_order, statistics, seed, first_image, subtract, multiply, dtype,
            input_layout, layout, out, context):
    if torch.compiler.is_compiling():
        if context is not None or statistics is not None:
            raise TypeError("context and statistics cannot be passed where torch.compile() compiles")
        arguments = (images, _pair(size), _rows(origins, torch.int32), _rows(offsets, torch.float32),
                     _rows(boxes, torch.float32), coordinates, _rows(image_index, torch.int32), border,
                     _numbers(value), exact_fill, filter, antialias, edge, edge_margin, _integers(channel_order),
                     seed - (seed >> 63 << 64), first_image, _numbers(subtract), _numbers(multiply), _dtype_name(dtype), input_layout,
                     layout)
        if out is None:
            return torch.ops.glimpse.extract(*arguments)
        torch.ops.glimpse.extract_out(*arguments, out=out)
        return out
    _refuse_gradient(images, origins, offsets, boxes, value, subtract, multiply, out)
    _check_out(out)
    made = _glimpse.extract(detached(images), size, detached(origins), detached(offsets), detached(boxes), coordinates,
                            image_index, border, detached(value), exact_fill, filter, antialias, edge, edge_margin,
                            channel_order, statistics, seed, first_image, detached(subtract), detached(multiply),
                            dtype, input_layout, layout, out, context)
    _written(out)
    return made


def extract_glimpse(input, size, offsets, *rest):
    _refuse_gradient(input, offsets)
    return _glimpse.extract_glimpse(detached(input), size, detached(offsets), *rest)


# ---- arguments of the operators ----


def _pair(size):
    return [size, size] if isinstance(size, int) else list(size)


def _rows(rows, dtype):
    if rows is None or isinstance(rows, torch.Tensor):
        return rows
    # What is no integer stays none, for the operator to refuse.
    return torch.tensor(rows, dtype=None if dtype == torch.int32 and len(rows) > 0 else dtype)


def _numbers(numbers):
    if numbers is None:
        return None
    return [float(numbers)] if isinstance(numbers, (int, float)) else [float(number) for number in numbers]


def _integers(numbers):
    return None if numbers is None else [operator.index(number) for number in numbers]


def _dtype_name(dtype):
    if dtype is None or isinstance(dtype, str):
        return dtype
    return str(dtype).rpartition(".")[2].rstrip("'>")


# ---- the operators ----


def _run(images, size, origins, offsets, boxes, coordinates, image_index, border, value, exact_fill, filter,
         antialias, edge, edge_margin, channel_order, seed, first_image, subtract, multiply, dtype, input_layout, layout,
         out=None):
    return _glimpse.extract(detached(images), list(size), detached(origins), detached(offsets), detached(boxes),
                            coordinates, image_index, border, value, exact_fill, filter, antialias, edge, edge_margin,
                            channel_order, None, seed % 2**64, first_image, subtract, multiply, dtype,
                            input_layout, layout, out, None)


# The defaults of the operators are those of glimpse.extract().
_DEFAULTS = (None, None, None, "pixels", None, "zero", None, False, "linear", True, "hard", 0.0, None, 0, 0, None, None,
             None, None, None)


def _extract(images, size, *rest):
    return _run(images, size, *rest, *_DEFAULTS[len(rest):])


def _extract_out(images, size, *rest, out):
    _check_out(out)
    _run(images, size, *rest, *_DEFAULTS[len(rest):], out)
    _written(out)


def _shape(images, size, *rest):
    """The shape of the result, which has no pixels yet, and its type."""
    rest = (*rest, *_DEFAULTS[len(rest):])
    rows = next(rest[i] for i in range(3) if rest[i] is not None)
    channel_order, dtype, input_layout, layout = rest[12], rest[17], rest[18], rest[19]
    letters = input_layout or {2: "HW", 3: "HWC", 4: "NHWC"}[images.dim()]
    channels = images.shape[letters.index("C")] if "C" in letters else 1
    extents = {"N": 1 if rows.dim() == 1 else rows.shape[0], "H": size[0], "W": size[1],
               "C": len(channel_order) if channel_order else channels}
    is_planar = "C" in letters and letters.index("C") < letters.index("H")
    return ([extents[letter] for letter in layout or ("NCHW" if is_planar else "NHWC")],
            images.dtype if dtype is None else getattr(torch, dtype))


@torch.library.register_fake("glimpse::extract", lib=_library)
def _extract_fake(images, size, *rest):
    shape, dtype = _shape(images, size, *rest)
    return images.new_empty(shape, dtype=dtype)


@torch.library.register_fake("glimpse::extract_out", lib=_library)
def _extract_out_fake(images, size, *rest, out):
    return None


def _under_autograd(operator):
    def call(*arguments, **out):
        _refuse_gradient(*arguments, *out.values())
        with torch._C._AutoDispatchBelowAutograd():
            return operator(*arguments, **out)
    return call


_library.impl("extract", _extract, "CompositeExplicitAutograd")
_library.impl("extract_out", _extract_out, "CompositeExplicitAutograd")
_library.impl("extract", _under_autograd(torch.ops.glimpse.extract.default), "Autograd")
_library.impl("extract_out", _under_autograd(torch.ops.glimpse.extract_out.default), "Autograd")
