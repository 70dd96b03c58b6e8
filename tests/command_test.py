"""Tests the command `glimpse` from the outside; expected pixels are made by NumPy.

The environment variable GLIMPSE_COMMAND holds the path of the command, EMULATOR what runs it, in
front of that path, and TESTED_VARIANT, if it is set, the variant that it is told to use. Needs NumPy
and Pillow.
"""

import io
import json
import os
import platform
import resource
import shlex
import signal
import struct
import subprocess
import tempfile
import threading
import unittest
import zlib

import numpy as np
from PIL import Image

PROGRAM = os.path.abspath(os.environ["GLIMPSE_COMMAND"])
COMMAND = [*shlex.split(os.environ["EMULATOR"]), PROGRAM]
PAD_MODES = {"replicate": "edge", "reflect": "symmetric", "reflect101": "reflect", "wrap": "wrap"}
VALUE_BORDERS = ["zero", "constant", "mean"]
NOISE_BORDERS = ["uniform", "gaussian"]
INTEGER_TYPES = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]
PAD = 40
PARTIAL = os.environ.get("PARTIAL", "") != ""  # not all types were built
HIDE = "GLIMPSE_HIDE_FEATURES"

# The library's element types, as the command writes them. NumPy has no bfloat16: it comes as void.
TYPES = {"uint8": "|u1", "uint16": "<u2", "int16": "<i2", "float16": "<f2", "bfloat16": "<V2",
         "float32": "<f4"}
FROM_EVERY_TYPE = ["uint8", "float16", "bfloat16", "float32"]


def expected_glimpse(image, origin, size, border, value=0):
    """One glimpse of an [H, W, C] image; it must lie within PAD pixels of the image."""
    y, x = origin[0] + PAD, origin[1] + PAD
    pads = ((PAD, PAD), (PAD, PAD), (0, 0))
    if border in PAD_MODES:
        plane = np.pad(image, pads, PAD_MODES[border])
    else:
        if border == "mean":
            value = image.mean(axis=(0, 1), dtype=np.float64)
        if image.dtype == np.uint8:
            value = np.clip(np.rint(value), 0, 255)
        plane = np.empty((image.shape[0] + 2 * PAD, image.shape[1] + 2 * PAD, image.shape[2]),
                         image.dtype)
        plane[:] = value
        plane[PAD:PAD + image.shape[0], PAD:PAD + image.shape[1]] = image
    return plane[y:y + size[0], x:x + size[1]]


def numbers(array):
    """The elements of an array of one of TYPES as float32, which holds all of them."""
    if array.dtype.kind == "V":
        return (array.view(np.uint16).astype(np.uint32) << 16).view(np.float32)
    return array.astype(np.float32)


def as_type(values, name):
    """float32 without NaN, rounded to one of TYPES; integers saturate."""
    if name == "bfloat16":
        bits = values.view(np.uint32)
        return ((bits + 0x7fff + (bits >> 16 & 1)) >> 16).astype(np.uint16).view("V2")
    dtype = np.dtype(TYPES[name])
    if dtype.kind in "ui":
        limits = np.iinfo(dtype)
        values = np.clip(np.rint(values.astype(np.float64)), limits.min, limits.max)
    with np.errstate(over="ignore"):
        return values.astype(dtype)


def nearest_origin(offset, image_extent, glimpse_extent, centered, normalized):
    f = np.float32
    c = f(offset)
    if normalized:
        c = c * f(image_extent)
    if normalized and centered:
        c = c / f(2)
    if centered:
        c = c + f(image_extent) / f(2)
    x = c - f(glimpse_extent) / f(2)
    return int(np.floor(x)) + int(x - np.floor(x) >= f(0.5))


def tensorflow_origin(version, offset, image_extent, glimpse_extent, centered, normalized):
    f = np.float32
    x, s, w = f(offset), f(image_extent), f(glimpse_extent)
    if version == 1:
        if normalized:
            x = x * s
        if centered:
            x = x / f(2)
            x = x + s / f(2)
        x = x - w / f(2)
    elif normalized:
        x = x * s
        if centered:
            x = x / f(2)
            x = x + s / f(2)
            x = x - w / f(2)
    elif centered:
        x = x + s / f(2)
    return int(x)


def cubic(t, a):
    return np.where(t < 1, (a + 2) * t**3 - (a + 3) * t**2 + 1,
                    np.where(t < 2, a * (t**3 - 5 * t**2 + 8 * t - 4), 0))


# The weight of a pixel at a distance t >= 0 of the point.
WEIGHTS = {
    "linear": lambda t: np.maximum(1 - t, 0),
    "catmull_rom": lambda t: cubic(t, -0.5),
    "cubic": lambda t: cubic(t, -0.75),
    "lanczos3": lambda t: np.where(t < 3, np.sinc(t) * np.sinc(t / 3), 0),
}


def filter_weights(points, scale, pixels, filter_name, antialias):
    """Those of pixels (their centres), for each point; scale is what points are apart."""
    distance = pixels - points[:, None]
    grown = max(scale, 1) if antialias else 1
    if filter_name == "nearest":
        return (np.floor(pixels) == np.floor(points[:, None])).astype(float)
    if filter_name == "area":
        half = (grown if antialias else scale) / 2
        return np.maximum(np.minimum(distance + 0.5, half) - np.maximum(distance - 0.5, -half), 0)
    return WEIGHTS[filter_name](np.abs(distance) / grown)


def expected_sample(image, box, size, filter_name, border="zero", value=0, edge="hard", margin=0,
                    antialias=False):
    """One glimpse of a box in pixels, in float64; what it looks at must lie within PAD pixels of
    the image."""
    plane = expected_glimpse(image, (-PAD, -PAD), [s + 2 * PAD for s in image.shape[:2]], border,
                             value).astype(np.float64)
    fill = plane[0, 0]
    is_blended = border not in VALUE_BORDERS or edge == "blend"
    is_of_image = np.ones((1, 1, 1), bool)
    for axis, extent in enumerate(image.shape[:2]):
        low, high = box[axis], box[axis + 2]
        points = low + (2 * np.arange(size[axis]) + 1) * (high - low) / (2 * size[axis])
        pixels = np.arange(-PAD, extent + PAD)
        weights = filter_weights(points, abs(high - low) / size[axis], pixels + 0.5, filter_name,
                                 antialias)
        if not is_blended:
            shown = np.clip(pixels, 0, extent - 1)
            if edge == "renormalize" and filter_name != "nearest":
                weights = weights * (pixels == shown)
            weights = weights @ (shown[:, None] == pixels)
            is_seen = (points >= margin) & (points <= extent - margin)
            is_of_image = is_of_image & is_seen.reshape(np.where(np.arange(3) == axis, -1, 1))
        total = weights.sum(axis=1, keepdims=True)
        weights = weights / np.where(total == 0, 1, total)  # 0 where the point is not seen
        plane = np.moveaxis(np.tensordot(weights, plane, (1, axis)), 0, axis)
    return np.where(is_of_image, plane, fill)


def npy_bytes(header, data, version=(1, 0)):
    header = header.encode("utf-8")
    length = struct.pack("<H" if version[0] == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes(version) + length + header + data


def png_bytes(width, height, bit_depth, color_type, rows, chunks=(), interlaced=False):
    """A PNG of packed rows (for an interlaced one: the rows of all passes)."""

    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data +
                struct.pack(">I", zlib.crc32(kind + data)))

    header = struct.pack(">IIBBBBB", width, height, bit_depth, color_type, 0, 0, int(interlaced))
    data = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) +
            b"".join(chunk(kind, body) for kind, body in chunks) + chunk(b"IDAT", data) +
            chunk(b"IEND", b""))


def pack_bits(row, bit_depth):
    bits = "".join(format(sample, f"0{bit_depth}b") for sample in row)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


class CommandTest(unittest.TestCase):

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.random = np.random.default_rng(1)

    def path(self, name):
        return os.path.join(self.directory, name)

    def save(self, name, array):
        np.save(self.path(name), array)
        return self.path(name)

    def write(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)
        return self.path(name)

    def image(self, shape=(9, 11, 3), dtype=np.uint8):
        dtype = np.dtype(dtype)
        if dtype.kind in "ui":
            limits = np.iinfo(dtype)
            return self.random.integers(limits.min, limits.max, shape, dtype, endpoint=True)
        values = self.random.normal(size=shape).astype(np.float32)
        return as_type(values, "bfloat16") if dtype.kind == "V" else values.astype(dtype)

    def run_command(self, *arguments, environment=None, **keywords):
        variables = dict(os.environ, GLIMPSE_VARIANT=os.environ.get("TESTED_VARIANT", ""))
        variables.update(environment or {})
        result = subprocess.run([*COMMAND, *map(str, arguments)], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=variables, timeout=60, check=False,
                                **keywords)
        if PARTIAL and b"configured with fewer GLIMPSE_TYPES" in result.stderr:
            self.skipTest(result.stderr.decode())
        if b"configured with GLIMPSE_SAMPLING=OFF" in result.stderr:
            self.skipTest(result.stderr.decode())
        return result

    def assert_one_line(self, stderr, beginning):
        text = stderr.decode("utf-8", "replace")
        self.assertTrue(text.startswith(beginning), text)
        self.assertEqual(text.count("\n"), 1, text)
        self.assertTrue(text.endswith("\n"), text)

    def succeed(self, *arguments, stderr=b"", **keywords):
        result = self.run_command(*arguments, **keywords)
        self.assertEqual(result.returncode, 0, result.stderr)
        if stderr is not None:
            self.assertEqual(result.stderr, stderr)
        return result.stdout

    def reject(self, *arguments, says=(), exit_code=2, **keywords):
        before = sorted(os.listdir(self.directory))
        result = self.run_command(*arguments, **keywords)
        self.assertEqual(result.returncode, exit_code, result)
        self.assertEqual(result.stdout, b"")
        self.assert_one_line(result.stderr, "glimpse: ")
        text = result.stderr.decode("utf-8", "replace")
        for word in [says] if isinstance(says, str) else says:
            self.assertIn(word, text)
        self.assertEqual(sorted(os.listdir(self.directory)), before)
        return text

    def extract(self, path, size, *arguments, **keywords):
        out = self.path("out.npy")
        stdout = self.succeed("extract", path, "--size", f"{size[0]},{size[1]}", *arguments, "-o",
                              out, **keywords)
        self.assertEqual(stdout, b"")
        return np.load(out)

    def refuse(self, path, *arguments, **keywords):
        """A call that must fail because of `path` or `arguments`; sizes and so on are good."""
        options = list(arguments)
        if not any(str(a).startswith("--size") for a in arguments):
            options += ["--size", "3,3"]
        if not any(str(a).startswith(("--offset", "--origin", "--box")) for a in arguments):
            options += ["--origin", "0,0"]
        if "-o" not in arguments:
            options += ["-o", self.path("out.npy")]
        return self.reject("extract", path, *options, **keywords)

    def limit_of_memory(self, size):
        """What limits a program, before it starts, to `size` bytes of addresses."""
        if os.environ["EMULATOR"]:
            self.skipTest("an emulator needs more address space")
        with open(PROGRAM, "rb") as file:
            content = file.read()
        if b"__asan_init" in content or b"__tsan_init" in content:
            self.skipTest("sanitizers need more address space than this test leaves")
        return lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size))

    def sheet(self, path, *arguments, **keywords):
        out = self.path("out.png")
        self.succeed("extract", path, *arguments, "-o", out, **keywords)
        with Image.open(out) as image:
            return np.asarray(image)

    def assert_same(self, found, expected):
        self.assertEqual(found.dtype, expected.dtype)
        self.assertEqual(found.shape, expected.shape)
        if found.tobytes() != expected.tobytes():
            where = np.argwhere(~((found == expected) | ((found != found) &
                                                         (expected != expected))))
            self.assertEqual(len(where), 0, f"first at {where[:1]}: {found} {expected}")


class Usage(CommandTest):

    def test_help(self):
        for arguments in (["--help"], ["-h"], ["extract", "--help"], ["stats", "--help"],
                          ["info", "--help"]):
            text = self.succeed(*arguments).decode()
            self.assertIn("Usage: glimpse", text)
        text = self.succeed("extract", "--help").decode()
        for words in ("H,W", "Y,X", "y comes before x", "EXIF", "default nearest", "Default zero",
                      "NPY, PNG, JPEG or Y4M", "reflect101", "float64", "converted to float32", "--seed",
                      "contact sheet", "--input-layout", "WxH", "ml_dtypes", "p010", "bayer16le",
                      "Y0,X0,Y1,X1", "--boxes", "--retina", "linear", "--antialias", "renormalize",
                      "--edge-margin", "--to rgb", "--siting", "yuyv422", "Y4M"):
            self.assertIn(words, text)
        for line in text.splitlines():
            self.assertLessEqual(len(line), 104)
        text = self.succeed("--help").decode()
        for words in ("extract", "stats", "info", "EXIF", "H,W"):
            self.assertIn(words, text)

    def test_version(self):
        text = self.succeed("--version").decode()
        version = json.loads(self.succeed("info", "--json"))["version"]
        self.assertEqual(text, f"glimpse {version}\n")

    def test_no_or_unknown_subcommand(self):
        self.reject(says="extract, explain, stats or info")
        self.reject("cut", says=("cut", "extract, explain, stats or info"))
        self.reject("--bogus")
        self.reject("info", "info")
        self.reject("info", "--bogus", says="--bogus")
        self.reject("stats", says="INPUT")
        self.reject("", says="extract")

    def test_required(self):
        path = self.save("in.npy", self.image())
        out = self.path("out.npy")
        self.reject("extract", says="required")
        self.reject("extract", path, "--size", "3,3", "--origin", "0,0", says="--output")
        self.reject("extract", path, "--origin", "0,0", "-o", out, says="--size")
        self.reject("extract", "--size", "3,3", "--origin", "0,0", "-o", out, says="INPUT")
        self.reject("extract", path, "--size", "3,3", "-o", out,
                    says=("--offset, --offsets, --origin, --origins, --box and --boxes",))

    def test_exactly_one_way(self):
        path = self.save("in.npy", self.image())
        pairs = self.save("pairs.npy", np.zeros((1, 2), np.int32))
        boxes = self.save("boxes.npy", np.zeros((1, 4), np.int32))
        ways = [["--offset", "1,1"], ["--offsets", pairs], ["--origin", "1,1"],
                ["--origins", pairs], ["--box", "1,1,2,2"], ["--boxes", boxes]]
        for i, one in enumerate(ways):
            for other in ways[i + 1:]:
                self.refuse(path, *one, *other, says=(one[0], other[0], "exactly one"))

    def test_duplicates(self):
        path = self.save("in.npy", self.image())
        self.refuse(path, "--size", "3,3", "--size", "3,3", says="--size")
        for option, text in (("--border", "zero"), ("--seed", "1"), ("--threads", "1"),
                             ("--variant", "x86_64"), ("--type", "uint8"), ("--layout", "planar"),
                             ("--subtract", "1"), ("--multiply", "1"), ("--input-layout", "hwc"),
                             ("--raw", "1x1:gray")):
            self.refuse(path, option, text, option, text, says=option)
        self.refuse(path, "--convention", "nearest", "--convention", "nearest", "--offset", "1,1",
                    says="--convention")
        for option, text in (("--filter", "linear"), ("--antialias", "false"), ("--edge", "hard"),
                             ("--edge-margin", "1")):
            self.refuse(path, option, text, option, text, "--box", "1,1,2,2", says=option)
        self.refuse(path, "--retina", "1", "--retina", "1", "--offset", "1,1", says="--retina")
        boxes = self.save("boxes.npy", np.zeros((1, 4), np.int32))
        self.refuse(path, "--boxes", boxes, "--boxes", boxes, says="--boxes")
        pairs = self.save("pairs.npy", np.zeros((1, 2), np.int32))
        self.refuse(path, "--origins", pairs, "--origins", pairs, says="--origins")
        self.reject("extract", path, path, "--size", "3,3", "--origin", "1,1", "-o",
                    self.path("o.npy"))

    def test_numbers(self):
        path = self.save("in.npy", self.image())
        for text in ("3", "3,", ",3", "3,3,3", "3x3", "3,3 ", " 3,3", "3.0,3", "-1,3", "3,-1",
                     "a,b", "9223372036854775808,1"):
            self.refuse(path, f"--size={text}", says=("--size", f"'{text}'", "H,W"))
        for text in ("1", "1,", ",1", "1,2,3", "1,2x", "1, 2", "0x,1", "--", "1;2", "1,1e"):
            self.refuse(path, f"--offset={text}", says=("--offset", f"'{text}'", "Y,X"))
        for text in ("1", "1.5,2", "1,2147483648", "-2147483649,1", "1,99999999999999999999",
                     "nan,1", "1,2 "):
            self.refuse(path, f"--origin={text}", says=("--origin", f"'{text}'", "integers"))
        for text in ("1", "1,2,3", "1,2,3,", ",1,2,3", "1,2,3,4,5", "1,2,3,4x", "1,2,3, 4",
                     "1;2;3;4"):
            self.refuse(path, f"--box={text}", says=("--box", f"'{text}'", "Y0,X0,Y1,X1"))
        for text in ("0", "25", "-1", "1.5", "x", "1 "):
            self.refuse(path, "--offset", "1,1", f"--retina={text}",
                        says=("--retina", f"'{text}'", "1 to 24"))
        for text in ("1,2", "x", "1 ", " 1"):
            self.refuse(path, "--box", "1,1,2,2", f"--edge-margin={text}",
                        says=("--edge-margin", f"'{text}'", "a number"))
        for text in ("-1", "18446744073709551616", "1.0", "x", "1 "):
            self.refuse(path, f"--seed={text}", says=("--seed", f"'{text}'"))
        for text in ("-1", "1.5", "x", "99999999999"):
            self.refuse(path, f"--threads={text}", says=("--threads", f"'{text}'"))
        for option in ("--size", "--origin", "--border", "--seed", "--threads", "--variant", "-o",
                       "--type", "--layout", "--subtract", "--multiply", "--raw", "--channel-order",
                       "--box", "--boxes", "--retina", "--filter", "--antialias", "--edge",
                       "--edge-margin"):
            self.refuse(path, option, "", says="empty")

    def test_names(self):
        path = self.save("in.npy", self.image())
        self.refuse(path, "--border", "mirror", says=("mirror", "reflect101"))
        self.refuse(path, "--convention", "tf", "--offset", "1,1",
                    says=("tf", "nearest", "tensorflow_v1", "tensorflow_v2"))
        for option, good in (("--input-layout", "hwc, chw, bhwc or bchw"),
                             ("--layout", "interleaved or planar"),
                             ("--type", ", ".join(TYPES).replace(", float32", " or float32"))):
            for name in ("HWC", "planar ", "float64", "V2"):
                self.refuse(path, option, name, says=(option, f"'{name}'", good))
        for option in ("--centered", "--normalized"):
            self.refuse(path, option, "yes", "--offset", "1,1", says=("yes", "true", "false"))
        for option, good in (("--filter", "cubic, lanczos3 or area"), ("--antialias", "false or true"),
                             ("--edge", "hard, blend or renormalize")):
            for name in ("Linear", "hard ", "yes"):
                self.refuse(path, option, name, "--box", "1,1,2,2",
                            says=(option, f"'{name}'", good))
        self.refuse(path, "--bogus", says="--bogus")
        self.refuse(path, "--siz", "3,3")

    def test_value_belongs_to_constant(self):
        path = self.save("in.npy", self.image())
        self.refuse(path, "--border", "constant", says="--value")
        for border in ("zero", "mean", "wrap", "uniform"):
            self.refuse(path, "--border", border, "--value", "1",
                        says=("--value", border, "constant"))
        self.refuse(path, "--value", "1", says="constant")
        for text in ("", "a", "1,", "1,,2", "1 ,2", "1e999", "-1e999", "1e39"):
            self.refuse(path, "--border", "constant", "--value", text)
        self.refuse(path, "--border", "constant", "--value", "1,2", says="value")
        self.refuse(path, "--border", "constant", "--value", "1,2,3,4", says="value")

    def test_origins_take_no_convention(self):
        path = self.save("in.npy", self.image())
        pairs = self.save("pairs.npy", np.zeros((1, 2), np.int32))
        for way in (["--origin", "1,1"], ["--origins", pairs]):
            for option, text in (("--convention", "nearest"), ("--convention", "tensorflow_v1"),
                                 ("--centered", "false"), ("--normalized", "true")):
                self.refuse(path, *way, option, text, says=option)

    def test_boxes_take_no_convention(self):
        path = self.save("in.npy", self.image())
        boxes = self.save("boxes.npy", np.zeros((1, 4), np.int32))
        for way in (["--box", "1,1,2,2"], ["--boxes", boxes], ["--offset", "1,1", "--retina", "2"]):
            for name in ("nearest", "tensorflow_v2"):
                self.refuse(path, *way, "--convention", name,
                            says=("--convention given with boxes", "--offset or --offsets"))

    def test_retina_belongs_to_offsets(self):
        path = self.save("in.npy", self.image())
        pairs = self.save("pairs.npy", np.zeros((1, 2), np.int32))
        boxes = self.save("boxes.npy", np.zeros((1, 4), np.int32))
        for way, found in ((["--origin", "1,1"], "origins"), (["--origins", pairs], "origins"),
                           (["--box", "1,1,2,2"], "boxes"), (["--boxes", boxes], "boxes")):
            self.refuse(path, *way, "--retina", "2",
                        says=(f"--retina is given with {found}", "--offset or --offsets"))
        self.reject("extract", path, "--size", "3,3", "--retina", "2", "-o", self.path("out.npy"),
                    says="no positions given")

    def test_sampling_belongs_to_boxes(self):
        path = self.save("in.npy", self.image())
        for option, text in (("--filter", "nearest"), ("--antialias", "false"), ("--edge", "hard"),
                             ("--edge-margin", "0")):
            for way in ("--origin", "--offset"):
                self.refuse(path, way, "1,1", option, text,
                            says=(f"{option} given without boxes", "--box, --boxes or --retina"))

    def test_sampling_contradicts_itself(self):
        path = self.save("in.npy", self.image())
        box = ["--box", "1,1,2,2"]
        self.refuse(path, *box, "--filter", "nearest", "--antialias", "true",
                    says=("--antialias true", "--filter nearest", "never antialiased"))
        for edge in ("blend", "renormalize"):
            self.refuse(path, *box, "--edge", edge, "--edge-margin", "0",
                        says=(f"--edge-margin is given with --edge {edge}", "--edge hard alone"))
        for border in [*PAD_MODES, *NOISE_BORDERS]:
            for option, text in (("--edge", "hard"), ("--edge", "blend"), ("--edge-margin", "1")):
                self.refuse(path, *box, "--border", border, option, text,
                            says=(f"{option} is given with --border {border}",
                                  "zero, constant or mean alone"))


