"""Law of the gate for columns: it says of every proposal what the gate says of one."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Final

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from daihou.collection.conduct.batch import decide_many
from daihou.collection.conduct.clock import local_day, moment
from daihou.collection.conduct.gate import allows, decide, possible_zones
from laws.conduct_columns import Columns
from laws.conduct_nasty import Case, case_of

if TYPE_CHECKING:
    import zoneinfo
    from collections.abc import Sequence

    from daihou.policies.conduct import Conduct
    from daihou.policies.dated import Dated

SEEDS: Final = st.integers(0, 2**32 - 1)
NO_SHRINKING: Final = (Phase.explicit, Phase.reuse, Phase.generate)
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


@settings(max_examples=30, phases=NO_SHRINKING)
@given(SEEDS)
def test_columns_are_judged_as_one_by_one(seed: int) -> None:
    # All cases of one example are asked under the same policies, so that they share columns.
    chance = Random(seed)  # noqa: S311 - cases, no secret
    policies = case_of(seed).policies
    cases = [replace(case_of(chance.getrandbits(32)), policies=policies) for _ in range(TOGETHER)]
    agree(cases)


@settings(max_examples=300, phases=NO_SHRINKING)
@given(SEEDS)
def test_a_rule_of_any_kind_and_a_policy_of_two_versions_are_judged_as_the_gate_does(seed: int) -> None:
    agree([case_of(seed, shipped=False)])


def agree(cases: Sequence[Case]) -> None:
    """All under the policies of the first."""
    columns, policies = Columns(), cases[0].policies
    for case in cases:
        columns.ask(case.proposal, columns.group(case.history, case.standing))
    decided = decide_many(policies, *columns.tables())
    for row, case in enumerate(cases):
        assert bool(decided.allowed[row]) == allows(policies, case.proposal, case.history, case.standing), case
        assert decided.rule(row) == first_refusal(case), case
