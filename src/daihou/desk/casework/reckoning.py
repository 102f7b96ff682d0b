"""What a case owes on the day it is worked, line by line, and day by day until the next due date: read from the ledger, kept while the ledger stands.

The day is today; where the newest data are older than yesterday, the day after them: what fell due since, and was perhaps paid, nobody knows yet.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.utils.translation import gettext as _

from daihou.book.errors import DaihouError
from daihou.desk.portfolio import accounts
from daihou.runs import claims

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from daihou.book.home import Home
    from daihou.desk.casework.models import Case, CaseLoan
    from daihou.runs.claims import Claim, Owed

AHEAD_DAYS: Final = 62
"""Days after the day itself for which the claim is reckoned: so that the next due date of a plan by months lies within."""
SHOWN_DAYS: Final = 31
"""Days that are drawn where nothing falls due within those."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of what is owed: an instalment that is short, what was charged beside, or what is claimed beyond. Minor units of `currency`."""

    loan_id: str
    product: str
    opens: bool
    """Whether it is the first of its loan, and other loans stand beside."""
    label: str
    due_on: dt.date | None
    principal: int | None
    interest: int | None
    fee: int | None
    charges: int | None
    total: int
    days: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What a case owes on `on`, as known on `known_on`. Sums are of its loans in `currency`; `total` is the claim."""

    on: dt.date
    known_on: dt.date
    currency: str
    lines: tuple[Line, ...]
    principal: int
    interest: int
    fee: int
    charges: int
    total: int
    dpd: int
    apart: bool
    """Whether a loan is in another currency: then it is listed, and not in the sums."""
    missing: tuple[str, ...]
    """Loans that the ledger does not know, or whose claim cannot be measured: of these the figure of the last run stands in."""
    course: tuple[tuple[dt.date, int], ...]
    """What is to be paid by the end of each day, so that nothing due by then stays unpaid."""
    next_on: dt.date | None
    next_amount: int
    stale_days: int
    """By how many days the newest data are older than yesterday; 0 where they are not."""
    claims: dict[str, Claim] = field(repr=False)

    @property
    def stamp(self) -> str:
        """Names exactly these figures: a promise is taken on them, or not at all."""
        said = (self.on, self.total, self.dpd, tuple((line.loan_id, line.due_on, line.total) for line in self.lines))
        return hashlib.sha256(repr(said).encode()).hexdigest()[:16]

    @property
    def fees(self) -> bool:
        """Whether any line has a fee."""
        return any(line.fee for line in self.lines)

    @property
    def untold(self) -> int:
        """What of the total no component is known of."""
        return self.total - self.principal - self.interest - self.fee - self.charges


def day_of(case: Case, today: dt.date) -> dt.date:
    """The day for which a case is reckoned; see the head of this file."""
    return max(min(today, case.as_of + dt.timedelta(days=1)), case.as_of)


def reckoned(case: Case, loans: Sequence[CaseLoan], today: dt.date) -> Reckoned:
    """What the loans of a case owe; where the ledger does not know one, the figure of the last run."""
    on = day_of(case, today)
    found = {loan.loan_id: claim for loan in loans if (claim := _claim_of(loan.loan_id, on)) is not None}
    measured = {name: owed for name, claim in found.items() if (owed := claim.days[0].owed) is not None}
    mine = [loan for loan in loans if loan.currency == case.currency]
    sums = _sum([measured[loan.loan_id] for loan in mine if loan.loan_id in measured])
    stand_ins = [loan for loan in loans if loan.loan_id not in measured]
    course = _course(
        [found[loan.loan_id] for loan in mine if loan.loan_id in measured],
        sum(loan.claim for loan in mine if loan in stand_ins),
    )
    next_on, next_amount = _next(found[loan.loan_id] for loan in mine if loan.loan_id in measured)
    dpds = [found[loan.loan_id].days[0].dpd or 0 if loan.loan_id in measured else loan.dpd for loan in loans]
    return Reckoned(
        on, on, case.currency, tuple(line for loan in loans for line in _lines(loan, found.get(loan.loan_id), several=len(loans) > 1)),
        sums.principal, sums.interest, sums.fee, sums.charges, sums.total + sum(loan.claim for loan in mine if loan in stand_ins),
        max(dpds, default=case.dpd), len(mine) < len(loans), tuple(loan.loan_id for loan in stand_ins), course, next_on, next_amount,
        max((today - on).days, 0), found,
    )  # fmt: skip


def _claim_of(loan_id: str, on: dt.date) -> Claim | None:
    """The claim on a loan from a day on; None where there is no ledger, or not this loan."""
    try:
        ledger = accounts.ledger()
    except DaihouError:
        return None
    return _claim(settings.HOME, ledger.pointer.generation, loan_id, on)


@lru_cache(maxsize=512)
def _claim(home: Home, _generation: int, loan_id: str, on: dt.date) -> Claim | None:
    """Kept while the ledger stands: what is built anew has another generation."""
    ledger = accounts.ledger()
    days = [on + dt.timedelta(days=after) for after in range(AHEAD_DAYS + 1)]
    try:
        return claims.claim(home, ledger, loan_id, days, on)
    except DaihouError:
        return None


def _sum(owed: Sequence[Owed]) -> Owed:
    total = claims.Owed()
    for one in owed:
        total += one
    return total


def _lines(loan: CaseLoan, claim: Claim | None, *, several: bool) -> list[Line]:
    """The lines of a loan: its short instalments, what was charged, and what is claimed beyond them."""
    owed = None if claim is None else claim.days[0].owed
    if claim is None or owed is None:
        label = _("as of the last run")
        return (
            [
                Line(
                    loan.loan_id,
                    loan.product,
                    several,
                    label,
                    None,
                    None,
                    None,
                    None,
                    None,
                    loan.claim,
                    loan.dpd,
                    loan.currency,
                )
            ]
            if loan.claim
            else []
        )
    rows: list[tuple[str, dt.date | None, Owed, int | None]] = [
        (_("No. %(n)s") % {"n": line.seq} if line.seq is not None else _("Bill"), line.due_on, line.owed, line.days)
        for line in claim.lines
    ]
    beyond = owed - _sum([line.owed for line in claim.lines])
    if beyond.charges:
        rows.append((_("Charged beside"), None, claims.Owed(charges=beyond.charges), None))
    rest = claims.Owed(beyond.principal, beyond.interest, beyond.fee, 0, beyond.unsplit)
    if rest != claims.Owed():
        rows.append((_("All that is claimed beyond"), None, rest, None))
    return [
        Line(
            loan.loan_id, loan.product, several and place == 0, label, due_on, one.principal, one.interest, one.fee, one.charges, one.total, days,
            loan.currency,
        )
        for place, (label, due_on, one, days) in enumerate(rows)
    ]  # fmt: skip


def _course(found: Sequence[Claim], beside: int) -> tuple[tuple[dt.date, int], ...]:
    """What is to be paid by the end of each day, until the next due date; days that cannot be measured end it."""
    course: list[tuple[dt.date, int]] = []
    for days in zip(*(claim.days for claim in found), strict=True):
        if any(day.owed is None for day in days):
            break
        falls_due = sum(day.falls_due for day in days)
        course.append((days[0].on, beside + sum(day.to_clear or 0 for day in days)))
        if (falls_due and len(course) > 1) or len(course) > AHEAD_DAYS:
            return tuple(course)
    return tuple(course[: SHOWN_DAYS + 1])


def _next(found: Iterable[Claim]) -> tuple[dt.date | None, int]:
    """The next due date after the day itself, and what falls due on it."""
    dues: dict[dt.date, int] = {}
    for claim in found:
        for day in claim.days[1:]:
            if day.falls_due:
                dues[day.on] = dues.get(day.on, 0) + day.falls_due
    first = min(dues, default=None)
    return first, dues.get(first, 0) if first else 0
