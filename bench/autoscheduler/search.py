#!/usr/bin/env python3
"""Samples schedules of an autoscheduler with random choices, times each beside the manual schedule, and keeps the
best. Stopped and started again it goes on where it was.

    search.py BUILD --app APP --size SIZE [--samples N] [--retrain] [--plugin FILE --autoscheduler NAME]

In OUTPUT/APP/SIZE/AUTOSCHEDULER are then samples.csv, search.png, best.schedule.h, and what was sampled. README.md
says how to search with an autoscheduler of your own.
"""
import argparse
import concurrent.futures
import csv
import shutil
import statistics
import struct
import subprocess
import sys
from pathlib import Path

import plots
from schedules import THREADS, Build, Failure, run
from tqdm import tqdm

COLUMNS = ["sample", "kind", "status", "seconds", "relative", "message"]
ROUNDS = 3


def built_in_weights(plugin):
    """The weights that are compiled into Adams2019, as a file has them (adams2019/Weights.cpp of Halide's
    sources: a signature, two versions, the number of arrays; of each its dimensions, extents and floats)."""
    data = Path(plugin).read_bytes()
    signature = b"1fwh"
    begin = data.find(signature)
    while begin >= 0:
        try:
            count, = struct.unpack_from("<12xI", data, begin)
            end = begin + 16
            for _ in range(count if count == 6 else 0):
                dimensions, = struct.unpack_from("<I", data, end)
                extents = struct.unpack_from(f"<{dimensions}I", data, end + 4)
                floats = 1
                for extent in extents:
                    floats *= extent
                end += 4 + 4 * dimensions + 4 * floats
            if count == 6 and end <= len(data):
                return data[begin:end]
        except struct.error:
            pass
        begin = data.find(signature, begin + 1)
    raise Failure(f"{plugin} contains no weights to begin with: give a file with --weights")


class Sample:
    """A schedule that was tried."""

    def __init__(self, number, kind, folder):
        self.sample, self.kind, self.folder = number, kind, folder  # kind: "greedy" or "random"
        self.status, self.seconds, self.relative, self.message = "ok", None, None, ""


