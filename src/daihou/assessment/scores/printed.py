"""A card as lines: what is printed, shown and written to a sheet. The numbers are those that score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daihou.assessment.scores.bins import MISSING_EN, MISSING_ZH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daihou.assessment.scores.card import Card, Characteristic

NOT_SCORED = ("not scored", "不评分")


@dataclass(frozen=True, slots=True)
class Line:
    """A bin of a characteristic."""

    name: str
    en: str
    zh: str
    bin_en: str
    bin_zh: str
    points: int | None
    """None: who falls in it is not scored."""
    good: int
    bad: int
    share: float
    """Of training."""
    rate: float | None
    """Of bad; None where training saw nobody."""
    woe: float


def lines(card: Card) -> Iterator[Line]:
    """Every bin of every characteristic, the strongest characteristic first; bins that nobody was in and that score nothing are left out."""
    for one in card.characteristics:
        yield from _lines(one)


def _lines(one: Characteristic) -> Iterator[Line]:
    whole = int((one.evidence.good + one.evidence.bad).sum())
    woe, rates = one.evidence.woe, one.evidence.rates
    for place in range(one.bins.count):
        good, bad = int(one.evidence.good[place]), int(one.evidence.bad[place])
        missing = place == one.bins.missing
        scored = one.scores_missing or not missing
        if good + bad == 0 and scored and place != one.bins.unseen:
            continue
        yield Line(
            one.input.name, one.input.en, one.input.zh, _bin(one, place, chinese=False), _bin(one, place, chinese=True), one.points[place] if scored else None,
            good, bad, (good + bad) / whole, float(rates[place]) if good + bad else None, float(woe[place]),
        )  # fmt: skip


def _bin(one: Characteristic, place: int, *, chinese: bool) -> str:
    """A bin in words, codes by their labels."""
    if place == one.bins.missing:
        return MISSING_ZH if chinese else MISSING_EN
    if one.bins.codes and place < one.bins.plain:
        labels = {code: (zh if chinese else en) or code for code, en, zh in one.input.choices}
        return ("、" if chinese else ", ").join(labels.get(code, code) for code in one.bins.groups[place])
    return one.bins.said(place, chinese=chinese)
