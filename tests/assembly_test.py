"""Reads the assembly of the fast kernels: their innermost loops must be dense vectors, without
gathers and without lanes one by one. A kernel that gets this wrong is right, but slow.

tests/CMakeLists.txt sets the environment variables: KERNEL_DIR, where generators/CMakeLists.txt has
the assembly, VARIANT, REGISTER_BYTES, the width of the variant's vector registers, and SHARED_FORMS,
those whose kernels are another variant's.
"""

import glob
import os
import re
import unittest
from collections import namedtuple

KERNEL_DIR = os.environ["KERNEL_DIR"]
VARIANT = os.environ["VARIANT"]
REGISTER_BYTES = int(os.environ["REGISTER_BYTES"])
SHARED_FORMS = os.environ["SHARED_FORMS"].split()

# What an innermost loop may look like.
Form = namedtuple("Form", "classes cmovs divisions parameters special")
#   classes     bytes that loops write per iteration, by type, widest first: the vectors of
#               lane_classes() and define_inside() in generators/extract_generator.cpp
#   cmovs       the most conditional moves: the last vector of a span overlaps the one before
#               (`min`), a span of values or noise begins with one of two phases, and that of
#               Gaussian noise at any channel; loops of single elements choose between borders
#   divisions   the most divisions in a loop of vectors: where a vector is no whole number of pixels
#   parameters  vectors that are read per vector of elements
#   special     what some of the widest loops must do, without dividing
SPANS = {"u8": [48, 12, 1], "u16": [48, 24, 2], "u32": [96, 48, 4]}
FORMS = {
    "inside": Form({"u8": [64, 32, 16, 8, 1], "u16": [64, 32, 16, 8, 2], "u32": [64, 32, 16, 4]}, 0, 0, 1, []),
    "value": Form(SPANS, 2, 1, 1, []),
    "map": Form(SPANS, 1, 0, 2.5, ["shuffles", "repeats"]),
    "noise": Form({"u8": [32, 8, 1], "u16": [32, 8, 2], "i16": [32, 8, 2], "f16": [32, 8, 2],
                   "bf16": [32, 8, 2], "f32": [64, 16, 4]}, 4, 1, 4, ["multiplies"]),
}

OWN_FORMS = {name: form for name, form in FORMS.items() if name not in SHARED_FORMS}

GATHER = re.compile(r"vp?(gather|scatter)")
LANE = re.compile(r"v?p(insr|extr)[bwdq]|v?(insert|extract)ps")
VECTOR_MINMAX = re.compile(r"v?p(min|max)[su][bwdq]")
SHUFFLE = re.compile(r"v?p?(shuf|perm|unpck|alignr)")
VECTOR_MULTIPLY = re.compile(r"v?p?mul(ld|udq|ps)")
ADDRESS_OR_LOOP = re.compile(r"v?(mov|cmov|add|sub|lea|cmp|dec|inc|clt|cdq|j|test|pextr)")

# Stores of less than the register that they name.
STORED = [(r"v?(movq|movlp[sd]|movhp[sd]|movsd|pextrq)$", 8),
          (r"v?(movd|movss|pextrd|extractps)$", 4),
          (r"v?pextrw$", 2),
          (r"v?pextrb$", 1),
          (r"vextract[if](128|32x4|64x2)$", 16),
          (r"vextract[if](64x4|32x8)$", 32)]
NARROWED = re.compile(r"vpmovu?s?([qdw])([dwb])$")
BYTES = {"b": 1, "w": 2, "d": 4, "l": 4, "q": 8, "x": 16, "y": 32, "z": 64}


class Instruction:
    def __init__(self, text):
        self.name, _, operands = text.partition("\t")
        self.operands = re.split(r",\s*(?![^()]*\))", operands.strip()) if operands else []
        # Memory of the caller; not the stack, where registers are spilled, and not constants.
        memory = [i for i, operand in enumerate(self.operands)
                  if "(" in operand and "(%rsp" not in operand and "(%rip" not in operand]
        is_store = memory == [len(self.operands) - 1] and len(self.operands) > 1 and \
            not self.name.startswith(("cmp", "test"))
        self.stored = self.stored_bytes() if is_store else 0
        self.loads = bool(memory) and not is_store and not self.name.startswith("lea")

    def stored_bytes(self):
        source = self.operands[-2]
        for pattern, size in STORED:
            if source.startswith("%xmm") or not pattern.startswith("v?(mov"):
                if re.match(pattern, self.name):
                    return size
        if source.startswith(("%xmm", "%ymm", "%zmm")):
            if self.name == "vcvtps2ph":
                return BYTES[source[1]] // 2
            narrowed = NARROWED.match(self.name)
            return BYTES[source[1]] * BYTES[narrowed[2]] // BYTES[narrowed[1]] if narrowed \
                else BYTES[source[1]]
        return BYTES[self.name[-1]]