class Extract(CommandTest):

    def test_borders(self):
        origins = [(2, 3), (-2, -3), (6, 8), (-30, 25), (1, -4), (30, 30)]
        for shape in ((9, 11, 3), (9, 11), (1, 1, 2), (5, 1, 4), (2, 7, 5)):
            for dtype in (np.uint8, np.float32):
                image = self.image(shape, dtype)
                path = self.save("in.npy", image)
                image = image.reshape(*image.shape[:2], -1)
                channels = image.shape[2]
                positions = self.save("origins.npy", np.array(origins))
                for border in [*PAD_MODES, *VALUE_BORDERS]:
                    arguments = ["--origins", positions, "--border", border]
                    value = 0
                    if border == "constant":
                        value = np.linspace(-1, 100.5, channels, dtype=np.float32)
                        arguments += ["--value", ",".join(map(str, value))]
                    found = self.extract(path, (4, 7), *arguments)
                    expected = np.stack(
                        [expected_glimpse(image, o, (4, 7), border, value) for o in origins])
                    with self.subTest(shape=shape, dtype=dtype, border=border):
                        if border == "mean" and dtype == np.float32:
                            np.testing.assert_allclose(found, expected, rtol=1e-6)
                        else:
                            self.assert_same(found, expected)

    def test_repeated_positions_keep_their_order(self):
        image = self.image()
        path = self.save("in.npy", image)
        found = self.extract(path, (2, 2), "--origin", "1,2", "--origin=-1,-1", "--origin", "0,0",
                             "--origin", "-1,0")
        expected = np.stack([
            expected_glimpse(image, o, (2, 2), "zero") for o in ((1, 2), (-1, -1), (0, 0), (-1, 0))
        ])
        self.assert_same(found, expected)

    def test_output_file(self):
        path = self.save("in.npy", self.image((4, 4)))
        self.extract(path, (2, 3), "--origin", "0,0")
        with open(self.path("out.npy"), "rb") as file:
            self.assertEqual(np.lib.format.read_magic(file), (1, 0))
            shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(file)
            self.assertEqual((shape, fortran_order, dtype), ((1, 2, 3, 1), False, np.uint8))
            self.assertEqual(file.tell() % 64, 0)
        self.save("same.npy", np.load(self.path("out.npy")))
        with open(self.path("out.npy"), "rb") as one, open(self.path("same.npy"), "rb") as other:
            self.assertEqual(one.read(), other.read())

    def test_constant_rounding(self):
        path = self.save("in.npy", self.image((2, 2, 1)))
        for text, level in (("2.5", 2), ("3.5", 4), ("-7", 0), ("300", 255), ("nan", 0),
                            ("inf", 255), ("-inf", 0)):
            found = self.extract(path, (1, 1), "--origin", "5,5", "--border", "constant",
                                 f"--value={text}", stderr=None)
            self.assertEqual(found.item(), level, text)
        path = self.save("in.npy", self.image((2, 2, 1), np.float32))
        for text in ("nan", "inf", "-inf", "0.1", "-2.5e-3"):
            found = self.extract(path, (1, 1), "--origin", "5,5", "--border", "constant", "--value",
                                 text, stderr=None)
            np.testing.assert_equal(found.item(), np.float32(text))

    def test_pixels_are_copied_bit_for_bit(self):
        bits = self.random.integers(0, 2**32, (6, 5, 2), dtype=np.uint32)
        bits[0, 0] = [0x7fa00001, 0x80000000]
        image = bits.view(np.float32)
        found = self.extract(self.save("in.npy", image), (6, 5), "--origin", "0,0")
        self.assertEqual(found.tobytes(), image.tobytes())

    def test_nearest_offsets(self):
        image = self.image((9, 12, 2))
        path = self.save("in.npy", image)
        for centered in (None, False, True):
            for normalized in (None, False, True):
                scale = 1.2 if normalized else 14
                offsets = self.random.uniform(-scale, scale, (40, 2)).astype(np.float32)
                arguments = ["--offsets", self.save("offsets.npy", offsets)]
                if centered is not None:
                    arguments += ["--centered", str(centered).lower()]
                if normalized is not None:
                    arguments += ["--normalized", str(normalized).lower()]
                found = self.extract(path, (3, 4), *arguments)
                expected = np.stack([
                    expected_glimpse(image, [
                        nearest_origin(offset[i], image.shape[i], (3, 4)[i], centered, normalized)
                        for i in range(2)
                    ], (3, 4), "zero") for offset in offsets
                ])
                self.assert_same(found, expected)

    def test_offset_texts(self):
        image = self.image((9, 12, 1))
        path = self.save("in.npy", image)
        for text in ("-0.5,0.3", ".25,-1e-1", "-1,-1", "0x1p-1,1"):
            offset = [float.fromhex(t) if "x" in t else float(t) for t in text.split(",")]
            origin = [nearest_origin(offset[i], (9, 12)[i], 3, True, True) for i in range(2)]
            expected = expected_glimpse(image, origin, (3, 3), "wrap")[None]
            for form in (["--offset", text], [f"--offset={text}"]):
                found = self.extract(path, (3, 3), *form, "--centered", "true", "--normalized",
                                     "true", "--border", "wrap")
                self.assert_same(found, expected)

    def test_position_types(self):
        image = self.image((9, 12, 1))
        path = self.save("in.npy", image)
        positions = np.array([[3, 4], [0, 9], [5, 5]])
        expected_origins = np.stack(
            [expected_glimpse(image, p, (3, 3), "zero") for p in positions])
        expected_offsets = np.stack(
            [expected_glimpse(image, p - 1, (3, 3), "zero") for p in positions])
        for order in "CF":
            for kind in [*INTEGER_TYPES, "f2", "f4", "f8"]:
                array = np.array(positions, kind, order=order)
                file = self.save("positions.npy", array)
                array = np.array(np.concatenate([positions, positions + 3], 1), kind, order=order)
                self.assert_same(self.extract(path, (3, 3), "--boxes",
                                              self.save("boxes.npy", array)), expected_origins)
                if kind in INTEGER_TYPES:
                    found = self.extract(path, (3, 3), "--origins", file)
                    self.assert_same(found, expected_origins)
                else:
                    self.refuse(path, "--origins", file, says=("<" + kind, "integer"))
                self.assert_same(self.extract(path, (3, 3), "--offsets", file), expected_offsets)
        file = self.save("positions.npy", np.array([[-1, -2]], np.int8))
        self.assert_same(self.extract(path, (3, 3), "--origins", file),
                         expected_glimpse(image, (-1, -2), (3, 3), "zero")[None])

    def test_position_errors(self):
        path = self.save("in.npy", self.image())
        for kind in ("?", "c8", "S3", ">f4", ">i4", "m8[s]"):
            file = self.save("positions.npy", np.zeros((1, 2), kind))
            self.refuse(path, "--offsets", file, says=("type", "float16, float32, float64"))
            self.refuse(path, "--boxes", self.save("boxes.npy", np.zeros((1, 4), kind)),
                        says=("type", "float16, float32, float64"))
            self.refuse(path, "--origins", file, says=("type", "integer"))
            self.refuse(path, "--origin", "0,0", "--image-index",
                        self.save("index.npy", np.zeros(1, kind)), says=("type", "integer"))
        for shape in ((2,), (1, 3), (2, 1), (1, 2, 1), ()):
            file = self.save("positions.npy", np.zeros(shape, np.int32))
            for option in ("--offsets", "--origins"):
                self.refuse(path, option, file, says=(str(shape), "(N, 2)"))
        for shape in ((4,), (1, 2), (1, 3), (4, 1), (1, 4, 1), ()):
            file = self.save("boxes.npy", np.zeros(shape, np.int32))
            self.refuse(path, "--boxes", file, says=(str(shape), "(N, 4)"))
        for shape in ((1, 1), (1, 2), ()):
            file = self.save("index.npy", np.zeros(shape, np.int32))
            self.refuse(path, "--image-index", file, says=(str(shape), "(N,)"))
        for kind, bad in (("i8", 2**31), ("i8", -2**31 - 1), ("u4", 2**31), ("u8", 2**64 - 1)):
            file = self.save("positions.npy", np.array([[1, 1], [2, bad]], kind))
            self.refuse(path, "--origins", file, says=("row 1", str(bad)))
            index = self.save("index.npy", np.array([0, 0, bad], kind))
            self.refuse(path, *["--origin", "0,0"] * 3, "--image-index", index,
                        says=("row 2", str(bad)))
        for option in ("--offsets", "--origins", "--boxes", "--image-index"):
            self.refuse(path, option, self.path("absent.npy"), says="absent.npy")
            self.refuse(path, option, self.write("text.npy", b"hello"), says="text.npy")
        self.refuse(path, "--origin", "2147483647,0", says="")
        self.refuse(path, "--offset", "3e9,0")
        self.refuse(path, "--offset", "nan,0", says="nan")
        self.refuse(path, "--offset", "0,-inf", says="inf")
        file = self.save("offsets.npy", np.array([[0, 0], [1, 1], [np.inf, 0]]))
        self.refuse(path, "--offsets", file, says="2")
        for border in PAD_MODES:
            self.refuse(path, "--offsets", file, "--border", border, says="2")

    def test_far_origins(self):
        image = self.image((5, 7, 1))
        path = self.save("in.npy", image)
        for origin in ((-2**31, 2**31 - 3), (2**31 - 3, -2**31), (10**9, -10**9)):
            y = (origin[0] + np.arange(3)) % 5
            x = (origin[1] + np.arange(3)) % 7
            found = self.extract(path, (3, 3), "--origin", f"{origin[0]},{origin[1]}", "--border",
                                 "wrap", stderr=None)
            self.assert_same(found, image[y][:, x][None])

    def test_image_index(self):
        images = self.image((3, 6, 5, 2))
        path = self.save("in.npy", images)
        index = [2, 0, 2, 1, 1]
        for kind in INTEGER_TYPES:
            file = self.save("index.npy", np.array(index, kind))
            found = self.extract(path, (3, 3), *["--origin", "1,1"] * 5, "--image-index", file)
            self.assert_same(found, images[index, 1:4, 1:4])
        self.refuse(path, *["--origin", "1,1"] * 5, says=("3", "5"))
        self.refuse(path, "--origin", "1,1", says=("3", "1"))
        self.refuse(path, *["--origin", "1,1"] * 4, "--image-index", file, says=("5", "4"))
        for bad in (3, -1):
            file = self.save("index.npy", np.array([0, bad]))
            self.refuse(path, *["--origin", "1,1"] * 2, "--image-index", file, says=str(bad))
        found = self.extract(path, (3, 3), *["--origin", "1,1"] * 3)
        self.assert_same(found, images[:, 1:4, 1:4])
        one = self.save("one.npy", images[:1])
        found = self.extract(one, (3, 3), *["--origin", "1,1"] * 3)
        self.assert_same(found, images[[0, 0, 0], 1:4, 1:4])

    def test_tensorflow_conventions(self):
        images = self.image((4, 9, 12, 2), np.float32)
        path = self.save("in.npy", images)
        for version in (1, 2):
            for centered in (None, False, True):
                for normalized in (None, False, True):
                    is_centered, is_normalized = centered is not False, normalized is not False
                    scale = 1.2 if is_normalized else 14
                    offsets = self.random.uniform(-scale, scale, (4, 2)).astype(np.float32)
                    arguments = ["--offsets", self.save("offsets.npy", offsets), "--convention",
                                 f"tensorflow_v{version}"]
                    if centered is not None:
                        arguments += ["--centered", str(centered).lower()]
                    if normalized is not None:
                        arguments += ["--normalized", str(normalized).lower()]
                    origins = [[
                        tensorflow_origin(version, offset[i], (9, 12)[i], (3, 4)[i], is_centered,
                                          is_normalized) for i in range(2)
                    ] for offset in offsets]
                    for border in ("zero", "reflect101"):
                        found = self.extract(path, (3, 4), *arguments, "--border", border,
                                             stderr=None)
                        expected = np.stack([
                            expected_glimpse(image, origin, (3, 4), border)
                            for image, origin in zip(images, origins)
                        ])
                        self.assert_same(found, expected)

    def test_default_borders(self):
        image = self.image((6, 6, 1), np.float32) + 5
        path = self.save("in.npy", image)
        found = self.extract(path, (4, 4), "--offset", "0,0")
        self.assertTrue((found[0, :2] == 0).all())
        found = self.extract(path, (4, 4), "--origin", "-2,0")
        self.assertTrue((found[0, :2] == 0).all())
        for convention in ("tensorflow_v1", "tensorflow_v2"):
            arguments = ["--offset", "-1,0", "--convention", convention, "--seed", "3"]
            found = self.extract(path, (4, 4), *arguments)
            outside = found[0, :2]
            self.assertTrue((outside >= image.min()).all() and (outside <= image.max()).all())
            self.assertGreater(len(np.unique(outside)), 4)
            self.assert_same(found, self.extract(path, (4, 4), *arguments, "--border", "uniform"))

    def test_tensorflow_offsets_not_finite(self):
        image = self.image((6, 6, 2)) | 1
        path = self.save("in.npy", image)
        offsets = np.array([[0, 0], [np.nan, 0], [0, np.inf], [-np.inf, np.nan], [1e30, 0]],
                           np.float32)
        file = self.save("offsets.npy", offsets)
        for convention in ("tensorflow_v1", "tensorflow_v2"):
            arguments = ["--offsets", file, "--convention", convention]
            found = self.extract(path, (2, 2), *arguments, "--border", "zero")
            self.assertTrue((found[1:] == 0).all())
            self.assertTrue((found[0] != 0).all())
            found = self.extract(path, (2, 2), *arguments, "--border", "constant", "--value", "7,8")
            self.assertTrue((found[1:] == [7, 8]).all())
            for border in ("mean", "uniform", "gaussian"):
                self.assertEqual(
                    self.extract(path, (2, 2), *arguments, "--border", border).shape, (5, 2, 2, 2))
            for border in PAD_MODES:
                self.refuse(path, *arguments, "--border", border, says="row 1")
                self.refuse(path, "--convention", convention, "--offset", "0,0", "--offset",
                            "0,1e30", "--border", border, says="row 1")
                self.refuse(path, "--convention", convention, "--offset", "inf,0", "--border",
                            border, says="row 0")

    def test_noise(self):
        image = self.image((20, 20, 3), np.float32)
        path = self.save("in.npy", image)
        for border in NOISE_BORDERS:
            arguments = ["--origin", "-10,-10", "--border", border]
            zero = self.extract(path, (30, 30), *arguments)
            self.assert_same(self.extract(path, (30, 30), *arguments, "--seed", "0"), zero)
            other = self.extract(path, (30, 30), *arguments, "--seed", str(2**64 - 1))
            near = self.extract(path, (30, 30), *arguments, "--seed", str(2**64 - 2))
            for noise in (zero, other, near):
                self.assert_same(noise[0, 10:, 10:], image)
                self.assertTrue((noise >= image.min()).all() and (noise <= image.max()).all())
            self.assertGreater((zero != other).mean(), 0.5)
            self.assertGreater((near != other).mean(), 0.5)
        self.extract(path, (3, 3), "--origin", "0,0", "--seed", "5")

    def test_variants_and_threads_agree(self):
        path = self.save("in.npy", self.image((4, 30, 40, 3), np.float32))
        origins = self.save("origins.npy", self.random.integers(-30, 40, (50, 2)))
        index = self.save("index.npy", self.random.integers(0, 4, 50))
        for border in ("gaussian", "mean", "reflect"):
            arguments = ["--origins", origins, "--image-index", index, "--border", border]
            expected = self.extract(path, (13, 17), *arguments)
            for threads in ("0", "1", "3", "64"):
                found = self.extract(path, (13, 17), *arguments, "--threads", threads)
                self.assert_same(found, expected)
            for variant in json.loads(self.succeed("info", "--json"))["variants"]:
                if variant["usable"]:
                    found = self.extract(path, (13, 17), *arguments, "--variant", variant["name"])
                    self.assert_same(found, expected)
                    found = self.extract(path, (13, 17), *arguments,
                                         environment={"GLIMPSE_VARIANT": variant["name"]})
                    self.assert_same(found, expected)
                else:
                    self.refuse(path, "--variant", variant["name"], says=variant["name"])
        self.refuse(path, "--variant", "mmx", says="mmx")
        self.refuse(path, environment={"GLIMPSE_VARIANT": "mmx"}, says="mmx")
        self.reject("stats", path, environment={"GLIMPSE_VARIANT": "mmx"}, says="mmx")

    def test_empty(self):
        path = self.save("in.npy", self.image((9, 11, 3)))
        for kind in ("f4", "i8"):
            file = self.save("none.npy", np.zeros((0, 2), kind))
            self.assertEqual(self.extract(path, (3, 4), "--offsets", file).shape, (0, 3, 4, 3))
            index = self.save("index.npy", np.zeros(0, np.int64))
            self.assertEqual(
                self.extract(path, (3, 4), "--offsets", file, "--image-index", index).shape,
                (0, 3, 4, 3))
            batch = self.save("batch.npy", self.image((2, 5, 5, 3)))
            self.assertEqual(
                self.extract(batch, (3, 4), "--offsets", file, "--image-index", index).shape,
                (0, 3, 4, 3))
            self.refuse(batch, "--offsets", file, says=("2", "0"))
            for convention in ("tensorflow_v1", "tensorflow_v2"):
                self.assertEqual(
                    self.extract(path, (3, 4), "--offsets", file, "--convention",
                                 convention).shape, (0, 3, 4, 3))
        for size in ((0, 4), (4, 0), (0, 0)):
            self.assertEqual(self.extract(path, size, "--origin", "1,1").shape, (1, *size, 3))
            self.assertEqual(self.extract(path, size, "--offset", "99,99").shape, (1, *size, 3))
        for shape in ((0, 5, 2), (5, 0, 2), (0, 0, 2)):
            empty = self.save("empty.npy", np.zeros(shape, np.float32))
            found = self.extract(empty, (2, 2), "--origin", "0,0", "--border", "constant",
                                 "--value", "3", stderr=None)
            self.assertTrue((found == 3).all())
            self.refuse(empty, "--border", "wrap")
            self.refuse(empty, "--border", "uniform")
        none = self.save("empty.npy", np.zeros((0, 5, 5, 3), np.uint8))
        file = self.save("none.npy", np.zeros((0, 2), np.int32))
        self.assertEqual(self.extract(none, (2, 2), "--origins", file).shape, (0, 2, 2, 3))
        no_channels = self.save("empty.npy", np.zeros((5, 5, 0), np.uint8))
        self.assertEqual(self.extract(no_channels, (2, 2), "--origin", "0,0").shape, (1, 2, 2, 0))

    def test_warning(self):
        path = self.save("in.npy", self.image((9, 11, 3)))

        def warns(*arguments):
            size = [] if any(str(a).startswith("--size") for a in arguments) else ["--size", "3,3"]
            result = self.run_command("extract", path, *arguments, *size, "-o",
                                      self.path("out.npy"))
            self.assertEqual(result.returncode, 0, result.stderr)
            if result.stderr:
                self.assert_one_line(result.stderr, "glimpse: warning: ")
            return bool(result.stderr)

        self.assertTrue(warns("--origin", "9,0"))
        self.assertTrue(warns("--origin", "0,11", "--border", "wrap"))
        self.assertTrue(warns("--origin=-3,0", "--origin=0,-3"))
        self.assertFalse(warns("--origin=-2,-2"))
        self.assertFalse(warns("--origin", "8,10"))
        self.assertFalse(warns("--origin", "9,0", "--origin", "0,0"))
        self.assertTrue(warns("--offset", "100,100"))
        self.assertTrue(warns("--box", "-9,0,-3,5"))
        self.assertTrue(warns("--box", "-9,0,-3,5", "--edge", "renormalize"))
        self.assertFalse(warns("--box", "-9,0,-3,5", "--edge", "blend"))
        self.assertFalse(warns("--offset", "100,100", "--offset", "1,1"))
        self.assertTrue(warns("--offset", "10.5,5"))
        self.assertFalse(warns("--offset", "9.5,5"))
        self.assertTrue(warns("--offset", "nan,0", "--convention", "tensorflow_v1"))
        self.assertTrue(warns("--offset", "5,5", "--convention", "tensorflow_v2"))
        self.assertFalse(warns("--offset", "0,0", "--convention", "tensorflow_v2"))
        self.assertFalse(warns("--origins", self.save("none.npy", np.zeros((0, 2), np.int32))))
        self.assertTrue(warns("--box", "9.5,0,12,3"))
        self.assertTrue(warns("--box", "9.5,0,12,3", "--border", "wrap"))
        self.assertFalse(warns("--box", "8.25,0,11.25,3"))  # looks at 8.75 and beyond
        self.assertTrue(warns("--box", "8.75,0,11.75,3"))  # at 9.25 and beyond
        self.assertFalse(warns("--box", "9.5,0,12,3", "--box", "0,0,3,3"))
        self.assertTrue(warns("--box", "1.1,0,1.3,0.2", "--normalized", "true"))
        self.assertFalse(warns("--box", "1.1,0,1.3,0.2"))
        self.assertTrue(warns("--box", "5,0,8,3", "--centered", "true"))
        self.assertFalse(warns("--box", "3,0,6,3", "--centered", "true"))
        both = ["--centered", "true", "--normalized", "true"]
        self.assertTrue(warns("--box", "1.1,0,1.5,0.4", *both))
        self.assertFalse(warns("--box", "0.6,0,0.9,0.3", *both))
        retina = ["--normalized", "true", "--filter", "nearest", "--retina"]
        self.assertTrue(warns("--offset", "1.5,0.5", *retina, "1"))
        self.assertFalse(warns("--offset", "1.5,0.5", *retina, "4"))
        self.assertFalse(warns("--boxes", self.save("none.npy", np.zeros((0, 4), np.int32))))

    def test_huge_sizes(self):
        for shape in ((9, 11, 3), (4, 4)):
            path = self.save("in.npy", self.image(shape, np.float32))
            self.refuse(path, "--size", "2000000000,2000000000")
            self.refuse(path, "--size", "9223372036854775807,9223372036854775807")
            self.refuse(path, "--size", "3000000000,1")
            self.refuse(path, "--size", "1000000,1000000", says="needs")

    def test_little_memory(self):
        path = self.save("in.npy", self.image((4, 4), np.float32))
        self.refuse(path, "--size", "20000,20000", says=("needs", "bytes"),
                    preexec_fn=self.limit_of_memory(1 << 30))


