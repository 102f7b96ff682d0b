"""The law of `Borrowers.among`: of some borrowers, with rows that came since, it tells what all of them would tell were these rows in the lake."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from daihou.book import lake
from daihou.book.home import open_home
from daihou.monitoring.snapshot import SCHEMA
from daihou.policies.dated import Dated, Version
from daihou.runs.borrowers import borrowers
from daihou.runs.borrowers.columns import FRAME
from daihou.runs.policies import read_policies
from laws import test_flows
from laws.depth import examples

if TYPE_CHECKING:
    import pytest

    from daihou.book.home import Home

PEOPLE = ("P", "Q", "R", "L2", "nobody")
"""L2 is a loan's id too."""
LOANS = ("L1", "L2", "L3")
ACCOUNTS = ("A1", "A2", "A3")
KEYS = {
    "events": ("event_id",), "contacts": ("subject_id", "kind", "happened_at"), "promises": ("subject_id", "kind", "happened_at"),
    "decisions": ("subject_id", "kind", "happened_at"), "findings": ("subject_id", "kind", "happened_at"), "transactions": ("txn_id",),
    "bureau_reports": ("report_id",),
}  # fmt: skip
SAID = {
    "contacts": (
        ("phone_conversation", "phone_no_answer", "visit_conversation"),
        ('{"party": "debtor"}', '{"party": "relative"}', None),
    ),
    "promises": (("made", "kept", "late", "broken", "withdrawn"), ('{"promise": 1}', '{"promise": 2}', None)),
    "decisions": (
        ("dispute", "dispute_lifted", "hardship", "hardship_lifted"),
        ('{"circumstance": 1}', '{"circumstance":2}', None),
    ),
}
REVIEWED = {
    "review_done": ('{"review": 1, "onsite": true}', '{"review": 2, "onsite":false}', "{}"),
    "rating_willingness": ('{"review": 1, "rating": 4}', '{"rating":1}', '{"rating": 9}'),
    "rating_ability": ('{"review": 1, "rating": 4}', '{"rating":1}', None),
    "found_lawsuit": ('{"review": 1, "level": "red"}', '{"level":"orange"}', '{"level": "odd"}'),
    "found_stock_fell": ('{"review": 1, "level": "orange"}', '{"level":"yellow"}', "odd"),
    "settled_lawsuit": ("{}", '{"review": 2}', None),
    "odd_kind": ("{}",),
}
EVENT_KINDS = ("litigation", "enforcement", "tax", "news", "application", "withdrawn", "odd_kind")

Row = dict[str, Any]
Told = tuple[str, Row]
BEGUN: list[Told] = [
    (
        "accounts",
        {"account_id": one, "borrower_id": who, "effective_on": test_flows.FIRST, "known_on": test_flows.FIRST},
    )
    for one, who in zip(ACCOUNTS, "PPQ", strict=True)
]
"""Whose each account is first."""


@dataclass(frozen=True)
class Sent:
    """Rows by table in the order in which they arrive, the first of them in the lake."""

    rows: list[Told]
    cut: int


DAYS = (date(2025, 12, 31), date(2026, 1, 2), date(2026, 2, 10), date(2026, 2, 20))
"""Few, and near the date mostly asked for, so that much happens at one moment and all of it counts."""


def days() -> st.SearchStrategy[date]:
    return st.one_of(st.sampled_from(DAYS), st.sampled_from(DAYS), test_flows.days())


def people() -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(PEOPLE[:2]), st.sampled_from(PEOPLE))


@st.composite
def moments(draw: st.DrawFn) -> datetime:
    day = draw(days())
    return datetime(day.year, day.month, day.day, draw(st.sampled_from([0, 9, 16])), tzinfo=UTC)


@st.composite
def known(draw: st.DrawFn, day: date) -> date:
    return day + timedelta(days=draw(st.sampled_from([0, 0, 0, 1, 5, 60])))


