"""What the gate says besides yes and no: texts, sources, zones, versions, and that it never opens where it knows too little."""

from __future__ import annotations

import datetime as dt
import sys
import zoneinfo
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from daihou.collection.conduct.contact import Standing
from daihou.collection.conduct.gate import allows, decide
from daihou.collection.conduct.history import History
from laws.conduct_known import CN, HOUSE, US, circumstance, past, policy, proposal

if TYPE_CHECKING:
    from types import FrameType

BEIJING = zoneinfo.ZoneInfo("Asia/Shanghai")
NOON = dt.datetime(2026, 11, 28, 12, tzinfo=BEIJING)


def test_a_refusal_names_article_number_and_hour_in_both_languages() -> None:
    said = decide(
        [CN], proposal(NOON), [past(NOON - dt.timedelta(hours=n), "conversation") for n in (1, 2, 3)], Standing()
    )
    (refusal,) = said.refusals
    assert (refusal.policy, refusal.rule, refusal.citation) == ("conduct_cn", "effective_calls", "GB/T 45251-2025")
    assert "At most 3 calls a day" in refusal.en
    assert "3次" in refusal.zh
    assert refusal.until == dt.datetime(2026, 11, 29, tzinfo=BEIJING)
    assert said.earliest == dt.datetime(2026, 11, 29, 8, tzinfo=BEIJING)  # the new day opens at eight


def test_the_most_lasting_refusal_is_told_first() -> None:
    late = NOON.replace(hour=23)
    held = (circumstance("bankruptcy", NOON), circumstance("hardship", NOON))
    said = decide([CN, HOUSE], proposal(late), (), Standing((), held))
    assert [each.rule for each in said.refusals] == ["bankrupt", "bankrupt", "hardship", "hours"]
    assert said.earliest is None


@pytest.mark.parametrize("zones", [(), ("Nowhere/Known",)])
def test_where_the_place_is_unknown_all_places_of_the_policy_count(zones: tuple[str, ...]) -> None:
    eight_in_new_york = dt.datetime(2026, 6, 8, 12, 30, tzinfo=dt.UTC)
    asked = proposal(eight_in_new_york, agency="A")
    assert decide([US], asked, (), Standing(("America/New_York",))).allowed
    said = decide([US], asked, (), Standing(zones))
    assert [each.rule for each in said.refusals] == ["hours"]
    assert said.earliest == dt.datetime(2026, 6, 8, 18, tzinfo=dt.UTC)  # eight in Honolulu


def test_the_version_of_the_day_asked_about_decides() -> None:
    visit = proposal(NOON.replace(month=1, day=30), channel="visit")
    assert decide([CN], visit, (), Standing()).allowed
    assert not decide([CN], replace(visit, at=NOON.replace(month=1, day=31)), (), Standing()).allowed


def test_a_rule_that_the_next_version_drops_lasts_until_it_begins() -> None:
    old = policy("[{kind: content, allowed: [], limited: false}]")
    new = policy("[{kind: content, allowed: [collect], limited: false}]")
    both = replace(old, versions=(*old.versions, replace(new.versions[0], from_on=dt.date(2026, 12, 1))))
    said = decide([both], proposal(NOON), (), Standing())
    assert said.earliest == said.refusals[0].until == dt.datetime(2026, 12, 1, tzinfo=BEIJING)


def test_what_no_passing_of_time_helps_has_no_earliest_moment() -> None:
    always = circumstance("inconvenient", NOON, hours=(dt.time(8), dt.time(22)))
    said = decide([CN, HOUSE], proposal(NOON), (), Standing((), (always,)))
    assert said.refusals[0].until == NOON.replace(hour=22)  # each rule by itself would open
    assert said.earliest is None


def test_others_may_be_spoken_to_without_a_word_of_the_debt_only_and_the_answer_says_so() -> None:
    failed = [past(NOON - dt.timedelta(hours=n), "no_answer") for n in (1, 2, 3)]
    asked = proposal(NOON, person_id="Q", party="unrelated", purpose="locate", limited=True)
    said = decide([CN], asked, failed, Standing())
    assert said.allowed
    assert said.limited
    assert not decide([CN], proposal(NOON), (), Standing()).limited


def test_a_number_left_open_may_be_one_that_was_given_up() -> None:
    given_up = circumstance("opt_out", NOON, point="n1")
    standing = Standing((), (given_up,))
    assert not allows([CN, HOUSE], proposal(NOON, point=""), (), standing)
    assert allows([CN, HOUSE], proposal(NOON, point="n2"), (), standing)
    assert allows([CN, HOUSE], proposal(NOON, point="", channel="letter"), (), standing)


def test_without_policy_zone_or_offset_nothing_is_allowed() -> None:
    with pytest.raises(ValueError, match="without a policy"):
        decide([], proposal(NOON), (), Standing())
    with pytest.raises(ValueError, match="no policy names a zone"):
        decide([HOUSE], proposal(NOON), (), Standing())
    with pytest.raises(ValueError, match="no time zone"):
        decide([CN], proposal(NOON.replace(tzinfo=None)), (), Standing())
    with pytest.raises(ValueError, match="no time zone"):
        decide([CN], proposal(NOON), [past(NOON.replace(tzinfo=None), "busy")], Standing())


def test_a_decision_takes_no_more_steps_with_ten_times_the_past_contacts_sorted_once() -> None:
    def steps(count: int) -> int:
        """Instructions of one decision: a measure that no load of the machine changes."""
        history = History(
            [past(NOON - dt.timedelta(minutes=40 * n), "no_answer", point=f"n{n % 5}") for n in range(count)]
        )
        taken, before = 0, sys.gettrace()

        def traced(frame: FrameType, event: str, _arg: Any) -> Any:
            nonlocal taken
            frame.f_trace_opcodes = True
            taken += event == "opcode"
            return traced

        decide([CN, HOUSE], proposal(NOON), history, Standing())  # what is worked out once
        sys.settrace(traced)
        try:
            decide([CN, HOUSE], proposal(NOON), history, Standing())
        finally:
            sys.settrace(before)
        return taken

    assert steps(10_000) == steps(1_000) > 0
