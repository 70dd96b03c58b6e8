"""Reads the assembly of the fast kernels: their innermost loops must be dense vectors, without
gathers and without lanes one by one. A kernel that gets this wrong is right, but slow.

CMakeLists.txt sets the environment variables: KERNEL_DIR, where generators/CMakeLists.txt has the
assembly, VARIANT, REGISTER_BYTES, the width of the variant's vector registers, SHARED_FORMS, those
whose kernels are another variant's, PARTIAL, not empty if not all types were built, CXX, the
compiler, and PYTHONPATH, where assembly.py is.
"""

import glob
import os
import re
import subprocess
import unittest
from collections import namedtuple
from types import SimpleNamespace

import assembly as reader
import cycles

KERNEL_DIR = os.environ["KERNEL_DIR"]
VARIANT = os.environ["VARIANT"]
REGISTER_BYTES = int(os.environ["REGISTER_BYTES"])
SHARED_FORMS = os.environ["SHARED_FORMS"].split()
PARTIAL = os.environ["PARTIAL"] != ""

# What an innermost loop may look like.
Form = namedtuple("Form", "classes conditional_moves divisions parameters special")
#   classes     bytes that loops write per iteration, by type, widest first: the vectors of wide rows,
#               of tiles and of windows inside in generators/extract_generator.cpp
#   conditional_moves
#               the most of them: the last vector of a span overlaps the one before (`min`), a span
#               of values or noise begins with one of two phases, and that of Gaussian noise at any
#               channel; loops of single elements choose between borders
#   divisions   the most divisions in a loop of vectors: where a vector is no whole number of pixels
#   parameters  vectors that are read per vector of elements; where pixels repeat, elements of one
#   special     what some loops of wide vectors must do, without dividing
FORMS = {
    "inside": Form({"u8": [64, 32, 16, 8, 4, 1], "u16": [64, 32, 16, 8, 2], "u32": [64, 32, 16, 4]}, 0, 0, 1, []),
    "value": Form({"u8": [64, 32, 16, 8, 4], "u16": [64, 32, 16, 8, 4], "u32": [64, 32, 16, 8]}, 2, 1, 1, []),
    "map": Form({"u8": [48, 32, 24, 16, 12, 8, 1], "u16": [48, 32, 24, 16, 2],
                 "u32": [96, 64, 48, 32, 4]}, 1, 0, 2.5, ["shuffles", "repeats"]),
    "noise": Form({"u8": [32, 8, 1], "u16": [32, 8, 2], "i16": [32, 8, 2], "f16": [32, 8, 2],
                   "bf16": [32, 8, 2], "f32": [64, 16, 4]}, 4, 1, 4, ["multiplies"]),
}

OWN_FORMS = {name: form for name, form in FORMS.items() if name not in SHARED_FORMS}

# How a target says it. `changes` are what CheckerTest puts into assembly: patterns of what it replaces,
# and instructions.
X86 = SimpleNamespace(
    instruction=reader.X86Instruction,
    gather=r"vp?(gather|scatter)",
    lane=r"(v?p(insr|extr)[bwdq]|v?(insert|extract)ps)\t",
    conditional_move="cmov",
    division="i?div",
    more_divisions=0,
    vector_minmax=r"v?p(min|max)[su][bwdq]",
    shuffle=r"v?p?(shuf|perm|unpck|alignr)",
    vector_multiply=r"v?p?mul(ld|udq|ps)",
    address_or_loop=r"v?(mov|cmov|add|sub|lea|cmp|dec|inc|clt|cdq|imul|j|test|pextr)",
    # Instructions of a plain copy of 32 bytes at a time: a load, a store, and three that count.
    plain_copy=5 if REGISTER_BYTES > 16 else 7,
    changes=SimpleNamespace(
        loop_end=r"\tjne\t",
        vector_load=r"\tv?mov\w+\t-?\d*\(%[^s)]*\), %[xyz]mm\d+\n",
        vector_store=r"\tv?mov\w+\t%[xyz]mm\d+, -?\d*\(%[^s)]*\)\n",
        gather="vpgatherdd\t%ymm2, (%rax,%ymm1), %ymm0",
        lane_load="movzbl\t{lane}(%rax), %ecx",
        lane_store="movb\t%cl, {lane}(%rax)",
        lane_insert="pinsrb\t${lane}, {lane}(%rax), %xmm0",
        clamp="cmovll\t%eax, %ecx",
        vector_clamp="pminsd\t%xmm0, %xmm1",
        divide="idivl\t%ecx"))
