"""Files hold what the list shows, in its order, typed, masked, marked and logged; and nothing in them that a spreadsheet would compute."""

from __future__ import annotations

import csv
import datetime as dt
import io
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from daihou.book import money
from daihou.desk.audit.models import Entry
from daihou.desk.people.roles import Role
from daihou.desk.portfolio.columns import columns
from daihou.desk.portfolio.views import export
from desk.portfolio.conftest import browser, every, page
from desk.portfolio.workbook import Sheet, sheets

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from daihou.book.home import Home

    Held = Callable[..., pl.DataFrame]


def lines(client: Client, query: str = "", kind: str = "loans") -> list[list[str]]:
    text = page(client, f"/loans/export/{kind}.csv?{query}")
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def workbook(client: Client, query: str = "", kind: str = "loans") -> list[Sheet]:
    with closing(client.get(f"/loans/export/{kind}.xlsx?{query}")) as response:
        assert response.status_code == 200
        return sheets(response.getvalue())


@pytest.mark.parametrize(
    "query",
    [
        "sort=-principal_outstanding",
        "state=overdue&sort=org_id&cols=dpd,loan_id,overdue_amount",
        "as_of=2026-04-30&known_on=2026-05-04",
    ],
)
def test_a_file_has_the_rows_of_the_list_in_its_order(boss: Client, query: str) -> None:
    found, told = every(boss, f"/loans/?{query}")
    place = [column.name for column in told["listing"].columns].index("loan_id")
    assert [row[place].removeprefix("'") for row in lines(boss, query)[1:-1]] == found
    assert [row[place].value for row in workbook(boss, query)[0].rows[1:]] == found


def test_many_pages_are_one_file(sign_in: Any) -> None:
    found, _ = every(sign_in("manager"), "/loans/maturing/?sort=-dpd")
    assert [row[0] for row in lines(sign_in("manager"), "sort=-dpd&page=2&size=25", "maturing")[1:-1]] == found


def test_each_column_is_written_as_it_is_held(boss: Client, held: Held) -> None:
    names = list(columns())
    snapshot = {row["loan_id"]: row for row in held().iter_rows(named=True)}
    head, *rows, _ = lines(boss, f"cols={','.join(names)}")
    assert head == [*(columns()[name].label for name in names), "Currency"]
    cells = [
        [row[place].value if place in row else None for place in range(len(head))]
        for row in workbook(boss, f"cols={','.join(names)}")[0].rows[1:]
    ]
    place = names.index("loan_id")
    assert len(rows) == len(cells) == len(snapshot)
    for text, typed in zip(rows, cells, strict=True):
        right = snapshot[typed[place]]
        assert text[-1] == typed[-1] == right["currency"]
        for name, written, value in zip(names, text, typed, strict=False):
            held_value, unit = right[name], columns()[name].measure.unit
            if held_value is None:
                assert (written, value) == ("", None), name
            elif unit in ("amount", "base_amount"):
                exact = money.major(held_value, right["currency"] if unit == "amount" else "CNY")
                assert Decimal(written) == exact, name
                assert value == pytest.approx(float(exact)), name
            elif unit == "date":
                assert written == held_value.isoformat(), name
                assert value == held_value, name
            elif unit == "flag":
                assert written == value == ("Yes" if held_value else "No"), name
            elif unit in ("days", "months", "count"):
                assert written == str(held_value), name
                assert value == held_value, name
            elif unit in ("rate", "share"):
                assert float(written) == pytest.approx(float(held_value)), name
                assert value == pytest.approx(float(held_value)), name
            else:
                assert written.removeprefix("'") == value, name


def test_amounts_have_the_decimals_of_their_currency_and_dates_are_dates(boss: Client) -> None:
    sheet = workbook(boss, "cols=currency,principal_outstanding,disbursed_on,dpd,principal_outstanding_base")[0]
    forms = {(row[0].value, row[1].form, row[2].form, row[4].form) for row in sheet.rows[1:] if 1 in row}
    assert forms == {
        ("CNY", "#,##0.00", "yyyy-mm-dd", "#,##0.00"),
        ("USD", "#,##0.00", "yyyy-mm-dd", "#,##0.00"),
        ("JPY", "#,##0", "yyyy-mm-dd", "#,##0.00"),
    }
    assert {type(row[2].value) for row in sheet.rows[1:]} == {dt.date}
    assert (sheet.frozen, sheet.filtered) == ("B2", "A1:F23")
    assert {row[1]: row[0] for row in lines(boss, "cols=currency,principal_outstanding")[1:-1]}["500000"] == "JPY"


