"""Alerts as people live them: at the keyboard, in pairs, by mail, and where somebody else was first."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from journeys.alerts_at_work import noted
from journeys.cast import PASSWORD
from journeys.post import mail_to

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from journeys.browser import Seats
    from journeys.desk import Desk

FIVE = "12341"
"""What the five are: confirmed, a false alarm, a duplicate, a data error, confirmed."""
WORDS = "Spoke with the customer, who pays on Friday."


@pytest.fixture(scope="module")
def case(desk: Desk) -> dict[str, int]:
    """Which alert is for what."""
    return noted(desk.home)


def stage(page: Page) -> Locator:
    """The stage at which the alert of a page is."""
    return page.locator(".alert-flow [aria-current=step]")


def beside(page: Page, what: str) -> Locator:
    """An act beside the flow, with its form."""
    return page.locator(".beside li").filter(has_text=what)


def ready(page: Page, heading: str) -> None:
    """Wait until a page is there and hears keys: its scripts come after its text."""
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    page.wait_for_load_state()


def test_an_officer_works_five_alerts_by_keyboard_alone(seats: Seats) -> None:
    page = seats.of("typist")
    keys = page.keyboard
    page.goto("/work/")
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    keys.press("g")
    keys.press("e")
    ready(page, "Alerts")
    before = int(page.locator("nav.views a.on .n2").inner_text())
    keys.press("j")
    keys.press("Enter")
    worked: list[str] = []
    for key in FIVE:
        ready(page, "What did the check find?")
        worked.append(page.locator(".crumb .nowrap").inner_text())
        keys.press(key)
        while (at := page.evaluate("document.activeElement.id")) != "act-note":
            if at == "act-duplicate":
                keys.type(worked[0])
            keys.press("Tab")
        keys.type(WORDS)
        keys.press("Control+Enter")
        expect(page.get_by_role("status").first).to_contain_text("at “Confirm”")
        page.wait_for_load_state()
        keys.press("n")
    assert len(set(worked)) == len(FIVE)
    ready(page, "What did the check find?")  # the next one is open
    keys.press("g")
    keys.press("e")
    expect(page.locator("nav.views a.on .n2")).to_have_text(f"{before - len(FIVE)}")


def test_a_manager_confirms_a_level_other_than_the_one_proposed_and_says_why(
    seats: Seats, case: dict[str, int]
) -> None:
    page = seats.of("deputy")
    page.goto("/alerts/?decide=1")
    page.locator(f"a.whom[href^='/alerts/{case['level']}/']").click()
    expect(page.locator(".opinions")).to_contain_text("Tang Yu found")
    page.locator("#act-level").select_option("yellow")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("alert")).to_have_text("Say why, in a few words.")
    page.get_by_role("link", name="Back to where it stands").click()
    page.locator("#act-level").select_option("yellow")
    page.locator("#act-note").fill("One late payment of many: yellow is enough.")
    page.get_by_role("button", name="Confirm").click()
    expect(stage(page)).to_contain_text("Plan")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Yellow")
    expect(page.locator(".alert-timeline")).to_contain_text("One late payment of many: yellow is enough.")


def test_two_people_lift_a_red_one_with_evidence(seats: Seats, case: dict[str, int], tmp_path: Path) -> None:
    proof = tmp_path / "statement.csv"
    proof.write_text("day,received\n2026-06-30,120000.00\n", "utf-8")
    page = seats.of("lifter")
    page.goto(f"/alerts/{case['lifted']}/")
    expect(page.get_by_role("button", name="Propose lifting")).to_be_disabled()
    expect(page.locator("#act-why")).to_contain_text("attach a file")
    page.locator("#file").set_input_files(proof)
    page.get_by_role("button", name="Attach").click()
    expect(page.locator("#files")).to_contain_text("statement.csv")
    page.locator("#act-note").fill("Everything is paid; the statement is attached.")
    page.get_by_role("button", name="Propose lifting").click()
    expect(stage(page)).to_contain_text("Lift")
    own = page.get_by_role("button", name="Stand behind it")
    expect(own).to_be_disabled()
    expect(page.locator("#act-why")).to_contain_text("You stand behind this lifting already. It needs somebody else.")

    other = seats.of("reviewer")
    other.goto(f"/alerts/{case['lifted']}/")
    expect(other.locator(".behind")).to_contain_text("Xie Hong")
    with other.expect_download() as download:
        other.get_by_role("link", name="statement.csv").click()
    assert download.value.path().read_bytes() == proof.read_bytes()
    other.get_by_role("button", name="Stand behind it").click()
    expect(other.locator(".acting")).to_contain_text("Lifted")
    page.reload()
    expect(page.get_by_role("heading", name="How it ended")).to_be_visible()


def test_a_digest_arrives_by_mail_and_its_link_opens_the_alert(desk: Desk, seats: Seats) -> None:
    mail = mail_to(desk.mails, "deputy@bank.example")
    text = mail.get_body(("plain",))
    assert text is not None
    assert re.search(r"\d+ notices", mail["Subject"])
    links = re.findall(r"\S+/alerts/(?:\d+)/", text.get_content())
    assert len(links) > 1
    assert "Tang Yu" not in text.get_content()
    page = seats.stranger()
    page.goto(links[0])
    page.get_by_label("User name").fill("deputy")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_password").press("Enter")
    expect(page).to_have_url(links[0])
    expect(page.locator(".crumb")).to_contain_text(f"{int(urlsplit(links[0]).path.split('/')[2]):06d}")


def test_of_two_people_on_one_alert_the_second_is_told_at_once_and_keeps_what_was_typed(
    seats: Seats, case: dict[str, int]
) -> None:
    first, second = seats.of("lifter"), seats.of("reviewer")
    for page in (first, second):
        page.goto(f"/alerts/{case['contested']}/")
    second.locator("#act-note").fill("I see it otherwise: a false alarm.")
    second.get_by_text("False alarm", exact=False).first.click()
    first.get_by_role("button", name="Confirm").click()
    expect(stage(first)).to_contain_text("Plan")
    second.get_by_role("button", name="Confirm").click()
    expect(second.get_by_role("heading", name="Somebody was first")).to_be_visible()
    expect(second.get_by_role("alert")).to_contain_text("Xie Hong")
    expect(second.get_by_label("What you typed is kept")).to_have_value("I see it otherwise: a false alarm.")
    second.get_by_role("link", name="Look at it again").click()
    expect(stage(second)).to_contain_text("Plan")


def test_all_alerts_that_match_are_assigned_in_one_act(seats: Seats) -> None:
    page = seats.of("head")
    page.goto("/alerts/?owner=none&size=25")
    page.get_by_label("Choose the page").check()
    matching = page.get_by_label(re.compile("Choose all .* that match"))
    expect(matching).to_be_visible()
    many = int(re.findall(r"\d+", page.locator("[data-matching]").inner_text())[0])
    assert many > 25
    matching.check()
    page.get_by_role("button", name="Assign").click()
    expect(page.get_by_role("heading", name=f"Assign {many} alerts")).to_be_visible()
    heir = page.get_by_label("To whom").locator("option").filter(has_text="Dong Mei").get_attribute("value") or ""
    page.get_by_label("To whom").select_option(heir)
    page.get_by_role("button", name="Assign").click()
    expect(page.get_by_role("status").last).to_contain_text(f"Done to {many} alerts")
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator("main")).to_contain_text("Every alert has an owner")
    theirs = seats.of("heir")
    theirs.goto("/alerts/")
    expect(theirs.locator("nav.views a.on .n2")).to_have_text(f"{many}")


def test_what_rests_is_woken_by_a_worse_level(seats: Seats, case: dict[str, int]) -> None:
    page = seats.of("colleague")
    page.goto(f"/alerts/{case['rests']}/")
    act = beside(page, "Snooze")
    act.locator("summary").click()
    act.get_by_label("Until").fill(f"{dt.date.today() + dt.timedelta(days=7)}")  # noqa: DTZ011 - as people read a calendar
    act.get_by_label("Reason").fill("The customer is paid next week.")
    act.get_by_role("button", name="Snooze").click()
    expect(page.get_by_role("status").first).to_contain_text("It rests until")
    expect(page.get_by_role("button", name="Wake: it rests until")).to_be_enabled()
    page.goto("/alerts/?owner=me&snoozed=1")
    expect(page.locator(f"a.whom[href^='/alerts/{case['rests']}/']")).to_be_visible()

    other = seats.of("manager")
    other.goto(f"/alerts/{case['rests']}/")
    act = beside(other, "Change the level")
    act.locator("summary").click()
    act.get_by_text("Red").click()
    act.get_by_label("Reason").fill("The guarantor is insolvent.")
    act.get_by_role("button", name="Change the level").click()
    expect(other.get_by_role("status").first).to_contain_text("Its level is Red now.")
    page.goto(f"/alerts/{case['rests']}/")
    expect(beside(page, "Snooze").locator(".why-not")).to_have_text("A red alert cannot be snoozed.")
    page.goto("/alerts/?owner=me&snoozed=0")
    expect(page.locator(f"a.whom[href^='/alerts/{case['rests']}/']")).to_be_visible()


def test_an_alert_is_raised_by_hand_once(seats: Seats, case: dict[str, int]) -> None:
    page = seats.of("colleague")
    page.goto("/alerts/")
    page.get_by_role("link", name="Raise an alert").click()

    def say() -> None:
        page.get_by_label("Borrower").fill(f"{case['borrower']}")
        page.get_by_label("Topic").select_option("other")
        page.locator(".opts label").filter(has_text="Orange").click()
        page.get_by_label("Reason").fill("The plant stood still at two visits.")
        page.get_by_role("button", name="Raise it").click()

    say()
    expect(page).to_have_url(re.compile(r"/alerts/\d+/$"))
    address = page.url
    expect(page.locator("main")).to_contain_text("The plant stood still at two visits.")
    expect(stage(page)).to_contain_text("Tang Yu")
    page.goto("/alerts/raise/")
    say()
    expect(page.get_by_role("alert")).to_contain_text("is open for this borrower and topic")
    page.get_by_role("alert").get_by_role("link").click()
    expect(page).to_have_url(address)


def test_an_officer_sees_no_alert_of_another_branch(seats: Seats, case: dict[str, int]) -> None:
    page = seats.of("officer")
    page.goto("/alerts/?closed=0")
    expect(page.locator("table.inbox tbody tr").first).to_be_visible()
    assert not page.locator(f"a.whom[href^='/alerts/{case['handed']}/']").count()
    answer = page.goto(f"/alerts/{case['handed']}/")
    assert answer is not None
    assert answer.status == 404
    page.goto(f"/alerts/?closed=all&q=AL-2026-{case['handed']:06d}")
    expect(page.locator("table.inbox tbody tr")).to_have_count(0)


def test_who_stands_in_has_the_work_of_who_is_away(seats: Seats, case: dict[str, int]) -> None:
    page, other = seats.of("traveller"), seats.of("stand-in")
    alert = f"main a[href^='/alerts/{case['handed']}/']"
    other.goto("/work/")
    expect(other.get_by_role("heading", name="My work")).to_be_visible()
    expect(other.locator(alert)).to_have_count(0)
    page.goto("/work/")
    expect(page.locator(alert)).to_be_visible()
    page.get_by_role("link", name="Absences").click()
    today = dt.date.today()  # noqa: DTZ011 - as people read a calendar
    page.get_by_label("First day").fill(f"{today}")
    page.get_by_label("Last day").fill(f"{today + dt.timedelta(days=9)}")
    page.get_by_label("Stands in").select_option(label="Gu Yan")
    page.get_by_role("button", name="Enter").click()
    expect(page.get_by_role("row", name=re.compile("Qian Duo.*Gu Yan"))).to_be_visible()
    other.reload()
    expect(other.get_by_role("status").first).to_contain_text("You stand in for Qian Duo")
    other.get_by_role("link", name="Their alerts").click()
    other.locator(f"a.whom[href^='/alerts/{case['handed']}/']").click()
    expect(other.get_by_role("heading", name="What did the check find?")).to_be_visible()
    expect(other.get_by_role("button", name="Submit for confirmation")).to_be_enabled()
