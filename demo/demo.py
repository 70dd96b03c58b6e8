"""Shows every border rule side by side: one glimpse that leaves a photograph, under each rule; on a second sheet boxes
of the photograph, which become glimpses of any size; and on a third what a camera's frame becomes.

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

# Boxes of the photograph: (y0, x0, y1, x1). The last leaves it on the left and below, where a whisker does.
ENLARGED = (99, 152, 131, 192)
REDUCED = (22, 66, 278, 386)
RETINA, LEVELS = (115, 172), 4
OVER_EDGE = (291.5, -8.5, 307.5, 11.5)
EDGES = {
    "zero, edge hard": ["--border", "zero", "--edge", "hard"],
    "zero, edge blend": ["--border", "zero", "--edge", "blend"],
    "zero, renormalize": ["--border", "zero", "--edge", "renormalize"],
    "replicate": ["--border", "replicate"],
    "reflect101": ["--border", "reflect101"],
}
FILTERS = ["nearest", "linear", "catmull_rom", "cubic", "lanczos3", "area"]
# The size of pictures, of which small glimpses are magnified to it, and how many are side by side.
PICTURE, SMALL, PICTURES = (256, 320), (64, 80), 6
# Of the frame: a box about an eye, and what a whisker does at its edge.
EYE, LEAVES = (92, 204, 132, 254), (200, -60, 328, 100)
# A red field on white, of which each side lies between samples of chroma; and the origin of a window of it, which is
# magnified 16 times.
FIELD, FIELD_SIZE, FIELD_ORIGIN, FIELD_WINDOW = (16, 20, 48, 70), (64, 96), (8, 10), (16, 20)
# What boxes, and glimpses of them, are outlined with.
COLORS = {"enlarged": "lime", "reduced": "magenta", "retina": "deepskyblue", "edge": "red"}


class Command:
    """The command, and the time that it took."""

    def __init__(self, path, photograph, directory):
        self.path, self.photograph, self.directory = path, photograph, directory
        self.count, self.seconds = 0, 0.0

    def info(self):
        return json.loads(subprocess.run([self.path, "info", "--json"], check=True, capture_output=True,
                                         text=True).stdout)

    def run(self, name, size, image, *options):
        """Returns the file of glimpses of an image."""
        output = self.directory / name
        arguments = [self.path, "extract", image, "--size", "%d,%d" % size, *options, "-o", str(output)]
        begin = time.perf_counter()
        subprocess.run(arguments, check=True)
        self.seconds += time.perf_counter() - begin
        self.count += 1
        return str(output)

    def extract(self, name, size, *options, image=None):
        """Returns a contact sheet of glimpses of the photograph, or of another image."""
        return Image.open(self.run(name + ".png", size, image or self.photograph, *options))


class Sheet:
    """Pictures of one size in rows, each with a caption."""

    def __init__(self, size, columns, count):
        self.size, self.columns, self.count = size, columns, 0
        rows = (count + columns - 1) // columns
        self.image = Image.new("RGB", (columns * (size[1] + GAP) + GAP, rows * (size[0] + CAPTION + GAP) + GAP),
                               "white")
        self.draw = ImageDraw.Draw(self.image)
        self.font = ImageFont.load_default(size=22)

    def add(self, caption, picture, color=None):
        """Returns where the picture, magnified if it is small, begins on the sheet: y and x."""
        x = GAP + self.count % self.columns * (self.size[1] + GAP)
        y = GAP + self.count // self.columns * (self.size[0] + CAPTION + GAP)
        self.count += 1
        self.draw.text((x, y), caption, fill="black", font=self.font)
        y += CAPTION
        self.image.paste(magnified(picture, self.size[0] // picture.height), (x, y))
        if color is not None:
            self.outline(y - 2, x - 2, y + self.size[0] + 1, x + self.size[1] + 1, color, 2)
        return y, x

    def outline(self, y0, x0, y1, x1, color, width=1):
        self.draw.rectangle((x0, y0, x1, y1), outline=color, width=width)


def magnified(picture, scale):
    return picture.resize((picture.width * scale, picture.height * scale), Image.NEAREST)


def show_borders(command, photograph):
    height, width = SIZE
    sheet = Sheet(SIZE, COLUMNS, len(BORDERS))
    for border, meaning in BORDERS.items():
        value = ["--value", "38,84,124"] if border == "constant" else []
        glimpse = command.extract(border, SIZE, "--origin", "%d,%d" % ORIGIN, "--border", border, *value)
        y, x = sheet.add("%s: %s" % (border, meaning), glimpse)
        # Around the photograph.
        top, left = y - ORIGIN[0], x - ORIGIN[1]
        sheet.outline(top - 1, left - 1, y + height, left + photograph.width, "white")
        piece = magnified(glimpse.crop(PIECE), SCALE)
        piece_y, piece_x = y + height - piece.height - 6, x + width - piece.width - 6
        edge = piece_y + (-ORIGIN[0] - PIECE[1]) * SCALE
        sheet.image.paste(piece, (piece_x, piece_y))
        sheet.outline(piece_y - 1, piece_x - 1, piece_y + piece.height, piece_x + piece.width, "yellow")
        sheet.draw.line((piece_x, edge, piece_x + piece.width - 1, edge), fill="white")
        sheet.outline(y + PIECE[1], x + PIECE[0], y + PIECE[3], x + PIECE[2], "yellow")
    return sheet.image


def box_option(box):
    return "--box=%g,%g,%g,%g" % box


def box_about(center, size, scale):
    return (center[0] - size[0] * scale / 2, center[1] - size[1] * scale / 2,
            center[0] + size[0] * scale / 2, center[1] + size[1] * scale / 2)


def add_letterbox(sheet, command, photograph):
    """Adds all of the photograph with its aspect, and draws the boxes of the other pictures."""
    scale = max(photograph.height / PICTURE[0], photograph.width / PICTURE[1])
    letterbox = box_about((photograph.height / 2, photograph.width / 2), PICTURE, scale)
    glimpse = command.extract("letterbox", PICTURE, box_option(letterbox), "--border", "constant", "--value", "114")
    boxes = [(ENLARGED, "enlarged"), (REDUCED, "reduced"), (OVER_EDGE, "edge")]
    boxes += [(box_about(RETINA, SMALL, 2 ** level), "retina") for level in range(LEVELS)]
    for (y0, x0, y1, x1), kind in boxes:
        corners = [((x - letterbox[1]) / scale, (y - letterbox[0]) / scale) for y, x in ((y0, x0), (y1, x1))]
        ImageDraw.Draw(glimpse).rectangle(corners, outline=COLORS[kind])
    sheet.add("letterbox, and the other boxes", glimpse)


def add_filters(sheet, command):
    for kind, box, size, caption in (("enlarged", ENLARGED, PICTURE, "enlarged 8 times: "),
                                     ("reduced", REDUCED, SMALL, "reduced 4 times: ")):
        for name in FILTERS:
            glimpse = command.extract(kind + "_" + name, size, box_option(box), "--filter", name)
            sheet.add(caption + name, glimpse, COLORS[kind])
    y0, x0, y1, x1 = REDUCED
    glimpse = command.extract("mirrored", PICTURE, box_option((y0, x1, y1, x0)))
    sheet.add("mirrored: x1 before x0", glimpse, COLORS["reduced"])


def add_retina(sheet, command):
    height, width = SMALL
    levels = command.extract("retina", SMALL, "--offset", "%d,%d" % RETINA, "--retina", str(LEVELS),
                             "--filter", "area")
    for level in range(LEVELS):  # on a contact sheet of two columns
        x, y = level % 2 * (width + 1), level // 2 * (height + 1)
        sheet.add("retina: box %d x %d" % (height << level, width << level),
                  levels.crop((x, y, x + width, y + height)), COLORS["retina"])


def add_edges(sheet, command, photograph):
    y0, x0, y1, x1 = OVER_EDGE
    edge_y = (photograph.height - y0) / (y1 - y0) * PICTURE[0]
    edge_x = -x0 / (x1 - x0) * PICTURE[1]
    for i, (caption, options) in enumerate(EDGES.items()):
        glimpse = command.extract("edge_%d" % i, PICTURE, box_option(OVER_EDGE), *options)
        y, x = sheet.add(caption, glimpse, COLORS["edge"])
        for tick in (((x, y + edge_y), (x + 9, y + edge_y)),
                     ((x + PICTURE[1] - 10, y + edge_y), (x + PICTURE[1] - 1, y + edge_y)),
                     ((x + edge_x, y), (x + edge_x, y + 9)),
                     ((x + edge_x, y + PICTURE[0] - 10), (x + edge_x, y + PICTURE[0] - 1))):
            sheet.draw.line(tick, fill="white", width=2)


def show_boxes(command, photograph):
    sheet = Sheet(PICTURE, PICTURES, 2 + 2 * len(FILTERS) + LEVELS + len(EDGES))
    add_letterbox(sheet, command, photograph)
    add_filters(sheet, command)
    add_retina(sheet, command)
    add_edges(sheet, command, photograph)
    return sheet.image


def write_nv12(picture, path):
    """Writes a picture as JPEG has it, BT.601 of the full range with chroma at the centre of 2 x 2 pixels, and returns
    the options that say so."""
    width, height = picture.width // 2 * 2, picture.height // 2 * 2
    luma, u, v = picture.crop((0, 0, width, height)).convert("YCbCr").split()
    halves = [channel.reduce(2).tobytes() for channel in (u, v)]
    path.write_bytes(luma.tobytes() + bytes(byte for pair in zip(*halves) for byte in pair))
    return str(path), ["--raw", "%dx%d:nv12" % (width, height)], ["--range", "full", "--siting", "center"]


def add_frame(sheet, command, photograph):
    path, raw, meaning = write_nv12(photograph, command.directory / "cat.nv12")
    to_rgb = [*raw, "--to", "rgb"]
    whole = box_about((photograph.height / 2, photograph.width / 2), PICTURE, photograph.width / PICTURE[1])
    for caption, options in (("nv12 to RGB, a box", [*meaning]),
                             ("taken for limited range", ["--siting", "center"]),
                             ("taken for bt2020", [*meaning, "--matrix", "bt2020"])):
        glimpse = command.extract("frame_%d" % sheet.count, PICTURE, box_option(whole), *to_rgb, *options, image=path)
        sheet.add(caption, glimpse)
    for caption, box, options in (("enlarged 6 times", EYE, []),
                                  ("reflect101", LEAVES, ["--border", "reflect101"])):
        glimpse = command.extract("frame_%d" % sheet.count, PICTURE, box_option(box), *to_rgb, *meaning, *options,
                                  image=path)
        sheet.add(caption, glimpse)
    gray = command.extract("frame_gray", PICTURE, box_option(whole), "--raw",
                           raw[1].replace("nv12", "gray"), "--to", "rgb", "--frames", "0:1",
                           image=write_luma(path, photograph))
    sheet.add("its luma alone, gray", gray)


def write_luma(path, photograph):
    size = photograph.width // 2 * 2 * (photograph.height // 2 * 2)
    luma = pathlib.Path(path).with_suffix(".gray")
    luma.write_bytes(pathlib.Path(path).read_bytes()[:size])
    return str(luma)


def add_odd_origins(sheet, command):
    """A saturated edge at even and odd origins: as RGB of the frame, and as a frame that is cut out and then RGB."""
    field = Image.new("RGB", FIELD_SIZE[::-1], "white")
    y0, x0, y1, x1 = FIELD
    ImageDraw.Draw(field).rectangle((x0, y0, x1 - 1, y1 - 1), fill="red")
    path, raw, meaning = write_nv12(field, command.directory / "field.nv12")
    y, x = FIELD_ORIGIN
    sheet.add("a red field: before 4:2:0", field.crop((x, y, x + FIELD_WINDOW[1], y + FIELD_WINDOW[0])))
    for caption, origin in (("RGB, even origin", (y, x)), ("RGB, odd origin", (y + 1, x + 1))):
        at = ["--origin", "%d,%d" % origin]
        sheet.add(caption, command.extract("field_%d" % sheet.count, FIELD_WINDOW, *raw, "--to", "rgb", *meaning, *at,
                                           image=path))
    for caption, origin in (("cut out, then RGB: even", (y, x)), ("cut out, then RGB: odd", (y + 1, x + 1))):
        cut = command.run("field.raw", FIELD_WINDOW, path, *raw, "--origin", "%d,%d" % origin)
        glimpse = command.extract("field_%d" % sheet.count, FIELD_WINDOW, "--raw",
                                  "%dx%d:nv12" % FIELD_WINDOW[::-1], "--to", "rgb", *meaning, "--origin", "0,0",
                                  image=cut)
        sheet.add(caption, glimpse, "red" if caption.endswith("odd") else None)


def show_frames(command, photograph):
    sheet = Sheet(PICTURE, PICTURES, 11)
    add_frame(sheet, command, photograph)
    add_odd_origins(sheet, command)
    return sheet.image


def main():
    directory = pathlib.Path(sys.argv[3])
    directory.mkdir(parents=True, exist_ok=True)
    command = Command(sys.argv[1], sys.argv[2], directory)
    info = command.info()
    photograph = Image.open(command.photograph)
    borders, boxes, frames = (directory / (name + ".png") for name in ("borders", "boxes", "frames"))
    show_borders(command, photograph).save(borders)
    show_boxes(command, photograph).save(boxes)
    show_frames(command, photograph).save(frames)

    print("variant    %s, of %s" % (info["chosen"], ", ".join(
        v["name"] for v in info["variants"] if v["usable"])))
    print("time       %.0f ms for %d commands, decoding and encoding included" %
          (1000 * command.seconds, command.count))
    print("picture    %s: a %d x %d glimpse of %s at origin (y %d, x %d) under every border rule" %
          (borders, *SIZE, command.photograph, *ORIGIN))
    print("           white: the edge of the photograph; yellow: a piece of it, magnified %d times" % SCALE)
    print("picture    %s: boxes of it that become glimpses of %d x %d, or of %d x %d, magnified 4 times" %
          (boxes, *PICTURE, *SMALL))
    print("           colours: where in the letterbox they lie; white: the edge of the photograph")
    print("picture    %s: the photograph as a camera's NV12, and a saturated edge at odd origins" % frames)
    print("command    %s --help" % command.path)


if __name__ == "__main__":
    main()
