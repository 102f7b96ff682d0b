"""Asking for a report: the gate with what binds the person, consents and history of this desk; written and logged before anything leaves."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.http import Http404

from daihou.book.intake import deliver
from daihou.desk.audit.models import Entry
from daihou.desk.bureau import asking, authorising
from daihou.desk.bureau.asking import Asking
from daihou.desk.bureau.errors import UnfitError
from daihou.desk.bureau.models import Query
from daihou.desk.bureau.standing import kind_of, standing
from daihou.desk.contacts.models import Circumstance
from daihou.desk.refusals import StaleError
from daihou.reviews.queries.query import Duty, Loan
from desk.alerts.hands import asked
from desk.bureau.asks import COMPANY, DAY, FAR, GUARANTOR, LI, NOW, PARTNER, SUN, TODAY, authorised, only, rules, wanted

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.home import Home
    from daihou.desk.people.models import User

Staff = dict[str, "User"]


def test_what_is_allowed_waits_and_says_what_it_stands_on(staff: Staff) -> None:
    consent = authorised(staff["wang"])
    query = wanted(staff["wang"], note=" for the yearly review ")
    assert (query.outcome, query.cost, query.cost_expected, query.sent_at) == ("waiting", None, Decimal("10.00"), None)
    assert (query.kind, query.role, query.note, query.number) == (
        "person",
        "officer",
        "for the yearly review",
        f"CQ-2026-{query.pk:06d}",
    )
    assert query.decision["basis"] == {"kind": "consent", "reference": consent.number}
    assert query.decision["policies"] == ["credit_queries_cn@2013-03-15", "credit_queries_house@1900-01-01"]
    entry = Entry.objects.get(action="bureau.query")
    assert (entry.subject_id, entry.actor, entry.detail["basis"]) == (query.number, "wang", consent.number)


def test_what_is_refused_is_written_with_every_rule_its_article_and_the_earliest_moment(staff: Staff) -> None:
    query = wanted(staff["wang"], SUN)
    assert (query.outcome, query.cost) == ("refused", Decimal(0))
    assert rules(query) == ["consent", "live_loan"]
    assert query.decision["refusals"][0]["citation"] == "《征信业管理条例》第十八条、第二十条"
    assert "2026-03-01" in query.decision["refusals"][1]["en"]
    assert query.decision["earliest"] is None
    entry = Entry.objects.get(action="bureau.refuse")
    assert [one["rule"] for one in entry.detail["rules"]] == ["consent", "live_loan"]
    assert not Entry.objects.filter(action="bureau.query").exists()


def test_what_binds_each_person(home: Home, staff: Staff) -> None:
    assert standing(LI, TODAY).loans == (Loan("L1", "live"),)
    assert standing(SUN, TODAY).loans == (Loan("L2", "closed", dt.date(2026, 3, 1)),)
    assert standing(PARTNER, TODAY).loans == (Loan("L1", "live"),)
    assert standing(GUARANTOR, TODAY).duties == (Duty(Loan("L1", "live")),)
    assert standing(GUARANTOR, TODAY).loans == ()
    assert standing("nobody", TODAY) == standing("nobody else", TODAY)
    assert (kind_of(COMPANY, TODAY), kind_of(LI, TODAY), kind_of(GUARANTOR, TODAY)) == ("company", "person", "person")


def test_a_loan_that_moved_binds_its_borrower_of_today_alone(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "loans.csv"
    path.write_text(
        "loan_id,borrower_id,product,principal,disbursed_on,matures_on,org_id,officer_id\n"
        "L1,P4,consumer,100000,2025-06-01,2027-06-01,X2,F01\n",
        "utf-8",
    )
    assert not deliver(home, [path], "loans", today=dt.date(2026, 3, 10)).exit_code
    assert standing(LI, TODAY).loans == ()
    assert [loan.loan_id for loan in standing(FAR, TODAY).loans] == ["L1", "L4"]


def test_a_guarantor_is_asked_about_by_who_sees_the_borrower(staff: Staff) -> None:
    authorised(staff["wang"], GUARANTOR, "guarantor_review")
    query = wanted(staff["wang"], GUARANTOR, "guarantor_review")
    assert (query.outcome, query.org_id, query.officer_id) == ("waiting", "X1", "W01")
    assert rules(wanted(staff["wang"], GUARANTOR)) == ["consent", "live_loan", "unclear"]
    with pytest.raises(Http404):
        wanted(staff["far"], GUARANTOR, "guarantor_review")


def test_an_open_dispute_is_checked_by_a_manager_alone(staff: Staff) -> None:
    authorised(staff["wang"], SUN, "dispute_check")
    assert rules(wanted(staff["he"], SUN, "dispute_check")) == ["open_dispute"]
    Circumstance.objects.create(person_id=SUN, kind="dispute", from_at=NOW - DAY, ground="said so", entered_at=NOW)
    assert rules(wanted(staff["wang"], SUN, "dispute_check")) == ["roles_dispute"]
    assert wanted(staff["he"], SUN, "dispute_check").outcome == "waiting"


def test_who_holds_two_roles_asks_in_the_one_that_may(staff: Staff) -> None:
    from daihou.desk.people.models import Membership

    Membership.objects.create(user=staff["wang"], role="manager", org_id="X1")
    Membership.objects.create(user=staff["far"], role="manager", org_id="X2")
    authorised(staff["wang"], LI, "dispute_check")
    Circumstance.objects.create(person_id=LI, kind="dispute", from_at=NOW - DAY, ground="said so", entered_at=NOW)
    assert wanted(staff["wang"], reason="dispute_check").role == "manager"


def test_a_second_one_is_refused_while_the_first_is_under_way(staff: Staff) -> None:
    authorised(staff["wang"])
    first = wanted(staff["wang"])
    second = wanted(staff["he"])
    assert (second.outcome, rules(second)) == ("refused", ["unclear"])
    assert first.number in second.decision["refusals"][0]["en"]


def test_a_report_at_hand_answers_and_costs_nothing(staff: Staff) -> None:
    authorised(staff["wang"])
    first = wanted(staff["wang"])
    Query.objects.update(outcome="answered", report_id=first.number, sent_at=NOW, ended_at=NOW, cost=10)
    again = wanted(staff["he"], now=NOW + DAY)
    assert (again.outcome, again.report_id, again.cost) == ("cached", first.number, Decimal(0))
    assert wanted(staff["he"], now=NOW + 31 * DAY).outcome == "waiting"


def test_limits_of_money_count_what_is_expected_of_what_is_under_way(staff: Staff, settings: Any) -> None:
    authorised(staff["wang"])
    authorised(staff["wang"], COMPANY)
    (bureau,) = settings.HOME.settings.bureaus
    dear = replace(settings.HOME.settings, bureaus=(replace(bureau, cost=Decimal(1500)),))
    settings.HOME = replace(settings.HOME, settings=dear)
    assert wanted(staff["wang"]).outcome == "waiting"
    refused = wanted(staff["wang"], COMPANY)
    assert rules(refused) == ["cost_a_day"]
    assert refused.decision["earliest"].startswith("2026-03-17T16:00")  # midnight in Shanghai, in UTC


def test_the_same_key_is_the_same_query(staff: Staff) -> None:
    authorised(staff["wang"])
    first, again = wanted(staff["wang"], key="k"), wanted(staff["wang"], key="k")
    assert first == again == only()
    assert Entry.objects.filter(action="bureau.query").count() == 1
    for who, borrower in (("wang", COMPANY), ("he", LI)):
        with pytest.raises(UnfitError):
            wanted(staff[who], borrower, key="k")


@pytest.mark.parametrize("stated", [{"bureau": "moon"}, {"reason": "curiosity"}, {"key": ""}, {"key": 65 * "x"}])
def test_what_does_not_fit_is_not_written(staff: Staff, stated: dict[str, str]) -> None:
    with pytest.raises(UnfitError):
        asking.ask(
            Asking(**({"borrower_id": LI, "bureau": "pbc", "reason": "post_loan_management", "key": "k"} | stated)),
            asked(staff["wang"]),
            NOW,
        )
    assert not Query.objects.exists()


def test_who_does_not_reach_the_borrower_asks_nothing(staff: Staff) -> None:
    for who, borrower in (("wang", FAR), ("far", LI), ("zhao", LI), ("wu", LI), ("wang", "nobody")):
        with pytest.raises(Http404):
            wanted(staff[who], borrower)
    assert not Query.objects.exists()


def test_a_consent_that_was_withdrawn_carries_nothing_any_more(staff: Staff) -> None:
    consent = authorised(staff["wang"])
    authorising.revoke(consent, "asked by letter", asked(staff["wang"]))
    assert rules(wanted(staff["wang"])) == ["consent"]
    assert Entry.objects.get(action="bureau.revoke").subject_id == consent.number
    with pytest.raises(StaleError):
        authorising.revoke(consent, "asked by letter", asked(staff["wang"]))


def test_a_query_that_has_not_left_may_be_taken_back(staff: Staff) -> None:
    authorised(staff["wang"])
    query = wanted(staff["wang"])
    with pytest.raises(StaleError):
        asking.withdraw(query, query.revision + 1, asked(staff["wang"]))
    assert asking.withdraw(query, query.revision, asked(staff["wang"])).outcome == "withdrawn"
    assert wanted(staff["wang"]).outcome == "waiting"  # it counts nowhere
    with pytest.raises(StaleError):
        asking.withdraw(query, query.revision + 1, asked(staff["wang"]))