@st.composite
def versioned(draw: st.DrawFn) -> Told:
    """A row of a loan or of a borrower."""
    day = draw(days())
    dates = {"effective_on": draw(st.one_of(st.none(), st.just(day), days())), "known_on": draw(known(day))}
    if draw(st.booleans()):
        row = {
            "loan_id": draw(st.sampled_from(LOANS)),
            "borrower_id": draw(people()),
            "disbursed_on": draw(days()),
        }
        return "loans", row | dates
    kind = draw(st.sampled_from(["person", "company"]))
    return "borrowers", {
        "borrower_id": draw(people()),
        "kind": kind,
        "industry": draw(st.sampled_from(["A", "Z9", None])),
    } | dates


@st.composite
def happened(draw: st.DrawFn) -> Told:
    """An event; an id belongs to one subject, which intake sees to."""
    number = draw(st.integers(0, 7))
    at = draw(moments())
    subject = (*PEOPLE, *LOANS, "L9")[number]
    amount = draw(st.one_of(st.none(), st.integers(-10, 300).map(lambda cents: Decimal(cents) / 100)))
    return "events", {
        "event_id": f"E{number}", "subject_id": subject, "happened_at": at, "kind": draw(st.sampled_from(EVENT_KINDS)), "amount": amount,
        "known_on": draw(known(at.date())),
    }  # fmt: skip


@st.composite
def said(draw: st.DrawFn) -> Told:
    """A contact, a promise or a decision."""
    table = draw(st.sampled_from(sorted(SAID)))
    kinds, values = SAID[table]
    at = draw(moments())
    return table, {
        "subject_id": draw(people()), "kind": draw(st.sampled_from(kinds)), "happened_at": at,
        "value": draw(st.sampled_from(values)), "known_on": draw(known(at.date())),
    }  # fmt: skip


@st.composite
def reviewed(draw: st.DrawFn) -> Told:
    """A finding about a borrower or a loan."""
    kind = draw(st.sampled_from(sorted(REVIEWED)))
    at = draw(moments())
    return "findings", {
        "subject_id": draw(st.one_of(people(), st.sampled_from(LOANS))), "kind": kind, "happened_at": at,
        "value": draw(st.sampled_from(REVIEWED[kind])), "known_on": draw(known(at.date())),
    }  # fmt: skip


@st.composite
def reported(draw: st.DrawFn) -> Told:
    """A credit report, whose id belongs to one borrower, or a line of one."""
    number, day = draw(st.integers(0, 5)), draw(days())
    row = {"report_id": f"C{number}", "known_on": draw(known(day))}
    if draw(st.integers(0, 2)) == 0:
        told = {"score": draw(st.sampled_from([None, 580, 640])), "inquiries_3m": draw(st.sampled_from([None, 0, 4]))}
        return "bureau_reports", row | told | {"borrower_id": "PPPQQR"[number], "queried_on": day}
    return "bureau_lines", row | {
        "lender": draw(st.sampled_from(["X", "Y", "Z", None])), "product": draw(st.sampled_from(["card", None])), "dpd": draw(st.sampled_from([None, 0, 0, 9, 40])),
        "balance": draw(st.sampled_from([None, Decimal(0), Decimal(50), Decimal("70.5")])), "opened_on": draw(st.sampled_from([None, DAYS[0]])),
    }  # fmt: skip


def changed(table: str) -> st.SearchStrategy[Row]:
    """What a second row of one key says otherwise: on another day a correction; on the same one intake refuses it, unless it says nothing new."""
    new: st.SearchStrategy[Row] = st.integers(-10, 300).map(
        lambda cents: {"amount": Decimal(cents) / 100, "balance": Decimal(cents)}
    )
    other: st.SearchStrategy[Row] = st.just(
        {
            "value": '{"promise": 3, "circumstance": 3, "party": "agent", "rating": 2, "level": "yellow", "onsite": false}',
            "score": 700,
        }
    )
    told = new if table in ("events", "transactions") else other
    late: st.SearchStrategy[Row] = st.sampled_from(DAYS).map(lambda day: {"known_on": day + timedelta(days=7)})
    return st.one_of(st.just({}), told, told, late, st.tuples(told, late).map(lambda both: {**both[0], **both[1]}))


