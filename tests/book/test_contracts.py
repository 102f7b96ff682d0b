"""The contract is whole: every promised table and column is there, and everything has both labels."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from daihou.book import contracts
from daihou.book.contracts.reference import page
from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from daihou.book.contracts.table import Choice, Column

# What contract v1 promises, table by table: first the required columns, then the others.
PROMISED = {
    "orgs": ("org_id", "name parent_id"),
    "borrowers": ("borrower_id kind", "org_id lead_org_id officer_id group_id region industry size"),
    "people": ("borrower_id", "name id_no phones emails address timezone language"),
    "facilities": ("facility_id borrower_id limit", "currency starts_on ends_on revolving"),
    "loans": (
        "loan_id borrower_id product principal disbursed_on",
        (
            "matures_on currency facility_id project_id org_id officer_id partner_id own_share risk_bearer on_balance "
            "asset_class repayment_method rate_type annual_rate penalty_rate day_count purpose security grace_days "
            "closed_on effective_on"
        ),
    ),
    "parties": ("loan_id borrower_id role", ""),
    "instalments": ("loan_id seq due_on principal interest", "fee effective_on cancelled"),
    "payments": (
        "payment_id loan_id paid_on amount",
        "purpose payer_kind seq principal interest fee penalty reverses channel",
    ),
    "changes": (
        "change_id loan_id kind effective_on",
        "principal interest fee penalty in_difficulty from_loan_id guarantor_consent_on",
    ),
    "charges": ("charge_id loan_id kind from_on amount", "to_on reverses"),
    "draws": ("loan_id drawn_on amount", ""),
    "bills": ("loan_id bill_on due_on balance minimum_due", ""),
    "standings": (
        "loan_id as_of",
        "dpd principal_outstanding interest_on_book interest_off_book amount_due amount_paid credit_limit grade",
    ),
    "control_totals": ("as_of", "org_id product currency loans balance overdue"),
    "exposures": ("exposure_id borrower_id kind amount", ""),
    "fx_rates": ("currency rate_on rate", ""),
    "accounts": ("account_id borrower_id", "purpose"),
    "transactions": (
        "txn_id account_id booked_at amount",
        "balance counterparty counterparty_token counterparty_kind memo memo_flags loan_id",
    ),
    "bureau_reports": ("report_id borrower_id queried_on", "score inquiries_3m"),
    "bureau_lines": ("report_id", "lender product limit balance dpd opened_on status"),
    "statements": ("borrower_id period_end kind item amount", "months currency consolidated audited"),
    "findings": ("subject_id kind happened_at", "value"),
    "contacts": ("subject_id kind happened_at", "value"),
    "promises": ("subject_id kind happened_at", "value"),
    "decisions": ("subject_id kind happened_at", "value"),
    "securities": ("security_id kind", "loan_id facility_id rank registered_on expires_on insured_to seized_on"),
    "valuations": ("security_id valued_on amount", "method"),
    "guarantees": ("guarantee_id guarantor_id", "loan_id facility_id form cap period_end"),
    "relations": ("from_id to_id kind", "share"),
    "events": ("event_id subject_id happened_at kind", "amount source detail"),
    "macro": ("series period_end value", ""),
    "projects": ("project_id borrower_id", "name starts_on ends_on total_cost sale_plan"),
    "budget_lines": ("project_id line amount", ""),
    "milestones": ("project_id milestone planned_on", "done_on progress"),
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("name", PROMISED)
def test_every_promised_column_is_there_and_required_where_promised(name: str) -> None:
    required, others = (set(names.split()) for names in PROMISED[name])
    table = contracts.TABLES[name]
    assert set(table.required) == required
    assert others <= {column.name for column in table.columns} - required
    # effective_on belongs to every versioned table, whether its columns name it or not.
    assert {column.name for column in table.columns} - required - others <= {"effective_on"}


def test_no_table_is_there_that_was_not_promised() -> None:
    assert set(contracts.TABLES) == set(PROMISED)


@pytest.mark.parametrize("table", contracts.TABLES.values(), ids=lambda table: table.name)
def test_every_table_column_and_choice_has_both_labels(table: contracts.Table) -> None:
    labelled: list[contracts.Table | Column | Choice] = [
        table,
        *table.columns,
        *(choice for column in table.columns for choice in column.choices),
    ]
    for each in labelled:
        assert each.en.strip(), each
        assert CHINESE.search(each.zh), each


@pytest.mark.parametrize("table", contracts.TABLES.values(), ids=lambda table: table.name)
def test_keys_and_own_dates_are_columns(table: contracts.Table) -> None:
    names = {column.name for column in table.columns}
    assert set(table.key) <= names
    assert table.own_on is None or table.own_on in names
    assert table.kind != "versioned" or "effective_on" in names
    assert len(names) == len(table.columns)


def test_names_are_for_the_vault_only_and_raw_remarks_for_nobody() -> None:
    assert contracts.TABLES["people"].vault
    transactions = contracts.TABLES["transactions"]
    assert not {"counterparty", "memo"} & set(transactions.names)
    assert {column.name: column.becomes for column in transactions.columns if column.vault} == {
        "counterparty": "counterparty_token",
        "memo": "memo_flags",
    }
    assert {"counterparty", "memo", "counterparty_token"} <= {column.name for column in transactions.sent}
    assert "detail" not in contracts.TABLES["events"].names


def test_an_unknown_table_names_the_nearest() -> None:
    with pytest.raises(DaihouError, match="paymants") as caught:
        contracts.table("paymants")
    assert "payments" in caught.value.remedy


def test_the_reference_page_is_current() -> None:
    path = Path(__file__).parents[2] / "docs" / "reference" / "contract.md"
    assert path.read_text("utf-8") == page(), (
        "run: python -m daihou.book.contracts.reference > docs/reference/contract.md"
    )
