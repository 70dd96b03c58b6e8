"""The shared library as other languages see it: its symbols, its name, and calls by ctypes.

usage: ctypes_test.py LIBRARY HEADER NM READELF
"""

import ctypes
import os
import re
import subprocess
import sys
import unittest
from ctypes import POINTER, byref, c_char_p, c_float, c_int32, c_int64, c_size_t, c_uint8, c_uint32, c_uint64, c_void_p

LIBRARY, HEADER, NM, READELF = sys.argv[1:]


class View(ctypes.Structure):
    _fields_ = [("data", c_void_p), ("type", c_int32), ("memory", c_int32),
                *((name, c_int64) for name in ("count", "height", "width", "channels", "image_stride", "row_stride",
                                               "column_stride", "channel_stride")),
                ("bounds_begin", c_void_p), ("bounds_bytes", c_uint64), ("reserved", c_uint64 * 4)]


class Origin(ctypes.Structure):
    _fields_ = [("y", c_int32), ("x", c_int32)]


class Pixels(ctypes.Structure):
    _fields_ = [("size", c_size_t), ("view", POINTER(View)), ("frame", c_void_p)]


class Places(ctypes.Structure):
    _fields_ = [("size", c_size_t), ("origins", POINTER(Origin)), ("offsets", c_void_p), ("boxes", c_void_p),
                ("count", c_size_t), ("memory", c_int32), ("reserved_0", c_int32)]


class Options(ctypes.Structure):
    _fields_ = [("size", c_size_t), ("border", c_int32), ("coordinates", c_int32),
                ("value", POINTER(c_float)), ("value_count", c_size_t),
                ("image_index", c_void_p), ("image_index_count", c_size_t),
                ("statistics", c_void_p), ("statistics_count", c_size_t),
                ("seed", c_uint64), ("first_image", c_uint32), ("exact_fill", c_int32),
                ("image_index_memory", c_int32), ("statistics_memory", c_int32),
                ("filter", c_int32), ("antialias", c_int32), ("edge", c_int32), ("edge_margin", c_float),
                ("channel_count", c_uint8), ("channel_from", c_uint8 * 4), ("reserved_0", c_uint8 * 3),
                ("subtract", c_void_p), ("multiply", c_void_p), ("subtract_count", c_size_t),
                ("multiply_count", c_size_t)]


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class LibraryTest(unittest.TestCase):
    def test_only_functions_of_the_header_are_exported(self):
        with open(HEADER, encoding="utf-8") as file:
            declared = set(re.findall(r"^GLIMPSE_API [^(]*?(glimpse_\w+)\(", file.read(), re.M))
        self.assertGreater(len(declared), 35)
        exported = {line.split()[-1] for line in output_of(NM, "-D", "--defined-only", LIBRARY).splitlines()}
        self.assertEqual(exported, declared)

    def test_name(self):
        dynamic = output_of(READELF, "-d", LIBRARY)
        self.assertRegex(dynamic, r"SONAME.*\[libglimpse\.so\.\d+\]")
        soname = re.search(r"\[(libglimpse\.so\.\d+)\]", dynamic).group(1)
        self.assertTrue(os.path.realpath(LIBRARY).endswith(os.path.realpath(
            os.path.join(os.path.dirname(LIBRARY), soname))))
        self.assertRegex(os.path.basename(os.path.realpath(LIBRARY)), r"^libglimpse\.so\.\d+\.\d+\.\d+$")
        self.assertNotIn("TEXTREL", dynamic)


class CallTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.library = ctypes.CDLL(LIBRARY)
        cls.library.glimpse_version.restype = c_char_p
        cls.library.glimpse_interleaved.restype = View
        cls.library.glimpse_interleaved.argtypes = [c_void_p, c_int32, c_int64, c_int64, c_int64, c_int64]

    def extract(self, border, values=()):
        """Two windows of 2 x 3 of an image of 4 x 6, 10 * y + x: the code, the text and the pixels."""
        pixels = (c_uint8 * 24)(*(10 * y + x for y in range(4) for x in range(6)))
        out = (c_uint8 * 12)()
        origins = (Origin * 2)(Origin(1, 2), Origin(-1, -1))
        image = self.library.glimpse_interleaved(ctypes.addressof(pixels), 0, 1, 4, 6, 1)
        glimpse = self.library.glimpse_interleaved(ctypes.addressof(out), 0, 2, 2, 3, 1)
        images = Pixels(ctypes.sizeof(Pixels), ctypes.pointer(image))
        glimpses = Pixels(ctypes.sizeof(Pixels), ctypes.pointer(glimpse))
        places = Places(size=ctypes.sizeof(Places), origins=origins, count=2)
        numbers = (c_float * max(len(values), 1))(*values)
        options = Options(size=ctypes.sizeof(Options), border=border, value=numbers, value_count=len(values),
                          antialias=1)
        message = ctypes.create_string_buffer(256)
        code = self.library.glimpse_extract(byref(images), byref(places), byref(glimpses), byref(options), None,
                                            message, c_size_t(len(message)))
        return code, message.value.decode(), list(out)

    def test_version(self):
        self.assertRegex(self.library.glimpse_version().decode(), r"^\d+\.\d+\.\d+$")

    def test_extract(self):
        inside = [12, 13, 14, 22, 23, 24]
        self.assertEqual(self.extract(0), (0, "", [*inside, 0, 0, 0, 0, 0, 1]))
        self.assertEqual(self.extract(5), (0, "", [*inside, 11, 10, 11, 1, 0, 1]))
        self.assertEqual(self.extract(1, [7]), (0, "", [*inside, 7, 7, 7, 7, 0, 1]))

    def test_errors(self):
        code, text, pixels = self.extract(1, [1, 2])
        self.assertNotEqual(code, 0)
        self.assertIn("value", text)
        self.assertEqual(pixels, [0] * 12)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
