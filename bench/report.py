"""Makes tables of ratios, beside the targets, of what the benchmark programs wrote.

    report.py FILE.json...                  prints the tables
    report.py --merge OUT.json FILE.json... makes one file of several, with the context of the first

Ratios are of medians of processor time, so that other processes on the machine count for less.
Timings are not a test: the exit status is 0 whether or not targets are met.
"""

import argparse
import json
import os
import statistics

NANOSECONDS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}
TARGET_VARIANTS = ["avx512", "avx2"]
VALUE_BORDERS = ["zero", "constant", "mean"]
MAP_BORDERS = ["replicate", "reflect", "reflect101", "wrap"]


class Row:
    """The median time of one benchmark in nanoseconds, of the processor and of a clock, or why there
    is none."""

    def __init__(self, nanoseconds, clock_nanoseconds, bytes_per_second, error):
        self.nanoseconds = nanoseconds
        self.clock_nanoseconds = clock_nanoseconds
        self.bytes_per_second = bytes_per_second
        self.error = error


class Targets:
    """Counts targets, and keeps in words which were missed and which rows have no time."""

    def __init__(self):
        self.count = self.met = 0
        self.misses = []

    def cell(self, name, row, value, limit):
        """The text of a cell: a value and its limit, ("<=" or ">=", number) or None."""
        if row.error:
            self.count += limit is not None
            self.misses.append(f"{name}: {row.error}")
            return "error!"
        if limit is None:
            return f"{number(value)}         "
        self.count += 1
        relation, bound = limit
        met = value <= bound if relation == "<=" else value >= bound
        self.met += met
        if not met:
            self.misses.append(f"{name}: {value:.3f}, wanted {relation} {bound:g}")
        return f"{number(value)} {f'({bound:g})':>6s}{' ' if met else '!'} "


def number(value):
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def medians(files):
    """The rows of all files by name, in their order. A row without repetitions counts as it is."""
    kept = {}
    for file in files:
        for run in file["benchmarks"]:
            if run["run_type"] == "iteration" or run["aggregate_name"] == "median":
                kept.setdefault(run.get("run_name", run["name"]), []).append(run)
    rows = {}
    for name, runs in kept.items():
        runs = [run for run in runs if run["run_type"] == "aggregate"] or runs
        errors = [run["error_message"] for run in runs if run.get("error_occurred")]
        times, clock = ([run[time] * NANOSECONDS[run["time_unit"]] for run in runs if not errors]
                        for time in ("cpu_time", "real_time"))
        rates = [run["bytes_per_second"] for run in runs if "bytes_per_second" in run]
        rows[name] = Row(statistics.median(times) if times else None,
                         statistics.median(clock) if clock else None,
                         statistics.median(rates) if rates else None,
                         errors[0] if errors else None)
    return rows


def grouped(rows, task):
    """{name without the implementation: {implementation: row}} of one task."""
    groups = {}
    for name, row in rows.items():
        group, implementation = name.rsplit("/", 1)
        if group.startswith(f"{task}/"):
            groups.setdefault(group, {})[implementation] = row
    return groups


def implementations(groups, base):
    """The names of the columns: those that appear, variants from the best to the plainest."""
    order = ["avx512", "avx2", "sse41", "x86_64"]
    names = {name for group in groups.values() for name in group if name != base}
    return sorted(names, key=lambda name: (name not in order,
                                           order.index(name) if name in order else 0, name))


def print_table(title, header, lines):
    print(f"\n{title}\n")
    table = [header, *lines]
    widths = [max(len(line[i]) for line in table) for i in range(len(header))]
    for line in table:
        cells = [f"{cell:{'<' if i == 0 else '>'}{widths[i]}s}" for i, cell in enumerate(line)]
        print("  " + "  ".join(cells).rstrip())


def extract_limit(element_type, side, count, case, variant):
    """The largest wanted ratio to memcpy, or None."""
    if variant not in TARGET_VARIANTS or count != 64:
        return None
    if case in ("inside", "inside-gaussian", "inside-to-planar"):
        return ("<=", 1.05) if side >= 32 else ("<=", 0.9) if side == 8 else None
    place, _, border = case.partition("-")
    if place not in ("left", "right", "corner") or side < 32:
        return None
    if border in VALUE_BORDERS:
        return ("<=", 1.4)
    if border in MAP_BORDERS:
        return ("<=", 1.6 if variant == "avx512" else 2.0)
    if border == "uniform":
        return ("<=", 3.5 if element_type == "uint8" and place != "corner" else
                4.0 if element_type == "uint8" else 2.0)
    return None


