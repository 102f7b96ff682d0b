"""One alert, for acting: what may be done now and by whom it is decided, and for everything that may not be done, why."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from daihou.desk.alerts import customers, deadlines, guards, mentions, scope
from daihou.desk.alerts.choices import LEVEL_CHOICES, RANKS, Act, Conclusion, Stage, TaskKind
from daihou.desk.alerts.policy import policy
from daihou.desk.alerts.receivers import Candidate, receivers
from daihou.desk.files import arriving, fitness
from daihou.desk.people import orgs
from daihou.desk.people.holders import holders
from daihou.desk.people.models import User
from daihou.desk.people.reach import Access

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.desk.alerts.models import Alert, File, Move, Task
    from daihou.desk.asked import Asked

DECIDERS: Final = 3
"""Names said of those to whom it goes."""
DOUBLES: Final = 20
"""Other alerts of the borrower offered as what it doubles."""
CANDIDATES: Final = 300
"""People offered as owner."""
CONCLUSIONS: Final = [(conclusion, conclusion.label, key) for key, conclusion in enumerate(Conclusion, start=1)]
"""Each with its label and the key that chooses it."""


@dataclass(slots=True)
class Acting:
    """What the acting part of the page shows. `no` holds by act why it is not allowed, empty where it is."""

    no: dict[str, str]
    levels: Sequence[tuple[str, Any, str]]
    """Each level with its label and why it may not be set."""
    machine: str
    """The worst level of its open signals: the machine's opinion; empty where none is open."""
    checked: Move | None = None
    """The check that waits for confirmation."""
    behind: list[Move] = field(default_factory=list)
    """Who stands behind the lifting that is proposed, who proposed it first."""
    ended: Move | None = None
    deciders: list[User] = field(default_factory=list)
    """To whom it goes next, the nearest first."""
    alone: bool = False
    """Whether the check stands without another person."""
    doubles: list[Alert] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    escalates_to: str = ""
    snooze_from: dt.date | None = None
    snooze_to: dt.date | None = None
    needed: int = 0
    """People who must stand behind a lifting."""
    following: str = ""
    """The address of the next alert of the list from which the one that was just done came."""

    @property
    def deciding(self) -> str:
        """To whom it goes next, by name."""
        return names(self.deciders)


