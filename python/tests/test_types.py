"""What type checkers and help() see."""

import subprocess
import sys

import pytest

pytest.importorskip("mypy")

GOOD = """
import numpy as np
import glimpse

image = np.zeros((8, 9, 3), np.uint8)
context: glimpse.Context = glimpse.Context(threads=2)
statistics: glimpse.Statistics = glimpse.compute_statistics(image, context=context)
means: list[list[float]] = statistics.mean
rect: glimpse.Rect = glimpse.visible((0, 0), 8, (4, 5))
height: int = rect.height
names: list[str] = [variant.name for variant in glimpse.variants()]
subtract, multiply = glimpse.normalization([0.5], [0.25])
glimpse.extract(image, 4, origins=[(0, 0)], subtract=subtract, statistics=statistics, context=context)
"""
BAD = """
import glimpse
glimpse.extract([1], 4, origins=[(0, 0)], border=3)
glimpse.extract([1], 4, bordr="zero")
glimpse.Context(threads="2")
"""


def mypy(program, folder):
    file = folder / "program.py"
    file.write_text(program)
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(folder / "cache"), str(file)],
                          capture_output=True, text=True, cwd=folder)
    return done.returncode, done.stdout


def test_types(tmp_path):
    code, text = mypy(GOOD, tmp_path)
    assert code == 0, text
    code, text = mypy(BAD, tmp_path)
    assert code == 1 and text.count("error:") == 3, text


def test_help():
    program = "import glimpse; help(glimpse.extract)"
    text = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert "extract(images: 'Union[Array, Frame]', size: 'Size', *, origins" in text
    assert "Raises ValueError or TypeError that names the argument" in text
