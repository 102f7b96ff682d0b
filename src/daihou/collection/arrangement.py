"""Plans, extensions, waivers, settlements: what is to be paid day by day under them beside the contract, and whether policy lets them be.

Both courses are told as if nothing were paid from the day of agreement on, so that they can be held beside each other. Days to come hold what
falls due by the contract; charges that the lender has not made yet are in neither. Amounts are minor units of one currency.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

from daihou.book import money
from daihou.book.days import add_months

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from daihou.policies.collection import Approvals

Kind = Literal["instalments", "extension", "waiver", "settlement"]
COMPONENTS: Final = ("principal", "interest", "fee", "charges", "unsplit")
"""`unsplit` is what only a sum is known of, like the minimum of a bill."""
WITH_PARTS: Final = frozenset[str]({"instalments", "settlement"})
FORGIVING: Final = frozenset[str]({"waiver", "settlement"})
Authority = Literal["branch", "head_office"]
ONE_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Owed:
    """What is past due by the contract after a day, by component."""

    on: dt.date
    principal: int = 0
    interest: int = 0
    fee: int = 0
    charges: int = 0
    unsplit: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.principal + self.interest + self.fee + self.charges + self.unsplit


@dataclass(frozen=True, slots=True)
class Row:
    """What an instalment that is past due still lacks, charges apart."""

    due_on: dt.date
    amount: int


@dataclass(frozen=True, slots=True)
class Basis:
    """What the contract asks. `days` follow one another without a gap; the first is the day of agreement.

    `rows` are the instalments that are past due on it. What they do not tell of what is past due counts as due on that day: a bill, a claim called in whole.
    """

    days: tuple[Owed, ...]
    rows: tuple[Row, ...] = ()

    def __post_init__(self) -> None:
        """Check that there is a day of agreement and no gap after it."""
        if not self.days:
            raise ValueError("a basis needs the day of agreement")
        if any(later.on != day.on + ONE_DAY for day, later in pairwise(self.days)):
            raise ValueError("the days of a basis must follow one another")

    @property
    def first(self) -> Owed:
        """What is past due on the day of agreement."""
        return self.days[0]

    def falls(self) -> list[tuple[dt.date, int]]:
        """What falls due by the contract from the day of agreement on, each on the last day on which it is not past due.

        Less than 0 where the contract itself gives something up.
        """
        return [(day.on, later.total - day.total) for day, later in pairwise(self.days) if later.total != day.total]


@dataclass(frozen=True, slots=True)
class Part:
    """An amount by a day."""

    on: dt.date
    amount: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed. Of `instalments` and `settlement`: `parts`. Of `extension`: `months` or `until`. Of `waiver` and `settlement`: `waived` by component."""

    kind: Kind
    parts: tuple[Part, ...] = ()
    months: int = 0
    until: dt.date | None = None
    waived: Mapping[str, int] = field(default_factory=dict)

    @property
    def paid(self) -> int:
        """What its parts bring."""
        return sum(part.amount for part in self.parts)

    @property
    def forgiven(self) -> int:
        """What is given up."""
        return sum(self.waived.values())

    def last_on(self, agreed_on: dt.date) -> dt.date:
        """The last day that it speaks of."""
        if self.kind == "extension":
            return self.until or add_months(agreed_on, self.months)
        return max((part.on for part in self.parts), default=agreed_on)


@dataclass(frozen=True, slots=True)
class Compared:
    """A day of both courses: what must have been paid by its end, if nothing was paid before. What it was the day before and what the day adds make it."""

    on: dt.date
    falls_due: int
    """By the contract; on the first day with what is past due already."""
    without: int
    """Owed by the contract by the end of the day."""
    to_pay: int
    """Under the arrangement."""
    under: int
    """Owed under it by the end of the day."""

    @property
    def eased(self) -> int:
        """By how much less is owed."""
        return self.without - self.under


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why policy or arithmetic does not let it be: a code, and the values that speak for it."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Examined:
    """Terms held against what is owed and against policy."""

    forgiven: int
    paid: int
    last_on: dt.date
    longest_days: int
    troubles: tuple[Trouble, ...]
    authority: Authority
    beyond: tuple[str, ...]
    """What a branch may not approve of it: `forgives`, `longest`, `no_rate`."""

    @property
    def sound(self) -> bool:
        """Whether it may be submitted."""
        return not self.troubles


