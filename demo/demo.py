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
        sheet.paste(Image.open(output), (x, y + CAPTION))
        # The frame of the photograph.
        top, left = y + CAPTION - ORIGIN[0], x - ORIGIN[1]
        draw.rectangle((left, top, left + 451 - 1, y + CAPTION + height - 1), outline="white")
    sheet_path = directory / "borders.png"
    sheet.save(sheet_path)

    print("variant    %s, of %s" % (info["chosen"], ", ".join(
        v["name"] for v in info["variants"] if v["usable"])))
    print("time       %.0f ms for %d commands, decoding and encoding included" %
          (1000 * seconds, len(BORDERS)))
    print("picture    %s: a %d x %d glimpse of %s at origin (y %d, x %d) under every border rule" %
          (sheet_path, height, width, photograph, ORIGIN[0], ORIGIN[1]))
    print("command    %s --help" % command)


if __name__ == "__main__":
    main()
