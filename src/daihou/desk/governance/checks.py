"""What is right and wrong with a draft as it is typed: problems with their place, the condition in words, and the columns it names."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, cast

from django.utils.translation import gettext as _

from daihou import expressions
from daihou.book.errors import DaihouError
from daihou.desk import typed
from daihou.desk.governance import content, labels
from daihou.warning import checked, reading
from daihou.warning.columns import columns_of, families_of
from daihou.warning.rule import SUBJECTS, Rule, Text, Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from daihou.expressions import Columns, Expression, Field
    from daihou.monitoring.catalogue import Measure
    from daihou.warning.checked import Checked
    from daihou.warning.rule import Level, Recipient, Subject, Topic

CONDITIONS: Final = ("segment", "when", "clear")
KEY: Final = re.compile(r" version [0-9]+, ([a-z_]+)(?:, ([a-z]+))?")
"""Which field an error of a version is about, by its place."""
OPENING: Final = re.compile(r"([a-z_]+): ")
NAMED: Final = re.compile(r", (name|message|reason)$")
TEXTS: Final = ("owner", "name_zh", "name_en", "message_zh", "message_en", "reason_zh", "reason_en")
SHORT: Final = 300
WORD: Final = re.compile(r"'(?:[^']|'')*'|[A-Za-z_][A-Za-z_0-9]*")
ALIKE: Final = 0.55
GRAMMAR: Final = frozenset({"and", "or", "not", "in", "between", "is", "null", "true", "false"})


@dataclass(frozen=True, slots=True)
class Hint:
    """A word that no column has, and the column it most resembles."""

    word: str
    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong: with which field, where in it, and what to do."""

    field: str
    message: str
    remedy: str
    place: str
    hints: tuple[Hint, ...] = ()

    @property
    def label(self) -> str:
        """What the field is called."""
        return str(labels.FIELDS.get(self.field, ""))

    @property
    def said(self) -> str:
        """The field and what is wrong with it."""
        return (
            _("%(field)s: %(problem)s") % {"field": self.label, "problem": self.message} if self.label else self.message
        )


@dataclass(frozen=True, slots=True)
class Named:
    """A column that the rule names: what it is called, its unit, and what it means."""

    field: Field
    label: str
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Examined:
    """A draft looked at: the rule it makes (None where it makes none), all that is wrong, its conditions in words, the columns it names."""

    rule: Rule | None
    checked: Checked | None
    problems: tuple[Problem, ...]
    spoken: Mapping[str, str]
    """By field: segment, when, clear, those that can be read."""
    named: tuple[Named, ...]
    unknown: tuple[str, ...]
    """Words of the conditions that no column has."""

    @property
    def of_conditions(self) -> tuple[Problem, ...]:
        """The problems of the conditions."""
        return tuple(problem for problem in self.problems if problem.field in CONDITIONS)


def examined(text: str) -> Examined:
    """Look at a draft's text, however unfinished it is."""
    values = content.values_of(text)
    found = reading.read(text, content.PLACE)
    stand_in = _stand_in(values)
    (version,) = stand_in.versions
    columns = columns_of(stand_in.subject)
    unread = [_problem(error, columns, values) for error in found.problems]
    fields = {problem.field for problem in unread}
    misfits = [_problem(error, columns, values) for error in checked.problems(stand_in, version)]
    problems = (*unread, *(problem for problem in misfits if problem.field not in fields | _said_already(values)))
    parsed = _parsed(values, columns)
    rule = found.rules[0] if found.rules and not problems else None
    return Examined(
        rule=rule,
        checked=checked.check(rule, rule.versions[0], published=True) if rule else None,
        problems=problems,
        spoken={name: expressions.spoken(one, chinese=labels.chinese()) for name, one in parsed.items()},
        named=_named(parsed, stand_in.subject),
        unknown=tuple(word for name in CONDITIONS for word in _unknown(values[name], columns)),
    )


def runnable(text: str) -> Checked | None:
    """The version as far as its conditions go, ready to judge whether or not its texts and dates are written; None where they cannot be read."""
    rule = _stand_in({**content.values_of(text), "message_en": "", "message_zh": "", "from": "", "shadow_from": ""})
    (version,) = rule.versions
    judging = replace(version, shadow_from=dt.date.min)  # a version needs a day; on none is it asked for here
    try:
        return checked.check(rule, judging)
    except DaihouError:
        return None


def rule_of(text: str) -> Rule:
    """The rule that a draft's text makes; DaihouError where it makes none."""
    (rule,) = reading.rules(text, content.PLACE)
    return rule


def _said_already(values: Mapping[str, Any]) -> set[str]:
    """Fields whose problem follows from a day that is not stated, which is a problem by itself."""
    return {"retired"} if not values["from"] else set()


