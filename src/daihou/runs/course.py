"""One loan's course: where it stood on each of many days, all as known on one, by one walk of the kernels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from daihou.book.days import date_of, day_of
from daihou.book.errors import DaihouError
from daihou.book.ledger.layout import NO_AMOUNT
from daihou.monitoring.arrears import shapes as at
from daihou.monitoring.arrears.plain import walk
from daihou.monitoring.arrears.terms import terms
from daihou.monitoring.arrears.walk import MONTHS, space
from daihou.runs.policies import read_policies

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.book.home import Home
    from daihou.book.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Day:
    """Where a loan stood on a day; amounts in minor units, None where they could not be measured."""

    on: dt.date
    state: str
    dpd: int | None
    balance: int | None
    overdue: int | None


def course(home: Home, ledger: Ledger, loan_id: str, days: Sequence[dt.date], known_on: dt.date) -> list[Day]:
    """The course of a loan over ascending days; days before it was known are left out. DaihouError for an unknown loan."""
    place = ledger.find(loan_id)
    if place is None:
        raise DaihouError(
            f"Loan {loan_id} is not known.",
            "Check the number.",
            zh=(f"没有贷款 {loan_id}。", "请核对编号。"),
        )
    shard, loan = ledger.shards[place[0]], place[1]
    judged = terms(read_policies(home).profile, shard.products, shard.currencies, home.settings.calendar)
    dates = np.array([day_of(day) for day in days], np.int32)
    known = np.full(len(dates), day_of(known_on), np.int32)
    answers = at.answers(len(dates), 1)
    walk(
        shard.facts,
        judged,
        MONTHS,
        space(shard.facts, judged, len(dates)),
        loan,
        loan + 1,
        dates,
        known,
        answers,
        False,  # noqa: FBT003 - the kernel's own signature
    )
    return [
        _day(int(date), answer)
        for date, answer in zip(dates, answers[:, 0], strict=True)
        if answer["version"] != at.EMPTY
    ]


def _day(date: int, answer: at.Records) -> Day:
    return Day(
        date_of(date), at.STATES[int(answer["state"])], _number(int(answer["dpd"])), _amount(int(answer["principal_outstanding"])),
        _amount(int(answer["overdue_amount"])),
    )  # fmt: skip


def _number(value: int) -> int | None:
    return None if value == at.EMPTY else value


def _amount(value: int) -> int | None:
    return None if value == NO_AMOUNT else value
