"""The forms that ship: each can be read, finished, and finds what a credit officer would expect of a full set of answers."""

from __future__ import annotations

import datetime as dt
import json
import re
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daihou.monitoring.families import OF_BORROWER
from daihou.policies.reviews import TYPES, reviews
from daihou.profiles.forms import shipped_findings, shipped_forms
from daihou.reviews.forms.answers import Piece, check, shown
from daihou.reviews.forms.as_json import client
from daihou.reviews.forms.findings import read_findings
from daihou.reviews.forms.reading import read
from daihou.reviews.forms.told import told
from reviews.forms.given import good
from reviews.forms.walker import walk

if TYPE_CHECKING:
    from daihou.reviews.forms.form import Form

LAWS = settings(max_examples=150, derandomize=True, database=None, deadline=None)
DAY: Final = dt.date(2026, 11, 29)
MEASURES: Final = {measure.name for family in OF_BORROWER for measure in family.measures}
VOCABULARY: Final = read_findings(shipped_findings(), "findings.yaml")
FORMS: Final[dict[str, Form]] = {
    name: read(text, f"{name}.yaml", VOCABULARY, measures=MEASURES).on(DAY) for name, text in shipped_forms().items()
}
CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
PHOTOS: Final = (Piece("photo", "front"), Piece("photo"), Piece("photo"))
PAPERS: Final = (Piece("photo"), Piece("pdf"))

