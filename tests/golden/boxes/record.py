"""Records what other libraries cut out: see README.md. Writes the files beside it."""
import json
from pathlib import Path

import cv2
import numpy as np
import tensorflow as tf

FOLDER = Path(__file__).parent
outputs = {"uint8": [], "float32": []}
cases, places = [], []


def bits(seed, count):
    """Random of tests/buffers.h."""
    with np.errstate(over="ignore"):
        state = np.uint64(seed) * np.uint64(0xD1342543DE82EF95) + np.uint64(1)
        z = state + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def make_image(shape, kind, seed):
    """random_elements() of tests/buffers.h."""
    numbers = bits(seed, int(np.prod(shape)))
    if kind == "uint8":
        return (numbers >> np.uint64(56)).astype(np.uint8).reshape(shape)
    return (((numbers % np.uint64(1 << 24)).astype(np.int64) - (1 << 23)) / 65536).astype(np.float32).reshape(shape)


def record(peer, image, seed, result, size, step=1, **fields):
    """`result`: box, row, column, channel. Of its rows every `step`th is kept."""
    kind = str(result.dtype)
    kept = result[:, ::step].ravel()
    cases.append({"peer": peer, "image": [*image.shape], "image_type": str(image.dtype), "seed": seed,
                  "image_sum": float(image.sum(dtype=np.float64)), "size": size, "step": step, **fields, "type": kind,
                  "position": sum(map(len, outputs[kind]))})
    outputs[kind].append(kept)


# getRectSubPix(): a window about a centre, which is an index of pixels. IPP takes wrong pixels where a window of one
# channel leaves the image over a corner.
cv2.ipp.setUseIPP(False)


def sub_pixels(shape, kind, seed, size, centers, patch=None):
    image = make_image(shape, kind, seed)
    patch = patch or kind
    result = [cv2.getRectSubPix(image, size[::-1], center[::-1],
                                patchType={"uint8": cv2.CV_8U, "float32": cv2.CV_32F}[patch]) for center in centers]
    record("getRectSubPix", image, seed, np.stack(result).reshape(len(centers), *size, shape[2]), size,
           centers=centers)


INSIDE = [[20.0, 25.0], [18.25, 30.5], [21.7, 19.3], [25.125, 33.9375], [19.5, 24.5]]
OVER_ONE_SIDE = [[1.3, 25.7], [37.9, 20.2], [17.6, 0.4], [19.1, 48.8], [-7.7, 24.6], [15.5, 58.25]]
OVER_CORNERS = [[1.2, 2.7], [38.4, 1.1], [0.3, 47.9], [39.6, 48.2], [-12.4, 61.3]]
sub_pixels((40, 50, 3), "uint8", 1, [9, 13], INSIDE + OVER_ONE_SIDE + OVER_CORNERS)
sub_pixels((40, 50, 3), "uint8", 2, [10, 8], INSIDE + OVER_ONE_SIDE + OVER_CORNERS, "float32")
sub_pixels((40, 50, 3), "float32", 3, [9, 13], INSIDE + OVER_ONE_SIDE + OVER_CORNERS)
sub_pixels((40, 50, 1), "uint8", 4, [12, 7], INSIDE + OVER_ONE_SIDE + OVER_CORNERS)
sub_pixels((40, 50, 1), "float32", 5, [7, 12], INSIDE + OVER_ONE_SIDE + OVER_CORNERS)
sub_pixels((9, 11, 3), "uint8", 6, [21, 30], [[4.2, 5.6]])
cv2.ipp.setUseIPP(True)


# The letterbox of Ultralytics: resized to whole pixels, then a border.
def letterbox_places(shape, size):
    scale = min(size[0] / shape[0], size[1] / shape[1])
    resized = [max(round(extent * scale), 1) for extent in shape]
    return resized, [round((n - pixels) / 2 - 0.1) for n, pixels in zip(size, resized)]


def letterbox(shape, seed, size):
    image = make_image(shape, "uint8", seed)
    (height, width), (top, left) = letterbox_places(shape[:2], size)
    result = image
    if image.shape[:2] != (height, width):
        result = cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)
    result = cv2.copyMakeBorder(result, top, size[0] - top - height, left, size[1] - left - width,
                                cv2.BORDER_CONSTANT, value=(114, 114, 114))
    record("LetterBox", image, seed, result.reshape(1, *size, shape[2]), size)