ARM = SimpleNamespace(
    instruction=reader.ArmInstruction,
    gather=None,
    lane=r"(ld[1-4]|st[1-4]|mov|ins|umov|smov)\t.*v\d+\.[bhsd] ?\}?\[",
    conditional_move="csel|csinc|csneg|csinv",
    division="[su]div",
    more_divisions=1,  # where both ends of a span are divided
    vector_minmax=r"[su](min|max)$",
    shuffle=r"rev|tbl|ext$|zip|uzp|trn",
    vector_multiply=r"f?mul$",
    address_or_loop=r"(ld|st|mov|csel|add|sub|cmp|b\.|sxtw|lsl|sbfiz|bic|mul|smull|smaddl|madd|dup)",
    plain_copy=4,  # ldp, stp, subs and b.ne
    changes=SimpleNamespace(
        loop_end=r"\tb\.ne\t",
        vector_load=r"\tld[rpu]\w*\t[qd]\d+.*\[x.*\n",
        vector_store=r"\tst[rpu]\w*\t[qd]\d+.*\[x.*\n",
        lane_load="ldrb\tw9, [x8, #{lane}]",
        lane_store="strb\tw9, [x8, #{lane}]",
        lane_insert="ld1\t{{ v0.b }}[{lane}], [x8]",
        clamp="csel\tw8, w9, w10, lt",
        vector_clamp="smin\tv0.4s, v0.4s, v1.4s",
        divide="sdiv\tw8, w8, w9"))
ISA = ARM if VARIANT.startswith("arm") else X86

# Bytes of vectors that are written to tiles alone, which the reader of ARM takes for spills.
IN_TILES = {"value": {"u8": [16]}, "map": {"u8": [24, 16, 12], "u16": [24], "u32": [48]}} if ISA is ARM else {}


