"""How an alert goes on. Each act is one conditional update: where it changes no row, somebody else was first, and nothing is written.

Every act leaves a Move and an entry of the audit log in the same transaction, and tells whom it concerns. What the run says (signals) is
written by `ingest`, what the clock does by `clock`, through the same `move`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.desk.alerts import deadlines, guards, telling
from daihou.desk.alerts.choices import RANKS, Act, Conclusion, Outcome, Source, Stage
from daihou.desk.alerts.models import Alert, Bulk, Customer, CustomerMove, File, Move, Task
from daihou.desk.alerts.policy import policy
from daihou.desk.audit.log import record
from daihou.desk.files import keeping
from daihou.desk.refusals import RefusedError, StaleError, refuse

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.asked import Asked
    from daihou.desk.files.fitness import Incoming
    from daihou.desk.people.models import User


def move(
    alert: Alert, act: Act, *, request: Asked | None = None, note: str = "", detail: dict[str, Any] | None = None,
    bulk: Bulk | None = None, at: dt.datetime | None = None, **changes: Any,
) -> Alert:  # fmt: skip
    """The alert after an act, if it still stands as it was looked at, with what the act leaves behind. Inside a transaction of its caller.

    An act that is part of a bulk is logged and told by `many`, with all the others at once.
    """
    now = at or timezone.now()
    seen = Alert.objects.filter(pk=alert.pk, revision=alert.revision)
    if not seen.update(revision=F("revision") + 1, **changes):
        raise StaleError
    after = Alert.objects.select_related("owner", "lead").get(pk=alert.pk)
    told = {**(detail or {}), **({"bulk": bulk.pk} if bulk else {})}
    made = Move.objects.create(
        alert=after, at=now, actor=request.user if request else None, act=act, stage_before=alert.stage, stage_after=after.stage,
        level_before=alert.level, level_after=after.level, note=note.strip(), detail=told,
    )  # fmt: skip
    if bulk is None:
        if request is not None:
            record(request, f"alert.{act.value}", "alert", after.number, _difference(alert, after, made))
        telling.tell(after, made)
    return after


def conclude(
    alert: Alert, revision: int, conclusion: str, note: str, request: Asked, *, level: str = "", duplicate_of: Alert | None = None
) -> Alert:  # fmt: skip
    """What the check found, with a proposed level: on to who confirms, or to its end where policy lets one person decide."""
    _seen(alert, revision)
    refuse(guards.against_concluding(alert, request.user, request.rights, note))
    refuse(guards.against_doubling(alert, conclusion, duplicate_of))
    now, level = timezone.now(), level or alert.level
    detail = {"conclusion": conclusion, "level": level, **_doubled(conclusion, duplicate_of)}
    said: dict[str, Any] = {
        "conclusion": conclusion,
        "proposed_level": level,
        "concluded_at": alert.concluded_at or now,
    }
    said["duplicate_of"] = duplicate_of if detail.get("duplicate_of") else None
    worst = min(level, alert.level, key=lambda each: RANKS[each])
    alone = guards.closes_alone(alert, request.user, worst)
    changes = said | (_decided(alert, conclusion, level, now) if alone else _at(alert, Stage.CONFIRM, now) | _woken())
    with transaction.atomic():
        return move(
            alert, Act.CONCLUDE, request=request, note=note, detail=detail, at=now, **_mine(alert, request), **changes
        )


def confirm(
    alert: Alert, revision: int, conclusion: str, level: str, note: str, request: Asked, *, duplicate_of: Alert | None = None
) -> Alert:  # fmt: skip
    """What is decided on the check, by another person: on to the plan, or closed. Which alert it doubles is as the check said, unless said otherwise."""
    _seen(alert, revision)
    refuse(guards.against_confirming(alert, request.user, request.rights, note, conclusion, level))
    doubled = duplicate_of or alert.duplicate_of
    refuse(guards.against_doubling(alert, conclusion, doubled))
    now = timezone.now()
    detail = {
        "conclusion": conclusion,
        "level": level,
        "proposed": [alert.conclusion, alert.proposed_level],
        **_doubled(conclusion, doubled),
    }
    changes = {
        "duplicate_of": doubled if detail.get("duplicate_of") else None,
        **_decided(alert, conclusion, level, now),
    }
    with transaction.atomic():
        return move(alert, Act.CONFIRM, request=request, note=note, detail=detail, at=now, **changes)


def send_back(alert: Alert, revision: int, note: str, request: Asked) -> Alert:
    """To who checked it, or who proposed lifting, with what is missing."""
    _seen(alert, revision)
    refuse(guards.against_sending_back(alert, request.user, request.rights, note))
    now = timezone.now()
    if alert.stage == Stage.CONFIRM:
        changes = _at(alert, Stage.CHECK, now) | {"conclusion": "", "proposed_level": "", "duplicate_of": None}
    else:
        changes = _at(alert, Stage.FOLLOW, now)
    with transaction.atomic():
        return move(alert, Act.SEND_BACK, request=request, note=note, at=now, **changes)


def make_plan(alert: Alert, revision: int, note: str, request: Asked) -> Alert:
    """The plan, in words."""
    _seen(alert, revision)
    refuse(guards.against_planning(alert, request.user, request.rights, note))
    return _on(alert, Act.PLAN, Stage.ACT, note, request)


def carry_out(alert: Alert, revision: int, note: str, request: Asked) -> Alert:
    """What was done of it."""
    _seen(alert, revision)
    refuse(guards.against_carrying_out(alert, request.user, request.rights, note))
    return _on(alert, Act.CARRY_OUT, Stage.FOLLOW, note, request)


def follow_up(alert: Alert, revision: int, note: str, request: Asked) -> Alert:
    """What was seen; it is looked at again after as many work days."""
    _seen(alert, revision)
    refuse(guards.against_following_up(alert, request.user, request.rights, note))
    return _on(alert, Act.FOLLOW_UP, Stage.FOLLOW, note, request)


def propose_lift(alert: Alert, revision: int, note: str, request: Asked) -> Alert:
    """Why it may end; others approve."""
    _seen(alert, revision)
    refuse(guards.against_proposing_lift(alert, request.user, request.rights, note))
    return _on(alert, Act.PROPOSE_LIFT, Stage.LIFT, note, request)


def approve_lift(alert: Alert, revision: int, note: str, request: Asked) -> Alert:
    """Stand behind the lifting; with enough people the alert ends."""
    _seen(alert, revision)
    refuse(guards.against_approving_lift(alert, request.user, request.rights))
    now, needed = timezone.now(), policy().lift_people[alert.level]
    people = len({*guards.backers(alert), request.user.pk})
    changes = _closed(alert, Outcome.LIFTED, now) if people >= needed else {}
    with transaction.atomic():
        return move(
            alert,
            Act.APPROVE_LIFT,
            request=request,
            note=note,
            detail={"people": people, "needed": needed},
            at=now,
            **changes,
        )


def snooze(
    alert: Alert, revision: int, until: dt.date, note: str, request: Asked, *, bulk: Bulk | None = None
) -> Alert:
    """Let it rest until a day; a worse level wakes it."""
    _seen(alert, revision)
    refuse(guards.against_snoozing(alert, request.user, request.rights, until, note))
    with transaction.atomic():
        return move(
            alert, Act.SNOOZE, request=request, note=note, detail={"until": until.isoformat()}, bulk=bulk, snoozed_until=until, **_mine(alert, request)
        )  # fmt: skip


def wake(alert: Alert, revision: int, request: Asked) -> Alert:
    """End its rest."""
    _seen(alert, revision)
    refuse(guards.against_waking(alert, request.user, request.rights))
    now = timezone.now()
    with transaction.atomic():
        return move(alert, Act.WAKE, request=request, at=now, **(waking(alert, now) | _rested(alert, now)))


def claim(alert: Alert, revision: int, request: Asked) -> Alert:
    """Make it one's own."""
    _seen(alert, revision)
    refuse(guards.against_claiming(alert, request.user, request.rights))
    detail = {"owner": request.user.pk, "owner_before": alert.owner_id}
    with transaction.atomic():
        return move(alert, Act.CLAIM, request=request, detail=detail, owner=request.user)


