"""The way of an alert from its raising to its lifting: what is done, by whom and when, what is in hand, what is to come and who decides it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from daihou.desk.alerts import guards
from daihou.desk.alerts.acting import deciders
from daihou.desk.alerts.choices import RANKS, Stage
from daihou.desk.alerts.policy import policy
from daihou.desk.governance import labels
from daihou.desk.people.models import User
from daihou.policies.alerts import STAGES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.desk.alerts.models import Alert, Move

NAMED: Final = 2
"""People that are named at a step."""


@dataclass(frozen=True, slots=True)
class Step:
    """One stage: `state` is done, now, ahead, or left out."""

    label: str
    state: str
    lines: tuple[str, ...]
    due: dt.datetime | None = None


def flow(alert: Alert, moves: Sequence[Move]) -> list[Step]:
    """The steps of an alert; `moves` are all its acts with their actors, oldest first."""
    left = {move.stage_before: move for move in moves if move.stage_before and move.stage_before != move.stage_after}
    here = STAGES.index(alert.stage) if alert.open else len(STAGES)
    ended = next((place for place, stage in enumerate(STAGES) if _ended_at(left, stage)), None)
    steps = [Step(pgettext("stage of an alert", "Raised"), "done", _raised(alert, moves))]
    for place, stage in enumerate(STAGES):
        label = str(Stage(stage).label)
        if place == here:
            steps.append(Step(label, "now", tuple(_now(alert, stage)), alert.due_at))
        elif place < here and stage in left and (ended is None or place <= ended):
            steps.append(Step(label, "done", (_who_when(left[stage]),)))
        elif place < here:
            steps.append(Step(label, "out", (pgettext("stage of an alert", "left out"),)))
        else:
            steps.append(Step(label, "ahead", tuple(_ahead(alert, stage))))
    return steps


def _ended_at(left: dict[str, Move], stage: str) -> bool:
    return stage in left and left[stage].stage_after == Stage.CLOSED


def _raised(alert: Alert, moves: Sequence[Move]) -> tuple[str, ...]:
    """When it was raised and at which level, and when that last changed."""
    first = moves[0].level_after if moves else alert.level
    lines = [f"{_when(alert.raised_at)} {labels.LEVELS[first]}"]
    changed = next(
        (move for move in reversed(moves) if move.level_before and move.level_before != move.level_after), None
    )
    if changed is not None:
        raised = RANKS[changed.level_after] < RANKS[changed.level_before]
        said = _("%(when)s raised to %(level)s") if raised else _("%(when)s lowered to %(level)s")
        lines.append(said % {"when": _when(changed.at), "level": labels.LEVELS[changed.level_after]})
    return tuple(lines)


def _who_when(move: Move) -> str:
    return f"{move.actor} {_when(move.at)}" if move.actor else _when(move.at)


def _when(at: dt.datetime) -> str:
    return f"{timezone.localtime(at):%m-%d %H:%M}"


def _now(alert: Alert, stage: str) -> list[str]:
    """Who has it in hand."""
    if stage == Stage.CONFIRM:
        return [*_deciders(alert, _worst(alert)), _authority(_worst(alert))]
    if stage == Stage.LIFT:
        behind = guards.backers(alert)
        names = dict(User.objects.filter(pk__in=behind).values_list("pk", "name"))
        needed = policy().lift_people[alert.level]
        stands = _("%(names)s, %(n)s of %(needed)s") % {
            "names": _listed([names[one] for one in behind]), "n": len(behind), "needed": needed
        }  # fmt: skip
        return [stands, *_deciders(alert, alert.level)]
    return [str(alert.owner) if alert.owner else _("nobody has it yet")]


def _ahead(alert: Alert, stage: str) -> list[str]:
    """Who will decide, or how long it has."""
    level = _worst(alert)
    if stage == Stage.CONFIRM:
        return [_authority(level), _days(stage, level)]
    if stage == Stage.LIFT:
        needed = policy().lift_people[alert.level]
        people = ngettext("%(n)s person, with evidence", "%(n)s people, with evidence", needed) % {"n": needed}
        return [people, _authority(alert.level)]
    if stage == Stage.FOLLOW:
        days = policy().stage_work_days[stage][level]
        return [ngettext("every work day", "every %(n)s work days", days) % {"n": days}]
    return [_days(stage, level)]


def _days(stage: str, level: str) -> str:
    days = policy().stage_work_days[stage][level]
    return ngettext("within %(n)s work day", "within %(n)s work days", days) % {"n": days}


def _worst(alert: Alert) -> str:
    """The worse of its level and of the one that is proposed: by it goes who decides."""
    return min(alert.level, alert.proposed_level or alert.level, key=lambda each: RANKS[each])


def _authority(level: str) -> str:
    said: dict[str, Any] = {
        "anyone": _("by whoever checks it"), "branch": _("by another person of the unit"), "head_office": _("by head office"),
    }  # fmt: skip
    return str(said[policy().confirmed_by[level]])


def _deciders(alert: Alert, level: str) -> list[str]:
    """Some of those who may decide, by name; nobody who stood at the step before."""
    handed = guards.checkers(alert) if alert.stage == Stage.CONFIRM else set(guards.backers(alert))
    people = deciders(alert, level, but=handed)
    return [_listed([str(user) for user in people[:NAMED]])] if people else []


def _listed(names: Sequence[str]) -> str:
    return ("、" if labels.chinese() else ", ").join(names)
