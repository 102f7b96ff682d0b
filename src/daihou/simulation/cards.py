"""The life of a card, bill by bill. Compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from daihou.simulation import shapes as at
from daihou.simulation.draws import between, days_of
from daihou.simulation.instalments import DEFAULT_MONTHS, WRITE_OFF_DAYS
from daihou.simulation.jit import compiled
from daihou.simulation.money import pay, recover, write_change, write_default
from daihou.simulation.paying import chance_of_missing, paid_when

if TYPE_CHECKING:
    from daihou.simulation.shapes import Array, Facts, Odds

BILL_DAYS = 17  # from a bill to its due date
CARD_DAYS = 10  # money for a card never comes later after the due date: the next bill would count it


@compiled
def card(
    random: Any, odds: Odds, facts: Facts, loan: Any, begun: int, habit: int, shocked: Array, starts: Array, end: int
) -> None:
    """One card: spent from, billed every month, paid in full, at the minimum, or not at all."""
    number, product, day = loan.loan, loan.product, loan.disbursed_on - starts[begun]
    balance = unpaid = 0
    defaulted = False
    month = begun + 1
    while starts[month] + day <= end:
        billed = starts[month] + day
        due = billed + BILL_DAYS
        balance += round(balance * odds.annual_rate[product] / 12)
        if unpaid == 0:
            balance += max(min(int(loan.principal * between(random, odds.spend[product])), loan.principal - balance), 0)
        if balance <= 0:
            month += 1
            continue
        minimum = max(int(np.ceil(balance * odds.minimum[product])), 1)
        bill = facts.bills[facts.rows[at.BILL_ROWS]]
        bill.loan = number
        bill.on = billed
        bill.due_on = due
        bill.balance = balance
        bill.minimum = minimum
        facts.rows[at.BILL_ROWS] += 1
        if unpaid == 0:
            chance = chance_of_missing(odds, loan, month, begun, month == begun + 1, shocked[month])
            if random.random() < chance:
                unpaid = 1
            else:
                amount = balance if random.random() < odds.full[product] else minimum
                pay(
                    random,
                    odds,
                    facts,
                    number,
                    min(paid_when(random, odds, habit, due), due + CARD_DAYS),
                    amount,
                    end,
                    0.0,
                )
                balance -= amount
        elif random.random() < odds.cure[min(unpaid, 3) - 1]:
            pay(
                random, odds, facts, number, due + min(days_of(random, odds.arrears_days), CARD_DAYS), minimum, end, 0.0
            )
            balance -= minimum
            unpaid = 0
        else:
            unpaid += 1
        if not defaulted and unpaid >= min(DEFAULT_MONTHS + 1, odds.write_off_at):
            defaulted = True
            write_default(facts, loan, starts[month - unpaid + 1] + day + BILL_DAYS, due)
        if unpaid >= odds.write_off_at:
            if billed + WRITE_OFF_DAYS <= end:
                write_change(facts, number, billed + WRITE_OFF_DAYS, at.WRITE_OFF)
                recover(random, odds, facts, number, balance, starts, month + 1, day, end)
            return
        month += 1