FULL: Final[dict[str, tuple[dict[str, Any], dict[str, Any], list[str]]]] = {
    "first": (
        {
            "paid_how": "entrusted", "use": "partly", "use_told": "部分货款转存定期", "proofs": ["contract", "invoice"], "conditions_met": True,
            "security": ["mortgage", "guarantee"], "registered": "applied", "insured": False, "open": "normal", "turnover": 18_200_000, "stock": 30_000_000,
            "staff": 6, "same_as_told": True, "opinion": "补办保险。",
        },
        {},
        ["use_diverted orange", "registration_missing blue", "insurance_lapsed yellow"],
    ),
    "regular": (
        {
            "met": "owner", "same_premises": True, "licence": "valid", "owner_change": False, "staff": 4, "wages": "late", "open": "normal",
            "turnover": 12_150_000, "fall_reasons": ["customers_owe", "dear_purchases"], "stock": 28_000_000, "stock_moves": "slowly", "rent": "paid",
            "debts": ["banks", "private"], "debts_total": 90_000_000, "late_elsewhere": False, "lawsuits": False, "willingness": 4, "ability": 3,
            "next_source": "月底货款回笼", "opinion": "两个月后再访。",
        },
        {"turnover": 18_200_000, "staff": 6, "stock": 30_000_000, "debts_total": 60_000_000},
        ["staff_fell yellow", "turnover_fell orange", "receivables_late yellow", "private_lending red", "debts_elsewhere orange"],
    ),
    "fund_use": (
        {
            "loan_paid": 100_000_000, "traced": 70_000_000, "untraced_why": "现金支取", "payee": "same", "returned": True, "returned_amount": 60_000_000,
            "forbidden": ["shares"], "project": "behind", "proofs": ["invoice"], "invoice_true": "false", "opinion": "要求提前归还。",
        },
        {},
        ["use_unproved orange", "funds_returned red", "use_diverted red", "project_behind orange", "accounts_doubtful red"],
    ),
    "before_maturity": (
        {
            "reached": "borrower", "due_amount": 86_000_000, "source": ["sales", "bridge"], "ready": 20_000_000, "rest_by": "2026-12-20", "wants": "renew",
            "why_not": "货款未回", "willingness": 4, "ability": 2, "opinion": "提前准备续贷资料。",
        },
        {},
        ["source_uncertain orange", "wants_extension yellow", "ability_low orange"],
    ),
    "revaluation": (
        {
            "kind": "shop", "condition": "good", "used_by": "let", "let_until": "2028-01-01", "seized": False, "insurance": "lapsed", "registered": True,
            "method": "outside", "value": 150_000_000, "value_why": "周边空置率上升", "secured": 120_000_000, "opinion": "追加担保。",
        },
        {"value": 200_000_000},
        ["collateral_let yellow", "insurance_lapsed yellow", "collateral_worth_less orange", "collateral_short orange"],
    ),
    "guarantor": (
        {
            "kind": "firm", "reached": True, "knows": "denies", "denial": "称公章被盗用", "relation": "mutual", "guaranteed": 50_000_000, "assets": 80_000_000,
            "guarantees": 90_000_000, "operating": "normal", "lawsuits": False, "opinion": "更换保证人。",
        },
        {"assets": 90_000_000},
        ["guarantor_unwilling orange", "guarantor_weak orange"],
    ),
    "group": (
        {
            "members": 12, "new_members": "两家贸易公司", "control_changed": False, "expansion": ["beyond"], "total_debt": 1_400_000_000, "equity": 900_000_000,
            "lenders": 7, "mutual": "all", "troubled": ["overdue"], "which": "某子公司票据逾期", "dealings": "drained", "opinion": "压降集团授信。",
        },
        {"members": 10, "total_debt": 1_000_000_000},
        ["group_overextended orange", "group_in_trouble orange", "related_dealings red"],
    ),
    "yearly": (
        {
            "statements": "audited", "sales": 700_000_000, "sales_why": "主要客户流失", "profit": -5_000_000, "assets": 900_000_000, "liabilities": 700_000_000,
            "operating_cash": "once_negative", "covenants": "broken", "broken_what": "资产负债率约定", "drawing": "full", "outlook": "stable", "ability": 2,
            "limit_proposed": 300_000_000, "opinion": "压降额度。",
        },
        {"sales": 1_000_000_000},
        ["turnover_fell orange", "ability_low orange", "debts_elsewhere orange", "covenant_broken orange"],
    ),
    "return_visit": (
        {
            "reached": "borrower", "verified": True, "own_loan": "own", "work": "lost", "income": 300_000, "income_why": ["work_lost"], "events": ["none"],
            "debts": "heavy", "willingness": 4, "ability": 2, "hardship": True, "contact_same": False, "contact_new": "新住址待补", "complaint": False,
        },
        {"income": 900_000},
        ["work_lost orange", "income_fell orange", "debts_elsewhere orange", "ability_low orange", "wants_extension yellow", "contact_changed blue"],
    ),
    "statements": ({"got": "refused", "why": "称财务人员离职"}, {}, ["statements_late yellow"]),
    "insurance": (
        {"got": "renewed", "until": "2027-03-30", "sum": 300_000_000, "beneficiary": True}, {}, [],
    ),
    "registration": ({"got": "refused", "why": "称不再需要"}, {}, ["registration_missing orange"]),
    "special": (
        {
            "signal_true": "true", "signal_told": "门店关闭", "met": "staff", "gone": "fled", "open": "closed", "scene_signs": ["creditors", "moving"],
            "collateral": "good", "ability": 1, "measures_taken": ["accelerate", "court"], "opinion": "立即保全。",
        },
        {},
        ["unreachable red", "business_stopped red", "debts_elsewhere orange", "assets_moved red", "ability_low red"],
    ),
}  # fmt: skip


def evidence(form: Form) -> dict[str, tuple[Piece, ...]]:
    """Enough for every question that asks for some."""
    return {
        one.id: PHOTOS if one.kind == "photos" else tuple(Piece(kind) for kind in one.evidence.kinds)
        for one in form.questions()
        if one.evidence is not None
    }


def test_every_type_of_review_has_its_form() -> None:
    assert set(FORMS) == set(TYPES) == set(FULL)


def test_every_plan_that_ships_names_a_form_that_ships_and_is_done_in_its_place() -> None:
    place = "policies/common/reviews.yaml"
    policy = reviews(resources.files("daihou").joinpath(place).read_text("utf-8"), place).on(DAY).values
    for plan in policy.plans:
        assert FORMS[plan.form].onsite is (plan.site == "on"), plan.code


