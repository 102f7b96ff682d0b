"""Matching a file's columns to the contract on a page: what is shown for each column, and the mapping that a choice comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import yaml
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from daihou.book import contracts
from daihou.book.errors import DaihouError
from daihou.desk.deliveries import orders, wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daihou.book.contracts import Column, Table
    from daihou.book.intake.preview import Preview

IGNORE: Final = "-"
AS_WRITTEN: Final = "as_written"
Parts = dict[str, Any]

_DATES: Final[dict[str, Parts]] = {
    "20260314": {"date": ["%Y%m%d"]},
    "2026/3/14": {"date": ["%Y/%m/%d"]},
    "2026年3月14日": {"date": ["%Y年%m月%d日"]},
    "14/03/2026": {"date": ["%d/%m/%Y"]},
    "03/14/2026": {"date": ["%m/%d/%Y"]},
    "14.03.2026": {"date": ["%d.%m.%Y"]},
}
_NUMBERS: Final[dict[str, Parts]] = {
    "1,234.56": {"thousands": ","},
    "1.234,56": {"thousands": ".", "decimal": ","},
    "ten_thousands": {"thousands": ",", "scale": 10000},
}
_RATES: Final[dict[str, Parts]] = {"per_cent": {"scale": 0.01}}
_NAMES: Final[Mapping[str, Any]] = {
    "ten_thousands": gettext_lazy("in 万元 (× 10,000)"),
    "per_cent": gettext_lazy("in per cents (÷ 100)"),
    AS_WRITTEN: gettext_lazy("as the mapping says"),
}
_PLAIN: Final = {"date": "2026-03-14", "money": "1234.56", "rate": "0.0435"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a select."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """One column of the file: what its cells look like, what it becomes, and what it may become."""

    number: int
    name: str
    samples: tuple[str, ...]
    becomes: str
    """The contract column; empty where it is kept as an attribute, `-` where it is left out."""
    meaning: str
    kind: str
    fixed: bool
    """Whether it bears a contract column's own name, and so is always taken."""
    targets: tuple[Choice, ...]
    forms: tuple[Choice, ...]


def forms_of(column: Column | None) -> dict[str, Parts]:
    """In which forms a column's cells may come, beside the plain one, by what a mapping says of each."""
    if column is None:
        return {}
    if column.type == "date":
        return _DATES
    if column.type in ("money", "signed_money", "number", "integer"):
        return _NUMBERS
    return _RATES if column.type in ("rate", "ratio") else {}


def matches(table: Table, found: Preview, mapping: str) -> list[Match]:
    """What each column of a file becomes under a mapping."""
    stated = orders.stated(mapping) or {}
    rules = stated.get("columns") or {}
    ignored = {str(name) for name in stated.get("ignore") or ()}
    taken = {source: column for column, source in found.how.direct}
    taken |= {rule.source: rule.column for rule in found.how.rules if rule.source is not None}
    own = {column.name for column in (*table.columns, contracts.KNOWN_ON)}
    shown = []
    for number, name in enumerate(found.names):
        becomes = taken.get(name, IGNORE if name in ignored else "")
        column = wording.contract_column(table.name, becomes)
        samples = found.cells[name].drop_nulls().unique(maintain_order=True).head(20).to_list()
        shown.append(
            Match(
                number=number,
                name=name,
                samples=tuple(text[:40] for text in samples if text.strip())[:3],
                becomes=becomes,
                meaning=wording.of(column) if column else "",
                kind=wording.kind(column) if column else "",
                fixed=name.strip().lower() in own,
                targets=_targets(table, becomes, fixed=name.strip().lower() in own),
                forms=_forms(column, rules.get(becomes)),
            )
        )
    return shown


def _targets(table: Table, becomes: str, *, fixed: bool) -> tuple[Choice, ...]:
    others = (
        []
        if fixed
        else [Choice("", _("kept beside the row"), becomes == ""), Choice(IGNORE, _("left out"), becomes == IGNORE)]
    )
    columns = [column for column in (*table.columns, contracts.KNOWN_ON) if not column.vault]
    return (
        *others,
        *(
            Choice(
                column.name,
                f"{column.name}{' *' if column.required else ''} · {wording.of(column)}",
                column.name == becomes,
            )
            for column in columns
        ),
    )


def _forms(column: Column | None, rule: Any) -> tuple[Choice, ...]:
    known = forms_of(column)
    parts = {name: part for name, part in rule.items() if name != "from"} if isinstance(rule, dict) else {}
    parts = {name: [part] if name == "date" and isinstance(part, str) else part for name, part in parts.items()}
    chosen = next((code for code, stated in known.items() if stated == parts), AS_WRITTEN if parts else "")
    if not known and not parts:
        return ()
    plain = _PLAIN["date" if known is _DATES else "rate" if known is _RATES else "money"] if known else _("as sent")
    written = [Choice(AS_WRITTEN, str(_NAMES[AS_WRITTEN]), chosen=True)] if chosen == AS_WRITTEN else []
    return (
        Choice("", plain, chosen == ""),
        *(Choice(code, str(_NAMES.get(code, code)), code == chosen) for code in known),
        *written,
    )


def mapping_of(table: Table, names: tuple[str, ...], chosen: Mapping[str, str], before: str) -> str:
    """The mapping that choices on the page come to (`to-N`, `form-N` by the column's place); what else it said before stays.

    Empty where every column is taken by its own name. DaihouError where two columns would become one.
    """
    stated = dict(orders.stated(before) or {}) if before.strip() else {}
    old = dict(stated.get("columns") or {})
    old_sources = {column: _source(rule) for column, rule in old.items()}
    rules = {column: rule for column, rule in old.items() if old_sources[column] not in names}
    ignored = [str(name) for name in stated.get("ignore") or () if str(name) not in names]
    given: dict[str, str] = {}
    for number, name in enumerate(names):
        becomes = chosen.get(f"to-{number}", "")
        if becomes == IGNORE:
            ignored.append(name)
            continue
        column = wording.contract_column(table.name, becomes)
        if column is None:
            continue
        if becomes in given:
            raise _twice(becomes, given[becomes], name)
        given[becomes] = name
        form = chosen.get(f"form-{number}", "")
        parts = _kept(old.get(becomes)) if form == AS_WRITTEN else forms_of(column).get(form, {})
        if parts:
            rules[becomes] = {"from": name, **parts}
        elif name.strip().lower() != becomes:
            rules[becomes] = name
    rest = {part: value for part, value in stated.items() if part not in ("table", "columns", "ignore")}
    if not rules and not ignored and not rest:
        return ""
    made: dict[str, Any] = {"table": table.name, **rest}
    if rules:
        made["columns"] = rules
    if ignored:
        made["ignore"] = ignored
    return yaml.safe_dump(made, allow_unicode=True, sort_keys=False, width=120)


def _source(rule: Any) -> str | None:
    if isinstance(rule, dict):
        return str(rule["from"]) if "from" in rule else None
    return str(rule)


def _kept(rule: Any) -> Parts:
    return (
        {name: part for name, part in rule.items() if name not in ("from", "constant")}
        if isinstance(rule, dict)
        else {}
    )


def _twice(column: str, first: str, second: str) -> DaihouError:
    return DaihouError(
        f"{column} would be made of two columns: {first} and {second}.",
        "Keep one of them, and leave the other out.",
        zh=(f"{column} 同时对应两列：{first} 和 {second}。", "请保留一列，另一列选择“不导入”。"),
    )
