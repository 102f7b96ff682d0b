"""The law of `Borrowers.among`: of some borrowers, with rows that came since, it tells what all of them would tell were these rows in the lake."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from daihou.book import lake
from daihou.book.home import open_home
from daihou.monitoring.snapshot import SCHEMA
from daihou.policies.dated import Dated, Version
from daihou.runs.borrowers import borrowers
from daihou.runs.borrowers.columns import FRAME
from daihou.runs.policies import read_policies
from laws import test_flows

if TYPE_CHECKING:
    import pytest

    from daihou.book.home import Home

DEEP = int(os.environ.get("DAIHOU_LAW_EXAMPLES", "1"))
PEOPLE = ("P", "Q", "R", "L2", "nobody")
"""L2 is a loan's id too."""
LOANS = ("L1", "L2", "L3")
KEYS = {
    "events": ("event_id",), "contacts": ("subject_id", "kind", "happened_at"), "promises": ("subject_id", "kind", "happened_at"),
    "decisions": ("subject_id", "kind", "happened_at"), "transactions": ("txn_id",),
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
EVENT_KINDS = ("litigation", "enforcement", "tax", "news", "application", "withdrawn", "odd_kind")

Row = dict[str, Any]
Told = tuple[str, Row]


@dataclass(frozen=True)
class Sent:
    """Rows by table in the order in which they arrive, the first of them in the lake."""

    rows: list[Told]
    cut: int


days = test_flows.days


@st.composite
def moments(draw: st.DrawFn) -> datetime:
    day = draw(days())
    return datetime(day.year, day.month, day.day, draw(st.sampled_from([0, 9, 15, 16, 23])), tzinfo=UTC)


@st.composite
def known(draw: st.DrawFn, day: date) -> date:
    return day + timedelta(days=draw(st.sampled_from([0, 0, 0, 1, 20, 60])))


@st.composite
def versioned(draw: st.DrawFn) -> Told:
    """A row of a loan or of a borrower."""
    day = draw(days())
    dates = {"effective_on": draw(st.one_of(st.none(), st.just(day), days())), "known_on": draw(known(day))}
    if draw(st.booleans()):
        row = {
            "loan_id": draw(st.sampled_from(LOANS)),
            "borrower_id": draw(st.sampled_from(PEOPLE)),
            "disbursed_on": draw(days()),
        }
        return "loans", row | dates
    kind = draw(st.sampled_from(["person", "company"]))
    return "borrowers", {
        "borrower_id": draw(st.sampled_from(PEOPLE)),
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
        "subject_id": draw(st.sampled_from(PEOPLE)), "kind": draw(st.sampled_from(kinds)), "happened_at": at,
        "value": draw(st.sampled_from(values)), "known_on": draw(known(at.date())),
    }  # fmt: skip


def changed(table: str) -> st.SearchStrategy[Row]:
    """What a second row of one key and one date of knowledge says otherwise, which intake refuses; or nothing."""
    amount = st.integers(-10, 300).map(lambda cents: {"amount": Decimal(cents) / 100})
    return (
        st.one_of(st.just({}), amount) if table in ("events", "transactions") else st.just({"value": '{"promise": 3}'})
    )


@st.composite
def sent(draw: st.DrawFn) -> Sent:
    """A book in any order: its first rows are in the lake, the others came since."""
    rows = draw(st.lists(st.one_of(versioned(), happened(), happened(), said(), said()), max_size=40))
    rows += [("accounts", _account(row)) for row in draw(test_flows.account_rows())]
    rows += [("transactions", _transaction(row)) for row in draw(test_flows.transactions())]
    rows += [
        (table, row | draw(changed(table))) for table, row in rows if table in KEYS and draw(st.integers(0, 4)) == 0
    ]
    rows = draw(st.permutations(rows))
    return Sent(rows, draw(st.integers(0, len(rows))))


def _account(row: Any) -> Row:
    return {
        "account_id": row.account,
        "borrower_id": {"B1": "P", "B2": "Q"}[row.borrower],
        "effective_on": row.effective_on,
        "known_on": row.known_on,
    }


def _transaction(row: Any) -> Row:
    return {
        "txn_id": row.txn, "account_id": row.account, "booked_at": row.booked_at, "amount": Decimal(row.amount) / 100,
        "balance": None if row.balance is None else Decimal(row.balance) / 100,
        "counterparty_token": None if row.payer is None else f"{ord(row.payer):032x}", "counterparty_kind": row.kind,
        "memo_flags": " ".join(row.flags) or None, "loan_id": row.loan, "known_on": row.known_on,
    }  # fmt: skip


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


@settings(
    max_examples=25 * DEEP,
    suppress_health_check=list(HealthCheck),
    derandomize=DEEP == 1,
    database=None,
    phases=[Phase.explicit, Phase.generate] if DEEP == 1 else list(Phase),
)
@given(
    sent(),
    st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=4, unique=True),
    st.lists(st.tuples(days(), st.one_of(st.none(), days())), min_size=6, max_size=6),
    st.sets(st.sampled_from(list(FRAME)), max_size=12),
)
def test_some_borrowers_with_rows_that_came_since_tell_what_all_tell_once_the_lake_has_them(
    tmp_path_factory: pytest.TempPathFactory,
    book: Sent,
    people: list[str],
    dates: list[tuple[date, date | None]],
    names: set[str],
) -> None:
    folder = tmp_path_factory.mktemp("among")
    held = settled(book.rows[: book.cut])
    before, came = frames(held, 1), frames(book.rows[book.cut :], 0)
    after = frames(settled([*held, *book.rows[book.cut :]])[len(held) :], 2)
    hot, whole = told_by(open_home(folder / "hot", {}), before), told_by(open_home(folder / "whole", {}), before, after)
    among = hot.among(pl.Series(people), came)
    loans = snapshot(people)
    for as_of, known_on in dates:
        expected = whole.on(as_of, known_on or as_of, loans)
        found = among.on(as_of, known_on or as_of, loans)
        assert found.schema == expected.schema == FRAME
        assert found.equals(expected), (as_of, known_on, _differing(found, expected))
        some = among.on(as_of, known_on or as_of, loans, names)
        assert some.equals(expected.select([name for name in FRAME if name in names or name == "borrower_id"]))


def _differing(found: pl.DataFrame, expected: pl.DataFrame) -> dict[str, Any]:
    return {
        name: (found[name].to_list(), expected[name].to_list())
        for name in found.columns
        if found[name].to_list() != expected[name].to_list()
    }
