#!/usr/bin/env python3
"""What becomes of the kernels for devices: registers, spills and occupancy as ptxas has them, on every
architecture that it knows; and products in their PTX that are, or may be, fused with a sum.

    bench/ptx.py KERNEL_DIR [ARCHITECTURE...]     prints a table in Markdown
"""
import concurrent.futures
import math
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

# Threads, and bytes of shared memory, that a multiprocessor holds (CUDA C++ Programming Guide, table of
# technical specifications per compute capability). All have 65,536 registers, given out by 256 per warp.
LIMITS = {75: (1024, 64), 80: (2048, 164), 86: (1536, 100), 87: (1536, 164), 88: (1536, 100),
          89: (1536, 100), 90: (2048, 228), 100: (2048, 228), 103: (2048, 228), 110: (1536, 228),
          120: (1536, 100), 121: (1536, 100)}


def read_kernels(directory):
    """All kernels for devices, as {(library function, entry): text of the entry}."""
    found = {}
    for path in sorted(Path(directory).glob("*__cuda.device_code")):
        function = path.name[len("glimpse_"):-len("__cuda.device_code")]
        text = path.read_text(errors="replace").replace("\0", "")
        for part in re.split(r"\.visible \.entry ", text)[1:]:
            found[function, part.split("(")[0]] = part
    return found


def fused_products(text):
    """Sums of inexact products in an entry: fused ones, and those that an assembler may fuse.

    PTX says that operations without a rounding modifier may be fused (PTX ISA, add, mul, fma). A product
    is exact if a factor is a power of two, or if it is the square of what was a float32 or less.
    """
    definitions, instructions = {}, []
    for match in re.finditer(r"^\s*(?:@!?%p\d+\s+)?([a-z][\w.]*)\s+([^;]+);", text, re.M):
        operation = match[1]
        operands = [o.strip() for o in re.split(r",(?![^{]*})", match[2])]
        if not operation.startswith(("st.", "bra", "ret", "bar")):
            instructions.append((operation, operands))
            definitions.setdefault(operands[0], []).append((operation, operands[1:]))

    def is_power_of_two(operand):
        if re.fullmatch(r"0[fd][0-9A-Fa-f]+", operand):
            value = struct.unpack(">f" if operand[1] == "f" else ">d", bytes.fromhex(operand[2:]))[0]
            return value != 0 and math.isfinite(value) and abs(math.frexp(value)[0]) == 0.5
        return False

    def is_exact(a, b):
        widened = r"cvt\.f64\.f(16|32)|cvt\.rn\.f64\.[su](8|16|32)"
        return is_power_of_two(a) or is_power_of_two(b) or (
            a == b and all(re.match(widened, o) or o.startswith(("mov", "selp"))
                           for o, _ in definitions.get(a, [("", [])])))

    def products(register, seen=()):
        for operation, operands in definitions.get(register, []):
            if re.fullmatch(r"mul\.f(32|64)", operation):
                yield operands
            elif re.match(r"mov|neg|selp", operation) and register not in seen:
                for operand in operands[:2]:
                    yield from products(operand, seen + (register,))

    found = []
    for operation, operands in instructions:
        if re.match(r"(fma|mad)\.(rn\.)?f(32|64)$", operation):
            if not is_exact(operands[1], operands[2]):
                found.append((operation, operands))
        elif re.fullmatch(r"(add|sub)\.f(32|64)", operation):
            for operand in operands[1:]:
                found += [(operation, operands) for p in products(operand) if not is_exact(*p)]
    return found


def find_ptxas():
    """That of the virtual environment, or of an installed toolkit; None if there is none."""
    for place in sys.path:
        tools = sorted(Path(place).glob("nvidia/cu*/bin/ptxas"))
        if tools:
            return str(tools[-1])
    return shutil.which("ptxas")


def architectures(ptxas):
    """The architectures that ptxas knows, oldest first."""
    text = subprocess.run([ptxas, "--help"], capture_output=True, text=True, check=True).stdout
    return sorted({int(a) for a in re.findall(r"'sm_(\d+)'", text)})


