"""The lives of borrowers and their loans, month by month, as docs/guides/simulation.md tells them. Compiled.

Every part of a book has a stream of random numbers of its own, read in the order of this code, so that a book is the same
whoever works on which part. All that is random is drawn from it and from nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from daihou.simulation import shapes as at
from daihou.simulation.cards import card
from daihou.simulation.draws import pick, pick_of
from daihou.simulation.instalments import NOW_COUNT, Course, instalment_loan
from daihou.simulation.jit import compiled

if TYPE_CHECKING:
    from daihou.simulation.shapes import Array, Facts, Odds


@compiled
def _shocks(random: Any, odds: Odds, facts: Facts, borrower: int, shocked: Array) -> None:
    """A borrower's months of trouble with income: each month one may begin, or end."""
    now = False
    for month in range(shocked.size):
        if now and random.random() < odds.shock_ends:
            now = False
            facts.shocks[facts.rows[at.SHOCK_ROWS] - 1].ends = month
        elif not now and random.random() < odds.shock_begins:
            now = True
            shock = facts.shocks[facts.rows[at.SHOCK_ROWS]]
            shock.borrower = borrower
            shock.begins = month
            shock.ends = shocked.size
            facts.rows[at.SHOCK_ROWS] += 1
        shocked[month] = now


@compiled
def live(
    random: Any,
    odds: Odds,
    facts: Facts,
    first: int,
    count: int,
    months: int,
    starts: Array,
    plan: Array,
    circle_size: int,
    circle_month: int,
) -> None:
    """The lives of the loans `first` … and of their borrowers, each numbered as the first of its loans.

    The first `circle_size` borrowers of the book guarantee each other. Their loans are of the first product, over its longest term and paid
    out before month `circle_month`; from then on one borrower more each month pays nothing.
    """
    facts.rows[:] = 0
    end = starts[months] - 1
    shocked = np.zeros(months, np.bool_)
    now = np.zeros(NOW_COUNT, np.int64)
    loan = first
    borrowers = 0
    while loan < first + count:
        borrower = loan
        several = odds.loans_each[pick(random, odds.loans_each_share)]
        habit = pick(random, odds.habit_share)
        org = pick(random, odds.org_share)
        _shocks(random, odds, facts, borrower, shocked)
        circle = borrowers if first == 0 and borrowers < circle_size else at.NONE
        stops = months if circle == at.NONE else circle_month + circle
        since = end
        for _ in range(min(several, first + count - loan)):
            product = pick(random, odds.product_share)
            partner = pick(random, odds.partner_share)
            begun = int(random.random() * (months if circle == at.NONE else circle_month))
            disbursed_on = starts[begun] + int(random.random() * 28)
            term = odds.terms[product, pick_of(random, odds.term_share[product])]
            if circle != at.NONE:
                product, term = 0, odds.terms[0].max()
            row = facts.rows[at.LOAN_ROWS]
            known = facts.loans[row]
            known.loan = loan
            known.borrower = borrower
            known.org = org
            known.partner = partner
            known.product = product
            known.principal = odds.amounts[product, pick_of(random, odds.amount_share[product])]
            known.disbursed_on = disbursed_on
            known.matures_on = (
                starts[begun + odds.every[product] * term] + disbursed_on - starts[begun] if term > 0 else at.NONE
            )
            known.effective_on = disbursed_on
            facts.rows[at.LOAN_ROWS] += 1
            since = min(since, disbursed_on)
            if term > 0:
                course = Course(
                    known,
                    term,
                    odds.every[product],
                    disbursed_on - starts[begun],
                    begun,
                    habit,
                    stops,
                    shocked,
                    starts,
                    plan,
                    now,
                    end,
                )
                instalment_loan(random, odds, facts, course)
            else:
                card(random, odds, facts, known, begun, habit, shocked, starts, end)
            loan += 1
        person = facts.borrowers[facts.rows[at.BORROWER_ROWS]]
        person.borrower = borrower
        person.org = org
        person.habit = habit
        person.since = since
        person.circle = circle
        facts.rows[at.BORROWER_ROWS] += 1
        borrowers += 1
