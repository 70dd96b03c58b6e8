"""Cuts glimpses (windows) out of images, and resizes boxes of them.

    >>> import glimpse, numpy
    >>> image = numpy.arange(12, dtype=numpy.uint8).reshape(3, 4)
    >>> glimpse.extract(image, (2, 2), origins=[(1, 2)])[0, :, :, 0]
    array([[ 6,  7],
           [10, 11]], dtype=uint8)

extract() makes glimpses of arrays of NumPy, PyTorch, CuPy, JAX, TensorFlow, and of anything that speaks DLPack, the
buffer protocol or the array interface. It reads their memory where it is, and returns an array of the same kind.
Everything else here says where glimpses lie (retina_boxes, fit_boxes, tracker_boxes, centered_boxes,
crop_and_resize_boxes, origins, visible, in_image), what fills them (compute_statistics) or what networks want
(normalization).

y comes before x everywhere, as rows come before columns.
"""

from __future__ import annotations

import sys as _sys
from typing import TYPE_CHECKING, Any, NamedTuple, Optional, Sequence, Tuple, Union

from . import _glimpse
from ._glimpse import Context, Frame, Statistics, __version__

if TYPE_CHECKING:
    # An array of numbers: of NumPy, PyTorch, CuPy, JAX or TensorFlow, or of anything that speaks DLPack, the buffer
    # protocol or the array interface.
    Array = Any
    Size = Union[int, Tuple[int, int], Sequence[int]]
    Numbers = Union[float, Sequence[float], Array]
    Rows = Union[Sequence[Sequence[float]], Sequence[float], Array]
    Stream = Any

__all__ = [
    "Context", "Frame", "Rect", "Statistics", "Variant", "centered_boxes", "compute_statistics", "crop_and_resize_boxes",
    "extract", "extract_glimpse", "fit_boxes", "in_image", "normalization", "origins", "retina_boxes", "tracker_boxes",
    "variants", "visible", "__version__",
]


class Variant(NamedTuple):
    """One build of the kernels for one kind of hardware."""

    name: str
    target: str  # what it was compiled for
    usable: bool
    reason: str  # why this machine can run it, or why not


class Rect(NamedTuple):
    """A rectangle of pixels."""

    y: int
    x: int
    height: int
    width: int


# By the class of an array: who makes calls with it.
_routes: dict[type, Any] = {}


def _route_of(kind: type) -> Any:
    """The module that calls with such arrays go through: _torch for tensors of PyTorch, which have gradients."""
    route = _glimpse
    for base in kind.__mro__:
        module = str(getattr(base, "__module__", ""))
        if module.startswith("numpy.ma"):
            raise TypeError("images is a masked array, whose mask would be ignored; pass its data")
        if module.partition(".")[0] == "torch":
            from . import _torch as route
    _routes[kind] = route
    return route


