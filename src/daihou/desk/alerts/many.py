"""One act on many alerts: which ones is frozen when it is asked for, what will be refused is shown, and it is done once.

Each alert goes through its own transition, as it was looked at: what was changed meanwhile, or may not be done, is refused singly and named.
All of it is one transaction: an act that breaks off has done nothing and can be confirmed again.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from daihou.book.errors import DaihouError
from daihou.desk.alerts import guards, scope, taking, telling, transitions
from daihou.desk.alerts.choices import Act
from daihou.desk.alerts.models import Alert, Bulk, Move
from daihou.desk.audit.log import record
from daihou.desk.refusals import RefusedError, StaleError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from daihou.desk.asked import Asked
    from daihou.desk.people.models import User

ACTS: Final[Mapping[str, Any]] = {
    Act.ASSIGN: pgettext_lazy("what to do with alerts", "Assign"),
    Act.SNOOZE: pgettext_lazy("what to do with alerts", "Snooze"),
    Act.ESCALATE: pgettext_lazy("what to do with alerts", "Escalate"),
    Act.CHASE: pgettext_lazy("what to do with alerts", "Chase"),
}
MOST: Final = 2_000
"""Alerts of one act: so many are done while somebody waits."""
NAMED: Final = 20
"""Alerts that are named for a reason; the others are counted."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the act needs: `owner` to assign, `until` to snooze, `note` for all."""

    note: str = ""
    owner: User | None = None
    until: dt.date | None = None

    @property
    def values(self) -> dict[str, Any]:
        """As it is kept."""
        told = {
            "note": self.note,
            "owner": self.owner.pk if self.owner else None,
            "until": self.until and self.until.isoformat(),
        }
        return {name: value for name, value in told.items() if value}


@dataclass(slots=True)
class Refusals:
    """Alerts that an act refuses, by the reason."""

    by_reason: dict[str, list[Alert]] = field(default_factory=lambda: defaultdict(list))

    @property
    def count(self) -> int:
        """How many."""
        return sum(map(len, self.by_reason.values()))

    def told(self) -> list[tuple[str, int, list[Alert]]]:
        """Each reason with how many and the first of them, the most frequent first."""
        found = sorted(self.by_reason.items(), key=lambda held: -len(held[1]))
        return [(why, len(alerts), alerts[:NAMED]) for why, alerts in found]


@dataclass(frozen=True, slots=True)
class Preview:
    """What an act will come to, before it is confirmed. `exposure` is in minor units of the base currency, of those that it will be done to."""

    count: int
    exposure: int
    allowed: list[Alert]
    refusals: Refusals


def freeze(
    request: Asked, act: str, pairs: Sequence[tuple[int, int]], query: str, proposed: Said | None = None
) -> Bulk:
    """Keep which alerts an act is asked for, each with the revision that was looked at, and what the page of confirming it is to propose.

    DaihouError where there is no alert, or too many.
    """
    if act not in ACTS:
        raise DaihouError(
            f"'{act[:40]}' is nothing that is done with many alerts.",
            f"Use one of: {', '.join(ACTS)}.",
            zh=(f"“{act[:40]}”不是可用的批量操作。", f"可用：{'、'.join(ACTS)}。"),
        )
    if not pairs:
        raise DaihouError(
            "No alert was chosen.",
            "Choose rows with x, then act on them.",
            zh=("未选择预警信号。", "请先用 x 选择行，再执行操作。"),
        )
    if len(pairs) > MOST:
        raise DaihouError(
            f"{len(pairs):,} alerts are more than are done at once ({MOST:,}).",
            "Narrow the filter and do it in parts.",
            zh=(f"共 {len(pairs):,} 条，超过单次批量上限 {MOST:,} 条。", "请缩小筛选范围，分批处理。"),
        )
    return Bulk.objects.create(
        actor=request.user, act=act, values=(proposed or Said()).values, ids=[list(pair) for pair in pairs], query=query,
        asked_at=timezone.now(),
    )  # fmt: skip


def alerts_of(bulk: Bulk, request: Asked) -> list[tuple[Alert, int]]:
    """The frozen alerts that the user still sees, in their order, each with the revision that was looked at."""
    seen = dict(bulk.ids)
    held = scope.seen(request.user, request.rights).select_related("owner").in_bulk(list(seen))
    return [(held[pk], revision) for pk, revision in seen.items() if pk in held]


