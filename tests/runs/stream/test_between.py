"""Watches within a day over a real book: facts through the door of the log, judged by the book in hand, said into the log, and found again after a restart."""

from __future__ import annotations

import datetime as dt
import shutil
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from books import harbour
from daihou.book.home import open_home
from daihou.runs.log.door import Door
from daihou.runs.log.flushing import flush
from daihou.runs.nightly import run
from daihou.runs.policies import read_policies
from daihou.runs.stream import told
from daihou.runs.stream.between.book import BookFacts
from daihou.runs.stream.between.facts import TABLES
from daihou.runs.stream.between.opening import framed, open_between
from daihou.runs.stream.hot import open_hot
from once import once
from runs.conftest import silent

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.home import Home
    from daihou.runs.stream.between import Between
    from daihou.runs.stream.told import Saying

NIGHT: Final = dt.date(2026, 5, 5)
TODAY: Final = dt.date(2026, 5, 6)
"""A Wednesday."""
NEW: Final = {
    "loans": "loan_id,borrower_id,product,principal,disbursed_on,matures_on,org_id,officer_id,asset_class,repayment_method,known_on\n"
    "Q1,B1,auto,300.00,2026-04-06,2026-08-06,harbour,M7,personal,annuity,2026-05-05\n"
    "Q2,B2,auto,300.00,2026-04-06,2026-08-06,harbour,,personal,annuity,2026-05-05\n",
    "instalments": "loan_id,seq,due_on,principal,interest,known_on\nQ1,1,2026-05-06,100.00,3.00,2026-05-05\nQ1,2,2026-06-06,100.00,3.00,2026-05-05\n"
    "Q2,1,2026-05-06,50.00,1.00,2026-05-05\nQ2,2,2026-06-06,50.00,1.00,2026-05-05\n",
    "accounts": "account_id,borrower_id,known_on\nAC1,B1,2026-05-05\nAC2,B2,2026-05-05\n",
}  # fmt: skip


def at(hour: int, minute: int = 0, day: dt.date = TODAY) -> dt.datetime:
    """A moment of the day."""
    return dt.datetime.combine(day, dt.time(hour, minute), ZoneInfo("Asia/Shanghai"))


class Stream:
    """What a worker does, so far as these watches need it."""

    def __init__(self, home: Home) -> None:
        self.home, self.door = home, Door(home)
        self.log = self.door.log
        self.place = 0
        self.open(at(9))

    def open(self, now: dt.datetime) -> list[Saying]:
        """Begin, as after a kill."""
        self.hot = open_hot(self.home, read_policies(self.home), now.date(), ["dpd"])
        for held in self.log.read(0):
            self._put([held])
        facts = BookFacts(self.home, lambda: self.hot)
        self.watches: Between = open_between(self.home, self.log, facts, now, now.date(), self.place)
        return self._say(self.watches.again(now, now.date()))

    def send(self, table: str, now: dt.datetime, *rows: dict[str, Any]) -> list[str]:
        """Facts as somebody sends them; what is said of them."""
        taken = self.door.take(table, rows, "api:test", now)
        assert taken.accepted == len(rows), taken.judged.rejects.to_pylist()
        held = self.log.read(self.place)
        self._put(held)
        self.place = held[-1].last
        tables = framed(held, dict.fromkeys(TABLES, 0))
        return _words(self._say(self.watches.take(tables, now, now.date())))

    def tick(self, now: dt.datetime) -> list[str]:
        """Time passes."""
        return _words(self._say(self.watches.tick(now, now.date())))

    def _put(self, held: Any) -> None:
        for one in held:
            rows = one.rows()
            self.hot.take(one.table, rows.append_column("place", pa.array(range(one.first, one.last + 1), pa.int64())))

    def _say(self, sayings: list[Saying]) -> list[Saying]:
        with self.log.store.writing() as connection:
            told.say(connection, sayings, self.place, 0.0, 0.0)
        self.watches.stand(sayings)
        return sayings


def _words(sayings: list[Saying]) -> list[str]:
    return [f"{one.transition} {one.row['rule_id']} {one.row['subject_id']}" for one in sayings]


