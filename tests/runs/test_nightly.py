"""A night's run over Harbour Branch: the rows by hand, the coverage, what is sealed, and what a kill leaves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from books import harbour
from books.harbour import END, LATER
from books.standing import written
from daihou.book import business_date
from daihou.book.errors import DaihouError
from daihou.book.home import Home, Settings, open_home
from daihou.book.intake import deliver
from daihou.book.intake.journal import locked
from daihou.runs import coverage as coverage_module
from daihou.runs import store
from daihou.runs.nightly import run, run_all

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Told = Callable[..., None]


def silent(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


def coverage(home: Home, kind: str, as_of: date = END, known_on: date = END) -> list[tuple[Any, ...]]:
    names = {
        "state": ("subject", "currency", "loans", "ours"),
        "tie": ("subject", "reason", "currency", "ours", "theirs"),
        "waiting": ("subject", "reason", "loans"),
    }
    rows = store.read(home, "coverage", as_of, known_on).to_pylist()
    wanted = names.get(kind, ("subject", "reason"))
    return [tuple(row[name] for name in wanted) for row in rows if row["kind"] == kind]


# The rows, by hand. Amounts in fen, yen and cents.

CAR = {
    "borrower_id": "B1", "org_id": "harbour", "officer_id": None, "product": "auto", "region": "Ningbo", "asset_class": "personal",
    "basis": "schedule", "state": "overdue", "currency": "CNY",
    "dpd": 61, "dpd_principal": 61, "dpd_interest": 0, "dpd_reported": None, "oldest_unpaid_due_on": date(2026, 2, 28),
    "overdue_amount": 5200, "overdue_principal": 5200, "overdue_interest": 0, "overdue_fee": 0, "charges_accrued": 0, "total_claim": 5200,
    "overdue_principal_reg": 5200, "principal_outstanding": 15200, "principal_outstanding_base": 15200, "paid_amount": 15300,
    "next_due_on": date(2026, 6, 30), "next_due_amount": 10400, "last_paid_on": date(2026, 4, 20), "bucket": "61-90",
    "instalments_due": 2, "unpaid_due_dates": 1, "missed_12m": 3, "missed_24m": 3,
    "max_dpd_3m": 61, "max_dpd_6m": 61, "max_dpd_12m": 61, "max_dpd_ever": 61, "months_since_late": 0, "first_payment_missed": False,
    "status_24m": "*" * 20 + "NN23", "days_to_maturity": -30, "extension_count": 1, "accelerated_on": None,
    "written_off_amount": 0, "recovered_after_write_off": 0,
    "facility_id": None, "partner_id": None, "disbursed_on": date(2026, 1, 1), "matures_on": date(2026, 3, 31), "loan_amount": 30000,
    "months_on_book": 3, "term_months": 2, "annual_rate": None, "own_share": Decimal(1),
    # Late on 02-01 and from 03-01 on; the second and third due date missed as well as the first, the third as it stood on 03-31.
    "late_days_1m": 31, "late_days_3m": 62, "late_days_6m": 62, "late_days_12m": 62,
    "dpd_change_1m": 61 - 30, "dpd_change_3m": 61, "dpd_change_6m": 61, "came_down_12m": 1, "cleared_12m": 1,
    "dues_12m": 3, "early_share_12m": 0.0, "on_time_share_12m": 0.0, "part_paid_12m": 0,
    "on_time_streak": 0, "missed_streak": 3, "longest_missed_streak_24m": 3,
    "missed_months_24m": 4, "missed_months_in_a_row_24m": 4, "repeated_arrears": True,
    "months_since_missed": 1, "months_since_over_30": 0, "months_since_over_90": None, "months_since_paid": 0,
    "due_amount_3m": 30600, "paid_amount_3m": 15300, "paid_to_due_3m": 0.5, "prepaid_amount": 0,
    "first_due_on": date(2026, 1, 31), "first_payment_max_dpd": 1, "utilisation": None, "minimum_payer_share_12m": None,
}  # fmt: skip
CARD = {
    "basis": "bills", "state": "overdue", "dpd": 59, "dpd_principal": None, "oldest_unpaid_due_on": date(2026, 3, 2),
    "overdue_amount": 9000, "overdue_principal": None, "total_claim": 9000, "principal_outstanding": 144000,
    "overdue_principal_reg": 144000, "paid_amount": 16000, "next_due_on": None, "bucket": "31-60", "instalments_due": 3,
    "unpaid_due_dates": 2, "missed_12m": 2, "first_payment_missed": False, "status_24m": "*" * 19 + "#NN12", "days_to_maturity": None,
}  # fmt: skip
SHOP = {
    "basis": "reported", "state": "overdue", "dpd": 12, "dpd_reported": 12, "overdue_amount": None, "total_claim": None,
    "principal_outstanding": 1800000, "overdue_principal_reg": 1800000, "oldest_unpaid_due_on": None, "instalments_due": None,
    "max_dpd_ever": 12, "bucket": "1-30", "status_24m": "*" * 18 + "####11",
}  # fmt: skip
YEN = {
    "state": "current", "currency": "JPY", "dpd": 0, "principal_outstanding": 500000, "principal_outstanding_base": 2400000,
    "paid_amount": 501000, "next_due_on": date(2026, 9, 30), "next_due_amount": 500500, "bucket": "0",
}  # fmt: skip
DOLLARS = {
    "state": "overdue", "currency": "USD", "region": "Osaka", "dpd": 15, "overdue_amount": 101000, "principal_outstanding": 100000,
    "principal_outstanding_base": 710000, "overdue_principal_reg": 100000, "first_payment_missed": True,
}  # fmt: skip
WRITTEN_OFF = {
    "state": "written_off", "dpd": 304, "overdue_amount": 42000, "total_claim": 27000, "principal_outstanding": 0, "paid_amount": 15000,
    "written_off_amount": 42000, "recovered_after_write_off": 15000, "bucket": "271-360", "status_24m": "*" * 8 + "NNNNNN234567BBBB",
}  # fmt: skip
BARE = {
    "basis": "none", "state": "unmeasured", "dpd": None, "bucket": None, "overdue_amount": None, "principal_outstanding": None,
    "principal_outstanding_base": None, "paid_amount": 0, "status_24m": "*" * 21 + "###",
}  # fmt: skip
DONE = {
    "state": "closed",
    "dpd": 0,
    "paid_amount": 5100,
    "last_paid_on": date(2026, 2, 27),
    "status_24m": "*" * 20 + "NC**",
}
TO_COME = {
    "state": "not_started",
    "dpd": 0,
    "principal_outstanding": 0,
    "days_to_maturity": 107,
    "status_24m": "*" * 24,
}
SOLD = {"state": "transferred", "principal_outstanding": 0, "next_due_on": None, "status_24m": "*" * 19 + "NNNNG"}
BY_HAND: dict[str, dict[str, Any]] = {
    "A1": CAR, "C1": CARD, "R1": SHOP, "J1": YEN, "U1": DOLLARS, "W1": WRITTEN_OFF, "N1": BARE, "D1": DONE, "F1": TO_COME, "S1": SOLD,
}  # fmt: skip


@pytest.mark.parametrize("loan", BY_HAND)
def test_a_loan_stands_where_it_stands_by_hand(branch: Home, loan: str) -> None:
    row = written(branch, END, END)[loan]
    assert {name: row[name] for name in BY_HAND[loan]} == BY_HAND[loan]


def test_the_car_is_told_in_every_column(branch: Home) -> None:
    row = written(branch, END, END)["A1"]
    assert row == {"loan_id": "A1", "as_of": END, "known_on": END, **CAR}


def test_every_loan_known_has_one_row(branch: Home) -> None:
    assert sorted(written(branch, END, END)) == sorted(BY_HAND)


# Coverage.


def test_every_loan_is_counted_in_exactly_one_state(branch: Home) -> None:
    rows = written(branch, END, END).values()
    states = coverage(branch, "state")
    counted = {(state, currency): loans for state, currency, loans, _ in states}
    assert counted == Counter((row["state"], row["currency"]) for row in rows)
    assert sum(counted.values()) == 10
    assert ("overdue", "CNY", 3, 15200 + 144000 + 1800000) in states


def test_a_loan_that_cannot_be_measured_is_listed_with_its_reason(branch: Home) -> None:
    assert coverage(branch, "unmeasured") == [("N1", "no_plan_bill_or_fresh_figures")]


def test_the_money_paid_ties_to_the_payments_of_each_currency(branch: Home) -> None:
    ties = {
        currency: (ours, theirs)
        for subject, _, currency, ours, theirs in coverage(branch, "tie")
        if subject == "payments"
    }
    assert ties == {"CNY": (51400, 51400), "JPY": (501000, 501000), "USD": (0, 0)}


def test_control_totals_that_do_not_tie_are_listed_and_those_that_do_are_shown(branch: Home) -> None:
    assert coverage(branch, "break") == [
        ("* / *", "control_total_balance"),
        ("harbour / card", "control_total_loans"),
    ]
    ties = coverage(branch, "tie")
    assert ("* / *", "balance", "CNY", 1959200, 1959201) in ties
    assert ("* / *", "overdue", "CNY", 14200, 14200) in ties
    assert ("hill / *", "overdue", "USD", 101000, 101000) in ties
    assert ("harbour / card", "loans", "CNY", 1, 2) in ties


def test_facts_that_wait_for_their_loan_are_counted(branch: Home) -> None:
    assert coverage(branch, "waiting") == [("payments", "loan_not_known_yet", 1)]


def test_loans_whose_money_goes_beyond_what_there_was_are_breaks(home: Home, told: Told) -> None:
    told(
        home,
        payments="payment_id,loan_id,paid_on,amount,purpose,known_on\nA1-V,A1,2026-05-02,999.00,prepayment,2026-05-02\n"
        "D1-V,D1,2026-05-02,60.00,refund,2026-05-02\n",
        changes="change_id,loan_id,kind,effective_on,principal,known_on\nJ1-V,J1,waiver,2026-05-02,900000,2026-05-02\n",
    )
    outcome = run(home, LATER, LATER, silent)
    assert coverage(home, "break", LATER, LATER) == [
        ("A1", "balance_below_zero"),
        ("D1", "refund_beyond_money"),
        ("J1", "balance_below_zero"),
        ("J1", "waiver_beyond_dues"),
    ]
    assert outcome.breaks == 4


def test_the_record_names_what_the_run_saw(branch: Home) -> None:
    (record,) = store.read(branch, "runs", END, END).to_pylist()
    assert (record["batch"], record["loans"], record["unmeasured"], record["breaks"]) == (9, 10, 1, 2)
    assert record["rules"]
    assert record["kernels"]


def test_the_outcome_says_what_was_written(home: Home) -> None:
    outcome = run(home, END, END, silent)
    assert (outcome.as_of, outcome.known_on, outcome.loans, outcome.unmeasured, outcome.breaks) == (END, END, 10, 1, 2)
    assert outcome.states["overdue", "CNY"] == (3, 1959200)


# Again, later, before.


def test_run_twice_the_same_rows_stand_once(home: Home) -> None:
    before = {name: store.read(home, name, END, END).to_pylist() for name in ("snapshots", "coverage", "runs")}
    run(home, END, END, silent)
    for name, rows in before.items():
        again = store.read(home, name, END, END).to_pylist()
        for row in (*rows, *again):
            row.pop("files", None)
        assert sorted(again, key=str) == sorted(rows, key=str)
    assert store.pairs(home) == [(END, END)]


def test_a_late_fact_changes_what_is_known_later_and_not_what_was_known_then(home: Home, told: Told) -> None:
    before = written(home, END, END)
    told(home, **harbour.NEWS)
    run(home, END, END, silent)
    assert written(home, END, END) == before
    run(home, END, LATER, silent)
    after = written(home, END, LATER)
    assert (after["A1"]["dpd"], after["A1"]["overdue_amount"], after["A1"]["missed_12m"]) == (0, 0, 3)
    assert (after["R1"]["dpd"], after["R1"]["max_dpd_ever"]) == (42, 42)
    same = set(before) - {"A1", "R1", "U1"}
    assert all(after[loan] == {**before[loan], "known_on": LATER} for loan in same)


def test_a_reversal_counts_from_the_day_it_was_known(home: Home) -> None:
    on = date(2026, 3, 4)
    run_all(home, [(on, on), (on, END)], silent)
    assert (written(home, on, on)["A1"]["state"], written(home, on, on)["A1"]["dpd"]) == ("current", 0)
    assert (written(home, on, END)["A1"]["state"], written(home, on, END)["A1"]["dpd"]) == ("overdue", 4)


def test_a_loan_not_known_yet_has_no_row(home: Home) -> None:
    on = date(2026, 4, 27)
    outcome = run(home, on, on, silent)
    assert outcome.loans == 9
    assert "F1" not in written(home, on, on)


def test_base_amounts_take_the_latest_rate_known_at_or_before_the_date(home: Home, told: Told) -> None:
    told(home, **harbour.NEWS)
    run(home, END, LATER, silent)
    rows = written(home, END, LATER)
    assert rows["U1"]["principal_outstanding_base"] == 720000
    assert rows["J1"]["principal_outstanding_base"] == 2400000
    on = date(2026, 3, 31)
    run(home, on, on, silent)
    assert written(home, on, on)["U1"]["principal_outstanding_base"] is None


def test_base_amounts_may_be_in_any_currency(home: Home) -> None:
    in_yen = Home(home.path, Settings(base_currency="JPY"))
    run(in_yen, END, END, silent)
    rows = written(in_yen, END, END)
    assert rows["J1"]["principal_outstanding_base"] == 500000
    assert rows["U1"]["principal_outstanding_base"] == 7100  # 1000.00 x 7.10 of the rates sent, now read as yen


def test_only_a_run_of_a_date_as_known_on_it_seals_that_date(home: Home) -> None:
    assert business_date.sealed_through(home) == END
    run(home, END, LATER, silent)
    run_all(home, [(LATER, LATER)], silent)
    assert business_date.sealed_through(home) == END
    run(home, date(2026, 3, 31), date(2026, 3, 31), silent)
    assert business_date.sealed_through(home) == END
    run(home, LATER, LATER, silent)
    assert business_date.sealed_through(home) == LATER


def test_a_look_ahead_seals_nothing(home: Home) -> None:
    ahead = date(2027, 12, 31)
    run(home, ahead, ahead, silent, today=LATER)
    assert written(home, ahead, ahead)["A1"]["state"] == "overdue"
    assert business_date.sealed_through(home) == END


def test_a_sealing_run_waits_for_no_delivery_and_says_so(home: Home) -> None:
    with locked(home), pytest.raises(DaihouError, match="Another intake or nightly run") as caught:
        run(home, LATER, LATER, silent)
    assert caught.value.remedy
    assert business_date.sealed_through(home) == END


def test_without_loans_there_is_nothing_to_run(tmp_path: Path) -> None:
    empty = open_home(tmp_path / "home", {})
    with pytest.raises(DaihouError, match="No loan is known yet") as caught:
        run(empty, END, END, silent)
    assert "daihou intake" in caught.value.remedy
    assert business_date.sealed_through(empty) is None


# Products.

PROFILE = """
profile: bank
standing_days: 31
products:
  auto:
    - {from: 2020-01-01, owner: Head of risk, grace_days: 3}
