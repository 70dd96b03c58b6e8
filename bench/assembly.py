"""Reads the assembly that LLVM made of kernels, for x86-64 (AT&T syntax) and 64-bit ARM: finds
innermost loops, and says what their instructions read and write.

Used by tests/build/assembly_test.py and bench/cycles.py.
"""

import re

BYTES_X86 = {"b": 1, "w": 2, "d": 4, "l": 4, "q": 8, "x": 16, "y": 32, "z": 64}
# Stores of less than the register that they name.
STORED_X86 = [(r"v?(movq|movlp[sd]|movhp[sd]|movsd|pextrq)$", 8),
              (r"v?(movd|movss|pextrd|extractps)$", 4),
              (r"v?pextrw$", 2),
              (r"v?pextrb$", 1),
              (r"vextract[if](128|32x4|64x2)$", 16),
              (r"vextract[if](64x4|32x8)$", 32)]
# Loads of less than the register that they name: bytes, or a share of the register.
LOADED_X86 = [(r"v?(movq|movlp[sd]|movhp[sd]|movsd|movddup|pinsrq|pbroadcastq|broadcastsd)$", 8),
              (r"v?(movd|movss|pinsrd|insertps|pbroadcastd|broadcastss)$", 4),
              (r"v?p(insr|broadcast)w$", 2),
              (r"v?p(insr|broadcast)b$", 1),
              (r"vbroadcast[if](128|32x4|64x2)$", 16),
              (r"v?(pmov[sz]x(bw|wd|dq)|cvtps2pd|cvtph2ps)$", 0.5),
              (r"v?pmov[sz]x(bd|wq)$", 0.25),
              (r"v?pmov[sz]xbq$", 0.125)]
NARROWED_X86 = re.compile(r"vpmovu?s?([qdw])([dwb])$")

BYTES_ARM = {"b": 1, "h": 2, "s": 4, "w": 4, "d": 8, "x": 8, "q": 16}


class Instruction:
    """
    name, operands  as texts
    loaded, stored  the bytes that it reads and writes of the caller's memory: neither of the stack,
                    where registers are spilled, nor of constants
    spills          whether it reads or writes the stack
    target          the label that it jumps to, or nothing
    leaves          whether what follows it is not executed next: returns, calls and jumps without a
                    condition
    """

    def __init__(self, text, stack):
        """`stack` are the registers that point to the stack, where instructions before have been
        read; what this one changes of that is put down there."""
        self.text = text
        self.name, _, operands = text.partition("\t")
        self.operands = self.split(operands.strip())
        self.target = None
        self.leaves = False
        self.spills = False
        self.loaded = self.stored = 0
        self.read(stack)


class X86Instruction(Instruction):
    COMMENT = "#"

    @staticmethod
    def split(operands):
        return re.split(r",\s*(?![^()]*\))", operands) if operands else []

    def read(self, stack):
        memory = [i for i, operand in enumerate(self.operands)
                  if "(" in operand and "(%rsp" not in operand and "(%rip" not in operand]
        is_store = memory == [len(self.operands) - 1] and len(self.operands) > 1 and \
            not self.name.startswith(("cmp", "test"))
        self.stored = self.stored_bytes() if is_store else 0
        if memory and not is_store and not self.name.startswith(("lea", "prefetch")):
            self.loaded = self.loaded_bytes()
        self.spills = any("(%rsp" in operand for operand in self.operands)
        if self.name.startswith("j"):
            self.target = self.operands[0]
        self.leaves = self.name.startswith(("ret", "call", "jmp"))

    def address(self):
        """What is loaded from: an expression, and the number that is added to it."""
        operand = next(operand for operand in self.operands if "(" in operand)
        displacement, _, base = operand.partition("(")
        return base, int(displacement or 0)

    def loaded_bytes(self):
        target = self.operands[-1]
        if not target.startswith(("%xmm", "%ymm", "%zmm")):
            extended = re.match(r"mov[sz]([bwl])", self.name)
            return BYTES_X86.get(extended[1] if extended else self.name[-1], 4)
        for pattern, share in LOADED_X86:
            if re.match(pattern, self.name):
                return share if isinstance(share, int) else int(BYTES_X86[target[1]] * share)
        return BYTES_X86[target[1]]

    def stored_bytes(self):
        source = self.operands[-2]
        for pattern, size in STORED_X86:
            if source.startswith("%xmm") or not pattern.startswith("v?(mov"):
                if re.match(pattern, self.name):
                    return size
        if source.startswith(("%xmm", "%ymm", "%zmm")):
            if self.name == "vcvtps2ph":
                return BYTES_X86[source[1]] // 2
            narrowed = NARROWED_X86.match(self.name)
            return BYTES_X86[source[1]] * BYTES_X86[narrowed[2]] // BYTES_X86[narrowed[1]] \
                if narrowed else BYTES_X86[source[1]]
        return BYTES_X86[self.name[-1]]


