"""A borrower's row: what a night writes of it, what is empty and what is 0, whole in parts, in files and in homes of the version before."""

from __future__ import annotations

import json
import shutil
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow.parquet as pq
import pytest

from books import harbour
from books.harbour import END, LATER
from daihou.book import lake
from daihou.book.home import open_home
from daihou.monitoring.events.family import COUNTS
from daihou.monitoring.families import OF_BORROWER
from daihou.monitoring.market.family import MARKET
from daihou.runs import few, rollups, store
from daihou.runs.borrowers import borrowers
from daihou.runs.borrowers.columns import FRAME, SCHEMA
from daihou.runs.export import export
from daihou.runs.nightly import run
from daihou.runs.policies import read_policies
from daihou.warning.columns import columns_of
from once import once

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.home import Home

TABLE = "borrower_snapshots"
NEWS = {
    "borrowers": "borrower_id,kind,industry,size,group_id,known_on\nB2,company,retail,small,G1,2026-05-01\n",
    "events": "event_id,subject_id,happened_at,kind,amount,known_on\n"
    "E1,A1,2026-05-02T10:00:00+08:00,litigation,30.05,2026-05-03\n"
    "E2,B1,2026-05-04T10:00:00+08:00,news,,2026-05-04\n",
    "accounts": "account_id,borrower_id,known_on\nK1,B1,2026-05-01\n",
    "transactions": "txn_id,account_id,booked_at,amount,balance,counterparty_kind,known_on\n"
    "T1,K1,2026-05-02T10:00:00+08:00,80.25,123.45,customer,2026-05-02\n",
    "macro": "series,period_end,value\n"
    "lending_rate,2025-04-20,3.45\nlending_rate,2026-04-20,3.10\npurchasing_index,2026-04-30,49.0\n",
}
"""A1 is a loan of B1. What says no other day was known on 05-04."""
AROUND = {
    "house_price_change_12m": None, "unemployment": None, "unemployment_change_12m": None, "lending_rate": Decimal("0.031"),
    "lending_rate_change_12m": Decimal("-0.0035"), "purchasing_index": 49.0, "purchasing_index_months_below_50": 1,
}  # fmt: skip