def print_extract(rows, targets):
    tables = {}
    for group, found in grouped(rows, "extract").items():
        table, case = group.rsplit("/", 1)
        tables.setdefault(table, {})[case] = found
    for table, cases in tables.items():
        _, element_type, shape, count = table.split("/")
        columns = implementations(cases, "memcpy")
        in_nanoseconds = shape == "8x8x1" and count == "1"
        lines = []
        for case, found in cases.items():
            base = found.get("memcpy")
            if base is None or base.error:
                targets.misses.append(f"{table}/{case}/memcpy: no time to compare with")
                continue
            line = [case]
            for name in columns:
                row = found.get(name)
                if row is None:
                    line.append("")
                elif in_nanoseconds:
                    limit = ("<=", 100) if name in TARGET_VARIANTS else None
                    line.append(targets.cell(f"{table}/{case}/{name}, ns", row, row.nanoseconds,
                                             limit))
                else:
                    limit = extract_limit(element_type, int(shape.split("x")[0]), int(count), case,
                                          name)
                    value = None if row.error else row.nanoseconds / base.nanoseconds
                    line.append(targets.cell(f"{table}/{case}/{name}", row, value, limit))
            unit = 1 if in_nanoseconds else 1e3
            lines.append([*line, number(base.nanoseconds / unit)])
        if lines:
            what = "nanoseconds per call" if in_nanoseconds else "time / time of memcpy"
            print_table(f"{table}: {what}",
                        ["", *columns, f"memcpy, {'ns' if in_nanoseconds else 'us'}"], lines)


def convert_limit(conversion, side, case, variant):
    """The largest wanted ratio to a plain write, or None."""
    if conversion == "uint8-float32" and side >= 64 and case == "inside-planar" and \
            variant in TARGET_VARIANTS:
        return ("<=", 1.3)
    return None


def print_convert(rows, targets):
    tables = {}
    for group, found in grouped(rows, "convert").items():
        _, conversion, shape, count, case = group.split("/")
        tables.setdefault(conversion, {})[f"{shape}/{count}/{case}"] = found
    for conversion, cases in tables.items():
        columns = implementations(cases, "write")
        lines = []
        for case, found in cases.items():
            base, opencv = found.get("write"), found.get("opencv")
            if base is None or base.error:
                targets.misses.append(f"{conversion}/{case}/write: no time to compare with")
                continue
            side, name = int(case.split("x")[0]), case.split("/")[2]
            line = [case]
            for column in columns:
                row = found.get(column)
                if row is None:
                    line.append("")
                    continue
                value = None if row.error else row.nanoseconds / base.nanoseconds
                limit = convert_limit(conversion, side, name, column)
                line.append(targets.cell(f"{conversion}/{case}/{column}", row, value, limit))
            line.append(number(base.nanoseconds / 1e3))
            # How many times as long OpenCV takes as the best variant.
            if opencv is None or opencv.error or not columns or found.get(columns[0]) is None:
                line.append("")
            else:
                limit = (">=", 3.0) if case.startswith("224x224x3/") else None
                line.append(targets.cell(f"{conversion}/{case}/opencv / {columns[0]}", opencv,
                                         opencv.nanoseconds / found[columns[0]].nanoseconds, limit))
            lines.append(line)
        if lines:
            print_table(f"convert/{conversion}: time / time of a plain write",
                        ["", *columns, "write, us", f"opencv / {columns[0]}"], lines)


def statistics_limit(element_type, channels, variant):
    """The smallest wanted fraction of the rate of reading, or None."""
    if element_type == "float32" and variant == "avx512":
        return (">=", 0.8)
    if element_type == "float32" and variant == "avx2" and channels in (1, 3):
        return (">=", 0.8 if channels == 1 else 0.65)
    if element_type == "uint8" and channels == 3 and variant in TARGET_VARIANTS:
        return (">=", 0.6 if variant == "avx512" else 0.45)
    return None


def print_statistics(rows, targets):
    groups = grouped(rows, "statistics")
    columns = implementations(groups, "read")
    lines = []
    for group, found in groups.items():
        _, element_type, shape = group.split("/")
        base = found.get("read")
        if base is None or base.error:
            targets.misses.append(f"{group}/read: no time to compare with")
            continue
        line = [f"{element_type}/{shape}"]
        for name in columns:
            row = found.get(name)
            if row is None:
                line.append("")
                continue
            limit = statistics_limit(element_type, int(shape.split("x")[2]), name)
            value = None if row.error else base.nanoseconds / row.nanoseconds
            line.append(targets.cell(f"{group}/{name}", row, value, limit))
        lines.append([*line, number(base.bytes_per_second / 1e9)])
    if lines:
        print_table("statistics: rate / rate of reading", ["", *columns, "read, GB/s"], lines)


