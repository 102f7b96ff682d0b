"""Which reviews a plan wants, of whom, and when each is due: whole columns, from the live loans of a run and what was done.

A wanted review has a name of three parts: its plan, whom it is about, and the anchor that its clock counts from. As long as the anchor stays it is the same
review, however often it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from daihou import expressions
from daihou.book.calendars import FIRST_DAY, after_work_days, moved
from daihou.book.errors import DaihouError
from daihou.policies.reviews import Before, Every, Once, While

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from daihou.expressions import Columns, Expression
    from daihou.policies.reviews import Plan, Reviews

SUBJECTS: Final[Mapping[str, str]] = {"loan": "loan_id", "borrower": "borrower_id", "group": "group_id"}
"""The column that names whom a plan is about."""
PAID_OUT: Final = "disbursed_on"
FIRST_PAID_OUT: Final = "first_disbursed_on"
"""Of the borrower's very first loan, closed ones too: a grid that counts from it stays where it is when loans come and go."""
LOANS: Final = ("loan_id", "borrower_id", "group_id", PAID_OUT, FIRST_PAID_OUT, "matures_on", "balance")
"""What is asked of each loan beside what conditions name; `balance` says which loan of several is the largest, null the least."""
SCHEMA: Final = {
    "plan": pl.String, "subject": pl.String, "anchor": pl.String, "borrower_id": pl.String, "loan_id": pl.String, "due_on": pl.Date,
    "line": pl.Int32,
}  # fmt: skip
"""Columns of what is wanted: `loan_id` is empty unless it is about a loan; `line` is that of *every* which holds, else empty."""
DONE: Final = {
    "about": pl.String, "subject": pl.String, "borrower_id": pl.String, "type": pl.String, "done_on": pl.Date, "times": pl.Int64,
}  # fmt: skip
"""Columns of what was done: the last day of each type and subject, and how often in all."""
WATCH_LEVEL: Final = expressions.Field(
    "watch_level", "code", "Worst open alert", "未结预警最高等级",
    (("red", "Red", "红色"), ("orange", "Orange", "橙色"), ("yellow", "Yellow", "黄色"), ("blue", "Blue", "蓝色")),
)  # fmt: skip
"""What conditions may ask beside the measures of a loan's row: the worst open alert of its borrower; empty where there is none."""
SECURITY: Final = (
    expressions.Field("secured", "flag", "Has collateral", "有抵质押物"),
    expressions.Field(
        "insured_days", "days", "Days until insurance of collateral ends", "押品保险剩余天数", signed=True
    ),
    expressions.Field(
        "registered_days", "days", "Days until registration of collateral ends", "押品登记剩余天数", signed=True
    ),
    expressions.Field("valued_days", "days", "Days since collateral was valued", "押品距上次估值天数"),
    expressions.Field("guaranteed", "flag", "Guaranteed by somebody", "有保证人"),
)
"""What conditions may ask of what stands behind a loan."""
NEVER: Final = "never"
"""The anchor of what was never done."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The conditions of a policy, parsed; None holds of all."""

    policy: Reviews
    when: Mapping[str, Expression | None]
    lines: Mapping[str, tuple[Expression | None, ...]]

    @property
    def names(self) -> frozenset[str]:
        """The columns that they name."""
        every = [*self.when.values(), *(one for lines in self.lines.values() for one in lines)]
        return frozenset(field.name for one in every if one is not None for field in expressions.columns_named(one))


def asked(policy: Reviews, columns: Columns, place: str) -> Asked:
    """Check the conditions of a policy against the columns of a loan's row; DaihouError names the plan that does not fit."""

    def parsed(text: str, plan: Plan, key: str) -> Expression | None:
        if not text.strip():
            return None
        try:
            return expressions.parse(text, columns)
        except DaihouError as error:
            at = f"{place}, plans, {plan.code}, {key}"
            raise DaihouError(error.message, error.remedy, f"{at}: {error.place}" if error.place else at, zh=error.zh) from error  # fmt: skip

    when = {plan.code: parsed(plan.when, plan, "when") for plan in policy.plans}
    lines = {
        plan.code: tuple(parsed(line.when, plan, "every") for line in plan.clock.lines)
        for plan in policy.plans
        if isinstance(plan.clock, Every)
    }
    return Asked(policy, when, lines)


