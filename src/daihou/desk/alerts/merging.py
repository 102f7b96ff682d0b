"""Signals of a date merged into alerts, some hundreds at a time, read and written together inside a transaction of the caller.

What opened joins the open alert of its topic about the same borrower or model, or raises one; what ended is noted. What stands again after it
had ended the same day stands where it stood. Where that alert was lifted meanwhile, the lifting rested on an end that was none: the signal joins or
raises another, as one that opens.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q

from daihou.desk.alerts import deadlines, telling
from daihou.desk.alerts.choices import OTHER, RANKS, Act, Outcome, Stage
from daihou.desk.alerts.models import Alert, AlertSignal, Move
from daihou.desk.alerts.transitions import levelled
from daihou.desk.alerts.watches import is_watch
from daihou.desk.alerts.whose import Whose
from daihou.desk.alerts.written import write

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from daihou.desk.alerts.crowd import Crowd
    from daihou.desk.alerts.owners import Chooser
    from daihou.warning.rule import Rule

Said = dict[str, Any]
"""A row of a run's `signals`."""
About = tuple[str, str]
"""Whom a signal is about: a borrower's number and '', or '' and the version of a model."""
Key = tuple[About, str]
"""Whom an alert is about, and its topic."""
COPIED: Final = (
    "signal_id", "rule_id", "version", "subject", "subject_id", "level", "opened_on",
)  # fmt: skip
TOLD: Final = ("currency", "condition", "evidence")
"""Copied too; empty where the run says nothing."""
STANDS: Final = ("opened", "resumed")
"""The transitions after which a signal stands."""
CHANGED: Final = (
    "level", "rank", "due_at", "snoozed_until", "rule_id", "version", "lead", "signals_open", "signals_all", "ceased_on", "revision",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """What merging asks besides the signals."""

    day: dt.date
    """The date of the data."""
    now: dt.datetime
    rules: Mapping[str, Rule]
    whose: Mapping[str, Whose]
    chooser: Chooser
    tells: bool = True
    """Whether people are told at once; not of the hundreds that a desk takes over when it begins."""
    crowd: Crowd | None = None
    """Whom to tell, where somebody has people in hand; else they are read."""
    fresh: bool = False
    """Whether it is known of what opened that it was not taken in before."""
    told_on: dt.date | None = None
    """The business date, where the stream says it and the night has not spoken yet."""
    _due: dict[tuple[str, int | None], dt.datetime] = field(default_factory=dict)

    def key(self, row: Said) -> Key:
        """The alert that a signal belongs to; the topic of a rule that stands nowhere any more is other."""
        rule = self.rules.get(row["rule_id"])
        return about(row), rule.topic if rule else OTHER

    def until(self, rule_id: str) -> dt.date | None:
        """What is noted of a signal so that the night puts it right; nothing where no night judges it."""
        return None if is_watch(rule_id) else self.told_on

    def due(self, signal: AlertSignal) -> dt.datetime:
        """Until when a signal that came now is to be checked."""
        rule = self.rules.get(signal.rule_id)
        versions = rule.versions if rule else ()
        asked = (signal.level, next((one.due_work_days for one in versions if one.number == signal.version), None))
        if asked not in self._due:
            self._due[asked] = deadlines.of_stage(Stage.CHECK, asked[0], self.now, asked[1])
        return self._due[asked]


def about(row: Said) -> About:
    """Whom a row is about; two empty texts where that is nobody."""
    return ("", row["subject_id"]) if row["subject"] == "model" else (row["borrower_id"] or "", "")


def merge(rows: Sequence[Said], known: Known) -> None:
    """Take some signals in; those taken in before are left as they are."""
    opened: dict[Key, list[AlertSignal]] = defaultdict(list)
    whose: dict[Key, Whose] = {}
    for row in rows if known.fresh else _fresh(rows):
        if row["transition"] != "opened":
            continue
        key = known.key(row)
        stated = Whose(row["org_id"] or "", "", row["officer_id"] or "", row["balance"] or 0)
        whose[key] = known.whose.get(key[0][0], stated)
        opened[key].append(_copied(row, known.until(row["rule_id"])))
    ended = {row["signal_id"]: row["transition"] for row in rows if row["transition"] not in STANDS}
    closing = list(AlertSignal.objects.filter(signal_id__in=ended, ended_on=None)) if ended else []
    resumed = _resumed([row["signal_id"] for row in rows if row["transition"] == "resumed"])
    before = _standing(
        {key[0] for key in opened} | {_about(signal.alert) for signal in resumed},
        {signal.alert_id for signal in (*closing, *resumed)},
    )
    for signal in [each for each in resumed if before[each.alert_id].outcome == Outcome.LIFTED]:
        resumed.remove(signal)
        key, stood = _stood(before[signal.alert_id])
        whose[key] = known.whose.get(key[0][0], stood)
        opened[key].append(_again(signal, known.until(signal.rule_id)))
    held = {(_about(alert), alert.topic): alert for alert in before.values() if alert.open}
    raised = {key: _begun(key, signals, whose[key], known) for key, signals in opened.items() if key not in held}
    Alert.objects.bulk_create(raised.values())
    joined: dict[int, list[AlertSignal]] = {}
    for key, signals in opened.items():
        alert = held.get(key) or raised[key]
        joined[alert.pk] = signals
        for signal in signals:
            signal.alert = alert
    AlertSignal.objects.bulk_create(signal for signals in joined.values() for signal in signals)
    gone = _gone(closing, ended, known)
    back = _back(resumed, known)
    moves: list[tuple[Alert, Move]] = []
    for alert in raised.values():
        moves += _raised(alert, joined[alert.pk], known)
    standing = _signals(before)
    touched = [alert for pk, alert in before.items() if pk in joined or pk in gone or pk in back]
    for alert in touched:
        came = joined.get(alert.pk, []), back.get(alert.pk, [])
        moves += _brought_on(alert, standing[alert.pk], *came, gone.get(alert.pk, []), known)
    write(raised.values(), ["lead"])
    write(touched, CHANGED)
    Move.objects.bulk_create(made for _, made in moves)
    if known.tells:
        telling.tell_all(moves, known.crowd)


def _fresh(rows: Sequence[Said]) -> list[Said]:
    """Those that opened and were not taken in before."""
    opened = [row for row in rows if row["transition"] == "opened"]
    ids = [row["signal_id"] for row in opened]
    there = set(AlertSignal.objects.filter(signal_id__in=ids).values_list("signal_id", flat=True))
    return [row for row in opened if row["signal_id"] not in there]


def _copied(row: Said, told_on: dt.date | None) -> AlertSignal:
    copied = {name: row[name] for name in COPIED} | {name: row[name] or "" for name in TOLD}
    return AlertSignal(**copied, told_on=told_on)


def _again(signal: AlertSignal, told_on: dt.date | None) -> AlertSignal:
    """A signal once more, for another alert than the lifted one, which keeps its own."""
    return AlertSignal(**{name: getattr(signal, name) for name in (*COPIED, *TOLD)}, told_on=told_on)


def _about(alert: Alert) -> About:
    return alert.borrower_id, alert.model


def _stood(lifted: Alert) -> tuple[Key, Whose]:
    """About whom and of what topic a lifted alert was, and whose."""
    whose = Whose(lifted.org_id, lifted.lead_org_id, lifted.officer_id, lifted.exposure)
    return (_about(lifted), lifted.topic), whose


def _resumed(ids: Sequence[str]) -> list[AlertSignal]:
    """The signals of some ids that stand nowhere, each as the alert has it that had it last."""
    if not ids:
        return []
    held = AlertSignal.objects.filter(signal_id__in=ids).select_related("alert").order_by("id")
    newest = {signal.signal_id: signal for signal in held}
    return [signal for signal in newest.values() if signal.ended_on is not None]


def _standing(abouts: set[About], pks: set[int]) -> dict[int, Alert]:
    """The open alerts about some borrowers and models, and some by key whether open or not; held until the transaction ends."""
    borrower_ids, models = ({one[place] for one in abouts if one[place]} for place in (0, 1))
    asked = Q(borrower_id__in=borrower_ids)
    if models:  # rare, and a second condition would cost every batch
        asked |= Q(borrower_id="", model__in=models)
    locked = Alert.objects.select_for_update(of=("self",)).select_related("owner")
    found = {alert.pk: alert for alert in locked.filter(asked, closed_at=None)}
    beside = pks - set(found)  # a query of nothing costs half of one of something: it is made all the same
    return found | {alert.pk: alert for alert in locked.filter(pk__in=beside)} if beside else found


def _signals(alerts: Iterable[int]) -> dict[int, list[AlertSignal]]:
    """All signals of some alerts, as they are now."""
    found: dict[int, list[AlertSignal]] = defaultdict(list)
    pks = list(alerts)
    for signal in AlertSignal.objects.filter(alert_id__in=pks) if pks else ():
        found[signal.alert_id].append(signal)
    return found


def _gone(closing: Sequence[AlertSignal], ended: Mapping[str, str], known: Known) -> dict[int, list[AlertSignal]]:
    """The signals that ended, by alert; noted in the database."""
    found: dict[int, list[AlertSignal]] = defaultdict(list)
    for signal in closing:
        signal.ended_on, signal.ended_by, signal.told_on = (
            known.day,
            ended[signal.signal_id],
            known.until(signal.rule_id),
        )
        found[signal.alert_id].append(signal)
    _note(closing)
    return found


def _back(resumed: Sequence[AlertSignal], known: Known) -> dict[int, list[AlertSignal]]:
    """The signals that stand again, by alert; noted in the database."""
    found: dict[int, list[AlertSignal]] = defaultdict(list)
    for signal in resumed:
        signal.ended_on, signal.ended_by, signal.told_on = None, "", known.until(signal.rule_id)
        found[signal.alert_id].append(signal)
    _note(resumed)
    return found


def _note(signals: Sequence[AlertSignal]) -> None:
    """Write whether signals stand: one statement for those that are alike."""
    alike: dict[tuple[dt.date | None, str, dt.date | None], list[int]] = defaultdict(list)
    for signal in signals:
        alike[signal.ended_on, signal.ended_by, signal.told_on].append(signal.pk)
    for (ended_on, ended_by, told_on), pks in alike.items():
        AlertSignal.objects.filter(pk__in=pks).update(ended_on=ended_on, ended_by=ended_by, told_on=told_on)


def _begun(key: Key, signals: Sequence[AlertSignal], whose: Whose, known: Known) -> Alert:
    """A new alert, with the level of the worst of its signals, not yet in the database. One about a model is nobody's until it is given to somebody."""
    lead = _lead(signals)
    (borrower_id, model), topic = key
    owner = None if model else known.chooser.choose(whose.org_id, whose.officer_id, whose.lead_org_id)
    return Alert(
        borrower_id=borrower_id, model=model, topic=topic, level=lead.level, rank=RANKS[lead.level], raised_on=known.day, raised_at=known.now, staged_at=known.now,
        due_at=min(known.due(signal) for signal in signals), owner=owner, rule_id=lead.rule_id,
        version=lead.version, signals_open=len(signals), signals_all=len(signals), **whose.values,
    )  # fmt: skip


def _raised(alert: Alert, signals: Sequence[AlertSignal], known: Known) -> list[tuple[Alert, Move]]:
    """The moves of a new alert: raised by its lead, the other signals merged."""
    alert.lead = _lead(signals)
    made = [_move(alert, Act.RAISE, alert.lead, known, stage_before="", level_before="", owner=alert.owner_id)]
    made += [_move(alert, Act.MERGE, signal, known) for signal in signals if signal is not alert.lead]
    return [(alert, one) for one in made]


def _brought_on(
    alert: Alert, held: Sequence[AlertSignal], joined: Sequence[AlertSignal], back: Sequence[AlertSignal], gone: Sequence[AlertSignal],
    known: Known,
) -> list[tuple[Alert, Move]]:  # fmt: skip
    """What signals that came and went change of an alert that stood before; its moves. Of a closed one only how many are open."""
    still = [signal for signal in held if signal.ended_on is None]
    alert.signals_open, alert.signals_all = len(still), len(held)
    if not alert.open:
        return []
    made = [_move(alert, Act.MERGE, signal, known) for signal in joined]
    made += [_move(alert, Act.RESUME, signal, known) for signal in back]
    made += _risen(alert, joined, known)
    for place, signal in enumerate(gone, 1):
        act = Act.RULE_WITHDRAWN if signal.ended_by == "retired" else Act.CEASE
        made.append(_move(alert, act, signal, known, by=signal.ended_by, last=not still and place == len(gone)))
    alert.ceased_on = None if still else (alert.ceased_on or known.day)
    alert.lead = _lead(still or held)
    alert.rule_id, alert.version = alert.lead.rule_id, alert.lead.version
    alert.revision += 1
    return [(alert, one) for one in made]


def _risen(alert: Alert, joined: Sequence[AlertSignal], known: Known) -> list[Move]:
    """Where a signal that joined is worse than the alert, its level rises: it is due sooner, and wakes. What a person lowered stays so otherwise."""
    worst = _lead(joined) if joined else None
    if worst is None or RANKS[worst.level] >= RANKS[alert.level]:
        return []
    before, rested = alert.level, alert.snoozed
    for name, value in levelled(alert, worst.level, known.now).items():
        setattr(alert, name, value)
    if alert.stage == Stage.CHECK and alert.due_at is not None:
        alert.due_at = min(alert.due_at, known.due(worst))
    return [_move(alert, Act.LEVEL, worst, known, level_before=before, woken=rested)]


def _lead(signals: Sequence[AlertSignal]) -> AlertSignal:
    """The worst, of those the newest."""
    return min(signals, key=lambda signal: (RANKS[signal.level], -signal.opened_on.toordinal(), signal.signal_id))


def _move(
    alert: Alert, act: Act, signal: AlertSignal, known: Known, *, stage_before: str | None = None, level_before: str | None = None,
    **detail: Any,
) -> Move:  # fmt: skip
    """A move of the run, to be written with the others."""
    return Move(
        alert=alert, at=known.now, act=act, stage_before=alert.stage if stage_before is None else stage_before, stage_after=alert.stage,
        level_before=alert.level if level_before is None else level_before, level_after=alert.level,
        detail={"signal_id": signal.signal_id, "rule_id": signal.rule_id, **detail},
    )  # fmt: skip