class Boxes(CommandTest):

    def test_whole_boxes_are_windows(self):
        origins = [(2, 3), (-2, -3), (6, 8), (1, -4), (-30, 25)]
        boxes = self.save("boxes.npy", np.array([(y, x, y + 4, x + 7) for y, x in origins]))
        origins_file = self.save("origins.npy", np.array(origins))
        for dtype in (np.uint8, np.float32):
            image = self.image((9, 11, 3), dtype)
            path = self.save("in.npy", image)
            for border in [*PAD_MODES, "zero", *NOISE_BORDERS]:
                expected = self.extract(path, (4, 7), "--origins", origins_file, "--border", border)
                if border in PAD_MODES:
                    self.assert_same(expected, np.stack([
                        expected_glimpse(image, origin, (4, 7), border) for origin in origins]))
                for filter_name in ("linear", "nearest"):
                    found = self.extract(path, (4, 7), "--boxes", boxes, "--border", border,
                                         "--filter", filter_name)
                    self.assert_same(found, expected)

    def test_nearest_with_whole_scales(self):
        for name in TYPES:
            image = self.image((9, 11, 3), TYPES[name])
            path = self.save("in.npy", image)
            found = self.extract(path, (6, 12), "--box", "2,3,5,6", "--filter", "nearest")
            self.assert_same(found, image[None, 2:5, 3:6].repeat(2, 1).repeat(4, 2))
            # Of 3 x 5 pixels the middle one.
            found = self.extract(path, (3, 2), "--box", "0,1,9,11", "--filter", "nearest")
            self.assert_same(found, np.ascontiguousarray(image[None, 1::3, 3::5]))
            # On the edge between two the lower or right one.
            found = self.extract(path, (4, 5), "--box", "0,0,8,10", "--filter", "nearest")
            self.assert_same(found, np.ascontiguousarray(image[None, 1:9:2, 1:11:2]))

    def test_flipped(self):
        image = self.image()
        path = self.save("in.npy", image)
        window = image[2:6, 3:9]
        for filter_name in ("linear", "nearest"):
            for box, expected in (("6,3,2,9", window[::-1]), ("2,9,6,3", window[:, ::-1]),
                                  ("6,9,2,3", window[::-1, ::-1])):
                found = self.extract(path, (4, 6), "--box", box, "--filter", filter_name)
                self.assert_same(found, np.ascontiguousarray(expected[None]))

    def test_boxes_without_extent(self):
        image = self.image()
        path = self.save("in.npy", image)
        found = self.extract(path, (4, 6), "--box", "2.5,3,2.5,9", "--filter", "nearest")
        self.assert_same(found, image[None, 2:3, 3:9].repeat(4, 1))
        found = self.extract(path, (4, 6), "--box", "2.5,3.5,2.5,3.5")
        self.assert_same(found, image[None, 2:3, 3:4].repeat(4, 1).repeat(6, 2))

    def check_samples(self, image, boxes, size, filter_name, *arguments, **keywords):
        """All elements are as near as they should be."""
        path = self.save("in.npy", image)
        file = self.save("boxes.npy", np.array(boxes, np.float32))
        antialias = keywords.get("antialias", False)
        arguments += ("--antialias", str(antialias).lower())
        found = self.extract(path, size, "--boxes", file, "--filter", filter_name, *arguments,
                             stderr=None)
        self.assertEqual((found.dtype, found.shape[:3]), (image.dtype, (len(boxes), *size)))
        expected = np.stack([expected_sample(image, box, size, filter_name, **keywords)
                             for box in boxes])
        if filter_name == "nearest":
            self.assert_same(found, expected.astype(image.dtype))
        else:
            most = 1e-5 * np.abs(image).max()
            if image.dtype == np.uint8:
                most = 0.51 if filter_name == "linear" and not antialias else 0.65
                expected = np.clip(expected, 0, 255)
            self.assertLessEqual(np.abs(found - expected).max(), most)

    def random_boxes(self, count):
        """About an image of 9 x 11 pixels: enlarged, reduced and flipped ones."""
        return np.round(self.random.uniform(-12, 22, (count, 4)) * 4096) / 4096

    def test_filters(self):
        boxes = self.random_boxes(30)
        for dtype in (np.uint8, np.float32):
            for channels in (1, 3):
                image = self.image((9, 11, channels), dtype)
                for filter_name in ("linear", "nearest"):
                    for border in [*PAD_MODES, "zero"]:
                        with self.subTest(dtype=dtype, filter=filter_name, border=border):
                            self.check_samples(image, boxes, (5, 7), filter_name, "--border",
                                               border, border=border)

    def test_edges(self):
        boxes = self.random_boxes(30)
        for dtype in (np.uint8, np.float32):
            image = self.image((9, 11, 2), dtype)
            value = np.array([200, 7.5], np.float32)
            constant = ["--border", "constant", "--value", "200,7.5"]
            if dtype == np.uint8:
                value = np.rint(value)
            for filter_name in ("linear", "nearest"):
                for edge in ("hard", "blend", "renormalize"):
                    with self.subTest(dtype=dtype, filter=filter_name, edge=edge):
                        self.check_samples(image, boxes, (5, 7), filter_name, *constant, "--edge",
                                           edge, border="constant", value=value, edge=edge)
                for margin in (-0.5, 0.5, 2.25):
                    self.check_samples(image, boxes, (5, 7), filter_name, *constant,
                                       f"--edge-margin={margin}", border="constant", value=value,
                                       margin=margin)

    def test_defaults(self):
        """The filter is linear and antialiased, the edge hard without a margin."""
        image = self.image((9, 11, 3), np.float32)
        path = self.save("in.npy", image)
        enlarged = ["--box", "-1,2.5,3.5,6"]
        found = self.extract(path, (9, 8), *enlarged)
        self.assert_same(found, self.extract(path, (9, 8), *enlarged, "--filter", "linear",
                                             "--antialias", "true", "--edge", "hard",
                                             "--edge-margin", "0", "--border", "zero"))
        self.assertLess(np.abs(found[0] - expected_sample(image, (-1, 2.5, 3.5, 6), (9, 8),
                                                          "linear")).max(), 1e-4)
        reduced = self.extract(path, (3, 3), *enlarged)
        for arguments in (["--antialias", "true"], ["--filter", "linear"]):
            self.assert_same(reduced, self.extract(path, (3, 3), *enlarged, *arguments))
        plain = self.extract(path, (3, 3), *enlarged, "--antialias", "false")
        self.assertGreater(np.abs(reduced - plain).max(), 0.1)
        self.extract(path, (3, 3), *enlarged, "--filter", "nearest", "--antialias", "false")
        self.extract(path, (3, 3), *enlarged, "--filter", "nearest")

    def test_many_taps(self):
        boxes = self.random_boxes(30)
        for dtype in (np.uint8, np.float32):
            image = self.image((9, 11, 3), dtype)
            for name in (*WEIGHTS, "area"):
                for antialias in (False, True):
                    for border in ("replicate", "wrap", "zero"):
                        with self.subTest(dtype=dtype, filter=name, antialias=antialias,
                                          border=border):
                            self.check_samples(image, boxes, (5, 7), name, "--border", border,
                                               border=border, antialias=antialias)
                    for edge in ("blend", "renormalize"):
                        with self.subTest(dtype=dtype, filter=name, antialias=antialias, edge=edge):
                            self.check_samples(image, boxes, (5, 7), name, "--edge", edge,
                                               edge=edge, antialias=antialias)

    def test_means(self):
        """Of whole pixels by area; and of one number by all filters."""
        image = self.image((8, 12, 3), np.float32)
        path = self.save("in.npy", image)
        found = self.extract(path, (4, 3), "--box", "0,0,8,12", "--filter", "area")
        means = image.reshape(4, 2, 3, 4, 3).mean(axis=(1, 3))
        self.assertLess(np.abs(found[0] - means).max(), 1e-3)
        path = self.save("one.npy", np.full((9, 11, 3), 77, np.uint8))
        for name in ("linear", "catmull_rom", "cubic", "lanczos3", "area"):
            for antialias in ("true", "false"):
                found = self.extract(path, (3, 4), "--box", "-2,1.5,8.75,13", "--filter", name,
                                     "--antialias", antialias, "--border", "replicate")
                self.assert_same(found, np.full((1, 3, 4, 3), 77, np.uint8))

    def test_coordinates(self):
        path = self.save("in.npy", self.image((8, 16, 3)))
        pixels = np.array([[2, -4, 6, 12], [7, 3, 1, 8.5]])
        extent = np.array([8, 16] * 2)
        arguments = ["--filter", "nearest", "--border", "wrap"]
        expected = self.extract(path, (5, 7), "--boxes", self.save("boxes.npy", pixels), *arguments)
        for centered in (None, False, True):
            for normalized in (None, False, True):
                boxes = pixels - extent / 2 if centered else pixels
                if normalized:
                    boxes = boxes / (extent / 2 if centered else extent)
                options = []
                for option, value in (("--centered", centered), ("--normalized", normalized)):
                    options += [] if value is None else [option, str(value).lower()]
                texts = [text for box in boxes for text in ("--box", ",".join(map(str, box)))]
                found = self.extract(path, (5, 7), *texts, *arguments, *options)
                self.assert_same(found, expected)

    def test_images_of_boxes(self):
        images = self.image((3, 6, 5, 2))
        path = self.save("in.npy", images)
        box = ["--filter", "nearest", *["--box", "1,1,3,4"] * 3]
        expected = images[:, 1:3, 1:4].repeat(2, 1).repeat(2, 2)
        self.assert_same(self.extract(path, (4, 6), *box), expected)
        index = self.save("index.npy", np.array([2, 0, 2]))
        found = self.extract(path, (4, 6), *box, "--image-index", index)
        self.assert_same(found, expected[[2, 0, 2]])
        self.refuse(path, "--box", "1,1,3,4", says=("3 images for 1 glimpses", "one per glimpse"))

    def test_conversions(self):
        image = self.image((9, 11, 3))
        path = self.save("in.npy", image)
        arguments = ["--box", "2,3,5,6", "--box", "-2,0,1,3", "--filter", "nearest"]
        expected = np.stack([
            expected_glimpse(image, origin, (3, 3), "zero").repeat(2, 0).repeat(2, 1)
            for origin in ((2, 3), (-2, 0))])
        found = self.extract(path, (6, 6), *arguments, "--type", "float32", "--layout", "planar",
                             "--channel-order", "2,0", "--subtract", "1,2.5", "--multiply", "0.5")
        planes = (expected[..., [2, 0]].astype(np.float32) - np.float32([1, 2.5])) * np.float32(0.5)
        self.assert_same(found, np.ascontiguousarray(planes.transpose(0, 3, 1, 2)))
        sheet = self.sheet(path, "--size", "6,6", *arguments)
        self.assert_same(np.ascontiguousarray(sheet[:, :6]), expected[0])
        self.assert_same(np.ascontiguousarray(sheet[:, 7:]), expected[1])

    def test_threads_and_variants_agree(self):
        image = self.image((30, 40, 3), np.float32)
        path = self.save("in.npy", image)
        boxes = self.random.uniform(-30, 60, (40, 4)).astype(np.float32)
        arguments = ["--boxes", self.save("boxes.npy", boxes), "--antialias", "false"]
        for border in ("zero", "gaussian", "reflect"):
            expected = self.extract(path, (80, 90), *arguments, "--border", border, stderr=None)
            found = self.extract(path, (80, 90), *arguments, "--border", border, "--threads", "3",
                                 stderr=None)
            self.assert_same(found, expected)
            for variant in json.loads(self.succeed("info", "--json"))["variants"]:
                if variant["usable"]:
                    found = self.extract(path, (80, 90), *arguments, "--border", border,
                                         "--variant", variant["name"], stderr=None)
                    self.assert_same(found, expected)

    def test_none(self):
        path = self.save("in.npy", self.image())
        file = self.save("none.npy", np.zeros((0, 4), np.float32))
        self.assertEqual(self.extract(path, (3, 4), "--boxes", file).shape, (0, 3, 4, 3))
        self.assertEqual(self.extract(path, (0, 4), "--box", "1,1,2,2").shape, (1, 0, 4, 3))
        file = self.save("none.npy", np.zeros((0, 2), np.float32))
        self.assertEqual(self.extract(path, (3, 4), "--offsets", file, "--retina", "3").shape,
                         (0, 3, 4, 3))
        self.refuse(path, "--size", "0,4", "--offset", "1,1", "--retina", "3", says="0 x 4")

    def test_far_and_not_finite(self):
        path = self.save("in.npy", self.image())
        self.refuse(path, "--box", "0,0,1,1", "--box", "nan,1,2,3", says=("box 1", "finite"))
        self.refuse(path, "--box", "0,-inf,1,1", says=("box 0", "finite"))
        self.refuse(path, "--box", "0,0,3e9,1", says=("box 0", "int32"))
        self.refuse(path, "--box", "0,0,1,1", "--edge-margin", "inf", says=("margin", "finite"))
        self.refuse(path, "--offset", "nan,0", "--retina", "2", "--filter", "nearest",
                    says="not finite")

    def test_only_pixels_are_sampled(self):
        path = self.write("in", bytes(96))
        boxes = self.save("boxes.npy", np.zeros((1, 4), np.int32))
        for name in ("bayer8", "nv12"):
            for way in (["--box", "0,0,4,4"], ["--boxes", boxes],
                        ["--offset", "2,2", "--retina", "2"]):
                self.refuse(path, "--raw", f"8x8:{name}", *way, "-o", self.path("out.raw"),
                            says=(way[-2] + " given with", name, "no boxes are sampled"))

    def test_retina(self):
        image = self.image((20, 30, 3))
        path = self.save("in.npy", image)
        offsets = ["--offset", "9,12", "--offset", "1,28"]
        windows = self.extract(path, (4, 6), *offsets)
        self.assert_same(windows[0], image[7:11, 9:15])
        found = self.extract(path, (4, 6), *offsets, "--retina", "3", "--filter", "nearest")
        self.assertEqual(found.shape, (6, 4, 6, 3))
        self.assert_same(found[::3], windows)
        expected = [
            expected_sample(image, (y - 2 * scale, x - 3 * scale, y + 2 * scale, x + 3 * scale),
                            (4, 6), "nearest").astype(np.uint8)
            for y, x in ((9, 12), (1, 28)) for scale in (1, 2, 4)]
        self.assert_same(found, np.stack(expected))
        self.assert_same(self.extract(path, (4, 6), *offsets, "--retina", "1"), windows)
        found = self.extract(path, (1, 1), "--offset", "9,12", "--retina", "24", "--filter",
                             "nearest")
        self.assert_same(found, image[None, 9:10, 12:13].repeat(24, 0))
        self.refuse(path, "--size", "1,1", "--offset", "9,12", "--retina", "24",
                    says=("box 15 is 32768 pixels long", "linear", "no more than 32768"))
        found = self.extract(path, (4, 6), *offsets[:2], "--retina", "2", "--filter", "area")
        means = image[5:13, 6:18].astype(np.float64).reshape(4, 2, 6, 2, 3).mean(axis=(1, 3))
        self.assertLess(np.abs(found[1] - means).max(), 0.65)

    def test_retina_does_not_round(self):
        image = self.image((20, 30, 1), np.float32)
        path = self.save("in.npy", image)
        found = self.extract(path, (4, 4), "--offset", "9.25,12.5", "--retina", "1")
        expected = expected_sample(image, (7.25, 10.5, 11.25, 14.5), (4, 4), "linear")
        self.assertLess(np.abs(found[0] - expected).max(), 1e-5)

    def test_retina_coordinates(self):
        path = self.save("in.npy", self.image((16, 32, 3)))
        arguments = ["--retina", "3", "--filter", "nearest", "--border", "reflect"]
        expected = self.extract(path, (4, 6), "--offset", "12,8", *arguments)
        for text, options in (("4,-8", ["--centered", "true"]),
                              ("0.75,0.25", ["--normalized", "true"]),
                              ("0.5,-0.5", ["--centered", "true", "--normalized", "true"])):
            found = self.extract(path, (4, 6), "--offset", text, *options, *arguments)
            self.assert_same(found, expected)
        file = self.save("offsets.npy", np.array([[12, 8]], np.float16))
        self.assert_same(self.extract(path, (4, 6), "--offsets", file, *arguments), expected)

    def test_retina_of_many_images(self):
        images = self.image((3, 16, 16, 2))
        path = self.save("in.npy", images)
        arguments = ["--filter", "nearest", "--retina", "2"]
        one = [self.extract(self.save("one.npy", image), (4, 4), "--offset", "8,8", *arguments)
               for image in images]
        found = self.extract(path, (4, 4), *["--offset", "8,8"] * 3, *arguments)
        self.assert_same(found, np.concatenate(one))
        index = self.save("index.npy", np.array([2, 0]))
        offsets = ["--offset", "8,8"] * 2
        found = self.extract(path, (4, 4), *offsets, "--image-index", index, *arguments)
        self.assert_same(found, np.concatenate([one[2], one[0]]))
        self.refuse(path, *offsets, *arguments, says=("3 images for 2 offsets", "one per offset"))
        index = self.save("index.npy", np.zeros(4, np.int32))
        self.refuse(path, *offsets, "--image-index", index, *arguments,
                    says=("4 numbers for 2 offsets", "one per offset"))
        index = self.save("index.npy", np.array([0, 1]))
        self.refuse(self.path("one.npy"), *offsets, "--image-index", index, *arguments,
                    says="image_index 2 is 1")


