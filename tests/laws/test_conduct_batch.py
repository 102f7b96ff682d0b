"""Law of the gate for columns: it says of every proposal what the gate says of one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any, Final

from hypothesis import given
from hypothesis import strategies as st

from daihou.collection.conduct.batch import decide_many
from daihou.collection.conduct.clock import local_day, moment
from daihou.collection.conduct.contact import Past
from daihou.collection.conduct.gate import allows, decide, possible_zones
from daihou.policies.conduct import Conduct
from daihou.policies.conduct_rules import KINDS_OF_RULES
from daihou.policies.dated import Dated, Version
from daihou.policies.ruled import read_rule
from laws.conduct_columns import Columns
from laws.conduct_nasty import Case, case_of
from laws.depth import examples

if TYPE_CHECKING:
    import zoneinfo
    from collections.abc import Sequence

    from daihou.collection.conduct.batch import Decided

SEEDS: Final = st.integers(0, 2**32 - 1)
"""A smaller seed is no simpler case."""
TOGETHER: Final = 10


def first_refusal(case: Case) -> tuple[str, str] | None:
    """The first rule that refuses, by policy and place in its version, over all zones: found by asking the gate for each zone alone."""
    found = []
    for number, zone in enumerate(possible_zones(case.policies, case.standing)):
        said = decide(case.policies, case.proposal, case.history, replace(case.standing, zones=(str(zone),)))
        for each in said.refusals:
            policy = next(place for place, one in enumerate(case.policies) if one.name == each.policy)
            found.append(
                (policy, place_of(case, case.policies[policy], each.rule, zone), number, (each.policy, each.rule))
            )
    return min(found)[-1] if found else None


def place_of(case: Case, policy: Dated[Conduct], rule: str, zone: zoneinfo.ZoneInfo) -> int:
    day = local_day(moment(case.proposal.at), zone)
    version = next(each for each in reversed(policy.versions) if each.from_on.toordinal() <= day)
    return [each.id for each in version.values.rules].index(rule)


@examples(10, smaller=False)
@given(SEEDS)
def test_columns_are_judged_as_one_by_one(seed: int) -> None:
    # All cases of one example are asked under the same policies, so that they share columns.
    chance = Random(seed)  # noqa: S311 - cases, no secret
    policies = case_of(seed).policies
    cases = [replace(case_of(chance.getrandbits(32)), policies=policies) for _ in range(TOGETHER)]
    agree(cases)


@examples(40, smaller=False)
@given(SEEDS)
def test_a_rule_of_any_kind_and_a_policy_of_two_versions_are_judged_as_the_gate_does(seed: int) -> None:
    agree([case_of(seed, shipped=False)])


@examples(150, smaller=False)
@given(SEEDS)
def test_where_much_lies_close_together_columns_are_judged_as_the_gate_does(seed: int) -> None:
    # Of one rule there is no doubt which it is, so the gate need not be asked for its reasons, which is dear.
    case = crowded(seed)
    assert bool(judged([case]).allowed[0]) == allows(case.policies, case.proposal, case.history, case.standing), case


def crowded(seed: int) -> Case:
    """One rule, and many contacts that it is about, near one another and often of the same moment."""
    chance = Random(seed)  # noqa: S311 - a case, no secret
    case = case_of(seed, shipped=False)
    asked = replace(
        case.proposal, person_id=chance.choice(("D", "D", "Q")), channel=chance.choice(("phone", "sms")), purpose=chance.choice(("collect", "reply")),
    )  # fmt: skip
    step = chance.choice((dt.timedelta(minutes=10), dt.timedelta(hours=1), dt.timedelta(hours=11)))
    history = tuple(
        Past(
            chance.choice((asked.person_id, asked.person_id, "D", "G")), "D", chance.choice((("L1",), ("L1",), ("L2",), ())),
            chance.choice((asked.channel, asked.channel, "phone")), asked.party, chance.choice((asked.purpose, "reply")), asked.at + step * chance.randint(-9, 4),
            chance.choice(("conversation", "conversation", "busy", "no_answer", "invalid", "invalid", "pending", "not_made")), chance.choice(("n1", "n2", "")),
            asked.agency, chance.random() < 0.2,
        )
        for _ in range(chance.randint(0, 12))
    )  # fmt: skip
    consent = {"unless": chance.choice((None, "call_consent")), "unless_days": chance.choice((None, 1, 2))}
    keys = [
        chance.choice(("person", "point", "debtor")),
        *chance.sample(("debt", "channel", "agency"), chance.randint(0, 1)),
    ]
    stated: dict[str, Any] = chance.choice((
        {"kind": "hours", "opens": "08:00", "closes": chance.choice(("08:30", "22:00")), "closing_included": True, "replies": chance.randint(1, 3)},
        {"kind": "count", "per": keys, "most": chance.randint(1, 5), "days": chance.choice((None, 1, 2, 3, 4)), "outcomes": ["conversation"], **consent},
        {"kind": "gap", "per": keys, "days": chance.randint(1, 4), "after": ["conversation"], "outcomes": ["conversation", "busy"], **consent},
        {
            "kind": "out_of_reach", "when": ["out_of_touch"], "failures": chance.choice((None, 1, 2, 3)), "tried": ["phone", "sms"],
            "failed": ["no_answer", "busy", "invalid"], "reached": ["conversation"], "invalid": chance.random() < 0.7,
        },
        {"kind": "answer", "days": chance.randint(1, 3), "most": chance.randint(1, 4)},
    ))  # fmt: skip
    zone = chance.choice(possible_zones(case.policies, case.standing))
    read = read_rule(KINDS_OF_RULES, {"id": "r", "citation": "c", "en": "no", "zh": "不", **stated})
    policy = Dated("own", "own.yaml", (Version(dt.date(1900, 1, 1), Conduct("all", [str(zone)], [read]), "c", None),))
    return Case([policy], asked, history, replace(case.standing, zones=()))


def agree(cases: Sequence[Case]) -> None:
    """All under the policies of the first."""
    decided = judged(cases)
    for row, case in enumerate(cases):
        assert bool(decided.allowed[row]) == allows(case.policies, case.proposal, case.history, case.standing), case
        assert decided.rule(row) == first_refusal(case), case


def judged(cases: Sequence[Case]) -> Decided:
    columns = Columns()
    for case in cases:
        columns.ask(case.proposal, columns.group(case.history, case.standing))
    return decide_many(cases[0].policies, *columns.tables())
