"""Exports: the same rows in each format, amounts in currency units, and a condition that can do nothing but compare."""

from __future__ import annotations

import csv
import json
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from books import harbour
from books.harbour import END, LATER
from daihou.book.errors import DaihouError
from daihou.book.home import open_home
from daihou.runs.export import OVER_RUNS, export, tables
from daihou.runs.nightly import run, run_all
from daihou.runs.portfolio.portfolio import portfolio

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from daihou.book.home import Home


def silent(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def loans(home: Home, out: Path, where: str | None = None) -> list[str]:
    export(home, "snapshots", out / "x.parquet", where=where)
    return sorted(pq.read_table(out / "x.parquet")["loan_id"].to_pylist())


def sheet(path: Path) -> list[list[Any]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()


def test_csv_has_amounts_in_units_and_opens_in_a_spreadsheet(branch: Home, out: Path) -> None:
    assert export(branch, "snapshots", out / "x.csv") == 10
    assert (out / "x.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (out / "x.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["loan_id"]: row for row in csv.DictReader(file)}
    assert (rows["A1"]["overdue_amount"], rows["A1"]["oldest_unpaid_due_on"], rows["A1"]["dpd"]) == (
        "52.00",
        "2026-02-28",
        "61",
    )
    assert (rows["U1"]["overdue_amount"], rows["U1"]["principal_outstanding_base"]) == ("1010.00", "7100.00")
    assert Decimal(rows["J1"]["paid_amount"]) == 501000
    assert (rows["N1"]["overdue_amount"], rows["N1"]["bucket"]) == ("", "")


def test_parquet_has_decimals_and_dates(branch: Home, out: Path) -> None:
    assert export(branch, "snapshots", out / "x.parquet") == 10
    rows = {row["loan_id"]: row for row in pq.read_table(out / "x.parquet").to_pylist()}
    assert rows["A1"]["overdue_amount"] == Decimal("52.00")
    assert rows["A1"]["overdue_principal_reg"] == Decimal("52.00")
    assert rows["J1"]["principal_outstanding"] == Decimal(500000)
    assert rows["J1"]["principal_outstanding_base"] == Decimal("24000.00")
    assert rows["A1"]["as_of"] == END
    assert rows["N1"]["overdue_amount"] is None


def test_a_sheet_has_numbers_dates_and_texts(branch: Home, out: Path) -> None:
    assert export(branch, "snapshots", out / "x.xlsx") == 10
    head, *lines = sheet(out / "x.xlsx")
    rows = {line[0]: dict(zip(head, line, strict=True)) for line in lines}
    assert rows["A1"]["overdue_amount"] == 52.0
    assert rows["A1"]["oldest_unpaid_due_on"] == date(2026, 2, 28)
    assert rows["A1"]["first_payment_missed"] is False
    assert rows["A1"]["status_24m"] == "*" * 20 + "NN23"
    assert rows["N1"]["overdue_amount"] == ""


def test_coverage_is_in_units_but_for_counts(branch: Home, out: Path) -> None:
    export(branch, "coverage", out / "x.parquet")
    rows = pq.read_table(out / "x.parquet").to_pylist()
    ties = {
        (row["subject"], row["reason"], row["currency"]): (row["ours"], row["theirs"])
        for row in rows
        if row["kind"] == "tie"
    }
    assert ties["* / *", "balance", "CNY"] == (Decimal("19592.00"), Decimal("19592.01"))
    assert ties["payments", "paid_amount", "JPY"] == (Decimal(501000), Decimal(501000))
    assert ties["harbour / card", "loans", "CNY"] == (1, 2)
    assert [row["subject"] for row in rows if row["kind"] == "unmeasured"] == ["N1"]


@pytest.mark.parametrize("suffix", ["csv", "parquet", "xlsx"])
def test_every_table_can_be_taken_out_in_every_format(branch: Home, out: Path, suffix: str) -> None:
    names = set(tables()) - set(OVER_RUNS)  # what needs runs of several dates has its own tests
    for name in names:
        export(branch, name, out / f"{name}.{suffix}")
        assert (out / f"{name}.{suffix}").exists()
    assert len(list(out.iterdir())) == len(names)


def test_the_facts_come_out_as_they_were_known_then(home: Home, out: Path, told: Callable[..., None]) -> None:
    told(home, **harbour.NEWS)
    assert export(home, "payments", out / "x.csv") == 11
    assert export(home, "payments", out / "x.csv", known_on=END) == 10
    assert export(home, "standings", out / "x.csv", as_of=END) == 1
    assert export(home, "standings", out / "x.csv", as_of=END, known_on=END) == 0
    export(home, "payments", out / "x.parquet", where="payment_id = 'A1-4'")
    assert pq.read_table(out / "x.parquet")["amount"].to_pylist() == [Decimal(52)]


def test_of_a_date_alone_the_latest_knowledge_and_of_nothing_the_latest_run_comes_out(home: Home, out: Path) -> None:
    run(home, END, LATER, silent)
    run(home, date(2026, 3, 31), date(2026, 3, 31), silent)

    def pair(as_of: date | None, known_on: date | None) -> tuple[date, date]:
        export(home, "runs", out / "x.parquet", as_of, known_on)
        (row,) = pq.read_table(out / "x.parquet").to_pylist()
        return row["as_of"], row["known_on"]

    assert pair(None, None) == (END, LATER)
    assert pair(END, None) == (END, LATER)
    assert pair(END, END) == (END, END)
    assert pair(None, date(2026, 3, 31)) == (date(2026, 3, 31), date(2026, 3, 31))


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("dpd >= 30 and product = 'auto'", ["A1", "W1"]),
        ("overdue_amount > 52", ["C1", "U1", "W1"]),
        ("overdue_amount = 52.00", ["A1"]),
        ("dpd between 1 and 60", ["C1", "R1", "U1"]),
        ("dpd is null", ["N1"]),
        ("not (state in ('overdue', 'current')) and dpd is not null", ["D1", "F1", "S1", "W1"]),
        ("principal_outstanding + 1000 * 2 > 4000 and currency = 'CNY'", ["R1"]),
        ("as_of = '2026-04-30' and loan_id <> 'A1' and region = 'Ningbo'", ["D1", "F1"]),
        ("first_payment_missed", ["U1", "W1"]),
        ("days_to_maturity < -1 * 60", ["D1", "W1"]),
        ("dpd > 100000", []),
        ("product = 'a''; DROP TABLE exported; --'", []),
    ],
)
def test_where_keeps_the_rows_for_which_it_holds(branch: Home, out: Path, where: str, found: list[str]) -> None:
    assert loans(branch, out, where) == found


