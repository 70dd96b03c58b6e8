"""Builds the library with some of its element types and variants, and a program against each.

tests/CMakeLists.txt sets the environment variables: CONFIGURE, how a build is configured but for what
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
EMULATOR = shlex.split(os.environ["EMULATOR"])

# Of a stripped program, with the kernels of one type.
LARGEST_PROGRAM = 600_000 if len(VARIANTS) > 1 else 220_000


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
    def test_one_type(self):
        path = program("uint8", "-DGLIMPSE_TYPES=uint8")
        lines = run(*EMULATOR, path, "uint8", "uint8", "float32").splitlines()
        for line in lines[:2]:
            self.assertRegex(line, "^unsupported_type: .*no float32")
        self.assertEqual([line.split()[1] for line in lines[2:]], VARIANTS)
        size = os.path.getsize(path)
        print(f"a program with all kernels of uint8: {size} bytes, stripped", flush=True)
        self.assertLess(size, LARGEST_PROGRAM)

    def test_one_variant(self):
        path = program("one_variant", "-DGLIMPSE_TYPES=float16;float32",
                       f"-DGLIMPSE_VARIANTS={VARIANTS[-1]}")
        lines = run(*EMULATOR, path, "float16", "float32", "int16").splitlines()
        for line in lines[:2]:
            self.assertRegex(line, "^unsupported_type: .*no int16")
        self.assertEqual(lines[2:], [f"variant {VARIANTS[-1]}"])


if __name__ == "__main__":
    unittest.main()