@pytest.mark.parametrize("name", FULL)
def test_full_answers_can_be_handed_in_and_find(name: str) -> None:
    answers, previous, findings = FULL[name]
    form = FORMS[name]
    assert [one for one in check(form, answers, previous, evidence(form)) if one.blocking] == []
    assert set(answers) <= set(shown(form, answers, previous)), "an answer of the case is not asked"
    assert [f"{one.code} {one.level}" for one in told(form, answers, previous).findings] == findings


@pytest.mark.parametrize("name", FULL)
def test_each_answer_that_must_be_given_is_missed_where_it_is_not(name: str) -> None:
    answers, previous, _ = FULL[name]
    form = FORMS[name]
    for question in form.questions():
        if question.required and question.id in answers:
            without = {code: answer for code, answer in answers.items() if code != question.id}
            problems = check(form, without, previous, evidence(form))
            assert (question.id, "missing") in {(one.question, one.fault) for one in problems}


def test_nobody_at_the_door_can_be_handed_in() -> None:
    form = FORMS["regular"]
    nobody = {
        "met": "nobody", "not_met_why": "多次敲门无人", "same_premises": True, "licence": "valid", "open": "closed", "closed_since": "2026-11-01",
        "lawsuits": False, "ability": 1, "next_source": "不明", "opinion": "转专项检查。",
    }  # fmt: skip
    assert [one for one in check(form, nobody, {}, evidence(form)) if one.blocking] == []
    said = told(form, nobody, {})
    assert {one.code for one in said.findings} == {"unreachable", "business_stopped", "ability_low"}
    assert said.band is not None
    assert said.band.code == "weak"


def test_a_call_that_nobody_takes_asks_nothing_more() -> None:
    form = FORMS["return_visit"]
    assert check(form, {"reached": "nobody"}, {}, {}) == []
    assert [one.code for one in told(form, {"reached": "nobody"}, {}).findings] == ["unreachable"]


@pytest.mark.parametrize("name", FORMS)
def test_a_change_that_needs_a_reason_shows_the_question_for_it(name: str) -> None:
    form = FORMS[name]
    answers, previous, _ = FULL[name]
    for question in form.questions():
        for reason in question.reasons:
            moved = 1 - reason.share if reason.direction == "fall" else 1 + reason.share
            for nudge, asked in ((0, False), (-2, True)):
                now = round(10**8 * moved) + (nudge if reason.direction == "fall" else -nudge)
                seen = shown(form, answers | {question.id: now}, previous | {question.id: 10**8})
                assert (reason.told_in in seen) is asked, (question.id, reason)


@pytest.mark.parametrize("name", FORMS)
def test_both_languages_are_themselves(name: str) -> None:
    form = FORMS[name]
    english = json.dumps(client(form, "en"), ensure_ascii=False)
    assert not CHINESE.search(english)
    for question in form.questions():
        labels = [question.text, *(one.label for one in question.choices), *question.labels]
        assert all(CHINESE.search(one.zh) for one in labels), question.id


def test_every_finding_of_the_vocabulary_is_asked_by_some_form() -> None:
    asked = set()
    for form in FORMS.values():
        for question in form.questions():
            asked |= {one.finding.code for one in question.findings}
            asked |= {one.finding.code for one in question.choices if one.finding is not None}
    assert asked == set(VOCABULARY)


@LAWS
@given(st.sampled_from(sorted(FORMS)), st.data())
def test_the_phone_shows_what_the_server_shows(name: str, data: st.DataObject) -> None:
    form = FORMS[name]
    answers, previous = data.draw(good(form)), data.draw(good(form))
    said = json.loads(json.dumps(client(form, "zh")))
    assert tuple(walk(said, answers, previous, 100)) == shown(form, answers, previous)
