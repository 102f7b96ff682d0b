"""The policies of conduct: what ships is read, holds together in both languages, and what is wrong in a lender's own is named."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from daihou.book.errors import DaihouError
from daihou.policies.conduct import SHIPPED, conduct
from daihou.policies.conduct_rules import Count, Hours, Rule
from laws.conduct_known import shipped, text_of

CN = text_of("conduct_cn")
HOUSE = text_of("conduct_house")
CHINESE = re.compile("[一-鿿]")


def rules_of(name: str) -> list[Rule]:
    return [rule for version in shipped(name).versions for rule in version.values.rules]


@pytest.mark.parametrize("name", SHIPPED)
def test_every_rule_that_ships_names_its_source_and_speaks_both_languages(name: str) -> None:
    for rule in rules_of(name):
        assert rule.citation
        assert CHINESE.search(rule.zh), rule.id
        assert not CHINESE.search(rule.en), rule.id
        assert rule.en.endswith("."), rule.id
        assert rule.zh.endswith("。"), rule.id
        assert len(rule.citation) <= 200  # the room a refusal has for it


def test_the_guideline_of_the_association_holds_from_its_day_on_beside_the_standard() -> None:
    cn = shipped("conduct_cn")
    before, after = (
        {rule.id for rule in cn.on(dt.date(2026, 1, day)).values.rules} for day in (30, 31)
    )  # fmt: skip
    assert before < after
    assert after - before == {"unanswered_attempts", "visit_consent"}
    assert "effective_calls" in before


def test_how_far_back_the_limits_look_is_the_longest_of_their_windows() -> None:
    assert shipped("conduct_cn").versions[-1].values.reach_days == 1
    assert shipped("conduct_house").versions[-1].values.reach_days == 7
    assert shipped("conduct_us").versions[-1].values.reach_days is None  # others are asked once, ever


def test_the_values_of_a_file_are_read_as_what_they_mean() -> None:
    hours, calls = rules_of("conduct_cn")[:2]
    assert isinstance(hours, Hours)
    assert (hours.opens, hours.closes, hours.closing_included) == (dt.time(8), dt.time(22), False)
    assert "letter" not in hours.channels
    assert isinstance(calls, Count)
    assert (calls.most, calls.days, sorted(calls.channels)) == (3, 1, ["phone", "voice_bot"])


@pytest.mark.parametrize(
    ("was", "wrong", "said"),
    [
        ('opens: "08:00"', 'opens: "22:00"', "rule hours: closes must be later than opens"),
        ('closes: "22:00"', "closes: 22:00", 'rule hours: closes must be a time in quotes, like "08:00"'),
        ('opens: "08:00"', 'opens: "25:00"', "rule hours: .*hour"),
        ("closing_included: false", "closing_included: maybe", "rule hours: closing_included must be true or false"),
        ("unless: agreed_hours", "unless: dispute", "rule hours: dispute is no consent"),
        ("most: 3", "most: -1", "rule effective_calls: most must be a whole number from 0"),
        ("days: 1\n", "days: 0\n", "rule effective_calls: days must be a whole number from 1"),
        ("per: [person]", "per: []", "rule effective_calls: per names nothing"),
        ("per: [person]", "per: [family]", "rule effective_calls: per may name person, .*, not family"),
        ("channels: [phone, voice_bot]", "channels: [pigeon]", "rule effective_calls: channels may name .*, not pigeon"),
        ("outcomes: [conversation, third_party, refused]", "outcomes: [pending]", "rule effective_calls: outcomes may name .*, not pending"),
        ("when: [death]", "when: [visit_consent]", "rule dead: when may name .*, not visit_consent"),
        ("of: person", "of: everybody", "of must be one of person, debtor, either, not everybody"),
        ("by: agency", "by: robot", "rule agency_app: by must be one of all, lender, agency, not robot"),
        ("needs: message_consent", "needs: rain", "rule agency_app: rain is no consent"),
        ("kind: consent", "kind: wish", "rule agency_app: kind must be one of hours, count"),
        ("most: 3", "most: 3\n          colour: mauve", "rule effective_calls: unknown key colour"),
        ("most: 3\n", "\n", "rule effective_calls: .*most"),
        ("it is {time} there", "it is {weather} there", "rule hours: a text names {weather}; it may name opens, closes, time, zone"),
        ("id: effective_calls", "id: hours", "rule hours is there twice"),
        ("zones: [Asia/Shanghai]", "zones: [Asia/Nowhere]", "zones: Asia/Nowhere is no time zone"),
        ("binds: all", "binds: nobody", "binds must be one of all, lender, agency"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_the_rule_and_the_file(was: str, wrong: str, said: str) -> None:
    assert was in CN
    with pytest.raises(DaihouError, match=said) as caught:
        conduct("conduct_cn", CN.replace(was, wrong, 1), "home/policies/conduct_cn.yaml")
    assert caught.value.place == "home/policies/conduct_cn.yaml, version 1"


def test_a_house_may_be_stricter_by_its_own_file() -> None:
    own = conduct("conduct_house", HOUSE.replace("most: 2", "most: 1", 1), "own.yaml")
    texts = own.on(dt.date(2026, 11, 28)).values.rules[0]
    assert isinstance(texts, Count)
    assert texts.most == 1
