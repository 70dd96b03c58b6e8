"""What a call costs beside slices of NumPy, timed in turns; run it alone to see the figures."""

import statistics
import timeit

import numpy as np

import glimpse

IMAGE = np.zeros((1080, 1920), np.uint8)
OUT = np.zeros((1, 8, 8, 1), np.uint8)
ORIGINS = [(7 * i, 13 * i) for i in range(64)]
PLACES = np.array(ORIGINS, np.int32)
MANY = np.zeros((64, 64, 64, 1), np.uint8)


def one_with_out():
    glimpse.extract(IMAGE, (8, 8), origins=[(3, 4)], out=OUT)


def one():
    glimpse.extract(IMAGE, (8, 8), origins=[(3, 4)])


def slice_of_numpy():
    IMAGE[3:11, 4:12].copy()


def many():
    glimpse.extract(IMAGE, (64, 64), origins=PLACES, out=MANY)


def loop_of_slices():
    for i, (y, x) in enumerate(ORIGINS):
        MANY[i, :, :, 0] = IMAGE[y:y + 64, x:x + 64]


def medians(functions, rounds=15):
    """Microseconds of each, in turns."""
    times = {function: [] for function in functions}
    for _ in range(rounds):
        for function in functions:
            number = 200 if function in (many, loop_of_slices) else 4000
            times[function].append(timeit.timeit(function, number=number) / number * 1e6)
    return {function.__name__: statistics.median(times[function]) for function in functions}


def test_overhead(capsys):
    found = medians([one_with_out, one, slice_of_numpy, many, loop_of_slices])
    with capsys.disabled():
        print("\nmedians in us: " + ", ".join(f"{name} {time:.2f}" for name, time in found.items()))
    # In us; slower machines are slower at slices, too.
    assert found["one_with_out"] <= max(1.5, 5 * found["slice_of_numpy"])
    assert found["one"] <= max(3, 10 * found["slice_of_numpy"])
    assert found["loop_of_slices"] >= 5 * found["many"]