SAMPLE_LIMITS = {
    # By FROM-TO/shape/work: the largest wanted ratio to what OpenCV takes, and to its resize() alone.
    "uint8-uint8/224x224x3/linear": {"opencv": 0.55},
    "float32-float32/224x224x3/linear": {"opencv": 0.75},
    "uint8-float32/224x224x3/linear-planar": {"opencv": 0.55, "opencv-resize": 0.75},
    "uint8-uint8/224x224x3/nearest": {"opencv": 0.8},
    "uint8-uint8/16x16x1/linear": {"opencv": 0.4},
    "uint8-uint8/224x224x3/shift": {"opencv": 0.5},
    "uint8-uint8/224x224x3/enlarge": {"opencv": 0.8},
    "uint8-uint8/224x224x3/cubic": {"opencv": 0.6},
    "uint8-uint8/224x224x3/catmull_rom": {"opencv": 0.6},
    "uint8-uint8/128x128x3/antialias-2.03": {"opencv": 0.25},
    "uint8-uint8/128x128x3/antialias-4.07": {"opencv": 0.18},
    "uint8-uint8/128x128x3/antialias-8.1": {"opencv": 0.16},
    "uint8-float32/128x128x3/antialias-planar-2.03": {"opencv-resize": 0.3},
    "uint8-float32/128x128x3/antialias-planar-4.07": {"opencv-resize": 0.24},
    "uint8-float32/128x128x3/antialias-planar-8.1": {"opencv-resize": 0.2},
    "uint8-uint8/128x128x3/area-4": {"opencv": 0.6},
    "uint8-uint8/128x128x3/area-8": {"opencv": 0.6},
}
FRAME_LIMITS = {"nv12-float32/boxes": 1 / 2.2, "nv12-uint8/nearest": 1.1, "i420-uint8/linear": 1.1, "nv12-float32/whole": 1.3}
EDGES = {"edges": "linear, ", "edges-antialias": "antialiased, "}
TWO_STEPS = "-in-two-steps"  # what a box looks at is extracted first, and then sampled
LARGEST_EDGE = 1.5  # over the edge, to the same inside, or to both steps


def print_samples(rows, targets):
    lines, edges = [], []
    for group, found in grouped(rows, "sample").items():
        _, types, shape, _, work = group.split("/")
        if work in EDGES:
            base = found.get("inside")
            for name, row in found.items():
                if name == "inside" or name.endswith(TWO_STEPS) or base is None or base.error:
                    continue
                cells = [EDGES[work] + name]
                steps = found.get(name + TWO_STEPS)
                for beside in (base, steps):
                    value = None if row.error or beside is None or beside.error else row.nanoseconds / beside.nanoseconds
                    limit = ("<=", LARGEST_EDGE) if beside is (steps or base) else None
                    cells.append("" if value is None else targets.cell(f"{group}/{name}", row, value, limit))
                edges.append(cells)
            continue
        for peer in ("opencv", "opencv-resize"):
            base = found.get(peer)
            if base is None or base.error:
                if peer == "opencv":
                    targets.misses.append(f"{group}/{peer}: no time to compare with")
                continue
            line = [f"{types}/{shape}/{work} / {peer}"]
            for name in ("avx512", "avx2", "sse41", "x86_64"):
                row = found.get(name)
                if row is None:
                    line.append("")
                    continue
                bound = SAMPLE_LIMITS.get(f"{types}/{shape}/{work}", {}).get(peer)
                limit = ("<=", bound) if bound and name in TARGET_VARIANTS else None
                value = None if row.error else row.nanoseconds / base.nanoseconds
                line.append(targets.cell(f"{group}/{name} / {peer}", row, value, limit))
            lines.append([*line, number(base.nanoseconds / 1e3)])
    if lines:
        print_table("samples of boxes: time / time of OpenCV, box by box",
                    ["", "avx512", "avx2", "sse41", "x86_64", "OpenCV, us"], lines)
    if edges:
        print_table("boxes half outside, by the best variant: time / time of the same inside, and of two steps",
                    ["", "inside", "two steps"], edges)


def print_frames(rows, targets):
    lines = []
    for group, found in grouped(rows, "frame").items():
        work = group.split("/", 1)[1]
        peer = next((name for name in ("opencv", "libyuv", "write") if name in found), None)
        base = found.get(peer)
        if base is None or base.error:
            targets.misses.append(f"{group}/{peer}: no time to compare with")
            continue
        line = [f"{work} / {peer}"]
        for name in ("avx512", "avx2", "sse41", "x86_64"):
            row = found.get(name)
            if row is None:
                line.append("")
                continue
            limit = ("<=", FRAME_LIMITS[work]) if name in TARGET_VARIANTS else None
            value = None if row.error else row.nanoseconds / base.nanoseconds
            line.append(targets.cell(f"{group}/{name} / {peer}", row, value, limit))
        lines.append([*line, number(base.nanoseconds / 1e3)])
    if lines:
        print_table("frames to RGB: time / time of OpenCV, libyuv or a plain write",
                    ["", "avx512", "avx2", "sse41", "x86_64", "peer, us"], lines)


