"""A version of a rule folded over dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.warning.fold import Codes, Days, Manner, fold, nothing

if TYPE_CHECKING:
    from daihou.warning.checked import Checked


def manner(rule: Checked) -> Manner:
    """How a version confirms and clears."""
    return Manner(rule.version.confirm, rule.version.cooldown_days, rule.version.clear_times)


def folded(days: Days, rule: Checked, holds: Codes, clears: Codes | None) -> Codes:
    """What a rule's answers on some dates [date, subject] changed, from nothing; `clears` None: where it does not hold."""
    return fold(days, holds, clears, manner(rule), nothing(holds.shape[1]))
