"""A visit on the phone: its form is saved as it is typed, through a dropped connection, proven by a picture, confirmed by a second person, and finished."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import expect

from daihou.desk.reviews.choices import Type
from journeys.browser import PHONE
from journeys.test_accessibility import findings

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload, Locator, Page

    from journeys.browser import Seats


def photo() -> bytes:
    """A small picture."""
    held = BytesIO()
    Image.new("RGB", (64, 48), "#9b3a2e").save(held, "JPEG")
    return held.getvalue()


def answer(line: Locator) -> None:
    """Answer a question that is not answered yet with the first that there is."""
    if line.locator("input[type=radio], input[type=checkbox]").count():
        if not line.locator("input:checked").count():
            line.locator(".picks label").first.click()
        return
    control = line.locator("input.form-control, textarea")
    if control.count() and not control.input_value():
        control.fill("2026-03-02" if control.get_attribute("type") == "date" else "12")


def answer_all(page: Page) -> None:
    """Answer what is asked, and what the answers ask for, until nothing more appears."""
    done: set[str] = set()
    while left := [name for name in names(page) if name not in done]:
        for name in left:
            line = page.locator(f"[data-q='{name}']")
            if line.count():
                answer(line)
            done.add(name)
        page.locator("h1").click()  # leaves the last text
        page.wait_for_timeout(700)
        expect(page.locator("[data-saved]")).to_contain_text("Saved")


def names(page: Page) -> list[str]:
    """The questions that are asked now."""
    return [str(one.get_attribute("data-q")) for one in page.locator("[data-q]:not([hidden])").all()]


def forgive(seats: Seats, status: int) -> None:
    """Take what a script was refused, and had to be, out of what went wrong on the newest page."""
    troubles = seats.watches[-1].troubles
    wanted = [trouble for trouble in troubles if trouble.startswith(f"{status}: ")]
    assert wanted
    for trouble in wanted:
        troubles.remove(trouble)


def test_a_visit_goes_through_a_dropped_connection_to_its_findings(seats: Seats) -> None:
    desk = seats.of("manager")
    desk.goto("/reviews/?type=regular")
    expect(desk.locator(".review-list")).to_be_visible(timeout=60_000)  # the keeper has planned
    number = str(desk.locator(".review-list a.whom").last.get_attribute("href")).rstrip("/").rsplit("/", 1)[1]
    desk.goto(f"/reviews/{number}/")
    desk.locator("select[name=owner]").select_option(label="Wang Min")
    desk.get_by_role("button", name="Assign").click()

    page = seats.of("manager", PHONE)
    page.goto(f"/reviews/{number}/")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/form/")
    page.locator("[data-q=met] .picks label").first.click()
    expect(page.locator("[data-saved]")).to_contain_text("Saved")

    # The connection drops; what is typed stays on the phone, and is sent once there is one again.
    page.context.set_offline(True)
    page.locator("[data-q=same_premises] .picks label").nth(1).click()
    expect(page.locator("[data-saved]")).to_contain_text("Kept on this device")
    page.context.set_offline(False)
    expect(page.locator("[data-q=new_address]")).to_be_visible(timeout=20_000)
    expect(page.locator("[data-saved]")).to_contain_text("Saved")
    page.reload()
    expect(page.locator("[data-q=same_premises] input[value=no]")).to_be_checked()

    # Nothing is finished before all is there.
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("alert").first).to_contain_text("Something is missing")
    forgive(seats, 422)
    page.goto(f"/reviews/{number}/form/")
    photos = page.locator("[data-q]:has(input[data-take])").first
    taken: list[FilePayload] = [
        {"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": photo() + bytes(n + 1)} for n in range(3)
    ]
    photos.locator("input[data-take]:not([capture])").set_input_files(taken)
    expect(photos.locator("[data-pieces] a")).to_have_count(3)
    answer_all(page)
    other = seats.of("deputy")
    other.goto(f"/reviews/{number}/form/")
    other.get_by_role("button", name="I was there too").click()
    expect(other.locator("main")).to_contain_text("to have been there")
    page.get_by_role("button", name="Finish").click()
    page.wait_for_url(f"**/reviews/{number}/")
    expect(page.locator("section[aria-labelledby=said]")).to_contain_text("Willingness to repay")
    desk.goto("/reviews/?view=done")
    expect(desk.locator(f"a.whom[href='/reviews/{number}/']")).to_be_visible()


def test_the_pages_of_reviews_are_open_to_all(seats: Seats) -> None:
    page = seats.of("manager-zh")
    page.goto("/reviews/")
    expect(page.locator(".review-list")).to_be_visible(timeout=60_000)
    first = str(page.locator(".review-list a.whom").first.get_attribute("href"))
    wrong = {}
    for address in ("/reviews/", f"/reviews/?type={Type.YEARLY}", "/reviews/calendar/?month=2026-07", first):
        page.emulate_media(color_scheme="light")
        page.goto(address)
        light = findings(page)
        page.emulate_media(color_scheme="dark")
        dark = findings(page, ["color-contrast"])
        if light or dark:
            wrong[address] = [*light, *dark]
    assert wrong == {}
