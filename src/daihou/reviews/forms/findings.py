"""The vocabulary of findings: what a review may find, what it is called, and how bad it usually is. All forms of a home share it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

from daihou.reviews.forms.stated import Spot, once
from daihou.reviews.forms.text import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daihou.reviews.forms.form import Text

Level = Literal["red", "orange", "yellow", "blue"]
LEVELS: Final[tuple[Level, ...]] = get_args(Level)
"""From the most urgent to the least."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found. The fact is `found_<code>` with this level."""

    code: str
    level: Level
    label: Text


def read_findings(text: str, place: str) -> Mapping[str, Finding]:
    """The findings of a file by code: `findings`, a list of `code`, `level`, `en`, `zh`; DaihouError names what does not fit."""
    whole = Spot(place, load(text, place))
    whole.only(("meaning", "findings"), ("findings",))
    spots = whole.each("findings", "finding", "code")
    found = []
    for spot in spots:
        spot.only(("code", "level", "en", "zh"), ("code", "level"))
        found.append(Finding(spot.code("code"), level(spot), spot.text()))
    once(spots, [one.code for one in found], ("Finding", "发现项"))
    return {one.code: one for one in found}


def level(spot: Spot) -> Level:
    """The level that is stated."""
    stated = spot.one_of("level", LEVELS)
    return next(one for one in LEVELS if one == stated)