@dataclass(frozen=True, slots=True)
class Day:
    """The day that is planned."""

    as_of: dt.date
    began_on: dt.date
    """When planning began: what was due before is not asked for in arrears."""
    calendar: str
    """Of work days."""


def wanted(
    asked: Asked, rows: pl.DataFrame, done: pl.DataFrame, day: Day, ask: Callable[[Expression], pl.Expr]
) -> pl.DataFrame:
    """All reviews that the plans want of live loans, one row each by `SCHEMA`, however far ahead they are due.

    `rows` has `LOANS` and the columns that conditions name, `done` is by `DONE`, `ask` makes a Boolean column of a condition. What is unknown does not hold.
    """
    found = [_plan(plan, asked, rows, done, day, ask) for plan in asked.policy.plans]
    return pl.concat(found) if found else pl.DataFrame(schema=SCHEMA)


def _plan(
    plan: Plan, asked: Asked, rows: pl.DataFrame, done: pl.DataFrame, day: Day, ask: Callable[[Expression], pl.Expr]
) -> pl.DataFrame:
    condition = asked.when[plan.code]
    subject = SUBJECTS[plan.about]
    held = rows if condition is None else rows.filter(ask(condition).fill_null(value=False))
    held = held.filter(pl.col(subject).is_not_null()).with_columns(
        subject=pl.col(subject).cast(pl.String), line=pl.lit(None, pl.Int32)
    )
    match plan.clock:
        case Once() as clock:
            found = _counted(held, clock.after, clock.days, "", day)
        case Before() as clock:
            parts = [_counted(held, clock.date, -days, f" -{days}", day) for days in clock.days]
            found = pl.concat(parts) if parts else held.head(0).with_columns(anchor=pl.lit(""), due_on=pl.lit(None, pl.Date))  # fmt: skip
        case Every() as clock:
            found = _again(_strictest(held, clock, asked.lines[plan.code], ask), plan, done, day)
        case While() as clock:
            found = _as_long(held, plan, clock, done, day)
    about_loan = plan.about == "loan"
    return found.select(
        plan=pl.lit(plan.code), subject="subject", anchor="anchor", borrower_id=pl.col("borrower_id").cast(pl.String),
        loan_id=pl.col("loan_id").cast(pl.String) if about_loan else pl.lit(None, pl.String), due_on="due_on", line="line",
    )  # fmt: skip


def _counted(held: pl.DataFrame, date: str, days: int, mark: str, day: Day) -> pl.DataFrame:
    """So many days from a date of each loan. What was due before planning began, or before the loan was paid out, is left out."""
    found = held.filter(pl.col(date).is_not_null())
    found = found.with_columns(
        anchor=pl.col(date).dt.to_string("%Y-%m-%d") + mark, due_on=pl.col(date) + pl.duration(days=days)
    )
    if date != PAID_OUT:
        found = found.filter((pl.col("due_on") > pl.col(PAID_OUT)).fill_null(value=True))
    return _worked(found, day).filter(pl.col("due_on") >= day.began_on)


def _strictest(
    held: pl.DataFrame, clock: Every, lines: Sequence[Expression | None], ask: Callable[[Expression], pl.Expr]
) -> pl.DataFrame:
    """One row a subject, with the least months that any of its loans asks for, and from when it counts where nothing was done."""
    months: pl.Expr = pl.lit(None, pl.Int32)
    line: pl.Expr = pl.lit(None, pl.Int32)
    for place, (one, condition) in reversed(list(enumerate(zip(clock.lines, lines, strict=True)))):
        holds = pl.lit(value=True) if condition is None else ask(condition).fill_null(value=False)
        months = pl.when(holds).then(pl.lit(one.months, pl.Int32)).otherwise(months)
        line = pl.when(holds).then(pl.lit(place, pl.Int32)).otherwise(line)
    began = pl.coalesce(FIRST_PAID_OUT, PAID_OUT).min().over("subject")
    lined = held.with_columns(months=months, line=line, began=began)
    return _largest(lined.filter(pl.col("months").is_not_null() & pl.col("began").is_not_null()), "months", "line")


