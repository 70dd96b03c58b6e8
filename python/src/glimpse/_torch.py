"""Calls with tensors of PyTorch: without gradients, and as operators, so that torch.compile() keeps its graph whole.

The operators are torch.ops.glimpse.extract and extract_out; glimpse.extract() calls them where PyTorch compiles.
"""

from __future__ import annotations

import operator
from typing import Any

import torch

from . import _glimpse

# The options of the operators: name, type and default. They are those of glimpse.extract(), less what has no type there.
_OPTIONS = [
    ("origins", "Tensor?", None), ("offsets", "Tensor?", None), ("boxes", "Tensor?", None),
    ("coordinates", "str", "pixels"), ("image_index", "Tensor?", None), ("border", "str", "zero"),
    ("value", "float[]?", None), ("exact_fill", "bool", False), ("filter", "str", "linear"), ("antialias", "bool", True),
    ("edge", "str", "hard"), ("edge_margin", "float", 0.0), ("channel_order", "int[]?", None), ("seed", "int", 0),
    ("first_image", "int", 0), ("subtract", "float[]?", None), ("multiply", "float[]?", None), ("dtype", "str?", None),
    ("input_layout", "str?", None), ("layout", "str?", None),
]
_ARGUMENTS = "(Tensor images, SymInt[] size, " + ", ".join(
    f'{kind} {name}="{default}"' if isinstance(default, str) else f"{kind} {name}={default}"
    for name, kind, default in _OPTIONS)

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


def _options(given):
    """The options of an operator's call, by name; PyTorch leaves out defaults at the end."""
    return {name: given[i] if i < len(given) else default for i, (name, _, default) in enumerate(_OPTIONS)}


def _extract(images, size, *given, out=None):
    o = _options(given)
    o.update({name: detached(o[name]) for name in ("origins", "offsets", "boxes")}, seed=o["seed"] % 2**64)
    names = [name for name, _, _ in _OPTIONS]
    before = names.index("seed")  # statistics stand there
    arguments = [o[name] for name in names]
    return _glimpse.extract(detached(images), list(size), *arguments[:before], None, *arguments[before:], out, None)


def _extract_out(images, size, *given, out):
    _check_out(out)
    _extract(images, size, *given, out=out)
    _written(out)


def _shape(images, size, *given):
    """The shape of the result, which has no pixels yet, and its type."""
    o = _options(given)
    rows = next(o[name] for name in ("origins", "offsets", "boxes") if o[name] is not None)
    letters = o["input_layout"] or {2: "HW", 3: "HWC", 4: "NHWC"}[images.dim()]
    channels = images.shape[letters.index("C")] if "C" in letters else 1
    extents = {"N": 1 if rows.dim() == 1 else rows.shape[0], "H": size[0], "W": size[1],
               "C": len(o["channel_order"]) if o["channel_order"] else channels}
    is_planar = "C" in letters and letters.index("C") < letters.index("H")
    return ([extents[letter] for letter in o["layout"] or ("NCHW" if is_planar else "NHWC")],
            images.dtype if o["dtype"] is None else getattr(torch, o["dtype"]))


@torch.library.register_fake("glimpse::extract", lib=_library)
def _extract_fake(images, size, *rest):
    shape, dtype = _shape(images, size, *rest)
    return images.new_empty(shape, dtype=dtype)


@torch.library.register_fake("glimpse::extract_out", lib=_library)
def _extract_out_fake(images, size, *rest, out):
    return None


def _under_autograd(below):
    def call(*arguments, **out):
        _refuse_gradient(*arguments, *out.values())
        with torch._C._AutoDispatchBelowAutograd():
            return below(*arguments, **out)
    return call


_library.impl("extract", _extract, "CompositeExplicitAutograd")
_library.impl("extract_out", _extract_out, "CompositeExplicitAutograd")
_library.impl("extract", _under_autograd(torch.ops.glimpse.extract.default), "Autograd")
_library.impl("extract_out", _under_autograd(torch.ops.glimpse.extract_out.default), "Autograd")
