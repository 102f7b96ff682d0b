"""A visit where there is no network: an hour of answers and pictures on the phone, through a reload, and all of it on the server within seconds of coming back."""

from __future__ import annotations

import random
import time
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from PIL import Image
from playwright.sync_api import expect

from journeys.browser import PHONE, sign_in
from journeys.test_reviews import answer, forgive, names

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Dialog, Locator, Page, Route

    from journeys.browser import Seats

KEPT: Final = """async () => {
  const pages = await (await caches.open("daihou-sheet-pages")).keys();
  const files = await (await caches.open("daihou-sheet-files")).keys();
  return pages.length > 0 && files.length > 5;
}"""
"""Whether the worker has kept a page and what it is made of."""
ON_THE_DEVICE: Final = """async () => {
  const names = (await caches.keys()).filter((name) => name.startsWith("daihou-sheet"));
  const pages = names.includes("daihou-sheet-pages") ? (await (await caches.open("daihou-sheet-pages")).keys()).length : 0;
  return [pages, await sheetStore.waiting()];
}"""
JOURNEYS: Final = 6
"""These and that of test_reviews, which takes the last."""
THERE: Final = {"latitude": 29.0900412, "longitude": 119.6533, "accuracy": 12}


def photo(seed: int, megabytes: float = 2) -> dict[str, Any]:
    """A picture as a phone takes it: a JPEG with much in it, of about so many MB."""
    side = int((megabytes * 1_000_000 / 1.05) ** 0.5)
    noise = Image.frombytes("L", (side, side), random.Random(seed).randbytes(side * side))  # noqa: S311 - a picture of noise
    held = BytesIO()
    Image.merge("RGB", (noise, noise, noise)).save(held, "JPEG", quality=90)
    return {"name": f"IMG_{seed}.jpg", "mimeType": "image/jpeg", "buffer": held.getvalue()}


def given(seats: Seats, whose: str, place: int) -> str:
    """The number of a regular inspection that nobody has begun, given to somebody. Each journey looks at other places of the list, counted from its end."""
    desk = seats.of("manager")
    desk.goto("/reviews/?type=regular")
    links = desk.locator(".review-list a.whom")
    expect(links.first).to_be_visible(timeout=60_000)  # the keeper has planned
    addresses = [str(link.get_attribute("href")) for link in links.all()]
    for address in addresses[-1 - place :: -JOURNEYS]:
        desk.goto(address)
        if desk.locator("dl.dl dd").first.inner_text().strip() == "Planned":
            desk.locator("select[name=owner]").select_option(label=whose)
            desk.get_by_role("button", name="Assign").click()
            return address.rstrip("/").rsplit("/", 1)[1]
    raise AssertionError("every regular inspection is begun")


def until(page: Page, script: str, wanted: Any) -> None:
    """Wait until a script comes to something: a promise, which `wait_for_function` would take for true."""
    found = page.evaluate(script)
    for _ in range(100):
        if found == wanted:
            return
        page.wait_for_timeout(100)
        found = page.evaluate(script)
    raise AssertionError(f"{found} is not {wanted}")


def opened(page: Page, number: str) -> None:
    """Begin it on the phone, and wait until the worker has what it needs."""
    page.goto(f"/reviews/{number}/")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/form/")
    until(page, KEPT, wanted=True)


def line(page: Page, name: str) -> Locator:
    return page.locator(f"[data-q='{name}']")


def take(page: Page, name: str, *pictures: Any) -> None:
    line(page, name).locator("input[data-take]:not([capture])").set_input_files(list(pictures))


def pick(asked: Locator) -> None:
    """Choose the second that there is: it asks for more than the first."""
    picks = asked.locator(".picks label")
    if picks.count() > 1:
        picks.nth(1).click()


