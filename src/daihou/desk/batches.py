"""Rows of a query some thousands at a time, in their order, so that a list of any length leaves without lying in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model, QuerySet

TOGETHER: Final = 2_000
"""Rows read at once."""
Row = TypeVar("Row", bound="Model")


def batches(found: QuerySet[Row]) -> Iterator[list[Row]]:
    """All rows; the last batch may be shorter."""
    waiting: list[Row] = []
    for row in found.iterator(TOGETHER):
        waiting.append(row)
        if len(waiting) == TOGETHER:
            yield waiting
            waiting = []
    if waiting:
        yield waiting
