"""The examples run, and do what they say."""

import pathlib
import re
import subprocess
import sys

import pytest

EXAMPLES = pathlib.Path(__file__).resolve().parents[1] / "examples"


def run(name, *arguments):
    return subprocess.run([sys.executable, str(EXAMPLES / name), *arguments], capture_output=True, text=True,
                          check=True).stdout


def test_attention(tmp_path):
    pytest.importorskip("torch")
    pytest.importorskip("PIL")
    picture = tmp_path / "attention.png"
    named = [float(share) for share in re.findall(r": ([\d.]+) of", run("attention.py", "--steps", "60", "--picture",
                                                                         str(picture)))]
    assert named[0] > 0.5 and named[0] > named[1] + 0.2
    assert picture.stat().st_size > 1000


def test_tracker(tmp_path):
    pytest.importorskip("PIL")
    picture = tmp_path / "tracker.jpg"
    error = float(re.search(r"within ([\d.]+) pixels", run("tracker.py", "--picture", str(picture)))[1])
    assert error < 4
    assert picture.stat().st_size > 1000
