"""The independent reference of the cash-flow family: written from docs/guides/cash_flow.md, slow, and without anything of `monitoring`."""

from __future__ import annotations

import calendar
import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.policies.cash_flow import CashFlowPolicy

ZONE = ZoneInfo("Asia/Shanghai")

Told = dict[str, Any]


@dataclass(frozen=True)
class AccountRow:
    """A version of an account, in order of arrival."""

    account: str
    borrower: str
    effective_on: date
    known_on: date


@dataclass(frozen=True)
class Transaction:
    """A version of a transaction, in order of arrival; amounts in minor units."""

    txn: str
    account: str
    booked_at: datetime
    amount: int
    known_on: date
    balance: int | None = None
    payer: str | None = None
    kind: str | None = None
    flags: tuple[str, ...] = ()
    loan: str | None = None

    @property
    def day(self) -> date:
        return self.booked_at.astimezone(ZONE).date()

    @property
    def order(self) -> tuple[datetime, bytes]:
        return self.booked_at, self.txn.encode()


def months_back(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def owner(rows: Sequence[AccountRow], account: str, day: date, known_on: date) -> str | None:
    known = [
        (row.effective_on, row.known_on, place, row.borrower)
        for place, row in enumerate(rows)
        if row.account == account and row.known_on <= known_on
    ]
    if not known:
        return None
    in_force = [row for row in known if row[0] <= day]
    if in_force:
        return max(in_force)[3]
    first = min(row[0] for row in known)
    earliest = min(row[1] for row in known if row[0] == first)
    return max(row for row in known if row[:2] == (first, earliest))[3]


def measured(
    accounts: Sequence[AccountRow], sent: Sequence[Transaction], policy: CashFlowPolicy, as_of: date, known_on: date
) -> dict[str, Told]:
    """What holds of every borrower who has an account on the date."""
    if not any(row.known_on <= known_on for row in sent):
        return {}
    names = sorted({row.account for row in accounts})
    borrowers = {who for name in names if (who := owner(accounts, name, as_of, known_on)) is not None}
    latest: dict[str, Transaction] = {}
    for row in sorted(sent, key=lambda row: row.known_on):  # a stable order: of one day the later arrival stays
        if row.known_on <= known_on:
            latest[row.txn] = row
    counted = sorted((row for row in latest.values() if row.day <= as_of), key=lambda row: row.order)
    return {who: One(accounts, names, counted, policy, as_of, known_on, who).told() for who in sorted(borrowers)}


@dataclass(frozen=True)
class One:
    """One borrower on one pair of dates."""

    accounts: Sequence[AccountRow]
    names: Sequence[str]
    counted: Sequence[Transaction]
    policy: CashFlowPolicy
    as_of: date
    known_on: date
    who: str

    @property
    def own(self) -> list[Transaction]:
        return [row for row in self.counted if owner(self.accounts, row.account, row.day, self.known_on) == self.who]

    def roles(self, row: Transaction) -> set[str]:
        kind = row.kind or "none"
        of_kind = {name for name, role in self.policy.roles.items() if kind in role.kinds}
        of_flags = {name for name, role in self.policy.roles.items() if set(row.flags) & set(role.flags)}
        roles = (of_kind or of_flags) | (of_flags & {"returned"})
        return roles | {"lender"} if row.loan and row.amount > 0 else roles

    def is_inflow(self, row: Transaction) -> bool:
        return row.amount > 0 and not self.roles(row) & {"returned", "own", "lender"}

    def is_outflow(self, row: Transaction) -> bool:
        return row.amount < 0 and not self.roles(row) & {"returned", "own"}

    def is_unnamed(self, row: Transaction) -> bool:
        return (
            self.is_inflow(row)
            and row.payer is not None
            and not self.roles(row)
            and (row.kind or "none") in self.policy.regular.kinds
        )

    def is_salary(self, row: Transaction) -> bool:
        if not self.is_inflow(row):
            return False
        if "salary" in self.roles(row):
            return True
        if not self.is_unnamed(row):
            return False
        bar = self.policy.regular
        months = {row.day.year * 12 + row.day.month - back for back in range(bar.months)}
        such = [
            other
            for other in self.own
            if self.is_unnamed(other)
            and other.payer == row.payer
            and other.order <= row.order
            and other.day.year * 12 + other.day.month in months
        ]
        most = row.amount * bar.within_percent // 100
        alike = {other.day.year * 12 + other.day.month for other in such if abs(other.amount - row.amount) <= most}
        return len(such) <= bar.most_payments and len(alike) >= bar.at_least

    def outflow_class(self, row: Transaction) -> str:
        roles = self.roles(row)
        return next(
            (name for name in ("lender", "gambling", "cash", "essential", "discretionary") if name in roles), ""
        )

    def balance(self, day: date) -> int | None:
        known = []
        for name in self.names:
            if owner(self.accounts, name, day, self.known_on) != self.who:
                continue
            said = [row.balance for row in self.counted if row.account == name and row.day <= day]
            last = [balance for balance in said if balance is not None][-1:]
            known += last
        return sum(known) if known else None

    def told(self) -> Told:
        own = self.own
        inflow = [row for row in own if self.is_inflow(row)]
        outflow = [row for row in own if self.is_outflow(row)]
        salary = [row for row in inflow if self.is_salary(row)]
        collections = [row for row in inflow if "collection" in self.roles(row)]
        returned = [row for row in own if "returned" in self.roles(row)]
        lent = [
            row
            for row in own
            if row.amount > 0 and "lender" in self.roles(row) and not self.roles(row) & {"returned", "own"}
        ]
        back = [months_back(self.as_of, months) for months in range(7)]
        days = {days: self.as_of - timedelta(days=days) for days in (30, 120)}

        def total(rows: list[Transaction], after: date, until: date = self.as_of) -> int:
            return sum(abs(row.amount) for row in rows if after < row.day <= until)

        in_3m, out_3m = total(inflow, back[3]), total(outflow, back[3])
        pay, before = total(salary, back[3]), total(salary, back[6], back[3])
        classes = {
            name: total([row for row in outflow if self.outflow_class(row) == name], back[3])
            for name in ("lender", "gambling", "cash", "essential", "discretionary")
        }
        window = [self.balance(day) for day in _days(back[3], self.as_of)]
        held = [balance for balance in window if balance is not None]
        last30 = [
            balance for balance in (self.balance(day) for day in _days(days[30], self.as_of)) if balance is not None
        ]
        now, then = self.balance(self.as_of), self.balance(back[3])
        by_month = [total(inflow, back[month + 1], back[month]) for month in range(6)]
        payers: dict[str, int] = {}
        for row in inflow:
            if row.payer is not None and row.day > back[6]:
                payers[row.payer] = payers.get(row.payer, 0) + row.amount
        months_paid = [month for month in range(6) if any(back[month + 1] < row.day <= back[month] for row in salary)]
        mine = [name for name in self.names if owner(self.accounts, name, self.as_of, self.known_on) == self.who]
        return {
            "accounts": len(mine),
            "days_since_flow": (self.as_of - own[-1].day).days if own else None,
            "inflow_30d": total(inflow, days[30]),
            "outflow_30d": total(outflow, days[30]),
            "inflow_3m": in_3m,
            "outflow_3m": out_3m,
            "net_flow_3m": in_3m - out_3m,
            "collections_30d": total(collections, days[30]),
            "collections_avg_90d": round(Fraction(total(collections, days[120], days[30]), 3)),
            "salary_3m": pay,
            "salary_months_6m": len(months_paid),
            "salary_change_3m": _share(pay - before, before),
            "days_since_salary": (self.as_of - salary[-1].day).days if salary else None,
            "account_balance": now,
            "account_balance_avg_30d": math.floor(Fraction(sum(last30), len(last30)) + Fraction(1, 2))
            if last30
            else None,
            "account_balance_min_30d": min(last30, default=None),
            "account_balance_change_3m": None if now is None or then is None else _share(now - then, then),
            "balance_volatility_3m": _volatility(held),
            "days_below_zero_3m": sum(balance < 0 for balance in held) if held else None,
            "inflow_volatility_6m": _volatility(by_month),
            "top_payer_share_6m": _share(max(payers.values(), default=0), sum(payers.values())),
            "payers_6m": len(payers),
            "gambling_outflow_3m": classes["gambling"],
            **{
                f"{name}_share_3m": _share(classes[name], out_3m)
                for name in ("gambling", "cash", "essential", "discretionary")
            },
            "lender_inflow_3m": total(lent, back[3]),
            "lender_repayments_3m": classes["lender"],
            "debt_service_share_3m": _share(classes["lender"], in_3m),
            "bounced_3m": sum(back[3] < row.day for row in returned),
        }


def _days(after: date, until: date) -> list[date]:
    return [after + timedelta(days=days) for days in range(1, (until - after).days + 1)]


def _share(part: int, whole: int) -> float | None:
    return float(Fraction(part, whole)) if whole > 0 else None


def _volatility(values: list[int]) -> float | None:
    if not values or sum(values) <= 0:
        return None
    mean = Fraction(sum(values), len(values))
    return math.sqrt(sum((value - mean) ** 2 for value in values) / len(values)) / float(mean)
