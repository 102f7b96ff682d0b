"""The arrays that the cash-flow kernel works on: what is asked, the roles of money, room for one borrower, and what it answers."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from daihou.book.contracts.accounts import MEMO_FLAGS
from daihou.book.days import Months, add_months, day_of, months
from daihou.policies.cash_flow import NONE, ROLES, CashFlowPolicy

if TYPE_CHECKING:
    import datetime as dt

    from daihou.book.flows.store import Flows

Ints = npt.NDArray[np.int32]
Cents = npt.NDArray[np.int64]
Records = np.ndarray[Any, Any]
Record = Any

OWN, LENDER, RETURNED, SALARY, COLLECTION, GAMBLING, CASH, ESSENTIAL, DISCRETIONARY = (1 << bit for bit in range(9))
UNNAMED: Final = 1 << 9
"""Of a kind whose regular inflows may be salaries."""

WINDOW: Final = 6
"""Months looked back, of which the balances are judged over the last three."""
MOST_DAYS: Final = 96
"""Room for the days of three months, the day before them and one more."""


class Ask(NamedTuple):
    """One pair of dates with the policy in force."""

    as_of: int
    known_on: int
    since: Ints  # since[n] is the same day n months back: the last day before a window of n months
    months: Months
    of_kind: Ints  # roles by kind of counterparty
    of_marks: Ints  # roles by what is set of the flags
    within_percent: int
    regular_months: int
    at_least: int
    most_payments: int


class Scratch(NamedTuple):
    """Room for one borrower, used again for the next."""

    whose: Ints  # by holding: NOT, ALWAYS or AT_TIMES theirs
    filled: Ints  # by holding: from which day on its balances are told already
    balance: Cents  # by day, what the balance changes by
    held: Ints  # by day, by how many more accounts have a balance
    payers: Cents  # by payer, the inflow; 0 between borrowers
    met: Ints  # the payers met, to forget them by
    inflow: Cents  # by month back


NOT, ALWAYS, AT_TIMES = range(3)

SUMS: Final = (
    "inflow_30d", "outflow_30d", "inflow_3m", "outflow_3m", "collections_30d", "collections_90d", "salary_3m", "salary_before",
    "gambling", "cash", "essential", "discretionary", "lender_inflow_3m", "lender_repayments_3m", "inflow_6m", "payer_known",
    "payer_top", "balance", "balance_before", "balance_sum_30d", "balance_sum_3m", "balance_min_30d",
)  # fmt: skip
COUNTS: Final = (
    "accounts", "last_flow_on", "last_salary_on", "salary_seen", "salary_months_6m", "payers_6m", "bounced_3m", "balance_days_30d", "balance_days_3m",
    "days_below_zero_3m",
)  # fmt: skip
SPREADS: Final = ("balance_spread_3m", "inflow_spread_6m")
ANSWER: Final = np.dtype(
    (
        np.record,
        np.dtype(
            [
                *((name, np.int64) for name in SUMS),
                *((name, np.float64) for name in SPREADS),
                *((name, np.int32) for name in COUNTS),
            ],
            align=True,
        ),
    )
)
"""What is measured of a borrower; nothing else is set where `accounts` is 0. `salary_seen` has a bit a month back.
A spread is the standard deviation times the number of values."""


def ask(flows: Flows, as_of: dt.date, known_on: dt.date, policy: CashFlowPolicy) -> Ask:
    """What the kernel is asked for a pair of dates."""
    since = np.array([day_of(add_months(as_of, -back)) for back in range(WINDOW + 1)], np.int32)
    of_kind = np.array([_of_kind(policy, kind) for kind in (NONE, *flows.kinds)], np.int32)
    of_marks = np.zeros(1 << len(MEMO_FLAGS), np.int32)
    for bit, choice in enumerate(MEMO_FLAGS):
        of_marks[(np.arange(len(of_marks)) >> bit & 1) == 1] |= _of_flag(policy, choice.code)
    regular = policy.regular
    return Ask(
        day_of(as_of), day_of(known_on), since, _months(), of_kind, of_marks,
        regular.within_percent, regular.months, regular.at_least, regular.most_payments,
    )  # fmt: skip


@cache
def _months() -> Months:
    return months()


def _of_kind(policy: CashFlowPolicy, kind: str) -> int:
    roles = sum(1 << bit for bit, role in enumerate(ROLES) if kind in policy.roles[role].kinds)
    return roles | (UNNAMED if kind in policy.regular.kinds else 0)


def _of_flag(policy: CashFlowPolicy, flag: str) -> int:
    return sum(1 << bit for bit, role in enumerate(ROLES) if flag in policy.roles[role].flags)


def scratch(flows: Flows) -> Scratch:
    """Room for any borrower of the flows."""
    return Scratch(
        np.zeros(flows.most_holdings, np.int32),
        np.zeros(flows.most_holdings, np.int32),
        np.zeros(MOST_DAYS, np.int64),
        np.zeros(MOST_DAYS, np.int32),
        np.zeros(flows.most_payers, np.int64),
        np.zeros(flows.most_payers, np.int32),
        np.zeros(WINDOW, np.int64),
    )
