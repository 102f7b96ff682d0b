"""What a draft is supported by, told beside it: its threshold among the candidates, and its backtest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from daihou.desk.governance import backtested, suggested
from daihou.runs.watch.backtest_json import from_dict

if TYPE_CHECKING:
    from collections.abc import Mapping

register = template.Library()


@register.inclusion_tag("governance/threshold_found.html")
def threshold_found(result: Mapping[str, Any], about: str) -> dict[str, Any]:
    """The chart of a search for a threshold, at the one that was used; nothing where it is not understood."""
    try:
        told = suggested.shown(result["found"], about, result["place"])
    except (KeyError, IndexError, TypeError):
        return {}
    return {**told, "last": len(told["candidates"]) - 1}


@register.inclusion_tag("governance/backtest_found.html")
def backtest_found(result: Mapping[str, Any], about: str) -> dict[str, Any]:
    """The figures of a draft beside what is in force; nothing where they are not understood."""
    try:
        return backtested.shown(from_dict(result["found"]), about)
    except (KeyError, ValueError, TypeError):
        return {}
