"""A collector's day in a real browser: a list worked by keyboard, a promise confirmed by mail and kept by a payment, and the gate that refuses at ten at night."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest
from playwright.sync_api import expect

from desk.desks import put_tables
from journeys.browser import PHONE, Seats, launched
from journeys.desk import Desk, environment, served
from journeys.post import mail_to, open_post

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Page

JUDGED_MS: Final = 30_000
"""After a run the keeper brings cases up to it and judges promises within a few seconds."""
NO_TELEPHONE: Final = (
    "document.addEventListener('click', (event) => event.target.closest('a[href^=\"tel:\"]') && event.preventDefault())"
)
"""The machine of the tests has no telephone that would take the link."""


@pytest.fixture(scope="module")
def bank(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk over a small bank whose last run was yesterday's, with a mail server."""
    home = tmp_path_factory.mktemp("collection") / "home"
    put_tables(tmp_path_factory, home)
    at_work(home, "make")
    with open_post(home.with_suffix(".mail")) as post, served(home, post) as address:
        yield Desk(address, home)


@pytest.fixture
def seats(bank: Desk, chromium: str) -> Iterator[Seats]:
    """Who sits at it. In the end every page must have been without errors; 409 is how the gate refuses."""
    with launched(chromium) as browser:
        sitting = Seats(browser, bank.address)
        yield sitting
        assert [trouble for trouble in sitting.leave() if not trouble.startswith("409: ")] == []


def at_work(home: Path, *words: str) -> None:
    """Something happens in the bank beside its pages."""
    command = [sys.executable, "-m", "journeys.collection_at_work", *words]
    subprocess.run(command, env=environment(home), check=True)


def daihou(home: Path, *words: str) -> None:
    """A command of the lender's operator."""
    command = [sys.executable, "-m", "daihou.cli.main", *words]
    subprocess.run(command, env=environment(home), check=True, capture_output=True)


def today(page: Page) -> dt.date:
    """The day of the desk, as the calculator counts from it."""
    return dt.date.fromisoformat(page.locator("#on-1").get_attribute("min") or "")


def panel(page: Page, name: str) -> Locator:
    return page.locator(f"#{name}")


def test_a_collector_works_the_list_takes_a_promise_and_sees_it_kept(bank: Desk, seats: Seats) -> None:
    page = seats.of("caller")
    page.add_init_script(NO_TELEPHONE)
    keys = page.keyboard
    page.goto("/work/")
    page.wait_for_load_state()
    keys.press("g")
    keys.press("p")
    expect(page.get_by_role("heading", name="Collection")).to_be_visible()
    page.wait_for_load_state()
    address = page.url
    expect(panel(page, "who")).to_contain_text("2,200.00")
    expect(page.locator("#queue")).to_contain_text("0 / 2")

    keys.press("d")  # dials
    expect(page.locator(".wb-live .number")).to_contain_text("13900001111")
    keys.press("1")  # spoke to the person
    day = today(page)
    page.get_by_label("Pays on").fill(f"{day + dt.timedelta(days=3)}")
    page.get_by_label("Amount (CNY)").first.fill("1100.00")
    expect(panel(page, "calculated")).to_contain_text("1,100.00")
    expect(page.get_by_label(re.compile("Confirm a promise by e-mail"))).to_be_checked()
    keys.press("Tab")  # off the field, so that keys are heard
    keys.press("q")  # promises to pay
    said = panel(page, "outcome").get_by_role("status")
    expect(said).to_contain_text("Saved: Promises to pay. The confirmation goes out by e-mail.")
    expect(panel(page, "who")).to_contain_text("Open")
    expect(page.locator("#queue")).to_contain_text("1 / 2")

    mail = mail_to(bank.mails, "chen@mail.example")
    text = mail.get_body(("plain",))
    assert text is not None
    assert mail["Subject"] == "What you have promised to pay"
    assert "CNY 1,100.00" in text.get_content()
    assert "reply to this one with the word STOP" in text.get_content()

    paid = bank.path / "paid.csv"
    paid.write_text(f"payment_id,loan_id,paid_on,amount,known_on\nP1,L-C1,{day},1100.00,{day}\n", "utf-8")
    daihou(bank.path, "intake", str(paid), "-t", "payments")
    expect(panel(page, "news")).to_contain_text("1,100.00", timeout=JUDGED_MS)  # told before any run has booked it
    daihou(bank.path, "run", "--as-of", f"{day}")
    page.goto(address)
    until = dt.datetime.now(dt.UTC) + dt.timedelta(milliseconds=JUDGED_MS)
    while "1 kept" not in panel(page, "who").inner_text() and dt.datetime.now(dt.UTC) < until:
        page.wait_for_timeout(500)
        page.reload()
    expect(panel(page, "who")).to_contain_text("1 kept, 0 broken")
    expect(panel(page, "who")).to_contain_text("Kept")

    phone = seats.of("caller", PHONE)
    phone.goto(address)
    expect(panel(phone, "who")).to_contain_text("1 kept, 0 broken")
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_at_ten_at_night_where_the_debtor_lives_the_call_is_refused_and_told_why(bank: Desk, seats: Seats) -> None:
    page = seats.of("caller")
    page.add_init_script(NO_TELEPHONE)
    page.goto("/collection/?")
    page.get_by_role("link", name=re.compile("王")).first.click()
    page.wait_for_load_state()
    expect(page.locator("button[data-key=d]")).to_be_enabled()
    at_work(bank.path, "at", "22", "C2")  # meanwhile it has become ten where the debtor lives
    page.keyboard.press("d")
    told = panel(page, "ways").get_by_role("alert")
    expect(told).to_contain_text(
        re.compile("No collection between 22:00 and 08:00 without the person's agreement; it is 2[23]:")
    )
    row = page.locator(".wb-ways li").first
    expect(row).to_contain_text("GB/T 45251-2025")
    expect(row.locator("time[data-until]")).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))
    expect(row.get_by_role("button")).to_be_disabled()
    expect(page.locator("button[data-key=d]")).to_have_count(0)
    expect(page.locator(".wb-live")).to_have_count(0)

    chief = seats.of("chief")
    chief.goto("/collection/refusals/")
    expect(chief.locator("main")).to_contain_text("GB/T 45251-2025")
