"""What changed from one credit report of a borrower to the next, line by line."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    Key = tuple[str | None, str | None, dt.date | None]


@dataclass(frozen=True, slots=True)
class Line:
    """A credit that a report lists; amounts in minor units, None of what it does not say."""

    lender: str | None
    product: str | None
    opened_on: dt.date | None
    limit: int | None = None
    balance: int | None = None
    dpd: int | None = None
    status: str | None = None

    @property
    def key(self) -> Key:
        """What makes it the same line in another report: reports give lines no number."""
        return self.lender, self.product, self.opened_on

    @property
    def overdue(self) -> bool:
        """Whether it is past due."""
        return self.dpd is not None and self.dpd > 0


@dataclass(frozen=True, slots=True)
class Report:
    """A report as fetched on a day."""

    queried_on: dt.date
    score: int | None
    inquiries_3m: int | None
    lines: tuple[Line, ...]

    @property
    def lenders(self) -> frozenset[str]:
        """Who has a line in it; lines that name nobody are nobody's."""
        return frozenset(line.lender for line in self.lines if line.lender is not None)

    @property
    def balance(self) -> int | None:
        """What all lines owe; None where there are some but none says so."""
        told = [line.balance for line in self.lines if line.balance is not None]
        return None if self.lines and not told else sum(told)


@dataclass(frozen=True, slots=True)
class Pair:
    """A line as it was and as it is; None where it was not there, or is not any more."""

    before: Line | None
    now: Line | None

    @property
    def newly_overdue(self) -> bool:
        """Whether it is past due and was not."""
        return self.now is not None and self.now.overdue and not (self.before is not None and self.before.overdue)

    @property
    def changed(self) -> bool:
        """Whether anything of it is different."""
        return self.before != self.now


@dataclass(frozen=True, slots=True)
class Difference:
    """How the later of two reports differs from the earlier."""

    score: int | None
    """Its score less that of the other; None where one of them has none."""
    inquiries: int | None
    """The same of inquiries."""
    balance: float | None
    """Its balance over that of the other, less 1; None where that is 0 or not known."""
    new_lenders: frozenset[str]
    gone_lenders: frozenset[str]
    lines: tuple[Pair, ...]
    """All lines of both, those of the later report first and in its order, then those that are gone."""

    @property
    def new_overdue(self) -> int:
        """Lines past due that were not, or were not there."""
        return sum(pair.newly_overdue for pair in self.lines)


def difference(before: Report, now: Report) -> Difference:
    """What changed between two reports. Several lines of one key are paired by days past due, the most first: then no line seems newly overdue that was so before."""
    was, held = _by_key(before.lines), _by_key(now.lines)
    pairs = [
        Pair(old, new)
        for key in dict.fromkeys((*held, *was))
        for old, new in zip_longest(was.get(key, ()), held.get(key, ()))
    ]
    pairs.sort(key=lambda pair: pair.now is None)
    return Difference(
        _less(now.score, before.score),
        _less(now.inquiries_3m, before.inquiries_3m),
        now.balance / before.balance - 1 if before.balance and now.balance is not None else None,
        now.lenders - before.lenders,
        before.lenders - now.lenders,
        tuple(pairs),
    )


def _by_key(lines: Iterable[Line]) -> dict[Key, list[Line]]:
    found: dict[Key, list[Line]] = defaultdict(list)
    for line in lines:
        found[line.key].append(line)
    return {key: sorted(some, key=lambda line: -(line.dpd or 0)) for key, some in found.items()}


def _less(value: int | None, other: int | None) -> int | None:
    return None if value is None or other is None else value - other
