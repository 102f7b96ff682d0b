"""To whose part of the lender letters belong: org and officer of their loan, and the org that leads the borrower, by the newest run.

Letters that are not served yet follow their loan to another branch or officer after each run; what was served stays with who served it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from daihou.desk.alerts import whose
from daihou.desk.following import each, newest
from daihou.desk.letters.choices import State
from daihou.desk.letters.models import Letter
from daihou.desk.portfolio import reading

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence

    from daihou.desk.portfolio.moments import Moment

OPEN: Final = (State.MADE, State.SENT, State.FAILED)
Place = tuple[str, str, str]
"""Org, leading org (empty where it is the same) and officer."""


def places(loan_ids: Sequence[str], moment: Moment) -> dict[str, Place]:
    """By loan; without those that the run does not know."""
    rows = reading.rows(
        f"SELECT loan_id, borrower_id, org_id, officer_id FROM {reading.snapshots(moment).sql} WHERE loan_id IN (SELECT unnest(?::VARCHAR[]))",
        [list(loan_ids)],
    )
    held, nobody, found = whose.of({row["borrower_id"] for row in rows}, moment), whose.Whose(), {}
    for row in rows:
        org_id, lead = row["org_id"] or "", held.get(row["borrower_id"], nobody).lead_org_id
        found[row["loan_id"]] = (org_id, lead if lead != org_id else "", row["officer_id"] or "")
    return found


def follow(stop: threading.Event | None = None) -> int:
    """Bring the letters that are not served yet up to the newest run; how many moved. StoppedError when told to stop."""
    moment = newest()
    if moment is None:
        return 0
    keys = list(Letter.objects.filter(state__in=OPEN).order_by("pk").values_list("pk", flat=True))
    return each(keys, stop, lambda some: _moved(some, moment))


def _moved(keys: Sequence[int], moment: Moment) -> int:
    letters = list(Letter.objects.filter(pk__in=keys).only("loan_id", "org_id", "lead_org_id", "officer_id"))
    held = places(sorted({letter.loan_id for letter in letters}), moment)
    moving: dict[Place, list[int]] = defaultdict(list)
    for letter in letters:
        stands = (letter.org_id, letter.lead_org_id, letter.officer_id)
        if held.get(letter.loan_id, stands) != stands:
            moving[held[letter.loan_id]].append(letter.pk)
    return sum(
        Letter.objects.filter(pk__in=some, state__in=OPEN).update(org_id=org_id, lead_org_id=lead, officer_id=officer)
        for (org_id, lead, officer), some in moving.items()
    )