@pytest.mark.parametrize(
    "where",
    [
        "dpd > 1; drop table exported",
        "dpd > 1; select 1",
        "1=1; attach '/tmp/x.db'",
        "dpd in (select 1)",
        "exists (select 1)",
        "(select count(*) from exported) > 1",
        "loan_id in (select content from read_text('/etc/passwd'))",
        "read_text('/etc/passwd') is null",
        "getenv('HOME') = 'x'",
        "loan_id = getenv('HOME')",
        "length(loan_id) > 1",
        "loan_id like 'A%'",
        "cast(dpd as text) = '61'",
        "dpd::text = '61'",
        "dpd / 0 = 1",
        "case when dpd > 1 then true end",
        "dpd = any([61])",
        "loan_id = $1",
        "loan_id = ?",
        "* is null",
        "dpd > 1 union select 1",
        "dpd > 1 order by dpd",
        "dpd > 1 limit 1",
        "dpd > 1 or",
        "select 1",
        "drop table exported",
        "copy exported to '/tmp/x'",
        "(dpd",
        "dpd >",
        ";",
        " ",
        "",
    ],
)
def test_a_where_that_does_more_than_compare_is_refused(branch: Home, out: Path, where: str) -> None:
    with pytest.raises(DaihouError) as caught:
        export(branch, "snapshots", out / "x.csv", where=where)
    assert caught.value.remedy
    assert list(out.iterdir()) == []


@pytest.mark.parametrize(
    ("where", "remedy"),
    [
        ("colour = 'red'", "loan_id, borrower_id"),
        ("exported.dpd > 1", "loan_id, borrower_id"),
        ("main.exported.dpd > 1", "loan_id, borrower_id"),
        ("rowid > 1", "Did you mean borrower_id?"),
        ("DPD > 1", "Did you mean dpd?"),
        ("filename = 'x'", "loan_id, borrower_id"),
    ],
)
def test_an_unknown_column_is_named_with_one_like_it_or_those_there_are(
    branch: Home, out: Path, where: str, remedy: str
) -> None:
    with pytest.raises(DaihouError, match="is unknown") as caught:
        export(branch, "snapshots", out / "x.csv", where=where)
    assert remedy in caught.value.remedy
    assert caught.value.place == where


def test_a_comparison_that_does_not_fit_the_column_says_so(branch: Home, out: Path) -> None:
    with pytest.raises(DaihouError, match="--where: dpd is a number and cannot be compared with a text") as caught:
        export(branch, "snapshots", out / "x.csv", where="dpd > 'many'")
    assert caught.value.remedy


def test_an_unknown_table_is_named_with_those_there_are(branch: Home, out: Path) -> None:
    for name in ("cars", "people", "../loans", "loans; drop"):
        with pytest.raises(DaihouError, match="is unknown") as caught:
            export(branch, name, out / "x.csv")
        assert "snapshots, coverage" in caught.value.remedy


def test_an_unknown_ending_or_folder_is_refused(branch: Home, out: Path) -> None:
    with pytest.raises(DaihouError, match=r"'\.doc' cannot be written"):
        export(branch, "snapshots", out / "x.doc")
    with pytest.raises(DaihouError, match="folder does not exist") as caught:
        export(branch, "snapshots", out / "none" / "x.csv")
    assert caught.value.place == str(out / "none")


