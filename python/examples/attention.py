"""The glimpse sensor of a recurrent attention model (Mnih et al., 2014) on drawn digits.

    python attention.py [--steps N] [--picture FILE]

Images of 64 x 64 have a digit somewhere, among specks. A retina sees three levels about a point, 8 x 8 pixels of each:
8, 16 and 32 pixels wide, one call for all images and levels. The model looks four times. From one look to the next it
moves to where the coarsest level is brightest. A recurrent network reads what it sees, and names the digit; it is
compared with one that stares at the middle of the image.
"""

import argparse

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

import glimpse

SIDE, RETINA, LEVELS, LOOKS = 64, 8, 3, 4


def draw_digits(count, random):
    """Images [count, SIDE, SIDE] of uint8, and the digits that are on them."""
    font = ImageFont.load_default(22)
    digits = random.integers(0, 10, count)
    images = np.zeros((count, SIDE, SIDE), np.uint8)
    for image, digit in zip(images, digits):
        canvas = Image.new("L", (SIDE, SIDE))
        at = tuple(int(v) for v in random.integers(2, SIDE - 24, 2))
        ImageDraw.Draw(canvas).text(at, str(digit), fill=255, font=font)
        image[:] = canvas
        specks = random.integers(0, SIDE, (2, 12))
        image[specks[0], specks[1]] = 128
    return images, digits


def look(images, centers):
    """What the retina sees about centers [count, (y, x)]: [count, LEVELS, RETINA, RETINA] of floats."""
    count = len(images)
    boxes = glimpse.retina_boxes(centers, SIDE, RETINA, levels=LEVELS)
    seen = glimpse.extract(images, RETINA, boxes=boxes, image_index=np.repeat(np.arange(count), LEVELS), filter="area",
                           dtype="float32", multiply=1 / 255, input_layout="NHW", layout="NCHW")
    return seen.reshape(count, LEVELS, RETINA, RETINA)


def next_centers(seen, centers):
    """The middle of what is bright in the coarsest level, in pixels of the image."""
    weights = np.square(seen[:, -1]) + 1e-6
    weights /= weights.sum((1, 2), keepdims=True)
    pixel = (np.arange(RETINA) + 0.5 - RETINA / 2) * 2 ** (LEVELS - 1)
    moves = np.stack([(weights.sum(2) * pixel).sum(1), (weights.sum(1) * pixel).sum(1)], axis=1)
    return np.clip(centers + moves, 0, SIDE)


def watch(images, moves=True):
    """LOOKS looks at each image: what was seen [count, LOOKS, features], and where, in units of the image."""
    centers = np.full((len(images), 2), SIDE / 2)
    all_seen, path = [], []
    for _ in range(LOOKS):
        seen = look(images, centers)
        path.append(centers)
        all_seen.append(np.concatenate([seen.reshape(len(images), -1), centers / SIDE], axis=1))
        if moves:
            centers = next_centers(seen, centers)
    return torch.tensor(np.stack(all_seen, axis=1), dtype=torch.float32), np.stack(path, axis=1)


class Reader(torch.nn.Module):
    """Reads what was seen, look by look."""

    def __init__(self):
        super().__init__()
        self.encode = torch.nn.Sequential(torch.nn.Linear(LEVELS * RETINA**2 + 2, 128), torch.nn.ReLU())
        self.remember = torch.nn.GRU(128, 128, batch_first=True)
        self.name = torch.nn.Linear(128, 10)

    def forward(self, seen):
        return self.name(self.remember(self.encode(seen))[0][:, -1])


def train(steps, moves):
    """The share of new images whose digit is named after so many steps of 64 images each."""
    torch.manual_seed(1)
    torch.set_num_threads(1)  # the model is small
    random = np.random.default_rng(1)
    model = Reader()
    optimizer = torch.optim.Adam(model.parameters(), 2e-3)
    for _ in range(steps):
        images, digits = draw_digits(64, random)
        loss = torch.nn.functional.cross_entropy(model(watch(images, moves)[0]), torch.tensor(digits))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    images, digits = draw_digits(1000, np.random.default_rng(2))
    with torch.no_grad():
        return (model(watch(images, moves)[0]).argmax(1).numpy() == digits).mean()


def draw_path(file):
    """A picture of three images, with the boxes of each look, and what the retina sees there."""
    images, _ = draw_digits(3, np.random.default_rng(5))
    seen, path = watch(images)
    scale = 4
    width = (SIDE * scale + 8) * LOOKS + SIDE * scale // LEVELS
    picture = Image.new("RGB", (width, (SIDE * scale + 8) * len(images) - 8), "white")
    for row, image in enumerate(images):
        top = row * (SIDE * scale + 8)
        large = Image.fromarray(image).resize((SIDE * scale,) * 2, Image.Resampling.NEAREST).convert("RGB")
        for turn in range(LOOKS):
            boxes = glimpse.retina_boxes(path[row, turn], SIDE, RETINA, levels=LEVELS)
            shown = large.copy()
            for box, color in zip(boxes, ("red", "orange", "yellow")):
                ImageDraw.Draw(shown).rectangle([float(v) * scale for v in box[[1, 0, 3, 2]]], outline=color, width=2)
            picture.paste(shown, (turn * (SIDE * scale + 8), top))
        levels = seen[row, -1, :LEVELS * RETINA**2].numpy().reshape(LEVELS * RETINA, RETINA)
        last = Image.fromarray((levels * 255).clip(0, 255).astype(np.uint8))
        picture.paste(last.resize((SIDE * scale // LEVELS, SIDE * scale), Image.Resampling.NEAREST),
                      (LOOKS * (SIDE * scale + 8), top))
    picture.save(file)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--picture", default="build/python/attention.png")
    arguments = parser.parse_args()
    draw_path(arguments.picture)
    for moves in (True, False):
        print(f"{'moving' if moves else 'staring'}: {train(arguments.steps, moves):.3f} of the digits are named")