"""


def test_products_that_the_profile_should_name_are_told_and_judged_by_the_defaults(home: Home) -> None:
    (home.path / "policies").mkdir(exist_ok=True)
    (home.path / "policies" / "bank.yaml").write_text(PROFILE, "utf-8")
    outcome = run(home, END, END, silent)
    assert outcome.unnamed == ("card", "shop", "trade")
    rows = store.read(home, "coverage", END, END).to_pylist()
    told = {row["subject"]: (row["reason"], row["loans"]) for row in rows if row["kind"] == "default"}
    assert told == {name: ("product_not_in_profile", loans) for name, loans in (("card", 1), ("shop", 2), ("trade", 2))}
    assert written(home, END, END)["U1"]["dpd"] == 15


def test_a_profile_that_names_no_product_means_the_defaults(branch: Home) -> None:
    assert not coverage(branch, "default")


# Killed.

KILLED = """
import os, sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from daihou.book.home import open_home
from daihou.runs import nightly, store

step, number = sys.argv[2], int(sys.argv[3])
commit = store.commit

def progress(name, done, total):
    if name == step and done >= number:
        os._exit(9)  # as kill -9: nothing is cleaned up

def counted(home, name, *rest):
    commit(home, name, *rest)
    if name == step:
        os._exit(9)

