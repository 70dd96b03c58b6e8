"""Times TensorFlow's ExtractGlimpse beside Glimpse: ratios of medians of the same work.

    tensorflow_compare.py build/release/bench/extract_bench

Both run on one thread, in two processes that take turns for several rounds: extract_bench, and one
with TensorFlow, which calls tf.raw_ops.ExtractGlimpse eagerly. Where the Python that runs this has
no TensorFlow, it is installed from PyPI into build/peers/tensorflow first. Times are processor time,
so that other processes on the machine count for less. TensorFlow's include its call from Python;
the row `call` says how long that takes, with a window of one pixel, and ratios without it stand in
brackets.
"""

import argparse
import importlib.util
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

from environments import BUILD, LIBRARIES, ONE_THREAD, installed_python, time_glimpse

ROUNDS = 7
SECONDS = 0.1  # of each case, in each round
SETS = 8  # of positions that calls use in rotation

FRAME = (1, 1080, 1920, 3)
BATCH = (64, 128, 128, 3)
CALL = "call"

# By the name of the benchmark: the shape of the images, the side of the window, whether it lies
# inside or half outside on the left, and what fills the outside.
CASES = {
    "extract/float32/64x64x3/1/inside": (FRAME, 64, "inside", "zero"),
    "extract/float32/64x64x3/1/left-zero": (FRAME, 64, "left", "zero"),
    "extract/float32/64x64x3/1/left-uniform-with-statistics": (FRAME, 64, "left", "uniform"),
    "extract/float32/64x64x3/1/left-gaussian-with-statistics": (FRAME, 64, "left", "gaussian"),
    "extract/float32/32x32x3/64/batch-inside": (BATCH, 32, "inside", "zero"),
    "extract/float32/32x32x3/64/batch-left-zero": (BATCH, 32, "left", "zero"),
    "extract/float32/32x32x3/64/batch-left-uniform-with-statistics": (BATCH, 32, "left", "uniform"),
    CALL: ((1, 1, 1, 1), 1, "inside", "zero"),
}


