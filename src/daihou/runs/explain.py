"""One loan explained: every cent that is overdue traced to its instalment, the money that came, and what was not known yet.

The same kernels that answer for the whole book answer here, with a note for each application of money; nothing is computed twice.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from daihou.book import money
from daihou.book.days import date_of, day_of
from daihou.book.errors import DaihouError
from daihou.book.ledger.layout import (
    BILLS,
    CHANGE_KINDS,
    CHANGES,
    CHARGES,
    DRAWS,
    FOREVER,
    INSTALMENTS,
    NO_AMOUNT,
    NO_NUMBER,
    PAYMENTS,
    PURPOSES,
    REVERSAL,
    STANDINGS,
    VERSIONS,
)
from daihou.book.ledger.ledger import refresh
from daihou.monitoring.arrears import shapes as at
from daihou.monitoring.arrears.plain import walk
from daihou.monitoring.arrears.terms import in_force, terms
from daihou.monitoring.arrears.walk import MONTHS, space
from daihou.monitoring.snapshot import AMOUNTS, snapshot
from daihou.runs.nightly import reading_on
from daihou.runs.policies import read_policies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from daihou.book.home import Home
    from daihou.book.ledger.ledger import Ledger
    from daihou.book.ledger.shard import Shard
    from daihou.monitoring.arrears.shapes import Records, Scratch

    Progress = Callable[[str, int, int], None]
    Row = dict[str, Any]

PARTS = ("principal", "interest", "fee", "outside")


@dataclass(frozen=True, slots=True)
class Explanation:
    """A loan on a date as known on a date. Amounts are Decimal in currency units; every list is in order of application."""

    loan_id: str
    as_of: dt.date
    known_on: dt.date
    currency: str
    measures: Row
    policy: Row
    instalments: list[Row]
    bills: list[Row]
    payments: list[Row]
    changes: list[Row]
    charges: list[Row]
    balance: Row
    money: Row
    versions: list[Row] = field(default_factory=list)
    left_out: list[Row] = field(default_factory=list)
    """Versions of instalments of which none is in force: cancelled, not in force yet, or not known yet."""
    draws: list[Row] = field(default_factory=list)
    standings: list[Row] = field(default_factory=list)
    """The lender's own figures."""

    def as_json(self) -> Row:
        """Plain values: dates as ISO text, amounts as decimal text."""
        from dataclasses import asdict

        return as_plain(asdict(self))  # type: ignore[no-any-return]


