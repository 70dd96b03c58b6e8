"""Prints what can be known of the speed on ARM without one: what LLVM's machine code analyser (llvm-mca)
says of the inner loops of the kernels, in processor cycles per 16 bytes, beside those of x86; and how
many instructions whole calls take, counted by qemu.

    cycles.py [--arm DIRECTORY] [--x86 DIRECTORY] [--mca PROGRAM] [--qemu PROGRAM]

The directories are builds. Loops are those of rows of the usual width; a cycle is one of a core whose
data lies in the fastest cache, without the loops around. Bytes are those that are written, of
statistics those that are read.
"""

import argparse
import os
import re
import subprocess
import sys
from collections import namedtuple

from assembly import ArmInstruction, X86Instruction, innermost_loops

# A column: the variant of a kernel, and the processor on which its loops are looked at.
Column = namedtuple("Column", "title variant triple processor")
ARM = [Column(title, "arm64", "aarch64-linux-gnu", processor) for title, processor in
       [("A53", "cortex-a53"), ("A76", "cortex-a76"), ("N1", "neoverse-n1"),
        ("V2", "neoverse-v2")]]
X86 = [Column(variant, variant, "x86_64-linux-gnu", "znver4") for variant in
       ["x86_64", "sse41", "avx2", "avx512"]]


def owners():
    """Of the forms of a variant that has the kernels of another one, the other one."""
    path = os.path.join(os.path.dirname(__file__), "..", "cmake", "Variants.cmake")
    with open(path) as file:
        entries = re.findall(r'"(\w+)\|[^|"]*\|(\w+) ([\w ]+)"', file.read())
    return {(variant, form): owner for variant, owner, forms in entries
            for form in forms.split()}


OWNERS = owners()

# A plain copy of 32 bytes at a time.
PLAIN_COPY = {
    "arm64": "ldp q0, q1, [x1], #32; stp q0, q1, [x0], #32; subs x2, x2, #32; b.ne .Lcopy",
    "x86_64": "movups (%rsi,%rcx), %xmm0; movups 16(%rsi,%rcx), %xmm1; "
              "movups %xmm0, (%rdi,%rcx); movups %xmm1, 16(%rdi,%rcx); "
              "addq $32, %rcx; cmpq %rcx, %rdx; jne .Lcopy",
    "avx2": "vmovups (%rsi,%rcx), %ymm0; vmovups %ymm0, (%rdi,%rcx); "
            "addq $32, %rcx; cmpq %rcx, %rdx; jne .Lcopy",
}
PLAIN_COPY["sse41"] = PLAIN_COPY["x86_64"]
PLAIN_COPY["avx512"] = PLAIN_COPY["avx2"]

SHUFFLE = r"v?p?(shuf|perm|unpck|alignr)|rev|tbl|ext$|zip|uzp"
MULTIPLY = r"(v?p?|u|s|f)mul|v?pmadd|mla|madd$"
TAKE_APART = SHUFFLE + r"|ld[34]|v?psrl|ushr"


def widest(loops, condition=lambda loop: True):
    """Those of the loops that fulfil the condition and write most bytes."""
    loops = [loop for loop in loops if loop.bytes >= 16 and condition(loop)]
    most = max((loop.bytes for loop in loops), default=0)
    return sorted((loop for loop in loops if loop.bytes == most),
                  key=lambda loop: len(loop.instructions))


def multiplies(loop):
    """Whether vectors are multiplied."""
    return loop.count(lambda i: re.match(MULTIPLY, i.name) and
                      re.search(r"%[xyz]mm|\bv\d|\bz\d", i.text)) > 0


def copies(loops):
    return widest(loops, lambda loop: loop.loads > 0 and not multiplies(loop) and
                  not loop.any(SHUFFLE) and not loop.any(r"idiv|[us]?div"))


# How the loop of a row of the table is found among all of its kernel.
def visible(loops):
    return copies(loops)[0]


def fill(loops):
    return widest(loops, lambda loop: loop.loads == 0 and not multiplies(loop))[0]


def reflect(loops):
    """The mirror that takes most instructions: that of three channels, or, on ARM, of four."""
    return widest(loops, lambda loop: loop.loads > 0 and loop.any(SHUFFLE) and loop.bytes % 3 == 0)[-1]