def test_a_pair_that_no_run_wrote_is_refused_with_those_written(branch: Home, out: Path) -> None:
    with pytest.raises(DaihouError, match="No run wrote 2026-04-29") as caught:
        export(branch, "snapshots", out / "x.csv", date(2026, 4, 29))
    assert "2026-04-30 known on 2026-04-30" in caught.value.remedy


def test_without_a_run_there_is_no_snapshot(tmp_path: Path, out: Path) -> None:
    with pytest.raises(DaihouError, match="No run has been written yet") as caught:
        export(open_home(tmp_path / "empty", {}), "snapshots", out / "x.csv")
    assert "daihou run" in caught.value.remedy


FORMULAS = ["=1+1", "+1", "-1", "@sum", "{=1}", "http://x.example", "0012", "甲,乙", 'a"b', "=HYPERLINK(1)"]


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_text_that_looks_like_a_formula_a_link_or_a_number_stays_a_text(
    tmp_path: Path, out: Path, suffix: str
) -> None:
    home = open_home(tmp_path / "home", {})
    rows = "".join('G{},"{}"\n'.format(n, text.replace('"', '""')) for n, text in enumerate(FORMULAS))
    harbour.send(home, tmp_path, {"orgs": "org_id,name\n" + rows})
    export(home, "orgs", out / f"x.{suffix}")
    if suffix == "csv":
        with (out / "x.csv").open(encoding="utf-8-sig", newline="") as file:
            head, *lines = list(csv.reader(file))
    else:
        head, *lines = sheet(out / "x.xlsx")
    place = head.index("name")
    assert [line[place] for line in lines] == FORMULAS


def test_a_failed_export_leaves_the_file_before_it_alone(branch: Home, out: Path) -> None:
    export(branch, "snapshots", out / "x.csv")
    before = (out / "x.csv").read_bytes()
    with pytest.raises(DaihouError):
        export(branch, "snapshots", out / "x.csv", where="dpd > 'many'")
    assert [path.name for path in out.iterdir()] == ["x.csv"]
    assert (out / "x.csv").read_bytes() == before


def test_a_table_with_a_chart_comes_out_as_its_picture_or_its_echarts_option(branch: Home, out: Path) -> None:
    rows = export(branch, "ageing", out / "x.csv")
    assert export(branch, "ageing", out / "x.json") == rows
    option = json.loads((out / "x.json").read_text("utf-8"))
    bands = {one["name"]: one["data"] for one in option["series"]}
    found = portfolio(branch).ageing()
    share = found.filter(pl.col("standing") == "61-90")["balance_share"][0]
    assert bands["61-90"] == [round(100 * share, 4)]
    assert list(bands) == [label for label in found["standing"].cast(pl.String) if label in bands]  # in their order
    export(branch, "ageing", out / "zh.json", chinese=True)
    assert json.loads((out / "zh.json").read_text("utf-8"))["yAxis"]["name"] == "余额占比"
    export(branch, "vintages", out / "x.png")
    assert (out / "x.png").read_bytes().startswith(b"\x89PNG")
    export(branch, "vintages", out / "x.svg", chinese=True)  # in English where no font has Chinese
    assert "<svg" in (out / "x.svg").read_text("utf-8")


def test_a_condition_narrows_the_chart_too(branch: Home, out: Path) -> None:
    export(branch, "ageing", out / "x.json", where="standing = '61-90'")
    (band,) = json.loads((out / "x.json").read_text("utf-8"))["series"]
    assert band["name"] == "61-90"


@pytest.mark.parametrize("name", ["snapshots", "loans", "cures"])
def test_a_table_without_a_chart_says_which_endings_it_has(branch: Home, out: Path, name: str) -> None:
    with pytest.raises(DaihouError, match=f"{name} in a file ending in '.png' cannot be written") as caught:
        export(branch, name, out / "x.png")
    assert caught.value.remedy == "Endings are: .csv, .parquet, .xlsx."
    assert list(out.iterdir()) == []
    with pytest.raises(DaihouError) as caught:
        export(branch, "rolls", out / "x.doc")
    assert caught.value.remedy == "Endings are: .csv, .parquet, .xlsx, .json, .png, .svg."


def test_amounts_of_what_goes_by_currency_are_in_its_units(home: Home, out: Path) -> None:
    days = [date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]
    run_all(home, [(day, day) for day in days], silent)
    export(home, "recoveries", out / "x.parquet", where="months_since_write_off = 2")
    (row,) = pq.read_table(out / "x.parquet").to_pylist()
    assert (row["loans"], row["written_off"], row["recovered"]) == (1, Decimal("420.00"), Decimal("150.00"))
    export(home, "prepayment", out / "x.parquet", where="as_of = '2026-02-28'")
    rows = {row["currency"]: row for row in pq.read_table(out / "x.parquet").to_pylist()}
    assert rows["JPY"]["balance_before"] == Decimal(1000000)
    assert rows["USD"]["balance_before"] == Decimal("1000.00")
