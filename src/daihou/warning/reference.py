"""The reference page of the rules that ship, from their files: `python -m daihou.warning.reference > FILE`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from daihou import expressions
from daihou.profiles.rules import FILES, shipped_text
from daihou.warning.checked import check
from daihou.warning.reading import rules
from daihou.warning.rule import NOUNS, TOPICS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daihou.warning.rule import Level, Rule, Topic

LEVELS: Final[dict[Level, str]] = {"red": "red 红", "orange": "orange 橙", "yellow": "yellow 黄", "blue": "blue 蓝"}
TITLES: Final[dict[Topic, str]] = {
    "arrears": "Arrears 逾期",
    "behaviour": "Behaviour 还款行为",
    "terms": "Terms 期限与条款",
    "cash_flow": "Cash flow 资金流水",
    "events": "Events 外部事件",
    "borrower": "Borrower 借款人",
    "market": "Market 市场环境",
    "model": "Scoring models 评分模型",
}
LENDERS: Final = {
    "common": "all 通用",
    "bank": "bank 银行",
    "trust": "trust 信托",
    "online": "online 互联网贷款",
}

UNSEEN: Final = frozenset(
    (
        "R-007",
        "R-008",
        "R-034",
        "R-036",
        "R-047",
        "R-110",
        "R-208",
        "R-301",
        "R-303",
        "R-476",
        *(f"R-{number}" for number in (*range(351, 360), *range(361, 368))),
    )
)
"""Rules that warn in none of the books of `daihou demo`, as measured over all their month ends: nobody lives the case there. Those on models,
on what reviews found and on credit reports are among them, since no model scores there, nobody reviews and no report is fetched."""

_OPENING: Final = """# The rules that ship

Written by `python -m daihou.warning.reference` from the files in `src/daihou/profiles/rules`. How rules work, and how to
change them, is in [Warning rules](../guides/rules.md); what they measure in [The measures](measures.md). Numbers without a
source in law are choices of a house, to be set anew by each: `daihou rules suggest` finds them in its own defaults. Each rule
has a case worked by hand among the tests; those marked so warn in none of the demo books.
本页由随附规则文件自动生成。规则的用法与修改见上述说明；无法律依据的数值均为内部选择，各机构应按自身违约历史重新设定。每条规则
均有手工算例；注明“演示数据未触发”的，在各演示数据中均未出现。
"""


def page() -> str:
    """Return the reference page as Markdown."""
    stated = [(lender, rule) for lender in FILES for rule in rules(shipped_text(lender), f"{lender}.yaml")]
    sections = (line for topic in TOPICS for line in _section(topic, [one for one in stated if one[1].topic == topic]))
    return "\n".join([_OPENING, *sections]).rstrip("\n")


def _section(topic: Topic, stated: list[tuple[str, Rule]]) -> Iterator[str]:
    yield f"## {TITLES[topic]}\n"
    for lender, rule in stated:
        yield from _told(lender, rule)


def _told(lender: str, rule: Rule) -> Iterator[str]:
    version = rule.versions[-1]
    checked = check(rule, version, published=True)
    yield f"### {rule.id} {rule.name.en} {rule.name.zh}\n"
    unseen = " · in no demo book 演示数据未触发" if rule.id in UNSEEN else ""
    noun = NOUNS[rule.subject].one
    yield f"{LEVELS[version.level]} · {noun.en} {noun.zh} · {LENDERS[lender]}{unseen}\n"
    yield f"    {expressions.text(checked.condition)}\n"
    if version.clear is not None:
        yield f"Clears when 解除条件: `{version.clear}`\n"
    yield f"{version.reason.en}  "
    yield f"{version.reason.zh}\n"


if __name__ == "__main__":
    sys.stdout.write(page() + "\n")
