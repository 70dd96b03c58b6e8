"""The kernels for CUDA as PTX: they assemble for every architecture without spills, and no inexact
product of theirs is, or can be, fused with a sum.

    KERNEL_DIR     where the generators wrote them
    ARCHITECTURES  "all", or "one_of_each_generation"
"""
import os
import re
import unittest

import ptx

DIRECTORY = os.environ["KERNEL_DIR"]
KERNELS = ptx.read_kernels(DIRECTORY)


class Reader(unittest.TestCase):
    """That the reader would find what it looks for."""

    def found(self, text):
        return [operation for operation, _ in ptx.fused_products(text)]

    def test_fused(self):
        self.assertEqual(self.found("fma.rn.f32 %f1, %f2, %f3, %f4;\n"), ["fma.rn.f32"])
        self.assertEqual(self.found("fma.rn.f64 %d1, %d2, %d2, %d4;\n"), ["fma.rn.f64"])

    def test_fusible(self):
        self.assertEqual(self.found("mul.f32 %f1, %f2, %f3;\nadd.f32 %f4, %f5, %f1;\n"), ["add.f32"])
        self.assertEqual(
            self.found("mul.f64 %d1, %d2, %d3;\nmov.b64 %d9, %d1;\nsub.f64 %d4, %d9, %d5;\n"),
            ["sub.f64"])

    def test_chosen(self):
        self.assertEqual(
            self.found("mul.f32 %f1, %f2, %f3;\nselp.f32 %f4, %f5, %f1, %p1;\nneg.f32 %f6, %f4;\n"
                       "add.f32 %f7, %f6, %f8;\n"), ["add.f32"])

    def test_exact(self):
        self.assertEqual(self.found("fma.rn.f32 %f1, %f2, 0f3F000000, %f4;\n"), [])
        self.assertEqual(
            self.found("cvt.f64.f32 %d2, %f1;\nfma.rn.f64 %d1, %d2, %d2, %d4;\n"), [])
        self.assertEqual(
            self.found("mul.f32 %f1, %f2, 0f4B000000;\nadd.f32 %f4, %f5, %f1;\n"), [])

    def test_not_exact(self):
        self.assertEqual(self.found("fma.rn.f32 %f1, %f2, 0f40400000, %f4;\n"), ["fma.rn.f32"])

    def test_interrupted(self):
        self.assertEqual(
            self.found("mul.f32 %f1, %f2, %f3;\nxor.b32 %f6, %f1, %r1;\nadd.f32 %f4, %f5, %f6;\n"), [])


class Kernels(unittest.TestCase):
    def test_all_are_there(self):
        functions = {function for function, _ in KERNELS}
        self.assertGreaterEqual(len(functions), 45)
        for function in functions:
            self.assertEqual(sum(f == function for f, _ in KERNELS), len(ptx.forms_of(function)), function)

    def test_no_product_is_fused(self):
        sums = 0
        for kernel, text in KERNELS.items():
            self.assertEqual(ptx.fused_products(text), [], kernel)
            sums += len(re.findall(r"\b(?:add|sub|fma)(?:\.rn)?\.f(?:32|64)", text))
        self.assertGreater(sums, 1000)

    def test_aligned_rows_are_stored_as_vectors(self):
        for (function, entry), text in KERNELS.items():
            if not function.startswith("device_"):
                continue
            stores = re.findall(r"st\.global\.(\S+)", text)
            bits = int(re.search(r"u(\d+)$", function)[1])
            aligned = ptx.form_of(function, entry) != "any"
            self.assertTrue(stores)
            for store in stores:
                lanes, of_lane = re.fullmatch(r"(?:v(\d)\.)?b(\d+)", store).groups()
                self.assertEqual(int(lanes or 1) * int(of_lane), 4 * bits if aligned else bits,
                                 (function, entry))

    def test_nothing_lies_in_local_memory(self):
        for kernel, text in KERNELS.items():
            self.assertNotRegex(text, r"\b(ld|st)\.local", kernel)

    def test_assembled_for_every_architecture(self):
        ptxas = ptx.find_ptxas()
        self.assertIsNotNone(ptxas, "PyPI has ptxas as nvidia-cuda-nvcc")
        known = ptx.architectures(ptxas)
        self.assertGreaterEqual(len([a for a in known if a >= 75]), 5)
        if os.environ["ARCHITECTURES"] != "all":
            generations = {architecture // 10: architecture for architecture in reversed(known)}
            known = sorted(generations.values())
        for architecture, kernels in ptx.assemble_all(ptxas, DIRECTORY, known).items():
            self.assertEqual(set(kernels), set(KERNELS))
            for kernel, (registers, spilled, _) in kernels.items():
                self.assertEqual(spilled, 0, f"{kernel} on sm_{architecture}")
                self.assertLessEqual(registers, 96, f"{kernel} on sm_{architecture}")


if __name__ == "__main__":
    unittest.main()
