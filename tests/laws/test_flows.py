"""The laws of cash flow: the kernel says what the reference says, whatever order facts arrive in, however late, and whoever holds the account."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daihou.book import lake
from daihou.book.flows.store import TABLES, open_flows
from daihou.book.home import open_home
from daihou.policies.dated import Dated, Version
from daihou.runs.borrowers import cash_flow
from daihou.runs.policies import read_policies
from laws.depth import examples
from laws.flows import AccountRow, Transaction, measured

if TYPE_CHECKING:
    import random

    from daihou.book.home import Home
    from daihou.policies.cash_flow import CashFlowPolicy

FIRST, LAST = date(2025, 1, 1), date(2026, 2, 28)
SPECIAL = [date(2025, 3, 31), date(2025, 5, 31), date(2025, 8, 31), date(2025, 9, 1), date(2025, 11, 30), LAST]
KINDS = (
    None,
    None,
    None,
    "other",
    "employer",
    "customer",
    "lender",
    "own_account",
    "gambling",
    "cash",
    "food",
    "travel",
    "person",
    "odd_kind",
)
FLAGS = ("salary", "sales", "loan", "own_transfer", "returned", "cash", "gambling", "rent", "travel")
IDS = ("T1", "T10", "T2", "t", "é", "中", "\uff5e", "\U00020000", *(f"U{number}" for number in range(20)))


def policy(home: Home) -> CashFlowPolicy:
    """The shipped one with a bar that a few payments meet and a few more pass."""
    shipped = read_policies(home).cash_flow.versions[-1].values
    shipped_again = object.__new__(type(shipped))  # its parts are checked already
    for name in ("keywords", "roles"):
        object.__setattr__(shipped_again, name, getattr(shipped, name))
    bar = replace(shipped.regular, months=3, at_least=2, most_payments=4, within_percent=10)
    object.__setattr__(shipped_again, "regular", bar)
    return shipped_again


def days() -> st.SearchStrategy[date]:
    return st.one_of(st.sampled_from(SPECIAL), st.dates(FIRST, LAST))


@st.composite
def account_rows(draw: st.DrawFn) -> list[AccountRow]:
    rows = []
    for account in draw(st.sampled_from([["A1"], ["A1", "A2"], ["A1", "A2", "A3"]])):
        for _ in range(draw(st.sampled_from([1, 1, 1, 2, 4]))):
            who, effective_on = draw(st.sampled_from(["B1", "B1", "B2"])), draw(st.one_of(st.just(FIRST), days()))
            rows.append(AccountRow(account, who, effective_on, draw(st.one_of(st.just(FIRST), days()))))
    return rows


@st.composite
def transactions(draw: st.DrawFn) -> list[Transaction]:
    rows: list[Transaction] = []
    account_of: dict[str, str] = {}
    for _ in range(draw(st.integers(0, 24))):
        txn = draw(st.sampled_from(IDS))
        account = account_of.setdefault(txn, draw(st.sampled_from(["A1", "A1", "A2", "A3", "unknown"])))
        day = draw(days())
        at = datetime(day.year, day.month, day.day, draw(st.sampled_from([0, 9, 15, 16, 23])), tzinfo=UTC)
        row = Transaction(
            txn, account, at,
            draw(st.one_of(st.sampled_from([100, 104, 110, -50, 0]), st.integers(-300, 300))),
            draw(st.one_of(st.just(day), st.just(day + timedelta(days=draw(st.integers(0, 60)))))),
            draw(st.one_of(st.none(), st.integers(-100, 400))), draw(st.sampled_from([None, "p", "p", "p", "q"])),
            draw(st.sampled_from(KINDS)),
            tuple(sorted(draw(st.sets(st.sampled_from(FLAGS), max_size=2)))) if draw(st.booleans()) else (),
            draw(st.sampled_from([None, None, None, None, "L1"])),
        )  # fmt: skip
        if not any(
            (other.txn, other.known_on) == (row.txn, row.known_on) for other in rows
        ):  # intake refuses the second
            rows.append(row)
            if draw(st.integers(0, 3)) == 0:  # a correction, now and then one that says the same
                later = row.known_on + timedelta(days=draw(st.integers(1, 40)))
                changed = replace(row, known_on=later, amount=draw(st.sampled_from([row.amount, -row.amount, 100])))
                if not any((other.txn, other.known_on) == (txn, later) for other in rows):
                    rows.append(changed)
    return rows


def store(home: Home, accounts: list[AccountRow], sent: list[Transaction]) -> None:
    """Put rows into the lake as intake would, in order of arrival."""
    system = {"assumed": False, "backfill": False, "attributes": None}
    told = [
        {"account_id": row.account, "borrower_id": row.borrower, "purpose": None, "effective_on": row.effective_on,
         "known_on": row.known_on, "batch": 1, "row": place, **system}
        for place, row in enumerate(accounts)
    ]  # fmt: skip
    moved = [
        {"txn_id": row.txn, "account_id": row.account, "booked_at": row.booked_at, "amount": Decimal(row.amount) / 100,
         "balance": None if row.balance is None else Decimal(row.balance) / 100,
         "counterparty_token": None if row.payer is None else f"{ord(row.payer):032x}", "counterparty_kind": row.kind,
         "memo_flags": " ".join(row.flags) or None, "loan_id": row.loan, "known_on": row.known_on, "batch": 2, "row": place, **system}
        for place, row in enumerate(sent)
    ]  # fmt: skip
    for table, rows in (("accounts", told), ("transactions", moved)):
        schema = lake.schema(table)
        frame = pl.DataFrame(rows, schema=pl.DataFrame(schema.empty_table()).schema)
        lake.append(home, table, frame.to_arrow().cast(schema))


def answers(
    home: Home, accounts: list[AccountRow], sent: list[Transaction], pairs: list[tuple[date, date]]
) -> list[dict[str, dict[str, Any]]]:
    store(home, accounts, sent)
    flows = open_flows(home, lake.versions(home, TABLES), lambda *_: None)
    found = cash_flow.over(flows, Dated("cash_flow", "", (Version(FIRST, policy(home), None, "us"),)))
    return [{row.pop("borrower_id"): row for row in found.on(*pair).to_dicts()} for pair in pairs]


def same(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The measures that differ."""
    assert list(ours) == list(theirs)
    return {
        name: (ours[name], theirs[name])
        for name in ours
        if ours[name] != (pytest.approx(theirs[name], rel=1e-9) if isinstance(theirs[name], float) else theirs[name])
    }


@examples(12)
@given(
    account_rows(),
    transactions(),
    st.lists(st.tuples(days(), st.one_of(st.none(), days())), min_size=4, max_size=4),
    st.randoms(use_true_random=False),
)
def test_the_kernel_says_what_the_reference_says_in_whatever_order_facts_arrive(
    tmp_path_factory: pytest.TempPathFactory,
    accounts: list[AccountRow],
    sent: list[Transaction],
    dates: list[tuple[date, date | None]],
    order: random.Random,
) -> None:
    home = open_home(tmp_path_factory.mktemp("flows"), {})
    pairs = [(as_of, known_on or as_of) for as_of, known_on in dates]
    expected = [measured(accounts, sent, policy(home), *pair) for pair in pairs]
    shuffled = order.sample(sent, len(sent))
    for pair, ours, theirs in zip(pairs, answers(home, accounts, shuffled, pairs), expected, strict=True):
        assert ours.keys() == theirs.keys(), pair
        assert not {who: wrong for who in ours if (wrong := same(ours[who], theirs[who]))}, pair
