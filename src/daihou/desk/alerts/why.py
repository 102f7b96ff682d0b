"""Why an alert: each signal it stands on, with its rule in words, every value, what the rule asked of it, and from which day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

from daihou.book.errors import DaihouError
from daihou.desk.alerts import watches
from daihou.desk.alerts.choices import RANKS
from daihou.desk.alerts.rules import all_rules
from daihou.desk.alerts.watches import is_watch
from daihou.desk.governance import labels
from daihou.desk.portfolio import reading
from daihou.desk.portfolio.subjects import address
from daihou.desk.signals import said
from daihou.desk.signals.explained import Teller
from daihou.desk.signals.watch import noted, parquet
from daihou.expressions import parse, spoken
from daihou.runs.watch import told
from daihou.warning.columns import columns_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.desk.alerts.models import Alert, AlertSignal
    from daihou.desk.portfolio.moments import Moment
    from daihou.desk.signals.explained import Bound, Line
    from daihou.warning.rule import Rule, Version

TOLD: Final = 30
"""Signals that are told in full; of more, the worst."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value that a signal stands on, and what the condition asked of it; of a value that is only reckoned with, or shown in the message, nothing."""

    name: str
    label: str
    said: str
    bounds: tuple[Bound, ...]

    @property
    def holds(self) -> bool:
        """Whether it is what the rule warns of."""
        return any(bound.holds for bound in self.bounds)


@dataclass(frozen=True, slots=True)
class Why:
    """One signal, told."""

    signal: AlertSignal
    rule: Rule | None
    version: Version | None
    name: str
    message: str
    sentence: str
    """The condition in words; empty where it is no longer understood."""
    lines: tuple[Line, ...]
    values: tuple[Value, ...]
    notes: tuple[dict[str, Any], ...]
    """What later runs would have said otherwise, newest first: rows of `signal_notes`."""

    @property
    def watch(self) -> bool:
        """Whether the stream alone judges it."""
        return is_watch(self.signal.rule_id)

    @property
    def open(self) -> bool:
        """Whether it has not ceased."""
        return self.signal.ended_on is None

    @property
    def url(self) -> str:
        """The rows behind it: the loan, the borrower with its loans, or the model, on that day by that day's knowledge; empty where no page shows them."""
        day, page = self.signal.opened_on.isoformat(), address(self.signal.subject, self.signal.subject_id)
        return f"{page}?as_of={day}&known_on={day}" if page else ""


def why(alert: Alert, moment: Moment | None) -> list[Why]:
    """The signals of an alert, the open before the ceased, the worst first, the newest of those first; as many queries however many there are."""
    signals = sorted(
        alert.signals.all(),
        key=lambda one: (one.ended_on is not None, RANKS[one.level], -one.opened_on.toordinal(), one.pk),
    )[:TOLD]
    rules = all_rules()
    notes = _notes(signals, moment)
    return [_told(one, rules.get(one.rule_id), notes.get((one.rule_id, one.subject_id), ())) for one in signals]


def _told(signal: AlertSignal, rule: Rule | None, notes: Sequence[dict[str, Any]]) -> Why:
    row = {
        "rule_id": signal.rule_id, "version": signal.version, "subject": signal.subject, "currency": signal.currency,
        "condition": signal.condition, "evidence": signal.evidence,
    }  # fmt: skip
    version = next((one for one in rule.versions if one.number == signal.version), None) if rule else None
    name = said.rule_name(rule, signal.rule_id)
    if is_watch(signal.rule_id):
        return Why(signal, rule, version, name, watches.message(signal), signal.condition, (), (), ())
    teller, sentence = Teller(signal.currency or None), _spoken(signal)
    if not sentence:
        return Why(signal, rule, version, name, signal.condition, "", (), (), tuple(notes))
    evidence = told.evidence(row, str(settings.HOME.settings.base_currency))
    bounds = teller.bounds(evidence)
    values = tuple(
        Value(one.field.name, one.label, one.said[0], tuple(bounds.get(one.field.name, ())))
        for one in teller.inputs(signal.subject, [evidence])
    )
    lines = tuple(teller.lines(evidence))
    return Why(signal, rule, version, name, said.message(row), sentence, lines, values, tuple(notes))


def _spoken(signal: AlertSignal) -> str:
    try:
        condition = parse(signal.condition, columns_of(signal.subject))
    except DaihouError:
        return ""
    return spoken(condition, chinese=labels.chinese())


def _notes(
    signals: Sequence[AlertSignal], moment: Moment | None
) -> dict[tuple[str, str], list[dict[str, Any]]]:  # fmt: skip
    """What later runs noted of the rules and subjects of some signals, from the day on which each opened; one query."""
    if moment is None or not signals:
        return {}
    paths = noted(max(as_of for as_of, _ in moment.pairs), moment.stamp)
    if not paths:
        return {}
    rows = reading.rows(
        f"SELECT note, said_on, known_on, batch, transition, rule_id, subject_id FROM {parquet(paths)} WHERE NOT shadow "
        "AND subject_id IN (SELECT unnest(?::VARCHAR[])) AND rule_id IN (SELECT unnest(?::VARCHAR[])) ORDER BY said_on DESC, known_on DESC",
        [sorted({one.subject_id for one in signals}), sorted({one.rule_id for one in signals})],
    )
    first = {(one.rule_id, one.subject_id): one.opened_on for one in signals}
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        key = row["rule_id"], row["subject_id"]
        if key in first and row["said_on"] >= first[key]:
            found.setdefault(key, []).append(row)
    return found
