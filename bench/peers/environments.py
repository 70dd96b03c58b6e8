"""What comparisons with libraries of Python share: their environments, and the times of our benchmark programs."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

BUILD = pathlib.Path(__file__).resolve().parents[2] / "build"

# By the name of a library: what pip installs, and its options and environment. Pillow-SIMD is built from its source
# for AVX2, which needs a C compiler and the headers of Python, libjpeg and zlib.
LIBRARIES = {
    "pillow-simd": (["pillow-simd==12.1.1.post0", "numpy==2.4.6"], ["--no-binary", "pillow-simd"],
                    {"CC": "cc -mavx2"}),
    "pillow": (["pillow==13.0.0", "numpy==2.4.6"],),
    "torch": (["torch==2.15.0", "numpy==2.4.6"],),
    "tensorflow": (["tensorflow-cpu==2.21.0"],),
    "opencv": (["opencv-python-headless==5.0.0.93", "numpy==2.4.6"],),
}

# Of a process that has one thread, and no GPU.
ONE_THREAD = {"CUDA_VISIBLE_DEVICES": "-1", "OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "2"}


def installed_python(folder, packages, options=(), environment=None):
    """A Python in a virtual environment in `folder`, a path below build, where pip has installed packages."""
    folder = BUILD / folder
    python, done = folder / "bin" / "python", folder / "installed"
    wanted = " ".join(packages)
    if not done.exists() or done.read_text() != wanted:
        print(f"installing {packages[0]} from PyPI into {folder}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *options, *packages], check=True,
                       env={**os.environ, **(environment or {})})
        done.write_text(wanted)
    return str(python)


def time_glimpse(program, cases, seconds):
    """The medians of a benchmark program's runs of these cases, by name, and Google Benchmark's context."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out.json"
        subprocess.run([program, f"--benchmark_filter=^({'|'.join(cases)})/",
                        "--benchmark_repetitions=3", f"--benchmark_min_time={seconds}",
                        f"--benchmark_out={out}"], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        found = json.loads(out.read_text())
    times = {run["run_name"]: {"real_time": run["real_time"], "cpu_time": run["cpu_time"]}
             for run in found["benchmarks"] if run.get("aggregate_name") == "median"}
    return times, found["context"]
