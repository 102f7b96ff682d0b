"""Which of several debts, and which part of one, a payment covers: by law where nothing is agreed, and by the two usual agreements.

Amounts are whole minor units; every split sums exactly. Sources: Civil Code of China, articles 560 (several debts) and 561 (one debt with costs and
interest). What the ledger itself says of a payment comes from the product's policy, by the kernels; this is the arithmetic alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Sequence
    from decimal import Decimal

COMPONENTS: Final = ("fee", "interest", "principal")
"""Of an instalment, in the order in which they are covered."""


@dataclass(frozen=True, slots=True)
class Debt:
    """One of several debts of one debtor to one creditor."""

    debt_id: str
    amount: int
    """What is owed on it, minor units."""
    due_on: dt.date
    due: bool
    """Whether it is due on the day of the payment."""
    secured: int = 0
    """How much of it security covers, minor units; 0: none."""
    burden: Decimal | int = 0
    """How heavy it is on the debtor: the rate a year that it goes on at."""
    agreed: int | None = None
    """Its place in the order that the parties agreed on; None: nothing was agreed for it."""


@dataclass(frozen=True, slots=True)
class Instalment:
    """What is owed on an instalment, or what of it a payment covers, by component in minor units."""

    fee: int = 0
    interest: int = 0
    principal: int = 0

    @property
    def total(self) -> int:
        """The three together."""
        return self.fee + self.interest + self.principal


@dataclass(frozen=True, slots=True)
class Spread:
    """What each instalment is covered by, in the order given, and what is left of the payment."""

    covered: tuple[Instalment, ...]
    left: int


@dataclass(frozen=True, slots=True)
class Split:
    """What a payment on one debt covers, and what is left of it."""

    costs: int
    interest: int
    principal: int
    left: int


def of_debts(debts: Sequence[Debt], amount: int, named: Sequence[str] | None = None) -> dict[str, int]:
    """What each debt gets of a payment, by id (Civil Code 560); ValueError for amounts below 0, a double id or a name that is none of them.

    As agreed; then as the debtor names when paying, in the order named; then what is due before what is not, the least secured, the heaviest, the one
    due earliest; what is still alike shares in proportion, odd units by the largest remainder and then in the order given. What is left over stays out.
    """
    ids = [debt.debt_id for debt in debts]
    _not_negative(amount, *(debt.amount for debt in debts))
    if len(set(ids)) < len(ids) or not set(named or ()) <= set(ids):
        raise ValueError("each debt has one id, and whatever is named is one of them")
    places = {name: place for place, name in reversed(list(enumerate(named or ())))}
    key = _precedence(places)
    got = dict.fromkeys(ids, 0)
    left = amount
    for _, alike in groupby(sorted(debts, key=key), key=key):
        group = list(alike)
        wanted = [debt.amount for debt in group]
        shares = pro_rata(wanted, min(left, sum(wanted)))
        left -= sum(shares)
        got.update({debt.debt_id: share for debt, share in zip(group, shares, strict=True)})
    return got


def _precedence(named: dict[str, int]) -> Callable[[Debt], tuple[Any, ...]]:
    def of(debt: Debt) -> tuple[Any, ...]:
        agreed = (debt.agreed is None, debt.agreed or 0)
        name = named.get(debt.debt_id, len(named))
        return (*agreed, name, not debt.due, debt.secured, -debt.burden, debt.due_on)

    return of


def pro_rata(amounts: Sequence[int], total: int) -> list[int]:
    """Divide a total in proportion to amounts, exactly: whole units first, odd ones to the largest remainders, of equal ones to the first.

    No share is above its amount while the total is not above their sum. ValueError where a total meets nothing to be divided by.
    """
    _not_negative(total, *amounts)
    whole = sum(amounts)
    if not whole:
        if total:
            raise ValueError("nothing to divide by")
        return [0] * len(amounts)
    shares, remainders = zip(*(divmod(total * amount, whole) for amount in amounts), strict=True)
    divided = list(shares)
    for place in sorted(range(len(amounts)), key=lambda place: -remainders[place])[: total - sum(shares)]:
        divided[place] += 1
    return divided


def of_one(costs: int, interest: int, principal: int, amount: int) -> Split:
    """What a payment on one debt covers where nothing is agreed: the costs of enforcing it, then interest, then principal (Civil Code 561)."""
    _not_negative(costs, interest, principal, amount)
    to_costs = min(costs, amount)
    to_interest = min(interest, amount - to_costs)
    to_principal = min(principal, amount - to_costs - to_interest)
    return Split(to_costs, to_interest, to_principal, amount - to_costs - to_interest - to_principal)


def horizontal(rows: Sequence[Instalment], amount: int) -> Spread:
    """The first instalment whole, in it fee, interest, principal, then the next."""
    return _spread(rows, amount, ((row, name) for row in range(len(rows)) for name in COMPONENTS))


def vertical(rows: Sequence[Instalment], amount: int) -> Spread:
    """The fees of all instalments in order, then all interest, then all principal."""
    return _spread(rows, amount, ((row, name) for name in COMPONENTS for row in range(len(rows))))


def _spread(rows: Sequence[Instalment], amount: int, order: Iterable[tuple[int, str]]) -> Spread:
    _not_negative(amount, *(getattr(row, name) for row in rows for name in COMPONENTS))
    covered = [dict.fromkeys(COMPONENTS, 0) for _ in rows]
    left = amount
    for row, name in order:
        covered[row][name] = min(getattr(rows[row], name), left)
        left -= covered[row][name]
    return Spread(tuple(Instalment(**parts) for parts in covered), left)


def _not_negative(*amounts: int) -> None:
    if any(amount < 0 for amount in amounts):
        raise ValueError("amounts are 0 or more")