class NpyInput(CommandTest):

    def assert_reads(self, path, image, *arguments):
        image = image.reshape(-1, *image.shape[-3:]) if image.ndim > 2 else image[None, ..., None]
        found = self.extract(path, image.shape[1:3], *["--origin", "0,0"] * len(image), *arguments)
        self.assert_same(found, image)

    def test_shapes_and_orders(self):
        for shape in ((5, 7), (5, 7, 3), (5, 7, 16), (2, 5, 7, 3), (3, 4, 5, 20), (1, 1),
                      (1, 6, 1)):
            for dtype in ("u1", "u2", "i2", "f2", "V2", "f4"):
                for order in "CF":
                    image = np.array(self.image(shape, dtype), order=order)
                    with self.subTest(shape=shape, dtype=dtype, order=order):
                        self.assert_reads(self.save("in.npy", image), np.ascontiguousarray(image))

    def test_input_layout(self):
        for channels in (17, 100):
            image = self.image((4, 5, channels))
            path = self.save("in.npy", image)
            self.refuse(path, says=(str(channels), "16", "--input-layout hwc"))
            self.assert_reads(path, image, "--input-layout", "hwc")
            self.reject("stats", path, says="--input-layout hwc")
            self.succeed("stats", path, "--input-layout", "hwc")
        image = self.image((4, 5))
        self.assert_reads(self.save("in.npy", image), image, "--input-layout", "hwc")
        path = self.save("in.npy", self.image((2, 4, 5, 3)))
        self.refuse(path, "--input-layout", "hwc", says=("4", "[H, W, C]"))
        self.refuse(path, "--input-layout", "chw", says=("rank 4", "rank 3", "[C, H, W]"))
        path = self.save("in.npy", self.image((4, 5, 3)))
        self.refuse(path, "--input-layout", "bhwc", says=("rank 3", "rank 4", "[B, H, W, C]"))
        self.refuse(path, "--input-layout", "bchw", says=("rank 3", "rank 4", "[B, C, H, W]"))
        self.reject("stats", path, "--input-layout", "bchw", says="[B, C, H, W]")
        for kind, message in (("PNG", "PNG"), ("JPEG", "JPEG")):
            Image.fromarray(self.image()).save(self.path("in"), kind)
            for layout in ("hwc", "chw"):
                self.refuse(self.path("in"), "--input-layout", layout, says=(message, "NPY"))

    def test_planar_input(self):
        for shape in ((3, 4, 6), (1, 5, 5), (40, 2, 3), (2, 4, 5, 6), (3, 1, 1, 2)):
            for dtype in ("u1", "u2", "V2", "f4"):
                image = self.image(shape, dtype)
                expected = np.moveaxis(image, -3, -1).reshape(-1, *shape[-2:], shape[-3])
                for order in "CF":
                    path = self.save("in.npy", np.array(image, order=order))
                    layout = "chw" if len(shape) == 3 else "bchw"
                    found = self.extract(path, shape[-2:], *["--origin", "0,0"] * len(expected),
                                         "--input-layout", layout)
                    self.assert_same(found, np.ascontiguousarray(expected))
        image = self.image((4, 5, 3))
        path = self.save("in.npy", image[None])
        self.assert_reads(path, image[None], "--input-layout", "bhwc")
        plane = self.image((4, 5))
        for layout in ("hwc", "chw", "bhwc", "bchw"):
            self.assert_reads(self.save("in.npy", plane), plane, "--input-layout", layout)

    def test_versions_and_headers(self):
        image = np.arange(6, dtype=np.uint8).reshape(2, 3)
        data = image.tobytes()
        good = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }"
        for version in ((1, 0), (2, 0), (3, 0)):
            self.assert_reads(self.write("in.npy", npy_bytes(good + "\n", data, version)), image)
        for header in (
                "{'shape':(2,3),'fortran_order':False,'descr':'|u1'}",
                "{ \"descr\" : \"|u1\" , 'shape' : ( 2 , 3 , ) , 'fortran_order' : False }  \n",
                good.replace("|u1", "<u1"), good.replace("|u1", ">u1")):
            self.assert_reads(self.write("in.npy", npy_bytes(header, data)), image)
        for header in (
                "", "\n", "{}", "[]", "'|u1'", good[:-1], good[1:], good + "x", good + good,
                good.replace("'descr': '|u1', ", ""), good.replace("'fortran_order': False, ", ""),
                good.replace("'shape': (2, 3), ", ""), good.replace("}", "'more': 1}"),
                good.replace("}", "'descr': '|u1'}"), good.replace("False", "0"),
                good.replace("False", "Falsey"), good.replace("False", "'False'"),
                good.replace("(2, 3)", "2"), good.replace("(2, 3)", "(6)"),
                good.replace("(2, 3)", "[2, 3]"), good.replace("(2, 3)", "(2 3)"),
                good.replace("(2, 3)", "(2, 3"), good.replace("(2, 3)", "(,)"),
                good.replace("(2, 3)", "(2.0, 3)"), good.replace("(2, 3)", "(-2, -3)"),
                good.replace("(2, 3)", "(2, 99999999999999999999)"), good.replace("'|u1'", "|u1"),
                good.replace("'|u1'", "'|u1"), good.replace("'|u1'", "7"), good.replace(",", ";"),
                "{'descr': [('a', '|u1'"):
            with self.subTest(header=header):
                self.refuse(self.write("in.npy", npy_bytes(header, data)), says="header")
        self.refuse(self.write("in.npy", npy_bytes(good.replace("2, 3", "-2, 3"), data)),
                    says="negative")
        for version in ((0, 0), (1, 1), (4, 0), (255, 255)):
            self.refuse(self.write("in.npy", npy_bytes(good, data, version)), says="version")
        self.refuse(self.write("in.npy", npy_bytes("\0" * 20, data)), says="header")

    def test_types(self):
        for kind in (">f4", "<f8", ">f2", "|i1", "|u2", ">u2", ">i2", ">V2", "|V1", "|V4", "<i4",
                     "|b1", "<c8", "|S4", "<U4", "|O", "=f4", "f4", "|f4", "u1", "<f04", "<f", "",
                     "<", "u", "<M8[s]"):
            header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': (1, 1), }}\n"
            for size in (1, 4):
                path = self.write("in.npy", npy_bytes(header, b"\0" * size))
                self.refuse(path, says=(f"'{kind}'", *(f"{t} '{d}'" for t, d in TYPES.items())))
                self.reject("stats", path, says=f"'{kind}'")
        self.refuse(self.save("in.npy", np.zeros((2, 2), [("a", "u1"), ("b", "<f4", (2, 2))])),
                    says=("('b', '<f4', (2, 2))", "uint8"))
        self.refuse(self.save("in.npy", np.zeros((2, 2), ">f4")), says="big-endian")
        pixels = self.image((2, 3), "V2")
        for descr in ("<V2", "|V2"):
            header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': (2, 3), }}\n"
            self.assert_reads(self.write("in.npy", npy_bytes(header, pixels.tobytes())), pixels)

    def test_ranks(self):
        for shape in ((), (6,), (1, 2, 3, 4, 5)):
            text = self.refuse(self.save("in.npy", np.zeros(shape, np.uint8)))
            self.assertIn(f"rank {len(shape)}", text)

    def test_sizes(self):
        whole = npy_bytes("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n",
                          bytes(24))
        self.succeed("stats", self.write("in.npy", whole))
        for length in range(len(whole)):
            path = self.write("in.npy", whole[:length])
            if length % 5 == 0 or length < 12 or length > len(whole) - 26:
                self.reject("stats", path, says="in.npy")
        self.refuse(self.write("in.npy", whole[:-1]), says=("truncated", "24", "23"))
        self.refuse(self.write("in.npy", whole + b"\0"), says=("24", "25"))
        for shape in ("(1000000, 1000000, 3)", "(9223372036854775807, 9223372036854775807)",
                      "(4611686018427387904, 2)", "(4611686018427387904, 4)", "(3, 3)",
                      "(2147483648, 2147483648, 2, 2)"):
            for order in ("False", "True"):
                header = f"{{'descr': '<f4', 'fortran_order': {order}, 'shape': {shape}, }}\n"
                path = self.write("in.npy", npy_bytes(header, bytes(24)))
                self.refuse(path, says=("truncated", "24"))
        for shape in ("(0, 9223372036854775807, 9223372036854775807, 3)",
                      "(9223372036854775807, 0, 0, 9223372036854775807)"):
            header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}\n"
            path = self.write("in.npy", npy_bytes(header, b""))
            self.refuse(path)
            result = self.run_command("stats", path)
            self.assertIn(result.returncode, (0, 2))
        path = self.write("in.npy", b"\x93NUMPY\x02\x00\xff\xff\xff\xff{}")
        self.refuse(path, says="header")
        path = self.write("o.npy", whole[:-1])
        self.refuse(self.save("in.npy", self.image()), "--offsets", path, says="o.npy")

    def test_not_an_image_file(self):
        for name, data in (("empty.npy", b""), ("text.png", b"hello, world"),
                           ("x.jpg", b"\xff\xd8"), ("half.png", b"\x89PNG"),
                           ("a.npz", b"PK\x03\x04" + bytes(100))):
            self.refuse(self.write(name, data), says=(name, "NPY, PNG, JPEG or Y4M"))
            self.reject("stats", self.path(name), says=name)
        self.refuse(self.path("absent.npy"), says="absent.npy")
        self.refuse(self.directory, says="directory")
        self.refuse("/dev/null", says="/dev/null")
        self.refuse(self.path("new\nline"), says="new line")


    def test_python_2(self):
        image = self.image((3, 4))
        for shape in ("(3L, 4L)", "(3L, 4L, )", "(3L, 4)"):
            header = "{'descr': '|u1', 'fortran_order': False, 'shape': %s, }\n" % shape
            path = self.write("in.npy", npy_bytes(header, image.tobytes()))
            self.assert_same(self.extract(path, (3, 4), "--origin", "0,0"), image[None, ..., None])
        for shape in ("(3LL, 4)", "(L, 4)", "(3 L, 4)", "(3l, 4)"):
            header = "{'descr': '|u1', 'fortran_order': False, 'shape': %s, }\n" % shape
            self.refuse(self.write("in.npy", npy_bytes(header, image.tobytes())), says="in.npy")

    def test_streams(self):
        image = self.image()
        path = self.save("in.npy", image)
        with open(path, "rb") as file:
            data = file.read()
        expected = self.succeed("stats", path, "--json")
        self.assertEqual(self.succeed("stats", "-", "--json", input=data), expected)
        with open(path, "rb") as file:
            self.assertEqual(self.succeed("stats", "-", "--json", stdin=file), expected)
        self.assert_same(self.extract("-", (3, 3), "--origin", "0,0", input=data), image[None, :3, :3])
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        writer = threading.Thread(target=self.write, args=("fifo", data))
        writer.start()
        self.assertEqual(self.succeed("stats", fifo, "--json"), expected)
        writer.join()
        os.remove(fifo)
        self.reject("stats", "-", input=data[:-1], says="standard input")
        self.reject("stats", "-", input=b"", says="standard input")
        self.reject("stats", "-", stdin=subprocess.DEVNULL, says="standard input")