def assign(alert: Alert, revision: int, owner: User, note: str, request: Asked, *, bulk: Bulk | None = None) -> Alert:
    """Give it to somebody."""
    _seen(alert, revision)
    refuse(guards.against_assigning(alert, request.user, request.rights, owner))
    detail = {"owner": owner.pk, "owner_before": alert.owner_id}
    with transaction.atomic():
        return move(alert, Act.ASSIGN, request=request, note=note, detail=detail, bulk=bulk, owner=owner)


def escalate(alert: Alert, revision: int, note: str, request: Asked, *, bulk: Bulk | None = None) -> Alert:
    """Hand it up one org."""
    _seen(alert, revision)
    refuse(guards.against_escalating(alert, request.user, request.rights, note))
    now, to = timezone.now(), guards.above(alert)
    with transaction.atomic():
        return move(
            alert, Act.ESCALATE, request=request, note=note, detail={"org_id": to}, bulk=bulk, at=now, escalated_org_id=to, escalated_at=now
        )  # fmt: skip


def chase(alert: Alert, revision: int, note: str, request: Asked, *, bulk: Bulk | None = None) -> Alert:
    """Press its owner 督办."""
    _seen(alert, revision)
    refuse(guards.against_chasing(alert, request.user, request.rights, note))
    now = timezone.now()
    with transaction.atomic():
        return move(alert, Act.CHASE, request=request, note=note, bulk=bulk, at=now, chased_at=now)