def extract(
    images: Union[Array, Frame],
    size: Size,
    *,
    origins: Optional[Rows] = None,
    offsets: Optional[Rows] = None,
    boxes: Optional[Rows] = None,
    coordinates: str = "pixels",
    image_index: Optional[Union[Sequence[int], Array]] = None,
    border: str = "zero",
    value: Optional[Numbers] = None,
    exact_fill: bool = False,
    filter: str = "linear",
    antialias: bool = True,
    edge: str = "hard",
    edge_margin: float = 0.0,
    channel_order: Optional[Sequence[int]] = None,
    statistics: Optional[Statistics] = None,
    seed: int = 0,
    first_image: int = 0,
    subtract: Optional[Numbers] = None,
    multiply: Optional[Numbers] = None,
    dtype: Any = None,
    input_layout: Optional[str] = None,
    layout: Optional[str] = None,
    out: Optional[Array] = None,
    context: Optional[Context] = None,
) -> Array:
    """Extract glimpses of `size` from images: glimpse i at place i.

    >>> import glimpse, numpy
    >>> image = numpy.arange(12, dtype=numpy.uint8).reshape(3, 4)
    >>> glimpse.extract(image, (2, 3), origins=[(-1, -1)], border="reflect101")[0, :, :, 0]
    array([[5, 4, 5],
           [1, 0, 1]], dtype=uint8)
    >>> planes = glimpse.extract(image, 2, boxes=[(0, 0, 3, 4)], dtype="float32", multiply=1 / 255, layout="NCHW")
    >>> planes.shape, planes.dtype
    ((1, 1, 2, 2), dtype('float32'))

    images        2 dimensions are one gray image (HW), 3 one image (HWC), 4 a batch (NHWC), unless `input_layout` says
                  otherwise: a picture of PyTorch is "CHW". uint8, uint16, int16, float16, bfloat16 or float32; any strides, of either sign; read-only
                  memory too. On the host, or on a CUDA device (see below). Nothing is copied. Or a Frame, of which
                  glimpses are RGB in [0, 255] (uint16: 65535), uint8 if no `dtype` is given
    size          (height, width) of the glimpses, or one number for both

    One of these three says where glimpses lie, one row for each: a list of rows, an array [count, 2 or 4], or one row
    alone. Origins are integers of any type; offsets and boxes are numbers of any type, converted to float32.

    origins       (y, x) of the top left pixel, in int32, as far outside of the image as you like
    offsets       (y, x) of the centre, in `coordinates`
    boxes         (y0, x0, y1, x1), in `coordinates`: a rectangle that is resized to `size`. Mirrored if y1 < y0 or
                  x1 < x0
    coordinates   of offsets and boxes: "pixels", from the top left corner, pixel i covers [i, i + 1); "normalized", 0 to
                  1 from edge to edge; "centered_pixels"; "centered_normalized", -1 to 1 from edge to edge
    image_index   the image of each glimpse; None: image i for glimpse i, or the one image for all

    What is outside of an image:

    border        "zero", "constant" (`value`), "mean" (of the image), "replicate", "reflect", "reflect101", "wrap",
                  "uniform" or "gaussian" (noise of the image's range or moments)
    value         one number, or one for each channel of the image; for images of integers rounded to nearest even and
                  saturated, NaN becomes 0
    exact_fill    value and mean keep their fraction where the type changes
    statistics    from compute_statistics(), for mean, uniform and gaussian; None: computed in the call
    seed          of noise, 0 to 2**64 - 1; the same seed gives the same noise for the same pixels, in every call
    first_image   the number of the first image, for a batch that is a part of a larger one: noise depends on it

    How boxes are resized (docs/sampling.md); not read with origins and offsets:

    filter        "linear", "nearest", "catmull_rom", "cubic", "lanczos3" or "area"
    antialias     whether the filter grows where a box is reduced
    edge          "hard", "blend" or "renormalize": at the edge of the image under zero, constant and mean
    edge_margin   of "hard", in pixels

    What becomes of pixels, in this order:

    channel_order one to four channels of the image, in the order that glimpses have: (2, 1, 0) turns BGR to RGB
    subtract      and
    multiply      one number or one for each channel: (pixel - subtract) * multiply; see normalization()
    dtype         of the glimpses: that of the images (None), "uint8", "float16", "bfloat16" or "float32" (of a Frame
                  "uint16", too), as a str or as a type of NumPy, PyTorch, JAX or TensorFlow

    Layouts are the letters of the dimensions: N images, H rows, W columns, C channels.

    input_layout  such as "CHW", "NCHW", "NHW"
    layout        of the result, such as "NCHW"; None: "NCHW" if the images' channels come before their rows, else "NHWC"
    out           an array of four dimensions that is written and returned, of any strides; it may share no byte with
                  any other argument
    context       a Context with threads, or a variant, or a stream

    Returns an array of four dimensions, of the kind of `images`; memoryviews for objects of the buffer protocol.

    Raises ValueError or TypeError that names the argument, before anything is written; RuntimeError for PyTorch's
    tensors that want a gradient, and of devices; MemoryError.

    The interpreter's lock is released while pixels are made; any number of threads may call. Arrays of CUDA, which the
    tests run on a substitute for a GPU alone, are queued in the current stream of PyTorch or CuPy.
    """
    route = _routes.get(type(images)) or _route_of(type(images))
    return route.extract(images, size, origins, offsets, boxes, coordinates, image_index, border, value, exact_fill,
                         filter, antialias, edge, edge_margin, channel_order, statistics, seed, first_image, subtract,
                         multiply, dtype, input_layout, layout, out, context)


