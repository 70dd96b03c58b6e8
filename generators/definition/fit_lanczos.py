"""Fits the polynomial by which filter.h computes lanczos3, and prints its coefficients and error.

With s = (t / 3)^2 in [0, 1], sinc(t) sinc(t / 3) is (1 - 9 s) (1 - 9/4 s) (1 - s)^2 P(s): these
factors have all its zeros, so that P is smooth. P is interpolated at Chebyshev's points, and then
evaluated in integers as filter.h does. Needs numpy.
"""

import math

import numpy as np

DEGREE = 8
ONE = 1 << 30


def lanczos3(t):
    return np.sinc(t) * np.sinc(t / 3)


def zeros(s):
    return (1 - 9 * s) * (1 - 9 / 4 * s) * (1 - s) ** 2


def product(a, b):
    return (a * b) >> 30


def evaluate(coefficients, u):
    """What lanczos3_weight() of filter.h does with u, a distance over its reach; both times 2^30."""
    s = product(u, u)
    p = coefficients[-1]
    for c in reversed(coefficients[:-1]):
        p = product(p, s) + c
    rest = product(ONE - s, ONE - s)
    return product(product(product(ONE - 9 * s, p), ONE - 2 * s - (s >> 2)), rest)


def main():
    k = np.arange(DEGREE + 1)
    s = (1 + np.cos(math.pi * (k + 0.5) / (DEGREE + 1))) / 2
    p = lanczos3(3 * np.sqrt(s)) / zeros(s)
    p = np.polynomial.polynomial.Polynomial.fit(s, p, DEGREE).convert().coef
    coefficients = [int(round(c * ONE)) for c in p]
    coefficients[0] = ONE  # the weight of a pixel at the point itself is 1, exactly
    print("coefficients, lowest first, times 2^30:", ", ".join(map(str, coefficients)))
    u = np.linspace(0, 1, 200001)[:-1]
    worst = max(abs(evaluate(coefficients, int(v * ONE)) / ONE - lanczos3(int(v * ONE) / ONE * 3)) for v in u)
    print(f"largest error at {len(u)} places: {worst:.2e} (2^{math.log2(worst):.1f})")


if __name__ == "__main__":
    main()