def preview(bulk: Bulk, request: Asked) -> Preview:
    """How many there are, what they owe, and which will be refused, why."""
    allowed: list[Alert] = []
    refusals = Refusals()
    for alert, revision in alerts_of(bulk, request):
        why = (
            _("It was changed since you chose it.") if alert.revision != revision else against(bulk.act, alert, request)
        )
        if why:
            refusals.by_reason[why].append(alert)
        else:
            allowed.append(alert)
    return Preview(len(bulk.ids), sum(alert.exposure for alert in allowed), allowed, refusals)


def against(act: str, alert: Alert, request: Asked, said: Said | None = None) -> str:
    """Why the act is not open for an alert; with `said` also whether that will do."""
    user, rights = request.user, request.rights
    note = said.note if said else None
    if act == Act.ASSIGN:
        return guards.against_assigning(alert, user, rights, said.owner if said else None)
    if act == Act.SNOOZE:
        return guards.against_snoozing(alert, user, rights, said.until if said else None, note)
    if act == Act.ESCALATE:
        return guards.against_escalating(alert, user, rights, note)
    return guards.against_chasing(alert, user, rights, note)


def wanting(act: str, said: Said, today: dt.date) -> dict[str, str]:
    """What is missing or wrong of what the act needs, by its field, whichever the alerts are."""
    found = {}
    if act == Act.ASSIGN and said.owner is None:
        found["owner"] = _("Choose to whom.")
    if act == Act.SNOOZE and (said.until is None or said.until <= today):
        found["until"] = _("Snooze it until a day to come.")
    if act != Act.ASSIGN and len(said.note.strip()) < guards.NOTE_CHARACTERS:
        found["note"] = _("Say why, in a few words.")
    return found


def do(bulk: Bulk, said: Said, request: Asked) -> Bulk:
    """Do it, once: StaleError where it was done before. What is refused is kept with the reason, and one entry of the audit log holds it all."""
    now = timezone.now()
    with transaction.atomic():
        if not Bulk.objects.filter(pk=bulk.pk, done_at=None).update(done_at=now, values=said.values):
            raise StaleError
        refused: dict[int, str] = dict.fromkeys(dict(bulk.ids), _("It lies outside your reach."))
        changed: list[int] = []
        done: list[int] = []
        for alert, revision in alerts_of(bulk, request):
            try:
                _act(bulk, alert, revision, said, request)
            except StaleError:
                changed.append(alert.pk)
            except RefusedError as error:
                refused[alert.pk] = str(error)
            else:
                done.append(alert.pk)
                del refused[alert.pk]
        moves = Move.objects.filter(alert__in=done, act=bulk.act, at__gte=now, detail__bulk=bulk.pk)
        telling.tell_all([(made.alert, made) for made in moves.select_related("alert__owner", "alert__lead")])
        told = taking.last_acts(changed)
        refused |= {pk: told.get(pk) or _("It changed a moment ago.") for pk in changed}
        bulk.result = {"done": len(done), "refused": [[pk, why] for pk, why in refused.items()]}
        bulk.done_at, bulk.values = now, said.values
        bulk.save(update_fields=["result"])
        record(
            request, "alert.bulk", "alert", f"bulk {bulk.pk}",
            {"act": bulk.act, "values": bulk.values, "query": bulk.query, "done": done, "refused": bulk.result["refused"]},
        )  # fmt: skip
    return bulk


def result(bulk: Bulk, request: Asked) -> Refusals:
    """What an act that was done refused, as far as the user sees it."""
    refusals = Refusals()
    why = {int(pk): str(text) for pk, text in bulk.result.get("refused", ())}
    for pk, alert in scope.seen(request.user, request.rights).in_bulk(list(why)).items():
        refusals.by_reason[why[pk]].append(alert)
    return refusals


def _act(bulk: Bulk, alert: Alert, revision: int, said: Said, request: Asked) -> None:
    if bulk.act == Act.ASSIGN and said.owner is not None:
        transitions.assign(alert, revision, said.owner, said.note, request, bulk=bulk)
    elif bulk.act == Act.SNOOZE and said.until is not None:
        transitions.snooze(alert, revision, said.until, said.note, request, bulk=bulk)
    elif bulk.act == Act.ESCALATE:
        transitions.escalate(alert, revision, said.note, request, bulk=bulk)
    else:
        transitions.chase(alert, revision, said.note, request, bulk=bulk)
