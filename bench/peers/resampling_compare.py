"""Times resampling by Pillow, Pillow-SIMD, PyTorch and TensorFlow beside Glimpse: ratios of medians of the same work.

    resampling_compare.py build/release/bench/sample_bench

All run on one thread, in processes that take turns for several rounds: sample_bench, and one for
each library, in a virtual environment of its own in build/peers, which is made from PyPI first.
Times are processor time. Boxes are whole, drawn as sample_bench draws its own; libraries other than
Glimpse take them one by one, with a call from Python for each. TensorFlow gives float32.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

from environments import LIBRARIES, ONE_THREAD, installed_python, time_glimpse

ROUNDS = 7
SECONDS = 0.2  # of each case, in each round
SETS = 8  # of boxes that calls use in rotation

# By the name of the benchmark: the frame, the size of glimpses, how many, and the filter.
CASES = {
    "sample/uint8-uint8/224x224x3/64/antialias": ((1080, 1920), (224, 224), 64, "linear"),
    "sample/uint8-uint8/32x32x3/64/antialias": ((1080, 1920), (32, 32), 64, "linear"),
    "sample/uint8-uint8/224x224x3/64/lanczos3": ((1080, 1920), (224, 224), 64, "lanczos3"),
    "sample/uint8-uint8/360x640x3/1/antialias-4K": ((2160, 3840), (360, 640), 1, "linear"),
    "sample/uint8-uint8/360x640x3/1/lanczos3-4K": ((2160, 3840), (360, 640), 1, "lanczos3"),
}


def resize_with_pillow(frame):
    from PIL import Image

    image = Image.fromarray(frame)
    filters = {"linear": Image.Resampling.BILINEAR, "lanczos3": Image.Resampling.LANCZOS}
    return lambda box, size, name: image.resize(size[::-1], filters[name],
                                                (box[1], box[0], box[3], box[2]))


def resize_with_torch(frame):
    import torch

    torch.set_num_threads(1)
    image = torch.from_numpy(frame).permute(2, 0, 1)[None]
    modes = {"linear": "bilinear", "lanczos3": "lanczos"}
    return lambda box, size, name: torch.nn.functional.interpolate(
        image[..., box[0]:box[2], box[1]:box[3]], size, mode=modes[name], antialias=True)


def resize_with_tensorflow(frame):
    import tensorflow

    tensorflow.config.threading.set_intra_op_parallelism_threads(1)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    image = tensorflow.constant(frame)
    methods = {"linear": "bilinear", "lanczos3": "lanczos3"}
    return lambda box, size, name: tensorflow.image.resize(
        image[box[0]:box[2], box[1]:box[3]], size, methods[name], antialias=True)


RESIZERS = {"pillow-simd": resize_with_pillow, "pillow": resize_with_pillow,
            "torch": resize_with_torch, "tensorflow": resize_with_tensorflow}


def work(library):
    """The process of a library: for every line that it reads it times all cases."""
    import numpy as np

    random = np.random.default_rng(1)
    cases = {}
    for name, (frame, size, count, filter_name) in CASES.items():
        resize = RESIZERS[library](random.integers(0, 256, (*frame, 3), np.uint8))
        whole = count == 1
        sides = np.array(frame) if whole else random.integers(100, 601, (SETS, count, 2))
        sides = np.broadcast_to(sides, (SETS, count, 2))
        begin = random.integers(0, np.array(frame) - sides + 1)
        boxes = np.concatenate([begin, begin + sides], axis=2).tolist()
        cases[name] = (resize, boxes, size, filter_name)
    print("ready", flush=True)
    for _ in sys.stdin:
        found = {}
        for name, (resize, boxes, size, filter_name) in cases.items():
            try:
                resize(boxes[0][0], size, filter_name)
            except (NotImplementedError, RuntimeError, ValueError):
                continue  # it has no such filter
            calls = 0
            begin, end = time.process_time_ns(), time.perf_counter_ns() + SECONDS * 1e9
            while calls == 0 or time.perf_counter_ns() < end:
                for box in boxes[calls % SETS]:
                    resize(box, size, filter_name)
                calls += 1
            found[name] = (time.process_time_ns() - begin) / calls
        print(json.dumps(found), flush=True)


class Worker:
    """The process of a library."""

    def __init__(self, library):
        python = installed_python(f"peers/{library}", *LIBRARIES[library])
        self.process = subprocess.Popen(
            [python, __file__, "--worker", library], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, env={**os.environ, **ONE_THREAD})
        if self.process.stdout.readline().strip() != "ready":
            raise SystemExit(f"{library} did not start")

    def time(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def alternate(sample_bench, libraries):
    """{name: times of all rounds} of all."""
    workers = {library: Worker(library) for library in libraries}
    rounds = {}
    for i in range(ROUNDS):
        print(f"round {i + 1} of {ROUNDS}", flush=True)
        for library, worker in workers.items():
            for name, nanoseconds in worker.time().items():
                rounds.setdefault(f"{name}/{library}", []).append(nanoseconds)
        for name, times in time_glimpse(sample_bench, CASES, SECONDS / 3)[0].items():
            rounds.setdefault(name, []).append(times["cpu_time"])
    for worker in workers.values():
        worker.stop()
    return rounds


def print_table(rounds):
    times = {name: statistics.median(values) for name, values in rounds.items()}
    variants = ["avx512", "avx2", "sse41", "x86_64"]
    print(f"\nTime of Glimpse / time of a library, medians of {ROUNDS} rounds, 1 thread\n")
    for name in CASES:
        print(f"{name}")
        for other in [*RESIZERS, "opencv"]:
            theirs = times.get(f"{name}/{other}")
            if theirs is None:
                continue
            ratios = "".join(f"  {variant} {times[f'{name}/{variant}'] / theirs:.2f}"
                             for variant in variants if f"{name}/{variant}" in times)
            print(f"  {other:12s} {theirs / 1e6:9.2f} ms {ratios}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sample_bench", help="the benchmark program of Glimpse")
    parser.add_argument("--only", nargs="+", choices=RESIZERS, default=list(RESIZERS),
                        help="libraries to compare with (default: all)")
    arguments = parser.parse_args()
    print_table(alternate(arguments.sample_bench, arguments.only))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        work(sys.argv[2])
    else:
        main()
