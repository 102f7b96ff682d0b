"""The gate for columns at its edges: what is asked wrongly, the past in any order, long histories, and days when clocks change."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from daihou.collection.conduct.batch import decide_many
from daihou.collection.conduct.contact import Standing
from laws.conduct_columns import Columns
from laws.conduct_known import CN, HOUSE, US, circumstance, past, policy, proposal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.collection.conduct.batch import Decided
    from daihou.collection.conduct.contact import Past, Proposal

NOON = dt.datetime(2026, 11, 28, 4, tzinfo=dt.UTC)
"""At Beijing."""
HOUR = dt.timedelta(hours=1)
CALLS_A_DAY = "[{kind: count, per: [person], most: 3, days: 1, outcomes: [conversation]}]"


def judged(
    policies: Any, asked: Sequence[Proposal], history: Sequence[Past] = (), standing: Standing | None = None
) -> Decided:
    """Proposals about the same past."""
    columns = Columns()
    group = columns.group(history, standing or Standing())
    for each in asked:
        columns.ask(each, group)
    return decide_many(policies, *columns.tables())


def test_each_proposal_is_told_the_first_rule_that_refuses_it() -> None:
    night = proposal(NOON + 11 * HOUR)
    visit = proposal(NOON, channel="visit")
    said = judged([CN, HOUSE], [proposal(NOON), night, visit, replace(visit, at=night.at)])
    assert said.allowed.tolist() == [True, False, False, False]
    assert [said.rule(row) for row in range(4)] == [
        None, ("conduct_cn", "hours"), ("conduct_cn", "visit_consent"), ("conduct_cn", "hours")
    ]  # fmt: skip


def test_a_later_policy_refuses_where_those_before_it_allow() -> None:
    messages = [past(NOON - HOUR * hours, "delivered", channel="sms") for hours in (1, 2)]
    said = judged([CN, HOUSE], [proposal(NOON, channel="sms")], messages)
    assert said.rule(0) == ("conduct_house", "texts_a_day")


def test_without_a_proposal_nothing_is_said() -> None:
    said = judged([CN], [])
    assert said.allowed.tolist() == []


def test_a_past_told_in_any_order_gives_the_same() -> None:
    talks = [past(NOON - HOUR * hours, "conversation") for hours in (1, 30, 2, 3)]
    for told in (talks, talks[::-1], sorted(talks, key=lambda each: each.at)):
        assert judged([policy(CALLS_A_DAY)], [proposal(NOON)], told).rule(0) == ("own", "r0")
    assert judged([policy(CALLS_A_DAY)], [proposal(NOON)], talks[:3]).allowed.tolist() == [True]


def test_the_fullest_window_of_days_counts_and_not_all_that_lies_about() -> None:
    two_in_three = policy("[{kind: count, per: [person], most: 2, days: 3, outcomes: [conversation]}]")
    apart = [past(NOON + 48 * HOUR * way, "conversation") for way in (-1, 1)]
    near = [past(NOON + 24 * HOUR * way, "conversation") for way in (-1, 1)]
    assert judged([two_in_three], [proposal(NOON)], apart).allowed.tolist() == [True]
    assert judged([two_in_three], [proposal(NOON)], near).allowed.tolist() == [False]


def test_a_gap_holds_against_what_is_of_the_same_moment_whatever_began_it() -> None:
    rule = "[{kind: gap, per: [person], days: 2, after: [conversation], outcomes: [busy]}]"
    for outcome, lawful in (("conversation", False), ("busy", False), ("no_answer", True)):
        assert judged([policy(rule)], [proposal(NOON)], [past(NOON, outcome)]).allowed.tolist() == [lawful]
    later = past(NOON + HOUR, "busy")
    assert judged([policy(rule)], [proposal(NOON)], [later]).allowed.tolist() == [False]
    assert judged([policy(rule)], [proposal(NOON)], [replace(later, inbound=True)]).allowed.tolist() == [True]


def test_an_answer_at_night_ends_when_a_day_has_opened_since() -> None:
    rule = '[{kind: hours, opens: "08:00", closes: "08:30", closing_included: false, replies: 1}]'
    evening = dt.datetime(2026, 11, 28, 15, tzinfo=dt.UTC)  # eleven at night
    wrote = past(evening, "delivered", inbound=True)
    asked = [proposal(evening + wait * HOUR, purpose="reply") for wait in (1, 8.9, 10)]
    assert judged([policy(rule)], asked, [wrote]).allowed.tolist() == [True, True, False]


def test_a_time_that_the_clock_shows_twice_opens_the_day_twice() -> None:
    # On 2026-11-01 it is half past one at 5:30 and at 6:30 in UTC.
    rule = '[{kind: hours, opens: "01:30", closes: "01:31", closing_included: false, replies: 1}]'
    one = dt.datetime(2026, 11, 1, 5, tzinfo=dt.UTC)
    for wait in (0, 1):
        wrote = past(one + wait * HOUR, "delivered", inbound=True)
        asked = [proposal(wrote.at + dt.timedelta(minutes=minutes), purpose="reply") for minutes in (29, 45)]
        said = judged([policy(rule, zones=("America/New_York",))], asked, [wrote])
        assert said.allowed.tolist() == [True, False]


def test_a_consent_to_one_debt_covers_a_contact_about_that_debt_alone() -> None:
    agreed = Standing((), (circumstance("visit_consent", NOON - HOUR, debt="L1"),))
    asked = [proposal(NOON, channel="visit", debts=debts) for debts in (("L1",), ("L1", "L2"), ())]
    assert judged([CN], asked, standing=agreed).allowed.tolist() == [True, False, False]


def test_answers_to_what_came_later_are_answers_to_that() -> None:
    rule = '[{kind: hours, opens: "12:00", closes: "12:30", closing_included: false, replies: 1}, {kind: answer, days: 1, most: 1, purposes: [reply]}]'
    night = dt.datetime(2026, 11, 28, 16, 30, tzinfo=dt.UTC)
    wrote, again = (past(night + wait * HOUR, "delivered", inbound=True) for wait in (0, 2))
    answered = past(night + 3 * HOUR, "conversation", purpose="reply")
    asked = [proposal(night + wait * HOUR, purpose="reply") for wait in (1, 4)]
    assert judged([policy(rule)], asked, [wrote, again, answered]).allowed.tolist() == [True, False]


def test_a_past_out_of_order_is_looked_through_from_where_it_matters() -> None:
    talks = [past(NOON - HOUR * (1 if n < 3 else 24 * n), "conversation") for n in range(40)]
    for told in (talks, talks[::-1], [talks[-1], *talks[:-1]]):
        assert judged([policy(CALLS_A_DAY)], [proposal(NOON)], told).allowed.tolist() == [False]
        assert judged([policy(CALLS_A_DAY)], [proposal(NOON - 24 * HOUR)], told).allowed.tolist() == [True]


def test_groups_do_not_see_each_other() -> None:
    columns = Columns()
    busy = columns.group([past(NOON - HOUR * hours, "conversation") for hours in (1, 2, 3)], Standing())
    quiet = columns.group([], Standing())
    dead = columns.group([], Standing((), (circumstance("death", NOON - HOUR),)))
    for group in (dead, quiet, busy, quiet):
        columns.ask(proposal(NOON), group)
    said = decide_many([CN], *columns.tables())
    assert [said.rule(row) for row in range(4)] == [
        ("conduct_cn", "dead"),
        None,
        ("conduct_cn", "effective_calls"),
        None,
    ]


def test_where_the_zone_is_unknown_every_zone_of_the_policies_counts() -> None:
    morning = dt.datetime(2026, 11, 28, 14, tzinfo=dt.UTC)  # nine in New York, four in Honolulu
    asked = [proposal(morning, agency="A"), proposal(morning)]
    assert judged([US], asked).allowed.tolist() == [False, True]
    known = Standing(("America/New_York",))
    assert judged([US], asked, standing=known).allowed.tolist() == [True, True]


def test_the_night_on_which_clocks_go_back_is_as_long_as_it_is() -> None:
    # On 2026-11-01 it is half past one twice in New York; at eight it is eight once.
    rule = '[{kind: hours, opens: "01:30", closes: "02:00", closing_included: false}]'
    first = dt.datetime(2026, 11, 1, 5, 30, tzinfo=dt.UTC)
    moments = [first - HOUR / 2, first, first + HOUR / 2, first + HOUR, first + HOUR * 1.5]
    said = judged([policy(rule, zones=("America/New_York",))], [proposal(at) for at in moments])
    assert said.allowed.tolist() == [False, True, False, True, False]


def test_a_policy_holds_from_the_local_day_of_its_version_on() -> None:
    # The guideline of 2026 begins at midnight of Beijing, sixteen hours into the day before in UTC.
    midnight = dt.datetime(2026, 1, 30, 16, tzinfo=dt.UTC)
    agreed = Standing((), (circumstance("agreed_hours", midnight - 24 * HOUR),))
    asked = [proposal(midnight + wait, channel="visit") for wait in (-dt.timedelta(microseconds=1), dt.timedelta())]
    said = judged([CN], asked, standing=agreed)
    assert [said.rule(row) for row in range(2)] == [None, ("conduct_cn", "visit_consent")]


def test_ten_thousand_past_contacts_and_moments_far_apart_are_no_matter() -> None:
    long_ago = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
    talks = [past(NOON - HOUR * 5 * n, "no_answer") for n in range(10_000)]
    standing = Standing((), (circumstance("dispute", long_ago, NOON - 24 * HOUR),))
    said = judged([CN, HOUSE], [proposal(NOON), proposal(NOON - 48 * HOUR)], talks, standing)
    assert [said.rule(row) for row in range(2)] == [None, ("conduct_house", "disputed")]


@pytest.mark.parametrize(
    ("table", "change", "said"),
    [
        (0, {"channel": [9]}, "proposals: channel has a value out of range"),
        (0, {"group": [1]}, "proposals: group has a value out of range"),
        (0, {"zones": [-1]}, "proposals: zones has a value out of range"),
        (0, {"point": [1, 2]}, "proposals: point has not one value a row"),
        (0, {"at": [1.5]}, "proposals: at holds other values than whole numbers"),
        (0, {"at": [1 << 61]}, "a moment lies beyond all calendars"),
        (0, {"debts_to": [7]}, "proposals: debts_to has a value out of range"),
        (1, {"first": [0, 5]}, "history: groups do not lie one after the other over all rows"),
        (1, {"outcome": [12, 0]}, "history: outcome has a value out of range"),
        (2, {"first": [0, 0, 1]}, "history and circumstances are of as many groups"),
        (2, {"hours_to": [5]}, "circumstances: hours have a beginning and an end, or neither"),
    ],
)
def test_columns_that_do_not_fit_are_refused_before_anything_is_judged(table: int, change: Any, said: str) -> None:
    columns = Columns()
    standing = Standing((), (circumstance("dispute", NOON),))
    group = columns.group([past(NOON, "busy"), past(NOON, "busy")], standing)
    columns.ask(proposal(NOON), group)
    told: list[Any] = list(columns.tables())
    told[table] = told[table]._replace(**{name: np.array(values) for name, values in change.items()})
    with pytest.raises(ValueError, match=said):
        decide_many([CN], *told)


def test_a_gate_that_knows_no_policy_or_no_zone_does_not_open() -> None:
    with pytest.raises(ValueError, match="without a policy nobody may be contacted"):
        judged([], [proposal(NOON)])
    with pytest.raises(ValueError, match="no policy names a zone"):
        judged([HOUSE], [proposal(NOON)])