def threads_limit(kilobytes, width):
    """The largest wanted ratio to the time on one thread."""
    return ("<=", 0.6) if kilobytes >= 3000 and width == 2 else ("<=", 1.05)


def print_threads(rows, targets):
    groups = grouped(rows, "threads")
    columns = implementations(groups, "serial")
    lines = []
    for group, found in groups.items():
        _, call, kilobytes = group.split("/")
        base = found.get("serial")
        if base is None or base.error:
            targets.misses.append(f"{group}/serial: no time to compare with")
            continue
        line = [f"{call}/{kilobytes}"]
        for name in columns:
            row = found.get(name)
            if row is None:
                line.append("")
                continue
            limit = threads_limit(int(kilobytes), int(name.split("-")[1]))
            value = None if row.error else row.clock_nanoseconds / base.clock_nanoseconds
            line.append(targets.cell(f"{group}/{name}", row, value, limit))
        lines.append([*line, number(base.clock_nanoseconds / 1e3)])
    if lines:
        print_table("threads: time / time on one thread, by a clock, of a call and the kB of its output",
                    ["", *columns, "serial, us"], lines)


def cuda_limit(element_type, shape, count, case, implementation):
    """The smallest wanted fraction of the rate of a copy or of reading, or None."""
    if implementation != "glimpse":
        return None
    if case == "statistics":
        return (">=", 0.8)
    if case.startswith("left-"):
        return (">=", 0.7)
    if (shape, count) == ("224x224x3", 64) and \
            (element_type, case) in (("float32", "inside"), ("uint8-float32", "inside-planar")):
        return (">=", 0.8)
    if (shape, count) == ("32x32x3", 4096):
        return (">=", 0.5)
    return None


def print_cuda(rows, targets):
    order = ["glimpse", "kernel", "memcpy2d", "npp"]
    lines, launches = [], []
    for group, found in grouped(rows, "cuda").items():
        _, element_type, shape, count, case = group.split("/")
        name = "/".join(group.split("/")[1:])
        if case == "launch":
            for implementation, row in found.items():
                text = targets.cell(f"{group}/{implementation}", row,
                                    None if row.error else row.clock_nanoseconds / 1e3, None)
                launches.append([implementation, text])
            continue
        base = found.get("read" if case == "statistics" else "copy")
        if base is None or base.error:
            targets.misses.append(f"{group}: no time to compare with")
            continue
        line = [name]
        for implementation in order:
            row = found.get(implementation)
            if row is None:
                line.append("")
                continue
            value = None if row.error else base.clock_nanoseconds / row.clock_nanoseconds
            limit = cuda_limit(element_type, shape, int(count), case, implementation)
            line.append(targets.cell(f"{group}/{implementation}", row, value, limit))
        # Google Benchmark divides by the processor's time.
        rate = base.bytes_per_second * base.nanoseconds / base.clock_nanoseconds
        lines.append([*line, number(rate / 1e9)])
    if lines:
        print_table("cuda: rate / rate of a copy on the device (statistics: of reading), by a clock",
                    ["", *order, "copy, GB/s"], lines)
    if launches:
        print_table("cuda: one window of 8x8x1, microseconds per call", ["", "us"], launches)


def merge(out, paths):
    files = [read_json(path) for path in paths]
    merged = {**files[0], "benchmarks": [run for file in files for run in file["benchmarks"]]}
    with open(f"{out}.partial", "w", encoding="utf-8") as file:
        json.dump(merged, file, indent=1)
        file.write("\n")
    os.replace(f"{out}.partial", out)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--merge", metavar="OUT", help="write one file of all, print nothing")
    parser.add_argument("files", metavar="FILE", nargs="+", help="JSON of Google Benchmark")
    arguments = parser.parse_args()
    if arguments.merge:
        merge(arguments.merge, arguments.files)
        return
    rows = medians([read_json(path) for path in arguments.files])
    targets = Targets()
    print("Ratios of medians; in brackets the target for it, with ! where that is missed.")
    print_extract(rows, targets)
    print_convert(rows, targets)
    print_samples(rows, targets)
    print_frames(rows, targets)
    print_statistics(rows, targets)
    print_threads(rows, targets)
    print_cuda(rows, targets)
    if targets.misses:
        print("\nMissed:\n")
        for miss in targets.misses:
            print(f"  {miss}")
    print(f"\n{targets.met} of {targets.count} targets met")


if __name__ == "__main__":
    main()
