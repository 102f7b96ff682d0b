"""One signal: what was said when it opened, what of it and of its rule since, and what later runs noted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.http import QueryDict

from daihou.desk.portfolio import moments, reading
from daihou.desk.signals.watch import noted, parquet, said_by, watch_by

if TYPE_CHECKING:
    from daihou.desk.portfolio.moments import Moment
    from daihou.desk.signals.sight import Sight

CHARACTERS: Final = 24
"""Of the id of a signal: a hash."""


@dataclass(frozen=True, slots=True)
class Story:
    """A signal and what came of it up to the date of a page; rows are those of `signals` with `as_of`, the day on which they were said."""

    opened: dict[str, Any]
    closed: dict[str, Any] | None
    """Cleared, ended or retired; None while it is open."""
    memory: dict[str, Any] | None
    """What is remembered of it after the last watch up to the date: a row of the open signals. None where it is not open, and where no later watch
    knows of it: of a date that was run when later ones had been spoken for."""
    others: tuple[dict[str, Any], ...]
    """What the same rule said of the same subject besides, newest first."""
    notes: tuple[dict[str, Any], ...]
    """What later runs would have said otherwise of rule and subject, newest first: rows of `signal_notes`."""
    runs: int
    """Watches since the one that opened it, up to the date or to its end."""

    @property
    def subject_id(self) -> str:
        """The loan, the borrower or the version of a model."""
        return str(self.opened["subject_id"])

    @property
    def days(self) -> list[dict[str, Any]]:
        """The rows that hold evidence: of its opening and, where it is over and the subject was still there, of its end."""
        return [row for row in (self.opened, self.closed) if row is not None and row["evidence"]]


def story(signal_id: str, moment: Moment) -> Story | None:
    """The signal of an id up to the date of a moment; None where none has it."""
    opened = _opened(signal_id, moment)
    if opened is None:
        return None
    same = [opened["rule_id"], opened["subject_id"], opened["shadow"]]
    day = max(moment.as_of, opened["as_of"])
    said = _rows(said_by(day, moment.stamp), "rule_id = ? AND subject_id = ? AND shadow = ?", same, "as_of DESC")
    own = [row for row in said if row["signal_id"] == signal_id]
    closed = next((row for row in own if row["transition"] != "opened"), None)
    notes = _rows(
        noted(day, moment.stamp), "rule_id = ? AND subject_id = ? AND shadow = ?", same, "said_on DESC, known_on DESC"
    )
    end = closed["as_of"] if closed else moment.as_of
    return Story(
        opened,
        closed,
        None if closed else _remembered(signal_id, moment),
        tuple(row for row in said if row["signal_id"] != signal_id),
        tuple(notes),
        sum(as_of == known_on and opened["as_of"] < as_of <= end for as_of, known_on in moment.pairs),
    )


def in_reach(opened: dict[str, Any], sight: Sight) -> bool:
    """Whether a signal may be seen: of a loan, as whose it is today, whatever the page's date; of a borrower, as whose it was when it opened."""
    if opened["subject"] == "loan":
        newest = moments.moment(QueryDict())
        source = reading.snapshots(newest).sql
        found = reading.rows(f"SELECT org_id, officer_id FROM {source} WHERE loan_id = ?", [opened["subject_id"]])
        if found:
            return sight.reach.holds(found[0]["org_id"], found[0]["officer_id"])
    return sight.holds(opened)


def _opened(signal_id: str, moment: Moment) -> dict[str, Any] | None:
    """The row that opened a signal, whenever that was: a link may lead to a date before."""
    if len(signal_id) != CHARACTERS:
        return None
    last = max(as_of for as_of, _ in moment.pairs)
    return next(
        iter(_rows(said_by(last, moment.stamp), "signal_id = ? AND transition = 'opened'", [signal_id], "as_of")), None
    )


def _remembered(signal_id: str, moment: Moment) -> dict[str, Any] | None:
    found = watch_by(moment.as_of, moment)
    if found is None:
        return None
    return next(iter(reading.rows(f"SELECT * FROM {found.open} WHERE signal_id = ?", [signal_id])), None)


def _rows(paths: list[str], condition: str, values: list[Any], order: str) -> list[dict[str, Any]]:
    return reading.rows(f"SELECT * FROM {parquet(paths)} WHERE {condition} ORDER BY {order}", values) if paths else []