class Search:
    """The state of a search, all of it in a folder."""

    def __init__(self, build, options):
        self.build, self.options = build, options
        self.folder = Path(options.output).resolve() / options.app / options.size / options.autoscheduler
        self.folder.mkdir(parents=True, exist_ok=True)
        self.weights = self.folder / "current.weights"
        self.samples = self.read()
        self.manual = self.folder / "manual"
        self.target = build.target("host")
        build.generate(options.app, options.size, self.target, [], self.manual)
        build.link(options.app, self.target, self.manual)
        if options.retrain and not self.weights.exists():
            plugin = options.plugin or build.plugin(options.autoscheduler)
            self.weights.write_bytes(Path(options.weights).read_bytes() if options.weights
                                     else built_in_weights(plugin))

    def read(self):
        samples, path = [], self.folder / "samples.csv"
        if path.exists():
            with open(path, newline="", encoding="utf-8") as file:
                for row in csv.DictReader(file):
                    sample = Sample(int(row["sample"]), row["kind"], self.sample_folder(int(row["sample"])))
                    sample.status, sample.message = row["status"], row["message"]
                    if sample.status == "ok":
                        sample.seconds, sample.relative = float(row["seconds"]), float(row["relative"])
                    samples.append(sample)
        return samples

    def sample_folder(self, number):
        return self.folder / "samples" / f"{number:05d}"

    def append(self, sample):
        path = self.folder / "samples.csv"
        is_new = not path.exists()
        with open(path, "a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            if is_new:
                writer.writerow(COLUMNS)
            writer.writerow(["" if v is None else v for v in (getattr(sample, c) for c in COLUMNS)])
        self.samples.append(sample)

    def best(self):
        return min((s for s in self.samples if s.status == "ok"), key=lambda s: s.relative, default=None)

    def compile(self, number):
        """Compiles and checks a sample. The first of each batch takes no random choices."""
        kind = "greedy" if number % self.options.batch == 0 else "random"
        sample = Sample(number, kind, self.sample_folder(number))
        settings = (self.options.greedy if kind == "greedy" else self.options.random).format(seed=number).split()
        if self.options.retrain:
            settings.append(f"weights_path={self.weights}")
        app = self.options.app
        try:
            self.build.generate(app, self.options.size, self.target, self.build.scheduling(
                self.options.autoscheduler, *settings, plugin=self.options.plugin), sample.folder)
            self.build.link(app, self.target, sample.folder)
            self.build.check(app, sample.folder)
        except Failure as failure:
            sample.status, sample.message = "failed", str(failure)
        return sample

    def time(self, sample):
        """Times a sample, in turn with the manual schedule."""
        if sample.status != "ok":
            return
        try:
            manual, times = self.build.time(self.options.app, [self.manual, sample.folder], ROUNDS,
                                            self.options.seconds / ROUNDS / 2)
            sample.seconds = statistics.median(times)
            sample.relative = statistics.median(t / m for t, m in zip(times, manual))
        except Failure as failure:
            sample.status, sample.message = "failed", str(failure)

    def retrain(self):
        """Trains the cost model on all samples so far; returns what it says of its loss."""
        files = []
        for sample in self.samples:
            if sample.status == "ok":
                name = sample.folder / self.options.app
                files.append(f"{name}.sample")
                if not Path(files[-1]).exists():
                    run([self.build.tool("featurization_to_sample"), f"{name}.featurization", f"{sample.seconds:.9g}", 0,
                         sample.sample, files[-1]], "featurization_to_sample", self.options.timeout)
        result = subprocess.run(
            [self.build.tool("adams2019_retrain_cost_model"), f"--epochs={self.options.batch}", "--rates=0.0001",
             f"--num_cores={THREADS}", f"--initial_weights={self.weights}", f"--weights_out={self.weights}",
             f"--best_benchmark={self.folder / 'retrain_best.txt'}",
             f"--best_schedule={self.folder / 'retrain_best.schedule.h'}"],
            input="\n".join(files), capture_output=True, text=True)
        (self.folder / "retrain.log").write_text(result.stdout + result.stderr, encoding="utf-8")
        if result.returncode != 0:
            sys.exit(f"retraining failed; see {self.folder / 'retrain.log'}")
        losses = [line.split()[1] for line in result.stdout.splitlines() if line.startswith("Loss:")]
        return losses[-1] if losses else "unknown"

    def draw(self):
        plots.draw_search(self.samples, f"{self.options.app}, {self.options.size}: {self.options.autoscheduler}",
                          self.folder)

    def confirm(self):
        """Times the best five again, all in one run; returns them with their time and ratio, the best first."""
        best = sorted((s for s in self.samples if s.status == "ok"), key=lambda s: s.relative)[:5]
        folders = [self.manual, *(s.folder for s in best)]
        manual, *times = self.build.time(self.options.app, folders, 2 * ROUNDS + 1, self.options.seconds / ROUNDS)
        results = [(statistics.median(a / b for a, b in zip(t, manual)), statistics.median(t), sample)
                   for sample, t in zip(best, times)]
        results.sort(key=lambda result: result[0])
        if results:
            shutil.copy(results[0][2].folder / f"{self.options.app}.schedule.h", self.folder / "best.schedule.h")
        return results

    def run(self):
        options = self.options
        with tqdm(total=options.samples, initial=min(len(self.samples), options.samples), unit="sample",
                  disable=None) as progress, concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            while len(self.samples) < options.samples:
                first = len(self.samples)
                last = min((first // options.batch + 1) * options.batch, options.samples)
                compiled = pool.map(self.compile, range(first, last))
                for sample in list(compiled):  # all of them first: compiling disturbs clocks
                    self.time(sample)
                    self.append(sample)
                    progress.update()
                    best = self.best()
                    progress.set_description(f"best {best.relative:.3f}" if best else "none works yet")
                if options.retrain:
                    progress.write(f"{last} samples; loss of the retrained model {self.retrain()}")
                self.draw()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("build", help="where CMakeLists.txt was built")
    parser.add_argument("--app", required=True)
    parser.add_argument("--size", required=True)
    parser.add_argument("--samples", type=int, default=64, help="in all, earlier ones included (64)")
    parser.add_argument("--batch", type=int, default=16, help="samples that are compiled before they are timed (16)")
    parser.add_argument("--seconds", type=float, default=0.3, help="to time each sample for (0.3)")
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds that a step may take (300)")
    parser.add_argument("--output", default="results/search", help="the folder that results go to")
    parser.add_argument("--autoscheduler", default="Adams2019", help="its name in the plugin (Adams2019)")
    parser.add_argument("--plugin", help="its library, if it is not one of Halide's")
    parser.add_argument("--random", default="beam_size=1 random_dropout=1 random_dropout_seed={seed}",
                        help="its parameters for samples (those of Adams2019); {seed} is another number each time")
    parser.add_argument("--greedy", default="", help="its parameters for the first sample of each batch")
    parser.add_argument("--retrain", action="store_true", help="train the cost model of Adams2019 after each batch")
    parser.add_argument("--weights", help="a file of weights to begin with (those in the plugin)")
    options = parser.parse_args()
    try:
        build = Build(options.build, options.timeout)
        for what, there in ((options.app, build.apps), (options.size, build.sizes)):
            if what not in there:
                parser.error(f"there is no {what}; there are {', '.join(there)}")
        search = Search(build, options)
        search.run()
        results = search.confirm()
    except Failure as failure:
        sys.exit(str(failure))
    failed = sum(s.status != "ok" for s in search.samples)
    print(f"{len(search.samples)} samples, {failed} of which failed; the best, timed again together:")
    for relative, seconds, sample in results:
        print(f"    sample {sample.sample} ({sample.kind}): {seconds * 1e6:.4g} µs, {relative:.3f} of the time of the "
              "manual schedule")
    print(f"see {search.folder}: samples.csv, best.schedule.h, search.png")
    return 0 if results else 1


if __name__ == "__main__":
    sys.exit(main())
