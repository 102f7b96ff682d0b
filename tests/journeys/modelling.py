"""What people do with scoring models at the desk, step by step."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from playwright.sync_api import expect

from journeys.browser import PHONE

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from journeys.browser import Seats

JOB_MS: Final = 180_000


def train(page: Page, design: str) -> None:
    """Let the desk train by a design, and wait for what comes of it: a card and a challenger."""
    page.goto("/models/train/")
    page.get_by_role("textbox", name="Design").fill(design)
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_role("heading", name="What came of it")).to_be_visible(timeout=JOB_MS)


def validate(page: Page, model: str, number: int) -> None:
    """Validate a version from its page, and come back to it."""
    page.goto(f"/models/{model}/{number}/")
    expect(page.locator("main")).to_contain_text("Not validated yet")
    page.get_by_role("button", name="Validate", exact=True).click()
    expect(page.get_by_role("heading", name="What came of it")).to_be_visible(timeout=JOB_MS)
    page.get_by_role("link", name=f"{model} v{number}").click()
    expect(page.locator("#findings")).to_have_text("Validation")


def approve(page: Page, model: str, number: int, note: str, role: str = "champion") -> None:
    """Approve a version from today on."""
    page.goto(f"/models/{model}/{number}/")
    form = page.locator("form[action$='/approve/']")
    if not form.is_visible():
        page.get_by_text("Approve", exact=True).first.click()
    form.get_by_label("As").select_option(role)
    form.get_by_label("Note").fill(note)
    form.get_by_role("button", name="Approve").click()
    expect(page.locator("main")).to_contain_text(f"{role.capitalize()} from")


def run(page: Page) -> None:
    """Measure the book of today."""
    page.goto("/jobs/start/run/")
    page.get_by_role("button", name=re.compile("Start", re.IGNORECASE)).last.click()
    expect(page.locator("#state")).to_contain_text(re.compile("All went well|It is done"), timeout=JOB_MS)


def explain(seats: Seats, borrower: str, score: str, purpose: str) -> None:
    """A manager finds a borrower's score on his page, with its course, and reads what the customer is told, at the desk and on the phone."""
    page = seats.of("manager")
    page.goto(f"/borrowers/{borrower}/")
    card = page.locator("section[aria-labelledby=score-card]")
    expect(card.locator(".score")).to_have_text(score)
    expect(card.locator("[data-chart] svg").first).to_be_visible()
    card.get_by_role("link", name="Explain to the customer").click()
    expect(page.locator(".letter")).to_contain_text(score)
    expect(page.locator(".letter")).to_contain_text(purpose)
    phone = seats.of("manager", PHONE)
    phone.goto(page.url)
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