class PngInput(CommandTest):

    def assert_reads(self, path, expected):
        found = self.extract(path, expected.shape[:2], "--origin", "0,0")
        self.assert_same(found, np.ascontiguousarray(expected[None]))

    def encode(self, image, **keywords):
        stream = io.BytesIO()
        image.save(stream, "PNG", **keywords)
        return stream.getvalue()

    def test_modes(self):
        for mode, channels in (("L", 1), ("LA", 2), ("RGB", 3), ("RGBA", 4)):
            pixels = self.image((7, 9, channels))
            data = self.encode(Image.fromarray(pixels.squeeze(), mode))
            self.assert_reads(self.write("in.png", data), pixels)

    def test_palette(self):
        indices = self.random.integers(0, 5, (6, 7), dtype=np.uint8)
        colors = self.image((5, 3))
        image = Image.fromarray(indices, "P")
        image.putpalette(colors.tobytes())
        self.assert_reads(self.write("in.png", self.encode(image)), colors[indices])
        data = self.encode(image, transparency=bytes([0, 100, 255, 7]))
        alpha = np.array([0, 100, 255, 7, 255], np.uint8)
        self.assert_reads(self.write("in.png", data),
                          np.concatenate([colors[indices], alpha[indices][..., None]], 2))

    def test_few_bits(self):
        for bit_depth in (1, 2, 4):
            levels = self.random.integers(0, 2**bit_depth, (5, 11), dtype=np.uint8)
            rows = [pack_bits(row, bit_depth) for row in levels]
            expected = levels * np.uint8(255 // (2**bit_depth - 1))
            path = self.write("in.png", png_bytes(11, 5, bit_depth, 0, rows))
            self.assert_reads(path, expected[..., None])
            transparent = png_bytes(11, 5, bit_depth, 0, rows, [(b"tRNS", b"\0\1")])
            alpha = np.where(levels == 1, 0, 255).astype(np.uint8)
            self.assert_reads(self.write("in.png", transparent), np.stack([expected, alpha], 2))
            colors = self.image((2**bit_depth, 3))
            path = self.write("in.png",
                              png_bytes(11, 5, bit_depth, 3, rows, [(b"PLTE", colors.tobytes())]))
            self.assert_reads(path, colors[levels])

    def test_transparent_color(self):
        pixels = self.image((4, 5, 3)) | 1
        pixels[1, 2] = [2, 4, 6]
        data = png_bytes(5, 4, 8, 2, [row.tobytes() for row in pixels],
                         [(b"tRNS", struct.pack(">HHH", 2, 4, 6))])
        alpha = np.full((4, 5, 1), 255, np.uint8)
        alpha[1, 2] = 0
        self.assert_reads(self.write("in.png", data), np.concatenate([pixels, alpha], 2))

    def test_gamma_and_interlacing(self):
        pixels = self.image((11, 13))
        rows = [row.tobytes() for row in pixels]
        data = png_bytes(13, 11, 8, 0, rows, [(b"gAMA", struct.pack(">I", 100000))])
        self.assert_reads(self.write("in.png", data), pixels[..., None])
        passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2),
                  (0, 1, 2, 2), (1, 0, 2, 1)]
        rows = [row.tobytes() for y, x, dy, dx in passes for row in pixels[y::dy, x::dx]]
        data = png_bytes(13, 11, 8, 0, rows, interlaced=True)
        self.assert_reads(self.write("in.png", data), pixels[..., None])

    def test_small_files_that_claim_much(self):
        limit = self.limit_of_memory(1 << 29)
        for width, height, color_type in ((2**31 - 1, 1, 6), (1, 2**31 - 1, 0),
                                          (2**31 - 1, 2**31 - 1, 0)):
            data = png_bytes(width, height, 8, color_type, [])
            self.refuse(self.write("in.png", data), "--size", "1,1", "--origin", "0,0",
                        says="cannot come out of a file", preexec_fn=limit)

    def test_content_decides(self):
        pixels = self.image((3, 4, 3))
        data = self.encode(Image.fromarray(pixels))
        self.assert_reads(self.write("in.jpg", data), pixels)
        np.save(self.path("x.npy"), pixels)
        os.rename(self.path("x.npy"), self.path("x.png"))
        self.assert_reads(self.path("x.png"), pixels)

    def test_16_bits(self):
        for channels, color_type in ((1, 0), (2, 4), (3, 2), (4, 6)):
            pixels = self.image((5, 7, channels), np.uint16)
            rows = [row.astype(">u2").tobytes() for row in pixels]
            self.assert_reads(self.write("in.png", png_bytes(7, 5, 16, color_type, rows)), pixels)
            stats = json.loads(self.succeed("stats", self.path("in.png"), "--json"))
            self.assertEqual(stats["images"][0]["max"], pixels.max())
        pixels = self.image((5, 7), np.uint16)
        self.assert_reads(self.write("in.png", self.encode(Image.fromarray(pixels))),
                          pixels[..., None])
        rows = [row.astype(">u2").tobytes() for row in pixels]
        transparent = struct.pack(">H", pixels[2, 3])
        alpha = np.where(pixels == pixels[2, 3], 0, 65535).astype(np.uint16)
        data = png_bytes(7, 5, 16, 0, rows, [(b"tRNS", transparent)])
        self.assert_reads(self.write("in.png", data), np.stack([pixels, alpha], 2))

    def test_damaged(self):
        whole = self.encode(Image.fromarray(self.image((20, 30, 3))))
        self.succeed("stats", self.write("in.png", whole))
        for length in [*range(8, 60), *range(60, len(whole) - 20, 97),
                       *range(len(whole) - 20, len(whole))]:
            self.reject("stats", self.write("in.png", whole[:length]), says="in.png")
        for position in (12, 17, 25, 29, 60, 500, len(whole) - 14):
            damaged = bytearray(whole)
            damaged[position] ^= 0x55
            self.refuse(self.write("in.png", damaged), says="in.png")
        pixels = [bytes(12)] * 4
        self.refuse(self.write("in.png", png_bytes(4, 5, 8, 2, pixels)), says="in.png")
        for width, height in ((900000, 900000), (10**6, 10**6), (2**31 - 1, 2**31 - 1), (0, 4),
                              (2**32 - 1, 1)):
            self.refuse(self.write("in.png", png_bytes(width, height, 8, 2, pixels)), says="in.png")
        self.refuse(self.write("in.png", png_bytes(4, 4, 8, 3, [bytes(4)] * 4)), says="in.png")

    def test_long_sides(self):
        path = self.save("in.npy", self.image((1, 2)))
        for size in ("1,1000001", "1000001,1"):
            out = self.path("long.png")
            self.succeed("extract", path, "--size", size, "--origin", "0,0", "--border", "replicate", "-o", out)
            found = json.loads(self.succeed("stats", out, "--json"))["images"][0]
            image = np.load(path)
            self.assertEqual(found["max"], image.max() if size[1] == "," else image[0, 0])


class JpegInput(CommandTest):

    def encode(self, image, **keywords):
        stream = io.BytesIO()
        image.save(stream, "JPEG", **keywords)
        return stream.getvalue()

    def photo(self, channels):
        y, x, c = np.mgrid[0:37, 0:53, 0:channels]
        pixels = (128 + 100 * np.sin(x / 9 + c) * np.cos(y / 7)).astype(np.uint8)
        return Image.fromarray(pixels.squeeze())

    def test_modes(self):
        for channels in (1, 3):
            for keywords in ({}, {"progressive": True}, {"subsampling": 0, "quality": 100}):
                data = self.encode(self.photo(channels), **keywords)
                expected = np.asarray(Image.open(io.BytesIO(data))).reshape(37, 53, channels)
                path = self.write("in.jpg", data)
                found = self.extract(path, (37, 53), "--origin", "0,0")
                self.assertEqual(found.shape, (1, 37, 53, channels))
                difference = np.abs(found[0].astype(int) - expected)
                self.assertLessEqual(difference.max(), 2)

    def test_rotation_is_not_applied(self):
        exif = Image.Exif()
        exif[0x0112] = 6
        path = self.write("in.jpg", self.encode(self.photo(3), exif=exif))
        found = self.extract(path, (37, 53), "--origin", "0,0")
        expected = np.asarray(Image.open(path))
        self.assertLessEqual(np.abs(found[0].astype(int) - expected).max(), 2)

    def test_refused(self):
        cmyk = Image.new("CMYK", (8, 8), (10, 20, 30, 40))
        self.refuse(self.write("in.jpg", self.encode(cmyk)), says="CMYK")

    def test_damaged(self):
        for keywords in ({}, {"progressive": True}):
            whole = self.encode(self.photo(3), **keywords)
            self.succeed("stats", self.write("in.jpg", whole))
            lengths = {*range(3, 40), *range(40, len(whole), 61),
                       *range(len(whole) - 5, len(whole) - 2)}
            for length in sorted(lengths):
                self.reject("stats", self.write("in.jpg", whole[:length]), says="in.jpg")
            self.refuse(self.write("in.jpg", whole[:-100] + b"\xff\xd9"), says="in.jpg")
        self.succeed("stats", self.write("in.jpg", whole + b"trailing"))

    def test_without_end_marker(self):
        for keywords in ({}, {"progressive": True}):
            whole = self.encode(self.photo(3), **keywords)
            self.assertEqual(whole[-2:], b"\xff\xd9")
            expected = self.extract(self.write("in.jpg", whole), (37, 53), "--origin", "0,0")
            for length in (len(whole) - 2, len(whole) - 1):
                path = self.write("in.jpg", whole[:length])
                found = self.extract(path, (37, 53), "--origin", "0,0", stderr=None)
                self.assert_same(found, expected)
                result = self.run_command("stats", path)
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assert_one_line(result.stderr, "glimpse: warning: ")
                self.assertIn("in.jpg: the JPEG has no end marker", result.stderr.decode())
        # Whole scans of a progressive file are missing.
        last = whole.rindex(b"\xff\xda")
        self.reject("stats", self.write("in.jpg", whole[:last]), says="ends too early")

    def test_many_scans(self):
        whole = self.encode(self.photo(3), progressive=True)
        first, second = [i for i in range(len(whole) - 1) if whole[i:i + 2] == b"\xff\xda"][:2]
        end = whole.index(b"\xff\xc4", first)  # the tables of the next scan
        self.assertLess(end, second)
        for scans in (1, 20):
            self.succeed("stats", self.write("in.jpg", whole[:end] + whole[first:end] * (scans - 1) + whole[end:]))
        self.reject("stats", self.write("in.jpg", whole[:end] + whole[first:end] * 99 + whole[end:]),
                    says=("in.jpg", "more than 64 scans"))


class Output(CommandTest):

    def test_extension(self):
        path = self.save("in.npy", self.image())
        for name in ("out.txt", "out", "outnpy", "out.npy.gz", "out.jpg", "out.npz"):
            self.reject("extract", path, "--size", "3,3", "--origin", "0,0", "-o", self.path(name),
                        says=(name, ".npy", ".png", ".raw"))
            self.reject("extract", self.path("absent"), "--size", "3,3", "--origin", "0,0", "-o",
                        self.path(name), says=".png")
        for name in ("a.NPY", "b.Npy", "c.PNG", "d.png", "e.RAW"):
            self.succeed("extract", path, "--size", "3,3", "--origin", "0,0", "--output",
                         self.path(name))
            if name.lower().endswith("npy"):
                self.assertEqual(np.load(self.path(name)).shape, (1, 3, 3, 3))
            elif name.lower().endswith("png"):
                with Image.open(self.path(name)) as image:
                    self.assertEqual(image.size, (3, 3))
            else:
                self.assertEqual(os.path.getsize(self.path(name)), 27)

    def test_bad_places(self):
        path = self.save("in.npy", self.image())
        os.mkdir(self.path("folder.npy"))
        self.refuse(path, "-o", self.path("folder.npy"), says="directory")
        self.refuse(path, "-o", self.path("absent/out.npy"), says="absent")
        self.refuse(path, "-o", os.path.join(path, "out.npy"), says="in.npy")
        os.mkfifo(self.path("fifo.npy"))
        self.refuse(path, "-o", self.path("fifo.npy"), says="fifo.npy")
        if os.geteuid() != 0:
            os.mkdir(self.path("locked"), 0o500)
            self.refuse(path, "-o", self.path("locked/out.npy"), says="locked")

    def test_existing_output_survives(self):
        path = self.save("in.npy", self.image())
        for name in ("out.npy", "out.png"):
            self.write(name, b"precious")
            self.refuse(path, "-o", self.path(name), "--origin", "2147483647,0")
            self.refuse(path, "-o", self.path(name), "--size", "bad")
            self.refuse(self.path("absent"), "-o", self.path(name))
            with open(self.path(name), "rb") as file:
                self.assertEqual(file.read(), b"precious")

    def test_failed_write(self):
        path = self.save("in.npy", self.image((64, 64, 3)))

        def limit_files():
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

        for name in ("out.npy", "out.png", "out.raw"):
            for existing in (False, True):
                if existing:
                    self.write(name, b"precious")
                self.refuse(path, "-o", self.path(name), "--size", "64,64", exit_code=1,
                            preexec_fn=limit_files, says=name)
                if existing:
                    with open(self.path(name), "rb") as file:
                        self.assertEqual(file.read(), b"precious")

    def test_replaced(self):
        image = self.image()
        path = self.save("in.npy", image)
        self.write("out.npy", b"old")
        os.chmod(self.path("out.npy"), 0o640)
        self.extract(path, (3, 3), "--origin", "0,0")
        self.assertEqual(os.stat(self.path("out.npy")).st_mode & 0o777, 0o640)
        self.succeed("extract", path, "--size", "3,3", "--origin", "1,1", "-o", path)
        self.assert_same(np.load(path), image[None, 1:4, 1:4])
        os.symlink(self.path("out.npy"), self.path("link.npy"))
        self.succeed("extract", path, "--size", "1,1", *["--origin", "1,1"], "-o",
                     self.path("link.npy"))
        self.assertTrue(os.path.islink(self.path("link.npy")))
        self.assertEqual(np.load(self.path("out.npy")).shape, (1, 1, 1, 3))
        self.assertEqual(sorted(os.listdir(self.directory)), ["in.npy", "link.npy", "out.npy"])
        result = self.run_command("extract", "in.npy", "--size", "1,1", "--origin", "0,0", "-o",
                                  "here.npy", cwd=self.directory)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(np.load(self.path("here.npy")).shape, (1, 1, 1, 3))

    def test_links(self):
        path = self.save("in.npy", self.image())
        arguments = ["extract", path, "--size", "1,1", "--origin", "0,0", "-o"]
        os.mkdir(self.path("folder"))
        os.symlink("folder/target.npy", self.path("dangling.npy"))  # relative to the link
        self.succeed(*arguments, self.path("dangling.npy"))
        self.assertTrue(os.path.islink(self.path("dangling.npy")))
        self.assertEqual(np.load(self.path("folder/target.npy")).shape, (1, 1, 1, 3))
        os.symlink("dangling.npy", self.path("chain.npy"))
        self.succeed(*arguments, self.path("chain.npy"))
        self.assertEqual(os.readlink(self.path("chain.npy")), "dangling.npy")
        os.symlink("b.npy", self.path("a.npy"))
        os.symlink("a.npy", self.path("b.npy"))
        self.reject(*arguments, self.path("a.npy"), says=("a.npy", "cannot be written"))
        self.assertEqual(os.readlink(self.path("a.npy")), "b.npy")
        os.symlink("absent/target.npy", self.path("nowhere.npy"))
        self.reject(*arguments, self.path("nowhere.npy"), says="nowhere.npy")

    def test_read_only(self):
        path = self.save("in.npy", self.image())
        self.write("out.npy", b"precious")
        os.chmod(self.path("out.npy"), 0o444)
        self.refuse(path, says=("out.npy", "read-only"))
        with open(self.path("out.npy"), "rb") as file:
            self.assertEqual(file.read(), b"precious")

    def test_refused_before_the_work(self):
        # Nothing is read: the input is a pipe that nobody writes to.
        fifo = self.path("in.npy")
        os.mkfifo(fifo)
        self.refuse(fifo, "-o", self.path("x" * 252 + ".npy"), says="cannot be written")
        self.refuse(fifo, "-o", self.path("absent/out.npy"), says="cannot be written")

    def test_signals(self):
        fifo = self.path("in.npy")
        os.mkfifo(fifo)
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
            process = subprocess.Popen([*COMMAND, "extract", fifo, "--size", "3,3", "--origin", "0,0", "-o",
                                        self.path("out.npy")], stderr=subprocess.PIPE)
            with open(fifo, "wb"):  # it waits for what is written there
                self.assertEqual(len([n for n in os.listdir(self.directory) if n.endswith(".tmp")]), 1)
                process.send_signal(number)
                process.communicate()
            self.assertNotEqual(process.returncode, 0)
            self.assertEqual(os.listdir(self.directory), ["in.npy"], number)


