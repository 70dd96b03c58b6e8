"""The examples of docs/migrating.md against the packages themselves, each in a process of its own: TensorFlow and
PyTorch do not bear one another.
"""

import importlib
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest

import glimpse

PAGE = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "migrating.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```\n\nLargest difference: `([^`]+)`", PAGE, re.M | re.S)
NAMES = [re.search(r"theirs = .*?([\w.]+)\(", code)[1] + f"_{i}" for i, (code, _) in enumerate(EXAMPLES)]
# By the names that the page has for them.
MODULES = {"tf": "tensorflow", "torch": "torch", "torchvision": "torchvision", "cv2": "cv2", "Image": "PIL.Image"}
ROUNDS = 20


def modules_of(code):
    """The packages that an example names."""
    names = [name for name in MODULES if re.search(rf"\b{name}\.", code)]
    if "tensor" in code:
        names.append("torch")
    return {name: importlib.import_module(MODULES[name]) for name in names}


def names_of(random, modules):
    """What the page says that there is."""
    height, width = (int(random.integers(64, 100)) for _ in range(2))
    batch = random.integers(0, 256, (4, height, width, 3)).astype(np.float32)
    window = [int(random.integers(1, 40)) for _ in range(2)]
    y0, x0 = random.uniform(1, 20, 4), random.uniform(1, 20, 4)
    y1, x1 = random.uniform(30, height - 1, 4), random.uniform(40, width - 1, 4)
    names = {"glimpse": glimpse, "np": np, "batch": batch, "pixels": batch[0], "image": batch[0].astype(np.uint8),
             "image_height": height, "image_width": width, "size": (24, 32),
             "offsets": random.uniform(-1.2, 1.2, (4, 2)).astype(np.float32),
             "boxes": np.stack([y0, x0, y1, x1], axis=1).astype(np.float32),
             "top": int(random.integers(1 - window[0], height)), "left": int(random.integers(1 - window[1], width)),
             "height": window[0], "width": window[1],
             "inner_top": int(random.integers(0, height - 30)), "inner_left": int(random.integers(0, width - 41)),
             "row": float(random.uniform(13, height - 14)), "column": float(random.uniform(17, width - 18)),
             **modules}
    if "torch" in modules:
        names["tensor"] = modules["torch"].from_numpy(batch[0]).permute(2, 0, 1).contiguous()
    return names


def largest_difference(code):
    modules = modules_of(code)
    random = np.random.default_rng(1)
    largest = 0.0
    for _ in range(ROUNDS):
        names = names_of(random, modules)
        exec(code, names)
        theirs, ours = (np.asarray(names[name]).astype(np.float64) for name in ("theirs", "ours"))
        if theirs.shape != ours.shape:
            sys.exit(f"theirs has shape {theirs.shape}, ours {ours.shape}")
        largest = max(largest, np.abs(theirs - ours).max())
    return largest


def test_every_example_is_found():
    assert len(EXAMPLES) == PAGE.count("```python") >= 15


@pytest.mark.parametrize("example", range(len(EXAMPLES)), ids=NAMES)
def test_example(example):
    done = subprocess.run([sys.executable, __file__, str(example)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    largest, stated = float(done.stdout.split()[-1]), float(EXAMPLES[example][1])
    print(f"{NAMES[example]}: largest difference {largest:.3g}, stated {stated:g}")
    assert largest <= stated


if __name__ == "__main__":
    print(largest_difference(EXAMPLES[int(sys.argv[1])][0]))
