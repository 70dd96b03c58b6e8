"""One schedule of an app at a time: compiled, linked, checked and timed. For autoschedule.py and search.py."""
import ctypes
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
THREADS = len(os.sched_getaffinity(0))
# What schedules for devices are made for, an A100: PTX of its capability, which newer devices take, too, and its
# multiprocessors.
CUDA_CAPABILITY, MULTIPROCESSORS = 80, 108


def positive(text):
    """A number above 0, for argparse."""
    value = float(text)
    if not 0 < value < float("inf"):
        raise ValueError
    return value


def count(text):
    """A whole number above 0, for argparse."""
    value = int(text)
    if value < 1:
        raise ValueError
    return value


class Failure(Exception):
    """Why there is no result, in a line; and what was printed until then."""

    def __init__(self, text, output=""):
        super().__init__(text)
        self.output = output


def run(command, what, timeout, **options):
    """What a command prints; raises Failure if it fails or takes longer than `timeout` seconds."""
    try:
        result = subprocess.run([str(word) for word in command], timeout=timeout, text=True, errors="replace",
                                capture_output=True, **{"input": "", **options})
    except subprocess.TimeoutExpired as expired:
        output = (expired.stdout or b"").decode(errors="replace")
        raise Failure(f"{what} took longer than {timeout:g} s", output) from None
    except OSError as error:
        raise Failure(f"{what} cannot be run: {error}") from None
    if result.returncode != 0:
        said = " ".join(result.stderr.split())
        said = said[said.index("Error"):][:300] if "Error" in said else said[-300:]
        raise Failure(f"{what} failed with {result.returncode}: {said or 'no message'}", result.stdout)
    return result.stdout + result.stderr


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
        self.runtimes, self.lock = {}, threading.Lock()
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

    def scheduling(self, autoscheduler, *settings, plugin=None, is_gpu=False):
        """Words of a generator's command line for an autoscheduler."""
        return ["-p", plugin or self.plugin(autoscheduler), f"autoscheduler={autoscheduler}",
                f"autoscheduler.parallelism={MULTIPROCESSORS if is_gpu else THREADS}",
                *(f"autoscheduler.{s}" for s in settings)]

    def runtime(self, app, target):
        """The object file of Halide's runtime for a target."""
        with self.lock:
            if target not in self.runtimes:
                folder = self.folder / "runtime" / target
                folder.mkdir(parents=True, exist_ok=True)
                run([self.folder / f"{self.apps[app].split()[0]}.generator", "-r", "runtime", "-o", folder,
                     "-e", "object", f"target={target}"], "the generator of the runtime", self.timeout)
                self.runtimes[target] = folder / "runtime.o"
            return self.runtimes[target]

    def link(self, app, target, folder):
        """Makes APP.so of APP.o and a runtime."""
        run([self.places["compiler"], "-shared", "-o", folder / f"{app}.so", folder / f"{app}.o",
             self.runtime(app, target), "-pthread", "-ldl"], "the linker", self.timeout)

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
        """For each folder the times of a call, one per round: the best that Halide's benchmark() found in `seconds`.
        In a round folders take turns in a process; each round has a new one, as luck with threads and memory lasts as
        long as a process. A Failure has as `index` that of the folder that failed."""
        times = [[] for _ in folders]
        for _ in range(rounds):
            try:
                text = run([self.folder / "measure", app, "time", seconds, *(f / f"{app}.so" for f in folders)],
                           "the benchmark", self.timeout + 5 * seconds * len(folders), env=self.environment())
            except Failure as failure:
                failure.index = min(failure.output.count("time "), len(folders) - 1)
                raise
            for index, value in re.findall(r"^time (\d+) (\S+)$", text, re.M):
                times[int(index)].append(float(value))
        return times

    def assemble(self, app, folder):
        """What ptxas says of the app's kernels, in words; None if there is no ptxas."""
        ptxas = find_ptxas()
        if ptxas is None:
            return None
        ptx = folder / f"{app}.ptx"
        ptx.write_bytes((folder / f"{app}.device_code").read_bytes().replace(b"\0", b""))
        said = run([ptxas, f"-arch=sm_{CUDA_CAPABILITY}", "-v", ptx, "-o", os.devnull], "ptxas", self.timeout)
        registers = [int(n) for n in re.findall(r"Used (\d+) registers", said)]
        spills = sum(int(n) for n in re.findall(r"(\d+) bytes spill", said))
        return (f"assembled for sm_{CUDA_CAPABILITY}: {len(registers)} kernel{'s' if len(registers) != 1 else ''}, "
                f"at most {max(registers, default=0)} registers, {spills} bytes spilled")

    @staticmethod
    def environment():
        return {**os.environ, "HL_NUM_THREADS": str(THREADS)}