def all_shown(page: Page) -> int:
    """Answer what is asked, and what the answers ask for, without waiting for any server; how many are answered."""
    done: set[str] = set()
    while left := [name for name in names(page) if name not in done and line(page, name).is_visible()]:
        for name in left:
            if line(page, name).is_visible():
                if not line(page, name).locator("input:checked").count():
                    pick(line(page, name))
                answer(line(page, name))
                done.add(name)
    return len(done)


def test_an_hour_without_a_network_is_on_the_server_within_seconds(seats: Seats) -> None:
    number = given(seats, "Gao Fei", 1)
    page = seats.of("deputy", PHONE, has_touch=True, geolocation=THERE, permissions=["geolocation"])
    page.clock.install()
    opened(page, number)
    expect(line(page, "not_met_why")).to_be_hidden()

    page.context.set_offline(True)
    line(page, "met").locator(".picks label").nth(1).click()
    expect(line(page, "not_met_why")).to_be_visible()  # asked by the page itself
    line(page, "not_met_why").locator("textarea").fill("In hospital")
    page.get_by_role("button", name="Record where I am").click()
    expect(line(page, "where")).to_contain_text("29.090041, 119.653300, accurate to 12 m")
    photos = page.locator("[data-q]:has(input[capture])").first.get_attribute("data-q")
    assert photos
    take(page, photos, *(photo(seed) for seed in range(3)))
    expect(line(page, photos).locator("[data-waiting] li")).to_have_count(3)
    expect(page.locator("[data-queue]")).to_contain_text("files 3")

    page.reload()
    expect(page.get_by_text("this page is shown from the device")).to_be_visible()
    expect(line(page, "not_met_why").locator("textarea")).to_have_value("In hospital")
    expect(line(page, photos).locator("[data-waiting] li")).to_have_count(3)
    take(page, photos, *(photo(seed) for seed in range(3, 6)))
    answered = all_shown(page)
    page.clock.fast_forward("01:00:00")  # an hour in which it tries, and does not come through
    expect(page.locator("[data-saved]")).to_contain_text("Kept on this device")
    expect(page.locator("[data-queue]")).to_contain_text("files 6")
    page.get_by_role("button", name="Finish").click()
    expect(page.locator("[data-queue]")).to_contain_text("Finishing needs a network")

    page.context.set_offline(False)
    began = time.perf_counter()
    page.evaluate(
        "window.dispatchEvent(new Event('online'))"
    )  # as a phone says; the driver does not, once a page was loaded offline
    expect(page.locator("[data-queue]")).to_be_hidden(timeout=60_000)
    took = time.perf_counter() - began
    expect(page.locator("[data-saved]")).to_contain_text("Saved")
    expect(line(page, photos).locator("[data-pieces] a")).to_have_count(6)
    expect(page.locator("[data-clock]")).to_contain_text(
        "60 minutes ahead"
    )  # the phone's clock was moved, the server's was not
    print(f"\n{answered} answers and 6 pictures of 2 MB on the server {took:.2f} s after the network came back")

    other = seats.of("manager")
    other.goto(f"/reviews/{number}/form/")
    expect(line(other, "not_met_why").locator("textarea")).to_have_value("In hospital")
    other.get_by_role("button", name="I was there too").click()
    expect(other.locator("main")).to_contain_text("to have been there")
    page.get_by_role("button", name="Finish").click()
    page.wait_for_url(f"**/reviews/{number}/")
    expect(page.locator("section[aria-labelledby=said]")).to_be_visible()
    until(page, ON_THE_DEVICE, [0, 0])  # nothing is left on the phone


def test_a_save_whose_answer_is_lost_is_no_work_of_somebody_else(seats: Seats) -> None:
    number = given(seats, "Gao Fei", 4)
    page = seats.of("deputy", PHONE)
    page.goto(f"/reviews/{number}/")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/form/")

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/form/save/", lose)
    line(page, "met").locator(".picks label").nth(1).click()
    expect(page.locator("[data-saved]")).to_contain_text("Kept on this device")
    page.reload()
    line(page, "met").locator(".picks label").first.click()
    expect(page.locator("[data-saved]")).to_contain_text("Kept on this device")
    page.unroute("**/form/save/")
    expect(page.locator("[data-saved]")).to_contain_text("Saved")
    page.reload()
    expect(line(page, "met").locator("input[type=radio]").first).to_be_checked()


