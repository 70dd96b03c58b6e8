"""Runs the command `glimpse` on a processor that is not this machine's, under qemu's user mode.

usage: qemu_test.py CPU CHOSEN MISSING...

CPU is a processor as qemu names it, CHOSEN the variant that must be chosen there, and each MISSING
is VARIANT=FEATURE: a variant that must refuse to run and the feature that it must say is missing.
The environment variables QEMU and GLIMPSE_COMMAND hold the paths of the two programs.
"""

import json
import os
import subprocess
import sys
import tempfile

CPU, CHOSEN = sys.argv[1:3]
MISSING = dict(argument.split("=") for argument in sys.argv[3:])


def glimpse(*arguments, variant=""):
    environment = dict(os.environ, GLIMPSE_VARIANT=variant)
    command = [os.environ["QEMU"], "-cpu", CPU, os.environ["GLIMPSE_COMMAND"], *arguments]
    done = subprocess.run(command, env=environment, text=True, capture_output=True)
    # qemu warns of features that have no meaning for programs.
    done.stderr = "".join(line for line in done.stderr.splitlines(keepends=True)
                          if not line.startswith(os.path.basename(command[0])))
    print(f"GLIMPSE_VARIANT={variant} glimpse {' '.join(arguments)}: {done.returncode}\n"
          f"{done.stdout}{done.stderr}")
    return done


def expect(condition, what):
    if not condition:
        sys.exit(f"wrong: {what}")


info = glimpse("info", "--json")
expect(info.returncode == 0, "exit status of info")
report = json.loads(info.stdout)
expect(report["chosen"] == CHOSEN, f"chosen is {report['chosen']}; expected {CHOSEN}")
of_processors = [entry for entry in report["variants"] if entry["name"] != "cuda"]
for entry in of_processors:
    name = entry["name"]
    expect(entry["usable"] == (name not in MISSING), f"usable of {name}")
    expect(MISSING.get(name, "") in entry["reason"], f"reason of {name}")

usable = [entry["name"] for entry in of_processors if entry["usable"]]
for name in usable:
    forced = glimpse("info", "--json", variant=name)
    expect(json.loads(forced.stdout)["chosen"] == name, f"the variant that was forced: {name}")

# A variant that cannot run is an error that says why: neither another variant nor a crash.
with tempfile.TemporaryDirectory() as directory:
    image = os.path.join(directory, "image.npy")
    with open(image, "wb") as file:
        header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3)}"
        file.write(b"\x93NUMPY\x01\x00" + bytes([118, 0]) + header.ljust(117) + b"\n")
        file.write(bytes([1, 2, 3, 4, 5, 6]))
    for name in usable:
        stats = glimpse("stats", image, "--json", variant=name)
        expect(stats.returncode == 0, f"exit status of {name}")
        expect(json.loads(stats.stdout)["images"][0]["channels"][0]["mean"] == 3.5,
               f"mean of {name}")
    for name, feature in MISSING.items():
        forced = glimpse("info", "--json", variant=name)
        expect(forced.returncode == 0, "exit status of info")
        expect(json.loads(forced.stdout)["chosen"] is None, f"chosen, where {name} was forced")
        forced = glimpse("stats", image, variant=name)
        expect(forced.returncode == 2, f"exit status, where {name} was forced")
        expect(forced.stderr.startswith("glimpse: ") and forced.stderr.count("\n") == 1,
               "one line on standard error")
        expect(f"'{name}'" in forced.stderr and feature in forced.stderr, "message")