def assemble(ptxas, path, architecture):
    """{entry: (registers, bytes of spills, bytes of shared memory)} of one file; raises if ptxas fails."""
    with tempfile.NamedTemporaryFile(suffix=".ptx") as ptx:
        ptx.write(Path(path).read_bytes().replace(b"\0", b""))
        ptx.flush()
        result = subprocess.run(
            [ptxas, f"-arch=sm_{architecture}", "-v", ptx.name, "-o", os.devnull],
            capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(f"{path} for sm_{architecture}: {result.stdout}{result.stderr}")
    found = {}
    for part in re.split(r"Function properties for ", result.stdout + result.stderr)[1:]:
        spills = [int(n) for n in re.findall(r"(\d+) bytes (?:spill|stack)", part)]
        shared = re.search(r"(\d+) bytes smem", part)
        found[part.split()[0]] = (int(re.search(r"Used (\d+) registers", part)[1]), sum(spills),
                                  int(shared[1]) if shared else 0)
    return found


def assemble_all(ptxas, directory, wanted):
    """{architecture: {(library function, entry): what assemble() says}}."""
    paths = sorted(Path(directory).glob("*__cuda.device_code"))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {(a, p): pool.submit(assemble, ptxas, p, a) for a in wanted for p in paths}
    result = {a: {} for a in wanted}
    for (architecture, path), job in jobs.items():
        function = path.name[len("glimpse_"):-len("__cuda.device_code")]
        for entry, numbers in job.result().items():
            result[architecture][function, entry] = numbers
    return result


def forms_of(function):
    """The forms of a function's kernels, in their order: for vectors of glimpses that are aligned, for
    images with dense rows, and for any."""
    if function.startswith("device_sample"):
        return ("any",)
    if function.startswith("device_noise"):
        return ("aligned", "any")
    if function.startswith("device_"):
        return ("aligned, dense", "aligned", "any")
    return ("dense", "any") if function.startswith("statistics_1_") else ("any",)


def form_of(function, entry):
    """The form of a kernel: its number is that among those of its function."""
    forms = forms_of(function)
    number = re.search(r"__(\d+)$", entry)
    return forms[int(number[1]) if number and len(forms) > 1 else 0]


def threads_of(function):
    """Threads of a block: as the generators schedule them and src/device/run.cpp chooses them."""
    if function.startswith("device_"):
        return 256
    match = re.match(r"statistics_(\d)_", function)
    if match:
        lanes = 16 if match[1] == "1" else 8 * int(match[1])
        return lanes * (256 // lanes // 2 * 2)
    return 128


def shared_bytes(function):
    """Dynamic shared memory of a block, which the launch asks for."""
    match = re.match(r"statistics_(\d)_", function)
    if match:
        threads = threads_of(function)
        lanes = 16 if match[1] == "1" else 8 * int(match[1])
        return (threads + lanes) * 32
    return (128 + 1) * 5 * 8 if function.startswith("finish") else 0


def occupancy(architecture, registers, function):
    """Which part of the threads that a multiprocessor holds are there at once, in percent."""
    threads, shared_kib = LIMITS[architecture]
    block = threads_of(function)
    warps = (block + 31) // 32
    of_warp = (registers * 32 + 255) // 256 * 256
    blocks = min(threads // (warps * 32), 65536 // (of_warp * warps), 32)
    if shared_bytes(function):
        blocks = min(blocks, shared_kib * 1024 // (shared_bytes(function) + 1024))
    return 100 * blocks * warps * 32 // threads


def main():
    directory = sys.argv[1]
    ptxas = find_ptxas()
    if ptxas is None:
        sys.exit("bench/ptx.py: there is no ptxas; PyPI has it as nvidia-cuda-nvcc")
    known = [a for a in architectures(ptxas) if a in LIMITS]
    wanted = [int(a) for a in sys.argv[2:]] or [a for a in (75, 80, 90, 120) if a in known]
    assembled = assemble_all(ptxas, directory, wanted)
    kernels = read_kernels(directory)
    print("Registers of a thread, and which part of the threads that a multiprocessor holds are there at "
          "once.\nForms: glimpses have rows that begin with whole vectors, images have dense rows; "
          "spills in bytes.\n")
    print("| kernel | form | PTX lines | " + " | ".join(f"sm_{a}" for a in wanted) + " | spills |")
    print("| --- | --- | --- | " + " | ".join("---" for _ in wanted) + " | --- |")
    for (function, entry), text in kernels.items():
        form = form_of(function, entry)
        cells = []
        for a in wanted:
            registers = assembled[a][function, entry][0]
            cells.append(f"{registers}, {occupancy(a, registers, function)} %")
        spills = max(assembled[a][function, entry][1] for a in wanted)
        lines = text.count("\n")
        print(f"| {function} | {form} | {lines} | " + " | ".join(cells) + f" | {spills} |")


if __name__ == "__main__":
    main()