def set_level(alert: Alert, revision: int, level: str, note: str, request: Asked) -> Alert:
    """Raise or lower it, saying why."""
    _seen(alert, revision)
    refuse(guards.against_level(alert, request.user, request.rights, level, note))
    now = timezone.now()
    with transaction.atomic():
        return move(alert, Act.LEVEL, request=request, note=note, at=now, **levelled(alert, level, now))


def comment(alert: Alert, text: str, mentions: list[User], request: Asked) -> Move:
    """Say something; who is mentioned and sees the alert is told. It changes nothing of the alert."""
    refuse(guards.against_commenting(alert, request.user, request.rights, text))
    with transaction.atomic():
        made = _beside(alert, Act.COMMENT, request, note=text, detail={"mentions": [user.pk for user in mentions]})
        telling.tell(alert, made)
    return made


def attach(alert: Alert, incoming: Incoming, request: Asked) -> File:
    """Keep a file beside it; the same file twice is one. Whatever goes wrong, a file that no row names does not stay."""
    refuse(guards.against_seeing(alert, request.user, request.rights))
    known = set(File.objects.filter(alert=alert).values_list("digest", flat=True))
    with keeping.kept(f"alerts/{alert.pk}", known, incoming, alert.subject_id) as name, transaction.atomic():
        file, made = File.objects.get_or_create(
            alert=alert, digest=incoming.digest,
            defaults={
                "name": incoming.name, "kind": incoming.kind, "size": incoming.size, "content": name, "at": timezone.now(),
                "actor": request.user,
            },
        )  # fmt: skip
        if made:
            _beside(alert, Act.ATTACH, request, note="", detail={"file": file.pk, "digest": file.digest})
    return file


def begin_task(alert: Alert, kind: str, owner: User | None, request: Asked) -> Task:
    """Begin something that its level asks for."""
    owner = owner or alert.owner or request.user
    refuse(guards.against_task(alert, request.user, request.rights, kind, owner))
    now = timezone.now()
    stated = {"owner": owner, "begun_at": now, "begun_by": request.user}
    with transaction.atomic():
        task, begun = Task.objects.get_or_create(
            alert=alert, kind=kind, ended_at=None, defaults={**stated, "due_at": deadlines.of_task(kind, now)}  # type: ignore[arg-type]
        )  # fmt: skip
        if not begun:  # by somebody else, since the guard looked
            raise StaleError
        made = _beside(
            alert, Act.TASK, request, note="", detail={"task": task.pk, "kind": kind, "owner": task.owner_id}
        )
        telling.tell(alert, made)
    return task


