"""Shows every border rule side by side: one glimpse that leaves a photograph, under each rule.

usage: demo.py COMMAND PHOTOGRAPH OUTPUT_DIRECTORY
"""

import json
import pathlib
import subprocess
import sys
import time

from PIL import Image, ImageDraw, ImageFont

# The photograph has 300 x 451 pixels; the window leaves it at the top, at the left and, by less, at the
# right, so that each rule shows on three sides.
SIZE = (300, 560)
ORIGIN = (-70, -70)
BORDERS = {
    "zero": "zeros",
    "constant": "a colour: --value 38,84,124",
    "mean": "the mean of each channel",
    "replicate": "the nearest pixel",
    "reflect": "mirrored, the edge twice",
    "reflect101": "mirrored at the edge",
    "wrap": "repeated",
    "uniform": "noise in [min, max]",
    "gaussian": "noise like each channel",
}
COLUMNS, GAP, CAPTION = 3, 12, 34
# A piece of the window that is shown magnified, with 4 of its rows above the photograph: (left, top,
# right, bottom).
PIECE, SCALE = (266, 66, 278, 74), 12


def extract(command, photograph, border, output):
    """Runs the command for one border, and returns the seconds that took."""
    arguments = [command, "extract", photograph, "--size", "%d,%d" % SIZE,
                 "--origin", "%d,%d" % ORIGIN, "--border", border, "-o", str(output)]
    if border == "constant":
        arguments += ["--value", "38,84,124"]
    begin = time.perf_counter()
    subprocess.run(arguments, check=True)
    return time.perf_counter() - begin


def main():
    command, photograph, directory = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    directory.mkdir(parents=True, exist_ok=True)
    info = json.loads(subprocess.run([command, "info", "--json"], check=True, capture_output=True,
                                     text=True).stdout)

    height, width = SIZE
    photograph_width = Image.open(photograph).width
    rows = (len(BORDERS) + COLUMNS - 1) // COLUMNS
    sheet = Image.new("RGB", (COLUMNS * (width + GAP) + GAP, rows * (height + CAPTION + GAP) + GAP),
                      "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=22)
    seconds = 0.0
    for i, (border, meaning) in enumerate(BORDERS.items()):
        output = directory / (border + ".png")
        seconds += extract(command, photograph, border, output)
        x = GAP + i % COLUMNS * (width + GAP)
        y = GAP + i // COLUMNS * (height + CAPTION + GAP)
        draw.text((x, y), "%s: %s" % (border, meaning), fill="black", font=font)
        glimpse = Image.open(output)
        sheet.paste(glimpse, (x, y + CAPTION))
        # Around the photograph.
        top, left = y + CAPTION - ORIGIN[0], x - ORIGIN[1]
        draw.rectangle((left - 1, top - 1, left + photograph_width, y + CAPTION + height), outline="white")
        magnified = glimpse.crop(PIECE).resize(
            ((PIECE[2] - PIECE[0]) * SCALE, (PIECE[3] - PIECE[1]) * SCALE), Image.NEAREST)
        corner = x + width - magnified.width - 6, y + CAPTION + height - magnified.height - 6
        edge = corner[1] + (-ORIGIN[0] - PIECE[1]) * SCALE
        sheet.paste(magnified, corner)
        draw.rectangle((corner[0] - 1, corner[1] - 1, corner[0] + magnified.width,
                        corner[1] + magnified.height), outline="yellow")
        draw.line((corner[0], edge, corner[0] + magnified.width - 1, edge), fill="white")
        draw.rectangle((x + PIECE[0], y + CAPTION + PIECE[1], x + PIECE[2], y + CAPTION + PIECE[3]),
                       outline="yellow")
    sheet_path = directory / "borders.png"
    sheet.save(sheet_path)

    print("variant    %s, of %s" % (info["chosen"], ", ".join(
        v["name"] for v in info["variants"] if v["usable"])))
    print("time       %.0f ms for %d commands, decoding and encoding included" %
          (1000 * seconds, len(BORDERS)))
    print("picture    %s: a %d x %d glimpse of %s at origin (y %d, x %d) under every border rule" %
          (sheet_path, height, width, photograph, ORIGIN[0], ORIGIN[1]))
    print("           white: the edge of the photograph; yellow: a piece of it, magnified %d times" %
          SCALE)
    print("command    %s --help" % command)


if __name__ == "__main__":
    main()
