"""A customer's own warning level and list, at the desk: who changes it, with a reason, apart from the alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from daihou.desk.alerts.models import Alert, Customer, CustomerMove
from desk.alerts.hands import BRANCH, browser, hands
from desk.alerts.made import alert as made

if TYPE_CHECKING:
    from daihou.desk.people.models import User


@pytest.fixture
def staff(db: None) -> dict[str, User]:
    return hands()


@pytest.fixture
def one(db: None) -> Alert:
    return made("ZZ-C1", org_id=BRANCH, officer_id="W01")


def change(of: User, one: Alert, revision: int, level: str, listing: str, **more: Any) -> Any:
    values = {
        "revision": revision,
        "level": level,
        "listing": listing,
        "note": "Decided today.",
        "alert": one.pk,
        **more,
    }
    return browser(of).post(f"/alerts/customers/{one.borrower_id}/", values)


def test_an_officer_lists_a_customer_and_the_alert_stays_as_it_is(staff: dict[str, User], one: Alert) -> None:
    response = change(staff["wang"], one, 0, "red", "watch")
    assert (response.status_code, response["Location"]) == (302, f"/alerts/{one.pk}/#customer")
    customer = Customer.objects.get()
    assert (customer.level, customer.listing, customer.changed_by) == ("red", "watch", staff["wang"])
    before = one.revision
    one.refresh_from_db()
    assert (one.level, one.revision) == ("orange", before)
    shown = browser(staff["wang"]).get(f"/alerts/{one.pk}/").content.decode()
    assert "Watch list" in shown
    assert "Decided today." in shown


def test_an_officer_does_not_lower_and_a_reviewer_does(staff: dict[str, User], one: Alert) -> None:
    change(staff["wang"], one, 0, "red", "exit")
    refused = change(staff["wang"], one, 1, "yellow", "exit")
    assert refused.status_code == 422
    assert "who confirms alerts" in refused.content.decode()
    assert "Decided today." in refused.content.decode()
    assert change(staff["sun"], one, 1, "yellow", "").status_code == 302
    assert [(move.level_after, move.listing_after) for move in CustomerMove.objects.all()] == [
        ("red", "exit"), ("yellow", "")
    ]  # fmt: skip


def test_the_second_of_two_reads_who_was_first(staff: dict[str, User], one: Alert) -> None:
    change(staff["wang"], one, 0, "orange", "")
    response = change(staff["he"], one, 0, "red", "watch")
    assert response.status_code == 409
    assert "<b>Wang</b> Orange" in response.content.decode()
    assert CustomerMove.objects.count() == 1


def test_a_reason_is_needed_and_unknown_values_are_refused(staff: dict[str, User], one: Alert) -> None:
    assert change(staff["wang"], one, 0, "red", "watch", note="").status_code == 422
    assert change(staff["wang"], one, 0, "purple", "watch").status_code == 422
    assert change(staff["wang"], one, 0, "", "").status_code == 422
    assert not Customer.objects.exists()


def test_a_customer_out_of_reach_or_unknown_is_not_there(staff: dict[str, User], one: Alert) -> None:
    assert change(staff["far"], one, 0, "red", "").status_code == 404
    assert browser(staff["wang"]).post("/alerts/customers/ZZ-nobody/", {"revision": 0}).status_code == 404
    assert change(staff["wu"], one, 0, "red", "").status_code == 422


def test_what_may_not_be_chosen_is_disabled(staff: dict[str, User], one: Alert) -> None:
    change(staff["wang"], one, 0, "orange", "watch")
    officer = browser(staff["wang"]).get(f"/alerts/{one.pk}/").content.decode().split('id="customer-level"')[1]
    assert '<option value="yellow" disabled>' in officer
    assert '<option value="red">' in officer
    reviewer = browser(staff["sun"]).get(f"/alerts/{one.pk}/").content.decode().split('id="customer-level"')[1]
    assert '<option value="yellow">' in reviewer
    assert "Change level or list" not in browser(staff["wu"]).get(f"/alerts/{one.pk}/").content.decode()
