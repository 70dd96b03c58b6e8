"""Reduces a zone plate four times by Glimpse, OpenCV, Pillow, PyTorch and TensorFlow, and shows what comes of it.

    zone_plate.py build/release/glimpse OUTPUT.png

The plate's rings are the finer the farther they are from the centre. Outside of the square that is
drawn they are finer, along an axis, than the reduced picture can show, and what is right there is
grey: rings that appear are aliases of others. Captions say how far pixels there are from grey (root
mean square, of 255), but for those beside the sides, where libraries differ in what lies beyond.
Each library runs in a virtual environment of its own in build/peers, which is made from PyPI first.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

from environments import LIBRARIES, installed_python

SIZE, TIMES = 512, 4
REDUCED = SIZE // TIMES
# The rings reach a quarter of a cycle per pixel at the middle of a side, so half of the distance is
# what the reduced picture can show: half a cycle of its pixels.
LIMIT = SIZE / 4 / TIMES
MARGIN = 4  # pixels of the reduced picture beside its sides
# What each library does: a caption, and an expression.
EXPRESSIONS = {
    "opencv": {
        "OpenCV resize, its default": "cv2.resize(image, (n, n))",
        "OpenCV INTER_AREA": "cv2.resize(image, (n, n), interpolation=cv2.INTER_AREA)",
    },
    "pillow": {
        "Pillow BILINEAR": "PIL.Image.fromarray(image).resize((n, n), PIL.Image.Resampling.BILINEAR)",
        "Pillow BICUBIC, its default": "PIL.Image.fromarray(image).resize((n, n))",
    },
    "torch": {
        "PyTorch bilinear, not antialiased":
            "torch.nn.functional.interpolate(torch.tensor(image)[None, None], (n, n), mode='bilinear')[0, 0]",
        "PyTorch bilinear, antialias=True":
            "torch.nn.functional.interpolate(torch.tensor(image)[None, None], (n, n), mode='bilinear', "
            "antialias=True)[0, 0]",
    },
    "tensorflow": {
        "TensorFlow resize, its default": "tensorflow.image.resize(image[..., None], (n, n))[..., 0]",
        "TensorFlow resize, antialias=True":
            "tensorflow.image.resize(image[..., None], (n, n), antialias=True)[..., 0]",
    },
}
MODULES = {"opencv": "cv2", "pillow": "PIL.Image", "torch": "torch", "tensorflow": "tensorflow"}
GLIMPSE = {
    "Glimpse, its default": [],
    "Glimpse area": ["--filter", "area"],
    "Glimpse catmull_rom": ["--filter", "catmull_rom"],
    "Glimpse lanczos3": ["--filter", "lanczos3"],
}


def reduce_with(library, folder):
    """In the library's environment: saves what its expressions give."""
    import importlib

    import numpy as np

    module = MODULES[library]
    names = {module.partition(".")[0]: importlib.import_module(module.partition(".")[0]),
             "image": np.load(f"{folder}/plate.npy"), "n": REDUCED}
    importlib.import_module(module)
    for i, expression in enumerate(EXPRESSIONS[library].values()):
        result = eval(expression, names)  # pylint: disable=eval-used
        np.save(f"{folder}/{library}{i}.npy", np.asarray(result, np.float64))


def reduced_plates(command, folder):
    """{caption: picture} of all."""
    import numpy as np

    distance = np.arange(SIZE) - (SIZE - 1) / 2
    square = distance[:, None]**2 + distance**2
    plate = np.rint(127.5 + 127.5 * np.cos(np.pi * square / (2 * SIZE))).astype(np.uint8)
    np.save(f"{folder}/plate.npy", plate)
    pictures = {}
    for library, expressions in EXPRESSIONS.items():
        python = installed_python(f"peers/{library}", *LIBRARIES[library])
        subprocess.run([python, __file__, "--worker", library, folder], check=True,
                       stderr=subprocess.DEVNULL)
        for i, caption in enumerate(expressions):
            pictures[caption] = np.load(f"{folder}/{library}{i}.npy")
    for caption, options in GLIMPSE.items():
        subprocess.run([command, "extract", f"{folder}/plate.npy", f"--size={REDUCED},{REDUCED}",
                        f"--box=0,0,{SIZE},{SIZE}", *options, "-o", f"{folder}/out.npy"], check=True)
        pictures[caption] = np.load(f"{folder}/out.npy").reshape(REDUCED, REDUCED).astype(float)
    return pictures


def save_sheet(pictures, path):
    import numpy as np
    from PIL import Image, ImageDraw, ImageFont

    scale, columns, gap, caption_height = 2, 4, 12, 44
    width, height = REDUCED * scale + gap, REDUCED * scale + gap + caption_height
    rows = (len(pictures) + columns - 1) // columns
    sheet = Image.new("RGB", (columns * width + gap, rows * height + gap), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=15)
    distance = np.abs(np.arange(REDUCED) - (REDUCED - 1) / 2)
    is_finer = np.maximum(distance[:, None], distance) > LIMIT
    inside = slice(MARGIN, -MARGIN)
    for i, (caption, picture) in enumerate(pictures.items()):
        x, y = gap + i % columns * width, gap + i // columns * height
        error = np.sqrt(np.mean((picture[inside, inside][is_finer[inside, inside]] - 127.5)**2))
        print(f"{caption:36s} {error:5.1f}")
        draw.text((x, y), f"{caption}\n{error:.1f} from grey", fill="black", font=font)
        pixels = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
        shown = Image.fromarray(pixels).resize((REDUCED * scale,) * 2, Image.Resampling.NEAREST)
        sheet.paste(shown, (x, y + caption_height))
        first, last = (REDUCED / 2 - LIMIT) * scale, (REDUCED / 2 + LIMIT) * scale
        draw.rectangle((x + first, y + caption_height + first, x + last, y + caption_height + last),
                       outline="red")
    sheet.quantize(64, dither=Image.Dither.NONE).save(path, optimize=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("glimpse", help="the command")
    parser.add_argument("output", type=pathlib.Path, help="the picture, a PNG file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        save_sheet(reduced_plates(arguments.glimpse, folder), arguments.output)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        reduce_with(*sys.argv[2:])
    else:
        main()