def compare(basis: Basis, terms: Terms) -> tuple[Compared, ...]:
    """What is owed by the contract and what under the arrangement by the end of each day of the basis but its last, which tells what fell due before it.

    An instalment plan puts what is past due into its parts, a settlement what of it is not waived; beside them falls due what falls due by the
    contract. What an instalment plan does not cover, and charges beside an extension, stay due at once.
    """
    asked: dict[dt.date, int] = {}
    for on, amount in _flows(basis, terms):
        asked[on] = asked.get(on, 0) + amount
    falls = dict(basis.falls())
    falls[basis.first.on] = falls.get(basis.first.on, 0) + basis.first.total
    found, without, under = [], 0, 0
    for day in basis.days[:-1] or basis.days:
        falls_due, to_pay = falls.get(day.on, 0), asked.get(day.on, 0)
        without, under = without + falls_due, under + to_pay
        found.append(Compared(day.on, falls_due, without, to_pay, under))
    return tuple(found)


def _flows(basis: Basis, terms: Terms) -> list[tuple[dt.date, int]]:
    """What is to be paid under the arrangement, by day."""
    agreed, owed = basis.first.on, basis.first.total
    if terms.kind == "extension":
        charged = [(day.on, later.charges - day.charges) for day, later in pairwise(basis.days)]
        moved = [(_moved(row.due_on, agreed, terms), row.amount) for row in basis.rows]
        rest = owed - basis.first.charges - sum(row.amount for row in basis.rows)
        coming = _net_of(basis.falls(), charged)
        return [
            (agreed, basis.first.charges), (_moved(agreed, agreed, terms), rest), *moved, *charged,
            *((_moved(on, agreed, terms), amount) for on, amount in coming),
        ]  # fmt: skip
    at_once = owed - terms.paid - terms.forgiven
    return [(agreed, at_once), *((part.on, part.amount) for part in terms.parts), *basis.falls()]


def _net_of(falls: list[tuple[dt.date, int]], charged: list[tuple[dt.date, int]]) -> list[tuple[dt.date, int]]:
    """What falls due without what is charged."""
    off = dict(charged)
    return [(on, amount - off.get(on, 0)) for on, amount in falls]


def _moved(due_on: dt.date, agreed: dt.date, terms: Terms) -> dt.date:
    """When an extended instalment is due: so many months on; or on one day, if it was due before it. Not before the day of agreement."""
    if terms.until is not None:
        return max(due_on, terms.until)
    return max(add_months(due_on, terms.months), agreed)


def examine(
    basis: Basis, terms: Terms, policy: Approvals, *, currency: str, base: str, rate: Decimal | int | None
) -> Examined:
    """Hold terms against what is owed on the day of agreement and against policy.

    `rate` leads from minor units of the currency to those of the base currency, by which a branch's limit is told; without one, what forgives anything goes to
    head office.
    """
    agreed = basis.first.on
    last = terms.last_on(agreed)
    longest = max((last - agreed).days, 0)
    beyond = []
    if terms.forgiven > 0 and rate is None:
        beyond.append("no_rate")
    elif rate is not None and terms.forgiven * Decimal(rate) > policy.branch_forgives_most * money.unit(base):
        beyond.append("forgives")
    if longest > policy.branch_longest_days:
        beyond.append("longest")
    return Examined(
        terms.forgiven, terms.paid, last, longest, tuple(_troubles(basis, terms, policy, longest, currency)),
        "head_office" if beyond else "branch", tuple(beyond),
    )  # fmt: skip


