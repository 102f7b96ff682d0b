"""Reminders before the due date: who is reminded and when, once; what the gate refuses; what was paid meanwhile is not asked for."""

from __future__ import annotations

import datetime as dt
import shutil
from typing import TYPE_CHECKING, Any, Final

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from daihou.book.home import open_home
from daihou.desk.contacts import circumstances, points, reminding
from daihou.desk.contacts.choices import Reminded, State
from daihou.desk.contacts.models import Contact, Reminder
from daihou.desk.contacts.troubles import Trouble
from daihou.desk.people.roles import Role
from daihou.runs.log.door import Door
from daihou.vault.person import PersonRecord
from desk.alerts.hands import browser
from desk.conftest import user
from desk.contacts import posts
from desk.contacts.dues import NEXT, built, who
from desk.contacts.posts import MORNING, put, work

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.desk.contacts.gateway.behaviour import Book

pytestmark = pytest.mark.django_db
_english, gate = posts._english, posts.gate
DAY: Final = dt.timedelta(days=1)
PAGE: Final = "/contacts/reminders/"


@pytest.fixture(autouse=True)
def _book(settings: Any, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    settings.HOME = open_home(shutil.copytree(built(tmp_path_factory).path, tmp_path / "home"), {})
    for number, loan in enumerate(NEXT):
        if loan != "unknown":
            put(who(loan), PersonRecord(name="李娜", phones=(f"1380013{number:04}",), language="en"))


def planned() -> dict[str, str]:
    """What became of each reminder, by loan and step."""
    return {f"{one.loan_id} {one.step}": f"{one.group} {one.state}" for one in Reminder.objects.order_by("loan_id")}


def paid(number: str, loan: str, amount: str, **more: str) -> None:
    """A payment that comes by the log."""
    row = {"payment_id": number, "loan_id": loan, "paid_on": "2026-03-17", "amount": amount} | more
    assert Door(settings_home()).take("payments", [row], "api:test", MORNING).accepted == 1


def settings_home() -> Any:
    """The home of the test."""
    return settings.HOME


def test_each_group_is_reminded_on_its_days_and_whoever_pays_early_or_is_behind_is_left_alone(gate: Book) -> None:
    reminding.plan(MORNING)
    assert planned() == {
        "missed 3": "missed_before posted", "new 3": "first_payments posted", "opted 1": "others posted", "steady 1": "others posted",
        "unknown 1": "others no_point",
    }  # fmt: skip
    steady = Reminder.objects.get(loan_id="steady")
    assert (steady.amount, steady.currency, steady.due_on, steady.org_id, steady.officer_id) == (
        10_500,
        "CNY",
        NEXT["steady"],
        "X1",
        "M7",
    )
    assert steady.contact is not None
    assert (steady.contact.purpose, steady.contact.case_id, steady.contact.template) == ("remind", None, "pre_due")


def test_looked_at_again_nobody_is_reminded_twice_and_two_days_later_those_whose_turn_it_is(gate: Book) -> None:
    reminding.plan(MORNING)
    assert not reminding.plan(MORNING + dt.timedelta(minutes=5)).counts
    assert Contact.objects.count() == 4
    reminding.plan(MORNING + 2 * DAY)
    assert {key: told for key, told in planned().items() if key in ("missed 1", "new 1", "soon 1")} == {
        "missed 1": "missed_before posted", "new 1": "first_payments posted", "soon 1": "others posted",
    }  # fmt: skip


def test_without_a_channel_nothing_is_planned() -> None:
    assert not reminding.plan(MORNING).counts
    assert not Reminder.objects.exists()


def test_by_data_that_are_too_old_nobody_is_reminded(gate: Book) -> None:
    assert not reminding.plan(MORNING + 3 * DAY).counts


def test_who_opted_out_is_refused_and_the_rule_is_told(gate: Book) -> None:
    entry = circumstances.Entry(who("opted"), "opt_out", "Said so on the phone.", MORNING - DAY, channel="sms")
    circumstances.enter(entry, None, MORNING - DAY)
    reminding.plan(MORNING)
    one = Reminder.objects.get(loan_id="opted")
    assert (one.state, one.rule != "", one.contact) == (Reminded.REFUSED, True, None)
    reminding.plan(MORNING + dt.timedelta(hours=1))
    assert Reminder.objects.filter(loan_id="opted").count() == 1


def test_planned_at_night_it_leaves_in_the_morning_and_says_what_is_due(gate: Book) -> None:
    night = MORNING.replace(hour=1)
    reminding.plan(night)
    work(night)
    assert not gate.given
    work(MORNING)
    assert sum("CNY 105.00 falls due on 18 March 2026" in one["text"] for one in gate.given) == 2
    assert len(gate.given) == 4


def test_what_was_paid_meanwhile_is_not_asked_for_though_the_payment_is_in_the_log_alone(gate: Book) -> None:
    reminding.plan(MORNING)
    paid("N1", "steady", "105.00")
    paid("N2", "opted", "40.00")
    paid("N3", "new", "105.00")
    paid("N3R", "new", "105.00", reverses="N3")
    work(MORNING)
    steady = Contact.objects.get(reminder__loan_id="steady")
    assert (steady.state, steady.trouble) == (State.DROPPED, Trouble.UNTRUE)
    texts = [one["text"] for one in gate.given]
    assert sum("CNY 65.00 falls due on 18 March 2026" in one for one in texts) == 1
    assert sum("CNY 105.00 falls due on 20 March 2026" in one for one in texts) == 2
    assert len(texts) == 3


def test_a_number_that_reaches_nobody_is_no_way_to_remind(gate: Book) -> None:
    (shown,) = [one for one in points.of(who("steady"), MORNING) if one.point.kind == "phone"]
    points.mark(shown.point, "invalid", MORNING, None)
    reminding.plan(MORNING)
    assert planned()["steady 1"] == "others no_point"


def test_no_due_date_is_reminded_of_more_often_than_the_policy_says(gate: Book) -> None:
    (settings_home().path / "policies").mkdir(exist_ok=True)
    own = """
policy: reminders
versions:
  - from: 1900-01-01
    owner: Test
    values:
      at: "10:00"
      oldest_data_days: 9
      most_per_due: 1
      early_share: 1
      early_dues: 99
      groups:
        - {code: all, en: All, zh: 全部, products: [], asset_classes: [], first_dues: null, missed_least: null, steps: [
            {days_before: 3, channels: [sms], template: pre_due}, {days_before: 1, channels: [sms], template: pre_due}]}
"""
    (settings_home().path / "policies" / "reminders.yaml").write_text(own, "utf-8")
    reminding.plan(MORNING)
    reminding.plan(MORNING + 2 * DAY)
    assert {key for key in planned() if key.startswith("new")} == {"new 3"}


def test_the_page_tells_figures_by_day_what_became_of_each_and_why(gate: Book) -> None:
    now = timezone.now()
    reminding.plan(MORNING)
    paid("N1", "steady", "105.00")
    work(MORNING)
    Reminder.objects.update(planned_at=now)
    shown = browser(user("manager", (Role.MANAGER, "X1"), language="en")).get(PAGE)
    assert shown.status_code == 200
    page = shown.content.decode()
    assert "李*" in page
    assert "What it says was no longer so." in page
    assert "No number or address to write to" in page
    counts = shown.context["days"][0].counts
    assert counts == {"all": 5, "waiting": 0, "left": 3, "paid": 1, "lost": 0, "refused": 0, "no_point": 1}
    only = browser(user("other", (Role.MANAGER, "X1"), language="en")).get(f"{PAGE}?state=no_point")
    assert [row[0].loan_id for row in only.context["rows"]] == ["unknown"]


def test_reminders_out_of_reach_are_not_shown_and_the_page_says_so(gate: Book) -> None:
    reminding.plan(MORNING)
    Reminder.objects.update(planned_at=timezone.now())
    page = browser(user("manager", (Role.MANAGER, "X2"), language="en")).get(PAGE).content.decode()
    assert "Nobody was reminded" in page
    assert "steady" not in page


def test_the_page_asks_no_more_of_many_than_of_few(gate: Book) -> None:
    reminding.plan(MORNING)
    Reminder.objects.update(planned_at=timezone.now())
    mine = browser(user("manager", (Role.MANAGER, "X1"), language="en"))

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert mine.get(PAGE).status_code == 200
        return len(queries)

    asked()
    few = asked()
    for number in range(30):
        Reminder.objects.create(
            loan_id=f"M{number}", due_on=NEXT["new"], step=1, borrower_id=f"C{number}", org_id="X1", group="others", amount=1, currency="CNY",
            state=Reminded.REFUSED, planned_on=NEXT["new"], planned_at=timezone.now(),
        )  # fmt: skip
    assert asked() == few
