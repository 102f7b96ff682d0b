"""Two versions of a rule beside each other: field by field, conditions and texts line by line."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from daihou.desk.governance import labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CODE: Final = ("segment", "when", "clear")
CODED: Final[Mapping[str, Mapping[str, Any]]] = {
    "topic": labels.TOPICS,
    "subject": labels.SUBJECTS,
    "level": labels.LEVELS,
}
EVER: Final = "1900-01-01"
"""From when rules hold that ship."""
OMITTED: Final = ("id", "number")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of either side; `changed` where the other side has another or none."""

    before: str
    after: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A field of both versions, as people read it."""

    name: str
    label: str
    lines: tuple[Line, ...]
    changed: bool
    code: bool


def rows(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Row]:
    """Every field that either version says, in the order of `labels.FIELDS`; a side that does not exist is an empty mapping."""
    found = []
    for name, label in labels.FIELDS.items():
        old, new = shown(name, before.get(name)), shown(name, after.get(name))
        if name in OMITTED or not (old or new):
            continue
        found.append(Row(name, str(label), tuple(_lines(old, new)), old != new, name in CODE))
    return found


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Row]:
    """The fields that differ."""
    return [row for row in rows(before, after) if row.changed]


def shown(name: str, value: Any) -> str:
    """A value of a form as people read it."""
    if value in (None, "", False):
        return ""
    if value is True:
        return _("Yes")
    if name == "from" and value == EVER:
        return _("from ever")
    if name == "owner":
        return labels.owner(value)
    if name == "notify":
        return _(", ").join(str(labels.RECIPIENTS.get(one, one)) for one in value)
    return str(CODED[name].get(value, value)) if name in CODED else str(value)


def _lines(before: str, after: str) -> Iterator[Line]:
    """The lines of both sides, those that belong together beside each other."""
    old, new = before.splitlines(), after.splitlines()
    for tag, first, last, start, end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for place in range(max(last - first, end - start)):
            left = old[first + place] if first + place < last else ""
            right = new[start + place] if start + place < end else ""
            yield Line(left, right, tag != "equal")
