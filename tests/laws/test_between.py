"""Laws of the watches within a day: whatever the order, the parts and the restarts, the same signals stand, and nothing is said twice."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import polars as pl
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from daihou.book import lake
from daihou.policies.between import Between as Policy
from daihou.runs.stream.between import Between
from daihou.runs.stream.between.facts import OWED, WHOSE
from daihou.runs.stream.told import STANDS, Told
from daihou.runs.watch.moved import signal_id
from laws.between import Event, Fact, Loan, Payment, Transaction, class_of, fast, in_force, paid_out, unpaid

if TYPE_CHECKING:
    import random
    from collections.abc import Collection, Mapping, Sequence

    from daihou.runs.stream.told import Saying

ZONE: Final = "Asia/Shanghai"
FIRST: Final = dt.date(2026, 3, 9)
"""A Monday; hour 0 is its midnight."""
DAYS: Final = 5
NOW: Final = DAYS * 24 - 3.0
"""The last moment: 21:00 of the Friday."""
HOLDERS: Final = {"A1": "C1", "A2": "C2"}
LOANS: Final = {"L1": "C1", "L2": "C2", "L3": "C1"}
DUE: Final = {("L1", 4): 500, ("L2", 4): 300, ("L2", 3): 200}
"""What falls due, by loan and day, in hundredths."""
KINDS: Final = {"investment": "securities", "own_account": "own", "none": "unknown"}
FLAGS: Final = {"own_transfer": "own"}
TEXTS: Final = {"en": "x", "zh": "x"}


def _watch(id_: str, kind: str, subject: str, **asks: Any) -> dict[str, Any]:
    return {
        "id": id_, "number": 1, "name": TEXTS, "topic": "events", "subject": subject, "level": "yellow", "due_work_days": 1, "message": TEXTS,
        "reason": TEXTS, "kind": kind, "asks": asks,
    }  # fmt: skip


_SPEED: Final[dict[str, Any]] = {"kinds": [], "flags": [], "direction": None, "reversals": False}
_CLASSES: Final[dict[str, Any]] = {
    "securities": {**TEXTS, "kinds": ["investment"], "flags": []},
    "own": {**TEXTS, "kinds": ["own_account"], "flags": ["own_transfer"]},
    "unknown": {**TEXTS, "kinds": ["none"], "flags": []},
}
POLICY: Final = Policy(
    _CLASSES,
    (
        _watch("B-101", "due_today", "loan", failures=["deduction_failed"], reversals=True, unpaid_by=None, work_days_only=False, stands_hours=12),
        _watch("B-102", "due_today", "loan", failures=[], reversals=False, unpaid_by="20:00", work_days_only=True, stands_hours=12),
        _watch("B-201", "velocity", "borrower", **_SPEED | {"table": "events", "kinds": ["application"]}, times=3, within_hours=24, stands_hours=24),
        _watch("B-202", "velocity", "loan", **_SPEED | {"table": "payments", "reversals": True}, times=2, within_hours=48, stands_hours=48),
        _watch("B-203", "velocity", "borrower", **_SPEED | {"table": "transactions", "flags": ["returned"]}, times=2, within_hours=5, stands_hours=30),
        _watch("B-301", "money_out", "loan", classes=["securities", "unknown"], within_hours=24, share_percent=50, stands_hours=24),
        _watch("B-302", "money_out", "loan", classes=["own"], within_hours=48, share_percent=80, stands_hours=24),
    ),  # type: ignore[arg-type]  # as a file states them
)  # fmt: skip


def moment(hour: float) -> dt.datetime:
    """A moment."""
    return dt.datetime.combine(FIRST, dt.time(), ZoneInfo(ZONE)) + dt.timedelta(hours=hour)


def date(day: int) -> dt.date:
    """A day."""
    return FIRST + dt.timedelta(days=day)


class Book:
    """The book as the watches ask it: it has what was put in, and knows three loans."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.now = 0.0

    def whose(self, ids: Collection[str]) -> pl.DataFrame:
        """Three loans and two borrowers."""
        rows = []
        for one in sorted(ids):
            if one in LOANS or one in HOLDERS.values():
                rows.append((one, "loan" if one in LOANS else "borrower", LOANS.get(one, one), "B01", "M1", "CNY", 100))
        return pl.DataFrame(rows, WHOSE, orient="row")

    def holders(self, accounts: Collection[str]) -> Mapping[str, set[str]]:
        """Each of one person."""
        return {account: {HOLDERS[account]} for account in accounts}

    def due(self, day: dt.date) -> Collection[str]:
        """By the plan."""
        return [loan for loan, on in DUE if date(on) == day]

    def owed(self, loans: Collection[str], day: dt.date) -> pl.DataFrame:
        """By the plan and what was paid."""
        on = (day - FIRST).days
        payments = [one for one in self.facts if isinstance(one, Payment)]
        rows = [(loan, day, owes, "CNY") for loan in sorted(loans) if (owes := unpaid(DUE, payments, loan, on))]
        return pl.DataFrame(rows, OWED, orient="row")