class Loop(reader.Loop):
    def __init__(self, instructions):
        super().__init__(instructions)
        self.conditional_moves = self.count(lambda i: re.match(ISA.conditional_move, i.name))
        self.divisions = self.count(lambda i: re.match(ISA.division, i.name))
        self.lanes = self.count(lambda i: re.match(ISA.lane, i.text))
        # The least number of stores for these bytes.
        self.pieces = self.bytes // REGISTER_BYTES + bin(self.bytes % REGISTER_BYTES).count("1")

    def copies(self):
        """Whether the loop does nothing but read and write: as many bytes as it writes, and perhaps the number
        of a row of the image; or, where what is on the stack is not counted, what a tile has there, of two vectors
        one or both."""
        reads = self.bytes_read - self.bytes in (0, 4) or \
            (self.spills > 0 and self.bytes_read in (0, self.bytes // 2))
        return reads and all(re.match(ISA.address_or_loop, i.name) for i in self.instructions)


def innermost_loops(text, least_bytes=1):
    return [Loop(loop.instructions)
            for loop in reader.innermost_loops(text, ISA.instruction, least_bytes)]


def gathers(text):
    return [f"uses {i.name}" for i in reader.parse(text, ISA.instruction)[0]
            if ISA.gather and re.match(ISA.gather, i.name)]


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
            (loop.conditional_moves > max(form.conditional_moves,
                                          0 if is_vector or form.conditional_moves == 0 else 4),
             "clamps indices"),
            (is_vector and loop.divisions > form.divisions +
             (ISA.more_divisions if form.divisions else 0), "divides"),
            (form is not FORMS["noise"] and loop.any(ISA.vector_minmax), "clamps vectors"),
            (form is FORMS["inside"] and not (loop.copies() and loop.bytes_read == loop.bytes),
             "does more than to copy"),
            (form is FORMS["inside"] and loop.bytes == form.classes[element][0] and
             len(loop.instructions) * 32 > ISA.plain_copy * loop.bytes,
             "has more instructions than a plain copy")]:
        if condition:
            yield f"{loop} {text}"


def problems(form_name, element, text):
    """What is wrong with the assembly of a fast form, as texts."""
    form = FORMS[form_name]
    found = gathers(text)
    loops = innermost_loops(text)
    for loop in loops:
        found += loop_problems(form, element, loop)
    # Every class has a loop that copies to glimpses; where it is missing, it is not dense.
    for width in form.classes[element]:
        if width in IN_TILES.get(form_name, {}).get(element, []):
            continue
        if not any(loop.bytes == width and loop.stores <= 2 * loop.pieces and loop.copies() and
                   loop.loads + loop.spills > 0 for loop in loops):
            found.append(f"has no loop that copies {width} bytes per iteration")
    wide = [loop for loop in loops if loop.bytes == form.classes[element][0] and loop.divisions == 0]
    does = {"shuffles": lambda loop: loop.any(ISA.shuffle) and loop.loads > 0,
            "repeats": lambda loop: loop.loads == 0,
            "multiplies": lambda loop: loop.any(ISA.vector_multiply)}
    for special in form.special:
        if not any(does[special](loop) for loop in wide):
            found.append(f"has no loop of wide vectors that {special}")
    return found


def conversion_problems(image_size, size, text):
    """What is wrong with the assembly of a kernel that converts to elements of `size` bytes."""
    found = gathers(text)
    loops = innermost_loops(text)
    lanes = REGISTER_BYTES // 4  # of float32, in which is computed
    # Rows of planes and of pixels, of 3 channels too, and pixels of 3 channels that are taken apart.
    classes = [(2 * lanes, 2), (3 * lanes, 1), (3 * max(lanes, 8), 1)]
    if ISA is ARM:
        wide = max(2 * lanes, REGISTER_BYTES // image_size)
        classes = [(wide, 2), (6 * lanes, 1), (3 * wide, 1)]
    for elements, least in classes:
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
    path = os.path.join(KERNEL_DIR, f"glimpse_{kernel}__{variant}.s")
    if PARTIAL and not os.path.exists(path):
        raise unittest.SkipTest(f"{kernel} was not built")
    with open(path) as file:
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
                    stores = min(loop.stores for loop in loops if loop.bytes == classes[0])
                    least = classes[0] // REGISTER_BYTES + \
                        bin(classes[0] % REGISTER_BYTES).count("1")
                    if ISA is ARM:  # stores two registers at once
                        self.assertLess(stores, least)
                    else:
                        self.assertEqual(stores, least)


class ConversionTest(unittest.TestCase):
    def test_conversions_are_dense(self):
        paths = glob.glob(os.path.join(KERNEL_DIR, f"glimpse_convert_*__{VARIANT}.s"))
        self.assertGreater(len(paths), 0)
        for path in paths:
            kernel = re.search(r"glimpse_(\w+)__", path)[1]
            sizes = [int(bits) // 8 for bits in re.findall(r"\d+", kernel)]
            with self.subTest(f"{kernel}__{VARIANT}"):
                self.assertEqual(conversion_problems(*sizes, assembly(kernel)), [])

    def test_other_kernels_are_rejected(self):
        for kernel in ["pure_u8", "reorder_u32"]:
            with self.subTest(kernel):
                self.assertNotEqual(conversion_problems(1, 1, assembly(kernel)), [])

    def test_lanes_are_rejected(self):
        changed, count = re.subn(ISA.changes.loop_end, lanes(ISA.changes.lane_insert) + r"\g<0>",
                                 assembly("convert_u8_u8"))
        self.assertGreater(count, 0)
        self.assertIn("lane by lane", " ".join(conversion_problems(1, 1, changed)))


class SampleTest(unittest.TestCase):
    """Kernels that sample boxes, if they were built."""

    def kernels(self):
        paths = glob.glob(os.path.join(KERNEL_DIR, f"glimpse_linear_*__{VARIANT}.s")) + \
            glob.glob(os.path.join(KERNEL_DIR, f"glimpse_nearest_*__{VARIANT}.s"))
        return [re.search(r"glimpse_(\w+)__", path)[1] for path in paths]

    def problems_of(self, kernel, text):
        """Of samples that are written one by one; of three channels nearest has a loop for the last pixel."""
        found = gathers(text)
        narrow = [loop for loop in innermost_loops(text) if loop.bytes < 8]
        if len(narrow) > (2 if kernel.startswith("nearest") else 0):
            found.append(f"{kernel} has loops of {[loop.bytes for loop in narrow]} bytes")
        return found

    def test_loops_are_of_vectors(self):
        for kernel in self.kernels():
            with self.subTest(f"{kernel}__{VARIANT}"):
                self.assertEqual(self.problems_of(kernel, assembly(kernel)), [])

    def test_pure_forms_are_rejected(self):
        self.assertNotEqual(self.problems_of("linear_u8_u8", assembly("pure_u8")), [])


class CyclesTest(unittest.TestCase):
    """That bench/cycles.py finds its loops."""

    def test_every_row_has_a_loop(self):
        for title, kernel, choose in cycles.ROWS:
            if kernel.split("_")[0] not in SHARED_FORMS:
                with self.subTest(title):
                    loop = choose(reader.innermost_loops(assembly(kernel), ISA.instruction, 0))
                    self.assertGreaterEqual(loop.bytes or loop.bytes_read, 16)


def lanes(instruction):
    """The instruction for each of 16 lanes."""
    return "".join(f"\t{instruction.format(lane=lane)}\n" for lane in range(16))


@unittest.skipIf(ISA is not ARM, "of ARM processors")
class ArmTest(unittest.TestCase):
    COMMAND = [os.environ["CXX"], "-march=armv8-a", "-c", "-x", "assembler", "-o", os.devnull]

    def test_every_processor_has_the_instructions(self):
        paths = glob.glob(os.path.join(KERNEL_DIR, "*.s"))
        self.assertGreater(len(paths), 50)
        for path in paths:
            with self.subTest(path):
                subprocess.run([*self.COMMAND, path], check=True)

    def test_later_instructions_are_rejected(self):
        done = subprocess.run([*self.COMMAND, "-"], input="\tfabs\tv0.4h, v0.4h\n", text=True,
                              capture_output=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("fabs", done.stderr)

    def test_pixels_are_taken_apart_by_loads_and_put_together_by_stores(self):
        kernels = [(f"reorder_{element}", ["ld3", "ld4", "st3", "st4"])
                   for element in ["u8", "u16", "u32"]]
        for path in glob.glob(os.path.join(KERNEL_DIR, f"glimpse_convert_*__{VARIANT}.s")):
            kernel = re.search(r"glimpse_(\w+)__", path)[1]
            # Bytes of 4 channels are widened on the way, by table.
            kernels.append((kernel, ["ld3"] if "_u8_" in kernel else ["ld3", "ld4"]))
        self.assertGreater(len(kernels), 25)
        for kernel, names in kernels:
            used = {i.name for i in reader.parse(assembly(kernel), ISA.instruction)[0]}
            with self.subTest(kernel):
                self.assertLessEqual(set(names), used)

    def test_sums_stay_in_registers(self):
        for kernel in ["u8", "u16", "i16", "f16", "bf16", "f32"]:
            for samples in [1, 3, 4]:
                loops = [loop for loop in innermost_loops(
                    assembly(f"statistics_{samples}_{kernel}"), least_bytes=0)
                         if loop.bytes == 0 and loop.bytes_read > 0 and loop.any(r"[us]mull|fmul")]
                with self.subTest(f"statistics_{samples}_{kernel}"):
                    fastest = min(loops, key=lambda loop: len(loop.instructions) / loop.bytes_read)
                    self.assertEqual(fastest.spills, 0)


@unittest.skipIf(SHARED_FORMS, "the checks are tried on the other variant's kernels")
class CheckerTest(unittest.TestCase):
    """That the checks above can fail."""

    def test_pure_forms_are_rejected(self):
        for form in ["value", "map", "noise"]:
            for element in ["u8", "f32"]:
                with self.subTest(f"pure_{element} as {form}"):
                    width = "u32" if element == "f32" and form != "noise" else element
                    self.assertNotEqual(problems(form, width, assembly(f"pure_{element}")), [])

    def change(self, kernel, pattern, replacement):
        """Problems after every match of `pattern` has become `replacement`."""
        changed, count = re.subn(pattern, replacement, assembly(kernel))
        self.assertGreater(count, 0)
        return " ".join(problems(*kernel.split("_"), changed))

    @unittest.skipIf(ISA.gather is None, "there are none")
    def test_gathers_are_rejected(self):
        self.assertIn(f"uses {ISA.changes.gather.split()[0]}",
                      self.change("map_u32", ISA.changes.loop_end,
                                  rf"\t{ISA.changes.gather}\n\g<0>"))

    def test_scalar_loads_are_rejected(self):
        self.assertIn("reads lanes one by one",
                      self.change("value_u8", ISA.changes.vector_load,
                                  lanes(ISA.changes.lane_load)))

    def test_scalar_stores_are_rejected(self):
        self.assertIn("lanes one by one",
                      self.change("inside_u8", ISA.changes.vector_store,
                                  lanes(ISA.changes.lane_store)))

    def test_clamped_indices_are_rejected(self):
        self.assertIn("clamps indices",
                      self.change("inside_u32", ISA.changes.loop_end,
                                  rf"\t{ISA.changes.clamp}\n\g<0>"))
        self.assertIn("clamps vectors",
                      self.change("map_u8", ISA.changes.loop_end,
                                  rf"\t{ISA.changes.vector_clamp}\n\g<0>"))

    def test_divisions_are_rejected(self):
        self.assertIn("divides", self.change("map_u8", ISA.changes.loop_end,
                                             rf"\t{ISA.changes.divide}\n\g<0>"))

    def test_more_instructions_than_a_plain_copy_are_rejected(self):
        self.assertIn("more instructions than a plain copy",
                      self.change("inside_u8", ISA.changes.loop_end,
                                  rf"\t{ISA.changes.clamp}\n" * 16 + r"\g<0>"))


if __name__ == "__main__":
    unittest.main()
