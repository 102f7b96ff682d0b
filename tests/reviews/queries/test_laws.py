"""Laws of the gate of credit reports, over made-up policies, consents, loans and histories, in zones whose clocks are put forward and back at midnight."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from hypothesis import given
from hypothesis import strategies as st

from daihou.policies.dated import Dated
from daihou.reviews.queries.gate import decide
from daihou.reviews.queries.query import Consent, Decision, Dispute, Duty, Loan, Past, Query, Standing
from reviews.queries import words
from reviews.queries.known import CN, HOUSE, query, version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.policies.credit_queries import CreditQueries

ZONES: Final = [zoneinfo.ZoneInfo(name) for name in ("Asia/Shanghai", "America/Havana", "America/New_York", "UTC")]
BEGINNINGS: Final = (dt.date(2026, 2, 25), dt.date(2026, 10, 20))
"""Some days before the clocks of Havana are put forward at midnight, and back to it."""
REACH_DAYS: Final = 120
"""Longer than anything below: after so many days nothing changes any more."""
REASONS: Final = ("post_loan_management", "guarantor_review", "dispute_check")
OUTCOMES: Final = ("answered", "refused", "failed", "unclear")
SPARSE: Final = {"reasons": ["post_loan_management", "guarantor_review"]}


@dataclass(frozen=True)
class Case:
    """All that the gate is asked with."""

    policies: Sequence[Dated[CreditQueries]]
    query: Query
    consents: tuple[Consent, ...]
    standing: Standing
    history: tuple[Past, ...]
    zone: zoneinfo.ZoneInfo

    def decided(self) -> Decision:
        return decide(self.policies, self.query, self.consents, self.standing, self.history, self.zone)

    def permitted(self) -> bool:
        return words.permitted(self.policies, self.query, self.consents, self.standing, self.history, self.zone)

    def at(self, moment: dt.datetime) -> Case:
        return replace(self, query=replace(self.query, asked_at=moment))


RULES: Final = st.one_of(
    st.builds(lambda most, days, outcomes: {"kind": "most_per_days", "most": most, "days": days, "outcomes": list(outcomes)},
              st.integers(0, 3), st.integers(1, 30), st.sets(st.sampled_from(OUTCOMES))),
    st.builds(lambda most, span: {"kind": "cost_limit", "most": most, "span": span}, st.integers(5, 60), st.sampled_from(["day", "month"])),
    st.builds(lambda exemption: {"kind": "consent_needed", "exempt": ["guarantor_review"], "exempt_citation": "a", "exemption": exemption}, st.booleans()),
    st.builds(lambda by, grace_days: {"kind": "live_loan_needed", "by": list(by), "states": ["live", "written_off"], "grace_days": grace_days},
              st.sets(st.sampled_from(["loans", "duties", "disputes"]), min_size=1), st.integers(0, 3)),
    st.builds(lambda allowed: {"kind": "reason_allowed", "allowed": list(allowed)}, st.sets(st.sampled_from(REASONS), min_size=2)),
    st.builds(lambda roles: {"kind": "role_allowed", "roles": list(roles)}, st.sets(st.sampled_from(["officer", "manager"]), min_size=1)),
    st.just({"kind": "unclear_pending"}),
)  # fmt: skip
BOUND: Final = st.builds(
    lambda rule, more: rule | more, RULES, st.sampled_from([{}, {}, SPARSE, {"persons": ["person"]}])
)


@st.composite
def moments(draw: st.DrawFn, beginning: dt.date, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """Some moment of forty days, often at the edge of one; told in any zone."""
    day = beginning + dt.timedelta(days=draw(st.integers(0, 40)))
    time = draw(st.sampled_from([dt.time(0), dt.time(0, 30), dt.time(12), dt.time(23, 59, 59, 999999)]))
    at = dt.datetime.combine(day, time, tzinfo=zone).replace(fold=draw(st.integers(0, 1)))
    return at.astimezone(draw(st.sampled_from([zone, ZONES[0], dt.UTC])))


@st.composite
def cases(draw: st.DrawFn, shipped: bool = False) -> Case:
    zone, beginning = draw(st.sampled_from(ZONES)), draw(st.sampled_from(BEGINNINGS))
    at = moments(beginning, zone)
    days = st.integers(0, 40).map(lambda n: beginning + dt.timedelta(days=n))
    maybe_day, maybe_at = st.one_of(st.none(), days), st.one_of(st.none(), at)
    policies: Sequence[Dated[CreditQueries]] = [CN, HOUSE]
    if not shipped:
        policies = [
            Dated(name, "own.yaml", tuple(
                version(from_on, draw(st.lists(BOUND, min_size=1, max_size=4)), draw(st.sampled_from([None, 0, 1, 9])))
                for from_on in (dt.date(1900, 1, 1), *draw(st.lists(days, max_size=1)))
            ))
            for name in draw(st.sampled_from([["a"], ["a", "b"]]))
        ]  # fmt: skip
    costs = st.sampled_from([Decimal(0), Decimal("7.50"), Decimal(20)])
    people, bureaus = st.sampled_from(["P", "P", "Q"]), st.sampled_from(["pbc", "pbc", "other"])
    purposes = st.sets(st.sampled_from(REASONS), min_size=1).map(frozenset)
    consents = st.builds(
        Consent,
        people,
        st.sampled_from(["C1", "C2"]),
        purposes,
        at,
        st.sampled_from([None, None, frozenset({"other"})]),
        maybe_at,
        maybe_at,
    )
    ended = st.builds(Loan, st.just("L1"), st.sampled_from(["closed", "transferred"]), maybe_day)
    loans = st.one_of(st.sampled_from([Loan("L2", "live"), Loan("L3", "approved"), Loan("L4", "written_off")]), ended)
    standing = Standing(
        tuple(draw(st.lists(loans, max_size=2))),
        tuple(draw(st.lists(st.builds(Duty, loans, maybe_day), max_size=2))),
        tuple(draw(st.lists(st.builds(Dispute, st.just("D1"), days, maybe_day), max_size=2))),
    )
    given_all = draw(st.lists(consents, max_size=3))
    if draw(st.booleans()):  # else hardly anything would be allowed
        live, before = Loan("L5", "live"), beginning - dt.timedelta(days=1)
        standing = Standing(
            (live, *standing.loans), (Duty(live), *standing.duties), (Dispute("D2", before), *standing.disputes)
        )
        given_all.append(Consent("P", "C3", frozenset(REASONS), words.first_moment(before, zone)))
    history = [
        Past(f"Q{n}", draw(people), draw(bureaus), draw(at), draw(st.sampled_from(OUTCOMES)), draw(costs), draw(st.sampled_from([None, f"R{n}"])))
        for n in range(draw(st.integers(0, 6)))
    ]  # fmt: skip
    asked = query(
        draw(at),
        kind=draw(st.sampled_from(["person", "person", "company"])),
        reason=draw(st.sampled_from(REASONS)),
        asked_by=draw(st.sampled_from(["officer", "officer", "manager"])),
        cost=draw(costs),
    )
    return Case(policies, asked, tuple(given_all), standing, tuple(history), zone)


@given(cases())
def test_what_is_allowed_is_what_a_second_reading_allows_and_the_earliest_moment_is_its_first(case: Case) -> None:
    said, now = case.decided(), words.utc(case.query.asked_at)
    assert said.allowed == case.permitted()
    today = now.astimezone(case.zone).date()
    changes = {words.first_moment(today + dt.timedelta(days=n), case.zone) for n in range(1, REACH_DAYS)}
    changes |= {words.utc(one.given_at) for one in case.consents}
    first = next((at for at in [now, *sorted(at for at in changes if at > now)] if case.at(at).permitted()), None)
    assert said.earliest == first
    if first is not None:
        assert case.at(first).decided().allowed
        if first > now:
            assert not case.at(first - dt.timedelta(microseconds=1)).decided().allowed


@given(cases(), st.data())
def test_a_rule_alone_would_allow_it_from_the_moment_its_refusal_tells(case: Case, data: st.DataObject) -> None:
    refusals = case.decided().refusals
    if not refusals:
        return
    chosen = data.draw(st.sampled_from(refusals))
    name = (chosen.policy, chosen.rule)

    def refused(at: dt.datetime) -> bool:
        return name in [(each.policy, each.rule) for each in case.at(at).decided().refusals]

    if chosen.earliest is None:
        assert refused(case.query.asked_at + dt.timedelta(days=REACH_DAYS))
    else:
        assert not refused(chosen.earliest)
        assert refused(chosen.earliest - dt.timedelta(microseconds=1))


@given(cases(), st.data())
def test_a_consent_withdrawn_earlier_never_allows_more(case: Case, data: st.DataObject) -> None:
    if not case.consents:
        return
    place = data.draw(st.integers(0, len(case.consents) - 1))
    held = case.consents[place]
    at = data.draw(moments(data.draw(st.sampled_from(BEGINNINGS)), case.zone))
    earlier = at if held.withdrawn_at is None else min(at, held.withdrawn_at, key=words.utc)
    changed = (*case.consents[:place], replace(held, withdrawn_at=earlier), *case.consents[place + 1 :])
    if replace(case, consents=changed).decided().allowed:
        assert case.decided().allowed


@given(cases(), st.data())
def test_a_past_query_more_never_allows_more_unless_its_report_answers(case: Case, data: st.DataObject) -> None:
    at = data.draw(moments(data.draw(st.sampled_from(BEGINNINGS)), case.zone))
    outcome: Any = data.draw(st.sampled_from(OUTCOMES))
    more = Past("new", "P", "pbc", at, outcome, Decimal(9), data.draw(st.sampled_from([None, "new"])))
    said = replace(case, history=(*case.history, more)).decided()
    if said.allowed and not case.decided().allowed:
        assert said.report_id == "new"


@given(cases(shipped=True), st.lists(st.sampled_from(["closed", "transferred"]), max_size=3), st.data())
def test_once_all_loans_are_closed_post_loan_management_is_refused_for_good(
    case: Case, states: list[Any], data: st.DataObject
) -> None:
    today = case.query.asked_at.astimezone(case.zone).date()
    closed = st.one_of(st.none(), st.integers(0, 90).map(lambda n: today - dt.timedelta(days=n)))
    loans = tuple(Loan(f"L{n}", state, data.draw(closed)) for n, state in enumerate(states))
    asked = replace(case.query, reason="post_loan_management")
    said = replace(case, query=asked, standing=replace(case.standing, loans=loans)).decided()
    assert "live_loan" in [each.rule for each in said.refusals if each.earliest is None]
    assert said.earliest is None
    assert said.report_id is None


@given(cases(shipped=True))
def test_what_ships_reads_alike_and_an_allowed_query_of_ours_stands_on_a_consent(case: Case) -> None:
    said = case.decided()
    assert said.allowed == case.permitted()
    if said.allowed:
        assert said.basis is not None
        assert said.basis.kind == "consent"
        assert said.basis.reference in {one.document for one in case.consents if one.person_id == "P"}
