"""A rule is changed: drafted with a slip that the check finds, tried, given a threshold from default history, backtested, reviewed by somebody else.

The book is small and young, so default is told as the planted searches tell it: of those there are enough to be told in ratios.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from playwright.sync_api import expect

from journeys.rules_at_work import DEFAULT, MONTHS

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from journeys.browser import Seats
    from journeys.desk import Desk

JOB_MS: Final = 120_000


def ask(page: Page, desk: Desk, button: str) -> None:
    """Ask by the form in hand over the months of the book."""
    page.get_by_label("Default is").fill(DEFAULT)
    page.get_by_label("Within months").fill(f"{MONTHS}")
    page.get_by_label("First date").fill(f"{desk.pairs[0][0]}")
    page.get_by_label("Last date").fill(f"{desk.last}")
    page.get_by_role("button", name=button).click()


def test_a_change_is_drafted_tried_backtested_reviewed_and_published(desk: Desk, seats: Seats) -> None:
    page = seats.of("analyst")
    page.goto("/rules/R-001/")
    page.get_by_role("button", name="Draft the next version").click()
    when = page.get_by_role("textbox", name="Condition")
    expect(when).to_have_value(re.compile("dpd"))

    # A slip is found as it is typed, and put right by one click.
    when.fill("dpdd >= 5")
    expect(page.locator("#check")).to_contain_text("did you mean")
    page.locator("#check [data-replace]").first.click()
    expect(when).to_have_value("dpd >= 5")
    expect(page.locator("#check")).to_contain_text("Can run")
    page.get_by_role("button", name="Try on today's book").click()
    expect(page.locator("#evidence")).to_contain_text("It applies to")

    # A threshold from the lender's own defaults: the question is filled in from the draft.
    page.locator("#evidence").get_by_role("link", name="Search for the threshold").click()
    expect(page.locator("#id_measure")).to_have_value("dpd")
    ask(page, desk, "Search for the threshold")
    slider = page.get_by_label("Draft threshold")
    expect(slider).to_be_visible(timeout=JOB_MS)
    caught = page.locator("[data-figure=caught]")
    slider.press("End")  # to the right is looser, as in the chart
    loosest = page.locator("[data-said]").inner_text()
    most = float(caught.inner_text().rstrip("%"))
    slider.press("Home")
    assert float(caught.inner_text().rstrip("%")) < most
    slider.press("End")
    slider.press("ArrowLeft")
    chosen = page.locator("[data-said]").inner_text()
    assert chosen != loosest
    page.get_by_label("Put it into").select_option("R-001")
    page.get_by_role("button", name="Use this threshold").click()
    expect(page.get_by_role("textbox", name="Condition")).to_have_value(chosen)
    expect(page.locator("#evidence [data-thresholds] svg").first).to_be_visible()

    # Tried again, since it now reads otherwise; backtested beside the version in force; attached.
    page.get_by_role("button", name="Try on today's book").click()
    page.locator("#evidence").get_by_role("link", name="Do a backtest").click()
    ask(page, desk, "Start the backtest")
    expect(page.get_by_role("heading", name="Backtest: draft beside what is in force")).to_be_visible(timeout=JOB_MS)
    expect(page.locator("table.bt").first).to_contain_text("draft v2")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename.startswith("backtest-")
    page.get_by_role("button", name="Attach to the draft").click()

    first = page.locator("main").get_by_text("can hold from").inner_text()
    day = re.search(r"\d{4}-\d{2}-\d{2}", first)
    assert day
    page.get_by_label("In force from").fill(day[0])
    page.get_by_label("Reason in Chinese").fill("按历史违约调整阈值。")
    page.get_by_label("Reason in English").fill("Adjusted to the defaults there were.")
    page.get_by_role("button", name="Submit for review").click()
    expect(page).to_have_url(re.compile("/rules/R-001/review/$"))
    expect(page.get_by_role("button", name="Approve and publish")).to_be_disabled()

    # Somebody else reads it with its evidence, and approves.
    other = seats.of("reviewer")
    other.goto("/rules/R-001/review/")
    expect(other.locator("#evidence")).to_contain_text("draft v2")
    other.get_by_role("button", name="Approve and publish").click()
    expect(other).to_have_url(re.compile("/rules/R-001/$"))
    expect(other.locator("main")).to_contain_text(day[0])
    other.goto("/rules/?q=R-001")
    expect(other.get_by_role("row", name=re.compile("R-001"))).to_be_visible()
    other.goto("/rules/R-001/?a=1&b=2")
    expect(other.locator("#compared")).to_contain_text("Version 1 and version 2")
    expect(other.locator("main")).to_contain_text(chosen)
    other.goto("/rules/R-001/history/")
    for act in ("Begun", "Evidence attached", "Submitted for review", "Approved", "Published"):
        expect(other.locator("main")).to_contain_text(act)


def test_a_question_that_cannot_be_answered_is_answered_in_a_sentence(seats: Seats) -> None:
    page = seats.of("analyst")
    page.goto("/rules/suggest/")
    page.get_by_label("First date").fill("2001-01-31")
    page.get_by_label("Last date").fill("2001-06-30")
    page.get_by_role("button", name="Search for the threshold").click()
    expect(page.get_by_role("heading", name="No answer")).to_be_visible(timeout=JOB_MS)
    expect(page.locator("[role=alert]")).not_to_be_empty()
