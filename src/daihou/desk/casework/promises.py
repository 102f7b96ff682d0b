"""Promises judged by the ledger after a run: all that are open, and those that ended lately, so that a reversal takes back what was kept.

What is stored is what was judged last, for lists. It may be judged at any time and any number of times: the same ledger writes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q

from daihou.collection.promise import Part, judge
from daihou.desk.audit.log import record
from daihou.desk.casework import announcing
from daihou.desk.casework.choices import Act, PromiseState
from daihou.desk.casework.models import Case, CaseMove, Promise, PromisePart
from daihou.desk.casework.policy import policy
from daihou.desk.written import write
from daihou.runs import claims, store

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterable, Mapping, Sequence

    from daihou.collection.promise import Cash, Judged
    from daihou.policies.collection import Promises

TOGETHER: Final = 1_000
"""Promises of one transaction."""
KEPT: Final = (PromiseState.KEPT, PromiseState.LATE)
"""What counts as kept for a case: the money came, if late. Of what is partly kept neither is said."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What judging came to: promises looked at, and those that came to another state or another amount."""

    as_of: dt.date
    judged: int
    moved: int
    changed: int


@dataclass(frozen=True, slots=True)
class _Held:
    """A promise and its parts as they were read: of each part its key, what was promised, and what was judged last."""

    pk: int
    case_id: int
    made_on: dt.date
    loan_ids: tuple[str, ...]
    currency: str
    stored: tuple[str, int]
    parts: tuple[tuple[int, Part, tuple[str, int, dt.date | None]], ...]

    def differs(self, judged: Judged) -> bool:
        """Whether it came to something else than is stored."""
        told = [(part.state, part.received, part.kept_on) for part in judged.parts]
        return self.stored != (judged.state, judged.received) or told != [stored for _pk, _part, stored in self.parts]


def judge_all(now: dt.datetime, stop: threading.Event | None = None) -> Counts | None:
    """Judge what can still change, by the newest date that a run spoke for and as known on it; None before the first. Told to stop, the rest waits.

    Each is judged by the terms in force when it was made: what the debtor was told stands.
    """
    as_of = _spoken()
    if as_of is None:
        return None
    held = _held(as_of - dt.timedelta(days=policy(as_of).promises.judged_days))
    terms = {made_on: policy(made_on).promises for made_on in {one.made_on for one in held}}
    came = _cash(held, as_of)
    found = [(one, judged) for one in held if one.differs(judged := _judged(one, came, as_of, terms[one.made_on]))]
    moved = changed = 0
    for first in range(0, len(found), TOGETHER):
        if stop is not None and stop.is_set():
            break
        with transaction.atomic():
            some = _written(found[first : first + TOGETHER], as_of, now)
        moved, changed = moved + some[0], changed + some[1]
    if changed:
        record(
            None,
            "case.promise_judged",
            "date",
            as_of.isoformat(),
            {"judged": len(held), "moved": moved, "changed": changed},
        )
    return Counts(as_of, len(held), moved, changed)


def _spoken() -> dt.date | None:
    """The newest date that a run spoke for; a look ahead speaks for none."""
    for as_of, known_on in reversed(store.pairs(settings.HOME)):
        if as_of == known_on and (store.record(settings.HOME, as_of, as_of) or {}).get("said"):
            return as_of
    return None


def _held(since: dt.date) -> list[_Held]:
    """Promises that are open, or of which a part fell due since a day; in the order in which they were made."""
    lately = Exists(PromisePart.objects.filter(promise=OuterRef("pk"), due_on__gte=since))
    asked = Promise.objects.filter(Q(state=PromiseState.OPEN) | lately).exclude(state=PromiseState.WITHDRAWN).order_by()
    parts: dict[int, list[tuple[int, Part, tuple[str, int, dt.date | None]]]] = defaultdict(list)
    rows = PromisePart.objects.filter(promise__in=asked).order_by("due_on", "pk")
    fields = ("pk", "promise_id", "due_on", "amount", "state", "received", "kept_on")
    for pk, promise, due_on, amount, state, received, kept_on in rows.values_list(*fields):
        parts[promise].append((pk, Part(due_on, amount), (state, received, kept_on)))
    read = asked.values_list("pk", "case_id", "made_on", "loan_ids", "currency", "state", "received").order_by("pk")
    return [
        _Held(pk, case_id, made_on, tuple(loan_ids), currency, (state, received), tuple(parts[pk]))
        for pk, case_id, made_on, loan_ids, currency, state, received in read
        if pk in parts
    ]