def _largest(held: pl.DataFrame, *first: str) -> pl.DataFrame:
    """One row a subject: the least by some columns, and of several loans the largest, by whose borrower a group goes."""
    order = [*first, "balance", "loan_id"]
    down = [False] * len(first) + [True, False]
    return held.sort("subject", *order, descending=[False, *down], nulls_last=True).unique("subject", keep="first", maintain_order=True)  # fmt: skip


def _last(plan: Plan, done: pl.DataFrame) -> pl.DataFrame:
    """When it was done last, and how often in all, by subject. What was done about a loan counts for a plan about its borrower."""
    those = done.filter(pl.col("type").is_in(sorted(plan.done)))
    of_borrower = plan.about == "borrower"
    those = those.filter(pl.col("about") != "group" if of_borrower else pl.col("about") == plan.about)
    those = those.with_columns(subject="borrower_id") if of_borrower else those
    return those.group_by("subject").agg(pl.col("done_on").max(), pl.col("times").sum())


def _anchor() -> pl.Expr:
    """The day it was done last and how often that was: two on one day are two."""
    return pl.format("{} #{}", pl.col("done_on").dt.to_string("%Y-%m-%d"), "times").fill_null(NEVER)


def _again(held: pl.DataFrame, plan: Plan, done: pl.DataFrame, day: Day) -> pl.DataFrame:
    """So many months after it was done last; never done, the first date on the grid from the first loan on that planning has seen."""
    since = held.join(_last(plan, done), on="subject", how="left")
    passed = (
        (day.began_on.year - pl.col("began").dt.year()) * 12 + day.began_on.month - pl.col("began").dt.month()
    ).clip(lower_bound=1)  # fmt: skip
    steps = ((passed + pl.col("months") - 1) // pl.col("months")).cast(pl.Int32)
    grid = _later(pl.col("began"), steps * pl.col("months"))
    next_one = _later(pl.col("began"), (steps + 1) * pl.col("months"))
    first = pl.when(grid >= day.began_on).then(grid).otherwise(next_one)  # a day late in the month may lie before it
    due = pl.when(pl.col("done_on").is_null()).then(first).otherwise(_later(pl.col("done_on"), pl.col("months")))
    return _worked(since.with_columns(anchor=_anchor(), due_on=due), day)


def _as_long(held: pl.DataFrame, plan: Plan, clock: While, done: pl.DataFrame, day: Day) -> pl.DataFrame:
    """At once, unless it was done within the days after which it is asked for again."""
    since = _largest(held).join(_last(plan, done), on="subject", how="left")
    rests = pl.col("done_on") + pl.duration(days=clock.again_days) > day.as_of
    due = after_work_days(day.calendar, day.as_of, plan.work_days)
    return since.filter(~rests.fill_null(value=False)).with_columns(anchor=_anchor(), due_on=pl.lit(due))


def _later(date: pl.Expr, months: pl.Expr) -> pl.Expr:
    """A date so many months later; the end of the month where it is shorter."""
    return date.dt.offset_by(pl.format("{}mo", months))


def _worked(found: pl.DataFrame, day: Day) -> pl.DataFrame:
    """Due dates moved to the next work day."""
    days = found["due_on"].to_physical().to_numpy()
    table = moved(day.calendar)
    inside = np.clip(days - FIRST_DAY, 0, len(table) - 1)
    return found.with_columns(due_on=pl.Series(table[inside]).cast(pl.Date))
