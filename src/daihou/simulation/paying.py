"""Whether a due date is missed, and when one that is not missed is paid. Compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from daihou.simulation import shapes as at
from daihou.simulation.draws import days_of
from daihou.simulation.jit import compiled

if TYPE_CHECKING:
    from daihou.simulation.shapes import Odds

REVOLVING = 3
EARLY, TARDY = 0, 2


@compiled
def chance_of_missing(odds: Odds, loan: Any, month: int, begun: int, first: bool, shocked: bool) -> float:
    """The chance that a due date of a loan without arrears is missed."""
    log_odds = odds.miss[loan.product] + odds.macro[month]
    if shocked:
        log_odds += odds.shock_effect
    if odds.method[loan.product] != REVOLVING:
        log_odds += odds.season[min(month - begun, odds.season.size - 1)]
    for place in range(odds.trouble_effect.size):
        where, name, since, first_only = odds.troubles[place]
        here = (loan.org if where == at.IN_ORG else loan.partner) == name
        if here and (first and begun >= since if first_only else month >= since):
            log_odds += odds.trouble_effect[place]
    return 1 / (1 + np.exp(-log_odds))


@compiled
def paid_when(random: Any, odds: Odds, habit: int, due: int) -> int:
    """When a borrower in good standing pays."""
    if habit == EARLY:
        return due - days_of(random, odds.early_days)
    if habit == TARDY:
        return due + days_of(random, odds.tardy_days)
    return due