@pytest.fixture(scope="session")
def morning(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Harbour Branch on the morning of the sixth of May: Q1 and Q2 fall due today."""

    def build(folder: Path) -> None:
        home = open_home(shutil.copytree(built, folder / "home"), {})
        harbour.send(home, folder, NEW)
        run(home, NIGHT, NIGHT, silent)

    return once(tmp_path_factory, "between", build) / "home"


@pytest.fixture
def stream(morning: Path, tmp_path: Path) -> Stream:
    """What works on a copy of it."""
    return Stream(open_home(shutil.copytree(morning, tmp_path / "home"), {}))


def failed(number: str, loan: str, when: dt.datetime) -> dict[str, Any]:
    """A deduction that failed."""
    return {"event_id": number, "subject_id": loan, "kind": "deduction_failed", "happened_at": when.isoformat()}


def applied(number: str, who: str, when: dt.datetime, kind: str = "application") -> dict[str, Any]:
    """An application elsewhere."""
    return {"event_id": number, "subject_id": who, "kind": kind, "happened_at": when.isoformat()}


def moved(number: str, account: str, when: dt.datetime, amount: str, **more: str) -> dict[str, Any]:
    """Money on an account."""
    return {"txn_id": number, "account_id": account, "booked_at": when.isoformat(), "amount": amount, **more}


def test_a_deduction_that_fails_on_the_due_date_is_told_at_once_and_clears_when_the_money_comes(stream: Stream) -> None:
    assert stream.send("events", at(9, 5), failed("E1", "Q1", at(9, 4))) == ["opened B-101 Q1"]
    (row,) = stream.watches.open.values()
    assert (row["borrower_id"], row["org_id"], row["officer_id"], row["currency"], row["balance"]) == (
        "B1",
        "harbour",
        "M7",
        "CNY",
        30_000,
    )
    assert '"amount": 10300' in row["evidence"]
    assert (
        stream.send(
            "payments", at(10), {"payment_id": "P1", "loan_id": "Q1", "paid_on": "2026-05-06", "amount": "50.00"}
        )
        == []
    )
    assert stream.send(
        "payments", at(11), {"payment_id": "P2", "loan_id": "Q1", "paid_on": "2026-05-06", "amount": "53.00"}
    ) == ["cleared B-101 Q1"]


def test_a_payment_that_bounces_on_the_day_it_is_due_is_told(stream: Stream) -> None:
    assert (
        stream.send(
            "payments", at(9), {"payment_id": "P1", "loan_id": "Q1", "paid_on": "2026-05-06", "amount": "103.00"}
        )
        == []
    )
    void = {"payment_id": "P1R", "loan_id": "Q1", "paid_on": "2026-05-06", "amount": "103.00", "reverses": "P1"}
    assert stream.send("payments", at(10), void) == ["opened B-101 Q1"]


def test_a_deduction_that_fails_on_another_day_is_no_matter_of_today(stream: Stream) -> None:
    assert stream.send("events", at(9), failed("E1", "A1", at(8)), failed("E2", "Q1", at(23, day=NIGHT))) == []


def test_at_eight_in_the_evening_only_who_has_not_paid_is_told(stream: Stream) -> None:
    stream.send("payments", at(18), {"payment_id": "P1", "loan_id": "Q2", "paid_on": "2026-05-06", "amount": "51.00"})
    assert stream.tick(at(19, 59)) == []
    assert stream.tick(at(20)) == ["opened B-102 Q1"]
    assert stream.tick(at(20, 1)) == []
    assert stream.send(
        "payments", at(21), {"payment_id": "P2", "loan_id": "Q1", "paid_on": "2026-05-06", "amount": "103.00"}
    ) == ["cleared B-102 Q1"]


def test_what_is_not_paid_stands_until_the_night_has_spoken(stream: Stream) -> None:
    stream.tick(at(20))
    tomorrow = TODAY + dt.timedelta(days=1)
    stream.open(at(0, 5, tomorrow))
    assert {row["subject_id"] for row in stream.watches.open.values()} == {"Q1", "Q2"}
    assert stream.tick(at(11, 59, tomorrow)) == []
    assert stream.tick(at(12, 0, tomorrow)) == ["cleared B-102 Q1", "cleared B-102 Q2"]


def test_the_third_application_within_a_day_is_told_once_and_clears_after_three_days(stream: Stream) -> None:
    assert stream.send("events", at(9), applied("E1", "B1", at(8)), applied("E2", "B1", at(8, 30))) == []
    assert stream.send("events", at(10), applied("E3", "B1", at(9, 30), "loan_elsewhere")) == ["opened B-201 B1"]
    assert stream.send("events", at(11), applied("E4", "B1", at(10, 30))) == []
    assert stream.tick(at(10, 29, TODAY + dt.timedelta(days=3))) == []
    assert stream.tick(at(10, 30, TODAY + dt.timedelta(days=3))) == ["cleared B-201 B1"]


def test_events_count_where_they_happened_not_when_they_came(stream: Stream) -> None:
    stream.send("events", at(9), applied("E1", "B1", at(8)), applied("E2", "B1", at(7, day=NIGHT)))
    assert stream.send("events", at(10), applied("E3", "B1", at(23, day=NIGHT))) == []
    assert stream.send("events", at(11), applied("E4", "B1", at(9, day=NIGHT))) == ["opened B-201 B1"]


def test_exactly_a_day_apart_is_not_within_a_day(stream: Stream) -> None:
    rows = (applied("E1", "B1", at(8, day=NIGHT)), applied("E2", "B1", at(7)), applied("E3", "B1", at(8)))
    assert stream.send("events", at(9), *rows) == []


def test_an_event_sent_twice_counts_once(stream: Stream) -> None:
    rows = (applied("E1", "B1", at(8)), applied("E2", "B1", at(8, 30)), applied("E2", "B1", at(8, 30)))
    assert stream.send("events", at(9), *rows) == []
    assert stream.send("events", at(10), rows[0]) == []


def test_an_event_that_never_was_takes_back_what_was_said_of_it_the_same_day(stream: Stream) -> None:
    stream.send("events", at(9), *(applied(f"E{one}", "B1", at(8, one)) for one in range(3)))
    gone = applied("E1", "B1", at(8, 1), "withdrawn") | {"known_on": "2026-05-07"}
    assert stream.send("events", at(10), gone) == ["withdrawn B-201 B1"]
    assert stream.send("events", at(11), applied("E9", "B1", at(10))) == ["resumed B-201 B1"]


def test_of_whom_nobody_knows_anything_nothing_is_said_before_the_loan_is_known(stream: Stream) -> None:
    assert stream.send("events", at(9), *(applied(f"E{one}", "NEW", at(8, one)) for one in range(3))) == []
    loan = {
        "loan_id": "Z1",
        "borrower_id": "NEW",
        "product": "auto",
        "principal": "10.00",
        "disbursed_on": "2026-05-06",
        "matures_on": "2026-09-06",
    }
    assert stream.send("loans", at(10), loan) == ["opened B-201 NEW"]


def test_returned_payments_on_the_accounts_of_a_borrower_are_counted_for_the_borrower(stream: Stream) -> None:
    assert stream.send("transactions", at(9), moved("T1", "AC1", at(8), "-20.00", memo_flags="returned")) == []
    assert stream.send("transactions", at(10), moved("T2", "AC1", at(9), "-20.00", memo_flags="loan returned")) == [
        "opened B-204 B1"
    ]


def test_money_of_a_loan_that_goes_to_securities_is_told_with_its_shares(stream: Stream) -> None:
    paid = moved("T1", "AC1", at(8), "1000.00", loan_id="Q1", counterparty_kind="lender")
    assert (
        stream.send(
            "transactions", at(9), paid, moved("T2", "AC1", at(8, 30), "-99.99", counterparty_kind="investment")
        )
        == []
    )
    other_side = "0123456789abcdef0123456789abcdef"
    more = moved("T3", "AC1", at(9, 10), "-50.01", counterparty_kind="investment", counterparty_token=other_side)
    assert stream.send("transactions", at(10), more) == ["opened B-301 Q1"]
    (row,) = stream.watches.open.values()
    assert '"classes": {"securities": 15000}' in row["evidence"]
    assert f'"counterparties": {{"{other_side}": 5001}}' in row["evidence"]
    assert '"paid_out": 100000' in row["evidence"]
    nine_days = at(8, 0, TODAY + dt.timedelta(days=9))
    assert stream.tick(nine_days - dt.timedelta(seconds=1)) == []
    assert stream.tick(nine_days) == ["cleared B-301 Q1"]


def test_money_counts_from_the_moment_it_was_paid_out_until_the_hours_are_over(stream: Stream) -> None:
    rows = (
        moved("T0", "AC1", at(7, 59, NIGHT), "-900.00", counterparty_kind="own_account"),
        moved("T1", "AC1", at(8, day=NIGHT), "1000.00", loan_id="Q1"),
        moved("T2", "AC1", at(8, day=NIGHT), "-700.00", counterparty_kind="own_account"),
        moved("T3", "AC1", at(8), "-900.00", counterparty_kind="own_account"),
    )
    assert stream.send("transactions", at(9), *rows) == []
    late = moved("T4", "AC1", at(7, 59), "-100.00", memo_flags="own_transfer")
    assert stream.send("transactions", at(10), late) == ["opened B-302 Q1"]


def test_a_loan_that_becomes_known_after_its_money_has_left_is_told_of_all_the_same(stream: Stream) -> None:
    gone = moved("T2", "AC2", at(9), "-800.00", counterparty_kind="person")
    assert stream.send("transactions", at(9, 30), gone, moved("T1", "AC2", at(8), "900.00", memo_flags="loan")) == []
    loan = {
        "loan_id": "Z2",
        "borrower_id": "B2",
        "product": "auto",
        "principal": "900.00",
        "disbursed_on": "2026-05-06",
        "matures_on": "2026-09-06",
    }
    assert stream.send("loans", at(10), loan) == ["opened B-302 Z2"]


def test_a_draw_of_a_line_is_watched_as_a_loan_is(stream: Stream) -> None:
    stream.send("draws", at(8), {"loan_id": "C1", "drawn_on": "2026-05-06", "amount": "400.00"})
    rows = (
        moved("T1", "AC2", at(9), "400.00", counterparty_kind="lender"),
        moved("T2", "AC2", at(10), "-50.00", counterparty_kind="gambling"),
    )
    assert stream.send("transactions", at(11), *rows) == ["opened B-301 C1"]


def test_after_a_restart_nothing_is_said_twice_whether_facts_lie_in_the_log_or_in_the_lake(stream: Stream) -> None:
    stream.send("events", at(9), *(applied(f"E{one}", "B1", at(8, one)) for one in range(3)), failed("E7", "Q1", at(8)))
    paid = moved("T1", "AC1", at(8), "1000.00", loan_id="Q1")
    stream.send("transactions", at(10), paid, moved("T2", "AC1", at(8, 30), "-990.00", counterparty_kind="own_account"))
    before = stream.watches.open
    assert sorted(row["rule_id"] for row in before.values()) == ["B-101", "B-201", "B-302"]
    assert stream.open(at(10, 1)) == []
    assert stream.watches.open == before
    flush(stream.home, at(10, 2), TODAY)
    assert stream.open(at(10, 3)) == []
    assert stream.watches.open == before
    assert stream.send("events", at(11), applied("E4", "B1", at(10, 30))) == []


def test_signals_of_a_watch_that_is_no_more_in_force_end(stream: Stream) -> None:
    stream.send("events", at(9), *(applied(f"E{one}", "B1", at(8, one)) for one in range(3)))
    folder = stream.home.path / "policies"
    folder.mkdir(exist_ok=True)
    own = "policy: between\nversions:\n  - {from: 1900-01-01, owner: Test, values: {classes: {}, watches: []}}\n"
    (folder / "between.yaml").write_text(own, "utf-8")
    assert _words(stream.open(at(10))) == ["ended B-201 B1"]
    assert stream.watches.open == {}


def test_a_worker_that_judges_other_borrowers_says_nothing_and_ends_nothing(stream: Stream) -> None:
    stream.send("events", at(9), *(applied(f"E{one}", "B1", at(8, one)) for one in range(3)))
    facts = BookFacts(stream.home, lambda: stream.hot, mine=lambda people: {one for one in people if one != "B1"})
    other = open_between(stream.home, stream.log, facts, at(10), TODAY, stream.place)
    assert other.again(at(10), TODAY) == []
    assert other.tick(at(12, 0, TODAY + dt.timedelta(days=30)), TODAY) == []


def test_what_is_out_of_every_window_is_forgotten(stream: Stream) -> None:
    stream.send("events", at(9), *(applied(f"E{one}", "B1", at(8, one)) for one in range(3)))
    stream.send(
        "transactions",
        at(9),
        moved("T1", "AC1", at(8), "9.00", loan_id="Q1"),
        moved("T2", "AC1", at(8), "-9.00", counterparty_kind="cash"),
    )
    assert len(stream.watches) > 0
    stream.tick(at(9, 0, TODAY + dt.timedelta(days=40)))
    assert len(stream.watches) == 0


def test_what_is_said_to_happen_in_a_week_is_left_to_the_night(stream: Stream) -> None:
    later = at(9, day=TODAY + dt.timedelta(days=7))
    assert stream.send("events", at(9), *(applied(f"E{one}", "B1", later) for one in range(3))) == []
    assert len(stream.watches) == 0