def as_plain(value: Any) -> Any:
    """Plain values for JSON: dates as ISO text, amounts as decimal text."""
    if isinstance(value, dict):
        return {key: as_plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [as_plain(inner) for inner in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def explain(home: Home, loan_id: str, as_of: dt.date, known_on: dt.date, progress: Progress) -> Explanation:
    """Explain a loan; DaihouError for one that is not known."""
    ledger = refresh(home, progress)
    return explain_in(home, ledger, loan_id, as_of, known_on)


def explain_in(home: Home, ledger: Ledger, loan_id: str, as_of: dt.date, known_on: dt.date) -> Explanation:
    """Explain a loan of an opened ledger."""
    place = ledger.find(loan_id)
    if place is None:
        raise DaihouError(
            f"Loan {loan_id} is not known.",
            "Check the number; loans come in by `daihou intake FILE --table loans`.",
            zh=(f"没有贷款 {loan_id}。", "请核对编号；贷款由 `daihou intake 文件 --table loans` 导入。"),
        )
    shard, loan = ledger.shards[place[0]], place[1]
    if shard.facts.loans["known_on"][loan] > day_of(known_on):
        first = date_of(shard.facts.loans["known_on"][loan])
        raise DaihouError(
            f"Loan {loan_id} was not known on {known_on}.",
            f"It is known from {first}: use --known-on {first} or later.",
            zh=(
                f"贷款 {loan_id} 在 {known_on} 尚未获知。",
                f"自 {first} 起获知：请将 --known-on 设为 {first} 或以后。",
            ),
        )
    policies = read_policies(home)
    judged = terms(policies.profile, shard.products, shard.currencies, home.settings.calendar)
    answers, work = walk_one(shard, judged, loan, as_of, known_on)
    row = snapshot(shard, answers[0], loan, reading_on(home, policies, as_of, known_on)).to_pylist()[0]
    teller = _Teller(shard, work, loan, row["currency"], as_of, known_on)
    return Explanation(
        loan_id, as_of, known_on, row["currency"], _in_units(row, home.settings.base_currency), teller.policy(judged, answers[0][0]),
        teller.instalments(row), teller.bills(), teller.payments(), teller.changes(), teller.charges(), teller.balance(row), teller.money(),
        teller.versions(), teller.left_out(), teller.draws(), teller.standings(),
    )  # fmt: skip


def _voids(ids: Sequence[str], reverses: Sequence[str | None], events: Iterable[Row]) -> dict[tuple[str, int], str]:
    """Which reversal voids an event from which day: its id by (the id it names, the day it is known on)."""
    rows = zip(ids, reverses, events, strict=True)
    return {(target, event["known_on"]): name for name, target, event in rows if target is not None}


def walk_one(shard: Shard, judged: at.Terms, loan: int, as_of: dt.date, known_on: dt.date) -> tuple[Records, Scratch]:
    """Walk one loan by the general loop, with notes of who paid what."""
    facts = shard.facts
    dates, known = np.array([day_of(as_of)], np.int32), np.array([day_of(known_on)], np.int32)
    answers = at.answers(1, 1)
    notes = (
        4
        * int(
            facts.at[PAYMENTS, loan + 1]
            - facts.at[PAYMENTS, loan]
            + facts.at[INSTALMENTS, loan + 1]
            - facts.at[INSTALMENTS, loan]
        )
        + 64
    )
    while True:
        work = space(facts, judged, 1, notes)
        walk(facts, judged, MONTHS, work, loan, loan + 1, dates, known, answers, True)  # noqa: FBT003
        if work.pots[at.NOTE_COUNT] <= notes:
            return answers, work
        notes = int(work.pots[at.NOTE_COUNT])


def _in_units(row: Row, base: str) -> Row:
    amounts = set(AMOUNTS)
    found: Row = {}
    for name, value in row.items():
        if value is not None and name in amounts:
            found[name] = money.major(value, row["currency"])
        elif value is not None and name == "principal_outstanding_base":
            found[name] = money.major(value, base)
        else:
            found[name] = value
    return found


def _rows(records: Records, places: range) -> dict[int, Row]:
    """Records as plain rows by their place, which is many times quicker to read in Python than record by record."""
    names = records.dtype.names or ()
    columns = [records[name][places.start : places.stop].tolist() for name in names]
    return {
        place: dict(zip(names, row, strict=True)) for place, row in zip(places, zip(*columns, strict=True), strict=True)
    }


class _Teller:
    """What the records of one loan say, in words and currency units."""

    def __init__(
        self, shard: Shard, work: Scratch, loan: int, currency: str, as_of: dt.date, known_on: dt.date
    ) -> None:
        self.shard, self.work, self.loan = shard, work, loan
        self.unit = Decimal(1).scaleb(-money.exponent(currency))
        self.facts = shard.facts
        self.plan = _rows(shard.facts.instalments, self._places(INSTALMENTS))
        self.paid = _rows(shard.facts.payments, self._places(PAYMENTS))
        self.payment_ids = self._texts("payments", "payment_id", PAYMENTS)
        self.day, self.known = day_of(as_of), day_of(known_on)
        self.known_on = known_on
        count = min(int(work.pots[at.NOTE_COUNT]), len(work.notes))
        self.by_row: dict[int, list[Row]] = {}
        self.by_event: dict[int, list[Row]] = {}
        notes = work.notes[:count]
        for event, source, component, amount in zip(
            notes["event"].tolist(),
            notes["source"].tolist(),
            notes["component"].tolist(),
            notes["amount"].tolist(),
            strict=True,
        ):
            part = PARTS[component]
            if source >= 0:
                self.by_row.setdefault(source, []).append(
                    {"by": self._event_id(event), "part": part, "amount": self._units(amount)}
                )
            seq = self.plan[source]["seq"] if source >= 0 else None
            self.by_event.setdefault(event, []).append({"seq": seq, "part": part, "amount": self._units(amount)})

    def _units(self, amount: int) -> Any:
        return None if amount == NO_AMOUNT else int(amount) * self.unit

    def _text(self, table: str, column: str, place: int) -> Any:
        return self.shard.strings[table][column][place].as_py()

    def _texts(self, table: str, column: str, number: int) -> list[Any]:
        places = self._places(number)
        return self.shard.strings[table][column].slice(places.start, len(places)).to_pylist()  # type: ignore[no-any-return]

    def _event_id(self, event: int) -> str:
        if event < 0:
            return str(self._text("changes", "change_id", -1 - event))
        return str(self.payment_ids[event - self._places(PAYMENTS).start])

    def _places(self, table: int) -> range:
        return range(int(self.facts.at[table, self.loan]), int(self.facts.at[table, self.loan + 1]))

    def _standing(self, event: Row, voided_by: str | None = None) -> str:
        """How an event counts: counted, after the date, not yet known, reversed or replaced."""
        if event["known_on"] > self.known:
            return "not_yet_known"
        if event["until"] <= self.known:
            return "reversed" if voided_by else "replaced"
        return "after_the_date" if event["on"] > self.day else "counted"

    @staticmethod
    def _until(event: Row) -> dt.date | None:
        """From when a later version counts instead, or a reversal voids it."""
        return None if event["until"] == FOREVER else date_of(event["until"])

    def policy(self, judged: at.Terms, answer: Records) -> Row:
        """The day-count policy in force."""
        product = int(self.facts.versions["product"][answer["version"]])
        chosen = in_force(judged, product, self.day)
        version = judged.versions[chosen]
        own = int(self.facts.versions["grace_days"][answer["version"]])
        return {
            "product": self.shard.products[product], "order": "vertical" if version["vertical"] else "horizontal",
            "grace_days": int(version["grace_days"]) if own < 0 else own, "grace_from": "product" if own < 0 else "loan",
            "moves_holidays": int(version["calendar"]) >= 0,
            "tolerance": self._units(judged.tolerance[chosen, self.facts.loans["currency"][self.loan]]),
        }  # fmt: skip

    def instalments(self, row: Row) -> list[Row]:
        """The rows in force with what was asked, what covered it and what is short; then versions that do not count."""
        if row["basis"] != "schedule":
            return []
        others: dict[int, list[int]] = {}
        for place, version in self.plan.items():
            others.setdefault(version["seq"], []).append(place)
        found = []
        for short in _rows(self.work.rows, range(int(self.work.pots[at.ROW_COUNT]))).values():
            source, owed_on = short["source"], short["owed_on"]
            plan = self.plan[source]
            amounts = {part: self._units(short[part]) for part in PARTS[:3]}
            asked = {part: self._units(plan[part]) for part in PARTS[:3]}
            found.append(
                {
                    "seq": short["seq"],
                    "due_on": date_of(plan["due_on"]),
                    "moved_to": self._if_other(short["due_on"], plan["due_on"]),
                    "called_on": self._if_other(owed_on, short["due_on"]),
                    "effective_on": date_of(plan["effective_on"]),
                    "known_on": date_of(plan["known_on"]),
                    **asked,
                    "short": amounts,
                    "days": max(self.day - owed_on, 0),
                    "paid_by": self.by_row.get(source, []),
                    "other_versions": [self._version(other) for other in others[short["seq"]] if other != source],
                }
            )
        return found

    def left_out(self) -> list[Row]:
        """Versions of the instalments that are not asked for on the date."""
        rows = self.work.rows[: int(self.work.pots[at.ROW_COUNT])]
        asked = set(rows["seq"].tolist())
        return [
            {"seq": plan["seq"], **self._version(place)}
            for place, plan in self.plan.items()
            if plan["seq"] not in asked
        ]

    @staticmethod
    def _if_other(day: int, usual: int) -> dt.date | None:
        return date_of(day) if day != usual else None

    def _version(self, place: int) -> Row:
        plan = self.plan[place]
        why = "earlier"
        if plan["known_on"] > self.known:
            why = "not_yet_known"
        elif plan["effective_on"] > self.day:
            why = "not_yet_in_force"
        return {
            "due_on": date_of(plan["due_on"]), "effective_on": date_of(plan["effective_on"]), "known_on": date_of(plan["known_on"]),
            "cancelled": bool(plan["cancelled"]), **{part: self._units(plan[part]) for part in PARTS[:3]}, "why": why,
        }  # fmt: skip

    def bills(self) -> list[Row]:
        """The bills, for cards and lines."""
        return [
            {
                "bill_on": date_of(bill["on"]),
                "due_on": date_of(bill["due_on"]),
                "balance": self._units(bill["balance"]),
                "minimum_due": self._units(bill["minimum_due"]),
                "known_on": date_of(bill["known_on"]),
                "until": self._until(bill),
                "standing": self._standing(bill),
            }
            for bill in _rows(self.facts.bills, self._places(BILLS)).values()
        ]

    def draws(self) -> list[Row]:
        """What was drawn, on cards and lines."""
        return [
            {
                "drawn_on": date_of(draw["on"]),
                "amount": self._units(draw["amount"]),
                "known_on": date_of(draw["known_on"]),
                "until": self._until(draw),
                "standing": self._standing(draw),
            }
            for draw in _rows(self.facts.draws, self._places(DRAWS)).values()
        ]

    def standings(self) -> list[Row]:
        """The lender's own figures."""
        return [
            {
                "as_of": date_of(figures["on"]),
                "dpd": None if figures["dpd"] == NO_NUMBER else figures["dpd"],
                "principal_outstanding": self._units(figures["principal_outstanding"]),
                "known_on": date_of(figures["known_on"]),
                "until": self._until(figures),
                "standing": self._standing(figures),
            }
            for figures in _rows(self.facts.standings, self._places(STANDINGS)).values()
        ]

    def payments(self) -> list[Row]:
        """Every payment ever sent, how it counts, and where its money went."""
        places = self._places(PAYMENTS)
        ids, reverses = self.payment_ids, self._texts("payments", "reverses", PAYMENTS)
        voids = _voids(ids, reverses, self.paid.values())
        found = []
        for place, name, target in zip(places, ids, reverses, strict=True):
            payment = self.paid[place]
            until = payment["until"]
            by = voids.get((name, until)) if payment["purpose"] != REVERSAL else None
            found.append(
                {
                    "payment_id": name,
                    "paid_on": date_of(payment["on"]),
                    "amount": self._units(payment["amount"]),
                    "purpose": PURPOSES[payment["purpose"]],
                    "known_on": date_of(payment["known_on"]),
                    "until": self._until(payment),
                    "reverses": target,
                    "reversed_by": by,
                    "standing": self._standing(payment, by),
                    "went_to": self.by_event.get(place, []),
                }
            )
        return found

    def changes(self) -> list[Row]:
        """Every change of the contract and how it counts."""
        return [
            {
                "change_id": self._text("changes", "change_id", place), "kind": CHANGE_KINDS[change["kind"]], "effective_on": date_of(change["on"]),
                "known_on": date_of(change["known_on"]), **{part: self._units(change[part]) for part in ("principal", "interest", "fee", "penalty")},
                "until": self._until(change), "standing": self._standing(change), "went_to": self.by_event.get(-1 - place, []),
            }
            for place, change in _rows(self.facts.changes, self._places(CHANGES)).items()
        ]  # fmt: skip

    def charges(self) -> list[Row]:
        """Every charge and how it counts."""
        charges = _rows(self.facts.charges, self._places(CHARGES))
        ids, reverses = (self._texts("charges", name, CHARGES) for name in ("charge_id", "reverses"))
        voids = _voids(ids, reverses, charges.values())
        return [
            {
                "charge_id": name, "kind": self._text("charges", "kind", place), "from_on": date_of(charge["on"]),
                "known_on": date_of(charge["known_on"]), "amount": self._units(charge["amount"]), "until": self._until(charge),
                "reversed_by": (by := voids.get((name, charge["until"]))), "standing": self._standing(charge, by),
            }
            for (place, charge), name, target in zip(charges.items(), ids, reverses, strict=True) if target is None
        ]  # fmt: skip

    def balance(self, row: Row) -> Row:
        """How the principal comes to what it is: opening + drawn + capitalised - paid - prepaid - waived - written off = closing."""
        pots = self.work.pots
        parts = {
            "opening": at.OPENING, "drawn": at.DRAWN, "capitalised": at.CAPITALISED, "paid": at.COVERED_PRINCIPAL, "prepaid": at.PREPAID,
            "waived": at.WAIVED_PRINCIPAL, "written_off": at.WRITTEN_PRINCIPAL,
        }  # fmt: skip
        found = {name: self._units(pots[place]) for name, place in parts.items()}
        return {
            **found,
            "closing": None if row["principal_outstanding"] is None else self._units(row["principal_outstanding"]),
        }

    def money(self) -> Row:
        """Where all money went: applied + prepaid + penalties + recovered + surplus = received less refunds, but for a payoff, which covers no row."""
        rows, pots = self.work.rows[: int(self.work.pots[at.ROW_COUNT])], self.work.pots
        covered = sum(int(rows[f"covered_{part}"].sum()) for part in PARTS[:3])
        return {
            "received": self._units(pots[at.PAID]), "applied": self._units(covered), "prepaid": self._units(pots[at.PREPAID]),
            "penalties": self._units(pots[at.PENALTY_POT]), "recovered": self._units(pots[at.RECOVERED]), "surplus": self._units(pots[at.SURPLUS]),
            "refund_beyond_money": self._units(pots[at.REFUND_LOST]),
        }  # fmt: skip

    def versions(self) -> list[Row]:
        """The versions of the loan itself."""
        return [
            {
                "effective_on": date_of(version["effective_on"]), "known_on": date_of(version["known_on"]),
                "principal": self._units(version["principal"]), "product": self._text("versions", "product", place),
                "borrower_id": self._text("versions", "borrower_id", place),
            }
            for place, version in _rows(self.facts.versions, self._places(VERSIONS)).items()
        ]  # fmt: skip
