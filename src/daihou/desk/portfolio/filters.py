"""A list's filter as its address says it: `where=` in the language of expressions, and one parameter a column, `dpd=31..90`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daihou.book.errors import DaihouError
from daihou.desk.portfolio.columns import chinese, code_label, fields
from daihou.expressions import condition, conjuncts, join, parse, sentence, sql, text

if TYPE_CHECKING:
    from typing import Any

    from django.http import QueryDict

    from daihou.expressions import Expression

RESERVED = frozenset(
    {"where", "sort", "cols", "page", "size", "as_of", "known_on", "view", "q", "was", "now", "since", "vintage"}
)
"""Parameters of a list that are no columns."""


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition in words, and the address without it."""

    said: str
    without: str


@dataclass(frozen=True, slots=True)
class Filter:
    """What an address asks for: all parts must hold."""

    parts: tuple[tuple[str, str, Expression], ...]
    """Of each part the parameter that holds it, what that says, and the condition."""

    @property
    def expression(self) -> Expression | None:
        """The whole condition."""
        return join([part for _, _, part in self.parts])

    @property
    def text(self) -> str:
        """The whole condition in the language of expressions."""
        expression = self.expression
        return "" if expression is None else text(expression)

    def value(self, name: str) -> str:
        """What a column's own parameter says."""
        return next((said for parameter, said, _ in self.parts if parameter == name), "")

    def values(self, name: str) -> list[str]:
        """The codes that a column's own parameter lists."""
        said = self.value(name)
        return said.split(",") if said else []

    def sql(self, amount_unit: int | str, base_unit: int) -> tuple[str, list[Any]]:
        """The whole condition as SQL."""
        expression = self.expression
        return ("true", []) if expression is None else sql(expression, amount_unit=amount_unit, base_unit=base_unit)

    def chips(self, query: QueryDict) -> list[Chip]:
        """Every condition in words, with the address that drops it."""
        found = []
        for parameter, _, part in self.parts:
            left = query.copy()
            left.pop("page", None)
            if parameter == "where":
                rest = [other for name, _, other in self.parts if name == "where" and other is not part]
                kept = join(rest)
                left.pop("where", None)
                if kept is not None:
                    left["where"] = text(kept)
            else:
                left.pop(parameter, None)
            found.append(Chip(_said(parameter, part, self.values(parameter)), "?" + left.urlencode()))
        return found


def _said(parameter: str, part: Expression, codes: list[str]) -> str:
    if parameter == "product":  # the house names its products, the language does not
        names = ("、" if chinese() else ", ").join(code_label("product", code) for code in codes)
        return f"{fields()['product'].zh}：{names}" if chinese() else f"{fields()['product'].en}: {names}"
    return sentence(part, chinese=chinese())


def read(query: QueryDict) -> Filter:
    """The filter of an address; DaihouError names what cannot be read and what would be right."""
    known = fields()
    parts: list[tuple[str, str, Expression]] = []
    for name in query:
        if name in RESERVED:
            continue
        if name not in known:
            raise DaihouError(
                f"The address asks for '{name[:60]}', which is no column of a loan.",
                "Remove it from the address, or choose a condition from the form.",
                zh=(f"地址中的“{name[:60]}”不是贷款的字段。", "请从地址中删除，或用筛选表单选择条件。"),
            )
        value = ",".join(one.strip() for one in query.getlist(name) if one.strip())
        if value:
            parts.append((name, value, condition(known[name], value)))
    where = query.get("where", "").strip()
    if where:
        parts += [("where", where, part) for part in conjuncts(parse(where, known))]
    return Filter(tuple(parts))
