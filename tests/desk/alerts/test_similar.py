"""Past alerts of the same rule: counted within reach, with how they ended, how long they took, and whether a default came after."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from django.conf import settings
from django.utils import timezone, translation

from daihou.desk.alerts.choices import Act, Outcome, Stage
from daihou.desk.alerts.models import Alert, Move
from daihou.desk.alerts.page import newest
from daihou.desk.alerts.similar import _within, similar
from daihou.runs import store
from desk.alerts.hands import BRANCH, asked, hands
from desk.alerts.made import alert as made

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daihou.desk.people.models import User

ON = dt.date(2026, 3, 31)


@pytest.fixture
def staff(db: None) -> Iterator[dict[str, User]]:
    with translation.override("en"):
        yield hands()


def alert(borrower_id: str = "C1", **values: Any) -> Alert:
    return made(borrower_id, **({"org_id": BRANCH, "officer_id": "W01"} | values))


def closed(borrower_id: str, outcome: str, *, days_ago: int = 10, took_days: int = 14, **values: Any) -> Alert:
    """An alert closed so many days ago, after so many days."""
    ended = timezone.now() - dt.timedelta(days=days_ago)
    one = alert(
        borrower_id,
        stage=Stage.CLOSED,
        outcome=outcome,
        closed_at=ended,
        raised_at=ended - dt.timedelta(days=took_days),
        signals=0,
        **values,
    )
    Move.objects.create(
        alert=one,
        at=ended,
        act=Act.APPROVE_LIFT,
        stage_before="lift",
        stage_after="closed",
        level_after=one.level,
        note=f"Why {borrower_id} ended.",
    )
    return one


def test_how_they_ended_is_counted_and_shared(staff: dict[str, User]) -> None:
    for place, outcome in enumerate(["lifted", "lifted", "lifted", "false_alarm", "duplicate", "data_error"]):
        closed(f"P{place}", outcome)
    found = similar(alert(), asked(staff["wang"]), None)
    assert found.count == 6
    assert {outcome: n for outcome, _, n in found.outcomes} == {
        Outcome.LIFTED: 3, Outcome.FALSE_ALARM: 1, Outcome.DUPLICATE: 1, Outcome.DATA_ERROR: 1,
    }  # fmt: skip
    assert found.confirmed_share == 0.75
    assert sum(wide for _, _, wide in found.bars) == pytest.approx(100)
    assert [past.note for past in found.rows if past.alert.borrower_id == "P4"] == ["Why P4 ended."]


def test_the_same_borrower_comes_first_and_is_marked(staff: dict[str, User]) -> None:
    closed("C1", "lifted", days_ago=300)
    closed("P1", "lifted", days_ago=1)
    found = similar(alert("C1"), asked(staff["wang"]), None)
    assert [(past.alert.borrower_id, past.own) for past in found.rows] == [("C1", True), ("P1", False)]


def test_other_rules_open_ones_and_those_closed_long_ago_are_not_similar(staff: dict[str, User]) -> None:
    closed("P1", "lifted", rule_id="R-002")
    closed("P2", "lifted", days_ago=760)
    alert("P3")
    found = similar(alert(), asked(staff["wang"]), None)
    assert (found.count, found.confirmed_share, found.work_days) == (0, None, None)


def test_what_is_beyond_reach_is_not_counted(staff: dict[str, User]) -> None:
    closed("P1", "lifted")
    closed("P2", "lifted", officer_id="L01")
    closed("P3", "lifted", org_id="X2", officer_id="F01")
    one = alert()
    assert {who: similar(one, asked(staff[who]), None).count for who in ("wang", "he", "wu")} == {
        "wang": 1,
        "he": 2,
        "wu": 3,
    }


def test_one_raised_by_hand_is_like_those_by_hand_on_its_topic(staff: dict[str, User]) -> None:
    closed("P1", "lifted", rule_id="", topic="terms", source="hand")
    closed("P2", "lifted", rule_id="", topic="market", source="hand")
    closed("P3", "lifted", topic="terms")
    found = similar(alert(rule_id="", topic="terms", source="hand"), asked(staff["wang"]), None)
    assert [past.alert.borrower_id for past in found.rows] == ["P1"]


def test_what_they_took_is_told_in_work_days(staff: dict[str, User]) -> None:
    closed("P1", "lifted", took_days=0)
    closed("P2", "lifted", took_days=14)
    closed("P3", "lifted", took_days=28)
    found = similar(alert(), asked(staff["wang"]), None)
    took = {past.alert.borrower_id: past.work_days for past in found.rows}
    assert took["P1"] == 0
    assert 5 <= took["P2"] <= 11
    assert found.work_days == took["P2"]


def test_a_default_counts_within_ninety_days_once_they_are_over() -> None:
    later, newest = dt.timedelta(days=1), ON + dt.timedelta(days=120)
    assert _within([ON + 30 * later], ON, newest, 90, 90) is True
    assert _within([ON + 90 * later], ON, newest, 90, 90) is True
    assert _within([ON + 91 * later], ON, newest, 90, 90) is False
    assert _within([], ON, newest, 90, 90) is False
    assert _within([], ON, ON + 60 * later, 90, 90) is None
    assert _within([ON, ON + 30 * later], ON, newest, 90, 90) is None


def test_defaults_after_them_are_those_of_the_book(cast: dict[str, User], book: list[tuple[dt.date, dt.date]]) -> None:

    on = book[2][0]
    frames = [pl.DataFrame(pl.from_arrow(store.read(settings.HOME, "borrower_snapshots", *pair))) for pair in book]
    bad = [set(frame.filter(pl.col("worst_dpd") > 90)["borrower_id"]) for frame in frames]
    until = on + dt.timedelta(days=90)
    after = set[str]().union(*(ids for (day, _), ids in zip(book, bad, strict=True) if on < day <= until))
    before = set[str]().union(*(ids for (day, _), ids in zip(book, bad, strict=True) if day <= on))
    some = [*sorted(after - before)[:3], *sorted(set(frames[0]["borrower_id"]) - after - before)[:3]]
    for borrower_id in some:
        closed(borrower_id, "lifted", rule_id="R-003", raised_on=on)
    found = similar(alert("C1", rule_id="R-003"), asked(cast["manager"]), newest())
    assert {past.alert.borrower_id: past.defaulted for past in found.rows} == {one: one in after for one in some}
    assert (found.judged, found.defaulted) == (len(some), sum(one in after for one in some))