def extract_glimpse(
    input: Array,
    size: Size,
    offsets: Rows,
    centered: bool = True,
    normalized: bool = True,
    uniform_noise: bool = True,
    noise: str = "",
    seed: int = 0,
    version: int = 1,
    context: Optional[Context] = None,
) -> Array:
    """TensorFlow's tf.image.extract_glimpse: its arguments, its defaults, its windows.

    >>> import glimpse, numpy
    >>> x = numpy.arange(1, 10, dtype=numpy.float32).reshape(1, 3, 3, 1)
    >>> glimpse.extract_glimpse(x, (2, 2), [(1, 1)], centered=False, normalized=False)[0, :, :, 0]
    array([[1., 2.],
           [4., 5.]], dtype=float32)

    input          [batch, height, width, channels] of float32, contiguous; or lists of lists of numbers, which are made an
                   array of NumPy, as TensorFlow makes them a tensor
    size           (height, width) of the glimpses
    offsets        [batch, 2]: (y, x) of the centres
    centered       whether (0, 0) is the centre of the image, and else its top left corner
    normalized     whether offsets are in units of the image's extent
    uniform_noise  whether what is outside is uniform noise; with noise="" and False it is Gaussian
    noise          "uniform", "gaussian" or "zero"; with version 1 the last two want uniform_noise=False, as in
                   TensorFlow; with version 2, whose function has no uniform_noise, they do not
    seed           of the noise, which TensorFlow has none for
    version        1: r1.15 and tf.compat.v1; 2: tf.image of TensorFlow 2, which places windows otherwise

    Returns [batch, size[0], size[1], channels] of the kind of `input`. Raises as extract() does, where TensorFlow
    reports an error.
    """
    if isinstance(input, (list, tuple)):
        import numpy

        input = numpy.asarray(input, numpy.float32)
    route = _routes.get(type(input)) or _route_of(type(input))
    return route.extract_glimpse(input, size, offsets, centered, normalized, uniform_noise, noise, seed, version,
                                 context)


def compute_statistics(
    images: Union[Array, Frame], *, input_layout: Optional[str] = None, context: Optional[Context] = None
) -> Statistics:
    """Compute minimum, maximum, mean and population deviation of every image and channel, in one pass.

    >>> import glimpse, numpy
    >>> s = glimpse.compute_statistics(numpy.array([[1, 2], [3, 6]], numpy.uint8))
    >>> s.min, s.max, s.mean
    ([[1.0]], [[6.0]], [[3.0]])

    Arguments are as for extract(). Only finite elements count. Raises as extract() does.
    """
    return _glimpse.compute_statistics(_detached(images), input_layout, context)


def normalization(
    mean: Numbers, stddev: Numbers, scale: float = 255.0
) -> Tuple[list[float], list[float]]:
    """Make subtract and multiply of extract() from a mean and a deviation of pixels that were divided by `scale`.

    >>> import glimpse
    >>> glimpse.normalization([0.5], [0.25])
    ([127.5], [0.01568627543747425])

    Raises ValueError if a deviation or `scale` is not above 0, or if a mean or a deviation exceeds 1 where `scale` does
    (those of pixels that were not divided go with scale=1).
    """
    return _glimpse.normalization(mean, stddev, scale)


def origins(offsets: Rows, image: Size, glimpse: Size, coordinates: str = "pixels") -> Array:
    """Compute the origins of glimpses that are asked for at `offsets`: int32 [count, 2].

    >>> import glimpse
    >>> glimpse.origins([(0.5, 0.5)], image=(480, 640), glimpse=(64, 64), coordinates="normalized")
    array([[208, 288]], dtype=int32)
    """
    return _glimpse.origins(offsets, image, glimpse, coordinates)


def centered_boxes(centers: Rows, image: Size, glimpse: Size, coordinates: str = "pixels") -> Array:
    """Make boxes of the size of their glimpses about centres that need not be those of pixels: [count, 4], in pixels.

    >>> import glimpse
    >>> glimpse.centered_boxes([(10.25, 20.0)], image=(480, 640), glimpse=(4, 4))
    array([[ 8.25, 18.  , 12.25, 22.  ]], dtype=float32)
    """
    return _glimpse.centered_boxes(centers, image, glimpse, coordinates)


