"""The rules that ship: each fits, says why in both languages, warns on a case worked by hand and not on the one beside it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from typing import Any, Final

import pytest

from daihou.expressions import always, explain, text
from daihou.expressions.tree import all_of
from daihou.profiles.rules import FILES, shipped_text
from daihou.runs.watch.register import shipped
from daihou.warning import reading, reference
from daihou.warning.checked import check, problems
from daihou.warning.rule import LEVELS, SUBJECTS, TOPICS

RULES: Final = {rule.id: rule for profile in ("bank", "trust", "online") for rule in shipped(profile)}

day = dt.date.fromisoformat
CASES: Final[dict[str, tuple[dict[str, Any], dict[str, Any]]]] = {
    "R-001": ({"dpd": 1, "overdue_amount": 820, "oldest_unpaid_due_on": day("2026-03-15")}, {"dpd": 0}),
    "R-002": ({"dpd": 31, "overdue_amount": 820, "principal_outstanding": 9000}, {"dpd": 30}),
    "R-003": ({"dpd": 61, "overdue_amount": 820, "principal_outstanding": 9000}, {"dpd": 60}),
    "R-004": ({"dpd_principal": 8, "dpd_interest": 0, "overdue_principal": 700}, {"dpd_interest": 1}),
    "R-005": ({"first_payment_missed": True, "first_due_on": day("2026-03-15"), "dpd": 4}, {"first_payment_missed": False}),
    "R-006": ({"dpd": 40, "overdue_principal": 2001, "principal_outstanding": 10000, "unpaid_due_dates": 2}, {"overdue_principal": 2000}),
    "R-007": ({"dpd": 0, "charges_accrued": 12}, {"charges_accrued": 0}),
    "R-008": ({"dpd": 3, "dpd_reported": 11}, {"dpd_reported": 10}),
    "R-011": ({"repeated_arrears": True, "missed_months_24m": 6, "missed_months_in_a_row_24m": 2}, {"repeated_arrears": False}),
    "R-012": ({"dpd": 0, "missed_12m": 3}, {"missed_12m": 2}),
    "R-013": ({"part_paid_12m": 2}, {"part_paid_12m": 1}),
    "R-014": ({"months_on_book": 3, "paid_to_due_3m": 0.79, "paid_amount_3m": 790, "due_amount_3m": 1000}, {"months_on_book": 2}),
    "R-015": ({"months_since_paid": 3, "dpd": 95}, {"months_since_paid": 2}),
    "R-016": ({"dpd": 45, "dpd_change_1m": 30}, {"dpd_change_1m": 27}),
    "R-017": ({"missed_streak": 2, "overdue_amount": 900}, {"missed_streak": 1}),
    "R-018": ({"extension_count": 1, "dpd": 1, "overdue_amount": 900}, {"extension_count": 0}),
    "R-019": ({"dues_12m": 10, "on_time_share_12m": 0.6}, {"on_time_share_12m": 0.7}),
    "R-020": ({"months_on_book": 24, "dpd": 5, "missed_24m": 1, "max_dpd_12m": 5}, {"max_dpd_12m": 8}),
    "R-031": ({"term_months": 12, "days_to_maturity": 90, "principal_outstanding": 60000, "loan_amount": 100000, "matures_on": day("2026-06-13")},
             {"days_to_maturity": 91}),
    "R-032": ({"term_months": 12, "days_to_maturity": 30, "principal_outstanding": 21000, "loan_amount": 100000, "matures_on": day("2026-04-14")},
             {"principal_outstanding": 20000}),
    "R-033": ({"days_to_maturity": -1, "principal_outstanding": 1, "dpd": 1, "matures_on": day("2026-03-14")}, {"days_to_maturity": 0}),
    "R-034": ({"extension_count": 2, "matures_on": day("2026-09-30")}, {"extension_count": 1}),
    "R-035": ({"months_on_book": 3, "max_dpd_3m": 7}, {"months_on_book": 4}),
    "R-036": ({"accelerated_on": day("2026-02-01"), "total_claim": 500}, {"accelerated_on": None}),
    "R-041": ({"loans_overdue": 2, "loans": 3, "worst_dpd": 12, "exposure_overdue": 5000}, {"loans_overdue": 1}),
    "R-042": ({"dpd": 0, "worst_dpd": 31}, {"worst_dpd": 30}),
    "R-043": ({"borrower_kind": "company", "overdue_share": 0.11, "worst_dpd": 61, "exposure_overdue": 11, "exposure": 100}, {"borrower_kind": "person"}),
    "R-044": ({"worst_dpd": 1, "worst_dpd_ever": 91}, {"worst_dpd_ever": 90}),
    "R-045": ({"loans_written_off": 1, "loans": 1, "exposure": 500}, {"loans": 0}),
    "R-046": ({"loans_unmeasured": 0, "without_balance": 1}, {"without_balance": 0}),
    "R-047": ({"borrower_kind": "person", "loans": 4, "loans_overdue": 1, "exposure": 8000}, {"loans": 3}),
    "R-101": ({"borrower_kind": "company", "collections_30d": 44999, "collections_avg_90d": 100000}, {"collections_30d": 45000}),
    "R-102": ({"borrower_kind": "company", "collections_30d": 0, "collections_avg_90d": 10000}, {"collections_avg_90d": 9999}),
    "R-103": ({"borrower_kind": "person", "days_since_salary": 46, "salary_months_6m": 4}, {"days_since_salary": 45}),
    "R-104": ({"borrower_kind": "person", "salary_change_3m": -0.35, "salary_3m": 19500}, {"salary_change_3m": -0.25}),
    "R-105": ({"account_balance_change_3m": -0.8, "net_flow_3m": -9000, "account_balance": 2000}, {"net_flow_3m": 100}),
    "R-106": ({"days_below_zero_3m": 10, "account_balance_min_30d": -350}, {"days_below_zero_3m": 9}),
    "R-107": ({"days_since_flow": 46, "accounts": 2}, {"days_since_flow": 45}),
    "R-108": ({"borrower_kind": "person", "gambling_outflow_3m": 1000, "gambling_share_3m": 0.06}, {"gambling_outflow_3m": 999}),
    "R-109": ({"borrower_kind": "person", "gambling_outflow_3m": 3000, "gambling_share_3m": 0.3}, {"gambling_share_3m": 0.2}),
    "R-110": ({"cash_share_3m": 0.7, "outflow_3m": 10000}, {"outflow_3m": 9999}),
    "R-111": ({"lender_repayments_3m": 8000, "lender_inflow_3m": 4001, "debt_service_share_3m": 0.5}, {"lender_inflow_3m": 4000}),
    "R-112": ({"debt_service_share_3m": 0.65, "lender_repayments_3m": 6500}, {"debt_service_share_3m": 0.55}),
    "R-113": ({"bounced_3m": 2}, {"bounced_3m": 1}),
    "R-114": ({"outflow_3m": 13001, "inflow_3m": 10000, "account_balance": 800}, {"outflow_3m": 13000}),
    "R-115": ({"inflow_3m": 10000, "inflow_30d": 999}, {"inflow_30d": 1000}),
    "R-116": ({"borrower_kind": "company", "top_payer_share_6m": 0.8, "payers_6m": 5}, {"top_payer_share_6m": 0.6}),
    "R-117": ({"borrower_kind": "company", "payers_6m": 2, "collections_30d": 9000, "collections_avg_90d": 10000}, {"payers_6m": 3}),
    "R-118": ({"inflow_volatility_6m": 1.3, "debt_service_share_3m": 0.35}, {"debt_service_share_3m": 0.25}),
    "R-119": ({"balance_volatility_3m": 1.6, "account_balance_min_30d": 0}, {"account_balance_min_30d": 1}),
    "R-120": ({"borrower_kind": "person", "salary_3m": 10000, "lender_repayments_3m": 8001}, {"salary_3m": 0}),
    "R-121": ({"borrower_kind": "person", "essential_share_3m": 0.8, "net_flow_3m": -1}, {"net_flow_3m": 0}),
    "R-122": ({"borrower_kind": "person", "discretionary_share_3m": 0.6, "outflow_3m": 12001, "inflow_3m": 10000}, {"outflow_3m": 12000}),
    "R-201": ({"litigation_12m": 1, "claim_amount_12m": 50000}, {"litigation_12m": 0}),
    "R-202": ({"claim_amount_12m": 30001, "exposure": 100000}, {"claim_amount_12m": 30000}),
    "R-203": ({"enforcement_12m": 1, "claim_amount_12m": 50000}, {"enforcement_12m": 0}),
    "R-204": ({"borrower_kind": "company", "tax_events_12m": 1}, {"tax_events_12m": 0}),
    "R-205": ({"borrower_kind": "company", "licence_events_12m": 1}, {"borrower_kind": "person"}),
    "R-206": ({"borrower_kind": "company", "news_3m": 3}, {"news_3m": 2}),
    "R-207": ({"address_changes_6m": 2}, {"address_changes_6m": 1}),
    "R-208": ({"borrower_kind": "person", "applications_1m": 3, "applications_3m": 3}, {"applications_1m": 2}),
    "R-301": ({"term_months": 120, "principal_outstanding": 60, "loan_amount": 100, "house_price_change_12m": -0.09, "days_to_maturity": 2000},
             {"house_price_change_12m": -0.07}),
    "R-302": ({"asset_class": "personal", "dpd": 0, "missed_12m": 1, "unemployment": Decimal("0.0525"), "unemployment_change_12m": Decimal("0.005")},
             {"unemployment_change_12m": Decimal("0.004")}),
    "R-303": ({"lending_rate": Decimal("0.0395"), "lending_rate_change_12m": Decimal("0.005"), "debt_service_share_3m": 0.45}, {"debt_service_share_3m": 0.35}),
    "R-304": ({"borrower_kind": "company", "purchasing_index": 48.9, "purchasing_index_months_below_50": 3, "collections_30d": 79999, "collections_avg_90d": 100000},
             {"purchasing_index_months_below_50": 2}),
    "R-351": ({"score_psi": 0.25, "scored": 400, "worst_csi": 0.4}, {"score_psi": 0.249}),
    "R-352": ({"score_psi": 0.1, "scored": 400, "worst_csi": 0.2}, {"score_psi": 0.099}),
    "R-353": ({"worst_csi": 0.25, "score_psi": 0.02}, {"worst_csi": 0.249}),
    "R-354": ({"auc_drop": 0.05, "auc": 0.71, "validated_auc": 0.76, "matured": 900, "matured_bad": 30}, {"matured_bad": 29}),
    "R-355": ({"calibration_light": "red", "default_rate": 0.09, "expected_rate": 0.04, "matured": 900}, {"calibration_light": "yellow"}),
    "R-356": ({"calibration_light": "yellow", "default_rate": 0.055, "expected_rate": 0.04, "matured": 900}, {"calibration_light": "green"}),
    "R-357": ({"worst_segment_light": "red", "calibration_light": "green"}, {"worst_segment_light": "yellow"}),
    "R-358": ({"unscored_share": 0.051, "scored": 400}, {"unscored_share": 0.05}),
    "R-359": ({"months_since_validated": 13, "score_psi": 0.02}, {"months_since_validated": 12}),
    "R-361": ({"findings_red": 1, "findings_open": 3, "days_since_finding": 12}, {"findings_red": 0}),
    "R-362": ({"findings_orange": 1, "findings_open": 3, "days_since_finding": 12}, {"findings_orange": 0}),
    "R-363": ({"willingness": 3, "willingness_change": -2}, {"willingness_change": -1}),
    "R-364": ({"ability": 2, "ability_change": 0}, {"ability": 3}),
    "R-365": ({"bureau_new_overdue": 1, "bureau_max_dpd": 12, "bureau_balance": 90000}, {"bureau_new_overdue": 0}),
    "R-366": ({"bureau_score": 560, "bureau_score_change": -50}, {"bureau_score_change": -49}),
    "R-367": ({"bureau_new_lenders": 3, "bureau_lenders": 7, "bureau_inquiries_3m": 9}, {"bureau_new_lenders": 2}),
    "R-401": ({"utilisation": 0.95, "loan_amount": 10000, "principal_outstanding": 9500}, {"utilisation": 0.85}),
    "R-402": ({"asset_class": "card", "dues_12m": 6, "minimum_payer_share_12m": 0.8}, {"dues_12m": 5}),
    "R-403": ({"asset_class": "card", "dues_12m": 3, "utilisation": 0.9, "minimum_payer_share_12m": 0.65}, {"utilisation": 0.8}),
    "R-404": ({"asset_class": "small_business", "dpd_interest": 3, "overdue_interest": 1200}, {"asset_class": "personal"}),
    "R-405": ({"exposure_overdue": 1000000, "worst_dpd": 2}, {"exposure_overdue": 999999}),
    "R-406": ({"worst_dpd": 1, "account_balance": 5001, "exposure_overdue": 10000}, {"account_balance": 5000}),
    "R-451": ({"product": "project", "dpd_interest": 1, "overdue_interest": 900, "principal_outstanding": 50000}, {"product": "consumer_pool"}),
    "R-452": ({"product": "corporate", "days_to_maturity": 180, "principal_outstanding": 81, "loan_amount": 100, "matures_on": day("2026-09-11")},
             {"principal_outstanding": 80}),
    "R-453": ({"borrower_kind": "company", "exposure": 100000, "account_balance_avg_30d": 999}, {"account_balance_avg_30d": 1000}),
    "R-454": ({"borrower_kind": "company", "litigation_12m": 2, "claim_amount_12m": 10001, "exposure": 100000}, {"litigation_12m": 1}),
    "R-455": ({"product": "consumer_pool", "dpd": 31, "principal_outstanding": 900, "partner_id": "P1"}, {"dpd": 30}),
    "R-471": ({"months_on_book": 3, "first_payment_max_dpd": 7, "first_due_on": day("2026-03-15"), "partner_id": "P3"}, {"first_payment_max_dpd": 6}),
    "R-472": ({"months_on_book": 4, "first_payment_max_dpd": 30, "principal_outstanding": 900, "partner_id": "P3"}, {"months_on_book": 5}),
    "R-473": ({"dpd": 3, "overdue_amount": 55}, {"dpd": 2}),
    "R-474": ({"device_changes_3m": 3}, {"device_changes_3m": 2}),
    "R-475": ({"worst_dpd": 1, "address_changes_6m": 1, "device_changes_3m": 1}, {"address_changes_6m": 0}),
    "R-476": ({"applications_1m": 2, "loans": 2}, {"loans": 1}),
    "R-477": ({"term_months": 24, "months_on_book": 12, "dpd": 0, "missed_12m": 1}, {"months_on_book": 11}),
}  # fmt: skip
"""A row on which each rule warns, amounts in units of the currency, and the change after which it does not: the value on the other side."""


def test_every_rule_has_its_case() -> None:
    assert set(CASES) == set(RULES)


@pytest.mark.parametrize("rule_id", RULES)
def test_a_rule_warns_on_its_case_and_not_on_the_one_beside_it(rule_id: str) -> None:
    rule = RULES[rule_id]
    found = check(rule, rule.versions[0], published=True)
    row, change = CASES[rule_id]
    row = {field.name: None for field in found.columns} | row
    assert explain(found.condition, row).value is True
    assert explain(found.condition, row | change).value is False
    told = [found.message(row, chinese=chinese, currency="CNY") for chinese in (False, True)]
    assert not any(part in message for message in told for part in ("no data", "无数据", "{", "}"))


@pytest.mark.parametrize("rule_id", RULES)
def test_a_rule_fits_and_does_not_clear_while_it_warns(rule_id: str) -> None:
    rule = RULES[rule_id]
    (version,) = rule.versions
    assert [str(problem) for problem in problems(rule, version)] == []
    found = check(rule, version, published=True)
    if version.clear is not None and found.clear is not None:
        assert always(all_of((found.condition, found.clear))) is False, text(found.clear)


def test_a_message_reads_as_a_sentence_of_each_language() -> None:
    rule = RULES["R-101"]
    found = check(rule, rule.versions[0], published=True)
    row = {"collections_30d": 44_999, "collections_avg_90d": 100_000}
    assert found.message(row, chinese=True) == "近30天货款回笼44,999.00元，此前月均100,000.00元。"
    assert (
        found.message(row, chinese=False)
        == "Collections in 30 days 44,999.00 CNY against 100,000.00 CNY in a usual month."
    )


@pytest.mark.parametrize("name", FILES)
def test_the_files_are_as_they_would_be_printed(name: str) -> None:
    stated = shipped_text(name)
    body = "".join(line for line in stated.splitlines(keepends=True) if not line.startswith("#")).lstrip("\n")
    assert body == reading.text(reading.rules(stated, name))


def test_there_are_rules_of_every_topic_and_subject_and_more_mild_ones_than_red_ones() -> None:
    topics = Counter(rule.topic for rule in RULES.values())
    levels = Counter(rule.versions[0].level for rule in RULES.values())
    assert len(RULES) >= 44
    assert set(topics) == set(TOPICS)
    assert {rule.subject for rule in RULES.values()} == set(SUBJECTS)
    assert (topics["cash_flow"] >= 12, topics["events"] >= 6, topics["market"] >= 3) == (True, True, True)
    assert set(levels) == set(LEVELS)
    assert levels["red"] * 4 <= len(RULES)


@pytest.mark.parametrize("profile", ["bank", "trust", "online"])
def test_a_kind_of_lender_has_the_rules_of_all_and_its_own_under_ids_of_their_own(profile: str) -> None:
    ids = [rule.id for rule in shipped(profile)]
    assert len(ids) == len(set(ids))
    assert {rule.id for rule in reading.rules(shipped_text("common"), "common")} < set(ids)


def test_names_and_reasons_are_told_once_each() -> None:
    for told in (lambda rule: rule.name.zh, lambda rule: rule.name.en, lambda rule: rule.versions[0].reason.zh):
        assert max(Counter(map(told, RULES.values())).values()) == 1


def test_the_reference_page_is_current(pytestconfig: pytest.Config) -> None:
    assert reference.page() + "\n" == (pytestconfig.rootpath / "docs/reference/rules.md").read_text("utf-8")


def test_the_guide_counts_the_rules_that_warn_in_a_demo_book(pytestconfig: pytest.Config) -> None:
    guide = " ".join((pytestconfig.rootpath / "docs/guides/rules.md").read_text("utf-8").split())
    assert set(RULES) >= reference.UNSEEN
    assert f"{len(RULES) - len(reference.UNSEEN)} of the {len(RULES)} warn in one of them at least" in guide


def test_the_guide_counts_the_rules_and_its_example_fits(pytestconfig: pytest.Config) -> None:
    guide = (pytestconfig.rootpath / "docs/guides/rules.md").read_text("utf-8")
    common, bank, trust, online = (len(reading.rules(shipped_text(name), name)) for name in FILES)
    assert (
        f"There are {len(RULES)}: {common} for all lenders, {bank} more for banks, {trust} for trust companies, {online} for online"
        in " ".join(guide.split())
    )
    (example,) = reading.rules(guide.split("```yaml\n")[1].split("```")[0], "guide")
    assert problems(example, example.versions[0]) == []
