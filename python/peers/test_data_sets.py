"""The example for data sets: the same bytes for every number of partitions, by each engine."""

import pathlib
import subprocess
import sys

import numpy as np
import pytest

EXAMPLES = pathlib.Path(__file__).resolve().parents[1] / "examples"


@pytest.mark.parametrize("engine", ["dask", "ray"])
def test_partitions(engine):
    done = subprocess.run([sys.executable, str(EXAMPLES / "data_sets.py"), engine], capture_output=True, text=True,
                          timeout=500)
    assert done.returncode == 0, done.stderr[-3000:]
    lines = [line for line in done.stdout.splitlines() if "partitions: " in line]
    found = {line.split("partitions: ")[1] for line in lines}
    assert len(lines) == 3 and len(found) == 1, done.stdout

    sys.path.insert(0, str(EXAMPLES))
    import data_sets
    import hashlib

    records = data_sets.records(24)
    whole = data_sets.glimpses([r["number"] for r in records], [(r["y"], r["x"]) for r in records])
    assert found == {f"{whole.shape}, {hashlib.sha256(whole.tobytes()).hexdigest()[:16]}"}
    shuffled = np.random.default_rng(1).permutation(24)
    again = data_sets.glimpses(shuffled, [(records[i]["y"], records[i]["x"]) for i in shuffled])
    np.testing.assert_array_equal(again, whole[shuffled])
