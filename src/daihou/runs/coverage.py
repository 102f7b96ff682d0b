"""Coverage: every loan in exactly one state, totals tied to the facts and to the lender's own, and whatever does not fit listed."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from daihou.book import lake, money
from daihou.book.days import day_of
from daihou.book.ledger.layout import CHANGES, PAYMENTS, REFUND, REVERSAL, TRANSFER_IN
from daihou.monitoring.arrears.shapes import BREAKS, EMPTY, STATES, UNMEASURED
from daihou.runs.store import COVERAGE

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from daihou.book.home import Home
    from daihou.book.ledger.ledger import Ledger
    from daihou.book.ledger.shard import Shard
    from daihou.monitoring.arrears.shapes import Records

NO_BASIS = "no_plan_bill_or_fresh_figures"


def _ours_and_theirs() -> list[int]:
    return [0, 0]


def _count_balance_overdue() -> list[int]:
    return [0, 0, 0]


@dataclass
class Tally:
    """What coverage counts while a run goes over the shards; tallies of workers add up."""

    states: Counter[tuple[str, str]] = field(default_factory=Counter)
    amounts: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    paid: dict[str, list[int]] = field(default_factory=lambda: defaultdict(_ours_and_theirs))
    totals: dict[tuple[str | None, str | None, str | None], list[int]] = field(
        default_factory=lambda: defaultdict(_count_balance_overdue)
    )
    rows: list[tuple[str, str, str, str | None]] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Take over another tally."""
        self.states.update(other.states)
        for key, amount in other.amounts.items():
            self.amounts[key] += amount
        for currency, (ours, theirs) in other.paid.items():
            self.paid[currency][0] += ours
            self.paid[currency][1] += theirs
        for group, sums in other.totals.items():
            for place, value in enumerate(sums):
                self.totals[group][place] += value
        self.rows.extend(other.rows)

    @property
    def loans(self) -> int:
        """How many loans are known."""
        return sum(self.states.values())

    @property
    def unmeasured(self) -> int:
        """How many of them could not be measured."""
        return sum(count for (state, _), count in self.states.items() if state == STATES[UNMEASURED])

    @property
    def breaks(self) -> int:
        """How many loans or facts do not fit."""
        return sum(1 for row in self.rows if row[0] == "break")


def tally_chunk(
    tally: Tally, shard: Shard, first: int, answers: Records, batch: pa.RecordBatch, *, totals: bool
) -> None:
    """Count the answers of a chunk of loans."""
    known = answers["version"] != EMPTY
    loans = np.flatnonzero(known) + first
    state = answers["state"][known]
    currency = shard.facts.loans["currency"][loans]
    outstanding = answers["principal_outstanding"][known]
    paid = answers["paid_amount"][known]
    for code, name in enumerate(shard.currencies):
        here = currency == code
        tally.paid[name][0] += int(paid[here].sum())
        for number in np.unique(state[here]):
            chosen = here & (state == number)
            key = (STATES[number], name)
            tally.states[key] += int(chosen.sum())
            if number != UNMEASURED:
                tally.amounts[key] += int(outstanding[chosen].sum())
    ids = shard.strings["loans"]["loan_id"]
    tally.rows.extend(
        ("unmeasured", ids[int(loans[place])].as_py(), NO_BASIS, None) for place in np.flatnonzero(state == UNMEASURED)
    )
    broken = answers["breaks"][known]
    for place in np.flatnonzero(broken):
        for bit, reason in enumerate(BREAKS):
            if broken[place] & (1 << bit):
                tally.rows.append(("break", ids[int(loans[place])].as_py(), reason, None))
    if totals:
        _tally_groups(tally, batch)


def _tally_groups(tally: Tally, batch: pa.RecordBatch) -> None:
    live = pc.is_in(batch["state"].cast(pa.string()), value_set=pa.array(["current", "overdue", "unmeasured"]))
    table = pa.table(
        {name: batch[name] for name in ("org_id", "product", "currency", "principal_outstanding", "overdue_amount")}
    )
    grouped = (
        table.filter(live)
        .group_by(["org_id", "product", "currency"])
        .aggregate([([], "count_all"), ("principal_outstanding", "sum"), ("overdue_amount", "sum")])
    )
    for row in grouped.to_pylist():
        sums = tally.totals[(row["org_id"], row["product"], row["currency"])]
        sums[0] += row["count_all"]
        sums[1] += row["principal_outstanding_sum"] or 0
        sums[2] += row["overdue_amount_sum"] or 0


