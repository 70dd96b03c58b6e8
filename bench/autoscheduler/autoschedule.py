#!/usr/bin/env python3
"""Compiles every (app, size, scheduler), checks what it computes, times the schedules of an app in turn, and
writes results.csv, results.md and plots; each schedule lies in OUTPUT/APP/SIZE/SCHEDULER.

    autoschedule.py BUILD [--app APP]... [--size SIZE]... [--scheduler NAME]... [--plugin NAME=FILE]... [--seconds S]

BUILD is where CMakeLists.txt was built. Names of apps and sizes are those of apps.json.
"""
import argparse
import concurrent.futures
import csv
import datetime
import os
import platform
import re
import statistics
import sys
from pathlib import Path

import plots
from schedules import THREADS, Build, Failure, has_gpu, has_opencl, positive
from tqdm import tqdm

# Whether a scheduler is for devices. `manual` and `manual_gpu` are the schedules in the generators.
SCHEDULERS = {"manual": False, "Mullapudi2016": False, "Adams2019": False, "Li2018": False, "manual_gpu": True,
              "Anderson2021": True}
ROUNDS = 5


class Row:
    """What is known of one schedule."""
    columns = ["app", "size", "scheduler", "status", "seconds", "relative", "relative_low", "relative_high",
               "compile_seconds", "code_bytes", "scratch_bytes", "message"]

    def __init__(self, app, size, scheduler, is_gpu, folder):
        self.app, self.size, self.scheduler, self.is_gpu, self.folder = app, size, scheduler, is_gpu, folder
        self.status = "ok"  # or "failed", or, of schedules for devices without one, "assembled" or "not run"
        self.seconds = self.relative = self.relative_low = self.relative_high = None
        self.compile_seconds = self.code_bytes = self.scratch_bytes = None
        self.message = ""

    def fail(self, failure):
        self.status, self.message = "failed", str(failure)


def compile_row(build, row, plugin, gpu, opencl):
    """Compiles and checks a schedule. Without a GPU those for devices are assembled, and checked on OpenCL."""
    scheduling = [] if row.scheduler.startswith("manual") else \
        build.scheduling(row.scheduler, plugin=plugin, is_gpu=row.is_gpu)

    def compiled(hardware, folder):
        target = build.target(hardware)
        seconds = build.generate(row.app, row.size, target, scheduling, folder)
        build.link(row.app, target, folder)
        return seconds

    try:
        row.compile_seconds = compiled("cuda" if row.is_gpu else "host", row.folder)
        row.code_bytes = build.code_bytes(row.app, row.folder)
        if gpu or not row.is_gpu:
            row.scratch_bytes = build.check(row.app, row.folder)
            return
        assembled = build.assemble(row.app, row.folder)
        row.status = "assembled" if assembled else "not run"
        row.message = f"no GPU; {assembled or 'no ptxas'}"
        if opencl:
            compiled("opencl", row.folder / "opencl")
            build.check(row.app, row.folder / "opencl")
            row.message += "; right on OpenCL"
    except Failure as failure:
        row.fail(failure)


def time_rows(build, rows, seconds):
    """Times all schedules of an app and size that work; each beside the manual one for the same hardware."""
    rows, times = [row for row in rows if row.status == "ok"], []
    while rows and not times:
        try:
            times = build.time(rows[0].app, [row.folder for row in rows], ROUNDS, seconds / ROUNDS)
        except Failure as failure:
            rows.pop(failure.index).fail(failure)
    bases = {row.is_gpu: t for row, t in zip(rows, times) if row.scheduler.startswith("manual")}
    for row, t in zip(rows, times):
        row.seconds = statistics.median(t)
        if row.is_gpu in bases:
            ratios = [a / b for a, b in zip(t, bases[row.is_gpu])]
            row.relative, row.relative_low, row.relative_high = \
                statistics.median(ratios), min(ratios), max(ratios)


