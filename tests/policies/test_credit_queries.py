"""The policies of credit queries: what ships is read and holds together in both languages, and what is wrong in a lender's own is named."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from importlib import resources
from typing import TYPE_CHECKING, Final

import pytest

from daihou.book.errors import DaihouError
from daihou.policies.credit_queries import (
    SHIPPED,
    ConsentNeeded,
    CostLimit,
    CreditQueries,
    LiveLoanNeeded,
    credit_queries,
)

if TYPE_CHECKING:
    from daihou.policies.dated import Dated

CHINESE: Final = re.compile("[一-鿿]")


def text_of(name: str) -> str:
    return resources.files("daihou").joinpath(SHIPPED[name], f"{name}.yaml").read_text("utf-8")


def shipped(name: str) -> Dated[CreditQueries]:
    return credit_queries(name, text_of(name), f"{SHIPPED[name]}/{name}.yaml")


@pytest.mark.parametrize("name", SHIPPED)
def test_every_rule_that_ships_names_its_source_and_speaks_both_languages(name: str) -> None:
    for version in shipped(name).versions:
        for rule in version.values.rules:
            assert CHINESE.search(rule.citation), rule.id
            assert CHINESE.search(rule.zh), rule.id
            assert not CHINESE.search(rule.en), rule.id
            assert rule.en.endswith("."), rule.id
            assert rule.zh.endswith("。"), rule.id


def test_the_regulation_binds_from_its_day_on_and_the_older_exemption_is_off() -> None:
    policy = shipped("credit_queries_cn")
    (version,) = policy.versions
    assert version.from_on == dt.date(2013, 3, 15)
    consent = next(rule for rule in version.values.rules if isinstance(rule, ConsentNeeded))
    assert consent.exempt == {"post_loan_management"}
    assert "第十三条" in consent.exempt_citation
    assert not consent.exemption
    assert consent.persons == {"person"}


def test_nothing_that_ships_lets_a_closed_loan_linger() -> None:
    ties = [
        rule for name in SHIPPED for rule in shipped(name).versions[-1].values.rules if isinstance(rule, LiveLoanNeeded)
    ]
    assert {reason for rule in ties for reason in rule.reasons} == {
        "post_loan_management",
        "guarantor_review",
        "dispute_check",
    }
    assert {rule.grace_days for rule in ties} == {0}


def test_each_version_holds_from_its_day_on() -> None:
    text = text_of("credit_queries_house")
    head, _, rest = text.partition("  - from: 1900-01-01\n")
    both = f"{head}  - from: 1900-01-01\n{rest}  - from: 2026-07-01\n{rest.replace('cache_days: 30', 'cache_days: 7')}"
    policy = credit_queries("credit_queries_house", both, "own.yaml")
    assert policy.on(dt.date(2026, 6, 30)).values.cache_days == 30
    assert policy.on(dt.date(2026, 7, 1)).values.cache_days == 7


@pytest.mark.parametrize(("written", "meant"), [("500.10", "500.10"), ('"0.07"', "0.07"), ("0", "0")])
def test_an_amount_is_what_the_file_says_to_the_cent(written: str, meant: str) -> None:
    text = text_of("credit_queries_house").replace("most: 2000", f"most: {written}")
    rules = credit_queries("credit_queries_house", text, "own.yaml").versions[0].values.rules
    assert next(rule.most for rule in rules if isinstance(rule, CostLimit)) == Decimal(meant)


@pytest.mark.parametrize(
    ("name", "was", "wrong", "said"),
    [
        ("credit_queries_house", "cache_days: 30", "cache_days: -1", "cache_days must be a whole number from 0"),
        ("credit_queries_house", "most: 2\n", "most: two\n", "rule often: most must be a whole number from 0"),
        ("credit_queries_house", "days: 90", "days: 0", "rule often: days must be a whole number from 1"),
        ("credit_queries_house", "outcomes: [answered, refused]", "outcomes: [read]", "rule often: outcomes may name .*, not read"),
        ("credit_queries_house", "outcomes: [answered, refused]", "outcomes: answered", "rule often: outcomes must be a list"),
        ("credit_queries_house", "most: 2000", "most: lots", "rule cost_a_day: most must be an amount from 0, not lots"),
        ("credit_queries_house", "most: 2000", "most: -5", "rule cost_a_day: most must be an amount"),
        ("credit_queries_house", "most: 2000", "most: .inf", "rule cost_a_day: most must be an amount"),
        ("credit_queries_house", "most: 2000", "most: true", "rule cost_a_day: most must be an amount"),
        ("credit_queries_house", "span: day", "span: year", "rule cost_a_day: span must be one of day, month, not year"),
        ("credit_queries_house", "roles: [manager]", "roles: [The boss]", "rule roles_dispute: roles: The boss is no code"),
        ("credit_queries_house", "roles: [manager]", "roles: manager", "rule roles_dispute: roles must be a list"),
        ("credit_queries_house", "kind: unclear_pending", "kind: wish", "rule unclear: kind must be one of reason_allowed"),
        ("credit_queries_house", "Query {number}", "Query {colour}", "rule unclear: a text names {colour}; it may name number, on, bureau"),
        ("credit_queries_house", "id: cost_a_month", "id: cost_a_day", "rule cost_a_day is there twice"),
        ("credit_queries_house", "span: month", "span: month\n          colour: mauve", "rule cost_a_month: unknown key colour"),
        ("credit_queries_cn", "exemption: false", "exemption: perhaps", "rule consent: exemption must be true or false"),
        ("credit_queries_cn", "exempt_citation: 《个人信用信息基础数据库管理暂行办法》", "exempt_citation: 5 #", "rule consent: exempt_citation must say"),
        ("credit_queries_cn", "exempt: [post_loan_management]", "exempt: [curiosity]", "rule consent: exempt may name .*, not curiosity"),
        ("credit_queries_cn", "states: [live, written_off]", "states: [closed]", "rule live_loan: states may name .*, not closed"),
        ("credit_queries_cn", "by: [loans]", "by: []", "rule live_loan: by names nothing"),
        ("credit_queries_cn", "grace_days: 0", "grace_days: -3", "rule live_loan: grace_days must be a whole number from 0"),
        ("credit_queries_cn", "persons: [person]", "persons: [robot]", "rule listed_reason: persons may name person, company, not robot"),
        ("credit_queries_cn", "citation: 《征信业管理条例》第十八条、第二十条", 'citation: ""', "rule consent: citation is missing"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_the_rule_and_the_file(name: str, was: str, wrong: str, said: str) -> None:
    text = text_of(name)
    assert was in text
    with pytest.raises(DaihouError, match=said) as caught:
        credit_queries(name, text.replace(was, wrong, 1), "own.yaml")
    assert caught.value.place == "own.yaml, version 1"
