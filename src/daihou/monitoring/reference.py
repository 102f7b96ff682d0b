"""The reference page of the measures, from their declarations: `python -m daihou.monitoring.reference > FILE`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from daihou.monitoring.families import FAMILIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daihou.monitoring.catalogue import Bad, Family, Measure, Subject, Unit

UNITS: Final[dict[Unit, tuple[str, str, str]]] = {
    "id": ("id", "编号", "a number the lender gave"),
    "code": ("code", "代码", "one of a few words"),
    "date": ("date", "日期", "a day"),
    "days": ("days", "天", "a whole number of days"),
    "months": ("months", "月", "a whole number of months"),
    "count": ("count", "个数", "a whole number"),
    "amount": ("amount", "金额", "minor units of the row's currency; currency units in exports"),
    "base_amount": ("amount, base", "本位币金额", "minor units of the home's base currency; currency units in exports"),
    "rate": ("rate", "比率", "a fraction with 8 decimals: 0.0435 is 4.35 %"),
    "share": ("share", "占比", "a fraction: 0.25 is 25 %"),
    "flag": ("flag", "是否", "true or false"),
    "codes": ("codes", "代码串", "one character a month"),
    "number": ("number", "数值", "any other number, such as an index"),
}
SUBJECTS: Final[dict[Subject, str]] = {
    "loan": "贷款",
    "borrower": "借款人",
    "facility": "授信",
    "org": "机构",
    "product": "产品",
    "market": "市场",
    "model": "评分模型版本",
}
BAD: Final[dict[Bad, str]] = {"high": "high 越高越差", "low": "low 越低越差", "none": ""}

_OPENING: Final = """# The measures: what daihou answers

Written by `python -m daihou.monitoring.reference` from the declarations in `daihou.monitoring`. The exact meaning of
every column of a loan is in [Where a loan stands](../guides/standing.md) and [How a borrower
behaves](../guides/behaviour.md), that of events and the market in [Events and the market](../guides/events_and_market.md).
What could not be measured is empty, never 0.
本页由指标声明自动生成。各列的精确口径见上述各页；无法计量的为空，不以 0 代替。

## Units 单位

| unit | 单位 | what it holds |
|---|---|---|"""


def page() -> str:
    """Return the reference page as Markdown."""
    units = [f"| {en} | {zh} | {held} |" for en, zh, held in UNITS.values()]
    return "\n".join([_OPENING, *units, "", *(line for family in FAMILIES for line in _section(family))])


def _section(family: Family) -> Iterator[str]:
    yield f"## {family.name}: {family.en} {family.zh}\n"
    inputs = ", ".join(f"`{name}`" for name in family.inputs)
    rows = f"One row a {family.subject} 每{SUBJECTS[family.subject]}一行"
    if family.subject == "market":
        rows = "The same on the row of every loan and borrower 各贷款、各借款人相同"
    yield f"{rows}. Read from 输入: {inputs}.\n"
    yield "| column | label | 名称 | unit | meaning | 含义 | worse when |"
    yield "|---|---|---|---|---|---|---|"
    yield from (_row(measure) for measure in family.measures)
    yield ""


def _row(measure: Measure) -> str:
    unit = UNITS[measure.unit][0]
    cells = (measure.name, measure.en, measure.zh, unit, measure.meaning_en, measure.meaning_zh, BAD[measure.bad])
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.stdout.write(page())
