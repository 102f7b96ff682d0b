"""What the plan wants, in columns, is what it wants one by one."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daihou.book.calendars import after_work_days, next_work_day
from daihou.book.days import add_months
from daihou.book.errors import DaihouError
from daihou.expressions import column
from daihou.policies.reviews import Reviews, reviews
from daihou.reviews.plan import DONE, NEVER, SECURITY, WATCH_LEVEL, Asked, Day, asked, wanted
from daihou.warning.columns import columns_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COLUMNS: Final = {**columns_of("loan"), **{field.name: field for field in (WATCH_LEVEL, *SECURITY)}}
AS_OF: Final = dt.date(2026, 5, 6)
SCHEMA: Final = {
    "loan_id": pl.String, "borrower_id": pl.String, "group_id": pl.String, "disbursed_on": pl.Date, "first_disbursed_on": pl.Date, "matures_on": pl.Date,
    "balance": pl.Int64,
    "dpd": pl.Int32, "watch_level": pl.String,
}  # fmt: skip
TEXT: Final = """
policy: reviews
versions:
  - from: 2026-01-01
    owner: Test
    values:
      ahead_days: 30
      escalate_work_days: 5
      most_postponed_days: 60
      plans:
        - {code: first, type: first, en: First, zh: 首检, about: loan, once: {after: disbursed_on, days: 15}, form: first, site: "on", work_days: 5}
        - code: ending
          type: before_maturity
          en: Ending
          zh: 到期前
          about: loan
          when: "dpd >= 0"
          before: {date: matures_on, days: [30, 90]}
          form: ending
          site: "off"
          work_days: 5
        - code: regular
          type: regular
          en: Regular
          zh: 定期
          about: borrower
          every:
            - {when: "watch_level = 'red'", months: 1}
            - {when: "dpd >= 30", months: 3}
            - {when: "dpd >= 0", months: 6}
          done_by: [special]
          form: regular
          site: "on"
          work_days: 5
        - {code: group, type: group, en: Group, zh: 集团, about: group, every: [{months: 12}], form: group, site: "off", work_days: 5}
        - code: special
          type: special
          en: Special
          zh: 专项
          about: borrower
          when: "watch_level in ('red', 'orange')"
          while: {again_days: 40}
          form: special
          site: "on"
          work_days: 3
"""


def plan(text: str = TEXT) -> Asked:
    return asked(reviews(text, "reviews.yaml").on(AS_OF).values, COLUMNS, "reviews.yaml")


def ask(
    rows: Sequence[dict[str, Any]], done: Sequence[tuple[str, str, str, str, dt.date, int]], day: Day
) -> set[tuple[Any, ...]]:
    frame = pl.DataFrame(list(rows), schema=SCHEMA, orient="row")
    told = wanted(plan(), frame, pl.DataFrame(list(done), schema=DONE, orient="row"), day, column)
    assert told.select("plan", "subject", "anchor").is_duplicated().sum() == 0
    return set(told.select("plan", "subject", "anchor", "borrower_id", "loan_id", "due_on", "line").rows())


Row = dict[str, Any]
Done = tuple[str, str, str, str, dt.date, int]


def largest(some: list[Row]) -> Row:
    return min(some, key=lambda row: (row["balance"] is None, -(row["balance"] or 0), row["loan_id"]))


def last_done(done: Sequence[Done], about: str, subject: str, kinds: tuple[str, ...]) -> tuple[dt.date, int] | None:
    """The last day, and how often in all; what was done about a borrower's loan counts for the borrower."""
    found = [
        (on, times)
        for what, whom, borrower, kind, on, times in done
        if kind in kinds
        and ((what != "group" and borrower == subject) if about == "borrower" else (what, whom) == (about, subject))
    ]
    return (max(on for on, _ in found), sum(times for _, times in found)) if found else None


def named(last: tuple[dt.date, int] | None) -> str:
    return f"{last[0]} #{last[1]}" if last else NEVER


def by_dates(row: Row, day: Day) -> Iterator[tuple[Any, ...]]:
    """What the dates of a loan want."""
    ends = row["matures_on"] if row["dpd"] is not None else None
    clocks = [("first", row["disbursed_on"], 15, ""), ("ending", ends, -90, " -90"), ("ending", ends, -30, " -30")]
    for code, date, days, mark in clocks:
        if not date or (mark and row["disbursed_on"] and date + dt.timedelta(days) <= row["disbursed_on"]):
            continue
        due = next_work_day(day.calendar, date + dt.timedelta(days))
        if due >= day.began_on:
            yield code, row["loan_id"], f"{date}{mark}", row["borrower_id"], row["loan_id"], due, None


