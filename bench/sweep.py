"""Runs width_sweep, and shows what it measured as a table and a picture.

    sweep.py PROGRAM [--output FOLDER] [--csv FILE] [ARGS...]

ARGS go to the program, such as --types uint8 --counts 64. The lines of the program go to widths.csv and the
picture to widths.svg, in the folder; with --csv, lines that were measured before are shown. The table has a row
for each type, number of channels, place, border and number of windows. Its columns:

    OpenCV    the largest ratio to OpenCV's time, and its width
    copy 1-7  the median ratio to the copy of these widths, and the largest; 8-100 and beyond: the same of wider ones
    cliff     the largest ratio of a width's time to that of one of the next eight widths, and the width

Widths are in pixels. A row that misses a target (TARGETS) has a `!` there. Timings are not a test: the exit
status is 0 whether or not targets are met.
"""
import argparse
import csv
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402: the choice of what draws comes first

KEY = ["type", "channels", "place", "border", "count"]
MIRRORS = ["reflect", "reflect101"]
NEXT_WIDTHS = 8
# What is wanted: ratios.
OPENCV, CLIFF = 1.0, 1.3
INSIDE_MEDIAN, INSIDE_WORST = 1.02, 1.10  # of widths beyond
LONGEST_NARROW = 100


class Row:
    """One line of the table: times and ratios by width."""

    def __init__(self, key, lines):
        self.key = key
        self.lines = sorted(lines, key=lambda line: line["width"])
        self.inside = key[2] == "inside"
        self.channels, self.border, self.count = int(key[1]), key[3], int(key[4])

    def ratios(self, name, first, last=10**6):
        return {line["width"]: line[name] for line in self.lines if first <= line["width"] <= last}

    def cliff(self):
        """(ratio, width) of the steepest descent."""
        found = (0.0, 0)
        for i, line in enumerate(self.lines):
            after = [other["glimpse"] for other in self.lines[i + 1:i + 1 + NEXT_WIDTHS]
                     if other["width"] <= line["width"] + NEXT_WIDTHS]
            if after:
                found = max(found, (line["glimpse"] / min(after), line["width"]))
        return found

    def copy_limit(self, width):
        """The ratio to the copy that is wanted at a width; none for single windows."""
        if self.count == 1:
            return None
        if self.inside:
            return 1.0 if width * self.channels >= 4 and width <= LONGEST_NARROW else \
                INSIDE_WORST if width > LONGEST_NARROW else None
        if self.channels == 1:
            return 1.0 if width >= 8 else 1.5 if width >= 4 else None
        if width < 2:
            return None
        return 2.0 if width < 5 else 1.5 if width < 11 else 1.2 if self.border in MIRRORS else 1.0


class Targets:
    def __init__(self):
        self.count = self.met = 0

    def mark(self, value, limit):
        if limit is None:
            return " "
        self.count += 1
        self.met += value <= limit
        return " " if value <= limit else "!"


def read(path):
    rows = defaultdict(list)
    with open(path, newline="") as file:
        for line in csv.DictReader(file):
            key = tuple(line[name] for name in KEY)
            rows[key].append({name: int(value) if name == "width" else float(value)
                              for name, value in line.items() if name not in KEY})
    return [Row(key, lines) for key, lines in rows.items()]


def run(program, arguments, path):
    with open(path, "w") as file:
        process = subprocess.Popen([program, *arguments], stdout=subprocess.PIPE, text=True)
        for number, line in enumerate(process.stdout):
            file.write(line)
            if sys.stderr.isatty() and number % 20 == 0:
                print(f"\r{line.strip()[:100]:100s}", end="", file=sys.stderr)
        print("\r", end="", file=sys.stderr)
    if process.wait() != 0:
        sys.exit(f"{program} failed")


