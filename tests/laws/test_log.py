"""Facts that come by the log make the lake that they make as files; and what is plainly good by itself is good by its columns."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daihou.book import contracts, lake
from daihou.book.home import Settings, open_home
from daihou.book.intake import deliver
from daihou.book.intake.blinding import FLAGS
from daihou.book.intake.plainly import TABLES, plainly
from daihou.book.intake.single import FEW, By, judge
from daihou.runs.log.door import Door
from daihou.runs.log.flushing import flush, marks, through
from laws.depth import examples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.book.contracts import Column
    from daihou.book.home import Home

    Row = dict[str, str]
    Fact = tuple[str, Row]
    """A row and the table it is of."""

TODAY = dt.date(2026, 3, 1)
EAST = dt.timezone(dt.timedelta(hours=8))
NOW = dt.datetime(2026, 3, 1, 4, tzinfo=dt.UTC)
HOW_IT_CAME = ("batch", "row")


def loan(number: int, currency: str, product: str) -> Fact:
    return "loans", {
        "loan_id": f"L{number}", "borrower_id": "B1", "product": product, "principal": "100000", "disbursed_on": "2026-01-01",
        "matures_on": "2036-01-01", "currency": currency,
    }  # fmt: skip


def payment(number: int, amount: str, loan_id: str, reverses: str = "", key: str = "P") -> Fact:
    return "payments", {
        "payment_id": f"{key}{number}", "loan_id": loan_id, "paid_on": "2026-02-01", "amount": amount, "reverses": reverses,
    }  # fmt: skip


# Loans 0 and 1 are in yuan, 2 and 3 now in yen and now in dinars: a change that is refused, unless what stood before was refused.
LOANS = st.one_of(
    st.builds(loan, st.integers(0, 1), st.just("CNY"), st.sampled_from(["P1", "P2"])),
    st.builds(loan, st.integers(2, 3), st.sampled_from(["JPY", "KWD", "nothing"]), st.just("P1")),
    st.builds(loan, st.integers(2, 3), st.sampled_from(["JPY", "KWD"]), st.just("P1")),
)
ODD = st.builds(payment, st.integers(20, 29), st.sampled_from(["7.50", "7.005", "7", "7.00005"]), st.just("")).map(
    lambda fact: (fact[0], {**fact[1], "loan_id": f"L{int(fact[1]['payment_id'][1:]) % 3 + 1}"})
)
"""Amounts that are right or wrong by the currency of a loan, where it is known: a key is always of one loan."""
USUAL = st.builds(payment, st.integers(0, 5), st.sampled_from(["1.00", "2.00"]), st.sampled_from(["L0", "L1"]))
"""Keys used again for the same, for another amount or for another loan."""
BAD = st.builds(payment, st.integers(90, 99), st.sampled_from(["", "-1", "1,5"]), st.just("L0"))
BACK = st.builds(lambda n: [payment(n, "1.00", "L0", f"P{n + 40}", "R")], st.integers(0, 3))
BACK_AND_FORTH = st.builds(
    lambda n: [payment(n, "1.00", "L0", f"P{n + 40}", "R"), payment(n, "1.00", "L0", f"R{n}", "RR")], st.integers(0, 3)
)
"""A reversal, and what would reverse it, which is refused once the reversal is known."""
CROSSED = st.builds(payment, st.integers(0, 5), st.just("1.00"), st.just("L0"), st.sampled_from(["P1", "P2"]))
"""Payments that reverse one another, so that it matters what came together."""
IN_TURN = st.permutations([0, 1, 2]).flatmap(
    lambda order: st.builds(
        lambda currency, amounts: [[loan(3, currency, "P1"), *(payment(20 + 3 * at, one, "L3") for at, one in enumerate(amounts))][at] for at in order],
        st.sampled_from(["JPY", "KWD", "CNY"]), st.tuples(*[st.sampled_from(["7.50", "7.005", "7"])] * 2),
    )
)  # fmt: skip
"""A loan, and payments of it before and after."""
FACTS = st.lists(
    st.one_of(LOANS.map(lambda one: [one]), ODD.map(lambda one: [one]), USUAL.map(lambda one: [one]), BAD.map(lambda one: [one]), BACK, BACK_AND_FORTH, IN_TURN),
    min_size=1, max_size=8,
).map(lambda parts: [fact for part in parts for fact in part])  # fmt: skip


def held(home: Home) -> dict[str, Any]:
    """What the lake holds: the facts of each table in order of arrival, and of quarantine how often each reason was found at which key."""
    found: dict[str, Any] = {}
    for table in ("loans", "payments"):
        rows = lake.read(home, table).read_all().to_pylist()
        rows.sort(key=lambda row: (row["batch"], row["row"]))
        found[table] = [{name: value for name, value in row.items() if name not in HOW_IT_CAME} for row in rows]
    bad = lake.read(home, "quarantine", ["table", "column", "value", "reason"]).read_all().to_pylist()
    found["quarantine"] = Counter(tuple(row.values()) for row in bad)
    return found


def as_files(parts: Sequence[tuple[str, Sequence[Row]]]) -> dict[str, Any]:
    """The lake after each part was sent as a file."""
    with tempfile.TemporaryDirectory() as folder:
        home = open_home(Path(folder) / "home", {})
        for number, (table, rows) in enumerate(parts):
            path = Path(folder) / f"{number}.csv"
            text = [",".join(f'"{value}"' for value in row.values()) for row in rows]
            path.write_text("\n".join([",".join(rows[0]), *text, "\n" * number]))  # so that none is one sent before
            deliver(home, [path], table, today=TODAY)
        return held(home)


def by_log(parts: Sequence[Sequence[tuple[str, Sequence[Row]]]]) -> dict[str, Any]:
    """The lake after the requests of each part were taken in and the log was flushed."""
    with tempfile.TemporaryDirectory() as folder:
        home = open_home(Path(folder) / "home", {})
        door = Door(home)
        for requests in parts:
            for table, rows in requests:
                door.take(table, rows, "law", NOW)
            done = flush(home, NOW, TODAY)
            assert done.through == door.log.last() == through(home, door.log)
        rows = sum(lake.read(home, "deliveries", ["rows"]).read_all()["rows"].to_pylist())
        assert rows == door.log.last()
        assert marks(home, "payments") == door.log.last()
        door.log.close()
        return held(home)


def cut(data: st.DataObject, things: Sequence[Any]) -> list[list[Any]]:
    """A list in parts of one or more."""
    parts: list[list[Any]] = []
    for thing in things:
        if not parts or data.draw(st.booleans()):
            parts.append([])
        parts[-1].append(thing)
    return parts


def alike(facts: Sequence[Fact]) -> list[tuple[str, list[Row]]]:
    """Facts that follow one another and are of one table, together."""
    parts: list[tuple[str, list[Row]]] = []
    for table, row in facts:
        if not parts or parts[-1][0] != table:
            parts.append((table, []))
        parts[-1][1].append(row)
    return parts


@examples(5)
@given(facts=FACTS, data=st.data())
def test_single_facts_in_any_requests_and_flushes_make_the_lake_that_a_file_each_makes(
    facts: list[Fact], data: st.DataObject
) -> None:
    files = as_files([(table, [row]) for table, row in facts])
    requests = [one for part in cut(data, facts) for one in alike(part)]
    assert by_log(cut(data, requests)) == files


@examples(5)
@given(
    groups=st.lists(st.one_of(st.lists(st.one_of(USUAL, ODD, BAD, CROSSED), min_size=1, max_size=6), st.lists(LOANS, min_size=1, max_size=4)), min_size=1, max_size=3),
    data=st.data(),
)  # fmt: skip
def test_a_file_is_settled_as_the_flush_of_its_rows_is_whatever_they_say(
    groups: list[list[Fact]], data: st.DataObject
) -> None:
    files = as_files([(group[0][0], [row for _, row in group]) for group in groups])
    assert by_log([[(part[0][0], [row for _, row in part]) for part in cut(data, group)] for group in groups]) == files


NASTY = st.sampled_from(
    ["", " ", "x", "null", "0", "-0", "-0.00", "1e5", "1E5", "007", "1,000.00", "１", " 5", "5 ", "true", "yes", "2026-02-30", "2026-2-3", "20260203",
     "1899-12-31", "2200-01-01", "2026-02-01T25:00:00+08:00", "2026-02-01T10:00:00", "2026-02-01T10:00:00Z", "2026-02-01T10:00:00.5+08:00", "2026-02-01",
     "\u00a0", "a\tb", "\ufffd", "99999999999999", "1.005", "-1.00", ".5", "5.", "+5", "借款1", "a b", "é" * 50, "x" * 51, "y" * 2_001, "Wrong Code",
     "0123456789abcdef" * 2 + "\n", "0123456789ABCDEF" * 2, "loan_payoff salary", "A1\u2028", "\u3000A1"]
)  # fmt: skip
RIGHT: dict[str, st.SearchStrategy[str]] = {
    "id": st.from_regex(r"[A-Z][A-Za-z0-9_\-]{0,12}", fullmatch=True),
    "text": st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=12),
    "date": st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)).map(str),
    "timestamp": st.datetimes(dt.datetime(1901, 1, 1), dt.datetime(2199, 1, 1), timezones=st.sampled_from([dt.UTC, EAST])).map(dt.datetime.isoformat),  # noqa: DTZ001
    "money": st.decimals("0.01", 999_999, places=2).map(str) | st.integers(1, 10**11).map(str),
    "signed_money": st.decimals(-999_999, 999_999, places=2).map(str),
    "integer": st.integers(0, 10**9 - 1).map(str),
    "boolean": st.sampled_from(["true", "false"]),
    "rate": st.decimals(0, 2, places=4).map(str),
    "ratio": st.decimals(0, 1, places=4).map(str),
    "number": st.decimals(-9, 9, places=3).map(str),
}  # fmt: skip


def cell(column: Column) -> st.SearchStrategy[str]:
    """What is right in a column."""
    if column.name == "counterparty_token":
        return st.just("0123456789abcdef" * 2)
    if column.name == "memo_flags":
        return st.sampled_from(FLAGS)
    if column.type != "code":
        return RIGHT[column.type]
    return st.sampled_from([choice.code for choice in column.choices] or ["some_code" if column.extensible else "JPY"])


@st.composite
def rows_of(draw: st.DrawFn, table: str) -> Row:
    """A row of a table with some of its columns, right but for one cell at most, which may be anything."""
    stored = contracts.TABLES[table].stored
    row = draw(
        st.fixed_dictionaries(
            {column.name: cell(column) for column in stored if column.required},
            optional={column.name: cell(column) for column in stored if not column.required},
        )
    )
    if draw(st.booleans()):
        row[draw(st.sampled_from(stored)).name] = draw(NASTY)
    return row


@pytest.mark.parametrize("table", sorted(TABLES))
@examples(20)
@given(data=st.data())
def test_what_is_plainly_good_is_taken_by_the_judge_of_columns_as_it_is(table: str, data: st.DataObject) -> None:
    row = data.draw(rows_of(table))
    if plainly(contracts.TABLES[table], row) is None:
        return
    by = By(Settings(), TODAY, dt.date(2026, 2, 28), "law")
    alone, many = judge(table, [row], by), judge(table, [row] * (FEW + 1), by)
    assert alone.rejects.num_rows == many.rejects.num_rows == 0
    assert many.facts.num_rows == FEW + 1
    assert many.facts.slice(0, 1).drop_columns(["row"]).equals(alone.facts.drop_columns(["row"]))
