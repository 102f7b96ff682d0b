"""A program is let in: the administrator enters it, makes a token, and the core system sends a payment with it; suspended, it sends nothing more."""

from __future__ import annotations

import http.client
import json
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from playwright.sync_api import expect

if TYPE_CHECKING:
    from journeys.browser import Seats
    from journeys.desk import Desk


def sent(desk: Desk, token: str, row: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """The answer to a payment that is sent by HTTP."""
    head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with closing(http.client.HTTPConnection(urlsplit(desk.address).netloc, timeout=30)) as connection:
        connection.request("POST", "/api/v1/facts/payments", json.dumps(row), head)
        with connection.getresponse() as answer:
            told: dict[str, Any] = json.loads(answer.read())
            return answer.status, told


def test_a_program_gets_a_token_sends_a_payment_and_is_suspended(desk: Desk, seats: Seats) -> None:
    page = seats.of("administrator")
    page.goto("/programs/")
    page.get_by_role("link", name="Enter a program").first.click()
    page.get_by_label("Code").fill("core")
    page.get_by_label("Name", exact=False).first.fill("Core system")
    page.locator("input[name=scopes][value='facts:write']").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Core system")).to_be_visible()
    expect(page.get_by_role("navigation", name="Main menu").get_by_role("link", name="Programs")).to_have_attribute(
        "aria-current", "page"
    )
    address = page.url
    page.get_by_role("button", name="Make a token").click()
    token = page.locator("[data-secret]").first.inner_text().strip()

    row = {"payment_id": "JOURNEY-1", "loan_id": "L-NOBODY", "paid_on": "2026-01-05", "amount": "12.50"}
    status, told = sent(desk, token, row)
    assert (status, told["accepted"]) == (202, 1), told
    status, told = sent(desk, token, {**row, "amount": "much"})
    assert (status, told["errors"][0]["column"]) == (422, "amount")

    page.goto(address)
    expect(page.locator("#tokens")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="In force").first).to_be_visible()
    page.get_by_role("button", name="Suspend the program").click()
    expect(page.get_by_text("Suspended", exact=True)).to_be_visible()
    assert sent(desk, token, {**row, "payment_id": "JOURNEY-2"})[0] == 401