def test_no_cell_is_a_formula(boss: Client) -> None:
    query = f"cols={','.join(columns())}"
    for row in lines(boss, query):
        for cell in row:
            assert not cell.startswith(("=", "+", "@", "\t", "\r", "＝")), cell
            assert not cell.startswith("-") or cell[1:].replace(".", "").isdigit(), cell
    flat = [cell for row in lines(boss, query) for cell in row]
    assert {"'=cmd|'/c calc'!A1", "'@sum(1)", "'-2+3", "'-Z2", "'+B14", "'+auto", "'=1+1"} <= set(flat)
    cells = [cell for sheet in workbook(boss, query) for row in sheet.rows for cell in row.values()]
    assert {cell.kind for cell in cells} == {"inlineStr", "n"}
    assert "=cmd|'/c calc'!A1" in {cell.value for cell in cells}


def test_a_file_names_who_took_it_out_and_the_log_says_what(boss: Client) -> None:
    csv_rows, book = lines(boss, "state=overdue&cols=loan_id&page=2"), workbook(boss, "where=dpd+>+30&cols=loan_id")
    second, first = Entry.objects.filter(action="portfolio.export")[:2]
    assert f"audit entry {first.pk}" in csv_rows[-1][0]
    assert "boss" in csv_rows[-1][0]
    assert csv_rows[-1][0].startswith("#")
    assert "state = 'overdue'" in csv_rows[-1][0]
    assert (first.actor, first.subject_id, first.detail["as"], first.detail["loans"]) == (
        "boss",
        "loans",
        "csv",
        len(csv_rows) - 2,
    )
    assert first.detail["filter"] == "state = 'overdue'"
    assert (second.detail["as"], second.detail["filter"], second.detail["columns"]) == ("xlsx", "dpd > 30", ["loan_id"])
    assert second.detail["loans"] == len(book[0].rows) - 1
    told = {row[0].value: row[1].value for row in book[1].rows}
    assert (told["Data date"], told["Known on"], told["Filter"], told["Loans"]) == (
        "2026-04-30",
        "2026-04-30",
        "dpd > 30",
        str(second.detail["loans"]),
    )
    assert f"audit entry {second.pk}" in str(told["Watermark"])
    assert f"audit entry {second.pk}" in book[0].footer


def test_a_file_is_not_kept_on_the_way_and_is_named_by_its_dates(boss: Client) -> None:
    for ending, kind in (
        ("csv", "text/csv; charset=utf-8"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ):
        with closing(boss.get(f"/loans/export/loans.{ending}")) as response:
            response.getvalue()
        assert response.headers["Content-Type"] == kind
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Content-Disposition"].startswith('attachment; filename="loans-2026-04-30-2026-04-30-')


def test_a_file_speaks_its_readers_language_to_the_last_line(db: None, at_wharf: Home) -> None:
    client = browser("reader", (Role.MANAGER, ""), language="zh-hans")
    head, *_, last = lines(client, "cols=loan_id,state")
    assert head == [columns()["loan_id"].measure.zh, columns()["state"].measure.zh, "币种"]
    assert "audit" not in last[0]


def test_names_stay_masked(sign_in: Any, people: dict[str, Any], loans: pl.DataFrame) -> None:
    text = page(sign_in("manager"), "/loans/export/loans.csv?cols=loan_id,borrower_id&org_id=B01")
    shown = set(loans.filter(pl.col("org_id") == "B01")["borrower_id"])
    assert any(people[number].name not in text for number in shown)
    for number in shown:
        assert f",{number} " in text
        assert people[number].name not in text


def test_more_rows_than_a_workbook_is_made_of_are_refused_and_csv_is_not(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "SHEET_ROWS", 21)
    before = Entry.objects.filter(action="portfolio.export").count()
    assert "export CSV" in page(boss, "/loans/export/loans.xlsx", 400)
    assert Entry.objects.filter(action="portfolio.export").count() == before
    assert len(lines(boss)) == 24
    assert len(workbook(boss, "state=overdue")[0].rows) < 22


def test_an_empty_list_is_an_empty_file(boss: Client) -> None:
    assert len(lines(boss, "where=dpd+>+9999")) == 2
    assert len(workbook(boss, "where=dpd+>+9999")[0].rows) == 1


def test_the_figures_of_a_chart_are_those_of_its_table(boss: Client) -> None:
    text = page(boss, "/portfolio/figures/buckets.csv").removeprefix("\ufeff")
    head, *rows = list(csv.reader(io.StringIO(text)))
    drawn = boss.get("/portfolio/").context["drawn"]["buckets"]
    assert head[1:] == [series.name for series in drawn.chart.series]
    assert [[row[0], *(float(cell) if cell else None for cell in row[1:])] for row in rows] == [
        [label, *(value for value, _ in cells)] for label, cells in drawn.table
    ]
    assert Entry.objects.filter(action="figures.export", subject_id="buckets").count() == 1