@dataclass(frozen=True, slots=True)
class Suggested:
    """A task that the level asks for and that is not begun: until when it would be due, whose it would be, and why it cannot be begun."""

    kind: str
    label: Any
    due_at: dt.datetime
    owner: User
    no: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A task that was begun, and why it cannot be ended by who looks; empty where it can."""

    task: Task
    no: str


@dataclass(frozen=True, slots=True)
class Files:
    """The files beside an alert, what is taken, and why none is taken or read."""

    rows: list[File]
    no_attach: str
    no_read: str
    accept: str = ",".join(f".{ending}" for ending in fitness.KINDS)
    most_bytes: int = arriving.FILE_BYTES
    most_mb: int = arriving.FILE_BYTES >> 20


def context(alert: Alert, request: Asked) -> dict[str, Any]:
    """What the templates acting, tasks, files, comments and customer need: `acting`, `suggested`, `tasks`, `files`, `comments`, `customer_panel`."""
    user, rights = request.user, request.rights
    return {
        "acting": acting(alert, request),
        "conclusions": CONCLUSIONS,
        "handed_on": request.GET.get("from", "")[:2000],
        **_tasks(alert, user, rights),
        "files": Files(
            list(alert.files.select_related("actor")),
            guards.against_seeing(alert, user, rights),
            guards.against_downloading(alert, user, rights),
        ),
        "comments": comments(alert),
        "no_comment": guards.against_commenting(alert, user, rights, None),
        "customer_panel": customers.panel(alert.borrower_id, customers.stated(alert), rights)
        if alert.borrower_id
        else None,
    }


def acting(alert: Alert, request: Asked) -> Acting:
    """What may be done now."""
    user, rights = request.user, request.rights
    levels = [(level, label, guards.against_level(alert, user, rights, level, None)) for level, label in LEVEL_CHOICES]
    found = Acting(_refusals(alert, user, rights), levels, _machine(alert), following=_following(request))
    found.no["level"] = "" if any(not no for _level, _label, no in levels) else _least(alert, levels)
    if alert.stage == Stage.CHECK and not found.no["conclude"]:
        found.alone = guards.closes_alone(alert, user, alert.level)
        found.deciders = deciders(alert, alert.level, but={user.pk})
        found.doubles = _doubles(alert, request)
    elif alert.stage == Stage.CONFIRM:
        found.checked = _last(alert, Act.CONCLUDE)
        found.deciders = deciders(alert, worst(alert), but=guards.checkers(alert))
        found.doubles = [] if found.no["confirm"] else _doubles(alert, request)
    elif alert.stage == Stage.LIFT:
        found.behind, found.needed = _behind(alert), policy().lift_people[alert.level]
        found.deciders = deciders(alert, alert.level, but=set(guards.backers(alert)))
    elif alert.stage == Stage.CLOSED:
        found.ended = (
            alert.moves.select_related("actor")
            .filter(stage_after=Stage.CLOSED)
            .exclude(stage_before=Stage.CLOSED)
            .last()
        )
    if not found.no["assign"]:
        found.candidates = candidates(alert)
    if not found.no["escalate"]:
        found.escalates_to = org_name(guards.above(alert))
    if not found.no["snooze"]:
        today = timezone.localdate()
        found.snooze_from = today + dt.timedelta(days=1)
        found.snooze_to = today + dt.timedelta(days=policy().snooze_most_days[alert.level])
    return found


def deciders(alert: Alert, level: str, *, but: set[int]) -> list[User]:
    """Who may decide on an alert of that colour, the nearest first, a few."""
    managers = holders("alerts.confirm", {alert.org_id}, but)
    prefetch_related_objects(managers, "memberships")
    found: list[User] = []
    for user in managers:
        if scope.has_authority(user, Access(user), alert, level):
            found.append(user)
        if len(found) == DECIDERS:
            break
    return found


def worst(alert: Alert) -> str:
    """The more urgent of the level that an alert has and the one proposed: by it goes who decides."""
    return min((alert.level, alert.proposed_level or alert.level), key=lambda each: RANKS[each])


def names(users: Sequence[User]) -> str:
    """People by name, one after the other."""
    return pgettext("between names", ", ").join(str(user) for user in users)


def candidates(alert: Alert) -> list[Candidate]:
    """Who may be given the alert: who is there before who is away, then who has less to do."""
    return [one for one in receivers([alert]) if one.user.pk != alert.owner_id][:CANDIDATES]


def comments(alert: Alert) -> list[dict[str, Any]]:
    """What was said beside the alert, oldest first: each move, and its text as it is shown."""
    moves = list(alert.moves.filter(act=Act.COMMENT).select_related("actor"))
    people = User.objects.in_bulk({pk for move in moves for pk in move.detail.get("mentions", ())})
    return [
        {
            "move": move,
            "text": mentions.shown(move.note, [people[pk] for pk in move.detail.get("mentions", ()) if pk in people]),
        }
        for move in moves
    ]


def org_name(org_id: str | None) -> str:
    """What an org is called; '' is head office."""
    return orgs.tree().name(org_id) if org_id else _("head office")


def _refusals(alert: Alert, user: User, rights: Access) -> dict[str, str]:
    return {
        "conclude": guards.against_concluding(alert, user, rights, None),
        "confirm": guards.against_confirming(alert, user, rights, None),
        "send_back": guards.against_sending_back(alert, user, rights, None),
        "plan": guards.against_planning(alert, user, rights, None),
        "carry_out": guards.against_carrying_out(alert, user, rights, None),
        "follow_up": guards.against_following_up(alert, user, rights, None),
        "propose_lift": guards.against_proposing_lift(alert, user, rights, None),
        "approve_lift": guards.against_approving_lift(alert, user, rights),
        "claim": guards.against_claiming(alert, user, rights),
        "assign": guards.against_assigning(alert, user, rights, None),
        "snooze": guards.against_snoozing(alert, user, rights, None, None),
        "wake": guards.against_waking(alert, user, rights),
        "escalate": guards.against_escalating(alert, user, rights, None),
        "chase": guards.against_chasing(alert, user, rights, None),
    }


def _machine(alert: Alert) -> str:
    """The worst level of its open signals."""
    levels = alert.signals.filter(ended_on=None).values_list("level", flat=True)
    return min(levels, key=lambda each: RANKS[each], default="")


def _least(alert: Alert, levels: Sequence[tuple[str, Any, str]]) -> str:
    """Why no level may be set: the reason against one that is not the present one."""
    return next(no for level, _label, no in levels if level != alert.level)


def _last(alert: Alert, act: Act) -> Move | None:
    return alert.moves.filter(act=act).select_related("actor").last()


def _behind(alert: Alert) -> list[Move]:
    """The moves of those who stand behind the lifting."""
    order = guards.backers(alert)
    acts = alert.moves.filter(act__in=(Act.PROPOSE_LIFT, Act.APPROVE_LIFT), actor__in=order).select_related("actor")
    newest = {move.actor_id: move for move in acts}
    return [newest[pk] for pk in order]


def _doubles(alert: Alert, request: Asked) -> list[Alert]:
    """Other alerts about the same borrower or model that stand by themselves, the open ones first."""
    seen = scope.seen(request.user, request.rights)
    others = seen.filter(borrower_id=alert.borrower_id, model=alert.model, duplicate_of=None)
    return list(others.exclude(pk=alert.pk).order_by("-closed_at", "-id")[:DOUBLES])


def _following(request: Asked) -> str:
    """The next alert of the list, from the address to which an act leads."""
    stated = request.GET.get("next", "")
    if not (stated.isascii() and stated.isdecimal() and len(stated) < 16):
        return ""
    return f"{reverse('alert', args=[int(stated)])}"


def _tasks(alert: Alert, user: User, rights: Access) -> dict[str, Any]:
    now = timezone.now()
    tasks = list(alert.tasks.select_related("owner", "begun_by", "ended_by"))
    begun = {task.kind for task in tasks if task.ended_at is None}
    owner = alert.owner or user
    suggested = [
        Suggested(
            kind,
            TaskKind(kind).label,
            deadlines.of_task(kind, now),
            owner,
            guards.against_task(alert, user, rights, kind),
        )
        for kind in guards.suggested(alert)
        if alert.open and kind not in begun
    ]
    for task in tasks:
        task.alert = alert  # so that no guard asks the database for it
    shown = [Begun(task, guards.against_ending_task(task, user, rights, None)) for task in tasks]
    return {"suggested": suggested, "tasks": shown}
