"""What the tests share."""

import os
import sys

import numpy as np
import pytest

sys.path.insert(0, os.path.dirname(__file__))


@pytest.fixture
def random():
    return np.random.default_rng(1)
