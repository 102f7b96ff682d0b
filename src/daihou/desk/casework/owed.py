"""What will be owed on loans of a case by a day: the most that is promised by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Sum

from daihou.book.errors import DaihouError
from daihou.desk.casework.models import CaseLoan
from daihou.desk.portfolio import accounts
from daihou.runs import claims

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.desk.casework.models import Case


def owed_by(case: Case, loan_ids: Sequence[str], day: dt.date, today: dt.date) -> int:
    """The claim on some loans at the end of a day, with what falls due until then, as known today; minor units of the currency they share.

    Where the ledger does not hold one of them, or it cannot be measured, what the newest run claimed on it.
    """
    found, unknown = 0, []
    for loan_id in loan_ids:
        amount = _owed(loan_id, day, today)
        if amount is None:
            unknown.append(loan_id)
        else:
            found += amount
    if unknown:
        stated = CaseLoan.objects.filter(case=case, loan_id__in=unknown).aggregate(claim=Sum("claim"))
        found += stated["claim"] or 0
    return found


def _owed(loan_id: str, day: dt.date, today: dt.date) -> int | None:
    try:
        told = claims.claim(settings.HOME, accounts.ledger(), loan_id, [day], today)
    except DaihouError:
        return None
    (there,) = told.days
    return there.to_clear