def _judged(one: _Held, came: Mapping[str, Sequence[Cash]], as_of: dt.date, terms: Promises) -> Judged:
    cash = [row for loan_id in one.loan_ids for row in came.get(loan_id, ())]
    return judge([part for _pk, part, _stored in one.parts], cash, as_of, one.made_on, terms)


def _written(found: Sequence[tuple[_Held, Judged]], as_of: dt.date, now: dt.datetime) -> tuple[int, int]:
    """Write what some promises came to, of which nobody changed anything since they were read; how many came to another state, and how many changed at all.

    Cases are held before promises, as everybody does, so that nobody waits in a circle.
    """
    held = Case.objects.select_for_update().filter(pk__in={one.case_id for one, _judged in found})
    list(held.order_by("pk").values_list("pk", flat=True))
    locked = Promise.objects.select_for_update().filter(pk__in=[one.pk for one, _judged in found]).order_by("pk")
    standing = {pk: (state, received) for pk, state, received in locked.values_list("pk", "state", "received")}
    still = [(one, judged) for one, judged in found if standing.get(one.pk) == one.stored]
    write(Promise, [_promise(one, judged, as_of) for one, judged in still])
    write(PromisePart, [part for one, judged in still for part in _parts(one, judged)])
    moved = [(one, judged) for one, judged in still if judged.state != one.stored[0]]
    _moves(moved, now)
    return len(moved), len(still)


def _promise(one: _Held, judged: Judged, as_of: dt.date) -> dict[str, Any]:
    return {"pk": one.pk, "state": judged.state, "received": judged.received, "judged_as_of": as_of}


def _parts(one: _Held, judged: Judged) -> Iterable[dict[str, Any]]:
    for (pk, _part, stored), told in zip(one.parts, judged.parts, strict=True):
        if stored != (told.state, told.received, told.kept_on):
            yield {"pk": pk, "state": told.state, "received": told.received, "kept_on": told.kept_on}


def _moves(moved: Sequence[tuple[_Held, Judged]], now: dt.datetime) -> None:
    """What the cases keep of it: the move, and how many promises were kept and broken by now."""
    cases = sorted({one.case_id for one, _judged in moved})
    stages = dict(Case.objects.filter(pk__in=cases).values_list("pk", "stage").order_by())
    made = CaseMove.objects.bulk_create(
        CaseMove(
            case_id=one.case_id, at=now, act=Act.PROMISE_JUDGED, stage_before=stages[one.case_id], stage_after=stages[one.case_id],
            detail={
                "promise": one.pk, "state_before": one.stored[0], "state": judged.state, "received": judged.received, "currency": one.currency,
            },
        )
        for one, judged in moved
    )  # fmt: skip
    counted = (
        Promise.objects.filter(case__in=cases).order_by().values("case")
        .annotate(kept=Count("pk", filter=Q(state__in=KEPT)), broken=Count("pk", filter=Q(state=PromiseState.BROKEN)))
    )  # fmt: skip
    told = [{"pk": row["case"], "promises_kept": row["kept"], "promises_broken": row["broken"]} for row in counted]
    write(Case, told, raises=True)
    announcing.announce([announcing.of(each) for each in made])


def _cash(held: Sequence[_Held], as_of: dt.date) -> Mapping[str, Sequence[Cash]]:
    """What came on the loans promised on, as known on the date."""
    if not held:
        return {}
    loans = sorted({loan_id for one in held for loan_id in one.loan_ids})
    return claims.by_loan(claims.cash(settings.HOME, loans, min(one.made_on for one in held), as_of))