def _troubles(
    basis: Basis, terms: Terms, policy: Approvals, longest: int, currency: str
) -> Iterable[Trouble]:  # fmt: skip
    agreed, owed = basis.first.on, basis.first.total
    if owed <= 0 and terms.kind != "extension":
        yield Trouble("nothing_owed", {"day": agreed})
        return
    if terms.kind in WITH_PARTS:
        yield from _of_parts(terms.parts, agreed, policy)
    if terms.kind == "extension":
        if terms.months < 0 or (terms.until is None) == (terms.months == 0):
            yield Trouble("no_length")
        elif terms.until is not None and terms.until <= agreed:
            yield Trouble("until_past", {"day": agreed})
    if longest > policy.longest_days:
        yield Trouble("too_long", {"days": longest, "most": policy.longest_days})
    if terms.kind in FORGIVING:
        yield from _of_waived(basis.first, terms.waived, currency)
    if terms.kind == "instalments" and terms.paid > owed:
        yield Trouble("too_much", {"paid": terms.paid, "owed": owed})
    if terms.kind == "settlement":
        least = least_paid(owed, policy)
        if terms.paid + terms.forgiven != owed:
            yield Trouble("not_exact", {"paid": terms.paid, "waived": terms.forgiven, "owed": owed})
        if terms.paid < least:
            yield Trouble("paid_too_little", {"paid": terms.paid, "least": least, "share": policy.least_paid_share})


def _of_parts(parts: Sequence[Part], agreed: dt.date, policy: Approvals) -> Iterable[Trouble]:
    if not parts:
        yield Trouble("no_parts")
    if len(parts) > policy.most_parts:
        yield Trouble("too_many_parts", {"parts": len(parts), "most": policy.most_parts})
    if any(part.amount <= 0 for part in parts):
        yield Trouble("part_not_positive")
    if any(later.on <= part.on for part, later in pairwise(parts)):
        yield Trouble("parts_not_ascending")
    if any(part.on < agreed for part in parts):
        yield Trouble("part_past", {"day": agreed})


def _of_waived(owed: Owed, waived: Mapping[str, int], currency: str) -> Iterable[Trouble]:
    if set(waived) - set(COMPONENTS) or any(amount < 0 for amount in waived.values()):
        yield Trouble("waived_wrong")
        return
    if not sum(waived.values()):
        yield Trouble("nothing_waived")
    for component in COMPONENTS:
        amount, most = waived.get(component, 0), getattr(owed, component)
        if amount > most:
            yield Trouble(
                "waived_too_much", {"component": component, "waived": amount, "owed": most, "currency": currency}
            )


def least_paid(owed: int, policy: Approvals) -> int:
    """What a settlement of so much must bring at least, rounded up to a minor unit."""
    return -int(-(Fraction(str(policy.least_paid_share)) * owed) // 1)


def spread(
    owed: int, left: int, falls: Sequence[tuple[dt.date, int]], agreed: dt.date, first_on: dt.date, policy: Approvals
) -> tuple[Part, ...] | None:
    """An instalment plan from what is left a month, its parts a month apart from `first_on` on, the rest on the last part.

    What falls due by the contract between two parts is paid out of the same money first; a month of which nothing remains has no part. None where what is owed is
    not covered so within the parts and days of the policy.
    """
    parts: list[Part] = []
    since, open_still = agreed, owed
    for month in range(policy.longest_days // 28 + 1):  # no month is shorter
        on = add_months(first_on, month)
        if open_still <= 0 or len(parts) == policy.most_parts or (on - agreed).days > policy.longest_days:
            break
        due = sum(amount for day, amount in falls if since < day <= on or day == since == agreed)
        amount = min(left - max(due, 0), open_still)
        if amount > 0:
            parts.append(Part(on, amount))
            open_still -= amount
        since = on
    return tuple(parts) if parts and open_still <= 0 else None


def months_between(first: dt.date, last: dt.date) -> int:
    """Whole months from a day until another is reached; 0 where it is reached already."""
    count = max((last.year - first.year) * 12 + last.month - first.month - 1, 0)
    while add_months(first, count) < last:
        count += 1
    return count


def schedule(basis: Basis, terms: Terms) -> tuple[Part, ...]:
    """What is to be paid under an arrangement by day until its last, as a promise whose keeping the ledger judges.

    What falls due by the contract is in it: money that comes pays either, so that who paid the parts alone has not paid all that was due. What a plan leaves
    due at once is not in it.
    """
    last = terms.last_on(basis.first.on)
    asked: dict[dt.date, int] = {}
    for on, amount in (*((part.on, part.amount) for part in terms.parts), *basis.falls()):
        if on <= last:
            asked[on] = asked.get(on, 0) + max(amount, 0)
    return tuple(Part(on, amount) for on, amount in sorted(asked.items()) if amount)
