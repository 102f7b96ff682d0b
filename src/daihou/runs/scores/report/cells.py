"""Figures as they stand in the tables of the report; what cannot be told is a dash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daihou.runs.scores.report.markup import NONE, Html, said
from daihou.runs.scores.report.words import word

if TYPE_CHECKING:
    from daihou.assessment.validation.calibrated import Light
    from daihou.assessment.validation.interval import Interval

LEAST: Final = 0.0001
"""A smaller p is not told apart."""
MARKS: Final[dict[Light, str]] = {"green": "●", "yellow": "■", "red": "▲"}
"""The shape of a light, so that colour is never alone."""


def count(value: int) -> Html:
    """A count with thousands parted."""
    return Html(f"{value:,}")


def number(value: float | None, decimals: int = 3) -> Html:
    """A figure with so many decimals."""
    return NONE if value is None else Html(f"{value:.{decimals}f}".replace("-", "−"))


def signed(value: float | None, decimals: int = 3) -> Html:
    """A difference with its sign."""
    return NONE if value is None else Html(f"{value:+.{decimals}f}".replace("-", "−"))


def share(value: float | None, decimals: int = 2) -> Html:
    """A share in percent."""
    return NONE if value is None else Html(f"{value:.{decimals}%}")


def points(value: float | None) -> Html:
    """A difference of two shares in percent, with its sign."""
    return NONE if value is None else Html(f"{value:+.2%}".replace("-", "−"))


def chance(p: float | None) -> Html:
    """A probability."""
    if p is None:
        return NONE
    return Html("&lt; 0.0001") if p < LEAST else Html(f"{p:.4f}")


def interval(found: Interval | None, *, percent: bool = False) -> Html:
    """A figure with the ends of its interval in parentheses."""
    if found is None:
        return NONE
    tell = share if percent else number
    if found.low is None or found.high is None:
        return tell(found.value)
    return Html(f'{tell(found.value)} <span class="sub">({tell(found.low)}–{tell(found.high)})</span>')


def light(colour: Light | None, *, chinese: bool, shift: bool = False) -> Html:
    """A light with its word and its shape; of a shift the words say what to do."""
    if colour is None:
        return Html(f'<span class="sub">{said(word("untold", chinese=chinese))}</span>')
    name = word(f"psi_{colour}" if shift else colour, chinese=chinese)
    return Html(f'<span class="tag {colour}">{MARKS[colour]} {said(name)}</span>')
