"""What a borrower or a facility owes in all: by hand over Harbour Branch and a borrower with joint loans and foreign money."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from books.harbour import END, LATER
from books.standing import written
from daihou.runs import rollups, store
from daihou.runs.export import export
from daihou.runs.nightly import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from daihou.book.home import Home

    Told = Callable[..., None]

LOANS = """\
loan_id,borrower_id,product,principal,disbursed_on,matures_on,currency,org_id,facility_id,own_share,known_on
M1,M,shop,100.05,2026-02-10,2027-02-10,CNY,harbour,F-1,0.5,2026-05-01
M2,M,shop,10.00,2026-03-10,2026-05-02,USD,hill,F-1,,2026-05-01
M3,M,shop,500,2026-04-10,2027-04-10,JPY,hill,F-2,,2026-05-01
M4,M,shop,70.00,2026-05-20,2027-05-20,CNY,hill,F-2,,2026-05-01
"""
PLANS = """\
loan_id,seq,due_on,principal,interest,known_on
M1,1,2027-02-10,100.05,0.00,2026-05-01
M2,1,2026-05-02,10.00,0.00,2026-05-01
M3,1,2027-04-10,500,0,2026-05-01
M4,1,2027-05-20,70.00,0.00,2026-05-01
"""


def silent(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


def rolled(home: Home, table: str, day: date = LATER) -> dict[str, dict[str, Any]]:
    key, *_ = names = rollups.SCHEMAS[table].names
    return {row[key]: row for row in store.read(home, table, day, day).select(names).to_pylist()}


def test_a_borrower_by_hand(branch: Home) -> None:
    """B1 has the car A1, 61 days past due with 152.00 left, D1 paid off in February, and F1 signed but not paid out."""
    assert rolled(branch, "borrower_snapshots", END)["B1"] == {
        "borrower_id": "B1", "as_of": END, "known_on": END, "loans": 1, "loans_overdue": 1, "loans_written_off": 0, "loans_unmeasured": 0,
        "worst_dpd": 61, "worst_dpd_12m": 61, "worst_dpd_ever": 61, "exposure": 15200, "own_exposure": 15200, "exposure_overdue": 15200,
        "overdue_share": 1.0, "without_balance": 0, "first_disbursed_on": date(2026, 1, 1), "newest_disbursed_on": date(2026, 1, 1), "orgs": 1,
    }  # fmt: skip


def test_what_is_unmeasured_or_written_off_is_said_and_no_exposure_made_up(branch: Home) -> None:
    found = rolled(branch, "borrower_snapshots", END)
    unmeasured, gone = found["B7"], found["B6"]
    assert (
        unmeasured["loans"],
        unmeasured["loans_unmeasured"],
        unmeasured["exposure"],
        unmeasured["without_balance"],
    ) == (0, 1, None, 1)
    assert (gone["loans"], gone["loans_written_off"], gone["exposure"], gone["overdue_share"]) == (0, 1, 0, None)


def test_joint_loans_count_whole_and_by_own_share_and_facilities_apart(home: Home, told: Told) -> None:
    """At 7.10 and 0.048 (rates of the branch): M1 100.05, of it half; M2 71.00, two days past due; M3 24.00; M4 is not paid out."""
    told(home, loans=LOANS, instalments=PLANS)
    run(home, LATER, LATER, silent)
    all_of_m = rolled(home, "borrower_snapshots")["M"]
    assert (all_of_m["loans"], all_of_m["loans_overdue"], all_of_m["worst_dpd"], all_of_m["orgs"]) == (3, 1, 2, 2)
    assert (all_of_m["exposure"], all_of_m["own_exposure"], all_of_m["exposure_overdue"]) == (
        19505,
        5002 + 7100 + 2400,
        7100,
    )
    assert all_of_m["overdue_share"] == pytest.approx(7100 / 19505)
    assert (all_of_m["first_disbursed_on"], all_of_m["newest_disbursed_on"]) == (date(2026, 2, 10), date(2026, 4, 10))
    by_facility = rolled(home, "facility_snapshots")
    assert {name: (row["loans"], row["exposure"]) for name, row in by_facility.items()} == {
        "F-1": (2, 17105),
        "F-2": (1, 2400),
    }


def test_one_missing_rate_leaves_the_exposure_open_and_says_of_how_many_loans(home: Home, told: Told) -> None:
    told(home, loans=LOANS.replace(",JPY,", ",KRW,"), instalments=PLANS)
    run(home, LATER, LATER, silent)
    found = rolled(home, "borrower_snapshots")["M"]
    assert (
        found["loans"],
        found["exposure"],
        found["own_exposure"],
        found["overdue_share"],
        found["without_balance"],
    ) == (3, None, None, None, 1)
    assert rolled(home, "facility_snapshots")["F-1"]["exposure"] == 17105


def test_the_borrowers_together_are_the_book(branch: Home) -> None:
    found = rolled(branch, "borrower_snapshots", END).values()
    live = [row for row in written(branch, END, END).values() if row["state"] in ("current", "overdue")]
    whole = {row["borrower_id"] for row in found if row["exposure"] is not None}
    assert sum(row["loans"] for row in found) == len(live)
    assert sum(row["exposure"] or 0 for row in found) == sum(
        row["principal_outstanding_base"] for row in live if row["borrower_id"] in whole
    )


def test_in_parts_they_are_the_same(branch: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = store.files(branch, "snapshots", END, END)
    (whole,) = rollups.rollup(paths, "borrower_snapshots", END, END)
    monkeypatch.setattr(rollups, "PART", 3)
    parts = list(rollups.rollup(paths, "borrower_snapshots", END, END))
    assert len(parts) == 4
    assert pa.concat_tables(parts).sort_by("borrower_id") == whole


def test_every_column_of_a_facility_by_hand(home: Home, told: Told) -> None:
    """M1, 100.05 of which half is ours, and M2, 71.00 since two days past due."""
    told(home, loans=LOANS, instalments=PLANS)
    run(home, LATER, LATER, silent)
    assert rolled(home, "facility_snapshots")["F-1"] == {
        "facility_id": "F-1", "as_of": LATER, "known_on": LATER, "loans": 2, "loans_overdue": 1, "loans_written_off": 0,
        "loans_unmeasured": 0, "worst_dpd": 2, "worst_dpd_12m": 2, "worst_dpd_ever": 2, "exposure": 17105, "own_exposure": 12102,
        "exposure_overdue": 7100, "overdue_share": 7100 / 17105, "without_balance": 0, "first_disbursed_on": date(2026, 2, 10),
        "newest_disbursed_on": date(2026, 3, 10), "orgs": 2,
    }  # fmt: skip


def test_every_column_of_an_org_and_of_a_product_by_hand(branch: Home) -> None:
    """Harbour: the car 152.00, 61 days past due, the card 1,440.00, 59 days, the shop 18,000.00, 12 days, 500,000 yen at 0.048 as agreed;
    one loan written off, one paid off, one not paid out. Of cars there are the one, the one written off, and the two that owe nothing."""
    dates = {"as_of": END, "known_on": END}
    assert rolled(branch, "org_snapshots", END)["harbour"] == {
        "org_id": "harbour", **dates, "loans": 4, "loans_overdue": 3, "loans_written_off": 1, "loans_unmeasured": 0, "loans_new_1m": 0,
        "exposure": 4359200, "own_exposure": 4359200, "exposure_overdue": 1959200, "exposure_over_30": 159200, "exposure_over_90": 0,
        "overdue_share": 1959200 / 4359200, "over_30_share": 159200 / 4359200, "over_90_share": 0.0, "without_balance": 0,
    }  # fmt: skip
    assert rolled(branch, "product_snapshots", END)["auto"] == {
        "product": "auto", **dates, "loans": 1, "loans_overdue": 1, "loans_written_off": 1, "loans_unmeasured": 0, "loans_new_1m": 0,
        "exposure": 15200, "own_exposure": 15200, "exposure_overdue": 15200, "exposure_over_30": 15200, "exposure_over_90": 0,
        "overdue_share": 1.0, "over_30_share": 1.0, "over_90_share": 0.0, "without_balance": 0,
    }  # fmt: skip


def test_an_org_adds_up_its_loans(branch: Home) -> None:
    rows = [row for row in written(branch, END, END).values() if row["org_id"] == "harbour"]
    live = [row for row in rows if row["state"] in ("current", "overdue")]
    known = [row for row in live if row["principal_outstanding_base"] is not None]
    found = rolled(branch, "org_snapshots", END)["harbour"]
    assert live
    assert (found["loans"], found["exposure"]) == (len(live), sum(row["principal_outstanding_base"] for row in known))
    for days in (30, 90):
        over = sum(row["principal_outstanding_base"] for row in known if row["dpd"] > days)
        assert found[f"exposure_over_{days}"] == over
        assert found[f"over_{days}_share"] == pytest.approx(over / found["exposure"])


@pytest.mark.parametrize("table", ["org_snapshots", "product_snapshots"])
def test_every_loan_is_in_one_org_and_one_product(branch: Home, table: str) -> None:
    rows = list(written(branch, END, END).values())
    found = store.read(branch, table, END, END).to_pylist()
    for name, state in (
        ("loans_written_off", "written_off"),
        ("loans_unmeasured", "unmeasured"),
        ("loans_overdue", "overdue"),
    ):
        assert sum(row[name] for row in found) == sum(row["state"] == state for row in rows)
    live = [row for row in rows if row["state"] in ("current", "overdue")]
    assert sum(row["exposure"] for row in found) == sum(row["principal_outstanding_base"] or 0 for row in live)
    assert sum(row["loans_new_1m"] for row in found) == sum(row["months_on_book"] == 0 for row in rows)


def test_they_are_exported_in_currency_units(branch: Home, tmp_path: Path) -> None:
    export(branch, "borrower_snapshots", tmp_path / "x.parquet", where="worst_dpd > 60")
    rows = {row["borrower_id"]: row for row in pq.read_table(tmp_path / "x.parquet").to_pylist()}
    assert rows["B1"]["exposure"] == Decimal("152.00")