class Loop:
    def __init__(self, instructions):
        self.instructions = instructions
        self.stores = self.count(lambda i: i.stored > 0)
        self.loads = self.count(lambda i: i.loads)
        self.bytes = sum(i.stored for i in instructions)
        self.cmovs = self.count(lambda i: i.name.startswith("cmov"))
        self.divisions = self.count(lambda i: re.match(r"i?div", i.name))
        self.lanes = self.count(lambda i: LANE.match(i.name))
        # The least number of stores for these bytes.
        self.pieces = self.bytes // REGISTER_BYTES + bin(self.bytes % REGISTER_BYTES).count("1")

    def count(self, condition):
        return sum(1 for i in self.instructions if condition(i))

    def any(self, pattern):
        return self.count(lambda i: pattern.match(i.name)) > 0

    def copies(self):
        """Whether the loop does nothing but read and write."""
        return self.loads == self.stores and \
            all(ADDRESS_OR_LOOP.match(i.name) for i in self.instructions)

    def __str__(self):
        return (f"a loop of {len(self.instructions)} instructions that writes {self.bytes} bytes "
                f"with {self.stores} stores and {self.loads} loads")


def parse(text):
    """All instructions of a file, and where labels stand."""
    instructions, labels = [], {}
    for line in text.splitlines():
        line = line.split("#")[0].rstrip()
        label = re.match(r"([.\w$]+):$", line)
        if label:
            labels[label[1]] = len(instructions)
        elif re.match(r"\t[a-z]", line):
            instructions.append(Instruction(line[1:]))
    return instructions, labels


def innermost_loops(text):
    """Ranges that end in a jump back, with no such range within. Loops whose blocks are scattered,
    and those that write nothing, are not among them: they are outer ones."""
    instructions, labels = parse(text)
    ranges = set()
    for end, instruction in enumerate(instructions):
        if instruction.name.startswith("j"):
            begin = labels.get(instruction.operands[0], end + 1)
            if begin <= end:
                ranges.add((begin, end))
    loops = []
    for begin, end in sorted(ranges):
        within = instructions[begin:end + 1]
        if any(other != (begin, end) and begin <= other[0] and other[1] <= end for other in ranges):
            continue
        if any(i.name.startswith(("ret", "call", "jmp")) for i in within):
            continue
        loop = Loop(within)
        if loop.bytes > 0:
            loops.append(loop)
    return loops