def months_of(row: Row) -> tuple[int, int] | None:
    """How often the regular one is due by a loan, and by which line."""
    if row["watch_level"] == "red":
        return 1, 0
    if row["dpd"] is None:
        return None
    return (3, 1) if row["dpd"] >= 30 else (6, 2)


def again(
    code: str,
    subject: str,
    some: list[Row],
    of: list[tuple[tuple[int, int], Row]],
    last: tuple[dt.date, int] | None,
    day: Day,
) -> Iterator[tuple[Any, ...]]:
    """What is due every so many months."""
    paid_out = [on for row in some if (on := row["first_disbursed_on"] or row["disbursed_on"])]
    if not of or not paid_out:
        return
    months, line = min(at for at, _ in of)
    head = largest([row for at, row in of if at == (months, line)])
    due, step = add_months(last[0], months) if last else dt.date.min, 0
    while last is None and (step == 0 or due < day.began_on):
        step += 1
        due = add_months(min(paid_out), step * months)
    yield code, subject, named(last), head["borrower_id"], None, next_work_day(day.calendar, due), line


def one_by_one(rows: Sequence[Row], done: Sequence[Done], day: Day) -> set[tuple[Any, ...]]:
    """The same by loops over subjects, written from the words of the policy."""
    found = {one for row in rows for one in by_dates(row, day)}
    for subject in {row["borrower_id"] for row in rows}:
        some = [row for row in rows if row["borrower_id"] == subject]
        of = [(at, row) for row in some if (at := months_of(row))]
        found.update(
            again("regular", subject, some, of, last_done(done, "borrower", subject, ("regular", "special")), day)
        )
        risky = any(row["watch_level"] in ("red", "orange") for row in some)
        last = last_done(done, "borrower", subject, ("special",))
        if risky and (last is None or last[0] + dt.timedelta(40) <= day.as_of):
            due = after_work_days(day.calendar, day.as_of, 3)
            found.add(("special", subject, named(last), subject, None, due, None))
    for subject in {row["group_id"] for row in rows if row["group_id"]}:
        some = [row for row in rows if row["group_id"] == subject]
        last = last_done(done, "group", subject, ("group",))
        found.update(again("group", subject, some, [((12, 0), row) for row in some], last, day))
    return found


DATES: Final = st.dates(dt.date(2023, 1, 1), dt.date(2026, 5, 6))
ROWS: Final = st.lists(
    st.fixed_dictionaries(
        {
            "borrower_id": st.sampled_from(["B1", "B2", "B3"]), "disbursed_on": st.none() | DATES,
            "first_disbursed_on": st.none() | DATES,
            "matures_on": st.none() | st.dates(dt.date(2025, 1, 1), dt.date(2027, 5, 6)), "balance": st.none() | st.integers(0, 3),
            "dpd": st.none() | st.integers(0, 60), "watch_level": st.sampled_from([None, "red", "orange", "yellow"]),
        }
    ),
    max_size=6,
)  # fmt: skip
DONE_BEFORE: Final = st.lists(
    st.tuples(
        st.sampled_from(
            [("borrower", "B1", "B1"), ("borrower", "B2", "B2"), ("group", "G", "B1"), ("loan", "L0", "B1")]
        ),
        st.sampled_from(["regular", "special", "group", "first"]),
        DATES,
    ),
    max_size=5,
)


@given(ROWS, DONE_BEFORE, st.dates(dt.date(2025, 6, 1), AS_OF))
def test_columns_want_what_is_wanted_one_by_one(
    stated: list[dict[str, Any]], before: list[tuple[tuple[str, str, str], str, dt.date]], began_on: dt.date
) -> None:
    groups = {"B1": "G", "B2": "G", "B3": None}
    rows = [{"loan_id": f"L{at}", "group_id": groups[row["borrower_id"]], **row} for at, row in enumerate(stated)]
    grouped: dict[tuple[str, str, str, str], list[dt.date]] = {}
    for (about, subject, borrower), kind, on in before:
        grouped.setdefault((about, subject, borrower, kind), []).append(on)
    done = [(*name, max(days), len(days)) for name, days in grouped.items()]
    day = Day(AS_OF, began_on, "CN")
    assert ask(rows, done, day) == one_by_one(rows, done, day)


