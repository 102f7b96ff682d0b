"""Rules by what people concluded: counted by hand, and flagged where they miss the promise of their backtest."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from daihou.desk.alerts import learning
from daihou.desk.alerts.choices import Conclusion, Stage
from daihou.desk.alerts.flagging import flag
from daihou.desk.alerts.models import Alert, AlertSignal
from daihou.desk.governance import content, published
from daihou.desk.governance.models import Attachment, Draft, State
from daihou.desk.notices.choices import Kind
from daihou.desk.notices.models import Notice
from desk.alerts.hands import browser, hands, whose
from desk.alerts.made import alert

if TYPE_CHECKING:
    from daihou.desk.people.models import User

HERE = timezone.get_default_timezone()

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, User]:
    return hands()


def decided(borrower_id: str, conclusion: str, **more: Any) -> Alert:
    now = timezone.now()
    values = {
        "conclusion": conclusion,
        "confirmed_at": now,
        "concluded_at": now,
        "stage": Stage.PLAN,
        **whose(),
        **more,
    }
    if conclusion != Conclusion.CONFIRMED:
        values |= {"stage": Stage.CLOSED, "outcome": conclusion}
    return alert(borrower_id, **values)


def promise(people: dict[str, User], share: float, rule_id: str = "R-001", version: int = 1) -> None:
    now = timezone.now()
    rule = published.rule(rule_id)
    assert rule is not None
    text = content.text_of_version(rule, rule.versions[0])
    draft = Draft.objects.create(
        rule_id=rule_id, number=version, text=text, state=State.PUBLISHED, author=people["an"], created=now, changed=now
    )
    result = {
        "job": 7,
        "found": {"results": [{"rules": [{"rule": rule_id, "version": version, "result": {"precision": share}}]}]},
    }
    Attachment.objects.create(
        draft=draft, kind=Attachment.Kind.BACKTEST, result=result, at=now, actor=people["an"], judged="x"
    )


def test_right_and_wrong_are_what_was_decided_and_the_rest_stands_apart(people: dict[str, User]) -> None:
    for number in range(3):
        decided(f"R{number}", Conclusion.CONFIRMED)
    decided("W", Conclusion.FALSE_ALARM)
    decided("D", Conclusion.DUPLICATE)
    decided("E", Conclusion.DATA_ERROR)
    alert("OPEN", **whose())
    alert("CHECKED", conclusion=Conclusion.CONFIRMED, concluded_at=timezone.now(), stage=Stage.CONFIRM, **whose())
    (one,) = learning.records(Alert.objects.all(), timezone.now())
    assert (one.rule_id, one.version, one.live.right, one.live.wrong) == ("R-001", 1, 3, 1)
    assert (one.duplicates, one.data_errors, one.open, one.verdict) == (1, 1, 2, "few")
    assert learning.overall(Alert.objects.all(), timezone.now()).share == 0.75


def test_an_alert_labels_each_of_its_rules_once(people: dict[str, User]) -> None:
    made = decided("C1", Conclusion.CONFIRMED, signals=2)
    AlertSignal.objects.create(
        alert=made,
        signal_id=24 * "f",
        rule_id="R-002",
        version=3,
        subject="loan",
        subject_id="L1",
        level="red",
        opened_on=made.raised_on,
    )
    found = {
        (one.rule_id, one.version): one.live.right for one in learning.records(Alert.objects.all(), timezone.now())
    }
    assert found == {("R-001", 1): 1, ("R-002", 3): 1}


def test_what_was_decided_long_ago_no_longer_counts(people: dict[str, User]) -> None:
    decided("C1", Conclusion.FALSE_ALARM, confirmed_at=timezone.now() - dt.timedelta(days=91))
    decided("C2", Conclusion.FALSE_ALARM, confirmed_at=timezone.now() - dt.timedelta(days=89))
    (one,) = learning.records(Alert.objects.all(), timezone.now())
    assert one.live.wrong == 1


def test_handling_time_is_the_median_of_work_days(people: dict[str, User]) -> None:
    friday = dt.datetime(2026, 3, 6, 9, tzinfo=HERE)
    for number, days in enumerate((0, 3, 10)):  # Friday, Monday, Monday after: 0, 1, 6 work days
        decided(f"C{number}", Conclusion.CONFIRMED, raised_at=friday, concluded_at=friday + dt.timedelta(days=days))
    (one,) = learning.records(Alert.objects.all(), timezone.now())
    assert one.work_days == 1


def test_a_rule_below_its_promise_is_flagged_on_its_page_with_a_proposal(people: dict[str, User]) -> None:
    for number in range(20):
        decided(f"C{number}", Conclusion.CONFIRMED if number < 4 else Conclusion.FALSE_ALARM)
    promise(people, 0.63)
    (one,) = learning.records(Alert.objects.all(), timezone.now())
    assert (one.verdict, one.decayed, one.promise and one.promise.precision) == ("decayed", True, 0.63)
    page = browser(people["an"]).get("/rules/R-001/").content.decode()
    assert "People confirm fewer of its alerts than its backtest promised" in page
    assert "/rules/R-001/suggest" in page
    listed = browser(people["an"]).get("/alerts/rules/").content.decode()
    assert "Decayed" in listed
    assert "63.0%" in listed


def test_a_branch_sees_how_rules_fare_among_its_own_alerts(people: dict[str, User]) -> None:
    decided("C1", Conclusion.CONFIRMED)
    decided("C2", Conclusion.FALSE_ALARM, **{**whose(), "org_id": "X2", "officer_id": "F01"})
    page = browser(people["he"]).get("/alerts/rules/")
    assert page.context["overall"].judged == 1
    assert browser(people["wu"]).get("/alerts/rules/").context["overall"].judged == 2


def test_without_conclusions_the_page_says_what_will_fill_it(people: dict[str, User]) -> None:
    assert "No alert yet" in browser(people["an"]).get("/alerts/rules/").content.decode()


def test_a_decayed_rule_is_told_to_who_writes_rules_once_a_month(people: dict[str, User]) -> None:
    now = timezone.now()
    assert flag(now) == 0
    for number in range(20):
        decided(f"C{number}", Conclusion.CONFIRMED if number < 4 else Conclusion.FALSE_ALARM)
    promise(people, 0.63)
    assert flag(now) == 1
    assert flag(now) == 1
    (notice,) = Notice.objects.filter(kind=Kind.RULE_DECAYED)
    assert (notice.recipient, notice.path) == (people["an"], "/rules/R-001/")
    flag(now + dt.timedelta(days=32))
    assert Notice.objects.filter(kind=Kind.RULE_DECAYED).count() == 2