def loop_problems(form, element, loop):
    """What is wrong with one loop, as texts."""
    is_vector = loop.bytes >= 8
    # Parameters of noise are float32.
    wide = loop.bytes * (32 // int(element.lstrip("uibf")) if form is FORMS["noise"] else 1)
    reads = form.parameters * (wide // REGISTER_BYTES + bin(wide % REGISTER_BYTES).count("1"))
    for condition, text in [
            (loop.bytes not in form.classes[element], "has a width that no class of lanes has"),
            (loop.stores > 2 * loop.pieces, "writes lanes one by one"),
            (loop.loads > max(reads, 2 * loop.pieces), "reads lanes one by one"),
            (loop.lanes > 2, "puts vectors together lane by lane"),
            (loop.cmovs > max(form.cmovs, 0 if is_vector or form.cmovs == 0 else 3),
             "clamps indices"),
            (is_vector and loop.divisions > form.divisions, "divides"),
            (form is not FORMS["noise"] and loop.any(VECTOR_MINMAX), "clamps vectors"),
            (form is FORMS["inside"] and not loop.copies(), "does more than to copy")]:
        if condition:
            yield f"{loop} {text}"


def problems(form_name, element, text):
    """What is wrong with the assembly of a fast form, as texts."""
    form = FORMS[form_name]
    found = [f"uses {i.name}" for i in parse(text)[0] if GATHER.match(i.name)]
    loops = innermost_loops(text)
    for loop in loops:
        found += loop_problems(form, element, loop)
    # Every class has a loop that copies what is visible; where it is missing, it is not dense.
    for width in form.classes[element]:
        if not any(loop.bytes == width and loop.stores <= 2 * loop.pieces and loop.copies() and
                   loop.loads > 0 for loop in loops):
            found.append(f"has no loop that copies {width} bytes per iteration")
    widest = [loop for loop in loops
              if loop.bytes == form.classes[element][0] and loop.divisions == 0]
    does = {"shuffles": lambda loop: loop.any(SHUFFLE) and loop.loads > 0,
            "repeats": lambda loop: loop.loads == 0,
            "multiplies": lambda loop: loop.any(VECTOR_MULTIPLY)}
    for special in form.special:
        if not any(does[special](loop) for loop in widest):
            found.append(f"has no loop of the widest vectors that {special}")
    return found


def conversion_problems(size, text):
    """What is wrong with the assembly of a kernel that converts to elements of `size` bytes."""
    found = [f"uses {i.name}" for i in parse(text)[0] if GATHER.match(i.name)]
    loops = innermost_loops(text)
    lanes = REGISTER_BYTES // 4  # of float32, in which is computed
    # Rows of pixels and of planes, and pixels of 3 channels that are taken apart.
    for elements, least in [(2 * lanes, 2), (3 * lanes, 1), (3 * max(lanes, 8), 1)]:
        if sum(loop.bytes == elements * size for loop in loops) < least:
            found.append(f"has too few loops that write {elements} elements per iteration")
    for loop in loops:
        elements = loop.bytes // size
        # Taking pixels apart puts some lanes in one by one where shuffles are weak.
        if elements >= 8 and loop.lanes > elements / 4:
            found.append(f"{loop} puts vectors together lane by lane")
        if elements >= 8 and loop.stores > max(2 * loop.pieces, elements / 4):
            found.append(f"{loop} writes lanes one by one")
    return found


def assembly(kernel):
    variant = "pure" if kernel.startswith("pure") else VARIANT
    with open(os.path.join(KERNEL_DIR, f"glimpse_{kernel}__{variant}.s")) as file:
        return file.read()


class AssemblyTest(unittest.TestCase):
    def test_fast_forms_are_dense(self):
        for name, form in OWN_FORMS.items():
            for element in form.classes:
                with self.subTest(f"{name}_{element}__{VARIANT}"):
                    self.assertEqual(problems(name, element, assembly(f"{name}_{element}")), [])

    def test_widest_registers_are_used(self):
        for name, form in OWN_FORMS.items():
            for element, classes in form.classes.items():
                loops = innermost_loops(assembly(f"{name}_{element}"))
                with self.subTest(f"{name}_{element}__{VARIANT}"):
                    self.assertEqual(min(loop.stores for loop in loops if loop.bytes == classes[0]),
                                     classes[0] // REGISTER_BYTES +
                                     bin(classes[0] % REGISTER_BYTES).count("1"))


class ConversionTest(unittest.TestCase):
    def test_conversions_are_dense(self):
        paths = glob.glob(os.path.join(KERNEL_DIR, f"glimpse_convert_*__{VARIANT}.s"))
        self.assertGreater(len(paths), 0)
        for path in paths:
            kernel = re.search(r"glimpse_(\w+)__", path)[1]
            bits = int(re.search(r"\d+$", kernel)[0])
            with self.subTest(f"{kernel}__{VARIANT}"):
                self.assertEqual(conversion_problems(bits // 8, assembly(kernel)), [])

    def test_other_kernels_are_rejected(self):
        for kernel in ["pure_value_u8", "reorder_u32"]:
            with self.subTest(kernel):
                self.assertNotEqual(conversion_problems(1, assembly(kernel)), [])

    def test_lanes_are_rejected(self):
        lanes = "".join(f"\tpinsrb\t${lane}, {lane}(%rax), %xmm0\n" for lane in range(16))
        changed, count = re.subn(r"\tjne\t", lanes + r"\g<0>", assembly("convert_u8_u8"))
        self.assertGreater(count, 0)
        self.assertIn("lane by lane", " ".join(conversion_problems(1, changed)))


@unittest.skipIf(SHARED_FORMS, "the checks are tried on the other variant's kernels")
class CheckerTest(unittest.TestCase):
    """That the checks above can fail."""

    def test_pure_forms_are_rejected(self):
        for kernel in ["value_u8", "value_u32", "map_u8", "map_u32", "noise_u8", "noise_f32"]:
            with self.subTest(f"pure_{kernel}__{VARIANT}"):
                self.assertNotEqual(problems(*kernel.split("_"), assembly(f"pure_{kernel}")), [])

    def change(self, kernel, pattern, replacement):
        """Problems after every match of `pattern` has become `replacement`."""
        changed, count = re.subn(pattern, replacement, assembly(kernel))
        self.assertGreater(count, 0)
        return " ".join(problems(*kernel.split("_"), changed))

    def test_gathers_are_rejected(self):
        self.assertIn("uses vpgatherdd",
                      self.change("map_u32", r"\tjne\t",
                                  r"\tvpgatherdd\t%ymm2, (%rax,%ymm1), %ymm0\n\g<0>"))

    def test_scalar_loads_are_rejected(self):
        lanes = "".join(f"\tmovzbl\t{lane}(%rax), %ecx\n" for lane in range(16))
        self.assertIn("reads lanes one by one",
                      self.change("value_u8", r"\tv?mov\w+\t-?\d*\(%[^s)]*\), %[xyz]mm\d+\n",
                                  lanes))

    def test_scalar_stores_are_rejected(self):
        lanes = "".join(f"\tmovb\t%cl, {lane}(%rax)\n" for lane in range(16))
        self.assertIn("lanes one by one",
                      self.change("inside_u8", r"\tv?mov\w+\t%[xyz]mm\d+, -?\d*\(%[^s)]*\)\n",
                                  lanes))

    def test_clamped_indices_are_rejected(self):
        self.assertIn("clamps indices",
                      self.change("inside_u32", r"\tjne\t", r"\tcmovll\t%eax, %ecx\n\g<0>"))
        self.assertIn("clamps vectors",
                      self.change("map_u8", r"\tjne\t", r"\tpminsd\t%xmm0, %xmm1\n\g<0>"))

    def test_divisions_are_rejected(self):
        self.assertIn("divides", self.change("map_u8", r"\tjne\t", r"\tidivl\t%ecx\n\g<0>"))


if __name__ == "__main__":
    unittest.main()
