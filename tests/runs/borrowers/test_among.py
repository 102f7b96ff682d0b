"""Some borrowers with what came since: by rows that intake itself makes, in a home that has them and in one that has not."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
import pytest

from daihou.book import lake
from daihou.runs.borrowers import cash_flow, events
from daihou.runs.borrowers.owing import Owing
from daihou.runs.policies import read_policies
from runs.borrowers.test_cash_flow import Bank, bank_at

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from daihou.book.home import Home

D = date(2026, 6, 30)
ACCOUNTS = ("A1,P,2025-01-01,2025-01-01", "A2,Q,2025-01-01,2025-01-01", "A3,R,2025-01-01,2025-01-01")
MOVED = (
    "S1|A1|2026-06-10|5000|5000|甲|employer||",
    "S2|A1|2026-06-20|-700|4300|乙|food||",
    "S3|A2|2026-06-20|900|900|丙|customer||",
    "S4|A3|2026-06-20|100|100|丙|customer||",
)


def told(found: cash_flow.CashFlow) -> dict[str, dict[str, Any]]:
    return {row["borrower_id"]: row for row in found.on(D, D).to_dicts()}


def read(bank: Bank) -> cash_flow.CashFlow:
    found = cash_flow.read(
        bank.home, lake.versions(bank.home, cash_flow.TABLES), read_policies(bank.home), lambda *_: None
    )
    assert found is not None
    return found


def came(bank: Bank, table: str, batch: int) -> pl.DataFrame:
    """The rows of a delivery as the lake has them."""
    rows = pl.DataFrame(pl.from_arrow(pa.Table.from_batches(lake.read(bank.home, table))))
    return rows.filter(pl.col("batch") == batch)


@pytest.fixture
def banks(tmp_path: Path) -> tuple[Bank, Bank]:
    """Two that know the same so far."""
    found = []
    for name in ("hot", "whole"):
        (tmp_path / name).mkdir()
        bank = bank_at(tmp_path / name)
        bank.accounts(*ACCOUNTS)
        bank.transactions(*MOVED)
        found.append(bank)
    return found[0], found[1]


def test_a_plain_transaction_is_put_in_a_correction_orders_its_borrower_anew_and_others_are_walked_where_they_lie(
    banks: tuple[Bank, Bank],
) -> None:
    hot, whole = banks
    whole.transactions(
        "T1|A1|2026-06-15|-250|4750|丁|newly_seen||",  # between two that are known, of a kind never met before
        "S3|A2|2026-06-20|950|950|丙|customer|||2026-06-25",
    )
    among = read(hot).among(pl.Series(["P", "Q", "R", "strange"]), {"transactions": came(whole, "transactions", 3)})
    assert told(among) == told(read(whole))
    placed = {part.at.item(): part.flows for part in among.parts}
    flows = read(hot).flows
    assert sorted(placed) == [0, 1, 2]
    assert [len(placed[place].facts.flows) for place in (0, 1)] == [3, 2]
    assert len(placed[2].facts.flows) == len(flows.facts.flows) == 4


def test_an_account_that_comes_brings_the_transactions_that_waited_for_it(banks: tuple[Bank, Bank]) -> None:
    hot, whole = banks
    for bank in banks:
        bank.transactions("W1|A9|2026-06-11|50||戊|customer||")
    whole.accounts("A9,N,2025-01-01,2025-01-01")
    whole.accounts("A1,Q,2026-06-15,2026-06-15")
    rows = pl.concat([came(whole, "accounts", batch) for batch in (4, 5)])
    expected = told(read(whole))
    for people in (["N", "P", "Q"], ["P"], ["N"], ["Q"]):
        among = read(hot).among(pl.Series(people), {"accounts": rows})
        assert told(among) == {who: expected[who] for who in people if who != "P"}
    assert (expected["N"]["inflow_30d"], expected["Q"]["account_balance"]) == (50_00, 5_200_00)


def test_a_version_that_said_nothing_new_counts_again_behind_one_that_comes_between(banks: tuple[Bank, Bank]) -> None:
    hot, whole = banks
    for bank in banks:
        bank.transactions("S3|A2|2026-06-20|900|900|丙|customer|||2026-06-26")
    whole.transactions("S3|A2|2026-06-20|1|1|丙|customer|||2026-06-23")
    among = read(hot).among(pl.Series(["Q"]), {"transactions": came(whole, "transactions", 4)})
    for known_on, balance in ((date(2026, 6, 22), 900_00), (date(2026, 6, 25), 1_00), (date(2026, 6, 26), 900_00)):
        found, expected = among.on(D, known_on), read(whole).on(D, known_on)
        assert found["account_balance"].to_list() == [balance]
        assert found.equals(expected.filter(pl.col("borrower_id") == "Q"))


def test_an_event_of_a_borrower_stays_its_own_though_a_loan_of_its_id_comes(
    told_of: Callable[..., Home],
) -> None:
    people = "borrower_id,kind,known_on\nX1,person,2026-05-01\n"
    happened = "event_id,subject_id,happened_at,kind,known_on\nE1,X1,2026-04-02T10:00:00+08:00,litigation,2026-04-03\n"
    loans = "loan_id,borrower_id,product,principal,disbursed_on,matures_on,currency,org_id,asset_class,repayment_method,known_on\n"
    other, same = (
        f"{loan},B9,auto,300.00,2026-01-01,2026-12-31,CNY,h,personal,annuity,2026-01-01\n" for loan in ("Z1", "X1")
    )
    hot = told_of(borrowers=people, loans=loans + other, events=happened)
    whole = told_of(borrowers=people, loans=loans + other + same, events=happened)
    rows = pl.DataFrame(pl.from_arrow(pa.Table.from_batches(lake.read(whole, "loans"))))
    since = {"loans": rows.filter(pl.col("loan_id") == "X1")}
    before, after = (
        events.read(one, versions, Owing(one, versions))
        for one in (hot, whole)
        for versions in [lake.versions(one, ["events", "loans", "borrowers"])]
    )
    assert before is not None
    assert after is not None
    for known_on, whose in ((date(2026, 4, 30), "B9"), (date(2026, 5, 1), "X1")):
        expected = after.on(D, known_on)
        assert expected["borrower_id"].to_list() == [whose]
        assert before.among(pl.Series(["X1", "B9"]), since).on(D, known_on).equals(expected)


def test_an_account_that_two_rows_of_one_day_give_to_two_is_the_laters(banks: tuple[Bank, Bank]) -> None:
    hot, whole = banks
    whole.accounts("A5,P,2026-01-01,2026-01-01", "A5,N,2026-01-01,2026-01-01")
    rows = {"accounts": came(whole, "accounts", 3)}
    expected = told(read(whole))
    assert (expected["P"]["accounts"], expected["N"]["accounts"]) == (1, 1)
    for people in (["N", "P"], ["N"], ["P"]):
        assert told(read(hot).among(pl.Series(people), rows)) == {who: expected[who] for who in people}


def test_where_nothing_was_sent_yet_the_first_rows_tell(tmp_path: Path) -> None:
    (tmp_path / "hot").mkdir()
    (tmp_path / "whole").mkdir()
    hot, whole = bank_at(tmp_path / "hot"), bank_at(tmp_path / "whole")
    whole.accounts(*ACCOUNTS)
    whole.transactions(*MOVED)
    begun = cash_flow.begun(hot.home, {}, read_policies(hot.home), lambda *_: None)
    rows = {"accounts": came(whole, "accounts", 1), "transactions": came(whole, "transactions", 2)}
    assert begun.on(D, D).is_empty()
    assert told(begun.among(pl.Series(["P", "Q", "R"]), rows)) == told(read(whole))