store.commit = counted
nightly.run(open_home(Path(sys.argv[1]), {}), date(2026, 4, 30), date(2026, 4, 30), progress)
"""
BACKFILLED = "payment_id,loan_id,paid_on,amount,known_on\nA1-9,A1,2026-04-29,52.00,2026-04-29\n"


@pytest.mark.parametrize(
    ("step", "number", "replaced"),
    [
        ("build", 0, False),
        ("measure", 1, False),
        ("write", 0, False),
        ("snapshots", 0, False),
        ("coverage", 0, False),
        ("runs", 0, True),
    ],
)
def test_a_killed_run_leaves_a_whole_snapshot_and_run_again_completes(
    home: Home, tmp_path: Path, step: str, number: int, *, replaced: bool
) -> None:
    before = written(home, END, END)
    path = tmp_path / "backfilled.csv"
    path.write_text(BACKFILLED)
    report = deliver(home, [path], "payments", today=LATER, backfill=True)
    assert report.new == 1
    ended = subprocess.run([sys.executable, "-c", KILLED, str(home.path), step, str(number)], env=dict(os.environ))
    assert ended.returncode == 9
    left = written(home, END, END)
    assert left["A1"]["dpd"] == (0 if replaced else 61)
    assert {**left, "A1": None} == {**before, "A1": None}
    assert store.pairs(home) == [(END, END)]
    outcome = run(home, END, END, silent)
    assert (outcome.loans, written(home, END, END)["A1"]["dpd"]) == (10, 0)
    assert store.read(home, "runs", END, END)["batch"].to_pylist() == [10]
    assert sum(loans for _, _, loans, _ in coverage(home, "state")) == 10


def files_of(home: Home, name: str) -> set[Path]:
    return set(store.partition_path(home, name, END, END, "").glob("*.parquet"))


def test_files_of_a_stopped_run_go_with_the_next_and_those_of_the_run_before_stay_for_who_reads_them(
    home: Home,
) -> None:
    class StopError(Exception):
        pass

    def stop(step: str, _done: int, _all: int) -> None:
        if step == "write":
            raise StopError

    first = {name: set(store.files(home, name, END, END)) for name in ("snapshots", "coverage", "runs")}
    with pytest.raises(StopError):
        run(home, END, END, stop)
    assert files_of(home, "snapshots") > first["snapshots"]
    run(home, END, END, silent)
    second = {name: set(store.files(home, name, END, END)) for name in first}
    assert all(not second[name] & first[name] and files_of(home, name) == first[name] | second[name] for name in first)
    run(home, END, END, silent)
    for name in first:
        assert files_of(home, name) == second[name] | set(store.files(home, name, END, END))


def test_a_table_of_an_earlier_version_gets_the_columns_that_came_since(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = store.SCHEMAS["coverage"]
    shutil.rmtree(home.lake / "coverage")
    earlier = now.remove(now.get_field_index("theirs"))
    with monkeypatch.context() as patched:
        patched.setitem(store.SCHEMAS, "coverage", earlier)
        patched.setattr(coverage_module, "COVERAGE", earlier)
        run(home, END, END, silent)
        assert store.read(home, "coverage", END, END).schema == earlier
    assert ("payments", "paid_amount", "CNY", 51400, None) in coverage(home, "tie")
    run_all(home, [(END, LATER)], silent)
    assert ("payments", "paid_amount", "CNY", 51400, 51400) in coverage(home, "tie", known_on=LATER)
    assert ("payments", "paid_amount", "CNY", 51400, None) in coverage(home, "tie")
    table = store.open_table(home, "coverage")
    assert table is not None
    assert {field.name for field in table.schema().fields} == set(now.names)


def test_a_first_run_killed_before_its_end_has_written_nothing_to_read(home: Home) -> None:
    class StopError(Exception):
        pass

    def stop(step: str, _done: int, _all: int) -> None:
        if step == "write":
            raise StopError

    with pytest.raises(StopError):
        run(home, LATER, LATER, stop)
    with pytest.raises(DaihouError, match="No run wrote 2026-05-04 as known on 2026-05-04") as caught:
        store.read(home, "snapshots", LATER, LATER)
    assert "daihou run --as-of 2026-05-04" in caught.value.remedy
    assert business_date.sealed_through(home) == END