def uniform(loops):
    found = widest(loops, multiplies)
    return found[1] if len(found) == 3 else found[0]  # bytes have one more for their whole range


def gaussian(loops):
    return widest(loops, multiplies)[-1]


def split(channels):
    def found(loops):
        return widest(loops, lambda loop: loop.any(MULTIPLY) and loop.any(TAKE_APART) and
                      loop.bytes % (16 * channels) == 0 and
                      (loop.stores % channels == 0))[-1]
    return found


def sums(loops):
    """Adds elements to sums in registers, the shortest such loop by the byte."""
    found = [loop for loop in loops if loop.bytes == 0 and loop.bytes_read >= 16 and
             multiplies(loop)]
    return min(found, key=lambda loop: len(loop.instructions) / loop.bytes_read)


def taps(loops):
    """Adds products of elements and weights to sums in registers."""
    found = [loop for loop in loops if loop.bytes == 0 and loop.bytes_read >= 16 and
             (multiplies(loop) or loop.any(r"[us]mlal"))]
    return max(found, key=lambda loop: loop.bytes_read)


def sampled(bytes_per_pixel):
    """Mixes pixels of a row, 8 of them with so many bytes each, from pairs of pixels and their weights."""
    def found(loops):
        fitting = [loop for loop in loops if loop.bytes == 8 * bytes_per_pixel < loop.bytes_read]
        return min(fitting, key=lambda loop: len(loop.instructions))
    return found


ROWS = [
    ("inside", "inside_u8", visible),
    ("value border, uint8, visible", "value_u8", visible),
    ("value border, uint8, outside", "value_u8", fill),
    ("value border, float32, outside", "value_u32", fill),
    ("`replicate`, uint8", "map_u8", fill),
    ("`reflect101`, uint8 RGB", "map_u8", reflect),
    ("`reflect101`, float32 RGB", "map_u32", reflect),
    ("`uniform`, uint8", "noise_u8", uniform),
    ("`uniform`, float32", "noise_f32", uniform),
    ("`gaussian`, uint8", "noise_u8", gaussian),
    ("`gaussian`, float32", "noise_f32", gaussian),
    ("statistics, uint8 RGB", "statistics_3_u8", sums),
    ("statistics, float32 RGB", "statistics_3_f32", sums),
    ("uint8 RGB to float32 planes", "convert_u8_f32", split(3)),
    ("uint8 RGBA to float32 planes", "convert_u8_f32", split(4)),
    ("samples of uint8 RGB, `linear`", "linear_u8_u8", sampled(3)),
    ("samples of float32 RGB, `linear`", "linear_f32_f32", sampled(12)),
    ("sums of rows of uint8, as integers", "rows_u8_i16", taps),
    ("sums of rows of uint8, as float32", "rows_u8_f32", taps),
    ("sums of rows of float32", "rows_f32_f32", taps),
]


def instruction_class(column):
    return ArmInstruction if column.triple.startswith("aarch64") else X86Instruction


def cycles(mca, lines, column):
    """Cycles per iteration of a loop."""
    iterations = 1000
    done = subprocess.run([mca, f"-mtriple={column.triple}", f"-mcpu={column.processor}",
                           f"-iterations={iterations}", "-instruction-info=false",
                           "-resource-pressure=false"],
                          input="\n".join(lines) + "\n", text=True, capture_output=True)
    found = re.search(r"Total Cycles:\s+(\d+)", done.stdout)
    if done.returncode != 0 or not found:
        sys.exit(f"{mca} for {column.processor} failed:\n{done.stderr}")
    return int(found[1]) / iterations


def measure(arguments, kernel, choose, column):
    """(instructions, cycles) per 16 bytes, or nothing where that kernel was not built."""
    if kernel is None:
        lines, size = PLAIN_COPY[column.variant].split("; "), 32
    else:
        is_arm = column.triple.startswith("aarch64")
        form = kernel.split("_")[0]
        variant = column.variant if is_arm else \
            OWNERS.get((column.variant, form), column.variant)
        path = os.path.join(arguments.arm if is_arm else arguments.x86, "generators",
                            f"glimpse_{kernel}__{variant}.s")
        with open(path) as file:
            loops = innermost_loops(file.read(), instruction_class(column), 0)
        loop = choose(loops)
        lines = [i.text for i in loop.instructions]
        size = loop.bytes or loop.bytes_read
    return len(lines) * 16 / size, cycles(arguments.mca, lines, column) * 16 / size