letterbox((90, 160, 3), 11, [64, 64])
letterbox((161, 90, 3), 12, [64, 64])
letterbox((37, 53, 3), 13, [96, 96])
letterbox((53, 37, 1), 14, [80, 113])
letterbox((48, 48, 3), 15, [48, 48])
letterbox((48, 40, 1), 16, [48, 77])
letterbox((64, 64, 3), 17, [32, 32])
letterbox((33, 100, 1), 18, [64, 41])
letterbox((200, 31, 1), 19, [63, 64])
letterbox((5, 10, 3), 20, [5, 5])
letterbox((3, 1, 1), 21, [31, 16])

chosen = np.random.default_rng(1)
shapes = [((1080, 1920), [640, 640]), ((720, 1280), [640, 640]), ((480, 640), [640, 640]), ((640, 427), [640, 640]),
          ((5, 10), [5, 5]), ((7, 10), [5, 5]), ((15, 30), [9, 9]), ((1, 2000), [32, 32]), ((375, 500), [384, 672])]
while len(shapes) < 250:
    extents = chosen.integers(1, 2000, 2) if chosen.random() < 0.7 else chosen.integers(1, 12, 2)
    size = chosen.integers(8, 700, 2) if chosen.random() < 0.5 else [int(chosen.integers(1, 21)) * 32] * 2
    shapes.append(([int(v) for v in extents], [int(v) for v in size]))
for shape, size in shapes:
    resized, before = letterbox_places(shape, size)
    places.append({"peer": "LetterBox", "shape": shape, "size": size, "resized": resized, "before": before})


# pysot: a square about a target, of a frame that is padded with its mean as integers.
TEMPLATE, SEARCH = 127, 255


def square(target, is_search):
    y, x, h, w = target
    around = 0.5 * (w + h)
    side = np.sqrt((w + around) * (h + around))
    side = round(side * (SEARCH / TEMPLATE) if is_search else side)
    corner = [int(np.floor(at + (extent - 1) / 2 - (side + 1) / 2 + 0.5)) for at, extent in ((y, h), (x, w))]
    return *corner, side


def subwindow(shape, seed, target, is_search=False, step=1):
    image = make_image(shape, "uint8", seed)
    y, x, side = square(target, is_search)
    size = SEARCH if is_search else TEMPLATE
    top, left = max(0, -y), max(0, -x)
    bottom, right = max(0, y + side - shape[0]), max(0, x + side - shape[1])
    frame = np.zeros((top + shape[0] + bottom, left + shape[1] + right, shape[2]), np.uint8)
    frame[:] = np.mean(image, axis=(0, 1))  # cut down to integers
    fill = frame[0, 0].tolist() if top or left else np.mean(image, axis=(0, 1)).astype(np.uint8).tolist()
    frame[top:top + shape[0], left:left + shape[1]] = image
    window = frame[y + top:y + top + side, x + left:x + left + side]
    if side != size:
        window = cv2.resize(window, (size, size))
    record("get_subwindow", image, seed, np.ascontiguousarray(window).reshape(1, size, size, shape[2]), [size, size],
           step, target=target, is_search=is_search, side=side, fill=fill)


subwindow((240, 320, 3), 31, [70.0, 100.0, 62.0, 81.0], step=4)
subwindow((240, 320, 1), 32, [-20.5, -13.25, 70.0, 91.5], step=2)
subwindow((240, 320, 1), 33, [190.0, 250.0, 100.0, 60.0], step=2)
subwindow((100, 120, 3), 34, [10.0, 15.0, 80.0, 100.0], step=4)
subwindow((240, 320, 3), 35, [12.0, 280.5, 63.5, 63.5], step=4)
subwindow((240, 320, 1), 36, [100.0, 120.0, 30.0, 44.0], step=2)
subwindow((240, 320, 3), 37, [-5.0, 300.0, 20.0, 31.0], step=4)
subwindow((400, 500, 1), 38, [160.0, 190.0, 62.0, 81.0], True, 5)
subwindow((240, 320, 3), 39, [5.0, 270.0, 81.0, 64.0], True, 15)
subwindow((240, 320, 1), 40, [150.0, 20.0, 130.0, 60.0], True, 6)
subwindow((240, 320, 1), 41, [201.0, 3.0, 40.0, 33.0], True, 6)