def write_csv(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(Row.columns)
        for row in rows:
            values = (getattr(row, column) for column in Row.columns)
            writer.writerow([f"{v:.6g}" if isinstance(v, float) else v for v in values])


def number(value, unit=1.0):
    """A number of three digits, as people read it."""
    if value is None:
        return ""
    value /= unit
    return f"{value:.0f}" if value >= 100 else f"{value:.{2 if value < 10 else 1}f}"


def introduction(build, seconds):
    """Where and how times were taken."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = re.search(r"model name\s*: (.*)", file.read())
    return (f"Halide {build.places['halide']}, {model[1] if model else platform.machine()}, {THREADS} threads, "
            f"{datetime.date.today()}. Target `{build.host}`.\n\n"
            f"Times are medians of {ROUNDS} rounds; in a round all schedules take turns in a new process, each for "
            f"{seconds / ROUNDS:g} s or more, and the best that Halide's benchmark helper found is its time. Relative: "
            "divided by that of the manual schedule (for a GPU `manual_gpu`) in the same round (median, and lowest to "
            "highest).\n")


def markdown(rows):
    """The table of results."""
    lines = ["| app | size | scheduler | time, µs | relative | compiled in, s | code, kB | scratch, kB | |",
             "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | --- |"]
    for row in rows:
        relative = f"{row.relative:.2f} ({row.relative_low:.2f} to {row.relative_high:.2f})" if row.relative else ""
        note = row.message if row.status != "failed" else f"failed: {row.message}"
        lines.append(f"| {row.app} | {row.size} | {row.scheduler} | {number(row.seconds, 1e-6)} | {relative} | "
                     f"{number(row.compile_seconds)} | {number(row.code_bytes, 1e3)} | "
                     f"{number(row.scratch_bytes, 1e3)} | {note.replace('|', '/')} |")
    return "\n".join(lines) + "\n"


def summary(rows):
    """Relative times alone, a line per app and size; those for devices beside manual_gpu, if they were timed."""
    names = list(dict.fromkeys(row.scheduler for row in rows if not row.scheduler.startswith("manual")
                               and (not row.is_gpu or row.seconds)))
    lines = [f"| {' | '.join(['app', 'size', 'manual, µs', *names])} |", "| --- | --- |" + " ---: |" * (1 + len(names))]
    for app, size in dict.fromkeys((row.app, row.size) for row in rows):
        found = {row.scheduler: row for row in rows if (row.app, row.size) == (app, size)}
        cells = [app, size, number(found["manual"].seconds, 1e-6) or found["manual"].status]
        cells += [number(found[name].relative) or found[name].status for name in names]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def named_file(text):
    """NAME=FILE, for argparse."""
    name, equals, file = text.partition("=")
    if not (name and equals and file):
        raise ValueError
    return name, Path(file).resolve()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("build", help="where CMakeLists.txt was built")
    parser.add_argument("--app", action="append", help="only this one; may be repeated")
    parser.add_argument("--size", action="append", help="only this one; may be repeated")
    parser.add_argument("--scheduler", action="append", help="only this one, beside the manual schedule; may be repeated")
    parser.add_argument("--plugin", action="append", type=named_file, default=[], metavar="NAME=FILE",
                        help="one more scheduler, for processors: its name in its plugin; may be repeated")
    parser.add_argument("--seconds", type=positive, default=1.0, help="to time each schedule for (1)")
    parser.add_argument("--timeout", type=positive, default=300.0, help="seconds that a step may take (300)")
    parser.add_argument("--output", default="results", help="the folder that results go to")
    options = parser.parse_args()

    build = Build(options.build, options.timeout)
    plugins = dict(options.plugin)
    schedulers = {**SCHEDULERS, **dict.fromkeys(plugins, False)}
    wanted = {}
    for name, there in (("app", build.apps), ("size", build.sizes), ("scheduler", schedulers)):
        chosen = getattr(options, name) or list(there)
        unknown = sorted(set(chosen) - set(there))
        if unknown:
            parser.error(f"there is no {name} {', '.join(unknown)}; there are {', '.join(there)}")
        wanted[name] = [n for n in there if n in chosen]
    needed = {"manual", *wanted["scheduler"], *(["manual_gpu"] if any(schedulers[s] for s in wanted["scheduler"]) else [])}
    schedulers = {s: is_gpu for s, is_gpu in schedulers.items() if s in needed}

    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"other processes are running (load {load:.1f}): times will be wrong by more than their spread",
              file=sys.stderr)
    output, rows, gpu, opencl = Path(options.output).resolve(), [], has_gpu(), has_opencl()
    output.mkdir(parents=True, exist_ok=True)
    groups = [(app, size) for app in wanted["app"] for size in wanted["size"]]
    with tqdm(total=len(groups) * (len(schedulers) + 1), unit="step", disable=None) as progress, \
            concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        for app, size in groups:
            group = [Row(app, size, s, is_gpu, output / app / size / s) for s, is_gpu in schedulers.items()]
            progress.set_description(f"{app}, {size}: compiling")
            jobs = [pool.submit(compile_row, build, row, plugins.get(row.scheduler), gpu, opencl) for row in group]
            for job in concurrent.futures.as_completed(jobs):
                job.result()
                progress.update()
            progress.set_description(f"{app}, {size}: timing")
            time_rows(build, group, options.seconds)
            progress.update()
            if progress.disable:  # where nobody watches
                print(f"{app}, {size}: done", file=sys.stderr)
            rows += group
            write_csv(output / "results.csv", rows)
    report = "\n".join([introduction(build, options.seconds), summary(rows), markdown(rows)])
    (output / "results.md").write_text(f"# Schedules compared\n\n{report}", encoding="utf-8")
    plots.draw(rows, output)
    print(report)
    print(f"Written to {output}: results.csv, results.md, " + ", ".join(f"{name}.png" for name in plots.MEASURES))
    return 0 if all(row.status != "failed" for row in rows if row.scheduler.startswith("manual")) else 1


if __name__ == "__main__":
    sys.exit(main())