def test_what_is_refused_is_told_beside_its_question_and_holds_up_nothing(seats: Seats, tmp_path: Path) -> None:
    number = given(seats, "Xie Hong", 2)
    page = seats.of("lifter", PHONE)
    opened(page, number)
    photos = str(page.locator("[data-q]:has(input[capture])").first.get_attribute("data-q"))
    waiting = line(page, photos).locator("[data-waiting] li")

    huge = tmp_path / "huge.jpg"
    with huge.open("wb") as file:
        file.truncate(200 << 20)
    line(page, photos).locator("input[data-take]:not([capture])").set_input_files(huge)
    expect(waiting).to_contain_text("larger than 20 MB")
    assert page.evaluate("async () => (await sheetStore.pieces(Number(filling.dataset.user))).length") == 0
    waiting.get_by_role("button", name="Remove").click()

    program = {"name": "front.jpg", "mimeType": "image/jpeg", "buffer": b"MZ\x90\x00" + bytes(99)}
    take(page, photos, program, photo(11, 0.2))
    expect(line(page, photos).locator("[data-pieces] a")).to_have_count(1)
    expect(waiting).to_have_count(1)
    expect(waiting).to_contain_text("Files of this kind are not taken")
    expect(page.locator("[data-queue]")).to_contain_text("refused: 1")
    page.reload()
    expect(waiting).to_contain_text(
        "Files of this kind are not taken"
    )  # it is not forgotten, and not sent again by itself
    page.get_by_role("button", name="Finish").click()
    expect(page.locator("[data-queue]")).to_contain_text("Remove them")
    waiting.get_by_role("button", name="Remove").click()
    expect(page.locator("[data-queue]")).to_be_hidden()
    forgive(seats, 422)


def test_what_lies_on_a_device_is_its_users_alone_and_goes_when_they_sign_out(seats: Seats) -> None:
    number = given(seats, "Xie Hong", 3)
    page = seats.of("lifter", PHONE)
    opened(page, number)
    page.context.set_offline(True)
    line(page, "met").locator(".picks label").first.click()
    expect(page.locator("[data-saved]")).to_contain_text("Kept on this device")

    # The session ends meanwhile: nothing is sent, nothing is lost, and the page is kept no longer.
    page.context.clear_cookies()
    page.context.set_offline(False)
    expect(page.locator("[data-saved]")).to_contain_text("You are signed out")
    page.reload()
    page.wait_for_url("**/accounts/login/**")
    until(page, ON_THE_DEVICE, [0, 1])

    # Somebody else signs in: they see and send nothing of it.
    sign_in(page, "manager")
    page.goto(f"/reviews/{number}/form/")
    expect(line(page, "met").locator("input:checked")).to_have_count(0)
    page.context.clear_cookies()

    # The same user signs in: it is sent.
    sign_in(page, "lifter")
    page.goto(f"/reviews/{number}/form/")
    expect(line(page, "met").locator("input[type=radio]").first).to_be_checked()
    expect(page.locator("[data-saved]")).to_contain_text("Saved")
    until(page, KEPT, wanted=True)

    # Signing out empties the device; where something waits, it asks first.
    page.context.set_offline(True)
    line(page, "met").locator(".picks label").nth(1).click()
    expect(page.locator("[data-saved]")).to_contain_text("Kept on this device")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", stay)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_timeout(200)
    assert asked
    assert "1 answers and files" in asked[0]
    page.once("dialog", lambda dialog: dialog.accept())
    page.context.set_offline(False)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/")
    until(page, ON_THE_DEVICE, [0, 0])
    forgive(seats, 403)  # of the session that had ended


