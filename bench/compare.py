"""Compares two builds: runs their benchmark programs in turns and prints medians of ratios of times.

    compare.py BUILD BUILD [--rounds N] [--seconds S] [--filter REGEX] [--limit RATIO] [--json FILE]

A round runs each program of both builds once, each time the other build first. A ratio is that of the second
build's processor time to the first's within a round; above 1 the second build is slower. Rows whose median is
above the limit are measured again, in as many rounds, as one in many rows is above it by chance; those that
stay above it are listed at the end, and the exit status is 1 if there are any.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAMS = ["extract_bench", "convert_bench", "statistics_bench"]
REPETITIONS = 7
NANOSECONDS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}


def program(build, name):
    path = Path(build) / "bench" / name
    if not path.exists():
        sys.exit(f"{path} is missing: build both with -DGLIMPSE_BUILD_BENCHMARKS=ON")
    return path


def run(path, filter, seconds):
    """{row: nanoseconds of processor time} of one run: the least of its repetitions, which other programs
    have disturbed least."""
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        subprocess.run([path, f"--benchmark_filter={filter}", f"--benchmark_min_time={seconds}",
                        f"--benchmark_repetitions={REPETITIONS}", "--benchmark_report_aggregates_only=false",
                        f"--benchmark_out={out.name}", "--benchmark_out_format=json"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        runs = json.load(out)["benchmarks"]
    times = {}
    for run in runs:
        if run["run_type"] == "iteration" and not run.get("error_occurred"):
            time = run["cpu_time"] * NANOSECONDS[run["time_unit"]]
            times[run["run_name"]] = min(time, times.get(run["run_name"], time))
    return times


def measure(paths, filter, rounds, seconds):
    """{row: [(first, second), ...]} of the rows that both programs have."""
    times = {}
    for number in range(rounds):
        order = [0, 1] if number % 2 == 0 else [1, 0]
        results = {i: run(paths[i], filter, seconds) for i in order}
        for row in results[0].keys() & results[1].keys():
            times.setdefault(row, []).append((results[0][row], results[1][row]))
    return times


def median_ratio(pairs):
    return statistics.median(second / first for first, second in pairs)


def print_rows(times):
    width = max(map(len, times), default=0)
    print(f"{'':{width}s} {'first, ns':>12s} {'second, ns':>12s} {'ratio':>7s} {'from':>6s} {'to':>6s}")
    for row, pairs in sorted(times.items()):
        ratios = [second / first for first, second in pairs]
        first, second = (statistics.median(column) for column in zip(*pairs))
        print(f"{row:{width}s} {first:12.0f} {second:12.0f} {statistics.median(ratios):7.3f} "
              f"{min(ratios):6.2f} {max(ratios):6.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("builds", nargs=2, metavar="BUILD", help="a build's directory, such as build/release")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.003,
                        help="of each of the 7 repetitions of a row in a run (default: 0.003)")
    parser.add_argument("--filter", default=".", help="rows to run, as Google Benchmark's filter (default: all)")
    parser.add_argument("--limit", type=float, default=1.03, help="above it a row is slower (default: 1.03)")
    parser.add_argument("--json", type=Path, help="where to write all times")
    options = parser.parse_args()
    all_times = {}
    for name in PROGRAMS:
        paths = [program(build, name) for build in options.builds]
        listing = subprocess.run([paths[1], "--benchmark_list_tests", f"--benchmark_filter={options.filter}"],
                                 text=True, capture_output=True, check=False)
        if not listing.stdout.strip():
            continue
        times = measure(paths, options.filter, options.rounds, options.seconds)
        suspects = [row for row, pairs in times.items() if median_ratio(pairs) > options.limit]
        if suspects:
            again = "^(" + "|".join(re.escape(row).replace("\\-", "-") for row in suspects) + ")$"
            for row, pairs in measure(paths, again, options.rounds, 4 * options.seconds).items():
                times[row] = pairs
        all_times.update(times)
    print_rows(all_times)
    ratios = [median_ratio(pairs) for pairs in all_times.values()]
    if not ratios:
        sys.exit("no row was chosen")
    slower = {row: pairs for row, pairs in all_times.items() if median_ratio(pairs) > options.limit}
    print(f"\n{len(ratios)} rows; median ratio {statistics.median(ratios):.3f}; {len(slower)} above {options.limit:g}"
          f" when measured twice")
    for row in sorted(slower):
        print(f"  {row}: {median_ratio(slower[row]):.3f}")
    if options.json:
        options.json.write_text(json.dumps(all_times, indent=1), encoding="utf-8")
    sys.exit(1 if slower else 0)


if __name__ == "__main__":
    main()