@st.composite
def account(draw: st.DrawFn) -> Told:
    """A row of an account."""
    day = draw(days())
    dates = {"effective_on": draw(st.one_of(st.none(), st.just(day), days())), "known_on": draw(known(day))}
    return "accounts", {
        "account_id": draw(st.sampled_from(ACCOUNTS)),
        "borrower_id": draw(st.sampled_from("PPQR")),
    } | dates


@st.composite
def moved(draw: st.DrawFn) -> Told:
    """A transaction; an id belongs to one account."""
    number, more = draw(st.integers(0, 19)), draw(st.sampled_from(["", "a", "b", "c", "d"]))
    at = draw(moments())
    cents = st.integers(-300, 300).map(lambda cents: Decimal(cents) / 100)
    return "transactions", {
        "txn_id": test_flows.IDS[number] + more, "account_id": ACCOUNTS[number % 4 % 3], "booked_at": at, "amount": draw(cents),
        "balance": draw(st.one_of(cents, cents, st.none())), "counterparty_token": draw(st.sampled_from([None, "70" * 16, "70" * 16, "71" * 16])),
        "counterparty_kind": draw(st.sampled_from(test_flows.KINDS)), "memo_flags": draw(st.sampled_from([None, None, "salary", "cash rent"])),
        "loan_id": draw(st.sampled_from([None, None, None, "L1"])), "known_on": draw(known(at.date())),
    }  # fmt: skip


