"""When each column that rules ask last had a value: by it a night tells data that have gone silent, and does not take them for good news."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Final

from daihou.expressions import columns_asked_for
from daihou.runs.watch.answers import judged_by
from daihou.warning.columns import families_of
from daihou.warning.silence import gone_silent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    import polars as pl

    from daihou.warning.checked import Checked
    from daihou.warning.rule import Subject, Text

    Days = Mapping[str, dt.date]

NOBODY: Final[Days] = {}
"""Before the first watch nothing was heard."""


def asked_of(rule: Checked) -> frozenset[str]:
    """The columns whose values decide on a rule, without those of which it asks whether there is one: there no value is an answer."""
    named = {name for one in (rule.condition, rule.clear) if one is not None for name in columns_asked_for(one)}
    return judged_by(rule) - named


def heard(rows: pl.DataFrame, names: Collection[str], before: Days, as_of: dt.date) -> dict[str, dt.date]:
    """The last date on which any of the watched had a value, by column; `before` tells it of the watch before. Where nobody is watched nothing is silent."""
    if rows.is_empty():
        return {name: as_of for name in names if name in before}
    speaks = {name: as_of for name in names if rows[name].null_count() < len(rows)}
    return {name: before[name] for name in names if name in before} | speaks


def written(days: Days, names: Collection[str]) -> str:
    """What a rule's row keeps of it."""
    return json.dumps({name: days[name].isoformat() for name in sorted(names) if name in days})


def read(text: str | None) -> dict[str, dt.date]:
    """What a rule's row kept; nothing where an earlier version wrote it."""
    return {name: dt.date.fromisoformat(day) for name, day in json.loads(text or "{}").items()}


def remembered(watched: pl.DataFrame) -> dict[str, dict[str, dt.date]]:
    """By subject what the rows of a date kept."""
    found: dict[str, dict[str, dt.date]] = {}
    for subject, text in watched.select("subject", "heard").iter_rows():
        days = found.setdefault(subject or "", {})
        for name, day in read(text).items():
            days[name] = max(day, days.get(name, day))
    return found


def silent(text: str | None, as_of: dt.date) -> dict[str, dt.date]:
    """The columns of a rule's row that have no value any more, and when they last had one."""
    return {name: day for name, day in read(text).items() if day < as_of}


def sayings(watched: pl.DataFrame, as_of: dt.date) -> Iterator[Text]:
    """What must be told of the columns that have gone silent: a sentence for those that did on one date and are read from the same tables."""
    told: dict[tuple[dt.date, tuple[str, ...]], tuple[set[str], set[str]]] = {}
    for rule_id, subject, text in watched.select("rule_id", "subject", "heard").iter_rows():
        for name, day in silent(text, as_of).items():
            names, rules = told.setdefault((day, _inputs(subject, name)), (set(), set()))
            names.add(name)
            rules.add(rule_id)
    for (day, inputs), (names, rules) in sorted(told.items()):
        yield gone_silent(sorted(names), day, sorted(rules), inputs)


def _inputs(subject: Subject, name: str) -> tuple[str, ...]:
    """The tables that a column is read from."""
    families: Iterable[tuple[str, ...]] = (
        family.inputs for family in families_of(subject) if any(measure.name == name for measure in family.measures)
    )
    return next(iter(families), ())
