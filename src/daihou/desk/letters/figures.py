"""The figures of a letter: what the ledger says of a loan on a day, kept as it is printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

from daihou.book import money
from daihou.book.capitals import in_capitals
from daihou.desk.letters.choices import Kind
from daihou.desk.portfolio import accounts
from daihou.runs import claims
from daihou.runs.claims.at_maturity import due_by

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from daihou.runs.claims import Owed

PARTS: Final = ("principal", "interest", "fee", "charges", "unsplit")
CAPITALS: Final = "CNY"
"""The currency that is said in Chinese capitals."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Amounts in minor units of `currency`; `total` is their sum. `lines`: what is past due, instalment by instalment, the oldest first."""

    currency: str
    principal: int
    interest: int
    fee: int
    charges: int
    unsplit: int
    """Of which the ledger knows the sum alone."""
    total: int
    pay_by: str
    """Of a maturity notice the day by which it is to be paid; empty else."""
    disbursed_on: str
    matures_on: str
    lines: tuple[tuple[int | None, str, int, int], ...]
    """Number of the instalment (None: a bill), due day, what is short of it, days late."""

    @property
    def capitals(self) -> str:
        """The total in Chinese capitals; empty for other money than yuan."""
        return in_capitals(self.total, money.exponent(self.currency)) if self.currency == CAPITALS else ""

    @property
    def parts(self) -> list[tuple[str, int]]:
        """The components that are there."""
        return [(name, amount) for name in PARTS if (amount := getattr(self, name))]

    def as_json(self) -> dict[str, Any]:
        """As a letter keeps it."""
        named = {name: getattr(self, name) for name in self.__slots__}
        return named | {"lines": [list(line) for line in self.lines], "capitals": self.capitals}


def read(kept: Mapping[str, Any]) -> Figures:
    """The figures that a letter keeps."""
    named = {name: kept[name] for name in Figures.__slots__}
    return Figures(**named | {"lines": tuple(tuple(line) for line in kept["lines"])})


def of(kind: str, row: Mapping[str, Any], as_of: dt.date, known_on: dt.date) -> Figures | None:
    """The figures of a loan for a letter of a kind; None where nothing is to be asked for, or it cannot be measured.

    `row` is its row of the snapshot: `loan_id`, `currency`, `disbursed_on`, `matures_on`. DaihouError where the ledger does not know the loan.
    """
    home, ledger, loan_id = settings.HOME, accounts.ledger(), row["loan_id"]
    claim = claims.claim(home, ledger, loan_id, [as_of], known_on, as_of)
    owed, pay_by = claim.days[0].owed, ""
    if kind == Kind.MATURITY:
        found = due_by(home, ledger, loan_id, row["matures_on"], known_on)
        owed, pay_by = (None, "") if found is None else (found[1], found[0].isoformat())
    if owed is None or owed.total <= 0:
        return None
    lines = tuple((line.seq, line.due_on.isoformat(), line.owed.total, line.days) for line in claim.lines)
    return Figures(
        claim.currency, *_split(owed), owed.total, pay_by, _iso(row["disbursed_on"]), _iso(row["matures_on"]), lines
    )


def _split(owed: Owed) -> tuple[int, int, int, int, int]:
    return owed.principal, owed.interest, owed.fee, owed.charges, owed.unsplit


def _iso(day: dt.date | None) -> str:
    return "" if day is None else day.isoformat()
