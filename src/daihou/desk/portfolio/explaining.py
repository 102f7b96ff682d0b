"""A loan explained to somebody: only if it is in their reach today, whosever it was on the date that is asked about."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings

from daihou.book.business_date import business_date
from daihou.book.errors import DaihouError
from daihou.desk.portfolio import accounts
from daihou.runs.explain import explain_in

if TYPE_CHECKING:
    from daihou.desk.people.reach import Reach
    from daihou.desk.portfolio.moments import Moment
    from daihou.runs.explain import Explanation


def in_reach(loan_id: str, reach: Reach, newest: Moment) -> bool:
    """Whether a loan is known and in reach today, by the newest that is known."""
    ledger = accounts.ledger()
    if ledger.find(loan_id) is None:
        return False
    today = max(newest.known_on, business_date(settings.HOME.settings, dt.datetime.now(dt.UTC)))
    try:
        now = explain_in(settings.HOME, ledger, loan_id, today, today)
    except DaihouError:  # sent ahead of its day: whose it is cannot be told yet
        return False
    return reach.holds(now.measures["org_id"], now.measures["officer_id"])


def explained(loan_id: str, as_of: dt.date, known_on: dt.date) -> Explanation:
    """The explanation; DaihouError where the loan was not known then."""
    return explain_in(settings.HOME, accounts.ledger(), loan_id, as_of, known_on)