@st.composite
def sent(draw: st.DrawFn) -> Sent:
    """A book whose first rows are in the lake; the others came since. Accounts and loans come first, or at any time."""
    held = draw(st.sampled_from([BEGUN, BEGUN, []])) + draw(st.lists(st.one_of(versioned(), account()), max_size=14))
    facts = draw(
        st.lists(st.one_of(happened(), said(), reviewed(), reported(), moved(), moved()), min_size=20, max_size=50)
    )
    facts += [(table, row | draw(changed(table))) for table, row in facts if draw(st.integers(0, 7)) == 0]
    facts = draw(st.permutations(facts))
    rows = [*held, *facts] if draw(st.booleans()) else draw(st.permutations([*held, *facts]))
    return Sent(rows, draw(st.integers(0, len(rows)) | st.just(len(rows) // 2)))


def settled(rows: list[Told]) -> list[Told]:
    """The rows without those that intake refuses: an event's second row of one date of knowledge."""
    seen, kept = set(), []
    for table, row in rows:
        key = (table, *(row[name] for name in KEYS.get(table, ())), row["known_on"])
        if table not in KEYS or key not in seen:
            kept.append((table, row))
        seen.add(key)
    return kept


def frames(rows: list[Told], batch: int) -> dict[str, pl.DataFrame]:
    found = {}
    for table in dict.fromkeys(table for table, _ in rows):
        system = {"assumed": False, "backfill": False, "attributes": None, "batch": batch}
        of = [row | system | {"row": place} for place, (name, row) in enumerate(rows) if name == table]
        schema = pl.DataFrame(lake.schema(table).empty_table()).schema
        found[table] = pl.DataFrame([{name: row.get(name) for name in schema} for row in of], schema=schema)
    return found


def told_by(home: Home, *parts: dict[str, pl.DataFrame]) -> borrowers.Borrowers:
    """What a home tells that was sent some rows one after the other."""
    for part in parts:
        for table, rows in part.items():
            lake.append(home, table, rows.to_arrow().cast(lake.schema(table)))
    policies = read_policies(home)
    flows = Dated("cash_flow", "", (Version(test_flows.FIRST, test_flows.policy(home), None, "us"),))
    return borrowers.read(
        home, replace(policies, cash_flow=flows), lake.versions(home, [*borrowers.TABLES, "loans"]), lambda *_: None
    )


def snapshot(people: list[str]) -> pl.DataFrame:
    """Loans of borrowers, as little of them as the roll-up needs."""
    schema = pl.DataFrame(SCHEMA.empty_table()).schema
    row = {
        "org_id": "O1",
        "state": "current",
        "own_share": 1,
        "principal_outstanding_base": 5,
        "dpd": 0,
        "max_dpd_12m": 0,
        "max_dpd_ever": 0,
        "disbursed_on": date(2025, 1, 1),
        "months_on_book": 1,
    }
    rows = pl.DataFrame([{"borrower_id": who, **row} for who in people])
    return rows.select(pl.col(name).cast(schema[name]) for name in rows.columns)


@examples(15)
@given(
    sent(),
    st.lists(st.sampled_from(PEOPLE[1:]), max_size=3, unique=True),
    st.lists(st.tuples(days(), st.one_of(st.none(), days())), min_size=4, max_size=4),
    st.sets(st.sampled_from(list(FRAME)), max_size=12),
)
def test_some_borrowers_with_rows_that_came_since_tell_what_all_tell_once_the_lake_has_them(
    tmp_path_factory: pytest.TempPathFactory,
    book: Sent,
    others: list[str],
    dates: list[tuple[date, date | None]],
    names: set[str],
) -> None:
    asked = ["P", *others]
    folder = tmp_path_factory.mktemp("among")
    held = settled(book.rows[: book.cut])
    before, came = frames(held, 1), frames(book.rows[book.cut :], 0)
    after = frames(settled([*held, *book.rows[book.cut :]])[len(held) :], 2)
    hot, whole = told_by(open_home(folder / "hot", {}), before), told_by(open_home(folder / "whole", {}), before, after)
    among = hot.among(pl.Series(asked), came)
    loans = snapshot(asked)
    for as_of, known_on in [*dates, (test_flows.LAST, None), (DAYS[-1], test_flows.LAST)]:
        expected = whole.on(as_of, known_on or as_of, loans)
        found = among.on(as_of, known_on or as_of, loans)
        assert found.schema == expected.schema == FRAME
        assert found.equals(expected), (as_of, known_on, _differing(found, expected))
        some = among.on(as_of, known_on or as_of, loans, names)
        assert some.equals(expected.select([name for name in FRAME if name in names or name == "borrower_id"]))


@examples(15)
@given(
    st.lists(account(), max_size=4),
    st.lists(moved(), min_size=8, max_size=40, unique_by=lambda told: told[1]["txn_id"]),
    st.integers(1, 7),
    st.lists(days(), min_size=2, max_size=2),
)
def test_plain_transactions_are_put_in_without_building_anything_anew(
    tmp_path_factory: pytest.TempPathFactory, accounts: list[Told], sent: list[Told], cut: int, dates: list[date]
) -> None:
    folder = tmp_path_factory.mktemp("put")
    before, came = frames([*BEGUN, *accounts, *sent[:cut]], 1), frames(sent[cut:], 2)
    hot, whole = told_by(open_home(folder / "hot", {}), before), told_by(open_home(folder / "whole", {}), before, came)
    assert hot.cash_flow is not None
    assert whole.cash_flow is not None
    found = hot.cash_flow.among(pl.Series(["P", "Q"]), came)
    assert all(part.flows.borrowers.is_empty() or part.flows is hot.cash_flow.flows for part in found.parts)
    for as_of in (*dates, test_flows.LAST):
        expected = whole.cash_flow.on(as_of, test_flows.LAST)
        assert found.on(as_of, test_flows.LAST).equals(expected.filter(pl.col("borrower_id").is_in(["P", "Q"])))


def _differing(found: pl.DataFrame, expected: pl.DataFrame) -> dict[str, Any]:
    return {
        name: (found[name].to_list(), expected[name].to_list())
        for name in found.columns
        if found[name].to_list() != expected[name].to_list()
    }