def test_what_somebody_else_did_meanwhile_is_told_and_nothing_is_lost_unsaid(seats: Seats) -> None:
    number = given(seats, "Gao Fei", 5)
    page = seats.of("deputy", PHONE)
    watch = seats.watches[-1]
    opened(page, number)
    saved, why = page.locator("[data-saved]"), line(page, "not_met_why").locator("textarea")
    line(page, "met").locator(".picks label").nth(1).click()
    why.fill("In hospital")
    line(page, "same_premises").locator(".picks label").first.click()
    expect(page.locator("[data-queue]")).to_be_hidden()
    expect(saved).to_contain_text("Saved")

    # Without a network two answers are changed that were saved before; from the office one of them is changed too.
    page.context.set_offline(True)
    why.fill("Moved away")
    line(page, "same_premises").locator(".picks label").nth(1).click()
    expect(page.locator("[data-queue]")).to_contain_text("answers 2")
    office = seats.of("deputy")
    office.goto(f"/reviews/{number}/form/")
    line(office, "not_met_why").locator("textarea").fill("On a journey")
    expect(office.locator("[data-queue]")).to_be_hidden()
    expect(office.locator("[data-saved]")).to_contain_text("Saved")
    page.context.set_offline(False)
    lost = page.locator("[data-lost]")
    expect(lost).to_contain_text("On a journey stands; you had entered Moved away", timeout=20_000)
    expect(why).to_have_value("On a journey")
    expect(line(page, "same_premises").locator("input[value=no]")).to_be_checked()
    expect(page.locator("[data-queue]")).to_be_hidden()
    expect(saved).to_contain_text("Saved")
    page.reload()
    expect(lost).to_contain_text("Moved away")
    expect(line(page, "same_premises").locator("input[value=no]")).to_be_checked()
    lost.get_by_role("button").click()
    expect(lost).to_be_hidden()

    # A server that fails is no missing network.
    page.route("**/form/save/", lambda route: route.fulfill(status=500, body="?"))
    why.fill("Moved")
    expect(saved).to_contain_text("The server has a problem (500)")
    page.get_by_role("button", name="Finish").click()
    expect(page.locator("[data-queue]")).not_to_contain_text("Finishing needs a network")
    page.unroute("**/form/save/")
    expect(saved).to_contain_text("Saved", timeout=20_000)

    # It is given to somebody else while the phone is away: the page says what lies there, until it is removed.
    page.context.set_offline(True)
    why.fill("Moved to Yiwu")
    photos = str(page.locator("[data-q]:has(input[capture])").first.get_attribute("data-q"))
    take(page, photos, photo(21, 0.1))
    expect(page.locator("[data-queue]")).to_contain_text("files 1")
    desk = seats.of("manager")
    desk.goto(f"/reviews/{number}/")
    desk.locator("select[name=owner]").select_option(label="Xie Hong")
    desk.get_by_role("button", name="Assign").click()
    expect(desk.locator("dl.dl").first).to_contain_text("Xie Hong")
    page.context.set_offline(False)
    expect(page.locator("[data-queue]")).to_contain_text("refused: 1", timeout=20_000)
    page.reload()
    left = page.locator("[data-left]")
    expect(left).to_contain_text("IMG_21.jpg: It is with Xie Hong")
    expect(left).to_contain_text("answers: 1")
    left.get_by_role("button").click()
    until(page, ON_THE_DEVICE, [0, 0])

    # Who leaves takes their own along, and not what waits for others.
    page.evaluate("sheetStore.keepPiece({uid: sheetStore.uid(), user: -1, sheet: 1, blob: new Blob(['x'])})")
    told: list[str] = []

    def read(dialog: Dialog) -> None:
        told.append(dialog.message)
        dialog.accept()

    page.once("dialog", read)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/")
    assert "1 answers and files of other people" in told[0]
    until(page, ON_THE_DEVICE, [0, 1])
    refused = {trouble.split(":")[0] for trouble in watch.troubles}
    assert refused == {"409", "422", "500"}
    watch.troubles.clear()
