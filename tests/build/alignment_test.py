"""Every kernel of the library begins with a cache line, wherever a linker puts it.

usage: alignment_test.py OBJDUMP LIBRARY
"""

import re
import subprocess
import sys


def main():
    objdump, library = sys.argv[1:]
    text = subprocess.run([objdump, "-h", library], text=True, check=True, capture_output=True).stdout
    found = re.findall(r"^ *\d+ \.text\.\S*?(glimpse_\w+?__\w+).*? 2\*\*(\d+)$", text, re.M)
    if len(found) < 50:
        sys.exit(f"there are {len(found)} sections of kernels, too few to be all")
    others = sorted({kernel for kernel, power in found if int(power) < 6})
    if others:
        sys.exit(f"{len(others)} kernels are not aligned to 64 bytes, such as {others[0]}")


if __name__ == "__main__":
    main()
