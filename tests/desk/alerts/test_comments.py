"""Comments beside an alert: who is mentioned and told, who is not, and what is shown."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from daihou.desk.alerts import mentions
from daihou.desk.alerts.choices import Stage
from daihou.desk.alerts.models import Alert, Move
from daihou.desk.people.models import Absence, User
from daihou.desk.people.roles import Role
from desk.alerts.hands import BRANCH, browser, hands
from desk.alerts.made import alert as made
from desk.conftest import user


@pytest.fixture
def staff(db: None) -> dict[str, User]:
    return hands()


def alert(**values: Any) -> Alert:
    return made("C1", org_id=BRANCH, officer_id="W01", **values)


def say(of: User, one: Alert, text: str) -> Any:
    return browser(of).post(f"/alerts/{one.pk}/comment/", {"text": text}, follow=True)


def names(found: list[User]) -> list[str]:
    return [each.username for each in found]


def test_a_comment_is_kept_and_who_is_mentioned_is_told(staff: dict[str, User]) -> None:
    one = alert()
    response = say(staff["wang"], one, "@he 请看合同，@sun 也请看。")
    move = Move.objects.get(act="comment")
    assert move.detail == {"mentions": [staff["he"].pk, staff["sun"].pk]}
    shown = response.content.decode()
    assert "Said. Told: He, Sun." in shown
    assert '<b class="mention" title="He">@he</b> 请看合同' in shown


def test_a_mention_of_one_without_access_stays_in_the_text_and_the_writer_is_told(staff: dict[str, User]) -> None:
    one = alert()
    shown = say(staff["wang"], one, "@far and @an, have a look; @nobody too").content.decode()
    assert Move.objects.get(act="comment").detail == {"mentions": [staff["an"].pk]}
    assert "Far does not see this alert and is told nothing." in shown
    assert "Nobody at the desk is called @nobody." in shown
    assert "@far and" in shown
    assert 'title="Far"' not in shown


@pytest.mark.parametrize(
    ("text", "told", "unknown"),
    [
        ("@he", ["he"], []),
        ("请@he核实一下", ["he"], []),
        ("ask @he.", ["he"], []),
        ("@he, @he and @he", ["he"], []),
        ("mail he@he.cn or a@sun", [], []),
        ("https://x.cn/@he", [], []),
        ("@hello", [], ["hello"]),
        ("@he_", [], ["he_"]),
        ("@", [], []),
    ],
)
def test_a_name_begins_with_an_at_and_ends_with_the_word(
    text: str, told: list[str], unknown: list[str], staff: dict[str, User]
) -> None:
    found = mentions.mentioned(text, alert())
    assert names(found.told) == told
    assert found.unknown == unknown
    assert len(staff) == 9


def test_of_two_names_the_longer_is_meant(staff: dict[str, User]) -> None:
    user("he.li", (Role.MANAGER, BRANCH), name="He Li")
    user("王敏", (Role.MANAGER, BRANCH), name="Wang Min")
    one = alert()
    assert names(mentions.mentioned("@he.li @王敏请看", one).told) == ["he.li", "王敏"]
    assert names(mentions.mentioned("@he. li", one).told) == ["he"]
    assert len(staff) == 9


def test_who_left_is_nobody(staff: dict[str, User]) -> None:
    User.objects.filter(username="he").update(is_active=False)
    assert mentions.mentioned("@he", alert()).unknown == ["he"]
    assert staff["he"].pk


def test_what_is_said_is_shown_as_text_with_links_that_lead_nowhere_by_themselves(staff: dict[str, User]) -> None:
    shown = str(mentions.shown('<img src=x> "@he"\nhttps://a.cn/?q=<b> javascript:alert(1)', [staff["he"]]))
    assert "<img" not in shown
    assert "&lt;img" in shown
    assert '<b class="mention" title="He">@he</b>' in shown
    assert "<br>" in shown
    assert 'href="https://a.cn/?q=' in shown
    assert 'rel="nofollow"' in shown
    assert 'href="javascript' not in shown


def test_nothing_is_no_comment_and_a_closed_alert_may_still_be_spoken_of(staff: dict[str, User]) -> None:
    one = alert(stage=Stage.CLOSED)
    assert say(staff["wu"], one, "  ").status_code == 422
    assert say(staff["wu"], one, "x" * 4001).status_code == 422
    assert say(staff["far"], one, "Hello").status_code == 404
    assert say(staff["wu"], one, "Why was this closed?").status_code == 200
    assert Move.objects.filter(act="comment").count() == 1


def test_who_sees_the_alert_is_offered_and_nobody_else(staff: dict[str, User]) -> None:
    one = alert(owner=staff["wang"])
    client = browser(staff["he"])

    def offered(said: str) -> list[str]:
        answer = client.get(f"/alerts/{one.pk}/people/", {"q": said})
        assert answer["Content-Type"] == "application/json"
        return [each["value"] for each in answer.json()]

    assert offered("") == ["wang", "an", "he", "qian", "sun", "wu", "zhou"]
    assert offered("WA") == ["wang"]
    assert offered("far") == offered("li") == []
    today = timezone.localdate()
    Absence.objects.create(user=staff["wang"], stand_in=staff["li"], from_on=today, to_on=today, entered_by=staff["he"])
    assert offered("li") == ["li"]
    assert browser(staff["far"]).get(f"/alerts/{one.pk}/people/").status_code == 404