def end_task(task: Task, note: str, request: Asked, *, dropped: bool = False) -> Task:
    """Say what came of it, or why it was dropped; once."""
    refuse(guards.against_ending_task(task, request.user, request.rights, note))
    now = timezone.now()
    with transaction.atomic():
        ended = Task.objects.filter(pk=task.pk, ended_at=None)
        if not ended.update(ended_at=now, ended_by=request.user, dropped=dropped, note=note.strip()):
            raise StaleError
        act = Act.TASK_DROPPED if dropped else Act.TASK_DONE
        _beside(task.alert, act, request, note=note, detail={"task": task.pk, "kind": task.kind})
    return Task.objects.get(pk=task.pk)


def raise_by_hand(
    borrower_id: str, topic: str, level: str, reason: str, whose: dict[str, Any], request: Asked, today: dt.date
) -> Alert:  # fmt: skip
    """An alert that no rule raised. `whose`: org_id, lead_org_id, officer_id and exposure of the borrower, as in the newest run."""
    refuse("" if len(reason.strip()) >= guards.NOTE_CHARACTERS else _("Say why, in a few words."))
    now = timezone.now()
    alert = Alert(
        borrower_id=borrower_id, topic=topic, source=Source.HAND, level=level, rank=Alert.rank_of(level), reason=reason.strip(),
        raised_on=today, raised_at=now, staged_at=now, due_at=deadlines.of_stage(Stage.CHECK, level, now), owner=request.user, **whose,
    )  # fmt: skip
    refuse(guards.against_raising(alert, request.rights))
    with transaction.atomic():
        try:
            with transaction.atomic():
                alert.save()
        except IntegrityError:  # the database holds that one is open at most, whoever raises two at once
            standing = Alert.objects.filter(borrower_id=borrower_id, topic=topic, closed_at=None).first()
            if standing is None:
                raise
            raise RefusedError(
                _("%(number)s is open for this borrower and topic. Work on it, or raise its level.")
                % {"number": standing.number}
            ) from None
        made = _beside(alert, Act.RAISE, request, note=reason, detail={"owner": request.user.pk})
        telling.tell(alert, made)
    return alert


def set_customer(
    borrower_id: str, revision: int, level: str, listing: str, note: str, whose: dict[str, Any], request: Asked
) -> Customer:
    """A customer's own warning level and list; revision 0 is that of a customer without a row. `whose` as in `raise_by_hand`."""
    now = timezone.now()
    with transaction.atomic():
        before = Customer.objects.filter(pk=borrower_id).first()
        if (before.revision if before else 0) != revision:
            raise StaleError
        was = {"level": before.level if before else "", "listing": before.listing if before else ""}
        changed = ((was["level"], was["listing"]), (level, listing))
        refuse(guards.against_customer(whose, request.rights, *changed, note))
        values = {"level": level, "listing": listing, "changed_at": now, "changed_by": request.user}
        if before is None:
            after, made = Customer.objects.get_or_create(borrower_id=borrower_id, defaults=values)
            if not made:
                raise StaleError
        elif Customer.objects.filter(pk=borrower_id, revision=revision).update(revision=revision + 1, **values):
            after = Customer.objects.get(pk=borrower_id)
        else:
            raise StaleError
        CustomerMove.objects.create(
            customer=after, at=now, actor=request.user, level_before=was["level"], level_after=level, listing_before=was["listing"],
            listing_after=listing, note=note.strip(),
        )  # fmt: skip
        detail = {"before": was, "after": {"level": level, "listing": listing}, "note": note.strip()}
        record(request, "customer.level", "borrower", borrower_id, detail)
    return after


def levelled(alert: Alert, level: str, now: dt.datetime) -> dict[str, Any]:
    """What a new level changes: a worse one is due sooner and wakes it, a better one keeps what was due."""
    changes: dict[str, Any] = {"level": level, "rank": Alert.rank_of(level)}
    if RANKS[level] < RANKS[alert.level] and alert.stage != Stage.CLOSED:
        due = deadlines.of_stage(alert.stage, level, now)
        changes |= {"due_at": min(alert.due_at, due) if alert.due_at else due, "snoozed_until": None}
    return changes


