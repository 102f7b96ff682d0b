"""A version of a rule before its columns: what does not fit is refused with its key, and the message says values as people do."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from daihou.book.errors import DaihouError
from daihou.expressions import text
from daihou.warning.checked import check, problems
from daihou.warning.rule import Rule, Text, Version

VERSION = Version(
    number=2,
    from_on=dt.date(2026, 5, 1),
    owner="Head of risk",
    level="orange",
    when="dpd >= 5 or max_dpd_3m > 30",
    message=Text("{dpd} past due, {overdue_amount}", "逾期{dpd}，{overdue_amount}"),
    reason=Text("It helps", "有效"),
)
RULE = Rule("R-501", Text("Late", "逾期"), "arrears", "loan", (VERSION,))


def test_the_condition_is_the_segment_and_the_when_together() -> None:
    version = replace(VERSION, segment="product = 'sme' and months_on_book > 3")
    found = check(RULE, version)
    assert text(found.condition) == "product = 'sme' and months_on_book > 3 and (dpd >= 5 or max_dpd_3m > 30)"
    assert text(found.when) == "dpd >= 5 or max_dpd_3m > 30"
    assert found.segment is not None
    assert text(found.segment) == "product = 'sme' and months_on_book > 3"


def test_being_outside_the_segment_counts_as_clear() -> None:
    version = replace(VERSION, segment="product = 'sme'", clear="dpd = 0")
    cleared = check(RULE, version).clear
    assert cleared is not None
    assert text(cleared) == "not product = 'sme' or dpd = 0"


def test_without_a_clear_of_its_own_there_is_none_to_ask() -> None:
    assert check(RULE, VERSION).clear is None


def test_the_columns_are_those_of_the_conditions_and_of_the_message_each_once() -> None:
    found = check(RULE, replace(VERSION, clear="dpd = 0 and total_claim = 0"))
    assert [field.name for field in found.columns] == ["dpd", "max_dpd_3m", "total_claim", "overdue_amount"]


@pytest.mark.parametrize(
    ("change", "place", "said", "remedy"),
    [
        ({"when": "dpd > overdue_amount"}, "when: …overdue_amount", "Units differ", "same unit"),
        ({"when": "ddp > 5"}, "when: ddp > 5", "Column ddp is unknown.", "Did you mean dpd"),
        ({"segment": "product ="}, "segment: product = ⟨?⟩", "ends too early", "a column or a value"),
        ({"clear": "lower(product) = 'sme'"}, "clear: lower(product)", "calls a function", "Use columns"),
        ({"when": "dpd >= 0"}, "when: dpd >= 0", "always holds", "Change its bounds"),
        ({"when": "dpd > 5 and dpd < 3"}, "when: dpd > 5 and dpd < 3", "can never hold", "Change its bounds"),
        ({"clear": "dpd >= 0"}, "clear: dpd >= 0", "always holds", "Change its bounds"),
        ({"when": "dpd > 5 or unemployment > 5"}, "when: …5", "of which 5 would be 500%", "Write 5%"),
        ({"segment": "annual_rate between 0.1 and 18"}, "segment: …18", "of which 18 would be 1800%", "Write 18%"),
        ({"clear": "house_price_change_12m > -30"}, "clear: …-30", "of which -30 would be -3000%", "Write -30%"),
        ({"segment": "dpd = 0 and max_dpd_3m = 0"}, "when", "Within the segment the condition can never hold.", "Compare"),
        ({"confirm": 0}, "confirm", "0 is not from 1 to 60", "from 1 to 60"),
        ({"clear_times": 61}, "clear_times", "61 is not from 1 to 60", "from 1 to 60"),
        ({"cooldown_days": 731}, "cooldown_days", "731 is not from 0 to 730", "from 0 to 730"),
        ({"due_work_days": 91}, "due_work_days", "91 is not from 0 to 90", "from 0 to 90"),
        ({"from_on": None}, "from", "neither from when it warns nor from when it runs in shadow", "Give `from`"),
        ({"shadow_from": dt.date(2026, 5, 1)}, "shadow_from", "not before the version warns", "Begin it earlier"),
        ({"retired": True, "shadow_from": dt.date(2026, 4, 1)}, "retired", "and no shadow", "Give `from`"),
        ({"message": Text("{ddp}", "{ddp}")}, "message, en", "{ddp}", "Did you mean dpd"),
        ({"message": Text("{dpd}", "{days}")}, "message, zh", "{days}", "measures.md"),
        ({"message": Text("{dpd:>9}", "{dpd}")}, "message, en", "{dpd:>9}", "measures.md"),
        ({"message": Text("{dpd", "{dpd}")}, "message, en", "A brace stands alone", "{dpd}"),
        ({"message": Text("{dpd}", "逾期")}, "message", "do not show the same values", "same columns"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_rule_version_key_and_remedy(
    change: dict[str, Any], place: str, said: str, remedy: str
) -> None:
    version = replace(VERSION, **change)
    (problem,) = problems(RULE, version, place="mine.yaml")[:1]
    assert problem.place.startswith(f"mine.yaml, R-501 version 2, {place}")
    assert said in problem.message
    assert remedy in problem.remedy
    with pytest.raises(DaihouError) as caught:
        check(RULE, version, place="mine.yaml")
    assert str(caught.value) == str(problem)


@pytest.mark.parametrize(
    "when",
    ["utilisation > 1.2", "own_share < 1", "paid_to_due_3m > 3", "unemployment > 500%", "unemployment in (5%, 1)"],
)
def test_what_a_ratio_may_be_and_what_is_written_in_percent_is_taken(when: str) -> None:
    assert text(check(RULE, replace(VERSION, when=when)).when) == when


def test_a_published_version_is_judged_by_its_numbers_as_ever() -> None:
    assert check(RULE, replace(VERSION, when="unemployment < 5"), published=True)


def test_every_problem_of_a_version_is_named() -> None:
    version = replace(VERSION, when="ddp > 1", clear="dpd >= 0", confirm=0, message=Text("{x}", "{x}"))
    assert [problem.place.split(", ", 1)[1][:11] for problem in problems(RULE, version)] == [
        "confirm", "message, en", "message, zh", "when: ddp >", "clear: dpd ",
    ]  # fmt: skip


def test_a_borrowers_rule_does_not_see_the_columns_of_loans() -> None:
    of_borrower = Rule("R-502", RULE.name, "borrower", "borrower", RULE.versions)
    with pytest.raises(DaihouError, match="Column dpd is unknown"):
        check(of_borrower, replace(VERSION, message=Text("-", "-")))
    sees = check(of_borrower, replace(VERSION, when="worst_dpd > 5", message=Text("-", "-")))
    assert [field.name for field in sees.columns] == ["worst_dpd"]


def test_a_loans_rule_sees_the_columns_of_its_borrower_too() -> None:
    assert check(RULE, replace(VERSION, when="dpd = 0 and worst_dpd > 5"))


def test_of_a_version_that_ends_its_rule_the_condition_is_not_asked() -> None:
    ended = replace(VERSION, retired=True, when="gone_with_its_family > 3", message=Text("{gone}", "{gone}"))
    assert problems(RULE, ended) == []


def test_what_was_published_is_not_tried_for_being_constant_again() -> None:
    assert check(RULE, replace(VERSION, when="dpd >= 0"), published=True)


VALUES: dict[str, Any] = {
    "dpd": 37,
    "overdue_amount": Decimal(12500),
    "months_on_book": 1,
    "annual_rate": Decimal("0.0435"),
    "overdue_share": 0.45678,
    "net_flow_3m": Decimal("-2500.5"),
    "missed_12m": 1234,
    "first_payment_missed": True,
    "oldest_unpaid_due_on": dt.date(2026, 3, 15),
    "dpd_change_1m": -1,
    "purchasing_index": 49.3,
    "product": "sme",
    "borrower_kind": None,
}


@pytest.mark.parametrize(
    ("name", "en", "zh"),
    [
        ("dpd", "37 days", "37天"),
        ("overdue_amount", "12,500.00 USD", "12,500.00美元"),
        ("months_on_book", "1 month", "1个月"),
        ("annual_rate", "4.35%", "4.35%"),
        ("overdue_share", "45.7%", "45.7%"),
        ("net_flow_3m", "−2,500.50 CNY", "−2,500.50元"),
        ("missed_12m", "1,234", "1,234"),
        ("first_payment_missed", "yes", "是"),
        ("oldest_unpaid_due_on", "2026-03-15", "2026-03-15"),
        ("dpd_change_1m", "−1 day", "−1天"),
        ("purchasing_index", "49.3", "49.3"),
        ("product", "sme", "sme"),
        ("borrower_kind", "no data", "无数据"),
        ("worst_dpd", "no data", "无数据"),
    ],
)
def test_a_message_says_each_value_with_its_unit(name: str, en: str, zh: str) -> None:
    found = check(RULE, replace(VERSION, message=Text(f"It is {{{name}}}.", f"为{{{name}}}。")))
    assert found.message(VALUES, chinese=False, currency="USD") == f"It is {en}."
    assert found.message(VALUES, chinese=True, currency="USD") == f"为{zh}。"


def test_a_message_in_a_currency_without_decimals_and_one_without_a_currency() -> None:
    found = check(RULE, VERSION)
    assert found.message(VALUES, chinese=False, currency="JPY") == "37 days past due, 12,500 JPY"
    assert found.message(VALUES, chinese=True, currency="CNY") == "逾期37天，12,500.00元"
    assert found.message(VALUES, chinese=False) == "37 days past due, 12,500"
