"""Signing in, and what is kept of a user: the password, the language, light or dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from journeys.browser import sign_in
from journeys.cast import PASSWORD

if TYPE_CHECKING:
    from journeys.browser import Seats


def test_a_wrong_password_is_refused_and_the_right_one_leads_to_the_page_asked_for(seats: Seats) -> None:
    page = seats.stranger()
    page.goto("/loans/?state=overdue")
    expect(page.get_by_text("Sign in to open the page you asked for")).to_be_visible()
    page.get_by_label("User name").fill("viewer")
    page.get_by_label("Password", exact=False).fill("a wrong password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("The user name or the password is wrong.")
    page.get_by_label("Password", exact=False).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{seats.address}/loans/?state=overdue")
    expect(page.get_by_role("heading", name="Loans", exact=True)).to_be_visible()
    expect(page.locator(".who")).to_contain_text("Wu Jing")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/loans/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_given_password_must_be_replaced_before_any_page_opens(seats: Seats) -> None:
    page = seats.stranger()
    sign_in(page, "newcomer")
    expect(page.get_by_role("heading", name="Choose your own password")).to_be_visible()
    page.goto("/portfolio/")
    expect(page.get_by_role("heading", name="Choose your own password")).to_be_visible()
    own = "harbour lamp seven oaks"
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password *", exact=True).fill(own)
    page.get_by_label("New password once more").fill(own)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("heading", name="Choose your own password")).to_have_count(0)
    page.goto("/portfolio/")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    again = seats.stranger()
    sign_in(again, "newcomer", own)
    expect(again.get_by_role("heading", name="Overview")).to_be_visible()


def test_who_has_work_begins_with_it_and_who_has_none_with_the_overview(seats: Seats) -> None:
    for who, heading in (("officer", "My work"), ("idle", "My work"), ("viewer", "Overview")):
        page = seats.stranger()
        sign_in(page, who)
        expect(page.get_by_role("heading", name=heading)).to_be_visible()


def test_language_and_theme_stay_after_a_reload_and_a_new_sign_in(seats: Seats) -> None:
    page = seats.stranger()
    sign_in(page, "settler")
    page.goto("/loans/")
    html = page.locator("html")
    expect(html).to_have_attribute("data-bs-theme", "light")
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", name="贷款台账")).to_be_visible()
    expect(html).to_have_attribute("lang", "zh-CN")
    with page.expect_response("**/me/theme/"):
        page.locator("[data-act=theme]").click()
    expect(html).to_have_attribute("data-bs-theme", "dark")
    page.reload()
    expect(html).to_have_attribute("data-bs-theme", "dark")
    expect(page.get_by_role("heading", name="贷款台账")).to_be_visible()
    again = seats.stranger()
    sign_in(again, "settler")
    expect(again.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(again.locator("html")).to_have_attribute("lang", "zh-CN")
