"""The live desk as people see it: an alert comes while they look at the list, elsewhere, or work; and the connection is lost."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import TYPE_CHECKING, Final

from playwright.sync_api import expect

from daihou.runs.log.log import open_log
from daihou.runs.stream import told
from daihou.runs.stream.told import Saying
from daihou.runs.watch.moved import signal_id
from journeys.browser import PHONE

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from journeys.browser import Seats
    from journeys.desk import Desk

NUMBERS: Final = itertools.count(1)
HEARD: Final = "Object.keys(localStorage).some((key) => key.startsWith('desk:live:'))"
"""Whether the page has heard where the news begin."""


def say(desk: Desk, count: int = 1) -> list[str]:
    """Let the stream say that signals opened, each of a borrower of branch B01 whom no run has seen yet; the borrowers' numbers."""
    day = desk.last + dt.timedelta(days=1)
    sayings, borrowers = [], []
    for _ in range(count):
        borrower = f"LIVE-{next(NUMBERS)}"
        borrowers.append(borrower)
        number = signal_id("R-001", 1, borrower, day)
        row = {
            "signal_id": number, "rule_id": "R-001", "version": 1, "shadow": False, "subject": "loan",
            "subject_id": borrower, "borrower_id": borrower, "org_id": "B01", "officer_id": None, "currency": "CNY", "balance": 90_000_000_000,
            "level": "blue", "transition": "opened", "opened_on": day.isoformat(), "condition": "dpd > 0", "evidence": '{"dpd": 3}',
        }  # fmt: skip
        sayings.append(Saying(day, number, "opened", row))
    with open_log(desk.home).store.writing() as writing:
        told.say(writing, sayings, 1, 0.0, 0.0)
    return borrowers


def hearing(page: Page, address: str) -> Page:
    """A page that has begun to hear."""
    page.goto(address)
    while not page.evaluate(HEARD):
        page.wait_for_timeout(20)
    return page


def inbox(page: Page) -> Page:
    """The list of all that is open, the greatest exposure first."""
    return hearing(page, "/alerts/?closed=0&sort=exposure")


def test_an_alert_appears_in_the_list_without_a_reload(desk: Desk, seats: Seats) -> None:
    page = inbox(seats.of("manager"))
    page.evaluate("window.notReloaded = true")
    (borrower,) = say(desk)
    row = page.locator("table.inbox tbody tr").filter(has_text=borrower)
    expect(row).to_be_visible()
    expect(row).to_have_class("live-new")
    assert page.evaluate("window.notReloaded"), "the page is the same"
    expect(page).to_have_title("Alerts · daihou post-loan")
    expect(page.locator("[data-live-count]")).to_be_hidden()


def test_elsewhere_title_and_menu_count_until_the_list_is_looked_at(desk: Desk, seats: Seats) -> None:
    page = hearing(seats.of("branch"), "/notices/")
    expect(page).to_have_title("Notices · daihou post-loan")
    say(desk, 2)
    expect(page).to_have_title("(2) Notices · daihou post-loan")
    expect(page.locator(".side [data-live-count]")).to_have_text("2 new")
    page.goto("/work/")
    expect(page).to_have_title("(2) My work · daihou post-loan")
    inbox(page)
    expect(page).to_have_title("Alerts · daihou post-loan")


def test_who_works_on_the_list_is_offered_what_is_new_and_loses_nothing(desk: Desk, seats: Seats) -> None:
    page = inbox(seats.of("manager"))
    first = page.locator("table.inbox tbody input[type=checkbox]").first
    first.check()
    top = page.locator("table.inbox tbody tr").first.bounding_box()
    (borrower,) = say(desk)
    bar = page.get_by_role("button", name="1 new alert · show")
    expect(bar).to_be_visible()
    expect(first).to_be_checked()
    assert page.locator("table.inbox tbody tr").first.bounding_box() == top, "nothing moved"
    expect(page).to_have_title("(1) Alerts · daihou post-loan")
    bar.click()
    expect(page.locator("table.inbox tbody tr").filter(has_text=borrower)).to_be_visible()
    expect(bar).to_be_hidden()
    expect(page).to_have_title("Alerts · daihou post-loan")
    expect(page.locator("[data-live-said-aloud]")).to_have_text("1 new alert")


def test_in_chinese_and_on_a_phone(desk: Desk, seats: Seats) -> None:
    page = hearing(seats.of("manager-zh", PHONE, locale="zh-CN"), "/notices/")
    say(desk)
    expect(page).to_have_title("(1) 通知 · 贷后监控")
    page.goto("/alerts/?closed=0&sort=exposure")
    page.evaluate("scrollTo(0, 600)")
    expect(page).to_have_title("预警信号 · 贷后监控")
    say(desk)
    expect(page.get_by_role("button", name="1 条新预警 · 查看")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_lost_connection_is_said_quietly_and_found_again(desk: Desk, seats: Seats) -> None:
    page = seats.of("reviewer")
    page.add_init_script("delete window.SharedWorker")  # so that the page's own connection can be cut
    page.route("**/live/alerts*", lambda route: route.abort())
    page.goto("/notices/")
    mark = page.get_by_role("status").filter(has_text="not live")
    expect(mark).to_be_visible(timeout=15_000)
    page.unroute("**/live/alerts*")
    expect(mark).to_be_hidden(timeout=15_000)
    say(desk)
    expect(page).to_have_title("(1) Notices · daihou post-loan")


def test_real_time_shows_how_the_processes_fare(seats: Seats) -> None:
    page = seats.of("administrator")
    page.goto("/live/stream/")
    expect(page.get_by_role("heading", name="Real time", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="Bringing to the lake")).to_be_visible()
    page.evaluate("document.querySelector('#stream').dataset.before = '1'")
    expect(page.locator("#stream[data-before]")).to_have_count(0, timeout=15_000)  # it was looked at again
