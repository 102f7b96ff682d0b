"""Cash flow worked by hand: a salaried person, a trading company, and what may go wrong between accounts, days and knowledge."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from daihou.book import lake
from daihou.book.errors import DaihouError
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
    # June, at the end of each day: 4 of 4,800, one of -1,000, 4 of -1,400, one of 2,000, 4 of 1,500 + 500, one of 800 + 500,
    # one of 500 + 500, 14 of -300 + 500: 27,700 in all, over 30 days.
    "account_balance_avg_30d": 923_33,
    "account_balance_min_30d": -1_400_00,
    "account_balance_change_3m": -0.98,  # 200 after 10,000 on 30 March
    # Before June 10 days of 10,000, 30 of 4,000, 10 of 3,000, one of 5,000, 4 of 6,000, 7 of 4,800: with June 340,300 over 92 days,
    # squares 2,024.53 million.
    "balance_volatility_3m": (2_024_530_000 / 92 - (340_300 / 92) ** 2) ** 0.5 / (340_300 / 92),
    "days_below_zero_3m": 5,
    "inflow_volatility_6m": 2**0.5 / 5,  # of 6, 6, 6, 6, 3, 3 thousand: the mean is 5, the variance 2
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
    "collections_avg_90d": 60_000_00,  # a third of 90,000 + 60,000 + 30,000, from 3 March to 31 May
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


def test_a_regular_payment_is_a_salary_from_its_third_month_on_though_nobody_says_so(bank: Bank) -> None:
    bank.accounts("A1,P,2025-01-01,2025-01-01")
    bank.transactions(
        "R1|A1|2026-03-31|5000||张师傅|||",
        "R2|A1|2026-04-30|4100||张师傅|||",  # a month is no place for two of the three
        "R3|A1|2026-04-29|5000||张师傅|||",
        "R4|A1|2026-06-01|6000||张师傅|||",  # 20 % off
        "X1|A1|2026-06-02|6300||李四|||",
        "X2|A1|2026-06-03|5000||张师傅|customer||",  # has a role of its own
    )
    assert bank.on(date(2026, 5, 31))["P"]["salary_3m"] == 0
    told = bank.on(D)["P"]
    assert (told["salary_3m"], told["salary_months_6m"], told["days_since_salary"]) == (6_000_00, 1, 29)


def test_who_pays_every_day_is_no_employer(bank: Bank) -> None:
    bank.accounts("A1,P,2025-01-01,2025-01-01")
    bank.transactions(
        *(f"R{month}-{day}|A1|2026-0{month}-{day:02}|100||支付平台|||" for month in (4, 5, 6) for day in range(1, 12))
    )
    assert bank.on(date(2026, 6, 8))["P"]["days_since_salary"] == 0  # the thirtieth payment
    assert bank.on(date(2026, 6, 11))["P"]["days_since_salary"] == 3


def test_what_is_known_late_counts_from_then_on_and_a_correction_takes_its_place(bank: Bank) -> None:
    bank.accounts("A1,P,2025-01-01,2025-01-01")
    bank.transactions(
        "S1|A1|2026-06-10|5000|5000|甲|employer|||2026-06-10",
        "S2|A1|2026-06-20|700|5700|乙|customer|||2026-07-05",
    )
    bank.transactions("S1|A1|2026-06-10|500|500|甲|employer|||2026-07-01")
    seen = [bank.on(D, known_on)["P"] for known_on in (D, date(2026, 7, 1), date(2026, 7, 5))]
    assert [row["salary_3m"] for row in seen] == [5_000_00, 500_00, 500_00]
    assert [row["inflow_3m"] for row in seen] == [5_000_00, 500_00, 1_200_00]
    assert [row["account_balance"] for row in seen] == [5_000_00, 500_00, 5_700_00]


def test_an_account_takes_its_balance_to_its_new_owner_and_leaves_its_flows(bank: Bank) -> None:
    bank.accounts("A1,P,2025-01-01,2025-01-01", "A1,Q,2026-06-16,2026-06-20", "A2,Q,2025-01-01,2025-01-01")
    bank.transactions("S1|A1|2026-06-10|900|900|甲|customer||", "S2|A1|2026-06-25|100|1000|甲|customer||")
    told = bank.on(D)
    assert set(told) == {"Q"}
    assert (told["Q"]["accounts"], told["Q"]["inflow_3m"], told["Q"]["account_balance"]) == (2, 100_00, 1_000_00)
    assert (
        told["Q"]["account_balance_avg_30d"] == (9 * 900_00 + 6 * 1_000_00) // 15
    )  # the 16th to the 24th, then to the 30th
    before = bank.on(date(2026, 6, 18))
    assert (before["P"]["account_balance"], before["Q"]["account_balance"]) == (900_00, None)
    looked_back = bank.on(date(2026, 6, 18), D)  # by now it is known that it was Q's already
    assert (set(looked_back), looked_back["Q"]["account_balance"]) == ({"Q"}, 900_00)


def test_money_that_comes_back_is_no_income_and_is_counted_as_returned(bank: Bank) -> None:
    bank.accounts("A1,P,2025-01-01,2025-01-01")
    bank.transactions("S1|A1|2026-06-10|900||甲|customer|退票|", "S2|A1|2026-06-11|-50||乙|lender|扣款失败|")
    told = bank.on(D)["P"]
    assert [told[name] for name in ("bounced_3m", "inflow_3m", "outflow_3m", "lender_repayments_3m")] == [2, 0, 0, 0]


def test_the_money_of_a_loan_is_no_income_and_spending_it_no_repayment(bank: Bank) -> None:
    bank.accounts("A1,C,2025-01-01,2025-01-01")
    bank.transactions("S1|A1|2026-06-10|9000|||||L1", "S2|A1|2026-06-11|-8000||甲|supplier||L1")
    told = bank.on(D)["C"]
    assert [told[name] for name in ("lender_inflow_3m", "inflow_3m", "outflow_3m", "lender_repayments_3m")] == [
        9_000_00, 0, 8_000_00, 0,
    ]  # fmt: skip


def test_a_day_is_that_of_the_home_and_the_last_balance_of_it_counts(bank: Bank) -> None:
    bank.accounts("A1,P,2025-01-01,2025-01-01")
    bank.send(
        "transactions",
        "txn_id,account_id,booked_at,amount,balance,known_on",
        "T3,A1,2026-06-09T16:30:00Z,10,30,2026-06-10",  # half past midnight of the 10th
        "T1,A1,2026-06-10T15:59:59Z,10,50,2026-06-10",
        "T2,A1,2026-06-10T15:59:59Z,10,40,2026-06-10",  # of one second: in order of their ids
    )
    assert bank.on(date(2026, 6, 9), date(2026, 6, 10))["P"]["days_since_flow"] is None
    told = bank.on(date(2026, 6, 10))["P"]
    assert (told["days_since_flow"], told["inflow_30d"], told["account_balance"]) == (0, 30_00, 40_00)


def test_nothing_is_said_of_who_has_no_account_and_before_anything_is_known(bank: Bank) -> None:
    bank.accounts("A1,P,2025-01-01,2025-01-01", "A2,Q,2025-01-01,2026-06-20")
    assert (
        cash_flow.read(bank.home, lake.versions(bank.home, cash_flow.TABLES), read_policies(bank.home), print) is None
    )
    bank.transactions("S1|A1|2026-06-10|900||甲|customer||", "S2|A3|2026-06-11|50||乙|||")
    assert bank.on(date(2026, 6, 9)) == {}
    assert set(bank.on(date(2026, 6, 10))) == {"P"}
    still = bank.on(D)["Q"]
    assert (still["inflow_3m"], still["bounced_3m"], still["cash_share_3m"], still["days_since_flow"]) == (
        0,
        0,
        None,
        None,
    )


def test_a_transaction_waits_for_its_account(bank: Bank) -> None:
    bank.transactions("S1|A1|2026-06-10|900||甲|customer||")
    bank.accounts("A2,Q,2025-01-01,2025-01-01")
    assert bank.on(D)["Q"]["inflow_3m"] == 0
    bank.accounts("A1,P,2026-06-01,2026-06-01")
    assert bank.on(D)["P"]["inflow_3m"] == 900_00


def test_the_flows_are_built_anew_when_the_lake_grows_and_what_a_killed_build_left_is_removed(bank: Bank) -> None:
    bank.accounts("A1,P,2025-01-01,2025-01-01")
    bank.transactions("S1|A1|2026-06-10|900||甲|customer||")
    root = bank.home.ledger / "flows"
    (root / "draft-1" / "staged").mkdir(parents=True)
    assert bank.on(D)["P"]["inflow_3m"] == 900_00
    (first,) = (path for path in root.iterdir() if path.is_dir())
    built = first.stat().st_ino
    assert bank.on(D)["P"]["inflow_3m"] == 900_00
    assert first.stat().st_ino == built  # read, not built again
    bank.transactions("S2|A1|2026-06-11|100||甲|customer||")
    assert bank.on(D)["P"]["inflow_3m"] == 1_000_00
    (second,) = (path for path in root.iterdir() if path.is_dir())
    assert second != first


def test_damaged_flows_say_what_to_do(bank: Bank) -> None:
    bank.accounts("A1,P,2025-01-01,2025-01-01")
    bank.transactions("S1|A1|2026-06-10|900||甲|customer||")
    bank.on(D)
    (folder,) = (path for path in (bank.home.ledger / "flows").iterdir() if path.is_dir())
    with (folder / "flows").open("r+b") as file:
        file.truncate(7)
    with pytest.raises(DaihouError, match="damaged") as caught:
        bank.on(D)
    assert "ledger" in caught.value.remedy
    shutil.rmtree(bank.home.ledger)
    assert bank.on(D)["P"]["inflow_3m"] == 900_00


def test_a_lake_from_before_tokens_and_flags_is_read_and_added_to(bank: Bank) -> None:
    bank.accounts("A1,P,2025-01-01,2025-01-01")
    bank.transactions("S1|A1|2026-06-10|900||甲|customer||", "S2|A1|2026-06-11|100||甲||货款|")
    for path in lake.files(bank.home, "transactions"):
        pl.read_parquet(path).drop("counterparty_token", "memo_flags").write_parquet(path)
    told = bank.on(D)["P"]
    assert (told["collections_30d"], told["inflow_30d"], told["payers_6m"]) == (900_00, 1_000_00, 0)
    bank.transactions("S3|A1|2026-06-12|50||甲||货款|")
    told = bank.on(D)["P"]
    assert (told["collections_30d"], told["inflow_30d"], told["payers_6m"]) == (950_00, 1_050_00, 1)
    assert lake.read(bank.home, "transactions", ["txn_id", "memo_flags"]).read_all().num_rows == 3
