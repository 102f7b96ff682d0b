"""Borrowers: their roll-ups are those of all their loans, and the timeline tells each event once, newest first."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from daihou.desk.portfolio import accounts
from daihou.runs.explain import explain_in
from desk.portfolio import wharf
from desk.portfolio.conftest import context, page

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from daihou.book.home import Home

    Held = Callable[..., pl.DataFrame]

LIVE = pl.col("state").is_in(["current", "overdue"])


def rolled(loans: pl.DataFrame) -> pl.DataFrame:
    """What the list of borrowers says, from their loans alone; an exposure of which a part is unknown is empty."""
    balance, overdue = pl.col("principal_outstanding_base"), pl.col("state") == "overdue"
    unknown = (balance.is_null() & (LIVE | (pl.col("state") == "unmeasured"))).any()
    return loans.group_by("borrower_id").agg(
        loans=LIVE.sum(), loans_overdue=overdue.sum(), exposure=pl.when(~unknown).then(balance.filter(LIVE).sum()),
        exposure_overdue=pl.when(~unknown).then(balance.filter(overdue).sum()), worst_dpd=pl.col("dpd").filter(LIVE).max(),
    )  # fmt: skip


def everybody(client: Client, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    first = context(client, f"/borrowers/?{query}")
    for number in range(1, max(number for number in first["pages"] if number) + 1):
        found += context(client, f"/borrowers/?{query}&page={number}")["rows"]
    return found


@pytest.mark.parametrize("sort", ["-exposure_overdue", "-worst_dpd", "borrower_id"])
def test_borrowers_are_all_there_once_in_order_with_the_sums_of_their_loans(
    sign_in: Any, loans: pl.DataFrame, sort: str
) -> None:
    found = everybody(sign_in("manager"), f"sort={sort}")
    right = {row["borrower_id"]: row for row in rolled(loans).iter_rows(named=True)}
    assert len(found) == len(right)
    for row in found:
        for name, value in right[row["borrower_id"]].items():
            assert row[name] == value, (row["borrower_id"], name)
    values = [row[sort.removeprefix("-")] for row in found]
    told = [value for value in values if value is not None]
    assert told == sorted(told, reverse=sort.startswith("-"))
    assert values[: len(told)] == told


def test_only_those_with_overdue_loans_where_asked(sign_in: Any, loans: pl.DataFrame) -> None:
    found = everybody(sign_in("manager"), "late=1")
    assert {row["borrower_id"] for row in found} == set(loans.filter(pl.col("state") == "overdue")["borrower_id"])


def test_the_page_of_a_borrower_sums_all_loans_by_currency(boss: Client, held: Held) -> None:
    for borrower_id, of_one in held().group_by("borrower_id"):
        told = context(boss, f"/borrowers/{borrower_id[0]}/")
        assert {row["loan_id"] for row in told["loans"]} == set(of_one["loan_id"])
        right = (
            of_one.group_by("currency")
            .agg(pl.len().alias("loans"), pl.col("principal_outstanding", "overdue_amount", "total_claim").sum())
            .sort("currency")
        )
        assert [
            tuple(row[name] for name in ("currency", "loans", "balance", "overdue", "claim")) for row in told["sums"]
        ] == right.rows()
        (sums,) = rolled(of_one).iter_rows(named=True)
        assert {name: told["rolled"][name] for name in sums} == sums


def test_the_page_is_of_the_dates_asked_for(boss: Client, held: Held) -> None:
    assert {row["loan_id"] for row in context(boss, "/borrowers/B1/?as_of=2026-01-31")["loans"]} == set(
        held(dt.date(2026, 1, 31)).filter(borrower_id="B1")["loan_id"]
    )
    page(boss, "/borrowers/=B13/?as_of=2026-01-31", 404)


def timeline(client: Client, borrower_id: str, query: str = "") -> list[tuple[str, str, str, str]]:
    told = context(client, f"/borrowers/{borrower_id}/?events=all{query}")
    return [
        (event.on.isoformat(), event.kind, event.title, event.detail)
        for _, events in told["months"]
        for event in events
    ]


def test_the_timeline_tells_each_event_once_and_what_became_of_it(boss: Client) -> None:
    found = [event for event in timeline(boss, "B11") if event[0] != "2026-01-01"]
    assert found == [
        ("2026-04-05", "charge", "Legal cost 3.00", ""), ("2026-04-03", "pay", "Scheduled 10.00", ""), ("2026-04-02", "pay", "Refund 70.00", ""),
        ("2026-04-01", "pay", "Scheduled 100.99", ""), ("2026-03-20", "pay", "Scheduled 60.00", ""), ("2026-03-16", "change", "Extension", ""),
        ("2026-03-15", "change", "Extension", "replaced by a later version"), ("2026-03-05", "charge", "Penalty interest 2.00", "reversed, known on 2026-03-10"),
        ("2026-03-04", "pay", "Scheduled 51.00", ""), ("2026-03-02", "change", "Waiver 0.50", ""),
    ]  # fmt: skip


def test_what_has_not_happened_yet_is_not_told(boss: Client) -> None:
    found = timeline(boss, "B1")
    assert not [event for event in found if event[0] > "2026-04-30"]
    assert len([event for event in found if event[1] == "loan"]) == 4  # F1 is signed and paid out in May
    assert [event for event in timeline(boss, "B1", "&as_of=2026-02-28") if event[0] > "2026-02-28"] == []


def test_the_timeline_is_in_order_and_its_counts_are_of_all_events(sign_in: Any, loans: pl.DataFrame) -> None:
    borrower_id = loans.group_by("borrower_id").len().sort("len", "borrower_id")["borrower_id"][-1]
    client = sign_in("manager")
    told = context(client, f"/borrowers/{borrower_id}/")
    shown = [event for _, events in told["months"] for event in events]
    assert [event.on for event in shown] == sorted((event.on for event in shown), reverse=True)
    assert told["event_count"] == sum(count for _, _, count in told["kinds"])
    assert told["shown_count"] == len(shown) == min(told["event_count"], 60)
    whole = context(client, f"/borrowers/{borrower_id}/?events=all")
    assert whole["shown_count"] == whole["event_count"] == told["event_count"]
    assert all(f"{event.on:%Y-%m}" == month for month, events in whole["months"] for event in events)


def test_payments_told_are_those_of_the_explanations(boss: Client, at_wharf: Home, held: Held) -> None:
    count = 0
    for loan_id in held().filter(borrower_id="B1")["loan_id"]:
        told = explain_in(at_wharf, accounts.ledger(), loan_id, wharf.END, wharf.END)
        count += sum(
            row["paid_on"] <= wharf.END and row["known_on"] <= wharf.END and not row["reverses"]
            for row in told.payments
        )
    assert len([event for event in timeline(boss, "B1") if event[1] == "pay"]) == count == 4
