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
import hashlib
import json
import math
import re
import shutil
import statistics
import struct
import sys
from pathlib import Path

import plots
from schedules import THREADS, Build, Failure, count, positive, run
from tqdm import tqdm

COLUMNS = ["sample", "kind", "status", "seconds", "relative", "code", "message"]
ROUNDS = 3
TRAINABLE = 8  # schedules that differ; adams2019_retrain_cost_model leaves out apps of which it has fewer
EPOCHS = 32  # as in Halide's adams2019_autotune_loop.sh


def built_in_weights(plugin):
    """The weights that are compiled into Adams2019, as a file has them (adams2019/Weights.cpp of Halide's
    sources: a signature, two versions, the number of arrays; of each its dimensions, extents and floats)."""
    data, arrays = Path(plugin).read_bytes(), 6
    for match in re.finditer(b"1fwh.{8}" + struct.pack("<I", arrays), data, re.S):
        end = match.end()
        for _ in range(arrays):
            dimensions, = struct.unpack_from("<I", data, end)
            end += 4 + 4 * dimensions + 4 * math.prod(struct.unpack_from(f"<{dimensions}I", data, end + 4))
        return data[match.start():end]
    raise Failure(f"{plugin} contains no weights to begin with: give a file with --weights")


class Sample:
    """A schedule that was tried."""

    def __init__(self, number, kind, folder):
        self.sample, self.kind, self.folder = number, kind, folder  # kind: "one-shot" or "random"
        self.status = "ok"  # or "failed", or "duplicate"
        self.seconds = self.relative = None
        self.code, self.message = "", ""  # `code` is a hash of what was compiled


