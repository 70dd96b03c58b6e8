"""The example of the README compiles, links and runs as it stands.

usage: readme_test.py README COMPILER INCLUDE_DIRECTORY LIBRARY
"""

import pathlib
import re
import subprocess
import sys
import tempfile


def main():
    readme, compiler, include, library = sys.argv[1:]
    examples = re.findall(r"```cpp\n(.*?)```", pathlib.Path(readme).read_text(), re.DOTALL)
    if len(examples) < 2:
        sys.exit("expected at least two examples in the README, found %d" % len(examples))
    with tempfile.TemporaryDirectory() as directory:
        for number, example in enumerate(examples):
            source = pathlib.Path(directory) / f"example{number}.cpp"
            program = pathlib.Path(directory) / f"example{number}"
            source.write_text(example)
            subprocess.run([compiler, "-std=c++17", "-Wall", "-Wextra", "-Werror", "-I", include,
                            str(source), library, "-pthread", "-ldl", "-o", str(program)],
                           check=True)
            subprocess.run([str(program)], check=True)


if __name__ == "__main__":
    main()
