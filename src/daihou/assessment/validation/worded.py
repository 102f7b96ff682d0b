"""Figures in the words of findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.assessment.validation.interval import Interval

LEAST: Final = 0.0001
"""Smaller chances are not told apart."""
MOST_NAMED: Final = 8


def share(value: float) -> str:
    """A share in percent with two decimals."""
    return f"{value:.2%}"


def area(found: Interval, language: str) -> str:
    """An area under the curve with its interval, where it has one."""
    if found.low is None or found.high is None:
        return f"{found.value:.3f}" + (" (no interval)" if language == "en" else "（无区间）")
    if language == "en":
        return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"
    return f"{found.value:.3f}（{found.low:.3f}–{found.high:.3f}）"


def chance(p: float, language: str) -> str:
    """A probability that is told after a noun: 3.21%, or less than the least told."""
    if p < LEAST:
        return "less than 0.01%" if language == "en" else "低于 0.01%"
    return f"{p:.2%}" if language == "en" else f" {p:.2%}"


def named(names: Sequence[str], language: str) -> str:
    """Names in a row; beyond some of them how many more."""
    joint = ", " if language == "en" else "、"
    shown = joint.join(names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    if more <= 0:
        return shown
    return f"{shown} and {more} more" if language == "en" else f"{shown}等 {len(names)} 项"
