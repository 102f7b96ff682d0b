"""Laws of the earliest lawful moment: it is lawful, and nothing before it is; and what is pending never opens what was closed."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from daihou.collection.conduct.contact import CHANNELS, Past
from daihou.collection.conduct.gate import allows, decide, possible_zones
from daihou.collection.conduct.history import History
from laws.conduct_nasty import Case, case_of
from laws.depth import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

SOON = dt.timedelta(days=2)
CASES = st.integers(0, 2**32 - 1).map(case_of)
TINY = dt.timedelta(microseconds=1)
AHEAD = dt.timedelta(days=9)
"""How far the grid looks: longer than every window and circumstance of these cases, counted from the latest past contact."""


def decided(case: Case, at: dt.datetime) -> bool:
    return allows(case.policies, replace(case.proposal, at=at), case.history, case.standing)


def grid(case: Case, last: dt.datetime) -> Iterator[dt.datetime]:
    """Moments from the proposal's to a last one: around everything dated, and around every half hour of the clock, where these cases put all they say."""
    first = case.proposal.at
    marks = [past.at for past in case.history]
    for each in case.standing.circumstances:
        marks += [each.from_at, *([each.until_at] if each.until_at else [])]
    for mark in marks:
        yield from (near for near in (mark - TINY, mark, mark + TINY) if first <= near <= last)
    step = first.replace(minute=0, second=0, microsecond=0)
    while step <= last:
        yield from (near for near in (step, step + TINY) if first <= near <= last)
        step += dt.timedelta(minutes=15 if step - first < SOON else 60)


@examples(40, smaller=False)
@given(CASES)
def test_the_earliest_lawful_moment_is_lawful_and_nothing_before_it_is(case: Case) -> None:
    history = History(case.history)
    case = replace(case, history=history)  # type: ignore[arg-type]  # sorted once for the whole grid
    said = decide(case.policies, case.proposal, history, case.standing)
    assert said.allowed == (not said.refusals) == decided(case, case.proposal.at)
    if said.allowed:
        assert said.earliest == case.proposal.at
        return
    if said.earliest is None:
        assert not any(decided(case, at) for at in grid(case, case.proposal.at + AHEAD))
        return
    assert said.earliest > case.proposal.at
    assert decided(case, said.earliest)
    assert not decided(case, said.earliest - TINY)
    near = min(said.earliest - TINY, case.proposal.at + AHEAD)
    assert not any(decided(case, at) for at in grid(case, near))


@examples(40, smaller=False)
@given(CASES)
def test_each_refusal_says_until_when_it_lasts_and_the_most_lasting_comes_first(case: Case) -> None:
    said = decide(case.policies, case.proposal, case.history, case.standing)
    lasts = [each.until for each in said.refusals]
    assert lasts == sorted(lasts, key=lambda until: (until is not None, -until.timestamp() if until else 0))
    for each in said.refusals:
        if each.until is None:
            assert said.earliest is None
            continue
        assert each.until > case.proposal.at
        assert said.earliest is None or said.earliest >= each.until
        just = decide(case.policies, replace(case.proposal, at=each.until - TINY), case.history, case.standing)
        then = decide(case.policies, replace(case.proposal, at=each.until), case.history, case.standing)
        assert (each.policy, each.rule) in {(one.policy, one.rule) for one in just.refusals}
        assert (each.policy, each.rule) not in {(one.policy, one.rule) for one in then.refusals}


@examples(200, smaller=False)
@given(CASES, st.data())
def test_a_contact_more_that_is_pending_never_allows_more(case: Case, data: st.DataObject) -> None:
    seen = data.draw(st.sampled_from([*case.history, None])) if case.history else None
    at = (seen.at if seen else case.proposal.at) + dt.timedelta(
        minutes=data.draw(st.sampled_from((-1440, -60, 0, 60, 1440)))
    )
    asked = case.proposal
    more = Past(
        data.draw(st.sampled_from((asked.person_id, "D"))), "D", asked.debts, data.draw(st.sampled_from((asked.channel, *CHANNELS))), asked.party,
        asked.purpose, at, "pending", asked.point, asked.agency,
    )  # fmt: skip
    if not decided(case, asked.at):
        assert not allows(case.policies, asked, (*case.history, more), case.standing)


@examples(40, smaller=False)
@given(CASES)
def test_the_order_in_which_the_past_is_told_makes_no_difference_and_what_was_not_made_counts_nowhere(
    case: Case,
) -> None:
    first = decide(case.policies, case.proposal, case.history, case.standing)
    turned = [*reversed(case.history), *(replace(past, outcome="not_made") for past in case.history)]
    assert decide(case.policies, case.proposal, turned, case.standing) == first


@examples(40, smaller=False)
@given(CASES)
def test_the_zone_in_which_a_moment_is_told_makes_no_difference(case: Case) -> None:
    first = decide(case.policies, case.proposal, case.history, case.standing)
    for zone in ("Asia/Kathmandu", "America/St_Johns"):
        at = case.proposal.at.astimezone(zoneinfo.ZoneInfo(zone))
        assert decide(case.policies, replace(case.proposal, at=at), case.history, case.standing) == first


@examples(40, smaller=False)
@given(CASES)
def test_what_is_allowed_where_the_place_is_open_is_allowed_in_each_place(case: Case) -> None:
    if decided(case, case.proposal.at):
        for zone in possible_zones(case.policies, case.standing):
            alone = replace(case.standing, zones=(str(zone),))
            assert allows(case.policies, case.proposal, case.history, alone)