class ArmInstruction(Instruction):
    COMMENT = "//"

    @staticmethod
    def split(operands):
        return re.split(r",\s*(?![^\[\]{}]*[\]}])", operands) if operands else []

    def read(self, stack):
        memory = any(operand.startswith("[") for operand in self.operands)
        on_stack = any(re.split(r"[,\]]", operand[1:])[0] in stack for operand in self.operands
                       if operand.startswith("["))
        written = [operand for operand in self.operands[:2 if self.name.startswith("ldp") else 1]
                   if re.match(r"[wx]\d+$", operand)
                   and not self.name.startswith(("st", "cmp", "cmn", "ccm", "tst", "cb", "tb"))]
        copied = self.name in ("add", "sub", "mov") and self.operands[1] in stack
        for register in written:
            stack.discard("x" + register[1:])
            if copied:
                stack.add("x" + register[1:])
        self.spills = on_stack
        # Addresses by a symbol are those of constants.
        caller = memory and not on_stack and not any(":lo12:" in o for o in self.operands)
        if caller and self.name.startswith("ld"):
            self.loaded = self.moved_bytes()
        if caller and self.name.startswith("st"):
            self.stored = self.moved_bytes()
        if self.name.startswith(("b.", "cb", "tb")) or self.name == "b":
            self.target = self.operands[-1]
        self.leaves = self.name in ("ret", "bl", "blr", "b", "br")

    def address(self):
        operand = next(operand for operand in self.operands if operand.startswith("["))
        offset = re.search(r", #(-?\d+)\]", operand)
        return operand.partition(", #")[0].rstrip("]"), int(offset[1]) if offset else 0

    def moved_bytes(self):
        if self.name[2] in "1234":  # ld1, st3, ld1r, ...
            vectors = re.findall(r"v\d+\.(\d*)([bhsd])", self.operands[0])
            # Without a count it is a single lane, as it is where all lanes are loaded with one element.
            whole = 0 if self.name.endswith("r") else 1
            return sum(int(whole and lanes or 1) * BYTES_ARM[kind] for lanes, kind in vectors)
        if self.name.endswith("b"):
            return 1
        if self.name.endswith("h"):
            return 2
        size = BYTES_ARM[self.operands[0][0]]
        return 2 * size if self.name[2:] in ("p", "np") else size


class Loop:
    """`bytes` are those that it writes per iteration, `bytes_read` those that it reads, each once."""

    def __init__(self, instructions):
        self.instructions = instructions
        self.stores = self.count(lambda i: i.stored > 0)
        self.loads = self.count(lambda i: i.loaded > 0)
        self.spills = self.count(lambda i: i.spills)
        self.bytes = sum(i.stored for i in instructions)
        self.bytes_read = len({(base, byte) for i in instructions if i.loaded
                               for base, begin in [i.address()]
                               for byte in range(begin, begin + i.loaded)})

    def count(self, condition):
        return sum(1 for i in self.instructions if condition(i))

    def any(self, pattern):
        return self.count(lambda i: re.match(pattern, i.name)) > 0

    def __str__(self):
        return (f"a loop of {len(self.instructions)} instructions that writes {self.bytes} bytes "
                f"with {self.stores} stores and {self.loads} loads")


def parse(text, instruction):
    """All instructions of a file, of the class `instruction`, and where labels stand."""
    instructions, labels, stack = [], {}, {"sp"}
    for line in text.splitlines():
        line = line.partition(instruction.COMMENT)[0].rstrip()
        label = re.match(r"([.\w$]+):$", line)
        if label:
            labels[label[1]] = len(instructions)
        elif re.match(r"\t[a-z]", line):
            instructions.append(instruction(line[1:], stack))
    return instructions, labels


def innermost_loops(text, instruction, least_bytes=1):
    """Ranges that end in a jump back, with no such range within. Loops whose blocks are scattered,
    and those that write less than `least_bytes`, are not among them: they are outer ones."""
    instructions, labels = parse(text, instruction)
    ranges = set()
    for end, i in enumerate(instructions):
        begin = labels.get(i.target, end + 1)
        if begin <= end:
            ranges.add((begin, end))
    loops = []
    for begin, end in sorted(ranges):
        within = instructions[begin:end + 1]
        if any(other != (begin, end) and begin <= other[0] and other[1] <= end for other in ranges):
            continue
        if any(i.leaves for i in within):
            continue
        loop = Loop(within)
        if loop.bytes >= least_bytes:
            loops.append(loop)
    return loops