def reference(facts: Sequence[Fact], now: float) -> set[str]:
    """The ids of what stands, from all facts at once."""
    events = in_force([one for one in facts if isinstance(one, Event)])
    payments = list({one.id: one for one in facts if isinstance(one, Payment)}.values())
    moved = list({one.id: one for one in facts if isinstance(one, Transaction)}.values())
    loans = list({one.id: one for one in facts if isinstance(one, Loan)}.values())
    stands: set[tuple[str, str, int]] = set()
    today = int(now // 24)
    for loan in LOANS:
        for watch in ("B-101", "B-102"):
            for day in (today, today - 1):
                wrong = any(
                    one.kind == "deduction_failed" and one.subject == loan and one.hour // 24 == day for one in events
                )
                wrong |= any(one.reverses is not None and one.loan == loan and one.known == day for one in payments)
                told = wrong if watch == "B-101" else now >= day * 24 + 20
                if told and now < day * 24 + 36 and unpaid(DUE, payments, loan, day):
                    stands.add((watch, loan, day))
                    break
        voids = [one.day * 24.0 + 12 for one in payments if one.reverses and one.loan == loan]
        stands |= {("B-202", loan, day) for day in [fast(voids, 2, 48, 48, now)] if day is not None}
        for watch, classes, hours, share in (("B-301", ("securities", "unknown"), 24, 50), ("B-302", ("own",), 48, 80)):
            for came in sorted(
                (one for one in moved if paid_out(one, loans, HOLDERS) == loan), key=lambda one: (one.hour, one.account)
            ):
                left = sum(
                    -one.amount
                    for one in moved
                    if one.account == came.account and one.amount < 0 and came.hour <= one.hour < came.hour + hours
                    and class_of(one, KINDS, FLAGS) in classes and one.loan in (None, loan)
                )  # fmt: skip
                if left * 100 >= came.amount * share and left and now < came.hour + hours + 24:
                    stands.add((watch, loan, int(came.hour // 24)))
                    break
    for person in set(HOLDERS.values()):
        asked = [one.hour for one in events if one.subject == person and one.kind == "application"]
        bounced = [one.hour for one in moved if HOLDERS[one.account] == person and "returned" in one.flags.split(" ")]
        for watch, found in (("B-201", fast(asked, 3, 24, 24, now)), ("B-203", fast(bounced, 2, 5, 30, now))):
            if found is not None:
                stands.add((watch, person, found))
    return {signal_id(watch, 1, subject, date(day)) for watch, subject, day in stands}


_BACK: Final = (0, 0.25, 1, 2, 5, 6, 23.75, 24, 24.25, 25, 29, 30, 36, 47.75, 48, 54, 72, 100)
"""Hours before the last moment: windows apart, and a quarter of an hour more or less."""
_WHEN: Final = st.sampled_from([NOW - back for back in _BACK])
_IDS: Final = st.integers(0, 10**9).map(str)


_SAID: Final = (
    ("application", "C1"), ("application", "C1"), ("application", "C2"), ("deduction_failed", "L1"), ("deduction_failed", "L2"), ("news", "C1"),
    ("application", "X9"),
)  # fmt: skip
"""What may happen; of X9 nobody knows anything."""


@st.composite
def events(draw: st.DrawFn) -> Event:
    """An event of somebody."""
    kind, subject = draw(st.sampled_from(_SAID))
    hour = draw(_WHEN)
    return Event(draw(_IDS), subject, kind, hour, int(hour // 24))


@st.composite
def payments(draw: st.DrawFn) -> Payment:
    """A payment of an instalment."""
    day = draw(st.integers(2, 4))
    return Payment(draw(_IDS), draw(st.sampled_from(["L1", "L2"])), day, draw(st.sampled_from([100, 300, 500])), day)


@st.composite
def transactions(draw: st.DrawFn) -> Transaction:
    """Money on an account."""
    hour = draw(_WHEN)
    kind, flags, amount, loan = draw(
        st.sampled_from(
            [
                ("lender", "", 1_000, None), (None, "loan", 1_000, None), ("customer", "", 1_000, "L3"), ("investment", "", -600, None),
                (None, "", -500, None), (None, "own_transfer", -800, None), ("own_account", "", -900, "L1"), (None, "returned", -50, None),
                ("food", "", -900, None), (None, "returned sales", 70, None),
            ]
        )
    )  # fmt: skip
    return Transaction(
        draw(_IDS), draw(st.sampled_from(["A1", "A1", "A2"])), hour, amount, kind, flags, loan, int(hour // 24)
    )


@st.composite
def books(draw: st.DrawFn) -> list[Fact]:
    """Facts of all kinds; some events never were, some payments are voided, and some rows come twice."""
    found: list[Fact] = [
        *draw(st.lists(events(), max_size=14, unique_by=lambda one: one.id)),
        *draw(st.lists(transactions(), max_size=14, unique_by=lambda one: one.id)),
    ]
    paid = draw(st.lists(payments(), max_size=5, unique_by=lambda one: one.id))
    found += paid
    found += [
        Loan(one, LOANS[one], draw(st.integers(0, 4)), 1_000, 0) for one in draw(st.sets(st.sampled_from(list(LOANS))))
    ]
    for one in draw(st.lists(st.sampled_from(paid), max_size=3, unique_by=lambda one: one.id)) if paid else []:
        found.append(
            Payment(
                f"R{one.id}", one.loan, draw(st.integers(one.day, 4)), one.amount, draw(st.integers(one.day, 4)), one.id
            )
        )
    told = [one for one in found if isinstance(one, Event)]
    for gone in draw(st.lists(st.sampled_from(told), max_size=3)) if told else []:
        found.append(Event(gone.id, gone.subject, "withdrawn", gone.hour, gone.known + 1))
    again = draw(st.lists(st.sampled_from(found), max_size=4)) if found else []
    return [*found, *again]


@given(books(), st.randoms(use_true_random=False), st.integers(1, 6), st.data())
def test_any_order_any_parts_and_any_restarts_leave_the_same_signals_standing(
    book: list[Fact], luck: random.Random, parts: int, data: st.DataObject
) -> None:
    luck.shuffle(book)
    cuts = sorted(luck.randrange(len(book) + 1) for _ in range(parts - 1))
    moments = sorted([NOW - luck.randrange(0, 24) / 4 for _ in range(parts - 1)] + [NOW])
    restarts = data.draw(st.sets(st.integers(0, parts - 1)))
    stream = Stream()
    for number, (first, end) in enumerate(zip([0, *cuts], [*cuts, len(book)], strict=True)):
        if number in restarts:
            stream.restart(moments[number])
        stream.take(book[first:end], moments[number])
    stream.tick(NOW)
    assert set(stream.watches.open) == reference(book, NOW)
    stream.restart(NOW)
    assert set(stream.watches.open) == reference(book, NOW)


@given(books(), st.randoms(use_true_random=False))
def test_as_time_passes_what_stands_is_what_the_facts_say_then(book: list[Fact], luck: random.Random) -> None:
    luck.shuffle(book)
    stream = Stream()
    stream.take(book, NOW)
    for later in sorted(NOW + luck.randrange(0, 200) / 2 for _ in range(3)):
        stream.tick(later)
        assert set(stream.watches.open) == reference(book, later)


class Stream:
    """The watches as a worker uses them; it holds that nothing is said twice."""

    def __init__(self) -> None:
        self.book = Book()
        self.said: list[Saying] = []
        self.place = 0
        self.tables: list[dict[str, pl.DataFrame]] = []
        self.watches = self._opened()

    def take(self, facts: Sequence[Fact], hour: float) -> None:
        """Some rows at a moment."""
        self.book.facts += facts
        rows = tables(facts, self.place + 1)
        self.place += len(facts)
        self.tables.append(rows)
        self._note(self.watches.take(rows, moment(hour), date(int(hour // 24))))
        self._note(self.watches.take({}, moment(hour), date(int(hour // 24))), nothing=True)

    def tick(self, hour: float) -> None:
        """Time passed."""
        self._note(self.watches.tick(moment(hour), date(int(hour // 24))))
        self._note(self.watches.tick(moment(hour), date(int(hour // 24))), nothing=True)

    def restart(self, hour: float) -> None:
        """Another process takes over."""
        self.watches = self._opened()
        for rows in self.tables:
            self.watches.remember(rows, moment(hour))
        told = [
            Told(number, one.as_of, one.signal_id, one.transition, 0, 0.0, 0.0, one.row)
            for number, one in enumerate(self.said)
        ]
        self.watches.restore(told)
        self._note(self.watches.again(moment(hour), date(int(hour // 24))))

    def _opened(self) -> Between:
        return Between(POLICY, ZONE, "CN", self.book)

    def _note(self, sayings: list[Saying], *, nothing: bool = False) -> None:
        assert not (nothing and sayings)
        before = {one.signal_id: one.transition in STANDS for one in self.said}
        seen = {one.signal_id for one in self.said}
        for one in sayings:
            stands = one.transition in STANDS
            assert before.get(one.signal_id, False) != stands
            assert (one.transition == "resumed") == (stands and one.signal_id in seen)
            before[one.signal_id] = stands
            seen.add(one.signal_id)
        self.said += sayings
        self.watches.stand(sayings)


def tables(facts: Sequence[Fact], first: int) -> dict[str, pl.DataFrame]:
    """Facts as the log holds them."""
    found: dict[str, list[dict[str, Any]]] = {}
    for place, one in enumerate(facts, first):
        match one:
            case Event():
                row = {"event_id": one.id, "subject_id": one.subject, "kind": one.kind, "happened_at": moment(one.hour)}
                table = "events"
            case Payment():
                row = {
                    "payment_id": one.id,
                    "loan_id": one.loan,
                    "paid_on": date(one.day),
                    "amount": _money(one.amount),
                    "reverses": one.reverses,
                }
                table = "payments"
            case Transaction():
                row = {
                    "txn_id": one.id, "account_id": one.account, "booked_at": moment(one.hour), "amount": _money(one.amount), "counterparty_kind": one.kind,
                    "memo_flags": one.flags or None, "loan_id": one.loan,
                }  # fmt: skip
                table = "transactions"
            case Loan():
                row = {
                    "loan_id": one.id,
                    "borrower_id": one.borrower,
                    "disbursed_on": date(one.day),
                    "principal": _money(one.amount),
                }
                table = "loans"
        found.setdefault(table, []).append({**row, "known_on": date(one.known), "place": place})
    return {table: _frame(table, rows) for table, rows in found.items()}


def _frame(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    schema = lake.schema(table).append(pa.field("place", pa.int64()))
    whole = [{name: row.get(name) for name in schema.names} for row in rows]
    found = pl.from_arrow(pa.Table.from_pylist(whole, schema=schema))
    assert isinstance(found, pl.DataFrame)
    return found


def _money(hundredths: int) -> Any:
    return Decimal(hundredths).scaleb(-2)
