"""The list of loans: filtered, sorted, its columns chosen, kept as a view, walked by the keyboard, and taken out as a file."""

from __future__ import annotations

import csv
import re
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
from playwright.sync_api import expect
from python_calamine import CalamineWorkbook

from journeys.home import FORMULA, snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from journeys.browser import Seats
    from journeys.desk import Desk

COLUMNS = ["loan_id", "borrower_id", "region", "principal_outstanding", "matures_on"]


def overdue(desk: Desk) -> pl.DataFrame:
    """What the list must show, from what the run wrote."""
    return snapshot(desk.home, desk.last, desk.last).filter(pl.col("state").cast(pl.String) == "overdue")


def column(page: Page, place: int) -> list[str]:
    """The texts of a column of the list."""
    return page.locator(f"table[data-rows] tbody tr td:nth-child({place})").all_inner_texts()


def test_the_form_filters_and_the_address_chips_count_and_sums_agree(desk: Desk, seats: Seats) -> None:
    page = seats.of("manager")
    page.goto("/loans/")
    page.locator("details.filter > summary").click()
    page.locator("#f-state-ts-control").fill("Over")
    page.locator("#f-state-ts-dropdown").get_by_text("Overdue", exact=True).click()
    page.locator("#f-dpd").fill("31..")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page).to_have_url(re.compile(r"/loans/\?(state=overdue&dpd=31\.\.|dpd=31\.\.&state=overdue)$"))
    found = overdue(desk).filter(pl.col("dpd") >= 31)
    expect(page.locator(".filter-chips .chip")).to_have_count(2)
    expect(page.locator(".filter-chips")).to_contain_text("31")
    expect(page.locator(".head")).to_contain_text(f"{found.height} loans · {found['borrower_id'].n_unique()} borrowers")
    balance = f"{Decimal(int(found['principal_outstanding'].sum())) / 100:,.2f}"
    expect(page.locator("tfoot")).to_contain_text(balance)
    page.locator(".filter-chips .chip a").last.click()
    expect(page.locator(".filter-chips .chip")).to_have_count(1)


def test_a_heading_sorts_and_columns_are_chosen(desk: Desk, seats: Seats) -> None:
    page = seats.of("manager")
    page.goto("/loans/?state=overdue&cols=loan_id,dpd,principal_outstanding&size=100")
    page.locator("thead a").nth(2).click()
    expect(page.locator("thead th").nth(2)).to_have_attribute("aria-sort", "descending")
    shown = [Decimal(text.replace(",", "")) for text in column(page, 3)]
    assert shown == sorted(shown, reverse=True)
    assert len(shown) == min(overdue(desk).height, 100)
    page.locator("thead a").nth(2).click()
    expect(page.locator("thead th").nth(2)).to_have_attribute("aria-sort", "ascending")
    page.get_by_role("button", name="Columns 3").click()
    page.locator("#columns").get_by_text("region", exact=True).click()
    page.get_by_role("button", name="Show these").click()
    expect(page.locator("thead th")).to_have_count(4)
    expect(page).to_have_url(re.compile("cols=loan_id%2Cdpd%2Cprincipal_outstanding%2Cregion"))


def test_a_view_is_saved_and_shared(desk: Desk, seats: Seats) -> None:
    page = seats.of("manager")
    page.goto("/loans/?state=overdue&dpd=31..")
    page.get_by_role("button", name="Save view").click()
    page.get_by_label("Name of the view").fill("Late by a month")
    page.get_by_label("Share with everyone").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".views")).to_contain_text("Late by a month")
    other = seats.of("viewer")
    other.goto("/loans/")
    other.locator(".views").get_by_text("Late by a month").click()
    found = overdue(desk).filter(pl.col("dpd") >= 31).height
    expect(other.locator(".head")).to_contain_text(f"{found} loans")


def test_the_keyboard_searches_walks_opens_and_helps(desk: Desk, seats: Seats) -> None:
    page = seats.of("manager")
    page.goto("/loans/?state=overdue")
    page.keyboard.press("/")
    expect(page.locator(".find")).to_be_focused()
    page.keyboard.type("j?")
    expect(page.locator(".find")).to_have_value("j?")
    page.locator(".find").blur()
    for key in "jjk":
        page.keyboard.press(key)
    expect(page.locator("tbody tr").first).to_have_class(re.compile("cur"))
    loan = column(page, 1)[0]
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"Loan {loan}")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Next, previous row")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("g")
    page.keyboard.press("o")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def test_exports_open_and_hold_what_the_list_shows(desk: Desk, seats: Seats, tmp_path: Path) -> None:
    page = seats.of("manager")
    page.goto(f"/loans/?state=current,overdue&cols={','.join(COLUMNS)}")
    found = snapshot(desk.home, desk.last, desk.last).filter(
        pl.col("state").cast(pl.String).is_in(["current", "overdue"])
    )
    expected = dict(found.select("loan_id", pl.col("principal_outstanding")).iter_rows())
    assert FORMULA in found["region"]

    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()
    download.value.save_as(tmp_path / "loans.csv")
    header, *rows, mark = csv.reader((tmp_path / "loans.csv").read_text("utf-8-sig").splitlines())
    assert len(header) == len(COLUMNS) + 1
    assert {row[0]: int(Decimal(row[3]) * 100) for row in rows} == expected
    assert {row[2] for row in rows} >= {f"'{FORMULA}"}
    assert mark[0].startswith("# Exported by Wang Min (manager) at ")

    with page.expect_download() as download:
        page.get_by_role("link", name="Export Excel").click()
    download.value.save_as(tmp_path / "loans.xlsx")
    book = CalamineWorkbook.from_path(tmp_path / "loans.xlsx")
    titles, *lines = book.get_sheet_by_index(0).to_python()
    assert titles == header
    assert {str(line[0]): round(float(str(line[3])) * 100) for line in lines} == expected
    assert FORMULA in {line[2] for line in lines}
    about = {str(line[0]): str(line[1]) for line in book.get_sheet_by_index(1).to_python()}
    assert about["Watermark"].startswith("Exported by Wang Min (manager) at ")
    with zipfile.ZipFile(tmp_path / "loans.xlsx") as packed:
        sheet = packed.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert 'state="frozen"' in sheet
    assert '<pane xSplit="1" ySplit="1"' in sheet
    widths = re.findall(r'<col min="(\d+)" max="(\d+)" width="[\d.]+"[^>]* customWidth="1"', sheet)
    assert sum(int(last) - int(first) + 1 for first, last in widths) == len(COLUMNS)
    assert "Exported by Wang Min" in sheet