def silent(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


def rows(home: Home, day: date = LATER) -> dict[str, dict[str, Any]]:
    return {row["borrower_id"]: row for row in store.read(home, TABLE, day, day).to_pylist()}


def told_of(home: Home, day: date = LATER) -> borrowers.Borrowers:
    record = store.record(home, day, day)
    assert record is not None
    return borrowers.read(home, read_policies(home), json.loads(record["lake"]), silent)


@pytest.fixture(scope="module")
def informed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Harbour Branch after the night of 2026-05-04, with news of its borrowers and its market: to look at."""

    def build(folder: Path) -> None:
        home = open_home(shutil.copytree(built, folder / "home"), {})
        harbour.send(home, folder, NEWS)
        run(home, LATER, LATER, silent)

    return open_home(once(tmp_path_factory, "informed", build) / "home", {})


def test_a_night_writes_every_family_of_its_borrowers_and_the_market(informed: Home) -> None:
    found = rows(informed)
    assert {name: found["B1"][name] for name in ("borrower_kind", "industry", "size", "group_id")} == {
        "borrower_kind": "person", "industry": None, "size": None, "group_id": None,
    }  # fmt: skip
    assert {name: found["B2"][name] for name in ("borrower_kind", "industry", "size", "group_id")} == {
        "borrower_kind": "company", "industry": "retail", "size": "small", "group_id": "G1",
    }  # fmt: skip
    happened = {name: found["B1"][name] for name in (*COUNTS, "claim_amount_12m", "days_since_event")}
    assert happened == {
        **dict.fromkeys(COUNTS, 0), "litigation_12m": 1, "news_3m": 1, "claim_amount_12m": 3005, "days_since_event": 0,
    }  # fmt: skip
    flows = ("accounts", "inflow_30d", "outflow_30d", "account_balance")
    assert [found["B1"][name] for name in flows] == [1, 8025, 0, 12345]
    assert {found["B2"][name] for name in flows} == {None}
    for row in found.values():
        assert {name: row[name] for name in AROUND} == AROUND


def test_of_who_had_no_event_the_counts_are_0_and_the_last_one_is_empty(informed: Home) -> None:
    row = rows(informed)["B2"]
    assert {row[name] for name in (*COUNTS, "claim_amount_12m")} == {0}
    assert row["days_since_event"] is None


def test_where_no_event_was_ever_known_and_no_series_sent_all_of_it_is_empty(informed: Home, branch: Home) -> None:
    """Of the branch before the news, and of the branch after it asked by what was known before."""
    names = [*COUNTS, "claim_amount_12m", "days_since_event", *AROUND]
    for row in rows(branch, END).values():
        assert {row[name] for name in names} == {None}
    loans = pl.scan_parquet(store.files(informed, "snapshots", LATER, LATER))
    early = told_of(informed).on(LATER, date(2026, 5, 2), loans)
    assert (
        early.select([*COUNTS, "claim_amount_12m", "days_since_event"]).null_count().sum_horizontal().item()
        == 11 * early.height
    )


def test_what_the_run_read_stands_in_its_record(informed: Home) -> None:
    record = store.record(informed, LATER, LATER)
    assert record is not None
    assert {table for table in borrowers.TABLES if lake.files(informed, table)} <= set(json.loads(record["lake"]))


def test_frames_in_memory_files_and_parts_of_them_say_the_same(informed: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = store.files(informed, "snapshots", LATER, LATER)
    told = told_of(informed)
    frame = told.on(LATER, LATER, pl.read_parquet(paths))
    assert frame.schema == FRAME
    assert frame.to_dicts() == list(rows(informed).values())
    monkeypatch.setattr(rollups, "PART", 3)
    parts = [pl.DataFrame(part) for part in told.parts(paths, LATER, LATER)]
    assert len(parts) > 1
    assert pl.concat(parts).sort("borrower_id").equals(frame)
    assert told.market(LATER, LATER) == AROUND


def test_of_some_columns_only_these_are_put_together_by_either_way_of_counting_and_of_some_borrowers_only_these(
    informed: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    loans = pl.read_parquet(store.files(informed, "snapshots", LATER, LATER))
    told = told_of(informed)
    frame = told.on(LATER, LATER, loans)
    names = {"overdue_share", "litigation_12m", "lending_rate", "account_balance", "industry", "not_a_column"}
    some = [name for name in FRAME if name in names | {"borrower_id"}]
    monkeypatch.setattr(few, "FEW", 0)
    for _ in range(2):
        assert told.on(LATER, LATER, loans).equals(frame)
        assert told.on(LATER, LATER, loans, names).equals(frame.select(some))
        assert told.on(LATER, LATER, loans, ()).equals(frame.select("borrower_id"))
        monkeypatch.undo()
    told.ready()
    for who in frame["borrower_id"]:
        mine = loans.filter(pl.col("borrower_id") == who)
        assert (
            told.among(pl.Series([who, who])).on(LATER, LATER, mine).equals(frame.filter(pl.col("borrower_id") == who))
        )


def test_they_are_exported_with_amounts_in_units(informed: Home, tmp_path: Path) -> None:
    export(informed, TABLE, tmp_path / "x.parquet", where="claim_amount_12m > 30 and lending_rate < 0.04")
    (row,) = pq.read_table(tmp_path / "x.parquet").to_pylist()
    assert (row["borrower_id"], row["claim_amount_12m"], row["lending_rate"]) == (
        "B1",
        Decimal("30.05"),
        Decimal("0.031"),
    )


def test_a_home_of_the_version_before_is_read_and_goes_on(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as before:
        before.setitem(store.SCHEMAS, TABLE, rollups.SCHEMAS[TABLE])
        run(home, END, LATER, silent)
    old = store.read(home, TABLE, END, LATER)
    assert old.schema == SCHEMA
    assert old["loans"].null_count == 0
    assert old["lending_rate"].null_count == old["litigation_12m"].null_count == len(old)
    run(home, LATER, LATER, silent)
    assert rows(home)["B1"]["borrower_kind"] == "person"
    assert store.read(home, TABLE, END, LATER) == old


def test_the_columns_are_the_measures_of_the_families_and_a_rule_may_name_each() -> None:
    measures = [measure for family in (*OF_BORROWER, MARKET) for measure in family.measures]
    assert [measure.name for measure in measures] == SCHEMA.names
    for subject in ("borrower", "loan"):
        named = columns_of(subject)
        assert {measure.name for measure in measures} - set(named) == {"as_of", "known_on"}
        assert named["lending_rate"].unit == "rate"
