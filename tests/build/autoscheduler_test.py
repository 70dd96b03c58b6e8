"""bench/autoscheduler stands alone: a copy of the folder and of the definition of a pixel builds with Halide and
nothing else, its apps run under Halide's RunGen, and its two commands make tables, plots, and rows of what fails."""

import csv
import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

WORK = Path(os.environ["WORK_DIR"])
COPY, BUILD, RESULTS = WORK / "copy/bench/autoscheduler", WORK / "build", WORK / "results"
PNG, SVG = b"\x89PNG", b"<?xml"


def run(*command, **options):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=600, **options)


def read_csv(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class AutoschedulerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        shutil.rmtree(WORK, ignore_errors=True)
        WORK.mkdir(parents=True)
        for folder in ["bench/autoscheduler", "generators/definition", "include/glimpse"]:
            shutil.copytree(Path(os.environ["SOURCE_DIR"]) / folder, WORK / "copy" / folder,
                            ignore=shutil.ignore_patterns("__pycache__"))
        configured = run(os.environ["CMAKE"], "-S", COPY, "-B", BUILD, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
                         *(f"-D{name}={os.environ[name]}" for name in ("Halide_DIR", "HalideHelpers_DIR")),
                         f"-DCMAKE_MAKE_PROGRAM={os.environ['MAKE_PROGRAM']}",
                         f"-DCMAKE_CXX_COMPILER={os.environ['CXX']}", "-DGLIMPSE_SIZE=tiny")
        assert configured.returncode == 0, configured.stdout + configured.stderr
        built = run(os.environ["CMAKE"], "--build", BUILD)
        assert built.returncode == 0, built.stdout[-5000:]

    def autoschedule(self, *words, results=RESULTS):
        return run(sys.executable, COPY / "autoschedule.py", BUILD, "--output", results, "--seconds", 0.02, *words)

    def search(self, *words):
        return run(sys.executable, COPY / "search.py", BUILD, "--app", "extract_uniform", "--size", "medium",
                   "--output", RESULTS / "search", "--seconds", 0.01, "--batch", 16, "--retrain", *words)

    def test_rungen(self):
        programs = sorted(BUILD.glob("*.rungen"))
        self.assertEqual(len(programs), 12)
        for program in programs:
            with self.subTest(program.name):
                result = run(program, "--estimate_all", "--benchmarks=all", "--benchmark_min_time=0.001")
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertIn("produces best case of", result.stdout)

    def test_every_app_and_scheduler(self):
        result = self.autoschedule("--size", "tiny")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        rows = read_csv(RESULTS / "results.csv")
        self.assertEqual(len(rows), 6 * 6)
        for row in rows:
            with self.subTest(f"{row['app']} {row['scheduler']}"):
                is_gpu = row["scheduler"] in ("manual_gpu", "Anderson2021")
                if not is_gpu:
                    self.assertEqual(row["status"], "ok", row["message"])
                    self.assertGreater(float(row["relative"]), 0)
                elif row["status"] != "ok":
                    self.assertEqual(row["status"], "assembled", row["message"])
                    self.assertRegex(row["message"], r"assembled for sm_80: \d+ kernels?, .*; right on OpenCL$")
                self.assertGreater(float(row["compile_seconds"]), 0)
                self.assertGreater(int(row["code_bytes"]), 0)
                schedule = RESULTS / row["app"] / "tiny" / row["scheduler"] / f"{row['app']}.schedule.h"
                if "manual" not in row["scheduler"]:
                    self.assertIn("apply_schedule", schedule.read_text())
        self.assertIn("| extract_uniform | tiny | Adams2019 |", (RESULTS / "results.md").read_text())
        for name in ("relative_time", "compile_time", "code_size", "scratch_memory"):
            self.assertTrue((RESULTS / f"{name}.png").read_bytes().startswith(PNG))
            self.assertTrue((RESULTS / f"{name}.svg").read_bytes().startswith(SVG))

    def test_a_failure_is_a_row(self):
        result = self.autoschedule("--app", "convert", "--size", "tiny", "--scheduler", "Li2018", "--timeout", 0.001,
                                   results=WORK / "failures")
        self.assertEqual(result.returncode, 1)
        rows = read_csv(WORK / "failures" / "results.csv")
        self.assertEqual([row["scheduler"] for row in rows], ["manual", "Li2018"])
        for row in rows:
            self.assertEqual(row["status"], "failed")
            self.assertIn("took longer than 0.001 s", row["message"])
        self.assertIn("took longer than", result.stdout)

    def test_a_wrong_result_is_a_row(self):
        other = WORK / "wrong"  # a build whose generator makes another border than it is asked for
        other.mkdir()
        for name in ("places.json", "measure"):
            shutil.copy(BUILD / name, other)
        generator = other / "glimpse_extract.generator"
        generator.write_text(f'#!/bin/bash\nexec {BUILD}/glimpse_extract.generator '
                             '"${@/border=reflect101/border=reflect}"\n')
        generator.chmod(0o755)
        result = run(sys.executable, COPY / "autoschedule.py", other, "--output", other / "results", "--seconds", 0.02,
                     "--app", "extract_reflect101", "--size", "tiny", "--scheduler", "Li2018")
        self.assertEqual(result.returncode, 1)
        rows = read_csv(other / "results" / "results.csv")
        self.assertEqual(len(rows), 2)
        for row in rows:
            self.assertEqual(row["status"], "failed")
            self.assertIn("wrong result at (", row["message"])
            self.assertEqual(row["seconds"], "")

    def test_a_plugin_that_does_not_load_is_a_row(self):
        result = self.autoschedule("--app", "convert", "--size", "tiny", "--scheduler", "Mine", "--plugin",
                                   "Mine=nothing.so", results=WORK / "plugin")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        manual, mine = read_csv(WORK / "plugin" / "results.csv")
        self.assertEqual((manual["scheduler"], manual["status"]), ("manual", "ok"))
        self.assertEqual((mine["scheduler"], mine["status"]), ("Mine", "failed"))
        self.assertIn("nothing.so", mine["message"])

    def test_one_for_devices_alone(self):
        result = self.autoschedule("--app", "convert", "--size", "tiny", "--scheduler", "Anderson2021",
                                   results=WORK / "device")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        rows = read_csv(WORK / "device" / "results.csv")
        self.assertEqual([row["scheduler"] for row in rows], ["manual", "manual_gpu", "Anderson2021"])

    def test_unknown_names(self):
        result = self.autoschedule("--app", "nothing")
        self.assertEqual(result.returncode, 2)
        self.assertIn("there is no app nothing; there are extract_constant", result.stderr)

    def test_search_goes_on_and_retrains(self):
        folder = RESULTS / "search" / "extract_uniform" / "medium" / "Adams2019"
        result = self.search("--samples", 2)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn("training needs 8 schedules that differ", result.stdout)
        first, weights = read_csv(folder / "samples.csv"), (folder / "current.weights").read_bytes()
        self.assertEqual([row["sample"] for row in first], ["0", "1"])
        self.assertEqual(weights[:4], b"1fwh")

        result = self.search("--samples", 18)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        rows = read_csv(folder / "samples.csv")
        self.assertEqual(rows[:2], first)
        self.assertEqual([row["sample"] for row in rows], [str(i) for i in range(18)])
        differ = [row for row in rows if row["status"] == "ok"]
        self.assertEqual(len({row["code"] for row in differ}), len(differ))
        self.assertLess(len(differ), 18)
        self.assertRegex(result.stdout, r"the model was retrained, loss \d")
        self.assertNotEqual((folder / "current.weights").read_bytes(), weights)
        self.assertEqual(len((folder / "current.weights").read_bytes()), len(weights))
        self.assertRegex(result.stdout, r"sample \d+ \((random|one-shot)\): \S+ µs, \S+ \(\S+ to \S+\) of the time")
        self.assertIn("apply_schedule", (folder / "best.schedule.h").read_text())
        self.assertTrue((folder / "search.png").read_bytes().startswith(PNG))

        result = self.search("--samples", 20, "--random", "beam_size=2")
        self.assertEqual(result.returncode, 1)
        self.assertIn("was begun with another random", result.stderr)
        self.assertEqual(read_csv(folder / "samples.csv"), rows)


if __name__ == "__main__":
    unittest.main()