class ContactSheet(CommandTest):

    def expected_sheet(self, glimpses, columns, gap=128):
        count, height, width, channels = glimpses.shape
        rows = -(-count // columns)
        sheet = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1, channels), gap,
                        glimpses.dtype)
        for n in range(count):
            y, x = n // columns * (height + 1), n % columns * (width + 1)
            sheet[y:y + height, x:x + width] = glimpses[n]
        return sheet

    def test_grid(self):
        for channels in (1, 3):
            image = self.image((12, 14, channels))
            path = self.save("in.npy", image)
            for count, columns in ((1, 1), (2, 2), (3, 2), (4, 2), (5, 3), (7, 3), (9, 3), (10, 4)):
                origins = self.random.integers(-3, 10, (count, 2))
                file = self.save("origins.npy", origins)
                found = self.sheet(path, "--size", "4,5", "--origins", file, "--border", "wrap")
                glimpses = np.stack([expected_glimpse(image, o, (4, 5), "wrap") for o in origins])
                expected = self.expected_sheet(glimpses, columns)
                self.assert_same(found.reshape(expected.shape), expected)

    def test_checkerboard(self):
        image = np.zeros((16, 16, 4), np.uint8)
        image[..., :3] = [200, 100, 50]
        image[:, :4, 3] = 255
        image[:, 4:8, 3] = 128
        found = self.sheet(self.save("in.npy", image), "--size", "16,16", "--origin", "0,0")
        self.assertEqual(found.shape, (16, 16, 3))
        self.assertTrue((found[:, :4] == [200, 100, 50]).all())
        under = found[:, 8:]
        self.assertEqual({tuple(p) for p in under.reshape(-1, 3)}, {(255,) * 3, (204,) * 3})
        self.assertTrue((found[:8, :8][:, 4:] == np.rint(
            (np.array([200, 100, 50]) * 128 + 255 * 127) / 255)).all())
        self.assertFalse((found[0, 15] == found[15, 15]).any())

    def test_float_range(self):
        image = self.random.uniform(-3, 5, (2, 8, 9, 3)).astype(np.float32)
        low, high = float(image.min()), float(image.max())
        path = self.save("in.npy", image)
        index = self.save("index.npy", np.zeros(1, np.int32))
        found = self.sheet(path, "--size", "8,9", "--origin", "0,0", "--image-index", index)
        expected = (image[0].astype(np.float64) - low) / (high - low) * 255
        self.assertLessEqual(np.abs(found - expected).max(), 0.5001)
        self.assertEqual((found.dtype, found.shape), (np.uint8, (8, 9, 3)))
        found = self.sheet(path, "--size", "1,2", "--origin", "-5,-5", "--image-index", index,
                           "--border", "constant", "--value", "1000,-1000,1", stderr=None)
        middle = round((1 - low) / (high - low) * 255)
        self.assertTrue((found == [255, 0, middle]).all())

    def test_not_finite(self):
        image = np.array([[0, 1, 2, 4], [np.nan, np.inf, -np.inf, 3]], np.float32)
        found = self.sheet(self.save("in.npy", image), "--size", "2,4", "--origin", "0,0")
        gray = [[0, 64, 128, 255], [0, 255, 0, 191]]
        expected = np.repeat(np.array(gray, np.uint8)[..., None], 3, 2)
        expected[1, 0] = [255, 0, 255]
        self.assert_same(found, expected)
        found = self.sheet(self.path("in.npy"), "--size", "1,4", "--origin", "0,0")
        self.assert_same(found, np.array(gray[:1], np.uint8))
        image = np.ones((1, 2, 3), np.float32)
        image[0, 0, 1] = np.nan
        found = self.sheet(self.save("in.npy", image), "--size", "1,2", "--origin", "0,0")
        self.assertEqual(found[0, 0].tolist(), [255, 0, 255])
        nothing = self.save("in.npy", np.full((2, 2), np.nan, np.float32))
        found = self.sheet(nothing, "--size", "2,2", "--origin", "0,0")
        self.assertTrue((found == [255, 0, 255]).all())

    def test_constant_input(self):
        image = np.full((4, 4, 1), 7, np.float32)
        found = self.sheet(self.save("in.npy", image), "--size", "4,4", "--origin", "2,2",
                           "--border", "constant", "--value", "9")
        self.assertEqual(found[:2, :2].tolist(), [[0, 0], [0, 0]])
        self.assertTrue((found[2:] == 255).all())
        extreme = np.array([[-3.4e38, 3.4e38, 0]], np.float32)
        found = self.sheet(self.save("in.npy", extreme), "--size", "1,3", "--origin", "0,0")
        self.assertEqual(found.tolist(), [[0, 255, 128]])

    def test_refused(self):
        out = self.path("out.png")
        for channels in (0, 2, 5, 16):
            path = self.save("in.npy", self.image((6, 6, channels)))
            self.refuse(path, "-o", out, says=(str(channels), "1 (gray), 3 (RGB) or 4 (RGBA)"))
        path = self.save("in.npy", self.image())
        none = self.save("none.npy", np.zeros((0, 2), np.int32))
        self.refuse(path, "-o", out, "--origins", none, says="0 glimpses")
        for size in ("0,3", "3,0"):
            self.refuse(path, "-o", out, "--size", size, says="pixel")
        self.refuse(path, "-o", out, "--size", "2147483647,2147483647", *["--origin", "0,0"] * 2)

    def test_16_bits(self):
        for channels in (1, 3):
            image = self.image((6, 7, channels), np.uint16)
            path = self.save("in.npy", image)
            out = self.path("out.png")
            origins = ["--origin", "1,2", "--origin", "0,0", "--origin", "2,2"]
            self.succeed("extract", path, "--size", "4,5", *origins, "-o", out)
            with open(out, "rb") as file:
                self.assertEqual(file.read(25)[24], 16)
            glimpses = np.stack([image[1:5, 2:7], image[:4, :5], image[2:6, 2:7]])
            expected = self.expected_sheet(glimpses, 2, 128 * 257)
            found = self.extract(out, expected.shape[:2], "--origin", "0,0")
            self.assert_same(found[0], expected)
            if channels == 1:  # Pillow reads no colours of 16 bits
                with Image.open(out) as sheet:
                    self.assert_same(np.asarray(sheet).astype(np.uint16), expected[..., 0])
        image = self.image((16, 16, 4), np.uint16)
        image[0, :2, 3] = [0, 65535]
        path = self.save("in.npy", image)
        self.succeed("extract", path, "--size", "16,16", "--origin", "0,0", "-o", out)
        found = self.extract(out, (16, 16), "--origin", "0,0")[0].astype(np.float64)
        y, x = np.mgrid[0:16, 0:16] // 8
        under = np.where((y + x) % 2 == 0, 255 * 257, 204 * 257)[..., None]
        alpha = image[..., 3:] / 65535
        expected = image[..., :3] * alpha + under * (1 - alpha)
        self.assertLessEqual(np.abs(found - expected).max(), 0.5001)

    def test_scaled_types(self):
        for name in ("int16", "float16", "bfloat16"):
            image = self.image((6, 7, 3), TYPES[name])
            values = numbers(image).astype(np.float64)
            expected = (values - values.min()) / (values.max() - values.min()) * 255
            found = self.sheet(self.save("in.npy", image), "--size", "6,7", "--origin", "0,0")
            self.assertEqual(found.dtype, np.uint8)
            self.assertLessEqual(np.abs(found - expected).max(), 0.5001)
        halves = np.array([[0, 1, 2**-24, 1023 * 2**-24, np.nan, np.inf, -np.inf, 0.5]], "f2")
        gray = [0, 255, 0, 0, None, 255, 0, 128]
        for image in (halves, as_type(np.nan_to_num(numbers(halves), nan=0, posinf=9e9,
                                                    neginf=-9e9), "bfloat16")):
            bits = image.view(np.uint16)
            if image is not halves:
                bits[0, 4:7] = [0x7fc1, 0x7f80, 0xff80]
            found = self.sheet(self.save("in.npy", image), "--size", "1,8", "--origin", "0,0")
            for x, level in enumerate(gray):
                self.assertEqual(found[0, x].tolist(),
                                 [255, 0, 255] if level is None else [level] * 3)
        image = np.array([[0, 2**-15, 2**-14]], "f2")  # the second is subnormal
        found = self.sheet(self.save("in.npy", image), "--size", "1,3", "--origin", "0,0")
        self.assertEqual(found.tolist(), [[0, 128, 255]])

    def test_converted_range(self):
        images = self.image((2, 6, 7, 3))
        path = self.save("in.npy", images)
        index = self.save("index.npy", np.ones(1, np.int32))
        subtract, multiply = [100, -20, 30], [0.5, -0.25, 2]
        arguments = ["--image-index", index, "--subtract", ",".join(map(str, subtract)),
                     "--multiply", ",".join(map(str, multiply))]
        converted = (images - np.array(subtract, np.float64)) * multiply
        low, high = converted.min(), converted.max()
        for name in ("float32", "float16"):
            found = self.sheet(path, "--size", "3,3", "--origin", "1,2", "--type", name, *arguments)
            expected = (converted[1, 1:4, 2:5] - low) / (high - low) * 255
            self.assertLessEqual(np.abs(found - expected).max(), 0.6)
        found = self.sheet(path, "--size", "3,3", "--origin", "1,2", *arguments)
        self.assert_same(found, np.clip(np.rint(converted[1, 1:4, 2:5]), 0, 255).astype(np.uint8))
        image = self.random.uniform(0, 1, (5, 5)).astype(np.float32)
        found = self.sheet(self.save("in.npy", image), "--size", "5,5", "--origin", "0,0", "--type",
                           "uint8", "--multiply", "255")
        self.assert_same(found, as_type(image * np.float32(255), "uint8"))

    def test_layout_does_not_show(self):
        for dtype in ("u1", "u2", "f4"):
            for channels in (1, 3, 4):
                path = self.save("in.npy", self.image((6, 7, channels), dtype))
                files = []
                for layout in ("interleaved", "planar"):
                    self.succeed("extract", path, "--size", "4,5", "--origin", "1,1", "--origin",
                                 "0,2", "--layout", layout, "-o", self.path("out.png"))
                    with open(self.path("out.png"), "rb") as file:
                        files.append(file.read())
                self.assertEqual(files[0], files[1])

    def test_wide(self):
        image = self.image((2, 3, 1))
        path = self.save("in.npy", image)
        found = self.sheet(path, "--size", "1,1500000", "--origin", "0,0", "--border", "wrap")
        self.assert_same(found, np.tile(image[:1, :, 0], 500000))


class Conversion(CommandTest):

    def test_every_pair_of_types(self):
        origins = [(-3, 4), (2, 8), (1, 1)]
        positions = self.save("origins.npy", np.array(origins))
        for name in TYPES:
            image = self.image((9, 11, 3), TYPES[name])
            path = self.save("in.npy", image)
            plane = numbers(image)
            expected = np.stack([expected_glimpse(plane, o, (4, 6), "reflect") for o in origins])
            arguments = ["--origins", positions, "--border", "reflect"]
            for other in TYPES:
                with self.subTest(image=name, glimpses=other):
                    if other != name and other not in FROM_EVERY_TYPE:
                        offered = [t for t in TYPES if t in (name, *FROM_EVERY_TYPE)]
                        self.refuse(path, "--type", other,
                                    says=(f"images are {name} and glimpses are {other}",
                                          "expected one of " + ", ".join(offered)))
                        continue
                    found = self.extract(path, (4, 6), *arguments, "--type", other)
                    self.assert_same(found, as_type(expected, other))
                    with open(self.path("out.npy"), "rb") as file:
                        self.assertIn(f"'descr': '{TYPES[other]}'".encode(), file.read(64))
                    found = self.extract(path, (4, 6), *arguments, "--type", other, "--subtract",
                                         "-1.5,0.25,100", "--multiply", "1.5,-200,0.125")
                    changed = ((expected - np.array([-1.5, 0.25, 100], np.float32)) *
                               np.array([1.5, -200, 0.125], np.float32))
                    self.assert_same(found, as_type(changed, other))

    def test_types_are_kept_bit_for_bit(self):
        for name, descr in TYPES.items():
            image = self.random.integers(0, 256, (6, 7, np.dtype(descr).itemsize * 2), np.uint8)
            image = image.view("V2" if name == "bfloat16" else descr)
            path = self.save("in.npy", image)
            for arguments in ([], ["--type", name]):
                found = self.extract(path, (6, 7), "--origin", "0,0", *arguments)
                self.assertEqual(found.dtype, image.dtype)
                self.assertEqual(found.tobytes(), image.tobytes())

    def test_subtract_and_multiply(self):
        image = self.image((5, 6, 2))
        path = self.save("in.npy", image)

        def convert(*arguments):
            return self.extract(path, (5, 6), "--origin", "0,0", "--type", "float32",
                                *arguments)[0]

        plane = image.astype(np.float32)
        self.assert_same(convert("--subtract", "3.5"), plane - np.float32(3.5))
        self.assert_same(convert("--multiply", "0.1"), plane * np.float32(0.1))
        self.assert_same(convert("--multiply=-1,1e3"), plane * np.array([-1, 1e3], np.float32))
        self.assert_same(convert("--subtract", "-1,2", "--multiply", "0.3"),
                         (plane - np.array([-1, 2], np.float32)) * np.float32(0.3))
        found = self.extract(path, (1, 1), "--origin", "-9,0", "--border", "constant", "--value",
                             "10,20", "--subtract", "1", "--multiply", "2,3", stderr=None)
        self.assertEqual(found.ravel().tolist(), [18, 57])
        for option in ("--subtract", "--multiply"):
            for text in ("a", "1,", "1,,2", "1;2"):
                self.refuse(path, option, text, says=(option, f"'{text}'", "V or V,V,..."))
            self.refuse(path, option, "1,2,3", says=(option[2:], "3", "2 channels"))
            for text in ("nan", "1,inf"):
                self.refuse(path, option, text, says=(option[2:], "finite"))

    def test_channel_order(self):
        image = self.image((9, 11, 4))
        path = self.save("in.npy", image)
        for order in ([2, 1, 0], [1, 2, 3], [3], [0, 0]):
            text = ",".join(map(str, order))
            found = self.extract(path, (3, 4), "--origin", "1,2", "--channel-order", text)
            self.assert_same(found, np.ascontiguousarray(image[None, 1:4, 2:6][..., order]))
        found = self.extract(path, (3, 4), "--origin", "-1,2", "--channel-order", "2,0", "--type", "float32", "--layout",
                             "planar", "--border", "constant", "--value", "1,2,3,4.4", "--subtract", "3,1")
        self.assertEqual(found.shape, (1, 2, 3, 4))
        self.assertEqual(found[0, :, 0].tolist(), [[0] * 4, [0] * 4])
        self.assert_same(found[0, :, 1], (image[0, 2:6][:, [2, 0]].T.astype(np.float32) - [[3], [1]]).astype(np.float32))
        for text in ("a", "1,", "0,1,2,3,0", "256", "-1", "4"):
            self.refuse(path, f"--channel-order={text}", says="hannel")
        seen = self.run_command("explain", path, "--size", "3,4", "--origin", "1,2", "--channel-order", "2,0",
                                "--pixel", "0,0,1").stdout.decode()
        self.assertIn(f"pixel (y 1, x 2), channel 0: {image[1, 2, 0]}", seen)

    def test_exact_fill(self):
        path = self.save("in.npy", self.image((5, 6, 1)))
        arguments = ["--origin", "-9,-9", "--border", "constant", "--value", "123.675", "--subtract", "123.675",
                     "--type", "float32"]
        self.assertEqual(np.unique(self.extract(path, (3, 3), *arguments, stderr=None)).tolist(),
                         [np.float32(124) - np.float32(123.675)])
        self.assertEqual(np.unique(self.extract(path, (3, 3), *arguments, "--exact-fill", stderr=None)).tolist(), [0])

    def test_layouts(self):
        for channels in (1, 2, 3, 4, 5):
            images = self.image((2, 7, 8, channels), np.uint16)
            glimpses = np.stack([expected_glimpse(i, (-2, 3), (5, 6), "wrap") for i in images])
            origins = ["--origin=-2,3", "--origin=-2,3", "--border", "wrap"]
            for name in ("uint16", "float32"):
                expected = as_type(numbers(glimpses), name)
                for input_layout, stored in (("bhwc", images),
                                             ("bchw", images.transpose(0, 3, 1, 2))):
                    path = self.save("in.npy", np.ascontiguousarray(stored))
                    arguments = [*origins, "--input-layout", input_layout, "--type", name]
                    with self.subTest(channels=channels, type=name, input_layout=input_layout):
                        for layout in ([], ["--layout", "interleaved"]):
                            found = self.extract(path, (5, 6), *arguments, *layout)
                            self.assert_same(found, expected)
                        found = self.extract(path, (5, 6), *arguments, "--layout", "planar")
                        self.assert_same(found,
                                         np.ascontiguousarray(expected.transpose(0, 3, 1, 2)))

    def test_conventions_take_every_type(self):
        for name, descr in TYPES.items():
            image = self.image((6, 6, 2), descr)
            found = self.extract(self.save("in.npy", image), (2, 2), "--offset", "0,0",
                                 "--convention", "tensorflow_v1", "--layout", "planar")
            self.assertEqual(found.tobytes(),
                             np.ascontiguousarray(image[2:4, 2:4].transpose(2, 0, 1)).tobytes())

    def test_photograph_for_a_network(self):
        pixels = self.image((20, 30, 3))
        Image.fromarray(pixels).save(self.path("in.png"))
        found = self.extract(self.path("in.png"), (8, 8), "--origin", "-2,4", "--type", "float32",
                             "--layout", "planar", "--subtract", "123.675,116.28,103.53",
                             "--multiply", "0.01712475,0.017507,0.01742919")
        plane = expected_glimpse(pixels, (-2, 4), (8, 8), "zero").astype(np.float32)
        expected = ((plane - np.array([123.675, 116.28, 103.53], np.float32)) *
                    np.array([0.01712475, 0.017507, 0.01742919], np.float32))
        self.assert_same(found, np.ascontiguousarray(expected.transpose(2, 0, 1))[None])


