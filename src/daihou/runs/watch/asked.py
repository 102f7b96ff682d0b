"""What thresholds are asked for, in words, and what it comes to: a measure, conditions, and the thresholds that live rules have on it."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daihou import expressions
from daihou.book.errors import DaihouError
from daihou.expressions import tree
from daihou.expressions.field import NUMERIC
from daihou.monitoring.families import LOAN
from daihou.warning.candidates import WHOLE, Threshold
from daihou.warning.columns import columns_of, families_of
from daihou.warning.thresholds import Present

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence
    from decimal import Decimal

    from daihou.expressions import Columns, Expression, Field
    from daihou.monitoring.catalogue import Measure
    from daihou.warning.candidates import Worse
    from daihou.warning.checked import Checked
    from daihou.warning.choice import Goal
    from daihou.warning.rule import Subject

TOLD_APART: Final = frozenset({"id", "code", "flag"})
"""Units by which a book may be told apart."""
OF_LOANS: Final = frozenset(measure.name for family in LOAN for measure in family.measures)
"""The columns that are a loan's own."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as a person puts it."""

    measure: str
    default: str
    months: int
    """Within so many months of a date a default counts for it."""
    dates: Sequence[dt.date]
    step: str
    subject: Subject = "loan"
    segment: str | None = None
    by: str | None = None
    goal: Goal | None = None
    """The alert budget of the policy unless given."""
    rule: str | None = None
    """Compare with this rule alone; otherwise with every live rule that has a threshold on the measure."""
    worse: Worse | None = None
    """Which way the measure is bad; needed where the catalogue does not say."""
    only: tuple[Threshold, ...] = ()
    """Try these and no others, as where they were chosen elsewhere."""
    compare: bool = True
    """Whether the thresholds of live rules are tried at all."""


@dataclass(frozen=True, slots=True)
class Understood:
    """The same, checked."""

    field: Field
    worse: Worse
    default: Expression
    segment: Expression | None
    by: str | None

    @property
    def names(self) -> frozenset[str]:
        """The columns that are asked of each row."""
        named = () if self.segment is None else expressions.columns_named(self.segment)
        return frozenset({self.field.name, *(field.name for field in named), *([self.by] if self.by else [])})


def understood(asked: Asked) -> Understood:
    """The question checked; DaihouError says what does not fit, where, and what would."""
    columns = columns_of(asked.subject)
    measure = _measure(asked)
    if measure.unit not in NUMERIC:
        raise DaihouError(
            f"{measure.name} is no number: it has no threshold.",
            "Name a measure in days, months, counts, amounts, rates, shares or numbers: docs/reference/measures.md lists them.",
            measure.name,
            zh=(
                f"{measure.name} 不是数值型指标，没有阈值。",
                "请指定天数、月数、次数、金额、比率、占比或数值类指标，见 docs/reference/measures.md。",
            ),
        )
    worse = asked.worse or (None if measure.bad == "none" else measure.bad)
    if worse is None:
        raise DaihouError(
            f"The catalogue does not say which way {measure.name} is bad.",
            "Say it: --worse high or --worse low.",
            measure.name,
            zh=(f"指标目录未注明 {measure.name} 越高越差还是越低越差。", "请用 --worse high 或 --worse low 指明。"),
        )
    segment = None if asked.segment is None else segment_condition(asked.segment, columns)
    return Understood(
        columns[measure.name], worse, default_condition(asked.default), segment, told_apart(asked.by, columns)
    )


def segment_condition(text: str, columns: Columns) -> Expression:
    """Who is looked at alone: a condition over the columns of those asked about; DaihouError shows the place that does not fit."""
    segment = expressions.parse(text, columns)
    expressions.refuse_whole_percents(text, segment)
    return segment