def waking(alert: Alert, now: dt.datetime) -> dict[str, Any]:
    """What waking changes: it has as long as if its stage began now."""
    return {"snoozed_until": None, "staged_at": now, "due_at": deadlines.of_stage(alert.stage, alert.level, now)}


def _rested(alert: Alert, now: dt.datetime) -> dict[str, Any]:
    """Until when what a person wakes is to be done: as many work days later as it rested, so that to snooze and wake again gains nothing."""
    laid = alert.moves.filter(act=Act.SNOOZE).order_by("-id").first()
    if laid is None or alert.due_at is None:
        return {}
    return {"due_at": deadlines.after(alert.due_at, deadlines.work_days_late(laid.at, now))}


def _on(alert: Alert, act: Act, to: Stage, note: str, request: Asked) -> Alert:
    now = timezone.now()
    with transaction.atomic():
        return move(
            alert, act, request=request, note=note, at=now, **_at(alert, to, now), **_woken(), **_mine(alert, request)
        )


def _at(alert: Alert, stage: Stage, now: dt.datetime, level: str = "") -> dict[str, Any]:
    return {"stage": stage, "staged_at": now, "due_at": deadlines.of_stage(stage, level or alert.level, now)}


def _woken() -> dict[str, Any]:
    return {"snoozed_until": None}


def _mine(alert: Alert, request: Asked) -> dict[str, Any]:
    """Who acts on what is nobody's has it from then on."""
    return {"owner": request.user} if alert.owner_id is None else {}


def _closed(alert: Alert, outcome: Outcome, now: dt.datetime) -> dict[str, Any]:
    return {
        "stage": Stage.CLOSED, "outcome": outcome, "staged_at": now, "closed_at": now, "due_at": None, "snoozed_until": None,
        "escalated_org_id": None, "chased_at": None, "concluded_at": alert.concluded_at or now,
    }  # fmt: skip


def _decided(alert: Alert, conclusion: str, level: str, now: dt.datetime) -> dict[str, Any]:
    """What a conclusion that stands brings about."""
    said = {"conclusion": conclusion, "proposed_level": "", "confirmed_at": now}
    if conclusion != Conclusion.CONFIRMED:
        return _closed(alert, Outcome(conclusion), now) | said
    changed = {"level": level, "rank": Alert.rank_of(level)}
    return _at(alert, Stage.PLAN, now, level) | _woken() | changed | said


def _doubled(conclusion: str, of: Alert | None) -> dict[str, Any]:
    """What a Move says of the alert that this one doubles."""
    return {"duplicate_of": of.number} if of is not None and conclusion == Conclusion.DUPLICATE else {}


def _beside(alert: Alert, act: Act, request: Asked, *, note: str, detail: dict[str, Any]) -> Move:
    """A Move of an act that leaves the alert as it is, and its entry of the audit log."""
    made = Move.objects.create(
        alert=alert, at=timezone.now(), actor=request.user, act=act, stage_before=alert.stage, stage_after=alert.stage,
        level_before=alert.level, level_after=alert.level, note=note.strip(), detail=detail,
    )  # fmt: skip
    record(request, f"alert.{act.value}", "alert", alert.number, {"note": note.strip(), **detail})
    return made


def _seen(alert: Alert, revision: int) -> None:
    """StaleError where the alert is not as it was looked at: then no other reason counts."""
    if alert.revision != revision or not Alert.objects.filter(pk=alert.pk, revision=revision).exists():
        raise StaleError


def _difference(before: Alert, after: Alert, made: Move) -> dict[str, Any]:
    names = ("stage", "level", "conclusion", "outcome", "owner_id", "snoozed_until", "escalated_org_id")
    changed = [name for name in names if getattr(before, name) != getattr(after, name)]
    told = {
        "before": {name: _plain(getattr(before, name)) for name in changed},
        "after": {name: _plain(getattr(after, name)) for name in changed},
    }
    return {**told, "note": made.note, **made.detail}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
