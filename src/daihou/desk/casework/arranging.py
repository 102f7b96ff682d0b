"""How an arrangement goes on: drafted, submitted, approved by another person, then a decision that the ledger judges.

Each act is one conditional update on the revision that was looked at, and leaves an ArrangementMove, a CaseMove and an entry of the audit log in the same
transaction. An approved arrangement changes no fact: new instalments and waivers come from the core system, through intake.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.collection.arrangement import WITH_PARTS, Examined, examine, schedule
from daihou.desk.casework import announcing, claimed, consents, telling, terms, troubles
from daihou.desk.casework import arrangement_guards as guards
from daihou.desk.casework.choices import Act, ArrangementState, PromiseState
from daihou.desk.casework.models import Arrangement, ArrangementMove, Case, Promise, PromisePart
from daihou.desk.casework.policy import policy
from daihou.desk.casework.transitions import move
from daihou.desk.refusals import RefusedError, StaleError, refuse, seen

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from daihou.collection.arrangement import Part, Terms
    from daihou.desk.asked import Asked
    from daihou.desk.casework.claimed import Claimed
    from daihou.desk.casework.terms import Stated

WRITABLE: Final = (ArrangementState.DRAFT, ArrangementState.RETURNED)
UNDECIDED: Final = (*WRITABLE, ArrangementState.SUBMITTED)
ENDS: Final = {
    PromiseState.KEPT: ArrangementState.DONE,
    PromiseState.LATE: ArrangementState.DONE,
    PromiseState.PARTLY: ArrangementState.BROKEN,
    PromiseState.BROKEN: ArrangementState.BROKEN,
    PromiseState.OPEN: ArrangementState.APPROVED,
}
"""What becomes of an arrangement by what its promise was judged last; after a reversal it is judged otherwise."""


@dataclass(frozen=True, slots=True)
class Held:
    """An arrangement held against the claim of a day."""

    terms: Terms
    claimed: Claimed
    examined: Examined
    guarantors: tuple[consents.Guarantor, ...]
    missing: tuple[str, ...]
    """Guarantors whose written consent it needs and has not."""


def number(arrangement: Arrangement) -> str:
    """What people call it: AR-2026-000123."""
    return f"AR-{timezone.localtime(arrangement.made_at).year}-{arrangement.pk:06d}"


def hold(arrangement: Arrangement, on: dt.date, days: int = 0) -> Held:
    """Hold it against the claim of a day and the days after it: so many, or until its last day if that is later."""
    agreed = terms.of(arrangement.kind, arrangement.terms)
    limits = policy(on).approvals
    beyond = min(agreed.last_on(on), on + dt.timedelta(days=limits.longest_days))
    until = max(
        beyond + dt.timedelta(days=1), on + dt.timedelta(days=days)
    )  # what falls due on a day is told by the next
    found = claimed.claimed(arrangement.loan_ids, arrangement.currency, on, until)
    examined = examine(found.basis, agreed, limits, currency=arrangement.currency, base=found.base, rate=found.rate)
    guarantors = consents.bound(arrangement.case.borrower_id, arrangement.loan_ids, on)
    missing = consents.missing(arrangement.kind, guarantors, arrangement.terms.get("agreed", ()))
    return Held(agreed, found, examined, tuple(guarantors), tuple(missing))


def draft(case: Case, stated: Stated, currency: str, request: Asked) -> Arrangement:
    """A new draft; it may be wrong still, as long as it can be read."""
    refuse(guards.against_drafting(case, stated, request.user, request.rights))
    now = timezone.now()
    with transaction.atomic():
        made = Arrangement.objects.create(
            case=case, currency=currency, made_at=now, made_by=request.user, **_written(stated)
        )
        _moved(made, "", request, now, "")
    return made


def change(arrangement: Arrangement, revision: int, stated: Stated, request: Asked) -> Arrangement:
    """Draft it anew; what was returned is a draft again."""
    seen(arrangement, revision)
    refuse(guards.against_changing(arrangement, stated, request.user, request.rights))
    return _on(
        arrangement,
        request,
        ArrangementState.DRAFT,
        "",
        submitted_at=None,
        authority="",
        consent_missing=[],
        **_written(stated),
    )


def submit(
    arrangement: Arrangement, revision: int, note: str, request: Asked, on: dt.date, *, known: bool = False
) -> Arrangement:
    """Hand it to who approves. `known`: that guarantors whose consent is missing were seen."""
    seen(arrangement, revision)
    refuse(guards.against_submitting(arrangement, request.user, request.rights))
    held = hold(arrangement, on)
    if held.examined.troubles:
        raise RefusedError(" ".join(troubles.sentences(held.examined.troubles, arrangement.currency)))
    refuse(guards.against_unknown_consents(held.missing, known=known))
    return _on(
        arrangement, request, ArrangementState.SUBMITTED, note, submitted_at=timezone.now(), decided_at=None, decided_by=None,
        **_examined(held), detail=_figures(held),
    )  # fmt: skip


def approve(
    arrangement: Arrangement, revision: int, note: str, request: Asked, on: dt.date, *, known: bool = False
) -> Arrangement:
    """Decide on it, by the claim of the day: what is to be paid by it becomes a promise, in the place of those that are open for the same loans."""
    seen(arrangement, revision)
    held = hold(arrangement, on)
    refuse(guards.against_approving(arrangement, held.examined.authority, request.user, request.rights))
    if held.examined.troubles:
        raise RefusedError(troubles.changed(held.examined.troubles, arrangement.currency))
    refuse(guards.against_unknown_consents(held.missing, known=known))
    now = timezone.now()
    with transaction.atomic():
        Case.objects.select_for_update().get(
            pk=arrangement.case_id
        )  # who approves it, or another for its loans, waits and is told
        if not _as_seen(arrangement).exists():
            raise StaleError
        refuse(guards.against_two(arrangement))
        promise = None
        if held.terms.kind in WITH_PARTS:
            promise = _promised(arrangement, schedule(held.claimed.basis, held.terms), request, on, now)
        return _on(
            arrangement, request, ArrangementState.APPROVED, note, now, decided_at=now, decided_by=request.user, promise=promise,
            **_examined(held), detail=_figures(held),
        )  # fmt: skip


def return_(arrangement: Arrangement, revision: int, note: str, request: Asked) -> Arrangement:
    """Back to who drafted it, with what is wrong."""
    seen(arrangement, revision)
    refuse(guards.against_returning(arrangement, request.user, request.rights, note))
    return _on(
        arrangement, request, ArrangementState.RETURNED, note, decided_at=timezone.now(), decided_by=request.user
    )


def withdraw(arrangement: Arrangement, revision: int, note: str, request: Asked) -> Arrangement:
    """Give it up before it is decided on."""
    seen(arrangement, revision)
    refuse(guards.against_withdrawing(arrangement, request.user, request.rights, note))
    return _on(arrangement, request, ArrangementState.WITHDRAWN, note, ended_at=timezone.now())


def end(arrangement: Arrangement, revision: int, note: str, request: Asked, *, done: bool) -> Arrangement:
    """End one that stands: done, once its facts are in the core system or its money has come; or not kept, before the ledger says so."""
    seen(arrangement, revision)
    refuse(guards.against_ending(arrangement, request.user, request.rights, note))
    after = ArrangementState.DONE if done else ArrangementState.BROKEN
    now = timezone.now()
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=arrangement.case_id)  # before its promise, as everybody who holds both
        if arrangement.promise_id is not None:
            _withdrawn(Promise.objects.filter(pk=arrangement.promise_id), request, now, _("The arrangement was ended."))
        return _on(arrangement, request, after, note, now, ended_at=now)


def follow(now: dt.datetime) -> int:
    """Bring arrangements to where their promises were judged; answers how many moved. After promises are judged, by the keeper.

    What a person ended stays as they left it, and none comes back to life beside another that stands for the same loans.
    """
    standing = (ArrangementState.APPROVED, ArrangementState.DONE, ArrangementState.BROKEN)
    apart = Q(pk__in=())
    for judged, after in ENDS.items():
        apart |= Q(promise__state=judged) & ~Q(state=after)
    last = ArrangementMove.objects.filter(arrangement=OuterRef("pk")).order_by("-pk").values("actor")[:1]
    of_people = Q(state__in=(ArrangementState.DONE, ArrangementState.BROKEN), mover__isnull=False)
    asked = Arrangement.objects.filter(apart, state__in=standing).annotate(mover=Subquery(last)).exclude(of_people)
    held = list(asked.select_related("promise", "case"))
    moved = 0
    for arrangement in held:
        after = ENDS[PromiseState(arrangement.promise.state)]  # type: ignore[union-attr]
        ended = None if after == ArrangementState.APPROVED else now
        if ended is None and _another_stands(arrangement):
            continue
        try:
            with transaction.atomic():
                _on(arrangement, None, after, "", now, ended_at=ended)
        except StaleError:  # somebody ended it meanwhile: theirs stands
            continue
        moved += 1
    return moved


def _another_stands(arrangement: Arrangement) -> bool:
    """Whether another one was approved since for some of its loans."""
    others = Arrangement.objects.filter(case=arrangement.case_id, state=ArrangementState.APPROVED).exclude(
        pk=arrangement.pk
    )
    return any(set(one.loan_ids) & set(arrangement.loan_ids) for one in others)


def _on(
    arrangement: Arrangement, request: Asked | None, after: ArrangementState, note: str, at: dt.datetime | None = None,
    detail: dict[str, Any] | None = None, **changes: Any,
) -> Arrangement:  # fmt: skip
    """The arrangement at another state, if it still stands as it was looked at."""
    now = at or timezone.now()
    with transaction.atomic():
        if not _as_seen(arrangement).update(revision=F("revision") + 1, state=after, **changes):
            raise StaleError
        found = Arrangement.objects.select_related("case", "made_by", "decided_by", "promise").get(pk=arrangement.pk)
        _moved(found, arrangement.state, request, now, note, detail)
    return found


def _as_seen(arrangement: Arrangement) -> QuerySet[Arrangement]:
    """The arrangement, if nobody changed it since it was looked at."""
    return Arrangement.objects.filter(pk=arrangement.pk, revision=arrangement.revision, state=arrangement.state)


def _moved(
    arrangement: Arrangement, before: str, request: Asked | None, now: dt.datetime, note: str, detail: dict[str, Any] | None = None
) -> None:  # fmt: skip
    """What an act leaves behind."""
    actor = request.user if request else None
    made = ArrangementMove.objects.create(
        arrangement=arrangement,
        at=now,
        actor=actor,
        state_before=before,
        state_after=arrangement.state,
        note=note.strip(),
    )
    telling.tell_of_arrangement(arrangement, made)
    case = Case.objects.select_for_update().get(pk=arrangement.case_id)
    told = {
        "arrangement": number(arrangement),
        "kind": arrangement.kind,
        "state": [before, arrangement.state],
        **(detail or {}),
    }
    move(case, Act.ARRANGE, request=request, detail=told, at=now)


def _promised(
    arrangement: Arrangement, parts: tuple[Part, ...], request: Asked, on: dt.date, now: dt.datetime
) -> Promise:  # fmt: skip
    """What is to be paid, as a promise of its own; open promises for the same loans end with it."""
    others = Promise.objects.filter(case=arrangement.case_id, state=PromiseState.OPEN, withdrawn_at=None)
    same = [one.pk for one in others if set(one.loan_ids) & set(arrangement.loan_ids)]
    replaced = _("%(number)s takes its place.") % {"number": number(arrangement)}
    _withdrawn(Promise.objects.filter(pk__in=same), request, now, replaced)
    promise = Promise.objects.create(
        key=f"arrangement:{arrangement.pk}:{arrangement.revision}", case_id=arrangement.case_id, loan_ids=arrangement.loan_ids,
        currency=arrangement.currency, made_on=on, made_at=now, made_by=arrangement.made_by,
    )  # fmt: skip
    PromisePart.objects.bulk_create(
        [PromisePart(promise=promise, due_on=part.on, amount=part.amount) for part in parts]
    )
    announcing.promised(Act.PROMISE, now, [promise])
    return promise


def _withdrawn(promises: QuerySet[Promise], request: Asked, now: dt.datetime, because: str) -> None:
    held = list(promises.filter(state=PromiseState.OPEN))
    promises.filter(state=PromiseState.OPEN).update(
        state=PromiseState.WITHDRAWN, withdrawn_at=now, withdrawn_by=request.user, withdrawn_because=because
    )
    announcing.promised(Act.PROMISE_WITHDRAWN, now, held)


def _written(stated: Stated) -> dict[str, Any]:
    return {
        "kind": stated.kind, "loan_ids": list(stated.loan_ids), "terms": terms.stored(stated.terms, stated.agreed), "reason": stated.reason,
    }  # fmt: skip


def _examined(held: Held) -> dict[str, Any]:
    """What lists and limits go by, as it was examined."""
    examined = held.examined
    return {
        "forgiven": examined.forgiven, "longest_days": examined.longest_days, "authority": examined.authority, "consent_missing": list(held.missing),
    }  # fmt: skip


def _figures(held: Held) -> dict[str, Any]:
    """What an entry says of a submission or decision; guarantors by number."""
    return {
        "forgiven": held.examined.forgiven, "paid": held.examined.paid, "longest_days": held.examined.longest_days, "authority": held.examined.authority,
        "owed": held.claimed.basis.first.total, "consent_missing": list(held.missing),
    }  # fmt: skip
