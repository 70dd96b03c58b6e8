"""Arrays of CUDA: with a mock of the driver (tests/cuda/mock_driver.cpp), which counts what it is asked for, and arrays
that say they are those of CuPy and PyTorch. No kernel runs.
"""

import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DRIVER = """
import ctypes, sys, types
import numpy as np

class Mock(ctypes.Structure):
    _fields_ = [("failing", ctypes.c_char_p), ("fail_after", ctypes.c_int), ("error", ctypes.c_int),
                ("devices", ctypes.c_int), ("major", ctypes.c_int), ("minor", ctypes.c_int),
                ("driver_version", ctypes.c_int), ("runs", ctypes.c_bool), ("captures", ctypes.c_bool),
                *((name, ctypes.c_int64) for name in (
                    "launches", "uploads", "downloads", "copies_2d", "allocations", "frees", "synchronizations",
                    "loads", "largest_upload", "allocated_bytes", "allocated_blocks", "modules", "retained", "pushed")),
                ("stream", ctypes.c_void_p), ("context", ctypes.c_void_p)]

driver = ctypes.CDLL("libcuda.so.1")
for function in ("mock_cuda_context", "mock_cuda_stream"):
    getattr(driver, function).restype = ctypes.c_void_p
driver.mock_cuda.restype = ctypes.POINTER(Mock)
mock = driver.mock_cuda().contents
assert driver.cuInit(0) == 0
contexts = [driver.mock_cuda_context(device) for device in (0, 1)]
streams = [[driver.mock_cuda_stream(ctypes.c_void_p(context)) for _ in range(2)] for context in contexts]

def push(device):
    assert driver.cuCtxPushCurrent_v2(ctypes.c_void_p(contexts[device])) == 0

def pop():
    assert driver.cuCtxPopCurrent_v2(ctypes.byref(ctypes.c_void_p())) == 0

def allocate(bytes, device):
    push(device)
    address = ctypes.c_uint64()
    assert driver.cuMemAlloc_v2(ctypes.byref(address), ctypes.c_size_t(bytes)) == 0
    pop()
    return address.value

class Array:
    \"\"\"Memory of a device, with the interface of CUDA alone.\"\"\"

    def __init__(self, shape, dtype, device=0):
        self.shape, self.dtype, self.index = tuple(shape), np.dtype(dtype), device
        self.device = device
        self.address = allocate(max(int(np.prod(shape)) * self.dtype.itemsize, 1), device)

    @property
    def __cuda_array_interface__(self):
        return {"shape": self.shape, "typestr": self.dtype.str, "data": (self.address, False), "version": 3}

    def __dlpack_device__(self):
        return (2, self.index)

class current:
    device, stream = 0, 0

class Device:
    def __init__(self, index):
        self.index = index
    def __enter__(self):
        push(self.index)
        self.before, current.device = current.device, self.index
    def __exit__(self, *what):
        pop()
        current.device = self.before

stream_of = lambda: types.SimpleNamespace(ptr=streams[current.device][current.stream],
                                          cuda_stream=streams[current.device][current.stream])

def expect(call, device, launches=1):
    before = mock.launches
    result = call()
    assert mock.launches == before + launches, (before, mock.launches)
    assert mock.stream == streams[device][current.stream], "the stream"
    assert mock.context == contexts[device], "the context"
    return result
"""

CUPY = DRIVER + """
cupy = types.ModuleType("cupy")
cupy.cuda = types.SimpleNamespace(Device=Device, get_current_stream=stream_of)
cupy.empty = lambda shape, dtype: Array(shape, dtype, current.device)
sys.modules["cupy"] = cupy
Array.__module__ = "cupy"
import glimpse

for device in (0, 1, 0):
    for current.stream in (0, 1, 0):
        image = Array((32, 32, 3), "u1", device)
        found = expect(lambda: glimpse.extract(image, 8, origins=[(0, 0), (-1, 30)]), device)
        assert type(found) is Array and found.shape == (2, 8, 8, 3) and found.index == device
        out = Array((2, 3, 8, 8), "f4", device)
        assert expect(lambda: glimpse.extract(image, 8, origins=[(0, 0), (-1, 30)], layout="NCHW", out=out),
                      device) is out
own = glimpse.Context(stream=types.SimpleNamespace(ptr=streams[0][1]))
current.stream = 1
image = Array((32, 32, 3), "u1")
expect(lambda: glimpse.extract(image, 8, origins=[(0, 0)], context=own), 0)
places = Array((2, 2), "i4")
expect(lambda: glimpse.extract(image, 8, origins=places), 0, launches=2)
for call in (lambda: glimpse.extract(image, 8, origins=Array((2, 2), "i8")),
             lambda: glimpse.extract(np.zeros((8, 8, 3), "u1"), 8, origins=places),
             lambda: glimpse.extract(image, 8, origins=[(0, 0)], out=np.zeros((1, 8, 8, 3), "u1")),
             lambda: glimpse.fit_boxes(Array((2, 4), "f4"), 8),
             lambda: glimpse.extract(image, 8, origins=[(0, 0)], border="constant", value=Array((3,), "f4"))):
    try:
        call()
    except ValueError as error:
        print(error)
    else:
        raise AssertionError("no error")
assert current.device == 0 and mock.pushed == 0
"""

TORCH = DRIVER + """
import torch
torch.cuda.device, torch.cuda.current_stream = Device, lambda device: stream_of()
Array.__module__ = "torch"
torch.empty = lambda shape, dtype, device: Array(shape, str(dtype).split(".")[1], device)
import glimpse

for device in (0, 1):
    for current.stream in (0, 1):
        image = Array((32, 32, 3), "u1", device)
        found = expect(lambda: glimpse.extract(image, 8, origins=[(0, 0), (-1, 30)], dtype=torch.float32), device)
        assert type(found) is Array and found.dtype == "float32" and found.index == device
x = Array((1, 9, 9, 1), "f4")
expect(lambda: glimpse.extract_glimpse(x, 3, [(-1, -1)]), 0, launches=3)
assert mock.pushed == 0
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    folder = tmp_path_factory.mktemp("driver")
    subprocess.run([os.environ.get("CXX", "c++"), "-std=c++17", "-O1", "-shared", "-fPIC", f"-I{ROOT / 'tests/cuda'}",
                    str(ROOT / "tests/cuda/mock_driver.cpp"), "-Wl,-soname,libcuda.so.1", "-o",
                    str(folder / "libcuda.so.1"), "-pthread"], check=True)
    return {**os.environ, "LD_LIBRARY_PATH": str(folder), "MOCK_CUDA_DEVICES": "2"}


@pytest.mark.parametrize("program", [CUPY, TORCH], ids=["cupy", "torch"])
def test_calls_go_to_the_current_stream(environment, program):
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
