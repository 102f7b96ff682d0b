"""Money of a loan that leaves the account again: by class of counterparty, within so many hours after it was paid out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from daihou.policies.between import NONE
from daihou.runs.stream.between.kept import Entry, Kept
from daihou.runs.stream.between.payouts import IS_CREDIT, Payouts
from daihou.runs.stream.between.recent import COLUMNS, Recent
from daihou.runs.stream.between.standing import HOUR, Standing, moment, said

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from zoneinfo import ZoneInfo

    from daihou.policies.between import Class, MoneyOut, Watch
    from daihou.runs.stream.between.facts import Facts

NO_CLASS: Final = ""
"""Of counterparties that no class of the policy names."""
TOLD: Final = 5
"""So many counterparties are told, those that got most."""


class Debit(NamedTuple):
    """Money that left, in ten-thousandths."""

    amount: int
    of: str
    token: str | None
    loan_id: str | None


class Flows:
    """What all watches of this kind look at: money of loans on accounts, and what left these accounts."""

    whole = False

    def __init__(self, facts: Facts, classes: Mapping[str, Class], zone: ZoneInfo, reach_: int) -> None:
        self.payouts = Payouts(facts, zone)
        self.debits: Kept[Debit] = Kept()
        """Of accounts with money that may be a loan's."""
        self._recent = Recent()
        self._class, self._reach = _class(classes), reach_

    def take(self, table: str, rows: pl.DataFrame) -> set[str]:
        """Keep it; the loans of which something else may be so."""
        if table in ("loans", "draws"):
            return self.payouts.loans_of(self.payouts.paid(table, rows))
        if table != "transactions":
            return set()
        marked = rows.with_columns(credit=IS_CREDIT, of=self._class)
        news = self.payouts.credited(marked.filter("credit"))
        self._recent.add(marked.filter((pl.col("amount") < 0) & (pl.col("of") != NO_CLASS)))
        before = self._recent.of(news) if news else None
        if before is not None:
            self._keep(before)
        touched = {account for account in marked["owner"].to_list() if account in self.payouts}
        if touched:
            self._keep(marked.filter(pl.col("owner").is_in(list(touched)) & ~pl.col("credit")))
        return self.payouts.loans_of(touched)

    def evict(self, now: int) -> None:
        """Forget what is out of every window."""
        before = now - self._reach
        self.payouts.evict(before)
        self.debits.evict(before)
        self._recent.evict(before)

    def __len__(self) -> int:
        """How many rows are kept."""
        return len(self.payouts) + len(self.debits) + len(self._recent)

    def _keep(self, rows: pl.DataFrame) -> None:
        for account, key, at, known, place, amount, of, token, loan in rows.select(COLUMNS).iter_rows():
            counts = amount < 0 and of != NO_CLASS
            self.debits.put(account, key, Entry(known, place, at, Debit(-amount, of, token, loan) if counts else None))


class Leaving:
    """One watch of this kind."""

    def __init__(self, watch: Watch, asks: MoneyOut, flows: Flows, zone: ZoneInfo) -> None:
        self.watch, self._asks, self._flows, self._zone = watch, asks, flows, zone

    def standing(self, subjects: Collection[str], now: int) -> dict[str, Standing]:
        """The first payout of each of which so much left, where the watch of it is not over."""
        found = {}
        for loan in subjects:
            for paid_at, account, amount in self._flows.payouts.of(loan):
                stands = self._of(loan, paid_at, account, amount, now)
                if stands is not None:
                    found[loan] = stands
                    break
        return found

    def subjects(self) -> Collection[str]:
        """All loans with money on an account."""
        return self._flows.payouts.loans()

    def due(self, _now: int) -> Collection[str]:
        """Nobody: that time passes makes nothing leave."""
        return ()

    def _of(self, loan: str, paid_at: int, account: str, amount: int, now: int) -> Standing | None:
        asks = self._asks
        until = paid_at + (asks.within_hours + asks.stands_hours) * HOUR
        if now >= until:
            return None
        end = paid_at + asks.within_hours * HOUR
        left = [
            debit
            for at, _key, debit in self._flows.debits.of(account)
            if paid_at <= at < end and debit.of in asks.classes and debit.loan_id in (None, loan)
        ]
        out = sum(debit.amount for debit in left)
        if not left or out * 100 < amount * asks.share_percent:
            return None
        classes = {of: sum(debit.amount for debit in left if debit.of == of) for of in asks.classes}
        got: dict[str, int] = {}
        for debit in left:
            if debit.token is not None:
                got[debit.token] = got.get(debit.token, 0) + debit.amount
        evidence = {
            "paid_out": amount, "paid_out_at": said(paid_at, self._zone), "account_id": account, "out": out,
            "share_percent": out * 100 // amount, "within_hours": asks.within_hours, "classes": {of: sum_ for of, sum_ in classes.items() if sum_},
            "counterparties": dict(sorted(got.items(), key=lambda one: (-one[1], one[0]))[:TOLD]),
        }  # fmt: skip
        return Standing(self.watch, loan, moment(paid_at, self._zone).date(), until, evidence, scaled=True)


def _class(classes: Mapping[str, Class]) -> pl.Expr:
    """The class of a counterparty: by its kind; where that is not stated by the flags of the remark, the first class that has one."""
    by_kind = {kind: code for code, of in classes.items() for kind in of.kinds if kind != NONE}
    flags = pl.col("flags").str.split(" ").list
    stated = pl.col("kind").replace_strict(by_kind, default=NO_CLASS, return_dtype=pl.String)
    unnamed = next((code for code, of in classes.items() if NONE in of.kinds), NO_CLASS)
    unstated = pl.lit(unnamed)
    for code, of in reversed(list(classes.items())):
        if of.flags:
            has = flags.set_intersection(list(of.flags)).list.len() > 0
            unstated = pl.when(has).then(pl.lit(code)).otherwise(unstated)
    return pl.when(pl.col("kind").is_null()).then(unstated).otherwise(stated)
