"""CTest knows every case of the test programs, though it reads their sources only.

usage: listing_test.py CTEST BUILD_DIRECTORY EMULATOR PROGRAM...

EMULATOR is what runs programs, in front of their paths; it may be empty.
"""

import re
import shlex
import subprocess
import sys


def cases(program, emulator):
    """The cases as GoogleTest lists them, such as ExtractTest.FarAway/avx2."""
    text = subprocess.run([*emulator, program, "--gtest_list_tests"], text=True, check=True,
                          capture_output=True).stdout
    suite = ""
    for line in text.splitlines():
        name = line.split("#")[0].rstrip()
        if re.fullmatch(r"\S+\.", name):
            suite = name
        elif name.startswith("  "):
            yield suite + name.strip()


def main():
    ctest, build, emulator, *programs = sys.argv[1:]
    listing = subprocess.run([ctest, "-N"], cwd=build, text=True, check=True,
                             capture_output=True).stdout
    known = set(re.findall(r"^ *Test *#\d+: (\S+)", listing, re.M))
    count = 0
    for program in programs:
        for case in cases(program, shlex.split(emulator)):
            count += 1
            # Those for devices run with what stands in for one. A test may have one entry for all parameters.
            if case.startswith("Device") or case.endswith("/cuda"):
                continue
            if case not in known and case.rpartition("/")[0] not in known:
                sys.exit(f"{program} has {case}, which CTest does not know; is the line of TEST "
                         "written as tests/CMakeLists.txt reads it?")
    if count < 100:
        sys.exit(f"{len(programs)} programs have {count} cases")
    print(f"{count} cases of {len(programs)} programs are known")


if __name__ == "__main__":
    main()
