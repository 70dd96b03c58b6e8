"""Builds the library with some of its element types and variants, and a program against each.

CMakeLists.txt of the folder above sets the environment variables: CONFIGURE, how a build is configured but for what
is in it, CMAKE, CXX, STRIP, SOURCE_DIR, WORK_DIR, VARIANTS, all of them, and EMULATOR, what runs
programs, in front of their paths.
"""

import os
import shlex
import subprocess
import unittest

CMAKE = os.environ["CMAKE"]
SOURCE_DIR = os.environ["SOURCE_DIR"]
WORK_DIR = os.environ["WORK_DIR"]
HERE = os.path.dirname(os.path.abspath(__file__))
VARIANTS = os.environ["VARIANTS"].split()
PROCESSORS = [variant for variant in VARIANTS if variant != "cuda"]
EMULATOR = shlex.split(os.environ["EMULATOR"])

# Bytes of a stripped program with the kernels of one type and no sampling, and what that, frames to RGB and those
# for devices may add.
LARGEST_PROGRAM = 665_000 if len(PROCESSORS) > 1 else 290_000
LARGEST_SAMPLING_PART = 450_000 if len(PROCESSORS) > 1 else 132_000
LARGEST_FRAMES_PART = 320_000 if len(PROCESSORS) > 1 else 90_000
LARGEST_DEVICE_PART = 600_000


def run(*command):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise AssertionError(f"{shlex.join(command)} returned {done.returncode}:\n{done.stdout}")
    return done.stdout


def program(name, *options):
    """The path of a stripped program against a library that was built with these options."""
    build = os.path.join(WORK_DIR, name)
    run(CMAKE, "-S", SOURCE_DIR, "-B", build, *shlex.split(os.environ["CONFIGURE"]),
        "-DCMAKE_BUILD_TYPE=Release", *options,
        *(f"-DGLIMPSE_BUILD_{part}=OFF" for part in ["TOOLS", "TESTS", "BENCHMARKS"]))
    run(CMAKE, "--build", build)
    path = os.path.join(build, "program")
    run(os.environ["CXX"], "-std=c++17", "-O2", f"-I{SOURCE_DIR}/include",
        os.path.join(HERE, "program.cpp"), os.path.join(build, "src", "libglimpse.a"),
        "-lpthread", "-ldl", "-o", path)
    run(os.environ["STRIP"], path)
    return path


class PartsTest(unittest.TestCase):
    def one_type(self, name, variants, largest, sampling="OFF", frames="OFF"):
        path = program(name, "-DGLIMPSE_TYPES=uint8", f"-DGLIMPSE_VARIANTS={';'.join(variants)}",
                       f"-DGLIMPSE_SAMPLING={sampling}", f"-DGLIMPSE_FRAMES={frames}")
        lines = run(*EMULATOR, path, "uint8", "uint8", "float32").splitlines()
        for line in lines[:2]:
            self.assertRegex(line, "^unsupported_type: .*no float32")
        self.assertEqual([line.split()[1] for line in lines[2:]], variants)
        size = os.path.getsize(path)
        print(f"a program with kernels of uint8 for {' '.join(variants)}, sampling {sampling}, frames {frames}: {size} bytes, stripped",
              flush=True)
        self.assertLess(size, largest)

    def test_one_type(self):
        self.one_type("uint8", PROCESSORS, LARGEST_PROGRAM)

    def test_one_type_and_sampling(self):
        self.one_type("uint8_sampling", PROCESSORS, LARGEST_PROGRAM + LARGEST_SAMPLING_PART, "ON")

    def test_one_type_and_frames(self):
        self.one_type("uint8_frames", PROCESSORS,
                      LARGEST_PROGRAM + LARGEST_SAMPLING_PART + LARGEST_FRAMES_PART, "ON", "ON")

    def test_one_type_and_devices(self):
        self.one_type("uint8_cuda", VARIANTS, LARGEST_PROGRAM + LARGEST_DEVICE_PART)

    def test_one_variant(self):
        path = program("one_variant", "-DGLIMPSE_TYPES=float16;float32",
                       f"-DGLIMPSE_VARIANTS={PROCESSORS[-1]}")
        lines = run(*EMULATOR, path, "float16", "float32", "int16").splitlines()
        for line in lines[:2]:
            self.assertRegex(line, "^unsupported_type: .*no int16")
        self.assertEqual(lines[2:], [f"variant {PROCESSORS[-1]}"])


if __name__ == "__main__":
    unittest.main()
