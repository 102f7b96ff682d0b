"""What the gate says besides yes and no: texts, sources, what a query stands on, versions, and that it never opens where it knows too little."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import replace
from decimal import Decimal

import pytest

from daihou.policies.credit_queries import ConsentNeeded
from daihou.policies.dated import Dated
from daihou.reviews.queries.gate import decide
from daihou.reviews.queries.query import Basis, Consent, Dispute, Loan, Standing
from reviews.queries.known import BEIJING, CN, HOUSE, LIVE, NOON, consent, past, policy, query, version

DAY = dt.timedelta(days=1)
GIVEN = consent(NOON - 90 * DAY)
CLOSED = Standing((Loan("L1", "closed", dt.date(2026, 11, 1)), Loan("L2", "transferred", dt.date(2026, 6, 1))))


def test_a_refusal_names_article_reason_and_day_in_both_languages() -> None:
    said = decide([CN, HOUSE], query(NOON), [GIVEN], CLOSED, (), BEIJING)
    (refusal,) = said.refusals
    assert (refusal.policy, refusal.rule) == ("credit_queries_cn", "live_loan")
    assert "第二十条" in refusal.citation
    assert refusal.en.endswith("(last one ended: 2026-11-01); there is nothing left for post-loan management.")
    assert "最近一笔结束于：2026-11-01" in refusal.zh
    assert "贷后管理" in refusal.zh
    assert refusal.earliest is None


def test_who_never_had_a_loan_is_told_so() -> None:
    (refusal,) = decide([CN, HOUSE], query(NOON), [GIVEN], Standing(), (), BEIJING).refusals
    assert "last one ended: never" in refusal.en
    assert "最近一笔结束于：无" in refusal.zh


def test_every_rule_that_refuses_is_told_the_most_lasting_first() -> None:
    spent = past(NOON, "answered", person_id="Q", cost=Decimal("29999.50"))
    waiting = past(NOON - DAY, "unclear", number="Q7")
    asked = query(NOON, asked_by="collector")
    said = decide([CN, HOUSE], asked, (), CLOSED, [spent, waiting], BEIJING)
    assert [(each.rule, each.earliest) for each in said.refusals] == [
        ("consent", None),
        ("live_loan", None),
        ("roles", None),
        ("unclear", None),
        ("cost_a_month", dt.datetime(2026, 12, 1, tzinfo=BEIJING)),
        ("cost_a_day", dt.datetime(2026, 11, 29, tzinfo=BEIJING)),
    ]
    assert said.earliest is None
    texts = {each.rule: (each.en, each.zh) for each in said.refusals}
    assert texts["unclear"][0].startswith("Query Q7 of 2026-11-27 at pbc is still unclear")
    assert "30,000.00元；已用30,009.50元" in texts["cost_a_month"][1]


def test_an_allowed_query_stands_on_the_newest_consent_that_serves() -> None:
    newer = consent(NOON - DAY, document="C2")
    elsewhere = consent(NOON, document="C3", bureaus=frozenset({"other"}))
    later = consent(NOON + DAY, document="C4")
    said = decide([CN, HOUSE], query(NOON), [newer, GIVEN, elsewhere, later], LIVE, (), BEIJING)
    assert said.basis == Basis("consent", "C2")


def test_the_exemption_serves_only_where_the_house_switched_it_on_and_says_so() -> None:
    (held,) = CN.versions
    rules = [replace(rule, exemption=True) if isinstance(rule, ConsentNeeded) else rule for rule in held.values.rules]
    on = replace(CN, versions=(replace(held, values=replace(held.values, rules=rules)),))
    assert not decide([CN, HOUSE], query(NOON), (), LIVE, (), BEIJING).allowed
    said = decide([on, HOUSE], query(NOON), (), LIVE, (), BEIJING)
    assert said.basis == Basis("exemption", "《个人信用信息基础数据库管理暂行办法》第十二条、第十三条")
    assert decide([on, HOUSE], query(NOON), [GIVEN], LIVE, (), BEIJING).basis == Basis("consent", "C1")
    guarantor = query(NOON, reason="guarantor_review")
    assert "consent" in [each.rule for each in decide([on, HOUSE], guarantor, (), LIVE, (), BEIJING).refusals]
    assert not decide([on, HOUSE], query(NOON), (), CLOSED, (), BEIJING).allowed


def test_where_no_rule_asks_for_a_consent_it_stands_on_none() -> None:
    said = decide([HOUSE], query(NOON), (), LIVE, (), BEIJING)
    assert said.allowed
    assert said.basis is None


def test_the_newest_of_several_reports_answers() -> None:
    history = [
        past(NOON - day * DAY, "answered", number=f"Q{day}", report_id=f"R{day}") for day in (20, 3, 10)
    ]  # fmt: skip
    assert decide([CN, HOUSE], query(NOON), [GIVEN], LIVE, history, BEIJING).report_id == "R3"


def test_of_several_policies_the_one_that_keeps_reports_for_the_fewest_days_decides() -> None:
    history = [past(NOON - 5 * DAY, "answered", report_id="R1")]
    rules = "[{kind: unclear_pending}]"
    six, five, silent = (policy(rules, cache_days=days) for days in (6, 5, None))
    assert decide([six, silent], query(NOON), (), LIVE, history, BEIJING).report_id == "R1"
    assert decide([six, five], query(NOON), (), LIVE, history, BEIJING).report_id is None
    assert decide([silent], query(NOON), (), LIVE, history, BEIJING).report_id is None


def test_an_answer_without_a_report_is_none_at_hand_and_opens_no_limit() -> None:
    once = policy("[{kind: most_per_days, most: 1, days: 5, outcomes: [answered, refused]}]", cache_days=30)
    with_report = past(NOON - DAY, "answered", report_id="R1")
    assert decide([once], query(NOON), (), LIVE, [with_report], BEIJING).report_id == "R1"
    for without in (replace(with_report, report_id=None), replace(with_report, outcome="refused")):
        said = decide([once], query(NOON), (), LIVE, [without], BEIJING)
        assert said.earliest == dt.datetime(2026, 12, 2, tzinfo=BEIJING)
        assert not said.allowed


def test_grace_counts_the_day_of_closure_first() -> None:
    own = policy("[{kind: live_loan_needed, by: [loans], states: [live], grace_days: 3}]")
    closed = Standing((Loan("L1", "closed", dt.date(2026, 11, 28)),))
    last = NOON.replace(day=30, hour=23, minute=59)
    assert decide([own], query(last), (), closed, (), BEIJING).allowed
    assert not decide([own], query(last + dt.timedelta(minutes=1)), (), closed, (), BEIJING).allowed


def test_a_loan_that_ended_on_a_day_nobody_knows_has_ended() -> None:
    standing = Standing((Loan("L1", "closed"),))
    assert not decide([CN, HOUSE], query(NOON), [GIVEN], standing, (), BEIJING).allowed


def test_a_dispute_that_will_be_opened_is_waited_for() -> None:
    asked = query(NOON, reason="dispute_check", asked_by="manager")
    given = consent(NOON, purposes=frozenset({"dispute_check"}))
    disputes = (Dispute("D1", dt.date(2026, 12, 3), dt.date(2026, 12, 3)), Dispute("D2", dt.date(2026, 12, 5)))
    said = decide([CN, HOUSE], asked, [given], Standing((), (), disputes), (), BEIJING)
    assert said.earliest == dt.datetime(2026, 12, 5, tzinfo=BEIJING)  # the other is settled the day it is opened


def test_the_day_is_that_of_the_zone_passed_in() -> None:
    late = dt.datetime(2026, 11, 28, 20, tzinfo=dt.UTC)  # the 29th in Beijing
    closed = Standing((Loan("L1", "closed", dt.date(2026, 11, 29)),))
    assert not decide([CN, HOUSE], query(late), [GIVEN], closed, (), BEIJING).allowed
    assert decide([CN, HOUSE], query(late), [GIVEN], closed, (), zoneinfo.ZoneInfo("America/New_York")).allowed


def test_a_consent_that_ends_in_the_hour_lived_twice_ends_once() -> None:
    york = zoneinfo.ZoneInfo("America/New_York")
    until = dt.datetime(2026, 11, 1, 1, 30, tzinfo=york, fold=0)
    given = consent(NOON - 90 * DAY, until=until)
    own = policy("[{kind: consent_needed, exempt: [], exempt_citation: '', exemption: false}]")
    assert decide([own], query(until.replace(minute=29)), [given], LIVE, (), york).allowed
    assert not decide([own], query(until.replace(minute=0, fold=1)), [given], LIVE, (), york).allowed


def test_a_rule_that_the_next_version_drops_lasts_until_it_begins() -> None:
    never = version(dt.date(1900, 1, 1), "[{kind: reason_allowed, allowed: []}]", None)
    free = version(dt.date(2026, 12, 1), "[{kind: reason_allowed, allowed: [post_loan_management]}]", None)
    said = decide([Dated("own", "own.yaml", (never, free))], query(NOON), (), LIVE, (), BEIJING)
    assert said.earliest == said.refusals[0].earliest == dt.datetime(2026, 12, 1, tzinfo=BEIJING)


def test_a_version_that_lets_reports_live_longer_opens_what_a_limit_closed() -> None:
    limit = "[{kind: most_per_days, most: 1, days: 90, outcomes: [answered]}]"
    versions = (version(dt.date(1900, 1, 1), limit, 1), version(dt.date(2026, 12, 1), limit, 60))
    history = [past(NOON - 9 * DAY, "answered", report_id="R1")]
    said = decide([Dated("own", "own.yaml", versions)], query(NOON), (), LIVE, history, BEIJING)
    assert said.earliest == dt.datetime(2026, 12, 1, tzinfo=BEIJING)


def test_a_policy_that_has_not_begun_does_not_bind() -> None:
    assert decide([CN, HOUSE], query(NOON.replace(year=2013, month=3, day=14)), (), LIVE, (), BEIJING).allowed
    assert not decide([CN, HOUSE], query(NOON.replace(year=2013, month=3, day=15)), (), LIVE, (), BEIJING).allowed


@pytest.mark.parametrize("policies", [[], [CN]])
def test_without_a_policy_in_force_nothing_is_allowed(policies: list[Dated[object]]) -> None:
    with pytest.raises(ValueError, match="without a policy in force"):
        decide(policies, query(NOON.replace(year=2012)), [GIVEN], LIVE, (), BEIJING)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("at", "given", "made"),
    [
        (NOON.replace(tzinfo=None), GIVEN, NOON),
        (NOON, replace(GIVEN, given_at=NOON.replace(tzinfo=None)), NOON),
        (NOON, replace(GIVEN, withdrawn_at=NOON.replace(tzinfo=None)), NOON),
        (NOON, GIVEN, NOON.replace(tzinfo=None)),
    ],
)
def test_a_moment_without_a_zone_is_refused(at: dt.datetime, given: Consent, made: dt.datetime) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        decide([CN, HOUSE], query(at), [given], LIVE, [past(made, "answered")], BEIJING)


@pytest.mark.parametrize("cost", [Decimal(-1), Decimal("NaN"), Decimal("Infinity")])
def test_a_cost_that_is_no_amount_is_refused(cost: Decimal) -> None:
    with pytest.raises(ValueError, match="a cost must be an amount"):
        decide([CN, HOUSE], query(NOON, cost=cost), [GIVEN], LIVE, (), BEIJING)
    with pytest.raises(ValueError, match="a cost must be an amount"):
        decide([CN, HOUSE], query(NOON), [GIVEN], LIVE, [past(NOON, "failed", person_id="Q", cost=cost)], BEIJING)
