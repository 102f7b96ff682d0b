"""Books drawn anew from one: subjects with replacement, block by block, for what chance alone may make of a figure."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from daihou.warning.tally import Sums

if TYPE_CHECKING:
    import numpy.typing as npt

SEED: Final = 20_110_101
"""Where the draws begin, so that the same book gives the same intervals."""


def redrawn(blocks: Sums, repetitions: int, seed: int = SEED) -> Sums:
    """So many books drawn anew, a key each; their sums are whole numbers kept as floats.

    Blocks are drawn with replacement, as many as hold any subject. A subject brings all its dates, so that what is
    alike from month to month is not taken for more evidence than it is.
    """
    held = np.flatnonzero(blocks.subjects + blocks.watched > 0)
    generator = np.random.default_rng(seed)
    count = max(len(held), 1)
    weights = generator.multinomial(count, np.full(count, 1 / count), repetitions).astype(np.float64)

    def drawn(sums: npt.NDArray[Any]) -> npt.NDArray[Any]:
        mine = sums[held].astype(np.float64).reshape(len(held), -1)
        return (weights[:, : len(held)] @ mine).reshape(repetitions, *sums.shape[1:])

    return Sums(*(drawn(getattr(blocks, one.name)) for one in fields(Sums)))
