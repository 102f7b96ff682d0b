"""Cash flow worked by hand: a salaried person, a trading company, and what may go wrong between accounts, days and knowledge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from daihou.book import lake
from daihou.book.home import open_home
from daihou.book.intake import deliver
from daihou.monitoring.cash_flow.family import CASH_FLOW
from daihou.runs.blinding import blinder
from daihou.runs.borrowers import cash_flow
from daihou.runs.policies import read_policies
from daihou.vault.keyset import open_keyset

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.home import Home

D = date(2026, 6, 30)
TODAY = date(2026, 12, 31)


@dataclass
class Bank:
    """Takes in accounts and transactions, and tells the cash flow."""

    home: Home
    folder: Path
    sent: int = 0

    def send(self, table: str, header: str, *rows: str) -> None:
        self.sent += 1
        path = self.folder / f"{table}-{self.sent}.csv"
        path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
        blind = blinder(self.home, lambda: open_keyset(self.home, on=TODAY, must_exist=False), TODAY)
        (report,) = deliver(self.home, [path], table, today=TODAY, blinder=blind).files
        assert (report.new, report.quarantined) == (len(rows), {})

    def accounts(self, *rows: str) -> None:
        self.send("accounts", "account_id,borrower_id,effective_on,known_on", *rows)

    def transactions(self, *rows: str) -> None:
        """Rows of: txn, account, day, amount, balance, counterparty, kind, memo, loan, and the day it was known, if later."""
        told = []
        for row in rows:
            txn, account, day, *rest = row.replace(" ", "").split("|")
            known_on = rest.pop() if len(rest) == 7 else ""
            told.append(",".join([txn, account, f"{day}T12:00:00+08:00", *rest, known_on or day]))
        header = "txn_id,account_id,booked_at,amount,balance,counterparty,counterparty_kind,memo,loan_id,known_on"
        self.send("transactions", header, *told)

    def on(self, as_of: date, known_on: date | None = None) -> dict[str, dict[str, Any]]:
        found = cash_flow.read(
            self.home, lake.versions(self.home, cash_flow.TABLES), read_policies(self.home), lambda *_: None
        )
        assert found is not None
        return {row["borrower_id"]: row for row in found.on(as_of, known_on or as_of).to_dicts()}


def bank_at(folder: Path) -> Bank:
    return Bank(open_home(folder / "home", {}), folder)


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return bank_at(tmp_path)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """A person P whose salary fell by half in May and a company C whose customers pay less, both on 2026-06-30."""
    bank = bank_at(tmp_path_factory.mktemp("books"))
    bank.accounts("A1,P,2025-01-01,2025-01-01", "A2,P,2025-01-01,2025-01-01", "A9,C,2025-01-01,2025-01-01")
    bank.transactions(
        # Salary: 6,000 in each of January, February, March; 6,000 in April, 3,000 in May and in June.
        "S1|A1|2026-01-10|6000|8000|恒远机械||1月工资|",
        "S2|A1|2026-02-10|6000|9000|恒远机械||2月工资|",
        "S3|A1|2026-03-10|6000|10000|恒远机械||3月工资|",
        "S4|A1|2026-04-10|6000|4000|恒远机械||4月工资|",
        "S5|A1|2026-05-10|3000|3000|恒远机械||5月工资|",
        "S6|A1|2026-06-10|3000|2000|恒远机械||6月工资|",
        # Own money moved, a loan of ours paid out, one of another lender: none of them income.
        "O1|A2|2026-06-11|500|500|本人|own_account||",
        "O2|A1|2026-06-11|-500|1500|本人|own_account||",
        "L1|A1|2026-05-20|2000|5000||||L77",
        "L2|A1|2026-05-21|1000|6000|某消费金融|lender||",
        # Spending of three months: 1,200 lender, 600 gambling, 400 cash, 1,000 essentials, 800 pleasures, 0 else.
        "R1|A1|2026-05-25|-1200|4800|某消费金融|lender||",
        "G1|A1|2026-06-05|-600|-1000||gambling||",
        "C1|A1|2026-06-06|-400|-1400||cash||",
        "E1|A1|2026-06-15|-700|800|房东|housing||",
        "E2|A1|2026-06-16|-300|500|||6月房租|",
        "T1|A1|2026-06-17|-800|-300|某航空|travel||",
        "B1|A1|2026-06-18|-900||某平台||代扣失败|",
        # The company: customers pay 90,000, 60,000, 30,000 in the months before and 20,000 in the last 30 days.
        "K1|A9|2026-03-10|90000||甲公司|customer||",
        "K2|A9|2026-04-10|60000||乙公司|customer||",
        "K3|A9|2026-05-10|30000||甲公司|customer||",
        "K4|A9|2026-06-10|20000||乙公司|customer||",
    )
    return bank.on(D)


PERSON: dict[str, Any] = {
    "accounts": 2,
    "days_since_flow": 12,  # the failed debit of 18 June
    "inflow_30d": 3_000_00,
    "outflow_30d": 2_800_00,  # 600 + 400 + 700 + 300 + 800
    "inflow_3m": 12_000_00,
    "outflow_3m": 4_000_00,
    "net_flow_3m": 8_000_00,
    "collections_30d": 0,
    "collections_avg_90d": 0,
    "salary_3m": 12_000_00,
    "salary_months_6m": 6,
    "salary_change_3m": -1 / 3,  # 12,000 after 18,000
    "days_since_salary": 20,
    "account_balance": 200_00,  # -300 and 500
    # June by the end of day: 4,800 to the 4th (4 days), -1,000, -1,400 (6 to 9), 2,000 on the 10th, 1,500 + 500 (11 to 14), 800 + 500,
    # 500 + 500, then -300 + 500 (17 to 30).
    "account_balance_avg_30d": 830_00,  # (19,200 - 1,000 - 5,600 + 2,000 + 8,000 + 1,300 + 1,000) / 30 is 830, with 14 x 200
    "account_balance_min_30d": -1_400_00,
    "account_balance_change_3m": -0.98,  # 200 after 10,000 on 30 March
    "balance_volatility_3m": 0.7066302066,
    "days_below_zero_3m": 5,
    "inflow_volatility_6m": 0.2828427125,  # of 6, 6, 6, 6, 3, 3 thousand: the root of 2 over 5
    "top_payer_share_6m": 1.0,
    "payers_6m": 1,
    "gambling_outflow_3m": 600_00,
    "gambling_share_3m": 0.15,
    "cash_share_3m": 0.1,
    "essential_share_3m": 0.25,
    "discretionary_share_3m": 0.2,
    "lender_inflow_3m": 3_000_00,
    "lender_repayments_3m": 1_200_00,
    "debt_service_share_3m": 0.1,
    "bounced_3m": 1,
}
COMPANY: dict[str, Any] = {
    "accounts": 1,
    "days_since_flow": 20,
    "inflow_30d": 20_000_00,
    "inflow_3m": 110_000_00,
    "net_flow_3m": 110_000_00,
    "collections_30d": 20_000_00,
    "collections_avg_90d": 60_000_00 // 2,  # 2 March to 30 May holds 90,000 + 60,000 + 30,000; a third is 60,000
    "salary_3m": 0,
    "salary_change_3m": None,
    "days_since_salary": None,
    "account_balance": None,
    "account_balance_avg_30d": None,
    "days_below_zero_3m": None,
    "top_payer_share_6m": 0.6,  # 甲 120,000 of 200,000
    "payers_6m": 2,
    "gambling_share_3m": None,  # no outflow
    "debt_service_share_3m": 0.0,
}


@pytest.mark.parametrize("measure", [measure.name for measure in CASH_FLOW.measures])
def test_a_salaried_person(books: dict[str, dict[str, Any]], measure: str) -> None:
    assert books["P"][measure] == pytest.approx(PERSON[measure], rel=1e-9)


@pytest.mark.parametrize("measure", list(COMPANY))
def test_a_trading_company(books: dict[str, dict[str, Any]], measure: str) -> None:
    assert books["C"][measure] == (None if COMPANY[measure] is None else pytest.approx(COMPANY[measure], rel=1e-9))