def row(loan_id: str = "L1", **more: Any) -> dict[str, Any]:
    stated = {
        "borrower_id": "B1", "group_id": None, "disbursed_on": dt.date(2025, 11, 20), "first_disbursed_on": None, "matures_on": None, "balance": 1, "dpd": 0,
        "watch_level": None,
    }  # fmt: skip
    return {"loan_id": loan_id, **stated, **more}


def test_a_review_keeps_its_name_when_risk_brings_it_nearer() -> None:
    day = Day(AS_OF, dt.date(2026, 5, 1), "CN")
    (calm,) = [one for one in ask([row()], [], day) if one[0] == "regular"]
    (late,) = [one for one in ask([row(dpd=31)], [], day) if one[0] == "regular"]
    assert calm[:3] == late[:3] == ("regular", "B1", NEVER)
    assert (calm[5], late[5]) == (dt.date(2026, 5, 20), dt.date(2026, 5, 20))
    after = [("loan", "L9", "B1", "special", dt.date(2026, 4, 1), 2)]
    (calm,) = [one for one in ask([row()], after, day) if one[0] == "regular"]
    (late,) = [one for one in ask([row(dpd=31)], after, day) if one[0] == "regular"]
    assert (calm[2], calm[5], calm[6]) == (
        "2026-04-01 #2",
        dt.date(2026, 10, 8),
        2,
    )  # the first days of October are free
    assert (late[2], late[5], late[6]) == ("2026-04-01 #2", dt.date(2026, 7, 1), 1)


def test_who_never_had_a_review_is_not_late_by_years() -> None:
    day = Day(AS_OF, dt.date(2026, 5, 1), "CN")
    found = ask([row(disbursed_on=dt.date(2019, 8, 31), matures_on=dt.date(2026, 3, 1))], [], day)
    assert {one[0]: one[5] for one in found} == {"regular": dt.date(2026, 8, 31)}


WRONG: Final = {
    "plans, regular, every": ("dpd >= 30", "dbd >= 30"),
    "plans, special, when": ("watch_level in ('red', 'orange')", "watch_level in ('violet')"),
}


@pytest.mark.parametrize("place", WRONG)
def test_a_condition_that_does_not_fit_is_named_by_its_plan(place: str) -> None:
    before, after = WRONG[place]
    with pytest.raises(DaihouError) as error:
        plan(TEXT.replace(before, after))
    assert place in error.value.place


BAD: Final = {
    "one clock of once, before, every, while is needed, not 0": (", once: {after: disbursed_on, days: 15}", ""),
    "one clock of once, before, every, while is needed, not 2": ("every: [{months: 12}]", "every: [{months: 12}], while: {again_days: 3}"),
    "without a condition it would be asked of all": ("          when: \"watch_level in ('red', 'orange')\"\n", ""),
    "a date of a loan is about the loan": ("zh: 首检, about: loan", "zh: 首检, about: borrower"),
    "type must be one of": ("type: group", "type: crowd"),
    "first is there twice": ("code: ending", "code: first"),
    "before.days has one twice": ("[30, 90]", "[30, 30]"),
    "again_days must be a whole number": ("again_days: 40", "again_days: 0"),
    "every: has no line": ("every: [{months: 12}]", "every: []"),
    "every: month": ("every: [{months: 12}]", "every: [{month: 12}]"),
    "site must be one of on, off": ('site: "on"', "site: true"),
}  # fmt: skip


@pytest.mark.parametrize("said", BAD)
def test_a_plan_that_does_not_fit_is_refused(said: str) -> None:
    before, after = BAD[said]
    text = TEXT.replace(before, after, 1)
    assert text != TEXT
    with pytest.raises(DaihouError, match=said.replace("[", ".")):
        reviews(text, "reviews.yaml")


def test_the_plan_that_ships_fits() -> None:
    from importlib import resources

    text = resources.files("daihou").joinpath("policies/common", "reviews.yaml").read_text("utf-8")
    values: Reviews = reviews(text, "reviews.yaml").on(AS_OF).values
    assert asked(values, COLUMNS, "reviews.yaml").names <= COLUMNS.keys()
    assert {one.type for one in values.plans} >= {"first", "regular", "special", "fund_use", "before_maturity", "yearly", "return_visit"}  # fmt: skip
