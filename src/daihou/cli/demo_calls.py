"""How debtors are called in a demonstration: by the acts of the collector's screen, at moments gone by; the gate is asked about each, and refuses where it must."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daihou.cli.demo_handling import asked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.cli.demo_handling import Text
    from daihou.desk.casework.models import Case
    from daihou.desk.casework.outcomes import Noted
    from daihou.desk.contacts.models import Contact
    from daihou.desk.people.models import User

NOTHING: Final[Text] = ("", "")
FIRST_AT: Final = dt.time(9, 10)
"""When a collector begins with the list of a day."""
EACH: Final = dt.timedelta(minutes=7)
TALK: Final = dt.timedelta(minutes=2, seconds=40)
PROMISED_DAYS: Final = (5, 8, 3, 10, 6)
"""In how many days a debtor promises to pay, in turn."""
WHOLE_UP_TO: Final = 3
"""Up to this rank of the ladder a debtor promises all that is claimed, later on a part of it."""
PART: Final = 5
ROUND: Final = 10_000
"""A part is promised in full hundreds: minor units."""
CALL_BACK: Final = dt.timedelta(days=1, hours=1)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one call of a list comes to, and what its collector notes, in English and Chinese."""

    outcome: str
    said: str = ""
    stop: str = ""
    note: Text = NOTHING


def work(owner: User, day: dt.date, turns: Sequence[Turn], *, chinese: bool) -> list[tuple[Turn, Contact]]:
    """Call the first of somebody's list of a day, one after the other; what was allowed, with its turn."""
    from django.utils import timezone

    from daihou.desk.casework.models import Row

    rows = Row.objects.filter(owner=owner, day=day, done_at=None).order_by("place")[: len(turns)]
    at = timezone.make_aware(dt.datetime.combine(day, FIRST_AT))
    made = []
    for place, (row, turn) in enumerate(zip(rows, turns, strict=False)):
        contact = call(row.case_id, owner, turn, at + place * EACH, chinese=chinese)
        if contact is not None:
            made.append((turn, contact))
    return made


def call(case_id: int, collector: User, turn: Turn, at: dt.datetime, *, chinese: bool) -> Contact | None:
    """Call the debtor of a case and note what came of it; None where the gate refuses, which is written, or no number is known."""
    from daihou.desk.casework import calling, outcomes
    from daihou.desk.casework.models import Case
    from daihou.desk.contacts import contacting, points

    case = Case.objects.select_related("owner", "agency").get(pk=case_id)
    number = next((one.point for one in points.of(case.borrower_id, at) if one.point.kind == "phone"), None)
    if number is None:
        return None
    request = asked(collector)
    key = f"demo-{case.pk}-{at:%Y%m%d%H%M}"
    try:
        begun = calling.dial(case, case.borrower_id, number.pk, "phone", key, request, at)
    except contacting.RefusedError:
        return None
    noted = _noted(case, turn, at, chinese=chinese)
    return outcomes.note(case, begun.contact, noted, request, at + TALK).contact


def _noted(case: Case, turn: Turn, at: dt.datetime, *, chinese: bool) -> Noted:
    """What the collector notes. Who has promised already, or owes nothing by the day, promises nothing."""
    from daihou.desk.casework import promising
    from daihou.desk.casework.outcomes import Noted

    said, note = turn.said, turn.note[chinese]
    if said == "call_back":
        return Noted(turn.outcome, said, note=note, call_at=at + CALL_BACK)
    if said == "promise":
        parts = () if promising.open_of(case) else _parts(case, at)
        return Noted(turn.outcome, said if parts else "", note=note, parts=parts)
    return Noted(turn.outcome, said, turn.stop, note)


def _parts(case: Case, at: dt.datetime) -> tuple[tuple[dt.date, int], ...]:
    """What the debtor can say at that moment: what is asked of them, or of an old debt a part."""
    from django.utils import timezone

    from daihou.desk.casework.owed import owed_by

    today = timezone.localdate(at)
    day = today + dt.timedelta(days=PROMISED_DAYS[case.pk % len(PROMISED_DAYS)])
    loans = tuple(case.of_loans.filter(currency=case.currency).values_list("loan_id", flat=True))
    if not loans or case.of_loans.exclude(currency=case.currency).exists():
        return ()
    most = owed_by(case, loans, day, today)
    whole = case.claim if case.rank <= WHOLE_UP_TO else max(case.claim // PART // ROUND * ROUND, ROUND)
    amount = min(whole, most)
    return ((day, amount),) if amount > 0 else ()
