"""The arrays of accounts: their parameters as compiled code reads them, whose they are, and the money that is seen in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from daihou.simulation import shapes as at

if TYPE_CHECKING:
    from daihou.simulation.parameters import Parameters
    from daihou.simulation.shapes import Array

SALARY, RECEIPT, DISBURSED, LAID_OUT, REPAID, TAKEN_BACK, STAKE, ELSEWHERE, LENT, WITHDRAWN, PUT_BY, FIRST_CLASS = (
    range(12)
)
"""What money is for; from FIRST_CLASS on the classes that a borrower spends on, in order of the parameters."""
SHOCKED, DEFAULTING = range(2)
"""Why there is trouble in an account."""
TROUBLES: Final = ("shock", "default")
TXN_ROWS, TROUBLE_ROWS, SEEN_KINDS = range(3)

OWNER: Final = at.record(
    ("borrower", at.DAY), ("since", at.DAY), ("default", at.DAY), ("shocks", at.DAY), ("shocks_end", at.DAY), ("moves", at.DAY), ("moves_end", at.DAY),
    ("opened", at.DAY), ("second", at.DAY), ("employed", at.DAY), ("customers", at.DAY), ("gambler", at.DAY), ("indebted", at.DAY),
    ("pay_day", at.DAY), ("debt_day", at.DAY), ("party", at.DAY), ("income", at.CENTS), ("instalment", at.CENTS),
)  # fmt: skip
"""Somebody with an account: months since the first loan and of the first default, rows of shocks and moves; and from `opened` on what is drawn."""
MOVE: Final = at.record(
    ("owner", at.DAY),
    ("on", at.DAY),
    ("loan", at.DAY),
    ("what", at.DAY),
    ("of", at.DAY),
    ("done", at.DAY),
    ("amount", at.CENTS),
)
"""Money of a loan: `of` is the payment that is taken back, `done` whether it went through this account."""
PLANNED: Final = at.record(
    ("moment", at.CENTS), ("amount", at.CENTS), ("what", at.DAY), ("party", at.DAY), ("loan", at.DAY), ("move", at.DAY)
)
TXN: Final = at.record(
    ("moment", at.CENTS), ("amount", at.CENTS), ("balance", at.CENTS), ("borrower", at.DAY), ("account", at.DAY), ("number", at.DAY),
    ("what", at.DAY), ("party", at.DAY), ("loan", at.DAY), ("known_on", at.DAY), ("returned", at.DAY),
)  # fmt: skip
"""A row of an account: `moment` counts minutes from 1970-01-01 on the lender's clocks."""
TROUBLE: Final = at.record(
    ("borrower", at.DAY), ("begins", at.DAY), ("ends", at.DAY), ("cause", at.DAY), ("left", np.float64)
)
ROOM: Final = 400_000
"""Rows of accounts that are made at once."""
IN_MONTH: Final = 10  # besides income, outgoings, stakes and loans
OF_LOAN: Final = 12  # paid out and spent, paid, bounced and paid again, in part too, and settled
VERSIONS: Final = 2


class Purse(NamedTuple):
    """Parameters of accounts as arrays; shares are cumulated, money is in cents."""

    second: float
    before: Array
    income: Array
    income_share: Array
    employed: float
    pay_days: Array
    customers: Array
    customers_share: Array
    receipts: Array
    unevenness: float
    opens_with: Array
    spent: Array
    outgoings: Array
    spending_share: Array
    keeps: float
    overdraft: float
    bounces: float
    shock_seen: float
    default_seen: float
    lead: Array
    lasts: Array
    stops: float
    shrinks_to: Array
    withdraws: float
    withdrawn: Array
    lent_elsewhere: float
    lent: Array
    elsewhere: Array
    instalment_elsewhere: Array
    gamblers: Array
    gambling_times: Array
    stakes: Array
    late: float
    corrected: float
    late_days: Array


class Seen(NamedTuple):
    """Room for what is seen in accounts; `rows` counts what is written of each kind."""

    rows: Array
    txns: Array
    troubles: Array


def purse(given: Parameters) -> Purse:
    """The parameters."""
    stated = given.accounts
    plain = {name: getattr(stated, name) for name in Purse._fields if hasattr(stated, name)}
    arrays = {name: np.array(value) for name, value in plain.items() if isinstance(value, tuple)}
    shares = {
        "income": 100 * np.array(list(stated.income), np.int64), "income_share": at.cumulated(stated.income),
        "customers": np.array(list(stated.customers), np.int64), "customers_share": at.cumulated(stated.customers),
        "spending_share": at.cumulated(stated.spending),
    }  # fmt: skip
    between = (
        "opens_with",
        "spent",
        "shrinks_to",
        "withdrawn",
        "lent",
        "elsewhere",
        "instalment_elsewhere",
        "gamblers",
        "stakes",
    )
    return Purse(**(plain | arrays | {name: arrays[name].astype(np.float64) for name in between} | shares))


def month_rows(given: Parameters) -> int:
    """How much at most may be planned in an account in a month."""
    stated = given.accounts
    each = stated.receipts[1] + stated.outgoings[1] + stated.gambling_times[1] + IN_MONTH
    return int(each) + OF_LOAN * int(max(given.loans_each))


def room(given: Parameters, months: int) -> tuple[int, Seen, Array, Array]:
    """How many owners are made at once, with room for what they write, for a month's plans and for their order."""
    a_life = VERSIONS * months * month_rows(given)
    owners = max(ROOM // a_life, 1)
    seen = Seen(
        np.zeros(SEEN_KINDS, np.int64),
        np.empty(owners * a_life, TXN).view(np.recarray),
        np.empty(owners * (months // 2 + 2), TROUBLE).view(np.recarray),
    )
    plans = month_rows(given)
    return owners, seen, np.empty(plans, PLANNED).view(np.recarray), np.empty(plans, np.int64)
