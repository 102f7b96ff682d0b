"""What is typed into a report stays until somebody took it: when a sign-in ended, an answer was lost, somebody else was first. Of the desk the script alone is here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

import daihou.desk
from journeys.browser import launched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Dialog, Page, Route

SCRIPT = Path(daihou.desk.__file__).parent / "static" / "desk" / "report.js"
PAGE = """<!doctype html><form id="writing" method="post" action="/save/" data-type="/type/" data-lost="no network" data-failed="no answer" data-out="signed out">
<input name="revision" value="1"><p data-said>Saved</p><textarea name="risk"></textarea><button>Save</button></form><script src="/report.js"></script>"""


class Server:
    """Answers the page as told, and keeps what was sent."""

    def __init__(self, page: Page) -> None:
        self.answers: list[dict[str, Any] | None] = []
        self.typed: list[str] = []
        self.saved: list[str] = []
        page.route("**/*", self.answer)

    def answer(self, route: Route) -> None:
        address, sent = route.request.url, (route.request.post_data_buffer or b"").decode()
        if address.endswith("/report.js"):
            route.fulfill(body=SCRIPT.read_text("utf-8"), content_type="text/javascript")
        elif address.endswith("/type/"):
            self.typed.append(sent)
            told = self.answers.pop(0) if self.answers else {"json": {"revision": 7, "said": "Kept"}}
            if told is None:
                route.abort()
            else:
                route.fulfill(**told)
        elif address.endswith("/save/"):
            self.saved.append(sent)
            route.fulfill(body="done", content_type="text/html")
        else:
            route.fulfill(body=PAGE, content_type="text/html")


@pytest.fixture
def page(chromium: str) -> Iterator[Page]:
    with launched(chromium) as browser:
        yield browser.new_page()


def test_what_is_typed_is_kept_before_the_page_is_left(page: Page) -> None:
    server = Server(page)
    page.goto("http://desk.test/")
    page.locator("textarea").fill("debts")
    page.get_by_role("button").click()
    page.wait_for_url("**/save/")
    assert len(server.typed) == 1
    assert "revision=7&risk=debts" in server.saved[0], "with the revision of what was kept just before"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"status": 302, "headers": {"location": "/sign-in/"}}, "signed out"),
        ({"status": 403, "body": "<html>"}, "signed out"),
        ({"status": 500, "body": "<html>"}, "no answer"),
        (None, "no network"),
    ],
)
def test_where_nobody_takes_it_the_page_stays_and_says_why(
    page: Page, answer: dict[str, Any] | None, said: str
) -> None:
    server = Server(page)
    server.answers = [answer] * 2
    page.goto("http://desk.test/")
    page.locator("textarea").fill("debts")
    expect(page.locator("[data-said]")).to_have_text(said)
    page.get_by_role("button").click()
    expect(page.locator("[data-said]")).to_have_text(said)
    assert not server.saved
    asked: list[str] = []

    def accept(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", accept)
    page.goto("http://desk.test/other/")
    assert asked == ["beforeunload"], "who leaves is warned"


def test_a_lost_answer_is_told_under_the_same_id_and_the_next_under_another(page: Page) -> None:
    server = Server(page)
    server.answers = [None]
    page.goto("http://desk.test/")
    page.locator("textarea").fill("debts")
    expect(page.locator("[data-said]")).to_have_text("no network")
    page.locator("textarea").fill("debts rise")
    expect(page.locator("[data-said]")).to_have_text("Kept")
    page.locator("textarea").fill("debts rise more")
    page.get_by_role("button").click()
    page.wait_for_url("**/save/")
    ids = [sent.split('name="uid"')[1].split("\r\n")[2] for sent in server.typed]
    assert ids[0] == ids[1] != ids[2]


def test_after_somebody_else_the_page_warns_and_goes_to_show_both(page: Page) -> None:
    server = Server(page)
    server.answers = [{"status": 409, "json": {"trouble": "Somebody else"}}] * 2
    page.goto("http://desk.test/")
    page.locator("textarea").fill("debts")
    expect(page.locator("[data-said]")).to_have_text("Somebody else")
    page.get_by_role("button").click()
    page.wait_for_url("**/save/")
    assert "revision=1&risk=debts" in server.saved[0], "it still shows what it had seen"
