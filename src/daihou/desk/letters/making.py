"""Letters are made of the ledger's figures of a day. One stands for a loan, kind, addressee and day: asked for twice it is one."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from daihou.book.errors import DaihouError
from daihou.desk.audit.log import record
from daihou.desk.letters import candidates, figures, limits, place
from daihou.desk.letters.choices import State, To
from daihou.desk.letters.models import Letter, Wording
from daihou.desk.letters.policy import policy

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.desk.asked import Asked
    from daihou.desk.letters.figures import Figures
    from daihou.desk.letters.place import Place
    from daihou.desk.portfolio.moments import Moment


@dataclass(slots=True)
class Made:
    """What came of making: letters that are new, those that stood already, and loans of which none could be made."""

    new: list[Letter] = field(default_factory=list)
    stood: list[Letter] = field(default_factory=list)
    none: list[str] = field(default_factory=list)
    """Out of reach, with nothing to ask for, or not to be measured."""


def make(loan_ids: Sequence[str], kind: str, moment: Moment, request: Asked, *, guarantors: bool = False) -> Made:
    """Letters of one kind about some loans in reach, to each debtor and, where asked for, to the guarantors who are bound still."""
    rows = candidates.loans(loan_ids, kind, moment, request.rights.reach("letters.make"))
    found = Made(none=sorted(set(loan_ids) - {row["loan_id"] for row in rows}))
    now, placed = timezone.now(), place.places([row["loan_id"] for row in rows], moment)
    for row in rows:
        try:
            told = figures.of(kind, row, moment.as_of, moment.known_on)
        except DaihouError:
            told = None
        if told is None:
            found.none.append(row["loan_id"])
            continue
        people = [(row["borrower_id"], To.DEBTOR)]
        if guarantors:
            people += [(person_id, To.GUARANTOR) for person_id in limits.to_be_asked(row, timezone.localdate(now))]
        for addressee_id, to in people:
            letter, new = _one(kind, row, addressee_id, to, told, placed[row["loan_id"]], moment.as_of, now, request)
            (found.new if new else found.stood).append(letter)
    return found


def _one(
    kind: str, row: dict[str, Any], addressee_id: str, to: To, told: Figures, whose: Place, as_of: dt.date, now: dt.datetime, request: Asked
) -> tuple[Letter, bool]:  # fmt: skip
    """The letter, and whether it is new."""
    key = {"kind": kind, "loan_id": row["loan_id"], "addressee_id": addressee_id, "as_of": as_of}
    standing = Letter.objects.filter(**key).exclude(state=State.WITHDRAWN)
    found = standing.first()
    if found is not None:
        return found, False
    words = policy(as_of).wording(kind, to)
    try:
        with transaction.atomic():
            wording, _ = Wording.objects.get_or_create(digest=words.digest, defaults={"words": asdict(words)})
            made = Letter.objects.create(
                **key, to=to, borrower_id=row["borrower_id"], figures=told.as_json(), wording=wording, made_at=now, made_by=request.user,
                org_id=whose[0], lead_org_id=whose[1], officer_id=whose[2],
            )  # fmt: skip
            detail = {
                "kind": kind,
                "loan": row["loan_id"],
                "addressee": addressee_id,
                "as_of": as_of.isoformat(),
                "total": told.total,
            }
            record(request, "letter.make", "letter", made.number, detail)
    except IntegrityError:  # somebody made it at the same moment
        return standing.get(), False
    return made, True
