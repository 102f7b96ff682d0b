"""The series of the economy: monthly figures over the months of a book and some before it, each going its way and moved by the macro factor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from daihou.book.days import add_months, day_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from daihou.simulation.parameters import Parameters
    from daihou.simulation.shapes import Array

STREAM: Final = 4


def economy(
    given: Parameters, first_on: dt.date, factor: Array, seed: int
) -> Iterator[tuple[str, Array, Array, Array]]:
    """Name, last days of the months, values and days known of each series; before the book the factor is what it begins with."""
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, 0, STREAM))))
    before = given.economy.before
    months = np.arange(-before, len(factor))
    ends = np.array([day_of(add_months(first_on, int(month) + 1)) - 1 for month in months], np.int32)
    moved = np.concatenate([np.full(before, factor[0]), factor])
    for one in given.economy.series:
        noise = random.normal(0.0, 1.0, len(months)) * one.noise
        known = ends + random.integers(one.known_days[0], one.known_days[1] + 1, len(months))
        if one.grows:
            values = one.start * np.cumprod(1 + one.drift + one.effect * moved + noise)
        else:
            values = one.start + one.drift * np.arange(len(months)) + one.effect * moved + noise
        told = known <= ends[-1]
        yield one.series, ends[told], (np.round(values / one.step) * one.step)[told], known[told].astype(np.int32)
