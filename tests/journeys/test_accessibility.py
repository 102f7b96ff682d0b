"""Every page, in Chinese, light and dark, as axe-core judges it; and on every page nothing went wrong in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from journeys.browser import WIDE
from journeys.desk import TESTS
from journeys.pages import sights

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from journeys.browser import Seats
    from journeys.desk import Desk

AXE = TESTS.parent / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
PARTS = 3
"""In so many tests the pages of who sees the most are looked at."""
GRAVE = ("serious", "critical")
JUDGE = """(only) => axe.run(document, { resultTypes: ["violations"], ...(only ? { runOnly: only } : {}) }).then(({ violations }) =>
  violations.map(({ id, impact, nodes }) => [impact, id, nodes.slice(0, 3).map((node) => node.target.join(" "))]))"""


def findings(page: Page, only: list[str] | None = None) -> list[Any]:
    """What axe finds grave. It is given as text: the page's own policy lets no foreign script in."""
    assert AXE.exists(), "axe-core is not installed: rm -r src/daihou/desk/static/vendor && make assets"
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    return [found for found in page.evaluate(JUDGE, only) if found[0] in GRAVE]


@pytest.mark.parametrize(
    ("who", "part"),
    [
        ("manager", 0),
        ("manager", 1),
        ("manager", 2),
        ("branch", None),
        ("analyst", None),
        ("administrator", None),
        ("auditor", None),
        ("officer", None),
        ("collector", None),
        ("idle", None),
    ],
)
def test_every_page_is_open_to_all(desk: Desk, seats: Seats, who: str, part: int | None) -> None:
    page = seats.of(f"{who}-zh")
    wrong = {}
    for sight in [sight for sight in sights(desk) if sight.who == who][
        slice(part, None, PARTS if part is not None else 1)
    ]:
        page.emulate_media(color_scheme="light")
        sight.visit(page)
        light = findings(page)
        page.emulate_media(color_scheme="dark")
        dark = findings(page, ["color-contrast"])
        if light or dark:
            wrong[sight.name] = [*light, *(("dark", *found) for found in dark)]
    assert wrong == {}


def test_the_page_of_signing_in_is_open_to_all(seats: Seats) -> None:
    for theme in ("light", "dark"):
        page = seats.stranger(WIDE, color_scheme=theme, locale="zh-CN")
        page.goto("/accounts/login/")
        assert findings(page) == []
