"""What glimpses are, by NumPy and index arithmetic alone."""

import numpy as np


def coordinates(rule, at, extent):
    """The rows or columns of the image that rows or columns of the plane show; -1: none."""
    period = 2 * extent
    if rule == "replicate":
        return np.clip(at, 0, extent - 1)
    if rule == "wrap":
        return at % extent
    if rule == "reflect":
        folded = at % period
        return np.where(folded < extent, folded, period - 1 - folded)
    if rule == "reflect101":
        folded = at % max(period - 2, 1)
        return np.where(folded < extent, folded, period - 2 - folded)
    return np.where((at >= 0) & (at < extent), at, -1)


def extract(images, size, origins, border="zero", value=0, image_index=None):
    """Glimpses of [count, height, width, channels]: the same layout and type."""
    images = np.asarray(images)
    count, height, width, channels = images.shape
    out = np.empty((len(origins), *size, channels), images.dtype)
    for i, (y, x) in enumerate(origins):
        image = images[image_index[i] if image_index is not None else i if count > 1 else 0]
        rows = coordinates(border, y + np.arange(size[0]), height)
        columns = coordinates(border, x + np.arange(size[1]), width)
        out[i] = image[rows[:, None], columns[None, :]]
        outside = (rows[:, None] < 0) | (columns[None, :] < 0)
        out[i][outside] = value
    return out
