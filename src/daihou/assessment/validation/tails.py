"""Tails of the binomial and the chi-squared distribution, with the standard library alone: a home without the extra `models` still watches its scores."""

from __future__ import annotations

from math import erfc, exp, lgamma, log, log1p, pi, sqrt
from typing import Final

STEPS: Final = 1_000_000
"""Terms of the continued fraction at most. It needs about the square root of the count; more means that it does not end."""
CLOSE: Final = 1e-15
TINY: Final = 1e-300


def binomial_tail(n: int, at_least: int, share: float) -> float:
    """The chance of so many or more among n, each with the chance `share`: the regularised incomplete beta function of share at (at_least, n - at_least + 1).

    Exact to about nine digits among millions, more among fewer. ValueError unless 0 <= at_least <= n and 0 < share < 1.
    """
    if not 0 <= at_least <= n:
        raise ValueError(f"{at_least} of {n} cannot be")
    if not 0 < share < 1:
        raise ValueError(f"a probability of default lies between 0 and 1, not {share}")
    if at_least == 0:
        return 1.0
    a, b = float(at_least), float(n - at_least + 1)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(share) + b * log1p(-share))
    if share < (a + 1) / (a + b + 2):
        return min(front * _fraction(a, b, share) / a, 1.0)
    return max(1.0 - front * _fraction(b, a, 1 - share) / b, 0.0)


def chi_squared_tail(value: float, degrees: int) -> float:
    """The chance of so much or more with whole degrees of freedom, from 1: a finite sum."""
    if degrees < 1 or value < 0:
        raise ValueError(f"no chance of {value} with {degrees} degrees of freedom")
    half = value / 2
    if degrees % 2 == 0:
        term = total = exp(-half)
        for step in range(1, degrees // 2):
            term *= half / step
            total += term
        return min(total, 1.0)
    total = erfc(sqrt(half))
    term = exp(-half) * sqrt(half) * 2 / sqrt(pi)
    for step in range(degrees // 2):
        total += term
        term *= half / (step + 1.5)
    return min(total, 1.0)


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    ratio, last = 1.0, _kept(1 - (a + b) * x / (a + 1))
    last = 1 / last
    found = last
    for step in range(1, STEPS):
        twice = 2 * step
        for part in (
            step * (b - step) * x / ((a + twice - 1) * (a + twice)),
            -(a + step) * (a + b + step) * x / ((a + twice) * (a + twice + 1)),
        ):
            last = 1 / _kept(1 + part * last)
            ratio = _kept(1 + part / ratio)
            found *= last * ratio
        if abs(last * ratio - 1) < CLOSE:
            return found
    raise ArithmeticError(f"the incomplete beta function at {a}, {b}, {x} does not settle")


def _kept(value: float) -> float:
    """Away from 0, which the next step divides by."""
    return value if abs(value) > TINY else TINY
