"""A tracker's crops: a target is found again, frame by frame, in what the camera sees.

    python tracker.py [--photograph FILE] [--picture FILE]

A camera pans and zooms over a photograph: its frames are glimpses of it. The target is a square of the first frame.
Its template (127 x 127) and the search regions about its last place (255 x 255, with the mean of the frame outside) are
cut as trackers of the Siamese family cut them. Here a normalised correlation finds the template; in a tracker a network
does.
"""

import argparse
import pathlib

import numpy as np
from PIL import Image, ImageDraw

import glimpse

TEMPLATE, SEARCH, FRAMES = 127, 255, 12
FRAME = (180, 260)


def film(photograph):
    """The frames [FRAMES, *FRAME, 3], and the box that each is of the photograph."""
    turn = np.linspace(0, 1, FRAMES)
    y, x = 40 + 40 * np.sin(3 * turn), 20 + 130 * turn
    zoom = 1 + 0.1 * np.sin(5 * turn)
    boxes = np.stack([y, x, y + FRAME[0] * zoom, x + FRAME[1] * zoom], axis=1).astype(np.float32)
    return glimpse.extract(photograph, FRAME, boxes=boxes, border="reflect101"), boxes


def crop(frame, target, side, scale):
    """The square about a target (y0, x0, y1, x1), as gray float32 [side, side], and its box in the frame."""
    mean = np.trunc(np.array(glimpse.compute_statistics(frame).mean[0]))
    box = glimpse.tracker_boxes(target, scale=scale)
    cut = glimpse.extract(frame, side, boxes=box, border="constant", value=mean, dtype="float32")
    return cut[0].mean(axis=-1), box[0]


def find(template, region):
    """The shift of the template in a region that it correlates best with, in pixels from the middle."""
    window = template - template.mean()
    shape = [region.shape[0] + template.shape[0] - 1] * 2
    spectrum = np.fft.rfft2(region - region.mean(), shape) * np.conj(np.fft.rfft2(window, shape))
    scores = np.fft.irfft2(spectrum, shape)[:SEARCH - TEMPLATE + 1, :SEARCH - TEMPLATE + 1]
    y, x = np.unravel_index(scores.argmax(), scores.shape)
    return y - (SEARCH - TEMPLATE) / 2, x - (SEARCH - TEMPLATE) / 2


def track(frames, target):
    """The target's box in every frame."""
    template, _ = crop(frames[0], target, TEMPLATE, 1)
    found = [np.asarray(target, np.float32)]
    for frame in frames[1:]:
        region, box = crop(frame, found[-1], SEARCH, SEARCH / TEMPLATE)
        y, x = find(template, region)
        # From a point of the crop to the frame: where the middle of the target is now.
        center = np.array(glimpse.in_image((SEARCH / 2 + y, SEARCH / 2 + x), box, SEARCH))
        half = (found[-1][2:] - found[-1][:2]) / 2
        found.append(np.concatenate([center - half, center + half]).astype(np.float32))
    return np.stack(found)


def true_boxes(boxes, target):
    """Where the target really is: its corners by way of the photograph."""
    (y0, x0, y1, x1), (top, left, bottom, right) = boxes[0], target
    scale = (y1 - y0) / FRAME[0]
    corners = np.array([y0 + top * scale, x0 + left * scale, y0 + bottom * scale, x0 + right * scale])
    scales = (boxes[:, 2:3] - boxes[:, 0:1]) / FRAME[0]
    return (corners - np.concatenate([boxes[:, :2]] * 2, axis=1)) / scales


def draw(frames, found, file):
    """Every third frame with what was found, and below it the search region there."""
    shown = list(range(0, FRAMES, 3))
    picture = Image.new("RGB", ((FRAME[1] + 6) * len(shown), FRAME[0] + SEARCH + 6), "white")
    for column, i in enumerate(shown):
        image = Image.fromarray(frames[i])
        ImageDraw.Draw(image).rectangle([float(v) for v in found[i][[1, 0, 3, 2]]], outline="yellow", width=3)
        picture.paste(image, (column * (FRAME[1] + 6), 0))
        region, _ = crop(frames[i], found[i], SEARCH, SEARCH / TEMPLATE)
        picture.paste(Image.fromarray(region.clip(0, 255).astype(np.uint8)), (column * (FRAME[1] + 6), FRAME[0] + 6))
    picture.save(file, quality=85)


if __name__ == "__main__":
    root = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photograph", default=root / "demo" / "cat.jpg")
    parser.add_argument("--picture", default="build/python/tracker.jpg")
    parser.add_argument("--target", type=float, nargs=4, default=(50, 120, 110, 180), metavar=("Y0", "X0", "Y1", "X1"))
    arguments = parser.parse_args()
    frames, boxes = film(np.asarray(Image.open(arguments.photograph)))
    found = track(frames, arguments.target)
    draw(frames, found, arguments.picture)
    true = true_boxes(boxes, arguments.target)
    errors = np.abs((found[:, :2] + found[:, 2:] - true[:, :2] - true[:, 2:]) / 2).max(axis=1)
    print(f"the middle of the target is found within {errors.max():.1f} pixels in {FRAMES} frames")
