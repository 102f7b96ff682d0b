"""The real used-car book: taken in by the mappings of examples/auto_loans, it says what the file says."""

from __future__ import annotations

import csv
import datetime as dt
import os
import pickle
import runpy
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from daihou.book.days import month_ends
from daihou.book.errors import DaihouError
from daihou.book.home import Home, open_home
from daihou.book.intake import Report, deliver
from daihou.demo import source
from daihou.runs import store
from daihou.runs.history import pairs
from daihou.runs.nightly import run_all
from once import once

ROOT = Path(__file__).resolve().parents[2]
LAST = dt.date(2020, 12, 31)


def the_file() -> Path:
    try:
        found = source.find(None, os.environ)
    except DaihouError as error:
        pytest.skip(f"{error.message} (DATA)")
    beside = ROOT.parent / "shared" / "data" / "auto_loans" / source.FILE
    if found is None and beside.is_file():
        return beside
    if found is None:
        pytest.skip(
            f"{source.FILE} is neither in ../shared/data/auto_loans beside the checkout nor in the folder DATA names"
        )
    return found


def take_in(folder: Path, file: Path, last: dt.date = LAST) -> None:
    """Fill a home with the book, measured at every month end until one; what came of each table is noted beside it."""
    (folder / "home").mkdir()
    (folder / "home" / "daihou.toml").write_text('base_currency = "USD"\n')
    home = open_home(folder / "home", {})
    reports = {}
    for sent in source.real(file, ROOT).sent:
        reports[sent.table] = deliver(
            home, list(sent.files), sent.table, today=dt.date(2026, 1, 5), mapping_file=sent.mapping, known_on="event"
        )
    run_all(home, pairs(month_ends(dt.date(2017, 5, 31), last), None), lambda *_: None)
    (folder / "reports").write_bytes(pickle.dumps(reports))


@pytest.fixture(scope="session")
def taken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, dict[str, Report], Path]:
    """Return a home with the book in it, measured at every month end, what came of each table, and the file."""
    file = the_file()
    folder = once(tmp_path_factory, "auto", lambda folder: take_in(folder, file))
    return open_home(folder / "home", {}), pickle.loads((folder / "reports").read_bytes()), file  # noqa: S301 - our own bytes


def snapshot(home: Home, day: dt.date) -> pl.DataFrame:
    frame = pl.from_arrow(store.read(home, "snapshots", day, day))
    assert isinstance(frame, pl.DataFrame)
    return frame


