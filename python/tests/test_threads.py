"""Threads: the interpreter's lock is released, and contexts are shared."""

import threading
import time

import numpy as np

import glimpse


def test_the_lock_is_released(random):
    """Another thread goes on while a call makes pixels."""
    image = random.integers(0, 255, (2000, 2000, 3)).astype(np.uint8)
    boxes = np.tile(np.array([(0, 0, 2000, 2000)], "f4"), (300, 1))
    out = np.empty((300, 64, 64, 3), np.uint8)
    ticks, stop = [], threading.Event()

    def tick():
        while not stop.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    begin = time.perf_counter()
    glimpse.extract(image, 64, boxes=boxes, filter="lanczos3", out=out)
    end = time.perf_counter()
    stop.set()
    thread.join()
    assert end - begin > 0.02
    assert sum(begin < at < end for at in ticks) >= 5


def test_calls_at_once(random):
    image = random.integers(0, 255, (200, 300, 3)).astype(np.uint8)
    context = glimpse.Context(threads=2)
    expected = glimpse.extract(image, 48, boxes=[(-5, -5, 150, 150)] * 8, border="uniform", seed=3)
    failures = []

    def call(own):
        for _ in range(50):
            found = glimpse.extract(image, 48, boxes=[(-5, -5, 150, 150)] * 8, border="uniform", seed=3,
                                    context=context if own else None)
            if not np.array_equal(found, expected):
                failures.append(found)

    threads = [threading.Thread(target=call, args=(i % 2,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