def default_condition(text: str) -> Expression:
    """What counts as default: a condition over the columns of a loan, also where borrowers are asked about, who default with their loans."""
    columns = columns_of("loan")
    whole = expressions.parse(text, columns)
    expressions.refuse_whole_percents(text, whole)
    expressions.refuse_constant(text, whole)
    foreign = [field.name for field in expressions.columns_named(whole) if field.name not in OF_LOANS]
    if foreign:
        named = ", ".join(foreign)
        raise DaihouError(
            f"{named} is told of the borrower or the market: what counts as default is told by a loan's own columns.",
            "Name columns of the loan, as in dpd > 90; a borrower is in default when one of its loans is.",
            f"--default: {text}",
            zh=(
                f"{named} 是借款人或市场指标，违约只能按贷款自身的指标定义。",
                "请使用贷款指标，如 dpd > 90；借款人名下任一贷款违约即视为违约。",
            ),
        )
    return whole


def present_in(rules: Iterable[Checked], understood: Understood, subject: Subject) -> Iterator[Present]:
    """The thresholds that rules have on a measure: their comparisons of it with a number, on the side where it is bad."""
    for rule in rules:
        if rule.rule.subject == subject:
            for threshold in dict.fromkeys(_thresholds(rule.when, understood)):
                yield Present(rule.rule.id, threshold)


def no_threshold(rule: str, measure: str) -> DaihouError:
    """That a rule named has no threshold on the measure."""
    return DaihouError(
        f"Rule {rule} has no threshold on {measure}, or is not live.",
        "Leave --rule out, or name a live rule that compares this measure with a number: `daihou rules list`.",
        "--rule",
        zh=(
            f"规则 {rule} 对 {measure} 没有设阈值，或未生效。",
            "请去掉 --rule，或指定将该指标与数值比较的生效规则：`daihou rules list`。",
        ),
    )


def _measure(asked: Asked) -> Measure:
    found = {measure.name: measure for family in reversed(families_of(asked.subject)) for measure in family.measures}
    if asked.measure in found:
        return found[asked.measure]
    alike = difflib.get_close_matches(asked.measure, found, 5, 0.5) or sorted(found)
    raise DaihouError(
        f"No measure of a {asked.subject} is called {asked.measure}.",
        f"Is it one of: {', '.join(alike)}?",
        "MEASURE",
        zh=(f"没有名为 {asked.measure} 的指标。", f"是否为：{'、'.join(alike)}？"),
    )


def told_apart(by: str | None, columns: Columns) -> str | None:
    """The column by which a book is to be told apart, if any; DaihouError where it is none of codes."""
    if by is None or (by in columns and columns[by].unit in TOLD_APART):
        return by
    fit = sorted(field.name for field in columns.values() if field.unit in TOLD_APART)
    alike = difflib.get_close_matches(by, fit, 5, 0.5) or fit
    raise DaihouError(
        f"The book cannot be told apart by {by}.",
        f"Name a column of codes: {', '.join(alike)}.",
        "--by",
        zh=(f"不能按 {by} 分组。", f"请指定代码类字段：{'、'.join(alike)}。"),
    )


def _thresholds(expression: Expression, understood: Understood) -> Iterator[Threshold]:
    match expression:
        case tree.And(parts=parts) | tree.Or(parts=parts):
            for part in parts:
                yield from _thresholds(part, understood)
        case tree.Compare(left=tree.Column(field=field), right=right) if (
            field.name == understood.field.name and tree.is_constant(right)
        ):
            number = tree.constant(right)
            signs = (">", ">=") if understood.worse == "high" else ("<", "<=")
            if expression.operator in signs:
                yield _threshold(number, strict=expression.operator == signs[0], understood=understood)


def _threshold(number: Decimal, *, strict: bool, understood: Understood) -> Threshold:
    """Of whole numbers the first that is beyond: more than 30 is 31 or more."""
    if strict and understood.field.unit in WHOLE:
        return Threshold(float(math.floor(number) + 1 if understood.worse == "high" else math.ceil(number) - 1))
    return Threshold(float(number), strict)
