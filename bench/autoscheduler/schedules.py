"""One schedule of an app at a time: compiled, linked, checked and timed. For autoschedule.py and search.py."""
import ctypes
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
THREADS = len(os.sched_getaffinity(0))
CUDA_CAPABILITY = 80  # that PTX is made for; newer devices take it


class Failure(Exception):
    """Why there is no result, in a line."""


def run(command, what, timeout, **options):
    """The output of a command; raises Failure if it fails or takes longer than `timeout` seconds."""
    try:
        result = subprocess.run([str(word) for word in command], timeout=timeout, text=True, errors="replace",
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    except subprocess.TimeoutExpired:
        raise Failure(f"{what} took longer than {timeout:g} s") from None
    if result.returncode != 0:
        lines = [line.strip() for line in result.stderr.splitlines() if line.strip() and "Warning" not in line]
        said = " ".join(lines)[:300] or "no message"
        raise Failure(f"{what} failed with {result.returncode}: {said}")
    return result.stdout


def has_gpu():
    """Whether CUDA finds a device."""
    try:
        driver, count = ctypes.CDLL("libcuda.so.1"), ctypes.c_int()
    except OSError:
        return False
    return driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value > 0


def has_opencl():
    """Whether there is an OpenCL, such as PoCL, which runs on the processor."""
    try:
        loader, count = ctypes.CDLL("libOpenCL.so.1"), ctypes.c_uint()
    except OSError:
        return False
    return loader.clGetPlatformIDs(0, None, ctypes.byref(count)) == 0 and count.value > 0


def find_ptxas():
    """That of PyPI's nvidia-cuda-nvcc, or of an installed toolkit; None if there is none."""
    for place in sys.path:
        tools = sorted(Path(place).glob("nvidia/cu*/bin/ptxas"))
        if tools:
            return tools[-1]
    return shutil.which("ptxas")


class Build:
    """What CMakeLists.txt built."""

    def __init__(self, folder, timeout):
        self.folder = Path(folder).resolve()
        self.timeout = timeout
        with open(HERE / "apps.json", encoding="utf-8") as file:
            apps = json.load(file)
        self.apps, self.sizes = apps["apps"], apps["sizes"]
        places = self.folder / "places.json"
        if not places.exists():
            sys.exit(f"{places} is missing: build {HERE} to {self.folder} first, with CMake")
        with open(places, encoding="utf-8") as file:
            self.places = json.load(file)
        self.host = run([self.tool("get_host_target")], "get_host_target", 60).strip()

    def tool(self, name):
        """A program of Halide's."""
        return Path(self.places["tools"]) / name

    def plugin(self, autoscheduler):
        """The library of an autoscheduler of Halide's."""
        return Path(self.places["plugins"]) / f"libautoschedule_{autoscheduler.lower()}.so"

    def target(self, hardware):
        """Halide's target: of "host", "cuda" or "opencl"."""
        return self.host + {"host": "", "cuda": f"-cuda-cuda_capability_{CUDA_CAPABILITY}",
                            "opencl": "-opencl-cl_doubles"}[hardware]

    def generate(self, app, size, target, scheduling, folder):
        """Runs the app's generator; returns the seconds that took. In `folder` are then APP.o, without a runtime,
        APP.stmt, APP.schedule.h and APP.featurization. `scheduling` are words of the generator's command line."""
        folder.mkdir(parents=True, exist_ok=True)
        generator, *parameters = f"{self.apps[app]} {self.sizes[size]}".split()
        outputs = ["object", "stmt"]
        if scheduling:
            outputs += ["schedule", "featurization"]
        if "cuda" in target:
            outputs += ["device_code"]
        start = time.monotonic()
        run([self.folder / f"{generator}.generator", "-g", generator, "-f", app, "-n", app, "-o", folder,
             "-e", ",".join(outputs), *scheduling, f"target={target}-no_runtime", *parameters],
            "the generator", self.timeout)
        return time.monotonic() - start

    def scheduling(self, autoscheduler, *settings, plugin=None):
        """Words of a generator's command line for an autoscheduler."""
        return ["-p", plugin or self.plugin(autoscheduler), f"autoscheduler={autoscheduler}",
                f"autoscheduler.parallelism={THREADS}", *(f"autoscheduler.{s}" for s in settings)]

    def link(self, app, target, folder):
        """APP.so, of APP.o and a runtime that is made once for a target."""
        runtime = self.folder / "runtime" / f"{target}.o"
        if not runtime.exists():
            runtime.parent.mkdir(exist_ok=True)
            generator = self.apps[app].split()[0]
            run([self.folder / f"{generator}.generator", "-r", "runtime", "-o", folder, "-e", "object",
                 f"target={target}"], "the generator of the runtime", self.timeout)
            (folder / "runtime.o").rename(runtime)
        run([self.places["compiler"], "-shared", "-o", folder / f"{app}.so", folder / f"{app}.o", runtime,
             "-pthread", "-ldl"], "the linker", self.timeout)

    def code_bytes(self, app, folder):
        """Of the app's own code; of kernels for devices, their text counts as data."""
        text = run(["size", "-A", folder / f"{app}.o"], "size", 60)
        return sum(int(n) for n in re.findall(r"^\.text\S*\s+(\d+)", text, re.M))

    def check(self, app, folder):
        """Compares the app's result with the reference; returns the bytes of scratch memory that it took."""
        text = run([self.folder / "measure", app, "check", folder / f"{app}.so"], "the check", self.timeout,
                   env=self.environment())
        return int(re.match(r"scratch (\d+)", text)[1])

    def time(self, app, folders, rounds, seconds):
        """For each folder the times of a call, one per round. Folders take turns."""
        text = run([self.folder / "measure", app, "time", rounds, seconds, *(f / f"{app}.so" for f in folders)],
                   "the benchmark", self.timeout + 5 * rounds * seconds * len(folders), env=self.environment())
        times = [[] for _ in folders]
        for index, value in re.findall(r"^time (\d+) (\S+)$", text, re.M):
            times[int(index)].append(float(value))
        return times

    def assemble(self, app, folder):
        """What ptxas says of the app's kernels, in words."""
        ptxas = find_ptxas()
        if ptxas is None:
            raise Failure("there is no ptxas to assemble the kernels with")
        ptx = folder / f"{app}.ptx"
        ptx.write_bytes((folder / f"{app}.device_code").read_bytes().replace(b"\0", b""))
        result = subprocess.run([ptxas, f"-arch=sm_{CUDA_CAPABILITY}", "-v", ptx, "-o", os.devnull],
                                capture_output=True, text=True, timeout=self.timeout)
        said = result.stdout + result.stderr
        if result.returncode != 0:
            raise Failure(f"ptxas failed: {' '.join(said.split())[:300]}")
        registers = [int(n) for n in re.findall(r"Used (\d+) registers", said)]
        spills = sum(int(n) for n in re.findall(r"(\d+) bytes spill", said))
        return (f"no GPU; assembled for sm_{CUDA_CAPABILITY}: {len(registers)} kernel"
                f"{'s' if len(registers) != 1 else ''}, at most {max(registers, default=0)} registers, "
                f"{spills} bytes spilled")

    @staticmethod
    def environment():
        return {**os.environ, "HL_NUM_THREADS": str(THREADS)}
