"""Money of loans on accounts: which of what came in there was paid out of which loan.

A transaction may name its loan. Where it does not, money of a lender is that of a loan which was paid out on that day or the day before, in just this
amount, to somebody who holds the account; of several loans the first by id.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from daihou.book.days import day_of
from daihou.runs.stream.between.kept import Entry, Kept
from daihou.runs.stream.between.standing import moment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from zoneinfo import ZoneInfo

    from daihou.runs.stream.between.facts import Facts

LENDER_KIND: Final = "lender"
LOAN_FLAG: Final = "loan"
LATER_DAYS: Final = (0, 1)
"""Money that is paid out on a day is booked on it, or on the next."""
IS_CREDIT: Final = (
    (pl.col("amount") > 0)
    & (
        pl.col("loan_id").is_not_null()
        | (pl.col("kind") == LENDER_KIND).fill_null(value=False)
        | pl.col("flags").str.split(" ").list.contains(LOAN_FLAG)
    )
).fill_null(value=False)
"""Whether a plain row of transactions may be money of a loan."""


class Credit(NamedTuple):
    """Money that came in and may be a loan's, in ten-thousandths."""

    amount: int
    loan_id: str | None


class Paid(NamedTuple):
    """A loan, or a draw of one, that was paid out on a day."""

    loan_id: str
    borrower_id: str
    day: int
    amount: int


Sum = tuple[int, int]
"""A day and an amount."""


@dataclass
class Payouts:
    """What is kept of them."""

    facts: Facts
    zone: ZoneInfo
    _credits: Kept[Credit] = field(default_factory=Kept)
    _paid: Kept[Paid] = field(default_factory=Kept)
    _accounts_by_sum: dict[Sum, set[str]] = field(default_factory=lambda: defaultdict(set))
    _loans_by_sum: dict[Sum, set[str]] = field(default_factory=lambda: defaultdict(set))
    _loans: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By account the loans that it has, or was thought to have, money of."""
    _accounts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The same by loan."""

    def __contains__(self, account: object) -> bool:
        return account in self._credits

    def credited(self, rows: pl.DataFrame) -> set[str]:
        """Take in money that may be a loan's; the accounts that had none before."""
        news = set()
        columns = ("owner", "id", "at", "known", "place", "amount", "loan_id")
        for account, key, at, known, place, amount, loan in rows.select(columns).iter_rows():
            if account not in self._credits:
                news.add(account)
            self._credits.put(account, key, Entry(known, place, at, Credit(amount, loan)))
            self._accounts_by_sum[self._day(at), amount].add(account)
        return news

    def paid(self, table: str, rows: pl.DataFrame) -> set[str]:
        """Take in loans or draws; the accounts that their money may lie on."""
        if table == "draws":
            owing = dict(
                self.facts.whose(rows["owner"].unique().to_list()).select("subject_id", "borrower_id").iter_rows()
            )
        accounts = set()
        columns = ("owner", "id", "at", "known", "place", "day", "amount")
        people = (
            rows["borrower_id"].to_list() if table == "loans" else [owing.get(loan) for loan in rows["owner"].to_list()]
        )
        for (loan, key, at, known, place, day, amount), borrower in zip(
            rows.select(columns).iter_rows(), people, strict=True
        ):
            if borrower is None:
                continue
            self._paid.put(loan, key, Entry(known, place, at, Paid(loan, borrower, day, amount)))
            self._loans_by_sum[day, amount].add(loan)
            for later in LATER_DAYS:
                accounts |= self._accounts_by_sum.get((day + later, amount), set())
        return accounts

    def loans_of(self, accounts: Iterable[str]) -> set[str]:
        """The loans whose money some accounts have, or were thought to have."""
        found = set()
        for account in accounts:
            found |= self._loans.get(account, set())
            for at, _key, credit in self._credits.of(account):
                loan = self._loan_of(account, at, credit)
                if loan is not None:
                    self._loans[account].add(loan)
                    self._accounts[loan].add(account)
                    found.add(loan)
        return found

    def of(self, loan_id: str) -> list[tuple[int, str, int]]:
        """Moment, account and amount of each payout of a loan, in order of time."""
        return sorted(
            (at, account, credit.amount)
            for account in self._accounts.get(loan_id, ())
            for at, _key, credit in self._credits.of(account)
            if self._loan_of(account, at, credit) == loan_id
        )

    def loans(self) -> Collection[str]:
        """All loans with money on an account."""
        return list(self._accounts)

    def evict(self, before: int) -> None:
        """Forget what happened before a moment."""
        self._credits.evict(before)
        self._paid.evict(before)
        self._accounts_by_sum.clear()
        self._loans_by_sum.clear()
        for account in self._credits.owners():
            for at, _key, credit in self._credits.of(account):
                self._accounts_by_sum[self._day(at), credit.amount].add(account)
        for loan in self._paid.owners():
            for _at, _key, paid in self._paid.of(loan):
                self._loans_by_sum[paid.day, paid.amount].add(loan)
        for account in [one for one in self._loans if one not in self._credits]:
            for loan in self._loans.pop(account):
                self._accounts[loan].discard(account)
                if not self._accounts[loan]:
                    del self._accounts[loan]

    def __len__(self) -> int:
        """How many rows are kept."""
        return len(self._credits) + len(self._paid)

    def _loan_of(self, account: str, at: int, credit: Credit) -> str | None:
        if credit.loan_id is not None:
            return credit.loan_id
        day = self._day(at)
        may_be = {loan for later in LATER_DAYS for loan in self._loans_by_sum.get((day - later, credit.amount), ())}
        if not may_be:
            return None
        holders = self.facts.holders([account]).get(account, set())
        mine = [
            paid.loan_id
            for loan in may_be
            for _at, _key, paid in self._paid.of(loan)
            if paid.borrower_id in holders and paid.amount == credit.amount and 0 <= day - paid.day <= LATER_DAYS[-1]
        ]
        return min(mine, default=None)

    def _owing(self, loans: Collection[str]) -> list[str | None]:
        """Who owes each of some loans."""
        owing = dict(self.facts.whose(set(loans)).select("subject_id", "borrower_id").iter_rows())
        return [owing.get(loan) for loan in loans]

    def _day(self, at: int) -> int:
        return day_of(moment(at, self.zone).date())
