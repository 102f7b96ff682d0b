"""Who is told of a case: its new owner, who manages it, who approves, who drafted; never who did it, and nothing that is settled."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone, translation

from daihou.desk.casework import complaining, transitions
from daihou.desk.casework.choices import ComplaintState
from daihou.desk.notices.models import Notice
from daihou.desk.notices.wording import sentence
from desk.alerts.hands import asked
from desk.casework.made import case, crew

if TYPE_CHECKING:
    from daihou.desk.people.models import User


@pytest.fixture
def people(db: None) -> dict[str, User]:
    """Who works on the cases of branch X1."""
    return crew()


def told(user: User) -> list[str]:
    """What somebody is still to read, in Chinese."""
    with translation.override("zh-hans"):
        unread = Notice.objects.filter(recipient=user, seen_at=None, withdrawn_at=None).order_by("pk")
        return [sentence(notice) for notice in unread]


def test_who_is_given_a_case_is_told_and_no_longer_once_another_has_it(people: dict[str, User]) -> None:
    first, second, boss = people["sun"], people["li"], people["he"]
    made = transitions.assign(given := case(), given.revision, first, "请跟进", asked(boss))
    assert told(first) == [f"催收案件 {made.number} 已分派给您。"]
    transitions.assign(made, made.revision, second, "请跟进", asked(boss))
    assert told(first) == []
    assert len(told(second)) == 1
    assert told(boss) == []


def test_a_case_handed_up_is_told_to_who_manages_it(people: dict[str, User]) -> None:
    made = case(owner=people["sun"])
    transitions.hand_up(made, made.revision, "客户要求领导出面", asked(people["sun"]))
    assert told(people["he"]) == [f"催收案件 {made.number} 已移交主管，请处理。"]
    assert told(people["sun"]) == []


def test_a_complaint_is_told_to_its_owner_and_taken_back_once_it_is_answered(people: dict[str, User]) -> None:
    made, sun, boss = case(), people["sun"], people["he"]
    complaint = complaining.enter(
        made, "phone", "来电态度不好", timezone.now() - dt.timedelta(hours=1), None, asked(sun)
    )
    assert len(told(boss)) == 1
    complaining.own(complaint, boss, asked(boss))
    complaint.refresh_from_db()
    assert told(boss) == []  # who took it needs no telling
    complaining.answer(complaint, ComplaintState.REJECTED, "录音核实无不当言行", asked(boss))
    assert told(sun) == []
