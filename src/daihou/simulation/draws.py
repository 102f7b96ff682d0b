"""What is drawn by chance: a place of some shares, a number of a span. Compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from daihou.simulation.jit import compiled

if TYPE_CHECKING:
    from daihou.simulation.shapes import Array


@compiled
def pick(random: Any, cumulated: Array) -> int:
    """A place of cumulated shares."""
    drawn = random.random()
    for place in range(cumulated.size - 1):
        if drawn < cumulated[place]:
            return place
    return cumulated.size - 1


@compiled
def pick_of(random: Any, cumulated: Array) -> int:
    """A place of a row that is filled up: the first that reaches the draw."""
    drawn = random.random() * cumulated[cumulated.size - 1]
    place = 0
    while drawn >= cumulated[place] and place < cumulated.size - 1:
        place += 1
    return place


@compiled
def days_of(random: Any, span: Array) -> int:
    """A whole number of a span, each end included, all as likely."""
    return span[0] + int(random.random() * (span[1] - span[0] + 1))


@compiled
def between(random: Any, span: Array) -> float:
    """A number between two others."""
    return span[0] + random.random() * (span[1] - span[0])