def retina_boxes(
    centers: Rows, image: Size, glimpse: Size, levels: int, coordinates: str = "pixels"
) -> Array:
    """Make `levels` boxes about each centre, 1, 2, 4, ... times as large as a glimpse: [count * levels, 4], in pixels.

    >>> import glimpse
    >>> glimpse.retina_boxes([(14, 14)], image=(28, 28), glimpse=(8, 8), levels=2)
    array([[10., 10., 18., 18.],
           [ 6.,  6., 22., 22.]], dtype=float32)

    The boxes of a centre follow one another, the smallest first.
    """
    return _glimpse.retina_boxes(centers, image, glimpse, levels, coordinates)


def fit_boxes(regions: Rows, glimpse: Size, fit: str = "letterbox") -> Array:
    """Make the boxes that show regions of an image, in pixels, with one scale for both axes: [count, 4].

    >>> import glimpse
    >>> glimpse.fit_boxes([(0, 0, 1080, 1920)], glimpse=(640, 640))
    array([[-420.,    0., 1500., 1920.]], dtype=float32)

    fit  "letterbox": all of the region; "crop": the largest box in it; "ultralytics": a letterbox of whole pixels
    """
    return _glimpse.fit_boxes(regions, glimpse, fit)


def tracker_boxes(targets: Rows, context: float = 0.5, scale: float = 1.0) -> Array:
    """Make squares about targets, in pixels, with some of what surrounds them, as Siamese trackers cut: [count, 4].

    >>> import glimpse
    >>> glimpse.tracker_boxes([(10, 10, 30, 30)])
    array([[-1., -1., 39., 39.]], dtype=float32)

    Context 0.5 and scale 1 are the template of pysot, and scale 255 / 127 its search region.
    """
    return _glimpse.tracker_boxes(targets, context, scale)


def crop_and_resize_boxes(boxes: Rows, image: Size, glimpse: Size) -> Array:
    """Make boxes in pixels of those of tf.image.crop_and_resize, (y1, x1, y2, x2) of each.

    >>> import glimpse
    >>> glimpse.crop_and_resize_boxes([(0, 0, 1, 1)], image=(9, 9), glimpse=(3, 3))
    array([[-1.5, -1.5, 10.5, 10.5]], dtype=float32)

    With extract(boxes=..., antialias=False, edge_margin=0.5, border="constant", value=0, exact_fill=True,
    dtype="float32") they give what that operation gives.
    """
    return _glimpse.crop_and_resize_boxes(boxes, image, glimpse)


def visible(place: Union[Sequence[float], Array], image: Size, glimpse: Size) -> Rect:
    """The part of a glimpse, in its pixels, that shows the image: what is around it is border.

    >>> import glimpse
    >>> glimpse.visible((-10, 600), image=(480, 640), glimpse=(64, 64))
    Rect(y=10, x=0, height=54, width=40)

    place  an origin, two integers, or a box in pixels, four numbers
    """
    return Rect(*_glimpse.visible(place, image, glimpse))


def in_image(
    point: Union[Sequence[float], Array], box: Union[Sequence[float], Array], glimpse: Size
) -> Tuple[float, float]:
    """The point of the image, (y, x), that lies at a point of a glimpse of a box; all in pixels.

    >>> import glimpse
    >>> glimpse.in_image((32, 32), box=(0, 0, 480, 640), glimpse=(64, 64))
    (240.0, 320.0)
    """
    return _glimpse.in_image(point, box, glimpse)


def variants() -> list[Variant]:
    """The variants of the kernels, best first, and whether this machine can run them."""
    return [Variant(*entry) for entry in _glimpse.variants()]


def _detached(images: Array) -> Array:
    """A tensor without its gradient, which numbers of it have none of."""
    route = _routes.get(type(images)) or _route_of(type(images))
    return images if route is _glimpse else route.detached(images)


if "torch" in _sys.modules:
    from . import _torch as _torch
