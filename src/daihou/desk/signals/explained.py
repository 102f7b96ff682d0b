"""The condition of a signal as a page shows it: a line a node, each with the values it compares and what it came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

from daihou.desk.governance import labels
from daihou.desk.portfolio.columns import code_label
from daihou.runs.watch import told
from daihou.warning.columns import columns_of
from daihou.warning.filled import filled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from daihou.expressions import Field, Node
    from daihou.runs.watch.told import Evidence

SIGNS: Final = {"<=": "≤", ">=": "≥", "!=": "≠"}
DEEPEST: Final = 6
JOINED: Final = ("and", "or", "not")
"""Nodes that stand on conditions; all others compare values."""


@dataclass(frozen=True, slots=True)
class Line:
    """One node: how deep it stands, its text, its values in words, and what it came to."""

    depth: int
    text: str
    said: str
    kind: str
    holds: bool | None
    label: str = ""
    """What the column that the node is is called."""
    condition: bool = True
    """Whether it holds or not; else it is a value that a condition compares."""

    @property
    def indent(self) -> str:
        """Its class for how far it stands in; deeper than that is no easier to read."""
        return f"d{min(self.depth, DEEPEST)}"


@dataclass(frozen=True, slots=True)
class Input:
    """A value that a signal stands on: its column, and what it was on each day that is told."""

    field: Field
    label: str
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """What a part of a condition asks of a column, in words, and whether it held."""

    said: str
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells the evidence of one signal in the language of the page and in the signal's own currency."""

    currency: str | None

    @property
    def base(self) -> str:
        """The currency of the home."""
        return str(settings.HOME.settings.base_currency)

    def lines(self, evidence: Evidence) -> list[Line]:
        """The condition from its root down; nothing where there is no evidence."""
        return [] if evidence.tree is None else list(self._lines(evidence.tree, 0))

    def inputs(self, subject: Any, days: list[Evidence]) -> list[Input]:
        """Every value that was written down, in the order of the condition and the message, as it was on some days."""
        columns = columns_of(subject)
        names = dict.fromkeys(name for evidence in days for name in evidence.values)
        return [
            Input(columns[name], _label(columns[name]), tuple(self._stored(columns[name], one.values) for one in days))
            for name in names
        ]

    def bounds(self, evidence: Evidence) -> dict[str, list[Bound]]:
        """What the condition asks of each column that it compares by itself, by name; columns that are only reckoned with have none."""
        found: dict[str, list[Bound]] = {}
        waiting = [] if evidence.tree is None else [evidence.tree]
        while waiting:
            node = waiting.pop(0)
            if node.kind in JOINED:
                waiting = [*node.parts, *waiting]
                continue
            compared = node if node.field is not None else node.parts[0]
            if compared.field is not None:
                holds = None if node.value is None else bool(node.value)
                found.setdefault(compared.field.name, []).append(Bound(self._asked(node, compared.field), holds))
        return found

    def _asked(self, node: Node, field: Field) -> str:
        """What a comparison asks of its first term: > 30 days."""
        others = [self._value(field, part.value) for part in node.parts[1:]]
        match node.kind:
            case "compare":
                return f"{_sign(node)} {others[0]}"
            case "between":
                return " – ".join(others)
            case "in":
                return f"∈ {{{_comma().join(others)}}}"
            case "is_null":
                return f"= {self._value(field, value=None)}"
            case _:  # a flag, which is a condition by itself
                return f"= {self._value(field, value=True)}"

    def _lines(self, node: Node, depth: int) -> Iterator[Line]:
        holds = None if node.value is None else bool(node.value)
        compared = node if node.field is not None or not node.parts else node.parts[0]
        label = _label(compared.field) if compared.field and node.kind not in JOINED else ""
        yield Line(depth, node.text, self._compared(node), node.kind, holds, label)
        if node.kind in JOINED:
            for part in node.parts:
                yield from self._lines(part, depth + 1)
        else:  # the column that is compared is told in the line itself
            for part in node.parts[1 if compared.field else 0 :]:
                yield from self._terms(part, depth + 1)

    def _terms(self, node: Node, depth: int) -> Iterator[Line]:
        """The columns and calculations that a comparison stands on; what is written as a number says itself."""
        field = _field(node)
        if field is None:
            return
        label = _label(node.field) if node.field else ""
        yield Line(depth, node.text, self._value(field, node.value), node.kind, None, label, condition=False)
        for part in node.parts:
            yield from self._terms(part, depth + 1)

    def _compared(self, node: Node) -> str:
        """What a comparison compared: 61 days > 30 days."""
        if node.field is not None:  # a flag, which is a condition by itself
            return self._value(node.field, node.value)
        if node.kind in JOINED:
            return ""
        field = next((found for part in node.parts if (found := _field(part))), None)
        if field is None:
            return ""
        first, *others = [self._value(field, part.value) for part in node.parts]
        if node.kind == "compare":
            return f"{first} {_sign(node)} {others[0]}"
        if node.kind == "between":
            return f"{others[0]} ≤ {first} ≤ {others[1]}"
        if node.kind == "in":
            return f"{first} ∈ {{{(_comma()).join(others)}}}"
        return first

    def _stored(self, field: Field, values: Mapping[str, Any]) -> str:
        value = values.get(field.name)
        return self._value(field, told.said(field, value, self.currency or self.base, self.base))

    def _value(self, field: Field, value: Any) -> str:
        if field.name == "product" and value is not None:  # the house names its products
            return code_label("product", value)
        money = self.base if field.unit == "base_amount" else self.currency
        return filled(field, value, chinese=labels.chinese(), currency=money)


def _sign(node: Node) -> str:
    """The sign of a comparison: what stands between its two terms."""
    left, right = node.parts
    sign = node.text[len(left.text) : len(node.text) - len(right.text)].strip()
    return SIGNS.get(sign, sign)


def _field(node: Node) -> Field | None:
    """The column that gives a term its unit: the first that has one of its own, as all its parts have the same."""
    fields = list(_fields(node))
    return next((field for field in fields if field.unit != "number"), fields[0] if fields else None)


def _fields(node: Node) -> Iterator[Field]:
    if node.field is not None:
        yield node.field
    for part in node.parts:
        yield from _fields(part)


def _label(field: Field) -> str:
    return field.zh if labels.chinese() else field.en


def _comma() -> str:
    return "、" if labels.chinese() else ", "