def copy_cell(row, targets, first, last):
    """Median and largest ratio to the copy; a target is missed where a width misses its own."""
    found = row.ratios("glimpse/copy", first, last)
    if not found:
        return ""
    worst = max(found, key=found.get)
    limits = {width: row.copy_limit(width) for width in found}
    over = [found[width] / limit for width, limit in limits.items() if limit is not None]
    median = statistics.median(found.values())
    if row.inside and row.count > 1 and first > LONGEST_NARROW:
        over.append(median / INSIDE_MEDIAN)
    mark = targets.mark(max(over), 1.0) if over else " "
    return f"{median:.2f}, {found[worst]:.2f} at {worst}{mark}"


def print_table(rows):
    targets = Targets()
    print("| type, channels | place | border | windows | OpenCV | copy 1-7 | 8-100 | beyond | cliff |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for row in rows:
        opencv = row.ratios("glimpse/opencv", 1)
        worst = max(opencv, key=opencv.get)
        cliff, at = row.cliff()
        cells = [f"{row.key[0]}, {row.key[1]}", row.key[2], "" if row.inside else row.border, row.key[4],
                 f"{opencv[worst]:.2f} at {worst}{targets.mark(opencv[worst], OPENCV)}",
                 copy_cell(row, targets, 1, 7), copy_cell(row, targets, 8, LONGEST_NARROW),
                 copy_cell(row, targets, LONGEST_NARROW + 1, 10**6),
                 f"{cliff:.2f} at {at}{targets.mark(cliff, CLIFF)}" if at else ""]
        print("| " + " | ".join(cells) + " |")
    print(f"\ntargets met: {targets.met} of {targets.count}")


def draw(rows, path):
    """Time per window over width, of batches: an axis for each border of the first type."""
    chosen = [row for row in rows if row.count > 1 and row.key[2] in ("inside", "left") and row.channels in (1, 3) and
              row.border in ("zero", "reflect101") and row.key[0] == rows[0].key[0]]
    chosen = chosen or rows[:6]
    columns = 3
    lines = -(-len(chosen) // columns)
    figure, axes = plt.subplots(lines, columns, figsize=(11, 3.2 * lines), squeeze=False, sharex=True,
                                layout="constrained")
    for axis in list(axes.flat)[len(chosen):]:
        axis.set_visible(False)
    for axis, row in zip(axes.flat, chosen):
        widths = [line["width"] for line in row.lines]
        for name, label, color in [("glimpse", "Glimpse", "#0072b2"), ("copy", "memcpy of every row", "#444444"),
                                   ("opencv", "OpenCV", "#e69f00")]:
            axis.loglog(widths, [line[name] for line in row.lines], label=label, color=color, linewidth=1.4)
        where = "inside" if row.inside else f"half outside, {row.border}"
        axis.set_title(f"{row.key[0]}, {'one channel' if row.channels == 1 else f'{row.channels} channels'}: {where}",
                       fontsize=9)
        axis.grid(True, which="major", linewidth=0.3)
        for side in (axis.xaxis, axis.yaxis):
            side.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes[0][0].legend(fontsize=8)
    for axis in axes[-1]:
        axis.set_xlabel("width and height of a window, pixels")
    for axis in axes[:, 0]:
        axis.set_ylabel("ns per window")
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0], add_help=False)
    parser.add_argument("-h", "--help", action="store_true", help="print this, and the arguments of the program")
    parser.add_argument("program", type=Path)
    parser.add_argument("--output", type=Path, default=Path("."))
    parser.add_argument("--csv", type=Path)
    arguments, others = parser.parse_known_args()
    if arguments.help:
        parser.print_help()
        print()
        return subprocess.run([arguments.program, "--help"], check=True).returncode
    arguments.output.mkdir(parents=True, exist_ok=True)
    path = arguments.csv or arguments.output / "widths.csv"
    if not arguments.csv:
        run(arguments.program, others, path)
    rows = read(path)
    plt.rcParams.update({"svg.hashsalt": "widths", "svg.fonttype": "none", "path.simplify_threshold": 1.0})
    draw(rows, arguments.output / "widths.svg")
    print_table(rows)


if __name__ == "__main__":
    main()