def _stand_in(values: Mapping[str, Any]) -> Rule:
    """The rule as far as it can be told, so that its conditions are checked before the rest is written."""
    subject = values["subject"] if values["subject"] in SUBJECTS else SUBJECTS[0]
    number = {
        name: int(values[name]) if values[name].isdecimal() else int(content.EMPTY[name]) for name in content.NUMBERS
    }
    version = Version(
        number=values["number"],
        from_on=typed.day(values["from"]),
        owner=values["owner"],
        level=cast("Level", values["level"]),
        when=values["when"],
        message=Text(values["message_en"], values["message_zh"]),
        reason=Text(values["reason_en"], values["reason_zh"]),
        segment=values["segment"] or None,
        confirm=number["confirm"],
        cooldown_days=number["cooldown_days"],
        clear=values["clear"] or None,
        clear_times=number["clear_times"],
        due_work_days=number["due_work_days"],
        notify=cast("tuple[Recipient, ...]", tuple(values["notify"])),
        shadow_from=typed.day(values["shadow_from"]),
        retired=values["retired"],
    )
    name = Text(values["name_en"], values["name_zh"])
    return Rule(values["id"], name, cast("Topic", values["topic"]), cast("Subject", subject), (version,))


def _problem(error: DaihouError, columns: Columns, values: Mapping[str, Any]) -> Problem:
    field = _field(error)
    if not values.get(field):
        message, remedy = _nothing(field, ends=values["retired"]) or labels.told(error)
        return Problem(field, message, remedy, "")
    message, remedy = labels.told(error)
    opening = OPENING.match(message)
    if opening and opening[1] in labels.FIELDS:
        message = message[opening.end() :]
    hints = tuple(
        Hint(word, name, _label(columns[name]))
        for word in (_unknown(values[field], columns) if field in CONDITIONS and "unknown" in error.message else ())
        for name in difflib.get_close_matches(word.lower(), list(columns), 1, ALIKE)
    )
    place = error.place.partition(": ")[2] if KEY.search(error.place) else ""
    return Problem(field, message, "" if hints else _short(remedy), place, hints)


def _nothing(field: str, *, ends: bool) -> tuple[str, str] | None:
    """What is said of a field in which nothing is written yet; None where it need not be."""
    if field == "when":
        return _("Nothing is written yet."), _("Write a condition like: dpd > 30.")
    if field == "from" and ends:
        return _("No day is stated."), _("State from when the rule ends.")
    if field == "from":
        return _("No day is stated."), _("State from when it holds, or from when it runs in shadow.")
    if field == "notify":
        return _("Nobody is chosen."), ""
    return (_("Nothing is written yet."), "") if field in TEXTS else None


def _short(remedy: str) -> str:
    """A remedy without the list of every column, which stands beside the condition."""
    return remedy if len(remedy) <= SHORT else _("The columns that can be named are listed below.")


def _field(error: DaihouError) -> str:
    """Which field an error is about: the key at the head of its message, or else in its place; of a text, in which language."""
    key, found, named = OPENING.match(error.message), KEY.search(error.place), NAMED.search(error.place)
    first = key[1] if key else ""
    if first in ("en", "zh") and named:
        return f"{named[1]}_{first}"
    if found and found[1] in content.BOTH:
        return f"{found[1]}_{found[2] or 'zh'}"
    return first if first in labels.FIELDS or not found else found[1]


def _unknown(condition: str, columns: Columns) -> list[str]:
    """Words of a condition that are neither of the language nor columns, each once."""
    words = [word for word in WORD.findall(condition) if not word.startswith("'")]
    return [word for word in dict.fromkeys(words) if word.lower() not in GRAMMAR and word.lower() not in columns]


def _parsed(values: Mapping[str, Any], columns: Columns) -> dict[str, Expression]:
    """The conditions that can be read, by field."""
    found = {}
    for name in CONDITIONS:
        try:
            if values[name]:
                found[name] = expressions.parse(values[name], columns)
        except DaihouError:
            continue  # it is among the problems
    return found


def _named(parsed: Mapping[str, Expression], subject: Subject) -> tuple[Named, ...]:
    fields = dict.fromkeys(field for one in parsed.values() for field in expressions.columns_named(one))
    return tuple(_told_all(fields, subject))


def _told_all(fields: Iterable[Field], subject: Subject) -> Iterator[Named]:
    measures: dict[str, Measure] = {}
    for family in families_of(subject):
        for measure in family.measures:
            measures.setdefault(measure.name, measure)
    return (_told(field, measures[field.name]) for field in fields)


def _told(field: Field, measure: Measure) -> Named:
    meaning = measure.meaning_zh if labels.chinese() else measure.meaning_en
    return Named(field, _label(field), str(labels.UNITS[field.unit]), meaning)


def _label(field: Field) -> str:
    return field.zh if labels.chinese() else field.en


def columns_for(subject: Subject) -> list[Named]:
    """All columns that a rule on a subject may name, in the order of the catalogue."""
    return list(_told_all(columns_of(subject).values(), subject))
