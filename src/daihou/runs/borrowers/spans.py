"""Spans of ragged rows: the places of all rows of some owners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Whole = npt.NDArray[np.int64]


def spans(at: Whole, owners: npt.NDArray[Any]) -> tuple[Whole, Whole]:
    """Of the rows of some owners the place of each one's owner among these, and its own. An owner's rows start where `at` says and end where the next one's do."""
    return spans_of(at[owners], at[owners + 1] - at[owners])


def spans_of(first: npt.NDArray[Any], count: Whole) -> tuple[Whole, Whole]:
    """The same from where each owner's rows start and how many they are."""
    which = np.repeat(np.arange(len(count), dtype=np.int64), count)
    return which, np.arange(len(which), dtype=np.int64) + np.repeat(first - (np.cumsum(count) - count), count)


def starts(count: npt.NDArray[Any]) -> Whole:
    """Where the rows of each owner start, from how many each has; one more for the end."""
    found = np.zeros(len(count) + 1, np.int64)
    np.cumsum(count, out=found[1:])
    return found