class TensorFlowCase:
    """One case in TensorFlow; its result is compared with slices of the images once."""

    def __init__(self, tensorflow, name):
        import numpy as np

        shape, side, place, noise = CASES[name]
        random = np.random.default_rng(1)
        images = random.random(shape, np.float32) * 256
        origins = random.integers(0, (shape[1] - side + 1, shape[2] - side + 1),
                                  (SETS, shape[0], 2))
        if place == "left":
            origins[:, :, 1] = -(side // 2)
        self.operation = tensorflow.raw_ops.ExtractGlimpse
        self.images = tensorflow.constant(images)
        self.size = tensorflow.constant([side, side], tensorflow.int32)
        # Neither centered nor normalized: an offset is the centre of the window in pixels.
        self.offsets = [tensorflow.constant(set_ + side / 2, tensorflow.float32)
                        for set_ in origins]
        self.noise = noise
        self.next = 0

        got = self.call().numpy()
        outside = side // 2 if place == "left" else 0
        for n, (y, x) in enumerate(origins[0]):
            visible = images[n, y:y + side, x + outside:x + side]
            filled = got[n, :, :outside]
            if not np.array_equal(got[n, :, outside:], visible) or (
                    noise == "zero" and np.any(filled)):
                raise SystemExit(f"{name}: TensorFlow's result is not what was expected")

    def call(self):
        offsets = self.offsets[self.next]
        self.next = (self.next + 1) % SETS
        return self.operation(input=self.images, size=self.size, offsets=offsets, centered=False,
                              normalized=False, uniform_noise=self.noise == "uniform",
                              noise=self.noise)

    def time(self):
        """The mean times of a call in nanoseconds."""
        calls = 0
        real, processor = time.perf_counter_ns(), time.process_time_ns()
        end = real + SECONDS * 1e9
        while calls == 0 or time.perf_counter_ns() < end:
            self.call()
            calls += 1
        return {"real_time": (time.perf_counter_ns() - real) / calls,
                "cpu_time": (time.process_time_ns() - processor) / calls}


def work():
    """The process with TensorFlow: for every line that it reads it times all cases."""
    import tensorflow

    tensorflow.config.threading.set_intra_op_parallelism_threads(1)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    cases = {name: TensorFlowCase(tensorflow, name) for name in CASES}
    print(tensorflow.__version__, flush=True)
    for _ in sys.stdin:
        print(json.dumps({name: case.time() for name, case in cases.items()}), flush=True)


def python_with_tensorflow():
    """A Python that has TensorFlow: this one, or one in a virtual environment of its own."""
    if importlib.util.find_spec("tensorflow"):
        return sys.executable
    return installed_python("peers/tensorflow", *LIBRARIES["tensorflow"])


def alternate(extract_bench, python):
    """{name: times of all rounds} of both, and the context."""
    worker = subprocess.Popen([python, __file__, "--worker"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True,
                              env={**os.environ, **ONE_THREAD})
    rounds = {}
    with worker:
        version = worker.stdout.readline().strip()
        if not version:
            raise SystemExit("TensorFlow did not start")
        for i in range(ROUNDS):
            print(f"round {i + 1} of {ROUNDS}", flush=True)
            worker.stdin.write("\n")
            worker.stdin.flush()
            for name, times in json.loads(worker.stdout.readline()).items():
                rounds.setdefault(f"{name}/tensorflow", []).append(times)
            glimpse, context = time_glimpse(
                extract_bench, [name for name in CASES if name != CALL], SECONDS / 5)
            for name, times in glimpse.items():
                rounds.setdefault(name, []).append(times)
    return rounds, {**context, "tensorflow_version": version}


def to_json(rounds, context):
    """Medians over the rounds, as Google Benchmark writes them."""
    benchmarks = []
    for name, times in rounds.items():
        benchmarks.append({
            "name": f"{name}_median", "run_name": name, "run_type": "aggregate",
            "aggregate_name": "median", "aggregate_unit": "time", "repetitions": len(times),
            "iterations": len(times), "threads": 1, "time_unit": "ns",
            **{key: statistics.median(time_[key] for time_ in times) for key in times[0]}})
    return {"context": context, "benchmarks": benchmarks}


def print_table(result):
    times = {run["run_name"]: run["cpu_time"] for run in result["benchmarks"]}
    variants = [name.rsplit("/", 1)[1] for name in times
                if name.startswith("extract/float32/64x64x3/1/inside/")]
    variants = sorted(set(variants) - {"memcpy", "tensorflow"},
                      key=["avx512", "avx2", "sse41", "x86_64"].index)
    width = max(map(len, CASES))
    call = times[f"{CALL}/tensorflow"]
    print(f"\nTime of TensorFlow {result['context']['tensorflow_version']} / time of Glimpse, medians"
          f" of {ROUNDS} rounds, 1 thread; in brackets less TensorFlow's call from Python\n")
    print(f"  {'':{width}s}  tensorflow, us" + "".join(f"{name:>14s}" for name in variants))
    for name in CASES:
        tensorflow = times[f"{name}/tensorflow"]
        line = f"  {name:{width}s}  {tensorflow / 1e3:14.1f}"
        for variant in variants if name != CALL else []:
            glimpse = times[f"{name}/{variant}"]
            bracket = f"({(tensorflow - call) / glimpse:.1f})"
            line += f"{tensorflow / glimpse:7.1f}{bracket:>7s}"
        print(line)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("extract_bench", help="the benchmark program of Glimpse")
    parser.add_argument("--json", metavar="FILE", default=BUILD / "tensorflow_compare.json",
                        type=pathlib.Path, help="where medians are written (default: %(default)s)")
    arguments = parser.parse_args()
    rounds, context = alternate(arguments.extract_bench, python_with_tensorflow())
    result = to_json(rounds, context)
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(result, indent=1) + "\n")
    print_table(result)


if __name__ == "__main__":
    if sys.argv[1:] == ["--worker"]:
        work()
    else:
        main()