targets = [(10.0, 20.0, side, side) for side in (10.25, 10.75, 11.25, 11.75, 100.25)]
while len(targets) < 250:
    grain = 1 if chosen.random() < 0.5 else 8
    y, x = chosen.integers(-200 * grain, 2000 * grain, 2) / grain
    h, w = np.maximum(chosen.integers(1, 600 * grain, 2), 1) / grain
    targets.append((float(y), float(x), float(h), float(w)))
for target in targets:
    places.append({"peer": "get_subwindow", "target": target, "template": square(target, False),
                   "search": square(target, True)})


# crop_and_resize() of TensorFlow.
def check_samples(from_, to, extent, count, is_nearest):
    """No sample is so near to a place where results jump that the rounding of float32 decides."""
    if from_ * 2 % 1 == 0 and to * 2 % 1 == 0 and not is_nearest:
        return  # at the edges themselves
    at = (extent - 1) * (np.linspace(from_, to, count) if count > 1 else np.array([(from_ + to) / 2]))
    inner = at[from_ in (0, 1):count - (to in (0, 1))]
    assert extent == 1 or np.abs(np.concatenate([inner, inner - extent + 1])).min(initial=1) > 1e-3, at
    assert not is_nearest or np.abs(at % 1 - 0.5).min() > 1e-3, at


def crops(shape, kind, seed, size, boxes, method):
    image = make_image(shape, kind, seed)
    boxes = np.array(boxes, np.float32)
    for box in boxes.astype(float):
        for axis in range(2):
            check_samples(*box[axis::2], shape[axis], size[axis], method == "nearest")
    result = tf.image.crop_and_resize(image[None], boxes, [0] * len(boxes), size, method, extrapolation_value=-77.5)
    record("crop_and_resize", image, seed, result.numpy(), size, filter={"bilinear": "linear"}.get(method, method),
           boxes=boxes.astype(float).tolist())


BOXES = [[0, 0, 1, 1], [0.1, 0.2, 0.7, 0.9], [0.83, 0.95, 0.12, 0.07], [0, 0.3, 0.55, 1], [0.21, 0.34, 0.26, 0.37],
         [-0.31, -0.12, 0.47, 0.63], [0.58, 0.41, 1.37, 1.29], [-0.5, -0.5, 1.5, 1.5], [1.23, 0.91, -0.37, 0.13],
         [0.43, 0.61, 0.43, 0.61], [1.3, 1.2, 1.6, 1.4], [0.05, 1, 0.95, 0]]
NEAREST_BOXES = [[0.113, 0.207, 0.691, 0.913], [0.831, 0.957, 0.127, 0.073], [0.217, 0.349, 0.263, 0.371],
                 [-0.3171, -0.1273, 0.4837, 0.6379], [0.583, 0.419, 1.373, 1.297]]
crops((23, 31, 3), "float32", 51, [9, 13], BOXES, "bilinear")
crops((37, 29, 1), "float32", 52, [16, 1], BOXES, "bilinear")
crops((37, 29, 1), "float32", 53, [1, 24], BOXES, "bilinear")
crops((23, 31, 3), "uint8", 54, [7, 7], BOXES, "bilinear")
crops((26, 34, 3), "float32", 55, [9, 13], NEAREST_BOXES, "nearest")
crops((26, 34, 1), "uint8", 56, [14, 5], NEAREST_BOXES, "nearest")
crops((1, 31, 1), "float32", 57, [5, 12], BOXES[:4], "bilinear")

for name, lines in (("cases.jsonl", cases), ("places.jsonl", places)):
    (FOLDER / name).write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))
for kind, parts in outputs.items():
    np.save(FOLDER / f"outputs_{kind}.npy", np.concatenate(parts))
