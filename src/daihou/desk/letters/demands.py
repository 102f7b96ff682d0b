"""Demands that were served on guarantors: what keeps a joint guarantee, and is asked for beyond letters."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from daihou.desk.letters.choices import Kind, State, To
from daihou.desk.letters.models import Letter

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping, Sequence


def on_guarantors(loan_ids: Collection[str]) -> Mapping[tuple[str, str], Sequence[dt.date]]:
    """By guarantor and loan, the days on which overdue notices were served on them."""
    served = Letter.objects.filter(loan_id__in=loan_ids, to=To.GUARANTOR, kind=Kind.OVERDUE, state=State.SERVED)
    found: dict[tuple[str, str], list[dt.date]] = defaultdict(list)
    for addressee_id, loan_id, served_on in served.values_list("addressee_id", "loan_id", "served_on"):
        if served_on is not None:
            found[addressee_id, loan_id].append(served_on)
    return found
