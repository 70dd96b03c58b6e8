"""Includes run one way: a file includes those of its own folder and of the layers below it. And the definition knows
neither schedules nor targets.

usage: includes_test.py SOURCE_DIRECTORY
"""

import pathlib
import re
import sys

# From the top down; a folder stands for the files in it, not for those in its folders.
LAYERS = ["tools", "src", "src/device", "src/host", "src/call", "runtime", "generators", "generators/definition",
          "generators/kernel_abi.h", "include/glimpse"]
# Where includes in quotes are looked for, from the root of the repository.
ROOTS = ["", "tools", "src", "runtime", "generators", "include"]
# Written by CMake.
GENERATED = re.compile(r"version\.h|variant_list\.h|kernel_(list|table)\.inc|kernel_signatures\.h|Halide\.h|.*\.function_info\.h")
# Between the command and the library, only what anybody may use, and the definition.
COMMAND_MAY = ["tools", "generators/definition", "include/glimpse"]
SCHEDULE = re.compile(r"\b(Target|target|schedule|compute_(at|root|inline|with)|store_(at|in|root)|vectorize|unroll|"
                      r"parallel|gpu_\w+|specialize|prefetch|reorder|tile|split)\s*(\(|::|\.)")


def layer_of(path):
    name = path.as_posix()
    folder = name if name in LAYERS else path.parent.as_posix()
    return LAYERS.index(folder)


def find(root, file, name):
    """The file of the repository that an include in quotes names, or None."""
    for folder in [file.parent.as_posix(), *ROOTS]:
        path = pathlib.Path(folder) / name
        if (root / path).exists():
            return path
    return None


def problems_of(root, file):
    own = layer_of(file)
    text = (root / file).read_text(encoding="utf-8")
    for name in re.findall(r'^\s*#\s*include\s+"([^"]+)"', text, re.M):
        path = find(root, file, name)
        if path is None:
            if not GENERATED.fullmatch(name):
                yield f"{file}: {name} is nowhere"
            continue
        below = layer_of(path)
        if below < own or (LAYERS[own] == "tools" and LAYERS[below] not in COMMAND_MAY):
            yield f"{file} ({LAYERS[own]}) includes {path} ({LAYERS[below]})"
    if LAYERS[own] == "generators/definition":
        for line in text.splitlines():
            if SCHEDULE.search(line.split("//")[0]):
                yield f"{file} is of the definition and schedules: {line.strip()}"


def main():
    root = pathlib.Path(sys.argv[1])
    files = [path.relative_to(root) for folder in ["tools", "src", "runtime", "generators", "include"]
             for path in sorted((root / folder).rglob("*")) if path.suffix in (".h", ".cpp")]
    if len(files) < 80:
        sys.exit(f"there are {len(files)} files, too few to be all")
    problems = [problem for file in files for problem in problems_of(root, file)]
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