def raw(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_only_the_two_amounts_taken_back_from_one_loan_are_quarantined(taken: Any) -> None:
    _, reports, _ = taken
    assert {table: report.quarantined for table, report in reports.items() if report.quarantined} == {
        "payments": {"not_positive": 2}
    }
    assert sorted(example.value for example in reports["payments"].examples) == ["-7000.00", "-7225.00"]
    assert all(report.waiting == 0 for report in reports.values())


def test_every_loan_with_a_balance_is_taken_over_with_it_and_its_plan_repays_it_to_the_cent(taken: Any) -> None:
    home, _, file = taken
    opening = {row["assetNumber"]: Decimal(row["reportingPeriodActualEndBalanceAmount"]) for row in raw(file)}
    changes, plan = pl.read_delta(str(home.lake / "changes")), pl.read_delta(str(home.lake / "instalments"))
    taken_over = changes.filter(pl.col("kind") == "transfer_in").select("loan_id", "principal").rows()
    assert {loan: amount for loan, amount in opening.items() if amount} == dict(taken_over)
    assert dict(plan.group_by("loan_id").agg(pl.col("principal").sum()).rows()) == dict(taken_over)
    assert sum(1 for amount in opening.values() if not amount) == 41


def test_money_ties_to_the_cent_in_every_loan(taken: Any) -> None:
    home, _, file = taken
    names = [f"{kind}{month}" for kind in ("PMT", "REC", "REP") for month in range(1, 44)]
    came = {
        row["assetNumber"]: sum(
            Decimal(row[name]) for name in names if row[name] != "NA" and not row[name].startswith("-")
        )
        for row in raw(file)
    }
    ours = dict(snapshot(home, LAST).select("loan_id", "paid_amount").rows())
    assert {loan: Decimal(cents).scaleb(-2) for loan, cents in ours.items()} == came
    assert sum(came.values()) == Decimal("29459086.14")


def test_the_book_ends_as_the_file_says(taken: Any) -> None:
    home, _, file = taken
    states = dict(snapshot(home, LAST).group_by("state").len().rows())
    assert states == {"current": 704, "overdue": 222, "closed": 1157, "written_off": 88}
    outstanding = {
        loan
        for loan, state in snapshot(home, LAST).select("loan_id", "state").rows()
        if state in ("current", "overdue")
    }
    lenders = {row["assetNumber"] for row in raw(file) if row["BAL43"] not in ("NA", "0")}
    assert outstanding - lenders == {"19366961", "19684827"}  # two whose balance stops being given, without a reason
    assert lenders <= outstanding


@pytest.mark.parametrize(
    ("as_of", "dpd", "overdue", "oldest"),
    [
        # Loan 20676931 owes 263.83 each month end and paid it ten times, the last on 2018-03-31 (month 10).
        ("2018-04-30", 0, "0.00", None),  # month 11: nothing came, but due today is not past due
        ("2018-05-31", 31, "263.83", "2018-04-30"),  # month 12: nothing; instalment 11 is 31 days old
        ("2018-06-30", 61, "377.66", "2018-04-30"),  # month 13: 150 to 11, which is short 113.83; + 263.83 of 12
        ("2018-07-31", 92, "566.49", "2018-04-30"),  # month 14: 75; 11 short 38.83; + 12 and 13: 2 x 263.83
        (
            "2018-08-31",
            92,
            "755.32",
            "2018-05-31",
        ),  # month 15: 75 = 38.83 to 11, 36.17 to 12, short 227.66; + 2 x 263.83
        ("2018-09-30", 122, "944.15", "2018-05-31"),  # month 16: 75; 12 short 152.66; + 13 to 15: 3 x 263.83
        ("2018-10-31", 153, "1132.98", "2018-05-31"),  # month 17: 75; 12 short 77.66; + 4 x 263.83
        ("2018-11-30", 183, "1321.81", "2018-05-31"),  # month 18: 75; 12 short 2.66; + 5 x 263.83
        ("2018-12-31", 214, "1585.64", "2018-05-31"),  # month 19: nothing; 2.66 + 6 x 263.83
    ],
)
def test_one_loan_checked_by_hand(taken: Any, as_of: str, dpd: int, overdue: str, oldest: str | None) -> None:
    home, _, _ = taken
    (row,) = snapshot(home, dt.date.fromisoformat(as_of)).filter(pl.col("loan_id") == "20676931").to_dicts()
    assert row["dpd"] == dpd
    assert Decimal(row["overdue_amount"]).scaleb(-2) == Decimal(overdue)
    assert row["oldest_unpaid_due_on"] == (dt.date.fromisoformat(oldest) if oldest else None)


def test_compare_prints_the_figures_of_the_page(taken: Any, capsys: Any, monkeypatch: Any) -> None:
    home, _, file = taken
    script = ROOT / "examples" / "auto_loans" / "compare.py"
    monkeypatch.setattr(sys, "argv", [str(script), str(home.path), str(file)])
    runpy.run_path(str(script), run_name="__main__")
    printed = capsys.readouterr().out.strip()
    assert "| difference | 0.00 |" in printed
    assert not_in_the_page(printed) == []


def not_in_the_page(printed: str, name: str = "auto_loans.md") -> list[str]:
    page = (ROOT / "docs" / "examples" / name).read_text("utf-8")
    return [line for line in printed.splitlines() if line.startswith("|") and line not in page]


def test_the_portfolio_prints_the_figures_of_the_page_and_draws_its_pictures(
    taken: Any, capsys: Any, monkeypatch: Any, tmp_path: Path
) -> None:
    home, _, _ = taken
    script = ROOT / "examples" / "auto_loans" / "portfolio.py"
    monkeypatch.setattr(sys, "argv", [str(script), str(home.path), str(tmp_path)])
    runpy.run_path(str(script), run_name="__main__")
    printed = capsys.readouterr().out
    assert "| 6 → 6+ |" in printed
    assert not_in_the_page(printed) == []
    assert {path.name for path in tmp_path.iterdir()} == {"auto_loans_rolls.png", "auto_loans_vintages.png"}


def test_early_warning_prints_the_figures_of_its_page_and_draws_its_pictures(
    taken: Any, capsys: Any, monkeypatch: Any, tmp_path: Path
) -> None:
    home, _, _ = taken
    script = ROOT / "examples" / "early_warning.py"
    monkeypatch.setattr(sys, "argv", [str(script), str(home.path), str(tmp_path)])
    runpy.run_path(str(script), run_name="__main__")
    printed = capsys.readouterr().out
    assert "| any of them |" in printed
    assert not_in_the_page(printed, "early_warning.md") == []
    assert {path.name for path in tmp_path.iterdir()} == {"early_warning_dpd.png", "early_warning_halves.png"}
