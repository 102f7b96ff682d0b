"""What a reminder says, read when it is sent: what still falls due on its day.

It is not sent where that was paid meanwhile; nor where something is overdue, which another message tells.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from daihou.desk.contacts.models import Reminder
from daihou.desk.contacts.paid_since import paid_since
from daihou.desk.portfolio import accounts
from daihou.runs import claims

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daihou.desk.contacts.models import Contact


def still(contact: Contact, now: dt.datetime) -> Mapping[str, Any] | None:
    """What is still to be paid on the due date; None where that is nothing, or it has passed. DaihouError where nobody can tell: it waits."""
    reminder = Reminder.objects.filter(contact=contact).first()
    today = timezone.localdate(now)
    if reminder is None or reminder.due_on < today:
        return None
    left = left_on(reminder.loan_id, reminder.due_on, today, reminder.currency)
    if left <= 0:
        return None
    return {"amount": left, "due_on": reminder.due_on.isoformat(), "currency": reminder.currency}


def left_on(loan_id: str, due_on: dt.date, today: dt.date, currency: str) -> int:
    """What falls due on a loan on a day to come, or today, less what came in since the ledger was built; 0 where the loan is in arrears. Minor units."""
    ledger = accounts.ledger()
    before = min(today, due_on - dt.timedelta(days=1))
    told = claims.claim(settings.HOME, ledger, loan_id, [before, due_on], today, before)
    owed = told.days[0].owed
    if owed is None or owed.total or told.days[0].in_grace:
        return 0
    return told.days[-1].falls_due - paid_since(ledger, loan_id, currency)