def tally_money(tally: Tally, shard: Shard, as_of: dt.date, known_on: dt.date) -> None:
    """Count from the payments themselves, without the kernels, what `paid_amount` must come to."""
    facts = shard.facts
    day, known = day_of(as_of), day_of(known_on)
    payments = facts.payments.view(np.ndarray)  # records cost ten times as much to take a field of
    seen = (
        (payments["on"] <= day)
        & (payments["known_on"] <= known)
        & (known < payments["until"])
        & (payments["purpose"] != REVERSAL)
    )
    changes = facts.changes.view(np.ndarray)
    taken = (changes["kind"] == TRANSFER_IN) & (changes["known_on"] <= known) & (known < changes["until"])
    unknown = facts.loans["known_on"] > known
    if taken.any() or unknown.any():
        opened = np.where(unknown, np.iinfo(np.int64).max, np.iinfo(np.int64).min)
        for place in np.flatnonzero(taken)[::-1]:
            loan = int(np.searchsorted(facts.at[CHANGES], place, side="right")) - 1
            opened[loan] = max(changes["on"][place], opened[loan]) if unknown[loan] else changes["on"][place]
        seen &= payments["on"] >= np.repeat(opened, np.diff(facts.at[PAYMENTS]))
    signed = np.where(payments["purpose"] == REFUND, -payments["amount"], payments["amount"])
    running = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.where(seen, signed, 0))])
    by_loan = np.maximum(np.diff(running[facts.at[PAYMENTS]]), 0)
    for code, name in enumerate(shard.currencies):
        tally.paid[name][1] += int(by_loan[facts.loans["currency"] == code].sum())


def rows(
    tally: Tally,
    home: Home,
    ledger: Ledger,
    as_of: dt.date,
    known_on: dt.date,
    lake_versions: Mapping[str, int],
    unnamed: Mapping[str, int],
) -> pa.Table:
    """The coverage table of a run, control totals compared; `unnamed`: loans of products that the profile should name."""
    found: list[dict[str, Any]] = []

    def add(kind: str, subject: str, reason: str, currency: str | None = None, **values: int | None) -> None:
        empty = {"loans": None, "ours": None, "theirs": None}
        found.append(
            {
                "as_of": as_of,
                "known_on": known_on,
                "kind": kind,
                "subject": subject,
                "reason": reason,
                "currency": currency,
                **empty,
                **values,
            }
        )

    for (state, currency), count in sorted(tally.states.items()):
        add("state", state, "principal_outstanding", currency, loans=count, ours=tally.amounts[(state, currency)])
    for currency, (ours, theirs) in sorted(tally.paid.items()):
        add("tie", "payments", "paid_amount", currency, ours=ours, theirs=theirs)
        if ours != theirs:
            tally.rows.append(("break", "payments", "paid_amount_does_not_tie", currency))
    tally.rows.extend(_control(tally, home, as_of, known_on, lake_versions, add))
    for table, count in sorted(ledger.pointer.waiting.items()):
        add("waiting", table, "loan_not_known_yet", loans=count)
    for product, count in sorted(unnamed.items()):
        add("default", product, "product_not_in_profile", loans=count)
    for shard_rows in ledger.pointer.refused.values():
        for table, batch, row, reason in shard_rows:
            tally.rows.append(("break", f"{table}, batch {batch}, row {row}", reason, None))
    for kind, subject, reason, of_currency in sorted(tally.rows, key=lambda row: (row[0], row[1], row[2])):
        add(kind, subject, reason, of_currency)
    return pa.Table.from_pylist(found, schema=COVERAGE)


def has_control_totals(home: Home, as_of: dt.date, lake_versions: Mapping[str, int]) -> bool:
    """Whether the lender sent totals for a date."""
    paths = lake.files_as_of(home, "control_totals", lake_versions)
    return bool(paths) and pl.scan_parquet(paths).filter(pl.col("as_of") == as_of).limit(1).collect().height > 0


def _control(
    tally: Tally, home: Home, as_of: dt.date, known_on: dt.date, lake_versions: Mapping[str, int], add: Any
) -> list[tuple[str, str, str, str | None]]:
    """Compare the lender's totals with ours; an empty org or product stands for all of them."""
    paths = lake.files_as_of(home, "control_totals", lake_versions)
    if not paths:
        return []
    stated = (
        pl.scan_parquet(paths)
        .filter((pl.col("as_of") == as_of) & (pl.col("known_on") <= known_on))
        .sort("known_on", "batch", "row")
        .unique(["org_id", "product", "currency"], keep="last", maintain_order=True)
        .collect()
    )
    breaks: list[tuple[str, str, str, str | None]] = []
    for row in stated.iter_rows(named=True):
        org, product, currency = row["org_id"], row["product"], row["currency"] or home.settings.base_currency
        ours = [0, 0, 0]
        for (of_org, of_product, of_currency), sums in tally.totals.items():
            if of_currency == currency and org in (None, of_org) and product in (None, of_product):
                ours = [a + b for a, b in zip(ours, sums, strict=True)]
        subject = f"{org or '*'} / {product or '*'}"
        theirs = [row["loans"]] + [
            None if row[name] is None else money.minor(row[name], currency) for name in ("balance", "overdue")
        ]
        for reason, our, their in zip(("loans", "balance", "overdue"), ours, theirs, strict=True):
            if their is not None:
                add("tie", subject, reason, currency, ours=our, theirs=their)
                if our != their:
                    breaks.append(("break", subject, f"control_total_{reason}", currency))
    return breaks