# Calls of count_calls.cpp on ARM: its case, windows, size and channels, and the bytes of an element that is written.
CALLS = [
    ("16 of 64 x 64 x 3: `memcpy` of every row", "copy", (16, 64, 3), 1),
    ("inside", "inside", (16, 64, 3), 1),
    ("`zero`", "zero", (16, 64, 3), 1),
    ("`replicate`", "replicate", (16, 64, 3), 1),
    ("`reflect101`", "reflect101", (16, 64, 3), 1),
    ("`uniform`", "uniform", (16, 64, 3), 1),
    ("inside, to planes of float32", "planar", (16, 64, 3), 4),
    ("boxes of 128 x 128, not antialiased", "linear", (16, 64, 3), 1),
    ("boxes of 128 x 128, antialiased", "antialias", (16, 64, 3), 1),
    ("one of 8 x 8 x 1: `memcpy` of every row", "copy", (1, 8, 1), 1),
    ("inside", "inside", (1, 8, 1), 1),
    ("`zero`", "zero", (1, 8, 1), 1),
    ("`reflect101`", "reflect101", (1, 8, 1), 1),
]
# Those of 16 windows of other sizes, beside the copy.
SIZES = [4, 8, 16, 32, 64]
SIZED = [("one channel", 1), ("RGB", 3)]
SIZED_CASES = [("inside", "inside"), ("`zero`", "zero"), ("`replicate`", "replicate"),
               ("`reflect101`", "reflect101")]


def instructions(arguments, case, shape):
    """Instructions of a warm call, on ARM."""
    options = subprocess.run([arguments.qemu, "--help"], text=True, capture_output=True).stdout
    # qemu 9 renamed it.
    single_step = "-one-insn-per-tb" if "one-insn-per-tb" in options else "-singlestep"
    counts = []
    for calls in [2, 3]:
        # qemu writes a line for every block, and a block is one instruction.
        command = [arguments.qemu, "-L", os.path.join(arguments.arm, "..", "arm-root"),
                   single_step, "-d", "exec,nochain",
                   os.path.join(arguments.arm, "bench", "count_calls"), case, str(calls),
                   *map(str, shape)]
        with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
            counts.append(sum(line.startswith(b"Trace") for line in process.stderr))
        if process.returncode != 0:
            sys.exit(f"{command} failed")
    return counts[1] - counts[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--arm", default="build/arm")
    parser.add_argument("--x86", default="build/release")
    parser.add_argument("--mca", default="llvm-mca-22")
    parser.add_argument("--qemu", default="qemu-aarch64-static")
    arguments = parser.parse_args()
    columns = ARM + X86
    print("| | instructions, arm64 | " + " | ".join(c.title for c in columns) + " |")
    print("| --- |" + " --- |" * (len(columns) + 1))
    for title, kernel, choose in [("plain copy, 32 bytes at a time", None, None), *ROWS]:
        measured = [measure(arguments, kernel, choose, column) for column in columns]
        print(f"| {title} | {measured[0][0]:.1f} | " +
              " | ".join(f"{c:.1f}" for _, c in measured) + " |")
    print("\n| a warm call | instructions | per 16 bytes |\n| --- | --- | --- |")
    for title, case, shape, size in CALLS:
        count = instructions(arguments, case, shape)
        windows, side, channels = shape
        print(f"| {title} | {count:,} | {count * 16 / (windows * side**2 * channels * size):.1f} |")
    print("\n| | " + " | ".join(f"{size}²" for size in SIZES) + " |\n| --- |" +
          " --- |" * len(SIZES))
    for name, channels in SIZED:
        shapes = [(16, size, channels) for size in SIZES]
        copies = [instructions(arguments, "copy", shape) for shape in shapes]
        for title, case in SIZED_CASES:
            print(f"| {name}, {title} | " +
                  " | ".join(f"{instructions(arguments, case, shape) / copy:.2f}"
                             for shape, copy in zip(shapes, copies)) + " |")


if __name__ == "__main__":
    main()
