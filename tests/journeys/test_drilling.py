"""From a figure to its rows: a chart's point, the list behind it, a loan on other dates, its borrower; within one's own reach."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
from playwright.sync_api import expect

from journeys.home import snapshot

if TYPE_CHECKING:
    import datetime as dt

    from playwright.sync_api import Page

    from journeys.browser import Seats
    from journeys.desk import Desk

POINT = """([host, series]) => {
  const chart = window.echarts.getInstanceByDom(host);
  const all = chart.getOption().series;
  const last = all[0].data.length - 1;
  const below = all.slice(0, series).reduce((sum, one) => sum + one.data[last], 0);
  return chart.convertToPixel({ gridIndex: 0 }, [last, below + all[series].data[last] / 2]);
}"""
"""Where in the chart of stages the middle of a series lies on the last date."""


def balance_of_all(page: Page) -> Decimal:
    """The balance of all that match, from the foot of a list with the columns loan_id and principal_outstanding."""
    return Decimal(page.locator("tfoot tr:last-child td.n").first.inner_text().replace(",", ""))


def choose(page: Page, label: str, day: dt.date) -> None:
    """Choose a date of the strip above, which loads the page anew."""
    with page.expect_navigation():
        page.get_by_label(label, exact=True).select_option(label=str(day))
    expect(page.get_by_label(label, exact=True).locator("option:checked")).to_have_text(str(day))


def test_a_point_of_a_chart_opens_the_loans_behind_it_and_they_add_up(desk: Desk, seats: Seats) -> None:
    page = seats.of("manager")
    page.goto("/portfolio/")
    card = page.locator(".card", has=page.get_by_role("heading", name="Arrears by stage"))
    expect(card.locator("svg path").first).to_be_attached()
    card.get_by_role("button", name="Table").click()
    link = card.locator(".chart-table tbody tr:last-child td a").first
    said, address = link.inner_text(), str(link.get_attribute("href"))
    card.get_by_role("button", name="Table").click()
    host = card.locator(".chart")
    x, y = page.evaluate(POINT, [host.element_handle(), 0])
    host.click(position={"x": x - 3, "y": y})
    expect(page).to_have_url(re.compile(re.escape(address) + "$"))
    expect(page.locator(".filter-chips .chip").first).to_be_visible()

    live = snapshot(desk.home, desk.last, desk.last).filter(
        pl.col("state").cast(pl.String).is_in(["current", "overdue"])
    )
    page.goto(address + "&cols=loan_id,principal_outstanding")
    share = balance_of_all(page) * 10_000 / Decimal(int(live["principal_outstanding"].sum()))
    assert f"{share:.2f}%" == said
    loan = page.locator("table[data-rows] tbody a").first
    number = loan.inner_text()
    loan.click()
    expect(page.get_by_role("heading", name=f"Loan {number}")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile(r"Why \d+ days?"))).to_be_visible()


def test_the_data_date_and_the_known_on_date_are_changed_on_a_list(desk: Desk, seats: Seats) -> None:
    day, later = desk.revised
    page = seats.of("manager")
    page.goto("/loans/?state=overdue&cols=loan_id,overdue_amount")
    choose(page, "Data date", day)
    expect(page).to_have_url(re.compile(f"as_of={day}"))
    expect(page).to_have_url(re.compile("state=overdue"))
    shown = {}
    for known_on in (later, day):  # first the other one: a date is shown by its own knowledge
        choose(page, "Known on", known_on)
        shown[known_on] = page.locator("tfoot tr:last-child td.n").inner_text()
        due = (
            snapshot(desk.home, day, known_on)
            .filter(pl.col("state").cast(pl.String) == "overdue")["overdue_amount"]
            .sum()
        )
        assert shown[known_on] == f"{Decimal(int(due)) / 100:,.2f}"
    assert shown[day] != shown[later]


def test_two_knowledges_of_a_loan_are_compared(desk: Desk, seats: Seats) -> None:
    day, later = desk.revised
    own, revised = (snapshot(desk.home, day, known_on).select("loan_id", "overdue_amount") for known_on in (day, later))
    loan = own.join(revised, on="loan_id").filter(pl.col("overdue_amount") > 0, pl.col("overdue_amount_right") == 0)[
        "loan_id"
    ][0]
    page = seats.of("manager")
    page.goto(f"/loans/{loan}/")
    page.get_by_label("Data date", exact=True).fill(str(day))
    page.get_by_label("Known on", exact=True).fill(str(day))
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page).to_have_url(re.compile(f"as_of={day}&known_on={day}"))
    expect(page.get_by_role("heading", name=re.compile(r"Why \d+ days?"))).to_be_visible()
    page.get_by_label("Compare with what was known on").fill(str(later))
    page.get_by_role("button", name="Compare", exact=True).click()
    card = page.locator(".card", has=page.get_by_role("heading", name="Two knowledges"))
    expect(card.locator("tr.chg").first).to_be_visible()
    expect(card).to_contain_text("payment LATE of")
    card.get_by_role("link", name="Close").click()
    expect(page.get_by_role("heading", name="Two knowledges")).to_have_count(0)


def test_a_borrower_is_uncovered_for_a_purpose_and_it_is_logged(desk: Desk, seats: Seats) -> None:
    people = pl.read_parquet(desk.path / "sent" / "people-000.parquet")
    borrower, name = people.filter(pl.col("borrower_id") == late_borrower(desk)).select("borrower_id", "name").row(0)
    page = seats.of("manager")
    page.goto(f"/borrowers/{borrower}/")
    panel = page.locator("#person")
    expect(panel).to_contain_text("*")
    expect(page.locator("body")).not_to_contain_text(name)
    panel.get_by_role("link", name="Uncover").click()
    panel.get_by_label("Purpose").select_option(index=1)
    panel.get_by_label("What for, in your own words").fill("Calls back about the missed instalment")
    panel.get_by_role("button", name="Uncover").click()
    expect(panel).to_contain_text(name)
    expect(panel).to_contain_text("logged as #")
    panel.get_by_role("link", name="Cover again").click()
    expect(panel).not_to_contain_text(name)
    auditor = seats.of("auditor")
    auditor.goto(f"/audit/?subject={borrower}")
    expect(auditor.locator("tbody tr").first).to_contain_text("manager")
    auditor.locator("tbody a").first.click()
    expect(auditor.locator("main")).to_contain_text("Calls back about the missed instalment")
    expect(auditor.locator("body")).not_to_contain_text(name)


def late_borrower(desk: Desk) -> str:
    """Somebody in arrears."""
    rows = snapshot(desk.home, desk.last, desk.last).filter(pl.col("dpd") > 0).sort("loan_id")
    return str(rows["borrower_id"][0])


def test_an_officer_sees_own_customers_alone(desk: Desk, seats: Seats) -> None:
    rows = snapshot(desk.home, desk.last, desk.last)
    branch = rows.filter(pl.col("org_id") == "B01", pl.col("officer_id").is_not_null()).sort("officer_id", "loan_id")
    number = branch["officer_id"][0]
    own, other = branch.filter(pl.col("officer_id") == number), branch.filter(pl.col("officer_id") != number)
    page = seats.of("officer")
    page.goto("/loans/")
    expect(page.locator(".head")).to_contain_text(f"{own.height} loans")
    page.goto(f"/loans/{own['loan_id'][0]}/")
    expect(page.get_by_role("heading", name=f"Loan {own['loan_id'][0]}")).to_be_visible()
    for out_of_reach in (other["loan_id"][0], rows.filter(pl.col("org_id") == "B02")["loan_id"][0]):
        answer = page.goto(f"/loans/{out_of_reach}/")
        assert answer is not None
        assert answer.status == 404
        expect(page.locator("main")).not_to_contain_text(out_of_reach)
