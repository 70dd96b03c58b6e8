"""Prints how large the static library is, and what is in it: every kernel in every variant.

    sizes.py LIBRARY

Sizes are bytes of code and constants (`size`: text and data), of which a linker may drop some.
"""

import collections
import re
import subprocess
import sys

KERNEL = re.compile(r"glimpse_(\w+)__(\w+)\.o$")


def members(library):
    """(name, bytes) of every object in the archive."""
    lines = subprocess.run(["size", library], text=True, check=True, capture_output=True).stdout
    for line in lines.splitlines()[1:]:
        text, data, bss, _, _, name = line.split()[:6]
        yield name, int(text) + int(data) + int(bss)


def print_table(rows, columns, title):
    """Rows are {name: {column: bytes}}; largest first, with sums."""
    order = sorted(rows, key=lambda name: -sum(rows[name].values()))
    total = {column: sum(row.get(column, 0) for row in rows.values()) for column in columns}
    width = max(map(len, [*rows, title]))
    print(f"{title:{width}s}" + "".join(f"{column:>9s}" for column in [*columns, "sum"]))
    for name, row in [*((name, rows[name]) for name in order), ("sum", total)]:
        cells = [f"{row[column]:9d}" if row.get(column) else " " * 9 for column in columns]
        print(f"{name:{width}s}{''.join(cells)}{sum(row.values()):9d}")
    print()


def main():
    kernels = collections.defaultdict(dict)
    forms = collections.defaultdict(collections.Counter)
    code = {}
    for name, size in members(sys.argv[1]):
        match = KERNEL.match(name)
        if match:
            kernels[match[1]][match[2]] = size
            forms[re.match(r"pure_[a-z]+|[a-z]+", match[1])[0]][match[2]] += size
        else:
            code[name.removesuffix(".o")] = {"": size}
    columns = list(dict.fromkeys(name for row in kernels.values() for name in row))
    print_table(kernels, columns, "kernel")
    print_table(forms, columns, "kernels, by what they do")
    print_table(code, [""], "C++")


if __name__ == "__main__":
    main()