class Frames(CommandTest):
    """RGB of frames; those that stay frames are in Raw."""

    weights = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}

    def rgb(self, planes, matrix="bt601", limited=True):
        """Unrounded R, G and B of Y, U and V at each pixel."""
        kr, kb = self.weights[matrix]
        y, u, v = (p.astype(np.float64) for p in planes)
        black, luma, chroma = (16, 219, 224) if limited else (0, 255, 255)
        y, u, v = (y - black) / luma, (u - 128) / chroma, (v - 128) / chroma
        a, e = 2 * (1 - kr), 2 * (1 - kb)
        g = y - e * kb / (1 - kr - kb) * u - a * kr / (1 - kr - kb) * v
        return 255 * np.stack([y + a * v, g, y + e * u], -1)

    def assert_near(self, found, expected, bound=1):
        self.assertLessEqual(np.abs(found - np.clip(expected, 0, 255)).max(), bound)

    def test_colors(self):
        planes = self.image((3, 20, 70))
        path = self.write("in", planes.tobytes())
        raw = [path, (20, 70), "--raw", "70x20:yuv444p", "--to", "rgb", "--origin", "0,0"]
        self.assert_near(self.extract(*raw)[0], self.rgb(planes))
        for matrix in self.weights:
            for limits in ("limited", "full"):
                found = self.extract(*raw, "--matrix", matrix, "--range", limits, "--type", "float32")
                self.assert_near(found[0], self.rgb(planes, matrix, limits == "limited"), 0.004)
        found = self.extract(*raw, "--channel-order", "2,1,0", "--layout", "planar")
        self.assert_near(found[0].transpose(1, 2, 0), self.rgb(planes)[..., ::-1])
        found = self.sheet(path, *raw[2:], "--size", "20,70")
        self.assert_near(found, self.rgb(planes))
        image = self.image((20, 70, 3))
        path = self.write("in", image.tobytes())
        for name, shown in (("rgb24", image), ("bgr24", image[..., ::-1])):
            found = self.extract(path, (20, 70), "--raw", f"70x20:{name}", "--to", "rgb", "--origin",
                                 "0,0")
            self.assert_same(found[0], np.ascontiguousarray(shown))

    def test_sitings(self):
        planes = self.image((20, 70)), self.image((10, 35, 2))
        path = self.write("in", b"".join(p.tobytes() for p in planes))

        def at_pixels(chroma, count, axis, is_first):
            place = (np.arange(count) + 0.5 - (0.5 if is_first else 1.0)) / 2
            low = np.floor(place).astype(int)
            last = chroma.shape[axis] - 1
            a, b = (chroma.take(np.clip(low + k, 0, last), axis) for k in (0, 1))
            shape = [1, 1, 1]
            shape[axis] = -1
            part = (place - low).reshape(shape)
            return a * (1 - part) + b * part

        for siting in (None, "left", "center", "top-left"):
            chroma = at_pixels(planes[1].astype(np.float64), 20, 0, siting == "top-left")
            chroma = at_pixels(chroma, 70, 1, siting != "center")
            expected = self.rgb((planes[0], chroma[..., 0], chroma[..., 1]))
            option = [] if siting is None else ["--siting", siting]
            found = self.extract(path, (9, 66), "--raw", "70x20:nv12", "--to", "rgb", "--origin",
                                 "3,1", *option)
            self.assert_near(found[0], expected[3:12, 1:67])

    def test_boxes(self):
        planes = self.image((3, 40, 70))
        path = self.write("in", planes.tobytes())
        raw = [path, (10, 35), "--raw", "70x40:i444", "--to", "rgb", "--type", "float32"]
        # The means of 4 x 2 pixels.
        found = self.extract(*raw, "--box", "0,0,40,70", "--filter", "area")
        means = self.rgb(planes).reshape(10, 4, 35, 2, 3).mean((1, 3))
        self.assert_near(found[0], means, 0.004)
        found = self.extract(*raw, "--box", "0,0,40,70", "--filter", "nearest", "--subtract", "100",
                             "--multiply", "2")
        picked = np.clip(self.rgb(planes)[2::4, 1::2], 0, 255)
        self.assertLessEqual(np.abs(found[0] - (picked - 100) * 2).max(), 0.01)

    def y4m(self, header, frames):
        return self.write("in.y4m", b"YUV4MPEG2 " + header + b"\n" +
                          b"".join(b"FRAME I\n" + f.tobytes() for f in frames))

    def test_y4m(self):
        frames = [self.image((15 * 9 + 2 * 8 * 5,)) for _ in range(3)]
        path = self.y4m(b"W15 H9 F30000:1001 Ip A0:0 C420mpeg2 XYSCSS=420 XCOLORRANGE=FULL", frames)
        raw = self.write("in.raw", b"".join(f.tobytes() for f in frames))
        options = ["--to", "rgb", "--origin", "-2,3", "--origin", "4,4"]
        found = self.extract(path, (6, 7), *options, "--frames", "1:3")
        expected = self.extract(raw, (6, 7), *options, "--frames", "1:3", "--raw", "15x9:i420",
                                "--range", "full", "--siting", "left")
        self.assert_same(found, expected)
        self.assertEqual(self.extract(path, (6, 7), *options, "--origin", "0,0").shape[0], 3)
        # And back, which keeps its kind.
        out = self.path("out.y4m")
        self.succeed("extract", path, "--size", "9,15", "--origin", "0,0", "--frames", "2:3", "-o", out)
        with open(out, "rb") as file:
            self.assertEqual(file.read(), b"YUV4MPEG2 W15 H9 F30000:1001 Ip A1:1 C420mpeg2 "
                             b"XCOLORRANGE=FULL\nFRAME\n" + frames[2].tobytes())
        plain = self.y4m(b"W15 H9", frames[:1])
        self.assert_same(self.extract(plain, (6, 7), "--to", "rgb", "--origin", "2,2"),
                         self.extract(raw, (6, 7), "--to", "rgb", "--origin", "2,2", "--frames", "0:1",
                                      "--raw", "15x9:i420", "--siting", "center"))

    def test_deep_frames(self):
        words = self.image((20 * 70,), np.uint16) & 1023
        path = self.write("in", words.astype("<u2").tobytes())
        found = self.extract(path, (20, 70), "--raw", "70x20:gray10le", "--to", "rgb", "--type",
                             "uint16", "--origin", "0,0")
        expected = words.reshape(20, 70, 1) / 1023 * 65535
        self.assertLessEqual(np.abs(found[0] - expected).max(), 1)

    def test_statistics(self):
        planes = self.image((3, 20, 70))
        path = self.write("in", planes.tobytes())
        image = self.extract(path, (20, 70), "--raw", "70x20:i444", "--to", "rgb", "--origin", "0,0")
        report = json.loads(self.succeed("stats", path, "--raw", "70x20:i444", "--json"))
        for c, channel in enumerate(report["images"][0]["channels"]):
            self.assertEqual(channel["min"], image[..., c].min())
            self.assertAlmostEqual(channel["mean"], image[..., c].astype(np.float64).mean())

    def test_what_is_refused(self):
        frames = [self.image((15 * 9 + 2 * 8 * 5,))] * 2
        path = self.y4m(b"W15 H9 C420jpeg", frames)
        self.refuse(path, "--to", "bgr", says=("--to", "rgb"))
        self.refuse(path, "--to", "rgb", "--matrix", "bt2100", says=("--matrix", "bt2020"))
        self.refuse(path, "--to", "rgb", "--siting", "top", says=("--siting", "top-left"))
        for text in ("1", "2:1", "-1:2", "1:1", "a:b"):
            self.refuse(path, "--to", "rgb", f"--frames={text}", says="--frames")
        self.refuse(path, "--to", "rgb", "--frames", "1:3", says=("1:3", "2"))
        self.refuse(path, "--box", "0,0,3,4", "-o", self.path("out.raw"), says=("--box", "--to rgb"))
        image = self.save("image.npy", self.image())
        self.refuse(image, "--to", "rgb", says=("--to", "frames"))
        self.refuse(image, "--range", "full", says=("--range", "frames"))
        self.refuse(image, "--frames", "0:1", says="--frames")
        self.refuse(image, "-o", self.path("out.y4m"), says=("out.y4m", "i420"))
        raw = self.write("in.raw", frames[0].tobytes() * 2)
        self.refuse(raw, "--raw", "15x9:i420", "--to", "rgb", says="--frames")
        for header in (b"W15", b"W0 H9", b"W15 H9 C411", b"W15 H9" + 300 * b" "):
            self.refuse(self.y4m(header, frames), "--to", "rgb")
        self.refuse(self.write("cut.y4m", b"YUV4MPEG2 W15 H9\nFRAME\n" + bytes(214)), "--to", "rgb",
                    says=("frame 0", "214", "215"))
        self.refuse(self.write("odd.y4m", b"YUV4MPEG2 W15 H9\nFRAM\n" + bytes(215)), "--to", "rgb",
                    says="FRAME")


