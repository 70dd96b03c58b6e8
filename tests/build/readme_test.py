"""The examples of the README compile as they stand, and link and run if they are programs; and its
table names tests that there are.

usage: readme_test.py README COMPILER INCLUDE_DIRECTORY LIBRARY CTEST BUILD_DIRECTORY EMULATOR

EMULATOR is what runs programs, in front of their paths; it may be empty.
"""

import pathlib
import re
import shlex
import subprocess
import sys
import tempfile


def check_table(text, ctest, build):
    """Every row of what is accepted ends in names of tests."""
    listing = subprocess.run([ctest, "-N"], cwd=build, text=True, check=True,
                             capture_output=True).stdout
    tests = re.findall(r"^ *Test *#\d+: (.*)$", listing, re.M)
    table = re.search(r"^\| \| \| tests \|\n\|.*\n((?:\|.*\n)+)", text, re.M)
    rows = table[1].splitlines() if table else []
    if len(rows) < 10:
        sys.exit(f"the README's table of what is accepted has {len(rows)} rows")
    for row in rows:
        names = re.findall(r"`([^`]+)`", row.rsplit("|", 2)[1])
        if not names:
            sys.exit(f"no test in: {row}")
        for name in names:
            if not any(re.search(name, test) for test in tests):
                sys.exit(f"there is no test {name}, for: {row}")


def main():
    readme, compiler, include, library, ctest, build, emulator = sys.argv[1:]
    text = pathlib.Path(readme).read_text()
    check_table(text, ctest, build)
    examples = re.findall(r"```cpp\n(.*?)```", text, re.DOTALL)
    if len(examples) < 3 or sum("int main(" in example for example in examples) < 2:
        sys.exit("expected at least two programs and a function in the README")
    with tempfile.TemporaryDirectory() as directory:
        for number, example in enumerate(examples):
            source = pathlib.Path(directory) / f"example{number}.cpp"
            program = pathlib.Path(directory) / f"example{number}"
            source.write_text(example)
            compile = [compiler, "-std=c++17", "-Wall", "-Wextra", "-Werror", "-I", include,
                       str(source), "-o", str(program)]
            if "int main(" not in example:  # it needs what not every machine has
                subprocess.run([*compile, "-c"], check=True)
                continue
            subprocess.run([*compile, library, "-pthread", "-ldl"], check=True)
            subprocess.run([*shlex.split(emulator), str(program)], check=True)


if __name__ == "__main__":
    main()