class Search:
    """The state of a search, all of it in a folder."""

    def __init__(self, build, options):
        self.build, self.options = build, options
        self.folder = Path(options.output).resolve() / options.app / options.size / options.autoscheduler
        self.folder.mkdir(parents=True, exist_ok=True)
        self.weights = self.folder / "current.weights"
        self.plugin = options.plugin or build.plugin(options.autoscheduler)
        self.keep_settings()
        self.samples = self.read()
        self.manual = self.folder / "manual"
        self.target = build.target("host")
        build.generate(options.app, options.size, self.target, [], self.manual)
        build.link(options.app, self.target, self.manual)
        if options.retrain and not self.weights.exists():
            self.weights.write_bytes(Path(options.weights).read_bytes() if options.weights
                                     else built_in_weights(self.plugin))

    def keep_settings(self):
        """A search is continued with the settings it was begun with."""
        path = self.folder / "settings.json"
        now = {"plugin": hashlib.sha256(Path(self.plugin).read_bytes()).hexdigest(), "target": self.build.host,
               **{name: getattr(self.options, name) for name in ("random", "one_shot", "retrain", "weights", "batch")}}
        if path.exists():
            then = json.loads(path.read_text(encoding="utf-8"))
            changed = [name for name in now if now[name] != then.get(name)]
            if changed:
                raise Failure(f"the search in {self.folder} was begun with another {' and '.join(changed)}: go on as "
                              "it was, remove that folder, or choose another --output")
        else:
            path.write_text(json.dumps(now, indent=4), encoding="utf-8")

    def read(self):
        samples, path = [], self.folder / "samples.csv"
        if path.exists():
            with open(path, newline="", encoding="utf-8") as file:
                for row in csv.DictReader(file):
                    sample = Sample(int(row["sample"]), row["kind"], self.sample_folder(int(row["sample"])))
                    sample.status, sample.code, sample.message = row["status"], row["code"], row["message"]
                    if sample.status == "ok":
                        sample.seconds, sample.relative = float(row["seconds"]), float(row["relative"])
                    samples.append(sample)
        return samples

    def write(self):
        # In one step: whatever interrupts it leaves the file before or the file after.
        path, new = self.folder / "samples.csv", self.folder / "samples.csv.new"
        with open(new, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for sample in self.samples:
                writer.writerow(["" if v is None else v for v in (getattr(sample, c) for c in COLUMNS)])
        new.replace(path)

    def sample_folder(self, number):
        return self.folder / "samples" / f"{number:05d}"

    def distinct(self):
        return [s for s in self.samples if s.status == "ok"]

    def compile(self, number):
        """Compiles and checks a sample. The first takes no random choices, nor the first after each retraining."""
        is_first = number % self.options.batch == 0 if self.options.retrain else number == 0
        kind = "one-shot" if is_first else "random"
        sample = Sample(number, kind, self.sample_folder(number))
        settings = (self.options.one_shot if kind == "one-shot" else self.options.random).format(seed=number).split()
        if self.options.retrain:
            settings.append(f"weights_path={self.weights}")
        app = self.options.app
        try:
            self.build.generate(app, self.options.size, self.target, self.build.scheduling(
                self.options.autoscheduler, *settings, plugin=self.plugin), sample.folder)
            sample.code = hashlib.sha256((sample.folder / f"{app}.o").read_bytes()).hexdigest()[:16]
            self.build.link(app, self.target, sample.folder)
            self.build.check(app, sample.folder)
        except Failure as failure:
            sample.status, sample.message = "failed", str(failure)
        return sample

    def time(self, sample):
        """Times a sample in turn with the manual schedule, unless it is one that there was."""
        if sample.status != "ok":
            return
        same = next((s for s in self.distinct() if s.code == sample.code), None)
        if same is not None:
            sample.status, sample.message = "duplicate", f"of sample {same.sample}"
            return
        try:
            manual, times = self.build.time(self.options.app, [self.manual, sample.folder], ROUNDS,
                                            self.options.seconds / ROUNDS / 2)
            sample.seconds = statistics.median(times)
            sample.relative = statistics.median(t / m for t, m in zip(times, manual))
        except Failure as failure:
            sample.status, sample.message = "failed", str(failure)

    def retrain(self):
        """Trains the cost model on all samples so far; returns what came of it."""
        files = []
        for sample in self.distinct():
            name = sample.folder / self.options.app
            files.append(f"{name}.sample")
            run([self.build.tool("featurization_to_sample"), f"{name}.featurization", f"{sample.seconds:.9g}", 0,
                 sample.sample, files[-1]], "featurization_to_sample", self.options.timeout)
        if len(files) < TRAINABLE:
            return f"the model is as it was: training needs {TRAINABLE} schedules that differ"
        new = self.folder / "new.weights"
        text = run([self.build.tool("adams2019_retrain_cost_model"), f"--epochs={EPOCHS}", "--rates=0.0001",
                    f"--num_cores={THREADS}", f"--initial_weights={self.weights}",
                    f"--weights_out={new}", f"--best_benchmark={self.folder / 'retrain_best.txt'}",
                    f"--best_schedule={self.folder / 'retrain_best.schedule.h'}"],
                   "adams2019_retrain_cost_model", self.options.timeout, input="\n".join(files))
        (self.folder / "retrain.log").write_text(text, encoding="utf-8")
        losses = re.findall(r"^Loss: (\S+)", text, re.M)
        if new.read_bytes() == self.weights.read_bytes():
            raise Failure(f"retraining changed nothing; see {self.folder / 'retrain.log'}")
        new.replace(self.weights)
        return f"the model was retrained, loss {losses[-1]}"

    def confirm(self):
        """Times the best five again, all in one run; returns (ratio, lowest, highest, seconds, sample), best first."""
        best = sorted(self.distinct(), key=lambda s: s.relative)[:5]
        if not best:
            return []
        manual, *times = self.build.time(self.options.app, [self.manual, *(s.folder for s in best)], 2 * ROUNDS + 1,
                                         self.options.seconds / ROUNDS)
        results = []
        for sample, t in zip(best, times):
            ratios = [a / b for a, b in zip(t, manual)]
            results.append((statistics.median(ratios), min(ratios), max(ratios), statistics.median(t), sample))
        results.sort(key=lambda result: result[0])
        shutil.copy(results[0][-1].folder / f"{self.options.app}.schedule.h", self.folder / "best.schedule.h")
        return results

    def run(self):
        options = self.options
        with tqdm(total=options.samples, initial=min(len(self.samples), options.samples), unit="sample",
                  disable=None) as progress, concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            while len(self.samples) < options.samples:
                first = len(self.samples)
                last = min((first // options.batch + 1) * options.batch, options.samples)
                # All are compiled before the first is timed, as compiling would disturb that.
                batch = list(pool.map(self.compile, range(first, last)))
                if first == 0 and all(sample.status == "failed" for sample in batch):
                    raise Failure(f"no sample works; the first: {batch[0].message}")
                for sample in batch:
                    self.time(sample)
                    self.samples.append(sample)
                    self.write()
                    progress.update()
                line = f"{last} samples, {len(self.distinct())} of them differ"
                progress.write(f"{line}; {self.retrain()}" if options.retrain else line)
                plots.draw_search(self.samples, f"{options.app}, {options.size}: {options.autoscheduler}", self.folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("build", help="where CMakeLists.txt was built")
    parser.add_argument("--app", required=True)
    parser.add_argument("--size", required=True)
    parser.add_argument("--samples", type=count, default=64, help="in all, earlier ones included (64)")
    parser.add_argument("--batch", type=count, default=16, help="samples that are compiled before they are timed (16)")
    parser.add_argument("--seconds", type=positive, default=0.6, help="to time each sample and the manual one for (0.6)")
    parser.add_argument("--timeout", type=positive, default=300.0, help="seconds that a step may take (300)")
    parser.add_argument("--output", default="results/search", help="the folder that results go to")
    parser.add_argument("--autoscheduler", default="Adams2019", help="its name in the plugin (Adams2019)")
    parser.add_argument("--plugin", type=lambda text: Path(text).resolve(), help="its library, if it is not Halide's")
    parser.add_argument("--random", default="beam_size=1 random_dropout=1 random_dropout_seed={seed}",
                        help="its parameters for samples (those of Adams2019); {seed} is another number each time")
    parser.add_argument("--one-shot", default="", help="its parameters for the first sample, with --retrain of each batch (none)")
    parser.add_argument("--retrain", action="store_true", help="train the cost model of Adams2019 after each batch")
    parser.add_argument("--weights", help="a file of weights to begin with (those in the plugin)")
    options = parser.parse_args()
    try:
        (options.random + options.one_shot).format(seed=0)
    except (KeyError, IndexError, ValueError):
        parser.error("--random and --one-shot may contain {seed}, and no other braces")
    for file in (options.plugin, options.weights):
        if file is not None and not Path(file).is_file():
            parser.error(f"there is no file {file}")
    try:
        build = Build(options.build, options.timeout)
        for what, there in ((options.app, build.apps), (options.size, build.sizes)):
            if what not in there:
                parser.error(f"there is no {what}; there are {', '.join(there)}")
        if options.plugin is None and not build.plugin(options.autoscheduler).is_file():
            parser.error(f"{options.autoscheduler} is none of Halide's: give its --plugin")
        search = Search(build, options)
        search.run()
        results = search.confirm()
    except Failure as failure:
        sys.exit(str(failure))
    statuses = [sample.status for sample in search.samples]
    print(f"{len(statuses)} samples: {statuses.count('ok')} that differ, {statuses.count('duplicate')} duplicates, "
          f"{statuses.count('failed')} failed. The best, timed again together:")
    for relative, low, high, seconds, sample in results:
        print(f"    sample {sample.sample} ({sample.kind}): {seconds * 1e6:.4g} µs, {relative:.3f} ({low:.3f} to {high:.3f}) "
              "of the time of the manual schedule")
    print(f"See {search.folder}: samples.csv, best.schedule.h, search.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