class Raw(CommandTest):

    pixel_formats = {"gray": ("u1", 1), "gray16le": ("<u2", 1), "rgb24": ("u1", 3),
                     "rgb48le": ("<u2", 3), "rgba": ("u1", 4), "rgba64le": ("<u2", 4)}
    mosaic_formats = {"bayer8": "u1", "bayer16le": "<u2"}
    # The type, and the channels of each plane.
    frame_formats = {"nv12": ("u1", (1, 2)), "nv21": ("u1", (1, 2)), "i420": ("u1", (1, 1, 1)),
                     "yuv420p": ("u1", (1, 1, 1)), "p010": ("<u2", (1, 2)),
                     "p010le": ("<u2", (1, 2))}

    def raw_output(self, path, *arguments, **keywords):
        out = self.path("out.raw")
        self.succeed("extract", path, *arguments, "-o", out, **keywords)
        with open(out, "rb") as file:
            return file.read()

    def frame(self, name, height, width):
        dtype, channels = self.frame_formats[name]
        half = ((height + 1) // 2, (width + 1) // 2)
        planes = [self.image((*((height, width) if i == 0 else half), c), dtype)
                  for i, c in enumerate(channels)]
        return planes, self.write("frame.yuv", b"".join(p.tobytes() for p in planes))

    def expected_frame(self, name, planes, origin, size, border="zero", value=(16, 128, 128)):
        """The bytes of a glimpse; `value` is that of Y, U and V, and zero black."""
        values = list(value)
        if border == "zero":
            border, values = "constant", [v * (256 if "p010" in name else 1) for v in values]
        y, u, v = values
        fills = {1: (y,), 2: (v, u) if name == "nv21" else (u, v)}
        data = b""
        for i, plane in enumerate(planes):
            place, extent = origin, size
            if i > 0:
                place = [o // 2 for o in origin]
                extent = [(s + 1) // 2 for s in size]
            fill = (y, u, v)[i] if len(planes) == 3 else fills[plane.shape[2]]
            data += expected_glimpse(plane, place, extent, border, fill).tobytes()
        return data

    def test_pixels(self):
        for name, (dtype, channels) in self.pixel_formats.items():
            image = self.image((5, 7, channels), dtype)
            path = self.write("in", image.tobytes())
            raw = ["--raw", f"7x5:{name}"]
            found = self.extract(path, (5, 7), "--origin", "0,0", *raw)
            self.assert_same(found, image[None])
            found = self.extract(path, (2, 3), "--origin", "-1,5", *raw, "--type", "float32")
            self.assert_same(found, expected_glimpse(image, (-1, 5), (2, 3),
                                                     "zero").astype(np.float32)[None])

    def test_raw_output(self):
        for name, descr in TYPES.items():
            image = self.image((5, 7, 3), descr)
            path = self.save("in.npy", image)
            arguments = ["--size", "2,3", "--origin", "1,2", "--origin", "0,0"]
            expected = np.stack([image[1:3, 2:5], image[:2, :3]])
            self.assertEqual(self.raw_output(path, *arguments), expected.tobytes())
            self.assertEqual(self.raw_output(path, *arguments, "--layout", "planar"),
                             np.ascontiguousarray(expected.transpose(0, 3, 1, 2)).tobytes())
        self.assertEqual(self.raw_output(path, "--size", "0,3", "--origin", "0,0"), b"")

    def test_frames(self):
        origins = [(0, 0), (2, 4), (-3, 5), (7, -11), (-4, -4), (3, 3)]
        positions = self.save("origins.npy", np.array(origins))
        for name in self.frame_formats:
            for height, width, size in ((8, 10, (4, 6)), (7, 9, (5, 3)), (1, 1, (2, 1))):
                planes, path = self.frame(name, height, width)
                for border in ("zero", "replicate", "reflect101", "wrap", "constant"):
                    arguments = ["--raw", f"{width}x{height}:{name}", "--border", border, "--size",
                                 f"{size[0]},{size[1]}"]
                    value = (16, 128, 128)
                    if border == "constant":
                        value = (200, 30, 60)
                        arguments += ["--value", "200,30,60"]
                    found = self.raw_output(path, "--origins", positions, *arguments)
                    expected = b"".join(
                        self.expected_frame(name, planes, o, size, border, value) for o in origins)
                    with self.subTest(name=name, height=height, border=border):
                        self.assertEqual(found, expected)

    def test_frames_at_offsets(self):
        planes, path = self.frame("nv12", 8, 10)
        raw = ["--raw", "10x8:nv12", "--size", "4,4"]
        self.assertEqual(self.raw_output(path, *raw, "--offset", "3,5"),
                         self.expected_frame("nv12", planes, (1, 3), (4, 4)))
        self.assertEqual(
            self.raw_output(path, *raw, "--offset", "0,0", "--convention", "tensorflow_v1"),
            self.expected_frame("nv12", planes, (2, 3), (4, 4)))
        self.assertEqual(self.raw_output(path, *raw, "--origins",
                                         self.save("none.npy", np.zeros((0, 2), "i4"))), b"")

    def test_frames_stay_frames(self):
        _, path = self.frame("nv12", 8, 10)
        raw = ["--raw", "10x8:nv12"]
        for name in ("out.npy", "out.png"):
            self.refuse(path, *raw, "-o", self.path(name), says=(name, "nv12", ".raw"))
        out = ["-o", self.path("out.raw")]
        for option, text in (("--type", "uint8"), ("--layout", "planar"), ("--subtract", "1"),
                             ("--multiply", "2")):
            self.refuse(path, *raw, *out, option, text, says=(option, "nv12"))
        for value in ("1", "1,2", "1,2,3,4"):
            self.refuse(path, *raw, *out, "--border", "constant", "--value", value,
                        says=("value", "Y, U and V"))

    def mosaic_glimpse(self, mosaic, origin, size, border, value=0):
        """Cells as pixels of four channels."""

        def cells(image):
            height, width = image.shape[0] // 2, image.shape[1] // 2
            rows = image.reshape(height, 2, width, 2).transpose(0, 2, 1, 3)
            return rows.reshape(height, width, 4)

        glimpse = expected_glimpse(cells(mosaic), [o // 2 for o in origin], [s // 2 for s in size],
                                   border, value)
        height, width = glimpse.shape[:2]
        return glimpse.reshape(height, width, 2, 2).transpose(0, 2, 1, 3).reshape(*size, 1)

    def test_mosaics(self):
        origins = [(0, 0), (2, 4), (-4, 6), (6, -8)]
        positions = self.save("origins.npy", np.array(origins))
        for name, dtype in self.mosaic_formats.items():
            mosaic = self.image((8, 10), dtype)
            path = self.write("in", mosaic.tobytes())
            raw = ["--raw", f"10x8:{name}"]
            for border in ("zero", "replicate", "reflect", "reflect101", "wrap", "constant"):
                arguments = [*raw, "--origins", positions, "--border", border]
                value = 0
                if border == "constant":
                    value = (1, 2, 3, 4)
                    arguments += ["--value", "1,2,3,4"]
                expected = np.stack(
                    [self.mosaic_glimpse(mosaic, o, (4, 6), border, value) for o in origins])
                with self.subTest(name=name, border=border):
                    self.assert_same(self.extract(path, (4, 6), *arguments), expected)
            found = self.extract(path, (8, 10), *raw, "--origin", "0,0", "--type", "float32",
                                 "--subtract", "1,2,3,4", "--multiply", "2,3,4,5")
            of_cell = [np.tile(np.array(v, np.float32).reshape(2, 2), (4, 5))
                       for v in ([1, 2, 3, 4], [2, 3, 4, 5])]
            self.assert_same(found[0, ..., 0], (mosaic - of_cell[0]) * of_cell[1])
            found = self.sheet(path, *raw, "--size", "8,10", "--origin", "0,0")
            self.assertTrue((found == mosaic).all())
            found = self.sheet(path, *raw, "--size", "8,10", "--origin", "0,0", "--type", "float32",
                               "--subtract", "1,2,3,4", "--multiply", "2,3,4,5")
            values = (mosaic - of_cell[0].astype(np.float64)) * of_cell[1]
            expected = (values - values.min()) / (values.max() - values.min()) * 255
            self.assertLessEqual(np.abs(found - expected).max(), 0.5001)
            self.assertEqual(self.raw_output(path, *raw, "--size", "2,4", "--origin", "2,2"),
                             mosaic[2:4, 2:6].tobytes())
            self.refuse(path, *raw, "--size", "2,2", "--origin", "1,0", says=("(1, 0)", "even"))
            self.refuse(path, *raw, "--size", "3,2", "--origin", "0,0", says="even")
            self.refuse(path, *raw, "--size", "2,2", "--multiply", "1,2", says=("multiply", "cell"))
            self.refuse(path, "--raw", f"16x5:{name}", "--size", "2,2", says="even")

    def test_sizes(self):
        takes = {"gray": 35, "gray16le": 70, "rgb24": 105, "rgb48le": 210, "rgba": 140,
                 "rgba64le": 280, "bayer8": 35, "bayer16le": 70, "nv12": 59, "nv21": 59,
                 "i420": 59, "yuv420p": 59, "p010": 118, "p010le": 118}
        self.assertEqual(sorted(takes),
                         sorted([*self.pixel_formats, *self.mosaic_formats, *self.frame_formats]))
        for name, expected in takes.items():
            out = ["-o", self.path("out.raw")]
            for found in (0, expected - 1, expected + 1, 2 * expected):
                path = self.write("in", bytes(found))
                self.refuse(path, "--raw", f"7x5:{name}", *out,
                            says=(f"holds {found} bytes", f"expected {expected}, 7x5 of {name}"))
        self.refuse(path, "--raw", "1000000x1000000:nv12", *out, says="1500000000000")
        for size in ("9223372036854775807x9223372036854775807", "4000000000x4000000000",
                     "3000000000000000000x1"):
            self.refuse(path, "--raw", f"{size}:p010", *out, says="too large")

    def test_texts(self):
        path = self.write("in", bytes(35))
        for text in ("7x5", "7x5:", ":gray", "7:gray", "7,5:gray", "7x5x1:gray", "7x5:gray:gray",
                     "x5:gray", "7x:gray", "0x5:gray", "7x0:gray", "-7x5:gray", "7 x5:gray",
                     "7X5:gray", "7x5:gray8", "7x5:GRAY", "99999999999999999999x1:gray"):
            says = ("--raw", "WxH:FORMAT")
            if text in ("7x5:", "7x5:gray8", "7x5:GRAY"):
                says = ("the format of --raw", "rgb48le", "nv12")
            self.refuse(path, "--raw", text, says=says)
            self.reject("stats", path, "--raw", text, says=says)
        self.refuse(path, "--raw", "7x5:gray", "--input-layout", "hwc",
                    says=("--raw", "--input-layout"))
        self.refuse(path, says="--raw")


class Explain(CommandTest):

    def explain(self, path, *arguments):
        text = self.succeed("explain", path, *arguments).decode()
        return dict(line.split(maxsplit=1) for line in text.splitlines())

    def test_source(self):
        image = self.image((9, 11, 3))
        path = self.save("in.npy", image)
        found = self.explain(path, "--size", "4,4", "--origin", "-2,-3", "--border", "reflect", "--pixel", "0,1,2")
        self.assertEqual(found["pixel"], f"(y 0, x 1), channel 2 of glimpse 0: {image[1, 1, 2]}")
        self.assertEqual(found["origin"], "(y -2, x -3): the pixel is (y -2, x -2) of the plane")
        self.assertEqual(found["border"], "reflect")
        self.assertEqual(found["source"], f"image 0, pixel (y 1, x 1), channel 2: {image[1, 1, 2]}")
        self.assertEqual(found["statistics"], "not used")
        self.assertRegex(found["form"], "^(map|pure|device), variant [a-z0-9_]+$")

    def test_fills(self):
        image = self.image((9, 11, 2)).astype(np.float32)
        path = self.save("in.npy", image)
        place = ["--size", "4,4", "--origin", "5,5", "--origin", "-9,0", "--glimpse", 1, "--pixel", "1,1,1"]
        constant = self.explain(path, *place, "--border", "constant", "--value", "3,4.5")
        self.assertEqual(constant["source"], "filled with 4.5")
        mean = self.explain(path, *place, "--border", "mean", "--seed", 3)
        self.assertTrue(mean["source"].startswith(f"filled with {mean['pixel'].split()[-1]}, of the mean "), mean)
        self.assertIn("mean " + mean["source"].split()[-1], mean["statistics"])
        noise = self.explain(path, *place, "--border", "gaussian", "--seed", 3)
        self.assertEqual(noise["source"], "noise of seed 3 at (y -8, x 1), channel 1")
        integers = self.save("integers.npy", image.astype(np.uint8))
        saturated = self.explain(integers, *place, "--border", "constant", "--value", "300", "--multiply", "0.5",
                                 "--type", "float32")
        self.assertEqual(saturated["source"], "filled with 255, of the value 300")
        self.assertTrue(saturated["pixel"].endswith(": 127.5"), saturated)
        changed = self.explain(path, *place, "--multiply", 2, "--type", "uint8")
        self.assertTrue(changed["form"].endswith(", then converted") or "device" in changed["form"])

    def test_boxes(self):
        image = self.image((9, 11, 3))
        path = self.save("in.npy", image)
        arguments = ["--size", "4,4", "--box", "0,0,1,1", "--box", "-2,3,6,-1", "--filter", "nearest", "--glimpse", 1]
        found = self.explain(path, *arguments, "--border", "replicate", "--pixel", "0,1,2")
        self.assertEqual(found["pixel"], f"(y 0, x 1), channel 2 of glimpse 1: {image[0, 1, 2]}")
        self.assertEqual(found["point"], "(y -1, x 1.5): it lies in (y -1, x 1) of the plane")
        self.assertEqual(found["filter"], "nearest")
        self.assertEqual(found["source"], f"image 0, pixel (y 0, x 1), channel 2: {image[0, 1, 2]}")
        self.assertRegex(found["form"], "^(sample|device), variant [a-z0-9_]+$")
        self.assertNotIn("origin", found)
        found = self.explain(path, *arguments, "--border", "constant", "--value", "3,4,5", "--edge-margin", "0.5",
                             "--pixel", "0,1,2")
        self.assertEqual(found["filter"], "nearest, edge hard, margin 0.5")
        self.assertEqual(found["source"], "filled with 5")
        found = self.explain(path, *arguments, "--edge", "blend", "--pixel", "1,2")
        self.assertEqual(found["filter"], "nearest, edge blend")
        found = self.explain(path, "--size", "4,4", "--offset", "5,5", "--retina", 1, "--pixel", "1,2")
        self.assertEqual(found["origin"], "(y 3, x 3): the pixel is (y 4, x 5) of the plane")
        self.assertNotIn("filter", found)
        found = self.explain(path, "--size", "4,4", "--offset", "5,5.5", "--retina", 1, "--pixel", "1,2")
        self.assertEqual(found["point"], "(y 4.5, x 6): it lies in (y 4, x 6) of the plane")
        self.assertEqual(found["filter"],
                         "linear, antialiased where it reduces, edge hard, margin 0")
        self.assertEqual(found["source"],
                         f"mixed with its neighbours: image 0, pixel (y 4, x 6), channel 0: {image[4, 6, 0]}")
        found = self.explain(path, "--size", "4,4", "--box=-20.5,0,-16.5,4", "--border", "constant", "--value", "3",
                             "--pixel", "1,2")
        self.assertEqual(found["source"], "filled with 3")

    def test_refused(self):
        path = self.save("in.npy", self.image((9, 11, 3)))
        good = ["explain", path, "--size", "4,4", "--origin", "0,0"]
        for arguments, words in [(["--pixel", "4,0"], "(y 4, x 0, channel 0) of glimpse 0"),
                                 (["--pixel", "1"], "expected Y,X or Y,X,C"),
                                 (["--pixel", "1,0.5"], "expected Y,X or Y,X,C: integers"),
                                 (["--pixel", "1,1e1"], "expected Y,X or Y,X,C: integers"),
                                 (["--pixel", "-1,1"], "--pixel"),
                                 (["--pixel", "0,16777219"], "x 16777219"),
                                 (["--pixel", "0,0", "--glimpse", 1], "of glimpse 1"),
                                 ([], "--pixel is required")]:
            with self.subTest(arguments):
                result = self.run_command(*good, *arguments)
                self.assertEqual(result.returncode, 2)
                self.assert_one_line(result.stderr, "glimpse: ")
                self.assertIn(words, result.stderr.decode())


class Stats(CommandTest):

    def stats(self, path, *arguments):
        text = self.succeed("stats", path, "--json", *arguments)
        return json.loads(text, parse_constant=lambda word: self.assertFalse(word))

    def check(self, path, images, *arguments):
        found = self.stats(path, *arguments)
        self.assertEqual(list(found), ["images"])
        self.assertEqual(len(found["images"]), len(images))
        for entry, image in zip(found["images"], images.astype(np.float64)):
            self.assertEqual(list(entry), ["min", "max", "channels"])
            self.assertEqual(len(entry["channels"]), image.shape[2])
            finite = image[np.isfinite(image)]
            self.assertEqual((entry["min"], entry["max"]), (finite.min(), finite.max()))
            for c, channel in enumerate(entry["channels"]):
                self.assertEqual(list(channel), ["min", "max", "mean", "stddev"])
                finite = image[..., c][np.isfinite(image[..., c])]
                self.assertEqual((channel["min"], channel["max"]), (finite.min(), finite.max()))
                np.testing.assert_allclose(channel["mean"], finite.mean(), rtol=1e-12, atol=1e-12)
                np.testing.assert_allclose(channel["stddev"], finite.std(), rtol=1e-9, atol=1e-12)

    def test_json(self):
        for shape in ((1, 9, 11, 3), (3, 5, 4, 2), (1, 1, 1, 1)):
            for dtype in (np.uint8, np.float32):
                images = self.image(shape, dtype)
                self.check(self.save("in.npy", images), images)
        for name in ("uint16", "int16", "float16", "bfloat16"):
            images = self.image((2, 6, 7, 2), TYPES[name])
            self.check(self.save("in.npy", images), numbers(images))
        planes = self.image((2, 3, 4, 5), np.uint16)
        path = self.save("in.npy", planes)
        self.check(path, np.moveaxis(planes, 1, 3), "--input-layout", "bchw")
        for name, dtype, channels in (("rgb24", "u1", 3), ("gray16le", "u2", 1),
                                      ("bayer16le", "u2", 1)):
            image = self.image((4, 6, channels), dtype)
            path = self.write("in", image.tobytes())
            self.check(path, image[None], "--raw", f"6x4:{name}")
        images = self.image((2, 6, 7, 2), np.float32)
        images[0, 1, 2, 0] = np.nan
        images[1, 0, 0, 1] = np.inf
        images[1, 3, 3, 0] = -np.inf
        self.check(self.save("in.npy", images), images)
        pixels = self.image((5, 6, 3))
        Image.fromarray(pixels).save(self.path("in.png"))
        self.check(self.path("in.png"), pixels[None])

    def test_digits(self):
        image = np.array([[0.1, 0.2, 0.7]], np.float32)
        channel = self.stats(self.save("in.npy", image))["images"][0]["channels"][0]
        self.assertEqual(channel["min"], float(np.float32(0.1)))
        self.assertEqual(channel["max"], float(np.float32(0.7)))

    def test_nothing_to_count(self):
        zero = {"min": 0, "max": 0, "mean": 0, "stddev": 0}
        for array in (np.full((2, 2), np.nan, np.float32), np.zeros((0, 4, 1), np.uint8)):
            found = self.stats(self.save("in.npy", array))
            self.assertEqual(found, {"images": [{"min": 0, "max": 0, "channels": [zero]}]})
        found = self.stats(self.save("in.npy", np.zeros((2, 4, 4, 0), np.uint8)))
        self.assertEqual([i["channels"] for i in found["images"]], [[], []])
        self.assertEqual(self.stats(self.save("in.npy", np.zeros((0, 4, 4, 2), np.uint8))),
                         {"images": []})

    def test_table(self):
        path = self.save("in.npy", np.array([[[3, 200], [5, 100]]], np.uint8))
        lines = self.succeed("stats", path).decode().splitlines()
        self.assertEqual([line.split() for line in lines],
                         [["image", "channel", "min", "max", "mean", "stddev"],
                          ["0", "all", "3", "200"], ["0", "0", "3", "5", "4", "1"],
                          ["0", "1", "100", "200", "150", "50"]])
        self.assertEqual(len({line.index(word) + len(word) for line, word in
                              zip(lines[:1] + lines[2:], ("mean", "4", "150"))}), 1)

    def test_errors(self):
        self.reject("stats", self.path("absent"), says="absent")
        self.reject("stats", self.save("in.npy", np.zeros((2, 2))), "--json", says="'<f8'")
        self.reject("stats", self.path("in.npy"), "--size", "3,3", says="--size")

    def test_full_disk(self):
        path = self.save("in.npy", self.image())
        with open("/dev/full", "wb") as full:
            for arguments in (["stats", path], ["stats", path, "--json"], ["info"], ["--help"]):
                result = subprocess.run([*COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE,
                                        check=False)
                self.assertEqual(result.returncode, 1)
                self.assert_one_line(result.stderr, "glimpse: ")


class Info(CommandTest):

    def test_json(self):
        info = json.loads(self.succeed("info", "--json"))
        self.assertEqual(list(info), ["version", "variants", "hidden_features", "chosen"])
        usable = [v["name"] for v in info["variants"] if v["usable"]]
        self.assertEqual(info["chosen"], usable[0])
        for variant in info["variants"]:
            self.assertEqual(list(variant), ["name", "target", "usable", "reason"])
            self.assertIsInstance(variant["usable"], bool)
            self.assertTrue(variant["name"] and variant["target"] and variant["reason"])
            environment = {"GLIMPSE_VARIANT": variant["name"]}
            forced = json.loads(self.succeed("info", "--json", environment=environment))
            if variant["usable"]:
                self.assertEqual(forced["chosen"], variant["name"])
            else:
                self.assertIsNone(forced["chosen"])
                self.assertIn(variant["name"], forced["reason"])
        self.assertEqual(
            json.loads(self.succeed("info", "--json", environment={"GLIMPSE_VARIANT": ""})), info)

    def test_bad_variant(self):
        for name in ("mmx", "a\nb", "\udcff\udcfe", "x" * 10000, '"'):
            environment = {"GLIMPSE_VARIANT": name}
            info = json.loads(self.succeed("info", "--json", environment=environment))
            self.assertEqual(list(info),
                             ["version", "variants", "hidden_features", "chosen", "reason"])
            self.assertIsNone(info["chosen"])
            self.assertTrue(info["reason"])
            text = self.succeed("info", environment=environment).decode("utf-8", "replace")
            self.assertIn("chosen: none", text)

    @unittest.skipUnless(platform.machine() == "x86_64" and not shlex.split(os.environ["EMULATOR"]),
                         "every ARM processor has what the variants need")
    def test_hidden_features(self):
        """Variants that need a hidden feature are those of a machine without it."""
        path = self.save("in.npy", self.image((9, 11, 3)))
        before = json.loads(self.succeed("info", "--json", environment={HIDE: ""}))
        usable = [v["name"] for v in before["variants"] if v["usable"] and v["name"] != "cuda"]
        for hidden, ruled_out in [("AVX512F", ["avx512"]), ("bmi2,fma", ["avx512", "avx2"]),
                                  ("SSE3", ["avx512", "avx2", "sse41"]),
                                  ("AVX2,,SSE4.1,", ["avx512", "avx2", "sse41"])]:
            environment = {HIDE: hidden, "GLIMPSE_VARIANT": ""}
            info = json.loads(self.succeed("info", "--json", environment=environment))
            self.assertEqual(info["hidden_features"], hidden)
            self.assertEqual(info["chosen"],
                             next((name for name in usable if name not in ruled_out), None))
            for was, variant in zip(before["variants"], info["variants"]):
                if variant["name"] in ruled_out:
                    self.assertFalse(variant["usable"])
                    self.assertIn(HIDE if was["usable"] else was["reason"], variant["reason"])
                    forced = environment | {"GLIMPSE_VARIANT": variant["name"]}
                    self.refuse(path, environment=forced, says=variant["reason"])
                else:
                    self.assertEqual(variant, was)
            text = self.succeed("info", environment=environment).decode()
            self.assertIn(f"hidden: {hidden} (environment variable {HIDE})\n", text)

    def test_unknown_hidden_feature(self):
        path = self.save("in.npy", self.image((9, 11, 3)))
        for hidden in ("AVX3", "AVX2,AVX5", "AVX2 ", "x" * 10000):
            environment = {HIDE: hidden}
            info = json.loads(self.succeed("info", "--json", environment=environment))
            self.assertIsNone(info["chosen"])
            self.assertIn(f"{HIDE}: there is no feature", info["reason"])
            self.refuse(path, environment=environment, says="; expected a list of ")

    def test_table(self):
        text = self.succeed("info").decode()
        self.assertNotIn(HIDE, self.succeed("info", environment={HIDE: ""}).decode())
        info = json.loads(self.succeed("info", "--json"))
        self.assertTrue(text.startswith(f"glimpse {info['version']}\n"))
        self.assertIn(f"chosen: {info['chosen']}\n", text)
        for variant in info["variants"]:
            self.assertIn(variant["name"], text)
            self.assertIn(variant["target"], text)


if __name__ == "__main__":
    unittest.main()
